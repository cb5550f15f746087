//! Scenarios: `qd scenario`.

use std::path::Path;

use api::ApiError;
use serde_json::{Value, json};

use crate::arguments::{DiffTable, Format, LineFigure, PlanBasis, RunTable, ScenarioCommand, ViewArguments};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;
use crate::unit_costs::list;
use crate::{Outcome, baselines};

/// What a run, its lines and the first scenario of a comparison are called when they are the baseline's.
const BASELINE: &str = "baseline";

/// `qd scenario`.
pub(crate) fn scenarios(session: &Session, command: &ScenarioCommand) -> Result<Outcome, ApiError> {
    match command {
        ScenarioCommand::List => {
            let reply = session.call_value("scenarios", json!({}))?;
            listed(session, &reply)
        }
        ScenarioCommand::Show { name } => show(session, name),
        ScenarioCommand::Run { name, view, show } => run(session, name.as_deref(), view, *show),
        ScenarioCommand::Diff { from, to, view, show } => difference(session, from, to, view, *show),
        ScenarioCommand::Lines { name, search, limit, show } => {
            lines(session, &json!({ "name": named(name.as_deref()), "search": search, "limit": limit }), *show)
        }
        ScenarioCommand::Save { name, file } => {
            let kept = session.call_value("scenario_save_text", json!({ "name": name, "text": read(file)? }))?;
            if session.format == Format::Json {
                output::json(&kept)?;
            }
            session.note(&format!("{} is kept, laid over {}", text(&kept["name"]), text(&kept["baseline"])));
            Ok(Outcome::Done)
        }
        ScenarioCommand::Delete { name } => {
            let reply = session.call_value("scenario_delete", json!({ "name": name }))?;
            session.note(&format!("{name} is deleted"));
            listed(session, &reply)
        }
        ScenarioCommand::Rules { file, built_in } => rules(session, file.as_deref(), *built_in),
        ScenarioCommand::Credits { file, none } => baselines::promises(session, "credits", file.as_deref(), *none),
        ScenarioCommand::Agreements { file, none } => {
            baselines::promises(session, "agreements", file.as_deref(), *none)
        }
        ScenarioCommand::Baseline(command) => baselines::baselines(session, command),
        ScenarioCommand::Export { name, file, beside } => {
            let target = json!({ "format": "xlsx", "path": file });
            let request = json!({ "name": name, "compare_with": beside, "target": target });
            let written = session.call_value("scenario_export", request)?;
            if session.format == Format::Json {
                output::json(&written)?;
            } else {
                session.note(&format!("written: {}", text(&written["path"])));
            }
            Ok(Outcome::Done)
        }
    }
}

pub(crate) fn read(file: &Path) -> Result<String, ApiError> {
    std::fs::read_to_string(file)
        .map_err(|error| ApiError::new("io", format!("{}: {error}", file.display()), "Check the path."))
}

pub(crate) fn listed(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    if session.format == Format::Json {
        output::json(reply)?;
    } else {
        let rows = list(&reply["scenarios"]).iter().map(|one| {
            ["name", "based_on", "baseline", "operations", "enabled", "note", "problem"]
                .map(|key| shown(&one[key]))
                .to_vec()
        });
        let names = ["scenario", "based on", "baseline", "#operations", "#of them on", "note", "problem"];
        Table::new(&names, rows.collect()).print(session.format)?;
        for baseline in list(&reply["baselines"]) {
            session.note(&format!("baseline {}: {}", text(&baseline["name"]), text(&baseline["what"])));
        }
    }
    let broken = |one: &Value| !one["problem"].is_null();
    let look = list(&reply["scenarios"]).iter().any(broken) || list(&reply["baselines"]).iter().any(broken);
    Ok(if look { Outcome::LookAt } else { Outcome::Done })
}

fn show(session: &Session, name: &str) -> Result<Outcome, ApiError> {
    let reply = session.call_value("scenario", json!({ "name": name }))?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        output::write(&text(&reply["text"]))?;
    }
    let problems = list(&reply["problems"]);
    for problem in problems {
        session.note(&format!("problem: {}", self::problem(problem)));
    }
    Ok(if problems.is_empty() { Outcome::Done } else { Outcome::LookAt })
}

fn rules(session: &Session, file: Option<&Path>, built_in: bool) -> Result<Outcome, ApiError> {
    let reply = match file {
        Some(file) => session.call_value("classification_rules_set", json!({ "text": read(file)? }))?,
        None if built_in => session.call_value("classification_rules_set", json!({ "text": "" }))?,
        None => session.call_value("classification_rules", json!({}))?,
    };
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        output::write(&text(&reply["text"]))?;
    }
    let whose = if reply["built_in"] == json!(true) { "that come with the product" } else { "of this engagement" };
    session.note(&format!("rules {whose}"));
    Ok(Outcome::Done)
}

