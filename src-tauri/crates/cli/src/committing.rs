//! Commitments: `commit inventory`, `commit coverage`, `commit hours`, `commit offers`, `commit replay`, `commit optimize`, `commit portfolio`,
//! `commit whatif`, `commit bands`.

mod planning;

use std::path::Path;

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{CommitCommand, Format, HoursTable, InventoryTable, OptimumTable, ReplayTable, WhatIfTable};
use crate::asking::{grain, question_in};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;
use crate::unit_costs::list;

/// `qd commit`.
pub(crate) fn commit(session: &Session, command: &CommitCommand) -> Result<Outcome, ApiError> {
    match command {
        CommitCommand::Inventory { show, scope } => {
            let reply = session.call_value("commitment_inventory", json!({ "question": question_in(scope)? }))?;
            inventory(session, &reply, *show)
        }
        CommitCommand::Import { file } => {
            let findings = session.call_value("commitments_import", json!({ "path": file }))?;
            session.note("kept as commitments.csv; `qd commit inventory` shows what it adds");
            print(session, &findings, finding_table(&findings))?;
            Ok(if list(&findings).is_empty() { Outcome::Done } else { Outcome::LookAt })
        }
        CommitCommand::Coverage { grain: step, by, scope } => {
            let request = json!({ "question": question_in(scope)?, "grain": step.map(grain), "by": by });
            coverage(session, &session.call_value("commitment_coverage", request)?)
        }
        CommitCommand::Hours { step, program, show, limit, scope } => {
            let request = json!({
                "question": question_in(scope)?,
                "step": step.map(|step| step.word()),
                "program": program,
                "steps": *show == HoursTable::Steps,
                "limit": limit,
            });
            hours(session, &session.call_value("commitment_hours", request)?, *show)
        }
        CommitCommand::Offers { import, name, remove, scope } => {
            let question = question_in(scope)?;
            let reply = match (import, remove) {
                (Some(file), _) => session.call_value(
                    "commitment_offer_import",
                    json!({ "path": file, "name": name, "question": question }),
                )?,
                (None, Some(name)) => {
                    session.call_value("commitment_offer_remove", json!({ "name": name, "question": question }))?
                }
                (None, None) => session.call_value("commitment_offers", json!({ "question": question }))?,
            };
            offers(session, &reply)
        }
        CommitCommand::Replay { step, show, scope } => {
            let request = json!({ "question": question_in(scope)?, "step": step.map(|step| step.word()) });
            replay(session, &session.call_value("commitment_replay", request)?, *show)
        }
        CommitCommand::Optimize {
            program,
            family,
            region,
            term,
            payment,
            discount,
            capital_rate,
            mark,
            step,
            show,
            scope,
        } => {
            let request = json!({
                "question": question_in(scope)?,
                "step": step.map(|step| step.word()),
                "program": program,
                "family": family,
                "region": region,
                "term_months": term,
                "payment": payment,
                "discount": discount,
                "capital_rate": capital_rate,
                "marks": mark,
            });
            optimum(session, &session.call_value("commitment_optimize", request)?, *show)
        }
        CommitCommand::Baskets => {
            let reply = session.call_value("commitment_baskets", json!({}))?;
            baskets(session, &reply)
        }
        CommitCommand::Basket { name, remove: true, .. } => {
            let reply = session.call_value("commitment_basket_delete", json!({ "name": name }))?;
            session.note(&format!("{name} is taken away"));
            baskets(session, &reply)
        }
        CommitCommand::Basket { name, file: None, .. } => {
            let reply = session.call_value("commitment_basket", json!({ "name": name }))?;
            if session.format == Format::Json {
                output::json(&reply)?
            } else {
                output::write(&text(&reply["text"]))?
            }
            Ok(Outcome::Done)
        }
        CommitCommand::Basket { name, file: Some(file), .. } => {
            let reply =
                session.call_value("commitment_basket_save", json!({ "name": name, "text": text_of(file)? }))?;
            session.note(&format!("{name} is kept; `qd commit whatif \"{name}\"` tells what it comes to"));
            baskets(session, &reply)
        }
        CommitCommand::Portfolio(plan) => planning::portfolio(session, plan),
        CommitCommand::Bands { name, step, unshared, paths, tail, show, scope } => {
            let request = json!({
                "question": question_in(scope)?,
                "step": step.map(|step| step.word()),
                "name": name,
                "shared": !unshared,
                "tail": tail,
            });
            planning::bands(session, request, paths, *show)
        }
        CommitCommand::Whatif { name, step, unshared, show, scope } => {
            let request = json!({
                "question": question_in(scope)?,
                "step": step.map(|step| step.word()),
                "name": name,
                "shared": !unshared,
            });
            whatif(session, &session.call_value("commitment_whatif", request)?, *show)
        }
    }
}

