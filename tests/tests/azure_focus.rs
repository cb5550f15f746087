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

/// Names before 1.0 and what they are called since.
const RENAMED: [(&str, &str); 3] =
    [("Region", "RegionId"), ("UsageQuantity", "ConsumedQuantity"), ("UsageUnit", "ConsumedUnit")];

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
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(columns.iter().map(|(name, _)| name)).unwrap();
        writer.write_record(&values).unwrap();
        let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
        let report = bench.loaded(&[bench.write("part_0_0001.csv", writer.into_inner().unwrap())]);
        let load = &report["loads"][0];
        assert_eq!(report["rejected_rows"], 0, "{schema}");
        assert_eq!((&load["format"], &load["format_version"]), (&"focus".into(), &version.into()), "{schema}");
        assert_eq!((&load["provider"], &load["currency"]), (&"Microsoft".into(), &"EUR".into()), "{schema}");
        arrived(&bench, schema, &columns, &values);
    }
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
        // Azure had some columns under a name of its own before they were FOCUS columns.
        let target = charge(&snake(&renamed(name))).or_else(|| charge(&snake(name.trim_start_matches("x_"))));
        let found = target.unwrap_or_else(|| panic!("{schema}: {name} is nowhere"));
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
