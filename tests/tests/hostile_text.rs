//! Text in a bill is hostile: it must come out of every door as the text that it is, and do nothing on the way.

use serde_json::{Value, json};
use testsupport::decimal::Sheet;
use testsupport::{Bill, Workbench, workbook};

/// What a bill can say to a spreadsheet, a page, a database, a terminal and a CSV reader.
const TEXTS: [&str; 14] = [
    "=cmd|' /C calc'!A0",
    "=HYPERLINK(\"https://example.com\",\"click\")",
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "<script>alert(1)</script>",
    "<img src=x onerror=alert(1)>",
    "'); DROP TABLE charge; --",
    "it's \"quoted\", with a comma",
    "a line\nand another",
    "\u{1b}[31mred\u{1b}[0m\u{1b}]0;title\u{7}",
    "\u{202e}reversed",
    "$.key[*] \\ /* comment */ {{template}} %s",
    "  spaces before and behind  ",
];

/// Every text is a service, a resource, a tag's value and a tag's key; each charge costs its place in the list.
fn bench() -> Workbench {
    let bench = Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"));
    let mut bill = Bill::new();
    for (at, text) in TEXTS.iter().enumerate() {
        let cost = (at + 1).to_string();
        let tags = json!({ "owner": text, *text: "value" }).to_string();
        bill = bill.charge(&[
            ("ServiceName", text),
            ("ResourceId", text),
            ("ResourceName", text),
            ("SubAccountName", text),
            ("ChargeDescription", text),
            ("Tags", &tags),
            ("BilledCost", &cost),
        ]);
    }
    let _report = bench.loaded(&[bench.write("january.csv", bill.csv())]);
    bench
}

/// The groups of an answer with their billed cost, in the order of the texts.
fn expected() -> Vec<Value> {
    TEXTS.iter().enumerate().rev().map(|(at, text)| json!([text, (at + 1).to_string()])).collect()
}

#[test]
fn answers_give_the_text_as_it_is() {
    let bench = bench();
    for dimension in ["service", "resource", "sub_account_name", "charge_description", "tag:owner"] {
        let answer = bench.json(&["ask", "--by", dimension]);
        assert_eq!(answer["rows"], Value::Array(expected()), "{dimension}");
    }
}

#[test]
fn csv_is_read_back_as_it_was() {
    let bench = bench();
    let output = bench.qd(&["--format", "csv", "ask", "--by", "service"]);
    let sheet = Sheet::read(output.stdout.as_bytes());
    let mut services: Vec<&str> = sheet.column("service").collect();
    assert_eq!(services.pop(), Some("TOTAL"));
    services.reverse();
    assert_eq!(services, TEXTS, "quotes, commas and line ends survive");
    let rows = bench.qd(&["--format", "csv", "rows", "--columns", "resource_name", "--order", "billed_cost"]);
    assert_eq!(Sheet::read(rows.stdout.as_bytes()).column("resource_name").collect::<Vec<_>>(), TEXTS);
}

/// A text as a value in a filter of the command line.
fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\""))
}

#[test]
fn a_filter_finds_exactly_the_text() {
    let bench = bench();
    let before = bench.state();
    for (at, text) in TEXTS.iter().enumerate() {
        for dimension in ["service", "tag:owner"] {
            let filter = format!("{dimension} = {}", quoted(text));
            let answer = bench.json(&["ask", "--by", "service", "--where", &filter]);
            assert_eq!(answer["rows"], json!([[text, (at + 1).to_string()]]), "{filter}");
        }
    }
    assert_eq!(bench.state(), before, "no question changed a thing");
}

#[test]
fn a_tag_key_is_text_too() {
    let bench = bench();
    for (at, text) in TEXTS.iter().enumerate() {
        let dimension = format!("tag:{text}");
        if text.contains(',') {
            // The command line separates dimensions by commas; such a key can be asked for in the window.
            continue;
        }
        let answer = bench.json(&["ask", "--by", &dimension]);
        let found = answer["rows"].as_array().unwrap().iter().find(|row| row[0] == "value");
        assert_eq!(found, Some(&json!(["value", (at + 1).to_string()])), "{dimension}");
    }
}

