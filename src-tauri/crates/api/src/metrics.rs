//! Business metrics: orders, parcels, customers, that the analyst gives as CSV and the engagement keeps by name, in
//! `metrics/NAME.csv`, as given.

use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::Engagement;
use ts_rs::TS;
use unit_economics::{Diagnostic, MetricFile, MetricInfo, Metrics};

use crate::text_file::{self, is_name};
use crate::{ApiError, Context};

/// `metrics_import`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct MetricsImportRequest {
    /// A CSV with `date`, `metric`, `value` and any further columns as labels.
    path: PathBuf,
    /// The name it is kept under; without it the file's.
    #[serde(default)]
    #[ts(optional = nullable)]
    name: Option<String>,
}

/// `metrics_remove`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct MetricsRemoveRequest {
    /// The file's name, without `.csv`.
    name: String,
}

/// The business metrics of the engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct MetricsReply {
    /// The files, by name.
    pub files: Vec<MetricFileInfo>,
    /// The metrics of all files together, by name.
    pub metrics: Vec<MetricInfo>,
    /// What was found while reading them, the first [`DIAGNOSTICS_MAX`].
    pub diagnostics: Vec<Diagnostic>,
    /// How many more there are.
    #[ts(type = "number")]
    pub more_diagnostics: u64,
}

/// A metric file of the engagement.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct MetricFileInfo {
    /// Its name, without `.csv`.
    pub name: String,
    /// Where it lies.
    pub file: String,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// How many rows it has.
    #[ts(type = "number")]
    pub rows: u64,
    /// How many of them count; each of the others is in a diagnostic.
    #[ts(type = "number")]
    pub counted: u64,
}

const FOLDER: &str = "metrics";

/// A metric file beyond this size is not one.
const BYTES_MAX: u64 = 256 << 20;

/// Diagnostics that a reply lists.
const DIAGNOSTICS_MAX: usize = 1000;

/// The metrics of an engagement and the files they come from.
pub(crate) struct Kept {
    pub(crate) metrics: Metrics,
    pub(crate) files: Vec<MetricFileInfo>,
}

/// The metrics that there are.
pub(crate) fn list(context: &Context) -> Result<MetricsReply, ApiError> {
    Ok(reply(kept(&*context.engagement()?)?))
}

/// Takes a file in; one of the same name is replaced.
pub(crate) fn import(context: &Context, request: &MetricsImportRequest) -> Result<MetricsReply, ApiError> {
    let engagement = context.engagement()?;
    let stem = || request.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = request.name.clone().unwrap_or_else(stem);
    if !is_name(&name) {
        return Err(ApiError::new(
            "metrics",
            format!("`{}` cannot be the name of a metric file", name.chars().take(60).collect::<String>()),
            "Use letters, digits, `-`, `_` and spaces: --name orders-2026.",
        ));
    }
    let text = read_text(&request.path)?;
    // Read before it is kept, alone and beside the others: a broken file changes nothing.
    let alone = unit_economics::read(&[MetricFile { name: &shown(&name), text: &text }])
        .map_err(|error| file_error(&request.path, &error.problem))?;
    if alone.points.is_empty() {
        let first = alone.diagnostics.first().map_or("it has no rows", |first| first.message.as_str());
        let mut error = file_error(&request.path, &format!("no row of it counts: {first}"));
        error.details = serde_json::to_value(&alone.diagnostics).unwrap_or_default();
        return Err(error);
    }
    let mut texts = texts(&engagement)?;
    texts.retain(|(other, _)| *other != name);
    texts.push((name.clone(), text.clone()));
    texts.sort();
    let all = read_all(&engagement, &texts)?;
    let folder = engagement.folder().join(FOLDER);
    let kept = file_of(&engagement, &name);
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&kept, text))
        .map_err(|error| file_error(&kept, &error.to_string()))?;
    Ok(reply(all))
}

