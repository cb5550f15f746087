//! [`ApiError`]: what a front door tells a person.

use serde::Serialize;
use serde_json::{Value, json};
use store::StoreError;

/// An error at the edge. `code` exists for programs that branch on it; `message` says what happened and where, `hint` what to do.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct ApiError {
    /// A stable word.
    pub code: String,
    /// What happened, to which file and row.
    pub message: String,
    /// What to do about it; empty where there is nothing.
    pub hint: String,
    /// More for programs; null where there is nothing.
    #[ts(type = "unknown")]
    pub details: Value,
}

impl ApiError {
    /// An error without details.
    pub fn new(code: &str, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { code: code.to_owned(), message: message.into(), hint: hint.into(), details: Value::Null }
    }

    pub(crate) fn no_engagement() -> Self {
        Self::new("no_engagement", "no engagement is open", "Open one, or make one with `qd new`.")
    }

    pub(crate) fn bad_request(error: &serde_json::Error) -> Self {
        Self::new("bad_request", format!("the request cannot be read: {error}"), "")
    }
}

impl std::fmt::Display for ApiError {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(&self.message)
    }
}

impl std::error::Error for ApiError {}

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        let message = error.to_string();
        let (code, hint, details) = match &error {
            StoreError::NotAnEngagement { .. } => ("not_an_engagement", "", Value::Null),
            StoreError::CannotCreate { .. } => ("cannot_create", "Choose a new or an empty folder.", Value::Null),
            StoreError::Locked { .. } => ("locked", "Close it there, then try again.", Value::Null),
            StoreError::Definition { .. } => {
                ("definition", "Mend the file and open the engagement again.", Value::Null)
            }
            StoreError::Newer { .. } => ("newer", "", Value::Null),
            StoreError::File { file, code, hint, .. } => ("file", hint.as_str(), json!({ "file": file, "code": code })),
            StoreError::ReaderDied { file, .. } => {
                ("reader_died", "Try the file again; if it happens again, export it anew.", json!({ "file": file }))
            }
            StoreError::NothingToLoad { files, .. } => (
                "nothing_to_load",
                "Give CSV, CSV.gz, zip, tar or Parquet exports, a manifest, or a folder of them.",
                json!(files),
            ),
            StoreError::Cancelled => ("cancelled", "", Value::Null),
            StoreError::NotReadOnly { .. } => ("not_read_only", "Write one SELECT.", Value::Null),
            StoreError::Statement { suggestion, place, .. } => (
                "statement",
                suggestion.as_str(),
                place.map_or(Value::Null, |(line, column)| json!({ "line": line, "column": column })),
            ),
            StoreError::NotFound { .. } => ("not_found", "", Value::Null),
            StoreError::Mapping { hint, .. } => ("mapping", hint.as_str(), Value::Null),
            StoreError::DiskFull { .. } => {
                ("disk_full", "Free some space and try again; nothing was changed.", Value::Null)
            }
            StoreError::Io { source, .. }
                if matches!(
                    source.kind(),
                    std::io::ErrorKind::StorageFull
                        | std::io::ErrorKind::QuotaExceeded
                        | std::io::ErrorKind::FileTooLarge
                ) =>
            {
                ("disk_full", "Free some space and try again; nothing was changed.", Value::Null)
            }
            StoreError::Io { source, .. }
                if matches!(
                    source.kind(),
                    std::io::ErrorKind::PermissionDenied | std::io::ErrorKind::ReadOnlyFilesystem
                ) =>
            {
                ("permission", "Choose a folder that may be written to.", Value::Null)
            }
            StoreError::Io { .. } => ("io", "Check the path.", Value::Null),
            StoreError::Database { .. } | StoreError::Unexpected { .. } => ("database", "", Value::Null),
        };
        Self { code: code.to_owned(), hint: hint.to_owned(), details, message }
    }
}

impl From<money::AmountError> for ApiError {
    fn from(error: money::AmountError) -> Self {
        Self::new("internal", error.to_string(), "Ask for less at once.")
    }
}

impl From<query::QueryError> for ApiError {
    fn from(error: query::QueryError) -> Self {
        let hint = error.hint().unwrap_or_default().to_owned();
        let code = match error {
            query::QueryError::NothingLoaded => "nothing_loaded",
            // The question is sound; that it has no answer is a fault of ours or of the figures.
            query::QueryError::ResultShape { .. }
            | query::QueryError::PartsDiffer { .. }
            | query::QueryError::Amount(_) => "internal",
            _ => "question",
        };
        Self::new(code, error.to_string(), hint)
    }
}

impl From<report::ReportError> for ApiError {
    fn from(error: report::ReportError) -> Self {
        Self::new("pack", error.to_string(), "")
    }
}
