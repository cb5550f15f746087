//! [`ScenarioFile`]: a scenario as readable TOML text.

mod fields;
mod kinds;
mod write;

use std::collections::BTreeMap;

use toml_edit::{Document, Item, TableLike};

use crate::diagnostic::quoted;
use crate::operation::Operation;
use crate::{Diagnostic, Refused};
use fields::{Fields, Place};

/// A scenario as it stands in its file.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScenarioFile {
    /// The baseline that it is laid over; none to take that of the scenario it is based on.
    pub baseline: Option<String>,
    /// The scenario that it branches from.
    pub based_on: Option<String>,
    /// Free text.
    pub note: String,
    /// Operations of the other scenario that do not count here.
    pub removed: Vec<String>,
    /// Its own operations; one with the id of an inherited one takes that one's place.
    pub operations: Vec<Operation>,
}

impl ScenarioFile {
    /// Reads a scenario. Percentages are texts such as `"12.5 %"`, months such as `"2026-04"`, figures are written plainly; each
    /// figure that an operation may be unsure of can be `{ low = ..., likely = ..., high = ... }`.
    ///
    /// # Errors
    /// [`Refused`] with every problem of the file, each with its line and operation.
    pub fn parse(text: &str) -> Result<Self, Refused> {
        let place = Place { text };
        let document = Document::parse(text).map_err(|error| {
            let line = error.span().map(|span| place.line(span.start));
            let message = format!("the file is not TOML: {}", error.message().lines().next().unwrap_or_default());
            Refused::from(Diagnostic::error(message, "mend the spelling at that line").at(line))
        })?;
        let mut problems = Vec::new();
        let file = read(document.as_table(), place, &mut problems);
        problems.sort_by_key(|problem| problem.line);
        if problems.is_empty() { Ok(file) } else { Err(Refused(problems)) }
    }

    /// A scenario with every kind of operation, explained: for an analyst to copy from.
    #[must_use]
    pub const fn example_text() -> &'static str {
        include_str!("../data/example.toml")
    }

    /// The scenario as text: always the same for equal scenarios, and read again it is equal.
    #[must_use]
    pub fn write(&self) -> String {
        write::scenario(self)
    }
}

fn read(table: &dyn TableLike, place: Place<'_>, problems: &mut Vec<Diagnostic>) -> ScenarioFile {
    let mut top = Fields::new(table, place, None);
    let baseline = top.optional_text("baseline");
    let based_on = top.optional_text("based_on");
    let note = top.optional_text("note").unwrap_or_default();
    let removed = top.optional_texts("removed").unwrap_or_default();
    if baseline.is_none() && based_on.is_none() && !top.has("baseline") && !top.has("based_on") {
        top.refuse(
            "the scenario names neither a baseline nor a scenario that it is based on",
            "write `baseline = \"...\"` at the head",
        );
    }
    if !removed.is_empty() && based_on.is_none() {
        top.refuse_key(
            "removed",
            "there is nothing to remove from",
            "write `based_on = \"...\"`, or take `removed` out",
        );
    }
    let mut operations = Vec::new();
    let mut lines: BTreeMap<String, usize> = BTreeMap::new();
    for (item, line) in operation_tables(&mut top) {
        let mut fields = Fields::new(item, place, line);
        if let Some(operation) = kinds::operation(&mut fields) {
            if let Some(first) = lines.insert(operation.id.clone(), line.unwrap_or_default()) {
                let message = format!("the id is used twice, first in line {first}");
                fields.refuse_key("id", &message, "give each operation its own id");
            }
            operations.push(operation);
        }
        problems.extend(fields.finish("an operation of this kind"));
    }
    problems.extend(top.finish("a scenario"));
    ScenarioFile { baseline, based_on, note, removed, operations }
}

/// The tables under `[[operation]]`, each with its line.
fn operation_tables<'a>(top: &mut Fields<'a>) -> Vec<(&'a dyn TableLike, Option<usize>)> {
    match top.take("operation") {
        None => Vec::new(),
        Some(Item::ArrayOfTables(tables)) => {
            tables.iter().map(|table| (table as &dyn TableLike, top.place.line_of(table.span()))).collect()
        }
        Some(other) => {
            let message = format!("`operation` is {}, not a list of operations", quoted(other.type_name()));
            top.refuse_key("operation", &message, "write each operation below a line [[operation]]");
            Vec::new()
        }
    }
}
