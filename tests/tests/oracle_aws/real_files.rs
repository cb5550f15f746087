//! Every real and generated Cost and Usage Report, charge by charge, and its totals as another program added them up.

use rust_decimal::Decimal;
use serde_json::Value;
use testsupport::decimal::decimal;
use testsupport::{Workbench, shared_data};

use crate::PROGRAM;
use crate::engine::compare;
use crate::oracle::Charge;
use crate::report::Report;

/// The columns that the oracle looks at, for files that are too large to read whole.
const READ: [&str; 55] = [
    "bill/BillingEntity",
    "bill/BillingPeriodEndDate",
    "bill/BillingPeriodStartDate",
    "bill/InvoiceId",
    "bill/InvoicingEntity",
    "bill/PayerAccountId",
    "lineItem/AvailabilityZone",
    "lineItem/CurrencyCode",
    "lineItem/LegalEntity",
    "lineItem/LineItemDescription",
    "lineItem/LineItemType",
    "lineItem/NormalizedUsageAmount",
    "lineItem/Operation",
    "lineItem/ProductCode",
    "lineItem/ResourceId",
    "lineItem/TaxType",
    "lineItem/UnblendedCost",
    "lineItem/UnblendedRate",
    "lineItem/UsageAccountId",
    "lineItem/UsageAmount",
    "lineItem/UsageEndDate",
    "lineItem/UsageStartDate",
    "lineItem/UsageType",
    "pricing/RateCode",
    "pricing/RateId",
    "pricing/currency",
    "pricing/publicOnDemandCost",
    "pricing/publicOnDemandRate",
    "pricing/unit",
    "product/ProductName",
    "product/region",
    "product/regionCode",
    "product/servicename",
    "product/sku",
    "reservation/EffectiveCost",
    "reservation/ReservationARN",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedNormalizedUnitQuantity",
    "reservation/UnusedQuantity",
    "reservation/UnusedRecurringFee",
    "savingsPlan/SavingsPlanARN",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
    "resource_tags_aws_autoscaling_group_name",
    "resource_tags_aws_created_by",
    "resource_tags_aws_ec2spot_fleet_request_id",
    "resource_tags_user_cost_center",
    "resource_tags_user_department",
    "resource_tags_user_environment",
    "resource_tags_user_name",
    "resource_tags_user_tag21_nov",
    "resource_tags_user_tier",
    "resource_tags_user_workload",
    "resource_tags_user_workload_type",
];

/// Billed, effective, contracted and list cost.
fn totals(charges: &[Charge]) -> [Decimal; 4] {
    ["billed_cost", "effective_cost", "contracted_cost", "list_cost"]
        .map(|column| charges.iter().map(|charge| charge.amount(column)).sum())
}

/// Loads one file, compares it with the oracle, and the oracle with `golden`: the totals as they were added up from the file by a
/// third program.
fn agrees(file: &str, report: &Report, golden: [&str; 4]) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[shared_data(file)]);
    let charges = compare(&bench, 1, report, &[]);
    assert_eq!(totals(&charges), golden.map(decimal), "the totals of {file}");
    bench
}

#[test]
fn october_of_2018_with_reservations() {
    let file = "aws-well-architected-labs/Oct2018-WorkshopCUR-00001.snappy.parquet";
    let report = Report::parquet(&shared_data(file), Some(&READ));
    let _bench = agrees(file, &report, ["4064.4831315379", "4195.9571093179", "4252.7283589875", "4237.6817354175"]);
}

#[test]
fn november_of_2018_with_two_columns_more() {
    let file = "aws-well-architected-labs/Nov2018-WorkshopCUR-00001.snappy.parquet";
    let report = Report::parquet(&shared_data(file), Some(&READ));
    let _bench = agrees(file, &report, ["3505.3269681268", "3632.5598464968", "3694.1829681268", "3671.199305967"]);
}

#[test]
fn hive_text_with_a_header() {
    let file = "aws-well-architected-labs/BeforeCUR.gz";
    let report = Report::csv(&shared_data(file), 1);
    let bench = agrees(file, &report, ["89.170632878", "89.170632878", "89.170632878", "89.2316424927"]);
    let zero_led = bench.value("SELECT count(*) FROM charge WHERE sub_account_id = '011254002932'");
    assert_eq!(zero_led, "1373", "the leading zero of an account stays");
}

#[test]
fn a_real_month_of_a_small_account() {
    let file = "focus_converters/sample-anonymous-aws-export-dataset.csv";
    let report = Report::csv(&shared_data(file), b',');
    let bench = agrees(file, &report, ["1.6823086974", "1.6823086974", "1.6823086974", "3.4361726949"]);
    assert_eq!(bench.value("SELECT count(*) FROM charge WHERE charge_category = 'Tax' AND sku_id IS NULL"), "12");
}

#[test]
fn a_generated_month() {
    let file = "generated/nise/aws_cur_August-2026-None-2.csv.gz";
    let report = Report::csv(&shared_data(file), b',');
    let _bench = agrees(file, &report, ["33087.570954134590592"; 4]);
}

