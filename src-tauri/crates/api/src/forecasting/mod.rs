//! What a scope will cost, how far that can be trusted, and how it was found: `forecast`.

mod reply;
mod words;

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forecast::{Forecast, History, HistoryError, Settings};
use money::{Amount, AmountError, Currency};
use query::{Answer, Catalog, Grain, MeasureKind, Note, Period, Question};
use store::Watch;

pub use crate::forecasting::reply::{
    ForecastActual, ForecastModel, ForecastOutlier, ForecastRecord, ForecastReply, ForecastRequest, ForecastStep,
    ForecastTotal,
};
use crate::{ApiError, Context, asking, planning};

/// Steps that are forecast where the request does not say, and at most.
const MONTHS: (u32, u32) = (12, 36);
const DAYS: (u32, u32) = (90, 366);

/// Sample paths behind the interval of a sum, and the seed that they are drawn from: the same figures each time.
const PATHS: usize = 2_000;
const SEED: u64 = 1;

/// The decimals of shares in the record.
const SHARE_DECIMALS: u8 = 4;

pub(crate) fn forecast(context: &Context, request: &ForecastRequest, watch: &Watch) -> Result<ForecastReply, ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, &request.question)?;
    let horizon = horizon(request, &asked)?;
    let catalog = planning::with_rules(&engagement)?;
    let measures = asked.measures[..1].to_vec();
    let plain = Question { measures, by: Vec::new(), grain: Some(request.grain), top: None, compare: None, ..asked };
    let answer = asking::answer(context, &engagement, &plain, watch)?;
    let loaded = Question { filters: Vec::new(), ..plain };
    let loaded = times(&asking::answer(context, &engagement, &loaded, watch)?);
    let complete = planning::complete(context, &engagement, &catalog, |_| true, answer.period, watch)?;
    let series = Series::of(&answer, request.grain, &loaded, &catalog, complete.until)?;
    let settings = Settings { horizon, ..Settings::default() };
    let found = forecast::forecast(&series.history()?, &settings);
    let shown = Shown { forecast: &found, grain: request.grain, currency: answer.currency };
    let steps = shown.steps()?;
    let beyond = found.steps.len().saturating_sub(horizon);
    let record = shown.record()?;
    let (method, method_in_words) = words::method(found.method);
    let mut notes = series.notes.clone();
    notes.extend(complete.note);
    notes.extend(words::notes(&found, request.grain, answer.currency)?);
    notes.extend(answer.notes.into_iter().filter(|note| note.code != "partial_period"));
    Ok(ForecastReply {
        measure: answer.measures[0].clone(),
        currency: answer.currency,
        grain: request.grain,
        period: answer.period,
        total: shown.total(&steps, beyond)?,
        history: series.actuals,
        steps,
        method: method.to_owned(),
        method_in_words: method_in_words.to_owned(),
        models: shown.models()?,
        verdict: words::verdict(record.as_ref()),
        record,
        outliers: shown.outliers()?,
        notes,
        question: answer.question,
        evidence: answer.evidence,
    })
}

fn horizon(request: &ForecastRequest, asked: &Question) -> Result<usize, ApiError> {
    let usage = |message: String, hint: &str| ApiError::new("usage", message, hint);
    if asked.measures.first().is_none_or(|measure| measure.kind() != MeasureKind::Currency) {
        return Err(usage(
            "the first measure of the question is no cost".to_owned(),
            "Ask for a cost: --cost effective.",
        ));
    }
    let ((usual, most), steps) = match request.grain {
        Grain::Month => (MONTHS, "months"),
        Grain::Day => (DAYS, "days"),
        Grain::Hour => {
            return Err(usage("hours are not forecast".to_owned(), "Ask by month or by day: --grain month."));
        }
    };
    let horizon = request.horizon.unwrap_or(usual);
    if horizon == 0 || horizon > most {
        return Err(usage(
            format!("{horizon} {steps} cannot be forecast"),
            &format!("From 1 to {most} {steps} can be."),
        ));
    }
    Ok(horizon as usize)
}

/// The months or days of an answer that have charges.
fn times(answer: &Answer) -> BTreeSet<String> {
    answer.rows.iter().filter_map(|row| row.keys.first().cloned().flatten()).collect()
}

/// A history as it is shown and learned from.
struct Series {
    grain: Grain,
    first: Option<NaiveDate>,
    actuals: Vec<ForecastActual>,
    notes: Vec<Note>,
}

