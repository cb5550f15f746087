//! What re-deliveries changed: `diff-loads`.

use api::ApiError;
use money::Amount;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::Format;
use crate::output::{self, Table};
use crate::session::Session;

/// The lists of a difference: the key in the reply, its name here, and what names a line.
const LISTS: [(&str, &str, &[&str]); 3] = [
    ("by_service", "service", &["service"]),
    ("by_account", "account", &["account", "account_name"]),
    ("by_charge_kind", "charge", &["category", "class"]),
];

const COSTS: [&str; 4] = ["billed", "effective", "contracted", "list"];

/// `qd diff-loads`. One load alone is set beside what it replaced.
pub(crate) fn diff_loads(
    session: &Session,
    first: Option<i64>,
    second: Option<i64>,
    period: Option<&str>,
) -> Result<Outcome, ApiError> {
    let mut payload = json!({});
    let (before, after) = if second.is_some() { (first, second) } else { (None, first) };
    for (key, load) in [("before", before), ("after", after)] {
        if let Some(load) = load {
            payload[key] = json!(load);
        }
    }
    if let Some(period) = period {
        payload["period"] = json!(period);
    }
    let reply = session.call_value("load_diff", payload)?;
    if session.format == Format::Json {
        output::json(&reply)?;
        return Ok(Outcome::Done);
    }
    let diffs = reply["diffs"].as_array().map(Vec::as_slice).unwrap_or_default();
    let mut rows = Vec::new();
    for diff in diffs {
        for currency in diff["currencies"].as_array().into_iter().flatten() {
            rows.extend(lines(diff, currency));
        }
        for load in ["before", "after"].map(|side| &diff[side]) {
            for file in load["files"].as_array().into_iter().flatten() {
                let hash: String = text(&file["sha256"]).chars().take(12).collect();
                session.note(&format!(
                    "load {}: {} (sha256 {hash}…), {} rows",
                    load["id"],
                    text(&file["name"]),
                    file["rows"]
                ));
            }
        }
        if diff["same_bill"] == false {
            session.note("note: these are not deliveries of the same bill");
        }
    }
    if diffs.is_empty() {
        session.note("no load that counts has replaced another");
    }
    let names = [
        "loads",
        "period",
        "currency",
        "by",
        "name",
        "#charges_before",
        "#charges_after",
        "#billed_before",
        "#billed_after",
        "#billed",
        "#effective",
        "#contracted",
        "#list",
    ];
    Table::new(&names, rows).print(session.format)?;
    Ok(Outcome::Done)
}

/// The lines of one currency: in each list what changed, the rest in one line, and at the end the total, which each list adds up to.
fn lines(diff: &Value, currency: &Value) -> Vec<Vec<Option<String>>> {
    let head = |by: &str, name: String| {
        vec![
            Some(format!("{} > {}", diff["before"]["id"], diff["after"]["id"])),
            Some(text(&diff["after"]["billing_period"])),
            Some(text(&currency["currency"])),
            Some(by.to_owned()),
            Some(name),
        ]
    };
    let mut rows = Vec::new();
    for (list, by, keys) in LISTS {
        let lines = currency[list].as_array().map(Vec::as_slice).unwrap_or_default();
        let (changed, same): (Vec<&Value>, Vec<&Value>) = lines.iter().partition(|line| is_changed(line));
        for line in changed {
            let name = keys.iter().map(|key| text(&line[*key])).filter(|part| !part.is_empty()).collect::<Vec<_>>();
            let name = if name.is_empty() { "(none)".to_owned() } else { name.join(" / ") };
            rows.push([head(by, name), figures(&[line])].concat());
        }
        if !same.is_empty() {
            rows.push([head(by, format!("({} unchanged)", same.len())), figures(&same)].concat());
        }
    }
    rows.push([head("total", String::new()), figures(&[&currency["total"]])].concat());
    rows
}

fn is_changed(line: &Value) -> bool {
    let differs = |cost: &str| amount(&line[cost]["difference"]).is_some_and(|difference| !difference.is_zero());
    line["charges_before"] != line["charges_after"] || COSTS.into_iter().any(differs)
}

/// The figures of some lines together.
fn figures(lines: &[&Value]) -> Vec<Option<String>> {
    let count = |key: &str| Some(lines.iter().filter_map(|line| line[key].as_u64()).sum::<u64>().to_string());
    let sum = |cost: &str, side: &str| {
        let amounts: Vec<Amount> = lines.iter().filter_map(|line| amount(&line[cost][side])).collect();
        let sum = (!amounts.is_empty()).then(|| Amount::sum(amounts).ok()).flatten();
        sum.map(|sum| sum.normalized().to_string())
    };
    let mut cells =
        vec![count("charges_before"), count("charges_after"), sum("billed", "before"), sum("billed", "after")];
    cells.extend(COSTS.map(|cost| sum(cost, "difference")));
    cells
}

fn amount(value: &Value) -> Option<Amount> {
    value.as_str()?.parse().ok()
}

fn text(value: &Value) -> String {
    match value {
        Value::Null => String::new(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    }
}
