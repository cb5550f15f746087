//! What moved between two periods, and why: `change`.

use std::str::FromStr;

use api::ApiError;
use query::{Comparison, Dimension, Measure, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{ChangeArguments, Convention, Format};
use crate::asking::{conversion, question_in, usage};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd change`.
pub(crate) fn change(session: &Session, arguments: &ChangeArguments) -> Result<Outcome, ApiError> {
    if let Some(plan) = &arguments.against {
        return against(session, arguments, plan);
    }
    let question = question(arguments)?;
    let convention = match arguments.convention {
        Convention::BaseFirst => "base_first",
        Convention::Midpoint => "midpoint",
    };
    let mut payload = json!({ "question": question, "convention": convention, "limit": arguments.limit });
    match &arguments.effect {
        Some(effect) => {
            payload["effect"] = json!(effect);
            let reply = session.call_value("change_items", payload)?;
            print(session, &reply, &[items(&reply)])?;
        }
        None => {
            payload["by"] = json!(Dimension::from_str(&arguments.by).map_err(|error| usage(&error))?);
            let reply = session.call_value("change", payload)?;
            let tables = match session.format {
                // One header for all lines, so that programs can read it.
                Format::Csv => vec![lines(&reply)],
                Format::Table | Format::Json => vec![bridge(&reply), movers(&reply)],
            };
            print(session, &reply, &tables)?;
        }
    }
    Ok(Outcome::Done)
}

/// From what was planned to what it cost.
fn against(session: &Session, arguments: &ChangeArguments, plan: &str) -> Result<Outcome, ApiError> {
    let planned = query::parse_planned(plan).ok_or_else(|| usage(&"a plan is budget, budget:FILE or forecast:NAME"))?;
    let question = Question { compare: None, against: Some(planned), ..question(arguments)? };
    let reply =
        session.call_value("change_against", json!({ "question": question, "breakdown": arguments.breakdown }))?;
    let columns = ["name", "kind", "planned", "actual", "difference", "share", "explanation"];
    let currency = || optional(&reply["currency"]);
    let line = |line: &Value| columns.iter().map(|column| optional(&line[*column])).chain([currency()]).collect();
    let rows: Vec<Vec<Option<String>>> = list(&reply["lines"]).iter().map(line).collect();
    let total = ["planned", "actual", "difference"].map(|column| optional(&reply[column]));
    let total = [Some("TOTAL".to_owned()), None].into_iter().chain(total).chain([None, None, currency()]).collect();
    let names = ["name", "kind", "#planned", "#actual", "#difference", "#share", "explanation", "unit"];
    print(session, &reply, &[Table { total: Some(total), ..Table::new(&names, rows) }])?;
    if session.format != Format::Json {
        let parts =
            [("not_separable", "in planned lines, rate and volume not separable"), ("not_planned", "not planned")];
        for (part, says) in parts {
            session.note(&format!("{says}: {} {}", text(&reply[part]), text(&reply["currency"])));
        }
    }
    Ok(Outcome::Done)
}

fn question(arguments: &ChangeArguments) -> Result<Question, ApiError> {
    let period = |text: &Option<String>| text.as_deref().map(query::parse_period).transpose().map_err(ApiError::from);
    let scope = question_in(&arguments.scope)?;
    let base = match period(&arguments.from)? {
        Some(period) => Comparison::Period(period),
        None => query::parse_comparison(&arguments.compare)?,
    };
    Ok(Question {
        measures: vec![Measure::from_str(&arguments.cost).map_err(|error| usage(&error))?],
        period: period(&arguments.to)?.or(scope.period),
        compare: Some(base),
        convert: conversion(&arguments.conversion)?,
        ..scope
    })
}

/// JSON is the reply as it is.
fn print(session: &Session, reply: &Value, tables: &[Table]) -> Result<(), ApiError> {
    if session.format == Format::Json {
        return output::json(reply);
    }
    for (at, table) in tables.iter().enumerate() {
        if at > 0 {
            output::write("\n")?;
        }
        table.print(session.format)?;
    }
    if let Some(headline) = reply["headline"].as_str() {
        session.note(headline);
    }
    session.note(&format!("{}. evidence {}", text(&reply["evidence"]["scope"]), text(&reply["evidence"]["id"])));
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
    Ok(())
}

fn text(value: &Value) -> String {
    value.as_str().unwrap_or_default().to_owned()
}

fn optional(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// From the base through every effect to the current cost.
fn bridge(reply: &Value) -> Table {
    let currency = || optional(&reply["currency"]);
    let line = |effect: &str, label: &str, amount: &Value, share: &Value, items: &Value| {
        let items = items.as_u64().map(|items| items.to_string());
        vec![Some(effect.to_owned()), Some(label.to_owned()), optional(amount), optional(share), items, currency()]
    };
    let none = Value::Null;
    let span = |period: &Value| format!("{} up to {}", text(&period["from"]), text(&period["to"]));
    let mut rows = vec![line("base", &span(&reply["compared_with"]), &reply["base"], &none, &none)];
    for effect in list(&reply["effects"]) {
        let (name, label) = (text(&effect["effect"]), text(&effect["label"]));
        rows.push(line(&name, &label, &effect["amount"], &effect["share"], &effect["items"]));
    }
    rows.push(line("current", &span(&reply["period"]), &reply["current"], &none, &reply["items"]));
    Table::new(&["effect", "label", "#amount", "#share", "#items", "unit"], rows)
}

fn movers(reply: &Value) -> Table {
    let mut rows: Vec<Vec<Option<String>>> = list(&reply["movers"])
        .iter()
        .map(|mover| {
            let figures = ["base", "current", "difference", "status", "driver", "sentence"];
            let value = optional(&mover["value"]);
            std::iter::once(value).chain(figures.map(|figure| optional(&mover[figure]))).collect()
        })
        .collect();
    let other = &reply["other_movers"];
    if other.is_object() {
        let figures = ["base", "current", "difference"].map(|figure| optional(&other[figure]));
        let name = Some(format!("({} more)", other["values"]));
        rows.push(std::iter::once(name).chain(figures).chain([None, None, None]).collect());
    }
    let by = text(&reply["by"]);
    Table::new(&[&by, "#base", "#current", "#difference", "status", "driver", "sentence"], rows)
}

/// The bridge and the movers under one header.
fn lines(reply: &Value) -> Table {
    let currency = || optional(&reply["currency"]);
    let bridge = bridge(reply).rows.into_iter().map(|line| {
        let mut cells = line.into_iter();
        let mut next = || cells.next().flatten();
        let (effect, label, amount, share, items) = (next(), next(), next(), next(), next());
        let part = effect.clone().filter(|effect| effect == "base" || effect == "current");
        let part = part.unwrap_or_else(|| "effect".to_owned());
        vec![Some(part), effect, label, None, None, amount, share, items, None, None, None, currency()]
    });
    let movers = movers(reply).rows.into_iter().map(|line| {
        let mut cells = line.into_iter();
        let mut next = || cells.next().flatten();
        let (value, base, current, difference) = (next(), next(), next(), next());
        let (status, driver, sentence) = (next(), next(), next());
        let part = if status.is_some() { "mover" } else { "other movers" };
        let part = Some(part.to_owned());
        vec![part, value, None, base, current, difference, None, None, status, driver, sentence, currency()]
    });
    let names = [
        "part", "name", "label", "#base", "#current", "#amount", "#share", "#items", "status", "driver", "sentence",
        "unit",
    ];
    Table::new(&names, bridge.chain(movers).collect())
}

/// The SKUs behind a bar.
fn items(reply: &Value) -> Table {
    let columns = [
        "service",
        "region",
        "sku",
        "label",
        "unit",
        "base_quantity",
        "current_quantity",
        "base_price",
        "current_price",
        "base",
        "current",
        "amount",
    ];
    let mut rows: Vec<Vec<Option<String>>> = list(&reply["items"])
        .iter()
        .map(|item| columns.iter().map(|column| optional(&item[*column])).collect())
        .collect();
    let other = &reply["other"];
    if other.is_object() {
        let mut row = vec![Some(format!("({} more)", other["items"]))];
        row.resize(columns.len() - 1, None);
        row.push(optional(&other["amount"]));
        rows.push(row);
    }
    let mut total = vec![Some("TOTAL".to_owned())];
    total.resize(columns.len() - 1, None);
    total.push(optional(&reply["amount"]));
    let names = columns.map(|name| {
        if name.starts_with("base") || name.starts_with("current") || name == "amount" {
            format!("#{name}")
        } else {
            name.to_owned()
        }
    });
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    Table { total: Some(total), ..Table::new(&names, rows) }
}
