//! Runs the reading child: another process that opens the untrusted file, so that a file that kills its reader is a message
//! and not a lost engagement.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::protocol::{ReadRequest, ReadResult, ReaderMessage};
use super::stage;
use crate::{Result, StoreError, Watch};

/// The first argument that makes one of our programs the reading child; the second is the request file.
const READ: &str = "__read-export";

/// What came of a file.
pub(crate) enum Reading {
    Staged { path: PathBuf, result: ReadResult },
    NotABill { file: String, problem: String, hint: String },
}

/// When the process was started as the reading child, does its work and gives the exit code; `None` otherwise. Every program of
/// the house calls this first.
#[must_use]
pub fn run_reader_if_asked() -> Option<std::process::ExitCode> {
    let mut arguments = std::env::args_os().skip(1);
    if arguments.next().as_deref() != Some(OsStr::new(READ)) {
        return None;
    }
    let path = arguments.next().unwrap_or_default();
    let request = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<ReadRequest>(&text).ok());
    let Some(request) = request else {
        eprintln!("the reader was started without a request");
        return Some(std::process::ExitCode::from(2));
    };
    end_with_parent();
    stage::run(&request, &|message| {
        if let Ok(line) = serde_json::to_string(&message) {
            println!("{line}");
        }
    });
    Some(std::process::ExitCode::SUCCESS)
}

/// Ends this process when the parent is gone: its end of our stdin closes, and nobody is left to want the result.
fn end_with_parent() {
    std::thread::spawn(|| {
        let _closed = std::io::copy(&mut std::io::stdin(), &mut std::io::sink());
        std::process::exit(1);
    });
}

/// Has `program` read one file; `tell` is told the phase and the bytes of the file done. Cancelling `watch` kills the child.
pub(crate) fn read(
    program: &Path,
    request: &ReadRequest,
    watch: &Arc<Watch>,
    tell: &dyn Fn(&str, u64),
) -> Result<Reading> {
    let file = request.file.display().to_string();
    let spec = request.staging.join("request.json");
    let text = serde_json::to_vec(request)
        .map_err(|error| StoreError::Unexpected { found: error.to_string(), expected: "request for the reader" })?;
    std::fs::write(&spec, text).map_err(StoreError::io(&spec))?;
    let mut child = Command::new(program)
        .arg(READ)
        .arg(&spec)
        // Never written to: that it closes tells the child that we are gone.
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(StoreError::io(program))?;
    let complaint = last_words(&mut child);
    let outcome = listen(&mut child, watch, tell);
    if watch.is_cancelled() || outcome.is_err() {
        // Already gone is as good as killed.
        let _gone = child.kill();
    }
    let status = child.wait().map_err(StoreError::io(program))?;
    if watch.is_cancelled() {
        return Err(StoreError::Cancelled);
    }
    match outcome? {
        Some(ReaderMessage::Done { result }) => Ok(Reading::Staged { path: request.file.clone(), result }),
        Some(ReaderMessage::NotABill { file, problem, hint }) => Ok(Reading::NotABill { file, problem, hint }),
        Some(ReaderMessage::Failed { file, problem, hint }) => Err(StoreError::File { file, problem, hint }),
        Some(ReaderMessage::Progress { .. }) | None => {
            let complaint = complaint.join().unwrap_or_default();
            let last_line = complaint.lines().last().map(|line| format!("; {line}")).unwrap_or_default();
            Err(StoreError::ReaderDied { file, how: format!("{status}{last_line}") })
        }
    }
}

/// Takes in what the child writes to stderr, so that it never waits for us to do so, and keeps the beginning.
fn last_words(child: &mut Child) -> std::thread::JoinHandle<String> {
    let stderr = child.stderr.take();
    std::thread::spawn(move || {
        let mut kept = Vec::new();
        if let Some(mut stderr) = stderr {
            // What cannot be read is not worth an error beside the one that is being told.
            let _cut_short = stderr.by_ref().take(4000).read_to_end(&mut kept);
            let _rest = std::io::copy(&mut stderr, &mut std::io::sink());
        }
        String::from_utf8_lossy(&kept).into_owned()
    })
}

/// Follows the child's lines to the last one, which tells the outcome.
fn listen(child: &mut Child, watch: &Arc<Watch>, tell: &dyn Fn(&str, u64)) -> Result<Option<ReaderMessage>> {
    let Some(stdout) = child.stdout.take() else { return Ok(None) };
    let (sender, receiver) = std::sync::mpsc::channel();
    let listener = std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    let mut outcome = None;
    loop {
        match receiver.recv_timeout(std::time::Duration::from_millis(50)) {
            Ok(line) => match serde_json::from_str::<ReaderMessage>(&line) {
                Ok(ReaderMessage::Progress { phase, bytes }) => tell(&phase, bytes),
                Ok(last) => outcome = Some(last),
                Err(error) => {
                    return Err(StoreError::Unexpected {
                        found: format!("{line} ({error})"),
                        expected: "line of the reader",
                    });
                }
            },
            Err(std::sync::mpsc::RecvTimeoutError::Timeout) => {
                if watch.is_cancelled() {
                    let _gone = child.kill();
                }
            }
            Err(std::sync::mpsc::RecvTimeoutError::Disconnected) => break,
        }
    }
    // The channel is closed, so the thread is at its end.
    let _joined = listener.join();
    Ok(outcome)
}
