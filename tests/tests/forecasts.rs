//! Forecasts of real questions: the history is the bill, steps add up, nothing is said without its record, and nothing is ever no number.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

#[path = "planning/trees.rs"]
mod trees;

use chrono::{Datelike, Days, Months, NaiveDate};
use money::Amount;
use serde_json::Value;
use testsupport::{Bill, Workbench, sample_data};

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
    for step in list(&reply["steps"]) {
        assert_eq!(step["amount"], "100.00", "what always cost 100 goes on as itself, however long the month");
    }

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

/// A charge of a kind of its own on the first day of a month.
fn of_kind(bill: Bill, first: NaiveDate, cost: &str, service: &str, category: &str, frequency: &str) -> Bill {
    let instant = |day: NaiveDate| format!("{day}T00:00:00Z");
    let end = first.checked_add_months(Months::new(1)).unwrap();
    let (start, end) = (instant(first), instant(end));
    bill.charge(&[
        ("ChargePeriodStart", &start),
        ("ChargePeriodEnd", &end),
        ("BillingPeriodStart", &start),
        ("BillingPeriodEnd", &end),
        ("ServiceName", service),
        ("ChargeCategory", category),
        ("ChargeFrequency", frequency),
        ("BilledCost", cost),
        ("EffectiveCost", cost),
        ("ContractedCost", cost),
        ("ListCost", cost),
    ])
}

/// Thirty months of usage that wavers, with a subscription, a tax of a tenth on both, a credit of four months and a purchase in one.
fn kinds() -> Bill {
    let first = day("2022-01-01");
    (0..30_u32).fold(Bill::new(), |bill, at| {
        let month_at = first.checked_add_months(Months::new(at)).unwrap();
        let usage = 1000 + 10 * at + (at * 7) % 11;
        let bill = month(bill, month_at, &format!("{usage}.00"), "Compute");
        let bill = of_kind(bill, month_at, "250.01", "Route planner", "Purchase", "Recurring");
        let tax = format!("{}.{:03}", (usage + 250) / 10, (usage + 250) % 10 * 100 + 1);
        let bill = of_kind(bill, month_at, &tax, "Tax", "Tax", "Recurring");
        let bill = if (10..14).contains(&at) {
            of_kind(bill, month_at, "-300.00", "Compute", "Credit", "One-Time")
        } else {
            bill
        };
        if at == 27 { of_kind(bill, month_at, "4000.00", "Migration help", "Purchase", "One-Time") } else { bill }
    })
}

fn kind<'a>(reply: &'a Value, treatment: &str) -> &'a Value {
    let kinds = list(&reply["split"]["kinds"]);
    kinds.iter().find(|kind| kind["treatment"] == treatment).unwrap_or_else(|| panic!("no {treatment}: {kinds:#?}"))
}

/// In every step of the history and of the forecast the kinds of charges add up, to the last decimal.
fn assert_kinds_add_up(reply: &Value) {
    let kinds = list(&reply["split"]["kinds"]);
    for (at, step) in list(&reply["steps"]).iter().enumerate() {
        let sum = Amount::sum(kinds.iter().map(|kind| amount(&kind["steps"][at]))).unwrap();
        assert_eq!(sum, amount(&step["amount"]), "the kinds add up in {}", step["time"]);
    }
    for (at, step) in list(&reply["history"]).iter().enumerate().filter(|(_, step)| !step["amount"].is_null()) {
        let sum = Amount::sum(kinds.iter().map(|kind| amount(&kind["history"][at]))).unwrap();
        assert_eq!(sum, amount(&step["amount"]), "the bill adds up in {}", step["time"]);
    }
}

