//! The real window, under a screen of its own: it shows a known bill, bytes reach it, and it is refused what it may not do.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod webdriver;

use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::json;
use webdriver::Window;

/// The billed cost of October 2018: the sum of `lineItem/UnblendedCost` over the file.
const OCTOBER_BILLED: &str = "4064.4831315379";

/// The rows of that month's file; a reservation's monthly fee becomes two charges, so there are a few more charges.
const OCTOBER_ROWS: u64 = 119_307;

/// An engagement with that month in it, and a folder for the program's own data.
struct Loaded {
    folder: tempfile::TempDir,
}

impl Loaded {
    fn october() -> Loaded {
        let bill = Path::new(env!("CARGO_MANIFEST_DIR"))
            .ancestors()
            .nth(2)
            .unwrap()
            .join("shared/data/aws-well-architected-labs/Oct2018-WorkshopCUR-00001.snappy.parquet");
        assert!(bill.is_file(), "the real bills lie beside the checkout; {} does not", bill.display());
        let loaded = Loaded { folder: tempfile::tempdir().unwrap() };
        let engagement = loaded.engagement();
        qd(&[
            "new".as_ref(),
            engagement.as_ref(),
            "--name".as_ref(),
            "October".as_ref(),
            "--currency".as_ref(),
            "USD".as_ref(),
        ]);
        qd(&["-e".as_ref(), engagement.as_ref(), "load".as_ref(), bill.as_ref()]);
        loaded
    }

    fn engagement(&self) -> PathBuf {
        self.folder.path().join("october")
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

#[test]
fn the_window_opens_an_engagement_and_paints_its_total() {
    let loaded = Loaded::october();
    let window = loaded.window();
    window.until(
        "document.body.innerText.includes('4,064.48')",
        "the window opens on Explore, whose header is the month's billed cost",
    );
    window.until("document.querySelector('main canvas, main svg [fill]')", "the trend is drawn");
    // An unpainted window of this size compresses to a few kilobytes.
    assert!(window.picture().len() > 30_000, "the window must be painted, not only laid out");
}

#[test]
fn bytes_arrive_over_the_real_channel_and_the_grid_shows_them() {
    let loaded = Loaded::october();
    let window = loaded.window();
    let count = window.invoke("rpc", &json!({ "cmd": "rows_count", "payload": { "question": {} } })).unwrap();
    let charges = count["charges"].as_u64().unwrap_or_default();
    assert!((OCTOBER_ROWS..OCTOBER_ROWS + 100).contains(&charges), "every row of the file is a charge: {count}");
    let answer = window.invoke("rpc", &json!({ "cmd": "ask", "payload": { "question": {} } })).unwrap();
    assert!(
        answer.to_string().contains(OCTOBER_BILLED),
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
