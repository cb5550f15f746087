//! The made-up company's budgets beside its bill, and a forecast that is frozen before the last months come.

use std::collections::BTreeMap;
use std::path::PathBuf;

use money::Amount;
use serde_json::Value;
use testsupport::{Workbench, sample_data};

use super::{PROGRAM, amount, assert_sound, cell, codes, line, list, money, names, text};

/// The bills of the months up to one, or of those after it.
fn bills(later: bool) -> Vec<PathBuf> {
    const LAST: &str = "2026-05";
    let mut found = Vec::new();
    for folder in ["aws", "azure", "azure-eu", "google-cloud"] {
        for entry in std::fs::read_dir(sample_data("bills").join(folder)).unwrap() {
            let path = entry.unwrap().path();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            let month = name.trim_start_matches("focus-").get(..7).unwrap().to_owned();
            if (month.as_str() > LAST) == later {
                found.push(path);
            }
        }
    }
    found.sort();
    found
}

/// What a scope cost by month in dollars, straight from the charges.
fn truth(bench: &Workbench, condition: &str) -> BTreeMap<String, Amount> {
    let reply = bench.json(&[
        "sql",
        &format!(
            "SELECT strftime(charge_period_start, '%Y-%m') AS month, sum(effective_cost)::VARCHAR FROM charge \
             WHERE billing_currency = 'USD' AND ({condition}) GROUP BY 1 ORDER BY 1"
        ),
    ]);
    list(&reply["rows"]).iter().map(|row| (text(&row[0]).to_owned(), money(text(&row[1])))).collect()
}

#[test]
fn budgets_of_the_company_beside_its_bill() {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&bills(false));
    let budgets = sample_data("budgets.csv");
    let reply = bench.json(&["budget", "import", budgets.to_str().unwrap()]);
    assert_eq!(reply["imported"]["budgets"], 15, "eleven in dollars, four in euros: {reply:#}");
    assert_eq!((&reply["findings"], &reply["unmatched"]), (&Value::Array(Vec::new()), &Value::Array(Vec::new())));
    assert_eq!(reply["list"]["files"][0]["years"], serde_json::json!([2025, 2026]));

    cells_are_the_charges(&bench);
    let frozen = frozen_before_the_rest(&bench);
    let _report = bench.loaded(&bills(true));
    judged_by_what_came(&bench, &frozen);
    cells_are_the_charges(&bench);
}

fn cells_are_the_charges(bench: &Workbench) {
    let reply = bench.json(&["budget", "show", "--year", "2026"]);
    assert_sound(&reply);
    assert_eq!(reply["currency"], "USD");
    assert!(codes(&reply).contains(&"other_currencies"), "budgets in euros are told and not added");
    let center = |value: &str| format!("json_extract_string(tags, '$.\"cost-center\"') {value}");
    let mut scopes: Vec<(String, String)> = ["AWS", "Microsoft", "Google Cloud"]
        .map(|provider| (format!("provider = {provider}"), format!("provider = '{provider}'")))
        .into();
    for code in [1100, 1200, 1300, 1400, 1500, 1600] {
        scopes.push((format!("tag:cost-center = CC-{code}"), center(&format!("= 'CC-{code}'"))));
    }
    scopes.push(("tag:cost-center = (none)".to_owned(), center("IS NULL")));
    scopes.push(("everything".to_owned(), "true".to_owned()));
    let mut compared = 0;
    for (name, condition) in scopes {
        let costs = truth(bench, &condition);
        let line = line(&reply, &name);
        for (at, period) in list(&reply["periods"]).iter().enumerate() {
            if period["state"] == "over" {
                let wanted = costs.get(text(&period["label"])).copied().unwrap_or_default();
                let found = amount(&line["cells"][at]["actual"]);
                assert_eq!(found.normalized(), wanted.normalized(), "{name} in {}", period["label"]);
                compared += 1;
            }
        }
    }
    assert!(compared >= 50, "five months of eleven scopes at the least: {compared}");
    let rest = names(&reply).into_iter().filter(|name| name.contains("not budgeted")).count();
    assert!(rest <= 2, "what is left of each breakdown is at most one line: {:?}", names(&reply));
}

