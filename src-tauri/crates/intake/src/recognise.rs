//! Telling a file's format from its header and first rows, and stating its mapping.

use std::collections::BTreeSet;
use std::sync::LazyLock;

use focus::columns;
use serde::{Deserialize, Serialize};

use crate::format::{Format, FormatError, Written, formats};
use crate::formula::FormulaError;
use crate::header::{Header, fold};
use crate::resolve::{Decision, Resolver, passed_on, provider_sign};
use crate::{Exclusion, Expression, MappedColumn, Mapping, NotRecognised, Part};

/// One column of a source file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SourceColumn {
    /// The name in the header, exactly as in the file (without a byte order mark).
    pub name: String,
    /// What the file says it holds.
    pub kind: SourceKind,
}

/// What a source file says a column holds. CSV says nothing: all its columns are [`SourceKind::Text`].
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SourceKind {
    /// Text.
    Text,
    /// Whole numbers.
    Integer,
    /// Exact decimals.
    Decimal {
        /// Digits after the point.
        scale: u8,
    },
    /// Binary floating point numbers.
    Float,
    /// Points in time.
    Timestamp,
    /// Days.
    Date,
    /// True or false.
    Boolean,
    /// Keys and values.
    Map,
    /// Anything else.
    Other,
}

/// What recognition looks at: the header and the first rows (200 are plenty), every field as text.
#[derive(Debug, Clone, Copy)]
pub struct Sample<'a> {
    /// The columns, in file order.
    pub columns: &'a [SourceColumn],
    /// The first rows, fields in the order of the columns. May be empty: a file with a header only is sound.
    pub rows: &'a [Vec<Option<String>>],
}

/// A recognised file.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Recognised {
    /// The format's short name: `focus`, `aws-cur`.
    pub format: &'static str,
    /// The format and version in words.
    pub title: String,
    /// The version: `1.2`; `legacy` or `2.0` for a Cost and Usage Report.
    pub version: String,
    /// How the columns become FOCUS.
    pub mapping: Mapping,
    /// What the user should know about this file, in sentences.
    pub notes: Vec<String>,
}

/// Recognises a file by its content and states how each of its columns becomes FOCUS.
///
/// # Errors
/// [`NotRecognised`] tells what the file seems to be, what is missing, and (by its hint) what to do.
pub fn recognise(sample: &Sample<'_>) -> Result<Recognised, NotRecognised> {
    let header = Header::new(sample.columns);
    if sample.columns.iter().all(|column| column.name.trim().is_empty()) {
        return Err(NotRecognised::Empty);
    }
    let candidates = candidates(&header)?;
    let Some(best) = candidates.iter().max_by_key(|candidate| candidate.rank()) else {
        return Err(NotRecognised::Empty);
    };
    if !best.missing.is_empty() {
        return Err(refusal(&header, best));
    }
    let duplicates = duplicates(sample.columns);
    if !duplicates.is_empty() {
        return Err(NotRecognised::DuplicateColumns { names: duplicates });
    }
    let format = best.format;
    let version = version(format, &header);
    let mapping = mapping(format, &version, &header)?;
    let notes = notes(format, &header, &mapping, sample);
    let numbered = version.starts_with(|first: char| first.is_ascii_digit());
    let title = if numbered { format!("{} {version}", format.title) } else { format!("{} ({version})", format.title) };
    Ok(Recognised { format: &format.name, title, version, mapping, notes })
}

struct Candidate {
    format: &'static Format,
    known: usize,
    missing: Vec<String>,
}

impl Candidate {
    fn rank(&self) -> (bool, usize) {
        (self.missing.is_empty(), self.known)
    }
}

fn candidates(header: &Header<'_>) -> Result<Vec<Candidate>, FormatError> {
    Ok(formats()?
        .iter()
        .map(|format| {
            let missing = format.mandatory.iter().filter(|name| header.find(name).is_none()).cloned().collect();
            let sources = sources(format);
            let known = header.columns().iter().filter(|column| sources.contains(&fold(&column.name))).count();
            Candidate { format, known, missing }
        })
        .collect())
}

/// Every source column that a format names, folded.
fn sources(format: &Format) -> BTreeSet<String> {
    let mut names = Vec::new();
    let written = format.columns.values().chain(std::iter::once(&format.provider)).map(|written| &written.formula);
    written.chain(format.definitions.values()).for_each(|formula| formula.names(&mut names));
    names.retain(|name| !format.definitions.contains_key(*name) && *name != "null");
    names.into_iter().chain(format.mandatory.iter().map(String::as_str)).map(fold).collect()
}

