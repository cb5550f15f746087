//! One run of `qd`: the engine, the engagement, and how to talk to the person.

use std::io::{IsTerminal, Write};
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use api::{ApiError, Context, Reply, Settings};
use serde::de::DeserializeOwned;
use serde_json::{Value, json};

use crate::arguments::{Arguments, Command, Format};
use crate::output;

/// One run of `qd`.
pub(crate) struct Session {
    context: Arc<Context>,
    pub(crate) format: Format,
    pub(crate) quiet: bool,
    interrupted: Arc<AtomicBool>,
}

impl Session {
    /// Starts the engine and opens the engagement, unless one is to be made.
    pub(crate) fn start(arguments: &Arguments) -> Result<Self, ApiError> {
        let reader = std::env::current_exe()
            .map_err(|error| ApiError::new("io", format!("this program cannot be found again: {error}"), ""))?;
        let app_data = api::app_data_folder()?;
        let context = Context::new(Settings { app_data, reader, sample_data: None })?;
        let interrupted = Arc::new(AtomicBool::new(false));
        let (flag, stopped) = (interrupted.clone(), context.clone());
        // Without a handler Ctrl-C ends the process at once; the next opening then clears what was half done.
        if let Err(error) = ctrlc::set_handler(move || {
            flag.store(true, Ordering::SeqCst);
            api::cancel(&stopped, REQUEST);
        }) {
            tracing::warn!("Ctrl-C cannot be caught: {error}");
        }
        let format =
            arguments.format.unwrap_or(if std::io::stdout().is_terminal() { Format::Table } else { Format::Csv });
        let session = Self { context, format, quiet: arguments.quiet, interrupted };
        if !matches!(arguments.command, Command::New { .. }) {
            let folder = match &arguments.engagement {
                Some(folder) => folder.clone(),
                None => {
                    let here = std::env::current_dir().ok().filter(|here| here.to_str().is_some());
                    here.unwrap_or_else(|| PathBuf::from("."))
                }
            };
            session.call_value("engagement_open", json!({ "path": folder }))?;
        }
        Ok(session)
    }

    /// Runs a command and reads its JSON.
    pub(crate) fn call<T: DeserializeOwned>(&self, command: &str, payload: Value) -> Result<T, ApiError> {
        let value = self.call_value(command, payload)?;
        serde_json::from_value(value)
            .map_err(|error| ApiError::new("internal", format!("the reply to {command}: {error}"), ""))
    }

    /// Runs a command and gives its JSON.
    pub(crate) fn call_value(&self, command: &str, mut payload: Value) -> Result<Value, ApiError> {
        if let Some(fields) = payload.as_object_mut() {
            let reading = matches!(
                command,
                "ask"
                    | "sql"
                    | "rows_count"
                    | "check"
                    | "check_report"
                    | "reconcile"
                    | "dimensions"
                    | "tag_survey"
                    | "unit_cost"
                    | "kpis"
                    | "budget_scorecard"
                    | "budget_month_end"
                    | "frozen_forecast"
                    | "scenario_run"
                    | "scenario_compare"
                    | "scenario_lines"
            );
            if reading {
                fields.insert("request_id".to_owned(), json!(REQUEST));
            }
        }
        match api::dispatch(&self.context, command, payload)? {
            Reply::Json(value) => Ok(value),
            Reply::Bytes(_) => Err(ApiError::new("internal", format!("{command} gives no JSON"), "")),
        }
    }

    /// A page of charges, as text.
    pub(crate) fn rows(&self, payload: Value) -> Result<api::TextRows, ApiError> {
        match api::dispatch(&self.context, "rows", payload)? {
            Reply::Bytes(bytes) => api::decode(&bytes),
            Reply::Json(_) => Err(ApiError::new("internal", "rows gives no bytes", "")),
        }
    }

    /// Waits for a job, with progress on a terminal; Ctrl-C cancels it.
    pub(crate) fn wait(&self, started: &Value) -> Result<Value, ApiError> {
        let job = started["job"].clone();
        let shown = !self.quiet && std::io::stderr().is_terminal();
        loop {
            let status = self.call_value("job_status", json!({ "job": job }))?;
            if status["state"] == "running" {
                if self.interrupted.load(Ordering::SeqCst) {
                    self.call_value("job_cancel", json!({ "job": job }))?;
                }
                if shown {
                    progress(&status);
                }
                std::thread::sleep(Duration::from_millis(40));
                continue;
            }
            if shown {
                eprint!("\r\x1b[2K");
            }
            if status["state"] == "done" {
                return Ok(status["result"].clone());
            }
            let error = &status["error"];
            let text = |key: &str| error[key].as_str().unwrap_or_default().to_owned();
            return Err(ApiError {
                code: text("code"),
                message: text("message"),
                hint: text("hint"),
                details: error["details"].clone(),
            });
        }
    }

    /// Says something that is not data.
    pub(crate) fn note(&self, text: &str) {
        if !self.quiet {
            eprintln!("{}", output::shown(text));
        }
    }
}

/// `qd` runs one command, so one id is enough.
const REQUEST: &str = "qd";

fn progress(status: &Value) {
    let number = |key: &str| status[key].as_u64().unwrap_or(0);
    let reads = number("bytes_total") > 0 || number("rows") > 0;
    let mut line = format!(
        "{} {}/{}{}",
        status["phase"].as_str().unwrap_or_default(),
        number("files_done"),
        number("files_total"),
        if reads { " files" } else { "" },
    );
    if number("bytes_total") > 0 {
        line += &format!(", {} of {} MB", number("bytes_done") / 1_000_000, number("bytes_total") / 1_000_000);
    }
    if number("rows") > 0 {
        line += &format!(", {} rows", number("rows"));
    }
    eprint!("\r\x1b[2K{line}");
    // A progress line that cannot be flushed is not worth an error.
    let _unseen = std::io::stderr().flush();
}
