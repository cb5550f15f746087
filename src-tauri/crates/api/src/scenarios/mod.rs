//! Scenarios: dated operations laid over a baseline that is made of the bill, run, compared and passed on.

mod attachments;
mod baseline;
mod baseline_wire;
mod bill;
mod compare;
mod courses;
mod currencies;
mod definitions;
mod demand;
mod drivers;
mod files;
mod kept;
mod kinds;
mod lined;
mod lines;
mod operations;
mod percentages;
mod promised;
mod promises;
pub(crate) mod rules;
mod run;
mod shown;
mod usage;
mod wire;
mod workbook;

pub use baseline_wire::*;
pub(crate) use compare::compare;
pub use compare::{ScenarioCompareRequest, ScenarioComparison};
pub(crate) use definitions::{
    delete as delete_baseline, get as baseline, save_text as save_baseline_text, set as set_baseline,
};
pub(crate) use demand::{DemandCourse, DemandCourses, Place, demand_courses};
pub(crate) use files::{delete, get, list, save, save_text};
pub(crate) use kept::Kept;
pub(crate) use kinds::kinds;
pub(crate) use lines::lines;
pub use lines::{ScenarioLines, ScenarioLinesRequest};
pub use promises::{ScenarioPromises, ScenarioPromisesSetRequest};
pub(crate) use promises::{promises, set_promises};
pub(crate) use rules::{rules, set_rules};
pub(crate) use run::run;
pub use run::{ScenarioRun, ScenarioRunRequest};
pub use wire::*;
pub use workbook::ScenarioExportRequest;
pub(crate) use workbook::export;
