//! Budgets: for any scope, phased over fiscal periods, within each other, beside actual cost and forecast.
//!
//! [`FiscalCalendar`] makes periods, [`phase`] puts a year on them, [`read_csv`] and [`read_rows`] read a budget file, [`Hierarchy`] puts
//! budgets within budgets, [`side_by_side`] tells what is favourable, [`Scorecard`] how good a forecast was, [`month_end`] what a month
//! will come to. Nothing here reads a file or a clock.

mod calendar;
mod exact;
mod hierarchy;
mod import;
mod month_end;
mod phasing;
mod scope;
mod scorecard;
mod side_by_side;

pub use calendar::{CalendarError, FiscalCalendar, Period, PeriodRule};
pub use exact::conform;
pub use hierarchy::{Breakdown, Budget, Finding, Hierarchy, HierarchyError, Node};
pub use import::{
    Import, ImportError, ImportSettings, RowFinding, UnmatchedRow, csv_rows, fiscal_years, read_csv, read_rows,
};
pub use month_end::{MonthEnd, MonthEndError, MonthEndMethod, month_end, month_end_errors};
pub use phasing::{Phased, Phasing, PhasingError, phase};
pub use scope::Scope;
pub use scorecard::{Band, Judged, Score, Scorecard, Scored};
pub use side_by_side::{Beside, Comparison, Expected, Given, Verdict, side_by_side};
