//! Splitting an amount so that the parts add up to the whole.

use crate::{Amount, AmountError, Rounding};

/// Splits `whole` by `weights` into parts with `scale` decimals that add up to `whole` exactly: each part is rounded down
/// (towards zero) and the units left over go to the largest remainders, earlier parts first among equals (Hamilton's method).
///
/// # Errors
/// [`AmountError::TooLarge`] when `whole` has more decimals than `scale`, when a weight is negative, when all weights are zero, or
/// when a product of units and weight leaves 128 bits.
pub fn split_by_weights(whole: Amount, weights: &[u64], scale: u8) -> Result<Vec<Amount>, AmountError> {
    let wide = whole.rescaled(scale, Rounding::Down)?;
    let total: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
    if wide != whole || total == 0 {
        return Err(AmountError::TooLarge);
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (position, &weight) in weights.iter().enumerate() {
        let product = wide.units().checked_mul(i128::from(weight)).ok_or(AmountError::TooLarge)?;
        parts.push(product / total);
        remainders.push(((product % total).abs(), position));
    }
    let mut left_over = wide.units() - parts.iter().sum::<i128>();
    let step = left_over.signum();
    remainders.sort_by_key(|&(remainder, position)| (std::cmp::Reverse(remainder), position));
    for &(_, position) in &remainders {
        if left_over == 0 {
            break;
        }
        parts[position] += step;
        left_over -= step;
    }
    parts.into_iter().map(|units| Amount::new(units, scale)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn parts_equal_the_whole(units in -10_000_000_i128..10_000_000, weights in prop::collection::vec(0_u64..1000, 1..12)) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let whole = Amount::new(units, 2).unwrap();
            let parts = split_by_weights(whole, &weights, 2).unwrap();
            prop_assert_eq!(Amount::sum(parts.iter().copied()).unwrap(), whole);
            for (part, weight) in parts.iter().zip(&weights) {
                prop_assert!(*weight > 0 || part.is_zero(), "a part without weight gets nothing");
            }
        }
    }
}
