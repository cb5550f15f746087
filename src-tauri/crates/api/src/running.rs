//! [`Running`]: the requests at work, so that each can be stopped by its id.

use std::collections::{HashMap, VecDeque};
use std::sync::Arc;

use store::Watch;

/// As many wishes to stop are kept of requests that have not begun.
const EARLY_MAX: usize = 64;

/// The requests at work by id.
#[derive(Default)]
pub(crate) struct Running {
    watches: HashMap<String, Arc<Watch>>,
    /// Requests that were to stop when they were not known: a request and the wish to stop it may overtake each other on their way.
    early: VecDeque<String>,
}

impl Running {
    /// A request begins; one that was to stop before that has its watch told at once.
    pub(crate) fn begin(&mut self, id: &str, watch: &Arc<Watch>) {
        if self.early.iter().any(|early| early == id) {
            watch.cancel();
        }
        self.watches.insert(id.to_owned(), watch.clone());
    }

    /// A request has ended.
    pub(crate) fn end(&mut self, id: &str) {
        self.watches.remove(id);
    }

    /// Stops a request, or sees to it that it stops when it begins.
    pub(crate) fn cancel(&mut self, id: &str) {
        if let Some(watch) = self.watches.get(id) {
            watch.cancel();
            return;
        }
        if self.early.len() == EARLY_MAX {
            self.early.pop_front();
        }
        self.early.push_back(id.to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn begun(running: &mut Running, id: &str) -> Arc<Watch> {
        let watch = Watch::new();
        running.begin(id, &watch);
        watch
    }

    #[test]
    fn a_request_stops_whether_the_wish_comes_before_or_after_it() {
        let mut running = Running::default();
        let first = begun(&mut running, "first");
        running.cancel("first");
        running.cancel("second");
        let second = begun(&mut running, "second");
        let third = begun(&mut running, "third");
        let stopped = [&first, &second, &third].map(|watch| watch.is_cancelled());
        assert_eq!(stopped, [true, true, false], "each wish is about one request");
    }

    #[test]
    fn wishes_about_requests_that_never_come_are_forgotten() {
        let mut running = Running::default();
        for number in 0..1_000 {
            running.cancel(&number.to_string());
        }
        assert_eq!(running.early.len(), EARLY_MAX, "they are bounded");
        assert!(begun(&mut running, "999").is_cancelled(), "the latest are kept");
    }
}
