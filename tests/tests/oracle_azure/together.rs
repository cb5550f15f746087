//! Actual and amortised cost of the same month: one bill, in whichever order and however often they are delivered.

use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::Workbench;
use testsupport::decimal::decimal;

use crate::bench;
use crate::bill::{Agreement, Bill, Report};

const BOTH: [Report; 2] = [Report::Actual, Report::Amortised];

fn name(report: Report) -> String {
    format!("{report:?}/export.csv").to_lowercase()
}

fn load(bench: &Workbench, bill: &Bill, report: Report) -> Value {
    bench.loaded(&[bench.write(&name(report), bill.csv(report))])
}

/// Billed cost, effective cost and the number of charges.
fn totals(bench: &Workbench) -> (Decimal, Decimal, usize) {
    let value = |sql: &str| bench.value(&format!("SELECT {sql}::VARCHAR FROM charge"));
    (decimal(&value("sum(billed_cost)")), decimal(&value("sum(effective_cost)")), value("count(*)").parse().unwrap())
}

/// The whole bill: what the actual cost comes to is billed, what the amortised cost comes to is effective.
fn whole(bill: &Bill) -> (Decimal, Decimal, usize) {
    let round = |cost: Decimal| cost.normalize();
    (
        round(bill.total(Report::Actual)),
        round(bill.total(Report::Amortised)),
        bill.rows(Report::Amortised) + bill.fees(),
    )
}

/// Costs that have more decimals than are kept differ by their rounding, one unit of the 18th decimal a row at most.
#[track_caller]
fn same(found: (Decimal, Decimal, usize), expected: (Decimal, Decimal, usize), why: &str) {
    let near = |one: Decimal, other: Decimal| (one - other).abs() < decimal("0.000000000000001");
    assert!(near(found.0, expected.0), "billed, {why}: {} is not {}", found.0, expected.0);
    assert!(near(found.1, expected.1), "effective, {why}: {} is not {}", found.1, expected.1);
    assert_eq!(found.2, expected.2, "charges, {why}");
}

fn orders() -> [Vec<Report>; 6] {
    let (actual, amortised) = (Report::Actual, Report::Amortised);
    [
        vec![actual, amortised],
        vec![amortised, actual],
        vec![actual, amortised, actual],
        vec![actual, amortised, amortised],
        vec![amortised, actual, amortised],
        vec![amortised, actual, actual],
    ]
}

#[test]
fn in_any_order_and_delivered_again_it_is_the_same_bill() {
    for (number, order) in orders().into_iter().enumerate() {
        let agreement = if number % 2 == 0 { Agreement::Enterprise } else { Agreement::Customer };
        let early = Bill::generate(21, agreement, 40);
        let late = Bill::generate(22, agreement, 60);
        let bench = bench();
        for (at, report) in order.iter().enumerate() {
            // The first of two deliveries of a report is one of an earlier day.
            let again = order[at + 1..].contains(report);
            let _report = load(&bench, if again { &early } else { &late }, *report);
        }
        same(totals(&bench), whole(&late), &format!("{agreement:?} {order:?}"));
    }
}

#[test]
fn one_command_loads_both() {
    let bill = Bill::generate(23, Agreement::Enterprise, 50);
    let bench = bench();
    for report in BOTH {
        bench.write(&name(report), bill.csv(report));
    }
    let report = bench.loaded(&[bench.path("")]);
    same(totals(&bench), whole(&bill), "a folder with both");
    let loads = report["loads"].as_array().unwrap();
    let names: Vec<&str> = loads.iter().map(|load| load["report"].as_str().unwrap()).collect();
    assert_eq!(names, ["azure/actual/8611537", "azure/amortised/8611537"], "they are two reports");
    let month = bench.json(&["ask", "--measure", "billed,effective", "--period", "2026-03"]);
    let answered = |cost: &str| decimal(month["total"][cost].as_str().unwrap());
    let asked = (answered("billed_cost"), answered("effective_cost"), totals(&bench).2);
    same(asked, whole(&bill), "and so a question is answered, whatever table answers it");
}

