//! One transaction takes what was staged into the engagement and replaces what it replaces.

use std::collections::{BTreeMap, BTreeSet};
use std::time::Instant;

use duckdb::Connection;

use super::columns::{prepare, tag_columns};
use super::content::{self, LOADED};
use super::deliveries::{self, Delivery, Incoming, UnitKey};
use super::run::{Lost, Staged};
use super::skipped::SkippedFile;
use super::writing::{BATCH_ROWS, Batch, write};
use super::{FileCode, LoadOptions, LoadReport};
use super::{combine, files, increments, side_commit};
use crate::sql::literal;
use crate::{Engagement, Result, StoreError, Watch, cubes};

/// Takes everything in; gives the numbers of the new loads. `lost` are files that could not be read: what they are part of is left
/// out.
pub(super) fn commit(
    engagement: &Engagement,
    staged: &[Staged],
    lost: &[Lost],
    options: &LoadOptions,
    watch: &Watch,
    report: &mut LoadReport,
) -> Result<Vec<i64>> {
    let incoming = deliveries::incoming(staged, report)?;
    let databases: BTreeMap<&str, &Incoming> = incoming.iter().map(|one| (one.alias.as_str(), one)).collect();
    for (alias, one) in &databases {
        let path = literal(&one.input.database.to_string_lossy());
        engagement.database.execute(&format!("ATTACH {path} AS {alias} (READ_ONLY)"))?;
    }
    let outcome = (|| {
        let began = Instant::now();
        let mut grouped = deliveries::group(engagement, &incoming, watch, report)?;
        tracing::debug!(elapsed_ms = began.elapsed().as_millis(), "deliveries told apart");
        deliveries::hold_back(engagement, &mut grouped, &incoming, lost, report)?;
        if grouped.is_empty() && !report.held_back.is_empty() {
            return Err(super::run::nothing(&[], report));
        }
        // Wider types and new tag columns change no value and stay even when the load is cancelled.
        engagement.database.write(watch, |connection| prepare(connection, engagement, &incoming))?;
        engagement
            .database
            .write(watch, |connection| take_in(connection, engagement, &incoming, &grouped, options, watch, report))
    })();
    // From here on the load is there or it is not: what fails in tidying up changes neither.
    let tidy = |statement: &str| {
        if let Err(error) = engagement.database.execute(statement) {
            tracing::warn!("{statement}: {error}");
        }
    };
    for alias in databases.keys() {
        tidy(&format!("DETACH DATABASE IF EXISTS {alias}"));
    }
    if outcome.as_ref().is_ok_and(|made| !made.is_empty()) {
        let began = Instant::now();
        tidy("CHECKPOINT");
        tracing::debug!(elapsed_ms = began.elapsed().as_millis(), "checkpoint");
    }
    outcome
}

