//! `scenario_compare`: what two scenarios differ in, change by change, to the cent.

use money::{Amount, Currency};
use query::{Evidence, Note};
use scenario::{
    CONTRIBUTION_ORDER, Change, Difference, Laid, Scenario, compare as differ, difference_band, difference_of_sums,
    probability_at_most, round_to_whole,
};
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use super::run::{ScenarioOdds, ScenarioView, evaluated, not_comparable, planned, too_large, wanted};
use super::shown::Shown;
use super::wire::{ScenarioDiagnostic, ScenarioOperation};
use super::{kept, kinds, operations};
use crate::{ApiError, Context};

/// Lines that a contribution lists; what is left of it is one more.
const LINES_MAX: usize = 20;

/// `scenario_compare`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioCompareRequest {
    /// The first scenario; without it the baseline of the second.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) from: Option<String>,
    /// The second one.
    pub(super) to: String,
    #[serde(flatten)]
    #[ts(flatten)]
    pub(super) view: ScenarioView,
}

/// What two scenarios differ in.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioComparison {
    /// The first scenario; none for the baseline.
    pub from: Option<String>,
    /// The second one.
    pub to: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// The months.
    pub months: Vec<String>,
    /// What the first costs in each month.
    pub from_totals: Vec<Amount>,
    /// What the second costs in each month.
    pub to_totals: Vec<Amount>,
    /// The second less the first, over all months.
    pub difference: Amount,
    /// The same by month.
    pub monthly: Vec<Amount>,
    /// How far the difference spreads when both take the same courses.
    pub band: ScenarioDifferenceBand,
    /// The share of the courses in which the second costs more, from 0 to 1.
    pub probability_dearer: Amount,
    /// How likely the first keeps a budget, where one was given.
    pub from_odds: Option<ScenarioOdds>,
    /// How likely the second keeps it.
    pub to_odds: Option<ScenarioOdds>,
    /// The changes, one at a time; they add up to the difference.
    pub contributions: Vec<ScenarioContribution>,
    /// Each change left out by itself, the largest first.
    pub tornado: Vec<ScenarioSwing>,
    /// The difference less the sum of all changes by themselves: what they do only together.
    pub interaction: Amount,
    /// In which order the changes are taken, in words.
    pub order: Vec<String>,
    /// By value of a dimension; they add up to the totals.
    pub groups: Vec<ScenarioGroupDifference>,
    /// The first when all turns out cheapest, as is likely, and dearest.
    pub from_best_base_worst: ScenarioCases,
    /// The second when all turns out cheapest, as is likely, and dearest.
    pub to_best_base_worst: ScenarioCases,
    /// What there is to say about the operations of the second.
    pub diagnostics: Vec<ScenarioDiagnostic>,
    /// How the baseline was made.
    pub notes: Vec<Note>,
    /// How the history was made.
    pub evidence: Evidence,
}

/// How far a difference spreads.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioDifferenceBand {
    /// Four of five courses lie from here ...
    pub low_80: Amount,
    /// The median.
    pub middle: Amount,
    /// ... to here.
    pub high_80: Amount,
}

/// What a change is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ScenarioChange {
    /// An operation that only the second has.
    Added,
    /// An operation that only the first has.
    Removed,
    /// An operation that both have with other figures.
    Altered,
    /// Another baseline.
    Baseline,
    /// The same operations in another order.
    Order,
}

/// What one change adds, with all before it in place.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioContribution {
    /// What it is.
    pub kind: ScenarioChange,
    /// The operation, where it is one.
    pub operation: Option<String>,
    /// What it is, in words.
    pub words: String,
    /// What it adds over all months.
    pub total: Amount,
    /// What it adds in each month.
    pub monthly: Vec<Amount>,
    /// What it adds to lines, the largest first; the last one may be all others together.
    pub lines: Vec<ScenarioContributionLine>,
}

/// What a change adds to a line.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioContributionLine {
    /// The line, or `other`.
    pub id: String,
    /// What it adds.
    pub amount: Amount,
}

