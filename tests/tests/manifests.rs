//! What a manifest said stays with the loads that came by it, and what was passed over says why, for programs too.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod desk;

use std::path::Path;

use desk::Desk;
use serde_json::{Value, json};
use testsupport::container::{gzip, tar_of, zip};
use testsupport::decimal::Sheet;
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");
const FIRST: &str = "1b9d6bcd-bbfd-4b2d-9b5d-ab8dfbbd4bed";
const SECOND: &str = "9c858901-8a57-4791-81fe-4c455b099bc9";
const ROOT: &str = "pre/hourly/20260101-20260201";

fn bench() -> Workbench {
    Workbench::new(PROGRAM)
}

/// One charge of January a day, up to `last`.
fn january(last: u32) -> Vec<u8> {
    let day = |day: u32| format!("2026-01-{day:02}T00:00:00Z");
    let charge =
        |bill: Bill, at: u32| bill.charge(&[("ChargePeriodStart", &day(at)), ("ChargePeriodEnd", &day(at + 1))]);
    (1..=last).fold(Bill::new(), charge).csv()
}

fn cur(assembly: &str, files: &[&str]) -> String {
    json!({
        "assemblyId": assembly, "account": "100", "reportName": "hourly", "bucket": "bills", "columns": [],
        "billingPeriod": { "start": "20260101T000000.000Z", "end": "20260201T000000.000Z" },
        "reportKeys": files.iter().map(|file| format!("{ROOT}/{assembly}/{file}")).collect::<Vec<_>>(),
    })
    .to_string()
}

fn codes(report: &Value, list: &str) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let name = |file: &Value| text(file).rsplit('/').next().unwrap().to_owned();
    let files = report[list].as_array().unwrap();
    let mut codes: Vec<_> = files.iter().map(|file| (name(&file["file"]), text(&file["code"]))).collect();
    codes.sort();
    codes
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(file, code)| ((*file).to_owned(), (*code).to_owned())).collect()
}

#[test]
fn the_manifest_of_a_cost_and_usage_report_is_kept() {
    let bench = bench();
    for (assembly, last) in [(FIRST, 8), (SECOND, 20)] {
        let _part = bench.write(&format!("{ROOT}/{assembly}/hourly-1.csv"), january(last));
        let _copy = bench.write(&format!("{ROOT}/{assembly}/hourly-Manifest.json"), cur(assembly, &["hourly-1.csv"]));
    }
    let root = bench.write(&format!("{ROOT}/hourly-Manifest.json"), cur(SECOND, &["hourly-1.csv"]));
    let report = bench.loaded(&[bench.path("pre")]);
    assert_eq!(codes(&report, "skipped"), pairs(&[(FIRST, "not_in_manifest")]));
    let kept = json!([{
        "path": root,
        "kind": "AWS Cost and Usage Report",
        "report": "100/bills/hourly",
        "period": "2026-01-01",
        "delivery": SECOND,
        "submitted": "",
        "files": [format!("{ROOT}/{SECOND}/hourly-1.csv")],
        "passed_over": [bench.path(&format!("{ROOT}/{FIRST}/hourly-1.csv"))],
    }]);
    assert_eq!(report["loads"][0]["manifests"], kept, "the load says how it came");
    assert_eq!(bench.json(&["loads"])[0]["manifests"], kept, "later, too");
    let again = bench.loaded(&[bench.path("pre")]);
    assert!(codes(&again, "skipped").contains(&("hourly-1.csv".to_owned(), "already_loaded".to_owned())), "{again}");
    assert_eq!(bench.json(&["loads"])[0]["manifests"], kept, "and once");
    // A month without a manifest has none; the month before keeps its own when it is replaced.
    let _report = bench.loaded(&[bench.write("alone.csv", january(25))]);
    let loads = bench.json(&["loads", "--all"]);
    let manifests: Vec<(&Value, usize)> = loads
        .as_array()
        .unwrap()
        .iter()
        .map(|load| (&load["state"], load["manifests"].as_array().unwrap().len()))
        .collect();
    assert_eq!(manifests, [(&json!("current"), 0), (&json!("superseded"), 1)]);
}

/// The indented line beneath a load, in its words up to the file that was passed over.
fn told(of: &str, by: &str) -> String {
    let named = "names 1 file; passed over for it: ";
    format!("\n    AWS Cost and Usage Report, delivery {SECOND}: {named}{of}/{ROOT}/{FIRST}/{by}\n")
}

