//! What moved between two periods: units that do not compare, missing prices, hostile names, wrong use; and a real bill of two months.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::{Bill, Charge, Workbench, shared_data};

/// The first of January against the first of February 2026: one day each.
const DAYS: [&str; 5] = ["change", "--from", "2026-01-01", "--to", "2026-02-01"];

/// A bench with charges on those two days.
fn bench(january: &[&Charge<'_>], february: &[&Charge<'_>]) -> Workbench {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let bill = january.iter().fold(Bill::new(), |bill, charge| bill.charge(charge));
    let _january = bench.loaded(&[bench.write("january.csv", bill.csv())]);
    let later = [
        ("BillingPeriodStart", "2026-02-01T00:00:00Z"),
        ("BillingPeriodEnd", "2026-03-01T00:00:00Z"),
        ("ChargePeriodStart", "2026-02-01T00:00:00Z"),
        ("ChargePeriodEnd", "2026-02-02T00:00:00Z"),
    ];
    let bill = later.iter().fold(Bill::new(), |bill, (column, value)| bill.usual(column, value));
    let bill = february.iter().fold(bill, |bill, charge| bill.charge(charge));
    let _february = bench.loaded(&[bench.write("february.csv", bill.csv())]);
    bench
}

/// The effects with their amounts.
fn effects(reply: &Value) -> Vec<(&str, &str)> {
    let effects = reply["effects"].as_array().unwrap().iter();
    effects.map(|effect| (effect["effect"].as_str().unwrap(), effect["amount"].as_str().unwrap())).collect()
}

fn note<'a>(reply: &'a Value, code: &str) -> Option<&'a str> {
    let notes = reply["notes"].as_array().unwrap();
    notes.iter().find(|note| note["code"] == code).map(|note| note["message"].as_str().unwrap())
}

#[test]
fn units_that_do_not_compare_are_said_and_not_guessed() {
    let bench = bench(
        &[
            &[("SkuId", "a"), ("BilledCost", "10"), ("PricingUnit", "Hours"), ("PricingQuantity", "10")],
            &[("SkuId", "b"), ("BilledCost", "5"), ("PricingUnit", ""), ("PricingQuantity", "")],
            &[("SkuId", "c"), ("BilledCost", "3"), ("PricingQuantity", "-1")],
            // In both months by the hour, in the second one by the gigabyte too.
            &[
                ("SkuId", "d"),
                ("BilledCost", "2"),
                ("PricingQuantity", "2"),
                ("ListCost", "2"),
                ("ContractedCost", "2"),
            ],
        ],
        &[
            &[("SkuId", "a"), ("BilledCost", "12"), ("PricingUnit", "GB"), ("PricingQuantity", "3")],
            &[("SkuId", "b"), ("BilledCost", "6"), ("PricingUnit", ""), ("PricingQuantity", "")],
            &[("SkuId", "c"), ("BilledCost", "4"), ("PricingQuantity", "1")],
            &[
                ("SkuId", "d"),
                ("BilledCost", "3"),
                ("PricingQuantity", "3"),
                ("ListCost", "3"),
                ("ContractedCost", "3"),
            ],
            &[("SkuId", "d"), ("BilledCost", "1"), ("PricingUnit", "GB"), ("PricingQuantity", "1")],
            &[("SkuId", "e"), ("BilledCost", "7"), ("PricingUnit", ""), ("PricingQuantity", "")],
        ],
    );
    let found = bench.json(&DAYS);
    assert_eq!(
        effects(&found),
        [("new", "7.00"), ("volume", "1.00"), ("not_separable", "5.00")],
        "2, 1, 1 and the gigabyte of d; what is new needs no unit"
    );
    let told = note(&found, "not_separable").unwrap();
    assert!(told.starts_with("Rate and volume not separable: USD\u{a0}5.00 in 4 items"), "{told}");
    let behind = bench.json(&[&DAYS[..], &["--effect", "not_separable"]].concat());
    let amounts: Vec<&Value> = behind["items"].as_array().unwrap().iter().map(|item| &item["amount"]).collect();
    assert_eq!(amounts, ["2.00", "1.00", "1.00", "1.00"], "and by how much");
}

