//! Made-up reports with every line item type, in every form that such reports come in.

use std::collections::BTreeMap;

use proptest::prelude::*;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Map, Value};
use testsupport::parquet_file::{self, Column, Kind};

use crate::report::{Report, snake};

/// A row: fields by the names of the legacy report.
pub type Fields = BTreeMap<String, String>;

const TYPES: [&str; 20] = [
    "Usage",
    "Usage",
    "FlatRateSubscription",
    "DiscountedUsage",
    "SavingsPlanCoveredUsage",
    "SavingsPlanNegation",
    "SavingsPlanRecurringFee",
    "SavingsPlanUpfrontFee",
    "RIFee",
    "Fee",
    "Tax",
    "Credit",
    "Refund",
    "EdpDiscount",
    "PrivateRateDiscount",
    "BundledDiscount",
    "Discount",
    "SppDiscount",
    "CrossServiceDiscount",
    "SomethingNew",
];

const CODES: [(&str, &str); 5] = [
    ("AmazonEC2", "Amazon Elastic Compute Cloud"),
    ("AmazonS3", "Amazon Simple Storage Service"),
    ("AWSLambda", "AWS Lambda"),
    ("ComputeSavingsPlans", "Savings Plans for AWS Compute usage"),
    ("7h3k0example", "A product, \"sold\" by others"),
];

/// Columns that a report may be made without; each group is there or not.
const OPTIONAL: [&[&str]; 3] = [
    &[
        "lineItem/NetUnblendedCost",
        "lineItem/NetUnblendedRate",
        "reservation/NetEffectiveCost",
        "reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod",
        "reservation/NetUnusedRecurringFee",
        "savingsPlan/NetSavingsPlanEffectiveCost",
    ],
    &["splitLineItem/ParentResourceId", "splitLineItem/SplitCost"],
    &["bill/PayerAccountName", "lineItem/UsageAccountName"],
];

/// What a number is in a report that keeps types.
const DOUBLES: [&str; 21] = [
    "lineItem/NetUnblendedCost",
    "lineItem/NormalizedUsageAmount",
    "lineItem/UnblendedCost",
    "lineItem/UsageAmount",
    "pricing/publicOnDemandCost",
    "reservation/AmortizedUpfrontFeeForBillingPeriod",
    "reservation/EffectiveCost",
    "reservation/NetEffectiveCost",
    "reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/NetUnusedRecurringFee",
    "reservation/RecurringFeeForUsage",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedNormalizedUnitQuantity",
    "reservation/UnusedQuantity",
    "reservation/UnusedRecurringFee",
    "savingsPlan/NetSavingsPlanEffectiveCost",
    "savingsPlan/RecurringCommitmentForBillingPeriod",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
    "splitLineItem/SplitCost",
];

/// What the `product` map of CUR 2.0 holds; all other attributes have columns there too.
const IN_THE_MAP: [&str; 7] = [
    "product/ProductName",
    "product/databaseEngine",
    "product/instanceTypeFamily",
    "product/operatingSystem",
    "product/region",
    "product/servicename",
    "product/vcpu",
];

/// A number such as reports have, from whole to twelve decimals, now and then with an exponent.
fn number() -> impl Strategy<Value = String> {
    prop_oneof![
        4 => (0_i64..2_000_000, 0_u32..9).prop_map(|(digits, scale)| rust_decimal::Decimal::new(digits, scale).to_string()),
        1 => (1_u32..99_999, 4_u32..9).prop_map(|(digits, exponent)| {
            let digits = digits.to_string();
            format!("{}.{}E-{exponent}", &digits[..1], if digits.len() > 1 { &digits[1..] } else { "0" })
        }),
        1 => Just("0.0".to_owned()),
    ]
}

fn maybe<T: std::fmt::Debug + Clone>(value: impl Strategy<Value = T>) -> impl Strategy<Value = Option<T>> {
    prop::option::weighted(0.7, value)
}

/// A word that tests quoting: commas, quotes, letters beyond ASCII.
fn word() -> impl Strategy<Value = String> {
    prop_oneof![Just("prod".to_owned()), Just("a, b".to_owned()), "[a-zé\"'{}=:-]{1,12}".prop_map(|text| text)]
}

/// Fields that are numbers or nothing, whatever the line item type.
const NUMBERS: [&str; 20] = [
    "lineItem/NetUnblendedCost",
    "lineItem/NetUnblendedRate",
    "lineItem/NormalizedUsageAmount",
    "lineItem/UnblendedRate",
    "lineItem/UsageAmount",
    "pricing/publicOnDemandCost",
    "pricing/publicOnDemandRate",
    "reservation/EffectiveCost",
    "reservation/NetEffectiveCost",
    "reservation/NetUnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/NetUnusedRecurringFee",
    "reservation/UnusedAmortizedUpfrontFeeForBillingPeriod",
    "reservation/UnusedNormalizedUnitQuantity",
    "reservation/UnusedQuantity",
    "reservation/UnusedRecurringFee",
    "savingsPlan/NetSavingsPlanEffectiveCost",
    "savingsPlan/SavingsPlanEffectiveCost",
    "savingsPlan/TotalCommitmentToDate",
    "savingsPlan/UsedCommitment",
    "splitLineItem/SplitCost",
];

