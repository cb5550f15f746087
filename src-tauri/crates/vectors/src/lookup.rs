//! Values by name, out of a table that stands in the statement as one text.

use std::cell::RefCell;
use std::collections::HashMap;
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

/// A table that was read.
pub(crate) type Table = HashMap<Box<[u8]>, Box<[u8]>>;

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
