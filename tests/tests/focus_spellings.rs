//! FOCUS in the names and values of its drafts, of Google's view and of Oracle's report, and the specification's own examples.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::{Bill, Workbench, container, shared_data};

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

/// The rows of a SELECT.
fn select(bench: &Workbench, sql: &str) -> Value {
    bench.json(&["sql", sql])["rows"].clone()
}

/// A bill with columns renamed: the ones that 1.0 added are left out.
fn draft(renamed: &[(&str, &str)], bill: Bill) -> Vec<u8> {
    let added = ["ChargeClass", "CommitmentDiscountStatus", "ContractedCost", "ContractedUnitPrice", "RegionName"];
    let bill = added.into_iter().fold(bill, Bill::without);
    let text = String::from_utf8(bill.csv()).unwrap();
    let (header, rows) = text.split_once('\n').unwrap();
    let header: Vec<&str> = header
        .split(',')
        .map(|column| renamed.iter().find(|(newer, _)| *newer == column).map_or(column, |(_, older)| *older))
        .collect();
    format!("{}\n{rows}", header.join(",")).into_bytes()
}

const PREVIEW: [(&str, &str); 3] =
    [("ConsumedQuantity", "UsageQuantity"), ("ConsumedUnit", "UsageUnit"), ("RegionId", "Region")];

#[test]
fn focus_0_5_has_other_names() {
    let bench = bench();
    let renamed: Vec<(&str, &str)> =
        PREVIEW.into_iter().chain([("EffectiveCost", "AmortizedCost"), ("ChargeCategory", "ChargeType")]).collect();
    let bill = Bill::new().charge(&[]).charge(&[("ChargeCategory", "Tax"), ("EffectiveCost", "0.5")]);
    let report = bench.loaded(&[bench.write("bill.csv", draft(&renamed, bill))]);
    assert_eq!(report["loads"][0]["format_version"], "0.5");
    let found = select(
        &bench,
        "SELECT charge_category, effective_cost::DECIMAL(9,2)::VARCHAR, region_id, consumed_quantity::INTEGER::VARCHAR, consumed_unit,
                contracted_cost FROM charge ORDER BY source_row",
    );
    let expected =
        json!([["Usage", "2.50", "north-1", "24", "Hours", null], ["Tax", "0.50", "north-1", "24", "Hours", null]]);
    assert_eq!(found, expected);
}

#[test]
fn focus_1_0_preview_has_other_values() {
    let bench = bench();
    let bill = Bill::new()
        .usual("ChargeSubcategory", "On-Demand")
        .charge(&[("PricingCategory", "On-Demand")])
        .charge(&[("ChargeSubcategory", "Used Commitment"), ("PricingCategory", "Commitment-Based")])
        .charge(&[("ChargeSubcategory", "Unused Commitment"), ("PricingCategory", "Commitment-Based")])
        .charge(&[("ChargeCategory", "Adjustment"), ("ChargeSubcategory", "Refund"), ("PricingCategory", "Dynamic")])
        .charge(&[("ChargeCategory", "Adjustment"), ("ChargeSubcategory", "Credit"), ("PricingCategory", "Other")])
        .charge(&[
            ("ChargeCategory", "Adjustment"),
            ("ChargeSubcategory", "General Adjustment"),
            ("PricingCategory", ""),
        ]);
    let report = bench.loaded(&[bench.write("bill.csv", draft(&PREVIEW, bill))]);
    assert_eq!(report["loads"][0]["format_version"], "1.0-preview");
    let found = select(
        &bench,
        "SELECT charge_category, charge_class, commitment_discount_status, pricing_category, extra->>'ChargeSubcategory'
         FROM charge ORDER BY source_row",
    );
    let expected = json!([
        ["Usage", null, null, "Standard", "On-Demand"],
        ["Usage", null, "Used", "Committed", "Used Commitment"],
        ["Usage", null, "Unused", "Committed", "Unused Commitment"],
        ["Adjustment", "Correction", null, "Dynamic", "Refund"],
        ["Credit", null, null, "Other", "Credit"],
        ["Adjustment", null, null, null, "General Adjustment"],
    ]);
    assert_eq!(found, expected, "the values of 1.4, and the older one beside");
}

#[test]
fn a_release_with_a_column_of_a_draft_stays_what_it_is() {
    let bench = bench();
    let bill = Bill::new().usual("ChargeSubcategory", "Refund").charge(&[("PricingCategory", "On-Demand")]);
    let report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    assert_eq!(report["loads"][0]["format_version"], "1.0");
    let found = select(&bench, "SELECT pricing_category, charge_class FROM charge");
    assert_eq!(
        found,
        json!([["On-Demand", null]]),
        "a value that 1.0 does not know is a finding, not something to mend"
    );
}

