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

/// Sums by all that any cube but the hourly one tells apart, if they are few: the cubes are made of them then, and not each of the charges.
/// A temporary table.
const FINE: &str = "fine";

/// So many sums are few.
const FINE_MAX: u64 = 250_000;

/// The dimensions of a cube beside tags.
fn dimensions(name: &str) -> Vec<&'static str> {
    match name {
        "cube_hour" => HOUR_DIMENSIONS.to_vec(),
        "cube_service_day" => SERVICE_DAY_DIMENSIONS.to_vec(),
        "cube_resource_month" | FINE => DIMENSIONS.into_iter().chain(RESOURCE_DIMENSIONS).collect(),
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
const CHARGES_FEW: u64 = 50_000;

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
    let side_by_side = side_by_side(connection, charges, limits.threads_used())?;
    let touched = literals(billing_months.iter().map(String::as_str));
    let of_touched = format!("date_trunc('month', billing_period_start)::DATE::VARCHAR IN ({touched})");
    let mut wanted = Vec::new();
    for (name, source) in CUBES {
        if worth_a_try(connection, name, charges)? {
            wanted.push((name, source));
        }
    }
    let of_fine = wanted.iter().filter(|(name, _)| *name != "cube_hour").count();
    let fine =
        if of_fine < 2 { None } else { make_fine(connection, (&side_by_side, charges), &of_touched, tag_columns)? };
    for (name, source) in wanted {
        let tag_columns = tags(name, tag_columns);
        let present = has_tag_columns(connection, name, tag_columns)?;
        // The month's sums come from the day's where those were worth keeping.
        let source = match &fine {
            Some(fine) if name != "cube_hour" && (present || fine.of_all) => FINE,
            _ if has_tag_columns(connection, source, tag_columns)? => source,
            _ => "charge",
        };
        let condition = match (present, source) {
            (false, _) | (_, FINE) => "true".to_owned(),
            (true, "charge") => of_touched.clone(),
            (true, _) => format!("billing_month::VARCHAR IN ({touched})"),
        };
        let untouched = if present {
            count(
                connection,
                &format!("SELECT count(*)::BIGINT FROM {name} WHERE billing_month::VARCHAR NOT IN ({touched})"),
            )?
        } else {
            0
        };
        let pays = |rows: u64| charges <= CHARGES_FEW || rows.saturating_mul(COMPRESSION_MIN) <= charges;
        let from = if source == "charge" { &side_by_side } else { source };
        let grouping = Grouping::of(connection, name, from, tag_columns, &condition)?;
        if source == "charge" && charges > CHARGES_FEW && !pays(untouched + grouping.rows_about(connection)?) {
            connection.execute_batch(&format!(
                "DROP TABLE IF EXISTS {name}; DELETE FROM cube WHERE name = '{name}';
                 INSERT INTO cube VALUES ('{name}', {charges}, {charges}, false);"
            ))?;
            continue;
        }
        connection.execute_batch(&format!("CREATE OR REPLACE TEMP TABLE fresh AS {};", grouping.select()))?;
        let fresh = count(connection, "SELECT count(*)::BIGINT FROM fresh")?;
        let rows = fresh + untouched;
        let kept = pays(rows);
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
    Ok(connection.execute_batch(&format!("DROP TABLE IF EXISTS {FINE};"))?)
}

/// What is known of [`FINE`].
struct Fine {
    /// Whether it is of all charges.
    of_all: bool,
}

/// The charges, so written that each of the threads goes through as many of them. The engine (DuckDB 1.5) gives all that a transaction has
/// not committed yet to one thread, however much that is.
fn side_by_side(connection: &Connection, charges: u64, threads: u32) -> Result<String> {
    let (places, place) = (query::CHARGE_PLACES, query::CHARGE_PLACE_COLUMN);
    let bound = |function: &str, condition: &str| {
        let sql = format!("SELECT coalesce({function}({place}), 0)::BIGINT FROM {places} WHERE {condition}");
        connection.query_row(&sql, [], |row| row.get::<_, i64>(0))
    };
    let (charges, threads) = (i64::try_from(charges).unwrap_or(i64::MAX), i64::from(threads.max(1)));
    let last = bound("max", "true")?;
    // What is not committed is numbered from far away, without a gap.
    let first = bound("min", &format!("{place} > {}", last.saturating_sub(charges)))?;
    let ends = (1..threads).map(|part| first + (last - first) / threads * part).filter(|end| *end > first);
    let mut ends: Vec<i64> = ends.collect();
    ends.dedup();
    let parts = (0..=ends.len()).map(|part| {
        let from =
            part.checked_sub(1).map_or_else(|| "true".to_owned(), |before| format!("{place} >= {}", ends[before]));
        let to = ends.get(part).map_or_else(|| "true".to_owned(), |end| format!("{place} < {end}"));
        format!("SELECT * FROM {places} WHERE {from} AND {to}")
    });
    Ok(format!("({})", parts.collect::<Vec<_>>().join(" UNION ALL ")))
}

/// Makes [`FINE`] of the charges where a condition holds, if it is worth it. The charges are given as SQL, and how many they are.
fn make_fine(
    connection: &Connection,
    (from, charges): (&str, u64),
    condition: &str,
    tag_columns: &[String],
) -> Result<Option<Fine>> {
    let among = count(connection, &format!("SELECT count(*)::BIGINT FROM {from} WHERE {condition}"))?;
    if among <= CHARGES_FEW {
        return Ok(None);
    }
    let grouping = Grouping::of(connection, FINE, from, tag_columns, condition)?;
    let rows = grouping.rows_about(connection)?;
    if rows > FINE_MAX || rows.saturating_mul(COMPRESSION_MIN) > among {
        return Ok(None);
    }
    connection.execute_batch(&format!("CREATE OR REPLACE TEMP TABLE {FINE} AS {};", grouping.select()))?;
    Ok(Some(Fine { of_all: among == charges }))
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

/// The sums of a table by some of its columns.
struct Grouping<'a> {
    /// SQL of the table: charges, or sums of them.
    from: &'a str,
    /// Whether they are charges.
    of_charges: bool,
    condition: &'a str,
    /// SQL and name of each column that is told apart.
    keys: Vec<(String, String)>,
    /// The dimensions without any value: a third of the columns in most exports. Grouping by nulls takes as long as by values.
    empty: Vec<&'static str>,
}

impl<'a> Grouping<'a> {
    /// Of the cube `name`, where the condition on its source holds.
    fn of(
        connection: &Connection,
        name: &str,
        from: &'a str,
        tag_columns: &[String],
        condition: &'a str,
    ) -> Result<Self> {
        let of_charges = ![FINE, "cube_day"].contains(&from);
        let (empty, filled): (Vec<_>, Vec<_>) = dimensions(name)
            .into_iter()
            .zip(counts(connection, name, from, condition)?)
            .partition(|(_, count)| *count == 0);
        let time = |of_charge: &str, name: &str| {
            let sql = if of_charges { of_charge } else { name };
            (sql.to_owned(), name.to_owned())
        };
        let mut keys = vec![
            time("date_trunc('month', charge_period_start)::DATE", "month"),
            time("date_trunc('month', billing_period_start)::DATE", "billing_month"),
        ];
        match name {
            "cube_day" | "cube_service_day" | FINE => keys.push(time("charge_period_start::DATE", "day")),
            "cube_hour" => keys.push(time("date_trunc('hour', charge_period_start)", "hour")),
            _ => {}
        }
        let named = filled.iter().map(|(name, _)| (*name).to_owned()).chain(tag_columns.iter().cloned());
        keys.extend(named.map(|name| (name.clone(), name)));
        Ok(Self { from, of_charges, condition, keys, empty: empty.into_iter().map(|(name, _)| name).collect() })
    }

    /// How many rows it has, to a few hundredths.
    fn rows_about(&self, connection: &Connection) -> Result<u64> {
        let keys = self.keys.iter().map(|(sql, _)| sql.as_str()).collect::<Vec<_>>().join(", ");
        let Self { from, condition, .. } = self;
        count(connection, &format!("SELECT approx_count_distinct(hash({keys})) FROM {from} WHERE {condition}"))
    }

    fn select(&self) -> String {
        let Self { from, of_charges, condition, keys, empty } = self;
        let named = keys.iter().map(|(sql, name)| format!("{sql} AS {name}")).collect::<Vec<_>>().join(", ");
        let nulls = empty.iter().map(|dimension| format!(", NULL::VARCHAR AS {dimension}")).collect::<String>();
        let sums = MEASURES.iter().map(|measure| format!("sum({measure}) AS {measure}")).collect::<Vec<_>>().join(", ");
        let charges = if *of_charges { "count(*)" } else { "sum(charges)" };
        let positions = (1..=keys.len()).map(|position| position.to_string()).collect::<Vec<_>>().join(", ");
        format!(
            "SELECT {named}{nulls}, {sums}, {charges}::BIGINT AS charges FROM {from} WHERE {condition} GROUP BY {positions}"
        )
    }
}

/// How many values each dimension of a cube has in its source.
fn counts(connection: &Connection, name: &str, from: &str, condition: &str) -> Result<Vec<i64>> {
    let counts = dimensions(name).iter().map(|column| format!("count({column})")).collect::<Vec<_>>().join(", ");
    let mut statement =
        connection.prepare(&format!("SELECT unnest([{counts}])::BIGINT FROM {from} WHERE {condition}"))?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?)
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

    /// Charges by the hour: of two months, four services and ten resources, the second month with amounts of many digits.
    fn charges(connection: &Connection, count: u32) {
        let filled = ["service_name", "resource_id", "region_id", "provider", "billing_currency", "charge_category"];
        let all = dimensions(FINE);
        let columns: String = all
            .iter()
            .map(|name| match filled.iter().position(|other| other == name) {
                Some(place) => format!(
                    ", CASE WHEN range % 11 <> {place} THEN '{name} ' || range % {} END AS {name}",
                    2 + place * 2
                ),
                None => format!(", NULL::VARCHAR AS {name}"),
            })
            .collect();
        let amounts: String =
            MEASURES.iter().map(|name| format!(", (range * 0.000000001)::DECIMAL(38,18) AS {name}")).collect();
        connection
            .execute_batch(&format!(
                "CREATE TABLE charge AS SELECT TIMESTAMP '2026-01-01' + INTERVAL (range % 1416) HOUR AS charge_period_start,
                     date_trunc('month', charge_period_start)::TIMESTAMP AS billing_period_start, 'team ' || range % 3 AS tag_1{columns}{amounts}
                 FROM range({count});
                 CREATE VIEW {} AS SELECT *, rowid AS {} FROM charge;
                 CREATE TABLE cube (name VARCHAR NOT NULL, charges BIGINT NOT NULL, rows BIGINT NOT NULL, kept BOOLEAN NOT NULL);",
                query::CHARGE_PLACES,
                query::CHARGE_PLACE_COLUMN,
            ))
            .unwrap();
    }

    #[test]
    fn cubes_hold_the_sums_of_the_charges_whatever_they_are_made_of() {
        let connection = Connection::open_in_memory().unwrap();
        let (months, tags) = (["2026-01-01".to_owned(), "2026-02-01".to_owned()], ["tag_1".to_owned()]);
        charges(&connection, 500_000);
        let check = |what: &str| {
            for (name, _) in CUBES {
                let tags = super::tags(name, &tags);
                let direct = Grouping::of(&connection, name, "charge", tags, "true").unwrap().select();
                let differing = format!(
                    "SELECT count(*)::BIGINT FROM ((SELECT * FROM {name} EXCEPT ALL SELECT * FROM ({direct}))
                                                   UNION ALL (SELECT * FROM ({direct}) EXCEPT ALL SELECT * FROM {name}))"
                );
                assert_eq!(count(&connection, &differing).unwrap(), 0, "{name}, {what}");
            }
        };
        let of_all = |months: &[String]| {
            let months = literals(months.iter().map(String::as_str));
            let touched = format!("date_trunc('month', billing_period_start)::DATE::VARCHAR IN ({months})");
            let charges = count(&connection, "SELECT count(*)::BIGINT FROM charge").unwrap();
            make_fine(&connection, ("charge", charges), &touched, &tags).unwrap().map(|fine| fine.of_all)
        };
        assert_eq!(of_all(&months), Some(true), "there are few sums");
        rebuild(&connection, Limits::default(), &months, &tags).unwrap();
        check("made of sums by all that is told apart");
        let some_of_february = "billing_period_start = '2026-02-01' AND billed_cost";
        connection.execute_batch(&format!("DELETE FROM charge WHERE {some_of_february} < 0.00005;")).unwrap();
        assert_eq!(of_all(&months[1..]), Some(false), "of one of two months");
        rebuild(&connection, Limits::default(), &months[1..], &tags).unwrap();
        check("a month anew");
        connection.execute_batch(&format!("DELETE FROM charge WHERE {some_of_february} < 0.0004;")).unwrap();
        assert_eq!(of_all(&months[1..]), None, "the month has too few charges by now");
        rebuild(&connection, Limits::default(), &months[1..], &tags).unwrap();
        check("a month anew, made of charges");
    }

    #[test]
    fn every_thread_goes_through_its_part_of_the_charges() {
        let connection = Connection::open_in_memory().unwrap();
        charges(&connection, 10_000);
        for (before, change) in [
            (10_000, "BEGIN;"),
            (30_000, "INSERT INTO charge SELECT * FROM charge UNION ALL SELECT * FROM charge;"),
            (30_000, "COMMIT;"),
            (0, "DELETE FROM charge;"),
        ] {
            connection.execute_batch(change).unwrap();
            for threads in [1, 2, 7] {
                let from = side_by_side(&connection, before, threads).unwrap();
                let counts = "count(*)::BIGINT || ' ' || coalesce(sum(billed_cost), 0)";
                let of = |from: &str| {
                    connection
                        .query_row(&format!("SELECT {counts} FROM {from}"), [], |row| row.get::<_, String>(0))
                        .unwrap()
                };
                assert_eq!(of(&from), of("charge"), "{threads} threads after {change}");
            }
        }
        let from = side_by_side(&connection, 0, 3).unwrap();
        assert_eq!(from.matches("UNION ALL").count(), 0, "there is nothing to divide");
    }

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
