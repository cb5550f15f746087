//! What a portfolio costs along each path, in whole numbers.

use std::collections::BTreeMap;

use money::{Amount, Rounding};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::prepared::{Pool, statistic};
use super::problem::{FACTOR_OF_ONE, Instrument, PortfolioError, Problem};
use crate::optimum::fraction::{decimal, fraction};

/// Prices a portfolio as bills will: the replay of the provider's order, hour by hour, along each path.
///
/// `bought` has the capacity of each candidate an hour, zero for what is not bought; the answer has the cost of each path over the horizon, what is
/// held included, discounted as the problem says.
pub trait Pricing {
    /// Costs by path.
    ///
    /// # Errors
    /// [`PortfolioError::Pricing`] with the reason when the replay refuses.
    fn price(&self, bought: &[Amount]) -> Result<Vec<Amount>, PortfolioError>;
}

/// Decimals of a factor by which money of a period is discounted, and of a rate.
const FINE: u8 = 9;
const FINE_UNIT: i128 = 1_000_000_000;
/// Decimals in which demand is worked, so that what rounded divisions leave of a year of hours stays below what costs are written with.
const WORKING_DECIMALS: u8 = 9;
/// Decimals of what a unit costs over the horizon; times working units they are those in which costs are summed.
const PRICE_DECIMALS: u8 = 12;
const SUM_DECIMALS: u8 = WORKING_DECIMALS + PRICE_DECIMALS;
/// Demand times a discount factor has this much less than sums have.
const TO_SUM: i128 = 10_i128.pow((SUM_DECIMALS - WORKING_DECIMALS - FINE) as u32);
/// Decimals of costs.
const COST_DECIMALS: u8 = 6;

/// A pool of capacity in whole numbers.
#[derive(Clone, Debug)]
pub(super) struct ExactPool {
    /// Line, and capacity for a unit of its on-demand cost, in 10^-9.
    pub(super) rates: Vec<(usize, i64)>,
    /// Capacity held already, by period, in working units.
    held: Vec<i128>,
    possible: Vec<bool>,
}

/// Prices in the provider's order with everything that [`Problem`] knows: place of the order, then the highest savings.
#[derive(Clone, Debug)]
pub struct Exact {
    pub(super) pools: Vec<ExactPool>,
    pub(super) candidate_pools: Vec<usize>,
    /// By line and step, an hour's demand in working units.
    demand: Vec<Vec<i64>>,
    /// Period and hours of each step.
    steps: Vec<(usize, i64)>,
    factors: Vec<Vec<Vec<i64>>>,
    weights: Vec<u32>,
    /// Discount factor of each period in 10^-9.
    discount: Vec<i128>,
    /// What a unit of each candidate costs over the horizon, in 10^-12, and what is held costs, in 10^-21.
    prices: Vec<i128>,
    windows: Vec<(usize, usize)>,
    hours: Vec<i64>,
    held: i128,
}

/// What a portfolio covers, beside what it costs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Priced {
    /// By path, discounted.
    pub(super) costs: Vec<Amount>,
    /// Expected on-demand cost that is left, not discounted.
    pub(super) uncovered: BigRational,
    /// Expected usage at on-demand cost, not discounted.
    pub(super) usage: BigRational,
}

