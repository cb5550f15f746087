//! [`Diagnostic`]: what is wrong, or remarkable, about rows of a metric file.

use serde::{Deserialize, Serialize};
use ts_rs::TS;

/// Something about rows of metric files.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, rename = "MetricDiagnostic")]
pub struct Diagnostic {
    /// What it is.
    pub kind: DiagnosticKind,
    /// Whether the rows count all the same.
    pub counted: bool,
    /// The rows it is about; none for a gap, which is where rows are not.
    pub rows: Vec<RowPlace>,
    /// One sentence for a person, with the rows and the values.
    pub message: String,
}

/// A row of a metric file.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, TS)]
#[ts(export, rename = "MetricRowPlace")]
pub struct RowPlace {
    /// The file's name.
    pub file: String,
    /// The row, counted from 1 behind the header.
    #[ts(type = "number")]
    pub row: u64,
}

/// What can be said of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, rename = "MetricDiagnosticKind")]
pub enum DiagnosticKind {
    /// It has more or fewer fields than the header.
    Fields,
    /// Its date is no day and no month.
    UnknownDate,
    /// It names no metric.
    NoMetric,
    /// Its value is no number.
    NotANumber,
    /// Its value is below zero.
    Negative,
    /// Its labels cannot be read.
    Labels,
    /// Several rows give the same metric, labels and date.
    Duplicate,
    /// A month is given whole, and days of it, too.
    Overlap,
    /// Its value is zero; it counts.
    Zero,
    /// Days or months between the first and the last of a series are missing.
    Gap,
    /// A metric has rows with a label and rows without it; all count.
    MixedLabels,
}

impl DiagnosticKind {
    /// Whether rows of this kind count all the same.
    #[must_use]
    pub const fn is_counted(self) -> bool {
        matches!(self, Self::Zero | Self::Gap | Self::MixedLabels)
    }
}

impl Diagnostic {
    pub(crate) fn new(kind: DiagnosticKind, rows: Vec<RowPlace>, message: String) -> Self {
        Self { kind, counted: kind.is_counted(), rows, message }
    }
}

/// "orders.csv, row 3", "orders.csv, rows 3, 4 and 9", over several files joined by "and".
pub(crate) fn places(rows: &[RowPlace]) -> String {
    const NAMED_MAX: usize = 12;
    let mut files: Vec<(&str, Vec<u64>)> = Vec::new();
    for place in rows.iter().take(NAMED_MAX) {
        match files.last_mut() {
            Some((file, numbers)) if *file == place.file => numbers.push(place.row),
            _ => files.push((&place.file, vec![place.row])),
        }
    }
    let file = |(file, numbers): &(&str, Vec<u64>)| {
        let numbers: Vec<String> = numbers.iter().map(u64::to_string).collect();
        let word = if numbers.len() == 1 { "row" } else { "rows" };
        format!("{file}, {word} {}", listed(&numbers))
    };
    let named: Vec<String> = files.iter().map(file).collect();
    let more = rows.len().saturating_sub(NAMED_MAX);
    let rest = if more > 0 { format!(" and {more} more") } else { String::new() };
    format!("{}{rest}", named.join("; "))
}

/// "a, b and c".
pub(crate) fn listed(parts: &[String]) -> String {
    match parts {
        [] => String::new(),
        [only] => only.clone(),
        [others @ .., last] => format!("{} and {last}", others.join(", ")),
    }
}

/// A text of a file, short enough for a sentence, in quotes.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    let shown: String = text.chars().take(SHOWN_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut = if text.chars().count() > SHOWN_MAX { "…" } else { "" };
    format!("\"{shown}{cut}\"")
}
