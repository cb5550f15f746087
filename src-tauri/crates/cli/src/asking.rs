//! Questions: `ask`, `rows`, `source`, `sql`.

use std::str::FromStr;

use api::ApiError;
use money::Amount;
use query::{
    Answer, Cell, Conversion, Dimension, Grain, Measure, MeasureKind, PeriodBasis, Question, RateDate, Row, RowRole,
};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{Ask, Asked, Basis, ConversionArguments, Format, RateDay, Scope, TimeGrain};
use crate::measures::measure;
use crate::output::{self, Table, TableColumn};
use crate::session::Session;

/// The columns of a charge that matter most.
const COLUMNS: [&str; 12] = [
    "charge_period_start",
    "provider",
    "sub_account_id",
    "service_name",
    "charge_category",
    "region_id",
    "resource_id",
    "consumed_quantity",
    "consumed_unit",
    "billed_cost",
    "effective_cost",
    "billing_currency",
];

pub(crate) fn usage(error: &dyn std::fmt::Display) -> ApiError {
    ApiError::new("usage", error.to_string(), "`qd help ask` tells what can be written.")
}

pub(crate) fn question_in(scope: &Scope) -> Result<Question, ApiError> {
    Ok(Question {
        period: scope.period.as_deref().map(query::parse_period).transpose().map_err(ApiError::from)?,
        on: match scope.on {
            Basis::Charge => PeriodBasis::Charge,
            Basis::Billing => PeriodBasis::Billing,
        },
        filters: scope
            .filters
            .iter()
            .map(|filter| query::parse_filter(filter))
            .collect::<Result<_, _>>()
            .map_err(ApiError::from)?,
        currency: scope
            .currency
            .as_deref()
            .map(money::Currency::from_str)
            .transpose()
            .map_err(|error| usage(&error))?,
        ..Question::default()
    })
}

pub(crate) fn question(session: &Session, ask: &Asked) -> Result<Question, ApiError> {
    let mut measures: Vec<Measure> = Vec::new();
    for name in ask.cost.iter().chain(&ask.measure) {
        let measure = measure(session, name)?;
        if !measures.contains(&measure) {
            measures.push(measure);
        }
    }
    if measures.is_empty() {
        measures.push(Measure::BilledCost);
    }
    Ok(Question {
        measures,
        by: ask
            .by
            .iter()
            .map(|name| Dimension::from_str(name))
            .collect::<Result<_, _>>()
            .map_err(|error| usage(&error))?,
        grain: ask.grain.map(grain),
        compare: match ask.compare.as_deref() {
            Some(text) if query::parse_planned(text).is_none() => Some(query::parse_comparison(text)?),
            _ => None,
        },
        against: ask.compare.as_deref().and_then(query::parse_planned),
        top: ask.top,
        convert: conversion(&ask.conversion)?,
        ..question_in(&ask.scope)?
    })
}

pub(crate) const fn grain(grain: TimeGrain) -> Grain {
    match grain {
        TimeGrain::Month => Grain::Month,
        TimeGrain::Day => Grain::Day,
        TimeGrain::Hour => Grain::Hour,
    }
}

pub(crate) fn conversion(asked: &ConversionArguments) -> Result<Option<Conversion>, ApiError> {
    let (Some(to), Some(table)) = (&asked.convert, &asked.rates) else { return Ok(None) };
    Ok(Some(Conversion {
        to: to.parse().map_err(|error: money::CurrencyError| usage(&error))?,
        table: table.clone(),
        dated: match asked.rate_date {
            RateDay::ChargeDay => RateDate::ChargeDay,
            RateDay::BillingMonth => RateDate::BillingMonth,
        },
        age_days_max: asked.rate_age,
    }))
}

