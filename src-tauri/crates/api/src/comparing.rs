//! What re-deliveries changed.

use serde::{Deserialize, Serialize};
use store::{LoadDiff, LoadSummary, Watch};
use ts_rs::TS;

use crate::{ApiError, Context};

/// `load_diff`. With both loads, these two; with one, it and the load that it replaced or that replaced it; with neither, every
/// current load that replaced one, of the period if one is named.
#[derive(Default, Deserialize, TS)]
#[ts(export)]
pub struct LoadDiffRequest {
    /// The earlier load.
    #[serde(default)]
    #[ts(optional, type = "number")]
    before: Option<i64>,
    /// The later load.
    #[serde(default)]
    #[ts(optional, type = "number")]
    after: Option<i64>,
    /// A billing month: `2018-10`.
    #[serde(default)]
    #[ts(optional)]
    period: Option<String>,
}

/// What re-deliveries changed, newest billing period first.
#[derive(Debug, Serialize, TS)]
#[ts(export)]
pub struct LoadDiffReply {
    /// One for each pair of loads.
    diffs: Vec<LoadDiff>,
}

pub(crate) fn load_diff(
    context: &Context,
    request: &LoadDiffRequest,
    watch: &Watch,
) -> Result<LoadDiffReply, ApiError> {
    let engagement = context.engagement()?;
    let loads = engagement.loads(true)?;
    let pairs = pairs(&loads, request)?;
    let diffs = pairs.into_iter().map(|(before, after)| engagement.load_diff(before, after, watch));
    Ok(LoadDiffReply { diffs: diffs.collect::<Result<_, _>>()? })
}

/// The pairs of loads that are asked for, earlier and later.
fn pairs(loads: &[LoadSummary], request: &LoadDiffRequest) -> Result<Vec<(i64, i64)>, ApiError> {
    let replaced = |after: i64| loads.iter().filter(|load| load.superseded_by == Some(after)).map(|load| load.id).max();
    let hint = "`qd loads --all` lists the loads and what replaced them.";
    let alone = |id: i64, what: &str| ApiError::new("not_found", format!("load {id} {what}"), hint);
    let known = |id: i64| {
        let load = loads.iter().find(|load| load.id == id);
        load.ok_or_else(|| ApiError::new("not_found", format!("there is no load {id}"), hint))
    };
    match (request.before, request.after) {
        (Some(before), Some(after)) => Ok(vec![(known(before)?.id, known(after)?.id)]),
        (None, Some(after)) => {
            let before = replaced(known(after)?.id).ok_or_else(|| alone(after, "replaced no earlier one"))?;
            Ok(vec![(before, after)])
        }
        (Some(before), None) => {
            let after = known(before)?.superseded_by.ok_or_else(|| alone(before, "was not replaced"))?;
            Ok(vec![(before, after)])
        }
        (None, None) => {
            let wanted = |load: &&LoadSummary| {
                load.state == "current"
                    && request.period.as_ref().is_none_or(|period| load.billing_period.starts_with(period.as_str()))
            };
            Ok(loads.iter().filter(wanted).filter_map(|load| Some((replaced(load.id)?, load.id))).collect())
        }
    }
}
