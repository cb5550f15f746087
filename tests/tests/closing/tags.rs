//! Tags that mean the same are one where reviewed rules say so, and stay what they were billed as.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::{Bill, Workbench, sample_data};

use super::{bench, list, text};

const KEYS: [&str; 4] = ["env", "Env", "environment", "stage"];
const VALUES: [&str; 5] = ["prod", "Prod", "production", "dev", "O'Neil \"x\""];

type Tagged = (BTreeMap<&'static str, &'static str>, i64);

fn tagged() -> impl Strategy<Value = Vec<Tagged>> {
    let tags =
        prop::collection::btree_map(prop::sample::select(KEYS.to_vec()), prop::sample::select(VALUES.to_vec()), 0..4);
    prop::collection::vec((tags, -500_i64..9000), 60..90)
}

fn bill(charges: &[Tagged], month: &str) -> Bill {
    charges.iter().fold(Bill::new(), |bill, (tags, cost)| {
        bill.charge(&[
            ("Tags", &json!(tags).to_string()),
            ("BilledCost", &Decimal::new(*cost, 3).to_string()),
            ("ChargePeriodStart", &format!("{month}-01T00:00:00Z")),
            ("ChargePeriodEnd", &format!("{month}-02T00:00:00Z")),
            ("BillingPeriodStart", &format!("{month}-01T00:00:00Z")),
            ("BillingPeriodEnd", &format!("{month}-28T00:00:00Z")),
        ])
    })
}

/// The oracle: the first key of the rule that a charge has, its value as the rule counts it.
fn by_environment(charges: &[&Tagged]) -> BTreeMap<Option<String>, Decimal> {
    let mut sums = BTreeMap::new();
    for (tags, cost) in charges {
        let value = ["env", "Env", "environment"].iter().find_map(|key| tags.get(key)).map(|value| match *value {
            "Prod" | "production" => "prod".to_owned(),
            other => other.to_owned(),
        });
        *sums.entry(value).or_insert(Decimal::ZERO) += Decimal::new(*cost, 3);
    }
    sums
}

fn asked(bench: &Workbench, arguments: &[&str]) -> (BTreeMap<Option<String>, Decimal>, Value) {
    let answer = bench.json(&[&["ask", "--by", "tag:environment"], arguments].concat());
    let rows = list(&answer["rows"]).iter().map(|row| (row[0].as_str().map(str::to_owned), decimal(text(&row[1]))));
    (rows.collect(), answer["evidence"].clone())
}

const RULES: &str = "[keys]\nenvironment = [\"env\", \"Env\", \"environment\"]\n\n[values.environment]\nprod = [\"Prod\", \"production\"]\n";

