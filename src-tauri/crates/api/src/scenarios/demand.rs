//! What scenarios make of demand: courses of usage beside the usage that is expected when nothing is decided, for who plans commitments.
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use money::Currency;
use query::Dimension;
use scenario::operation::{Kind, Phase};
use scenario::{
    Baseline, Basis, Figures, Filter, Line, Plan, PreparedBaseline, Scenario, Simulation, SimulationSettings, Treatment,
};
use store::{Engagement, Watch};

use super::baseline::Made;
use super::{courses, kept, run};
use crate::{ApiError, Context};

/// Usage that is looked at together, by what bills tell of it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Place {
    pub(crate) provider: String,
    pub(crate) service: String,
    pub(crate) account: String,
    pub(crate) region: Option<String>,
}

/// Courses of demand in a scenario, each beside the same course when nothing is decided.
pub(crate) struct DemandCourses {
    /// What they are counted in.
    pub(crate) currency: Currency,
    /// The first month of the courses as a year and a month from 1.
    first: (i32, u32),
    months: usize,
    /// By place, the group that is told apart; none for usage that the scenario does not know.
    pub(crate) groups: Vec<Option<usize>>,
    /// By group and month, the courses.
    courses: Vec<Vec<Vec<DemandCourse>>>,
    /// The operations that are about prices, fees or bearers, by id: they do not move demand.
    pub(crate) left_out: Vec<String>,
}

/// What usage of a group costs in a month of one course.
#[derive(Clone, Copy, Debug)]
pub(crate) struct DemandCourse {
    pub(crate) undecided: f64,
    pub(crate) decided: f64,
}

impl DemandCourses {
    /// The courses of a group in a month; the first month stands for what is before the scenario, the last for what is after it.
    pub(crate) fn of(&self, group: usize, (year, month): (i32, u32)) -> &[DemandCourse] {
        let since = |(year, month): (i32, u32)| i64::from(year) * 12 + i64::from(month);
        let at = usize::try_from(since((year, month)) - since(self.first)).unwrap_or(0);
        let of_group = self.courses.get(group).map_or(&[][..], Vec::as_slice);
        of_group.get(at.min(self.months.saturating_sub(1))).map_or(&[], Vec::as_slice)
    }
}

/// Draws courses of a scenario and, from the same draws, of its baseline. What commitments, credits and percentages make of the bill is left
/// out: what may be covered is usage at its on-demand cost.
pub(crate) fn demand_courses(
    context: &Context,
    engagement: &Engagement,
    name: &str,
    places: &[Place],
    drawn: (usize, u64),
    watch: &Watch,
) -> Result<DemandCourses, ApiError> {
    let scenario = run::wanted(engagement, Some(name), None)?;
    let made = kept::made(context, engagement, &scenario.baseline, watch)?;
    let usage = usage_alone(&made)?;
    let moves = |phase: Phase| matches!(phase, Phase::Drivers | Phase::Usage | Phase::Migration);
    let (kept, left_out): (Vec<_>, Vec<_>) = scenario
        .operations
        .into_iter()
        .partition(|one| moves(one.kind.phase()) && !matches!(one.kind, Kind::OneOff(_)));
    let left_out = left_out.into_iter().filter(|one| one.enabled).map(|one| one.id).collect();
    let scenario = Scenario { operations: kept, ..scenario };
    let baseline = usage.prepared.baseline();
    let (filters, groups) = filters(baseline, places);
    let decided = simulation(&usage, &run::planned(&usage, &scenario)?, filters.clone(), drawn)?;
    let undecided = simulation(&usage, &kept::empty(&usage)?, filters, drawn)?;
    let of = |view: usize, month: usize| {
        let sums = |simulation: &Simulation| simulation.sums(view + 1, month..month + 1).unwrap_or_default();
        let both = sums(&undecided).into_iter().zip(sums(&decided));
        both.map(|(undecided, decided)| DemandCourse { undecided, decided }).collect()
    };
    let views = groups.iter().flatten().max().map_or(0, |last| last + 1);
    let courses = (0..views).map(|view| (0..baseline.months).map(|month| of(view, month)).collect()).collect();
    Ok(DemandCourses {
        currency: baseline.currency,
        first: (baseline.first_month.year(), baseline.first_month.number()),
        months: baseline.months,
        groups,
        courses,
        left_out,
    })
}

