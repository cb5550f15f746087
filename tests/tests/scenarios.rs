//! Scenarios over real bills: parts equal the whole to the cent, the same question gives the same bytes, and what cannot be applied is
//! said with what to do.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

#[path = "planning/bad_input.rs"]
mod bad_input;
#[path = "planning/baselines.rs"]
mod baselines;

use money::Amount;
use serde_json::{Value, json};
use testsupport::{Bill, Workbench, sample_data, workbook};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

const PLAN: &str = r#"baseline = "forecast"

[[operation]]
id = "assistant"
kind = "launch"
at = { service = "Assistant", provider = "AWS" }
new = true
curve = "s_curve"
plateau = { low = 12000, likely = 20000, high = 45000 }
from = "2026-11"
over_months = 4
confidence = "75 %"

[[operation]]
id = "to-google"
kind = "shift"
where = { provider = "Microsoft" }
into = { provider = "Google Cloud" }
share = "50 %"
cost_ratio = { low = "80 %", likely = "90 %", high = "120 %" }
from = "2027-01"
over_months = 3
double_running_months = 1

[[operation]]
id = "storage-price"
kind = "price_change"
where = { service = "Amazon Relational Database Service" }
change = "-8 %"
from = "2027-02"
"#;

fn amount(value: &Value) -> Amount {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn sum<'a>(values: impl IntoIterator<Item = &'a Value>) -> Amount {
    Amount::sum(values.into_iter().map(amount)).unwrap()
}

fn less(left: Amount, right: Amount) -> Amount {
    left.checked_sub(right).unwrap()
}

fn keep(bench: &Workbench, name: &str, text: &str) {
    let file = bench.write("scenario.toml", text);
    let output = bench.qd(&["scenario", "save", name, file.to_str().unwrap()]);
    assert_eq!(output.status, Some(0), "{name} is kept: {}", output.stderr);
}

/// What holds of every run: nothing is below zero that is usage, parts add up, the band lies around its middle.
fn assert_sound(run: &Value) {
    let months = list(&run["months"]).len();
    for (key, total) in [("likely", "likely"), ("baseline_totals", "baseline")] {
        assert_eq!(list(&run[key]).len(), months);
        assert_eq!(sum(list(&run[key])), amount(&run["total"][total]), "{key} add up to the total");
    }
    for month in 0..months {
        let of = |group: &str| sum(list(&run["groups"]).iter().map(|one| &one[group][month]));
        assert_eq!(of("monthly"), amount(&run["likely"][month]), "the groups of month {month} add up");
        assert_eq!(of("baseline_monthly"), amount(&run["baseline_totals"][month]));
        let [low_95, low_80, middle, high_80, high_95] =
            ["low_95", "low_80", "middle", "high_80", "high_95"].map(|key| amount(&run["band"][month][key]));
        assert!(low_95 <= low_80 && low_80 <= middle && middle <= high_80 && high_80 <= high_95);
    }
    assert_eq!(sum(list(&run["quarters"]).iter().map(|one| &one["likely"])), amount(&run["total"]["likely"]));
}

/// The lines of a scenario add up to its total within a cent a cell, as each is rounded for itself; usage is never below zero.
fn assert_lines(bench: &Workbench, run: &Value, name: &str) {
    let lines = bench.json(&["scenario", "lines", name, "--limit", "1000"]);
    assert_eq!(lines["total"].as_u64().unwrap() as usize, list(&lines["lines"]).len(), "all lines are on the page");
    for (month, total) in list(&run["likely"]).iter().enumerate() {
        let parts = sum(list(&lines["lines"]).iter().map(|line| &line["likely"][month]));
        let cents = Amount::new(i128::from(lines["total"].as_u64().unwrap()), 2).unwrap();
        assert!(less(parts, amount(total)).abs() <= cents, "month {month}: {parts} beside {total}");
    }
    for line in list(&lines["lines"]) {
        if line["treatment"] == "recurring_usage" {
            let below = list(&line["likely"]).iter().any(|cost| amount(cost).is_negative());
            assert!(!below, "usage is not below zero: {line}");
        }
    }
}

