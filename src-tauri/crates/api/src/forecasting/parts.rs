//! The parts of a forecast: the values of a dimension, each forecast by itself, moved together with the total until they add up.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forecast::hierarchy::{
    Hierarchy, HierarchyError, JointSpread, NodeErrors, NodeSpread, Reconciler, Weighting, joint_spread,
};
use forecast::posting::{amount_of, number_of, parts_of};
use forecast::{Forecast, Settings};
use money::{Amount, AmountError, Currency, Rounding};
use query::{Answer, Dimension, Question, RowRole};
use store::Watch;

use super::details::{ForecastPart, ForecastPartStep, ForecastReconciliation};
use super::reply::{ForecastStep, ForecastTotal};
use super::request::{ForecastLock, ForecastRequest};
use super::series::Series;
use super::shown::Shown;
use super::{PATHS, SEED, words};
use crate::together::together;
use crate::{ApiError, Context, asking};

/// Parts that stand for themselves where the request does not say, and at most.
const PARTS: (u32, u32) = (10, 5_000);

/// More parts than these are forecast the swift way.
const MANY: usize = 40;

/// Sample paths of a tree: as many as of one series, but no more numbers at a step than these, and never fewer paths.
const NUMBERS_MAX: usize = 500_000;
const PATHS_MIN: usize = 200;

/// The parts and the total that they add up to.
pub(super) struct Coherent {
    pub(super) parts: Vec<ForecastPart>,
    pub(super) steps: Vec<ForecastStep>,
    pub(super) total: Option<ForecastTotal>,
    pub(super) reconciliation: ForecastReconciliation,
}

/// The total as it was found by itself.
pub(super) struct Whole<'a> {
    pub(super) series: &'a Series,
    pub(super) forecast: &'a Forecast,
    pub(super) settings: &'a Settings,
    pub(super) steps: Vec<ForecastStep>,
    /// How many of the steps lie within the history.
    pub(super) begun: usize,
    pub(super) currency: Currency,
}

/// The dimension that is asked by, with locks only where there is one.
pub(super) fn dimension(request: &ForecastRequest) -> Result<Option<&Dimension>, ApiError> {
    let usage = |message: String, hint: &str| Err(ApiError::new("usage", message, hint));
    if request.by.is_none() && request.locks.as_ref().is_some_and(|locks| !locks.is_empty()) {
        return usage("a part is set by hand where there are no parts".to_owned(), "Say the dimension: --by service.");
    }
    match request.top {
        Some(top) if top == 0 || top > PARTS.1 => {
            usage(format!("{top} parts cannot be forecast"), &format!("From 1 to {} can be.", PARTS.1))
        }
        _ => Ok(request.by.as_ref()),
    }
}

/// Forecasts the values of a dimension and makes them and the total agree; none where nothing was charged.
pub(super) fn coherent(
    context: &Context,
    question: &Question,
    dimension: &Dimension,
    request: &ForecastRequest,
    whole: &Whole<'_>,
    watch: &Watch,
) -> Result<Option<Coherent>, ApiError> {
    let engagement = context.engagement()?;
    let question =
        Question { by: vec![dimension.clone()], top: Some(request.top.unwrap_or(PARTS.0)), ..question.clone() };
    let answer = asking::answer(context, &engagement, &question, watch)?;
    let groups = groups(&answer, whole.series)?;
    if groups.is_empty() || whole.forecast.steps.is_empty() {
        return Ok(None);
    }
    let histories = groups.iter().map(|group| group.series.history()).collect::<Result<Vec<_>, _>>()?;
    let many = Settings { horizon: whole.settings.horizon, ..Settings::for_many() };
    let settings = if histories.len() > MANY { &many } else { whole.settings };
    let forecasts = together(&histories, |history| forecast::forecast(history, settings));
    if watch.is_cancelled() {
        return Err(store::StoreError::Cancelled.into());
    }
    let locks = locks(request.locks.as_deref().unwrap_or_default(), &groups, &forecasts, whole)?;
    Tree { whole, groups, forecasts, locks }.agreed().map(Some)
}

/// A value of the dimension with its history.
struct Group {
    value: Option<String>,
    other: bool,
    series: Series,
}

/// The groups of an answer by their cost from high to low, what is left of them last.
fn groups(answer: &Answer, whole: &Series) -> Result<Vec<Group>, ApiError> {
    let mut costs: BTreeMap<(bool, Option<String>), BTreeMap<&str, Amount>> = BTreeMap::new();
    for row in &answer.rows {
        let (Some(Some(time)), Some(cell)) = (row.keys.first(), row.cells.first()) else { continue };
        let key = (row.role == RowRole::Other, row.keys.get(1).cloned().flatten());
        if let Some(cost) = cell.value {
            costs.entry(key).or_default().insert(time, cost);
        }
    }
    let mut groups = Vec::with_capacity(costs.len());
    for ((other, value), costs) in costs {
        let sum = Amount::sum(costs.values().copied())?;
        let mut series = whole.clone();
        for actual in &mut series.actuals {
            let cost = costs.get(actual.time.as_str()).copied();
            actual.amount = actual.amount.map(|_| cost.unwrap_or(Amount::ZERO));
        }
        groups.push((other, std::cmp::Reverse(sum), Group { value, other, series }));
    }
    // Stable: equal costs stay in the order of their values.
    groups.sort_by_key(|(other, sum, _)| (*other, *sum));
    Ok(groups.into_iter().map(|(_, _, group)| group).collect())
}

