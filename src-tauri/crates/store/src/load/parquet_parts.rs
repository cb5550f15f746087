//! Small Parquet parts of one schema as one file.

use std::collections::{BTreeMap, HashMap};
use std::path::{Path, PathBuf};

use duckdb::{Config, Connection};

use super::stage::texts;
use crate::Result;
use crate::sql::{literal, literals};

/// What a file is made of.
#[derive(Default)]
pub(super) struct Shape {
    /// Its columns and their types, as a text.
    pub(super) schema: Vec<u8>,
    pub(super) rows: u64,
}

/// The shape of each of some Parquet files; of none where one of them is damaged.
pub(super) fn shapes(files: &[&Path]) -> HashMap<PathBuf, Shape> {
    read_shapes(files).unwrap_or_default()
}

fn read_shapes(files: &[&Path]) -> Result<HashMap<PathBuf, Shape>> {
    let connection = open(files, None)?;
    let columns = texts(
        &connection,
        &format!(
            "SELECT file_name, concat_ws(' ', name, type, type_length, repetition_type, num_children, converted_type, scale, precision,
                    logical_type) FROM parquet_schema([{}])",
            list(files)
        ),
    )?;
    let mut found: HashMap<PathBuf, Shape> = HashMap::new();
    for column in columns {
        if let [Some(file), Some(field)] = column.as_slice() {
            let schema = &mut found.entry(PathBuf::from(file)).or_default().schema;
            schema.extend(field.as_bytes());
            schema.push(b'\n');
        }
    }
    for (file, rows) in rows(&connection, files)? {
        found.entry(PathBuf::from(file)).or_default().rows = rows;
    }
    Ok(found)
}

/// The number of rows of each file.
fn rows(connection: &Connection, files: &[&Path]) -> Result<BTreeMap<String, u64>> {
    let found = texts(
        connection,
        &format!("SELECT file_name, num_rows::VARCHAR FROM parquet_file_metadata([{}])", list(files)),
    )?;
    let rows = found.into_iter().filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
        Ok([Some(file), Some(rows)]) => Some((file, rows.parse().ok()?)),
        _ => None,
    });
    Ok(rows.collect())
}

/// Writes the rows of all parts into one file, in their order; gives the number of rows of each.
pub(super) fn merge(parts: &[&Path], target: &Path) -> Result<Vec<u64>> {
    let connection = open(parts, target.parent())?;
    connection.execute_batch(&format!(
        "COPY (SELECT * FROM read_parquet([{}])) TO {} (FORMAT parquet);",
        list(parts),
        literal(&target.to_string_lossy())
    ))?;
    let rows = rows(&connection, parts)?;
    Ok(parts.iter().map(|part| rows.get(part.to_string_lossy().as_ref()).copied().unwrap_or(0)).collect())
}

fn list(files: &[&Path]) -> String {
    let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
    literals(names.iter().map(AsRef::as_ref))
}

/// An engine that can read these files, write into that folder, and nothing else.
fn open(files: &[&Path], folder: Option<&Path>) -> Result<Connection> {
    let connection = Connection::open_in_memory_with_flags(Config::default().enable_autoload_extension(false)?)?;
    let folder = folder.map(|folder| literal(&folder.to_string_lossy())).unwrap_or_default();
    connection.execute_batch(&format!(
        "SET threads = 1; SET allow_community_extensions = false; SET allowed_directories = [{folder}];
         SET allowed_paths = [{}]; SET enable_external_access = false; SET lock_configuration = true;",
        list(files)
    ))?;
    Ok(connection)
}