#[test]
fn what_is_set_aside_is_told_and_kept() {
    let bill = Bill::generate(24, Agreement::Enterprise, 30);
    let bench = bench();
    let _report = load(&bench, &bill, Report::Actual);
    let report = load(&bench, &bill, Report::Amortised);
    let aside = bill.rows(Report::Actual) - bill.fees();
    let notes = report["notes"].to_string();
    assert!(notes.contains(&format!("{aside} charges are set aside")), "the load that caused it says so: {notes}");
    let loads = bench.json(&["loads"]);
    let actual = loads.as_array().unwrap().iter().find(|load| load["report"] == "azure/actual/8611537").unwrap();
    assert_eq!(actual["rows"], bill.fees(), "purchases and refunds of commitments count");
    assert_eq!(actual["state"], "current");
    assert_eq!(actual["excluded"][0]["count"], aside, "the others are listed with the reason: {actual}");
    assert!(actual["excluded"][0]["column"].as_str().unwrap().contains("amortised"), "{actual}");
    assert_eq!(decimal(actual["effective"].as_str().unwrap()), Decimal::ZERO, "the load's totals are of what counts");
    let kept = "SELECT count(*)::VARCHAR FROM charge_superseded WHERE load_id = 1";
    assert_eq!(bench.value(kept), aside.to_string(), "nothing is lost");
}

#[test]
fn one_report_alone_says_what_is_missing() {
    let bill = Bill::generate(25, Agreement::Enterprise, 20);
    for (report, missing) in [(Report::Actual, "azure/amortised/8611537"), (Report::Amortised, "azure/actual/8611537")]
    {
        let bench = bench();
        let told = load(&bench, &bill, report);
        assert!(told["notes"].to_string().contains(missing), "{report:?} alone is half of it: {told}");
        assert_eq!(totals(&bench).2, bill.rows(report), "and counts whole");
    }
}

#[test]
fn without_commitments_both_reports_are_the_same_and_count_once() {
    let bill = Bill::generate(26, Agreement::Customer, 30).without_commitments();
    for order in [BOTH, [Report::Amortised, Report::Actual]] {
        let bench = bench();
        for report in order {
            let told = load(&bench, &bill, report);
            assert!(!told["notes"].to_string().contains("one half"), "nothing is missing: {told}");
        }
        same(totals(&bench), whole(&bill), "told apart by the folder they lie in");
    }
    let bench = bench();
    bench.write("plain/one.csv", bill.csv(Report::Actual));
    let _report = bench.loaded(&[bench.path("plain/one.csv")]);
    assert_eq!(bench.json(&["loads"])[0]["report"], "azure/actual/abcd-2fgh-xyz-pgb", "where nothing tells");
}

#[test]
fn a_part_without_commitments_belongs_to_the_parts_beside_it() {
    let bill = Bill::generate(27, Agreement::Enterprise, 40);
    let bench = bench();
    for report in BOTH {
        // The first rows of the bill are plain use: nothing in them tells the report.
        let folder = format!("run-{}", if report == Report::Actual { 1 } else { 2 });
        bench.write(&format!("{folder}/part-0.csv"), bill.part(report, 0, 40));
        bench.write(&format!("{folder}/part-1.csv"), bill.part(report, 40, usize::MAX));
    }
    for folder in ["run-2", "run-1"] {
        let _report = bench.loaded(&[bench.path(folder)]);
    }
    same(totals(&bench), whole(&bill), "each part is of the report that its neighbour is");
}

#[test]
fn a_part_that_could_be_of_either_report_is_refused() {
    let bill = Bill::generate(28, Agreement::Enterprise, 40);
    let bench = bench();
    bench.write("all/part-0.csv", bill.part(Report::Actual, 0, 40));
    bench.write("all/part-1.csv", bill.part(Report::Actual, 40, usize::MAX));
    bench.write("all/part-2.csv", bill.part(Report::Amortised, 40, usize::MAX));
    let before = bench.state();
    let output = bench.load(&[bench.path("all")]);
    assert_eq!(output.status, Some(1), "money would be lost or counted twice: {}", output.stderr);
    assert!(output.stderr.contains("part-0.csv"), "the file is named: {}", output.stderr);
    assert_eq!(bench.state(), before, "and nothing is loaded");
}

#[test]
fn other_accounts_and_other_months_do_not_matter() {
    let bill = Bill::generate(29, Agreement::Enterprise, 20);
    let bench = bench();
    let _report = load(&bench, &bill, Report::Amortised);
    for (place, from, to) in [("other", "8611537", "999"), ("april", "03/", "04/")] {
        let text = String::from_utf8(bill.csv(Report::Actual)).unwrap();
        let text = text.replace(from, to).replace("04/31/2026", "04/30/2026");
        let _report = bench.loaded(&[bench.write(&format!("{place}/actual.csv"), text)]);
    }
    let rows = bill.rows(Report::Amortised) + 2 * bill.rows(Report::Actual);
    assert_eq!(totals(&bench).2, rows, "each is whole");
    let _report = load(&bench, &bill, Report::Actual);
    assert_eq!(totals(&bench).2, rows + bill.fees(), "the one month of the one account is put together");
    let states = bench.json(&["sql", "SELECT count(*)::VARCHAR FROM load WHERE state = 'current'"]);
    assert_eq!(states["rows"], json!([["4"]]));
}