/// A basket's text; what is wrong with it is told by the command that takes it.
fn text_of(file: &Path) -> Result<String, ApiError> {
    std::fs::read_to_string(file).map_err(|error| {
        ApiError::new("basket", format!("{}: {error}", file.display()), "Give a TOML file with [[decision]] tables.")
    })
}

fn print(session: &Session, reply: &Value, table: Table) -> Result<(), ApiError> {
    if session.format == Format::Json { output::json(reply) } else { table.print(session.format) }
}

fn tell(session: &Session, reply: &Value) {
    for note in list(&reply["notes"]) {
        session.note(&format!("note: {}", text(&note["message"])));
    }
}

/// Rows of some values of each item; a name with a point in it goes a step down.
fn rows(items: &Value, names: &[&str]) -> Vec<Vec<Option<String>>> {
    let of = |item: &Value, name: &str| {
        let value = name.split('.').fold(item, |value, part| &value[part]);
        match value {
            Value::Array(parts) => Some(parts.iter().map(text).collect::<Vec<_>>().join(", ")),
            plain => shown(plain),
        }
    };
    list(items).iter().map(|item| names.iter().map(|name| of(item, name)).collect()).collect()
}

fn finding_table(findings: &Value) -> Table {
    Table::new(
        &["finding", "about", "file", "#row", "what"],
        rows(findings, &["code", "subject", "file", "row", "message"]),
    )
}

fn inventory(session: &Session, reply: &Value, show: InventoryTable) -> Result<Outcome, ApiError> {
    let commitments = &reply["commitments"];
    let table = match show {
        InventoryTable::Commitments => {
            let names =
                ["name", "program_in_words.value", "state", "end.value", "hourly.value", "used", "unused", "covered"];
            let more = ["utilisation", "savings", "savings_rate", "break_even_utilisation", "remaining_fees"];
            let heads = [
                "commitment",
                "program",
                "state",
                "end",
                "#hourly",
                "#used",
                "#unused",
                "#covered on demand",
                "#utilisation",
                "#savings",
                "#savings rate",
                "#break-even use",
                "#still to pay",
            ];
            Table::new(&heads, rows(commitments, &[names.as_slice(), &more].concat()))
        }
        InventoryTable::Terms => {
            let mut lines = Vec::new();
            for one in list(commitments) {
                for what in ["program_in_words", "term", "payment", "start", "end", "hourly", "upfront", "recurring"] {
                    let fact = &one[what];
                    let word = if what == "program_in_words" { "program" } else { what };
                    let name = shown(&one["id"]);
                    lines.push(vec![name, Some(word.to_owned()), shown(&fact["value"]), shown(&fact["source"])]);
                }
            }
            Table::new(&["commitment", "what", "value", "source"], lines)
        }
        InventoryTable::Expiries => {
            let names = ["month", "hourly", "hourly_left", "ends"];
            Table::new(&["month", "#ends an hour", "#left an hour", "commitments"], rows(&reply["expiries"], &names))
        }
        InventoryTable::Kpis => {
            Table::new(&["kpi", "#value", "formula"], rows(&reply["kpis"], &["id", "value", "formula"]))
        }
        InventoryTable::Findings => finding_table(&reply["findings"]),
    };
    print(session, reply, table)?;
    let total = &reply["total"];
    let currency = text(&reply["currency"]);
    session.note(&format!(
        "used {} and unused {} {currency}; covered {} of {} at on-demand prices; still to pay {} {currency} from {} on",
        text(&total["used"]),
        text(&total["unused"]),
        text(&total["covered"]),
        text(&total["coverable"]),
        text(&total["remaining_fees"]),
        text(&reply["as_of"]),
    ));
    tell(session, reply);
    let findings = list(&reply["findings"]);
    if show != InventoryTable::Findings {
        for finding in findings {
            session.note(&format!("look at: {}", text(&finding["message"])));
        }
    }
    Ok(if findings.is_empty() { Outcome::Done } else { Outcome::LookAt })
}

