//! Forecasts from what the business counts: a fixed cost, and a cost for each unit of each driver.
//!
//! Unit costs are fitted by ridge regression that distrusts values far off (P. J. Huber 1964) and lets none fall below zero, or are typed
//! in. The drivers' own future is typed in, grows at a typed rate, or is forecast like any series.

mod fitting;

use crate::cleaning::robust_deviation;
use crate::random::Random;
use fitting::{at_step, fit_rates, incomplete_beta, powered};

/// With fewer values than this nothing is called significant.
pub const VALUES_FOR_SIGNIFICANCE: usize = 18;

/// The least number of values that unit costs are fitted to: a year of months.
pub const VALUES_MIN: usize = 12;

/// A count that drives the cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Driver {
    /// Its name, as the analyst calls it.
    pub name: String,
    /// Units at each step of the history.
    pub units: Vec<f64>,
    /// The cost of a unit, where it is typed in; else it is fitted.
    pub unit_rate: Option<f64>,
    /// The share by which a unit becomes cheaper each step, such as 0.01.
    pub efficiency: f64,
}

/// How a driver's units go on.
#[derive(Clone, Debug, PartialEq)]
pub enum DriverFuture {
    /// Units at each step.
    Units(Vec<f64>),
    /// The latest value grows by this share each step.
    Growth(f64),
    /// Given by a forecast of the units, such as [`crate::forecast`] makes.
    Forecast(Vec<f64>),
}

/// Why no costs can be fitted.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DriverError {
    /// A driver has not as many values as the costs.
    #[error("driver {name} has {found} values where the costs have {wanted}; give one for each step")]
    WrongLength {
        /// The driver.
        name: String,
        /// How many it has.
        found: usize,
        /// How many are wanted.
        wanted: usize,
    },
    /// A value is not a finite number, or units are below zero.
    #[error("{name} has a value at step {step} that is no finite number or below zero")]
    NotUsable {
        /// The driver, or `cost`.
        name: String,
        /// The step, from 0.
        step: usize,
    },
    /// There are too few values to fit unit costs.
    #[error("{found} values are too few to fit unit costs; give {VALUES_MIN} or type the unit costs in")]
    TooFew {
        /// How many there are.
        found: usize,
    },
    /// A unit cost that was typed in is below zero, or an efficiency does not lie between -1 and 1.
    #[error("driver {name}: a unit cost must not be below zero, an efficiency must lie between -1 and 1")]
    OutOfRange {
        /// The driver.
        name: String,
    },
}

/// A fitted cost: fixed and a cost for each unit.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct DriverModel {
    /// What is paid at each step whatever happens.
    pub fixed: f64,
    /// What a unit of each driver costs at the last step of the history.
    pub unit_rates: Vec<UnitRate>,
    /// How well the past is met.
    pub fit: DriverFit,
    /// What the model makes of each step of the history.
    pub fitted: Vec<f64>,
}

/// What a unit of a driver costs.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct UnitRate {
    /// The driver.
    pub name: String,
    /// Its cost at the last step of the history.
    pub rate: f64,
    /// Whether it was typed in.
    pub typed: bool,
    /// The share by which it falls each step.
    pub efficiency: f64,
    /// The share by which the total cost moves when the units move by one percent, at the latest step; from 0 to 1.5.
    pub elasticity: f64,
}

/// How well the past is met.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct DriverFit {
    /// How many values were fitted.
    pub values: usize,
    /// The share of the costs' variance that the model explains; nothing when they never change.
    pub r_squared: Option<f64>,
    /// The sum of the sizes of the errors over that of the costs, at the last six steps, fitted without them; nothing when too few values
    /// are left to fit.
    pub last_steps_error: Option<f64>,
    /// The standard deviation of the errors, from medians.
    pub deviation: f64,
    /// What may be said of it.
    pub wording: Wording,
}

/// What may be said of a fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Wording {
    /// Fewer than 18 values: a relation may be shown, but not called significant.
    TooFewToSay,
    /// The drivers explain more than chance would, at 95 %.
    Significant,
    /// They do not.
    NotSignificant,
}

