//! The look of the workbook, in one place.

use plotters::style::RGBColor;
use rust_xlsxwriter::{Color, Format, FormatAlign, FormatBorder};

use crate::Unit;
use crate::chart::theme;
use crate::model::TableRowRole;

/// A colour of the charts' theme.
pub(super) fn color(color: RGBColor) -> Color {
    let RGBColor(red, green, blue) = color;
    Color::RGB(u32::from_be_bytes([0, red, green, blue]))
}

fn base() -> Format {
    Format::new().set_font_size(10).set_font_color(color(theme::INK)).set_align(FormatAlign::Top)
}

pub(super) fn heading() -> Format {
    base().set_font_size(16).set_bold()
}

pub(super) fn statement() -> Format {
    base().set_font_size(12).set_bold()
}

pub(super) fn muted() -> Format {
    base().set_font_color(color(theme::MUTED))
}

pub(super) fn text() -> Format {
    base()
}

pub(super) fn wrapped() -> Format {
    base().set_text_wrap()
}

pub(super) fn strong() -> Format {
    base().set_bold()
}

/// A column's heading.
pub(super) fn column_heading(is_figure: bool) -> Format {
    let format = base()
        .set_bold()
        .set_text_wrap()
        .set_align(FormatAlign::Bottom)
        .set_background_color(color(theme::HIGHLIGHT))
        .set_border_bottom(FormatBorder::Thin)
        .set_border_bottom_color(color(theme::ACCENT));
    if is_figure { format.set_align(FormatAlign::Right) } else { format.set_align(FormatAlign::Left).set_indent(1) }
}

/// A cell of a table row: the total is bold under a line, "other" is muted.
pub(super) fn cell(role: TableRowRole, unit: Option<&Unit>) -> Format {
    let format = match role {
        TableRowRole::Group => base(),
        TableRowRole::Other => muted(),
        TableRowRole::Total => {
            base().set_bold().set_border_top(FormatBorder::Thin).set_border_top_color(color(theme::ACCENT))
        }
    };
    match unit {
        Some(unit) => format.set_num_format(number_format(unit)).set_align(FormatAlign::Right),
        // A text beside a figure keeps its distance.
        None => format.set_align(FormatAlign::Left).set_indent(1),
    }
}

/// How a figure of the unit is shown; money names its currency.
pub(super) fn number_format(unit: &Unit) -> String {
    match unit {
        Unit::Money { currency } => {
            let digits = digits(currency.minor_digits());
            format!("[${currency}] {digits};[${currency}] -{digits}")
        }
        Unit::MoneyChange { currency } => {
            let digits = digits(currency.minor_digits());
            format!("[${currency}] +{digits};[${currency}] -{digits};[${currency}] {digits}")
        }
        Unit::Share => "0.0%".to_owned(),
        Unit::RelativeChange => "+0.0%;-0.0%;0.0%".to_owned(),
        Unit::Count => "#,##0".to_owned(),
        // As many decimals as there are.
        Unit::Number => "General".to_owned(),
    }
}

fn digits(decimals: u8) -> String {
    if decimals == 0 { "#,##0".to_owned() } else { format!("#,##0.{}", "0".repeat(usize::from(decimals))) }
}
