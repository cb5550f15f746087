//! How far a read is that nobody reports: DuckDB 1.5 tells no progress, but the system counts the bytes that a process reads.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// How often it is looked at.
const INTERVAL: Duration = Duration::from_millis(150);

/// Does `work` while `tell` is told, from time to time, how many bytes this process has read since. Where the system does not
/// count (anything but Linux), nothing is told.
pub(crate) fn metered<T>(tell: &(dyn Fn(u64) + Sync), work: impl FnOnce() -> T) -> T {
    let Some(before) = bytes_read() else { return work() };
    let done = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let watching = scope.spawn(|| {
            loop {
                // Looked at before the bytes, so that the last word is said after the work.
                let last = done.load(Ordering::Acquire);
                tell(bytes_read().unwrap_or(before).saturating_sub(before));
                if last {
                    break;
                }
                std::thread::park_timeout(INTERVAL);
            }
        });
        let result = work();
        done.store(true, Ordering::Release);
        watching.thread().unpark();
        result
    })
}

fn bytes_read() -> Option<u64> {
    let text = std::fs::read_to_string("/proc/self/io").ok()?;
    text.lines().find_map(|line| line.strip_prefix("rchar: "))?.trim().parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::atomic::AtomicU64;

    #[test]
    fn the_work_is_done_and_its_bytes_are_told() {
        let told = AtomicU64::new(0);
        let read = metered(&|bytes| told.store(bytes, Ordering::Relaxed), || {
            std::fs::read(std::env::current_exe().unwrap()).unwrap().len()
        });
        let told = told.load(Ordering::Relaxed);
        assert!(
            told == 0 || told >= read as u64,
            "at the end all bytes of the file are counted where bytes are counted"
        );
    }
}
