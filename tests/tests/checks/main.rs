//! What `qd check` tells about exports, about charges that belong together and about the bill as a whole: for each kind of rule a
//! bill that breaks it and one that keeps it. Rules about single charges are in `oracle_checks.rs`.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod bill;
mod together;

use serde_json::{Value, json};
use testsupport::{Bill, Workbench, sample_data, shared_data};

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

fn with(bills: &[(&str, &Bill)]) -> Workbench {
    let bench = bench();
    let paths: Vec<_> = bills.iter().map(|(name, bill)| bench.write(name, bill.csv())).collect();
    let _report = bench.loaded(&paths);
    bench
}

/// The finding of a rule, or null.
fn finding(bench: &Workbench, rule: &str) -> Value {
    let found = bench.json(&["check"]);
    found.as_array().unwrap().iter().find(|one| one["rule"] == rule).cloned().unwrap_or(Value::Null)
}

/// What a rule counts in a bill; 0 when it is kept.
fn count(bill: &Bill, rule: &str) -> u64 {
    finding(&with(&[("bill.csv", bill)]), rule)["count"].as_u64().unwrap_or(0)
}

fn report(bench: &Workbench, more: &[&str]) -> Value {
    bench.json(&[&["check", "--report"], more].concat())
}

/// Hundredths of a point.
fn hundredths(points: &Value) -> i64 {
    let text = points.as_str().unwrap();
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    whole.parse::<i64>().unwrap() * 100 + format!("{fraction:0<2}").parse::<i64>().unwrap()
}

#[test]
fn a_sound_bill_has_no_findings_and_all_points() {
    let bench = with(&[("bill.csv", &priced(3))]);
    let output = bench.qd(&["--format", "json", "check"]);
    assert_eq!((output.status, output.json()), (Some(0), json!([])), "nothing to look at");
    let report = report(&bench, &[]);
    assert_eq!(report["score"]["value"], "100.00");
    assert_eq!(report["rules"]["kept"], report["rules"]["run"], "every rule that was run is kept");
}

/// A bill of `count` sound charges with prices that explain the costs.
fn priced(count: usize) -> Bill {
    let prices = [("ContractedUnitPrice", "0.125"), ("ContractedCost", "3"), ("ListUnitPrice", "0.125")];
    let bill = prices.iter().fold(Bill::new(), |bill, (column, value)| bill.usual(column, value));
    (1..=count).fold(bill, |bill, number| bill.charge(&[("ResourceId", &format!("instance-{number}"))]))
}

/// A charge on each of these days of a month of 2026.
fn on_days(bill: Bill, month: u32, days: impl IntoIterator<Item = u32>) -> Bill {
    let bill = bill
        .usual("BillingPeriodStart", &format!("2026-{month:02}-01T00:00:00Z"))
        .usual("BillingPeriodEnd", &format!("2026-{:02}-01T00:00:00Z", month + 1));
    days.into_iter().fold(bill, |bill, day| {
        let start = format!("2026-{month:02}-{day:02}T00:00:00Z");
        let end = format!("2026-{month:02}-{day:02}T23:00:00Z");
        bill.charge(&[("ChargePeriodStart", &start), ("ChargePeriodEnd", &end)])
    })
}

#[test]
fn a_missing_column_is_one_finding_for_all_loads() {
    let bench = bench();
    let without = priced(40).without("ChargeDescription");
    let february = on_days(priced(0), 2, 1..=2).without("ChargeDescription");
    let january = bench.write("january.csv", without.csv());
    let _report = bench.loaded(&[&january, &bench.write("february.csv", february.csv())]);
    let found = finding(&bench, "CostAndUsage-D-025-M");
    assert_eq!((&found["count"], &found["counted"]), (&json!(2), &json!("loads")), "two loads, not 42 charges");
    assert_eq!(found["examples"], json!(["february.csv", "january.csv"]), "the files are named");
    assert_eq!(found["title"], "The export has no ChargeDescription");
    assert_eq!(finding(&bench, "ChargeDescription-C-003-O"), Value::Null, "no charge is blamed for it");
    let scope = &found["scopes"][0];
    assert_eq!((&scope["provider"], &scope["count"]), (&json!("Example Cloud"), &json!(1)));
    assert_eq!(count(&priced(2), "CostAndUsage-D-025-M"), 0, "with the column nothing is said");
}

