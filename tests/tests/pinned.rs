//! What is pinned to a pack: an answer, a change and a statement's result, asked anew whenever the pack is built, in the same forms as
//! the rest of it.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::path::PathBuf;

use serde_json::Value;
use testsupport::{Bill, Workbench, workbook};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");
const HOSTILE: &str = "=HYPERLINK(\"https://example.com\",\"click\")";

/// July to September 2026: each month two services, the second dearer by the month.
fn bench() -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let mut bill = Bill::new();
    for (place, month) in ["2026-07", "2026-08", "2026-09"].iter().enumerate() {
        let after = format!("2026-{:02}-01T00:00:00Z", place + 8);
        let start = format!("{month}-01T00:00:00Z");
        for day in ["01", "28"] {
            for (service, cost) in [("Storage", "10.25"), (HOSTILE, ["1", "2", "4"][place])] {
                bill = bill.charge(&[
                    ("ChargePeriodStart", &format!("{month}-{day}T00:00:00Z")),
                    ("ChargePeriodEnd", &format!("{month}-{day}T12:00:00Z")),
                    ("BillingPeriodStart", &start),
                    ("BillingPeriodEnd", &after),
                    ("ServiceName", service),
                    ("BilledCost", cost),
                    ("EffectiveCost", cost),
                    ("ConsumedQuantity", "4"),
                ]);
            }
        }
    }
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    bench
}

fn done(bench: &Workbench, arguments: &[&str]) -> testsupport::Output {
    let output = bench.qd(arguments);
    assert_eq!(output.status, Some(0), "{arguments:?}: {}", output.stderr);
    output
}

fn definition(bench: &Workbench) -> String {
    std::fs::read_to_string(bench.engagement().join("packs/qbr.toml")).unwrap()
}

fn built(bench: &Workbench, folder: &str) -> Vec<PathBuf> {
    let out = bench.path(folder);
    let files = bench.json(&[
        "pack",
        "build",
        "qbr",
        "--period",
        "2026-08..2026-09",
        "--as-of",
        "2026-11-22",
        "--out",
        out.to_str().unwrap(),
    ]);
    files.as_array().unwrap().iter().map(|file| PathBuf::from(file["path"].as_str().unwrap())).collect()
}

/// The texts and numbers of a sheet; none of them is a formula of a bill.
fn sheet(files: &[PathBuf], name: &str) -> Vec<String> {
    let xlsx = files.iter().find(|path| path.extension().is_some_and(|extension| extension == "xlsx")).unwrap();
    let book = workbook::read(&std::fs::read(xlsx).unwrap());
    let cells = book.sheets.get(name).unwrap_or_else(|| panic!("a sheet {name} among {:?}", book.sheets.keys()));
    let formula = |cell: &&workbook::Cell| cell.formula.as_ref().is_some_and(|formula| formula.contains("HYPERLINK"));
    assert!(!cells.values().any(|cell| formula(&cell)), "a name is no formula");
    cells.values().filter_map(|cell| cell.text.clone().or_else(|| cell.number.clone())).collect()
}

