//! Digits for the eye.

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

#[cfg(test)]
mod tests {
    use super::group_digits;

    #[test]
    fn a_comma_stands_between_each_three_digits() {
        for (digits, grouped) in [("", ""), ("7", "7"), ("999", "999"), ("1000", "1,000"), ("1234567", "1,234,567")] {
            assert_eq!(group_digits(digits), grouped);
        }
    }
}
