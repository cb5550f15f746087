//! Google Cloud's billing export: its shapes are one format, and what an engagement chooses of it.

use std::collections::BTreeMap;

use crate::common::columns;
use intake::{Expression, Recognised, Sample, SourceColumn, SourceKind, recognise, recognise_with};

const FLAT: [&str; 12] = [
    "billing_account_id",
    "service.description",
    "sku.id",
    "sku.description",
    "usage_start_time",
    "usage_end_time",
    "project.id",
    "cost",
    "currency",
    "credits",
    "invoice.month",
    "cost_type",
];

fn nested() -> Vec<SourceColumn> {
    let plain = ["billing_account_id", "usage_start_time", "usage_end_time", "cost", "currency", "cost_type"];
    let objects = ["service", "sku", "project", "credits", "invoice"];
    let column = |name: &&str, kind| SourceColumn { name: (*name).to_owned(), kind };
    let plain = plain.iter().map(|name| column(name, SourceKind::Text));
    plain.chain(objects.iter().map(|name| column(name, SourceKind::Json))).collect()
}

fn read(columns: &[SourceColumn]) -> Recognised {
    recognise(&Sample { columns, rows: &[] }).expect("an export")
}

fn expression<'a>(recognised: &'a Recognised, column: &str, part: usize) -> &'a Expression {
    &recognised.mapping.column(column, part).expect("every column is mapped").expression
}

#[test]
fn dotted_headers_and_nested_objects_are_one_format() {
    let (flat, nested) = (columns(&FLAT), nested());
    let (flat, nested) = (read(&flat), read(&nested));
    assert_eq!((flat.format.as_str(), nested.format.as_str()), ("gcp", "gcp"));
    assert_eq!(*expression(&flat, "service_name", 0), Expression::Column("service.description".to_owned()));
    let inside = Expression::Field { column: "service".to_owned(), path: vec!["description".to_owned()] };
    assert_eq!(*expression(&nested, "service_name", 0), inside);
    assert_eq!(flat.version, "standard");
    let detailed = columns(&[&FLAT[..], &["resource.name"]].concat());
    assert_eq!(read(&detailed).version, "detailed", "only the detailed export names resources");
}

#[test]
fn every_credit_of_a_row_has_the_mapping_of_its_part() {
    let columns = columns(&FLAT);
    let recognised = read(&columns);
    assert_eq!(recognised.mapping.parts.len(), 1);
    for part in [1, 2, 200] {
        let amount = Expression::Item(vec!["amount".to_owned()]);
        assert_eq!(*expression(&recognised, "billed_cost", part), amount, "part {part}");
    }
    assert!(
        matches!(expression(&recognised, "billed_cost", 0), Expression::Sum(_)),
        "the row itself keeps its discounts"
    );
}

#[test]
fn an_export_without_credits_makes_one_charge_a_row() {
    let columns: Vec<&str> = FLAT.into_iter().filter(|name| *name != "credits").collect();
    let recognised = read(&crate::common::columns(&columns));
    assert!(recognised.mapping.parts.is_empty());
    assert_eq!(*expression(&recognised, "billed_cost", 0), Expression::Column("cost".to_owned()));
    assert!(recognised.notes.iter().any(|note| note.contains("no credits")), "{:?}", recognised.notes);
}

#[test]
fn the_engagement_chooses_how_credits_are_shown() {
    let columns = columns(&FLAT);
    let with = |value: &str| {
        let settings = BTreeMap::from([("gcp_credits".to_owned(), value.to_owned())]);
        recognise_with(&Sample { columns: &columns, rows: &[] }, &settings, &[]).expect("an export")
    };
    let gross = with("gross");
    assert_eq!(gross.mapping.settings["gcp_credits"], "gross", "the mapping says what was chosen");
    assert_eq!(*expression(&gross, "billed_cost", 0), Expression::Column("cost".to_owned()), "nothing is taken off");
    assert_eq!(read(&columns).mapping.settings["gcp_credits"], "net", "the rule is told too");
    let wrong = with("nett");
    assert_eq!(wrong.mapping, with("net").mapping, "a choice that is none changes nothing");
    let note = "gcp_credits is none of net, gross, but \"nett\": net counts.";
    assert!(wrong.notes.iter().any(|said| said == note), "and it is told: {:?}", wrong.notes);
}
