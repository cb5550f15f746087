//! Where the search for a smoothing model's weights and first states begins, and the box it stays in.

use super::ets::{EtsForm, SmoothingWeights, Trend};
use crate::decomposition::{SeasonKind, seasonal_means};
use crate::linear::{least_squares, line};

/// The least and the greatest of each weight, in the order level, growth, season, fading.
///
/// While the models of one series are tried one after the other, the upper ends for growth and season only come down, to what the first
/// weight of the level left of them: the reference implementation does so, and its slow growth is one of the reasons for
/// its accuracy.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    lower: [f64; 4],
    upper: [f64; 4],
}

impl Default for Bounds {
    fn default() -> Self {
        Self { lower: [1e-4, 1e-4, 1e-4, 0.8], upper: [0.9999, 0.9999, 0.9999, 0.98] }
    }
}

/// A point to search from: weights, level, growth, then all seasons but the last, which is what the others leave.
pub(crate) struct StartOfSmoothing {
    pub form: EtsForm,
    /// The period of the season; zero without one.
    pub season_length: usize,
    pub point: Vec<f64>,
    pub lower: Vec<f64>,
    pub upper: Vec<f64>,
}

impl StartOfSmoothing {
    /// Weights, level and growth at `point`; the seasons are written in the order of time.
    pub(crate) fn unpack(&self, point: &[f64], season: &mut [f64]) -> (SmoothingWeights, f64, f64) {
        let mut weights = SmoothingWeights { alpha: point[0], beta: 0.0, gamma: 0.0, phi: 1.0 };
        let mut next = 1;
        if self.form.trend != Trend::None {
            weights.beta = point[next];
            next += 1;
        }
        if self.form.season.is_some() {
            weights.gamma = point[next];
            next += 1;
        }
        if self.form.trend == Trend::Damped {
            weights.phi = point[next];
            next += 1;
        }
        let level = point[next];
        next += 1;
        let mut growth = 0.0;
        if self.form.trend != Trend::None {
            growth = point[next];
            next += 1;
        }
        if let Some(kind) = self.form.season {
            let whole = if kind == SeasonKind::Multiplicative { self.season_length as f64 } else { 0.0 };
            let others = &point[next..];
            season[0] = whole - others.iter().sum::<f64>();
            for (to, from) in season[1..].iter_mut().rev().zip(others) {
                *to = *from;
            }
        }
        (weights, level, growth)
    }
}

/// The start for one model; nothing when the series is too short for its season.
pub(crate) fn start_of(series: &[f64], period: usize, form: EtsForm, bounds: &mut Bounds) -> Option<StartOfSmoothing> {
    let season_length = if form.season.is_some() { period } else { 0 };
    let trend = form.trend != Trend::None;
    let Bounds { lower, upper } = bounds;
    let alpha = lower[0] + 0.2 * (upper[0] - lower[0]) / (season_length.max(1) as f64);
    let mut weights = vec![alpha];
    let mut ends = vec![(lower[0], upper[0])];
    if trend {
        upper[1] = upper[1].min(alpha);
        weights.push((lower[1] + 0.1 * (upper[1] - lower[1])).min(alpha));
        ends.push((lower[1], upper[1]));
    }
    if form.season.is_some() {
        upper[2] = upper[2].min(1.0 - alpha);
        weights.push(lower[2] + 0.05 * (upper[2] - lower[2]));
        ends.push((lower[2], upper[2]));
    }
    if form.trend == Trend::Damped {
        weights.push(lower[3] + 0.99 * (upper[3] - lower[3]));
        ends.push((lower[3], upper[3]));
    }
    let states = first_states(series, period, form)?;
    ends.resize(weights.len() + states.len(), (f64::NEG_INFINITY, f64::INFINITY));
    let point: Vec<f64> = weights.into_iter().chain(states).collect();
    let (lower, upper) = ends.into_iter().unzip();
    Some(StartOfSmoothing { form, season_length, point, lower, upper })
}

/// Level, growth and the seasons but the last, latest first; from the first periods, without their season.
fn first_states(series: &[f64], period: usize, form: EtsForm) -> Option<Vec<f64>> {
    let mut seasons = Vec::new();
    let mut adjusted = series.to_vec();
    let mut reach = 10;
    if let Some(kind) = form.season {
        let pattern = first_seasons(series, period, kind)?;
        reach = reach.max(2 * period);
        seasons = (1..period).rev().map(|at| pattern[at % pattern.len()]).collect();
        if kind == SeasonKind::Additive {
            for (at, value) in adjusted.iter_mut().enumerate() {
                *value -= pattern[at % pattern.len()];
            }
        } else {
            for season in &mut seasons {
                *season = season.max(1e-2);
            }
            let sum: f64 = seasons.iter().sum();
            if sum > period as f64 {
                let scale: f64 = seasons.iter().map(|season| season + 1e-2).sum();
                for season in &mut seasons {
                    *season /= scale;
                }
            }
            for (at, value) in adjusted.iter_mut().enumerate() {
                *value /= pattern[at % pattern.len()].max(1e-2);
            }
        }
    }
    let head = &adjusted[..reach.min(adjusted.len())];
    let mut states = Vec::with_capacity(seasons.len() + 2);
    if form.trend == Trend::None {
        states.push(head.iter().sum::<f64>() / head.len() as f64);
    } else {
        let (mut level, mut growth) = line(head);
        // A forecast of nothing would divide an error that is a share of it.
        if (level + growth).abs() < 1e-8 {
            level *= 1.0 + 1e-3;
            growth *= 1.0 - 1e-3;
        }
        states.extend([level, growth]);
    }
    states.extend(seasons);
    Some(states)
}

/// The pattern from the first value on: by moving averages with three periods or more (then it repeats), else what a line and one wave
/// leave (then it is as long as the series).
fn first_seasons(series: &[f64], period: usize, kind: SeasonKind) -> Option<Vec<f64>> {
    let count = series.len();
    if count < 4 || count <= period {
        return None;
    }
    if count >= 3 * period {
        return seasonal_means(series, period, kind);
    }
    let mut rows = Vec::with_capacity(4 * count);
    for at in 1..=count {
        let angle = 2.0 * std::f64::consts::PI * at as f64 / period as f64;
        rows.extend([1.0, at as f64, libm::cos(angle), libm::sin(angle)]);
    }
    let found = least_squares(&rows, 4, series);
    let rest = series.iter().enumerate().map(|(at, value)| {
        let line = found[0] + found[1] * (at + 1) as f64;
        if kind == SeasonKind::Additive { value - line } else { value / line }
    });
    let rest: Vec<f64> = rest.collect();
    rest.iter().all(|value| value.is_finite()).then_some(rest)
}
