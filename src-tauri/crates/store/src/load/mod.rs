//! Loading: files become charges, whole or not at all.
//!
//! Each file is read by a child process into a staging database ([`stage`]); then one transaction ([`commit`]) replaces what the
//! delivery replaces. Until that transaction commits nothing of the engagement has changed.

mod child;
mod commit;
mod csv_shape;
mod discover;
mod history;
mod mapping_sql;
mod meter;
mod protocol;
mod reading;
mod stage;
mod trace;
mod unpack;

use std::path::PathBuf;
use std::sync::Arc;

use serde::Serialize;
use ts_rs::TS;

use child::Reading;
pub use child::run_reader_if_asked;
use protocol::ReadResult;
pub(crate) use trace::source_row;

use crate::{Engagement, Result, StoreError, Watch};

/// How to load.
#[derive(Clone, Debug)]
pub struct LoadOptions {
    /// The program that is started as the reading child; it calls [`run_reader_if_asked`] first thing.
    pub reader: PathBuf,
    /// Keep a copy of each file in the engagement's `sources/`.
    pub keep_source: bool,
    /// The provider's name for exports that name none (`AWS`, `Microsoft`); others say it themselves.
    pub provider: Option<String>,
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
    /// Files in all, the ones passed over included.
    pub files: u64,
    /// Rows that could not become charges.
    pub rejected_rows: u64,
    /// Values that could not be read in rows that became charges all the same.
    pub refused_values: u64,
    /// Files that hold no billing export, or nothing new.
    pub skipped: Vec<SkippedFile>,
    /// What the analyst should know.
    pub notes: Vec<String>,
}

/// A file that was passed over.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct SkippedFile {
    /// The file.
    pub file: String,
    /// Why.
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

/// A file that was staged.
pub(crate) struct Staged {
    path: PathBuf,
    result: ReadResult,
}

impl Engagement {
    /// Loads files and folders. All of it becomes charges in one transaction, or nothing changes.
    ///
    /// # Errors
    /// [`StoreError::File`] names the file and the row that cannot be loaded; [`StoreError::Cancelled`]; see [`StoreError`].
    pub fn load(&self, paths: &[PathBuf], options: &LoadOptions, watch: &Arc<Watch>) -> Result<LoadReport> {
        let found = discover::discover(paths)?;
        let bytes_total = found.iter().map(|file| file.bytes).sum();
        watch.report(|progress| {
            progress.files_total = found.len() as u64;
            progress.bytes_total = bytes_total;
        });
        let workshop = tempfile::Builder::new()
            .prefix(".staging-")
            .tempdir_in(&self.folder)
            .map_err(StoreError::io(&self.folder))?;
        let mut report = LoadReport { files: found.len() as u64, ..LoadReport::default() };
        let mut staged = Vec::new();
        let readings = reading::read_all(&found, workshop.path(), options, watch)?;
        for (file, reading) in found.iter().zip(readings) {
            match reading {
                Reading::Staged { path, result } => staged.push(Staged { path, result }),
                Reading::NotABill { file: name, problem, hint } if file.named => {
                    return Err(StoreError::File { file: name, problem, hint });
                }
                Reading::NotABill { file: name, problem, .. } => {
                    report.skipped.push(SkippedFile { file: name, reason: problem });
                }
            }
        }
        if staged.is_empty() {
            let paths = paths.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
            let details = report.skipped.iter().map(|file| format!("{}: {}", file.file, file.reason)).collect();
            return Err(StoreError::NothingToLoad { paths, details });
        }
        watch.report(|progress| {
            progress.files_done = progress.files_total;
            progress.file = None;
            progress.phase = "Writing charges".to_owned();
        });
        let made = commit::commit(self, &staged, options, watch, &mut report);
        // Also when it failed: the cubes may be gone.
        self.forget_catalog();
        let made = made?;
        report.loads = self.loads(true)?.into_iter().filter(|load| made.contains(&load.id)).collect();
        report.refused_values = self.refused_values(&made)?;
        Ok(report)
    }
}
