//! Forecasts that are frozen, at a budget lock say, and judged later by what came: `forecast_freeze`, `frozen_forecast`.

mod file;
mod judging;
mod reply;

use std::collections::BTreeMap;

use budget::Scope;
use chrono::{DateTime, NaiveDate, Utc};
use money::Amount;
use query::{Answer, Dimension, Grain, Question};
use store::{Engagement, Watch};

use crate::budgets::costs::costs;
use crate::budgets::{Course, course, files};
use crate::forecasting::{self, ForecastReply, ForecastRequest};
use crate::{ApiError, Context, asking};
use file::{File, Known, Part, Step};

pub(crate) use judging::judged_by;
pub use reply::{ForecastFreezeRequest, FrozenForecast, FrozenForecastRequest, FrozenInfo};

/// Values of a dimension that are forecast by themselves.
const VALUES_MAX: u32 = 40;
/// Scopes of a budget that are.
const SCOPES_MAX: usize = 500;

/// The forecasts that are frozen.
pub(crate) fn list(context: &Context) -> Result<Vec<FrozenInfo>, ApiError> {
    listed(&*context.engagement()?)
}

fn listed(engagement: &Engagement) -> Result<Vec<FrozenInfo>, ApiError> {
    let infos = file::names(engagement)?.into_iter().map(|name| match file::read(engagement, &name) {
        Ok(file) => info(&name, &file),
        Err(error) if error.code == "frozen" => Ok(FrozenInfo {
            name,
            made_from: None,
            frozen_at: String::new(),
            grain: Grain::Month,
            measure: String::new(),
            currency: engagement.definition().currency,
            scopes: 0,
            horizon: 0,
            total: Amount::ZERO,
            problem: Some(error.message),
        }),
        Err(error) => Err(error),
    });
    infos.collect()
}

fn info(name: &str, file: &File) -> Result<FrozenInfo, ApiError> {
    let count = |number: usize| u32::try_from(number).unwrap_or(u32::MAX);
    Ok(FrozenInfo {
        name: name.to_owned(),
        made_from: Some(file.made_from),
        frozen_at: file.frozen_at.clone(),
        grain: file.grain,
        measure: file.measure.clone(),
        currency: file.currency,
        scopes: count(file.scopes.len()),
        horizon: count(file.steps.len()),
        total: Amount::sum(file.steps.iter().map(|step| step.amount))?,
        problem: None,
    })
}

/// Takes a forecast away.
pub(crate) fn delete(context: &Context, request: &FrozenForecastRequest) -> Result<Vec<FrozenInfo>, ApiError> {
    let engagement = context.engagement()?;
    file::delete(&engagement, &request.name)?;
    listed(&engagement)
}

/// A frozen forecast beside what came.
pub(crate) fn get(
    context: &Context,
    request: &FrozenForecastRequest,
    watch: &Watch,
) -> Result<FrozenForecast, ApiError> {
    let engagement = context.engagement()?;
    let file = file::read(&engagement, &request.name)?;
    judging::judged(context, &engagement, &request.name, &file, watch)
}

/// The names of the forecasts that are frozen.
pub(crate) fn names(engagement: &Engagement) -> Result<Vec<String>, ApiError> {
    file::names(engagement)
}

/// A frozen forecast as amounts: what is expected of the whole and of each of its scopes, one for each step.
pub(crate) struct Expected {
    pub(crate) question: Question,
    pub(crate) measure: String,
    pub(crate) currency: money::Currency,
    pub(crate) frozen_at: String,
    pub(crate) grain: Grain,
    /// The first day of each step.
    pub(crate) steps: Vec<NaiveDate>,
    pub(crate) whole: Vec<Amount>,
    pub(crate) scopes: Vec<(String, Scope, Vec<Amount>)>,
}

/// What a frozen forecast expects.
pub(crate) fn expected(engagement: &Engagement, name: &str) -> Result<Expected, ApiError> {
    let file = file::read(engagement, name)?;
    let scopes = file.scopes.iter().filter(|part| !part.rest);
    Ok(Expected {
        measure: file.measure.clone(),
        currency: file.currency,
        frozen_at: file.frozen_at.clone(),
        grain: file.grain,
        steps: file.steps.iter().filter_map(|step| date(&step.time)).collect(),
        whole: file.steps.iter().map(|step| step.amount).collect(),
        scopes: scopes.map(|part| (part.name.clone(), part.scope(), part.amounts.clone())).collect(),
        question: file.question,
    })
}

