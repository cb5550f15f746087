//! Ways that demand may go, drawn by scenarios that are kept: what each makes of usage, as often as it weighs.

#![expect(clippy::float_arithmetic, reason = "a path is a statistic; it becomes a factor of six decimals once")]

use std::collections::BTreeMap;

use chrono::Datelike;
use commitment::model::Usage;
use forecast::posting::number_of;
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use super::drawn::{Drawn, factor};
use super::note;
use crate::scenarios::{DemandCourse, DemandCourses, Place, demand_courses};
use crate::{ApiError, Context};

/// Scenarios of one draw, and what all of them weigh, at most.
const SCENARIOS_MAX: usize = 20;
const WEIGHT_MAX: u32 = 1_000_000;
/// The word for a service whose paths scenarios drew.
const GRAIN: &str = "scenario";
/// A course below this share of the mean of all has next to nothing left, and tells nothing of a share that is taken away.
const TELLING: f64 = 0.001;

/// A scenario that paths of demand are drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentScenario {
    /// Its name; without one what the forecast expects when nothing is decided.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) name: Option<String>,
    /// How likely it is beside the others.
    pub(super) weight: u32,
}

/// What is drawn.
pub(super) struct Wanted<'a> {
    pub(super) scenarios: &'a [CommitmentScenario],
    pub(super) seed: u64,
}

impl CommitmentScenario {
    fn called(&self) -> String {
        self.name.as_ref().map_or_else(|| "the forecast alone".to_owned(), |name| format!("`{name}`"))
    }
}

/// How many of the paths each scenario gives: as they weigh, adding up to all.
fn shares(scenarios: &[CommitmentScenario], paths: usize) -> Result<Vec<usize>, ApiError> {
    let wrong = |message: String, hint: &str| ApiError::new("question", message, hint);
    if scenarios.len() > SCENARIOS_MAX {
        return Err(wrong(
            format!("paths cannot be drawn from {} scenarios", scenarios.len()),
            &format!("At most {SCENARIOS_MAX}."),
        ));
    }
    if let Some(one) = scenarios.iter().find(|one| one.weight == 0 || one.weight > WEIGHT_MAX) {
        return Err(wrong(
            format!("{} weighs {}", one.called(), one.weight),
            &format!("A weight is a whole number from 1 to {WEIGHT_MAX}; leave out what is not to count."),
        ));
    }
    if let Some((place, one)) =
        scenarios.iter().enumerate().find(|(place, one)| scenarios[..*place].iter().any(|other| other.name == one.name))
    {
        return Err(wrong(format!("{} is named twice, again at place {}", one.called(), place + 1), "Name it once."));
    }
    let all: usize = scenarios.iter().map(|one| one.weight as usize).sum();
    let parts = || scenarios.iter().map(|one| paths * one.weight as usize);
    let mut shares: Vec<usize> = parts().map(|part| part / all).collect();
    // What is left goes to the largest remainders.
    let mut places: Vec<(usize, usize)> = parts().map(|part| part % all).enumerate().collect();
    places.sort_by_key(|(_, rest)| std::cmp::Reverse(*rest));
    let left = paths - shares.iter().sum::<usize>();
    places.iter().take(left).for_each(|(place, _)| shares[*place] += 1);
    if let Some((one, _)) = scenarios.iter().zip(&shares).find(|(_, share)| **share == 0) {
        return Err(wrong(
            format!("{} weighs too little for one of {paths} paths", one.called()),
            "Draw more paths, or give it more weight.",
        ));
    }
    Ok(shares)
}

/// Lays what scenarios make of demand on the paths that the forecast drew. Path `n` is course `n` of whichever scenario gives it: what two
/// scenarios share is drawn alike.
pub(super) fn draw(
    context: &Context,
    engagement: &Engagement,
    wanted: &Wanted<'_>,
    ahead: &Usage,
    drawn: &mut Drawn,
    watch: &Watch,
) -> Result<(), ApiError> {
    let paths = drawn.samples.len();
    let shares = shares(wanted.scenarios, paths)?;
    let lines = Lines::of(ahead)?;
    let mut moved = vec![false; ahead.lines().len()];
    let mut first = 0;
    for (scenario, share) in wanted.scenarios.iter().zip(shares) {
        let own = first..first + share;
        first = own.end;
        let Some(name) = &scenario.name else {
            drawn.notes.push(note("drawn_from", told(scenario, share, paths, &[])));
            continue;
        };
        watch.report(|progress| progress.phase = format!("Drawing {}", scenario.called()));
        if watch.is_cancelled() {
            return Err(ApiError::new("cancelled", "stopped while scenarios were drawn", ""));
        }
        let courses = demand_courses(context, engagement, name, &lines.places, (paths, wanted.seed), watch)?;
        lines.lay_on(&courses, ahead, own, drawn, &mut moved)?;
        drawn.notes.push(note("drawn_from", told(scenario, share, paths, &courses.left_out)));
    }
    tell(ahead, drawn, &moved)
}

