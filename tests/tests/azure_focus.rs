//! Azure's own FOCUS exports, every version of them: one row with something in every column of Microsoft's schema, and all of it
//! arrives.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use serde_json::Value;
use testsupport::decimal::decimal;
use testsupport::{Workbench, shared_data};

/// A schema of Microsoft's, and the version of FOCUS that it is.
const SCHEMAS: [(&str, &str); 8] = [
    ("focuscost_1.0-preview(v1)", "1.0-preview"),
    ("FocusCost_1.0-preview(v1)", "1.0-preview"),
    ("focuscost_1.0", "1.0"),
    ("FocusCost_1.0", "1.0"),
    ("focuscost_1.0r2", "1.0"),
    ("focuscost_1.2-preview", "1.2"),
    ("FocusCost_1.2-preview", "1.2"),
    ("focuscost_1.2", "1.2"),
];

/// Names before 1.0, or of Azure alone, and what they are called since.
const RENAMED: [(&str, &str); 8] = [
    ("Region", "RegionId"),
    ("UsageQuantity", "ConsumedQuantity"),
    ("UsageUnit", "ConsumedUnit"),
    ("x_InvoiceId", "InvoiceId"),
    ("x_OnDemandCost", "ContractedCost"),
    ("x_OnDemandUnitPrice", "ContractedUnitPrice"),
    ("x_PricingCurrency", "PricingCurrency"),
    ("x_SkuMeterName", "SkuMeter"),
];

/// The columns of a schema with their types.
fn columns(schema: &str) -> Vec<(String, String)> {
    let text = std::fs::read_to_string(shared_data(&format!("finops-toolkit/schemas/{schema}.json"))).unwrap();
    let schema: Value = serde_json::from_str(text.trim_start_matches('\u{feff}')).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    match schema["Columns"].as_array() {
        Some(columns) => columns.iter().map(|one| (text(&one["ColumnName"]), text(&one["DataType"]))).collect(),
        None => {
            let mappings = schema["translator"]["mappings"].as_array().unwrap();
            mappings.iter().map(|one| (text(&one["source"]["name"]), text(&one["source"]["type"]))).collect()
        }
    }
}

/// What stands in a column: no two columns have the same text or number.
fn value(place: usize, name: &str, kind: &str) -> String {
    match name {
        "BillingPeriodStart" => "2026-03-01T00:00:00Z".to_owned(),
        "BillingPeriodEnd" => "2026-04-01T00:00:00Z".to_owned(),
        "ChargePeriodStart" => "2026-03-04T00:00:00Z".to_owned(),
        "ChargePeriodEnd" => "2026-03-05T00:00:00Z".to_owned(),
        "BillingCurrency" => "EUR".to_owned(),
        "PricingCurrency" | "x_PricingCurrency" => "USD".to_owned(),
        "ProviderName" => "Microsoft".to_owned(),
        "ChargeCategory" => "Usage".to_owned(),
        "ChargeSubcategory" => "Used Commitment".to_owned(),
        "PricingCategory" => "Standard".to_owned(),
        "Tags" | "SkuPriceDetails" => format!("{{\"key {place}\": \"value {place}\"}}"),
        // The schema of 2024 says text of a number and number of a text.
        "ConsumedUnit" => format!("text of {name}"),
        _ if kind == "Decimal" || kind == "Number" => format!("{place}.00000000000000{place:03}"),
        _ if kind.starts_with("DateTime") => format!("2026-03-{:02}T00:00:00Z", 1 + place % 28),
        _ if kind == "Boolean" => "true".to_owned(),
        _ => format!("text of {name}"),
    }
}

#[test]
fn every_version_is_recognised_and_nothing_of_it_is_lost() {
    for (schema, version) in SCHEMAS {
        let columns = columns(schema);
        let values: Vec<String> =
            columns.iter().enumerate().map(|(place, (name, kind))| value(place + 1, name, kind)).collect();
        let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
        let report = bench.loaded(&[bench.write("part_0_0001.csv", csv_of(&columns, std::slice::from_ref(&values)))]);
        let load = &report["loads"][0];
        assert_eq!(report["rejected_rows"], 0, "{schema}");
        assert_eq!((&load["format"], &load["format_version"]), (&"focus".into(), &version.into()), "{schema}");
        assert_eq!((&load["provider"], &load["currency"]), (&"Microsoft".into(), &"EUR".into()), "{schema}");
        arrived(&bench, schema, &columns, &values);
    }
}

