//! A [`ChartSpec`] as an SVG for paper: the same bytes for the same spec and size, on any machine.
//!
//! plotters draws; the font is embedded here, so nothing depends on what a machine has installed. Labels stand at what they name
//! instead of in a legend. The picture carries its text alternative as `title` and `aria-label`.
#![expect(
    clippy::float_arithmetic,
    reason = "where ink goes on paper is geometry; the printed labels are made from exact amounts"
)]

mod bars;
mod canvas;
mod columns;
mod line;
mod scale;
pub(crate) mod theme;
mod waterfall;

use crate::text::clean;
use crate::{ChartKind, ChartSpec, ReportError};

/// The size of a drawn chart in points (1/72 inch).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Size {
    /// The width.
    pub width: u32,
    /// The height.
    pub height: u32,
}

/// The height that suits a chart: bars need a line each, columns a fixed one.
#[must_use]
pub fn natural_height(spec: &ChartSpec) -> u32 {
    const BAR: u32 = 17;
    let bars = u32::try_from(spec.categories.len()).unwrap_or(u32::MAX).clamp(2, 40);
    match spec.kind {
        ChartKind::StackedColumns | ChartKind::Line => 210,
        ChartKind::HorizontalBars => bars * BAR + 18,
        ChartKind::Waterfall => bars * BAR + 22,
    }
}

/// Draws the chart.
///
/// # Errors
/// [`ReportError::Chart`] when the spec is not consistent or the drawing fails, [`ReportError::Amount`] on overflow.
pub fn svg(spec: &ChartSpec, size: Size) -> Result<String, ReportError> {
    spec.validate()?;
    let mut drawing = String::new();
    {
        let canvas = canvas::Canvas::new(&mut drawing, size, &spec.id)?;
        match spec.kind {
            ChartKind::StackedColumns => columns::draw(&canvas, spec)?,
            ChartKind::Line => line::draw(&canvas, spec)?,
            ChartKind::HorizontalBars => bars::draw(&canvas, spec)?,
            ChartKind::Waterfall => waterfall::draw(&canvas, spec)?,
        }
        canvas.finish()?;
    }
    Ok(with_text_alternative(&drawing, spec, size))
}

/// Puts size in points, role and text alternative into the drawing's first tag.
fn with_text_alternative(drawing: &str, spec: &ChartSpec, size: Size) -> String {
    let body = drawing.split_once('>').map_or("", |(_, body)| body);
    // Where the font is not at hand, a browser takes one that is close. Quotes in names are escaped, so only attributes match.
    let font = format!("font-family=\"{}\"", canvas::FONT);
    let body = body.replace(&font, &format!("font-family=\"{}, Inter, Helvetica, Arial, sans-serif\"", canvas::FONT));
    let alternative = escaped(&clean(&spec.alt_text));
    let title = escaped(&clean(&spec.title));
    let Size { width, height } = size;
    let [view_width, view_height] = [width, height].map(|length| length * canvas::UNITS_PER_POINT);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}pt\" height=\"{height}pt\" viewBox=\"0 0 {view_width} {view_height}\" \
         role=\"img\" aria-label=\"{alternative}\">\n<title>{title}</title>{body}"
    )
}

/// Text as it stands in XML.
fn escaped(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;").replace('\'', "&apos;")
}

#[cfg(test)]
mod tests;
