//! Reads one row of an export again, as the provider wrote it.

use std::fs::File;
use std::io::BufReader;
use std::path::Path;

use duckdb::Connection;

use super::{csv_shape, unpack};
use crate::SourceCell;
use crate::rows;
use crate::sql::{identifier, literal};

/// The cells of the 1-based data `row` of an export. `workshop` is a folder that what is in an archive may be unpacked into.
///
/// # Errors
/// One sentence for the analyst.
pub(crate) fn source_row(
    workshop: &Path,
    file: &Path,
    member: Option<&str>,
    row: u64,
) -> Result<Vec<SourceCell>, String> {
    let staging =
        tempfile::Builder::new().prefix(".staging-").tempdir_in(workshop).map_err(|error| error.to_string())?;
    let (_, plains) = unpack::unpack(file, staging.path(), &mut |_| {}).map_err(|unfit| unfit.problem)?;
    let plain = plains
        .into_iter()
        .find(|plain| plain.member.as_deref() == member)
        .ok_or_else(|| format!("{} has no such member any more", file.display()))?;
    if plain.parquet { parquet_row(&plain.path, row) } else { csv_row(&plain.path, row) }
}

fn csv_row(path: &Path, row: u64) -> Result<Vec<SourceCell>, String> {
    let shape = csv_shape::look(path)?;
    let file = File::open(path).map_err(|error| error.to_string())?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(shape.delimiter)
        .has_headers(true)
        .flexible(true)
        .from_reader(BufReader::with_capacity(1 << 18, file));
    let position = usize::try_from(row.saturating_sub(1)).map_err(|error| error.to_string())?;
    let record = reader
        .records()
        .nth(position)
        .ok_or_else(|| format!("{} has no row {row}", path.display()))?
        .map_err(|error| error.to_string())?;
    let values = record.iter().map(|text| Some(text.to_owned()));
    Ok(shape.header.into_iter().zip(values).map(|(column, value)| SourceCell { column, value }).collect())
}

fn parquet_row(path: &Path, row: u64) -> Result<Vec<SourceCell>, String> {
    let read = || -> crate::Result<Vec<SourceCell>> {
        let connection = Connection::open_in_memory()?;
        let file = literal(&path.to_string_lossy());
        let mut described =
            connection.prepare(&format!("SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet({file}))"))?;
        let names: Vec<String> = described.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?;
        let list = names.iter().map(|name| format!("{}::VARCHAR", identifier(name))).collect::<Vec<_>>().join(", ");
        let sql = format!(
            "SELECT {list} FROM read_parquet({file}, file_row_number = true) WHERE file_row_number = {}",
            row.saturating_sub(1)
        );
        let mut statement = connection.prepare(&sql)?;
        let batches: Vec<_> = statement.query_arrow([])?.collect();
        let values = rows::texts(&batches)?.into_iter().next().unwrap_or_default();
        Ok(names.into_iter().zip(values).map(|(column, value)| SourceCell { column, value }).collect())
    };
    read().map_err(|error| error.to_string())
}
