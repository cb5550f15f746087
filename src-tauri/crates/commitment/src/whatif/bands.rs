//! Sample paths of demand, and the bands that the outcomes keep within.

use money::{Amount, AmountError};

use crate::model::{BenefitPolicy, Commitment, MonthOfYear, Usage};
use crate::whatif::along::{Along, OnPath, Paths};
use crate::whatif::demand::times;
use crate::whatif::evaluate::{MonthOutcome, outcomes, total};
use crate::whatif::{Basket, WhatIfError};

/// The decimals of a mean of paths.
const MEAN_DECIMALS: u8 = 6;

/// One way that demand may go: for every line of the likely usage and every month a factor on cost and quantity.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SamplePath {
    /// By line, then by month of the span; zero or more.
    pub factors: Vec<Vec<Amount>>,
}

/// Sample paths that do not fit the usage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PathError {
    /// Not a factor for every line and month.
    #[error(
        "sample path {path} (counted from 1) has not one factor for each of {lines} lines and {months} months; draw it for the usage that it is laid on"
    )]
    Shape {
        /// The path.
        path: usize,
        /// The usage's lines.
        lines: usize,
        /// The usage's months.
        months: usize,
    },
    /// A factor below zero.
    #[error("sample path {path} (counted from 1) has a negative factor; demand is zero or more")]
    Negative {
        /// The path.
        path: usize,
    },
    /// No path.
    #[error("bands need at least one sample path")]
    None,
    /// A tail that is none.
    #[error("the tail of a band is a share from 0 to 0.5 (0.1 keeps eight of ten paths within), not {0}")]
    Tail(Amount),
}

/// What most paths keep within. The likely value is that of the likely path, not of the middle sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Band {
    /// The low end.
    pub low: Amount,
    /// On the likely path.
    pub likely: Amount,
    /// The high end.
    pub high: Amount,
}

/// The bands of a month, or of all of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthBands {
    /// The month; the first for the total.
    pub month: MonthOfYear,
    /// Cost.
    pub cost: Band,
    /// Cash.
    pub cash: Band,
    /// Savings against on demand.
    pub savings: Band,
    /// Wasted commitment.
    pub unused: Band,
    /// Coverage, over the paths that have something eligible; none where the likely one has nothing.
    pub coverage: Option<Band>,
    /// Utilisation; none without commitments.
    pub utilisation: Option<Band>,
}

/// The bands of a basket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathBands {
    /// How many paths were replayed beside the likely one.
    pub paths: usize,
    /// By month.
    pub months: Vec<MonthBands>,
    /// Of the sums over all months: not the sums of the months' bands.
    pub total: MonthBands,
    /// The cost over all months of each path, in the order of the paths.
    pub costs: Vec<Amount>,
}

/// Replays a basket on the likely usage and on every sample path of it. `tail` is the share of paths outside a band on either side. `progress`
/// hears how many of how many paths are done and stops the work by returning false.
///
/// # Errors
/// [`WhatIfError`]; [`WhatIfError::Stopped`] when `progress` stopped it.
pub fn bands(
    likely: &Usage,
    paths: Paths<'_>,
    policy: &BenefitPolicy,
    inventory: &[Commitment],
    basket: &Basket,
    tail: Amount,
    progress: &mut dyn FnMut(usize, usize) -> bool,
) -> Result<PathBands, WhatIfError> {
    check(likely, paths.samples, tail)?;
    let resolved = basket.resolve(inventory)?;
    let along = Along::new(likely, &resolved.commitments, policy)?;
    let months_on = |path: &OnPath| -> Result<Vec<MonthOutcome>, WhatIfError> {
        let mut months = outcomes(&path.replay, &resolved)?;
        for (month, rest) in months.iter_mut().zip(&path.rest) {
            month.figures = month.figures.plus(*rest)?;
            month.cash = month.cash.checked_add(rest.remainder)?;
        }
        Ok(months)
    };
    let on_likely = months_on(&along.on(None)?)?;
    let count = paths.samples.len();
    let paths = along.each(paths, months_on, progress)?;
    progress(count, count);
    let mut months = Vec::with_capacity(on_likely.len());
    for (place, likely) in on_likely.iter().enumerate() {
        let of_paths: Vec<&MonthOutcome> = paths.iter().map(|months| &months[place]).collect();
        months.push(month_bands(likely, &of_paths, tail)?);
    }
    let totals: Vec<MonthOutcome> =
        paths.iter().map(|months| total(months)).collect::<Result<Vec<_>, _>>()?.into_iter().flatten().collect();
    let costs = totals.iter().map(MonthOutcome::cost).collect::<Result<_, _>>()?;
    let Some(likely) = total(&on_likely)? else { return Err(PathError::None.into()) };
    let total = month_bands(&likely, &totals.iter().collect::<Vec<_>>(), tail)?;
    Ok(PathBands { paths: count, months, total, costs })
}

/// The mean of the highest values: of the share `1 - level` of them, the last one in part (the conditional value at risk of equally likely
/// paths). None of no value, or of a level outside of 0 up to 1.
#[must_use]
pub fn mean_of_highest(values: &[Amount], level: Amount) -> Option<Amount> {
    let share = Amount::from_integer(1).checked_sub(level).ok()?;
    if share <= Amount::ZERO || level.is_negative() {
        return None;
    }
    let mut sorted = values.to_vec();
    sorted.sort();
    let mass = share.checked_mul(Amount::from_integer(i64::try_from(sorted.len()).ok()?)).ok()?;
    let (mut left, mut sum) = (mass, Amount::ZERO);
    for value in sorted.into_iter().rev() {
        let part = left.min(Amount::from_integer(1));
        sum = sum.checked_add(value.checked_mul(part).ok()?).ok()?;
        left = left.checked_sub(part).ok()?;
    }
    money::Ratio::of(sum, mass, MEAN_DECIMALS)
}

