//! Recognise a billing export and state how each of its columns becomes FOCUS.
//!
//! Pure: a header and a few rows go in, a [`Mapping`] comes out. Reading files is the work of `store`. What each format's columns
//! become is written in `formats/*.toml`, one entry a FOCUS column, in the language of `formula`.

mod format;
mod formula;
mod header;
mod mapping;
mod recognise;
mod refusal;
mod resolve;

pub use format::FormatError;
pub use formula::FormulaError;
pub use mapping::{Condition, Exclusion, Expression, MappedColumn, Mapping, Part};
pub use recognise::{Recognised, Sample, SourceColumn, SourceKind, recognise};
pub use refusal::NotRecognised;
