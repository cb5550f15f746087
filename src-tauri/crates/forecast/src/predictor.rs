//! One method for one series, and the same method from earlier points.

use crate::backtest::Rolled;
use crate::calendar::Grain;
use crate::course::Earlier;
use crate::ensemble::{Ensemble, Member, median_of};
use crate::models::intermittent::{Intermittent, is_intermittent};
use crate::models::naive::{run_rate, seasonal_naive};
use crate::models::short::last_year_and_latest;
use crate::outcome::{Fallback, MemberForecast, Method};
use crate::prepare::{Prepared, clean};
use crate::settings::Settings;

/// What every point of a series has in common.
pub(crate) struct Frame<'a> {
    pub grain: Grain,
    pub period: usize,
    pub settings: &'a Settings,
    pub prepared: &'a Prepared,
    /// Whether costs have a floor at zero.
    pub floor: bool,
}

/// Latest values that make the run-rate: four weeks, a quarter.
const fn run_rate_window(grain: Grain) -> usize {
    match grain {
        Grain::Day => 28,
        Grain::Month => 3,
    }
}

/// The swift way searches weights anew at each so many earlier points; at those between it takes the ones of the point before.
pub(crate) const SEARCHED_EACH: usize = 3;

/// Two years of months are modelled; with less it is the last year and the latest level.
const MODELLED_MIN: usize = 24;

/// The least number of values from which a method can be started.
const fn values_min(grain: Grain, method: Method) -> usize {
    match (grain, method) {
        (Grain::Day, Method::Ensemble | Method::Intermittent) => 28,
        (Grain::Day, _) => 7,
        (Grain::Month, Method::Intermittent) => 24,
        // With fewer months than the ensemble needs, it would have been the last year and the latest level.
        (Grain::Month, Method::Ensemble | Method::SeasonalNaive) => 12,
        (Grain::Month, Method::LastYearAndLatest) => 7,
        (Grain::Month, _) => 3,
    }
}