impl Exact {
    /// Lays out the problem.
    ///
    /// # Errors
    /// As [`Problem::check`], and [`PortfolioError::TooLarge`].
    pub fn of(problem: &Problem) -> Result<Self, PortfolioError> {
        problem.check()?;
        let whole = |amount: Amount| -> Result<i128, PortfolioError> {
            Ok(amount.rescaled(WORKING_DECIMALS, Rounding::HalfEven)?.units())
        };
        let periods = problem.periods.len();
        let mut pools: BTreeMap<PoolKey, ExactPool> = BTreeMap::new();
        let mut keys = Vec::new();
        let held = problem.held.iter().map(|held| (&held.instrument, held.hourly));
        let candidates = problem.candidates.iter().map(|candidate| (&candidate.instrument, Amount::ZERO));
        for (instrument, hourly) in candidates.chain(held) {
            let key = PoolKey::of(instrument)?;
            let pool = pools.entry(key.clone()).or_insert_with(|| ExactPool {
                rates: key.rates.iter().map(|&(capacity, line)| (line, capacity)).collect(),
                held: vec![0; periods],
                possible: vec![false; periods],
            });
            let capacity = whole(hourly)?;
            for period in instrument.from..instrument.until.min(periods) {
                pool.held[period] += capacity;
                pool.possible[period] = true;
            }
            keys.push(key);
        }
        let positions: BTreeMap<&PoolKey, usize> =
            pools.keys().enumerate().map(|(position, key)| (key, position)).collect();
        let candidate_pools = keys[..problem.candidates.len()].iter().map(|key| positions[key]).collect();

        let demand = problem
            .lines
            .iter()
            .map(|line| {
                let units = |&units: &i64| -> Result<i64, PortfolioError> {
                    let units = whole(Amount::new(units.max(0).into(), problem.scale)?)?;
                    // Room for any factor.
                    i64::try_from(units).ok().filter(|units| *units < i64::MAX / 8192).ok_or(PortfolioError::TooLarge)
                };
                line.on_demand.iter().map(units).collect()
            })
            .collect::<Result<_, _>>()?;
        let numbered = problem.periods.iter().enumerate();
        let steps = numbered
            .flat_map(|(number, period)| period.hours.iter().map(move |&hours| (number, i64::from(hours))))
            .collect();
        let factors = problem.paths.iter().map(|path| {
            path.factors.iter().map(|period| period.iter().map(|&factor| factor.into()).collect()).collect()
        });
        let mut exact = Self {
            pools: Vec::new(),
            candidate_pools,
            demand,
            steps,
            factors: factors.collect(),
            weights: problem.paths.iter().map(|path| path.weight).collect(),
            discount: discount(problem),
            prices: Vec::new(),
            windows: Vec::new(),
            hours: problem.periods.iter().map(|period| period.hours.iter().copied().map(i64::from).sum()).collect(),
            held: 0,
        };
        exact.pools = pools.into_values().collect();
        for candidate in &problem.candidates {
            let instrument = &candidate.instrument;
            exact.prices.push(in_units(&exact.exact_price(instrument), PRICE_DECIMALS)?);
            exact.windows.push((instrument.from, instrument.until.min(periods)));
        }
        let held = problem.held.iter().map(|held| fraction(held.hourly) * exact.exact_price(&held.instrument));
        exact.held = in_units(&held.fold(BigRational::zero(), |sum, price| sum + price), SUM_DECIMALS)?;
        Ok(exact)
    }

    /// What a unit of an instrument costs over the horizon: what is paid by the hour, and of what is paid at first the share of its term that lies
    /// within the horizon; each discounted from when it is paid.
    fn exact_price(&self, instrument: &Instrument) -> BigRational {
        let periods = self.hours.len();
        let start = self.discount.get(instrument.from).copied().unwrap_or(0);
        let upfront = fraction(instrument.upfront) / BigRational::from(BigInt::from(instrument.term_hours));
        let recurring = fraction(instrument.recurring);
        (instrument.from..instrument.until.min(periods))
            .map(|period| {
                let hours = BigRational::from(BigInt::from(self.hours[period]));
                hours * (&recurring * factor(self.discount[period]) + &upfront * factor(start))
            })
            .fold(BigRational::zero(), |sum, price| sum + price)
    }

    pub(super) fn unit_price(&self, instrument: &Instrument) -> f64 {
        decimal(&self.exact_price(instrument), FINE).map_or(f64::MAX, statistic)
    }

