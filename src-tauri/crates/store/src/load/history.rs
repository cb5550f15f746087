//! What was loaded, and what was refused.

use std::collections::BTreeSet;

use query::Value;

use super::{Counted, LoadSummary, LoadTotal, LoadedFile, Reject, delivered};
use crate::catalog::settings;
use crate::{Engagement, Result, Watch, rows};

impl Engagement {
    /// The loads, newest billing period first; with `all` also the superseded ones.
    ///
    /// # Errors
    /// [`crate::StoreError::Database`].
    pub fn loads(&self, all: bool) -> Result<Vec<LoadSummary>> {
        let state = if all { "true" } else { "state = 'current'" };
        let loads = self.texts(&format!(
            "SELECT load_id::VARCHAR, provider, report, billing_period::VARCHAR, rows::VARCHAR,
                    strftime(charge_from, '%Y-%m-%dT%H:%M:%SZ'), strftime(charge_to, '%Y-%m-%dT%H:%M:%SZ'),
                    strftime(loaded_at, '%Y-%m-%dT%H:%M:%SZ'), state, superseded_by::VARCHAR
             FROM load WHERE {state} ORDER BY billing_period DESC, provider, report, load_id DESC"
        ))?;
        let files = self.texts(
            "SELECT load_id::VARCHAR, file_id::VARCHAR, concat(name, '!' || member), path, sha256, bytes::VARCHAR,
                    source_file.rows::VARCHAR, rejected::VARCHAR, format, format_version, rounded, excluded,
                    json_extract(mapping, '$.settings')::VARCHAR
             FROM load_file JOIN source_file USING (file_id) ORDER BY load_id, file_id",
        )?;
        let totals = self.texts(
            "SELECT load_id::VARCHAR, currency, charges::VARCHAR, billed_cost::VARCHAR, effective_cost::VARCHAR,
                    contracted_cost::VARCHAR, list_cost::VARCHAR
             FROM load_total ORDER BY load_id, charges DESC, currency",
        )?;
        let set_aside = self.texts(
            "SELECT load_id::VARCHAR, reason, set_aside::VARCHAR FROM load_yield WHERE set_aside > 0 ORDER BY load_id, reason",
        )?;
        let mut manifests = delivered::by_load(self)?;
        let mut of_load = |load: &[Option<String>]| manifests.remove(load[0].as_deref()?);
        Ok(loads
            .iter()
            .map(|load| LoadSummary {
                manifests: of_load(load).unwrap_or_default(),
                ..summary(load, &files, &totals, &set_aside)
            })
            .collect())
    }

    /// What was refused, of one load or of all, in order of file and row.
    ///
    /// # Errors
    /// [`crate::StoreError::Database`].
    pub fn rejects(&self, load: Option<i64>, limit: u32) -> Result<Vec<Reject>> {
        let condition = load
            .map(|id| format!("WHERE file_id IN (SELECT file_id FROM load_file WHERE load_id = {id})"))
            .unwrap_or_default();
        let found = self.run(
            &format!(
                "SELECT concat(name, '!' || member), source_row, column_name, value, reason, reject.kept::INTEGER
                 FROM reject JOIN source_file USING (file_id) {condition}
                 ORDER BY file_id, source_row, column_name LIMIT {limit}"
            ),
            &Watch::default(),
        )?;
        Ok(rows::result_set(&found)?
            .into_iter()
            .map(|row| {
                let mut row = row.into_iter();
                let mut next = || row.next().unwrap_or(Value::Null);
                Reject {
                    file: rows::text(next()).unwrap_or_default(),
                    row: whole(&next()),
                    column: rows::text(next()),
                    value: rows::text(next()),
                    reason: rows::text(next()).unwrap_or_default(),
                    kept: whole(&next()) == Some(1),
                }
            })
            .collect())
    }

    /// How many values were refused in rows that were kept, over the files of these loads.
    pub(super) fn refused_values(&self, loads: &[i64]) -> Result<u64> {
        if loads.is_empty() {
            return Ok(0);
        }
        let loads = loads.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let counted = self.texts(&format!(
            "SELECT count(*)::VARCHAR FROM reject
             WHERE kept AND file_id IN (SELECT file_id FROM load_file WHERE load_id IN ({loads}))"
        ))?;
        Ok(counted.first().and_then(|row| row[0].as_deref()?.parse().ok()).unwrap_or(0))
    }