/// The lines of a usage ahead, by what scenarios can tell apart.
struct Lines {
    places: Vec<Place>,
    /// By line.
    of_line: Vec<usize>,
    months: Vec<(i32, u32)>,
    /// By line and month, what usage costs on demand, as a statistic.
    levels: Vec<Vec<f64>>,
}

impl Lines {
    fn of(ahead: &Usage) -> Result<Self, ApiError> {
        let mut places: Vec<Place> = Vec::new();
        let (mut of_line, mut levels) = (Vec::new(), Vec::new());
        let months = ahead.span().months();
        for line in ahead.lines() {
            let key = &line.key;
            let place = Place {
                provider: key.provider.clone(),
                service: key.service.clone(),
                account: key.account.clone(),
                region: key.region.clone(),
            };
            of_line.push(places.iter().position(|known| *known == place).unwrap_or_else(|| {
                places.push(place);
                places.len() - 1
            }));
            let own = months.iter().map(|(_, steps)| line.on_demand.sum(steps.clone()).map(number_of));
            levels.push(own.collect::<Result<Vec<f64>, _>>()?);
        }
        let months = months.into_iter().map(|(month, _)| month.start()).map(|start| (start.year(), start.month()));
        Ok(Self { places, of_line, months: months.collect(), levels })
    }

    /// Multiplies the factors of some paths with what the courses of a scenario make of its baseline.
    fn lay_on(
        &self,
        courses: &DemandCourses,
        ahead: &Usage,
        paths: std::ops::Range<usize>,
        drawn: &mut Drawn,
        moved: &mut [bool],
    ) -> Result<(), ApiError> {
        let group = |line: usize| courses.groups[self.of_line[line]];
        let mut laid: BTreeMap<usize, Vec<f64>> = BTreeMap::new();
        if courses.currency == ahead.currency() {
            for (line, levels) in self.levels.iter().enumerate() {
                let Some(group) = group(line) else { continue };
                let sums = laid.entry(group).or_insert_with(|| vec![0.0; levels.len()]);
                sums.iter_mut().zip(levels).for_each(|(sum, level)| *sum += level);
            }
        }
        for (line, moved) in moved.iter_mut().enumerate() {
            let Some(group) = group(line) else { continue };
            *moved = true;
            for (place, month) in self.months.iter().enumerate() {
                let least = laid.get(&group).map_or(0.0, |months| months[place]);
                let of_month = courses.of(group, *month);
                let all = mean(of_month);
                let usual = change(all, least, 0.0).unwrap_or(1.0);
                let telling = all.undecided * TELLING;
                for path in paths.clone() {
                    let Some(course) = of_month.get(path) else { continue };
                    let change = change(*course, least, telling).unwrap_or(usual);
                    let cell = &mut drawn.samples[path].factors[line][place];
                    *cell = factor(number_of(*cell) * change)?;
                }
            }
        }
        Ok(())
    }
}

/// What a scenario makes of usage, as a factor; none where a course has not more than `telling` to tell it by. What it takes away is a share
/// of what is expected; what it adds is money, beside at least what usage is laid forward at: where a baseline expects next to nothing, a new
/// amount is not multiplied by all that is there.
fn change(course: DemandCourse, laid: f64, telling: f64) -> Option<f64> {
    let (undecided, decided) = (course.undecided.max(0.0), course.decided.max(0.0));
    if decided > undecided {
        let beside = undecided.max(laid);
        (beside > 0.0).then(|| 1.0 + (decided - undecided) / beside)
    } else {
        (undecided > telling).then(|| decided / undecided)
    }
}

/// All courses of a month together.
fn mean(courses: &[DemandCourse]) -> DemandCourse {
    let count = courses.len().max(1) as f64;
    let of = |value: fn(&DemandCourse) -> f64| courses.iter().map(value).sum::<f64>() / count;
    DemandCourse { undecided: of(|one| one.undecided), decided: of(|one| one.decided) }
}

