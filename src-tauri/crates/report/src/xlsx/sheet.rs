//! A sheet that is filled from top to bottom, and the record of where each figure went.

use money::Amount;
use rust_xlsxwriter::{Chart, Format, Formula, Worksheet};

use super::style;
use crate::ReportError;
use crate::model::{ColumnKind, Definition, Figure, Kpi, ReportModel, Table, TableCell, TableRow, TableRowRole, Unit};
use crate::text::{clean, shortened};

/// The most characters that a cell holds.
const CELL_TEXT_LIMIT: usize = 32_000;
/// How many significant digits a spreadsheet keeps.
const SPREADSHEET_DIGITS: usize = 15;

/// A worksheet and the next free row.
pub(super) struct Sheet {
    worksheet: Worksheet,
    name: String,
    row: u32,
    /// The header row of the first table, and the column to the right of it.
    first_table: Option<(u32, u16)>,
    next_chart_row: u32,
    widths: Vec<f64>,
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
        let mut sheet =
            Self { worksheet, name: name.to_owned(), row: 0, first_table: None, next_chart_row: 0, widths: Vec::new() };
        sheet.text(0, 0, heading, &style::heading())?;
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
        self.widen(0, 38.0);
        for column in 1..4 {
            self.widen(column, 20.0);
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
            self.widen(position, if position == 0 { 38.0 } else { 19.0 });
        }
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
        if self.first_table.is_none() {
            self.first_table = Some((header, column_number(table.columns.len())));
            self.next_chart_row = header;
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
        self.header(&[("Term", 30.0), ("Meaning", 120.0)])?;
        for definition in definitions {
            self.line(&[definition.term.clone(), definition.meaning.clone()])?;
        }
        self.row += 1;
        Ok(())
    }

    /// A heading line over text columns of the given widths; the first such line stays in sight.
    pub(super) fn header(&mut self, columns: &[(&str, f64)]) -> Result<(), ReportError> {
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
        self.row += 1;
        Ok(())
    }

    /// Puts a chart to the right of the first table, below the one before it.
    pub(super) fn place_chart(&mut self, chart: &Chart) -> Result<(), ReportError> {
        const ROWS: u32 = 24;
        let (_, column) = self.first_table.unwrap_or((self.row, 0));
        let row = if self.first_table.is_some() { self.next_chart_row } else { self.row };
        self.worksheet.insert_chart(row, column + 1, chart)?;
        self.next_chart_row = row + ROWS;
        self.row = self.row.max(if self.first_table.is_some() { self.row } else { row + ROWS });
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
        let text = shortened(&clean(text), CELL_TEXT_LIMIT);
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

    fn widen(&mut self, position: usize, width: f64) {
        if self.widths.len() <= position {
            self.widths.resize(position + 1, 8.43);
        }
        if self.widths[position] < width {
            self.widths[position] = width;
        }
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
            ("Sheet", 30.0),
            ("Cell", 8.0),
            ("Exact value", 34.0),
            ("Unit", 16.0),
            ("Evidence", 20.0),
            ("Cell is exact", 12.0),
        ])?;
        for line in &self.lines {
            let unit = match &line.unit {
                Unit::Money { currency } | Unit::MoneyChange { currency } => currency.code(),
                Unit::Share | Unit::RelativeChange => "fraction",
                Unit::Count => "count",
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

fn significant_digits(amount: Amount) -> usize {
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