/// `qd ask`.
pub(crate) fn ask(session: &Session, ask: &Ask) -> Result<Outcome, ApiError> {
    let question = question(session, &ask.question)?;
    if let Some(out) = &ask.out {
        let made = session.call_value("export_answer", json!({ "question": question, "target": { "path": out } }))?;
        if session.format == Format::Json {
            output::json(&made)?;
        } else {
            output::write(&format!("{}\n", made["path"].as_str().unwrap_or_default()))?;
        }
        session.note(&format!("{} rows, {} bytes", made["rows"], made["bytes"]));
        return Ok(Outcome::Done);
    }
    let answer: Answer = session.call("ask", json!({ "question": question }))?;
    if session.format == Format::Json {
        output::json(&answer_json(&answer))?;
    } else {
        answer_table(&answer).print(session.format)?;
    }
    if session.format == Format::Table {
        session.note(&format!(
            "{}. {} charges, evidence {}",
            answer.evidence.scope, answer.evidence.charges, answer.evidence.id
        ));
    }
    if let Some(rates) = &answer.evidence.rates {
        session.note(&format!(
            "note: converted with rate table {} ({}): {}",
            rates.table,
            &rates.sha256[..12.min(rates.sha256.len())],
            rates.rule
        ));
    }
    for rule in &answer.evidence.rules {
        session.note(&format!("note: {} ({}): {}", rule.file, rule.version, rule.says.join(" ")));
    }
    for note in &answer.notes {
        session.note(&format!("note: {}", note.message));
    }
    Ok(Outcome::Done)
}

fn plain(amount: Option<Amount>) -> Option<String> {
    amount.map(|amount| amount.normalized().to_string())
}

/// A column's name and the figure of a cell that stands in it.
type FigureColumn = (String, fn(&Cell) -> Option<Amount>);

/// The columns of a measure: the figure, and with a comparison the other figures beside it.
fn measure_columns(answer: &Answer) -> Vec<FigureColumn> {
    let mut columns: Vec<FigureColumn> = Vec::new();
    for measure in &answer.measures {
        columns.push((measure.name.clone(), |cell| cell.value));
        if answer.compared_with.is_some() {
            let before = if answer.against.is_some() { "planned" } else { "previous" };
            columns.push((format!("{}_{before}", measure.name), |cell| cell.previous));
            columns.push((format!("{}_change", measure.name), |cell| cell.change));
            columns.push((format!("{}_change_ratio", measure.name), |cell| cell.change_ratio));
        }
    }
    columns
}

fn cells(answer: &Answer, cells: &[Cell]) -> Vec<Option<String>> {
    let columns = measure_columns(answer);
    let each = columns.len() / answer.measures.len().max(1);
    columns
        .iter()
        .enumerate()
        .map(|(at, (_, pick))| cells.get(at / each.max(1)).and_then(|cell| plain(pick(cell))))
        .collect()
}

/// What stands for a key that is none: the sum of the small groups, or no value.
fn key(row: &Row, at: usize, timed: bool) -> Option<String> {
    let is_time = timed && at == 0;
    match (&row.keys[at], row.role) {
        (None, RowRole::Other) if !is_time => Some("(other)".to_owned()),
        (value, _) => value.clone(),
    }
}

fn answer_table(answer: &Answer) -> Table {
    let timed = answer.question.grain.is_some();
    let mut columns: Vec<TableColumn> =
        answer.keys.iter().map(|column| TableColumn { name: column.name.clone(), number: false }).collect();
    columns.extend(measure_columns(answer).into_iter().map(|(name, _)| TableColumn { name, number: true }));
    columns.push(TableColumn { name: "unit".to_owned(), number: false });
    let unit = |_: &[Cell]| Some(unit(answer));
    let rows = answer
        .rows
        .iter()
        .map(|row| {
            let keys = (0..answer.keys.len()).map(|at| key(row, at, timed));
            keys.chain(cells(answer, &row.cells)).chain([unit(&row.cells)]).collect()
        })
        .collect();
    let total_keys = (0..answer.keys.len()).map(|at| (at == 0).then(|| "TOTAL".to_owned()));
    let total = total_keys.chain(cells(answer, &answer.total)).chain([unit(&answer.total)]).collect();
    Table { columns, rows, total: Some(total) }
}