#[test]
fn the_bill_is_split_before_it_is_modelled() {
    let bench = loaded(&kinds());
    for arguments in [vec!["forecast", "--horizon", "6"], vec!["forecast", "--horizon", "6", "--by", "service"]] {
        let reply = bench.json(&arguments);
        assert_sound(&reply);
        assert_kinds_add_up(&reply);
        assert_eq!(reply["split"]["way"], "split", "{:#}", reply["split"]["words"]);
        for at in 0..6 {
            assert_eq!(
                kind(&reply, "commitment_fee")["steps"][at],
                "250.01",
                "a flat fee is itself, whatever the month"
            );
            assert_eq!(amount(&kind(&reply, "one_off")["steps"][at]), Amount::ZERO, "help is not bought again");
            assert_eq!(amount(&kind(&reply, "credit")["steps"][at]), Amount::ZERO, "four months of credit are over");
            let usage = amount(&kind(&reply, "recurring_usage")["steps"][at]);
            let base = usage.checked_add("250.01".parse().unwrap()).unwrap();
            let tax = amount(&kind(&reply, "percentage_of_bill")["steps"][at]).checked_mul(Amount::from_integer(10));
            let off = tax.unwrap().checked_sub(base).unwrap().abs();
            assert!(off < "0.50".parse().unwrap(), "the tax is a tenth of usage and fee: {off} off ten times");
        }
    }
    let parts = bench.json(&["forecast", "--horizon", "6", "--by", "service"]);
    assert_coherent(&parts);
    assert_eq!(part(&parts, "Route planner")["method"], "schedule");
    assert_eq!(part(&parts, "Route planner")["steps"][3]["amount"], "250.01");
    let table = bench.qd(&["forecast", "--horizon", "3", "--show", "kinds", "--format", "table"]);
    assert!(table.stdout.contains("percentages of the bill") && table.stdout.contains("250.01"), "{}", table.stdout);
    assert!(table.stderr.contains("250.01 USD every month"), "how each goes on is told: {}", table.stderr);
}

#[test]
fn what_comes_once_a_month_is_forecast_on_its_day() {
    // Ninety days of ten a day; on the third of each month a tenth of the month before.
    let bill = days(90, |_| "10.00".to_owned());
    let bill = [("2025-01-03", "31.00"), ("2025-02-03", "28.00"), ("2025-03-03", "31.00")]
        .into_iter()
        .fold(bill, |bill, (at, cost)| of_kind_on(bill, day(at), cost));
    let reply = loaded(&bill).json(&["forecast", "--grain", "day", "--horizon", "40"]);
    assert_sound(&reply);
    assert_kinds_add_up(&reply);
    let taxes: Vec<(&Value, &Value)> = list(&reply["steps"])
        .iter()
        .zip(list(&kind(&reply, "percentage_of_bill")["steps"]))
        .filter(|(_, amount)| *amount != "0.00")
        .map(|(step, amount)| (&step["time"], amount))
        .collect();
    assert_eq!(taxes, [(&"2025-04-03".into(), &"30.00".into()), (&"2025-05-03".into(), &"31.00".into())]);
    assert_eq!(amount(&reply["steps"][5]["amount"]), "10.00".parse().unwrap(), "the other days are as they were");
}

/// A tax on a day.
fn of_kind_on(bill: Bill, at: NaiveDate, cost: &str) -> Bill {
    let month = at.with_day(1).unwrap();
    let instants = [at, at.succ_opt().unwrap(), month, month.checked_add_months(Months::new(1)).unwrap()];
    let [start, end, bill_start, bill_end] = instants.map(|day| format!("{day}T00:00:00Z"));
    bill.charge(&[
        ("ChargePeriodStart", &start),
        ("ChargePeriodEnd", &end),
        ("BillingPeriodStart", &bill_start),
        ("BillingPeriodEnd", &bill_end),
        ("ServiceName", "Tax"),
        ("ChargeCategory", "Tax"),
        ("BilledCost", cost),
        ("EffectiveCost", cost),
        ("ContractedCost", cost),
        ("ListCost", cost),
    ])
}

/// Forty-four months of four services, one of which begins late, one of which is a credit.
fn services() -> Bill {
    let first = day("2022-01-01");
    (0..44_u32).fold(Bill::new(), |bill, at| {
        let month_at = first.checked_add_months(Months::new(at)).unwrap();
        let swing = (at * 7) % 11;
        let bill = month(bill, month_at, &format!("{}.17", 900 + 4 * at + swing), "Compute");
        let bill = month(bill, month_at, &format!("{}.05", 310 + 3 * ((at * 5) % 9)), "Storage");
        let bill = month(bill, month_at, &format!("-{}.33", 20 + at % 3), "Credit");
        if at < 38 { bill } else { month(bill, month_at, &format!("{}.40", 60 + 2 * at), "Launched") }
    })
}