/// Takes a file away; gives what is left.
pub(crate) fn remove(context: &Context, request: &MetricsRemoveRequest) -> Result<MetricsReply, ApiError> {
    let engagement = context.engagement()?;
    let path = file_of(&engagement, &request.name);
    if !is_name(&request.name) || !path.is_file() {
        let name: String = request.name.chars().take(60).collect();
        return Err(ApiError::new(
            "not_found",
            format!("there is no metric file `{name}`"),
            "`qd metrics` lists those that there are.",
        ));
    }
    std::fs::remove_file(&path).map_err(|error| file_error(&path, &error.to_string()))?;
    list(context)
}

/// All metrics of the engagement.
pub(crate) fn kept(engagement: &Engagement) -> Result<Kept, ApiError> {
    read_all(engagement, &texts(engagement)?)
}

/// Puts the sample company's metrics into its engagement, where it has none of the name and the sample has some.
pub(crate) fn install_sample(engagement: &Engagement, sample: &Path) -> Result<(), ApiError> {
    const NAME: &str = "metrics";
    let Some(given) = Some(sample.join("metrics.csv")).filter(|path| path.is_file()) else { return Ok(()) };
    let kept = file_of(engagement, NAME);
    if kept.is_file() {
        return Ok(());
    }
    std::fs::create_dir_all(engagement.folder().join(FOLDER))
        .and_then(|()| std::fs::copy(&given, &kept))
        .map_err(|error| file_error(&kept, &error.to_string()))?;
    Ok(())
}

fn reply(kept: Kept) -> MetricsReply {
    let metrics = kept.metrics.infos();
    let mut diagnostics = kept.metrics.diagnostics;
    let more = diagnostics.len().saturating_sub(DIAGNOSTICS_MAX);
    diagnostics.truncate(DIAGNOSTICS_MAX);
    MetricsReply { files: kept.files, metrics, diagnostics, more_diagnostics: more as u64 }
}

/// The files by name, with their text.
fn texts(engagement: &Engagement) -> Result<Vec<(String, String)>, ApiError> {
    let folder = engagement.folder().join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut texts = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| file_error(&folder, &error.to_string()))? {
        let path = entry.map_err(|error| file_error(&folder, &error.to_string()))?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "csv") && is_name(&stem) {
            let text = read_text(&path)?;
            texts.push((stem, text));
        }
    }
    texts.sort();
    Ok(texts)
}

fn read_all(engagement: &Engagement, texts: &[(String, String)]) -> Result<Kept, ApiError> {
    let names: Vec<String> = texts.iter().map(|(name, _)| shown(name)).collect();
    let files: Vec<MetricFile<'_>> =
        names.iter().zip(texts).map(|(name, (_, text))| MetricFile { name, text }).collect();
    let metrics = unit_economics::read(&files)
        .map_err(|error| file_error(&engagement.folder().join(FOLDER).join(&error.file), &error.problem))?;
    let files = texts
        .iter()
        .zip(&names)
        .map(|((name, text), shown)| MetricFileInfo {
            name: name.clone(),
            file: file_of(engagement, name).to_string_lossy().into_owned(),
            sha256: Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect(),
            rows: metrics.rows.get(shown).copied().unwrap_or(0),
            counted: metrics.points.iter().filter(|point| point.place.file == *shown).count() as u64,
        })
        .collect();
    Ok(Kept { metrics, files })
}

/// The file's name in sentences.
fn shown(name: &str) -> String {
    format!("{name}.csv")
}

fn file_of(engagement: &Engagement, name: &str) -> PathBuf {
    engagement.folder().join(FOLDER).join(shown(name))
}

fn read_text(path: &Path) -> Result<String, ApiError> {
    text_file::read(path, BYTES_MAX, "a file of metrics").map_err(|problem| file_error(path, &problem))
}

fn file_error(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "metrics",
        format!("{}: {problem}", path.display()),
        "The columns are date (2026-01-31, or 2026-01 for a month), metric (orders), value (1234.5); further ones are labels, such as region.",
    )
}
