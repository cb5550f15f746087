//! Budgets: `budget`.

use std::str::FromStr;

use api::ApiError;
use query::{Measure, Question};
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{BudgetArguments, BudgetCommand, BudgetTable, Format, Scope};
use crate::asking::{question_in, usage};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;
use crate::unit_costs::list;

/// Findings that are told on stderr; JSON has all of them.
const TOLD_MAX: usize = 20;

/// `qd budget`.
pub(crate) fn budgets(session: &Session, command: &BudgetCommand) -> Result<Outcome, ApiError> {
    match command {
        BudgetCommand::Import { file, name, currency, year, phasing, rule, sheet } => {
            let reply = session.call_value(
                "budget_import",
                json!({
                    "path": file,
                    "name": name,
                    "currency": currency.as_ref().map(|currency| currency.to_uppercase()),
                    "year": year,
                    "phasing": phasing.map(|phasing| phasing.name()),
                    "rule": rule.map(|rule| rule.name()),
                    "sheet": sheet,
                }),
            )?;
            imported(session, &reply)
        }
        BudgetCommand::List => {
            let reply = session.call_value("budgets", json!({}))?;
            listed(session, &reply)
        }
        BudgetCommand::Remove { file } => {
            let reply = session.call_value("budget_remove", json!({ "file": file }))?;
            session.note(&format!("{file} is removed"));
            listed(session, &reply)?;
            Ok(Outcome::Done)
        }
        BudgetCommand::Show(arguments) => show(session, arguments),
        BudgetCommand::MonthEnd { cost, as_of, scope } => {
            month_end(session, cost, as_of.map(|day| day.to_string()), scope)
        }
    }
}

fn imported(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    let (findings, unmatched) = (list(&reply["findings"]), list(&reply["unmatched"]));
    if session.format == Format::Json {
        output::json(reply)?;
    } else {
        let row = |of: &Value, severity: &str| {
            vec![shown(&of["row"]), Some(severity.to_owned()), shown(&of["message"]), shown(&of["hint"])]
        };
        let rows = findings.iter().map(|finding| row(finding, &text(&finding["severity"])));
        let rows = rows.chain(unmatched.iter().map(|one| row(one, "unknown scope")));
        let table = Table::new(&["#row", "severity", "what", "what to do"], rows.collect());
        table.print(session.format)?;
    }
    let imported = &reply["imported"];
    session.note(&format!(
        "{}: {} budgets of {} rows, {} in all",
        text(&imported["file"]),
        imported["budgets"],
        imported["rows"],
        text(&imported["total"])
    ));
    let warned = findings.iter().any(|finding| finding["severity"] == "warning") || !unmatched.is_empty();
    Ok(if warned { Outcome::LookAt } else { Outcome::Done })
}

fn listed(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    let files = list(&reply["files"]);
    if session.format == Format::Json {
        output::json(reply)?;
    } else {
        let years = |file: &Value| list(&file["years"]).iter().map(text).collect::<Vec<_>>().join(", ");
        let rows = files.iter().map(|file| {
            vec![
                shown(&file["name"]),
                Some(years(file)),
                shown(&file["budgets"]),
                shown(&file["currency"]),
                shown(&file["total"]),
                Some((list(&file["findings"]).len() + list(&file["unmatched"]).len()).to_string()),
                shown(&file["problem"]),
            ]
        });
        let names = ["budget", "fiscal years", "#scopes", "currency", "#total", "#findings", "problem"];
        Table::new(&names, rows.collect()).print(session.format)?;
    }
    let mut warned = false;
    for file in files {
        let name = text(&file["name"]);
        let findings = list(&file["findings"]);
        let warnings: Vec<&Value> = findings.iter().filter(|finding| finding["severity"] == "warning").collect();
        let told: Vec<&Value> = warnings.into_iter().chain(list(&file["unmatched"])).collect();
        warned |= !told.is_empty() || !file["problem"].is_null();
        for one in told.iter().take(TOLD_MAX) {
            let row = shown(&one["row"]).map(|row| format!("row {row}: ")).unwrap_or_default();
            session.note(&format!("note: {name}, {row}{}. {}", text(&one["message"]), text(&one["hint"])));
        }
        if told.len() > TOLD_MAX {
            session.note(&format!("note: {name}: and {} more; JSON has them", told.len() - TOLD_MAX));
        }
    }
    Ok(if warned { Outcome::LookAt } else { Outcome::Done })
}