fn coverage(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    let names = ["key", "covered", "coverable", "coverage", "used", "unused", "utilisation"];
    let first = shown(&reply["by"]).or_else(|| shown(&reply["grain"])).unwrap_or_default();
    let heads = [&first, "#covered", "#coverable", "#coverage", "#used", "#unused", "#utilisation"];
    let mut table = Table::new(&heads, rows(&reply["parts"], &names));
    let total = names.map(|name| shown(&reply["total"][name]));
    table.total = Some(std::iter::once(Some("total".to_owned())).chain(total.into_iter().skip(1)).collect());
    print(session, reply, table)?;
    tell(session, reply);
    Ok(Outcome::Done)
}

fn hours(session: &Session, reply: &Value, show: HoursTable) -> Result<Outcome, ApiError> {
    let lines = &reply["lines"];
    let table = match show {
        HoursTable::Lines => {
            let names = [
                "provider",
                "account",
                "region",
                "family",
                "instance_type",
                "platform",
                "on_demand",
                "list",
                "quantity",
                "normalised",
                "covered",
                "coverage",
            ];
            let heads = [
                "provider",
                "account",
                "region",
                "family",
                "type",
                "platform",
                "#on demand",
                "#list",
                "#quantity",
                "#normalised",
                "#covered",
                "#coverage",
            ];
            Table::new(&heads, rows(lines, &names))
        }
        HoursTable::Rules => {
            let names = ["family", "instance_type", "sku", "programs", "size_factor", "rule", "why"];
            Table::new(&["family", "type", "sku", "programs", "#factor", "rule", "why"], rows(lines, &names))
        }
        HoursTable::Programs => {
            let names = ["program", "label", "on_demand", "lines"];
            Table::new(&["program", "in words", "#on demand", "#lines"], rows(&reply["programs"], &names))
        }
        HoursTable::Steps => {
            let first = text(&reply["step"]);
            Table::new(&[&first, "#on demand", "#covered"], rows(&reply["series"], &["time", "on_demand", "covered"]))
        }
        HoursTable::LeftOut => {
            let names = ["code", "effective", "charges", "message"];
            Table::new(&["why", "#effective", "#charges", "what"], rows(&reply["left_out"], &names))
        }
    };
    print(session, reply, table)?;
    session.note(&format!(
        "{} {}s from {}, {} missing; {} of {} {} is covered",
        reply["steps"],
        text(&reply["step"]),
        text(&reply["first"]),
        reply["missing"],
        text(&reply["covered"]),
        text(&reply["on_demand"]),
        text(&reply["currency"]),
    ));
    if show != HoursTable::LeftOut {
        for left in list(&reply["left_out"]) {
            session.note(&format!("left out: {} ({})", text(&left["message"]), text(&left["effective"])));
        }
    }
    if reply["enough"] == false {
        session.note("fewer than 14 days of usage: nothing is recommended from them");
    }
    tell(session, reply);
    Ok(Outcome::Done)
}

