//! What the analyst keeps: `views`, `annotations`.

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{AnnotationsCommand, Format, ViewsCommand};
use crate::output::{self, Table};
use crate::session::Session;

/// What a link to a view begins with; the rest is its address.
const LINK: &str = "quarterdeck://view";

/// `qd views`.
pub(crate) fn views(session: &Session, command: Option<&ViewsCommand>) -> Result<Outcome, ApiError> {
    let found = match command {
        None => session.call_value("views", json!({}))?,
        Some(ViewsCommand::Save { name, link }) => {
            let address = link.strip_prefix(LINK).unwrap_or(link);
            session.call_value("view_save", json!({ "name": name, "address": address }))?
        }
        Some(ViewsCommand::Delete { name }) => session.call_value("view_delete", json!({ "name": name }))?,
    };
    if session.format == Format::Json {
        output::json(&found)?;
    } else {
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let row = |view: &Value| {
            vec![
                Some(text(&view["name"])),
                Some(text(&view["saved_at"])),
                Some(format!("{LINK}{}", text(&view["address"]))),
            ]
        };
        let rows = found["views"].as_array().into_iter().flatten().map(row).collect();
        Table::new(&["name", "saved_at", "link"], rows).print(session.format)?;
    }
    let problems = found["problems"].as_array().cloned().unwrap_or_default();
    for problem in problems.iter().filter_map(Value::as_str) {
        session.note(&format!("note: {problem}"));
    }
    Ok(if problems.is_empty() { Outcome::Done } else { Outcome::LookAt })
}

/// `qd annotations`.
pub(crate) fn annotations(session: &Session, command: Option<&AnnotationsCommand>) -> Result<Outcome, ApiError> {
    let found = match command {
        None => session.call_value("annotations", json!({}))?,
        Some(AnnotationsCommand::Add { text, day, dimension, value }) => session.call_value(
            "annotation_set",
            json!({ "day": day, "dimension": dimension, "value": value, "text": text }),
        )?,
        Some(AnnotationsCommand::Delete { id }) => {
            session.call_value("annotation_set", json!({ "id": id, "text": "" }))?
        }
    };
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let row = |one: &Value| {
        vec![
            Some(one["id"].to_string()),
            text(&one["day"]),
            text(&one["dimension"]),
            text(&one["value"]),
            text(&one["text"]),
        ]
    };
    let rows = found.as_array().into_iter().flatten().map(row).collect();
    Table::new(&["#id", "day", "dimension", "value", "text"], rows).print(session.format)?;
    Ok(Outcome::Done)
}
