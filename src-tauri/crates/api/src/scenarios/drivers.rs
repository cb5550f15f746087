//! Business metrics that usage follows: a scope costs so much whatever happens, and so much for each unit.
#![expect(clippy::float_arithmetic, reason = "fits are statistics; points become money by a named rounding")]

use std::collections::BTreeMap;

use chrono::{Months, NaiveDate};
use forecast::driver::{Driver, DriverError, DriverFuture, DriverModel, VALUES_FOR_SIGNIFICANCE, Wording};
use forecast::posting::{amount_of, number_of};
use forecast::{Forecast, Grain, History, Settings};
use money::{Amount, AmountError};
use query::Note;
use scenario::Filter;
use serde::Serialize;
use ts_rs::TS;
use unit_economics::Metrics;

use super::baseline::Ground;
use super::baseline_wire::BaselineDriver;
use super::bill::{day, note};
use super::lined::Lined;
use crate::ApiError;

/// What a metric must explain of a service's cost for the built-in baseline to plan by it, and how far it may have missed the last months.
const EXPLAINED_MIN: f64 = 0.5;
const MISSED_MAX: f64 = 0.2;
/// Metrics that the built-in baseline tries.
const METRICS_MAX: usize = 12;
/// The decimals of units, of a unit's cost and of shares.
const DECIMALS: u8 = 9;
const SHARE_DECIMALS: u8 = 4;

/// Usage that follows business metrics.
#[derive(Default)]
pub(super) struct Driven {
    pub(super) drivers: Vec<scenario::Driver>,
    pub(super) blocks: Vec<Block>,
    pub(super) told: Vec<ScenarioDriver>,
}

/// Lines that follow a metric together.
#[derive(Clone, Debug)]
pub(super) struct Block {
    /// The lines, by place.
    pub(super) lines: Vec<usize>,
    /// The name of the driver.
    pub(super) driver: String,
    /// What they cost month by month.
    pub(super) points: Vec<f64>,
    /// How much of that follows the driver.
    pub(super) shares: Vec<Amount>,
    fit: DriverModel,
    of: Driver,
    ahead: Ahead,
}

/// A driver of a baseline: what of the usage follows it, and how well the past is met.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioDriver {
    /// What operations call it.
    pub name: String,
    /// The metric.
    pub metric: String,
    /// What follows it, in words.
    pub scope: String,
    /// How many lines.
    pub lines: u32,
    /// What is paid each month whatever happens.
    pub fixed: Amount,
    /// What a unit costs.
    pub unit_cost: Amount,
    /// Whether that was typed in.
    pub typed: bool,
    /// The share of the cost's variance that is explained.
    pub r_squared: Option<Amount>,
    /// The error over the last six months, fitted without them.
    pub last_months_error: Option<Amount>,
    /// Its units in each month ahead.
    pub units: Vec<Amount>,
    /// What may be said of the fit.
    pub words: String,
}

/// What a driver's units will be.
#[derive(Clone, Debug)]
struct Ahead {
    units: Vec<f64>,
    expected: Option<Forecast>,
    /// The step of the forecast that a month was taken from; none where it is typed in, known or grown.
    from_forecast: Vec<Option<usize>>,
}

impl Block {
    /// Month by month the distances of courses from the points: units that come otherwise, and what the fit misses.
    pub(super) fn deviations(&self, count: usize, seed: u64, of_driver: u64) -> Vec<f64> {
        let paths = self.ahead.expected.as_ref().map(|expected| expected.paths(count, of_driver)).unwrap_or_default();
        let course = |number: usize| -> Vec<Vec<f64>> {
            let drawn = |(units, step): (&f64, &Option<usize>)| match (step, paths.get(number)) {
                (Some(step), Some(path)) => path.get(*step).copied().unwrap_or(*units).max(0.0),
                _ => *units,
            };
            vec![self.ahead.units.iter().zip(&self.ahead.from_forecast).map(drawn).collect()]
        };
        let units: Vec<Vec<Vec<f64>>> = (0..count).map(course).collect();
        let months = self.points.len();
        let costs = self.fit.paths(&units, std::slice::from_ref(&self.of), months, seed);
        let mut found = Vec::with_capacity(months * count);
        for (month, point) in self.points.iter().enumerate() {
            found.extend(costs.iter().map(|path| path.get(month).map_or(0.0, |cost| cost - point)));
        }
        found
    }

    /// The name of its driver as a number: blocks of one driver take the same courses of its units.
    pub(super) fn key(&self) -> u64 {
        let bytes = self.driver.bytes();
        bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
    }
}

