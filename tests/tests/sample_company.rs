//! The made-up company's fifteen months on three clouds, against the truth that its generator wrote down.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::{Workbench, sample_data, workbook};

const COSTS: [&str; 4] = ["billed", "effective", "contracted", "list"];

#[test]
fn fifteen_months_come_out_as_the_truth_has_them() {
    let truth: Value = serde_json::from_slice(&std::fs::read(sample_data("truth.json")).unwrap()).unwrap();
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let report = bench.loaded(&[sample_data("bills")]);
    assert_eq!(report["skipped"], json!([]), "each file is a bill");
    every_file_loads_whole(&report, &truth);
    april_as_first_delivered(&bench, &truth);
    let first = bench.json(&["loads"]);
    let report = bench.loaded(&[sample_data("redelivered")]);
    assert_eq!(report["loads"].as_array().unwrap().len(), 1, "one month is delivered again");
    april_is_superseded(&bench, &report, &first);
    the_same_again_changes_nothing(&bench);
    every_total_is_the_truth(&bench, &truth);
    groups_are_the_truth(&bench, &truth);
    the_other_currency_is_named_and_not_added(&bench);
    invoices_match_but_for_two(&bench, &truth);
    a_pack_is_the_same_bytes_and_figures(&bench);
    orders_cost_by_region_what_the_truth_says(&bench, &truth);
    key_figures_are_sums_of_charges(&bench);
}

fn every_file_loads_whole(report: &Value, truth: &Value) {
    let mut loaded = BTreeMap::new();
    for load in report["loads"].as_array().unwrap() {
        for file in load["files"].as_array().unwrap() {
            let path = file["path"].as_str().unwrap();
            let name = path.split("/sample-data/").nth(1).unwrap().to_owned();
            loaded.insert(name, (file["rows"].clone(), load["format_version"].clone(), load["provider"].clone()));
        }
    }
    let expected = truth["files"].as_array().unwrap().iter().filter(|file| {
        // The second delivery is loaded later.
        file["path"].as_str().unwrap().starts_with("bills/")
    });
    let expected: BTreeMap<String, (Value, Value, Value)> = expected
        .map(|file| {
            let told = (file["rows"].clone(), file["focus_version"].clone(), file["provider"].clone());
            (file["path"].as_str().unwrap().to_owned(), told)
        })
        .collect();
    assert_eq!(loaded, expected, "rows, version and provider of each file");
}

fn april_as_first_delivered(bench: &Workbench, truth: &Value) {
    let total =
        &bench.json(&["ask", "--on", "billing", "--period", "2026-04", "--where", "provider = \"AWS\""])["total"];
    assert_eq!(total["billed_cost"], truth["first_delivery"]["costs"]["billed"], "the first delivery has its mistakes");
}

fn april_is_superseded(bench: &Workbench, report: &Value, first: &Value) {
    let new = &report["loads"][0];
    let all = bench.json(&["loads", "--all"]);
    let all = all.as_array().unwrap();
    let april = |load: &&Value| load["billing_period"] == "2026-04-01" && load["provider"] == "AWS";
    let deliveries: Vec<&Value> = all.iter().filter(april).collect();
    assert_eq!(deliveries.len(), 2, "the older delivery is kept");
    let old = deliveries.iter().find(|load| load["id"] != new["id"]).unwrap();
    assert_eq!((&old["state"], &old["superseded_by"]), (&json!("superseded"), &new["id"]), "and says what replaced it");
    assert_eq!(new["state"], "current");
    let before = first.as_array().unwrap().iter().find(april).unwrap();
    assert_eq!(
        (&before["billed"], &before["files"]),
        (&old["billed"], &old["files"]),
        "its figures stay what they were"
    );
    let current = bench.json(&["loads"]);
    assert_eq!(current.as_array().unwrap().len(), first.as_array().unwrap().len(), "one replaces one");
}

