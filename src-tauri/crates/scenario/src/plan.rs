//! [`Plan`]: a scenario laid out over a baseline: which lines each operation touches, in which order, and what it brings in.

mod check;
mod commitments;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use money::Currency;

use crate::baseline::PreparedBaseline;
use crate::operation::{Kind, Operation, Phase, Placement};
use crate::{Diagnostic, Filter, Month, Refused, Scenario, ScenarioFile, Severity, Treatment};

pub(crate) use commitments::{PlannedCommitment, Term};

/// A scenario laid out over a baseline, ready to be evaluated and simulated.
#[derive(Clone, Debug)]
pub struct Plan {
    pub(crate) ground: Arc<PreparedBaseline>,
    pub(crate) name: String,
    /// The enabled ones, in the order in which they are applied.
    pub(crate) operations: Vec<Operation>,
    pub(crate) lines: Arc<Vec<PlannedLine>>,
    pub(crate) steps: Vec<Step>,
    pub(crate) commitments: Vec<PlannedCommitment>,
    pub(crate) agreements: Vec<Attached>,
    pub(crate) percentage_charges: Vec<Attached>,
    pub(crate) credits: Vec<Attached>,
    diagnostics: Vec<Diagnostic>,
}

/// A line of a plan.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlannedLine {
    /// Its id: that of the baseline's line, or one that says where it comes from, such as `operation:new-shop`.
    pub id: String,
    /// A value for each dimension.
    pub values: Vec<String>,
    /// How it is treated.
    pub treatment: Treatment,
    /// Whether units are known.
    pub has_units: bool,
    /// The currency that it is billed in, where that is another than the baseline's.
    pub billed_in: Option<Currency>,
}

/// One operation at its turn.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) operation: usize,
    pub(crate) phase: Phase,
    /// The lines that it touches.
    pub(crate) lines: Vec<usize>,
    /// What it brings in: for each touched line where its cost goes, or its own line.
    pub(crate) targets: Vec<usize>,
}

/// Something of the baseline that is worked out from lines.
#[derive(Clone, Debug)]
pub(crate) struct Attached {
    pub(crate) place: usize,
    pub(crate) line: usize,
    /// The line of the rebates of an agreement that has any.
    pub(crate) rebate: Option<usize>,
    pub(crate) lines: Vec<usize>,
}

/// How strictly names are taken.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Strictness {
    /// What is not known is an error.
    Strict,
    /// What is not known matches nothing: for scenarios half way between two.
    Lenient,
}

impl Plan {
    /// Lays a scenario out. Operations are applied phase by phase ([`Phase`]), in the order of the scenario within a phase; each works
    /// on what stands at its turn.
    ///
    /// # Errors
    /// [`Refused`] with every operation that cannot be applied: figures that no file could hold, names that do not exist, operations that
    /// contradict each other.
    pub fn new(ground: &Arc<PreparedBaseline>, scenario: &Scenario) -> Result<Self, Refused> {
        could_be_written(scenario)?;
        Self::build(ground, scenario, Strictness::Strict)
    }

    pub(crate) fn build(
        ground: &Arc<PreparedBaseline>,
        scenario: &Scenario,
        strictness: Strictness,
    ) -> Result<Self, Refused> {
        let mut operations: Vec<Operation> =
            scenario.operations.iter().filter(|operation| operation.enabled).cloned().collect();
        operations.sort_by_key(|operation| operation.kind.phase());
        let mut layout = Layout::new(ground, strictness);
        layout.check_all(&operations);
        layout.lay(&operations);
        let Layout { lines, steps, commitments, agreements, percentage_charges, credits, mut diagnostics, .. } = layout;
        diagnostics.sort_by_key(|diagnostic| diagnostic.severity);
        if strictness == Strictness::Strict && diagnostics.iter().any(|found| found.severity == Severity::Error) {
            diagnostics.retain(|found| found.severity == Severity::Error);
            return Err(Refused(diagnostics));
        }
        Ok(Self {
            ground: Arc::clone(ground),
            name: scenario.name.clone(),
            operations,
            lines: Arc::new(lines),
            steps,
            commitments,
            agreements,
            percentage_charges,
            credits,
            diagnostics,
        })
    }

