//! [`Simulation`]: a thousand courses of a scenario. Statistics in floats; the likely case in exact amounts is [`Plan::evaluate`].
//!
//! A course draws for each operation whether it happens, how far its dates slip and each uncertain figure, and takes one path of the
//! baseline. Every draw is keyed by the seed, the operation's id and the number of the course, so that two scenarios share the draws of
//! the operations they share, and their difference has the band of what differs alone.
#![expect(
    clippy::float_arithmetic,
    reason = "statistics; money is made of them by a named rounding in `rounded_statistic`"
)]

mod arrays;
mod bands;
mod draws;
mod groups;
mod late;

use crate::evaluate::Basis;
use crate::operation::Phase;
use crate::plan::Plan;
use crate::{Diagnostic, Filter, Refused};
use arrays::{Arrays, Schedule};
use groups::Groups;

pub(crate) use bands::quotient;
pub use bands::{
    Band, amount_as_statistic, difference_band, difference_of_sums, percentile, probability_at_most, rounded_statistic,
};

/// Paths of the baseline about its amounts.
#[derive(Clone, Debug, Default)]
pub struct SamplePaths {
    /// Deviations from the baseline's amounts in units of the currency: one series each of months by paths, month by month.
    pub series: Vec<Vec<f32>>,
    /// By line of the baseline, the series that it follows and its share of it; none for a line without deviations. May be shorter than
    /// the lines are many.
    pub of_line: Vec<Option<(usize, f32)>>,
}

/// How a simulation is run.
#[derive(Clone, Debug)]
pub struct SimulationSettings {
    /// How many courses.
    pub paths: usize,
    /// What every draw is keyed with.
    pub seed: u64,
    /// Which cost fees are put at.
    pub basis: Basis,
    /// What sums are kept of beside the total, each of the lines that fit.
    pub views: Vec<Filter>,
}

impl Default for SimulationSettings {
    fn default() -> Self {
        Self { paths: 1000, seed: 1, basis: Basis::Effective, views: Vec::new() }
    }
}

/// What an update had to work out anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Updated {
    /// Nothing differed.
    Nothing,
    /// The lines that changed operations touch.
    Touched,
    /// Everything: operations came, went or look for other lines.
    Everything,
}

/// A thousand courses of a scenario, which can follow a change of one operation quickly.
#[derive(Clone, Debug)]
pub struct Simulation {
    plan: Plan,
    paths: SamplePaths,
    settings: SimulationSettings,
    groups: Groups,
    /// By step of the plan.
    arrays: Vec<Arrays>,
    /// By commitment of the plan.
    schedules: Vec<Schedule>,
    /// The baseline's courses: months by groups by paths.
    base: Vec<f32>,
    /// The same after migration.
    moved: Vec<f32>,
    /// By view, the total first: months by paths.
    sums: Vec<Vec<f64>>,
}

/// The most values that a simulation holds at once, about 800 MB.
const LARGEST: usize = 200_000_000;

impl Simulation {
    /// Simulates a plan.
    ///
    /// # Errors
    /// [`Refused`] when series are not of months by paths, name what there is not, hold what is no number, or when there are too many.
    pub fn new(plan: &Plan, paths: SamplePaths, settings: SimulationSettings) -> Result<Self, Refused> {
        check(plan, &paths, &settings)?;
        let groups = Groups::new(plan, &settings.views);
        let size = groups.count().saturating_mul(plan.months()).saturating_mul(settings.paths);
        if size > LARGEST {
            let message = format!(
                "{} kinds of lines by {} months by {} courses do not fit in memory",
                groups.count(),
                plan.months(),
                settings.paths
            );
            return Err(Diagnostic::error(message, "take fewer courses, or fewer views").into());
        }
        let mut simulation = Self {
            plan: plan.clone(),
            paths,
            base: Vec::new(),
            moved: Vec::new(),
            sums: vec![vec![0.0; plan.months() * settings.paths]; settings.views.len() + 1],
            settings,
            groups,
            arrays: Vec::new(),
            schedules: Vec::new(),
        };
        simulation.build();
        Ok(simulation)
    }

    fn build(&mut self) {
        self.base = self.groups.base(&self.plan, &self.paths, self.settings.paths);
        self.moved = vec![0.0; self.base.len()];
        let steps = 0..self.plan.steps.len();
        self.arrays = steps.map(|step| arrays::of_step(&self.plan, step, &self.settings)).collect();
        self.schedules =
            self.plan.commitments.iter().map(|one| arrays::of_commitment(&self.plan, one, &self.settings)).collect();
        self.move_groups(&vec![true; self.groups.count()]);
        self.sum_late();
    }

