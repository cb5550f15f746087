//! The search: starts, cutting planes over steps drawn together, then over every step, until the bound is near enough.

#![expect(
    clippy::float_arithmetic,
    reason = "the search works on statistics of demand; what it finds is priced in whole numbers"
)]

use money::Amount;
use num_rational::BigRational;

use super::covering::Evaluation;
use super::master::{Bound, Master, Row};
use super::outcome::{Finding, Portfolio};
use super::prepared::{Prepared, Step, statistic};
use super::pricing::{Exact, Pricing};
use super::problem::{Instrument, PortfolioError, Problem};
use super::settling::Settling;
use crate::optimum::fraction::fraction;

/// How hard to look.
#[derive(Clone, Debug)]
pub struct Options {
    /// The search ends when the bound is within this share of the cost: 0.001 is a tenth of a percent.
    pub target_gap: Amount,
    /// Most rounds of cutting planes over steps drawn together, and over every step.
    pub most_rounds: (usize, usize),
    /// Steps are first drawn together to about this many.
    pub drawn_together: usize,
}

impl Default for Options {
    fn default() -> Self {
        let target_gap = Amount::new(1, 3).unwrap_or(Amount::ZERO);
        Self { target_gap, most_rounds: (150, 12), drawn_together: 300 }
    }
}

/// What the search is at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Instruments one by one, and one after another.
    Starts,
    /// Whether coverage and limits can be met together.
    Limits,
    /// Cutting planes over steps drawn together.
    DrawnTogether,
    /// Cutting planes over every step.
    EveryStep,
    /// Pricing what was found in whole numbers, and its neighbours.
    Pricing,
}

/// How far the search is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Progress {
    /// What it is at.
    pub phase: Phase,
    /// Rounds of this phase so far, and at most.
    pub round: (usize, usize),
    /// Share of the cost that could still be saved at most, where that is known.
    pub gap: Option<f64>,
}

/// Called now and then; `false` stops the search.
pub type Watch<'a> = &'a dyn Fn(&Progress) -> bool;

/// Chooses the portfolio that costs least: expected cost + risk weight x CVaR, within the constraints.
///
/// `replay` has the last word: the best portfolio, the best instrument alone and nothing are priced by it, and the cheapest of them is the answer. Without it
/// [`Exact`] prices them, in the provider's order with what the problem knows.
///
/// # Errors
/// [`PortfolioError`]: what does not fit together, which constraint cannot be met, cancelled, refused by the replay.
pub fn optimise(
    problem: &Problem,
    replay: Option<&dyn Pricing>,
    options: &Options,
    watch: Watch<'_>,
) -> Result<Portfolio, PortfolioError> {
    let mut all = frontier(problem, &[problem.risk.weight], replay, options, watch)?;
    all.pop().ok_or(PortfolioError::Empty { what: "weight of risk" })
}

/// The best portfolio for each weight of risk: expected savings against tail cost. Planes found for one weight serve the others.
///
/// # Errors
/// As [`optimise`].
pub fn frontier(
    problem: &Problem,
    risk_weights: &[Amount],
    replay: Option<&dyn Pricing>,
    options: &Options,
    watch: Watch<'_>,
) -> Result<Vec<Portfolio>, PortfolioError> {
    let mut search = Search::new(problem, replay, options, watch)?;
    search.starts()?;
    risk_weights.iter().map(|&weight| search.best(weight)).collect()
}

struct Search<'a> {
    problem: &'a Problem,
    replay: Option<&'a dyn Pricing>,
    options: &'a Options,
    watch: Watch<'a>,
    exact: Exact,
    prepared: Prepared,
    rows: Vec<Row>,
    /// Most on-demand cost that may stay uncovered.
    limit: Option<f64>,
    together: Vec<Step>,
    /// Points that were looked at with steps drawn together, and with every step.
    drawn: Vec<Evaluation>,
    full: Vec<Evaluation>,
    /// A point that meets every limit, with room where there is any.
    inner: Option<Vec<f64>>,
    standalone: Vec<Vec<f64>>,
    findings: Vec<Finding>,
}

impl<'a> Search<'a> {
    fn new(
        problem: &'a Problem,
        replay: Option<&'a dyn Pricing>,
        options: &'a Options,
        watch: Watch<'a>,
    ) -> Result<Self, PortfolioError> {
        let exact = Exact::of(problem)?;
        let mut prepared = Prepared::of(problem, &exact)?;
        let mut findings = Vec::new();
        for (candidate, choice) in problem.candidates.iter().zip(&mut prepared.choices) {
            if !saves(&candidate.instrument) {
                choice.most = 0.0;
                findings.push(Finding::RateNotBelowOnDemand { candidate: candidate.instrument.name.clone() });
            }
        }
        for line in &problem.lines {
            let steps = line.on_demand.iter().filter(|units| **units < 0).count();
            if steps > 0 {
                findings.push(Finding::NegativeUsage { line: line.name.clone(), steps });
            }
        }
        let rows = rows(problem, &prepared);
        let limit = problem.constraints.coverage.map(|coverage| (1.0 - statistic(coverage)) * prepared.usage);
        let together = if prepared.steps.len() <= options.drawn_together {
            prepared.steps.clone()
        } else {
            prepared.drawn_together(options.drawn_together)
        };
        Ok(Self {
            problem,
            replay,
            options,
            watch,
            exact,
            prepared,
            rows,
            limit,
            together,
            drawn: Vec::new(),
            full: Vec::new(),
            inner: None,
            standalone: Vec::new(),
            findings,
        })
    }

