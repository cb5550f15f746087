//! The problem as the search sees it: pools of capacity in the provider's order, coefficients, steps drawn together.

#![expect(
    clippy::float_arithmetic,
    reason = "the search works on statistics of demand; what it finds is priced in whole numbers"
)]

use money::Amount;

use super::pricing::{Exact, ExactPool};
use super::problem::{FACTOR_OF_ONE, Instrument, PortfolioError, Problem};

/// Instruments that cover the same lines at the same rates at the same place of the order: their capacity adds up.
#[derive(Clone, Debug)]
pub(super) struct Pool {
    /// Line, capacity for a unit of its on-demand cost, and the inverse; the highest savings first.
    pub(super) rates: Vec<(usize, f64, f64)>,
    /// Capacity held already, by period.
    pub(super) held: Vec<f64>,
    /// Whether anything of it is or can be held in a period.
    pub(super) possible: Vec<bool>,
}

/// One candidate in the search's terms.
#[derive(Clone, Debug)]
pub(super) struct Choice {
    pub(super) pool: usize,
    /// Periods of the horizon in which it is held.
    pub(super) from: usize,
    pub(super) until: usize,
    /// What a unit costs over the horizon, discounted.
    pub(super) weight: f64,
    /// Cash at purchase and amortised price an hour, of a unit.
    pub(super) upfront: f64,
    pub(super) hourly: f64,
    /// More of it than this is never used or not allowed.
    pub(super) most: f64,
}

/// One or several steps of the same period: hours, and mean demand by line before a path's factors.
///
/// Cost is convex in demand, so that steps drawn together cost no more than they do one by one: what is found with them is a valid bound.
#[derive(Clone, Debug)]
pub(super) struct Step {
    pub(super) period: usize,
    pub(super) hours: f64,
    pub(super) demand: Vec<f64>,
}

/// Everything the search needs, once.
#[derive(Clone, Debug)]
pub(super) struct Prepared {
    pub(super) pools: Vec<Pool>,
    pub(super) choices: Vec<Choice>,
    /// What a dollar of each period counts.
    pub(super) discount: Vec<f64>,
    /// Probability of each path, and factors by path, period and line.
    pub(super) probability: Vec<f64>,
    pub(super) factors: Vec<Vec<Vec<f64>>>,
    /// Every step as it is.
    pub(super) steps: Vec<Step>,
    pub(super) risk_level: f64,
    /// Expected usage at on-demand cost, not discounted.
    pub(super) usage: f64,
    /// Cost of what is held, discounted: the same on every path.
    pub(super) held_weight: f64,
}

impl Prepared {
    pub(super) fn of(problem: &Problem, exact: &Exact) -> Result<Self, PortfolioError> {
        let unit = libm::pow(10.0, -f64::from(problem.scale));
        let mut steps = Vec::new();
        let mut index = 0;
        for (number, period) in problem.periods.iter().enumerate() {
            for &hours in &period.hours {
                let demand = problem.lines.iter().map(|line| line.on_demand[index].max(0) as f64 * unit).collect();
                steps.push(Step { period: number, hours: hours.into(), demand });
                index += 1;
            }
        }
        let all_weights: f64 = problem.paths.iter().map(|path| f64::from(path.weight)).sum();
        let probability: Vec<f64> = problem.paths.iter().map(|path| f64::from(path.weight) / all_weights).collect();
        let factors: Vec<Vec<Vec<f64>>> = problem
            .paths
            .iter()
            .map(|path| {
                let period = |factors: &Vec<u32>| {
                    factors.iter().map(|&factor| f64::from(factor) / f64::from(FACTOR_OF_ONE)).collect()
                };
                path.factors.iter().map(period).collect()
            })
            .collect();

        let pools = exact.pools.iter().map(ExactPool::prepared).collect::<Vec<_>>();
        let peaks = peaks(problem, &steps, &factors);
        let choices = problem
            .candidates
            .iter()
            .zip(&exact.candidate_pools)
            .map(|(candidate, &pool)| {
                let instrument = &candidate.instrument;
                let until = instrument.until.min(problem.periods.len());
                let from = instrument.from.min(until);
                let allowed =
                    problem.constraints.longest_term_months.is_none_or(|longest| instrument.term_months <= longest);
                let used = |period: usize| -> f64 {
                    pools[pool].rates.iter().map(|&(line, capacity, _)| peaks[period][line] * capacity).sum()
                };
                let used = (from..until).map(used).fold(0.0, f64::max);
                let most = candidate.most.map_or(used, |most| statistic(most).min(used));
                Choice {
                    pool,
                    from,
                    until,
                    weight: exact.unit_price(instrument),
                    upfront: statistic(instrument.upfront),
                    hourly: amortised(instrument),
                    most: if allowed { most } else { 0.0 },
                }
            })
            .collect();
        let mut prepared = Self {
            pools,
            choices,
            discount: exact.discount_factors().collect(),
            probability,
            factors,
            steps,
            risk_level: statistic(problem.risk.level),
            usage: 0.0,
            held_weight: exact.held_price(),
        };
        prepared.usage = prepared.expected_usage();
        Ok(prepared)
    }

