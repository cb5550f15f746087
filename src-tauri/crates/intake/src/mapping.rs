//! A mapping: how each column of one recognised file becomes a column of the canonical charge. It is data; `store` turns it into
//! the engine's language, `qd source` prints it beside the source row.
//!
//! Evaluation rules that every reader of a mapping keeps:
//! - A field of the source is null when it is absent, empty, or one of [`Mapping::null_tokens`] (compared exactly).
//! - Text stays text until the kind of the target column asks for a cast; a value that cannot be cast rejects its row.
//! - Arithmetic is decimal, never floating point, with 18 decimals.

use std::collections::BTreeMap;

use focus::Column;
use serde::{Serialize, Serializer};

/// What one file of a recognised format becomes.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mapping {
    /// The format's short name: `focus`, `aws-cur`.
    pub format: String,
    /// The version of the format, as recognised: `1.2`; `legacy`, `2.0`.
    pub version: String,
    /// Field texts that mean "no value", besides the empty field. Compared exactly.
    pub null_tokens: Vec<String>,
    /// One entry for every column of [`focus::columns`], in that order. A column the file has nothing for holds
    /// [`Expression::Null`].
    pub columns: Vec<MappedColumn>,
    /// Further charges that the same source row makes, part numbers 1, 2, ... in this order.
    pub parts: Vec<Part>,
    /// Source rows that are no charges. They make no charge at all, and the load counts and lists them.
    pub excluded: Vec<Exclusion>,
    /// Source columns, in file order and with their exact names, that are kept in the `extra` JSON object of the charge because
    /// no FOCUS column takes them. Null fields are left out of the object.
    pub extra: Vec<String>,
    /// The provider of the charge; it has a value on every row of a sound file. [`Expression::Null`] when nothing in the file names
    /// the provider: then whoever loads the file must.
    pub provider: Expression,
    /// Exact names of the source columns without which the file could not be read.
    pub mandatory_sources: Vec<String>,
}

impl Mapping {
    /// The entry of a target column, by its snake_case name. The entry of a part, if it overrides the column, comes first.
    pub fn column(&self, name: &str, part: usize) -> Option<&MappedColumn> {
        let overridden = part.checked_sub(1).and_then(|index| self.parts.get(index));
        overridden
            .and_then(|part| part.overrides.iter().find(|column| column.target.name == name))
            .or_else(|| self.columns.iter().find(|column| column.target.name == name))
    }
}

/// How one column of the charge comes about.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct MappedColumn {
    /// The FOCUS column that is filled; serialised as its id.
    #[serde(serialize_with = "column_id")]
    pub target: &'static Column,
    /// What to compute from the source row.
    pub expression: Expression,
    /// The expression as the mapping file writes it, for people.
    pub written: String,
    /// Why it is so, when the mapping file gives a reason.
    pub reason: Option<String>,
}

fn column_id<S: Serializer>(column: &'static Column, serializer: S) -> Result<S::Ok, S::Error> {
    serializer.serialize_str(column.id)
}

/// A further charge made from the same source row: all columns as in [`Mapping::columns`] but for the overrides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// Which source rows make this further charge.
    pub when: Condition,
    /// The columns that differ from the first charge of the row.
    pub overrides: Vec<MappedColumn>,
    /// Why there is a further charge.
    pub reason: String,
}

/// Source rows that are no charges.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Exclusion {
    /// Which source rows.
    pub when: Condition,
    /// Why, in a sentence that the load report prints.
    pub reason: String,
}

/// A value computed from one source row.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Expression {
    /// The field of the source column with exactly this header name.
    Column(String),
    /// A constant text.
    Text(String),
    /// A constant decimal number, as written.
    Number(String),
    /// No value.
    Null,
    /// The first that has a value.
    First(Vec<Expression>),
    /// One of two.
    If {
        /// Decides; an undecidable condition (a null operand) counts as not met, see [`Condition`].
        when: Box<Condition>,
        /// The value where the condition holds.
        then: Box<Expression>,
        /// The value where it does not.
        otherwise: Box<Expression>,
    },
    /// A text replaced through a table (exact match); `otherwise` where the table has no such entry or `of` is null.
    Lookup {
        /// The text to look up.
        of: Box<Expression>,
        /// From text to text.
        table: BTreeMap<String, String>,
        /// The value for all other texts.
        otherwise: Box<Expression>,
    },
    /// The decimal sum; nulls count as zero, but the sum of nothing but nulls is null.
    Sum(Vec<Expression>),
    /// The decimal with the other sign; null stays null.
    Negate(Box<Expression>),
    /// The texts one after the other; nulls are left out, and nothing but nulls is null.
    Concat(Vec<Expression>),
    /// The first instant of the month (UTC) that the timestamp lies in.
    MonthStart(Box<Expression>),
    /// The first instant of the month after (UTC): the exclusive end of the month that the timestamp lies in.
    MonthEnd(Box<Expression>),
    /// A period end made exclusive: a timestamp whose seconds are 59 is moved on by one second, all others stay.
    EndExclusive(Box<Expression>),
    /// A JSON object as text, keys in this order, values as JSON strings. Keys without a value are left out; no key at all is
    /// null.
    Object(Vec<(String, Expression)>),
    /// A column that already holds keys and values (a Parquet MAP or a JSON object as text) as JSON object text; an empty object
    /// is null.
    KeyValue(Box<Expression>),
}

/// A condition on one source row. It is always true or false: a comparison with a null operand is false (`Missing` apart), so
/// `Not` of it is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The text equals one of these, exactly.
    Is(Expression, Vec<String>),
    /// The text starts with this, exactly.
    StartsWith(Expression, String),
    /// The text contains this, exactly.
    Contains(Expression, String),
    /// There is no value.
    Missing(Expression),
    /// The number is below zero.
    Negative(Expression),
    /// The number is zero or missing.
    Zero(Expression),
    /// The opposite.
    Not(Box<Condition>),
    /// All hold; no conditions at all hold.
    All(Vec<Condition>),
    /// At least one holds; with no conditions at all, none does.
    Any(Vec<Condition>),
}
