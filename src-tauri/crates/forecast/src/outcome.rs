//! What a forecast says, and what it says about itself.

use chrono::NaiveDate;
use money::{Amount, AmountError};

use crate::backtest::BacktestCard;
use crate::calendar::Grain;
use crate::ensemble::Member;
use crate::intervals::Spread;
use crate::posting::{amount_of, amounts_of_parts};

/// A forecast of one series.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Forecast {
    /// How far apart the steps are.
    pub grain: Grain,
    /// The steps: first those that are provisional in the history, then those beyond it.
    pub steps: Vec<Step>,
    /// How it was made.
    pub method: Method,
    /// Each member's own forecast; empty when the method has none.
    pub members: Vec<MemberForecast>,
    /// Everything that was done otherwise than by the book, with the reason; in the order in which it was done.
    pub fallbacks: Vec<Fallback>,
    /// Values of the history that counted for less than they are.
    pub outliers: Vec<Outlier>,
    /// Trend and season of the history; nothing with fewer than two periods.
    pub components: Option<Components>,
    /// How well the method would have done; nothing when the history is too short to tell.
    pub card: Option<BacktestCard>,
    /// How wide the intervals are.
    pub spread: Spread,
    /// What the method would have missed one step ahead, where it could be tried; in the order of their steps. A tree of forecasts is
    /// reconciled by them.
    pub one_step_errors: Vec<StepError>,
}

/// An error one step ahead: what came, less what would have been expected.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct StepError {
    /// The step that was expected.
    pub date: NaiveDate,
    /// By how much it was missed, in costs.
    pub error: f64,
}

/// One step of a forecast. It can be kept as text and read again, to be judged when the actual costs are known.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
pub struct Step {
    /// The day, or the first day of the month.
    pub date: NaiveDate,
    /// What is expected: the median.
    pub point: f64,
    /// Four of five times the value lies from here ...
    pub low_80: f64,
    /// ... to here.
    pub high_80: f64,
    /// Nineteen of twenty times the value lies from here ...
    pub low_95: f64,
    /// ... to here.
    pub high_95: f64,
    /// Where the figure comes from.
    pub source: StepSource,
}

/// Where a step's figure comes from.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum StepSource {
    /// From the model alone.
    Model,
    /// From what has come in so far and the share that usually has by then.
    Completed {
        /// What has come in.
        seen: f64,
        /// The share that usually has by then.
        share: f64,
    },
    /// From the model, but not below what has come in.
    AtLeastSeen {
        /// What has come in.
        seen: f64,
    },
}

/// How a forecast was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// The median of several models.
    Ensemble,
    /// The last period again.
    SeasonalNaive,
    /// The last year again and the latest level, weighed by their past errors.
    LastYearAndLatest,
    /// The next months from the forecast of their days, later ones in the shape of last year at the same level.
    ByDay,
    /// The mean of the latest values, by weekday.
    RunRate,
    /// How likely a charge is, times how large.
    Intermittent,
    /// Fees go on, percentages are worked out anew: there is nothing to model.
    Schedule,
    /// Nothing was ever charged.
    Zero,
    /// Nothing is known.
    NoHistory,
}

/// A member's own forecast.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct MemberForecast {
    /// Which member.
    pub member: Member,
    /// The model that it chose, such as `ETS(M,Ad,A)`.
    pub name: String,
    /// What it expects of each step.
    pub values: Vec<f64>,
}

/// Trend, season and rest of the history; they add up to the values that were modelled.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Components {
    /// The step of the first value.
    pub first: NaiveDate,
    /// What moves slowly.
    pub trend: Vec<f64>,
    /// What comes back each period.
    pub season: Vec<f64>,
    /// What is left.
    pub remainder: Vec<f64>,
}

/// A value that counted for less than it is.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Outlier {
    /// Its step.
    pub date: NaiveDate,
    /// What it is.
    pub value: f64,
    /// What it counted for.
    pub counted_as: f64,
}