/// For each group the amounts of its steps, where it is set by hand.
fn locks(
    asked: &[ForecastLock],
    groups: &[Group],
    forecasts: &[Forecast],
    whole: &Whole<'_>,
) -> Result<Vec<Option<Vec<Amount>>>, ApiError> {
    let usage = |message: String, hint: &str| ApiError::new("usage", message, hint);
    let digits = whole.currency.minor_digits();
    let mut locks = vec![None; groups.len()];
    for lock in asked {
        let name = words::part(lock.value.as_deref(), false);
        let Some(at) = groups.iter().position(|group| !group.other && group.value == lock.value) else {
            return Err(usage(
                format!("{name} is no part of this forecast"),
                "Only a part that stands for itself can be set by hand: raise --top, or look at the filters.",
            ));
        };
        if locks[at].is_some() {
            return Err(usage(format!("{name} is set by hand twice"), "Say one amount for each part."));
        }
        let amount = lock.amount.normalized();
        if amount.scale() > digits {
            return Err(usage(
                format!("{amount} has more than {digits} decimals"),
                &format!("An amount of {} has {digits}.", whole.currency),
            ));
        }
        let amount = amount.rescaled(digits, Rounding::HalfEven)?;
        locks[at] = Some(spread_out(amount, &forecasts[at], whole.begun)?);
    }
    Ok(locks)
}

/// An amount over the steps beyond the history, in the shape of the forecast; evenly where that has none of the amount's sign.
#[expect(clippy::float_arithmetic, reason = "the shape is a statistic; the amounts are shared out exactly")]
fn spread_out(amount: Amount, forecast: &Forecast, begun: usize) -> Result<Vec<Amount>, AmountError> {
    let points: Vec<f64> = forecast.steps.iter().skip(begun).map(|step| step.point).collect();
    let (sum, wanted) = (points.iter().sum::<f64>(), number_of(amount));
    let fits = sum.abs() > 0.0 && sum.is_sign_negative() == amount.is_negative();
    let even = wanted / points.len().max(1) as f64;
    let shape: Vec<f64> = points.iter().map(|point| if fits { point / sum * wanted } else { even }).collect();
    if shape.is_empty() { Ok(Vec::new()) } else { parts_of(amount, &shape) }
}

/// The total and its parts, before they agree.
struct Tree<'a> {
    whole: &'a Whole<'a>,
    groups: Vec<Group>,
    forecasts: Vec<Forecast>,
    /// For each part the amounts of its steps beyond the history, where it is set by hand.
    locks: Vec<Option<Vec<Amount>>>,
}

