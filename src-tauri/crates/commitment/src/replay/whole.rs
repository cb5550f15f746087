//! The whole numbers of the inner loop: 64 bits where everything fits, 128 where not; the results are the same.

use std::fmt::Debug;
use std::ops::{Add, AddAssign, Sub, SubAssign};

use num_bigint::BigInt;
use num_traits::ToPrimitive;

/// A signed whole number of units of the working scale.
pub(crate) trait Whole:
    Copy + Ord + Default + Debug + Send + Sync + Add<Output = Self> + Sub<Output = Self> + AddAssign + SubAssign
{
    /// The number, if it is not too large.
    fn narrow(wide: i128) -> Option<Self>;

    /// The number in 128 bits.
    fn wide(self) -> i128;

    /// `self * numerator / denominator`, half to even. All three are zero or more, the denominator is above zero; none when the
    /// result does not fit.
    fn times(self, numerator: Self, denominator: Self) -> Option<Self>;
}

impl Whole for i64 {
    fn narrow(wide: i128) -> Option<Self> {
        // A quarter of the range, so that sums of a step's few amounts cannot overflow.
        Self::try_from(wide).ok().filter(|number| number.unsigned_abs() < 1 << 61)
    }

    fn wide(self) -> i128 {
        i128::from(self)
    }

    fn times(self, numerator: Self, denominator: Self) -> Option<Self> {
        let (left, right, divisor) = (self.unsigned_abs(), numerator.unsigned_abs(), denominator.unsigned_abs());
        if let Some(product) = left.checked_mul(right) {
            // 64-bit division is several times faster than 128-bit division.
            let (quotient, rest) = (product / divisor, product % divisor);
            let up = rest > divisor - rest || (rest == divisor - rest && quotient % 2 == 1);
            return Self::narrow(i128::from(quotient) + i128::from(up));
        }
        let product = u128::from(left) * u128::from(right);
        let divisor = u128::from(divisor);
        let (quotient, rest) = (product / divisor, product % divisor);
        let up = rest > divisor - rest || (rest == divisor - rest && quotient % 2 == 1);
        Self::narrow(i128::try_from(quotient).ok()? + i128::from(up))
    }
}

impl Whole for i128 {
    fn narrow(wide: i128) -> Option<Self> {
        (wide.unsigned_abs() < 1 << 125).then_some(wide)
    }

    fn wide(self) -> i128 {
        self
    }

    fn times(self, numerator: Self, denominator: Self) -> Option<Self> {
        let up = |twice: std::cmp::Ordering, odd: bool| i128::from(twice.is_gt() || (twice.is_eq() && odd));
        if let Some(product) = self.checked_mul(numerator) {
            let (quotient, rest) = (product / denominator, product % denominator);
            return Self::narrow(quotient + up(rest.cmp(&(denominator - rest)), quotient % 2 != 0));
        }
        let (product, divisor) = (BigInt::from(self) * BigInt::from(numerator), BigInt::from(denominator));
        let (quotient, rest) = (&product / &divisor, &product % &divisor);
        let quotient = quotient.to_i128()?;
        Self::narrow(quotient.checked_add(up(rest.cmp(&(&divisor - &rest)), quotient % 2 != 0))?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_rational::BigRational;
    use proptest::prelude::*;

    /// Half to even over exact fractions.
    fn expected(left: i64, numerator: i64, denominator: i64) -> i128 {
        let exact = BigRational::new(BigInt::from(left) * BigInt::from(numerator), BigInt::from(denominator));
        let floor = exact.floor().to_integer();
        let rest = exact - BigRational::from_integer(floor.clone());
        let half = BigRational::new(1.into(), 2.into());
        let floor = floor.to_i128().unwrap();
        if rest > half || (rest == half && floor % 2 != 0) { floor + 1 } else { floor }
    }

    proptest! {
        #[test]
        fn both_widths_round_half_to_even(left in 0_i64..1 << 60, numerator in 0_i64..1 << 40, denominator in 1_i64..1 << 40) {
            let wanted = expected(left, numerator, denominator);
            prop_assert_eq!(i128::from(left).times(numerator.into(), denominator.into()), Some(wanted));
            prop_assert_eq!(left.times(numerator, denominator), i64::narrow(wanted));
        }

        #[test]
        fn ties_go_to_even(left in 0_i64..1000) {
            prop_assert_eq!(left.times(1, 2), i64::narrow(expected(left, 1, 2)));
        }
    }

    #[test]
    fn products_beyond_128_bits_are_exact() {
        let large = 10_i128.pow(30);
        assert_eq!(large.times(large, large), Some(large));
        assert_eq!(large.times(large, 1), None, "the result does not fit");
    }
}