/// In every step of the history and of the forecast the parts add up to the total, to the last decimal.
fn assert_coherent(reply: &Value) {
    let parts = list(&reply["parts"]);
    for (at, step) in list(&reply["steps"]).iter().enumerate() {
        let sum = Amount::sum(parts.iter().map(|part| amount(&part["steps"][at]["amount"]))).unwrap();
        assert_eq!(sum, amount(&step["amount"]), "the parts add up in {}", step["time"]);
    }
    for (at, step) in list(&reply["history"]).iter().enumerate() {
        let sum = Amount::sum(parts.iter().map(|part| amount(&part["history"][at]))).unwrap();
        assert_eq!(sum, amount(&step["amount"]), "the bill adds up in {}", step["time"]);
    }
    for part in parts {
        let sum = Amount::sum(list(&part["steps"]).iter().map(|step| amount(&step["amount"]))).unwrap();
        assert_eq!(sum, amount(&part["total"]["amount"]), "a part's steps add up: {part:#}");
        for step in list(&part["steps"]).iter().chain([&part["total"]]) {
            let ends = ["low_95", "low_80", "amount", "high_80", "high_95"].map(|name| amount(&step[name]));
            assert!(ends.is_sorted(), "intervals lie in one another: {step:#}");
        }
    }
}

fn part<'a>(reply: &'a Value, name: &str) -> &'a Value {
    list(&reply["parts"]).iter().find(|part| part["value"] == name).unwrap_or_else(|| panic!("no {name}: {reply:#}"))
}

#[test]
fn parts_add_up_to_the_cent_and_nothing_is_left_out() {
    let bench = loaded(&services());
    let reply = bench.json(&["forecast", "--by", "service", "--horizon", "6"]);
    assert_sound(&reply);
    assert_coherent(&reply);
    assert_eq!(list(&reply["parts"]).len(), 4);
    assert_eq!(reply["parts"][0]["value"], "Compute", "the dearest first");
    assert!(amount(&part(&reply, "Credit")["total"]["amount"]).is_negative(), "a credit stays one: {reply:#}");
    assert!(!amount(&part(&reply, "Launched")["steps"][0]["low_95"]).is_negative(), "usage is never below zero");
    assert_eq!(reply["reconciliation"]["method"], "min_trace_shrink", "{:#}", reply["reconciliation"]);
    assert_eq!(bench.json(&["forecast", "--by", "service", "--horizon", "6"]), reply, "the same again");

    let two = bench.json(&["forecast", "--by", "service", "--top", "2", "--horizon", "6"]);
    assert_coherent(&two);
    assert_eq!(list(&two["parts"]).len(), 3, "two and what is left of them");
    assert_eq!((&two["parts"][2]["other"], &two["parts"][2]["value"]), (&Value::Bool(true), &Value::Null));
}

#[test]
fn the_total_lies_between_what_it_was_alone_and_what_its_parts_were() {
    // Each part's forecast under a filter is what it is before the parts are made to agree.
    let bench = loaded(&services());
    let whole = bench.json(&["forecast", "--by", "service", "--horizon", "6"]);
    let alone = amount(&bench.json(&["forecast", "--horizon", "6"])["total"]["amount"]);
    let parts = ["Compute", "Storage", "Credit", "Launched"].map(|service| {
        let filter = format!("service = {service}");
        amount(&bench.json(&["forecast", "--where", &filter, "--horizon", "6"])["total"]["amount"])
    });
    let sum = Amount::sum(parts).unwrap();
    let agreed = amount(&whole["total"]["amount"]);
    // Errors that go together may lead a little beyond.
    let slack: Amount = "5.00".parse().unwrap();
    let (low, high) = (alone.min(sum).checked_sub(slack).unwrap(), alone.max(sum).checked_add(slack).unwrap());
    assert!(low <= agreed && agreed <= high, "{agreed} lies between {alone} and {sum}");
    let words = whole["reconciliation"]["words"].as_str().unwrap();
    assert!(words.contains(&alone.to_string()) && words.contains(&sum.to_string()), "{words}");
}

