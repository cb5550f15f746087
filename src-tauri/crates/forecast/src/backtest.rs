//! The record: how well a method would have done from earlier points of the same series.

use crate::intervals::{OriginErrors, Spread};

/// How well a method would have done.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct BacktestCard {
    /// From how many earlier points the series was forecast again.
    pub origins: usize,
    /// The most steps ahead that could be judged.
    pub steps: usize,
    /// The sum of the sizes of the errors over the sum of the sizes of the actual values; nothing when those are zero.
    pub wape: Option<f64>,
    /// The sum of expected minus actual over the sum of the actual values: above zero, too much was expected.
    pub bias: Option<f64>,
    /// The mean size of the errors over that of seasonal naive one period ahead within the history. R. J. Hyndman and
    /// A. B. Koehler (2006).
    pub mase: Option<f64>,
    /// The share of seasonal naive's error that was saved; below zero, it would have been better.
    pub skill_against_seasonal_naive: Option<f64>,
    /// The share of run-rate's error that was saved.
    pub skill_against_run_rate: Option<f64>,
    /// The share of values that lay within the 80 % interval, each half of the points judged by the other.
    pub coverage_80: Option<f64>,
    /// The share of values that lay within the 95 % interval, judged likewise.
    pub coverage_95: Option<f64>,
    /// The mean width of the 80 % interval with a fine for each miss, over seasonal naive's error. The score of T. Gneiting and
    /// A. E. Raftery (2007), scaled as in the M4 competition.
    pub interval_score_80: Option<f64>,
    /// The same of the 95 % interval.
    pub interval_score_95: Option<f64>,
    /// The mean share by which the sum of a year was missed; nothing when no whole year could be judged.
    pub year_error: Option<f64>,
}

/// One earlier point: what came, and what each method would have expected.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Rolled {
    /// The position of the first value that came.
    pub origin: usize,
    pub actual: Vec<f64>,
    pub expected: Vec<f64>,
    pub seasonal_naive: Vec<f64>,
    pub run_rate: Vec<f64>,
    /// What turns modelled values into costs: the length of each month.
    pub factors: Vec<f64>,
}

impl Rolled {
    pub(crate) fn errors(&self) -> OriginErrors {
        OriginErrors {
            errors: self.actual.iter().zip(&self.expected).map(|(actual, expected)| actual - expected).collect(),
        }
    }

    fn of(&self, simple: SimpleMethod) -> &[f64] {
        match simple {
            SimpleMethod::SeasonalNaive => &self.seasonal_naive,
            SimpleMethod::RunRate => &self.run_rate,
        }
    }

    /// Whether the simple method would have been better from this point.
    pub(crate) fn loses(&self, simple: SimpleMethod) -> bool {
        self.missed(&self.expected) > self.missed(self.of(simple))
    }

    /// The sum of the sizes of the errors, in costs.
    fn missed(&self, expected: &[f64]) -> f64 {
        let pairs = self.actual.iter().zip(expected).zip(&self.factors);
        pairs.map(|((actual, expected), factor)| ((actual - expected) * factor).abs()).sum()
    }
}

/// A method that every other one must beat.
#[derive(Clone, Copy, Debug)]
pub(crate) enum SimpleMethod {
    SeasonalNaive,
    RunRate,
}

/// The share of the simple method's error that the method saved; nothing when neither made any.
pub(crate) fn skill(rolled: &[Rolled], simple: SimpleMethod) -> Option<f64> {
    let missed: f64 = rolled.iter().map(|origin| origin.missed(&origin.expected)).sum();
    let other: f64 = rolled.iter().map(|origin| origin.missed(origin.of(simple))).sum();
    saved(missed, other)
}

/// By how many standard errors the simple method was ahead of the method on average: the test of F. X. Diebold and R. S. Mariano (1995), whose
/// variance knows that neighbouring points share most of what came (W. K. Newey and K. D. West 1987).
pub(crate) fn lead(rolled: &[Rolled], simple: SimpleMethod) -> f64 {
    let leads: Vec<f64> =
        rolled.iter().map(|origin| origin.missed(&origin.expected) - origin.missed(origin.of(simple))).collect();
    let [first, second, ..] = rolled else { return 0.0 };
    let count = leads.len() as f64;
    let mean = leads.iter().sum::<f64>() / count;
    let apart = (second.origin - first.origin).max(1);
    let steps = rolled.iter().map(|origin| origin.actual.len()).max().unwrap_or(1);
    // Points so far apart that they share a step.
    let shared = (steps.div_ceil(apart) - 1).min(leads.len() - 1);
    let covariance = |lag: usize| {
        leads[lag..].iter().zip(&leads).map(|(late, early)| (late - mean) * (early - mean)).sum::<f64>() / count
    };
    let weighted = |lag: usize| 2.0 * (1.0 - lag as f64 / (shared + 1) as f64) * covariance(lag);
    let variance = covariance(0) + (1..=shared).map(weighted).sum::<f64>();
    let size = leads.iter().fold(0.0_f64, |size, lead| size.max(lead.abs()));
    if size <= 0.0 {
        return 0.0;
    }
    // A lead that is the same everywhere has no variance: it is beyond any chance.
    mean / libm::sqrt(variance.max(1e-12 * size * size) / count)
}

fn saved(missed: f64, other: f64) -> Option<f64> {
    // Where the simple method made no error at all, any error is a loss, and none is no gain.
    if other > 0.0 { Some(1.0 - missed / other) } else { (missed > 0.0).then_some(-1.0) }
}