impl Frame<'_> {
    /// The method that the length and the zeros of the series allow.
    pub(crate) fn method(&self, fallbacks: &mut Vec<Fallback>) -> Method {
        let values = &self.prepared.values;
        let count = self.prepared.known.iter().filter(|known| **known).count();
        if count == 0 {
            fallbacks.push(Fallback::NoHistory);
            return Method::NoHistory;
        }
        if values.iter().all(|value| value.abs() <= 0.0) {
            fallbacks.push(Fallback::AllZero);
            return Method::Zero;
        }
        let (run_rate_below, short_below) = match self.grain {
            Grain::Day => (28, 28),
            Grain::Month => (12, 24),
        };
        if count < run_rate_below {
            fallbacks.push(Fallback::RunRateOnly { values: count });
            return Method::RunRate;
        }
        if is_intermittent(values) {
            let zeros = values.iter().filter(|value| value.abs() <= 0.0).count();
            fallbacks.push(Fallback::Intermittent { zero_share: zeros as f64 / values.len() as f64 });
            return Method::Intermittent;
        }
        if count < short_below {
            fallbacks.push(Fallback::ShortHistory { values: count });
            return Method::LastYearAndLatest;
        }
        Method::Ensemble
    }

    /// The simple methods' forecast from `values`.
    fn run_rate(&self, values: &[f64], horizon: usize) -> Vec<f64> {
        let profile = if self.grain == Grain::Day { self.period } else { 1 };
        run_rate(values, profile, run_rate_window(self.grain), horizon)
    }

    /// What a method other than the ensemble expects after `values`.
    pub(crate) fn simple(&self, method: Method, values: &[f64], horizon: usize) -> Vec<f64> {
        match method {
            Method::RunRate => self.run_rate(values, horizon),
            // On the M3 competition's monthly series cut to 12 to 23 months, a month of the next twelve is missed by 13.3 to 14.4 %,
            // by half of the last year and half of the latest three months by 14.7 %, by the last year alone by 16.1 %, by
            // the latest three months alone by 16.9 %.
            Method::LastYearAndLatest => last_year_and_latest(values, self.period, horizon),
            Method::Intermittent => {
                vec![Intermittent::fit(values).map_or(0.0, |model| model.rate); horizon]
            }
            Method::SeasonalNaive | Method::Ensemble => seasonal_naive(values, self.period, horizon),
            Method::Zero | Method::NoHistory | Method::Schedule | Method::ByDay => vec![0.0; horizon],
        }
    }

    /// The members' median; with less than three years of months half way to the last year and the latest level: on the M3 competition's
    /// series cut to two years, a month of the next twelve is missed by 13.3 %, by the models alone by 13.5 %.
    pub(crate) fn joined(&self, forecasts: &[(Member, Vec<f64>)], values: &[f64]) -> Option<Vec<f64>> {
        let median = median_of(forecasts)?;
        if !self.leans(values.len()) {
            return Some(median);
        }
        let short = last_year_and_latest(values, self.period, median.len());
        Some(median.iter().zip(short).map(|(median, short)| f64::midpoint(*median, short)).collect())
    }

    /// Whether a history of so many values is long enough for models.
    pub(crate) const fn is_modelled(&self, count: usize) -> bool {
        count >= MODELLED_MIN || matches!(self.grain, Grain::Day)
    }

    /// Whether a history of so many values is short enough to lean on its last year and its latest level.
    pub(crate) fn leans(&self, count: usize) -> bool {
        self.grain == Grain::Month && count < 3 * self.period
    }

    /// The members fitted to `values`.
    pub(crate) fn ensemble(&self, values: &[f64]) -> Ensemble {
        Ensemble::fit(values, self.period, self.settings.members_of(self.grain))
    }

    /// What the members expect together; the last period again when none could be fitted.
    pub(crate) fn median(&self, ensemble: &Ensemble, values: &[f64], horizon: usize) -> Vec<f64> {
        let found = self.joined(&ensemble.forecasts(horizon), values);
        found.unwrap_or_else(|| seasonal_naive(values, self.period, horizon))
    }

    /// What the members expect; nothing when none could be fitted.
    pub(crate) fn members(
        &self,
        ensemble: &Ensemble,
        horizon: usize,
        fallbacks: &mut Vec<Fallback>,
    ) -> Vec<MemberForecast> {
        let names = ensemble.names();
        let forecasts = ensemble.forecasts(horizon);
        for member in self.settings.members_of(self.grain) {
            if !forecasts.iter().any(|(found, _)| found == member) {
                fallbacks.push(Fallback::MemberLeftOut { member: *member });
            }
        }
        let name = |member: Member| names.iter().find(|(found, _)| *found == member).map(|(_, name)| name.clone());
        let forecast = |(member, values): (Member, Vec<f64>)| MemberForecast {
            member,
            name: name(member).unwrap_or_default(),
            values,
        };
        forecasts.into_iter().map(forecast).collect()
    }

    /// What was expected from an earlier point beside what came and what the simple methods would have said; nothing where something of it
    /// was not known.
    pub(crate) fn judged(&self, earlier: &Earlier) -> Option<Rolled> {
        let Prepared { first_step, values, factors, known, .. } = self.prepared;
        let origin = earlier.origin.checked_sub(*first_step).filter(|origin| (1..values.len()).contains(origin))?;
        let ahead = earlier.expected.len().min(values.len() - origin);
        let steps = origin..origin + ahead;
        if !known[steps.clone()].iter().all(|known| *known) {
            return None;
        }
        let before = &values[..origin];
        let expected = earlier.expected.iter().zip(&factors[steps.clone()]).map(|(cost, factor)| cost / factor);
        Some(Rolled {
            origin,
            actual: values[steps.clone()].to_vec(),
            expected: expected.collect(),
            seasonal_naive: seasonal_naive(before, self.period, ahead),
            run_rate: self.run_rate(before, ahead),
            factors: factors[steps].to_vec(),
        })
    }

    /// Forecasts again from earlier points, each with what was known then, and sets what came beside it. The models of the ensemble are
    /// those of `chosen`, else chosen at the earliest point; later points only search their weights anew.
    pub(crate) fn roll(&self, method: Method, horizon: usize, chosen: Option<&Ensemble>) -> Vec<Rolled> {
        let Prepared { values, factors, known, kept, .. } = self.prepared;
        let count = values.len();
        let points = self.settings.origins;
        if points == 0 || horizon == 0 {
            return Vec::new();
        }
        // Far horizons are judged from farther back, not from more points.
        let stride = (horizon * 4).div_ceil(points * 3).max(1);
        let least = values_min(self.grain, method);
        let mut ensemble: Option<Ensemble> = chosen.cloned();
        let mut rolled = Vec::with_capacity(points);
        for back in (1..=points).rev().map(|point| point * stride) {
            let Some(origin) = count.checked_sub(back).filter(|origin| *origin >= least) else { continue };
            let ahead = horizon.min(count - origin);
            let before = &values[..origin];
            let cleaned = if self.settings.cleaning {
                clean(before, &kept[..origin], self.period, self.grain, self.floor).values
            } else {
                before.to_vec()
            };
            let expected = if method == Method::Ensemble && !self.is_modelled(origin) {
                self.simple(Method::LastYearAndLatest, &cleaned, ahead)
            } else if method == Method::Ensemble {
                let fitted = match &ensemble {
                    Some(earlier) => {
                        earlier.refit(&cleaned, !self.settings.swift || rolled.len().is_multiple_of(SEARCHED_EACH))
                    }
                    None => self.ensemble(&cleaned),
                };
                let expected = self.joined(&fitted.forecasts(ahead), &cleaned);
                ensemble = Some(fitted);
                expected.unwrap_or_else(|| seasonal_naive(&cleaned, self.period, ahead))
            } else {
                self.simple(method, &cleaned, ahead)
            };
            // What was filled in the history did not come: it judges nothing.
            let judged: Vec<usize> = (0..ahead).filter(|step| known[origin + step]).collect();
            if judged.len() < ahead {
                continue;
            }
            let lowest = if self.floor { 0.0 } else { f64::NEG_INFINITY };
            let bounded = |values: Vec<f64>| values.into_iter().map(|value| value.max(lowest)).collect();
            rolled.push(Rolled {
                origin,
                actual: values[origin..origin + ahead].to_vec(),
                expected: bounded(expected),
                seasonal_naive: seasonal_naive(before, self.period, ahead),
                run_rate: self.run_rate(before, ahead),
                factors: factors[origin..origin + ahead].to_vec(),
            });
        }
        rolled
    }
}
