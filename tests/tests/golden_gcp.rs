//! A month of a Google Cloud billing export as a public generator writes it, through the command line, to the last digit. The figures
//! were added up by another program with sixty digits. And Google's FOCUS view over its export, whose credits are beside the costs.

use serde_json::{Value, json};
use testsupport::{Bill, Workbench, container, shared_data};

const AUGUST: &str = "generated/nise/gcp_202608_b25511b8-0b0e-469c-b720-af2358dea47f_2026-08-01_2026-09-01.csv.gz";

/// Each cost rounded to 18 decimals; without rounding it is 36.99458709760260798512.
const COST: &str = "36.994587097602608";

#[test]
fn a_generated_month_comes_out_to_the_last_digit() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let report = bench.loaded(&[shared_data(AUGUST)]);
    let load = &report["loads"][0];
    assert_eq!(load["format"], "gcp");
    assert_eq!(load["format_version"], "standard");
    assert_eq!(load["provider"], "Google Cloud");
    assert_eq!(load["billing_period"], "2026-08-01", "a Pacific month has its own name, whatever the hour in UTC");
    assert_eq!(load["rows"], 8_928, "a row is a charge: the file has no credits");
    for cost in ["billed", "effective", "contracted", "list"] {
        assert_eq!(load[cost], COST, "the load tells its {cost} cost");
    }
    let rounded = load["rounded"].as_array().unwrap();
    let of = |column: &str| rounded.iter().find(|one| one["column"] == column).map(|one| one["count"].clone());
    assert_eq!(of("BilledCost"), Some(744.into()), "each cost of twenty decimals is told");
    assert_eq!(of("PricingQuantity"), Some(3.into()));
    for (sql, expected) in [
        ("sum(consumed_quantity)", "115036409290004041.03014360438"),
        ("sum(pricing_quantity)", "47128506415.744799155823444891"),
        ("sum(billed_cost) FILTER (service_name = 'Cloud Storage')", "7.4369692"),
        ("sum(billed_cost) FILTER (service_name = 'Red Hat® OpenShift® Container Platform')", "7.2283905"),
        ("sum(billed_cost) FILTER (sub_account_id IS NULL)", "0"),
        ("count(*) FILTER (sub_account_id = 'issue-fly-second')", "4464"),
        ("count(DISTINCT sku_id)", "26"),
        ("count(*) FILTER (json_extract_string(tags, '$.\"project/foo\"') = 'bar')", "4464"),
        ("count(*) FILTER (tags LIKE '%compute.googleapis.com/cores%')", "1634"),
        ("count(*) FILTER (region_id = 'us-central1' AND region_name = 'Iowa')", "8928"),
        ("count(*) FILTER (charge_category = 'Usage' AND pricing_category = 'Standard')", "8928"),
    ] {
        let found = bench.value(&format!("SELECT coalesce({sql}, 0)::VARCHAR FROM charge"));
        // More digits than the other decimal type has.
        let found = if found.contains('.') { found.trim_end_matches('0').trim_end_matches('.') } else { &found };
        assert_eq!(found, expected, "{sql}");
    }
    let answer = bench.json(&["ask", "--measure", "billed,charges", "--period", "2026-08"]);
    assert_eq!(answer["total"]["billed_cost"], COST);
    assert_eq!(answer["total"]["charges"], "8928");
}

#[test]
fn the_same_month_as_json_is_the_same_month() {
    let plain = container::gunzip(&shared_data(AUGUST));
    let mut reader = csv::Reader::from_reader(plain.as_slice());
    let header = reader.headers().unwrap().clone();
    let mut lines = String::new();
    for record in reader.records() {
        // Every field as a text at the top, under its dotted name: what is JSON in it stays a text.
        let fields: serde_json::Map<String, serde_json::Value> =
            header.iter().zip(&record.unwrap()).map(|(name, field)| (name.to_owned(), field.into())).collect();
        lines += &serde_json::to_string(&fields).unwrap();
        lines.push('\n');
    }
    let state = "SELECT concat_ws(' ', count(*), sum(billed_cost), bit_xor(hash(c))) FROM
                 (SELECT * EXCLUDE (load_id, file_id) FROM charge) c";
    let csv = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    csv.loaded(&[csv.write("august.csv", &plain)]);
    let json = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    json.loaded(&[json.write("august.json.gz", container::gzip(lines.as_bytes()))]);
    assert_eq!(json.value(state), csv.value(state), "every column of every charge is the same");
}

