//! One transaction takes what was staged into the engagement and replaces what it replaces.

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;
use std::time::Instant;

use duckdb::Connection;

use super::protocol::{StagedInput, StagedUnit};
use super::{LoadOptions, LoadReport, SkippedFile, Staged};
use crate::schema::{self, CHARGE_TABLES, LEADING, TAG_COLUMNS_MAX, column_type};
use crate::sql::{identifier, literal};
use crate::{DecimalType, Engagement, Result, StoreError, Watch, cubes};

/// What is replaced as one: a billing period of a report of a provider.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct UnitKey {
    billing_period: String,
    provider: String,
    report: String,
}

/// One staged table on its way in.
struct Incoming<'a> {
    staged: &'a Staged,
    input: &'a StagedInput,
    /// The name under which its database is attached.
    alias: String,
}

/// The parts of one unit that came in one folder, and so in one delivery.
#[derive(Default)]
struct Delivery {
    /// Position of the staged table, and its unit.
    parts: Vec<(usize, StagedUnit)>,
}

/// Takes everything in; gives the numbers of the new loads.
pub(super) fn commit(
    engagement: &Engagement,
    staged: &[Staged],
    options: &LoadOptions,
    watch: &Watch,
    report: &mut LoadReport,
) -> Result<Vec<i64>> {
    let incoming = without_copies(staged, report);
    let deliveries = group(&incoming, report);
    for one in &incoming {
        let path = literal(&one.input.database.to_string_lossy());
        engagement.database.execute(&format!("ATTACH {path} AS {} (READ_ONLY)", one.alias))?;
    }
    let outcome = (|| {
        // Wider types and new tag columns change no value and stay even when the load is cancelled.
        engagement.database.write(watch, |connection| prepare(connection, engagement, &incoming))?;
        engagement.database.write(watch, |connection| {
            let taken = take_in(connection, engagement, &incoming, &deliveries, options, watch, report)?;
            Ok(taken)
        })
    })();
    // From here on the load is there or it is not: what fails in tidying up changes neither.
    let tidy = |statement: &str| {
        if let Err(error) = engagement.database.execute(statement) {
            tracing::warn!("{statement}: {error}");
        }
    };
    for one in &incoming {
        tidy(&format!("DETACH DATABASE IF EXISTS {}", one.alias));
    }
    if outcome.as_ref().is_ok_and(|made| !made.is_empty()) {
        let began = Instant::now();
        tidy("CHECKPOINT");
        tracing::debug!(elapsed_ms = began.elapsed().as_millis(), "checkpoint");
    }
    outcome
}

/// Leaves out files whose content came twice.
fn without_copies<'a>(staged: &'a [Staged], report: &mut LoadReport) -> Vec<Incoming<'a>> {
    let mut seen: BTreeMap<(&str, Option<&str>), &PathBuf> = BTreeMap::new();
    let mut incoming = Vec::new();
    for one in staged {
        for input in &one.result.inputs {
            for note in &input.notes {
                report.notes.push(format!("{}: {note}", super::stage::label(&one.path, input.member.as_deref())));
            }
            let key = (one.result.sha256.as_str(), input.member.as_deref());
            if let Some(first) = seen.get(&key) {
                report.skipped.push(SkippedFile {
                    file: one.path.display().to_string(),
                    reason: format!("the same content as {}", first.display()),
                });
                continue;
            }
            seen.insert(key, &one.path);
            incoming.push(Incoming { staged: one, input, alias: format!("staged_{}", incoming.len()) });
        }
    }
    incoming
}

/// The units with their deliveries in order. Files of one unit in one folder are parts of one delivery; files in different
/// folders are parts when they cover different days, and a delivery and its re-delivery when they share days.
fn group(incoming: &[Incoming], report: &mut LoadReport) -> BTreeMap<UnitKey, Vec<Delivery>> {
    let mut units: BTreeMap<UnitKey, BTreeMap<PathBuf, Delivery>> = BTreeMap::new();
    for (position, one) in incoming.iter().enumerate() {
        for unit in &one.input.units {
            let key = UnitKey {
                billing_period: unit.billing_period.clone(),
                provider: unit.provider.clone(),
                report: report_name(&one.input.format, &unit.billing_account),
            };
            let folder = one.staged.path.parent().unwrap_or(&one.staged.path).to_owned();
            let delivery = units.entry(key).or_default().entry(folder).or_default();
            delivery.parts.push((position, unit.clone()));
        }
    }
    let mut grouped = BTreeMap::new();
    for (key, folders) in units {
        let mut deliveries: Vec<Delivery> = Vec::new();
        for (folder, delivery) in folders {
            match deliveries.last_mut() {
                Some(last) if !shares_days(last, &delivery) => last.parts.extend(delivery.parts),
                Some(_) => {
                    report.notes.push(format!(
                        "{} {} of {} was delivered more than once; the delivery in {} counts",
                        key.provider,
                        key.billing_period,
                        key.report,
                        folder.display()
                    ));
                    deliveries.push(delivery);
                }
                None => deliveries.push(delivery),
            }
        }
        grouped.insert(key, deliveries);
    }
    grouped
}

