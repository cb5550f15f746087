//! Several reports of one bill: telling them apart, and which of their charges count where two are loaded.
//!
//! A provider may export one bill more than once, each time whole but seen differently (Azure's actual and amortised cost). The
//! format says how to tell such reports apart ([`Mapping::datasets`]) and which charges of one give way to another
//! ([`Mapping::yields`]). The reading child writes down for every charge which of these conditions its source row fulfils; the
//! commit decides with that, in whichever order the reports arrive. What gives way lies in `charge_superseded` while its load is
//! current.

use std::collections::BTreeSet;
use std::path::Path;

use duckdb::Connection;
use intake::Mapping;
use serde::{Deserialize, Serialize};

use super::mapping_sql::Source;
use super::{FileCode, LoadReport};
use crate::sql::literal;
use crate::{Result, StoreError};

/// The statements that make the tables where an engagement has them not yet.
pub(crate) const TABLES: &str = "
CREATE TABLE IF NOT EXISTS load_yield (
    load_id BIGINT NOT NULL, to_report VARCHAR NOT NULL, reason VARCHAR NOT NULL, set_aside BIGINT
);
CREATE TABLE IF NOT EXISTS spared_row (file_id BIGINT NOT NULL, source_row BIGINT NOT NULL);
";

/// What a staged table says about which report it is.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Signs {
    /// The reports that the format knows; the last is the one it is where nothing tells.
    pub(crate) names: Vec<String>,
    /// The one that its rows, else its path, say it is.
    pub(crate) told: Option<String>,
    /// Whether the rows said it: it has charges that only this report has.
    pub(crate) by_rows: bool,
    /// What gives way, and to which report.
    pub(crate) yields: Vec<GivesWay>,
}

/// See [`intake::Yield`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct GivesWay {
    pub(crate) dataset: String,
    pub(crate) to: String,
    pub(crate) reason: String,
    /// SQL over the staged `charge`, named `c`: the charge counts all the same.
    pub(crate) spared: String,
}

/// SQL of a number whose bits say which conditions a source row fulfils: those of the reports first, then those of what counts
/// all the same. None for a format with one report.
pub(crate) fn signs_of_row(source: &Source, mapping: &Mapping) -> Option<String> {
    if mapping.datasets.is_empty() {
        return None;
    }
    let reports = mapping.datasets.iter().map(|dataset| dataset.any.as_ref());
    let conditions = reports.chain(mapping.yields.iter().map(|entry| Some(&entry.keep)));
    let bits: Vec<String> = conditions
        .enumerate()
        .filter_map(|(bit, condition)| {
            Some(format!("CASE WHEN {} THEN {} ELSE 0 END", source.condition(condition?), 1_u64 << bit))
        })
        .collect();
    Some(if bits.is_empty() { "0::BIGINT".to_owned() } else { format!("({})::BIGINT", bits.join(" | ")) })
}

/// Which report was staged in `charge`: the first that a row is a sign of, else the one whose sign stands last in the path.
pub(crate) fn signs(connection: &Connection, mapping: &Mapping, path: &Path, member: Option<&str>) -> Result<Signs> {
    if mapping.datasets.is_empty() {
        return Ok(Signs::default());
    }
    let sql = "SELECT coalesce(bit_or(signs), 0)::BIGINT FROM charge";
    let seen: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    let has = |bit: usize| seen >> bit & 1 == 1;
    let by_rows = mapping.datasets.iter().enumerate().find(|(bit, _)| has(*bit)).map(|(_, dataset)| dataset);
    let place = format!("{}/{}", path.to_string_lossy(), member.unwrap_or_default()).to_lowercase();
    let by_path = mapping
        .datasets
        .iter()
        .filter_map(|dataset| {
            Some((dataset.path_contains.iter().filter_map(|piece| place.rfind(piece)).max()?, dataset))
        })
        .max_by_key(|(position, _)| *position)
        .map(|(_, dataset)| dataset);
    let first_yield = mapping.datasets.len();
    Ok(Signs {
        names: mapping.datasets.iter().map(|dataset| dataset.name.clone()).collect(),
        told: by_rows.or(by_path).map(|dataset| dataset.name.clone()),
        by_rows: by_rows.is_some(),
        yields: mapping
            .yields
            .iter()
            .enumerate()
            .map(|(position, entry)| GivesWay {
                dataset: entry.dataset.clone(),
                to: entry.to.clone(),
                reason: entry.reason.clone(),
                spared: format!("(c.signs >> {}) & 1 = 1", first_yield + position),
            })
            .collect(),
    })
}