impl DriverModel {
    /// Fits fixed and unit costs to the history of the costs.
    ///
    /// # Errors
    /// When lengths differ, values cannot be used, or there are too few of them.
    pub fn fit(series: &[f64], drivers: &[Driver]) -> Result<Self, DriverError> {
        check(series, drivers)?;
        if drivers.iter().any(|driver| driver.unit_rate.is_none()) && series.len() < VALUES_MIN {
            return Err(DriverError::TooFew { found: series.len() });
        }
        let (fixed, rates) = fit_rates(series, drivers);
        let fitted: Vec<f64> =
            (0..series.len()).map(|step| at_step(fixed, &rates, drivers, series.len(), step)).collect();
        let errors: Vec<f64> = series.iter().zip(&fitted).map(|(cost, fitted)| cost - fitted).collect();
        let mean = series.iter().sum::<f64>() / series.len().max(1) as f64;
        let squares: f64 = series.iter().map(|cost| (cost - mean) * (cost - mean)).sum();
        let rest: f64 = errors.iter().map(|error| error * error).sum();
        let r_squared = (squares > 0.0).then(|| 1.0 - rest / squares);
        let latest = fitted.last().copied().unwrap_or(0.0);
        let unit_rates = drivers.iter().zip(&rates).map(|(driver, rate)| {
            let share = if latest > 0.0 { rate * driver.units.last().copied().unwrap_or(0.0) / latest } else { 0.0 };
            UnitRate {
                name: driver.name.clone(),
                rate: *rate,
                typed: driver.unit_rate.is_some(),
                efficiency: driver.efficiency,
                elasticity: share.clamp(0.0, 1.5),
            }
        });
        let free = drivers.iter().filter(|driver| driver.unit_rate.is_none()).count();
        let fit = DriverFit {
            values: series.len(),
            r_squared,
            last_steps_error: last_steps_error(series, drivers),
            deviation: robust_deviation(&errors),
            wording: wording(series.len(), free, r_squared),
        };
        Ok(Self { fixed, unit_rates: unit_rates.collect(), fit, fitted })
    }

    /// What the next `horizon` steps will cost; `futures` is one for each driver, in order. A future that is shorter ends in its last value;
    /// units below zero count as none.
    #[must_use]
    pub fn forecast(&self, drivers: &[Driver], futures: &[DriverFuture], horizon: usize) -> Vec<f64> {
        let units: Vec<Vec<f64>> =
            drivers.iter().zip(futures).map(|(driver, future)| units_ahead(driver, future, horizon)).collect();
        let step = |step: usize| {
            let rate = |unit: &UnitRate| unit.rate * powered(1.0 - unit.efficiency, step + 1);
            let variable =
                self.unit_rates.iter().zip(&units).map(|(unit, units)| rate(unit) * units[step]).sum::<f64>();
            let cost = self.fixed + variable;
            if cost.is_finite() { cost } else { f64::MAX }
        };
        (0..horizon).map(step).collect()
    }

