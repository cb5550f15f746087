//! What `forecast` is asked.

use std::collections::BTreeMap;

use money::Amount;
use query::{Dimension, Grain, Question};
use serde::Deserialize;
use ts_rs::TS;

use crate::exporting::ExportTarget;

/// `forecast`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ForecastRequest {
    /// Whose cost: its first measure, which must be money, under its filters. Its period is the history that is learned from; without
    /// one, everything that is loaded. Its own breakdown, grain, top and comparison are not used.
    pub(crate) question: Question,
    /// By month or by day.
    pub(crate) grain: Grain,
    /// Months or days beyond the history; twelve months or ninety days where it is not said.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) horizon: Option<u32>,
    /// A dimension whose values are forecast, too: they add up to the total.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) by: Option<Dimension>,
    /// A second dimension: what each of those values costs is told apart by its values, too, and adds up to it.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) then: Option<Dimension>,
    /// How many values stand for themselves, the dearest first; the others are one part, "other". Ten where it is not said.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) top: Option<u32>,
    /// Business metrics that the cost is explained by, beside the forecast from its own past.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) drivers: Option<Vec<ForecastDriver>>,
    /// Parts that are set by hand. The total moves by as much, and no other part, unless the total is set by hand, too.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) locks: Option<Vec<ForecastLock>>,
    /// What the steps beyond the history are to come to in all: the parts that nobody set give way, by how large their past errors were.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) lock_total: Option<Amount>,
}

/// A business metric that drives the cost.
#[derive(Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct ForecastDriver {
    /// Its name; `metrics` lists them.
    pub(crate) metric: String,
    /// The fraction by which its units grow each step, such as 0.02; without it and without values it is forecast like a cost.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) growth: Option<Amount>,
    /// Its units at the steps named, such as `2026-11`; a step that is not named has those of the one before.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) values: Option<BTreeMap<String, Amount>>,
    /// What a unit costs, where that is known; else it is fitted.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(crate) unit_rate: Option<Amount>,
}

/// A part that is set by hand.
#[derive(Clone, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct ForecastLock {
    /// The value of the dimension; null where charges have none.
    #[serde(default)]
    pub(crate) value: Option<String>,
    /// What its steps beyond the history add up to.
    pub(crate) amount: Amount,
}

/// `forecast_export`: a forecast as a workbook whose formulas live.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ForecastExportRequest {
    /// What is forecast.
    pub(crate) request: ForecastRequest,
    /// Where the workbook goes.
    pub(crate) target: ExportTarget,
}
