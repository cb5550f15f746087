//! Loading bills.

use std::path::PathBuf;

use serde::Deserialize;
use store::{LoadOptions, LoadSummary, Reject};
use ts_rs::TS;

use crate::jobs::JobReply;
use crate::{ApiError, Context, app, settings};

/// `load_start`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct LoadRequest {
    /// Files and folders. Empty means the sample company's bills.
    paths: Vec<PathBuf>,
    #[serde(default)]
    keep_source: bool,
    #[serde(default)]
    #[ts(optional)]
    provider: Option<String>,
}

/// `loads`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct LoadsRequest {
    #[serde(default)]
    all: bool,
}

/// `rejects`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct RejectsRequest {
    #[serde(default)]
    #[ts(optional)]
    load: Option<i64>,
    limit: u32,
}

/// Memory of the reading child's engine, in MiB; beside it the window's own engine has as much.
const READER_MEMORY_MIB: u32 = 1024;

pub(crate) fn start(context: &Context, request: LoadRequest) -> Result<JobReply, ApiError> {
    let engagement = context.engagement()?;
    let paths = if request.paths.is_empty() { vec![app::installed_sample(context)?] } else { request.paths };
    let options = options(context, &engagement, request.keep_source, request.provider)?;
    Ok(context.jobs.start(move |watch| {
        let report = engagement.load(&paths, &options, watch)?;
        serde_json::to_value(report).map_err(|error| ApiError::bad_request(&error))
    }))
}

/// How to load into an engagement.
pub(crate) fn options(
    context: &Context,
    engagement: &store::Engagement,
    keep_source: bool,
    provider: Option<String>,
) -> Result<LoadOptions, ApiError> {
    let mut settings = engagement.definition().settings.clone();
    for (name, rule) in settings::own_rules(engagement) {
        settings.entry(name.to_owned()).or_insert(rule);
    }
    Ok(LoadOptions {
        reader: context.settings.reader.clone(),
        keep_source,
        provider: provider.map(|name| provider_name(&name)),
        settings,
        mappings: engagement.mappings()?.into_iter().map(|mapping| mapping.text).collect(),
        memory_mib: READER_MEMORY_MIB,
        now: chrono::Utc::now().naive_utc(),
    })
}

/// A provider's short name as the provider writes it on its bills; any other name as it is.
pub(crate) fn provider_name(name: &str) -> String {
    match name.to_ascii_lowercase().as_str() {
        "aws" => "AWS",
        "azure" => "Microsoft",
        "gcp" => "Google Cloud",
        "oci" => "Oracle",
        _ => name,
    }
    .to_owned()
}

pub(crate) fn loads(context: &Context, request: &LoadsRequest) -> Result<Vec<LoadSummary>, ApiError> {
    Ok(context.engagement()?.loads(request.all)?)
}

pub(crate) fn rejects(context: &Context, request: &RejectsRequest) -> Result<Vec<Reject>, ApiError> {
    Ok(context.engagement()?.rejects(request.load, request.limit)?)
}
