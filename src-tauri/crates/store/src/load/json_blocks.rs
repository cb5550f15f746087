//! One JSON object a line, as most providers write them: laid out as a table in blocks of lines, several at a time. What is not
//! exactly so, and every fault, is left to the reader that goes through the file object by object and says what is wrong where.

use std::borrow::Cow;
use std::collections::HashMap;
use std::fs::File;
use std::io::{BufWriter, Read, Write};
use std::ops::ControlFlow;
use std::path::Path;
use std::thread;

use serde::de::IgnoredAny;

use super::json_lines::{DEPTH_MAX, JsonColumn, KEYS_MAX, OBJECT_BYTES_MAX, reply_data};

/// Read at once; a block ends with a line.
const BLOCK_BYTES: usize = 4 << 20;

/// Blocks that are worked on at the same time, at most.
const THREADS_MAX: usize = 4;

/// Why a file is not read in blocks.
#[derive(Clone, Copy)]
enum Otherwise {
    /// An object has a key that no column is for.
    UnknownKey,
    /// The file is written in another way, or there is a fault in it.
    NotLines,
}

/// Writes the objects of `source` into `target` as a CSV file with a header; none where the file is to be read object by object.
pub(super) fn to_csv(source: &Path, target: &Path) -> Option<Vec<JsonColumn>> {
    // The first block knows the keys of most files.
    let mut columns = Columns::default();
    let looked = each_blocks(source, 1, |blocks| {
        columns.meet(blocks)?;
        Ok(ControlFlow::Break(()))
    });
    let written = looked.and_then(|()| write(source, target, &mut columns));
    match written {
        Ok(()) => Some(columns.columns),
        Err(Otherwise::NotLines) => None,
        Err(Otherwise::UnknownKey) => {
            let looked = each_blocks(source, threads(), |blocks| columns.meet(blocks).map(ControlFlow::Continue));
            looked.and_then(|()| write(source, target, &mut columns)).ok()?;
            Some(columns.columns)
        }
    }
}

fn threads() -> usize {
    thread::available_parallelism().map_or(1, |threads| threads.get().min(THREADS_MAX))
}

/// Does `work` with one set of blocks after the other, as many in a set as are worked on at the same time.
fn each_blocks(
    source: &Path,
    in_a_set: usize,
    mut work: impl FnMut(&[Vec<u8>]) -> Result<ControlFlow<()>, Otherwise>,
) -> Result<(), Otherwise> {
    let mut file = File::open(source).map_err(|_| Otherwise::NotLines)?;
    let mut rest = Vec::new();
    let (mut first, mut ended) = (true, false);
    while !ended {
        let mut blocks = Vec::new();
        while blocks.len() < in_a_set && !ended {
            let mut block = std::mem::take(&mut rest);
            loop {
                let wanted = BLOCK_BYTES as u64;
                let read =
                    Read::by_ref(&mut file).take(wanted).read_to_end(&mut block).map_err(|_| Otherwise::NotLines)?;
                ended = (read as u64) < wanted;
                let Some(end) = memchr::memrchr(b'\n', &block) else {
                    if ended {
                        break;
                    }
                    if block.len() > OBJECT_BYTES_MAX {
                        return Err(Otherwise::NotLines);
                    }
                    continue;
                };
                if !ended {
                    rest = block.split_off(end + 1);
                }
                break;
            }
            if std::mem::take(&mut first) {
                if block.starts_with(b"\xef\xbb\xbf") {
                    block.drain(..3);
                }
                if reply_data(&block).is_some() {
                    return Err(Otherwise::NotLines);
                }
            }
            blocks.push(block);
        }
        if work(&blocks)?.is_break() {
            break;
        }
    }
    Ok(())
}

/// Something done with each block of a set at the same time; the results in their order.
fn at_once<R: Send>(
    blocks: &[Vec<u8>],
    work: impl Fn(&[u8]) -> Result<R, Otherwise> + Sync,
) -> Result<Vec<R>, Otherwise> {
    if let [block] = blocks {
        return Ok(vec![work(block)?]);
    }
    thread::scope(|scope| {
        let running: Vec<_> = blocks.iter().map(|block| scope.spawn(|| work(block))).collect();
        running.into_iter().map(|one| one.join().unwrap_or(Err(Otherwise::NotLines))).collect()
    })
}

