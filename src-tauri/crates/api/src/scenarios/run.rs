//! `scenario_run`: what a scenario costs, how sure that is, and what each operation does.

use money::{Amount, Currency};
use query::{Evidence, Note};
use scenario::{Basis, Laid, Outcome, Plan, Scenario, Settings, compare};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use super::baseline::Made;
use super::bill::ScenarioSplit;
use super::compare::{pairwise, rounded};
use super::drivers::ScenarioDriver;
use super::shown::Shown;
use super::wire::{ScenarioDiagnostic, ScenarioDraft, ScenarioEffect, ScenarioSeverity};
use super::{definitions, files, kept, operations};
use crate::{ApiError, Context};

/// Courses where the request does not say.
const PATHS: u32 = 1_000;
const PATHS_MAX: u32 = 10_000;

/// Which cost fees are put at.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ScenarioBasis {
    /// Amortised.
    #[default]
    Effective,
    /// As invoices come.
    Billed,
}

impl ScenarioBasis {
    pub(super) const fn basis(self) -> Basis {
        match self {
            Self::Effective => Basis::Effective,
            Self::Billed => Basis::Billed,
        }
    }
}

/// How a scenario is simulated and shown.
#[derive(Clone, Debug, Default, Deserialize, TS)]
#[ts(export)]
pub struct ScenarioView {
    /// How many courses are drawn; 1,000 where it is not said.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) paths: Option<u32>,
    /// What every draw is keyed with: the same seed gives the same courses.
    #[serde(default)]
    #[ts(optional, type = "number | null")]
    pub(super) seed: Option<u64>,
    /// Which cost fees are put at.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) basis: Option<ScenarioBasis>,
    /// The dimension of the groups; the first one of the baseline where it is not said.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) by: Option<String>,
    /// A budget for the odds.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) limit: Option<Amount>,
    /// Its first month.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) limit_from: Option<String>,
    /// Its last month.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) limit_to: Option<String>,
}

/// `scenario_run`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioRunRequest {
    /// The scenario; without it and without a draft the built-in baseline alone.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) name: Option<String>,
    /// What is being edited, in place of what is kept under the name.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) draft: Option<ScenarioDraft>,
    #[serde(flatten)]
    #[ts(flatten)]
    pub(super) view: ScenarioView,
    /// Whether the answer is for a slider: without cases and without the effect of each operation.
    #[serde(default)]
    #[ts(optional, as = "Option<bool>")]
    pub(super) quick: bool,
}

/// What a scenario costs.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioRun {
    /// The scenario; none where only the baseline was run, or a draft without a name.
    pub name: Option<String>,
    /// Its baseline.
    pub baseline: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// Which cost fees are put at.
    pub basis: ScenarioBasis,
    /// The months.
    pub months: Vec<String>,
    /// What the baseline costs in each month.
    pub baseline_totals: Vec<Amount>,
    /// What the scenario costs when every operation happens as is likely.
    pub likely: Vec<Amount>,
    /// How far the courses spread in each month.
    pub band: Vec<ScenarioBand>,
    /// The same over all months.
    pub total: ScenarioTotal,
    /// The same by quarter of the fiscal year, as far as they lie in the horizon.
    pub quarters: Vec<ScenarioQuarter>,
    /// How likely a budget is kept, where one was given.
    pub odds: Option<ScenarioOdds>,
    /// By value of a dimension; they add up to the totals.
    pub groups: Vec<ScenarioGroup>,
    /// What each operation does; the effects add up to the difference from the baseline.
    pub operations: Vec<ScenarioEffect>,
    /// What there is to say about the operations, warnings first.
    pub diagnostics: Vec<ScenarioDiagnostic>,
    /// What the bill behind the baseline was made of in the latest year of the history.
    pub split: Vec<ScenarioSplit>,
    /// The business metrics that usage follows.
    pub drivers: Vec<ScenarioDriver>,
    /// How the baseline was made.
    pub notes: Vec<Note>,
    /// How many lines there are.
    #[ts(type = "number")]
    pub lines: usize,
    /// How the history was made.
    pub evidence: Evidence,
}

/// How far the courses of a month spread.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioBand {
    /// Four of five courses lie from here ...
    pub low_80: Amount,
    /// The median.
    pub middle: Amount,
    /// ... to here.
    pub high_80: Amount,
    /// Nineteen of twenty lie from here ...
    pub low_95: Amount,
    /// ... to here.
    pub high_95: Amount,
}

