//! Rules about exports, about charges that belong together, and about the bill as a whole.

use std::collections::{BTreeMap, BTreeSet};

use focus::{Column, Rule, Statement, Test};

use super::charges::{EXAMPLES_MAX, examples, touched_by};
use super::finding::{Tally, finding};
use super::{Broken, Check, list};
use crate::ApiError;

/// Those of these rules that are broken.
pub(super) fn broken(check: &Check<'_>) -> Result<Vec<Broken>, ApiError> {
    let tags: Vec<(String, String)> =
        check.engagement.catalog()?.tag_columns.iter().map(|tag| (tag.key.clone(), tag.column.clone())).collect();
    let refused = Refused::read(check)?;
    let mut found = Vec::new();
    for rule in &check.rules {
        let loads: Vec<i64> = check.subjects_of(rule).iter().map(|subject| subject.load).collect();
        if loads.is_empty() {
            continue;
        }
        let table = check.table(&loads);
        found.extend(match &rule.test {
            Test::Charge { .. } | Test::Text(_) => None,
            Test::Present(column) => absent(check, rule, column)?,
            Test::Readable(column) => refused.of(check, rule, column)?,
            Test::Set(test) => stated(check, rule, &focus::set_statement(test, &table), &loads)?,
            Test::Sense(test) => stated(check, rule, &test.statement(&table, &tags), &loads)?,
        });
    }
    Ok(found)
}

/// A column that exports have not got: one finding for all loads, whatever their number of charges.
fn absent(check: &Check<'_>, rule: &'static Rule, column: &'static Column) -> Result<Option<Broken>, ApiError> {
    let mut tallies = BTreeMap::new();
    let mut files = BTreeSet::new();
    let mut loads = Vec::new();
    for subject in check.subjects_of(rule) {
        let mut without = subject.files_without(column).peekable();
        if without.peek().is_none() {
            continue;
        }
        files.extend(without.map(|file| file.name.clone()));
        loads.push(subject.load);
        tallies.insert((subject.provider.clone(), Some(subject.load)), Tally { count: 1, ..Tally::default() });
    }
    if loads.is_empty() {
        return Ok(None);
    }
    let examples = files.into_iter().take(EXAMPLES_MAX).collect();
    let finding = finding(rule, "loads", loads.len() as u64, tallies, &check.subjects, examples)?;
    Ok(Some(Broken { rule, finding, predicate: None, loads }))
}

/// What loading refused, by column: the file, the row and the value.
struct Refused(BTreeMap<String, Vec<(i64, String)>>);

impl Refused {
    fn read(check: &Check<'_>) -> Result<Self, ApiError> {
        let mut files: Vec<i64> =
            check.subjects.iter().flat_map(|subject| subject.files.iter().map(|file| file.id)).collect();
        files.sort_unstable();
        files.dedup();
        let rows = check.texts(&format!(
            "SELECT column_name, file_id, concat(name, ', row ', source_row, ': ', value)
             FROM reject JOIN source_file USING (file_id) WHERE column_name IS NOT NULL AND value IS NOT NULL AND file_id IN ({})
             ORDER BY column_name, file_id, source_row",
            list(&files)
        ))?;
        let mut by_column: BTreeMap<String, Vec<(i64, String)>> = BTreeMap::new();
        for row in rows {
            if let [Some(column), Some(file), Some(said)] = row.as_slice()
                && let Ok(file) = file.parse()
            {
                by_column.entry(column.clone()).or_default().push((file, said.clone()));
            }
        }
        Ok(Self(by_column))
    }

    /// A value of a file that was refused belongs to no charge; it counts with the first load of its file.
    fn of(&self, check: &Check<'_>, rule: &'static Rule, column: &'static Column) -> Result<Option<Broken>, ApiError> {
        let Some(values) = self.0.get(column.id) else { return Ok(None) };
        let mut tallies: BTreeMap<(String, Option<i64>), Tally> = BTreeMap::new();
        let mut shown = Vec::new();
        for (file, said) in values {
            let of_file =
                check.subjects_of(rule).into_iter().find(|subject| subject.files.iter().any(|one| one.id == *file));
            if let Some(subject) = of_file {
                tallies.entry((subject.provider.clone(), Some(subject.load))).or_default().count += 1;
                shown.push(said.clone());
            }
        }
        let count = tallies.values().map(|tally| tally.count).sum();
        if count == 0 {
            return Ok(None);
        }
        shown.dedup();
        shown.truncate(EXAMPLES_MAX);
        let loads = tallies.keys().filter_map(|(_, load)| *load).collect();
        let finding = finding(rule, "values", count, tallies, &check.subjects, shown)?;
        Ok(Some(Broken { rule, finding, predicate: None, loads }))
    }
}

/// A rule whose statement tells what breaks it.
fn stated(
    check: &Check<'_>,
    rule: &'static Rule,
    statement: &Statement,
    loads: &[i64],
) -> Result<Option<Broken>, ApiError> {
    let Some(keys) = &statement.keys else {
        let Some(predicate) = statement.predicate.clone() else { return Ok(None) };
        let touched = touched_by(check, &predicate, loads)?;
        let count = touched.values().map(|tally| tally.count).sum();
        if count == 0 {
            return Ok(None);
        }
        let loads: Vec<i64> = touched.keys().filter_map(|(_, load)| *load).collect();
        let examples = examples(check, &predicate, &loads)?;
        let finding = finding(rule, statement.counted, count, touched, &check.subjects, examples)?;
        return Ok(Some(Broken { rule, finding, predicate: Some(predicate), loads }));
    };
    let rows = check.texts(keys)?;
    if rows.is_empty() {
        return Ok(None);
    }
    let mut examples: Vec<String> = Vec::new();
    let mut tallies: BTreeMap<(String, Option<i64>), Tally> = BTreeMap::new();
    for row in &rows {
        let cell = |at: usize| row.get(at).and_then(Option::as_deref);
        let example = [cell(0), cell(2), cell(3)].into_iter().flatten().collect::<Vec<_>>().join(": ");
        if examples.len() < EXAMPLES_MAX && !examples.contains(&example) {
            examples.push(example);
        }
        let load = cell(1).and_then(|load| load.parse().ok());
        let tally = tallies.entry((cell(0).unwrap_or_default().to_owned(), load)).or_default();
        tally.count += 1;
        if cell(5).is_some() {
            tally.add_cost(cell(4), cell(5))?;
        }
    }
    let mut concerned = Vec::new();
    if let Some(predicate) = &statement.predicate {
        // The count is of keys, which may lie in several loads; the cost is of their charges.
        for ((provider, load), of_charges) in touched_by(check, predicate, loads)? {
            concerned.extend(load);
            tallies.entry((provider, None)).or_default().take_cost(&of_charges)?;
        }
    }
    let finding = finding(rule, statement.counted, rows.len() as u64, tallies, &check.subjects, examples)?;
    Ok(Some(Broken { rule, finding, predicate: statement.predicate.clone(), loads: concerned }))
}
