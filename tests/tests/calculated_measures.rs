//! Measures that the analyst defines: quotients of sums, through every door, against quotients worked out from the bill's own rows.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod desk;

use std::collections::BTreeMap;
use std::path::Path;

use desk::Desk;
use serde_json::{Value, json};
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

/// Sums in thousandths: cost, and quantity where a charge has one.
#[derive(Clone, Copy, Debug, Default)]
struct Sums {
    cost: i128,
    quantity: Option<i128>,
}

impl Sums {
    fn add(&mut self, other: Self) {
        self.cost += other.cost;
        if let Some(more) = other.quantity {
            self.quantity = Some(self.quantity.unwrap_or_default() + more);
        }
    }

    /// Cost by quantity to twelve decimals, half to even, as text without trailing zeros but two; by long division of whole numbers.
    fn quotient(self) -> Option<String> {
        const TRILLION: i128 = 1_000_000_000_000;
        let by = self.quantity.filter(|by| *by != 0)?;
        let (over, under) = ((self.cost * TRILLION).abs(), by.abs());
        let (mut whole, rest) = (over / under, over % under);
        whole += i128::from(2 * rest > under || (2 * rest == under && whole % 2 == 1));
        let sign = if whole != 0 && (self.cost < 0) != (by < 0) { "-" } else { "" };
        let fraction = format!("{:012}", whole % TRILLION);
        Some(format!("{sign}{}.{:0<2}", whole / TRILLION, fraction.trim_end_matches('0')))
    }
}

fn thousandths(units: i128) -> String {
    format!("{}{}.{:03}", if units < 0 { "-" } else { "" }, units.abs() / 1000, units.abs() % 1000)
}

/// Two months of charges of six services in two regions, drawn from a fixed seed: credits, free usage, usage without a quantity.
fn bill() -> (Bill, Vec<(String, &'static str, &'static str, Sums)>) {
    let mut state: u64 = 20_261_122;
    let mut roll = move |sides: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % sides
    };
    let services = ["Compute", "Storage", "Queue", "Free tier", "Credit", "Support"];
    let (mut bill, mut known) = (Bill::new(), Vec::new());
    for place in 0..400 {
        let service = services[usize::try_from(roll(6)).unwrap()];
        let region = ["north-1", "south-1"][usize::try_from(roll(2)).unwrap()];
        let month = if roll(2) == 0 { "2026-01" } else { "2026-02" };
        let cost = i128::from(roll(900_000)) - if service == "Credit" { 900_000 } else { 0 };
        let quantity = match service {
            "Free tier" => Some(0),
            "Support" => None,
            _ => Some(i128::from(roll(40_000))),
        };
        let day = format!("{month}-{:02}", 1 + roll(28));
        let after = if month == "2026-01" { "2026-02" } else { "2026-03" };
        let (cost_text, quantity_text) = (thousandths(cost), quantity.map(thousandths).unwrap_or_default());
        bill = bill.charge(&[
            ("ChargePeriodStart", &format!("{day}T00:00:00Z")),
            ("ChargePeriodEnd", &format!("{day}T01:00:00Z")),
            ("BillingPeriodStart", &format!("{month}-01T00:00:00Z")),
            ("BillingPeriodEnd", &format!("{after}-01T00:00:00Z")),
            ("ServiceName", service),
            ("RegionId", region),
            ("RegionName", region),
            ("ResourceId", &format!("r-{place}")),
            ("BilledCost", &cost_text),
            ("EffectiveCost", &cost_text),
            ("ConsumedQuantity", &quantity_text),
            ("ConsumedUnit", if quantity.is_some() { "Hours" } else { "" }),
        ]);
        known.push((month.to_owned(), service, region, Sums { cost, quantity }));
    }
    (bill, known)
}

fn bench() -> (Workbench, Vec<(String, &'static str, &'static str, Sums)>) {
    let (bill, known) = bill();
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    (bench, known)
}

/// A figure as the engine writes it, without the zeros that say nothing.
fn plain(text: &Value) -> Option<String> {
    let text = text.as_str()?;
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    Some(format!("{whole}.{:0<2}", fraction.trim_end_matches('0')))
}

fn summed<'a>(charges: impl Iterator<Item = &'a Sums>) -> Sums {
    charges.fold(Sums::default(), |mut sums, one| {
        sums.add(*one);
        sums
    })
}

