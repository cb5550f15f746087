//! [`Context`]: what a front door holds: the open engagement, running work, and what was answered lately.

use std::collections::HashMap;
use std::path::PathBuf;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};

use query::ResultSet;
use store::{Engagement, Limits, Watch};

use crate::ApiError;
use crate::jobs::Jobs;
use crate::running::Running;

/// Where a program keeps its things. The paths come from the front door; nothing here looks for a home folder.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The per-user folder: the list of recent engagements, the sample engagement.
    pub app_data: PathBuf,
    /// The program that runs as the reading child, usually this one.
    pub reader: PathBuf,
    /// The made-up company's bills, where they are installed.
    pub sample_data: Option<PathBuf>,
}

/// Answers are remembered this many at a time, and forgotten with the next load.
const REMEMBERED_MAX: usize = 512;

/// Larger ones are not remembered: what a screen shows is small, and memory is for the engine.
const REMEMBERED_ROWS_MAX: usize = 2_000;

/// What a front door holds. One for each window or process.
pub struct Context {
    pub(crate) settings: Settings,
    pub(crate) jobs: Jobs,
    engagement: RwLock<Option<Arc<Engagement>>>,
    running: Mutex<Running>,
    /// By engagement, its generation, and the statement.
    remembered: Mutex<HashMap<(PathBuf, u64, String), Arc<ResultSet>>>,
    /// The lines of bridges looked at lately: another order of effects and the SKUs behind a bar need no new reading.
    pub(crate) bridge_lines: crate::changing::RememberedLines,
    /// Baselines that were made, and the courses of the scenario that is being edited.
    pub(crate) scenarios: crate::scenarios::Kept,
    /// The usage that commitments were last laid on.
    pub(crate) commitments: crate::committing::Kept,
    /// Replies to changes by request id: a page that reloads repeats its call and must not repeat the change.
    replied: Mutex<HashMap<String, serde_json::Value>>,
}

impl Context {
    /// A context without an engagement.
    ///
    /// # Errors
    /// When the per-user folder cannot be made.
    pub fn new(settings: Settings) -> Result<Arc<Self>, ApiError> {
        std::fs::create_dir_all(&settings.app_data).map_err(|error| {
            ApiError::new("io", format!("{}: {error}", settings.app_data.display()), "Check the folder's permissions.")
        })?;
        Ok(Arc::new(Self {
            settings,
            jobs: Jobs::default(),
            engagement: RwLock::default(),
            running: Mutex::default(),
            remembered: Mutex::default(),
            bridge_lines: crate::changing::RememberedLines::default(),
            scenarios: crate::scenarios::Kept::default(),
            commitments: crate::committing::Kept::default(),
            replied: Mutex::default(),
        }))
    }

    /// The open engagement.
    pub(crate) fn engagement(&self) -> Result<Arc<Engagement>, ApiError> {
        let kept = self.engagement.read().unwrap_or_else(PoisonError::into_inner);
        kept.clone().ok_or_else(ApiError::no_engagement)
    }

    /// Puts an engagement in place of the open one. The old one closes when its last work ends.
    pub(crate) fn open(
        &self,
        make: impl FnOnce(Limits) -> Result<Engagement, store::StoreError>,
    ) -> Result<Arc<Engagement>, ApiError> {
        // Made first: when that fails, the one that is open stays open.
        let engagement = Arc::new(make(Limits::default())?);
        *self.engagement.write().unwrap_or_else(PoisonError::into_inner) = Some(engagement.clone());
        locked(&self.remembered).clear();
        self.bridge_lines.clear();
        self.scenarios.clear();
        self.commitments.clear();
        Ok(engagement)
    }

    /// Runs a statement that can be cancelled under `request`, or takes the result from memory.
    pub(crate) fn run(&self, engagement: &Engagement, sql: &str, watch: &Watch) -> Result<Arc<ResultSet>, ApiError> {
        let key = (engagement.folder().to_owned(), engagement.generation()?, sql.to_owned());
        if let Some(known) = locked(&self.remembered).get(&key) {
            return Ok(known.clone());
        }
        let batches = engagement.run(sql, watch)?;
        let result = Arc::new(ResultSet { rows: store::rows::result_set(&batches)? });
        if result.rows.len() > REMEMBERED_ROWS_MAX {
            return Ok(result);
        }
        let mut remembered = locked(&self.remembered);
        if remembered.len() >= REMEMBERED_MAX {
            remembered.clear();
        }
        remembered.insert(key, result.clone());
        Ok(result)
    }

    /// Does work under a handle that [`cancel`] finds by the request's id.
    pub(crate) fn watched<T>(
        &self,
        request: Option<&str>,
        work: impl FnOnce(&Arc<Watch>) -> Result<T, ApiError>,
    ) -> Result<T, ApiError> {
        let watch = Watch::new();
        if let Some(id) = request {
            locked(&self.running).begin(id, &watch);
        }
        let result = work(&watch);
        if let Some(id) = request {
            locked(&self.running).end(id);
        }
        result
    }

    /// Does a change once for each request id.
    pub(crate) fn once(
        &self,
        request: Option<&str>,
        change: impl FnOnce() -> Result<serde_json::Value, ApiError>,
    ) -> Result<serde_json::Value, ApiError> {
        let Some(id) = request else { return change() };
        // Held while the change is made: a repeated call waits for the first one's reply.
        let mut replied = locked(&self.replied);
        if let Some(reply) = replied.get(id) {
            return Ok(reply.clone());
        }
        let reply = change()?;
        replied.insert(id.to_owned(), reply.clone());
        Ok(reply)
    }
}

/// Stops the request or the job of that id, even where the request comes only after the wish; harmless when there is none.
pub fn cancel(context: &Context, id: &str) {
    locked(&context.running).cancel(id);
    context.jobs.cancel(id);
}

pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // A panic elsewhere leaves plain data behind; it is as good as before.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
