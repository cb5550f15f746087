//! Writes charges, files and loads into the engagement's tables.

use std::collections::BTreeMap;
use std::time::Instant;

use duckdb::Connection;

use super::deliveries::{Delivery, Incoming, UnitKey, is_of};
use super::derived::Origin;
use super::protocol::{StagedTexts, StagedUnit};
use super::{LoadOptions, pieces};
use crate::sorting;
use crate::sql::{identifier, literal};
use crate::{Engagement, Limits, Result, StoreError};

/// Loads that are written with one statement: small ones alone would each keep only one core busy.
#[derive(Default)]
pub(super) struct Batch<'a> {
    loads: Vec<(i64, &'a UnitKey, &'a Delivery)>,
    pub(super) rows: u64,
}

/// A batch is written once it has this many charges.
pub(super) const BATCH_ROWS: u64 = 1_000_000;

/// Staged tables that one statement reads at most: each takes memory for a block of each of its columns.
const TABLES_MAX: usize = 16;

impl<'a> Batch<'a> {
    pub(super) fn add(&mut self, load: i64, key: &'a UnitKey, delivery: &'a Delivery) {
        self.rows += delivery.parts.iter().map(|(_, unit)| unit.rows).sum::<u64>();
        self.loads.push((load, key, delivery));
    }
}

/// Writes the charges of a batch, checks their number, and enters the loads with their totals.
pub(super) fn write(
    connection: &Connection,
    engagement: &Engagement,
    batch: &Batch,
    incoming: &[Incoming],
    files: &BTreeMap<usize, i64>,
    tags: &[String],
    options: &LoadOptions,
) -> Result<()> {
    if batch.loads.is_empty() {
        return Ok(());
    }
    let began = Instant::now();
    let limits = engagement.database.limits();
    let mut row_sizes = BTreeMap::new();
    let mut selects = Vec::new();
    for (load, key, delivery) in &batch.loads {
        for of_unit in by_unit(delivery, incoming, files) {
            let Some((one, _)) = of_unit.pieces.first() else { continue };
            let charges = Charges::of(*load, key, &of_unit, tags);
            let row_size = match row_sizes.get(one.alias.as_str()) {
                Some(size) => *size,
                None => {
                    let size = charges.row_bytes(connection, one)?;
                    row_sizes.insert(one.alias.as_str(), size);
                    size
                }
            };
            selects.extend(in_stretches(connection, &of_unit, &charges, row_size, limits)?);
        }
    }
    // Charges that one question looks at lie together, and alike values too: both make scans short.
    let order = ["billing_period_start", "service_name", "sub_account_id", "charge_period_start"];
    let order = order.into_iter().filter(|column| {
        let parts = batch.loads.iter().flat_map(|(_, _, delivery)| &delivery.parts);
        parts.into_iter().any(|(position, _)| incoming[*position].is_filled(column))
    });
    let order: Vec<&str> = order.chain(["file_id", "source_row", "part"]).collect();
    for together in sorted_together(&selects, limits.sort_bytes()) {
        insert_sorted(connection, together, &order)?;
    }
    for (load, key, delivery) in &batch.loads {
        check_number(connection, *load, delivery, files)?;
        add_load(connection, *load, key, delivery, options)?;
    }
    tracing::debug!(loads = batch.loads.len(), elapsed_ms = began.elapsed().as_millis(), "charges written");
    Ok(())
}

/// The charges of a unit, or of a stretch of its rows, and how many bytes they take while they are sorted.
struct Select {
    charges: Charges,
    bytes: u64,
}

/// The charges of a unit in stretches of rows that can each be sorted at once.
fn in_stretches(
    connection: &Connection,
    of_unit: &UnitPieces,
    charges: &Charges,
    row_bytes: u64,
    limits: Limits,
) -> Result<Vec<Select>> {
    let (rows, at_once) = (of_unit.rows, limits.rows_sorted_at_once(row_bytes));
    let Some((one, _)) = of_unit.pieces.first().filter(|_| rows > at_once) else {
        return Ok(vec![Select { charges: charges.clone(), bytes: rows.saturating_mul(row_bytes) }]);
    };
    let (alias, row, of) = (&one.alias, &one.input.row, is_of(of_unit.unit));
    // Where small files were staged as one table, the rows of the table are called their places.
    let (from, row) = if one.input.range.is_some() {
        (format!("(SELECT *, {row} AS place FROM {alias}.charge) AS c WHERE {of}"), "c.place".to_owned())
    } else {
        (format!("{alias}.charge AS c WHERE {of}"), format!("c.{row}"))
    };
    let stretches = sorting::stretches(connection, &from, &row, rows, at_once)?;
    let bytes = at_once.saturating_mul(row_bytes);
    Ok(stretches.into_iter().map(|stretch| Select { charges: charges.within(&stretch), bytes }).collect())
}