    /// Takes another version of the plan in: only lines that a changed operation touches are worked out anew where the operations are the
    /// same but for their figures, dates and confidence. The result is bit for bit that of a new simulation.
    ///
    /// # Errors
    /// [`Refused`] as in [`Simulation::new`].
    pub fn update(&mut self, plan: &Plan) -> Result<Updated, Refused> {
        let alike = self.plan.lines == plan.lines
            && std::sync::Arc::ptr_eq(&self.plan.ground, &plan.ground)
            && self.plan.operations.len() == plan.operations.len()
            && self.plan.steps.len() == plan.steps.len()
            && self.plan.steps.iter().zip(&plan.steps).all(|(old, new)| {
                (old.operation, old.phase) == (new.operation, new.phase)
                    && old.lines == new.lines
                    && old.targets == new.targets
            })
            && self.plan.commitments.len() == plan.commitments.len()
            && self
                .plan
                .commitments
                .iter()
                .zip(&plan.commitments)
                .all(|(old, new)| old.id == new.id && old.eligible == new.eligible);
        if !alike {
            *self = Self::new(plan, std::mem::take(&mut self.paths), self.settings.clone())?;
            return Ok(Updated::Everything);
        }
        let changed: Vec<bool> =
            self.plan.operations.iter().zip(&plan.operations).map(|(old, new)| old != new).collect();
        if !changed.contains(&true) {
            return Ok(Updated::Nothing);
        }
        self.plan = plan.clone();
        let mut dirty = vec![false; self.groups.count()];
        for (place, step) in plan.steps.iter().enumerate() {
            if changed[step.operation] {
                self.arrays[place] = arrays::of_step(plan, place, &self.settings);
                self.groups.touched(place).for_each(|group| dirty[group] = true);
            }
        }
        if plan
            .operations
            .iter()
            .zip(&changed)
            .any(|(operation, changed)| *changed && operation.kind.phase() == Phase::Commitments)
        {
            self.schedules =
                plan.commitments.iter().map(|one| arrays::of_commitment(plan, one, &self.settings)).collect();
        }
        self.groups.close(&mut dirty);
        self.move_groups(&dirty);
        self.sum_late();
        Ok(Updated::Touched)
    }

    /// The number of courses.
    #[must_use]
    pub const fn paths(&self) -> usize {
        self.settings.paths
    }

    /// How it was run.
    #[must_use]
    pub const fn settings(&self) -> &SimulationSettings {
        &self.settings
    }

    /// The phases up to migration, for the groups that are marked: a group is worked on alone, what it loses to others is added to them
    /// before their turn.
    fn move_groups(&mut self, dirty: &[bool]) {
        let (paths, count) = (self.settings.paths, self.groups.count());
        let mut values = vec![0.0_f32; paths];
        for month in 0..self.plan.months() {
            let block = month * count * paths;
            for (group, _) in
                dirty.iter().enumerate().filter(|(group, dirty)| **dirty && self.groups.is_brought(*group))
            {
                self.moved[block + group * paths..][..paths].fill(0.0);
            }
            for (group, _) in dirty.iter().enumerate().filter(|(_, dirty)| **dirty) {
                let row = block + group * paths..block + (group + 1) * paths;
                if self.groups.is_brought(group) {
                    values.copy_from_slice(&self.moved[row.clone()]);
                } else {
                    values.copy_from_slice(&self.base[row.clone()]);
                }
                for touch in self.groups.early(group) {
                    let slice = month * paths..(month + 1) * paths;
                    match &self.arrays[touch.step] {
                        Arrays::Multiply(factors) => {
                            for (value, factor) in values.iter_mut().zip(&factors[slice]) {
                                *value *= factor;
                            }
                        }
                        Arrays::Drive(changes) => {
                            let share = self.groups.share(touch, month);
                            for (value, change) in values.iter_mut().zip(&changes[slice]) {
                                *value *= change.mul_add(share, 1.0);
                            }
                        }
                        Arrays::Flow(added) => {
                            for (value, added) in values.iter_mut().zip(&added[slice]) {
                                *value += added;
                            }
                        }
                        Arrays::Move { leaving, arriving } => {
                            let Some(target) = touch.target else { continue };
                            let target = &mut self.moved[block + target * paths..][..paths];
                            for ((value, target), (leaving, arriving)) in
                                values.iter_mut().zip(target).zip(leaving[slice.clone()].iter().zip(&arriving[slice]))
                            {
                                *target += *value * arriving;
                                *value -= *value * leaving;
                            }
                        }
                        Arrays::Limit(_) => {}
                    }
                }
                self.moved[row].copy_from_slice(&values);
            }
        }
    }
}

fn check(plan: &Plan, paths: &SamplePaths, settings: &SimulationSettings) -> Result<(), Refused> {
    if !(1..=100_000).contains(&settings.paths) {
        let message = format!("{} courses cannot be simulated", settings.paths);
        return Err(Diagnostic::error(message, "take 1 to 100,000").into());
    }
    let wanted = plan.months() * settings.paths;
    for (place, series) in paths.series.iter().enumerate() {
        if series.len() != wanted {
            let message = format!("series {place} has {} deviations for {wanted} months by courses", series.len());
            return Err(Diagnostic::error(message, "give one for each month and course, month by month").into());
        }
        if series.iter().any(|value| !value.is_finite()) {
            let message = format!("series {place} has a deviation that is no number");
            return Err(Diagnostic::error(message, "leave the series out, or mend it").into());
        }
    }
    let known = |link: &&Option<(usize, f32)>| {
        link.is_none_or(|(series, share)| series < paths.series.len() && share.is_finite())
    };
    if paths.of_line.len() > plan.ground.baseline.lines.len() || !paths.of_line.iter().all(|link| known(&link)) {
        let message = "a line follows a series that there is not, or there are more links than lines";
        return Err(Diagnostic::error(message, "give each line of the baseline one of the series, or none").into());
    }
    Ok(())
}
