//! The source relation: a table of CSV, JSON or Parquet as the engine reads it, before anything is known of what it means.

use std::path::{Path, PathBuf};

use duckdb::Connection;
use intake::{DateSpelling, Mapping, Sample, SourceColumn, SourceKind};

use super::csv_shape::{self, CsvShape};
use super::json_lines::JsonColumn;
use super::mapping_sql::Source;
use super::refusing::unfit;
use super::stage::texts;
use super::unpack::{Plain, Unfit};
use super::{dates, json_lines};
use crate::sql::{identifier, literal, literals};
use crate::{DecimalType, Result, StoreError};

/// The source relation: how to select from it, and what its columns are.
pub(super) struct Relation {
    pub(super) columns: Vec<SourceColumn>,
    /// SQL of the relation.
    pub(super) from: String,
    /// SQL of the 1-based source row within the relation, where it has one.
    pub(super) row: Option<&'static str>,
    pub(super) csv: Option<CsvShape>,
    pub(super) sample: Vec<Vec<Option<String>>>,
}

impl Relation {
    /// The relation of an unpacked file, and where it lies: JSON is laid out as a table beside the staging `database` first.
    ///
    /// # Errors
    /// What the file is, when it is no table.
    pub(super) fn of(connection: &Connection, plain: &Plain, database: &Path) -> Result<(Self, PathBuf), Unfit> {
        if plain.parquet {
            return Ok((parquet(connection, &plain.path)?, plain.path.clone()));
        }
        match json_table(&plain.path, database)? {
            Some((path, columns)) => Ok((csv(&path)?.with_json(&columns), path)),
            None => Ok((csv(&plain.path)?, plain.path.clone())),
        }
    }

    /// The same with what is known of a table that was made from JSON.
    fn with_json(mut self, columns: &[JsonColumn]) -> Self {
        for column in &mut self.columns {
            if columns.iter().any(|known| known.nested && known.name == column.name) {
                column.kind = SourceKind::Json;
            }
        }
        self
    }
}

/// A file of JSON laid out as a table beside the staging database: where, and its columns. None for any other text.
fn json_table(path: &Path, database: &Path) -> Result<Option<(PathBuf, Vec<JsonColumn>)>, Unfit> {
    if !json_lines::is_json(path) {
        return Ok(None);
    }
    let table = database.with_extension("csv");
    let columns = json_lines::to_csv(path, &table).map_err(|broken| Unfit {
        // Settings and manifests are JSON too; a bill that is cut short is none of them.
        not_a_bill: intake::recognise(&Sample { columns: &text_columns(&broken.columns), rows: &[] }).is_err(),
        ..unfit(broken.problem, "Export it again as one JSON object a line, or as an array of objects.")
    })?;
    Ok(Some((table, columns)))
}

fn text_columns(columns: &[JsonColumn]) -> Vec<SourceColumn> {
    let kind = |column: &JsonColumn| if column.nested { SourceKind::Json } else { SourceKind::Text };
    columns.iter().map(|column| SourceColumn { name: column.name.clone(), kind: kind(column) }).collect()
}

/// How the days of a file are written.
pub(super) struct SettledDates {
    /// What the analyst should know of it.
    pub(super) note: Option<String>,
    /// The ways there were to choose from, if only the first rows were looked at.
    pub(super) unchecked: Vec<DateSpelling>,
}

/// Leaves the one way to write days that the file has in the mapping.
pub(super) fn settle_dates(
    connection: &Connection,
    relation: &Relation,
    mapping: &mut Mapping,
) -> Result<Result<SettledDates, Unfit>> {
    let found = {
        let source = Source::new(&relation.columns, mapping, relation.csv.is_some());
        dates::choose_early(connection, &relation.from, &source, mapping)?
    };
    Ok(match found {
        Ok(None) => Ok(SettledDates { note: None, unchecked: Vec::new() }),
        Ok(Some(found)) => {
            let ways = std::mem::replace(&mut mapping.dates, vec![found.spelling]);
            Ok(SettledDates { note: found.note, unchecked: if found.of_first_rows { ways } else { Vec::new() } })
        }
        Err(problem) => Err(differently_written(problem)),
    })
}

/// Looks at all rows whether their days are written in one of several ways.
pub(super) fn check_dates(
    connection: &Connection,
    relation: &Relation,
    mapping: &Mapping,
    ways: Vec<DateSpelling>,
) -> Result<Result<(), Unfit>> {
    let mapping = Mapping { dates: ways, ..mapping.clone() };
    let source = Source::new(&relation.columns, &mapping, relation.csv.is_some());
    let found = dates::choose(connection, &relation.from, &source, &mapping)?;
    Ok(found.map(|_| ()).map_err(differently_written))
}

