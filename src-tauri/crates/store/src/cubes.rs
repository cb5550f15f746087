//! Pre-aggregates, so that drilling does not scan charges: exact sums by month, by day, and by month and resource.
//!
//! A cube holds one row for each combination of its dimensions in a billing month; the rows of a billing month are made anew in
//! the transaction that loads it. A cube that compresses an engagement less than four times is dropped: it would cost more than
//! it saves (measured: hourly data with a fresh resource in every row gives 1.6).

use duckdb::Connection;

use crate::sql::literals;
use crate::{Limits, Result, StoreError, sorting};

/// What the cubes tell apart. Names go with their ids and add no rows.
const DIMENSIONS: [&str; 36] = [
    "provider",
    "report",
    "billing_account_id",
    "billing_account_name",
    "billing_account_type",
    "sub_account_id",
    "sub_account_name",
    "sub_account_type",
    "billing_currency",
    "invoice_issuer_name",
    "invoice_id",
    "publisher_name",
    "service_provider_name",
    "host_provider_name",
    "service_name",
    "service_category",
    "service_subcategory",
    "region_id",
    "region_name",
    "availability_zone",
    "resource_type",
    "charge_category",
    "charge_class",
    "charge_frequency",
    "pricing_category",
    "pricing_currency",
    "pricing_unit",
    "consumed_unit",
    "commitment_discount_id",
    "commitment_discount_name",
    "commitment_discount_category",
    "commitment_discount_type",
    "commitment_discount_status",
    "commitment_discount_unit",
    "capacity_reservation_id",
    "capacity_reservation_status",
];

/// What the resource cube tells apart beside [`DIMENSIONS`].
const RESOURCE_DIMENSIONS: [&str; 5] = ["resource_id", "resource_name", "sku_id", "sku_meter", "sku_price_id"];

/// What the hourly cube tells apart: how usage is paid for, by the hour. Anything more has about as many rows as the charges.
const HOUR_DIMENSIONS: [&str; 9] = [
    "provider",
    "billing_currency",
    "charge_category",
    "charge_class",
    "charge_frequency",
    "pricing_category",
    "commitment_discount_category",
    "commitment_discount_type",
    "commitment_discount_status",
];

/// What the daily cube of services tells apart; it stays small where accounts, tags and commitments make
/// [`DIMENSIONS`] too many for a day.
const SERVICE_DAY_DIMENSIONS: [&str; 6] =
    ["provider", "billing_currency", "service_name", "service_category", "charge_category", "pricing_category"];

/// What the cubes add up.
const MEASURES: [&str; 6] =
    ["billed_cost", "effective_cost", "contracted_cost", "list_cost", "consumed_quantity", "pricing_quantity"];

/// The cubes by name, each made from the table named second.
const CUBES: [(&str, &str); 5] = [
    ("cube_day", "charge"),
    ("cube_month", "cube_day"),
    ("cube_resource_month", "charge"),
    ("cube_service_day", "charge"),
    ("cube_hour", "charge"),
];

/// The dimensions of a cube beside tags.
fn dimensions(name: &str) -> Vec<&'static str> {
    match name {
        "cube_hour" => HOUR_DIMENSIONS.to_vec(),
        "cube_service_day" => SERVICE_DAY_DIMENSIONS.to_vec(),
        "cube_resource_month" => DIMENSIONS.into_iter().chain(RESOURCE_DIMENSIONS).collect(),
        _ => DIMENSIONS.to_vec(),
    }
}

/// The tag columns of a cube: all, or none of the narrow ones.
fn tags<'a>(name: &str, tag_columns: &'a [String]) -> &'a [String] {
    if matches!(name, "cube_hour" | "cube_service_day") { &[] } else { tag_columns }
}

/// A cube must be this many times smaller than the charges,
const COMPRESSION_MIN: u64 = 4;

/// unless there are so few charges that it does not matter.
const CHARGES_FEW: u64 = 200_000;

/// Charges that are looked at before a cube is made.
const STRETCH: u64 = 100_000;

