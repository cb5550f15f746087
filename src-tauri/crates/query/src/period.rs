//! Arithmetic of [`Period`]: months, the period to compare with, buckets of a time column.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::{Comparison, Grain, Period, QueryError};

impl Period {
    /// The days from `from` up to, not including, `to`.
    ///
    /// # Errors
    /// [`QueryError::EmptyPeriod`] when the end is not after the start, or a year is outside 1 to 9999.
    pub fn new(from: NaiveDate, to: NaiveDate) -> Result<Self, QueryError> {
        let plausible = |day: NaiveDate| (1..=9999).contains(&day.year());
        if from < to && plausible(from) && plausible(to) {
            Ok(Self { from, to })
        } else {
            Err(QueryError::EmptyPeriod { from, to })
        }
    }

    /// One calendar month.
    #[must_use]
    pub fn month(year: i32, month: u32) -> Option<Self> {
        let from = NaiveDate::from_ymd_opt(year, month, 1)?;
        Self::new(from, from.checked_add_months(Months::new(1))?).ok()
    }

    /// How many days it has.
    #[must_use]
    pub fn days(&self) -> i64 {
        (self.to - self.from).num_days()
    }

    /// The last day in it.
    #[must_use]
    pub fn last_day(&self) -> NaiveDate {
        self.to.pred_opt().unwrap_or(self.to)
    }

    /// Whether it consists of whole calendar months.
    #[must_use]
    pub fn is_whole_months(&self) -> bool {
        self.from.day() == 1 && self.to.day() == 1
    }

    /// The days that both have; none if there are none.
    #[must_use]
    pub fn intersection(&self, other: &Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.to.min(other.to)).ok()
    }

    /// The period that a comparison means: as many whole months before where it consists of whole months, else as many days.
    ///
    /// # Errors
    /// [`QueryError::ComparisonOutsideCalendar`] when there is no such period, [`QueryError::EmptyPeriod`] when an own period is empty.
    pub fn compared(&self, comparison: Comparison) -> Result<Self, QueryError> {
        let before = |day: NaiveDate, months: u32| day.checked_sub_months(Months::new(months));
        let shifted = match comparison {
            Comparison::Period(period) => return Self::new(period.from, period.to),
            Comparison::Previous if self.is_whole_months() => {
                let months = u32::try_from(month_number(self.to) - month_number(self.from)).unwrap_or(0);
                before(self.from, months).map(|from| (from, self.from))
            }
            Comparison::Previous => {
                let days = Days::new(u64::try_from(self.days()).unwrap_or(0));
                self.from.checked_sub_days(days).map(|from| (from, self.from))
            }
            Comparison::YearAgo => before(self.from, 12).zip(before(self.to, 12)),
        };
        let (from, to) = shifted.ok_or(QueryError::ComparisonOutsideCalendar)?;
        Self::new(from, to).map_err(|_| QueryError::ComparisonOutsideCalendar)
    }

    /// The keys of the time column over the period, without gaps: `2018-10`, `2018-10-03` or `2018-10-03T14`.
    #[must_use]
    pub fn buckets(&self, grain: Grain) -> Vec<String> {
        let days = self.from.iter_days().take_while(|day| *day < self.to);
        match grain {
            Grain::Month => {
                let mut months: Vec<String> = days.map(|day| day.format("%Y-%m").to_string()).collect();
                months.dedup();
                months
            }
            Grain::Day => days.map(|day| day.format("%Y-%m-%d").to_string()).collect(),
            Grain::Hour => {
                days.flat_map(|day| (0..24).map(move |hour| format!("{}T{hour:02}", day.format("%Y-%m-%d")))).collect()
            }
        }
    }
}

/// Months since the year 0, so that differences count months.
pub(crate) fn month_number(day: NaiveDate) -> i64 {
    i64::from(day.year()) * 12 + i64::from(day.month0())
}

/// The first day of the day's month.
pub(crate) fn month_start(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}

/// The first day of the first month that begins on or after the day.
pub(crate) fn next_month_start(day: NaiveDate) -> NaiveDate {
    let start = month_start(day);
    if start == day { day } else { start.checked_add_months(Months::new(1)).unwrap_or(day) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn period(from: &str, to: &str) -> Period {
        Period::new(day(from), day(to)).unwrap()
    }

    #[test]
    fn whole_months_compare_with_whole_months() {
        let quarter = period("2018-10-01", "2019-01-01");
        assert_eq!(quarter.compared(Comparison::Previous), Ok(period("2018-07-01", "2018-10-01")));
        assert_eq!(
            period("2020-03-01", "2020-04-01").compared(Comparison::Previous),
            Ok(period("2020-02-01", "2020-03-01"))
        );
        assert_eq!(quarter.compared(Comparison::YearAgo), Ok(period("2017-10-01", "2018-01-01")));
    }

    #[test]
    fn days_compare_with_as_many_days() {
        assert_eq!(
            period("2018-10-03", "2018-10-10").compared(Comparison::Previous),
            Ok(period("2018-09-26", "2018-10-03"))
        );
        assert_eq!(
            period("2020-02-29", "2020-03-01").compared(Comparison::YearAgo),
            Ok(period("2019-02-28", "2019-03-01"))
        );
    }

    #[test]
    fn what_lies_outside_the_calendar_is_refused() {
        assert_eq!(
            period("0001-01-01", "0001-02-01").compared(Comparison::Previous),
            Err(QueryError::ComparisonOutsideCalendar)
        );
        assert!(Period::new(day("2018-10-01"), day("2018-10-01")).is_err(), "no days");
        let reversed = Comparison::Period(Period { from: day("2018-10-02"), to: day("2018-10-01") });
        assert!(matches!(period("2018-10-01", "2018-11-01").compared(reversed), Err(QueryError::EmptyPeriod { .. })));
    }

    #[test]
    fn buckets_have_no_gaps() {
        assert_eq!(period("2018-10-15", "2018-12-02").buckets(Grain::Month), ["2018-10", "2018-11", "2018-12"]);
        assert_eq!(period("2018-10-31", "2018-11-02").buckets(Grain::Day), ["2018-10-31", "2018-11-01"]);
        let hours = period("2018-10-31", "2018-11-01").buckets(Grain::Hour);
        assert_eq!((hours.len(), hours[0].as_str(), hours[23].as_str()), (24, "2018-10-31T00", "2018-10-31T23"));
    }
}
