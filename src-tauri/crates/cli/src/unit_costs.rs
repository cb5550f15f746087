//! Business metrics and what one unit costs: `metrics`, `unit-cost`.

use std::str::FromStr;

use api::ApiError;
use query::{Dimension, Measure, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, MetricsCommand, TimeGrain, UnitCostArguments, UnitCostTable};
use crate::asking::{grain, question_in, usage};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;

/// Diagnostics that are told on stderr; all are in the table of diagnostics.
const TOLD_MAX: usize = 20;

/// `qd metrics`.
pub(crate) fn metrics(session: &Session, command: Option<&MetricsCommand>) -> Result<Outcome, ApiError> {
    let mut diagnostics = false;
    let reply = match command {
        None => session.call_value("metrics", json!({}))?,
        Some(MetricsCommand::List { diagnostics: wanted }) => {
            diagnostics = *wanted;
            session.call_value("metrics", json!({}))?
        }
        Some(MetricsCommand::Import { file, name }) => {
            session.call_value("metrics_import", json!({ "path": file, "name": name }))?
        }
        Some(MetricsCommand::Remove { name }) => {
            let left = session.call_value("metrics_remove", json!({ "name": name }))?;
            session.note(&format!("{name} is removed"));
            left
        }
    };
    if session.format == Format::Json {
        output::json(&reply)?;
    } else if diagnostics {
        diagnostic_table(list(&reply["diagnostics"])).print(session.format)?;
    } else {
        metric_table(list(&reply["metrics"])).print(session.format)?;
    }
    for file in list(&reply["files"]) {
        let (name, rows, counted) = (text(&file["name"]), &file["rows"], &file["counted"]);
        session.note(&format!("{name}: {counted} of {rows} rows count"));
    }
    let found = list(&reply["diagnostics"]);
    if !diagnostics {
        for one in found.iter().take(TOLD_MAX) {
            session.note(&format!("note: {}", text(&one["message"])));
        }
        let more = found.len().saturating_sub(TOLD_MAX) as u64 + reply["more_diagnostics"].as_u64().unwrap_or(0);
        if more > 0 {
            session.note(&format!("note: and {more} more; `qd metrics list --diagnostics` lists them"));
        }
    }
    let refused = found.iter().any(|one| one["counted"] == false);
    Ok(if refused { Outcome::LookAt } else { Outcome::Done })
}

fn metric_table(metrics: &[Value]) -> Table {
    let rows = metrics
        .iter()
        .map(|metric| {
            let labels: Vec<String> = list(&metric["labels"])
                .iter()
                .map(|label| format!("{} ({})", text(&label["name"]), list(&label["values"]).len()))
                .collect();
            let files: Vec<String> = list(&metric["files"]).iter().map(text).collect();
            let by = if metric["daily"] == true { "day" } else { "month" };
            vec![
                shown(&metric["name"]),
                Some(metric["values"].to_string()),
                shown(&metric["total"]),
                shown(&metric["from"]),
                shown(&metric["to"]),
                Some(by.to_owned()),
                Some(labels.join(", ")),
                Some(files.join(", ")),
            ]
        })
        .collect();
    Table::new(&["metric", "#values", "#total", "from", "to", "by", "labels", "files"], rows)
}

fn diagnostic_table(diagnostics: &[Value]) -> Table {
    let rows = diagnostics
        .iter()
        .map(|one| {
            let counts = if one["counted"] == true { "counted" } else { "not counted" };
            vec![shown(&one["kind"]), Some(counts.to_owned()), shown(&one["message"])]
        })
        .collect();
    Table::new(&["kind", "counts", "message"], rows)
}

/// `qd unit-cost`.
pub(crate) fn unit_cost(session: &Session, arguments: &UnitCostArguments) -> Result<Outcome, ApiError> {
    let cost = Measure::from_str(&arguments.cost).map_err(|error| usage(&error))?;
    let compare = arguments.compare.as_deref().map(query::parse_comparison).transpose().map_err(ApiError::from)?;
    let question = Question { measures: vec![cost], compare, ..question_in(&arguments.scope)? };
    let by = arguments.by.as_deref().map(Dimension::from_str).transpose().map_err(|error| usage(&error))?;
    let reply = session.call_value(
        "unit_cost",
        json!({
            "question": question,
            "metric": arguments.metric,
            "labels": labels(&arguments.labels)?,
            "grain": grain(arguments.grain.unwrap_or(TimeGrain::Month)),
            "by": by,
            "decimals": arguments.decimals,
        }),
    )?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        let table = match arguments.show {
            UnitCostTable::Rows => row_table(&reply),
            UnitCostTable::Groups => group_table(&reply),
            UnitCostTable::Change => change_table(&reply),
            UnitCostTable::Elasticity => elasticity_table(&reply),
        };
        table.print(session.format)?;
    }
    if session.format == Format::Table {
        let evidence = &reply["evidence"];
        session.note(&format!(
            "{}. {} charges, evidence {}",
            text(&evidence["scope"]),
            evidence["charges"],
            text(&evidence["id"])
        ));
        for file in list(&reply["files"]) {
            session.note(&format!("units from {} ({})", text(&file["file"]), short(&file["sha256"])));
        }
        session.note(&text(&reply["total"]["elasticity"]["verdict"]));
    }
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
    Ok(Outcome::Done)
}

