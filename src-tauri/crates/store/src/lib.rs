//! The engagement on disk: DuckDB, loads, cubes, running SQL. The only crate that knows DuckDB.

mod catalog;
mod console;
mod cubes;
mod database;
mod decimal_type;
mod engagement;
mod error;
mod load;
mod mappings;
pub mod rows;
mod schema;
mod side;
mod source;
mod sql;
mod tag_columns;
mod watch;

pub use database::Limits;
pub use decimal_type::DecimalType;
pub use engagement::{Definition, Engagement};
pub use error::{Result, StoreError};
pub use load::{
    CostChange, Counted, CurrencyDiff, DiffFigures, DiffLine, FailedFile, HeldBack, LoadDiff, LoadOptions, LoadReport,
    LoadSummary, LoadTotal, LoadedFile, Look, MappingFault, Preview, Reject, SkippedFile, run_reader_if_asked,
};
pub use mappings::OwnMapping;
pub use side::{IssuedInvoice, SideLoad, SideRows};
pub use source::{SourceCell, SourceRow};
pub use watch::{Progress, Watch};
