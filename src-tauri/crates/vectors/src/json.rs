//! JSON of the plainest kind: arrays of flat objects whose texts need no escapes. Anything else is left to the engine.

use crate::KEY_SEPARATOR;

/// What stands between the pieces of [`pieces_text`].
const PIECE_SEPARATOR: char = '\u{2}';

/// Where the entries of one array of keys and values come from.
pub struct Piece<'a> {
    /// The member of each object that is the key.
    pub key: &'a str,
    /// The member that is the value.
    pub value: &'a str,
    /// What is put before each key.
    pub prefix: &'a str,
}

/// Pieces as one text; none where a name in them is not plain.
pub fn pieces_text(pieces: &[Piece<'_>]) -> Option<String> {
    let plain = |text: &&str| text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    let all_plain = pieces.iter().all(|piece| [piece.key, piece.value, piece.prefix].iter().all(plain));
    let separator = KEY_SEPARATOR.to_string();
    let texts: Vec<String> =
        pieces.iter().map(|piece| [piece.key, piece.value, piece.prefix].join(&separator)).collect();
    (all_plain && !pieces.is_empty()).then(|| texts.join(&PIECE_SEPARATOR.to_string()))
}

/// Key, value and prefix of each piece of a text.
pub(crate) fn pieces(text: &[u8]) -> Vec<[&[u8]; 3]> {
    let piece = |text: &'_ [u8]| -> Vec<std::ops::Range<usize>> {
        let mut start = 0;
        let mut ranges = Vec::new();
        for part in text.split(|byte| char::from(*byte) == KEY_SEPARATOR) {
            ranges.push(start..start + part.len());
            start += part.len() + 1;
        }
        ranges
    };
    text.split(|byte| char::from(*byte) == PIECE_SEPARATOR)
        .filter_map(|text| {
            let ranges = piece(text);
            let [key, value, prefix] = <[_; 3]>::try_from(ranges).ok()?;
            Some([&text[key], &text[value], &text[prefix]])
        })
        .collect()
}

/// Writes the object of all entries of the arrays into `json`; of equal keys the first counts, and nothing is written where there is
/// no entry. False where an array is not plain.
pub(crate) fn merge_pairs<'a>(
    json: &mut Vec<u8>,
    arrays: impl Iterator<Item = ([&'a [u8]; 3], Option<&'a [u8]>)>,
) -> bool {
    json.clear();
    let mut entries: Vec<(&[u8], &[u8], &[u8])> = Vec::new();
    for ([key, value, prefix], text) in arrays {
        let Some(text) = text else { continue };
        let mut rest = Rest(text);
        if rest.objects(key, value, |found, value| {
            if !entries.iter().any(|(before, name, _)| same(before, name, prefix, found)) {
                entries.push((prefix, found, value));
            }
        }) != Some(())
        {
            return false;
        }
    }
    for (prefix, key, value) in entries {
        json.push(if json.is_empty() { b'{' } else { b',' });
        json.push(b'"');
        json.extend_from_slice(prefix);
        json.extend_from_slice(key);
        json.extend_from_slice(b"\":");
        json.extend_from_slice(value);
    }
    if !json.is_empty() {
        json.push(b'}');
    }
    true
}

/// Whether two keys are equal, each in two parts.
fn same(prefix: &[u8], key: &[u8], other_prefix: &[u8], other: &[u8]) -> bool {
    prefix.len() + key.len() == other_prefix.len() + other.len()
        && prefix.iter().chain(key).eq(other_prefix.iter().chain(other))
}

/// Characters of a number that is too long for a float.
const LONG: usize = 16;

/// Whether a text may hold a number of more than 15 digits: a digit, and 15 more characters of which numbers are made.
pub(crate) fn has_long_number(text: &[u8]) -> bool {
    let of_number = |byte: &u8| matches!(byte, b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-');
    let mut at = LONG - 1;
    // So many characters in a row cover one of every sixteen.
    while let Some(byte) = text.get(at) {
        if of_number(byte) {
            let start = at - text[..at].iter().rev().take_while(|byte| of_number(byte)).count();
            let end = at + text[at..].iter().take_while(|byte| of_number(byte)).count();
            let digit = text[start..end].iter().position(u8::is_ascii_digit).map_or(end, |place| start + place);
            if end - digit >= LONG {
                return true;
            }
            at = end;
        }
        at += LONG;
    }
    false
}

/// What is left of a text that is known to be sound JSON. Each step gives nothing where the JSON is not plain.
struct Rest<'a>(&'a [u8]);

impl<'a> Rest<'a> {
    fn objects(&mut self, key: &[u8], value: &[u8], mut entry: impl FnMut(&'a [u8], &'a [u8])) -> Option<()> {
        self.take(b'[')?;
        if self.take(b']').is_some() {
            return Some(());
        }
        loop {
            let (mut found_key, mut found_value) = (None, None);
            self.take(b'{')?;
            if self.take(b'}').is_none() {
                loop {
                    let name = self.text()?;
                    self.take(b':')?;
                    let scalar = self.scalar()?;
                    if name == key {
                        found_key.get_or_insert(scalar);
                    }
                    if name == value {
                        found_value.get_or_insert(scalar);
                    }
                    if self.take(b',').is_none() {
                        break;
                    }
                }
                self.take(b'}')?;
            }
            match (found_key, found_value.unwrap_or(b"null")) {
                (None | Some(b"null"), _) => {}
                // A key without a value is true.
                (Some([b'"', key @ .., b'"']), b"null") => entry(key, b"true"),
                (Some([b'"', key @ .., b'"']), value) => entry(key, value),
                _ => return None,
            }
            if self.take(b',').is_none() {
                break;
            }
        }
        self.take(b']')
    }

