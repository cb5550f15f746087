//! What a scope will cost, how far that can be trusted, and how it was found: `forecast`.

mod details;
mod drivers;
mod flows;
mod lateness;
mod made_of;
mod month_end;
mod parts;
mod reply;
mod request;
mod scope;
mod series;
mod shown;
mod tree;
mod words;
mod workbook;

use chrono::NaiveDate;
use forecast::Settings;
use query::{Catalog, Dimension, Filter, Grain, MeasureKind, Operator, Question};
use store::Watch;

use crate::exporting::ExportReply;
use crate::forecasting::details::ForecastEvent;
use crate::forecasting::made_of::Amounts;
pub use crate::forecasting::reply::ForecastReply;
use crate::forecasting::reply::ForecastStep;
pub use crate::forecasting::request::{ForecastExportRequest, ForecastRequest};
use crate::forecasting::scope::{Asked, Scope};
use crate::forecasting::series::{Series, named, times};
use crate::forecasting::shown::Shown;
use crate::{ApiError, Context, annotations, asking, exporting, planning};

/// Steps that are forecast where the request does not say, and at most.
const MONTHS: (u32, u32) = (12, 36);
const DAYS: (u32, u32) = (90, 366);

/// With fewer complete months than these, their days say more of the next ones.
const MONTHS_FEW: usize = 24;

/// Sample paths behind the interval of a sum, and the seed that they are drawn from: the same figures each time.
const PATHS: usize = 2_000;
const SEED: u64 = 1;

pub(crate) fn forecast(context: &Context, request: &ForecastRequest, watch: &Watch) -> Result<ForecastReply, ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, &request.question)?;
    let horizon = horizon(request, &asked)?;
    let by = parts::dimensions(request)?;
    let catalog = planning::with_rules(&engagement)?;
    let measures = asked.measures[..1].to_vec();
    let plain = Question { measures, by: Vec::new(), grain: Some(request.grain), top: None, compare: None, ..asked };
    let answer = asking::answer(context, &engagement, &plain, watch)?;
    let loaded = Question { filters: Vec::new(), ..plain.clone() };
    let loaded = times(&asking::answer(context, &engagement, &loaded, watch)?);
    let complete = planning::complete(context, &engagement, &catalog, |_| true, answer.period, watch)?;
    let series = Series::of(&answer, plain.period, request.grain, &loaded, &catalog, complete.until)?;
    let settings = Settings { horizon, ..Settings::default() };
    let asked = Asked { context, engagement: &engagement, watch, question: &plain, parts: &by };
    let days = match request.grain {
        Grain::Month if series.complete() < MONTHS_FEW => Some(days(&asked, &catalog, complete.until)?),
        _ => None,
    };
    let scope = Scope::of(&asked, series, days, settings, answer.currency)?;
    let found = &scope.made.total;
    let series = &scope.series;
    let shown = Shown { forecast: found, grain: request.grain, currency: answer.currency };
    let steps = shown.steps()?;
    let total = shown.total(&steps, scope.begun)?;
    let coherent = if by.is_empty() { None } else { parts::coherent(&asked, request, &scope, &steps)? };
    let (steps, total, parts, reconciliation, amounts) = match coherent {
        Some(found) => (found.steps, found.total, found.parts, Some(found.reconciliation), found.amounts),
        None => {
            let totals: Vec<_> = steps.iter().map(|step| step.amount).collect();
            (steps, total, Vec::new(), None, Amounts::of(&scope.made, &totals)?)
        }
    };
    let split = made_of::told(&scope, &amounts, answer.currency)?;
    let month_end = match request.grain {
        Grain::Month => {
            month_end::month_end(context, &engagement, &plain, &catalog, complete.until, scope.kinds.as_ref(), watch)?
        }
        Grain::Day | Grain::Hour => None,
    };
    let driver_model = match request.drivers.as_deref() {
        Some(asked) if !asked.is_empty() => Some(drivers::model(&engagement, asked, series, found, answer.currency)?),
        _ => None,
    };
    let record = shown.record()?;
    let (method, method_in_words) = words::method(found.method);
    let mut notes = series.notes.clone();
    notes.extend(complete.note);
    notes.extend(scope.notes.iter().cloned());
    notes.extend(words::notes(found, request.grain, answer.currency)?);
    notes.extend(answer.notes.into_iter().filter(|note| note.code != "partial_period"));
    Ok(ForecastReply {
        measure: answer.measures[0].clone(),
        currency: answer.currency,
        grain: request.grain,
        period: answer.period,
        total,
        events: events(context, &answer.question, series, &steps)?,
        history: series.actuals.clone(),
        steps,
        method: method.to_owned(),
        method_in_words: method_in_words.to_owned(),
        models: shown.models()?,
        verdict: words::verdict(record.as_ref()),
        record,
        outliers: shown.outliers()?,
        split,
        components: shown.components()?,
        level_shift: shown.level_shift()?,
        parts,
        reconciliation,
        month_end,
        driver_model,
        notes,
        question: answer.question,
        evidence: answer.evidence,
    })
}

