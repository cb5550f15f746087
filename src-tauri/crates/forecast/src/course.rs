//! What a method expects of a series, from its end and from earlier points; in costs, so that several can be added up.

use std::borrow::Cow;

use crate::backtest::{Rolled, SimpleMethod, skill};
use crate::calendar::Grain;
use crate::history::History;
use crate::models::stl::decompose;
use crate::outcome::{Components, Fallback, MemberForecast, Method, Outlier};
use crate::predictor::Frame;
use crate::prepare::{Cleaned, Prepared, clean, factor, prepare};
use crate::settings::{Floor, Settings};

/// Fewer earlier points than this make no record and no intervals.
pub(crate) const ORIGINS_MIN: usize = 3;

/// What is expected of a series.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub method: Method,
    /// The step of the history that the first expected cost is of.
    pub end: usize,
    /// The cost of each step from there on.
    pub expected: Vec<f64>,
    /// What would have been expected from earlier points.
    pub earlier: Vec<Earlier>,
    /// What would have been expected one step ahead: the step and its cost.
    pub one_step: Vec<(usize, f64)>,
    pub members: Vec<MemberForecast>,
    pub fallbacks: Vec<Fallback>,
    pub outliers: Vec<Outlier>,
    pub components: Option<Components>,
}

/// What would have been expected from an earlier point.
#[derive(Clone, Debug)]
pub(crate) struct Earlier {
    /// The first step that was not known.
    pub origin: usize,
    /// The cost of each step from there on, as far as it has come.
    pub expected: Vec<f64>,
}

/// The settings that suit a history: months that are charged by the month are not divided by their length.
pub(crate) fn suited<'a>(history: &History, settings: &'a Settings) -> Cow<'a, Settings> {
    if charged_by_the_month(history, settings) {
        Cow::Owned(Settings { month_lengths: None, ..settings.clone() })
    } else {
        Cow::Borrowed(settings)
    }
}

/// Whether months move much less as they are than by the length of the month: a fee that is charged by the month has no days.
fn charged_by_the_month(history: &History, settings: &Settings) -> bool {
    /// So much less rough, and the months are what is charged.
    const SHARE_MAX: f64 = 0.5;
    if history.grain() != Grain::Month || settings.month_lengths.is_none() {
        return false;
    }
    let complete = history.observations().iter().enumerate().filter(|(_, observation)| !observation.provisional);
    let months: Vec<(f64, f64)> =
        complete.filter_map(|(at, found)| Some((found.value?, found.value? / factor(history, settings, at)))).collect();
    let (mut as_charged, mut by_day) = (0.0, 0.0);
    for pair in months.windows(2) {
        as_charged += (pair[1].0 - pair[0].0).abs();
        by_day += (pair[1].1 - pair[0].1).abs();
    }
    as_charged < SHARE_MAX * by_day
}

/// Whether costs have a floor at zero.
pub(crate) fn has_floor(settings: &Settings, values: &[f64]) -> bool {
    match settings.floor {
        Floor::Zero => true,
        Floor::None => false,
        Floor::WhereHistoryIs => values.iter().all(|value| *value >= 0.0),
    }
}

impl Course {
    /// Models a series; `settings` are those that suit it.
    pub(crate) fn of(history: &History, settings: &Settings) -> Self {
        let period = settings.period.unwrap_or_else(|| history.grain().period()).max(1);
        let mut fallbacks = Vec::new();
        let prepared = prepare(history, settings, period, &mut fallbacks);
        let floor = has_floor(settings, &prepared.values);
        let frame = Frame { grain: history.grain(), period, settings, prepared: &prepared, floor };
        let mut method = frame.method(&mut fallbacks);
        if let Some(first) = prepared.values.first()
            && matches!(method, Method::Ensemble | Method::LastYearAndLatest)
            && prepared.values.iter().all(|value| value.to_bits() == first.to_bits())
        {
            fallbacks.push(Fallback::NeverMoved);
            method = Method::SeasonalNaive;
        }
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

        let end = prepared.first_step + prepared.values.len();
        let costs = |values: &[f64]| -> Vec<f64> {
            values.iter().enumerate().map(|(at, value)| value * factor(history, settings, end + at)).collect()
        };
        for member in &mut members {
            member.values = costs(&member.values);
        }
        let earlier = rolled.iter().map(|one| Earlier {
            origin: prepared.first_step + one.origin,
            expected: one.expected.iter().zip(&one.factors).map(|(value, factor)| value * factor).collect(),
        });
        Self {
            method,
            end,
            expected: costs(&points),
            earlier: earlier.collect(),
            one_step: one_step(&frame, history, &rolled, method),
            outliers: outliers(&cleaned, &prepared, history),
            components: components(&cleaned, &prepared, history, period),
            members,
            fallbacks,
        }
    }

