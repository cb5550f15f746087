//! [`assemble`]: answers become a [`ReportModel`].

mod breakdown;
mod checks;
mod headline;
mod method;
mod movers;
mod pinned;
mod reconciliation;
mod trend;

use std::collections::BTreeMap;

use money::{Amount, Currency};
use query::{Answer, Cell, Evidence, Note, Period};

pub use pinned::{PINNED_ROWS_MAX, Pinned, PinnedCell, PinnedColumn, PinnedEffect, PinnedTable};
pub use reconciliation::{DifferencePart, InvoiceLine, Reconciliation};

use crate::definition::{PackDefinition, Section as SectionDefinition, SectionKind};
use crate::model::{Block, Column, ColumnKind, CostType, Figure, ReportModel, Section, TableCell, Unit};
use crate::period::{self, Calendar, ReportPeriod, last_day};
use crate::plan::{PlannedQuestion, Purpose, plan};
use crate::text::{clean, slug};
use crate::{ReportError, words};

/// What a pack needs beside its answers.
#[derive(Clone, Debug)]
pub struct Extras {
    /// The engagement's name.
    pub engagement: String,
    /// Today, what is loaded and the fiscal year.
    pub calendar: Calendar,
    /// The invoices beside the loaded charges; none where no invoices were given.
    pub reconciliation: Option<Reconciliation>,
    /// What the pinned sections show, by the section's place in the definition.
    pub pinned: BTreeMap<usize, Pinned>,
}

/// Makes the model of a pack from the answers to [`plan`]'s questions, in the same order.
///
/// # Errors
/// [`ReportError::Answers`] and [`ReportError::WrongAnswer`] when the answers are not those to the plan,
/// [`ReportError::DoesNotAddUp`] when parts do not equal their whole, [`ReportError::Currency`] when an answer is in another
/// currency than the rest, [`ReportError::Chart`] when a chart's data do not fit it, [`ReportError::Amount`] on overflow.
pub fn assemble(
    definition: &PackDefinition,
    period: &ReportPeriod,
    answers: &[Answer],
    extras: &Extras,
) -> Result<ReportModel, ReportError> {
    let planned = plan(definition, period.period);
    checks::answers_fit(definition, &planned, answers)?;
    let headline_total =
        planned.iter().position(|question| question.purpose == Purpose::Total).ok_or(ReportError::NoHeadline)?;
    let mut builder = Builder::new(definition, period, &answers[headline_total], extras);
    for (question, answer) in planned.iter().zip(answers) {
        checks::adds_up(&definition.sections[question.section].heading, answer)?;
        if question.purpose != Purpose::Trend {
            checks::equals_headline(&definition.sections[question.section].heading, answer, &builder.total)?;
            // A trend looks further back: what is to be known about those months is not about the pack's period.
            answer.notes.iter().for_each(|note| builder.note(note));
        }
        builder.register_evidence(&answer.evidence);
    }
    let mut sections = Vec::new();
    for (position, section) in definition.sections.iter().enumerate() {
        let of_section: Vec<(&PlannedQuestion, &Answer)> =
            planned.iter().zip(answers).filter(|(question, _)| question.section == position).collect();
        sections.push(builder.section(position, section, &of_section)?);
    }
    Ok(builder.finish(sections))
}

/// What all sections of a pack share while it is put together.
struct Builder<'a> {
    definition: &'a PackDefinition,
    period: &'a ReportPeriod,
    extras: &'a Extras,
    currency: Currency,
    cost: CostType,
    /// The headline's first figure: what everything else must add up to.
    total: Cell,
    compared_with: Option<Period>,
    compared_label: String,
    notes: Vec<Note>,
    evidence: Vec<Evidence>,
}

