//! Horizontal bars with a mark for the compared value.

use money::Amount;

use super::canvas::{Align, Canvas, Ink};
use super::columns::length;
use super::scale::Scale;
use super::theme;
use crate::{ChartSpec, ReportError, SeriesRole, words};

const NAME: Ink = Ink::new(theme::LABEL, theme::INK);
const VALUE: Ink = Ink::new(theme::SMALL, theme::INK);
const KEY: Ink = Ink::new(theme::SMALL, theme::MUTED);

pub(super) fn draw(canvas: &Canvas<'_>, spec: &ChartSpec) -> Result<(), ReportError> {
    let Some(main) = spec.series.iter().find(|series| series.role != SeriesRole::Comparison) else { return Ok(()) };
    let compared = spec.series.iter().find(|series| series.role == SeriesRole::Comparison);
    let scale = Scale::from_zero(spec.series.iter().flat_map(|series| series.values.iter().flatten().copied()), 4);
    let values: Vec<Amount> = main.values.iter().map(|value| value.unwrap_or_default()).collect();
    let printed: Vec<String> = values.iter().map(|value| words::compact(*value)).collect();
    let names = canvas.widest(spec.categories.iter().map(String::as_str), NAME)?.min(canvas.width * 0.44);
    let left = names + 6.0;
    let right = canvas.width - canvas.widest(printed.iter().map(String::as_str), VALUE)? - 6.0;
    let top = 14.0;
    let step = (canvas.height - top - 2.0) / length(spec.categories.len().max(1));
    let thickness = (step * 0.62).min(11.0);
    let zero = scale.place(Amount::ZERO, left, right);

    key(canvas, left, &main.name, compared.map(|series| series.name.as_str()))?;
    for (position, category) in spec.categories.iter().enumerate() {
        let middle = top + step * (length(position) + 0.5);
        let name = canvas.fitted(category, names, NAME)?;
        canvas.text(&name, left - 5.0, middle, Align::End, NAME)?;
        let end = scale.place(values[position], left, right);
        canvas.rectangle(
            zero.min(end),
            middle - thickness / 2.0,
            zero.max(end),
            middle + thickness / 2.0,
            theme::ACCENT,
        )?;
        let mut outer = zero.max(end);
        if let Some(value) = compared.and_then(|series| series.values[position]).filter(|value| !value.is_zero()) {
            let mark = scale.place(value, left, right);
            canvas.rectangle(mark - 0.6, middle - step * 0.42, mark + 0.6, middle + step * 0.42, theme::INK)?;
            // The number keeps clear of a mark just beyond the bar.
            let needed = canvas.text_width(&printed[position], VALUE)? + 5.0;
            if mark > outer && mark - outer < needed {
                outer = mark;
            }
        }
        canvas.text(&printed[position], outer + 3.5, middle, Align::Start, VALUE)?;
    }
    canvas.path(&[(zero, top), (zero, canvas.height - 2.0)], theme::AXIS, 0.5)
}

/// What a bar and a mark are.
fn key(canvas: &Canvas<'_>, left: f64, bar: &str, mark: Option<&str>) -> Result<(), ReportError> {
    let y = 5.0;
    canvas.rectangle(left, y - 2.6, left + 9.0, y + 2.6, theme::ACCENT)?;
    canvas.text(bar, left + 12.0, y, Align::Start, KEY)?;
    if let Some(mark) = mark {
        let x = left + 26.0 + canvas.text_width(bar, KEY)?;
        canvas.rectangle(x - 0.6, y - 4.0, x + 0.6, y + 4.0, theme::INK)?;
        canvas.text(mark, x + 4.0, y, Align::Start, KEY)?;
    }
    Ok(())
}
