//! Forecasts that are kept as they were made: `forecast freeze`, `forecast judge`, `forecast frozen`, `forecast unfreeze`.

use std::str::FromStr;

use api::ApiError;
use query::{Measure, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, FrozenCommand, TimeGrain};
use crate::asking::{grain, question_in, usage};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;
use crate::unit_costs::list;

/// What `qd forecast` does with frozen forecasts.
pub(crate) fn frozen(session: &Session, command: &FrozenCommand) -> Result<Outcome, ApiError> {
    match command {
        FrozenCommand::Freeze { name, cost, grain: step, horizon, by, budget, scope } => {
            let cost = Measure::from_str(cost).map_err(|error| usage(&error))?;
            let question = Question { measures: vec![cost], ..question_in(scope)? };
            let reply = session.call_value(
                "forecast_freeze",
                json!({
                    "name": name,
                    "question": question,
                    "grain": grain(step.unwrap_or(TimeGrain::Month)),
                    "horizon": horizon,
                    "by": by,
                    "budget_file": budget,
                }),
            )?;
            session.note(&format!("{name} is frozen; `qd forecast judge \"{name}\"` sets it beside what comes"));
            listed(session, &reply)
        }
        FrozenCommand::Frozen => {
            let reply = session.call_value("frozen_forecasts", json!({}))?;
            listed(session, &reply)
        }
        FrozenCommand::Unfreeze { name } => {
            let reply = session.call_value("frozen_forecast_delete", json!({ "name": name }))?;
            session.note(&format!("{name} is taken away"));
            listed(session, &reply)
        }
        FrozenCommand::Judge { name, scopes } => {
            let reply = session.call_value("frozen_forecast", json!({ "name": name }))?;
            judged(session, &reply, *scopes)
        }
    }
}

fn listed(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    if session.format == Format::Json {
        output::json(reply)?;
    } else {
        let rows = list(reply).iter().map(|one| {
            let mut row: Vec<_> = ["name", "frozen_at", "measure", "currency", "grain", "horizon", "scopes", "total"]
                .map(|name| shown(&one[name]))
                .into();
            row.push(shown(&one["problem"]));
            row
        });
        let names = ["forecast", "frozen at", "measure", "currency", "grain", "#steps", "#scopes", "#total", "problem"];
        Table::new(&names, rows.collect()).print(session.format)?;
    }
    let broken = list(reply).iter().any(|one| !one["problem"].is_null());
    Ok(if broken { Outcome::LookAt } else { Outcome::Done })
}

fn judged(session: &Session, reply: &Value, scopes: bool) -> Result<Outcome, ApiError> {
    if session.format == Format::Json {
        output::json(reply)?;
    } else if scopes {
        let rows = list(&reply["scopes"]).iter();
        let rows = rows.map(|one| {
            let names = ["scope", "forecast", "low_80", "high_80", "actual", "share", "band", "steps_within_80"];
            names.map(|name| shown(&one[name])).to_vec()
        });
        let names = [
            "scope",
            "#forecast",
            "#80% from",
            "#80% to",
            "#actual",
            "#share of forecast",
            "band",
            "#steps within 80%",
        ];
        Table::new(&names, rows.collect()).print(session.format)?;
    } else {
        let rows = list(&reply["steps"]).iter().map(|step| {
            let mut row: Vec<_> = ["time", "amount", "low_80", "high_80", "low_95", "high_95", "actual"]
                .map(|name| shown(&step[name]))
                .into();
            row.push((step["provisional"] == true).then(|| "not complete".to_owned()));
            row
        });
        let grain = text(&reply["info"]["grain"]);
        let names = [grain.as_str(), "#expected", "#80% from", "#80% to", "#95% from", "#95% to", "#charged", "remark"];
        Table::new(&names, rows.collect()).print(session.format)?;
    }
    if session.format == Format::Table && !reply["judged"].is_null() {
        session.note(&text(&reply["judged"]["words"]));
    }
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
    Ok(Outcome::Done)
}
