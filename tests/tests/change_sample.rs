//! The made-up company's fifteen months, explained: what its generator wrote down as having happened is found in the right bars.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use rust_decimal::Decimal;
use serde_json::Value;
use testsupport::decimal::decimal;
use testsupport::{Workbench, sample_data};

/// The bridge of `qd change`, checked to add up.
fn change(bench: &Workbench, arguments: &[&str]) -> Value {
    let reply = bench.json(&[&["change"], arguments].concat());
    let parts: Decimal = list(&reply["effects"]).iter().map(|effect| amount(&effect["amount"])).sum();
    assert_eq!(parts, amount(&reply["difference"]), "{arguments:?}: the parts add up");
    assert_eq!(amount(&reply["current"]) - amount(&reply["base"]), parts, "{arguments:?}: to the difference");
    let mut moved: Decimal = list(&reply["movers"]).iter().map(|mover| amount(&mover["difference"])).sum();
    moved += reply["other_movers"]["difference"].as_str().map_or(Decimal::ZERO, decimal);
    assert_eq!(moved, parts, "{arguments:?}: and so do the movers");
    for mover in list(&reply["movers"]) {
        let own: Decimal = list(&mover["effects"]).iter().map(|part| amount(&part["amount"])).sum();
        assert_eq!(own, amount(&mover["difference"]), "{arguments:?}: each by itself, {mover}");
    }
    reply
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap()
}

fn amount(value: &Value) -> Decimal {
    decimal(value.as_str().unwrap())
}

/// The bar of an effect; zero where it is not there.
fn bar(reply: &Value, effect: &str) -> Decimal {
    let found = list(&reply["effects"]).iter().find(|bar| bar["effect"] == effect);
    found.map_or(Decimal::ZERO, |bar| amount(&bar["amount"]))
}

fn mover<'a>(reply: &'a Value, value: &str) -> &'a Value {
    list(&reply["movers"]).iter().find(|mover| mover["value"] == value).unwrap_or_else(|| panic!("{value}: {reply}"))
}

fn event(truth: &Value, id: &str) -> Value {
    list(&truth["events"]).iter().find(|event| event["id"] == id).unwrap()["effect"].clone()
}

#[test]
fn what_happened_is_in_the_right_bars() {
    let truth: Value = serde_json::from_slice(&std::fs::read(sample_data("truth.json")).unwrap()).unwrap();
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    bench.loaded(&[sample_data("bills")]);
    bench.loaded(&[sample_data("redelivered")]);
    a_price_change_is_a_list_price(&bench, &truth);
    a_launch_is_new(&bench, &truth);
    a_migration_is_gone_here_and_new_there(&bench, &truth);
    a_spike_is_volume(&bench, &truth);
    an_expiry_is_coverage(&bench, &truth);
    a_reservation_left_behind_is_waste(&bench, &truth);
    a_fee_paid_upfront_is_a_purchase(&bench, &truth);
    a_correction_is_a_correction(&bench, &truth);
    an_account_is_new(&bench, &truth);
    a_rate_is_currency(&bench, &truth);
    totals_are_those_of_ask(&bench);
    items_add_up_to_their_bar(&bench);
    movers_are_their_own_bridges(&bench);
    directions(&bench);
    cubes_and_charges_agree(&bench);
}

fn a_price_change_is_a_list_price(bench: &Workbench, truth: &Value) {
    let truth = event(truth, "price-change");
    let since = ["--from", "2026-02", "--to", "2026-03-10..2026-09-30", "--cost", "effective"];
    let found = change(bench, &since);
    assert_eq!(
        bar(&found, "list_price"),
        amount(&truth["effective"]),
        "to the last digit, after the contract's discount"
    );
    let behind = bench.json(&[&["change"], &since[..], &["--effect", "list_price"]].concat());
    assert_eq!(behind["count"], 1, "one SKU did it");
    let item = &behind["items"][0];
    assert_eq!(
        (&item["sku"], &item["service"]),
        (&"F49F2DBA11A7".into(), &"Amazon Relational Database Service".into())
    );
    assert_eq!(
        (&item["base_list_price"], &item["current_list_price"]),
        (&truth["list_price_before"], &truth["list_price_after"])
    );
}

