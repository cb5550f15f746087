//! The commands without a command line: what the window does, in the process of the test.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use api::{Context, Reply, Settings};
use serde_json::{Value, json};
use testsupport::Workbench;

/// An open engagement.
pub struct Desk {
    pub context: Arc<Context>,
}

/// How often a job is looked at before it is taken for stuck; a look every two milliseconds.
const LOOKS_MAX: u32 = 150_000;

impl Desk {
    /// Opens the workbench's engagement; `reader` is the program that reads exports.
    pub fn new(bench: &Workbench, reader: &Path) -> Self {
        let settings = Settings { app_data: bench.home(), reader: reader.to_owned(), sample_data: None };
        let desk = Self { context: Context::new(settings).unwrap() };
        desk.call("engagement_open", json!({ "path": bench.engagement() })).unwrap();
        desk
    }

    /// Runs a command; an error is its JSON.
    pub fn call(&self, command: &str, payload: Value) -> Result<Value, Value> {
        match api::dispatch(&self.context, command, payload) {
            Ok(Reply::Json(value)) => Ok(value),
            Ok(Reply::Bytes(_)) => panic!("{command} answers in bytes"),
            Err(error) => Err(serde_json::to_value(error).unwrap()),
        }
    }

    /// Loads files and waits for the end.
    pub fn load(&self, paths: &[&Path]) -> Result<Value, Value> {
        let end = self.load_until(paths, |_| false);
        if end["state"] == "done" { Ok(end["result"].clone()) } else { Err(end["error"].clone()) }
    }

    /// Loads files, cancels when `enough` says so of the job's status, and gives the last status.
    pub fn load_until(&self, paths: &[&Path], enough: impl Fn(&Value) -> bool) -> Value {
        let job = self.call("load_start", json!({ "paths": paths })).unwrap()["job"].clone();
        for _ in 0..LOOKS_MAX {
            let status = self.call("job_status", json!({ "job": job })).unwrap();
            if status["state"] != "running" {
                return status;
            }
            if enough(&status) {
                self.call("job_cancel", json!({ "job": job })).unwrap();
            }
            std::thread::park_timeout(Duration::from_millis(2));
        }
        panic!("the load does not come to an end");
    }
}
