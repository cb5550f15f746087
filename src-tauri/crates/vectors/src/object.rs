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
    while let Some(at) = rest.iter().position(|byte| *byte < 0x20 || *byte == b'"' || *byte == b'\\') {
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
