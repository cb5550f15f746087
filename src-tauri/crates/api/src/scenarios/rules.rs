//! `rules/classification.toml`: by which rules charges are told apart.

use std::path::PathBuf;

use query::Dimension;
use scenario::RuleTable;
use store::Engagement;

use super::files::refused;
use super::operations;
use super::wire::{ClassificationRules, ClassificationRulesRequest};
use crate::exporting::{io, put};
use crate::{ApiError, Context, text_file};

const PLACE: [&str; 2] = ["rules", "classification.toml"];
const BYTES_MAX: u64 = 1 << 20;

fn rules_path(engagement: &Engagement) -> PathBuf {
    PLACE.iter().fold(engagement.folder().to_owned(), |path, part| path.join(part))
}

/// The rules of the engagement as text: its own, or those that come with the product.
pub(crate) fn rules_text(engagement: &Engagement) -> Result<ClassificationRules, ApiError> {
    let path = rules_path(engagement);
    if !path.is_file() {
        return Ok(ClassificationRules { text: RuleTable::built_in_text().to_owned(), built_in: true });
    }
    let text = text_file::read(&path, BYTES_MAX, "a table of rules")
        .map_err(|problem| ApiError::new("rules", format!("{}: {problem}", path.display()), "Mend the file."))?;
    Ok(ClassificationRules { text, built_in: false })
}

/// The rules of a text.
pub(crate) fn rules_of(text: &str) -> Result<RuleTable, ApiError> {
    let problem = |found: scenario::Refused| {
        let problems: Vec<_> = found.0.iter().map(|one| operations::problem(one, None)).collect();
        let mut error = refused("rules", &problems);
        error.code = "rules".to_owned();
        error.message = error.message.replacen("scenario `rules`", "the rules for charges", 1);
        error
    };
    let table = RuleTable::parse(text).map_err(problem)?;
    for column in table.columns() {
        dimension_of(column)?;
    }
    Ok(table)
}

/// The dimension that a column of the rules is asked by.
pub(crate) fn dimension_of(column: &str) -> Result<Dimension, ApiError> {
    let name = focus::by_id(column).map(|known| known.name);
    let found = Dimension::all().find(|dimension| name.is_some() && dimension.column() == name);
    found.ok_or_else(|| {
        let known: Vec<&str> = Dimension::all()
            .filter_map(|dimension| focus::by_name(dimension.column()?).map(|column| column.id))
            .collect();
        ApiError::new(
            "rules",
            format!("the rules for charges ask for {column}, by which charges cannot be told apart here"),
            format!("Ask for one of {}.", known.join(", ")),
        )
    })
}

pub(crate) fn rules(context: &Context) -> Result<ClassificationRules, ApiError> {
    rules_text(&*context.engagement()?)
}

pub(crate) fn set_rules(
    context: &Context,
    request: &ClassificationRulesRequest,
) -> Result<ClassificationRules, ApiError> {
    let engagement = context.engagement()?;
    let path = rules_path(&engagement);
    if request.text.trim().is_empty() {
        if path.is_file() {
            std::fs::remove_file(&path).map_err(|error| io(&path, &error))?;
        }
        return rules_text(&engagement);
    }
    rules_of(&request.text)?;
    if let Some(folder) = path.parent() {
        std::fs::create_dir_all(folder).map_err(|error| io(folder, &error))?;
    }
    put(&path, request.text.as_bytes())?;
    rules_text(&engagement)
}
