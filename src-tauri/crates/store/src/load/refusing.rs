//! Why a file cannot be staged, in words.

use intake::NotRecognised;

use super::unpack::Unfit;
use crate::StoreError;

pub(super) fn unfit(problem: impl Into<String>, hint: &str) -> Unfit {
    Unfit::new(problem, hint)
}

/// Why a value of a column is refused.
pub(super) fn reason(column: &focus::Column) -> &'static str {
    match column.kind {
        focus::Kind::Decimal => "not a decimal number that fits in 20 digits before the point",
        focus::Kind::DateTime => "not a date and time from 2000 to 2099, such as 2026-01-31T00:00:00Z",
        focus::Kind::Text | focus::Kind::Json => "not a currency code of three capital letters",
    }
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