/// Freezes by the budget's scopes, and gives what is written.
fn frozen_before_the_rest(bench: &Workbench) -> String {
    let arguments = ["forecast", "freeze", "lock 2026", "--horizon", "6", "--currency", "USD", "--budget", "budgets"];
    let reply = bench.json(&arguments);
    assert_eq!((&reply[0]["name"], &reply[0]["horizon"]), (&"lock 2026".into(), &6.into()), "{reply:#}");
    let path = bench.engagement().join("forecasts/lock 2026.toml");
    let written = std::fs::read_to_string(&path).unwrap();
    let again = bench.qd(&arguments);
    assert!(again.status == Some(1) && again.stderr.contains("none is ever written over"), "{}", again.stderr);
    let upper = bench.qd(&["forecast", "freeze", "LOCK 2026", "--currency", "USD"]);
    assert_eq!(upper.status, Some(1), "nor by another case: some file systems do not tell them apart");
    assert_eq!(std::fs::read_to_string(&path).unwrap(), written, "what is frozen stays as it is");
    let judged = bench.json(&["forecast", "judge", "lock 2026"]);
    assert_eq!(judged["judged"], Value::Null, "nothing has come yet: {judged:#}");
    assert_eq!(judged["steps"][0]["time"], "2026-06");
    let months: Vec<Amount> = list(&judged["steps"]).iter().map(|step| amount(&step["amount"])).collect();
    for scope in list(&judged["scopes"]) {
        let (low, expected, high) = (amount(&scope["low_80"]), amount(&scope["forecast"]), amount(&scope["high_80"]));
        assert!(low <= expected && expected <= high && (low < high || expected.is_zero()), "an interval: {scope:#}");
    }
    let scopes = list(&judged["scopes"]).iter().map(|scope| amount(&scope["forecast"]));
    assert_eq!(Amount::sum(scopes).unwrap(), Amount::sum(months).unwrap(), "scopes are the whole to the cent");
    written
}

fn judged_by_what_came(bench: &Workbench, frozen: &str) {
    let written = std::fs::read_to_string(bench.engagement().join("forecasts/lock 2026.toml")).unwrap();
    assert_eq!(written, frozen, "a later load does not touch it");
    let judged = bench.json(&["forecast", "judge", "lock 2026"]);
    let costs = truth(bench, "true");
    let (mut misses, mut whole, mut inside) = (Amount::ZERO, Amount::ZERO, 0);
    for step in list(&judged["steps"]) {
        let time = text(&step["time"]);
        let Some(actual) = costs.get(time).filter(|_| time <= "2026-09") else {
            assert_eq!(step["actual"], Value::Null, "{time} has not come");
            continue;
        };
        assert_eq!(amount(&step["actual"]).normalized(), actual.normalized(), "{time}");
        misses = misses.checked_add(amount(&step["amount"]).checked_sub(*actual).unwrap().abs()).unwrap();
        whole = whole.checked_add(*actual).unwrap();
        inside += u64::from(amount(&step["low_80"]) <= *actual && *actual <= amount(&step["high_80"]));
    }
    let record = &judged["judged"];
    assert_eq!(record["steps"], 4, "June to September: {record:#}");
    let wape = money::Ratio::of(misses, whole, 4).unwrap();
    assert_eq!(amount(&record["wape"]), wape, "the error is the one of a second computation");
    assert_eq!(
        amount(&record["coverage_80"]),
        money::Ratio::of(Amount::from_integer(i64::try_from(inside).unwrap()), Amount::from_integer(4), 4)
            .unwrap()
            .normalized()
            .rounded(4, money::Rounding::HalfEven),
        "{record:#}"
    );
    for scope in list(&judged["scopes"]) {
        let steps = scope["steps_within_80"].as_u64().unwrap();
        assert!(steps <= 4 && amount(&scope["low_80"]) <= amount(&scope["high_80"]), "of four months: {scope:#}");
    }
    let actual = list(&judged["scopes"]).iter().map(|scope| amount(&scope["actual"]));
    assert_eq!(Amount::sum(actual).unwrap().normalized(), whole.normalized(), "scopes cost what everything cost");

    let reply = bench.json(&["budget", "show", "--year", "2026", "--frozen", "lock 2026"]);
    assert_sound(&reply);
    let card = &reply["scorecard"];
    assert_eq!(card["forecast_of"], "lock 2026");
    assert_eq!(amount(&card["with_net_new"]["actual"]).normalized(), whole.normalized());
    assert!(codes(&reply).contains(&"judged_by_frozen"));
    let mixed = bench.qd(&["budget", "show", "--currency", "EUR", "--frozen", "lock 2026"]);
    assert!(mixed.stderr.contains("is in USD, the scorecard in EUR"), "currencies are never mixed: {}", mixed.stderr);
    let september = cell(&reply, line(&reply, "everything"), "2026-09");
    assert_eq!(
        september["verdict"],
        if amount(&september["variance"]).is_negative() { "unfavourable" } else { "favourable" }
    );
    let left = bench.json(&["forecast", "unfreeze", "lock 2026"]);
    assert_eq!(left, Value::Array(Vec::new()));
    assert!(bench.qd(&["forecast", "judge", "lock 2026"]).stderr.contains("there is no frozen forecast"));
}
