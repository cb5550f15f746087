//! What is loaded beside charges: `datasets`.

use api::ApiError;
use serde_json::{Value, json};

use crate::arguments::{Format, SideDataset};
use crate::loading::shown;
use crate::output::{self, Table};
use crate::session::Session;
use crate::{Outcome, manifests};

/// `qd datasets`.
pub(crate) fn list(session: &Session, all: bool) -> Result<Outcome, ApiError> {
    let loads = session.call_value("side_datasets", json!({ "all": all }))?;
    if session.format == Format::Json {
        output::json(&loads)?;
    } else {
        print(session.format, loads.as_array().map(Vec::as_slice).unwrap_or_default())?;
    }
    Ok(Outcome::Done)
}

/// Prints the deliveries as a table.
pub(crate) fn print(format: Format, loads: &[Value]) -> Result<(), ApiError> {
    let rows = loads
        .iter()
        .map(|load| {
            let mut row: Vec<Option<String>> =
                ["id", "dataset", "provider", "billing_account", "billing_period", "format_version"]
                    .map(|key| shown(&load[key]))
                    .to_vec();
            row.push(load["files"].as_array().map(|files| files.len().to_string()));
            row.extend(["rows", "rejected", "state"].map(|key| shown(&load[key])));
            (load, row)
        })
        .collect();
    let names =
        ["#load", "dataset", "provider", "billing_account", "period", "focus", "#files", "#rows", "#rejected", "state"];
    manifests::print(format, &names, rows)
}

/// `qd datasets contract-commitments` and the like.
pub(crate) fn rows(session: &Session, dataset: SideDataset, limit: u32, offset: u64) -> Result<Outcome, ApiError> {
    let command = match dataset {
        SideDataset::ContractCommitments => "contract_commitments",
        SideDataset::InvoiceDetails => "invoice_details",
        SideDataset::BillingPeriods => "billing_periods",
    };
    let found = session.call_value(command, json!({ "limit": limit, "offset": offset }))?;
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let texts = |value: &Value| -> Vec<Option<String>> {
        value.as_array().into_iter().flatten().map(|cell| cell.as_str().map(str::to_owned)).collect()
    };
    let names: Vec<String> = texts(&found["columns"]).into_iter().flatten().collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let rows: Vec<Vec<Option<String>>> = found["rows"].as_array().into_iter().flatten().map(texts).collect();
    let shown = rows.len() as u64;
    Table::new(&names, rows).print(session.format)?;
    let total = found["total"].as_u64().unwrap_or(0);
    if shown < total {
        session.note(&format!("{shown} of {total} rows; `--limit` and `--offset` show others"));
    }
    Ok(Outcome::Done)
}
