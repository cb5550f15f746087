//! What real Azure exports have in store for whoever reads them, one small file each.

use std::collections::BTreeMap;

use serde_json::Value;
use testsupport::{Workbench, shared_data};

use crate::bench;

/// The columns of an Enterprise Agreement that matter here, with what a sound row has in them.
const SOUND: [(&str, &str); 17] = [
    ("BillingAccountId", "8611537"),
    ("BillingPeriodStartDate", "2026-03-01"),
    ("BillingPeriodEndDate", "2026-03-31"),
    ("SubscriptionId", "1f2c"),
    ("Date", "2026-03-04"),
    ("MeterCategory", "Virtual Machines"),
    ("MeterId", "meter-1"),
    ("Quantity", "24"),
    ("CostInBillingCurrency", "2.64"),
    ("UnitPrice", "0.11"),
    ("BillingCurrency", "USD"),
    ("ResourceLocation", "EastUS"),
    ("ResourceId", "/subscriptions/1f2c/resourceGroups/RG/providers/Microsoft.Compute/virtualMachines/one"),
    ("Tags", ""),
    ("UnitOfMeasure", "1 Hour"),
    ("ChargeType", "Usage"),
    ("PricingModel", "OnDemand"),
];

/// Rows that differ from a sound one in some fields; a column that the sound row has not is added.
fn export(rows: &[&[(&str, &str)]]) -> Vec<u8> {
    let mut columns: Vec<&str> = SOUND.iter().map(|(column, _)| *column).collect();
    let more = rows.iter().flat_map(|row| row.iter().map(|(column, _)| *column));
    for column in more {
        if !columns.contains(&column) {
            columns.push(column);
        }
    }
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(&columns).unwrap();
    for row in rows {
        let mut fields: BTreeMap<&str, &str> = SOUND.into_iter().collect();
        fields.extend(row.iter().copied());
        writer.write_record(columns.iter().map(|column| fields.get(column).copied().unwrap_or_default())).unwrap();
    }
    writer.into_inner().unwrap()
}

fn loaded(bytes: impl AsRef<[u8]>) -> (Workbench, Value) {
    let bench = bench();
    let report = bench.loaded(&[bench.write("export.csv", bytes)]);
    assert_eq!(report["rejected_rows"], 0, "no row is refused: {report}");
    (bench, report)
}

/// What is in a column, row by row.
fn column(bench: &Workbench, expression: &str) -> Vec<Option<String>> {
    let found = bench.json(&["sql", &format!("SELECT ({expression})::VARCHAR FROM charge ORDER BY source_row, part")]);
    let rows = found["rows"].as_array().unwrap();
    rows.iter().map(|row| row[0].as_str().map(str::to_owned)).collect()
}

fn texts(values: &[&str]) -> Vec<Option<String>> {
    values.iter().map(|value| Some((*value).to_owned())).collect()
}

fn refusal(bytes: impl AsRef<[u8]>) -> String {
    let bench = bench();
    let output = bench.load(&[bench.write("export.csv", bytes)]);
    assert_ne!(output.status, Some(0), "the file cannot be loaded");
    output.stderr
}

#[test]
fn us_dates_that_could_be_european_ones_are_read_by_the_whole_file() {
    let days: [&[(&str, &str)]; 2] = [
        &[("Date", "03/04/2026"), ("BillingPeriodStartDate", "03/01/2026"), ("BillingPeriodEndDate", "03/31/2026")],
        &[("Date", "03/09/2026"), ("BillingPeriodStartDate", "03/01/2026"), ("BillingPeriodEndDate", "03/31/2026")],
    ];
    let (bench, _) = loaded(export(&days));
    assert_eq!(column(&bench, "charge_period_start::DATE"), texts(&["2026-03-04", "2026-03-09"]));
    assert_eq!(column(&bench, "billing_period_start::DATE"), texts(&["2026-03-01", "2026-03-01"]));
    assert_eq!(column(&bench, "billing_period_end::DATE"), texts(&["2026-04-01", "2026-04-01"]), "half-open");
}

#[test]
fn dates_without_leading_zeros() {
    let day: &[(&str, &str)] =
        &[("Date", "3/4/2026"), ("BillingPeriodStartDate", "3/1/2026"), ("BillingPeriodEndDate", "3/31/2026")];
    let (bench, _) = loaded(export(&[day]));
    assert_eq!(column(&bench, "charge_period_start::DATE"), texts(&["2026-03-04"]));
}

