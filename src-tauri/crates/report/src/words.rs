//! Figures as people read them. The one place where a pack rounds, so that a figure looks the same wherever it is shown.

use chrono::NaiveDate;
use money::{Amount, Currency, Rounding, group_digits};

use crate::{Figure, Unit};

/// The minus sign of printed matter, as wide as a plus.
const MINUS: char = '\u{2212}';
/// A space that does not break a line.
const FIXED_SPACE: char = '\u{a0}';

/// A figure without its currency: `1,234.56`, `+1,234.56`, `12.3%`, `1,234`.
#[must_use]
pub fn shown(figure: &Figure) -> String {
    match &figure.unit {
        Unit::Money { currency } => money(figure.amount, *currency),
        Unit::MoneyChange { currency } => signed(figure.amount, &money(figure.amount, *currency)),
        Unit::Share => percent(figure.amount),
        Unit::RelativeChange => signed(figure.amount, &percent(figure.amount)),
        Unit::Count => grouped(figure.amount.rounded(0, Rounding::HalfEven)),
        Unit::Number => number(figure.amount),
    }
}

/// A figure with its currency, where it has one: `USD 1,234.56`.
#[must_use]
pub fn shown_with_unit(figure: &Figure) -> String {
    match &figure.unit {
        Unit::Money { currency } | Unit::MoneyChange { currency } => {
            format!("{currency}{FIXED_SPACE}{}", shown(figure))
        }
        Unit::Share | Unit::RelativeChange | Unit::Count | Unit::Number => shown(figure),
    }
}

/// A number with at most six decimals; one that is smaller than those keeps four digits that say something.
fn number(amount: Amount) -> String {
    const DECIMALS_MAX: u8 = 6;
    let plain = amount.normalized();
    let digits = u8::try_from(plain.units().unsigned_abs().checked_ilog10().map_or(0, |power| power + 1)).unwrap_or(0);
    let zeros = plain.scale().saturating_sub(digits);
    let decimals = if zeros > 2 { zeros.saturating_add(4) } else { DECIMALS_MAX };
    grouped(plain.rounded(decimals, Rounding::HalfEven).normalized())
}

/// An amount rounded to the currency's smallest unit, half to even: what a reader sees of it.
#[must_use]
pub fn rounded(amount: Amount, currency: Currency) -> Amount {
    let digits = currency.minor_digits();
    // Widening fails only near 38 digits; the amount then keeps the decimals it has.
    amount.rescaled(digits, Rounding::HalfEven).unwrap_or(amount)
}

/// `1,234.56`, with the currency's decimals.
#[must_use]
pub fn money(amount: Amount, currency: Currency) -> String {
    grouped(rounded(amount, currency))
}

/// `USD 1,234.56`, with a space that does not break.
#[must_use]
pub fn money_with_currency(amount: Amount, currency: Currency) -> String {
    format!("{currency}{FIXED_SPACE}{}", money(amount, currency))
}

/// A fraction in percent with one decimal: 0.1234 is `12.3%`.
#[must_use]
pub fn percent(ratio: Amount) -> String {
    let hundredfold = ratio.checked_mul(Amount::from_integer(100)).unwrap_or(ratio);
    let one_decimal = hundredfold.rescaled(1, Rounding::HalfEven).unwrap_or(hundredfold);
    format!("{}%", grouped(one_decimal))
}

/// Three significant digits and a magnitude, for axes and labels: `1.23M`, `456k`, `12.3`.
#[must_use]
pub fn compact(amount: Amount) -> String {
    const MAGNITUDES: [(&str, u8); 5] = [("T", 12), ("B", 9), ("M", 6), ("k", 3), ("", 0)];
    for (position, (suffix, exponent)) in MAGNITUDES.iter().enumerate() {
        let Some(scaled) =
            amount.scale().checked_add(*exponent).and_then(|scale| Amount::new(amount.units(), scale).ok())
        else {
            continue;
        };
        let is_last = position + 1 == MAGNITUDES.len();
        let three_digits = three_significant(scaled, if is_last { 2 } else { 3 });
        if three_digits.abs() >= Amount::from_integer(1) || is_last {
            return format!("{}{suffix}", grouped(three_digits.normalized()));
        }
    }
    grouped(amount)
}

