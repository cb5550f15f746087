//! Spellings of a month.

use chrono::NaiveDate;

const NAMES: [&str; 12] = [
    "january",
    "february",
    "march",
    "april",
    "may",
    "june",
    "july",
    "august",
    "september",
    "october",
    "november",
    "december",
];

/// The first day of the month that a text names: `2026-04`, `2026-04-01` with or without a time, `2026/04`, `04/2026`, `04.2026`,
/// `Apr 2026`, `April-26`. None for any other text.
pub(super) fn month(text: &str) -> Option<NaiveDate> {
    let text = text.trim();
    let day = text.get(..10).and_then(|day| day.parse::<NaiveDate>().ok());
    if let Some(day) = day.filter(|_| text.len() == 10 || matches!(text.as_bytes()[10], b' ' | b'T')) {
        return first(&day.format("%Y").to_string(), day.format("%m").to_string().parse().ok()?);
    }
    let parts: Vec<&str> = text.split(['-', '/', '.', ' ']).filter(|part| !part.is_empty()).collect();
    let [left, right] = parts[..] else { return None };
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    match (digits(left), digits(right)) {
        (true, true) if left.len() == 4 && right.len() <= 2 => first(left, right.parse().ok()?),
        (true, true) if right.len() == 4 && left.len() <= 2 => first(right, left.parse().ok()?),
        (false, true) => first(right, named(left)?),
        (true, false) => first(left, named(right)?),
        _ => None,
    }
}

fn named(word: &str) -> Option<u32> {
    let word = word.to_lowercase();
    let found = NAMES.iter().position(|name| *name == word || (word.len() == 3 && name.starts_with(&word)))?;
    u32::try_from(found).ok().map(|place| place + 1)
}

fn first(year: &str, month: u32) -> Option<NaiveDate> {
    let number: i32 = year.parse().ok()?;
    let year = match year.len() {
        4 => number,
        2 => 2000 + number,
        _ => return None,
    };
    NaiveDate::from_ymd_opt(year, month, 1).filter(|_| (1900..=2200).contains(&year))
}

/// The number of a period: `P01`, `Period 1`, `P12`.
pub(super) fn numbered(text: &str) -> Option<u32> {
    let folded = text.trim().to_lowercase();
    let rest = folded.strip_prefix("period").or_else(|| folded.strip_prefix('p'))?.trim();
    let digits = rest.len() <= 2 && !rest.is_empty() && rest.bytes().all(|byte| byte.is_ascii_digit());
    rest.parse().ok().filter(|number| digits && (1..=12).contains(number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_has_many_spellings() {
        for text in [
            "2026-04",
            "2026-04-01",
            "2026-04-17 00:00:00",
            "2026-04-01T00:00:00",
            "2026/4",
            "04/2026",
            "4.2026",
            "Apr 2026",
            "april-26",
            " APR-2026 ",
        ] {
            assert_eq!(month(text), NaiveDate::from_ymd_opt(2026, 4, 1), "{text}");
        }
        for text in [
            "",
            "2026",
            "04",
            "13/2026",
            "2026-04-99",
            "Apl 2026",
            "2026-04-01x",
            "service",
            "0026-04",
            "a-b-c",
            "٠٤/2026",
        ] {
            assert_eq!(month(text), None, "{text} is no month");
        }
        assert_eq!(
            (numbered("P01"), numbered("Period 12"), numbered("p13"), numbered("Product")),
            (Some(1), Some(12), None, None)
        );
    }
}
