//! What can be chosen of an engagement: `settings`.

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, SettingsCommand};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd settings`.
pub(crate) fn settings(session: &Session, command: Option<&SettingsCommand>) -> Result<Outcome, ApiError> {
    let settings = match command {
        None => session.call_value("settings", json!({}))?,
        Some(SettingsCommand::Set { key, value }) => {
            session.call_value("setting_set", json!({ "key": key, "value": value }))?
        }
        Some(SettingsCommand::Unset { key }) => {
            session.call_value("setting_set", json!({ "key": key, "value": null }))?
        }
    };
    if session.format == Format::Json {
        output::json(&settings)?;
    } else {
        table(list(&settings)).print(session.format)?;
    }
    for setting in list(&settings) {
        let loads: Vec<String> =
            list(&setting["loads_otherwise"]).iter().map(|load| format!("load {}", text(load))).collect();
        if !loads.is_empty() {
            let (key, value) = (text(&setting["key"]), text(&setting["value"]));
            let made = if loads.len() == 1 { "was" } else { "were" };
            session.note(&format!(
                "{key} = {value} counts for loads made from now on; {} {made} made under another value: load again",
                loads.join(", "),
            ));
        }
    }
    Ok(Outcome::Done)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

fn table(settings: &[Value]) -> Table {
    let rows = settings
        .iter()
        .map(|setting| {
            let choices: Vec<String> = list(&setting["values"]).iter().map(|choice| text(&choice["value"])).collect();
            let from = if setting["chosen"].is_null() { "rule" } else { "engagement.toml" };
            vec![
                shown(&setting["key"]),
                shown(&setting["value"]),
                Some(from.to_owned()),
                Some(brief(&choices)),
                shown(&setting["counts"]),
                Some(says(setting)),
            ]
        })
        .collect();
    Table::new(&["setting", "value", "from", "values", "counts_for", "says"], rows)
}

/// A few values, and how many more there are.
fn brief(values: &[String]) -> String {
    const SHOWN: usize = 4;
    match values.len().checked_sub(SHOWN) {
        Some(more) if more > 0 => format!("{} and {more} more", values[..SHOWN].join(", ")),
        _ => values.join(", "),
    }
}

/// What is chosen, and what the value that counts means; of a flag its sentence.
fn says(setting: &Value) -> String {
    let what = text(&setting["says"]);
    if let Some(provider) = setting["provider"].as_str() {
        let who = if provider == "all" { "every provider" } else { provider };
        return format!("{who} {what}");
    }
    let value = &setting["value"];
    let choice = list(&setting["values"]).iter().find(|choice| choice["value"] == *value);
    match choice.map(|choice| text(&choice["means"])).filter(|means| !means.is_empty()) {
        Some(means) => format!("{what}: {means}"),
        None => what,
    }
}