/// Makes a forecast and keeps it.
pub(crate) fn freeze(
    context: &Context,
    request: &ForecastFreezeRequest,
    now: DateTime<Utc>,
    watch: &Watch,
) -> Result<Vec<FrozenInfo>, ApiError> {
    let engagement = context.engagement()?;
    // Before the work: a name that is taken needs none.
    let taken = file::names(&engagement)?.iter().any(|known| known.to_lowercase() == request.name.to_lowercase());
    if taken {
        return Err(file::exists(&request.name));
    }
    if request.by.is_some() && request.budget_file.is_some() {
        return Err(ApiError::new(
            "usage",
            "scopes come from a dimension or from a budget, not from both",
            "Leave out one of the two.",
        ));
    }
    let asked = serde_json::json!({ "question": request.question, "grain": request.grain, "horizon": request.horizon });
    let asked: ForecastRequest = serde_json::from_value(asked).map_err(|error| ApiError::bad_request(&error))?;
    let total = forecasting::forecast(context, &asked, watch)?;
    let (known, _) = files::known_until(context, &engagement, watch)?;
    let scopes = match (&request.by, &request.budget_file) {
        (Some(by), _) => values(context, &engagement, by, &total, watch)?,
        (None, Some(budget)) => of_budget(context, &engagement, budget, &total, now, watch)?,
        (None, None) => Vec::new(),
    };
    let parts = parts(context, &engagement, &total, scopes, watch)?;
    let file = File {
        frozen_at: now.format("%Y-%m-%dT%H:%M:%SZ").to_string(),
        measure: total.measure.name.clone(),
        currency: total.currency,
        grain: total.grain,
        method: total.method_in_words.clone(),
        by: request.by.as_ref().map(|by| by.name().into_owned()),
        budget_file: request.budget_file.clone(),
        known_until: known.map(|known| known.min(total.period.last_day())),
        made_from: total.period,
        question: total.question.clone(),
        evidence: total.evidence.clone(),
        history: total
            .history
            .iter()
            .map(|step| Known { time: step.time.clone(), amount: step.amount, provisional: step.provisional })
            .collect(),
        steps: total
            .steps
            .iter()
            .map(|step| Step {
                time: step.time.clone(),
                amount: step.amount,
                low_80: step.low_80,
                high_80: step.high_80,
                low_95: step.low_95,
                high_95: step.high_95,
            })
            .collect(),
        scopes: parts,
    };
    file::write(&engagement, &request.name, &file)?;
    listed(&engagement)
}

/// A scope that is to be forecast.
struct Wanted {
    name: String,
    scope: Scope,
    net_new: bool,
}

/// The dearest values of a dimension.
fn values(
    context: &Context,
    engagement: &Engagement,
    by: &Dimension,
    total: &ForecastReply,
    watch: &Watch,
) -> Result<Vec<Wanted>, ApiError> {
    let question = Question { by: vec![by.clone()], grain: None, top: Some(VALUES_MAX), ..total.question.clone() };
    let answer: Answer = asking::answer(context, engagement, &question, watch)?;
    let groups = answer.rows.iter().filter(|row| row.role == query::RowRole::Group);
    let wanted = groups.filter_map(|row| row.keys.first()).map(|key| {
        let name = by.name();
        let scope = match key {
            Some(value) => Scope::everything().with(&name, value),
            None => Scope::everything().with_missing(&name),
        };
        Wanted { name: key.clone().unwrap_or_else(|| "(none)".to_owned()), scope, net_new: false }
    });
    Ok(wanted.collect())
}

/// The scopes of a budget that are within no other but everything, so that none counts twice: those of the first breakdown.
fn of_budget(
    context: &Context,
    engagement: &Engagement,
    budget: &str,
    total: &ForecastReply,
    now: DateTime<Utc>,
    watch: &Watch,
) -> Result<Vec<Wanted>, ApiError> {
    let kept = files::kept(engagement, Some(budget))?;
    let otherwise = total.period.last_day().max(now.date_naive());
    let read = files::read(context, engagement, &kept, otherwise, watch)?;
    let own = read.import.budgets.into_iter().filter(|budget| budget.currency == total.currency);
    let budgets: Vec<budget::Budget> = own.collect();
    let hierarchy = budget::Hierarchy::new(&read.periods, &budgets)
        .map_err(|error| ApiError::new("budget", error.to_string(), "Correct the budget file."))?;
    // From the top down the parts of the first breakdown; a part without parts stands for itself.
    let mut open: Vec<usize> = hierarchy.roots.first().map(|root| root.children.clone()).unwrap_or_default();
    open.reverse();
    let mut wanted = Vec::new();
    while let Some(place) = open.pop() {
        let budget = &budgets[place];
        match hierarchy.nodes[place].breakdowns.first() {
            Some(breakdown) if budget.scope == Scope::everything() => open.extend(breakdown.children.iter().rev()),
            _ if budget.scope == Scope::everything() => {}
            _ => {
                wanted.push(Wanted { name: budget.name.clone(), scope: budget.scope.clone(), net_new: budget.net_new })
            }
        }
    }
    if wanted.len() > SCOPES_MAX {
        return Err(ApiError::new(
            "usage",
            format!("the budget has {} scopes; at most {SCOPES_MAX} are frozen", wanted.len()),
            "Freeze by a dimension: --by service.",
        ));
    }
    Ok(wanted)
}

