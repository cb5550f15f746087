//! What the steps ahead of a series will cost.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forecast::posting::amount_of;
use forecast::{Forecast, History, Settings};
use money::{Amount, AmountError};
use query::Grain;

use crate::ApiError;

/// Earlier points that a series of many is forecast from again, to choose its method; where the record is shown, there are more.
const ORIGINS: usize = 8;
/// Sample paths behind the intervals of sums.
const PATHS: usize = 1_000;

/// What is expected of a series, with intervals, by the first day of each step.
pub(crate) struct Course {
    pub(crate) dates: Vec<NaiveDate>,
    pub(crate) points: Vec<Amount>,
    /// The ends of the 80 % interval.
    pub(crate) within_80: Vec<(Amount, Amount)>,
    /// The ends of the 95 % interval.
    pub(crate) within_95: Vec<(Amount, Amount)>,
    /// The same for the sums from the first step on: an interval of a sum is no sum of intervals.
    pub(crate) sums_within_80: Vec<(Amount, Amount)>,
}

/// Forecasts a series of months or days from its first value that is not zero: what had not begun says nothing of what it will cost. The last
/// `provisional` values are not complete and are forecast, too. None for a series without a complete step that costs something.
fn made(
    grain: Grain,
    dates: &[NaiveDate],
    amounts: &[Option<Amount>],
    provisional: usize,
    horizon: usize,
) -> Result<Option<Forecast>, ApiError> {
    let Some(begun) = amounts.iter().position(|amount| amount.is_some_and(|amount| !amount.is_zero())) else {
        return Ok(None);
    };
    if begun >= amounts.len().saturating_sub(provisional) {
        return Ok(None);
    }
    let (Some(first), Some(amounts)) = (dates.get(begun), amounts.get(begun..)) else { return Ok(None) };
    let grain = if grain == Grain::Month { forecast::Grain::Month } else { forecast::Grain::Day };
    let history = History::of_amounts(grain, *first, amounts, provisional)
        .map_err(|error| ApiError::new("forecast", error.to_string(), "Choose another period or scope."))?;
    Ok(Some(forecast::forecast(&history, &Settings { horizon, origins: ORIGINS, ..Settings::default() })))
}

/// What is expected of a series by the first day of each step.
pub(crate) fn project(
    grain: Grain,
    dates: &[NaiveDate],
    amounts: &[Option<Amount>],
    provisional: usize,
    horizon: usize,
    decimals: u8,
) -> Result<Option<BTreeMap<NaiveDate, Amount>>, ApiError> {
    let Some(made) = made(grain, dates, amounts, provisional, horizon)? else { return Ok(None) };
    let steps = made
        .steps
        .iter()
        .map(|step| Ok((step.date, amount_of(step.point, decimals)?)))
        .collect::<Result<_, AmountError>>()?;
    Ok(Some(steps))
}

/// What is expected of a series, with intervals of its steps and of their sums.
pub(crate) fn course(
    grain: Grain,
    dates: &[NaiveDate],
    amounts: &[Option<Amount>],
    provisional: usize,
    horizon: usize,
    decimals: u8,
) -> Result<Option<Course>, ApiError> {
    /// The same ways every time.
    const SEED: u64 = 1;
    let Some(made) = made(grain, dates, amounts, provisional, horizon)? else { return Ok(None) };
    let amount = |value: f64| amount_of(value, decimals);
    let ends = |low: f64, high: f64| Ok::<_, AmountError>((amount(low)?, amount(high)?));
    let steps = &made.steps;
    Ok(Some(Course {
        dates: steps.iter().map(|step| step.date).collect(),
        points: steps.iter().map(|step| amount(step.point)).collect::<Result<_, _>>()?,
        within_80: steps.iter().map(|step| ends(step.low_80, step.high_80)).collect::<Result<_, _>>()?,
        within_95: steps.iter().map(|step| ends(step.low_95, step.high_95)).collect::<Result<_, _>>()?,
        sums_within_80: (1..=steps.len())
            .map(|count| {
                let sum = made.sum(0, count, PATHS, SEED);
                ends(sum.low_80, sum.high_80)
            })
            .collect::<Result<_, _>>()?,
    }))
}
