//! Scenarios as text: what is read, what is written, and what is said of what is wrong.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod support;

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;
use scenario::{Plan, Scenario, ScenarioFile, Severity};

const PLAN: &str = r#"
baseline = "2027 likely"
note = "as agreed in the steering round"

[[operation]]
id = "shop-launch"
kind = "launch"
at = { service = "fresh", owner = "shop" }
new = true
curve = "s_curve"
plateau = { low = 12_000, likely = 15000.50, high = "21000" }
from = "2027-03"
over_months = 6
slip_months = { low = 0, likely = 1, high = 3 }
confidence = "70 %"
owner = "Shop"

[[operation]]
id = "storage-price"
kind = "price_change"
where = { service = ["storage", "network"] }
change = "-12.5%"
from = "2027-04"
enabled = false
"#;

fn errors(text: &str) -> Vec<String> {
    ScenarioFile::parse(text).unwrap_err().0.iter().map(ToString::to_string).collect()
}

/// The only error of a file with one operation of these lines.
fn only(lines: &str) -> String {
    let found = errors(&format!("baseline = \"b\"\n[[operation]]\nid = \"it\"\n{lines}\n"));
    assert_eq!(found.len(), 1, "one mistake, one message: {found:?}");
    found[0].clone()
}

#[test]
fn a_scenario_reads_as_it_is_written() {
    let file = ScenarioFile::parse(PLAN).unwrap();
    assert_eq!(file.operations.len(), 2);
    let launch = &file.operations[0];
    let (_, plateau) = launch.kind.estimates()[0];
    assert_eq!([plateau.low, plateau.likely, plateau.high].map(|it| it.to_string()), ["12000", "15000.50", "21000"]);
    assert!(!file.operations[1].enabled);
    let written = file.write();
    assert_eq!(ScenarioFile::parse(&written).unwrap(), file, "nothing is lost on the way");
    assert_eq!(ScenarioFile::parse(&written).unwrap().write(), written, "and it is written alike");
}

#[test]
fn the_example_shows_every_kind() {
    let file = ScenarioFile::parse(ScenarioFile::example_text()).unwrap();
    let kinds: BTreeSet<&str> = file.operations.iter().map(|operation| operation.kind.name()).collect();
    assert_eq!(kinds.len(), 14, "{kinds:?}");
    assert_eq!(ScenarioFile::parse(&file.write()).unwrap(), file);
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn what_is_written_is_read_again(seed in any::<u64>(), removed in prop::collection::vec("[a-z\" ]{1,5}", 0..3)) {
        let scenario = support::scenario(seed);
        let file = ScenarioFile {
            baseline: Some("b \" ü".into()),
            based_on: Some("other".into()),
            note: "a\nnote".into(),
            removed: removed.into_iter().map(|id| format!("x{id}")).collect(),
            operations: scenario.operations,
        };
        let text = file.write();
        let read = ScenarioFile::parse(&text);
        prop_assert_eq!(read.as_ref().ok(), Some(&file), "{}\n{:?}", text, read);
    }

    #[test]
    fn no_text_brings_the_reader_down(text in "\\PC{0,200}") {
        let read = ScenarioFile::parse(&text);
        prop_assert!(read.is_err() || read.unwrap().operations.is_empty());
    }

    #[test]
    fn no_cut_off_scenario_brings_the_reader_down(end in 0..PLAN.len(), start in 0..PLAN.len()) {
        if start > end {
            return Ok(());
        }
        let cut = format!("{}{}", &PLAN[..start], &PLAN[end..]);
        if let Err(refused) = ScenarioFile::parse(&cut) {
            prop_assert!(refused.0.iter().all(|found| found.severity == Severity::Error && !found.message.is_empty()));
        }
    }
}

#[test]
fn a_message_names_the_line_the_operation_and_the_way_on() {
    let found = errors(&PLAN.replace("over_months", "overmonths"));
    assert_eq!(found, ["line 13: operation \"shop-launch\": there is no key \"overmonths\"; is `over_months` meant?"]);
    let found = errors(&PLAN.replace("kind = \"price_change\"", "kind = \"price_chnage\""));
    assert_eq!(
        found,
        [
            "line 20: operation \"storage-price\": there is no kind of operation \"price_chnage\"; is `price_change` meant?"
        ],
        "one mistake, one message"
    );
    let found = errors("baseline = \"b\"\nx = [1,\n");
    assert!(found[0].starts_with("line ") && found[0].contains("is not TOML"), "{found:?}");
}

