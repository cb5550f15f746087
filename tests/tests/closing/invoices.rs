//! Each invoice beside its charges: what differs is taken apart, and every part can be asked for.

use std::path::Path;

use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::{Bill, Workbench, sample_data, workbook};

use super::{PROGRAM, bench, list, text};
use crate::desk::Desk;

fn given(bench: &Workbench, csv: &str) -> Value {
    let file = bench.write("invoices.csv", csv);
    let found = bench.json(&["reconcile", "--invoices", file.to_str().unwrap()]);
    adds_up(&found);
    found
}

fn line<'a>(found: &'a Value, invoice: &str) -> &'a Value {
    list(&found["invoices"])
        .iter()
        .find(|line| line["invoice_id"] == invoice)
        .unwrap_or_else(|| panic!("{invoice} is in {found}"))
}

fn classes(line: &Value) -> Vec<(&str, &str, bool)> {
    list(&line["parts"])
        .iter()
        .map(|part| (text(&part["class"]), text(&part["amount"]), part["proven"] == true))
        .collect()
}

fn amount(value: &Value) -> Decimal {
    value.as_str().map_or(Decimal::ZERO, decimal)
}

/// The parts of each line are its difference, and all differences are all invoices less all charges.
#[track_caller]
fn adds_up(found: &Value) {
    let mut whole = Decimal::ZERO;
    for line in list(&found["invoices"]) {
        let parts: Decimal = list(&line["parts"]).iter().map(|part| amount(&part["amount"])).sum();
        assert_eq!(parts, amount(&line["difference"]), "{line:#}");
        assert_eq!(amount(&line["amount"]) - amount(&line["charges"]), amount(&line["difference"]), "{line:#}");
        whole += parts;
    }
    let classes: Decimal = list(&found["classes"]).iter().map(|class| amount(&class["amount"])).sum();
    assert_eq!(classes, whole, "the classes are all parts");
}

/// Every figure that carries a question is what that question answers.
#[track_caller]
fn every_figure_can_be_asked_for(bench: &Workbench, found: &Value) {
    let desk = Desk::new(bench, Path::new(PROGRAM));
    let mut asked = 0;
    let parts = list(&found["invoices"]).iter().flat_map(|line| list(&line["parts"]));
    for figure in list(&found["invoices"]).iter().chain(parts) {
        if figure["question"].is_null() {
            continue;
        }
        let answer = desk.call("ask", json!({ "question": figure["question"] })).unwrap();
        assert_eq!(amount(&answer["total"][0]["value"]), amount(&figure["charges"]), "{figure:#}");
        asked += 1;
    }
    assert!(asked > 0, "some figure has a question");
}

/// Two accounts with usage, tax, a credit, a refund and another seller's charge under invoice 1, and tax without an invoice.
fn bill() -> Bill {
    let charge = |category: &str, class: &str, publisher: &str, cost: &str, invoice: &str| {
        [
            ("ChargeCategory", category),
            ("ChargeClass", class),
            ("PublisherName", publisher),
            ("BilledCost", cost),
            ("InvoiceId", invoice),
        ]
        .map(|(column, value)| (column, value.to_owned()))
    };
    let charges = [
        charge("Usage", "", "Example Cloud", "100.004", "1"),
        charge("Tax", "", "Example Cloud", "19", "1"),
        charge("Credit", "", "Example Cloud", "-7", "1"),
        charge("Usage", "Correction", "Example Cloud", "-11", "1"),
        charge("Usage", "", "Route Insight", "23", "1"),
        charge("Tax", "", "Example Cloud", "3.5", ""),
    ];
    charges.iter().fold(Bill::new().usual("InvoiceId", ""), |bill, fields| {
        let fields: Vec<(&str, &str)> = fields.iter().map(|(column, value)| (*column, value.as_str())).collect();
        bill.charge(&fields)
    })
}

#[test]
fn a_difference_is_taken_apart_by_what_the_charges_say() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", bill().csv())]);
    // 124.004 is charged under invoice 1, and 3.5 under none.
    for (total, expected) in [
        ("124.00", vec![("rounding", "-0.004", true)]),
        ("105.00", vec![("tax", "-19.00", true), ("rounding", "-0.004", true)]),
        ("131.004", vec![("credit", "7.00", true)]),
        ("135.004", vec![("refund", "11.00", true)]),
        ("101.004", vec![("third_party", "-23.00", true)]),
        ("127.504", vec![("tax", "3.50", true)]),
        ("500", vec![("unknown", "375.996", false)]),
    ] {
        let found =
            given(&bench, &format!("number,issuer,period,currency,amount\n1,Example Cloud,2026-01,USD,{total}\n"));
        let one = line(&found, "1");
        assert_eq!(classes(one), expected, "an invoice of {total}");
        assert_eq!((text(&one["matched_by"]), text(&one["status"])), ("number", "difference"));
        let closed = expected.iter().all(|(.., proven)| *proven);
        assert_eq!(one["closed"], closed);
        every_figure_can_be_asked_for(&bench, &found);
        let without = list(&found["invoices"]).iter().find(|line| line["status"] == "no_invoice").unwrap();
        assert_eq!(without["difference"], "-3.50", "charges that name no invoice stand in a line of their own");
        assert_eq!(without["closed"], total == "127.504", "set against the invoice that has them, or open");
        assert_eq!(list(&without["parts"])[0]["class"], "tax");
    }
}