#[test]
fn iso_dates() {
    let (bench, _) = loaded(export(&[&[], &[("Date", "2026-03-31")]]));
    assert_eq!(column(&bench, "charge_period_start::DATE"), texts(&["2026-03-04", "2026-03-31"]));
    assert_eq!(column(&bench, "charge_period_end::DATE"), texts(&["2026-03-05", "2026-04-01"]), "half-open days");
}

#[test]
fn dates_that_fit_no_spelling_together_are_refused() {
    let mixed: [&[(&str, &str)]; 2] = [
        &[("Date", "03/14/2026"), ("BillingPeriodStartDate", "03/01/2026"), ("BillingPeriodEndDate", "03/31/2026")],
        &[("Date", "14/03/2026"), ("BillingPeriodStartDate", "03/01/2026"), ("BillingPeriodEndDate", "03/31/2026")],
    ];
    let message = refusal(export(&mixed));
    assert!(message.contains("days are not all written in one of the ways"), "it says what is at fault: {message}");
    assert!(message.contains("month/day/year"), "and what would be sound: {message}");
}

#[test]
fn a_byte_order_mark_and_carriage_returns() {
    let text = String::from_utf8(export(&[&[], &[]])).unwrap();
    let (bench, _) = loaded(format!("\u{feff}{}", text.replace('\n', "\r\n")));
    assert_eq!(column(&bench, "billing_account_id"), texts(&["8611537", "8611537"]), "the first column has its name");
    assert_eq!(column(&bench, "pricing_category"), texts(&["Standard", "Standard"]), "the last has its value");
}

#[test]
fn the_cost_has_many_names() {
    for name in ["CostInBillingCurrency", "costInBillingCurrency", "Cost", "PreTaxCost", "cost_in_billing_currency"] {
        let text = String::from_utf8(export(&[&[]])).unwrap();
        let (bench, _) = loaded(text.replace("CostInBillingCurrency", name));
        assert_eq!(column(&bench, "billed_cost::DECIMAL(18,2)"), texts(&["2.64"]), "{name}");
    }
}

#[test]
fn headers_in_german() {
    let (bench, _) = loaded(std::fs::read(shared_data("opencost-azure/headersets/German.csv")).unwrap());
    assert_eq!(column(&bench, "sub_account_id"), texts(&["11111111-12ab-34dc-56ef-123456abcdef"]));
    assert_eq!(column(&bench, "region_id"), texts(&["eastus"]));
    assert_eq!(column(&bench, "billed_cost::DECIMAL(18,3)"), texts(&["0.075"]));
    assert_eq!(column(&bench, "pricing_unit"), texts(&["100 Hours"]));
    assert_eq!(column(&bench, "consumed_quantity::DECIMAL(18,0)"), texts(&["300"]));
}

#[test]
fn tags_come_with_and_without_braces_and_as_two_quotes() {
    let bench = bench();
    let export = export(&[
        &[("Tags", "\"env\": \"prod\",\"owner\": \"a, b\"")],
        &[("Tags", "{\"env\": \"prod\"}")],
        &[("Tags", "\"\"")],
        &[("Tags", "")],
        &[("Tags", "env:prod")],
    ]);
    let output = bench.load(&[bench.write("export.csv", export)]);
    assert_eq!(output.status, Some(3), "the last are no tags: {}", output.stderr);
    let rejects = bench.json(&["rejects"]);
    let told = ["row", "column", "kept"].map(|key| rejects[0][key].clone());
    let expected: [Value; 3] = [5.into(), "Tags".into(), true.into()];
    assert_eq!(told, expected, "and the row is a charge: {rejects}");
    let env = column(&bench, "json_extract_string(tags, '$.env')");
    assert_eq!(env, [Some("prod".to_owned()), Some("prod".to_owned()), None, None, None]);
    assert_eq!(column(&bench, "json_extract_string(tags, '$.owner')")[0].as_deref(), Some("a, b"));
    let kept = column(&bench, "json_extract_string(extra, '$.Tags')")[4].clone().unwrap();
    assert!(kept.contains("env:prod"), "tags that are none are kept as they came: {kept}");
}

#[test]
fn costs_of_28_decimals_are_rounded_and_it_is_told() {
    let (bench, report) = loaded(export(&[
        &[("CostInBillingCurrency", "0.0000000072922557592391990000")],
        &[("CostInBillingCurrency", "0.4838709677419368")],
    ]));
    let rounded = report["loads"][0]["rounded"].as_array().unwrap();
    let billed = rounded.iter().find(|entry| entry["column"] == "BilledCost").unwrap();
    assert_eq!(billed["count"], 1, "one of the two costs has more than 18 decimals");
    let costs = column(&bench, "billed_cost");
    assert_eq!(costs[0].as_deref(), Some("0.000000007292255759"), "what is kept is the nearest");
    assert!(costs[1].as_deref().unwrap().starts_with("0.4838709677419368"));
}