fn differently_written(problem: String) -> Unfit {
    unfit(problem, "Export it again with all days written in one way.")
}

fn csv(path: &Path) -> Result<Relation, Unfit> {
    Ok(csv_relation(csv_shape::look(path).map_err(|problem| unfit(problem, "Export it again."))?))
}

pub(super) fn csv_relation(shape: CsvShape) -> Relation {
    let kind = |place| if shape.holds_objects(place) { SourceKind::Json } else { SourceKind::Text };
    let names = shape.header.iter().enumerate();
    let columns = names.map(|(place, name)| SourceColumn { name: name.clone(), kind: kind(place) }).collect();
    let sample = shape.rows.clone();
    Relation { columns, from: String::new(), row: None, csv: Some(shape), sample }
}

/// A row longer than this is refused: 16 MiB.
const LINE_BYTES_MAX: u32 = 16 << 20;

/// The reader's buffer: the longest line. Without it DuckDB takes sixteen of them, a quarter of a gigabyte for each thread.
const BUFFER_BYTES: u32 = LINE_BYTES_MAX;

/// The call that reads a CSV file as text, with rows of the wrong shape set aside.
pub(super) fn read_csv(path: &Path, shape: &CsvShape, null_tokens: &[String]) -> String {
    let columns: Vec<String> = shape.header.iter().map(|name| format!("{}: 'VARCHAR'", literal(name))).collect();
    let quote = literal(if shape.quoted() { "\"" } else { "" });
    let tokens = std::iter::once("").chain(null_tokens.iter().map(String::as_str).filter(|token| !token.is_empty()));
    format!(
        "read_csv({}, auto_detect = false, header = {}, delim = {}, quote = {quote}, escape = {quote}, nullstr = [{}], \
         strict_mode = true, null_padding = false, store_rejects = true, rejects_limit = 0, max_line_size = {LINE_BYTES_MAX}, \
         buffer_size = {BUFFER_BYTES}, \
         columns = {{{}}})",
        literal(&path.to_string_lossy()),
        shape.headed,
        literal(&char::from(shape.delimiter).to_string()),
        literals(tokens),
        columns.join(", ")
    )
}

fn parquet(connection: &Connection, path: &Path) -> Result<Relation, Unfit> {
    let file = literal(&path.to_string_lossy());
    let from = format!("read_parquet({file}, file_row_number = true)");
    let broken =
        |error: StoreError| unfit(format!("the Parquet file is damaged or cut short ({error})"), "Download it again.");
    let described = texts(
        connection,
        &format!("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet({file}))"),
    )
    .map_err(broken)?;
    let columns: Vec<SourceColumn> = described
        .into_iter()
        .filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
            Ok([Some(name), Some(kind)]) => Some(SourceColumn { name, kind: source_kind(&kind) }),
            _ => None,
        })
        .collect();
    let list =
        columns.iter().map(|column| format!("{}::VARCHAR", identifier(&column.name))).collect::<Vec<_>>().join(", ");
    let sample = texts(connection, &format!("SELECT {list} FROM read_parquet({file}) LIMIT 200")).map_err(broken)?;
    Ok(Relation { columns, from, row: Some("file_row_number + 1"), csv: None, sample })
}

fn source_kind(kind: &str) -> SourceKind {
    match kind {
        "VARCHAR" => SourceKind::Text,
        "BOOLEAN" => SourceKind::Boolean,
        "DATE" => SourceKind::Date,
        "FLOAT" | "DOUBLE" => SourceKind::Float,
        "TINYINT" | "SMALLINT" | "INTEGER" | "BIGINT" | "HUGEINT" | "UTINYINT" | "USMALLINT" | "UINTEGER"
        | "UBIGINT" => SourceKind::Integer,
        _ if kind.starts_with("TIMESTAMP") => SourceKind::Timestamp,
        _ if kind.starts_with("DECIMAL") => {
            SourceKind::Decimal { scale: DecimalType::parse(kind).map_or(0, |decimal| decimal.scale) }
        }
        _ if kind.ends_with(']') || kind.starts_with("MAP") || kind.starts_with("STRUCT") => SourceKind::Map,
        _ => SourceKind::Other,
    }
}