#[test]
fn a_conditional_rule_follows_its_flag() {
    let bill = priced(0).usual("ProviderName", "AWS").without("RegionId").charge(&[]);
    let bench = with(&[("bill.csv", &bill)]);
    assert_eq!(finding(&bench, "CostAndUsage-D-063-C")["count"], 1, "AWS is known to have regions");
    let off = bench.json(&["check", "--set", "REGION_SUPPORTED=off"]);
    assert!(off.as_array().unwrap().iter().all(|one| one["rule"] != "CostAndUsage-D-063-C"), "switched off");
    let other = bench.json(&["check", "--set", "Microsoft:region=off"]);
    assert!(other.as_array().unwrap().iter().any(|one| one["rule"] == "CostAndUsage-D-063-C"), "of another provider");
    let flags = report(&bench, &["--set", "aws:region=off"])["flags"].clone();
    let flag = |name: &str| flags.as_array().unwrap().iter().find(|flag| flag["flag"] == name).cloned().unwrap();
    let region = flag("REGION_SUPPORTED");
    assert_eq!((&region["on"], &region["source"]), (&json!(false), &json!("request")), "the answer says who said so");
    assert_eq!(flag("TAGGING_SUPPORTED")["source"], "usual");
    assert_eq!(flag("VIRTUAL_CURRENCY_SUPPORTED")["on"], false);
}

#[test]
fn a_flag_can_be_switched_in_the_engagement() {
    let bill = priced(0).usual("ProviderName", "AWS").without("RegionId").charge(&[]);
    let bench = with(&[("bill.csv", &bill)]);
    let path = bench.engagement().join("engagement.toml");
    let written = std::fs::read_to_string(&path).unwrap();
    std::fs::write(&path, written.clone() + "\n[applicability.AWS]\nREGION_SUPPORTED = false\n").unwrap();
    assert_eq!(finding(&bench, "CostAndUsage-D-063-C"), Value::Null);
    let on = bench.json(&["check", "--set", "REGION_SUPPORTED=on"]);
    assert!(on.as_array().unwrap().iter().any(|one| one["rule"] == "CostAndUsage-D-063-C"), "a request goes before it");
    std::fs::write(&path, written + "\n[applicability.all]\nLEVITATION_SUPPORTED = false\n").unwrap();
    let output = bench.qd(&["check"]);
    assert_eq!(output.status, Some(2), "a flag that does not exist is told: {}", output.stderr);
    assert!(output.stderr.contains("LEVITATION_SUPPORTED"), "{}", output.stderr);
}

#[test]
fn a_provider_that_is_not_known_has_what_its_export_shows() {
    let bench = with(&[("bill.csv", &priced(2).without("Tags").without("RegionId"))]);
    assert_eq!(finding(&bench, "CostAndUsage-D-064-C"), Value::Null, "nothing shows that it has tags");
    assert_eq!(finding(&bench, "CostAndUsage-D-063-C")["count"], 1, "it names regions, so it should give their ids");
}

#[test]
fn a_value_that_cannot_be_read_is_told_with_its_row() {
    let bench = bench();
    let bill = priced(2).charge(&[("PricingQuantity", "a dozen")]).charge(&[("PricingQuantity", "1,5")]);
    let path = bench.write("bill.csv", bill.csv());
    assert_eq!(bench.load(&[path]).status, Some(3), "loading says so as well");
    let found = finding(&bench, "PricingQuantity-C-001-M");
    assert_eq!((&found["count"], &found["counted"]), (&json!(2), &json!("values")));
    assert_eq!(found["also"], json!(["PricingQuantity-C-002-M"]), "type and form are one matter");
    assert_eq!(found["examples"][0], "bill.csv, row 3: a dozen");
    assert_eq!(count(&priced(2), "PricingQuantity-C-001-M"), 0);
}

