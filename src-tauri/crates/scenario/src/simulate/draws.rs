//! Random draws, each keyed by what it is for: a counter-based generator without any state.

use crate::simulate::amount_as_statistic;
use crate::{Estimate, Slip};

/// The draws of one operation.
#[derive(Clone, Copy)]
pub(super) struct Draws {
    key: u64,
}

impl Draws {
    pub(super) fn new(seed: u64, operation: &str) -> Self {
        // FNV-1a over the id.
        let hash = operation
            .bytes()
            .fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3));
        Self { key: mixed(mixed(seed) ^ hash) }
    }

    /// Evenly distributed from 0 to below 1.
    fn uniform(self, field: &str, path: usize) -> f64 {
        let field = field.bytes().fold(0_u64, |hash, byte| hash.wrapping_mul(0x0000_0100_0000_01b3) ^ u64::from(byte));
        let number = u64::try_from(path).unwrap_or(u64::MAX);
        let bits = mixed(mixed(self.key ^ field).wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)));
        // The upper 53 bits fill a float's digits.
        (bits >> 11) as f64 / 9_007_199_254_740_992.0
    }

    /// Whether it happens.
    pub(super) fn happens(self, confidence_percent: f64, path: usize) -> bool {
        confidence_percent >= 100.0 || self.uniform("confidence", path) * 100.0 < confidence_percent
    }

    /// From the triangle of an estimate.
    pub(super) fn figure(self, field: &str, estimate: &Estimate, path: usize) -> f64 {
        let [low, likely, high] = estimate.all().map(amount_as_statistic);
        triangular(low, likely, high, || self.uniform(field, path))
    }

    /// Whole months from the triangle of a slip.
    pub(super) fn slip(self, slip: Slip, path: usize) -> i32 {
        if slip.low == slip.high {
            return slip.likely;
        }
        // Half a month more on either side gives the outer months their share.
        let (low, high) = (f64::from(slip.low) - 0.5, f64::from(slip.high) + 0.5);
        let drawn = triangular(low, f64::from(slip.likely), high, || self.uniform("slip", path)).round();
        (drawn as i32).clamp(slip.low, slip.high)
    }
}

/// The inverse of the triangular distribution's distribution function.
fn triangular(low: f64, likely: f64, high: f64, uniform: impl FnOnce() -> f64) -> f64 {
    let width = high - low;
    if width <= 0.0 {
        return likely;
    }
    let (rising, falling) = (likely - low, high - likely);
    let drawn = uniform();
    if drawn * width < rising {
        low + (drawn * width * rising).sqrt()
    } else {
        high - ((1.0 - drawn) * width * falling).sqrt()
    }
}

/// The finalizer of splitmix64 (Steele, Lea and Flood 2014).
const fn mixed(value: u64) -> u64 {
    let mut bits = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    bits ^ (bits >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;
    use money::Amount;

    #[test]
    fn draws_have_the_triangle_s_mean_and_stay_inside() {
        let estimate = Estimate {
            low: Amount::from_integer(-10),
            likely: Amount::from_integer(0),
            high: Amount::from_integer(40),
        };
        let draws = Draws::new(7, "growth");
        let figures: Vec<f64> = (0..20_000).map(|path| draws.figure("change", &estimate, path)).collect();
        assert!(figures.iter().all(|figure| (-10.0..=40.0).contains(figure)), "nothing is drawn outside");
        let mean = figures.iter().sum::<f64>() / 20_000.0;
        assert!((mean - 10.0).abs() < 0.3, "the mean is a third of low, likely and high together: {mean}");
        let happened = (0..20_000).filter(|&path| draws.happens(30.0, path)).count();
        assert!((5_700..6_300).contains(&happened), "three in ten happen: {happened}");
    }

    #[test]
    fn draws_depend_on_the_operation_the_field_and_the_seed() {
        let uniform = |seed, operation: &str, field: &str| Draws::new(seed, operation).uniform(field, 5).to_bits();
        assert_eq!(uniform(1, "a", "change"), uniform(1, "a", "change"), "the same again");
        let all =
            [uniform(1, "a", "change"), uniform(2, "a", "change"), uniform(1, "b", "change"), uniform(1, "a", "share")];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "each key has its own draw");
        }
    }

    #[test]
    fn a_slip_gives_every_month_its_share() {
        let slip = Slip { low: 0, likely: 1, high: 3 };
        let draws = Draws::new(3, "launch");
        let mut counted = [0_u32; 4];
        for path in 0..8_000 {
            counted[usize::try_from(draws.slip(slip, path)).unwrap()] += 1;
        }
        assert!(counted.iter().all(|&count| count > 300), "each month from low to high occurs: {counted:?}");
        assert!(counted[1] > counted[0] && counted[1] > counted[3], "the likely one most often: {counted:?}");
    }
}