fn check(likely: &Usage, samples: &[SamplePath], tail: Amount) -> Result<(), PathError> {
    if samples.is_empty() {
        return Err(PathError::None);
    }
    if tail.is_negative() || tail.checked_add(tail).is_ok_and(|both| both > Amount::from_integer(1)) {
        return Err(PathError::Tail(tail));
    }
    let (lines, months) = (likely.lines().len(), likely.span().months().len());
    for (number, sample) in samples.iter().enumerate() {
        if sample.factors.len() != lines || sample.factors.iter().any(|factors| factors.len() != months) {
            return Err(PathError::Shape { path: number + 1, lines, months });
        }
        if sample.factors.iter().flatten().any(|factor| factor.is_negative()) {
            return Err(PathError::Negative { path: number + 1 });
        }
    }
    Ok(())
}

impl SamplePath {
    /// The usage with every line and month times its factor, rounded half to even at 12 decimals.
    ///
    /// # Errors
    /// [`WhatIfError`] when an amount needs more than 38 digits.
    pub fn lay_on(&self, usage: &Usage) -> Result<Usage, WhatIfError> {
        let months = usage.span().months();
        let mut lines = usage.lines().to_vec();
        for (line, factors) in lines.iter_mut().zip(&self.factors) {
            for ((_, steps), factor) in months.iter().zip(factors) {
                if *factor == Amount::from_integer(1) {
                    continue;
                }
                line.on_demand = times(&line.on_demand, steps, *factor)?;
                line.quantity = times(&line.quantity, steps, *factor)?;
                line.list = line.list.take().map(|list| times(&list, steps, *factor)).transpose()?;
            }
        }
        Ok(Usage::new(usage.currency(), usage.span(), usage.missing().clone(), lines)?)
    }
}

fn month_bands(likely: &MonthOutcome, paths: &[&MonthOutcome], tail: Amount) -> Result<MonthBands, AmountError> {
    let amounts = |of: &dyn Fn(&MonthOutcome) -> Result<Amount, AmountError>| {
        let values: Result<Vec<Amount>, AmountError> = paths.iter().map(|path| of(path)).collect();
        Ok::<Band, AmountError>(band(of(likely)?, values?, tail))
    };
    let rates = |of: &dyn Fn(&MonthOutcome) -> Option<Amount>| {
        // A path on which nothing is left to cover has no coverage.
        let values: Vec<Amount> = paths.iter().filter_map(|path| of(path)).collect();
        Some(band(of(likely)?, values, tail))
    };
    Ok(MonthBands {
        month: likely.month,
        cost: amounts(&MonthOutcome::cost)?,
        cash: amounts(&|outcome| Ok(outcome.cash))?,
        savings: amounts(&MonthOutcome::savings)?,
        unused: amounts(&|outcome| Ok(outcome.figures.unused))?,
        coverage: rates(&|outcome| outcome.figures.coverage()),
        utilisation: rates(&|outcome| outcome.figures.utilisation()),
    })
}

/// The values that leave `tail` of the paths (rounded down to whole paths) outside on either side.
#[must_use]
pub fn band(likely: Amount, mut values: Vec<Amount>, tail: Amount) -> Band {
    values.sort();
    let last = values.len().saturating_sub(1);
    let tail = tail.normalized();
    let unit = 10_i128.checked_pow(u32::from(tail.scale())).unwrap_or(i128::MAX);
    let outside =
        i128::try_from(last).ok().and_then(|last| last.checked_mul(tail.units())).map_or(0, |paths| paths / unit);
    let outside = usize::try_from(outside).unwrap_or(0).min(last);
    let at = |place: usize| values.get(place).copied().unwrap_or(likely);
    Band { low: at(outside), likely, high: at(last - outside) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mean_of_the_highest_takes_the_last_in_part() {
        let values: Vec<Amount> = (1..=10).map(Amount::from_integer).collect();
        let mean =
            |level: &str| mean_of_highest(&values, level.parse().unwrap()).map(|mean| mean.normalized().to_string());
        assert_eq!(mean("0.9").as_deref(), Some("10"));
        assert_eq!(mean("0.85").as_deref(), Some("9.666667"), "10 and half of 9, over one and a half");
        assert_eq!(mean("0").as_deref(), Some("5.5"), "all of them");
        assert_eq!(mean("1"), None);
    }

    #[test]
    fn a_tail_of_a_tenth_leaves_one_of_eleven_outside_on_either_side() {
        let values = (1..=11).rev().map(Amount::from_integer).collect();
        let found = band(Amount::from_integer(5), values, "0.1".parse().unwrap());
        assert_eq!((found.low, found.high), (Amount::from_integer(2), Amount::from_integer(10)));
        let one = band(Amount::from_integer(5), vec![Amount::from_integer(7)], "0.1".parse().unwrap());
        assert_eq!(
            (one.low, one.likely, one.high),
            (Amount::from_integer(7), Amount::from_integer(5), Amount::from_integer(7))
        );
    }
}
