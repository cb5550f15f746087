//! Oracle's cost report, charge by charge, against a second reading of it that shares no code with the product.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeMap;
use std::path::Path;

use chrono::{Datelike, NaiveDate, NaiveDateTime};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use serde_json::Value;
use testsupport::decimal::{Sheet, decimal};
use testsupport::{Workbench, shared_data};

const REAL: &str = "focus_converters/reports_cost-csv_0000000030000269.csv";

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

/// What the loader must make of a file, one map a row, by column of the charge.
fn read(bytes: &[u8]) -> Vec<BTreeMap<&'static str, Option<String>>> {
    let mut reader = csv::Reader::from_reader(bytes);
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    reader
        .records()
        .map(|record| {
            let record = record.unwrap();
            let cell = |name: &str| -> Option<String> {
                let at = header.iter().position(|known| known == name)?;
                record.get(at).filter(|text| !text.is_empty()).map(str::to_owned)
            };
            let amount = |name: &str| cell(name).map(|text| plain(decimal(&text)));
            let start = instant(&cell("lineItem/intervalUsageStart").unwrap());
            let month = NaiveDate::from_ymd_opt(start.year(), start.month(), 1).unwrap();
            let next = month.checked_add_months(chrono::Months::new(1)).unwrap();
            let tags: serde_json::Map<String, Value> = header
                .iter()
                .filter_map(|name| Some((name.strip_prefix("tags/")?.to_owned(), Value::from(cell(name)?))))
                .collect();
            let resource = cell("product/resourceId");
            let kind = resource.as_deref().and_then(|id| match id.strip_prefix("ocid1.") {
                Some(rest) => rest.split('.').next().map(str::to_owned),
                None => cell("product/service"),
            });
            // Without a subscription there is no commitment, and without the column nobody knows of one.
            let whole =
                cell("cost/subscriptionId").is_none() || !header.iter().any(|name| name == "cost/myCostOverage");
            let overage = amount("cost/myCostOverage").unwrap_or_else(|| "0".to_owned());
            let corrected = cell("lineItem/isCorrection").is_some_and(|text| text.eq_ignore_ascii_case("true"));
            BTreeMap::from([
                ("provider", Some("Oracle".to_owned())),
                ("billed_cost", if whole { amount("cost/myCost") } else { Some(overage) }),
                ("effective_cost", amount("cost/myCost")),
                ("contracted_cost", amount("cost/myCost")),
                ("list_cost", None),
                ("contracted_unit_price", amount("cost/unitPrice")),
                ("pricing_quantity", amount("usage/billedQuantity")),
                ("billing_currency", cell("cost/currencyCode")),
                ("billing_account_id", cell("cost/subscriptionId").or_else(|| cell("lineItem/tenantId"))),
                ("sub_account_id", cell("lineItem/tenantId")),
                ("billing_period_start", Some(format!("{month} 00:00:00"))),
                ("billing_period_end", Some(format!("{next} 00:00:00"))),
                ("charge_period_start", Some(start.to_string())),
                ("charge_period_end", cell("lineItem/intervalUsageEnd").map(|text| instant(&text).to_string())),
                ("charge_class", corrected.then(|| "Correction".to_owned())),
                ("service_name", cell("product/service")),
                ("sku_id", cell("cost/productSku")),
                ("region_id", cell("product/region")),
                ("resource_id", resource.clone()),
                ("resource_type", kind),
                ("tags", (!tags.is_empty()).then(|| Value::Object(tags).to_string())),
                ("extra->>'lineItem/backreferenceNo'", cell("lineItem/backreferenceNo")),
                ("extra->>'product/compartmentId'", cell("product/compartmentId")),
            ])
        })
        .collect()
}

/// Times come to the minute or to the second, in UTC.
fn instant(text: &str) -> NaiveDateTime {
    let text = text.strip_suffix('Z').unwrap();
    ["%Y-%m-%dT%H:%M", "%Y-%m-%dT%H:%M:%S"]
        .iter()
        .find_map(|form| NaiveDateTime::parse_from_str(text, form).ok())
        .unwrap_or_else(|| panic!("{text} is no time"))
}