fn told(scenario: &CommitmentScenario, share: usize, paths: usize, left_out: &[String]) -> String {
    let mut said = format!("{share} of {paths} ways are drawn from {}.", scenario.called());
    if !left_out.is_empty() {
        let names: Vec<String> = left_out.iter().map(|id| format!("`{id}`")).collect();
        said.push_str(&format!(
            " Left out of it, as it moves no demand (prices, fees, limits, bearers, single amounts): {}.",
            names.join(", ")
        ));
    }
    said
}

/// How far each service that a scenario knows goes over all paths, in place of what the forecast alone said of it.
fn tell(ahead: &Usage, drawn: &mut Drawn, moved: &[bool]) -> Result<(), ApiError> {
    let months = ahead.span().months();
    let mut totals: BTreeMap<(&str, &str), (Vec<f64>, f64, bool)> = BTreeMap::new();
    for (number, line) in ahead.lines().iter().enumerate() {
        let (sums, likely, by_scenario) = totals
            .entry((&line.key.provider, &line.key.service))
            .or_insert_with(|| (vec![0.0; drawn.samples.len()], 0.0, false));
        *by_scenario |= moved[number];
        for (place, (_, steps)) in months.iter().enumerate() {
            let cost = number_of(line.on_demand.sum(steps.clone())?);
            *likely += cost;
            for (sum, sample) in sums.iter_mut().zip(&drawn.samples) {
                *sum += cost * number_of(sample.factors[number][place]);
            }
        }
    }
    for way in &mut drawn.told {
        let found = totals.get_mut(&(way.provider.as_str(), way.service.as_str()));
        let Some((sums, likely, _)) = found.filter(|(_, likely, by_scenario)| *by_scenario && *likely > 0.0) else {
            continue;
        };
        way.grain = GRAIN.to_owned();
        sums.sort_by(f64::total_cmp);
        let (outside, last) = ((sums.len() - 1) / 10, sums.len() - 1);
        way.low = Some(factor(sums[outside] / *likely)?.normalized());
        way.high = Some(factor(sums[last - outside] / *likely)?.normalized());
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn scenario(name: &str, weight: u32) -> CommitmentScenario {
        CommitmentScenario { name: (!name.is_empty()).then(|| name.to_owned()), weight }
    }

    #[test]
    fn paths_are_shared_out_as_scenarios_weigh_and_add_up() {
        let all = [scenario("", 2), scenario("launch", 1), scenario("fall", 3)];
        assert_eq!(shares(&all, 100).unwrap(), [33, 17, 50], "the sum is what was asked for");
        assert_eq!(shares(&all, 6).unwrap(), [2, 1, 3]);
        assert_eq!(shares(&[scenario("a", 1), scenario("b", 1), scenario("c", 1)], 5).unwrap(), [2, 2, 1]);
    }

    #[test]
    fn a_share_is_taken_of_what_is_expected_and_money_is_added_beside_what_is_laid() {
        let of = |undecided, decided, laid| change(DemandCourse { undecided, decided }, laid, 0.01);
        let same = |found: Option<f64>, wanted: f64| {
            assert!(found.is_some_and(|found| (found - wanted).abs() < 1e-12), "{found:?} and not {wanted}");
        };
        same(of(100.0, 50.0, 400.0), 0.5);
        same(of(100.0, 150.0, 80.0), 1.5);
        same(of(1.0, 51.0, 100.0), 1.5);
        same(of(100.0, -20.0, 100.0), 0.0);
        assert_eq!(of(0.001, 0.0005, 100.0), None, "nor does next to nothing");
        assert_eq!(of(0.0, 0.0, 100.0), None, "half of nothing tells nothing of a half");
        assert_eq!(of(0.0, 50.0, 0.0), None);
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let message = |scenarios: &[CommitmentScenario]| shares(scenarios, 10).unwrap_err().message;
        assert!(message(&[scenario("a", 1_000), scenario("rare", 1)]).contains("`rare` weighs too little"));
        assert!(message(&[scenario("a", 0)]).contains("`a` weighs 0"));
        assert!(message(&[scenario("a", 1), scenario("a", 2)]).contains("named twice"));
        assert!(message(&[scenario("", 1), scenario("", 2)]).contains("the forecast alone"));
    }
}
