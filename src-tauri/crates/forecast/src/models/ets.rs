//! Exponential smoothing as state space models: error, trend and season, each absent, added or multiplied, chosen by the corrected
//! criterion of Akaike.
//!
//! R. J. Hyndman, A. B. Koehler, J. K. Ord and R. D. Snyder (2008), "Forecasting with Exponential Smoothing"; the recursions are
//! its tables 2.2 and 2.3. Trends that multiply are left out, and so is a season that multiplies under an error that adds: these are
//! the 15 models that remain.

use super::ets_start::{Bounds, StartOfSmoothing, start_of};
use crate::decomposition::SeasonKind;
use crate::nelder_mead::{Search, minimise};

/// How errors and trend enter a smoothing model.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Trend {
    /// The level stays.
    None,
    /// The level grows by an amount that itself is smoothed.
    Additive,
    /// The growth fades by a factor each step.
    Damped,
}

/// Which of the 15 models.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
pub struct EtsForm {
    /// Whether errors are a share of the forecast; otherwise they are added to it.
    pub error_multiplies: bool,
    /// The trend.
    pub trend: Trend,
    /// The season, if any.
    pub season: Option<SeasonKind>,
}

impl EtsForm {
    /// The model's usual name, such as `ETS(M,Ad,A)`.
    #[must_use]
    pub fn name(self) -> String {
        let error = if self.error_multiplies { "M" } else { "A" };
        let trend = match self.trend {
            Trend::None => "N",
            Trend::Additive => "A",
            Trend::Damped => "Ad",
        };
        let season = match self.season {
            None => "N",
            Some(SeasonKind::Additive) => "A",
            Some(SeasonKind::Multiplicative) => "M",
        };
        format!("ETS({error},{trend},{season})")
    }

    /// The 15 models, simple ones first; only those that add when a value is not above zero, only those without a season for a
    /// period of 1.
    pub(crate) fn all(positive: bool, seasonal: bool) -> Vec<Self> {
        let mut forms = Vec::with_capacity(15);
        for error_multiplies in [false, true] {
            for trends in [&[Trend::None][..], &[Trend::Damped, Trend::Additive][..]] {
                for season in [None, Some(SeasonKind::Additive), Some(SeasonKind::Multiplicative)] {
                    let multiplies = error_multiplies || season == Some(SeasonKind::Multiplicative);
                    let mixed = season == Some(SeasonKind::Multiplicative) && !error_multiplies;
                    if (multiplies && !positive) || mixed || (season.is_some() && !seasonal) {
                        continue;
                    }
                    forms.extend(trends.iter().map(|&trend| Self { error_multiplies, trend, season }));
                }
            }
        }
        forms
    }
}

/// The weights of smoothing: of the level, of the growth, of the season, and the factor by which growth fades.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct SmoothingWeights {
    /// Of the level.
    pub alpha: f64,
    /// Of the growth; zero without a trend.
    pub beta: f64,
    /// Of the season; zero without one.
    pub gamma: f64,
    /// The factor by which growth fades a step; 1 when it does not.
    pub phi: f64,
}

/// A fitted model.
#[derive(Clone, Debug)]
pub struct Ets {
    /// Which model it is.
    pub form: EtsForm,
    /// Its weights.
    pub weights: SmoothingWeights,
    /// The corrected criterion of Akaike: the smaller, the better.
    pub criterion: f64,
    /// What was expected of each value one step before it.
    pub fitted: Vec<f64>,
    level: f64,
    growth: f64,
    /// The season of the next step first.
    season: Vec<f64>,
    /// Where the search ended, to start another one from.
    point: Vec<f64>,
}

impl Ets {
    /// The model with the least criterion among those that the series admits; nothing for fewer than seven values.
    #[must_use]
    pub fn choose(series: &[f64], period: usize) -> Option<Self> {
        let starts = match Self::starts(series, period)? {
            Starts::Constant => return Some(Self::constant(series)),
            Starts::Models(starts) => starts,
        };
        let fits = starts.iter().filter_map(|start| Self::search_from(series, start, Search::default()));
        fits.filter(|fit| fit.criterion.is_finite()).min_by(|left, right| left.criterion.total_cmp(&right.criterion))
    }

    /// As [`Self::choose`], but models without a season come first, and one that is far behind the best so far after some steps is given up:
    /// a third of the time, for a member of an ensemble.
    pub(crate) fn choose_swiftly(series: &[f64], period: usize) -> Option<Self> {
        /// So much worse than the best, and a model will hardly catch up.
        const MARGIN: f64 = 20.0;
        let mut starts = match Self::starts(series, period)? {
            Starts::Constant => return Some(Self::constant(series)),
            Starts::Models(starts) => starts,
        };
        starts.sort_by_key(|start| (start.form.season.is_some(), start.form.trend == Trend::Damped));
        let mut best: Option<Self> = None;
        for start in &starts {
            let mut search = Search::default();
            if let Some(best) = &best {
                search.give_up_above = best.criterion - penalty(start.point.len(), series.len()) + MARGIN;
            }
            let Some(fit) = Self::search_from(series, start, search) else { continue };
            if fit.criterion.is_finite() && best.as_ref().is_none_or(|best| fit.criterion < best.criterion) {
                best = Some(fit);
            }
        }
        best
    }

