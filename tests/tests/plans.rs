//! Costs held against what was planned: a budget or a frozen forecast beside the figures of a question, and the bridge from it to what was charged.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use money::Amount;
use serde_json::Value;
use testsupport::{Bill, Workbench, workbook};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

/// January to March 2026, a charge a day: Compute costs 10 a day, Storage 2.5, and what has no team 1.
fn bench() -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let mut bill = Bill::new();
    for (month, days) in [("2026-01", 31), ("2026-02", 28), ("2026-03", 31)] {
        let (start, end) = month_of(month);
        for day in 1..=days {
            let next = if day < days { format!("{month}-{:02}T00:00:00Z", day + 1) } else { end.clone() };
            for (service, team, cost) in [("Compute", "web", "10"), ("Storage", "data", "2.5"), ("Storage", "", "1")] {
                let tags = if team.is_empty() { "{}".to_owned() } else { format!("{{\"team\":\"{team}\"}}") };
                bill = bill.charge(&[
                    ("ChargePeriodStart", &format!("{month}-{day:02}T00:00:00Z")),
                    ("ChargePeriodEnd", &next),
                    ("BillingPeriodStart", &start),
                    ("BillingPeriodEnd", &end),
                    ("ServiceName", service),
                    ("BilledCost", cost),
                    ("EffectiveCost", cost),
                    ("Tags", &tags),
                ]);
            }
        }
    }
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    bench
}

fn month_of(month: &str) -> (String, String) {
    let number: u32 = month[5..].parse().unwrap();
    (format!("{month}-01T00:00:00Z"), format!("2026-{:02}-01T00:00:00Z", number + 1))
}

/// A budget of the first quarter: 400 a month in all, of it 310 for Compute; one for a service that nothing was charged to.
const BUDGET: &str = "name,scope,2026-01,2026-02,2026-03\n\
                      All,total,400,400,400\n\
                      Machines,service=Compute,310,280,300\n";

fn with_budget() -> Workbench {
    let bench = bench();
    let _reply = bench.json(&["budget", "import", bench.write("plan.csv", BUDGET).to_str().unwrap()]);
    bench
}

fn amount(value: &Value) -> Amount {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse::<Amount>().unwrap().normalized()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

fn money(text: &str) -> Amount {
    text.parse::<Amount>().unwrap().normalized()
}

/// The row of a key.
fn row<'a>(reply: &'a Value, key: &str) -> &'a [Value] {
    let rows = list(&reply["rows"]).iter().map(list);
    rows.into_iter().find(|row| row[0] == key).unwrap_or_else(|| panic!("no row {key:?} in {reply:#}"))
}

fn codes(reply: &Value) -> Vec<&str> {
    list(&reply["notes"]).iter().filter_map(|note| note["code"].as_str()).collect()
}

#[test]
fn what_was_planned_stands_beside_the_cost_and_what_was_not_has_no_difference() {
    let bench = with_budget();
    let reply = bench.json(&["ask", "--by", "service", "--compare", "budget", "--period", "2026-02"]);
    let names: Vec<&str> = list(&reply["columns"]).iter().filter_map(|column| column["name"].as_str()).collect();
    assert_eq!(names[2], "billed_cost_planned", "it is no earlier period");
    let compute = row(&reply, "Compute");
    assert_eq!(
        (amount(&compute[1]), amount(&compute[2]), amount(&compute[3])),
        (money("280"), money("280"), money("0"))
    );
    let storage = row(&reply, "Storage");
    assert_eq!(amount(&storage[1]), money("98"));
    assert_eq!(
        (&storage[2], &storage[3], &storage[4]),
        (&Value::Null, &Value::Null, &Value::Null),
        "none, and not zero"
    );
    assert_eq!(amount(&reply["total"]["billed_cost_planned"]), money("400"));
    assert_eq!(amount(&reply["total"]["billed_cost_change"]), money("-22"));
    assert!(codes(&reply).contains(&"rows_without_plan"), "it says so: {:?}", codes(&reply));
    assert_eq!(reply["against"]["plan"]["budget"], "plan");
}

