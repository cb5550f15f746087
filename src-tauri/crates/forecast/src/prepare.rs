//! From a history to the plain numbers that models take: complete values, without gaps, a day's worth each.

use crate::calendar::{DAYS_A_MONTH, Grain};
use crate::cleaning::{Shift, latest_shift, outliers};
use crate::history::History;
use crate::outcome::Fallback;
use crate::settings::{Settings, Treatment};

/// The values to be modelled.
#[derive(Clone, Debug)]
pub(crate) struct Prepared {
    /// The step of the history that the first value is.
    pub first_step: usize,
    /// The values, over the length of their month where that is asked for; gaps filled.
    pub values: Vec<f64>,
    /// What turns a value into a cost.
    pub factors: Vec<f64>,
    /// Whether a value was known, rather than filled.
    pub known: Vec<bool>,
    /// Values that are never drawn in.
    pub kept: Vec<bool>,
    /// How many steps of the history come after the last value.
    pub begun: usize,
}

/// A value of 1 for the mean month, more for longer ones; 1 for days.
pub(crate) fn factor(history: &History, settings: &Settings, step: usize) -> f64 {
    match (history.grain(), settings.month_lengths) {
        (Grain::Month, Some(profile)) => (profile.effective_days(history.date(step)) / DAYS_A_MONTH).max(1e-3),
        _ => 1.0,
    }
}

/// So many zeros before the first charge are the time before a launch.
const ZEROS_MIN: usize = 3;

/// Takes what is complete and known; what was done to it is added to `fallbacks`.
pub(crate) fn prepare(
    history: &History,
    settings: &Settings,
    period: usize,
    fallbacks: &mut Vec<Fallback>,
) -> Prepared {
    let observations = history.observations();
    let treatment = |step: usize| {
        let (from, to) = (history.date(step), history.date(step + 1));
        settings.events.iter().find(|event| event.from < to && event.to >= from).map(|event| event.treatment)
    };
    let treatments: Vec<Option<Treatment>> = (0..observations.len()).map(treatment).collect();
    let usable = |step: usize| {
        let observation = &observations[step];
        let set_aside = treatments[step] == Some(Treatment::SetAside);
        observation.value.filter(|_| !observation.provisional && !set_aside)
    };
    let provisional = observations.iter().filter(|observation| observation.provisional).count();
    if provisional > 0 {
        fallbacks.push(Fallback::ProvisionalLeftOut { count: provisional });
    }
    let end = (0..observations.len()).rev().find(|&step| usable(step).is_some()).map_or(0, |step| step + 1);
    let start = (0..end).find(|&step| usable(step).is_some()).unwrap_or(0);
    // What is launched was zero before: that is no history of it.
    let charged = |step: &usize| usable(*step).is_some_and(|value| value.abs() > 0.0);
    let begun_at = (start..end).find(charged).filter(|begun_at| begun_at - start >= ZEROS_MIN).unwrap_or(start);
    if begun_at > start {
        fallbacks.push(Fallback::ZerosBeforeTheFirst { count: begun_at - start });
    }
    let start = begun_at;
    let first_step = start.max(end.saturating_sub(settings.values_max.max(1)));
    if first_step > start {
        fallbacks.push(Fallback::OldValuesLeftOut { count: first_step - start });
    }
    let factors: Vec<f64> = (first_step..end).map(|step| factor(history, settings, step)).collect();
    let found: Vec<Option<f64>> =
        (first_step..end).zip(&factors).map(|(step, factor)| usable(step).map(|value| value / factor)).collect();
    let gaps = found.iter().filter(|value| value.is_none()).count();
    if gaps > 0 {
        fallbacks.push(Fallback::GapsFilled { count: gaps });
    }
    Prepared {
        first_step,
        values: filled(&found, period),
        factors,
        known: found.iter().map(Option::is_some).collect(),
        kept: treatments[first_step..end].iter().map(|treatment| *treatment == Some(Treatment::Keep)).collect(),
        begun: observations.len() - end,
    }
}