/// Neighbours that can be sorted at once.
fn sorted_together(selects: &[Select], sort_bytes: u64) -> Vec<&[Select]> {
    let (mut together, mut first, mut bytes) = (Vec::new(), 0, 0_u64);
    for (place, select) in selects.iter().enumerate() {
        if place > first && bytes.saturating_add(select.bytes) > sort_bytes {
            together.push(&selects[first..place]);
            (first, bytes) = (place, 0);
        }
        bytes = bytes.saturating_add(select.bytes);
    }
    together.push(&selects[first..]);
    together
}

fn insert_sorted(connection: &Connection, selects: &[Select], order: &[&str]) -> Result<()> {
    if let [select] = selects {
        let charges = select.charges.sorted(order);
        return Ok(connection.execute_batch(&format!("INSERT INTO charge_current BY NAME {charges};"))?);
    }
    let union = |some: &[Select]| {
        some.iter().map(|select| select.charges.unsorted()).collect::<Vec<_>>().join(" UNION ALL BY NAME ")
    };
    let order = order.join(", ");
    if selects.len() <= TABLES_MAX {
        let charges = union(selects);
        return Ok(connection.execute_batch(&format!(
            "INSERT INTO charge_current BY NAME SELECT * FROM ({charges}) ORDER BY {order};"
        ))?);
    }
    connection.execute_batch("CREATE OR REPLACE TEMP TABLE gathered AS SELECT * FROM charge_current LIMIT 0;")?;
    for some in selects.chunks(TABLES_MAX) {
        connection.execute_batch(&format!("INSERT INTO gathered BY NAME {};", union(some)))?;
    }
    Ok(connection.execute_batch(&format!(
        "INSERT INTO charge_current BY NAME SELECT * FROM gathered ORDER BY {order}; DROP TABLE gathered;"
    ))?)
}

/// The second path to the same figures: what was staged must be what is now in the engagement.
fn check_number(connection: &Connection, load: i64, delivery: &Delivery, files: &BTreeMap<usize, i64>) -> Result<()> {
    let sql = format!("SELECT file_id, count(*)::BIGINT FROM charge_current WHERE load_id = {load} GROUP BY file_id");
    let mut statement = connection.prepare(&sql)?;
    let found: BTreeMap<i64, i64> =
        statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?.collect::<std::result::Result<_, _>>()?;
    let mut staged: BTreeMap<i64, (u64, &StagedUnit)> = BTreeMap::new();
    for (position, unit) in &delivery.parts {
        staged.entry(files[position]).or_insert((0, unit)).0 += unit.rows;
    }
    for (file, (rows, unit)) in staged {
        let found = found.get(&file).copied().unwrap_or(0);
        if u64::try_from(found).unwrap_or(0) != rows {
            return Err(StoreError::Unexpected {
                found: format!("{found} charges of {} in {}", unit.provider, unit.billing_period),
                expected: "the number of charges that was staged",
            });
        }
    }
    Ok(())
}

/// A file in a staged table: its input and its number.
type Piece<'a> = (&'a Incoming<'a>, i64);

/// A unit of one staged table with its files and the number of its rows.
struct UnitPieces<'a> {
    unit: &'a StagedUnit,
    pieces: Vec<Piece<'a>>,
    rows: u64,
}

/// The parts of a delivery by unit and staged table; several where small files were staged as one.
fn by_unit<'a>(
    delivery: &'a Delivery,
    incoming: &'a [Incoming<'a>],
    files: &BTreeMap<usize, i64>,
) -> Vec<UnitPieces<'a>> {
    let mut found: BTreeMap<[&str; 4], UnitPieces> = BTreeMap::new();
    for (position, unit) in &delivery.parts {
        let one = &incoming[*position];
        let key =
            [one.alias.as_str(), unit.provider.as_str(), unit.billing_account.as_str(), unit.billing_period.as_str()];
        let of_unit = found.entry(key).or_insert_with(|| UnitPieces { unit, pieces: Vec::new(), rows: 0 });
        of_unit.pieces.push((one, files[position]));
        of_unit.rows += unit.rows;
    }
    found.into_values().collect()
}

