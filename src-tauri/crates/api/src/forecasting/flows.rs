//! The bill of a scope as usage and flows: what is forecast, and what goes on by its schedule.

use std::collections::{BTreeMap, BTreeSet};

use forecast::split::{Flow, FlowKind, Split, SplitError, Usage};
use forecast::{History, posting::number_of};
use money::{Amount, AmountError};
use query::{Dimension, Filter, Measure, Operator, Question, Row};
use scenario::Treatment;
use store::{Engagement, Watch};

use super::series::{Series, history_of};
use crate::splitting::{Charged, Kinds};
use crate::{ApiError, Context, asking};

/// Flows of one kind that go on by themselves; what is smaller goes on together.
const FLOWS_MAX: usize = 30;

/// Charges that go on together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct FlowName {
    pub(super) treatment: Treatment,
    /// Who charges it, and for what: a service or, of its fees, a commitment; both empty for what is small.
    pub(super) provider: String,
    pub(super) service: String,
}

/// What is no usage, a series a flow, over the steps of a history.
#[derive(Default)]
pub(super) struct Flows {
    pub(super) names: Vec<FlowName>,
    /// Of each flow what it was charged, an amount a step.
    pub(super) amounts: Vec<Vec<Amount>>,
    /// By the values of the dimensions asked by, the flows that each was charged of.
    parts: BTreeMap<Vec<Option<String>>, BTreeMap<usize, Vec<Amount>>>,
}

pub(super) const fn kind(treatment: Treatment) -> Option<FlowKind> {
    match treatment {
        Treatment::RecurringUsage => None,
        Treatment::CommitmentFee => Some(FlowKind::Fee),
        Treatment::PercentageOfBill => Some(FlowKind::Percentage),
        Treatment::Credit => Some(FlowKind::Credit),
        Treatment::OneOff | Treatment::Correction => Some(FlowKind::Once),
    }
}

impl Flows {
    /// What of the question is no usage, by the steps of its series.
    pub(super) fn of(
        context: &Context,
        engagement: &Engagement,
        kinds: &Kinds,
        question: &Question,
        parts: &[Dimension],
        series: &Series,
        watch: &Watch,
    ) -> Result<Self, ApiError> {
        if kinds.is_usage_alone() {
            return Ok(Self::default());
        }
        let charged = kinds.charged(context, engagement, question, parts, watch)?;
        Ok(Self::added(&charged, series)?)
    }

    fn added(charged: &[Charged], series: &Series) -> Result<Self, AmountError> {
        let steps: BTreeMap<&str, usize> =
            series.actuals.iter().enumerate().map(|(step, actual)| (actual.time.as_str(), step)).collect();
        // What a commitment covers and what of it is not used are one fee, wherever they stand.
        let name = |one: &Charged| FlowName {
            treatment: one.treatment,
            provider: one.provider.clone(),
            service: if one.commitment.is_empty() { one.service.clone() } else { one.commitment.clone() },
        };
        let within = || charged.iter().filter_map(|one| Some((one, *steps.get(one.time.as_str())?)));
        let mut sizes: BTreeMap<FlowName, Amount> = BTreeMap::new();
        for (one, _) in within() {
            let size = sizes.entry(name(one)).or_insert(Amount::ZERO);
            *size = size.checked_add(one.cost.abs())?;
        }
        let mut ordered: Vec<(FlowName, Amount)> = sizes.into_iter().collect();
        ordered.sort_by(|left, right| {
            left.0.treatment.cmp(&right.0.treatment).then(right.1.cmp(&left.1)).then_with(|| left.0.cmp(&right.0))
        });
        let mut flows = Self::default();
        let mut places: BTreeMap<FlowName, usize> = BTreeMap::new();
        let mut counts: BTreeMap<Treatment, usize> = BTreeMap::new();
        for (name, _) in ordered {
            let count = counts.entry(name.treatment).or_insert(0);
            *count += 1;
            let small = FlowName { treatment: name.treatment, provider: String::new(), service: String::new() };
            let kept = if *count > FLOWS_MAX { small } else { name.clone() };
            let place = flows.names.iter().position(|known| *known == kept).unwrap_or_else(|| {
                flows.names.push(kept);
                flows.amounts.push(vec![Amount::ZERO; series.actuals.len()]);
                flows.names.len() - 1
            });
            places.insert(name, place);
        }
        for (one, step) in within() {
            let Some(&place) = places.get(&name(one)) else { continue };
            flows.amounts[place][step] = flows.amounts[place][step].checked_add(one.cost)?;
            let part = flows.parts.entry(one.part.clone()).or_default();
            let amounts = part.entry(place).or_insert_with(|| vec![Amount::ZERO; series.actuals.len()]);
            amounts[step] = amounts[step].checked_add(one.cost)?;
        }
        Ok(flows)
    }

    /// The flows that the parts wanted were charged of, added up.
    pub(super) fn of_parts(
        &self,
        wanted: impl Fn(&[Option<String>]) -> bool,
    ) -> Result<BTreeMap<usize, Vec<Amount>>, AmountError> {
        let mut sums: BTreeMap<usize, Vec<Amount>> = BTreeMap::new();
        for (_, flows) in self.parts.iter().filter(|(part, _)| wanted(part)) {
            for (place, amounts) in flows {
                let sum = sums.entry(*place).or_insert_with(|| vec![Amount::ZERO; amounts.len()]);
                for (sum, amount) in sum.iter_mut().zip(amounts) {
                    *sum = sum.checked_add(*amount)?;
                }
            }
        }
        Ok(sums)
    }