#[test]
fn answers_changes_and_statements_stand_in_every_form() {
    let bench = bench();
    let before = definition(&bench);
    done(
        &bench,
        &["pack", "pin", "qbr", "Two services", "--text", "Look at the second", "--by", "service", "--grain", "month"],
    );
    done(
        &bench,
        &[
            "pack",
            "pin",
            "qbr",
            "Price of an hour",
            "--measure",
            "billed/usage",
            "--by",
            "service",
            "--period",
            "2026-07",
        ],
    );
    done(&bench, &["pack", "pin", "qbr", "Why September", "--change", "--period", "2026-09", "--compare", "previous"]);
    done(
        &bench,
        &[
            "pack",
            "pin",
            "qbr",
            "Largest charges",
            "--sql",
            "SELECT service_name, count(*) AS charges, sum(billed_cost) AS cost, NULL AS nothing FROM charge GROUP BY 1 ORDER BY 1",
        ],
    );
    let after = definition(&bench);
    for line in before.lines() {
        assert!(after.contains(line), "what the analyst wrote stays: {line}");
    }
    let listed = bench.json(&["pack", "list"]);
    let headings: Vec<&str> =
        listed[0]["pinned"].as_array().unwrap().iter().map(|one| one["heading"].as_str().unwrap()).collect();
    assert_eq!(headings, ["Two services", "Price of an hour", "Why September", "Largest charges"]);
    let method = after.find("kind = \"method\"").unwrap();
    assert!(after.find("Largest charges").unwrap() < method, "before the method and the evidence");

    let files = built(&bench, "one");
    let cells = sheet(&files, "Two services");
    for wanted in ["Look at the second", HOSTILE, "2026-08", "2026-09", "20.5", "4", "8", "53"] {
        assert!(cells.iter().any(|cell| cell == wanted), "{wanted} is in {cells:?}");
    }
    assert!(!cells.iter().any(|cell| cell == "2026-07"), "without a period of its own it is of the pack's");
    let prices = sheet(&files, "Price of an hour");
    assert!(prices.iter().any(|cell| cell == "2.5625") && prices.iter().any(|cell| cell == "1.40625"), "{prices:?}");
    let change = sheet(&files, "Why September");
    for wanted in ["24.5", "28.5", "August 2026", "September 2026"] {
        assert!(change.iter().any(|cell| cell == wanted), "{wanted} is in {change:?}");
    }
    let statement = sheet(&files, "Largest charges");
    for wanted in ["service_name", "charges", "cost", HOSTILE, "61.5", "14", "6"] {
        assert!(statement.iter().any(|cell| cell == wanted), "{wanted} is in {statement:?}");
    }
    let pdf = files.iter().find(|path| path.extension().is_some_and(|extension| extension == "pdf")).unwrap();
    assert!(std::fs::read(pdf).unwrap().starts_with(b"%PDF-"));
    let again = built(&bench, "two");
    for (one, two) in files.iter().zip(&again) {
        assert!(std::fs::read(one).unwrap() == std::fs::read(two).unwrap(), "equal dates give equal bytes");
    }

    done(&bench, &["pack", "unpin", "qbr", &section(&listed, "Two services")]);
    let less = definition(&bench);
    assert!(!less.contains("Two services") && less.contains("Why September"), "{less}");
    for heading in ["Price of an hour", "Why September", "Largest charges"] {
        let listed = bench.json(&["pack", "list"]);
        done(&bench, &["pack", "unpin", "qbr", &section(&listed, heading)]);
    }
    let words = |text: &str| text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned).collect::<Vec<_>>();
    assert_eq!(words(&definition(&bench)), words(&before), "as it was before");
}

fn section(listed: &Value, heading: &str) -> String {
    let pinned = listed[0]["pinned"].as_array().unwrap();
    pinned.iter().find(|one| one["heading"] == heading).unwrap()["section"].to_string()
}

#[test]
fn what_cannot_be_built_is_not_pinned() {
    let bench = bench();
    let before = definition(&bench);
    for (arguments, says) in [
        (vec!["pack", "pin", "qbr", "H", "--sql", "SELECT nothing FROM charge"], "nothing"),
        (vec!["pack", "pin", "qbr", "H", "--sql", "DROP TABLE charge"], ""),
        (vec!["pack", "pin", "qbr", "H", "--sql", ""], "a statement has 1 to"),
        (vec!["pack", "pin", "qbr", " ", "--by", "service"], "a heading has 1 to"),
        (vec!["pack", "pin", "none", "H", "--by", "service"], "there is no pack `none`"),
        (vec!["pack", "pin", "../qbr", "H", "--by", "service"], "there is no pack"),
        (vec!["pack", "pin", "qbr", "H", "--change", "--measure", "charges"], "is no cost"),
        (vec!["pack", "unpin", "qbr", "1"], "was not pinned"),
        (vec!["pack", "unpin", "qbr", "99"], "was not pinned"),
    ] {
        let refused = bench.qd(&arguments);
        assert!(refused.status != Some(0) && refused.stderr.contains(says), "{arguments:?}: {}", refused.stderr);
        assert_eq!(definition(&bench), before, "{arguments:?} changed nothing");
    }
}

#[test]
fn a_statement_that_looks_like_the_file_stays_a_statement() {
    let bench = bench();
    let sql = "SELECT 1 AS one\n-- [[section]]\n-- kind = \"method\"\n";
    done(&bench, &["pack", "pin", "qbr", "Odd", "--sql", sql]);
    done(&bench, &["pack", "pin", "qbr", "Later", "--by", "service"]);
    let listed = bench.json(&["pack", "list"]);
    done(&bench, &["pack", "unpin", "qbr", &section(&listed, "Odd")]);
    let left = bench.json(&["pack", "list"]);
    assert_eq!(left[0]["pinned"].as_array().unwrap().len(), 1, "{left}");
    assert_eq!(left[0]["pinned"][0]["heading"], "Later");
}

