//! A frozen forecast beside what came.

use std::collections::BTreeMap;

use budget::{Judged, Scope, Scorecard};
use chrono::{Days, Months, NaiveDate};
use forecast::posting::{amount_of, number_of};
use forecast::{History, Observation, StepSource};
use money::{Amount, AmountError, Currency};
use query::{Grain, Note, Period, Question};
use store::{Engagement, Watch};

use super::file::{self, File};
use super::reply::{FrozenForecast, FrozenJudgement, FrozenScope, FrozenStep};
use super::{date, info};
use crate::budgets::costs::costs;
use crate::budgets::{band, files};
use crate::{ApiError, Context, planning};

/// Decimals of shares.
const SHARE_DECIMALS: u8 = 4;

/// What came of the steps of a forecast.
struct Came {
    /// By step: what it cost, where anything is loaded of it.
    actual: Vec<Option<Amount>>,
    /// Whether all of it is known.
    complete: Vec<bool>,
    /// By scope and step.
    scopes: Vec<Vec<Amount>>,
}

fn note(code: &str, message: String) -> Note {
    Note { code: code.to_owned(), message }
}

/// The day after the last of a step.
fn end(first: NaiveDate, grain: Grain) -> NaiveDate {
    let next = match grain {
        Grain::Month => first.checked_add_months(Months::new(1)),
        Grain::Day | Grain::Hour => first.succ_opt(),
    };
    next.unwrap_or(first)
}

fn came(
    context: &Context,
    engagement: &Engagement,
    file: &File,
    as_of: Option<NaiveDate>,
    watch: &Watch,
) -> Result<Came, ApiError> {
    let days: Vec<NaiveDate> = file.steps.iter().filter_map(|step| date(&step.time)).collect();
    let nothing = Came {
        actual: vec![None; file.steps.len()],
        complete: vec![false; file.steps.len()],
        scopes: vec![vec![Amount::ZERO; file.steps.len()]; file.scopes.len()],
    };
    let (Some(first), Some(last), Some(as_of)) = (days.first(), days.last(), as_of) else { return Ok(nothing) };
    let after = as_of.checked_add_days(Days::new(1)).unwrap_or(as_of);
    let until = end(*last, file.grain).min(after);
    let charges = planning::with_rules(engagement)?.charges;
    let span = Period { from: *first, to: until };
    if days.len() != file.steps.len() || *first >= until || charges.and_then(|all| all.intersection(&span)).is_none() {
        return Ok(nothing);
    }
    let base = Question { period: None, ..file.question.clone() };
    let scopes: Vec<Scope> = file.scopes.iter().map(super::file::Part::scope).collect();
    let found = costs(context, engagement, &base, &scopes, file.grain, span, watch)?;
    // A step that has charges, but none of this scope, cost nothing; one without any charge is not known.
    let unfiltered = if base.filters.is_empty() {
        found.whole.clone()
    } else {
        let everything = Question { filters: Vec::new(), ..base };
        costs(context, engagement, &everything, &[], file.grain, span, watch)?.whole
    };
    let mut came = nothing;
    let of = |costs: &BTreeMap<String, Amount>, time: &str| costs.get(time).copied().unwrap_or_default();
    for (at, step) in file.steps.iter().enumerate() {
        if !unfiltered.contains_key(&step.time) {
            continue;
        }
        let whole = of(&found.whole, &step.time);
        came.actual[at] = Some(whole);
        came.complete[at] = end(days[at], file.grain) <= after;
        let mut named = Amount::ZERO;
        for (part, costs) in file
            .scopes
            .iter()
            .zip(&found.scopes)
            .enumerate()
            .filter(|(_, (part, _))| !part.rest)
            .map(|(place, (_, costs))| (place, costs))
        {
            let amount = of(costs, &step.time);
            came.scopes[part][at] = amount;
            named = named.checked_add(amount)?;
        }
        if let Some(rest) = file.scopes.iter().position(|part| part.rest) {
            came.scopes[rest][at] = whole.checked_sub(named)?;
        }
    }
    Ok(came)
}

/// The steps that are judged.
fn over(came: &Came) -> Vec<usize> {
    (0..came.actual.len()).filter(|&at| came.complete[at] && came.actual[at].is_some()).collect()
}

