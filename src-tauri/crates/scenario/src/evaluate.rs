//! The likely case, exactly: every operation at one figure, every cell a whole number of 10^-9 of the currency.

mod attachments;
mod commitments;
mod effects;

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::exact::{Fraction, apportion};
use crate::operation::Phase;
use crate::outcome::Outcome;
use crate::plan::{Plan, Step};
use crate::{Case, Diagnostic, Severity};
use effects::Effect;

pub(crate) use effects::{brings_units, progress};

/// Which of two costs fees are put at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Basis {
    /// Amortised: what is paid at the start is spread over the term. For trends and budgets of teams.
    #[default]
    Effective,
    /// As invoices come: what is paid at the start falls into the first month. For cash.
    Billed,
}

/// How a plan is evaluated.
#[derive(Clone, Debug, Default)]
pub struct Settings {
    /// Which figure of each estimate counts.
    pub case: Case,
    /// Which cost fees are put at.
    pub basis: Basis,
    /// Operations for which another choice is made, by id.
    pub choices: BTreeMap<String, Choice>,
}

/// What becomes of one operation in a run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Choice {
    /// It is left out.
    Absent,
    /// It counts with this figure.
    At(Case),
}

/// A sum or product of a plan needs more than 38 digits.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{what} leads to an amount of more than 38 digits; make its figures smaller")]
pub struct TooLarge {
    /// The operation or charge that led there.
    pub what: String,
}

impl Plan {
    /// Evaluates the plan: each cell of a touched line is multiplied, split or added to in whole units of 10^-9, each product rounded
    /// once, half to even; what is split adds up to what it was.
    ///
    /// # Errors
    /// [`TooLarge`] when a cell would need more than 38 digits.
    pub fn evaluate(&self, settings: &Settings) -> Result<Outcome, TooLarge> {
        Run::new(self, settings).all()
    }
}