    fn tell(&self, phase: Phase, round: (usize, usize), gap: Option<f64>) -> Result<(), PortfolioError> {
        if (self.watch)(&Progress { phase, round, gap }) { Ok(()) } else { Err(PortfolioError::Cancelled) }
    }

    fn master(&self) -> Master {
        let most = self.prepared.choices.iter().map(|choice| choice.most).collect();
        let mut master = Master::new(most, self.rows.clone(), self.limit.unwrap_or(f64::MAX));
        for evaluation in self.drawn.iter().chain(&self.full) {
            if self.limit.is_some() {
                master.add_limited(evaluation.uncovered_plane.clone());
            }
        }
        master
    }

    fn is_feasible(&self, master: &Master, evaluation: &Evaluation) -> bool {
        let covered = self.limit.is_none_or(|limit| evaluation.uncovered <= limit * (1.0 + 1e-9) + 1e-9);
        covered && master.keeps_rows(&evaluation.point)
    }

    /// Nothing, each instrument alone, one after another, and a point within all limits.
    fn starts(&mut self) -> Result<(), PortfolioError> {
        self.coverage_can_be_met()?;
        let count = self.prepared.choices.len();
        let mean = self.prepared.mean_path();
        let risk = statistic(self.problem.risk.weight);
        let cost = |point: &[f64]| Evaluation::of(&mean, &self.together, point).objective(&mean, risk);
        let mut alone: Vec<(f64, Vec<f64>)> = Vec::new();
        for choice in 0..count {
            self.tell(Phase::Starts, (choice, count), None)?;
            let mut point = vec![0.0; count];
            point[choice] = self.least_along(&cost, &point, choice);
            alone.push((cost(&point).0, point));
        }
        // One after another, the best first, each with the others as they are; twice over, so that the first can give way.
        let mut order: Vec<usize> = (0..count).collect();
        order.sort_by(|&left, &right| alone[left].0.total_cmp(&alone[right].0).then(left.cmp(&right)));
        let mut greedy = vec![0.0; count];
        for round in 0..2 {
            self.tell(Phase::Starts, (round, 2), None)?;
            for &choice in &order {
                greedy[choice] = self.least_along(&cost, &greedy, choice);
            }
        }
        const MOST_ALONE: usize = 6;
        let best = order.iter().take(MOST_ALONE).map(|&choice| alone[choice].1.clone());
        self.standalone = best.collect();
        let mut points = vec![vec![0.0; count], greedy];
        points.extend(self.standalone.iter().cloned());
        for (round, point) in points.iter().enumerate() {
            self.tell(Phase::Starts, (round, points.len()), None)?;
            self.drawn.push(Evaluation::of(&self.prepared, &self.together, point));
        }
        Ok(())
    }

    /// The least of a convex cost along one choice, by halving on its slope.
    fn least_along(
        &self,
        convex: &dyn Fn(&[f64]) -> (f64, super::covering::Plane),
        from: &[f64],
        choice: usize,
    ) -> f64 {
        let mut point = from.to_vec();
        let rows = self.rows.iter().filter(|row| row.coefficients[choice] > 0.0).map(|row| {
            let others: f64 = (0..point.len())
                .filter(|&other| other != choice)
                .map(|other| row.coefficients[other] * point[other])
                .sum();
            ((row.limit - others) / row.coefficients[choice]).max(0.0)
        });
        let (mut low, mut high) = (0.0, rows.fold(self.prepared.choices[choice].most, f64::min));
        const HALVINGS: usize = 24;
        for _ in 0..HALVINGS {
            point[choice] = f64::midpoint(low, high);
            if convex(&point).1.slope[choice] < 0.0 { low = point[choice] } else { high = point[choice] }
        }
        f64::midpoint(low, high)
    }