/// The charges of a unit in one staged table. Columns without any value are left out: carrying nulls through the sort costs as much as
/// carrying values. So does carrying what is alike in every row, and what another column says: that is put beside the rows once they are
/// sorted.
#[derive(Clone)]
struct Charges {
    /// The columns that are sorted: SQL over the staged table `c` and the texts of its tags `t`, and the name.
    carried: Vec<(String, String)>,
    /// The columns that are put beside them.
    beside: Vec<(Beside, String)>,
    /// The tables and the condition.
    from: String,
}

/// What is put beside sorted rows.
#[derive(Clone)]
enum Beside {
    /// SQL that orders nothing: the same in every row, or what is looked up.
    Constant(String),
    /// What the carried column of this name says.
    Column(String),
}

/// What tags and the texts beside the FOCUS columns are made of once their charges are sorted: numbers, or the text. No columns of a charge.
const PARTS: [&str; 3] = ["tags_number", "extra_number", "written_extra"];

/// Joins the set of distinct tags as `t` to the charges `c`: by number, or where some are `written` by whichever of number and text a
/// charge has.
fn tags_join(set: &str, written: bool) -> String {
    let [number, ..] = PARTS;
    if !written {
        return format!("LEFT JOIN {set} AS t ON t.number = c.{number}");
    }
    format!(
        "LEFT JOIN (SELECT coalesce(number::VARCHAR, 'text ' || tags) AS key, * FROM {set}) AS t
         ON t.key = coalesce(c.{number}::VARCHAR, 'text ' || c.tags)"
    )
}

impl Charges {
    fn of(load: i64, key: &UnitKey, of_unit: &UnitPieces, tags: &[String]) -> Self {
        let mut charges = Self { carried: Vec::new(), beside: Vec::new(), from: String::new() };
        let UnitPieces { unit, pieces, .. } = of_unit;
        let Some(&(one, file)) = pieces.first() else { return charges };
        let (alias, row) = (&one.alias, &one.input.row);
        let ranges = pieces.iter().filter_map(|(one, file)| one.input.range.map(|range| (range, *file)));
        let (row, from) = if one.input.range.is_none() {
            charges.put_beside(Beside::Constant(format!("{file}::BIGINT")), "file_id");
            (format!("c.{row}"), format!("{alias}.charge AS c"))
        } else {
            let join = pieces::join("c.place", ranges);
            charges.carry("piece.label".to_owned(), "file_id");
            (
                "c.place - piece.first_row + 1".to_owned(),
                format!("(SELECT *, {row} AS place FROM {alias}.charge) AS c {join}"),
            )
        };
        charges.carry(format!("({row})::BIGINT"), "source_row");
        charges.carry("c.part".to_owned(), "part");
        charges.put_beside(Beside::Constant(format!("{load}::BIGINT")), "load_id");
        charges.put_beside(Beside::Constant(literal(&unit.provider)), "provider");
        charges.put_beside(Beside::Constant(literal(&key.report)), "report");
        for column in focus::columns().iter().filter(|column| column.name != "tags" && one.is_filled(column.name)) {
            match one.input.derived.origin(column.name) {
                Some(Origin::Text(text)) => charges.put_beside(Beside::Constant(literal(text)), column.name),
                Some(Origin::Column(other)) => charges.put_beside(Beside::Column(other.clone()), column.name),
                None => charges.carry(format!("c.{}", identifier(column.name)), column.name),
            }
        }
        let join = charges.carry_tags(one, tags);
        charges.carry_extra(one);
        charges.from = format!("{from} {join} WHERE {condition}", condition = is_of(unit));
        charges
    }

    fn carry(&mut self, sql: String, name: &str) {
        self.carried.push((sql, name.to_owned()));
    }

    fn put_beside(&mut self, value: Beside, name: &str) {
        self.beside.push((value, name.to_owned()));
    }

