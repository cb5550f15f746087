//! One point of the search: what stays uncovered along every path, and a plane that no cost lies below.
//!
//! Covering an hour is a transport problem, `min sum r_i` with `r_i + sum_j v_ij >= D_i` and `sum_i u_ij v_ij <= C_j`: `v_ij` is on-demand
//! cost of line `i` that instrument `j` covers, `u_ij` the capacity that a dollar takes. Its dual is `max sum D_i y_i - sum C_j w_j` with
//! `0 <= y_i <= 1` and `y_i <= u_ij w_j`. Every feasible `(y, w)` is a plane in `C` that bounds the uncovered cost from below, whatever order the
//! provider applies. The duals are read from the provider's own order, narrow before broad, last instrument first: there a plane touches the cost wherever
//! that order is the best one.

#![expect(
    clippy::float_arithmetic,
    reason = "the search works on statistics of demand; what it finds is priced in whole numbers"
)]

use super::prepared::{Prepared, Step};

/// A plane `intercept + slope . x` that a function does not fall below.
#[derive(Clone, Debug)]
pub(super) struct Plane {
    pub(super) intercept: f64,
    pub(super) slope: Vec<f64>,
}

impl Plane {
    fn zero(choices: usize) -> Self {
        Self { intercept: 0.0, slope: vec![0.0; choices] }
    }

    pub(super) fn at(&self, point: &[f64]) -> f64 {
        self.intercept + self.slope.iter().zip(point).map(|(slope, value)| slope * value).sum::<f64>()
    }

    fn add(&mut self, other: &Self, times: f64) {
        self.intercept += times * other.intercept;
        for (slope, other) in self.slope.iter_mut().zip(&other.slope) {
            *slope += times * other;
        }
    }
}

/// Costs of one portfolio, and planes below them.
#[derive(Clone, Debug)]
pub(super) struct Evaluation {
    pub(super) point: Vec<f64>,
    /// Discounted cost of each path in the provider's order, and a plane that it does not fall below.
    pub(super) by_path: Vec<f64>,
    planes: Vec<Plane>,
    /// Expected on-demand cost that is left, not discounted, and a plane that it does not fall below.
    pub(super) uncovered: f64,
    pub(super) uncovered_plane: Plane,
}

impl Evaluation {
    /// Of a portfolio over these steps (all of them, or drawn together).
    pub(super) fn of(prepared: &Prepared, steps: &[Step], point: &[f64]) -> Self {
        let choices = prepared.choices.len();
        let capacity = capacities(prepared, point);
        let mut evaluation = Self {
            point: point.to_vec(),
            by_path: Vec::with_capacity(prepared.probability.len()),
            planes: Vec::with_capacity(prepared.probability.len()),
            uncovered: 0.0,
            uncovered_plane: Plane::zero(choices),
        };
        let committed: f64 = prepared.choices.iter().zip(point).map(|(choice, value)| choice.weight * value).sum();
        let mut hour = Hour::new(prepared);
        for (path, &probability) in prepared.probability.iter().enumerate() {
            let mut sums = vec![PeriodSums::new(prepared.pools.len()); prepared.discount.len()];
            for step in steps {
                let demand = prepared.demand(path, step);
                hour.cover(prepared, step.period, demand, &capacity[step.period]);
                hour.add_to(&mut sums[step.period], step.hours);
            }
            let mut plane = Plane::zero(choices);
            let mut plain = Plane::zero(choices);
            let (mut cost, mut uncovered) = (0.0, 0.0);
            for ((period, sums), &discount) in sums.iter().enumerate().zip(&prepared.discount) {
                let held: f64 =
                    sums.worth.iter().zip(&prepared.pools).map(|(worth, pool)| worth * pool.held[period]).sum();
                plain.intercept += sums.value - held;
                plane.intercept += discount * (sums.value - held);
                cost += discount * sums.uncovered;
                uncovered += sums.uncovered;
                for (number, choice) in prepared.choices.iter().enumerate() {
                    if (choice.from..choice.until).contains(&period) {
                        plain.slope[number] -= sums.worth[choice.pool];
                        plane.slope[number] -= discount * sums.worth[choice.pool];
                    }
                }
            }
            plane.intercept += prepared.held_weight;
            for (slope, choice) in plane.slope.iter_mut().zip(&prepared.choices) {
                *slope += choice.weight;
            }
            evaluation.by_path.push(cost + committed + prepared.held_weight);
            evaluation.planes.push(plane);
            evaluation.uncovered += probability * uncovered;
            evaluation.uncovered_plane.add(&plain, probability);
        }
        evaluation
    }

    /// Expected cost + weight x CVaR, and a plane that it does not fall below.
    ///
    /// CVaR is the largest mean over any reweighting of paths by at most `1 / (1 - level)` (Rockafellar and Uryasev 2000), so the weights of this portfolio's
    /// own tail bound every other portfolio from below.
    pub(super) fn objective(&self, prepared: &Prepared, risk_weight: f64) -> (f64, Plane) {
        let mut weights = prepared.probability.clone();
        if risk_weight > 0.0 {
            let mut order: Vec<usize> = (0..self.by_path.len()).collect();
            order.sort_by(|&left, &right| self.by_path[right].total_cmp(&self.by_path[left]).then(left.cmp(&right)));
            let tail = 1.0 - prepared.risk_level;
            let mut mass = tail;
            for path in order {
                let taken = prepared.probability[path].min(mass);
                weights[path] += risk_weight * taken / tail;
                mass -= taken;
            }
        }
        let value = weights.iter().zip(&self.by_path).map(|(weight, cost)| weight * cost).sum();
        let mut plane = Plane::zero(self.point.len());
        for (weight, path) in weights.iter().zip(&self.planes) {
            plane.add(path, *weight);
        }
        (value, plane)
    }
}

