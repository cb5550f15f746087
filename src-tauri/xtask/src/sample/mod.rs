//! The sample: a made-up company's bills on three clouds, deterministic, with the answers known.
//!
//! The company is told by the tables in `model/` and by [`events`]. [`bill`] makes rows of it, [`ledger`] counts it a second way;
//! `truth.json` holds the second count, and the tests compare.

mod bench_rows;
mod bill;
mod calendar;
mod charge;
mod column;
mod company;
mod coverage;
mod demand;
mod events;
mod files;
mod fixed;
mod guide;
mod invoices;
mod ledger;
mod model;
mod random;
mod truth;
mod usage;

#[cfg(test)]
mod tests;

use std::{
    fs, io,
    path::{Path, PathBuf},
};

pub use bench_rows::{BenchFormat, write_bench_rows};
use bill::bill;
use calendar::Month;
use events::{CORRECTED_MONTH, Delivery};
use ledger::Ledger;
use model::{Model, Provider};

/// Why a sample could not be written.
#[derive(Debug, thiserror::Error)]
pub enum SampleError {
    /// A folder or file could not be made or written.
    #[error("cannot write {path}: {source}")]
    Write {
        /// What was being written.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Writes the whole sample into `target`, replacing its bills: 15 months of four billing accounts, invoices, metrics, budgets,
/// owners, `truth.json` and `README.md`. The same bytes every time.
///
/// # Errors
/// When a folder or file cannot be written.
pub fn write_sample(target: &Path) -> Result<(), SampleError> {
    let model = Model::brightwater();
    for folder in ["bills", "redelivered"] {
        remove(&target.join(folder))?;
    }
    let mut written = Vec::new();
    for (index, account) in model.billing_accounts.iter().enumerate() {
        for month in Month::all() {
            let is_corrected = account.provider == Provider::Aws && month == CORRECTED_MONTH;
            let deliveries = if is_corrected {
                vec![("bills", Delivery::First), ("redelivered", Delivery::Final)]
            } else {
                vec![("bills", Delivery::Final)]
            };
            for (folder, delivery) in deliveries {
                let path = files::path_of(account, month, folder);
                let bill = bill(&model, index, month, delivery);
                let file =
                    files::write(&bill, target, &path).map_err(|source| cannot_write(&target.join(&path), source))?;
                written.push((file, index, month));
            }
        }
    }
    let ledger = Ledger::of(&model);
    let truth = truth::truth(&model, &ledger, &written);
    let rows: usize = written.iter().map(|(file, ..)| file.rows).sum();
    save(target, "invoices.csv", &invoices::csv(&invoices::invoices(&model, &ledger)))?;
    save(target, "metrics.csv", &company::metrics_csv())?;
    save(target, "budgets.csv", &company::budgets_csv(&model, &ledger))?;
    save(target, "owners.csv", &company::owners_csv(&model))?;
    save(target, "truth.json", &format!("{:#}\n", truth.json))?;
    save(target, "README.md", &guide::readme(&truth, rows))
}

fn remove(folder: &Path) -> Result<(), SampleError> {
    match fs::remove_dir_all(folder) {
        Err(source) if source.kind() != io::ErrorKind::NotFound => Err(cannot_write(folder, source)),
        _ => Ok(()),
    }
}

fn save(target: &Path, name: &str, text: &str) -> Result<(), SampleError> {
    let path = target.join(name);
    fs::write(&path, text).map_err(|source| cannot_write(&path, source))
}

fn cannot_write(path: &Path, source: io::Error) -> SampleError {
    SampleError::Write { path: path.to_owned(), source }
}
