//! Rules that charges should keep, as data: what is tested, for which files, what a breach means and what to do about it.
//!
//! Most are the executable rules of the FOCUS 1.2 requirements model under their own ids, later versions noted. Rules with an id
//! that starts with `QD-` are our own: they find mistakes that change figures.

mod list;
mod sql;

use serde::Serialize;

use crate::{Column, Version};

pub use list::rules;
pub use sql::{RuleSql, load_condition, sql};

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// The id of the FOCUS requirements model, or our own.
    pub id: &'static str,
    /// How grave a breach is.
    pub severity: Severity,
    /// The breach in a few words: `ContractedCost is null`.
    pub title: String,
    /// The first FOCUS version that has what the rule speaks of.
    pub since: Version,
    /// The first FOCUS version that no longer has it.
    pub removed: Option<Version>,
    /// The rule holds only for loads in which this column has a value at all: FOCUS asks for such a column only where the
    /// provider has the feature behind it.
    pub needs: Option<&'static str>,
    /// What a breach means for the figures.
    pub meaning: String,
    /// What to do about it.
    pub action: String,
    /// What is tested.
    pub test: RuleTest,
}

impl Rule {
    /// Whether the rule speaks to a file of this version.
    pub fn applies_to(&self, version: Version) -> bool {
        self.since <= version && self.removed.is_none_or(|removed| version < removed)
    }
}

/// How grave a breach is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Figures may be wrong.
    Error,
    /// The file breaks a firm rule; figures by the column concerned may mislead.
    Warning,
    /// The file leaves out what it should tell.
    Notice,
}

/// A condition on one charge.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum When {
    /// The column has one of these values.
    Is(&'static Column, &'static [&'static str]),
    /// The column has none of these values, or no value.
    IsNot(&'static Column, &'static [&'static str]),
    /// The column has no value.
    Null(&'static Column),
    /// The column has a value.
    NotNull(&'static Column),
    /// The condition does not hold.
    Not(Box<When>),
    /// All conditions hold.
    All(Vec<When>),
}

/// What a rule tests, in no engine's language. Each says which charges break the rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleTest {
    /// The column is null.
    NotNull(&'static Column),
    /// The column is null although the condition holds.
    NotNullWhen(&'static Column, When),
    /// The column has a value although the condition holds.
    NullWhen(&'static Column, When),
    /// One of the two columns has a value and the other has none.
    NullTogether(&'static Column, &'static Column),
    /// The column has a value that is none of these.
    AllowedValues(&'static Column, &'static [&'static str]),
    /// The column has this value although the condition holds.
    NotValueWhen(&'static Column, &'static str, When),
    /// The number is below zero.
    NonNegative(&'static Column),
    /// The number is not zero although the condition holds.
    ZeroWhen(&'static Column, When),
    /// Price times quantity is not the cost. Compared where all three have a value and the charge is no correction, with
    /// [`PRODUCT_TOLERANCE`].
    ProductEquals {
        /// The unit price.
        price: &'static Column,
        /// The quantity it is for.
        quantity: &'static Column,
        /// The cost it should make.
        cost: &'static Column,
    },
    /// The period ends before it starts, or as it starts.
    HalfOpenPeriod {
        /// Inclusive start.
        start: &'static Column,
        /// Exclusive end.
        end: &'static Column,
    },
    /// The subcategory belongs to another category.
    SubcategoryParent,
    /// Within a provider, the key has several values of the column. The offenders are the keys.
    OneValuePer {
        /// The column that should have one value.
        column: &'static Column,
        /// The column that decides it.
        key: &'static Column,
    },
    /// Something is billed although a company other than the provider issues the invoice.
    BilledByThirdParty,
    /// Per commitment and billing period, less is spread over usage (used and unused) than the recurring fee, by more than
    /// [`COMMITMENT_TOLERANCE`]. Only billing periods whose usage reaches their end. The offenders are the commitments.
    CommitmentCost,
    /// Per commitment, billing period and unit, used and unused do not make up the quantity that the recurring fee pays for.
    /// Tolerance and periods as in `CommitmentCost`. The offenders are the commitments.
    CommitmentQuantity,
}

/// How far price times quantity may be from the cost: 0.000000001 or a millionth of the cost, whichever is more. Providers print
/// ten decimals; that is what rounding can explain.
pub const PRODUCT_TOLERANCE: (&str, &str) = ("0.000000001", "0.000001");

/// How far the two sides of a commitment may be apart, in the billing currency or in its unit. Providers round every hour.
pub const COMMITMENT_TOLERANCE: &str = "0.00001";

/// Names under which a provider issues its own invoices: the first words, in lower case. FOCUS compares the two names letter by
/// letter, which takes "AWS" and "Amazon Web Services, Inc." for two companies.
pub const PROVIDER_ALIASES: &[(&str, &[&str])] = &[
    ("alibaba", &["alibaba", "aliyun"]),
    ("amazon", &["amazon", "aws"]),
    ("aws", &["amazon", "aws"]),
    ("azure", &["azure", "microsoft"]),
    ("google", &["gcp", "google"]),
    ("gcp", &["gcp", "google"]),
    ("microsoft", &["azure", "microsoft"]),
    ("oci", &["oci", "oracle"]),
    ("oracle", &["oci", "oracle"]),
    ("tencent", &["tencent"]),
];
