//! Lists and dictionaries as Python prints them, as JSON.

/// Python's words for what JSON writes otherwise.
const WORDS: [(&[u8], &[u8]); 3] = [(b"None", b"null"), (b"True", b"true"), (b"False", b"false")];

/// Writes `text` into `json`, with double quotes instead of single ones and JSON's words instead of Python's; not inside of texts.
pub(crate) fn unprinted(text: &[u8], json: &mut Vec<u8>) {
    json.clear();
    let mut rest = text;
    while let Some(first) = rest.first() {
        let quoted = if matches!(first, b'"' | b'\'') { quoted(rest, *first) } else { None };
        let taken = match quoted {
            Some(length) => {
                json.push(b'"');
                json.extend_from_slice(&rest[1..length - 1]);
                json.push(b'"');
                length
            }
            None => match WORDS.iter().find(|(word, _)| rest.starts_with(word)) {
                Some((word, other)) => {
                    json.extend_from_slice(other);
                    word.len()
                }
                None => {
                    json.push(*first);
                    1
                }
            },
        };
        rest = &rest[taken..];
    }
}

/// The length of the quoted text that `text` begins with, if its quote is closed. A backslash goes with the character behind it.
fn quoted(text: &[u8], quote: u8) -> Option<usize> {
    let mut at = 1;
    loop {
        match text.get(at)? {
            byte if *byte == quote => return Some(at + 1),
            b'\\' if matches!(text.get(at + 1)?, b'\n') => return None,
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_python_printed_becomes_json() {
        for (text, wanted) in [
            ("[{'key': 'a', 'value': None}]", r#"[{"key": "a", "value": null}]"#),
            (
                "{'a': True, 'b': False, 'c': 'None', 'd': \"it's\"}",
                r#"{"a": true, "b": false, "c": "None", "d": "it's"}"#,
            ),
            (r"['a\'b']", r#"["a\'b"]"#),
            ("['é']", r#"["é"]"#),
            ("['open", "['open"),
            ("''", r#""""#),
            ("", ""),
        ] {
            let mut json = Vec::new();
            unprinted(text.as_bytes(), &mut json);
            assert_eq!(String::from_utf8_lossy(&json), wanted, "{text}");
        }
    }
}
