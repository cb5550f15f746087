//! A bill whose kinds of charges are told apart before anything is modelled.
//!
//! Usage is a series of its own, forecast as any other, by its units and what one costs where that misses less. Fees go on by their schedule,
//! percentages are worked out anew on what is expected, what is charged once is not expected again ([`Flow`]). The whole is tried from the
//! same earlier points as any series: its record and its intervals are those of the sum. Where a model of the bill as a whole
//! would have missed less, it is used.

mod flow;
mod part;

pub use flow::{Flow, FlowKind, FlowWay, percentage_way};
use flow::{Ground, continued};
pub use part::{Part, PartForecast};

use crate::by_days;
use crate::course::{Course, Earlier, ORIGINS_MIN, suited};
use crate::forecast::finished;
use crate::history::{History, Observation};
use crate::outcome::{Forecast, Method, StepSource};
use crate::settings::{Floor, Settings};

/// A bill by kinds of charges. What a step is charged is its usage and all flows.
#[derive(Clone, Debug, PartialEq)]
pub struct Split {
    usage: Usage,
    flows: Vec<Flow>,
}

/// Usage, and what else is known of it.
#[derive(Clone, Debug, PartialEq)]
pub struct Usage {
    /// Its cost.
    pub cost: History,
    /// What it is counted in, over the same steps, where all of it is counted in the same unit.
    pub units: Option<History>,
    /// Its cost by day, where it is forecast by month.
    pub days: Option<History>,
}

impl From<History> for Usage {
    fn from(cost: History) -> Self {
        Self { cost, units: None, days: None }
    }
}

/// Why a bill cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// A flow or the units have another length than usage.
    #[error("{found} steps of charges beside {wanted} of usage; give one for each step")]
    Length {
        /// How many there are.
        found: usize,
        /// How many steps of usage.
        wanted: usize,
    },
    /// An amount is not a finite number.
    #[error("a charge in step {step} is not a finite number")]
    NotFinite {
        /// The step.
        step: usize,
    },
}

/// A forecast of a bill by its kinds of charges.
#[derive(Clone, Debug)]
pub struct SplitForecast {
    /// The bill.
    pub total: Forecast,
    /// Its usage alone. At each step usage and flows add up to the bill.
    pub usage: Forecast,
    /// What is expected of each flow.
    pub flows: Vec<FlowForecast>,
    /// Whether the bill was split, or a model of the whole would have missed less.
    pub choice: Choice,
    /// Whether usage was forecast by its units and what one costs.
    pub by_units: bool,
    split: Split,
    /// From each earlier point what each flow would have been expected to be.
    earlier: Vec<(usize, Vec<Vec<f64>>)>,
    end: usize,
}

/// What is expected of a flow.
#[derive(Clone, Debug, PartialEq)]
pub struct FlowForecast {
    /// The cost of each step of the forecast.
    pub expected: Vec<f64>,
    /// How it goes on.
    pub way: FlowWay,
}

/// How the bill was modelled.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Choice {
    /// There is nothing but usage.
    UsageAlone,
    /// By its kinds of charges.
    Split {
        /// The share of the error of a model of the whole that splitting saved in the past; nothing where it could not be tried.
        saved: Option<f64>,
    },
    /// As a whole, which would have missed less; usage is what the flows leave of it.
    Whole {
        /// The share of the error of splitting that it saved in the past.
        saved: f64,
    },
}

impl Split {
    /// A bill of usage and flows.
    ///
    /// # Errors
    /// When something has another number of steps than usage, or an amount is no number.
    pub fn new(usage: impl Into<Usage>, flows: Vec<Flow>) -> Result<Self, SplitError> {
        let usage = usage.into();
        let wanted = usage.cost.observations().len();
        for flow in &flows {
            let found = flow.values.len();
            if found != wanted {
                return Err(SplitError::Length { found, wanted });
            }
            if let Some(step) = flow.values.iter().position(|amount| !amount.is_finite()) {
                return Err(SplitError::NotFinite { step });
            }
        }
        if let Some(units) = &usage.units
            && units.observations().len() != wanted
        {
            return Err(SplitError::Length { found: units.observations().len(), wanted });
        }
        Ok(Self { usage, flows })
    }