impl Series {
    /// Every step from the first to the last that has charges of anything: one without charges of this scope is zero, one without any
    /// charge is not known. A first month that is not loaded whole is left out, the last steps that are not complete are provisional.
    fn of(
        answer: &Answer,
        grain: Grain,
        loaded: &BTreeSet<String>,
        catalog: &Catalog,
        complete_until: Option<NaiveDate>,
    ) -> Result<Self, ApiError> {
        let costs: BTreeMap<&str, Amount> = answer
            .rows
            .iter()
            .filter_map(|row| Some((row.keys.first()?.as_deref()?, row.cells.first()?.value?)))
            .collect();
        let mut series = Self { grain, first: None, actuals: Vec::new(), notes: Vec::new() };
        let (Some(first), Some(last)) = (loaded.first(), loaded.last()) else { return Ok(series) };
        let (Some(first), Some(last)) = (step(first, grain), step(last, grain)) else { return Ok(series) };
        let mut at = first;
        if catalog.covered.is_some_and(|covered| at.from < covered.from && covered.from < at.to) {
            series.notes.push(Note {
                code: "partial_start".to_owned(),
                message: format!("{} is not loaded from its beginning and is left out.", named(at.from, grain)),
            });
            at = after(at, grain);
        }
        series.first = Some(at.from);
        while at.from <= last.from {
            let time = named(at.from, grain);
            let known = loaded.contains(&time);
            series.actuals.push(ForecastActual {
                amount: costs.get(time.as_str()).copied().or(known.then_some(Amount::ZERO)),
                provisional: complete_until.is_some_and(|until| until < at.to),
                time,
            });
            at = after(at, grain);
        }
        Ok(series)
    }

    fn history(&self) -> Result<History, ApiError> {
        let amounts: Vec<Option<Amount>> = self.actuals.iter().map(|actual| actual.amount).collect();
        let provisional = self.actuals.iter().rev().take_while(|actual| actual.provisional).count();
        let grain = match self.grain {
            Grain::Month => forecast::Grain::Month,
            Grain::Day | Grain::Hour => forecast::Grain::Day,
        };
        let first = self.first.unwrap_or_default();
        History::of_amounts(grain, first, &amounts, provisional).map_err(refused)
    }
}

fn refused(error: HistoryError) -> ApiError {
    ApiError::new("forecast", error.to_string(), "Choose another period or scope.")
}

/// The days of `2026-03` or `2026-03-05`.
fn step(time: &str, grain: Grain) -> Option<Period> {
    let from: NaiveDate = if grain == Grain::Month { format!("{time}-01").parse().ok()? } else { time.parse().ok()? };
    Some(of_step(from, grain))
}

fn of_step(from: NaiveDate, grain: Grain) -> Period {
    let next = match grain {
        Grain::Month => from.checked_add_months(chrono::Months::new(1)),
        Grain::Day | Grain::Hour => from.succ_opt(),
    };
    Period { from, to: next.unwrap_or(from) }
}

fn after(step: Period, grain: Grain) -> Period {
    of_step(step.to, grain)
}

/// A step as answers name it.
fn named(from: NaiveDate, grain: Grain) -> String {
    from.format(if grain == Grain::Month { "%Y-%m" } else { "%Y-%m-%d" }).to_string()
}

/// A forecast as amounts of a currency.
struct Shown<'a> {
    forecast: &'a Forecast,
    grain: Grain,
    currency: Currency,
}

impl Shown<'_> {
    fn amount(&self, value: f64) -> Result<Amount, AmountError> {
        forecast::posting::amount_of(value, self.currency.minor_digits())
    }

    fn steps(&self) -> Result<Vec<ForecastStep>, AmountError> {
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

    fn total(&self, steps: &[ForecastStep], from: usize) -> Result<Option<ForecastTotal>, AmountError> {
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

    fn models(&self) -> Result<Vec<ForecastModel>, AmountError> {
        let models = self.forecast.members.iter().map(|member| {
            let amounts = member.values.iter().map(|value| self.amount(*value)).collect::<Result<_, _>>()?;
            Ok(ForecastModel { name: member.name.clone(), amounts })
        });
        models.collect()
    }

    fn outliers(&self) -> Result<Vec<ForecastOutlier>, AmountError> {
        let outliers = self.forecast.outliers.iter().map(|outlier| {
            Ok(ForecastOutlier {
                time: named(outlier.date, self.grain),
                amount: self.amount(outlier.value)?,
                counted_as: self.amount(outlier.counted_as)?,
            })
        });
        outliers.collect()
    }

    fn record(&self) -> Result<Option<ForecastRecord>, AmountError> {
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
}