    /// Finds a point within all limits, or names the one that cannot be met.
    fn coverage_can_be_met(&mut self) -> Result<(), PortfolioError> {
        let (Some(limit), Some(asked)) = (self.limit, self.problem.constraints.coverage) else { return Ok(()) };
        let most: Vec<f64> = self.prepared.choices.iter().map(|choice| choice.most).collect();
        let all = Evaluation::of(&self.prepared, &self.together, &most);
        let full = Evaluation::of(&self.prepared, &self.prepared.steps, &most);
        if full.uncovered > limit * (1.0 + 1e-9) + 1e-9 {
            let reachable = 1.0 - full.uncovered / self.prepared.usage;
            return Err(PortfolioError::Coverage { asked, reachable: four_decimals(reachable) });
        }
        let keeps = self.master().keeps_rows(&most);
        self.drawn.push(all);
        if keeps {
            self.inner = Some(most);
            return Ok(());
        }
        let rows = self.rows.clone();
        if let Some(point) = self.least_uncovered(&rows, limit)? {
            self.inner = Some(point);
            return Ok(());
        }
        // Which limit it is: one that cannot be met by itself, otherwise all of them together.
        for row in &rows {
            if self.least_uncovered(std::slice::from_ref(row), limit)?.is_none() {
                return Err(PortfolioError::Conflict { limit: row.name.clone(), coverage: asked });
            }
        }
        let names: Vec<&str> = rows.iter().map(|row| row.name.as_str()).collect();
        Err(PortfolioError::Conflict { limit: names.join(" and "), coverage: asked })
    }

    /// A point that leaves at most `limit` uncovered within rows, with room if there is any; `None` when there is none.
    fn least_uncovered(&mut self, rows: &[Row], limit: f64) -> Result<Option<Vec<f64>>, PortfolioError> {
        let most = self.prepared.choices.iter().map(|choice| choice.most).collect();
        let mut master = Master::new(most, rows.to_vec(), f64::MAX);
        for evaluation in &self.drawn {
            master.add(evaluation.uncovered_plane.clone());
        }
        let mut best: Option<(f64, Vec<f64>)> = None;
        let (rounds, _) = self.options.most_rounds;
        for round in 0..rounds {
            self.tell(Phase::Limits, (round, rounds), None)?;
            let Bound::At { point, value } = master.bound() else { return Ok(None) };
            if value > limit * (1.0 + 1e-9) + 1e-9 {
                return Ok(None);
            }
            let evaluation = Evaluation::of(&self.prepared, &self.prepared.steps, &point);
            if best.as_ref().is_none_or(|(least, _)| evaluation.uncovered < *least) {
                best = Some((evaluation.uncovered, point));
            }
            master.add(evaluation.uncovered_plane.clone());
            self.drawn.push(evaluation);
            let least = best.as_ref().map_or(f64::MAX, |(least, _)| *least);
            // Halfway between the limit and the best that there could be is room enough.
            if least <= limit && least <= f64::midpoint(limit, value) + 1e-9 * limit.abs() {
                break;
            }
        }
        Ok(best.filter(|(least, _)| *least <= limit * (1.0 + 1e-9) + 1e-9).map(|(_, point)| point))
    }

    /// The best portfolio at one weight of risk.
    fn best(&mut self, weight: Amount) -> Result<Portfolio, PortfolioError> {
        let risk = statistic(weight);
        let mut master = self.master();
        for evaluation in self.drawn.iter().chain(&self.full) {
            master.add(evaluation.objective(&self.prepared, risk).1);
        }
        if let Some(inner) = self.inner.clone() {
            let evaluation = Evaluation::of(&self.prepared, &self.together, &inner);
            self.take(&mut master, evaluation, false, risk);
        }
        let mut bound = f64::NEG_INFINITY;
        let (few, every) = self.options.most_rounds;
        let is_every_step = self.together.len() == self.prepared.steps.len();
        self.rounds(&mut master, Phase::DrawnTogether, few, risk, &mut bound)?;
        if !is_every_step {
            let mut points = self.ranked(&master, false, risk);
            points.truncate(1);
            for point in points {
                let evaluation = Evaluation::of(&self.prepared, &self.prepared.steps, &point);
                self.take(&mut master, evaluation, true, risk);
            }
            self.rounds(&mut master, Phase::EveryStep, every, risk, &mut bound)?;
        }
        self.tell(Phase::Pricing, (0, 1), None)?;
        let mut points = self.ranked(&master, !is_every_step, risk);
        points.truncate(2);
        let settling = Settling {
            problem: self.problem,
            replay: self.replay,
            exact: &self.exact,
            most: self.prepared.choices.iter().map(|choice| choice.most).collect(),
            inner: self.inner.as_deref(),
            risk_weight: fraction(weight),
            watch: &|| self.tell(Phase::Pricing, (0, 1), None),
        };
        let mut portfolio = settling.portfolio(&points, &self.standalone, bound)?;
        portfolio.risk_weight = weight;
        portfolio.rounds = self.drawn.len() + self.full.len();
        portfolio.findings = self.findings.clone();
        Ok(portfolio)
    }