/// Google's view as BigQuery writes it to CSV.
fn google_view() -> Bill {
    Bill::new()
        .usual("ProviderName", "Google Cloud")
        .usual("BillingPeriodStart", "2026-02-01 08:00:00 UTC")
        .usual("BillingPeriodEnd", "2026-02-28 08:00:00 UTC")
        .usual("ChargeCategory", "usage")
        .usual("PricingCategory", "standard")
        .usual("SubAccountId", "0A-1B-2C")
        .usual("SubAccountName", "")
        .usual("PricingQuantity", "1")
        .usual("Tags", "")
        .usual("x_CostType", "regular")
        .usual("x_Credits", "[]")
        .usual("x_ServiceId", "6F81")
        .usual("x_Project", "")
}

#[test]
fn trap_googles_view_writes_in_lower_case() {
    let bench = bench();
    let bill = google_view()
        .charge(&[])
        .charge(&[("PricingCategory", "committed")])
        .charge(&[("ChargeCategory", "tax"), ("PricingCategory", "")])
        .charge(&[("ChargeCategory", "adjustment"), ("ChargeClass", "correction")])
        .charge(&[("ChargeCategory", "error")]);
    let _report = bench.loaded(&[bench.write("view.csv", bill.csv())]);
    let found =
        select(&bench, "SELECT charge_category, charge_class, pricing_category FROM charge ORDER BY source_row");
    let expected = json!([
        ["Usage", null, "Standard"],
        ["Usage", null, "Committed"],
        ["Tax", null, null],
        ["Adjustment", "Correction", "Standard"],
        ["Adjustment", null, "Standard"],
    ]);
    assert_eq!(found, expected);
}

#[test]
fn trap_googles_view_ends_a_period_with_its_last_day() {
    let bench = bench();
    let bill = google_view()
        .charge(&[])
        .charge(&[("BillingPeriodStart", "2026-03-01 08:00:00 UTC"), ("BillingPeriodEnd", "2026-03-31 07:00:00 UTC")])
        .charge(&[("BillingPeriodStart", "2026-01-01 08:00:00 UTC"), ("BillingPeriodEnd", "2026-02-01 08:00:00 UTC")]);
    let _report = bench.loaded(&[bench.write("view.csv", bill.csv())]);
    let found = select(&bench, "SELECT billing_period_end::VARCHAR FROM charge ORDER BY source_row");
    let expected = json!([["2026-03-01 08:00:00"], ["2026-04-01 07:00:00"], ["2026-02-01 08:00:00"]]);
    assert_eq!(found, expected, "the end is exclusive, in Pacific time; one that is so already stays");
}

#[test]
fn trap_googles_view_names_the_billing_account_as_sub_account() {
    let bench = bench();
    let project = r#"{"id":"shop-prod","number":"42","name":"Shop"}"#;
    let tags = r#"[{"key":"team","value":"web","x_type":"label"},{"key":"env","value":"prod","x_type":"tag"}]"#;
    let bill = google_view().charge(&[("x_Project", project), ("Tags", tags)]).charge(&[("ChargeCategory", "tax")]);
    let _report = bench.loaded(&[bench.write("view.csv", bill.csv())]);
    let found = select(
        &bench,
        "SELECT sub_account_id, sub_account_name, tags->>'team', tags->>'env', pricing_quantity
         FROM charge ORDER BY source_row",
    );
    let expected = json!([["shop-prod", "Shop", "web", "prod", null], [null, null, null, null, null]]);
    assert_eq!(found, expected, "a tax has no project; the size of a unit is no quantity");
}

#[test]
fn googles_own_focus_export_is_read_as_it_is() {
    let bench = bench();
    let bill = google_view().charge(&[
        ("ChargeCategory", "Usage"),
        ("PricingCategory", "Committed"),
        ("SubAccountId", "shop-prod"),
        ("BillingPeriodEnd", "2026-03-01 08:00:00 UTC"),
        ("PricingQuantity", "24"),
    ]);
    let _report = bench.loaded(&[bench.write("export.csv", bill.csv())]);
    let found = select(
        &bench,
        "SELECT charge_category, pricing_category, sub_account_id, billing_period_end::VARCHAR, pricing_quantity::INTEGER::VARCHAR FROM charge",
    );
    assert_eq!(found, json!([["Usage", "Committed", "shop-prod", "2026-03-01 08:00:00", "24"]]));
}