/// A scenario over all months.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioTotal {
    /// What the baseline costs.
    pub baseline: Amount,
    /// What the scenario costs when everything happens as is likely.
    pub likely: Amount,
    /// When every operation turns out as it costs least; none in a quick answer.
    pub best: Option<Amount>,
    /// When every operation turns out as it costs most; none in a quick answer.
    pub worst: Option<Amount>,
    /// Four of five courses lie from here ...
    pub low_80: Amount,
    /// The median.
    pub middle: Amount,
    /// ... to here.
    pub high_80: Amount,
}

/// A quarter, or what of it lies in the horizon.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioQuarter {
    /// Such as `2026-Q4`: the year that the fiscal year begins in.
    pub label: String,
    /// Its first month in the horizon.
    pub from: String,
    /// Its last month in the horizon.
    pub to: String,
    /// What it costs when everything happens as is likely.
    pub likely: Amount,
    /// Four of five courses lie from here ...
    pub low_80: Amount,
    /// ... to here.
    pub high_80: Amount,
}

/// How likely a budget is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioOdds {
    /// The budget.
    pub limit: Amount,
    /// Its first month.
    pub from: String,
    /// Its last month.
    pub to: String,
    /// The share of the courses that keep it, from 0 to 1.
    pub probability: Amount,
    /// The same in a sentence.
    pub words: String,
}

/// A value of the dimension that groups are of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioGroup {
    /// The value; none where there is none.
    pub value: Option<String>,
    /// What it costs in the baseline.
    pub baseline: Amount,
    /// What it costs in the scenario.
    pub likely: Amount,
    /// The same by month.
    pub monthly: Vec<Amount>,
    /// The baseline by month.
    pub baseline_monthly: Vec<Amount>,
}

pub(crate) fn run(context: &Context, request: &ScenarioRunRequest, watch: &Watch) -> Result<ScenarioRun, ApiError> {
    let engagement = context.engagement()?;
    let scenario = wanted(&engagement, request.name.as_deref(), request.draft.as_ref())?;
    let made = kept::made(context, &engagement, &scenario.baseline, watch)?;
    let shown = Shown::new(&engagement, &made, &request.view)?;
    let plan = planned(&made, &scenario)?;
    let likely = evaluated(&plan, shown.basis)?;
    let empty = kept::empty(&made)?;
    let baseline = evaluated(&empty, shown.basis)?;
    let courses = kept::Courses::of(&made, &request.view, shown.basis)?;
    let simulated = courses.simulated(context, &made, &plan)?;
    let baseline_totals = shown.months_of(&baseline);
    let likely_totals = shown.months_of(&likely);
    let (best, worst) = if request.quick {
        (None, None)
    } else {
        let cases = plan.cases(shown.basis).map_err(|error| too_large(&error))?;
        (Some(shown.total_of(&cases.best)?), Some(shown.total_of(&cases.worst)?))
    };
    let whole = 0..made.prepared.baseline().months;
    let band = shown.band(&simulated, whole.clone())?;
    let total = ScenarioTotal {
        baseline: Amount::sum(baseline_totals.iter().copied())?,
        likely: Amount::sum(likely_totals.iter().copied())?,
        best,
        worst,
        low_80: band[0],
        middle: band[1],
        high_80: band[2],
    };
    let mut diagnostics: Vec<ScenarioDiagnostic> = likely.diagnostics().iter().map(operations::diagnostic).collect();
    if !request.quick {
        let found = plan.without_effect().map_err(|error| too_large(&error))?;
        for one in found.iter().map(operations::diagnostic) {
            // What has no lines or no months was told already.
            if !diagnostics.iter().any(|known| known.operation == one.operation && known.severity == one.severity) {
                diagnostics.push(one);
            }
        }
    }
    diagnostics.sort_by_key(|one| one.severity);
    if let Some(empty) = nothing_counts(&scenario) {
        diagnostics.push(empty);
    }
    let odds = shown.odds(&simulated, &request.view)?;
    let (fan, quarters) = (shown.fan(&simulated)?, shown.quarters(&simulated, &likely_totals)?);
    let effects =
        effects(&made, &scenario, &plan, &shown, (!request.quick).then_some([&likely_totals, &baseline_totals]))?;
    let groups = shown.groups(&baseline, &likely)?;
    courses.keep(context, simulated);
    Ok(ScenarioRun {
        name: request.name.clone(),
        baseline: scenario.baseline.clone(),
        currency: shown.currency,
        basis: request.view.basis.unwrap_or_default(),
        months: shown.months(),
        baseline_totals,
        likely: likely_totals,
        band: fan,
        total,
        quarters,
        odds,
        groups,
        operations: effects,
        diagnostics,
        split: made.split.clone(),
        drivers: made.drivers.clone(),
        notes: made.notes.clone(),
        lines: plan.lines().len(),
        evidence: made.evidence.clone(),
    })
}

