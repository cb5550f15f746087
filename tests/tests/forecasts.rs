//! Forecasts of real questions: the history is the bill, steps add up, nothing is said without its record, and nothing is ever no number.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use chrono::{Datelike, Months, NaiveDate};
use money::Amount;
use serde_json::Value;
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

fn amount(value: &Value) -> Amount {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse().unwrap()
}

/// A charge on the first day of a month.
fn month(bill: Bill, first: NaiveDate, cost: &str, service: &str) -> Bill {
    let instant = |day: NaiveDate| format!("{day}T00:00:00Z");
    let end = first.checked_add_months(Months::new(1)).unwrap();
    let (start, end) = (instant(first), instant(end));
    bill.charge(&[
        ("ChargePeriodStart", &start),
        ("ChargePeriodEnd", &end),
        ("BillingPeriodStart", &start),
        ("BillingPeriodEnd", &end),
        ("ServiceName", service),
        ("BilledCost", cost),
        ("EffectiveCost", cost),
        ("ContractedCost", cost),
        ("ListCost", cost),
    ])
}

fn day(text: &str) -> NaiveDate {
    text.parse().unwrap()
}

/// Months from January 2022 on; a cost that is none is a month without any charge.
fn months(costs: &[Option<&str>]) -> Bill {
    let first = day("2022-01-01");
    costs.iter().zip(0..).fold(Bill::new(), |bill, (cost, at)| match cost {
        Some(cost) => month(bill, first.checked_add_months(Months::new(at)).unwrap(), cost, "Compute"),
        None => bill,
    })
}

fn loaded(bill: &Bill) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    bench
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn codes(reply: &Value) -> Vec<&str> {
    list(&reply["notes"]).iter().map(|note| note["code"].as_str().unwrap()).collect()
}

/// What holds of every forecast: intervals lie in one another around the figure, steps add up, amounts have the currency's decimals.
fn assert_sound(reply: &Value) {
    for step in list(&reply["steps"]) {
        let [low_95, low_80, expected, high_80, high_95] =
            ["low_95", "low_80", "amount", "high_80", "high_95"].map(|name| amount(&step[name]));
        assert!(low_95 <= low_80 && low_80 <= expected && expected <= high_80 && high_80 <= high_95, "{step:#}");
        assert_eq!(expected.scale(), 2, "a forecast in dollars has cents: {step:#}");
    }
    let history: Vec<&str> = list(&reply["history"]).iter().map(|step| step["time"].as_str().unwrap()).collect();
    let total = &reply["total"];
    let beyond = list(&reply["steps"]).iter().filter(|step| !history.contains(&step["time"].as_str().unwrap()));
    let sum = Amount::sum(beyond.map(|step| amount(&step["amount"]))).unwrap();
    assert_eq!(amount(&total["amount"]), sum, "the total is the sum of the steps beyond the history");
    assert!(amount(&total["low_80"]) <= sum && sum <= amount(&total["high_80"]), "{total:#}");
    assert!(!reply["verdict"].as_str().unwrap().is_empty(), "a forecast says how good it is, or why it cannot");
}