    pub(crate) fn texts(&self, sql: &str) -> Result<Vec<Vec<Option<String>>>> {
        rows::texts(&self.run(sql, &Watch::default())?)
    }
}

fn whole(value: &Value) -> Option<i64> {
    match value {
        Value::Integer(number) => Some(*number),
        _ => None,
    }
}

fn summary(
    load: &[Option<String>],
    files: &[Vec<Option<String>>],
    totals: &[Vec<Option<String>>],
    set_aside: &[Vec<Option<String>>],
) -> LoadSummary {
    let text = |row: &[Option<String>], at: usize| row[at].clone().unwrap_or_default();
    let number = |row: &[Option<String>], at: usize| text(row, at).parse::<u64>().unwrap_or(0);
    let of_load: Vec<&Vec<Option<String>>> = files.iter().filter(|file| file[0] == load[0]).collect();
    let totals: Vec<LoadTotal> = totals
        .iter()
        .filter(|total| total[0] == load[0])
        .map(|total| LoadTotal {
            currency: text(total, 1),
            charges: number(total, 2),
            billed: plain(&total[3]),
            effective: plain(&total[4]),
            contracted: plain(&total[5]),
            list: plain(&total[6]),
        })
        .collect();
    let first = totals.first();
    let of_other_reports = set_aside
        .iter()
        .filter(|row| row[0] == load[0])
        .map(|row| Counted { column: text(row, 1), count: number(row, 2) });
    LoadSummary {
        id: text(load, 0).parse().unwrap_or(0),
        provider: text(load, 1),
        report: text(load, 2),
        billing_period: text(load, 3),
        currency: first.map(|total| total.currency.clone()),
        format: of_load.first().map(|file| text(file, 8)).unwrap_or_default(),
        format_version: of_load.first().map(|file| text(file, 9)).unwrap_or_default(),
        files: loaded_files(&of_load),
        rows: number(load, 4),
        rejected: of_load.iter().map(|file| number(file, 7)).sum(),
        billed: first.and_then(|total| total.billed.clone()),
        effective: first.and_then(|total| total.effective.clone()),
        contracted: first.and_then(|total| total.contracted.clone()),
        list: first.and_then(|total| total.list.clone()),
        rounded: merged(&of_load, 10),
        excluded: merged(&of_load, 11).into_iter().chain(of_other_reports).collect(),
        totals,
        charge_from: load[5].clone(),
        charge_to: load[6].clone(),
        loaded_at: text(load, 7),
        state: text(load, 8),
        superseded_by: load[9].as_deref().and_then(|id| id.parse().ok()),
        manifests: Vec::new(),
        settings: of_load
            .iter()
            .flat_map(|file| settings(file[12].as_deref().unwrap_or_default()))
            .collect::<BTreeSet<_>>()
            .into_iter()
            .collect(),
    }
}

/// Files as a query lists them: after the load's number the file's, its name, path, hash, size, rows and refused rows.
pub(crate) fn loaded_files(files: &[&Vec<Option<String>>]) -> Vec<LoadedFile> {
    let text = |file: &[Option<String>], at: usize| file[at].clone().unwrap_or_default();
    let number = |file: &[Option<String>], at: usize| text(file, at).parse::<u64>().unwrap_or(0);
    let files = files.iter().map(|file| LoadedFile {
        id: text(file, 1).parse().unwrap_or(0),
        name: text(file, 2),
        path: text(file, 3),
        sha256: text(file, 4),
        bytes: number(file, 5),
        rows: number(file, 6),
        rejected: number(file, 7),
    });
    files.collect()
}

/// A decimal without its trailing zeros.
pub(crate) fn plain(value: &Option<String>) -> Option<String> {
    let amount: money::Amount = value.as_deref()?.parse().ok()?;
    Some(amount.normalized().to_string())
}

/// The counts of several files by name, added up, in order of name.
pub(crate) fn merged(files: &[&Vec<Option<String>>], at: usize) -> Vec<Counted> {
    let mut sums = std::collections::BTreeMap::new();
    for file in files {
        let counts: Vec<(String, u64)> =
            file[at].as_deref().and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default();
        for (name, count) in counts {
            *sums.entry(name).or_insert(0) += count;
        }
    }
    sums.into_iter().filter(|(_, count)| *count > 0).map(|(column, count)| Counted { column, count }).collect()
}
