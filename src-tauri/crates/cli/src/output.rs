//! Printing: tables for a person, CSV and JSON for programs.

use std::io::Write;

use api::ApiError;
use serde_json::Value;

use crate::arguments::Format;

/// A table: columns with their alignment, and rows of text; missing values are none.
pub(crate) struct Table {
    pub(crate) columns: Vec<TableColumn>,
    pub(crate) rows: Vec<Vec<Option<String>>>,
    /// Set apart at the bottom of a printed table, and the last record of a CSV.
    pub(crate) total: Option<Vec<Option<String>>>,
}

/// A column of a table.
pub(crate) struct TableColumn {
    pub(crate) name: String,
    pub(crate) number: bool,
}

impl Table {
    /// A table of text columns; a name that starts with `#` is a number's.
    pub(crate) fn new(names: &[&str], rows: Vec<Vec<Option<String>>>) -> Self {
        let columns = names.iter().map(|name| match name.strip_prefix('#') {
            Some(name) => TableColumn { name: name.to_owned(), number: true },
            None => TableColumn { name: (*name).to_owned(), number: false },
        });
        Self { columns: columns.collect(), rows, total: None }
    }

    /// Prints it as text or CSV.
    pub(crate) fn print(&self, format: Format) -> Result<(), ApiError> {
        self.print_with(format, &[])
    }

    /// As [`Table::print`]; in text with indented lines beneath the rows, for each row its own.
    pub(crate) fn print_with(&self, format: Format, beneath: &[Vec<String>]) -> Result<(), ApiError> {
        let text = match format {
            Format::Csv => self.csv()?,
            Format::Table | Format::Json => self.text(beneath),
        };
        write(&text)
    }

    fn csv(&self) -> Result<String, ApiError> {
        let refuse =
            |error: &dyn std::fmt::Display| ApiError::new("io", format!("the CSV cannot be written: {error}"), "");
        let mut writer = csv::Writer::from_writer(Vec::new());
        writer.write_record(self.columns.iter().map(|column| column.name.as_str())).map_err(|error| refuse(&error))?;
        for row in self.rows.iter().chain(&self.total) {
            writer
                .write_record(row.iter().map(|cell| cell.as_deref().unwrap_or_default()))
                .map_err(|error| refuse(&error))?;
        }
        let bytes = writer.into_inner().map_err(|error| refuse(&error))?;
        String::from_utf8(bytes).map_err(|error| refuse(&error))
    }

    fn text(&self, beneath: &[Vec<String>]) -> String {
        let decimals: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                self.rows
                    .iter()
                    .chain(&self.total)
                    .filter_map(|row| row[at].as_deref())
                    .map(decimals)
                    .max()
                    .unwrap_or(0)
            })
            .collect();
        let cell = |at: usize, value: &Option<String>| match value {
            Some(number) if self.columns[at].number => padded(number, decimals[at]),
            Some(text) => shown(text),
            None => "-".to_owned(),
        };
        let widths: Vec<usize> = (0..self.columns.len())
            .map(|at| {
                let cells = self.rows.iter().chain(&self.total).map(|row| cell(at, &row[at]).chars().count());
                cells.chain([self.columns[at].name.chars().count()]).max().unwrap_or(0).min(WIDTH_MAX)
            })
            .collect();
        let line = |cells: Vec<String>| {
            let padded = cells.iter().zip(&widths).zip(&self.columns).map(|((cell, &width), column)| {
                let cell: String = cut(cell, width);
                let gap = " ".repeat(width - cell.chars().count());
                if column.number { gap + &cell } else { cell + &gap }
            });
            padded.collect::<Vec<_>>().join("  ").trim_end().to_owned() + "\n"
        };
        let rule = || line(widths.iter().map(|&width| "─".repeat(width)).collect());
        let mut text = line(self.columns.iter().map(|column| column.name.clone()).collect()) + &rule();
        for (number, row) in self.rows.iter().enumerate() {
            text += &line(row.iter().enumerate().map(|(at, value)| cell(at, value)).collect());
            for more in beneath.get(number).into_iter().flatten() {
                text += &format!("    {}\n", shown(more));
            }
        }
        if let Some(total) = &self.total {
            text += &rule();
            text += &line(total.iter().enumerate().map(|(at, value)| cell(at, value)).collect());
        }
        text
    }
}

fn decimals(number: &str) -> usize {
    number.split_once('.').map_or(0, |(_, fraction)| fraction.len())
}

/// A number with zeros behind it, so that the points of a column stand in a line.
fn padded(number: &str, wanted: usize) -> String {
    let point = if number.contains('.') || wanted == 0 { "" } else { "." };
    format!("{number}{point}{}", "0".repeat(wanted - decimals(number)))
}

const WIDTH_MAX: usize = 60;

fn cut(text: &str, width: usize) -> String {
    if text.chars().count() <= width {
        return text.to_owned();
    }
    text.chars().take(width.saturating_sub(1)).chain(['…']).collect()
}

/// Text of a bill without what would move the cursor, change the terminal, or turn the reading direction of what follows.
pub(crate) fn shown(text: &str) -> String {
    let turns = |letter| matches!(letter, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    text.chars().map(|letter| if letter.is_control() || turns(letter) { ' ' } else { letter }).collect()
}

/// Prints one JSON value and a newline.
pub(crate) fn json(value: &Value) -> Result<(), ApiError> {
    let mut text =
        serde_json::to_string_pretty(value).map_err(|error| ApiError::new("internal", error.to_string(), ""))?;
    text.push('\n');
    write(&text)
}

/// Writes data; a reader that closed its end has had enough.
pub(crate) fn write(text: &str) -> Result<(), ApiError> {
    match std::io::stdout().write_all(text.as_bytes()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => {
            Err(ApiError::new("io", format!("stdout: {error}"), "Check the disk or the program behind the pipe."))
        }
        _ => Ok(()),
    }
}