#[test]
fn what_makes_no_sense_is_refused() {
    let scale = "kind = \"scale\"\nwhere = \"everything\"\nfrom = \"2027-01\"\n";
    for (lines, part) in [
        (format!("{scale}change = \"-120 %\""), "less than nothing would be left"),
        (format!("{scale}change = \"10\""), "no percent sign"),
        (format!("{scale}change = 10"), "no percent sign"),
        (format!("{scale}change = nan"), "no percent sign"),
        (format!("{scale}change = \"1e30 %\""), "past 10^15"),
        (format!("{scale}change = {{ low = \"5 %\", likely = \"2 %\", high = \"9 %\" }}"), "does not rise"),
        (format!("{scale}change = {{ low = \"5 %\", high = \"9 %\" }}"), "not made of low, likely and high"),
        (format!("{scale}change = \"5 %\"\nconfidence = \"130 %\""), "no probability"),
        (format!("{scale}change = \"5 %\"\nto = \"2026-12\""), "it ends in 2026-12, before it begins in 2027-01"),
        (format!("{scale}change = \"5 %\"\nover_months = 0"), "not a number of months"),
        (format!("{scale}change = \"5 %\"\nslip_months = {{ low = 2, likely = 1, high = 3 }}"), "rising low, likely and high"),
        (format!("{scale}change = \"5 %\"\nover_months = 3\ncompound = true"), "cannot both build up"),
        (format!("{scale}change = \"5 %\"\nowner = 7"), "not a text"),
        ("kind = \"scale\"\nchange = \"5 %\"\nfrom = \"2027-01\"\nwhere = {}".into(), "does not say which lines"),
        ("kind = \"scale\"\nchange = \"5 %\"\nfrom = \"2027-1\"\nwhere = \"everything\"".into(), "not a month such as 2026-04"),
        ("kind = \"reallocate\"\nwhere = \"everything\"\ninto = { owner = \"a\" }\nshare = \"101 %\"\nfrom = \"2027-01\"".into(), "no more than all of it"),
        ("kind = \"one_off\"\nat = { service = \"a\" }\namount = \"NaN\"\nmonth = \"2027-01\"".into(), "is not a decimal number"),
        ("kind = \"one_off\"\nat = { service = \"a\" }\namount = inf\nmonth = \"2027-01\"".into(), "is not a decimal number"),
        ("kind = \"commit\"\nat = { service = \"a\" }\nwhere = \"everything\"\nfrom = \"2027-01\"\nterm_months = 12\nmonthly_fee = 5\ndiscount = \"100 %\"".into(), "without end"),
        ("kind = \"commit\"\nat = { service = \"a\" }\nwhere = \"everything\"\nfrom = \"2027-01\"\nterm_months = 12\ndiscount = \"10 %\"".into(), "costs nothing"),
        ("kind = \"driver_override\"\ndriver = \"orders\"\nvalues = { \"2027-01\" = -4 }".into(), "below zero"),
        ("kind = \"currency\"\nbilled_in = \"eur\"\nchange = \"3 %\"\nfrom = \"2027-01\"".into(), "not a currency code"),
        ("kind = \"cap\"\nwhere = \"everything\"\namount = -5\nfrom = \"2027-01\"".into(), "out of range"),
    ] {
        let found = only(&lines);
        assert!(found.contains(part), "{lines:?} gave {found:?}, not {part:?}");
        assert!(found.contains("operation \"it\"") && found.contains("; "), "it names the operation and a way on: {found}");
    }
    assert!(errors("note = \"x\"\n")[0].contains("neither a baseline nor a scenario"));
    assert!(errors("baseline = \"b\"\noperation = 3\n")[0].contains("not a list of operations"));
    let twice =
        format!("{PLAN}{}", PLAN.split_once("[[operation]]").map(|(_, rest)| format!("[[operation]]{rest}")).unwrap());
    assert!(errors(&twice)[0].contains("the id is used twice, first in line 5"), "{:?}", errors(&twice));
}

fn files(list: &[(&str, &str)]) -> BTreeMap<String, ScenarioFile> {
    list.iter().map(|(name, text)| ((*name).to_owned(), ScenarioFile::parse(text).unwrap())).collect()
}

fn one_off(id: &str, amount: i64) -> String {
    format!(
        "[[operation]]\nid = \"{id}\"\nkind = \"one_off\"\nat = {{ owner = \"web\" }}\namount = {amount}\nmonth = \"2027-02\"\n"
    )
}

#[test]
fn a_branch_adds_replaces_and_removes() {
    let base = format!("baseline = \"b\"\n{}{}{}", one_off("a", 1), one_off("b", 2), one_off("c", 3));
    let branch = format!("based_on = \"base\"\nremoved = [\"a\"]\n{}{}", one_off("d", 4), one_off("c", 30));
    let files = files(&[("base", &base), ("branch", &branch)]);
    let scenario = Scenario::resolve("branch", &files).unwrap();
    let told: Vec<(String, String)> = scenario
        .operations
        .iter()
        .map(|operation| (operation.id.clone(), operation.kind.estimates()[0].1.likely.to_string()))
        .collect();
    let wanted = [("b", "2"), ("c", "30"), ("d", "4")].map(|(id, amount)| (id.to_owned(), amount.to_owned()));
    assert_eq!(told, wanted, "replaced in its place, added behind");
    assert_eq!(scenario.baseline, "b", "the baseline is inherited");
}

