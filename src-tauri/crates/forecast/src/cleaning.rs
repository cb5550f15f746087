//! What would mislead a model: values far from all others, and a level that moved.
//!
//! Neither is deleted. A value far off is drawn to the edge of what is usual, so that it counts like the farthest usual one; what lies
//! before a move of the level is lifted to the new level, so that the season is still learnt from the whole history.

use crate::models::stl::decompose;

/// A factor that makes the median distance of normal values their standard deviation.
const NORMAL: f64 = 1.4826;

/// The median; zero of nothing. Sorts what it is given.
pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    let count = values.len();
    match count {
        0 => 0.0,
        _ if count % 2 == 1 => values[count / 2],
        _ => f64::midpoint(values[count / 2 - 1], values[count / 2]),
    }
}

/// The standard deviation that normal values with this median distance would have.
pub(crate) fn robust_deviation(values: &[f64]) -> f64 {
    let middle = median(&mut values.to_vec());
    let mut distances: Vec<f64> = values.iter().map(|value| (value - middle).abs()).collect();
    NORMAL * median(&mut distances)
}

/// Positions whose remainder lies far off, with the value at the edge of what is usual: the identifier of F. R. Hampel (1974) on what is
/// left after season and trend. The first look takes both by medians, which no single value can bend; what stands out there is
/// drawn in, and the second, finer look takes them by local regression.
pub(crate) fn outliers(series: &[f64], period: usize) -> Vec<(usize, f64)> {
    /// So many deviations are too many, at the first and at the second look. Fewer at the second than five, and the
    /// forecasts of the M3 competition's monthly series become worse.
    const DEVIATIONS_MAX: [f64; 2] = [8.0, 5.0];
    /// A series that hardly moves has hardly a deviation; what lies within this share of the level is never far off.
    const SHARE_MIN: f64 = 0.1;
    /// With fewer values usual and unusual cannot be told apart.
    const VALUES_MIN: usize = 12;
    /// The trend is the median of so many values at each side and the value itself.
    const TREND_HALF: usize = 3;
    if series.len() < VALUES_MIN {
        return Vec::new();
    }
    let level = median(&mut series.iter().map(|value| value.abs()).collect::<Vec<f64>>());
    let season = season_of_medians(series, period);
    let adjusted: Vec<f64> = series.iter().zip(&season).map(|(value, season)| value - season).collect();
    let usual = sums(&season, &running_medians(&adjusted, TREND_HALF));
    let mut drawn = drawn_in(series, &usual, DEVIATIONS_MAX[0], SHARE_MIN * level);
    if let Some(parts) = decompose(&drawn, period) {
        drawn = drawn_in(series, &sums(&parts.season, &parts.trend), DEVIATIONS_MAX[1], SHARE_MIN * level);
    }
    let moved = drawn.into_iter().enumerate().filter(|(at, value)| (value - series[*at]).abs() > 0.0);
    moved.collect()
}

fn sums(left: &[f64], right: &[f64]) -> Vec<f64> {
    left.iter().zip(right).map(|(left, right)| left + right).collect()
}

/// Values no farther from what is usual than so many deviations of the remainders.
fn drawn_in(series: &[f64], usual: &[f64], deviations_max: f64, reach_min: f64) -> Vec<f64> {
    let remainders: Vec<f64> = series.iter().zip(usual).map(|(value, usual)| value - usual).collect();
    let reach = (deviations_max * robust_deviation(&remainders)).max(reach_min);
    let draw =
        |(value, usual): (&f64, &f64)| if reach > 0.0 { value.clamp(usual - reach, usual + reach) } else { *value };
    series.iter().zip(usual).map(draw).collect()
}

fn running_medians(series: &[f64], half: usize) -> Vec<f64> {
    let window = |at: usize| &series[at.saturating_sub(half)..(at + half + 1).min(series.len())];
    (0..series.len()).map(|at| median(&mut window(at).to_vec())).collect()
}

/// The median of each position in the period beside the running median of a period; zeros with fewer than three periods.
fn season_of_medians(series: &[f64], period: usize) -> Vec<f64> {
    let count = series.len();
    if period < 2 || count < 3 * period {
        return vec![0.0; count];
    }
    let trend = running_medians(series, period / 2);
    let position = |position: usize| {
        let mut rests: Vec<f64> = (position..count).step_by(period).map(|at| series[at] - trend[at]).collect();
        median(&mut rests)
    };
    let pattern: Vec<f64> = (0..period).map(position).collect();
    (0..count).map(|at| pattern[at % period]).collect()
}

/// A move of the level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Shift {
    /// The first position at the new level.
    pub at: usize,
    /// How far the level moved.
    pub by: f64,
}