#[test]
fn merged_tags_are_what_an_independent_reckoning_says() {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[7; 32]));
    let mut draw = || tagged().new_tree(&mut runner).unwrap().current();
    let (first, second) = (draw(), draw());
    let bench = bench();
    // Only one key gets a column by itself: the others are found in the tags.
    let definition = bench.engagement().join("engagement.toml");
    let text_of = std::fs::read_to_string(&definition).unwrap();
    std::fs::write(&definition, text_of.replace("tag_keys = []", "tag_keys = [\"stage\"]")).unwrap();
    let _report = bench.loaded(&[bench.write("one.csv", bill(&first, "2026-01").csv())]);
    let original = bench.value("SELECT bit_xor(hash(tags, billed_cost, source_row)) FROM charge");

    // Written by hand: in force at once, without a column.
    std::fs::write(bench.engagement().join("rules/tags.toml"), RULES).unwrap();
    let all: Vec<&Tagged> = first.iter().collect();
    let (found, evidence) = asked(&bench, &[]);
    assert_eq!(found, by_environment(&all));
    assert_eq!(text(&evidence["source"]), "charge", "what has no column is found in the tags of the charges");
    assert_eq!(text(&evidence["rules"][0]["file"]), "rules/tags.toml");
    let by_hand = evidence["rules"][0]["version"].clone();
    assert!(text(&evidence["rules"][0]["says"][0]).contains("env, Env, environment"), "{evidence}");

    // Accepted by the program: the keys have columns, and a cube answers.
    let merged = bench.qd(&[
        "tags",
        "--merge",
        "environment=env,Env,environment",
        "--merge-values",
        "environment:prod=Prod,production",
    ]);
    assert_eq!(merged.status, Some(0), "{}", merged.stderr);
    let (found, evidence) = asked(&bench, &[]);
    assert_eq!(found, by_environment(&all), "the same from the cube");
    assert!(text(&evidence["source"]).starts_with("cube_"), "and from a cube it is: {}", evidence["source"]);
    assert_ne!(evidence["rules"][0]["version"], by_hand, "the file was written anew");
    assert_eq!(
        bench.value("SELECT bit_xor(hash(tags, billed_cost, source_row)) FROM charge"),
        original,
        "what was billed stays"
    );

    // The next load fills the columns too.
    let _report = bench.loaded(&[bench.write("two.csv", bill(&second, "2026-02").csv())]);
    let both: Vec<&Tagged> = first.iter().chain(&second).collect();
    let (found, evidence) = asked(&bench, &[]);
    assert_eq!(found, by_environment(&both));
    assert!(text(&evidence["source"]).starts_with("cube_"), "still from a cube: {}", evidence["source"]);
    let (filtered, _) = asked(&bench, &["--where", "tag:environment = prod"]);
    let expected: BTreeMap<_, _> =
        by_environment(&both).into_iter().filter(|(value, _)| value.as_deref() == Some("prod")).collect();
    assert_eq!(filtered, expected, "filters follow the rules");
    let listed =
        bench.json(&["rows", "--where", "tag:environment = prod", "--limit", "1000", "--columns", "billed_cost,tags"]);
    let sum: Decimal = list(&listed).iter().map(|row| decimal(text(&row["billed_cost"]))).sum();
    assert_eq!(Some(&sum), expected.values().next(), "and so do the charges behind them");
    // The key as billed can still be asked for.
    let raw = bench.json(&["ask", "--by", "tag:Env", "--where", "tag:Env is present"]);
    let raw_sum: Decimal =
        both.iter().filter(|(tags, _)| tags.contains_key("Env")).map(|(_, cost)| Decimal::new(*cost, 3)).sum();
    assert_eq!(decimal(text(&raw["total"]["billed_cost"])), raw_sum);
    assert_eq!(raw["evidence"]["rules"], json!([]), "no rule speaks of it");
    let dims = bench.json(&["dims"]);
    let names: Vec<&str> =
        list(&dims).iter().map(|one| text(&one["name"])).filter(|name| name.starts_with("tag:")).collect();
    assert_eq!(names, ["tag:stage", "tag:environment"], "a merged key is listed once, by its own name");
}

#[test]
fn spellings_that_look_alike_are_suggested_and_merged_only_when_accepted() {
    let bench = bench();
    let tag = |tags: &str, cost: &str| vec![("Tags", tags.to_owned()), ("EffectiveCost", cost.to_owned())];
    let bill = [
        tag("{\"cost-center\":\"A1\",\"user:env\":\"prod\"}", "10"),
        tag("{\"cost-center\":\"A1\",\"env\":\"Prod\"}", "20"),
        tag("{\"Cost_Center\":\"a1\",\"env\":\"prod\"}", "30"),
        tag("{\"env\":\"prod\",\"flag\":true}", "15"),
        tag("", "25"),
    ];
    let bill = bill.iter().fold(Bill::new(), |bill, fields| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(column, value)| (*column, value.as_str())).collect();
        bill.charge(&fields)
    });
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let survey = bench.json(&["tags"]);
    let key = |name: &str| list(&survey["keys"]).iter().find(|one| one["name"] == name).unwrap().clone();
    assert_eq!((&key("env")["charges"], &key("env")["values"]), (&json!(3), &json!(2)));
    assert_eq!(key("env")["cost"], json!([{ "currency": "USD", "cost": "65", "share": "0.650000" }]), "65 of 100");
    assert_eq!(survey["untagged"]["charges"], 1);
    let found: Vec<(Option<&str>, &str, Vec<&str>)> = list(&survey["suggestions"])
        .iter()
        .map(|one| (one["key"].as_str(), text(&one["counts_as"]), list(&one["spellings"]).iter().map(text).collect()))
        .collect();
    let expected = [
        (None, "cost-center", vec!["cost-center", "Cost_Center"]),
        (Some("cost-center"), "A1", vec!["A1", "a1"]),
        (Some("env"), "prod", vec!["prod", "Prod"]),
    ];
    assert_eq!(found, expected, "case and punctuation only: `user:env` keeps its prefix");
    let groups =
        |key: &str| bench.json(&["ask", "--cost", "effective", "--by", &format!("tag:{key}")])["groups"].clone();
    assert_eq!(groups("env"), 3, "nothing is merged that nobody accepted: prod, Prod and none");
    assert_eq!(bench.qd(&["tags", "--accept-suggestions"]).status, Some(0));
    assert_eq!((groups("env"), groups("cost-center")), (json!(2), json!(2)));
    let survey = bench.json(&["tags", "--values", "env"]);
    assert_eq!(survey["suggestions"], json!([]), "what is in a rule is suggested no more");
    let prod = list(&survey["values"]).iter().find(|one| one["name"] == "Prod").unwrap();
    assert_eq!(prod["counts_as"], "prod", "what was billed, and what it counts as");
    let rules = bench.json(&["tags", "--rules"]);
    assert_eq!(rules["rules"]["keys"]["cost-center"], json!(["cost-center", "Cost_Center"]));
}

