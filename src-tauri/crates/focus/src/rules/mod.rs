//! Rules that charges should keep, as data: what is tested, for which loads, what a breach means and what to do about it.
//!
//! Most are the executable rules of the FOCUS 1.2 requirements model under their own ids (`model-1.2.toml`), with what is wrong in the
//! model put right in `judgements.toml`. Rules with an id that starts with `QD-` are our own: they find mistakes that change
//! figures, in a charge, between charges, or in the bill as a whole.

mod applicability;
mod condition;
mod model;
mod own;
mod sense;
mod sets;
mod sql;
mod words;

use std::sync::LazyLock;

use serde::Serialize;

use crate::{Column, Version};

pub use applicability::{APPLICABILITY_FLAGS, ApplicabilityFlag, family_of, flag_by_name};
pub use condition::{CURRENCIES, Condition};
pub use model::{Inventory, inventory};
pub use sense::{SenseTest, days_present};
pub use sets::SetTest;
pub use sql::{PROVIDER_ALIASES, Statement, breach_sql, set_statement};

/// One rule.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Rule {
    /// The id of the FOCUS requirements model, or our own.
    pub id: String,
    /// Other ids that ask for the same; a breach of one is a breach of all.
    pub also: Vec<String>,
    /// The column that the rule speaks of, if it speaks of one.
    pub column: Option<&'static Column>,
    /// Who asks for it.
    pub origin: Origin,
    /// How grave a breach is.
    pub severity: Severity,
    /// The breach in a few words: `ContractedCost is null`.
    pub title: String,
    /// The requirement as its author words it; empty for our own rules.
    pub text: String,
    /// Why the rule is run otherwise than the requirements model says, where it is.
    pub corrected: Option<String>,
    /// The rule holds only where the provider has all of these features.
    pub flags: Vec<&'static ApplicabilityFlag>,
    /// What a breach means for the figures.
    pub meaning: String,
    /// What to do about it.
    pub action: String,
    /// What is tested.
    pub test: Test,
}

impl Rule {
    /// Whether the rule speaks to a file of this version: the version has every column that it tests.
    pub fn applies_to(&self, version: Version) -> bool {
        self.column.into_iter().chain(self.test.columns()).all(|column| column.exists_in(version))
    }
}

/// Who asks for a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Origin {
    /// The requirements model of FOCUS 1.2 states the test.
    Model,
    /// The text of FOCUS asks for it; the requirements model states no test, so the test is ours.
    Text,
    /// Ours.
    Own,
}

/// How grave a breach is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// Figures may be wrong.
    Error,
    /// The file breaks a firm rule; figures by the column concerned may mislead.
    Warning,
    /// The file leaves out what it should tell, or something is worth a look.
    Notice,
}

impl Severity {
    /// The word for it: `error`, `warning` or `notice`.
    pub const fn word(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Notice => "notice",
        }
    }
}

/// What a rule tests, in no engine's language.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Test {
    /// The export has the column. What is counted are loads.
    Present(&'static Column),
    /// The column holds text: every column of text is read as text, so nothing can break it.
    Text(&'static Column),
    /// The values of the column can be read as what the column holds. What is counted are the values that loading refused.
    Readable(&'static Column),
    /// A condition on each charge. What is counted are charges.
    Charge {
        /// What must hold ...
        requirement: Condition,
        /// ... where this holds; none means everywhere.
        when: Option<Condition>,
    },
    /// Something about charges that belong together. What is counted are the groups.
    Set(SetTest),
    /// Something about the bill as a whole. What is counted is told by the test.
    Sense(SenseTest),
}

impl Test {
    /// The columns without which the test has nothing to test. Columns that only narrow it down are not among them: where such a
    /// column is missing, it has no value.
    pub fn columns(&self) -> Vec<&'static Column> {
        match self {
            Self::Present(column) | Self::Text(column) | Self::Readable(column) => vec![*column],
            Self::Charge { requirement, .. } => requirement.columns(),
            Self::Set(test) => test.columns(),
            Self::Sense(_) => Vec::new(),
        }
    }
}

/// How far price times quantity may be from the cost: 0.000000001 or a millionth of the cost, whichever is more. Providers print
/// ten decimals; that is what rounding can explain.
pub const PRODUCT_TOLERANCE: (&str, &str) = ("0.000000001", "0.000001");

/// How far the two sides of a commitment may be apart, in the billing currency or in its unit. Providers round every hour.
pub const COMMITMENT_TOLERANCE: &str = "0.00001";

/// Every rule that is run, by id in the order of severity.
pub fn rules() -> &'static [Rule] {
    &RULES
}

static RULES: LazyLock<Vec<Rule>> = LazyLock::new(|| {
    let mut rules = model::rules();
    rules.extend(own::rules());
    let mut rules = model::without_repetitions(rules);
    rules.sort_by(|left, right| left.severity.cmp(&right.severity).then_with(|| left.id.cmp(&right.id)));
    rules
});

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    fn find(id: &str) -> &'static Rule {
        rules().iter().find(|rule| rule.id == id).unwrap_or_else(|| panic!("there is no rule {id}"))
    }

    #[test]
    fn ids_and_titles_are_unique_and_texts_are_there() {
        let mut seen = BTreeSet::new();
        let mut titles = BTreeSet::new();
        for rule in rules() {
            for id in std::iter::once(&rule.id).chain(&rule.also) {
                assert!(seen.insert(id), "{id} is used once");
            }
            assert!(titles.insert(rule.title.as_str()), "{}: {} is told once", rule.id, rule.title);
            assert!(rule.meaning.ends_with('.') && rule.action.ends_with('.'), "{} tells what it means", rule.id);
            assert!(rule.title.len() <= 100, "{} says it in a few words: {}", rule.id, rule.title);
        }
        assert!(rules().is_sorted_by_key(|rule| rule.severity), "the gravest come first");
    }

    #[test]
    fn rules_follow_the_columns_of_a_version() {
        let provider = find("ProviderName-C-003-M");
        assert!(provider.applies_to(Version::V1_3) && !provider.applies_to(Version::V1_4), "1.4 has no ProviderName");
        assert!(!find("QD-SERVICE-PROVIDER").applies_to(Version::V1_2), "1.2 has no ServiceProviderName");
        assert!(find("BilledCost-C-005-C").applies_to(Version::V1_4), "the provider is known without ProviderName");
    }

    #[test]
    fn what_the_model_asks_twice_is_tested_once() {
        assert_eq!(find("ListUnitPrice-C-010-C").also, ["ListCost-C-009-C"], "one product, two ids");
        assert_eq!(find("ContractedCost-C-003-M").also, ["ContractedCost-C-004-M"], "a null is no decimal value");
    }

    #[test]
    fn defects_of_the_model_are_put_right_and_say_so() {
        for id in [
            "BilledCost-C-005-C",
            "CapacityReservationStatus-C-003-C",
            "CapacityReservationStatus-C-004-C",
            "CommitmentDiscountStatus-C-004-C",
            "CommitmentDiscountStatus-C-005-M",
            "ConsumedQuantity-C-006-C",
            "EffectiveCost-C-005-C",
        ] {
            assert!(find(id).corrected.as_deref().is_some_and(|why| why.ends_with('.')), "{id} says what was wrong");
        }
        assert!(rules().iter().all(|rule| rule.id != "InvoiceId-C-004-C"), "a rule without its condition is not run");
    }
}
