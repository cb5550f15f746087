//! [`month_end`]: what a period will have cost at its end, told on any day of it.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, NaiveDate};
use money::{Amount, AmountError, Ratio};
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::Period;
use crate::exact::{rational, rounded};

/// How the days that are left are estimated.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MonthEndMethod {
    /// Each as the mean of the period's days so far.
    RunRate,
    /// Each as the mean of the last 30 complete days.
    ThirtyDays,
    /// Each as the mean of the same weekday in the last eight weeks. The most exact of the three from the first third of a month on.
    WeekdayProfile,
}

/// An estimate of a period.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MonthEnd {
    /// What the complete days cost.
    pub so_far: Amount,
    /// What the days that are left are estimated to cost.
    pub left: Amount,
    /// Both together.
    pub total: Amount,
    /// The method that was used.
    pub method: MonthEndMethod,
    /// Complete days of the period.
    pub days_complete: u64,
    /// Days that are left.
    pub days_left: u64,
    /// Fallbacks that were taken and what was missing, in words.
    pub notes: Vec<String>,
}

/// Why a period cannot be estimated.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MonthEndError {
    /// There is no day to go by.
    #[error("no complete day of cost is known up to {through}; load one, or choose a later day")]
    NoDays {
        /// The last complete day.
        through: NaiveDate,
    },
    /// A figure is too large.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// Days that a profile of weekdays looks back.
const PROFILE_DAYS: u64 = 56;
/// The least days that a profile of weekdays is made of.
const PROFILE_DAYS_MIN: usize = 28;
const MEAN_DAYS: u64 = 30;
/// The least days that a mean is made of before the run rate is as good.
const MEAN_DAYS_MIN: usize = 7;

/// Estimates what a period will have cost at its end. `daily` is what each day cost, `through` the last day that is complete; later days
/// are not looked at. Means are exact fractions; the estimate of the days that are left is rounded once to `decimals` decimals, half to
/// even. A day below zero (a credit) counts as it is; a mean below zero counts as zero, for usage is never less than nothing.
///
/// With less than four weeks of days the profile gives way to the mean of 30 days, with less than one week that gives way to the run rate.
///
/// # Errors
/// [`MonthEndError`] when no complete day is known.
pub fn month_end(
    daily: &BTreeMap<NaiveDate, Amount>,
    period: &Period,
    through: NaiveDate,
    method: MonthEndMethod,
    decimals: u8,
) -> Result<MonthEnd, MonthEndError> {
    let mut notes = Vec::new();
    let end = period.to.pred_opt().unwrap_or(period.to);
    let complete = through.min(end);
    let so_far: Vec<Amount> = between(daily, period.from, complete).map(|(_, amount)| amount).collect();
    let days_complete =
        u64::try_from(complete.signed_duration_since(period.from).num_days() + 1).unwrap_or(0).min(period.days());
    let days_left = period.days() - days_complete;
    let missing = days_complete.saturating_sub(u64::try_from(so_far.len()).unwrap_or(u64::MAX));
    if missing > 0 {
        notes.push(format!("{missing} of {days_complete} complete days have no cost and count as zero"));
    }
    let so_far_sum = Amount::sum(so_far.iter().copied())?;
    let looked_back = |days: u64| {
        let from = through.checked_sub_days(Days::new(days - 1)).unwrap_or(through);
        between(daily, from, through).collect::<Vec<_>>()
    };
    let mut used = method;
    if used == MonthEndMethod::WeekdayProfile {
        let known = looked_back(PROFILE_DAYS).len();
        if known < PROFILE_DAYS_MIN {
            notes.push(format!("{known} days are too few for a profile of weekdays: the mean of 30 days is used"));
            used = MonthEndMethod::ThirtyDays;
        }
    }
    if used == MonthEndMethod::ThirtyDays {
        let known = looked_back(MEAN_DAYS).len();
        if known < MEAN_DAYS_MIN && days_complete > 0 {
            notes.push(format!("{known} days are too few for a mean of 30 days: the run rate of the period is used"));
            used = MonthEndMethod::RunRate;
        }
    }
    if used == MonthEndMethod::RunRate && days_complete == 0 && days_left > 0 {
        notes.push("no day of the period is complete: the mean of 30 days is used".to_owned());
        used = MonthEndMethod::ThirtyDays;
    }
    let left_days = (0..days_left).filter_map(|day| period.from.checked_add_days(Days::new(days_complete + day)));
    let left = match used {
        _ if days_left == 0 => BigRational::zero(),
        MonthEndMethod::RunRate => {
            let mean = rational(so_far_sum) / whole(days_complete);
            above_zero(mean, "the run rate", &mut notes) * whole(days_left)
        }
        MonthEndMethod::ThirtyDays => {
            let days = looked_back(MEAN_DAYS);
            let mean = mean(days.iter().map(|(_, amount)| *amount)).ok_or(MonthEndError::NoDays { through })?;
            above_zero(mean, "the mean of 30 days", &mut notes) * whole(days_left)
        }
        MonthEndMethod::WeekdayProfile => {
            let days = looked_back(PROFILE_DAYS);
            let all = mean(days.iter().map(|(_, amount)| *amount)).ok_or(MonthEndError::NoDays { through })?;
            let mut profile = Vec::with_capacity(7);
            for weekday in 0..7 {
                let same = days.iter().filter(|(day, _)| day.weekday().num_days_from_monday() == weekday);
                // A weekday that never occurred is taken as a day like any.
                let mean = mean(same.map(|(_, amount)| *amount)).unwrap_or_else(|| all.clone());
                profile.push(above_zero(mean, "the mean of a weekday", &mut notes));
            }
            let weekday = |day: NaiveDate| usize::try_from(day.weekday().num_days_from_monday()).unwrap_or(0);
            left_days.map(|day| profile[weekday(day)].clone()).sum()
        }
    };
    if days_left == 0 && so_far.is_empty() {
        return Err(MonthEndError::NoDays { through });
    }
    notes.dedup();
    let left = rounded(&left, decimals)?;
    let total = so_far_sum.checked_add(left)?;
    Ok(MonthEnd { so_far: so_far_sum, left, total, method: used, days_complete, days_left, notes })
}