    pub(super) fn held_price(&self) -> f64 {
        Amount::new(self.held, SUM_DECIMALS).map_or(f64::MAX, statistic)
    }

    pub(super) fn discount_factors(&self) -> impl Iterator<Item = f64> + '_ {
        self.discount.iter().map(|&factor| Amount::new(factor, FINE).map_or(0.0, statistic))
    }

    /// Costs by path, with what stays uncovered.
    pub(super) fn priced(&self, bought: &[Amount]) -> Result<Priced, PortfolioError> {
        if bought.len() != self.prices.len() {
            return Err(PortfolioError::Shape {
                what: "the portfolio".into(),
                found: bought.len(),
                expected: self.prices.len(),
            });
        }
        let mut capacity: Vec<Vec<i128>> = self.pools.iter().map(|pool| pool.held.clone()).collect();
        let mut fees = self.held;
        for (number, &hourly) in bought.iter().enumerate() {
            let units = hourly.rescaled(WORKING_DECIMALS, Rounding::HalfEven)?.units();
            let (from, until) = self.windows[number];
            for held in capacity[self.candidate_pools[number]].iter_mut().take(until).skip(from) {
                *held += units;
            }
            fees = units
                .checked_mul(self.prices[number])
                .and_then(|fee| fees.checked_add(fee))
                .ok_or(PortfolioError::TooLarge)?;
        }
        // Only what has capacity takes part.
        let active: Vec<Vec<usize>> = (0..self.hours.len())
            .map(|period| (0..self.pools.len()).filter(|&pool| capacity[pool][period] > 0).collect())
            .collect();

        let mut costs = Vec::with_capacity(self.factors.len());
        let (mut uncovered, mut usage) = (0_i128, 0_i128);
        let mut left = vec![0_i64; self.demand.len()];
        for (factors, &weight) in self.factors.iter().zip(&self.weights) {
            let mut by_period = vec![0_i128; self.hours.len()];
            for (step, &(period, hours)) in self.steps.iter().enumerate() {
                let mut whole = 0_i128;
                for ((left, demand), &factor) in left.iter_mut().zip(&self.demand).zip(&factors[period]) {
                    *left = scaled(demand[step], factor);
                    whole += i128::from(*left);
                }
                for &pool in &active[period] {
                    fill(&self.pools[pool].rates, capacity[pool][period] * FINE_UNIT, &mut left);
                }
                let rest: i128 = left.iter().map(|&left| i128::from(left)).sum();
                by_period[period] += rest * i128::from(hours);
                usage += whole * i128::from(hours) * i128::from(weight);
            }
            let mut cost = fees;
            for (rest, &discount) in by_period.iter().zip(&self.discount) {
                let discounted = rest.checked_mul(discount * TO_SUM).ok_or(PortfolioError::TooLarge)?;
                cost = cost.checked_add(discounted).ok_or(PortfolioError::TooLarge)?;
                uncovered += rest * i128::from(weight);
            }
            costs.push(Amount::new(cost, SUM_DECIMALS)?.rescaled(COST_DECIMALS, Rounding::HalfEven)?);
        }
        let total: u64 = self.weights.iter().map(|&weight| u64::from(weight)).sum();
        let unit = BigInt::from(10_u8).pow(u32::from(WORKING_DECIMALS)) * BigInt::from(total);
        Ok(Priced {
            costs,
            uncovered: BigRational::new(uncovered.into(), unit.clone()),
            usage: BigRational::new(usage.into(), unit),
        })
    }

    /// How many steps one pricing walks through, all paths together.
    pub(super) fn work(&self) -> usize {
        self.steps.len() * self.factors.len()
    }
}

impl<F: Fn(&[Amount]) -> Result<Vec<Amount>, PortfolioError>> Pricing for F {
    fn price(&self, bought: &[Amount]) -> Result<Vec<Amount>, PortfolioError> {
        self(bought)
    }
}