#[test]
fn oracles_focus_report_packed_and_to_the_minute() {
    let bench = bench();
    let renamed: Vec<(&str, &str)> = PREVIEW
        .into_iter()
        .chain([("ProviderName", "Provider"), ("PublisherName", "Publisher"), ("InvoiceIssuerName", "InvoiceIssuer")])
        .collect();
    let bill = Bill::new()
        .usual("ProviderName", "Oracle")
        .usual("InvoiceIssuerName", "")
        .usual("PricingCategory", "")
        .usual("ResourceName", "")
        .usual("BillingPeriodStart", "2026-01-01T00:00Z")
        .usual("BillingPeriodEnd", "2026-02-01T00:00Z")
        .usual("ChargePeriodStart", "2026-01-31T23:00Z")
        .usual("ChargePeriodEnd", "2026-02-01T00:00:00.000Z")
        .usual("ChargeSubcategory", "On-Demand")
        .usual("oci_ReferenceNumber", "ref-1")
        .usual("oci_OverageFlag", "false")
        .usual("oci_CostOverage", "")
        .charge(&[])
        .charge(&[("oci_OverageFlag", "true"), ("oci_CostOverage", "0.75")]);
    let file = bench.write("FOCUS Reports/2026/0001", container::gzip(&draft(&renamed, bill)));
    let report = bench.loaded(&[file]);
    let load = &report["loads"][0];
    assert_eq!(
        (&load["provider"], &load["format_version"], &load["rows"]),
        (&json!("Oracle"), &json!("1.0-preview"), &json!(2))
    );
    let found = select(
        &bench,
        "SELECT provider_name, publisher_name, region_id, charge_period_start::VARCHAR, charge_period_end::VARCHAR, billing_period_end::VARCHAR,
                consumed_quantity::INTEGER::VARCHAR, extra->>'oci_CostOverage', extra->>'oci_ReferenceNumber' FROM charge ORDER BY source_row",
    );
    let row = |overage: Value| {
        json!([
            "Oracle",
            "Example Cloud",
            "north-1",
            "2026-01-31 23:00:00",
            "2026-02-01 00:00:00",
            "2026-02-01 00:00:00",
            "24",
            overage,
            "ref-1"
        ])
    };
    assert_eq!(found, json!([row(Value::Null), row(json!("0.75"))]));
}

#[test]
fn trap_json_whose_days_end_with_their_last_second() {
    let bench = bench();
    let report = bench.loaded(&[shared_data("fairwinds/azure-focus-sample-output.json")]);
    let load = &report["loads"][0];
    assert_eq!((&load["rows"], &load["provider"]), (&json!(46), &json!("Microsoft Azure")));
    // Of the exact sum, 22.608517574310623226779, eighteen decimals are kept of each charge.
    let kept = json!("22.608517574310623227");
    assert_eq!((&load["billed"], &load["effective"]), (&kept, &kept));
    let rounded =
        ["BilledCost", "ConsumedQuantity", "EffectiveCost"].map(|column| json!({ "column": column, "count": 3 }));
    assert_eq!(load["rounded"], json!(rounded), "and it is told");
    let found = select(
        &bench,
        "SELECT charge_period_start::VARCHAR, max(charge_period_end)::VARCHAR, count(*)::VARCHAR FROM charge GROUP BY ALL ORDER BY ALL LIMIT 1",
    );
    assert_eq!((&found[0][0], &found[0][1]), (&json!("2026-01-21 00:00:00"), &json!("2026-01-22 00:00:00")));
}