#[test]
fn branches_that_lead_nowhere_are_told() {
    let circle = files(&[("a", "based_on = \"b\"\n"), ("b", "based_on = \"c\"\n"), ("c", "based_on = \"a\"\n")]);
    let told =
        |name: &str, files: &BTreeMap<String, ScenarioFile>| Scenario::resolve(name, files).unwrap_err().to_string();
    assert!(told("a", &circle).contains("in a circle: a → b → c → a"));
    let files = files(&[
        ("plan", "baseline = \"b\"\n"),
        ("x", "based_on = \"plann\"\n"),
        ("y", "based_on = \"plan\"\nremoved = [\"z\"]\n"),
    ]);
    let missing = told("x", &files);
    assert!(
        missing.contains("no scenario \"plann\", which \"x\" is based on") && missing.contains("is \"plan\" meant?"),
        "{missing}"
    );
    assert!(told("y", &files).contains("removes operation \"z\", which it does not inherit"));
}

/// What keeps operations from being applied to a made-up baseline.
fn refusal(operations: &str) -> String {
    let file = ScenarioFile::parse(&format!("baseline = \"b\"\n{operations}")).unwrap();
    let scenario = Scenario { name: "s".into(), baseline: "b".into(), operations: file.operations };
    match Plan::new(&support::baseline(8), &scenario) {
        Err(refused) => refused.to_string(),
        Ok(plan) => plan.diagnostics().iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

fn told(operations: &str, parts: &[&str]) {
    let found = refusal(operations);
    for part in parts {
        assert!(found.contains(part), "{found:?} does not say {part:?}");
    }
}

#[test]
fn a_scenario_is_checked_against_its_baseline() {
    let scale = |id: &str, filter: &str, from: &str| {
        format!(
            "[[operation]]\nid = \"{id}\"\nkind = \"scale\"\nwhere = {filter}\nchange = \"5 %\"\nfrom = \"{from}\"\n"
        )
    };
    told(
        &scale("s", "{ service = \"comptue\" }", "2027-01"),
        &["operation \"s\"", "no service \"comptue\"", "is \"compute\" meant?"],
    );
    told(&scale("s", "{ sevrice = \"compute\" }", "2027-01"), &["no dimension \"sevrice\"", "is `service` meant?"]);
    told(&scale("s", "\"everything\"", "2031-01"), &["after the horizon ends in 2027-09", "no effect"]);
    let place = "[[operation]]\nid = \"p\"\nkind = \"one_off\"\nat = { service = \"mainframe\" }\namount = 5\nmonth = \"2026-01\"\n";
    told(place, &["no service \"mainframe\"", "if it is new, write `new = true`"]);
    told(&format!("{place}new = true\n"), &["before the horizon begins in 2027-01"]);
    told(
        "[[operation]]\nid = \"e\"\nkind = \"expire\"\ncommitment = \"nobody\"\nfrom = \"2027-02\"\n",
        &["no commitment \"nobody\""],
    );
    told(
        "[[operation]]\nid = \"d\"\nkind = \"driver_override\"\ndriver = \"order\"\nchange = \"5 %\"\nfrom = \"2027-02\"\n",
        &["no driver \"order\"", "is \"orders\" meant?"],
    );
    told(
        "[[operation]]\nid = \"c\"\nkind = \"currency\"\nbilled_in = \"JPY\"\nrate = 2\nfrom = \"2027-02\"\n",
        &["nothing in the baseline is billed in JPY", "the baseline has EUR"],
    );
}

#[test]
fn operations_that_contradict_each_other_are_told() {
    let driver = |id: &str, from: &str, to: &str| {
        format!(
            "[[operation]]\nid = \"{id}\"\nkind = \"driver_override\"\ndriver = \"orders\"\nchange = \"5 %\"\nfrom = \"{from}\"\nto = \"{to}\"\n"
        )
    };
    let both = driver("one", "2027-01", "2027-05") + &driver("two", "2027-04", "2027-08");
    told(&both, &["operation \"two\"", "other values than operation \"one\" in the same months"]);
    let apart = driver("one", "2027-01", "2027-03") + &driver("two", "2027-04", "2027-08");
    assert!(!refusal(&apart).contains("other values"), "one after the other is no contradiction");
    let retire = "[[operation]]\nid = \"gone\"\nkind = \"retire\"\nwhere = \"everything\"\nfrom = \"2027-02\"\n";
    let after = "[[operation]]\nid = \"late\"\nkind = \"price_change\"\nwhere = \"everything\"\nchange = \"5 %\"\nfrom = \"2027-06\"\n";
    told(&format!("{retire}{after}"), &["operation \"late\"", "nothing is left of them from 2027-02"]);
    told(&format!("{retire}{}", retire.replace("gone", "again")), &["operation \"again\"", "retires the same lines"]);
    let commit = "[[operation]]\nid = \"deal\"\nkind = \"commit\"\nat = { service = \"compute\" }\nwhere = \"everything\"\nfrom = \"2027-01\"\nterm_months = 3\nmonthly_fee = 10\ndiscount = \"20 %\"\n";
    let expire = "[[operation]]\nid = \"stop\"\nkind = \"expire\"\ncommitment = \"deal\"\nfrom = \"2027-06\"\n";
    let renew = "[[operation]]\nid = \"go-on\"\nkind = \"renew\"\ncommitment = \"deal\"\nterm_months = 12\n";
    told(&format!("{commit}{expire}{renew}"), &["operation \"stop\"", "operation \"go-on\" renews it over that month"]);
}
