//! [`Span`]: the hours or days that usage is laid on.

use std::fmt;
use std::str::FromStr;

use chrono::{DateTime, Datelike, Duration, NaiveDate, Timelike, Utc};

/// The length of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Step {
    /// One hour, the length on which every provider's commitment is used or lost.
    Hour,
    /// 24 hours. What was unused in one hour and uncovered in another of the same day is not seen: coverage and utilisation of daily
    /// data are upper bounds.
    Day,
}

impl Step {
    /// Hours in a step.
    #[must_use]
    pub const fn hours(self) -> i64 {
        match self {
            Self::Hour => 1,
            Self::Day => 24,
        }
    }
}

/// Consecutive steps in UTC. Times are UTC, in which no day has 23 or 25 hours; local times are turned before they come here.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Span {
    first: DateTime<Utc>,
    step: Step,
    steps: usize,
}

/// Why there is no such span.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SpanError {
    /// The first instant is not on a step's edge.
    #[error("{0} is not the first instant of a UTC hour or day; usage begins on one")]
    NotOnAnEdge(String),
    /// A span has at least one step and at most 100 years.
    #[error("{0} steps are no span; give at least one and at most 876,600")]
    Length(usize),
    /// The text is no month.
    #[error("`{0}` is not a month such as 2026-04, in a year from 1900 to 2200")]
    Month(String),
}

impl Span {
    /// `steps` steps from `first`.
    ///
    /// # Errors
    /// [`SpanError`] when `first` is not on an edge or the length is none.
    pub fn new(first: DateTime<Utc>, step: Step, steps: usize) -> Result<Self, SpanError> {
        let on_hour = first.minute() == 0 && first.second() == 0 && first.nanosecond() == 0;
        if !on_hour || (step == Step::Day && first.hour() != 0) {
            return Err(SpanError::NotOnAnEdge(first.to_rfc3339()));
        }
        if steps == 0 || steps > 876_600 {
            return Err(SpanError::Length(steps));
        }
        Ok(Self { first, step, steps })
    }

    /// The first instant.
    #[must_use]
    pub const fn first(&self) -> DateTime<Utc> {
        self.first
    }

    /// The length of a step.
    #[must_use]
    pub const fn step(&self) -> Step {
        self.step
    }

    /// How many steps.
    #[must_use]
    pub const fn steps(&self) -> usize {
        self.steps
    }

    /// The first instant of a step.
    #[must_use]
    pub fn start_of(&self, step: usize) -> DateTime<Utc> {
        let hours = i64::try_from(step).unwrap_or(i64::MAX / 1_000_000).saturating_mul(self.step.hours());
        self.first + Duration::hours(hours)
    }

    /// The instant after the last step.
    #[must_use]
    pub fn end(&self) -> DateTime<Utc> {
        self.start_of(self.steps)
    }

    /// The step that holds an instant; none outside the span.
    #[must_use]
    pub fn position(&self, instant: DateTime<Utc>) -> Option<usize> {
        let seconds = (instant - self.first).num_seconds();
        if instant < self.first {
            return None;
        }
        usize::try_from(seconds / (3600 * self.step.hours())).ok().filter(|step| *step < self.steps)
    }

    /// The months that the span touches, each with its steps as a half-open range; together they are all steps.
    #[must_use]
    pub fn months(&self) -> Vec<(MonthOfYear, std::ops::Range<usize>)> {
        let mut months: Vec<(MonthOfYear, std::ops::Range<usize>)> = Vec::new();
        let mut begin = 0;
        while begin < self.steps {
            let month = MonthOfYear::of(self.start_of(begin));
            let seconds = (month.plus(1).start() - self.first).num_seconds();
            // A month that begins within the step belongs to the step after it.
            let length = 3600 * self.step.hours();
            let end = usize::try_from((seconds + length - 1) / length).unwrap_or(self.steps).min(self.steps);
            months.push((month, begin..end));
            begin = end;
        }
        months
    }
}

/// A calendar month in UTC, such as `2026-04`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct MonthOfYear(i32);

impl MonthOfYear {
    /// The month of an instant.
    #[must_use]
    pub fn of(instant: DateTime<Utc>) -> Self {
        let month = i32::try_from(instant.month0()).unwrap_or(0);
        Self(instant.year() * 12 + month)
    }