/// The card of a method; `scale` is the mean size of the seasonal differences within the history, `year` the steps of a year.
pub(crate) fn card(rolled: &[Rolled], spread: &Spread, scale: f64, year: usize) -> BacktestCard {
    let errors: Vec<OriginErrors> = rolled.iter().map(Rolled::errors).collect();
    let total = |value: &dyn Fn(&Rolled) -> f64| rolled.iter().map(value).sum::<f64>();
    let actual = total(&|origin| origin.actual.iter().zip(&origin.factors).map(|(value, factor)| value * factor).sum());
    let sizes =
        total(&|origin| origin.actual.iter().zip(&origin.factors).map(|(value, factor)| (value * factor).abs()).sum());
    let expected =
        total(&|origin| origin.expected.iter().zip(&origin.factors).map(|(value, factor)| value * factor).sum());
    let missed = total(&|origin| origin.missed(&origin.expected));
    let count = total(&|origin| origin.actual.len() as f64);
    let share = |part: f64, whole: f64| (whole.abs() > 0.0).then(|| part / whole).filter(|share| share.is_finite());
    let score = |level: f64| {
        let fines = errors.iter().flat_map(|origin| {
            origin.errors.iter().enumerate().map(|(step, error)| {
                let half = spread.half_width(level, step + 1);
                2.0 * half + 2.0 / (1.0 - level) * (error.abs() - half).max(0.0)
            })
        });
        share(fines.sum::<f64>() / count, scale)
    };
    let whole_years = rolled.iter().filter(|origin| origin.actual.len() >= year);
    let year_errors: Vec<f64> = whole_years
        .filter_map(|origin| {
            let sum = |values: &[f64]| -> f64 {
                values[..year].iter().zip(&origin.factors).map(|(value, factor)| value * factor).sum()
            };
            let actual = sum(&origin.actual);
            share((sum(&origin.expected) - actual).abs(), actual.abs())
        })
        .collect();
    BacktestCard {
        origins: rolled.len(),
        steps: rolled.iter().map(|origin| origin.actual.len()).max().unwrap_or(0),
        wape: share(missed, sizes),
        bias: share(expected - actual, actual),
        mase: share(
            errors.iter().flat_map(|origin| &origin.errors).map(|error| error.abs()).sum::<f64>() / count,
            scale,
        ),
        skill_against_seasonal_naive: skill(rolled, SimpleMethod::SeasonalNaive),
        skill_against_run_rate: skill(rolled, SimpleMethod::RunRate),
        coverage_80: spread.coverage(&errors, 0.8),
        coverage_95: spread.coverage(&errors, 0.95),
        interval_score_80: score(0.8),
        interval_score_95: score(0.95),
        year_error: (!year_errors.is_empty()).then(|| year_errors.iter().sum::<f64>() / year_errors.len() as f64),
    }
}

/// The mean size of the differences to the value one period before (or one step, with less than a period and a value).
pub(crate) fn seasonal_scale(series: &[f64], period: usize) -> f64 {
    let lag = if series.len() > period { period } else { 1 };
    if series.len() <= lag {
        return 0.0;
    }
    let differences = series[lag..].iter().zip(series).map(|(late, early)| (late - early).abs());
    differences.sum::<f64>() / (series.len() - lag) as f64
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rolled(actual: &[f64], expected: &[f64], naive: &[f64]) -> Rolled {
        Rolled {
            origin: 0,
            actual: actual.to_vec(),
            expected: expected.to_vec(),
            seasonal_naive: naive.to_vec(),
            run_rate: naive.to_vec(),
            factors: vec![1.0; actual.len()],
        }
    }

    #[test]
    fn the_figures_are_those_of_the_hand() {
        let origins = [rolled(&[100.0, 110.0], &[90.0, 115.0], &[80.0, 100.0]), rolled(&[110.0], &[105.0], &[100.0])];
        let errors: Vec<OriginErrors> = origins.iter().map(Rolled::errors).collect();
        let card = card(&origins, &Spread::of_origins(&errors), 10.0, 2);
        let near = |found: Option<f64>, wanted: f64| (found.unwrap() - wanted).abs() < 1e-12;
        assert!(near(card.wape, 20.0 / 320.0), "10 + 5 + 5 of 320: {:?}", card.wape);
        assert!(near(card.bias, -10.0 / 320.0), "310 expected of 320: {:?}", card.bias);
        assert!(near(card.mase, 20.0 / 3.0 / 10.0), "6.67 a value, over 10: {:?}", card.mase);
        assert!(near(card.skill_against_seasonal_naive, 0.5), "20 missed where naive missed 40");
        assert!(near(card.year_error, 5.0 / 210.0), "205 for 210, of the origin with two steps");
    }

    #[test]
    fn a_lead_is_judged_by_its_noise() {
        let origin = |at: usize, lead: f64| Rolled { origin: at, ..rolled(&[10.0], &[10.0 + 5.0 + lead], &[5.0]) };
        let always: Vec<Rolled> = (0..8).map(|at| origin(at, 1.0)).collect();
        assert!(lead(&always, SimpleMethod::SeasonalNaive) > 1e3, "one dollar better from every point is no chance");
        let either: Vec<Rolled> = (0..8).map(|at| origin(at, if at % 2 == 0 { 3.0 } else { -2.0 })).collect();
        // The mean is 0.5, the variance 6.25, of eight points that share no step.
        let wanted = 0.5 / (6.25_f64 / 8.0).sqrt();
        assert!(
            (lead(&either, SimpleMethod::SeasonalNaive) - wanted).abs() < 1e-9,
            "half a dollar is within the noise"
        );
    }

    #[test]
    fn the_scale_is_the_mean_seasonal_difference() {
        assert!((seasonal_scale(&[1.0, 2.0, 3.0, 5.0], 2) - 2.5).abs() < 1e-12, "2 and 3");
        assert!(seasonal_scale(&[1.0], 2).abs() <= 0.0, "one value has no difference");
    }
}
