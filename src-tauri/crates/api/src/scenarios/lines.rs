//! `scenario_lines`: a scenario line by line.

use std::collections::BTreeMap;

use money::Amount;
use scenario::Outcome;
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use super::kept;
use super::run::{ScenarioView, evaluated, planned, wanted};
use super::shown::Shown;
use super::wire::ScenarioDraft;
use crate::{ApiError, Context};

/// Lines of a page, at most.
const PAGE_MAX: u32 = 1_000;

/// `scenario_lines`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioLinesRequest {
    /// The scenario; without it and without a draft the built-in baseline.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) name: Option<String>,
    /// What is being edited.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) draft: Option<ScenarioDraft>,
    /// The first line of the page.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) offset: Option<u32>,
    /// How many lines; 100 where it is not said.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) limit: Option<u32>,
    /// What a line's id contains, in any case.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) search: Option<String>,
}

/// A page of lines.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ScenarioLines {
    /// The months of the amounts.
    pub months: Vec<String>,
    /// The lines: the dearest of the scenario first.
    pub lines: Vec<ScenarioLine>,
    /// How many there are under the search.
    #[ts(type = "number")]
    pub total: usize,
}

/// A line of a scenario.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioLine {
    /// Its id: that of the baseline's line, or one that says which operation or charge brings it in.
    pub id: String,
    /// Its value in each dimension where it has one.
    pub values: BTreeMap<String, String>,
    /// How it is treated: `recurring_usage`.
    pub treatment: &'static str,
    /// What it costs in the baseline, month by month.
    pub baseline: Vec<Amount>,
    /// What it costs in the scenario, month by month.
    pub likely: Vec<Amount>,
    /// What it is counted in, where its units are coherent.
    pub unit: Option<String>,
    /// Its units in the baseline, month by month; empty where they are not known.
    pub baseline_units: Vec<Amount>,
    /// Its units in the scenario.
    pub units: Vec<Amount>,
    /// What a unit costs in the baseline; none where there is none.
    pub baseline_rate: Vec<Option<Amount>>,
    /// What a unit costs in the scenario.
    pub rate: Vec<Option<Amount>>,
}

/// The units of a line and what one costs, month by month.
fn counted(outcome: &Outcome, line: usize, months: usize) -> (Vec<Amount>, Vec<Option<Amount>>) {
    let units: Option<Vec<Amount>> = (0..months).map(|month| outcome.units(line, month)).collect();
    match units {
        None => (Vec::new(), Vec::new()),
        Some(units) => {
            let rate = |month| outcome.rate(line, month).map(Amount::normalized);
            (units.into_iter().map(Amount::normalized).collect(), (0..months).map(rate).collect())
        }
    }
}

pub(crate) fn lines(
    context: &Context,
    request: &ScenarioLinesRequest,
    watch: &Watch,
) -> Result<ScenarioLines, ApiError> {
    let limit = request.limit.unwrap_or(100);
    if limit > PAGE_MAX {
        return Err(ApiError::new(
            "usage",
            format!("a page of {limit} lines is too long"),
            format!("At most {PAGE_MAX}; ask for the next ones by the offset, or search."),
        ));
    }
    let engagement = context.engagement()?;
    let scenario = wanted(&engagement, request.name.as_deref(), request.draft.as_ref())?;
    let made = kept::made(context, &engagement, &scenario.baseline, watch)?;
    let shown = Shown::new(&engagement, &made, &ScenarioView::default())?;
    let plan = planned(&made, &scenario)?;
    let likely = evaluated(&plan, shown.basis)?;
    let plain = evaluated(&kept::empty(&made)?, shown.basis)?;
    let known: BTreeMap<&str, usize> =
        plain.lines().iter().enumerate().map(|(place, line)| (line.id.as_str(), place)).collect();
    let dimensions = &made.prepared.baseline().dimensions;
    let search = request.search.as_deref().unwrap_or_default().trim().to_lowercase();
    let mut found: Vec<(Amount, ScenarioLine)> = Vec::new();
    for (place, line) in likely.lines().iter().enumerate() {
        if !line.id.to_lowercase().contains(&search) {
            continue;
        }
        let costs: Vec<Amount> = (0..shown.count).map(|month| shown.cents(likely.cost(place, month))).collect();
        let before = known.get(line.id.as_str());
        let cost_before = (0..shown.count)
            .map(|month| before.map_or(Amount::ZERO, |line| shown.cents(plain.cost(*line, month))))
            .collect();
        let (units, rate) = counted(&likely, place, shown.count);
        let (baseline_units, baseline_rate) =
            before.map_or_else(Default::default, |line| counted(&plain, *line, shown.count));
        let values = dimensions.iter().zip(&line.values).filter(|(_, value)| !value.is_empty());
        let told = ScenarioLine {
            id: line.id.clone(),
            values: values.map(|(dimension, value)| (dimension.clone(), value.clone())).collect(),
            treatment: line.treatment.name(),
            baseline: cost_before,
            likely: costs.clone(),
            unit: made.units.get(&line.id).cloned(),
            baseline_units,
            units,
            baseline_rate,
            rate,
        };
        found.push((Amount::sum(costs)?, told));
    }
    found.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.id.cmp(&right.1.id)));
    let (offset, limit) = (request.offset.unwrap_or(0) as usize, limit as usize);
    Ok(ScenarioLines {
        months: shown.months(),
        total: found.len(),
        lines: found.into_iter().skip(offset).take(limit).map(|(_, line)| line).collect(),
    })
}