#[test]
fn a_refused_row_takes_points() {
    let bench = bench();
    let bill = (0..9).fold(priced(0), |bill, _| bill.charge(&[])).charge(&[("BilledCost", "much")]);
    assert_eq!(bench.load(&[bench.write("bill.csv", bill.csv())]).status, Some(3));
    let report = report(&bench, &[]);
    let rows = report["score"]["parts"].as_array().unwrap().iter().find(|part| part["component"] == "rows").unwrap();
    assert_eq!((&rows["concerned"], &rows["of"], &rows["lost"]), (&json!("1"), &json!("10"), &json!("1.00")));
}

#[test]
fn the_score_is_explained_to_the_last_digit() {
    let bench = with(&[(
        "bill.csv",
        &priced(6)
            .without("ChargeFrequency")
            .charge(&[("ContractedCost", "")])
            .charge(&[("ChargeCategory", "Purchase"), ("ConsumedQuantity", "1")])
            .charge(&[("RegionName", "")]),
    )]);
    let score = report(&bench, &[])["score"].clone();
    let parts = score["parts"].as_array().unwrap();
    let lost: i64 = parts.iter().map(|part| hundredths(&part["lost"])).sum();
    assert_eq!(hundredths(&score["value"]), 10_000 - lost, "the parts explain the whole: {score}");
    let of = |severity: &str| parts.iter().find(|part| part["severity"] == severity).unwrap();
    assert_eq!((&of("error")["concerned"], &of("error")["of"]), (&json!("2.5"), &json!("22.5")), "one charge of nine");
    assert_eq!(of("error")["lost"], "8.33", "75 x 1/9");
    assert_eq!(of("warning")["lost"], "4.17", "75 x 1/9 x 0.5");
    assert!(score["formula"].as_str().unwrap().contains("gravest"), "the formula is told");
}

#[test]
fn a_finding_more_never_gives_points() {
    let broken: [&[(&str, &str)]; 5] = [
        &[("RegionName", "")],
        &[("PricingUnit", "")],
        &[("ContractedUnitPrice", "7")],
        &[("ChargeCategory", "Gift")],
        &[("ListCost", "")],
    ];
    let mut last = 10_000;
    for many in 0..=broken.len() {
        // As many charges as ever; one more of them is broken.
        let bill = (0..broken.len()).fold(priced(2), |bill, at| {
            let number = format!("instance-{}", 10 + at);
            let mut fields = vec![("ResourceId", number.as_str())];
            if at < many {
                fields.extend(broken[at]);
            }
            bill.charge(&fields)
        });
        let value = hundredths(&report(&with(&[("bill.csv", &bill)]), &[])["score"]["value"]);
        assert!(value < last || (many == 0 && value == 10_000), "{many} broken: {value} after {last}");
        last = value;
    }
}