/// Something done otherwise than by the book, with the reason.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Fallback {
    /// No value is known: the forecast is zero, and no more than that.
    NoHistory,
    /// Every value is zero: so is the forecast.
    AllZero,
    /// Every value is the same: it goes on, to the cent.
    NeverMoved,
    /// Fewer than 12 months or 28 days: the mean of the latest values.
    RunRateOnly {
        /// How many values there are.
        values: usize,
    },
    /// Fewer than 24 months: no trend can be told from a season, so the forecast lies between the last year and the latest level, as
    /// their past errors say.
    ShortHistory {
        /// How many values there are.
        values: usize,
    },
    /// Fewer than 24 months: the next ones come from the forecast of their days.
    LevelFromDays {
        /// How many months there are.
        values: usize,
        /// How many days were modelled.
        days: usize,
    },
    /// Fewer than 36 months: half way between the models and the last year with the latest level.
    LeansOnLastYear {
        /// How many values there are.
        values: usize,
    },
    /// Most values are zero: likelihood and size of a charge are modelled apart.
    Intermittent {
        /// The share of values that are zero.
        zero_share: f64,
    },
    /// Unknown values were filled from their neighbours.
    GapsFilled {
        /// How many.
        count: usize,
    },
    /// Provisional values were kept from the models.
    ProvisionalLeftOut {
        /// How many.
        count: usize,
    },
    /// Only the latest values were modelled.
    OldValuesLeftOut {
        /// How many were not.
        count: usize,
    },
    /// Nothing was charged before: the history begins with the first charge.
    ZerosBeforeTheFirst {
        /// How many steps.
        count: usize,
    },
    /// Values far off count like the farthest usual one.
    OutliersDrawnIn {
        /// How many.
        count: usize,
    },
    /// The level moved for good: what lies before was lifted to the new level.
    LevelShift {
        /// The first step at the new level.
        date: NaiveDate,
        /// How far it moved.
        by: f64,
    },
    /// The latest values lie far off, but too few to say that they will stay: they were not taken for a new level.
    UnconfirmedShift {
        /// The first step that lies far off.
        date: NaiveDate,
    },
    /// A member could not be fitted.
    MemberLeftOut {
        /// Which.
        member: Member,
    },
    /// No member could be fitted: the last period again.
    NoMember,
    /// In the past the last period again would have been better, by more than chance explains: so it is used.
    SeasonalNaiveIsBetter {
        /// The share of seasonal naive's error that the ensemble would have saved: not above zero.
        skill: f64,
    },
    /// In the past the mean of the latest weeks would have been better, by more than chance explains: so it is used.
    RunRateIsBetter {
        /// The share of run-rate's error that the ensemble would have saved: not above zero.
        skill: f64,
    },
    /// In the past the last period again would have been as good or better, but by no more than chance explains: the models stay.
    NotBetterThanSeasonalNaive {
        /// The share of seasonal naive's error that the ensemble would have saved: not above zero.
        skill: f64,
    },
    /// Too few earlier points to forecast again from: the intervals come from the errors of one step.
    NoBacktest {
        /// How many earlier points there are.
        origins: usize,
    },
    /// Would have been below zero.
    ClampedAtZero {
        /// How many steps.
        steps: usize,
    },
    /// Would have moved farther than the curve alone may.
    GrowthCapped {
        /// How many steps.
        steps: usize,
    },
    /// Would have left what can be computed with: held at the largest size that is sensible beside the history.
    HeldFinite {
        /// How many steps.
        steps: usize,
    },
}

impl Forecast {
    /// The points as amounts with `scale` decimals, and their sum: rounded once, the steps add up to it.
    ///
    /// # Errors
    /// When an amount needs more than 38 digits.
    pub fn amounts(&self, scale: u8) -> Result<(Amount, Vec<Amount>), AmountError> {
        let points: Vec<f64> = self.steps.iter().map(|step| step.point).collect();
        amounts_of_parts(points.iter().sum(), &points, scale)
    }

    /// The least value that a step can have: what has come in already, or zero; nothing where costs may fall below zero.
    #[must_use]
    pub fn least(&self, step: usize) -> Option<f64> {
        self.spread.lowest.get(step).copied().filter(|least| least.is_finite())
    }

    /// Ways that the future may take, a row each with a number a step, from a seed: as wide at each step as the intervals, and neighbours as
    /// much alike as the past errors were. Sums over steps and over series are made path by path, never by adding
    /// intervals. The same seed gives the same paths, and path `n` is the same however many are asked for.
    #[must_use]
    pub fn paths(&self, count: usize, seed: u64) -> Vec<Vec<f64>> {
        self.spread.paths(&self.steps, count, seed)
    }

    /// What the steps from `from` to before `to` add up to: the sum of the points, and the interval of the sum over `count` paths.
    #[must_use]
    pub fn sum(&self, from: usize, to: usize, count: usize, seed: u64) -> SumOfSteps {
        let to = to.min(self.steps.len());
        let from = from.min(to);
        let mut sums: Vec<f64> =
            self.paths(count.max(1), seed).iter().map(|path| path[from..to].iter().sum::<f64>()).collect();
        sums.sort_by(f64::total_cmp);
        let at = |share: f64| crate::intervals::quantile(&sums, share);
        SumOfSteps {
            point: self.steps[from..to].iter().map(|step| step.point).sum(),
            low_80: at(0.1),
            high_80: at(0.9),
            low_95: at(0.025),
            high_95: at(0.975),
        }
    }
}

/// A sum over steps with its intervals.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct SumOfSteps {
    /// The sum of the points.
    pub point: f64,
    /// Four of five sums lie from here ...
    pub low_80: f64,
    /// ... to here.
    pub high_80: f64,
    /// Nineteen of twenty sums lie from here ...
    pub low_95: f64,
    /// ... to here.
    pub high_95: f64,
}

impl SumOfSteps {
    /// The sum as an amount with `scale` decimals.
    ///
    /// # Errors
    /// When the amount needs more than 38 digits.
    pub fn amount(&self, scale: u8) -> Result<Amount, AmountError> {
        amount_of(self.point, scale)
    }
}
