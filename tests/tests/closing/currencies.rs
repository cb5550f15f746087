//! Currencies are never added together, but converted by a table that the analyst gave, when the question says so.

use std::collections::BTreeMap;
use std::path::Path;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_decimal::Decimal;
use serde_json::json;
use testsupport::Bill;
use testsupport::decimal::decimal;

use super::{PROGRAM, bench, list, text};
use crate::desk::Desk;

const DAYS: u32 = 50;

fn day(number: u32) -> chrono::NaiveDate {
    chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(number.into())
}

/// A charge of the oracle's own: currency, service, day, cost.
type Charge = (&'static str, &'static str, u32, String);

fn charges() -> impl Strategy<Value = Vec<Charge>> {
    let cost = (-5_000_000_i64..90_000_000, 0_u32..7).prop_map(|(units, scale)| Decimal::new(units, scale).to_string());
    let one = (
        prop::sample::select(vec!["USD", "EUR", "JPY"]),
        prop::sample::select(vec!["Virtual Machines", "Storage", "Queues"]),
        0..DAYS,
        cost,
    );
    prop::collection::vec(one, 80..120)
}

fn bill(charges: &[Charge]) -> Bill {
    charges.iter().fold(Bill::new(), |bill, (currency, service, number, cost)| {
        let (from, to) = (format!("{}T00:00:00Z", day(*number)), format!("{}T00:00:00Z", day(number + 1)));
        let month = if *number < 31 { ("2026-01-01", "2026-02-01") } else { ("2026-02-01", "2026-03-01") };
        bill.charge(&[
            ("BillingCurrency", currency),
            ("ServiceName", service),
            ("BilledCost", cost),
            ("EffectiveCost", cost),
            ("ChargePeriodStart", &from),
            ("ChargePeriodEnd", &to),
            ("BillingPeriodStart", &format!("{}T00:00:00Z", month.0)),
            ("BillingPeriodEnd", &format!("{}T00:00:00Z", month.1)),
        ])
    })
}

/// Dollars for a unit of a currency on a day: euros as given, yen only the other way round.
fn rate(currency: &str, number: u32) -> Decimal {
    match currency {
        "EUR" => Decimal::new(1_080_000 + i64::from(number) * 317, 6),
        "JPY" => (Decimal::ONE / yen(number)).round_dp(12),
        _ => Decimal::ONE,
    }
}

fn yen(number: u32) -> Decimal {
    Decimal::new(15_000 + i64::from(number) * 13, 2)
}

fn table(days: impl Iterator<Item = u32>) -> String {
    let rows = days.map(|number| {
        format!("{0};EUR;USD;{1};bank\n{0};USD;JPY;{2};bank\n", day(number), rate("EUR", number), yen(number))
    });
    "Date;From currency;To currency;Exchange rate;Source\n".to_owned() + &rows.collect::<String>()
}

/// The oracle: sums in another decimal type, charge by charge.
fn converted<'a>(
    charges: &'a [Charge],
    key: impl Fn(&'a Charge) -> String,
    dated: impl Fn(u32) -> u32,
) -> BTreeMap<String, Decimal> {
    let mut sums = BTreeMap::new();
    for charge in charges {
        *sums.entry(key(charge)).or_insert(Decimal::ZERO) += decimal(&charge.3) * rate(charge.0, dated(charge.2));
    }
    sums
}

fn month_start(number: u32) -> u32 {
    if number < 31 { 0 } else { 31 }
}