impl Pricing for Exact {
    fn price(&self, bought: &[Amount]) -> Result<Vec<Amount>, PortfolioError> {
        self.priced(bought).map(|priced| priced.costs)
    }
}

impl ExactPool {
    pub(super) fn prepared(&self) -> Pool {
        let held = |&units: &i128| Amount::new(units, WORKING_DECIMALS).map_or(0.0, statistic);
        let rates = self.rates.iter().map(|&(line, capacity)| {
            let capacity = Amount::new(capacity.into(), FINE).map_or(1.0, statistic);
            (line, capacity, capacity.recip())
        });
        Pool { rates: rates.collect(), held: self.held.iter().map(held).collect(), possible: self.possible.clone() }
    }
}

/// Covers what is left of an hour from the first line on; `capacity` in working units times 10^9.
fn fill(rates: &[(usize, i64)], mut capacity: i128, left: &mut [i64]) {
    for &(line, rate) in rates {
        let need = i128::from(left[line]) * i128::from(rate);
        if need <= capacity {
            capacity -= need;
            left[line] = 0;
        } else {
            let covered = capacity / i128::from(rate);
            left[line] -= i64::try_from(covered).unwrap_or(left[line]);
            return;
        }
    }
}

/// Demand times a factor in parts of a million, rounded down.
fn scaled(demand: i64, factor: i64) -> i64 {
    if factor == i64::from(FACTOR_OF_ONE) {
        return demand;
    }
    // Whole millions and the rest apart: no product leaves 64 bits.
    let one = i64::from(FACTOR_OF_ONE);
    demand / one * factor + demand % one * factor / one
}

/// Where an instrument stands: place of the order, then what it saves at best, then rates and lines.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct PoolKey {
    order: u32,
    /// Capacity in 10^-9 and line, the lowest first.
    rates: Vec<(i64, usize)>,
}

impl PoolKey {
    fn of(instrument: &Instrument) -> Result<Self, PortfolioError> {
        let mut rates = instrument
            .rates
            .iter()
            .map(|rate| {
                let units = rate.capacity.rescaled(FINE, Rounding::HalfEven)?.units();
                // A rate that rounds to nothing would cover everything.
                let units = i64::try_from(units.max(1)).map_err(|_| PortfolioError::TooLarge)?;
                Ok((units, rate.line))
            })
            .collect::<Result<Vec<_>, PortfolioError>>()?;
        rates.sort_unstable();
        Ok(Self { order: instrument.order, rates })
    }
}

/// A fraction as a whole number of 10^-decimals.
fn in_units(value: &BigRational, decimals: u8) -> Result<i128, PortfolioError> {
    Ok(decimal(value, decimals).ok_or(PortfolioError::TooLarge)?.rescaled(decimals, Rounding::HalfEven)?.units())
}

fn factor(units: i128) -> BigRational {
    BigRational::new(BigInt::from(units), BigInt::from(FINE_UNIT))
}

/// What a dollar of each period counts, in 10^-9: months are a twelfth of a year.
fn discount(problem: &Problem) -> Vec<i128> {
    problem.periods.iter().map(|period| discounted(problem.discount_rate, period.month)).collect()
}

/// A discount factor in 10^-9.
#[expect(clippy::float_arithmetic, reason = "a root of the yearly rate, rounded once to nine decimals")]
fn discounted(rate: Amount, month: u32) -> i128 {
    let factor = libm::pow(1.0 + statistic(rate), -f64::from(month) / 12.0);
    (factor * FINE_UNIT as f64).round().to_i128().unwrap_or(FINE_UNIT)
}

/// What money of a month counts at a cost of capital a year.
pub(super) fn discount_factor(rate: Amount, month: usize) -> Amount {
    let month = u32::try_from(month).unwrap_or(u32::MAX);
    Amount::new(discounted(rate, month), FINE).map_or(Amount::from_integer(1), Amount::normalized)
}