    fn starts(series: &[f64], period: usize) -> Option<Starts> {
        /// Two weights and two states at least, and some values beyond them.
        const VALUES_MIN: usize = 7;
        if series.len() < VALUES_MIN {
            return None;
        }
        if series.iter().all(|value| value.to_bits() == series[0].to_bits()) {
            return Some(Starts::Constant);
        }
        let positive = series.iter().all(|value| *value > 0.0);
        let forms = EtsForm::all(positive, period > 1 && series.len() > period);
        let mut bounds = Bounds::default();
        Some(Starts::Models(forms.into_iter().filter_map(|form| start_of(series, period, form, &mut bounds)).collect()))
    }

    /// One model, with the weights of the greatest likelihood; nothing when the series is too short for it.
    #[must_use]
    pub fn fit(series: &[f64], period: usize, form: EtsForm) -> Option<Self> {
        Self::search_from(series, &start_of(series, period, form, &mut Bounds::default())?, Search::default())
    }

    /// The same model for another stretch of the series, searched shortly from where this one's search ended, or not at all.
    pub(crate) fn refit(&self, series: &[f64], period: usize, anew: bool) -> Option<Self> {
        if self.point.is_empty() {
            return Self::choose_swiftly(series, period);
        }
        let mut start = start_of(series, period, self.form, &mut Bounds::default())?;
        start.point.copy_from_slice(&self.point);
        let steps_max = if anew { REFIT_STEPS_MAX } else { 0 };
        Self::search_from(series, &start, Search { steps_max, ..Search::default() })
    }

    fn search_from(series: &[f64], start: &StartOfSmoothing, search: Search) -> Option<Self> {
        let parameters = start.point.len();
        // As many parameters as values: nothing could be said of the errors.
        if parameters + 1 >= series.len() {
            return None;
        }
        let mut season = vec![0.0; start.season_length];
        let objective = |point: &[f64]| {
            let (weights, level, growth) = start.unpack(point, &mut season);
            if start.form.season == Some(SeasonKind::Multiplicative) && season.iter().any(|value| *value < 0.0) {
                return f64::INFINITY;
            }
            smooth(start.form, series, weights, level, growth, &mut season, |_| {}).criterion(series.len())
        };
        let minimum = minimise(objective, &start.point, &start.lower, &start.upper, search);
        if !minimum.value.is_finite() {
            return None;
        }
        let (weights, level, growth) = start.unpack(&minimum.point, &mut season);
        let mut fitted = Vec::with_capacity(series.len());
        let end = smooth(start.form, series, weights, level, growth, &mut season, |expected| fitted.push(expected));
        if !season.is_empty() {
            season.rotate_left(series.len() % start.season_length);
        }
        Some(Self {
            form: start.form,
            weights,
            criterion: end.criterion(series.len()) + penalty(parameters, series.len()),
            fitted,
            level: end.level,
            growth: end.growth,
            season,
            point: minimum.point,
        })
    }

    fn constant(series: &[f64]) -> Self {
        Self {
            form: EtsForm { error_multiplies: false, trend: Trend::None, season: None },
            weights: SmoothingWeights { alpha: 0.9999, beta: 0.0, gamma: 0.0, phi: 1.0 },
            criterion: f64::NEG_INFINITY,
            fitted: series.to_vec(),
            level: series.first().copied().unwrap_or(0.0),
            growth: 0.0,
            season: Vec::new(),
            point: Vec::new(),
        }
    }

    /// What the model expects of the next `horizon` steps.
    #[must_use]
    pub fn forecast(&self, horizon: usize) -> Vec<f64> {
        let mut growths = 0.0;
        let mut fading = 1.0;
        (0..horizon)
            .map(|step| {
                fading *= self.weights.phi;
                growths += fading;
                let line = self.level + growths * self.growth;
                match self.form.season {
                    None => line,
                    Some(SeasonKind::Additive) => line + self.season[step % self.season.len()],
                    Some(SeasonKind::Multiplicative) => line * self.season[step % self.season.len()],
                }
            })
            .collect()
    }
}

/// What the corrected criterion of Akaike adds for the parameters and the error's variance.
fn penalty(parameters: usize, count: usize) -> f64 {
    let free = (parameters + 1) as f64;
    let rest = count as f64 - free - 1.0;
    if rest > 0.0 { 2.0 * free + 2.0 * free * (free + 1.0) / rest } else { f64::INFINITY }
}