impl<'a> Builder<'a> {
    fn new(definition: &'a PackDefinition, period: &'a ReportPeriod, headline: &Answer, extras: &'a Extras) -> Self {
        let measure = &definition.cost_type;
        let compared_label = headline
            .compared_with
            .map_or_else(String::new, |compared| period::label(compared, extras.calendar.fiscal_year_start));
        let mut builder = Self {
            definition,
            period,
            extras,
            currency: headline.currency,
            cost: CostType { name: measure.name().into_owned(), label: measure.label().into_owned() },
            total: headline.total.first().cloned().unwrap_or_default(),
            compared_with: headline.compared_with,
            compared_label,
            notes: Vec::new(),
            evidence: Vec::new(),
        };
        for note in &period.notes {
            builder.note(note);
        }
        if let (Some(compared), Some(loaded)) = (headline.compared_with, extras.calendar.loaded)
            && (loaded.from > compared.from || loaded.to < compared.to)
        {
            let message = if loaded.from >= compared.to || loaded.to <= compared.from {
                format!("Nothing is loaded of {}, so every change is a change from zero.", builder.compared_label)
            } else {
                format!(
                    "{} is loaded only from {} to {}, so changes against it are not like for like.",
                    builder.compared_label,
                    words::day(loaded.from.max(compared.from)),
                    words::day(last_day(Period { from: compared.from, to: loaded.to.min(compared.to) }))
                )
            };
            builder.note(&Note { code: "partial_comparison".to_owned(), message });
        }
        builder
    }

    /// Keeps the evidence, once.
    fn register_evidence(&mut self, evidence: &Evidence) {
        if !self.evidence.iter().any(|known| known.id == evidence.id) {
            self.evidence.push(evidence.clone());
        }
    }

    /// Keeps a note, the first of its kind: every answer says the same in its own words.
    fn note(&mut self, note: &Note) {
        if !self.notes.iter().any(|known| known.code == note.code) {
            self.notes.push(Note { code: note.code.clone(), message: clean(&note.message) });
        }
    }

    fn section(
        &mut self,
        position: usize,
        section: &SectionDefinition,
        answers: &[(&PlannedQuestion, &Answer)],
    ) -> Result<Section, ReportError> {
        let id = format!("{:02}-{}", position + 1, slug(&section.heading));
        let answer = |purpose| {
            answers
                .iter()
                .find_map(|(question, answer)| (question.purpose == purpose).then_some(*answer))
                .ok_or_else(|| ReportError::WrongAnswer { place: position + 1, heading: section.heading.clone() })
        };
        let blocks = match section.kind {
            SectionKind::Headline => self.headline(answer(Purpose::Total)?, answer(Purpose::Driver)?)?,
            SectionKind::Trend => self.trend(&id, answer(Purpose::Trend)?)?,
            SectionKind::Breakdown => self.breakdown(&id, answer(Purpose::Breakdown)?)?,
            SectionKind::Movers => self.movers(&id, answer(Purpose::Movers)?, section.top)?,
            SectionKind::ChargesAndCredits => self.charges_and_credits(&id, answer(Purpose::ChargesAndCredits)?)?,
            SectionKind::Reconciliation => self.reconciliation(&id)?,
            SectionKind::Method => vec![self.method()],
            SectionKind::Evidence => vec![Block::Evidence],
            SectionKind::PinnedFigures
            | SectionKind::PinnedSql
            | SectionKind::PinnedChange
            | SectionKind::PinnedPivot
            | SectionKind::PinnedUnitCost
            | SectionKind::PinnedForecast
            | SectionKind::PinnedCommitment => {
                let extras = self.extras;
                let pinned = extras.pinned.get(&position).ok_or_else(|| ReportError::WrongAnswer {
                    place: position + 1,
                    heading: section.heading.clone(),
                })?;
                self.register_evidence(pinned.evidence());
                self.pinned(&id, section, pinned)?
            }
        };
        for block in &blocks {
            if let Block::Chart { chart } = block {
                chart.validate()?;
            }
        }
        Ok(Section { id, heading: clean(&section.heading), blocks })
    }

    fn finish(self, sections: Vec<Section>) -> ReportModel {
        let engagement = clean(&self.extras.engagement);
        ReportModel {
            title: clean(&self.definition.title),
            subtitle: format!("{engagement}, {}", self.period.label),
            scope: self.scope(),
            engagement,
            as_of: self.extras.calendar.as_of,
            period: self.period.period,
            period_label: self.period.label.clone(),
            compared_with: self.compared_with,
            compared_label: self.compared_with.map(|_| self.compared_label.clone()),
            currency: self.currency,
            cost_type: self.cost,
            notes: self.notes,
            sections,
            evidence: self.evidence,
        }
    }