#[test]
fn a_launch_a_migration_and_a_price_change_over_the_sample_company() {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[sample_data("bills"), sample_data("redelivered")]);
    keep(&bench, "plan", PLAN);
    keep(&bench, "twin", PLAN);
    keep(&bench, "dearer", "based_on = \"plan\"\nremoved = [\"storage-price\"]\n");

    let run = bench.json(&["scenario", "run", "plan", "--budget", "1500000", "--by", "provider"]);
    assert_sound(&run);
    assert_eq!(run["months"][0], "2026-10", "the baseline begins after the last whole month");
    assert_eq!(list(&run["months"]).len(), 12);
    assert_eq!(list(&run["operations"]).len(), 3);
    let effects = sum(list(&run["operations"]).iter().map(|one| &one["effect"]));
    let difference = less(amount(&run["total"]["likely"]), amount(&run["total"]["baseline"]));
    assert_eq!(effects, difference, "what the operations do is the difference from the baseline");
    assert!(amount(&run["total"]["best"]) <= amount(&run["total"]["likely"]), "the best case is no dearer");
    assert!(amount(&run["total"]["likely"]) <= amount(&run["total"]["worst"]), "the worst case is no cheaper");
    let odds = amount(&run["odds"]["probability"]);
    assert!(!odds.is_negative() && odds <= Amount::from_integer(1));
    assert_lines(&bench, &run, "plan");

    // What is split is the bill of the latest year, to the cent.
    let bill = bench.json(&["ask", "--cost", "effective", "--currency", "USD", "--period", "2025-10..2026-09"]);
    let bill = amount(&bill["total"]["effective_cost"]);
    assert_eq!(sum(list(&run["split"]).iter().map(|one| &one["cost"])), bill, "the split loses nothing of the bill");
    for one in list(&run["split"]) {
        assert_eq!(sum(list(&one["rules"]).iter().map(|rule| &rule["cost"])), amount(&one["cost"]), "{one}");
    }
    // A baseline is of the size of the bill, or it is wrong.
    let (base, tenth) = (amount(&run["total"]["baseline"]), Amount::new(3, 1).unwrap());
    let reach = bill.checked_mul(tenth).unwrap();
    assert!(less(base, bill).abs() < reach, "a year of baseline {base} is far from the year before {bill}");

    let again = bench.json(&["scenario", "run", "plan", "--budget", "1500000", "--by", "provider"]);
    assert_eq!(again, run, "the same question gives the same bytes");
    compared(&bench, &run);
    exported(&bench);
}

fn compared(bench: &Workbench, run: &Value) {
    let nothing = bench.json(&["scenario", "diff", "plan", "twin"]);
    assert_eq!(amount(&nothing["difference"]), Amount::ZERO, "scenarios that are the same differ by nothing");
    assert_eq!(list(&nothing["contributions"]).len(), 0);
    assert_eq!(amount(&nothing["band"]["high_80"]), Amount::ZERO, "in no course");

    let over = bench.json(&["scenario", "diff", "baseline", "plan"]);
    let difference = amount(&over["difference"]);
    assert_eq!(difference, less(amount(&run["total"]["likely"]), amount(&run["total"]["baseline"])));
    assert_eq!(sum(list(&over["contributions"]).iter().map(|one| &one["total"])), difference, "to the cent");
    for (month, whole) in list(&over["monthly"]).iter().enumerate() {
        let parts = sum(list(&over["contributions"]).iter().map(|one| &one["monthly"][month]));
        assert_eq!(parts, amount(whole), "month {month} too");
    }
    for one in list(&over["contributions"]) {
        assert_eq!(sum(list(&one["lines"]).iter().map(|line| &line["amount"])), amount(&one["total"]), "{one}");
    }
    assert_eq!(sum(list(&over["groups"]).iter().map(|one| &one["difference"])), difference);
    assert_eq!(list(&over["tornado"]).len(), 3);

    let removed = bench.json(&["scenario", "diff", "plan", "dearer"]);
    assert_eq!(list(&removed["contributions"]).len(), 1, "one operation differs");
    assert_eq!(removed["contributions"][0]["kind"], "removed");
    assert!(amount(&removed["difference"]) > Amount::ZERO, "without the cheaper price it costs more");
    let dearer = amount(&removed["probability_dearer"]);
    assert_eq!(dearer, Amount::from_integer(1), "in every course, as both take the same");
}

