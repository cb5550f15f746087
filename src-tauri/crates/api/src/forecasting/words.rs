//! What a forecast says of itself, in sentences.

use forecast::{Fallback, Forecast, Method, StepSource};
use money::{Amount, AmountError, Currency, Rounding};
use query::{Grain, Note};

use super::named;
use super::reply::ForecastRecord;

pub(super) fn method(method: Method) -> (&'static str, &'static str) {
    match method {
        Method::Ensemble => ("ensemble", "the median of several models, step by step"),
        Method::SeasonalNaive => ("seasonal_naive", "the last period again"),
        Method::LastYearAndRunRate => {
            ("last_year_and_run_rate", "half way between the last year again and the mean of the latest three months")
        }
        Method::RunRate => ("run_rate", "the mean of the latest values, by weekday"),
        Method::Intermittent => ("intermittent", "how likely a charge is, times how large"),
        Method::Zero => ("zero", "zero, as nothing was ever charged"),
        Method::NoHistory => ("no_history", "zero, as nothing is known"),
    }
}

/// The record in a sentence.
pub(super) fn verdict(record: Option<&ForecastRecord>) -> String {
    let Some(record) = record else {
        return "The history is too short to try the method on: the intervals come from errors one step ahead."
            .to_owned();
    };
    let mut said = format!("Tried from {} earlier points, up to {} steps ahead", record.origins, record.steps);
    match record.wape {
        Some(wape) => said += &format!(": {} off on average (WAPE)", percent(wape)),
        None => said += ": what came was zero, so no error in percent",
    }
    if let Some(skill) = record.skill_against_seasonal_naive {
        let (word, size) = if skill.is_negative() { ("more", skill.abs()) } else { ("less", skill) };
        said += &format!(", {} {word} error than the last period again", percent(size));
    }
    if let Some(coverage) = record.coverage_80 {
        said += &format!("; the 80 % interval held {}", percent(coverage));
    }
    said + "."
}

/// A fraction as percent with one decimal.
fn percent(fraction: Amount) -> String {
    match fraction.checked_mul(Amount::from_integer(100)) {
        Ok(percent) => format!("{} %", percent.rounded(1, Rounding::HalfEven).normalized()),
        Err(_) => "more than can be printed".to_owned(),
    }
}

/// Where a step's figure comes from, where that is not the models alone.
pub(super) fn source(source: StepSource, currency: Currency) -> Result<Option<String>, AmountError> {
    let money = |value: f64| forecast::posting::amount_of(value, currency.minor_digits());
    Ok(match source {
        StepSource::Model => None,
        StepSource::Completed { seen, share } => {
            let share = forecast::posting::amount_of(share, 4)?;
            Some(format!("{} {currency} so far, which is usually {} of it", money(seen)?, percent(share)))
        }
        StepSource::AtLeastSeen { seen } => Some(format!("not below the {} {currency} so far", money(seen)?)),
    })
}

/// Everything that was done otherwise than by the book.
pub(super) fn notes(forecast: &Forecast, grain: Grain, currency: Currency) -> Result<Vec<Note>, AmountError> {
    forecast.fallbacks.iter().map(|fallback| note(*fallback, grain, currency)).collect()
}

fn note(fallback: Fallback, grain: Grain, currency: Currency) -> Result<Note, AmountError> {
    let (one, many) = if grain == Grain::Month { ("month", "months") } else { ("day", "days") };
    let steps = |count: usize| if count == 1 { format!("1 {one}") } else { format!("{count} {many}") };
    let share = |value: f64| forecast::posting::amount_of(value, 4).map(percent);
    let (code, message) = match fallback {
        Fallback::NoHistory => {
            ("no_history", "Nothing is known of this scope: the forecast is zero and says no more.".to_owned())
        }
        Fallback::AllZero => ("all_zero", "Nothing was ever charged in this scope, so nothing is expected.".to_owned()),
        Fallback::RunRateOnly { values } => {
            ("run_rate_only", format!("{} are too few for a model: the mean of the latest goes on.", steps(values)))
        }
        Fallback::ShortHistory { values } => (
            "short_history",
            format!(
                "{} cannot tell a trend from a season: the forecast leans on the last year and on the latest months.",
                steps(values)
            ),
        ),
        Fallback::LeansOnLastYear { values } => (
            "leans_on_last_year",
            format!(
                "{} tell little of a season: the forecast lies half way between the models and the last year.",
                steps(values)
            ),
        ),
        Fallback::Intermittent { zero_share } => (
            "intermittent",
            format!("{} of the {many} are zero: how often and how much are modelled apart.", share(zero_share)?),
        ),
        Fallback::GapsFilled { count } => {
            ("gaps_filled", format!("{} without any charge loaded were filled from their neighbours.", steps(count)))
        }
        Fallback::ProvisionalLeftOut { count } => {
            ("provisional", format!("{} at the end may still grow and were not learned from.", steps(count)))
        }
        Fallback::OldValuesLeftOut { count } => {
            ("old_values", format!("The oldest {} were not learned from.", steps(count)))
        }
        Fallback::OutliersDrawnIn { count } => {
            ("outliers", format!("{} far off count like the farthest usual one.", steps(count)))
        }
        Fallback::LevelShift { date, by } => (
            "level_shift",
            format!(
                "From {} the level is {} {currency} another for good: what lies before was lifted to it.",
                named(date, grain),
                forecast::posting::amount_of(by, currency.minor_digits())?
            ),
        ),
        Fallback::UnconfirmedShift { date } => (
            "unconfirmed_shift",
            format!(
                "From {} the figures lie far off, too few of them to be taken for a new level.",
                named(date, grain)
            ),
        ),
        Fallback::MemberLeftOut { member } => {
            ("model_left_out", format!("{member:?} could not be fitted and is left out."))
        }
        Fallback::NoMember => ("no_model", "No model could be fitted: the last period goes on.".to_owned()),
        Fallback::SeasonalNaiveIsBetter { skill } => (
            "seasonal_naive_is_better",
            format!(
                "In the past the last period again was as good (the models would have saved {}): it is used.",
                share(skill)?
            ),
        ),
        Fallback::RunRateIsBetter { skill } => (
            "run_rate_is_better",
            format!(
                "In the past the mean of the latest weeks was as good (the models would have saved {}): it is used.",
                share(skill)?
            ),
        ),
        Fallback::NoBacktest { origins } => {
            ("no_backtest", format!("Only {origins} earlier points to try from: the record is left out."))
        }
        Fallback::ClampedAtZero { steps: count } => {
            ("clamped", format!("{} would have been below zero and are zero.", steps(count)))
        }
        Fallback::GrowthCapped { steps: count } => (
            "growth_capped",
            format!(
                "{} would have moved farther in a year than a curve alone may; more must come from drivers or a scenario.",
                steps(count)
            ),
        ),
        Fallback::HeldFinite { steps: count } => {
            ("held", format!("{} would have left what can be computed with and are held.", steps(count)))
        }
    };
    Ok(Note { code: code.to_owned(), message })
}
