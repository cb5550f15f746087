//! What commands about frozen forecasts are asked and what they answer.

use money::{Amount, Currency};
use query::{Dimension, Grain, Note, Period, Question};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::budgets::BudgetBand;

/// `forecast_freeze`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ForecastFreezeRequest {
    /// The name it is kept under; no other forecast may have it.
    pub(super) name: String,
    /// Whose cost: its first measure, under its filters; its period is the history.
    pub(super) question: Question,
    /// By month or by day.
    pub(super) grain: Grain,
    /// Months or days ahead.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) horizon: Option<u32>,
    /// The values of a dimension are forecast, too: the dearest by themselves, the rest as one.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) by: Option<Dimension>,
    /// The scopes of a budget are forecast, too.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) budget_file: Option<String>,
}

/// `frozen_forecast` and `frozen_forecast_delete`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct FrozenForecastRequest {
    /// The forecast's name.
    pub(super) name: String,
}

/// A forecast that is kept as it was made.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct FrozenInfo {
    /// Its name.
    pub name: String,
    /// The history that it was made from.
    pub made_from: Option<Period>,
    /// When it was frozen, such as `2026-11-22T16:00:00Z`.
    pub frozen_at: String,
    /// Months or days.
    pub grain: Grain,
    /// The cost, such as `effective_cost`.
    pub measure: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// How many scopes have a forecast of their own.
    pub scopes: u32,
    /// How many steps it has.
    pub horizon: u32,
    /// The steps added up.
    pub total: Amount,
    /// Why its file cannot be read; then the figures are empty.
    pub problem: Option<String>,
}

/// A frozen forecast, judged by what has come since.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct FrozenForecast {
    /// What it is.
    pub info: FrozenInfo,
    /// Whose cost.
    pub question: Question,
    /// How it was made.
    pub method: String,
    /// The id of the evidence of its history.
    pub evidence_id: String,
    /// The steps with what came.
    pub steps: Vec<FrozenStep>,
    /// How it did; none while no step is over.
    pub judged: Option<FrozenJudgement>,
    /// Its scopes over the steps that are over, the largest difference first.
    pub scopes: Vec<FrozenScope>,
    /// What to know of it.
    pub notes: Vec<Note>,
}

/// A month or a day that was forecast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FrozenStep {
    /// `2026-03` or `2026-03-05`.
    pub time: String,
    /// What was expected.
    pub amount: Amount,
    /// The lower end of the 80 % interval.
    pub low_80: Amount,
    /// Its upper end.
    pub high_80: Amount,
    /// The lower end of the 95 % interval.
    pub low_95: Amount,
    /// Its upper end.
    pub high_95: Amount,
    /// What it cost; none where nothing is known of it yet.
    pub actual: Option<Amount>,
    /// Whether more may still come: then it is not judged.
    pub provisional: bool,
}

/// How a frozen forecast did.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FrozenJudgement {
    /// How many steps are over.
    pub steps: u32,
    /// The sizes of the errors by the sizes of what came.
    pub wape: Option<Amount>,
    /// Expected less actual by what came: above zero too much was expected.
    pub bias: Option<Amount>,
    /// The share of steps within the 80 % interval.
    pub coverage_80: Option<Amount>,
    /// The share within the 95 % interval.
    pub coverage_95: Option<Amount>,
    /// All of it in a sentence.
    pub words: String,
}

/// A scope of a frozen forecast, over the steps that are over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FrozenScope {
    /// The scope in words.
    pub scope: String,
    /// What was expected.
    pub forecast: Amount,
    /// What it cost; none while no step is over.
    pub actual: Option<Amount>,
    /// Actual less forecast as a share of the forecast.
    pub share: Option<Amount>,
    /// Its band.
    pub band: Option<BudgetBand>,
    /// The lower end of the 80 % interval of what was expected; none where none was kept.
    pub low_80: Option<Amount>,
    /// Its upper end.
    pub high_80: Option<Amount>,
    /// In how many of the steps that are over the cost lay within the 80 % interval of that step.
    pub steps_within_80: Option<u32>,
    /// Whether it did not exist when the forecast was made.
    pub net_new: bool,
}
