//! [`plan`]: the questions that a pack needs answered.

use chrono::{Datelike, Months};
use query::{Grain, Period, Question};

use crate::definition::{PackDefinition, Section, SectionKind};

/// A question of a pack, with the place that its answer goes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedQuestion {
    /// The position of the section in the definition.
    pub section: usize,
    /// What the answer is for.
    pub purpose: Purpose,
    /// What is asked.
    pub question: Question,
}

/// What an answer is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// The headline's total, with every measure it shows.
    Total,
    /// All groups of the headline's dimensions, to find the main driver among them.
    Driver,
    /// Spend by month.
    Trend,
    /// Groups with share and change, the top N of them.
    Breakdown,
    /// All groups with their changes, to find the largest among them.
    Movers,
    /// Charges and credits.
    ChargesAndCredits,
}

/// The questions that the definition needs answered for a period, in the order in which [`crate::assemble`] wants the answers.
///
/// Two of them can be the same question; they then have the same answer and the same evidence.
#[must_use]
pub fn plan(definition: &PackDefinition, period: Period) -> Vec<PlannedQuestion> {
    let mut planned = Vec::new();
    for (position, section) in definition.sections.iter().enumerate() {
        let mut add = |purpose, question| planned.push(PlannedQuestion { section: position, purpose, question });
        let compared = Question { compare: Some(definition.compare.comparison()), ..base(definition, period) };
        let by = section.by.clone();
        match section.kind {
            SectionKind::Headline => {
                let mut measures = vec![definition.cost_type.clone()];
                measures.extend(definition.also.iter().filter(|measure| **measure != definition.cost_type).cloned());
                add(Purpose::Total, Question { measures, ..compared.clone() });
                add(Purpose::Driver, Question { by, ..compared });
            }
            SectionKind::Trend => {
                let window = Period { from: trend_start(section, period), to: period.to };
                let question = Question { by, grain: Some(Grain::Month), top: section.top, ..base(definition, window) };
                add(Purpose::Trend, question);
            }
            SectionKind::Breakdown => add(Purpose::Breakdown, Question { by, top: section.top, ..compared }),
            // The largest changes need not be among the largest groups, so all groups are asked for.
            SectionKind::Movers => add(Purpose::Movers, Question { by, ..compared }),
            SectionKind::ChargesAndCredits => add(Purpose::ChargesAndCredits, Question { by, ..compared }),
            SectionKind::Reconciliation | SectionKind::Method | SectionKind::Evidence => {}
            // What is pinned has a question of its own, beside those that must come to the headline.
            SectionKind::PinnedFigures
            | SectionKind::PinnedSql
            | SectionKind::PinnedChange
            | SectionKind::PinnedPivot
            | SectionKind::PinnedUnitCost
            | SectionKind::PinnedForecast
            | SectionKind::PinnedCommitment => {}
        }
    }
    planned
}

/// The question that all others vary.
fn base(definition: &PackDefinition, period: Period) -> Question {
    Question {
        measures: vec![definition.cost_type.clone()],
        period: Some(period),
        on: definition.on,
        filters: definition.filters.clone(),
        currency: definition.currency,
        ..Question::default()
    }
}

/// The first day of a trend: as many months as the section says, counted back from the period's end, and never less than the period.
fn trend_start(section: &Section, period: Period) -> chrono::NaiveDate {
    let last_month = period.to.pred_opt().and_then(|day| day.with_day(1)).unwrap_or(period.from);
    let months_before = section.months.unwrap_or(1).saturating_sub(1);
    last_month.checked_sub_months(Months::new(months_before)).map_or(period.from, |from| from.min(period.from))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_shipped_pack_asks_for_its_period_only_but_for_the_trend() {
        let definition = PackDefinition::parse(include_str!("../../../../packs/qbr.toml")).unwrap();
        let period = Period { from: "2026-07-01".parse().unwrap(), to: "2026-10-01".parse().unwrap() };
        let planned = plan(&definition, period);
        assert_eq!(planned[0].purpose, Purpose::Total, "the total is asked for first");
        for PlannedQuestion { purpose, question, .. } in &planned {
            if *purpose == Purpose::Trend {
                assert_eq!(
                    question.period.unwrap().from.to_string(),
                    "2025-10-01",
                    "a year of months leads to the quarter"
                );
                assert_eq!(question.compare, None, "a trend compares by itself");
            } else {
                assert_eq!(question.period, Some(period));
                assert!(question.compare.is_some(), "every other figure is compared");
            }
            assert_eq!(question.measures[0], definition.cost_type, "one cost type throughout");
        }
    }
}
