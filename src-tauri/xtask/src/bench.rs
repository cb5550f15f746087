//! Load rate, drilldown latency, memory and size of Quarterdeck, beside DuckDB and Polars on the same files in the same run.
//!
//! This part makes the data and the programs; `bench/measure.py` runs and measures them, since the peers live in Python.

mod commitment;
mod forecast;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;

use crate::process::{Outcome, run};
use crate::python;
use crate::sample::{BenchFormat, write_bench_rows};
use crate::setup::{self, For};
use crate::user_interface;
use crate::workspace::Workspace;

pub use commitment::bench_commitment;
pub use forecast::bench_forecast;

const MEASURE: &str = include_str!("bench/measure.py");
const PEERS: &str = include_str!("bench/peers.py");
const WINDOW: &str = include_str!("bench/window.py");
const INTERACTIONS: &[(&str, &str)] = &[
    ("interactions.py", include_str!("bench/interactions.py")),
    ("interactions.js", include_str!("bench/interactions.js")),
    ("chromium.mjs", include_str!("bench/chromium.mjs")),
    ("page.mjs", PAGE),
];
const SLIDER: &str = include_str!("bench/slider.mjs");
const PAGE: &str = include_str!("bench/page.mjs");
const FORMATS: &str = include_str!("bench/formats.py");
const QUESTIONS: &str = include_str!("bench/questions.json");

/// What the peers are measured with; the engine is the same version as the product's.
const PEER_PACKAGES: &[&str] = &["duckdb==1.5.6", "polars==2.1.0"];

/// The same data every time.
const SEED: u64 = 2026;

/// More charges than this are not written as plain CSV: they would take half a kilobyte each on the disk.
const PLAIN_CSV_ROWS_MAX: u64 = 20_000_000;

/// Measures scenarios: 50 operations over 5,000 lines of 24 months, and a slider over 500 lines with 1,000 courses, in the engine alone and
/// in the page.
pub fn bench_scenario(workspace: &Workspace) -> Outcome {
    setup::setup(workspace, For::Test)?;
    user_interface::build(workspace)?;
    // At once: built apart, each would see its crates with other features and compile them anew.
    run(workspace.cargo(&["build"], &["quarterdeck-scenario", "quarterdeck-cli", "quarterdeck-bridge"]).args([
        "--release",
        "--locked",
        "--bins",
        "--example",
        "bench",
    ]))?;
    run(&mut Command::new(workspace.program("release", "examples/bench")))?;
    let cache = cache()?;
    let script = cache.join("slider.mjs");
    fs::write(cache.join("page.mjs"), PAGE)
        .and_then(|()| fs::write(&script, SLIDER))
        .map_err(|error| format!("{}: {error}", script.display()))?;
    let mut slide = Command::new("node");
    slide.arg(script).arg(&cache).arg(workspace.root.join("ui"));
    slide.arg(workspace.program("release", "qd")).arg(workspace.program("release", "quarterdeck-bridge"));
    run(slide.env("QUARTERDECK_CHROMIUM", setup::browser()?))
}

/// Measures at each number of rows, prints the table, and writes the figures as JSON. With `formats` the real exports beside the
/// checkout are loaded, too, each repeated until it is large.
pub fn bench(workspace: &Workspace, rows: Option<&str>, out: Option<PathBuf>, formats: bool) -> Outcome {
    let sizes = rows.unwrap_or("1000000,10000000").split(',').map(self::rows).collect::<Outcome<Vec<u64>>>()?;
    setup::setup(workspace, For::Test)?;
    user_interface::build(workspace)?;
    run(workspace
        .cargo(&["build"], &["quarterdeck-cli", "quarterdeck-tests", "quarterdeck", "quarterdeck-bridge"])
        .args(["--release", "--locked", "--bins"]))?;
    let cache = cache()?;
    let mut data = Vec::new();
    for rows in &sizes {
        let folder = cache.join(rows.to_string());
        write_data(workspace, *rows, &folder)?;
        data.push(json!({ "rows": rows, "folder": folder }));
    }
    let out = out.unwrap_or_else(|| workspace.own().join("bench.json"));
    let formats = if formats { Some(formats_configuration(workspace, &cache, &data)?) } else { None };
    let configuration = json!({
        "data": data,
        "questions": cache.join("questions.json"),
        "qd": workspace.program("release", "qd"),
        "drilldown": workspace.program("release", "drilldown-bench"),
        "window": workspace.program("release", "quarterdeck"),
        "bridge": workspace.program("release", "quarterdeck-bridge"),
        "ui": workspace.root.join("ui"),
        "scratch": cache.join("scratch"),
        "out": out,
        "formats": formats,
    });
    let written = fs::write(cache.join("questions.json"), QUESTIONS)
        .and_then(|()| fs::write(cache.join("measure.py"), MEASURE))
        .and_then(|()| fs::write(cache.join("peers.py"), PEERS))
        .and_then(|()| fs::write(cache.join("window.py"), WINDOW))
        .and_then(|()| fs::write(cache.join("formats.py"), FORMATS))
        .and_then(|()| INTERACTIONS.iter().try_for_each(|(name, text)| fs::write(cache.join(name), text)))
        .and_then(|()| fs::write(cache.join("configuration.json"), configuration.to_string()));
    written.map_err(|error| format!("{}: {error}", cache.display()))?;
    let mut measure = Command::new(python(&cache)?);
    run(measure.arg(cache.join("measure.py")).arg(cache.join("configuration.json")))
}

