//! Reads one row of an export again, as the provider wrote it.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use duckdb::Connection;

use super::{csv_shape, json_lines, unpack};
use crate::SourceCell;
use crate::rows;
use crate::sql::{identifier, literal};

/// The cells of the 1-based data `row` of an export. `workshop` is a folder that what is in an archive may be unpacked into;
/// `columns` are the names that the file was loaded with: one without a header has them from elsewhere.
///
/// # Errors
/// One sentence for the analyst.
pub(crate) fn source_row(
    workshop: &Path,
    file: &Path,
    member: Option<&str>,
    columns: &[String],
    row: u64,
) -> Result<Vec<SourceCell>, String> {
    let staging =
        tempfile::Builder::new().prefix(".staging-").tempdir_in(workshop).map_err(|error| error.to_string())?;
    let plain = unpack::plains(file, staging.path())
        .map_err(|unfit| unfit.problem)?
        .into_iter()
        .find(|plain| plain.member.as_deref() == member)
        .ok_or_else(|| format!("{} has no such member any more", file.display()))?;
    if plain.parquet {
        parquet_row(&plain.path, row)
    } else if json_lines::is_json(&plain.path) {
        json_row(&plain.path, row)
    } else {
        csv_row(&plain.path, columns, row)
    }
}

fn json_row(path: &Path, row: u64) -> Result<Vec<SourceCell>, String> {
    let fields = json_lines::row_of(path, row)?;
    Ok(fields.into_iter().map(|(column, value)| SourceCell { column, value }).collect())
}

fn csv_row(path: &Path, columns: &[String], row: u64) -> Result<Vec<SourceCell>, String> {
    let shape = csv_shape::look(path)?;
    let other_names = shape.header.len() == columns.len() && shape.header != columns;
    let shape = if other_names { shape.headless(columns.to_vec()) } else { shape };
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(shape.delimiter)
        .quoting(shape.quoted())
        .has_headers(shape.headed)
        .flexible(true)
        .from_reader(BufReader::with_capacity(1 << 18, file));
    let position = usize::try_from(row.saturating_sub(1)).map_err(|error| error.to_string())?;
    let record = reader
        .records()
        .nth(position)
        .ok_or_else(|| format!("{} has no row {row}", path.display()))?
        .map_err(|error| error.to_string())?;
    let values = record.iter().map(|text| Some(text.to_owned()));
    let names = shape.header.into_iter().map(|name| name.trim_end_matches(intake::TWIN).to_owned());
    Ok(names.zip(values).map(|(column, value)| SourceCell { column, value }).collect())
}

fn parquet_row(path: &Path, row: u64) -> Result<Vec<SourceCell>, String> {
    let read = || -> crate::Result<Vec<SourceCell>> {
        let connection = Connection::open_in_memory()?;
        let file = literal(&path.to_string_lossy());
        let mut described = connection
            .prepare(&format!("SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM read_parquet({file}))"))?;
        let columns: Vec<(String, String)> =
            described.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<Result<_, _>>()?;
        let texts = columns.iter().map(|(name, kind)| {
            let nested = ["STRUCT", "MAP"].iter().any(|start| kind.starts_with(start)) || kind.ends_with(']');
            let column = identifier(name);
            if nested { format!("to_json({column})::VARCHAR") } else { format!("{column}::VARCHAR") }
        });
        let list = texts.collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {list} FROM read_parquet({file}, file_row_number = true) WHERE file_row_number = {}",
            row.saturating_sub(1)
        );
        let mut statement = connection.prepare(&sql)?;
        let batches: Vec<_> = statement.query_arrow([])?.collect();
        let values = rows::texts(&batches)?.into_iter().next().unwrap_or_default();
        Ok(columns.into_iter().zip(values).map(|((column, _), value)| SourceCell { column, value }).collect())
    };
    read().map_err(|error| error.to_string())
}
