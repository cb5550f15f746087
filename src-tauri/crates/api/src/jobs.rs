//! Long work that goes on while the analyst looks elsewhere.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use serde::{Deserialize, Serialize};
use serde_json::Value;
use store::{Progress, Watch};
use ts_rs::TS;

use crate::ApiError;
use crate::context::locked;

/// The reply to a command that starts a job.
#[derive(Clone, Debug, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct JobReply {
    /// The job's id.
    pub job: String,
}

/// Where a job stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum JobState {
    /// At work.
    Running,
    /// Finished; the result is there.
    Done,
    /// Failed; nothing was changed.
    Failed,
    /// Cancelled; nothing was changed.
    Cancelled,
}

/// A job as the front doors see it.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct JobStatus {
    /// The job's id.
    pub job: String,
    /// Where it stands.
    pub state: JobState,
    /// How far it is.
    #[serde(flatten)]
    pub progress: Progress,
    /// What came of it.
    #[ts(type = "unknown")]
    pub result: Option<Value>,
    /// Why it failed.
    pub error: Option<ApiError>,
}

struct Job {
    watch: Arc<Watch>,
    outcome: Arc<Mutex<Option<Result<Value, ApiError>>>>,
}

/// All jobs of a process, finished ones included.
#[derive(Default)]
pub(crate) struct Jobs {
    jobs: Mutex<BTreeMap<u64, Job>>,
}

impl Jobs {
    /// Starts work on its own thread.
    pub(crate) fn start(&self, work: impl FnOnce(&Arc<Watch>) -> Result<Value, ApiError> + Send + 'static) -> JobReply {
        let watch = Watch::new();
        let outcome = Arc::new(Mutex::new(None));
        let mut jobs = locked(&self.jobs);
        let id = jobs.keys().next_back().map_or(1, |last| last + 1);
        jobs.insert(id, Job { watch: watch.clone(), outcome: outcome.clone() });
        std::thread::spawn(move || {
            // A panic in a job is that job's failure, not the program's end.
            let result = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| work(&watch)));
            let result = result.unwrap_or_else(|_| {
                Err(ApiError::new("internal", "the work broke off; nothing was changed", "Please report this."))
            });
            *locked(&outcome) = Some(result);
        });
        JobReply { job: id.to_string() }
    }

    /// Where a job stands.
    pub(crate) fn status(&self, id: &str) -> Result<JobStatus, ApiError> {
        let jobs = locked(&self.jobs);
        let job = id.parse().ok().and_then(|number: u64| jobs.get(&number));
        let job = job.ok_or_else(|| ApiError::new("not_found", format!("there is no job {id}"), ""))?;
        let (state, result, error) = match locked(&job.outcome).as_ref() {
            None => (JobState::Running, None, None),
            Some(Ok(value)) => (JobState::Done, Some(value.clone()), None),
            Some(Err(error)) if error.code == "cancelled" => (JobState::Cancelled, None, Some(error.clone())),
            Some(Err(error)) => (JobState::Failed, None, Some(error.clone())),
        };
        Ok(JobStatus { job: id.to_owned(), state, progress: job.watch.progress(), result, error })
    }

    /// Asks a job to stop.
    pub(crate) fn cancel(&self, id: &str) {
        let jobs = locked(&self.jobs);
        if let Some(job) = id.parse().ok().and_then(|number: u64| jobs.get(&number)) {
            job.watch.cancel();
        }
    }
}