/// Formulas come out as their stored results say, by arithmetic of our own.
fn exported(bench: &Workbench) {
    let file = bench.path("plan.xlsx");
    let output = bench.qd(&["scenario", "export", "plan", file.to_str().unwrap()]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let book = workbook::read(&std::fs::read(&file).unwrap());
    let (months, effects) = (&book.sheets["Months"], &book.sheets["Effects"]);
    let number = |cell: &workbook::Cell| cell.number.as_ref().unwrap().parse::<Amount>().unwrap();
    for column in ["B", "C", "M"] {
        let (base, plan) = (&months[&format!("{column}4")], &months[&format!("{column}5")]);
        let formula = plan.formula.as_deref().unwrap();
        assert!(formula.starts_with(&format!("{column}4+SUMPRODUCT('Assumptions'!$C$4:$C$6")), "{formula}");
        let added = Amount::sum((4..=6).map(|row| number(&effects[&format!("{column}{row}")]))).unwrap();
        assert_eq!(
            number(base).checked_add(added).unwrap(),
            number(plan),
            "the stored result is what the formula gives"
        );
        let gap = &months[&format!("{column}6")];
        assert_eq!(gap.formula.as_deref(), Some(format!("{column}5-{column}4").as_str()));
        assert_eq!(number(gap), added);
    }
    let assumptions = &book.sheets["Assumptions"];
    assert_eq!(assumptions["C4"].number.as_deref(), Some("1"), "every operation is switched on");
    assert!(assumptions["E4"].formula.as_deref().unwrap().contains("C4*D4"), "its effect follows switch and factor");
}

#[test]
fn what_cannot_be_kept_is_said_with_every_problem() {
    let bench = Workbench::new(PROGRAM);
    let text = "baseline = \"forecast\"\n\n[[operation]]\nid = \"a\"\nkind = \"shift\"\nwhere = \"everything\"\n\
                into = { service = \"New\" }\nshare = \"140 %\"\nfrom = \"2027-13\"\nconfidence = \"120 %\"\n";
    let file = bench.write("wrong.toml", text);
    let output = bench.qd(&["--format", "json", "scenario", "save", "wrong", file.to_str().unwrap()]);
    assert_eq!(output.status, Some(1));
    for wanted in ["share", "2 more"] {
        assert!(output.stderr.contains(wanted), "{wanted} is told: {}", output.stderr);
    }
    let output = bench.qd(&["scenario", "save", "wrong", file.to_str().unwrap()]);
    for wanted in ["`share` is out of range", "  line 9: operation `a`: ", "2027-13", "`confidence` is no probability"]
    {
        assert!(output.stderr.contains(wanted), "{wanted} is told: {}", output.stderr);
    }
    let good = bench.write("good.toml", "baseline = \"forecast\"\n");
    for name in ["../plan", "a/b", "..", "C:plan", ""] {
        let output = bench.qd(&["scenario", "save", name, good.to_str().unwrap()]);
        assert_ne!(output.status, Some(0), "{name:?} is no name");
    }
    assert!(!bench.engagement().parent().unwrap().join("plan.toml").exists(), "nothing lies beside the engagement");
    let output =
        bench.qd(&["scenario", "save", "lost", bench.write("lost.toml", "baseline = \"2027\"\n").to_str().unwrap()]);
    assert!(output.stderr.contains("there is no baseline"), "{}", output.stderr);
}

#[test]
fn a_broken_file_is_listed_with_its_line_and_the_others_work() {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("bill.csv", months(&["100", "110", "120"]).csv())]);
    keep(&bench, "good", "baseline = \"forecast\"\n");
    let broken =
        "baseline = \"forecast\"\n\n[[operation]]\nid = \"a\"\nkind = \"scale\"\nchange = 5\nfrom = \"2027-01\"\n";
    std::fs::write(bench.engagement().join("scenarios/broken.toml"), broken).unwrap();
    let listed = bench.json(&["scenario", "list"]);
    let problem = listed["scenarios"][0]["problem"].as_str().unwrap();
    assert!(problem.contains("line "), "the line is told: {problem}");
    assert_eq!(bench.qd(&["scenario", "list"]).status, Some(3), "there is something to look at");
    assert_eq!(listed["scenarios"][1]["problem"], Value::Null);
    assert_sound(&bench.json(&["scenario", "run", "good"]));
    let shown = bench.json(&["scenario", "show", "broken"]);
    assert_eq!(shown["text"], broken, "its text can be mended");
    assert!(!list(&shown["problems"]).is_empty());
}

/// A bill of one charge a month from January 2026 on.
fn months(costs: &[&str]) -> Bill {
    costs.iter().zip(1..).fold(Bill::new(), |bill, (cost, month)| charged(bill, month, cost, "Usage"))
}

fn charged(bill: Bill, month: u32, cost: &str, category: &str) -> Bill {
    let instant = |month: u32| format!("{}-{:02}-01T00:00:00Z", 2026 + (month - 1) / 12, (month - 1) % 12 + 1);
    let (start, end) = (instant(month), instant(month + 1));
    bill.charge(&[
        ("ChargePeriodStart", &start),
        ("ChargePeriodEnd", &end),
        ("BillingPeriodStart", &start),
        ("BillingPeriodEnd", &end),
        ("ChargeCategory", category),
        ("BilledCost", cost),
        ("EffectiveCost", cost),
        ("ContractedCost", cost),
        ("ListCost", cost),
    ])
}

