//! What the analyst wrote on a day or on a value of a dimension: `annotations.toml` of the engagement, text that a person can read.

use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use query::Dimension;
use serde::{Deserialize, Serialize};
use store::Engagement;
use ts_rs::TS;

use crate::exporting::put;
use crate::{ApiError, Context};

const FILE: &str = "annotations.toml";
const TEXT_MAX: usize = 2_000;

/// A remark on a day, on a value of a dimension, or on both.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct Annotation {
    /// Its number in the engagement.
    pub id: u32,
    /// The day.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(type = "string | null")]
    pub day: Option<NaiveDate>,
    /// The dimension of the value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dimension: Option<Dimension>,
    /// The value; none with a dimension is the missing value.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub value: Option<String>,
    /// What the analyst says.
    pub text: String,
}

/// `annotation_set`. With the number of one that is there it is changed; an empty text takes it away.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct AnnotationRequest {
    #[serde(default)]
    #[ts(optional = nullable)]
    id: Option<u32>,
    #[serde(default)]
    #[ts(type = "string | null", optional)]
    day: Option<NaiveDate>,
    #[serde(default)]
    #[ts(optional = nullable)]
    dimension: Option<Dimension>,
    #[serde(default)]
    #[ts(optional = nullable)]
    value: Option<String>,
    text: String,
}

/// The file as it is written.
#[derive(Default, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Written {
    #[serde(default, rename = "annotation")]
    annotations: Vec<Annotation>,
}

fn file(engagement: &Engagement) -> PathBuf {
    engagement.folder().join(FILE)
}

/// The annotations in order of day, those without a day last.
pub(crate) fn list(context: &Context) -> Result<Vec<Annotation>, ApiError> {
    read(&file(&*context.engagement()?))
}

pub(crate) fn set(context: &Context, request: &AnnotationRequest) -> Result<Vec<Annotation>, ApiError> {
    let path = file(&*context.engagement()?);
    let mut all = read(&path)?;
    let text = request.text.trim();
    if text.chars().count() > TEXT_MAX {
        return Err(refused(&path, &format!("an annotation has at most {TEXT_MAX} characters")));
    }
    if request.id.is_some_and(|id| !all.iter().any(|known| known.id == id)) {
        return Err(ApiError::new(
            "not_found",
            "there is no annotation of this number",
            "`qd annotations` lists them.",
        ));
    }
    all.retain(|known| Some(known.id) != request.id);
    if !text.is_empty() {
        if request.day.is_none() && request.dimension.is_none() {
            return Err(refused(&path, "an annotation names a day or a dimension"));
        }
        let next = all.iter().map(|known| known.id).max().unwrap_or(0).saturating_add(1);
        all.push(Annotation {
            id: request.id.unwrap_or(next),
            day: request.day,
            dimension: request.dimension.clone(),
            value: request.dimension.is_some().then(|| request.value.clone()).flatten(),
            text: text.to_owned(),
        });
    }
    sort(&mut all);
    let written = Written { annotations: all };
    let body = toml::to_string_pretty(&written).map_err(|error| refused(&path, &error.to_string()))?;
    put(&path, format!("# What the analyst wrote on days and on values.\n\n{body}").as_bytes())?;
    Ok(written.annotations)
}

fn sort(all: &mut [Annotation]) {
    all.sort_by_key(|annotation| (annotation.day.is_none(), annotation.day, annotation.id));
}

fn read(path: &Path) -> Result<Vec<Annotation>, ApiError> {
    let text = match std::fs::read_to_string(path) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(refused(path, &error.to_string())),
    };
    let written: Written = toml::from_str(&text).map_err(|error| refused(path, error.message()))?;
    let mut all = written.annotations;
    if let Some(bare) = all.iter().find(|annotation| annotation.day.is_none() && annotation.dimension.is_none()) {
        return Err(refused(path, &format!("annotation {} names neither a day nor a dimension", bare.id)));
    }
    sort(&mut all);
    if let Some(twice) = all.iter().enumerate().find(|(at, one)| all[..*at].iter().any(|other| other.id == one.id)) {
        return Err(refused(path, &format!("two annotations have the number {}", twice.1.id)));
    }
    Ok(all)
}

fn refused(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "annotation",
        format!("{}: {problem}", path.display()),
        "An annotation is [[annotation]] with id, text, and a day or a dimension and its value.",
    )
}