fn shares_days(earlier: &Delivery, later: &Delivery) -> bool {
    earlier.parts.iter().any(|(_, one)| {
        later.parts.iter().any(|(_, other)| one.first_day <= other.last_day && other.first_day <= one.last_day)
    })
}

/// The report that a unit belongs to: exports of two billing accounts are two reports.
fn report_name(format: &str, billing_account: &str) -> String {
    if billing_account.is_empty() { format.to_owned() } else { format!("{format}/{billing_account}") }
}

/// Adds the columns that what comes has filled, widens decimal columns so that it fits, and adds tag columns.
fn prepare(connection: &Connection, engagement: &Engagement, incoming: &[Incoming]) -> Result<()> {
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
        let filled = incoming.iter().any(|one| is_filled(one, column.name));
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
    let mut present = tag_columns(connection)?;
    let mut frequency: BTreeMap<&str, u64> = BTreeMap::new();
    for one in incoming {
        for (key, charges) in &one.input.tag_keys {
            *frequency.entry(key).or_insert(0) += charges;
        }
    }
    let mut wanted: Vec<&str> = engagement.definition.tag_keys.iter().map(String::as_str).collect();
    if wanted.is_empty() {
        wanted = frequency.keys().copied().collect();
        wanted.sort_by_key(|key| (std::cmp::Reverse(frequency[key]), *key));
    }
    let mut added = 0;
    for key in wanted {
        if present.len() >= TAG_COLUMNS_MAX || present.iter().any(|other| other == key) {
            continue;
        }
        present.push(key.to_owned());
        let (position, column) = (present.len(), format!("tag_{}", present.len()));
        for table in CHARGE_TABLES {
            connection.execute_batch(&format!("ALTER TABLE {table} ADD COLUMN {column} VARCHAR;"))?;
            if tagged {
                connection.execute_batch(&format!(
                    "UPDATE {table} SET {column} = json_extract_string(tags, {path}) WHERE tags IS NOT NULL;",
                    path = literal(&format!("$.\"{}\"", key.replace('\\', "\\\\").replace('"', "\\\""))),
                ))?;
            }
        }
        connection.execute_batch(&format!("INSERT INTO tag_column VALUES ({position}, {});", literal(key)))?;
        added += 1;
    }
    if added > 0 {
        drop_cubes(connection)?;
    }
    Ok(added)
}

/// The tag keys that are columns, in order of position.
fn tag_columns(connection: &Connection) -> Result<Vec<String>> {
    let mut statement = connection.prepare("SELECT key FROM tag_column ORDER BY position")?;
    let keys = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    Ok(keys)
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
    let mut next_load = number(connection, "SELECT coalesce(max(load_id), 0)::BIGINT FROM load")? + 1;
    let mut file_ids = BTreeMap::new();
    let mut made = Vec::new();
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
                    reason: format!("{} {} is loaded already, byte for byte", key.provider, key.billing_period),
                });
                continue;
            }
            let load = next_load;
            next_load += 1;
            supersede(connection, key, load)?;
            for (position, unit) in &delivery.parts {
                let one = &incoming[*position];
                let file = match file_ids.get(position) {
                    Some(file) => *file,
                    None => {
                        let file = add_file(connection, engagement, one, options)?;
                        report.rejected_rows += one.input.rejected;
                        file_ids.insert(*position, file);
                        file
                    }
                };
                connection.execute_batch(&format!("INSERT INTO load_file VALUES ({load}, {file}, {});", unit.rows))?;
            }
            months.insert(format!("{}-01", &key.billing_period[..7]));
            made.push(load);
            batch.add(load, key, delivery);
            if batch.rows >= BATCH_ROWS {
                write(connection, &batch, incoming, &file_ids, &tags, options)?;
                batch = Batch::default();
            }
            if watch.is_cancelled() {
                return Err(StoreError::Cancelled);
            }
        }
        write(connection, &batch, incoming, &file_ids, &tags, options)?;
    }
    if !made.is_empty() {
        watch.report(|progress| progress.phase = "Summing".to_owned());
        let columns: Vec<String> = (1..=tags.len()).map(|position| format!("tag_{position}")).collect();
        let months: Vec<String> = months.into_iter().collect();
        let began = Instant::now();
        cubes::rebuild(connection, &months, &columns)?;
        tracing::debug!(elapsed_ms = began.elapsed().as_millis(), "cubes made");
        connection.execute_batch("UPDATE meta SET value = (value::BIGINT + 1)::VARCHAR WHERE key = 'generation';")?;
    }
    Ok(made)
}

