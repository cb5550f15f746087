//! Recognition on headers of our own making.

use crate::common::columns;
use focus::Version;
use intake::{Expression, NotRecognised, Sample, SourceColumn, SourceKind, recognise};
use proptest::prelude::*;

const SMALL: [&str; 6] =
    ["BilledCost", "BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd", "ServiceName", "ProviderName"];

fn with(further: &[&str]) -> Vec<SourceColumn> {
    let names: Vec<&str> = SMALL.iter().chain(further).copied().collect();
    columns(&names)
}

#[test]
fn unknown_and_extension_columns_are_kept_in_file_order() {
    let columns = with(&["x_Zone", "oci_CompartmentId", "Remark", "Tags"]);
    let mapping = recognise(&Sample { columns: &columns, rows: &[] }).expect("FOCUS").mapping;
    assert_eq!(mapping.extra, ["x_Zone", "oci_CompartmentId", "Remark"]);
    assert_eq!(mapping.columns.len(), focus::columns().len(), "every column of the charge is spoken of");
    assert_eq!(mapping.mandatory_sources, SMALL[..5]);
}

#[test]
fn a_header_alone_is_sound() {
    let recognised = recognise(&Sample { columns: &with(&[]), rows: &[] }).expect("FOCUS");
    assert!(recognised.notes.iter().any(|note| note.contains("no effective cost")), "absent costs are told");
}

#[test]
fn names_from_before_the_release_stand_in() {
    let columns = columns(&[
        "BilledCost",
        "BillingCurrency",
        "ChargePeriodStart",
        "ChargePeriodEnd",
        "ServiceName",
        "Provider",
        "InvoiceIssuer",
        "Region",
        "UsageQuantity",
        "UsageUnit",
        "AmortizedCost",
        "oci_ReferenceNumber",
    ]);
    let mapping = recognise(&Sample { columns: &columns, rows: &[] }).expect("FOCUS").mapping;
    for (name, source) in [
        ("effective_cost", "AmortizedCost"),
        ("consumed_quantity", "UsageQuantity"),
        ("region_id", "Region"),
        ("invoice_issuer_name", "InvoiceIssuer"),
    ] {
        let mapped = mapping.column(name, 0).expect("mapped");
        assert_eq!(mapped.expression, Expression::Column(source.to_owned()), "{name} comes from the older name");
    }
    let provider =
        Expression::First(vec![Expression::Column("Provider".to_owned()), Expression::Text("Oracle".to_owned())]);
    assert_eq!(mapping.provider, provider, "rows without a provider are told by the columns of the file");
}

/// The rules for drafts and for providers' ways with FOCUS cost the ordinary export nothing: they are gone before a row is read.
#[test]
fn an_ordinary_export_is_read_column_by_column() {
    for version in [Version::V1_0, Version::V1_1, Version::V1_2, Version::V1_3, Version::V1_4] {
        let names: Vec<&str> =
            focus::columns().iter().filter(|column| column.exists_in(version)).map(|column| column.id).collect();
        let mapping = recognise(&Sample { columns: &columns(&names), rows: &[] }).expect("FOCUS").mapping;
        for mapped in &mapping.columns {
            let plain = match &mapped.expression {
                Expression::Null | Expression::Column(_) => true,
                Expression::KeyValue(of) => matches!(**of, Expression::Column(_)),
                _ => false,
            };
            assert!(plain, "{version}: {} is made by {:?}", mapped.target.id, mapped.expression);
        }
        assert!(mapping.parts.is_empty() && mapping.excluded.is_empty(), "{version}: each row is one charge");
    }
}

#[test]
fn a_file_that_names_no_provider_says_so() {
    let columns = columns(&SMALL[..5]);
    let recognised = recognise(&Sample { columns: &columns, rows: &[] }).expect("FOCUS");
    assert_eq!(recognised.mapping.provider, Expression::Null);
    assert!(recognised.notes[1].contains("names the provider"), "{:?}", recognised.notes);
}

