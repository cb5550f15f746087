//! AWS Cost and Usage Reports and FOCUS exports against an independent reading of every row, on real, generated and random files.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod commitments;
mod engine;
mod focus_exports;
mod generated;
mod headless;
mod maker;
mod oracle;
mod real_files;
mod report;
mod traps;

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");