/// A staged file, for [`settle`].
pub(super) struct Told<'a> {
    pub(super) path: &'a Path,
    pub(super) format: &'a str,
    pub(super) signs: &'a Signs,
}

/// Which report each staged file is. A file that does not tell is what the files beside it are: exports come in parts, and a part
/// may hold nothing that gives its report away.
///
/// # Errors
/// A file that does not tell lies beside files of several reports: taken for the wrong one, its charges would be lost or counted
/// twice.
pub(super) fn settle(files: &[Told]) -> Result<Vec<Option<String>>> {
    let folder = |file: &Told| file.path.parent().map(Path::to_path_buf).unwrap_or_default();
    let beside = |file: &Told| -> BTreeSet<String> {
        let neighbours = files.iter().filter(|other| other.format == file.format && folder(other) == folder(file));
        neighbours.filter_map(|other| other.signs.told.clone()).collect()
    };
    files
        .iter()
        .map(|file| {
            if file.signs.told.is_some() {
                return Ok(file.signs.told.clone());
            }
            let beside = beside(file);
            if beside.len() > 1 {
                let reports = beside.into_iter().collect::<Vec<_>>().join(" or ");
                return Err(StoreError::File {
                    file: file.path.display().to_string(),
                    code: FileCode::Faulty,
                    problem: format!(
                        "nothing in it tells whether it is the {reports} report, and files of both lie beside it"
                    ),
                    hint: "Put each report into a folder of its own and load them again.".to_owned(),
                });
            }
            Ok(beside.into_iter().next().or_else(|| file.signs.names.last().cloned()))
        })
        .collect()
}

/// A load that was made.
pub(super) struct Made<'a> {
    pub(super) load: i64,
    pub(super) provider: &'a str,
    pub(super) billing_period: &'a str,
    pub(super) format: &'a str,
    pub(super) account: &'a str,
    pub(super) dataset: &'a str,
    pub(super) signs: &'a Signs,
}

impl Made<'_> {
    /// The name of another report of the same bill.
    fn other(&self, dataset: &str) -> String {
        report_name(self.format, Some(dataset), self.account)
    }
}

/// The name of a report; exports of two billing accounts are two reports.
pub(super) fn report_name(format: &str, dataset: Option<&str>, account: &str) -> String {
    let pieces = [Some(format), dataset, Some(account)];
    pieces.into_iter().flatten().filter(|piece| !piece.is_empty()).collect::<Vec<_>>().join("/")
}

/// Writes down which rows of a file count in any case; `alias` is its staging database, `row` SQL of the row of a charge.
pub(super) fn remember_file(
    connection: &Connection,
    file: i64,
    (alias, row): (&str, &str),
    dataset: Option<&str>,
    signs: &Signs,
) -> Result<()> {
    for entry in signs.yields.iter().filter(|entry| Some(entry.dataset.as_str()) == dataset) {
        connection.execute_batch(&format!(
            "INSERT INTO spared_row SELECT DISTINCT {file}, c.{row} FROM {alias}.charge AS c WHERE {};",
            entry.spared
        ))?;
    }
    Ok(())
}

