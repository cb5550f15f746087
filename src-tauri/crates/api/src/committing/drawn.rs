//! Ways that demand may go: drawn from forecasts of the usage, each with the errors that it would have made.

#![expect(clippy::float_arithmetic, reason = "a path is a statistic; it becomes a factor of six decimals once")]

use std::collections::BTreeMap;
use std::num::NonZero;
use std::sync::atomic::{AtomicUsize, Ordering};

use chrono::{Datelike, Duration, NaiveDate};
use commitment::model::{MonthOfYear, Usage};
use commitment::whatif::SamplePath;
use forecast::posting::{amount_of, number_of};
use forecast::{Floor, Forecast, Grain, History, Observation, Settings, forecast};
use money::Amount;
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use super::from_scenarios::CommitmentScenario;
use crate::ApiError;
use query::Note;

/// So many complete months make a history of months; fewer are told by their days.
const MONTHS_LEAST: usize = 12;
/// Fewer days than this tell nothing.
const DAYS_LEAST: usize = 14;
/// Paths that are drawn without a word of how many, and at most.
pub(super) const PATHS: u32 = 200;
const PATHS_MAX: u32 = 1_000;
/// The same paths every time, unless another seed is asked for.
pub(super) const SEED: u64 = 2026;
/// The decimals of a factor, and the largest one.
const FACTOR_DECIMALS: u8 = 6;
const FACTOR_MAX: f64 = 1_000.0;

/// Draw paths of demand from the forecast of the usage, or from scenarios.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentDraw {
    /// How many; 200 without it, at most 1,000.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) paths: Option<u32>,
    /// Another seed, other paths.
    #[serde(default)]
    #[ts(optional = nullable, type = "number | null")]
    pub(super) seed: Option<u64>,
    /// Whether likely demand follows the forecast, too; without it usage repeats the weeks of the history.
    #[serde(default)]
    pub(super) follow_forecast: bool,
    /// Scenarios in place of the forecast alone: each gives as many of the paths as it weighs.
    #[serde(default)]
    pub(super) scenarios: Vec<CommitmentScenario>,
}

/// How the paths of a service were drawn.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentDrawn {
    /// The provider.
    pub provider: String,
    /// The service.
    pub service: String,
    /// What its usage ahead costs on demand.
    pub on_demand: Amount,
    /// `month` or `day`: what was forecast; `scenario`: drawn by scenarios; `none` where the history is too short.
    pub grain: String,
    /// From how many of them.
    pub observations: u32,
    /// How.
    pub method: Option<String>,
    /// Nine of ten paths lie above this, over the whole time ahead beside the likely one.
    pub low: Option<Amount>,
    /// And nine of ten below this.
    pub high: Option<Amount>,
}

/// Paths for the lines of a usage ahead.
pub(super) struct Drawn {
    pub(super) samples: Vec<SamplePath>,
    /// What the forecast expects beside the usage as it is laid.
    pub(super) growth: SamplePath,
    pub(super) told: Vec<CommitmentDrawn>,
    /// What to know of them.
    pub(super) notes: Vec<Note>,
}

/// How many paths are asked for.
pub(super) fn count(asked: Option<u32>) -> Result<usize, ApiError> {
    let paths = asked.unwrap_or(PATHS);
    if (2..=PATHS_MAX).contains(&paths) {
        return Ok(paths as usize);
    }
    Err(ApiError::new("question", format!("{paths} paths cannot be drawn"), format!("From 2 to {PATHS_MAX}.")))
}

/// Pieces of work on all cores: the crate that replays paths starts no threads itself.
pub(super) fn on_all_cores(count: usize, work: &(dyn Fn(usize) + Sync)) {
    let next = AtomicUsize::new(0);
    let threads = std::thread::available_parallelism().map_or(1, NonZero::get).min(count);
    std::thread::scope(|scope| {
        for _ in 0..threads {
            scope.spawn(|| {
                loop {
                    let piece = next.fetch_add(1, Ordering::Relaxed);
                    if piece >= count {
                        break;
                    }
                    work(piece);
                }
            });
        }
    });
}

/// What is known of a service: costs by day, nothing where nothing is known.
struct Known {
    first: NaiveDate,
    days: Vec<Option<f64>>,
}