fn the_same_again_changes_nothing(bench: &Workbench) {
    let before = bench.state();
    let output = bench.load(&[sample_data("redelivered"), sample_data("bills/google-cloud")]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(output.stderr.matches("is loaded already, byte for byte").count(), 16, "{}", output.stderr);
    assert_eq!(bench.state(), before, "nothing changed");
}

fn ask_all_costs(bench: &Workbench, arguments: &[&str], currency: &str) -> Value {
    let costs = COSTS.join(",");
    let common = ["ask", "--measure", &costs, "--currency", currency, "--on", "billing"];
    bench.json(&[&common, arguments].concat())
}

fn costs_of(row: &[Value]) -> Vec<Decimal> {
    row[row.len() - COSTS.len()..].iter().map(|cost| cost.as_str().map_or(Decimal::ZERO, decimal)).collect()
}

/// The figures of the truth, by what it tells them apart by; sums over what the keys do not name.
fn told(list: &Value, currency: &str, keys: &[&str]) -> BTreeMap<Vec<Option<String>>, Vec<Decimal>> {
    let mut sums = BTreeMap::new();
    for entry in list.as_array().unwrap().iter().filter(|entry| entry["currency"] == currency) {
        let key = keys.iter().map(|key| entry[key].as_str().map(str::to_owned)).collect();
        let sum = sums.entry(key).or_insert_with(|| vec![Decimal::ZERO; COSTS.len()]);
        for (sum, cost) in sum.iter_mut().zip(COSTS) {
            *sum += decimal(entry["costs"][cost].as_str().unwrap());
        }
    }
    sums
}

/// The rows of an answer by their keys, in the same shape.
fn answered(answer: &Value) -> BTreeMap<Vec<Option<String>>, Vec<Decimal>> {
    let rows = answer["rows"].as_array().unwrap().iter().map(|row| row.as_array().unwrap());
    rows.map(|row| {
        let keys = row[..row.len() - COSTS.len()].iter().map(|key| key.as_str().map(str::to_owned)).collect();
        (keys, costs_of(row))
    })
    .collect()
}

fn every_total_is_the_truth(bench: &Workbench, truth: &Value) {
    for currency in ["USD", "EUR"] {
        let by_period = ask_all_costs(bench, &["--by", "provider,billing_account", "--grain", "month"], currency);
        let expected = told(&truth["totals"], currency, &["billing_period", "provider", "billing_account"]);
        assert!(expected.len() >= 15, "the truth has fifteen months in {currency}");
        assert_eq!(answered(&by_period), expected, "each provider, account and month in {currency}");
        let whole = ask_all_costs(bench, &[], currency);
        let sums = expected.values().fold(vec![Decimal::ZERO; COSTS.len()], |sums, costs| {
            sums.iter().zip(costs).map(|(sum, cost)| sum + cost).collect()
        });
        assert_eq!(costs_of(whole["rows"][0].as_array().unwrap()), sums, "and all of them together");
    }
}

fn groups_are_the_truth(bench: &Workbench, truth: &Value) {
    for currency in ["USD", "EUR"] {
        let by_category = ask_all_costs(bench, &["--by", "provider,charge_category"], currency);
        let expected = told(&truth["categories"], currency, &["provider", "charge_category"]);
        assert_eq!(answered(&by_category), expected, "charge categories in {currency}");
        let by_service = ask_all_costs(bench, &["--by", "provider,service"], currency);
        let expected = told(&truth["services"], currency, &["provider", "service"]);
        assert_eq!(answered(&by_service), expected, "services in {currency}");
        // Some resources spell their tags in another case, which is another key; the truth knows whose they are.
        let by_tag = ask_all_costs(bench, &["--by", "provider,tag:application,tag:Application"], currency);
        let mut found: BTreeMap<Vec<Option<String>>, Vec<Decimal>> = BTreeMap::new();
        for (keys, costs) in answered(&by_tag) {
            let [provider, usual, other] = <[_; 3]>::try_from(keys).unwrap();
            let sums = found.entry(vec![provider, usual.or(other)]).or_insert_with(|| vec![Decimal::ZERO; COSTS.len()]);
            sums.iter_mut().zip(costs).for_each(|(sum, cost)| *sum += cost);
        }
        let expected = told(&truth["applications"], currency, &["provider", "application"]);
        assert_eq!(found, expected, "applications in {currency}, those without one among them");
    }
}

fn the_other_currency_is_named_and_not_added(bench: &Workbench) {
    let refused = bench.qd(&["ask"]);
    assert_eq!(refused.status, Some(2), "nobody said which currency: {}", refused.stdout);
    assert!(refused.stderr.contains("the engagement holds EUR, USD"), "{}", refused.stderr);
    let dollars = bench.json(&["ask", "--currency", "USD"]);
    let notes = dollars["notes"].as_array().unwrap();
    let note = notes.iter().find(|note| note["code"] == "other_currencies").unwrap();
    assert!(note["message"].as_str().unwrap().contains("EUR"), "{note}");
    let euros = bench.json(&["ask", "--currency", "EUR"]);
    assert_eq!(euros["currency"], "EUR");
    let in_euros = euros["evidence"]["charges"].as_u64().unwrap();
    assert!(
        note["message"]
            .as_str()
            .unwrap()
            .starts_with(&format!("{} charges", money::group_digits(&in_euros.to_string()))),
        "all of them are counted: {note}"
    );
    let count = bench.value("SELECT count(*) FROM charge");
    assert_eq!(dollars["evidence"]["charges"].as_u64().unwrap() + in_euros, count.parse::<u64>().unwrap());
}

fn invoices_match_but_for_two(bench: &Workbench, truth: &Value) {
    let invoices = sample_data("invoices.csv");
    let output = bench.qd(&["--format", "json", "reconcile", "--invoices", invoices.to_str().unwrap()]);
    assert_eq!(output.status, Some(3), "two differ, so there is something to look at: {}", output.stderr);
    let found = output.json();
    assert_eq!(
        (&found["matched"], &found["explained"], &found["open"]),
        (&json!(58), &json!(1), &json!(1)),
        "{}",
        output.stderr
    );
    let lines = found["invoices"].as_array().unwrap();
    for exception in truth["invoice_exceptions"].as_array().unwrap() {
        let line = lines.iter().find(|line| line["invoice_id"] == exception["invoice_id"]).unwrap();
        assert_eq!(line["status"], "difference", "{}", exception["reason"]);
        let apart = decimal(line["difference"].as_str().unwrap());
        assert_eq!(apart, decimal(exception["invoice_less_charges"].as_str().unwrap()), "{}", exception["reason"]);
    }
    let again = bench.qd(&["--format", "json", "reconcile"]);
    assert_eq!(again.json(), found, "the invoices given before are kept");
}

fn a_pack_is_the_same_bytes_and_figures(bench: &Workbench) {
    let build = |out: &str| {
        let out = bench.path(out);
        bench.json(&["pack", "build", "qbr", "--as-of", "2026-10-05", "--out", out.to_str().unwrap()])
    };
    let (first, second) = (build("first"), build("second"));
    let hashes =
        |built: &Value| built.as_array().unwrap().iter().map(|file| file["sha256"].clone()).collect::<Vec<_>>();
    assert_eq!(hashes(&first), hashes(&second), "equal data and dates give equal bytes");
    let path = |form: &str| {
        let files = first.as_array().unwrap();
        files.iter().find(|file| file["format"] == form).unwrap()["path"].as_str().unwrap().to_owned()
    };
    assert!(std::fs::read(path("pdf")).unwrap().starts_with(b"%PDF-"), "the other form is a PDF");
    let book = workbook::read(&std::fs::read(path("xlsx")).unwrap());
    assert!(book.parts.contains_key("xl/workbook.xml"), "the other form is a workbook");
    let numbers: Vec<Decimal> = book
        .sheets
        .values()
        .flat_map(|cells| cells.values())
        .filter_map(|cell| Decimal::from_str_exact(cell.number.as_deref()?).ok())
        .collect();
    let asked = bench.json(&["ask", "--measure", "billed,effective", "--period", "2026-Q3", "--currency", "USD"]);
    for cost in ["billed_cost", "effective_cost"] {
        let exact = decimal(asked["total"][cost].as_str().unwrap());
        let stands = numbers.iter().any(|number| (number - exact).abs() < decimal("0.005"));
        assert!(stands, "the {cost} that `qd ask` gives, {exact}, stands in the workbook");
    }
    let id = asked["evidence"]["id"].as_str().unwrap();
    assert_eq!(id.len(), 12, "an evidence id is short");
    let texts: Vec<&str> =
        book.sheets.values().flat_map(|cells| cells.values()).filter_map(|cell| cell.text.as_deref()).collect();
    let ids = texts.iter().filter(|text| text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_hexdigit())).count();
    assert!(ids > 3, "the figures carry the ids of their evidence");
}

