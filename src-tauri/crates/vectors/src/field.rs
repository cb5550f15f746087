//! Values inside a plain JSON object: one that has no escapes, and whose wanted members are texts, words or short numbers. The engine
//! reads any other.

use crate::KEY_SEPARATOR;
use crate::object::first_to_escape;

/// What stands between the paths of [`holds`].
pub const PATH_SEPARATOR: char = '\u{2}';

/// Deeper nesting is left to the engine.
const DEPTH_MAX: usize = 16;

/// Paths as one text, each of them keys; none where a key could be mistaken.
pub fn paths_text(paths: &[&[String]]) -> Option<String> {
    let plain = |key: &String| key.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    let texts: Vec<String> = paths.iter().map(|path| path.join(&KEY_SEPARATOR.to_string())).collect();
    let all_plain = paths.iter().all(|path| !path.is_empty() && path.iter().all(plain));
    all_plain.then(|| texts.join(&PATH_SEPARATOR.to_string()))
}

/// Whether a text is a JSON object in which [`value`] finds what is at each of the paths (see [`paths_text`]).
#[must_use]
pub fn holds(text: &[u8], paths: &[u8]) -> bool {
    let Some(end) = object_end(text) else { return false };
    text[end..].trim_ascii().is_empty()
        && paths.split(|byte| char::from(*byte) == PATH_SEPARATOR).all(|path| found(text, path).is_some())
}

/// The text at the end of a path, null where there is none. What is asked of a text that does not [`holds`] it is null.
#[must_use]
pub fn value<'a>(text: &'a [u8], path: &[u8]) -> Option<&'a [u8]> {
    found(text, path)?
}

/// The value at the end of a path, or that there is none; nothing where the engine has to look.
fn found<'a>(text: &'a [u8], path: &[u8]) -> Option<Option<&'a [u8]>> {
    match raw(text, path)? {
        Some(value) => scalar(value),
        None => Some(None),
    }
}

/// As [`found`], as the text has it.
pub(crate) fn raw<'a>(text: &'a [u8], path: &[u8]) -> Option<Option<&'a [u8]>> {
    let mut object = text;
    let mut keys = path.split(|byte| char::from(*byte) == KEY_SEPARATOR).peekable();
    while let Some(key) = keys.next() {
        let Some(value) = member(object, key)? else { return Some(None) };
        if keys.peek().is_none() {
            return Some(Some(value));
        }
        match value.first() {
            Some(b'{') => object = value,
            // An array has no keys but places.
            Some(b'[') | None => return None,
            Some(_) => return Some(None),
        }
    }
    None
}

/// The member of an object with a key; nothing where two have it.
fn member<'a>(object: &'a [u8], key: &[u8]) -> Option<Option<&'a [u8]>> {
    let mut at = past_space(object, 0);
    (object.get(at) == Some(&b'{')).then_some(())?;
    at = past_space(object, at + 1);
    let mut kept = None;
    while object.get(at) == Some(&b'"') {
        let name_end = text_end(object, at)?;
        let name = &object[at + 1..name_end - 1];
        at = past_space(object, name_end);
        at = past_space(object, at + 1);
        let end = value_end(object, at, 0)?;
        if name == key && kept.replace(&object[at..end]).is_some() {
            return None;
        }
        at = past_space(object, end);
        if object.get(at) != Some(&b',') {
            break;
        }
        at = past_space(object, at + 1);
    }
    Some(kept)
}

/// A value as the engine prints it; none for null, nothing for what it prints otherwise than it is written.
pub(crate) fn scalar(value: &[u8]) -> Option<Option<&[u8]>> {
    match value {
        [b'"', inner @ .., b'"'] => Some(Some(inner)),
        b"null" => Some(None),
        b"true" | b"false" => Some(Some(value)),
        number => is_printed_so(number).then_some(Some(number)),
    }
}

/// Whether a number is printed as it is written: a whole one of up to 15 digits, or with decimals that do not end in zero.
fn is_printed_so(number: &[u8]) -> bool {
    const DIGITS_MAX: usize = 15;
    let digits = number.strip_prefix(b"-").unwrap_or(number);
    let point = digits.iter().position(|byte| *byte == b'.');
    let (whole, decimals) = point.map_or((digits, None), |at| (&digits[..at], Some(&digits[at + 1..])));
    let all_digits = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let sound = all_digits(whole) && digits.len() <= DIGITS_MAX && (whole.len() == 1 || whole[0] != b'0');
    let zero = digits.iter().all(|byte| matches!(byte, b'0' | b'.'));
    sound
        && (!zero || number.first() != Some(&b'-'))
        && decimals.is_none_or(|decimals| {
            all_digits(decimals)
                && (decimals == b"0" || !decimals.ends_with(b"0"))
                && (zero || !digits.starts_with(b"0.000"))
        })
}

pub(crate) fn past_space(text: &[u8], from: usize) -> usize {
    let space = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
    from + text.get(from..).map_or(0, |rest| rest.iter().take_while(space).count())
}

