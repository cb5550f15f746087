//! The simple methods that every other one must beat.

/// The last period again and again; with less than a period of history the last value.
#[must_use]
pub fn seasonal_naive(series: &[f64], period: usize, horizon: usize) -> Vec<f64> {
    let Some(last) = series.last() else { return vec![0.0; horizon] };
    if period < 2 || series.len() < period {
        return vec![*last; horizon];
    }
    let season = &series[series.len() - period..];
    (0..horizon).map(|step| season[step % period]).collect()
}

/// The mean of the last `window` values, by position in the period where `period` is above 1 and the window has each
/// position: the run-rate with its profile of weekdays.
#[must_use]
pub fn run_rate(series: &[f64], period: usize, window: usize, horizon: usize) -> Vec<f64> {
    let tail = &series[series.len() - window.min(series.len())..];
    if tail.is_empty() {
        return vec![0.0; horizon];
    }
    let mean_of = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0.0), |(sum, count), value| (sum + value, count + 1.0));
        sum / count
    };
    if period < 2 || tail.len() < 2 * period {
        return vec![mean_of(&mut tail.iter().copied()); horizon];
    }
    let whole = &tail[tail.len() % period..];
    (0..horizon).map(|step| mean_of(&mut whole.iter().skip(step % period).step_by(period).copied())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_period_comes_again() {
        assert_eq!(seasonal_naive(&[9.0, 1.0, 2.0, 3.0], 3, 5), [1.0, 2.0, 3.0, 1.0, 2.0], "the last three, repeated");
        assert_eq!(seasonal_naive(&[4.0, 5.0], 3, 2), [5.0, 5.0], "less than a period: the last value");
        assert_eq!(seasonal_naive(&[], 3, 2), [0.0, 0.0], "nothing is known: nothing");
    }

    #[test]
    fn the_run_rate_keeps_weekdays_apart() {
        let series: Vec<f64> = (0..28).map(|day| if day % 7 < 5 { 10.0 } else { 2.0 }).collect();
        assert_eq!(
            run_rate(&series, 7, 28, 7),
            [10.0, 10.0, 10.0, 10.0, 10.0, 2.0, 2.0],
            "five workdays, two days off"
        );
        assert_eq!(run_rate(&series[..7], 7, 28, 1), [54.0 / 7.0], "one week: its mean, without a profile");
    }
}
