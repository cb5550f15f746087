//! Stacked columns over time.

use money::Amount;

use super::canvas::{Align, Canvas, Ink};
use super::scale::Scale;
use super::theme;
use crate::{ChartSpec, ReportError, SeriesRole, words};

/// The part of a column that is drawn.
const COLUMN: f64 = 0.64;
/// Between two labels at the right.
const LABEL_STEP: f64 = 10.0;
const TICK: Ink = Ink::new(theme::SMALL, theme::MUTED);
const NAME: Ink = Ink::new(theme::LABEL, theme::INK);
const TOTAL: Ink = Ink::new(theme::SMALL, theme::INK);

/// A series' place in the last column that it is named beside.
struct EndLabel {
    name: String,
    color: plotters::style::RGBColor,
    middle: f64,
    label: f64,
}

pub(super) fn draw(canvas: &Canvas<'_>, spec: &ChartSpec) -> Result<(), ReportError> {
    let count = spec.categories.len();
    if count == 0 {
        return Ok(());
    }
    let stacks: Vec<(Amount, Amount)> =
        (0..count).map(|category| stack_ends(spec, category)).collect::<Result<_, _>>()?;
    let scale = Scale::from_zero(stacks.iter().flat_map(|&(below, above)| [below, above]), 4);
    let ticks: Vec<String> = scale.ticks.iter().map(|tick| words::compact(*tick)).collect();
    let left = canvas.widest(ticks.iter().map(String::as_str), TICK)? + 6.0;
    let longest = canvas.widest(spec.series.iter().map(|series| series.name.as_str()), NAME)?;
    let right = canvas.width - (longest + 24.0).min(canvas.width * 0.30);
    let (top, bottom) = (24.0, canvas.height - 22.0);
    let band = (right - left) / length(count);
    let middle = |category: usize| left + band * (length(category) + 0.5);

    if let Some(run) = &spec.highlight {
        let (from, to) = (left + band * length(run.from), left + band * length(run.to));
        canvas.rectangle(from, 0.0, to, bottom, theme::HIGHLIGHT)?;
        canvas.text(
            &run.label,
            f64::midpoint(from, to),
            6.0,
            Align::Middle,
            Ink::new(theme::SMALL, theme::ACCENT).strong(),
        )?;
    }
    for (tick, label) in scale.ticks.iter().zip(&ticks) {
        let y = scale.place(*tick, bottom, top);
        let color = if tick.is_zero() { theme::AXIS } else { theme::GRID };
        canvas.path(&[(left, y), (right, y)], color, 0.5)?;
        canvas.text(label, left - 5.0, y, Align::End, TICK)?;
    }
    let mut ends: Vec<EndLabel> = Vec::new();
    for (category, stack) in stacks.iter().enumerate() {
        let (mut above, mut below) = (Amount::ZERO, Amount::ZERO);
        let (from, to) = (middle(category) - band * COLUMN / 2.0, middle(category) + band * COLUMN / 2.0);
        for (position, series) in spec.series.iter().filter(|series| series.role != SeriesRole::Comparison).enumerate()
        {
            let value = series.values[category].unwrap_or_default();
            let base = if value.is_negative() { &mut below } else { &mut above };
            let start = scale.place(*base, bottom, top);
            *base = base.checked_add(value)?;
            let end = scale.place(*base, bottom, top);
            let color = if series.role == SeriesRole::Other { theme::OTHER } else { theme::group(position) };
            if (end - start).abs() > 0.1 {
                canvas.rectangle(from, start.min(end), to, start.max(end), color)?;
                // A hair of paper keeps neighbours apart.
                canvas.path(&[(from, end), (to, end)], theme::PAPER, 0.4)?;
            }
            if category + 1 == count {
                ends.push(EndLabel { name: series.name.clone(), color, middle: f64::midpoint(start, end), label: 0.0 });
            }
        }
        let total = stack.0.checked_add(stack.1)?;
        let label = words::compact(total);
        if canvas.text_width(&label, TOTAL)? < band {
            let above_column = scale.place(stack.1, bottom, top) - 6.0;
            canvas.text(&label, middle(category), above_column, Align::Middle, TOTAL)?;
        }
    }
    category_labels(canvas, spec, bottom, band, &middle)?;
    end_labels(canvas, ends, middle(count - 1) + band * COLUMN / 2.0, right + 12.0, (top, bottom))
}

