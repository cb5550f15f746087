//! Native charts over a sheet that holds their numbers, so that they can be edited and checked.

use money::Amount;
use plotters::style::RGBColor;
use rust_xlsxwriter::{
    Chart, ChartFont, ChartFormat, ChartLegendPosition, ChartLine, ChartSolidFill, ChartType, Worksheet,
};

use super::sheet::{column_number, nearest_number};
use super::style;
use crate::chart::theme;
use crate::text::{clean, shortened};
use crate::{ChartKind, ChartSpec, ReportError, SeriesRole};

/// The sheet with the numbers of all charts, one block below the other.
pub(super) struct ChartData {
    worksheet: Worksheet,
    name: String,
    row: u32,
}

/// A column of a chart's block.
struct DataColumn {
    name: String,
    values: Vec<Option<Amount>>,
    paint: Paint,
}

/// How a column is drawn.
enum Paint {
    Color(RGBColor),
    /// Holds others up, without ink of its own.
    Invisible,
    /// In the block for the reader, not in the chart.
    NotDrawn,
}

impl ChartData {
    pub(super) fn new(name: &str) -> Result<Self, ReportError> {
        let mut worksheet = Worksheet::new();
        worksheet.set_name(name)?;
        worksheet.write_string_with_format(0, 0, "Chart data", &style::heading())?;
        worksheet.set_column_width(0, 38.0)?;
        worksheet.set_column_range_width(1, 12, 19.0)?;
        Ok(Self { worksheet, name: name.to_owned(), row: 2 })
    }

    pub(super) fn finish(self) -> Result<Worksheet, ReportError> {
        Ok(self.worksheet)
    }

    /// Writes the chart's numbers and makes the chart that shows them; returns it with its height in pixels.
    pub(super) fn add(&mut self, spec: &ChartSpec) -> Result<(Chart, u32), ReportError> {
        let columns = data_columns(spec)?;
        let title_row = self.row;
        let header = title_row + 1;
        let first = header + 1;
        let last = first + u32::try_from(spec.categories.len()).unwrap_or(u32::MAX).saturating_sub(1);
        self.text(title_row, 0, &spec.title, true)?;
        self.text(header, 0, &spec.category_label, true)?;
        for (row, category) in (first..).zip(&spec.categories) {
            self.text(row, 0, category, false)?;
        }
        let number_format = style::text().set_num_format(style::number_format(&spec.unit));
        for (column, data) in (1_u16..).zip(&columns) {
            self.text(header, column, &data.name, true)?;
            for (row, value) in (first..).zip(&data.values) {
                if let Some(value) = value {
                    self.worksheet.write_number_with_format(row, column, nearest_number(*value), &number_format)?;
                }
            }
        }
        self.row = last + 3;

        let sheet = self.name.as_str();
        let mut chart = Chart::new(chart_type(spec, &columns));
        for (position, data) in columns.iter().enumerate().filter(|(_, data)| !matches!(data.paint, Paint::NotDrawn)) {
            let column = column_number(position + 1);
            let series = chart.add_series();
            series.set_categories((sheet, first, 0, last, 0)).set_values((sheet, first, column, last, column));
            series.set_name((sheet, header, column)).set_gap(50);
            if matches!(spec.kind, ChartKind::StackedColumns | ChartKind::Waterfall) {
                series.set_overlap(100);
            }
            series.set_format(&mut paint(&data.paint, spec.kind));
        }
        chart
            .title()
            .set_name((sheet, title_row, 0))
            .set_font(ChartFont::new().set_size(11).set_color(style::color(theme::INK)));
        // The steps of a bridge say themselves what they are, and its invisible base is nobody's business.
        if spec.kind == ChartKind::Waterfall {
            chart.legend().set_hidden();
        } else {
            chart.legend().set_position(ChartLegendPosition::Bottom);
        }
        let grid = ChartLine::new().set_color(style::color(theme::GRID)).clone();
        // Of bars that lie, the vertical axis is the one of the categories, and the first belongs on top.
        let values = if is_horizontal(spec.kind) {
            chart.y_axis().set_reverse().set_major_gridlines(false);
            chart.x_axis()
        } else {
            chart.y_axis()
        };
        values.set_major_gridlines(true).set_major_gridlines_line(&grid).set_num_format("#,##0");
        let height = if is_horizontal(spec.kind) { 140 + 24 * last.saturating_sub(first).min(30) } else { 420 };
        let height_pixels = height.clamp(300, 700);
        chart.set_width(860).set_height(height_pixels).set_alt_text(alternative(&spec.alt_text));
        Ok((chart, height_pixels))
    }