/// The baseline with its usage alone: other lines stay, so that operations find their names, but cost nothing.
fn usage_alone(made: &Made) -> Result<Made, ApiError> {
    let baseline = made.prepared.baseline();
    let lines = baseline.lines.iter().map(|line| match line.treatment {
        Treatment::RecurringUsage => line.clone(),
        _ => Line { figures: Figures::Cost(vec![money::Amount::ZERO; baseline.months]), ..line.clone() },
    });
    let baseline = Baseline {
        lines: lines.collect(),
        commitments: Vec::new(),
        agreements: Vec::new(),
        percentage_charges: Vec::new(),
        credits: Vec::new(),
        ..baseline.clone()
    };
    let prepared = PreparedBaseline::new(baseline)
        .map_err(|refused| ApiError::new("internal", format!("the usage cannot be laid out: {refused}"), ""))?;
    let followed = made.followed.iter().zip(&made.prepared.baseline().lines);
    let of_usage = followed.map(|(follows, line)| follows.filter(|_| line.treatment == Treatment::RecurringUsage));
    Ok(Made { prepared: Arc::new(prepared), followed: of_usage.collect(), ..made.clone() })
}

/// What tells the lines of places apart as far as the baseline does, each once, and which of them each place has.
fn filters(baseline: &Baseline, places: &[Place]) -> (Vec<Filter>, Vec<Option<usize>>) {
    let values = |place: usize| -> BTreeSet<&str> {
        let usage = baseline.lines.iter().filter(|line| line.treatment == Treatment::RecurringUsage);
        usage.filter_map(|line| line.values.get(place).map(String::as_str)).collect()
    };
    let known: Vec<(Dimension, BTreeSet<&str>)> =
        [Dimension::Provider, Dimension::Service, Dimension::SubAccount, Dimension::Region]
            .into_iter()
            .filter_map(|dimension| {
                let at = baseline.dimensions.iter().position(|name| *name == dimension.name())?;
                Some((dimension, values(at)))
            })
            .collect();
    let mut filters: Vec<Filter> = Vec::new();
    let of_place = places.iter().map(|place| {
        let mut wanted = BTreeMap::new();
        for (dimension, values) in &known {
            let value = match dimension {
                Dimension::Provider => Some(&place.provider),
                Dimension::Service => Some(&place.service),
                Dimension::SubAccount => Some(&place.account),
                _ => place.region.as_ref(),
            };
            match value.filter(|value| values.contains(value.as_str())) {
                Some(value) => {
                    wanted.insert(dimension.name().into_owned(), BTreeSet::from([value.clone()]));
                }
                None if *dimension == Dimension::Service => return None,
                None => {}
            }
        }
        let filter = if wanted.is_empty() { Filter::Everything } else { Filter::Values(wanted) };
        Some(filters.iter().position(|known| *known == filter).unwrap_or_else(|| {
            filters.push(filter);
            filters.len() - 1
        }))
    });
    let of_place = of_place.collect();
    (filters, of_place)
}

fn simulation(
    made: &Made,
    plan: &Plan,
    views: Vec<Filter>,
    (paths, seed): (usize, u64),
) -> Result<Simulation, ApiError> {
    let settings = SimulationSettings { paths, seed, basis: Basis::Effective, views };
    Simulation::new(plan, courses::of(made, paths, seed), settings).map_err(|refused| {
        ApiError::new("scenario", format!("the courses cannot be drawn: {refused}"), "Draw fewer paths.")
    })
}
