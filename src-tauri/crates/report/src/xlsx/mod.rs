//! The pack as a workbook: real numbers, live totals, native charts, and every figure traceable.
//!
//! Spreadsheets hold 15 digits of a number, so the sheet *Exact values* lists every figure's cell with its exact value and its
//! evidence. Text is only ever written as text: no cell of the workbook is a formula but the totals made here, and none is a link.

mod charts;
mod evidence;
mod live;
mod plain;
mod sheet;
mod style;

use std::collections::BTreeSet;

use chrono::{Datelike, NaiveDate};
use rust_xlsxwriter::{DocProperties, ExcelDateTime, Workbook, Worksheet};

use crate::ReportError;
use crate::model::{Block, ReportModel, Section};
use crate::text::clean;

use charts::ChartData;
pub use live::{
    LiveBook, LiveCell, LiveForm, LiveSheet, cell_name, fixed_cell_name, sheet_name, sheet_reference, write_live,
};
pub use plain::{PLAIN_ROWS_MAX, PlainColumn, PlainTable, write_plain};
use sheet::{Audit, Sheet};

/// Writes the workbook; the same model and date give the same bytes.
///
/// # Errors
/// [`ReportError::Xlsx`] when the workbook breaks a limit of the format, [`ReportError::Amount`] when a chart's running sum leaves
/// the range of exact amounts.
pub fn write(model: &ReportModel, as_of: NaiveDate) -> Result<Vec<u8>, ReportError> {
    let mut names = Names::default();
    // The names at the back are taken first, so that no section's heading can claim them.
    let [chart_sheet, exact_sheet, loads_sheet] =
        ["Chart data", "Exact values", "Loads"].map(|name| names.unique(name));
    let mut audit = Audit::default();
    let mut chart_data = ChartData::new(&chart_sheet)?;
    let mut sheets: Vec<Worksheet> = Vec::new();
    for (position, section) in model.sections.iter().enumerate() {
        let name = names.unique(&section.heading);
        sheets.push(section_sheet(model, section, &name, position == 0, &mut audit, &mut chart_data)?);
    }
    let has_evidence = model.sections.iter().any(|section| section.blocks.contains(&Block::Evidence));
    if !has_evidence {
        let mut sheet = Sheet::new(model, &names.unique("Evidence"), "Evidence")?;
        evidence::write_evidence(&mut sheet, model)?;
        sheets.push(sheet.finish()?);
    }
    sheets.push(evidence::loads(model, &loads_sheet)?);
    sheets.push(audit.sheet(model, &exact_sheet)?);
    sheets.push(chart_data.finish()?);

    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_ymd(
        u16::try_from(as_of.year()).unwrap_or(1900),
        u8::try_from(as_of.month()).unwrap_or(1),
        u8::try_from(as_of.day()).unwrap_or(1),
    )?;
    workbook.set_properties(
        &DocProperties::new()
            .set_title(clean(&model.title))
            .set_subject(clean(&model.subtitle))
            .set_comment(clean(&model.scope))
            .set_creation_datetime(&created),
    );
    for sheet in sheets {
        workbook.push_worksheet(sheet);
    }
    Ok(workbook.save_to_buffer()?)
}

/// One section on one sheet: heading, words, tables, and the charts below.
fn section_sheet(
    model: &ReportModel,
    section: &Section,
    name: &str,
    is_first: bool,
    audit: &mut Audit,
    chart_data: &mut ChartData,
) -> Result<Worksheet, ReportError> {
    let mut sheet = Sheet::new(model, name, &section.heading)?;
    if is_first {
        sheet.front_matter(model)?;
    }
    let mut charts = Vec::new();
    for block in &section.blocks {
        match block {
            Block::Headline { text, .. } => sheet.statement(text)?,
            Block::Commentary { paragraphs, .. } => sheet.paragraphs(paragraphs)?,
            Block::Kpis { kpis } => sheet.kpis(kpis, audit)?,
            Block::Table { table } | Block::Reconciliation { table } => sheet.table(table, audit)?,
            Block::Chart { chart } => charts.push(chart_data.add(chart)?),
            Block::Method { definitions } => sheet.definitions(definitions)?,
            Block::Evidence => evidence::write_evidence(&mut sheet, model)?,
        }
    }
    for (chart, height_pixels) in charts {
        sheet.place_chart(&chart, height_pixels)?;
    }
    sheet.finish()
}

/// Sheet names: at most 31 characters, without those that the format forbids, unique whatever the case.
#[derive(Default)]
struct Names {
    taken: BTreeSet<String>,
}

impl Names {
    fn unique(&mut self, wanted: &str) -> String {
        const LIMIT: usize = 31;
        let plain: String = clean(wanted)
            .chars()
            .map(
                |character| {
                    if matches!(character, '[' | ']' | ':' | '*' | '?' | '/' | '\\' | '\'') { ' ' } else { character }
                },
            )
            .collect();
        let plain = if plain.trim().is_empty() { "Sheet" } else { plain.trim() };
        let mut number = 1;
        loop {
            let suffix = if number == 1 { String::new() } else { format!(" {number}") };
            let mut name = String::new();
            for character in plain.chars() {
                // The limit counts UTF-16 units.
                if name.encode_utf16().count() + character.len_utf16() + suffix.len() > LIMIT {
                    break;
                }
                name.push(character);
            }
            let name = format!("{}{suffix}", name.trim_end());
            // `History` is reserved by Excel.
            if name.to_lowercase() != "history" && self.taken.insert(name.to_lowercase()) {
                return name;
            }
            number += 1;
        }
    }
}

#[cfg(test)]
mod tests;
