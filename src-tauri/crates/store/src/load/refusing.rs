//! Why a file cannot be staged, in words.

use intake::NotRecognised;

use super::condition_sql::is_decided;
use super::stage::REJECTS_KEPT_MAX;
use super::unpack::Unfit;
use crate::{Engagement, Result, StoreError};

impl Engagement {
    /// What is said of the list and contracted costs that these loads could not read: their charges count, and totals of that cost
    /// are without them.
    pub(super) fn told_missing_costs(&self, loads: &[i64]) -> Result<Vec<String>> {
        if loads.is_empty() {
            return Ok(Vec::new());
        }
        let loads = loads.iter().map(i64::to_string).collect::<Vec<_>>().join(", ");
        let counted = self.texts(&format!(
            "SELECT concat(name, '!' || member), column_name, (count(*) FILTER (reject.kept))::VARCHAR,
                    (count(*) >= {REJECTS_KEPT_MAX})::VARCHAR
             FROM reject JOIN source_file USING (file_id)
             WHERE column_name IN ('ContractedCost', 'ListCost')
               AND file_id IN (SELECT file_id FROM load_file WHERE load_id IN ({loads}))
             GROUP BY file_id, 1, 2 HAVING bool_or(reject.kept) ORDER BY file_id, 2"
        ))?;
        let told = counted.into_iter().map(|row| {
            let text = |at: usize| row[at].clone().unwrap_or_default();
            let at_least = if text(3) == "true" { "at least " } else { "" };
            let cost = if text(1) == "ListCost" { "list cost" } else { "contracted cost" };
            format!(
                "{}: the {cost} of {at_least}{} rows cannot be read and is missing; totals of {cost} are without them",
                text(0),
                text(2)
            )
        });
        Ok(told.collect())
    }
}

pub(super) fn unfit(problem: impl Into<String>, hint: &str) -> Unfit {
    Unfit::new(problem, hint)
}

/// Why a value of a column is refused.
pub(super) fn reason(column: &focus::Column) -> &'static str {
    match column.kind {
        _ if is_decided(column) => "it decides what this column says and is no number: it counts as other than zero",
        focus::Kind::Json => "not a JSON object of keys and values",
        focus::Kind::Decimal => "not a decimal number that fits in 20 digits before the point",
        focus::Kind::DateTime => "not a date and time from 2000 to 2099, such as 2026-01-31T00:00:00Z",
        focus::Kind::Text => "not a currency code of three capital letters",
    }
}

/// What is said of columns that numbers decide and that cannot be watched.
pub(super) fn unwatched(columns: &[&str]) -> Option<String> {
    (!columns.is_empty()).then(|| {
        format!(
            "numbers decide more columns than can be watched: in {} of them ({}) a number that cannot be read counts as other than zero \
             and is not listed",
            columns.len(),
            columns.join(", ")
        )
    })
}

pub(super) fn unrecognised(problem: &NotRecognised) -> Unfit {
    // A bill with a fault is an error; what is no bill at all is passed over when it lies in a folder.
    let faulty = matches!(
        problem,
        NotRecognised::Incomplete { .. } | NotRecognised::NoHeader { .. } | NotRecognised::DuplicateColumns { .. }
    );
    Unfit { not_a_bill: !faulty, ..Unfit::new(problem.to_string(), &problem.hint()) }
}

pub(super) fn refused(error: &StoreError) -> Unfit {
    if let StoreError::DiskFull { .. } = error {
        let problem = "the disk is full: there is no room to stage it in the engagement's folder";
        return Unfit { no_room: true, ..unfit(problem, "Free some space.") };
    }
    let text = error.to_string();
    unfit(
        format!("it cannot be read ({text})"),
        "Check the file with another program; export it again if it is damaged.",
    )
}

pub(super) fn refused_csv(error: &StoreError) -> Unfit {
    let text = error.to_string();
    let first = text.lines().next().unwrap_or_default();
    match text.split_once("Line: ").map(|(_, rest)| rest.chars().take_while(char::is_ascii_digit).collect::<String>()) {
        Some(line) if !line.is_empty() => {
            unfit(format!("line {line} cannot be read ({first})"), "Mend that line or export it again.")
        }
        _ => refused(error),
    }
}
