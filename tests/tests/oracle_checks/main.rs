//! The rules about single charges, run a second time: row by row over the file's own text, from the requirements model as it is
//! published, in code that shares nothing with the product. Each count that `qd check` tells is the count found here, and where it
//! tells nothing there is nothing to find.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod model;
mod ours;
mod row;
mod values;

use std::collections::{BTreeMap, BTreeSet};

use testsupport::decimal::Sheet;
use testsupport::{Bill, Workbench, shared_data};

use self::model::published;
use self::ours::{corrected, ours};
use self::row::{Row, rows_of};
use self::values::drawn_from;

/// The check's findings about charges by rule, those under another id's name included.
fn told(bench: &Workbench) -> BTreeMap<String, u64> {
    let findings = bench.json(&["check"]);
    let mut told = BTreeMap::new();
    for finding in findings.as_array().unwrap().iter().filter(|finding| finding["counted"] == "charges") {
        let ids = std::iter::once(&finding["rule"]).chain(finding["also"].as_array().unwrap());
        for id in ids {
            told.insert(id.as_str().unwrap().to_owned(), finding["count"].as_u64().unwrap());
        }
        let parts: u64 =
            finding["scopes"].as_array().unwrap().iter().map(|scope| scope["count"].as_u64().unwrap()).sum();
        assert_eq!(finding["count"], parts, "{}: the loads make up the whole", finding["rule"]);
    }
    told
}

/// Rules whose matter is more than one row; the row-by-row reading has nothing to say about them.
const ON_THE_BILL: [&str; 2] = ["QD-DUPLICATE-CHARGES", "QD-REPEATED-CHARGES"];

/// Which rules a file breaks in some row, and which some row keeps to which they speak.
#[derive(Default)]
struct Seen {
    broken: BTreeSet<String>,
    kept: BTreeSet<String>,
    asked: BTreeSet<String>,
}

/// Compares every rule.
fn compare(bench: &Workbench, sheet: &Sheet, what: &str) -> Seen {
    let header: BTreeSet<String> = sheet.columns().map(str::to_owned).collect();
    let rows = rows_of(sheet);
    let mut told = told(bench);
    told.retain(|id, _| !ON_THE_BILL.contains(&id.as_str()));
    let mut seen = Seen::default();
    for rule in published().into_iter().chain(corrected()).chain(ours()) {
        if !rule.columns.is_subset(&header) {
            assert_eq!(told.get(&rule.id), None, "{what}: {} speaks of a column that is not there", rule.id);
            continue;
        }
        let (kept, broken): (Vec<&Row>, Vec<&Row>) =
            rows.iter().filter(|row| (rule.applies)(row)).partition(|row| (rule.required)(row));
        let found = broken.len() as u64;
        assert_eq!(told.remove(&rule.id).unwrap_or(0), found, "{what}: {}", rule.id);
        if found > 0 {
            seen.broken.insert(rule.id.clone());
        }
        if !kept.is_empty() {
            seen.kept.insert(rule.id.clone());
        }
        seen.asked.insert(rule.id);
    }
    assert_eq!(told, BTreeMap::new(), "{what}: what is told and was not looked for here");
    seen
}

fn agrees(file: &str, least_broken: usize) {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let path = shared_data(file);
    let _report = bench.loaded(&[&path]);
    let broken = compare(&bench, &Sheet::open(&path), file).broken.len();
    assert!(broken >= least_broken, "{file} breaks {least_broken} rules at least, and {broken} were found");
}

#[test]
fn the_sample_of_the_foundation() {
    agrees("focus-sample-data/focus_sample.csv", 20);
}

#[test]
fn generated_months_of_aws() {
    agrees("generated/focus-data-toolkit/focus_1_2_cost_and_usage_aws.csv.gz", 0);
    agrees("generated/focus-data-toolkit/focus_1_3_cost_and_usage_aws.csv.gz", 0);
}

#[test]
fn generated_months_of_google() {
    agrees("generated/focus-data-toolkit/focus_1_2_cost_and_usage_gcp.csv.gz", 0);
    agrees("generated/focus-data-toolkit/focus_1_3_cost_and_usage_gcp.csv.gz", 0);
}

/// Columns of FOCUS 1.2 that the bills of these tests have beside those of 1.0, without a value unless one is drawn.
const LATER: [&str; 15] = [
    "BillingAccountType",
    "CapacityReservationId",
    "CapacityReservationStatus",
    "CommitmentDiscountQuantity",
    "CommitmentDiscountUnit",
    "InvoiceId",
    "PricingCurrency",
    "PricingCurrencyContractedUnitPrice",
    "PricingCurrencyEffectiveCost",
    "PricingCurrencyListUnitPrice",
    "ServiceSubcategory",
    "SkuMeter",
    "SkuPriceDetails",
    "SubAccountType",
    "x_Line",
];

/// Rules about columns without which a row is no charge: nothing unsound can be drawn for them.
const ALWAYS_THERE: [&str; 5] = [
    "BillingCurrency-C-002-M",
    "BillingCurrency-C-004-M",
    "BillingPeriodStart-C-003-M",
    "ChargePeriodStart-C-003-M",
    "ProviderName",
];

/// Numbers that look drawn and are the same every time (xorshift).
struct Draw(u64);

impl Draw {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).unwrap()
    }
}

#[test]
fn rows_drawn_from_sound_and_unsound_values() {
    let mut ever = Seen::default();
    for seed in 1..=4_u64 {
        let mut bill = Bill::new();
        for column in LATER {
            bill = bill.usual(column, "");
        }
        let columns = bill.records()[0].clone();
        let mut draw = Draw(seed.wrapping_mul(0x9E37_79B9_7F4A_7C15));
        for line in 0..400 {
            let mut fields: Vec<(&str, &str)> = columns
                .iter()
                .filter(|column| *column != "x_Line")
                .map(|column| (column.as_str(), drawn_from(column)[draw.below(drawn_from(column).len())]))
                .collect();
            let number = line.to_string();
            fields.push(("x_Line", &number));
            bill = bill.charge(&fields);
        }
        let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
        let path = bench.write("drawn.csv", bill.csv());
        let report = bench.loaded(&[&path]);
        assert_eq!(report["rejected_rows"], 0, "every drawn row is a charge");
        let seen = compare(&bench, &Sheet::open(&path), &format!("seed {seed}"));
        ever.broken.extend(seen.broken);
        ever.kept.extend(seen.kept);
        ever.asked.extend(seen.asked);
    }
    assert!(ever.asked.len() > 120, "the bills have nearly every column; {} rules were asked", ever.asked.len());
    let drawn_sound = |id: &&String| !ALWAYS_THERE.iter().any(|column| id.starts_with(column));
    let never_broken: Vec<&String> = ever.asked.difference(&ever.broken).filter(drawn_sound).collect();
    assert_eq!(never_broken, Vec::<&String>::new(), "each rule has a row that breaks it");
    assert_eq!(ever.asked.difference(&ever.kept).collect::<Vec<_>>(), Vec::<&String>::new(), "and a row that keeps it");
}