    /// The tags and their values by column; gives the join.
    fn carry_tags(&mut self, one: &Incoming, tags: &[String]) -> String {
        if !one.is_filled("tags") {
            return String::new();
        }
        let alias = &one.alias;
        let named = || tags.iter().zip(1..).map(|(tag, position)| (literal(tag), format!("tag_{position}")));
        let [tags_number, ..] = PARTS;
        let StagedTexts { tags_written, tags_odd, tags_few, .. } = one.input.texts;
        if tags_few && !tags_written && !tags_odd {
            self.carry(format!("c.{tags_number}"), tags_number);
            let mut look_up = |of_set: &str, name: &str| {
                let found = format!("(SELECT list({of_set} ORDER BY number) FROM {alias}.tag_set)[{tags_number}]");
                self.put_beside(Beside::Constant(found), name);
            };
            look_up("valid", "tags");
            named().for_each(|(tag, name)| look_up(&format!("tag_map[{tag}]"), &name));
            return String::new();
        }
        self.carry("t.valid".to_owned(), "tags");
        // The values are looked up once for each distinct text of tags, under the join.
        let values: String = named().map(|(tag, name)| format!(", tag_map[{tag}] AS {name}")).collect();
        named().for_each(|(_, name)| self.carry(format!("t.{name}"), &name));
        tags_join(&format!("(SELECT number, tags, valid{values} FROM {alias}.tag_set)"), tags_written)
    }

    /// What is kept beside the FOCUS columns. Its texts are long and few: where they have numbers, those are sorted.
    fn carry_extra(&mut self, one: &Incoming) {
        let [_, extra_number, written_extra] = PARTS;
        let StagedTexts { extra_numbered: numbered, extra_written: written, tags_odd, .. } = one.input.texts;
        let text = |number: &str, text: &str| {
            let found = format!("(SELECT list(text ORDER BY number) FROM {}.extra_text)[{number}]", one.alias);
            match (numbered, written) {
                (true, true) => format!("coalesce({text}, {found})"),
                (true, false) => found,
                (false, _) => text.to_owned(),
            }
        };
        if tags_odd && one.is_filled("tags") {
            // Tags that are no JSON object are kept as the provider sent them.
            let extra = text("c.extra_number", "c.extra");
            let with_tags =
                format!("json_merge_patch(coalesce({extra}, '{{}}'), json_object('Tags', t.tags))::VARCHAR");
            let odd = "t.tags IS NOT NULL AND t.valid IS NULL";
            self.carry(format!("CASE WHEN {odd} THEN {with_tags} ELSE {extra} END"), "extra");
        } else if numbered {
            self.carry("c.extra_number".to_owned(), extra_number);
            if written {
                self.carry("c.extra".to_owned(), written_extra);
            }
            self.put_beside(Beside::Constant(text(extra_number, written_extra)), "extra");
        } else if written {
            self.carry("c.extra".to_owned(), "extra");
        }
    }

    /// The same charges where a condition holds.
    fn within(&self, condition: &str) -> Self {
        Self { from: format!("{} AND {condition}", self.from), ..self.clone() }
    }

    /// How many bytes a charge takes while it is sorted.
    fn row_bytes(&self, connection: &Connection, one: &Incoming) -> Result<u64> {
        let relation = format!("(SELECT c.rowid, {} FROM {})", self.carried(), self.from);
        sorting::row_bytes_of(connection, &relation, &format!("{}.charge", one.alias))
    }

    fn carried(&self) -> String {
        self.carried.iter().map(|(sql, name)| format!("{sql} AS {}", identifier(name))).collect::<Vec<_>>().join(", ")
    }

    /// The statement that gives them in no order.
    fn unsorted(&self) -> String {
        self.sorted(&[])
    }

    /// The statement that gives them in the order of those columns.
    fn sorted(&self, order: &[&str]) -> String {
        let order: Vec<String> = order.iter().filter_map(|name| self.sorted_by(name)).map(identifier).collect();
        let order = if order.is_empty() { String::new() } else { format!(" ORDER BY {}", order.join(", ")) };
        let beside = self.beside.iter().map(|(value, name)| match value {
            Beside::Constant(sql) => format!("{sql} AS {}", identifier(name)),
            Beside::Column(other) => format!("{} AS {}", identifier(other), identifier(name)),
        });
        let parts = self.carried.iter().map(|(_, name)| name.as_str()).filter(|name| PARTS.contains(name));
        let parts = parts.collect::<Vec<_>>().join(", ");
        let all = if parts.is_empty() { "*".to_owned() } else { format!("* EXCLUDE ({parts})") };
        format!(
            "SELECT {all}, {} FROM (SELECT {} FROM {}{order})",
            beside.collect::<Vec<_>>().join(", "),
            self.carried(),
            self.from
        )
    }

