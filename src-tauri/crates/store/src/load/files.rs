//! Enters the files of a load: what they are, how they were read, what was refused of them.

use duckdb::Connection;

use super::LoadOptions;
use super::commit::number;
use super::deliveries::Incoming;
use crate::{Engagement, Result, StoreError};

/// The number of the next file.
pub(super) fn next(connection: &Connection) -> Result<i64> {
    Ok(number(connection, "SELECT coalesce(max(file_id), 0)::BIGINT FROM source_file")? + 1)
}

/// Enters files under their numbers with what was refused of them, and keeps copies if they are to be kept.
pub(super) fn enter(
    connection: &Connection,
    engagement: &Engagement,
    files: &[(i64, &Incoming)],
    options: &LoadOptions,
) -> Result<()> {
    let count = |count: u64| i64::try_from(count).unwrap_or(i64::MAX);
    let json = |value: &dyn erased::Json| value.json();
    let mut table = connection.appender("source_file")?;
    for (file, one) in files {
        let (path, input) = (&one.staged.path, one.input);
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let kept = if options.keep_source { Some(keep(engagement, one, &name)?) } else { None };
        table.append_row(duckdb::params![
            file,
            name,
            input.member,
            path.to_string_lossy(),
            one.staged.result.sha256,
            count(one.staged.result.bytes),
            count(input.rows),
            count(input.rejected),
            input.format,
            input.format_version,
            json(&input.header),
            input.mapping,
            json(&input.rounded),
            json(&input.excluded),
            kept,
        ])?;
    }
    table.flush()?;
    // Of files that were staged as one table nothing was refused.
    for (file, one) in files.iter().filter(|(_, one)| one.input.range.is_none()) {
        connection.execute_batch(&format!(
            "INSERT INTO reject SELECT {file}, source_row, column_name, value, reason, kept FROM {}.reject;",
            one.alias
        ))?;
    }
    Ok(())
}

/// Serialisable values behind one reference type.
mod erased {
    /// A value that can be written as JSON text.
    pub(super) trait Json {
        /// The JSON text; plain data cannot fail to serialise.
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
        }
    }
}

/// Copies a file into `sources/` under its hash; gives the name there.
fn keep(engagement: &Engagement, one: &Incoming, name: &str) -> Result<String> {
    let folder = engagement.folder().join("sources");
    std::fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
    let kept = format!("{}-{name}", &one.staged.result.sha256);
    let target = folder.join(&kept);
    if !target.exists() {
        std::fs::copy(&one.staged.path, &target).map_err(StoreError::io(&target))?;
    }
    Ok(kept)
}
