//! The engagement on disk: DuckDB, loads, cubes, running SQL. The only crate that knows DuckDB.

mod catalog;
mod console;
mod cubes;
mod database;
mod decimal_type;
mod engagement;
mod error;
mod load;
pub mod rows;
mod schema;
mod source;
mod sql;
mod watch;

pub use database::Limits;
pub use decimal_type::DecimalType;
pub use engagement::{Definition, Engagement};
pub use error::{Result, StoreError};
pub use load::{
    Counted, LoadOptions, LoadReport, LoadSummary, LoadTotal, LoadedFile, Reject, SkippedFile, run_reader_if_asked,
};
pub use source::{SourceCell, SourceRow};
pub use watch::{Progress, Watch};