/// A known file that is no list of charges, told by columns that no other has.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherKind {
    title: String,
    columns: Vec<String>,
    hint: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct OtherKinds {
    kinds: Vec<OtherKind>,
}

static OTHER_KINDS: LazyLock<Result<Vec<OtherKind>, FormatError>> = LazyLock::new(|| {
    let file: Result<OtherKinds, _> = toml::from_str(include_str!("../formats/other-kinds.toml"));
    file.map(|file| file.kinds).map_err(|error| FormatError::Shape(error.to_string()))
});

/// A file with this many columns of a format, and half of its mandatory ones, is that format with something missing.
const ENOUGH_KNOWN: usize = 5;

fn refusal(header: &Header<'_>, best: &Candidate) -> NotRecognised {
    let kinds = match OTHER_KINDS.as_ref() {
        Ok(kinds) => kinds,
        Err(error) => return NotRecognised::Format(error.clone()),
    };
    if let Some(kind) = kinds.iter().find(|kind| kind.columns.iter().all(|name| header.find(name).is_some())) {
        return NotRecognised::OtherKind { title: kind.title.clone(), hint: kind.hint.clone() };
    }
    let (known, format) = (best.known, best.format);
    if known >= ENOUGH_KNOWN && best.missing.len() * 2 <= format.mandatory.len() {
        let missing = best.missing.clone();
        return NotRecognised::Incomplete { format: format.name.clone(), title: format.title.clone(), missing };
    }
    let columns = header.columns();
    if let [column] = columns {
        return NotRecognised::OneColumn { header: shortened(&column.name), separator: separator(&column.name) };
    }
    if let Some(example) = columns.iter().find(|column| known == 0 && looks_like_data(&column.name)) {
        return NotRecognised::NoHeader { example: shortened(&example.name) };
    }
    let names = duplicates(columns);
    if !names.is_empty() {
        return NotRecognised::DuplicateColumns { names };
    }
    NotRecognised::Unknown { columns: columns.len(), closest: format.title.clone(), known }
}

/// Names that stand more than once, in file order. Columns without a name count when there are several.
fn duplicates(columns: &[crate::SourceColumn]) -> Vec<String> {
    let mut seen = BTreeSet::new();
    let mut twice = Vec::new();
    for column in columns {
        if !seen.insert(&column.name) && !twice.contains(&column.name) {
            twice.push(column.name.clone());
        }
    }
    twice.into_iter().map(|name| if name.is_empty() { "a column without a name".to_owned() } else { name }).collect()
}

fn separator(header: &str) -> Option<&'static str> {
    [
        (';', "semicolons"),
        ('\t', "tabs"),
        ('|', "bars"),
        ('\u{1}', "the control character 1"),
        (',', "commas within quotes"),
    ]
    .into_iter()
    .map(|(character, words)| (header.matches(character).count(), words))
    .filter(|(count, _)| *count >= 2)
    .max_by_key(|(count, _)| *count)
    .map(|(_, words)| words)
}

/// A number, a date or a time: nothing that a column is named after.
fn looks_like_data(name: &str) -> bool {
    let name = name.trim();
    let digits = name.chars().filter(char::is_ascii_digit).count();
    digits > 0 && name.chars().all(|character| character.is_ascii_digit() || " .,:/-+TZeE$".contains(character))
}

fn shortened(text: &str) -> String {
    const LONGEST: usize = 60;
    if text.chars().count() <= LONGEST {
        return text.to_owned();
    }
    let mut short: String = text.chars().take(LONGEST).collect();
    short.push('…');
    short
}

fn version(format: &Format, header: &Header<'_>) -> String {
    if format.name == "focus" {
        return focus::detect_version(header.columns().iter().map(|column| column.name.trim())).to_string();
    }
    let second = ["product", "resource_tags", "bill_payer_account_name"].iter().any(|name| header.find(name).is_some());
    if second { "2.0".to_owned() } else { "legacy".to_owned() }
}

