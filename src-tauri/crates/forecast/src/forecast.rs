//! The one call that makes a forecast of a series.

use crate::backtest::{BacktestCard, Rolled, SimpleMethod, card, seasonal_scale, skill};
use crate::calendar::Grain;
use crate::history::History;
use crate::intervals::{OriginErrors, Spread};
use crate::models::stl::decompose;
use crate::outcome::{Components, Fallback, Forecast, Method, Outlier, Step, StepError, StepSource};
use crate::predictor::Frame;
use crate::prepare::{Cleaned, Prepared, clean, factor, prepare};
use crate::settings::{Floor, Settings};

/// Fewer earlier points than this make no record and no intervals.
const ORIGINS_MIN: usize = 3;

/// Forecasts a series: the steps that are provisional or unknown at its end, then [`Settings::horizon`] steps beyond it.
///
/// The order: what is complete is taken and gaps are filled; months are divided by their length; values far off are drawn in and what lies
/// before a new level is lifted to it; the method is chosen by length and zeros; the series is forecast again from
/// earlier points; if seasonal naive would have been clearly better, it is used; the errors of those points make the intervals; floor and
/// cap come last. Whatever is done otherwise than by the book is in [`Forecast::fallbacks`]. Every number that comes out is
/// finite. The same input gives the same bits on every machine; nothing here is random.
///
/// One series of ten years of months takes some ten milliseconds on one core. The function holds no state: callers with many series
/// spread them over threads.
#[must_use]
pub fn forecast(history: &History, settings: &Settings) -> Forecast {
    let period = settings.period.unwrap_or_else(|| history.grain().period()).max(1);
    let mut fallbacks = Vec::new();
    let prepared = prepare(history, settings, period, &mut fallbacks);
    let floor = match settings.floor {
        Floor::Zero => true,
        Floor::None => false,
        Floor::WhereHistoryIs => prepared.values.iter().all(|value| *value >= 0.0),
    };
    let frame = Frame { grain: history.grain(), period, settings, prepared: &prepared, floor };
    let mut method = frame.method(&mut fallbacks);
    let cleaned = cleaned(&frame, method, history, &mut fallbacks);
    let horizon = prepared.begun + settings.horizon;

    let mut members = Vec::new();
    let ensemble = (method == Method::Ensemble).then(|| frame.ensemble(&cleaned.values));
    let mut rolled = frame.roll(method, horizon, ensemble.as_ref().filter(|_| settings.swift));
    if method == Method::LastYearAndLatest && rolled.len() >= ORIGINS_MIN {
        method = guarded(&frame, method, &rolled, &mut fallbacks);
        if method != Method::LastYearAndLatest {
            rolled = frame.roll(method, horizon, None);
        }
    }
    if let Some(ensemble) = &ensemble {
        members = frame.members(ensemble, horizon, &mut fallbacks);
        if members.is_empty() {
            fallbacks.push(Fallback::NoMember);
            method = Method::SeasonalNaive;
        } else if rolled.len() >= ORIGINS_MIN {
            method = guarded(&frame, method, &rolled, &mut fallbacks);
        }
        if method == Method::Ensemble && frame.leans(cleaned.values.len()) {
            fallbacks.push(Fallback::LeansOnLastYear { values: cleaned.values.len() });
        }
        if method != Method::Ensemble {
            rolled = frame.roll(method, horizon, None);
        }
    }
    let forecasts: Vec<_> = members.iter().map(|member| (member.member, member.values.clone())).collect();
    let points = match method {
        Method::Ensemble => frame.joined(&forecasts, &cleaned.values).unwrap_or_default(),
        _ => frame.simple(method, &cleaned.values, horizon),
    };
    let points = bounded(&frame, &cleaned.values, points, &mut fallbacks);
    let (spread, card) = record(&frame, &cleaned.values, &rolled, method, &mut fallbacks);
    let one_step_errors = one_step_errors(&frame, history, &rolled, method);

    let outliers = cleaned.drawn_in.iter().map(|&at| {
        let cost = prepared.factors[at];
        Outlier {
            date: history.date(prepared.first_step + at),
            value: prepared.values[at] * cost,
            counted_as: cleaned.values[at] * cost,
        }
    });
    let modelled: Vec<f64> =
        cleaned.values.iter().zip(&prepared.factors).map(|(value, factor)| value * factor).collect();
    let components = decompose(&modelled, period).map(|parts| Components {
        first: history.date(prepared.first_step),
        trend: parts.trend,
        season: parts.season,
        remainder: parts.remainder,
    });
    let outliers = outliers.collect();
    let (steps, spread) = steps(&frame, history, &points, spread);
    let end = prepared.first_step + prepared.values.len();
    for member in &mut members {
        for (at, value) in member.values.iter_mut().enumerate() {
            *value *= factor(history, settings, end + at);
        }
    }
    let grain = history.grain();
    Forecast { grain, steps, method, members, fallbacks, outliers, components, card, spread, one_step_errors }
}