/// The transaction of the load.
fn take_in(
    connection: &Connection,
    engagement: &Engagement,
    incoming: &[Incoming],
    deliveries: &BTreeMap<UnitKey, Vec<Delivery>>,
    options: &LoadOptions,
    watch: &Watch,
    report: &mut LoadReport,
) -> Result<Vec<i64>> {
    let mut next_load = number(connection, "SELECT coalesce(max(load_id), 0)::BIGINT FROM load_file")? + 1;
    let mut next_file = files::next(connection)?;
    let mut file_ids = BTreeMap::new();
    let mut made = Vec::new();
    let mut combined = Vec::new();
    let mut grown = Vec::new();
    let mut months = BTreeSet::new();
    let tags = tag_columns(connection)?;
    let rounds = deliveries.values().map(Vec::len).max().unwrap_or(0);
    for round in 0..rounds {
        let mut batch = Batch::default();
        for (key, list) in deliveries {
            let Some(delivery) = list.get(round) else { continue };
            if unchanged(connection, key, delivery, incoming)? {
                report.skipped.push(SkippedFile {
                    file: files_of(delivery, incoming),
                    code: FileCode::AlreadyLoaded,
                    reason: format!("{} {} is loaded already, byte for byte", key.provider, key.billing_period),
                });
                continue;
            }
            let load = next_load;
            next_load += 1;
            let staying = if increments::is_made_of_them(delivery, incoming) {
                increments::staying(connection, &current(key), delivery, incoming)?
            } else {
                BTreeSet::new()
            };
            if staying.is_empty() {
                report.notes.extend(less_than_before(connection, key, delivery)?);
            }
            report.notes.extend(from_elsewhere(connection, key)?);
            supersede(connection, key, load)?;
            increments::keep(connection, &staying, load)?;
            if !staying.is_empty() {
                grown.push(load);
                report.notes.push(format!(
                    "{} {}: {} files loaded before count on beside the new ones",
                    key.provider,
                    key.billing_period,
                    staying.len()
                ));
            }
            let mut added = Vec::new();
            for (position, _) in &delivery.parts {
                file_ids.entry(*position).or_insert_with(|| {
                    let (one, file) = (&incoming[*position], next_file);
                    next_file += 1;
                    report.rejected_rows += one.input.rejected;
                    added.push((file, one));
                    file
                });
            }
            files::enter(connection, engagement, &added, options)?;
            for (file, one) in added {
                let at = (one.alias.as_str(), one.input.row.as_str());
                combine::remember_file(connection, file, at, one.dataset.as_deref(), &one.input.signs)?;
            }
            let parts = delivery.parts.iter().map(|(position, unit)| (file_ids[position], unit.rows));
            let parts = parts.map(|(file, rows)| format!("({load}, {file}, {rows})")).collect::<Vec<_>>().join(", ");
            connection.execute_batch(&format!("INSERT INTO load_file VALUES {parts};"))?;
            months.insert(format!("{}-01", &key.billing_period[..7]));
            made.push(load);
            // A part whose rows tell the report speaks for those that tell nothing.
            let telling = delivery.parts.iter().max_by_key(|(position, _)| incoming[*position].input.signs.by_rows);
            if let Some((position, unit)) = telling {
                let one = &incoming[*position];
                combined.push(combine::Made {
                    load,
                    provider: &key.provider,
                    billing_period: &key.billing_period,
                    format: &one.input.format,
                    account: &unit.billing_account,
                    dataset: one.dataset.as_deref().unwrap_or_default(),
                    signs: &one.input.signs,
                });
            }
            batch.add(load, key, delivery);
            if batch.rows >= BATCH_ROWS {
                write(connection, engagement, &batch, incoming, &file_ids, &tags, options)?;
                batch = Batch::default();
            }
            if watch.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
        }
        write(connection, engagement, &batch, incoming, &file_ids, &tags, options)?;
    }
    for load in grown {
        increments::count(connection, load)?;
    }
    combine::combine(connection, &combined, report)?;
    if !made.is_empty() {
        watch.report(|progress| progress.phase = "Summing".to_owned());
        let columns: Vec<String> = (1..=tags.len()).map(|position| format!("tag_{position}")).collect();
        let months: Vec<String> = months.into_iter().collect();
        let began = Instant::now();
        cubes::rebuild(connection, engagement.database.limits(), &months, &columns)?;
        tracing::debug!(elapsed_ms = began.elapsed().as_millis(), "cubes made");
    }
    made.extend(side_commit::take_in(connection, engagement, incoming, options, next_load, report)?);
    if !made.is_empty() {
        connection.execute_batch("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'generation';")?;
    }
    Ok(made)
}

fn files_of(delivery: &Delivery, incoming: &[Incoming]) -> String {
    let names = delivery.parts.iter().map(|(position, _)| incoming[*position].staged.path.display().to_string());
    names.collect::<Vec<_>>().join(", ")
}

