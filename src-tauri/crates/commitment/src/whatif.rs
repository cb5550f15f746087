//! What if: dated decisions on usage laid forward, what they cost and free by month, how long they bind, and who gains.
//!
//! A [`Basket`] of decisions turns the commitments at hand into those that would run ([`Basket::resolve`]); [`Desk::evaluate`] replays
//! them on the likely usage and, from one evaluation to the next, only the months that changed; [`bands`] replays sample paths;
//! [`lock_in`], [`who_gains`] and [`compare`] read the results.

mod along;
mod bands;
mod basket;
mod benefit;
mod compare;
mod demand;
mod evaluate;
mod forward;
mod lock_in;

pub(crate) use along::{Along, OnPath};
pub use along::{Paths, Workers, one_by_one};
pub use bands::{Band, MonthBands, PathBands, PathError, SamplePath, band, bands, mean_of_highest};
pub use basket::{Basket, Decision, DecisionKind, Notice, Resolved};
pub use benefit::{Gain, who_gains};
pub use compare::{Difference, MonthDifference, compare};
pub use demand::{DemandChange, Destination, Effect, change_demand};
pub use evaluate::{Desk, MonthOutcome, Outcome};
pub use forward::lay_forward;
pub use lock_in::{LockIn, LockInMonth, lock_in};

use money::{Amount, AmountError};

use crate::model::{CommitmentError, SeriesError, SpanError, UsageError};
use crate::replay::ReplayError;

/// Why a what-if has no answer.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum WhatIfError {
    /// A decision on a commitment that is not there.
    #[error(
        "the decision {decision} is about the commitment {commitment}, which is not there; name one of the inventory or of an earlier decision"
    )]
    NoSuchCommitment {
        /// The decision.
        decision: String,
        /// The commitment.
        commitment: String,
    },
    /// Two decisions with one id, or two on one commitment.
    #[error("the decisions {one} and {other} are both about {commitment}; keep one of them")]
    Contradiction {
        /// The one.
        one: String,
        /// The other.
        other: String,
        /// The commitment.
        commitment: String,
    },
    /// Two decisions with one id.
    #[error("two decisions are called {0}; give each an id of its own")]
    DuplicateDecision(String),
    /// A date at which the commitment does not run.
    #[error("the decision {decision} is dated {at}, but {commitment} runs from {start} to {end}; date it within")]
    NotRunning {
        /// The decision.
        decision: String,
        /// Its date.
        at: String,
        /// The commitment.
        commitment: String,
        /// Its start.
        start: String,
        /// Its end.
        end: String,
    },
    /// A date beyond the calendar.
    #[error("the decision {0} ends beyond the calendar; give a shorter term")]
    BeyondCalendar(String),
    /// A factor or share that is none.
    #[error("the change of demand {change}: the {what} is {value}; give {wanted}")]
    Factor {
        /// The change.
        change: String,
        /// Which number.
        what: &'static str,
        /// Its value.
        value: Amount,
        /// What would do.
        wanted: &'static str,
    },
    /// A change that touches no line.
    #[error("the change of demand {0} matches no line from its date on; correct its filter or its dates")]
    TouchesNothing(String),
    /// No history to lay forward.
    #[error("usage is laid forward from at least 14 days; there are {days}")]
    TooLittleHistory {
        /// The days with data.
        days: usize,
    },
    /// A commitment that cannot be.
    #[error(transparent)]
    Commitment(#[from] CommitmentError),
    /// Usage that cannot be.
    #[error(transparent)]
    Usage(#[from] UsageError),
    /// A span that cannot be.
    #[error(transparent)]
    Span(#[from] SpanError),
    /// An amount that does not fit its line.
    #[error(transparent)]
    Series(#[from] SeriesError),
    /// A replay that cannot be.
    #[error(transparent)]
    Replay(#[from] ReplayError),
    /// Sample paths that do not fit the usage.
    #[error(transparent)]
    Path(#[from] PathError),
    /// A sum that does not fit.
    #[error(transparent)]
    Amount(#[from] AmountError),
    /// The work was given up at the caller's wish.
    #[error("stopped after {done} of {total} paths")]
    Stopped {
        /// Paths replayed.
        done: usize,
        /// Paths in all.
        total: usize,
    },
}
