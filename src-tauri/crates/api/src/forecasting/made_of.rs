//! What a forecast is made of: usage, fees, percentages, credits and one-offs, each with its amount at every step.

use std::collections::BTreeMap;

use forecast::posting::{amount_of, parts_of};
use forecast::split::{Choice, FlowWay, SplitForecast};
use money::{Amount, AmountError, Currency, Rounding};
use query::Grain;
use scenario::Treatment;
use serde::Serialize;
use ts_rs::TS;

use super::flows::FlowName;
use super::scope::Scope;
use super::words::percent;

/// How the bill was split before it was forecast, and what each kind of charge comes to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastSplit {
    /// A stable word: `usage_alone`, `split`, or `whole` where a model of the bill as a whole had the better record.
    pub way: &'static str,
    /// The same in a sentence, with what it saved in the past.
    pub words: String,
    /// The unit of its usage, where units and what one costs were forecast apart.
    pub unit: Option<String>,
    /// The kinds of charges, those that the history has, in the order of the rules' treatments. In every step they add up to the step's amount.
    pub kinds: Vec<ForecastKind>,
}

/// A kind of charge.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastKind {
    /// Its word in the rules: `recurring_usage`.
    pub treatment: &'static str,
    /// The same as a heading.
    pub label: &'static str,
    /// What becomes of it, in words.
    pub words: &'static str,
    /// What it came to, a step each as in the history of the total; none where there is no charge of anything.
    pub history: Vec<Option<Amount>>,
    /// What is expected, a step each as in the steps of the total.
    pub steps: Vec<Amount>,
    /// The steps beyond the history added up.
    pub total: Amount,
    /// What it consists of, dearest first; empty for usage.
    pub lines: Vec<ForecastKindLine>,
    /// The rules that decided, those of the most cost first.
    pub rules: Vec<String>,
}

/// Charges of one kind that go on together.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ForecastKindLine {
    /// Provider and service, or what is small.
    pub name: String,
    /// How it goes on.
    pub words: String,
    /// The steps beyond the history added up.
    pub total: Amount,
}

const fn label(treatment: Treatment) -> (&'static str, &'static str) {
    match treatment {
        Treatment::RecurringUsage => ("Usage", "modelled"),
        Treatment::CommitmentFee => ("Fees and subscriptions", "by their schedule"),
        Treatment::PercentageOfBill => ("Percentages of the bill", "worked out anew on usage and fees"),
        Treatment::Credit => ("Credits", "repeated only where monthly"),
        Treatment::OneOff => ("One-offs", "repeated only where monthly"),
        Treatment::Correction => ("Corrections", "not repeated"),
    }
}

/// What each kind comes to at each step.
pub(super) struct Amounts {
    pub(super) usage: Vec<Amount>,
    /// One list for each flow.
    pub(super) flows: Vec<Vec<Amount>>,
}

impl Amounts {
    /// The steps of a forecast that stands by itself, whose amounts are `totals`.
    pub(super) fn of(made: &SplitForecast, totals: &[Amount]) -> Result<Self, AmountError> {
        let mut amounts = Self {
            usage: Vec::with_capacity(totals.len()),
            flows: vec![Vec::with_capacity(totals.len()); made.flows.len()],
        };
        for (at, total) in totals.iter().enumerate() {
            let usage = made.usage.steps.get(at).map_or(0.0, |step| step.point);
            let points: Vec<f64> =
                std::iter::once(usage).chain(made.flows.iter().map(|flow| flow.expected[at])).collect();
            let mut found = parts_of(*total, &points)?.into_iter();
            amounts.usage.extend(found.next());
            for (flow, amount) in amounts.flows.iter_mut().zip(found) {
                flow.push(amount);
            }
        }
        Ok(amounts)
    }
}

/// By treatment and the rule that decided: what it cost.
pub(super) type Ruled = BTreeMap<(Treatment, String), Amount>;

fn rules_of(ruled: &Ruled, treatments: &[Treatment]) -> Vec<String> {
    let mut found: Vec<(&String, Amount)> = ruled
        .iter()
        .filter(|((treatment, _), _)| treatments.contains(treatment))
        .map(|((_, rule), cost)| (rule, cost.abs()))
        .collect();
    found.sort_by(|left, right| right.1.cmp(&left.1).then_with(|| left.0.cmp(right.0)));
    found.into_iter().map(|(rule, _)| rule.clone()).collect()
}