/// What stacks below and above zero.
fn stack_ends(spec: &ChartSpec, category: usize) -> Result<(Amount, Amount), ReportError> {
    let values = || {
        spec.series
            .iter()
            .filter(|series| series.role != SeriesRole::Comparison)
            .filter_map(|series| series.values[category])
    };
    let below = Amount::sum(values().filter(|value| value.is_negative()))?;
    let above = Amount::sum(values().filter(|value| !value.is_negative()))?;
    Ok((below, above))
}

/// Names the categories; `Sep 2026` becomes two lines, the year only where it changes. Of times that are too wide for their column every second is
/// named, or every third; other names are cut.
pub(super) fn category_labels(
    canvas: &Canvas<'_>,
    spec: &ChartSpec,
    bottom: f64,
    band: f64,
    middle: &dyn Fn(usize) -> f64,
) -> Result<(), ReportError> {
    let mut year_before = "";
    let each = if spec.categories.iter().all(|category| is_time(category)) {
        let widest = canvas.widest(spec.categories.iter().map(String::as_str), TICK)?;
        (1..spec.categories.len()).find(|each| band * length(*each) >= widest + 4.0).unwrap_or(1)
    } else {
        1
    };
    let band = band * length(each);
    for (position, category) in spec.categories.iter().enumerate().step_by(each) {
        let (name, year) = category.rsplit_once(' ').filter(|(_, year)| is_year(year)).unwrap_or((category, ""));
        let name = canvas.fitted(name, band - 2.0, TICK)?;
        canvas.text(&name, middle(position), bottom + 7.0, Align::Middle, TICK)?;
        let remark = spec.annotations.iter().find(|annotation| annotation.category == position);
        if let Some(remark) = remark {
            let text = canvas.fitted(&remark.text, band + 6.0, TICK)?;
            canvas.text(&text, middle(position), bottom + 16.0, Align::Middle, Ink::new(theme::SMALL, theme::RISE))?;
        } else if year != year_before {
            canvas.text(year, middle(position), bottom + 16.0, Align::Middle, TICK)?;
            year_before = year;
        }
    }
    Ok(())
}

/// `2026-07`, `2026-07-31` and what is longer.
fn is_time(text: &str) -> bool {
    text.split_once('-')
        .is_some_and(|(year, rest)| is_year(year) && rest.starts_with(|first: char| first.is_ascii_digit()))
}

fn is_year(text: &str) -> bool {
    text.len() == 4 && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Writes the names beside the last column, moved apart where they would touch.
fn end_labels(
    canvas: &Canvas<'_>,
    mut ends: Vec<EndLabel>,
    column: f64,
    left: f64,
    range: (f64, f64),
) -> Result<(), ReportError> {
    ends.sort_by(|one, other| one.middle.total_cmp(&other.middle));
    spread(&mut ends, range);
    for end in &ends {
        canvas.path(
            &[(column + 1.0, end.middle), (left - 9.0, end.label), (left - 4.0, end.label)],
            theme::AXIS,
            0.3,
        )?;
        canvas.rectangle(left - 3.0, end.label - 2.6, left + 2.2, end.label + 2.6, end.color)?;
        let name = canvas.fitted(&end.name, canvas.width - left - 6.0, NAME)?;
        canvas.text(&name, left + 5.5, end.label, Align::Start, NAME)?;
    }
    Ok(())
}

/// Keeps labels a step apart: pushed down from the top, then up from the bottom.
fn spread(ends: &mut [EndLabel], (top, bottom): (f64, f64)) {
    let mut lowest = top - LABEL_STEP;
    for end in ends.iter_mut() {
        end.label = end.middle.max(lowest + LABEL_STEP);
        lowest = end.label;
    }
    let mut highest = bottom + LABEL_STEP / 2.0;
    for end in ends.iter_mut().rev() {
        end.label = end.label.min(highest);
        highest = end.label - LABEL_STEP;
    }
}

/// A count as a length.
pub(super) fn length(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}
