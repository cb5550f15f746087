//! Small text files that the analyst gives and the engagement keeps by name: tables of rates, business metrics.

use std::path::Path;

/// The text of a file, or what is wrong with it in a few words.
pub(crate) fn read(path: &Path, bytes_max: u64, kind: &str) -> Result<String, String> {
    let size = std::fs::metadata(path).map_err(|error| error.to_string())?.len();
    if size > bytes_max {
        return Err(format!("it is too large for {kind}"));
    }
    std::fs::read_to_string(path).map_err(|error| error.to_string())
}

/// Whether a name can be a file's stem: never a path.
pub(crate) fn is_name(name: &str) -> bool {
    !name.trim().is_empty()
        && name.len() <= 80
        && name.chars().all(|letter| letter.is_alphanumeric() || "-_ ".contains(letter))
}