/// What the reply tells of the split of a scope.
pub(super) fn told(scope: &Scope, amounts: &Amounts, currency: Currency) -> Result<ForecastSplit, AmountError> {
    let Scope { series, made, flows, unit, ruled, begun, .. } = scope;
    let (begun, unit) = (*begun, unit.as_deref());
    let beyond = |steps: &[Amount]| Amount::sum(steps.iter().skip(begun).copied());
    let usage = series.left(flows.amounts.iter())?;
    let (heading, words) = label(Treatment::RecurringUsage);
    let mut kinds = vec![ForecastKind {
        treatment: Treatment::RecurringUsage.name(),
        label: heading,
        words,
        history: usage,
        total: beyond(&amounts.usage)?,
        steps: amounts.usage.clone(),
        lines: Vec::new(),
        rules: rules_of(ruled, &[Treatment::RecurringUsage, Treatment::Correction]),
    }];
    let mut of_treatment: BTreeMap<Treatment, Vec<usize>> = BTreeMap::new();
    for (place, name) in flows.names.iter().enumerate() {
        of_treatment.entry(name.treatment).or_default().push(place);
    }
    for (treatment, places) in of_treatment {
        let added = |values: &dyn Fn(usize) -> Amount| Amount::sum(places.iter().map(|place| values(*place)));
        let history = series
            .actuals
            .iter()
            .enumerate()
            .map(|(step, actual)| actual.amount.map(|_| added(&|place| flows.amounts[place][step])).transpose());
        let history = history.collect::<Result<Vec<_>, _>>()?;
        let steps = (0..amounts.usage.len()).map(|step| added(&|place| amounts.flows[place][step]));
        let steps = steps.collect::<Result<Vec<_>, _>>()?;
        let mut lines = places
            .iter()
            .map(|&place| {
                Ok(ForecastKindLine {
                    name: line_name(&flows.names[place]),
                    words: way(made.flows[place].way, series.grain, currency)?,
                    total: beyond(&amounts.flows[place])?,
                })
            })
            .collect::<Result<Vec<_>, AmountError>>()?;
        lines.sort_by(|left, right| right.total.abs().cmp(&left.total.abs()).then_with(|| left.name.cmp(&right.name)));
        let (heading, words) = label(treatment);
        kinds.push(ForecastKind {
            treatment: treatment.name(),
            label: heading,
            words,
            history,
            total: beyond(&steps)?,
            steps,
            lines,
            rules: rules_of(ruled, &[treatment]),
        });
    }
    let (way, words) = choice(made, unit)?;
    Ok(ForecastSplit { way, words, unit: unit.filter(|_| made.by_units).map(str::to_owned), kinds })
}

fn line_name(name: &FlowName) -> String {
    match (name.provider.as_str(), name.service.as_str()) {
        ("", "") => "Everything smaller".to_owned(),
        (provider, "") => provider.to_owned(),
        ("", service) => service.to_owned(),
        (provider, service) => format!("{provider}: {service}"),
    }
}

/// How a flow goes on.
fn way(way: FlowWay, grain: Grain, currency: Currency) -> Result<String, AmountError> {
    let money = |value: f64| {
        let amount = amount_of(value, currency.minor_digits())?;
        Ok::<_, AmountError>(format!("{} {currency}", money::grouped(amount)))
    };
    Ok(match way {
        FlowWay::Monthly { value } if grain == Grain::Month => format!("{} every month", money(value)?),
        FlowWay::Monthly { value } => format!("{} every month, on its day", money(value)?),
        FlowWay::Daily { value } => format!("{} every day", money(value)?),
        FlowWay::Yearly => "as in the same month a year before".to_owned(),
        FlowWay::Share { share } => format!("{} of usage and fees", percent(amount_of(share, 6)?)),
        FlowWay::Ended => "not charged lately: ended".to_owned(),
        FlowWay::NotRepeated => "not repeated".to_owned(),
    })
}

fn choice(made: &SplitForecast, unit: Option<&str>) -> Result<(&'static str, String), AmountError> {
    let share = |saved: f64| amount_of(saved.abs(), 4).map(percent);
    let mut said = match made.choice {
        Choice::UsageAlone => ("usage_alone", "All of it is usage.".to_owned()),
        Choice::Split { saved: None } => (
            "split",
            "Usage is modelled, everything else goes on by its own rule; the history is too short to try a model of the whole beside it."
                .to_owned(),
        ),
        Choice::Split { saved: Some(saved) } => (
            "split",
            format!(
                "Usage is modelled, everything else goes on by its own rule: in the past that missed {} less than a model of the whole.",
                share(saved)?
            ),
        ),
        Choice::Whole { saved } => (
            "whole",
            format!(
                "In the past a model of the whole missed {} less than one of its parts: it is used, and usage is what fees, percentages and credits leave of it.",
                share(saved)?
            ),
        ),
    };
    if let (true, Some(unit)) = (made.by_units, unit) {
        said.1 += &format!(
            " Usage is counted in {unit} throughout: units and what one costs lately are forecast apart, which missed less."
        );
    }
    Ok(said)
}

/// A flow's amounts shared by parts, in whole cents.
pub(super) fn shared(amount: Amount, shares: &[f64], digits: u8) -> Result<Vec<Amount>, AmountError> {
    parts_of(amount.rescaled(digits, Rounding::HalfEven)?, shares)
}
