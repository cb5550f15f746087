//! Budgets through the real engine: every cell of a scorecard against a second computation, parts against their whole, files that nobody
//! should send, and forecasts that are frozen before the rest of the bill comes.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

#[path = "budgeting/files.rs"]
mod files;
#[path = "budgeting/sample.rs"]
mod sample;

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use money::Amount;
use serde_json::Value;
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

/// The amount of a JSON text; a missing one is nothing.
fn amount(value: &Value) -> Amount {
    match value {
        Value::Null => Amount::ZERO,
        other => other.as_str().unwrap_or_else(|| panic!("{other} is no amount")).parse().unwrap(),
    }
}

fn money(text: &str) -> Amount {
    text.parse().unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_else(|| panic!("{value} is no text"))
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

fn codes(reply: &Value) -> Vec<&str> {
    list(&reply["notes"]).iter().map(|note| text(&note["code"])).collect()
}

/// The line of a name.
fn line<'a>(reply: &'a Value, name: &str) -> &'a Value {
    let found = list(&reply["lines"]).iter().find(|line| line["name"] == name);
    found.unwrap_or_else(|| panic!("no line {name:?} in {:?}", names(reply)))
}

fn names(reply: &Value) -> Vec<&str> {
    list(&reply["lines"]).iter().map(|line| text(&line["name"])).collect()
}

/// The cell of a line in a period.
fn cell<'a>(reply: &Value, line: &'a Value, label: &str) -> &'a Value {
    let at = list(&reply["periods"]).iter().position(|period| period["label"] == label).unwrap();
    &line["cells"][at]
}

/// Two services of two teams from the first to the last day, a charge a day each. Compute is dearer at weekends, storage grows by a cent a day.
fn daily_bill(from: &str, to: &str) -> Bill {
    let mut bill = Bill::new();
    let mut at = day(from);
    for number in 0_u32.. {
        if at >= day(to) {
            break;
        }
        let next = at.checked_add_days(Days::new(1)).unwrap();
        let (start, end) = (format!("{at}T00:00:00Z"), format!("{next}T00:00:00Z"));
        let month = format!("{}-01T00:00:00Z", at.format("%Y-%m"));
        let weekend = matches!(chrono::Datelike::weekday(&at), chrono::Weekday::Sat | chrono::Weekday::Sun);
        let storage = Amount::new(i128::from(5_000 + number), 3).unwrap().to_string();
        for (service, team, cost) in [
            ("Compute", "web", if weekend { "14.00" } else { "10.00" }),
            ("Storage", "data", storage.as_str()),
            ("Storage", "", "1.25"),
        ] {
            let tags = if team.is_empty() { String::new() } else { format!("{{\"team\": \"{team}\"}}") };
            bill = bill.charge(&[
                ("ChargePeriodStart", &start),
                ("ChargePeriodEnd", &end),
                ("BillingPeriodStart", &month),
                ("ServiceName", service),
                ("Tags", &tags),
                ("BilledCost", cost),
                ("EffectiveCost", cost),
                ("ContractedCost", cost),
                ("ListCost", cost),
            ]);
        }
        at = next;
    }
    bill
}

fn loaded(from: &str, to: &str) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("bill.csv", daily_bill(from, to).csv())]);
    bench
}

/// What holds of every scorecard: the lines of one breakdown add up to their parent in every cell, a variance is budget less cost, a verdict
/// is what the variance says, and totals are the sums of their periods.
fn assert_sound(reply: &Value) {
    let lines = list(&reply["lines"]);
    let mut breakdowns: BTreeMap<(Option<&str>, &str), Vec<&Value>> = BTreeMap::new();
    for line in lines {
        if let Some(breakdown) = line["breakdown"].as_str() {
            breakdowns.entry((line["parent"].as_str(), breakdown)).or_default().push(line);
        }
        for cell in list(&line["cells"]).iter().chain([&line["total"], &line["to_date"]]) {
            assert_cell(cell, line);
        }
    }
    for ((parent, breakdown), parts) in breakdowns {
        let whole = match parent {
            Some(parent) => lines.iter().find(|line| line["name"] == parent).unwrap(),
            None => &reply["whole"],
        };
        for (at, period) in list(&reply["periods"]).iter().enumerate() {
            for figure in ["actual", "forecast"] {
                let sum = Amount::sum(parts.iter().map(|part| amount(&part["cells"][at][figure]))).unwrap();
                let label = text(&period["label"]);
                assert_eq!(
                    sum,
                    amount(&whole["cells"][at][figure]),
                    "{figure} of {label}: parts by {breakdown} are {}",
                    whole["name"]
                );
            }
            if !whole["cells"][at]["budget"].is_null() {
                let sum = Amount::sum(parts.iter().map(|part| amount(&part["cells"][at]["budget"]))).unwrap();
                assert_eq!(sum, amount(&whole["cells"][at]["budget"]), "budgets by {breakdown} are {}", whole["name"]);
            }
        }
        for total in ["total", "to_date"] {
            let sum = Amount::sum(parts.iter().map(|part| amount(&part[total]["cost"]))).unwrap();
            assert_eq!(sum, amount(&whole[total]["cost"]), "{total} by {breakdown} is that of {}", whole["name"]);
        }
    }
}

fn assert_cell(cell: &Value, line: &Value) {
    let (cost, budget, variance) = (&cell["cost"], &cell["budget"], &cell["variance"]);
    if cost.is_null() || budget.is_null() {
        assert!(variance.is_null() && cell["verdict"] == "not_comparable", "{line:#}");
        return;
    }
    let difference = amount(budget).checked_sub(amount(cost)).unwrap();
    assert_eq!(amount(variance), difference, "a variance is budget less cost: {cell:#}");
    let shown = difference.rounded(2, money::Rounding::HalfEven);
    let (verdict, word) = match shown.cmp(&Amount::ZERO) {
        std::cmp::Ordering::Greater => ("favourable", ": favourable"),
        std::cmp::Ordering::Less => ("unfavourable", ": unfavourable"),
        std::cmp::Ordering::Equal => ("on_budget", "on budget"),
    };
    assert_eq!(cell["verdict"], verdict, "{cell:#}");
    assert!(text(&cell["words"]).ends_with(word), "{cell:#}");
}