fn offers(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    let names = [
        "program",
        "family",
        "instance_type",
        "region",
        "term_months",
        "payment",
        "price",
        "on_demand_price",
        "discount",
        "source",
    ];
    let heads =
        ["program", "family", "type", "region", "#months", "payment", "#price", "#on demand", "#discount", "source"];
    print(session, reply, Table::new(&heads, rows(&reply["rates"], &names)))?;
    for file in list(&reply["files"]) {
        let others = match file["others"].as_u64() {
            Some(others) => format!("; {others} others are for nothing in the bill"),
            None => String::new(),
        };
        session.note(&format!("{}: {} rates, {}{others}", text(&file["name"]), file["rates"], text(&file["kind"])));
    }
    let findings = list(&reply["findings"]);
    for finding in findings {
        session.note(&format!("look at: {}", text(&finding["message"])));
    }
    Ok(if findings.is_empty() { Outcome::Done } else { Outcome::LookAt })
}

fn replay(session: &Session, reply: &Value, show: ReplayTable) -> Result<Outcome, ApiError> {
    let table = match show {
        ReplayTable::Commitments => {
            let names = ["id", "cost", "used", "unused", "covered"];
            let heads = ["commitment", "#cost", "#used", "#unused", "#covered on demand"];
            Table::new(&heads, rows(&reply["commitments"], &names))
        }
        ReplayTable::Months => {
            let names = [
                "month",
                "figures.on_demand",
                "figures.covered",
                "figures.commitment",
                "figures.unused",
                "figures.cost",
                "figures.savings",
                "figures.coverage",
                "figures.utilisation",
            ];
            let heads = [
                "month",
                "#on demand",
                "#covered",
                "#commitments",
                "#unused",
                "#cost",
                "#savings",
                "#coverage",
                "#utilisation",
            ];
            Table::new(&heads, rows(&reply["months"], &names))
        }
        ReplayTable::Deviations => {
            let names = ["month", "commitment", "line", "what", "bill", "replay", "difference", "why"];
            let heads = ["month", "commitment", "line", "what", "#bill", "#replay", "#difference", "why"];
            Table::new(&heads, rows(&reply["deviations"], &names))
        }
    };
    print(session, reply, table)?;
    let equal = reply["equal"] == true;
    session.note(&format!(
        "{}: covered usage cost {} in the bill and {} in the replay, unused {} and {}",
        if equal { "the replay is the bill, to the cent" } else { "the replay is not the bill" },
        text(&reply["billed_covered_cost"]),
        text(&reply["replayed_covered_cost"]),
        text(&reply["billed_unused"]),
        text(&reply["replayed_unused"]),
    ));
    if !equal && show != ReplayTable::Deviations {
        session.note("`--show deviations` lists where and why");
    }
    tell(session, reply);
    Ok(if equal { Outcome::Done } else { Outcome::LookAt })
}

fn optimum(session: &Session, reply: &Value, show: OptimumTable) -> Result<Outcome, ApiError> {
    let names =
        ["hourly", "savings", "cost", "commitment", "waste", "covered", "coverage", "utilisation", "savings_rate"];
    let heads = [
        "#an hour",
        "#savings",
        "#cost",
        "#commitment",
        "#unused",
        "#covered",
        "#coverage",
        "#utilisation",
        "#savings rate",
    ];
    let table = match show {
        OptimumTable::Optimum => {
            let mut points = vec![("exact optimum", &reply["exact"]), ("to buy", &reply["buy"])];
            points.extend(list(&reply["marks"]).iter().map(|mark| ("asked", mark)));
            let rows = points.into_iter().map(|(what, point)| {
                let figures = names.iter().map(|name| shown(&point[name]));
                std::iter::once(Some(what.to_owned())).chain(figures).collect()
            });
            Table::new(&[["what"].as_slice(), &heads].concat(), rows.collect())
        }
        OptimumTable::Curve => Table::new(&heads, rows(&reply["curve"], &names)),
        OptimumTable::Lines => {
            let names = ["line", "on_demand", "discount", "source"];
            Table::new(&["line", "#on demand", "#discount", "source"], rows(&reply["lines"], &names))
        }
        OptimumTable::Payments => {
            let names = [
                "payment",
                "discount",
                "upfront",
                "monthly",
                "total",
                "savings",
                "net_present_value",
                "break_even_month",
                "prepayment_yield",
                "beats_cost_of_capital",
            ];
            let heads = [
                "payment",
                "#discount",
                "#upfront",
                "#a month",
                "#in all",
                "#savings",
                "#present value",
                "#break-even month",
                "#prepayment yield",
                "beats capital",
            ];
            Table::new(&heads, rows(&reply["payments"], &names))
        }
    };
    print(session, reply, table)?;
    session.note(&format!(
        "{} for {} months, {}, in {}; {} hours with data; {} held already, an hour; {} {} is left on demand",
        text(&reply["label"]),
        reply["term_months"],
        text(&reply["payment"]),
        text(&reply["hourly_in"]),
        reply["hours"],
        text(&reply["held"]),
        text(&reply["left"]),
        text(&reply["currency"]),
    ));
    tell(session, reply);
    Ok(Outcome::Done)
}

