//! What a CSV file looks like: its delimiter, its header and some of its rows.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::Path;

/// Delimiters that billing exports come with. The first is the rule; Hive text uses the last.
const DELIMITERS: [u8; 5] = [b',', b';', b'\t', b'|', 0x01];

/// How many data rows are looked at to recognise a file.
const SAMPLE_ROWS: usize = 200;

/// A header longer than this is none.
const HEADER_BYTES_MAX: u64 = 4 << 20;

/// The outer form of a CSV file.
pub(crate) struct CsvShape {
    pub(crate) delimiter: u8,
    pub(crate) header: Vec<String>,
    /// Up to 200 data rows; a row with another number of fields than the header is left out.
    pub(crate) rows: Vec<Vec<Option<String>>>,
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
        Some(Ok(record)) => record.iter().map(|name| name.trim().to_owned()).collect::<Vec<_>>(),
        _ => return Err("line 1 is no CSV header".to_owned()),
    };
    let rows = records
        .filter_map(Result::ok)
        .filter(|record| record.len() == header.len())
        .take(SAMPLE_ROWS)
        .map(|record| record.iter().map(|field| (!field.is_empty()).then(|| field.to_owned())).collect())
        .collect();
    Ok(CsvShape { delimiter, header, rows })
}

fn reader(text: &[u8], delimiter: u8) -> csv::Reader<&[u8]> {
    csv::ReaderBuilder::new().delimiter(delimiter).has_headers(false).flexible(true).from_reader(text)
}

/// The 1-based data row that starts at each of `offsets` (byte positions in the file, ascending); a position inside a row counts
/// as that row.
///
/// # Errors
/// A message when the file cannot be read again.
pub(crate) fn rows_at(path: &Path, delimiter: u8, offsets: &[u64]) -> Result<Vec<u64>, String> {
    let file = File::open(path).map_err(|error| format!("it cannot be read again ({error})"))?;
    let mut reader = csv::ReaderBuilder::new()
        .delimiter(delimiter)
        .has_headers(true)
        .flexible(true)
        .from_reader(BufReader::with_capacity(1 << 18, file));
    let mut found = Vec::with_capacity(offsets.len());
    let mut record = csv::ByteRecord::new();
    let mut row = 0_u64;
    reader.byte_headers().map_err(|error| error.to_string())?;
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
