//! [`compare`]: what the difference of two scenarios is made of, operation by operation, to the last digit.

use std::collections::BTreeMap;
use std::sync::Arc;

use money::Amount;

use crate::baseline::PreparedBaseline;
use crate::diagnostic::quoted;
use crate::evaluate::{Basis, Choice, Settings, TooLarge};
use crate::exact::amount_of;
use crate::operation::{Kind, Operation};
use crate::outcome::Outcome;
use crate::plan::{Plan, Strictness};
use crate::{Case, Diagnostic, Refused, Scenario};

/// In which order contributions are told: a sentence for the reader of a comparison.
pub const CONTRIBUTION_ORDER: &str = "From the first scenario to the second, one change at a time: the baseline, then the order of \
operations, then each operation that differs, by phase (drivers, usage, price, migration, caps, commitments, currency, allocation) and, \
within a phase, as in the second scenario; operations that only the first has come after those they followed there. Each change is \
measured with all changes before it in place.";

/// One change on the way from the first scenario to the second.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Change {
    /// Another baseline.
    Baseline,
    /// The same operations in another order.
    Order,
    /// An operation that only the second has, by its id.
    Added(String),
    /// An operation that only the first has, by its id.
    Removed(String),
    /// An operation that both have with other figures, by its id.
    Altered(String),
}

/// What one change contributes with all changes before it in place.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Contribution {
    /// The change.
    pub change: Change,
    /// What it adds to the total.
    pub total: Amount,
    /// What it adds to each month.
    pub monthly: Vec<Amount>,
    /// What it adds to each line that it moves, by the line's id.
    pub lines: Vec<(String, Amount)>,
}

/// What one change does when it is the last one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Swing {
    /// The change.
    pub change: Change,
    /// The second scenario's total less its total without the change.
    pub alone: Amount,
    /// The second scenario's total with the operation at its low figures; the total itself where the change has no figures.
    pub low: Amount,
    /// The second scenario's total with the operation at its high figures.
    pub high: Amount,
}

/// The difference of two scenarios.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The first one.
    pub from: Outcome,
    /// The second one.
    pub to: Outcome,
    /// The second total less the first.
    pub total: Amount,
    /// In [`CONTRIBUTION_ORDER`]; they add up to the total, month by month and line by line. Empty when nothing differs.
    pub contributions: Vec<Contribution>,
    /// Each change left out on its own, the largest effect first.
    pub tornado: Vec<Swing>,
    /// The total less the sum of all effects alone: what changes do only together.
    pub interaction: Amount,
}

/// Why two scenarios cannot be compared.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CompareError {
    /// Their baselines are of different months or currencies.
    #[error("{0}")]
    Unlike(String),
    /// One of them cannot be applied.
    #[error(transparent)]
    Refused(#[from] Refused),
    /// A figure needs too many digits.
    #[error(transparent)]
    TooLarge(#[from] TooLarge),
}

/// A scenario over its baseline.
#[derive(Clone, Copy, Debug)]
pub struct Laid<'a> {
    /// The baseline.
    pub baseline: &'a Arc<PreparedBaseline>,
    /// The scenario.
    pub scenario: &'a Scenario,
}

impl Laid<'_> {
    fn outcome(self, settings: &Settings) -> Result<Outcome, CompareError> {
        Ok(Plan::build(self.baseline, self.scenario, Strictness::Lenient)?.evaluate(settings)?)
    }
}

/// An operation of either scenario, in its place.
struct Slot<'a> {
    first: Option<&'a Operation>,
    second: Option<&'a Operation>,
}

impl Slot<'_> {
    fn any(&self) -> Option<&Operation> {
        self.second.or(self.first)
    }

    fn change(&self) -> Option<Change> {
        match (self.first, self.second) {
            (Some(first), Some(second)) if first != second => Some(Change::Altered(second.id.clone())),
            (None, Some(second)) => Some(Change::Added(second.id.clone())),
            (Some(first), None) => Some(Change::Removed(first.id.clone())),
            _ => None,
        }
    }
}

