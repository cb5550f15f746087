//! What a forecast says of itself, in sentences.

use forecast::driver::{DriverFit, Wording};
use forecast::hierarchy::Weighting;
use forecast::{Fallback, Forecast, Method, StepSource};
use money::{Amount, AmountError, Currency, Rounding};
use query::{Grain, Note};

use super::details::{ForecastMonthEnd, ForecastReconciliation};
use super::reply::ForecastRecord;
use super::series::named;

pub(super) fn method(method: Method) -> (&'static str, &'static str) {
    match method {
        Method::Ensemble => ("ensemble", "the median of several models, step by step"),
        Method::SeasonalNaive => ("seasonal_naive", "the last period again"),
        Method::LastYearAndLatest => (
            "last_year_and_latest",
            "the last year again and the latest level with its trend, weighed by their past errors",
        ),
        Method::ByDay => ("by_day", "the days, forecast by the median of several models and added up"),
        Method::RunRate => ("run_rate", "the mean of the latest values, by weekday"),
        Method::Intermittent => ("intermittent", "how likely a charge is, times how large"),
        Method::Schedule => ("schedule", "fees by their schedule, percentages of the bill worked out anew"),
        Method::Zero => ("zero", "zero, as nothing was ever charged"),
        Method::NoHistory => ("no_history", "zero, as nothing is known"),
    }
}

/// A part as a person calls it.
pub(super) fn part(value: Option<&str>, other: bool) -> String {
    match value {
        Some(value) => value.to_owned(),
        None if other => "other".to_owned(),
        None => "(missing)".to_owned(),
    }
}

/// How parts and total were made to agree; `given_up` is the share of the errors' correlations that was not trusted.
pub(super) fn reconciliation(
    weighting: Weighting,
    given_up: Option<Amount>,
    parts: Amount,
    total: Amount,
    currency: Currency,
) -> ForecastReconciliation {
    let (method, by) = match weighting {
        Weighting::MinTraceShrink => {
            let given_up = given_up.map(|share| format!(", with {} of it given up for so few errors", percent(share)));
            (
                "min_trace_shrink",
                format!("how large their past errors were and how they went together{}", given_up.unwrap_or_default()),
            )
        }
        Weighting::Variance => ("variance", "how large their past errors were".to_owned()),
        Weighting::Structure => ("structure", "how many parts each stands for".to_owned()),
        Weighting::Equal => ("equal", "no difference between them".to_owned()),
    };
    ForecastReconciliation {
        method: method.to_owned(),
        words: format!(
            "By itself the total came to {total} {currency} and the parts to {parts} {currency}. All were moved until they add up, as little as possible, weighed by {by}."
        ),
    }
}

/// What the running month comes to, in a sentence.
pub(super) fn month_end(
    month_end: &ForecastMonthEnd,
    days_left: usize,
    note: Option<&str>,
    currency: Currency,
) -> String {
    let ForecastMonthEnd { month, as_of, to_date, expected, low_80, high_80, run_rate, .. } = month_end;
    let days = if days_left == 1 { "1 day".to_owned() } else { format!("{days_left} days") };
    let note = note.map(|note| format!(" {note}")).unwrap_or_default();
    format!(
        "{month} has come to {to_date} {currency} by {as_of}. With the {days} left it is expected to come to {expected} {currency}, four times out of five between {low_80} and {high_80}; at the mean of its days so far it would be {run_rate} {currency}.{note}"
    )
}