    /// The carried column with the order of a column; none where all rows are alike, or the column has no value.
    fn sorted_by<'a>(&'a self, name: &'a str) -> Option<&'a str> {
        match self.beside.iter().find(|(_, other)| other == name) {
            Some((Beside::Constant(_), _)) => None,
            Some((Beside::Column(other), _)) => Some(other),
            None => self.carried.iter().any(|(_, other)| other == name).then_some(name),
        }
    }
}

fn add_load(
    connection: &Connection,
    load: i64,
    key: &UnitKey,
    delivery: &Delivery,
    options: &LoadOptions,
) -> Result<()> {
    let rows: u64 = delivery.parts.iter().map(|(_, unit)| unit.rows).sum();
    Ok(connection.execute_batch(&format!(
        "INSERT INTO load SELECT {load}, {provider}, {report}, {period}::DATE, min(charge_period_start), max(charge_period_start),
                {rows}, {now}::TIMESTAMP, 'current', NULL FROM charge WHERE load_id = {load};
         INSERT INTO load_total SELECT {load}, billing_currency, count(*), sum(billed_cost), sum(effective_cost),
                sum(contracted_cost), sum(list_cost) FROM charge WHERE load_id = {load} GROUP BY billing_currency;",
        provider = literal(&key.provider),
        report = literal(&key.report),
        period = literal(&key.billing_period),
        now = literal(&options.now.format("%Y-%m-%d %H:%M:%S").to_string()),
    ))?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_found_by_number_and_by_text() {
        let connection = Connection::open_in_memory().unwrap();
        connection
            .execute_batch(
                "CREATE TABLE tag_set (number UINTEGER, tags VARCHAR, valid VARCHAR);
                 INSERT INTO tag_set VALUES (1, '{}', 'one'), (2, '2', 'two'), (NULL, '1', 'written'), (NULL, '{\"a\":1}', 'object');
                 CREATE TABLE charge (row INTEGER, tags_number UINTEGER, tags VARCHAR);
                 INSERT INTO charge VALUES (1, 1, NULL), (2, 2, NULL), (3, NULL, '1'), (4, NULL, '{\"a\":1}'), (5, NULL, NULL), (6, 1, NULL);",
            )
            .unwrap();
        for (written, wanted) in [(false, "one two - - - one"), (true, "one two written object - one")] {
            let join = tags_join("tag_set", written);
            let sql = format!("SELECT string_agg(coalesce(t.valid, '-'), ' ' ORDER BY c.row) FROM charge AS c {join}");
            let found: String = connection.query_row(&sql, [], |row| row.get(0)).unwrap();
            assert_eq!(found, wanted, "every charge once, with its own");
        }
    }

    #[test]
    fn what_is_put_beside_sorted_rows_is_theirs() {
        let connection = Connection::open_in_memory().unwrap();
        connection.execute_batch("CREATE TABLE staged AS SELECT 99 - range AS number, 'n' || (99 - range) // 10 AS name FROM range(100);").unwrap();
        let named = |name: &str| name.to_owned();
        let charges = Charges {
            carried: vec![(named("c.number"), named("source_row")), (named("c.name"), named("service_name"))],
            beside: vec![
                (Beside::Constant("7::BIGINT".to_owned()), named("load_id")),
                (Beside::Column("service_name".to_owned()), named("sub_account_id")),
            ],
            from: "staged AS c WHERE c.number >= 5".to_owned(),
        };
        let sql = charges.within("c.number < 95").sorted(&["load_id", "region_id", "sub_account_id", "source_row"]);
        let mut statement = connection
            .prepare(&format!("SELECT source_row, sub_account_id, service_name, load_id FROM ({sql})"))
            .unwrap();
        let rows: Vec<(i64, String, String, i64)> = statement
            .query_map([], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?)))
            .unwrap()
            .collect::<std::result::Result<_, _>>()
            .unwrap();
        assert_eq!(rows.len(), 90, "both conditions hold");
        let wanted: Vec<_> =
            (5..95).map(|number| (number, format!("n{}", number / 10), format!("n{}", number / 10), 7)).collect();
        assert_eq!(
            rows, wanted,
            "by the column that the account is told by, then by row; what all have alike, and what none has, orders nothing"
        );
    }
}