/// What the likely case of `to` costs more than that of `from`, and why.
///
/// # Errors
/// [`CompareError`] when their baselines are of different months or currencies, or when one of them cannot be applied.
pub fn compare(from: Laid<'_>, to: Laid<'_>, basis: Basis) -> Result<Difference, CompareError> {
    like(from.baseline, to.baseline)?;
    let settings = Settings { basis, ..Settings::default() };
    let (first, second) = (Plan::new(from.baseline, from.scenario)?, Plan::new(to.baseline, to.scenario)?);
    let (start, end) = (first.evaluate(&settings)?, second.evaluate(&settings)?);
    let slots = slots(from.scenario, to.scenario);
    let steps = steps(&slots);

    let mut walk = Walk { here: start.clone(), contributions: Vec::new() };
    if !Arc::ptr_eq(from.baseline, to.baseline) {
        walk.step(Change::Baseline, Laid { baseline: to.baseline, scenario: from.scenario }.outcome(&settings)?);
    }
    let mut taken = vec![false; slots.len()];
    let between = |taken: &[bool]| half_way(&second, &slots, taken, &settings, to);
    if applied(from.scenario) != applied(&mixed(&slots, &taken)) {
        walk.step(Change::Order, between(&taken)?);
    }
    for (place, change) in &steps {
        taken[*place] = true;
        walk.step(change.clone(), between(&taken)?);
    }

    let tornado = tornado(&second, &end, &slots, &steps, &settings, to)?;
    let changes: i128 = end.total_cells() - start.total_cells();
    let mut alone: i128 = tornado.iter().map(|(cells, _)| cells).sum();
    // What is no operation has no other place to stand: its step counts as its effect.
    for contribution in &walk.contributions {
        if matches!(contribution.0.change, Change::Baseline | Change::Order) {
            alone += contribution.1;
        }
    }
    let mut tornado: Vec<Swing> = tornado.into_iter().map(|(_, swing)| swing).collect();
    tornado.sort_by_key(|swing| std::cmp::Reverse(swing.alone.abs()));
    Ok(Difference {
        total: amount_of(changes),
        contributions: walk.contributions.into_iter().map(|(contribution, _)| contribution).collect(),
        tornado,
        interaction: amount_of(changes - alone),
        from: start,
        to: end,
    })
}

fn like(first: &PreparedBaseline, second: &PreparedBaseline) -> Result<(), CompareError> {
    let (first, second) = (&first.baseline, &second.baseline);
    let unlike = |what: &str| {
        let message = format!(
            "baselines {} and {} have different {what}; compare scenarios over baselines that agree in it",
            quoted(&first.name),
            quoted(&second.name)
        );
        Err(CompareError::Unlike(message))
    };
    if first.currency != second.currency {
        return unlike("currencies");
    }
    if first.first_month != second.first_month || first.months != second.months {
        return unlike("months");
    }
    if first.dimensions != second.dimensions { unlike("dimensions") } else { Ok(()) }
}

/// The operations that count, in the order in which they are applied.
fn applied(scenario: &Scenario) -> Vec<&str> {
    let mut operations: Vec<&Operation> = scenario.operations.iter().filter(|operation| operation.enabled).collect();
    operations.sort_by_key(|operation| operation.kind.phase());
    operations.into_iter().map(|operation| operation.id.as_str()).collect()
}

/// All operations that count in either scenario: as in the second, those of the first alone behind what they followed.
fn slots<'a>(from: &'a Scenario, to: &'a Scenario) -> Vec<Slot<'a>> {
    let enabled = |operation: &&Operation| operation.enabled;
    let mut firsts: BTreeMap<&str, &Operation> = BTreeMap::new();
    for operation in from.operations.iter().filter(enabled) {
        firsts.insert(&operation.id, operation);
    }
    let mut slots: Vec<Slot<'a>> = to
        .operations
        .iter()
        .filter(enabled)
        .map(|second| Slot { first: firsts.get(second.id.as_str()).copied(), second: Some(second) })
        .collect();
    let mut previous: Option<&str> = None;
    for operation in from.operations.iter().filter(enabled) {
        let place = |id: &str| slots.iter().position(|slot| slot.any().is_some_and(|known| known.id == id));
        if place(&operation.id).is_none() {
            let behind = previous.and_then(place).map_or(0, |place| place + 1);
            slots.insert(behind, Slot { first: Some(operation), second: None });
        }
        previous = Some(&operation.id);
    }
    slots
}

