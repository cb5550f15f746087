//! A bridge from one level to another, as bars that float, one line for each step so that long names can be read.

use money::Amount;

use super::canvas::{Align, Canvas, Ink};
use super::columns::length;
use super::scale::{Scale, number};
use super::theme;
use crate::{ChartSpec, ReportError, words};

const NAME: Ink = Ink::new(theme::LABEL, theme::INK);
const VALUE: Ink = Ink::new(theme::SMALL, theme::INK);
const NOTE: Ink = Ink::new(theme::SMALL, theme::MUTED);

/// A bar from one running sum to the next.
struct Step {
    from: Amount,
    to: Amount,
    is_level: bool,
    printed: String,
}

pub(super) fn draw(canvas: &Canvas<'_>, spec: &ChartSpec) -> Result<(), ReportError> {
    let steps = steps(spec)?;
    let ends: Vec<Amount> = steps.iter().map(|step| step.to).collect();
    // Steps that are small beside the levels would not be seen from zero; the axis then starts later and says so.
    let smallest = ends.iter().copied().map(number).fold(f64::INFINITY, f64::min);
    let largest = ends.iter().copied().map(number).fold(f64::NEG_INFINITY, f64::max);
    let cut = smallest > 0.0 && smallest > largest * 0.55;
    let scale = if cut { Scale::around(ends, 5) } else { Scale::from_zero(ends, 5) };
    let names = canvas.widest(spec.categories.iter().map(String::as_str), NAME)?.min(canvas.width * 0.44);
    let left = names + 6.0;
    let right = canvas.width - canvas.widest(steps.iter().map(|step| step.printed.as_str()), VALUE)? - 6.0;
    let bottom = canvas.height - 14.0;
    let step_height = bottom / length(steps.len().max(1));
    let thickness = (step_height * 0.64).min(11.0);
    let base = if scale.shows_zero() { scale.place(Amount::ZERO, left, right) } else { left };

    for (position, step) in steps.iter().enumerate() {
        let middle = step_height * (length(position) + 0.5);
        let ink = if step.is_level { NAME.strong() } else { NAME };
        canvas.text(&canvas.fitted(&spec.categories[position], names, ink)?, left - 5.0, middle, Align::End, ink)?;
        let end = scale.place(step.to, left, right);
        let start = if step.is_level { base } else { scale.place(step.from, left, right) };
        let color = match (step.is_level, step.to < step.from) {
            (true, _) => theme::ACCENT,
            (false, true) => theme::FALL,
            (false, false) => theme::RISE,
        };
        // A step too small to see still leaves a hair.
        let (low, high) = (start.min(end), start.max(end).max(start.min(end) + 0.5));
        canvas.rectangle(low, middle - thickness / 2.0, high, middle + thickness / 2.0, color)?;
        if position + 1 < steps.len() {
            canvas.path(
                &[(end, middle + thickness / 2.0), (end, middle + step_height - thickness / 2.0)],
                theme::AXIS,
                0.4,
            )?;
        }
        canvas.text(&step.printed, high + 3.5, middle, Align::Start, VALUE)?;
    }
    canvas.path(&[(base, 0.0), (base, bottom)], theme::AXIS, 0.5)?;
    if !scale.shows_zero() {
        let start = scale.ticks.first().copied().unwrap_or_default();
        canvas.text(
            &format!("The axis starts at {}, not at zero.", words::compact(start)),
            left,
            canvas.height - 5.0,
            Align::Start,
            NOTE,
        )?;
    }
    Ok(())
}

fn steps(spec: &ChartSpec) -> Result<Vec<Step>, ReportError> {
    let values = spec.series.first().map_or(&[][..], |series| &series.values);
    let mut running = Amount::ZERO;
    let mut steps = Vec::with_capacity(values.len());
    for (position, value) in values.iter().enumerate() {
        let value = value.unwrap_or_default();
        let is_level = position == 0 || position + 1 == values.len();
        let (from, to) = if is_level { (Amount::ZERO, value) } else { (running, running.checked_add(value)?) };
        running = to;
        let sign = if !is_level && value > Amount::ZERO { "+" } else { "" };
        steps.push(Step { from, to, is_level, printed: format!("{sign}{}", words::compact(value)) });
    }
    Ok(steps)
}