/// Draws paths for the lines of `ahead`, by provider and service, from the days of `history`; `laid` is the usage ahead before any change of
/// demand. Services move together: path `n` of one is as unusual as path `n` of the others.
pub(super) fn draw(
    history: &Usage,
    laid: &Usage,
    ahead: &Usage,
    wanted: &CommitmentDraw,
    watch: &Watch,
) -> Result<Drawn, ApiError> {
    let paths = count(wanted.paths)?;
    let seed = wanted.seed.unwrap_or(SEED);
    let months = ahead.span().months();
    let one = Amount::from_integer(1);
    let lines = ahead.lines().len();
    let mut samples = vec![SamplePath { factors: vec![vec![one; months.len()]; lines] }; paths];
    let mut growth = SamplePath { factors: vec![vec![one; months.len()]; lines] };
    let mut groups: BTreeMap<(&str, &str), Vec<usize>> = BTreeMap::new();
    for (number, line) in ahead.lines().iter().enumerate() {
        groups.entry((&line.key.provider, &line.key.service)).or_default().push(number);
    }
    let mut told = Vec::new();
    for ((provider, service), numbers) in groups {
        if watch.is_cancelled() {
            return Err(ApiError::new("cancelled", "stopped while paths were drawn", ""));
        }
        let all = 0..ahead.span().steps();
        let costs = numbers.iter().map(|number| ahead.lines()[*number].on_demand.sum(all.clone()));
        let on_demand = Amount::sum(costs.collect::<Result<Vec<_>, _>>()?)?.normalized();
        let mut way = CommitmentDrawn {
            provider: provider.to_owned(),
            service: service.to_owned(),
            on_demand,
            grain: "none".to_owned(),
            observations: 0,
            method: None,
            low: None,
            high: None,
        };
        let end = ahead.span().end().date_naive();
        let Some(made) = known(history, provider, service).and_then(|known| expected(&known, end)) else {
            told.push(way);
            continue;
        };
        let drawn = made.forecast.paths(paths, seed);
        let mut totals = vec![0.0; paths];
        let mut points = 0.0;
        for (place, (month, steps)) in months.iter().enumerate() {
            let from = ahead.span().start_of(steps.start).date_naive();
            let until = ahead.span().start_of(steps.end - 1).date_naive() + Duration::days(1);
            let of = made.steps(*month, from, until);
            let point: f64 = of.iter().map(|step| made.forecast.steps[*step].point).sum();
            if point <= 0.0 {
                continue;
            }
            points += point;
            for (path, total) in totals.iter_mut().enumerate() {
                let value: f64 = of.iter().map(|step| drawn[path][*step]).sum();
                *total += value;
                let factor = factor(value / point)?;
                for number in &numbers {
                    samples[path].factors[*number][place] = factor;
                }
            }
            let before = laid_cost(laid, provider, service, steps.clone())?;
            if before > 0.0 {
                // A month that is not ahead in full counts by its days.
                let share =
                    if made.grain == Grain::Month { (until - from).num_days() as f64 / days_of(*month) } else { 1.0 };
                let grown = factor(point * share / before)?;
                for number in &numbers {
                    growth.factors[*number][place] = grown;
                }
            }
        }
        way.grain = if made.grain == Grain::Month { "month" } else { "day" }.to_owned();
        way.observations = u32::try_from(made.observations).unwrap_or(u32::MAX);
        way.method = serde_json::to_value(made.forecast.method).ok().and_then(|word| Some(word.as_str()?.to_owned()));
        if points > 0.0 {
            totals.sort_by(f64::total_cmp);
            let outside = (paths - 1) / 10;
            way.low = Some(factor(totals[outside] / points)?.normalized());
            way.high = Some(factor(totals[paths - 1 - outside] / points)?.normalized());
        }
        told.push(way);
    }
    Ok(Drawn { samples, growth, told, notes: Vec::new() })
}

pub(super) fn factor(value: f64) -> Result<Amount, ApiError> {
    let value = if value.is_finite() { value.clamp(0.0, FACTOR_MAX) } else { 1.0 };
    Ok(amount_of(value, FACTOR_DECIMALS)?)
}

fn days_of(month: MonthOfYear) -> f64 {
    month.hours() as f64 / 24.0
}

/// The days of a service from the first to the last on which its provider has usage.
fn known(history: &Usage, provider: &str, service: &str) -> Option<Known> {
    let span = history.span();
    let per_day = usize::try_from(24 / span.step().hours()).unwrap_or(1);
    let days = span.steps() / per_day;
    let of_day = |day: usize| day * per_day..(day + 1) * per_day;
    let of_provider: Vec<_> = history.lines().iter().filter(|line| line.key.provider == provider).collect();
    let used = |day: &usize| {
        of_provider.iter().any(|line| line.on_demand.units()[of_day(*day)].iter().any(|units| *units != 0))
    };
    let (first, last) = ((0..days).find(used)?, (0..days).rev().find(used)?);
    let own: Vec<_> = of_provider.iter().filter(|line| line.key.service == service).collect();
    if own.is_empty() {
        return None;
    }
    let value = |day: usize| {
        if of_day(day).any(|step| history.missing().contains(&step)) {
            return None;
        }
        let costs: Result<Vec<Amount>, _> = own.iter().map(|line| line.on_demand.sum(of_day(day))).collect();
        Some(number_of(Amount::sum(costs.ok()?).ok()?).max(0.0))
    };
    Some(Known {
        first: span.first().date_naive() + Duration::days(i64::try_from(first).ok()?),
        days: (first..=last).map(value).collect(),
    })
}

