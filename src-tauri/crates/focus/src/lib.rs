//! The canonical charge: FOCUS columns, versions and rules.
//!
//! Pure: tables and text, no IO. The meaning of columns and rules follows the FOCUS specification (CC BY 4.0, FinOps Foundation).

mod category;
mod column;
mod columns;
mod dataset;
mod rules;
mod version;

pub use category::{SERVICE_CATEGORIES, service_subcategories};
pub use column::{Column, Kind, Level};
pub use columns::{by_id, by_name, columns};
pub use dataset::{Dataset, datasets};
pub use rules::{
    APPLICABILITY_FLAGS, ApplicabilityFlag, COMMITMENT_TOLERANCE, CURRENCIES, Condition, Inventory, Origin,
    PRODUCT_TOLERANCE, PROVIDER_ALIASES, Rule, SenseTest, SetTest, Severity, Statement, Test, breach_sql, days_present,
    family_of, flag_by_name, inventory, rules, set_statement,
};
pub use version::{UnknownVersion, Version, detect_version};