/// How far the same estimate was off in earlier periods, told on the same day of each: what a period cost at its end divided by what had been
/// estimated, to six decimals, from the smallest to the largest. Periods whose days are not all known, and estimates of nothing, say nothing.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn month_end_errors(
    daily: &BTreeMap<NaiveDate, Amount>,
    earlier: &[Period],
    days_complete: u64,
    method: MonthEndMethod,
    decimals: u8,
) -> Result<Vec<Amount>, AmountError> {
    let mut errors = Vec::new();
    for period in earlier {
        let last = period.to.pred_opt().unwrap_or(period.to);
        let days: Vec<Amount> = between(daily, period.from, last).map(|(_, amount)| amount).collect();
        let through = days_complete.checked_sub(1).and_then(|days| period.from.checked_add_days(Days::new(days)));
        let Some(through) = through.filter(|through| *through < last && days.len() as u64 == period.days()) else {
            continue;
        };
        let estimate = match month_end(daily, period, through, method, decimals) {
            Ok(estimate) if estimate.method == method => estimate,
            Ok(_) | Err(MonthEndError::NoDays { .. }) => continue,
            Err(MonthEndError::Amount(error)) => return Err(error),
        };
        errors.extend(Ratio::of(Amount::sum(days)?, estimate.total, 6));
    }
    errors.sort();
    Ok(errors)
}

fn between(
    daily: &BTreeMap<NaiveDate, Amount>,
    from: NaiveDate,
    through: NaiveDate,
) -> impl Iterator<Item = (NaiveDate, Amount)> {
    let days = if from <= through { Some(daily.range(from..=through)) } else { None };
    days.into_iter().flatten().map(|(day, amount)| (*day, *amount))
}

fn whole(count: u64) -> BigRational {
    BigRational::from_integer(count.into())
}

fn mean(amounts: impl Iterator<Item = Amount>) -> Option<BigRational> {
    let (mut sum, mut count) = (BigRational::zero(), 0_u64);
    for amount in amounts {
        sum += rational(amount);
        count += 1;
    }
    (count > 0).then(|| sum / whole(count))
}

fn above_zero(mean: BigRational, what: &str, notes: &mut Vec<String>) -> BigRational {
    if mean.is_negative() {
        notes.push(format!("{what} is below zero and counts as zero"));
        return BigRational::zero();
    }
    mean
}
