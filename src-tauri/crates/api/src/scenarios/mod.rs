//! Scenarios: dated operations laid over a baseline that is made of the bill, run, compared and passed on.

mod attachments;
mod baseline;
mod bill;
mod compare;
mod courses;
mod definitions;
mod files;
mod kept;
mod kinds;
mod lines;
mod operations;
mod run;
mod shown;
mod usage;
mod wire;
mod workbook;

pub(crate) use compare::compare;
pub use compare::{ScenarioCompareRequest, ScenarioComparison};
pub(crate) use definitions::{delete as delete_baseline, rules, set as set_baseline, set_rules};
pub(crate) use files::{delete, get, list, save, save_text};
pub(crate) use kept::Kept;
pub(crate) use kinds::kinds;
pub(crate) use lines::lines;
pub use lines::{ScenarioLines, ScenarioLinesRequest};
pub(crate) use run::run;
pub use run::{ScenarioRun, ScenarioRunRequest};
pub use wire::*;
pub use workbook::ScenarioExportRequest;
pub(crate) use workbook::export;
