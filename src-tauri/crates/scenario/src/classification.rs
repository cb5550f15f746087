//! [`RuleTable`]: which kind of charge a row is, by rules that an analyst can read and change.

use std::collections::BTreeSet;

use toml_edit::{Document, Item, TableLike};

use crate::diagnostic::{nearest, quoted};
use crate::{Diagnostic, Refused};

const BUILT_IN: &str = include_str!("../data/classification.toml");

/// How a charge is treated when cost is planned.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Treatment {
    /// Modelled as a series; operations on usage and prices touch it.
    RecurringUsage,
    /// Follows a schedule.
    CommitmentFee,
    /// Put back where it fell or is due.
    OneOff,
    /// Worked out anew from what it is a percentage of.
    PercentageOfBill,
    /// Drawn from a balance until that expires.
    Credit,
    /// Goes to the period that it corrects.
    Correction,
}

impl Treatment {
    /// All, in the order that they are listed in.
    pub const ALL: [Self; 6] = [
        Self::RecurringUsage,
        Self::CommitmentFee,
        Self::OneOff,
        Self::PercentageOfBill,
        Self::Credit,
        Self::Correction,
    ];

    /// Its word in a rule table.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::RecurringUsage => "recurring_usage",
            Self::CommitmentFee => "commitment_fee",
            Self::OneOff => "one_off",
            Self::PercentageOfBill => "percentage_of_bill",
            Self::Credit => "credit",
            Self::Correction => "correction",
        }
    }
}

/// Rules in order; the first one that fits decides.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RuleTable {
    rules: Vec<Rule>,
}

/// One rule.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Its name: the reason that is shown.
    pub name: String,
    /// What it decides.
    pub treatment: Treatment,
    conditions: Vec<(String, Condition)>,
}

/// What is asked of one column. Letters compare without their case.
#[derive(Clone, Debug, PartialEq, Eq)]
enum Condition {
    OneOf(Vec<String>),
    NoneOf(Vec<String>),
    Contains(String),
    StartsWith(String),
    EndsWith(String),
    Missing(bool),
}

impl Condition {
    fn holds(&self, value: Option<&str>) -> bool {
        let value = value.unwrap_or_default().to_lowercase();
        match self {
            Self::OneOf(allowed) => allowed.contains(&value),
            Self::NoneOf(refused) => !refused.contains(&value),
            Self::Contains(text) => value.contains(text),
            Self::StartsWith(text) => value.starts_with(text),
            Self::EndsWith(text) => value.ends_with(text),
            Self::Missing(missing) => value.is_empty() == *missing,
        }
    }
}

/// What a charge was found to be, and by which rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Classified<'a> {
    /// How it is treated.
    pub treatment: Treatment,
    /// The name of the rule.
    pub reason: &'a str,
}

impl RuleTable {
    /// The rules that come with the product.
    ///
    /// # Errors
    /// None: a test reads them.
    pub fn built_in() -> Result<Self, Refused> {
        Self::parse(BUILT_IN)
    }

    /// The text of the rules that come with the product, for an analyst to start from.
    #[must_use]
    pub const fn built_in_text() -> &'static str {
        BUILT_IN
    }

    /// Reads a rule table. Columns are FOCUS columns by their ids; the last rule, and only that, has no conditions.
    ///
    /// # Errors
    /// [`Refused`] with every problem and its line.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let line_at = |byte: usize| 1 + text.bytes().take(byte).filter(|byte| *byte == b'\n').count();
        let document = Document::parse(text).map_err(|error| {
            let message = format!("the rules are not TOML: {}", error.message().lines().next().unwrap_or_default());
            let line = error.span().map(|span| line_at(span.start));
            Refused::from(Diagnostic::error(message, "mend the spelling at that line").at(line))
        })?;
        let mut problems = Vec::new();
        let mut rules = Vec::new();
        for (key, item) in document.iter() {
            let Some(tables) = item.as_array_of_tables().filter(|_| key == "rule") else {
                let line = document.key(key).and_then(toml_edit::Key::span).map(|span| line_at(span.start));
                let message = format!("there is no key {}", quoted(key));
                problems.push(Diagnostic::error(message, "write each rule below a line [[rule]]").at(line));
                continue;
            };
            for table in tables {
                let line = table.span().map(|span| line_at(span.start));
                match rule(table) {
                    Ok(rule) => rules.push((rule, line)),
                    Err((message, hint)) => problems.push(Diagnostic::error(message, hint).at(line)),
                }
            }
        }
        let mut names = BTreeSet::new();
        for (place, (rule, line)) in rules.iter().enumerate() {
            let last = place + 1 == rules.len();
            if rule.conditions.is_empty() && !last {
                let message =
                    format!("rule {} has no conditions, so that no later rule is ever tried", quoted(&rule.name));
                problems.push(Diagnostic::error(message, "give it a `when`, or put it last").at(*line));
            }
            if !names.insert(&rule.name) {
                let message = format!("two rules are called {}", quoted(&rule.name));
                problems.push(Diagnostic::error(message, "give each its own name, it is the reason shown").at(*line));
            }
        }
        if problems.is_empty() && rules.last().is_none_or(|(rule, _)| !rule.conditions.is_empty()) {
            let message = "some charges would fit no rule: the last rule has conditions";
            problems.push(Diagnostic::error(message, "end with a rule without `when`"));
        }
        if problems.is_empty() {
            Ok(Self { rules: rules.into_iter().map(|(rule, _)| rule).collect() })
        } else {
            Err(Refused(problems))
        }
    }

    /// The rules in order.
    #[must_use]
    pub fn rules(&self) -> &[Rule] {
        &self.rules
    }

    /// The FOCUS ids of all columns that a rule asks for, in order of their names: what a caller must have at hand.
    #[must_use]
    pub fn columns(&self) -> Vec<&str> {
        let asked: BTreeSet<&str> =
            self.rules.iter().flat_map(|rule| rule.conditions.iter().map(|(column, _)| column.as_str())).collect();
        asked.into_iter().collect()
    }

    /// What a charge is. `value` gives the charge's value of a column of [`RuleTable::columns`]; none and an empty text are missing.
    pub fn classify<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> Classified<'_> {
        let fitting = |rule: &&Rule| rule.conditions.iter().all(|(column, condition)| condition.holds(value(column)));
        match self.rules.iter().find(fitting) {
            Some(rule) => Classified { treatment: rule.treatment, reason: &rule.name },
            None => Classified { treatment: Treatment::RecurringUsage, reason: "" },
        }
    }
}