/// `region=eu-west-1`, several values of a label by repeating it.
fn labels(written: &[String]) -> Result<Vec<Value>, ApiError> {
    let mut labels: Vec<(String, Vec<String>)> = Vec::new();
    for one in written {
        let (label, value) =
            one.split_once('=').ok_or_else(|| usage(&format!("`{one}` is no label and value: --label region=eu")))?;
        match labels.iter_mut().find(|(known, _)| known == label) {
            Some((_, values)) => values.push(value.to_owned()),
            None => labels.push((label.to_owned(), vec![value.to_owned()])),
        }
    }
    Ok(labels.into_iter().map(|(label, values)| json!({ "label": label, "values": values })).collect())
}

fn row_table(reply: &Value) -> Table {
    let keyed = !reply["by"].is_null();
    let figures = |of: &Value| ["cost", "units", "unit_cost"].map(|name| shown(&of[name]));
    let rows = list(&reply["rows"])
        .iter()
        .map(|row| {
            let mut cells = vec![shown(&row["time"])];
            cells.extend(keyed.then(|| shown(&row["key"])));
            cells.extend(figures(row));
            cells.push(shown(&row["remark"]));
            cells
        })
        .collect();
    let by = text(&reply["by"]);
    let mut names = vec![text(&reply["grain"])];
    names.extend(keyed.then_some(by));
    names.extend(["#cost", "#units", "#unit_cost", "remark"].map(str::to_owned));
    let mut table = Table::new(&names.iter().map(String::as_str).collect::<Vec<_>>(), rows);
    let mut total = vec![Some("TOTAL".to_owned())];
    total.extend(keyed.then_some(None));
    total.extend(figures(&reply["total"]));
    total.push(shown(&reply["total"]["remark"]));
    table.total = Some(total);
    table
}

/// The groups, the total last.
fn groups(reply: &Value) -> impl Iterator<Item = (Option<String>, &Value)> {
    let groups = list(&reply["groups"]).iter().map(|group| (shown(&group["key"]), group));
    groups.chain([(Some("TOTAL".to_owned()), &reply["total"])])
}

fn group_table(reply: &Value) -> Table {
    let rows = groups(reply)
        .map(|(key, group)| {
            let mut cells = vec![key];
            cells.extend(["cost", "units", "unit_cost", "remark"].map(|name| shown(&group[name])));
            cells
        })
        .collect();
    Table::new(&["group", "#cost", "#units", "#unit_cost", "remark"], rows)
}

fn change_table(reply: &Value) -> Table {
    let mut rows = Vec::new();
    for (key, group) in groups(reply) {
        let change = &group["change"];
        for split in list(&change["splits"]) {
            for figure in ["cost", "unit_cost"] {
                let mut cells = vec![key.clone(), shown(&change["before"]), shown(&change["now"])];
                cells.extend([shown(&split["order"]), Some(figure.to_owned())]);
                let effects = ["before", "now", "difference", "cost_effect", "driver_effect"];
                cells.extend(effects.map(|name| shown(&split[figure][name])));
                cells.push(shown(&change["remark"]));
                rows.push(cells);
            }
        }
        if list(&change["splits"]).is_empty() {
            let mut cells = vec![key, shown(&change["before"]), shown(&change["now"])];
            cells.extend([const { None }; 7]);
            cells.push(shown(&change["remark"]));
            rows.push(cells);
        }
    }
    let names = [
        "group",
        "before",
        "now",
        "order",
        "of",
        "#was",
        "#is",
        "#difference",
        "#cost_effect",
        "#driver_effect",
        "remark",
    ];
    Table::new(&names, rows)
}

fn elasticity_table(reply: &Value) -> Table {
    let rows = groups(reply)
        .map(|(key, group)| {
            let card = &group["elasticity"];
            let mut cells = vec![key];
            cells.extend(["value", "low", "high", "r_squared"].map(|name| shown(&card[name])));
            cells.extend([Some(card["points"].to_string()), shown(&card["significance"]), shown(&card["verdict"])]);
            cells
        })
        .collect();
    Table::new(&["group", "#elasticity", "#low", "#high", "#r_squared", "#periods", "significance", "verdict"], rows)
}

fn short(hash: &Value) -> String {
    text(hash).chars().take(12).collect()
}

pub(crate) fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