#[test]
fn headers_are_read_however_people_write_them() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", bill().csv())]);
    for list_of in [
        "Invoice Number;Vendor;Billing Month;Currency Code;Total Amount\n1;Example Cloud;01/2026;USD;124.004\n",
        "\u{feff}INVOICE NO,supplier,Month,Currency,Grand total\n1,Example Cloud,202601,USD,124.004\n",
        "invoice_id,issuer,billing_account_id,billing_period,currency,amount\n1,Example Cloud,100,2026-01-31,USD,124.004\n",
    ] {
        assert_eq!(line(&given(&bench, list_of), "1")["status"], "matched", "{list_of}");
    }
    let stated = given(
        &bench,
        "number,issuer,period,currency,amount,VAT,Credits\n1,Example Cloud,2026-01,USD,\"1,124.004\",20,-7\n",
    );
    assert_eq!(
        classes(line(&stated, "1")),
        [("tax", "1.00", true), ("unknown", "999.00", false)],
        "what an invoice states is its word"
    );
    for (broken, told) in [
        ("number,issuer,period,currency\n1,a,2026-01,USD\n", "there is no column `amount`"),
        ("number,issuer,period,currency,amount\n1,a,2026-13,USD,1\n", "row 1, column period: `2026-13` is no month"),
        ("number,issuer,period,currency,amount\n1,a,2026-01,USD,1\n1,a,2026-01,USD,2\n", "invoice 1 is in it twice"),
    ] {
        let file = bench.write("broken.csv", broken);
        let output = bench.qd(&["reconcile", "--invoices", file.to_str().unwrap()]);
        assert_eq!(output.status, Some(1));
        assert!(output.stderr.contains(told), "{}", output.stderr);
    }
    assert_eq!(line(&bench.json(&["reconcile"]), "1")["amount"], "1124.004", "a broken list changes nothing");
}

#[test]
fn an_invoice_without_charges_and_charges_without_an_invoice_say_why() {
    let bench = bench();
    let month = |bill: Bill, month: &str| {
        bill.charge(&[
            ("BilledCost", "5"),
            ("BillingPeriodStart", &format!("2026-{month}-01T00:00:00Z")),
            ("ChargePeriodStart", &format!("2026-{month}-01T00:00:00Z")),
            ("ChargePeriodEnd", &format!("2026-{month}-02T00:00:00Z")),
            ("BillingPeriodEnd", &format!("2026-{month}-28T00:00:00Z")),
        ])
    };
    let bill = month(month(Bill::new(), "01"), "03").charge(&[
        ("BilledCost", "8"),
        ("BillingCurrency", "EUR"),
        ("BillingAccountId", "300"),
    ]);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let found = given(
        &bench,
        "number,issuer,account,period,currency,amount\nA,Example Cloud,100,2026-01,USD,5\nB,Example Cloud,100,2026-02,USD,6\nC,Other Cloud,200,2026-01,USD,7\nD,Example Cloud,300,2026-01,USD,9\n",
    );
    assert_eq!(line(&found, "A")["matched_by"], "account_and_period");
    assert_eq!(classes(line(&found, "B")), [("timing", "6.00", false)], "the account is loaded, that month is not");
    assert_eq!(classes(line(&found, "C")), [("missing_account", "7.00", false)]);
    assert_eq!(classes(line(&found, "D")), [("currency", "9.00", false)], "its charges are in euros");
    let later = list(&found["invoices"]).iter().find(|line| line["period"] == "2026-03").unwrap();
    assert_eq!(
        (text(&later["status"]), classes(later)),
        ("no_invoice", vec![("timing", "-5.00", false)]),
        "not invoiced yet"
    );
    assert_eq!((&found["matched"], &found["explained"], &found["open"]), (&json!(1), &json!(0), &json!(5)));
}

#[test]
fn the_month_of_usage_and_accounts_that_are_gone() {
    let bench = bench();
    let charge = |bill: Bill, month: &str, used: &str, account: &str, cost: &str, invoice: &str| {
        bill.charge(&[
            ("BilledCost", cost),
            ("SubAccountId", account),
            ("InvoiceId", invoice),
            ("BillingPeriodStart", &format!("2026-{month}-01T00:00:00Z")),
            ("BillingPeriodEnd", &format!("2026-{month}-28T00:00:00Z")),
            ("ChargePeriodStart", &format!("2026-{used}T00:00:00Z")),
            ("ChargePeriodEnd", &format!("2026-{used}T12:00:00Z")),
        ])
    };
    let bill = charge(Bill::new().usual("InvoiceId", ""), "01", "01-05", "a", "50", "J");
    let bill = charge(charge(bill, "01", "01-06", "b", "40", "J"), "02", "02-05", "a", "50", "F");
    let bill = charge(bill, "02", "01-31", "a", "6", "F");
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let invoice = |total: &str| {
        given(
            &bench,
            &format!(
                "number,issuer,account,period,currency,amount\nJ,Example Cloud,100,2026-01,USD,90\nF,Example Cloud,100,2026-02,USD,{total}\n"
            ),
        )
    };
    assert_eq!(classes(line(&invoice("50"), "F")), [("timing", "-6.00", true)], "usage of January is left out");
    let gone = invoice("98");
    assert_eq!(classes(line(&gone, "F")), [("missing_account", "42.00", false)]);
    assert!(text(&list(&line(&gone, "F")["parts"])[0]["rule"]).contains("b, which cost 40"), "{gone}");
}

