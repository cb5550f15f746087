//! How a file writes its days: of the ways that its format knows, the one that all its values fit.

use std::collections::HashMap;

use duckdb::Connection;
use focus::Kind;
use intake::{DateSpelling, Expression, Mapping};

use super::mapping_sql::Source;
use super::number_sql::has_item;
use super::time_sql::read_time;
use crate::rows;

/// The way that was found, and what the analyst should know of it.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) spelling: DateSpelling,
    pub(crate) note: Option<String>,
    /// Whether there is a text that reads in this way and in no other.
    only: bool,
    /// Whether only the first rows were looked at: it holds unless a later text does not read as it says.
    pub(crate) of_first_rows: bool,
}

impl Found {
    /// A way that is not chosen from several.
    fn sure(spelling: DateSpelling) -> Self {
        Self { spelling, note: None, only: false, of_first_rows: false }
    }
}

/// Rows that settle the question in most files: no other way fits them.
const FIRST_ROWS: u32 = 4_000;

/// Finds the way in which the texts behind the mapping's times are written in the relation `from`: from its first rows where only one
/// way fits them, else from all. None when there is nothing to choose.
///
/// # Errors
/// As [`choose`].
pub(crate) fn choose_early(
    connection: &Connection,
    from: &str,
    source: &Source<'_>,
    mapping: &Mapping,
) -> crate::Result<Result<Option<Found>, String>> {
    let first_rows = format!("(SELECT * FROM {from} LIMIT {FIRST_ROWS})");
    match choose(connection, &first_rows, source, mapping)? {
        Ok(Some(found)) if found.only => Ok(Ok(Some(Found { of_first_rows: true, ..found }))),
        Ok(None) => Ok(Ok(None)),
        _ => choose(connection, from, source, mapping),
    }
}

/// The same from all rows. A text that no way fits says nothing: its row is refused later.
///
/// # Errors
/// The outer one of the engine. The inner one is a message for the analyst: the values fit no single way.
pub(crate) fn choose(
    connection: &Connection,
    from: &str,
    source: &Source<'_>,
    mapping: &Mapping,
) -> crate::Result<Result<Option<Found>, String>> {
    let texts = texts(source, mapping);
    let (Some(first), true) = (mapping.dates.first(), mapping.dates.len() > 1 && !texts.is_empty()) else {
        return Ok(Ok(mapping.dates.first().map(|spelling| Found::sure(*spelling))));
    };
    let read: Vec<String> = mapping.dates.iter().map(|spelling| read_time("text", *spelling)).collect();
    let misfits: Vec<String> = read.iter().map(|read| format!("count(*) FILTER (({read}) IS NULL)::VARCHAR")).collect();
    let sql = format!(
        "SELECT min(text), {} FROM (SELECT DISTINCT unnest([{}]) AS text FROM {}) WHERE coalesce({}) IS NOT NULL",
        misfits.join(", "),
        texts.join(", "),
        source.relation(from, &HashMap::new()),
        read.join(", "),
    );
    let mut statement = connection.prepare(&sql)?;
    let batches: Vec<_> = statement.query_arrow([])?.collect();
    let row = rows::texts(&batches)?.into_iter().next().unwrap_or_default();
    let Some(Some(example)) = row.first() else {
        return Ok(Ok(Some(Found::sure(*first))));
    };
    let fits = |at: &usize| row.get(at + 1).and_then(Option::as_deref) == Some("0");
    let mut fitting = (0..mapping.dates.len()).filter(fits).map(|at| mapping.dates[at]);
    let Some(spelling) = fitting.next() else {
        let ways: Vec<&str> = mapping.dates.iter().map(|spelling| words(*spelling)).collect();
        return Ok(Err(format!(
            "its days are not all written in one of the ways {} (one is `{example}`)",
            ways.join(", ")
        )));
    };
    let other = fitting.next();
    let note = other.map(|other| {
        format!(
            "The days of the file read both as {0} and as {1} (one is `{example}`); they were taken as {0}.",
            words(spelling),
            words(other)
        )
    });
    Ok(Ok(Some(Found { spelling, note, only: other.is_none(), of_first_rows: false })))
}

/// The texts that times are read from.
fn texts(source: &Source<'_>, mapping: &Mapping) -> Vec<String> {
    let mut found = Vec::new();
    for column in mapping.columns.iter().filter(|column| column.target.kind == Kind::DateTime) {
        let mut times = Vec::new();
        leaves(&column.expression, &mut times);
        for time in times.into_iter().filter(|time| !source.is_time(time) && !has_item(time)) {
            let text = source.text(time);
            if !found.contains(&text) {
                found.push(text);
            }
        }
    }
    found
}

fn leaves<'e>(expression: &'e Expression, found: &mut Vec<&'e Expression>) {
    match expression {
        Expression::Null | Expression::Text(_) | Expression::Number(_) | Expression::NamedMonth { .. } => {}
        Expression::First(inner) => inner.iter().for_each(|one| leaves(one, found)),
        Expression::If { then, otherwise, .. } => {
            leaves(then, found);
            leaves(otherwise, found);
        }
        Expression::MonthStart(of)
        | Expression::MonthEnd(of)
        | Expression::EndExclusive(of)
        | Expression::NextDay(of) => leaves(of, found),
        leaf => found.push(leaf),
    }
}

fn words(spelling: DateSpelling) -> &'static str {
    match spelling {
        DateSpelling::Iso => "year-month-day",
        DateSpelling::MonthDayYear => "month/day/year",
        DateSpelling::DayMonthYear => "day/month/year",
        DateSpelling::DayMonthYearDots => "day.month.year",
    }
}