    /// Points that meet the limits, the cheapest first.
    fn ranked(&self, master: &Master, full: bool, risk: f64) -> Vec<Vec<f64>> {
        let of = if full { &self.full } else { &self.drawn };
        let mut ranked: Vec<(f64, usize)> = of
            .iter()
            .enumerate()
            .filter(|(_, evaluation)| self.is_feasible(master, evaluation))
            .map(|(number, evaluation)| (evaluation.objective(&self.prepared, risk).0, number))
            .collect();
        ranked.sort_by(|left, right| left.0.total_cmp(&right.0).then(left.1.cmp(&right.1)));
        let points = ranked.into_iter().map(|(_, number)| of[number].point.clone());
        points.chain(self.inner.clone()).collect()
    }

    fn take(&mut self, master: &mut Master, evaluation: Evaluation, full: bool, risk: f64) -> f64 {
        let (value, plane) = evaluation.objective(&self.prepared, risk);
        master.add(plane);
        if self.limit.is_some() {
            master.add_limited(evaluation.uncovered_plane.clone());
        }
        let value = if self.is_feasible(master, &evaluation) { value } else { f64::INFINITY };
        if full {
            self.full.push(evaluation)
        } else {
            self.drawn.push(evaluation)
        }
        value
    }

    /// Rounds of the level method until the gap is small enough.
    fn rounds(
        &mut self,
        master: &mut Master,
        phase: Phase,
        most: usize,
        risk: f64,
        bound: &mut f64,
    ) -> Result<(), PortfolioError> {
        let full = phase == Phase::EveryStep;
        let steps = if full { self.prepared.steps.clone() } else { self.together.clone() };
        let target = statistic(self.options.target_gap);
        let (mut best, mut centre) = self.cheapest(master, full, risk);
        for round in 0..most {
            let Bound::At { point, value } = master.bound() else {
                // A point within all limits is known, so it is the solver that gives up on planes too close to each other.
                break;
            };
            *bound = bound.max(value);
            let gap = (best - *bound) / best.abs().max(f64::MIN_POSITIVE);
            self.tell(phase, (round, most), best.is_finite().then_some(gap))?;
            if gap <= target {
                break;
            }
            // Between what is known and what is hoped for; every third round straight to where the planes are lowest.
            const LEVEL: f64 = 0.3;
            let level = *bound + LEVEL * (best - *bound);
            let next = if round % 3 == 2 || !best.is_finite() { None } else { master.next(&centre, level) };
            let evaluation = Evaluation::of(&self.prepared, &steps, &next.unwrap_or(point));
            let point = evaluation.point.clone();
            let found = self.take(master, evaluation, full, risk);
            if found < best {
                (best, centre) = (found, point);
            }
        }
        Ok(())
    }

    fn cheapest(&self, master: &Master, full: bool, risk: f64) -> (f64, Vec<f64>) {
        let of = if full { &self.full } else { &self.drawn };
        let nothing = (f64::INFINITY, vec![0.0; self.prepared.choices.len()]);
        of.iter().filter(|evaluation| self.is_feasible(master, evaluation)).fold(nothing, |best, evaluation| {
            let (value, _) = evaluation.objective(&self.prepared, risk);
            if value < best.0 { (value, evaluation.point.clone()) } else { best }
        })
    }
}

/// Whether an instrument is below on demand for at least one line.
fn saves(instrument: &Instrument) -> bool {
    let hours = BigRational::from(num_bigint::BigInt::from(instrument.term_hours));
    let price = fraction(instrument.upfront) / hours + fraction(instrument.recurring);
    let one = fraction(Amount::from_integer(1));
    instrument.rates.iter().any(|rate| &price * fraction(rate.capacity) < one)
}

/// Limits on what is bought, as rows.
fn rows(problem: &Problem, prepared: &Prepared) -> Vec<Row> {
    let constraints = &problem.constraints;
    let upfront = constraints.upfront.map(|limit| Row {
        name: format!("the limit of {limit} on cash upfront"),
        coefficients: prepared.choices.iter().map(|choice| choice.upfront).collect(),
        limit: statistic(limit),
    });
    let slots = constraints.slots.iter().map(|&(period, limit)| {
        let name = problem.periods.get(period).map_or_else(|| period.to_string(), |period| period.name.clone());
        let of = |choice: &super::prepared::Choice| if choice.from == period { choice.hourly } else { 0.0 };
        Row {
            name: format!("the limit of {limit} an hour bought in {name}"),
            coefficients: prepared.choices.iter().map(of).collect(),
            limit: statistic(limit),
        }
    });
    upfront.into_iter().chain(slots).collect()
}

/// A share for a message, rounded down.
fn four_decimals(share: f64) -> Amount {
    Amount::new((share * 10_000.0).floor().max(0.0) as i128, 4).unwrap_or(Amount::ZERO)
}
