//! Tag keys, spellings and the rules that merge them: `tags`.

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, TagsArguments};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd tags`.
pub(crate) fn tags(session: &Session, arguments: &TagsArguments) -> Result<Outcome, ApiError> {
    let changes = !arguments.merge.is_empty() || !arguments.merge_values.is_empty() || arguments.accept_suggestions;
    if changes {
        let mut rules = session.call_value("tag_rules", json!({}))?["rules"].clone();
        if arguments.accept_suggestions {
            let found = session.call_value("tag_survey", json!({}))?;
            for suggestion in found["suggestions"].as_array().into_iter().flatten() {
                accept(&mut rules, suggestion);
            }
        }
        for merge in &arguments.merge {
            let (key, spellings) = split(merge)?;
            add(&mut rules["keys"], key, &spellings);
        }
        for merge in &arguments.merge_values {
            let (name, spellings) = split(merge)?;
            let (key, value) = name.rsplit_once(':').ok_or_else(|| wrong(merge))?;
            add(&mut rules["values"][key], value, &spellings);
        }
        session.call_value("tag_rules_set", json!({ "rules": rules }))?;
    }
    if arguments.rules || changes {
        return rules_in_force(session);
    }
    let found = session.call_value("tag_survey", json!({ "key": arguments.values }))?;
    if session.format == Format::Json {
        output::json(&found)?;
    } else if arguments.suggestions {
        suggestions(&found).print(session.format)?;
    } else if arguments.values.is_some() {
        rows(&found, "values", "value").print(session.format)?;
    } else {
        rows(&found, "keys", "key").print(session.format)?;
    }
    let open = found["suggestions"].as_array().map_or(0, Vec::len);
    if open > 0 && !arguments.suggestions {
        session.note(&format!(
            "{open} sets of spellings look alike; `qd tags --suggestions` lists them, `qd tags --accept-suggestions` merges them"
        ));
    }
    Ok(Outcome::Done)
}

fn wrong(text: &str) -> ApiError {
    ApiError::new(
        "usage",
        format!("`{text}` is no rule"),
        "Write --merge environment=env,Env or --merge-values environment:prod=Prod,production.",
    )
}

/// `name=spelling,spelling`.
fn split(text: &str) -> Result<(&str, Vec<&str>), ApiError> {
    let (name, spellings) = text.split_once('=').ok_or_else(|| wrong(text))?;
    let spellings: Vec<&str> = spellings.split(',').map(str::trim).filter(|spelling| !spelling.is_empty()).collect();
    if name.trim().is_empty() || spellings.is_empty() { Err(wrong(text)) } else { Ok((name.trim(), spellings)) }
}

/// Adds spellings to a rule, each once.
fn add(rules: &mut Value, name: &str, spellings: &[&str]) {
    if rules.is_null() {
        *rules = json!({});
    }
    if rules[name].is_null() {
        rules[name] = json!([]);
    }
    if let Some(list) = rules[name].as_array_mut() {
        for spelling in spellings {
            if !list.iter().any(|known| known == spelling) {
                list.push(json!(spelling));
            }
        }
    }
}

fn accept(rules: &mut Value, suggestion: &Value) {
    let spellings: Vec<&str> =
        suggestion["spellings"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    let name = suggestion["counts_as"].as_str().unwrap_or_default();
    match suggestion["key"].as_str() {
        Some(key) => {
            let others: Vec<&str> = spellings.into_iter().filter(|spelling| *spelling != name).collect();
            add(&mut rules["values"][key], name, &others);
        }
        None => add(&mut rules["keys"], name, &spellings),
    }
}

fn rules_in_force(session: &Session) -> Result<Outcome, ApiError> {
    let found = session.call_value("tag_rules", json!({}))?;
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let list = |value: &Value| {
        let texts: Vec<&str> = value.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        Some(texts.join(", "))
    };
    let mut rows = Vec::new();
    for (key, spellings) in found["rules"]["keys"].as_object().into_iter().flatten() {
        rows.push(vec![Some(key.clone()), None, list(spellings)]);
    }
    for (key, values) in found["rules"]["values"].as_object().into_iter().flatten() {
        for (value, spellings) in values.as_object().into_iter().flatten() {
            rows.push(vec![Some(key.clone()), Some(value.clone()), list(spellings)]);
        }
    }
    Table::new(&["key", "value", "gathers"], rows).print(session.format)?;
    match found["version"].as_str() {
        Some(version) => session.note(&format!("{} is version {version}", text(&found["file"]))),
        None => session.note("there are no rules yet"),
    }
    Ok(Outcome::Done)
}

/// Keys or values, one row for each currency.
fn rows(found: &Value, list: &str, name: &str) -> Table {
    let mut rows = Vec::new();
    for one in found[list].as_array().into_iter().flatten() {
        let costs = one["cost"].as_array().cloned().unwrap_or_default();
        let costs = if costs.is_empty() { vec![Value::Null] } else { costs };
        for cost in costs {
            let mut row = ["name", "charges", "values"].map(|key| shown(&one[key])).to_vec();
            row.extend(["cost", "share", "currency"].map(|key| shown(&cost[key])));
            row.push(shown(&one["counts_as"]));
            rows.push(row);
        }
    }
    Table::new(&[name, "#charges", "#values", "#effective_cost", "#share", "currency", "counts_as"], rows)
}

fn suggestions(found: &Value) -> Table {
    let rows = found["suggestions"]
        .as_array()
        .into_iter()
        .flatten()
        .map(|one| {
            let spellings: Vec<String> = one["spellings"].as_array().into_iter().flatten().map(text).collect();
            vec![shown(&one["key"]), shown(&one["counts_as"]), Some(spellings.join(", ")), shown(&one["charges"])]
        })
        .collect();
    Table::new(&["key", "counts_as", "spellings", "#charges"], rows)
}
