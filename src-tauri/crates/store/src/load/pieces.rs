//! Which of many small files a row is of, where they were staged as one table.

/// Rows that are looked up as one: each range of rows is entered once for each block that it touches, so that a row meets one or two of
/// hundreds of ranges. An ASOF join would say the same, and sort all rows with all their columns.
const BLOCK_ROWS: u64 = 1024;

/// SQL that joins `piece (first_row, last_row, label)` to the rows of a table: the range that the row's `place` lies in. The ranges of
/// places do not overlap; a row beyond them is left out.
pub(super) fn join(place: &str, ranges: impl IntoIterator<Item = ((u64, u64), i64)>) -> String {
    let ranges = ranges.into_iter().filter(|((first, last), _)| first <= last);
    let ranges: Vec<String> =
        ranges.map(|((first, last), label)| format!("({first}::BIGINT, {last}::BIGINT, {label}::BIGINT)")).collect();
    let pieces = if ranges.is_empty() {
        "SELECT NULL::BIGINT, NULL::BIGINT, NULL::BIGINT WHERE false".to_owned()
    } else {
        format!("VALUES {}", ranges.join(", "))
    };
    format!(
        "JOIN (SELECT *, unnest(range(first_row // {BLOCK_ROWS}, last_row // {BLOCK_ROWS} + 1)) AS block
               FROM ({pieces}) AS range (first_row, last_row, label)) AS piece
         ON ({place}) // {BLOCK_ROWS} = piece.block AND {place} >= piece.first_row AND {place} <= piece.last_row"
    )
}

#[cfg(test)]
mod tests {
    use duckdb::Connection;

    use super::*;

    #[test]
    fn each_row_is_of_the_range_it_lies_in() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE charge AS SELECT range + 1 AS row FROM range(5000);").unwrap();
        let ranges =
            [((1, 1), 0), ((2, 1023), 1), ((1024, 1024), 2), ((1025, 1024), 3), ((1025, 3500), 4), ((3502, 4999), 5)];
        let sql = format!(
            "SELECT concat_ws(' ', label, min(row), max(row), count(*)) FROM charge {} GROUP BY label ORDER BY label",
            join("row", ranges)
        );
        let mut statement = connection.prepare(&sql).unwrap();
        let found: Vec<String> =
            statement.query_map([], |row| row.get(0)).unwrap().collect::<std::result::Result<_, _>>().unwrap();
        let wanted = ["0 1 1 1", "1 2 1023 1022", "2 1024 1024 1", "4 1025 3500 2476", "5 3502 4999 1498"];
        assert_eq!(found, wanted, "a range without rows has none, and a row beyond all ranges is of none");
        let none = format!("SELECT count(*)::BIGINT FROM charge {}", join("row", []));
        assert_eq!(connection.query_row(&none, [], |row| row.get::<_, i64>(0)).unwrap(), 0);
    }
}
