//! Runs the reading child: another process that opens the untrusted file, so that a file that kills its reader is a message
//! and not a lost engagement.

use std::ffi::OsStr;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;

use super::FileCode;
use super::bundle;
use super::look::Look;
use super::protocol::{ReadRequest, ReadResult, ReaderMessage};
use crate::{Result, StoreError, Watch};

/// The first argument that makes one of our programs the reading child; the second is the request file.
const READ: &str = "__read-export";

/// What came of a file.
pub(crate) enum Reading {
    Staged {
        path: PathBuf,
        result: ReadResult,
    },
    NotABill {
        file: String,
        problem: String,
        hint: String,
    },
    Looked(Look),
    /// It cannot be loaded.
    Failed(StoreError),
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
    let requests = std::fs::read(&path).ok().and_then(|text| serde_json::from_slice::<Vec<ReadRequest>>(&text).ok());
    let Some(requests) = requests else {
        eprintln!("the reader was started without a request");
        return Some(std::process::ExitCode::from(2));
    };
    end_with_parent();
    bundle::run(&requests, &|message| {
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

/// Has `program` read files one after another; `tell` is told which of them is at work, the phase and the bytes of it done, `done`
/// what came of each. Cancelling `watch` kills the child, and so does an error of `done`. Gives how many files were done, the one that
/// killed the reader included.
///
/// # Errors
/// What is not the fault of a file: the disk, the program, the cancel; and what `done` gives.
pub(crate) fn read(
    program: &Path,
    requests: &[ReadRequest],
    watch: &Arc<Watch>,
    tell: &dyn Fn(usize, &str, u64),
    done: &mut dyn FnMut(usize, Reading) -> Result<()>,
) -> Result<usize> {
    let Some(first) = requests.first() else { return Ok(0) };
    let spec = first.staging.join("request.json");
    let text = serde_json::to_vec(requests)
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
    let mut position = 0;
    let outcome = listen(&mut child, watch, &mut |message| {
        let Some(request) = requests.get(position) else { return Ok(()) };
        let reading = match message {
            ReaderMessage::Progress { phase, bytes } => {
                tell(position, &phase, bytes);
                return Ok(());
            }
            ReaderMessage::Done { result } => Reading::Staged { path: request.file.clone(), result },
            ReaderMessage::NotABill { file, problem, hint } => Reading::NotABill { file, problem, hint },
            ReaderMessage::Looked { columns, rows } => Reading::Looked(Look { columns, rows }),
            ReaderMessage::Failed { file, problem, hint, no_room } => {
                let code = FileCode::of_failed(Path::new(&file));
                let error = StoreError::File { file, code, problem, hint };
                if no_room {
                    return Err(error);
                }
                Reading::Failed(error)
            }
        };
        position += 1;
        done(position - 1, reading)
    });
    if watch.is_cancelled() || outcome.is_err() {
        // Already gone is as good as killed.
        let _gone = child.kill();
    }
    let status = child.wait().map_err(StoreError::io(program))?;
    if watch.is_cancelled() {
        return Err(StoreError::Cancelled);
    }
    outcome?;
    if let Some(request) = requests.get(position) {
        let complaint = complaint.join().unwrap_or_default();
        let last_line = complaint.lines().last().map(|line| format!("; {line}")).unwrap_or_default();
        let file = request.file.display().to_string();
        done(position, Reading::Failed(StoreError::ReaderDied { file, how: format!("{status}{last_line}") }))?;
        position += 1;
    }
    Ok(position)
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

/// Follows the child's lines to the last one; `heed` is given each message.
fn listen(child: &mut Child, watch: &Arc<Watch>, heed: &mut dyn FnMut(ReaderMessage) -> Result<()>) -> Result<()> {
    let Some(stdout) = child.stdout.take() else { return Ok(()) };
    let (sender, receiver) = std::sync::mpsc::channel();
    let listener = std::thread::spawn(move || {
        for line in BufReader::new(stdout).lines() {
            let Ok(line) = line else { break };
            if sender.send(line).is_err() {
                break;
            }
        }
    });
    loop {
        match receiver.recv_timeout(std::time::Duration::from_millis(50)) {
            Ok(line) => match serde_json::from_str::<ReaderMessage>(&line) {
                Ok(message) => heed(message)?,
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
    Ok(())
}