    /// Demand of a step along a path.
    pub(super) fn demand<'a>(&'a self, path: usize, step: &'a Step) -> impl Iterator<Item = f64> + 'a {
        step.demand.iter().zip(&self.factors[path][step.period]).map(|(demand, factor)| demand * factor)
    }

    fn expected_usage(&self) -> f64 {
        let path = |path: usize| -> f64 {
            self.steps.iter().map(|step| step.hours * self.demand(path, step).sum::<f64>()).sum()
        };
        self.probability.iter().enumerate().map(|(number, probability)| probability * path(number)).sum()
    }

    /// One path that is the mean of all.
    pub(super) fn mean_path(&self) -> Self {
        let mut mean = self.clone();
        mean.factors = vec![
            self.factors[0]
                .iter()
                .enumerate()
                .map(|(period, lines)| {
                    let line = |line: usize| -> f64 {
                        self.probability
                            .iter()
                            .zip(&self.factors)
                            .map(|(probability, path)| probability * path[period][line])
                            .sum()
                    };
                    (0..lines.len()).map(line).collect()
                })
                .collect(),
        ];
        mean.probability = vec![1.0];
        mean
    }

    /// Steps drawn together to about `count`, the most unlike ones apart: the group with the widest spread is cut in two, until there are enough.
    pub(super) fn drawn_together(&self, count: usize) -> Vec<Step> {
        let mut groups: Vec<Group> = Vec::new();
        for period in 0..self.discount.len() {
            let members: Vec<usize> = (0..self.steps.len())
                .filter(|&step| self.steps[step].period == period && self.steps[step].hours > 0.0)
                .collect();
            if !members.is_empty() {
                groups.push(self.group(members));
            }
        }
        while groups.len() < count {
            let widest = groups.iter().enumerate().fold((0, 0.0), |best, (index, group)| {
                if group.spread > best.1 { (index, group.spread) } else { best }
            });
            if widest.1 <= 0.0 {
                break;
            }
            let group = groups.swap_remove(widest.0);
            let mean = group.mean[group.widest];
            let (low, high): (Vec<usize>, Vec<usize>) =
                group.members.iter().partition(|&&member| self.steps[member].demand[group.widest] <= mean);
            if low.is_empty() || high.is_empty() {
                groups.push(Group { spread: 0.0, ..group });
                continue;
            }
            groups.push(self.group(low));
            groups.push(self.group(high));
        }
        let mut steps: Vec<(usize, Step)> = groups
            .into_iter()
            .map(|group| {
                let period = self.steps[group.members[0]].period;
                (group.members[0], Step { period, hours: group.hours, demand: group.mean })
            })
            .collect();
        steps.sort_by_key(|(first, _)| *first);
        steps.into_iter().map(|(_, step)| step).collect()
    }

    fn group(&self, members: Vec<usize>) -> Group {
        let lines = self.steps[members[0]].demand.len();
        let hours: f64 = members.iter().map(|&member| self.steps[member].hours).sum();
        let (mut mean, mut widest, mut spread) = (Vec::with_capacity(lines), 0, 0.0);
        for line in 0..lines {
            let values = || members.iter().map(|&member| (self.steps[member].hours, self.steps[member].demand[line]));
            let middle = values().map(|(hours, demand)| hours * demand).sum::<f64>() / hours;
            let around: f64 = values().map(|(hours, demand)| hours * (demand - middle) * (demand - middle)).sum();
            if around > spread {
                (widest, spread) = (line, around);
            }
            mean.push(middle);
        }
        Group { members, hours, mean, widest, spread }
    }
}

struct Group {
    members: Vec<usize>,
    hours: f64,
    mean: Vec<f64>,
    /// The line with the widest spread, and that: squared distance from the mean, times hours.
    widest: usize,
    spread: f64,
}

/// Highest demand of each line on any path, by period.
fn peaks(problem: &Problem, steps: &[Step], factors: &[Vec<Vec<f64>>]) -> Vec<Vec<f64>> {
    let mut peaks = vec![vec![0.0_f64; problem.lines.len()]; problem.periods.len()];
    for step in steps {
        for (peak, demand) in peaks[step.period].iter_mut().zip(&step.demand) {
            *peak = peak.max(*demand);
        }
    }
    for (period, peaks) in peaks.iter_mut().enumerate() {
        for (line, peak) in peaks.iter_mut().enumerate() {
            *peak *= factors.iter().map(|path| path[period][line]).fold(0.0, f64::max);
        }
    }
    peaks
}

/// Amortised price of a unit an hour.
fn amortised(instrument: &Instrument) -> f64 {
    statistic(instrument.upfront) / f64::from(instrument.term_hours) + statistic(instrument.recurring)
}

/// An amount as a number to calculate statistics with.
pub(super) fn statistic(amount: Amount) -> f64 {
    amount.units() as f64 / libm::pow(10.0, f64::from(amount.scale()))
}