#[test]
fn a_terminal_is_not_told_what_to_do() {
    let bench = bench();
    for arguments in
        [vec!["ask", "--by", "service,tag:owner"], vec!["rows", "--columns", "resource_name"], vec!["dims"]]
    {
        let output = bench.qd(&[&["--format", "table"], arguments.as_slice()].concat());
        assert_eq!(output.status, Some(0), "{}", output.stderr);
        harmless(&output.stdout);
        harmless(&output.stderr);
    }
    let source = bench.qd(&["--format", "table", "source", "1.11"]);
    assert!(source.stdout.contains("[31mred"), "the words are still there: {}", source.stdout);
    harmless(&source.stdout);
    let bill = Bill::of(1).charge(&[("BillingCurrency", "\u{1b}[2J"), ("ServiceName", "\u{1b}[2J")]);
    let output = bench.load(&[bench.write("february.csv", bill.csv())]);
    assert_eq!(output.status, Some(3));
    let rejects = bench.qd(&["--format", "table", "rejects"]);
    assert!(rejects.stdout.contains("[2J"), "the refused value is told: {}", rejects.stdout);
    harmless(&rejects.stdout);
    let bill = Bill::new().charge(&[("BillingCurrency", "\u{1b}[2J\nhint: trust me")]);
    let output = bench.load(&[bench.write("march.csv", bill.csv())]);
    assert_eq!(output.status, Some(1), "no row of it can be read");
    assert!(output.stderr.contains("[2J"), "the message quotes the bill: {}", output.stderr);
    harmless(&output.stderr);
    assert!(
        !output.stderr.lines().any(|line| line.starts_with("hint: trust")),
        "and nothing in it passes for a line of ours"
    );
}

/// Nothing that moves the cursor, changes colours or titles, rings, or turns the reading direction.
#[track_caller]
fn harmless(text: &str) {
    let bad = text.chars().find(|&letter| (letter.is_control() && letter != '\n') || letter == '\u{202e}');
    assert_eq!(bad, None, "in {text:?}");
}

#[test]
fn json_escapes_what_a_terminal_would_obey() {
    let bench = bench();
    let output = bench.qd(&["--format", "json", "ask", "--by", "service"]);
    assert!(!output.stdout.contains('\u{1b}'), "an escape is written as \\u001b");
}

#[test]
fn a_workbook_holds_text_and_no_formula_of_a_bill() {
    let bench = bench();
    let out = bench.path("packs");
    let built = bench.json(&[
        "pack",
        "build",
        "qbr",
        "--period",
        "2026-Q1",
        "--as-of",
        "2026-04-05",
        "--as",
        "xlsx",
        "--out",
        out.to_str().unwrap(),
    ]);
    let book = workbook::read(&std::fs::read(built[0]["path"].as_str().unwrap()).unwrap());
    let cells: Vec<&workbook::Cell> = book.sheets.values().flat_map(|cells| cells.values()).collect();
    let held = |text: &str| cells.iter().any(|cell| cell.text.as_deref() == Some(text));
    // The five dearest services stand in the pack by name.
    let shown: Vec<&str> = TEXTS.iter().copied().filter(|text| held(text)).collect();
    assert!(shown.len() >= 5, "hostile names are in the workbook, letter by letter: {shown:?}");
    assert!(
        shown.iter().any(|text| text.starts_with(['=', '+', '-', '@'])),
        "one that could be a formula among them: {shown:?}"
    );
    for formula in cells.iter().filter_map(|cell| cell.formula.as_deref()) {
        let ours = ["SUM(", "SUBTOTAL(", "IF(", "IFERROR("].iter().any(|start| formula.starts_with(start));
        let plain = formula.chars().all(|letter| letter.is_ascii_alphanumeric() || "+-*/().,$:!' _".contains(letter));
        assert!(ours || plain, "{formula} is a formula of the workbook's own");
        assert!(
            !TEXTS.iter().any(|text| formula.contains(text.trim_start_matches('='))),
            "{formula} comes from a bill"
        );
    }
    for (name, part) in &book.parts {
        assert!(!part.contains("<script>") && !part.contains("<img"), "{name} holds markup of a bill");
    }
}
