//! Azure's cost details a second time: row by row, slowly, with another reader, another decimal type and Microsoft's own tables.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod bill;
mod drawn;
mod oracle;
mod together;
mod traps;

use std::collections::{BTreeMap, BTreeSet};

use bill::{Agreement, Bill, Report};
use oracle::Oracle;
use serde_json::Value;
use testsupport::{Workbench, shared_data};

/// An engagement of its own.
pub fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

/// Loads one file and compares every charge with what the oracle makes of its row.
pub fn compare(bytes: &[u8], name: &str) {
    let bench = bench();
    let report = bench.loaded(&[bench.write(name, bytes)]);
    assert_eq!(report["rejected_rows"], 0, "{name}: no row is refused");
    let expected = Oracle::new().charges(bytes);
    let columns: BTreeSet<&str> = expected.iter().flat_map(|charge| charge.keys().copied()).collect();
    let columns: Vec<&str> = columns.into_iter().collect();
    let loaded = charges(&bench, &columns);
    assert_eq!(loaded.len(), expected.len(), "{name}: one charge for each row");
    for (at, (loaded, expected)) in loaded.iter().zip(&expected).enumerate() {
        for (column, value) in expected {
            let found = oracle::comparable(loaded[column].as_deref());
            let value = oracle::comparable(value.as_deref());
            assert_eq!(found, value, "{name}, row {}, {column}", at + 1);
        }
    }
}

/// All charges in the order of the file, as text.
fn charges<'a>(bench: &Workbench, columns: &[&'a str]) -> Vec<BTreeMap<&'a str, Option<String>>> {
    let list = columns.iter().map(|column| format!("{column}::VARCHAR")).collect::<Vec<_>>().join(", ");
    let sql = format!("SELECT {list} FROM charge ORDER BY source_row, part");
    let found = bench.json(&["sql", &sql, "--limit", "100000"]);
    let text = |value: &Value| value.as_str().map(str::to_owned);
    let rows = found["rows"].as_array().unwrap();
    rows.iter().map(|row| columns.iter().copied().zip(row.as_array().unwrap().iter().map(text)).collect()).collect()
}

#[test]
fn the_real_files_agree_charge_by_charge() {
    for file in [
        "finops-toolkit/EA_ActualCost_Small.csv",
        "finops-toolkit/EA_AmortizedCost_Small.csv",
        "focus_converters/sample-anonymous-ea-export-dataset.csv",
        "generated/nise/costreport_27680f11-513d-4937-8f76-4ac5f73cbf2b.csv",
        "opencost-azure/headersets/Enterprise.csv",
        "opencost-azure/headersets/EnterpriseCamel.csv",
        "opencost-azure/headersets/German.csv",
        "opencost-azure/headersets/PayAsYouGo.csv",
    ] {
        let path = shared_data(file);
        compare(&std::fs::read(&path).unwrap(), &path.file_name().unwrap().to_string_lossy());
    }
}

#[test]
fn generated_bills_agree_charge_by_charge() {
    for (seed, agreement) in [(11, Agreement::Enterprise), (12, Agreement::Customer), (13, Agreement::PayAsYouGo)] {
        let bill = Bill::generate(seed, agreement, 300);
        for report in [Report::Actual, Report::Amortised] {
            compare(&bill.csv(report), &format!("{agreement:?}-{report:?}.csv"));
        }
    }
}
