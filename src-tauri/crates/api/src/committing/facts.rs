//! The charges of commitments as the inventory takes them.

use std::collections::BTreeMap;

use commitment::eligibility::EligibilityTable;
use commitment::inventory::{BilledCharges, Completion, Inventory, Seen, completions, find};
use query::CommitmentCharges;

use super::{Ground, instant};
use crate::{ApiError, planning, text_file};

/// What the analyst tells of commitments, in the engagement's folder.
pub(super) const FILE: &str = "commitments.csv";
/// A table of commitments beyond this size is none.
pub(super) const BYTES_MAX: u64 = 16 << 20;

/// The rules of eligibility.
pub(super) fn eligibility() -> Result<EligibilityTable, ApiError> {
    EligibilityTable::built_in().map_err(|error| ApiError::new("internal", error.to_string(), ""))
}

/// What is held, with the statement that found it.
#[derive(Debug)]
pub(super) struct Found {
    pub(super) inventory: Inventory,
    pub(super) seen: Seen,
    pub(super) sql: String,
    pub(super) charges: u64,
}

/// Reads what is held in a question's scope.
pub(super) fn found(ground: &Ground<'_>) -> Result<Found, ApiError> {
    let catalog = planning::catalog(ground.engagement, &ground.question, ground.watch)?;
    let sql = query::commitment_charges_sql(&ground.question, &catalog)?;
    let rows = ground.read(&sql, query::commitment_charges)?;
    let charges = rows.iter().map(|row| row.charges).sum();
    let billed: Vec<BilledCharges> = rows.into_iter().map(billed).collect();
    let seen = seen(ground)?;
    let inventory = find(&billed, &seen, &eligibility()?, &completion(ground)?)?;
    Ok(Found { inventory, seen, sql, charges })
}

/// The text in which the analyst tells of commitments; empty where there is none.
pub(super) fn told(ground: &Ground<'_>) -> Result<String, ApiError> {
    let path = ground.engagement.folder().join(FILE);
    if !path.is_file() {
        return Ok(String::new());
    }
    text_file::read(&path, BYTES_MAX, "a table of commitments").map_err(|problem| {
        ApiError::new(
            "commitments",
            format!("{FILE} cannot be read: {problem}"),
            "Check the file in the engagement's folder.",
        )
    })
}

fn completion(ground: &Ground<'_>) -> Result<Completion, ApiError> {
    let text = told(ground)?;
    Ok(if text.is_empty() { Completion::default() } else { completions(FILE, text.as_bytes()) })
}

/// From when to when each provider's usage is loaded, within the period.
pub(super) fn seen(ground: &Ground<'_>) -> Result<Seen, ApiError> {
    let catalog = planning::catalog(ground.engagement, &ground.question, ground.watch)?;
    let sql = query::usage_presence_sql(&ground.question, &catalog, false)?;
    let mut seen: BTreeMap<String, (i64, i64)> = BTreeMap::new();
    for day in ground.read(&sql, query::usage_presence)? {
        let span = seen.entry(day.provider).or_insert((day.start, day.start));
        span.0 = span.0.min(day.start);
        span.1 = span.1.max(day.start);
    }
    Ok(seen.into_iter().map(|(provider, (from, to))| (provider, (instant(from), instant(to + 86_400)))).collect())
}

fn billed(row: CommitmentCharges) -> BilledCharges {
    let details = [row.details.as_deref(), row.extra.as_deref()].into_iter().flatten().flat_map(values).collect();
    BilledCharges {
        provider: row.provider,
        commitment: row.commitment,
        category: row.category.unwrap_or_default(),
        frequency: row.frequency.unwrap_or_default(),
        correction: row.class.is_some(),
        status: row.status.unwrap_or_default(),
        name: row.name,
        kind: row.kind,
        type_name: row.type_name,
        unit: row.unit,
        account: row.account,
        account_name: row.account_name,
        service: row.service,
        region: row.region,
        zone: row.zone,
        meter: row.meter,
        description: row.description,
        details,
        billed: row.billed,
        effective: row.effective,
        contracted: row.contracted,
        list: row.list,
        quantity: row.quantity,
        pricing_quantity: row.pricing_quantity,
        seconds: row.seconds,
        from: instant(row.from),
        until: instant(row.until),
    }
}

/// The names and values of a JSON object; none of any other text.
pub(super) fn values(text: &str) -> Vec<(String, String)> {
    let Ok(serde_json::Value::Object(object)) = serde_json::from_str(text) else { return Vec::new() };
    let plain = |value: serde_json::Value| match value {
        serde_json::Value::String(text) => Some(text),
        serde_json::Value::Number(number) => Some(number.to_string()),
        _ => None,
    };
    object.into_iter().filter_map(|(name, value)| Some((name, plain(value)?))).collect()
}
