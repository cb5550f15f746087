//! What a scope will cost: `forecast`.

mod tables;

use std::str::FromStr;

use api::ApiError;
use query::{Dimension, Measure, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{ForecastArguments, ForecastTable, Format, TimeGrain};
use crate::asking::{grain, question_in, usage};
use crate::loading::text;
use crate::output;
use crate::session::Session;
use crate::unit_costs::list;
use tables::{
    component_table, driver_table, history_table, kind_table, model_table, month_end_table, part_table, record_table,
    step_table,
};

/// How a part without a value is written.
const MISSING: &str = "(missing)";

/// `qd forecast`.
pub(crate) fn forecast(session: &Session, arguments: &ForecastArguments) -> Result<Outcome, ApiError> {
    let request = request(arguments)?;
    if let Some(file) = &arguments.workbook {
        let target = json!({ "format": "xlsx", "path": file });
        let written = session.call_value("forecast_export", json!({ "request": request, "target": target }))?;
        if session.format == Format::Json {
            output::json(&written)?;
        } else {
            session.note(&format!("written: {}", text(&written["path"])));
        }
        return Ok(Outcome::Done);
    }
    let reply = session.call_value("forecast", request)?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        let table = match arguments.show {
            ForecastTable::Steps => step_table(&reply),
            ForecastTable::History => history_table(&reply),
            ForecastTable::Record => record_table(&reply),
            ForecastTable::Models => model_table(&reply),
            ForecastTable::Parts => part_table(&reply),
            ForecastTable::Kinds => kind_table(&reply),
            ForecastTable::Components => component_table(&reply),
            ForecastTable::Drivers => driver_table(&reply),
            ForecastTable::MonthEnd => month_end_table(&reply),
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
        session.note(&format!("made by: {}", text(&reply["method_in_words"])));
        session.note(&text(&reply["split"]["words"]));
        session.note(&text(&reply["verdict"]));
        for told in ["reconciliation", "driver_model", "month_end"] {
            if !reply[told].is_null() {
                session.note(&text(&reply[told]["words"]));
            }
        }
        if arguments.show == ForecastTable::Kinds {
            for kind in list(&reply["split"]["kinds"]) {
                session.note(&format!("{}: {}", text(&kind["label"]), text(&kind["words"])));
                for line in list(&kind["lines"]) {
                    session.note(&format!("  {}: {}", text(&line["name"]), text(&line["words"])));
                }
            }
        }
        for event in list(&reply["events"]) {
            session.note(&format!("{}: {}", text(&event["time"]), text(&event["text"])));
        }
    }
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
    Ok(Outcome::Done)
}

fn request(arguments: &ForecastArguments) -> Result<Value, ApiError> {
    let cost = Measure::from_str(&arguments.cost).map_err(|error| usage(&error))?;
    let question = Question { measures: vec![cost], ..question_in(&arguments.scope)? };
    let by = arguments.by.iter().map(|name| Dimension::from_str(name)).collect::<Result<Vec<_>, _>>();
    let by = by.map_err(|error| usage(&error))?;
    if by.len() > 2 {
        return Err(usage(&"a forecast has parts by two dimensions at most; leave one --by out"));
    }
    let locks = arguments.lock.iter().map(|lock| part_lock(lock)).collect::<Result<Vec<_>, _>>()?;
    let drivers = arguments.driver.iter().map(|given| driver(given)).collect::<Result<Vec<_>, _>>()?;
    Ok(json!({
        "question": question,
        "grain": grain(arguments.grain.unwrap_or(TimeGrain::Month)),
        "horizon": arguments.horizon,
        "by": by.first(),
        "then": by.get(1),
        "top": arguments.top,
        "locks": locks,
        "lock_total": arguments.lock_total,
        "drivers": drivers,
    }))
}

/// `Amazon EC2=12000`.
fn part_lock(given: &str) -> Result<Value, ApiError> {
    match given.rsplit_once('=') {
        Some((value, amount)) => {
            let value = (value != MISSING).then_some(value);
            Ok(json!({ "value": value, "amount": amount.trim() }))
        }
        None => Err(usage(&format!("`{given}` is no part set by hand; write VALUE=AMOUNT"))),
    }
}

/// `orders`, `orders,growth=0.02`, `orders,rate=0.35`, `orders,2026-11=12000,2026-12=15000`.
fn driver(given: &str) -> Result<Value, ApiError> {
    let mut words = given.split(',').map(str::trim);
    let mut driver = json!({ "metric": words.next().unwrap_or_default() });
    for word in words {
        match word.split_once('=') {
            Some(("growth", share)) => driver["growth"] = json!(share),
            Some(("rate", rate)) => driver["unit_rate"] = json!(rate),
            Some((time, units)) => driver["values"][time] = json!(units),
            None => {
                return Err(usage(&format!(
                    "`{word}` says nothing of a driver; write growth=0.02, rate=0.35 or 2026-11=12000"
                )));
            }
        }
    }
    Ok(driver)
}