#[test]
fn converted_answers_are_what_an_independent_reckoning_says() {
    for seed in [1, 2] {
        let config = Config { failure_persistence: None, ..Config::default() };
        let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
        let charges = charges().new_tree(&mut runner).unwrap().current();
        let bench = bench();
        let desk = Desk::new(&bench, Path::new(PROGRAM));
        desk.load(&[&bench.write("bill.csv", bill(&charges).csv())]).unwrap();
        let rates = bench.write("daily.csv", table(0..DAYS));
        let info = desk.call("rates_import", json!({ "path": rates })).unwrap();
        assert_eq!((text(&info["name"]), &info["rates"]), ("daily", &json!(2 * DAYS)));
        for (dated, of) in [("charge_day", (|number| number) as fn(u32) -> u32), ("billing_month", month_start)] {
            let convert = json!({ "to": "USD", "table": "daily", "dated": dated });
            let question = json!({ "by": ["service"], "grain": "month", "measures": ["billed_cost", "charges"], "convert": convert });
            let answer = desk.call("ask", json!({ "question": question })).unwrap();
            let found: BTreeMap<String, Decimal> = list(&answer["rows"])
                .iter()
                .map(|row| {
                    (
                        format!("{} {}", text(&row["keys"][0]), text(&row["keys"][1])),
                        decimal(text(&row["cells"][0]["value"])),
                    )
                })
                .collect();
            let month = |number: u32| if number < 31 { "2026-01" } else { "2026-02" };
            let expected = converted(&charges, |charge| format!("{} {}", month(charge.2), charge.1), of);
            assert_eq!(found, expected, "{dated}, to the last digit");
            let whole: Decimal = expected.values().sum();
            assert_eq!(decimal(text(&answer["total"][0]["value"])), whole, "the parts are the whole");
            assert_eq!(
                answer["total"][1]["value"],
                json!(charges.len().to_string()),
                "charges in every currency count"
            );
            let payload = json!({ "question": question, "id": answer["evidence"]["id"] });
            assert_eq!(desk.call("evidence_recompute", payload).unwrap()["equal"], true, "from the charges too");
            let rates = &answer["evidence"]["rates"];
            assert_eq!((text(&rates["table"]), &rates["sha256"]), ("daily", &info["sha256"]));
            let rule = text(&rates["rule"]);
            assert!(
                rule.contains("half even to 12 decimals") || rule.contains("half to even to 12 decimals"),
                "{rule}"
            );
            let top = json!({ "by": ["service"], "top": 1, "compare": { "period": { "from": "2026-01-01", "to": "2026-02-01" } }, "period": { "from": "2026-02-01", "to": "2026-03-01" }, "convert": convert });
            let compared = desk.call("ask", json!({ "question": top })).unwrap();
            let of_month = |wanted: u32| {
                let some: Vec<Charge> =
                    charges.iter().filter(|charge| month_start(charge.2) == wanted).cloned().collect();
                converted(&some, |_| String::new(), of).remove("").unwrap_or_default()
            };
            assert_eq!(decimal(text(&compared["total"][0]["value"])), of_month(31));
            assert_eq!(decimal(text(&compared["total"][0]["previous"])), of_month(0), "each period at its own rates");
            let values = desk
                .call("dimension_values", json!({ "dimension": "service", "limit": 10, "question": question }))
                .unwrap();
            let listed: Decimal = list(&values["values"]).iter().map(|one| decimal(text(&one["cell"]["value"]))).sum();
            assert_eq!(listed, whole, "a picker converts as the answer does");
        }
        let only = json!({ "currency": "EUR", "convert": { "to": "USD", "table": "daily" } });
        let euros: Vec<Charge> = charges.iter().filter(|charge| charge.0 == "EUR").cloned().collect();
        let answer = desk.call("ask", json!({ "question": only })).unwrap();
        let expected = converted(&euros, |_| String::new(), |number| number).remove("").unwrap();
        assert_eq!(decimal(text(&answer["total"][0]["value"])), expected, "only what is billed in euros, in dollars");
    }
}

fn two_currencies() -> Bill {
    Bill::new().charge(&[("BilledCost", "10"), ("ServiceName", "Storage")]).charge(&[
        ("BilledCost", "20"),
        ("BillingCurrency", "EUR"),
        ("ChargePeriodStart", "2026-01-03T00:00:00Z"),
    ])
}

#[test]
fn asking_across_currencies_without_rates_is_an_error_that_says_the_way_on() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", two_currencies().csv())]);
    let output = bench.qd(&["ask"]);
    assert_eq!(output.status, Some(2), "{}", output.stdout);
    let expected =
        "does not say in which currency: 1 charge that fits it is not in USD (the engagement holds EUR, USD)";
    assert!(output.stderr.contains(expected), "{}", output.stderr);
    assert!(output.stderr.contains("--convert USD --rates TABLE"), "{}", output.stderr);
    let dollars = bench.json(&["ask", "--currency", "USD"]);
    assert_eq!(dollars["total"]["billed_cost"], "10");
    assert!(list(&dollars["notes"]).iter().any(|note| note["code"] == "other_currencies"), "the others are named");
    let one = bench.json(&["ask", "--where", "service = Storage"]);
    assert_eq!(one["total"]["billed_cost"], "10", "where only one currency fits there is nothing to say");
    let filtered = bench.json(&["ask", "--where", "billing_currency = EUR"]);
    assert_eq!(filtered["total"]["billed_cost"], "20");
    let none = bench.qd(&["ask", "--convert", "USD", "--rates", "absent"]);
    assert!(none.stderr.contains("there is no rate table `absent`"), "{}", none.stderr);
}

