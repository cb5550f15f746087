//! Small Parquet parts of one schema as one file.

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use duckdb::{Config, Connection};

use super::stage::texts;
use crate::Result;
use crate::sql::{literal, literals};

/// What a file is made of.
#[derive(Default)]
struct Shape {
    /// Its columns and their types, as a text.
    schema: Vec<u8>,
    rows: u64,
}

/// Some Parquet files, looked into: to open one takes the engine longer than to read a few hundred rows, so what it knows of them is kept.
pub(super) struct ParquetParts {
    connection: Connection,
    shapes: HashMap<PathBuf, Shape>,
}

impl ParquetParts {
    /// Looks into Parquet files; `folders` is where they may be written together.
    ///
    /// # Errors
    /// One of them is damaged.
    pub(super) fn open(files: &[&Path], folders: &[&Path]) -> Result<Self> {
        let connection = open(files, folders)?;
        let mut shapes: HashMap<PathBuf, Shape> = HashMap::new();
        let columns = format!(
            "SELECT file_name, concat_ws(' ', name, type, type_length, repetition_type, num_children, converted_type, scale, precision,
                    logical_type) FROM parquet_schema([{}])",
            list(files)
        );
        for column in texts(&connection, &columns)? {
            if let [Some(file), Some(field)] = column.as_slice() {
                let schema = &mut shapes.entry(PathBuf::from(file)).or_default().schema;
                schema.extend(field.as_bytes());
                schema.push(b'\n');
            }
        }
        let rows = format!("SELECT file_name, num_rows::VARCHAR FROM parquet_file_metadata([{}])", list(files));
        for row in texts(&connection, &rows)? {
            if let [Some(file), Some(rows)] = row.as_slice() {
                shapes.entry(PathBuf::from(file)).or_default().rows = rows.parse().unwrap_or(0);
            }
        }
        Ok(Self { connection, shapes })
    }

    /// The columns of a file and their types, as a text.
    pub(super) fn schema(&self, file: &Path) -> Option<&[u8]> {
        self.shapes.get(file).map(|shape| shape.schema.as_slice())
    }

    /// The number of rows of a file.
    pub(super) fn rows(&self, file: &Path) -> u64 {
        self.shapes.get(file).map_or(0, |shape| shape.rows)
    }

    /// Writes the rows of some of the files into one, in their order.
    pub(super) fn merge(&self, parts: &[&Path], target: &Path) -> Result<()> {
        Ok(self.connection.execute_batch(&format!(
            "COPY (SELECT * FROM read_parquet([{}])) TO {} (FORMAT parquet, COMPRESSION uncompressed);",
            list(parts),
            literal(&target.to_string_lossy())
        ))?)
    }
}

fn list(files: &[&Path]) -> String {
    let names: Vec<_> = files.iter().map(|file| file.to_string_lossy()).collect();
    literals(names.iter().map(AsRef::as_ref))
}

/// An engine that can read these files, write into those folders, and nothing else.
fn open(files: &[&Path], folders: &[&Path]) -> Result<Connection> {
    let connection = Connection::open_in_memory_with_flags(Config::default().enable_autoload_extension(false)?)?;
    connection.execute_batch(&format!(
        "SET threads = 1; SET parquet_metadata_cache = true; SET allow_community_extensions = false; SET allowed_directories = [{}];
         SET allowed_paths = [{}]; SET enable_external_access = false; SET lock_configuration = true;",
        list(folders),
        list(files)
    ))?;
    Ok(connection)
}
