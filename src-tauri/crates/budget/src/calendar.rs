//! [`FiscalCalendar`]: fiscal years and their twelve periods.

use chrono::{Datelike, Days, NaiveDate, Weekday};

/// How a fiscal year falls into twelve periods.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PeriodRule {
    /// Twelve calendar months.
    Months,
    /// Quarters of four, four and five weeks. The year begins on the weekday that is nearest to the first of its start month; in a year of
    /// 53 weeks the last period has one more.
    FourFourFive {
        /// The day that weeks begin on.
        first_day: Weekday,
    },
}

/// Fiscal years: which month they start in, and how they are divided. A year is called after the calendar year that it ends in: the year
/// from October 2026 is 2027.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct FiscalCalendar {
    start_month: u32,
    rule: PeriodRule,
}

/// One of the twelve periods of a fiscal year.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Period {
    /// Its first day.
    pub from: NaiveDate,
    /// The day after its last.
    pub to: NaiveDate,
    /// The fiscal year.
    pub year: i32,
    /// Its number in the year, 1 to 12.
    pub number: u32,
    /// The calendar month that it is called after, by its first day.
    pub month: NaiveDate,
}

impl Period {
    /// How many days it has.
    #[must_use]
    pub fn days(&self) -> u64 {
        u64::try_from(self.to.signed_duration_since(self.from).num_days()).unwrap_or(0)
    }

    /// Whether a day lies in it.
    #[must_use]
    pub fn contains(&self, day: NaiveDate) -> bool {
        self.from <= day && day < self.to
    }

    /// Such as `2026-10`.
    #[must_use]
    pub fn label(&self) -> String {
        self.month.format("%Y-%m").to_string()
    }
}

/// A fiscal calendar cannot be made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CalendarError {
    /// There is no such month.
    #[error("a fiscal year starts in a month from 1 to 12, not in {0}")]
    StartMonth(u32),
    /// The year is too far away.
    #[error("{0} is no year from 1900 to 2200")]
    Year(i32),
}

impl FiscalCalendar {
    /// Years that start in a month from 1 to 12.
    ///
    /// # Errors
    /// [`CalendarError::StartMonth`] for another number.
    pub const fn new(start_month: u32, rule: PeriodRule) -> Result<Self, CalendarError> {
        if start_month < 1 || start_month > 12 {
            return Err(CalendarError::StartMonth(start_month));
        }
        Ok(Self { start_month, rule })
    }

    /// The calendar year that the fiscal year begins in.
    const fn first_calendar_year(self, year: i32) -> i32 {
        if self.start_month == 1 { year } else { year - 1 }
    }

    /// The first of the month that a period is called after.
    fn nominal(self, year: i32, period: u32) -> Option<NaiveDate> {
        let months = self.start_month - 1 + period;
        NaiveDate::from_ymd_opt(self.first_calendar_year(year) + i32::try_from(months / 12).ok()?, months % 12 + 1, 1)
    }

    /// The first day of a fiscal year.
    fn start(self, year: i32) -> Option<NaiveDate> {
        let first = self.nominal(year, 0)?;
        match self.rule {
            PeriodRule::Months => Some(first),
            PeriodRule::FourFourFive { first_day } => {
                let past = first.weekday().days_since(first_day);
                let before = first.checked_sub_days(Days::new(past.into()))?;
                if past <= 3 { Some(before) } else { before.checked_add_days(Days::new(7)) }
            }
        }
    }

    /// The twelve periods of a fiscal year; they follow each other without gaps, and the next year's follow them.
    ///
    /// # Errors
    /// [`CalendarError::Year`] for a year outside 1900 to 2200.
    pub fn periods(self, year: i32) -> Result<Vec<Period>, CalendarError> {
        if !(1900..=2200).contains(&year) {
            return Err(CalendarError::Year(year));
        }
        let made = (0..12).map(|number| {
            let period = |number: u32| match self.rule {
                PeriodRule::Months => self.nominal(year, number),
                PeriodRule::FourFourFive { .. } if number == 12 => self.start(year + 1),
                PeriodRule::FourFourFive { .. } => {
                    let weeks = number / 3 * 13 + number % 3 * 4;
                    self.start(year)?.checked_add_days(Days::new(u64::from(weeks) * 7))
                }
            };
            let month = self.nominal(year, number)?;
            Some(Period { from: period(number)?, to: period(number + 1)?, year, number: number + 1, month })
        });
        made.collect::<Option<_>>().ok_or(CalendarError::Year(year))
    }

