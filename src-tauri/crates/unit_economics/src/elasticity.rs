//! [`elasticity`]: by how many per cent cost moves when the driver moves by one, and how sure that is.
//!
//! The line ln(cost) = a + e ln(units) by least squares; e is the elasticity, its interval is that of Student's t with n - 2 degrees
//! of freedom. Logarithms have no exact decimals, so this module, and no other of the crate, computes in floats; its figures are
//! statistics, never money, and leave it as decimals.
#![expect(clippy::float_arithmetic, reason = "a regression on logarithms; its results are statistics, not money")]

use money::Amount;
use serde::{Deserialize, Serialize};
use statrs::distribution::{ContinuousCDF, StudentsT};
use ts_rs::TS;

use crate::diagnostic::listed;

/// Under so many periods nothing is called significant.
pub const SIGNIFICANCE_POINTS_MIN: usize = 18;

/// A line through two points is always perfect: with three there is something to be uncertain about.
const POINTS_MIN: usize = 3;

const CONFIDENCE: f64 = 0.95;

/// The decimals of the results.
const DECIMALS: usize = 6;

/// A period's cost and units.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Observation {
    /// The period, such as `2026-03`.
    pub period: String,
    /// What it cost.
    pub cost: Amount,
    /// How many units it had.
    pub units: Amount,
}

/// How strongly cost follows the driver.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Elasticity {
    /// By how many per cent cost moves when the driver moves by one; none where it cannot be said.
    pub value: Option<Amount>,
    /// The lower end of the 95 % confidence interval.
    pub low: Option<Amount>,
    /// Its upper end.
    pub high: Option<Amount>,
    /// Which part of the variance of ln(cost) the line explains; none where there is none.
    pub r_squared: Option<Amount>,
    /// How many periods it rests on.
    #[ts(type = "number")]
    pub points: u64,
    /// What may be claimed.
    pub significance: Significance,
    /// That in words.
    pub verdict: String,
    /// How it was computed, and what the interval takes for granted.
    pub method: String,
}

/// What may be claimed of an elasticity.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Significance {
    /// It cannot be computed.
    NotComputed,
    /// It is computed from too few periods to claim anything.
    TooFewPeriods,
    /// The interval holds zero.
    NotSignificant,
    /// The interval does not hold zero.
    Significant,
}

/// The elasticity of cost to the driver over some periods.
#[must_use]
pub fn elasticity(observations: &[Observation]) -> Elasticity {
    let points = observations.len();
    let refused = |why: String| Elasticity {
        value: None,
        low: None,
        high: None,
        r_squared: None,
        points: points as u64,
        significance: Significance::NotComputed,
        verdict: format!("Not computed: {why}"),
        method: METHOD.to_owned(),
    };
    if points < POINTS_MIN {
        let periods = if points == 1 { "period" } else { "periods" };
        return refused(format!("{points} {periods} with cost and units; a line with an interval needs {POINTS_MIN}."));
    }
    let unlike = |what: &str, pick: fn(&Observation) -> Amount| {
        const NAMED_MAX: usize = 3;
        let wrong: Vec<String> = observations
            .iter()
            .filter(|one| pick(one).is_negative() || pick(one).is_zero())
            .map(|one| one.period.clone())
            .collect();
        let more = wrong.len().saturating_sub(NAMED_MAX);
        let mut named: Vec<String> = wrong.into_iter().take(NAMED_MAX).collect();
        if more > 0 {
            named.push(format!("{more} more"));
        }
        (!named.is_empty()).then(|| format!("{what} of {} is zero or below, and has no logarithm.", listed(&named)))
    };
    if let Some(why) = unlike("the cost", |one| one.cost).or_else(|| unlike("the number of units", |one| one.units)) {
        return refused(why);
    }
    let logarithms = |pick: fn(&Observation) -> Amount| -> Vec<f64> {
        observations.iter().map(|one| logarithm(pick(one))).collect()
    };
    let Some(line) = least_squares(&logarithms(|one| one.units), &logarithms(|one| one.cost)) else {
        return refused("the number of units is the same in all periods.".to_owned());
    };
    let Some(margin) = quantile(points - 2).map(|quantile| quantile * line.slope_error) else {
        return refused("the interval has no finite end.".to_owned());
    };
    let (low, high) = (line.slope - margin, line.slope + margin);
    let significance = if points < SIGNIFICANCE_POINTS_MIN {
        Significance::TooFewPeriods
    } else if low <= 0.0 && high >= 0.0 {
        Significance::NotSignificant
    } else {
        Significance::Significant
    };
    Elasticity {
        value: decimal(line.slope),
        low: decimal(low),
        high: decimal(high),
        r_squared: line.r_squared.and_then(decimal),
        points: points as u64,
        significance,
        verdict: verdict(significance, points, line.slope, (low, high)),
        method: METHOD.to_owned(),
    }
}

