//! What a forecast consists of, and what else is known of it: parts, components, events, the running month, drivers.

use money::Amount;
use serde::Serialize;
use ts_rs::TS;

use super::reply::{ForecastRecord, ForecastTotal};

/// Trend, season and rest of the history, a value for each time; of each time they add up to the value that was modelled, within rounding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastComponents {
    /// `2026-03` or `2026-03-05`.
    pub times: Vec<String>,
    /// What moves slowly.
    pub trend: Vec<Amount>,
    /// What comes back each period.
    pub season: Vec<Amount>,
    /// What is left.
    pub remainder: Vec<Amount>,
}

/// Where the level moved for good.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastLevelShift {
    /// The first month or day at the new level.
    pub time: String,
    /// How far it moved.
    pub by: Amount,
}

/// What the analyst wrote on a day.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastEvent {
    /// The month or the day that it lies in.
    pub time: String,
    /// The remark, after the value that it is on.
    pub text: String,
}

/// The forecast of one value of a dimension.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastPart {
    /// The value; null where charges have none, and for what is left.
    pub value: Option<String>,
    /// Whether this is everything beyond the values that stand for themselves.
    pub other: bool,
    /// What was charged, a step each as in the history of the total; none where there is no charge of anything.
    pub history: Vec<Option<Amount>>,
    /// What is expected, a step each as in the steps of the total.
    pub steps: Vec<ForecastPartStep>,
    /// The steps beyond the history added up; none where there are none.
    pub total: Option<ForecastTotal>,
    /// How it was made: a stable word such as `ensemble`.
    pub method: String,
    /// How well its method would have done before, by itself; none where the history is too short to tell.
    pub record: Option<ForecastRecord>,
    /// Whether it was set by hand.
    pub locked: bool,
    /// What it consists of by the second dimension, where one was asked for; these add up to it.
    pub parts: Vec<Self>,
}

/// A month or a day of a part or of a model.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastPartStep {
    /// What is expected.
    pub amount: Amount,
    /// The lower end of the 80 % interval.
    pub low_80: Amount,
    /// Its upper end.
    pub high_80: Amount,
    /// The lower end of the 95 % interval.
    pub low_95: Amount,
    /// Its upper end.
    pub high_95: Amount,
}

/// How the parts and the total were made to agree.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastReconciliation {
    /// A stable word: `min_trace_shrink`, `variance`, `structure` or `equal`.
    pub method: String,
    /// The same in words.
    pub words: String,
}

/// What the running month will come to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastMonthEnd {
    /// The month.
    pub month: String,
    /// The last day that counts as complete.
    pub as_of: String,
    /// What its complete days come to.
    pub to_date: Amount,
    /// What all of it will come to.
    pub expected: Amount,
    /// The lower end of the 80 % interval.
    pub low_80: Amount,
    /// Its upper end.
    pub high_80: Amount,
    /// What it would come to if its other days were like the complete ones on average.
    pub run_rate: Amount,
    /// The same in a sentence, and how it was made.
    pub words: String,
}

/// The cost as a fixed part and a cost for each unit of what drives it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastDriverModel {
    /// What is paid at each step whatever happens.
    pub fixed: Amount,
    /// What a unit of each driver costs.
    pub rates: Vec<ForecastUnitRate>,
    /// What the model makes of each step of the history; none where a driver is not known or the step is not complete.
    pub fitted: Vec<Option<Amount>>,
    /// What it expects, a step each as in the steps of the forecast.
    pub steps: Vec<ForecastPartStep>,
    /// The share of the cost's variance that the model explains, with four decimals; none where it cannot be said.
    pub r_squared: Option<Amount>,
    /// The share by which the last six steps were missed when they were left out of the fit; none of too short a history.
    pub last_steps_error: Option<Amount>,
    /// What may be said of the relation: `too_few_to_say`, `significant` or `not_significant`.
    pub wording: String,
    /// The same in a sentence.
    pub words: String,
}

/// What a unit of a driver costs.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastUnitRate {
    /// The metric.
    pub metric: String,
    /// The cost of a unit.
    pub rate: Amount,
    /// Whether it was typed in.
    pub typed: bool,
    /// The share by which the cost moves when the units move by one percent, with four decimals.
    pub elasticity: Amount,
    /// Units at each step of the history; none where they are not known for all of its days.
    pub units: Vec<Option<Amount>>,
    /// Units at each step of the forecast.
    pub units_ahead: Vec<Amount>,
}
