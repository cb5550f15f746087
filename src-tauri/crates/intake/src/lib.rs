//! Recognise a billing export and state how each of its columns becomes FOCUS.
//!
//! Pure: a header and a few rows go in, a [`Mapping`] comes out. Reading files is the work of `store`. What each format's columns
//! become is written in `formats/*.toml`, one entry a FOCUS column, in the language of `formula`.

mod draft;
mod format;
mod formula;
mod header;
mod headless;
mod increment;
mod mapping;
mod names;
mod own;
mod recognise;
mod refusal;
mod resolve;
mod sampled;
mod setting;
mod side;
mod walk;

pub use draft::draft;
pub use format::FormatError;
pub use formula::FormulaError;
pub use header::TWIN;
pub use headless::{ColumnOrder, known_order, known_titles, schema_columns};
pub use increment::{increments_by_days, is_increment};
pub use mapping::{Among, Condition, Dataset, DateSpelling, Exclusion, Expression, MappedColumn, Mapping, Part, Yield};
pub use own::{OwnFormat, OwnFormatError};
pub use recognise::{Recognised, Sample, SourceColumn, SourceKind, recognise, recognise_with};
pub use refusal::NotRecognised;
pub use sampled::dressed_amount;
pub use setting::{Setting, SettingValue, settings};
pub use side::{OwnerSign, SideColumn, SideFile, side_file};
pub use walk::sources_of;