#[test]
fn a_part_set_by_hand_moves_the_total_and_no_other_part() {
    let bench = loaded(&services());
    let reply = bench.json(&["forecast", "--by", "service", "--horizon", "6", "--lock", "Storage=2000.01"]);
    assert_coherent(&reply);
    let storage = part(&reply, "Storage");
    assert_eq!(storage["total"]["amount"], "2000.01", "exactly what was set");
    assert_eq!(storage["locked"], true);
    assert_eq!(storage["steps"][3]["low_95"], storage["steps"][3]["high_95"], "what is set has no width");
    let free = bench.json(&["forecast", "--by", "service", "--horizon", "6"]);
    for other in free["parts"].as_array().unwrap().iter().filter(|part| part["value"] != "Storage") {
        let held = part(&reply, other["value"].as_str().unwrap());
        assert_eq!(held["steps"], other["steps"], "what nobody set stays");
    }
    for (arguments, said) in [
        (vec!["forecast", "--lock", "Storage=5"], "no parts"),
        (vec!["forecast", "--by", "service", "--lock", "Nothing=5"], "no part of this forecast"),
        (vec!["forecast", "--by", "service", "--lock", "Storage=5.005"], "decimals"),
        (vec!["forecast", "--by", "service", "--lock", "Storage=5", "--lock", "Storage=6"], "twice"),
        (vec!["forecast", "--by", "service", "--lock", "Storage"], "VALUE=AMOUNT"),
        (vec!["forecast", "--by", "service", "--top", "0"], "0 parts"),
    ] {
        let refused = bench.qd(&arguments);
        assert_ne!(refused.status, Some(0), "{arguments:?}");
        assert!(refused.stderr.contains(said), "{arguments:?}: {}", refused.stderr);
    }
}

/// Days from the first of January 2025 on.
fn days(count: u64, cost: impl Fn(u64) -> String) -> Bill {
    days_from("2025-01-01", count, cost)
}

fn days_from(first: &str, count: u64, cost: impl Fn(u64) -> String) -> Bill {
    (0..count).fold(Bill::new(), |bill, at| {
        let from = day(first).checked_add_days(Days::new(at)).unwrap();
        let month = from.with_day(1).unwrap();
        let instants = [from, from.succ_opt().unwrap(), month, month.checked_add_months(Months::new(1)).unwrap()];
        let [start, end, bill_start, bill_end] = instants.map(|day| format!("{day}T00:00:00Z"));
        let cost = cost(at);
        bill.charge(&[
            ("ChargePeriodStart", &start),
            ("ChargePeriodEnd", &end),
            ("BillingPeriodStart", &bill_start),
            ("BillingPeriodEnd", &bill_end),
            ("BilledCost", &cost),
            ("EffectiveCost", &cost),
            ("ContractedCost", &cost),
            ("ListCost", &cost),
        ])
    })
}

#[test]
fn the_running_month_is_what_has_come_and_what_its_days_left_will_add() {
    // Ninety days up to the thirty-first of March; the tenth of April is the hundredth.
    let bench = loaded(&days(100, |at| if at < 90 { "10.00".to_owned() } else { "12.00".to_owned() }));
    let reply = bench.json(&["forecast", "--horizon", "2"]);
    assert_sound(&reply);
    let month_end = &reply["month_end"];
    assert_eq!((&month_end["month"], &month_end["as_of"]), (&"2025-04".into(), &"2025-04-10".into()), "{month_end:#}");
    assert_eq!(month_end["to_date"], "120.00", "ten days at twelve");
    assert_eq!(month_end["run_rate"], "360.00", "thirty days at twelve");
    let expected = amount(&month_end["expected"]);
    assert!(("320.00".parse().unwrap()..="365.00".parse().unwrap()).contains(&expected), "{month_end:#}");
    let cut = bench.json(&["forecast", "--period", "2025-01-01..2025-02-14", "--horizon", "2"]);
    assert_eq!(cut["month_end"]["as_of"], "2025-02-14", "on any day of the past: {cut:#}");
    assert_eq!(
        (&cut["month_end"]["to_date"], &cut["month_end"]["expected"]),
        (&"140.00".into(), &"280.00".into()),
        "what came later is not looked at"
    );
    assert_eq!(cut["history"][1]["provisional"], true, "a month that the period cuts is not whole");
    let whole = bench.json(&["forecast", "--period", "2025-01..2025-03", "--horizon", "2"]);
    assert_eq!(whole["month_end"], Value::Null, "no month runs");
}

