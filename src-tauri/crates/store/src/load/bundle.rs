//! Reads many small parts of one table as one: to plan a mapping takes the engine longer than to read a small file.

use std::fs::File;
use std::io::{BufRead, BufReader, BufWriter, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use duckdb::Connection;

use super::parquet_parts::ParquetParts;
use super::protocol::{ReadRequest, ReadResult, ReaderMessage, StagedInput, StagedUnit};
use super::unpack::{Plain, Unpacked};
use super::{csv_shape, pieces, reader, stage, unpack};
use crate::Result;
use crate::rows;

/// Files larger than this are read each for itself: 4 MiB.
const BYTES_MAX: u64 = 4 << 20;

/// Parquet files of more rows than this are read each for itself: to write their rows into one file would take longer.
const PARQUET_ROWS_MAX: u64 = 20_000;

/// Fewer files than this are read each for itself.
const FILES_MIN: usize = 4;

/// A header is looked for in so many bytes.
const HEADER_BYTES_MAX: u64 = 1 << 20;

/// Reads what is asked for and says how it goes: neighbours with the same header together, unless something in them is odd; then each
/// for itself, so that what is odd is told of its file.
pub(crate) fn run(requests: &[ReadRequest], say: &(dyn Fn(ReaderMessage) + Sync)) {
    let parquet = parquet_parts(requests);
    let headers = headers(requests, parquet.as_ref());
    let mut rest = 0;
    while rest < requests.len() {
        let alike = headers[rest..].iter().take_while(|other| other.is_some() && **other == headers[rest]).count();
        let some = &requests[rest..rest + alike.max(1)];
        rest += some.len();
        let results = if some.len() < FILES_MIN { None } else { together(some, parquet.as_ref(), say) };
        match results {
            Some(results) => results.into_iter().for_each(|result| say(ReaderMessage::Done { result })),
            None => some.iter().for_each(|request| reader::run(request, say)),
        }
    }
}

/// The small Parquet files among those that are asked for, where they are enough to be read together and sound.
fn parquet_parts(requests: &[ReadRequest]) -> Option<ParquetParts> {
    let files = requests.iter().filter(|request| is_small(request));
    let files: Vec<&Path> =
        files.map(|request| request.file.as_path()).filter(|file| unpack::starts_with_parquet(file)).collect();
    let folders: Vec<&Path> = requests.iter().map(|request| request.staging.as_path()).collect();
    if files.len() < FILES_MIN { None } else { ParquetParts::open(&files, &folders).ok() }
}

fn is_small(request: &ReadRequest) -> bool {
    !request.look && std::fs::metadata(&request.file).is_ok_and(|data| data.len() <= BYTES_MAX)
}

/// What the columns of each small file are.
fn headers(requests: &[ReadRequest], parquet: Option<&ParquetParts>) -> Vec<Option<Vec<u8>>> {
    let header = |request: &ReadRequest| {
        let known = parquet.and_then(|parts| Some((parts.schema(&request.file)?, parts.rows(&request.file))));
        match known {
            Some((schema, rows)) => (rows <= PARQUET_ROWS_MAX).then(|| schema.to_vec()),
            None => Some(request).filter(|request| is_small(request)).and_then(header),
        }
    };
    requests.iter().map(header).collect()
}

/// The first line of a CSV file, packed or not.
fn header(request: &ReadRequest) -> Option<Vec<u8>> {
    let mut file = File::open(&request.file).ok()?;
    let mut mark = [0_u8; 2];
    file.read_exact(&mut mark).ok()?;
    file.seek(SeekFrom::Start(0)).ok()?;
    let packed = mark == [0x1f, 0x8b];
    let text: Box<dyn Read> = if packed { Box::new(flate2::read::MultiGzDecoder::new(file)) } else { Box::new(file) };
    let mut line = Vec::new();
    BufReader::new(text.take(HEADER_BYTES_MAX)).read_until(b'\n', &mut line).ok()?;
    let line = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii_end();
    let table = std::str::from_utf8(line).is_ok_and(|line| !line.contains('\0') && !line.starts_with(['{', '[']));
    (table && !line.is_empty()).then(|| line.to_vec())
}

/// The files as one table, told as one input each; none when they must be read each for itself.
fn together(
    requests: &[ReadRequest],
    parquet: Option<&ParquetParts>,
    say: &(dyn Fn(ReaderMessage) + Sync),
) -> Option<Vec<ReadResult>> {
    let first = requests.first()?;
    say(ReaderMessage::Progress { phase: "Reading".to_owned(), bytes: 0 });
    let before: Vec<_> =
        requests.iter().map(|request| reader::fingerprint(&request.file).ok()).collect::<Option<_>>()?;
    let parquet = parquet.filter(|parts| parts.schema(&first.file).is_some());
    let path = first.staging.join(if parquet.is_some() { "together.parquet" } else { "together.csv" });
    let (hashes, parts) = match parquet {
        Some(parts) => join_parquet(requests, parts, &path),
        None => join_csv(requests, &path),
    }?;
    let database = first.staging.join("together.duckdb");
    let plain = Plain { member: None, path: path.clone(), parquet: parquet.is_some() };
    let input = stage::stage(&plain, database, first).ok()?;
    let inputs = split(&path, &input, &parts)?;
    reader::discard(&path, &first.staging);
    let after: Vec<_> =
        requests.iter().map(|request| reader::fingerprint(&request.file).ok()).collect::<Option<_>>()?;
    if after != before {
        return None;
    }
    let results = inputs.into_iter().zip(hashes).zip(before).map(|((input, sha256), (bytes, _))| ReadResult {
        sha256,
        bytes,
        inputs: vec![input],
        passed_over: Vec::new(),
        manifests: Vec::new(),
    });
    Some(results.collect())
}

/// Where the rows of a part begin in the table, if it has any.
type Start = Option<u64>;

/// Where the parts lie in the table.
enum Parts {
    /// The byte at which each begins.
    Csv(Vec<Start>),
    /// The number of rows of each.
    Parquet(Vec<u64>),
}

/// Writes CSV parts into one table; gives their hashes and where they lie.
fn join_csv(requests: &[ReadRequest], path: &Path) -> Option<(Vec<String>, Parts)> {
    let mut table = BufWriter::new(File::create(path).ok()?);
    let (mut at, mut hashes, mut starts) = (0, Vec::new(), Vec::new());
    for request in requests {
        let Unpacked { sha256, plains, passed_over, manifests } =
            unpack::unpack(&request.file, &request.staging, &mut |_| {}).ok()?;
        let [Plain { member: None, path: plain, parquet: false }] = plains.as_slice() else { return None };
        if !passed_over.is_empty() || !manifests.is_empty() {
            return None;
        }
        hashes.push(sha256);
        starts.push(append(plain, &mut table, &mut at)?);
        reader::discard(plain, &request.staging);
    }
    table.flush().ok()?;
    Some((hashes, Parts::Csv(starts)))
}

/// The same of Parquet parts.
fn join_parquet(requests: &[ReadRequest], parts: &ParquetParts, path: &Path) -> Option<(Vec<String>, Parts)> {
    let hash = |request: &ReadRequest| {
        let unpacked = unpack::unpack(&request.file, &request.staging, &mut |_| {}).ok()?;
        matches!(unpacked.plains.as_slice(), [Plain { member: None, parquet: true, .. }]).then_some(unpacked.sha256)
    };
    let hashes = requests.iter().map(hash).collect::<Option<_>>()?;
    let files: Vec<&Path> = requests.iter().map(|request| request.file.as_path()).collect();
    parts.merge(&files, path).ok()?;
    Some((hashes, Parts::Parquet(files.iter().map(|file| parts.rows(file)).collect())))
}

/// Appends a part to the table, `at` bytes long so far, the header only once.
fn append(part: &Path, table: &mut BufWriter<File>, at: &mut u64) -> Option<Start> {
    let mut text = std::fs::read(part).ok()?;
    if text.last() != Some(&b'\n') {
        // As the other rows end.
        let with_return = memchr::memchr(b'\n', &text).is_some_and(|at| text[..at].ends_with(b"\r"));
        text.extend(if with_return { &b"\r\n"[..] } else { b"\n" });
    }
    let text = text.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&text);
    let body = memchr::memchr(b'\n', text)? + 1;
    if *at == 0 {
        table.write_all(&text[..body]).ok()?;
        *at = body as u64;
    }
    let rows = &text[body..];
    if rows.trim_ascii().is_empty() {
        return Some(None);
    }
    let start = *at;
    table.write_all(rows).ok()?;
    *at += rows.len() as u64;
    Some(Some(start))
}