/// Gaps get the mean of the same position one period before and after where one of them is known, else what lies on the line between
/// the nearest known values.
fn filled(found: &[Option<f64>], period: usize) -> Vec<f64> {
    let known = |at: Option<usize>| at.and_then(|at| found.get(at).copied().flatten());
    let fill = |at: usize| {
        if let Some(value) = found[at] {
            return value;
        }
        if period > 1 {
            let (early, late) = (known(at.checked_sub(period)), known(Some(at + period)));
            if let Some(value) = early.or(late) {
                return f64::midpoint(early.unwrap_or(value), late.unwrap_or(value));
            }
        }
        let before = (0..at).rev().find_map(|other| found[other].map(|value| (other, value)));
        let after = (at + 1..found.len()).find_map(|other| found[other].map(|value| (other, value)));
        match (before, after) {
            (Some((from, early)), Some((to, late))) => early + (late - early) * (at - from) as f64 / (to - from) as f64,
            (Some((_, value)), None) | (None, Some((_, value))) => value,
            (None, None) => 0.0,
        }
    };
    (0..found.len()).map(fill).collect()
}

/// Values after cleaning, and what was done to them.
#[derive(Clone, Debug)]
pub(crate) struct Cleaned {
    pub values: Vec<f64>,
    /// Positions that were drawn in.
    pub drawn_in: Vec<usize>,
    pub shift: Option<Shift>,
    /// The first of the latest values that lie far off, where they are too few to be a new level.
    pub unconfirmed: Option<usize>,
}

/// Draws in what lies far off and lifts what lies before a new level. Only what `values` say is used, so that an earlier point can be
/// cleaned as it would have been then.
pub(crate) fn clean(values: &[f64], kept: &[bool], period: usize, grain: Grain, floor: bool) -> Cleaned {
    // So many values at the new level make it one: two weeks, half a year.
    let confirmed = match grain {
        Grain::Day => 14,
        Grain::Month => 6,
    };
    let mut cleaned = Cleaned { values: values.to_vec(), drawn_in: Vec::new(), shift: None, unconfirmed: None };
    cleaned.shift = latest_shift(values, period, confirmed);
    if let Some(shift) = cleaned.shift {
        lift(&mut cleaned.values[..shift.at], shift.by, floor, values);
    }
    let mut latest = values.len();
    for (at, value) in outliers(&cleaned.values, period) {
        if kept.get(at) == Some(&true) {
            continue;
        }
        cleaned.values[at] = value;
        cleaned.drawn_in.push(at);
    }
    while latest > 0 && cleaned.drawn_in.contains(&(latest - 1)) {
        latest -= 1;
    }
    let run = values.len() - latest;
    cleaned.unconfirmed = (run >= 1 && run < confirmed).then_some(latest);
    cleaned
}

/// Lifts what lies before a move to the new level: in proportion where costs have a floor, since a season grows with its level.
fn lift(before: &mut [f64], by: f64, floor: bool, values: &[f64]) {
    let near = &values[before.len().saturating_sub(3)..before.len()];
    let level = near.iter().sum::<f64>() / near.len().max(1) as f64;
    let ratio = (level + by) / level;
    let in_proportion = floor && level > 0.0 && (0.1..=10.0).contains(&ratio);
    for value in before {
        if in_proportion {
            *value *= ratio;
        } else {
            *value += by;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaps_are_filled_from_the_season_first() {
        let found = [Some(1.0), Some(5.0), Some(1.0), None, Some(1.0), Some(7.0), None];
        assert_eq!(filled(&found, 2), [1.0, 5.0, 1.0, 6.0, 1.0, 7.0, 1.0], "the fourth like the second and the sixth");
        assert_eq!(filled(&[Some(1.0), None, None, Some(4.0)], 12), [1.0, 2.0, 3.0, 4.0], "else along the line");
    }
}