#[test]
fn what_is_asked_for_is_told() {
    let bill = priced(2).charge(&[("ContractedCost", "")]).charge(&[("RegionName", "")]);
    let other = priced(0).usual("ProviderName", "Other Cloud").usual("InvoiceIssuerName", "Other Cloud");
    let other = other.charge(&[("ListCost", "")]);
    let bench = with(&[("bill.csv", &bill), ("other.csv", &other)]);
    let rules = |arguments: &[&str]| -> Vec<String> {
        let found = bench.json(&[&["check"], arguments].concat());
        found.as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap().to_owned()).collect()
    };
    let all = rules(&[]);
    assert!(all.contains(&"ListCost-C-003-M".to_owned()) && all.contains(&"RegionName-C-005-C".to_owned()), "{all:?}");
    assert_eq!(rules(&["--provider", "other cloud"]), ["ListCost-C-003-M"], "one provider, whatever its case");
    assert_eq!(rules(&["--min-severity", "error"]), ["ContractedCost-C-003-M", "ListCost-C-003-M"]);
    assert_eq!(rules(&["--rule", "contractedcost-c-003-m"]), ["ContractedCost-C-003-M"]);
    assert_eq!(rules(&["--rule", "ContractedCost-C-004-M"]), ["ContractedCost-C-003-M"], "by its other id");
    let one = report(&bench, &["--rule", "QD-CHARGE-PERIOD"]);
    assert_eq!(one["score"], Value::Null, "one rule makes no score");
    assert_eq!(bench.qd(&["check", "--rule", "QD-CHARGE-PERIOD"]).status, Some(0), "that rule is kept");
    assert_eq!(bench.qd(&["check"]).status, Some(3), "there is something to look at");
    for wrong in [
        ["--rule", "QD-LEVITATION"],
        ["--provider", "Nobody"],
        ["--min-severity", "fatal"],
        ["--set", "LEVITATION=on"],
        ["--set", "TAGGING_SUPPORTED"],
        ["--set", "TAGGING_SUPPORTED=maybe"],
    ] {
        let output = bench.qd(&["check", wrong[0], wrong[1]]);
        assert_eq!(output.status, Some(2), "{wrong:?} is wrong use: {}", output.stderr);
    }
}

#[test]
fn a_table_names_rule_and_example() {
    let bench = with(&[("bill.csv", &priced(2).charge(&[("ContractedCost", "")]))]);
    let output = bench.qd(&["--format", "table", "check"]);
    let line = output.stdout.lines().find(|line| line.contains("ContractedCost-C-003-M")).unwrap();
    assert!(line.starts_with("error") && line.ends_with("1.3"), "{line}");
    assert!(output.stderr.contains("data quality 7"), "the score is a note: {}", output.stderr);
    let report = bench.qd(&["--format", "table", "check", "--report"]);
    for said in ["Findings", "Score", "Flags", "TAGGING_SUPPORTED", "InvoiceId-C-004-C", "set aside", "corrected"] {
        assert!(report.stdout.contains(said), "the report tells {said}");
    }
}

#[test]
fn every_rule_of_the_model_is_accounted_for() {
    let rules = report(&with(&[("bill.csv", &priced(1))]), &[])["rules"].clone();
    let number = |key: &str| rules[key].as_u64().unwrap();
    let many = |key: &str| rules[key].as_array().unwrap().len() as u64;
    assert_eq!(number("executable"), 277, "rules of the model with a test");
    assert!(many("corrected") >= 10 && many("set_aside") == 3, "{rules}");
    assert!(number("run") > 100 && many("not_run") > 10, "a file of 1.0 is not asked what 1.2 brought: {rules}");
}

#[test]
fn a_report_that_is_no_focus_is_checked_by_what_its_mapping_fills() {
    let bench = bench();
    let _report = bench.loaded(&[shared_data("focus_converters/sample-anonymous-aws-export-dataset.csv")]);
    let report = report(&bench, &[]);
    let run = report["rules"]["run"].as_u64().unwrap();
    assert!(run > 100, "most rules speak to a legacy report: {run}");
    let findings = report["findings"].as_array().unwrap();
    let grave: Vec<&Value> = findings.iter().filter(|one| one["severity"] == "error").map(|one| &one["rule"]).collect();
    assert!(!grave.contains(&&json!("QD-DUPLICATE-CHARGES")), "its lines are numbered and none comes twice: {grave:?}");
}

#[test]
fn the_sample_company_has_the_faults_it_was_given() {
    let bench = bench();
    let _report = bench.loaded(&[sample_data("bills")]);
    let found = bench.json(&["check"]);
    let rules: Vec<&str> = found.as_array().unwrap().iter().map(|one| one["rule"].as_str().unwrap()).collect();
    assert!(rules.contains(&"QD-TAG-KEY-CASE") && rules.contains(&"QD-TAG-VALUE-CASE"), "{rules:?}");
    assert!(!rules.contains(&"QD-COMMITMENT-COST"), "every commitment of the company is spread to the last digit");
}
