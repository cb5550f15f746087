//! Telling a file's format from its header and first rows, and stating its mapping.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::LazyLock;

use focus::columns;
use serde::{Deserialize, Serialize};

use crate::format::{Format, FormatError, Written, formats};
use crate::formula::FormulaError;
use crate::header::{Header, fold};
use crate::resolve::{Decision, Resolver, passed_on, provider_sign};
use crate::{Condition, Dataset, Exclusion, Expression, MappedColumn, Mapping, NotRecognised, OwnFormat, Part, Yield};
use crate::{names, sampled};

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
    /// Keys and values, or a list.
    Map,
    /// A JSON object or array as text.
    Json,
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
    /// The format's short name: `focus`, `aws-cur`, or that of a mapping of the analyst.
    pub format: String,
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
    recognise_with(sample, &BTreeMap::new(), &[])
}

/// As [`recognise`], with what the engagement chose of what a format leaves open, and with the analyst's own mappings. A choice
/// that the format does not know changes nothing and is told in the notes. An own mapping whose mandatory columns are all there
/// goes before every format of the program: it was made for this file.
///
/// # Errors
/// As [`recognise`].
pub fn recognise_with(
    sample: &Sample<'_>,
    settings: &BTreeMap<String, String>,
    own: &[OwnFormat],
) -> Result<Recognised, NotRecognised> {
    let header = Header::new(sample.columns);
    if sample.columns.iter().all(|column| column.name.trim().is_empty()) {
        return Err(NotRecognised::Empty);
    }
    let own = candidates(&header, own.iter().map(|own| &own.0));
    if let Some(best) = own.iter().rev().filter(|one| one.missing.is_empty()).max_by_key(|one| one.rank()) {
        return state(best.format, &header, sample, settings);
    }
    let candidates = candidates(&header, formats()?);
    // Of equal ones the first counts.
    let Some(best) = candidates.iter().rev().max_by_key(|candidate| candidate.rank()) else {
        return Err(NotRecognised::Empty);
    };
    if !best.missing.is_empty() {
        return Err(refusal(&header, best));
    }
    state(best.format, &header, sample, settings)
}

/// States the mapping of a file that is of a format.
fn state(
    format: &Format,
    header: &Header<'_>,
    sample: &Sample<'_>,
    settings: &BTreeMap<String, String>,
) -> Result<Recognised, NotRecognised> {
    let duplicates = duplicates(sample.columns);
    if !duplicates.is_empty() {
        return Err(NotRecognised::DuplicateColumns { names: duplicates });
    }
    let version = version(format, header);
    let (chosen, mut unknown) = choices(format, settings);
    let mut mapping = mapping(format, &version, header, chosen)?;
    let settled = if format.settled_by_sample { sampled::settle(&mut mapping, sample) } else { Vec::new() };
    let mut notes = notes(format, header, &mapping);
    notes.extend(settled);
    notes.append(&mut unknown);
    let numbered = version.starts_with(|first: char| first.is_ascii_digit());
    let title = match version.as_str() {
        "" => format.title.clone(),
        _ if numbered => format!("{} {version}", format.title),
        _ => format!("{} ({version})", format.title),
    };
    Ok(Recognised { format: format.name.clone(), title, version, mapping, notes })
}

/// The value of each of the format's settings, and notes about choices that it does not know.
fn choices(format: &Format, settings: &BTreeMap<String, String>) -> (BTreeMap<String, String>, Vec<String>) {
    let (mut chosen, mut unknown) = (BTreeMap::new(), Vec::new());
    for (name, setting) in &format.settings {
        let values = &setting.values;
        let wanted = settings.get(name);
        let value = values.iter().find(|value| wanted == Some(value)).or_else(|| values.first());
        if let (Some(wanted), Some(value)) = (wanted.filter(|wanted| !values.contains(wanted)), value) {
            unknown.push(format!("{name} is none of {}, but \"{wanted}\": {value} counts.", values.join(", ")));
        }
        chosen.extend(value.map(|value| (name.clone(), value.clone())));
    }
    (chosen, unknown)
}

struct Candidate<'a> {
    format: &'a Format,
    known: usize,
    missing: Vec<String>,
}

impl Candidate<'_> {
    fn rank(&self) -> (bool, usize) {
        (self.missing.is_empty(), self.known)
    }
}

fn candidates<'a>(header: &Header<'_>, formats: impl IntoIterator<Item = &'a Format>) -> Vec<Candidate<'a>> {
    formats
        .into_iter()
        .map(|format| {
            let absent = |name: &&String| names::find_surely(header, &format.aliases, name).is_none();
            let missing = format.mandatory.iter().filter(absent).cloned().collect();
            let sources = sources(format);
            let known = header.columns().iter().filter(|column| sources.contains(&fold(&column.name))).count();
            Candidate { format, known, missing }
        })
        .collect()
}

