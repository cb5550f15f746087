//! A workbook as rows of text: what its cells show, formulas by the values that were kept with them.

use std::io::{Cursor, Read};

use calamine::{DataRef, Reader, Xlsx};
use money::Amount;

use super::number_formats;

/// What a workbook holds at most, unpacked; a small file can unpack to any size.
const UNPACKED_MAX: u64 = 256 << 20;
/// Files inside of a workbook.
const PARTS_MAX: usize = 4_000;
/// The size of a sheet.
const ROWS_MAX: u32 = 100_000;
const COLUMNS_MAX: u32 = 500;
const CELLS_MAX: usize = 4_000_000;
/// The digits that a spreadsheet keeps of a number.
const DIGITS: usize = 15;

/// A sheet that was read.
pub(super) struct Sheet {
    /// Its name.
    pub(super) name: String,
    /// The names of all sheets.
    pub(super) all: Vec<String>,
    /// Its rows from the first one that has two cells: what stands above is a title.
    pub(super) rows: Vec<Vec<String>>,
    /// How many rows stand above.
    pub(super) above: u32,
}

/// Reads a sheet of a workbook, the first where none is named; or says what is wrong in a few words.
pub(super) fn read(bytes: &[u8], wanted: Option<&str>) -> Result<Sheet, String> {
    unpacks(bytes)?;
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| format!("it is no workbook: {error}"))?;
    let all = book.sheet_names();
    let name = match wanted {
        Some(wanted) => all
            .iter()
            .find(|name| name.to_lowercase() == wanted.trim().to_lowercase())
            .ok_or_else(|| format!("it has no sheet {wanted:?}; its sheets are {}", all.join(", ")))?,
        None => all.first().ok_or("it has no sheet")?,
    }
    .clone();
    let percentages = number_formats::percentages(bytes, &name);
    let mut cells = book.worksheet_cells_reader(&name).map_err(|error| format!("sheet {name:?}: {error}"))?;
    let mut rows: Vec<Vec<String>> = Vec::new();
    let mut count = 0;
    while let Some(cell) = cells.next_cell().map_err(|error| format!("sheet {name:?}: {error}"))? {
        let mut text = shown(cell.get_value());
        if text.is_empty() {
            continue;
        }
        let (row, column) = cell.get_position();
        if percentages.contains(&(row, column)) {
            text = as_percentage(text);
        }
        count += 1;
        if row >= ROWS_MAX || column >= COLUMNS_MAX || count > CELLS_MAX {
            return Err(format!(
                "sheet {name:?} is too large for a budget: at most {ROWS_MAX} rows and {COLUMNS_MAX} columns"
            ));
        }
        let (row, column) = (row as usize, column as usize);
        if rows.len() <= row {
            rows.resize_with(row + 1, Vec::new);
        }
        if rows[row].len() <= column {
            rows[row].resize(column + 1, String::new());
        }
        rows[row][column] = text;
    }
    let filled = |row: &Vec<String>| row.iter().filter(|cell| !cell.is_empty()).count();
    let above = rows.iter().position(|row| filled(row) > 1).unwrap_or(0);
    rows.drain(..above);
    Ok(Sheet { name, all, rows, above: u32::try_from(above).unwrap_or(u32::MAX) })
}

/// Whether all that a workbook holds unpacks to a sensible size. What its index says of sizes need not be true, so it is unpacked.
fn unpacks(bytes: &[u8]) -> Result<(), String> {
    let broken = |error: &dyn std::fmt::Display| format!("it is no workbook: {error}");
    let mut archive = zip::ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(&error))?;
    if archive.len() > PARTS_MAX {
        return Err(format!("it has {} parts, more than any workbook", archive.len()));
    }
    let mut left = UNPACKED_MAX;
    for place in 0..archive.len() {
        let part = archive.by_index(place).map_err(|error| broken(&error))?;
        let read = std::io::copy(&mut part.take(left), &mut std::io::sink()).map_err(|error| broken(&error))?;
        left -= read;
        if left == 0 {
            return Err(format!("it unpacks to more than {} MB, too large for a budget", UNPACKED_MAX >> 20));
        }
    }
    Ok(())
}

/// What a cell says, as the importer reads it.
fn shown(value: &DataRef<'_>) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.trim().to_owned(),
        DataRef::SharedString(text) => text.trim().to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) => decimal(*number),
        DataRef::Bool(truth) => truth.to_string(),
        DataRef::Error(error) => error.to_string(),
        DataRef::DateTime(time) => match time.as_datetime() {
            Some(time) => time.date().to_string(),
            None => decimal(time.as_f64()),
        },
    }
}

/// A number of a cell that is shown as a percentage, as it is shown: 0.125 is `12.5%`. Any other text stays.
fn as_percentage(text: String) -> String {
    let hundredfold = text.parse::<Amount>().and_then(|number| number.checked_mul(Amount::from_integer(100)));
    hundredfold.map_or(text, |percent| format!("{}%", percent.normalized()))
}

/// The shortest decimal that names a number; one of more digits than a spreadsheet keeps has those that it keeps. The only way from a
/// workbook's number to an amount.
fn decimal(number: f64) -> String {
    let shortest = number.to_string();
    let digits = shortest.chars().filter(char::is_ascii_digit).collect::<String>();
    if digits.trim_start_matches('0').trim_end_matches('0').len() <= DIGITS {
        return shortest;
    }
    match format!("{number:.*e}", DIGITS - 1).parse::<f64>() {
        Ok(kept) => kept.to_string(),
        Err(_) => shortest,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_becomes_the_decimal_that_is_shown() {
        assert_eq!(decimal(1234.56), "1234.56");
        assert_eq!(decimal(0.300_000_000_000_000_04), "0.3", "noise beyond the fifteenth digit is no part of a budget");
        assert_eq!(decimal(-100_000.0), "-100000");
        assert_eq!(decimal(1e20), "100000000000000000000");
    }

    #[test]
    fn what_is_no_workbook_says_so() {
        for bytes in [&b""[..], b"month,amount\n", b"PK\x03\x04 cut off"] {
            assert!(read(bytes, None).is_err_and(|problem| problem.contains("no workbook")));
        }
    }
}