fn a_launch_is_new(bench: &Workbench, truth: &Value) {
    let by_month = &event(truth, "launch")["effective_by_month"];
    let application = ["--cost", "effective", "--where", "tag:application = parcel-vision"];
    let found = change(bench, &[&["--from", "2025-12", "--to", "2026-01"], &application[..]].concat());
    assert_eq!(bar(&found, "new"), amount(&by_month["2026-01"]), "all of it is new");
    assert_eq!(list(&found["effects"]).len(), 1, "and nothing else: {found}");
    let all = change(bench, &["--from", "2025-12", "--to", "2026-02", "--cost", "effective"]);
    for service in ["Amazon Bedrock", "Amazon SageMaker"] {
        let mover = mover(&all, service);
        assert_eq!(
            (&mover["status"], &mover["driver"]),
            (&"new".into(), &"new".into()),
            "{service} was not used before"
        );
    }
}

fn a_migration_is_gone_here_and_new_there(bench: &Workbench, truth: &Value) {
    let by_month = &event(truth, "migration")["effective_by_month"];
    let months = ["--from", "2026-01", "--to", "2026-05", "--cost", "effective", "--by", "provider"];
    let found = change(bench, &[&months[..], &["--where", "tag:application = route-planner"]].concat());
    let (from, to) = (mover(&found, "Microsoft"), mover(&found, "Google Cloud"));
    assert_eq!(
        (&from["base"], &from["current"]),
        (&by_month["Microsoft"]["2026-01"], &by_month["Microsoft"]["2026-05"])
    );
    assert_eq!(from["status"], "down");
    assert_eq!(from["driver"], "retired", "most of its SKUs are not used any more: {}", from["sentence"]);
    assert_eq!((&to["base"], &to["status"]), (&Value::Null, &"new".into()));
    assert_eq!(amount(&to["current"]), amount(&by_month["Google Cloud"]["2026-05"]));
    assert_eq!(bar(&found, "new"), amount(&to["current"]), "what came is one bar");
}

fn a_spike_is_volume(bench: &Workbench, truth: &Value) {
    let excess = amount(&event(truth, "logging-spike")["billed"]);
    let found = change(bench, &["--from", "2026-04", "--to", "2026-05", "--where", "provider = \"Google Cloud\""]);
    assert_eq!(found["movers"][0]["value"], "Cloud Logging", "it moved most");
    assert_eq!(found["movers"][0]["driver"], "volume");
    let project = ["--where", "service = \"Cloud Logging\"", "--where", "sub_account = bw-tracking-prod"];
    let found = change(bench, &[&["--from", "2026-04", "--to", "2026-05"], &project[..]].concat());
    let effects: Vec<&Value> = list(&found["effects"]).iter().map(|effect| &effect["effect"]).collect();
    assert_eq!(effects, ["days", "volume"], "a longer month, and more of the same at the same price");
    // Ordinary days differ a little from month to month, so the bar is the excess give or take a fiftieth.
    assert!((bar(&found, "volume") - excess).abs() * Decimal::from(50) < excess, "{found}");
}

fn an_expiry_is_coverage(bench: &Workbench, truth: &Value) {
    let replayed = amount(&event(truth, "expiring-commitment")["effective_by_month"]["2026-07"]);
    let found =
        change(bench, &["--from", "2026-06", "--to", "2026-07", "--cost", "effective", "--where", "provider = AWS"]);
    assert_eq!(mover(&found, "Amazon Elastic Compute Cloud")["driver"], "commitment_coverage");
    // The replay lets the plan cover July's usage hour by hour; the bar keeps the share that it covered in June.
    assert!((bar(&found, "commitment_coverage") - replayed).abs() * Decimal::from(20) < replayed, "{found}");
    assert_eq!(bar(&found, "commitment_rate"), Decimal::ZERO, "what is still covered costs the same");
    let billed = change(bench, &["--from", "2026-06", "--to", "2026-07", "--where", "provider = AWS"]);
    assert!(bar(&billed, "commitment_purchases") < Decimal::ZERO, "the fee is gone from what is billed");
    assert_eq!(bar(&billed, "commitment_waste"), Decimal::ZERO, "what is not used is billed with the fee");
}

fn a_reservation_left_behind_is_waste(bench: &Workbench, truth: &Value) {
    let unused = &event(truth, "stranded-reservation")["unused_by_month"];
    let from_february =
        ["--from", "2026-02", "--cost", "effective", "--where", "provider = Microsoft", "--currency", "USD"];
    for month in ["2026-03", "2026-04", "2026-09"] {
        let found = change(bench, &[&from_february[..], &["--to", month]].concat());
        assert_eq!(bar(&found, "commitment_waste"), amount(&unused[month]), "{month}: nothing was unused in February");
    }
}