    fn take(&mut self, byte: u8) -> Option<()> {
        self.0 = self.0.trim_ascii_start();
        let rest = self.0.strip_prefix(&[byte])?;
        self.0 = rest;
        Some(())
    }

    /// A text without its quotes.
    fn text(&mut self) -> Option<&'a [u8]> {
        self.take(b'"')?;
        let end = self.0.iter().position(|byte| matches!(byte, b'"' | b'\\') || *byte < 0x20)?;
        let (text, rest) = self.0.split_at(end);
        self.0 = rest.strip_prefix(b"\"")?;
        Some(text)
    }

    /// A text with its quotes, or a word. Numbers are written in many ways.
    fn scalar(&mut self) -> Option<&'a [u8]> {
        self.0 = self.0.trim_ascii_start();
        let before = self.0;
        if before.first() == Some(&b'"') {
            let text = self.text()?;
            return Some(&before[..text.len() + 2]);
        }
        let word: &[u8] = [&b"true"[..], b"false", b"null"].into_iter().find(|word| before.starts_with(word))?;
        self.0 = &before[word.len()..];
        Some(&before[..word.len()])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn merged(arrays: &[(&str, Option<&str>)]) -> Option<String> {
        let mut json = Vec::new();
        let arrays =
            arrays.iter().map(|(prefix, text)| ([&b"key"[..], b"value", prefix.as_bytes()], text.map(str::as_bytes)));
        merge_pairs(&mut json, arrays).then(|| String::from_utf8_lossy(&json).into_owned())
    }

    #[test]
    fn arrays_of_pairs_become_one_object() {
        let labels = r#"[{"key":"env","value":"prod"}, {"value":"é","key":"team","inherited":true},{"key":"env","value":"late"}]"#;
        assert_eq!(
            merged(&[("", Some(labels)), ("", None), ("p/", Some(r#"[{"key":"env"},{"key":null,"value":"x"},{}]"#))])
                .as_deref(),
            Some(r#"{"env":"prod","team":"é","p/env":true}"#),
            "the first of equal keys counts, a key without a value is true, and what has no key is nothing"
        );
        assert_eq!(merged(&[("", Some("[]")), ("", None)]).as_deref(), Some(""), "no entry, no object");
        assert_eq!(
            merged(&[("a", Some(r#"[{"key":"b","value":"1"}]"#)), ("", Some(r#"[{"key":"ab","value":"2"}]"#))])
                .as_deref(),
            Some(r#"{"ab":"1"}"#),
            "a key is equal with its prefix"
        );
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_engine() {
        for text in [
            r#"{"env":"prod"}"#,
            r#"[{"key":"a\"b","value":"c"}]"#,
            r#"[{"key":"a","value":1}]"#,
            r#"[{"key":1,"value":"a"}]"#,
            r#"[{"key":"a","value":{"b":"c"}}]"#,
            r#"["a"]"#,
            "null",
            "",
        ] {
            assert_eq!(merged(&[("", Some(text))]), None, "`{text}`");
        }
    }

    #[test]
    fn a_long_number_is_seen() {
        for (text, wanted) in [
            ("1234567890123456", true),
            ("0.1234567890123E5", true),
            ("x-123456789012345", false),
            ("12345678 90123456789", false),
            ("e+-.e+-.e+-.e+-.e+-.", false),
            ("", false),
        ] {
            assert_eq!(has_long_number(text.as_bytes()), wanted, "`{text}`");
        }
    }

    proptest::proptest! {
        #[test]
        fn a_long_number_is_seen_wherever_it_is(text in "[0-9.eE+x-]{0,60}") {
            let plain = (0..text.len()).any(|at| {
                let rest = &text.as_bytes()[at..];
                rest[0].is_ascii_digit()
                    && rest.iter().take_while(|byte| **byte != b'x').count() >= LONG
            });
            proptest::prop_assert_eq!(has_long_number(text.as_bytes()), plain, "{}", text);
        }
    }

    #[test]
    fn pieces_are_read_as_they_were_written() {
        let text = pieces_text(&[
            Piece { key: "k", value: "v", prefix: "" },
            Piece { key: "key", value: "value", prefix: "p/" },
        ]);
        let text = text.unwrap_or_default();
        assert_eq!(pieces(text.as_bytes()), [[&b"k"[..], b"v", b""], [b"key", b"value", b"p/"]], "two of them");
        assert_eq!(
            pieces_text(&[Piece { key: "k\"", value: "v", prefix: "" }]),
            None,
            "a name with a quote is not plain"
        );
    }
}
