//! Rules about single charges: all of them are counted in a few scans, and only those that are broken are looked at again.

use std::collections::BTreeMap;

use focus::{Rule, Test};

use super::finding::{Tally, finding};
use super::{Broken, Check, list};
use crate::ApiError;

/// How many rules one scan counts. More make no scan shorter and its plan longer.
const RULES_A_SCAN: usize = 64;

/// How many examples a finding has.
pub(super) const EXAMPLES_MAX: usize = 5;

/// A rule about charges and the loads it speaks to.
struct Asked {
    rule: &'static Rule,
    predicate: String,
    loads: Vec<i64>,
}

/// The rules about single charges that are broken.
pub(super) fn broken(check: &Check<'_>) -> Result<Vec<Broken>, ApiError> {
    let mut asked = Vec::new();
    for rule in &check.rules {
        let Test::Charge { requirement, when } = &rule.test else { continue };
        let loads: Vec<i64> = check.subjects_of(rule).iter().map(|subject| subject.load).collect();
        if !loads.is_empty() {
            asked.push(Asked { rule, predicate: focus::breach_sql(requirement, when.as_ref(), "charge"), loads });
        }
    }
    let all: Vec<i64> = check.subjects.iter().map(|subject| subject.load).collect();
    let restriction = if check.is_whole() { String::new() } else { format!("WHERE load_id IN ({})", list(&all)) };
    let mut found = Vec::new();
    for scan in asked.chunks(RULES_A_SCAN) {
        let counts: Vec<String> =
            scan.iter().map(|asked| format!("count(*) FILTER (WHERE {})", asked.predicate)).collect();
        let counted = check
            .texts(&format!("SELECT load_id, {} FROM charge {restriction} GROUP BY load_id", counts.join(", ")))?;
        for (at, asked) in scan.iter().enumerate() {
            let mut loads = Vec::new();
            for row in &counted {
                let load = row[0].as_deref().and_then(|id| id.parse::<i64>().ok());
                let count = row[at + 1].as_deref().and_then(|count| count.parse::<u64>().ok());
                if let (Some(load), Some(1..)) = (load, count)
                    && asked.loads.contains(&load)
                {
                    loads.push(load);
                }
            }
            if !loads.is_empty() {
                loads.sort_unstable();
                found.push(Asked { rule: asked.rule, predicate: asked.predicate.clone(), loads });
            }
        }
    }
    let mut touched = touched(check, &found)?;
    found
        .into_iter()
        .enumerate()
        .map(|(at, asked)| {
            let tallies = std::mem::take(&mut touched[at]);
            let count = tallies.values().map(|tally| tally.count).sum();
            let examples = examples(check, &asked.predicate, &asked.loads)?;
            let finding = finding(asked.rule, "charges", count, tallies, &check.subjects, examples)?;
            Ok(Broken { rule: asked.rule, finding, predicate: Some(asked.predicate), loads: asked.loads })
        })
        .collect()
}

/// What the broken rules touch, for each by provider and load.
type Touched = BTreeMap<(String, Option<i64>), Tally>;

/// What each of the rules touches, in few scans.
fn touched(check: &Check<'_>, found: &[Asked]) -> Result<Vec<Touched>, ApiError> {
    let mut touched: Vec<Touched> = Vec::with_capacity(found.len());
    for scan in found.chunks(RULES_A_SCAN) {
        let aggregates: Vec<String> = scan
            .iter()
            .map(|asked| {
                let concerned = &asked.predicate;
                format!("count(*) FILTER (WHERE {concerned}), sum(billed_cost) FILTER (WHERE {concerned})")
            })
            .collect();
        let mut loads: Vec<i64> = scan.iter().flat_map(|asked| asked.loads.iter().copied()).collect();
        loads.sort_unstable();
        loads.dedup();
        let rows = check.texts(&format!(
            "SELECT load_id, billing_currency, {} FROM charge WHERE load_id IN ({}) GROUP BY ALL ORDER BY 1, 2",
            aggregates.join(", "),
            list(&loads)
        ))?;
        for (at, asked) in scan.iter().enumerate() {
            let mut of_rule = Touched::new();
            for row in &rows {
                let cell = |column: usize| row.get(column).and_then(Option::as_deref);
                let count: u64 = cell(2 + 2 * at).and_then(|count| count.parse().ok()).unwrap_or(0);
                let Some(load) = cell(0).and_then(|id| id.parse::<i64>().ok()) else { continue };
                if count == 0 || !asked.loads.contains(&load) {
                    continue;
                }
                let tally = of_rule.entry((check.provider_of(load), Some(load))).or_default();
                tally.count += count;
                tally.add_cost(cell(1), cell(3 + 2 * at))?;
            }
            touched.push(of_rule);
        }
    }
    Ok(touched)
}

/// What the charges of a condition add up to, by provider and load.
pub(super) fn touched_by(check: &Check<'_>, predicate: &str, loads: &[i64]) -> Result<Touched, ApiError> {
    let rows = check.texts(&format!(
        "SELECT load_id, billing_currency, count(*), coalesce(sum(billed_cost), 0) FROM charge
         WHERE load_id IN ({}) AND {predicate} GROUP BY ALL ORDER BY 1, 2",
        list(loads)
    ))?;
    let mut touched = Touched::new();
    for row in &rows {
        let cell = |column: usize| row.get(column).and_then(Option::as_deref);
        let Some(load) = cell(0).and_then(|id| id.parse::<i64>().ok()) else { continue };
        let tally = touched.entry((check.provider_of(load), Some(load))).or_default();
        tally.count += cell(2).and_then(|count| count.parse::<u64>().ok()).unwrap_or(0);
        tally.add_cost(cell(1), cell(3))?;
    }
    Ok(touched)
}

/// Some of the charges of a condition, those with the greatest cost first.
pub(super) fn examples(check: &Check<'_>, predicate: &str, loads: &[i64]) -> Result<Vec<String>, ApiError> {
    let rows = check.texts(&format!(
        "SELECT concat_ws('.', file_id, source_row, CASE WHEN part > 0 THEN part END) FROM charge
         WHERE load_id IN ({}) AND {predicate}
         ORDER BY abs(billed_cost) DESC NULLS LAST, file_id, source_row, part LIMIT {EXAMPLES_MAX}",
        list(loads)
    ))?;
    Ok(rows.into_iter().flatten().flatten().collect())
}

impl Check<'_> {
    /// The provider of a load of this check.
    pub(super) fn provider_of(&self, load: i64) -> String {
        let subject = self.subjects.iter().find(|subject| subject.load == load);
        subject.map(|subject| subject.provider.clone()).unwrap_or_default()
    }
}
