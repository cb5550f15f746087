//! A table that was made elsewhere, as a Parquet file.

use std::path::Path;

use crate::sql::{identifier, literal};
use crate::{Engagement, Result, StoreError, Watch};

/// A column of a Parquet file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParquetColumn {
    /// Its name.
    pub name: String,
    /// What its values are.
    pub kind: ParquetType,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ParquetType {
    /// Text.
    Text,
    /// Decimals with this many digits behind the point, 38 in all.
    Decimal(u8),
}

/// Stands before every value on its way, so that an empty text and no value stay apart.
const PRESENT: &str = "=";

impl Engagement {
    /// Writes rows as a Parquet file to `path`, whole or not at all; what is there is replaced. Values are text, decimals in plain
    /// notation; every row has a value or none for each column.
    ///
    /// # Errors
    /// [`StoreError::Io`] when the disk refuses, [`StoreError::Database`] when a decimal does not fit its column.
    pub fn write_parquet(
        &self,
        columns: &[ParquetColumn],
        rows: &[Vec<Option<String>>],
        path: &Path,
        watch: &Watch,
    ) -> Result<()> {
        // The engine reaches no folder but the engagement's, so the file is made there and then put where it belongs.
        let room = tempfile::Builder::new().prefix(".export-").tempdir_in(self.folder());
        let room = room.map_err(StoreError::io(self.folder()))?;
        let (plain, made) = (room.path().join("rows.csv"), room.path().join("rows.parquet"));
        let mut writer = csv::Writer::from_path(&plain).map_err(|error| csv_error(&plain, error))?;
        for row in rows {
            let marked =
                row.iter().map(|value| value.as_ref().map_or_else(String::new, |value| format!("{PRESENT}{value}")));
            writer.write_record(marked).map_err(|error| csv_error(&plain, error))?;
        }
        writer.flush().map_err(StoreError::io(&plain))?;
        drop(writer);
        let names: Vec<String> = (0..columns.len()).map(|position| format!("c{position}")).collect();
        let read = names.iter().map(|name| format!("{}: 'VARCHAR'", literal(name))).collect::<Vec<_>>().join(", ");
        let shown = names.iter().zip(columns).map(|(name, column)| {
            let value = format!("CASE WHEN {name} = '' THEN NULL ELSE substr({name}, {}) END", PRESENT.len() + 1);
            let value = match column.kind {
                ParquetType::Text => value,
                ParquetType::Decimal(scale) => format!("CAST({value} AS DECIMAL(38, {scale}))"),
            };
            format!("{value} AS {}", identifier(&column.name))
        });
        let shown = shown.collect::<Vec<_>>().join(", ");
        let source = if rows.is_empty() {
            let nothing = names.iter().map(|name| format!("'' AS {name}")).collect::<Vec<_>>().join(", ");
            format!("(SELECT {nothing} WHERE false)")
        } else {
            format!(
                "read_csv({}, header = false, auto_detect = false, delim = ',', quote = '\"', escape = '\"', nullstr = '\\N', columns = {{{read}}})",
                literal(&plain.to_string_lossy())
            )
        };
        let target = literal(&made.to_string_lossy());
        let statement = format!("COPY (SELECT {shown} FROM {source}) TO {target} (FORMAT parquet, COMPRESSION snappy)");
        self.database.lease(watch, |connection| Ok(connection.execute_batch(&statement)?))?;
        put(&made, path)
    }
}

fn csv_error(path: &Path, error: csv::Error) -> StoreError {
    StoreError::Io { path: path.to_owned(), source: error.into() }
}

/// Moves a file to its place in one step; from another disk by a copy beside it.
fn put(made: &Path, path: &Path) -> Result<()> {
    if std::fs::rename(made, path).is_ok() {
        return Ok(());
    }
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let beside = tempfile::Builder::new().prefix(".export-").tempfile_in(folder).map_err(StoreError::io(folder))?;
    std::fs::copy(made, beside.path()).map_err(StoreError::io(path))?;
    beside.persist(path).map_err(|error| StoreError::Io { path: path.to_owned(), source: error.error })?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Definition, Limits};

    #[test]
    fn a_table_comes_back_as_it_was() {
        let folder = tempfile::tempdir().unwrap();
        let definition = Definition {
            name: "Example".to_owned(),
            currency: "USD".parse().unwrap(),
            fiscal_year_start: 1,
            tag_keys: Vec::new(),
            applicability: std::collections::BTreeMap::new(),
            settings: std::collections::BTreeMap::new(),
        };
        let engagement = Engagement::create(&folder.path().join("example"), &definition, Limits::default()).unwrap();
        let columns = [
            ParquetColumn { name: "a \"name\"".to_owned(), kind: ParquetType::Text },
            ParquetColumn { name: "cost".to_owned(), kind: ParquetType::Decimal(18) },
        ];
        let rows = vec![
            vec![
                Some("=cmd|'/C calc'!A0, \"quoted\"\nand on".to_owned()),
                Some("-1234567890123456789.000000000000000001".to_owned()),
            ],
            vec![Some(String::new()), None],
            vec![None, Some("0.5".to_owned())],
            vec![Some("\u{1f600} \u{5e9}\u{5dc}\u{5d5}\u{5dd}".to_owned()), Some("12".to_owned())],
        ];
        let file = engagement.folder().join("out.parquet");
        engagement.write_parquet(&columns, &rows, &file, &Watch::default()).unwrap();
        let text = format!("FROM read_parquet('{}')", file.display());
        let found = engagement.console(&text, 10, &Watch::default()).unwrap();
        assert_eq!(found.schema.field(0).name(), "a \"name\"");
        let back = crate::rows::texts(&found.batches).unwrap();
        assert_eq!(back[0], rows[0], "hostile text and every digit");
        assert_eq!(back[1], rows[1], "an empty text is not a missing one");
        assert_eq!(back[2][0], None);
        assert_eq!(back[3][0], rows[3][0]);
        engagement.write_parquet(&columns, &[], &file, &Watch::default()).unwrap();
        let empty = engagement.console(&text, 10, &Watch::default()).unwrap();
        assert_eq!(
            (empty.schema.fields().len(), empty.batches.iter().map(|batch| batch.num_rows()).sum::<usize>()),
            (2, 0)
        );
        let left = std::fs::read_dir(engagement.folder()).unwrap().flatten();
        assert!(
            !left
                .map(|entry| entry.file_name().to_string_lossy().into_owned())
                .any(|name| name.starts_with(".export-"))
        );
    }
}
