//! A total, its parts and what these consist of, moved until all of them agree.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forecast::Forecast;
use forecast::hierarchy::{
    Held, Hierarchy, HierarchyError, JointSpread, Lock, NodeErrors, NodeSpread, Reconciler, Weighting, joint_spread,
};
use forecast::posting::{amount_of, number_of};
use forecast::split::PartForecast;
use money::{Amount, AmountError};

use super::details::{ForecastPart, ForecastPartStep, ForecastReconciliation};
use super::made_of::{self, Amounts};
use super::parts::shaped;
use super::reply::{ForecastStep, ForecastTotal};
use super::scope::Scope;
use super::series::Series;
use super::shown::Shown;
use super::{PATHS, SEED, words};
use crate::ApiError;

/// Sample paths of a tree: as many as of one series, but no more numbers at a step than these, and never fewer paths.
const NUMBERS_MAX: usize = 500_000;
const PATHS_MIN: usize = 200;

/// The parts and the total that they add up to.
pub(super) struct Coherent {
    /// What the kinds of charges come to.
    pub(super) amounts: Amounts,
    pub(super) parts: Vec<ForecastPart>,
    pub(super) steps: Vec<ForecastStep>,
    pub(super) total: Option<ForecastTotal>,
    pub(super) reconciliation: ForecastReconciliation,
}

/// A value of a dimension with its history.
pub(super) struct Group {
    pub(super) value: Option<String>,
    /// Whether it is what the named values leave.
    pub(super) other: bool,
    /// The place of the part that it is a part of; none for a part of the total.
    pub(super) within: Option<usize>,
    pub(super) series: Series,
    /// What it was charged of each flow of the whole.
    pub(super) flows: BTreeMap<usize, Vec<Amount>>,
}

/// The total and its parts, before they agree. Node 0 is the total, each group the node after its place.
pub(super) struct Tree<'a> {
    pub(super) whole: &'a Scope,
    /// The steps of the total as it was found by itself.
    pub(super) totals: &'a [ForecastStep],
    /// The parts of the total, then what these consist of.
    pub(super) groups: Vec<Group>,
    pub(super) forecasts: Vec<PartForecast>,
    /// For each part of the total the amounts of its steps beyond the history, where it is set by hand.
    pub(super) locks: Vec<Option<Vec<Amount>>>,
    /// Where the total is set by hand: what that leaves for the parts that nobody set.
    pub(super) total: Option<Amount>,
}

