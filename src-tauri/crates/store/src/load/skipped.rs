//! Files that were not loaded: passed over, or refused.

use std::io::Read;
use std::path::Path;

use flate2::read::MultiGzDecoder;
use serde::Serialize;
use ts_rs::TS;

use crate::StoreError;

/// Why a file was not loaded, for programs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum FileCode {
    /// Rows and columns of no known format: a mapping made by hand may load it.
    NotRecognised,
    /// No table at all: a picture, a document, a text.
    NoTable,
    /// A member of an archive that is no export.
    ArchiveMember,
    /// A manifest that names no files.
    Manifest,
    /// Part of another delivery than the one that the manifest names.
    NotInManifest,
    /// The same content as another file of the load.
    SameContent,
    /// What is in it is loaded already, byte for byte.
    AlreadyLoaded,
    /// A bill with a fault, with rows and columns all the same: a mapping made by hand may load it.
    FaultyTable,
    /// A bill that cannot be read, or not all of it.
    Faulty,
}

/// A file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SkippedFile {
    /// The file.
    pub file: String,
    /// Why, for programs.
    pub code: FileCode,
    /// Why, for a person.
    pub reason: String,
}

/// A file of a folder that cannot be loaded; the others were.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct FailedFile {
    /// The file, with the member of an archive after `!`.
    pub file: String,
    /// What kind of fault it is, for programs.
    pub code: FileCode,
    /// What is wrong and where.
    pub problem: String,
    /// What to do about it.
    pub hint: String,
}

impl FailedFile {
    /// A file that should have been loaded, at its place.
    pub(super) fn at(path: &Path, file: String, problem: String, hint: String) -> Self {
        Self { file, code: FileCode::of_failed(path), problem, hint }
    }

    /// What an error says of the file at its place.
    pub(super) fn told(error: StoreError, path: &Path) -> Self {
        let (file, problem, hint) = match error {
            StoreError::File { file, problem, hint, .. } => (file, problem, hint),
            StoreError::ReaderDied { file, how } => (
                file,
                format!("the reader stopped without an answer ({how}); the file may be damaged"),
                "Try the file again; if it happens again, export it anew.".to_owned(),
            ),
            other => (path.display().to_string(), other.to_string(), String::new()),
        };
        let whole = file == path.display().to_string();
        Self { file, code: if whole { FileCode::of_failed(path) } else { FileCode::Faulty }, problem, hint }
    }
}

impl FileCode {
    /// Of a file that is no bill.
    pub(super) fn of_unknown(path: &Path) -> Self {
        if holds_a_table(path) { Self::NotRecognised } else { Self::NoTable }
    }

    /// Of a file that should have been loaded.
    pub(super) fn of_failed(path: &Path) -> Self {
        if holds_a_table(path) { Self::FaultyTable } else { Self::Faulty }
    }
}

/// How much of a file is looked at.
const HEAD: u64 = 64 << 10;

/// Whether a file seems to have rows and columns: Parquet, JSON objects one after another, or two lines with as many fields. A
/// member of an archive is not looked at.
fn holds_a_table(path: &Path) -> bool {
    let Some(head) = head(path) else { return false };
    if head.starts_with(b"PAR1") {
        return true;
    }
    let text = String::from_utf8_lossy(&head);
    let text = text.trim_start_matches('\u{feff}').trim_start();
    if text.contains('\0') {
        return false;
    }
    if let Some(rest) = text.strip_prefix('[') {
        return rest.trim_start().starts_with('{');
    }
    if text.starts_with('{') {
        return text.lines().skip(1).any(|line| line.starts_with('{'));
    }
    [b',', b';', b'\t', b'|', 1].iter().any(|delimiter| {
        let mut reader = csv::ReaderBuilder::new()
            .delimiter(*delimiter)
            .has_headers(false)
            .flexible(true)
            .from_reader(text.as_bytes());
        let mut fields = reader.records().map(|record| record.map_or(0, |record| record.len()));
        let header = fields.next().unwrap_or(0);
        header > 1 && fields.next() == Some(header)
    })
}

/// The first bytes of a file, unpacked where it is packed alone.
fn head(path: &Path) -> Option<Vec<u8>> {
    let read = |reader: &mut dyn Read| {
        let mut head = Vec::new();
        // Of a stream that breaks off, what came counts.
        let _cut_short = reader.take(HEAD).read_to_end(&mut head);
        head
    };
    let head = read(&mut std::fs::File::open(path).ok()?);
    if head.starts_with(&[0x1f, 0x8b]) {
        return Some(read(&mut MultiGzDecoder::new(head.as_slice())));
    }
    Some(head)
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use flate2::Compression;
    use flate2::write::GzEncoder;

    use super::*;

    #[test]
    fn a_table_is_told_by_what_is_in_the_file() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("file.anything");
        let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
        packed.write_all(b"a;b\n1;2\n").unwrap();
        let packed = packed.finish().unwrap();
        let tables: [&[u8]; 7] = [
            b"date,cost\n2026-01-01,2\n",
            b"\xef\xbb\xbf\"a, b\"\tc\n1\t2\n",
            b"PAR1....",
            b"[\n {\"a\": 1}]",
            b"{\"a\": 1}\n{\"a\": 2}\n",
            b"a|b\n1|2",
            &packed,
        ];
        for table in tables {
            std::fs::write(&path, table).unwrap();
            let shown = String::from_utf8_lossy(table);
            assert_eq!(FileCode::of_unknown(&path), FileCode::NotRecognised, "{shown}");
            assert_eq!(FileCode::of_failed(&path), FileCode::FaultyTable, "{shown}");
        }
        let others: [&[u8]; 6] = [
            b"",
            b"# Bills\n\nThey come on the third, or later.\n",
            b"{\n  \"setting\": 1\n}\n",
            b"\x89PNG\r\n\x1a\n\0\0",
            b"one,line",
            b"Dear all, this is\nthe end",
        ];
        for other in others {
            std::fs::write(&path, other).unwrap();
            let shown = String::from_utf8_lossy(other);
            assert_eq!(FileCode::of_unknown(&path), FileCode::NoTable, "{shown}");
            assert_eq!(FileCode::of_failed(&path), FileCode::Faulty, "{shown}");
        }
        assert_eq!(FileCode::of_failed(&folder.path().join("a.zip!b.csv")), FileCode::Faulty, "a member is not opened");
    }
}
