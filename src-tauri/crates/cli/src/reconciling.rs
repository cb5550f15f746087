//! Invoices beside charges: `reconcile`.

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, ReconcileArguments};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd reconcile`.
pub(crate) fn reconcile(session: &Session, arguments: &ReconcileArguments) -> Result<Outcome, ApiError> {
    if let Some([invoice, note]) = arguments.note.as_deref() {
        let payload = json!({ "invoice_id": invoice, "text": note, "class": arguments.class });
        session.call_value("invoice_note_set", payload)?;
    }
    let mut payload = json!({});
    if let Some(path) = &arguments.invoices {
        payload["invoices_path"] = json!(path);
    }
    let found = session.call_value("reconcile", payload)?;
    let lines = found["invoices"].as_array().map(Vec::as_slice).unwrap_or_default();
    if session.format == Format::Json {
        output::json(&found)?;
    } else if arguments.parts {
        parts_table(lines).print(session.format)?;
    } else {
        lines_table(lines).print(session.format)?;
    }
    for line in lines.iter().filter(|line| !line["note"].is_null()) {
        session.note(&format!("{}: {}", text(&line["invoice_id"]), text(&line["note"]["text"])));
    }
    session.note(&format!(
        "{} lines match to the last digit, {} differ by what is explained, {} are open",
        found["matched"], found["explained"], found["open"]
    ));
    Ok(if found["open"] == 0 { Outcome::Done } else { Outcome::LookAt })
}

fn lines_table(lines: &[Value]) -> Table {
    let rows = lines
        .iter()
        .map(|line| {
            let mut row = [
                "period",
                "issuer",
                "invoice_id",
                "billing_account",
                "amount",
                "charges",
                "difference",
                "currency",
                "status",
            ]
            .map(|key| shown(&line[key]))
            .to_vec();
            row.push(Some(classes(line)).filter(|classes| !classes.is_empty()));
            let state = match (line["status"].as_str(), line["closed"].as_bool()) {
                (Some("matched"), _) => "matched",
                (_, Some(true)) => "explained",
                _ => "open",
            };
            row.push(Some(state.to_owned()));
            row
        })
        .collect();
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
        "made_of",
        "state",
    ];
    Table::new(&names, rows)
}

/// "tax -19.00, rounding 0.01".
fn classes(line: &Value) -> String {
    let parts = line["parts"].as_array().map(Vec::as_slice).unwrap_or_default();
    let parts: Vec<String> =
        parts.iter().map(|part| format!("{} {}", text(&part["class"]), text(&part["amount"]))).collect();
    parts.join(", ")
}

fn parts_table(lines: &[Value]) -> Table {
    let mut rows = Vec::new();
    for line in lines {
        for part in line["parts"].as_array().into_iter().flatten() {
            let mut row = ["period", "invoice_id", "billing_account"].map(|key| shown(&line[key])).to_vec();
            row.extend([shown(&part["class"]), shown(&part["amount"]), shown(&line["currency"])]);
            row.push(Some(if part["proven"] == true { "proven" } else { "open" }.to_owned()));
            row.extend([shown(&part["by"]), shown(&part["rule"]), shown(&line["note"]["text"])]);
            rows.push(row);
        }
    }
    let names = ["period", "invoice", "billing_account", "class", "#amount", "currency", "state", "by", "why", "note"];
    Table::new(&names, rows)
}