#[test]
fn a_cut_month_shares_its_amount_by_days_and_steps_add_up() {
    let bench = with_budget();
    let cut = bench.json(&["ask", "--compare", "budget:plan", "--period", "2026-01-01..2026-01-07"]);
    assert_eq!(
        amount(&cut["total"]["billed_cost_planned"]),
        money("90.37"),
        "7 of 31 days of 400: cents that are left fall to the first days"
    );
    let days = bench.json(&["ask", "--compare", "budget", "--grain", "day", "--period", "2026-01"]);
    let planned = list(&days["rows"]).iter().map(|row| amount(&row[2]));
    assert_eq!(Amount::sum(planned).unwrap().normalized(), money("400"), "the days are the month to the cent");
    let months = bench.json(&["ask", "--by", "service", "--compare", "budget", "--grain", "month"]);
    let march: Vec<_> = list(&months["rows"]).iter().filter(|row| row[0] == "2026-03" && row[1] == "Compute").collect();
    assert_eq!(amount(&march[0][3]), money("300"), "each step has its own");
}

#[test]
fn where_a_plan_says_nothing_there_is_no_difference_and_a_reason() {
    let bench = with_budget();
    for (arguments, code) in [
        (vec!["--where", "service=Storage"], "no_plan"),
        (vec!["--where", "service~Comp"], "not_against_plan"),
        (vec!["--period", "2031"], "not_against_plan"),
    ] {
        let mut all = vec!["ask", "--compare", "budget"];
        all.extend(&arguments);
        let reply = bench.json(&all);
        assert_eq!(reply["total"]["billed_cost_planned"], Value::Null, "{arguments:?}");
        assert_eq!(reply["total"]["billed_cost_change"], Value::Null, "{arguments:?}");
        assert!(codes(&reply).contains(&code), "{arguments:?}: {:?}", codes(&reply));
    }
    let refused = bench.qd(&["ask", "--compare", "budget:nowhere"]);
    assert_ne!(refused.status, Some(0), "a budget that is not there");
    assert!(refused.stderr.contains("plan"), "the message names those that are: {}", refused.stderr);
}

#[test]
fn the_bridge_from_a_budget_adds_up_and_says_what_cannot_be_told_apart() {
    let bench = with_budget();
    let reply = bench.json(&["change", "--against", "budget", "--period", "2026-01"]);
    let lines = list(&reply["lines"]);
    let parts = lines.iter().map(|line| amount(&line["difference"]));
    assert_eq!(Amount::sum(parts).unwrap().normalized(), amount(&reply["difference"]), "no remainder: {reply:#}");
    assert_eq!((amount(&reply["planned"]), amount(&reply["actual"])), (money("400"), money("418.5")));
    assert_eq!(amount(&reply["difference"]), money("18.5"));
    let named = |name: &str| lines.iter().find(|line| line["name"] == name).unwrap_or_else(|| panic!("{reply:#}"));
    let machines = named("Machines");
    assert_eq!(amount(&machines["difference"]), money("0"), "as planned");
    let rest = named("not planned by service");
    assert_eq!(
        (amount(&rest["planned"]), amount(&rest["actual"])),
        (money("90"), money("108.5")),
        "what is left of the whole"
    );
    assert!(rest["explanation"].as_str().unwrap().contains("rate and volume not separable"), "{rest}");
    let both = amount(&reply["not_separable"]).checked_add(amount(&reply["not_planned"])).unwrap();
    assert_eq!(both.normalized(), amount(&reply["difference"]));
    // The filters of a line let through just its charges.
    for line in lines {
        let wheres: Vec<String> = list(&line["filters"])
            .iter()
            .map(|filter| {
                let sign = if filter["operator"] == "is_not" { "!=" } else { "=" };
                format!("{}{sign}{}", filter["dimension"].as_str().unwrap(), filter["values"][0].as_str().unwrap())
            })
            .collect();
        let mut all = vec!["ask", "--period", "2026-01"];
        for one in &wheres {
            all.extend(["--where", one]);
        }
        assert_eq!(amount(&bench.json(&all)["total"]["billed_cost"]), amount(&line["actual"]), "{line}");
    }
}