#[test]
fn a_missing_list_price_leaves_the_rate_whole() {
    let charge = |cost: &'static str, list: &'static str| {
        [("BilledCost", cost), ("ListCost", list), ("ContractedCost", cost), ("PricingQuantity", "10")]
    };
    let (january, february) = (charge("10", "20"), charge("12", ""));
    let bench = bench(&[&january], &[&february]);
    let found = bench.json(&DAYS);
    assert_eq!(effects(&found), [("unsplit_rate", "2.00")]);
    assert!(note(&found, "unsplit_rate").unwrap().contains("USD\u{a0}2.00 in 1 item,"), "{found}");
}

#[test]
fn usage_without_a_sku_goes_by_its_description() {
    let charge = |description: &'static str, cost: &'static str, quantity: &'static str| {
        [
            ("SkuId", ""),
            ("SkuPriceId", ""),
            ("ChargeDescription", description),
            ("BilledCost", cost),
            ("ListCost", cost),
            ("ContractedCost", cost),
            ("PricingQuantity", quantity),
        ]
    };
    // Both cost what they did by the hour; there is more of the dear one and less of the cheap one.
    let (cheap, dear) = (charge("cheap", "10", "10"), charge("dear", "40", "10"));
    let (less, more) = (charge("cheap", "5", "5"), charge("dear", "60", "15"));
    let bench = bench(&[&cheap, &dear], &[&less, &more]);
    let found = bench.json(&DAYS);
    assert_eq!(effects(&found), [("mix", "15.00")], "as many hours as before, of dearer things");
    let whole = bench.json(&["change", "--from", "2026-01", "--to", "2026-02"]);
    assert_eq!(whole["evidence"]["source"], "charge", "no cube has descriptions");
    let behind = bench.json(&[&DAYS[..], &["--effect", "mix"]].concat());
    let item = &behind["items"][0];
    assert_eq!((&item["named_by"], &item["sku"]), (&json!("charge_description"), &json!("dear")));
    assert_eq!(
        (&item["amount"], &item["base_price"], &item["current_price"]),
        (&json!("20.00"), &json!("4"), &json!("4"))
    );
}

#[test]
fn a_period_without_charges_is_all_new_or_all_retired() {
    let bench = bench(&[&[("BilledCost", "10")]], &[&[("BilledCost", "12")]]);
    let found = bench.json(&["change", "--from", "2025-06", "--to", "2026-01"]);
    assert_eq!(effects(&found), [("new", "10.00")]);
    assert_eq!(found["change_ratio"], Value::Null, "no part of nothing");
    assert_eq!(found["movers"][0]["sentence"], "New: +10.00 where there was nothing");
    assert!(note(&found, "partial_comparison").is_some(), "{found}");
    let found = bench.json(&["change", "--from", "2026-01", "--to", "2027-06"]);
    assert_eq!(effects(&found), [("retired", "-10.00")]);
    assert_eq!(found["movers"][0]["status"], "gone");
    let found = bench.json(&["change", "--from", "2025-06", "--to", "2027-06"]);
    assert_eq!((effects(&found), &found["movers"], &found["headline"]), (vec![], &json!([]), &json!("No change")));
    let assumed = bench.json(&["change"]);
    assert_eq!(assumed["period"], json!({ "from": "2026-01-01", "to": "2026-02-01" }), "the last whole month");
    assert!(note(&assumed, "period_assumed").is_some());
}

