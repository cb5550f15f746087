//! Commitments of real, generated and made-up bills: what is held, what it covers, what is left, and the same laid on the hours again.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

#[path = "commitments/bad_input.rs"]
mod bad_input;
mod desk;
#[path = "commitments/planning.rs"]
mod planning;
#[path = "commitments/proof.rs"]
mod proof;

use std::path::{Path, PathBuf};

use desk::Desk;
use money::Amount;
use serde_json::{Value, json};
use testsupport::{Bill, Workbench, sample_data, shared_data};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

fn amount(value: &Value) -> Amount {
    value.as_str().unwrap_or_else(|| panic!("{value} is no amount")).parse().unwrap()
}

fn sum<'a>(values: impl IntoIterator<Item = &'a Value>) -> Amount {
    Amount::sum(values.into_iter().map(amount)).unwrap()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().unwrap_or_else(|| panic!("{value} is no list"))
}

/// Files that somebody else's program wrote; none where the checkout stands alone.
fn shared(path: &str) -> Option<PathBuf> {
    Some(shared_data(path)).filter(|path| path.exists())
}

struct Loaded {
    _bench: Workbench,
    desk: Desk,
}

fn loaded(paths: &[&Path]) -> Loaded {
    let bench = Workbench::new(PROGRAM);
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    desk.load(paths).unwrap();
    Loaded { _bench: bench, desk }
}

fn loaded_bill(bill: &Bill) -> Loaded {
    let bench = Workbench::new(PROGRAM);
    let file = bench.write("bill.csv", bill.csv());
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    desk.load(&[&file]).unwrap();
    Loaded { _bench: bench, desk }
}

impl Loaded {
    fn ask(&self, command: &str, more: Value) -> Value {
        self.desk.call(command, asked(more)).unwrap_or_else(|error| panic!("{command}: {error:#}"))
    }

    fn refused(&self, command: &str, more: Value) -> Value {
        self.desk.call(command, asked(more)).unwrap_err()
    }
}

fn asked(more: Value) -> Value {
    let mut request = json!({ "question": { "currency": "USD" } });
    for (key, value) in more.as_object().unwrap() {
        request[key] = value.clone();
    }
    request
}

/// What holds of every inventory: lines and what has no name add up to the sums behind the key figures, which are those of `kpis`.
fn assert_sound(loaded: &Loaded, inventory: &Value) {
    let commitments = list(&inventory["commitments"]);
    for figure in ["used", "unused"] {
        let unnamed = &inventory["unnamed"];
        let rest = if unnamed.is_null() { Amount::ZERO } else { amount(&unnamed[figure]) };
        let lines = sum(commitments.iter().map(|one| &one[figure])).checked_add(rest).unwrap();
        assert_eq!(lines, amount(&inventory["total"][figure]), "{figure}: lines are the total");
    }
    let kpis = loaded.ask("kpis", json!({}));
    for kpi in list(&inventory["kpis"]) {
        let own = list(&kpis["kpis"]).iter().find(|other| other["id"] == kpi["id"]).unwrap();
        assert_eq!(own["value"], kpi["value"], "{}: there is one way to a number", kpi["id"]);
        assert_eq!(own["formula"], kpi["formula"]);
    }
}