#[test]
fn without_a_whole_what_no_line_is_for_is_told_as_such() {
    let bench = bench();
    let csv = "name,scope,2026-01,2026-02,2026-03\nMachines,service=Compute,310,280,310\n";
    let _reply = bench.json(&["budget", "import", bench.write("plan.csv", csv).to_str().unwrap()]);
    let reply = bench.json(&["change", "--against", "budget", "--period", "2026-02"]);
    assert_eq!(amount(&reply["not_planned"]), money("98"), "all of Storage: {reply:#}");
    assert_eq!(amount(&reply["not_separable"]), money("0"));
    let last = list(&reply["lines"]).last().unwrap();
    assert_eq!((last["kind"].as_str(), &last["planned"]), (Some("unplanned"), &Value::Null));
    let same = bench.json(&["change", "--against", "budget", "--period", "2026-02", "--where", "service=Compute"]);
    assert_eq!(amount(&same["difference"]), money("0"), "what came as planned is no difference");
    assert!(list(&same["lines"]).iter().all(|line| amount(&line["difference"]).is_zero()));
    let refused = bench.qd(&["change", "--against", "budget", "--where", "service=Storage"]);
    assert!(refused.stderr.contains("no line within these filters"), "{}", refused.stderr);
}

#[test]
fn a_frozen_forecast_is_held_against_what_came() {
    let bench = bench();
    let frozen = ["forecast", "freeze", "lock", "--cost", "billed", "--period", "2026-01..2026-02", "--by", "service"];
    assert_eq!(bench.qd(&frozen).status, Some(0));
    let reply = bench.json(&["ask", "--by", "service", "--compare", "forecast:lock", "--period", "2026-03"]);
    let planned = list(&reply["rows"]).iter().map(|row| amount(&row[2]));
    let whole = amount(&reply["total"]["billed_cost_planned"]);
    assert_eq!(Amount::sum(planned).unwrap().normalized(), whole, "parts of a forecast come to its whole");
    assert!(!whole.is_zero());
    let bridge = bench.json(&["change", "--against", "forecast:lock", "--period", "2026-03"]);
    assert_eq!(amount(&bridge["planned"]), whole, "the same from both");
    let parts = list(&bridge["lines"]).iter().map(|line| amount(&line["difference"]));
    assert_eq!(Amount::sum(parts).unwrap().normalized(), amount(&bridge["difference"]));
}

#[test]
fn the_bridge_from_a_budget_stands_in_a_pack() {
    let bench = with_budget();
    let pin = ["pack", "pin", "qbr", "Beside the plan", "--change", "--period", "2026-01", "--compare", "budget"];
    let pinned = bench.qd(&pin);
    assert_eq!(pinned.status, Some(0), "{}", pinned.stderr);
    let out = bench.path("pack");
    let files = bench.json(&["pack", "build", "qbr", "--as-of", "2026-11-22", "--out", out.to_str().unwrap()]);
    let path = |ending: &str| {
        let paths = list(&files).iter().map(|file| file["path"].as_str().unwrap());
        paths.into_iter().find(|path| path.ends_with(ending)).unwrap().to_owned()
    };
    assert!(std::fs::read(path(".pdf")).unwrap().starts_with(b"%PDF-"));
    let book = workbook::read(&std::fs::read(path(".xlsx")).unwrap());
    let sheet = &book.sheets["Beside the plan"];
    let cells: Vec<&str> = sheet.values().filter_map(|cell| cell.text.as_deref().or(cell.number.as_deref())).collect();
    for wanted in ["Machines", "not planned by service", "310", "90", "108.5", "18.5", "400", "418.5"] {
        assert!(cells.contains(&wanted), "{wanted} is in {cells:?}");
    }
    let refused = bench.qd(&["pack", "pin", "qbr", "None", "--change", "--period", "2031", "--compare", "budget"]);
    assert!(refused.status != Some(0) && refused.stderr.contains("2026-01-01 to 2026-03-31"), "{}", refused.stderr);
}
