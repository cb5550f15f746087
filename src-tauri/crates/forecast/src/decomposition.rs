//! Classical decomposition by moving averages, and the test of whether a series has a season at all.

/// How the season joins the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum SeasonKind {
    /// Added to the level: the swing stays the same in money.
    Additive,
    /// Multiplied with the level: the swing stays the same in percent.
    Multiplicative,
}

/// The season of each position in the period, by the mean of what a centred moving average leaves; additive seasons add up to zero,
/// multiplicative ones have the mean 1. Nothing when there are fewer than two periods, or for a multiplicative season when
/// a value is not above zero.
pub(crate) fn seasonal_means(series: &[f64], period: usize, kind: SeasonKind) -> Option<Vec<f64>> {
    if period < 2 || series.len() < 2 * period {
        return None;
    }
    if kind == SeasonKind::Multiplicative && series.iter().any(|value| *value <= 0.0) {
        return None;
    }
    let mut sums = vec![0.0; period];
    let mut counts = vec![0.0; period];
    let half = period / 2;
    let width = period as f64;
    for at in half..series.len() - half {
        let window = &series[at - half..=at + half];
        let trend = if period.is_multiple_of(2) {
            let inside: f64 = window[1..period].iter().sum();
            (0.5 * window[0] + inside + 0.5 * window[period]) / width
        } else {
            window.iter().sum::<f64>() / width
        };
        let rest = if kind == SeasonKind::Additive { series[at] - trend } else { series[at] / trend };
        sums[at % period] += rest;
        counts[at % period] += 1.0;
    }
    let mut means: Vec<f64> = sums.iter().zip(&counts).map(|(sum, count): (&f64, &f64)| sum / count.max(1.0)).collect();
    let mean = means.iter().sum::<f64>() / width;
    for value in &mut means {
        if kind == SeasonKind::Additive {
            *value -= mean;
        } else {
            *value /= mean;
        }
    }
    means.iter().all(|value| value.is_finite()).then_some(means)
}

/// Whether the autocorrelation at the period stands out at 90 %, as V. Assimakopoulos and K. Nikolopoulos (2000) test before the
/// theta method.
pub(crate) fn has_season(series: &[f64], period: usize) -> bool {
    /// The quantile of the normal distribution at 0.95: two-sided 90 %.
    const QUANTILE: f64 = 1.644_853_626_951_472_2;
    let count = series.len();
    if period < 4 || count < 2 * period {
        return false;
    }
    let mean = series.iter().sum::<f64>() / count as f64;
    let squares: f64 = series.iter().map(|value| (value - mean) * (value - mean)).sum();
    if squares <= 0.0 {
        return false;
    }
    let correlation = |lag: usize| {
        let products: f64 = series.iter().zip(&series[lag..]).map(|(early, late)| (early - mean) * (late - mean)).sum();
        products / squares
    };
    let before: f64 = (1..period).map(|lag| correlation(lag) * correlation(lag)).sum();
    let deviation = libm::sqrt((1.0 + 2.0 * before) / count as f64);
    correlation(period).abs() / deviation > QUANTILE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swinging(count: usize) -> Vec<f64> {
        (0..count).map(|at| 100.0 + at as f64 + [10.0, -5.0, -10.0, 5.0][at % 4]).collect()
    }

    #[test]
    fn the_season_of_a_line_with_a_swing_is_the_swing() {
        let means = seasonal_means(&swinging(24), 4, SeasonKind::Additive).unwrap();
        for (mean, wanted) in means.iter().zip([10.0, -5.0, -10.0, 5.0]) {
            assert!((mean - wanted).abs() < 1e-9, "{means:?}");
        }
    }

    #[test]
    fn a_swing_has_a_season_and_a_line_none() {
        assert!(has_season(&swinging(40), 4), "the swing comes back every fourth value");
        let mut random = crate::random::Random::new(1);
        let noise: Vec<f64> = (0..40).map(|_| random.uniform()).collect();
        assert!(!has_season(&noise, 4), "what comes back at no lag has no season");
        assert!(!has_season(&[1.0; 40], 4), "what never changes has no season");
    }
}