/// What may be said of a driver model.
pub(super) fn drivers(fit: &DriverFit, typed: bool, currency: Currency) -> Result<(&'static str, String), AmountError> {
    let share = |value: Option<f64>| value.map(|value| forecast::posting::amount_of(value, 4).map(percent)).transpose();
    let (wording, mut words) = match fit.wording {
        Wording::TooFewToSay => (
            "too_few_to_say",
            format!("{} values are too few to say whether the cost follows the drivers or seems to.", fit.values),
        ),
        Wording::Significant => (
            "significant",
            format!("Over {} values the cost follows the drivers more closely than chance would, at 95 %.", fit.values),
        ),
        Wording::NotSignificant if typed => {
            ("not_significant", "The unit costs are typed in: only the fixed cost was fitted.".to_owned())
        }
        Wording::NotSignificant => (
            "not_significant",
            format!("Over {} values the cost does not follow the drivers more closely than chance would.", fit.values),
        ),
    };
    if let Some(explained) = share(fit.r_squared.filter(|share| *share >= 0.0))? {
        words += &format!(" They explain {explained} of its variance.");
    }
    match share(fit.last_steps_error)? {
        Some(missed) => words += &format!(" Fitted without the last six values, these are missed by {missed}."),
        None => words += " There are too few values to try it on the last six.",
    }
    let usual = forecast::posting::amount_of(fit.deviation, currency.minor_digits())?;
    Ok((wording, words + &format!(" An error is usually about {usual} {currency}.")))
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
pub(super) fn percent(fraction: Amount) -> String {
    match fraction.checked_mul(Amount::from_integer(100)).and_then(|percent| percent.rescaled(1, Rounding::HalfEven)) {
        Ok(percent) => format!("{percent} %"),
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
    let by = |count: usize, one: &'static str, many: &'static str| if count == 1 { one } else { many };
    let share = |value: f64| forecast::posting::amount_of(value, 4).map(percent);
    let (code, message) = match fallback {
        Fallback::NoHistory => {
            ("no_history", "Nothing is known of this scope: the forecast is zero and says no more.".to_owned())
        }
        Fallback::AllZero => ("all_zero", "Nothing was ever charged in this scope, so nothing is expected.".to_owned()),
        Fallback::NeverMoved => {
            ("never_moved", format!("Every one of the {many} cost the same: that goes on, to the cent."))
        }
        Fallback::RunRateOnly { values } => {
            ("run_rate_only", format!("{} are too few for a model: the mean of the latest goes on.", steps(values)))
        }
        Fallback::ShortHistory { values } => (
            "short_history",
            format!(
                "{} cannot tell a trend from a season: the last year and the latest level count as far as their past errors speak for them.",
                steps(values)
            ),
        ),
        Fallback::LevelFromDays { values, days } => (
            "level_from_days",
            format!(
                "{} cannot tell a trend from a season: the next three are sums of their days, forecast from the latest {days}; later ones have the shape of last year and the latest months, at the level of these.",
                steps(values)
            ),
        ),
        Fallback::LeansOnLastYear { values } => (
            "leans_on_last_year",
            format!(
                "{} tell little of a season: the forecast lies half way between the models and the last year with the latest level.",
                steps(values)
            ),
        ),
        Fallback::Intermittent { zero_share } => (
            "intermittent",
            format!("{} of the {many} are zero: how often and how much are modelled apart.", share(zero_share)?),
        ),
        Fallback::GapsFilled { count } => (
            "gaps_filled",
            format!(
                "{} without any charge loaded {} filled from the neighbours.",
                steps(count),
                by(count, "was", "were")
            ),
        ),
        Fallback::ProvisionalLeftOut { count } => (
            "provisional",
            format!("{} at the end may still grow and {} not learned from.", steps(count), by(count, "was", "were")),
        ),
        Fallback::OldValuesLeftOut { count } => {
            ("old_values", format!("The oldest {} {} not learned from.", steps(count), by(count, "was", "were")))
        }
        Fallback::ZerosBeforeTheFirst { count } => (
            "begins_later",
            format!("Nothing was charged in the first {}: the history begins with the first charge.", steps(count)),
        ),
        Fallback::OutliersDrawnIn { count } => (
            "outliers",
            format!("{} far off {} like the farthest usual one.", steps(count), by(count, "counts", "count")),
        ),
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
                "In the past the models missed {} more than the last period again, which is more than chance explains: the last period again is used.",
                share(skill.abs())?
            ),
        ),
        Fallback::RunRateIsBetter { skill } => (
            "run_rate_is_better",
            format!(
                "In the past the models missed {} more than the mean of the latest weeks, which is more than chance explains: that mean is used.",
                share(skill.abs())?
            ),
        ),
        Fallback::NotBetterThanSeasonalNaive { skill } => (
            "not_better_than_seasonal_naive",
            format!(
                "In the past the models missed {} more than the last period again; that is within what chance explains, so they stay.",
                share(skill.abs())?
            ),
        ),
        Fallback::NoBacktest { origins } => {
            ("no_backtest", format!("Only {origins} earlier points to try from: the record is left out."))
        }
        Fallback::ClampedAtZero { steps: count } => {
            ("clamped", format!("{} would have been below zero and {} zero.", steps(count), by(count, "is", "are")))
        }
        Fallback::GrowthCapped { steps: count } => (
            "growth_capped",
            format!(
                "{} would have moved farther in a year than a curve alone may; more must come from drivers or a scenario.",
                steps(count)
            ),
        ),
        Fallback::HeldFinite { steps: count } => (
            "held",
            format!("{} would have left what can be computed with and {} held.", steps(count), by(count, "is", "are")),
        ),
    };
    Ok(Note { code: code.to_owned(), message })
}