/// The columns of the table, in the order in which their keys first occur.
#[derive(Default)]
struct Columns {
    columns: Vec<JsonColumn>,
    places: HashMap<String, usize>,
}

impl Columns {
    /// Takes in the keys of a set of blocks.
    fn meet(&mut self, blocks: &[Vec<u8>]) -> Result<(), Otherwise> {
        for keys in at_once(blocks, keys_of)? {
            for key in keys {
                if !self.places.contains_key(&key) {
                    self.places.insert(key.clone(), self.columns.len());
                    self.columns.push(JsonColumn { name: key, nested: false });
                }
            }
        }
        let table = (1..=KEYS_MAX).contains(&self.columns.len());
        if table { Ok(()) } else { Err(Otherwise::NotLines) }
    }

    /// The column of a key; the one that follows the last in most objects.
    fn place(&self, key: &str, likely: usize) -> Option<usize> {
        match self.columns.get(likely) {
            Some(column) if column.name == key => Some(likely),
            _ => self.places.get(key).copied(),
        }
    }
}

/// The keys of the objects of a block, in the order in which they first occur.
fn keys_of(block: &[u8]) -> Result<Vec<String>, Otherwise> {
    let mut keys: Vec<String> = Vec::new();
    for object in objects(block) {
        let mut at = 0;
        each_field(object?, |key, _| {
            let known = keys.get(at).is_some_and(|known| *known == key) || keys.iter().any(|known| *known == key);
            if !known {
                keys.push(key.into_owned());
            }
            at += 1;
            if keys.len() > KEYS_MAX { Err(Otherwise::NotLines) } else { Ok(()) }
        })?;
    }
    Ok(keys)
}

/// Rows as CSV, and which columns hold something nested.
struct Rows {
    csv: Vec<u8>,
    nested: Vec<bool>,
}

fn write(source: &Path, target: &Path, columns: &mut Columns) -> Result<(), Otherwise> {
    let not = |_| Otherwise::NotLines;
    let mut table = BufWriter::new(File::create(target).map_err(not)?);
    let mut header = csv::Writer::from_writer(Vec::new());
    header.write_record(columns.columns.iter().map(|column| column.name.as_str())).map_err(|_| Otherwise::NotLines)?;
    table.write_all(&header.into_inner().map_err(|_| Otherwise::NotLines)?).map_err(not)?;
    let mut nested = vec![false; columns.columns.len()];
    each_blocks(source, threads(), |blocks| {
        for rows in at_once(blocks, |block| rows_of(block, columns))? {
            table.write_all(&rows.csv).map_err(not)?;
            nested.iter_mut().zip(rows.nested).for_each(|(column, here)| *column |= here);
        }
        Ok(ControlFlow::Continue(()))
    })?;
    table.flush().map_err(not)?;
    columns.columns.iter_mut().zip(nested).for_each(|(column, nested)| column.nested = nested);
    Ok(())
}

fn rows_of(block: &[u8], columns: &Columns) -> Result<Rows, Otherwise> {
    let width = columns.columns.len();
    let mut nested = vec![false; width];
    let mut writer = csv::Writer::from_writer(Vec::with_capacity(block.len()));
    let mut row: Vec<Option<Cow<'_, [u8]>>> = Vec::new();
    for object in objects(block) {
        row.clear();
        row.resize(width, None);
        let mut likely = 0;
        each_field(object?, |key, value| {
            let place = columns.place(&key, likely).ok_or(Otherwise::UnknownKey)?;
            nested[place] |= matches!(value.first(), Some(b'{' | b'['));
            if row[place].replace(plain(value)?).is_some() {
                return Err(Otherwise::NotLines);
            }
            likely = place + 1;
            Ok(())
        })?;
        writer
            .write_record(row.iter().map(|field| field.as_deref().unwrap_or_default()))
            .map_err(|_| Otherwise::NotLines)?;
    }
    let csv = writer.into_inner().map_err(|_| Otherwise::NotLines)?;
    Ok(Rows { csv, nested })
}