#[test]
fn pivots_unit_costs_and_forecasts_stand_in_every_form() {
    let bench = bench();
    let orders = "date,metric,value\n2026-08-01,orders,10\n2026-08-15,orders,15\n2026-09-01,orders,20\n";
    done(&bench, &["metrics", "import", bench.write("orders.csv", orders).to_str().unwrap()]);
    done(&bench, &["pack", "pin", "qbr", "Services by month", "--by", "service", "--grain", "month", "--pivot"]);
    done(
        &bench,
        &["pack", "pin", "qbr", "One and others", "--by", "service", "--grain", "month", "--pivot", "--top", "1"],
    );
    done(&bench, &["pack", "pin", "qbr", "Cost per order", "--unit-cost", "orders"]);
    done(&bench, &["pack", "pin", "qbr", "What comes", "--forecast", "--horizon", "3"]);
    let refused = bench.qd(&[
        "pack",
        "pin",
        "qbr",
        "No margin",
        "--by",
        "service",
        "--grain",
        "month",
        "--pivot",
        "--measure",
        "billed/usage",
    ]);
    assert_ne!(refused.status, Some(0), "divided figures come to no margin");
    assert!(refused.stderr.contains("margin"), "{}", refused.stderr);
    let listed = bench.json(&["pack", "list"]);
    let kinds: Vec<&str> =
        listed[0]["pinned"].as_array().unwrap().iter().map(|one| one["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["pivot", "pivot", "unit_cost", "forecast"]);

    let files = built(&bench, "one");
    let pivot = sheet(&files, "Services by month");
    // Each month's column, each row's total, the total of both.
    for wanted in ["2026-08", "2026-09", "20.5", "4", "8", "41", "12", "24.5", "28.5", "53", HOSTILE] {
        assert!(pivot.iter().any(|cell| cell == wanted), "{wanted} is in {pivot:?}");
    }
    let others = sheet(&files, "One and others");
    assert!(others.iter().any(|cell| cell == "Other"), "what is not listed is a row: {others:?}");
    let units = sheet(&files, "Cost per order");
    for wanted in ["2026-08", "25", "0.98", "20", "1.425"] {
        assert!(units.iter().any(|cell| cell == wanted), "{wanted} is in {units:?}");
    }
    let forecast = sheet(&files, "What comes");
    for wanted in ["2026-07", "2026-12", "Forecast", "High, 95 %"] {
        assert!(forecast.iter().any(|cell| cell == wanted), "{wanted} is in {forecast:?}");
    }
    let again = built(&bench, "two");
    for (one, two) in files.iter().zip(&again) {
        assert_eq!(std::fs::read(one).unwrap(), std::fs::read(two).unwrap(), "same inputs, same bytes");
    }
}

#[test]
fn accounts_are_called_by_their_names() {
    let bench = Workbench::new(PROGRAM);
    let mut bill = Bill::new();
    for (id, name, cost) in
        [("111", "Web", "40"), ("222", "Web", "30"), ("333", "Data", "20"), ("444", "", "10"), ("555", HOSTILE, "5")]
    {
        bill = bill.charge(&[
            ("ChargePeriodStart", "2026-08-01T00:00:00Z"),
            ("ChargePeriodEnd", "2026-08-01T12:00:00Z"),
            ("BillingPeriodStart", "2026-08-01T00:00:00Z"),
            ("BillingPeriodEnd", "2026-09-01T00:00:00Z"),
            ("SubAccountId", id),
            ("SubAccountName", name),
            ("BilledCost", cost),
        ]);
    }
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let rows = ["pack", "pin", "qbr", "Accounts", "--by", "sub_account"];
    done(&bench, &rows);
    done(&bench, &["pack", "pin", "qbr", "By month", "--pivot", "--by", "sub_account", "--grain", "month"]);
    done(&bench, &["pack", "pin", "qbr", "By service", "--pivot", "--by", "service", "--by", "sub_account"]);
    let files = built(&bench, "one");
    for heading in ["Accounts", "By month", "By service"] {
        let cells = sheet(&files, heading);
        let has = |wanted: &str| cells.iter().any(|cell| cell == wanted);
        assert!(has("Web (111)") && has("Web (222)"), "a name that two share is told apart by the id: {cells:?}");
        assert!(has("Data") && !has("333"), "an id has its name: {cells:?}");
        assert!(has("444"), "an id without a name stays what it is: {cells:?}");
        assert!(has(HOSTILE), "a name is text: {cells:?}");
        assert!(has("105"), "the total is that of the ids: {cells:?}");
    }
}
