//! Dimensions and their values: `dims`.

use api::ApiError;
use query::{Dimension, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, ValueArguments};
use crate::asking::{question_in, usage};
use crate::measures::measure;
use crate::output::{self, Table};
use crate::session::Session;

/// `qd dims`: the dimensions.
pub(crate) fn list(session: &Session) -> Result<Outcome, ApiError> {
    let found = session.call_value("dimensions", json!({ "count": true }))?;
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = found.as_array().cloned().unwrap_or_default();
    let rows = list
        .iter()
        .map(|one| {
            vec![
                text(&one["name"]),
                text(&one["label"]),
                text(&one["kind"]),
                one["values"].as_u64().map(|count| count.to_string()),
            ]
        })
        .collect();
    Table::new(&["name", "label", "kind", "#values"], rows).print(session.format)?;
    Ok(Outcome::Done)
}

/// `qd dims DIM`: a page of its values, the dearest first.
pub(crate) fn values(session: &Session, dimension: &str, arguments: &ValueArguments) -> Result<Outcome, ApiError> {
    let dimension: Dimension = dimension.parse().map_err(|error: query::UnknownDimension| usage(&error))?;
    let cost = measure(session, &arguments.cost)?;
    let question = Question { measures: vec![cost.clone()], ..question_in(&arguments.scope)? };
    let found = session.call_value(
        "dimension_values",
        json!({
            "dimension": dimension,
            "search": arguments.search,
            "offset": arguments.offset,
            "limit": arguments.limit,
            "question": question,
        }),
    )?;
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let values = found["values"].as_array().cloned().unwrap_or_default();
    let row = |one: &Value| vec![text(&one["value"]), text(&one["cell"]["value"]), text(&one["cell"]["share"])];
    let (figure, share) = (format!("#{cost}"), format!("#{cost}_share"));
    Table::new(&[&dimension.name(), &figure, &share], values.iter().map(row).collect()).print(session.format)?;
    let total = found["total"].as_u64().unwrap_or_default();
    let shown = arguments.offset + values.len() as u64;
    if shown < total {
        session.note(&format!("note: {total} values were found, {} to {shown} are shown", arguments.offset + 1));
    }
    Ok(Outcome::Done)
}
