//! FOCUS bills that others made, against sums that share no code with the product.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeSet;

use rust_decimal::Decimal;
use serde_json::Value;
use testsupport::decimal::{Sheet, decimal};
use testsupport::{Bill, Workbench, shared_data};

/// Each total of an answer, and the FOCUS column whose sum it is.
const COSTS: [(&str, &str); 4] = [
    ("billed_cost", "BilledCost"),
    ("effective_cost", "EffectiveCost"),
    ("contracted_cost", "ContractedCost"),
    ("list_cost", "ListCost"),
];

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

fn totals(bench: &Workbench) -> Value {
    bench.json(&["ask", "--measure", "billed,effective,contracted,list,charges"])["total"].clone()
}

/// The totals of the engagement are the sums over the file, read by another reader into another decimal type.
fn equals_the_file(bench: &Workbench, sheet: &Sheet) {
    let total = totals(bench);
    for (cost, column) in COSTS {
        let found = decimal(total[cost].as_str().unwrap());
        assert_eq!(found, sheet.sum(column), "{cost} is the sum of {column}");
    }
    assert_eq!(total["charges"], sheet.len().to_string(), "each row is a charge");
}

#[test]
fn the_sample_of_the_foundation_loads_whole() {
    let bench = bench();
    let file = shared_data("focus-sample-data/focus_sample.csv");
    let report = bench.loaded(&[&file]);
    let loads = report["loads"].as_array().unwrap();
    let rows: u64 = loads.iter().map(|load| load["rows"].as_u64().unwrap()).sum();
    assert_eq!(rows, 1000, "942 of AWS, 51 of Microsoft and 7 of Oracle");
    assert!(loads.iter().all(|load| load["format"] == "focus" && load["format_version"] == "1.0"));
    equals_the_file(&bench, &Sheet::open(&file));
    let total = totals(&bench);
    assert_eq!(total["billed_cost"], "20.52022672899");
    assert_eq!(total["effective_cost"], "14.97651418586");
    assert_eq!(total["list_cost"], "20.39090575119");
    let by_provider = bench.json(&["ask", "--by", "provider", "--measure", "charges"]);
    assert_eq!(by_provider["rows"], serde_json::json!([["AWS", "942"], ["Microsoft", "51"], ["Oracle", "7"]]));
    let missing =
        bench.value("SELECT count(*) FROM charge WHERE service_name = 'NULL' OR region_id = 'NULL' OR tags = 'NULL'");
    assert_eq!(missing, "0", "the word NULL is no value");
}

#[test]
fn the_sample_has_the_findings_that_it_is_known_for() {
    let bench = bench();
    let _report = bench.loaded(&[shared_data("focus-sample-data/focus_sample.csv")]);
    let checked = bench.qd(&["--format", "json", "check"]);
    assert_eq!(checked.status, Some(3), "there is something to look at");
    let findings = checked.json();
    let found: Vec<(&str, u64, &str)> = findings
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["rule"].as_str().unwrap(), one["count"].as_u64().unwrap(), one["counted"].as_str().unwrap()))
        .collect();
    let known = [
        ("ContractedCost-C-003-M", 7, "charges"),
        ("ContractedUnitPrice-C-011-C", 18, "charges"),
        ("ListUnitPrice-C-010-C", 31, "charges"),
        ("ServiceName-C-005-C", 1, "keys"),
    ];
    for finding in known {
        assert!(found.contains(&finding), "{finding:?} is known of the sample; found were {found:?}");
    }
    // The official rule compares the provider's name with that of the invoice's issuer, letter by letter: 615 false alarms.
    assert!(found.iter().all(|(rule, ..)| *rule != "BilledCost-C-005-C"), "AWS and Amazon Web Services, Inc. are one");
    assert!(found.iter().all(|(_, count, _)| *count != 615), "no finding has the false alarms under another name");
    for finding in findings.as_array().unwrap() {
        let told =
            ["title", "meaning", "action"].iter().all(|key| finding[key].as_str().is_some_and(|text| !text.is_empty()));
        assert!(told, "{} says what it means and what to do", finding["rule"]);
        assert!(!finding["examples"].as_array().unwrap().is_empty(), "{} names examples", finding["rule"]);
    }
    let keyed = findings.as_array().unwrap().iter().find(|one| one["rule"] == "ServiceName-C-005-C").unwrap();
    assert_eq!(keyed["examples"], serde_json::json!(["AWS: Amazon Elastic Compute Cloud: Compute, Storage"]));
    let charge = findings[0]["examples"][0].as_str().unwrap();
    assert_eq!(bench.json(&["source", charge])["available"], true, "an example leads to its row");
}

fn generated_csv(name: &str, version: &str) {
    let bench = bench();
    let file = shared_data("generated/focus-data-toolkit").join(name);
    let report = bench.loaded(&[&file]);
    let loads = report["loads"].as_array().unwrap();
    assert!(loads.iter().all(|load| load["format_version"] == version), "the version is told by the columns");
    assert!(loads.iter().all(|load| load["rounded"] == Value::Array(vec![])), "no figure of these lost a digit");
    equals_the_file(&bench, &Sheet::open(&file));
}

