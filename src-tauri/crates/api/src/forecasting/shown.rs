//! A forecast as amounts of a currency: what the reply shows of it.

use forecast::{Fallback, Forecast};
use money::{Amount, AmountError, Currency};
use query::Grain;

use super::details::{ForecastComponents, ForecastLevelShift};
use super::reply::{ForecastModel, ForecastOutlier, ForecastRecord, ForecastStep, ForecastTotal};
use super::series::named;
use super::{PATHS, SEED, words};

/// The decimals of shares in the record.
const SHARE_DECIMALS: u8 = 4;

/// A forecast as amounts of a currency.
pub(super) struct Shown<'a> {
    pub(super) forecast: &'a Forecast,
    pub(super) grain: Grain,
    pub(super) currency: Currency,
}

impl Shown<'_> {
    fn amount(&self, value: f64) -> Result<Amount, AmountError> {
        forecast::posting::amount_of(value, self.currency.minor_digits())
    }

    pub(super) fn steps(&self) -> Result<Vec<ForecastStep>, AmountError> {
        let (_, amounts) = self.forecast.amounts(self.currency.minor_digits())?;
        let shown = self.forecast.steps.iter().zip(amounts).map(|(step, amount)| {
            Ok(ForecastStep {
                time: named(step.date, self.grain),
                amount,
                // The rounding of the sum may move a step by a cent: it stays inside its own interval.
                low_80: self.amount(step.low_80)?.min(amount),
                high_80: self.amount(step.high_80)?.max(amount),
                low_95: self.amount(step.low_95)?.min(amount),
                high_95: self.amount(step.high_95)?.max(amount),
                remark: words::source(step.source, self.currency)?,
            })
        });
        shown.collect()
    }

    pub(super) fn total(&self, steps: &[ForecastStep], from: usize) -> Result<Option<ForecastTotal>, AmountError> {
        let beyond = steps.get(from..).unwrap_or_default();
        let (Some(first), Some(last)) = (beyond.first(), beyond.last()) else { return Ok(None) };
        let sum = self.forecast.sum(from, steps.len(), PATHS, SEED);
        let amount = Amount::sum(beyond.iter().map(|step| step.amount))?;
        Ok(Some(ForecastTotal {
            from: first.time.clone(),
            to: last.time.clone(),
            amount,
            low_80: self.amount(sum.low_80)?.min(amount),
            high_80: self.amount(sum.high_80)?.max(amount),
            low_95: self.amount(sum.low_95)?.min(amount),
            high_95: self.amount(sum.high_95)?.max(amount),
        }))
    }

    pub(super) fn models(&self) -> Result<Vec<ForecastModel>, AmountError> {
        let models = self.forecast.members.iter().map(|member| {
            let amounts = member.values.iter().map(|value| self.amount(*value)).collect::<Result<_, _>>()?;
            Ok(ForecastModel { name: member.name.clone(), amounts })
        });
        models.collect()
    }

    pub(super) fn outliers(&self) -> Result<Vec<ForecastOutlier>, AmountError> {
        let outliers = self.forecast.outliers.iter().map(|outlier| {
            Ok(ForecastOutlier {
                time: named(outlier.date, self.grain),
                amount: self.amount(outlier.value)?,
                counted_as: self.amount(outlier.counted_as)?,
            })
        });
        outliers.collect()
    }

    pub(super) fn record(&self) -> Result<Option<ForecastRecord>, AmountError> {
        let Some(card) = &self.forecast.card else { return Ok(None) };
        let share =
            |value: Option<f64>| value.map(|value| forecast::posting::amount_of(value, SHARE_DECIMALS)).transpose();
        Ok(Some(ForecastRecord {
            origins: u32::try_from(card.origins).unwrap_or(u32::MAX),
            steps: u32::try_from(card.steps).unwrap_or(u32::MAX),
            wape: share(card.wape)?,
            bias: share(card.bias)?,
            mase: share(card.mase)?,
            skill_against_seasonal_naive: share(card.skill_against_seasonal_naive)?,
            skill_against_run_rate: share(card.skill_against_run_rate)?,
            coverage_80: share(card.coverage_80)?,
            coverage_95: share(card.coverage_95)?,
            year_error: share(card.year_error)?,
        }))
    }

    pub(super) fn components(&self) -> Result<Option<ForecastComponents>, AmountError> {
        let Some(components) = &self.forecast.components else { return Ok(None) };
        let amounts = |values: &[f64]| values.iter().map(|value| self.amount(*value)).collect::<Result<Vec<_>, _>>();
        let times =
            (0..components.trend.len()).map(|at| named(self.forecast.grain.date(components.first, at), self.grain));
        Ok(Some(ForecastComponents {
            times: times.collect(),
            trend: amounts(&components.trend)?,
            season: amounts(&components.season)?,
            remainder: amounts(&components.remainder)?,
        }))
    }

    pub(super) fn level_shift(&self) -> Result<Option<ForecastLevelShift>, AmountError> {
        let shift = self.forecast.fallbacks.iter().find_map(|fallback| match fallback {
            Fallback::LevelShift { date, by } => Some((*date, *by)),
            _ => None,
        });
        let Some((date, by)) = shift else { return Ok(None) };
        Ok(Some(ForecastLevelShift { time: named(date, self.grain), by: self.amount(by)? }))
    }
}