/// A change left out by itself.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioSwing {
    /// The operation, or the word for another change.
    pub operation: String,
    /// What it is, in words.
    pub words: String,
    /// What it adds when it comes last.
    pub alone: Amount,
    /// The second scenario with its low figures.
    pub low: Amount,
    /// The second scenario with its high figures.
    pub high: Amount,
}

/// A value of the dimension that groups are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioGroupDifference {
    /// The value; none where there is none.
    pub value: Option<String>,
    /// What it costs in the first.
    pub from: Amount,
    /// What it costs in the second.
    pub to: Amount,
    /// The second less the first.
    pub difference: Amount,
}

/// A scenario when all turns out cheapest, as is likely, and dearest.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioCases {
    /// The least.
    pub best: Amount,
    /// As is likely.
    pub likely: Amount,
    /// The most.
    pub worst: Amount,
}

pub(crate) fn compare(
    context: &Context,
    request: &ScenarioCompareRequest,
    watch: &Watch,
) -> Result<ScenarioComparison, ApiError> {
    let engagement = context.engagement()?;
    let to = wanted(&engagement, Some(&request.to), None)?;
    let first = request.from.as_deref().map(str::trim).filter(|from| !from.is_empty());
    let from = match first {
        Some(name) => wanted(&engagement, Some(name), None)?,
        None => Scenario { name: "baseline".to_owned(), operations: Vec::new(), ..to.clone() },
    };
    let to_made = kept::made(context, &engagement, &to.baseline, watch)?;
    let from_made = kept::made(context, &engagement, &from.baseline, watch)?;
    let shown = Shown::new(&engagement, &to_made, &request.view)?;
    let (from_plan, to_plan) = (planned(&from_made, &from)?, planned(&to_made, &to)?);
    let difference = differ(
        Laid { baseline: &from_made.prepared, scenario: &from },
        Laid { baseline: &to_made.prepared, scenario: &to },
        shown.basis,
    )
    .map_err(|error| not_comparable(&error))?;
    let from_totals = shown.months_of(&difference.from);
    let to_totals = shown.months_of(&difference.to);
    let monthly = pairwise(&to_totals, &from_totals)?;
    let whole = 0..shown.count;
    // Both draw with one seed: what they share cancels out, and the band is that of what differs alone.
    let from_courses = kept::Courses::of(&from_made, &request.view, shown.basis)?.anew(&from_made, &from_plan)?;
    let to_courses = kept::Courses::of(&to_made, &request.view, shown.basis)?.anew(&to_made, &to_plan)?;
    let [low_80, middle, high_80] =
        shown.low_middle_high(difference_band(&from_courses, &to_courses, 0, whole.clone(), 0.8))?;
    let sums = difference_of_sums(&from_courses, &to_courses, 0, whole).unwrap_or_default();
    let at_most = probability_at_most(&sums, Amount::ZERO).unwrap_or(Amount::from_integer(1));
    let cases = |plan: &scenario::Plan| -> Result<ScenarioCases, ApiError> {
        let cases = plan.cases(shown.basis).map_err(|error| too_large(&error))?;
        let total = |outcome| Amount::sum(shown.months_of(outcome));
        Ok(ScenarioCases { best: total(&cases.best)?, likely: total(&cases.likely)?, worst: total(&cases.worst)? })
    };
    let told = Told { shown: &shown, from: &from, to: &to };
    Ok(ScenarioComparison {
        from: first.map(str::to_owned),
        to: to.name.clone(),
        currency: shown.currency,
        months: shown.months(),
        difference: Amount::sum(monthly.iter().copied())?,
        contributions: told.contributions(&difference, &monthly)?,
        tornado: told.tornado(&difference),
        interaction: shown.cents(difference.interaction),
        order: CONTRIBUTION_ORDER.split_inclusive(['.']).map(|part| part.trim().to_owned()).collect(),
        groups: groups(&shown, &difference)?,
        from_best_base_worst: cases(&from_plan)?,
        to_best_base_worst: cases(&to_plan)?,
        band: ScenarioDifferenceBand { low_80, middle, high_80 },
        probability_dearer: Amount::from_integer(1).checked_sub(at_most)?,
        from_odds: shown.odds(&from_courses, &request.view)?,
        to_odds: shown.odds(&to_courses, &request.view)?,
        diagnostics: evaluated(&to_plan, shown.basis)?.diagnostics().iter().map(operations::diagnostic).collect(),
        from_totals,
        to_totals,
        monthly,
        notes: to_made.notes.clone(),
        evidence: to_made.evidence.clone(),
    })
}

