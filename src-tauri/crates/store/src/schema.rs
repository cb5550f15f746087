//! The tables of an engagement.

use focus::{Column, Kind};

use crate::DecimalType;
use crate::sql::identifier;

/// The version of the schema in this program.
pub(crate) const VERSION: i64 = 5;

/// Columns of [`CHARGES`] that are not FOCUS columns, before and after the FOCUS ones.
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

/// The view of what is loaded now: every FOCUS column, null where no load has filled it. All that asks, asks here.
pub(crate) const CHARGES: &str = "charge";

/// The tables behind it: what is loaded now, and what a later delivery replaced. They have the FOCUS columns that some load has
/// filled: a column of nulls costs a load as much time as one of values.
pub(crate) const CHARGE_TABLES: [&str; 2] = [CURRENT, SUPERSEDED];

/// What is loaded now.
pub(crate) const CURRENT: &str = "charge_current";

/// What a later delivery replaced.
pub(crate) const SUPERSEDED: &str = "charge_superseded";

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
    let columns = LEADING.iter().chain(&TRAILING).map(|(name, kind)| format!("{name} {kind}"));
    let columns = columns.collect::<Vec<_>>().join(", ");
    let mut statements: Vec<String> =
        CHARGE_TABLES.iter().map(|table| format!("CREATE TABLE {table} ({columns});")).collect();
    statements.push(view(&[], 0));
    statements.push(SIDE_TABLES.to_owned());
    statements.push(additions());
    statements.push(format!("INSERT INTO meta VALUES ('schema', '{VERSION}'), ('generation', '0');"));
    statements.join("\n")
}

/// The statements that make [`CHARGES`] and [`query::CHARGE_PLACES`] anew over the FOCUS columns that are `present` in [`CURRENT`], and `tags` tag columns.
pub(crate) fn view(present: &[String], tags: usize) -> String {
    let focus_columns = focus::columns().iter().map(|column| {
        let name = identifier(column.name);
        if present.iter().any(|other| other == column.name) {
            return name;
        }
        format!("NULL::{} AS {name}", column_type(column, DecimalType::LADDER[0]))
    });
    let columns: Vec<String> = LEADING
        .iter()
        .map(|(name, _)| (*name).to_owned())
        .chain(focus_columns)
        .chain(TRAILING.iter().map(|(name, _)| (*name).to_owned()))
        .chain((1..=tags).map(|position| format!("tag_{position}")))
        .collect();
    format!(
        "CREATE OR REPLACE VIEW {CHARGES} AS SELECT {columns} FROM {CURRENT};
         CREATE OR REPLACE VIEW {} AS SELECT {columns}, rowid AS {} FROM {CURRENT};",
        query::CHARGE_PLACES,
        query::CHARGE_PLACE_COLUMN,
        columns = columns.join(", "),
    )
}

/// The statements that bring an engagement of an earlier schema to this one.
pub(crate) fn bring_over(found: i64, tags: usize) -> String {
    let mut statements = Vec::new();
    if found < 2 {
        // The charges were a table then, with every FOCUS column.
        let present: Vec<String> = focus::columns().iter().map(|column| column.name.to_owned()).collect();
        statements.push(format!("ALTER TABLE {CHARGES} RENAME TO {CURRENT}; {}", view(&present, tags)));
    }
    statements.push(additions());
    if found < 5 {
        statements.push(KEPT_BY_ROW.to_owned());
    }
    statements.push(format!("UPDATE meta SET value = '{VERSION}' WHERE key = 'schema';"));
    statements.join("\n")
}

/// What came with schema 3, the datasets beside the charges and allocated costs; and with schema 4, the manifests of loads.
fn additions() -> String {
    let (yields, manifests) = (crate::load::combine::TABLES, crate::load::delivered::TABLES);
    format!("{}\n{yields}\n{manifests}\n{ALLOCATION}", crate::side::create())
}

/// What was allocated to whom, of costs that are billed with what they were allocated from. The amount is text with all of its
/// digits in the charge; here it is a number.
const ALLOCATION: &str = "
CREATE VIEW IF NOT EXISTS allocation AS
SELECT load_id, file_id, source_row, part, provider, report, billing_period_start, charge_period_start, charge_period_end,
       billing_account_id, sub_account_id, resource_id, allocated_resource_id, allocated_resource_name, allocated_tags,
       billing_currency, TRY_CAST(json_extract_string(allocated_method_details, '$.x_AllocatedCost') AS DECIMAL(38,18)) AS allocated_cost
FROM charge WHERE json_extract_string(allocated_method_details, '$.x_AllocatedCost') IS NOT NULL;
";

/// Until schema 5 a refused value was entered as one of a row that was kept even where another value refused the row.
const KEPT_BY_ROW: &str = "
UPDATE reject SET kept = false WHERE kept AND (file_id, source_row) IN (SELECT (file_id, source_row) FROM reject WHERE NOT kept);
";

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

#[cfg(test)]
mod tests {
    use std::path::Path;

    use crate::definition::Definition;
    use crate::{Engagement, Limits};

    #[test]
    fn an_engagement_of_the_schema_before_is_brought_over() {
        let folder = tempfile::tempdir().unwrap();
        let place = folder.path().join("acme");
        let definition = Definition::parse(Path::new("x"), "name = 'Acme'\ncurrency = 'USD'").unwrap();
        let engagement = Engagement::create(&place, &definition, Limits::default()).unwrap();
        // Schema 3 had no manifests; its loads are still there. Schema 4 wrote of every refused value whether it alone refuses a row.
        for statement in [
            "DROP TABLE manifest",
            "DROP TABLE file_manifest",
            "INSERT INTO load VALUES (1, 'AWS', 'aws-cur/1', DATE '2026-01-01', NULL, NULL, 7, TIMESTAMP '2026-02-01', 'current', NULL)",
            "INSERT INTO reject VALUES (1, 1, 'ListCost', 'x', 'y', true), (1, 1, 'BilledCost', 'x', 'y', false),
                                       (1, 2, 'ListCost', 'x', 'y', true), (2, 1, 'ListCost', 'x', 'y', true),
                                       (1, NULL, NULL, 'x', 'y', false)",
            "UPDATE meta SET value = '3' WHERE key = 'schema'",
        ] {
            engagement.database.execute(statement).unwrap();
        }
        assert!(engagement.loads(true).is_err(), "it is an engagement of then");
        drop(engagement);
        let engagement = Engagement::open(&place, Limits::default()).unwrap();
        let loads = engagement.loads(true).unwrap();
        assert_eq!((loads.len(), loads[0].rows, loads[0].manifests.len()), (1, 7, 0));
        let kept = "SELECT concat(file_id, '.', source_row) FROM reject WHERE kept ORDER BY 1";
        let kept: Vec<_> = engagement.texts(kept).unwrap().into_iter().map(|row| row[0].clone().unwrap()).collect();
        assert_eq!(kept, ["1.2", "2.1"], "no value of a refused row is missing from a charge");
        let version = engagement.texts("SELECT value FROM meta WHERE key = 'schema'").unwrap();
        assert_eq!(version[0][0].as_deref(), Some(super::VERSION.to_string().as_str()));
        drop(engagement);
        assert!(Engagement::open(&place, Limits::default()).is_ok(), "and opens again");
    }
}
