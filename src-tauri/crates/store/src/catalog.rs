//! Reads the [`query::Catalog`] from the engagement: what there is to ask, and where.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use query::{Catalog, EvidenceLoad, LoadInfo, Period, TableInfo, TableTime, TagColumn};

use crate::{Engagement, Result, StoreError};

/// The catalogue of the engagement's present state.
pub(crate) fn read(engagement: &Engagement) -> Result<Catalog> {
    Ok(Catalog {
        tables: tables(engagement)?,
        tag_columns: tag_columns(engagement)?,
        currency: engagement.definition().currency,
        currencies: currencies(engagement)?,
        charges: period(engagement, "min(charge_period_start)::DATE", "max(charge_period_start)::DATE + 1", "true")?,
        bills: period(
            engagement,
            "date_trunc('month', min(billing_period_start))::DATE",
            "(date_trunc('month', max(billing_period_start)) + INTERVAL 1 MONTH)::DATE",
            "true",
        )?,
        covered: period(
            engagement,
            "min(charge_period_start)::DATE",
            "(max(coalesce(charge_period_end, charge_period_start)) + INTERVAL 1 DAY - INTERVAL 1 SECOND)::DATE",
            "charge_category = 'Usage'",
        )?,
        loads: loads(engagement)?,
        tag_rules: query::TagRules::default(),
        rates: None,
        named_measures: Vec::new(),
        metrics: Vec::new(),
    })
}

fn tables(engagement: &Engagement) -> Result<Vec<TableInfo>> {
    let mut columns: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for row in engagement.texts(
        "SELECT table_name, column_name FROM information_schema.columns
         WHERE table_catalog = current_database() AND (table_name = 'charge' OR starts_with(table_name, 'cube_'))",
    )? {
        if let [Some(table), Some(column)] = row.as_slice() {
            columns.entry(table.clone()).or_default().insert(column.clone());
        }
    }
    columns
        .into_iter()
        .map(|(name, columns)| {
            let count = engagement.texts(&format!("SELECT count(*) FROM {name}"))?;
            let rows = first(&count).and_then(|count| count.parse().ok()).unwrap_or(0);
            let time = match name.as_str() {
                "charge" => TableTime::Instant,
                "cube_hour" => TableTime::Hour,
                "cube_day" | "cube_service_day" => TableTime::Day,
                _ => TableTime::Month,
            };
            Ok(TableInfo { name, columns, time, rows })
        })
        .collect()
}

fn tag_columns(engagement: &Engagement) -> Result<Vec<TagColumn>> {
    let rows = engagement.texts("SELECT key, 'tag_' || position FROM tag_column ORDER BY position")?;
    Ok(rows
        .into_iter()
        .filter_map(|row| match <[Option<String>; 2]>::try_from(row) {
            Ok([Some(key), Some(column)]) => Some(TagColumn { key, column }),
            _ => None,
        })
        .collect())
}

fn currencies(engagement: &Engagement) -> Result<Vec<money::Currency>> {
    let rows = engagement.texts(
        "SELECT DISTINCT currency FROM load_total JOIN load USING (load_id) WHERE state = 'current' ORDER BY currency",
    )?;
    Ok(rows.iter().filter_map(|row| row.first()?.as_deref()?.parse().ok()).collect())
}

/// The days from `from` to the day before `to`, or none when there are no such charges.
fn period(engagement: &Engagement, from: &str, to: &str, condition: &str) -> Result<Option<Period>> {
    let rows = engagement.texts(&format!("SELECT {from}, {to} FROM charge WHERE {condition}"))?;
    match rows.first().map(Vec::as_slice) {
        Some([Some(from), Some(to)]) => Ok(Some(Period { from: day(from)?, to: day(to)? })),
        _ => Ok(None),
    }
}

/// The choices of a mapping, from their JSON.
pub(crate) fn settings(json: &str) -> Vec<String> {
    let chosen: BTreeMap<String, String> = serde_json::from_str(json).unwrap_or_default();
    chosen.into_iter().map(|(name, value)| format!("{name} = {value}")).collect()
}

fn loads(engagement: &Engagement) -> Result<Vec<LoadInfo>> {
    let rows = engagement.texts(
        "SELECT load_id, concat(name, '!' || member), sha256, load_file.rows, charge_from::DATE, charge_to::DATE + 1,
                date_trunc('month', billing_period)::DATE, (date_trunc('month', billing_period) + INTERVAL 1 MONTH)::DATE,
                json_extract(mapping, '$.settings')::VARCHAR
         FROM load JOIN load_file USING (load_id) JOIN source_file USING (file_id)
         WHERE state = 'current' AND charge_from IS NOT NULL ORDER BY load_id, file_id",
    )?;
    rows.iter()
        .map(|row| {
            let text = |at: usize| row[at].clone().unwrap_or_default();
            Ok(LoadInfo {
                load: EvidenceLoad {
                    id: text(0).parse().unwrap_or(0),
                    file: text(1),
                    sha256: text(2),
                    rows: text(3).parse().unwrap_or(0),
                    settings: settings(&text(8)),
                },
                charges: Period { from: day(&text(4))?, to: day(&text(5))? },
                bills: Period { from: day(&text(6))?, to: day(&text(7))? },
            })
        })
        .collect()
}

fn first(rows: &[Vec<Option<String>>]) -> Option<&str> {
    rows.first()?.first()?.as_deref()
}

fn day(text: &str) -> Result<NaiveDate> {
    // A timestamp's text begins with its day.
    text.get(..10)
        .and_then(|day| day.parse().ok())
        .ok_or_else(|| StoreError::Unexpected { found: text.to_owned(), expected: "day" })
}