/// A quotient as the product shows it: six decimals, half to even.
fn quotient(part: Decimal, whole: Decimal) -> Decimal {
    (part / whole).round_dp_with_strategy(6, rust_decimal::RoundingStrategy::MidpointNearestEven)
}

fn orders_cost_by_region_what_the_truth_says(bench: &Workbench, truth: &Value) {
    let metrics = sample_data("metrics.csv");
    let taken = bench.json(&["metrics", "import", metrics.to_str().unwrap()]);
    assert_eq!(taken["files"][0]["rows"], taken["files"][0]["counted"], "every row of the sample counts");
    let mut orders: BTreeMap<(String, String), Decimal> = BTreeMap::new();
    for one in truth["metrics"].as_array().unwrap().iter().filter(|one| one["metric"] == "orders") {
        let key = (one["month"].as_str().unwrap().to_owned(), one["region"].as_str().unwrap().to_owned());
        orders.insert(key, decimal(one["total"].as_str().unwrap()));
    }
    let costs = bench.json(&[
        "sql",
        "SELECT strftime(charge_period_start, '%Y-%m'), region_id, sum(effective_cost)::VARCHAR FROM charge
         WHERE billing_currency = 'USD' AND region_id IS NOT NULL GROUP BY ALL",
    ]);
    let mut expected: BTreeMap<(String, String), [Option<Decimal>; 3]> =
        orders.iter().map(|(key, units)| (key.clone(), [None, Some(*units), None])).collect();
    for row in costs["rows"].as_array().unwrap() {
        let key = (row[0].as_str().unwrap().to_owned(), row[1].as_str().unwrap().to_owned());
        let cost = decimal(row[2].as_str().unwrap());
        let units = orders.get(&key).copied();
        expected.insert(key, [Some(cost), units, units.map(|units| quotient(cost, units))]);
    }
    let reply = bench.json(&["unit-cost", "orders", "--by", "region", "--currency", "USD"]);
    let found: BTreeMap<(String, String), [Option<Decimal>; 3]> = reply["rows"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|row| {
            let key = (row["time"].as_str()?.to_owned(), row["key"].as_str()?.to_owned());
            Some((key, ["cost", "units", "unit_cost"].map(|name| row[name].as_str().map(decimal))))
        })
        .collect();
    assert_eq!(found, expected, "cost, orders and cost per order of each region and month");
    assert!(found.values().filter(|figures| figures[2].is_some()).count() >= 4 * 15, "four regions have both");
    let verdict = |reply: &Value| reply["total"]["elasticity"]["significance"].clone();
    assert_eq!(verdict(&reply), "too_few_periods", "fifteen months claim nothing");
    let daily = bench.json(&["unit-cost", "orders", "--currency", "USD", "--grain", "day"]);
    assert_eq!(verdict(&daily), "significant");
}

