//! Codes of currencies.

/// Whether a text is written as the code of a currency is: three capitals.
#[must_use]
pub fn is_currency(text: &[u8]) -> bool {
    text.len() == 3 && text.iter().all(u8::is_ascii_uppercase)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_currency_has_three_capitals() {
        for (text, wanted) in
            [("USD", true), ("usd", false), ("US", false), ("USDT", false), ("U$D", false), ("", false)]
        {
            assert_eq!(is_currency(text.as_bytes()), wanted, "`{text}`");
        }
    }
}
