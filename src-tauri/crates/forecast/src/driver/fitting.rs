//! The arithmetic behind driver models: rates by robust ridge regression that keeps above zero, and the chance of a fit.

use super::Driver;
use crate::cleaning::{median, robust_deviation};
use crate::linear::Cholesky;

pub(super) fn powered(base: f64, exponent: usize) -> f64 {
    (0..exponent).fold(1.0, |power, _| power * base)
}

/// Units times what one of them costs beside the last step, where each step makes it cheaper.
fn weighted_units(driver: &Driver, count: usize, step: usize) -> f64 {
    driver.units[step] / powered(1.0 - driver.efficiency, count - 1 - step)
}

pub(super) fn at_step(fixed: f64, rates: &[f64], drivers: &[Driver], count: usize, step: usize) -> f64 {
    let variable = drivers.iter().zip(rates).map(|(driver, rate)| rate * weighted_units(driver, count, step));
    fixed + variable.sum::<f64>()
}

/// Fixed cost and the cost of a unit of each driver. Every round gives values far off less weight.
pub(super) fn fit_rates(series: &[f64], drivers: &[Driver]) -> (f64, Vec<f64>) {
    const ROUNDS: usize = 12;
    /// Huber's: 95 % as good as least squares where errors are normal.
    const DEVIATIONS_FULL: f64 = 1.345;
    let count = series.len();
    let free: Vec<usize> = (0..drivers.len()).filter(|&at| drivers[at].unit_rate.is_none()).collect();
    let mut rates: Vec<f64> = drivers.iter().map(|driver| driver.unit_rate.unwrap_or(0.0)).collect();
    let targets: Vec<f64> = (0..count).map(|step| series[step] - at_step(0.0, &rates, drivers, count, step)).collect();
    // The fixed cost is the first column.
    let mut columns = vec![vec![1.0; count]];
    columns.extend(
        free.iter().map(|&at| (0..count).map(|step| weighted_units(&drivers[at], count, step)).collect::<Vec<f64>>()),
    );
    let mut weights = vec![1.0; count];
    let mut found = vec![0.0; columns.len()];
    for _ in 0..ROUNDS {
        found = ridge_above_zero(&columns, &targets, &weights);
        let errors: Vec<f64> = (0..count)
            .map(|step| {
                targets[step] - columns.iter().zip(&found).map(|(column, rate)| column[step] * rate).sum::<f64>()
            })
            .collect();
        let reach = DEVIATIONS_FULL * robust_deviation(&errors);
        let middle = median(&mut errors.clone());
        for (weight, error) in weights.iter_mut().zip(&errors) {
            let distance = (error - middle).abs();
            *weight = if distance > reach && reach > 0.0 { reach / distance } else { 1.0 };
        }
    }
    for (at, rate) in free.into_iter().zip(&found[1..]) {
        rates[at] = *rate;
    }
    (found[0], rates)
}