/// AWS's reservations of two real months: 9 of them, one that nobody uses, one that begins within.
#[test]
fn real_reservations_cost_what_was_used_and_unused_of_them() {
    let months = ["Oct2018-WorkshopCUR-00001.snappy.parquet", "Nov2018-WorkshopCUR-00001.snappy.parquet"];
    let Some(files) =
        months.iter().map(|name| shared(&format!("aws-well-architected-labs/{name}"))).collect::<Option<Vec<_>>>()
    else {
        return;
    };
    let loaded = loaded(&files.iter().map(PathBuf::as_path).collect::<Vec<_>>());
    let inventory = loaded.ask("commitment_inventory", json!({}));
    assert_sound(&loaded, &inventory);
    let commitments = list(&inventory["commitments"]);
    assert_eq!(commitments.len(), 9);
    assert_eq!(list(&inventory["findings"]), &[] as &[Value], "the report tells all of each reservation");
    for one in commitments {
        // Fee = recurring and amortised upfront of each hour that it ran; AWS rounds what it spreads at ten decimals.
        let upfront = amount(&one["upfront"]["value"]);
        let start = one["start"]["value"].as_str().unwrap().parse::<chrono::DateTime<chrono::Utc>>().unwrap();
        let begins = start.max("2018-10-01T00:00:00Z".parse().unwrap());
        let end: chrono::DateTime<chrono::Utc> = "2018-12-01T00:00:00Z".parse().unwrap();
        let seconds = Amount::from_integer((end - begins).num_seconds());
        let recurring = amount(&one["recurring"]["value"]).checked_mul(seconds).unwrap();
        let fees = money::Ratio::of(recurring, Amount::from_integer(3_600), 6).unwrap();
        let spread = upfront.checked_mul(seconds).unwrap();
        let spread = money::Ratio::of(spread, Amount::from_integer(365 * 86_400), 6).unwrap();
        let fee = fees.checked_add(spread).unwrap();
        let cost = amount(&one["used"]).checked_add(amount(&one["unused"])).unwrap();
        let off = fee.checked_sub(cost).unwrap().abs();
        assert!(off < "0.005".parse().unwrap(), "{}: {cost} used and unused, {fee} paid", one["id"]);
    }
    let idle = commitments.iter().find(|one| one["covered"].is_null()).unwrap();
    assert_eq!(amount(&idle["used"]), Amount::ZERO, "nobody uses c4");
    assert_eq!(idle["scope"]["family"], "c4");

    let replay = loaded.ask("commitment_replay", json!({}));
    assert_eq!(replay["step"], "hour");
    // Whichever lines share it, each reservation is used and unused as billed, in each month, to the cent.
    for deviation in list(&replay["deviations"]) {
        assert!(
            !deviation["why"].as_str().unwrap().is_empty(),
            "where the replay is not the bill it says why: {deviation:#}"
        );
    }
    let cent: Amount = "0.01".parse().unwrap();
    let off = amount(&replay["billed_unused"]).checked_sub(amount(&replay["replayed_unused"])).unwrap().abs();
    assert!(off < cent, "unused: {} billed, {} replayed", replay["billed_unused"], replay["replayed_unused"]);
    let off =
        amount(&replay["billed_covered_cost"]).checked_sub(amount(&replay["replayed_covered_cost"])).unwrap().abs();
    assert!(
        off < cent,
        "covered: {} billed, {} replayed",
        replay["billed_covered_cost"],
        replay["replayed_covered_cost"]
    );
}

/// A generator's file has covered usage, but names no commitment: that is told, and the usage has its on-demand price from its SKU.
#[test]
fn a_generated_file_without_the_names_of_its_commitments_is_told() {
    let Some(file) = shared("generated/nise/aws_cur_sep2026_sp_ri_static.csv.gz") else { return };
    let loaded = loaded(&[&file]);
    let inventory = loaded.ask("commitment_inventory", json!({}));
    assert_sound(&loaded, &inventory);
    assert_eq!(list(&inventory["commitments"]), &[] as &[Value]);
    let told = list(&inventory["notes"]).iter().find(|note| note["code"] == "committed_without_name").unwrap();
    let message = told["message"].as_str().unwrap();
    assert!(message.contains("1,392 charges") && message.contains("46.632"), "{message}");
    let hours = loaded.ask("commitment_hours", json!({}));
    assert_eq!((hours["step"].as_str(), hours["steps"].as_u64()), (Some("hour"), Some(696)));
    // 696 hours of three instances at 0.096, one of them without a price of its own.
    assert_eq!(amount(&hours["on_demand"]), "200.448".parse().unwrap());
    assert!(list(&hours["notes"]).iter().any(|note| note["code"] == "repriced"));
    let replay = loaded.ask("commitment_replay", json!({}));
    assert_eq!(amount(&replay["billed_covered_cost"]), Amount::ZERO, "no commitment to replay");
}

