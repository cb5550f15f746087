//! A sheet that is filled from top to bottom, and the record of where each figure went.

use money::Amount;
use rust_xlsxwriter::{Chart, Format, Formula, Worksheet};

use super::style;
use crate::ReportError;
use crate::model::{ColumnKind, Definition, Figure, Kpi, ReportModel, Table, TableCell, TableRow, TableRowRole, Unit};
use crate::text::{clean, clean_lines, shortened};

/// The most characters that a cell holds.
const CELL_TEXT_LIMIT: usize = 32_000;
/// How many significant digits a spreadsheet keeps.
const SPREADSHEET_DIGITS: usize = 15;

/// The height of a line of text, in points.
const LINE_HEIGHT: u32 = 14;
/// The most that a row can be high, in points.
const ROW_HEIGHT_LIMIT: u32 = 400;

/// A worksheet and the next free row.
pub(super) struct Sheet {
    worksheet: Worksheet,
    name: String,
    row: u32,
    has_frozen_header: bool,
    /// In characters.
    widths: Vec<u16>,
}

/// Where each figure stands, exactly.
#[derive(Default)]
pub(super) struct Audit {
    lines: Vec<AuditLine>,
}

struct AuditLine {
    sheet: String,
    cell: String,
    exact: Amount,
    unit: Unit,
    evidence_id: String,
}

impl Sheet {
    /// A sheet with its heading and the pack's scope.
    pub(super) fn new(model: &ReportModel, name: &str, heading: &str) -> Result<Self, ReportError> {
        let mut worksheet = Worksheet::new();
        worksheet.set_name(name)?;
        worksheet.set_landscape().set_paper_size(9).set_print_fit_to_pages(1, 0).set_screen_gridlines(false);
        // `&` starts a code in a footer; the limit of 255 holds for all of it.
        let engagement = shortened(&clean(&model.engagement), 80).replace('&', "&&");
        worksheet.set_footer(format!("&L{engagement}&C{}, {}&RPage &P of &N", model.cost_type.label, model.currency));
        let mut sheet = Self { worksheet, name: name.to_owned(), row: 0, has_frozen_header: false, widths: Vec::new() };
        sheet.text(0, 0, heading, &style::heading())?;
        sheet.worksheet.set_row_height(0, 24)?;
        sheet.text(1, 0, &model.scope, &style::muted())?;
        sheet.row = 3;
        Ok(sheet)
    }

