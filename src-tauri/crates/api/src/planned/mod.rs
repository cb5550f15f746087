//! What was planned, a budget or a frozen forecast, to hold costs against: beside the figures of any question, and as the start of a bridge.

mod against;
mod plan;
mod scope;
mod words;

pub(crate) use against::ChangeAgainstLine;
pub(crate) use against::change_against;
pub use against::{ChangeAgainstReply, ChangeAgainstRequest};
pub(crate) use plan::Plan;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use money::{Amount, Ratio};
use query::{Against, Answer, Cell, Grain, MeasureKind, Note, Period, Row, RowRole};
use serde::Serialize;
use sha2::{Digest, Sha256};
use ts_rs::TS;

use crate::budgets::files;
use crate::{ApiError, Context, frozen};
use scope::Conditions;

const RATIO_DECIMALS: u8 = 6;

/// The plans of the engagement, by their names.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct PlansReply {
    /// Budget files.
    budgets: Vec<String>,
    /// Frozen forecasts.
    forecasts: Vec<String>,
}

/// What there is to hold costs against. Nothing is read but the names.
pub(crate) fn plans(context: &Context) -> Result<PlansReply, ApiError> {
    let engagement = context.engagement()?;
    Ok(PlansReply { budgets: files::names(&engagement)?, forecasts: frozen::names(&engagement)? })
}

fn note(code: &str, message: String) -> Note {
    Note { code: code.to_owned(), message }
}

/// Lays a plan over an answer that compares nothing: what was planned stands in the cells as the figure to compare with. A row that
/// nothing was planned for has none, and no change.
pub(crate) fn laid(mut answer: Answer, plan: &Plan) -> Result<Answer, ApiError> {
    let counted = plan.known_within(answer.period);
    let whole = scope::conditions(&answer.question.filters, answer.currency);
    let apart = if counted.is_none() {
        Some("no cost of the period is known".to_owned())
    } else if answer.question.convert.is_some() {
        Some("a plan is held against costs as they were billed, not against converted ones".to_owned())
    } else if whole.is_none() {
        Some("a plan knows what has a value, and these filters say something else".to_owned())
    } else {
        None
    };
    let period = counted.unwrap_or(answer.period);
    let found = match (&apart, &whole) {
        (None, Some(whole)) => Some((whole, period)),
        _ => None,
    };
    let places: Vec<bool> = answer.measures.iter().map(|measure| measure.kind == MeasureKind::Currency).collect();
    let dimensions: Vec<String> = answer.question.by.iter().map(|dimension| dimension.name().into_owned()).collect();
    let planned_of = |row: &Row| -> Result<Option<Amount>, ApiError> {
        let Some((whole, period)) = found.filter(|_| row.role == RowRole::Group) else { return Ok(None) };
        let (step, keys) = match answer.question.grain {
            None => (Some(period), row.keys.as_slice()),
            Some(grain) => (
                row.keys
                    .first()
                    .and_then(Option::as_deref)
                    .and_then(|time| bucket(time, grain))
                    .and_then(|step| step.intersection(&period)),
                row.keys.get(1..).unwrap_or_default(),
            ),
        };
        let Some(step) = step else { return Ok(None) };
        plan.amount(&scope::narrowed(whole, dimensions.iter().map(String::as_str).zip(keys)), step)
    };
    let amounts = answer.rows.iter().map(planned_of).collect::<Result<Vec<_>, _>>()?;
    let total = found.map(|(whole, period)| plan.amount(whole, period)).transpose()?.flatten();
    let without = amounts.iter().filter(|amount| amount.is_none()).count();
    for (row, amount) in answer.rows.iter_mut().zip(amounts) {
        beside(&mut row.cells, amount, &places)?;
    }
    beside(&mut answer.total, total, &places)?;
    if let Some((whole, period)) = found {
        let absent = not_charged(&answer, plan, whole, period)?;
        for (key, amount) in absent {
            let mut cells = vec![Cell::default(); answer.measures.len()];
            beside(&mut cells, Some(amount), &places)?;
            answer.rows.push(Row { keys: vec![key], role: RowRole::Group, cells });
        }
    }
    answer.notes.extend(words::notes(
        plan,
        period,
        apart,
        total.is_some(),
        without,
        if answer.keys.is_empty() { 0 } else { answer.rows.len() },
    ));
    answer.compared_with = Some(period);
    answer.evidence.scope = format!("{}, held against the {}", answer.evidence.scope, plan.label);
    answer.evidence.definition.push(plan.definition());
    answer.evidence.rules.push(plan.rule.clone());
    // Another plan, or the same file changed, is another figure.
    let id = Sha256::digest(format!("{} {} {}", answer.evidence.id, plan.label, plan.rule.version).as_bytes());
    answer.evidence.id = id.iter().take(6).map(|byte| format!("{byte:02x}")).collect();
    answer.question.against = Some(plan.planned.clone());
    answer.against = Some(Against { plan: plan.planned.clone(), label: plan.label.clone(), period });
    Ok(answer)
}