impl Tree<'_> {
    fn agreed(self) -> Result<Coherent, ApiError> {
        let hierarchy =
            Hierarchy::of_parents(std::iter::once(None).chain(self.groups.iter().map(|_| Some(0))).collect())
                .map_err(not_agreed)?;
        let nodes: Vec<&Forecast> = std::iter::once(self.whole.forecast).chain(&self.forecasts).collect();
        let errors = errors(&nodes);
        let steps = self.whole.forecast.steps.len();
        let reconciler = hierarchy.reconciler(&errors, &[]).map_err(not_agreed)?;
        let digits = self.whole.currency.minor_digits();
        let mut amounts: Vec<Vec<Amount>> = vec![Vec::with_capacity(steps); nodes.len()];
        for step in 0..steps {
            let base: Vec<f64> = nodes.iter().map(|node| node.steps[step].point).collect();
            let least: Vec<Option<f64>> = nodes.iter().map(|node| node.least(step)).collect();
            let values = reconciler.reconcile_above(&base, &least).map_err(not_agreed)?;
            for (amounts, amount) in amounts.iter_mut().zip(reconciler.cents(&values, digits).map_err(not_agreed)?) {
                amounts.push(amount);
            }
        }
        let count = (NUMBERS_MAX / nodes.len()).clamp(PATHS_MIN, PATHS);
        let mut spread = joint_spread(std::slice::from_ref(&reconciler), &nodes, self.whole.begun, count, SEED);
        let reconciliation = self.reconciliation(&reconciler)?;
        self.hold(&mut amounts, &mut spread)?;
        self.posted(&amounts, &spread, reconciliation)
    }

    /// Puts what is set by hand in the place of what was expected. The total moves by as much; what nobody set stays.
    fn hold(&self, amounts: &mut [Vec<Amount>], spread: &mut JointSpread) -> Result<(), AmountError> {
        for (at, held) in self.locks.iter().enumerate() {
            let Some(held) = held else { continue };
            let node = at + 1;
            let mut moved = Amount::ZERO;
            for (step, amount) in held.iter().enumerate().map(|(ahead, amount)| (ahead + self.whole.begun, *amount)) {
                let by = amount.checked_sub(amounts[node][step])?;
                amounts[node][step] = amount;
                amounts[0][step] = amounts[0][step].checked_add(by)?;
                spread.steps[node][step] = NodeSpread::exactly(number_of(amount));
                spread.steps[0][step] = spread.steps[0][step].moved(number_of(by));
                moved = moved.checked_add(by)?;
            }
            spread.sums[node] = NodeSpread::exactly(number_of(Amount::sum(held.iter().copied())?));
            spread.sums[0] = spread.sums[0].moved(number_of(moved));
        }
        Ok(())
    }

    fn reconciliation(&self, reconciler: &Reconciler<'_>) -> Result<ForecastReconciliation, AmountError> {
        let digits = self.whole.currency.minor_digits();
        let beyond =
            |forecast: &Forecast| -> f64 { forecast.steps.iter().skip(self.whole.begun).map(|step| step.point).sum() };
        let parts = amount_of(self.forecasts.iter().map(beyond).sum(), digits)?;
        let total = amount_of(beyond(self.whole.forecast), digits)?;
        let weighting = reconciler.weighting();
        let kept = match weighting {
            Weighting::MinTraceShrink => Some(amount_of(reconciler.shrinkage(), 2)?),
            _ => None,
        };
        Ok(words::reconciliation(weighting, kept, parts, total, self.whole.currency))
    }

    fn posted(
        self,
        amounts: &[Vec<Amount>],
        spread: &JointSpread,
        reconciliation: ForecastReconciliation,
    ) -> Result<Coherent, ApiError> {
        let Whole { series, begun, currency, ref steps, .. } = *self.whole;
        let digits = currency.minor_digits();
        let intervals = |node: usize| -> Result<Vec<ForecastPartStep>, AmountError> {
            let pairs = amounts[node].iter().zip(&spread.steps[node]);
            pairs.map(|(amount, spread)| interval(*amount, *spread, digits)).collect()
        };
        let times: Vec<&str> = steps.iter().skip(begun).map(|step| step.time.as_str()).collect();
        let total = |node: usize| -> Result<Option<ForecastTotal>, AmountError> {
            let (Some(from), Some(to)) = (times.first(), times.last()) else { return Ok(None) };
            let amount = Amount::sum(amounts[node].iter().skip(begun).copied())?;
            let ForecastPartStep { low_80, high_80, low_95, high_95, .. } =
                interval(amount, spread.sums[node], digits)?;
            let (from, to) = ((*from).to_owned(), (*to).to_owned());
            Ok(Some(ForecastTotal { from, to, amount, low_80, high_80, low_95, high_95 }))
        };
        let coherent = intervals(0)?.into_iter().zip(steps).map(|(found, step)| ForecastStep {
            amount: found.amount,
            low_80: found.low_80,
            high_80: found.high_80,
            low_95: found.low_95,
            high_95: found.high_95,
            ..step.clone()
        });
        let coherent = coherent.collect();
        let mut parts = Vec::with_capacity(self.groups.len());
        for (at, (group, forecast)) in self.groups.into_iter().zip(&self.forecasts).enumerate() {
            let shown = Shown { forecast, grain: series.grain, currency };
            parts.push(ForecastPart {
                value: group.value,
                other: group.other,
                history: group.series.actuals.into_iter().map(|actual| actual.amount).collect(),
                steps: intervals(at + 1)?,
                total: total(at + 1)?,
                method: words::method(forecast.method).0.to_owned(),
                record: shown.record()?,
                locked: self.locks[at].is_some(),
            });
        }
        Ok(Coherent { parts, steps: coherent, total: total(0)?, reconciliation })
    }
}

/// An amount within its interval: rounding and what is set by hand may move it, never out of it.
fn interval(amount: Amount, spread: NodeSpread, digits: u8) -> Result<ForecastPartStep, AmountError> {
    let end = |value: f64| amount_of(value, digits);
    let (low_80, high_80) = (end(spread.low_80)?.min(amount), end(spread.high_80)?.max(amount));
    Ok(ForecastPartStep {
        amount,
        low_80,
        high_80,
        low_95: end(spread.low_95)?.min(low_80),
        high_95: end(spread.high_95)?.max(high_80),
    })
}

/// The errors of all nodes at the times that all of them could be tried at.
fn errors(nodes: &[&Forecast]) -> NodeErrors {
    let dates = |node: &&Forecast| -> BTreeSet<NaiveDate> { node.one_step_errors.iter().map(|one| one.date).collect() };
    let common = nodes.iter().map(dates).reduce(|left, right| &left & &right).unwrap_or_default();
    let row = |node: &&Forecast| -> Vec<f64> {
        node.one_step_errors.iter().filter(|one| common.contains(&one.date)).map(|one| one.error).collect()
    };
    NodeErrors::new(nodes.iter().map(row).collect())
}

fn not_agreed(error: HierarchyError) -> ApiError {
    ApiError::new(
        "forecast",
        error.to_string(),
        "Free one of the parts that are set by hand, or choose another dimension.",
    )
}
