//! Exact quotients: amounts as rational numbers of any length, rounded once, where a figure is made.

use money::{Amount, AmountError};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive};

/// The most decimals that a quotient is given to.
pub const DECIMALS_MAX: u8 = 18;

/// What one unit costs: `cost / units` to `decimals` decimals, half to even. None where there are no units (there is no cost of one
/// of nothing) or the quotient needs more than 38 digits.
#[must_use]
pub fn per_unit(cost: Amount, units: Amount, decimals: u8) -> Option<Amount> {
    if units.is_zero() {
        return None;
    }
    rounded(&(rational(cost) / rational(units)), decimals).ok()
}

/// The amount as a fraction.
pub(crate) fn rational(amount: Amount) -> BigRational {
    BigRational::new(BigInt::from(amount.units()), power_of_ten(amount.scale()))
}

/// The fraction to `decimals` decimals, half to even.
///
/// # Errors
/// [`AmountError::TooLarge`] when it needs more than 38 digits.
pub(crate) fn rounded(value: &BigRational, decimals: u8) -> Result<Amount, AmountError> {
    let scaled = value.abs() * BigRational::from_integer(power_of_ten(decimals));
    let (mut whole, rest) = scaled.numer().div_rem(scaled.denom());
    let twice: BigInt = rest * 2;
    let odd = whole.is_odd();
    match twice.cmp(scaled.denom()) {
        std::cmp::Ordering::Greater => whole += 1,
        std::cmp::Ordering::Equal if odd => whole += 1,
        _ => {}
    }
    if value.is_negative() {
        whole = -whole;
    }
    let units = whole.to_i128().ok_or(AmountError::TooLarge)?;
    // Adding nothing checks the number of digits.
    Amount::new(units, decimals)?.checked_add(Amount::ZERO)
}

fn power_of_ten(exponent: u8) -> BigInt {
    BigInt::from(10).pow(u32::from(exponent))
}

/// `parts` to `decimals` decimals so that they add up to `whole`, which their exact sum equals or is the exact value of: what rounding
/// leaves over goes to the largest part, the first one among equals, so that a part of exactly nothing stays nothing.
///
/// # Errors
/// [`AmountError::TooLarge`] when a figure needs more than 38 digits.
pub(crate) fn conserving(whole: Amount, parts: [&BigRational; 2], decimals: u8) -> Result<[Amount; 2], AmountError> {
    let [first, second] = parts;
    let mut amounts = [rounded(first, decimals)?, rounded(second, decimals)?];
    let left = whole.checked_sub(amounts[0])?.checked_sub(amounts[1])?;
    let largest = usize::from(second.abs() > first.abs());
    if !left.is_zero() {
        amounts[largest] = amounts[largest].checked_add(left)?;
    }
    Ok(amounts)
}

/// Half of a sum of two.
pub(crate) fn mean(left: &BigRational, right: &BigRational) -> BigRational {
    (left + right) / BigRational::from_integer(BigInt::from(2))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn quotients_are_exact_to_the_stated_decimal() {
        // 1087091.731696496 / 13710000 and others by long division in whole numbers.
        let cases = [
            ("1087091.731696496", "13710000", 9, "0.079291884"),
            ("1", "3", 18, "0.333333333333333333"),
            ("2", "3", 6, "0.666667"),
            ("0.0000005", "1", 6, "0.000000"),
            ("0.0000015", "1", 6, "0.000002"),
            ("-0.0000015", "1", 6, "-0.000002"),
            ("-10", "4", 0, "-2"),
            ("0", "7", 2, "0.00"),
            ("99999999999999999999.999999999999999999", "0.000001", 0, "99999999999999999999999999.999999999999"),
        ];
        for (cost, units, decimals, expected) in cases {
            let found = per_unit(amount(cost), amount(units), decimals);
            let expected = amount(expected).rescaled(decimals, money::Rounding::HalfEven).unwrap();
            assert_eq!(found.map(|found| found.to_string()), Some(expected.to_string()), "{cost} / {units}");
        }
    }

    #[test]
    fn of_nothing_there_is_no_cost_of_one() {
        assert_eq!(per_unit(amount("5"), amount("0"), 6), None);
        assert_eq!(per_unit(amount("0"), amount("0.00"), 6), None, "not even of no cost");
        assert_eq!(per_unit(amount("99999999999999999999999999999999999999"), amount("0.1"), 6), None, "39 digits");
    }

    proptest! {
        /// The oracle is long division by digits in the money crate.
        #[test]
        fn agrees_with_long_division(cost in -10_i128.pow(20)..10_i128.pow(20), scale in 0_u8..10, units in 1_i128..10_i128.pow(12)) {
            let (cost, units) = (Amount::new(cost, scale).unwrap(), Amount::new(units, 3).unwrap());
            prop_assert_eq!(per_unit(cost, units, 8), money::Ratio::of(cost, units, 8));
        }
    }
}
