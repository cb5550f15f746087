//! How much is sorted in one statement: [`Limits::sort_bytes`].
//!
//! The engine (DuckDB 1.5) collects what it sorts in memory and goes to disk when that is full; where it is nearly full, it finds no room to
//! merge and fails. So what is sorted at once stays well below its memory, which is also the fastest way.

use duckdb::Connection;

use crate::sql::identifier;
use crate::{Limits, Result};

impl Limits {
    /// The most that one statement sorts, by [`row_bytes`]: half of the memory. A tenth more lets 246,000 of the widest charges be sorted
    /// at once instead of half as many, which takes a fifth less time and the process to 2.3 GB for a bill of 20 GB.
    pub(crate) const fn sort_bytes(self) -> u64 {
        self.memory_mib as u64 * (1 << 20) / 2
    }

    /// How many rows of so many bytes one statement sorts. Where they fill row groups they fill them whole: the engine would write those
    /// that are partly filled once more when it tidies up, and that takes a third of the time of a load. And as many groups for each
    /// thread, so that none waits for another. Where a group for each does not fit, one thread writes alone: sorting more (measured with two
    /// thirds of the memory) is a tenth faster and takes the process beyond two gigabytes, for it holds the groups that it writes as well.
    pub(crate) fn rows_sorted_at_once(self, row_bytes: u64) -> u64 {
        let (rows, threads) = (self.sort_bytes() / row_bytes.max(1), u64::from(self.threads_used().max(1)));
        match rows / ROW_GROUP {
            0 => rows.max(1),
            few if few < threads => few * ROW_GROUP,
            many => many / threads * threads * ROW_GROUP,
        }
    }
}

/// Rows that the engine keeps together: a thread writes a group at a time.
const ROW_GROUP: u64 = 122_880;

/// What a value takes in a row that is being sorted; longer text lies beside the row.
const VALUE_BYTES: u64 = 16;

/// The keys that rows are compared by.
const KEY_BYTES: u64 = 160;

/// The stretches of a table that are looked at, and the rows of each.
const STRETCHES: u64 = 8;
const STRETCH: u64 = 2_048;

/// How many bytes a row of a table takes while it is sorted.
pub(crate) fn row_bytes(connection: &Connection, table: &str) -> Result<u64> {
    row_bytes_of(connection, table, table)
}

/// How many bytes a row of a relation over a table takes while it is sorted, told by stretches of rows from all parts of the table. The
/// relation has the table's `rowid`, which is not counted.
pub(crate) fn row_bytes_of(connection: &Connection, relation: &str, table: &str) -> Result<u64> {
    let mut statement = connection.prepare(&format!(
        "SELECT column_name, column_type FROM (DESCRIBE SELECT * FROM {relation}) WHERE column_name <> 'rowid'"
    ))?;
    let columns: Vec<(String, String)> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<std::result::Result<_, _>>()?;
    let texts: Vec<String> = columns
        .iter()
        .filter(|(_, kind)| kind == "VARCHAR")
        .map(|(name, _)| identifier(name))
        .map(|name| format!("CASE WHEN strlen({name}) > {VALUE_BYTES} THEN strlen({name}) ELSE 0 END"))
        .collect();
    let long = if texts.is_empty() { "0".to_owned() } else { texts.join(" + ") };
    let first = first_row(connection, table)?;
    let rows = number(connection, &format!("SELECT count(*)::BIGINT FROM {table}"))?;
    let apart = (rows / STRETCHES).max(STRETCH);
    let stretches: Vec<String> = (0..STRETCHES)
        .map(|stretch| first + stretch * apart)
        .map(|from| format!("rowid BETWEEN {from} AND {}", from + STRETCH - 1))
        .collect();
    let long = number(
        connection,
        &format!("SELECT coalesce(avg({long}), 0)::BIGINT FROM {relation} WHERE {}", stretches.join(" OR ")),
    )?;
    Ok(VALUE_BYTES * u64::try_from(columns.len()).unwrap_or(u64::MAX) + KEY_BYTES + long)
}

/// The `rowid` of a table's first row. What a transaction has not committed yet is numbered from far away.
pub(crate) fn first_row(connection: &Connection, table: &str) -> Result<u64> {
    number(connection, &format!("SELECT coalesce(min(rowid), 0)::BIGINT FROM {table}"))
}

