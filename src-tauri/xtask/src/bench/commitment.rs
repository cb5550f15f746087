//! Commitments: the exact optimum with its curve, a year's replay, a slider, and a joint portfolio, beside the plain methods that they stand for.
//!
//! This part makes the program and a Python that has scipy; `commitment.py` runs both and prints the table.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::cache;
use crate::process::{Outcome, run};
use crate::python;
use crate::workspace::Workspace;

const COMMITMENT: &str = include_str!("commitment.py");

/// The general solver that the small joint case is given to.
const PACKAGES: &[&str] = &["scipy==1.17.1"];

/// Measures, prints the table, and writes the figures as JSON.
pub fn bench_commitment(workspace: &Workspace, out: Option<PathBuf>) -> Outcome {
    run(workspace.cargo(&["build"], &["quarterdeck-commitment"]).args([
        "--release",
        "--locked",
        "--example",
        "commitment_bench",
    ]))?;
    let cache = cache()?;
    let python = python::with_packages(&cache.join("commitment-python"), PACKAGES)?;
    let script = cache.join("commitment.py");
    fs::write(&script, COMMITMENT).map_err(|error| format!("{}: {error}", script.display()))?;
    let out = out.unwrap_or_else(|| workspace.own().join("bench-commitment.json"));
    let programme = workspace.root.join("src-tauri/crates/commitment/tests/behaviour/portfolio_lp.py");
    let mut measure = Command::new(python);
    run(measure.arg(script).arg(workspace.program("release", "examples/commitment_bench")).arg(programme).arg(out))
}
