//! A page to draw on, in points. Wraps plotters so that the chart forms speak of lines, boxes and words only.

use std::sync::OnceLock;

use plotters::coord::Shift;
use plotters::prelude::*;
use plotters::style::text_anchor::{HPos, Pos, VPos};
use plotters::style::{FontDesc, FontStyle, register_font};

use super::Size;
use crate::ReportError;
use crate::text::{clean, shortened};

/// plotters counts in whole units; eight of them to a point place ink finely enough for print.
pub(super) const UNITS_PER_POINT: u32 = 8;
/// The family that the drawing names.
pub(super) const FONT: &str = "Quarterdeck Sans";
/// plotters divides sizes by this before it writes them.
const PLOTTERS_SIZE: f64 = 1.24;

/// Where a text stands relative to its point.
#[derive(Clone, Copy)]
pub(super) enum Align {
    /// To the right of the point.
    Start,
    /// Centred on it.
    Middle,
    /// To the left of it.
    End,
}

/// How a text looks.
#[derive(Clone, Copy)]
pub(super) struct Ink {
    pub size: f64,
    pub color: RGBColor,
    pub strong: bool,
}

impl Ink {
    pub(super) const fn new(size: f64, color: RGBColor) -> Self {
        Self { size, color, strong: false }
    }

    pub(super) const fn strong(self) -> Self {
        Self { strong: true, ..self }
    }
}

/// The page.
pub(super) struct Canvas<'a> {
    area: DrawingArea<SVGBackend<'a>, Shift>,
    chart: String,
    /// In points.
    pub width: f64,
    /// In points.
    pub height: f64,
}

impl<'a> Canvas<'a> {
    pub(super) fn new(target: &'a mut String, size: Size, chart: &str) -> Result<Self, ReportError> {
        static FONTS: OnceLock<bool> = OnceLock::new();
        let registered = FONTS.get_or_init(|| {
            let regular = include_bytes!("../../../../../assets/fonts/QuarterdeckSans-Regular.otf");
            let strong = include_bytes!("../../../../../assets/fonts/QuarterdeckSans-SemiBold.otf");
            register_font(FONT, FontStyle::Normal, regular).is_ok()
                && register_font(FONT, FontStyle::Bold, strong).is_ok()
        });
        if !registered {
            return Err(ReportError::Chart {
                chart: chart.to_owned(),
                problem: "the font that ships with the program cannot be read".to_owned(),
            });
        }
        let backend = SVGBackend::with_string(target, (size.width * UNITS_PER_POINT, size.height * UNITS_PER_POINT));
        Ok(Self {
            area: backend.into_drawing_area(),
            chart: chart.to_owned(),
            width: f64::from(size.width),
            height: f64::from(size.height),
        })
    }

    pub(super) fn finish(&self) -> Result<(), ReportError> {
        self.area.present().map_err(|error| self.failed(&error))
    }

    pub(super) fn rectangle(
        &self,
        left: f64,
        top: f64,
        right: f64,
        bottom: f64,
        color: RGBColor,
    ) -> Result<(), ReportError> {
        let corners = [(units(left), units(top)), (units(right), units(bottom))];
        self.area.draw(&Rectangle::new(corners, color.filled())).map_err(|error| self.failed(&error))
    }

    pub(super) fn path(&self, points: &[(f64, f64)], color: RGBColor, width: f64) -> Result<(), ReportError> {
        let points: Vec<(i32, i32)> = points.iter().map(|&(x, y)| (units(x), units(y))).collect();
        let stroke = u32::try_from(units(width)).unwrap_or(1).max(1);
        self.area.draw(&PathElement::new(points, color.stroke_width(stroke))).map_err(|error| self.failed(&error))
    }

    pub(super) fn dot(&self, x: f64, y: f64, radius: f64, color: RGBColor) -> Result<(), ReportError> {
        self.area
            .draw(&Circle::new((units(x), units(y)), units(radius), color.filled()))
            .map_err(|error| self.failed(&error))
    }

    /// Writes a text, its middle line at `y`.
    pub(super) fn text(&self, text: &str, x: f64, y: f64, align: Align, ink: Ink) -> Result<(), ReportError> {
        let horizontal = match align {
            Align::Start => HPos::Left,
            Align::Middle => HPos::Center,
            Align::End => HPos::Right,
        };
        // plotters lowers a bottom-anchored text by nothing and lifts it by half an ex; the baseline of a text whose capitals are
        // centred on `y` lies 0.36 of the size below it.
        let baseline = y + ink.size * (0.36 + HALF_EX);
        let style = font(ink).color(&ink.color).pos(Pos::new(horizontal, VPos::Bottom));
        self.area.draw(&Text::new(clean(text), (units(x), units(baseline)), style)).map_err(|error| self.failed(&error))
    }

    /// How wide a text is.
    pub(super) fn text_width(&self, text: &str, ink: Ink) -> Result<f64, ReportError> {
        let style = TextStyle::from(font(ink));
        let (width, _) = self.area.estimate_text_size(text, &style).map_err(|error| self.failed(&error))?;
        Ok(f64::from(width) / f64::from(UNITS_PER_POINT))
    }

    /// The text cut so that it is at most so wide.
    pub(super) fn fitted(&self, text: &str, width: f64, ink: Ink) -> Result<String, ReportError> {
        let text = clean(text);
        let mut limit = text.chars().count();
        let mut fitted = text.clone();
        while limit > 2 && self.text_width(&fitted, ink)? > width {
            limit -= 1;
            fitted = shortened(&text, limit);
        }
        Ok(fitted)
    }

    /// The widest of the texts.
    pub(super) fn widest<'t>(&self, texts: impl IntoIterator<Item = &'t str>, ink: Ink) -> Result<f64, ReportError> {
        texts.into_iter().try_fold(0.0_f64, |widest, text| Ok(widest.max(self.text_width(text, ink)?)))
    }

    fn failed(&self, error: &dyn std::fmt::Display) -> ReportError {
        ReportError::Chart { chart: self.chart.clone(), problem: error.to_string() }
    }
}

/// By how much a bottom anchor lifts a text, in sizes: readers of SVG take an ex as half the size.
const HALF_EX: f64 = 0.25;

fn font(ink: Ink) -> FontDesc<'static> {
    let style = if ink.strong { FontStyle::Bold } else { FontStyle::Normal };
    FontDesc::new(FontFamily::Name(FONT), ink.size * f64::from(UNITS_PER_POINT) * PLOTTERS_SIZE, style)
}

#[expect(clippy::cast_possible_truncation, reason = "a coordinate on a page is far below two thousand million")]
fn units(points: f64) -> i32 {
    (points * f64::from(UNITS_PER_POINT)).round() as i32
}
