//! [`When`]: the day or the month that a value of a metric belongs to.

use std::fmt;

use chrono::{Datelike, Months, NaiveDate, NaiveDateTime, NaiveTime};

/// A day or a calendar month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum When {
    /// One day.
    Day(NaiveDate),
    /// A whole month, by its first day.
    Month(NaiveDate),
}

/// Years outside of these are a slip of the pen, such as `0206-03-01`.
const YEARS: std::ops::RangeInclusive<i32> = 1970..=2199;

impl When {
    /// Reads a day `2026-03-05` (also `2026/03/05` and `20260305`), a month `2026-03` (also `2026/03`), or the ISO instant at which a
    /// day begins, `2026-03-05T00:00:00Z`. Anything that could mean two days, such as `03/05/2026`, is none.
    #[must_use]
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        if !text.is_ascii() {
            return None;
        }
        let found = if text.len() > 10 { begin_of_day(text) } else { day_or_month(text) };
        found.filter(|when| YEARS.contains(&when.first().year()))
    }

    /// The first day.
    #[must_use]
    pub const fn first(self) -> NaiveDate {
        match self {
            Self::Day(day) | Self::Month(day) => day,
        }
    }

    /// The day after the last.
    #[must_use]
    pub fn end(self) -> NaiveDate {
        match self {
            Self::Day(day) => day.succ_opt().unwrap_or(day),
            Self::Month(first) => first.checked_add_months(Months::new(1)).unwrap_or(first),
        }
    }
}

impl fmt::Display for When {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Day(day) => write!(formatter, "{}", day.format("%Y-%m-%d")),
            Self::Month(first) => write!(formatter, "{}", first.format("%Y-%m")),
        }
    }
}

fn digits(text: &str, length: usize) -> Option<u32> {
    (text.len() == length && text.bytes().all(|byte| byte.is_ascii_digit())).then(|| text.parse().ok())?
}

fn day_or_month(text: &str) -> Option<When> {
    let date = |year: &str, month: &str, day: u32| {
        NaiveDate::from_ymd_opt(i32::try_from(digits(year, 4)?).ok()?, digits(month, 2)?, day)
    };
    let separator = if text.contains('/') { '/' } else { '-' };
    let parts: Vec<&str> = text.split(separator).collect();
    match parts.as_slice() {
        [whole] if whole.len() == 8 => date(&whole[..4], &whole[4..6], digits(&whole[6..], 2)?).map(When::Day),
        [year, month] => date(year, month, 1).map(When::Month),
        [year, month, day] => date(year, month, digits(day, 2)?).map(When::Day),
        _ => None,
    }
}

/// The day that begins at an instant in UTC; another time of the day, or of another zone, is not the begin of a day that is known.
fn begin_of_day(text: &str) -> Option<When> {
    let zone = ["Z", "z", "+00:00", "+0000", " UTC"].iter().find_map(|zone| text.strip_suffix(zone));
    let plain = zone.unwrap_or(text);
    let instant = ["%Y-%m-%dT%H:%M:%S%.f", "%Y-%m-%d %H:%M:%S%.f", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M"]
        .iter()
        .find_map(|format| NaiveDateTime::parse_from_str(plain, format).ok())?;
    (instant.time() == NaiveTime::MIN).then(|| When::Day(instant.date()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_and_months_in_the_spellings_that_mean_one_thing() {
        let text = |text: &str| When::parse(text).map(|when| when.to_string());
        for day in [
            "2026-03-05",
            "2026/03/05",
            "20260305",
            " 2026-03-05 ",
            "2026-03-05T00:00:00Z",
            "2026-03-05 00:00:00",
            "2026-03-05T00:00:00.000+00:00",
            "2026-03-05 00:00:00 UTC",
            "2026-03-05T00:00",
        ] {
            assert_eq!(text(day).as_deref(), Some("2026-03-05"), "{day}");
        }
        assert_eq!(text("2026-03").as_deref(), Some("2026-03"), "a month stays a month");
        assert_eq!(text("2026/03").as_deref(), Some("2026-03"));
    }

    #[test]
    fn what_may_mean_two_days_is_none() {
        for text in [
            "",
            "03/05/2026",
            "05.03.2026",
            "2026-3-5",
            "2026-02-30",
            "2026-13",
            "202603",
            "March 2026",
            "2026-Q1",
            "2026",
            "0206-03-01",
            "2026-03-05T07:00:00Z",
            "2026-03-05T00:00:00+02:00",
            "٢٠٢٦-٠٣-٠٥",
            "+2026-03-05",
            "46086",
        ] {
            assert_eq!(When::parse(text), None, "{text:?}");
        }
    }

    #[test]
    fn a_month_ends_where_the_next_begins() {
        let when = When::parse("2026-12").unwrap();
        assert_eq!(when.end(), NaiveDate::from_ymd_opt(2027, 1, 1).unwrap());
    }
}
