//! Commitments applied to usage, step by step, in each provider's documented order (the table is at the head of `order.rs`).
//!
//! All money is whole numbers of one scale (at least 12 decimals, more where the bill has more). A commitment covers lines until the
//! usage or the commitment ends; only where it ends within a line is anything rounded, half to even at that scale, and what stays of the
//! line is the difference, so that every identity holds to the last digit: on demand = covered + remainder, commitment = used + unused,
//! cost = commitments + remainder.

mod bill;
mod engine;
mod finding;
mod layout;
mod notice;
pub(crate) mod order;
mod outcome;
mod prepared;
mod whole;

use money::{Amount, Currency};

pub use bill::{BillFacts, BilledCover, BilledUnused, Comparison, Deviation, DeviationKind, compare_with_bill};
pub use finding::Finding;
pub use outcome::{
    CommitmentMonth, CoverageMonth, Figures, LineMonth, RATE_DECIMALS, Replay, ReplayMonth, StepFigures,
};
pub use prepared::{Prepared, Run};

use crate::model::{BenefitPolicy, Commitment, CommitmentError, Usage};

/// Why nothing was replayed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ReplayError {
    /// A commitment that cannot be.
    #[error(transparent)]
    Commitment(#[from] CommitmentError),
    /// Two currencies.
    #[error(
        "the commitment {commitment} is in {found}, the usage in {expected}; give both in one currency, amounts of two are never added"
    )]
    Currency {
        /// The commitment.
        commitment: String,
        /// Its currency.
        found: Currency,
        /// The usage's.
        expected: Currency,
    },
    /// Two commitments of one id.
    #[error("the commitment {0} is there twice; take one out, or give the renewal an id of its own")]
    Duplicate(String),
    /// More commitments than can be replayed together.
    #[error(
        "{0} commitments are more than can be replayed together (65,535); take those of one provider or account at a time"
    )]
    TooMany(usize),
    /// A number of more than 38 digits.
    #[error("{what} needs more than 38 digits; check its amounts")]
    TooLarge {
        /// What.
        what: String,
    },
}

/// What one commitment covered of one line in one step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Cover {
    /// The step.
    pub step: usize,
    /// The commitment's place in [`Replay::commitments`].
    pub commitment: usize,
    /// The line's place in the usage.
    pub line: usize,
    /// The on-demand cost of what was covered.
    pub on_demand: Amount,
    /// The quantity that was covered.
    pub quantity: Amount,
    /// How much of the commitment that took, in its money or units.
    pub capacity: Amount,
    /// What the line bears of the commitment's cost.
    pub cost: Amount,
}

/// Replays commitments on usage.
///
/// # Errors
/// [`ReplayError`], naming the commitment and what to correct.
pub fn replay(usage: &Usage, commitments: &[Commitment], policy: &BenefitPolicy) -> Result<Replay, ReplayError> {
    Prepared::new(usage).replay(commitments, policy)
}

/// As [`replay`], and `each` sees every cover in the order in which it happens: step after step, and within a step as applied.
///
/// # Errors
/// As [`replay`].
pub fn replay_each(
    usage: &Usage,
    commitments: &[Commitment],
    policy: &BenefitPolicy,
    mut each: impl FnMut(Cover),
) -> Result<Replay, ReplayError> {
    // Once at the final width, so that nobody sees covers of a run that was given up for want of digits.
    let mut raw = Vec::new();
    let run = Prepared::new(usage).run_with(None, commitments, policy, Some(&mut raw))?;
    let scales = run.scales();
    for cover in raw {
        let in_money = run.commitments()[cover.commitment].capacity.is_spend();
        let capacity = if in_money { scales.money_of(cover.capacity) } else { scales.quantity_of(cover.capacity) };
        each(Cover {
            step: cover.step,
            commitment: cover.commitment,
            line: cover.line,
            on_demand: scales.money_of(cover.on_demand),
            quantity: scales.quantity_of(cover.quantity),
            capacity,
            cost: scales.money_of(cover.cost),
        });
    }
    Ok(run.replay)
}
