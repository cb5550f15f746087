//! Ways that demand may go, drawn by scenarios that are kept: what each makes of usage, as often as it weighs.

#![expect(clippy::float_arithmetic, reason = "a path is a statistic; it becomes a factor of six decimals once")]

use std::collections::BTreeMap;

use chrono::Datelike;
use commitment::model::Usage;
use forecast::posting::number_of;
use money::Amount;
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use super::drawn::{Drawn, factor};
use super::note;
use crate::scenarios::{DemandCourses, Place, demand_courses};
use crate::{ApiError, Context};

/// Scenarios of one draw, and what all of them weigh, at most.
const SCENARIOS_MAX: usize = 20;
const WEIGHT_MAX: u32 = 1_000_000;
/// The word for a service whose paths scenarios drew.
const GRAIN: &str = "scenario";

/// A scenario that paths of demand are drawn from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentScenario {
    /// Its name; without one what is expected when nothing is decided.
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
        self.name.as_ref().map_or_else(|| "the baseline alone".to_owned(), |name| format!("`{name}`"))
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
    let (mut before, mut given) = (0, 0);
    let mut shares = Vec::with_capacity(scenarios.len());
    for one in scenarios {
        before += one.weight as usize;
        let until = paths * before / all;
        if until == given {
            return Err(wrong(
                format!("{} weighs too little for one of {paths} paths", one.called()),
                "Draw more paths, or give it more weight.",
            ));
        }
        shares.push(until - given);
        given = until;
    }
    Ok(shares)
}

/// Puts what scenarios make of demand in place of what the forecast alone drew. Path `n` is course `n` of whichever scenario gives it: what two
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
    let mut places: Vec<Place> = Vec::new();
    let of_line: Vec<usize> = ahead
        .lines()
        .iter()
        .map(|line| {
            let key = &line.key;
            let place = Place {
                provider: key.provider.clone(),
                service: key.service.clone(),
                account: key.account.clone(),
                region: key.region.clone(),
            };
            places.iter().position(|known| *known == place).unwrap_or_else(|| {
                places.push(place);
                places.len() - 1
            })
        })
        .collect();
    let months: Vec<(i32, u32)> = ahead
        .span()
        .months()
        .into_iter()
        .map(|(month, _)| month.start())
        .map(|start| (start.year(), start.month()))
        .collect();
    let mut first = 0;
    let mut known: Vec<bool> = vec![false; places.len()];
    for (scenario, share) in wanted.scenarios.iter().zip(shares) {
        watch.report(|progress| progress.phase = format!("Drawing {}", scenario.called()));
        if watch.is_cancelled() {
            return Err(ApiError::new("cancelled", "stopped while scenarios were drawn", ""));
        }
        let courses =
            demand_courses(context, engagement, scenario.name.as_deref(), &places, (paths, wanted.seed), watch)?;
        for (place, known) in known.iter_mut().enumerate() {
            *known |= months.first().is_some_and(|month| courses.of(place, *month).is_some());
        }
        let factors = factors(&courses, places.len(), &months, first..first + share)?;
        for (path, by_place) in (first..first + share).zip(factors) {
            for (line, place) in of_line.iter().enumerate() {
                // What no scenario knows goes on as its forecast drew it.
                if let Some(factors) = &by_place[*place] {
                    drawn.samples[path].factors[line].clone_from(factors);
                }
            }
        }
        drawn.notes.push(note("drawn_from", told(scenario, share, paths, &courses.left_out)));
        first += share;
    }
    tell(ahead, drawn, &of_line, &known)
}

/// By path, then by place, the factors of the months; none for usage that the scenario does not know.
fn factors(
    courses: &DemandCourses,
    places: usize,
    months: &[(i32, u32)],
    paths: std::ops::Range<usize>,
) -> Result<Vec<Vec<Option<Vec<Amount>>>>, ApiError> {
    let of_place = |path: usize, place: usize| -> Result<Option<Vec<Amount>>, ApiError> {
        let of_month = |month: &(i32, u32)| courses.of(place, *month).and_then(|courses| courses.get(path)).copied();
        let Some(values) = months.iter().map(of_month).collect::<Option<Vec<f64>>>() else { return Ok(None) };
        values.into_iter().map(factor).collect::<Result<Vec<_>, _>>().map(Some)
    };
    paths.map(|path| (0..places).map(|place| of_place(path, place)).collect()).collect()
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

/// How far each service goes over all paths, in place of what the forecast alone said of it.
fn tell(ahead: &Usage, drawn: &mut Drawn, of_line: &[usize], known: &[bool]) -> Result<(), ApiError> {
    let months = ahead.span().months();
    let mut totals: BTreeMap<(&str, &str), (Vec<f64>, f64, bool)> = BTreeMap::new();
    for (number, line) in ahead.lines().iter().enumerate() {
        let (sums, likely, drawn_by) = totals
            .entry((&line.key.provider, &line.key.service))
            .or_insert_with(|| (vec![0.0; drawn.samples.len()], 0.0, false));
        *drawn_by |= known[of_line[number]];
        for (place, (_, steps)) in months.iter().enumerate() {
            let cost = number_of(line.on_demand.sum(steps.clone())?);
            *likely += cost;
            for (sum, sample) in sums.iter_mut().zip(&drawn.samples) {
                *sum += cost * number_of(sample.factors[number][place]);
            }
        }
    }
    for way in &mut drawn.told {
        let Some((sums, likely, drawn_by)) = totals.get_mut(&(way.provider.as_str(), way.service.as_str())) else {
            continue;
        };
        if !*drawn_by {
            continue;
        }
        way.grain = GRAIN.to_owned();
        way.method = None;
        (way.low, way.high) = (None, None);
        if *likely > 0.0 {
            sums.sort_by(f64::total_cmp);
            let (outside, last) = ((sums.len() - 1) / 10, sums.len() - 1);
            way.low = Some(factor(sums[outside] / *likely)?.normalized());
            way.high = Some(factor(sums[last - outside] / *likely)?.normalized());
        }
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
    }

    #[test]
    fn what_cannot_be_drawn_is_named() {
        let message = |scenarios: &[CommitmentScenario]| shares(scenarios, 10).unwrap_err().message;
        assert!(message(&[scenario("a", 1_000), scenario("rare", 1)]).contains("`rare` weighs too little"));
        assert!(message(&[scenario("a", 0)]).contains("`a` weighs 0"));
        assert!(message(&[scenario("a", 1), scenario("a", 2)]).contains("named twice"));
        assert!(message(&[scenario("", 1), scenario("", 2)]).contains("the baseline alone"));
    }
}