fn a_fee_paid_upfront_is_a_purchase(bench: &Workbench, truth: &Value) {
    let truth = event(truth, "upfront-reservation");
    let months = ["--from", "2025-07", "--to", "2025-08", "--where", "provider = Microsoft"];
    let behind = bench.json(&[&["change"], &months[..], &["--effect", "commitment_purchases"]].concat());
    let item = list(&behind["items"]).iter().find(|item| item["label"] == "VM_E8s_v5_1yr_2025").unwrap();
    assert_eq!(amount(&item["amount"]), amount(&truth["billed"]));
    assert_eq!(
        (&item["base"], &item["class"], &item["named_by"]),
        (&Value::Null, &"commitment_purchase".into(), &"commitment".into())
    );
}

fn a_correction_is_a_correction(bench: &Workbench, truth: &Value) {
    let billed = amount(&event(truth, "correction")["costs"]["billed"]);
    let found = change(bench, &["--on", "billing", "--period", "2026-07"]);
    assert_eq!(bar(&found, "corrections"), billed, "on the bill that takes it back");
    let found = change(bench, &["--period", "2026-05"]);
    assert_eq!(bar(&found, "corrections"), billed, "and in the month that it is about");
}

fn an_account_is_new(bench: &Workbench, truth: &Value) {
    let by_month = &event(truth, "untagged-account")["effective_by_month"];
    let found = change(bench, &["--period", "2026-06", "--cost", "effective", "--by", "account"]);
    let mover = mover(&found, "418200100190");
    assert_eq!((&mover["status"], &mover["base"]), (&"new".into(), &Value::Null));
    assert_eq!(amount(&mover["current"]), amount(&by_month["2026-06"]));
}

