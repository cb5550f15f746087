//! Complex exponential smoothing: level and growth as the two parts of one complex number, which needs no choice between trends.
//!
//! I. Svetunkov, N. Kourentzes and J. K. Ord (2022), "Complex exponential smoothing"; four kinds of season, chosen by the corrected
//! criterion of Akaike. Each run goes through the series forward, back and forward again, so that the first states
//! matter little.

use crate::decomposition::{SeasonKind, seasonal_means};
use crate::nelder_mead::{Search, minimise};

/// How the season enters.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum CesSeason {
    /// Not at all.
    None,
    /// Each position in the period has a complex level of its own.
    Simple,
    /// A season that adds, smoothed by one weight.
    Partial,
    /// A season that is a complex number itself.
    Full,
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct Ces {
    /// How the season enters.
    pub season: CesSeason,
    /// The weights: real and imaginary of the level, then of the season where it has them.
    pub weights: [f64; 4],
    /// The corrected criterion of Akaike: the smaller, the better.
    pub criterion: f64,
    /// What was expected of each value one step before it.
    pub fitted: Vec<f64>,
    state: State,
}

/// The complex level, and the complex season of each position, the next step's first.
#[derive(Clone, Debug)]
struct State {
    level: (f64, f64),
    ring: Vec<(f64, f64)>,
}

/// A search that begins near its end needs few steps.
const REFIT_STEPS_MAX: usize = 40;

impl Ces {
    /// The model with the least criterion; without a season when there are fewer than two periods. Nothing for fewer than five values.
    #[must_use]
    pub fn choose(series: &[f64], period: usize) -> Option<Self> {
        /// As many weights and states as the widest model without a season has, and one more.
        const VALUES_MIN: usize = 5;
        if series.len() < VALUES_MIN {
            return None;
        }
        let seasonal = period > 1 && series.len() >= 2 * period;
        let seasons: &[CesSeason] = if seasonal {
            &[CesSeason::None, CesSeason::Simple, CesSeason::Partial, CesSeason::Full]
        } else {
            &[CesSeason::None]
        };
        let mut best: Option<Self> = None;
        for season in seasons {
            let Some(fit) = Self::fit(series, period, *season) else { continue };
            if fit.criterion.is_finite() && best.as_ref().is_none_or(|best| fit.criterion < best.criterion) {
                best = Some(fit);
            }
        }
        best
    }

    /// One kind of model; nothing when the series is too short for it or no weights keep it from running away.
    #[must_use]
    pub fn fit(series: &[f64], period: usize, season: CesSeason) -> Option<Self> {
        let start: &[f64] = match season {
            CesSeason::None | CesSeason::Simple => &[1.3, 1.0],
            CesSeason::Partial => &[1.3, 1.0, 0.1],
            CesSeason::Full => &[1.3, 1.0, 1.3, 1.0],
        };
        Self::search_from(series, period, season, start, Search::default())
    }

    /// The same kind of model for another stretch of the series, searched from this one's weights.
    pub(crate) fn refit(&self, series: &[f64], period: usize, anew: bool) -> Option<Self> {
        let count = match self.season {
            CesSeason::None | CesSeason::Simple => 2,
            CesSeason::Partial => 3,
            CesSeason::Full => 4,
        };
        // The weights of a longer stretch are near those of a shorter one.
        let search = Search { steps_max: if anew { REFIT_STEPS_MAX } else { 0 }, ..Search::default() };
        Self::search_from(series, period, self.season, &self.weights[..count], search)
    }

    fn search_from(series: &[f64], period: usize, season: CesSeason, start: &[f64], search: Search) -> Option<Self> {
        let first = first_state(series, period, season)?;
        let backward: Vec<f64> = series.iter().rev().copied().collect();
        let mut state = first.clone();
        let objective = |point: &[f64]| {
            state.level = first.level;
            state.ring.copy_from_slice(&first.ring);
            let squares = there_and_back(season, series, &backward, weights_of(point), &mut state, |_| {});
            (series.len() as f64) * libm::log(squares.max(1e-300))
        };
        let upper = [1.8, 1.9, 1.5, 1.5];
        let minimum = minimise(objective, start, &[0.01; 4][..start.len()], &upper[..start.len()], search);
        if !minimum.value.is_finite() {
            return None;
        }
        let weights = weights_of(&minimum.point);
        let mut state = first;
        let mut fitted = Vec::with_capacity(series.len());
        there_and_back(season, series, &backward, weights, &mut state, |expected| fitted.push(expected));
        let components = match season {
            CesSeason::None | CesSeason::Simple => 2.0,
            CesSeason::Partial => 3.0,
            CesSeason::Full => 4.0,
        };
        let free = components + 1.0;
        let rest = series.len() as f64 - free - 1.0;
        let correction = if rest > 0.0 { 2.0 * free * (free + 1.0) / rest } else { f64::INFINITY };
        Some(Self { season, weights, criterion: minimum.value + 2.0 * free + correction, fitted, state })
    }

    /// What the model expects of the next `horizon` steps.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut state = self.state.clone();
        (0..horizon).map(|step| state.step_without_error(self.season, self.weights, step)).collect()
    }
}

fn weights_of(point: &[f64]) -> [f64; 4] {
    let mut weights = [0.0; 4];
    weights[..point.len()].copy_from_slice(point);
    weights
}

