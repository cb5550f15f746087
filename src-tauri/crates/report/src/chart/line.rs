//! Lines over time.

use money::Amount;

use super::canvas::{Align, Canvas, Ink};
use super::columns::{category_labels, length};
use super::scale::Scale;
use super::theme;
use crate::{ChartSpec, ReportError, SeriesRole, words};

const TICK: Ink = Ink::new(theme::SMALL, theme::MUTED);
const NAME: Ink = Ink::new(theme::LABEL, theme::INK);

pub(super) fn draw(canvas: &Canvas<'_>, spec: &ChartSpec) -> Result<(), ReportError> {
    let count = spec.categories.len();
    if count == 0 {
        return Ok(());
    }
    let all = || spec.series.iter().flat_map(|series| series.values.iter().flatten().copied());
    let scale = Scale::from_zero(all(), 4);
    let ticks: Vec<String> = scale.ticks.iter().map(|tick| words::compact(*tick)).collect();
    let left = canvas.widest(ticks.iter().map(String::as_str), TICK)? + 6.0;
    let longest = canvas.widest(spec.series.iter().map(|series| series.name.as_str()), NAME)?;
    let right = canvas.width - (longest + 14.0).min(canvas.width * 0.30);
    let (top, bottom) = (10.0, canvas.height - 22.0);
    let band = (right - left) / length(count);
    let middle = |category: usize| left + band * (length(category) + 0.5);
    for (tick, label) in scale.ticks.iter().zip(&ticks) {
        let y = scale.place(*tick, bottom, top);
        canvas.path(&[(left, y), (right, y)], if tick.is_zero() { theme::AXIS } else { theme::GRID }, 0.5)?;
        canvas.text(label, left - 5.0, y, Align::End, TICK)?;
    }
    // The first series is drawn last, on top.
    for (position, series) in spec.series.iter().enumerate().rev() {
        let color = match series.role {
            SeriesRole::Group => theme::group(position),
            SeriesRole::Other | SeriesRole::Comparison => theme::OTHER,
        };
        let place = |(category, value): (usize, &Option<Amount>)| {
            value.map(|value| (middle(category), scale.place(value, bottom, top)))
        };
        // A month without a value breaks the line.
        for run in series.values.iter().enumerate().map(place).collect::<Vec<_>>().split(Option::is_none) {
            let points: Vec<(f64, f64)> = run.iter().flatten().copied().collect();
            match points.as_slice() {
                [] => {}
                [(x, y)] => canvas.dot(*x, *y, 1.6, color)?,
                _ => canvas.path(&points, color, 1.6)?,
            }
        }
        if let Some((x, y)) = series.values.iter().enumerate().filter_map(place).next_back() {
            canvas.dot(x, y, 2.0, color)?;
            let name = canvas.fitted(&series.name, canvas.width - right - 6.0, NAME)?;
            canvas.text(
                &name,
                right + 4.0,
                y,
                Align::Start,
                Ink::new(theme::LABEL, if color == theme::OTHER { theme::MUTED } else { color }),
            )?;
        }
    }
    category_labels(canvas, spec, bottom, band, &middle)
}
