//! The columns of the FOCUS Cost and Usage dataset, versions 0.5 to 1.4.

use serde::Serialize;

use crate::Version;

/// One column of the Cost and Usage dataset, and so one column of the canonical charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Column {
    /// The FOCUS column id: `BilledCost`.
    pub id: &'static str,
    /// The name of the column in the charge table: `billed_cost`.
    pub name: &'static str,
    /// What kind of value it holds.
    pub kind: Kind,
    /// Whether FOCUS (the newest version that has the column) allows nulls.
    pub nullable: bool,
    /// How strongly FOCUS asks for the column.
    pub level: Level,
    /// The first version with the column.
    pub since: Version,
    /// The first version without it, if it was removed.
    pub removed: Option<Version>,
    /// The only values allowed; empty when any value is.
    pub allowed_values: &'static [&'static str],
    /// What the column says, in one sentence.
    pub description: &'static str,
}

/// The kind of value in a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Text.
    Text,
    /// An exact decimal number.
    Decimal,
    /// A point in time, UTC.
    DateTime,
    /// A JSON object as text.
    Json,
}

/// How strongly FOCUS asks for a column.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Always present.
    Mandatory,
    /// Present where the provider has the feature.
    Conditional,
    /// Present where the provider wants to.
    Recommended,
}

/// A column that no version has removed; a row of the tables of columns.
#[expect(clippy::too_many_arguments, reason = "a row of a table")]
pub(crate) const fn column(
    id: &'static str,
    name: &'static str,
    kind: Kind,
    nullable: bool,
    level: Level,
    since: Version,
    allowed_values: &'static [&'static str],
    description: &'static str,
) -> Column {
    Column { id, name, kind, nullable, level, since, removed: None, allowed_values, description }
}

impl Column {
    /// Whether the version has this column.
    pub fn exists_in(&self, version: Version) -> bool {
        self.since <= version && self.removed.is_none_or(|removed| version < removed)
    }
}
