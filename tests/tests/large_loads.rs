//! Loads that are larger than the engine's memory: they are sorted in stretches, and nothing of them is lost.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use store::{Definition, Engagement, Limits, LoadOptions, Watch};
use testsupport::Bill;

/// Charges of each month. With the memory below, the engine sorts them neither at once nor, by itself, from disk.
const CHARGES: usize = 125_000;
const MEMORY_MIB: u32 = 200;

/// A bill of one month, its charges of many services and with texts and tags that differ.
fn month(from: &str, to: &str) -> String {
    let bill = Bill::new()
        .usual("BillingPeriodStart", from)
        .usual("BillingPeriodEnd", to)
        .usual("ChargePeriodStart", from)
        .usual("ChargePeriodEnd", to)
        .usual("ServiceName", "{service}")
        .usual("ResourceId", "{resource}")
        .usual("ChargeDescription", "{text}")
        .usual("Tags", "{tags}")
        .usual("BilledCost", "0.01")
        .charge(&[]);
    let text = String::from_utf8(bill.csv()).unwrap();
    let (header, row) = text.split_once('\n').unwrap();
    let mut whole = format!("{header}\n");
    for number in 0..CHARGES {
        let row = row
            .replace("{service}", &format!("Service {}", number * 7919 % 50))
            .replace("{resource}", &format!("arn:resource/{:032x}", number * 7919))
            .replace("{text}", &format!("{:0>300}", number * 104_729))
            .replace("{tags}", &format!("\"{{\"\"team\"\":\"\"team-{}\"\"}}\"", number % 500));
        whole.write_str(&row).unwrap();
    }
    whole
}

fn engagement(folder: &Path) -> Engagement {
    let definition = Definition {
        name: "Large".to_owned(),
        currency: "USD".parse().unwrap(),
        fiscal_year_start: 1,
        tag_keys: vec!["team".to_owned()],
        applicability: std::collections::BTreeMap::new(),
        settings: std::collections::BTreeMap::new(),
    };
    Engagement::create(&folder.join("engagement"), &definition, Limits { memory_mib: MEMORY_MIB, threads: 2 }).unwrap()
}

#[test]
fn two_months_that_fill_the_memory_are_taken_in_whole() {
    let folder = tempfile::tempdir().unwrap();
    let files: Vec<PathBuf> = [("2026-01", "2026-02"), ("2026-02", "2026-03")]
        .iter()
        .map(|(from, to)| {
            let path = folder.path().join(format!("{from}.csv"));
            std::fs::write(&path, month(&format!("{from}-01T00:00:00Z"), &format!("{to}-01T00:00:00Z"))).unwrap();
            path
        })
        .collect();
    let engagement = engagement(folder.path());
    let options = LoadOptions {
        reader: PathBuf::from(env!("CARGO_BIN_EXE_qd-under-test")),
        keep_source: false,
        provider: None,
        settings: std::collections::BTreeMap::new(),
        mappings: Vec::new(),
        memory_mib: 512,
        now: "2026-03-05T00:00:00".parse().unwrap(),
    };
    let watch: Arc<Watch> = Watch::new();
    let report = engagement.load(&files, &options, &watch).unwrap();
    assert_eq!((report.loads.len(), report.rejected_rows), (2, 0), "{report:?}");
    let found = |sql: &str| store::rows::result_set(&engagement.run(sql, &watch).unwrap()).unwrap();
    let sums =
        found("SELECT count(*)::VARCHAR, sum(billed_cost)::VARCHAR, count(DISTINCT resource_id)::VARCHAR FROM charge");
    let text = format!("{sums:?}");
    assert!(
        text.contains("250000") && text.contains("2500.0") && text.contains("125000"),
        "every charge, once: {text}"
    );
    let cube = format!("{:?}", found("SELECT sum(charges)::VARCHAR FROM cube_service_day"));
    assert!(cube.contains("250000"), "and in the cubes: {cube}");
}
