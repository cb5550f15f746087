//! Scenarios: dated assumptions laid over a baseline, compared and explained.
//!
//! A [`ScenarioFile`] is readable text; [`Scenario::resolve`] adds what it inherits; a [`Plan`] lays it over a [`PreparedBaseline`];
//! [`Plan::evaluate`] gives the likely case in exact amounts, [`Simulation`] the odds, [`compare`] what two of them differ in. Nothing here reads a file or a clock: the seed of every random draw is
//! an argument.

mod baseline;
mod branch;
mod classification;
mod diagnostic;
mod difference;
mod estimate;
mod evaluate;
mod exact;
mod file;
mod filter;
mod month;
pub mod operation;
mod outcome;
mod plan;
mod simulate;

pub use baseline::{
    Baseline, Commitment, Credit, Driver, DriverLink, Figures, Line, PercentageCharge, PreparedBaseline,
    SpendAgreement, Tier, observed_percentage,
};
pub use branch::Scenario;
pub use classification::{Classified, Rule, RuleTable, Treatment};
pub use diagnostic::{Diagnostic, Refused, Severity};
pub use difference::{CONTRIBUTION_ORDER, Cases, Change, CompareError, Contribution, Difference, Laid, Swing, compare};
pub use estimate::{Case, Estimate, Slip};
pub use evaluate::{Basis, Choice, Settings, TooLarge};
pub use exact::{WORKING_DECIMALS, round_to_whole};
pub use file::ScenarioFile;
pub use filter::Filter;
pub use month::{Month, MonthError};
pub use operation::Operation;
pub use outcome::Outcome;
pub use plan::{Plan, PlannedLine};
pub use simulate::{
    Band, SamplePaths, Simulation, SimulationSettings, Updated, amount_as_statistic, difference_band,
    difference_of_sums, percentile, probability_at_most, rounded_statistic,
};
