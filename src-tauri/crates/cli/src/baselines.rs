//! Baselines, credits and agreements: `qd scenario baseline`, `credits`, `agreements`.

use std::path::Path;

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{BaselineCommand, Format};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::scenarios::{listed, read};
use crate::session::Session;
use crate::unit_costs::list;

/// `qd scenario baseline`.
pub(crate) fn baselines(session: &Session, command: &BaselineCommand) -> Result<Outcome, ApiError> {
    match command {
        BaselineCommand::Show { name } => {
            let reply = session.call_value("baseline", json!({ "name": name }))?;
            if session.format == Format::Json {
                output::json(&reply)?;
            } else {
                output::write(&text(&reply["text"]))?;
            }
            Ok(Outcome::Done)
        }
        BaselineCommand::Save { name, file } => {
            let reply = session.call_value("baseline_save_text", json!({ "name": name, "text": read(file)? }))?;
            session.note(&format!("baseline {name} is kept"));
            listed(session, &reply)
        }
        BaselineCommand::Delete { name } => {
            let reply = session.call_value("baseline_delete", json!({ "name": name }))?;
            session.note(&format!("baseline {name} is deleted"));
            listed(session, &reply)
        }
    }
}

/// `qd scenario credits` and `qd scenario agreements`.
pub(crate) fn promises(session: &Session, what: &str, file: Option<&Path>, none: bool) -> Result<Outcome, ApiError> {
    let key = format!("{what}_text");
    let reply = match file {
        Some(file) => session.call_value("scenario_promises_set", json!({ key.as_str(): read(file)? }))?,
        None if none => session.call_value("scenario_promises_set", json!({ key.as_str(): "" }))?,
        None => session.call_value("scenario_promises", json!({}))?,
    };
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        table(what, &reply).print(session.format)?;
    }
    for problem in list(&reply["problems"]) {
        session.note(&format!("problem: {}", text(problem)));
    }
    if what == "credits" {
        for one in list(&reply["on_bill"]) {
            let place = ["provider", "service", "account"].map(|key| shown(&one[key]).unwrap_or_default());
            let place: Vec<String> = place.into_iter().filter(|value| !value.is_empty()).collect();
            session.note(&format!(
                "on the bill: {} {} of credits from {} to {}, {}",
                text(&one["billed"]),
                text(&one["currency"]),
                text(&one["first"]),
                text(&one["last"]),
                place.join(" / ")
            ));
        }
    }
    Ok(if list(&reply["problems"]).is_empty() { Outcome::Done } else { Outcome::LookAt })
}

fn table(what: &str, reply: &Value) -> Table {
    let of = |one: &Value| {
        let filter = one["where"].as_object().into_iter().flatten();
        let each = filter.map(|(name, values)| {
            format!("{name} = {}", list(values).iter().map(text).collect::<Vec<_>>().join(" or "))
        });
        Some(each.collect::<Vec<_>>().join(", "))
    };
    if what == "credits" {
        let rows = list(&reply["credits"]).iter().map(|one| {
            let mut row = vec![shown(&one["name"]), of(one)];
            row.extend(
                ["balance", "as_of", "from", "expires", "monthly_limit", "currency"].map(|key| shown(&one[key])),
            );
            row
        });
        let names = ["credit", "for", "#balance", "as of", "from", "expires", "#a month", "currency"];
        return Table::new(&names, rows.collect());
    }
    let rows = list(&reply["agreements"]).iter().map(|one| {
        let commitments = list(&one["commitments"]).iter().map(text).collect::<Vec<_>>().join(", ");
        let rebates = list(one.get("rebates").unwrap_or(&Value::Null)).iter().map(|rebate| {
            let end = shown(&rebate["up_to"]).map_or_else(|| "above".to_owned(), |end| format!("up to {end}"));
            format!("{end}: {}", text(&rebate["percent"]))
        });
        vec![
            shown(&one["name"]),
            of(one),
            shown(&one["from"]),
            shown(&one["period_months"]),
            Some(commitments),
            Some(rebates.collect::<Vec<_>>().join("; ")),
            shown(&one["currency"]),
        ]
    });
    let names = ["agreement", "counts", "from", "#months a period", "promised", "rebates", "currency"];
    Table::new(&names, rows.collect())
}
