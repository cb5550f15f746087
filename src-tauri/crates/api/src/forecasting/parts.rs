//! The parts of a forecast: the values of one or two dimensions, each forecast by itself, moved together with the total until they add up.

use std::collections::{BTreeMap, BTreeSet};

use forecast::posting::{number_of, parts_of};
use forecast::split::{Part, PartForecast, Usage};
use forecast::{Forecast, History, Settings};
use money::{Amount, AmountError, Rounding};
use query::{Answer, Dimension, Filter, Operator, Question, RowRole};

use super::flows::{Flows, numbers, units};
use super::reply::ForecastStep;
use super::request::{ForecastLock, ForecastRequest};
use super::scope::{Asked, Scope};
use super::series::Series;
use super::tree::{Coherent, Group, Tree};
use super::words;
use crate::together::together;
use crate::{ApiError, asking};

/// Parts that stand for themselves where the request does not say, and at most.
const PARTS: (u32, u32) = (10, 5_000);

/// More parts than these are forecast the swift way.
const MANY: usize = 40;

/// Of more parts than these the days are not looked at.
const DAILY: usize = 200;

/// The dimensions that are asked by, with locks only where there are any.
pub(super) fn dimensions(request: &ForecastRequest) -> Result<Vec<Dimension>, ApiError> {
    let usage = |message: String, hint: &str| Err(ApiError::new("usage", message, hint));
    let locked = request.locks.as_ref().is_some_and(|locks| !locks.is_empty()) || request.lock_total.is_some();
    let Some(by) = &request.by else {
        return match (&request.then, locked) {
            (Some(_), _) => usage("a second dimension is asked by without a first one".to_owned(), "Say both of them."),
            (None, true) => {
                usage("a part is set by hand where there are no parts".to_owned(), "Say the dimension: --by service.")
            }
            (None, false) => Ok(Vec::new()),
        };
    };
    match request.top {
        Some(top) if top == 0 || top > PARTS.1 => {
            return usage(format!("{top} parts cannot be forecast"), &format!("From 1 to {} can be.", PARTS.1));
        }
        _ => {}
    }
    match &request.then {
        Some(then) if then == by => {
            usage(format!("both dimensions are {}", by.name()), "Name another one for what each part consists of.")
        }
        then => Ok(std::iter::once(by).chain(then).cloned().collect()),
    }
}

/// Forecasts the values of the dimensions and makes them and the total agree; none where nothing was charged.
pub(super) fn coherent(
    asked: &Asked<'_>,
    request: &ForecastRequest,
    whole: &Scope,
    steps: &[ForecastStep],
) -> Result<Option<Coherent>, ApiError> {
    let Asked { context, engagement, watch, question: plain, parts: dimensions } = *asked;
    let top = request.top.unwrap_or(PARTS.0);
    let question = Question { by: dimensions[..1].to_vec(), top: Some(top), ..plain.clone() };
    let answer = asking::answer(context, engagement, &question, watch)?;
    let mut groups = groups(&answer, &whole.series, &whole.flows)?;
    if groups.is_empty() || whole.made.total.steps.is_empty() {
        return Ok(None);
    }
    let parts = groups.len();
    let deeper = (dimensions.len() > 1).then(|| Question { by: dimensions.to_vec(), top: None, ..plain.clone() });
    if let Some(deeper) = &deeper {
        let answer = asking::answer(context, engagement, &of_parts(deeper, &groups), watch)?;
        let dearest = |_: usize, costs: &Costs<'_>| dearest(costs, top);
        let below = below(&answer, &groups, &whole.series, &whole.flows, dearest)?;
        groups.extend(below);
    }
    if groups.len() > PARTS.1 as usize {
        return Err(ApiError::new(
            "usage",
            format!("the forecast would have {} parts; at most {} can be made to agree", groups.len(), PARTS.1),
            "Ask for fewer: --top 10.",
        ));
    }
    let is_many = groups.len() > MANY;
    let mut counted = if is_many {
        BTreeMap::new()
    } else {
        units(context, engagement, plain, dimensions.first(), &whole.series, watch).unwrap_or_default()
    };
    let by_day = if groups.len() > DAILY {
        BTreeMap::new()
    } else {
        days(asked, &question, deeper.as_ref(), &groups[..parts], &groups[parts..], whole)?
    };
    let made = groups
        .iter()
        .map(|group| {
            let cost = group.series.usage(group.flows.values())?;
            let units = if group.other || group.within.is_some() { None } else { counted.remove(&group.value) };
            let days = by_day.get(&group.key()).cloned();
            let flows = group.flows.iter().map(|(place, amounts)| (*place, numbers(amounts))).collect();
            Ok(Part { usage: Usage { cost, units: units.map(|units| units.history), days }, flows })
        })
        .collect::<Result<Vec<_>, ApiError>>()?;
    let many = Settings { horizon: whole.settings.horizon, ..Settings::for_many() };
    let settings = if is_many { &many } else { &whole.settings };
    let forecasts = together(&made, |part| whole.made.part(part, settings));
    if watch.is_cancelled() {
        return Err(store::StoreError::Cancelled.into());
    }
    let locks = locks(request.locks.as_deref().unwrap_or_default(), &groups[..parts], &forecasts, whole)?;
    let total = total_by_hand(request.lock_total, &locks, whole)?;
    Tree { whole, totals: steps, groups, forecasts, locks, total }.agreed().map(Some)
}

