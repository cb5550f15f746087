//! Sums of courses: percentiles, odds, differences.

use std::ops::Range;

use money::{Amount, Ratio};

use crate::simulate::Simulation;

/// The middle and the ends of a band.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Band {
    /// The lower end.
    pub low: f64,
    /// The median.
    pub middle: f64,
    /// The upper end.
    pub high: f64,
}

/// The amount as a statistic, to a float's digits.
#[must_use]
pub fn amount_as_statistic(amount: Amount) -> f64 {
    quotient(amount.units(), 10_i128.checked_pow(u32::from(amount.scale())).unwrap_or(i128::MAX))
}

pub(crate) fn quotient(numerator: i128, denominator: i128) -> f64 {
    numerator as f64 / denominator as f64
}

/// A statistic as money: to the stated decimals, to the nearest of the float's exact value, a tie to even. None for what is no number or
/// needs more than 38 digits.
#[must_use]
pub fn rounded_statistic(value: f64, decimals: u8) -> Option<Amount> {
    if !value.is_finite() {
        return None;
    }
    let amount: Amount = format!("{value:.places$}", places = usize::from(decimals)).parse().ok()?;
    // Minus zero is zero.
    amount.checked_add(Amount::ZERO).ok()
}

/// The value below which a share of the sorted values lies, interpolated between neighbours (Hyndman and Fan 1996, type 7). Zero for none.
#[must_use]
pub fn percentile(sorted: &[f64], share: f64) -> f64 {
    let Some(last) = sorted.len().checked_sub(1) else { return 0.0 };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = (place.floor() as usize).min(last);
    let above = (below + 1).min(last);
    (sorted[above] - sorted[below]).mul_add(place - below as f64, sorted[below])
}

/// The share of the values that are at most the limit, to six decimals; none without values.
#[must_use]
pub fn probability_at_most(values: &[f64], limit: Amount) -> Option<Amount> {
    let limit = amount_as_statistic(limit);
    let within = values.iter().filter(|value| **value <= limit).count();
    let count = |number: usize| i64::try_from(number).map(Amount::from_integer).ok();
    Ratio::of(count(within)?, count(values.len())?, 6)
}

/// The difference of two scenarios' sums, course by course: where both were simulated with one seed, what they share cancels out. None
/// where they were not run alike.
#[must_use]
pub fn difference_of_sums(from: &Simulation, to: &Simulation, view: usize, months: Range<usize>) -> Option<Vec<f64>> {
    if from.settings().seed != to.settings().seed || from.paths() != to.paths() {
        return None;
    }
    let (first, second) = (from.sums(view, months.clone())?, to.sums(view, months)?);
    Some(second.iter().zip(&first).map(|(to, from)| to - from).collect())
}

/// The band of the difference of two scenarios' sums that holds a share of the courses; none where they were not run alike.
#[must_use]
pub fn difference_band(
    from: &Simulation,
    to: &Simulation,
    view: usize,
    months: Range<usize>,
    share: f64,
) -> Option<Band> {
    Some(band_of(&mut difference_of_sums(from, to, view, months)?, share))
}

fn band_of(values: &mut [f64], share: f64) -> Band {
    values.sort_unstable_by(f64::total_cmp);
    let tail = (1.0 - share.clamp(0.0, 1.0)) / 2.0;
    Band { low: percentile(values, tail), middle: percentile(values, 0.5), high: percentile(values, 1.0 - tail) }
}

impl Simulation {
    /// The sum of each course over some months; view 0 is the total, the others stand in the order they were asked for in. None for a view
    /// that there is not, or months beyond the horizon.
    #[must_use]
    pub fn sums(&self, view: usize, months: Range<usize>) -> Option<Vec<f64>> {
        let (courses, count) = (self.sums.get(view)?, self.settings.paths);
        if months.start >= months.end || months.end * count > courses.len() {
            return None;
        }
        let mut sums = vec![0.0; count];
        for month in months {
            for (sum, value) in sums.iter_mut().zip(&courses[month * count..(month + 1) * count]) {
                *sum += value;
            }
        }
        Some(sums)
    }

    /// The band of a sum that holds a share of the courses, 0.8 for the band from the tenth to the ninetieth percentile.
    #[must_use]
    pub fn band(&self, view: usize, months: Range<usize>, share: f64) -> Option<Band> {
        Some(band_of(&mut self.sums(view, months)?, share))
    }

    /// The band of each month: a fan.
    #[must_use]
    pub fn fan(&self, view: usize, share: f64) -> Option<Vec<Band>> {
        let count = self.settings.paths;
        let mut values = vec![0.0; count];
        let courses = self.sums.get(view)?;
        let bands = courses.chunks_exact(count).map(|month| {
            values.copy_from_slice(month);
            band_of(&mut values, share)
        });
        Some(bands.collect())
    }

    /// How likely a sum stays at or under a budget, to six decimals.
    #[must_use]
    pub fn probability_within(&self, view: usize, months: Range<usize>, budget: Amount) -> Option<Amount> {
        probability_at_most(&self.sums(view, months)?, budget)
    }
}