    /// The period that a day lies in.
    ///
    /// # Errors
    /// [`CalendarError::Year`] for a day outside 1901 to 2199.
    pub fn period_of(self, day: NaiveDate) -> Result<Period, CalendarError> {
        for year in [day.year(), day.year() + 1, day.year() - 1] {
            if let Some(period) = self.periods(year)?.into_iter().find(|period| period.contains(day)) {
                return Ok(period);
            }
        }
        Err(CalendarError::Year(day.year()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    const WEEKDAYS: [Weekday; 7] =
        [Weekday::Mon, Weekday::Tue, Weekday::Wed, Weekday::Thu, Weekday::Fri, Weekday::Sat, Weekday::Sun];

    #[test]
    fn a_year_is_called_after_the_year_it_ends_in() {
        let calendar = FiscalCalendar::new(10, PeriodRule::Months).unwrap();
        let period = calendar.period_of(date("2026-11-22")).unwrap();
        assert_eq!((period.year, period.number, period.label().as_str()), (2027, 2, "2026-11"));
        assert_eq!((period.from, period.to, period.days()), (date("2026-11-01"), date("2026-12-01"), 30));
        let plain = FiscalCalendar::new(1, PeriodRule::Months).unwrap().period_of(date("2026-11-22")).unwrap();
        assert_eq!((plain.year, plain.number), (2026, 11), "a year from January is its own");
    }

    #[test]
    fn weeks_of_four_four_five() {
        let calendar = FiscalCalendar::new(2, PeriodRule::FourFourFive { first_day: Weekday::Sun }).unwrap();
        let periods = calendar.periods(2027).unwrap();
        assert_eq!(periods[0].from, date("2026-02-01"), "a Sunday itself");
        let weeks: Vec<u64> = periods.iter().map(|period| period.days() / 7).collect();
        assert_eq!(weeks, [4, 4, 5, 4, 4, 5, 4, 4, 5, 4, 4, 5]);
        let long = (2020..2030).map(|year| calendar.periods(year).unwrap()[11].days() / 7).filter(|weeks| *weeks == 6);
        assert!((1..=2).contains(&long.count()), "one year in five or six has 53 weeks");
    }

    #[test]
    fn what_is_no_month_is_no_start() {
        assert_eq!(FiscalCalendar::new(13, PeriodRule::Months), Err(CalendarError::StartMonth(13)));
        assert!(FiscalCalendar::new(1, PeriodRule::Months).unwrap().periods(9999).is_err());
    }

    proptest! {
        #[test]
        fn every_day_lies_in_one_period(start in 1_u32..13, weekday in prop::option::of(0..7_usize), day in 0_u64..80_000) {
            let rule = weekday.map_or(PeriodRule::Months, |day| PeriodRule::FourFourFive { first_day: WEEKDAYS[day] });
            let calendar = FiscalCalendar::new(start, rule).unwrap();
            let day = date("1950-01-01").checked_add_days(Days::new(day)).unwrap();
            let period = calendar.period_of(day).unwrap();
            prop_assert!(period.contains(day));
            let year = calendar.periods(period.year).unwrap();
            prop_assert!(year.windows(2).all(|pair| pair[0].to == pair[1].from), "no gap, no overlap");
            prop_assert_eq!(year[11].to, calendar.periods(period.year + 1).unwrap()[0].from, "the next year follows");
            prop_assert!(year.iter().all(|period| (28..=42).contains(&period.days())));
        }
    }
}