    /// The scenario's name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The enabled operations in the order in which they are applied.
    #[must_use]
    pub fn operations(&self) -> &[Operation] {
        &self.operations
    }

    /// Every line: the baseline's, and those that operations, commitments, percentage charges and credits bring in.
    #[must_use]
    pub fn lines(&self) -> &[PlannedLine] {
        &self.lines
    }

    /// How many lines each enabled operation touches, brings in or covers, by its id.
    #[must_use]
    pub fn touched(&self) -> BTreeMap<String, usize> {
        let id = |operation: usize| self.operations[operation].id.clone();
        let mut touched: BTreeMap<String, usize> =
            self.steps.iter().map(|step| (id(step.operation), step.lines.len().max(step.targets.len()))).collect();
        for commitment in &self.commitments {
            let bought = commitment.terms.iter().filter_map(|term| term.operation);
            for operation in bought.chain(commitment.cuts.iter().map(|(_, operation)| *operation)) {
                touched.insert(id(operation), commitment.eligible.len());
            }
        }
        touched
    }

    /// Warnings and notes.
    #[must_use]
    pub fn diagnostics(&self) -> &[Diagnostic] {
        &self.diagnostics
    }

    pub(crate) fn months(&self) -> usize {
        self.ground.baseline.months
    }

    pub(crate) fn first_month(&self) -> Month {
        self.ground.baseline.first_month
    }

    /// The steps of the phases before commitments, or after credits.
    pub(crate) fn steps_of(&self, phases: std::ops::RangeInclusive<Phase>) -> impl Iterator<Item = &Step> {
        self.steps.iter().filter(move |step| phases.contains(&step.phase))
    }
}

/// One check for all: what was put together elsewhere must be a scenario that a file could hold.
fn could_be_written(scenario: &Scenario) -> Result<(), Refused> {
    let enabled = scenario.operations.iter().filter(|operation| operation.enabled).cloned().collect();
    let file = ScenarioFile { baseline: Some("any".to_owned()), operations: enabled, ..ScenarioFile::default() };
    match ScenarioFile::parse(&file.write()) {
        Ok(_) => Ok(()),
        Err(Refused(mut problems)) => {
            // Lines of a text that nobody wrote help nobody.
            problems.iter_mut().for_each(|problem| problem.line = None);
            Err(Refused(problems))
        }
    }
}

/// A plan in the making.
pub(crate) struct Layout<'a> {
    ground: &'a PreparedBaseline,
    strictness: Strictness,
    lines: Vec<PlannedLine>,
    steps: Vec<Step>,
    commitments: Vec<PlannedCommitment>,
    agreements: Vec<Attached>,
    percentage_charges: Vec<Attached>,
    credits: Vec<Attached>,
    /// Values of each dimension that the baseline or an operation has.
    known: Vec<BTreeSet<String>>,
    /// By dimension and value, the lines.
    index: Vec<BTreeMap<String, Vec<usize>>>,
    diagnostics: Vec<Diagnostic>,
}

impl<'a> Layout<'a> {
    fn new(ground: &'a PreparedBaseline, strictness: Strictness) -> Self {
        let mut layout = Self {
            ground,
            strictness,
            lines: Vec::with_capacity(ground.baseline.lines.len() + 16),
            steps: Vec::new(),
            commitments: Vec::new(),
            agreements: Vec::new(),
            percentage_charges: Vec::new(),
            credits: Vec::new(),
            known: ground.known.clone(),
            index: vec![BTreeMap::new(); ground.baseline.dimensions.len()],
            diagnostics: Vec::new(),
        };
        for (place, line) in ground.baseline.lines.iter().enumerate() {
            layout.push(PlannedLine {
                id: line.id.clone(),
                values: line.values.clone(),
                treatment: line.treatment,
                has_units: ground.has_units(place),
                billed_in: line.billed_in.filter(|currency| *currency != ground.baseline.currency),
            });
        }
        layout
    }

