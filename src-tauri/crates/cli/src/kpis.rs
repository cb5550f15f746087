//! Key figures: `kpis`.

use std::str::FromStr;

use api::ApiError;
use query::{Measure, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, KpiArguments, KpiTable};
use crate::asking::{question_in, usage};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd kpis`.
pub(crate) fn kpis(session: &Session, arguments: &KpiArguments) -> Result<Outcome, ApiError> {
    let cost = Measure::from_str(&arguments.cost).map_err(|error| usage(&error))?;
    let compare = arguments.compare.as_deref().map(query::parse_comparison).transpose().map_err(ApiError::from)?;
    let question = Question { measures: vec![cost], compare, ..question_in(&arguments.scope)? };
    let reply = session.call_value("kpis", json!({ "question": question }))?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        let kpis = list(&reply["kpis"]);
        let currency = text(&reply["currency"]);
        let table = match arguments.show {
            KpiTable::Values => value_table(kpis, &currency),
            KpiTable::Formulas => formula_table(kpis),
            KpiTable::Definitions => definition_table(kpis),
        };
        table.print(session.format)?;
    }
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
    Ok(Outcome::Done)
}

fn value_table(kpis: &[Value], currency: &str) -> Table {
    let rows = kpis
        .iter()
        .map(|kpi| {
            let unit = match kpi["unit"].as_str() {
                Some("currency") => currency.to_owned(),
                Some("currency_per_day") => format!("{currency} a day"),
                Some("currency_per_year") => format!("{currency} a year"),
                _ => "ratio".to_owned(),
            };
            let target = &kpi["target"];
            let met = match target["met"].as_bool() {
                Some(true) => Some("met".to_owned()),
                Some(false) => Some("missed".to_owned()),
                None => None,
            };
            let remark =
                shown(&kpi["not_applicable"]).or_else(|| kpi["estimate"].is_string().then(|| "an estimate".to_owned()));
            vec![
                shown(&kpi["id"]),
                shown(&kpi["value"]),
                Some(unit),
                shown(&kpi["previous"]),
                shown(&kpi["change"]),
                met,
                remark.or_else(|| shown(&target["says"])),
            ]
        })
        .collect();
    Table::new(&["kpi", "#value", "unit", "#previous", "#change", "target", "remark"], rows)
}

fn formula_table(kpis: &[Value]) -> Table {
    let mut rows = Vec::new();
    for kpi in kpis {
        let variants = list(&kpi["variants"]);
        for one in variants {
            let chosen = if one["chosen"] == true { " (chosen)" } else { "" };
            let name = format!("{}: {}{chosen}", text(&kpi["id"]), text(&one["id"]));
            rows.push(line(name, shown(&one["vendor"]), one));
        }
        if variants.is_empty() {
            rows.push(line(text(&kpi["id"]), None, kpi));
        }
    }
    Table::new(&["kpi", "vendor", "#value", "formula"], rows)
}

fn line(name: String, vendor: Option<String>, figure: &Value) -> Vec<Option<String>> {
    let formula = shown(&figure["not_applicable"]).or_else(|| shown(&figure["formula"]));
    vec![Some(name), vendor, shown(&figure["value"]), formula]
}

fn definition_table(kpis: &[Value]) -> Table {
    let rows = kpis
        .iter()
        .flat_map(|kpi| {
            let own = vec![shown(&kpi["id"]), shown(&kpi["label"]), shown(&kpi["definition"]), shown(&kpi["estimate"])];
            let variants = list(&kpi["variants"]).iter().map(|one| {
                let name = format!("{}: {}", text(&kpi["id"]), text(&one["id"]));
                vec![Some(name), shown(&one["label"]), shown(&one["definition"]), None]
            });
            std::iter::once(own).chain(variants).collect::<Vec<_>>()
        })
        .collect();
    Table::new(&["kpi", "label", "definition", "method"], rows)
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}
