//! Own mappings: `mapping draft`, `try`, `save`, `list`, `delete`.

use std::path::Path;

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, MappingCommand};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd mapping`.
pub(crate) fn perform(session: &Session, command: &MappingCommand) -> Result<Outcome, ApiError> {
    match command {
        MappingCommand::Draft { bill, provider } => draft(session, bill, provider.as_deref()),
        MappingCommand::Try { bill, mapping } => attempt(session, bill, mapping),
        MappingCommand::Save { mapping } => {
            let saved = session.call_value("mapping_save", json!({ "text": text(mapping)? }))?;
            list(session, &json!([saved]))
        }
        MappingCommand::List => list(session, &session.call_value("mappings", json!({}))?),
        MappingCommand::Delete { name } => {
            list(session, &session.call_value("mapping_delete", json!({ "name": name }))?)
        }
    }
}

fn text(path: &Path) -> Result<String, ApiError> {
    std::fs::read_to_string(path)
        .map_err(|error| ApiError::new("io", format!("{}: {error}", path.display()), "Check the path."))
}

fn draft(session: &Session, bill: &Path, provider: Option<&str>) -> Result<Outcome, ApiError> {
    let draft = session.call_value("mapping_draft", json!({ "path": bill, "provider": provider }))?;
    if session.format == Format::Json {
        output::json(&draft)?;
        return Ok(Outcome::Done);
    }
    output::write(draft["text"].as_str().unwrap_or_default())?;
    Ok(Outcome::Done)
}

fn attempt(session: &Session, bill: &Path, mapping: &Path) -> Result<Outcome, ApiError> {
    let found = session.call_value("mapping_preview", json!({ "path": bill, "text": text(mapping)? }))?;
    let word = |value: &Value| value.as_str().map(str::to_owned);
    if let Some(problem) = found["problem"].as_object() {
        let field = |key: &str| problem.get(key).and_then(word).unwrap_or_default();
        return Err(ApiError::new("mapping", field("message"), field("hint")));
    }
    if session.format == Format::Json {
        output::json(&found)?;
    } else {
        let columns: Vec<String> = found["columns"].as_array().into_iter().flatten().filter_map(word).collect();
        let rows = found["rows"].as_array().into_iter().flatten();
        let rows = rows.map(|row| row.as_array().into_iter().flatten().map(word).collect()).collect();
        let names: Vec<&str> = columns.iter().map(String::as_str).collect();
        Table::new(&names, rows).print(session.format)?;
    }
    let rejects = found["rejects"].as_array().map_or(0, Vec::len);
    if !session.quiet {
        for total in found["totals"].as_array().into_iter().flatten() {
            let (billed, currency) = (word(&total["billed"]), word(&total["currency"]));
            let line = format!(
                "{} charges, billed {} {}",
                found["charges"],
                billed.unwrap_or_default(),
                currency.unwrap_or_default()
            );
            eprintln!("{}", output::shown(&line));
        }
        for reject in found["rejects"].as_array().into_iter().flatten() {
            let line = format!(
                "row {}, {}: {} ({})",
                reject["row"],
                word(&reject["column"]).unwrap_or_default(),
                word(&reject["reason"]).unwrap_or_default(),
                word(&reject["value"]).unwrap_or_default()
            );
            eprintln!("{}", output::shown(&line));
        }
    }
    Ok(if rejects == 0 { Outcome::Done } else { Outcome::LookAt })
}

fn list(session: &Session, mappings: &Value) -> Result<Outcome, ApiError> {
    if session.format == Format::Json {
        output::json(mappings)?;
        return Ok(Outcome::Done);
    }
    let keys = ["name", "title", "problem"];
    let row = |one: &Value| keys.iter().map(|key| one[key].as_str().map(str::to_owned)).collect();
    Table::new(&keys, mappings.as_array().into_iter().flatten().map(row).collect()).print(session.format)?;
    Ok(Outcome::Done)
}