fn baskets(session: &Session, reply: &Value) -> Result<Outcome, ApiError> {
    let lines = list(reply).iter().map(|one| {
        let decisions = list(&one["basket"]["decision"]).len().to_string();
        vec![shown(&one["name"]), Some(decisions), shown(&one["basket"]["note"]), shown(&one["problem"])]
    });
    print(session, reply, Table::new(&["basket", "#decisions", "note", "problem"], lines.collect()))?;
    let broken = list(reply).iter().any(|one| !one["problem"].is_null());
    Ok(if broken { Outcome::LookAt } else { Outcome::Done })
}

fn whatif(session: &Session, reply: &Value, show: WhatIfTable) -> Result<Outcome, ApiError> {
    let plain = |lines: Vec<String>| {
        if session.format == Format::Json { output::json(reply) } else { output::write(&(lines.join("\n") + "\n")) }
    };
    match show {
        WhatIfTable::Months => {
            let before = list(&reply["undecided"]);
            let lines = list(&reply["months"]).iter().enumerate().map(|(at, month)| {
                let mut line = vec![shown(&month["month"]), shown(&month["cost"])];
                line.push(before.get(at).and_then(|month| shown(&month["cost"])));
                line.extend(["cash", "savings", "write_off"].map(|name| shown(&month[name])));
                line.extend(["unused", "coverage", "utilisation"].map(|name| shown(&month["figures"][name])));
                line
            });
            let heads = [
                "month",
                "#cost",
                "#undecided",
                "#cash",
                "#savings",
                "#written off",
                "#unused",
                "#coverage",
                "#utilisation",
            ];
            print(session, reply, Table::new(&heads, lines.collect()))?;
        }
        WhatIfTable::Bound => {
            let names = ["month", "bound", "sheddable"];
            print(
                session,
                reply,
                Table::new(&["month", "#bound", "#ended by then"], rows(&reply["lock_in"]["months"], &names)),
            )?;
        }
        WhatIfTable::Gains => {
            let names = ["shared", "account", "owner", "on_demand", "cost", "savings"];
            let heads = ["shared", "account", "owner", "#on demand", "#pays", "#saves"];
            print(session, reply, Table::new(&heads, rows(&reply["gains"], &names)))?;
        }
        WhatIfTable::Commitments => {
            let names = ["id", "program", "start", "end", "hourly", "hourly_in", "upfront", "recurring"];
            let heads = ["commitment", "program", "start", "end", "#an hour", "in", "#upfront", "#fee an hour"];
            print(session, reply, Table::new(&heads, rows(&reply["commitments"], &names)))?;
        }
        WhatIfTable::Memo => plain(list(&reply["memo"]).iter().map(text).collect())?,
        WhatIfTable::Scenario => plain(vec![text(&reply["scenario_text"])])?,
    }
    session.note(&format!(
        "from {} to {}: the basket saves {} {}; {} are bound on the first day",
        text(&reply["from"]),
        text(&reply["until"]),
        text(&reply["saves"]),
        text(&reply["currency"]),
        text(&reply["lock_in"]["remaining"]),
    ));
    tell(session, reply);
    Ok(Outcome::Done)
}
