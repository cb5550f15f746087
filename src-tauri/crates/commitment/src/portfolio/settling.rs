//! From a point of the search to purchases: steps in which capacity is sold, limits in exact amounts, prices by the replay, neighbours.

use money::{Amount, Rounding};
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

use super::outcome::{Portfolio, Purchase, Searched, Standalone};
use super::pricing::{Exact, Pricing};
use super::problem::{Candidate, PortfolioError, Problem};
use crate::optimum::fraction::{MONEY_DECIMALS, decimal, fraction, share};

/// Steps walked through by pricing neighbours, at most.
const POLISHING_WORK: usize = 4_000_000;
/// A problem with more steps than this is priced as it is found: neighbours gain less there than the gap that is told.
const MOST_POLISHED: usize = POLISHING_WORK / 8;
/// Neighbours priced, at most.
const MOST_NEIGHBOURS: usize = 2_500;

pub(super) struct Settling<'a> {
    pub(super) problem: &'a Problem,
    /// The replay that has the last word; `None`: [`Exact`] has it.
    pub(super) replay: Option<&'a dyn Pricing>,
    pub(super) exact: &'a Exact,
    pub(super) most: Vec<f64>,
    pub(super) inner: Option<&'a [f64]>,
    pub(super) risk_weight: BigRational,
    pub(super) watch: &'a dyn Fn() -> Result<(), PortfolioError>,
}

/// A portfolio with its price.
#[derive(Clone, Debug)]
struct Settled {
    bought: Vec<Amount>,
    costs: Vec<Amount>,
    expected: BigRational,
    tail: BigRational,
    objective: BigRational,
    coverage: Option<Amount>,
    /// The search's own price of what the replay priced.
    searched: Option<Searched>,
}