fn unit(answer: &Answer) -> String {
    let units = answer.measures.iter().map(|measure| match measure.kind {
        MeasureKind::Currency => answer.currency.to_string(),
        MeasureKind::Quantity => measure.unit.clone().unwrap_or_else(|| "mixed units".to_owned()),
        MeasureKind::Count => "charges".to_owned(),
        MeasureKind::UnitCost => {
            format!("{} per {}", answer.currency, measure.unit.as_deref().unwrap_or("unit (mixed units)"))
        }
        MeasureKind::Ratio | MeasureKind::Percent => "ratio".to_owned(),
    });
    let mut units: Vec<String> = units.collect();
    units.dedup();
    units.join(", ")
}

/// The JSON of an answer, as the contract has it.
fn answer_json(answer: &Answer) -> Value {
    let timed = answer.question.grain.is_some();
    let keys = answer.keys.iter().map(|column| json!({ "name": column.name, "type": "text" }));
    let figures = measure_columns(answer).into_iter().map(|(name, _)| json!({ "name": name, "type": "decimal" }));
    let rows: Vec<Value> = answer
        .rows
        .iter()
        .map(|row| (0..answer.keys.len()).map(|at| key(row, at, timed)).chain(cells(answer, &row.cells)).collect())
        .collect();
    let mut total = serde_json::Map::new();
    for ((name, _), value) in measure_columns(answer).into_iter().zip(cells(answer, &answer.total)) {
        total.insert(name, json!(value));
    }
    let mut written = json!({
        "columns": keys.chain(figures).collect::<Vec<_>>(),
        "rows": rows,
        "total": total,
        "currency": answer.currency,
        "cost": answer.measures.first().map(|measure| measure.name.trim_end_matches("_cost").to_owned()),
        "period": { "from": answer.period.from, "to": answer.period.to, "on": answer.question.on },
        "compared_with": answer.compared_with,
        "groups": answer.groups,
        "notes": answer.notes,
        "evidence": answer.evidence,
    });
    if let Some(against) = &answer.against {
        written["against"] = json!(against);
    }
    written
}

/// `qd rows`.
pub(crate) fn rows(
    session: &Session,
    scope: &Scope,
    columns: &[String],
    limit: u64,
    offset: u64,
    order: Option<&str>,
) -> Result<Outcome, ApiError> {
    let wanted: Vec<&str> =
        if columns.is_empty() { COLUMNS.to_vec() } else { columns.iter().map(String::as_str).collect() };
    let order = order.map(|order| match order.strip_prefix('-') {
        Some(column) => json!({ "column": column, "descending": true }),
        None => json!({ "column": order, "descending": false }),
    });
    let question = question_in(scope)?;
    let payload = json!({ "question": question, "offset": offset, "limit": limit, "order": order, "columns": wanted });
    let found = session.rows(payload)?;
    let names: Vec<String> = found
        .columns
        .iter()
        .map(
            |column| if column.kind.starts_with("Decimal") { format!("#{}", column.name) } else { column.name.clone() },
        )
        .collect();
    if session.format == Format::Json {
        let objects: Vec<Value> = found
            .rows
            .iter()
            .map(|row| found.columns.iter().zip(row).map(|(column, cell)| (column.name.clone(), json!(cell))).collect())
            .collect();
        output::json(&Value::Array(objects))?;
    } else {
        Table::new(&names.iter().map(String::as_str).collect::<Vec<_>>(), found.rows).print(session.format)?;
    }
    Ok(Outcome::Done)
}

