//! The engagement on disk: DuckDB, loads, cubes, running SQL. The only crate that knows DuckDB.

mod catalog;
mod console;
mod cubes;
mod database;
mod decimal_type;
mod definition;
mod engagement;
mod error;
mod load;
mod mappings;
mod parquet;
pub mod rows;
mod schema;
mod side;
mod sorting;
mod source;
mod sql;
mod tag_columns;
mod watch;

pub use console::ConsoleRows;
pub use database::Limits;
pub use decimal_type::DecimalType;
pub use definition::{Definition, DefinitionChange};
pub use engagement::Engagement;
pub use error::{Result, StoreError};
pub use load::skipped::{FailedFile, FileCode, SkippedFile};
pub use load::{
    CostChange, Counted, CurrencyDiff, DiffFigures, DiffLine, HeldBack, LoadDiff, LoadManifest, LoadOptions,
    LoadReport, LoadSummary, LoadTotal, LoadedFile, Look, MappingFault, Preview, Reject, run_reader_if_asked,
};
pub use mappings::OwnMapping;
pub use parquet::{ParquetColumn, ParquetType};
pub use side::{IssuedInvoice, SideLoad, SideRows};
pub use source::{SourceCell, SourceRow};
pub use watch::{Progress, Watch};
