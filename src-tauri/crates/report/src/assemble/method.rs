//! Definitions and method, from the evidence and from what this crate does.

use std::collections::{BTreeMap, BTreeSet};

use super::Builder;
use crate::model::{Block, Definition};
use crate::text::clean;
use crate::words;

impl Builder<'_> {
    pub(super) fn method(&self) -> Block {
        let mut definitions = Vec::new();
        let mut add = |term: &str, meaning: String| definitions.push(Definition { term: term.to_owned(), meaning });
        add("Scope", self.scope());
        let cost = &self.definition.cost_type;
        for measure in std::iter::once(cost).chain(self.definition.also.iter().filter(|measure| *measure != cost)) {
            add(&measure.label(), clean(&measure.definition()));
        }
        add(
            "Period",
            match self.definition.on {
                query::PeriodBasis::Charge => {
                    "A charge belongs to the day, UTC, on which its charge period starts (ChargePeriodStart), whichever invoice it is on.".to_owned()
                }
                query::PeriodBasis::Billing => {
                    "A charge belongs to the billing period of the invoice it is on (BillingPeriodStart), whenever the usage happened.".to_owned()
                }
            },
        );
        if self.compared_with.is_some() {
            add(
                "Change",
                format!(
                    "{} minus {}; a group without charges in one of them counts as zero there. Change % is the change divided by the \
                     absolute value of the compared figure, and is left empty where that is zero.",
                    self.period.label, self.compared_label
                ),
            );
        }
        add(
            "Other, and groups without a name",
            "Groups beyond the ones shown are one row, “other”; charges without a value have a row of their own, such as “(no service)”. \
             Nothing is left out: the rows of every table add up to its total, and every section of the period adds up to the headline, \
             exactly."
                .to_owned(),
        );
        add(
            "Rounding",
            format!(
                "All sums are exact decimals. A figure is rounded once, where it is printed: to {} decimals of {}, half to even; percentages \
                 to one decimal. Where rounded rows differ from their rounded total, a note below the table says by how much.",
                self.currency.minor_digits(),
                self.currency
            ),
        );
        add(
            "Currency",
            format!(
                "Every amount is in {}. Charges in other currencies are named in a note and never added or converted.",
                self.currency
            ),
        );
        if let Some(settings) = self.settings() {
            add("Settings of the loads", settings);
        }
        add(
            "Reconciliation",
            "An invoice is compared with the billed cost of the loaded charges that name it, or else of its account and month. A difference is \
             taken apart into tax, credits, refunds, timing, rounding, currency, third parties and missing accounts, each by a stated rule on \
             charges; what no charges come to stays open. The parts add up to the difference exactly."
                .to_owned(),
        );
        add(
            "Evidence",
            format!(
                "Each table, chart and figure names its evidence. The evidence section holds the definition, the scope, the loads and the \
                 SQL behind it; asking again on the same loads gives the same id. As of {}.",
                words::day(self.extras.calendar.as_of)
            ),
        );
        Block::Method { definitions }
    }

    /// What the engagement chose of what the bills' formats leave open, and in which loads; none where nothing was to be chosen.
    fn settings(&self) -> Option<String> {
        let mut loads: BTreeMap<&str, BTreeSet<i64>> = BTreeMap::new();
        for load in self.evidence.iter().flat_map(|evidence| &evidence.loads) {
            for setting in &load.settings {
                loads.entry(setting).or_default().insert(load.id);
            }
        }
        let lines: Vec<String> = loads
            .into_iter()
            .map(|(setting, loads)| {
                let numbers: Vec<String> = loads.iter().map(i64::to_string).collect();
                let noun = if numbers.len() == 1 { "load" } else { "loads" };
                format!("{} ({noun} {})", clean(setting), words::listed(&numbers))
            })
            .collect();
        (!lines.is_empty())
            .then(|| format!("What the formats of the bills leave open was chosen as follows: {}.", lines.join("; ")))
    }
}
