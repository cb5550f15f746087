//! Reads the files of a delivery, two at a time: a file that is smaller than one of the engine's row groups keeps one core busy.

use std::collections::VecDeque;
use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Instant;

use super::child::{self, Reading};
use super::discover::Found;
use super::protocol::ReadRequest;
use super::{FileCode, LoadOptions};
use crate::{Result, StoreError, Watch};

/// Children at a time. More would each have too little memory.
const READERS_MAX: usize = 2;

/// Files that one child reads at most: to start a child for each, and to plan the reading of each, would take longer than to read small
/// files.
const FILES_MAX: usize = 512;

/// Bytes after which a child is given no further file.
const BYTES_MAX: u64 = 32 << 20;

/// A file larger than this has a child to itself: 4 MiB. What one child is given the others cannot take from it.
const TOGETHER_BYTES_MAX: u64 = 4 << 20;

/// Has every file read by a child process; the outcomes in the order of the files. A file found in a folder that cannot be read is an
/// outcome; a named one is an error, after which no further file is begun.
///
/// # Errors
/// The first error, in the order of the files.
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
    let reads = Reads {
        found,
        workshop,
        options,
        watch,
        share,
        readers,
        waiting: Mutex::new((0..found.len()).collect()),
        failed: AtomicBool::new(false),
        bytes: found.iter().map(|_| AtomicU64::new(0)).collect(),
        outcomes: found.iter().map(|_| Mutex::new(None)).collect(),
    };
    std::thread::scope(|scope| {
        for _ in 1..readers {
            scope.spawn(|| reads.work());
        }
        reads.work();
    });
    // What was not begun comes after what failed.
    reads.outcomes.into_iter().filter_map(|one| one.into_inner().unwrap_or_else(PoisonError::into_inner)).collect()
}

/// What one reader may use.
#[derive(Clone, Copy)]
struct Share {
    memory_mib: u32,
    threads: u32,
}

/// The files that are read, shared by the readers.
struct Reads<'a> {
    found: &'a [Found],
    workshop: &'a Path,
    options: &'a LoadOptions,
    watch: &'a Arc<Watch>,
    share: Share,
    readers: usize,
    waiting: Mutex<VecDeque<usize>>,
    failed: AtomicBool,
    /// How much of each file is read.
    bytes: Vec<AtomicU64>,
    outcomes: Vec<Mutex<Option<Result<Reading>>>>,
}

impl Reads<'_> {
    /// One reader: starts child after child until no file waits or one has failed.
    fn work(&self) {
        while !self.failed.load(Ordering::SeqCst) {
            let mut files = self.take();
            while let Some(&first) = files.first() {
                match self.read(&files) {
                    // A file killed its reader: the others need a new one.
                    Ok(done) => drop(files.drain(..done.clamp(1, files.len()))),
                    Err((position, error)) => {
                        self.failed.store(true, Ordering::SeqCst);
                        self.keep(position.unwrap_or(first), Err(error));
                        return;
                    }
                }
                if self.failed.load(Ordering::SeqCst) {
                    return;
                }
            }
            if files.is_empty() && self.waiting.lock().unwrap_or_else(PoisonError::into_inner).is_empty() {
                return;
            }
        }
    }

    /// The next files for one child: many small ones, or a large one; never more than the reader's share of all.
    fn take(&self) -> Vec<usize> {
        let mut waiting = self.waiting.lock().unwrap_or_else(PoisonError::into_inner);
        let most = self.found.len().div_ceil(self.readers).min(FILES_MAX);
        let (mut files, mut bytes) = (Vec::new(), 0);
        while let Some(&position) = waiting.front() {
            let more = self.found[position].bytes;
            let alone = more > TOGETHER_BYTES_MAX;
            if !files.is_empty() && (alone || files.len() >= most || bytes >= BYTES_MAX) {
                break;
            }
            waiting.pop_front();
            files.push(position);
            bytes += more;
            if alone {
                break;
            }
        }
        files
    }

    /// Reads files with one child; gives how many were done. An error comes with the file that it is about, if it is about one.
    fn read(&self, files: &[usize]) -> Result<usize, (Option<usize>, StoreError)> {
        let requests = files.iter().map(|position| self.request(*position).map_err(|error| (Some(*position), error)));
        let requests = requests.collect::<Result<Vec<_>, _>>()?;
        let mut began = Instant::now();
        let tell = |at: usize, phase: &str, read: u64| self.tell(files[at], phase, read);
        let mut refused = None;
        let done = child::read(&self.options.reader, &requests, self.watch, &tell, &mut |at, reading| {
            let (position, file) = (files[at], &self.found[files[at]]);
            tracing::debug!(file = %file.path.display(), elapsed_ms = began.elapsed().as_millis(), "read");
            began = Instant::now();
            self.tell(position, "Reading", file.bytes);
            self.watch.report(|progress| {
                progress.files_done += 1;
                if let Reading::Staged { result, .. } = &reading {
                    progress.rows += result.inputs.iter().map(|input| input.rows).sum::<u64>();
                }
            });
            match reading {
                Reading::Failed(error) if file.named => {
                    refused = Some(position);
                    Err(error)
                }
                Reading::NotABill { file: name, problem, hint } if file.named => {
                    refused = Some(position);
                    let code = FileCode::of_unknown(&file.path);
                    Err(StoreError::File { file: name, code, problem, hint })
                }
                reading => {
                    self.keep(position, Ok(reading));
                    Ok(())
                }
            }
        });
        done.map_err(|error| (refused, error))
    }

    fn request(&self, position: usize) -> Result<ReadRequest> {
        let staging = self.workshop.join(position.to_string());
        if !staging.exists() {
            std::fs::create_dir(&staging).map_err(StoreError::io(&staging))?;
        }
        let path = &self.found[position].path;
        Ok(ReadRequest {
            file: path.canonicalize().map_err(StoreError::io(path))?,
            staging,
            memory_mib: self.share.memory_mib,
            threads: self.share.threads,
            provider: self.options.provider.clone(),
            settings: self.options.settings.clone(),
            mappings: self.options.mappings.clone(),
            look: false,
        })
    }

    fn keep(&self, position: usize, outcome: Result<Reading>) {
        *self.outcomes[position].lock().unwrap_or_else(PoisonError::into_inner) = Some(outcome);
    }

    fn tell(&self, position: usize, phase: &str, read: u64) {
        self.bytes[position].store(read, Ordering::Relaxed);
        let all = self.bytes.iter().map(|one| one.load(Ordering::Relaxed)).sum();
        self.watch.report(|progress| {
            phase.clone_into(&mut progress.phase);
            progress.file = Some(self.found[position].path.display().to_string());
            progress.bytes_done = all;
        });
    }
}
