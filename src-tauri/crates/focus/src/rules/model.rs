//! Rules read from the rule files: the requirements model and what is to be said about it.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use toml::Value;

use super::condition::Malformed;
use super::words::Words;
use super::{Condition, Origin, Rule, SetTest, Test, applicability, words};
use crate::by_id;

/// A rule as its file writes it.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Entry {
    column: String,
    level: String,
    test: Value,
    when: Option<Value>,
    #[serde(default)]
    flags: Vec<String>,
    text: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Judgements {
    corrected: BTreeMap<String, Correction>,
    set_aside: BTreeMap<String, String>,
    repeats: BTreeMap<String, String>,
    stated: BTreeMap<String, Entry>,
    words: BTreeMap<String, Words>,
}

/// What stands instead of the model's test and condition.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
struct Correction {
    test: Option<Value>,
    when: Option<Value>,
    why: String,
}

/// What becomes of the executable rules of the requirements model.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Inventory {
    /// Rules of the model that state a test.
    pub executable: usize,
    /// Run; rules that ask for the same are run once.
    pub run: usize,
    /// Held by how exports are read: text is read as text.
    pub held_by_loading: usize,
    /// Permissions (`MAY`), which nothing can break.
    pub permissions: usize,
    /// Run otherwise than the model says, because it is wrong there: id and reason.
    pub corrected: BTreeMap<String, String>,
    /// Not run, because of a defect of the model: id and reason.
    pub set_aside: BTreeMap<String, String>,
}

const MODEL: &str = include_str!("model-1.2.toml");
const JUDGEMENTS: &str = include_str!("judgements.toml");

fn judgements() -> Judgements {
    toml::from_str(JUDGEMENTS).unwrap_or_default()
}

fn entries() -> BTreeMap<String, Entry> {
    toml::from_str(MODEL).unwrap_or_default()
}

/// What becomes of the model's rules.
pub fn inventory() -> Inventory {
    let judgements = judgements();
    let entries = entries();
    let permissions = entries.values().filter(|entry| entry.level == "MAY").count();
    let text = |entry: &&Entry| entry.test.as_array().is_some_and(|items| items[0].as_str() == Some("text"));
    let held_by_loading = entries.values().filter(text).count();
    Inventory {
        executable: entries.len(),
        run: entries.len() - permissions - held_by_loading - judgements.set_aside.len(),
        held_by_loading,
        permissions,
        corrected: judgements.corrected.into_iter().map(|(id, correction)| (id, correction.why)).collect(),
        set_aside: judgements.set_aside,
    }
}

/// The rules of the files. An entry that cannot be read is left out; a test reads every one.
pub(super) fn rules() -> Vec<Rule> {
    let repeats = judgements().repeats;
    let mut rules: Vec<Rule> = read().into_iter().filter_map(Result::ok).collect();
    // What is told under another id comes after it.
    rules.sort_by_key(|rule| repeats.contains_key(&rule.id));
    rules
}

fn read() -> Vec<Result<Rule, Malformed>> {
    let judgements = judgements();
    let model = entries().into_iter().map(|(id, entry)| (id, entry, Origin::Model));
    let stated = judgements.stated.clone().into_iter().map(|(id, entry)| (id, entry, Origin::Text));
    model
        .chain(stated)
        .filter(|(id, entry, _)| entry.level != "MAY" && !judgements.set_aside.contains_key(id))
        .map(|(id, entry, origin)| rule(id, &entry, origin, &judgements))
        .collect()
}

fn rule(id: String, entry: &Entry, origin: Origin, judgements: &Judgements) -> Result<Rule, Malformed> {
    let correction = judgements.corrected.get(&id);
    let written = correction.and_then(|correction| correction.test.as_ref()).unwrap_or(&entry.test);
    let when = correction.and_then(|correction| correction.when.as_ref()).or(entry.when.as_ref());
    let in_rule = |said: Malformed| format!("{id}: {said}");
    let when = when.map(Condition::read).transpose().map_err(in_rule)?.map(Condition::normalized);
    let test = test(written, when).map_err(in_rule)?;
    let flags = entry
        .flags
        .iter()
        .map(|name| applicability::flag_by_name(name).ok_or_else(|| in_rule(format!("there is no flag {name}"))));
    let flags = flags.collect::<Result<Vec<_>, _>>()?;
    let column = by_id(&entry.column).ok_or_else(|| in_rule(format!("there is no column {}", entry.column)))?;
    let own_words = judgements.words.get(&id).cloned().unwrap_or_default();
    let told = words::told(column, &test, &entry.level, own_words);
    Ok(Rule {
        id,
        also: Vec::new(),
        column: Some(column),
        origin,
        severity: told.severity,
        title: told.title,
        text: entry.text.clone(),
        corrected: correction.map(|correction| correction.why.clone()),
        flags,
        meaning: told.meaning,
        action: told.action,
        test,
    })
}