const METHOD: &str = "Least squares of ln(cost) on ln(units), one point a period; 95 % interval of Student's t with n - 2 degrees of \
                      freedom. The interval takes the periods for independent; where one follows the other, as days do, it is too narrow.";

/// What may be said, in a sentence.
fn verdict(significance: Significance, points: usize, slope: f64, (low, high): (f64, f64)) -> String {
    let moved = if slope < 0.0 { "less" } else { "more" };
    let went =
        format!("1 % more units went with {:.2} % {moved} cost (95 % interval {low:.2} to {high:.2})", slope.abs());
    match significance {
        Significance::NotComputed => String::new(),
        Significance::TooFewPeriods => format!(
            "Nothing significant can be claimed from {points} periods; it takes {SIGNIFICANCE_POINTS_MIN}. In these, {went}."
        ),
        Significance::NotSignificant => {
            format!("Not significant over {points} periods: {went}, and the interval holds zero.")
        }
        Significance::Significant if low > 1.0 => {
            format!("Significant over {points} periods: {went}: cost grows faster than units.")
        }
        Significance::Significant if high < 1.0 && low > 0.0 => {
            format!("Significant over {points} periods: {went}: a unit becomes cheaper as there are more.")
        }
        Significance::Significant if high < 0.0 => {
            format!("Significant over {points} periods: {went}: cost falls while units rise.")
        }
        Significance::Significant => {
            format!("Significant over {points} periods: {went}: cost in step with units cannot be ruled out.")
        }
    }
}

/// A straight line.
struct Line {
    slope: f64,
    /// The standard error of the slope.
    slope_error: f64,
    /// None where all `y` are equal.
    r_squared: Option<f64>,
}

/// The least squares of `y` on `x`, on deviations from the means so that nothing cancels; none where all `x` are equal or a result is
/// not finite.
fn least_squares(x: &[f64], y: &[f64]) -> Option<Line> {
    let count = size(x.len());
    let mean = |values: &[f64]| values.iter().sum::<f64>() / count;
    let (mean_x, mean_y) = (mean(x), mean(y));
    let pairs: Vec<(f64, f64)> = x.iter().zip(y).map(|(x, y)| (x - mean_x, y - mean_y)).collect();
    let xx: f64 = pairs.iter().map(|(x, _)| x * x).sum();
    let xy: f64 = pairs.iter().map(|(x, y)| x * y).sum();
    let yy: f64 = pairs.iter().map(|(_, y)| y * y).sum();
    // Equal numbers may differ from their mean by the last bit.
    let nothing = |squares: f64, mean: f64| squares <= count * (mean.abs().max(1.0) * f64::EPSILON * 4.0).powi(2);
    if nothing(xx, mean_x) {
        return None;
    }
    let slope = xy / xx;
    let residuals: f64 = pairs.iter().map(|(x, y)| (y - slope * x).powi(2)).sum();
    let slope_error = (residuals / (count - 2.0) / xx).sqrt();
    let r_squared = (!nothing(yy, mean_y)).then(|| (1.0 - residuals / yy).clamp(0.0, 1.0));
    (slope.is_finite() && slope_error.is_finite()).then_some(Line { slope, slope_error, r_squared })
}

/// The number that a t-distributed value stays within on both sides with the confidence.
fn quantile(freedom: usize) -> Option<f64> {
    let distribution = StudentsT::new(0.0, 1.0, size(freedom)).ok()?;
    Some(distribution.inverse_cdf(0.5 + CONFIDENCE / 2.0)).filter(|quantile| quantile.is_finite())
}

fn size(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

/// The logarithm of an amount above zero. Reading its decimals gives the nearest float.
fn logarithm(amount: Amount) -> f64 {
    amount.to_string().parse::<f64>().map_or(f64::NAN, f64::ln)
}

/// A finite float as a decimal.
fn decimal(value: f64) -> Option<Amount> {
    value.is_finite().then(|| format!("{value:.DECIMALS$}").parse().ok())?
}

#[cfg(test)]
mod tests;
