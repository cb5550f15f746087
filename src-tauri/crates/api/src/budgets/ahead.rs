//! What the steps ahead of a series will cost.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forecast::{History, Settings};
use money::{Amount, AmountError};
use query::Grain;

use crate::ApiError;

/// Earlier points that a series of many is forecast from again, to choose its method; where the record is shown, there are more.
const ORIGINS: usize = 8;

/// Forecasts a series of months or days from its first value that is not zero: what had not begun says nothing of what it will cost. Gives what is expected by the first day of each step. The
/// last `provisional` values are not complete and are forecast, too. None for a series without a
/// complete step that costs something.
pub(crate) fn project(
    grain: Grain,
    dates: &[NaiveDate],
    amounts: &[Option<Amount>],
    provisional: usize,
    horizon: usize,
    decimals: u8,
) -> Result<Option<BTreeMap<NaiveDate, Amount>>, ApiError> {
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
    let made = forecast::forecast(&history, &Settings { horizon, origins: ORIGINS, ..Settings::default() });
    let steps = made
        .steps
        .iter()
        .map(|step| Ok((step.date, forecast::posting::amount_of(step.point, decimals)?)))
        .collect::<Result<_, AmountError>>()?;
    Ok(Some(steps))
}
