//! The canonical charge: FOCUS columns, versions and rules.
//!
//! Pure: tables and text, no IO. The meaning of columns and rules follows the FOCUS specification (CC BY 4.0, FinOps Foundation).

mod category;
mod column;
mod columns;
mod rules;
mod version;

pub use category::{SERVICE_CATEGORIES, service_subcategories};
pub use column::{Column, Kind, Level};
pub use columns::{by_id, by_name, columns};
pub use rules::{
    COMMITMENT_TOLERANCE, PRODUCT_TOLERANCE, PROVIDER_ALIASES, Rule, RuleSql, RuleTest, Severity, When, load_condition,
    rules, sql,
};
pub use version::{UnknownVersion, Version, detect_version};
