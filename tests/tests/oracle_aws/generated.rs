//! Made-up reports with every line item type: in each of their forms the engine has what the oracle reads out of the rows.

use testsupport::Workbench;
use testsupport::container::gzip;

use crate::PROGRAM;
use crate::engine::compare;
use crate::maker::{legacy, parquet, rows, second_version, with_athena_names};
use crate::report::Report;

const ROWS: usize = 160;

/// Loads the file and compares what became of it with the oracle's reading of `report`.
#[track_caller]
fn agrees(name: &str, bytes: &[u8], report: &Report) {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write(name, bytes)]);
    let charges = compare(&bench, 1, report, &[]);
    assert!(charges.len() > ROWS / 2, "most rows make charges");
    assert_eq!(
        bench.value(
            "SELECT count(*) FROM (SELECT region_id FROM charge GROUP BY 1 HAVING count(DISTINCT region_name) > 1)"
        ),
        "0"
    );
}

#[test]
fn legacy_csv() {
    for seed in 0..4 {
        let report = legacy(&rows(seed, ROWS));
        agrees("report.csv", &report.delimited(b',', "", true), &report);
    }
}

#[test]
fn csv_with_the_names_of_athena() {
    for seed in 4..6 {
        let report = legacy(&rows(seed, ROWS));
        agrees("report.csv.gz", &gzip(&with_athena_names(&report).delimited(b',', "", true)), &report);
    }
}

#[test]
fn hive_text() {
    for seed in 6..8 {
        let report = legacy(&rows(seed, ROWS));
        agrees("000000_0", &with_athena_names(&report).delimited(1, "\\N", true), &report);
    }
}

#[test]
fn parquet_with_the_names_of_athena() {
    for seed in 8..10 {
        let report = legacy(&rows(seed, ROWS));
        agrees("report.snappy.parquet", &parquet(&with_athena_names(&report)), &report);
    }
}

#[test]
fn the_second_version_with_maps_as_json_texts() {
    for seed in 10..12 {
        let report = legacy(&rows(seed, ROWS));
        agrees("report.csv", &second_version(&report).delimited(b',', "", true), &report);
    }
}

#[test]
fn the_second_version_with_maps() {
    for seed in 12..14 {
        let report = legacy(&rows(seed, ROWS));
        agrees("report.snappy.parquet", &parquet(&second_version(&report)), &report);
    }
}
