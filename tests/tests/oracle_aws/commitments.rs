//! What a commitment costs is what was used of it and what was not: for each one, to the rounding of the bill.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use rust_decimal::Decimal;
use testsupport::decimal::decimal;
use testsupport::{Workbench, shared_data};

use crate::PROGRAM;
use crate::engine::compare;
use crate::maker::{Fields, legacy};

/// The tolerance per commitment: bills round each of their rows.
const APART_MAX: &str = "0.00001";

/// By commitment: what was paid, what was used, what was not used.
fn by_commitment(bench: &Workbench) -> BTreeMap<String, [Decimal; 3]> {
    let sum = |cost: &str, condition: &str| format!("coalesce(sum({cost}) FILTER ({condition}), 0)::VARCHAR");
    let found = bench.json(&[
        "sql",
        &format!(
            "SELECT commitment_discount_id, {}, {}, {} FROM charge WHERE commitment_discount_id IS NOT NULL GROUP BY 1 ORDER BY 1",
            sum("billed_cost", "charge_category = 'Purchase'"),
            sum("effective_cost", "commitment_discount_status = 'Used'"),
            sum("effective_cost", "commitment_discount_status = 'Unused'"),
        ),
    ]);
    let figures = |row: &serde_json::Value| [1, 2, 3].map(|at| decimal(row[at].as_str().unwrap()));
    found["rows"].as_array().unwrap().iter().map(|row| (row[0].as_str().unwrap().to_owned(), figures(row))).collect()
}

#[track_caller]
fn closes(commitments: &BTreeMap<String, [Decimal; 3]>) {
    for (id, [paid, used, unused]) in commitments {
        let apart = (paid - used - unused).abs();
        assert!(apart < decimal(APART_MAX), "{id}: {paid} paid, {used} used, {unused} not used");
    }
}

#[test]
fn every_commitment_of_the_generated_focus_months() {
    for (version, provider, count) in [("1_2", "aws", 452), ("1_3", "aws", 345), ("1_2", "gcp", 0), ("1_3", "gcp", 0)] {
        let bench = Workbench::new(PROGRAM);
        let file = format!("generated/focus-data-toolkit/focus_{version}_cost_and_usage_{provider}.csv.gz");
        let output = bench.load(&[shared_data(&file)]);
        assert!(matches!(output.status, Some(0 | 3)), "{}", output.stderr);
        let commitments = by_commitment(&bench);
        assert!(commitments.len() >= count, "{file} has {} commitments", commitments.len());
        assert!(!commitments.is_empty(), "{file} has commitments");
        closes(&commitments);
    }
}

/// A month of savings plans and reservations in which every hour of a commitment is cut at random into uses and a rest.
fn month(seed: u8) -> Vec<Fields> {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    // Ten-digit fractions of a dollar: the commitment of the hour, and how many thousandths of it each use takes.
    let hour = (1_i64..90_000_000_000, prop::collection::vec(0_u32..400, 0..4), 0_usize..3, any::<bool>());
    let hours = prop::collection::vec(hour, 120).new_tree(&mut runner).unwrap().current();
    let mut rows = Vec::new();
    for (number, (committed, uses, which, plan)) in hours.into_iter().enumerate() {
        let committed = Decimal::new(committed, 10);
        let mut left = committed;
        let (day, hour) = (number / 24 + 1, number % 24);
        let base = |kind: &str, cost: Decimal| -> Fields {
            let id = if plan {
                ("savingsPlan/SavingsPlanARN", format!("arn:aws:savingsplans::1:savingsplan/{which}"))
            } else {
                ("reservation/ReservationARN", format!("arn:aws:ec2:us-east-1:1:reserved-instances/{which}"))
            };
            [
                ("bill/BillingPeriodStartDate", "2026-03-01T00:00:00Z".to_owned()),
                ("bill/PayerAccountId", "000123456789".to_owned()),
                ("lineItem/CurrencyCode", "USD".to_owned()),
                ("lineItem/LineItemType", kind.to_owned()),
                ("lineItem/ProductCode", "AmazonEC2".to_owned()),
                ("lineItem/UnblendedCost", cost.to_string()),
                ("lineItem/UsageAmount", "1".to_owned()),
                ("lineItem/UsageStartDate", format!("2026-03-{day:02}T{hour:02}:00:00Z")),
                ("lineItem/UsageEndDate", format!("2026-03-{day:02}T{hour:02}:59:59Z")),
                id,
            ]
            .map(|(name, value)| (name.to_owned(), value))
            .into()
        };
        for thousandths in uses {
            let use_of_it = (committed * Decimal::new(i64::from(thousandths), 3)).round_dp(10).min(left);
            left -= use_of_it;
            let (kind, effective) = if plan {
                ("SavingsPlanCoveredUsage", "savingsPlan/SavingsPlanEffectiveCost")
            } else {
                ("DiscountedUsage", "reservation/EffectiveCost")
            };
            let on_demand = if plan { use_of_it * Decimal::TWO } else { Decimal::ZERO };
            let mut row = base(kind, on_demand);
            row.insert(effective.to_owned(), use_of_it.to_string());
            rows.push(row);
            if plan {
                rows.push(base("SavingsPlanNegation", -on_demand));
            }
        }
        let mut fee = base(if plan { "SavingsPlanRecurringFee" } else { "RIFee" }, committed);
        if plan {
            fee.insert("savingsPlan/TotalCommitmentToDate".to_owned(), committed.to_string());
            fee.insert("savingsPlan/UsedCommitment".to_owned(), (committed - left).to_string());
        } else {
            // The bill tells the rest of a reservation in two parts.
            let upfront = (left * Decimal::new(25, 2)).round_dp(10);
            fee.insert("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod".to_owned(), upfront.to_string());
            fee.insert("reservation/UnusedRecurringFee".to_owned(), (left - upfront).to_string());
        }
        rows.push(fee);
    }
    rows
}

#[test]
fn every_commitment_of_made_up_months() {
    for seed in 0..3 {
        let report = legacy(&month(seed));
        let bench = Workbench::new(PROGRAM);
        let _report = bench.loaded(&[bench.write("report.csv", report.delimited(b',', "", true))]);
        let _charges = compare(&bench, 1, &report, &[]);
        let commitments = by_commitment(&bench);
        assert_eq!(commitments.len(), 6, "three plans and three reservations");
        for (id, [paid, used, unused]) in &commitments {
            assert_eq!(*paid, used + unused, "{id} closes to the last digit");
        }
        let totals = bench.json(&["ask", "--measure", "billed,effective"]);
        let total = |cost: &str| decimal(totals["total"][cost].as_str().unwrap());
        assert_eq!(total("billed_cost"), total("effective_cost"), "and so does the month");
    }
}
