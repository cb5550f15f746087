//! Sums over plain JSON arrays of objects, and what the first of such objects has. The engine reads any other array.

use crate::field::{past_space, raw, scalar, value_end};
use crate::{KEY_SEPARATOR, PATH_SEPARATOR, decimal};

/// Which values of an array's objects are wanted.
#[derive(Clone, Copy)]
pub struct Wanted<'a> {
    /// The keys on the way to the value.
    pub field: &'a [String],
    /// The keys on the way to the text by which objects count, the texts, and whether those with one of them count or the others;
    /// none where all count.
    pub among: Option<(&'a [String], &'a [String], bool)>,
    /// Texts that are no value.
    pub nulls: &'a [String],
}

/// What is wanted as one text; none where a piece of it could be mistaken.
pub fn wanted_text(wanted: &Wanted<'_>) -> Option<String> {
    let (field, values, listed) = wanted.among.unwrap_or((&[], &[], true));
    let pieces = [wanted.field, field, values, wanted.nulls];
    let plain =
        |text: &String| !text.is_empty() && text.bytes().all(|byte| byte >= 0x20 && byte != b'"' && byte != b'\\');
    if wanted.field.is_empty() || !pieces.iter().all(|piece| piece.iter().all(plain)) {
        return None;
    }
    let word = match wanted.among {
        None => "all",
        Some(_) if listed => "in",
        Some(_) => "out",
    };
    let texts = pieces.iter().map(|piece| piece.join(&KEY_SEPARATOR.to_string()));
    Some(texts.chain([word.to_owned()]).collect::<Vec<_>>().join(&PATH_SEPARATOR.to_string()))
}

/// [`Wanted`], read from its text.
pub(crate) struct Reader<'a> {
    field: &'a [u8],
    among: Option<Among<'a>>,
    nulls: Vec<&'a [u8]>,
}

/// By which of their texts objects count.
struct Among<'a> {
    field: &'a [u8],
    values: Vec<&'a [u8]>,
    /// Whether those with one of the texts count, or the others.
    listed: bool,
}

impl<'a> Reader<'a> {
    pub(crate) fn of(text: &'a [u8]) -> Option<Self> {
        let pieces: Vec<&[u8]> = text.split(|byte| char::from(*byte) == PATH_SEPARATOR).collect();
        let [field, of, values, nulls, word] = pieces.as_slice() else { return None };
        let texts = |text: &'a [u8]| text.split(|byte| char::from(*byte) == KEY_SEPARATOR).collect::<Vec<_>>();
        let among = (*word != b"all").then(|| Among { field: of, values: texts(values), listed: *word == b"in" });
        Some(Self { field, among, nulls: texts(nulls) })
    }

    /// Goes through the wanted values of an array, as they are written; nothing where the engine has to look.
    fn each<'t>(&self, text: &'t [u8], mut take: impl FnMut(&'t [u8]) -> Option<()>) -> Option<()> {
        let mut at = past_space(text, 0);
        (text.get(at) == Some(&b'[')).then_some(())?;
        at = past_space(text, at + 1);
        let mut more = text.get(at) != Some(&b']');
        while more {
            (text.get(at) == Some(&b'{')).then_some(())?;
            let end = value_end(text, at, 0)?;
            let object = &text[at..end];
            let counts = match &self.among {
                None => true,
                Some(Among { field, values, listed }) => {
                    let value = raw(object, field)?.map(scalar);
                    let value = match value {
                        Some(value) => value?,
                        None => None,
                    };
                    value.is_some_and(|value| values.contains(&value)) == *listed
                }
            };
            if let Some(value) = raw(object, self.field)?.filter(|_| counts) {
                take(value)?;
            }
            at = past_space(text, end);
            more = text.get(at) == Some(&b',');
            if more {
                at = past_space(text, at + 1);
            }
        }
        (text.get(at) == Some(&b']') && text[at + 1..].trim_ascii().is_empty()).then_some(())
    }

    fn is_null(&self, text: &[u8]) -> bool {
        text.is_empty() || self.nulls.contains(&text)
    }

