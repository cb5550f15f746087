//! White space at the ends of a text.

/// The one white space of more than a byte that bills have.
const NO_BREAK_SPACE: &[u8] = "\u{a0}".as_bytes();

/// A text in UTF-8 without spaces, tabs, line ends and no-break spaces at its ends; null where nothing is left.
#[must_use]
pub fn trimmed(text: &[u8]) -> Option<&[u8]> {
    let mut rest = text;
    while let Some(inner) = without_first(rest) {
        rest = inner;
    }
    while let Some(inner) = without_last(rest) {
        rest = inner;
    }
    (!rest.is_empty()).then_some(rest)
}

fn without_first(text: &[u8]) -> Option<&[u8]> {
    match text {
        [b' ' | b'\t' | b'\r' | b'\n', rest @ ..] => Some(rest),
        _ => text.strip_prefix(NO_BREAK_SPACE),
    }
}

fn without_last(text: &[u8]) -> Option<&[u8]> {
    match text {
        [rest @ .., b' ' | b'\t' | b'\r' | b'\n'] => Some(rest),
        _ => text.strip_suffix(NO_BREAK_SPACE),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn white_space_goes_from_the_ends_only() {
        for (text, wanted) in [
            ("EC2", Some("EC2")),
            (" a b ", Some("a b")),
            ("\t\r\n\u{a0}é\u{a0} ", Some("é")),
            ("\u{2003}x", Some("\u{2003}x")),
            ("", None),
            (" \u{a0}", None),
        ] {
            assert_eq!(trimmed(text.as_bytes()), wanted.map(str::as_bytes), "{text:?}");
        }
    }
}