#[test]
fn how_a_load_came_is_told_in_text_and_in_csv() {
    let bench = bench();
    for (assembly, last) in [(FIRST, 8), (SECOND, 20)] {
        let _part = bench.write(&format!("{ROOT}/{assembly}/hourly-1.csv"), january(last));
    }
    let _root = bench.write(&format!("{ROOT}/hourly-Manifest.json"), cur(SECOND, &["hourly-1.csv"]));
    let files = bench.path("");
    let line = told(files.to_str().unwrap().trim_end_matches('/'), "hourly-1.csv");
    let output = bench.qd(&["--format", "table", "load", bench.path("pre").to_str().unwrap()]);
    assert!(output.stdout.ends_with(&line), "when it is loaded: {}", output.stdout);
    let alone = Bill::new().charge(&[("ProviderName", "Other Cloud")]);
    let _report = bench.loaded(&[bench.write("alone.csv", alone.csv())]);
    let output = bench.qd(&["--format", "table", "loads"]);
    assert!(output.stdout.contains(&line), "and later: {}", output.stdout);
    assert_eq!(output.stdout.matches("\n    ").count(), 1, "what came without a manifest has no line");
    let output = bench.qd(&["--format", "csv", "loads"]);
    let sheet = Sheet::read(output.stdout.as_bytes());
    let column = |name: &str| sheet.column(name).map(str::to_owned).collect::<Vec<_>>();
    let ours = column("provider").iter().position(|provider| provider != "Other Cloud").unwrap();
    for (name, value) in [
        ("delivery", SECOND),
        ("named_files", "1"),
        ("passed_over", bench.path(&format!("{ROOT}/{FIRST}/hourly-1.csv")).to_str().unwrap()),
    ] {
        assert_eq!(column(name)[ours], value, "{name}");
        assert_eq!(column(name)[1 - ours], "", "{name} of what came without");
    }
}

#[test]
fn a_dataset_beside_the_charges_keeps_its_manifest() {
    const LINES: &str = "InvoiceDetailId,InvoiceId,InvoiceIssueStatus,InvoiceIssuerName,BilledCost,BillingAccountId,BillingCurrency,\
                         BillingPeriodStart,BillingPeriodEnd,ChargeCategory\n\
                         1,INV-9,Issued,Example Cloud,7,100,USD,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,Usage\n";
    let bench = bench();
    for (assembly, lines) in [(FIRST, LINES.replace(",7,", ",5,")), (SECOND, LINES.to_owned())] {
        let _part = bench.write(&format!("{ROOT}/{assembly}/lines.csv"), lines);
    }
    let root = bench.write(&format!("{ROOT}/hourly-Manifest.json"), cur(SECOND, &["lines.csv"]));
    let _charges = bench.write("january.csv", january(8));
    let report = bench.loaded(&[bench.path("pre"), bench.path("january.csv")]);
    let kept = json!([{
        "path": root,
        "kind": "AWS Cost and Usage Report",
        "report": "100/bills/hourly",
        "period": "2026-01-01",
        "delivery": SECOND,
        "submitted": "",
        "files": [format!("{ROOT}/{SECOND}/lines.csv")],
        "passed_over": [bench.path(&format!("{ROOT}/{FIRST}/lines.csv"))],
    }]);
    assert_eq!(report["datasets"][0]["manifests"], kept, "the load says how it came");
    assert_eq!(bench.json(&["datasets"])[0]["manifests"], kept, "later, too");
    assert_eq!(bench.json(&["loads"])[1]["manifests"], kept, "and where all loads are listed");
    assert_eq!(report["loads"][0]["manifests"], json!([]), "the charges came without");
    let files = bench.path("");
    let line = told(files.to_str().unwrap().trim_end_matches('/'), "lines.csv");
    for command in ["loads", "datasets"] {
        let output = bench.qd(&["--format", "table", command]);
        assert!(output.stdout.ends_with(&line), "{command}: {}", output.stdout);
    }
    let sheet = Sheet::read(bench.qd(&["--format", "csv", "datasets"]).stdout.as_bytes());
    assert_eq!(sheet.column("delivery").collect::<Vec<_>>(), [SECOND]);
    // A later delivery without a manifest has none; the one before keeps its own.
    let _report = bench.loaded(&[bench.write("later.csv", LINES.replace(",7,", ",8,"))]);
    let datasets = bench.json(&["datasets", "--all"]);
    let manifests: Vec<(&Value, usize)> = datasets
        .as_array()
        .unwrap()
        .iter()
        .map(|load| (&load["state"], load["manifests"].as_array().unwrap().len()))
        .collect();
    assert_eq!(manifests, [(&json!("current"), 0), (&json!("superseded"), 1)]);
}

#[test]
fn what_was_loaded_without_its_manifest_learns_of_it_later() {
    let bench = bench();
    let part = bench.write(&format!("{ROOT}/{FIRST}/hourly-1.csv"), january(8));
    let _report = bench.loaded(&[&part]);
    assert_eq!(bench.json(&["loads"])[0]["manifests"], json!([]));
    let _manifest = bench.write(&format!("{ROOT}/{FIRST}/hourly-Manifest.json"), cur(FIRST, &["hourly-1.csv"]));
    let _report = bench.loaded(&[bench.path("pre")]);
    let loads = bench.json(&["loads", "--all"]);
    assert_eq!(loads.as_array().unwrap().len(), 1, "the bill is loaded already");
    assert_eq!(loads[0]["manifests"][0]["delivery"], FIRST);
}

