//! A recommendation that can be bought: the optimum in the provider's steps.

use money::Amount;
use num_rational::BigRational;
use num_traits::Signed;

use super::OptimumError;
use super::curve::{Curve, Point};
use super::eligible::{Finding, LEAST_DAYS};
use super::fraction::fraction;

/// The optimum of one instrument, exactly and as it can be bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Recommendation {
    /// The optimum, whatever its decimals.
    pub exact: Point,
    /// The best commitment that the provider sells: a multiple of its step, up or down, whichever costs less.
    pub buy: Point,
    /// Hours with data that it rests on.
    pub hours: u64,
    /// What the data has that a reader must know.
    pub findings: Vec<Finding>,
}

impl Curve {
    /// The best commitment in multiples of `granularity` (0.00001 an hour for Savings Plans, 1 for whole instances).
    ///
    /// # Errors
    /// [`OptimumError::TooFewHours`] on fewer than [`LEAST_DAYS`] days of hours with data; [`OptimumError::Granularity`] when the step is not
    /// above zero; [`OptimumError::TooLarge`].
    pub fn recommend(&self, granularity: Amount) -> Result<Recommendation, OptimumError> {
        if self.hours() < u64::from(LEAST_DAYS) * 24 {
            return Err(OptimumError::TooFewHours { hours: self.hours() });
        }
        let step = fraction(granularity);
        if !step.is_positive() {
            return Err(OptimumError::Granularity { granularity });
        }
        let optimum = self.optimal_hourly();
        let below = (&optimum / &step).floor() * &step;
        let above = &below + &step;
        // Savings are concave: the best multiple is one of the neighbours. Among equals the smaller commitment binds less.
        let hourly: BigRational =
            if below == optimum || self.exact_cost(&below) <= self.exact_cost(&above) { below } else { above };
        Ok(Recommendation {
            exact: self.optimum()?,
            buy: self.at_fraction(&hourly)?,
            hours: self.hours(),
            findings: self.findings().to_vec(),
        })
    }

    /// Whether a commitment an hour is more than any step could use.
    #[must_use]
    pub fn is_larger_than_all_usage(&self, hourly: Amount) -> bool {
        fraction(hourly) > self.largest_hourly()
    }
}