/// The same question of these parts alone, where they can be named.
fn of_parts(deeper: &Question, parts: &[Group]) -> Question {
    /// A filter names no more values than these.
    const VALUES_MAX: usize = 200;
    let named: Option<Vec<String>> = parts.iter().filter(|part| !part.other).map(|part| part.value.clone()).collect();
    let Some(values) = named.filter(|values| values.len() <= VALUES_MAX) else { return deeper.clone() };
    let only = Filter { dimension: deeper.by[0].clone(), operator: Operator::Is, values };
    Question { filters: deeper.filters.iter().cloned().chain([only]).collect(), ..deeper.clone() }
}

/// The usage of each group by day, by its key, where the months are forecast from days.
fn days(
    asked: &Asked<'_>,
    question: &Question,
    deeper: Option<&Question>,
    parts: &[Group],
    leaves: &[Group],
    whole: &Scope,
) -> Result<BTreeMap<Key, History>, ApiError> {
    let Some(days) = &whole.days else { return Ok(BTreeMap::new()) };
    let daily = |question: &Question| {
        let question = Question { grain: days.question.grain, period: days.question.period, ..question.clone() };
        match asking::answer(asked.context, asked.engagement, &question, asked.watch) {
            Err(error) if error.code == "too_many_rows" => Ok(None),
            answer => answer.map(Some),
        }
    };
    let mut found = Vec::new();
    if let Some(answer) = daily(question)? {
        found.extend(groups(&answer, &days.series, &days.flows)?);
    }
    if let Some(deeper) = deeper
        && let Some(answer) = daily(&of_parts(deeper, parts))?
    {
        let named = |place: usize, _: &Costs<'_>| -> BTreeSet<Option<String>> {
            let own = leaves.iter().filter(|leaf| leaf.within == Some(place) && !leaf.other);
            own.map(|leaf| leaf.value.clone()).collect()
        };
        found.extend(below(&answer, parts, &days.series, &days.flows, named)?);
    }
    found.into_iter().map(|group| Ok((group.key(), group.series.usage(group.flows.values())?))).collect()
}

/// What a group is known by: the part that it lies within, whether it is what is left, its value.
type Key = (Option<usize>, bool, Option<String>);

/// What each value cost at each time.
type Costs<'a> = BTreeMap<Option<String>, BTreeMap<&'a str, Amount>>;

impl Group {
    fn key(&self) -> Key {
        (self.within, self.other, self.value.clone())
    }

    /// A history of the steps of `series`: what was charged at each time.
    fn series_of(series: &Series, costs: &BTreeMap<&str, Amount>) -> Series {
        let mut series = series.clone();
        for actual in &mut series.actuals {
            let cost = costs.get(actual.time.as_str()).copied();
            actual.amount = actual.amount.map(|_| cost.unwrap_or(Amount::ZERO));
        }
        series
    }
}