    /// The bill: usage and all flows of each step; nothing where usage is not known.
    #[must_use]
    pub fn total(&self) -> History {
        let added = |(step, usage): (usize, &Observation)| Observation {
            value: usage.value.map(|usage| usage + self.flows.iter().map(|flow| flow.values[step]).sum::<f64>()),
            provisional: usage.provisional,
        };
        self.usage.cost.with(self.usage.cost.observations().iter().enumerate().map(added).collect())
    }

    /// What percentages are of at each step: usage and fees.
    fn base(&self) -> Vec<f64> {
        let fees = |step: usize| -> f64 {
            self.flows.iter().filter(|flow| flow.kind == FlowKind::Fee).map(|flow| flow.values[step]).sum()
        };
        let usage = self.usage.cost.observations().iter().enumerate();
        usage.map(|(step, usage)| usage.value.unwrap_or(0.0) + fees(step)).collect()
    }

    /// What each flow comes to after `known` steps, where usage comes to `usage`.
    fn flows_after(&self, known: usize, base: &[f64], usage: &[f64]) -> Vec<FlowForecast> {
        let mut base_ahead = usage.to_vec();
        let mut found: Vec<Option<FlowForecast>> = vec![None; self.flows.len()];
        for fees in [true, false] {
            let on = base_ahead.clone();
            let ground = Ground { history: &self.usage.cost, known, base, base_ahead: &on };
            for (place, flow) in self.flows.iter().enumerate() {
                if (flow.kind == FlowKind::Fee) != fees {
                    continue;
                }
                let (expected, way) = continued(flow, &ground);
                if fees {
                    base_ahead.iter_mut().zip(&expected).for_each(|(base, fee)| *base += fee);
                }
                found[place] = Some(FlowForecast { expected, way });
            }
        }
        found.into_iter().flatten().collect()
    }
}

/// What usage may not do: come below nothing, where it adds up to something.
pub(crate) fn settings_of_usage(usage: &History, settings: &Settings) -> Settings {
    let sum: f64 = usage.observations().iter().filter_map(|observation| observation.value).sum();
    let floor = match settings.floor {
        Floor::WhereHistoryIs if sum > 0.0 => Floor::Zero,
        floor => floor,
    };
    Settings { floor, ..settings.clone() }
}

/// Forecasts a bill by its kinds of charges.
#[must_use]
pub fn forecast_split(split: &Split, settings: &Settings) -> SplitForecast {
    let of_usage = settings_of_usage(&split.usage.cost, settings);
    let of_usage = suited(&split.usage.cost, &of_usage);
    let base = split.base();
    let (course, by_units) = usage_course(&split.usage, &of_usage);
    let total = split.total();
    let flows = split.flows_after(course.end, &base, &course.expected);
    let nothing_else = split.flows.iter().all(|flow| flow.values.iter().all(|amount| amount.abs() <= 0.0));
    if nothing_else {
        let usage = finished(&split.usage.cost, &of_usage, course.clone());
        let total = usage.clone();
        let choice = Choice::UsageAlone;
        return SplitForecast {
            total,
            usage,
            flows,
            choice,
            by_units,
            split: split.clone(),
            earlier: Vec::new(),
            end: course.end,
        };
    }
    let earlier: Vec<(usize, Vec<Vec<f64>>)> = course
        .earlier
        .iter()
        .map(|one| {
            let flows = split.flows_after(one.origin, &base, &one.expected);
            (one.origin, flows.into_iter().map(|flow| flow.expected).collect())
        })
        .collect();
    let sum = added(split, &base, &course, &flows, &earlier);
    let of_total = suited(&total, settings);
    let actual: Vec<f64> = total.observations().iter().map(|observation| observation.value.unwrap_or(0.0)).collect();
    // Of many series each is split: a model of the whole beside each would take as long again.
    let whole = (!settings.swift).then(|| Course::of(&total, &of_total));
    let (chosen, choice) = match whole {
        None => (sum, Choice::Split { saved: None }),
        Some(whole) => {
            let (by_split, by_whole, points) = sum.beside(&whole, &actual);
            if points >= ORIGINS_MIN && by_whole < by_split {
                (whole, Choice::Whole { saved: 1.0 - by_whole / by_split })
            } else {
                let saved = (points >= ORIGINS_MIN && by_whole > 0.0).then(|| 1.0 - by_split / by_whole);
                (sum, Choice::Split { saved })
            }
        }
    };
    let end = course.end;
    let whole_bill = matches!(choice, Choice::Whole { .. });
    let mut usage = finished(&split.usage.cost, &of_usage, course);
    let total = finished(&total, &of_total, chosen);
    let flows = agreed(&total, &mut usage, flows, whole_bill);
    SplitForecast { total, usage, flows, choice, by_units, split: split.clone(), earlier, end }
}