/// The generator's savings plans have no id and no commitment, and its reserved usage has a word where its public price should be.
#[test]
fn a_generated_month_with_every_kind_of_commitment() {
    let file = "generated/nise/aws_cur_sep2026_sp_ri_static.csv.gz";
    let report = Report::csv(&shared_data(file), b',');
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[shared_data(file)]);
    assert_eq!(output.status, Some(3), "the words that stand for prices are told: {}", output.stderr);
    for cost in ["list cost", "contracted cost"] {
        assert!(
            output.stderr.contains(&format!("the {cost} of 696 rows cannot be read and is missing")),
            "{}",
            output.stderr
        );
    }
    let rejects = bench.json(&["rejects", "--limit", "10000"]);
    let told = |column: &str| -> Vec<u64> {
        let of = rejects.as_array().unwrap().iter().filter(|reject| reject["column"] == column);
        of.map(|reject| {
            assert_eq!(reject["kept"], true, "the row is a charge all the same");
            assert!(reject["value"].as_str().is_some_and(|value| value.contains("convertible")), "{reject}");
            reject["row"].as_u64().unwrap()
        })
        .collect()
    };
    let reserved = told("ListCost");
    assert_eq!(reserved.len(), 696, "all reserved usage, and nothing else");
    assert_eq!(told("ContractedCost"), reserved, "without a public price there is no contracted one either");
    let charges = compare(&bench, 1, &report, &[]);
    let [billed, effective, contracted, list] = totals(&charges);
    assert_eq!([billed, contracted, list], ["133.632", "133.632", "133.632"].map(decimal));
    assert_eq!(effective, decimal("113.448"), "the file says nothing of what the reserved usage cost");
    let sum = |category: &str, cost: &str| -> Decimal {
        charges
            .iter()
            .filter(|charge| charge.word("charge_category") == Some(category))
            .map(|charge| charge.amount(cost))
            .sum()
    };
    assert_eq!(sum("Purchase", "billed_cost"), decimal("66.816"), "the fees of the plans");
    assert_eq!(sum("Purchase", "effective_cost"), Decimal::ZERO, "which count as the use of others");
    let used: Decimal = charges
        .iter()
        .filter(|charge| charge.word("commitment_discount_type") != Some("Reserved Instance"))
        .filter(|charge| charge.word("pricing_category") == Some("Committed"))
        .map(|charge| charge.amount("effective_cost"))
        .sum();
    // Of the fees 20.184 were not used. The file has no commitment to date and no commitment used, so nothing can tell it.
    assert_eq!(sum("Purchase", "billed_cost") - used, decimal("20.184"));
    assert!(charges.iter().all(|charge| charge.part == 0), "and nothing is made up for it");
}

#[test]
fn the_same_rows_as_legacy_and_as_second_version_are_the_same_charges() {
    let of = |file: &str| {
        let bench = Workbench::new(PROGRAM);
        let report = bench.loaded(&[shared_data(file)]);
        let notes = report["loads"][0].to_string() + &report.to_string();
        assert!(notes.contains("every row counts as usage"), "what the file does not tell is told: {notes}");
        assert!(notes.contains("taken to be US dollars"), "{notes}");
        let charges = compare(&bench, 1, &Report::csv(&shared_data(file), b','), &[]);
        (charges, bench.json(&["ask", "--measure", "billed,effective,charges", "--by", "service"])["rows"].clone())
    };
    let (legacy, answer) = of("aws-cur-anonymize/sample-legacy-csv.csv");
    let (second, other) = of("aws-cur-anonymize/sample-cur20.csv");
    assert_eq!(legacy, second, "charge by charge");
    assert_eq!(answer, other, "and by service");
    assert_eq!(totals(&legacy)[..2], ["0.0652", "0.0652"].map(decimal));
}

/// A file of a connector that has both the columns of the legacy report and the maps of the second version. All its costs were
/// taken out of it.
#[test]
fn a_connectors_report_with_columns_and_maps() {
    let file = "fivetran/aws_cost_report.csv";
    let bench = Workbench::new(PROGRAM);
    let report = bench.loaded(&[shared_data(file)]);
    assert_eq!(report["rejected_rows"], 0, "{report}");
    let found = bench.json(&[
        "sql",
        "SELECT service_name, count(*)::VARCHAR, count(billed_cost)::VARCHAR FROM charge GROUP BY 1 ORDER BY 1",
    ]);
    let services: Vec<[&str; 3]> =
        found["rows"].as_array().unwrap().iter().map(|row| [0, 1, 2].map(|at| row[at].as_str().unwrap())).collect();
    let expected = [
        ["AWS CloudTrail", "5", "0"],
        ["AWS Data Transfer", "3", "0"],
        ["AWS Step Functions", "1", "0"],
        ["Amazon Elastic Compute Cloud", "8", "0"],
        ["Amazon Relational Database Service", "2", "0"],
        ["Amazon Virtual Private Cloud", "1", "0"],
    ];
    assert_eq!(services, expected, "the map names the service where the column is empty");
    let tags = bench.value("SELECT tags FROM charge WHERE tags IS NOT NULL ORDER BY source_row LIMIT 1");
    let tags: Value = serde_json::from_str(&tags).unwrap();
    assert_eq!(
        tags["user:unique_name"], "stoneker-rds.i-093303c0db9ad",
        "tags out of the map with their prefix: {tags}"
    );
}
