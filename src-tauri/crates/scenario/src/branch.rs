//! [`Scenario`]: a scenario with all that it inherits.

use std::collections::BTreeMap;

use crate::diagnostic::{nearest, quoted};
use crate::operation::Operation;
use crate::{Diagnostic, Refused, ScenarioFile};

/// A scenario with what it inherits from the scenarios that it is based on.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Scenario {
    /// Its name.
    pub name: String,
    /// The baseline that it is laid over.
    pub baseline: String,
    /// Every operation, inherited ones first and in their places.
    pub operations: Vec<Operation>,
}

impl Scenario {
    /// The scenario `name` of `files`, with what it inherits: an operation with the id of an inherited one takes its place, further ones
    /// follow, and what is listed under `removed` is gone.
    ///
    /// # Errors
    /// [`Refused`] when a scenario is not there, when scenarios are based on each other in a circle, when there is nothing of a
    /// name to remove, and when none of them names a baseline.
    pub fn resolve(name: &str, files: &BTreeMap<String, ScenarioFile>) -> Result<Self, Refused> {
        let mut chain: Vec<(&str, &ScenarioFile)> = Vec::new();
        let mut next = Some(name);
        while let Some(wanted) = next {
            if chain.iter().any(|(seen, _)| *seen == wanted) {
                let circle: Vec<&str> = chain.iter().map(|(seen, _)| *seen).chain([wanted]).collect();
                let message = format!("scenarios are based on each other in a circle: {}", circle.join(" → "));
                return Err(Diagnostic::error(message, "take `based_on` out of one of them").into());
            }
            let (known, file) = files.get_key_value(wanted).ok_or_else(|| missing(wanted, chain.last(), files))?;
            chain.push((known, file));
            next = file.based_on.as_deref();
        }
        let mut scenario = Self { name: name.to_owned(), ..Self::default() };
        for (level, file) in chain.iter().rev() {
            if let Some(baseline) = &file.baseline {
                scenario.baseline.clone_from(baseline);
            }
            scenario.lay(level, file)?;
        }
        if scenario.baseline.is_empty() {
            let message = format!("neither scenario {} nor one that it is based on names a baseline", quoted(name));
            return Err(Diagnostic::error(message, "write `baseline = \"...\"` at its head").into());
        }
        Ok(scenario)
    }

    fn lay(&mut self, level: &str, file: &ScenarioFile) -> Result<(), Refused> {
        for removed in &file.removed {
            let Some(place) = self.operations.iter().position(|operation| operation.id == *removed) else {
                let hint = match nearest(removed, self.operations.iter().map(|operation| operation.id.as_str())) {
                    Some(known) => format!("is {} meant?", quoted(known)),
                    None => "take it out of `removed`".to_owned(),
                };
                let message = format!(
                    "scenario {} removes operation {}, which it does not inherit",
                    quoted(level),
                    quoted(removed)
                );
                return Err(Diagnostic::error(message, hint).into());
            };
            self.operations.remove(place);
        }
        for operation in &file.operations {
            match self.operations.iter_mut().find(|inherited| inherited.id == operation.id) {
                Some(inherited) => inherited.clone_from(operation),
                None => self.operations.push(operation.clone()),
            }
        }
        Ok(())
    }
}

fn missing(wanted: &str, asker: Option<&(&str, &ScenarioFile)>, files: &BTreeMap<String, ScenarioFile>) -> Refused {
    let by = asker.map_or_else(String::new, |(asker, _)| format!(", which {} is based on", quoted(asker)));
    let hint = match nearest(wanted, files.keys().map(String::as_str)) {
        Some(known) => format!("is {} meant?", quoted(known)),
        None => "make it, or name another".to_owned(),
    };
    Diagnostic::error(format!("there is no scenario {}{by}", quoted(wanted)), hint).into()
}