/// Where the models of a series start.
enum Starts {
    /// The series never changes: there is nothing to search for.
    Constant,
    Models(Vec<StartOfSmoothing>),
}

/// A search that begins near its end needs few steps.
const REFIT_STEPS_MAX: usize = 80;

/// What is left after a run through the series.
struct EndOfSmoothing {
    level: f64,
    growth: f64,
    squares: f64,
    /// The sum of the logarithms of what was expected; zero where errors add.
    logarithms: f64,
}

impl EndOfSmoothing {
    /// Minus twice the logarithm of the likelihood, without its constant.
    fn criterion(&self, count: usize) -> f64 {
        let squares = if self.squares > 0.0 { self.squares } else { 1e-8 };
        (count as f64) * libm::log(squares) + 2.0 * self.logarithms
    }
}

/// One run through the series; `expect` is told what was expected of each value. The kind of model is settled here, once, so that
/// the loop has no branch.
fn smooth(
    form: EtsForm,
    series: &[f64],
    weights: SmoothingWeights,
    level: f64,
    growth: f64,
    season: &mut [f64],
    expect: impl FnMut(f64),
) -> EndOfSmoothing {
    let trend = form.trend != Trend::None;
    let state = (level, growth);
    match (form.error_multiplies, trend, form.season) {
        (false, false, None) => run::<false, false, 0>(series, weights, state, season, expect),
        (false, true, None) => run::<false, true, 0>(series, weights, state, season, expect),
        (true, false, None) => run::<true, false, 0>(series, weights, state, season, expect),
        (true, true, None) => run::<true, true, 0>(series, weights, state, season, expect),
        (false, false, Some(SeasonKind::Additive)) => run::<false, false, 1>(series, weights, state, season, expect),
        (false, true, Some(SeasonKind::Additive)) => run::<false, true, 1>(series, weights, state, season, expect),
        (true, false, Some(SeasonKind::Additive)) => run::<true, false, 1>(series, weights, state, season, expect),
        (true, true, Some(SeasonKind::Additive)) => run::<true, true, 1>(series, weights, state, season, expect),
        (_, false, Some(SeasonKind::Multiplicative)) => run::<true, false, 2>(series, weights, state, season, expect),
        (_, true, Some(SeasonKind::Multiplicative)) => run::<true, true, 2>(series, weights, state, season, expect),
    }
}

#[inline(always)]
fn run<const ERROR_MULTIPLIES: bool, const TREND: bool, const SEASON: u8>(
    series: &[f64],
    weights: SmoothingWeights,
    (mut level, mut growth): (f64, f64),
    season: &mut [f64],
    mut expect: impl FnMut(f64),
) -> EndOfSmoothing {
    /// Nearer to zero than this nothing is divided by.
    const NEAR_ZERO: f64 = 1e-10;
    /// Stands for what a division by zero would give.
    const HUGE: f64 = 1e10;
    let SmoothingWeights { alpha, beta, gamma, phi } = weights;
    let mut squares = 0.0;
    let mut product = 1.0_f64;
    let mut logarithms = 0.0;
    // One logarithm for many factors: the product is taken until it comes near the range's ends.
    let mut step = |value: f64, season: &mut f64| {
        let fading = if TREND { phi * growth } else { 0.0 };
        let line = if TREND { level + fading } else { level };
        let expected = match SEASON {
            0 => line,
            1 => line + *season,
            _ => line * *season,
        };
        expect(expected);
        let error = value - expected;
        if ERROR_MULTIPLIES {
            let divisor = if expected.abs() < NEAR_ZERO { expected + NEAR_ZERO } else { expected };
            let relative = error / divisor;
            squares += relative * relative;
            product *= if expected.abs() > 0.0 { expected.abs() } else { 1e-8 };
            if !(1e-150..1e150).contains(&product) {
                logarithms += libm::log(product);
                product = 1.0;
            }
        } else {
            squares += error * error;
        }
        let surprise = match SEASON {
            0 | 1 => error,
            _ if season.abs() < NEAR_ZERO => HUGE - line,
            _ => value / *season - line,
        };
        match SEASON {
            0 => {}
            1 => *season += gamma * error,
            _ => {
                let found = if line.abs() < NEAR_ZERO { HUGE } else { value / line };
                *season += gamma * (found - *season);
            }
        }
        level = line + alpha * surprise;
        if TREND {
            growth = fading + beta * surprise;
        }
    };
    if SEASON == 0 {
        let mut none = 0.0;
        for value in series {
            step(*value, &mut none);
        }
    } else {
        for cycle in series.chunks(season.len()) {
            for (value, season) in cycle.iter().zip(season.iter_mut()) {
                step(*value, season);
            }
        }
    }
    EndOfSmoothing { level, growth, squares, logarithms: logarithms + libm::log(product) }
}