    /// The bill, split, with what else is known of its usage: its units and its days.
    pub(super) fn split(
        &self,
        series: &Series,
        units: Option<History>,
        days: Option<History>,
    ) -> Result<Split, ApiError> {
        self.beside(Usage { cost: series.usage(self.amounts.iter())?, units, days })
    }

    /// The bill of this usage and the flows.
    pub(super) fn beside(&self, usage: Usage) -> Result<Split, ApiError> {
        let flow = |(name, amounts): (&FlowName, &Vec<Amount>)| {
            Some(Flow { kind: kind(name.treatment)?, values: numbers(amounts) })
        };
        let flows = self.names.iter().zip(&self.amounts).filter_map(flow).collect();
        Split::new(usage, flows).map_err(refused)
    }
}

fn refused(error: SplitError) -> ApiError {
    ApiError::new("forecast", error.to_string(), "Choose another period or scope.")
}

pub(super) fn numbers(amounts: &[Amount]) -> Vec<f64> {
    amounts.iter().map(|amount| number_of(*amount)).collect()
}

/// What usage is counted in: the unit, and how many at each step.
pub(super) struct Units {
    pub(super) unit: String,
    pub(super) history: History,
}

/// The units of the usage of each value of a dimension, or of all where none is named: of those whose usage is all priced by the same unit.
pub(super) fn units(
    context: &Context,
    engagement: &Engagement,
    question: &Question,
    part: Option<&Dimension>,
    series: &Series,
    watch: &Watch,
) -> Result<BTreeMap<Option<String>, Units>, ApiError> {
    let is = |dimension, values| Filter { dimension, operator: Operator::Is, values };
    let usage = is(Dimension::ChargeCategory, vec!["Usage".to_owned()]);
    let measures = vec![question.measures[0].clone(), Measure::PricingQuantity];
    let by: Vec<Dimension> = part.cloned().into_iter().chain([Dimension::PricingUnit]).collect();
    let filters = question.filters.iter().cloned().chain([usage]).collect();
    let asked = Question { by, grain: None, top: None, measures, filters, ..question.clone() };
    let answer = asking::answer(context, engagement, &asked, watch)?;
    let value = |row: &Row, place: usize| row.keys.get(place).cloned().flatten();
    let named = part.is_some();
    let of_part = |row: &Row, before: usize| if named { value(row, before) } else { None };
    let mut costs: BTreeMap<Option<String>, Vec<(Option<String>, Amount)>> = BTreeMap::new();
    for row in &answer.rows {
        let cost = row.cells.first().and_then(|cell| cell.value).unwrap_or(Amount::ZERO).abs();
        let unit = value(row, usize::from(named));
        costs.entry(of_part(row, 0)).or_default().push((unit, cost));
    }
    let mut coherent: BTreeMap<Option<String>, String> = BTreeMap::new();
    for (part, costs) in costs {
        if let Some(unit) = only_unit(costs)? {
            coherent.insert(part, unit);
        }
    }
    if coherent.is_empty() {
        return Ok(BTreeMap::new());
    }
    let names: BTreeSet<&String> = coherent.values().collect();
    let only = is(Dimension::PricingUnit, names.into_iter().cloned().collect());
    let filters = asked.filters.iter().cloned().chain([only]).collect();
    let timed = Question { grain: question.grain, measures: vec![Measure::PricingQuantity], filters, ..asked };
    let answer = asking::answer(context, engagement, &timed, watch)?;
    let mut counted: BTreeMap<(Option<String>, &str), Amount> = BTreeMap::new();
    for row in &answer.rows {
        let (Some(Some(time)), Some(count)) = (row.keys.first(), row.cells.first().and_then(|cell| cell.value)) else {
            continue;
        };
        let part = of_part(row, 1);
        if coherent.get(&part) == value(row, 1 + usize::from(named)).as_ref() {
            counted.insert((part, time), count);
        }
    }
    let mut found = BTreeMap::new();
    for (part, unit) in coherent {
        let amount = |time: &str| counted.get(&(part.clone(), time)).copied().unwrap_or(Amount::ZERO);
        let amounts: Vec<Option<Amount>> =
            series.actuals.iter().map(|actual| actual.amount.map(|_| amount(&actual.time))).collect();
        if amounts.iter().flatten().any(|amount| amount.is_negative()) {
            continue;
        }
        let history = history_of(series.grain, series.first, &amounts, series.provisional())?;
        found.insert(part, Units { unit, history });
    }
    Ok(found)
}

/// The unit that all of the cost is priced by: what names another or none is no more than a hundredth.
fn only_unit(costs: Vec<(Option<String>, Amount)>) -> Result<Option<String>, AmountError> {
    const OTHERS_MAX: i64 = 100;
    let all = Amount::sum(costs.iter().map(|(_, cost)| *cost))?;
    let Some((unit, cost)) = costs.into_iter().max_by_key(|(_, cost)| *cost) else { return Ok(None) };
    let others = all.checked_sub(cost)?.checked_mul(Amount::from_integer(OTHERS_MAX))?;
    Ok(unit.filter(|_| !all.is_zero() && others <= all))
}
