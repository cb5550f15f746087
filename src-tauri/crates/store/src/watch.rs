//! [`Watch`]: how far long work is, and the wish that it stops.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

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
    interrupts: Arc<Interrupts>,
}

type Interrupts = Mutex<Vec<Arc<duckdb::InterruptHandle>>>;

/// How long the engine is given to heed an interrupt before the next.
const PATIENCE: Duration = Duration::from_millis(20);

impl Watch {
    /// A fresh handle.
    #[must_use]
    pub fn new() -> Arc<Self> {
        Arc::new(Self::default())
    }

    /// Asks the work to stop; harmless when it has ended. The wish is set before the engine is interrupted, so that the error
    /// that follows is known to be this wish.
    pub fn cancel(&self) {
        let again = self.cancelled.swap(true, Ordering::SeqCst);
        if !interrupt(&self.interrupts) || again {
            return;
        }
        // The engine forgets an interrupt that comes while a statement is about to begin: it is told until nothing runs any more.
        let interrupts = Arc::clone(&self.interrupts);
        std::thread::spawn(move || {
            while interrupt(&interrupts) {
                std::thread::sleep(PATIENCE);
            }
        });
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

/// Interrupts what runs; gives whether anything does.
fn interrupt(running: &Interrupts) -> bool {
    let running = running.lock().unwrap_or_else(PoisonError::into_inner);
    running.iter().for_each(|handle| handle.interrupt());
    !running.is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_wish_from_before_a_statement_begins_stops_it() {
        let connection = duckdb::Connection::open_in_memory().unwrap();
        let handle = connection.interrupt_handle();
        let watch = Watch::new();
        watch.attach(handle.clone());
        watch.cancel();
        let endless = "SELECT count(*) FROM range(100000000000000) t(i) WHERE hash(i) = 0";
        let counted = connection.query_row(endless, [], |row| row.get::<_, i64>(0));
        watch.detach(&handle);
        assert!(counted.is_err(), "the engine forgets an interrupt when a statement begins; it was told again");
    }
}