/// The specification's examples of flexibility: a small commitment covers a third of a large machine.
#[test]
fn the_specifications_examples_come_out() {
    for (file, used, unused, billed) in [
        ("one_hundred_percent_utilization_with_commitment_discount_flexibility_with_1_resource.csv", "0.5", "0", "0.5"),
        ("one_hundred_percent_utilization_with_commitment_discount_flexibility_with_2_resources.csv", "2", "0", "2"),
        ("one_hundred_percent_utilization_without_commitment_discount_flexibility.csv", "1.5", "0", "1.5"),
        ("zero_percent_utilization_without_commitment_discount_flexibility.csv", "0", "1.5", "1.5"),
    ] {
        let Some(path) = shared(&format!("focus-spec-data/commitment_discount_flexibility/{file}")) else { return };
        let text = std::fs::read_to_string(path).unwrap();
        // The examples are excerpts: what every bill has is put beside them.
        let mut lines = text.lines().map(str::trim).filter(|line| !line.is_empty());
        let header = lines.next().unwrap().replace("SkuPriceid", "SkuPriceId");
        let mut csv = format!(
            "{header},BillingCurrency,BillingAccountId,ProviderName,ServiceName,ServiceCategory,ContractedCost\n"
        );
        let list_cost = header.split(',').position(|name| name == "ListCost").unwrap();
        for line in lines {
            let listed = line.split(',').nth(list_cost).unwrap();
            csv += &format!("{},USD,payer,Cloud,Machines,Compute,{listed}\n", line.replace("null", ""));
        }
        let bench = Workbench::new(PROGRAM);
        let bill = bench.write("example.csv", csv);
        let desk = Desk::new(&bench, Path::new(PROGRAM));
        desk.load(&[&bill]).unwrap();
        let loaded = Loaded { _bench: bench, desk };
        let inventory = loaded.ask("commitment_inventory", json!({}));
        assert_sound(&loaded, &inventory);
        let [one] = list(&inventory["commitments"]) else { panic!("{file}: {inventory:#}") };
        for (figure, expected) in [("used", used), ("unused", unused), ("billed", billed)] {
            assert_eq!(amount(&one[figure]), expected.parse().unwrap(), "{file}: {figure}");
        }
    }
}

fn sample() -> Loaded {
    let bills = sample_data("bills");
    let again = sample_data("redelivered");
    let loaded = loaded(&[&bills]);
    loaded.desk.load(&[&again]).unwrap();
    loaded
}

#[test]
fn the_samples_commitments_are_as_its_truth_tells_them() {
    let loaded = sample();
    let inventory = loaded.ask("commitment_inventory", json!({}));
    assert_sound(&loaded, &inventory);
    let truth: Value = serde_json::from_str(&std::fs::read_to_string(sample_data("truth.json")).unwrap()).unwrap();
    let told = list(&truth["commitments"]);
    for one in list(&inventory["commitments"]) {
        let own: Vec<&Value> = told.iter().filter(|month| month["id"] == one["id"]).collect();
        assert!(!own.is_empty(), "{} is one of the sample's", one["id"]);
        for (figure, name) in [("used", "used"), ("unused", "unused"), ("billed", "purchased")] {
            let expected = sum(own.iter().map(|month| &month[name]));
            assert_eq!(amount(&one[figure]), expected, "{}: {figure}", one["id"]);
        }
    }
    let plan =
        list(&inventory["commitments"]).iter().find(|one| one["name"] == "ComputeSavingsPlans-1yr-2025").unwrap();
    assert_eq!(plan["program"], "aws-compute-savings-plan");
    assert_eq!((plan["state"].as_str(), plan["end"]["value"].as_str()), (Some("ended"), Some("2026-07-01T00:00:00Z")));
    assert_eq!(plan["end"]["reading"], true, "the bill names no end: its last charge tells it");
    assert_eq!(plan["hourly"]["value"], "8");

    // What it is does not depend on the period, what it cost does.
    let period = query::parse_period("2026-Q3").unwrap();
    let quarter = loaded.ask("commitment_inventory", json!({ "question": { "currency": "USD", "period": period } }));
    let running =
        list(&quarter["commitments"]).iter().find(|one| one["name"] == "ComputeSavingsPlans-3yr-2025").unwrap();
    assert_eq!(running["end"]["value"], "2028-10-15T00:00:00Z");
    let cost = amount(&running["used"]).checked_add(amount(&running["unused"])).unwrap();
    assert_eq!(cost, "5520".parse().unwrap(), "2.5 in each of 2,208 hours");

    let event = list(&truth["events"]).iter().find(|event| event["id"] == "expiring-commitment").unwrap();
    for month in list(&event["effect"]["coverage"]) {
        let period = query::parse_period(month["billing_period"].as_str().unwrap()).unwrap();
        let only = json!({ "question": { "currency": "USD", "period": period,
            "filters": [{ "dimension": "provider", "operator": "is", "values": ["AWS"] }] }, "by": "service" });
        let coverage = loaded.ask("commitment_coverage", only);
        let covered = sum(list(&coverage["parts"]).iter().map(|part| &part["covered"]));
        assert_eq!(covered, amount(&month["covered_at_contracted_prices"]), "{period}");
    }
}