    fn text(&mut self, row: u32, column: u16, text: &str, is_strong: bool) -> Result<(), ReportError> {
        let format = if is_strong { style::strong() } else { style::text() };
        self.worksheet.write_string_with_format(row, column, clean(text), &format.set_quote_prefix())?;
        Ok(())
    }
}

/// The text alternative, as long as the format allows: 255 UTF-16 units.
fn alternative(text: &str) -> String {
    const LIMIT: usize = 255;
    let text = clean(text);
    let mut length = text.chars().count().min(LIMIT);
    while shortened(&text, length).encode_utf16().count() > LIMIT {
        length -= 1;
    }
    shortened(&text, length)
}

const fn is_horizontal(kind: ChartKind) -> bool {
    matches!(kind, ChartKind::HorizontalBars | ChartKind::Waterfall)
}

fn chart_type(spec: &ChartSpec, columns: &[DataColumn]) -> ChartType {
    match spec.kind {
        ChartKind::StackedColumns => ChartType::ColumnStacked,
        ChartKind::Line => ChartType::Line,
        ChartKind::HorizontalBars => ChartType::Bar,
        ChartKind::Waterfall if columns.len() > 1 => ChartType::BarStacked,
        ChartKind::Waterfall => ChartType::Bar,
    }
}

fn paint(paint: &Paint, kind: ChartKind) -> ChartFormat {
    let mut format = ChartFormat::new();
    match paint {
        Paint::Color(color) if kind == ChartKind::Line => {
            format.set_line(ChartLine::new().set_color(style::color(*color)).set_width(2.25));
        }
        Paint::Color(color) => {
            format.set_solid_fill(ChartSolidFill::new().set_color(style::color(*color)));
        }
        Paint::Invisible | Paint::NotDrawn => {
            format.set_no_fill().set_no_border();
        }
    }
    format
}

/// The numbers behind the chart. A bridge is drawn as stacked bars on an invisible base, which any program can edit.
fn data_columns(spec: &ChartSpec) -> Result<Vec<DataColumn>, ReportError> {
    if spec.kind == ChartKind::Waterfall {
        return bridge_columns(spec);
    }
    let color = |position: usize, role| match role {
        SeriesRole::Group => theme::group(position),
        SeriesRole::Other | SeriesRole::Comparison => theme::OTHER,
    };
    Ok(spec
        .series
        .iter()
        .enumerate()
        .map(|(position, series)| DataColumn {
            name: series.name.clone(),
            values: series.values.clone(),
            paint: Paint::Color(color(position, series.role)),
        })
        .collect())
}

fn bridge_columns(spec: &ChartSpec) -> Result<Vec<DataColumn>, ReportError> {
    let series = &spec.series[0];
    let values: Vec<Amount> = series.values.iter().map(|value| value.unwrap_or_default()).collect();
    let count = values.len();
    let [mut base, mut levels, mut rises, mut falls] = [(); 4].map(|()| vec![None; count]);
    let mut running = Amount::ZERO;
    let mut crosses_zero = false;
    for (position, &value) in values.iter().enumerate() {
        if position == 0 || position + 1 == count {
            running = value;
            levels[position] = Some(value);
        } else {
            let next = running.checked_add(value)?;
            base[position] = Some(running.min(next));
            let side = if value.is_negative() { &mut falls } else { &mut rises };
            side[position] = Some(value.abs());
            running = next;
        }
        crosses_zero |= running.is_negative();
    }
    let steps = DataColumn { name: series.name.clone(), values: series.values.clone(), paint: Paint::NotDrawn };
    if crosses_zero {
        // An invisible base cannot hold bars up across zero: the steps are then plain bars.
        return Ok(vec![DataColumn { paint: Paint::Color(theme::ACCENT), ..steps }]);
    }
    let column = |name: &str, values, paint| DataColumn { name: name.to_owned(), values, paint };
    Ok(vec![
        steps,
        column("Base", base, Paint::Invisible),
        column("Level", levels, Paint::Color(theme::ACCENT)),
        column("Rise", rises, Paint::Color(theme::RISE)),
        column("Fall", falls, Paint::Color(theme::FALL)),
    ])
}
