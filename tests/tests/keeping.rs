//! What leaves the workbench as files, and what the analyst keeps in the engagement: exports, views, annotations.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::fs;

use serde_json::{Value, json};
use testsupport::{Bill, Workbench, decimal, parquet_file, workbook};

const HOSTILE: &str = "=cmd|' /C calc'!A0";

fn bench() -> Workbench {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let bill = Bill::new()
        .charge(&[("BilledCost", "1.500000000001")])
        .charge(&[("ServiceName", HOSTILE), ("BilledCost", "20.25")])
        .charge(&[("ServiceName", "@Credits"), ("ChargeCategory", "Credit"), ("BilledCost", "-2")]);
    let _report = bench.loaded(&[bench.write("january.csv", bill.csv())]);
    bench
}

/// Writes the services to a file and gives where it lies.
fn exported(bench: &Workbench, name: &str) -> std::path::PathBuf {
    let path = bench.path(name);
    let output = bench.qd(&["--quiet", "ask", "--by", "service", "--out", path.to_str().unwrap()]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert_eq!(output.stdout.trim_end(), path.to_str().unwrap(), "the file is named on stdout");
    path
}

#[test]
fn an_answer_as_csv_has_no_formula() {
    let bench = bench();
    let sheet = decimal::Sheet::open(&exported(&bench, "services.csv"));
    assert_eq!(sheet.columns().collect::<Vec<_>>(), ["service", "billed_cost", "billed_cost_share", "currency"]);
    let names: Vec<&str> = sheet.column("service").collect();
    assert_eq!(
        names,
        [format!("'{HOSTILE}").as_str(), "Virtual Machines", "'@Credits"],
        "text that begins like a formula is told from one"
    );
    assert_eq!(sheet.sum("billed_cost"), decimal::decimal("19.750000000001"), "every digit");
}

#[test]
fn an_answer_as_a_workbook_is_text_and_numbers() {
    let bench = bench();
    let workbook = workbook::read(&fs::read(exported(&bench, "services.xlsx")).unwrap());
    let table = &workbook.sheets["Table"];
    assert!(table.values().all(|cell| cell.formula.is_none()), "no cell is a formula");
    assert_eq!(table["A2"].text.as_deref(), Some(HOSTILE), "text as it was billed");
    assert_eq!(table["B2"].number.as_deref(), Some("20.25"));
    let about: Vec<&str> = workbook.sheets["About"].values().filter_map(|cell| cell.text.as_deref()).collect();
    assert!(about.iter().any(|line| line.starts_with("Evidence ")), "it says where it comes from: {about:?}");
    assert!(about.contains(&"Total of Billed cost: 19.750000000001"), "{about:?}");
}

#[test]
fn an_answer_as_parquet_keeps_every_digit() {
    let bench = bench();
    let path = exported(&bench, "services.parquet");
    let rows = parquet_file::rows(&path, &["service", "billed_cost"]);
    assert_eq!(rows[0][0].as_deref(), Some(HOSTILE));
    let sum: rust_decimal::Decimal = rows.iter().map(|row| decimal::decimal(row[1].as_deref().unwrap())).sum();
    assert_eq!(sum, decimal::decimal("19.750000000001"));
    assert!(bench.leftovers().is_empty(), "nothing is left behind: {:?}", bench.leftovers());
}

#[test]
fn an_unknown_ending_and_a_missing_folder_are_told() {
    let bench = bench();
    for (name, word) in [("services.doc", "ending"), ("nowhere/services.csv", "nowhere")] {
        let path = bench.path(name);
        let output = bench.qd(&["ask", "--by", "service", "--out", path.to_str().unwrap()]);
        assert!(output.status != Some(0) && output.stderr.contains(word), "{name}: {}", output.stderr);
        assert!(!path.exists());
    }
}

fn names(views: &Value) -> Vec<&str> {
    views["views"].as_array().unwrap().iter().map(|view| view["name"].as_str().unwrap()).collect()
}

#[test]
fn views_are_kept_replaced_and_removed() {
    let bench = bench();
    let link = "quarterdeck://view/explore?cost=effective_cost&split=service";
    let saved = bench.json(&["views", "save", "March by service", link]);
    assert_eq!(saved["views"][0]["address"], "/explore?cost=effective_cost&split=service");
    let text = fs::read_to_string(bench.engagement().join("views/march-by-service.toml")).unwrap();
    assert!(text.contains("name = \"March by service\""), "a person can read it: {text}");
    let _second = bench.json(&["views", "save", "=A1 \u{1f600}", "/explore"]);
    let replaced = bench.json(&["views", "save", "march BY service", "/explore?top=5"]);
    assert_eq!(names(&replaced), ["=A1 \u{1f600}", "march BY service"], "a name is one view, whatever its case");
    for (name, address) in [("", "/explore"), ("x", "https://example.com"), ("x", "/explore\nname = 2")] {
        assert_eq!(bench.qd(&["views", "save", name, address]).status, Some(1), "{name:?} {address:?} is refused");
    }
    fs::write(bench.engagement().join("views/spoilt.toml"), "name = ").unwrap();
    let listed = bench.qd(&["--format", "json", "views"]);
    assert_eq!(listed.status, Some(3), "a spoilt file is told, the others are listed");
    assert_eq!(names(&listed.json()).len(), 2);
    fs::remove_file(bench.engagement().join("views/spoilt.toml")).unwrap();
    let left = bench.json(&["views", "delete", "March by service"]);
    assert_eq!(names(&left), ["=A1 \u{1f600}"]);
    assert_eq!(bench.qd(&["views", "delete", "March by service"]).status, Some(1), "what is gone cannot be removed");
}

#[test]
fn annotations_stand_on_days_and_on_values() {
    let bench = bench();
    let _day = bench.json(&["annotations", "add", "Price change", "--day", "2026-01-14"]);
    let all = bench.json(&["annotations", "add", "Asked the \"owner\"", "--dimension", "service", "--value", HOSTILE]);
    assert_eq!(
        all,
        json!([
            { "id": 1, "day": "2026-01-14", "text": "Price change" },
            { "id": 2, "dimension": "service", "value": HOSTILE, "text": "Asked the \"owner\"" },
        ])
    );
    assert_eq!(bench.qd(&["annotations", "add", "On nothing"]).status, Some(2), "it is on a day or on a value");
    assert_eq!(bench.qd(&["annotations", "add", "x", "--dimension", "no such"]).status, Some(1));
    let left = bench.json(&["annotations", "delete", "1"]);
    assert_eq!(left.as_array().unwrap().len(), 1);
    assert_eq!(bench.qd(&["annotations", "delete", "1"]).status, Some(1));
    fs::write(bench.engagement().join("annotations.toml"), "[[annotation]]\nid = 1\ntext = \"on nothing\"\n").unwrap();
    let spoilt = bench.qd(&["annotations"]);
    assert!(spoilt.status == Some(1) && spoilt.stderr.contains("annotations.toml"), "{}", spoilt.stderr);
}

#[test]
fn the_console_has_documented_views() {
    let bench = bench();
    let whole = "SELECT sum(billed_cost) FROM charge";
    for view in ["charges", "daily", "loads"] {
        let statement = format!("SELECT sum(billed_cost) FROM {view}");
        assert_eq!(
            decimal::decimal(&bench.value(&statement)),
            decimal::decimal(&bench.value(whole)),
            "{view} holds every charge once"
        );
    }
    assert_eq!(bench.value("SELECT count(*) FROM allocated"), "0", "there is nothing allocated in the bill");
    assert_eq!(bench.value("SELECT sum(charges) FROM daily"), "3");
    let own = bench.value("WITH daily AS (SELECT 7 AS n) SELECT n FROM daily");
    assert_eq!(own, "7", "a name that the statement gives itself is its own");
}

#[test]
fn a_bad_statement_is_told_with_its_place() {
    let bench = bench();
    for (statement, words) in [
        ("SELECT nope,\n billed_cost FROM charge", "line 1, column 8"),
        ("SELECT billed_cost\nFORM charge x y", "line 2"),
        ("SELECT 1 +\n  sum(nope) FROM charge", "line 2, column 7"),
    ] {
        let output = bench.qd(&["sql", statement]);
        assert!(output.stderr.contains(words), "{statement}: {}", output.stderr);
    }
    let none = bench.json(&["sql", "SELECT billed_cost FROM charge WHERE false"]);
    assert_eq!(none["columns"][0]["name"], "billed_cost", "the columns are known where there is no row");
}
