//! The analyst's own mappings, for bills of no known format.

use std::path::PathBuf;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use store::{LoadOptions, Watch};
use ts_rs::TS;

use crate::{ApiError, Context, loading};

/// `mapping_draft`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct MappingDraftRequest {
    path: PathBuf,
    /// Who sells; without it the draft names the file.
    #[serde(default)]
    #[ts(optional)]
    provider: Option<String>,
}

/// A first mapping for a file, and what the file holds.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct MappingDraft {
    /// The name that the draft gives itself.
    pub name: String,
    /// The mapping file.
    pub text: String,
    /// The columns of the file.
    pub columns: Vec<FileColumn>,
}

/// A column of a file of no known format.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct FileColumn {
    /// Its name.
    pub name: String,
    /// Some of its fields, each once.
    pub samples: Vec<String>,
}

/// `mapping_preview`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct MappingPreviewRequest {
    path: PathBuf,
    text: String,
}

/// What a mapping makes of a file.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct MappingPreview {
    /// The columns of the charges that hold a value.
    pub columns: Vec<String>,
    /// The first charges.
    pub rows: Vec<Vec<Option<String>>>,
    /// How many charges there would be.
    #[ts(type = "number")]
    pub charges: u64,
    /// The billed cost in each currency.
    pub totals: Vec<PreviewTotal>,
    /// The first values and rows that are refused.
    pub rejects: Vec<store::Reject>,
    /// Why the file cannot be loaded by it, if it cannot.
    pub problem: Option<MappingProblem>,
}

/// A billed cost.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct PreviewTotal {
    /// The billing currency.
    pub currency: String,
    /// Plain decimal.
    pub billed: String,
}

/// Why a mapping cannot be used.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct MappingProblem {
    /// What is wrong.
    pub message: String,
    /// What to do.
    pub hint: String,
}

/// `mapping_save`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct MappingSaveRequest {
    text: String,
}

/// `mapping_delete`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct MappingDeleteRequest {
    name: String,
}

/// A mapping of the engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct OwnMapping {
    /// Its short name.
    pub name: String,
    /// Its name for a person.
    pub title: String,
    /// The mapping file.
    pub text: String,
    /// Why it cannot be used, if it was spoilt by hand.
    pub problem: Option<String>,
}

/// Fields of a column that are shown.
const SAMPLES_MAX: usize = 5;

pub(crate) fn draft(
    context: &Context,
    request: &MappingDraftRequest,
    watch: &Arc<Watch>,
) -> Result<MappingDraft, ApiError> {
    let engagement = context.engagement()?;
    let look = engagement.look(&request.path, &options(context)?, watch)?;
    let stem = request.path.file_stem().map(|stem| stem.to_string_lossy().into_owned()).unwrap_or_default();
    let name = named(&stem);
    let text = look.draft(&name, request.provider.as_deref().unwrap_or(&stem));
    let columns = look
        .columns
        .iter()
        .enumerate()
        .map(|(position, column)| {
            let mut samples: Vec<String> = Vec::new();
            for field in look.rows.iter().filter_map(|row| row.get(position)?.as_ref()) {
                if samples.len() < SAMPLES_MAX && !field.is_empty() && !samples.contains(field) {
                    samples.push(field.clone());
                }
            }
            FileColumn { name: column.clone(), samples }
        })
        .collect();
    Ok(MappingDraft { name, text, columns })
}

/// A file's name as the name of a mapping.
fn named(stem: &str) -> String {
    let plain = |character: char| if character.is_ascii_alphanumeric() { character.to_ascii_lowercase() } else { '-' };
    let pieces: String = stem.chars().map(plain).collect();
    let pieces: Vec<&str> = pieces.split('-').filter(|piece| !piece.is_empty()).collect();
    let name: String = pieces.join("-").chars().take(40).collect();
    format!("own-{}", if name.is_empty() { "mapping" } else { name.trim_end_matches('-') })
}

pub(crate) fn preview(
    context: &Context,
    request: &MappingPreviewRequest,
    watch: &Arc<Watch>,
) -> Result<MappingPreview, ApiError> {
    let engagement = context.engagement()?;
    let found = engagement.preview(&request.path, &request.text, &options(context)?, watch)?;
    let totals = found.totals.into_iter().map(|(currency, billed)| PreviewTotal { currency, billed });
    Ok(MappingPreview {
        columns: found.columns,
        rows: found.rows,
        charges: found.charges,
        totals: totals.collect(),
        rejects: found.rejects,
        problem: found.problem.map(|problem| MappingProblem { message: problem.message, hint: problem.hint }),
    })
}

fn options(context: &Context) -> Result<LoadOptions, ApiError> {
    loading::options(context, &*context.engagement()?, false, None)
}

pub(crate) fn save(context: &Context, request: &MappingSaveRequest) -> Result<OwnMapping, ApiError> {
    let engagement = context.engagement()?;
    let name = engagement.save_mapping(&request.text)?;
    let saved = list(context)?.into_iter().find(|mapping| mapping.name == name);
    saved.ok_or_else(|| ApiError::new("not_found", format!("the mapping {name} is gone again"), "Save it once more."))
}

pub(crate) fn list(context: &Context) -> Result<Vec<OwnMapping>, ApiError> {
    let mappings = context.engagement()?.mappings()?.into_iter();
    Ok(mappings
        .map(|store::OwnMapping { name, title, text, problem }| OwnMapping { name, title, text, problem })
        .collect())
}

pub(crate) fn delete(context: &Context, request: &MappingDeleteRequest) -> Result<Vec<OwnMapping>, ApiError> {
    context.engagement()?.delete_mapping(&request.name)?;
    list(context)
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_file_name_becomes_a_name() {
        assert_eq!(super::named("ACME invoice (March).2026"), "own-acme-invoice-march-2026");
        assert_eq!(super::named("\u{65e5}"), "own-mapping");
    }
}