/// Without the zeros at its end, which may be more digits than the second reader's numbers have.
fn short(text: &str) -> Decimal {
    let zeros = text.contains('.') && !text.contains(['e', 'E']);
    decimal(if zeros { text.trim_end_matches('0').trim_end_matches('.') } else { text })
}

fn plain(number: Decimal) -> String {
    number.normalize().to_string()
}

/// Loads the file and compares every charge with the second reading.
fn compare(bench: &Workbench, file: &Path, bytes: &[u8]) {
    let report = bench.loaded(&[file]);
    assert_eq!(report["rejected_rows"], 0, "no row is refused");
    let expected = read(bytes);
    let columns: Vec<&str> = expected[0].keys().copied().collect();
    let list: Vec<String> = columns.iter().map(|column| format!("({column})::VARCHAR")).collect();
    let found =
        bench.json(&["sql", &format!("SELECT {} FROM charge ORDER BY file_id, source_row, part", list.join(", "))]);
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.len(), expected.len(), "each line is one charge");
    for (number, (row, expected)) in rows.iter().zip(&expected).enumerate() {
        for (cell, column) in row.as_array().unwrap().iter().zip(&columns) {
            let wanted = expected[column].as_deref();
            let same = match (cell.as_str(), wanted) {
                (Some(found), Some(wanted))
                    if column.ends_with("cost") || column.ends_with("price") || column.ends_with("quantity") =>
                {
                    plain(short(found)) == plain(short(wanted))
                }
                (Some(found), Some(wanted)) if *column == "tags" => {
                    serde_json::from_str::<Value>(found).unwrap() == serde_json::from_str::<Value>(wanted).unwrap()
                }
                (found, wanted) => found == wanted,
            };
            assert!(same, "row {}, {column}: {cell} was made where {wanted:?} is meant", number + 1);
        }
    }
}

#[test]
fn the_real_report_charge_by_charge() {
    let file = shared_data(REAL);
    compare(&bench(), &file, &std::fs::read(&file).unwrap());
}

#[test]
fn the_real_report_in_figures() {
    let bench = bench();
    let file = shared_data(REAL);
    let report = bench.loaded(&[&file]);
    let load = &report["loads"][0];
    assert_eq!(load["format"], "oci");
    assert_eq!(load["provider"], "Oracle");
    assert_eq!(load["billing_period"], "2023-11-01");
    assert_eq!(load["rows"], 506);
    assert_eq!(load["rounded"], Value::Array(vec![]), "eighteen decimals are kept whole");
    assert_eq!(load["effective"], "2.523589325400648027", "as another program added it up");
    assert_eq!(load["billed"], "0", "nothing went beyond the commitment");
    assert_eq!(load["list"], Value::Null, "the report has no list price");
    let sheet = Sheet::open(&file);
    let asked = bench.json(&["ask", "--measure", "effective,pricing_quantity,charges"]);
    assert_eq!(decimal(asked["total"]["effective_cost"].as_str().unwrap()), sheet.sum("cost/myCost"));
    let tagged = bench.value(r"SELECT count(*) FROM charge WHERE tags LIKE '%redbull-analytics%'");
    assert_eq!(tagged, "6", "a tag namespace with a backslash is a key like any other");
}