/// Conditions on `row` that cut the `rows` rows of `from` into stretches of `at_once` rows, the last one shorter. Each row fulfils one of
/// them.
pub(crate) fn stretches(
    connection: &Connection,
    from: &str,
    row: &str,
    rows: u64,
    at_once: u64,
) -> Result<Vec<String>> {
    // A half before the rank that is meant: the fraction finds that row however it is rounded.
    let ends = (1..rows.div_ceil(at_once)).map(|stretch| format!("{}.5 / {rows}", stretch * at_once - 1));
    let ends = ends.collect::<Vec<_>>().join(", ");
    if ends.is_empty() {
        return Ok(vec!["true".to_owned()]);
    }
    let mut statement = connection
        .prepare(&format!("SELECT DISTINCT unnest(quantile_disc({row}, [{ends}]))::BIGINT FROM {from} ORDER BY 1"))?;
    let cuts: Vec<i64> = statement.query_map([], |found| found.get(0))?.collect::<std::result::Result<_, _>>()?;
    let ends = cuts.iter().map(|cut| Some(*cut)).chain([None]);
    let begins = std::iter::once(None).chain(cuts.iter().map(|cut| Some(*cut)));
    let conditions = begins.zip(ends).map(|bounds| match bounds {
        (None, None) => "true".to_owned(),
        (Some(after), None) => format!("{row} > {after}"),
        (None, Some(through)) => format!("{row} <= {through}"),
        (Some(after), Some(through)) => format!("{row} > {after} AND {row} <= {through}"),
    });
    Ok(conditions.collect())
}

fn number(connection: &Connection, sql: &str) -> Result<u64> {
    let found: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(u64::try_from(found).unwrap_or(0))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn long_texts_weigh_what_they_are_long() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE narrow AS SELECT range AS a, 'short' AS b FROM range(100000);
                 CREATE TABLE wide AS SELECT range AS a, CASE WHEN range < 50000 THEN 'short' ELSE repeat('x', 2000) END AS b
                 FROM range(100000);
                 CREATE TABLE empty (a INTEGER, b VARCHAR);",
            )
            .unwrap();
        let [narrow, wide, empty] = ["narrow", "wide", "empty"].map(|table| row_bytes(&connection, table).unwrap());
        assert_eq!((narrow, empty), (192, 192), "two values and the keys");
        assert_eq!(wide, 192 + 1000, "the second half is looked at, too");
    }

    #[test]
    fn every_row_lies_in_one_stretch() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE t AS SELECT range // 3 + 7 AS r, range AS own FROM range(1000);")
            .unwrap();
        let counted = |row: &str, at_once: u64| -> Vec<u64> {
            let stretches = stretches(&connection, "t AS c", row, 1000, at_once).unwrap();
            let count = |condition: &String| format!("SELECT count(*) FROM t AS c WHERE {condition}");
            stretches.iter().map(|condition| number(&connection, &count(condition)).unwrap()).collect()
        };
        for at_once in [1, 143, 333, 500, 999, 1000, 5000] {
            let found = counted("c.own", at_once);
            let (last, whole) = found.split_last().unwrap();
            assert!(whole.iter().all(|rows| *rows == at_once), "whole stretches are whole: {found:?}");
            assert_eq!(last + whole.iter().sum::<u64>(), 1000, "no row is lost or doubled: {found:?}");
            let found = counted("c.r", at_once);
            assert_eq!(found.iter().sum::<u64>(), 1000, "nor where numbers stand several times: {found:?}");
            assert!(found.iter().all(|rows| *rows <= at_once + 3), "rows of one number stay together: {found:?}");
        }
        let one = stretches(&connection, "(SELECT 5 AS r FROM range(10)) AS c", "c.r", 10, 4).unwrap();
        assert_eq!(one.len(), 2, "rows of one number cannot be cut");
        let none = stretches(&connection, "(SELECT * FROM t LIMIT 0) AS c", "c.r", 0, 4).unwrap();
        assert_eq!(none, ["true"], "no rows, and still a condition");
    }

    #[test]
    fn row_groups_are_filled_whole() {
        let limits = Limits { memory_mib: 1200, threads: 2 };
        assert_eq!(limits.rows_sorted_at_once(2_200), 2 * ROW_GROUP, "as many groups as fit");
        assert_eq!(limits.rows_sorted_at_once(1_400), 2 * ROW_GROUP, "three fit, and one thread would wait");
        assert_eq!(limits.rows_sorted_at_once(2_600), ROW_GROUP, "two would be too much of the memory");
        let many = Limits { threads: 8, ..limits };
        assert_eq!(many.rows_sorted_at_once(1_400), 3 * ROW_GROUP, "fewer than there are threads");
        assert_eq!(limits.rows_sorted_at_once(10_000), 62_914, "where not even one fits, what fits");
        assert_eq!(limits.rows_sorted_at_once(u64::MAX), 1, "and one row must");
    }

    #[test]
    fn a_missing_text_makes_no_row_weightless() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch("CREATE TABLE sparse AS SELECT NULL::VARCHAR AS a, repeat('x', 500) AS b FROM range(10);")
            .unwrap();
        assert_eq!(
            row_bytes(&connection, "sparse").unwrap(),
            192 + 500,
            "what is missing weighs nothing, the rest stays"
        );
    }
}