fn request(view: &ViewArguments) -> Value {
    let basis = if view.basis == PlanBasis::Billed { "billed" } else { "effective" };
    json!({
        "by": view.by,
        "limit": view.budget,
        "limit_from": view.budget_from,
        "limit_to": view.budget_to,
        "basis": basis,
        "paths": view.paths,
        "seed": view.seed,
    })
}

fn run(session: &Session, name: Option<&str>, view: &ViewArguments, show: RunTable) -> Result<Outcome, ApiError> {
    let mut asked = request(view);
    asked["name"] = named(name);
    let reply = session.call_value("scenario_run", asked)?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        run_table(&reply, show).print(session.format)?;
    }
    if session.format == Format::Table {
        let total = &reply["total"];
        let money = |key: &str| format!("{} {}", text(&total[key]), text(&reply["currency"]));
        session.note(&format!(
            "{} lines over baseline {}; total {} likely, {} in the baseline; four of five courses lie from {} to {}",
            reply["lines"],
            text(&reply["baseline"]),
            money("likely"),
            money("baseline"),
            money("low_80"),
            money("high_80"),
        ));
        if !reply["odds"].is_null() {
            session.note(&text(&reply["odds"]["words"]));
        }
        let evidence = &reply["evidence"];
        session.note(&format!("{} charges, evidence {}", evidence["charges"], text(&evidence["id"])));
    }
    told(session, &reply)
}

fn run_table(reply: &Value, show: RunTable) -> Table {
    let cells = |one: &Value, keys: &[&str]| keys.iter().map(|key| shown(&one[*key])).collect::<Vec<_>>();
    match show {
        RunTable::Months => {
            let rows = list(&reply["months"]).iter().enumerate().map(|(place, month)| {
                let mut row =
                    vec![shown(month), shown(&reply["baseline_totals"][place]), shown(&reply["likely"][place])];
                row.extend(cells(&reply["band"][place], &["low_80", "middle", "high_80"]));
                row
            });
            let names = ["month", "#baseline", "#likely", "#low 80 %", "#middle", "#high 80 %"];
            Table::new(&names, rows.collect())
        }
        RunTable::Quarters => {
            let keys = ["label", "from", "to", "likely", "low_80", "high_80"];
            let rows = list(&reply["quarters"]).iter().map(|one| cells(one, &keys));
            Table::new(&["quarter", "from", "to", "#likely", "#low 80 %", "#high 80 %"], rows.collect())
        }
        RunTable::Groups => {
            let rows = list(&reply["groups"]).iter().map(|one| cells(one, &["value", "baseline", "likely"]));
            Table::new(&["value", "#baseline", "#likely"], rows.collect())
        }
        RunTable::Operations => {
            let rows = list(&reply["operations"]).iter().map(|one| cells(one, &["id", "effect", "touched"]));
            Table::new(&["operation", "#effect", "#lines"], rows.collect())
        }
        RunTable::Split => {
            let rows = list(&reply["split"]).iter().map(|one| cells(one, &["treatment", "words", "cost", "charges"]));
            Table::new(&["treatment", "what becomes of it", "#cost", "#charges"], rows.collect())
        }
        RunTable::Drivers => {
            let keys = ["name", "scope", "lines", "fixed", "unit_cost", "r_squared", "last_months_error", "words"];
            let rows = list(&reply["drivers"]).iter().map(|one| cells(one, &keys));
            let names =
                ["driver", "what follows it", "#lines", "#fixed", "#unit cost", "#R2", "#last six months", "words"];
            Table::new(&names, rows.collect())
        }
    }
}

/// What is wrong with a scenario, with its place and what to do.
pub(crate) fn problem(problem: &Value) -> String {
    let line = problem["line"].as_u64().map(|line| format!("line {line}: ")).unwrap_or_default();
    let operation = problem["operation"].as_str().map(|id| format!("operation `{id}`: ")).unwrap_or_default();
    let hint = problem["hint"].as_str().filter(|hint| !hint.is_empty());
    format!(
        "{line}{operation}{}{}",
        text(&problem["message"]),
        hint.map(|hint| format!("; {hint}")).unwrap_or_default()
    )
}

/// The scenario of a name; the baseline by itself where that is what it says.
fn named(name: Option<&str>) -> Value {
    name.filter(|name| *name != BASELINE).map_or(Value::Null, |name| json!(name))
}

