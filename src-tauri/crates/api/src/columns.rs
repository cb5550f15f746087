//! Small CSV lists that a person makes: their columns by any of the names that people give them.

use csv::StringRecord;

/// The header of a list.
pub(crate) struct Columns {
    folded: Vec<String>,
}

impl Columns {
    /// The columns of a header.
    pub(crate) fn of(header: &StringRecord) -> Self {
        Self { folded: header.iter().map(folded).collect() }
    }

    /// The place of the column with the first of these names that there is; case, spaces and punctuation do not matter.
    pub(crate) fn find(&self, names: &[&str]) -> Option<usize> {
        names.iter().find_map(|name| self.folded.iter().position(|column| *column == folded(name)))
    }
}

/// Letters and digits alone, in small letters.
pub(crate) fn folded(name: &str) -> String {
    name.chars().filter(|letter| letter.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// What separates the fields of the first line: a semicolon or a tab where there are more of them than commas.
pub(crate) fn delimiter(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |wanted: char| first.matches(wanted).count();
    if count(';') > count(',') {
        b';'
    } else if count('\t') > count(',') {
        b'\t'
    } else {
        b','
    }
}