#[test]
fn by_service_and_month_against_the_bills_own_rows() {
    let (bench, known) = bench();
    let answer =
        bench.json(&["ask", "--measure", "effective/usage", "--by", "service", "--grain", "month", "--top", "3"]);
    let rows = answer["rows"].as_array().unwrap();
    let mut expected: BTreeMap<(String, &str), Sums> = BTreeMap::new();
    for (month, service, _, sums) in &known {
        expected.entry((month.clone(), service)).or_default().add(*sums);
    }
    let leaders: Vec<&str> = rows.iter().filter_map(|row| row[1].as_str()).filter(|name| *name != "(other)").collect();
    let mut met = 0;
    for row in rows {
        let (month, service) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        let its = expected.iter().filter(|((when, name), _)| {
            when == month && if service == "(other)" { !leaders.contains(name) } else { *name == service }
        });
        assert_eq!(plain(&row[2]), summed(its.map(|(_, sums)| sums)).quotient(), "{month} {service}");
        met += 1;
    }
    assert_eq!(met, 8, "three services and the rest, in two months");
    let total = summed(known.iter().map(|(.., sums)| sums));
    assert_eq!(plain(&answer["total"]["effective_cost/consumed_quantity"]), total.quotient(), "not a sum of quotients");
    let whole = bench.json(&["ask", "--measure", "effective/usage", "--by", "service"]);
    let none: Vec<&str> = whole["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|row| row[1].is_null())
        .filter_map(|row| row[0].as_str())
        .collect();
    assert_eq!(none, ["Free tier", "Support"], "a divisor of zero and a missing one have no value and stand last");
    assert!(whole["evidence"]["definition"][0].as_str().unwrap().contains("divided by the consumed quantity"));
}

#[test]
fn a_name_is_kept_with_the_engagement_and_asked_for() {
    let (bench, known) = bench();
    let set = bench.qd(&["--format", "json", "measures", "set", "Price of an hour", "effective/usage"]);
    assert_eq!(set.status, Some(0), "{}", set.stderr);
    let file = std::fs::read_to_string(bench.engagement().join("measures.toml")).unwrap();
    assert!(
        file.contains("name = \"Price of an hour\"") && file.contains("effective_cost/consumed_quantity"),
        "{file}"
    );
    let answer = bench.json(&["ask", "--measure", "price of an HOUR", "--by", "region"]);
    let total = summed(known.iter().map(|(.., sums)| sums)).quotient();
    assert_eq!(plain(&answer["total"]["effective_cost/consumed_quantity"]), total);
    let told = answer["evidence"]["definition"][0].as_str().unwrap();
    assert!(told.starts_with("\"Price of an hour\" is Effective cost / consumed quantity."), "{told}");
    for (arguments, says) in [
        (vec!["measures", "set", "Another", "effective/usage"], "\"Price of an hour\" is that formula already"),
        (vec!["measures", "set", "billed", "billed/list"], "is the name of a measure already"),
        (vec!["measures", "set", "Of list", "billed/list", "--kind", "unit_cost"], "is shown as ratio or as percent"),
        (vec!["measures", "set", "Price", "billed/charges", "--kind", "ratio"], "is a cost of one"),
        (vec!["measures", "set", "Sum", "billed"], "is no formula"),
        (vec!["measures", "set", "Odd", "billed/lists"], "did you mean `list_cost`"),
        (vec!["measures", "delete", "Nothing"], "there is no calculated measure `Nothing`"),
        (vec!["ask", "--measure", "Price of a day"], "there is no measure"),
    ] {
        let refused = bench.qd(&arguments);
        assert!(refused.status != Some(0) && refused.stderr.contains(says), "{arguments:?}: {}", refused.stderr);
    }
    assert_eq!(bench.qd(&["measures", "delete", "Price of an hour"]).status, Some(0));
    assert_eq!(bench.json(&["measures"]), json!([]));
}

#[test]
fn a_file_that_cannot_be_read_names_nothing_and_says_so() {
    let (bench, _) = bench();
    std::fs::write(bench.engagement().join("measures.toml"), "[[measure]]\nname = \"A\"\nformula = \"billed/\"\n")
        .unwrap();
    let refused = bench.qd(&["measures"]);
    assert!(refused.status != Some(0) && refused.stderr.contains("measures.toml"), "{}", refused.stderr);
    let answer = bench.json(&["ask", "--measure", "billed/list"]);
    assert!(answer["total"]["billed_cost/list_cost"].is_string(), "the figures need no name");
}

/// A row each day of January and February: ten orders in the north, four in the south.
fn orders() -> String {
    let start: chrono::NaiveDate = "2026-01-01".parse().unwrap();
    start.iter_days().take(59).fold("date,metric,value,region\n".to_owned(), |text, day| {
        text + &format!("{day},orders,10,north-1\n{day},orders,4,south-1\n")
    })
}

#[test]
fn a_cost_per_order_by_region_and_by_what_orders_do_not_tell_apart() {
    let (bench, known) = bench();
    let file = bench.write("orders.csv", orders());
    assert_eq!(bench.qd(&["metrics", "import", file.to_str().unwrap()]).status, Some(0));
    let of = |keep: &dyn Fn(&str, &str, &str) -> bool, units: i128| {
        let its = known.iter().filter(|(month, service, region, _)| keep(month, service, region));
        Sums { quantity: Some(units * 1000), ..summed(its.map(|(.., sums)| sums)) }.quotient()
    };
    let answer = bench.json(&[
        "ask",
        "--measure",
        "billed/metric:orders",
        "--by",
        "region",
        "--grain",
        "month",
        "--period",
        "2026-01..2026-02",
    ]);
    for row in answer["rows"].as_array().unwrap() {
        let (month, region) = (row[0].as_str().unwrap(), row[1].as_str().unwrap());
        let days = if month == "2026-01" { 31 } else { 28 };
        let units = if region == "north-1" { 10 } else { 4 } * days;
        assert_eq!(plain(&row[2]), of(&|when, _, place| when == month && place == region, units), "{month} {region}");
    }
    assert_eq!(plain(&answer["total"]["billed_cost/metric:orders"]), of(&|_, _, _| true, 14 * 59));
    let rules = answer["evidence"]["rules"].as_array().unwrap();
    assert_eq!(rules[0]["file"], "metrics/orders.csv", "the units have their evidence: {rules:?}");
    let services =
        bench.json(&["ask", "--measure", "billed/metric:orders", "--by", "service", "--period", "2026-01..2026-02"]);
    for row in services["rows"].as_array().unwrap() {
        let service = row[0].as_str().unwrap();
        assert_eq!(plain(&row[1]), of(&|_, name, _| name == service, 14 * 59), "{service}: its cost for each order");
    }
    let north =
        bench.json(&["ask", "--measure", "billed/metric:orders", "--where", "region = north-1", "--period", "2026-01"]);
    assert_eq!(
        plain(&north["total"]["billed_cost/metric:orders"]),
        of(&|month, _, region| month == "2026-01" && region == "north-1", 310),
        "a filter on a label filters both"
    );
    let queue = bench.json(&["ask", "--measure", "billed/metric:orders", "--where", "service = Queue"]);
    assert!(
        queue["notes"].as_array().unwrap().iter().any(|note| note["code"] == "units_unfiltered"),
        "one on anything else filters the cost alone, and says so"
    );
    let unknown = bench.qd(&["ask", "--measure", "billed/metric:parcels"]);
    assert!(unknown.stderr.contains("there is no business metric `parcels`"), "{}", unknown.stderr);
}

#[test]
fn the_window_recomputes_explores_and_exports_it() {
    let (bill, known) = bill();
    let bench = Workbench::new(PROGRAM);
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    desk.load(&[&bench.write("bill.csv", bill.csv())]).unwrap();
    let question = json!({ "measures": ["effective_cost/consumed_quantity"], "grain": "month", "compare": "previous", "period": { "from": "2026-02-01", "to": "2026-03-01" } });
    let explored =
        desk.call("explore", json!({ "question": question, "dimensions": ["service", "region"], "limit": 2 })).unwrap();
    let of = |month: &str, region: Option<&str>| {
        let its = known.iter().filter(|(when, _, place, _)| when == month && region.is_none_or(|one| one == *place));
        summed(its.map(|(.., sums)| sums)).quotient()
    };
    assert_eq!(plain(&explored["total"][0]["value"]), of("2026-02", None));
    assert_eq!(plain(&explored["total"][0]["previous"]), of("2026-01", None), "the compared month by its own quantity");
    for row in explored["leaderboards"][1]["answer"]["rows"].as_array().unwrap() {
        assert_eq!(plain(&row["cells"][0]["value"]), of("2026-02", row["keys"][0].as_str()));
        assert_eq!(row["cells"][0]["share"], Value::Null, "a part of a quotient is no share of it");
    }
    let header = &explored["header"];
    let again = desk
        .call("evidence_recompute", json!({ "question": header["question"], "id": header["evidence"]["id"] }))
        .unwrap();
    assert_eq!(again["equal"], true, "past cubes and memory the same comes out");
    let refused =
        desk.call("change", json!({ "question": question, "by": "service", "convention": "base_first", "limit": 5 }));
    let refused = refused.unwrap_err();
    assert!(refused["message"].as_str().unwrap().contains("is no cost"), "only a cost has a bridge: {refused}");
    let out = bench.path("prices.csv");
    desk.call("export_answer", json!({ "question": question, "target": { "path": out } })).unwrap();
    let text = std::fs::read_to_string(out).unwrap();
    assert!(text.contains("effective_cost/consumed_quantity") && text.contains("USD"), "{text}");
    assert!(!text.contains("NaN") && !text.contains("inf"), "{text}");
}
