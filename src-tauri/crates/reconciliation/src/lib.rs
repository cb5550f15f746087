//! Invoices beside the charges that were loaded for them.
//!
//! [`match_charges`] says which charges belong to which invoice. What is left between an invoice and its charges is its residual;
//! [`candidates`] lists what could make it up, each an exact sum of charges with the rule that it stands for, and [`classify`] takes
//! the few that do. Its parts add up to the residual exactly, whatever they are: what no rule explains is the part `unknown`.

mod candidate;
mod class;
mod classify;
mod firm;
mod invoice;
mod matching;

pub use candidate::{Candidate, Circumstances, candidates, without_charges, without_invoice};
pub use class::{Class, UnknownClass};
pub use classify::{Part, classify, rounding_bound};
pub use firm::same_firm;
pub use invoice::{ChargeGroup, Invoice, Kind};
pub use matching::{MatchedBy, Matching, match_charges};
