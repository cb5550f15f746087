//! [`Answer`]: the rows, the total, and the [`Evidence`] of how they were made.

use money::{Amount, Currency};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{EvidenceRates, EvidenceRule, Period, Planned, Question};

/// The answer to a [`Question`]. The rows' values add up to the total exactly, "other" included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Answer {
    /// The question as it was answered: period and currency filled in.
    pub question: Question,
    /// The currency of every money column: the billing currency, or the one that costs were converted into.
    pub currency: Currency,
    /// The period that was answered.
    pub period: Period,
    /// The period compared with, if one was asked for.
    pub compared_with: Option<Period>,
    /// The plan that stands in the place of a compared period, if one was asked for.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional)]
    pub against: Option<Against>,
    /// The columns of the rows' keys: the time column first if there is one, then the dimensions.
    pub keys: Vec<KeyColumn>,
    /// The measures, in the order of the rows' cells.
    pub measures: Vec<MeasureColumn>,
    /// The rows in their stated order: by time, then by the first measure from high to low, then by name; "other" last.
    pub rows: Vec<Row>,
    /// The total over everything that the filters let through, one cell for each measure.
    pub total: Vec<Cell>,
    /// How many distinct groups of the dimensions there are, "other" opened up.
    pub groups: u64,
    /// What an analyst should know before using the figures: other currencies, partial periods, units that do not add.
    pub notes: Vec<Note>,
    /// How the figures were made.
    pub evidence: Evidence,
}

/// The plan that costs are held against: the cells' `previous` is what was planned, and none where nothing was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Against {
    /// The plan, by its name.
    pub plan: Planned,
    /// What it is called, such as `budget 2026`.
    pub label: String,
    /// The days whose plan counts: those of the period whose costs are known.
    pub period: Period,
}

/// A key column of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct KeyColumn {
    /// `month`, `day`, `hour` or a dimension's name such as `service` or `tag:team`.
    pub name: String,
    /// The label for a person.
    pub label: String,
}

/// A measure column of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MeasureColumn {
    /// The measure's name, such as `billed_cost`.
    pub name: String,
    /// The label for a person, such as `Billed cost`.
    pub label: String,
    /// `currency`, `quantity` or `count`; of a quotient `unit_cost`, `ratio` or `percent`.
    pub kind: MeasureKind,
    /// The unit of a quantity when all rows share one; of a cost for one unit that unit.
    pub unit: Option<String>,
}

/// What kind of number a measure is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MeasureKind {
    /// Money in the answer's currency.
    Currency,
    /// A quantity in some unit.
    Quantity,
    /// A number of charges.
    Count,
    /// Money in the answer's currency for one unit of something. Parts do not add up to it.
    UnitCost,
    /// A plain number, one figure divided by another.
    Ratio,
    /// One figure divided by another, a fraction that is shown in percent: 0.25 is 25 %.
    Percent,
}

/// A row of an answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Row {
    /// One key for each key column. Time as `2018-10`, `2018-10-03` or `2018-10-03T14`; a missing value is null.
    pub keys: Vec<Option<String>>,
    /// Whether the row is a group or what is left of them.
    pub role: RowRole,
    /// One cell for each measure.
    pub cells: Vec<Cell>,
}

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RowRole {
    /// One group.
    Group,
    /// All groups below the top N together.
    Other,
}

/// A figure with its comparison. All of it exact decimals; ratios are fractions (0.25 is 25 %) with six decimals, half to even.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Cell {
    /// The figure; null where no charge has the measure.
    pub value: Option<Amount>,
    /// The figure of the compared period.
    pub previous: Option<Amount>,
    /// `value - previous`, a missing one counting as zero, of a quotient not; null without a comparison, and where both are missing.
    pub change: Option<Amount>,
    /// `change / |previous|`; null when the previous figure is zero or missing.
    pub change_ratio: Option<Amount>,
    /// `value / total`; null when the total is zero, and for a quotient, whose parts do not add up.
    pub share: Option<Amount>,
}

/// Something the reader of an answer should know.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Note {
    /// A stable word for programs: `partial_period`, `partial_comparison`, `billing_months`, `other_currencies`, `mixed_units`.
    pub code: String,
    /// One sentence for a person.
    pub message: String,
}

/// How a figure was made, complete enough to make it again.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Evidence {
    /// A short id that follows from question and loads: the same question on the same data has the same id.
    pub id: String,
    /// What the measures mean, one sentence each.
    pub definition: Vec<String>,
    /// The filters and the period as one sentence.
    pub scope: String,
    /// The SQL that was run, with its values written in; runs as it stands in the SQL console.
    pub sql: String,
    /// The table that answered: `charge` or one of the cubes, such as `cube_month`.
    pub source: String,
    /// The loads behind the figures.
    pub loads: Vec<EvidenceLoad>,
    /// How many charges are in the total.
    #[ts(type = "number")]
    pub charges: u64,
    /// The rates that costs were converted by; none where nothing was converted.
    #[serde(default)]
    pub rates: Option<EvidenceRates>,
    /// The rule files that the answer rests on, with their versions.
    #[serde(default)]
    pub rules: Vec<EvidenceRule>,
}

/// A load that an answer rests on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EvidenceLoad {
    /// The load's number in the engagement.
    #[ts(type = "number")]
    pub id: i64,
    /// The file's name as it was loaded.
    pub file: String,
    /// The file's SHA-256, in hex.
    pub sha256: String,
    /// The charges that the load holds.
    #[ts(type = "number")]
    pub rows: u64,
    /// What the engagement chose of what the file's format leaves open: `gcp_credits = net`. Without a choice to make it is not there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    #[ts(optional, as = "Option<Vec<String>>")]
    pub settings: Vec<String>,
}