#[test]
fn what_comes_late_is_told_by_deliveries_that_were_replaced() {
    let bench = Workbench::new(PROGRAM);
    let load = |name: &str, bill: &Bill| bench.loaded(&[bench.write(name, bill.csv())]);
    // Three months were delivered half way, with half of the last day, and then whole.
    for (month, length) in [("2025-01", 31), ("2025-02", 28), ("2025-03", 31)] {
        let first = format!("{month}-01");
        let half = days_from(&first, 15, |at| if at == 14 { "5.00".to_owned() } else { "10.00".to_owned() });
        load(&format!("{month}-half.csv"), &half);
        load(&format!("{month}.csv"), &days_from(&first, length, |_| "10.00".to_owned()));
    }
    let cost = |at: u64| if at == 9 { "5.00".to_owned() } else { "10.00".to_owned() };
    load("2025-04-half.csv", &days_from("2025-04-01", 10, cost));
    let reply = bench.json(&["forecast", "--horizon", "2"]);
    let month_end = &reply["month_end"];
    assert_eq!((&month_end["to_date"], &month_end["run_rate"]), (&"95.00".into(), &"285.00".into()), "{month_end:#}");
    assert_eq!(month_end["expected"], "300.00", "half of the tenth is still to come, as it always was: {month_end:#}");
    assert!(month_end["words"].as_str().unwrap().contains("earlier deliveries"), "and that is said: {month_end:#}");
}

#[test]
fn a_driver_is_fitted_told_and_not_called_significant_too_early() {
    let costs: Vec<String> = (0..24).map(|at| format!("{}.00", 500 + 2 * (1000 + 30 * at + (at % 5) * 17))).collect();
    let orders: String = (0..24_u32)
        .map(|at| {
            let first = day("2022-01-01").checked_add_months(Months::new(at)).unwrap();
            format!("{},orders,{}\n", first.format("%Y-%m"), 1000 + 30 * at + (at % 5) * 17)
        })
        .collect();
    let driven = |count: usize| {
        let bench = loaded(&months(&costs[..count].iter().map(|cost| Some(cost.as_str())).collect::<Vec<_>>()));
        let metrics = bench.write("orders.csv", format!("date,metric,value\n{orders}"));
        assert_eq!(bench.qd(&["metrics", "import", metrics.to_str().unwrap()]).status, Some(0));
        bench
    };
    let bench = driven(24);
    let model = bench.json(&["forecast", "--driver", "orders,growth=0", "--horizon", "3"])["driver_model"].clone();
    assert_eq!(model["wording"], "significant", "{model:#}");
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    assert!((number(&model["rates"][0]["rate"]) - 2.0).abs() < 0.05, "two dollars an order: {model:#}");
    assert!((number(&model["fixed"]) - 500.0).abs() < 60.0, "and five hundred whatever comes: {model:#}");
    assert!((number(&model["steps"][2]["amount"]) - number(&model["fitted"][23])).abs() < 1.0, "no growth: {model:#}");
    assert!(number(&model["r_squared"]) > 0.99 && number(&model["last_steps_error"]) < 0.02, "{model:#}");
    let typed = bench.json(&["forecast", "--driver", "orders,rate=2,2024-01=5000", "--horizon", "2"]);
    let typed = &typed["driver_model"];
    assert_eq!((&typed["rates"][0]["typed"], &typed["rates"][0]["rate"]), (&true.into(), &"2.000000".into()));
    assert!((number(&typed["steps"][1]["amount"]) - 10_500.0).abs() < 1.0, "5,000 orders stay 5,000: {typed:#}");

    let few = driven(16).json(&["forecast", "--driver", "orders", "--horizon", "2"])["driver_model"].clone();
    assert_eq!(few["wording"], "too_few_to_say", "sixteen months");
    assert!(!few["words"].as_str().unwrap().contains("significant"), "{few:#}");
    for (driver, said) in [
        ("nothing", "no metric `nothing`"),
        ("orders,growth=0.1,2024-01=5", "both a growth and values"),
        ("orders,rate=-1", "less than nothing"),
        ("orders,2024-13=5", "no number of units"),
        ("orders,soon", "says nothing of a driver"),
    ] {
        let refused = bench.qd(&["forecast", "--driver", driver]);
        assert_ne!(refused.status, Some(0), "{driver}");
        assert!(refused.stderr.contains(said), "{driver}: {}", refused.stderr);
    }
    let refused = driven(6).qd(&["forecast", "--driver", "orders"]);
    assert!(refused.stderr.contains("too few"), "half a year: {}", refused.stderr);
}