    /// Writes the first wanted value of an array, nothing where it has none. False where the engine has to look.
    pub(crate) fn first(&self, array: &[u8], text: &mut Vec<u8>) -> bool {
        text.clear();
        self.each(array, |value| {
            let value = scalar(value)?.filter(|value| !self.is_null(value));
            if let (true, Some(value)) = (text.is_empty(), value) {
                text.extend_from_slice(value);
            }
            Some(())
        })
        .is_some()
    }

    /// Writes the sum of the wanted values of an array, nothing where it has none. False where the engine has to look: where one of
    /// them, or their sum, is no number that a decimal of `precision` digits, `scale` of them behind the point, holds exactly.
    pub(crate) fn sum(&self, array: &[u8], precision: u8, scale: u8, text: &mut Vec<u8>) -> bool {
        text.clear();
        let mut total: Option<i128> = None;
        let done = self.each(array, |value| {
            let number = match value {
                b"null" => return Some(()),
                [b'"', inner @ .., b'"'] if self.is_null(inner) => return Some(()),
                [b'"', inner @ .., b'"'] => inner,
                other => other,
            };
            let units = decimal::wide_units(number).filter(|_| decimal::fits(number, precision, scale))?;
            total = Some(total.unwrap_or(0).checked_add(units)?);
            Some(())
        });
        if let Some(total) = total {
            decimal::write(total, text);
        }
        done.is_some() && (text.is_empty() || decimal::fits(text, precision, scale))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn texts(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|text| (*text).to_owned()).collect()
    }

    fn asked(array: &str, field: &str, among: Option<(&[&str], bool)>, sum: bool) -> Option<String> {
        let (field, by, nulls) = (texts(&[field]), texts(&["type"]), texts(&["[]"]));
        let values = texts(among.map_or(&[], |(values, _)| values));
        let among = among.map(|(_, listed)| (by.as_slice(), values.as_slice(), listed));
        let spec = wanted_text(&Wanted { field: &field, among, nulls: &nulls }).unwrap_or_default();
        let reader = Reader::of(spec.as_bytes())?;
        let mut text = Vec::new();
        let done = if sum {
            reader.sum(array.as_bytes(), 18, 9, &mut text)
        } else {
            reader.first(array.as_bytes(), &mut text)
        };
        done.then(|| String::from_utf8_lossy(&text).into_owned())
    }

    const CREDITS: &str = r#" [{"type":"A","amount":-1.50,"id":""}, {"type":"B","amount":"-0.25","id":"b"},{"amount":1e0,"id":null},{"id":"[]","type":null}] "#;

    #[test]
    fn the_objects_that_count_are_added_up() {
        for (among, wanted) in [
            (None, "-0.75"),
            (Some((&["A"][..], true)), "-1.5"),
            (Some((&["A"], false)), "0.75"),
            (Some((&["C"], true)), ""),
        ] {
            assert_eq!(asked(CREDITS, "amount", among, true).as_deref(), Some(wanted), "{among:?}");
        }
    }

    #[test]
    fn the_first_that_has_a_text_counts() {
        for (among, wanted) in [(None, "b"), (Some((&["A"][..], true)), ""), (Some((&["A", "B"], true)), "b")] {
            assert_eq!(asked(CREDITS, "id", among, false).as_deref(), Some(wanted), "{among:?}");
        }
    }

    #[test]
    fn what_is_not_plain_is_left_to_the_engine() {
        for array in [
            r#"[{"amount":"x"}]"#,
            r#"[{"amount":0.0000000001}]"#,
            r#"[{"amount":999999999},{"amount":1}]"#,
            r#"[{"amount":{}}]"#,
            r#"[{"amount":1}"#,
            r#"[{"amount":1}]]"#,
            r#"[1]"#,
            r#"{"amount":1}"#,
            r#"[{"amount":1},]"#,
            "null",
        ] {
            assert_eq!(asked(array, "amount", None, true), None, "`{array}`");
        }
        assert_eq!(asked("[]", "amount", None, true).as_deref(), Some(""), "no object, no number");
    }
}
