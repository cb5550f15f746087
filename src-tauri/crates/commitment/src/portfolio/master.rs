//! The master problem: where all planes so far leave room for something better, and how much better it can be at most.
//!
//! Kelley's cutting planes with the level method of Lemarechal, Nemirovskii and Nesterov (1995): a linear programme gives the bound, a projection onto
//! the points that the planes still allow to be better gives the next point. Both are solved by Clarabel, an interior-point solver.

#![expect(
    clippy::float_arithmetic,
    reason = "the search works on statistics of demand; what it finds is priced in whole numbers"
)]

use clarabel::algebra::CscMatrix;
use clarabel::solver::{DefaultSettings, DefaultSolver, IPSolver, NonnegativeConeT, SolverStatus};

use super::covering::Plane;

/// A limit `coefficients . x <= limit` in words and numbers.
#[derive(Clone, Debug)]
pub(super) struct Row {
    pub(super) name: String,
    pub(super) coefficients: Vec<f64>,
    pub(super) limit: f64,
}

/// What is known so far.
#[derive(Clone, Debug)]
pub(super) struct Master {
    /// Most of each choice.
    most: Vec<f64>,
    rows: Vec<Row>,
    /// Planes below the objective.
    planes: Vec<Plane>,
    /// Planes below what must not exceed `limit`.
    limited: Vec<Plane>,
    limit: f64,
}

/// What the linear programme says.
pub(super) enum Bound {
    /// No portfolio costs less than `value`; `point` is where one might cost as little.
    At { point: Vec<f64>, value: f64 },
    /// Nothing meets the limits.
    Infeasible,
}

impl Master {
    pub(super) const fn new(most: Vec<f64>, rows: Vec<Row>, limit: f64) -> Self {
        Self { most, rows, planes: Vec::new(), limited: Vec::new(), limit }
    }

    pub(super) fn add(&mut self, plane: Plane) {
        self.planes.push(plane);
    }

    pub(super) fn add_limited(&mut self, plane: Plane) {
        self.limited.push(plane);
    }

    /// Whether a point keeps the rows.
    pub(super) fn keeps_rows(&self, point: &[f64]) -> bool {
        self.rows.iter().all(|row| product(&row.coefficients, point) <= row.limit * (1.0 + 1e-12) + 1e-12)
    }

    /// The least that all planes allow.
    ///
    /// The value does not rest on how exactly the programme was solved: it is the Lagrangian bound of its multipliers, which is valid for any
    /// that are not negative.
    pub(super) fn bound(&self) -> Bound {
        let count = self.most.len();
        let scale = self.planes.iter().map(|plane| plane.at(&vec![0.0; count]).abs()).fold(1.0, f64::max);
        let mut programme = Programme::new(count + 1);
        for plane in &self.planes {
            let mut row = self.scaled(&plane.slope, scale);
            row.push(-1.0);
            programme.at_most(row, -plane.intercept / scale);
        }
        let limits = self.limits(&mut programme, 1);
        let mut cost = vec![0.0; count];
        cost.push(1.0);
        let solution = programme.solve(&vec![0.0; count + 1], &cost);
        if matches!(solution.status, SolverStatus::PrimalInfeasible | SolverStatus::AlmostPrimalInfeasible) {
            return Bound::Infeasible;
        }
        let value = self.lagrangian(&solution.multipliers, &limits);
        Bound::At { point: self.unscaled(&solution.point[..count]), value }
    }

    /// The point next to `centre` at which all planes allow `level`; `None` when the solver finds none.
    pub(super) fn next(&self, centre: &[f64], level: f64) -> Option<Vec<f64>> {
        let count = self.most.len();
        let mut programme = Programme::new(count);
        for plane in &self.planes {
            let scale = level.abs().max(1.0);
            programme.at_most(self.scaled(&plane.slope, scale), (level - plane.intercept) / scale);
        }
        self.limits(&mut programme, 0);
        let towards: Vec<f64> =
            centre.iter().zip(&self.most).map(|(value, most)| if *most > 0.0 { -value / most } else { 0.0 }).collect();
        let solution = programme.solve(&vec![1.0; count], &towards);
        matches!(
            solution.status,
            SolverStatus::Solved | SolverStatus::AlmostSolved | SolverStatus::InsufficientProgress
        )
        .then(|| self.unscaled(&solution.point))
    }

    /// Limits, rows and the box; the scale of each limit and row, in order.
    fn limits(&self, programme: &mut Programme, further: usize) -> Vec<f64> {
        let mut scales = Vec::new();
        let mut limit = |programme: &mut Programme, slope: &[f64], room: f64| {
            let largest =
                slope.iter().zip(&self.most).map(|(slope, most)| (slope * most).abs()).fold(room.abs(), f64::max);
            let scale = if largest > 0.0 { largest } else { 1.0 };
            let mut row = self.scaled(slope, scale);
            row.extend(std::iter::repeat_n(0.0, further));
            programme.at_most(row, room / scale);
            scales.push(scale);
        };
        for plane in &self.limited {
            limit(programme, &plane.slope, self.limit - plane.intercept);
        }
        for row in &self.rows {
            limit(programme, &row.coefficients, row.limit);
        }
        for choice in 0..self.most.len() {
            let mut row = vec![0.0; self.most.len() + further];
            row[choice] = 1.0;
            programme.at_most(row.clone(), 1.0);
            row[choice] = -1.0;
            programme.at_most(row, 0.0);
        }
        scales
    }