fn files_of(delivery: &Delivery, incoming: &[Incoming]) -> String {
    let names = delivery.parts.iter().map(|(position, _)| incoming[*position].staged.path.display().to_string());
    names.collect::<Vec<_>>().join(", ")
}

/// Whether exactly these files are what is loaded now for the unit.
fn unchanged(connection: &Connection, key: &UnitKey, delivery: &Delivery, incoming: &[Incoming]) -> Result<bool> {
    let sql = format!(
        "SELECT concat(sha256, '!' || member) FROM load JOIN load_file USING (load_id) JOIN source_file USING (file_id) WHERE {}",
        current(key)
    );
    let mut statement = connection.prepare(&sql)?;
    let loaded: BTreeSet<String> = statement.query_map([], |row| row.get(0))?.collect::<std::result::Result<_, _>>()?;
    let coming: BTreeSet<String> = delivery
        .parts
        .iter()
        .map(|(position, _)| {
            let one = &incoming[*position];
            let member = one.input.member.as_deref().map(|member| format!("!{member}")).unwrap_or_default();
            format!("{}{member}", one.staged.result.sha256)
        })
        .collect();
    Ok(loaded == coming)
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

fn add_file(connection: &Connection, engagement: &Engagement, one: &Incoming, options: &LoadOptions) -> Result<i64> {
    let file = number(connection, "SELECT coalesce(max(file_id), 0)::BIGINT FROM source_file")? + 1;
    let path = &one.staged.path;
    let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
    let kept = if options.keep_source { Some(keep(engagement, one, &name)?) } else { None };
    let optional = |text: Option<&str>| text.map_or_else(|| "NULL".to_owned(), literal);
    let json = |value: &dyn erased::Json| literal(&value.json());
    connection.execute_batch(&format!(
        "INSERT INTO source_file VALUES ({file}, {name}, {member}, {path}, {sha256}, {bytes}, {rows}, {rejected}, {format},
             {version}, {header}, {mapping}, {rounded}, {excluded}, {kept});
         INSERT INTO reject SELECT {file}, source_row, column_name, value, reason, kept FROM {alias}.reject;",
        name = literal(&name),
        member = optional(one.input.member.as_deref()),
        path = literal(&path.to_string_lossy()),
        sha256 = literal(&one.staged.result.sha256),
        bytes = one.staged.result.bytes,
        rows = one.input.rows,
        rejected = one.input.rejected,
        format = literal(&one.input.format),
        version = literal(&one.input.format_version),
        header = json(&one.input.header),
        mapping = json(&one.input.mapping),
        rounded = json(&one.input.rounded),
        excluded = json(&one.input.excluded),
        kept = optional(kept.as_deref()),
        alias = one.alias,
    ))?;
    Ok(file)
}

/// Serialisable values behind one reference type.
mod erased {
    /// A value that can be written as JSON text.
    pub(super) trait Json {
        /// The JSON text; plain data cannot fail to serialise.
        fn json(&self) -> String;
    }

    impl<T: serde::Serialize> Json for T {
        fn json(&self) -> String {
            serde_json::to_string(self).unwrap_or_else(|_| "null".to_owned())
        }
    }
}

/// Copies a file into `sources/` under its hash; gives the name there.
fn keep(engagement: &Engagement, one: &Incoming, name: &str) -> Result<String> {
    let folder = engagement.folder().join("sources");
    std::fs::create_dir_all(&folder).map_err(StoreError::io(&folder))?;
    let kept = format!("{}-{name}", &one.staged.result.sha256);
    let target = folder.join(&kept);
    if !target.exists() {
        std::fs::copy(&one.staged.path, &target).map_err(StoreError::io(&target))?;
    }
    Ok(kept)
}

/// Loads that are written with one statement: small ones alone would each keep only one core busy.
#[derive(Default)]
struct Batch<'a> {
    loads: Vec<(i64, &'a UnitKey, &'a Delivery)>,
    rows: u64,
}

/// A batch is written once it has this many charges; sorting many more at once would spill.
const BATCH_ROWS: u64 = 1_000_000;

impl<'a> Batch<'a> {
    fn add(&mut self, load: i64, key: &'a UnitKey, delivery: &'a Delivery) {
        self.rows += delivery.parts.iter().map(|(_, unit)| unit.rows).sum::<u64>();
        self.loads.push((load, key, delivery));
    }
}

