//! Days: how many a month has, what each weekday weighs, and the dates of steps.

use chrono::{Datelike, Days, Months, NaiveDate};

use crate::cleaning::median;

/// The mean length of a month in days, over the 400 years after which the calendar repeats.
pub const DAYS_A_MONTH: f64 = 30.436_875;

/// How far apart the values of a series are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Grain {
    /// One value a day; the period is a week.
    Day,
    /// One value a month; the period is a year.
    Month,
}

impl Grain {
    /// The steps after which the pattern comes again: 7 days, 12 months.
    #[must_use]
    pub const fn period(self) -> usize {
        match self {
            Self::Day => 7,
            Self::Month => 12,
        }
    }

    /// The steps of a year.
    #[must_use]
    pub const fn year(self) -> usize {
        match self {
            Self::Day => 365,
            Self::Month => 12,
        }
    }

    /// The date that lies `steps` after `first`; the last date there is when it would lie beyond the calendar.
    #[must_use]
    pub fn date(self, first: NaiveDate, steps: usize) -> NaiveDate {
        let date = match self {
            Self::Day => first.checked_add_days(Days::new(steps as u64)),
            Self::Month => u32::try_from(steps).ok().and_then(|steps| first.checked_add_months(Months::new(steps))),
        };
        date.unwrap_or(NaiveDate::MAX)
    }

    /// The steps from `first` to `date`; nothing when `date` lies before it.
    #[must_use]
    pub fn steps(self, first: NaiveDate, date: NaiveDate) -> Option<usize> {
        let steps = match self {
            Self::Day => date.signed_duration_since(first).num_days(),
            Self::Month => {
                i64::from(date.year() - first.year()) * 12 + i64::from(date.month0()) - i64::from(first.month0())
            }
        };
        usize::try_from(steps).ok()
    }
}

/// What the days of a week weigh beside each other, Monday first; the mean is 1.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct WeekdayProfile(pub [f64; 7]);

impl Default for WeekdayProfile {
    fn default() -> Self {
        Self([1.0; 7])
    }
}

impl WeekdayProfile {
    /// The profile of daily values that begin at `first`, over the last eight weeks: the median share of each weekday in its week.
    /// All days alike with fewer than two weeks, or where a week adds up to nothing or less.
    #[must_use]
    pub fn of(first: NaiveDate, values: &[f64]) -> Self {
        const WEEKS_MAX: usize = 8;
        let weeks: Vec<(usize, &[f64])> = (0..WEEKS_MAX)
            .filter_map(|back| {
                let to = values.len().checked_sub(7 * back)?;
                Some((to.checked_sub(7)?, values.get(to.checked_sub(7)?..to)?))
            })
            .collect();
        let mut shares: [Vec<f64>; 7] = Default::default();
        for (from, week) in &weeks {
            let sum: f64 = week.iter().sum();
            if sum <= 0.0 || week.iter().any(|value| *value < 0.0) {
                continue;
            }
            for (at, value) in week.iter().enumerate() {
                let weekday = Grain::Day.date(first, from + at).weekday().num_days_from_monday() as usize;
                shares[weekday].push(7.0 * value / sum);
            }
        }
        if shares[0].len() < 2 {
            return Self::default();
        }
        let mut profile = [0.0; 7];
        for (weight, shares) in profile.iter_mut().zip(&mut shares) {
            *weight = median(shares);
        }
        let sum: f64 = profile.iter().sum();
        if sum <= 0.0 {
            return Self::default();
        }
        Self(profile.map(|weight| 7.0 * weight / sum))
    }

    /// What a day weighs.
    #[must_use]
    pub fn weight(&self, date: NaiveDate) -> f64 {
        self.0[date.weekday().num_days_from_monday() as usize]
    }

    /// The weight of all days of the month that begins at `month`.
    #[must_use]
    pub fn effective_days(&self, month: NaiveDate) -> f64 {
        let first = month.with_day(1).unwrap_or(month);
        let dates = first.iter_days().take_while(|date| date.month() == first.month());
        dates.map(|date| self.weight(date)).sum()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn date(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn february_has_its_days() {
        let profile = WeekdayProfile::default();
        assert!((profile.effective_days(date("2026-02-01")) - 28.0).abs() < 1e-12, "28 days in 2026");
        assert!((profile.effective_days(date("2028-02-14")) - 29.0).abs() < 1e-12, "29 days in 2028");
        let workdays = WeekdayProfile([1.4, 1.4, 1.4, 1.4, 1.4, 0.0, 0.0]);
        assert!((workdays.effective_days(date("2026-02-01")) - 28.0).abs() < 1e-9, "four whole weeks weigh 28");
        assert!((workdays.effective_days(date("2026-03-01")) - 30.8).abs() < 1e-9, "22 workdays in March 2026");
    }

    #[test]
    fn the_profile_of_a_week_is_found() {
        let first = date("2026-01-05");
        let values: Vec<f64> =
            (0..70).map(|day| (1.0 + 0.01 * f64::from(day)) * if day % 7 < 5 { 10.0 } else { 3.0 }).collect();
        let profile = WeekdayProfile::of(first, &values);
        let ratio = profile.0[6] / profile.0[1];
        assert!((ratio - 0.3).abs() < 0.03, "a Sunday is three tenths of a Tuesday: {profile:?}");
        assert!((profile.0.iter().sum::<f64>() - 7.0).abs() < 1e-12, "the mean is 1");
        assert_eq!(WeekdayProfile::of(first, &values[..10]), WeekdayProfile::default(), "a week says nothing yet");
    }

    #[test]
    fn steps_and_dates_are_inverse() {
        for grain in [Grain::Day, Grain::Month] {
            let first = date("2024-01-01");
            for steps in [0, 1, 13, 40] {
                assert_eq!(grain.steps(first, grain.date(first, steps)), Some(steps), "{grain:?} {steps}");
            }
            assert_eq!(grain.steps(first, date("2023-12-01")), None, "before the first there is no step");
        }
    }
}