#[test]
fn a_note_is_kept_as_text_and_names_what_is_open() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", bill().csv())]);
    let _found = given(&bench, "number,issuer,period,currency,amount\n1,Example Cloud,2026-01,USD,84.004\n");
    let noted = bench.qd(&[
        "--format",
        "json",
        "reconcile",
        "--note",
        "1",
        "Credit granted after closing",
        "--class",
        "credit",
    ]);
    assert_eq!(noted.status, Some(3), "it is still open: {}", noted.stderr);
    let found = noted.json();
    let part = &list(&line(&found, "1")["parts"])[0];
    assert_eq!((text(&part["class"]), text(&part["by"]), &part["proven"]), ("credit", "analyst", &json!(false)));
    assert_eq!(line(&found, "1")["note"]["text"], "Credit granted after closing");
    let kept = std::fs::read_to_string(bench.engagement().join("rules/invoice-notes.toml")).unwrap();
    assert!(kept.contains("invoice_id = \"1\"") && kept.contains("class = \"credit\""), "{kept}");
    let wrong = bench.qd(&["reconcile", "--note", "1", "x", "--class", "magic"]);
    assert!(wrong.stderr.contains("there is no class `magic`"), "{}", wrong.stderr);
    let removed = bench.json(&["reconcile", "--note", "1", ""]);
    assert_eq!(
        (&line(&removed, "1")["note"], text(&list(&line(&removed, "1")["parts"])[0]["class"])),
        (&Value::Null, "unknown")
    );
}

const LINES: &str = "InvoiceDetailId,InvoiceId,InvoiceIssueStatus,InvoiceIssuerName,BilledCost,BillingAccountId,BillingCurrency,\
BillingPeriodStart,BillingPeriodEnd,ChargeCategory\n";

#[test]
fn an_invoice_by_its_lines_states_its_tax() {
    let bench = bench();
    let row = |id: &str, cost: &str, category: &str| {
        format!("{id},1,Issued,Example Cloud,{cost},100,USD,2026-01-01T00:00:00Z,2026-02-01T00:00:00Z,{category}\n")
    };
    let lines = LINES.to_owned() + &row("a", "112.004", "Usage") + &row("b", "20", "Tax") + &row("c", "-7", "Credit");
    let _report = bench.loaded(&[bench.write("bill/bill.csv", bill().csv()), bench.write("lines/lines.csv", lines)]);
    let found = bench.json(&["reconcile"]);
    adds_up(&found);
    let one = line(&found, "1");
    assert_eq!((text(&one["amount"]), text(&one["known_from"])), ("125.004", "invoice_detail"));
    assert_eq!(classes(one), [("tax", "1.00", true)], "20 of tax on the invoice, 19 in the charges");
}

#[test]
fn the_sample_company_differs_by_rounding_and_by_a_credit_that_no_file_has() {
    let bench = bench();
    let _report = bench.loaded(&[sample_data("bills")]);
    let _report = bench.loaded(&[sample_data("redelivered")]);
    let invoices = sample_data("invoices.csv");
    let found = bench.json(&["reconcile", "--invoices", invoices.to_str().unwrap()]);
    adds_up(&found);
    assert_eq!((&found["matched"], &found["explained"], &found["open"]), (&json!(58), &json!(1), &json!(1)));
    assert_eq!(classes(line(&found, "5264989183")), [("rounding", "0.01", true)], "rounded line by line");
    assert_eq!(
        classes(line(&found, "G155751977")),
        [("unknown", "-840.00", false)],
        "no charge that is loaded comes to it"
    );
    every_figure_can_be_asked_for(&bench, &found);
    let note = "Service credit granted after the export was closed; asked for the credit note";
    let noted = bench.qd(&["reconcile", "--note", "G155751977", note, "--class", "credit"]);
    assert_eq!(noted.status, Some(3));
    let out = bench.path("pack");
    let built =
        bench.json(&["pack", "build", "qbr", "--as-of", "2026-10-05", "--as", "xlsx", "--out", out.to_str().unwrap()]);
    let book = workbook::read(&std::fs::read(text(&built[0]["path"])).unwrap());
    let texts: Vec<&str> =
        book.sheets.values().flat_map(|cells| cells.values()).filter_map(|cell| cell.text.as_deref()).collect();
    for expected in ["What the differences are made of", note, "credit"] {
        assert!(texts.iter().any(|text| text.contains(expected)), "{expected} stands in the pack");
    }
}
