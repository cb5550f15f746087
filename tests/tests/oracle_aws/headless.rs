//! Files without a header row: their columns from a schema beside them or from a known order, or not at all; never is a row of
//! charges taken for a header.

use serde_json::Value;
use testsupport::container::gzip;
use testsupport::{Workbench, shared_data};

use crate::PROGRAM;
use crate::engine::compare;
use crate::maker::{legacy, rows, second_version, with_athena_names};
use crate::report::Report;

const HIVE: u8 = 1;

/// The real Hive file.
fn real() -> Report {
    Report::csv(&shared_data("aws-well-architected-labs/BeforeCUR.gz"), HIVE)
}

/// The definition of a table of these columns, the last two of them partitions.
fn definition(report: &Report) -> String {
    let (partitions, own) = {
        let (own, partitions) = report.columns.split_at(report.columns.len() - 2);
        (partitions, own)
    };
    let list =
        |columns: &[String]| columns.iter().map(|name| format!("  `{name}` string")).collect::<Vec<_>>().join(",\n");
    format!(
        "CREATE EXTERNAL TABLE IF NOT EXISTS bills.report(\n{}\n)\nPARTITIONED BY (\n{}\n)\nROW FORMAT DELIMITED STORED AS TEXTFILE;\n",
        list(own),
        list(partitions)
    )
}

/// Loads a file that must be refused; nothing of it may be there afterwards.
#[track_caller]
fn refused(bench: &Workbench, name: &str, words: &[&str]) {
    let output = bench.load(&[bench.path(name)]);
    assert_eq!(output.status, Some(1), "{name} is refused: {}{}", output.stdout, output.stderr);
    for word in words {
        assert!(output.stderr.contains(word), "the message says {word:?}: {}", output.stderr);
    }
    assert_eq!(bench.value("SELECT count(*) FROM charge"), "0", "no row of it was taken");
}

#[test]
fn a_real_file_without_a_header_and_its_table_definition() {
    let report = real();
    let bench = Workbench::new(PROGRAM);
    let file = bench.write("000000_0.gz", gzip(&report.delimited(HIVE, "\\N", false)));
    refused(
        &bench,
        "000000_0.gz",
        &["looks like data, not like a header", "148 columns", "000000_0.gz.columns", "*.sql", "hint: "],
    );
    let _schema = bench.write("create-table.sql", definition(&report));
    let loaded = bench.loaded(&[file]);
    assert_eq!(loaded["loads"][0]["files"][0]["rows"], 7_850, "the first row is a charge like the others");
    assert!(loaded.to_string().contains("create-table.sql"), "where the names came from is told: {loaded}");
    let charges = compare(&bench, 1, &report, &[]);
    assert_eq!(charges.len(), 7_850);
    let source = bench.json(&["source", "1.1"]);
    assert_eq!(source["row"], 1);
    let cell = |source: &Value, column: &str| {
        let cells = source["cells"].as_array().unwrap();
        cells.iter().find(|cell| cell["column"] == column).map(|cell| cell["value"].clone()).unwrap_or_default()
    };
    let first = report.rows[0].first().cloned().flatten().unwrap();
    assert_eq!(cell(&source, "identity_line_item_id"), first, "the first row under the names of the table");
    let last = bench.json(&["source", "1.7850"]);
    assert_eq!(cell(&last, "identity_line_item_id"), report.rows[7_849].first().cloned().flatten().unwrap());
}

#[test]
fn names_written_by_hand_and_a_manifest() {
    let report = legacy(&rows(30, 60));
    let names = report.columns.join("\n");
    let manifest = {
        let column = |name: &String| {
            let (category, name) = name.split_once('/').unwrap();
            serde_json::json!({ "category": category, "name": name })
        };
        serde_json::json!({ "columns": report.columns.iter().map(column).collect::<Vec<_>>() }).to_string()
    };
    for (schema, text) in [("data.csv.columns", &names), ("data.columns", &names), ("report-Manifest.json", &manifest)]
    {
        let bench = Workbench::new(PROGRAM);
        let _schema = bench.write(schema, text);
        let _loaded = bench.loaded(&[bench.write("data.csv", report.delimited(b',', "", false))]);
        let _charges = compare(&bench, 1, &report, &[]);
    }
}