/// Writes the charges of a batch, checks their number, and enters the loads with their totals.
fn write(
    connection: &Connection,
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
    let mut selects = Vec::new();
    for (load, key, delivery) in &batch.loads {
        for (position, unit) in &delivery.parts {
            selects.push(select_charges(*load, key, unit, &incoming[*position], files[position], tags));
        }
    }
    // Charges that one question looks at lie together, and alike values too: both make scans short.
    let order = ["billing_period_start", "service_name", "sub_account_id", "charge_period_start"];
    let order = order.into_iter().filter(|column| {
        let parts = batch.loads.iter().flat_map(|(_, _, delivery)| &delivery.parts);
        parts.into_iter().any(|(position, _)| is_filled(&incoming[*position], column))
    });
    connection.execute_batch(&format!(
        "INSERT INTO charge_current BY NAME SELECT * FROM ({selects}) ORDER BY {order};",
        selects = selects.join(" UNION ALL BY NAME "),
        order = order.chain(["file_id", "source_row", "part"]).collect::<Vec<_>>().join(", "),
    ))?;
    for (load, key, delivery) in &batch.loads {
        check_number(connection, *load, delivery, files)?;
        add_load(connection, *load, key, delivery, options)?;
    }
    tracing::debug!(loads = batch.loads.len(), elapsed_ms = began.elapsed().as_millis(), "charges written");
    Ok(())
}

/// The second path to the same figures: what was staged must be what is now in the engagement.
fn check_number(connection: &Connection, load: i64, delivery: &Delivery, files: &BTreeMap<usize, i64>) -> Result<()> {
    for (position, unit) in &delivery.parts {
        let file = files[position];
        let sql = format!("SELECT count(*)::BIGINT FROM charge_current WHERE load_id = {load} AND file_id = {file}");
        let found = number(connection, &sql)?;
        let staged =
            delivery.parts.iter().filter(|(other, _)| other == position).map(|(_, unit)| unit.rows).sum::<u64>();
        if u64::try_from(found).unwrap_or(0) != staged {
            return Err(StoreError::Unexpected {
                found: format!("{found} charges of {} in {}", unit.provider, unit.billing_period),
                expected: "the number of charges that was staged",
            });
        }
    }
    Ok(())
}

fn is_filled(one: &Incoming, column: &str) -> bool {
    one.input.filled.iter().any(|other| other == column)
}

/// The charges of a unit in one staged table. Columns without any value are left out: carrying nulls through the sort costs as
/// much as carrying values.
fn select_charges(load: i64, key: &UnitKey, unit: &StagedUnit, one: &Incoming, file: i64, tags: &[String]) -> String {
    let mut columns: Vec<String> = LEADING
        .iter()
        .map(|(name, _)| match *name {
            "load_id" => format!("{load}::BIGINT AS load_id"),
            "file_id" => format!("{file}::BIGINT AS file_id"),
            "source_row" => format!("c.{} AS source_row", one.input.row),
            "report" => format!("{} AS report", literal(&key.report)),
            other => format!("c.{other}"),
        })
        .collect();
    let filled = focus::columns().iter().filter(|column| column.name != "tags" && is_filled(one, column.name));
    columns.extend(filled.map(|column| format!("c.{}", identifier(column.name))));
    let join = if is_filled(one, "tags") {
        columns.push("t.valid AS tags".to_owned());
        // Tags that are no JSON object are kept as the provider sent them.
        columns.push(
            "CASE WHEN c.tags IS NOT NULL AND t.valid IS NULL
                  THEN json_merge_patch(coalesce(c.extra, '{}'), json_object('Tags', c.tags))::VARCHAR ELSE c.extra END AS extra"
                .to_owned(),
        );
        columns.extend(
            tags.iter()
                .enumerate()
                .map(|(position, tag)| format!("t.tag_map[{}] AS tag_{}", literal(tag), position + 1)),
        );
        format!("LEFT JOIN {}.tag_set AS t ON t.tags = c.tags", one.alias)
    } else {
        columns.push("c.extra".to_owned());
        String::new()
    };
    format!(
        "SELECT {columns} FROM {alias}.charge AS c {join}
         WHERE c.provider = {provider} AND coalesce(c.billing_account_id, '') = {account}
           AND c.billing_period_start >= {day}::DATE AND c.billing_period_start < {day}::DATE + 1",
        columns = columns.join(", "),
        alias = one.alias,
        provider = literal(&unit.provider),
        account = literal(&unit.billing_account),
        day = literal(&unit.billing_period),
    )
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

fn number(connection: &Connection, sql: &str) -> Result<i64> {
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}
