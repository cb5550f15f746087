//! How many parcels move: the one curve that usage and business metrics follow.

use chrono::{Datelike, NaiveDate, Weekday};

use super::{
    calendar::{Month, date},
    random,
};

const SEED: u64 = 23;
/// The level rises by this many thousandths of the first month's a month.
const GROWTH: i64 = 9;

/// The day's parcels in thousandths of an ordinary day of July 2025.
pub(crate) fn demand(day: NaiveDate) -> i64 {
    let month = Month::of(day);
    let trend = 1000 + GROWTH * month.index() + GROWTH * i64::from(day.day0()) / month.length();
    let noise = 1000 + random::between(random::of_text(SEED, &day.to_string()), -25, 25);
    trend * weekday(day.weekday()) / 1000 * season(day) / 1000 * noise / 1000
}

/// The days on which the season's extra instances run.
pub(crate) fn in_shipping_season(day: NaiveDate) -> bool {
    day >= date(day.year(), 11, 10) && day <= date(day.year(), 12, 23)
}

fn weekday(weekday: Weekday) -> i64 {
    match weekday {
        Weekday::Mon => 1060,
        Weekday::Tue => 1080,
        Weekday::Wed => 1070,
        Weekday::Thu => 1060,
        Weekday::Fri => 1050,
        Weekday::Sat => 880,
        Weekday::Sun => 780,
    }
}

fn season(day: NaiveDate) -> i64 {
    match (day.month(), day.day()) {
        _ if in_shipping_season(day) => 1300,
        (11, 1..=9) => 1120,
        (12, _) | (1, 1..=5) => 820,
        (7 | 8, _) => 970,
        _ => 1000,
    }
}
