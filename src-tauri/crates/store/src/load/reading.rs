//! Reads the files of a delivery, two at a time: a file that is smaller than one of the engine's row groups keeps one core busy.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::LoadOptions;
use super::child::{self, Reading};
use super::discover::Found;
use super::protocol::ReadRequest;
use crate::{Result, StoreError, Watch};

/// Children at a time. More would each have too little memory.
const READERS_MAX: usize = 2;

/// Has every file read by a child of its own; the outcomes in the order of the files. After a failure no further file is begun.
///
/// # Errors
/// The first file's error, in the order of the files.
pub(crate) fn read_all(
    found: &[Found],
    workshop: &Path,
    options: &LoadOptions,
    watch: &Arc<Watch>,
) -> Result<Vec<Reading>> {
    let readers = READERS_MAX.min(found.len()).max(1);
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    // The readers share memory and cores. An engine with more threads than work keeps the rest spinning.
    let share = Share {
        memory_mib: options.memory_mib / u32::try_from(readers).unwrap_or(1),
        threads: u32::try_from(cores / readers).unwrap_or(1).max(1),
    };
    let (next, failed) = (AtomicUsize::new(0), AtomicBool::new(false));
    let bytes: Vec<AtomicU64> = found.iter().map(|_| AtomicU64::new(0)).collect();
    let outcomes: Vec<Mutex<Option<Result<Reading>>>> = found.iter().map(|_| Mutex::new(None)).collect();
    let work = || {
        while !failed.load(Ordering::SeqCst) {
            let position = next.fetch_add(1, Ordering::SeqCst);
            let Some(file) = found.get(position) else { break };
            let tell = |phase: &str, read: u64| {
                bytes[position].store(read, Ordering::Relaxed);
                let all = bytes.iter().map(|one| one.load(Ordering::Relaxed)).sum();
                watch.report(|progress| {
                    phase.clone_into(&mut progress.phase);
                    progress.file = Some(file.path.display().to_string());
                    progress.bytes_done = all;
                });
            };
            let outcome = read_one(file, &workshop.join(position.to_string()), share, options, watch, &tell);
            tell("Reading", file.bytes);
            failed.fetch_or(outcome.is_err(), Ordering::SeqCst);
            watch.report(|progress| {
                progress.files_done += 1;
                if let Ok(Reading::Staged { result, .. }) = &outcome {
                    progress.rows += result.inputs.iter().map(|input| input.rows).sum::<u64>();
                }
            });
            *outcomes[position].lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
        }
    };
    std::thread::scope(|scope| {
        for _ in 1..readers {
            scope.spawn(work);
        }
        work();
    });
    // What was not begun comes after what failed.
    outcomes.into_iter().filter_map(|outcome| outcome.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// What one reader may use.
#[derive(Clone, Copy)]
struct Share {
    memory_mib: u32,
    threads: u32,
}

fn read_one(
    file: &Found,
    staging: &Path,
    share: Share,
    options: &LoadOptions,
    watch: &Arc<Watch>,
    tell: &dyn Fn(&str, u64),
) -> Result<Reading> {
    std::fs::create_dir(staging).map_err(StoreError::io(staging))?;
    let request = ReadRequest {
        file: file.path.canonicalize().map_err(StoreError::io(&file.path))?,
        staging: staging.to_owned(),
        memory_mib: share.memory_mib,
        threads: share.threads,
        provider: options.provider.clone(),
    };
    let began = Instant::now();
    let reading = child::read(&options.reader, &request, watch, tell);
    tracing::debug!(file = %file.path.display(), elapsed_ms = began.elapsed().as_millis(), "read");
    reading
}
