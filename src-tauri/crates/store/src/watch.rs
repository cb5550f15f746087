//! [`Watch`]: how far long work is, and the wish that it stops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;

/// How far a piece of long work is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, ts_rs::TS)]
#[ts(export)]
pub struct Progress {
    /// What is being done, for a person: `Reading`, `Writing charges`.
    pub phase: String,
    /// The file at work.
    pub file: Option<String>,
    /// Files finished.
    pub files_done: u64,
    /// Files in all.
    pub files_total: u64,
    /// Bytes read so far, over all files.
    pub bytes_done: u64,
    /// Bytes in all.
    pub bytes_total: u64,
    /// Charges staged so far.
    pub rows: u64,
}

/// A handle on running work, shared by who does it and who watches it.
#[derive(Default)]
pub struct Watch {
    cancelled: AtomicBool,
    progress: Mutex<Progress>,
    /// Of each statement that runs for it now.
    interrupts: Mutex<Vec<Arc<duckdb::InterruptHandle>>>,
}

impl Watch {
    /// A fresh handle.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Asks the work to stop; harmless when it has ended. The wish is set before the engine is interrupted, so that the error
    /// that follows is known to be this wish.
    pub fn cancel(&self) {
        self.cancelled.store(true, Ordering::SeqCst);
        for handle in self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            handle.interrupt();
        }
    }

    /// Whether the work was asked to stop.
    #[must_use]
    pub fn is_cancelled(&self) -> bool {
        self.cancelled.load(Ordering::SeqCst)
    }

    /// How far the work is.
    #[must_use]
    pub fn progress(&self) -> Progress {
        self.progress.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Changes what is told about the work.
    pub fn report(&self, change: impl FnOnce(&mut Progress)) {
        change(&mut self.progress.lock().unwrap_or_else(PoisonError::into_inner));
    }

    /// Ties the engine's interrupt to this handle while a statement runs.
    pub(crate) fn attach(&self, handle: Arc<duckdb::InterruptHandle>) {
        self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).push(handle);
    }

    /// Unties it again.
    pub(crate) fn detach(&self, handle: &Arc<duckdb::InterruptHandle>) {
        self.interrupts.lock().unwrap_or_else(PoisonError::into_inner).retain(|other| !Arc::ptr_eq(other, handle));
    }
}