/// Makes the cubes of the given billing months anew (days as `YYYY-MM-DD`, the first of the month); of all months when a cube is not
/// there, or has other tag columns.
///
/// The sums are made in a temporary table first: a cube that is not worth its room is never written to the engagement. It is then
/// left alone until the charges have doubled.
pub(crate) fn rebuild(
    connection: &Connection,
    limits: Limits,
    billing_months: &[String],
    tag_columns: &[String],
) -> Result<()> {
    let charges = count(connection, "SELECT count(*)::BIGINT FROM charge")?;
    let touched = literals(billing_months.iter().map(String::as_str));
    for (name, source) in CUBES {
        if !worth_a_try(connection, name, charges)? {
            continue;
        }
        let tag_columns = tags(name, tag_columns);
        let present = has_tag_columns(connection, name, tag_columns)?;
        // The month's sums come from the day's where those were worth keeping.
        let source = if has_tag_columns(connection, source, tag_columns)? { source } else { "charge" };
        let condition = match (present, source) {
            (false, _) => "true".to_owned(),
            (true, "charge") => format!("date_trunc('month', billing_period_start)::DATE::VARCHAR IN ({touched})"),
            (true, _) => format!("billing_month::VARCHAR IN ({touched})"),
        };
        if charges > CHARGES_FEW && source == "charge" && !seems_to_pay(connection, name, tag_columns)? {
            connection.execute_batch(&format!(
                "DROP TABLE IF EXISTS {name}; DELETE FROM cube WHERE name = '{name}';
                 INSERT INTO cube VALUES ('{name}', {charges}, {charges}, false);"
            ))?;
            continue;
        }
        let empty = empty_columns(connection, name, source, &condition)?;
        connection.execute_batch(&format!(
            "CREATE OR REPLACE TEMP TABLE fresh AS {};",
            select(name, source, tag_columns, &condition, &empty)
        ))?;
        let fresh = count(connection, "SELECT count(*)::BIGINT FROM fresh")?;
        let untouched = if present {
            count(
                connection,
                &format!("SELECT count(*)::BIGINT FROM {name} WHERE billing_month::VARCHAR NOT IN ({touched})"),
            )?
        } else {
            0
        };
        let rows = fresh + untouched;
        let kept = charges <= CHARGES_FEW || rows.saturating_mul(COMPRESSION_MIN) <= charges;
        let known = dimensions(name);
        let order = ["service_name", "sub_account_id"].into_iter().filter(|column| known.contains(column));
        let order = std::iter::once("billing_month").chain(order).collect::<Vec<_>>().join(", ");
        let statement = match (kept, present) {
            (false, _) => format!("DROP TABLE IF EXISTS {name};"),
            (true, true) => format!("DELETE FROM {name} WHERE billing_month::VARCHAR IN ({touched});"),
            (true, false) => {
                format!("DROP TABLE IF EXISTS {name}; CREATE TABLE {name} AS SELECT * FROM fresh LIMIT 0;")
            }
        };
        connection.execute_batch(&statement)?;
        if kept {
            insert_sorted(connection, limits, name, fresh, &order)?;
        }
        connection.execute_batch(&format!(
            "DROP TABLE fresh; DELETE FROM cube WHERE name = '{name}';
             INSERT INTO cube VALUES ('{name}', {charges}, {rows}, {kept});"
        ))?;
    }
    Ok(())
}

/// Takes the fresh sums over in order: in stretches of rows where they are too many to be sorted at once.
fn insert_sorted(connection: &Connection, limits: Limits, name: &str, rows: u64, order: &str) -> Result<()> {
    let at_once = limits.rows_sorted_at_once(sorting::row_bytes(connection, "fresh")?);
    let first = sorting::first_row(connection, "fresh")?;
    let mut inserted = 0;
    for stretch in 0..rows.div_ceil(at_once) {
        let from = first + stretch * at_once;
        inserted += connection.execute(
            &format!(
                "INSERT INTO {name} BY NAME SELECT * FROM fresh WHERE rowid >= {from} AND rowid < {} ORDER BY {order}",
                from + at_once
            ),
            [],
        )?;
    }
    if inserted as u64 == rows {
        return Ok(());
    }
    Err(StoreError::Unexpected { found: format!("{inserted} sums in {name}"), expected: "as many as were made" })
}

/// Whether a cube compresses a stretch of charges enough. Charges lie sorted by service, account and time, so what falls into one
/// group lies together, and a stretch tells what a random sample could not.
fn seems_to_pay(connection: &Connection, name: &str, tag_columns: &[String]) -> Result<bool> {
    let stretch = format!("(SELECT * FROM charge LIMIT {STRETCH})");
    let groups = select(name, &stretch, tag_columns, "true", &[]);
    let groups = count(connection, &format!("SELECT count(*)::BIGINT FROM ({groups})"))?;
    Ok(groups.saturating_mul(COMPRESSION_MIN) <= STRETCH)
}

/// Whether a cube may pay: it is kept now, was never tried, or the charges have doubled since it did not pay.
fn worth_a_try(connection: &Connection, name: &str, charges: u64) -> Result<bool> {
    let sql = format!("SELECT coalesce(max(charges), 0)::BIGINT FROM cube WHERE name = '{name}' AND NOT kept");
    let refused_at = count(connection, &sql)?;
    Ok(refused_at == 0 || charges >= 2 * refused_at)
}

