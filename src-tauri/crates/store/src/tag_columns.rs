//! Tag keys as columns: what rules gather is fast to ask by only when each of its keys has a column in the charges and in the cubes.

use duckdb::Connection;

use crate::sql::{identifier, literal};
use crate::{Engagement, Result, StoreError, Watch, cubes, schema};

/// How many tag columns there may be in all. The keys of rules come on top of those that are picked by how often they occur.
const TAG_COLUMNS_OF_RULES_MAX: usize = 24;

impl Engagement {
    /// Makes these tag keys columns where they are none, as long as there is room, and the cubes anew with them. The values are those
    /// that were billed: rules apply when a question is asked. Gives how many columns were added.
    ///
    /// # Errors
    /// [`StoreError::Cancelled`], [`StoreError::Database`].
    pub fn add_tag_columns(&self, keys: &[String], watch: &Watch) -> Result<usize> {
        let added = self.database.write(watch, |connection| {
            let added = add(connection, keys)?;
            if added > 0 {
                let months = column(
                    connection,
                    "SELECT DISTINCT date_trunc('month', billing_period_start)::DATE::VARCHAR FROM charge
                     WHERE billing_period_start IS NOT NULL ORDER BY 1",
                )?;
                let tags = column(connection, "SELECT 'tag_' || position FROM tag_column ORDER BY position")?;
                cubes::rebuild(connection, self.database.limits(), &months, &tags)?;
                connection
                    .execute_batch("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'generation';")?;
            }
            if watch.is_cancelled() { Err(StoreError::Cancelled) } else { Ok(added) }
        })?;
        if added > 0 {
            self.forget_catalog();
        }
        Ok(added)
    }
}

/// Adds the keys that are no columns yet, and makes the view anew; gives how many there were.
fn add(connection: &Connection, keys: &[String]) -> Result<usize> {
    let present = column(connection, "SELECT key FROM tag_column ORDER BY position")?;
    let mut new: Vec<&str> = Vec::new();
    for key in keys {
        let known = present.contains(key) || new.contains(&key.as_str());
        if !known && present.len() + new.len() < TAG_COLUMNS_OF_RULES_MAX {
            new.push(key);
        }
    }
    if new.is_empty() {
        return Ok(0);
    }
    let columns = column(
        connection,
        "SELECT column_name FROM information_schema.columns
         WHERE table_catalog = current_database() AND table_name = 'charge_current'",
    )?;
    add_filled(connection, present.len(), &new, columns.iter().any(|name| name == "tags"))?;
    let known: Vec<String> =
        columns.into_iter().filter(|name| focus::columns().iter().any(|column| column.name == name)).collect();
    connection.execute_batch(&schema::view(&known, present.len() + new.len()))?;
    for name in cubes::names() {
        connection.execute_batch(&format!("DROP TABLE IF EXISTS {name};"))?;
    }
    connection.execute_batch("DELETE FROM cube;")?;
    Ok(new.len())
}

/// Adds a column for each of the keys behind the `present` ones, filled from the tags of the charges where any are `tagged`. All
/// columns are added before the first is filled: a table that was changed in its rows and then in its columns cannot be committed.
pub(crate) fn add_filled(connection: &Connection, present: usize, keys: &[&str], tagged: bool) -> Result<()> {
    for table in schema::CHARGE_TABLES {
        let mut values = Vec::new();
        for (at, key) in keys.iter().enumerate() {
            let name = identifier(&format!("tag_{}", present + at + 1));
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {name} VARCHAR;"))?;
            // A JSON pointer can name any key.
            let pointer = literal(&format!("/{}", key.replace('~', "~0").replace('/', "~1")));
            values.push(format!("{name} = json_extract_string(tags, {pointer})"));
        }
        if tagged && !values.is_empty() {
            connection.execute_batch(&format!("UPDATE {table} SET {} WHERE tags IS NOT NULL;", values.join(", ")))?;
        }
    }
    for (at, key) in keys.iter().enumerate() {
        connection.execute_batch(&format!(
            "INSERT INTO tag_column VALUES ({}, {});",
            present + at + 1,
            literal(key)
        ))?;
    }
    Ok(())
}

fn column(connection: &Connection, sql: &str) -> Result<Vec<String>> {
    let mut statement = connection.prepare(sql)?;
    Ok(statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?)
}