/// Notes, and what there is to look at.
fn told(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    let mut look = false;
    for one in list(&reply["diagnostics"]) {
        look |= one["severity"] == json!("warning");
        let of = if one["operation"].is_null() { String::new() } else { format!("{}: ", text(&one["operation"])) };
        let hint = if text(&one["hint"]).is_empty() { String::new() } else { format!("; {}", text(&one["hint"])) };
        session.note(&format!("{}: {of}{}{hint}", text(&one["severity"]), text(&one["message"])));
    }
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
    Ok(if look { Outcome::LookAt } else { Outcome::Done })
}

fn difference(
    session: &Session,
    from: &str,
    to: &str,
    view: &ViewArguments,
    show: DiffTable,
) -> Result<Outcome, ApiError> {
    let mut asked = request(view);
    asked["from"] = named(Some(from));
    asked["to"] = json!(to);
    let reply = session.call_value("scenario_compare", asked)?;
    if session.format == Format::Json {
        output::json(&reply)?;
    } else {
        difference_table(&reply, show).print(session.format)?;
    }
    if session.format == Format::Table {
        let currency = text(&reply["currency"]);
        let band = &reply["band"];
        session.note(&format!(
            "{to} less {from}: {} {currency}; four of five courses lie from {} to {}; together only: {}",
            text(&reply["difference"]),
            text(&band["low_80"]),
            text(&band["high_80"]),
            text(&reply["interaction"]),
        ));
        session
            .note(&format!("the share of courses in which {to} costs more is {}", text(&reply["probability_dearer"])));
        for part in list(&reply["order"]) {
            session.note(&text(part));
        }
    }
    if session.format == Format::Table {
        for (name, odds) in [(from, &reply["from_odds"]), (to, &reply["to_odds"])] {
            if !odds.is_null() {
                session.note(&format!("{name}: {}", text(&odds["words"])));
            }
        }
    }
    told(session, &reply)
}

fn difference_table(reply: &Value, show: DiffTable) -> Table {
    let cells = |one: &Value, keys: &[&str]| keys.iter().map(|key| shown(&one[*key])).collect::<Vec<_>>();
    match show {
        DiffTable::Changes => {
            let rows =
                list(&reply["contributions"]).iter().map(|one| cells(one, &["kind", "operation", "words", "total"]));
            Table::new(&["change", "operation", "what it is", "#adds"], rows.collect())
        }
        DiffTable::Tornado => {
            let rows =
                list(&reply["tornado"]).iter().map(|one| cells(one, &["operation", "words", "alone", "low", "high"]));
            Table::new(&["operation", "what it is", "#alone", "#total at low", "#total at high"], rows.collect())
        }
        DiffTable::Months => {
            let rows = list(&reply["months"]).iter().enumerate().map(|(place, month)| {
                let mut row = vec![shown(month)];
                row.extend(["from_totals", "to_totals", "monthly"].map(|key| shown(&reply[key][place])));
                row
            });
            Table::new(&["month", "#first", "#second", "#difference"], rows.collect())
        }
        DiffTable::Groups => {
            let rows = list(&reply["groups"]).iter().map(|one| cells(one, &["value", "from", "to", "difference"]));
            Table::new(&["value", "#first", "#second", "#difference"], rows.collect())
        }
    }
}

fn lines(session: &Session, asked: &Value, show: LineFigure) -> Result<Outcome, ApiError> {
    let reply = session.call_value("scenario_lines", asked.clone())?;
    if session.format == Format::Json {
        output::json(&reply)?;
        return Ok(Outcome::Done);
    }
    let months: Vec<String> = list(&reply["months"]).iter().map(text).collect();
    let heads: Vec<String> = months.iter().map(|month| format!("#{month}")).collect();
    let (key, what) = match show {
        LineFigure::Cost => ("likely", "treatment"),
        LineFigure::Units => ("units", "unit"),
        LineFigure::Rate => ("rate", "unit"),
    };
    let mut names = vec!["line", what];
    names.extend(heads.iter().map(String::as_str));
    let rows = list(&reply["lines"]).iter().map(|line| {
        let mut row = vec![shown(&line["id"]), shown(&line[what])];
        row.extend((0..heads.len()).map(|month| line[key].get(month).and_then(shown)));
        row
    });
    Table::new(&names, rows.collect()).print(session.format)?;
    let (printed, total) = (list(&reply["lines"]).len(), &reply["total"]);
    session.note(&format!("{printed} of {total} lines"));
    Ok(Outcome::Done)
}
