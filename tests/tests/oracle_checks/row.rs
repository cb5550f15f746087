//! Rows, rules on rows, and small questions to a row.

use std::collections::{BTreeMap, BTreeSet};

use rust_decimal::Decimal;
use testsupport::decimal::{Sheet, decimal};

/// A row of the file: the texts that are there, by column.
pub(crate) type Row = BTreeMap<String, String>;

pub(crate) fn rows_of(sheet: &Sheet) -> Vec<Row> {
    let columns: Vec<(String, Vec<&str>)> =
        sheet.columns().map(|name| (name.to_owned(), sheet.column(name).collect())).collect();
    (0..sheet.len())
        .map(|at| {
            columns
                .iter()
                .filter(|(_, texts)| !matches!(texts[at], "" | "NULL" | "null" | "\\N"))
                .map(|(name, texts)| (name.clone(), texts[at].to_owned()))
                .collect()
        })
        .collect()
}

/// A rule on rows: its id, whose column it is, what must hold and where.
pub(crate) struct RowRule {
    pub(crate) id: String,
    pub(crate) columns: BTreeSet<String>,
    pub(crate) required: Box<dyn Fn(&Row) -> bool>,
    pub(crate) applies: Box<dyn Fn(&Row) -> bool>,
}

pub(crate) fn rule(
    id: &str,
    columns: &[&str],
    required: impl Fn(&Row) -> bool + 'static,
    applies: impl Fn(&Row) -> bool + 'static,
) -> RowRule {
    RowRule {
        id: id.to_owned(),
        columns: columns.iter().map(|&column| column.to_owned()).collect(),
        required: Box::new(required),
        applies: Box::new(applies),
    }
}

pub(crate) fn is(row: &Row, column: &str, value: &str) -> bool {
    row.get(column).is_some_and(|text| text == value)
}

pub(crate) fn number(row: &Row, column: &str) -> Option<Decimal> {
    row.get(column).map(|text| decimal(text))
}

/// The company behind a name, by its first word.
pub(crate) fn company(name: &str) -> String {
    let lower = name.to_lowercase();
    let first = lower.split(|letter: char| !letter.is_ascii_alphanumeric()).find(|word| !word.is_empty());
    match first.unwrap_or_default() {
        "amazon" => "aws",
        "azure" => "microsoft",
        "gcp" => "google",
        "oci" => "oracle",
        other => other,
    }
    .to_owned()
}
