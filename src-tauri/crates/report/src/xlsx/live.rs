//! Sheets whose formulas live, for whoever goes on working with them: values, cells to be changed, and formulas over both.
//!
//! A formula is only ever made by the program, of cell names and numbers: text of a bill is written as text and never spliced into
//! one.

use chrono::{Datelike, NaiveDate};
use money::{Amount, Currency};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, FormatBorder, Formula, Workbook, Worksheet,
};

use super::Names;
use super::sheet::{column_number, nearest_number};
use super::style;
use crate::text::{clean, clean_lines, shortened};
use crate::{ReportError, Unit};

/// The most characters that a cell holds.
const CELL_TEXT_LIMIT: usize = 32_000;
/// The width of a column that none is said for, in characters.
const WIDTH: u16 = 16;
/// The background of a cell that is there to be changed.
const INPUT: Color = Color::RGB(0x00FF_F7D6);

/// A workbook of sheets whose formulas live.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LiveBook {
    /// What it shows.
    pub title: String,
    /// Where its figures come from, a line each; they become the last sheet.
    pub about: Vec<String>,
    /// The sheets, in order.
    pub sheets: Vec<LiveSheet>,
}

/// A sheet: rows of cells from its upper left corner.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LiveSheet {
    /// Its name, at most 31 characters without `[ ] : * ? / \`; no two sheets have the same.
    pub name: String,
    /// The widths of its columns in characters; sixteen where none is said.
    pub widths: Vec<u16>,
    /// How many rows and columns stay in sight.
    pub frozen: (u32, u16),
    /// The cells.
    pub rows: Vec<Vec<LiveCell>>,
}

/// A cell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum LiveCell {
    /// Nothing.
    Empty,
    /// The heading of the sheet or of a part of it.
    Title(String),
    /// Text.
    Text(String),
    /// Text that steps back.
    Muted(String),
    /// The heading of a column of texts.
    Heading(String),
    /// The heading of a column of figures.
    FigureHeading(String),
    /// A figure as it is known.
    Value(Amount, LiveForm),
    /// A figure that is there to be changed.
    Input(Amount, LiveForm),
    /// A text that is there to be changed, such as `on`.
    TextInput(String),
    /// A formula that gives a figure.
    Formula {
        /// As a spreadsheet writes it, with the equals sign.
        formula: String,
        /// What it gives before anything is changed, so that programs that do not calculate show it.
        result: Option<Amount>,
        /// How it is shown.
        form: LiveForm,
    },
    /// The same at the foot of a table.
    TotalFormula {
        /// As a spreadsheet writes it, with the equals sign.
        formula: String,
        /// What it gives before anything is changed.
        result: Option<Amount>,
        /// How it is shown.
        form: LiveForm,
    },
    /// A formula that gives a text.
    TextFormula {
        /// As a spreadsheet writes it, with the equals sign.
        formula: String,
        /// What it gives before anything is changed.
        result: String,
    },
}

/// How a figure is shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LiveForm {
    /// An amount of money.
    Money(Currency),
    /// A fraction, shown in percent.
    Percent,
    /// A whole number.
    Count,
    /// A number with as many decimals as it has.
    Number,
}

/// A cell's name in formulas, such as `B7`; rows and columns count from zero.
#[must_use]
pub fn cell_name(row: u32, column: u16) -> String {
    rust_xlsxwriter::utility::row_col_to_cell(row, column)
}

/// The same with both parts held when the formula is copied, such as `$B$7`.
#[must_use]
pub fn fixed_cell_name(row: u32, column: u16) -> String {
    rust_xlsxwriter::utility::row_col_to_cell_absolute(row, column)
}

/// A sheet's name before a cell of it in formulas, such as `'Exact values'!`.
#[must_use]
pub fn sheet_reference(name: &str) -> String {
    format!("'{}'!", name.replace('\'', "''"))
}

/// A text as the name of a sheet: without what a name may not have, at most 31 characters.
#[must_use]
pub fn sheet_name(text: &str) -> String {
    Names::default().unique(text)
}

/// Writes the workbook; the same book and date give the same bytes.
///
/// # Errors
/// [`ReportError::Xlsx`] when the book breaks a limit of the format: a name that no sheet can have, too many rows.
pub fn write_live(book: &LiveBook, as_of: NaiveDate) -> Result<Vec<u8>, ReportError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(
        u16::try_from(as_of.year()).unwrap_or(1900),
        u8::try_from(as_of.month()).unwrap_or(1),
        u8::try_from(as_of.day()).unwrap_or(1),
    )?;
    workbook.set_properties(&DocProperties::new().set_title(clean(&book.title)).set_creation_datetime(&created));
    for sheet in &book.sheets {
        workbook.push_worksheet(written(sheet)?);
    }
    if !book.about.is_empty() {
        let heading = std::iter::once(vec![LiveCell::Title(book.title.clone())]);
        let lines = book.about.iter().map(|line| vec![LiveCell::Text(line.clone())]);
        let about = LiveSheet {
            name: "About".to_owned(),
            widths: vec![120],
            frozen: (1, 0),
            rows: heading.chain(lines).collect(),
        };
        workbook.push_worksheet(written(&about)?);
    }
    Ok(workbook.save_to_buffer()?)
}

