//! What closes a month: invoices against charges, several currencies in one, tags that mean the same, ids that people know by their names.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod currencies;
#[path = "../desk/mod.rs"]
mod desk;
mod invoices;
mod names;
mod tags;

use serde_json::Value;
use testsupport::Workbench;

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

fn bench() -> Workbench {
    Workbench::new(PROGRAM)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
