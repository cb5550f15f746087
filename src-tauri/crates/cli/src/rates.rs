//! Exchange rates: `rates`.

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Format, RatesCommand};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd rates`.
pub(crate) fn rates(session: &Session, command: Option<&RatesCommand>) -> Result<Outcome, ApiError> {
    match command {
        None => {
            let tables = session.call_value("rate_tables", json!({}))?;
            if session.format == Format::Json {
                output::json(&tables)?;
            } else {
                pairs(tables.as_array().map(Vec::as_slice).unwrap_or_default()).print(session.format)?;
            }
        }
        Some(RatesCommand::Import { file, name }) => {
            let table = session.call_value("rates_import", json!({ "path": file, "name": name }))?;
            if session.format == Format::Json {
                output::json(&table)?;
            } else {
                pairs(std::slice::from_ref(&table)).print(session.format)?;
            }
            let name = text(&table["name"]);
            session.note(&format!("{} rates; convert with `qd ask --convert CUR --rates {name}`", table["rates"]));
        }
        Some(RatesCommand::Remove { table }) => {
            let tables = session.call_value("rates_remove", json!({ "name": table }))?;
            if session.format == Format::Json {
                output::json(&tables)?;
            } else {
                pairs(tables.as_array().map(Vec::as_slice).unwrap_or_default()).print(session.format)?;
            }
            session.note(&format!("{table} is removed"));
        }
        Some(RatesCommand::Show { table }) => {
            let rates = session.call_value("rate_table", json!({ "name": table }))?;
            if session.format == Format::Json {
                output::json(&rates)?;
            } else {
                let rows = rates
                    .as_array()
                    .into_iter()
                    .flatten()
                    .map(|rate| ["date", "from", "to", "rate", "source"].map(|key| shown(&rate[key])).to_vec())
                    .collect();
                Table::new(&["date", "from", "to", "#rate", "source"], rows).print(session.format)?;
            }
        }
    }
    Ok(Outcome::Done)
}

fn pairs(tables: &[Value]) -> Table {
    let mut rows = Vec::new();
    for table in tables {
        for pair in table["pairs"].as_array().into_iter().flatten() {
            let mut row = vec![shown(&table["name"])];
            row.extend(["from", "to", "rates", "first", "last"].map(|key| shown(&pair[key])));
            row.push(table["sha256"].as_str().map(|hash| hash.chars().take(12).collect()));
            rows.push(row);
        }
    }
    Table::new(&["table", "from", "to", "#rates", "first", "last", "sha256"], rows)
}
