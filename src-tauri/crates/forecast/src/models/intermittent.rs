//! Series that are zero more often than not: how likely a charge is, times how large.

/// The method of R. H. Teunter, A. A. Syntetos and M. Z. Babai (2011): likelihood and size are smoothed apart, the likelihood at every
/// step, so that what is no longer charged fades out. The weights are the ones of the least squared errors among a few.
#[derive(Clone, Debug)]
pub struct Intermittent {
    /// What is expected of any one step.
    pub rate: f64,
    /// What was expected of each value one step before it.
    pub fitted: Vec<f64>,
}

/// More zeros than this share make a series intermittent.
pub const ZERO_SHARE_MIN: f64 = 0.4;

impl Intermittent {
    /// The model; nothing for an empty series.
    #[must_use]
    pub fn fit(series: &[f64]) -> Option<Self> {
        const WEIGHTS: [f64; 5] = [0.02, 0.05, 0.1, 0.2, 0.3];
        if series.is_empty() {
            return None;
        }
        let fits = WEIGHTS.iter().flat_map(|likelihood| WEIGHTS.iter().map(|size| (*likelihood, *size)));
        let fits = fits.map(|(likelihood, size)| run(series, likelihood, size));
        let best = fits.min_by(|left, right| left.1.total_cmp(&right.1))?;
        Some(best.0)
    }
}

/// Whether a series is zero so often that models of its level make no sense.
#[must_use]
pub fn is_intermittent(series: &[f64]) -> bool {
    let zeros = series.iter().filter(|value| value.abs() <= 0.0).count();
    !series.is_empty() && zeros as f64 > ZERO_SHARE_MIN * series.len() as f64
}

fn run(series: &[f64], likelihood_weight: f64, size_weight: f64) -> (Intermittent, f64) {
    let sizes: Vec<f64> = series.iter().copied().filter(|value| value.abs() > 0.0).collect();
    let mut likelihood = sizes.len() as f64 / series.len() as f64;
    let mut size = if sizes.is_empty() { 0.0 } else { sizes.iter().sum::<f64>() / sizes.len() as f64 };
    let mut fitted = Vec::with_capacity(series.len());
    let mut squares = 0.0;
    for value in series {
        let expected = likelihood * size;
        fitted.push(expected);
        squares += (value - expected) * (value - expected);
        if value.abs() > 0.0 {
            size += size_weight * (value - size);
            likelihood += likelihood_weight * (1.0 - likelihood);
        } else {
            likelihood -= likelihood_weight * likelihood;
        }
    }
    (Intermittent { rate: likelihood * size, fitted }, squares)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_charge_in_four_costs_a_quarter_a_step() {
        let series: Vec<f64> = (0..80).map(|day| if day % 4 == 0 { 8.0 } else { 0.0 }).collect();
        assert!(is_intermittent(&series), "three days of four cost nothing");
        let model = Intermittent::fit(&series).unwrap();
        assert!((model.rate - 2.0).abs() < 0.3, "8 every fourth day is 2 a day: {}", model.rate);
    }

    #[test]
    fn what_is_no_longer_charged_fades() {
        let series: Vec<f64> = (0..90).map(|day| if day < 40 { 10.0 } else { 0.0 }).collect();
        assert!(Intermittent::fit(&series).unwrap().rate < 1.0, "fifty days without a charge");
    }
}