#[test]
fn every_nature_has_its_own_bar() {
    let of = |category: &'static str, sku: &'static str, cost: &'static str| {
        [("ChargeCategory", category), ("SkuId", sku), ("BilledCost", cost)]
    };
    let commitment = |category: &'static str, status: &'static str, cost: &'static str| {
        [
            ("ChargeCategory", category),
            ("CommitmentDiscountId", "plan-1"),
            ("CommitmentDiscountCategory", "Spend"),
            ("CommitmentDiscountStatus", status),
            ("BilledCost", cost),
        ]
    };
    let correction = [("ChargeClass", "Correction"), ("ChargeCategory", "Tax"), ("BilledCost", "-6")];
    let bench = bench(
        &[&of("Usage", "a", "1"), &of("Tax", "t", "2")],
        &[
            &of("Usage", "a", "1"),
            &of("Tax", "t", "3"),
            &of("Credit", "c", "-4"),
            &of("Adjustment", "r", "-0.5"),
            &of("Purchase", "p", "8"),
            &commitment("Purchase", "", "16"),
            &commitment("Usage", "Unused", "32"),
            &correction,
        ],
    );
    let found = bench.json(&DAYS);
    let expected = [
        ("commitment_waste", "32.00"),
        ("commitment_purchases", "16.00"),
        ("other_purchases", "8.00"),
        ("credits", "-4.00"),
        ("adjustments", "-0.50"),
        ("tax", "1.00"),
        ("corrections", "-6.00"),
    ];
    assert_eq!(effects(&found), expected);
    let by = bench.json(&[&DAYS[..], &["--by", "charge_category"]].concat());
    let moved: Vec<(&Value, &Value)> =
        by["movers"].as_array().unwrap().iter().map(|mover| (&mover["value"], &mover["difference"])).collect();
    let expected =
        [("Usage", "32.00"), ("Purchase", "24.00"), ("Tax", "-5.00"), ("Credit", "-4.00"), ("Adjustment", "-0.50")]
            .map(|(value, difference)| (json!(value), json!(difference)));
    assert_eq!(moved, expected.iter().map(|(value, difference)| (value, difference)).collect::<Vec<_>>());
}

#[test]
fn hostile_names_are_names() {
    let name = "=1+1\"; DROP TABLE charge; --<script>\u{202e}";
    let (january, february) = ([("ServiceName", name), ("SkuId", "'"), ("BilledCost", "1")], [("BilledCost", "2")]);
    let bench = bench(&[&january], &[&february, &january]);
    let found = bench.json(&[&DAYS[..], &["--by", "sku"]].concat());
    let values: Vec<&Value> = found["movers"].as_array().unwrap().iter().map(|mover| &mover["value"]).collect();
    assert_eq!(values, ["sku-1", "'"]);
    let services = bench.json(&DAYS);
    assert_eq!(services["movers"][1]["value"], name, "as it was billed");
    let table = bench.qd(&[&["--format", "table"], &DAYS[..]].concat());
    assert!(!table.stdout.contains('\u{202e}'), "nothing turns the terminal's direction: {}", table.stdout);
    let csv = bench.qd(&[&["--format", "csv"], &DAYS[..]].concat());
    let sheet = testsupport::decimal::Sheet::read(csv.stdout.as_bytes());
    assert_eq!(
        sheet.column("part").collect::<Vec<_>>(),
        ["base", "effect", "current", "mover", "mover"],
        "{}",
        csv.stdout
    );
}

#[test]
fn what_has_no_answer_says_why() {
    let empty = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let output = empty.qd(&["change"]);
    assert_eq!(output.status, Some(1), "{}", output.stderr);
    assert!(output.stderr.contains("nothing is loaded yet"), "{}", output.stderr);
    let bench = bench(&[&[("BilledCost", "10")]], &[&[("BilledCost", "12")]]);
    let refused: [(&[&str], &str); 6] = [
        (&["change", "--cost", "savings"], "`savings` is no cost"),
        (&["change", "--by", "servce"], "did you mean `service`?"),
        (&["change", "--effect", "plug"], "there is no effect `plug`"),
        (&["change", "--from", "yesterday"], "`yesterday` is not a period"),
        (&["change", "--from", "2026-01", "--compare", "year-ago"], "cannot be used with"),
        (&["change", "--convention", "lmdi"], "invalid value 'lmdi'"),
    ];
    for (arguments, why) in refused {
        let output = bench.qd(arguments);
        assert_eq!(output.status, Some(2), "{arguments:?}: {}", output.stderr);
        assert!(output.stderr.contains(why), "{arguments:?}: {}", output.stderr);
    }
}