fn groups(shown: &Shown, difference: &Difference) -> Result<Vec<ScenarioGroupDifference>, ApiError> {
    let sums = |outcome| -> Result<std::collections::BTreeMap<String, Amount>, ApiError> {
        let values = shown.by_value(outcome).into_iter();
        values.map(|(value, months)| Ok((value, Amount::sum(months)?))).collect()
    };
    let (from, to) = (sums(&difference.from)?, sums(&difference.to)?);
    let values: std::collections::BTreeSet<&String> = from.keys().chain(to.keys()).collect();
    let of = |sums: &std::collections::BTreeMap<String, Amount>, value: &String| {
        sums.get(value).copied().unwrap_or(Amount::ZERO)
    };
    let mut groups = Vec::with_capacity(values.len());
    for value in values {
        let (first, second) = (of(&from, value), of(&to, value));
        if first.is_zero() && second.is_zero() {
            continue;
        }
        groups.push(ScenarioGroupDifference {
            value: (!value.is_empty()).then(|| value.clone()),
            from: first,
            to: second,
            difference: second.checked_sub(first)?,
        });
    }
    groups.sort_by(|left, right| {
        right.difference.abs().cmp(&left.difference.abs()).then_with(|| left.value.cmp(&right.value))
    });
    Ok(groups)
}

/// The months of each contribution, rounded so that those of a month add up to the month's difference.
pub(super) fn rounded(difference: &Difference, monthly: &[Amount], digits: u8) -> Vec<Vec<Amount>> {
    let mut found = vec![Vec::with_capacity(monthly.len()); difference.contributions.len()];
    for (month, whole) in monthly.iter().enumerate() {
        let parts: Vec<Amount> = difference.contributions.iter().map(|one| one.monthly[month]).collect();
        for (months, part) in found.iter_mut().zip(round_to_whole(*whole, &parts, digits)) {
            months.push(part);
        }
    }
    found
}

pub(super) fn pairwise(left: &[Amount], right: &[Amount]) -> Result<Vec<Amount>, ApiError> {
    left.iter().zip(right).map(|(left, right)| Ok(left.checked_sub(*right)?)).collect()
}

/// How changes are told.
struct Told<'a> {
    shown: &'a Shown,
    from: &'a Scenario,
    to: &'a Scenario,
}

