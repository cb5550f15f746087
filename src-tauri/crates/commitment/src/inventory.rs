//! The commitments that a bill shows: what they are, what they cost, how much of them is used, and when they end. What the bill does not
//! tell is told by a table that the analyst keeps beside it.

mod charges;
mod completion;
mod figures;
mod find;
pub(crate) mod terms;

use chrono::{DateTime, Utc};
use money::Amount;

use crate::model::{Capacity, Payment, Program, Term};

pub use charges::BilledCharges;
pub use completion::{COMPLETION_COLUMNS, Completion, CompletionRow, completions};
pub use figures::{Expiry, Figures, expiries};
pub use find::{Inventory, Seen, find};

/// A value and where it is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Known<T> {
    /// The value.
    pub value: T,
    /// Where it is from; begins with "a reading:" where it is inferred.
    pub source: String,
}

impl<T> Known<T> {
    /// A value from somewhere.
    pub fn new(value: T, source: impl Into<String>) -> Self {
        Self { value, source: source.into() }
    }
}

/// A commitment of the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Held {
    /// The bill's id of it.
    pub id: String,
    /// Its name, or the end of its id.
    pub name: String,
    /// The provider.
    pub provider: String,
    /// The programme.
    pub program: Known<Program>,
    /// The provider's own word for it.
    pub type_name: Option<String>,
    /// The account that it is billed to.
    pub account: Option<String>,
    /// That account's name.
    pub account_name: Option<String>,
    /// The region that it is bound to.
    pub region: Option<String>,
    /// The zone, of a zonal reservation.
    pub zone: Option<String>,
    /// The family that it is bound to.
    pub family: Option<String>,
    /// The instance type that it was bought as.
    pub instance_type: Option<String>,
    /// The operating system or the engine.
    pub platform: Option<String>,
    /// Its length.
    pub term: Option<Known<Term>>,
    /// When it is paid.
    pub payment: Option<Known<Payment>>,
    /// The first instant.
    pub start: Option<Known<DateTime<Utc>>>,
    /// The instant after the last.
    pub end: Option<Known<DateTime<Utc>>>,
    /// What it covers in an hour.
    pub capacity: Option<Known<Capacity>>,
    /// Paid at the start.
    pub upfront: Option<Known<Amount>>,
    /// Paid for every hour beside the upfront.
    pub recurring: Option<Known<Amount>>,
    /// The first charge of it in the period.
    pub first_seen: DateTime<Utc>,
    /// The end of its last charge of usage in the period.
    pub last_seen: DateTime<Utc>,
    /// What the bill says of its cost.
    pub figures: Figures,
}

/// Something that is wrong or missing, and where.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    /// A stable word.
    pub code: &'static str,
    /// What it is about: a commitment's id, a family; empty where it is the file.
    pub subject: String,
    /// The file, where there is one.
    pub file: Option<String>,
    /// Its row, counted from 1 with the header as the first.
    pub row: Option<u64>,
    /// What is wrong and what to do.
    pub message: String,
}
