//! The layers of a mapping's statement: columns beside columns, and the names that their values go by.

/// `from` with more columns beside its own.
pub(super) fn layered(from: &str, columns: &[String]) -> String {
    if columns.is_empty() { from.to_owned() } else { format!("(SELECT *, {} FROM {from})", columns.join(", ")) }
}

pub(super) fn text_name(column: &str) -> String {
    format!("#text {column}")
}

pub(super) fn number_name(column: &str) -> String {
    format!("#number {column}")
}

pub(super) fn flag_name(column: &str) -> String {
    format!("#flag {column}")
}

/// The layer name of whether the JSON in a column is so plain that its values are found without the engine.
pub(super) fn plain_name(column: &str) -> String {
    format!("#plain {column}")
}

pub(super) fn json_name(column: &str) -> String {
    format!("#json {column}")
}

/// The layer name of a value inside a column. No column has it: a name that is a column's is never looked up inside another.
pub(super) fn field_name(column: &str, path: &[String]) -> String {
    format!("#field {column}.{}", path.join("."))
}