impl Told<'_> {
    /// Rounded so that those of each month add up to the month's difference, and all to the whole.
    fn contributions(
        &self,
        difference: &Difference,
        monthly: &[Amount],
    ) -> Result<Vec<ScenarioContribution>, ApiError> {
        let mut told: Vec<ScenarioContribution> = difference
            .contributions
            .iter()
            .map(|one| {
                let (kind, operation) = changed(&one.change);
                ScenarioContribution {
                    kind,
                    operation,
                    words: self.words(&one.change),
                    total: Amount::ZERO,
                    monthly: Vec::new(),
                    lines: Vec::new(),
                }
            })
            .collect();
        for (one, months) in told.iter_mut().zip(rounded(difference, monthly, self.shown.digits)) {
            one.monthly = months;
        }
        for (one, exact) in told.iter_mut().zip(&difference.contributions) {
            one.total = Amount::sum(one.monthly.iter().copied())?;
            one.lines = self.lines(one.total, &exact.lines)?;
        }
        Ok(told)
    }

    fn lines(&self, whole: Amount, exact: &[(String, Amount)]) -> Result<Vec<ScenarioContributionLine>, ApiError> {
        let mut sorted: Vec<&(String, Amount)> = exact.iter().collect();
        sorted.sort_by(|left, right| right.1.abs().cmp(&left.1.abs()).then_with(|| left.0.cmp(&right.0)));
        let mut parts: Vec<(String, Amount)> = sorted.iter().take(LINES_MAX).map(|one| (*one).clone()).collect();
        if sorted.len() > LINES_MAX {
            parts.push(("other".to_owned(), Amount::sum(sorted[LINES_MAX..].iter().map(|one| one.1))?));
        }
        let amounts: Vec<Amount> = parts.iter().map(|(_, amount)| *amount).collect();
        let rounded = round_to_whole(whole, &amounts, self.shown.digits);
        Ok(parts.into_iter().zip(rounded).map(|((id, _), amount)| ScenarioContributionLine { id, amount }).collect())
    }

    fn tornado(&self, difference: &Difference) -> Vec<ScenarioSwing> {
        let swings = difference.tornado.iter().map(|swing| ScenarioSwing {
            operation: changed(&swing.change).1.unwrap_or_else(|| self.words(&swing.change)),
            words: self.words(&swing.change),
            alone: self.shown.cents(swing.alone),
            low: self.shown.cents(swing.low),
            high: self.shown.cents(swing.high),
        });
        swings.collect()
    }

    fn words(&self, change: &Change) -> String {
        let of = |scenario: &Scenario, id: &str| {
            let found = scenario.operations.iter().find(|operation| operation.id == id).map(operations::operation);
            found.map_or_else(|| id.to_owned(), |operation| said(&operation))
        };
        match change {
            Change::Baseline => "another baseline".to_owned(),
            Change::Order => "the same operations in another order".to_owned(),
            Change::Added(id) => of(self.to, id),
            Change::Removed(id) => format!("without: {}", of(self.from, id)),
            Change::Altered(id) => format!("changed: {}", of(self.to, id)),
        }
    }
}

fn changed(change: &Change) -> (ScenarioChange, Option<String>) {
    match change {
        Change::Baseline => (ScenarioChange::Baseline, None),
        Change::Order => (ScenarioChange::Order, None),
        Change::Added(id) => (ScenarioChange::Added, Some(id.clone())),
        Change::Removed(id) => (ScenarioChange::Removed, Some(id.clone())),
        Change::Altered(id) => (ScenarioChange::Altered, Some(id.clone())),
    }
}

/// An operation in a few words: `Launch: Inference / shop, 20000, from 2027-03`.
pub(super) fn said(operation: &ScenarioOperation) -> String {
    let kinds = kinds::kinds();
    let kind = kinds.iter().find(|kind| kind.kind == operation.kind);
    let mut parts = Vec::new();
    if let Some(filter) = &operation.filter {
        let values: Vec<String> = filter.values().map(|values| values.join(" or ")).collect();
        parts.push(if values.is_empty() { "everything".to_owned() } else { values.join(", ") });
    }
    if let Some(at) = &operation.at {
        let values: Vec<&str> = at.values.values().map(String::as_str).collect();
        let word = if operation.filter.is_some() { "to " } else { "" };
        parts.push(format!("{word}{}", values.join(", ")));
    }
    for key in ["driver", "commitment", "billed_in"] {
        parts.extend(operation.settings.get(key).cloned());
    }
    for field in kind.into_iter().flat_map(|kind| &kind.fields) {
        if let Some(figure) = operation.figures.get(field.key) {
            let unit = if field.unit == Some(super::wire::ScenarioUnit::Percent) { " %" } else { "" };
            let rise = if field.key == "change" && !figure.likely.starts_with('-') { "+" } else { "" };
            let label = if field.key == "change" { String::new() } else { format!("{} ", field.label.to_lowercase()) };
            parts.push(format!("{label}{rise}{}{unit}", figure.likely));
        }
    }
    parts.extend(operation.from.as_ref().map(|from| match operation.kind.as_str() {
        "one_off" => format!("in {from}"),
        _ => format!("from {from}"),
    }));
    parts.extend(operation.to.as_ref().map(|to| format!("to {to}")));
    format!("{}: {}", kind.map_or(operation.kind.as_str(), |kind| kind.label), parts.join(", "))
}
