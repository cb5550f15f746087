//! The exact optimum of one instrument, and its whole savings curve.
//!
//! Of an hour with demand `D` (at on-demand rates) a commitment of `C` an hour at discount `d` covers `k = C / (1 - d)`; the hour costs
//! `C + max(0, D - k)`. Over all hours the cost is convex and piecewise linear in `C`, and least at the smallest `k` with `F(k) >= d`,
//! `F` the distribution of hourly demand: the newsvendor's quantile. The last dollar of a commitment pays when it is used in at least
//! `1 - d` of the hours.
//!
//! With several lines at different discounts the plan takes the highest savings percentage first within an hour, as AWS documents for
//! Savings Plans. Savings rise by `d_i / (1 - d_i)` for each dollar while line `i` absorbs it and fall by one where it is idle; the sum over
//! hours is concave, so the optimum is one of the breakpoints, and sorting them finds it.
//!
//! Steps may carry weights. With the steps of several scenarios one after another, each weighted by its probability, the same search finds the
//! quantile of the mixture over the term: `sum over s, t of p_s w_t [D_st > k] = 1 - d`.
//!
//! Money is whole numbers throughout; fractions are rounded once, when a [`Point`] is written.

mod breakpoints;
mod curve;
mod eligible;
pub(crate) mod fraction;
mod recommend;
#[cfg(test)]
mod tests;

pub use curve::{Curve, Point};
pub use eligible::{Eligible, EligibleLine, Finding, LEAST_DAYS, whole_units, whole_units_at};
pub use recommend::Recommendation;

use money::{Amount, AmountError};

/// Why there is no curve or no recommendation.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum OptimumError {
    /// A rate is zero or negative, or a discount is a hundred percent or more.
    #[error(
        "{line}: a rate of {committed} where on demand it is {on_demand} is no rate: both must be above zero; correct the offer"
    )]
    Rate {
        /// The line.
        line: String,
        /// The committed rate.
        committed: Amount,
        /// The on-demand rate.
        on_demand: Amount,
    },
    /// The price of the instrument is not above zero.
    #[error("a unit of the commitment costs {price} an hour, which is no price; correct the offer")]
    Price {
        /// It.
        price: Amount,
    },
    /// Lines of different lengths.
    #[error("{line} has {found} steps where {expected} were expected")]
    Steps {
        /// The line, or `weights`.
        line: String,
        /// Its steps.
        found: usize,
        /// The steps of the first line.
        expected: usize,
    },
    /// Too little history to recommend from.
    #[error("{hours} hours with data are too few to recommend a commitment from: at least {least} (14 days) are needed; load more days", least = LEAST_DAYS * 24)]
    TooFewHours {
        /// Hours with data.
        hours: u64,
    },
    /// A commitment below zero was asked for.
    #[error("a commitment of {hourly} an hour is below zero")]
    NegativeCommitment {
        /// It.
        hourly: Amount,
    },
    /// A step of commitment that is not above zero was asked for.
    #[error("commitments cannot be bought in steps of {granularity}")]
    Granularity {
        /// It.
        granularity: Amount,
    },
    /// Numbers beyond what exact arithmetic holds.
    #[error("usage and rates together need more digits than exact arithmetic has; check for a misplaced decimal point")]
    TooLarge,
}

impl From<AmountError> for OptimumError {
    fn from(_: AmountError) -> Self {
        Self::TooLarge
    }
}