/// Every source column that a format names, folded.
fn sources(format: &Format) -> BTreeSet<String> {
    let mut names = Vec::new();
    let written = format.columns.values().chain(std::iter::once(&format.provider)).map(|written| &written.formula);
    written.chain(format.definitions.values()).for_each(|formula| formula.names(&mut names));
    names.retain(|name| !format.definitions.contains_key(*name) && *name != "null");
    let names = names.into_iter().chain(format.mandatory.iter().map(String::as_str));
    names.flat_map(|name| names::spellings(&format.aliases, name)).collect()
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

fn refusal(header: &Header<'_>, best: &Candidate<'_>) -> NotRecognised {
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
    // A word of a row of data can be the name of a column by chance: the fields that no column is named after outnumber such.
    let data: Vec<_> = columns.iter().filter(|column| looks_like_data(&column.name)).collect();
    if let Some(example) = data.first().filter(|_| data.len() > known) {
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
    let has = |name: &String| names::find_surely(header, &format.aliases, name).is_some();
    let fits = |version: &&crate::format::Version| version.any_of.is_empty() || version.any_of.iter().any(has);
    format.versions.iter().find(fits).map_or_else(String::new, |version| version.name.clone())
}

fn mapping(
    format: &Format,
    version: &str,
    header: &Header<'_>,
    settings: BTreeMap<String, String>,
) -> Result<Mapping, FormatError> {
    let resolver = Resolver::new(header, format, &settings);
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
        resolver.of_objects(part.each.is_some());
        let decision = resolver.decision(&part.when).map_err(|error| at("parts", error))?;
        let Some(when) = condition(decision) else { continue };
        let mut overrides = Vec::new();
        for (id, written) in &part.columns {
            overrides.extend(mapped(id, written)?);
        }
        let each = part.each.as_ref().map(|each| resolver.expression(each).map_err(|error| at("parts", error)));
        let each = each.transpose()?;
        match &each {
            None | Some(Expression::Column(_) | Expression::Field { .. }) => {}
            // Without the array there is nothing to make charges from.
            Some(Expression::Null) => continue,
            Some(_) => {
                let problem = "the array of a part is a column or a value inside one".to_owned();
                let formula = part.each.as_ref().map(|each| each.text.clone()).unwrap_or_default();
                return Err(at("parts", FormulaError { problem, formula }));
            }
        }
        parts.push(Part { each, when, overrides, reason: part.when.reason.clone().unwrap_or_default() });
    }
    resolver.of_objects(false);
    // The number of its charges is known to the rows alone, so it numbers them after all others.
    parts.sort_by_key(|part| part.each.is_some());
    let mut excluded = Vec::new();
    for entry in &format.excluded {
        if let Decision::When(when) = resolver.decision(entry).map_err(|error| at("excluded", error))? {
            excluded.push(Exclusion { when, reason: entry.reason.clone().unwrap_or_default() });
        }
    }
    let mut datasets = Vec::new();
    for entry in &format.datasets {
        let any = entry.any.as_ref().map(|any| resolver.decision(any).map_err(|error| at("dataset", error)));
        let any = any.transpose()?.and_then(condition);
        datasets.push(Dataset { name: entry.name.clone(), any, path_contains: entry.path_contains.clone() });
    }
    let mut yields = Vec::new();
    for entry in &format.yields {
        let keep = condition(resolver.decision(&entry.keep).map_err(|error| at("yields", error))?);
        yields.push(Yield {
            dataset: entry.dataset.clone(),
            to: entry.to.clone(),
            keep: keep.unwrap_or(Condition::Any(Vec::new())),
            reason: entry.keep.reason.clone().unwrap_or_default(),
        });
    }
    let provider =
        provider(format, header, resolver.expression(&format.provider).map_err(|error| at("provider", error))?);
    let extra = extra(format, header, &all, &parts);
    let mandatory = format.mandatory.iter().filter_map(|name| names::find(header, &format.aliases, name));
    let mandatory = mandatory.map(|place| place.column().name.clone()).collect();
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
        settings,
        dates: format.dates.clone(),
        datasets,
        yields,
    })
}

/// A decision as a condition, none where it never holds.
fn condition(decision: Decision) -> Option<Condition> {
    match decision {
        Decision::Always => Some(Condition::All(Vec::new())),
        Decision::Never => None,
        Decision::When(condition) => Some(condition),
    }
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

fn notes(format: &Format, header: &Header<'_>, mapping: &Mapping) -> Vec<String> {
    let absent = format.notes.iter().filter(|note| names::find(header, &format.aliases, &note.without).is_none());
    let mut notes: Vec<String> = absent.map(|note| note.say.clone()).collect();
    if mapping.provider == Expression::Null {
        notes.push("No column names the provider: name it when loading the file.".to_owned());
    }
    for column in &mapping.columns {
        let absence = ABSENCES.iter().find(|(id, _)| *id == column.target.id && column.expression == Expression::Null);
        notes.extend(absence.map(|(_, note)| (*note).to_owned()));
    }
    notes
}
