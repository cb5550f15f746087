//! The tables of an engagement.

use focus::{Column, Kind};

use crate::DecimalType;
use crate::sql::identifier;

/// The version of the schema in this program.
pub(crate) const VERSION: i64 = 1;

/// Columns of `charge` that are not FOCUS columns, before and after the FOCUS ones.
pub(crate) const LEADING: [(&str, &str); 6] = [
    ("load_id", "BIGINT"),
    ("file_id", "BIGINT"),
    ("source_row", "BIGINT"),
    ("part", "UTINYINT"),
    ("provider", "VARCHAR"),
    ("report", "VARCHAR"),
];

/// See [`LEADING`].
pub(crate) const TRAILING: [(&str, &str); 1] = [("extra", "VARCHAR")];

/// How many tag keys become columns at most.
pub(crate) const TAG_COLUMNS_MAX: usize = 8;

/// The tables with charges: what is loaded now, and what a later delivery replaced.
pub(crate) const CHARGE_TABLES: [&str; 2] = ["charge", "charge_superseded"];

/// The SQL type of a FOCUS column, decimals on the given rung.
pub(crate) fn column_type(column: &Column, decimal: DecimalType) -> String {
    match column.kind {
        Kind::Text | Kind::Json => "VARCHAR".to_owned(),
        Kind::DateTime => "TIMESTAMP".to_owned(),
        Kind::Decimal => decimal.sql(),
    }
}

/// The statements that make an empty engagement.
pub(crate) fn create() -> String {
    let focus_columns = focus::columns()
        .iter()
        .map(|column| format!("{} {}", identifier(column.name), column_type(column, DecimalType::LADDER[0])));
    let columns: Vec<String> = LEADING
        .iter()
        .map(|(name, kind)| format!("{name} {kind}"))
        .chain(focus_columns)
        .chain(TRAILING.iter().map(|(name, kind)| format!("{name} {kind}")))
        .collect();
    let columns = columns.join(",\n    ");
    let mut statements: Vec<String> =
        CHARGE_TABLES.iter().map(|table| format!("CREATE TABLE {table} (\n    {columns}\n);")).collect();
    statements.push(SIDE_TABLES.to_owned());
    statements.push(format!("INSERT INTO meta VALUES ('schema', '{VERSION}'), ('generation', '0');"));
    statements.join("\n")
}

const SIDE_TABLES: &str = "
CREATE TABLE meta (key VARCHAR NOT NULL, value VARCHAR NOT NULL);
CREATE TABLE tag_column (position INTEGER NOT NULL, key VARCHAR NOT NULL);
CREATE TABLE cube (name VARCHAR NOT NULL, charges BIGINT NOT NULL, rows BIGINT NOT NULL, kept BOOLEAN NOT NULL);
CREATE TABLE source_file (
    file_id BIGINT NOT NULL, name VARCHAR NOT NULL, member VARCHAR, path VARCHAR NOT NULL, sha256 VARCHAR NOT NULL,
    bytes BIGINT NOT NULL, rows BIGINT NOT NULL, rejected BIGINT NOT NULL, format VARCHAR NOT NULL,
    format_version VARCHAR NOT NULL, header VARCHAR NOT NULL, mapping VARCHAR NOT NULL, rounded VARCHAR NOT NULL,
    excluded VARCHAR NOT NULL, kept VARCHAR
);
CREATE TABLE load (
    load_id BIGINT NOT NULL, provider VARCHAR NOT NULL, report VARCHAR NOT NULL, billing_period DATE NOT NULL,
    charge_from TIMESTAMP, charge_to TIMESTAMP, rows BIGINT NOT NULL, loaded_at TIMESTAMP NOT NULL,
    state VARCHAR NOT NULL, superseded_by BIGINT
);
CREATE TABLE load_file (load_id BIGINT NOT NULL, file_id BIGINT NOT NULL, rows BIGINT NOT NULL);
CREATE TABLE load_total (
    load_id BIGINT NOT NULL, currency VARCHAR NOT NULL, charges BIGINT NOT NULL, billed_cost DECIMAL(38,18),
    effective_cost DECIMAL(38,18), contracted_cost DECIMAL(38,18), list_cost DECIMAL(38,18)
);
CREATE TABLE reject (
    file_id BIGINT NOT NULL, source_row BIGINT, column_name VARCHAR, value VARCHAR, reason VARCHAR NOT NULL,
    kept BOOLEAN NOT NULL
);
";