/// The lines of a block that hold something, each one sound object.
fn objects(block: &[u8]) -> impl Iterator<Item = Result<&[u8], Otherwise>> {
    let lines = block.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii).filter(|line| !line.is_empty());
    lines.map(|line| {
        let sound = line.starts_with(b"{")
            && line.len() <= OBJECT_BYTES_MAX
            && serde_json::from_slice::<IgnoredAny>(line).is_ok();
        if sound { Ok(line) } else { Err(Otherwise::NotLines) }
    })
}

/// Goes through the keys and the raw values of an object.
fn each_field<'a>(
    object: &'a [u8],
    mut field: impl FnMut(Cow<'a, str>, &'a [u8]) -> Result<(), Otherwise>,
) -> Result<(), Otherwise> {
    // It is sound JSON, so what follows only has to find where each piece ends.
    let mut rest = object[1..].trim_ascii_start();
    while !rest.starts_with(b"}") {
        let (key, after) = rest.split_at(value_end(rest)?);
        let key = match key {
            [b'"', inner @ .., b'"'] if memchr::memchr(b'\\', inner).is_none() => {
                Cow::Borrowed(std::str::from_utf8(inner).map_err(|_| Otherwise::NotLines)?)
            }
            _ => Cow::Owned(serde_json::from_slice::<String>(key).map_err(|_| Otherwise::NotLines)?),
        };
        if key.trim().is_empty() {
            return Err(Otherwise::NotLines);
        }
        let after = after.trim_ascii_start().strip_prefix(b":").ok_or(Otherwise::NotLines)?.trim_ascii_start();
        let (value, after) = after.split_at(value_end(after)?);
        field(key, value)?;
        rest = after.trim_ascii_start();
        rest = rest.strip_prefix(b",").unwrap_or(rest).trim_ascii_start();
    }
    Ok(())
}

/// Where the value that a text begins with ends.
fn value_end(text: &[u8]) -> Result<usize, Otherwise> {
    let (mut at, mut depth) = (0, 0_usize);
    loop {
        match text.get(at) {
            Some(b'"') => at += quoted_end(&text[at..]).ok_or(Otherwise::NotLines)?,
            Some(b'{' | b'[') => {
                depth += 1;
                at += 1;
                // The object itself is the first level.
                if depth >= DEPTH_MAX {
                    return Err(Otherwise::NotLines);
                }
                continue;
            }
            Some(b'}' | b']') if depth > 0 => {
                depth -= 1;
                at += 1;
            }
            Some(_) => {
                let end = |byte: &u8| {
                    matches!(byte, b',' | b'}' | b']' | b':' | b'"' | b'{' | b'[') || byte.is_ascii_whitespace()
                };
                let length = text[at..].iter().position(end).unwrap_or(text.len() - at);
                // Inside of something nested, what separates is passed.
                at += if depth > 0 { length.max(1) } else { length };
            }
            None => return Err(Otherwise::NotLines),
        }
        if depth == 0 {
            return if at > 0 { Ok(at) } else { Err(Otherwise::NotLines) };
        }
    }
}

/// Where a quoted text ends, behind its closing quote.
fn quoted_end(text: &[u8]) -> Option<usize> {
    let mut at = 1;
    loop {
        let found = at + memchr::memchr2(b'"', b'\\', text.get(at..)?)?;
        if text[found] == b'"' {
            return Some(found + 1);
        }
        at = found + 2;
    }
}

/// A value as a field of a table: texts without quotes, numbers as written, nothing for null and for what is empty.
fn plain(value: &[u8]) -> Result<Cow<'_, [u8]>, Otherwise> {
    Ok(match value {
        [b'"', inner @ .., b'"'] if memchr::memchr(b'\\', inner).is_none() => Cow::Borrowed(inner),
        [b'"', ..] => {
            let text = serde_json::from_slice::<String>(value).map_err(|_| Otherwise::NotLines)?;
            if text.contains('\0') {
                return Err(Otherwise::NotLines);
            }
            Cow::Owned(text.into_bytes())
        }
        b"null" => Cow::Borrowed(&[]),
        [b'{' | b'[', inner @ .., _] if inner.iter().all(u8::is_ascii_whitespace) => Cow::Borrowed(&[]),
        _ => Cow::Borrowed(value),
    })
}
