//! Traps of real exports that no format has to itself: each with a small file of its own. Those of one provider are beside its oracle
//! (`oracle_aws/traps.rs`, `oracle_azure/traps.rs`, `oracle_gcp`, `oracle_oci.rs`, `oracle_opencost.rs`, `focus_spellings.rs`), those
//! of delivery in `deliveries.rs` and `manifests.rs`, those of broken files in `bad_input.rs`.

use serde_json::json;
use testsupport::container::gzip;
use testsupport::{Bill, Workbench};

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

#[test]
fn floats_drift_where_many_small_costs_are_added() {
    const ROUNDS: usize = 500;
    // Tenths of a cent have no float; a large charge among small ones takes their last digits away.
    let costs = ["0.0001", "7978.186092097", "0.3", "0.0000000001"];
    let bill = (0..ROUNDS).flat_map(|_| costs).fold(Bill::new(), |bill, cost| bill.charge(&[("BilledCost", cost)]));
    let drifted: f64 = (0..ROUNDS).flat_map(|_| costs).map(|cost| cost.parse::<f64>().unwrap()).sum();
    let exact = "3989243.09604855";
    assert_ne!(format!("{drifted:.8}"), exact, "the file would not show a drift");
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let whole = bench.json(&["ask", "--period", "2026-01"]);
    assert_eq!(whole["total"]["billed_cost"], exact);
    let parts = bench.json(&["ask", "--period", "2026-01", "--by", "service"]);
    assert_eq!(parts["rows"], json!([["Virtual Machines", exact]]), "by whichever way it is added up: {parts}");
}

#[test]
fn floats_as_programs_print_them() {
    // Sixteen digits and an exponent are more decimals than are kept: the value is rounded, whatever its length, and that is told.
    let costs = [
        ("7.584649582774262e-05", "0.000075846495827743"),
        ("7.58464958277426e-05", "0.000075846495827743"),
        ("7.5846495827742e-05", "0.000075846495827742"),
        ("-1.234567890123456e-12", "-0.000000000001234568"),
        ("1.2345678901234567e-10", "0.000000000123456789"),
        ("9.332636185032189e-302", "0.000000000000000000"),
        ("1.2345678901234567e+02", "123.456789012345670000"),
    ];
    let bill =
        costs.iter().fold(Bill::new(), |bill, (text, _)| bill.charge(&[("BilledCost", text), ("ListCost", text)]));
    let bench = bench();
    let report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    assert_eq!(report["rejected_rows"], 0, "{report}");
    for column in ["billed_cost", "list_cost"] {
        let sql = format!("SELECT string_agg({column}::DECIMAL(38,18)::VARCHAR, ' ' ORDER BY source_row) FROM charge");
        let wanted: Vec<&str> = costs.iter().map(|(_, value)| *value).collect();
        assert_eq!(bench.value(&sql), wanted.join(" "), "{column}");
    }
    let rounded = bench.value("SELECT rounded FROM source_file");
    assert!(rounded.contains("[\"BilledCost\",5]"), "what lost decimals is counted: {rounded}");
}

#[test]
fn a_form_that_cannot_be_guessed_from_the_first_rows() {
    // One field of the last row alone is quoted with quotes in it; another tool's guess of the form refuses the file or splits it.
    let header = "invoiceId,billingAccountId,billingAccountName,billingPeriodStartDate,billingPeriodEndDate,date,meterId,meterCategory,\
                  subscriptionId,InstanceName,resourceLocation,quantity,unitOfMeasure,chargeType,billingCurrency,pricingCurrency,\
                  costInBillingCurrency,costInUsd,exchangeRatePricingToBilling,tags,unitPrice";
    let row = |name: &str, cost: &str, tags: &str| {
        format!(
            ",3c10,{name},03/01/2026,03/31/2026,03/04/2026,m-1,Storage,s-1,/subscriptions/s-1/one,eastus,0.0004,10K,Usage,USD,USD,\
             {cost},{cost},1.0,{tags},0.0040"
        )
    };
    let rows = [
        row("Example", "0.00000160", ""),
        row("\"Research, Content & Insights (734)\"", "0.000000144000000000000000", ""),
        row("Example", "0.000004", "\"{\"\"project\"\":\"\"p1, p2\"\"}\""),
    ];
    let bench = bench();
    let report = bench.loaded(&[bench.write("part.csv", format!("{header}\n{}\n", rows.join("\n")))]);
    assert_eq!((&report["loads"][0]["rows"], &report["rejected_rows"]), (&json!(3), &json!(0)), "{report}");
    assert_eq!(bench.value("SELECT sum(billed_cost)::DECIMAL(38,9)::VARCHAR FROM charge"), "0.000005744");
    let names = bench.value("SELECT string_agg(DISTINCT billing_account_name, ' | ' ORDER BY 1) FROM charge");
    assert_eq!(names, "Example | Research, Content & Insights (734)");
    assert_eq!(bench.value("SELECT max(tags->>'project') FROM charge"), "p1, p2");
}