#[test]
fn offers_are_taken_in_and_told_by_row() {
    let loaded = sample();
    let sheet = "provider,program,family,region,term,payment,rate,percent,currency\n\
                 AWS,aws-compute-savings-plan,,,1yr,no_upfront,,27,\n\
                 AWS,aws-standard-reserved-instance,m6i,us-east-1,1yr,no_upfront,99,,USD\n\
                 AWS,aws-standard-reserved-instance,x99,us-east-1,1yr,no_upfront,0.1,,USD\n\
                 AWS,aws-standard-reserved-instance,m6i,us-east-1,3yr,no_upfront,0.1,,EUR\n\
                 AWS,aws-compute-savings-plan,,,1yr,no_upfront,,130,\n";
    let file = loaded._bench.write("offers.csv", sheet);
    let reply = loaded.ask("commitment_offer_import", json!({ "path": file }));
    let said: Vec<(&str, u64)> = list(&reply["findings"])
        .iter()
        .map(|finding| (finding["code"].as_str().unwrap(), finding["row"].as_u64().unwrap()))
        .collect();
    assert_eq!(said, [("above_on_demand", 3), ("not_in_bill", 4), ("offer_currency", 5), ("bad_rate", 6)]);
    let implied = list(&reply["rates"]).iter().filter(|rate| rate["implied"] == true).count();
    assert!(implied > 0, "the bill implies rates of its own commitments");
    let own = list(&reply["rates"]).iter().find(|rate| rate["source"] == "offers.csv, row 2").unwrap();
    assert_eq!(own["discount"], "0.27");

    // With it the optimum is known, and a basket of it can be weighed, kept and turned into a scenario's operations.
    let optimum = loaded.ask("commitment_optimize", json!({ "program": "aws-compute-savings-plan", "marks": ["1"] }));
    let savings: Vec<Amount> = list(&optimum["curve"]).iter().map(|point| amount(&point["savings"])).collect();
    let best = amount(&optimum["exact"]["savings"]);
    assert!(savings.iter().all(|one| *one <= best), "no point of the curve saves more than the optimum");
    assert!(best > Amount::ZERO);
    let basket = json!({ "note": "Our plan has ended", "approver": "Finance", "decision": [
        { "id": "renewed", "kind": "buy", "program": "aws-compute-savings-plan", "hourly": "8", "term_months": 12 }] });
    let kept = loaded.ask("commitment_basket_save", json!({ "name": "plan", "basket": basket }));
    assert_eq!(list(&kept)[0]["problem"], Value::Null);
    let whatif = loaded.ask("commitment_whatif", json!({ "name": "plan" }));
    assert_eq!(list(&whatif["months"]).len(), 12);
    assert!(amount(&whatif["saves"]) > Amount::ZERO, "a plan that is used saves");
    let months = sum(list(&whatif["months"]).iter().map(|month| &month["cost"]));
    assert_eq!(months, amount(&whatif["total"]["cost"]), "months are the whole");
    for shared in [true, false] {
        let own = list(&whatif["gains"]).iter().filter(|row| row["shared"] == shared);
        let on_demand = sum(own.map(|row| &row["on_demand"]));
        assert_eq!(on_demand, amount(&whatif["total"]["figures"]["on_demand"]), "accounts are the whole");
    }
    let text = &whatif["scenario_text"];
    let saved = loaded.ask("scenario_save_text", json!({ "name": "with-the-plan", "text": text }));
    assert_eq!(list(&saved["problems"]), &[] as &[Value], "the basket is a scenario: {saved:#}");
}

