//! [`read`]: metric files become values that count and diagnostics for all that do not.

use std::collections::BTreeMap;

use csv::StringRecord;
use money::Amount;

use crate::diagnostic::{places, quoted};
use crate::{Diagnostic, DiagnosticKind, Metrics, Point, RowPlace, When};

/// A metric file.
#[derive(Clone, Copy, Debug)]
pub struct MetricFile<'a> {
    /// Its name, for diagnostics.
    pub name: &'a str,
    /// Its text.
    pub text: &'a str,
}

/// Why a file is no metric file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{file}: {problem}")]
pub struct ReadError {
    /// The file.
    pub file: String,
    /// What is wrong with it.
    pub problem: String,
}

/// What the columns may be called, the first one being ours.
const DATE: &[&str] = &["date", "day", "month", "period", "timestamp", "time"];
const METRIC: &[&str] = &["metric", "metric_name", "name", "measure", "kpi"];
const VALUE: &[&str] = &["value", "amount", "quantity", "count", "units"];
/// A column of this name may hold a JSON object of labels.
const LABELS: &str = "labels";

/// Holes of one series that are named; further ones are counted.
const GAPS_NAMED_MAX: usize = 20;

/// Reads metric files as one: a date that two of them give for the same metric and labels is a duplicate, too.
///
/// A file has a date (`2026-03-05` or `2026-03`), a metric and a value in each row, under any usual name of the column; all further
/// columns are labels, a column `labels` may hold them as a JSON object. Columns are separated by what is most frequent in the header of comma, semicolon and tab.
///
/// # Errors
/// [`ReadError`] when a file has no such columns. A row that cannot be read is none: it becomes a [`Diagnostic`] and does not count.
pub fn read(files: &[MetricFile<'_>]) -> Result<Metrics, ReadError> {
    let mut metrics = Metrics::default();
    for file in files {
        let rows = read_file(file, &mut metrics)?;
        metrics.rows.insert(file.name.to_owned(), rows);
    }
    refuse_duplicates(&mut metrics);
    refuse_overlaps(&mut metrics);
    refuse_sums_too_large(&mut metrics, files)?;
    metrics.points.sort_by(|left, right| {
        (&left.metric, &left.labels, left.when).cmp(&(&right.metric, &right.labels, right.when))
    });
    tell_mixed_labels(&mut metrics);
    tell_gaps(&mut metrics);
    Ok(metrics)
}

/// What separates the fields of the first line: a semicolon or a tab where there are more of them than commas.
fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |wanted: char| first.matches(wanted).count();
    if count(';') > count(',') {
        b';'
    } else if count('\t') > count(',') {
        b'\t'
    } else {
        b','
    }
}

/// Where a file keeps what.
struct Columns {
    date: usize,
    metric: usize,
    value: usize,
    /// By place, with the label's name.
    labels: Vec<(usize, String)>,
    /// The column that may hold a JSON object.
    json: Option<usize>,
    /// Columns without a name, which must be empty.
    nameless: Vec<usize>,
    count: usize,
}

impl Columns {
    fn of(header: &StringRecord) -> Result<Self, String> {
        let folded: Vec<String> = header.iter().map(folded).collect();
        let find = |names: &[&str]| {
            let place = names.iter().find_map(|name| folded.iter().position(|column| *column == self::folded(name)));
            place.ok_or_else(|| format!("there is no column `{}` (or {})", names[0], names[1..].join(", ")))
        };
        let (date, metric, value) = (find(DATE)?, find(METRIC)?, find(VALUE)?);
        let mut columns =
            Self { date, metric, value, labels: Vec::new(), json: None, nameless: Vec::new(), count: header.len() };
        for (place, name) in header.iter().enumerate().filter(|(place, _)| ![date, metric, value].contains(place)) {
            if folded[place].is_empty() {
                columns.nameless.push(place);
            } else if folded[place] == LABELS {
                columns.json = Some(place);
            } else if let Some((_, other)) =
                columns.labels.iter().find(|(_, other)| self::folded(other) == folded[place])
            {
                return Err(format!("the columns {} and {} have one name", quoted(other), quoted(name)));
            } else {
                columns.labels.push((place, name.to_owned()));
            }
        }
        Ok(columns)
    }
}