/// What was staged as one, told file by file; none when a row of it was refused or left out, which belongs to its file.
fn split(path: &Path, input: &StagedInput, parts: &Parts) -> Option<Vec<StagedInput>> {
    let odd = input.rejected > 0
        || input.side.is_some()
        || !input.signs.names.is_empty()
        || input.excluded.iter().any(|(_, rows)| *rows > 0);
    if odd {
        return None;
    }
    let ranges = match parts {
        Parts::Csv(starts) => csv_ranges(path, starts, input.rows)?,
        Parts::Parquet(rows) => parquet_ranges(rows),
    };
    if ranges.iter().any(|(first, last)| *first > last + 1) {
        return None;
    }
    let units = units(&input.database, &input.row, &ranges).ok()??;
    let inputs = ranges.iter().zip(units).enumerate().map(|(position, (&(first, last), units))| {
        let mut part = StagedInput { rows: last + 1 - first, range: Some((first, last)), units, ..input.clone() };
        if position > 0 {
            // What is said of the table is said once.
            (part.rounded, part.tag_keys, part.notes) = (Vec::new(), Vec::new(), Vec::new());
        }
        if part.rows == 0 {
            part.notes.push(stage::NO_ROWS.to_owned());
        }
        part
    });
    Some(inputs.collect())
}