/// A metric month by month, in the past and ahead.
struct Counted<'a> {
    driver: unit_economics::Driver,
    definition: &'a BaselineDriver,
    /// Units of each month of the history, where every day of it is known.
    past: Vec<Option<f64>>,
}

impl<'a> Counted<'a> {
    fn new(ground: &Ground<'_>, metrics: &Metrics, definition: &'a BaselineDriver) -> Result<Self, ApiError> {
        if metrics.info(&definition.metric).is_none() {
            let names: Vec<String> = metrics.infos().into_iter().map(|info| info.name).take(12).collect();
            let hint = match names.as_slice() {
                [] => "Take in a CSV with date, metric and value: `qd metrics import FILE`.".to_owned(),
                names => format!("There are {}.", names.join(", ")),
            };
            let name: String = definition.metric.chars().take(60).collect();
            return Err(ApiError::new(
                "baseline",
                format!("the baseline follows the metric `{name}`, which there is not"),
                hint,
            ));
        }
        let labels = &definition.labels;
        let driver = metrics.driver(&definition.metric, |of| {
            labels.iter().all(|(name, value)| of.get(name).is_some_and(|known| known == value))
        })?;
        let past = (0..ground.bill.months).map(|month| units(&driver, day(ground.month(month))));
        let past = past.collect::<Result<Vec<_>, _>>()?;
        Ok(Self { driver, definition, past })
    }

    fn ahead(&self, ground: &Ground<'_>) -> Result<Ahead, ApiError> {
        let growth = self.definition.growth_percent().map_err(|problem| ApiError::new("baseline", problem, ""))?;
        let typed: BTreeMap<String, f64> =
            self.definition.values.iter().map(|(month, value)| (month.clone(), number_of(*value))).collect();
        let first = day(ground.bill.first).unwrap_or_default();
        let known: Vec<Option<Amount>> =
            self.past.iter().map(|units| units.and_then(|units| amount_of(units, DECIMALS).ok())).collect();
        let expected = match growth {
            Some(_) => None,
            None => {
                let history = History::of_amounts(Grain::Month, first, &known, 0)
                    .map_err(|error| ApiError::new("baseline", error.to_string(), "Give the driver's growth."))?;
                let settings = Settings { horizon: ground.horizon, ..Settings::default() };
                Some(forecast::forecast(&history, &settings))
            }
        };
        let factor = 1.0 + growth.map_or(0.0, number_of) / 100.0;
        let mut before = self.past.iter().rev().flatten().next().copied().unwrap_or(0.0);
        let mut ahead = Ahead { units: Vec::new(), expected, from_forecast: Vec::new() };
        for month in 0..ground.horizon {
            let month = ground.month(ground.bill.months + month);
            let date = day(month);
            let stated = match typed.get(&month.to_string()) {
                Some(units) => Some(*units),
                None => units(&self.driver, date)?,
            };
            let place =
                ahead.expected.as_ref().and_then(|one| one.steps.iter().position(|step| Some(step.date) == date));
            let guessed = match (&ahead.expected, place) {
                (Some(expected), Some(place)) => expected.steps[place].point,
                _ => before * factor,
            };
            before = stated.unwrap_or(guessed).max(0.0);
            ahead.units.push(before);
            ahead.from_forecast.push(place.filter(|_| stated.is_none()));
        }
        Ok(ahead)
    }

    /// The fit to the months of a cost for which the units are known.
    fn fit(&self, cost: &[Amount]) -> Result<(DriverModel, Driver), DriverError> {
        let usable: Vec<(f64, f64)> =
            self.past.iter().zip(cost).filter_map(|(units, cost)| Some(((*units)?, number_of(*cost)))).collect();
        let driver = Driver {
            name: self.definition.metric.clone(),
            units: usable.iter().map(|(units, _)| *units).collect(),
            unit_rate: self.definition.unit_cost.map(number_of),
            efficiency: 0.0,
        };
        let points: Vec<f64> = usable.iter().map(|(_, point)| *point).collect();
        Ok((DriverModel::fit(&points, std::slice::from_ref(&driver))?, driver))
    }
}

fn units(driver: &unit_economics::Driver, first: Option<NaiveDate>) -> Result<Option<f64>, AmountError> {
    let Some((from, to)) = first.and_then(|first| Some((first, first.checked_add_months(Months::new(1))?))) else {
        return Ok(None);
    };
    let units = driver.units(from, to)?;
    Ok(units.value.filter(|_| units.missing == 0).map(number_of))
}

