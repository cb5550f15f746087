//! The part of a load's transaction that takes in what comes beside Cost and Usage: other datasets, and manifests.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use duckdb::Connection;
use focus::Dataset;

use super::content::{self, LOADED};
use super::deliveries::Incoming;
use super::files;
use super::side::SideUnit;
use super::skipped::SkippedFile;
use super::{FileCode, LoadOptions, LoadReport, delivered};
use crate::side::superseded;
use crate::sql::{identifier, literal};
use crate::{Engagement, Result, StoreError};

/// What is replaced as one.
type Key = (&'static str, SideUnit);

/// What came in one folder of one key.
struct Delivery<'a> {
    dataset: &'static Dataset,
    unit: SideUnit,
    folder: PathBuf,
    /// Each with its rows.
    parts: Vec<(&'a Incoming<'a>, u64)>,
}

/// Takes the datasets in, and the manifests by which all files came; gives the numbers of the new loads of datasets, which begin with
/// `next_load`. The files of charges must be entered.
pub(super) fn take_in(
    connection: &Connection,
    engagement: &Engagement,
    incoming: &[Incoming],
    options: &LoadOptions,
    mut next_load: i64,
    report: &mut LoadReport,
) -> Result<Vec<i64>> {
    let now = options.now.format("%Y-%m-%d %H:%M:%S").to_string();
    let mut file_ids: BTreeMap<&str, i64> = BTreeMap::new();
    let mut made = Vec::new();
    for delivery in deliveries(incoming) {
        let replaced = replaced(connection, &delivery)?;
        if !replaced.is_empty() && files_of(connection, &replaced)? == coming(&delivery) {
            let files: Vec<String> =
                delivery.parts.iter().map(|(part, _)| part.staged.path.display().to_string()).collect();
            let reason =
                format!("{} of {} is loaded already, byte for byte", delivery.dataset.title, delivery.unit.owner);
            report.skipped.push(SkippedFile { file: files.join(", "), code: FileCode::AlreadyLoaded, reason });
            continue;
        }
        let load = next_load;
        next_load += 1;
        supersede(connection, &delivery, &replaced, load)?;
        let mut rows = 0;
        for (part, expected) in &delivery.parts {
            let file = match file_ids.get(part.alias.as_str()) {
                Some(file) => *file,
                None => {
                    let file = files::next(connection)?;
                    files::enter(connection, engagement, &[(file, *part)], options)?;
                    report.rejected_rows += part.input.rejected;
                    file_ids.insert(&part.alias, file);
                    file
                }
            };
            insert(connection, &delivery, part, load, file, *expected)?;
            rows += expected;
        }
        let period = delivery.unit.period.as_deref().map_or("NULL".to_owned(), |day| format!("{}::DATE", literal(day)));
        connection.execute_batch(&format!(
            "INSERT INTO side_load VALUES ({load}, {dataset}, {owner}, {account}, {period}, {rows}, {now}::TIMESTAMP, 'current', NULL);",
            dataset = literal(delivery.dataset.name),
            owner = literal(&delivery.unit.owner),
            account = literal(&delivery.unit.account),
            now = literal(&now),
        ))?;
        made.push(load);
    }
    delivered::enter(connection, incoming)?;
    Ok(made)
}