    /// The same of what each unit costs: a course of units is one of costs times the rate at its end. `rate` is what a unit cost at a step.
    pub(crate) fn priced(mut self, rate: impl Fn(usize) -> f64) -> Self {
        let last = rate(self.end);
        let member = |member: &mut MemberForecast| member.values.iter_mut().for_each(|value| *value *= last);
        self.expected.iter_mut().for_each(|value| *value *= last);
        self.members.iter_mut().for_each(member);
        for earlier in &mut self.earlier {
            let rate = rate(earlier.origin);
            earlier.expected.iter_mut().for_each(|value| *value *= rate);
        }
        for (step, value) in &mut self.one_step {
            *value *= rate(*step);
        }
        self
    }

    /// The sum of the sizes of the errors of what the two could both be tried at, of each of them; and from how many points.
    pub(crate) fn beside(&self, other: &Self, actual: &[f64]) -> (f64, f64, usize) {
        let (mut own, mut others, mut count) = (0.0, 0.0, 0);
        for earlier in &self.earlier {
            let Some(same) = other.earlier.iter().find(|one| one.origin == earlier.origin) else { continue };
            let came = actual.get(earlier.origin..).unwrap_or_default();
            count += 1;
            for ((came, expected), other) in came.iter().zip(&earlier.expected).zip(&same.expected) {
                own += (came - expected).abs();
                others += (came - other).abs();
            }
        }
        (own, others, count)
    }
}

fn outliers(cleaned: &Cleaned, prepared: &Prepared, history: &History) -> Vec<Outlier> {
    let outlier = |&at: &usize| Outlier {
        date: history.date(prepared.first_step + at),
        value: prepared.values[at] * prepared.factors[at],
        counted_as: cleaned.values[at] * prepared.factors[at],
    };
    cleaned.drawn_in.iter().map(outlier).collect()
}

fn components(cleaned: &Cleaned, prepared: &Prepared, history: &History, period: usize) -> Option<Components> {
    let modelled: Vec<f64> =
        cleaned.values.iter().zip(&prepared.factors).map(|(value, factor)| value * factor).collect();
    decompose(&modelled, period).map(|parts| Components {
        first: history.date(prepared.first_step),
        trend: parts.trend,
        season: parts.season,
        remainder: parts.remainder,
    })
}

/// The method, or the simple one that would have been better. Of days run-rate is one, too: it says the level of a week better
/// than the one last week does.
fn guarded(frame: &Frame, method: Method, rolled: &[Rolled], fallbacks: &mut Vec<Fallback>) -> Method {
    // Points from which the method itself was tried.
    let own = |one: &&Rolled| match method {
        Method::Ensemble => frame.is_modelled(one.origin),
        _ => one.origin >= frame.period,
    };
    let rolled: Vec<Rolled> = rolled.iter().filter(own).cloned().collect();
    if rolled.len() < ORIGINS_MIN {
        return method;
    }
    let rolled = rolled.as_slice();
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
pub(crate) fn bounded(frame: &Frame, values: &[f64], points: Vec<f64>, fallbacks: &mut Vec<Fallback>) -> Vec<f64> {
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

/// What would have been expected one step ahead: by models from the earlier points, by a method that costs little to try at every value of the
/// history that it can be tried at. Before the first charge nothing was expected and nothing came.
fn one_step(frame: &Frame, history: &History, rolled: &[Rolled], method: Method) -> Vec<(usize, f64)> {
    let Prepared { first_step, values, factors, known, .. } = frame.prepared;
    if method == Method::Ensemble && rolled.len() >= ORIGINS_MIN {
        let first = |one: &Rolled| Some((first_step + one.origin, one.expected.first()? * one.factors.first()?));
        return rolled.iter().filter_map(first).collect();
    }
    let before =
        (0..*first_step).filter(|&step| history.observations()[step].value.is_some_and(|value| value.abs() <= 0.0));
    let tried = (1..values.len()).filter(|&at| known[at]);
    let tried =
        tried.filter_map(|at| Some((first_step + at, frame.simple(method, &values[..at], 1).first()? * factors[at])));
    before.map(|step| (step, 0.0)).chain(tried).collect()
}