fn test(written: &Value, when: Option<Condition>) -> Result<Test, Malformed> {
    let items = written.as_array().map(Vec::as_slice).unwrap_or_default();
    let column = |at: usize| {
        let id = items.get(at).and_then(Value::as_str).unwrap_or_default();
        by_id(id).ok_or_else(|| format!("there is no column {id}"))
    };
    Ok(match items.first().and_then(Value::as_str) {
        Some("present") => Test::Present(column(1)?),
        Some("text") => Test::Text(column(1)?),
        Some("decimal" | "time" | "written_decimal" | "written_time") => Test::Readable(column(1)?),
        Some("one") => Test::Set(SetTest::OneValuePer { key: column(1)?, column: column(2)?, within: None }),
        _ => Test::Charge { requirement: of_values(Condition::read(written)?), when },
    })
}

/// A closed list speaks of values; whether there must be one is another rule's matter.
fn of_values(requirement: Condition) -> Condition {
    match requirement {
        Condition::Is(column, values) => Condition::Any(vec![Condition::Null(column), Condition::Is(column, values)]),
        other => other,
    }
}

/// Joins rules that test the same: the first one keeps its id and takes the others'. A test that one of them asks of every provider
/// is asked of every provider.
pub(super) fn without_repetitions(rules: Vec<Rule>) -> Vec<Rule> {
    let mut kept: Vec<Rule> = Vec::new();
    for rule in rules {
        let asks_no_more = |known: &&mut Rule| {
            known.test == rule.test
                && (known.flags.iter().all(|flag| rule.flags.contains(flag))
                    || rule.flags.iter().all(|flag| known.flags.contains(flag)))
        };
        match kept.iter_mut().find(asks_no_more) {
            Some(known) => {
                if rule.flags.len() < known.flags.len() {
                    known.flags = rule.flags;
                }
                known.also.push(rule.id);
            }
            None => kept.push(rule),
        }
    }
    kept
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_entry_of_the_files_is_read() {
        let unread: Vec<Malformed> = read().into_iter().filter_map(Result::err).collect();
        assert_eq!(unread, Vec::<Malformed>::new(), "every rule is read");
        assert!(
            toml::from_str::<Judgements>(JUDGEMENTS).is_ok(),
            "{:?}",
            toml::from_str::<Judgements>(JUDGEMENTS).err()
        );
    }

    #[test]
    fn every_rule_of_the_model_is_accounted_for() {
        let inventory = inventory();
        assert_eq!(inventory.executable, 277, "the model states 277 tests");
        assert_eq!(inventory.held_by_loading, 39, "39 of them ask that text is text");
        assert_eq!(
            inventory.run + inventory.held_by_loading + inventory.permissions + inventory.set_aside.len(),
            inventory.executable,
            "each is run, held, a permission or set aside"
        );
        let run: usize = super::super::rules()
            .iter()
            .filter(|rule| rule.origin == Origin::Model && !matches!(rule.test, Test::Text(_)))
            .map(|rule| 1 + rule.also.len())
            .sum();
        assert_eq!(run, inventory.run, "what is said to be run is run");
    }

    #[test]
    fn judgements_speak_of_rules_that_exist() {
        let (judgements, entries) = (judgements(), entries());
        for id in judgements.corrected.keys().chain(judgements.set_aside.keys()) {
            assert!(entries.contains_key(id), "{id} is a rule of the model");
        }
        for (id, other) in &judgements.repeats {
            let told = super::super::rules().iter().find(|rule| rule.id == *other).map(|rule| rule.also.contains(id));
            assert_eq!(told, Some(true), "{id} is told under {other}");
        }
        for id in judgements.words.keys() {
            assert!(entries.contains_key(id) || judgements.stated.contains_key(id), "{id} is a rule");
        }
        for id in judgements.stated.keys() {
            assert!(!entries.contains_key(id), "{id} states what the model does not");
        }
    }
}
