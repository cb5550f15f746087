//! Random questions about random bills: every answer equals an independent reckoning over the charges behind it, in another decimal
//! type and in plain Rust, whatever table the answer came from.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod bill;
#[path = "../desk/mod.rs"]
mod desk;
mod oracle;
mod question;

use std::collections::BTreeMap;
use std::path::Path;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use serde_json::{Value, json};
use testsupport::Workbench;

use desk::Desk;
use oracle::Ledger;

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

/// Questions about each bill.
const QUESTIONS: u32 = 250;

/// A runner whose cases are the same in every run, and others for every seed.
fn runner(seed: u8) -> TestRunner {
    let config = Config { cases: QUESTIONS, failure_persistence: None, ..Config::default() };
    TestRunner::new_with_rng(config, TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]))
}

/// Loads the bill of a seed and asks.
fn answers_are_what_the_charges_say(seed: u8) {
    let mut runner = runner(seed);
    let bill = bill::bill().new_tree(&mut runner).unwrap().current();
    let bench = Workbench::new(PROGRAM);
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    desk.load(&[&bench.write("bill.csv", bill.csv())]).unwrap();
    let ledger = Ledger::new([rows(&desk, "USD"), rows(&desk, "EUR")]);
    assert_eq!(ledger.charges(), bill.records().len() - 1, "every row of the bill is a charge");
    let sources = std::cell::RefCell::new(BTreeMap::<String, u32>::new());
    runner
        .run(&question::question(), |mut question| {
            if question["currency"].is_null() && ledger.answer(&question).other_currencies {
                let refused = desk.call("ask", json!({ "question": question })).unwrap_err();
                let message = refused["message"].as_str().unwrap_or_default();
                assert!(message.contains("does not say in which currency"), "{question}: {message}");
                question["currency"] = json!("USD");
            }
            let answer = desk.call("ask", json!({ "question": question })).unwrap();
            let expected = ledger.answer(&question);
            compare(&question, &answer, &expected);
            recomputed(&desk, &question, &answer);
            counted(&desk, &question, &answer);
            let source = answer["evidence"]["source"].as_str().unwrap().to_owned();
            *sources.borrow_mut().entry(source).or_default() += 1;
            Ok(())
        })
        .unwrap();
    // Whatever table a question went to, it gave the same: each kind of table must have had its share.
    let sources = sources.into_inner();
    for table in ["charge", "cube_day", "cube_month"] {
        assert!(
            sources.get(table).is_some_and(|count| *count > 5),
            "{table} answered some of the questions: {sources:?}"
        );
    }
}

#[test]
fn the_first_bill() {
    answers_are_what_the_charges_say(1);
}

#[test]
fn the_second_bill() {
    answers_are_what_the_charges_say(2);
}

#[test]
fn the_third_bill() {
    answers_are_what_the_charges_say(3);
}

/// Every charge in a currency, with all columns.
fn rows(desk: &Desk, currency: &str) -> api::TextRows {
    let payload = json!({ "question": { "currency": currency }, "limit": 1_000_000 });
    match api::dispatch(&desk.context, "rows", payload).unwrap() {
        api::Reply::Bytes(bytes) => api::decode(&bytes).unwrap(),
        api::Reply::Json(value) => panic!("rows come as bytes, not as {value}"),
    }
}

#[track_caller]
fn compare(question: &Value, answer: &Value, expected: &oracle::Answer) {
    let context = || format!("question {question}\nanswer {answer:#}");
    let rows = answer["rows"].as_array().unwrap();
    let found: Vec<oracle::Row> = rows.iter().map(oracle::Row::read).collect();
    assert_eq!(found, expected.rows, "rows\n{}", context());
    let total: Vec<oracle::Cell> = answer["total"].as_array().unwrap().iter().map(oracle::Cell::read).collect();
    assert_eq!(total, expected.total, "total\n{}", context());
    assert_eq!(answer["groups"], expected.groups, "groups\n{}", context());
    assert_eq!(answer["evidence"]["charges"], expected.charges, "charges\n{}", context());
    let noted = answer["notes"].as_array().unwrap().iter().any(|note| note["code"] == "other_currencies");
    assert_eq!(noted, expected.other_currencies, "the note on other currencies\n{}", context());
    for (at, cell) in total.iter().enumerate() {
        let parts = found.iter().filter_map(|row| row.cells[at].value).sum::<rust_decimal::Decimal>();
        assert_eq!(parts, cell.value.unwrap_or_default(), "the parts are the whole\n{}", context());
    }
}

/// The charges themselves give the answer that a cube gave.
#[track_caller]
fn recomputed(desk: &Desk, question: &Value, answer: &Value) {
    let id = &answer["evidence"]["id"];
    let again = desk.call("evidence_recompute", json!({ "question": question, "id": id })).unwrap();
    assert_eq!((&again["equal"], &again["id"]), (&json!(true), id), "{question}");
}

/// The charges that can be listed are those that were added up.
#[track_caller]
fn counted(desk: &Desk, question: &Value, answer: &Value) {
    let counted = desk.call("rows_count", json!({ "question": question })).unwrap();
    assert_eq!(counted["charges"], answer["evidence"]["charges"], "{question}");
    for (at, measure) in answer["measures"].as_array().unwrap().iter().enumerate() {
        let listed = &counted["total"][measure["name"].as_str().unwrap()];
        assert_eq!(*listed, answer["total"][at]["value"], "{measure} of {question}");
    }
}