#[test]
fn scientific_notation() {
    let (bench, _) = loaded(export(&[&[("CostInBillingCurrency", "5.64902E-05"), ("Quantity", "1.29e-02")]]));
    assert_eq!(column(&bench, "billed_cost = 0.0000564902"), texts(&["true"]));
    assert_eq!(column(&bench, "pricing_quantity = 0.0129"), texts(&["true"]));
}

#[test]
fn a_quantity_counts_blocks_as_the_price_does() {
    let (bench, _) = loaded(export(&[&[
        ("UnitOfMeasure", "10K "),
        ("Quantity", "0.0003"),
        ("UnitPrice", "0.05"),
        ("CostInBillingCurrency", "0.000015"),
    ]]));
    assert_eq!(column(&bench, "contracted_cost = billed_cost"), texts(&["true"]), "price times quantity is the cost");
    assert_eq!(column(&bench, "pricing_unit"), texts(&["10000 Units"]));
    assert_eq!(column(&bench, "consumed_quantity = 3"), texts(&["true"]), "three of ten thousand");
    assert_eq!(column(&bench, "consumed_unit"), texts(&["Units"]));
}

#[test]
fn one_thing_in_capitals_and_in_small_letters_is_one() {
    let small = SOUND[12].1;
    let capitals = small.to_uppercase();
    let benefit = "/providers/Microsoft.Capacity/reservationOrders/5B1D/reservations/77AA";
    let loud = benefit.to_uppercase();
    let (bench, report) = loaded(export(&[
        &[
            ("ResourceId", small),
            ("benefitId", benefit),
            ("PricingModel", "Reservation"),
            ("BillingAccountId", "ab:cd"),
        ],
        &[
            ("ResourceId", &capitals),
            ("benefitId", &loud),
            ("PricingModel", "Reservation"),
            ("BillingAccountId", "AB:CD"),
        ],
    ]));
    for name in ["resource_id", "commitment_discount_id", "billing_account_id", "service_name"] {
        assert_eq!(bench.value(&format!("SELECT count(DISTINCT {name})::VARCHAR FROM charge")), "1", "{name}");
    }
    assert_eq!(report["loads"].as_array().unwrap().len(), 1, "one account, one load");
    assert_eq!(column(&bench, "service_name")[0].as_deref(), Some("Virtual Machines"));
}

#[test]
fn what_a_commitment_covers_and_what_nobody_used() {
    let reservation = "/providers/Microsoft.Capacity/reservationOrders/5b1d/reservations/77aa";
    let plan = "/providers/microsoft.billingbenefits/savingsplanorders/1f00/savingsplans/20c4";
    let row = |kind, model, benefit| [("ChargeType", kind), ("PricingModel", model), ("benefitId", benefit)];
    let rows = [
        row("Usage", "Reservation", reservation),
        row("UnusedReservation", "Reservation", reservation),
        row("Usage", "SavingsPlan", plan),
        row("UnusedSavingsPlan", "SavingsPlan", plan),
        row("Purchase", "Reservation", reservation),
        row("Refund", "Reservation", reservation),
        row("Refund", "OnDemand", ""),
    ];
    let (bench, _) = loaded(export(&rows.each_ref().map(|row| row.as_slice())));
    let bench = &bench;
    let costs = |name: &str| column(bench, &format!("{name}::DECIMAL(18,2)"));
    assert_eq!(costs("billed_cost"), texts(&["0.00", "0.00", "0.00", "0.00", "2.64", "2.64", "2.64"]));
    assert_eq!(costs("effective_cost"), texts(&["2.64", "2.64", "2.64", "2.64", "0.00", "0.00", "2.64"]));
    assert_eq!(costs("contracted_cost"), texts(&["2.64", "0.00", "2.64", "0.00", "0.00", "0.00", "2.64"]));
    let category = ["Usage", "Usage", "Usage", "Usage", "Purchase", "Purchase", "Purchase"];
    assert_eq!(column(bench, "charge_category"), texts(&category));
    let status = column(bench, "coalesce(commitment_discount_status, '-')");
    assert_eq!(status, texts(&["Used", "Unused", "Used", "Unused", "-", "-", "-"]));
    let class = column(bench, "coalesce(charge_class, '-')");
    assert_eq!(class, texts(&["-", "-", "-", "-", "-", "Correction", "Correction"]), "a refund corrects");
    let unused = column(bench, "resource_id = commitment_discount_id");
    assert_eq!(unused[1].as_deref(), Some("true"), "what nobody used is a charge of the commitment itself");
    let kind = column(bench, "coalesce(commitment_discount_category, '-')");
    assert_eq!(kind, texts(&["Usage", "Usage", "Spend", "Spend", "Usage", "Usage", "-"]));
}

