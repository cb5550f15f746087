//! [`Finding`]: a rule that is broken, as it is told.

use std::collections::BTreeMap;

use focus::{Origin, Rule};
use money::Amount;
use serde::Serialize;
use ts_rs::TS;

use super::subject::Subject;
use crate::ApiError;

/// A rule that is broken.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Finding {
    /// The rule's id: FOCUS's own, or `QD-...`.
    pub rule: String,
    /// Other ids that ask for the same.
    pub also: Vec<String>,
    /// `error`, `warning` or `notice`.
    pub severity: String,
    /// The breach in a few words.
    pub title: String,
    /// How many of what `counted` says break it.
    pub count: u64,
    /// What `count` counts: `charges`, `keys`, `loads`, `values` (refused by loading), `days` or `months`.
    pub counted: String,
    /// The billed cost of the charges concerned, by billing currency.
    pub cost: Vec<FindingCost>,
    /// What a breach means for the figures.
    pub meaning: String,
    /// What to do about it.
    pub action: String,
    /// Some of the charges, for `source`; or some of the keys, days, files.
    pub examples: Vec<String>,
    /// Who asks for it: `model` (the FOCUS requirements model), `text` (the FOCUS text, tested our way) or `own`.
    pub origin: String,
    /// The requirement in the words of FOCUS; empty for rules of our own.
    pub requirement: String,
    /// Why the rule is run otherwise than the requirements model says; null where it is run as it says.
    pub corrected: Option<String>,
    /// Where it is broken: by provider and, where it can be told, by load.
    pub scopes: Vec<FindingScope>,
}

/// A part of a finding.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FindingScope {
    /// The provider.
    pub provider: String,
    /// The load; null where the finding is about several.
    pub load: Option<i64>,
    /// The load's report; null where `load` is.
    pub report: Option<String>,
    /// The load's billing period, its first day; null where `load` is.
    pub billing_period: Option<String>,
    /// How many.
    pub count: u64,
    /// The billed cost of the charges concerned, by billing currency.
    pub cost: Vec<FindingCost>,
}

/// The billed cost that a finding touches in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FindingCost {
    /// The billing currency.
    pub currency: String,
    /// The billed cost.
    pub billed: Amount,
}

/// What one load, or one provider, adds to a finding.
#[derive(Default)]
pub(super) struct Tally {
    pub(super) count: u64,
    pub(super) cost: BTreeMap<String, Amount>,
}

impl Tally {
    pub(super) fn add_cost(&mut self, currency: Option<&str>, billed: Option<&str>) -> Result<(), ApiError> {
        let wrong =
            |error: money::AmountError| ApiError::new("internal", format!("the cost of a finding: {error}"), "");
        let amount: Amount = billed.unwrap_or("0").parse().map_err(wrong)?;
        let sum = self.cost.entry(currency.unwrap_or_default().to_owned()).or_insert(Amount::ZERO);
        *sum = sum.checked_add(amount).map_err(wrong)?;
        Ok(())
    }

    /// Adds the cost of another tally, and leaves its count.
    pub(super) fn take_cost(&mut self, other: &Self) -> Result<(), ApiError> {
        for (currency, billed) in &other.cost {
            self.add_cost(Some(currency), Some(&billed.to_string()))?;
        }
        Ok(())
    }

    fn costs(&self) -> Vec<FindingCost> {
        self.cost
            .iter()
            .map(|(currency, billed)| FindingCost { currency: currency.clone(), billed: billed.normalized() })
            .collect()
    }
}

/// The finding, its scopes in order of provider and load. `count` is the whole's; what is counted may lie in several loads at once.
pub(super) fn finding(
    rule: &Rule,
    counted: &str,
    count: u64,
    tallies: BTreeMap<(String, Option<i64>), Tally>,
    subjects: &[Subject],
    examples: Vec<String>,
) -> Result<Finding, ApiError> {
    let mut whole = Tally::default();
    for tally in tallies.values() {
        whole.take_cost(tally)?;
    }
    let scopes = tallies.into_iter().map(|((provider, load), tally)| {
        let subject = load.and_then(|load| subjects.iter().find(|subject| subject.load == load));
        FindingScope {
            provider,
            load,
            report: subject.map(|subject| subject.report.clone()),
            billing_period: subject.map(|subject| subject.billing_period.clone()),
            count: tally.count,
            cost: tally.costs(),
        }
    });
    Ok(Finding {
        rule: rule.id.clone(),
        also: rule.also.clone(),
        severity: rule.severity.word().to_owned(),
        title: rule.title.clone(),
        count,
        counted: counted.to_owned(),
        cost: whole.costs(),
        meaning: rule.meaning.clone(),
        action: rule.action.clone(),
        examples,
        origin: match rule.origin {
            Origin::Model => "model",
            Origin::Text => "text",
            Origin::Own => "own",
        }
        .to_owned(),
        requirement: rule.text.clone(),
        corrected: rule.corrected.clone(),
        scopes: scopes.collect(),
    })
}