/// The cells on their way through the phases.
struct Run<'a> {
    plan: &'a Plan,
    settings: &'a Settings,
    months: usize,
    cells: Vec<i128>,
    /// Empty where no line has units.
    units: Vec<i128>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Run<'a> {
    fn new(plan: &'a Plan, settings: &'a Settings) -> Self {
        let months = plan.months();
        let wanted = plan.lines.len() * months;
        let mut cells = Vec::with_capacity(wanted);
        cells.extend_from_slice(&plan.ground.cells);
        cells.resize(wanted, 0);
        let mut units = Vec::new();
        if plan.lines.iter().any(|line| line.has_units) {
            units.reserve(wanted);
            if let Some(known) = &plan.ground.units {
                units.extend_from_slice(known);
            }
            units.resize(wanted, 0);
        }
        Self { plan, settings, months, cells, units, diagnostics: Vec::new() }
    }

    fn all(mut self) -> Result<Outcome, TooLarge> {
        for step in self.plan.steps_of(Phase::Drivers..=Phase::Caps) {
            self.step(step)?;
        }
        self.commitments()?;
        self.agreements()?;
        self.percentage_charges()?;
        self.credits()?;
        for step in self.plan.steps_of(Phase::Currency..=Phase::Allocation) {
            self.step(step)?;
        }
        let has_effect = |severity| move |found: &&Diagnostic| found.severity == severity;
        let planned = self.plan.diagnostics();
        let mut diagnostics: Vec<Diagnostic> = planned.iter().filter(has_effect(Severity::Warning)).cloned().collect();
        diagnostics.extend(planned.iter().filter(has_effect(Severity::Note)).cloned());
        diagnostics.append(&mut self.diagnostics);
        Outcome::new(self.plan, Arc::clone(&self.plan.lines), self.cells, self.units, diagnostics)
    }

    /// The figure that counts for an operation; none where it is left out.
    fn case_of(&self, operation: usize) -> Option<Case> {
        match self.settings.choices.get(&self.plan.operations[operation].id) {
            None => Some(self.settings.case),
            Some(Choice::At(case)) => Some(*case),
            Some(Choice::Absent) => None,
        }
    }

    fn step(&mut self, step: &Step) -> Result<(), TooLarge> {
        let Some(case) = self.case_of(step.operation) else { return Ok(()) };
        let operation = &self.plan.operations[step.operation];
        let too_large = || TooLarge { what: format!("operation {}", crate::diagnostic::quoted(&operation.id)) };
        let effect = effects::effect(operation, case, &self.plan.ground).ok_or_else(too_large)?;
        let done = match effect {
            Effect::Multiply { factors, with_units } => self.multiply(&step.lines, &factors, with_units),
            Effect::Drive { changes } => self.drive(&step.lines, &changes),
            Effect::Flow { cells, units } => self.flow(&step.targets, &cells, &units),
            Effect::Move { leaving, arriving, arriving_units } => {
                self.shift(step, &leaving, &arriving, &arriving_units)
            }
            Effect::Limit { limits } => self.limit(&step.lines, &limits),
        };
        done.ok_or_else(too_large)
    }

    fn multiply(&mut self, lines: &[usize], factors: &[Fraction], with_units: bool) -> Option<()> {
        let with_units = with_units && !self.units.is_empty();
        for &line in lines {
            let row = line * self.months..(line + 1) * self.months;
            for (cell, factor) in self.cells[row.clone()].iter_mut().zip(factors) {
                *cell = factor.of(*cell)?;
            }
            if with_units && self.plan.lines[line].has_units {
                for (unit, factor) in self.units[row].iter_mut().zip(factors) {
                    *unit = factor.of(*unit)?;
                }
            }
        }
        Some(())
    }

    /// `cell · (1 + share · change)`.
    fn drive(&mut self, lines: &[usize], changes: &[Fraction]) -> Option<()> {
        for &line in lines {
            let Some((_, shares)) = &self.plan.ground.links[line] else { continue };
            let factors: Option<Vec<Fraction>> = changes
                .iter()
                .zip(shares.iter())
                .map(|(change, share)| change.times(*share)?.plus(Fraction::ONE))
                .collect();
            self.multiply(&[line], &factors?, true)?;
        }
        Some(())
    }

    fn flow(&mut self, targets: &[usize], cells: &[i128], units: &[i128]) -> Option<()> {
        for &line in targets {
            let row = line * self.months..(line + 1) * self.months;
            for (cell, added) in self.cells[row.clone()].iter_mut().zip(cells) {
                *cell = cell.checked_add(*added)?;
            }
            for (unit, added) in self.units.get_mut(row).unwrap_or_default().iter_mut().zip(units) {
                *unit = unit.checked_add(*added)?;
            }
        }
        Some(())
    }

    fn shift(
        &mut self,
        step: &Step,
        leaving: &[Fraction],
        arriving: &[Fraction],
        arriving_units: &[Fraction],
    ) -> Option<()> {
        for (&line, &target) in step.lines.iter().zip(&step.targets) {
            for month in 0..self.months {
                if leaving[month].is_zero() && arriving[month].is_zero() {
                    continue;
                }
                let (from, to) = (line * self.months + month, target * self.months + month);
                let before = self.cells[from];
                self.cells[from] = before.checked_sub(leaving[month].of(before)?)?;
                self.cells[to] = self.cells[to].checked_add(arriving[month].of(before)?)?;
                if !self.units.is_empty() && self.plan.lines[line].has_units {
                    let before = self.units[from];
                    self.units[from] = before.checked_sub(leaving[month].of(before)?)?;
                    self.units[to] = self.units[to].checked_add(arriving_units[month].of(before)?)?;
                }
            }
        }
        Some(())
    }

    fn limit(&mut self, lines: &[usize], limits: &[Option<i128>]) -> Option<()> {
        for (month, limit) in limits.iter().enumerate() {
            let Some(limit) = limit else { continue };
            let above = self.sum(lines, month)?.checked_sub(*limit)?;
            if above <= 0 {
                continue;
            }
            // Credits among the lines do not shrink: what is positive bears it all.
            let weights: Vec<i128> = lines.iter().map(|&line| self.cells[line * self.months + month].max(0)).collect();
            let cuts = apportion(above, &weights)?;
            for ((&line, &weight), &cut) in lines.iter().zip(&weights).zip(&cuts) {
                let place = line * self.months + month;
                self.cells[place] -= cut;
                if cut != 0 && !self.units.is_empty() && self.plan.lines[line].has_units {
                    self.units[place] = Fraction::new(weight - cut, weight)?.of(self.units[place])?;
                }
            }
        }
        Some(())
    }

    fn sum(&self, lines: &[usize], month: usize) -> Option<i128> {
        lines.iter().try_fold(0_i128, |sum, &line| sum.checked_add(self.cells[line * self.months + month]))
    }
}