/// The method, or the simple one that would have been better. Of days run-rate is one, too: it says the level of a week better
/// than the one last week does.
fn guarded(frame: &Frame, method: Method, rolled: &[Rolled], fallbacks: &mut Vec<Fallback>) -> Method {
    let guard = frame.settings.guard;
    let skill_of_naive = skill(rolled, SimpleMethod::SeasonalNaive);
    let naive = skill_of_naive.filter(|skill| guard.refuses(*skill, rolled, SimpleMethod::SeasonalNaive));
    let run_rate = skill(rolled, SimpleMethod::RunRate).filter(|_| frame.grain == Grain::Day);
    let run_rate = run_rate.filter(|skill| guard.refuses(*skill, rolled, SimpleMethod::RunRate));
    match (naive, run_rate) {
        (naive, Some(skill)) if naive.is_none_or(|naive| skill < naive) => {
            fallbacks.push(Fallback::RunRateIsBetter { skill });
            Method::RunRate
        }
        (Some(skill), _) => {
            fallbacks.push(Fallback::SeasonalNaiveIsBetter { skill });
            Method::SeasonalNaive
        }
        (None, _) => {
            if let Some(skill) = skill_of_naive.filter(|skill| *skill <= 0.0) {
                fallbacks.push(Fallback::NotBetterThanSeasonalNaive { skill });
            }
            method
        }
    }
}

fn cleaned(frame: &Frame, method: Method, history: &History, fallbacks: &mut Vec<Fallback>) -> Cleaned {
    let values = &frame.prepared.values;
    if !frame.settings.cleaning
        || !matches!(method, Method::Ensemble | Method::SeasonalNaive | Method::LastYearAndLatest | Method::RunRate)
    {
        return Cleaned { values: values.clone(), drawn_in: Vec::new(), shift: None, unconfirmed: None };
    }
    let cleaned = clean(values, &frame.prepared.kept, frame.period, frame.grain, frame.floor);
    let date = |at: usize| history.date(frame.prepared.first_step + at);
    if let Some(shift) = cleaned.shift {
        fallbacks.push(Fallback::LevelShift { date: date(shift.at), by: shift.by * frame.prepared.factors[shift.at] });
    }
    if !cleaned.drawn_in.is_empty() {
        fallbacks.push(Fallback::OutliersDrawnIn { count: cleaned.drawn_in.len() });
    }
    if let Some(at) = cleaned.unconfirmed {
        fallbacks.push(Fallback::UnconfirmedShift { date: date(at) });
    }
    cleaned
}

/// Holds points finite, within the cap on growth, and at the floor.
fn bounded(frame: &Frame, values: &[f64], points: Vec<f64>, fallbacks: &mut Vec<Fallback>) -> Vec<f64> {
    /// No curve multiplies the largest cost ever seen by as much.
    const TIMES_MAX: f64 = 1e3;
    let limit = TIMES_MAX * values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let simple = frame.simple(Method::SeasonalNaive, values, points.len());
    let hold = |(point, simple): (&f64, f64)| if point.is_nan() { simple } else { point.clamp(-limit, limit) };
    let mut held: Vec<f64> = points.iter().zip(simple).map(hold).collect();
    let changed = |before: &[f64], after: &[f64]| {
        before.iter().zip(after).filter(|(before, after)| before.to_bits() != after.to_bits()).count()
    };
    let steps = changed(&points, &held);
    if steps > 0 {
        fallbacks.push(Fallback::HeldFinite { steps });
    }
    if let Some(excess) = excess_of_growth(frame, values, &held) {
        for (at, point) in held.iter_mut().enumerate() {
            *point -= excess * (at + 1) as f64;
        }
        fallbacks.push(Fallback::GrowthCapped { steps: held.len() });
    }
    if frame.floor {
        let clamped: Vec<f64> = held.iter().map(|point| point.max(0.0)).collect();
        let steps = changed(&held, &clamped);
        if steps > 0 {
            fallbacks.push(Fallback::ClampedAtZero { steps });
        }
        held = clamped;
    }
    held
}

/// By how much the points move more a step than the cap allows: the mean of the last period, without its season, beside that of the first
/// steps.
fn excess_of_growth(frame: &Frame, values: &[f64], points: &[f64]) -> Option<f64> {
    /// The level now is the mean of so many steps.
    const FIRST: usize = 3;
    /// Within so much of a year a level may move by itself; a smaller allowance would cut noise, not growth.
    const YEAR_SHARE_MIN: f64 = 0.5;
    let cap = frame.settings.growth_cap?.max(0.0);
    let count = points.len();
    if count <= FIRST || values.is_empty() {
        return None;
    }
    let season = decompose(values, frame.period).map_or_else(Vec::new, |parts| parts.season);
    let season = season.get(season.len().saturating_sub(frame.period)..).filter(|season| !season.is_empty());
    let mean = |from: usize, to: usize| {
        let adjusted = |at: usize| points[at] - season.map_or(0.0, |season| season[at % season.len()]);
        (from..to).map(adjusted).sum::<f64>() / (to - from) as f64
    };
    let width = frame.period.min(count);
    let latest = &values[values.len().saturating_sub(frame.period)..];
    let level = latest.iter().map(|value| value.abs()).sum::<f64>() / latest.len() as f64;
    let middle = count as f64 - (width as f64 - 1.0) / 2.0;
    let reach = cap * level * (middle / frame.grain.year() as f64).max(YEAR_SHARE_MIN);
    let moved = mean(count - width, count) - mean(0, FIRST);
    let excess = if moved.abs() > reach { (moved - moved.signum() * reach) / middle } else { 0.0 };
    (excess.abs() > 0.0 && excess.is_finite()).then_some(excess)
}