fn nothing_counts(scenario: &Scenario) -> Option<ScenarioDiagnostic> {
    let none = !scenario.operations.is_empty() && scenario.operations.iter().all(|operation| !operation.enabled);
    none.then(|| ScenarioDiagnostic {
        operation: None,
        severity: ScenarioSeverity::Note,
        message: "every operation is switched off: the scenario is its baseline".to_owned(),
        hint: String::new(),
    })
}

/// The scenario of a name or a draft; without both the built-in baseline without operations.
pub(super) fn wanted(
    engagement: &Engagement,
    name: Option<&str>,
    draft: Option<&ScenarioDraft>,
) -> Result<Scenario, ApiError> {
    let name = name.map(str::trim).filter(|name| !name.is_empty());
    match (name, draft) {
        (_, Some(draft)) => files::resolved_draft(name.unwrap_or("draft"), draft, &files::shelf(engagement)?),
        (Some(name), None) => {
            let shelf = files::shelf(engagement)?;
            if !shelf.contains_key(name) {
                let near = files::names_hint(engagement);
                return Err(ApiError::new("not_found", format!("there is no scenario `{name}`"), near));
            }
            files::resolved(name, &shelf)
        }
        (None, None) => Ok(Scenario {
            name: "baseline".to_owned(),
            baseline: definitions::BUILT_IN.to_owned(),
            operations: Vec::new(),
        }),
    }
}

/// A scenario laid over its baseline, or all that keeps it from being applied.
pub(super) fn planned(made: &Made, scenario: &Scenario) -> Result<Plan, ApiError> {
    Plan::new(&made.prepared, scenario).map_err(|refused| {
        let problems: Vec<_> = refused
            .0
            .iter()
            .map(|problem| {
                let kind = scenario.operations.iter().find(|one| Some(&one.id) == problem.operation.as_ref());
                operations::problem(problem, kind.map(|one| one.kind.name()))
            })
            .collect();
        files::refused(&scenario.name, &problems)
    })
}

pub(super) fn evaluated(plan: &Plan, basis: Basis) -> Result<Outcome, ApiError> {
    plan.evaluate(&Settings { basis, ..Settings::default() }).map_err(|error| too_large(&error))
}

pub(super) fn too_large(error: &scenario::TooLarge) -> ApiError {
    ApiError::new("scenario", error.to_string(), "Mend the figures of that operation.")
}

fn effects(
    made: &Made,
    scenario: &Scenario,
    plan: &Plan,
    shown: &Shown,
    totals: Option<[&[Amount]; 2]>,
) -> Result<Vec<ScenarioEffect>, ApiError> {
    let touched = plan.touched();
    let mut effects: Vec<ScenarioEffect> = scenario
        .operations
        .iter()
        .map(|operation| ScenarioEffect {
            id: operation.id.clone(),
            effect: None,
            touched: touched.get(&operation.id).map_or(0, |lines| files::count(*lines)),
        })
        .collect();
    let Some([likely, baseline]) = totals else { return Ok(effects) };
    let nothing = Scenario { operations: Vec::new(), ..scenario.clone() };
    let laid = |scenario| Laid { baseline: &made.prepared, scenario };
    let difference = compare(laid(&nothing), laid(scenario), shown.basis).map_err(|error| not_comparable(&error))?;
    let monthly = pairwise(likely, baseline)?;
    for (one, months) in difference.contributions.iter().zip(rounded(&difference, &monthly, shown.digits)) {
        if let scenario::Change::Added(id) = &one.change
            && let Some(effect) = effects.iter_mut().find(|effect| effect.id == *id)
        {
            effect.effect = Some(Amount::sum(months)?);
        }
    }
    Ok(effects)
}

pub(super) fn not_comparable(error: &scenario::CompareError) -> ApiError {
    ApiError::new("scenario", error.to_string(), "Mend the scenarios, or lay them over one baseline.")
}

pub(super) fn paths_of(view: &ScenarioView) -> Result<usize, ApiError> {
    let paths = view.paths.unwrap_or(PATHS);
    if !(1..=PATHS_MAX).contains(&paths) {
        return Err(ApiError::new(
            "usage",
            format!("{paths} courses cannot be drawn"),
            format!("From 1 to {PATHS_MAX} can be."),
        ));
    }
    Ok(paths as usize)
}