#[test]
fn words_for_nothing_are_no_values_or_are_told() {
    let words = ["NULL", "null", "\\N", ""];
    let bill = words.iter().fold(Bill::new(), |bill, word| {
        bill.charge(&[("ChargeClass", word), ("RegionName", word), ("ListUnitPrice", word), ("ListCost", word)])
    });
    let bench = bench();
    let report = bench.loaded(&[bench.write("bill.csv", bill.charge(&[("RegionName", "None")]).csv())]);
    assert_eq!(report["rejected_rows"], 0, "a number that is not there is none: {report}");
    let kept =
        bench.value("SELECT concat_ws(' ', count(charge_class), count(region_name), count(list_cost)) FROM charge");
    assert_eq!(kept, "0 1 1", "what FOCUS has no word for is a value like any");
    let found = bench.json(&["check"]);
    let told = found.as_array().unwrap().iter().any(|one| one.to_string().contains("RegionName") && one["count"] == 1);
    assert!(told, "and that it says nothing is told: {found}");
}

#[test]
fn a_partial_month_has_its_fees_on_the_first_day() {
    // On the first day the month's tax and a commitment's fee are there whole, and of their use five days.
    let month = [("ChargePeriodStart", "2026-01-01T00:00:00Z"), ("ChargePeriodEnd", "2026-02-01T00:00:00Z")];
    let tax = [("ChargeCategory", "Tax"), ("BilledCost", "8"), ("EffectiveCost", "8")];
    let fee = [
        ("ChargeCategory", "Purchase"),
        ("ChargeFrequency", "Recurring"),
        ("BilledCost", "62"),
        ("EffectiveCost", "0"),
        ("CommitmentDiscountId", "plan-1"),
        ("CommitmentDiscountCategory", "Spend"),
        ("CommitmentDiscountType", "Savings Plan"),
    ];
    let until = |last: u32| {
        let begun = Bill::new().charge(&[&month[..], &tax[..]].concat()).charge(&[&month[..], &fee[..]].concat());
        (1..=last).fold(begun, |bill, day| {
            bill.charge(&[
                ("ChargePeriodStart", &format!("2026-01-{day:02}T00:00:00Z")),
                ("ChargePeriodEnd", &format!("2026-01-{:02}T00:00:00Z", day + 1)),
                ("BilledCost", "0"),
                ("EffectiveCost", "2"),
                ("CommitmentDiscountId", "plan-1"),
                ("CommitmentDiscountCategory", "Spend"),
                ("CommitmentDiscountType", "Savings Plan"),
                ("CommitmentDiscountStatus", "Used"),
            ])
        })
    };
    let bench = bench();
    for (last, effective) in [(5, "18"), (30, "68")] {
        let _report = bench.loaded(&[bench.write("bill.csv", until(last).csv())]);
        let total = bench.json(&["ask", "--measure", "billed,effective", "--period", "2026-01"])["total"].clone();
        assert_eq!(total["billed_cost"], "70", "after {last} days the fees count once, whole");
        assert_eq!(total["effective_cost"], effective, "and what was spread is what has come");
        let days = bench.json(&["ask", "--measure", "billed", "--grain", "day", "--period", "2026-01"]);
        assert_eq!(days["rows"][0], json!(["2026-01-01", "70"]), "on their first day");
        assert_eq!(days["rows"][1], json!(["2026-01-02", "0"]), "and on no other");
        let found = bench.json(&["check"]);
        let accused = found.as_array().unwrap().iter().any(|one| one["rule"] == "QD-COMMITMENT-COST");
        assert!(!accused, "a fee whose month is not over is not held against its use: {found}");
    }
}

#[test]
fn names_that_other_systems_cannot_make() {
    // Google's exports are named with a colon; a packed file may have no ending, or one that says nothing.
    let bill = Bill::of(2).csv();
    let files = [("gcp_2026-01-01:2026-02-01.csv", bill.clone()), ("part-00000", gzip(&bill)), ("bill.bin", bill)];
    for (name, bytes) in files {
        let bench = bench();
        let report = bench.loaded(&[bench.write(name, bytes)]);
        assert_eq!(report["loads"][0]["rows"], 2, "what is in {name} tells what it is");
        let evidence = bench.json(&["ask"])["evidence"].clone();
        assert_eq!(evidence["loads"][0]["file"], name, "and its name is kept as it is");
    }
}