/// Letters and digits alone, in small letters.
fn folded(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// Reads one file; gives how many rows it has.
fn read_file(file: &MetricFile<'_>, metrics: &mut Metrics) -> Result<u64, ReadError> {
    let refuse = |problem: String| ReadError { file: file.name.to_owned(), problem };
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .flexible(true)
        .delimiter(delimiter(file.text))
        .from_reader(file.text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| refuse(error.to_string()))?.clone();
    let columns = Columns::of(&header).map_err(refuse)?;
    let mut rows = 0;
    for record in reader.records() {
        let record = record.map_err(|error| refuse(error.to_string()))?;
        rows += 1;
        let place = RowPlace { file: file.name.to_owned(), row: rows };
        match point(&record, &columns, &place) {
            Ok(point) => {
                if point.value.is_zero() {
                    let message = format!(
                        "{}: {} of {} is zero; it counts, and there is no cost of one of nothing",
                        places(std::slice::from_ref(&place)),
                        series(&point),
                        point.when
                    );
                    metrics.diagnostics.push(Diagnostic::new(DiagnosticKind::Zero, vec![place], message));
                }
                metrics.points.push(point);
            }
            Err((kind, problem)) => {
                let message = format!("{}: {problem}", places(std::slice::from_ref(&place)));
                metrics.diagnostics.push(Diagnostic::new(kind, vec![place], message));
            }
        }
    }
    Ok(rows)
}

/// The value that a row gives, or what is wrong with it.
fn point(record: &StringRecord, columns: &Columns, place: &RowPlace) -> Result<Point, (DiagnosticKind, String)> {
    let cell = |at: usize| record.get(at).unwrap_or_default();
    let stray = columns.nameless.iter().any(|at| !cell(*at).is_empty());
    if record.len() != columns.count || stray {
        let problem = if stray {
            "there is a value in a column without a name".to_owned()
        } else {
            format!("there are {} fields, and the header has {}", record.len(), columns.count)
        };
        return Err((DiagnosticKind::Fields, problem));
    }
    let when = When::parse(cell(columns.date)).ok_or_else(|| {
        let problem =
            format!("{} is no day such as 2026-01-31 and no month such as 2026-01", quoted(cell(columns.date)));
        (DiagnosticKind::UnknownDate, problem)
    })?;
    let metric = cell(columns.metric);
    if metric.is_empty() {
        return Err((DiagnosticKind::NoMetric, "it names no metric".to_owned()));
    }
    let written = cell(columns.value);
    let value = written.parse::<Amount>().map_err(|_| {
        let problem = if written.is_empty() {
            "there is no value".to_owned()
        } else {
            format!("{} is no number such as 1234.5", quoted(written))
        };
        (DiagnosticKind::NotANumber, problem)
    })?;
    if value.is_negative() {
        return Err((DiagnosticKind::Negative, format!("{value} is below zero, which no number of units is")));
    }
    let labels = labels(record, columns).map_err(|problem| (DiagnosticKind::Labels, problem))?;
    Ok(Point { metric: metric.to_owned(), when, value, labels, place: place.clone() })
}

fn labels(record: &StringRecord, columns: &Columns) -> Result<BTreeMap<String, String>, String> {
    let cell = |at: usize| record.get(at).unwrap_or_default();
    let mut labels = BTreeMap::new();
    for (at, name) in columns.labels.iter().filter(|(at, _)| !cell(*at).is_empty()) {
        labels.insert(name.clone(), cell(*at).to_owned());
    }
    let Some(text) = columns.json.map(cell).filter(|text| !text.is_empty()) else { return Ok(labels) };
    let unreadable = || format!("the labels {} are no JSON object of texts", quoted(text));
    let object: serde_json::Map<String, serde_json::Value> = serde_json::from_str(text).map_err(|_| unreadable())?;
    for (name, value) in object {
        let value = match value {
            serde_json::Value::String(text) if text.is_empty() => continue,
            serde_json::Value::String(text) => text,
            serde_json::Value::Number(number) => number.to_string(),
            serde_json::Value::Null => continue,
            _ => return Err(unreadable()),
        };
        if labels.insert(name.clone(), value).is_some() {
            return Err(format!("the label {} has a column and stands in the labels, too", quoted(&name)));
        }
    }
    Ok(labels)
}

/// The metric with its labels, for a sentence.
fn series(point: &Point) -> String {
    if point.labels.is_empty() {
        return quoted(&point.metric);
    }
    let labels: Vec<String> = point.labels.iter().map(|(name, value)| format!("{name} {}", quoted(value))).collect();
    format!("{} ({})", quoted(&point.metric), labels.join(", "))
}

type Series = (String, BTreeMap<String, String>);

/// Takes out every value whose metric, labels and date stand in several rows: which of them holds nobody knows, and their sum is none
/// of them.
fn refuse_duplicates(metrics: &mut Metrics) {
    let mut groups: BTreeMap<(Series, When), Vec<usize>> = BTreeMap::new();
    for (at, point) in metrics.points.iter().enumerate() {
        groups.entry(((point.metric.clone(), point.labels.clone()), point.when)).or_default().push(at);
    }
    let mut refused: Vec<Vec<usize>> = groups.into_values().filter(|rows| rows.len() > 1).collect();
    refused.sort();
    refuse(metrics, &refused, DiagnosticKind::Duplicate, |point, rows| {
        format!("{rows} give {} of {} more than once; none of them is counted", series(point), point.when)
    });
}

/// Takes out months that are given whole and by days: their sum would count the month twice.
fn refuse_overlaps(metrics: &mut Metrics) {
    use chrono::Datelike;
    let mut groups: BTreeMap<(Series, chrono::NaiveDate), Vec<usize>> = BTreeMap::new();
    for (at, point) in metrics.points.iter().enumerate() {
        let first = point.when.first();
        let first = first.with_day(1).unwrap_or(first);
        groups.entry(((point.metric.clone(), point.labels.clone()), first)).or_default().push(at);
    }
    let whole = |at: &usize| matches!(metrics.points[*at].when, When::Month(_));
    let mut refused: Vec<Vec<usize>> = groups
        .into_values()
        .filter(|rows| rows.iter().any(whole) && rows.len() > 1)
        .map(|mut rows| {
            // The month stands for the group in the message.
            rows.sort_by_key(|at| (!whole(at), *at));
            rows
        })
        .collect();
    refused.sort_by_key(|rows| rows.iter().min().copied());
    refuse(metrics, &refused, DiagnosticKind::Overlap, |point, rows| {
        format!("{rows} give {} of {} whole and by the day; none of them is counted", series(point), point.when)
    });
}

fn refuse(
    metrics: &mut Metrics,
    groups: &[Vec<usize>],
    kind: DiagnosticKind,
    message: impl Fn(&Point, &str) -> String,
) {
    if groups.is_empty() {
        return;
    }
    for group in groups {
        let rows: Vec<RowPlace> = group.iter().map(|at| metrics.points[*at].place.clone()).collect();
        let message = message(&metrics.points[group[0]], &places(&rows));
        metrics.diagnostics.push(Diagnostic::new(kind, rows, message));
    }
    let out: std::collections::BTreeSet<usize> = groups.iter().flatten().copied().collect();
    let mut at = 0;
    metrics.points.retain(|_| {
        at += 1;
        !out.contains(&(at - 1))
    });
}

/// Refuses metrics whose sum has no room, so that every later sum of some of the values has.
fn refuse_sums_too_large(metrics: &mut Metrics, files: &[MetricFile<'_>]) -> Result<(), ReadError> {
    let mut sums: BTreeMap<&str, Amount> = BTreeMap::new();
    for point in &metrics.points {
        let sum = sums.entry(&point.metric).or_default();
        *sum = sum.checked_add(point.value).map_err(|_| ReadError {
            file: files.last().map(|file| file.name.to_owned()).unwrap_or_default(),
            problem: format!("the values of {} add up to more than 38 digits", quoted(&point.metric)),
        })?;
    }
    Ok(())
}

/// Says which labels only some rows of a metric have: a total beside its parts would count twice.
fn tell_mixed_labels(metrics: &mut Metrics) {
    for info in metrics.infos() {
        for label in info.labels.iter().filter(|label| label.without > 0) {
            let message = format!(
                "{} of {} values of {} have no {}; all count, so no row may be the total of others",
                label.without,
                info.values,
                quoted(&info.name),
                quoted(&label.name)
            );
            metrics.diagnostics.push(Diagnostic::new(DiagnosticKind::MixedLabels, Vec::new(), message));
        }
    }
}

/// Says where a series has no value between others.
fn tell_gaps(metrics: &mut Metrics) {
    let mut found = Vec::new();
    for pair in metrics.points.chunk_by(|left, right| left.metric == right.metric && left.labels == right.labels) {
        let mut times: Vec<When> = pair.iter().map(|point| point.when).collect();
        times.sort_by_key(|when| when.first());
        let holes: Vec<(When, When)> =
            times.windows(2).filter(|two| two[0].end() < two[1].first()).map(|two| (two[0], two[1])).collect();
        for (before, after) in holes.iter().take(GAPS_NAMED_MAX) {
            let (from, to) = (before.end(), after.first());
            let days = (to - from).num_days();
            let last = to.pred_opt().unwrap_or(to);
            let span = match (before, after, days) {
                (When::Month(_), When::Month(_), _) => {
                    let (first, last) = (from.format("%Y-%m").to_string(), last.format("%Y-%m").to_string());
                    if first == last { format!("for {first}") } else { format!("from {first} to {last}") }
                }
                (_, _, 1) => format!("for {from}"),
                _ => format!("from {from} to {last} ({days} days)"),
            };
            found.push(Diagnostic::new(
                DiagnosticKind::Gap,
                Vec::new(),
                format!("{} has no value {span}", series(&pair[0])),
            ));
        }
        let more = holes.len().saturating_sub(GAPS_NAMED_MAX);
        if more > 0 {
            let message = format!("{} has {more} more gaps", series(&pair[0]));
            found.push(Diagnostic::new(DiagnosticKind::Gap, Vec::new(), message));
        }
    }
    metrics.diagnostics.extend(found);
}