/// Where the text that begins with a quote at `from` ends, behind its closing quote; nothing where it has an escape.
fn text_end(text: &[u8], from: usize) -> Option<usize> {
    let start = from + 1;
    let end = start + first_to_escape(text.get(start..)?)?;
    (text[end] == b'"').then_some(end + 1)
}

/// Where the object ends that a text begins with, spaces apart.
fn object_end(text: &[u8]) -> Option<usize> {
    let start = past_space(text, 0);
    (text.get(start) == Some(&b'{')).then(|| value_end(text, start, 0))?
}

/// Where the value at `from` ends; nothing where it is no sound JSON, or not plain.
pub(crate) fn value_end(text: &[u8], from: usize, depth: usize) -> Option<usize> {
    if depth > DEPTH_MAX {
        return None;
    }
    match text.get(from)? {
        b'"' => text_end(text, from),
        b'{' => {
            let mut at = past_space(text, from + 1);
            if text.get(at) == Some(&b'}') {
                return Some(at + 1);
            }
            loop {
                (text.get(at) == Some(&b'"')).then_some(())?;
                at = past_space(text, text_end(text, at)?);
                (text.get(at) == Some(&b':')).then_some(())?;
                at = past_space(text, value_end(text, past_space(text, at + 1), depth + 1)?);
                match text.get(at)? {
                    b',' => at = past_space(text, at + 1),
                    b'}' => return Some(at + 1),
                    _ => return None,
                }
            }
        }
        b'[' => {
            let mut at = past_space(text, from + 1);
            if text.get(at) == Some(&b']') {
                return Some(at + 1);
            }
            loop {
                at = past_space(text, value_end(text, at, depth + 1)?);
                match text.get(at)? {
                    b',' => at = past_space(text, at + 1),
                    b']' => return Some(at + 1),
                    _ => return None,
                }
            }
        }
        _ => {
            let rest = &text[from..];
            if let Some(word) = [&b"true"[..], b"false", b"null"].into_iter().find(|word| rest.starts_with(word)) {
                return Some(from + word.len());
            }
            number_end(rest).map(|length| from + length)
        }
    }
}

/// The length of the JSON number that a text begins with.
fn number_end(text: &[u8]) -> Option<usize> {
    let digits =
        |from: usize| text.get(from..).map_or(0, |rest| rest.iter().take_while(|byte| byte.is_ascii_digit()).count());
    let start = usize::from(text.first() == Some(&b'-'));
    let whole = digits(start);
    if whole == 0 || whole > 1 && text[start] == b'0' {
        return None;
    }
    let mut at = start + whole;
    if text.get(at) == Some(&b'.') {
        let decimals = digits(at + 1);
        if decimals == 0 {
            return None;
        }
        at += 1 + decimals;
    }
    if matches!(text.get(at), Some(b'e' | b'E')) {
        let sign = usize::from(matches!(text.get(at + 1), Some(b'+' | b'-')));
        let exponent = digits(at + 1 + sign);
        // An exponent so long that the number is none for the engine.
        if exponent == 0 || exponent > 2 {
            return None;
        }
        at += 1 + sign + exponent;
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn path(keys: &[&str]) -> String {
        let keys: Vec<String> = keys.iter().map(|key| (*key).to_owned()).collect();
        paths_text(&[&keys]).unwrap_or_default()
    }

    fn looked_up(text: &str, keys: &[&str]) -> Option<Option<String>> {
        let path = path(keys);
        holds(text.as_bytes(), path.as_bytes())
            .then(|| value(text.as_bytes(), path.as_bytes()).map(|found| String::from_utf8_lossy(found).into_owned()))
    }

    #[test]
    fn a_member_of_a_plain_object_is_found() {
        let text = r#" {"a": "x", "b" : {"c":[1,{"d":null}],"e":12.5}, "f":true,"g":null, "h":-7} "#;
        for (keys, wanted) in [
            (&["a"][..], Some("x")),
            (&["b", "e"], Some("12.5")),
            (&["f"], Some("true")),
            (&["g"], None),
            (&["h"], Some("-7")),
            (&["z"], None),
            (&["a", "c"], None),
        ] {
            assert_eq!(looked_up(text, keys), Some(wanted.map(str::to_owned)), "{keys:?}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_engine() {
        for text in [
            r#"{"a":"x\n"}"#,
            r#"{"a":1.50}"#,
            r#"{"a":1e2}"#,
            r#"{"a":-0}"#,
            r#"{"a":0.00001}"#,
            r#"{"a":1234567890123456}"#,
            r#"{"a":{}}"#,
            r#"{"a":[]}"#,
            r#"{"a":1,"a":2}"#,
            r#"{"a":1"#,
            r#"{"a":1}}"#,
            r#"{"a":01}"#,
            r#"{"a":1,}"#,
            r#"{'a':1}"#,
            r#"[{"a":1}]"#,
            "null",
            "",
        ] {
            assert_eq!(looked_up(text, &["a"]), None, "`{text}`");
        }
    }
}
