//! The cost of a scope from what drives it: business metrics beside the history.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use forecast::driver::{Driver, DriverError, DriverFuture, DriverModel};
use forecast::posting::{amount_of, number_of};
use forecast::{Forecast, History, Settings};
use money::{Amount, AmountError, Currency};
use query::Grain;
use store::Engagement;

use super::details::{ForecastDriverModel, ForecastPartStep, ForecastUnitRate};
use super::request::ForecastDriver;
use super::series::{Series, of_step, refused, step};
use super::{SEED, words};
use crate::{ApiError, metrics};

/// Drivers of one model: with more than these, a few years of months can be explained by anything.
const DRIVERS_MAX: usize = 6;
/// Sample paths of units and costs.
const PATHS: usize = 1_000;
/// The decimals of a unit's cost.
const RATE_DECIMALS: u8 = 6;
/// The decimals of shares.
const SHARE_DECIMALS: u8 = 4;

/// The model of the drivers named, fitted to the complete steps of the history for which all of them are known, and what it expects of the
/// steps of the forecast.
pub(super) fn model(
    engagement: &Engagement,
    asked: &[ForecastDriver],
    series: &Series,
    forecast: &Forecast,
    currency: Currency,
) -> Result<ForecastDriverModel, ApiError> {
    if asked.len() > DRIVERS_MAX {
        return Err(usage(
            format!("{} drivers are too many for one model", asked.len()),
            &format!("At most {DRIVERS_MAX}; leave out those that move together."),
        ));
    }
    let kept = metrics::kept(engagement)?;
    let mut known = Vec::with_capacity(asked.len());
    for driver in asked {
        known.push(Known::of(driver, &kept, series.grain)?);
    }
    // Only steps that are complete and have every driver's units tell what a unit costs.
    let first = series.first.unwrap_or_default();
    let mut usable: Vec<(usize, f64, Vec<f64>)> = Vec::new();
    for (at, actual) in series.actuals.iter().enumerate() {
        let Some(cost) = actual.amount.filter(|_| !actual.provisional) else { continue };
        let units: Option<Vec<f64>> = known
            .iter()
            .map(|known| known.units(forecast.grain.date(first, at), series.grain))
            .collect::<Result<_, _>>()?;
        if let Some(units) = units {
            usable.push((at, number_of(cost), units));
        }
    }
    let values: Vec<f64> = usable.iter().map(|(_, value, _)| *value).collect();
    let drivers: Vec<Driver> = asked
        .iter()
        .enumerate()
        .map(|(place, asked)| Driver {
            name: asked.metric.clone(),
            units: usable.iter().map(|(_, _, units)| units[place]).collect(),
            unit_rate: asked.unit_rate.map(number_of),
            efficiency: 0.0,
        })
        .collect();
    let model = DriverModel::fit(&values, &drivers).map_err(not_fitted)?;
    let ahead = known
        .iter()
        .zip(asked)
        .enumerate()
        .map(|(place, (known, asked))| known.ahead(asked, series, forecast, SEED + place as u64))
        .collect::<Result<Vec<_>, _>>()?;
    let horizon = forecast.steps.len();
    let futures: Vec<DriverFuture> = ahead.iter().map(|ahead| DriverFuture::Units(ahead.units.clone())).collect();
    let points = model.forecast(&drivers, &futures, horizon);
    let units: Vec<Vec<Vec<f64>>> =
        (0..PATHS).map(|path| ahead.iter().map(|ahead| ahead.path(path).to_vec()).collect()).collect();
    let paths = model.paths(&units, &drivers, horizon, SEED);
    let digits = currency.minor_digits();
    let mut fitted = vec![None; series.actuals.len()];
    for ((at, ..), value) in usable.iter().zip(&model.fitted) {
        fitted[*at] = Some(amount_of(*value, digits)?);
    }
    let share = |value: f64| amount_of(value, SHARE_DECIMALS);
    let rates = model.unit_rates.iter().zip(&ahead).map(|(unit, ahead)| {
        let units_ahead = ahead.units.iter().map(|units| amount_of(*units, RATE_DECIMALS));
        Ok(ForecastUnitRate {
            metric: unit.name.clone(),
            rate: amount_of(unit.rate, RATE_DECIMALS)?,
            typed: unit.typed,
            elasticity: share(unit.elasticity)?,
            units: ahead.past.clone(),
            units_ahead: units_ahead.collect::<Result<_, _>>()?,
        })
    });
    let typed = asked.iter().all(|driver| driver.unit_rate.is_some());
    let (wording, words) = words::drivers(&model.fit, typed, currency)?;
    Ok(ForecastDriverModel {
        fixed: amount_of(model.fixed, digits)?,
        rates: rates.collect::<Result<_, AmountError>>()?,
        fitted,
        steps: steps(&points, &paths, digits)?,
        r_squared: model.fit.r_squared.map(share).transpose()?,
        last_steps_error: model.fit.last_steps_error.map(share).transpose()?,
        wording: wording.to_owned(),
        words,
    })
}

/// What is known of a driver's units.
struct Known {
    driver: unit_economics::Driver,
}

/// What a driver's units will be.
struct Ahead {
    /// Units at each step of the history.
    past: Vec<Option<Amount>>,
    units: Vec<f64>,
    /// Ways that they may take; none where they are typed in or known.
    paths: Vec<Vec<f64>>,
}

impl Ahead {
    fn path(&self, number: usize) -> &[f64] {
        self.paths.get(number).map_or(&self.units, Vec::as_slice)
    }
}

