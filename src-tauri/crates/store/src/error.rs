//! What can go wrong in the store, told so that a person can act on it.

use std::path::PathBuf;

/// An error of the store. Each message says what happened, to which file and row, and what to do.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    /// The folder is not an engagement.
    #[error("{path} is not an engagement: it has no engagement.toml; make one with `qd new`")]
    NotAnEngagement {
        /// The folder.
        path: PathBuf,
    },
    /// The folder already is an engagement, or holds something else.
    #[error("{path} cannot become an engagement: {reason}")]
    CannotCreate {
        /// The folder.
        path: PathBuf,
        /// Why not.
        reason: String,
    },
    /// Another process has the engagement open.
    #[error("the engagement {path} is open in another program{holder}; close it there first")]
    Locked {
        /// The folder.
        path: PathBuf,
        /// ` (process 123)` where it is known.
        holder: String,
    },
    /// engagement.toml or another definition cannot be read.
    #[error("{path} cannot be read: {reason}")]
    Definition {
        /// The file.
        path: PathBuf,
        /// Why.
        reason: String,
    },
    /// The engagement was written by a newer Quarterdeck.
    #[error(
        "the engagement {path} was written by a newer version (schema {found}, this one knows {known}); update Quarterdeck"
    )]
    Newer {
        /// The folder.
        path: PathBuf,
        /// The schema version in the file.
        found: i64,
        /// The schema version of this program.
        known: i64,
    },
    /// A file of a delivery cannot be loaded; nothing was changed.
    #[error("{file}: {problem}")]
    File {
        /// The file, with the member of an archive after `!`.
        file: String,
        /// What kind of fault it is, for programs.
        code: crate::FileCode,
        /// What is wrong and where.
        problem: String,
        /// What to do about it.
        hint: String,
    },
    /// The reading child died; nothing was changed.
    #[error("{file}: the reader stopped without an answer ({how}); the file may be damaged, nothing was changed")]
    ReaderDied {
        /// The file.
        file: String,
        /// The exit status or signal, and the last words on stderr.
        how: String,
    },
    /// There was nothing to load.
    #[error("nothing to load in {paths}")]
    NothingToLoad {
        /// The paths as given.
        paths: String,
        /// What was found and why it was passed over.
        files: Vec<crate::SkippedFile>,
    },
    /// The work was cancelled; it left no trace.
    #[error("cancelled; nothing was changed")]
    Cancelled,
    /// Statement refused by the SQL console.
    #[error("only a single SELECT can be run here: {reason}")]
    NotReadOnly {
        /// Why it was refused.
        reason: String,
    },
    /// The SQL console's statement cannot be run; the words are DuckDB's own.
    #[error("the statement cannot be run: {message}{}", told_place(*place))]
    Statement {
        /// What is wrong.
        message: String,
        /// What the engine suggests instead; empty where it suggests nothing.
        suggestion: String,
        /// The 1-based line and column, in characters, where it is known.
        place: Option<(u32, u32)>,
    },
    /// A mapping of the analyst cannot be used.
    #[error("the mapping cannot be used: {problem}")]
    Mapping {
        /// What is wrong with it.
        problem: String,
        /// What to do about it.
        hint: String,
    },
    /// No such charge, load, mapping or file.
    #[error("there is no {what} {id}")]
    NotFound {
        /// The kind of thing.
        what: &'static str,
        /// Its id as given.
        id: String,
    },
    /// The disk or a folder refused.
    #[error("{path}: {source}")]
    Io {
        /// The path.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// There is no room for what is to be written.
    #[error("the disk is full: {message}")]
    DiskFull {
        /// What the engine said, with the file.
        message: String,
    },
    /// DuckDB refused; the text is DuckDB's own.
    #[error("the database refused: {message}")]
    Database {
        /// DuckDB's message.
        message: String,
    },
    /// A value of the database has no place in an answer.
    #[error("the database gave a {found} where a {expected} was expected")]
    Unexpected {
        /// What came.
        found: String,
        /// What was expected.
        expected: &'static str,
    },
}

fn told_place(place: Option<(u32, u32)>) -> String {
    place.map_or_else(String::new, |(line, column)| format!(" (line {line}, column {column})"))
}

/// The result of the store's functions.
pub type Result<T, E = StoreError> = std::result::Result<T, E>;

impl StoreError {
    /// Whether the engine has given up on the whole database, so that it must be started anew.
    pub(crate) fn is_fatal(&self) -> bool {
        matches!(self, Self::Database { message } | Self::DiskFull { message }
            if message.contains("FATAL Error") || message.contains("database has been invalidated"))
    }

    /// Ties an IO error to its path.
    pub(crate) fn io(path: impl Into<PathBuf>) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.into();
        move |source| Self::Io { path, source }
    }
}

impl From<duckdb::Error> for StoreError {
    fn from(error: duckdb::Error) -> Self {
        let message = match &error {
            duckdb::Error::DuckDBFailure(_, Some(message)) => message.clone(),
            other => other.to_string(),
        };
        // The disk's own words, or those of a limit on the size of files.
        if ["No space left on device", "File too large", "Disk quota exceeded"]
            .iter()
            .any(|words| message.contains(words))
        {
            return Self::DiskFull { message };
        }
        Self::Database { message }
    }
}
