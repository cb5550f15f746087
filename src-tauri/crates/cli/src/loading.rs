//! Making and filling an engagement: `new`, `load`, `loads`, `rejects`.

use std::path::{Path, PathBuf};

use api::ApiError;
use serde_json::{Value, json};

use crate::arguments::Format;
use crate::output::{self, Table};
use crate::session::Session;
use crate::{Outcome, datasets, manifests};

/// `qd new`.
pub(crate) fn new(
    session: &Session,
    folder: &Path,
    name: Option<&str>,
    currency: &str,
    fiscal_year_start: u32,
) -> Result<Outcome, ApiError> {
    let own_name = folder.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let currency: money::Currency = currency.parse().map_err(|error: money::CurrencyError| {
        ApiError::new("usage", error.to_string(), "`--currency USD`, for example.")
    })?;
    let payload = json!({
        "path": folder,
        "name": name.unwrap_or(&own_name),
        "currency": currency,
        "fiscal_year_start": fiscal_year_start,
    });
    let info = session.call_value("engagement_new", payload)?;
    if session.format == Format::Json {
        output::json(&info)?;
    } else {
        session.note(&format!("{} is ready; load bills with `qd -e {} load PATH...`", info["name"], folder.display()));
    }
    Ok(Outcome::Done)
}

/// `qd load`.
pub(crate) fn load(
    session: &Session,
    paths: &[PathBuf],
    provider: Option<&str>,
    keep_source: bool,
) -> Result<Outcome, ApiError> {
    let mut payload = json!({ "paths": paths, "keep_source": keep_source });
    if let Some(provider) = provider {
        payload["provider"] = json!(provider);
    }
    let started = session.call_value("load_start", payload)?;
    let report = session.wait(&started)?;
    if session.format == Format::Json {
        output::json(&report)?;
    } else {
        print_loads(session, &report["loads"], &report["datasets"])?;
    }
    for skipped in report["skipped"].as_array().into_iter().flatten() {
        session.note(&format!("skipped {}: {}", text(&skipped["file"]), text(&skipped["reason"])));
    }
    for note in report["notes"].as_array().into_iter().flatten() {
        session.note(&format!("note: {}", text(note)));
    }
    let list = |key: &str| report[key].as_array().map(Vec::as_slice).unwrap_or_default();
    for failed in list("failed") {
        session.note(&format!("cannot load {}: {}", text(&failed["file"]), text(&failed["problem"])));
        if failed["hint"].as_str().is_some_and(|hint| !hint.is_empty()) {
            session.note(&format!("hint: {}", text(&failed["hint"])));
        }
    }
    for held in list("held_back") {
        let bill = ["provider", "billing_period"].map(|key| text(&held[key])).join(" ");
        session.note(&format!("left out {bill} of {}: {}", text(&held["report"]), text(&held["reason"])));
    }
    let whole = list("failed").is_empty() && list("held_back").is_empty();
    let count = |key: &str| report[key].as_u64().unwrap_or(0);
    let (rows, values) = (count("rejected_rows"), count("refused_values"));
    if rows == 0 && values == 0 {
        return Ok(if whole { Outcome::Done } else { Outcome::LookAt });
    }
    let said = match (rows, values) {
        (rows, 0) => format!("{rows} rows were refused"),
        (0, values) => format!("{values} values were refused in rows that count"),
        (rows, values) => format!("{rows} rows were refused, and {values} values in rows that count"),
    };
    session.note(&format!("{said}; `qd rejects` lists them with file, row, column and reason"));
    Ok(Outcome::LookAt)
}

/// `qd loads`.
pub(crate) fn loads(session: &Session, all: bool) -> Result<Outcome, ApiError> {
    let loads = session.call_value("loads", json!({ "all": all }))?;
    let datasets = session.call_value("side_datasets", json!({ "all": all }))?;
    if session.format == Format::Json {
        let both: Vec<&Value> = [&loads, &datasets].into_iter().flat_map(|list| list.as_array()).flatten().collect();
        output::json(&json!(both))?;
    } else {
        print_loads(session, &loads, &datasets)?;
    }
    Ok(Outcome::Done)
}

/// Prints the loads of charges, and those of datasets beside them where there are any. A CSV has one header, so it lists the
/// charges' loads alone; `qd datasets` lists the others.
fn print_loads(session: &Session, loads: &Value, datasets: &Value) -> Result<(), ApiError> {
    let list = |value: &Value| value.as_array().cloned().unwrap_or_default();
    let (loads, datasets) = (list(loads), list(datasets));
    if !loads.is_empty() || datasets.is_empty() {
        print_of_charges(session.format, &loads)?;
    }
    if !datasets.is_empty() && (loads.is_empty() || session.format == Format::Table) {
        datasets::print(session.format, &datasets)?;
    }
    Ok(())
}

fn print_of_charges(format: Format, loads: &[Value]) -> Result<(), ApiError> {
    let mut rows = Vec::new();
    for load in loads {
        for total in load["totals"].as_array().into_iter().flatten() {
            let row = vec![
                shown(&load["id"]),
                shown(&load["billing_period"]),
                shown(&load["provider"]),
                shown(&load["report"]),
                Some(format!("{} {}", text(&load["format"]), text(&load["format_version"]))),
                load["files"].as_array().map(|files| files.len().to_string()),
                shown(&total["charges"]),
                shown(&load["rejected"]),
                shown(&total["billed"]),
                shown(&total["effective"]),
                shown(&total["list"]),
                shown(&total["currency"]),
                shown(&load["state"]),
            ];
            rows.push((load, row));
        }
    }
    let names = [
        "#load",
        "period",
        "provider",
        "report",
        "format",
        "#files",
        "#charges",
        "#rejected",
        "#billed",
        "#effective",
        "#list",
        "currency",
        "state",
    ];
    manifests::print(format, &names, rows)
}

/// `qd rejects`.
pub(crate) fn rejects(session: &Session, load: Option<i64>, limit: u32) -> Result<Outcome, ApiError> {
    let mut payload = json!({ "limit": limit });
    if let Some(load) = load {
        payload["load"] = json!(load);
    }
    let rejects = session.call_value("rejects", payload)?;
    let list = rejects.as_array().map(Vec::as_slice).unwrap_or_default();
    if session.format == Format::Json {
        output::json(&rejects)?;
    } else {
        let rows = list
            .iter()
            .map(|one| ["file", "row", "column", "value", "reason"].map(|key| shown(&one[key])).to_vec())
            .collect();
        Table::new(&["file", "#row", "column", "value", "reason"], rows).print(session.format)?;
    }
    Ok(if list.is_empty() { Outcome::Done } else { Outcome::LookAt })
}

/// A JSON value as text for a cell.
pub(crate) fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// The same where a missing value is an empty text.
pub(crate) fn text(value: &Value) -> String {
    shown(value).unwrap_or_default()
}
