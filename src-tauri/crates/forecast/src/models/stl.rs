//! Seasonal and trend decomposition by local regression, and the forecast that is made of it: the adjusted series by damped
//! smoothing, the last season on top.
//!
//! R. B. Cleveland, W. S. Cleveland, J. E. McRae and I. Terpenning (1990), "STL: a seasonal-trend decomposition procedure based on
//! loess", with two inner rounds and no robust ones: values far off are drawn in before.

use super::ets::{Ets, EtsForm, Trend};

/// The parts of a series; they add up to it.
#[derive(Clone, Debug)]
pub struct Decomposition {
    /// What comes back each period.
    pub season: Vec<f64>,
    /// What moves slowly.
    pub trend: Vec<f64>,
    /// What is left.
    pub remainder: Vec<f64>,
}

/// Takes a series apart; nothing with fewer than two periods.
#[must_use]
pub fn decompose(series: &[f64], period: usize) -> Option<Decomposition> {
    /// The span of the season's own smoothing: a season may change over about so many periods.
    const SEASON_SPAN: usize = 11;
    const INNER_ROUNDS: usize = 2;
    let count = series.len();
    if period < 2 || count < 2 * period {
        return None;
    }
    let wide = 1.5 * period as f64 / (1.0 - 1.5 / SEASON_SPAN as f64);
    let trend_span = (libm::ceil(wide) as usize) | 1;
    let low_span = period | 1;
    let mut trend = vec![0.0; count];
    let mut season = vec![0.0; count];
    for _ in 0..INNER_ROUNDS {
        let rough = smooth_by_position(series, &trend, period, SEASON_SPAN);
        let low = moving_mean(&moving_mean(&moving_mean(&rough, period), period), 3);
        let low = local_lines(&low, low_span, 0, low.len());
        for at in 0..count {
            season[at] = rough[at + period] - low[at];
        }
        let adjusted: Vec<f64> = series.iter().zip(&season).map(|(value, season)| value - season).collect();
        trend = local_lines(&adjusted, trend_span, 0, count);
    }
    let remainder = (0..count).map(|at| series[at] - trend[at] - season[at]).collect();
    Some(Decomposition { season, trend, remainder })
}

/// Each position in the period as a series of its own, smoothed and carried one period further at both ends.
fn smooth_by_position(series: &[f64], trend: &[f64], period: usize, span: usize) -> Vec<f64> {
    let count = series.len();
    let mut rough = vec![0.0; count + 2 * period];
    for position in 0..period {
        let values: Vec<f64> = (position..count).step_by(period).map(|at| series[at] - trend[at]).collect();
        let smoothed = local_lines(&values, span, 1, values.len() + 2);
        for (cycle, value) in smoothed.into_iter().enumerate() {
            rough[position + cycle * period] = value;
        }
    }
    rough
}

fn moving_mean(values: &[f64], width: usize) -> Vec<f64> {
    values.windows(width).map(|window| window.iter().sum::<f64>() / width as f64).collect()
}

/// Local straight lines with tricube weights over the nearest `span` values, at `places` places that begin `before` the first value.
fn local_lines(values: &[f64], span: usize, before: usize, places: usize) -> Vec<f64> {
    let count = values.len();
    let mut smoothed = Vec::with_capacity(places);
    for place in 0..places {
        let place = place as f64 - before as f64;
        let near = span.min(count);
        let half = (near / 2) as f64;
        let first = libm::floor((place - half).max(0.0)) as usize;
        let first = first.min(count - near);
        let last = first + near - 1;
        let mut reach = (place - first as f64).max(last as f64 - place);
        if span > count {
            reach += ((span - count) / 2) as f64;
        }
        let mut sums = [0.0; 5];
        for (at, value) in values.iter().enumerate().take(last + 1).skip(first) {
            let distance = (at as f64 - place).abs();
            if distance > 0.999 * reach && reach > 0.0 {
                continue;
            }
            let share = if distance <= 0.001 * reach { 0.0 } else { distance / reach };
            let cube = 1.0 - share * share * share;
            let weight = cube * cube * cube;
            let offset = at as f64 - place;
            sums[0] += weight;
            sums[1] += weight * offset;
            sums[2] += weight * offset * offset;
            sums[3] += weight * value;
            sums[4] += weight * offset * value;
        }
        let [weight, first_moment, second_moment, value, product] = sums;
        let determinant = weight * second_moment - first_moment * first_moment;
        smoothed.push(if determinant > 1e-6 * weight * weight {
            (second_moment * value - first_moment * product) / determinant
        } else if weight > 0.0 {
            value / weight
        } else {
            values[first..=last].iter().sum::<f64>() / near as f64
        });
    }
    smoothed
}

/// The adjusted series by damped additive smoothing, and the last period's season; nothing with fewer than two periods.
#[must_use]
pub fn damped_forecast(series: &[f64], period: usize, horizon: usize) -> Option<Vec<f64>> {
    let parts = decompose(series, period)?;
    let adjusted: Vec<f64> = series.iter().zip(&parts.season).map(|(value, season)| value - season).collect();
    let form = EtsForm { error_multiplies: false, trend: Trend::Damped, season: None };
    let smooth = Ets::fit(&adjusted, 1, form).or_else(|| Ets::choose(&adjusted, 1))?;
    let season = &parts.season[series.len() - period..];
    Some(smooth.forecast(horizon).iter().enumerate().map(|(step, value)| value + season[step % period]).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_parts_add_up_and_the_season_is_found() {
        let swing = [10.0, -4.0, -6.0, 0.0];
        let series: Vec<f64> = (0..48).map(|at| 100.0 + 0.5 * at as f64 + swing[at % 4]).collect();
        let parts = decompose(&series, 4).unwrap();
        for at in 0..series.len() {
            let sum = parts.season[at] + parts.trend[at] + parts.remainder[at];
            assert!((sum - series[at]).abs() < 1e-9, "the parts at {at} add up to {sum}");
            assert!((parts.season[at] - swing[at % 4]).abs() < 0.2, "the season at {at} is {}", parts.season[at]);
        }
        let forecast = damped_forecast(&series, 4, 4).unwrap();
        for (step, value) in forecast.iter().enumerate() {
            let wanted = 124.0 + 0.5 * step as f64 + swing[step];
            assert!((value - wanted).abs() < 1.5, "step {step}: {value} for {wanted}");
        }
    }
}