/// Forecasts of the scopes and of what they leave, moved so that they add up to the total.
fn parts(
    context: &Context,
    engagement: &Engagement,
    total: &ForecastReply,
    wanted: Vec<Wanted>,
    watch: &Watch,
) -> Result<Vec<Part>, ApiError> {
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let scopes: Vec<Scope> = wanted.iter().map(|one| one.scope.clone()).collect();
    let found = costs(context, engagement, &total.question, &scopes, total.grain, total.period, watch)?;
    let dates: Vec<NaiveDate> = total.history.iter().filter_map(|step| date(&step.time)).collect();
    let provisional = total.history.iter().rev().take_while(|step| step.provisional).count();
    let horizon = total.steps.len().saturating_sub(provisional);
    let decimals = total.currency.minor_digits();
    let series = |costs: &BTreeMap<String, Amount>| -> Vec<Option<Amount>> {
        let history = total.history.iter();
        history.map(|step| step.amount.map(|_| costs.get(&step.time).copied().unwrap_or_default())).collect()
    };
    let mut rest = BTreeMap::new();
    for (time, whole) in &found.whole {
        let parts = Amount::sum(found.scopes.iter().filter_map(|scope| scope.get(time).copied()))?;
        rest.insert(time.clone(), whole.checked_sub(parts)?);
    }
    let days: Vec<Option<NaiveDate>> = total.steps.iter().map(|step| date(&step.time)).collect();
    let mut raw: Vec<Part> = Vec::new();
    for costs in found.scopes.iter().chain([&rest]) {
        let ahead = course(total.grain, &dates, &series(costs), provisional, horizon, decimals)?;
        raw.push(Part::of(&days, ahead.as_ref())?);
    }
    for (at, step) in total.steps.iter().enumerate() {
        let parts: Vec<Amount> = raw.iter().map(|part| part.amounts[at]).collect();
        for (part, amount) in raw.iter_mut().zip(budget::conform(step.amount, &parts, decimals)?) {
            part.move_to(at, amount)?;
        }
    }
    let left = raw.pop();
    let mut parts: Vec<Part> = wanted
        .into_iter()
        .zip(raw)
        .map(|(one, part)| Part { name: one.name, net_new: one.net_new, scope: file::written(&one.scope), ..part })
        .collect();
    let costs = rest.values().any(|amount| !amount.is_zero());
    if let Some(left) = left.filter(|left| costs || left.amounts.iter().any(|amount| !amount.is_zero())) {
        parts.push(Part { name: "all others".to_owned(), rest: true, ..left });
    }
    Ok(parts)
}

impl Part {
    /// What is expected of a scope, laid on the steps of the whole; nothing where nothing is.
    fn of(days: &[Option<NaiveDate>], ahead: Option<&Course>) -> Result<Self, ApiError> {
        let mut part = Self::default();
        let mut before = [Amount::ZERO; 2];
        for day in days {
            let step = ahead.and_then(|ahead| Some((ahead, ahead.dates.iter().position(|date| Some(*date) == *day)?)));
            let ends = |ends: fn(&Course) -> &[(Amount, Amount)]| {
                step.and_then(|(ahead, at)| ends(ahead).get(at).copied()).unwrap_or_default()
            };
            part.amounts.push(step.and_then(|(ahead, at)| ahead.points.get(at).copied()).unwrap_or_default());
            let (low, high) = ends(|ahead| &ahead.within_80);
            part.low_80.push(low);
            part.high_80.push(high);
            let (low, high) = ends(|ahead| &ahead.within_95);
            part.low_95.push(low);
            part.high_95.push(high);
            // Beyond its last step a sum stays as it is.
            if let Some((low, high)) = step.and_then(|(ahead, at)| ahead.sums_within_80.get(at).copied()) {
                before = [low, high];
            }
            part.sums_low_80.push(before[0]);
            part.sums_high_80.push(before[1]);
        }
        Ok(part)
    }

    /// Moves a step so that all scopes add up; its intervals and those of the sums behind it move with it.
    fn move_to(&mut self, at: usize, amount: Amount) -> Result<(), ApiError> {
        let moved = amount.checked_sub(self.amounts[at])?;
        self.amounts[at] = amount;
        for ends in [&mut self.low_80, &mut self.high_80, &mut self.low_95, &mut self.high_95] {
            ends[at] = ends[at].checked_add(moved)?;
        }
        for sums in [&mut self.sums_low_80, &mut self.sums_high_80] {
            for sum in &mut sums[at..] {
                *sum = sum.checked_add(moved)?;
            }
        }
        Ok(())
    }
}

/// The first day of `2026-03`, or the day of `2026-03-05`.
fn date(time: &str) -> Option<NaiveDate> {
    if time.len() == 7 { format!("{time}-01").parse().ok() } else { time.parse().ok() }
}