#[test]
fn rules_that_contradict_themselves_are_refused() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", Bill::of(1).csv())]);
    let path = bench.engagement().join("rules/tags.toml");
    for (rules, told) in [
        ("[keys]\na = [\"x\"]\nb = [\"x\"]\n", "the key `x` is gathered by `a` and by `b`"),
        ("[values.a]\np = [\"P\"]\nq = [\"P\"]\n", "the value `P` of `a` counts as `p` and as `q`"),
        ("[key]\n", "rules/tags.toml"),
    ] {
        std::fs::write(&path, rules).unwrap();
        let output = bench.qd(&["ask"]);
        assert_eq!(output.status, Some(1), "{told}");
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
    std::fs::remove_file(&path).unwrap();
    let refused = bench.qd(&["tags", "--merge", "a=x", "--merge", "b=x"]);
    assert!(refused.stderr.contains("gathered by"), "{}", refused.stderr);
    assert!(!path.exists(), "what is refused is not written");
}

/// Some resources of the made-up company spell their tags in another case; the truth knows whose they are.
#[test]
fn the_sample_company_s_spellings_become_one() {
    let bench = bench();
    let _report = bench.loaded(&[sample_data("bills/azure")]);
    let _report = bench.qd(&["tags", "--accept-suggestions"]);
    let truth: Value = serde_json::from_slice(&std::fs::read(sample_data("truth.json")).unwrap()).unwrap();
    let mut expected = BTreeMap::new();
    for entry in list(&truth["applications"]) {
        if entry["provider"] == "Microsoft" && entry["currency"] == "USD" {
            expected.insert(entry["application"].as_str().map(str::to_owned), decimal(text(&entry["costs"]["billed"])));
        }
    }
    let answer = bench.json(&["ask", "--by", "tag:application"]);
    let found: BTreeMap<Option<String>, Decimal> =
        list(&answer["rows"]).iter().map(|row| (row[0].as_str().map(str::to_owned), decimal(text(&row[1])))).collect();
    assert_eq!(found, expected, "one key, whatever the case on the bill");
}

#[test]
fn a_later_load_may_bring_several_new_keys() {
    let bench = bench();
    let month = |month: &str, tags: &str| {
        let (from, to) = (format!("2026-{month}-01T00:00:00Z"), format!("2026-{month}-02T00:00:00Z"));
        let days = [
            ("ChargePeriodStart", &from),
            ("ChargePeriodEnd", &to),
            ("BillingPeriodStart", &from),
            ("BillingPeriodEnd", &to),
        ];
        let days: Vec<(&str, &str)> = days.iter().map(|(column, value)| (*column, value.as_str())).collect();
        Bill::new().charge(&[&days[..], &[("Tags", tags)]].concat())
    };
    let _report = bench.loaded(&[bench.write("one.csv", month("01", "{\"team\":\"red\"}").csv())]);
    let _report =
        bench.loaded(&[bench.write("two.csv", month("02", "{\"a/b\":\"1\",\"c~d\":\"2\",\"team\":\"blue\"}").csv())]);
    let answer = bench.json(&["ask", "--by", "tag:a/b,tag:c~d,tag:team", "--measure", "charges"]);
    assert_eq!(answer["rows"], json!([["1", "2", "blue", "1"], [null, null, "red", "1"]]));
    assert_eq!(
        bench.value("SELECT string_agg(key, ' ' ORDER BY position) FROM tag_column"),
        "team a/b c~d",
        "each key has its column"
    );
}