/// Usage as it is; of a short history of months from its days, or by its units and what one costs, where these would have missed less.
pub(crate) fn usage_course(usage: &Usage, settings: &Settings) -> (Course, bool) {
    let by_cost = Course::of(&usage.cost, settings);
    let value = |observation: &Observation| observation.value.unwrap_or(0.0);
    let came: Vec<f64> = usage.cost.observations().iter().map(value).collect();
    let by_days = usage.days.as_ref().and_then(|days| by_days::course(&usage.cost, days, settings, &by_cost));
    let better = by_days.filter(|by_days| {
        let (of_days, of_months, points) = by_days.beside(&by_cost, &came);
        // Where months alone are too few to be tried, days say more.
        points < ORIGINS_MIN || of_days <= of_months
    });
    let chosen = better.unwrap_or(by_cost);
    match by_units(usage, settings, &chosen, &came) {
        Some(by_units) => (by_units, true),
        None => (chosen, false),
    }
}

/// Units and what one costs apart, where that would have missed less.
fn by_units(usage: &Usage, settings: &Settings, by_cost: &Course, came: &[f64]) -> Option<Course> {
    /// What a unit costs is what it cost over so many steps.
    const RATE_MONTHS: usize = 2;
    const RATE_DAYS: usize = 14;
    let units = usage.units.as_ref()?;
    if !matches!(by_cost.method, Method::Ensemble | Method::LastYearAndLatest | Method::ByDay) {
        return None;
    }
    let counted: Vec<f64> = units.observations().iter().map(|observation| observation.value.unwrap_or(0.0)).collect();
    let window = if units.grain() == crate::Grain::Month { RATE_MONTHS } else { RATE_DAYS };
    let rate = |step: usize| {
        let from = step.saturating_sub(window);
        let (cost, units) = (came[from..step].iter().sum::<f64>(), counted[from..step].iter().sum::<f64>());
        if units > 0.0 { cost / units } else { 0.0 }
    };
    let by_units = Course::of(units, &suited(units, settings)).priced(rate);
    let (of_units, of_costs, points) = by_units.beside(by_cost, came);
    let better = by_units.end == by_cost.end && points >= ORIGINS_MIN && of_units < of_costs;
    // What stood out and how the level moved is told in costs.
    let Course { fallbacks, outliers, components, .. } = by_cost.clone();
    better.then_some(Course { fallbacks, outliers, components, ..by_units })
}