impl Settling<'_> {
    /// The best of these points, of the instruments alone, and of their neighbours, as the replay prices them.
    pub(super) fn portfolio(
        &self,
        points: &[Vec<f64>],
        standalone: &[Vec<f64>],
        bound: f64,
    ) -> Result<Portfolio, PortfolioError> {
        let mut found = Vec::new();
        let is_large = self.exact.work() > MOST_POLISHED;
        for point in points.iter().take(if is_large { 1 } else { points.len() }) {
            found.extend(self.settled(point)?);
        }
        let nothing = self.priced(vec![Amount::ZERO; self.most.len()])?;
        let nothing_is_allowed = self.keeps_limits(&nothing.bought)?;
        if nothing_is_allowed {
            found.push(nothing.clone());
        }
        let worthwhile = if is_large { 1 } else { standalone.len() };
        let mut alone = Vec::new();
        for point in standalone.iter().take(worthwhile) {
            if let Some(settled) = self.settled(point)? {
                alone.push(self.polished(settled, false)?);
            }
        }
        let alone = cheapest(alone);
        found.extend(alone.clone());
        let Some(best) = cheapest(found) else {
            let reason = "no purchase in the steps that are sold meets every limit";
            return Err(PortfolioError::Pricing { reason: reason.into() });
        };
        let best = self.polished(best, true)?;
        let alone = alone.map(|alone| self.replayed(alone)).transpose()?;
        let nothing = self.replayed(nothing)?;
        let mut finalists = vec![self.replayed(best)?];
        finalists.extend(alone.clone());
        finalists.extend(nothing_is_allowed.then(|| nothing.clone()));
        let best = cheapest(finalists).ok_or(PortfolioError::TooLarge)?;
        self.outcome(best, nothing, alone, bound)
    }

    fn replayed(&self, settled: Settled) -> Result<Settled, PortfolioError> {
        let Some(replay) = self.replay else { return Ok(settled) };
        (self.watch)()?;
        let costs = replay.price(&settled.bought)?;
        let searched = Searched {
            objective: money(&settled.objective)?,
            expected_cost: money(&settled.expected)?,
            tail_cost: money(&settled.tail)?,
        };
        Ok(Settled { searched: Some(searched), ..self.scored(settled.bought, costs, settled.coverage)? })
    }

    fn outcome(
        &self,
        best: Settled,
        nothing: Settled,
        alone: Option<Settled>,
        bound: f64,
    ) -> Result<Portfolio, PortfolioError> {
        let upfront = self.upfront(&best.bought);
        let purchases = best
            .bought
            .iter()
            .enumerate()
            .filter(|(_, hourly)| !hourly.is_zero())
            .map(|(candidate, &hourly)| Purchase {
                candidate,
                name: self.problem.candidates[candidate].instrument.name.clone(),
                hourly,
            })
            .collect();
        // What was rounded on the way, in the search and in the six decimals of costs, is far less than this.
        let slack = (best.objective.abs() + BigRational::from(BigInt::from(1_000)))
            * BigRational::new(1.into(), 1_000_000_000.into());
        let bound = BigRational::from_float(bound).unwrap_or_else(BigRational::zero) - slack;
        let alone = alone
            .and_then(|alone| Some((alone.bought.iter().position(|hourly| !hourly.is_zero())?, alone)))
            .map(|(candidate, alone)| {
                Ok::<_, PortfolioError>(Standalone {
                    candidate,
                    hourly: alone.bought[candidate],
                    objective: money(&alone.objective)?,
                })
            })
            .transpose()?;
        let gap = (&best.objective - &bound).max(BigRational::zero());
        Ok(Portfolio {
            purchases,
            risk_weight: Amount::ZERO,
            objective: money(&best.objective)?,
            expected_cost: money(&best.expected)?,
            tail_cost: money(&best.tail)?,
            expected_savings: money(&(&nothing.expected - &best.expected))?,
            tail_savings: money(&(&nothing.tail - &best.tail))?,
            cost_without: money(&nothing.expected)?,
            gap: share(&gap, &best.objective.abs()),
            bound: money(&bound)?,
            upfront: money(&upfront)?,
            coverage: best.coverage,
            costs: best.costs,
            searched: best.searched,
            best_standalone: alone,
            bought: best.bought,
            rounds: 0,
            findings: Vec::new(),
        })
    }

    /// A point in the steps that are sold, within the limits: to the nearest step, otherwise downwards for limits on what is bought, upwards for
    /// coverage, otherwise towards a point with room.
    fn settled(&self, point: &[f64]) -> Result<Option<Settled>, PortfolioError> {
        let half = BigRational::new(1.into(), 2.into());
        for shift in [half, BigRational::zero(), BigRational::one()] {
            let bought = self.in_steps(point, &shift)?;
            if self.keeps_limits(&bought)? {
                return self.priced(bought).map(Some);
            }
        }
        let Some(inner) = self.inner else { return Ok(None) };
        for parts in [1_u32, 2, 4, 8, 16, 32, 64, 128, 256] {
            let mixed = mixed(point, inner, parts);
            for shift in [BigRational::one(), BigRational::zero()] {
                let bought = self.in_steps(&mixed, &shift)?;
                if self.keeps_limits(&bought)? {
                    return self.priced(bought).map(Some);
                }
            }
        }
        Ok(None)
    }

    fn in_steps(&self, point: &[f64], shift: &BigRational) -> Result<Vec<Amount>, PortfolioError> {
        self.problem
            .candidates
            .iter()
            .zip(point)
            .zip(&self.most)
            .map(|((candidate, value), most)| {
                let step = fraction(candidate.granularity);
                let exact = |value: f64| BigRational::from_float(value).unwrap_or_else(BigRational::zero);
                let steps = (exact(*value) / &step + shift).floor();
                // Never a step more than what can be used takes, rounded up.
                let most = (exact(*most) / &step).ceil();
                let allowed = candidate.most.map_or(most.clone(), |most| (fraction(most) / &step).floor()).min(most);
                decimal(&(steps.min(allowed) * step), candidate.granularity.scale()).ok_or(PortfolioError::TooLarge)
            })
            .collect()
    }

    fn upfront(&self, bought: &[Amount]) -> BigRational {
        let each = self.problem.candidates.iter().zip(bought);
        each.fold(BigRational::zero(), |sum, (candidate, &hourly)| {
            sum + fraction(candidate.instrument.upfront) * fraction(hourly)
        })
    }

    /// Every limit, in exact numbers.
    fn keeps_limits(&self, bought: &[Amount]) -> Result<bool, PortfolioError> {
        let constraints = &self.problem.constraints;
        if constraints.upfront.is_some_and(|limit| self.upfront(bought) > fraction(limit)) {
            return Ok(false);
        }
        for &(period, limit) in &constraints.slots {
            let hourly =
                self.problem.candidates.iter().zip(bought).filter(|(candidate, _)| candidate.instrument.from == period);
            let sum = hourly.fold(BigRational::zero(), |sum, (candidate, &hourly)| {
                let instrument = &candidate.instrument;
                let hours = BigRational::from(BigInt::from(instrument.term_hours));
                sum + (fraction(instrument.upfront) / hours + fraction(instrument.recurring)) * fraction(hourly)
            });
            if sum > fraction(limit) {
                return Ok(false);
            }
        }
        let Some(coverage) = constraints.coverage else { return Ok(true) };
        let priced = self.exact.priced(bought)?;
        Ok(&priced.usage - &priced.uncovered >= fraction(coverage) * priced.usage)
    }

    fn priced(&self, bought: Vec<Amount>) -> Result<Settled, PortfolioError> {
        (self.watch)()?;
        let priced = self.exact.priced(&bought)?;
        let coverage = share(&(&priced.usage - &priced.uncovered), &priced.usage);
        self.scored(bought, priced.costs, coverage)
    }

    /// Mean, tail and objective of costs by path.
    fn scored(
        &self,
        bought: Vec<Amount>,
        costs: Vec<Amount>,
        coverage: Option<Amount>,
    ) -> Result<Settled, PortfolioError> {
        if costs.len() != self.problem.paths.len() {
            return Err(PortfolioError::Shape {
                what: "the replay's answer".into(),
                found: costs.len(),
                expected: self.problem.paths.len(),
            });
        }
        let scale = costs.iter().map(|cost| cost.scale()).max().unwrap_or(0);
        // Whole numbers of both, so that one division is enough for each mean.
        let level = fraction(self.problem.risk.level);
        let parts = level.denom().to_i128().ok_or(PortfolioError::TooLarge)?;
        let tail_parts = parts - level.numer().to_i128().ok_or(PortfolioError::TooLarge)?;
        let mut paths = Vec::with_capacity(costs.len());
        for (cost, path) in costs.iter().zip(&self.problem.paths) {
            paths.push((cost.rescaled(scale, Rounding::HalfEven)?.units(), i128::from(path.weight)));
        }
        paths.sort_unstable_by(|left, right| right.cmp(left));
        let total: i128 = paths.iter().map(|(_, weight)| weight).sum();
        let mut mass = tail_parts * total;
        let (mut sum, mut tail) = (BigInt::zero(), BigInt::zero());
        for (cost, weight) in paths {
            let taken = mass.min(weight * parts);
            sum += BigInt::from(cost) * weight;
            tail += BigInt::from(cost) * taken;
            mass -= taken;
        }
        let unit = BigInt::from(10_u8).pow(u32::from(scale));
        let expected = BigRational::new(sum, &unit * total);
        let tail = BigRational::new(tail, unit * (tail_parts * total));
        let objective = &expected + &self.risk_weight * &tail;
        Ok(Settled { objective, bought, costs, expected, tail, coverage, searched: None })
    }

    /// Neighbours that cost less: one purchase moved, then with it a second one that covers a line in common, in ever smaller steps.
    ///
    /// The cost is convex with ridges where an hour is just covered by two instruments together; moving one and settling the other follows them.
    fn polished(&self, mut best: Settled, pairs: bool) -> Result<Settled, PortfolioError> {
        if self.exact.work() > MOST_POLISHED {
            return Ok(best);
        }
        let mut budget = (POLISHING_WORK / self.exact.work().max(1)).min(MOST_NEIGHBOURS);
        let candidates = &self.problem.candidates;
        let largest = self.most.iter().zip(candidates).map(|(most, candidate)| {
            let most = BigRational::from_float(*most).unwrap_or_else(BigRational::zero);
            (most / fraction(candidate.granularity)).to_integer().to_i64().unwrap_or(i64::MAX)
        });
        let mut stride = (largest.max().unwrap_or(0) / 64).max(1);
        let movers: Vec<usize> = (0..self.most.len()).filter(|&number| self.most[number] > 0.0).collect();
        loop {
            let before = best.objective.clone();
            for &first in movers.iter().filter(|&&number| pairs || !best.bought[number].is_zero()).collect::<Vec<_>>() {
                for direction in [stride, -stride] {
                    let Some(moved) = self.moved(&best.bought, first, direction)? else { continue };
                    let Some(moved) = self.neighbour(moved, &mut budget)? else { return Ok(best) };
                    let mut found = moved;
                    if pairs && found.objective >= best.objective {
                        for &second in
                            movers.iter().filter(|&&second| second != first && self.share_a_line(first, second))
                        {
                            found = self.along(found, second, stride, &mut budget)?;
                            if found.objective < best.objective {
                                break;
                            }
                        }
                    }
                    if found.objective < best.objective && self.keeps_limits(&found.bought)? {
                        best = found;
                    }
                }
            }
            if budget == 0 || (best.objective == before && stride == 1) {
                return Ok(best);
            }
            if best.objective == before {
                stride = (stride / 4).max(1);
            }
        }
    }

    /// The best along one candidate within the limits: twice as far while it helps, then half as far.
    fn along(
        &self,
        from: Settled,
        candidate: usize,
        stride: i64,
        budget: &mut usize,
    ) -> Result<Settled, PortfolioError> {
        let mut best = from;
        let mut step = stride;
        let mut grows = true;
        while step >= 1 {
            let mut improved = false;
            for direction in [step, -step] {
                let Some(moved) = self.moved(&best.bought, candidate, direction)? else { continue };
                let Some(found) = self.neighbour(moved, budget)? else { return Ok(best) };
                if found.objective < best.objective && self.keeps_limits(&found.bought)? {
                    best = found;
                    improved = true;
                    break;
                }
            }
            grows &= improved;
            step = if grows {
                step.saturating_mul(2)
            } else if improved {
                step
            } else {
                step / 2
            };
        }
        Ok(best)
    }

    /// A neighbour's price; `None` when enough of them were priced.
    fn neighbour(&self, bought: Vec<Amount>, budget: &mut usize) -> Result<Option<Settled>, PortfolioError> {
        let Some(rest) = budget.checked_sub(1) else { return Ok(None) };
        *budget = rest;
        self.priced(bought).map(Some)
    }

    fn share_a_line(&self, first: usize, second: usize) -> bool {
        let rates = |number: usize| &self.problem.candidates[number].instrument.rates;
        rates(first).iter().any(|rate| rates(second).iter().any(|other| other.line == rate.line))
    }

    /// One candidate by so many of its steps more or less; `None` where that is not sold.
    fn moved(&self, bought: &[Amount], candidate: usize, steps: i64) -> Result<Option<Vec<Amount>>, PortfolioError> {
        let Candidate { granularity, most, .. } = self.problem.candidates[candidate];
        let hourly = bought[candidate].checked_add(granularity.checked_mul(Amount::from_integer(steps))?)?;
        if hourly.is_negative() || most.is_some_and(|most| hourly > most) {
            return Ok(None);
        }
        let mut moved = bought.to_vec();
        moved[candidate] = hourly;
        Ok(Some(moved))
    }
}

/// The least objective, the first among equals.
fn cheapest(settled: Vec<Settled>) -> Option<Settled> {
    settled.into_iter().reduce(|best, found| if found.objective < best.objective { found } else { best })
}

#[expect(clippy::float_arithmetic, reason = "a point of the search on its way to amounts that are sold")]
fn mixed(point: &[f64], inner: &[f64], parts: u32) -> Vec<f64> {
    let share = f64::from(parts) / 256.0;
    point.iter().zip(inner).map(|(from, to)| from + share * (to - from)).collect()
}

fn money(value: &BigRational) -> Result<Amount, PortfolioError> {
    decimal(value, MONEY_DECIMALS).ok_or(PortfolioError::TooLarge)
}