/// What `formats.py` is told: where the real exports are, and a month of the generated bill.
fn formats_configuration(
    workspace: &Workspace,
    cache: &Path,
    data: &[serde_json::Value],
) -> Outcome<serde_json::Value> {
    let real = std::env::var_os("QUARTERDECK_REAL_DATA").map(PathBuf::from);
    let real = real.unwrap_or_else(|| workspace.root.join("../shared/data"));
    if !real.is_dir() {
        return Err(format!("{} has no real exports; QUARTERDECK_REAL_DATA names their folder", real.display()));
    }
    let folders = data.iter().filter_map(|one| one["folder"].as_str());
    let months = folders.filter_map(|folder| fs::read_dir(Path::new(folder).join("csv")).ok()).flatten();
    let month = months.filter_map(Result::ok).map(|entry| entry.path()).min();
    let month = month.ok_or("the formats are measured with a month of CSV: give a number of rows up to 20 million")?;
    Ok(json!({
        "real_data": real,
        "month": month,
        "folder": cache.join("formats"),
        "qd": workspace.program("release", "qd"),
        "scratch": cache.join("scratch"),
    }))
}

/// A number of rows, with or without separators.
pub fn rows(text: &str) -> Outcome<u64> {
    let digits: String = text.trim().chars().filter(|c| !matches!(c, '_' | '\'')).collect();
    digits.parse().ok().filter(|rows| *rows > 0).ok_or_else(|| format!("{text} is not a number of rows"))
}

/// Writes the data in its three forms, below `csv`, `csv.gz` and `parquet`, unless they lie there; very much of it not as plain CSV.
pub fn write_data(workspace: &Workspace, rows: u64, folder: &Path) -> Outcome {
    let done = folder.join("done");
    if done.is_file() {
        return Ok(());
    }
    eprintln!("Writing {rows} charges below {}", folder.display());
    let plain = (rows <= PLAIN_CSV_ROWS_MAX).then_some(("csv", BenchFormat::Csv));
    for (name, format) in plain.into_iter().chain([("csv.gz", BenchFormat::CsvGz)]) {
        write_bench_rows(&folder.join(name), rows, format, SEED).map_err(|error| error.to_string())?;
    }
    let cache = cache()?;
    let python = python(&cache)?;
    fs::create_dir_all(folder.join("parquet"))
        .and_then(|()| fs::write(cache.join("peers.py"), PEERS))
        .map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut convert = Command::new(python);
    run(convert.current_dir(&workspace.root).arg(cache.join("peers.py")).arg("parquet").arg(folder))?;
    File::create(&done).map(|_| ()).map_err(|error| format!("{}: {error}", done.display()))
}

/// Where data and peers are kept between runs.
fn cache() -> Outcome<PathBuf> {
    python::cache("bench")
}

/// A Python of its own that has the peers.
fn python(cache: &Path) -> Outcome<PathBuf> {
    python::with_packages(&cache.join("python"), PEER_PACKAGES)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_of_rows_may_have_separators() {
        assert_eq!(rows("10_000_000"), Ok(10_000_000), "separators help the eye");
        assert!(rows("0").is_err() && rows("many").is_err(), "nothing and words are no number of rows");
    }

    #[test]
    fn there_are_twenty_questions_with_names_of_their_own() {
        let questions: serde_json::Value = serde_json::from_str(QUESTIONS).unwrap();
        let names: std::collections::BTreeSet<&str> =
            questions.as_array().unwrap().iter().filter_map(|question| question["name"].as_str()).collect();
        assert_eq!(names.len(), 20, "the fixed set has twenty questions: {names:?}");
    }
}