/// What follows the drivers that a baseline names; each line follows the first one that it fits.
pub(super) fn named(
    ground: &Ground<'_>,
    metrics: &Metrics,
    definitions: &[BaselineDriver],
    lines: &[Lined],
    notes: &mut Vec<Note>,
) -> Result<Driven, ApiError> {
    let mut driven = Driven::default();
    let mut taken = vec![false; lines.len()];
    for definition in definitions {
        let counted = Counted::new(ground, metrics, definition)?;
        let filter = filter(ground, definition)?;
        let names = ground.names();
        let own: Vec<usize> = (0..lines.len())
            .filter(|line| !taken[*line] && ground.goes_on(&lines[*line].history))
            .filter(|line| filter.fits(&names, &lines[*line].values))
            .collect();
        if own.is_empty() {
            notes.push(note(
                "driver_without_lines",
                format!("Driver {} explains nothing: no usage that goes on is in its scope.", definition.name()),
            ));
            continue;
        }
        own.iter().for_each(|line| taken[*line] = true);
        let cost = together(ground, lines, &own)?;
        let (fit, of) = counted.fit(&cost).map_err(|error| {
            ApiError::new(
                "baseline",
                format!("driver {}: {error}", definition.name()),
                "Give the cost of a unit in the baseline (`unit_cost`), or more months of the metric.",
            )
        })?;
        let scope = words(definition);
        driven.add(ground, &counted, own, scope, fit, of)?;
    }
    for one in &driven.told {
        notes.push(note("driver", format!("{} follows {}: {}.", one.scope, one.name, one.words)));
    }
    Ok(driven)
}

/// What follows business metrics where nobody names any: values of the first dimension whose cost a metric explains significantly.
pub(super) fn found(
    ground: &Ground<'_>,
    metrics: &Metrics,
    lines: &[Lined],
    worth: impl Fn(&[Amount]) -> bool,
    notes: &mut Vec<Note>,
) -> Result<Driven, ApiError> {
    let mut driven = Driven::default();
    let infos = metrics.infos();
    if infos.is_empty() {
        return Ok(driven);
    }
    if ground.bill.months < VALUES_FOR_SIGNIFICANCE {
        notes.push(note(
            "no_drivers",
            format!(
                "{} months of history are too few to call the influence of a business metric significant ({VALUES_FOR_SIGNIFICANCE} are needed): no driver is used. A baseline of your own can name one.",
                ground.bill.months
            ),
        ));
        return Ok(driven);
    }
    let definitions: Vec<BaselineDriver> =
        infos.into_iter().take(METRICS_MAX).map(|info| BaselineDriver::of_metric(&info.name)).collect();
    let counted =
        definitions.iter().map(|one| Counted::new(ground, metrics, one)).collect::<Result<Vec<_>, ApiError>>()?;
    let mut groups: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    for (place, line) in lines.iter().enumerate().filter(|(_, line)| ground.goes_on(&line.history)) {
        groups.entry(line.values.first().map(String::as_str).unwrap_or_default()).or_default().push(place);
    }
    for (value, own) in groups {
        let cost = together(ground, lines, &own)?;
        if !worth(&cost) {
            continue;
        }
        let fits = counted.iter().filter_map(|one| one.fit(&cost).ok().map(|(fit, of)| (one, fit, of)));
        let explaining = fits.filter(|(_, fit, _)| explains(fit));
        let best = explaining.min_by(|(_, left, _), (_, right, _)| {
            let missed = |fit: &DriverModel| fit.fit.last_steps_error.unwrap_or(f64::MAX);
            missed(left).total_cmp(&missed(right))
        });
        if let Some((counted, fit, of)) = best {
            driven.add(ground, counted, own, value.to_owned(), fit, of)?;
        }
    }
    let said = if driven.told.is_empty() {
        "No business metric explains the cost of a service well enough to plan by it: no driver is used. A baseline of your own can name one."
            .to_owned()
    } else {
        let each = driven.told.iter().map(|one| format!("{} follows {} ({})", one.scope, one.name, one.words));
        format!("{}.", each.collect::<Vec<_>>().join("; "))
    };
    notes.push(note(if driven.told.is_empty() { "no_drivers" } else { "driver" }, said));
    Ok(driven)
}

/// Whether a metric says enough of a cost to plan by it.
fn explains(fit: &DriverModel) -> bool {
    let rises = fit.unit_rates.first().is_some_and(|unit| unit.rate > 0.0);
    rises
        && matches!(fit.fit.wording, Wording::Significant)
        && fit.fit.r_squared.is_some_and(|share| share >= EXPLAINED_MIN)
        && fit.fit.last_steps_error.is_some_and(|missed| missed <= MISSED_MAX)
}

