//! What a CSV file looks like: its delimiter, its header and some of its rows. Where it has no header, where else the names of its
//! columns are to be found.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufReader, Read};
use std::path::{Path, PathBuf};

use intake::ColumnOrder;

/// Delimiters that billing exports come with. The first is the rule; Hive text uses the last.
const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', HIVE];

/// What separates fields in Hive's text files, which know no quotes.
const HIVE: u8 = 0x01;

/// How many data rows are looked at to recognise a file.
const SAMPLE_ROWS: usize = 200;

/// A header longer than this is none.
const HEADER_BYTES_MAX: u64 = 4 << 20;

/// A schema beside a file is smaller than this.
const SCHEMA_BYTES_MAX: u64 = 4 << 20;

/// So many files of a folder are looked at for a schema.
const SCHEMAS_MAX: usize = 200;

/// The outer form of a CSV file.
pub(crate) struct CsvShape {
    pub(crate) delimiter: u8,
    /// The names of the columns: the first row, or from elsewhere where the file is not headed.
    pub(crate) header: Vec<String>,
    /// Whether the first row is the header.
    pub(crate) headed: bool,
    /// Up to 200 data rows; a row with another number of fields than the header is left out.
    pub(crate) rows: Vec<Vec<Option<String>>>,
}

impl CsvShape {
    /// Whether a column holds JSON objects, as far as the rows that were looked at tell.
    pub(crate) fn holds_objects(&self, place: usize) -> bool {
        let mut values = self.rows.iter().filter_map(|row| row[place].as_deref()).peekable();
        let is_object = |text: &str| {
            text.starts_with('{')
                && serde_json::from_str::<serde_json::Value>(text).is_ok_and(|value| value.is_object())
        };
        values.peek().is_some() && values.all(is_object)
    }

    /// Whether a quote at the start of a field encloses it.
    pub(crate) fn quoted(&self) -> bool {
        is_quoted(self.delimiter)
    }

    /// The same file with the first row among its data, and its columns named.
    pub(crate) fn headless(mut self, columns: Vec<String>) -> Self {
        let first = self.header.iter().map(|field| (!field.is_empty()).then(|| field.clone())).collect();
        self.rows.insert(0, first);
        self.rows.truncate(SAMPLE_ROWS);
        Self { header: told_apart(columns), headed: false, ..self }
    }

    /// The names of the columns of a file that has no header: a schema beside it, in its folder or the one above, else an order that
    /// is known and that its rows fit. `nulls` are texts that say "no value".
    ///
    /// # Errors
    /// What was looked for, in sentences for the analyst.
    pub(crate) fn order(&self, file: &Path, nulls: &[&str]) -> Result<ColumnOrder, String> {
        let fields = self.header.len();
        let mut found: Vec<(PathBuf, Vec<String>)> = Vec::new();
        for schema in schemas(file) {
            let Some(columns) = text_of(&schema).and_then(|text| intake::schema_columns(&text, fields)) else {
                continue;
            };
            if schema.extension().is_some_and(|extension| extension == "columns") {
                // Written for this file by hand: it decides.
                return Ok(ColumnOrder { title: name_of(&schema), columns });
            }
            found.push((schema, columns));
        }
        if let Some((schema, columns)) = found.first() {
            if let Some((other, _)) = found.iter().find(|(_, others)| others != columns) {
                return Err(format!(
                    "{} and {} beside it each name {fields} columns, and not the same ones.",
                    name_of(schema),
                    name_of(other)
                ));
            }
            return Ok(ColumnOrder { title: name_of(schema), columns: columns.clone() });
        }
        let value = |field: &str| (!field.is_empty() && !nulls.contains(&field)).then(|| field.to_owned());
        let first = self.header.iter().map(|field| value(field)).collect();
        let others = self.rows.iter().map(|row| row.iter().map(|field| field.as_deref().and_then(value)).collect());
        let rows: Vec<Vec<Option<String>>> = std::iter::once(first).chain(others).collect();
        if let Some(order) = intake::known_order(&rows).map_err(|error| error.to_string())? {
            return Ok(order);
        }
        let known = intake::known_titles().map_err(|error| error.to_string())?.join(", ");
        Err(format!(
            "Looked for were a schema of {fields} columns beside it (a table definition *.sql, a manifest *.json, or a list of names \
             {}.columns), and the known order of columns of {known}, which its rows do not fit.",
            name_of(file)
        ))
    }
}

/// Files that may hold the schema of another: the list made by hand first, then definitions and manifests, nearest first.
fn schemas(file: &Path) -> Vec<PathBuf> {
    let by_hand = [with_suffix(file, ".columns"), file.with_extension("columns")];
    let folder = file.parent();
    let beside = [folder, folder.and_then(Path::parent)].into_iter().flatten().flat_map(|folder| {
        let mut entries: Vec<PathBuf> =
            std::fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
        entries.retain(|path| {
            let extension = path.extension().and_then(|extension| extension.to_str()).unwrap_or_default();
            ["sql", "ddl", "hql", "json"].contains(&extension.to_ascii_lowercase().as_str())
        });
        entries.sort();
        entries.truncate(SCHEMAS_MAX);
        entries
    });
    by_hand.into_iter().chain(beside).collect()
}

fn with_suffix(file: &Path, suffix: &str) -> PathBuf {
    let mut name = file.as_os_str().to_owned();
    name.push(suffix);
    PathBuf::from(name)
}