fn written(sheet: &LiveSheet) -> Result<Worksheet, ReportError> {
    let mut worksheet = Worksheet::new();
    worksheet.set_name(&sheet.name)?;
    // A formula without a result shows nothing where nobody calculates, not a zero.
    worksheet.set_formula_result_default("");
    worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
    worksheet.set_freeze_panes(sheet.frozen.0, sheet.frozen.1)?;
    let columns = sheet.rows.iter().map(Vec::len).max().unwrap_or(0).max(sheet.widths.len());
    for column in 0..columns {
        worksheet.set_column_width(column_number(column), sheet.widths.get(column).copied().unwrap_or(WIDTH))?;
    }
    for (row, cells) in (0u32..).zip(&sheet.rows) {
        for (column, cell) in cells.iter().enumerate() {
            put(&mut worksheet, row, column_number(column), cell)?;
        }
    }
    Ok(worksheet)
}

fn put(sheet: &mut Worksheet, row: u32, column: u16, cell: &LiveCell) -> Result<(), ReportError> {
    match cell {
        LiveCell::Empty => {}
        LiveCell::Title(text) => write(sheet, row, column, text, style::statement())?,
        LiveCell::Text(text) => write(sheet, row, column, text, style::text())?,
        LiveCell::Muted(text) => write(sheet, row, column, text, style::muted())?,
        LiveCell::Heading(text) => write(sheet, row, column, text, style::column_heading(false))?,
        LiveCell::FigureHeading(text) => write(sheet, row, column, text, style::column_heading(true))?,
        LiveCell::TextInput(text) => write(sheet, row, column, text, input(style::text()))?,
        LiveCell::Value(amount, form) => {
            sheet.write_number_with_format(row, column, nearest_number(*amount), &format(*form))?;
        }
        LiveCell::Input(amount, form) => {
            sheet.write_number_with_format(row, column, nearest_number(*amount), &input(format(*form)))?;
        }
        LiveCell::Formula { formula, result, form } => {
            let formula = calculated(formula, result.map(|amount| amount.normalized().to_string()));
            sheet.write_formula_with_format(row, column, formula, &format(*form))?;
        }
        LiveCell::TotalFormula { formula, result, form } => {
            let formula = calculated(formula, result.map(|amount| amount.normalized().to_string()));
            let total = format(*form).set_bold().set_border_top(FormatBorder::Thin);
            sheet.write_formula_with_format(row, column, formula, &total)?;
        }
        LiveCell::TextFormula { formula, result } => {
            sheet.write_formula_with_format(row, column, calculated(formula, Some(clean(result))), &style::text())?;
        }
    }
    Ok(())
}

/// A formula with what it gives; an empty text where that is not known, so that nobody takes a zero for a figure.
fn calculated(formula: &str, result: Option<String>) -> Formula {
    Formula::new(formula).set_result(result.unwrap_or_default())
}

/// Text as text, whatever it looks like.
fn write(sheet: &mut Worksheet, row: u32, column: u16, text: &str, look: Format) -> Result<(), ReportError> {
    let text = shortened(&clean_lines(text), CELL_TEXT_LIMIT);
    let look = if text.starts_with(['=', '+', '-', '@']) { look.set_quote_prefix() } else { look };
    sheet.write_string_with_format(row, column, text, &look)?;
    Ok(())
}

fn format(form: LiveForm) -> Format {
    let unit = match form {
        LiveForm::Money(currency) => Unit::Money { currency },
        LiveForm::Percent => Unit::Share,
        LiveForm::Count => Unit::Count,
        LiveForm::Number => Unit::Number,
    };
    style::text().set_num_format(style::number_format(&unit)).set_align(FormatAlign::Right)
}

fn input(format: Format) -> Format {
    format.set_background_color(INPUT).set_border(FormatBorder::Hair)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn formulas_live_and_text_never_becomes_one() {
        let figure: Amount = "1200.50".parse().unwrap();
        let sheet = LiveSheet {
            name: sheet_name("Q4: plan/actual"),
            rows: vec![
                vec![LiveCell::Text("=1+1".to_owned()), LiveCell::Value(figure, LiveForm::Number)],
                vec![LiveCell::Muted("-x".to_owned()), LiveCell::Input("0.1".parse().unwrap(), LiveForm::Percent)],
                vec![
                    LiveCell::Empty,
                    LiveCell::TotalFormula {
                        formula: format!("={}*(1+{})", cell_name(0, 1), fixed_cell_name(1, 1)),
                        result: Some("1320.55".parse().unwrap()),
                        form: LiveForm::Money("USD".parse().unwrap()),
                    },
                ],
            ],
            ..LiveSheet::default()
        };
        let book = LiveBook { title: "Plan".to_owned(), about: vec!["A line".to_owned()], sheets: vec![sheet] };
        let day = NaiveDate::from_ymd_opt(2026, 1, 2).unwrap();
        let bytes = write_live(&book, day).unwrap();
        assert_eq!(bytes, write_live(&book, day).unwrap(), "the same book gives the same bytes");
        let workbook = testsupport::workbook::read(&bytes);
        let name = sheet_name("Q4: plan/actual");
        let cells = &workbook.sheets[&name];
        assert_eq!(cells["A1"].text.as_deref(), Some("=1+1"), "text stays text");
        assert_eq!(cells["A2"].text.as_deref(), Some("-x"));
        assert_eq!(cells["B3"].formula.as_deref(), Some("B1*(1+$B$2)"), "the formula lives");
        assert_eq!(cells["B3"].number.as_deref(), Some("1320.55"), "and its result is stored");
        assert_eq!(sheet_reference("It's"), "'It''s'!", "a quote in a name is doubled");
    }
}
