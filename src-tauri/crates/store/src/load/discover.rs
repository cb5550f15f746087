//! Finds the files of a delivery: what was named, and what lies in the folders that were named.

use std::path::{Path, PathBuf};

use super::FileCode;
use crate::{Result, StoreError};

/// A file to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Named by the analyst, not found in a folder: if it is no bill, that is an error and not something to pass over.
    pub(crate) named: bool,
    pub(crate) bytes: u64,
    /// The delivery of a manifest that it is part of.
    pub(crate) delivery: Option<usize>,
}

/// What lies under some paths.
#[derive(Debug, Default)]
pub(crate) struct Lying {
    /// Sorted by path, each once.
    pub(crate) files: Vec<Found>,
    /// What lies in a folder and cannot be read: the path and why.
    pub(crate) odd: Vec<(PathBuf, String)>,
}

/// All files under `paths`, hidden ones left out.
///
/// # Errors
/// [`StoreError::Io`] when a path is not there or may not be read, [`StoreError::File`] when one is neither file nor folder, or
/// has a name that is no text.
pub(crate) fn discover(paths: &[PathBuf]) -> Result<Lying> {
    let mut found = Lying::default();
    for path in paths {
        let data = std::fs::metadata(path).map_err(StoreError::io(path))?;
        let refused = |problem: &str, hint: &str| {
            Err(StoreError::File {
                file: path.display().to_string(),
                code: FileCode::Faulty,
                problem: problem.to_owned(),
                hint: hint.to_owned(),
            })
        };
        if path.to_str().is_none() {
            return refused(NO_TEXT, "Give it another name.");
        }
        if data.is_dir() {
            std::fs::read_dir(path).map_err(StoreError::io(path))?;
            walk(path, 0, &mut found);
        } else if !data.is_file() {
            return refused(
                "this is a pipe or a device, and a bill is read more than once",
                "Write it to a file and load that.",
            );
        } else {
            found.files.push(Found { path: path.clone(), named: true, bytes: data.len(), delivery: None });
        }
    }
    found.files.sort_by(|left, right| left.path.cmp(&right.path).then(right.named.cmp(&left.named)));
    found.files.dedup_by(|later, earlier| later.path == earlier.path);
    found.odd.sort();
    Ok(found)
}

const NO_TEXT: &str = "the file's name is not UTF-8 text";

/// Folders nested deeper than this are a loop of links.
const DEPTH_MAX: usize = 32;

fn walk(folder: &Path, depth: usize, found: &mut Lying) {
    let entries = match std::fs::read_dir(folder).and_then(Iterator::collect::<std::io::Result<Vec<_>>>) {
        Ok(entries) => entries,
        Err(error) => return found.odd.push((folder.to_owned(), error.to_string())),
    };
    for entry in entries {
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        match std::fs::metadata(&path) {
            Ok(data) if data.is_dir() && depth < DEPTH_MAX => walk(&path, depth + 1, found),
            Ok(data) if data.is_file() && path.to_str().is_none() => found.odd.push((path, NO_TEXT.to_owned())),
            Ok(data) if data.is_file() => {
                found.files.push(Found { path, named: false, bytes: data.len(), delivery: None });
            }
            Ok(_) => {}
            Err(error) => found.odd.push((path, error.to_string())),
        }
    }
}