#[test]
fn schemas_that_do_not_agree_or_do_not_fit() {
    let report = with_athena_names(&legacy(&rows(31, 40)));
    let bench = Workbench::new(PROGRAM);
    let _file = bench.write("data.csv", report.delimited(b',', "", false));
    let _schema = bench.write("one.sql", definition(&report));
    let mut turned = report.clone();
    turned.columns.reverse();
    let _other = bench.write("two.sql", definition(&turned));
    refused(&bench, "data.csv", &["one.sql and two.sql", "not the same ones"]);
    let bench = Workbench::new(PROGRAM);
    let _file = bench.write("data.csv", report.delimited(b',', "", false));
    turned.columns.pop();
    let _schema = bench.write("short.sql", definition(&turned));
    refused(&bench, "data.csv", &["looks like data", "data.csv.columns"]);
}

/// The order of the columns of CUR 2.0 is known, and the rows bear it out.
#[test]
fn the_second_version_without_a_header() {
    let order =
        std::fs::read_to_string(testsupport::checkout().join("src-tauri/crates/intake/formats/aws-cur-order.toml"))
            .unwrap();
    let list = order.split("columns = [").nth(1).unwrap().split(']').next().unwrap();
    let names: Vec<&str> = list.split('"').skip(1).step_by(2).collect();
    let report = second_version(&legacy(&rows(32, 60)));
    // The rows in the order of the table, with an empty field for every column that they have no value for; as most reports,
    // without the columns of split costs, principals and users.
    let left_out = ["split_line_item", "line_item_iam", "line_item_user", "tags", "capacity_reservation"];
    let names: Vec<&str> =
        names.into_iter().filter(|name| !left_out.iter().any(|start| name.starts_with(start))).collect();
    let place =
        |name: &str| report.columns.iter().position(|column| crate::report::fold(column) == crate::report::fold(name));
    let ordered = Report {
        columns: names.iter().map(|name| (*name).to_owned()).collect(),
        rows: report
            .rows
            .iter()
            .map(|row| names.iter().map(|name| place(name).and_then(|place| row[place].clone())).collect())
            .collect(),
    };
    let bench = Workbench::new(PROGRAM);
    let loaded = bench.loaded(&[bench.write("part-00000.csv", ordered.delimited(b',', "", false))]);
    assert!(
        loaded.to_string().contains("AWS Cost and Usage Report 2.0"),
        "where the names came from is told: {loaded}"
    );
    let _charges = compare(&bench, 1, &ordered, &[]);
    let mut moved = ordered.clone();
    let currency = moved.columns.iter().position(|column| column == "line_item_currency_code").unwrap();
    moved.rows.iter_mut().for_each(|row| row.swap(currency, currency + 1));
    let bench = Workbench::new(PROGRAM);
    let _file = bench.write("part-00000.csv", moved.delimited(b',', "", false));
    refused(&bench, "part-00000.csv", &["looks like data", "rows do not fit"]);
}

#[test]
fn a_delivery_with_its_definition_in_the_folder_above() {
    let report = with_athena_names(&legacy(&rows(33, 50)));
    let bench = Workbench::new(PROGRAM);
    let _file = bench.write("delivery/2026-03/000000_0.gz", gzip(&report.delimited(HIVE, "\\N", false)));
    let _schema = bench.write("delivery/create-table.sql", definition(&report));
    let loaded = bench.loaded(&[bench.path("delivery")]);
    let skipped = loaded["skipped"].as_array().unwrap();
    assert!(skipped.iter().all(|file| file["file"].as_str().unwrap().ends_with("create-table.sql")), "{skipped:?}");
    let _charges = compare(&bench, 1, &report, &[]);
}

/// The trap as it was met: without a header, one row stood as the names of the columns and the others as charges.
#[test]
fn no_row_becomes_a_header_silently() {
    let csv = legacy(&rows(34, 50));
    let athena = with_athena_names(&csv);
    for (name, bytes) in [
        ("report.csv", csv.delimited(b',', "", false)),
        ("report.csv.gz", gzip(&csv.delimited(b',', "", false))),
        ("000000_0", athena.delimited(HIVE, "\\N", false)),
        ("report.tsv", csv.delimited(b'\t', "", false)),
    ] {
        let bench = Workbench::new(PROGRAM);
        let _file = bench.write(name, bytes);
        refused(&bench, name, &["looks like data, not like a header", "Looked for were a schema", "hint: "]);
    }
}