    /// The month so many months later, or earlier for a negative number.
    #[must_use]
    pub const fn plus(self, months: i32) -> Self {
        Self(self.0.saturating_add(months))
    }

    /// How many months lie from `earlier` to this one.
    #[must_use]
    pub const fn since(self, earlier: Self) -> i32 {
        self.0.saturating_sub(earlier.0)
    }

    /// The first instant.
    #[must_use]
    pub fn start(self) -> DateTime<Utc> {
        let month = self.0.rem_euclid(12).unsigned_abs() + 1;
        NaiveDate::from_ymd_opt(self.0.div_euclid(12), month, 1)
            .map_or(DateTime::UNIX_EPOCH, |date| date.and_time(chrono::NaiveTime::MIN).and_utc())
    }

    /// Hours in the month.
    #[must_use]
    pub fn hours(self) -> i64 {
        (self.plus(1).start() - self.start()).num_hours()
    }
}

impl fmt::Display for MonthOfYear {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.0.div_euclid(12), self.0.rem_euclid(12) + 1)
    }
}

impl FromStr for MonthOfYear {
    type Err = SpanError;

    fn from_str(text: &str) -> Result<Self, SpanError> {
        let refused = || SpanError::Month(text.chars().take(20).collect());
        let digits = |part: &str, length: usize| part.len() == length && part.bytes().all(|byte| byte.is_ascii_digit());
        let (year, month) =
            text.split_once('-').filter(|(year, month)| digits(year, 4) && digits(month, 2)).ok_or_else(refused)?;
        let (year, month) = (year.parse::<i32>().map_err(|_| refused())?, month.parse::<i32>().map_err(|_| refused())?);
        if !(1900..=2200).contains(&year) || !(1..=12).contains(&month) {
            return Err(refused());
        }
        Ok(Self(year * 12 + month - 1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        text.parse().unwrap()
    }

    #[test]
    fn months_are_cut_at_midnight_utc() {
        let span = Span::new(instant("2026-01-31T22:00:00Z"), Step::Hour, 2 + 28 * 24 + 1).unwrap();
        let months: Vec<_> = span.months().into_iter().map(|(month, steps)| (month.to_string(), steps)).collect();
        assert_eq!(
            months,
            [("2026-01".to_owned(), 0..2), ("2026-02".to_owned(), 2..674), ("2026-03".to_owned(), 674..675)],
            "two hours of January, all of February, one of March"
        );
    }

    #[test]
    fn the_day_the_clocks_change_has_24_hours_in_utc() {
        let span = Span::new(instant("2026-03-29T00:00:00Z"), Step::Day, 2).unwrap();
        assert_eq!(span.position(instant("2026-03-29T23:59:59Z")), Some(0));
        assert_eq!(span.position(instant("2026-03-30T00:00:00Z")), Some(1));
        assert_eq!(span.position(instant("2026-03-31T00:00:00Z")), None, "the end is outside");
        // 01:30 and 02:30 of a local clock that jumps are 00:30 and 00:30 + 1 h: different steps of hourly usage.
        let hours = Span::new(instant("2026-03-29T00:00:00Z"), Step::Hour, 24).unwrap();
        assert_eq!(hours.position(instant("2026-03-29T01:30:00+01:00")), Some(0));
        assert_eq!(hours.position(instant("2026-03-29T03:30:00+02:00")), Some(1));
    }

    #[test]
    fn what_is_on_no_edge_is_refused() {
        assert!(Span::new(instant("2026-01-01T00:30:00Z"), Step::Hour, 1).is_err());
        assert!(Span::new(instant("2026-01-01T01:00:00Z"), Step::Day, 1).is_err());
        assert_eq!(Span::new(instant("2026-01-01T00:00:00Z"), Step::Hour, 0), Err(SpanError::Length(0)));
    }

    #[test]
    fn a_month_prints_as_it_was_read() {
        let month: MonthOfYear = "2024-02".parse().unwrap();
        assert_eq!(month.hours(), 29 * 24, "a leap year");
        assert_eq!(month.plus(-2).to_string(), "2023-12");
        for text in ["2026", "2026-13", "2026-00", "26-01", "2026-1"] {
            assert!(text.parse::<MonthOfYear>().is_err(), "{text} is no month");
        }
    }
}