/// The amount at three significant digits, with at most so many decimals; whole numbers stay whole.
fn three_significant(amount: Amount, decimals_max: u8) -> Amount {
    let whole = amount.abs();
    let decimals = [100, 10, 1].iter().position(|&bound| whole >= Amount::from_integer(bound)).unwrap_or(3);
    amount.rounded(u8::try_from(decimals).unwrap_or(3).min(decimals_max), Rounding::HalfEven)
}

/// A number with thousands separated by commas and the printed minus sign.
#[must_use]
pub fn grouped(amount: Amount) -> String {
    let plain = amount.abs().to_string();
    let (whole, fraction) =
        plain.split_once('.').map_or((plain.as_str(), None), |(whole, fraction)| (whole, Some(fraction)));
    let mut text = String::new();
    if amount.is_negative() {
        text.push(MINUS);
    }
    text.push_str(&group_digits(whole));
    if let Some(fraction) = fraction {
        text.push('.');
        text.push_str(fraction);
    }
    text
}

/// The printed number with a plus in front if what is seen of it is above zero.
fn signed(amount: Amount, printed: &str) -> String {
    let seen = printed.contains(|character: char| matches!(character, '1'..='9'));
    if seen && amount > Amount::ZERO { format!("+{printed}") } else { printed.to_owned() }
}

/// `30 September 2026`.
#[must_use]
pub fn day(date: NaiveDate) -> String {
    date.format("%-d %B %Y").to_string()
}

/// `up`, `down` or `level with`, as the change points.
pub(crate) fn direction(change: Amount) -> &'static str {
    match change.cmp(&Amount::ZERO) {
        std::cmp::Ordering::Greater => "up",
        std::cmp::Ordering::Less => "down",
        std::cmp::Ordering::Equal => "level",
    }
}

/// A label in the middle of a sentence: `Billed cost` becomes `billed cost`, `SKU` stays.
pub(crate) fn in_sentence(label: &str) -> String {
    let mut characters = label.chars();
    match (characters.next(), characters.next()) {
        (Some(first), Some(second)) if second.is_lowercase() || second == ' ' => {
            format!("{}{second}{}", first.to_lowercase(), characters.as_str())
        }
        _ => label.to_owned(),
    }
}

/// Words in a row: `a`, `a and b`, `a, b and c`.
pub(crate) fn listed(words: &[String]) -> String {
    match words {
        [] => String::new(),
        [only] => only.clone(),
        [before @ .., last] => format!("{} and {last}", before.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn money_is_grouped_and_rounded_half_to_even() {
        let dollars: Currency = "USD".parse().unwrap();
        let yen: Currency = "JPY".parse().unwrap();
        assert_eq!(money(amount("1234567.125"), dollars), "1,234,567.12");
        assert_eq!(money(amount("-999.999"), dollars), "−1,000.00");
        assert_eq!(money(amount("5"), dollars), "5.00", "decimals are filled up so that they align");
        assert_eq!(money(amount("1234.5"), yen), "1,234");
    }

    #[test]
    fn a_sum_too_small_to_see_has_no_sign() {
        let dollars: Currency = "USD".parse().unwrap();
        assert_eq!(money(amount("-0.001"), dollars), "0.00");
    }

    #[test]
    fn percents() {
        assert_eq!(percent(amount("0.123456")), "12.3%");
        assert_eq!(percent(amount("-1")), "−100.0%");
        assert_eq!(percent(amount("12.5")), "1,250.0%");
    }

    #[test]
    fn compact_numbers_have_three_digits() {
        let shown: Vec<String> =
            ["0", "0.5", "12.34", "999.4", "999.6", "1000", "12345", "456789", "1234567", "-2500000", "1999999999"]
                .map(|text| compact(amount(text)))
                .into();
        assert_eq!(shown, ["0", "0.5", "12.3", "999", "1k", "1k", "12.3k", "457k", "1.23M", "−2.5M", "2B"]);
    }

    #[test]
    fn sentences() {
        assert_eq!(in_sentence("Billed cost"), "billed cost");
        assert_eq!(in_sentence("SKU"), "SKU");
        assert_eq!(listed(&["a".to_owned(), "b".to_owned(), "c".to_owned()]), "a, b and c");
    }
}