/// The latest move of the level, if any: a change point of the mean by pruned exact search, whose jump stands out from the series' other
/// jumps (a steady trend has changes of the mean, too, but none that stands out). `segment_min` is the least number of
/// values between two moves.
pub(crate) fn latest_shift(series: &[f64], period: usize, segment_min: usize) -> Option<Shift> {
    /// A jump must be so many times the usual one.
    const TIMES_MIN: f64 = 8.0;
    /// And so much of the level.
    const SHARE_MIN: f64 = 0.25;
    let season = season_of_medians(series, period);
    let adjusted: Vec<f64> = series.iter().zip(&season).map(|(value, season)| value - season).collect();
    let count = adjusted.len();
    if count < 4 * segment_min {
        return None;
    }
    let jump = |at: usize| {
        let after = &adjusted[at..(at + segment_min).min(count)];
        let before = &adjusted[at.saturating_sub(segment_min)..at];
        median(&mut after.to_vec()) - median(&mut before.to_vec())
    };
    let at = *change_points(&adjusted, segment_min).last()?;
    let by = jump(at);
    let far = |other: usize| other.abs_diff(at) >= segment_min;
    let others: Vec<f64> = (segment_min..=count - segment_min).filter(|&other| far(other)).map(jump).collect();
    if others.len() < segment_min {
        return None;
    }
    let middle = median(&mut others.clone());
    let level = median(&mut adjusted.iter().map(|value| value.abs()).collect::<Vec<f64>>());
    let stands_out = (by - middle).abs() > TIMES_MIN * robust_deviation(&others) && by.abs() > SHARE_MIN * level;
    stands_out.then_some(Shift { at, by })
}

/// Where the mean changes: the segments with the least squares and a penalty a segment, found exactly. R. Killick, P. Fearnhead and
/// I. A. Eckley (2012), "Optimal detection of changepoints with a linear computational cost".
fn change_points(series: &[f64], segment_min: usize) -> Vec<usize> {
    /// In variances of the noise, times the logarithm of the number of values.
    const PENALTY: f64 = 3.0;
    let count = series.len();
    let differences: Vec<f64> = series.windows(2).map(|pair| pair[1] - pair[0]).collect();
    let noise = robust_deviation(&differences) / std::f64::consts::SQRT_2;
    let spread = series.iter().fold(0.0_f64, |most, value| most.max(value.abs()));
    let noise = noise.max(1e-9 * spread);
    if noise <= 0.0 {
        return Vec::new();
    }
    let penalty = PENALTY * noise * noise * libm::log(count as f64);
    let mut sums = vec![(0.0, 0.0)];
    for value in series {
        let (sum, squares) = sums[sums.len() - 1];
        sums.push((sum + value, squares + value * value));
    }
    let cost = |from: usize, to: usize| {
        let sum = sums[to].0 - sums[from].0;
        (sums[to].1 - sums[from].1 - sum * sum / (to - from) as f64).max(0.0)
    };
    let mut least = vec![f64::INFINITY; count + 1];
    least[0] = -penalty;
    let mut last = vec![0; count + 1];
    let mut candidates = vec![0];
    for to in segment_min..=count {
        let costs: Vec<(usize, f64)> = candidates.iter().map(|&from| (from, least[from] + cost(from, to))).collect();
        let (from, value) = costs.iter().copied().min_by(|left, right| left.1.total_cmp(&right.1)).unwrap_or((0, 0.0));
        least[to] = value + penalty;
        last[to] = from;
        candidates = costs.into_iter().filter(|(_, cost)| *cost <= least[to]).map(|(from, _)| from).collect();
        if to + 1 >= 2 * segment_min {
            candidates.push(to + 1 - segment_min);
        }
    }
    let mut points = Vec::new();
    let mut to = count;
    while last[to] > 0 {
        to = last[to];
        points.push(to);
    }
    points.reverse();
    points
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Numbers without a pattern, the same every time.
    fn noise(count: usize) -> impl Iterator<Item = f64> {
        let mut random = crate::random::Random::new(7);
        (0..count).map(move |_| random.uniform() - 0.5)
    }

    #[test]
    fn a_spike_is_found_and_drawn_to_the_edge() {
        let mut series: Vec<f64> = noise(60).map(|noise| 100.0 + 4.0 * noise).collect();
        series[40] = 300.0;
        let found = outliers(&series, 12);
        assert_eq!(found.len(), 1, "only the spike: {found:?}");
        assert!(found[0].0 == 40 && found[0].1 < 115.0, "it counts like the farthest usual value: {found:?}");
    }

    #[test]
    fn a_jump_is_found_and_a_trend_is_none() {
        let jump: Vec<f64> =
            noise(120).enumerate().map(|(at, noise)| 100.0 + noise + if at < 90 { 0.0 } else { 50.0 }).collect();
        let shift = latest_shift(&jump, 7, 14).unwrap();
        assert!(shift.at == 90 && (shift.by - 50.0).abs() < 2.0, "{shift:?}");
        let trend: Vec<f64> = noise(120).enumerate().map(|(at, noise)| 100.0 + noise + at as f64).collect();
        assert_eq!(latest_shift(&trend, 7, 14), None, "a steady trend never jumps");
        assert_eq!(latest_shift(&[5.0; 60], 7, 14), None, "what never moves never jumps");
    }

    #[test]
    fn change_points_are_where_the_means_change() {
        let series: Vec<f64> = [3.0; 10].into_iter().chain([9.0; 12]).chain([1.0; 8]).collect();
        assert_eq!(change_points(&series, 3), [10, 22], "two changes");
    }
}
