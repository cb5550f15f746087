//! Sums that share no code with the product: another decimal type, another reader.

use std::path::Path;

use rust_decimal::Decimal;

/// Reads plain and scientific notation.
#[must_use]
pub fn decimal(text: &str) -> Decimal {
    let text = text.trim();
    let number = if text.contains(['e', 'E']) { Decimal::from_scientific(text) } else { Decimal::from_str_exact(text) };
    number.unwrap_or_else(|error| panic!("{text:?} is no decimal: {error}"))
}

/// The rows of a CSV text by column name.
pub struct Sheet {
    header: csv::StringRecord,
    rows: Vec<csv::StringRecord>,
}

impl Sheet {
    /// Reads a CSV text.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Self {
        let mut reader = csv::Reader::from_reader(bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes));
        let header = reader.headers().unwrap().clone();
        Self { header, rows: reader.records().collect::<Result<_, _>>().unwrap() }
    }

    /// Reads a CSV file, unpacked when it is a gzip file.
    #[must_use]
    pub fn open(path: &Path) -> Self {
        let bytes = std::fs::read(path).unwrap();
        if bytes.starts_with(&[0x1f, 0x8b]) { Self::read(&crate::container::gunzip(path)) } else { Self::read(&bytes) }
    }

    /// How many rows there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.rows.len()
    }

    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.rows.is_empty()
    }

    /// The header.
    pub fn columns(&self) -> impl Iterator<Item = &str> {
        self.header.iter()
    }

    /// The texts of a column, in the order of the rows.
    pub fn column<'a>(&'a self, name: &str) -> impl Iterator<Item = &'a str> + use<'a> {
        let at = self.header.iter().position(|known| known == name);
        let at = at.unwrap_or_else(|| panic!("there is no column {name}"));
        self.rows.iter().map(move |row| row.get(at).unwrap_or_default())
    }

    /// The sum of a column; empty fields and the text `NULL` count as nothing.
    #[must_use]
    pub fn sum(&self, name: &str) -> Decimal {
        self.column(name).filter(|text| !text.is_empty() && *text != "NULL").map(decimal).sum()
    }
}
