//! Bills that come in pieces. Oracle writes a file every few hours and never repeats it: a load of today's files must leave those
//! of yesterday in place. What a load replaces is then a file, told by its name and its days, and not the whole billing period.

use std::collections::BTreeSet;

use duckdb::Connection;

use super::deliveries::{Delivery, Incoming};
use crate::Result;
use crate::sql::literal;

/// Whether the delivery is made of such pieces.
pub(super) fn is_made_of_them(delivery: &Delivery, incoming: &[Incoming]) -> bool {
    delivery.parts.iter().any(|(position, _)| incoming[*position].input.increment)
}

/// The files of the loads that fulfil `current` which the delivery does not bring again.
pub(super) fn staying(
    connection: &Connection,
    current: &str,
    delivery: &Delivery,
    incoming: &[Incoming],
) -> Result<BTreeSet<i64>> {
    let again: Vec<String> = delivery
        .parts
        .iter()
        .map(|(position, unit)| {
            let one = &incoming[*position];
            let name = one.staged.path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
            let member = one.input.member.as_deref().map(|member| format!("!{member}")).unwrap_or_default();
            let name = if intake::increments_by_days(&one.input.format) {
                "true".to_owned()
            } else {
                format!("shown = {}", literal(&format!("{name}{member}")))
            };
            format!(
                "(sha256 = {sha256} OR {name} AND first_day <= {last}::DATE AND last_day >= {first}::DATE)",
                sha256 = literal(&one.staged.result.sha256),
                first = literal(&unit.first_day),
                last = literal(&unit.last_day),
            )
        })
        .collect();
    let mut statement = connection.prepare(&format!(
        "SELECT file_id FROM (
             SELECT file_id, any_value(sha256) AS sha256, any_value(concat(name, '!' || member)) AS shown,
                    min(charge_period_start)::DATE AS first_day, max(charge_period_start)::DATE AS last_day
             FROM charge_current JOIN source_file USING (file_id)
             WHERE load_id IN (SELECT load_id FROM load WHERE {current}) GROUP BY file_id
         ) WHERE NOT ({})",
        again.join(" OR ")
    ))?;
    let files = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    Ok(files)
}

/// Takes the charges of `files`, superseded by `load` a moment ago, into it.
pub(super) fn keep(connection: &Connection, files: &BTreeSet<i64>, load: i64) -> Result<()> {
    if files.is_empty() {
        return Ok(());
    }
    let files = files.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
    let replaced = format!("SELECT load_id FROM load WHERE superseded_by = {load}");
    Ok(connection.execute_batch(&format!(
        "INSERT INTO charge_current BY NAME SELECT * REPLACE ({load} AS load_id) FROM charge_superseded
         WHERE load_id IN ({replaced}) AND file_id IN ({files});
         INSERT INTO load_file SELECT {load}, file_id, rows FROM load_file
         WHERE load_id IN ({replaced}) AND file_id IN ({files});"
    ))?)
}

/// Tells the load the rows of all of its files, those that stayed included. To be called when the load is entered.
pub(super) fn count(connection: &Connection, load: i64) -> Result<()> {
    Ok(connection.execute_batch(&format!(
        "UPDATE load SET rows = (SELECT count(*) FROM charge_current WHERE load_id = {load}) WHERE load_id = {load};"
    ))?)
}