type Problem = (String, String);

fn rule(table: &dyn TableLike) -> Result<Rule, Problem> {
    let text = |key: &str| {
        let found = table.get(key).and_then(Item::as_str).filter(|text| !text.is_empty());
        found.ok_or_else(|| (format!("the rule has no text `{key}`"), format!("write `{key} = \"...\"`")))
    };
    let name = text("name")?.to_owned();
    let word = text("treatment")?;
    let treatment = Treatment::ALL.into_iter().find(|treatment| treatment.name() == word).ok_or_else(|| {
        let names = Treatment::ALL.map(Treatment::name).join(", ");
        (format!("rule {}: there is no treatment {}", quoted(&name), quoted(word)), format!("write one of {names}"))
    })?;
    if let Some((key, _)) = table.iter().find(|(key, _)| !["name", "treatment", "when"].contains(key)) {
        let message = format!("rule {}: there is no key {}", quoted(&name), quoted(key));
        return Err((message, "a rule has name, treatment, when".to_owned()));
    }
    let mut conditions = Vec::new();
    if let Some(item) = table.get("when") {
        let asked = item.as_table_like().filter(|asked| !asked.is_empty()).ok_or_else(|| {
            let hint = "write `when = { ChargeCategory = \"...\" }`, or leave it out".to_owned();
            (format!("rule {}: `when` asks for nothing", quoted(&name)), hint)
        })?;
        for (column, item) in asked.iter() {
            let known = focus::by_id(column).ok_or_else(|| {
                let hint = match nearest(column, focus::columns().iter().map(|known| known.id)) {
                    Some(known) => format!("is {known} meant?"),
                    None => "name a column of FOCUS by its id, such as ChargeCategory".to_owned(),
                };
                (format!("rule {}: FOCUS has no column {}", quoted(&name), quoted(column)), hint)
            })?;
            let condition = condition(item).ok_or_else(|| {
                let hint = "write a text, a list of texts, or one of not, contains, starts_with, ends_with, missing";
                (format!("rule {}: the condition on {column} cannot be read", quoted(&name)), hint.to_owned())
            })?;
            conditions.push((known.id.to_owned(), condition));
        }
    }
    Ok(Rule { name, treatment, conditions })
}

fn condition(item: &Item) -> Option<Condition> {
    if let Some(allowed) = texts(item) {
        return Some(Condition::OneOf(allowed));
    }
    let table = item.as_table_like().filter(|table| table.len() == 1)?;
    let (key, item) = table.iter().next()?;
    let text = || item.as_str().filter(|text| !text.is_empty()).map(str::to_lowercase);
    match key {
        "not" => texts(item).map(Condition::NoneOf),
        "contains" => text().map(Condition::Contains),
        "starts_with" => text().map(Condition::StartsWith),
        "ends_with" => text().map(Condition::EndsWith),
        "missing" => item.as_bool().map(Condition::Missing),
        _ => None,
    }
}

/// A text or a list of texts, in small letters.
fn texts(item: &Item) -> Option<Vec<String>> {
    match item.as_array() {
        Some(list) if !list.is_empty() => list.iter().map(|value| value.as_str().map(str::to_lowercase)).collect(),
        Some(_) => None,
        None => item.as_str().map(|text| vec![text.to_lowercase()]),
    }
}