fn mapping(format: &Format, version: &str, header: &Header<'_>) -> Result<Mapping, FormatError> {
    let resolver = Resolver::new(header, format);
    let mapped = |id: &'static str, written: &Written| -> Result<Option<MappedColumn>, FormatError> {
        let Some(target) = focus::by_id(id) else { return Ok(None) };
        let expression = resolver.expression(written).map_err(|error| at(id, error))?;
        Ok(Some(MappedColumn { target, expression, written: written.text.clone(), reason: written.reason.clone() }))
    };
    let mut all = Vec::with_capacity(columns().len());
    for column in columns() {
        if let Some(written) = format.columns.get(column.id) {
            all.extend(mapped(column.id, written)?);
        }
    }
    let mut parts = Vec::new();
    for part in &format.parts {
        let Decision::When(when) = resolver.decision(&part.when).map_err(|error| at("parts", error))? else { continue };
        let mut overrides = Vec::new();
        for (id, written) in &part.columns {
            overrides.extend(mapped(id, written)?);
        }
        parts.push(Part { when, overrides, reason: part.when.reason.clone().unwrap_or_default() });
    }
    let mut excluded = Vec::new();
    for entry in &format.excluded {
        if let Decision::When(when) = resolver.decision(entry).map_err(|error| at("excluded", error))? {
            excluded.push(Exclusion { when, reason: entry.reason.clone().unwrap_or_default() });
        }
    }
    let provider =
        provider(format, header, resolver.expression(&format.provider).map_err(|error| at("provider", error))?);
    let extra = extra(format, header, &all, &parts);
    let mandatory =
        format.mandatory.iter().filter_map(|name| header.find(name)).map(|column| column.name.clone()).collect();
    Ok(Mapping {
        format: format.name.clone(),
        version: version.to_owned(),
        null_tokens: format.null_tokens.clone(),
        columns: all,
        parts,
        excluded,
        extra,
        provider,
        mandatory_sources: mandatory,
    })
}

fn at(place: &str, error: FormulaError) -> FormatError {
    FormatError::Formula { place: place.to_owned(), error }
}

/// The provider as the rows name it, else as the header gives it away.
fn provider(format: &Format, header: &Header<'_>, named: Expression) -> Expression {
    let Some(sign) = provider_sign(format, header) else { return named };
    let sign = Expression::Text(sign.to_owned());
    match named {
        Expression::Null => sign,
        Expression::First(mut values) => {
            values.push(sign);
            Expression::First(values)
        }
        named => Expression::First(vec![named, sign]),
    }
}

fn extra(format: &Format, header: &Header<'_>, all: &[MappedColumn], parts: &[Part]) -> Vec<String> {
    let mut kept = Vec::new();
    let overrides = parts.iter().flat_map(|part| &part.overrides);
    all.iter().chain(overrides).for_each(|column| passed_on(&column.expression, &mut kept));
    let kept: BTreeSet<&str> = kept.into_iter().collect();
    let left_out: BTreeSet<String> = format.left_out.iter().map(|name| fold(name)).collect();
    header
        .columns()
        .iter()
        .filter(|column| !kept.contains(column.name.as_str()) && !left_out.contains(&fold(&column.name)))
        .map(|column| column.name.clone())
        .collect()
}

/// Columns whose absence changes what the figures mean, with what it changes.
const ABSENCES: [(&str, &str); 5] = [
    ("EffectiveCost", "The file has no effective cost: commitments are not spread over the use they pay for."),
    ("ListCost", "The file has no list cost: savings against list prices cannot be told."),
    (
        "ContractedCost",
        "The file has no contracted cost: savings by commitments and by negotiation cannot be told apart.",
    ),
    ("ServiceCategory", "The file has no service category."),
    ("Tags", "The file has no tags."),
];

fn notes(format: &Format, header: &Header<'_>, mapping: &Mapping, sample: &Sample<'_>) -> Vec<String> {
    let absent = format.notes.iter().filter(|note| header.find(&note.without).is_none());
    let mut notes: Vec<String> = absent.map(|note| note.say.clone()).collect();
    if mapping.provider == Expression::Null {
        notes.push("No column names the provider: name it when loading the file.".to_owned());
    }
    for column in &mapping.columns {
        let absence = ABSENCES.iter().find(|(id, _)| *id == column.target.id && column.expression == Expression::Null);
        notes.extend(absence.map(|(_, note)| (*note).to_owned()));
    }
    if sample.rows.is_empty() {
        notes.push("The file has a header and no rows.".to_owned());
    }
    notes
}