/// What Azure had under names of its own before FOCUS had a column for it is found in that column, and only there.
#[test]
fn columns_that_became_standard_later_are_those_columns() {
    for (schema, expected) in [
        ("focuscost_1.0-preview(v1)", ["x_InvoiceId", "x_PricingCurrency", "x_SkuMeterName", "x_OnDemandCost"]),
        ("focuscost_1.0r2", ["x_InvoiceId", "x_PricingCurrency", "x_SkuMeterName", "ContractedCost"]),
        ("FocusCost_1.2-preview", ["InvoiceId", "PricingCurrency", "SkuMeter", "ContractedCost"]),
    ] {
        let columns = columns(schema);
        let values: Vec<String> =
            columns.iter().enumerate().map(|(place, (name, kind))| value(place + 1, name, kind)).collect();
        let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
        let _report = bench.loaded(&[bench.write("part_0_0001.csv", csv_of(&columns, std::slice::from_ref(&values)))]);
        let sql = "SELECT invoice_id, pricing_currency, sku_meter, contracted_cost::VARCHAR FROM charge";
        let found = bench.json(&["sql", sql])["rows"][0].clone();
        for (at, name) in expected.iter().enumerate() {
            let place = columns.iter().position(|(column, _)| column == name).unwrap();
            let same = if at == 3 {
                decimal(found[at].as_str().unwrap()) == decimal(&values[place])
            } else {
                found[at] == values[place].as_str()
            };
            assert!(same, "{schema}: {name} is {} and was {}", found[at], values[place]);
        }
    }
}

/// Azure's export of FOCUS 1.0 names its invoices in `x_InvoiceId`: they reconcile by that number.
#[test]
fn invoices_of_the_first_version_reconcile_by_their_number() {
    let columns = columns("focuscost_1.0");
    let row = |invoice: &str, billed: &str| -> Vec<String> {
        let of = |(place, (name, kind)): (usize, &(String, String))| match name.as_str() {
            "x_InvoiceId" => invoice.to_owned(),
            "BilledCost" | "EffectiveCost" => billed.to_owned(),
            "InvoiceIssuerName" => "Microsoft".to_owned(),
            _ => value(place + 1, name, kind),
        };
        columns.iter().enumerate().map(of).collect()
    };
    let rows = [row("G001", "10.25"), row("G001", "-0.75"), row("G002", "7")];
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let _report = bench.loaded(&[bench.write("part_0_0001.csv", csv_of(&columns, &rows))]);
    let invoices = "invoice_id,issuer,billing_period,currency,amount\nG001,Microsoft,2026-03,EUR,9.50\nG002,Microsoft,2026-03,EUR,8.00\n";
    let file = bench.write("invoices.csv", invoices.as_bytes());
    let output = bench.qd(&["--format", "json", "reconcile", "--invoices", file.to_str().unwrap()]);
    let told: Vec<[Value; 3]> = output.json()["invoices"]
        .as_array()
        .unwrap()
        .iter()
        .map(|invoice| ["invoice_id", "charges", "difference"].map(|key| invoice[key].clone()))
        .collect();
    let expected: [[Value; 3]; 2] =
        [["G001".into(), "9.5".into(), "0.00".into()], ["G002".into(), "7".into(), "1.00".into()]];
    assert_eq!(told, expected, "{}", output.stdout);
}

fn csv_of(columns: &[(String, String)], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(columns.iter().map(|(name, _)| name)).unwrap();
    for row in rows {
        writer.write_record(row).unwrap();
    }
    writer.into_inner().unwrap()
}

fn arrived(bench: &Workbench, schema: &str, columns: &[(String, String)], values: &[String]) {
    let found = bench.json(&["sql", "SELECT * FROM charge"]);
    let names: Vec<&str> =
        found["columns"].as_array().unwrap().iter().map(|one| one["name"].as_str().unwrap()).collect();
    let charge = |column: &str| {
        let at = names.iter().position(|name| *name == column)?;
        Some(found["rows"][0][at].as_str().unwrap_or_default().to_owned())
    };
    let extra: Value = serde_json::from_str(&charge("extra").unwrap()).unwrap();
    let renamed =
        |name: &str| RENAMED.iter().find(|(old, _)| *old == name).map_or(name.to_owned(), |(_, new)| (*new).to_owned());
    for ((name, kind), value) in columns.iter().zip(values) {
        if let Some(kept) = extra[name].as_str() {
            assert_eq!(kept, value, "{schema}: {name} is kept as it came");
            continue;
        }
        assert_ne!(name, "x_ResourceGroupName", "what only Microsoft has is kept beside the FOCUS columns");
        if name == "ChargeSubcategory" {
            assert_eq!(charge("commitment_discount_status").unwrap(), "Used", "{schema}: its successor");
            continue;
        }
        let found = charge(&snake(&renamed(name))).unwrap_or_else(|| panic!("{schema}: {name} is nowhere"));
        let same = match kind.as_str() {
            "Decimal" | "Number" if !value.starts_with("text") => decimal(&found) == decimal(value),
            kind if kind.starts_with("DateTime") => found.trim_end_matches('Z').replace(' ', "T") + "Z" == *value,
            _ => found.replace("\":\"", "\": \"") == *value,
        };
        assert!(same, "{schema}: {name} was {value:?} and is {found:?}");
    }
}

fn snake(name: &str) -> String {
    let mut snake = String::new();
    for character in name.chars() {
        if character.is_uppercase() && !snake.is_empty() {
            snake.push('_');
        }
        snake.extend(character.to_lowercase());
    }
    snake
}