/// The plan by steps of time, as a trend: its n-th step goes with the n-th of the trend that it lies behind.
pub(crate) fn trend(trend: &Answer, plan: &Plan) -> Result<Option<Answer>, ApiError> {
    let Some((period, grain)) = plan.known_within(trend.period).zip(trend.question.grain) else { return Ok(None) };
    let Some(whole) = scope::conditions(&trend.question.filters, trend.currency) else { return Ok(None) };
    let mut rows = Vec::new();
    let mut day = period.from;
    while day < period.to {
        let Some(step) = step_of(day, grain) else { break };
        let inside = step.intersection(&period).unwrap_or(step);
        let value = plan.amount(&whole, inside)?;
        let time = if grain == Grain::Month { day.format("%Y-%m") } else { day.format("%Y-%m-%d") };
        let cells = trend
            .measures
            .iter()
            .map(|measure| Cell { value: value.filter(|_| measure.kind == MeasureKind::Currency), ..Cell::default() });
        rows.push(Row { keys: vec![Some(time.to_string())], role: RowRole::Group, cells: cells.collect() });
        day = step.to;
    }
    Ok(Some(Answer { rows, period, ..trend.clone() }))
}

/// Budgeted values of the one dimension that a list is by which have no row, as nothing was charged to them.
fn not_charged(
    answer: &Answer,
    plan: &Plan,
    whole: &Conditions,
    period: Period,
) -> Result<Vec<(Option<String>, Amount)>, ApiError> {
    let [dimension] = answer.question.by.as_slice() else { return Ok(Vec::new()) };
    // Behind "other" may be any value.
    if answer.question.grain.is_some() || answer.rows.iter().any(|row| row.role == RowRole::Other) {
        return Ok(Vec::new());
    }
    let listed: BTreeSet<&Option<String>> = answer.rows.iter().filter_map(|row| row.keys.first()).collect();
    let name = dimension.name();
    let mut found: BTreeMap<Option<String>, Amount> = BTreeMap::new();
    for value in plan.values(&name) {
        let fits = whole.get(&*name).is_none_or(|allowed| allowed.contains(value));
        if listed.contains(value) || !fits {
            continue;
        }
        let row = scope::narrowed(whole, [(&*name, value)]);
        if let Some(amount) = plan.amount(&row, period)?.filter(|amount| !amount.is_zero()) {
            found.insert(value.clone(), amount);
        }
    }
    Ok(found.into_iter().collect())
}

/// Puts what was planned beside the costs of a row.
fn beside(cells: &mut [Cell], planned: Option<Amount>, places: &[bool]) -> Result<(), ApiError> {
    for (cell, _) in cells.iter_mut().zip(places).filter(|(_, is_cost)| **is_cost) {
        cell.previous = planned;
        cell.change = planned.map(|planned| cell.value.unwrap_or_default().checked_sub(planned)).transpose()?;
        cell.change_ratio =
            cell.change.zip(planned).and_then(|(change, planned)| Ratio::of(change, planned.abs(), RATIO_DECIMALS));
    }
    Ok(())
}

/// The days of a step as answers name it. An hour is none.
fn bucket(time: &str, grain: Grain) -> Option<Period> {
    match grain {
        Grain::Month => step_of(format!("{time}-01").parse().ok()?, grain),
        Grain::Day => step_of(time.parse().ok()?, grain),
        Grain::Hour => None,
    }
}

/// The step that begins on a day, or the month around it.
fn step_of(day: NaiveDate, grain: Grain) -> Option<Period> {
    match grain {
        Grain::Month => Period::month(day.year(), day.month()),
        Grain::Day => Some(Period { from: day, to: day.succ_opt()? }),
        Grain::Hour => None,
    }
}