/// A small report: a header as Oracle writes it, and rows of its fields by name.
fn report(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let columns = [
        "lineItem/referenceNo",
        "lineItem/tenantId",
        "lineItem/intervalUsageStart",
        "lineItem/intervalUsageEnd",
        "product/service",
        "product/compartmentId",
        "product/region",
        "product/resourceId",
        "usage/billedQuantity",
        "usage/billedQuantityOverage",
        "cost/subscriptionId",
        "cost/productSku",
        "cost/unitPrice",
        "cost/myCost",
        "cost/myCostOverage",
        "cost/currencyCode",
        "cost/skuUnitDescription",
        "cost/overageFlag",
        "lineItem/isCorrection",
        "lineItem/backreferenceNo",
        "tags/Finance.Cost\\.Center",
    ];
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns).unwrap();
    for (number, row) in rows.iter().enumerate() {
        let usual = |column: &str| match column {
            "lineItem/referenceNo" => format!("ref-{number}"),
            "lineItem/tenantId" => "ocid1.tenancy.oc1..one".to_owned(),
            "lineItem/intervalUsageStart" => "2026-01-31T23:00Z".to_owned(),
            "lineItem/intervalUsageEnd" => "2026-02-01T00:00Z".to_owned(),
            "product/service" => "COMPUTE".to_owned(),
            "usage/billedQuantity" => "1".to_owned(),
            "cost/subscriptionId" => "0042".to_owned(),
            "cost/unitPrice" | "cost/myCost" => "2.5".to_owned(),
            "cost/currencyCode" => "EUR".to_owned(),
            "cost/overageFlag" | "lineItem/isCorrection" => "false".to_owned(),
            _ => String::new(),
        };
        let field = |column: &&str| {
            row.iter().find(|(name, _)| name == column).map_or_else(|| usual(column), |(_, value)| (*value).to_owned())
        };
        writer.write_record(columns.iter().map(field)).unwrap();
    }
    writer.into_inner().unwrap()
}

fn compare_made(rows: &[&[(&str, &str)]]) -> Workbench {
    let bench = bench();
    let bytes = report(rows);
    let file = bench.write("oci/report.csv", &bytes);
    compare(&bench, &file, &bytes);
    bench
}

#[test]
fn trap_times_to_the_minute_and_to_the_second() {
    let bench = compare_made(&[
        &[],
        &[("lineItem/intervalUsageStart", "2026-01-31T05:00:00Z"), ("lineItem/intervalUsageEnd", "2026-01-31T06:00Z")],
    ]);
    assert_eq!(bench.value("SELECT max(charge_period_end)::VARCHAR FROM charge"), "2026-02-01 00:00:00");
    assert_eq!(bench.value("SELECT count(DISTINCT billing_period_start) FROM charge"), "1", "both are of January");
}

#[test]
fn trap_only_the_overage_is_billed() {
    let bench = compare_made(&[
        &[("cost/myCost", "10"), ("cost/myCostOverage", ""), ("cost/overageFlag", "false")],
        &[("cost/myCost", "10"), ("cost/myCostOverage", "4"), ("cost/overageFlag", "true")],
        &[("cost/myCost", "10"), ("cost/myCostOverage", "10"), ("cost/overageFlag", "true")],
    ]);
    assert_eq!(bench.value("SELECT sum(billed_cost)::DECIMAL(18,2) FROM charge"), "14.00");
    assert_eq!(
        bench.value("SELECT sum(effective_cost)::DECIMAL(18,2) FROM charge"),
        "30.00",
        "the cost includes its overage"
    );
}

#[test]
fn trap_a_line_of_no_subscription_is_invoiced_whole() {
    let bench = compare_made(&[
        &[("cost/subscriptionId", ""), ("cost/myCost", "10"), ("cost/myCostOverage", "")],
        &[("cost/subscriptionId", ""), ("cost/myCost", "7"), ("cost/myCostOverage", "7")],
        &[("cost/subscriptionId", "0042"), ("cost/myCost", "5"), ("cost/myCostOverage", "")],
    ]);
    assert_eq!(
        bench.value("SELECT sum(billed_cost)::INTEGER FROM charge"),
        "17",
        "what a commitment pays is not billed"
    );
    assert_eq!(bench.value("SELECT sum(effective_cost)::INTEGER FROM charge"), "22");
}

