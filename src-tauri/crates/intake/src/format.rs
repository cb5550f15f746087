//! A format as its mapping file states it. The files lie in `formats/` and are part of the program.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use focus::Column;
use serde::Deserialize;

use crate::DateSpelling;
use crate::formula::{Formula, FormulaError, parse};
use crate::names::Aliases;

/// One format with its formulas parsed.
#[derive(Debug)]
pub struct Format {
    pub name: String,
    pub title: String,
    pub versions: Vec<Version>,
    pub null_tokens: Vec<String>,
    pub dates: Vec<DateSpelling>,
    pub settled_by_sample: bool,
    pub increments_with: Vec<String>,
    /// A file of such pieces takes the place of whatever has charges of its days, and not only of a file of its name.
    pub increments_by_days: bool,
    pub mandatory: Vec<String>,
    pub aliases: Aliases,
    pub provider: Written,
    pub provider_signs: Vec<ProviderSign>,
    /// What an engagement can choose.
    pub settings: BTreeMap<String, WrittenSetting>,
    pub definitions: BTreeMap<String, Formula>,
    pub columns: BTreeMap<&'static str, Written>,
    pub parts: Vec<WrittenPart>,
    pub excluded: Vec<Written>,
    pub datasets: Vec<WrittenDataset>,
    pub yields: Vec<WrittenYield>,
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

/// Something that an engagement can choose.
#[derive(Debug, Deserialize)]
#[serde(from = "SettingEntry")]
pub struct WrittenSetting {
    /// The possible values; the first is the rule.
    pub values: Vec<String>,
    /// What is chosen.
    pub says: String,
    /// What a value means, where the value alone does not tell.
    pub means: BTreeMap<String, String>,
}

#[derive(Debug)]
pub struct WrittenDataset {
    pub name: String,
    pub any: Option<Written>,
    pub path_contains: Vec<String>,
}

#[derive(Debug)]
pub struct WrittenYield {
    pub dataset: String,
    pub to: String,
    pub keep: Written,
}

/// A version of the format, told by one of its columns. The first that fits counts; one without columns always fits.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    pub name: String,
    #[serde(default)]
    pub any_of: Vec<String>,
}