    /// One sentence on what every figure covers.
    fn scope(&self) -> String {
        let mut scope = format!(
            "{} in {}, {} to {} by {} period",
            self.cost.label,
            self.currency,
            words::day(self.period.period.from),
            words::day(last_day(self.period.period)),
            match self.definition.on {
                query::PeriodBasis::Charge => "charge",
                query::PeriodBasis::Billing => "billing",
            }
        );
        if self.compared_with.is_some() {
            scope.push_str(&format!(", compared with {}", self.compared_label));
        }
        for filter in &self.definition.filters {
            let operator = match filter.operator {
                query::Operator::Is => "is",
                query::Operator::IsNot => "is not",
                query::Operator::Contains => "contains",
                query::Operator::NotContains => "does not contain",
                query::Operator::Missing => "is missing",
                query::Operator::Present => "is present",
            };
            let values: Vec<String> = filter.values.iter().map(|value| format!("“{}”", clean(value))).collect();
            scope.push_str(&format!("; {} {operator} {}", filter.dimension.phrase(), words::listed(&values)));
        }
        format!("{}.", scope.trim_end())
    }

    fn money(&self, amount: Amount, evidence: &Evidence) -> Figure {
        Figure { amount, unit: Unit::Money { currency: self.currency }, evidence_id: evidence.id.clone() }
    }

    fn change(&self, amount: Amount, evidence: &Evidence) -> Figure {
        Figure { amount, unit: Unit::MoneyChange { currency: self.currency }, evidence_id: evidence.id.clone() }
    }

    /// `USD 1,234.56`.
    fn say(&self, amount: Amount) -> String {
        words::money_with_currency(amount, self.currency)
    }

    /// `up USD 5.00 (2.1%)`, `level`.
    fn say_change(&self, change: Amount, ratio: Option<Amount>) -> String {
        if change.is_zero() {
            return "level".to_owned();
        }
        let ratio = ratio.map_or_else(String::new, |ratio| format!(" ({})", words::percent(ratio.abs())));
        format!("{} {}{ratio}", words::direction(change), self.say(change.abs()))
    }

    /// `Billed cost by service`.
    fn by(&self, answer: &Answer) -> String {
        let dimensions: Vec<String> = answer.question.by.iter().map(query::Dimension::phrase).collect();
        format!("{} by {}", self.cost.label, collapsed(&dimensions))
    }
}

/// The first cell of a row: the pack's cost type.
fn first(cells: &[Cell]) -> Cell {
    cells.first().cloned().unwrap_or_default()
}

/// A figure's fraction, if there is one.
fn ratio_cell(ratio: Option<Amount>, unit: Unit, evidence: &Evidence) -> TableCell {
    ratio.map_or(TableCell::Empty, |amount| TableCell::Figure {
        figure: Figure { amount, unit, evidence_id: evidence.id.clone() },
    })
}

fn text_column(label: impl Into<String>) -> Column {
    Column { label: label.into(), kind: ColumnKind::Text, adds_up: false }
}

fn figure_column(label: impl Into<String>, adds_up: bool) -> Column {
    Column { label: label.into(), kind: ColumnKind::Figure, adds_up }
}

/// The names of the dimensions as one: those that only say more about another (`sub account name`, `sub account`) are left out.
fn collapsed(names: &[String]) -> String {
    let mut kept: Vec<&String> = Vec::new();
    for name in names {
        let says_more = |shorter: &String| {
            name != shorter && name.strip_prefix(shorter.as_str()).is_some_and(|rest| rest.starts_with(' '))
        };
        if !names.iter().any(says_more) {
            kept.push(name);
        }
    }
    kept.into_iter().cloned().collect::<Vec<_>>().join(" and ")
}

/// What a group is called: its keys, or `No service` where it has none.
fn group_name(keys: &[Option<String>], labels: &[String]) -> String {
    let present: Vec<String> =
        keys.iter().flatten().map(|key| clean(key)).filter(|key| !key.trim().is_empty()).collect();
    if present.is_empty() { format!("(no {})", words::in_sentence(&collapsed(labels))) } else { present.join(" · ") }
}