fn a_rate_is_currency(bench: &Workbench, truth: &Value) {
    let rates = "date,from,to,rate,source\n2026-06-01,EUR,USD,1.1,test\n2026-07-01,EUR,USD,1.2,test\n";
    let path = bench.write("fixing.csv", rates);
    let output = bench.qd(&["rates", "import", path.to_str().unwrap()]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    let totals = list(&truth["totals"]).iter();
    let july: Decimal = totals
        .filter(|total| total["currency"] == "EUR" && total["billing_period"] == "2026-07")
        .map(|total| amount(&total["costs"]["billed"]))
        .sum();
    let converted = ["--on", "billing", "--period", "2026-07", "--convert", "USD", "--rates", "fixing"];
    let converted = [&converted[..], &["--rate-date", "billing-month"]].concat();
    let found = change(bench, &converted);
    assert_eq!(bar(&found, "currency"), july * decimal("0.1"), "July's euros at ten cents more");
    let dollars = change(bench, &["--on", "billing", "--period", "2026-07", "--currency", "USD"]);
    assert_eq!(bar(&dollars, "currency"), Decimal::ZERO, "nothing was converted");
}

fn totals_are_those_of_ask(bench: &Workbench) {
    let scopes: [&[&str]; 7] = [
        &["--period", "2026-03", "--currency", "USD", "--compare", "previous"],
        &["--period", "2026-Q3", "--currency", "USD", "--compare", "year-ago", "--cost", "effective"],
        &["--period", "2026-03-05..2026-03-17", "--currency", "USD", "--compare", "previous", "--cost", "list"],
        &["--period", "2026-03", "--currency", "EUR", "--compare", "2025-11", "--cost", "contracted"],
        &["--period", "2026-05", "--on", "billing", "--currency", "USD", "--compare", "previous"],
        &["--period", "2026-05", "--currency", "USD", "--compare", "previous", "--where", "tag:team is missing"],
        &["--period", "2026-05", "--currency", "USD", "--compare", "2031-01", "--where", "service contains storage"],
    ];
    for scope in scopes {
        let asked = bench.json(&[&["ask"], scope].concat());
        let total = asked["total"].as_object().unwrap();
        let of = |end: &str| {
            let figure = total.iter().find(|(name, _)| name.ends_with(end)).unwrap().1;
            figure.as_str().map_or(Decimal::ZERO, decimal)
        };
        for convention in ["base-first", "midpoint"] {
            let found = change(bench, &[scope, &["--convention", convention, "--by", "tag:team"]].concat());
            assert_eq!(amount(&found["current"]), of("_cost"), "{scope:?}");
            assert_eq!(amount(&found["base"]), of("_previous"), "{scope:?}");
            assert_eq!(found["evidence"]["id"], asked["evidence"]["id"], "the totals have the same evidence");
            assert_eq!(found["evidence"]["charges"], asked["evidence"]["charges"]);
        }
    }
}

fn items_add_up_to_their_bar(bench: &Workbench) {
    let scope = ["--period", "2026-07", "--cost", "effective", "--currency", "USD"];
    let found = change(bench, &scope);
    for effect in list(&found["effects"]) {
        let name = effect["effect"].as_str().unwrap();
        let behind = bench.json(&[&["change"], &scope[..], &["--effect", name, "--limit", "3"]].concat());
        assert_eq!(behind["amount"], effect["amount"], "{name}");
        assert_eq!(behind["count"], effect["items"], "{name}");
        let other = behind["other"]["amount"].as_str().map_or(Decimal::ZERO, decimal);
        let items: Decimal = list(&behind["items"]).iter().map(|item| amount(&item["amount"])).sum();
        assert_eq!(items + other, amount(&effect["amount"]), "{name}: the items and the rest");
        for item in list(&behind["items"]) {
            charges_of(bench, item);
        }
    }
}

/// The filters of an item let through just its charges.
fn charges_of(bench: &Workbench, item: &Value) {
    let filters: Vec<String> = list(&item["filters"]).iter().map(filter_text).collect();
    for (month, side) in [("2026-06", "base"), ("2026-07", "current")] {
        let mut arguments = vec!["ask", "--period", month, "--cost", "effective", "--currency", "USD"];
        for filter in &filters {
            arguments.extend(["--where", filter]);
        }
        let asked = bench.json(&arguments);
        let cost = asked["total"]["effective_cost"].as_str().map(decimal);
        assert_eq!(cost, item[side].as_str().map(decimal), "{side} of {item}");
    }
}

fn filter_text(filter: &Value) -> String {
    let dimension = filter["dimension"].as_str().unwrap();
    let values: Vec<String> =
        list(&filter["values"]).iter().map(|value| serde_json::to_string(value.as_str().unwrap()).unwrap()).collect();
    match filter["operator"].as_str().unwrap() {
        "is" => format!("{dimension} in ({})", values.join(", ")),
        "is_not" => format!("{dimension} not in ({})", values.join(", ")),
        "missing" => format!("{dimension} is missing"),
        "present" => format!("{dimension} is present"),
        other => panic!("{other}"),
    }
}

fn movers_are_their_own_bridges(bench: &Workbench) {
    let scope = ["--period", "2026-07", "--cost", "effective", "--currency", "USD"];
    let found = change(bench, &[&scope[..], &["--by", "tag:team", "--limit", "3"]].concat());
    assert_eq!(list(&found["movers"]).len(), 3);
    for mover in list(&found["movers"]) {
        let filter = match mover["value"].as_str() {
            Some(team) => format!("tag:team = \"{team}\""),
            None => "tag:team is missing".to_owned(),
        };
        let own = change(bench, &[&scope[..], &["--where", &filter]].concat());
        let parts = |effects: &Value| -> Vec<(Value, Decimal)> {
            let parts = list(effects).iter().map(|part| (part["effect"].clone(), amount(&part["amount"])));
            parts.filter(|(_, amount)| !amount.is_zero()).collect()
        };
        assert_eq!(parts(&mover["effects"]), parts(&own["effects"]), "{filter}: what a filter to it gives");
        assert_eq!(mover["sentence"], own["headline"], "{filter}");
    }
}

fn directions(bench: &Workbench) {
    let midpoint = ["--cost", "effective", "--convention", "midpoint", "--currency", "USD"];
    let there = change(bench, &[&["--from", "2026-02", "--to", "2026-07"], &midpoint[..]].concat());
    let back = change(bench, &[&["--from", "2026-07", "--to", "2026-02"], &midpoint[..]].concat());
    for effect in list(&there["effects"]) {
        let name = match effect["effect"].as_str().unwrap() {
            "new" => "retired",
            "retired" => "new",
            same => same,
        };
        assert_eq!(amount(&effect["amount"]), -bar(&back, name), "{name} turns its sign with the periods");
    }
    let same = change(bench, &["--from", "2026-02", "--to", "2026-02", "--currency", "USD"]);
    assert_eq!(list(&same["effects"]).len(), 0, "a month beside itself");
    assert_eq!(same["headline"], "No change");
}

/// A filter that lets everything through, but on a column that no cube has: the charges themselves answer.
fn cubes_and_charges_agree(bench: &Workbench) {
    let scope = ["--period", "2026-07", "--cost", "effective", "--currency", "USD", "--limit", "100"];
    let quick = change(bench, &scope);
    let thorough = change(bench, &[&scope[..], &["--where", "charge_description is present"]].concat());
    assert_ne!(quick["evidence"]["source"], "charge");
    assert_eq!(thorough["evidence"]["source"], "charge");
    assert_eq!(quick["evidence"]["charges"], thorough["evidence"]["charges"], "all charges have a description");
    for part in ["base", "current", "effects", "movers", "items", "headline"] {
        assert_eq!(quick[part], thorough[part], "{part}");
    }
}
