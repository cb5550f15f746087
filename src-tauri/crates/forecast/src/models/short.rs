//! Less than two years of months: the last year again, and the latest level, each as far as its errors speak for it.
//!
//! A season cannot be told from a trend there, so no model is trusted by itself. What the errors of the past tell is how much a month
//! differs from the same one a year before, and how much from what its latest neighbours said: forecasts are joined by the inverse of their
//! squared errors, J. M. Bates and C. W. J. Granger (1969), "The combination of forecasts".

use super::naive::seasonal_naive;
use super::theta::Theta;

/// From so many values on the level is tried.
const FIRST: usize = 6;

/// What comes after the values; of fewer than seven the mean of the latest three.
#[must_use]
pub fn last_year_and_latest(values: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let count = values.len();
    let Some(last) = values.last() else { return vec![0.0; horizon] };
    if count <= FIRST {
        let latest = &values[count - count.min(3)..];
        return vec![latest.iter().sum::<f64>() / latest.len() as f64; horizon];
    }
    let line = |values: &[f64], horizon: usize| {
        let forecast = Theta::fit(values, 1).map(|model| model.forecast(horizon));
        let last = values.last().copied().unwrap_or(0.0);
        forecast.filter(|values| values.iter().all(|value| value.is_finite())).unwrap_or_else(|| vec![last; horizon])
    };
    let (mut missed_by_line, mut missed_by_last) = (0.0, 0.0);
    for origin in FIRST..count {
        let came = &values[origin..count.min(origin + horizon.max(1))];
        let missed = |expected: &[f64]| {
            came.iter().zip(expected).map(|(came, expected)| (came - expected).abs()).sum::<f64>() / came.len() as f64
        };
        missed_by_line += missed(&line(&values[..origin], came.len()));
        missed_by_last += missed(&vec![values[origin - 1]; came.len()]);
    }
    let tried = (count - FIRST) as f64;
    let largest = values.iter().fold(0.0_f64, |largest, value| largest.max(value.abs()));
    let least = 1e-9 * largest.max(1e-9);
    let [by_line, by_last] = [missed_by_line, missed_by_last].map(|missed| (missed / tried).max(least));
    let by_last_year = missed_by_last_year(values, period).max(least);
    let of_line = share(by_line, by_last);
    let of_last_year = share(by_last_year, by_line.min(by_last));
    let year = seasonal_naive(values, period, horizon);
    let join = |(line, year): (f64, &f64)| {
        of_last_year * year + (1.0 - of_last_year) * (of_line * line + (1.0 - of_line) * last)
    };
    line(values, horizon).into_iter().zip(&year).map(join).collect()
}

/// The weight of a forecast beside another, by their errors.
fn share(missed: f64, missed_by_other: f64) -> f64 {
    let ratio = missed / missed_by_other;
    1.0 / (1.0 + ratio * ratio)
}

/// The mean difference to the same month a year before, and, as one more such difference, how far the level moved since the first three
/// months: with a single year it is all that is known.
fn missed_by_last_year(values: &[f64], period: usize) -> f64 {
    const LEVEL: usize = 3;
    let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len().max(1) as f64;
    let moved = (mean(&values[values.len() - LEVEL..]) - mean(&values[..LEVEL])).abs();
    let pairs = values.iter().skip(period).zip(values).map(|(late, early)| (late - early).abs());
    let (sum, count) = pairs.fold((moved, 1.0), |(sum, count), difference| (sum + difference, count + 1.0));
    sum / count
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_grows_goes_on_and_what_swings_comes_again() {
        let growing: Vec<f64> = (0..15).map(|at| 100.0 + 4.0 * f64::from(at)).collect();
        let found = last_year_and_latest(&growing, 12, 3);
        assert!(found[0] > 150.0, "a steady growth is not thrown back by a year: {found:?}");
        let swing: Vec<f64> = (0..23).map(|at| if at % 12 < 6 { 50.0 } else { 150.0 }).collect();
        let found = last_year_and_latest(&swing, 12, 4);
        assert!(found[0] > 140.0, "the last month of the year is high again: {found:?}");
        assert!(found[1] < 70.0, "and then it falls, as it did a year before: {found:?}");
    }

    #[test]
    fn what_never_moves_stays_and_little_is_a_mean() {
        assert_eq!(last_year_and_latest(&[5.0; 14], 12, 2), [5.0, 5.0], "nothing ever changed");
        assert_eq!(last_year_and_latest(&[1.0, 2.0, 3.0, 4.0], 12, 1), [3.0], "the mean of the latest three");
        assert_eq!(last_year_and_latest(&[], 12, 1), [0.0], "nothing is known");
    }
}