/// Whether exactly these files, read in the same way, are what is loaded now for the unit; of a bill that comes in pieces, whether they
/// are among it.
fn unchanged(connection: &Connection, key: &UnitKey, delivery: &Delivery, incoming: &[Incoming]) -> Result<bool> {
    let sql = format!(
        "SELECT {LOADED} FROM load JOIN load_file USING (load_id) JOIN source_file USING (file_id) WHERE {}",
        current(key)
    );
    let mut statement = connection.prepare(&sql)?;
    let loaded: BTreeSet<String> = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    let coming: BTreeSet<String> =
        delivery.parts.iter().map(|(position, _)| content::coming(&incoming[*position])).collect();
    let pieces = increments::is_made_of_them(delivery, incoming);
    Ok(loaded == coming || pieces && loaded.is_superset(&coming))
}

/// The condition of a unit's current load.
fn current(key: &UnitKey) -> String {
    format!(
        "state = 'current' AND provider = {} AND report = {} AND billing_period = {}::DATE",
        literal(&key.provider),
        literal(&key.report),
        literal(&key.billing_period)
    )
}

/// What is said of a delivery that ends before the one that it replaces, or has fewer charges.
fn less_than_before(connection: &Connection, key: &UnitKey, delivery: &Delivery) -> Result<Option<String>> {
    let sql = format!("SELECT rows, charge_to::DATE::VARCHAR FROM load WHERE {}", current(key));
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map([], |row| Ok((row.get::<_, i64>(0)?, row.get::<_, Option<String>>(1)?)))?;
    let found = found.collect::<std::result::Result<Vec<_>, _>>()?;
    let rows: u64 = delivery.parts.iter().map(|(_, unit)| unit.rows).sum();
    let last_day = delivery.parts.iter().map(|(_, unit)| unit.last_day.as_str()).max().unwrap_or_default();
    Ok(found.into_iter().find_map(|(before, to)| {
        let (before, to) = (before.unsigned_abs(), to?);
        (rows < before || last_day < to.as_str()).then(|| {
            format!(
                "{} {} of {}: this delivery has {rows} charges up to {last_day}, what it replaces had {before} up to {to}",
                key.provider, key.billing_period, key.report
            )
        })
    }))
}

/// What is said of a bill that is loaded from an export of another format, too.
fn from_elsewhere(connection: &Connection, key: &UnitKey) -> Result<Option<String>> {
    let sql = format!(
        "SELECT report FROM load WHERE state = 'current' AND provider = {provider} AND billing_period = {period}::DATE
         AND split_part(report, '/', 1) <> split_part({report}, '/', 1) AND contains(report, '/')
         AND split_part(report, '/', -1) = split_part({report}, '/', -1) ORDER BY report",
        provider = literal(&key.provider),
        period = literal(&key.billing_period),
        report = literal(&key.report),
    );
    let mut statement = connection.prepare(&sql)?;
    let found = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<Vec<String>, _>>()?;
    Ok((!found.is_empty()).then(|| {
        format!(
            "{} {} is loaded from {} and from {}: if they are the same bill, it counts twice",
            key.provider,
            key.billing_period,
            found.join(", "),
            key.report
        )
    }))
}

/// Moves the unit's present charges aside, if there are any.
fn supersede(connection: &Connection, key: &UnitKey, by: i64) -> Result<()> {
    if number(connection, &format!("SELECT count(*)::BIGINT FROM load WHERE {}", current(key)))? == 0 {
        return Ok(());
    }
    let old = format!("(SELECT load_id FROM load WHERE {})", current(key));
    Ok(connection.execute_batch(&format!(
        "INSERT INTO charge_superseded BY NAME SELECT * FROM charge_current WHERE load_id IN {old};
         DELETE FROM charge_current WHERE load_id IN {old};
         UPDATE load SET state = 'superseded', superseded_by = {by} WHERE {};",
        current(key)
    ))?)
}

/// The one number that a query gives.
pub(super) fn number(connection: &Connection, sql: &str) -> Result<i64> {
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}
