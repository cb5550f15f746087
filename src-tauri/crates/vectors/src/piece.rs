//! One of the pieces that a separator cuts a text into.

/// The `number`-th piece of a text: from 1, or from -1 counted from the end. Null where there is no such piece or nothing in it, and
/// where nothing separates.
#[must_use]
pub fn piece<'a>(text: &'a [u8], separator: &[u8], number: i32) -> Option<&'a [u8]> {
    let mut rest = Some(text);
    let mut pieces = std::iter::from_fn(|| {
        let all = rest.take()?;
        match find(all, separator) {
            Some(at) => {
                rest = Some(&all[at + separator.len()..]);
                Some(&all[..at])
            }
            None => Some(all),
        }
    });
    let skipped = usize::try_from(number.unsigned_abs().checked_sub(1)?).ok()?;
    let piece = if separator.is_empty() {
        None
    } else if number > 0 {
        pieces.nth(skipped)
    } else {
        let pieces: Vec<&[u8]> = pieces.collect();
        pieces.iter().rev().nth(skipped).copied()
    };
    piece.filter(|piece| !piece.is_empty())
}

fn find(text: &[u8], separator: &[u8]) -> Option<usize> {
    let first = *separator.first()?;
    let mut from = 0;
    loop {
        let at = from + text.get(from..)?.iter().position(|byte| *byte == first)?;
        if text[at..].starts_with(separator) {
            return Some(at);
        }
        from = at + 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_piece_is_counted_from_either_end() {
        for (text, separator, number, wanted) in [
            ("a/b/c", "/", 1, Some("a")),
            ("a/b/c", "/", 3, Some("c")),
            ("a/b/c", "/", 4, None),
            ("a/b/c", "/", -1, Some("c")),
            ("a/b/c", "/", -3, Some("a")),
            ("a/b/c", "/", -4, None),
            ("/b/", "/", 1, None),
            ("/b/", "/", -1, None),
            ("abc", "/", 1, Some("abc")),
            ("x/providers/é/providers/z", "/providers/", 2, Some("é")),
            ("aaa", "aa", 1, None),
            ("aaa", "aa", 2, Some("a")),
            ("", "/", 1, None),
            ("a", "", 1, None),
            ("a", "/", 0, None),
        ] {
            assert_eq!(
                piece(text.as_bytes(), separator.as_bytes(), number),
                wanted.map(str::as_bytes),
                "{text} {number}"
            );
        }
    }
}