fn text_of(schema: &Path) -> Option<String> {
    let small = std::fs::metadata(schema).is_ok_and(|data| data.is_file() && data.len() <= SCHEMA_BYTES_MAX);
    if small { std::fs::read_to_string(schema).ok() } else { None }
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Looks at the head of a file that is known to be UTF-8.
///
/// # Errors
/// A message for the analyst when there is no header to be found.
pub(crate) fn look(path: &Path) -> Result<CsvShape, String> {
    let mut head = Vec::new();
    File::open(path)
        .and_then(|file| BufReader::new(file).take(HEADER_BYTES_MAX).read_to_end(&mut head))
        .map_err(|error| format!("it cannot be read ({error})"))?;
    let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head);
    if text.iter().all(u8::is_ascii_whitespace) {
        return Err("the file is empty".to_owned());
    }
    // The delimiter that cuts the header into the most fields is the one: no other character stands that often in it.
    let fields =
        |delimiter: u8| reader(text, delimiter).records().next().and_then(Result::ok).map_or(0, |record| record.len());
    let delimiter = DELIMITERS.into_iter().rev().max_by_key(|&delimiter| fields(delimiter)).unwrap_or(b',');
    let mut records = reader(text, delimiter).into_records();
    let header = match records.next() {
        Some(Ok(record)) => told_apart(record.iter().map(|name| name.trim().to_owned()).collect()),
        _ => return Err("line 1 is no CSV header".to_owned()),
    };
    let rows = records
        .filter_map(Result::ok)
        .filter(|record| record.len() == header.len())
        .take(SAMPLE_ROWS)
        .map(|record| record.iter().map(|field| (!field.is_empty()).then(|| field.to_owned())).collect())
        .collect();
    Ok(CsvShape { delimiter, header, headed: true, rows })
}

/// Names that differ in case alone are one name to the engine: the later one is marked. Equal names stay equal, and are refused.
fn told_apart(names: Vec<String>) -> Vec<String> {
    let mut seen: BTreeMap<String, Vec<String>> = BTreeMap::new();
    let mark = |name: String| {
        let twins = seen.entry(name.to_ascii_lowercase()).or_default();
        let place = twins.iter().position(|twin| *twin == name).unwrap_or_else(|| {
            twins.push(name.clone());
            twins.len() - 1
        });
        name + &intake::TWIN.to_string().repeat(place)
    };
    names.into_iter().map(mark).collect()
}

fn reader(text: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .quoting(is_quoted(delimiter))
        .has_headers(false)
        .flexible(true)
        .from_reader(text)
}

fn is_quoted(delimiter: u8) -> bool {
    delimiter != HIVE
}

/// The 1-based data row that starts at each of `offsets` (byte positions in the file, ascending); a position inside a row counts
/// as that row.
///
/// # Errors
/// A message when the file cannot be read again.
pub(crate) fn rows_at(path: &Path, shape: &CsvShape, offsets: &[u64]) -> Result<Vec<u64>, String> {
    let file = File::open(path).map_err(|error| format!("it cannot be read again ({error})"))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(shape.delimiter)
        .quoting(shape.quoted())
        .has_headers(shape.headed)
        .flexible(true)
        .from_reader(BufReader::with_capacity(1 << 18, file));
    let mut found = Vec::with_capacity(offsets.len());
    let mut record = csv::ByteRecord::new();
    let mut row = 0_u64;
    if shape.headed {
        reader.byte_headers().map_err(|error| error.to_string())?;
    }
    let mut wanted = offsets.iter().peekable();
    while wanted.peek().is_some() && reader.read_byte_record(&mut record).map_err(|error| error.to_string())? {
        row += 1;
        let end = reader.position().byte();
        while wanted.next_if(|&&offset| offset < end).is_some() {
            found.push(row);
        }
    }
    found.resize(offsets.len(), row);
    Ok(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(names: &[&str]) -> Vec<String> {
        told_apart(names.iter().map(|name| (*name).to_owned()).collect())
    }

    #[test]
    fn names_that_differ_in_case_alone_are_told_apart() {
        assert_eq!(names(&["env", "Env", "ENV", "x"]), ["env", "Env\u{2060}", "ENV\u{2060}\u{2060}", "x"]);
        let equal = names(&["env", "Env", "env", "Env"]);
        assert_eq!(equal, ["env", "Env\u{2060}", "env", "Env\u{2060}"], "equal names are left to be refused");
    }

    #[test]
    fn hive_text_knows_no_quotes() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("000000_0");
        std::fs::write(&file, "a\u{1}b\u{1}c\n\"x\u{1}1\u{1}\\N\ny\"z\u{1}\"\"\u{1}2\n").unwrap();
        let shape = look(&file).unwrap();
        assert_eq!((shape.delimiter, shape.quoted(), shape.rows.len()), (HIVE, false, 2));
        assert_eq!(shape.rows[0][0].as_deref(), Some("\"x"), "a quote is a character like any other");
        let found = rows_at(&file, &shape, &[6, 14]).unwrap();
        assert_eq!(found, [1, 2], "and encloses no line end");
    }

    #[test]
    fn without_a_header_every_row_is_a_row() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("data.csv");
        std::fs::write(&file, "1,x\n2,y\n").unwrap();
        let shape = look(&file).unwrap();
        let refusal = shape.order(&file, &[]).unwrap_err();
        assert!(refusal.contains("2 columns") && refusal.contains("data.csv.columns"), "{refusal}");
        std::fs::write(folder.path().join("data.csv.columns"), "number\nletter\n").unwrap();
        let order = shape.order(&file, &[]).unwrap();
        assert_eq!(
            (order.title.as_str(), order.columns.as_slice()),
            ("data.csv.columns", &["number", "letter"].map(str::to_owned)[..])
        );
        let shape = shape.headless(order.columns);
        assert_eq!(shape.rows.len(), 2, "the first one too");
        assert_eq!(rows_at(&file, &shape, &[0, 4]).unwrap(), [1, 2]);
    }
}
