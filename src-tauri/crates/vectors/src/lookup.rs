//! Values by name, out of a table that stands in the statement as one text.

use std::cell::RefCell;
use std::collections::HashMap;
use std::hash::{BuildHasherDefault, Hasher};
use std::rc::Rc;

/// What stands between a name and its value.
const VALUE_SEPARATOR: char = '\u{1}';

/// What stands between a value and the next name.
const ENTRY_SEPARATOR: char = '\u{2}';

/// A table as a text; none where a name or a value has a character that separates them.
pub fn table_text<'a>(entries: impl IntoIterator<Item = (&'a str, &'a str)>) -> Option<String> {
    let mut text = String::new();
    for (name, value) in entries {
        if [name, value].iter().any(|text| text.contains([VALUE_SEPARATOR, ENTRY_SEPARATOR, '\0'])) {
            return None;
        }
        if !text.is_empty() {
            text.push(ENTRY_SEPARATOR);
        }
        text.extend([name, &VALUE_SEPARATOR.to_string(), value]);
    }
    Some(text)
}

/// A table that was read. It is ours, not the bill's, so its names need no protection against crafted collisions.
pub(crate) type Table = HashMap<Box<[u8]>, Box<[u8]>, BuildHasherDefault<Quick>>;

/// Eight bytes at a time, mixed by a multiplication (the way of FNV, with wider steps).
#[derive(Default)]
pub(crate) struct Quick(u64);

impl Hasher for Quick {
    fn write(&mut self, bytes: &[u8]) {
        let mut rest = bytes;
        while let Some((eight, after)) = rest.split_first_chunk::<8>() {
            self.write_u64(u64::from_le_bytes(*eight));
            rest = after;
        }
        let last = rest.iter().fold(0, |word, byte| (word << 8) | u64::from(*byte));
        self.write_u64(last);
    }

    fn write_u64(&mut self, word: u64) {
        self.0 = (self.0.rotate_left(5) ^ word).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    }

    fn write_usize(&mut self, word: usize) {
        self.write_u64(word as u64);
    }

    fn finish(&self) -> u64 {
        // The map takes its buckets from the low bits, which a multiplication mixes least.
        self.0 ^ (self.0 >> 32)
    }
}

/// The table that a text is. A statement has few of them and asks again for every vector: they are kept.
pub(crate) fn table(text: &[u8]) -> Rc<Table> {
    thread_local! {
        static TABLES: RefCell<HashMap<Box<[u8]>, Rc<Table>>> = RefCell::default();
    }
    TABLES.with_borrow_mut(|tables| {
        if let Some(table) = tables.get(text) {
            return Rc::clone(table);
        }
        let entries = text.split(|byte| char::from(*byte) == ENTRY_SEPARATOR).filter_map(|entry| {
            let at = entry.iter().position(|byte| char::from(*byte) == VALUE_SEPARATOR)?;
            Some((entry[..at].into(), entry[at + 1..].into()))
        });
        let table = Rc::new(entries.collect());
        tables.insert(text.into(), Rc::clone(&table));
        table
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_finds_what_was_put_into_it() {
        let text = table_text([("a", "1"), ("é", "two words"), ("", "nothing")]).unwrap_or_default();
        let table = table(text.as_bytes());
        for (name, value) in [("a", Some("1")), ("é", Some("two words")), ("", Some("nothing")), ("b", None)] {
            assert_eq!(table.get(name.as_bytes()).map(|value| &**value), value.map(str::as_bytes), "`{name}`");
        }
        assert_eq!(table_text([("a\u{1}", "b")]), None, "a name that would end early is no name here");
    }
}
