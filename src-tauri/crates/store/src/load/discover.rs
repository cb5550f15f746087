//! Finds the files of a delivery: what was named, and what lies in the folders that were named.

use std::path::{Path, PathBuf};

use crate::{Result, StoreError};

/// A file to load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    pub(crate) path: PathBuf,
    /// Named by the analyst, not found in a folder: if it is no bill, that is an error and not something to pass over.
    pub(crate) named: bool,
    pub(crate) bytes: u64,
}

/// All files under `paths`, sorted by path, hidden ones left out, each once.
///
/// # Errors
/// [`StoreError::Io`] when a path is not there or may not be read, [`StoreError::File`] when one is neither file nor folder, or
/// has a name that is no text.
pub(crate) fn discover(paths: &[PathBuf]) -> Result<Vec<Found>> {
    let mut found = Vec::new();
    for path in paths {
        let data = std::fs::metadata(path).map_err(StoreError::io(path))?;
        if data.is_dir() {
            walk(path, 0, &mut found)?;
        } else if !data.is_file() {
            return Err(StoreError::File {
                file: path.display().to_string(),
                problem: "this is a pipe or a device, and a bill is read more than once".to_owned(),
                hint: "Write it to a file and load that.".to_owned(),
            });
        } else {
            found.push(Found { path: path.clone(), named: true, bytes: data.len() });
        }
    }
    if let Some(odd) = found.iter().find(|file| file.path.to_str().is_none()) {
        return Err(StoreError::File {
            file: odd.path.display().to_string(),
            problem: "the file's name is not UTF-8 text".to_owned(),
            hint: "Give it another name.".to_owned(),
        });
    }
    found.sort_by(|left, right| left.path.cmp(&right.path).then(right.named.cmp(&left.named)));
    found.dedup_by(|later, earlier| later.path == earlier.path);
    Ok(found)
}

/// Folders nested deeper than this are a loop of links.
const DEPTH_MAX: usize = 32;

fn walk(folder: &Path, depth: usize, found: &mut Vec<Found>) -> Result<()> {
    for entry in std::fs::read_dir(folder).map_err(StoreError::io(folder))? {
        let entry = entry.map_err(StoreError::io(folder))?;
        let path = entry.path();
        if entry.file_name().to_string_lossy().starts_with('.') {
            continue;
        }
        let data = std::fs::metadata(&path).map_err(StoreError::io(&path))?;
        if data.is_dir() {
            if depth < DEPTH_MAX {
                walk(&path, depth + 1, found)?;
            }
        } else if data.is_file() {
            found.push(Found { path, named: false, bytes: data.len() });
        }
    }
    Ok(())
}
