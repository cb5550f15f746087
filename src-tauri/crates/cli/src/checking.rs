//! `qd check`.

use api::ApiError;
use serde_json::{Value, json};

use crate::Outcome;
use crate::arguments::{CheckArguments, Format};
use crate::loading::{shown, text};
use crate::output::{self, Table};
use crate::session::Session;

/// `qd check`: the findings, one a line, and a word on the score; with `--report` everything there is to say.
pub(crate) fn check(session: &Session, arguments: &CheckArguments) -> Result<Outcome, ApiError> {
    let mut payload = json!({ "set": arguments.set });
    let fields =
        [("rule", &arguments.rule), ("provider", &arguments.provider), ("min_severity", &arguments.min_severity)];
    for (name, value) in fields {
        if let Some(value) = value {
            payload[name] = json!(value);
        }
    }
    let report = session.call_value("check_report", payload)?;
    let findings = list(&report["findings"]);
    match (session.format, arguments.report) {
        (Format::Json, true) => output::json(&report)?,
        (Format::Json, false) => output::json(&report["findings"])?,
        (_, false) => findings_table(findings).print(session.format)?,
        (_, true) => {
            for (title, table) in [
                ("Findings", findings_table(findings)),
                ("Score", score_table(&report["score"])),
                ("Flags", flags_table(list(&report["flags"]))),
                (
                    "Rules that were not run, and rules that are run otherwise than the model says",
                    rules_table(&report["rules"]),
                ),
            ] {
                output::write(&format!("{title}\n"))?;
                table.print(session.format)?;
                output::write("\n")?;
            }
        }
    }
    note(session, &report);
    Ok(if findings.is_empty() { Outcome::Done } else { Outcome::LookAt })
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map(Vec::as_slice).unwrap_or_default()
}

/// The score and how many rules were run, for a person.
fn note(session: &Session, report: &Value) {
    let rules = &report["rules"];
    if let Some(value) = report["score"]["value"].as_str() {
        session.note(&format!("data quality {value} of 100; `qd check --report` shows how it comes about"));
    }
    let (run, not_run) = (&rules["run"], list(&rules["not_run"]).len());
    session.note(&format!("{run} rules were run, {} are kept; {not_run} speak to no load", rules["kept"]));
}

fn findings_table(findings: &[Value]) -> Table {
    let rows = findings
        .iter()
        .map(|one| {
            let costs = list(&one["cost"]).iter();
            let cost: Vec<String> =
                costs.map(|cost| format!("{} {}", text(&cost["billed"]), text(&cost["currency"]))).collect();
            vec![
                shown(&one["severity"]),
                shown(&one["rule"]),
                shown(&one["title"]),
                shown(&one["count"]),
                shown(&one["counted"]),
                Some(cost.join(", ")),
                list(&one["examples"]).first().and_then(shown),
            ]
        })
        .collect();
    Table::new(&["severity", "rule", "finding", "#count", "of", "billed", "example"], rows)
}

fn score_table(score: &Value) -> Table {
    let keys = ["component", "provider", "currency", "severity", "concerned", "of", "unit", "lost"];
    let rows = list(&score["parts"]).iter().map(|part| keys.map(|key| shown(&part[key])).to_vec()).collect();
    let names = ["component", "provider", "currency", "severity", "concerned", "of", "unit", "#points_lost"];
    let mut table = Table::new(&names, rows);
    if let Some(value) = score["value"].as_str() {
        let mut total = vec![None; names.len()];
        total[0] = Some("score".to_owned());
        total[7] = Some(value.to_owned());
        table.total = Some(total);
    }
    table
}

fn flags_table(flags: &[Value]) -> Table {
    let rows = flags.iter().map(|flag| {
        let on = if flag["on"] == true { "on" } else { "off" };
        vec![
            shown(&flag["provider"]),
            shown(&flag["flag"]),
            Some(on.to_owned()),
            shown(&flag["source"]),
            shown(&flag["says"]),
        ]
    });
    Table::new(&["provider", "flag", "rules", "source", "the_provider"], rows.collect())
}

fn rules_table(rules: &Value) -> Table {
    let not_run = list(&rules["not_run"]).iter().map(|one| {
        let why = match one["reason"].as_str() {
            Some("off") => "a flag is off for every provider",
            Some("version") => "the loads are of versions without the column",
            _ => "no export has the column",
        };
        vec![shown(&one["rule"]), Some("not run".to_owned()), Some(why.to_owned())]
    });
    let noted = |key: &str, word: &'static str| -> Vec<Vec<Option<String>>> {
        let notes = list(&rules[key]).iter();
        notes.map(|one| vec![shown(&one["rule"]), Some(word.to_owned()), shown(&one["note"])]).collect()
    };
    let rows = not_run.chain(noted("set_aside", "set aside")).chain(noted("corrected", "corrected"));
    Table::new(&["rule", "state", "why"], rows.collect())
}