/// Whether a cube is there with just these tag columns.
fn has_tag_columns(connection: &Connection, name: &str, tag_columns: &[String]) -> Result<bool> {
    let mut statement = connection.prepare(&format!(
        "SELECT column_name FROM information_schema.columns WHERE table_name = '{name}' ORDER BY column_name"
    ))?;
    let columns = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<Vec<String>, _>>()?;
    let present: Vec<&String> = columns.iter().filter(|column| column.starts_with("tag_")).collect();
    let mut wanted: Vec<&String> = tag_columns.iter().collect();
    wanted.sort();
    Ok(!columns.is_empty() && present == wanted)
}

/// The dimensions without any value: a third of the columns in most exports. Grouping by nulls takes as long as by values.
fn empty_columns(connection: &Connection, name: &str, source: &str, condition: &str) -> Result<Vec<&'static str>> {
    let columns = dimensions(name);
    let counts = columns.iter().map(|column| format!("count({column})")).collect::<Vec<_>>().join(", ");
    let mut statement =
        connection.prepare(&format!("SELECT unnest([{counts}])::BIGINT FROM {source} WHERE {condition}"))?;
    let counts = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<Vec<i64>, _>>()?;
    Ok(columns.into_iter().zip(counts).filter(|(_, count)| *count == 0).map(|(column, _)| column).collect())
}

fn select(name: &str, source: &str, tag_columns: &[String], condition: &str, empty: &[&str]) -> String {
    let mut keys: Vec<String> = match source {
        "cube_day" => vec!["month".to_owned(), "billing_month".to_owned()],
        _ => vec![
            "date_trunc('month', charge_period_start)::DATE AS month".to_owned(),
            "date_trunc('month', billing_period_start)::DATE AS billing_month".to_owned(),
        ],
    };
    match name {
        "cube_day" | "cube_service_day" => keys.push("charge_period_start::DATE AS day".to_owned()),
        "cube_hour" => keys.push("date_trunc('hour', charge_period_start) AS hour".to_owned()),
        _ => {}
    }
    let (without, with): (Vec<&str>, Vec<&str>) =
        dimensions(name).into_iter().partition(|dimension| empty.contains(dimension));
    keys.extend(with.into_iter().map(str::to_owned));
    keys.extend(tag_columns.iter().cloned());
    let positions = (1..=keys.len()).map(|position| position.to_string()).collect::<Vec<_>>().join(", ");
    let nulls = without.iter().map(|dimension| format!(", NULL::VARCHAR AS {dimension}")).collect::<String>();
    let sums = MEASURES.iter().map(|measure| format!("sum({measure}) AS {measure}")).collect::<Vec<_>>().join(", ");
    let charges = if source == "cube_day" { "sum(charges)::BIGINT AS charges" } else { "count(*)::BIGINT AS charges" };
    format!("SELECT {}{nulls}, {sums}, {charges} FROM {source} WHERE {condition} GROUP BY {positions}", keys.join(", "))
}

fn count(connection: &Connection, sql: &str) -> Result<u64> {
    let value: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(value.unsigned_abs())
}

/// The names of all cubes.
pub(crate) fn names() -> impl Iterator<Item = &'static str> {
    CUBES.iter().map(|(name, _)| *name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_transaction_has_just_made_is_taken_over_whole_and_in_order() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "BEGIN;
                 CREATE TEMP TABLE fresh AS SELECT (range * 7919) % 20000 AS a, repeat('x', 300) AS b FROM range(20000);
                 CREATE TABLE made AS SELECT * FROM fresh LIMIT 0;",
            )
            .unwrap();
        let limits = Limits { memory_mib: 5, threads: 0 };
        let at_once = limits.rows_sorted_at_once(sorting::row_bytes(&connection, "fresh").unwrap());
        assert!((2_000..10_000).contains(&at_once), "the texts are weighed though nothing is committed: {at_once}");
        insert_sorted(&connection, limits, "made", 20_000, "a").unwrap();
        let count = |sql: &str| super::count(&connection, sql).unwrap();
        assert_eq!(count("SELECT count(DISTINCT a)::BIGINT FROM made"), 20_000, "every row, once");
        let turns =
            "SELECT count(*)::BIGINT FROM (SELECT a < lag(a) OVER (ORDER BY rowid) AS turn FROM made) WHERE turn";
        assert!(count(turns) <= 20_000 / at_once, "each stretch is in order");
        assert!(insert_sorted(&connection, limits, "made", 20_001, "a").is_err(), "a sum that is missing is told");
    }
}
