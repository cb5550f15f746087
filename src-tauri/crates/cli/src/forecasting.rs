//! What a scope will cost: `forecast`.

use std::str::FromStr;

use api::ApiError;
use query::{Measure, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{ForecastArguments, ForecastTable, Format, TimeGrain};
use crate::asking::{grain, question_in, usage};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;
use crate::unit_costs::list;

/// `qd forecast`.
pub(crate) fn forecast(session: &Session, arguments: &ForecastArguments) -> Result<Outcome, ApiError> {
    let cost = Measure::from_str(&arguments.cost).map_err(|error| usage(&error))?;
    let question = Question { measures: vec![cost], ..question_in(&arguments.scope)? };
    let reply = session.call_value(
        "forecast",
        json!({
            "question": question,
            "grain": grain(arguments.grain.unwrap_or(TimeGrain::Month)),
            "horizon": arguments.horizon,
        }),
    )?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        let table = match arguments.show {
            ForecastTable::Steps => step_table(&reply),
            ForecastTable::History => history_table(&reply),
            ForecastTable::Record => record_table(&reply),
            ForecastTable::Models => model_table(&reply),
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
        session.note(&text(&reply["verdict"]));
    }
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
    Ok(Outcome::Done)
}

/// What is expected, in the columns of the reply.
const FIGURES: [&str; 5] = ["amount", "low_80", "high_80", "low_95", "high_95"];

fn step_table(reply: &Value) -> Table {
    let figures = |of: &Value| FIGURES.map(|name| shown(&of[name]));
    let rows = list(&reply["steps"])
        .iter()
        .map(|step| {
            let mut cells = vec![shown(&step["time"])];
            cells.extend(figures(step));
            cells.push(shown(&step["remark"]));
            cells
        })
        .collect();
    let grain = text(&reply["grain"]);
    let names = [grain.as_str(), "#expected", "#80% from", "#80% to", "#95% from", "#95% to", "remark"];
    let mut table = Table::new(&names, rows);
    let total = &reply["total"];
    if !total.is_null() {
        let mut cells = vec![Some(format!("{} to {}", text(&total["from"]), text(&total["to"])))];
        cells.extend(figures(total));
        cells.push(None);
        table.total = Some(cells);
    }
    table
}

fn history_table(reply: &Value) -> Table {
    let rows = list(&reply["history"])
        .iter()
        .map(|actual| {
            let provisional = (actual["provisional"] == true).then(|| "not complete".to_owned());
            vec![shown(&actual["time"]), shown(&actual["amount"]), provisional]
        })
        .collect();
    Table::new(&[text(&reply["grain"]).as_str(), "#charged", "remark"], rows)
}

fn record_table(reply: &Value) -> Table {
    /// What the record has, each with its name in the literature.
    const FIGURES: [(&str, &str); 10] = [
        ("origins", "earlier points"),
        ("steps", "steps ahead"),
        ("wape", "WAPE"),
        ("bias", "bias"),
        ("mase", "MASE"),
        ("skill_against_seasonal_naive", "skill against seasonal naive"),
        ("skill_against_run_rate", "skill against run-rate"),
        ("coverage_80", "coverage of the 80 % interval"),
        ("coverage_95", "coverage of the 95 % interval"),
        ("year_error", "error of a year's sum"),
    ];
    let record = &reply["record"];
    let value = |name: &str| match &record[name] {
        Value::Number(number) => Some(number.to_string()),
        other => shown(other),
    };
    let rows = if record.is_null() {
        Vec::new()
    } else {
        FIGURES.iter().map(|(name, label)| vec![Some((*label).to_owned()), value(name)]).collect()
    };
    Table::new(&["record", "#value"], rows)
}

fn model_table(reply: &Value) -> Table {
    let models = list(&reply["models"]);
    let names: Vec<String> = models.iter().map(|model| format!("#{}", text(&model["name"]))).collect();
    let grain = text(&reply["grain"]);
    let columns: Vec<&str> = std::iter::once(grain.as_str()).chain(names.iter().map(String::as_str)).collect();
    let rows = list(&reply["steps"])
        .iter()
        .enumerate()
        .map(|(at, step)| {
            let amounts = models.iter().map(|model| shown(&model["amounts"][at]));
            std::iter::once(shown(&step["time"])).chain(amounts).collect()
        })
        .collect();
    Table::new(&columns, rows)
}
