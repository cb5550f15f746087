//! The replay beside bills that somebody else made: equal to the cent, or every deviation with where and why.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use money::Amount;
use serde_json::{Value, json};
use testsupport::Workbench;

use super::{Desk, Loaded, PROGRAM, amount, list, loaded, sample, shared, sum};

/// Deviations by month, commitment and what differs, with how much the replay is above the bill.
fn by_commitment(replay: &Value) -> BTreeMap<(String, String, String), Amount> {
    let mut sums = BTreeMap::new();
    for one in list(&replay["deviations"]) {
        let text = |name: &str| one[name].as_str().unwrap().to_owned();
        let place = (text("month"), text("commitment"), text("what"));
        let sum: &mut Amount = sums.entry(place).or_default();
        *sum = sum.checked_add(amount(&one["difference"])).unwrap();
    }
    sums
}

fn whys(replay: &Value) -> BTreeSet<String> {
    list(&replay["deviations"]).iter().map(|one| one["why"].as_str().unwrap().to_owned()).collect()
}

/// Nine reservations of two real months: each bears what the bill says in each month, to the cent; which machines of a family they cover is
/// another order than the documented one, and one that began within an hour is charged a part of it.
#[test]
fn the_replay_of_two_real_months_is_the_bill_by_reservation_and_says_where_lines_differ() {
    let months = ["Oct2018-WorkshopCUR-00001.snappy.parquet", "Nov2018-WorkshopCUR-00001.snappy.parquet"];
    let Some(files) =
        months.iter().map(|name| shared(&format!("aws-well-architected-labs/{name}"))).collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let loaded = loaded(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    let replay = loaded.ask("commitment_replay", json!({}));
    assert_eq!(replay["step"], "hour");
    assert_eq!(replay["more_deviations"], 0);
    let cent: Amount = "0.01".parse().unwrap();
    for ((month, commitment, what), difference) in by_commitment(&replay) {
        if what == "effective cost of covered usage" {
            assert!(difference.abs() < cent, "{month} {commitment}: {difference}");
        }
    }
    let unused: Vec<&Value> = list(&replay["deviations"]).iter().filter(|one| one["line"].is_null()).collect();
    let [late] = unused[..] else { panic!("one reservation began within an hour: {unused:#?}") };
    assert!(late["commitment"].as_str().unwrap().ends_with("ec308c3d56fd"));
    // It began at 21:40:47: 2,447 seconds of an hour at 0.0118 are not in the bill.
    assert_eq!(amount(&late["difference"]), "0.0080208328".parse().unwrap());
    assert!(late["why"].as_str().unwrap().starts_with("it begins at 21:40:47, within an hour"), "{late:#}");
    assert_eq!(
        whys(&replay).len(),
        2,
        "beside that only lines share what a reservation bears otherwise: {:#?}",
        whys(&replay)
    );
    assert!(whys(&replay).iter().any(|why| why.starts_with("in the month the commitment bears the same cost in both")));
    // No commitment and month is off by more than what that one hour makes.
    let off = amount(&replay["replayed_unused"]).checked_sub(amount(&replay["billed_unused"])).unwrap();
    assert_eq!(off.rounded(6, money::Rounding::HalfEven), "0.008021".parse().unwrap());
}

/// An example of the specification as a bill: the examples are excerpts, what every bill has is put beside them.
fn example(path: &Path) -> Loaded {
    let text = std::fs::read_to_string(path).unwrap().replace("SkuPriceid", "SkuPriceId");
    let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
    let header = lines.next().unwrap();
    let place = |name: &str| header.split(',').position(|column| column == name);
    let on_demand = place("ListCost").or(place("EffectiveCost")).unwrap();
    let list = if place("ListCost").is_none() { ",ListCost" } else { "" };
    let mut csv = format!(
        "{header},BillingCurrency,BillingAccountId,ProviderName,ServiceName,ServiceCategory,ContractedCost{list}\n"
    );
    for line in lines {
        let cost = line.split(',').nth(on_demand).unwrap();
        let more = if list.is_empty() { String::new() } else { format!(",{cost}") };
        csv += &format!("{},USD,payer,Cloud,Machines,Compute,{cost}{more}\n", line.replace("null", ""));
    }
    let bench = Workbench::new(PROGRAM);
    let bill = bench.write("example.csv", csv);
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    desk.load(&[&bill]).unwrap();
    Loaded { _bench: bench, desk }
}

#[test]
fn the_replay_of_the_specifications_examples_is_the_bill_to_the_cent() {
    let flexibility = "commitment_discount_flexibility/one_hundred_percent_utilization";
    for (file, covered, unused) in [
        (format!("{flexibility}_with_commitment_discount_flexibility_with_2_resources"), "2", "0"),
        (format!("{flexibility}_without_commitment_discount_flexibility"), "1.5", "0"),
        ("commitment_discount_scenarios/commitment_discount_usage_scenario_1".to_owned(), "1", "0"),
        ("commitment_discount_scenarios/commitment_discount_usage_scenario_3".to_owned(), "0.75", "0.25"),
        ("commitment_discount_scenarios/commitment_discount_usage_scenario_4".to_owned(), "1", "0"),
    ] {
        let Some(path) = shared(&format!("focus-spec-data/{file}.csv")) else { return };
        let loaded = example(&path);
        let replay = loaded.ask("commitment_replay", json!({}));
        assert_eq!(replay["equal"], true, "{file}: {:#}", replay["deviations"]);
        for (figure, expected) in [
            ("billed_covered_cost", covered),
            ("replayed_covered_cost", covered),
            ("billed_unused", unused),
            ("replayed_unused", unused),
        ] {
            let found = amount(&replay[figure]).rounded(2, money::Rounding::HalfEven);
            assert_eq!(found, expected.parse().unwrap(), "{file}: {figure}");
        }
    }
    // One example prices a third of a machine's hour at 3.00 and the rest of it at 2.25: only that differs, and is told.
    let Some(path) =
        shared(&format!("focus-spec-data/{flexibility}_with_commitment_discount_flexibility_with_1_resource.csv"))
    else {
        return;
    };
    let replay = example(&path).ask("commitment_replay", json!({}));
    let [only] = list(&replay["deviations"]) else { panic!("{:#}", replay["deviations"]) };
    assert_eq!(only["what"], "covered usage at on-demand prices");
    assert!(only["why"].as_str().unwrap().starts_with("covered quantity and cost agree"), "{only:#}");
    for figure in ["billed_covered_cost", "replayed_covered_cost"] {
        assert_eq!(amount(&replay[figure]), "0.5".parse().unwrap(), "{figure}");
    }
    // Where all of it is unused, or nothing but purchases is shown, there is no usage to lay it on: that is said, and the inventory has it.
    for (file, unused, billed) in [
        (
            "commitment_discount_flexibility/zero_percent_utilization_without_commitment_discount_flexibility",
            "1.5",
            "1.5",
        ),
        ("commitment_discount_scenarios/commitment_discount_usage_scenario_2", "1", "0"),
        ("commitment_discount_scenarios/commitment_discount_purchase_scenario_1", "0", "8760"),
        ("commitment_discount_scenarios/commitment_discount_purchase_scenario_2", "0", "3"),
        ("commitment_discount_scenarios/commitment_discount_purchase_scenario_3", "0", "4381"),
    ] {
        let Some(path) = shared(&format!("focus-spec-data/{file}.csv")) else { return };
        let loaded = example(&path);
        assert_eq!(loaded.refused("commitment_replay", json!({}))["code"], "no_eligible_usage", "{file}");
        let inventory = loaded.ask("commitment_inventory", json!({}));
        let commitments = list(&inventory["commitments"]);
        assert_eq!(sum(commitments.iter().map(|one| &one["unused"])), unused.parse().unwrap(), "{file}: {inventory:#}");
        let billed: Amount = billed.parse().unwrap();
        assert!(sum(commitments.iter().map(|one| &one["billed"])) <= billed, "{file}");
    }
}

fn provider(name: &str, period: &str) -> Value {
    json!({ "currency": "USD", "period": query::parse_period(period).unwrap(),
        "filters": [{ "dimension": "provider", "operator": "is", "values": [name] }] })
}

/// The sample's plans cover whole machines only: what its bills leave unused the documented order would have spent. Everything else is equal.
#[test]
fn the_replay_of_the_sample_says_which_commitments_its_bills_leave_unused() {
    let loaded = sample();
    // Azure's reservations come out to the cent.
    let azure = loaded.ask("commitment_replay", json!({ "question": provider("Microsoft", "2026-Q3") }));
    assert_eq!(azure["equal"], true, "{:#}", azure["deviations"]);
    assert_eq!(azure["billed_unused"], azure["replayed_unused"]);
    // The plan that runs on, by the hour.
    let aws = loaded.ask("commitment_replay", json!({ "question": provider("AWS", "2026-Q3"), "step": "hour" }));
    assert_eq!(aws["step"], "hour");
    let unused: Vec<(&str, &str)> = list(&aws["deviations"])
        .iter()
        .filter(|one| one["line"].is_null())
        .map(|one| (one["month"].as_str().unwrap(), one["difference"].as_str().unwrap()))
        .collect();
    assert_eq!(unused, [("2026-07", "-139.81056"), ("2026-08", "-143.12832"), ("2026-09", "-135.72864")]);
    let cost = |name: &str| amount(&aws[name]);
    let billed = cost("billed_covered_cost").checked_add(cost("billed_unused")).unwrap();
    let replayed = cost("replayed_covered_cost").checked_add(cost("replayed_unused")).unwrap();
    assert_eq!(billed, replayed, "used and unused are the fee in both");
    for one in list(&aws["deviations"]).iter().filter(|one| one["line"].is_null()) {
        assert!(
            one["why"]
                .as_str()
                .unwrap()
                .contains("more unused, in a month in which usage that it may cover stays on demand"),
            "{one:#}"
        );
    }
    // The expiring plan in its last quarter, and after it.
    let before = loaded.ask("commitment_replay", json!({ "question": provider("AWS", "2026-Q2") }));
    let expiring: Vec<&Value> =
        list(&before["commitments"]).iter().filter(|one| one["id"].as_str().unwrap().ends_with("a001")).collect();
    let [expiring] = expiring[..] else { panic!("the plan runs in June: {before:#}") };
    assert_eq!(amount(&expiring["cost"]), Amount::from_integer(8 * 24 * 91), "8 an hour in each of 91 days");
    let after = list(&aws["commitments"]).iter().find(|one| one["id"].as_str().unwrap().ends_with("a001"));
    assert!(after.is_none_or(|one| amount(&one["cost"]).is_zero()), "it has ended");
}