/// The first and the last row of a part; the last is before the first where there are none.
type Range = (u64, u64);

fn csv_ranges(path: &Path, starts: &[Start], rows: u64) -> Option<Vec<Range>> {
    let shape = csv_shape::look(path).ok().filter(|shape| shape.headed)?;
    let offsets: Vec<u64> = starts.iter().flatten().copied().collect();
    let mut firsts = csv_shape::rows_at(path, &shape, &offsets).ok()?.into_iter().peekable();
    let mut ranges = Vec::new();
    for start in starts {
        ranges.push(match start {
            Some(_) => {
                let first = firsts.next()?;
                (first, firsts.peek().map_or(rows, |next| next - 1))
            }
            None => (1, 0),
        });
    }
    Some(ranges)
}

fn parquet_ranges(rows: &[u64]) -> Vec<Range> {
    let mut last = 0;
    let range = |rows: &u64| {
        let first = last + 1;
        last += rows;
        (first, last)
    };
    rows.iter().map(range).collect()
}

/// The units of each range of rows; none when a value was refused.
fn units(database: &PathBuf, row: &str, ranges: &[Range]) -> Result<Option<Vec<Vec<StagedUnit>>>> {
    let connection = Connection::open(database)?;
    let refused: i64 = connection.query_row("SELECT count(*)::BIGINT FROM reject", [], |row| row.get(0))?;
    if refused > 0 {
        return Ok(None);
    }
    let mut units: Vec<Vec<StagedUnit>> = ranges.iter().map(|_| Vec::new()).collect();
    let mut statement = connection.prepare(&format!(
        "SELECT piece.label::VARCHAR, provider, coalesce(billing_account_id, ''), billing_period_start::DATE::VARCHAR,
                count(*)::VARCHAR, min(charge_period_start)::DATE::VARCHAR, max(charge_period_start)::DATE::VARCHAR
         FROM (SELECT *, {row} AS place FROM charge) AS c {}
         GROUP BY 1, 2, 3, 4 ORDER BY 1, 4, 2, 3",
        pieces::join("c.place", (0..).zip(ranges).map(|(position, range)| (*range, position)))
    ))?;
    let found: Vec<_> = statement.query_arrow([])?.collect();
    for found in rows::texts(&found)? {
        let text = |at: usize| found[at].clone().unwrap_or_default();
        let Some(units) = text(0).parse().ok().and_then(|position: usize| units.get_mut(position)) else { continue };
        units.push(StagedUnit {
            provider: text(1),
            billing_account: text(2),
            billing_period: text(3),
            rows: text(4).parse().unwrap_or(0),
            first_day: text(5),
            last_day: text(6),
        });
    }
    Ok(Some(units))
}
