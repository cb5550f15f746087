//! The dynamic optimised theta model: simple smoothing around a line that is fitted anew at every step.
//!
//! J. A. Fiorucci, T. R. Pellegrini, F. Louzada, F. Petropoulos and A. B. Koehler (2016), "Models for optimising the theta method and
//! their relationship to state space models"; the season is taken out first where the series has one.

use crate::decomposition::{SeasonKind, has_season, seasonal_means};
use crate::nelder_mead::{Search, minimise};

/// A fitted model.
#[derive(Clone, Debug)]
pub struct Theta {
    /// The weight of the newest value in the level.
    pub alpha: f64,
    /// How far the short-term curvature is stretched; 1 leaves the level alone, large values follow the line.
    pub theta: f64,
    /// The level before the first value.
    pub first_level: f64,
    /// How the season was taken out, if the series has one.
    pub season_kind: Option<SeasonKind>,
    /// What was expected of each value one step before it; the first is the value itself.
    pub fitted: Vec<f64>,
    /// The sum of the squares of the errors from the fourth value on, over the mean size of a value.
    pub loss: f64,
    count: usize,
    state: State,
    /// The season of the next step first.
    season: Vec<f64>,
}

#[derive(Clone, Copy, Debug)]
struct State {
    level: f64,
    mean: f64,
    intercept: f64,
    slope: f64,
}

/// The lines through the values so far: they hang on the values alone, not on what is searched for.
struct Lines {
    intercepts: Vec<f64>,
    slopes: Vec<f64>,
    mean: f64,
}

/// Errors of the first values say more about the start than about the model.
const WARM_UP: usize = 3;

impl Theta {
    /// The model of the least squared errors; nothing for fewer than four values.
    #[must_use]
    pub fn fit(series: &[f64], period: usize) -> Option<Self> {
        let first = *series.first()?;
        Self::search_from(series, period, Search::default(), |adjusted| {
            [adjusted.first().map_or(first, |value| value / 2.0), 0.5, 2.0]
        })
    }

    /// The same for another stretch of the series, searched from where this one's search ended.
    pub(crate) fn refit(&self, series: &[f64], period: usize, anew: bool) -> Option<Self> {
        let search = if anew { Search::default() } else { Search { steps_max: 0, ..Search::default() } };
        Self::search_from(series, period, search, |_| [self.first_level, self.alpha, self.theta])
    }

    fn search_from(series: &[f64], period: usize, search: Search, start: impl Fn(&[f64]) -> [f64; 3]) -> Option<Self> {
        if series.len() <= WARM_UP {
            return None;
        }
        let (season_kind, pattern) = season_of(series, period);
        let adjusted: Vec<f64> = match season_kind {
            None => series.to_vec(),
            Some(SeasonKind::Additive) => each_with(series, &pattern, |value, season| value - season),
            Some(SeasonKind::Multiplicative) => each_with(series, &pattern, |value, season| value / season),
        };
        let lines = Lines::through(&adjusted);
        let size = adjusted.iter().map(|value| value.abs()).sum::<f64>() / adjusted.len() as f64;
        let size = size.max(1e-10);
        let objective = |point: &[f64]| run(&adjusted, &lines, point[0], point[1], point[2], |_| {}).1 / size;
        let minimum = minimise(objective, &start(&adjusted), &[-1e10, 0.1, 1.0], &[1e10, 0.99, 1e10], search);
        let (first_level, alpha, theta) = (minimum.point[0], minimum.point[1], minimum.point[2]);
        let mut fitted = Vec::with_capacity(adjusted.len());
        let (level, _) = run(&adjusted, &lines, first_level, alpha, theta, |expected| fitted.push(expected));
        let last = adjusted.len() - 1;
        let state = State { level, mean: lines.mean, intercept: lines.intercepts[last], slope: lines.slopes[last] };
        let mut season = pattern;
        fitted = match season_kind {
            None => fitted,
            Some(SeasonKind::Additive) => each_with(&fitted, &season, |value, season| value + season),
            Some(SeasonKind::Multiplicative) => each_with(&fitted, &season, |value, season| value * season),
        };
        if !season.is_empty() {
            season.rotate_left(series.len() % period);
        }
        Some(Self {
            alpha,
            theta,
            first_level,
            season_kind,
            fitted,
            loss: minimum.value,
            count: adjusted.len(),
            state,
            season,
        })
    }

