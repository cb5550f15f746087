//! Calculated measures: `measures`, and their names in `ask`.

use std::str::FromStr;

use api::ApiError;
use query::Measure;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, MeasuresCommand};
use crate::asking::usage;
use crate::output::{self, Table};
use crate::session::Session;

/// `qd measures`.
pub(crate) fn measures(session: &Session, command: Option<&MeasuresCommand>) -> Result<Outcome, ApiError> {
    let found = match command {
        None => session.call_value("calculated_measures", json!({}))?,
        Some(MeasuresCommand::Set { name, formula, kind }) => {
            session.call_value("calculated_measure_set", json!({ "name": name, "formula": formula, "kind": kind }))?
        }
        Some(MeasuresCommand::Delete { name }) => {
            session.call_value("calculated_measure_delete", json!({ "name": name }))?
        }
    };
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let row = |one: &Value| vec![text(&one["name"]), text(&one["measure"]), text(&one["kind"]), text(&one["formula"])];
    let rows = found.as_array().into_iter().flatten().map(row).collect();
    Table::new(&["name", "measure", "kind", "formula"], rows).print(session.format)?;
    Ok(Outcome::Done)
}

/// A measure by its name, its formula, or what the analyst calls it.
pub(crate) fn measure(session: &Session, text: &str) -> Result<Measure, ApiError> {
    let unknown = match Measure::from_str(text) {
        Ok(measure) => return Ok(measure),
        Err(unknown) => unknown,
    };
    let found = session.call_value("calculated_measures", json!({}))?;
    let wanted = text.trim().to_lowercase();
    let called = |one: &&Value| one["name"].as_str().is_some_and(|name| name.to_lowercase() == wanted);
    let calculated = found.as_array().into_iter().flatten().find(called);
    calculated
        .and_then(|one| serde_json::from_value(one["measure"].clone()).ok())
        .ok_or_else(|| usage(&format!("{unknown}; `qd measures` lists those that the engagement calculates")))
}
