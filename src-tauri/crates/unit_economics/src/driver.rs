//! [`Driver`]: a metric under a choice of labels, added up over days.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use money::{Amount, AmountError};

use crate::{Point, When};

/// What drives a cost: the values of one metric, by day and by month.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Driver {
    days: BTreeMap<NaiveDate, Amount>,
    /// By the first day.
    months: BTreeMap<NaiveDate, Amount>,
    /// Days without a value in a series that has values before and after.
    holes: BTreeSet<NaiveDate>,
}

/// The units of a span of days.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Units {
    /// How many; none where no day of the span has a value.
    pub value: Option<Amount>,
    /// How many days the span has.
    pub days: u32,
    /// How many of them lack a value: no series has one, or one that goes on before and after has none. A month that is given whole
    /// and lies only partly in the span is such days, for nobody knows how it spreads over them.
    pub missing: u32,
}

impl Driver {
    /// Adds points up. Those of one series (equal labels) have each day at most once, as [`crate::read`] sees to.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a day needs more than 38 digits.
    pub fn new<'a>(points: impl Iterator<Item = &'a Point>) -> Result<Self, AmountError> {
        let mut driver = Self::default();
        let mut series: BTreeMap<&BTreeMap<String, String>, Vec<When>> = BTreeMap::new();
        for point in points {
            let (map, first) = match point.when {
                When::Day(day) => (&mut driver.days, day),
                When::Month(first) => (&mut driver.months, first),
            };
            let sum = map.entry(first).or_insert(Amount::ZERO);
            *sum = sum.checked_add(point.value)?;
            series.entry(&point.labels).or_default().push(point.when);
        }
        for times in series.values_mut() {
            times.sort_by_key(|when| when.first());
            for hole in times.windows(2) {
                let (from, to) = (hole[0].end(), hole[1].first());
                driver.holes.extend(from.iter_days().take_while(|day| *day < to));
            }
        }
        Ok(driver)
    }

    /// Whether there is no value at all.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.days.is_empty() && self.months.is_empty()
    }

    /// Whether any value is by the day.
    #[must_use]
    pub fn is_daily(&self) -> bool {
        !self.days.is_empty()
    }

    /// The units of the days from `from` up to, not including, `to`.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when they need more than 38 digits.
    pub fn units(&self, from: NaiveDate, to: NaiveDate) -> Result<Units, AmountError> {
        if from >= to {
            return Ok(Units { value: None, days: 0, missing: 0 });
        }
        let whole = |first: NaiveDate| first >= from && When::Month(first).end() <= to;
        let months: BTreeMap<NaiveDate, Amount> = self
            .months
            .range(from..to)
            .filter(|(first, _)| whole(**first))
            .map(|(first, value)| (*first, *value))
            .collect();
        let days = self.days.range(from..to);
        let values: Vec<Amount> = days.map(|(_, value)| *value).chain(months.values().copied()).collect();
        let value = if values.is_empty() { None } else { Some(Amount::sum(values)?) };
        let mut span = 0;
        let mut missing = 0;
        for day in from.iter_days().take_while(|day| *day < to) {
            span += 1;
            let first = day.with_day(1).unwrap_or(day);
            // A month that is cut lacks its part even where another series has the day.
            let cut = self.months.contains_key(&first) && !months.contains_key(&first);
            let known = self.days.contains_key(&day) || months.contains_key(&first);
            if cut || !known || self.holes.contains(&day) {
                missing += 1;
            }
        }
        Ok(Units { value, days: span, missing })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::RowPlace;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn point(when: &str, value: i64, region: &str) -> Point {
        Point {
            metric: "orders".to_owned(),
            when: When::parse(when).unwrap(),
            value: Amount::from_integer(value),
            labels: BTreeMap::from([("region".to_owned(), region.to_owned())]),
            place: RowPlace { file: "orders.csv".to_owned(), row: 1 },
        }
    }

    fn units(points: &[Point], from: &str, to: &str) -> (Option<String>, u32, u32) {
        let units = Driver::new(points.iter()).unwrap().units(day(from), day(to)).unwrap();
        (units.value.map(|value| value.to_string()), units.days, units.missing)
    }

    #[test]
    fn days_and_whole_months_add_up() {
        let points = [point("2026-03-30", 5, "a"), point("2026-03-31", 7, "a"), point("2026-04", 300, "a")];
        assert_eq!(units(&points, "2026-03-30", "2026-05-01"), (Some("312".to_owned()), 32, 0));
        assert_eq!(units(&points, "2026-03-31", "2026-04-11"), (Some("7".to_owned()), 11, 10), "ten days of April");
        assert_eq!(units(&points, "2026-05-01", "2026-06-01"), (None, 31, 31), "nothing is no zero");
        assert_eq!(units(&points, "2026-05-01", "2026-05-01"), (None, 0, 0));
    }

    #[test]
    fn a_hole_in_one_series_shows_though_another_has_the_day() {
        let points = [
            point("2026-03-01", 1, "a"),
            point("2026-03-03", 1, "a"),
            point("2026-03-02", 1, "b"),
            point("2026-03-01", 0, "b"),
        ];
        assert_eq!(units(&points, "2026-03-01", "2026-03-04"), (Some("3".to_owned()), 3, 1), "a lacks the second");
        assert_eq!(units(&points[..1], "2026-03-01", "2026-03-02"), (Some("1".to_owned()), 1, 0));
    }

    #[test]
    fn a_region_that_starts_later_leaves_no_hole_before() {
        let points = [point("2026-03-01", 1, "a"), point("2026-03-02", 1, "a"), point("2026-03-02", 9, "b")];
        assert_eq!(units(&points, "2026-03-01", "2026-03-03"), (Some("11".to_owned()), 2, 0));
    }

    proptest! {
        /// Cutting a span in two loses nothing and doubles nothing.
        #[test]
        fn spans_add_up(values in prop::collection::vec(0_i64..1000, 1..90), cut in 0_u64..120) {
            let start = day("2026-01-01");
            let points: Vec<Point> = values
                .iter()
                .zip(start.iter_days())
                .map(|(value, day)| point(&day.to_string(), *value, "a"))
                .collect();
            let driver = Driver::new(points.iter()).unwrap();
            let end = start + chrono::Days::new(120);
            let middle = start + chrono::Days::new(cut);
            let value = |from, to| driver.units(from, to).unwrap().value.unwrap_or_default();
            let parts = value(start, middle).checked_add(value(middle, end)).unwrap();
            prop_assert_eq!(parts, value(start, end));
            prop_assert_eq!(parts, Amount::from_integer(values.iter().sum()));
        }
    }
}
