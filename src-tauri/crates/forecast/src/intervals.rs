//! How wide a forecast is: by the errors that it would have made.
//!
//! The series is forecast again from earlier points. Each error is divided by a power of its number of steps ahead, which is
//! fitted; then all are one pool, and a quantile of it, enlarged for its being an estimate (conformal prediction, V. Vovk,
//! A. Gammerman and G. Shafer 2005), times the power of the step is half the width. On the monthly series of the M3 competition
//! such intervals hold what they promise, where those computed from a model's own formula are too narrow.

use crate::outcome::Step;
use crate::random::Random;
use crate::student;

/// How far the actual values lay from what was expected: `errors[k]` is that of `k + 1` steps ahead.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct OriginErrors {
    pub errors: Vec<f64>,
}

/// How wide a forecast is.
#[derive(Clone, Debug, PartialEq, serde::Serialize)]
pub struct Spread {
    /// Errors grow with the steps ahead to this power.
    pub power: f64,
    /// How much an error resembles the one of the step before: the correlation of neighbours.
    pub persistence: f64,
    /// Sizes of the scaled errors, ascending.
    #[serde(skip)]
    pub(crate) sizes: Vec<f64>,
    /// From how many points they come.
    pub origins: usize,
    /// The least value that the series can have; nothing when it has no floor.
    pub floor: Option<f64>,
    /// What a step's half width is multiplied with: the month's length, and less than 1 where a part has come in already.
    #[serde(skip)]
    pub(crate) factors: Vec<f64>,
    /// The least value of each step: what has come in already, where the series has a floor.
    #[serde(skip)]
    pub(crate) lowest: Vec<f64>,
}

impl Spread {
    /// No width at all.
    pub(crate) const fn none() -> Self {
        Self {
            power: 0.0,
            persistence: 0.0,
            sizes: Vec::new(),
            origins: 0,
            floor: None,
            factors: Vec::new(),
            lowest: Vec::new(),
        }
    }

    /// From errors of several steps ahead.
    pub(crate) fn of_origins(origins: &[OriginErrors]) -> Self {
        let power = power_of(origins);
        let mut sizes: Vec<f64> = scaled(origins, power).flatten().map(f64::abs).collect();
        sizes.sort_by(f64::total_cmp);
        Self { power, persistence: persistence_of(origins, power), sizes, origins: origins.len(), ..Self::none() }
    }

    /// From errors of one step ahead: they are taken to add up like those of a random walk.
    pub(crate) fn of_one_step(errors: impl Iterator<Item = f64>) -> Self {
        let mut sizes: Vec<f64> = errors.map(f64::abs).collect();
        sizes.sort_by(f64::total_cmp);
        Self { power: 0.5, persistence: 0.5, origins: sizes.len(), sizes, ..Self::none() }
    }

    /// Half the width that holds `level` of the values, `ahead` steps ahead (from 1 on).
    #[must_use]
    pub fn half_width(&self, level: f64, ahead: usize) -> f64 {
        self.size(level) * libm::pow(ahead as f64, self.power)
    }

    /// The size that `level` of the scaled errors do not exceed: their quantile and, of few points, not less than what Student's
    /// distribution makes of their mean square.
    fn size(&self, level: f64) -> f64 {
        let observed = quantile(&self.sizes, enlarged(level, self.origins));
        if self.origins >= POINTS_MANY || self.sizes.is_empty() {
            return observed;
        }
        let square = self.sizes.iter().map(|size| size * size).sum::<f64>() / self.sizes.len() as f64;
        let freedom = self.origins.saturating_sub(1).max(1) as f64;
        observed.max(student::two_sided(level, freedom) * libm::sqrt(square))
    }

    /// The share of past values that intervals would have held, each half of the points judged by the other half: neighbouring points
    /// share most of what came, so leaving out one alone would flatter.
    pub(crate) fn coverage(&self, origins: &[OriginErrors], level: f64) -> Option<f64> {
        let half = origins.len() / 2;
        if half == 0 {
            return None;
        }
        let scaled: Vec<Vec<f64>> = scaled(origins, self.power).collect();
        let (early, late) = scaled.split_at(half);
        let (mut inside, mut count) = (0.0, 0.0);
        for (judged, known) in [(early, late), (late, early)] {
            let mut sizes: Vec<f64> = known.iter().flatten().map(|error| error.abs()).collect();
            sizes.sort_by(f64::total_cmp);
            let width = Self { sizes, origins: known.len(), ..Self::none() }.size(level);
            let errors = judged.iter().flatten();
            inside += errors.clone().filter(|error| error.abs() <= width).count() as f64;
            count += errors.count() as f64;
        }
        (count > 0.0).then(|| inside / count)
    }

    /// As [`crate::Forecast::paths`].
    pub(crate) fn paths(&self, steps: &[Step], count: usize, seed: u64) -> Vec<Vec<f64>> {
        let table = self.table();
        let rest = libm::sqrt((1.0 - self.persistence * self.persistence).max(0.0));
        let widths: Vec<f64> = (0..steps.len()).map(|step| self.width(step)).collect();
        let path = |number: usize| {
            let mut random = Random::new(seed ^ (number as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15));
            let mut normal = random.normal();
            let values = steps.iter().enumerate().map(|(at, step)| {
                if at > 0 {
                    normal = self.persistence * normal + rest * random.normal();
                }
                let value = step.point + table_value(&table, normal) * widths[at];
                let lowest = self.lowest.get(at).copied().or(self.floor);
                lowest.map_or(value, |lowest| value.max(lowest))
            });
            values.collect()
        };
        (0..count).map(path).collect()
    }

