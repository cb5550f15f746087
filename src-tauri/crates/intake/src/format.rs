//! A format as its mapping file states it. The files lie in `formats/` and are part of the program.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use focus::Column;
use serde::Deserialize;

use crate::formula::{Formula, FormulaError, parse};

/// One format with its formulas parsed.
#[derive(Debug)]
pub struct Format {
    pub name: String,
    pub title: String,
    pub null_tokens: Vec<String>,
    pub mandatory: Vec<String>,
    pub provider: Written,
    pub provider_signs: Vec<ProviderSign>,
    pub definitions: BTreeMap<String, Formula>,
    pub columns: BTreeMap<&'static str, Written>,
    pub parts: Vec<WrittenPart>,
    pub excluded: Vec<Written>,
    pub left_out: Vec<String>,
    pub notes: Vec<Note>,
    pub tables: BTreeMap<String, BTreeMap<String, String>>,
}

/// A formula as written, parsed, and why it is so.
#[derive(Debug)]
pub struct Written {
    pub text: String,
    pub formula: Formula,
    pub reason: Option<String>,
}

#[derive(Debug)]
pub struct WrittenPart {
    pub when: Written,
    pub columns: BTreeMap<&'static str, Written>,
}

/// Columns that only one provider's files have: they tell the provider where no column names it.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProviderSign {
    pub provider: String,
    pub columns: Vec<String>,
}

/// What the user should know of a file that lacks a source column.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Note {
    pub without: String,
    pub say: String,
}

/// A mapping file that cannot be used; found by the tests, never by a user.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// The file is no TOML of the expected shape.
    #[error("the mapping file cannot be read: {0}")]
    Shape(String),
    /// A formula cannot be read or has no meaning.
    #[error("{place}: {error}")]
    Formula {
        /// The entry of the file.
        place: String,
        /// What is wrong.
        error: FormulaError,
    },
    /// An entry names no FOCUS column.
    #[error("\"{0}\" is no FOCUS column")]
    NoSuchColumn(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    title: String,
    nulls: Vec<String>,
    mandatory: Vec<String>,
    provider: Entry,
    #[serde(default)]
    provider_signs: Vec<ProviderSign>,
    #[serde(default)]
    define: BTreeMap<String, String>,
    columns: BTreeMap<String, Entry>,
    #[serde(default)]
    parts: Vec<PartEntry>,
    #[serde(default)]
    excluded: Vec<Condition>,
    #[serde(default)]
    left_out: BTreeMap<String, String>,
    #[serde(default)]
    notes: Vec<Note>,
    #[serde(default)]
    tables: BTreeMap<String, BTreeMap<String, String>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    from: String,
    why: Option<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    when: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartEntry {
    when: String,
    why: String,
    columns: BTreeMap<String, Entry>,
}

impl Format {
    /// Reads a mapping file.
    pub fn read(text: &str) -> Result<Self, FormatError> {
        let file: File = toml::from_str(text).map_err(|error| FormatError::Shape(error.to_string()))?;
        let definitions = file
            .define
            .into_iter()
            .map(|(name, text)| {
                let formula = parse(&text).map_err(|error| FormatError::Formula { place: name.clone(), error })?;
                Ok((name, formula))
            })
            .collect::<Result<_, _>>()?;
        let parts = file
            .parts
            .into_iter()
            .map(|part| {
                let when = written("parts", part.when, Some(part.why))?;
                Ok(WrittenPart { when, columns: targets(part.columns)? })
            })
            .collect::<Result<_, _>>()?;
        let excluded = file
            .excluded
            .into_iter()
            .map(|entry| written("excluded", entry.when, Some(entry.why)))
            .collect::<Result<_, _>>()?;
        Ok(Self {
            name: file.format,
            title: file.title,
            null_tokens: file.nulls,
            mandatory: file.mandatory,
            provider: written("provider", file.provider.from, file.provider.why)?,
            provider_signs: file.provider_signs,
            definitions,
            columns: targets(file.columns)?,
            parts,
            excluded,
            left_out: file.left_out.into_keys().collect(),
            notes: file.notes,
            tables: file.tables,
        })
    }
}

fn targets(entries: BTreeMap<String, Entry>) -> Result<BTreeMap<&'static str, Written>, FormatError> {
    entries
        .into_iter()
        .map(|(id, entry)| {
            let column: &'static Column = focus::by_id(&id).ok_or_else(|| FormatError::NoSuchColumn(id.clone()))?;
            Ok((column.id, written(&id, entry.from, entry.why)?))
        })
        .collect()
}

fn written(place: &str, text: String, reason: Option<String>) -> Result<Written, FormatError> {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let formula = parse(&text).map_err(|error| FormatError::Formula { place: place.to_owned(), error })?;
    Ok(Written { text, formula, reason })
}

static FORMATS: LazyLock<Result<Vec<Format>, FormatError>> = LazyLock::new(|| {
    [include_str!("../formats/focus.toml"), include_str!("../formats/aws-cur.toml")]
        .into_iter()
        .map(Format::read)
        .collect()
});

/// Every format that can be loaded.
pub fn formats() -> Result<&'static [Format], FormatError> {
    FORMATS.as_deref().map_err(Clone::clone)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mapping_files_are_sound() {
        let formats = formats().expect("every mapping file parses");
        let names: Vec<&str> = formats.iter().map(|format| format.name.as_str()).collect();
        assert_eq!(names, ["focus", "aws-cur"]);
        for format in formats {
            let ids: Vec<&str> = format.columns.keys().copied().collect();
            let missing: Vec<&str> =
                focus::columns().iter().map(|column| column.id).filter(|id| !ids.contains(id)).collect();
            assert_eq!(missing, [""; 0], "{} says of every FOCUS column what it becomes", format.name);
        }
    }

    #[test]
    fn a_faulty_mapping_file_is_told_what_is_wrong() {
        let file = |columns: &str| {
            format!(
                "format = 'x'\ntitle = 'X'\nnulls = []\nmandatory = []\nprovider = {{ from = 'null' }}\n[columns]\n{columns}"
            )
        };
        let error = |text: &str| Format::read(text).map(|format| format.name).map_err(|error| error.to_string());
        assert_eq!(error(&file("Tags = { from = 'a' }")), Ok("x".to_owned()));
        assert_eq!(error(&file("Taggs = { from = 'a' }")), Err("\"Taggs\" is no FOCUS column".to_owned()));
        let message = "Tags: the formula ends at character 3 where a value is expected in the formula: a(";
        assert_eq!(error(&file("Tags = { from = 'a(' }")), Err(message.to_owned()));
        assert!(error("format = 'x'").is_err_and(|error| error.contains("title")), "the missing key is named");
    }
}
