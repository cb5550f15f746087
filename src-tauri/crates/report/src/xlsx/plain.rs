//! One table as a workbook of its own, for whoever goes on working with it.

use chrono::{Datelike, NaiveDate};
use money::Amount;
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, Workbook, Worksheet};

use super::sheet::{column_number, nearest_number, significant_digits};
use super::style;
use crate::ReportError;
use crate::text::clean;

/// How many rows a sheet holds below its heading.
pub const PLAIN_ROWS_MAX: usize = 1_048_575;
/// The most characters that a cell holds.
const CELL_TEXT_LIMIT: usize = 32_000;
/// How many significant digits a spreadsheet keeps.
const SPREADSHEET_DIGITS: usize = 15;
/// In characters.
const WIDTH_MIN: usize = 8;
const WIDTH_MAX: usize = 60;

/// A table that stands for itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainTable {
    /// What it shows.
    pub title: String,
    /// Where it comes from, a line each: scope, evidence, what was left out.
    pub about: Vec<String>,
    /// The columns.
    pub columns: Vec<PlainColumn>,
    /// A value, or none, for each column; figures as plain decimals.
    pub rows: Vec<Vec<Option<String>>>,
}

/// A column of a [`PlainTable`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PlainColumn {
    /// Its heading.
    pub name: String,
    /// Whether its values are figures.
    pub is_figure: bool,
}

/// Writes the table: figures as numbers, everything else as text and never as a formula or a link. A figure of more digits than a
/// spreadsheet holds is listed with all of them on the sheet *Exact values*.
///
/// # Errors
/// [`ReportError::Xlsx`] when the table breaks a limit of the format.
pub fn write_plain(table: &PlainTable, as_of: NaiveDate) -> Result<Vec<u8>, ReportError> {
    let mut sheet = Worksheet::new();
    sheet.set_name("Table")?;
    sheet.set_freeze_panes(1, 0)?;
    let mut exact: Vec<[String; 2]> = Vec::new();
    for (position, column) in table.columns.iter().enumerate() {
        text(&mut sheet, 0, column_number(position), &column.name, &style::column_heading(column.is_figure))?;
        let longest =
            table.rows.iter().filter_map(|row| row.get(position)?.as_ref()).map(|value| value.chars().count());
        let wide = longest.chain([column.name.chars().count()]).max().unwrap_or(0).clamp(WIDTH_MIN, WIDTH_MAX);
        sheet.set_column_width(column_number(position), u16::try_from(wide + 2).unwrap_or(u16::MAX))?;
    }
    let (plain, figure) =
        (style::text(), style::text().set_num_format("#,##0.00####").set_align(rust_xlsxwriter::FormatAlign::Right));
    for (row, values) in (1u32..).zip(&table.rows) {
        for ((position, column), value) in table.columns.iter().enumerate().zip(values) {
            let Some(value) = value else { continue };
            let at = column_number(position);
            match value.parse::<Amount>() {
                Ok(amount) if column.is_figure => {
                    sheet.write_number_with_format(row, at, nearest_number(amount), &figure)?;
                    if significant_digits(amount) > SPREADSHEET_DIGITS {
                        exact.push([rust_xlsxwriter::utility::row_col_to_cell(row, at), value.clone()]);
                    }
                }
                _ => text(&mut sheet, row, at, value, &plain)?,
            }
        }
    }
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(
        u16::try_from(as_of.year()).unwrap_or(1900),
        u8::try_from(as_of.month()).unwrap_or(1),
        u8::try_from(as_of.day()).unwrap_or(1),
    )?;
    workbook.set_properties(&DocProperties::new().set_title(clean(&table.title)).set_creation_datetime(&created));
    workbook.push_worksheet(sheet);
    if !exact.is_empty() {
        workbook.push_worksheet(list("Exact values", &["Cell of the table", "Exact value"], &exact)?);
    }
    let about: Vec<[String; 1]> =
        std::iter::once(&table.title).chain(&table.about).map(|line| [line.clone()]).collect();
    workbook.push_worksheet(list("About", &["About this table"], &about)?);
    Ok(workbook.save_to_buffer()?)
}

fn list<const COLUMNS: usize>(
    name: &str,
    headings: &[&str; COLUMNS],
    lines: &[[String; COLUMNS]],
) -> Result<Worksheet, ReportError> {
    let mut sheet = Worksheet::new();
    sheet.set_name(name)?;
    for (position, heading) in headings.iter().enumerate() {
        text(&mut sheet, 0, column_number(position), heading, &style::column_heading(false))?;
        sheet.set_column_width(column_number(position), if COLUMNS == 1 { 120 } else { 32 })?;
    }
    for (row, line) in (1u32..).zip(lines) {
        for (position, value) in line.iter().enumerate() {
            text(&mut sheet, row, column_number(position), value, &style::wrapped())?;
        }
    }
    Ok(sheet)
}

/// Text as text, whatever it looks like.
fn text(sheet: &mut Worksheet, row: u32, column: u16, value: &str, format: &Format) -> Result<(), ReportError> {
    let kept: String = clean(value).chars().take(CELL_TEXT_LIMIT).collect();
    sheet.write_string_with_format(row, column, kept, format)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_numbers_and_text_stays_text() {
        let table = PlainTable {
            title: "Spend by service".to_owned(),
            about: vec!["Billed cost of April 2025".to_owned()],
            columns: vec![
                PlainColumn { name: "service".to_owned(), is_figure: false },
                PlainColumn { name: "billed_cost".to_owned(), is_figure: true },
            ],
            rows: vec![
                vec![Some("=cmd|'/C calc'!A0".to_owned()), Some("-12.5".to_owned())],
                vec![Some("+1".to_owned()), Some("12345678901234567.000000001".to_owned())],
                vec![None, None],
            ],
        };
        let day = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
        let bytes = write_plain(&table, day).unwrap();
        assert_eq!(bytes, write_plain(&table, day).unwrap(), "the same table gives the same bytes");
        let workbook = testsupport::workbook::read(&bytes);
        let table = &workbook.sheets["Table"];
        assert!(table.values().all(|cell| cell.formula.is_none()), "no cell is a formula");
        assert_eq!(table["A2"].text.as_deref(), Some("=cmd|'/C calc'!A0"), "text is kept as it is, as text");
        assert_eq!(table["A3"].text.as_deref(), Some("+1"));
        assert_eq!(table["B2"].number.as_deref(), Some("-12.5"), "a figure is a number");
        assert!(!table.contains_key("B4"), "no value is no cell");
        let exact = &workbook.sheets["Exact values"];
        assert_eq!(exact["A2"].text.as_deref(), Some("B3"));
        assert_eq!(
            exact["B2"].text.as_deref(),
            Some("12345678901234567.000000001"),
            "what a spreadsheet rounds is listed"
        );
    }
}
