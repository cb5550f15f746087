//! Digits for the eye.

use crate::Amount;

/// The digits of a whole number with a comma between each three: `1234567` becomes `1,234,567`.
#[must_use]
pub fn group_digits(digits: &str) -> String {
    let mut text = String::with_capacity(digits.len() + digits.len() / 3);
    for (position, digit) in digits.chars().enumerate() {
        if position > 0 && (digits.len() - position).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount with a comma between each three digits, its decimals as they are: `-1234.50` becomes `-1,234.50`.
#[must_use]
pub fn grouped(amount: Amount) -> String {
    let text = amount.to_string();
    let (sign, digits) = text.strip_prefix('-').map_or(("", text.as_str()), |digits| ("-", digits));
    let (whole, decimals) = digits.split_once('.').map_or((digits, ""), |(whole, _)| (whole, &digits[whole.len()..]));
    format!("{sign}{}{decimals}", group_digits(whole))
}

#[cfg(test)]
mod tests {
    use super::{group_digits, grouped};

    #[test]
    fn a_comma_stands_between_each_three_digits() {
        for (digits, grouped) in [("", ""), ("7", "7"), ("999", "999"), ("1000", "1,000"), ("1234567", "1,234,567")] {
            assert_eq!(group_digits(digits), grouped);
        }
    }

    #[test]
    fn an_amount_keeps_its_sign_and_its_decimals() {
        for (amount, text) in [("-1234567.50", "-1,234,567.50"), ("999", "999"), ("0.001", "0.001")] {
            assert_eq!(grouped(amount.parse().unwrap()), text);
        }
    }
}