fn key_figures_are_sums_of_charges(bench: &Workbench) {
    let sum = |cost: &str, condition: &str| {
        let sql = format!("SELECT sum({cost})::VARCHAR FROM charge WHERE billing_currency = 'USD' AND {condition}");
        decimal(&bench.value(&sql))
    };
    let coverable = "charge_category = 'Usage' AND (commitment_discount_status = 'Used'
         OR (pricing_category = 'Standard' AND commitment_discount_status IS NULL AND EXISTS (
            SELECT 1 FROM charge c WHERE c.commitment_discount_status = 'Used' AND c.billing_currency = 'USD'
            AND c.provider = charge.provider AND c.service_name = charge.service_name AND c.pricing_unit = charge.pricing_unit)))";
    let no_purchase = "NOT (charge_category = 'Purchase' AND commitment_discount_category IS NOT NULL)";
    let (used, unused) = ("commitment_discount_status = 'Used'", "commitment_discount_status = 'Unused'");
    let paid = sum("effective_cost", coverable) + sum("effective_cost", unused);
    let (at_contracted, at_list) = (sum("contracted_cost", coverable), sum("list_cost", coverable));
    let contracted = sum("contracted_cost", no_purchase);
    let all = sum("effective_cost", "true");
    let reply = bench.json(&["kpis", "--currency", "USD"]);
    let kpi = |id: &str| reply["kpis"].as_array().unwrap().iter().find(|kpi| kpi["id"] == id).unwrap().clone();
    let value = |id: &str| decimal(kpi(id)["value"].as_str().unwrap());
    let rates: Vec<Decimal> = kpi("effective_savings_rate")["variants"]
        .as_array()
        .unwrap()
        .iter()
        .map(|variant| decimal(variant["value"].as_str().unwrap()))
        .collect();
    let expected = [
        quotient(at_contracted - paid, at_contracted),
        quotient(contracted - sum("effective_cost", no_purchase), contracted),
        quotient(sum("greatest(list_cost - effective_cost, 0)", no_purchase), sum("list_cost", no_purchase)),
        quotient(at_list - paid, at_list),
    ];
    assert_eq!(rates, expected, "the effective savings rate by four definitions");
    assert_eq!(value("total"), all);
    assert_eq!(value("run_rate"), quotient(all, Decimal::from(457)), "over all days of the fifteen months");
    assert_eq!(value("commitment_coverage"), quotient(sum("contracted_cost", used), at_contracted));
    let spent = sum("effective_cost", used);
    assert_eq!(value("commitment_utilisation"), quotient(spent, spent + sum("effective_cost", unused)));
    assert_eq!(value("commitment_waste"), sum("effective_cost", unused));
    let team = sum("effective_cost", "json_extract_string(tags, '/team') <> ''");
    assert_eq!(value("tag_coverage:team"), quotient(team, all));
    let estimate = kpi("month_estimate")["not_applicable"].as_str().unwrap().to_owned();
    assert!(estimate.contains("2026-09 is loaded whole"), "what is known is not estimated: {estimate}");
}
