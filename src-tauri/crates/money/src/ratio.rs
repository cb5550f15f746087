//! [`Ratio`]: a share or a change, computed exactly and rounded once.

use crate::amount::power_of_ten;
use crate::{Amount, Rounding};

/// A quotient of two amounts to a stated number of decimals. Not money; printed as a decimal fraction (`0.1234` is 12.34 %).
pub struct Ratio;

impl Ratio {
    /// `part / whole` to `decimals` decimals, half to even. `None` when the whole is zero, or when the quotient needs more than
    /// 38 digits: there is no share of nothing.
    #[must_use]
    pub fn of(part: Amount, whole: Amount, decimals: u8) -> Option<Amount> {
        if whole.is_zero() {
            return None;
        }
        // Equal scales cancel: the quotient of the units is the quotient of the amounts.
        let scale = part.scale().max(whole.scale());
        let numerator = part.rescaled(scale, Rounding::Down).ok()?.units();
        let denominator = whole.rescaled(scale, Rounding::Down).ok()?.units();
        let negative = (numerator < 0) != (denominator < 0);
        let (numerator, denominator) = (numerator.unsigned_abs(), denominator.unsigned_abs());
        let (quotient, mut remainder) = (numerator / denominator, numerator % denominator);
        let mut units = i128::try_from(quotient).ok()?.checked_mul(power_of_ten(decimals)?)?;
        let mut fraction = 0_i128;
        // Long division, a digit at a time: nothing here can overflow that fits in 38 digits.
        for _ in 0..decimals {
            let (digit, rest) = next_digit(remainder, denominator);
            fraction = fraction * 10 + i128::from(digit);
            remainder = rest;
        }
        units = units.checked_add(fraction)?;
        let twice_below = remainder < denominator - remainder;
        let tie = remainder == denominator - remainder;
        if !twice_below && (!tie || units % 2 != 0) {
            units = units.checked_add(1)?;
        }
        Amount::new(if negative { -units } else { units }, decimals).ok()
    }
}

/// The next decimal digit of `remainder / denominator` and what is left, without multiplying past 128 bits.
fn next_digit(remainder: u128, denominator: u128) -> (u8, u128) {
    let (mut digit, mut rest) = (0_u8, 0_u128);
    for _ in 0..10 {
        // Adds the remainder ten times and takes the denominator out whenever it is reached.
        if rest >= denominator - remainder {
            rest -= denominator - remainder;
            digit += 1;
        } else {
            rest += remainder;
        }
    }
    (digit, rest)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn no_share_of_nothing() {
        assert_eq!(Ratio::of(Amount::from_integer(1), Amount::ZERO, 4), None);
    }

    #[test]
    fn half_goes_to_even() {
        let ratio =
            |part, whole| Ratio::of(Amount::from_integer(part), Amount::from_integer(whole), 0).unwrap().to_string();
        assert_eq!([ratio(1, 2), ratio(3, 2), ratio(-5, 2), ratio(2, 3)], ["0", "2", "-2", "1"]);
    }

    proptest! {
        /// The oracle is rust_decimal's own division and rounding, on numbers that it can hold.
        #[test]
        fn agrees_with_rust_decimal(part in -1_000_000_000_i64..1_000_000_000, whole in 1_i64..1_000_000, scale in 0_u8..6) {
            let ours = Ratio::of(Amount::new(part.into(), scale).unwrap(), Amount::from_integer(whole), 8).unwrap();
            let theirs = (rust_decimal::Decimal::new(part, u32::from(scale)) / rust_decimal::Decimal::from(whole))
                .round_dp_with_strategy(8, rust_decimal::RoundingStrategy::MidpointNearestEven);
            prop_assert_eq!(ours, theirs.to_string().parse::<Amount>().unwrap());
        }
    }
}
