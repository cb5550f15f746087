//! Two real months of an AWS Cost and Usage Report, through the command line, to the last digit that is known of them.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde_json::Value;
use testsupport::decimal::decimal;
use testsupport::{Workbench, shared_data};

/// A month: its file, its rows, how many rows became two charges, and its sums. The exact ones were added up by another engine
/// from the texts of the file's numbers; the rounded ones are what was written down of the months before there was a program.
struct Month {
    file: &'static str,
    sha256: &'static str,
    period: &'static str,
    rows: u64,
    split_rows: u64,
    exact: [&'static str; 3],
    known: [&'static str; 3],
}

const COSTS: [&str; 3] = ["billed_cost", "effective_cost", "list_cost"];

const OCTOBER: Month = Month {
    file: "aws-well-architected-labs/Oct2018-WorkshopCUR-00001.snappy.parquet",
    sha256: "65b45dc92c5a959aad66a7414f75ae521fa10f3a1dbcc151d884af139e78acb7",
    period: "2018-10",
    rows: 119_307,
    split_rows: 3,
    exact: ["4064.4831315379", "4195.9571093179", "4237.6817354175"],
    known: ["4064.483132", "4195.957109", "4237.681735"],
};

const NOVEMBER: Month = Month {
    file: "aws-well-architected-labs/Nov2018-WorkshopCUR-00001.snappy.parquet",
    sha256: "57cd355ae2bf87fb222a224dd5f0a1e74b1ee45fb853a2b971bd07a01283da38",
    period: "2018-11",
    rows: 124_340,
    split_rows: 1,
    exact: ["3505.3269681268", "3632.5598464968", "3671.199305967"],
    known: ["3505.326968", "3632.559846", "3671.199306"],
};

#[test]
fn the_real_months_come_out_to_the_last_digit() {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    load(&bench, &OCTOBER);
    asked(&bench, &OCTOBER);
    let october_alone = bench.state();
    load(&bench, &NOVEMBER);
    asked(&bench, &OCTOBER);
    asked(&bench, &NOVEMBER);
    both_months_are_the_sum_of_each(&bench);
    a_commitment_is_used_or_unused_to_the_last_cent(&bench);
    a_charge_leads_to_its_row(&bench);
    assert_ne!(bench.state(), october_alone, "the second month is there beside the first");
    the_same_file_again_changes_nothing(&bench);
}

fn load(bench: &Workbench, month: &Month) {
    let report = bench.loaded(&[shared_data(month.file)]);
    assert_eq!(report["rejected_rows"], 0, "no row of a real month is refused");
    let load = &report["loads"][0];
    assert_eq!(load["files"][0]["rows"], month.rows, "every row of the file was read");
    assert_eq!(load["rows"], month.rows + month.split_rows, "the unused part of a reservation is a charge of its own");
    assert_eq!(load["files"][0]["sha256"], month.sha256, "the file is the one that the figures are known of");
    assert_eq!(load["billing_period"], format!("{}-01", month.period));
    assert_eq!(load["rounded"], Value::Array(vec![]), "every number of the file is kept whole");
    for (cost, exact) in ["billed", "effective", "list"].iter().zip(month.exact) {
        assert_eq!(load[cost], exact, "the load tells its {cost} cost");
    }
}

fn asked(bench: &Workbench, month: &Month) {
    let answer = bench.json(&["ask", "--measure", "billed,effective,list,charges", "--period", month.period]);
    for ((cost, exact), known) in COSTS.iter().zip(month.exact).zip(month.known) {
        let found = answer["total"][cost].as_str().unwrap();
        assert_eq!(found, exact, "{cost} of {}", month.period);
        let rounded = decimal(found).round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
        assert_eq!(rounded, decimal(known), "{cost} of {} as it was known before", month.period);
    }
    let evidence = &answer["evidence"];
    assert_eq!(evidence["charges"], month.rows + month.split_rows, "the evidence counts the charges");
    let loads = evidence["loads"].as_array().unwrap();
    assert_eq!(loads.len(), 1, "one load stands behind one month");
    assert_eq!(loads[0]["sha256"], month.sha256, "the evidence names the file by its content");
    assert_eq!(loads[0]["rows"], month.rows + month.split_rows, "and tells how much of it counts");
    let again = bench.json(&["sql", evidence["sql"].as_str().unwrap()]);
    let text = again.to_string();
    assert!(month.exact.iter().all(|exact| text.contains(exact)), "the evidence's statement gives the figures again");
}

fn both_months_are_the_sum_of_each(bench: &Workbench) {
    let arguments = ["ask", "--measure", "billed,effective,list", "--grain", "month", "--by", "service"];
    let answer = bench.json(&arguments);
    for (at, cost) in COSTS.iter().enumerate() {
        let sum = decimal(OCTOBER.exact[at]) + decimal(NOVEMBER.exact[at]);
        assert_eq!(decimal(answer["total"][cost].as_str().unwrap()), sum, "{cost} of both months");
        let rows = answer["rows"].as_array().unwrap();
        let parts: Decimal = rows.iter().filter_map(|row| row[2 + at].as_str()).map(decimal).sum();
        assert_eq!(parts, sum, "the services of the months add up to the {cost}");
    }
    assert_eq!(bench.json(&arguments), answer, "equal questions give equal bytes");
    assert_eq!(answer["evidence"]["loads"].as_array().unwrap().len(), 2, "both files stand behind it");
}

/// What a reservation costs in a month, its fee and its share of what was paid up front, is what its used and its unused part
/// come to. The bill rounds each row, so the two differ by its rounding.
fn a_commitment_is_used_or_unused_to_the_last_cent(bench: &Workbench) {
    let fee = "json_extract_string(extra, '$.reservation_amortized_upfront_fee_for_billing_period')";
    let found = bench.json(&[
        "sql",
        &format!(
            "SELECT commitment_discount_id, billing_period_start::DATE::VARCHAR,
                    coalesce(sum(billed_cost) FILTER (charge_category = 'Purchase'), 0)::VARCHAR,
                    coalesce(sum({fee}::DECIMAL(38,18)) FILTER (charge_category = 'Purchase'), 0)::VARCHAR,
                    sum(effective_cost) FILTER (charge_category = 'Usage')::VARCHAR
             FROM charge WHERE commitment_discount_id IS NOT NULL GROUP BY ALL ORDER BY ALL"
        ),
    ]);
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 18, "nine reservations in each month");
    let mut fees: BTreeMap<&str, (Decimal, Decimal)> = BTreeMap::new();
    for row in rows {
        let figure = |at: usize| decimal(row[at].as_str().unwrap());
        let (paid, covered) = (figure(2) + figure(3), figure(4));
        let apart = (paid - covered).abs();
        assert!(apart < decimal("0.00001"), "{} in {}: {paid} was paid, {covered} is covered", row[0], row[1]);
        let month = fees.entry(row[1].as_str().unwrap()).or_default();
        month.0 += paid;
        month.1 += covered;
    }
    let known: Vec<(Decimal, Decimal)> =
        fees.into_values().map(|(paid, covered)| (paid.round_dp(6), covered.round_dp(6))).collect();
    let expected = [("281.249352", "281.249357"), ("274.616877", "274.616878")]
        .map(|(paid, covered)| (decimal(paid), decimal(covered)));
    assert_eq!(known, expected, "the months as they were known before");
}

fn a_charge_leads_to_its_row(bench: &Workbench) {
    let source = bench.json(&["source", "1.1"]);
    let cell = |cells: &Value, column: &str| {
        let cells = cells.as_array().unwrap();
        cells.iter().find(|cell| cell["column"] == column).map_or(Value::Null, |cell| cell["value"].clone())
    };
    assert_eq!(source["available"], true, "the file is still where it was loaded from");
    assert_eq!(source["row"], 1);
    assert_eq!(source["sha256"], OCTOBER.sha256);
    let original = |column| cell(&source["cells"], column);
    assert_eq!(original("identity_line_item_id"), "2pjdt2wydwy4avxxkkt47ezbqeqz7yvszta3clfz6xufxcksscrq");
    assert_eq!(original("line_item_line_item_type"), "RIFee");
    assert_eq!(original("line_item_unblended_cost"), "22.32");
    assert_eq!(source["cells"].as_array().unwrap().len(), 124, "every column of the file, used or not");
    let mapped = |column| cell(&source["mapped"], column);
    assert_eq!(mapped("BilledCost"), "22.32", "the charge beside its source");
    assert_eq!(mapped("ChargeCategory"), "Purchase");
    let unused = bench.json(&["source", "1.1.1"]);
    assert_eq!(unused["cells"], source["cells"], "both charges of the row come from the same cells");
    assert_eq!(cell(&unused["mapped"], "CommitmentDiscountStatus"), "Unused");
    assert_eq!(cell(&unused["mapped"], "EffectiveCost"), "44.6569863", "the unused part of the reservation");
    let missing = bench.qd(&["source", "1.119308"]);
    assert_eq!(missing.status, Some(1), "there is no row after the last");
    assert!(missing.stderr.contains("there is no charge 1.119308"), "{}", missing.stderr);
}

fn the_same_file_again_changes_nothing(bench: &Workbench) {
    let before = bench.state();
    let report = bench.loaded(&[shared_data(OCTOBER.file)]);
    assert_eq!(report["loads"], Value::Array(vec![]), "nothing new was loaded");
    let reason = report["skipped"][0]["reason"].as_str().unwrap();
    assert_eq!(reason, "AWS 2018-10-01 is loaded already, byte for byte");
    assert_eq!(bench.state(), before, "and nothing changed");
}
