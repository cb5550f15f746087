//! Making and filling an engagement: `new`, `load`, `loads`, `rejects`, `check`, `reconcile`.

use std::path::{Path, PathBuf};

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::Format;
use crate::output::{self, Table};
use crate::session::Session;

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
        loads_table(report["loads"].as_array().map(Vec::as_slice).unwrap_or_default()).print(session.format)?;
    }
    for skipped in report["skipped"].as_array().into_iter().flatten() {
        session.note(&format!("skipped {}: {}", text(&skipped["file"]), text(&skipped["reason"])));
    }
    for note in report["notes"].as_array().into_iter().flatten() {
        session.note(&format!("note: {}", text(note)));
    }
    let count = |key: &str| report[key].as_u64().unwrap_or(0);
    let (rows, values) = (count("rejected_rows"), count("refused_values"));
    if rows == 0 && values == 0 {
        return Ok(Outcome::Done);
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
    if session.format == Format::Json {
        output::json(&loads)?;
    } else {
        loads_table(loads.as_array().map(Vec::as_slice).unwrap_or_default()).print(session.format)?;
    }
    Ok(Outcome::Done)
}

fn loads_table(loads: &[Value]) -> Table {
    let mut rows = Vec::new();
    for load in loads {
        for total in load["totals"].as_array().into_iter().flatten() {
            rows.push(vec![
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
            ]);
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
    Table::new(&names, rows)
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

/// `qd check`.
pub(crate) fn check(session: &Session) -> Result<Outcome, ApiError> {
    let findings = session.call_value("check", json!({}))?;
    let list = findings.as_array().map(Vec::as_slice).unwrap_or_default();
    if session.format == Format::Json {
        output::json(&findings)?;
    } else {
        let rows = list
            .iter()
            .map(|one| {
                let costs = one["cost"].as_array().into_iter().flatten();
                let cost = costs
                    .map(|cost| format!("{} {}", text(&cost["billed"]), text(&cost["currency"])))
                    .collect::<Vec<_>>();
                let examples = one["examples"].as_array().and_then(|examples| examples.first()).and_then(shown);
                vec![
                    shown(&one["severity"]),
                    shown(&one["rule"]),
                    shown(&one["title"]),
                    shown(&one["count"]),
                    shown(&one["counted"]),
                    Some(cost.join(", ")),
                    examples,
                ]
            })
            .collect();
        Table::new(&["severity", "rule", "finding", "#count", "of", "billed", "example"], rows)
            .print(session.format)?;
    }
    Ok(if list.is_empty() { Outcome::Done } else { Outcome::LookAt })
}

/// `qd reconcile`.
pub(crate) fn reconcile(session: &Session, invoices: Option<&Path>) -> Result<Outcome, ApiError> {
    let mut payload = json!({});
    if let Some(path) = invoices {
        payload["invoices_path"] = json!(path);
    }
    let found = session.call_value("reconcile", payload)?;
    let list = found["invoices"].as_array().map(Vec::as_slice).unwrap_or_default();
    if session.format == Format::Json {
        output::json(&found)?;
    } else {
        let keys = [
            "period",
            "issuer",
            "invoice_id",
            "billing_account",
            "amount",
            "charges",
            "difference",
            "currency",
            "status",
        ];
        let rows = list.iter().map(|line| keys.map(|key| shown(&line[key])).to_vec()).collect();
        let names = [
            "period",
            "issuer",
            "invoice",
            "billing_account",
            "#invoiced",
            "#charges",
            "#difference",
            "currency",
            "status",
        ];
        Table::new(&names, rows).print(session.format)?;
    }
    session.note(&format!("{} lines match to the last digit, {} do not", found["matched"], found["open"]));
    Ok(if found["open"] == 0 { Outcome::Done } else { Outcome::LookAt })
}

/// A JSON value as text for a cell.
fn shown(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn text(value: &Value) -> String {
    shown(value).unwrap_or_default()
}