#[test]
fn prices_in_another_currency_than_the_costs() {
    let (bench, _) = loaded(export(&[&[
        ("BillingCurrency", "EUR"),
        ("pricingCurrency", "USD"),
        ("exchangeRatePricingToBilling", "0.9217463"),
        ("UnitPrice", "0.11"),
        ("PayGPrice", "0.2"),
        ("paygCostInBillingCurrency", "4.42438224"),
        ("CostInBillingCurrency", "2.433410232"),
        ("billingProfileId", "ABCD-2FGH"),
    ]]));
    assert_eq!(column(&bench, "contracted_unit_price = 0.101392093"), texts(&["true"]), "in the billing currency");
    assert_eq!(column(&bench, "pricing_currency_contracted_unit_price = 0.11"), texts(&["true"]), "as priced");
    assert_eq!(column(&bench, "contracted_cost = billed_cost"), texts(&["true"]));
    assert_eq!(column(&bench, "list_cost = 4.42438224"), texts(&["true"]));
    assert_eq!(column(&bench, "billing_currency || pricing_currency"), texts(&["EURUSD"]));
    assert_eq!(column(&bench, "billing_account_id"), texts(&["abcd-2fgh"]), "invoiced by billing profile");
}

#[test]
fn rows_that_are_no_use_have_a_category_and_a_service_all_the_same() {
    let (bench, _) = loaded(export(&[
        &[
            ("ChargeType", "Purchase"),
            ("PublisherType", "Marketplace"),
            ("publisherName", "Contoso"),
            ("ResourceId", ""),
            ("MeterCategory", ""),
        ],
        &[("ChargeType", "RoundingAdjustment"), ("ResourceId", ""), ("MeterCategory", "")],
        &[("ChargeType", "Tax"), ("ResourceId", ""), ("MeterCategory", "")],
        &[("ChargeType", "Credit"), ("ResourceId", ""), ("MeterCategory", "")],
    ]));
    assert_eq!(column(&bench, "charge_category"), texts(&["Purchase", "Adjustment", "Tax", "Credit"]));
    assert_eq!(column(&bench, "service_name")[0].as_deref(), Some("Azure Marketplace"));
    assert_eq!(
        column(&bench, "count(*) FILTER (service_name IS NULL OR service_category IS NULL) OVER ()")[0].as_deref(),
        Some("0")
    );
    assert_eq!(column(&bench, "service_provider_name")[..2], texts(&["Contoso", "Microsoft"]));
    assert_eq!(
        column(&bench, "coalesce(pricing_quantity::VARCHAR, '-')")[1..],
        texts(&["-", "-", "-"]),
        "nothing is priced"
    );
}

#[test]
fn equal_rows_are_charges_each() {
    let (bench, _) = loaded(export(&[&[], &[], &[("CostInBillingCurrency", "0"), ("UnitPrice", "0")]]));
    assert_eq!(bench.value("SELECT count(*)::VARCHAR FROM charge"), "3", "and so are those that cost nothing");
    assert_eq!(bench.value("SELECT sum(consumed_quantity)::DECIMAL(18,0)::VARCHAR FROM charge"), "72");
}

#[test]
fn files_with_a_header_alone() {
    for file in ["finops-toolkit/EA_NoRows.csv", "generated/nise/costreport_5021c37f-608e-49c9-95eb-1662dded534e.csv"] {
        let (bench, report) = loaded(std::fs::read(shared_data(file)).unwrap());
        assert_eq!(report["loads"], Value::Array(vec![]), "{file} has nothing to load");
        assert!(report["notes"].to_string().contains("no rows"), "{file}: and that is told: {report}");
        assert_eq!(bench.value("SELECT count(*)::VARCHAR FROM charge"), "0");
    }
}

#[test]
fn a_file_that_names_no_currency_is_refused() {
    let files = ["spruce/native-iso-dates.csv", "spruce/native-us-dates.csv", "opencost-azure/values/Template.csv"];
    for file in files {
        let message = refusal(std::fs::read(shared_data(file)).unwrap());
        assert!(message.contains("BillingCurrency is missing"), "{file}: {message}");
    }
}
