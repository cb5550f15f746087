//! Which days a pack reports on, and what they are called.

use chrono::{Datelike, Days, Months, NaiveDate};
use query::{Note, Period};
use serde::{Deserialize, Serialize};

use crate::{PeriodChoice, ReportError, words};

/// What decides the meaning of "last full quarter".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Calendar {
    /// The date that the pack speaks of as today.
    pub as_of: NaiveDate,
    /// The days that the loaded charges cover, if any are loaded.
    pub loaded: Option<Period>,
    /// The month that the fiscal year starts with, 1 to 12.
    pub fiscal_year_start: u32,
}

/// A period with its name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportPeriod {
    /// The days.
    pub period: Period,
    /// The name, such as `Q3 2026`.
    pub label: String,
    /// What the reader should know about it: that the data do not cover all of it.
    pub notes: Vec<Note>,
}

impl PeriodChoice {
    /// The days that are meant. "Last full quarter" is the latest quarter that ended by `as_of` and that the loaded charges
    /// cover from its first month to its last day; where there is none, it is the quarter with the most loaded days (the later one of
    /// equals), and a note says that it is not full.
    ///
    /// # Errors
    /// [`ReportError::NothingLoaded`] when a quarter is asked for and nothing is loaded, [`ReportError::EmptyPeriod`] when an
    /// explicit period ends before it begins.
    pub fn resolve(&self, calendar: &Calendar) -> Result<ReportPeriod, ReportError> {
        let period = match self {
            Self::Explicit { from, to } if from < to => Period { from: *from, to: *to },
            Self::Explicit { from, to } => return Err(ReportError::EmptyPeriod { from: *from, to: *to }),
            Self::LastFullQuarter => {
                let loaded =
                    calendar.loaded.filter(|loaded| loaded.from < loaded.to).ok_or(ReportError::NothingLoaded)?;
                last_full_quarter(loaded, calendar)
            }
        };
        let notes = calendar.loaded.and_then(|loaded| partial_note(period, loaded)).into_iter().collect();
        Ok(ReportPeriod { period, label: label(period, calendar.fiscal_year_start), notes })
    }
}

/// The latest full quarter, or the one with the most days.
fn last_full_quarter(loaded: Period, calendar: &Calendar) -> Period {
    let mut best: Option<(i64, Period)> = None;
    let mut quarter =
        quarter_of(loaded.to.checked_sub_days(Days::new(1)).unwrap_or(loaded.to), calendar.fiscal_year_start);
    while quarter.to > loaded.from {
        let days = (quarter.to.min(loaded.to) - quarter.from.max(loaded.from)).num_days();
        let full = quarter.from >= loaded.from && quarter.to <= loaded.to && quarter.to <= calendar.as_of;
        if full {
            return quarter;
        }
        if best.is_none_or(|(most, _)| days > most) {
            best = Some((days, quarter));
        }
        quarter =
            quarter_of(quarter.from.checked_sub_days(Days::new(1)).unwrap_or(quarter.from), calendar.fiscal_year_start);
    }
    best.map_or(quarter, |(_, period)| period)
}

/// The quarter of the fiscal year that holds the day.
fn quarter_of(day: NaiveDate, fiscal_year_start: u32) -> Period {
    let months_into_quarter = (day.month() + 12 - fiscal_year_start.clamp(1, 12)) % 3;
    let month_start = day.with_day(1).unwrap_or(day);
    let from = month_start.checked_sub_months(Months::new(months_into_quarter)).unwrap_or(month_start);
    Period { from, to: plus_months(from, 3) }
}

/// The same day, so many months later.
fn plus_months(day: NaiveDate, months: u32) -> NaiveDate {
    day.checked_add_months(Months::new(months)).unwrap_or(day)
}

/// The note on a period that the loaded charges cover only in part.
fn partial_note(period: Period, loaded: Period) -> Option<Note> {
    let covered = Period { from: period.from.max(loaded.from), to: period.to.min(loaded.to) };
    if covered == period {
        return None;
    }
    let days = |period: Period| (period.to - period.from).num_days().max(0);
    let message = if days(covered) == 0 {
        "No loaded charge falls into this period.".to_owned()
    } else {
        format!(
            "This period is not complete: the loaded charges run from {} to {}, {} of its {} days.",
            words::day(covered.from),
            words::day(last_day(covered)),
            days(covered),
            days(period)
        )
    };
    Some(Note { code: "partial_period".to_owned(), message })
}

