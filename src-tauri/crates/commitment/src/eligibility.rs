//! Which usage a commitment can cover: a table of rules that an analyst can read, and what it says of a charge.

mod pattern;
mod table;

use std::collections::BTreeSet;

use money::Amount;

use crate::model::Program;

pub use table::{EligibilityRule, EligibilityTable, TableError};

/// What a charge tells of itself. Missing values are empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Attributes<'a> {
    /// The provider as billed.
    pub provider: &'a str,
    /// The service.
    pub service: &'a str,
    /// What is metered (`SkuMeter`): AWS's usage type, Azure's meter name, Google's SKU description.
    pub meter: &'a str,
    /// The description of the charge.
    pub description: &'a str,
    /// The unit of the price.
    pub unit: &'a str,
    /// The instance type (`SkuPriceDetails.InstanceType`).
    pub instance_type: &'a str,
    /// The operating system or the database engine.
    pub platform: &'a str,
    /// The tenancy.
    pub tenancy: &'a str,
}

/// What can cover a charge, and how.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Eligibility<'a> {
    /// The rule that decided.
    pub rule: &'a str,
    /// Why, in words.
    pub why: &'a str,
    /// The programs that may cover it.
    pub programs: BTreeSet<Program>,
    /// The family within which commitments are told apart.
    pub family: String,
    /// The size within the family.
    pub size: Option<String>,
    /// Normalised units in one unit of the quantity; none where a commitment of another size does not fit.
    pub size_factor: Option<Amount>,
}

impl Eligibility<'_> {
    /// Whether the rule is an interpretation of the provider's documents.
    #[must_use]
    pub fn is_reading(&self) -> bool {
        self.why.starts_with("a reading:")
    }
}