    /// What a scaled error is multiplied with to be an error of a step, from 0 on.
    pub(crate) fn width(&self, step: usize) -> f64 {
        libm::pow((step + 1) as f64, self.power) * self.factors.get(step).copied().unwrap_or(1.0)
    }

    /// The scaled error at evenly spaced places of the normal distribution: half of them to each side, so that the paths are as wide as
    /// the intervals.
    pub(crate) fn table(&self) -> Vec<f64> {
        let entry = |at: usize| {
            let place = TABLE_REACH * at as f64 / TABLE_SIZE as f64;
            let level = libm::erf(place / std::f64::consts::SQRT_2);
            self.size(level)
        };
        (0..=TABLE_SIZE).map(entry).collect()
    }
}

/// From so many points on their quantiles say how wide it is; below they are too few for the rarer levels.
const POINTS_MANY: usize = 19;

/// The table goes so far out in standard deviations, in so many intervals.
const TABLE_REACH: f64 = 4.0;
const TABLE_SIZE: usize = 256;

/// The scaled error at a place of the normal distribution.
pub(crate) fn table_value(table: &[f64], normal: f64) -> f64 {
    let place = (normal.abs() / TABLE_REACH * TABLE_SIZE as f64).min(TABLE_SIZE as f64);
    let at = (place as usize).min(TABLE_SIZE - 1);
    let size = table[at] + (place - at as f64) * (table[at + 1] - table[at]);
    if normal < 0.0 { -size } else { size }
}

/// The level whose quantile among so few estimates holds `level` of new values.
fn enlarged(level: f64, origins: usize) -> f64 {
    if origins == 0 { level } else { (level * (1.0 + 1.0 / origins as f64)).min(1.0) }
}

fn scaled(origins: &[OriginErrors], power: f64) -> impl Iterator<Item = Vec<f64>> {
    let longest = origins.iter().map(|origin| origin.errors.len()).max().unwrap_or(0);
    let scales: Vec<f64> = (1..=longest).map(|ahead| libm::pow(ahead as f64, power)).collect();
    origins.iter().map(move |origin| origin.errors.iter().zip(&scales).map(|(error, scale)| error / scale).collect())
}

/// The slope of the mean size of the errors over the steps ahead, both as logarithms, weighted by how many errors there are; from 0 to 1.
fn power_of(origins: &[OriginErrors]) -> f64 {
    /// The growth of a random walk, where nothing better is known.
    const RANDOM_WALK: f64 = 0.5;
    let longest = origins.iter().map(|origin| origin.errors.len()).max().unwrap_or(0);
    let mut sums = [0.0; 5];
    let mut sizes_known = 0;
    for step in 0..longest {
        let sizes = origins.iter().filter_map(|origin| origin.errors.get(step)).map(|error| error.abs());
        let (sum, count) = sizes.fold((0.0, 0.0), |(sum, count), size| (sum + size, count + 1.0));
        if sum <= 0.0 {
            continue;
        }
        sizes_known += 1;
        let (ahead, size) = (libm::log((step + 1) as f64), libm::log(sum / count));
        for (sum, term) in sums.iter_mut().zip([1.0, ahead, size, ahead * ahead, ahead * size]) {
            *sum += count * term;
        }
    }
    let [weight, ahead, size, ahead_squares, products] = sums;
    let spread = weight * ahead_squares - ahead * ahead;
    if sizes_known < 3 || spread <= 0.0 {
        return RANDOM_WALK;
    }
    ((weight * products - ahead * size) / spread).clamp(0.0, 1.0)
}

/// The correlation of neighbouring scaled errors of the same origin, about zero.
fn persistence_of(origins: &[OriginErrors], power: f64) -> f64 {
    let (mut products, mut squares) = (0.0, 0.0);
    for errors in scaled(origins, power) {
        for pair in errors.windows(2) {
            products += pair[0] * pair[1];
            squares += f64::midpoint(pair[0] * pair[0], pair[1] * pair[1]);
        }
    }
    if squares > 0.0 { (products / squares).clamp(0.0, 0.99) } else { 0.0 }
}

/// The quantile of ascending values, between neighbours in proportion; zero of nothing.
pub(crate) fn quantile(ascending: &[f64], share: f64) -> f64 {
    let Some(last) = ascending.len().checked_sub(1) else { return 0.0 };
    let place = share.clamp(0.0, 1.0) * last as f64;
    let below = place as usize;
    let above = (below + 1).min(last);
    ascending[below] + (place - below as f64) * (ascending[above] - ascending[below])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn walks(count: usize, steps: usize) -> Vec<OriginErrors> {
        let mut random = Random::new(3);
        let walk = |_| {
            let mut error = 0.0;
            OriginErrors {
                errors: (0..steps)
                    .map(|_| {
                        error += random.normal();
                        error
                    })
                    .collect(),
            }
        };
        (0..count).map(walk).collect()
    }

    #[test]
    fn the_errors_of_a_random_walk_grow_with_the_root() {
        let origins = walks(400, 18);
        let spread = Spread::of_origins(&origins);
        assert!((spread.power - 0.5).abs() < 0.05, "the power is {}", spread.power);
        assert!((spread.half_width(0.8, 1) - 1.28).abs() < 0.15, "80 % of normal values lie within 1.28");
        assert!((spread.half_width(0.95, 9) - 5.88).abs() < 0.6, "nine steps: three times 1.96");
        let coverage = spread.coverage(&origins, 0.8).unwrap();
        assert!((coverage - 0.8).abs() < 0.02, "held: {coverage}");
    }

    #[test]
    fn quantiles_lie_between_neighbours() {
        assert!((quantile(&[1.0, 2.0, 4.0], 0.75) - 3.0).abs() < 1e-12, "half way from 2 to 4");
        assert!(quantile(&[], 0.5).abs() <= 0.0, "of nothing: nothing");
    }
}
