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
    /// Further charges that the same source row makes, part numbers 1, 2, ... in this order. One with [`Part::each`] comes last.
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
    /// What the engagement chose of what the format leaves open: name and value, the rule where it chose nothing.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// How days may be written in the file, best first; empty is ISO 8601 alone. Whoever reads the file finds the one that its
    /// values fit, and leaves that one here.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub dates: Vec<DateSpelling>,
    /// Which of several reports of the format a file may be.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub datasets: Vec<Dataset>,
    /// Which charges of one report give way where another report of the same bill is loaded too.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub yields: Vec<Yield>,
}

impl Mapping {
    /// The entry of a target column, by its snake_case name. The entry of a part, if it overrides the column, comes first.
    pub fn column(&self, name: &str, part: usize) -> Option<&MappedColumn> {
        let overridden = part.checked_sub(1).and_then(|index| {
            // The last part may make any number of charges.
            self.parts.get(index).or_else(|| self.parts.last().filter(|last| last.each.is_some()))
        });
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

/// How a day is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DateSpelling {
    /// `2026-01-31`, with or without a time.
    Iso,
    /// `01/31/2026`, with or without a time.
    MonthDayYear,
    /// `31/01/2026`, with or without a time.
    DayMonthYear,
    /// `31.01.2026`, with or without a time.
    DayMonthYearDots,
}

/// One of the reports that come in the same format.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Dataset {
    /// The report's short name: `actual`.
    pub name: String,
    /// The file is this report if any of its rows fulfils it; none when the header alone rules it out.
    pub any: Option<Condition>,
    /// Pieces of a path that such a file lies under, in lower case; the sign where the rows tell nothing.
    pub path_contains: Vec<String>,
}

/// Charges of one report that give way to another report of the same bill.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Yield {
    /// The report that gives way.
    pub dataset: String,
    /// The report it gives way to.
    pub to: String,
    /// The source rows whose charges count all the same.
    pub keep: Condition,
    /// Why, in a sentence that the load report prints.
    pub reason: String,
}

/// A further charge made from the same source row: all columns as in [`Mapping::columns`] but for the overrides.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Part {
    /// A JSON array of objects: each of them makes a further charge, part numbers counted on from those of the plain parts.
    /// [`Expression::Item`] reads the object. None: the row makes one further charge.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub each: Option<Expression>,
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
    /// A value inside a source column that holds a JSON object (or a struct); numbers as they are written, JSON null is no value.
    Field {
        /// The exact header name of the column.
        column: String,
        /// The keys on the way to the value.
        path: Vec<String>,
    },
    /// A value inside the object that a further charge is made from, see [`Part::each`].
    Item(Vec<String>),
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
    /// The exact decimal product, rounded half to even where it has more than 18 decimals; null when a factor is null.
    Product(Vec<Expression>),
    /// The exact decimal sum of one value of each object in a JSON array; null when there is none to add.
    SumOf {
        /// The JSON array.
        of: Box<Expression>,
        /// The keys on the way to the number.
        field: Vec<String>,
        /// Which of the objects count; none is all.
        among: Option<Among>,
    },
    /// The texts one after the other; nulls are left out, and nothing but nulls is null.
    Concat(Vec<Expression>),
    /// A text of the first object in a JSON array that has it.
    FirstOf {
        /// The JSON array.
        of: Box<Expression>,
        /// The keys on the way to the text.
        field: Vec<String>,
        /// Which of the objects count; none is all.
        among: Option<Among>,
    },
    /// The text in lower case.
    Lower(Box<Expression>),
    /// The text in upper case.
    Upper(Box<Expression>),
    /// The text without white space at its ends; nothing left is null.
    Trim(Box<Expression>),
    /// The text with every occurrence of one text replaced by another; nothing left is null.
    Replace {
        /// The text to look in.
        of: Box<Expression>,
        /// What is replaced.
        from: String,
        /// What it is replaced by.
        to: String,
    },
    /// One of the pieces that a separator cuts a text into; null where there is no such piece or nothing in it.
    Piece {
        /// The text to cut.
        of: Box<Expression>,
        /// What stands between pieces.
        separator: String,
        /// Which piece: from 1, or from -1 counted from the end.
        number: i32,
    },
    /// The first instant of the month (UTC) that the timestamp lies in.
    MonthStart(Box<Expression>),
    /// The first instant of the month after (UTC): the exclusive end of the month that the timestamp lies in.
    MonthEnd(Box<Expression>),
    /// A period end made exclusive: a timestamp whose seconds are 59 is moved on by one second, all others stay.
    EndExclusive(Box<Expression>),
    /// The same time on the next day: a period end of whole days made exclusive.
    NextDay(Box<Expression>),
    /// A month that six digits name (`202601`), as an instant in UTC.
    NamedMonth {
        /// The digits.
        of: Box<Expression>,
        /// The IANA name of the time zone that the month begins in; none is UTC.
        zone: Option<String>,
        /// The first instant of the month after, instead of the month's own.
        end: bool,
    },
    /// A JSON object as text, keys in this order, values as JSON strings. Keys without a value are left out; no key at all is
    /// null.
    Object(Vec<(String, Expression)>),
    /// A column that already holds keys and values (a Parquet MAP or a JSON object as text) as JSON object text; an empty object
    /// is null.
    KeyValue(Box<Expression>),
    /// A JSON object whose keys have lost the colon after their prefix: `user_env` is `user:env` again.
    Prefixed {
        /// The object.
        of: Box<Expression>,
        /// The prefixes, letters and digits.
        prefixes: Vec<String>,
    },
    /// A JSON array of objects that hold a key and a value each, as one JSON object: the first of equal keys counts, a key
    /// without a value has the value `true`. What is no array stays as it is.
    Pairs {
        /// The JSON array.
        of: Box<Expression>,
        /// Where the objects hold the key.
        key: Vec<String>,
        /// Where the objects hold the value.
        value: Vec<String>,
        /// What every key gets in front.
        prefix: String,
    },
    /// Several JSON objects as one; the first that has a key decides its value.
    Merge(Vec<Expression>),
}

/// Which objects of a JSON array are meant.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Among {
    /// The keys on the way to the text that decides.
    pub field: Vec<String>,
    /// The texts, exactly.
    pub values: Vec<String>,
    /// Whether the objects with one of the texts are meant, or all others.
    pub listed: bool,
}

/// A condition on one source row. It is always true or false: a comparison with a null operand is false (`Missing` apart), so
/// `Not` of it is true.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Condition {
    /// The text equals one of these, exactly.
    Is(Expression, Vec<String>),
    /// The text equals one of these but for case.
    Same(Expression, Vec<String>),
    /// The text starts with this, exactly.
    StartsWith(Expression, String),
    /// The text ends with this, exactly.
    EndsWith(Expression, String),
    /// The text contains this, exactly.
    Contains(Expression, String),
    /// There is no value.
    Missing(Expression),
    /// The number is below zero. One that cannot be read is neither zero nor above nor below it.
    Negative(Expression),
    /// The number is above zero.
    Positive(Expression),
    /// The number is zero or missing.
    Zero(Expression),
    /// The opposite.
    Not(Box<Condition>),
    /// All hold; no conditions at all hold.
    All(Vec<Condition>),
    /// At least one holds; with no conditions at all, none does.
    Any(Vec<Condition>),
}