/// The groups of an answer by their cost from high to low, what is left of them last.
fn groups(answer: &Answer, series: &Series, flows: &Flows) -> Result<Vec<Group>, ApiError> {
    let mut costs: BTreeMap<(bool, Option<String>), BTreeMap<&str, Amount>> = BTreeMap::new();
    for row in &answer.rows {
        let (Some(Some(time)), Some(cell)) = (row.keys.first(), row.cells.first()) else { continue };
        let key = (row.role == RowRole::Other, row.keys.get(1).cloned().flatten());
        if let Some(cost) = cell.value {
            costs.entry(key).or_default().insert(time, cost);
        }
    }
    let named: BTreeSet<Option<String>> =
        costs.keys().filter(|(other, _)| !other).map(|(_, value)| value.clone()).collect();
    let mut groups = Vec::with_capacity(costs.len());
    for ((other, value), costs) in costs {
        let sum = Amount::sum(costs.values().copied())?;
        let is_part = |part: &[Option<String>]| match part.first() {
            Some(first) if other => !named.contains(first),
            Some(first) => *first == value,
            None => false,
        };
        let flows = flows.of_parts(is_part)?;
        let series = Group::series_of(series, &costs);
        groups.push((other, std::cmp::Reverse(sum), Group { value, other, within: None, series, flows }));
    }
    // Stable: equal costs stay in the order of their values.
    groups.sort_by_key(|(other, sum, _)| (*other, *sum));
    Ok(groups.into_iter().map(|(_, _, group)| group).collect())
}

/// The dearest values, at most as many as wanted.
fn dearest(costs: &Costs<'_>, most: u32) -> BTreeSet<Option<String>> {
    let sum = |costs: &BTreeMap<&str, Amount>| Amount::sum(costs.values().copied()).unwrap_or_default();
    let mut ordered: Vec<(Amount, &Option<String>)> = costs.iter().map(|(value, costs)| (sum(costs), value)).collect();
    // Stable, as above.
    ordered.sort_by_key(|(sum, _)| std::cmp::Reverse(*sum));
    ordered.into_iter().take(most as usize).map(|(_, value)| value.clone()).collect()
}

