//! Business metrics beside a bill: how many orders, parcels or customers there were, and what one of them cost.
//!
//! [`read`] takes the analyst's CSV files and says of every row that does not count why not. [`Driver`] adds a metric up over days,
//! [`per_unit`] divides exactly, [`split_cost`] and [`split_unit_cost`] tell how much of a change comes from cost and how much from
//! the driver, and [`elasticity`] how strongly cost follows the driver. Nothing here knows where costs come from.

mod change;
mod diagnostic;
mod driver;
mod elasticity;
mod exact;
mod metric;
mod reading;
mod when;

pub use change::{Side, Split, SplitError, SplitOrder, split_cost, split_unit_cost};
pub use diagnostic::{Diagnostic, DiagnosticKind, RowPlace};
pub use driver::{Driver, Units};
pub use elasticity::{Elasticity, Observation, SIGNIFICANCE_POINTS_MIN, Significance, elasticity};
pub use exact::{DECIMALS_MAX, per_unit};
pub use metric::{LabelInfo, MetricInfo, Metrics, Point};
pub use reading::{MetricFile, ReadError, read};
pub use when::When;
