//! [`Diagnostic`]: what is wrong with a scenario, or worth knowing about how it was applied.

use std::fmt;

/// How serious a diagnostic is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// The scenario cannot be applied.
    Error,
    /// It was applied with a stated fallback, or an operation has no effect.
    Warning,
    /// Worth knowing.
    Note,
}

/// One thing to say about a scenario, its operation or its baseline.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    /// How serious it is.
    pub severity: Severity,
    /// The line of the file, counted from 1, where there is one.
    pub line: Option<usize>,
    /// The id of the operation, where it is about one.
    pub operation: Option<String>,
    /// The key of the file or of its operation, where it is about one: `change`, `where`.
    pub key: Option<String>,
    /// What happened.
    pub message: String,
    /// What to do about it; empty where nothing need be done.
    pub hint: String,
}

impl Diagnostic {
    pub(crate) fn new(severity: Severity, message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self { severity, line: None, operation: None, key: None, message: message.into(), hint: hint.into() }
    }

    pub(crate) fn error(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Severity::Error, message, hint)
    }

    pub(crate) fn warning(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self::new(Severity::Warning, message, hint)
    }

    pub(crate) fn note(message: impl Into<String>) -> Self {
        Self::new(Severity::Note, message, "")
    }

    pub(crate) fn of(mut self, operation: &str) -> Self {
        self.operation = Some(operation.to_owned());
        self
    }

    pub(crate) fn about(mut self, key: &str) -> Self {
        self.key = Some(key.to_owned());
        self
    }

    pub(crate) fn at(mut self, line: Option<usize>) -> Self {
        self.line = line;
        self
    }
}

impl fmt::Display for Diagnostic {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(line) = self.line {
            write!(formatter, "line {line}: ")?;
        }
        if let Some(operation) = &self.operation {
            write!(formatter, "operation {}: ", quoted(operation))?;
        }
        write!(formatter, "{}", self.message)?;
        if self.hint.is_empty() { Ok(()) } else { write!(formatter, "; {}", self.hint) }
    }
}

/// What keeps a scenario from being read or applied: every error at once, in the order of the file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{}", .0.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))]
pub struct Refused(pub Vec<Diagnostic>);

impl Refused {
    /// A refusal for one reason that is not about an operation.
    #[must_use]
    pub fn of(message: impl Into<String>, hint: impl Into<String>) -> Self {
        Self(vec![Diagnostic::error(message, hint)])
    }
}

impl From<Diagnostic> for Refused {
    fn from(diagnostic: Diagnostic) -> Self {
        Self(vec![diagnostic])
    }
}

/// A text of a file, short enough for a sentence, in quotes.
pub(crate) fn quoted(text: &str) -> String {
    const SHOWN_MAX: usize = 60;
    let shown: String = text.chars().take(SHOWN_MAX).map(|c| if c.is_control() { ' ' } else { c }).collect();
    let cut = if text.chars().count() > SHOWN_MAX { "…" } else { "" };
    format!("\"{shown}{cut}\"")
}

/// The known word that is nearest to one that is not known, where one is near.
pub(crate) fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let folded = word.to_lowercase();
    let limit = 1 + folded.chars().count() / 4;
    known
        .into_iter()
        .map(|candidate| (distance(&folded, &candidate.to_lowercase()), candidate))
        .filter(|(far, _)| *far <= limit)
        .min()
        .map(|(_, candidate)| candidate)
}

/// Levenshtein's distance: how many letters must be put in, taken out or changed.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