/// `qd source`.
pub(crate) fn source(session: &Session, charge: &str) -> Result<Outcome, ApiError> {
    let found = session.call_value("source", json!({ "charge": charge }))?;
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    session.note(found["message"].as_str().unwrap_or_default());
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let list = |key: &str| found[key].as_array().cloned().unwrap_or_default();
    let (cells, mut mapped) = (list("cells"), list("mapped"));
    // What the bill says first; the columns that this house adds, in lower case, after it.
    mapped.sort_by_key(|cell| cell["column"].as_str().is_some_and(|id| !id.starts_with(char::is_uppercase)));
    let pairs = |cells: &[Value]| cells.iter().map(|cell| vec![text(&cell["column"]), text(&cell["value"])]).collect();
    // A CSV has one header, so it has the row as it is written, and only without that what was made of it.
    if session.format == Format::Csv && cells.is_empty() {
        let made = mapped.iter().map(|cell| {
            let sources = sources(cell).join(", ");
            vec![text(&cell["column"]), text(&cell["value"]), text(&cell["expression"]), Some(sources)]
        });
        Table::new(&["column", "value", "made_from", "sources"], made.collect()).print(session.format)?;
    } else if session.format == Format::Csv {
        Table::new(&["column", "value"], pairs(&cells)).print(session.format)?;
    } else {
        let beneath: Vec<Vec<String>> = mapped.iter().map(|cell| made_from(cell, &cells)).collect();
        Table::new(&["column", "value"], pairs(&mapped)).print_with(session.format, &beneath)?;
        if !cells.is_empty() {
            output::write("\n")?;
            Table::new(&["column_as_written", "value"], pairs(&cells)).print(session.format)?;
        }
    }
    Ok(if cells.is_empty() { Outcome::LookAt } else { Outcome::Done })
}

/// The columns of the provider's row behind a column of a charge.
fn sources(cell: &Value) -> Vec<&str> {
    cell["sources"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
}

/// How a column of a charge was made, a line each: the provider's cells, those behind defined names included, the formula unless it
/// is the name of the one column, and why.
fn made_from(cell: &Value, written: &[Value]) -> Vec<String> {
    let folded = |name: &str| name.chars().filter(|letter| letter.is_alphanumeric()).collect::<String>().to_lowercase();
    let (sources, formula) = (sources(cell), cell["expression"].as_str().unwrap_or_default());
    let mut lines: Vec<String> = sources
        .iter()
        .map(|name| match written.iter().find(|one| one["column"] == *name) {
            None => format!("from {name}"),
            Some(one) if one["value"] == cell["value"] => format!("from {name}, as it is"),
            Some(one) => match one["value"].as_str() {
                None | Some("") => format!("from {name}, empty"),
                Some(value) => format!("from {name} = {value}"),
            },
        })
        .collect();
    let plain = matches!(sources.as_slice(), [one] if folded(one) == folded(formula));
    if !formula.is_empty() && !plain {
        lines.push(format!("by {formula}"));
    }
    lines.extend(cell["reason"].as_str().map(|reason| format!("because {reason}")));
    lines
}

/// `qd sql`.
pub(crate) fn sql(session: &Session, text: &str, limit: u64) -> Result<Outcome, ApiError> {
    let found = session.call_value("sql", json!({ "text": text, "limit": limit }))?;
    if session.format == Format::Json {
        output::json(&found)?;
        return Ok(Outcome::Done);
    }
    let columns = found["columns"].as_array().cloned().unwrap_or_default();
    let columns = columns.iter().map(|column| TableColumn {
        name: column["name"].as_str().unwrap_or_default().to_owned(),
        number: column["type"].as_str().is_some_and(|kind| kind.contains("Int") || kind.starts_with("Decimal")),
    });
    let cells = |row: &Value| -> Vec<Option<String>> {
        row.as_array()
            .map(|cells| cells.iter().map(|cell| cell.as_str().map(str::to_owned)).collect())
            .unwrap_or_default()
    };
    let rows = found["rows"].as_array().map(|rows| rows.iter().map(cells).collect()).unwrap_or_default();
    Table { columns: columns.collect(), rows, total: None }.print(session.format)?;
    if found["truncated"] == true {
        session.note(&format!("note: only the first {limit} rows are shown"));
    }
    Ok(Outcome::Done)
}