#[test]
fn trap_a_report_that_knows_no_overage() {
    let bytes = report(&[&[("cost/myCost", "10")], &[("cost/myCost", "-2.5")]]);
    let mut reader = csv::Reader::from_reader(bytes.as_slice());
    let at = reader.headers().unwrap().iter().position(|name| name == "cost/myCostOverage").unwrap();
    let mut writer = csv::Writer::from_writer(Vec::new());
    let header = reader.headers().unwrap().clone();
    for record in std::iter::once(header).chain(reader.records().map(Result::unwrap)) {
        let rest = record.iter().enumerate().filter(|(place, _)| *place != at).map(|(_, field)| field);
        writer.write_record(rest).unwrap();
    }
    let bytes = writer.into_inner().unwrap();
    let bench = bench();
    let file = bench.write("oci/report.csv", &bytes);
    compare(&bench, &file, &bytes);
    assert_eq!(bench.value("SELECT sum(billed_cost)::DECIMAL(9,2) FROM charge"), "7.50");
}

/// A subscription that pays as it goes has the report of one that is within its commitment: the analyst says which it is.
#[test]
fn the_engagement_says_whether_use_is_billed() {
    let bytes = report(&[&[("cost/myCost", "10")], &[("cost/myCost", "5"), ("cost/myCostOverage", "5")]]);
    for (setting, billed) in [("overage", "5"), ("cost", "15")] {
        let bench = bench();
        let definition = bench.engagement().join("engagement.toml");
        let text =
            std::fs::read_to_string(&definition).unwrap() + &format!("\n[settings]\noci_billed = \"{setting}\"\n");
        std::fs::write(&definition, text).unwrap();
        let _report = bench.loaded(&[bench.write("report.csv", &bytes)]);
        let answer = bench.json(&["ask", "--measure", "billed,effective"]);
        assert_eq!(
            (&answer["total"]["billed_cost"], &answer["total"]["effective_cost"]),
            (&billed.into(), &"15".into())
        );
        let named = &answer["evidence"]["loads"][0]["settings"][0];
        assert_eq!(named, &Value::from(format!("oci_billed = {setting}")), "the evidence names the choice");
    }
}

#[test]
fn trap_a_correction_comes_as_a_further_row() {
    let bench = compare_made(&[
        &[("lineItem/referenceNo", "first"), ("cost/myCost", "10")],
        &[
            ("lineItem/referenceNo", "second"),
            ("cost/myCost", "-2.5"),
            ("lineItem/isCorrection", "true"),
            ("lineItem/backreferenceNo", "first"),
        ],
    ]);
    let corrected = "SELECT extra->>'lineItem/backreferenceNo' FROM charge WHERE charge_class = 'Correction'";
    assert_eq!(bench.value(corrected), "first", "the correction names what it corrects");
    assert_eq!(bench.value("SELECT count(*) FROM charge"), "2", "what is corrected stays");
}

#[test]
fn trap_eighteen_decimals_and_powers_of_ten() {
    let bench = compare_made(&[
        &[("cost/myCost", "0.000710731182784594"), ("usage/billedQuantity", "2.323760000E-9")],
        &[("cost/myCost", "4.81298076439E-7"), ("cost/unitPrice", "6.266090E-12")],
    ]);
    assert_eq!(bench.value("SELECT sum(effective_cost)::VARCHAR FROM charge"), "0.000711212480861033");
}

#[test]
fn trap_tag_columns_with_backslashes_and_leading_zeros() {
    let bench = compare_made(&[&[("tags/Finance.Cost\\.Center", "007")], &[]]);
    let tag = r#"SELECT tags->>'Finance.Cost\.Center' FROM charge WHERE tags IS NOT NULL"#;
    assert_eq!(bench.value(tag), "007", "the key is kept as written, the value is text");
    assert_eq!(bench.value("SELECT DISTINCT billing_account_id FROM charge"), "0042", "an id is text");
}