#[derive(Debug)]
pub struct WrittenPart {
    pub each: Option<Written>,
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
    /// A way to write days that is not known.
    #[error("\"{0}\" is no way to write days: iso, month/day/year, day/month/year, day.month.year")]
    NoSuchDates(String),
    /// Further charges for each object of several arrays: their part numbers would meet.
    #[error("only one of the parts can have `each`")]
    SeveralEach,
    /// An entry names no FOCUS column.
    #[error("\"{0}\" is no FOCUS column")]
    NoSuchColumn(String),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    format: String,
    title: String,
    #[serde(default)]
    versions: Vec<Version>,
    nulls: Vec<String>,
    #[serde(default)]
    dates: Vec<String>,
    #[serde(default)]
    settled_by_sample: bool,
    #[serde(default)]
    increments_with: Vec<String>,
    #[serde(default)]
    increments_by_days: bool,
    mandatory: Vec<String>,
    #[serde(default)]
    aliases: Aliases,
    provider: Entry,
    #[serde(default)]
    provider_signs: Vec<ProviderSign>,
    #[serde(default)]
    settings: BTreeMap<String, WrittenSetting>,
    #[serde(default)]
    define: BTreeMap<String, String>,
    columns: BTreeMap<String, Entry>,
    #[serde(default)]
    parts: Vec<PartEntry>,
    #[serde(default)]
    excluded: Vec<Condition>,
    #[serde(default)]
    dataset: Vec<DatasetEntry>,
    #[serde(default)]
    yields: Vec<YieldEntry>,
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

/// The possible values alone, or with words for a person.
#[derive(Deserialize)]
#[serde(untagged)]
enum SettingEntry {
    Values(Vec<String>),
    Told(ToldSetting),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct ToldSetting {
    values: Vec<String>,
    says: String,
    #[serde(default)]
    means: BTreeMap<String, String>,
}

impl From<SettingEntry> for WrittenSetting {
    fn from(entry: SettingEntry) -> Self {
        match entry {
            SettingEntry::Values(values) => Self { values, says: String::new(), means: BTreeMap::new() },
            SettingEntry::Told(ToldSetting { values, says, means }) => Self { values, says, means },
        }
    }
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Condition {
    when: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct DatasetEntry {
    name: String,
    any: Option<String>,
    #[serde(default)]
    path_contains: Vec<String>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct YieldEntry {
    dataset: String,
    to: String,
    keep: String,
    why: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct PartEntry {
    each: Option<String>,
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
                let each = part.each.map(|each| written("parts", each, None)).transpose()?;
                let when = written("parts", part.when, Some(part.why))?;
                Ok(WrittenPart { each, when, columns: targets(part.columns)? })
            })
            .collect::<Result<Vec<_>, _>>()?;
        if parts.iter().filter(|part| part.each.is_some()).count() > 1 {
            return Err(FormatError::SeveralEach);
        }
        let excluded = file
            .excluded
            .into_iter()
            .map(|entry| written("excluded", entry.when, Some(entry.why)))
            .collect::<Result<_, _>>()?;
        let columns = targets(file.columns)?;
        let datasets = file
            .dataset
            .into_iter()
            .map(|entry| {
                let any = entry.any.map(|any| written("dataset", any, None)).transpose()?;
                let path_contains = entry.path_contains.iter().map(|piece| piece.to_lowercase()).collect();
                Ok(WrittenDataset { name: entry.name, any, path_contains })
            })
            .collect::<Result<_, _>>()?;
        let yields = file
            .yields
            .into_iter()
            .map(|entry| {
                let keep = written("yields", entry.keep, Some(entry.why))?;
                Ok(WrittenYield { dataset: entry.dataset, to: entry.to, keep })
            })
            .collect::<Result<_, _>>()?;
        let dates = file.dates.iter().map(|text| date_spelling(text)).collect::<Result<_, _>>()?;
        Ok(Self {
            name: file.format,
            title: file.title,
            versions: file.versions,
            null_tokens: file.nulls,
            dates,
            settled_by_sample: file.settled_by_sample,
            increments_with: file.increments_with,
            increments_by_days: file.increments_by_days,
            mandatory: file.mandatory,
            aliases: file.aliases,
            provider: written("provider", file.provider.from, file.provider.why)?,
            provider_signs: file.provider_signs,
            settings: file.settings,
            definitions,
            columns,
            parts,
            excluded,
            datasets,
            yields,
            left_out: file.left_out.into_keys().collect(),
            notes: file.notes,
            tables: file.tables,
        })
    }
}

fn date_spelling(text: &str) -> Result<DateSpelling, FormatError> {
    match text {
        "iso" => Ok(DateSpelling::Iso),
        "month/day/year" => Ok(DateSpelling::MonthDayYear),
        "day/month/year" => Ok(DateSpelling::DayMonthYear),
        "day.month.year" => Ok(DateSpelling::DayMonthYearDots),
        other => Err(FormatError::NoSuchDates(other.to_owned())),
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
    [
        include_str!("../formats/focus.toml"),
        include_str!("../formats/aws-cur.toml"),
        include_str!("../formats/gcp.toml"),
        include_str!("../formats/oci.toml"),
        include_str!("../formats/opencost.toml"),
        include_str!("../formats/azure.toml"),
    ]
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
        assert!(formats.iter().any(|format| format.name == "focus"), "FOCUS is among them");
        for format in formats {
            let ids: Vec<&str> = format.columns.keys().copied().collect();
            let missing: Vec<&str> =
                focus::columns().iter().map(|column| column.id).filter(|id| !ids.contains(id)).collect();
            assert_eq!(missing, [""; 0], "{} says of every FOCUS column what it becomes", format.name);
        }
    }

    #[test]
    fn a_reading_is_told_at_once() {
        let whys = |format: &Format| -> Vec<String> {
            let parts = format.parts.iter().flat_map(|part| std::iter::once(&part.when).chain(part.columns.values()));
            let rules = format.excluded.iter().chain(format.yields.iter().map(|entry| &entry.keep)).chain(parts);
            let all = format.columns.values().chain(std::iter::once(&format.provider)).chain(rules);
            all.filter_map(|written| written.reason.clone()).collect()
        };
        for format in formats().expect("every mapping file parses") {
            for why in whys(format) {
                let tells = why.contains("a reading") || why.contains("is taken to be") || why.contains("taken for");
                assert!(
                    !tells || why.starts_with("a reading: "),
                    "{}: what is a reading says so first: {why}",
                    format.name
                );
            }
        }
        let readings = formats().expect("sound").iter().filter(|format| format.name != "focus").flat_map(whys);
        assert!(
            readings.filter(|why| why.starts_with("a reading: ")).count() > 80,
            "most of what is no copy is a reading"
        );
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
        let parts = "Tags = { from = 'a' }\n[[parts]]\neach = 'a'\nwhen = \"a = 'x'\"\nwhy = ''\n[parts.columns]\n";
        assert_eq!(error(&file(parts)), Ok("x".to_owned()));
        assert_eq!(
            error(&file(&format!("{parts}{}", parts.split_once('\n').unwrap_or_default().1))).map_err(|_| ()),
            Err(())
        );
        let dates = file("").replace("nulls = []", "nulls = []\ndates = ['iso', 'year of the rat']");
        assert!(error(&dates).is_err_and(|error| error.contains("month/day/year")), "the known ways are named");
        assert!(error("format = 'x'").is_err_and(|error| error.contains("title")), "the missing key is named");
    }
}