/// Hours of one instance, each with its on-demand price.
fn hourly(hours: u64, skip: &[u64]) -> Bill {
    let start: chrono::DateTime<chrono::Utc> = "2026-03-20T00:00:00Z".parse().unwrap();
    let sound = [
        ("ProviderName", "AWS"),
        ("ServiceName", "Amazon Elastic Compute Cloud"),
        ("BillingPeriodStart", "2026-03-01T00:00:00Z"),
        ("BillingPeriodEnd", "2026-04-01T00:00:00Z"),
        ("SkuId", "SKU"),
        ("x_UsageType", "BoxUsage:m5.large"),
        ("PricingQuantity", "1"),
        ("PricingUnit", "Hrs"),
        ("BilledCost", "0.096"),
        ("EffectiveCost", "0.096"),
        ("ContractedCost", "0.096"),
        ("ListCost", "0.1"),
    ];
    let usual = sound.iter().fold(Bill::new(), |bill, (column, value)| bill.usual(column, value));
    (0..hours).filter(|hour| !skip.contains(hour)).fold(usual, |bill, hour| {
        let from = start + chrono::Duration::hours(i64::try_from(hour).unwrap());
        let instant = |at: chrono::DateTime<chrono::Utc>| at.format("%Y-%m-%dT%H:%M:%SZ").to_string();
        bill.charge(&[
            ("ChargePeriodStart", &instant(from)),
            ("ChargePeriodEnd", &instant(from + chrono::Duration::hours(1))),
        ])
    })
}

#[test]
fn a_missing_hour_is_told_and_the_day_of_the_clock_change_has_24() {
    // From 20 March 2026: the clocks of Europe change on the 29th, which UTC does not know.
    let loaded = loaded_bill(&hourly(24 * 15, &[50]));
    let hours = loaded.ask("commitment_hours", json!({ "steps": true }));
    assert_eq!((hours["steps"].as_u64(), hours["missing"].as_u64()), (Some(360), Some(1)));
    assert_eq!(hours["missing_first"][0], "2026-03-22T02");
    let day = list(&hours["series"]).iter().filter(|step| step["time"].as_str().unwrap().starts_with("2026-03-29"));
    assert_eq!(day.count(), 24);
    assert_eq!(list(&hours["series"])[50]["on_demand"], Value::Null, "a missing hour is not zero");
    assert_eq!(hours["enough"], true);
    let optimum =
        loaded.ask("commitment_optimize", json!({ "program": "aws-compute-savings-plan", "discount": "0.25" }));
    assert_eq!(amount(&optimum["exact"]["hourly"]), "0.072".parse().unwrap(), "0.096 an hour less a quarter");
    let waste = amount(&optimum["exact"]["waste"]);
    assert_eq!(waste, Amount::ZERO, "it is used in every hour that is known");
}

#[test]
fn fewer_than_14_days_are_refused() {
    let loaded = loaded_bill(&hourly(24 * 13, &[]));
    assert_eq!(loaded.ask("commitment_hours", json!({}))["enough"], false);
    let refused =
        loaded.refused("commitment_optimize", json!({ "program": "aws-compute-savings-plan", "discount": "0.25" }));
    assert_eq!(refused["code"], "too_few_hours");
    assert!(refused["message"].as_str().unwrap().contains("13 days"), "{refused:#}");
    let refused = loaded.refused("commitment_whatif", json!({}));
    assert_eq!(refused["code"], "too_few_hours");
}

#[test]
fn without_a_rate_nothing_is_recommended() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let refused = loaded.refused("commitment_optimize", json!({ "program": "aws-compute-savings-plan" }));
    assert_eq!(refused["code"], "no_rate");
    let refused = loaded.refused("commitment_optimize", json!({ "program": "gold" }));
    assert_eq!(refused["code"], "usage");
    let unknown = json!({ "decision": [{ "id": "a", "kind": "let_expire", "commitment": "nothing" }] });
    let refused = loaded.refused("commitment_whatif", json!({ "basket": unknown }));
    assert_eq!(refused["code"], "basket");
    assert!(refused["message"].as_str().unwrap().contains("nothing"), "{refused:#}");
}