pub(super) fn judged(
    context: &Context,
    engagement: &Engagement,
    name: &str,
    file: &File,
    watch: &Watch,
) -> Result<FrozenForecast, ApiError> {
    let (known, late) = files::known_until(context, engagement, watch)?;
    let came = came(context, engagement, file, known, watch)?;
    let over = over(&came);
    let steps = file.steps.iter().enumerate().map(|(at, step)| FrozenStep {
        time: step.time.clone(),
        amount: step.amount,
        low_80: step.low_80,
        high_80: step.high_80,
        low_95: step.low_95,
        high_95: step.high_95,
        actual: came.actual[at],
        provisional: came.actual[at].is_some() && !came.complete[at],
    });
    let steps = steps.collect();
    let mut notes: Vec<Note> = late.into_iter().collect();
    if over.is_empty() {
        notes.push(note("nothing_over", "No step of the forecast is over yet: there is nothing to judge.".to_owned()));
    }
    notes.extend(changed_since(context, engagement, file, watch)?);
    let mut scopes = scores(file, &came, &over)?;
    scopes.sort_by(|left, right| {
        let far = |scope: &FrozenScope| {
            scope.actual.and_then(|actual| actual.checked_sub(scope.forecast).ok()).unwrap_or_default().abs()
        };
        far(right).cmp(&far(left)).then_with(|| left.scope.cmp(&right.scope))
    });
    Ok(FrozenForecast {
        info: info(name, file)?,
        question: file.question.clone(),
        method: file.method.clone(),
        evidence_id: file.evidence.id.clone(),
        steps,
        judged: judgement(file, &came, &over)?,
        scopes,
        notes,
    })
}

/// Whether the history that the forecast was made from reads otherwise today.
fn changed_since(
    context: &Context,
    engagement: &Engagement,
    file: &File,
    watch: &Watch,
) -> Result<Option<Note>, ApiError> {
    if planning::with_rules(engagement)?.charges.is_none() {
        return Ok(None);
    }
    let base = Question { period: None, ..file.question.clone() };
    let today = costs(context, engagement, &base, &[], file.grain, file.made_from, watch)?;
    let known = file.history.iter().filter(|step| !step.provisional);
    let mut changed = Vec::new();
    for step in known {
        let now = today.whole.get(&step.time).copied().unwrap_or_default();
        if now != step.amount.unwrap_or_default() {
            changed.push(step.time.clone());
        }
    }
    let message = match changed.as_slice() {
        [] => return Ok(None),
        [one] => format!(
            "{one} reads otherwise today than when the forecast was made from it: the forecast stays as it was."
        ),
        [first, .., last] => format!(
            "{} steps of the history from {first} to {last} read otherwise today than when the forecast was made from them: the \
             forecast stays as it was.",
            changed.len()
        ),
    };
    Ok(Some(note("history_changed", message)))
}

fn scores(file: &File, came: &Came, over: &[usize]) -> Result<Vec<FrozenScope>, AmountError> {
    let sum = |amounts: &[Amount]| Amount::sum(over.iter().filter_map(|&at| amounts.get(at).copied()));
    let mut scopes = Vec::with_capacity(file.scopes.len());
    for (part, actual) in file.scopes.iter().zip(&came.scopes) {
        // Kept are intervals of the sums from the first step on: of those that are over where these are the first ones.
        let judged = if over.is_empty() { part.amounts.len() } else { over.len() };
        let from_the_first = over.iter().enumerate().all(|(place, at)| place == *at);
        let sum_end =
            |ends: &[Amount]| judged.checked_sub(1).filter(|_| from_the_first).and_then(|at| ends.get(at).copied());
        let (low_80, high_80) = (sum_end(&part.sums_low_80), sum_end(&part.sums_high_80));
        if over.is_empty() {
            scopes.push(FrozenScope {
                scope: part.name.clone(),
                forecast: Amount::sum(part.amounts.iter().copied())?,
                actual: None,
                share: None,
                band: None,
                low_80,
                high_80,
                steps_within_80: None,
                net_new: part.net_new,
            });
            continue;
        }
        let within = over.iter().filter(|&&at| {
            let ends = part.low_80.get(at).zip(part.high_80.get(at));
            ends.is_some_and(|(low, high)| (*low..=*high).contains(&actual[at]))
        });
        let steps_within_80 = (!part.low_80.is_empty()).then(|| u32::try_from(within.count()).unwrap_or(u32::MAX));
        let (forecast, actual) = (sum(&part.amounts)?, sum(actual)?);
        let one = Judged { scope: part.name.clone(), forecast: Some(forecast), actual, net_new: false };
        let score = Scorecard::new(vec![one])?.top_line;
        scopes.push(FrozenScope {
            scope: part.name.clone(),
            forecast,
            actual: Some(actual),
            share: score.share,
            band: Some(band(score.band)),
            low_80,
            high_80,
            steps_within_80,
            net_new: part.net_new,
        });
    }
    Ok(scopes)
}