fn show(session: &Session, arguments: &BudgetArguments) -> Result<Outcome, ApiError> {
    let cost = Measure::from_str(&arguments.cost).map_err(|error| usage(&error))?;
    let scorecard = json!({
        "file": arguments.file,
        "year": arguments.year,
        "as_of": arguments.as_of.map(|day| day.to_string()),
        "cost": cost,
        "currency": arguments.currency.as_ref().map(|currency| currency.to_uppercase()),
        "frozen": arguments.frozen,
    });
    if let Some(out) = &arguments.out {
        let target = json!({ "path": out });
        let reply = session.call_value("budget_export", json!({ "scorecard": scorecard, "target": target }))?;
        if session.format == Format::Json {
            output::json(&reply)?;
        } else {
            output::write(&format!("{}\n", output::shown(&text(&reply["path"]))))?;
        }
        return Ok(Outcome::Done);
    }
    let reply = session.call_value("budget_scorecard", scorecard)?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        let table = match arguments.show {
            BudgetTable::Lines => line_table(&reply, session.format),
            BudgetTable::Periods => period_table(&reply),
            BudgetTable::Scorecard => score_table(&reply),
            BudgetTable::MonthEnd => month_end_table(&reply["month_end"]),
        };
        table.print(session.format)?;
    }
    if session.format == Format::Table {
        session.note(&format!(
            "budget {}, fiscal year {}, {} in {}, known up to {}",
            text(&reply["file"]),
            reply["year"],
            text(&reply["measure"]["label"]),
            text(&reply["currency"]),
            shown(&reply["as_of"]).unwrap_or_else(|| "no day".to_owned())
        ));
        if !reply["month_end"].is_null() {
            session.note(&text(&reply["month_end"]["words"]));
        }
        let card = &reply["scorecard"];
        if !card.is_null() {
            session.note(&format!("{}: {}", text(&card["forecast_of"]), text(&card["top_line"]["words"])));
        }
    }
    let mut look = false;
    for note in list(&reply["notes"]) {
        look |= note["code"] == "unknown_scopes" || note["code"] == "rows_dropped";
        session.note(&format!("note: {}", text(&note["message"])));
    }
    for line in list(&reply["lines"]) {
        for finding in list(&line["findings"]).iter().take(TOLD_MAX) {
            session.note(&format!("note: {}: {}", text(&line["name"]), text(finding)));
        }
    }
    Ok(if look { Outcome::LookAt } else { Outcome::Done })
}

/// A name; for a person set in by how deep its line lies.
fn set_in(line: &Value, format: Format) -> Option<String> {
    if format != Format::Table {
        return shown(&line["name"]);
    }
    let depth = usize::try_from(line["depth"].as_u64().unwrap_or(0)).unwrap_or(0);
    Some(format!("{}{}", "  ".repeat(depth), text(&line["name"])))
}

fn line_table(reply: &Value, format: Format) -> Table {
    let row = |line: &Value, name: Option<String>| {
        let (to_date, total) = (&line["to_date"], &line["total"]);
        vec![
            name,
            shown(&to_date["cost"]),
            shown(&to_date["budget"]),
            shown(&to_date["words"]),
            shown(&total["cost"]),
            shown(&total["budget"]),
            shown(&total["variance"]),
            shown(&total["words"]),
        ]
    };
    let rows = list(&reply["lines"]).iter().map(|line| row(line, set_in(line, format))).collect();
    let names = [
        "budget",
        "#cost to date",
        "#budget to date",
        "to date",
        "#cost of the year",
        "#budget of the year",
        "#variance",
        "the year",
    ];
    let mut table = Table::new(&names, rows);
    table.total = Some(row(&reply["whole"], Some("everything".to_owned())));
    table
}

fn period_table(reply: &Value) -> Table {
    let mut rows = Vec::new();
    let whole = list(&reply["lines"]).iter().all(|line| line["name"] != reply["whole"]["name"]);
    let whole = whole.then_some(&reply["whole"]);
    for line in whole.into_iter().chain(list(&reply["lines"])) {
        for (period, cell) in list(&reply["periods"]).iter().zip(list(&line["cells"])) {
            let mut row = vec![shown(&line["name"]), shown(&period["label"]), shown(&period["state"])];
            row.extend(["actual", "forecast", "budget", "variance", "share", "words"].map(|name| shown(&cell[name])));
            rows.push(row);
        }
    }
    let names =
        ["budget", "period", "state", "#actual", "#forecast", "#budget", "#variance", "#share of budget", "in words"];
    Table::new(&names, rows)
}

fn score_table(reply: &Value) -> Table {
    let card = &reply["scorecard"];
    let row = |name: Option<String>, score: &Value| {
        let mut row = vec![name];
        row.extend(["forecast", "actual", "variance", "share", "band", "words"].map(|name| shown(&score[name])));
        row
    };
    let mut rows: Vec<_> =
        list(&card["scopes"]).iter().map(|scope| row(shown(&scope["scope"]), &scope["score"])).collect();
    for one in list(&card["net_new"]) {
        let words = Some("net new, or forecast by nobody".to_owned());
        rows.push(vec![shown(&one["scope"]), shown(&one["forecast"]), shown(&one["actual"]), None, None, None, words]);
    }
    let names = ["scope", "#forecast", "#actual", "#variance", "#share of forecast", "band", "in words"];
    let mut table = Table::new(&names, rows);
    if !card.is_null() {
        table.total = Some(row(Some("all but net new".to_owned()), &card["top_line"]));
    }
    table
}

fn month_end_table(estimate: &Value) -> Table {
    const FIGURES: [&str; 9] =
        ["month", "as_of", "to_date", "expected", "low_80", "high_80", "run_rate", "budget", "method"];
    let rows = if estimate.is_null() { Vec::new() } else { vec![FIGURES.map(|name| shown(&estimate[name])).to_vec()] };
    let names = [
        "month",
        "known up to",
        "#so far",
        "#expected",
        "#80% from",
        "#80% to",
        "#at run rate",
        "#budget",
        "days left",
    ];
    Table::new(&names, rows)
}

fn month_end(session: &Session, cost: &str, as_of: Option<String>, scope: &Scope) -> Result<Outcome, ApiError> {
    let cost = Measure::from_str(cost).map_err(|error| usage(&error))?;
    let question = Question { measures: vec![cost], ..question_in(scope)? };
    let reply = session.call_value("budget_month_end", json!({ "question": question, "as_of": as_of }))?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        month_end_table(&reply).print(session.format)?;
    }
    if session.format == Format::Table {
        session.note(&text(&reply["words"]));
    }
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(note)));
    }
    Ok(Outcome::Done)
}