/// Writes down to which reports the loads give way, and sets the charges aside that do: of every load whose other report is there
/// now. A load whose other report is not there is told to be one half.
pub(super) fn combine(connection: &Connection, made: &[Made], report: &mut LoadReport) -> Result<()> {
    for one in made {
        for entry in one.signs.yields.iter().filter(|entry| entry.dataset == one.dataset) {
            let to = one.other(&entry.to);
            connection.execute_batch(&format!(
                "INSERT INTO load_yield VALUES ({}, {}, {}, NULL);",
                one.load,
                literal(&to),
                literal(&entry.reason)
            ))?;
        }
    }
    for giving in giving_way(connection)? {
        set_aside(connection, &giving, report)?;
    }
    for one in made.iter().filter(|one| one.signs.by_rows) {
        tell_half(connection, one, report)?;
    }
    Ok(())
}

fn tell_half(connection: &Connection, made: &Made, report: &mut LoadReport) -> Result<()> {
    for entry in &made.signs.yields {
        let other = match made.dataset {
            dataset if dataset == entry.dataset => made.other(&entry.to),
            dataset if dataset == entry.to => made.other(&entry.dataset),
            _ => continue,
        };
        let there = number(
            connection,
            &format!(
                "SELECT count(*)::BIGINT FROM load WHERE state = 'current' AND provider = {} AND report = {}
                 AND billing_period = {}::DATE",
                literal(made.provider),
                literal(&other),
                literal(made.billing_period)
            ),
        )?;
        if there == 0 {
            report.notes.push(format!(
                "{} {}: {} is one half of the bill; its costs are complete only together with {other}",
                made.provider,
                made.billing_period,
                made.other(made.dataset),
            ));
        }
    }
    Ok(())
}

/// A load that gives way to another that is now there too.
struct GivingWay {
    load: i64,
    told: String,
    reason: String,
}

fn set_aside(connection: &Connection, giving: &GivingWay, report: &mut LoadReport) -> Result<()> {
    let load = giving.load;
    let goes = format!(
        "load_id = {load} AND NOT EXISTS (SELECT 1 FROM spared_row AS spared
                                          WHERE spared.file_id = charge_current.file_id AND spared.source_row = charge_current.source_row)"
    );
    let count = number(connection, &format!("SELECT count(*)::BIGINT FROM charge_current WHERE {goes}"))?;
    connection.execute_batch(&format!(
        "INSERT INTO charge_superseded BY NAME SELECT * FROM charge_current WHERE {goes};
         DELETE FROM charge_current WHERE {goes};
         UPDATE load_yield SET set_aside = {count} WHERE load_id = {load};
         UPDATE load SET rows = rows - {count},
                charge_from = (SELECT min(charge_period_start) FROM charge WHERE load_id = {load}),
                charge_to = (SELECT max(charge_period_start) FROM charge WHERE load_id = {load})
         WHERE load_id = {load};
         DELETE FROM load_total WHERE load_id = {load};
         INSERT INTO load_total SELECT {load}, billing_currency, count(*), sum(billed_cost), sum(effective_cost),
                sum(contracted_cost), sum(list_cost) FROM charge WHERE load_id = {load} GROUP BY billing_currency;"
    ))?;
    report.notes.push(format!("{}: {count} charges are set aside: {}", giving.told, giving.reason));
    Ok(())
}

fn giving_way(connection: &Connection) -> Result<Vec<GivingWay>> {
    let mut statement = connection.prepare(
        "SELECT DISTINCT giving.load_id, concat(giving.provider, ' ', giving.billing_period, ' of ', giving.report), load_yield.reason
         FROM load_yield JOIN load AS giving USING (load_id)
              JOIN load AS other ON other.state = 'current' AND other.provider = giving.provider
                   AND other.billing_period = giving.billing_period AND other.report = load_yield.to_report
         WHERE giving.state = 'current' AND load_yield.set_aside IS NULL ORDER BY giving.load_id",
    )?;
    let found =
        statement.query_map([], |row| Ok(GivingWay { load: row.get(0)?, told: row.get(1)?, reason: row.get(2)? }))?;
    Ok(found.collect::<std::result::Result<_, _>>()?)
}

fn number(connection: &Connection, sql: &str) -> Result<i64> {
    Ok(connection.query_row(sql, [], |row| row.get(0))?)
}
