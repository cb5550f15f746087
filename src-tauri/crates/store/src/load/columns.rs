//! Makes room for what comes: columns that it fills, decimals as wide as it needs, tag keys as columns.

use std::collections::BTreeMap;

use duckdb::Connection;

use super::commit::number;
use super::deliveries::Incoming;
use crate::schema::{self, CHARGE_TABLES, TAG_COLUMNS_MAX, column_type};
use crate::sql::identifier;
use crate::{DecimalType, Engagement, Result, StoreError, cubes};

/// Adds the columns that what comes has filled, widens decimal columns so that it fits, and adds tag columns.
pub(super) fn prepare(connection: &Connection, engagement: &Engagement, incoming: &[Incoming]) -> Result<()> {
    let mut coming: BTreeMap<&str, DecimalType> = BTreeMap::new();
    for one in incoming {
        for (column, decimal) in &one.input.decimals {
            let kept = coming.entry(column.as_str()).or_insert(*decimal);
            *kept =
                DecimalType::holding(kept.whole_digits().max(decimal.whole_digits()), kept.scale.max(decimal.scale));
        }
    }
    let empty = number(connection, "SELECT count(*)::BIGINT FROM charge_current")? == 0
        && number(connection, "SELECT count(*)::BIGINT FROM charge_superseded")? == 0;
    let mut present = present_columns(connection)?;
    let (mut added, mut widened) = (false, false);
    for column in focus::columns() {
        let filled = incoming.iter().any(|one| one.is_filled(column.name));
        let decimal = coming.get(column.name).copied().unwrap_or(DecimalType::LADDER[0]);
        let change = match present.get(column.name) {
            None if filled => {
                added = true;
                format!("ADD COLUMN {} {}", identifier(column.name), column_type(column, decimal))
            }
            Some(kind) if filled && column.kind == focus::Kind::Decimal => {
                let kind = DecimalType::parse(kind)
                    .ok_or_else(|| StoreError::Unexpected { found: kind.clone(), expected: "decimal column" })?;
                let target = if empty { decimal } else { joined(connection, column.name, kind, decimal)? };
                if target == kind {
                    continue;
                }
                widened = true;
                format!("ALTER {} TYPE {}", identifier(column.name), target.sql())
            }
            _ => continue,
        };
        for table in CHARGE_TABLES {
            connection.execute_batch(&format!("ALTER TABLE {table} {change};"))?;
        }
        present.insert(column.name.to_owned(), String::new());
    }
    if widened {
        // The sums in the cubes have the old type; they are made anew with the load.
        drop_cubes(connection)?;
    }
    let tags = add_tag_columns(connection, engagement, incoming, present.contains_key("tags"))?;
    if added || widened || tags > 0 {
        let present: Vec<String> = present.into_keys().collect();
        connection.execute_batch(&schema::view(&present, tag_columns(connection)?.len()))?;
    }
    Ok(())
}

/// The FOCUS columns that are there, and their types.
fn present_columns(connection: &Connection) -> Result<BTreeMap<String, String>> {
    let mut statement = connection.prepare(
        "SELECT column_name, data_type FROM information_schema.columns
         WHERE table_catalog = current_database() AND table_name = 'charge_current'",
    )?;
    let found = statement.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    let found = found.collect::<std::result::Result<BTreeMap<String, String>, _>>()?;
    Ok(found.into_iter().filter(|(name, _)| focus::columns().iter().any(|column| column.name == name)).collect())
}

/// The narrowest type for what is there and what comes.
fn joined(connection: &Connection, column: &str, present: DecimalType, coming: DecimalType) -> Result<DecimalType> {
    if present.holds(coming) {
        return Ok(present);
    }
    let mut digits = coming.whole_digits();
    for table in CHARGE_TABLES {
        let sql = format!(
            "SELECT length(trunc(max(abs({})))::DECIMAL(38,0)::VARCHAR)::BIGINT FROM {table}",
            identifier(column)
        );
        let found: Option<i64> = connection.query_row(&sql, [], |row| row.get(0))?;
        digits = digits.max(u8::try_from(found.unwrap_or(0)).unwrap_or(u8::MAX));
    }
    Ok(DecimalType::holding(digits, present.scale.max(coming.scale)))
}

fn drop_cubes(connection: &Connection) -> Result<()> {
    for name in cubes::names() {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {name};"))?;
    }
    Ok(connection.execute_batch("DELETE FROM cube;")?)
}

/// Makes the wanted tag keys columns: those of the definition, or the most frequent ones as long as there is room. Gives how many
/// were added. `tagged` says whether any charge may have tags.
fn add_tag_columns(
    connection: &Connection,
    engagement: &Engagement,
    incoming: &[Incoming],
    tagged: bool,
) -> Result<usize> {
    let present = tag_columns(connection)?;
    let mut frequency: BTreeMap<&str, u64> = BTreeMap::new();
    for one in incoming {
        for (key, charges) in &one.input.tag_keys {
            *frequency.entry(key).or_insert(0) += charges;
        }
    }
    let definition = engagement.definition();
    let mut wanted: Vec<&str> = definition.tag_keys.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        wanted = frequency.keys().copied().collect();
        wanted.sort_by_key(|key| (std::cmp::Reverse(frequency[key]), *key));
    }
    let mut new: Vec<&str> = Vec::new();
    for key in wanted {
        let known = present.iter().any(|other| other == key) || new.contains(&key);
        if !known && present.len() + new.len() < TAG_COLUMNS_MAX {
            new.push(key);
        }
    }
    crate::tag_columns::add_filled(connection, present.len(), &new, tagged)?;
    let added = new.len();
    if added > 0 {
        drop_cubes(connection)?;
    }
    Ok(added)
}

/// The tag keys that are columns, in order of position.
pub(super) fn tag_columns(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT key FROM tag_column ORDER BY position")?;
    let keys = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    Ok(keys)
}