impl Tree<'_> {
    pub(super) fn agreed(self) -> Result<Coherent, ApiError> {
        let above = self.groups.iter().map(|group| Some(group.within.map_or(0, |part| part + 1)));
        let hierarchy = Hierarchy::of_parents(std::iter::once(None).chain(above).collect()).map_err(not_agreed)?;
        // Usage is made to agree; what goes on by its own rule adds up by itself.
        let nodes: Vec<&Forecast> =
            std::iter::once(&self.whole.made.usage).chain(self.forecasts.iter().map(|part| &part.usage)).collect();
        let errors = errors(&nodes);
        let steps = nodes[0].steps.len();
        let reconciler = hierarchy.reconciler(&errors, &[]).map_err(not_agreed)?;
        let digits = self.whole.currency.minor_digits();
        let mut usage: Vec<Vec<Amount>> = vec![Vec::with_capacity(steps); nodes.len()];
        let mut agreed = Vec::with_capacity(steps);
        for step in 0..steps {
            let base: Vec<f64> = nodes.iter().map(|node| node.steps[step].point).collect();
            let least: Vec<Option<f64>> = nodes.iter().map(|node| node.least(step)).collect();
            let values = reconciler.reconcile_above(&base, &least).map_err(not_agreed)?;
            agreed.push(values[0]);
            for (amounts, amount) in usage.iter_mut().zip(reconciler.cents(&values, digits).map_err(not_agreed)?) {
                amounts.push(amount);
            }
        }
        let flows = self.flows(&hierarchy, &self.whole.made.flows_on(&agreed), digits)?;
        let mut amounts = usage.clone();
        for (node, amounts) in amounts.iter_mut().enumerate() {
            for (step, amount) in amounts.iter_mut().enumerate() {
                let beside = flows.iter().filter_map(|flow| flow.get(&node)).map(|flow| flow[step]);
                *amount = amount.checked_add(Amount::sum(beside)?)?;
            }
        }
        let reconciliation = self.reconciliation(&reconciler)?;
        let spread = match self.total {
            None => {
                self.hold(&hierarchy, &mut amounts)?;
                self.spread(std::slice::from_ref(&reconciler), &self.held())
            }
            Some(rest) => self.hold_total(rest, &hierarchy, &errors, &mut amounts)?,
        };
        // What is set by hand is set for all of a part: it moves usage.
        let flows: Vec<Vec<Amount>> = flows.into_iter().filter_map(|mut flow| flow.remove(&0)).collect();
        let mut of_usage = amounts[0].clone();
        for (step, usage) in of_usage.iter_mut().enumerate() {
            *usage = usage.checked_sub(Amount::sum(flows.iter().map(|flow| flow[step]))?)?;
        }
        self.posted(&amounts, &spread, reconciliation, Amounts { usage: of_usage, flows })
    }

    /// Intervals of all nodes; `reconcilers` has one for each step or one for all.
    fn spread(&self, reconcilers: &[Reconciler<'_>], held: &[Held]) -> JointSpread {
        let totals = self.forecasts_in_all();
        let count = (NUMBERS_MAX / totals.len()).clamp(PATHS_MIN, PATHS);
        joint_spread(reconcilers, &totals, held, self.whole.begun, count, SEED)
    }

    /// The parts that are set by hand.
    fn held(&self) -> Vec<Held> {
        let values = |held: &Vec<Amount>| held.iter().map(|amount| number_of(*amount)).collect();
        let held = self.locks.iter().enumerate();
        held.filter_map(|(at, held)| Some(Held { node: at + 1, values: values(held.as_ref()?) })).collect()
    }

    /// The forecasts of all nodes, usage and flows.
    fn forecasts_in_all(&self) -> Vec<&Forecast> {
        std::iter::once(&self.whole.made.total).chain(self.forecasts.iter().map(|part| &part.total)).collect()
    }

    /// Of each flow what it comes to at each step, in whole cents: of the total at place 0, of the nodes that have a share of it at theirs.
    #[expect(clippy::float_arithmetic, reason = "shares are statistics; the amounts are shared out exactly")]
    fn flows(
        &self,
        hierarchy: &Hierarchy,
        expected: &[Vec<f64>],
        digits: u8,
    ) -> Result<Vec<BTreeMap<usize, Vec<Amount>>>, AmountError> {
        let parents: Vec<usize> = (0..hierarchy.count()).filter(|node| !hierarchy.children(*node).is_empty()).collect();
        let mut found = Vec::with_capacity(expected.len());
        for (place, expected) in expected.iter().enumerate() {
            let share = |node: &usize| {
                let shares = &self.forecasts.get(node.checked_sub(1)?)?.shares;
                shares.iter().find(|(known, _)| *known == place).map(|(_, share)| (*node, *share))
            };
            let mut flow: BTreeMap<usize, Vec<Amount>> = BTreeMap::new();
            let whole = expected.iter().map(|value| amount_of(*value, digits)).collect::<Result<Vec<_>, _>>()?;
            flow.insert(0, whole);
            // Parents come before what they consist of.
            for parent in &parents {
                let Some(amounts) = flow.get(parent).cloned() else { continue };
                let shares: Vec<(usize, f64)> = hierarchy.children(*parent).iter().filter_map(share).collect();
                for (amount, value) in amounts.into_iter().zip(expected) {
                    let parts: Vec<f64> = shares.iter().map(|(_, share)| share * value).collect();
                    for ((node, _), amount) in shares.iter().zip(made_of::shared(amount, &parts, digits)?) {
                        flow.entry(*node).or_default().push(amount);
                    }
                }
            }
            found.push(flow);
        }
        Ok(found)
    }

    /// Puts what is set by hand in the place of what was expected. The total moves by as much, and what a part consists of with it; what
    /// nobody set stays.
    fn hold(&self, hierarchy: &Hierarchy, amounts: &mut [Vec<Amount>]) -> Result<(), AmountError> {
        for (at, held) in self.locks.iter().enumerate() {
            let Some(held) = held else { continue };
            let node = at + 1;
            for (step, amount) in held.iter().enumerate().map(|(ahead, amount)| (ahead + self.whole.begun, *amount)) {
                let by = amount.checked_sub(amounts[node][step])?;
                amounts[node][step] = amount;
                amounts[0][step] = amounts[0][step].checked_add(by)?;
                let children = hierarchy.children(node);
                let points: Vec<f64> = children.iter().map(|child| number_of(amounts[*child][step])).collect();
                for (child, part) in children.iter().zip(shaped(amount, &points)?) {
                    amounts[*child][step] = part;
                }
            }
        }
        Ok(())
    }

    /// Sets the total by hand: what it leaves for the parts that nobody set has the shape that these have together, and they give way by how
    /// large their past errors were.
    fn hold_total(
        &self,
        rest: Amount,
        hierarchy: &Hierarchy,
        errors: &NodeErrors,
        amounts: &mut [Vec<Amount>],
    ) -> Result<JointSpread, ApiError> {
        let digits = self.whole.currency.minor_digits();
        let (begun, steps) = (self.whole.begun, amounts[0].len());
        let free: Vec<usize> = (0..self.locks.len()).filter(|at| self.locks[*at].is_none()).map(|at| at + 1).collect();
        let point = |step: usize| Amount::sum(free.iter().map(|node| amounts[*node][step])).map(number_of);
        let points = (begun..steps).map(point).collect::<Result<Vec<_>, _>>()?;
        let rests = shaped(rest, &points)?;
        let forecasts = self.forecasts_in_all();
        let mut reconcilers = Vec::with_capacity(steps);
        for step in 0..steps {
            let mut locks = Vec::new();
            if let Some(ahead) = step.checked_sub(begun) {
                let mut total = rests[ahead];
                for (at, held) in self.locks.iter().enumerate() {
                    let Some(held) = held else { continue };
                    total = total.checked_add(held[ahead])?;
                    locks.push(Lock { node: at + 1, value: number_of(held[ahead]) });
                }
                locks.push(Lock { node: 0, value: number_of(total) });
            }
            let reconciler = hierarchy.reconciler(errors, &locks).map_err(not_agreed)?;
            if !locks.is_empty() {
                let base: Vec<f64> = amounts.iter().map(|amounts| number_of(amounts[step])).collect();
                let least: Vec<Option<f64>> = forecasts.iter().map(|node| node.least(step)).collect();
                let values = reconciler.reconcile_above(&base, &least).map_err(not_agreed)?;
                let found = reconciler.cents(&values, digits).map_err(not_agreed)?;
                for (amounts, amount) in amounts.iter_mut().zip(found) {
                    amounts[step] = amount;
                }
            }
            reconcilers.push(reconciler);
        }
        let mut spread = self.spread(&reconcilers, &self.held());
        for (step, total) in spread.steps[0].iter_mut().enumerate().skip(begun) {
            *total = NodeSpread::exactly(number_of(amounts[0][step]));
        }
        spread.sums[0] = NodeSpread::exactly(number_of(Amount::sum(amounts[0].iter().skip(begun).copied())?));
        Ok(spread)
    }

    fn reconciliation(&self, reconciler: &Reconciler<'_>) -> Result<ForecastReconciliation, AmountError> {
        let digits = self.whole.currency.minor_digits();
        let beyond =
            |forecast: &Forecast| -> f64 { forecast.steps.iter().skip(self.whole.begun).map(|step| step.point).sum() };
        let parts = self.groups.iter().zip(&self.forecasts).filter(|(group, _)| group.within.is_none());
        let parts = amount_of(parts.map(|(_, part)| beyond(&part.total)).sum(), digits)?;
        let total = amount_of(beyond(&self.whole.made.total), digits)?;
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
        kinds: Amounts,
    ) -> Result<Coherent, ApiError> {
        let Scope { series, begun, currency, .. } = self.whole;
        let (begun, currency, steps) = (*begun, *currency, self.totals);
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
        let mut parts: Vec<ForecastPart> = Vec::with_capacity(self.locks.len());
        for (at, (group, PartForecast { total: forecast, .. })) in
            self.groups.into_iter().zip(&self.forecasts).enumerate()
        {
            let shown = Shown { forecast, grain: series.grain, currency };
            let part = ForecastPart {
                value: group.value,
                other: group.other,
                history: group.series.actuals.into_iter().map(|actual| actual.amount).collect(),
                steps: intervals(at + 1)?,
                total: total(at + 1)?,
                method: words::method(forecast.method).0.to_owned(),
                record: shown.record()?,
                locked: self.locks.get(at).is_some_and(Option::is_some),
                parts: Vec::new(),
            };
            match group.within.and_then(|place| parts.get_mut(place)) {
                Some(whole) => whole.parts.push(part),
                None => parts.push(part),
            }
        }
        Ok(Coherent { amounts: kinds, parts, steps: coherent, total: total(0)?, reconciliation })
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
