//! A question becomes a logical query, SQL in a dialect, and an answer with evidence.
//!
//! [`plan`] turns a [`Question`] into a [`Plan`]: the period and the currency filled in, the smallest table that can answer,
//! and one SQL statement. An engine runs the statement; [`assemble`] turns what it returned into an [`Answer`] and checks that
//! the parts add up to the total. Nothing here reads a file or a clock.

mod answer;
mod assemble;
mod catalog;
mod change;
mod charges;
mod commitment;
mod conversion;
pub mod dialect;
mod dimension;
mod error;
mod evidence;
mod expression;
mod list_savings;
mod logical;
mod measure;
mod metric;
mod notes;
mod parse;
mod period;
mod plan;
mod question;
mod quotient;
mod router;
mod sql;
mod stretches;
mod tag_rules;
mod values;

pub use answer::{
    Against, Answer, Cell, Evidence, EvidenceLoad, KeyColumn, MeasureColumn, MeasureKind, Note, Row, RowRole,
};
pub use assemble::{ResultSet, Value, assemble};
pub use catalog::{Catalog, LoadInfo, TableInfo, TableTime, TagColumn};
pub use change::{ChangeLine, ChangePlan, MovedValue, change_line, moved_values, moved_values_sql, plan_change};
pub use charges::{
    CHARGE_ID_COLUMN, CHARGE_PLACE_COLUMN, CHARGE_PLACES, ChargeListing, ChargeOrder, plan_charges_total,
};
pub use commitment::{
    CommitmentCharges, UsageKind, UsagePresence, UsageStep, commitment_charges, commitment_charges_sql, usage_kind,
    usage_kinds_sql, usage_presence, usage_presence_sql, usage_step, usage_steps_sql,
};
pub use conversion::{
    AppliedRate, AppliedRates, Conversion, EvidenceRates, RATE_DECIMALS_MAX, RECIPROCAL_DECIMALS, Rate, RateDate,
    RateTable, rate_dates_sql,
};
pub use dimension::{Dimension, DimensionGroup, UnknownDimension};
pub use error::QueryError;
pub use list_savings::list_savings_sql;
pub use logical::{HOUR_GRAIN_DAYS_MAX, LogicalQuery, Rank};
pub use measure::{Formula, Measure, SumColumn, UnknownMeasure};
pub use metric::{MetricSeries, MetricValue};
pub use parse::{parse_comparison, parse_filter, parse_filters, parse_period, parse_planned};
pub use plan::{Plan, plan, plan_on_charges};
pub use question::{Comparison, Filter, Grain, Operator, Period, PeriodBasis, Planned, Question};
pub use quotient::{Divisor, NamedMeasure, QUOTIENT_DECIMALS, Quotient};
pub use router::route;
pub use sql::{ANSWER_ROWS_MAX, Column, columns};
pub use stretches::{ChargeCuts, ChargeEdge, ChargeRange, ChargeStretch};
pub use tag_rules::{EvidenceRule, TAG_RULES_FILE, TagKeyRule, TagRuleError, TagRules};
pub use values::{DimensionValues, ValuePage, ValuesPlan, assemble_values, plan_values};