fn first_state(series: &[f64], period: usize, season: CesSeason) -> Option<State> {
    /// The imaginary part starts a little below the real one.
    const IMAGINARY: f64 = 1.0 / 1.1;
    let level_of = |head: &[f64]| {
        let mean = head.iter().sum::<f64>() / head.len() as f64;
        (mean, mean * IMAGINARY)
    };
    Some(match season {
        CesSeason::None => State { level: level_of(&series[..series.len().min(10)]), ring: Vec::new() },
        CesSeason::Simple => State {
            level: (0.0, 0.0),
            ring: series.get(..period)?.iter().map(|value| (*value, value * IMAGINARY)).collect(),
        },
        CesSeason::Partial | CesSeason::Full => {
            let pattern = seasonal_means(series, period, SeasonKind::Additive)?;
            let imaginary = if season == CesSeason::Full { IMAGINARY } else { 0.0 };
            State {
                level: level_of(series.get(..period)?),
                ring: pattern.into_iter().map(|value| (value, value * imaginary)).collect(),
            }
        }
    })
}

impl State {
    /// One step as expected: what it was, and the state after it. `step` counts from the one that the ring begins with.
    fn step_without_error(&mut self, season: CesSeason, weights: [f64; 4], step: usize) -> f64 {
        let at = if self.ring.is_empty() { 0 } else { step % self.ring.len() };
        match season {
            CesSeason::None => {
                let expected = self.level.0;
                self.level = turned(self.level, weights[0], weights[1], 0.0);
                expected
            }
            CesSeason::Simple => {
                let expected = self.ring[at].0;
                self.ring[at] = turned(self.ring[at], weights[0], weights[1], 0.0);
                expected
            }
            CesSeason::Partial | CesSeason::Full => {
                let expected = self.level.0 + self.ring[at].0;
                self.level = turned(self.level, weights[0], weights[1], 0.0);
                if season == CesSeason::Full {
                    self.ring[at] = turned(self.ring[at], weights[2], weights[3], 0.0);
                }
                expected
            }
        }
    }

    /// Turns round at the end of a run: a period goes on as expected, then its seasons are read backwards, and the level is the one
    /// after its first step.
    fn turn_round(&mut self, season: CesSeason, weights: [f64; 4]) {
        let steps = self.ring.len().max(1);
        let mut level = self.level;
        for step in 0..steps {
            self.step_without_error(season, weights, step);
            if step == 0 {
                level = self.level;
            }
        }
        self.level = level;
        self.ring.reverse();
    }
}

/// The complex product that one step is.
#[inline(always)]
fn turned((real, imaginary): (f64, f64), first: f64, second: f64, error: f64) -> (f64, f64) {
    (
        real - (1.0 - second) * imaginary + (first - second) * error,
        real + (1.0 - first) * imaginary + (first + second) * error,
    )
}

/// Forward, back, and forward again; the sum of squared errors of the last run, of which `expect` is told. The kind of season is settled
/// here, once, so that the loops have no branch.
fn there_and_back(
    season: CesSeason,
    series: &[f64],
    backward: &[f64],
    weights: [f64; 4],
    state: &mut State,
    expect: impl FnMut(f64),
) -> f64 {
    match season {
        CesSeason::None => three_runs::<NONE>(season, series, backward, weights, state, expect),
        CesSeason::Simple => three_runs::<SIMPLE>(season, series, backward, weights, state, expect),
        CesSeason::Partial => three_runs::<PARTIAL>(season, series, backward, weights, state, expect),
        CesSeason::Full => three_runs::<FULL>(season, series, backward, weights, state, expect),
    }
}

const NONE: u8 = 0;
const SIMPLE: u8 = 1;
const PARTIAL: u8 = 2;
const FULL: u8 = 3;

fn three_runs<const SEASON: u8>(
    season: CesSeason,
    series: &[f64],
    backward: &[f64],
    weights: [f64; 4],
    state: &mut State,
    expect: impl FnMut(f64),
) -> f64 {
    run::<SEASON>(series, weights, state, |_| {});
    state.turn_round(season, weights);
    run::<SEASON>(backward, weights, state, |_| {});
    state.turn_round(season, weights);
    run::<SEASON>(series, weights, state, expect)
}

#[inline(always)]
fn run<const SEASON: u8>(
    series: &[f64],
    [first, second, third, fourth]: [f64; 4],
    state: &mut State,
    mut expect: impl FnMut(f64),
) -> f64 {
    let mut squares = 0.0;
    let mut level = state.level;
    let ring = &mut state.ring;
    if SEASON == NONE {
        for value in series {
            let error = value - level.0;
            expect(level.0);
            squares += error * error;
            level = turned(level, first, second, error);
        }
    } else {
        for cycle in series.chunks(ring.len()) {
            for (value, part) in cycle.iter().zip(ring.iter_mut()) {
                let expected = if SEASON == SIMPLE { part.0 } else { level.0 + part.0 };
                let error = value - expected;
                expect(expected);
                squares += error * error;
                match SEASON {
                    SIMPLE => *part = turned(*part, first, second, error),
                    PARTIAL => part.0 += third * error,
                    _ => *part = turned(*part, third, fourth, error),
                }
                if SEASON != SIMPLE {
                    level = turned(level, first, second, error);
                }
            }
        }
        let ahead = series.len() % ring.len();
        ring.rotate_left(ahead);
    }
    state.level = level;
    squares
}