/// Capacity of each pool by period.
fn capacities(prepared: &Prepared, point: &[f64]) -> Vec<Vec<f64>> {
    (0..prepared.discount.len())
        .map(|period| {
            let mut capacity: Vec<f64> = prepared.pools.iter().map(|pool| pool.held[period]).collect();
            for (choice, value) in prepared.choices.iter().zip(point) {
                if (choice.from..choice.until).contains(&period) {
                    capacity[choice.pool] += value;
                }
            }
            capacity
        })
        .collect()
}

/// Sums over the steps of a period.
#[derive(Clone, Debug)]
struct PeriodSums {
    uncovered: f64,
    /// Of demand times its worth, and of each pool's capacity.
    value: f64,
    worth: Vec<f64>,
}

impl PeriodSums {
    fn new(pools: usize) -> Self {
        Self { uncovered: 0.0, value: 0.0, worth: vec![0.0; pools] }
    }
}

/// One hour being covered; kept to save allocations.
struct Hour {
    demand: Vec<f64>,
    left: Vec<f64>,
    /// What one more dollar of a line's demand costs.
    worth_of_line: Vec<f64>,
    /// What one more unit of a pool's capacity saves.
    worth_of_pool: Vec<f64>,
    /// By pool, what it covers of each of its lines.
    covered: Vec<Vec<f64>>,
    active: Vec<Vec<usize>>,
    period: usize,
    uncovered: f64,
}

impl Hour {
    fn new(prepared: &Prepared) -> Self {
        let lines = prepared.steps.first().map_or(0, |step| step.demand.len());
        let active =
            |period: usize| (0..prepared.pools.len()).filter(|&pool| prepared.pools[pool].possible[period]).collect();
        Self {
            demand: vec![0.0; lines],
            left: vec![0.0; lines],
            worth_of_line: vec![0.0; lines],
            worth_of_pool: vec![0.0; prepared.pools.len()],
            covered: prepared.pools.iter().map(|pool| vec![0.0; pool.rates.len()]).collect(),
            active: (0..prepared.discount.len()).map(active).collect(),
            period: 0,
            uncovered: 0.0,
        }
    }

    fn cover(&mut self, prepared: &Prepared, period: usize, demand: impl Iterator<Item = f64>, capacity: &[f64]) {
        self.period = period;
        for ((kept, left), demand) in self.demand.iter_mut().zip(&mut self.left).zip(demand) {
            (*kept, *left) = (demand, demand);
        }
        for &pool in &self.active[period] {
            let mut capacity = capacity[pool];
            for (&(line, rate, inverse), covered) in prepared.pools[pool].rates.iter().zip(&mut self.covered[pool]) {
                let reachable = capacity * inverse;
                let left = &mut self.left[line];
                if *left <= reachable {
                    *covered = *left;
                    capacity -= *left * rate;
                    *left = 0.0;
                } else {
                    *covered = reachable;
                    *left -= reachable;
                    capacity = 0.0;
                }
            }
        }
        self.uncovered = self.left.iter().sum();
        self.value_in_reverse(prepared);
    }

    /// Worth of capacity and demand, from the last instrument to the first, then made feasible for every pair.
    fn value_in_reverse(&mut self, prepared: &Prepared) {
        for (worth, left) in self.worth_of_line.iter_mut().zip(&self.left) {
            *worth = if *left > 0.0 { 1.0 } else { 0.0 };
        }
        for &pool in self.active[self.period].iter().rev() {
            let rates = &prepared.pools[pool].rates;
            let mut worth = 0.0_f64;
            for &(line, _, inverse) in rates {
                if self.left[line] > 0.0 {
                    worth = worth.max(self.worth_of_line[line] * inverse);
                }
            }
            self.worth_of_pool[pool] = worth;
            for (&(line, rate, _), covered) in rates.iter().zip(&self.covered[pool]) {
                if *covered > 0.0 {
                    if self.left[line] <= 0.0 {
                        self.worth_of_line[line] = rate * worth;
                    }
                    self.left[line] += covered;
                }
            }
        }
        for (worth, demand) in self.worth_of_line.iter_mut().zip(&self.demand) {
            *worth = if *demand > 0.0 { worth.min(1.0) } else { 0.0 };
        }
        for &pool in &self.active[self.period] {
            let worth = self.worth_of_pool[pool];
            for &(line, rate, _) in &prepared.pools[pool].rates {
                self.worth_of_line[line] = self.worth_of_line[line].min(rate * worth);
            }
        }
        for &pool in &self.active[self.period] {
            let best =
                |best: f64, &(line, _, inverse): &(usize, f64, f64)| best.max(self.worth_of_line[line] * inverse);
            self.worth_of_pool[pool] = prepared.pools[pool].rates.iter().fold(0.0, best);
        }
    }

    fn add_to(&self, sums: &mut PeriodSums, hours: f64) {
        sums.uncovered += hours * self.uncovered;
        sums.value +=
            hours * self.demand.iter().zip(&self.worth_of_line).map(|(demand, worth)| demand * worth).sum::<f64>();
        for &pool in &self.active[self.period] {
            sums.worth[pool] += hours * self.worth_of_pool[pool];
        }
    }
}
