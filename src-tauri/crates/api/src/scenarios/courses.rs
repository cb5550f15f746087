//! Courses of a baseline: how its lines may stray, drawn from the errors of their forecasts.
#![expect(clippy::float_arithmetic, reason = "statistics; money is made of them by a named rounding in `scenario`")]

use scenario::{Figures, SamplePaths};

use super::baseline::Made;
use super::usage::statistic;

/// Neighbouring numbers give seeds that have nothing in common.
const STRIDE: u64 = 0xa076_1d64_78bd_642f;

/// The deviations of every line. Lines stray by themselves and together: what their own errors leave of the width of the total's is shared
/// by all of them, so that the sum strays as far as the forecast of the sum does.
pub(super) fn of(made: &Made, count: usize, seed: u64) -> SamplePaths {
    let months = made.prepared.baseline().months;
    let follows =
        |follows: Option<(usize, money::Amount)>| follows.map(|(place, share)| (place, statistic(share) as f32));
    let of_line = made.followed.iter().copied().map(follows).collect();
    let mut blocks: Vec<Vec<f64>> = Vec::with_capacity(made.blocks.len());
    for (place, block) in made.blocks.iter().enumerate() {
        let own = seed ^ ((made.forecasts.len() + place) as u64 + 1).wrapping_mul(STRIDE);
        let mut found = block.deviations(count, own, seed ^ block.key());
        for (course, point) in found.chunks_exact_mut(count).zip(&block.points) {
            course.iter_mut().for_each(|value| *value = value.max(-*point));
        }
        blocks.push(found);
    }
    let Some(whole) = &made.whole else { return SamplePaths { series: rounded(blocks), of_line } };
    let mut series: Vec<Vec<f64>> = made
        .forecasts
        .iter()
        .enumerate()
        .map(|(place, one)| deviations(one, months, count, seed ^ (place as u64 + 1).wrapping_mul(STRIDE)))
        .collect();
    let together = deviations(whole, months, count, seed ^ STRIDE.rotate_left(17));
    let levels = levels(made, months);
    for month in 0..months {
        let cells = month * count..(month + 1) * count;
        let own: f64 = series.iter().map(|one| variance(&one[cells.clone()])).sum();
        let wanted = variance(&together[cells.clone()]);
        let (shared, kept) = match (wanted > 0.0, own > wanted) {
            (false, _) => (0.0, 1.0),
            (true, true) => (0.0, (wanted / own).sqrt()),
            (true, false) => ((1.0 - own / wanted).sqrt(), 1.0),
        };
        let sum: f64 = levels.iter().map(|months| months[month]).sum();
        for (one, level) in series.iter_mut().zip(&levels) {
            let share = if sum > 0.0 { level[month] / sum } else { 0.0 };
            for (value, together) in one[cells.clone()].iter_mut().zip(&together[cells.clone()]) {
                // Usage does not fall below nothing.
                *value = (*value * kept + together * shared * share).max(-level[month]);
            }
        }
    }
    series.append(&mut blocks);
    SamplePaths { series: rounded(series), of_line }
}

fn rounded(series: Vec<Vec<f64>>) -> Vec<Vec<f32>> {
    series.into_iter().map(|one| one.into_iter().map(|value| value as f32).collect()).collect()
}

/// Month by month the paths' distances from the forecast.
fn deviations(one: &forecast::Forecast, months: usize, count: usize, seed: u64) -> Vec<f64> {
    let paths = one.paths(count, seed);
    let mut found = Vec::with_capacity(months * count);
    for month in 0..months {
        let point = one.steps.get(month).map_or(0.0, |step| step.point);
        found.extend(paths.iter().map(|path| path.get(month).map_or(0.0, |value| value - point)));
    }
    found
}

fn variance(values: &[f64]) -> f64 {
    let count = values.len().max(1) as f64;
    let mean = values.iter().sum::<f64>() / count;
    values.iter().map(|value| (value - mean) * (value - mean)).sum::<f64>() / count
}

/// What each forecast was brought to, month by month.
fn levels(made: &Made, months: usize) -> Vec<Vec<f64>> {
    let mut levels = vec![vec![0.0; months]; made.forecasts.len()];
    for (line, follows) in made.prepared.baseline().lines.iter().zip(&made.followed) {
        let (Figures::Cost(cost) | Figures::CostAndUnits { cost, .. }) = &line.figures else { continue };
        let Some(level) = follows.and_then(|(place, _)| levels.get_mut(place)) else { continue };
        for (level, amount) in level.iter_mut().zip(cost) {
            *level += statistic(*amount);
        }
    }
    levels
}
