//! Why a file was not recognised, and what to do about it.

use crate::format::FormatError;

/// The file is none that can be loaded. The message says what was found, [`NotRecognised::hint`] what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotRecognised {
    /// There is no header at all.
    #[error("the file is empty: it has no header")]
    Empty,
    /// Everything stands in one column.
    #[error("the header is a single column, \"{header}\"")]
    OneColumn {
        /// The column, shortened.
        header: String,
        /// The character that seems to separate the fields, in words, if one does.
        separator: Option<&'static str>,
    },
    /// The first row is a charge, not a header.
    #[error("the first row looks like data, not like a header: it holds \"{example}\"")]
    NoHeader {
        /// A field that no column would be named after.
        example: String,
    },
    /// Columns with the same name.
    #[error("{} {} more than once in the header", listed(.names), if .names.len() == 1 { "stands" } else { "stand" })]
    DuplicateColumns {
        /// The names, in file order.
        names: Vec<String>,
    },
    /// A known format, but without columns that every charge needs.
    #[error("this looks like {title}, but {} {} missing", listed(.missing), if .missing.len() == 1 { "is" } else { "are" })]
    Incomplete {
        /// The format's short name.
        format: String,
        /// The format in words.
        title: String,
        /// The columns that are missing, as the format names them.
        missing: Vec<String>,
    },
    /// A file that is known but is no list of charges that can be loaded.
    #[error("this is {title}, which cannot be loaded as charges")]
    OtherKind {
        /// What it is, with its article.
        title: String,
        /// What to load in its place.
        hint: String,
    },
    /// Nothing that is known.
    #[error(
        "none of the known formats has a header like this one; of its {columns} columns the closest, {closest}, knows {known}"
    )]
    Unknown {
        /// The number of columns.
        columns: usize,
        /// The closest format in words.
        closest: String,
        /// How many of the columns that format knows.
        known: usize,
    },
    /// The mapping files in the program are at fault.
    #[error(transparent)]
    Format(#[from] FormatError),
}

impl NotRecognised {
    /// What the user may do.
    pub fn hint(&self) -> String {
        match self {
            Self::Empty => "Check that the export has finished and was copied whole.".to_owned(),
            Self::OneColumn { separator: Some(separator), .. } => {
                format!("The fields seem to be separated by {separator}; export the file with commas.")
            }
            Self::OneColumn { separator: None, .. } => {
                "A billing export has many columns; this may be another file of the same delivery.".to_owned()
            }
            Self::NoHeader { .. } => "Export the file again with its header row, or lay the names of its columns beside it: one a line, in order, in a file called like it with .columns at the end.".to_owned(),
            Self::DuplicateColumns { .. } => {
                "Rename or remove one of the columns of the same name, so that each value has one meaning.".to_owned()
            }
            Self::Incomplete { .. } => "Export the file again with these columns.".to_owned(),
            Self::OtherKind { hint, .. } => hint.clone(),
            Self::Unknown { .. } => {
                "Loaded are FOCUS exports (0.5 to 1.4, with the datasets beside the charges) of any provider, and those of AWS, Azure, Google \
                 Cloud, Oracle Cloud and OpenCost in their own formats, as CSV, JSON or Parquet. Any other table can be mapped by hand: \
                 begin with `qd mapping draft FILE`, or with \"Map it by hand\" in the window."
                    .to_owned()
            }
            Self::Format(_) => "This is a fault of the program, not of the file.".to_owned(),
        }
    }
}

/// `A`, `A and B`, `A, B and C`.
fn listed(names: &[String]) -> String {
    match names {
        [] => String::new(),
        [name] => name.clone(),
        [rest @ .., last] => format!("{} and {last}", rest.join(", ")),
    }
}