fn judgement(file: &File, came: &Came, over: &[usize]) -> Result<Option<FrozenJudgement>, ApiError> {
    let Some(first) = file.steps.first().and_then(|step| date(&step.time)) else { return Ok(None) };
    if over.is_empty() {
        return Ok(None);
    }
    let grain = if file.grain == Grain::Month { forecast::Grain::Month } else { forecast::Grain::Day };
    let observations = came
        .actual
        .iter()
        .zip(&came.complete)
        .map(|(actual, complete)| Observation { value: actual.map(number_of), provisional: !complete });
    let history = History::new(grain, first, observations.collect())
        .map_err(|error| ApiError::new("forecast", error.to_string(), ""))?;
    let steps: Vec<forecast::Step> = file
        .steps
        .iter()
        .filter_map(|step| {
            Some(forecast::Step {
                date: date(&step.time)?,
                point: number_of(step.amount),
                low_80: number_of(step.low_80),
                high_80: number_of(step.high_80),
                low_95: number_of(step.low_95),
                high_95: number_of(step.high_95),
                source: StepSource::Model,
            })
        })
        .collect();
    let made = forecast::judge(&steps, &history);
    let share = |value: Option<f64>| value.map(|value| amount_of(value, SHARE_DECIMALS)).transpose();
    let expected = Amount::sum(over.iter().map(|&at| file.steps[at].amount))?;
    let actual = Amount::sum(over.iter().filter_map(|&at| came.actual[at]))?;
    let all = Judged { scope: String::new(), forecast: Some(expected), actual, net_new: false };
    let top = Scorecard::new(vec![all])?.top_line;
    let inside = over
        .iter()
        .filter(|&&at| {
            came.actual[at].is_some_and(|actual| file.steps[at].low_80 <= actual && actual <= file.steps[at].high_80)
        })
        .count();
    let count = over.len();
    let what = match (file.grain, count) {
        (Grain::Month, 1) => "month",
        (Grain::Month, _) => "months",
        (_, 1) => "day",
        _ => "days",
    };
    let words = format!(
        "{count} {what} over: {expected} {currency} were expected, {shown} {currency} came, {}; {inside} of {count} lay within the 80 % interval.",
        top.words,
        currency = file.currency,
        shown = actual.rounded(file.currency.minor_digits(), money::Rounding::HalfEven),
    );
    Ok(Some(FrozenJudgement {
        steps: u32::try_from(count).unwrap_or(u32::MAX),
        wape: share(made.wape)?,
        bias: share(made.bias)?,
        coverage_80: share(made.coverage_80)?,
        coverage_95: share(made.coverage_95)?,
        words,
    }))
}

/// The scorecard of a frozen forecast over its steps that are over on a day; none where none is.
pub(crate) fn judged_by(
    context: &Context,
    engagement: &Engagement,
    name: &str,
    currency: Currency,
    as_of: Option<NaiveDate>,
    watch: &Watch,
) -> Result<(Option<Scorecard>, Vec<Note>), ApiError> {
    let file = file::read(engagement, name)?;
    if file.currency != currency {
        return Err(ApiError::new(
            "usage",
            format!("the frozen forecast {name} is in {}, the scorecard in {currency}", file.currency),
            "Choose budgets of its currency, or another forecast.",
        ));
    }
    let came = came(context, engagement, &file, as_of, watch)?;
    let over = over(&came);
    let mut notes: Vec<Note> = changed_since(context, engagement, &file, watch)?.into_iter().collect();
    let (Some(first), Some(last)) = (over.first(), over.last()) else {
        notes.push(note("nothing_over", format!("No step of the frozen forecast {name} is over yet.")));
        return Ok((None, notes));
    };
    notes.push(note(
        "judged_by_frozen",
        format!(
            "The scorecard judges the forecast {name}, frozen at {}, from {} to {}: {}.",
            file.frozen_at, file.steps[*first].time, file.steps[*last].time, file.measure
        ),
    ));
    let sum = |amounts: &[Amount]| Amount::sum(over.iter().filter_map(|&at| amounts.get(at).copied()));
    let mut judged = Vec::new();
    for (part, actual) in file.scopes.iter().zip(&came.scopes) {
        judged.push(Judged {
            scope: part.name.clone(),
            forecast: Some(sum(&part.amounts)?),
            actual: sum(actual)?,
            net_new: part.net_new,
        });
    }
    if judged.is_empty() {
        let steps: Vec<Amount> = file.steps.iter().map(|step| step.amount).collect();
        let actual = Amount::sum(over.iter().filter_map(|&at| came.actual[at]))?;
        judged.push(Judged { scope: "everything".to_owned(), forecast: Some(sum(&steps)?), actual, net_new: false });
    }
    Ok((Some(Scorecard::new(judged)?), notes))
}