fn together(ground: &Ground<'_>, lines: &[Lined], own: &[usize]) -> Result<Vec<Amount>, AmountError> {
    let sum = |month: usize| Amount::sum(own.iter().filter_map(|line| lines[*line].history.get(month).copied()));
    (0..ground.bill.months).map(sum).collect()
}

fn filter(ground: &Ground<'_>, definition: &BaselineDriver) -> Result<Filter, ApiError> {
    ground.filter(&definition.filter).map_err(|unknown| {
        ApiError::new(
            "baseline",
            format!(
                "driver `{}` asks for {unknown}, by which the baseline does not tell its lines apart",
                definition.name()
            ),
            format!("It has {}.", ground.names().join(", ")),
        )
    })
}

/// The scope of a driver, in words.
fn words(definition: &BaselineDriver) -> String {
    if definition.filter.is_empty() {
        return "all usage".to_owned();
    }
    let each: Vec<String> = definition.filter.values().map(|values| values.join(" or ")).collect();
    each.join(", ")
}

impl Driven {
    fn add(
        &mut self,
        ground: &Ground<'_>,
        counted: &Counted<'_>,
        lines: Vec<usize>,
        scope: String,
        fit: DriverModel,
        of: Driver,
    ) -> Result<(), ApiError> {
        let definition = counted.definition;
        let ahead = counted.ahead(ground)?;
        let futures = [DriverFuture::Units(ahead.units.clone())];
        let points = fit.forecast(std::slice::from_ref(&of), &futures, ground.horizon);
        let points: Vec<f64> = points.into_iter().map(|point| point.max(0.0)).collect();
        let rate = fit.unit_rates.first().map_or(0.0, |unit| unit.rate);
        let share = |(units, point): (&f64, &f64)| {
            let share = if *point > 0.0 { (units * rate / point).clamp(0.0, 1.0) } else { 0.0 };
            amount_of(share, DECIMALS)
        };
        let shares = ahead.units.iter().zip(&points).map(share).collect::<Result<Vec<_>, _>>()?;
        let monthly = ahead.units.iter().map(|units| amount_of(*units, DECIMALS)).collect::<Result<Vec<_>, _>>()?;
        if !self.drivers.iter().any(|known| known.name == definition.name()) {
            self.drivers.push(scenario::Driver { name: definition.name().to_owned(), monthly: monthly.clone() });
        }
        let share_of = |value: Option<f64>| value.map(|value| amount_of(value, SHARE_DECIMALS)).transpose();
        let fixed = amount_of(fit.fixed, ground.currency().minor_digits())?;
        let unit_cost = amount_of(rate, DECIMALS)?.normalized();
        self.told.push(ScenarioDriver {
            name: definition.name().to_owned(),
            metric: definition.metric.clone(),
            lines: u32::try_from(lines.len()).unwrap_or(u32::MAX),
            words: said(ground, definition, &fit, fixed, unit_cost)?,
            scope,
            fixed,
            unit_cost,
            typed: definition.unit_cost.is_some(),
            r_squared: share_of(fit.fit.r_squared)?,
            last_months_error: share_of(fit.fit.last_steps_error)?,
            units: monthly,
        });
        let driver = definition.name().to_owned();
        self.blocks.push(Block { lines, driver, points, shares, fit, of, ahead });
        Ok(())
    }
}

/// The fit in words: `900.00 USD a month and 0.0123 USD a unit, fitted to 24 months; it explains 93 % of their variance`.
fn said(
    ground: &Ground<'_>,
    definition: &BaselineDriver,
    fit: &DriverModel,
    fixed: Amount,
    unit_cost: Amount,
) -> Result<String, AmountError> {
    let how = if definition.unit_cost.is_some() { "as typed in, the rest fitted to" } else { "fitted to" };
    let mut words = format!(
        "{} a month and {} {} a unit, {how} {} months",
        ground.money(fixed),
        unit_cost.rounded(6, money::Rounding::HalfEven).normalized(),
        ground.currency(),
        fit.fit.values
    );
    let percent = |share: f64| -> Result<Amount, AmountError> { Ok(amount_of(share * 100.0, 1)?.normalized()) };
    if let Some(share) = fit.fit.r_squared {
        words.push_str(&format!(", which explain {} % of their variance", percent(share)?));
    }
    if let Some(missed) = fit.fit.last_steps_error {
        words.push_str(&format!("; the last six months were missed by {} %", percent(missed)?));
    }
    words.push_str(match fit.fit.wording {
        Wording::Significant => "",
        Wording::TooFewToSay => "; under 18 months nothing is called significant",
        Wording::NotSignificant => "; chance explains as much",
    });
    Ok(words)
}
