//! The report model, its charts and its XLSX form.
//!
//! A pack is made in three pure steps. [`plan`] turns a [`PackDefinition`] and a period into questions; whoever can ask them
//! asks them; [`assemble`] turns the answers into a [`ReportModel`]. Every form of the pack (XLSX here, PDF in the `pdf`
//! crate) is drawn from that one model, so no two of them can disagree. Nothing here reads a clock, a file or a database.
//!
//! Invariants, asserted while assembling: the rows of every table add up to its total exactly, every section that covers
//! the pack's period adds up to the headline, and every figure names the evidence that it came from.

mod assemble;
pub mod chart;
mod chart_spec;
mod definition;
mod error;
mod model;
mod period;
mod plan;
mod text;
pub mod words;
pub mod xlsx;

pub use assemble::{
    DifferencePart, Extras, InvoiceLine, PINNED_ROWS_MAX, Pinned, PinnedCell, PinnedColumn, PinnedEffect, PinnedTable,
    Reconciliation, assemble,
};
pub use chart_spec::{Annotation, ChartKind, ChartSpec, Highlight, Series, SeriesRole};
pub use definition::{
    CompareWith, Convention, PackDefinition, PeriodChoice, Section as SectionDefinition, SectionKind,
};
pub use error::ReportError;
pub use model::{
    Block, Column, ColumnKind, CostType, Definition, Figure, Kpi, ReportModel, Section, Table, TableCell, TableRow,
    TableRowRole, Unit,
};
pub use period::{Calendar, ReportPeriod};
pub use plan::{PlannedQuestion, Purpose, plan};
pub use query::{Evidence, EvidenceLoad, Note, Period};
pub use text::{clean, clean_lines};