    /// What the model expects of the next `horizon` steps.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let weight = 1.0 - 1.0 / self.theta;
        let rest = 1.0 - self.alpha;
        let State { mut level, mut mean, mut intercept, mut slope } = self.state;
        let mut power = (0..self.count).fold(1.0, |power, _| power * rest);
        (0..horizon)
            .map(|step| {
                let at = (self.count + step) as f64;
                let line = intercept * power + slope * (1.0 - power * rest) / self.alpha;
                let expected = level + weight * line;
                level += self.alpha * (expected - level);
                slope = next_slope(at, slope, expected, mean);
                mean = (at * mean + expected) / (at + 1.0);
                intercept = mean - slope * (at + 2.0) / 2.0;
                power *= rest;
                match self.season_kind {
                    None => expected,
                    Some(SeasonKind::Additive) => expected + self.season[step % self.season.len()],
                    Some(SeasonKind::Multiplicative) => expected * self.season[step % self.season.len()],
                }
            })
            .collect()
    }
}

fn next_slope(at: f64, slope: f64, value: f64, mean: f64) -> f64 {
    ((at - 1.0) * slope + 6.0 * (value - mean) / (at + 1.0)) / (at + 2.0)
}

fn each_with(values: &[f64], pattern: &[f64], join: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    values.iter().enumerate().map(|(at, value)| join(*value, pattern[at % pattern.len()])).collect()
}

/// A season that multiplies, unless a value or a factor is too near to zero for it.
pub(crate) fn season_of(series: &[f64], period: usize) -> (Option<SeasonKind>, Vec<f64>) {
    /// A month at a hundredth of the year's level would blow up what is divided by it.
    const FACTOR_MIN: f64 = 0.01;
    if !has_season(series, period) {
        return (None, Vec::new());
    }
    let factors = seasonal_means(series, period, SeasonKind::Multiplicative);
    if let Some(factors) = factors.filter(|factors| factors.iter().all(|factor| *factor >= FACTOR_MIN)) {
        return (Some(SeasonKind::Multiplicative), factors);
    }
    match seasonal_means(series, period, SeasonKind::Additive) {
        Some(pattern) => (Some(SeasonKind::Additive), pattern),
        None => (None, Vec::new()),
    }
}

impl Lines {
    fn through(series: &[f64]) -> Self {
        let mut lines = Self { intercepts: vec![series[0]], slopes: vec![0.0], mean: series[0] };
        for (at, value) in series.iter().enumerate().skip(1) {
            let at_float = at as f64;
            let slope = next_slope(at_float, lines.slopes[at - 1], *value, lines.mean);
            lines.mean = (at_float * lines.mean + value) / (at_float + 1.0);
            lines.slopes.push(slope);
            lines.intercepts.push(lines.mean - slope * (at_float + 2.0) / 2.0);
        }
        lines
    }
}

/// One run through the series; the last level and the sum of the squared errors after the warm-up.
#[inline(always)]
fn run(
    series: &[f64],
    lines: &Lines,
    first_level: f64,
    alpha: f64,
    theta: f64,
    mut expect: impl FnMut(f64),
) -> (f64, f64) {
    let weight = 1.0 - 1.0 / theta;
    let rest = 1.0 - alpha;
    let share = weight / alpha;
    let mut level = alpha * series[0] + rest * first_level;
    let mut power = weight * rest;
    let mut squares = 0.0;
    expect(series[0]);
    let before = lines.intercepts.iter().zip(&lines.slopes);
    for (at, (value, (intercept, slope))) in series[1..].iter().zip(before).enumerate() {
        let expected = level + (intercept * power + slope * (share - power * rest / alpha));
        expect(expected);
        let error = value - expected;
        if at + 1 >= WARM_UP {
            squares += error * error;
        }
        level += alpha * (value - level);
        power *= rest;
    }
    (level, squares)
}