    fn push(&mut self, line: PlannedLine) -> usize {
        let place = self.lines.len();
        for (dimension, value) in line.values.iter().enumerate() {
            match self.index[dimension].get_mut(value) {
                Some(lines) => lines.push(place),
                None => {
                    self.index[dimension].insert(value.clone(), vec![place]);
                }
            }
        }
        self.lines.push(line);
        place
    }

    /// The lines there are that fit, in their order.
    fn matching(&self, filter: &Filter, wanted: impl Fn(&PlannedLine) -> bool) -> Vec<usize> {
        let dimensions = &self.ground.baseline.dimensions;
        let Filter::Values(values) = filter else {
            return (0..self.lines.len()).filter(|&line| wanted(&self.lines[line])).collect();
        };
        // The dimension with the fewest lines is looked up, the others are checked on those.
        let mut fewest: Option<Vec<usize>> = None;
        for (dimension, allowed) in values {
            let Some(place) = dimensions.iter().position(|name| name == dimension) else { return Vec::new() };
            let found = allowed.iter().filter_map(|value| self.index[place].get(value));
            let count: usize = found.clone().map(Vec::len).sum();
            if fewest.as_ref().is_none_or(|fewest| count < fewest.len()) {
                fewest = Some(found.flatten().copied().collect());
            }
        }
        let mut lines = fewest.unwrap_or_default();
        lines.retain(|&line| filter.fits(dimensions, &self.lines[line].values) && wanted(&self.lines[line]));
        lines.sort_unstable();
        lines
    }

    fn values_at(&self, placement: &Placement) -> Vec<String> {
        let dimensions = self.ground.baseline.dimensions.iter();
        dimensions.map(|dimension| placement.values.get(dimension).cloned().unwrap_or_default()).collect()
    }

    fn lay(&mut self, operations: &[Operation]) {
        let before = [Phase::Drivers, Phase::Usage, Phase::Price, Phase::Migration, Phase::Caps];
        for (place, operation) in operations.iter().enumerate() {
            if before.contains(&operation.kind.phase()) {
                self.lay_step(place, operation);
            }
        }
        self.lay_commitments(operations);
        self.lay_attachments();
        for (place, operation) in operations.iter().enumerate() {
            if [Phase::Currency, Phase::Allocation].contains(&operation.kind.phase()) {
                self.lay_step(place, operation);
            }
        }
    }

    fn lay_step(&mut self, place: usize, operation: &Operation) {
        let recurring = |line: &PlannedLine| line.treatment == Treatment::RecurringUsage;
        let mut step = Step { operation: place, phase: operation.kind.phase(), lines: Vec::new(), targets: Vec::new() };
        match &operation.kind {
            Kind::AddFlow(_) | Kind::Launch(_) | Kind::OneOff(_) => {
                if let Some(at) = operation.kind.placement() {
                    let values = self.values_at(at);
                    let one_off = matches!(operation.kind, Kind::OneOff(_));
                    let treatment = if one_off { Treatment::OneOff } else { Treatment::RecurringUsage };
                    let has_units = crate::evaluate::brings_units(&operation.kind);
                    let id = format!("operation:{}", operation.id);
                    step.targets.push(self.push(PlannedLine { id, values, treatment, has_units, billed_in: None }));
                }
            }
            Kind::DriverOverride(change) => {
                let driver = self.ground.baseline.drivers.iter().position(|driver| driver.name == change.driver);
                let links = self.ground.links.iter().enumerate();
                let follows =
                    links.filter(|(_, link)| driver.is_some() && link.as_ref().map(|(driver, _)| *driver) == driver);
                step.lines = follows.map(|(line, _)| line).filter(|&line| recurring(&self.lines[line])).collect();
            }
            Kind::CurrencyRate(change) => {
                step.lines = self.matching(&Filter::Everything, |line| line.billed_in == Some(change.billed_in));
            }
            Kind::Shift(shift) => {
                step.lines = self.matching(&shift.filter, recurring);
                self.lay_targets(&mut step, operation, &shift.into);
            }
            Kind::Reallocate(reallocate) => {
                step.lines = self.matching(&reallocate.filter, |_| true);
                self.lay_targets(&mut step, operation, &reallocate.into);
            }
            kind => {
                if let Some(filter) = kind.filter() {
                    step.lines = self.matching(filter, recurring);
                }
            }
        }
        self.tell_without_lines(&step, operation);
        self.steps.push(step);
    }