    fn lagrangian(&self, multipliers: &[f64], scales: &[f64]) -> f64 {
        let count = self.planes.len();
        let sum: f64 = multipliers[..count].iter().map(|value| value.max(0.0)).sum();
        if !(sum > 0.0 && sum.is_finite()) {
            return f64::NEG_INFINITY;
        }
        let scale = self.planes.iter().map(|plane| plane.intercept.abs()).fold(1.0, f64::max);
        let mut slope = vec![0.0; self.most.len()];
        let mut value = 0.0;
        let mut take = |intercept: f64, of: &[f64], weight: f64| {
            value += weight * intercept;
            for (slope, of) in slope.iter_mut().zip(of) {
                *slope += weight * of;
            }
        };
        for (plane, weight) in self.planes.iter().zip(multipliers) {
            take(plane.intercept, &plane.slope, weight.max(0.0) / sum);
        }
        // The programme measured the objective in units of `scale`, and each limit in its own.
        let rest = multipliers[count..].iter().zip(scales).map(|(weight, own)| weight.max(0.0) / sum * scale / own);
        let limited = self.limited.iter().map(|plane| (plane.intercept - self.limit, &plane.slope));
        let rows = self.rows.iter().map(|row| (-row.limit, &row.coefficients));
        for ((intercept, of), weight) in limited.chain(rows).zip(rest) {
            take(intercept, of, weight);
        }
        value + slope.iter().zip(&self.most).map(|(slope, most)| slope.min(0.0) * most).sum::<f64>()
    }

    /// A slope per share of the most, in units of `scale`.
    fn scaled(&self, slope: &[f64], scale: f64) -> Vec<f64> {
        slope.iter().zip(&self.most).map(|(slope, most)| slope * most / scale).collect()
    }

    fn unscaled(&self, shares: &[f64]) -> Vec<f64> {
        shares.iter().zip(&self.most).map(|(share, most)| share.clamp(0.0, 1.0) * most).collect()
    }
}

fn product(left: &[f64], right: &[f64]) -> f64 {
    left.iter().zip(right).map(|(left, right)| left * right).sum()
}

/// Rows of `a . x <= b`, written down one by one.
struct Programme {
    columns: Vec<Vec<(usize, f64)>>,
    limits: Vec<f64>,
}

struct Solution {
    status: SolverStatus,
    point: Vec<f64>,
    multipliers: Vec<f64>,
}

impl Programme {
    fn new(columns: usize) -> Self {
        Self { columns: vec![Vec::new(); columns], limits: Vec::new() }
    }

    fn at_most(&mut self, row: Vec<f64>, limit: f64) {
        let number = self.limits.len();
        for (column, value) in self.columns.iter_mut().zip(row) {
            if value != 0.0 {
                column.push((number, value));
            }
        }
        self.limits.push(limit);
    }

    /// Minimises half of `squares . x^2` + `cost . x`.
    fn solve(self, squares: &[f64], cost: &[f64]) -> Solution {
        let (rows, columns) = (self.limits.len(), self.columns.len());
        let failed =
            Solution { status: SolverStatus::NumericalError, point: vec![0.0; columns], multipliers: vec![0.0; rows] };
        let matrix = csc(rows, &self.columns);
        let diagonal: Vec<Vec<(usize, f64)>> = squares
            .iter()
            .enumerate()
            .map(|(number, &square)| if square == 0.0 { Vec::new() } else { vec![(number, square)] })
            .collect();
        let settings = DefaultSettings::<f64> {
            verbose: false,
            max_iter: 100,
            tol_gap_abs: 1e-10,
            tol_gap_rel: 1e-10,
            tol_feas: 1e-10,
            max_threads: 1,
            ..DefaultSettings::default()
        };
        let cones = [NonnegativeConeT(rows)];
        let Ok(mut solver) =
            DefaultSolver::new(&csc(columns, &diagonal), cost, &matrix, &self.limits, &cones, settings)
        else {
            return failed;
        };
        solver.solve();
        let solution = solver.solution;
        if solution.x.iter().chain(&solution.z).any(|value| !value.is_finite()) {
            return Solution { status: solution.status, ..failed };
        }
        Solution { status: solution.status, point: solution.x, multipliers: solution.z }
    }
}

fn csc(rows: usize, columns: &[Vec<(usize, f64)>]) -> CscMatrix<f64> {
    let mut starts = vec![0];
    let (mut numbers, mut values) = (Vec::new(), Vec::new());
    for column in columns {
        for &(row, value) in column {
            numbers.push(row);
            values.push(value);
        }
        starts.push(values.len());
    }
    CscMatrix::new(rows, columns.len(), starts, numbers, values)
}
