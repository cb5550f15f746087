//! [`Question`]: what an analyst asks. An immutable value, the unit of a saved view, of undo and of a pack's figure.

use chrono::NaiveDate;
use money::Currency;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Conversion, Dimension, Measure};

/// What is asked: which measures, broken down by what, over which period, under which filters, compared with what.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(default, deny_unknown_fields)]
#[ts(export, optional_fields = nullable)]
pub struct Question {
    /// The measures, in the order of the columns. The first one ranks the rows. Never empty.
    pub measures: Vec<Measure>,
    /// The dimensions to break down by, outermost first.
    pub by: Vec<Dimension>,
    /// A time column in front of the dimensions, or none.
    pub grain: Option<Grain>,
    /// The days asked for; none means all that is loaded.
    pub period: Option<Period>,
    /// Whether the period (and the month of a monthly time column) is that of the charge or that of the bill.
    pub on: PeriodBasis,
    /// All of these must hold.
    pub filters: Vec<Filter>,
    /// The period to compare with. With a time column its first step is laid over the first of the period asked for, and so on.
    pub compare: Option<Comparison>,
    /// The plan to hold costs against instead of another period. Who knows the plans lays it over the answer; it changes nothing of what is asked
    /// of the charges.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub against: Option<Planned>,
    /// At most this many groups of the dimensions, ranked by the first measure; the rest becomes one row, "other".
    pub top: Option<u32>,
    /// The billing currency: only charges billed in it count, and the answer names how many others the question would let through.
    /// None takes the only one there is; where charges in several fit the question, that is an error unless it converts them.
    pub currency: Option<Currency>,
    /// Whether costs are converted into another currency, and by which rates. None adds up what was billed.
    pub convert: Option<Conversion>,
}

impl Default for Question {
    fn default() -> Self {
        Self {
            measures: vec![Measure::BilledCost],
            by: Vec::new(),
            grain: None,
            period: None,
            on: PeriodBasis::Charge,
            filters: Vec::new(),
            compare: None,
            against: None,
            top: None,
            currency: None,
            convert: None,
        }
    }
}

/// The step of the time column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Grain {
    /// Calendar months, UTC.
    Month,
    /// Calendar days, UTC.
    Day,
    /// Hours, UTC. Answered from the charges themselves.
    Hour,
}

/// Which period of a charge is meant. A bill has no days: columns by day and by hour always tell when the usage happened.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PeriodBasis {
    /// When the usage happened (`ChargePeriodStart`).
    #[default]
    Charge,
    /// Which bill it is on (`BillingPeriodStart`).
    Billing,
}

/// A half-open range of days, UTC: `from` is in it, `to` is not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Period {
    /// The first day.
    #[ts(type = "string")]
    pub from: NaiveDate,
    /// The day after the last.
    #[ts(type = "string")]
    pub to: NaiveDate,
}

/// What to compare a period with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Comparison {
    /// The period of the same length just before; whole months are compared with as many whole months.
    Previous,
    /// The same days a year ago.
    YearAgo,
    /// Any other period.
    Period(Period),
}

/// What was planned, to hold costs against.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Planned {
    /// A budget file of the engagement, by its name; of an empty name the first.
    Budget(String),
    /// A frozen forecast of the engagement.
    Forecast(String),
}

/// One condition on a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct Filter {
    /// The dimension that is tested.
    pub dimension: Dimension,
    /// How it is tested.
    pub operator: Operator,
    /// The values to test against: one for `contains`, one or more for `is`, none for `missing`.
    #[serde(default)]
    pub values: Vec<String>,
}

/// How a filter tests a dimension. Text is compared exactly, but for `contains`, which ignores case.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Operator {
    /// One of the values.
    Is,
    /// None of the values; a missing value passes.
    IsNot,
    /// Contains the text, in any case.
    Contains,
    /// Does not contain the text; a missing value passes.
    NotContains,
    /// Has no value.
    Missing,
    /// Has a value.
    Present,
}
