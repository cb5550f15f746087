//! A small WebDriver client that starts the real window on a screen of its own.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long anything may take before a test says that it did not come; a loaded machine is slow, and nothing waits this out.
const PATIENCE: Duration = Duration::from_secs(60);

/// A process that ends with its owner.
struct Owned(Child);

impl Drop for Owned {
    fn drop(&mut self) {
        // It may have ended by itself; either way it is gone after the wait.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The window under a driver. Dropping it ends the window, the driver and the screen, in this order.
pub struct Window {
    session: String,
    port: u16,
    /// What driver and window say; told when a test fails.
    complaints: tempfile::NamedTempFile,
    _driver: Owned,
    _screen: Option<Owned>,
}

impl Window {
    /// Starts the window with these arguments.
    pub fn open(arguments: &[&Path]) -> Window {
        let program = shell();
        let (screen, display) = screen();
        let port = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap().local_addr().unwrap().port();
        let complaints = tempfile::NamedTempFile::new().unwrap();
        let driver = Command::new("WebKitWebDriver")
            .args([format!("--port={port}"), "--host=127.0.0.1".into()])
            .env("DISPLAY", display)
            .env("TAURI_WEBVIEW_AUTOMATION", "true")
            .stdout(Stdio::null())
            .stderr(complaints.reopen().unwrap())
            .spawn()
            .unwrap_or_else(|error| panic!("WebKitWebDriver could not be started ({error}): run `cargo xtask setup`"));
        let mut window = Window { session: String::new(), port, complaints, _driver: Owned(driver), _screen: screen };
        window.await_driver();
        // No browserName: the driver refuses every name but its own.
        let options = json!({ "binary": program, "args": arguments });
        let wanted = json!({ "capabilities": { "alwaysMatch": { "webkitgtk:browserOptions": options } } });
        let session = window.request("POST", "/session", Some(&wanted));
        window.session = session["sessionId"].as_str().unwrap_or_else(|| panic!("no window: {session}")).to_owned();
        let timeouts = json!({ "script": PATIENCE.as_millis() as u64 });
        window.ask("POST", "/timeouts", Some(&timeouts));
        window
    }

    /// Calls a shell command from the page, as the page does. Bytes come back as their count and their first four.
    pub fn invoke(&self, command: &str, arguments: &Value) -> Result<Value, Value> {
        const SCRIPT: &str = "const [command, request, done] = arguments;
            window.__TAURI_INTERNALS__.invoke(command, request).then(
                (reply) => done({ ok: reply instanceof ArrayBuffer
                    ? { bytes: reply.byteLength, head: [...new Uint8Array(reply.slice(0, 4))] } : reply }),
                (error) => done({ error }));";
        let body = json!({ "script": SCRIPT, "args": [command, arguments] });
        let mut reply = self.ask("POST", "/execute/async", Some(&body));
        match reply.get_mut("error") {
            Some(error) => Err(error.take()),
            None => Ok(reply["ok"].take()),
        }
    }

    /// Runs a script in the page and gives what it returns.
    pub fn run(&self, script: &str) -> Value {
        self.ask("POST", "/execute/sync", Some(&json!({ "script": script, "args": [] })))
    }

    /// Waits until a JavaScript expression is true in the page, and gives its value. The page itself tells when it changes.
    pub fn until(&self, expression: &str, reason: &str) -> Value {
        let script = format!(
            "const done = arguments[0];
            const look = () => {{ try {{ return {expression}; }} catch {{ return null; }} }};
            const tell = () => {{ const found = look(); if (found) {{ watch.disconnect(); clearTimeout(end); done(found); }} }};
            const watch = new MutationObserver(tell);
            const all = {{ subtree: true, childList: true, attributes: true, characterData: true }};
            const end = setTimeout(() => {{ watch.disconnect(); done(look() || null); }}, {});
            watch.observe(document, all);
            tell();",
            (PATIENCE / 2).as_millis()
        );
        let found = self.ask("POST", "/execute/async", Some(&json!({ "script": script, "args": [] })));
        assert!(!found.is_null(), "{reason}: `{expression}` did not come true; the page shows:\n{}", self.text());
        found
    }

    /// What the page shows, as text.
    pub fn text(&self) -> String {
        self.run("return document.body.innerText").as_str().unwrap_or_default().to_owned()
    }

    /// A picture of the page: a PNG in Base64.
    pub fn picture(&self) -> String {
        self.ask("GET", "/screenshot", None).as_str().unwrap_or_default().to_owned()
    }

    fn ask(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        self.request(method, &format!("/session/{}{path}", self.session), body)
    }

    fn await_driver(&self) {
        let began = Instant::now();
        while TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).is_err() {
            assert!(began.elapsed() < PATIENCE, "WebKitWebDriver does not listen on port {}", self.port);
            std::thread::yield_now();
        }
    }

    /// One HTTP exchange; an error of the driver fails the test with its message.
    fn request(&self, method: &str, path: &str, body: Option<&Value>) -> Value {
        let body = body.map(Value::to_string).unwrap_or_default();
        let mut stream = TcpStream::connect((Ipv4Addr::LOCALHOST, self.port)).unwrap();
        stream.set_read_timeout(Some(PATIENCE * 2)).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: 127.0.0.1:{}\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(format!("{head}{body}").as_bytes()).unwrap();
        let mut reader = BufReader::new(stream);
        let (mut length, mut status) = (0, String::new());
        loop {
            let mut line = String::new();
            reader
                .read_line(&mut line)
                .unwrap_or_else(|error| panic!("{method} {path}: the driver broke off: {error}"));
            let line = line.trim_end().to_ascii_lowercase();
            if line.is_empty() {
                break;
            }
            if let Some(value) = line.strip_prefix("content-length:") {
                length = value.trim().parse().unwrap();
            } else if status.is_empty() {
                status = line;
            }
        }
        let mut reply = vec![0; length];
        reader.read_exact(&mut reply).unwrap();
        let mut reply: Value = serde_json::from_slice(&reply).unwrap_or(Value::Null);
        let value = reply["value"].take();
        assert!(status.contains(" 200"), "{method} {path}: {status}: {value}");
        value
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        if std::thread::panicking() {
            let said = std::fs::read_to_string(self.complaints.path()).unwrap_or_default();
            eprintln!("driver and window said:\n{said}");
        } else {
            self.ask("DELETE", "", None);
        }
    }
}

/// The window's program, which lies beside the tests.
fn shell() -> PathBuf {
    let tests = std::env::current_exe().unwrap();
    let profile = tests.ancestors().nth(2).unwrap();
    let program = profile.join(format!("quarterdeck{}", std::env::consts::EXE_SUFFIX));
    assert!(
        program.is_file(),
        "{} is not built: run `cargo build -p quarterdeck`, or `cargo xtask test`",
        program.display()
    );
    program
}

/// A screen to show the window on: the one there is, or a new one without a monitor.
fn screen() -> (Option<Owned>, String) {
    if let Some(display) = std::env::var("DISPLAY").ok().filter(|display| !display.is_empty()) {
        return (None, display);
    }
    let mut screen = Command::new("Xvfb")
        .args(["-displayfd", "1", "-screen", "0", "1440x900x24", "-nolisten", "tcp"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .unwrap_or_else(|error| panic!("Xvfb could not be started ({error}): run `cargo xtask setup`"));
    let mut number = String::new();
    BufReader::new(screen.stdout.take().unwrap()).read_line(&mut number).unwrap();
    (Some(Owned(screen)), format!(":{}", number.trim()))
}