/// Fields that are words or nothing.
const WORDS: [&str; 17] = [
    "bill/InvoicingEntity",
    "lineItem/AvailabilityZone",
    "lineItem/LegalEntity",
    "lineItem/LineItemDescription",
    "lineItem/ResourceId",
    "pricing/RateCode",
    "pricing/RateId",
    "pricing/unit",
    "product/databaseEngine",
    "product/instanceTypeFamily",
    "product/operatingSystem",
    "product/sku",
    "product/vcpu",
    "resourceTags/aws:created_by",
    "resourceTags/user:cost_center",
    "resourceTags/user:env",
    "savingsPlan/OfferingType",
];

fn fields() -> impl Strategy<Value = Fields> {
    let numbers = prop::collection::vec(maybe(number()), NUMBERS.len());
    let words = prop::collection::vec(maybe(word()), WORDS.len());
    let place = prop::sample::select(vec!["", "us-east-1", "eu-central-1"]);
    let kinds = (prop::sample::select(&TYPES[..]), prop::sample::select(&CODES[..]), number(), any::<bool>());
    let signs = (0_u32..744, 0_u32..12, 0_usize..4, 0_usize..4, any::<u8>());
    (kinds, numbers, words, place, signs).prop_map(|((kind, code, cost, tax), numbers, words, place, signs)| {
        let (hour, special, plan, reservation, chance) = signs;
        let mut row = Fields::new();
        let mut set = |name: &str, value: &str| {
            if !value.is_empty() {
                row.insert(name.to_owned(), value.to_owned());
            }
        };
        NUMBERS.iter().zip(&numbers).for_each(|(name, value)| set(name, value.as_deref().unwrap_or_default()));
        WORDS.iter().zip(&words).for_each(|(name, value)| set(name, value.as_deref().unwrap_or_default()));
        let negative = matches!(kind, "Credit" | "Refund" | "SavingsPlanNegation") || kind.ends_with("Discount");
        set("lineItem/UnblendedCost", &if negative { format!("-{cost}") } else { cost.clone() });
        if let (true, Some(Some(net))) = (negative, numbers.first()) {
            set("lineItem/NetUnblendedCost", &format!("-{net}"));
        }
        set("lineItem/LineItemType", kind);
        set("lineItem/ProductCode", code.0);
        set("product/ProductName", if chance % 3 == 0 { "" } else { code.1 });
        set("product/servicename", if chance % 5 == 0 { code.1 } else { "" });
        set("product/regionCode", if chance % 2 == 0 { place } else { "" });
        set("product/region", place);
        set("bill/BillingEntity", if code.0.starts_with('7') { "AWS Marketplace" } else { "AWS" });
        set("bill/PayerAccountId", "000123456789");
        set("bill/PayerAccountName", "payer");
        set("lineItem/UsageAccountId", if chance % 2 == 0 { "011254002932" } else { "222222222222" });
        set("lineItem/UsageAccountName", if chance % 4 == 0 { "" } else { "team" });
        set("bill/InvoiceId", if chance % 4 == 1 { "" } else { "1234567890" });
        set("bill/BillingPeriodStartDate", "2026-03-01T00:00:00Z");
        set("bill/BillingPeriodEndDate", "2026-04-01T00:00:00Z");
        set("lineItem/CurrencyCode", "USD");
        set("pricing/currency", if negative { "" } else { "USD" });
        set("lineItem/TaxType", if tax && matches!(kind, "Tax" | "Refund") { "VAT" } else { "" });
        set("lineItem/UsageType", if special == 0 { "EU-SpotUsage:m5.large" } else { "EU-BoxUsage:m5.large" });
        set("lineItem/Operation", if special == 1 { "EKSPod-EC2" } else { "RunInstances" });
        set("splitLineItem/ParentResourceId", if special == 2 { "i-0a1b2c" } else { "" });
        if special == 1 || special == 2 {
            set("lineItem/UnblendedCost", if chance % 2 == 0 { "0.0" } else { "1" });
        }
        if kind == "Refund" && special == 3 {
            set("lineItem/LineItemDescription", "Refund for one-time fee for Savings Plan ID: 7, paid twice");
        }
        if plan > 0 && (kind.starts_with("SavingsPlan") || special == 4) {
            set("savingsPlan/SavingsPlanARN", &format!("arn:aws:savingsplans::000123456789:savingsplan/{plan}"));
        }
        if reservation > 0 && (matches!(kind, "DiscountedUsage" | "RIFee" | "Fee") || special == 5) {
            set(
                "reservation/ReservationARN",
                &format!("arn:aws:ec2:eu-central-1:000123456789:reserved-instances/{reservation}"),
            );
        }
        let (day, hour) = (hour / 24 + 1, hour % 24);
        if matches!(kind, "RIFee" | "Tax") {
            set("lineItem/UsageStartDate", "2026-03-01T00:00:00Z");
            set("lineItem/UsageEndDate", "2026-03-31T23:59:59Z");
        } else {
            set("lineItem/UsageStartDate", &format!("2026-03-{day:02}T{hour:02}:00:00Z"));
            set("lineItem/UsageEndDate", &format!("2026-03-{day:02}T{hour:02}:59:59Z"));
        }
        row
    })
}