    /// A path of the costs for each path of the units, given by path, driver and step: an error like the past ones is added at each step.
    /// The same seed gives the same errors.
    #[must_use]
    pub fn paths(&self, units: &[Vec<Vec<f64>>], drivers: &[Driver], horizon: usize, seed: u64) -> Vec<Vec<f64>> {
        let path = |(number, units): (usize, &Vec<Vec<f64>>)| {
            let mut random = Random::new(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let futures: Vec<DriverFuture> = units.iter().cloned().map(DriverFuture::Units).collect();
            let expected = self.forecast(drivers, &futures, horizon);
            expected.into_iter().map(|cost| (cost + self.fit.deviation * random.normal()).max(0.0)).collect()
        };
        units.iter().enumerate().map(path).collect()
    }
}

fn check(series: &[f64], drivers: &[Driver]) -> Result<(), DriverError> {
    let unusable = |name: &str, values: &[f64], least: f64| match values
        .iter()
        .position(|value| !value.is_finite() || *value < least)
    {
        Some(step) => Err(DriverError::NotUsable { name: name.to_owned(), step }),
        None => Ok(()),
    };
    unusable("cost", series, f64::NEG_INFINITY)?;
    for driver in drivers {
        if driver.units.len() != series.len() {
            let (found, wanted) = (driver.units.len(), series.len());
            return Err(DriverError::WrongLength { name: driver.name.clone(), found, wanted });
        }
        unusable(&driver.name, &driver.units, 0.0)?;
        let rate_fits = driver.unit_rate.is_none_or(|rate| rate.is_finite() && rate >= 0.0);
        if !rate_fits || !driver.efficiency.is_finite() || driver.efficiency.abs() >= 1.0 {
            return Err(DriverError::OutOfRange { name: driver.name.clone() });
        }
    }
    Ok(())
}

/// Fitted without the last six steps, asked for them with the units that came.
fn last_steps_error(series: &[f64], drivers: &[Driver]) -> Option<f64> {
    const STEPS: usize = 6;
    let known = series.len().checked_sub(STEPS).filter(|known| *known >= VALUES_MIN)?;
    let earlier: Vec<Driver> =
        drivers.iter().map(|driver| Driver { units: driver.units[..known].to_vec(), ..driver.clone() }).collect();
    // A typed unit cost is that of the last step: six steps earlier it was higher by the efficiency since.
    let earlier: Vec<Driver> = earlier
        .into_iter()
        .map(|driver| {
            let unit_rate = driver.unit_rate.map(|rate| rate / powered(1.0 - driver.efficiency, STEPS));
            Driver { unit_rate, ..driver }
        })
        .collect();
    let (fixed, rates) = fit_rates(&series[..known], &earlier);
    let (mut missed, mut size) = (0.0, 0.0);
    for (step, cost) in series.iter().enumerate().skip(known) {
        let rates = drivers.iter().zip(&rates);
        let variable: f64 = rates
            .map(|(driver, rate)| rate * powered(1.0 - driver.efficiency, step + 1 - known) * driver.units[step])
            .sum();
        missed += (cost - fixed - variable).abs();
        size += cost.abs();
    }
    (size > 0.0).then(|| missed / size)
}

/// The F test of all drivers together: the probability that chance explains as much.
fn wording(values: usize, free: usize, r_squared: Option<f64>) -> Wording {
    const CHANCE_MAX: f64 = 0.05;
    if values < VALUES_FOR_SIGNIFICANCE {
        return Wording::TooFewToSay;
    }
    let rest = values as f64 - free as f64 - 1.0;
    let (Some(r_squared), true) = (r_squared, free > 0 && rest > 0.0) else { return Wording::NotSignificant };
    let chance = incomplete_beta((1.0 - r_squared).clamp(0.0, 1.0), rest / 2.0, free as f64 / 2.0);
    if chance < CHANCE_MAX { Wording::Significant } else { Wording::NotSignificant }
}

fn units_ahead(driver: &Driver, future: &DriverFuture, horizon: usize) -> Vec<f64> {
    let latest = driver.units.last().copied().unwrap_or(0.0);
    let given = |values: &[f64]| -> Vec<f64> {
        let at = |step: usize| values.get(step).or(values.last()).copied().unwrap_or(latest);
        (0..horizon).map(at).collect()
    };
    let units = match future {
        DriverFuture::Units(values) | DriverFuture::Forecast(values) => given(values),
        DriverFuture::Growth(share) => (0..horizon).map(|step| latest * powered(1.0 + share, step + 1)).collect(),
    };
    units.into_iter().map(|units| if units.is_finite() { units.max(0.0) } else { latest }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn driver(name: &str, units: Vec<f64>) -> Driver {
        Driver { name: name.to_owned(), units, unit_rate: None, efficiency: 0.0 }
    }

    fn made_up(count: usize) -> (Vec<f64>, Vec<Driver>) {
        let mut random = Random::new(11);
        let orders: Vec<f64> = (0..count).map(|step| 1_000.0 + 20.0 * step as f64 + 100.0 * random.uniform()).collect();
        let seats: Vec<f64> = (0..count).map(|_| 50.0 + 30.0 * random.uniform()).collect();
        let series = orders.iter().zip(&seats).map(|(orders, seats)| 400.0 + 0.25 * orders + 3.0 * seats).collect();
        (series, vec![driver("orders", orders), driver("seats", seats)])
    }

    #[test]
    fn costs_made_of_drivers_are_found_again_in_spite_of_an_outlier() {
        let (mut series, drivers) = made_up(36);
        series[17] *= 4.0;
        let model = DriverModel::fit(&series, &drivers).unwrap();
        assert!((model.fixed - 400.0).abs() < 8.0, "fixed: {}", model.fixed);
        assert!((model.unit_rates[0].rate - 0.25).abs() < 0.005, "an order: {:?}", model.unit_rates);
        assert!((model.unit_rates[1].rate - 3.0).abs() < 0.06, "a seat: {:?}", model.unit_rates);
        assert!(model.fit.last_steps_error.unwrap() < 0.01, "the last six steps are met: {:?}", model.fit);
        let futures = [DriverFuture::Growth(0.1), DriverFuture::Units(vec![80.0, 90.0])];
        let found = model.forecast(&drivers, &futures, 2);
        let latest = drivers[0].units[35];
        let wanted = 400.0 + 0.25 * latest * 1.21 + 3.0 * 90.0;
        assert!((found[1] - wanted).abs() < 0.01 * wanted, "{} for {wanted}", found[1]);
    }

    #[test]
    fn no_unit_rates_less_than_nothing_and_few_values_are_not_called_significant() {
        let falling: Vec<f64> = (0..16).map(|step| 100.0 - f64::from(step)).collect();
        let series: Vec<f64> = (0..16).map(|step| 50.0 + f64::from(step)).collect();
        let model = DriverModel::fit(&series, &[driver("visits", falling)]).unwrap();
        assert!(model.unit_rates[0].rate.abs() <= 0.0, "more visits never save: {:?}", model.unit_rates);
        assert_eq!(model.fit.wording, Wording::TooFewToSay, "16 values");
        let (series, drivers) = made_up(24);
        assert_eq!(DriverModel::fit(&series, &drivers).unwrap().fit.wording, Wording::Significant, "24 values, met");
        let short = DriverModel::fit(&series[..6], &[driver("orders", drivers[0].units[..6].to_vec())]);
        assert_eq!(short.unwrap_err(), DriverError::TooFew { found: 6 }, "half a year");
    }

    #[test]
    fn a_typed_unit_cost_is_kept_and_efficiency_lowers_it() {
        let units = vec![100.0; 14];
        let series: Vec<f64> = (0..14).map(|step| 20.0 + 100.0 * 2.0 / powered(0.99, 13 - step)).collect();
        let typed = Driver { unit_rate: Some(2.0), efficiency: 0.01, ..driver("builds", units) };
        let model = DriverModel::fit(&series, std::slice::from_ref(&typed)).unwrap();
        assert!((model.fixed - 20.0).abs() < 1e-6, "what is left is fixed: {}", model.fixed);
        let next = model.forecast(&[typed], &[DriverFuture::Growth(0.0)], 1)[0];
        assert!((next - 218.0).abs() < 1e-6, "a percent cheaper: {next}");
    }

    proptest! {
        #[test]
        fn nothing_is_below_zero_and_nothing_is_infinite(
            series in prop::collection::vec(0.0..1e6_f64, 12..40),
            seed in any::<u64>(),
        ) {
            let mut random = Random::new(seed);
            let drivers: Vec<Driver> = ["a", "b"]
                .map(|name| driver(name, series.iter().map(|_| if random.uniform() < 0.2 { 0.0 } else { 1e3 * random.uniform() }).collect()))
                .into();
            let model = DriverModel::fit(&series, &drivers).unwrap();
            prop_assert!(model.fixed >= 0.0 && model.unit_rates.iter().all(|unit| unit.rate >= 0.0));
            let ahead = model.forecast(&drivers, &[DriverFuture::Growth(0.5), DriverFuture::Growth(-0.5)], 24);
            prop_assert!(ahead.iter().all(|cost| cost.is_finite() && *cost >= 0.0), "{:?}", ahead);
        }
    }
}