#[test]
fn the_workbook_calculates_and_says_what_the_command_says() {
    let bench = loaded(&services());
    let file = bench.path("forecast.xlsx");
    let written = bench.qd(&["forecast", "--by", "service", "--horizon", "6", "--workbook", file.to_str().unwrap()]);
    assert_eq!(written.status, Some(0), "{}", written.stderr);
    let reply = bench.json(&["forecast", "--by", "service", "--horizon", "6"]);
    let workbook = testsupport::workbook::read(&std::fs::read(&file).unwrap());
    let sheet = &workbook.sheets["Forecast"];
    // Forty-four months of history below seven rows, then six steps and their sum.
    assert_eq!(sheet["H52"].formula.as_deref(), Some("C52*(1+$B$4)^1"), "the first step grows once");
    assert_eq!(sheet["C58"].formula.as_deref(), Some("SUM(C52:C57)"));
    let stored: Amount = sheet["C58"].number.as_deref().unwrap().parse().unwrap();
    assert_eq!(stored, amount(&reply["total"]["amount"]), "the stored sum is the command's");
    assert_eq!(sheet["B4"].number.as_deref(), Some("0"), "the growth to be tried");
    let parts = &workbook.sheets["Parts"];
    assert_eq!(parts["F52"].formula.as_deref(), Some("SUM(B52:E52)"));
    let cells =
        ["B52", "C52", "D52", "E52"].map(|cell| parts[cell].number.as_deref().unwrap().parse::<Amount>().unwrap());
    assert_eq!(Amount::sum(cells).unwrap(), amount(&reply["steps"][0]["amount"]), "the parts of the first step");
    assert!(workbook.sheets.contains_key("About"), "where the figures come from");
    let refused = bench.qd(&["forecast", "--workbook", bench.path("forecast.csv").to_str().unwrap()]);
    assert_eq!(refused.status, Some(0), "a workbook is a workbook, whatever its name: {}", refused.stderr);
}

#[test]
fn remarks_on_days_are_told_with_the_forecast() {
    let bench = loaded(&services());
    for arguments in [
        ["annotations", "add", "--day", "2023-04-05", "the move began"],
        ["annotations", "add", "--day", "2019-01-01", "before all of it"],
    ] {
        let done = bench.qd(&arguments);
        assert_eq!(done.status, Some(0), "{}", done.stderr);
    }
    let reply = bench.json(&["forecast", "--horizon", "3"]);
    assert_eq!(list(&reply["events"]).len(), 1, "{:#}", reply["events"]);
    assert_eq!(reply["events"][0], serde_json::json!({ "time": "2023-04", "text": "the move began" }));
    let components = &reply["components"];
    for (at, time) in list(&components["times"]).iter().enumerate() {
        let sum = ["trend", "season", "remainder"].map(|name| amount(&components[name][at]));
        let sum = Amount::sum(sum).unwrap();
        let charged = list(&reply["history"]).iter().find(|step| step["time"] == *time).unwrap();
        let missed = sum.checked_sub(amount(&charged["amount"])).unwrap().abs();
        assert!(missed <= "0.02".parse().unwrap(), "the components of {time} add up: {sum}");
    }
}

#[test]
fn odd_parts_have_a_stated_answer_and_no_usage_falls_below_zero() {
    let first = day("2022-01-01");
    let odd = (0..30_u32).fold(Bill::new(), |bill, at| {
        let month_at = first.checked_add_months(Months::new(at)).unwrap();
        let bill = month(bill, month_at, if at == 29 { "900.00" } else { "100.00" }, "Jumped");
        let bill = month(bill, month_at, "0", "Free");
        let bill = if at == 29 { month(bill, month_at, "7.77", "New") } else { bill };
        if at % 4 == 1 { month(bill, month_at, "3.00", "Rare") } else { bill }
    });
    let reply = loaded(&odd).json(&["forecast", "--by", "service", "--horizon", "12"]);
    assert_sound(&reply);
    assert_coherent(&reply);
    for (name, method) in [("Free", "zero"), ("New", "run_rate"), ("Rare", "intermittent")] {
        assert_eq!(part(&reply, name)["method"], method, "{name}");
    }
    for part in list(&reply["parts"]) {
        for step in list(&part["steps"]) {
            assert!(!amount(&step["low_95"]).is_negative(), "{}: {step:#}", part["value"]);
        }
    }
    assert!(codes(&reply).contains(&"unconfirmed_shift"), "a level that moved yesterday is told: {reply:#}");
    let none = loaded(&odd).json(&["forecast", "--by", "service", "--where", "service = Nothing"]);
    assert_eq!(none["parts"], serde_json::json!([]), "no part of nothing");
}