#[test]
fn a_real_bill_of_two_months_is_explained() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let months = ["Oct2018-WorkshopCUR-00001.snappy.parquet", "Nov2018-WorkshopCUR-00001.snappy.parquet"];
    let files = months.map(|name| shared_data(&format!("aws-well-architected-labs/{name}")));
    let output = bench.load(&files);
    assert!(matches!(output.status, Some(0 | 3)), "{}", output.stderr);
    // A second way to what needs no formula: SKUs that only one month has, and the natures of charges, in SQL of the test's own.
    let by_sku = "SELECT service_name, region_id, coalesce(sku_id, sku_price_id, sku_meter) AS sku, charge_period_start >= '2018-11-01' AS later,
                         sum(effective_cost) AS cost, sum(pricing_quantity) AS quantity
                  FROM charge WHERE charge_category = 'Usage' AND charge_class IS NULL
                    AND commitment_discount_status IS DISTINCT FROM 'Unused' GROUP BY ALL
                  HAVING sum(effective_cost) <> 0 OR coalesce(sum(pricing_quantity), 0) <> 0";
    let only_in = |later: bool| {
        let sql = format!(
            "WITH sku AS ({by_sku}) SELECT coalesce(sum(cost), 0)::VARCHAR AS cost FROM sku AS one WHERE later = {later} AND NOT EXISTS (
               SELECT 1 FROM sku AS other WHERE other.later <> one.later AND other.service_name IS NOT DISTINCT FROM one.service_name
                 AND other.region_id IS NOT DISTINCT FROM one.region_id AND other.sku IS NOT DISTINCT FROM one.sku)"
        );
        decimal(&bench.value(&sql))
    };
    let unused = "SELECT (sum(effective_cost) FILTER (charge_period_start >= '2018-11-01')
                    - sum(effective_cost) FILTER (charge_period_start < '2018-11-01'))::VARCHAR FROM charge
                  WHERE charge_category = 'Usage' AND commitment_discount_status = 'Unused'";
    for convention in ["base-first", "midpoint"] {
        let arguments =
            ["change", "--from", "2018-10", "--to", "2018-11", "--cost", "effective", "--convention", convention];
        let found = bench.json(&arguments);
        let parts: Decimal = effects(&found).iter().map(|(_, amount)| decimal(amount)).sum();
        assert_eq!(parts, decimal(found["difference"].as_str().unwrap()), "{convention}: to the last digit");
        let bar = |name: &str| {
            effects(&found)
                .iter()
                .find(|(effect, _)| *effect == name)
                .map_or(Decimal::ZERO, |(_, amount)| decimal(amount))
        };
        assert_eq!(bar("new"), only_in(true), "{convention}");
        assert_eq!(bar("retired"), -only_in(false), "{convention}");
        assert_eq!(bar("commitment_waste"), decimal(&bench.value(unused)), "{convention}");
        assert_eq!(found["days"], 30);
        assert_eq!(found["compared_days"], 31);
        assert!(note(&found, "not_separable").unwrap().contains("in 7 items"), "spot usage names no unit: {found}");
        let asked = bench.json(&["ask", "--cost", "effective", "--period", "2018-11", "--compare", "2018-10"]);
        assert_eq!(asked["total"]["effective_cost"], found["current"]);
        assert_eq!(asked["total"]["effective_cost_previous"], found["base"]);
    }
}