/// The slots that differ, in the order in which they are taken.
fn steps(slots: &[Slot<'_>]) -> Vec<(usize, Change)> {
    let mut steps: Vec<(usize, Change)> =
        slots.iter().enumerate().filter_map(|(place, slot)| Some((place, slot.change()?))).collect();
    steps.sort_by_key(|(place, _)| slots[*place].any().map(|operation| operation.kind.phase()));
    steps
}

/// The scenario half way: slots that are taken as in the second, the others as in the first.
fn mixed(slots: &[Slot<'_>], taken: &[bool]) -> Scenario {
    let picked = slots.iter().zip(taken).filter_map(|(slot, taken)| if *taken { slot.second } else { slot.first });
    Scenario { name: String::new(), baseline: String::new(), operations: picked.cloned().collect() }
}

/// What the scenario half way costs. Where only additions of the second are missing, its plan with these left out is the same and need
/// not be laid out anew; a commitment or renewal that is missing changes the renewals behind it, so that it needs a plan of its own.
fn half_way(
    second: &Plan,
    slots: &[Slot<'_>],
    taken: &[bool],
    settings: &Settings,
    to: Laid<'_>,
) -> Result<Outcome, CompareError> {
    let mut left_out = settings.clone();
    for (slot, _) in slots.iter().zip(taken).filter(|(_, taken)| !**taken) {
        match (slot.first, slot.second) {
            (Some(first), Some(second)) if first == second => {}
            (None, Some(second)) if !matches!(second.kind, Kind::Commit(_) | Kind::Renew(_)) => {
                left_out.choices.insert(second.id.clone(), Choice::Absent);
            }
            _ => {
                let scenario = mixed(slots, taken);
                return Laid { baseline: to.baseline, scenario: &scenario }.outcome(settings);
            }
        }
    }
    // Operations that only the first has and that are taken are gone, as in the second.
    Ok(second.evaluate(&left_out)?)
}

struct Walk {
    here: Outcome,
    contributions: Vec<(Contribution, i128)>,
}

impl Walk {
    fn step(&mut self, change: Change, next: Outcome) {
        let cells = next.total_cells() - self.here.total_cells();
        let monthly = next.month_cells().iter().zip(self.here.month_cells()).map(|(to, from)| amount_of(to - from));
        let lines = moved(&self.here, &next);
        let moves = !lines.is_empty();
        let contribution = Contribution { change, total: amount_of(cells), monthly: monthly.collect(), lines };
        if moves || !matches!(contribution.change, Change::Baseline | Change::Order) {
            self.contributions.push((contribution, cells));
        }
        self.here = next;
    }
}

/// By line that moved, the difference over the horizon; lines that moved from month to month alone stand with zero.
fn moved(from: &Outcome, to: &Outcome) -> Vec<(String, Amount)> {
    let months = from.months();
    let mut rows: BTreeMap<&str, [Option<&[i128]>; 2]> = BTreeMap::new();
    // Lines of one baseline stand in the same places; only where they do not is the id looked up.
    let alike = from.lines.iter().zip(to.lines.iter()).take_while(|(left, right)| left.id == right.id).count();
    let zero = vec![0_i128; months];
    let mut lines = Vec::new();
    let both = from.cells.chunks_exact(months).zip(to.cells.chunks_exact(months));
    for (line, (before, after)) in from.lines.iter().zip(both).take(alike) {
        if before != after {
            rows.insert(&line.id, [Some(before), Some(after)]);
        }
    }
    for (line, row) in from.lines.iter().zip(from.cells.chunks_exact(months)).skip(alike) {
        rows.entry(&line.id).or_default()[0] = Some(row);
    }
    for (line, row) in to.lines.iter().zip(to.cells.chunks_exact(months)).skip(alike) {
        rows.entry(&line.id).or_default()[1] = Some(row);
    }
    for (id, [before, after]) in rows {
        let (before, after) = (before.unwrap_or(&zero), after.unwrap_or(&zero));
        if before != after {
            lines.push((id.to_owned(), amount_of(after.iter().sum::<i128>() - before.iter().sum::<i128>())));
        }
    }
    lines
}

/// Each change left out of the second scenario, with its effect in cells.
fn tornado(
    second: &Plan,
    end: &Outcome,
    slots: &[Slot<'_>],
    steps: &[(usize, Change)],
    settings: &Settings,
    to: Laid<'_>,
) -> Result<Vec<(i128, Swing)>, CompareError> {
    let mut swings = Vec::with_capacity(steps.len());
    for (place, change) in steps {
        let mut taken = vec![true; slots.len()];
        taken[*place] = false;
        let without = half_way(second, slots, &taken, settings, to)?;
        let cells = end.total_cells() - without.total_cells();
        let at = |case| -> Result<Amount, TooLarge> {
            let Some(operation) = slots[*place].second.filter(|operation| operation.is_uncertain()) else {
                return Ok(end.total());
            };
            let mut settings = settings.clone();
            settings.choices.insert(operation.id.clone(), Choice::At(case));
            Ok(second.evaluate(&settings)?.total())
        };
        let (low, high) = (at(Case::Low)?, at(Case::High)?);
        swings.push((cells, Swing { change: change.clone(), alone: amount_of(cells), low, high }));
    }
    Ok(swings)
}

/// The cheapest, the likely and the dearest course of a scenario.
#[derive(Clone, Debug)]
pub struct Cases {
    /// Every operation as it makes the total least, left out where that is cheaper and it is not certain.
    pub best: Outcome,
    /// Every operation at its likely figures.
    pub likely: Outcome,
    /// Every operation as it makes the total most.
    pub worst: Outcome,
}

impl Plan {
    /// The best, likely and worst case: for each operation on its own, with the others at their likely figures, the choice that makes the
    /// total least or most; then all these choices together.
    ///
    /// # Errors
    /// [`TooLarge`] when a cell would need more than 38 digits.
    pub fn cases(&self, basis: Basis) -> Result<Cases, TooLarge> {
        let settings = Settings { basis, ..Settings::default() };
        let likely = self.evaluate(&settings)?;
        let (mut best, mut worst) = (settings.clone(), settings.clone());
        for operation in &self.operations {
            let mut choices = Vec::new();
            if operation.is_uncertain() {
                choices.extend([Choice::At(Case::Low), Choice::At(Case::High)]);
            }
            if operation.confidence < Amount::from_integer(100) {
                choices.push(Choice::Absent);
            }
            let (mut least, mut most) = (likely.total_cells(), likely.total_cells());
            for choice in choices {
                let mut tried = settings.clone();
                tried.choices.insert(operation.id.clone(), choice);
                let total = self.evaluate(&tried)?.total_cells();
                if total < least {
                    least = total;
                    best.choices.insert(operation.id.clone(), choice);
                }
                if total > most {
                    most = total;
                    worst.choices.insert(operation.id.clone(), choice);
                }
            }
        }
        Ok(Cases { best: self.evaluate(&best)?, worst: self.evaluate(&worst)?, likely })
    }

    /// Operations that change nothing where they stand, each with a warning: left out, the total and every line stay the same.
    ///
    /// # Errors
    /// [`TooLarge`] when a cell would need more than 38 digits.
    pub fn without_effect(&self) -> Result<Vec<Diagnostic>, TooLarge> {
        let settings = Settings::default();
        let likely = self.evaluate(&settings)?;
        let mut found = Vec::new();
        for operation in &self.operations {
            let mut without = settings.clone();
            without.choices.insert(operation.id.clone(), Choice::Absent);
            if self.evaluate(&without)?.cells == likely.cells {
                let message = "it changes no amount in this baseline";
                found.push(
                    Diagnostic::warning(message, "check its lines, its months and its figures").of(&operation.id),
                );
            }
        }
        Ok(found)
    }
}