#[test]
fn bills_that_tell_little_have_a_stated_fallback() {
    let cases = [
        ("one month", months(&["250.40"]), "short_history"),
        ("all zeros", months(&["0", "0", "0", "0"]), "short_history"),
        ("less than nothing", months(&["-5", "-6", "-7", "-5"]), "negative_usage"),
        ("credits only", charged(charged(Bill::new(), 1, "-100", "Credit"), 2, "-90", "Credit"), "credits"),
    ];
    for (name, bill, code) in cases {
        let bench = Workbench::new(PROGRAM);
        let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
        let run = bench.json(&["scenario", "run"]);
        assert_sound(&run);
        let codes: Vec<&str> = list(&run["notes"]).iter().map(|note| note["code"].as_str().unwrap()).collect();
        assert!(name == "all zeros" || codes.contains(&code), "{name}: {codes:?}");
        for total in list(&run["likely"]) {
            assert!(!amount(total).is_negative(), "{name}: nothing is expected below zero: {total}");
        }
        if name == "one month" {
            assert!(amount(&run["total"]["likely"]) > Amount::ZERO, "what is known goes on");
        }
    }
}

#[test]
fn rules_of_ones_own_split_the_bill_and_broken_ones_are_refused() {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("bill.csv", months(&["100", "110", "120"]).csv())]);
    let own = "[[rule]]\nname = \"Everything once\"\ntreatment = \"one_off\"\n";
    let file = bench.write("rules.toml", own);
    let kept = bench.json(&["scenario", "rules", file.to_str().unwrap()]);
    assert_eq!(kept["built_in"], false);
    let run = bench.json(&["scenario", "run"]);
    assert_eq!(run["split"][0]["treatment"], "one_off", "the analyst's rule decides");
    assert_eq!(amount(&run["total"]["likely"]), Amount::ZERO, "nothing recurs");
    let broken = bench.write("broken.toml", "[[rule]]\nname = \"x\"\ntreatment = \"magic\"\n");
    let output = bench.qd(&["scenario", "rules", broken.to_str().unwrap()]);
    assert_eq!(output.status, Some(1));
    assert!(output.stderr.contains("magic"), "{}", output.stderr);
    let again = bench.json(&["scenario", "rules", "--built-in"]);
    assert_eq!(again["built_in"], true, "the product's own rules are back");
}

/// A slider sends one draft after another: what is kept from the last one must not show.
#[test]
fn a_slider_answers_what_a_fresh_start_answers() {
    let bench = Workbench::new(PROGRAM);
    let costs: Vec<String> = (0..18).map(|month| format!("{}.25", 900 + 13 * month + 40 * (month % 5))).collect();
    let costs: Vec<&str> = costs.iter().map(String::as_str).collect();
    let _report = bench.loaded(&[bench.write("bill.csv", months(&costs).csv())]);
    let open = || {
        let settings = api::Settings { app_data: bench.home(), reader: PROGRAM.into(), sample_data: None };
        let context = api::Context::new(settings).unwrap();
        ask(&context, "engagement_open", json!({ "path": bench.engagement() }));
        context
    };
    let draft = |change: &str, share: &str| {
        json!({ "quick": true, "draft": {
            "baseline": "forecast",
            "operations": [
                { "id": "growth", "kind": "scale", "where": {}, "from": "2027-08",
                  "figures": { "change": { "low": "2", "likely": change, "high": "60" } } },
                { "id": "cap", "kind": "reallocate", "where": {}, "from": "2027-09",
                  "at": { "values": { "service": "Elsewhere" }, "new": true },
                  "figures": { "share": { "likely": share } } },
            ],
        } })
    };
    let drafts = [draft("5", "10"), draft("25", "10"), draft("25", "70"), draft("5", "10")];
    let kept = open();
    let first: Vec<Value> = drafts.iter().map(|draft| ask(&kept, "scenario_run", draft.clone())).collect();
    drop(kept);
    for (draft, answer) in drafts.iter().zip(&first) {
        let fresh = open();
        assert_eq!(&ask(&fresh, "scenario_run", draft.clone()), answer, "nothing of the last draft shows");
        assert_sound(answer);
    }
    assert_eq!(first[0], first[3], "back where it was");
    assert_ne!(first[0]["band"], first[1]["band"], "the slider does move it");
    assert_eq!(first[0]["total"]["best"], Value::Null, "a slider waits for no cases");
}

fn ask(context: &std::sync::Arc<api::Context>, command: &str, payload: Value) -> Value {
    match api::dispatch(context, command, payload).unwrap() {
        api::Reply::Json(value) => value,
        api::Reply::Bytes(_) => panic!("{command} answers in JSON"),
    }
}