    /// Title, engagement, date and notes, on the first sheet only.
    pub(super) fn front_matter(&mut self, model: &ReportModel) -> Result<(), ReportError> {
        self.text(0, 0, &model.title, &style::heading())?;
        let line = format!("{}. As of {}.", model.subtitle, crate::words::day(model.as_of));
        self.text(2, 0, &line, &style::muted())?;
        for note in &model.notes {
            self.text(self.row, 0, &format!("Note: {}", note.message), &style::text())?;
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    pub(super) fn statement(&mut self, text: &str) -> Result<(), ReportError> {
        self.text(self.row, 0, text, &style::statement())?;
        self.row += 2;
        Ok(())
    }

    pub(super) fn paragraphs(&mut self, paragraphs: &[String]) -> Result<(), ReportError> {
        for paragraph in paragraphs {
            self.text(self.row, 0, paragraph, &style::text())?;
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    pub(super) fn kpis(&mut self, kpis: &[Kpi], audit: &mut Audit) -> Result<(), ReportError> {
        for (column, label) in ["Figure", "Value", "Change", "Change %"].iter().enumerate() {
            self.text(self.row, column_number(column), label, &style::column_heading(column > 0))?;
        }
        self.widen(0, 38);
        for column in 1..4 {
            self.widen(column, 20);
        }
        self.row += 1;
        for kpi in kpis {
            self.text(self.row, 0, &kpi.label, &style::text())?;
            let figures = [Some(&kpi.figure), kpi.change.as_ref(), kpi.change_ratio.as_ref()];
            for (column, figure) in (1_u16..).zip(figures) {
                if let Some(figure) = figure {
                    self.figure(self.row, column, figure, TableRowRole::Group, audit)?;
                }
            }
            self.row += 1;
        }
        self.row += 1;
        Ok(())
    }

    /// A table with its caption; columns that add up have a live sum.
    pub(super) fn table(&mut self, table: &Table, audit: &mut Audit) -> Result<(), ReportError> {
        self.text(self.row, 0, &format!("{} · evidence {}", table.caption, table.evidence_id), &style::strong())?;
        let header = self.row + 1;
        for (position, column) in table.columns.iter().enumerate() {
            let is_figure = column.kind == ColumnKind::Figure;
            self.text(header, column_number(position), &column.label, &style::column_heading(is_figure))?;
            self.widen(position, if position == 0 { 38 } else { 19 });
        }
        let labels: Vec<&str> = table.columns.iter().map(|column| column.label.as_str()).collect();
        self.fit_height(header, &labels)?;
        let first_row = header + 1;
        self.row = first_row;
        for row in &table.rows {
            self.table_row(row, audit)?;
        }
        if let Some(total) = &table.total {
            self.total_row(table, total, first_row, audit)?;
        }
        for note in &table.notes {
            self.text(self.row, 0, note, &style::muted())?;
            self.row += 1;
        }
        if !self.has_frozen_header {
            self.has_frozen_header = true;
            self.worksheet.set_freeze_panes(first_row, 1)?;
            self.worksheet.set_repeat_rows(header, header)?;
        }
        self.row += 1;
        Ok(())
    }

    fn table_row(&mut self, row: &TableRow, audit: &mut Audit) -> Result<(), ReportError> {
        for (position, cell) in row.cells.iter().enumerate() {
            let column = column_number(position);
            match cell {
                TableCell::Text { text } => self.text(self.row, column, text, &style::cell(row.role, None))?,
                TableCell::Figure { figure } => self.figure(self.row, column, figure, row.role, audit)?,
                TableCell::Empty => self.blank(column, row.role)?,
            }
        }
        self.row += 1;
        Ok(())
    }

    fn total_row(
        &mut self,
        table: &Table,
        total: &TableRow,
        first_row: u32,
        audit: &mut Audit,
    ) -> Result<(), ReportError> {
        let last_row = self.row;
        for (position, (cell, column)) in total.cells.iter().zip(&table.columns).enumerate() {
            let place = column_number(position);
            match cell {
                TableCell::Figure { figure } if column.adds_up && last_row > first_row => {
                    let letters = rust_xlsxwriter::utility::column_number_to_name(place);
                    let sum = Formula::new(format!("=SUM({letters}{}:{letters}{last_row})", first_row + 1));
                    let sum = sum.set_result(figure.amount.normalized().to_string());
                    let format = style::cell(TableRowRole::Total, Some(&figure.unit));
                    self.worksheet.write_formula_with_format(self.row, place, sum, &format)?;
                    audit.record(&self.name, self.row, place, figure);
                }
                TableCell::Figure { figure } => self.figure(self.row, place, figure, TableRowRole::Total, audit)?,
                TableCell::Text { text } => {
                    self.text(self.row, place, text, &style::cell(TableRowRole::Total, None))?
                }
                TableCell::Empty => self.blank(place, TableRowRole::Total)?,
            }
        }
        self.row += 1;
        Ok(())
    }

    pub(super) fn definitions(&mut self, definitions: &[Definition]) -> Result<(), ReportError> {
        self.header(&[("Term", 30), ("Meaning", 120)])?;
        for definition in definitions {
            self.line(&[definition.term.clone(), definition.meaning.clone()])?;
        }
        self.row += 1;
        Ok(())
    }

    /// A heading line over text columns of the given widths; the first such line stays in sight.
    pub(super) fn header(&mut self, columns: &[(&str, u16)]) -> Result<(), ReportError> {
        for (position, (label, width)) in columns.iter().enumerate() {
            self.text(self.row, column_number(position), label, &style::column_heading(false))?;
            self.widen(position, *width);
        }
        self.row += 1;
        self.worksheet.set_freeze_panes(self.row, 0)?;
        self.worksheet.set_repeat_rows(self.row - 1, self.row - 1)?;
        Ok(())
    }

    /// A line of wrapped text cells.
    pub(super) fn line(&mut self, cells: &[String]) -> Result<(), ReportError> {
        for (position, text) in cells.iter().enumerate() {
            self.text(self.row, column_number(position), text, &style::wrapped())?;
        }
        let texts: Vec<&str> = cells.iter().map(String::as_str).collect();
        self.fit_height(self.row, &texts)?;
        self.row += 1;
        Ok(())
    }

    /// Puts a chart below what is there, and leaves room for it.
    pub(super) fn place_chart(&mut self, chart: &Chart, height_pixels: u32) -> Result<(), ReportError> {
        const ROW_PIXELS: u32 = 20;
        self.worksheet.insert_chart(self.row, 0, chart)?;
        self.row += height_pixels / ROW_PIXELS + 2;
        Ok(())
    }

    pub(super) fn finish(mut self) -> Result<Worksheet, ReportError> {
        for (position, width) in self.widths.iter().enumerate() {
            self.worksheet.set_column_width(column_number(position), *width)?;
        }
        Ok(self.worksheet)
    }

    /// Writes text, and nothing but text. What a spreadsheet might take for a formula when the cell is edited is marked as text.
    fn text(&mut self, row: u32, column: u16, text: &str, format: &Format) -> Result<(), ReportError> {
        let text = shortened(&clean_lines(text), CELL_TEXT_LIMIT);
        if text.starts_with(['=', '+', '-', '@']) {
            self.worksheet.write_string_with_format(row, column, text, &format.clone().set_quote_prefix())?;
        } else {
            self.worksheet.write_string_with_format(row, column, text, format)?;
        }
        Ok(())
    }

    fn figure(
        &mut self,
        row: u32,
        column: u16,
        figure: &Figure,
        role: TableRowRole,
        audit: &mut Audit,
    ) -> Result<(), ReportError> {
        let format = style::cell(role, Some(&figure.unit));
        self.worksheet.write_number_with_format(row, column, nearest_number(figure.amount), &format)?;
        audit.record(&self.name, row, column, figure);
        Ok(())
    }

    fn blank(&mut self, column: u16, role: TableRowRole) -> Result<(), ReportError> {
        self.worksheet.write_blank(self.row, column, &style::cell(role, None))?;
        Ok(())
    }

    fn widen(&mut self, position: usize, width: u16) {
        if self.widths.len() <= position {
            self.widths.resize(position + 1, 9);
        }
        self.widths[position] = self.widths[position].max(width);
    }

    /// Makes a row as high as its wrapped texts need; not every program does so by itself.
    fn fit_height(&mut self, row: u32, texts: &[&str]) -> Result<(), ReportError> {
        let lines = texts.iter().zip(&self.widths).map(|(text, width)| {
            // Words do not break, so a line holds a little less than the column.
            let in_line = usize::from(*width).saturating_sub(2).max(1);
            text.lines().map(|line| line.chars().count().min(CELL_TEXT_LIMIT).div_ceil(in_line).max(1)).sum::<usize>()
        });
        let lines = u32::try_from(lines.max().unwrap_or(1)).unwrap_or(u32::MAX);
        let height = lines.saturating_mul(LINE_HEIGHT).min(ROW_HEIGHT_LIMIT);
        self.worksheet.set_row_height(row, height)?;
        Ok(())
    }
}

impl Audit {
    fn record(&mut self, sheet: &str, row: u32, column: u16, figure: &Figure) {
        self.lines.push(AuditLine {
            sheet: sheet.to_owned(),
            cell: rust_xlsxwriter::utility::row_col_to_cell(row, column),
            exact: figure.amount,
            unit: figure.unit.clone(),
            evidence_id: figure.evidence_id.clone(),
        });
    }

    /// The sheet of exact values.
    pub(super) fn sheet(&self, model: &ReportModel, name: &str) -> Result<Worksheet, ReportError> {
        let mut sheet = Sheet::new(model, name, "Exact values")?;
        sheet.paragraphs(&[
            "Every figure of this workbook with its exact value. A spreadsheet keeps 15 significant digits of a number; where a value has \
             more, the cell holds the nearest number and this sheet the value."
                .to_owned(),
        ])?;
        sheet.header(&[
            ("Sheet", 30),
            ("Cell", 8),
            ("Exact value", 34),
            ("Unit", 16),
            ("Evidence", 20),
            ("Cell is exact", 14),
        ])?;
        for line in &self.lines {
            let unit = match &line.unit {
                Unit::Money { currency } | Unit::MoneyChange { currency } => currency.code(),
                Unit::Share | Unit::RelativeChange => "fraction",
                Unit::Count => "count",
                Unit::Number => "number",
            };
            let exact = if significant_digits(line.exact) <= SPREADSHEET_DIGITS { "yes" } else { "no" };
            sheet.line(&[
                line.sheet.clone(),
                line.cell.clone(),
                line.exact.to_string(),
                unit.to_owned(),
                line.evidence_id.clone(),
                exact.to_owned(),
            ])?;
        }
        sheet.finish()
    }
}

pub(super) fn significant_digits(amount: Amount) -> usize {
    amount.normalized().units().unsigned_abs().to_string().trim_end_matches('0').len()
}

/// The number that a cell holds: the one nearest to the exact value.
pub(super) fn nearest_number(amount: Amount) -> f64 {
    amount.to_string().parse().unwrap_or(0.0)
}

/// A position as a column of a sheet; tables have a dozen.
pub(super) fn column_number(position: usize) -> u16 {
    u16::try_from(position).unwrap_or(u16::MAX)
}