/// Google's view as BigQuery writes it to CSV.
fn view() -> Bill {
    Bill::new()
        .usual("ProviderName", "Google Cloud")
        .usual("ServiceName", "Compute Engine")
        .usual("BillingPeriodStart", "2026-02-01 08:00:00 UTC")
        .usual("BillingPeriodEnd", "2026-02-28 08:00:00 UTC")
        .usual("ChargeCategory", "usage")
        .usual("x_CostType", "regular")
        .usual("x_Credits", "[]")
        .usual("x_ServiceId", "6F81")
}

fn cost(billed: &'static str, effective: &'static str, contracted: &'static str) -> [(&'static str, &'static str); 3] {
    [("BilledCost", billed), ("EffectiveCost", effective), ("ContractedCost", contracted)]
}

const CREDITS: &str = r#"[{"name":"CUD","full_name":"Committed use discount","type":"COMMITTED_USAGE_DISCOUNT","amount":"-3.25"},
    {"name":"Trial","full_name":null,"type":"PROMOTION","amount":"-1.0000000001"},{"name":"Deal","type":"DISCOUNT","amount":"-0.5"}]"#;

#[test]
fn googles_view_has_its_credits_beside_the_costs() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let credits = [("x_Credits", CREDITS)];
    let bill = view().charge(&[cost("10", "10", "10").as_slice(), &credits].concat()).charge(&cost("4", "4", "4"));
    let _report = bench.loaded(&[bench.write("view.csv", bill.csv())]);
    let found = bench.json(&[
        "sql",
        "SELECT source_row::VARCHAR, part::VARCHAR, charge_category, charge_description, trim(billed_cost::VARCHAR, '0'),
                trim(effective_cost::VARCHAR, '0'), trim(contracted_cost::VARCHAR, '0')
         FROM charge ORDER BY source_row, part",
    ]);
    let rows: Vec<&Value> = found["rows"].as_array().unwrap().iter().collect();
    assert_eq!(rows[0].as_array().unwrap()[..3], [json!("1"), json!("0"), json!("Usage")]);
    let costs: Vec<Vec<&str>> =
        rows.iter().map(|row| (4..7).map(|at| row[at].as_str().unwrap().trim_end_matches('.')).collect()).collect();
    assert_eq!(
        costs[0],
        ["6.25", "6.25", "9.5"],
        "discounts on use come off it, negotiated ones off the contracted cost"
    );
    assert_eq!(
        rows[1].as_array().unwrap()[1..4],
        [json!("2"), json!("Credit"), json!("Trial")],
        "a promotion is a charge"
    );
    assert_eq!(costs[1], ["-1.0000000001"; 3]);
    assert_eq!(costs[2], ["4"; 3], "a row without credits is as it is");
    assert_eq!(rows.len(), 3);
    assert_eq!(
        bench.json(&["ask", "--measure", "billed"])["total"]["billed_cost"],
        "9.2499999999",
        "14 less 4.7500000001"
    );
    let source = bench.json(&["source", "1.1.2"]);
    let mapped = source["mapped"].as_array().unwrap().iter().find(|cell| cell["column"] == "ChargeCategory").unwrap();
    assert_eq!(mapped["expression"], "'Credit'");
}

/// The other way to write the view: billed and effective cost have their credits in them already.
#[test]
fn googles_view_after_credits_is_left_as_it_is() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let bill =
        view().charge(&[cost("5.2499999999", "5.2499999999", "10").as_slice(), &[("x_Credits", CREDITS)]].concat());
    let _report = bench.loaded(&[bench.write("view.csv", bill.csv())]);
    let total = bench.json(&["ask", "--measure", "billed,effective,charges"])["total"].clone();
    assert_eq!(
        (&total["billed_cost"], &total["charges"]),
        (&json!("5.2499999999"), &json!("1")),
        "no credit counts twice"
    );
    let kept = bench.value("SELECT extra->>'x_Credits' FROM charge");
    assert!(kept.contains("PROMOTION"), "and the credits stay to be looked at: {kept}");
}