#[test]
fn a_day_without_a_rate_is_named() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", two_currencies().csv())]);
    let file = bench.write("ecb.csv", "date,from,to,rate\n2026-01-02,EUR,USD,1.10\n2026-01,EUR,USD,1.05\n");
    let _table = bench.json(&["rates", "import", file.to_str().unwrap()]);
    let ask =
        |more: &[&str]| bench.qd(&[&["--format", "json", "ask", "--convert", "USD", "--rates", "ecb"], more].concat());
    let refused = ask(&[]);
    assert_eq!(refused.status, Some(2));
    assert!(
        refused.stderr.contains("rate table `ecb` has no rate from EUR to USD for 2026-01-03"),
        "{}",
        refused.stderr
    );
    assert!(refused.stderr.contains("--rate-age DAYS"), "{}", refused.stderr);
    assert_eq!(
        ask(&["--rate-age", "1"]).json()["total"]["billed_cost"],
        "32",
        "Friday's rate on Saturday, if the analyst says so"
    );
    assert_eq!(
        ask(&["--rate-date", "billing-month"]).json()["total"]["billed_cost"],
        "31",
        "the rate of the first of the month"
    );
    let before = ask(&["--rate-age", "1"]).json()["evidence"]["id"].clone();
    let other = bench.write("ecb.csv", "date,from,to,rate\n2026-01-02,EUR,USD,1.20\n");
    let _table = bench.json(&["rates", "import", other.to_str().unwrap()]);
    let after = ask(&["--rate-age", "1"]).json();
    assert_eq!(after["total"]["billed_cost"], "34", "the table of that name is replaced");
    assert_ne!(after["evidence"]["id"], before, "other rates are other evidence");
}

#[test]
fn a_broken_table_changes_nothing() {
    let bench = bench();
    let import = |text: &str| bench.qd(&["rates", "import", bench.write("ecb.csv", text).to_str().unwrap()]);
    assert_eq!(import("date,from,to,rate\n2026-01-02,EUR,USD,1.10\n").status, Some(0));
    for (text, told) in [
        ("date,from,to,rate\n2026-01-02,EUR,USD,-1\n", "is not above zero"),
        ("date,from,to,rate\n02.01.2026,EUR,USD,1\n", "row 1, column date: `02.01.2026` is no day"),
        ("date,from,to,rate\n2026-01-02,euro,USD,1\n", "row 1, column from"),
        ("date,from,rate\n2026-01-02,EUR,1\n", "there is no column `to`"),
        ("date,from,to,rate\n", "there is no rate in it"),
    ] {
        let output = import(text);
        assert_eq!(output.status, Some(1), "{told}");
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
    assert_eq!(bench.json(&["rates", "show", "ecb"])[0]["rate"], "1.10", "the one that was there stays");
    let sneaky = bench.qd(&["rates", "import", "ecb.csv", "--name", "../engagement"]);
    assert!(sneaky.stderr.contains("cannot be the name"), "{}", sneaky.stderr);
}

#[test]
fn a_table_is_removed_and_only_one_that_is_there() {
    let bench = bench();
    for name in ["ecb", "bank"] {
        let file = bench.write(&format!("{name}.csv"), "date,from,to,rate\n2026-01-02,EUR,USD,1.10\n");
        let _table = bench.json(&["rates", "import", file.to_str().unwrap()]);
    }
    let left = bench.json(&["rates", "remove", "ecb"]);
    assert_eq!((list(&left).len(), text(&left[0]["name"])), (1, "bank"), "the other one stays");
    assert_eq!(bench.json(&["rates"]), left);
    assert!(bench.path("ecb.csv").is_file(), "what it was taken from is the analyst's own");
    for name in ["ecb", "never", "../engagement", ""] {
        let refused = bench.qd(&["rates", "remove", name]);
        assert_eq!(refused.status, Some(1), "{name}");
        let told = format!("there is no rate table `{name}`");
        assert!(refused.stderr.contains(&told) && refused.stderr.contains("`qd rates` lists"), "{}", refused.stderr);
    }
    assert!(bench.engagement().join("engagement.toml").is_file(), "a name is no path");
}

#[test]
fn the_pricing_currency_is_not_the_billing_currency() {
    let bench = bench();
    let bill = Bill::new()
        .usual("PricingCurrency", "EUR")
        .usual("PricingCurrencyEffectiveCost", "9")
        .charge(&[("BilledCost", "10"), ("EffectiveCost", "10")])
        .charge(&[
            ("BilledCost", "5"),
            ("EffectiveCost", "5"),
            ("PricingCurrency", "USD"),
            ("PricingCurrencyEffectiveCost", "5"),
        ]);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let answer = bench.json(&["ask", "--by", "pricing_currency"]);
    assert_eq!(answer["currency"], "USD", "a cost is in the currency that it is billed in");
    assert_eq!(answer["rows"], json!([["EUR", "10"], ["USD", "5"]]), "priced in euros, billed in dollars");
    let rows = bench.json(&["rows", "--columns", "pricing_currency,pricing_currency_effective_cost,effective_cost"]);
    assert_eq!((&rows[0]["pricing_currency_effective_cost"], &rows[0]["effective_cost"]), (&json!("9"), &json!("10")));
}