/// The course of the bill: that of its usage and what its flows come to beside it.
fn added(
    split: &Split,
    base: &[f64],
    usage: &Course,
    flows: &[FlowForecast],
    earlier: &[(usize, Vec<Vec<f64>>)],
) -> Course {
    let plus = |usage: &[f64], flows: &mut dyn Iterator<Item = &Vec<f64>>| -> Vec<f64> {
        let mut sum = usage.to_vec();
        for flow in flows {
            sum.iter_mut().zip(flow).for_each(|(sum, flow)| *sum += flow);
        }
        sum
    };
    let mut course = usage.clone();
    course.expected = plus(&usage.expected, &mut flows.iter().map(|flow| &flow.expected));
    course.earlier = usage
        .earlier
        .iter()
        .zip(earlier)
        .map(|(one, (origin, flows))| Earlier { origin: *origin, expected: plus(&one.expected, &mut flows.iter()) })
        .collect();
    let step_of = |(step, expected): &(usize, f64)| {
        let flows = split.flows_after(*step, base, &[*expected]);
        (*step, expected + flows.iter().filter_map(|flow| flow.expected.first()).sum::<f64>())
    };
    course.one_step = if usage.method == Method::Ensemble {
        course.earlier.iter().filter_map(|one| Some((one.origin, *one.expected.first()?))).collect()
    } else {
        usage.one_step.iter().filter(|(step, _)| *step > 0).map(step_of).collect()
    };
    let others = |step: usize| split.flows.iter().map(|flow| flow.values[step]).sum::<f64>();
    for member in &mut course.members {
        let pairs = member.values.iter_mut().zip(&course.expected).zip(&usage.expected);
        pairs.for_each(|((value, total), usage)| *value += total - usage);
    }
    for outlier in &mut course.outliers {
        if let Some(step) = split.usage.cost.grain().steps(split.usage.cost.first(), outlier.date) {
            outlier.value += others(step);
            outlier.counted_as += others(step);
        }
    }
    if matches!(usage.method, Method::Zero | Method::NoHistory) {
        course.method = Method::Schedule;
        course.fallbacks.clear();
    }
    course
}

/// Moves usage and flows so that they add up to the bill at each step: in proportion where a part of the step has come in and what is expected
/// was moved for it; where the bill was modelled as a whole, usage is what the flows leave.
fn agreed(total: &Forecast, usage: &mut Forecast, flows: Vec<FlowForecast>, whole: bool) -> Vec<FlowForecast> {
    let mut flows = flows;
    for (at, (step, usage)) in total.steps.iter().zip(&mut usage.steps).enumerate() {
        let others: f64 = flows.iter().map(|flow| flow.expected[at]).sum();
        let sum = usage.point + others;
        if !whole && step.source != StepSource::Model && sum > 0.0 {
            let share = step.point / sum;
            flows.iter_mut().for_each(|flow| flow.expected[at] *= share);
            usage.point *= share;
        }
        let others: f64 = flows.iter().map(|flow| flow.expected[at]).sum();
        let left = step.point - others;
        if whole && left < 0.0 && step.point >= 0.0 && others > 0.0 {
            // The whole is expected to be less than its fees: they share it.
            let share = step.point / others;
            flows.iter_mut().for_each(|flow| flow.expected[at] *= share);
            usage.point = 0.0;
        } else {
            usage.point = left;
        }
    }
    if whole {
        usage.one_step_errors.clone_from(&total.one_step_errors);
    }
    flows
}

impl SplitForecast {
    /// What the flows come to where usage is expected to come to `usage`, a number a step: percentages are worked out anew.
    #[must_use]
    pub fn flows_on(&self, usage: &[f64]) -> Vec<Vec<f64>> {
        if matches!(self.choice, Choice::Whole { .. })
            || self.total.steps.iter().any(|step| step.source != StepSource::Model)
        {
            return self.flows.iter().map(|flow| flow.expected.clone()).collect();
        }
        let found = self.split.flows_after(self.end, &self.split.base(), usage);
        found.into_iter().map(|flow| flow.expected).collect()
    }
}

#[cfg(test)]
mod tests;