#[test]
fn focus_1_2_of_aws() {
    generated_csv("focus_1_2_cost_and_usage_aws.csv.gz", "1.2");
}

#[test]
fn focus_1_2_of_google() {
    generated_csv("focus_1_2_cost_and_usage_gcp.csv.gz", "1.2");
}

#[test]
fn focus_1_3_of_aws() {
    generated_csv("focus_1_3_cost_and_usage_aws.csv.gz", "1.3");
}

#[test]
fn focus_1_3_of_google() {
    generated_csv("focus_1_3_cost_and_usage_gcp.csv.gz", "1.3");
}

#[test]
fn focus_1_4_as_parquet() {
    let bench = bench();
    let folder = shared_data("generated/focus-data-toolkit");
    let report = bench.loaded(&[folder.join("aws-1.4-synthetic/synthetic_focus_1_4_cost_and_usage.parquet")]);
    assert!(report["loads"].as_array().unwrap().iter().all(|load| load["format_version"] == "1.4"));
    // The generator wrote the same charges as 1.3 in CSV, which another reader can add up.
    equals_the_file(&bench, &Sheet::open(&folder.join("focus_1_3_cost_and_usage_aws.csv.gz")));
    let provider = bench.json(&["ask", "--by", "provider"]);
    assert_eq!(
        provider["rows"].as_array().unwrap().len(),
        1,
        "1.4 names no ProviderName, and still there is a provider"
    );
    assert_eq!(provider["rows"][0][0], "AWS");
}

#[test]
fn a_folder_of_all_datasets_loads_the_charges() {
    let bench = bench();
    let report = bench.loaded(&[shared_data("generated/focus-data-toolkit/aws-1.4-synthetic")]);
    assert_eq!(report["loads"].as_array().unwrap().len(), 2, "two billing accounts in one month");
    let skipped: Vec<&str> =
        report["skipped"].as_array().unwrap().iter().map(|file| file["file"].as_str().unwrap()).collect();
    assert_eq!(report["datasets"].as_array().unwrap().len(), 4, "and the three datasets beside the charges");
    for other in ["SHA256SUMS", "_run.json", "focus_1_4_manifest.json"] {
        assert!(skipped.iter().any(|file| file.ends_with(other)), "{other} is passed over: {skipped:?}");
    }
}

#[test]
fn a_legacy_report_as_csv() {
    let bench = bench();
    let file = shared_data("focus_converters/sample-anonymous-aws-export-dataset.csv");
    let report = bench.loaded(&[&file]);
    assert_eq!(report["loads"][0]["format"], "aws-cur");
    assert_eq!(report["loads"][0]["rows"], 1281);
    let sheet = Sheet::open(&file);
    let total = totals(&bench);
    let sum = |column| sheet.sum(column);
    assert_eq!(decimal(total["billed_cost"].as_str().unwrap()), sum("lineItem/UnblendedCost"));
    // Tax has no public price: its list cost is what it costs.
    let taxed: Decimal = sheet
        .column("lineItem/LineItemType")
        .zip(sheet.column("lineItem/UnblendedCost"))
        .filter(|(kind, _)| *kind == "Tax")
        .map(|(_, cost)| decimal(cost))
        .sum();
    assert_eq!(decimal(total["list_cost"].as_str().unwrap()), sum("pricing/publicOnDemandCost") + taxed);
}

#[test]
fn what_focus_does_not_name_is_kept() {
    let bench = bench();
    let bill = Bill::new().usual("x_Operation", "").usual("oci_CompartmentId", "").usual("Sourced From", "");
    let bill = bill
        .charge(&[("x_Operation", "RunInstances"), ("oci_CompartmentId", "ocid1.compartment")])
        .charge(&[("Sourced From", "a \"quoted\" word, and a comma")]);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let found = bench.json(&["sql", "SELECT extra FROM charge ORDER BY source_row"]);
    let extra = |row: usize| serde_json::from_str::<Value>(found["rows"][row][0].as_str().unwrap()).unwrap();
    assert_eq!(
        extra(0),
        serde_json::json!({ "x_Operation": "RunInstances", "oci_CompartmentId": "ocid1.compartment" })
    );
    assert_eq!(extra(1), serde_json::json!({ "Sourced From": "a \"quoted\" word, and a comma" }));
    let asked = bench.json(&["ask", "--by", "extra:oci_CompartmentId"]);
    assert_eq!(asked["rows"], serde_json::json!([["ocid1.compartment", "2.5"], [null, "2.5"]]), "it can be asked by");
}

#[test]
fn the_own_column_of_the_sample_is_kept() {
    let bench = bench();
    let file = shared_data("focus-sample-data/focus_sample.csv");
    let _report = bench.loaded(&[&file]);
    let sheet = Sheet::open(&file);
    let kept = bench.value("SELECT count(DISTINCT json_extract_string(extra, '$.Id')) FROM charge");
    assert_eq!(
        kept,
        sheet.column("Id").collect::<BTreeSet<_>>().len().to_string(),
        "every Id of the file is in a charge"
    );
}
