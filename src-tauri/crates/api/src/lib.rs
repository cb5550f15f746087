//! The one list of commands behind the window, the command line and the bridge.
//!
//! Every front door calls [`dispatch`] with a command's name and its JSON; what one can do, all can do. This is where data
//! meets domain: commands fetch from the store, ask the domain crates, and give back plain values. Nothing here draws, prints or
//! listens.

mod annotations;
mod app;
mod asking;
mod budgets;
mod calculated;
mod changing;
mod charge_pages;
mod charges;
mod checking;
mod columns;
mod commands;
mod committing;
mod comparing;
mod console;
mod context;
mod error;
mod exporting;
mod forecasting;
mod frozen;
mod jobs;
mod kpis;
mod loading;
mod metrics;
mod own_mapping;
mod packs;
mod pinning;
mod planned;
mod planning;
mod rates;
mod reconciling;
mod running;
mod saved_views;
mod scenarios;
mod settings;
mod side_datasets;
mod splitting;
mod tags;
mod text_file;
mod together;
mod unit_costs;

pub use annotations::Annotation;
pub use app::{AppInfo, EngagementInfo, Recent, app_data_folder, sample_bills};
pub use asking::{ExploreReply, Leaderboard};
pub use charges::{TextRows, decode};
pub use commands::{COMMAND_NAMES, Reply, dispatch};
pub use console::SqlColumn;
pub use context::{Context, Settings, cancel};
pub use error::ApiError;
pub use exporting::{ExportFormat, ExportReply};
pub use jobs::{JobReply, JobState, JobStatus};
pub use reconciling::{ClassTotal, InvoiceNote, InvoiceReply, PartReply, ReconcileReply};
pub use saved_views::{SavedView, SavedViews};

/// When the process was started as the child that reads an untrusted export, does that work and ends the process. The first
/// thing that every program of the house calls.
pub fn run_reader_if_asked() {
    if let Some(code) = store::run_reader_if_asked() {
        // Nothing is held open at this point, so leaving here loses nothing.
        std::process::exit(i32::from(code != std::process::ExitCode::SUCCESS));
    }
}