/// Any report that Oracle could write.
fn any_report() -> impl Strategy<Value = Vec<Vec<(&'static str, String)>>> {
    let amount = prop_oneof![
        (-99_999_999i64..=999_999_999_999, 0u32..=18).prop_map(|(digits, scale)| plain(Decimal::new(digits, scale))),
        (1i64..=9_999, 1u32..=14).prop_map(|(digits, exponent)| format!("{digits}E-{exponent}")),
    ];
    let row = (
        amount.clone(),
        prop::option::of(amount.clone()),
        amount,
        (0u32..24, 1u32..=28, any::<bool>()),
        any::<bool>(),
        prop::option::of("[a-zA-Z0-9 ,\"'é\\\\]{1,12}"),
        prop_oneof![Just("ocid1.instance.oc1..x".to_owned()), Just("oci_vcn".to_owned()), Just(String::new())],
        prop_oneof![Just("0042"), Just("")],
    )
        .prop_map(|(cost, overage, quantity, (hour, day, seconds), correction, tag, resource, subscription)| {
            let tail = if seconds { ":00Z" } else { "Z" };
            vec![
                ("cost/myCost", cost),
                ("cost/myCostOverage", overage.unwrap_or_default()),
                ("usage/billedQuantity", quantity),
                ("lineItem/intervalUsageStart", format!("2026-02-{day:02}T{hour:02}:00{tail}")),
                ("lineItem/intervalUsageEnd", format!("2026-02-{day:02}T{hour:02}:59Z")),
                ("lineItem/isCorrection", correction.to_string()),
                ("tags/Finance.Cost\\.Center", tag.map(|tag| format!("t{tag}")).unwrap_or_default()),
                ("product/resourceId", resource),
                ("cost/subscriptionId", subscription.to_owned()),
            ]
        });
    prop::collection::vec(row, 1..60)
}

#[test]
fn any_report_is_read_as_the_second_reading_reads_it() {
    let mut runner =
        TestRunner::new(Config { cases: 6, max_shrink_iters: 20, failure_persistence: None, ..Config::default() });
    runner
        .run(&any_report(), |rows| {
            let rows: Vec<Vec<(&str, &str)>> =
                rows.iter().map(|row| row.iter().map(|(name, value)| (*name, value.as_str())).collect()).collect();
            let rows: Vec<&[(&str, &str)]> = rows.iter().map(Vec::as_slice).collect();
            compare_made(&rows);
            Ok(())
        })
        .unwrap();
}

/// Oracle writes a file every six hours and never writes it again.
#[test]
fn trap_a_month_comes_in_pieces() {
    let bench = bench();
    let piece = |name: &str, day: u32, cost: &str| {
        let (start, end) = (format!("2026-01-{day:02}T05:00Z"), format!("2026-01-{day:02}T06:00Z"));
        bench.write(
            name,
            report(&[&[
                ("lineItem/intervalUsageStart", &start),
                ("lineItem/intervalUsageEnd", &end),
                ("cost/myCost", cost),
            ]]),
        )
    };
    let effective = || decimal(&bench.value("SELECT sum(effective_cost)::VARCHAR FROM charge"));
    let _first = bench.loaded(&[piece("a/reports_cost-csv_0000000030000001.csv", 10, "1")]);
    let second = bench.loaded(&[piece("b/reports_cost-csv_0000000030000002.csv", 11, "20")]);
    assert_eq!(effective(), decimal("21"), "the second piece comes beside the first");
    assert_eq!((&second["loads"][0]["rows"], &second["loads"][0]["effective"]), (&Value::from(2), &Value::from("21")));
    assert_eq!(second["loads"][0]["files"].as_array().unwrap().len(), 2, "the load names both files");
    let again = bench.loaded(&[bench.path("a/reports_cost-csv_0000000030000001.csv")]);
    assert_eq!(again["loads"], Value::Array(vec![]), "a piece that is there is not loaded again");
    let _third = bench.loaded(&[piece("c/reports_cost-csv_0000000030000002.csv", 11, "30")]);
    assert_eq!(effective(), decimal("31"), "a piece of the same name and day replaces itself");
    let _fourth = bench.loaded(&[piece("d/reports_cost-csv_0000000030000002.csv", 12, "400")]);
    assert_eq!(effective(), decimal("431"), "of the same name but another day it is another piece");
    assert_eq!(bench.value("SELECT count(DISTINCT load_id) FROM charge"), "1", "all of it is one load");
    let kept = bench.value("SELECT sum(effective_cost)::VARCHAR FROM charge_superseded WHERE load_id = 2");
    assert_eq!(decimal(&kept), decimal("21"), "what a load was before stays known");
}