#[test]
fn a_mapping_tells_what_it_does_and_why() {
    let columns = with(&["SkuPriceDetails"]);
    let recognised = recognise(&Sample { columns: &columns, rows: &[] }).expect("FOCUS");
    let json = serde_json::to_value(&recognised).expect("JSON");
    let entry = json["mapping"]["columns"]
        .as_array()
        .and_then(|all| all.iter().find(|entry| entry["target"] == "SkuPriceDetails"));
    let entry = entry.expect("an entry by the FOCUS id");
    assert_eq!(entry["written"], "key_value(SkuPriceDetails)");
    assert_eq!(entry["expression"]["key_value"]["column"], "SkuPriceDetails");
    let period = recognised.mapping.column("billing_period_start", 0).expect("mapped");
    assert!(period.reason.as_deref().is_some_and(|reason| reason.contains("calendar month")), "the reason is told");
}

#[test]
fn faulty_headers_are_refused_with_a_reason_and_a_hint() {
    let no_columns: [&str; 0] = [];
    for (names, message) in [
        (&no_columns[..], "the file is empty: it has no header"),
        (&["", " "], "the file is empty: it has no header"),
        (
            &["BilledCost;BillingCurrency;ServiceName"],
            "the header is a single column, \"BilledCost;BillingCurrency;ServiceName\"",
        ),
        (&["2026-01-01", "12.5", "EC2"], "the first row looks like data, not like a header: it holds \"2026-01-01\""),
        (&["city", "city", "", ""], "city and a column without a name stand more than once in the header"),
        (
            &["city", "inhabitants"],
            "none of the known formats has a header like this one; of its 2 columns the closest, FOCUS, knows 0",
        ),
        (
            &["BillingCurrency", "ChargePeriodStart", "ChargePeriodEnd", "ServiceName", "ListCost"],
            "this looks like FOCUS, but BilledCost is missing",
        ),
    ] {
        let refused = recognise(&Sample { columns: &columns(names), rows: &[] }).expect_err(message);
        assert_eq!(refused.to_string(), message);
        assert!(refused.hint().ends_with('.'), "{message}: {}", refused.hint());
    }
    let twice = recognise(&Sample { columns: &with(&["BilledCost"]), rows: &[] });
    assert_eq!(twice.map(|_| ()), Err(NotRecognised::DuplicateColumns { names: vec!["BilledCost".to_owned()] }));
}

fn column() -> impl Strategy<Value = SourceColumn> {
    let known: Vec<&'static str> = focus::columns()
        .iter()
        .map(|column| column.id)
        .chain([
            "lineItem/UnblendedCost",
            "line_item_line_item_type",
            "resourceTags/user:a",
            "resource_tags",
            "Provider",
        ])
        .collect();
    let name = prop_oneof![4 => prop::sample::select(known).prop_map(str::to_owned), 1 => ".{0,20}"];
    let kind = prop::sample::select(vec![
        SourceKind::Text,
        SourceKind::Float,
        SourceKind::Map,
        SourceKind::Decimal { scale: 9 },
    ]);
    (name, kind).prop_map(|(name, kind)| SourceColumn { name, kind })
}

proptest! {
    #[test]
    fn any_header_is_recognised_or_refused(columns in prop::collection::vec(column(), 0..90)) {
        match recognise(&Sample { columns: &columns, rows: &[] }) {
            Ok(recognised) => {
                let has = |name: &String| columns.iter().any(|column| column.name == *name);
                prop_assert!(recognised.mapping.mandatory_sources.iter().all(has), "mandatory sources are in the file");
                prop_assert!(recognised.mapping.extra.iter().all(has), "extra columns are in the file");
            }
            Err(refused) => prop_assert!(!refused.to_string().is_empty() && !refused.hint().is_empty()),
        }
    }

    #[test]
    fn no_column_of_a_focus_file_is_lost(further in prop::collection::btree_set("x_[A-Za-z]{1,8}", 0..6)) {
        let further: Vec<&str> = further.iter().map(String::as_str).collect();
        let columns = with(&further);
        let mapping = recognise(&Sample { columns: &columns, rows: &[] }).expect("FOCUS").mapping;
        prop_assert_eq!(mapping.extra, further, "each unknown column is kept");
    }
}