/// What the last three months of the sample company would have been forecast to be, beside what they were.
#[test]
fn on_the_sample_with_three_months_held_back_run_rate_and_last_year_are_beaten() {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[sample_data("bills")]);
    let _report = bench.loaded(&[sample_data("redelivered")]);
    let every = ["forecast", "--by", "service", "--top", "100", "--horizon", "3"];
    let came = bench.json(&every);
    let made = bench.json(&[&every[..], &["--period", "2025-07..2026-06"]].concat());
    assert_coherent(&made);
    let held_back = 12..15;
    assert_kinds_add_up(&made);
    let number = |value: &Value| value.as_str().unwrap().parse::<f64>().unwrap();
    let length = |at: usize| {
        let time = came["history"][at]["time"].as_str().unwrap();
        let from = day(&format!("{time}-01"));
        from.checked_add_months(Months::new(1)).unwrap().signed_duration_since(from).num_days() as f64
    };
    // Missed by the forecast, by the mean day of the last three months, by the mean day of the same month a year before.
    let missed = |history: &[f64], forecast: &[f64]| -> [f64; 4] {
        let rate = (9..12).map(|at| history[at] / length(at)).sum::<f64>() / 3.0;
        let mut sums = [0.0; 4];
        for (at, forecast) in held_back.clone().zip(forecast) {
            let year_before = history[at - 12] / length(at - 12) * length(at);
            for (sum, expected) in sums.iter_mut().zip([*forecast, rate * length(at), year_before]) {
                *sum += (history[at] - expected).abs();
            }
            sums[3] += history[at].abs();
        }
        sums
    };
    let amounts = |steps: &Value| list(steps).iter().map(|step| number(&step["amount"])).collect::<Vec<_>>();
    let say = |name: &str, [forecast, rate, year, size]: [f64; 4], why: &str| {
        let share = |missed: f64| 100.0 * missed / size;
        println!("{name:40}{:8.1}{:10.1}{:12.1}  {why}", share(forecast), share(rate), share(year));
    };
    println!(
        "{:40}{:>8}{:>10}{:>12}  WAPE in percent, July to September 2026",
        "", "forecast", "run-rate", "last year"
    );
    let total = missed(&amounts(&came["history"]), &amounts(&made["steps"]));
    say("total", total, "");
    let mut services = [0.0; 4];
    for found in list(&made["parts"]) {
        let name = found["value"].as_str().unwrap();
        let history: Vec<f64> = list(&part(&came, name)["history"]).iter().map(number).collect();
        let errors = missed(&history, &amounts(&found["steps"]));
        let moved = (1..12).rev().take(6).any(|at| (history[at] / history[at - 1] - 1.0).abs() > 0.15);
        let why = match errors {
            [forecast, rate, year, _] if forecast <= rate.min(year) => "",
            [forecast, rate, year, size] if forecast - rate.min(year) < 0.02 * size => {
                "behind by less than 2 points: parts are moved to agree with the total"
            }
            _ if found["method"] == "run_rate" => "launched within the year: its level alone is known",
            _ if moved => "its level moved in the last half year, which three months say sooner than six",
            _ => "its level moves after June",
        };
        say(name, errors, why);
        for (sum, error) in services.iter_mut().zip(errors) {
            *sum += error;
        }
    }
    say("all services, each by itself", services, "");
    for [forecast, rate, year, size] in [total, services] {
        assert!(
            forecast < rate && forecast < year,
            "{forecast} missed of {size}, by run-rate {rate}, by last year {year}"
        );
    }
    assert_eq!(list(&made["parts"]).len(), list(&came["parts"]).len(), "every service was there by June");
}
