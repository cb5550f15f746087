//! Months of a short history from its days: a year of months cannot tell a level from a trend, three hundred days can.

use crate::cleaning::median;
use crate::course::{Course, Earlier, bounded};
use crate::ensemble::Ensemble;
use crate::history::History;
use crate::outcome::{Fallback, Method};
use crate::predictor::{Frame, SEARCHED_EACH};
use crate::prepare::{Prepared, clean, factor, prepare};
use crate::settings::Settings;

/// So many months come from the days; those beyond keep the shape of the months, at the level of these.
const MONTHS: usize = 3;
/// The latest so many days are modelled: at the earlier points among them less.
const DAYS_MAX: usize = 280;
/// Fewer days than this are no history.
const DAYS_MIN: usize = 60;

/// The course of months whose next ones are the sums of forecast days. Nothing where the days are too few, or not what the months consist
/// of: charges that come once a month have no days. `settings` are those that suit the months, `by_month` is the course of these alone.
pub(crate) fn course(months: &History, days: &History, settings: &Settings, by_month: &Course) -> Option<Course> {
    if !matches!(by_month.method, Method::LastYearAndLatest | Method::RunRate | Method::SeasonalNaive) {
        return None;
    }
    let daily =
        Settings { values_max: DAYS_MAX, completion: Vec::new(), period: None, swift: true, ..settings.clone() };
    let period = days.grain().period();
    let prepared = prepare(days, &daily, period, &mut Vec::new());
    let floor = prepared.values.iter().all(|value| *value >= 0.0);
    let frame = Frame { grain: days.grain(), period, settings: &daily, prepared: &prepared, floor };
    if prepared.values.len() < DAYS_MIN || frame.method(&mut Vec::new()) != Method::Ensemble {
        return None;
    }
    if !is_daily(&prepared.values) {
        return None;
    }
    let cleaned = clean(&prepared.values, &prepared.kept, period, days.grain(), floor).values;
    let mut monthly_fallbacks = Vec::new();
    let of_months = prepare(months, settings, settings.period.unwrap_or(12).max(1), &mut monthly_fallbacks);
    let month_frame = Frame { grain: months.grain(), period: 12, settings, prepared: &of_months, floor };
    let sums = Sums { months, days, prepared: &prepared };
    let shape = |known: usize, ahead: usize| -> Vec<f64> {
        let values = &of_months.values[..known - of_months.first_step];
        let points = month_frame.simple(by_month.method, values, ahead);
        points.iter().enumerate().map(|(at, point)| point * factor(months, settings, known + at)).collect()
    };
    let ensemble = frame.ensemble(&cleaned);
    let ahead = sums.days_until(by_month.end + MONTHS.min(by_month.expected.len()))?;
    let count = prepared.values.len();
    let points = frame.median(&ensemble, &cleaned, ahead.checked_sub(prepared.first_step + count)?);
    let mut fallbacks = by_month.fallbacks.clone();
    let points = bounded(&frame, &cleaned, points, &mut fallbacks);
    let expected = levelled(&by_month.expected, &sums.of(by_month.end, count, &points));

    let mut earlier = Vec::new();
    let mut fitted: Option<Ensemble> = Some(ensemble);
    for origin in of_months.first_step + 1..by_month.end {
        let Some(known) = sums.days_until(origin).and_then(|day| day.checked_sub(prepared.first_step)) else {
            continue;
        };
        if known < DAYS_MIN || known >= count {
            continue;
        }
        let ahead = (by_month.end - origin).min(settings.horizon.max(1));
        let Some(until) = sums.days_until(origin + ahead.min(MONTHS)) else { continue };
        let before = clean(&prepared.values[..known], &prepared.kept[..known], period, days.grain(), floor).values;
        let again = fitted.as_ref().map_or_else(
            || frame.ensemble(&before),
            |fitted| fitted.refit(&before, earlier.len().is_multiple_of(SEARCHED_EACH)),
        );
        let points = frame.median(&again, &before, until - prepared.first_step - known);
        let points = bounded(&frame, &before, points, &mut Vec::new());
        let expected = levelled(&shape(origin, ahead), &sums.of(origin, known, &points));
        fitted = Some(again);
        earlier.push(Earlier { origin, expected });
    }
    // The months alone would have been said to be few; so they are, but it is the days that tell.
    fallbacks.retain(|fallback| !matches!(fallback, Fallback::ShortHistory { .. } | Fallback::RunRateOnly { .. }));
    fallbacks.push(Fallback::LevelFromDays { values: of_months.values.len(), days: count });
    let one_step = earlier.iter().filter_map(|one| Some((one.origin, *one.expected.first()?))).collect();
    Some(Course {
        method: Method::ByDay,
        expected,
        earlier,
        one_step,
        members: Vec::new(),
        fallbacks,
        ..by_month.clone()
    })
}

/// Whether the cost comes day by day: what lies far above the usual day in each of several months is charged by the month.
fn is_daily(values: &[f64]) -> bool {
    const USUAL_TIMES: f64 = 3.0;
    const EXCESS_MAX: f64 = 0.02;
    const RECENT: usize = 92;
    const MONTH: usize = 31;
    let recent = &values[values.len().saturating_sub(RECENT)..];
    let usual = USUAL_TIMES * median(&mut recent.to_vec());
    let excess = |days: &[f64]| days.iter().map(|day| (day - usual).max(0.0)).sum::<f64>();
    let months = recent.chunks(MONTH).filter(|days| excess(days) > 0.0).count();
    usual > 0.0 && (months < 2 || excess(recent) <= EXCESS_MAX * recent.iter().sum::<f64>())
}

/// The months' course with its first months from the days; later ones are moved by as much as these were.
fn levelled(shape: &[f64], from_days: &[f64]) -> Vec<f64> {
    /// The days never say more than so many times what the months do.
    const TIMES_MAX: f64 = 5.0;
    let count = from_days.len().min(shape.len());
    let (by_month, by_day): (f64, f64) = (shape[..count].iter().sum(), from_days[..count].iter().sum());
    let ratio = if by_month > 0.0 { (by_day / by_month).clamp(1.0 / TIMES_MAX, TIMES_MAX) } else { 1.0 };
    let first = from_days[..count].iter().copied();
    first.chain(shape[count..].iter().map(|value| value * ratio)).collect()
}

/// Months as sums of their days.
struct Sums<'a> {
    months: &'a History,
    days: &'a History,
    prepared: &'a Prepared,
}

impl Sums<'_> {
    /// How many steps of the days lie before a month.
    fn days_until(&self, month: usize) -> Option<usize> {
        self.days.grain().steps(self.days.first(), self.months.date(month))
    }

    /// The months from `month` on, of days of which the first `known` modelled ones have come and `points` are expected.
    fn of(&self, month: usize, known: usize, points: &[f64]) -> Vec<f64> {
        let Prepared { first_step, values, .. } = self.prepared;
        let day = |step: usize| match step.checked_sub(*first_step) {
            Some(at) if at < known => values[at],
            Some(at) => points.get(at - known).copied().unwrap_or(0.0),
            None => 0.0,
        };
        let end = first_step + known + points.len();
        let mut sums = Vec::new();
        for month in month.. {
            let (Some(from), Some(to)) = (self.days_until(month), self.days_until(month + 1)) else { break };
            if to > end {
                break;
            }
            sums.push((from..to).map(day).sum());
        }
        sums
    }
}
