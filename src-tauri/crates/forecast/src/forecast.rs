//! The one call that makes a forecast of a series.

use crate::backtest::{BacktestCard, Rolled, card, seasonal_scale};
use crate::course::{Course, ORIGINS_MIN, has_floor, suited};
use crate::history::History;
use crate::intervals::{OriginErrors, Spread};
use crate::outcome::{Fallback, Forecast, Method, Step, StepError, StepSource};
use crate::predictor::Frame;
use crate::prepare::{factor, prepare};
use crate::settings::Settings;

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
    let settings = &*suited(history, settings);
    finished(history, settings, Course::of(history, settings))
}

/// The forecast that a course is, with its record beside the history: intervals, card, dated steps. `settings` are those that suit the history.
pub(crate) fn finished(history: &History, settings: &Settings, course: Course) -> Forecast {
    let period = settings.period.unwrap_or_else(|| history.grain().period()).max(1);
    let prepared = prepare(history, settings, period, &mut Vec::new());
    // What is expected to be negative, as credits outgrow the cost, has no floor.
    let floor = has_floor(settings, &prepared.values) && course.expected.iter().all(|cost| *cost >= 0.0);
    let frame = Frame { grain: history.grain(), period, settings, prepared: &prepared, floor };
    let mut course = course;
    let rolled: Vec<Rolled> = course.earlier.iter().filter_map(|earlier| frame.judged(earlier)).collect();
    let (spread, card) = record(&frame, &rolled, &mut course);
    let (steps, spread) = steps(&frame, history, &course, spread);
    let came = |step: usize| history.observations().get(step).and_then(|observation| observation.value);
    let error =
        |(step, expected): &(usize, f64)| Some(StepError { date: history.date(*step), error: came(*step)? - expected });
    let one_step_errors = course.one_step.iter().filter_map(error).collect();
    let Course { method, members, fallbacks, outliers, components, .. } = course;
    let grain = history.grain();
    Forecast { grain, steps, method, members, fallbacks, outliers, components, card, spread, one_step_errors }
}

/// The width of the intervals and the card, from the earlier points; from errors of one step where there are too few.
fn record(frame: &Frame, rolled: &[Rolled], course: &mut Course) -> (Spread, Option<BacktestCard>) {
    if matches!(course.method, Method::NoHistory | Method::Zero) {
        return (Spread::none(), None);
    }
    if rolled.len() < ORIGINS_MIN {
        course.fallbacks.push(Fallback::NoBacktest { origins: rolled.len() });
        let errors = course.one_step.iter().filter_map(|(step, expected)| {
            let at = step.checked_sub(frame.prepared.first_step)?;
            Some(frame.prepared.values.get(at)? - expected / frame.prepared.factors[at])
        });
        return (Spread::of_one_step(errors), None);
    }
    let errors: Vec<OriginErrors> = rolled.iter().map(Rolled::errors).collect();
    let spread = Spread::of_origins(&errors);
    let scale = seasonal_scale(&frame.prepared.values, frame.period);
    let card = card(rolled, &spread, scale, frame.grain.year());
    (spread, Some(card))
}

/// Points and widths as dated steps in costs, and the spread as the paths need it.
fn steps(frame: &Frame, history: &History, course: &Course, spread: Spread) -> (Vec<Step>, Spread) {
    let Course { end, expected, .. } = course;
    let observations = history.observations();
    let mut spread = spread;
    spread.floor = frame.floor.then_some(0.0);
    let mut steps = Vec::with_capacity(expected.len());
    for (at, point) in expected.iter().enumerate() {
        let step = end + at;
        let factor = factor(history, frame.settings, step);
        let seen = observations.get(step).and_then(|observation| observation.value);
        let share =
            observations.len().checked_sub(step + 1).and_then(|lag| frame.settings.completion.get(lag).copied());
        let (point, width, lowest, source) = begun(*point, seen, share, frame.floor);
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