impl Known {
    fn of(asked: &ForecastDriver, kept: &metrics::Kept, grain: Grain) -> Result<Self, ApiError> {
        let name: String = asked.metric.chars().take(60).collect();
        let Some(info) = kept.metrics.info(&asked.metric) else {
            let names: Vec<String> = kept.metrics.infos().into_iter().map(|info| info.name).take(12).collect();
            let hint = if names.is_empty() {
                "Take in a CSV with date, metric and value: `qd metrics import FILE`.".to_owned()
            } else {
                format!("There are {}.", names.join(", "))
            };
            return Err(ApiError::new("not_found", format!("there is no metric `{name}`"), hint));
        };
        if grain == Grain::Day && !info.daily {
            return Err(usage(format!("{name} is known by the month only"), "Ask by month: --grain month."));
        }
        if asked.growth.is_some() && asked.values.is_some() {
            return Err(usage(format!("{name} has both a growth and values"), "Say one of them."));
        }
        if asked.unit_rate.is_some_and(Amount::is_negative) {
            return Err(usage(format!("a unit of {name} costs less than nothing"), "Say what one costs."));
        }
        if let Some((time, value)) =
            asked.values.iter().flatten().find(|(time, value)| value.is_negative() || step(time, grain).is_none())
        {
            return Err(usage(
                format!("{name}: `{time}` = {value} is no number of units at a step"),
                "Say units, not below zero, of a month such as 2026-11 or of a day such as 2026-11-05.",
            ));
        }
        Ok(Self { driver: kept.metrics.driver(&asked.metric, |_| true)? })
    }

    /// The units of a step, where every day of it is known.
    fn exact_units(&self, from: NaiveDate, grain: Grain) -> Result<Option<Amount>, AmountError> {
        let span = of_step(from, grain);
        let units = self.driver.units(span.from, span.to)?;
        Ok(units.value.filter(|_| units.missing == 0))
    }

    fn units(&self, from: NaiveDate, grain: Grain) -> Result<Option<f64>, AmountError> {
        Ok(self.exact_units(from, grain)?.map(number_of))
    }

    /// The units of each step of a forecast: as typed in, as known already, else grown from the step before or forecast.
    #[expect(clippy::float_arithmetic, reason = "units ahead are a statistic")]
    fn ahead(
        &self,
        asked: &ForecastDriver,
        series: &Series,
        forecast: &Forecast,
        seed: u64,
    ) -> Result<Ahead, ApiError> {
        let grain = series.grain;
        let typed: BTreeMap<NaiveDate, f64> = asked
            .values
            .iter()
            .flatten()
            .filter_map(|(time, units)| Some((step(time, grain)?.from, number_of(*units))))
            .collect();
        let first = series.first.unwrap_or_default();
        let mut past = Vec::with_capacity(series.actuals.len());
        for at in 0..series.actuals.len() {
            past.push(self.exact_units(forecast.grain.date(first, at), grain)?);
        }
        let history = History::of_amounts(forecast.grain, first, &past, 0).map_err(refused)?;
        let expected = (asked.growth.is_none() && asked.values.is_none()).then(|| {
            let settings = Settings { horizon: forecast.steps.len(), ..Settings::default() };
            forecast::forecast(&history, &settings)
        });
        let growth = 1.0 + asked.growth.map_or(0.0, number_of);
        let mut units = Vec::with_capacity(forecast.steps.len());
        let mut sources = Vec::with_capacity(forecast.steps.len());
        let mut before = past.iter().rev().copied().flatten().next().map_or(0.0, number_of);
        for step in &forecast.steps {
            let known = match typed.get(&step.date) {
                Some(units) => Some(*units),
                None => self.units(step.date, grain)?,
            };
            let place = expected.as_ref().and_then(|found| found.steps.iter().position(|one| one.date == step.date));
            let guessed = || match (&expected, place) {
                (Some(found), Some(place)) => found.steps[place].point,
                _ => before * growth,
            };
            before = known.unwrap_or_else(guessed).max(0.0);
            units.push(before);
            sources.push(place.filter(|_| known.is_none()));
        }
        let paths = expected.map_or_else(Vec::new, |found| found.paths(PATHS, seed));
        let path = |path: Vec<f64>| -> Vec<f64> {
            let drawn = sources.iter().zip(&units);
            drawn.map(|(source, units)| source.map_or(*units, |at| path[at].max(0.0))).collect()
        };
        Ok(Ahead { past, paths: paths.into_iter().map(path).collect(), units })
    }
}

/// Points within the intervals of their paths.
fn steps(points: &[f64], paths: &[Vec<f64>], digits: u8) -> Result<Vec<ForecastPartStep>, AmountError> {
    let step = |(at, point): (usize, &f64)| {
        let mut values: Vec<f64> = paths.iter().map(|path| path[at]).collect();
        values.sort_by(f64::total_cmp);
        // In thousandths of the paths.
        let value = |share: usize| values.get(values.len() * share / 1_000).copied().unwrap_or(*point);
        let amount = amount_of(point.max(0.0), digits)?;
        let end = |share: usize| amount_of(value(share), digits);
        Ok(ForecastPartStep {
            amount,
            low_80: end(100)?.min(amount),
            high_80: end(900)?.max(amount),
            low_95: end(25)?.min(amount),
            high_95: end(975)?.max(amount),
        })
    };
    points.iter().enumerate().map(step).collect()
}

fn usage(message: String, hint: &str) -> ApiError {
    ApiError::new("usage", message, hint)
}

fn not_fitted(error: DriverError) -> ApiError {
    ApiError::new("forecast", error.to_string(), "Only complete steps for which every driver is known are counted.")
}
