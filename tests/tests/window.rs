//! The real window, under a screen of its own: it shows a known bill, bytes reach it, and it is refused what it may not do.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod webdriver;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::shared_data;
use webdriver::Window;

/// A real month of an AWS Cost and Usage Report: its file, the exact sum of `lineItem/UnblendedCost` over it, how the page writes
/// that sum, and its rows. A reservation's monthly fee becomes two charges, so there are a few more charges than rows.
struct Month {
    file: &'static str,
    period: &'static str,
    billed: &'static str,
    shown: &'static str,
    rows: u64,
}

const OCTOBER: Month = Month {
    file: "aws-well-architected-labs/Oct2018-WorkshopCUR-00001.snappy.parquet",
    period: "2018-10",
    billed: "4064.4831315379",
    shown: "4,064.48",
    rows: 119_307,
};

const NOVEMBER: Month = Month {
    file: "aws-well-architected-labs/Nov2018-WorkshopCUR-00001.snappy.parquet",
    period: "2018-11",
    billed: "3505.3269681268",
    shown: "3,505.33",
    rows: 124_340,
};

/// An engagement with these months in it, and a folder for the program's own data.
struct Loaded {
    folder: tempfile::TempDir,
}

impl Loaded {
    fn with(months: &[&Month]) -> Loaded {
        let loaded = Loaded { folder: tempfile::tempdir().unwrap() };
        let engagement = loaded.engagement();
        qd(&[
            "new".as_ref(),
            engagement.as_ref(),
            "--name".as_ref(),
            "Workshop".as_ref(),
            "--currency".as_ref(),
            "USD".as_ref(),
        ]);
        for month in months {
            qd(&["-e".as_ref(), engagement.as_ref(), "load".as_ref(), shared_data(month.file).as_ref()]);
        }
        loaded
    }

    fn engagement(&self) -> PathBuf {
        self.folder.path().join("workshop")
    }

    fn window(&self) -> Window {
        let data = self.folder.path().join("data");
        Window::open(&[Path::new("--data"), &data, Path::new("--open"), &self.engagement()])
    }
}

fn qd(arguments: &[&std::ffi::OsStr]) {
    let output = Command::new(env!("CARGO_BIN_EXE_qd-under-test")).args(arguments).output().unwrap();
    assert!(output.status.success(), "qd {arguments:?} failed: {}", String::from_utf8_lossy(&output.stderr));
}

fn paints_the_total_of(month: &Month) {
    let loaded = Loaded::with(&[month]);
    let window = loaded.window();
    window.until(
        &format!("document.body.innerText.includes('{}')", month.shown),
        "the window opens on Explore, whose header is the month's billed cost",
    );
    window.until("document.querySelector('main canvas, main svg [fill]')", "the trend is drawn");
    // An unpainted window of this size compresses to a few kilobytes.
    assert!(window.picture().len() > 30_000, "the window must be painted, not only laid out");
}

#[test]
fn the_window_opens_october_and_paints_its_total() {
    paints_the_total_of(&OCTOBER);
}

#[test]
fn the_window_opens_november_and_paints_its_total() {
    paints_the_total_of(&NOVEMBER);
}