/// The width of the intervals and the card, from the earlier points; from errors of one step where there are too few.
fn record(
    frame: &Frame,
    values: &[f64],
    rolled: &[Rolled],
    method: Method,
    fallbacks: &mut Vec<Fallback>,
) -> (Spread, Option<BacktestCard>) {
    if matches!(method, Method::NoHistory | Method::Zero) {
        return (Spread::none(), None);
    }
    if rolled.len() < ORIGINS_MIN {
        fallbacks.push(Fallback::NoBacktest { origins: rolled.len() });
        let errors = (1..values.len()).map(|at| {
            let expected = frame.simple(method, &values[..at], 1);
            values[at] - expected.first().copied().unwrap_or(0.0)
        });
        return (Spread::of_one_step(errors), None);
    }
    let errors: Vec<OriginErrors> = rolled.iter().map(Rolled::errors).collect();
    let spread = Spread::of_origins(&errors);
    let scale = seasonal_scale(&frame.prepared.values, frame.period);
    let card = card(rolled, &spread, scale, frame.grain.year());
    (spread, Some(card))
}

/// The errors of the earlier points one step ahead; of a method that costs little to try, from every value of the history that it can be
/// tried from. Before the first charge nothing was expected and nothing came.
fn one_step_errors(frame: &Frame, history: &History, rolled: &[Rolled], method: Method) -> Vec<StepError> {
    let Prepared { first_step, values, factors, known, .. } = frame.prepared;
    let error = |at: usize, expected: f64| StepError {
        date: history.date(first_step + at),
        error: (values[at] - expected) * factors[at],
    };
    if method == Method::Ensemble {
        let first = |origin: &Rolled| Some(error(origin.origin, *origin.expected.first()?));
        return rolled.iter().filter_map(first).collect();
    }
    let before =
        (0..*first_step).filter(|&step| history.observations()[step].value.is_some_and(|value| value.abs() <= 0.0));
    let before = before.map(|step| StepError { date: history.date(step), error: 0.0 });
    let tried = (1..values.len()).filter(|&at| known[at]);
    let tried = tried.filter_map(|at| Some(error(at, *frame.simple(method, &values[..at], 1).first()?)));
    before.chain(tried).collect()
}

/// Points and widths as dated steps in costs, and the spread as the paths need it.
fn steps(frame: &Frame, history: &History, points: &[f64], spread: Spread) -> (Vec<Step>, Spread) {
    let end = frame.prepared.first_step + frame.prepared.values.len();
    let observations = history.observations();
    let mut spread = spread;
    spread.floor = frame.floor.then_some(0.0);
    let mut steps = Vec::with_capacity(points.len());
    for (at, point) in points.iter().enumerate() {
        let step = end + at;
        let factor = factor(history, frame.settings, step);
        let seen = observations.get(step).and_then(|observation| observation.value);
        let share =
            observations.len().checked_sub(step + 1).and_then(|lag| frame.settings.completion.get(lag).copied());
        let (point, width, lowest, source) = begun(point * factor, seen, share, frame.floor);
        let lowest = lowest.or(spread.floor).unwrap_or(f64::NEG_INFINITY);
        spread.factors.push(factor * width);
        spread.lowest.push(lowest);
        let half = |level: f64| spread.half_width(level, at + 1) * factor * width;
        let (half_80, half_95) = (half(0.8), half(0.95));
        steps.push(Step {
            date: history.date(step),
            point,
            low_80: (point - half_80).max(lowest),
            high_80: point + half_80,
            low_95: (point - half_95).max(lowest),
            high_95: point + half_95,
            source,
        });
    }
    (steps, spread)
}

/// A step of which a part has come in: the point, the share of the width that is left, the least value, and where it comes from.
fn begun(model: f64, seen: Option<f64>, share: Option<f64>, floor: bool) -> (f64, f64, Option<f64>, StepSource) {
    /// With less than this share in, what has come in says less than the model.
    const SHARE_MIN: f64 = 0.3;
    let Some(seen) = seen else { return (model, 1.0, None, StepSource::Model) };
    let lowest = floor.then_some(seen.max(0.0));
    match share.filter(|share| (SHARE_MIN..=1.0).contains(share)) {
        Some(share) => {
            let point = seen + (1.0 - share) * model;
            let point = lowest.map_or(point, |lowest| point.max(lowest));
            (point, 1.0 - share, lowest, StepSource::Completed { seen, share })
        }
        None => match lowest {
            Some(lowest) => (model.max(lowest), 1.0, Some(lowest), StepSource::AtLeastSeen { seen }),
            None => (model, 1.0, None, StepSource::Model),
        },
    }
}
