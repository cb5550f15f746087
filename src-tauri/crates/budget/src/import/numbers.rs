//! Numbers as people write them in sheets. All numbers of a file are of one style.

use money::Amount;

/// What a comma and a point mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum NumberStyle {
    /// `1,234.56`.
    Point,
    /// `1.234,56`.
    Comma,
}

/// The style that the numbers of a file can have, and what to say about it where nothing settles it.
pub(super) fn style_of<'a>(texts: impl Iterator<Item = &'a str>) -> (NumberStyle, Option<String>) {
    let (mut point, mut comma, mut unsettled) = (0_usize, 0_usize, None);
    for text in texts {
        match (read(text, NumberStyle::Point), read(text, NumberStyle::Comma)) {
            (Some(_), None) => point += 1,
            (None, Some(_)) => comma += 1,
            (Some(left), Some(right)) if left != right => {
                unsettled.get_or_insert_with(|| text.trim().to_owned());
            }
            _ => {}
        }
    }
    if comma > point {
        return (NumberStyle::Comma, None);
    }
    let note = unsettled.filter(|_| point == 0).map(|text| {
        format!("{text:?} can be read with a decimal comma and with a decimal point; it was read with a point")
    });
    (NumberStyle::Point, note)
}

/// A number of a style: thousands may be set apart in threes, brackets or a sign on either side mean less than zero, a currency sign or
/// code may stand on either side. None for any other text.
pub(super) fn read(text: &str, style: NumberStyle) -> Option<Amount> {
    let mut text = text.trim();
    let mut negative = false;
    if let Some(inner) = text.strip_prefix('(').and_then(|rest| rest.strip_suffix(')')) {
        (negative, text) = (true, inner.trim());
    }
    let sign = |letter: char| matches!(letter, '-' | '\u{2212}');
    let currency = |letter: char| matches!(letter, '$' | '€' | '£' | '¥') || letter.is_ascii_uppercase();
    // A sign may stand before or behind the currency.
    for _ in 0..2 {
        if let Some(rest) = text.strip_prefix(sign).or_else(|| text.strip_suffix(sign)) {
            if negative {
                return None;
            }
            (negative, text) = (true, rest.trim());
        }
        let bare = text.trim_start_matches(currency).trim_end_matches(currency);
        if text.len() - bare.len() > 4 {
            return None;
        }
        text = bare.trim();
    }
    let (decimal, thousands) = match style {
        NumberStyle::Point => ('.', ','),
        NumberStyle::Comma => (',', '.'),
    };
    let (whole, fraction) = text.split_once(decimal).unwrap_or((text, ""));
    let groups: Vec<&str> = whole.split([thousands, '\'', '’', ' ', '\u{a0}', '\u{202f}']).collect();
    let digits = |part: &str| part.bytes().all(|byte| byte.is_ascii_digit());
    let grouped =
        groups.len() == 1 || ((1..=3).contains(&groups[0].len()) && groups[1..].iter().all(|group| group.len() == 3));
    if !grouped || !groups.iter().all(|group| digits(group)) || !digits(fraction) {
        return None;
    }
    let plain = format!("{}{}{}", groups.concat(), if fraction.is_empty() { "" } else { "." }, fraction);
    let amount: Amount = plain.parse().ok()?;
    Some(if negative { amount.negated() } else { amount })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(text: &str, style: NumberStyle) -> Option<String> {
        read(text, style).map(|amount| amount.to_string())
    }

    #[test]
    fn numbers_as_people_write_them() {
        for (written, point, comma) in [
            ("1234.5", Some("1234.5"), None),
            ("1,234.50", Some("1234.50"), None),
            ("1.234,50", None, Some("1234.50")),
            ("1,234", Some("1234"), Some("1.234")),
            ("$1,234.50", Some("1234.50"), None),
            ("-€ 12", Some("-12"), Some("-12")),
            ("12 EUR", Some("12"), Some("12")),
            ("(1 234.50)", Some("-1234.50"), None),
            ("12'345.6", Some("12345.6"), None),
            ("5-", Some("-5"), Some("-5")),
            ("1,23", None, Some("1.23")),
            ("", None, None),
            ("-", None, None),
            ("--5", None, None),
            ("(-5)", None, None),
            ("NaN", None, None),
            ("1e5", None, None),
            ("12 apples", None, None),
            ("=SUM(A1:A3)", None, None),
            ("#REF!", None, None),
        ] {
            assert_eq!(text(written, NumberStyle::Point).as_deref(), point, "{written:?} with a point");
            assert_eq!(text(written, NumberStyle::Comma).as_deref(), comma, "{written:?} with a comma");
        }
    }

    #[test]
    fn one_number_settles_a_file() {
        assert_eq!(style_of(["1.234", "1.234,5"].into_iter()), (NumberStyle::Comma, None));
        assert_eq!(style_of(["1,234", "0.5"].into_iter()), (NumberStyle::Point, None));
        let (style, note) = style_of(["1,234", "12"].into_iter());
        assert!(style == NumberStyle::Point && note.is_some_and(|note| note.contains("1,234")), "a doubt is told");
    }
}