#[test]
fn the_history_is_the_bill_and_the_record_is_told() {
    // Three years that grow a little, with a December above the rest.
    let costs: Vec<String> = (0..36)
        .map(|at: i64| {
            let first = day("2022-01-01").checked_add_months(Months::new(u32::try_from(at).unwrap())).unwrap();
            let december = if first.month() == 12 { 300 } else { 0 };
            format!("{}.{:02}", 1000 + 5 * at + december + (at * at) % 7, at)
        })
        .collect();
    let bench = loaded(&months(&costs.iter().map(|cost| Some(cost.as_str())).collect::<Vec<_>>()));
    let reply = bench.json(&["forecast", "--cost", "billed", "--horizon", "12"]);
    assert_sound(&reply);
    let asked = bench.json(&["ask", "--grain", "month", "--cost", "billed"]);
    let history = Amount::sum(list(&reply["history"]).iter().map(|step| amount(&step["amount"]))).unwrap();
    assert_eq!(history, amount(&asked["total"]["billed_cost"]), "the history is the bill");
    assert_eq!(list(&reply["steps"]).len(), 12);
    assert_eq!(reply["steps"][0]["time"], "2025-01", "the first step is the one after the last month");
    let december = amount(&reply["steps"][11]["amount"]);
    let november = amount(&reply["steps"][10]["amount"]);
    assert!(december > november, "December is above November, as it always was: {reply:#}");
    let record = &reply["record"];
    assert!(record["origins"].as_u64().unwrap() > 3, "{record:#}");
    assert!(amount(&record["wape"]) < "0.2".parse().unwrap(), "a series without surprises: {record:#}");
    for name in ["bias", "mase", "skill_against_seasonal_naive", "skill_against_run_rate", "coverage_80", "coverage_95"]
    {
        amount(&record[name]);
    }
    let again = bench.json(&["forecast", "--cost", "billed", "--horizon", "12"]);
    assert_eq!(again, reply, "the same bill has the same forecast");
}

#[test]
fn what_is_not_known_is_not_zero() {
    let mut costs = vec![Some("100.00"); 30];
    costs[20] = None;
    let bench = loaded(&months(&costs));
    let reply = bench.json(&["forecast", "--horizon", "3"]);
    assert_sound(&reply);
    assert_eq!(reply["history"][20]["amount"], Value::Null, "a month without any charge is not known");
    assert!(codes(&reply).contains(&"gaps_filled"), "and it is said that it was filled: {reply:#}");
    assert_eq!(reply["steps"][0]["amount"], "100.00");

    let bill = month(months(&[Some("100.00"); 30]), day("2023-03-01"), "40.00", "Storage");
    let reply = loaded(&bill).json(&["forecast", "--horizon", "3", "--where", "service = Storage"]);
    assert_sound(&reply);
    assert_eq!(reply["history"][0]["amount"], "0", "a month that has charges, but none of this scope, is zero");
}

#[test]
fn every_odd_history_has_a_stated_answer() {
    let one = loaded(&months(&[Some("12.34")])).json(&["forecast"]);
    assert_sound(&one);
    assert_eq!(one["method"], "run_rate", "one month goes on as it is: {one:#}");
    assert!(codes(&one).contains(&"run_rate_only"));
    assert_eq!(one["record"], Value::Null);

    let zeros = loaded(&months(&[Some("0"); 30])).json(&["forecast"]);
    assert_sound(&zeros);
    assert_eq!(zeros["total"]["amount"], "0.00");
    assert!(codes(&zeros).contains(&"all_zero"));

    let credits = loaded(&months(&[Some("-250.00"); 30])).json(&["forecast"]);
    assert_sound(&credits);
    assert_eq!(credits["steps"][0]["amount"], "-250.00", "credits are below zero and stay there");

    let none = loaded(&months(&[Some("5.00"); 3])).json(&["forecast", "--where", "service = Nothing"]);
    assert_sound(&none);
    assert_eq!(none["total"]["amount"], "0.00", "nothing was charged in three months that are loaded");
}

#[test]
fn what_cannot_be_forecast_says_why() {
    let bench = loaded(&months(&[Some("1.00"); 3]));
    for (arguments, said) in [
        (vec!["forecast", "--horizon", "0"], "0 months cannot be forecast"),
        (vec!["forecast", "--horizon", "37"], "37 months cannot be forecast"),
        (vec!["forecast", "--grain", "day", "--horizon", "367"], "367 days cannot be forecast"),
        (vec!["forecast", "--cost", "quantity"], "no cost"),
    ] {
        let refused = bench.qd(&arguments);
        assert_ne!(refused.status, Some(0), "{arguments:?}");
        assert!(refused.stderr.contains(said), "{arguments:?}: {}", refused.stderr);
    }
}
