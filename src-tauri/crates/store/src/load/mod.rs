//! Loading: files become charges, whole or not at all.
//!
//! Each file is read by a child process into a staging database ([`stage`]); then one transaction ([`commit`]) replaces what the
//! delivery replaces ([`run`] is the way from beginning to end). Until that transaction commits nothing of the engagement has changed.

mod amounts;
mod archive;
mod bundle;
mod child;
mod columns;
pub(crate) mod combine;
mod commit;
mod condition_sql;
mod content;
mod csv_shape;
mod current;
mod dates;
pub(crate) mod delivered;
mod deliveries;
mod derived;
mod diff;
mod discover;
mod files;
mod hashing;
mod history;
mod increments;
mod json_blocks;
mod json_lines;
mod json_sql;
#[cfg(test)]
mod language_tests;
mod layers;
mod likeness;
mod line_ends;
mod look;
mod manifest;
mod mapping_sql;
mod meter;
mod naming;
mod number_sql;
#[cfg(test)]
mod number_tests;
mod parquet_parts;
mod parts;
mod pieces;
mod plain_text;
mod preview;
mod protocol;
mod reader;
mod reading;
mod refusing;
mod relation;
mod row_numbers;
mod run;
mod shared;
mod side;
mod side_commit;
pub(crate) mod skipped;
mod stage;
mod time_sql;
mod trace;
mod unpack;
#[cfg(test)]
mod vectors_tests;
mod writing;

use std::path::PathBuf;

use serde::Serialize;
use ts_rs::TS;

use crate::SideLoad;

pub use child::run_reader_if_asked;
pub use delivered::LoadManifest;
pub use diff::{CostChange, CurrencyDiff, DiffFigures, DiffLine, LoadDiff};
pub(crate) use history::{loaded_files, merged, plain};
pub use look::Look;
pub use preview::{MappingFault, Preview};
pub(crate) use skipped::FileCode;
pub(crate) use trace::source_row;

use skipped::{FailedFile, SkippedFile};

/// How to load.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The program that is started as the reading child; it calls [`run_reader_if_asked`] first thing.
    pub reader: PathBuf,
    /// Keep a copy of each file in the engagement's `sources/`.
    pub keep_source: bool,
    /// The provider's name for exports that name none (`AWS`, `Microsoft`); others say it themselves.
    pub provider: Option<String>,
    /// What the engagement chose of what a format leaves open, see [`crate::Definition`].
    pub settings: std::collections::BTreeMap<String, String>,
    /// The analyst's own mappings, as text, see [`Engagement::mappings`].
    pub mappings: Vec<String>,
    /// Memory of the reading child's engine, in MiB.
    pub memory_mib: u32,
    /// The time of the load.
    pub now: chrono::NaiveDateTime,
}

/// What a load did.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LoadReport {
    /// The loads that were made, in order of billing period.
    pub loads: Vec<LoadSummary>,
    /// The deliveries of datasets beside charges that were taken in.
    pub datasets: Vec<SideLoad>,
    /// Files in all, the ones passed over included.
    pub files: u64,
    /// Rows that could not become charges.
    pub rejected_rows: u64,
    /// Values that could not be read in rows that became charges all the same.
    pub refused_values: u64,
    /// Files that hold no billing export, or nothing new, or do not count.
    pub skipped: Vec<SkippedFile>,
    /// Files that should have been loaded and cannot be.
    pub failed: Vec<FailedFile>,
    /// Bills that were left as they were because of such a file.
    pub held_back: Vec<HeldBack>,
    /// What the analyst should know.
    pub notes: Vec<String>,
}

/// A bill that was not loaded because a part of it cannot be: what was loaded before counts on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct HeldBack {
    /// The provider as billed.
    pub provider: String,
    /// The report.
    pub report: String,
    /// The first day of the billing period.
    pub billing_period: String,
    /// Which part is missing.
    pub reason: String,
}

/// One load: a billing period of a report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LoadSummary {
    /// The load's number in the engagement.
    pub id: i64,
    /// The provider as billed.
    pub provider: String,
    /// The report: the format, and the billing account that it is of.
    pub report: String,
    /// The first day of the billing period.
    pub billing_period: String,
    /// The currency of the first of `totals`.
    pub currency: Option<String>,
    /// The format of its files.
    pub format: String,
    /// The format's version.
    pub format_version: String,
    /// Its files.
    pub files: Vec<LoadedFile>,
    /// Its charges.
    pub rows: u64,
    /// Rows of its files that were refused.
    pub rejected: u64,
    /// Billed cost in `currency`, plain decimal; the other costs likewise.
    pub billed: Option<String>,
    /// Effective cost.
    pub effective: Option<String>,
    /// Contracted cost.
    pub contracted: Option<String>,
    /// List cost.
    pub list: Option<String>,
    /// The totals of each billing currency.
    pub totals: Vec<LoadTotal>,
    /// Values that had more decimals than are kept, by FOCUS column.
    pub rounded: Vec<Counted>,
    /// Source rows that are no charges, by reason.
    pub excluded: Vec<Counted>,
    /// The first charge's start.
    pub charge_from: Option<String>,
    /// The last charge's start.
    pub charge_to: Option<String>,
    /// When it was loaded, UTC.
    pub loaded_at: String,
    /// `current` or `superseded`.
    pub state: String,
    /// The load that replaced it.
    pub superseded_by: Option<i64>,
    /// The manifests by which its files came; none for files that came without.
    pub manifests: Vec<LoadManifest>,
    /// What its formats leave open and the engagement chose: `gcp_credits = net`.
    pub settings: Vec<String>,
}

/// How often something occurred.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Counted {
    /// The column or the reason.
    pub column: String,
    /// How many.
    #[ts(type = "number")]
    pub count: u64,
}

/// The totals of a load in one currency, plain decimals.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LoadTotal {
    /// The billing currency.
    pub currency: String,
    /// The charges in it.
    pub charges: u64,
    /// Billed cost.
    pub billed: Option<String>,
    /// Effective cost.
    pub effective: Option<String>,
    /// Contracted cost.
    pub contracted: Option<String>,
    /// List cost.
    pub list: Option<String>,
}

/// A file of a load.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct LoadedFile {
    /// The file's number in the engagement.
    pub id: i64,
    /// Its name, with the member of an archive after `!`.
    pub name: String,
    /// Where it was loaded from.
    pub path: String,
    /// The SHA-256 of the file as it lay on disk, in hex.
    pub sha256: String,
    /// Its size.
    pub bytes: u64,
    /// Its data rows, the refused ones included.
    pub rows: u64,
    /// Its refused rows.
    pub rejected: u64,
}

/// A value or a row that was refused.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Reject {
    /// The file's name.
    pub file: String,
    /// The 1-based data row.
    pub row: Option<i64>,
    /// The FOCUS column, or none when the row as a whole was refused.
    pub column: Option<String>,
    /// The text as the file has it.
    pub value: Option<String>,
    /// Why.
    pub reason: String,
    /// Whether the rest of the row was kept.
    pub kept: bool,
}
