//! Fixtures and oracles for tests: an engagement of its own for each test, small FOCUS bills, containers, Parquet files, and readers
//! that share no code with the product.
#![expect(
    clippy::unwrap_used,
    clippy::missing_panics_doc,
    reason = "in a test what is missing is a failure, with its place"
)]

pub mod bill;
pub mod container;
pub mod decimal;
pub mod parquet_file;
pub mod workbench;
pub mod workbook;

use std::path::{Path, PathBuf};

pub use bill::{Bill, Charge};
pub use workbench::{Output, Workbench};

/// The folder of the root `Cargo.toml`.
#[must_use]
pub fn checkout() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../..").canonicalize().unwrap()
}

/// A real or generated bill that lies beside the checkout.
#[must_use]
pub fn shared_data(path: &str) -> PathBuf {
    let file = checkout().join("../shared/data").join(path);
    assert!(file.exists(), "{} is missing: the golden files lie beside the checkout", file.display());
    file
}

/// A file of the made-up company.
#[must_use]
pub fn sample_data(path: &str) -> PathBuf {
    let file = checkout().join("sample-data").join(path);
    assert!(file.exists(), "{} is missing: `cargo xtask sample-data` writes it", file.display());
    file
}
