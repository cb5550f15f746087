//! Forecasts of trees: services and what they consist of, totals that are set by hand.

use chrono::Months;
use money::Amount;
use serde_json::Value;
use testsupport::Bill;

use super::{amount, assert_coherent, day, list, loaded, part};

/// Thirty months of services in accounts; a part of storage is in none.
fn services_in_accounts() -> Bill {
    let first = day("2022-01-01");
    let places = [("Compute", "web"), ("Compute", "shop"), ("Compute", "lab"), ("Storage", "web"), ("Storage", "")];
    (0..30_u32).fold(Bill::new(), |bill, at| {
        let month_at = first.checked_add_months(Months::new(at)).unwrap();
        let (start, end) = (format!("{month_at}T00:00:00Z"), format!("{}T00:00:00Z", month_at + Months::new(1)));
        (1..).zip(places).fold(bill, |bill, (place, (service, account))| {
            let cost = format!("{}.{:02}", 100 * place + 3 * at + (at * place) % 7, (at * 11 + place) % 100);
            bill.charge(&[
                ("ChargePeriodStart", &start),
                ("ChargePeriodEnd", &end),
                ("BillingPeriodStart", &start),
                ("BillingPeriodEnd", &end),
                ("ServiceName", service),
                ("SubAccountId", account),
                ("BilledCost", &cost),
                ("EffectiveCost", &cost),
                ("ContractedCost", &cost),
                ("ListCost", &cost),
            ])
        })
    })
}

/// What parts consist of adds up to them, in the history and in every step, to the last decimal.
fn assert_deep(reply: &Value) {
    assert_coherent(reply);
    for part in list(&reply["parts"]).iter().filter(|part| !list(&part["parts"]).is_empty()) {
        let own = list(&part["parts"]);
        for (at, step) in list(&part["steps"]).iter().enumerate() {
            let sum = Amount::sum(own.iter().map(|one| amount(&one["steps"][at]["amount"]))).unwrap();
            assert_eq!(sum, amount(&step["amount"]), "{} is what it consists of at step {at}", part["value"]);
        }
        for (at, actual) in list(&part["history"]).iter().enumerate() {
            let sum = Amount::sum(own.iter().map(|one| amount(&one["history"][at]))).unwrap();
            assert_eq!(sum, amount(actual), "{} was what it consists of at {at}", part["value"]);
        }
        for one in own.iter().flat_map(|one| list(&one["steps"]).iter().chain([&one["total"]])) {
            let ends = ["low_95", "low_80", "amount", "high_80", "high_95"].map(|name| amount(&one[name]));
            assert!(ends.is_sorted() && !ends[0].is_negative(), "usage within its intervals: {one:#}");
        }
    }
}

#[test]
fn a_tree_of_services_and_their_accounts_adds_up_to_the_cent() {
    let bench = loaded(&services_in_accounts());
    let asked = ["forecast", "--by", "service", "--by", "sub_account", "--horizon", "6"];
    let reply = bench.json(&asked);
    assert_deep(&reply);
    let own = |reply: &Value, name: &str| -> Vec<Value> {
        list(&part(reply, name)["parts"]).iter().map(|one| one["value"].clone()).collect()
    };
    assert_eq!(own(&reply, "Compute"), ["lab", "shop", "web"], "the dearest first");
    assert_eq!(own(&reply, "Storage"), [Value::Null, "web".into()], "charges in no account are a part");
    assert_eq!(bench.json(&asked), reply, "the same again");
    let two = bench.json(&[&asked[..], &["--top", "1"]].concat());
    assert_deep(&two);
    let compute = part(&two, "Storage");
    assert_eq!(list(&compute["parts"]).len(), 2, "one and what is left of it: {compute:#}");
    assert_eq!(compute["parts"][1]["other"], true);
    let table = bench.qd(&[&asked[..], &["--show", "parts"]].concat());
    assert!(table.stdout.contains("Storage / (missing)") && table.stdout.contains("Compute / lab"), "{}", table.stdout);

    let file = bench.path("tree.xlsx");
    let written = bench.qd(&[&asked[..], &["--workbook", file.to_str().unwrap()]].concat());
    assert_eq!(written.status, Some(0), "{}", written.stderr);
    let within = &testsupport::workbook::read(&std::fs::read(&file).unwrap()).sheets["Within parts"];
    assert_eq!(within["D7"].text.as_deref(), Some("Storage"), "two accounts and their service");
    assert_eq!(within["D8"].formula.as_deref(), Some("SUM(B8:C8)"), "{:?}", within["D8"]);

    let held = bench.json(&[&asked[..], &["--lock", "Storage=1234.56"]].concat());
    assert_deep(&held);
    assert_eq!(part(&held, "Storage")["total"]["amount"], "1234.56");
    assert_eq!(part(&held, "Compute")["steps"], part(&reply, "Compute")["steps"], "nobody set it");
}

#[test]
fn a_total_set_by_hand_stays_and_its_parts_give_way() {
    let bench = loaded(&services_in_accounts());
    let asked = ["forecast", "--by", "service", "--by", "sub_account", "--horizon", "6"];
    let with = |more: &[&str]| bench.json(&[&asked[..], more].concat());
    let (free, held) = (with(&[]), with(&["--lock-total", "15000.01"]));
    assert_deep(&held);
    let total = &held["total"];
    assert_eq!(total["amount"], "15000.01", "exactly what was set");
    assert_eq!(total["low_95"], total["high_95"], "what is set has no width");
    for name in ["Compute", "Storage"] {
        let [before, after] = [&free, &held].map(|reply| amount(&part(reply, name)["total"]["amount"]));
        assert!(after > before, "{name} gives way upwards: {before}, {after}");
    }
    let both = with(&["--lock-total", "15000", "--lock", "Storage=3000"]);
    assert_deep(&both);
    let compute = &part(&both, "Compute")["total"]["amount"];
    assert_eq!(compute, "12000.00", "what the part set by hand leaves of the total");
    for (arguments, said) in [
        (vec!["forecast", "--lock-total", "5"], "no parts"),
        (vec!["forecast", "--by", "service", "--lock-total", "-5"], "never below zero"),
        (vec!["forecast", "--by", "service", "--lock", "Storage=-5"], "never below zero"),
        (vec!["forecast", "--by", "service", "--lock-total", "5", "--lock", "Storage=6"], "come to 6.00"),
        (vec!["forecast", "--by", "service", "--by", "service"], "both dimensions"),
        (vec!["forecast", "--by", "service", "--by", "region", "--by", "provider"], "two dimensions at most"),
    ] {
        let refused = bench.qd(&arguments);
        assert_eq!(refused.status, Some(2), "{arguments:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(said), "{arguments:?}: {}", refused.stderr);
    }
}