    /// A line for each place that cost moves to. A line that already stands there stays out of it.
    fn lay_targets(&mut self, step: &mut Step, operation: &Operation, into: &Placement) {
        let dimensions = self.ground.baseline.dimensions.clone();
        let mut targets: BTreeMap<(Vec<String>, Treatment, Option<Currency>), usize> = BTreeMap::new();
        let mut moving = Vec::with_capacity(step.lines.len());
        for &line in &step.lines {
            let source = &self.lines[line];
            let mut values = source.values.clone();
            for (dimension, value) in dimensions.iter().zip(values.iter_mut()) {
                if let Some(other) = into.values.get(dimension) {
                    value.clone_from(other);
                }
            }
            if values == source.values {
                continue;
            }
            let (treatment, has_units, billed_in) = (source.treatment, source.has_units, source.billed_in);
            let key = (values, treatment, billed_in);
            let target = match targets.get(&key) {
                Some(&target) => target,
                None => {
                    let values = key.0.clone();
                    let mut id = format!("operation:{}:{}", operation.id, values.join(" / "));
                    if treatment != Treatment::RecurringUsage {
                        id = format!("{id}:{}", treatment.name());
                    }
                    if let Some(currency) = billed_in {
                        id = format!("{id}:{currency}");
                    }
                    let target = self.push(PlannedLine { id, values, treatment, has_units: false, billed_in });
                    targets.insert(key, target);
                    target
                }
            };
            self.lines[target].has_units |= has_units;
            moving.push((line, target));
        }
        (step.lines, step.targets) = moving.into_iter().unzip();
    }

    fn lay_attachments(&mut self) {
        let ground = self.ground;
        let own = ground.baseline.currency;
        let derived = |id: String, values: &[String], treatment, billed_in: Option<Currency>| PlannedLine {
            id,
            values: values.to_vec(),
            treatment,
            has_units: false,
            billed_in: billed_in.filter(|currency| *currency != own),
        };
        let counted = |line: &PlannedLine| line.treatment != Treatment::Credit;
        for (place, agreement) in ground.baseline.agreements.iter().enumerate() {
            let lines = self.matching(&agreement.counts, counted);
            let id = format!("agreement:{}:shortfall", agreement.id);
            let fee = |id: String| derived(id, &agreement.values, Treatment::CommitmentFee, agreement.billed_in);
            let line = self.push(fee(id));
            let rebate = format!("agreement:{}:rebate", agreement.id);
            let rebate = (!agreement.rebates.is_empty()).then(|| self.push(fee(rebate)));
            self.agreements.push(Attached { place, line, rebate, lines });
        }
        for (place, charge) in ground.baseline.percentage_charges.iter().enumerate() {
            let lines = self.matching(&charge.base, counted);
            let id = format!("percentage:{}", charge.id);
            let line = self.push(derived(id, &charge.values, Treatment::PercentageOfBill, charge.billed_in));
            self.percentage_charges.push(Attached { place, line, rebate: None, lines });
        }
        // What expires first is used first.
        let mut credits: Vec<usize> = (0..ground.baseline.credits.len()).collect();
        credits.sort_by_key(|&place| (ground.baseline.credits[place].expires, &ground.baseline.credits[place].id));
        let mut attached = Vec::new();
        for place in credits {
            let credit = &ground.baseline.credits[place];
            let lines = self.matching(&credit.eligible, counted);
            let id = format!("credit:{}", credit.id);
            let line = self.push(derived(id, &credit.values, Treatment::Credit, credit.billed_in));
            attached.push(Attached { place, line, rebate: None, lines });
        }
        self.credits = attached;
    }
}