/// Rows that are the same in every run, and others for every seed.
pub fn rows(seed: u8, count: usize) -> Vec<Fields> {
    let config = Config { failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]));
    let mut rows = prop::collection::vec(fields(), count).new_tree(&mut runner).unwrap().current();
    for (bit, group) in OPTIONAL.iter().enumerate() {
        if seed >> bit & 1 == 1 {
            rows.iter_mut().for_each(|row| row.retain(|name, _| !group.contains(&name.as_str())));
        }
    }
    rows
}

/// The legacy report of some rows: every column that some row has a value in, and those that a report cannot be without.
pub fn legacy(rows: &[Fields]) -> Report {
    let mut columns: Vec<String> = rows.iter().flat_map(BTreeMap::keys).cloned().collect();
    columns.sort();
    columns.dedup();
    let rows = rows.iter().map(|row| columns.iter().map(|column| row.get(column).cloned()).collect()).collect();
    Report { columns, rows }
}

/// A legacy name in the spelling of Athena and of CUR 2.0.
pub fn athena(name: &str) -> String {
    let (category, rest) = name.split_once('/').unwrap();
    let rest: String = snake(rest).chars().map(|letter| if letter.is_alphanumeric() { letter } else { '_' }).collect();
    format!("{}_{rest}", snake(category))
}

/// The same report with Athena's names.
pub fn with_athena_names(report: &Report) -> Report {
    Report { columns: report.columns.iter().map(|name| athena(name)).collect(), rows: report.rows.clone() }
}

/// The same rows as CUR 2.0: tags and most attributes of products in maps, here as JSON texts.
pub fn second_version(report: &Report) -> Report {
    let of_tags = |name: &str| name.starts_with("resourceTags/");
    let of_product = |name: &str| IN_THE_MAP.contains(&name);
    let plain: Vec<usize> = (0..report.columns.len())
        .filter(|at| !of_tags(&report.columns[*at]) && !of_product(&report.columns[*at]))
        .collect();
    let mut columns: Vec<String> = plain.iter().map(|at| athena(&report.columns[*at])).collect();
    columns.extend(["cost_category", "discount", "product", "resource_tags"].map(str::to_owned));
    let map = |row: &[Option<String>], belongs: &dyn Fn(&str) -> bool, key: &dyn Fn(&str) -> String| {
        let entries = report.columns.iter().zip(row).filter(|(column, _)| belongs(column));
        let entries =
            entries.filter_map(|(column, value)| Some((key(column.split_once('/')?.1), Value::String(value.clone()?))));
        Some(Value::Object(entries.collect::<Map<String, Value>>()).to_string())
    };
    let rows = report
        .rows
        .iter()
        .map(|row| {
            let mut fields: Vec<Option<String>> = plain.iter().map(|at| row[*at].clone()).collect();
            fields.push(Some(r#"{"team":"one"}"#.to_owned()));
            fields.push(Some("{}".to_owned()));
            fields.push(map(row, &of_product, &|name| snake(name)));
            fields.push(map(row, &of_tags, &|name| name.replace(':', "_")));
            fields
        })
        .collect();
    Report { columns, rows }
}

/// A report as Parquet with the types that AWS gives its columns.
pub fn parquet(report: &Report) -> Vec<u8> {
    let doubles: Vec<String> = DOUBLES.iter().map(|name| athena(name)).collect();
    let columns: Vec<Column> = report
        .columns
        .iter()
        .enumerate()
        .map(|(at, name)| {
            let kind = match name.as_str() {
                "cost_category" | "product" | "resource_tags" => Kind::Map,
                "discount" => Kind::DoubleMap,
                name if name.ends_with("start_date") || name.ends_with("end_date") => Kind::Milliseconds,
                name if doubles.iter().any(|double| double == name) => Kind::Double,
                _ => Kind::Text,
            };
            Column { name: name.clone(), kind, values: report.rows.iter().map(|row| row[at].clone()).collect() }
        })
        .collect();
    parquet_file::parquet(&columns)
}
