//! Months, days and hours of the sample, all in UTC.

use std::fmt;

use chrono::{Datelike, Days, NaiveDate};
use serde::{Deserialize, Deserializer, de};

use super::fixed::push_number;

/// The sample's months: July 2025 to September 2026.
pub(crate) const FIRST_MONTH: Month = Month { year: 2025, month: 7 };
pub(crate) const MONTHS: usize = 15;
/// From here the providers that bill by the hour deliver compute by the hour.
pub(crate) const FIRST_HOURLY_MONTH: Month = Month { year: 2026, month: 7 };

/// A calendar month, written `2026-04`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Month {
    pub(crate) year: i32,
    pub(crate) month: u32,
}

impl Month {
    /// The fifteen months in order.
    pub(crate) fn all() -> impl Iterator<Item = Self> {
        std::iter::successors(Some(FIRST_MONTH), |month| Some(month.next())).take(MONTHS)
    }

    pub(crate) fn of(day: NaiveDate) -> Self {
        Self { year: day.year(), month: day.month() }
    }

    pub(crate) const fn next(self) -> Self {
        if self.month == 12 {
            Self { year: self.year + 1, month: 1 }
        } else {
            Self { year: self.year, month: self.month + 1 }
        }
    }

    pub(crate) fn first_day(self) -> NaiveDate {
        date(self.year, self.month, 1)
    }

    pub(crate) fn days(self) -> impl Iterator<Item = NaiveDate> {
        self.first_day().iter_days().take_while(move |day| Self::of(*day) == self)
    }

    pub(crate) fn length(self) -> i64 {
        (self.next().first_day() - self.first_day()).num_days()
    }

    /// Whole months since the first month of the sample; negative before it.
    pub(crate) fn index(self) -> i64 {
        let months = |month: Self| i64::from(month.year) * 12 + i64::from(month.month);
        months(self) - months(FIRST_MONTH)
    }
}

impl fmt::Display for Month {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:04}-{:02}", self.year, self.month)
    }
}

impl<'de> Deserialize<'de> for Month {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let day = format!("{text}-01").parse().map_err(|_| de::Error::custom(format!("`{text}` is not a month")))?;
        Ok(Self::of(day))
    }
}

/// A date of the model.
///
/// # Panics
/// When there is no such day.
pub(crate) fn date(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).expect("the model names days that exist")
}

/// A full hour in UTC.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Moment {
    day: NaiveDate,
    hour: u32,
}

impl Moment {
    /// `hour` 24 is the next day's midnight.
    pub(crate) fn new(day: NaiveDate, hour: u32) -> Self {
        if hour == 24 { Self { day: day + Days::new(1), hour: 0 } } else { Self { day, hour } }
    }

    /// Appends `YYYY-MM-DDTHH:00:00Z`, the form that FOCUS asks for.
    pub(crate) fn write_to(self, out: &mut String) {
        push_number(out, u64::from(self.day.year().unsigned_abs()), 4);
        out.push('-');
        push_number(out, u64::from(self.day.month()), 2);
        out.push('-');
        push_number(out, u64::from(self.day.day()), 2);
        out.push('T');
        push_number(out, u64::from(self.hour), 2);
        out.push_str(":00:00Z");
    }
}

/// A half-open stretch of time: the start belongs to it, the end does not.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Span {
    pub(crate) start: Moment,
    pub(crate) end: Moment,
}

impl Span {
    pub(crate) fn hour(day: NaiveDate, hour: u32) -> Self {
        Self { start: Moment::new(day, hour), end: Moment::new(day, hour + 1) }
    }

    pub(crate) fn day(day: NaiveDate) -> Self {
        Self { start: Moment::new(day, 0), end: Moment::new(day, 24) }
    }

    pub(crate) fn month(month: Month) -> Self {
        Self { start: Moment::new(month.first_day(), 0), end: Moment::new(month.next().first_day(), 0) }
    }
}