/// The deliveries in order: by dataset, owner, account and period, then by folder. What lies in one folder is one delivery.
fn deliveries<'a>(incoming: &'a [Incoming<'a>]) -> Vec<Delivery<'a>> {
    let mut found: BTreeMap<(Key, PathBuf), Delivery> = BTreeMap::new();
    for one in incoming {
        let Some(side) = &one.input.side else { continue };
        let Some(dataset) = focus::datasets().iter().find(|dataset| dataset.name == side.dataset) else { continue };
        for unit in &side.units {
            let folder = one.staged.path.parent().unwrap_or(&one.staged.path).to_owned();
            let unit_key = SideUnit { rows: 0, ..unit.clone() };
            let delivery = found
                .entry(((dataset.name, unit_key.clone()), folder.clone()))
                .or_insert_with(|| Delivery { dataset, unit: unit_key, folder, parts: Vec::new() });
            delivery.parts.push((one, unit.rows));
        }
    }
    let mut deliveries: Vec<Delivery> = found.into_values().collect();
    deliveries.sort_by(|left, right| {
        (left.dataset.name, &left.unit, &left.folder).cmp(&(right.dataset.name, &right.unit, &right.folder))
    });
    deliveries
}

/// The condition of a unit's rows in a staged or a loaded table.
fn of_unit(dataset: &Dataset, unit: &SideUnit) -> String {
    let mut condition = format!("provider = {}", literal(&unit.owner));
    let named = |id: Option<&str>| id.and_then(|id| dataset.column(id)).map(|column| identifier(column.name));
    if let Some(account) = named(dataset.account) {
        condition += &format!(" AND coalesce({account}, '') = {}", literal(&unit.account));
    }
    if let (Some(period), Some(day)) = (named(dataset.period), &unit.period) {
        condition += &format!(" AND {period}::DATE = {}::DATE", literal(day));
    }
    condition
}

/// The current loads that the delivery replaces: those of its unit. Where a delivery is the whole of what it names, those that
/// name one of the same, so that the commitments of two accounts stand side by side.
fn replaced(connection: &Connection, delivery: &Delivery) -> Result<BTreeSet<i64>> {
    let condition = of_unit(delivery.dataset, &delivery.unit);
    let table = delivery.dataset.name;
    let mut statements = Vec::new();
    match delivery.dataset.identity.and_then(|id| delivery.dataset.column(id)) {
        Some(identity) => {
            for (part, _) in &delivery.parts {
                statements.push(format!(
                    "SELECT DISTINCT load_id FROM {table} WHERE {condition}
                     AND {name} IN (SELECT {name} FROM {alias}.side WHERE {condition})",
                    name = identity.name,
                    alias = part.alias,
                ));
            }
        }
        None => statements.push(format!("SELECT DISTINCT load_id FROM {table} WHERE {condition}")),
    }
    let mut loads = BTreeSet::new();
    for statement in statements {
        let mut found = connection.prepare(&statement)?;
        for load in found.query_map([], |row| row.get(0))? {
            loads.insert(load?);
        }
    }
    Ok(loads)
}

fn list(loads: &BTreeSet<i64>) -> String {
    loads.iter().map(i64::to_string).collect::<Vec<_>>().join(", ")
}

/// The content of the files of loads.
fn files_of(connection: &Connection, loads: &BTreeSet<i64>) -> Result<BTreeSet<String>> {
    let mut statement = connection.prepare(&format!(
        "SELECT {LOADED} FROM load_file JOIN source_file USING (file_id) WHERE load_id IN ({})",
        list(loads)
    ))?;
    let files = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    Ok(files)
}

fn coming(delivery: &Delivery) -> BTreeSet<String> {
    delivery.parts.iter().map(|(part, _)| content::coming(part)).collect()
}

fn supersede(connection: &Connection, delivery: &Delivery, loads: &BTreeSet<i64>, by: i64) -> Result<()> {
    if loads.is_empty() {
        return Ok(());
    }
    let (table, kept, loads) = (delivery.dataset.name, superseded(delivery.dataset), list(loads));
    Ok(connection.execute_batch(&format!(
        "INSERT INTO {kept} BY NAME SELECT * FROM {table} WHERE load_id IN ({loads});
         DELETE FROM {table} WHERE load_id IN ({loads});
         UPDATE side_load SET state = 'superseded', superseded_by = {by} WHERE load_id IN ({loads});"
    ))?)
}

fn insert(
    connection: &Connection,
    delivery: &Delivery,
    part: &Incoming,
    load: i64,
    file: i64,
    expected: u64,
) -> Result<()> {
    connection.execute_batch(&format!("INSERT INTO load_file VALUES ({load}, {file}, {expected});"))?;
    let written = connection.execute(
        &format!(
            "INSERT INTO {table} BY NAME SELECT {load}::BIGINT AS load_id, {file}::BIGINT AS file_id, * FROM {alias}.side
             WHERE {condition} ORDER BY source_row;",
            table = delivery.dataset.name,
            alias = part.alias,
            condition = of_unit(delivery.dataset, &delivery.unit),
        ),
        [],
    )?;
    if written as u64 != expected {
        return Err(StoreError::Unexpected {
            found: format!("{written} rows of {}", delivery.dataset.title),
            expected: "the number of rows that was staged",
        });
    }
    Ok(())
}