/// The last day that is in the period.
pub(crate) fn last_day(period: Period) -> NaiveDate {
    period.to.checked_sub_days(Days::new(1)).unwrap_or(period.to)
}

/// What a period is called: `Q3 2026`, `Q2 FY2027`, `October 2018`, `2026`, or its first and last day.
///
/// A fiscal year that does not start in January bears the number of the calendar year in which it ends.
pub(crate) fn label(period: Period, fiscal_year_start: u32) -> String {
    let Period { from, to } = period;
    if quarter_of(from, fiscal_year_start) == period {
        let months_into_year = (from.month() + 12 - fiscal_year_start.clamp(1, 12)) % 12;
        let quarter = months_into_year / 3 + 1;
        if fiscal_year_start <= 1 {
            return format!("Q{quarter} {}", from.year());
        }
        let year_end = plus_months(from, 11 - months_into_year);
        return format!("Q{quarter} FY{}", year_end.year());
    }
    if from.day() == 1 && plus_months(from, 1) == to {
        return from.format("%B %Y").to_string();
    }
    if from.day() == 1 && from.month() == 1 && plus_months(from, 12) == to {
        return from.year().to_string();
    }
    if from.day() == 1 && to.day() == 1 {
        return format!("{} to {}", from.format("%b %Y"), last_day(period).format("%b %Y"));
    }
    format!("{} to {}", words::day(from), words::day(last_day(period)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period { from: date(from), to: date(to) }
    }

    fn resolved(as_of: &str, loaded: Period, fiscal_year_start: u32) -> ReportPeriod {
        PeriodChoice::LastFullQuarter
            .resolve(&Calendar { as_of: date(as_of), loaded: Some(loaded), fiscal_year_start })
            .unwrap()
    }

    #[test]
    fn the_latest_quarter_that_is_loaded_whole() {
        let found = resolved("2026-11-22", period("2025-08-01", "2026-11-01"), 1);
        assert_eq!((found.period, found.label.as_str()), (period("2026-07-01", "2026-10-01"), "Q3 2026"));
        assert!(found.notes.is_empty(), "a full quarter needs no note");
    }

    #[test]
    fn a_quarter_is_not_full_before_it_has_ended() {
        let found = resolved("2026-09-15", period("2026-01-01", "2026-10-01"), 1);
        assert_eq!(found.label, "Q2 2026", "charges dated ahead do not end a quarter");
    }

    #[test]
    fn without_a_full_quarter_the_fullest_one_with_a_note() {
        let found = resolved("2026-11-22", period("2018-10-01", "2018-12-01"), 1);
        assert_eq!(found.label, "Q4 2018");
        assert_eq!(
            found.notes[0].message,
            "This period is not complete: the loaded charges run from 1 October 2018 to 30 November 2018, 61 of its 92 days."
        );
    }

    #[test]
    fn fiscal_years_are_named_after_their_end() {
        let found = resolved("2026-11-22", period("2025-08-01", "2026-11-01"), 4);
        assert_eq!(found.label, "Q2 FY2027");
        assert_eq!(found.period, period("2026-07-01", "2026-10-01"));
    }

    #[test]
    fn names_of_other_periods() {
        let name = |from, to| label(period(from, to), 1);
        assert_eq!(name("2018-10-01", "2018-11-01"), "October 2018");
        assert_eq!(name("2026-01-01", "2027-01-01"), "2026");
        assert_eq!(name("2026-01-01", "2026-03-01"), "Jan 2026 to Feb 2026");
        assert_eq!(name("2026-01-05", "2026-01-20"), "5 January 2026 to 19 January 2026");
    }

    #[test]
    fn nothing_loaded_is_an_error() {
        let nothing = Calendar { as_of: date("2026-11-22"), loaded: None, fiscal_year_start: 1 };
        assert!(matches!(PeriodChoice::LastFullQuarter.resolve(&nothing), Err(ReportError::NothingLoaded)));
        let backwards = PeriodChoice::Explicit { from: date("2026-02-01"), to: date("2026-01-01") };
        assert!(matches!(backwards.resolve(&nothing), Err(ReportError::EmptyPeriod { .. })));
    }
}