/// Weighted least squares with no coefficient below zero and a small penalty on the unit costs, by the active sets of C. L. Lawson and
/// R. J. Hanson (1974).
fn ridge_above_zero(columns: &[Vec<f64>], targets: &[f64], weights: &[f64]) -> Vec<f64> {
    /// Enough to tell drivers apart that move together, too little to be seen otherwise.
    const PENALTY: f64 = 1e-6;
    let size = columns.len();
    let weight: f64 = weights.iter().sum();
    let product = |left: &[f64], right: &[f64]| -> f64 {
        left.iter().zip(right).zip(weights).map(|((left, right), weight)| left * right * weight).sum()
    };
    let mut gram = vec![0.0; size * size];
    let mut right = vec![0.0; size];
    for row in 0..size {
        right[row] = product(&columns[row], targets);
        for column in 0..size {
            gram[row * size + column] = product(&columns[row], &columns[column]);
        }
        if row > 0 {
            let mean = product(&columns[row], &columns[0]) / weight;
            let variance = gram[row * size + row] - weight * mean * mean;
            gram[row * size + row] += PENALTY * variance.max(0.0);
        }
    }
    let solve = |active: &[usize]| -> Option<Vec<f64>> {
        let mut matrix = Vec::with_capacity(active.len() * active.len());
        for &row in active {
            matrix.extend(active.iter().map(|&column| gram[row * size + column]));
        }
        let values: Vec<f64> = active.iter().map(|&row| right[row]).collect();
        Some(Cholesky::of(&matrix, active.len())?.solve(&values))
    };
    let mut active: Vec<usize> = Vec::new();
    let mut solution = vec![0.0; size];
    for _ in 0..3 * size {
        let slope =
            |at: usize| right[at] - (0..size).map(|other| gram[at * size + other] * solution[other]).sum::<f64>();
        let scaled = |at: usize| slope(at) / libm::sqrt(gram[at * size + at]);
        let idle = (0..size).filter(|at| !active.contains(at) && gram[at * size + at] > 0.0);
        let best = idle.map(|at| (at, scaled(at))).max_by(|left, right| left.1.total_cmp(&right.1));
        let Some((entering, slope)) = best else { break };
        if slope <= 1e-10 * libm::sqrt(product(targets, targets)) {
            break;
        }
        active.push(entering);
        active.sort_unstable();
        loop {
            let Some(found) = solve(&active) else {
                // A driver that the others make up says nothing new.
                active.retain(|&at| at != entering);
                return solution;
            };
            if found.iter().all(|value| *value >= 0.0) {
                solution.fill(0.0);
                for (&at, value) in active.iter().zip(&found) {
                    solution[at] = *value;
                }
                break;
            }
            let share = active.iter().zip(&found).filter(|(_, value)| **value < 0.0);
            let share = share.map(|(&at, value)| solution[at] / (solution[at] - value)).fold(1.0, f64::min);
            for (&at, value) in active.iter().zip(&found) {
                solution[at] += share * (value - solution[at]);
            }
            let before = active.len();
            active.retain(|&at| solution[at] > 1e-14);
            if active.is_empty() || active.len() == before {
                return solution.into_iter().map(|value| value.max(0.0)).collect();
            }
        }
    }
    solution
}

/// The regularised incomplete beta function by its continued fraction. NIST Digital Library of Mathematical Functions, 8.17.22.
pub(super) fn incomplete_beta(at: f64, first: f64, second: f64) -> f64 {
    if at <= 0.0 || at >= 1.0 {
        return at.clamp(0.0, 1.0);
    }
    if at > (first + 1.0) / (first + second + 2.0) {
        return 1.0 - incomplete_beta(1.0 - at, second, first);
    }
    let logarithm = libm::lgamma(first + second) - libm::lgamma(first) - libm::lgamma(second)
        + first * libm::log(at)
        + second * libm::log(1.0 - at);
    let mut fraction = 1.0;
    for step in (1..=200).rev() {
        let half = f64::from(step / 2);
        let term = if step % 2 == 0 {
            half * (second - half) * at / ((first + 2.0 * half - 1.0) * (first + 2.0 * half))
        } else {
            -(first + half) * (first + second + half) * at / ((first + 2.0 * half) * (first + 2.0 * half + 1.0))
        };
        fraction = 1.0 + term / fraction;
    }
    libm::exp(logarithm) / first / fraction
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_incomplete_beta_function_has_its_known_values() {
        assert!((incomplete_beta(0.5, 2.0, 2.0) - 0.5).abs() < 1e-12, "symmetric");
        assert!((incomplete_beta(0.3, 1.0, 1.0) - 0.3).abs() < 1e-12, "uniform");
        assert!((incomplete_beta(0.2, 2.0, 3.0) - 0.1808).abs() < 1e-12, "6x^2 - 8x^3 + 3x^4 at 0.2");
    }
}