#[test]
fn the_run_of_an_azure_export_is_kept() {
    let bench = bench();
    let folder = format!("daily/20260101-20260131/{FIRST}");
    let _part = bench.write(&format!("{folder}/part_0_0001.csv"), january(9));
    let manifest = json!({
        "manifestVersion": "2024-04-01", "exportConfig": { "exportName": "daily", "type": "FocusCost", "dataVersion": "1.0" },
        "runInfo": { "runId": FIRST, "submittedTime": "2026-01-10T04:00:00Z", "startDate": "2026-01-01T00:00:00" },
        "blobs": [{ "blobName": format!("costs/{folder}/part_0_0001.csv") }],
    });
    let manifest = bench.write(&format!("{folder}/manifest.json"), manifest.to_string());
    let _report = bench.loaded(&[manifest]);
    let kept = bench.json(&["loads"])[0]["manifests"][0].clone();
    assert_eq!((&kept["delivery"], &kept["submitted"]), (&json!(FIRST), &json!("2026-01-10T04:00:00Z")));
    assert_eq!(
        (&kept["report"], &kept["kind"]),
        (&json!("daily/FocusCost/1.0"), &json!("Azure Cost Management export"))
    );
    assert_eq!(kept["passed_over"], json!([]));
}

#[test]
fn the_manifest_in_an_archive_is_kept() {
    let (old, new) = (gzip(&january(8)), gzip(&january(20)));
    let manifest = cur(SECOND, &["hourly-1.csv.gz"]);
    let names = [
        format!("{ROOT}/{FIRST}/hourly-1.csv.gz"),
        format!("{ROOT}/{SECOND}/hourly-1.csv.gz"),
        format!("{ROOT}/hourly-Manifest.json"),
        "logo.png".to_owned(),
    ];
    let files: [(&str, &[u8]); 4] =
        [(&names[0], &old), (&names[1], &new), (&names[2], manifest.as_bytes()), (&names[3], b"\x89PNG\r\n")];
    for (name, bytes) in [("bucket.zip", zip(&files)), ("bucket.tar", tar_of(&files))] {
        let bench = bench();
        let archive = bench.write(name, bytes);
        let report = bench.loaded(&[&archive]);
        let told = codes(&report, "skipped");
        assert_eq!(
            told.iter().filter(|(file, code)| file == FIRST && code == "not_in_manifest").count(),
            1,
            "{told:?}"
        );
        assert!(told.contains(&(format!("{name}!logo.png"), "archive_member".to_owned())), "{told:?}");
        let within = |member: &str| json!(format!("{}!{member}", archive.display()));
        let kept = bench.json(&["loads"])[0]["manifests"][0].clone();
        assert_eq!((&kept["path"], &kept["delivery"]), (&within(&names[2]), &json!(SECOND)));
        assert_eq!(kept["passed_over"], json!([within(&names[0])]));
    }
}

#[test]
fn what_was_not_loaded_says_why_for_programs() {
    let bench = bench();
    let _bill = bench.write("bills/a.csv", january(5));
    let _copy = bench.write("bills/b.csv", january(5));
    let _ledger = bench.write("bills/ledger.dat", "Day,Amount,What\n2026-01-01,3,Disk\n");
    let _text = bench.write("bills/read-me.csv", "Dear all, here they are\nThe end\n");
    let _empty = bench.write("bills/other-Manifest.json", cur(FIRST, &[]));
    let rows = String::from_utf8(january(5)).unwrap();
    let twice: String = rows.lines().map(|row| format!("{row},BilledCost\n")).collect();
    let _faulty = bench.write("bills/torn.csv", twice);
    let output = bench.qd(&["--format", "json", "load", bench.path("bills").to_str().unwrap()]);
    let report = output.json();
    let skipped = [
        ("b.csv", "same_content"),
        ("ledger.dat", "not_recognised"),
        ("other-Manifest.json", "manifest"),
        ("read-me.csv", "no_table"),
    ];
    assert_eq!(codes(&report, "skipped"), pairs(&skipped), "{report:#}");
    assert_eq!(codes(&report, "failed"), pairs(&[("torn.csv", "faulty_table")]), "{report:#}");
    // What makes a whole load fail says it too.
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    let error = desk.load(&[&bench.path("bills/ledger.dat")]).unwrap_err();
    assert_eq!(error["details"], json!({ "file": bench.path("bills/ledger.dat"), "code": "not_recognised" }));
    let _ledger = bench.write("strange/ledger.csv", "Day,Amount,What\n2026-01-01,3,Disk\n");
    let _text = bench.write("strange/notes.txt", "nothing");
    let error = desk.load(&[&bench.path("strange")]).unwrap_err();
    assert_eq!(error["code"], "nothing_to_load");
    let listed = json!({ "skipped": error["details"] });
    assert_eq!(codes(&listed, "skipped"), pairs(&[("ledger.csv", "not_recognised"), ("notes.txt", "no_table")]));
    drop(desk);
    let complaint = bench.qd(&["load", bench.path("strange").to_str().unwrap()]).stderr;
    assert!(complaint.contains("ledger.csv: none of the known formats"), "a person reads the same: {complaint}");
}