#[test]
fn trap_a_comma_that_is_no_thousand() {
    let bench = bench();
    let amounts = |amount: &str| {
        ["BilledCost", "EffectiveCost", "ListCost", "ContractedCost"].map(|column| (column, amount.to_owned()))
    };
    let bill = |last: &str| {
        let first: Vec<(&str, String)> = amounts("$1,234.50 ").into();
        let others: Vec<(&str, String)> = amounts(last).into();
        let fields = |row: &[(&'static str, String)]| row.to_vec();
        // The odd one comes after the rows that are looked at to recognise the file.
        (0..300).fold(Bill::new(), |bill, number| {
            let row = fields(if number == 299 { &others } else { &first });
            let row: Vec<(&str, &str)> = row.iter().map(|(column, value)| (*column, value.as_str())).collect();
            bill.charge(&row)
        })
    };
    let sound = bench.loaded(&[bench.write("sound.csv", bill("-$0.50").csv())]);
    assert_eq!(sound["loads"][0]["billed"], "369115", "299 times 1,234.50 less 0.50");
    let odd = bench.load(&[bench.write("odd.csv", bill("1,5").csv())]);
    assert_eq!(odd.status, Some(1), "nothing is guessed: {}", odd.stderr);
    assert!(odd.stderr.contains("`$1,234.50 `"), "the value is told as it is written: {}", odd.stderr);
}

/// Every example of the specification: its rows, and the sums of its costs (billed, effective, contracted, list) as another program
/// added them up; those without sums are cut down to the columns that they are about, and are no bill.
const EXAMPLES: [(&str, u64, Option<[&str; 4]>); 26] = [
    (
        "commitment_discount_flexibility/one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource.csv",
        3,
        None,
    ),
    (
        "commitment_discount_flexibility/one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources.csv",
        3,
        None,
    ),
    (
        "commitment_discount_flexibility/one_hundred_percent_utilization_without_commitment_discount_flexibility.csv",
        2,
        None,
    ),
    ("commitment_discount_flexibility/zero_percent_utilization_without_commitment_discount_flexibility.csv", 3, None),
    ("commitment_discount_scenarios/commitment_discount_purchase_scenario_1.csv", 1, None),
    ("commitment_discount_scenarios/commitment_discount_purchase_scenario_2.csv", 3, None),
    ("commitment_discount_scenarios/commitment_discount_purchase_scenario_3.csv", 4, None),
    ("commitment_discount_scenarios/commitment_discount_usage_scenario_1.csv", 1, None),
    ("commitment_discount_scenarios/commitment_discount_usage_scenario_2.csv", 1, None),
    ("commitment_discount_scenarios/commitment_discount_usage_scenario_3.csv", 2, None),
    ("commitment_discount_scenarios/commitment_discount_usage_scenario_4.csv", 2, None),
    ("saas_examples/simple_agreements/simple_saas_agreements_a1.csv", 1, Some(["10000", "10000", "10000", "10000"])),
    ("saas_examples/simple_agreements/simple_saas_agreements_a2.csv", 1, Some(["50000", "50000", "50000", "50000"])),
    ("saas_examples/simple_agreements/simple_saas_agreements_a3.csv", 1, Some(["1000", "1000", "1000", "1000"])),
    ("saas_examples/simple_agreements/simple_saas_agreements_b.csv", 1, Some(["50000", "50000", "50000", "50000"])),
    ("saas_examples/simple_agreements/simple_saas_agreements_c.csv", 3, Some(["35800", "35800", "35800", "35800"])),
    ("saas_examples/spend_agreements/saas_spend_agreements_a1.csv", 4, Some(["1200", "1200", "1200", "1257"])),
    ("saas_examples/spend_agreements/saas_spend_agreements_a2.csv", 13, Some(["1200", "1200", "1200", "1257"])),
    ("saas_examples/spend_agreements/saas_spend_agreements_b1.csv", 5, Some(["1200", "1200", "2400", "2457"])),
    ("saas_examples/spend_agreements/saas_spend_agreements_b2.csv", 14, Some(["1200", "1200", "2400", "2457"])),
    ("saas_examples/virtual_currency_pricing_model_a1.csv", 1, Some(["200000", "0", "200000", "200000"])),
    ("saas_examples/virtual_currency_pricing_model_a2.csv", 3, Some(["0", "1230", "1230", "1230"])),
    ("saas_examples/virtual_currency_pricing_model_b1.csv", 1, Some(["100000", "0", "100000", "200000"])),
    ("saas_examples/virtual_currency_pricing_model_b2.csv", 3, Some(["0", "615", "615", "1230"])),
    ("saas_examples/virtual_currency_pricing_model_b3.csv", 3, Some(["0", "495", "495", "1230"])),
    ("saas_examples/virtual_currency_pricing_model_c.csv", 2, Some(["53000", "0", "53000", "53000"])),
];

#[test]
fn the_examples_of_the_specification() {
    for (name, rows, sums) in EXAMPLES {
        let bench = bench();
        let file = shared_data("focus-spec-data").join(name);
        let Some(sums) = sums else {
            let output = bench.load(&[&file]);
            assert_eq!(output.status, Some(1), "{name} is cut down");
            let told = "this looks like FOCUS, but BillingCurrency and ServiceName are missing";
            assert!(output.stderr.contains(told), "{name}: {}", output.stderr);
            continue;
        };
        let report = bench.loaded(&[&file]);
        let loads = report["loads"].as_array().unwrap();
        assert_eq!(loads.iter().map(|load| load["rows"].as_u64().unwrap()).sum::<u64>(), rows, "{name} loads whole");
        for (cost, sum) in ["billed_cost", "effective_cost", "contracted_cost", "list_cost"].iter().zip(sums) {
            let found = bench.value(&format!("SELECT sum({cost})::VARCHAR FROM charge"));
            assert_eq!(decimal(&found), decimal(sum), "{cost} of {name}");
        }
        let outside = bench
            .value("SELECT count(*) FROM charge WHERE charge_period_start NOT BETWEEN '2025-04-01' AND '2026-04-01'");
        assert_eq!(outside, "0", "the months of {name} are read as months");
    }
}
