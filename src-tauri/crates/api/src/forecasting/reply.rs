//! What `forecast` answers.

use money::{Amount, Currency};
use query::{Evidence, Grain, MeasureColumn, Note, Period, Question};
use serde::Serialize;
use ts_rs::TS;

use super::details::{
    ForecastComponents, ForecastDriverModel, ForecastEvent, ForecastLevelShift, ForecastMonthEnd, ForecastPart,
    ForecastReconciliation,
};
use super::made_of::ForecastSplit;

/// A forecast of one scope with its record.
#[derive(Serialize, TS)]
#[ts(export)]
pub struct ForecastReply {
    /// The question as it was answered.
    pub question: Question,
    /// The cost that is forecast.
    pub measure: MeasureColumn,
    /// The currency of every amount.
    pub currency: Currency,
    /// Months or days.
    pub grain: Grain,
    /// The history.
    pub period: Period,
    /// What was charged, a step each.
    pub history: Vec<ForecastActual>,
    /// What is expected: first the steps of the history that are not complete, then those beyond it.
    pub steps: Vec<ForecastStep>,
    /// The steps beyond the history added up; none where there are none.
    pub total: Option<ForecastTotal>,
    /// How it was made: a stable word such as `ensemble`.
    pub method: String,
    /// The same in words.
    pub method_in_words: String,
    /// What each model expects by itself.
    pub models: Vec<ForecastModel>,
    /// How well the method would have done before; none where the history is too short to tell.
    pub record: Option<ForecastRecord>,
    /// The record in a sentence, or why there is none.
    pub verdict: String,
    /// Values of the history that counted for less than they are.
    pub outliers: Vec<ForecastOutlier>,
    /// How the bill was split before it was forecast, and what each kind of charge comes to.
    pub split: ForecastSplit,
    /// What moves slowly, what comes back each period and what is left of the history that was modelled: of usage, or of all where the bill
    /// was modelled as a whole; none of fewer than two periods.
    pub components: Option<ForecastComponents>,
    /// Where the level moved for good, if it did.
    pub level_shift: Option<ForecastLevelShift>,
    /// What the analyst wrote on days of the history and of the forecast.
    pub events: Vec<ForecastEvent>,
    /// The values of the dimension asked by, each with its forecast: in every step they add up to the step's amount. The dearest first,
    /// what is left of them last.
    pub parts: Vec<ForecastPart>,
    /// How the parts and the total were made to agree; none without parts.
    pub reconciliation: Option<ForecastReconciliation>,
    /// What the running month will come to, from its days; none where no month has begun or the steps are days.
    pub month_end: Option<ForecastMonthEnd>,
    /// The same cost from what drives it; none where no driver was named.
    pub driver_model: Option<ForecastDriverModel>,
    /// Everything that was done otherwise than by the book, and what to know of the history.
    pub notes: Vec<Note>,
    /// How the history was made.
    pub evidence: Evidence,
}

/// A month or a day of the history.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastActual {
    /// `2026-03` or `2026-03-05`.
    pub time: String,
    /// What was charged; none where there is no charge.
    pub amount: Option<Amount>,
    /// Whether more may still come: such a value is not learned from.
    pub provisional: bool,
}

/// A month or a day that is forecast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastStep {
    /// `2026-03` or `2026-03-05`.
    pub time: String,
    /// What is expected: as likely more as less.
    pub amount: Amount,
    /// The lower end of the 80 % interval.
    pub low_80: Amount,
    /// Its upper end.
    pub high_80: Amount,
    /// The lower end of the 95 % interval.
    pub low_95: Amount,
    /// Its upper end.
    pub high_95: Amount,
    /// Where the figure comes from, where that is not the models alone.
    pub remark: Option<String>,
}

/// What the steps beyond the history come to. Its interval is that of the sum, found over sample paths: narrower than the steps' added up.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastTotal {
    /// The first step.
    pub from: String,
    /// The last step.
    pub to: String,
    /// The sum of the steps' amounts, exactly.
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

/// A model's own forecast.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastModel {
    /// Such as `ETS(M,Ad,A)`.
    pub name: String,
    /// What it expects of each step.
    pub amounts: Vec<Amount>,
}

/// The backtest card: the same method from earlier points of the history, judged by what came then. Shares are fractions with four
/// decimals; none where the history does not tell.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastRecord {
    /// Earlier points.
    pub origins: u32,
    /// The most steps ahead that could be judged.
    pub steps: u32,
    /// Weighted absolute percentage error: the sizes of the errors over the sizes of the actual values.
    pub wape: Option<Amount>,
    /// Expected minus actual over actual: above zero, too much was expected.
    pub bias: Option<Amount>,
    /// Mean absolute scaled error: below one, better than seasonal naive one period ahead.
    pub mase: Option<Amount>,
    /// The share of seasonal naive's error that was saved.
    pub skill_against_seasonal_naive: Option<Amount>,
    /// The share of run-rate's error that was saved.
    pub skill_against_run_rate: Option<Amount>,
    /// How many values lay within the 80 % interval.
    pub coverage_80: Option<Amount>,
    /// How many values lay within the 95 % interval.
    pub coverage_95: Option<Amount>,
    /// The mean share by which the sum of twelve months (or a year of days) was missed.
    pub year_error: Option<Amount>,
}

/// A value that counted for less than it is.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastOutlier {
    /// Its month or day.
    pub time: String,
    /// What it is.
    pub amount: Amount,
    /// What it counted for.
    pub counted_as: Amount,
}
