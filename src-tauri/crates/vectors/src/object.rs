//! A JSON object out of keys and texts.

/// What stands between the keys of [`json_object`]: it cannot be in a key, because JSON writes control characters otherwise.
pub const KEY_SEPARATOR: char = '\u{1}';

/// Writes the object of `keys` (as JSON writes them, quotes included) and their texts into `json`; a key without a text is left out.
/// Says whether there is any.
pub fn json_object<'a>(json: &mut Vec<u8>, entries: impl Iterator<Item = (&'a [u8], Option<&'a [u8]>)>) -> bool {
    json.clear();
    for (key, text) in entries {
        let Some(text) = text else { continue };
        json.push(if json.is_empty() { b'{' } else { b',' });
        json.extend_from_slice(key);
        json.push(b':');
        quoted(json, text);
    }
    let any = !json.is_empty();
    if any {
        json.push(b'}');
    }
    any
}

/// A text as JSON writes it.
fn quoted(json: &mut Vec<u8>, text: &[u8]) {
    json.push(b'"');
    let mut rest = text;
    while let Some(at) = first_to_escape(rest) {
        json.extend_from_slice(&rest[..at]);
        match rest[at] {
            b'"' => json.extend_from_slice(b"\\\""),
            b'\\' => json.extend_from_slice(b"\\\\"),
            b'\n' => json.extend_from_slice(b"\\n"),
            b'\r' => json.extend_from_slice(b"\\r"),
            b'\t' => json.extend_from_slice(b"\\t"),
            0x08 => json.extend_from_slice(b"\\b"),
            0x0c => json.extend_from_slice(b"\\f"),
            other => json.extend_from_slice(format!("\\u{other:04X}").as_bytes()),
        }
        rest = &rest[at + 1..];
    }
    json.extend_from_slice(rest);
    json.push(b'"');
}

/// Where the first byte stands that JSON writes otherwise. Almost no text has one, so eight bytes are looked at at a time.
pub(crate) fn first_to_escape(text: &[u8]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    const TOPS: u64 = ONES << 7;
    let has_zero = |word: u64| word.wrapping_sub(ONES) & !word & TOPS;
    let escaped = |byte: &u8| *byte < 0x20 || *byte == b'"' || *byte == b'\\';
    let mut at = 0;
    while let Some(eight) = text.get(at..).and_then(|rest| rest.first_chunk::<8>()) {
        let word = u64::from_le_bytes(*eight);
        let control = word.wrapping_sub(ONES * 0x20) & !word & TOPS;
        let found = control | has_zero(word ^ (ONES * u64::from(b'"'))) | has_zero(word ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            break;
        }
        at += 8;
    }
    text[at..].iter().position(escaped).map(|place| at + place)
}

#[cfg(test)]
mod tests {
    use super::*;

    proptest::proptest! {
        #[test]
        fn what_is_escaped_is_found_wherever_it_stands(text in proptest::collection::vec(0x18..0x24_u8, 0..40), clean in 0..40_usize) {
            let mut bytes = vec![b'a'; clean];
            bytes.extend(text.iter().map(|byte| if *byte == 0x18 { b'\\' } else if *byte == 0x19 { 0xc3 } else { *byte }));
            let plain = bytes.iter().position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\');
            proptest::prop_assert_eq!(first_to_escape(&bytes), plain);
        }
    }
}