/// What each part consists of by the second dimension of an answer: the values named, the dearest first, and what is left of the part.
fn below(
    answer: &Answer,
    parts: &[Group],
    series: &Series,
    flows: &Flows,
    named: impl Fn(usize, &Costs<'_>) -> BTreeSet<Option<String>>,
) -> Result<Vec<Group>, ApiError> {
    let mut by_part: BTreeMap<Option<String>, Costs<'_>> = BTreeMap::new();
    for row in &answer.rows {
        let (Some(Some(time)), Some(cost)) = (row.keys.first(), row.cells.first().and_then(|cell| cell.value)) else {
            continue;
        };
        let value = |place: usize| row.keys.get(place).cloned().flatten();
        by_part.entry(value(1)).or_default().entry(value(2)).or_default().insert(time, cost);
    }
    let mut found = Vec::new();
    for (place, part) in parts.iter().enumerate().filter(|(_, part)| !part.other) {
        let Some(costs) = by_part.get(&part.value) else { continue };
        let named = named(place, costs);
        let mut left: BTreeMap<&str, Amount> = BTreeMap::new();
        let mut own = Vec::with_capacity(named.len() + 1);
        for (value, costs) in costs {
            if !named.contains(value) {
                for (time, cost) in costs {
                    let sum = left.entry(time).or_insert(Amount::ZERO);
                    *sum = sum.checked_add(*cost)?;
                }
                continue;
            }
            let sum = Amount::sum(costs.values().copied())?;
            let is = |of: &[Option<String>]| of.first() == Some(&part.value) && of.get(1) == Some(value);
            let flows = flows.of_parts(is)?;
            let series = Group::series_of(series, costs);
            let group = Group { value: value.clone(), other: false, within: Some(place), series, flows };
            own.push((std::cmp::Reverse(sum), group));
        }
        own.sort_by_key(|(sum, _)| *sum);
        found.extend(own.into_iter().map(|(_, group)| group));
        if !left.is_empty() {
            let is = |of: &[Option<String>]| {
                of.first() == Some(&part.value) && of.get(1).is_some_and(|value| !named.contains(value))
            };
            let flows = flows.of_parts(is)?;
            let series = Group::series_of(series, &left);
            found.push(Group { value: None, other: true, within: Some(place), series, flows });
        }
    }
    Ok(found)
}

/// An amount set by hand in the digits of the currency.
fn by_hand(amount: Amount, whole: &Scope) -> Result<Amount, ApiError> {
    let digits = whole.currency.minor_digits();
    let amount = amount.normalized();
    if amount.scale() > digits {
        return Err(ApiError::new(
            "usage",
            format!("{amount} has more than {digits} decimals"),
            format!("An amount of {} has {digits}.", whole.currency),
        ));
    }
    Ok(amount.rescaled(digits, Rounding::HalfEven)?)
}

/// For each part the amounts of its steps, where it is set by hand.
fn locks(
    asked: &[ForecastLock],
    parts: &[Group],
    forecasts: &[PartForecast],
    whole: &Scope,
) -> Result<Vec<Option<Vec<Amount>>>, ApiError> {
    let usage = |message: String, hint: &str| ApiError::new("usage", message, hint);
    let mut locks = vec![None; parts.len()];
    for lock in asked {
        let name = words::part(lock.value.as_deref(), false);
        let Some(at) = parts.iter().position(|part| !part.other && part.value == lock.value) else {
            return Err(usage(
                format!("{name} is no part of this forecast"),
                "Only a part that stands for itself can be set by hand: raise --top, or look at the filters.",
            ));
        };
        if locks[at].is_some() {
            return Err(usage(format!("{name} is set by hand twice"), "Say one amount for each part."));
        }
        let amount = by_hand(lock.amount, whole)?;
        not_below_zero(amount, &name, &forecasts[at].total, whole.begun)?;
        locks[at] = Some(spread_out(amount, &forecasts[at].total, whole.begun)?);
    }
    Ok(locks)
}

/// What has only ever cost something is not set below zero.
fn not_below_zero(amount: Amount, name: &str, forecast: &Forecast, begun: usize) -> Result<(), ApiError> {
    if amount.is_negative() && forecast.least(begun).is_some() {
        return Err(ApiError::new(
            "usage",
            format!("{name} cannot come to {amount}: it is usage, which is never below zero"),
            "Give what it is to cost; a credit is a part of its own.",
        ));
    }
    Ok(())
}

/// What is left of a total that is set by hand for the parts that nobody set.
fn total_by_hand(
    total: Option<Amount>,
    locks: &[Option<Vec<Amount>>],
    whole: &Scope,
) -> Result<Option<Amount>, ApiError> {
    let Some(total) = total else { return Ok(None) };
    let total = by_hand(total, whole)?;
    not_below_zero(total, "the total", &whole.made.total, whole.begun)?;
    let locked = Amount::sum(locks.iter().flatten().flatten().copied())?;
    let rest = total.checked_sub(locked)?;
    let nobody = locks.iter().all(Option::is_some);
    if (nobody && !rest.is_zero()) || (rest.is_negative() && !total.is_negative() && !locked.is_zero()) {
        return Err(ApiError::new(
            "usage",
            format!(
                "the parts set by hand come to {locked} {currency}, the total set by hand is {total} {currency}",
                currency = whole.currency
            ),
            "Free the total or one of the parts.",
        ));
    }
    Ok(Some(rest))
}

/// An amount over the steps beyond the history, in the shape of the forecast; evenly where that has none of the amount's sign.
fn spread_out(amount: Amount, forecast: &Forecast, begun: usize) -> Result<Vec<Amount>, AmountError> {
    let points: Vec<f64> = forecast.steps.iter().skip(begun).map(|step| step.point).collect();
    shaped(amount, &points)
}

/// An amount in the shape of some points; evenly where these have none of the amount's sign.
#[expect(clippy::float_arithmetic, reason = "the shape is a statistic; the amounts are shared out exactly")]
pub(super) fn shaped(amount: Amount, points: &[f64]) -> Result<Vec<Amount>, AmountError> {
    let (sum, wanted) = (points.iter().sum::<f64>(), number_of(amount));
    let fits = sum.abs() > 0.0 && sum.is_sign_negative() == amount.is_negative();
    let even = wanted / points.len().max(1) as f64;
    let shape: Vec<f64> = points.iter().map(|point| if fits { point / sum * wanted } else { even }).collect();
    if shape.is_empty() { Ok(Vec::new()) } else { parts_of(amount, &shape) }
}