/// A forecast of a service's cost.
struct Expected {
    grain: Grain,
    observations: usize,
    forecast: Forecast,
}

impl Expected {
    /// The steps that lie in a part of a month.
    fn steps(&self, month: MonthOfYear, from: NaiveDate, until: NaiveDate) -> Vec<usize> {
        let first = month.start().date_naive();
        let within = |date: NaiveDate| match self.grain {
            Grain::Month => date == first,
            Grain::Day => (from..until).contains(&date),
        };
        let steps = self.forecast.steps.iter().enumerate();
        steps.filter(|(_, step)| within(step.date)).map(|(place, _)| place).collect()
    }
}

/// The forecast up to a day: of the complete months where there are enough, else of the days.
fn expected(known: &Known, end: NaiveDate) -> Option<Expected> {
    let months = months(known);
    let settings = |horizon: usize| Settings { horizon, floor: Floor::Zero, ..Settings::for_many() };
    let observe = |values: Vec<Option<f64>>| {
        values.into_iter().map(|value| Observation { value, provisional: false }).collect::<Vec<_>>()
    };
    if let Some((first, values)) = months.filter(|(_, values)| values.len() >= MONTHS_LEAST) {
        let observations = values.len();
        let next = first.checked_add_months(chrono::Months::new(u32::try_from(observations).ok()?))?;
        let ahead = (end.year() - next.year()) * 12 + end.month0().cast_signed() - next.month0().cast_signed() + 1;
        let history = History::new(Grain::Month, first, observe(values)).ok()?;
        let forecast = forecast(&history, &settings(usize::try_from(ahead).ok()?.max(1)));
        return Some(Expected { grain: Grain::Month, observations, forecast });
    }
    if known.days.iter().flatten().count() < DAYS_LEAST {
        return None;
    }
    let observations = known.days.len();
    let next = known.first + Duration::days(i64::try_from(observations).ok()?);
    let horizon = usize::try_from((end - next).num_days()).ok()?.max(1);
    let history = History::new(Grain::Day, known.first, observe(known.days.clone())).ok()?;
    Some(Expected { grain: Grain::Day, observations, forecast: forecast(&history, &settings(horizon)) })
}

/// The months that are known whole, from the first one on; one with a day that is not known is not known.
fn months(known: &Known) -> Option<(NaiveDate, Vec<Option<f64>>)> {
    let mut first = known.first.with_day(1)?;
    if first < known.first {
        first = first.checked_add_months(chrono::Months::new(1))?;
    }
    let mut values = Vec::new();
    let mut month = first;
    loop {
        let next = month.checked_add_months(chrono::Months::new(1))?;
        let place = |day: NaiveDate| usize::try_from((day - known.first).num_days()).ok();
        let Some(days) = known.days.get(place(month)?..place(next)?) else { break };
        values.push(days.iter().copied().sum::<Option<f64>>());
        month = next;
    }
    Some((first, values))
}

fn laid_cost(laid: &Usage, provider: &str, service: &str, steps: std::ops::Range<usize>) -> Result<f64, ApiError> {
    let own = laid.lines().iter().filter(|line| line.key.provider == provider && line.key.service == service);
    let costs = own.map(|line| line.on_demand.sum(steps.clone())).collect::<Result<Vec<_>, _>>()?;
    Ok(number_of(Amount::sum(costs)?))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_whole_months_make_a_history_of_months() {
        let first: NaiveDate = "2026-01-10".parse().unwrap();
        let days = vec![Some(2.0); 22 + 28 + 31 + 5];
        let (from, values) = months(&Known { first, days: days.clone() }).unwrap();
        assert_eq!(from.to_string(), "2026-02-01", "January is not known from its first day");
        assert_eq!(values, [Some(56.0), Some(62.0)], "April has begun only");
        let mut gap = days;
        gap[25] = None;
        assert_eq!(
            months(&Known { first, days: gap }).unwrap().1,
            [None, Some(62.0)],
            "a month with a gap is not known"
        );
    }
}