/// The days of a scope that is asked for by month.
fn days(
    asked: &Asked<'_>,
    catalog: &Catalog,
    complete_until: Option<NaiveDate>,
) -> Result<(Question, Series), ApiError> {
    let Asked { context, engagement, watch, question, .. } = *asked;
    let daily = Question { grain: Some(Grain::Day), ..question.clone() };
    let answer = asking::answer(context, engagement, &daily, watch)?;
    let loaded = Question { filters: Vec::new(), ..daily.clone() };
    let loaded = times(&asking::answer(context, engagement, &loaded, watch)?);
    let series = Series::of(&answer, daily.period, Grain::Day, &loaded, catalog, complete_until)?;
    Ok((daily, series))
}

/// Writes a forecast as a workbook whose formulas live.
pub(crate) fn export(
    context: &Context,
    request: &ForecastExportRequest,
    watch: &Watch,
) -> Result<ExportReply, ApiError> {
    let reply = forecast(context, &request.request, watch)?;
    let rows = reply.history.len() + reply.steps.len();
    exporting::written_book(&*context.engagement()?, &workbook::book(&reply), &request.target, rows)
}

/// What the analyst wrote on days of the history and of the forecast, but for what is on values that the filters leave out.
fn events(
    context: &Context,
    question: &Question,
    series: &Series,
    steps: &[ForecastStep],
) -> Result<Vec<ForecastEvent>, ApiError> {
    let first =
        series.actuals.first().map(|actual| actual.time.as_str()).or(steps.first().map(|step| step.time.as_str()));
    let last = steps.last().map(|step| step.time.as_str()).or(series.actuals.last().map(|actual| actual.time.as_str()));
    let (Some(first), Some(last)) = (first, last) else { return Ok(Vec::new()) };
    let concerns = |dimension: &Option<Dimension>, value: &Option<String>| {
        let Some(dimension) = dimension else { return true };
        question
            .filters
            .iter()
            .filter(|filter| filter.dimension == *dimension)
            .all(|filter| lets(filter, value.as_deref()))
    };
    let written = annotations::list(context)?.into_iter().filter_map(|annotation| {
        let time = named(annotation.day?, series.grain);
        // Times as they are named are in the order of their text.
        let within = first <= time.as_str() && time.as_str() <= last;
        let text = match (&annotation.dimension, &annotation.value) {
            (Some(_), Some(value)) => format!("{value}: {}", annotation.text),
            _ => annotation.text,
        };
        (within && concerns(&annotation.dimension, &annotation.value)).then_some(ForecastEvent { time, text })
    });
    Ok(written.collect())
}

/// Whether a filter lets a value through.
fn lets(filter: &Filter, value: Option<&str>) -> bool {
    let contains = |text: &String| value.is_some_and(|value| value.to_lowercase().contains(&text.to_lowercase()));
    match filter.operator {
        Operator::Is => value.is_some_and(|value| filter.values.iter().any(|known| known == value)),
        Operator::IsNot => value.is_none_or(|value| !filter.values.iter().any(|known| known == value)),
        Operator::Contains => filter.values.iter().any(contains),
        Operator::NotContains => !filter.values.iter().any(contains),
        Operator::Missing => value.is_none(),
        Operator::Present => value.is_some(),
    }
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
