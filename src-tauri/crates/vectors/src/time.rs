//! Points in time as bills write them, in microseconds of UTC since 1970.

/// How days are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Spelling {
    /// `2026-01-31`, alone or with a time: `T` or a space between, seconds with up to six decimals, and `Z`, ` UTC` or nothing behind.
    Iso = 0,
    /// `01/31/2026`.
    MonthDayYear = 1,
    /// `31/01/2026`.
    DayMonthYear = 2,
    /// `31.01.2026`.
    DayMonthYearDots = 3,
}

impl Spelling {
    /// Every spelling, in the order of its number.
    const ALL: [Self; 4] = [Self::Iso, Self::MonthDayYear, Self::DayMonthYear, Self::DayMonthYearDots];

    pub(crate) fn of_number(number: u8) -> Option<Self> {
        Self::ALL.get(usize::from(number)).copied()
    }
}

const DAY_MICROSECONDS: i64 = 86_400_000_000;

/// The time that a text is, all digits written out. Null for anything else.
#[must_use]
pub fn microseconds(text: &[u8], spelling: Spelling) -> Option<i64> {
    match spelling {
        Spelling::Iso => iso(text),
        Spelling::MonthDayYear => split_date(text, b'/', false),
        Spelling::DayMonthYear => split_date(text, b'/', true),
        Spelling::DayMonthYearDots => split_date(text, b'.', true),
    }
}

fn iso(text: &[u8]) -> Option<i64> {
    let (day, time) = text.split_at_checked(10)?;
    if day[4] != b'-' || day[7] != b'-' {
        return None;
    }
    let midnight = midnight(number(&day[..4])?, number(&day[5..7])?, number(&day[8..])?)?;
    let [b'T' | b' ', clock @ ..] = time else { return time.is_empty().then_some(midnight) };
    let clock = clock.strip_suffix(b"Z").or_else(|| clock.strip_suffix(b" UTC")).unwrap_or(clock);
    let (seconds, fraction) = clock.split_at_checked(8)?;
    if seconds[2] != b':' || seconds[5] != b':' {
        return None;
    }
    let (hour, minute, second) = (number(&seconds[..2])?, number(&seconds[3..5])?, number(&seconds[6..])?);
    if hour > 23 || minute > 59 || second > 59 {
        return None;
    }
    let microseconds = match fraction {
        [] => 0,
        [b'.', digits @ ..] if (1..=6).contains(&digits.len()) => {
            number(digits)? * 10_i64.pow(u32::try_from(6 - digits.len()).ok()?)
        }
        _ => return None,
    };
    Some(midnight + ((hour * 60 + minute) * 60 + second) * 1_000_000 + microseconds)
}

fn split_date(text: &[u8], separator: u8, day_first: bool) -> Option<i64> {
    if text.len() != 10 || text[2] != separator || text[5] != separator {
        return None;
    }
    let (first, second, year) = (number(&text[..2])?, number(&text[3..5])?, number(&text[6..])?);
    let (month, day) = if day_first { (second, first) } else { (first, second) };
    midnight(year, month, day)
}

fn number(digits: &[u8]) -> Option<i64> {
    digits.iter().try_fold(0, |value, byte| byte.is_ascii_digit().then(|| value * 10 + i64::from(byte - b'0')))
}

/// The beginning of a day of the Gregorian calendar, by the algorithm of H. Hinnant ("chrono-compatible low-level date algorithms",
/// `days_from_civil`).
fn midnight(year: i64, month: i64, day: i64) -> Option<i64> {
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days_in_month = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 => 28 + i64::from(leap),
        _ => return None,
    };
    if year < 1 || !(1..=days_in_month).contains(&day) {
        return None;
    }
    let year = if month <= 2 { year - 1 } else { year };
    let (era, year_of_era) = (year.div_euclid(400), year.rem_euclid(400));
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    let day_of_era = year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year;
    Some((era * 146_097 + day_of_era - 719_468) * DAY_MICROSECONDS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_as_it_is_written() {
        let day = 20_454 * DAY_MICROSECONDS; // 2026-01-01
        for (text, spelling, wanted) in [
            ("1970-01-01", Spelling::Iso, Some(0)),
            ("2026-01-01", Spelling::Iso, Some(day)),
            ("2026-01-01T00:00:01Z", Spelling::Iso, Some(day + 1_000_000)),
            ("2026-01-01 01:00:00 UTC", Spelling::Iso, Some(day + 3_600_000_000)),
            ("2026-01-01 00:00:00.5", Spelling::Iso, Some(day + 500_000)),
            ("2026-01-01T00:00:00.000001Z", Spelling::Iso, Some(day + 1)),
            ("01/02/2026", Spelling::MonthDayYear, Some(day + DAY_MICROSECONDS)),
            ("02/01/2026", Spelling::DayMonthYear, Some(day + DAY_MICROSECONDS)),
            ("02.01.2026", Spelling::DayMonthYearDots, Some(day + DAY_MICROSECONDS)),
            ("2024-02-29", Spelling::Iso, Some(19_782 * DAY_MICROSECONDS)),
        ] {
            assert_eq!(microseconds(text.as_bytes(), spelling), wanted, "`{text}`");
        }
        for text in [
            "",
            "2026-1-1",
            "2026-02-29",
            "2026-13-01",
            "2026-01-00",
            "2026-01-01T",
            "2026-01-01T24:00:00",
            "2026-01-01T00:00",
            "2026-01-01T00:00:60Z",
            "2026-01-01T00:00:00+01:00",
            "2026-01-01T00:00:00.",
            "2026-01-01T00:00:00.1234567",
            "2026-01-01x00:00:00",
            " 2026-01-01",
            "01/02/2026",
            "1900-02-29",
        ] {
            assert_eq!(microseconds(text.as_bytes(), Spelling::Iso), None, "`{text}` is left to the engine");
        }
        for text in ["1/2/2026", "13/01/2026", "01-02-2026", "01/02/26", "01/02/2026 00:00"] {
            assert_eq!(microseconds(text.as_bytes(), Spelling::MonthDayYear), None, "`{text}` is left to the engine");
        }
    }
}