#[test]
fn two_months_in_one_window_are_told_apart_and_added_up() {
    let loaded = Loaded::with(&[&OCTOBER, &NOVEMBER]);
    let window = loaded.window();
    let ask =
        |question: Value| window.invoke("rpc", &json!({ "cmd": "ask", "payload": { "question": question } })).unwrap();
    let by_month = ask(json!({ "grain": "month", "measures": ["billed_cost", "charges"] }));
    let rows = by_month["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 2, "one row a month: {by_month}");
    for (row, month) in rows.iter().zip([&OCTOBER, &NOVEMBER]) {
        assert_eq!(row["keys"], json!([month.period]), "the months come in order of time");
        assert_eq!(row["cells"][0]["value"], month.billed, "{} keeps its figure beside the other", month.period);
        let charges: u64 = row["cells"][1]["value"].as_str().unwrap().parse().unwrap();
        assert!((month.rows..month.rows + 100).contains(&charges), "every row of {} is a charge", month.period);
    }
    let together = decimal(OCTOBER.billed) + decimal(NOVEMBER.billed);
    assert_eq!(decimal(by_month["total"][0]["value"].as_str().unwrap()), together, "the total is the sum of both");
    // 4064.4831315379 + 3505.3269681268 = 7569.8100996647
    window.until("document.body.innerText.includes('7,569.81')", "the header adds both months up");
}

#[test]
fn bytes_arrive_over_the_real_channel_and_the_grid_shows_them() {
    let loaded = Loaded::with(&[&OCTOBER]);
    let window = loaded.window();
    let count = window.invoke("rpc", &json!({ "cmd": "rows_count", "payload": { "question": {} } })).unwrap();
    let charges = count["charges"].as_u64().unwrap_or_default();
    assert!((OCTOBER.rows..OCTOBER.rows + 100).contains(&charges), "every row of the file is a charge: {count}");
    let answer = window.invoke("rpc", &json!({ "cmd": "ask", "payload": { "question": {} } })).unwrap();
    assert!(
        answer.to_string().contains(OCTOBER.billed),
        "the engine behind the window knows the month's total: {answer}"
    );
    let request = json!({ "question": {}, "offset": 0, "limit": 1000, "order": null, "columns": null });
    let bytes = window.invoke("rpc_bytes", &json!({ "cmd": "rows", "payload": request })).unwrap();
    assert_eq!(bytes["head"], json!([255, 255, 255, 255]), "an Arrow stream begins with its continuation mark");
    assert!(
        bytes["bytes"].as_u64().is_some_and(|bytes| bytes > 10_000),
        "a thousand charges are more than that: {bytes}"
    );
    window.until(
        "[...document.querySelectorAll('[role=grid]')].find((grid) => Number(grid.ariaRowCount) > 100000)",
        "the grid of charges knows all rows",
    );
    window.until(
        "document.querySelectorAll('[role=grid] [role=gridcell]').length > 20",
        "the grid draws the rows that it received as bytes",
    );
}

#[test]
fn the_page_is_refused_what_it_was_not_given() {
    let data = tempfile::tempdir().unwrap();
    let window = Window::open(&[Path::new("--data"), data.path()]);
    window.invoke("rpc", &json!({ "cmd": "app_info", "payload": {} })).expect("a listed command is answered");
    let refused = [
        ("no_such_command", json!({})),
        ("plugin:dialog|open", json!({ "options": {} })),
        ("plugin:window|close", json!({})),
        ("plugin:event|emit", json!({ "event": "launched", "payload": {} })),
        ("plugin:webview|create_webview_window", json!({ "options": { "label": "second" } })),
    ];
    for (command, arguments) in refused {
        let error = window.invoke(command, &arguments).expect_err(command);
        assert!(
            error.to_string().contains("not allowed"),
            "{command} must be refused by the access control list: {error}"
        );
    }
    let evaluated = window.run("return new Promise((done) => { const script = document.createElement('script'); \
        script.textContent = 'window.injected = 1'; document.body.append(script); done(window.injected ?? 'refused'); })");
    assert_eq!(evaluated, json!("refused"), "a script that the page did not come with must not run");
    let polluted = window.run(
        "try { Object.prototype.polluted = 1 } catch {} \
         try { Object.prototype.toString = () => 'mine' } catch {} \
         const own = {}; own.toString = () => 'own'; \
         return [Object.isFrozen(Object.prototype), 'polluted' in {}, `${{}}`, `${own}`]",
    );
    assert_eq!(
        polluted,
        json!([true, false, "[object Object]", "own"]),
        "what all objects share cannot be changed, and an object may still have its own"
    );
    let foreign = window.run("return fetch('http://127.0.0.1:9/').then(() => 'reached', (error) => String(error))");
    assert!(!foreign.to_string().contains("reached"), "the page reaches nothing but its own program: {foreign}");
}
