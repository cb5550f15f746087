//! What a series of costs will be, and how far that can be trusted.
//!
//! [`forecast`] takes a [`History`] and [`Settings`] and gives a [`Forecast`]: a point and intervals for each step, how they were made,
//! every fallback with its reason, and a [`BacktestCard`] of how well the method would have done. [`hierarchy`]
//! makes the forecasts of a tree add up, [`split`] forecasts a bill by its kinds of charges, [`driver`] makes one from what the business counts; [`models`] and [`ensemble`] are what
//! a forecast is made of.
//!
//! Numbers inside are floating: a forecast is a statistic. What leaves as money goes through [`posting`], where it is rounded once and
//! parts are made to equal their whole. Logarithms and powers are computed by one library on all platforms, so that the
//! same input gives the same bits everywhere; random numbers come from a seed.
#![expect(clippy::float_arithmetic, reason = "a forecast is a statistic; money is made of it in `posting` alone")]

mod backtest;
mod by_days;
mod calendar;
mod cleaning;
mod course;
mod decomposition;
pub mod driver;
pub mod ensemble;
mod forecast;
pub mod hierarchy;
mod history;
mod intervals;
mod judging;
mod linear;
pub mod models;
mod nelder_mead;
mod outcome;
pub mod posting;
mod predictor;
mod prepare;
pub mod random;
mod settings;
pub mod split;
mod student;

pub use backtest::BacktestCard;
pub use calendar::{DAYS_A_MONTH, Grain, WeekdayProfile};
pub use decomposition::SeasonKind;
pub use ensemble::Member;
pub use forecast::forecast;
pub use history::{History, HistoryError, Observation};
pub use intervals::Spread;
pub use judging::{Arrival, Judgement, completion, judge, month_end};
pub use outcome::{
    Components, Fallback, Forecast, MemberForecast, Method, Outlier, Step, StepError, StepSource, SumOfSteps,
};
pub use settings::{Event, Floor, Guard, Settings, Treatment};
