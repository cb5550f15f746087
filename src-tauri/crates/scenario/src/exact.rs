//! Exact arithmetic of the likely case: cells are whole numbers of 10^-9 of the currency, factors are fractions, and each product is
//! rounded once, half to even.

use std::cmp::{Ordering, Reverse};

use money::{Amount, Rounding};
use num_bigint::BigInt;
use num_traits::{Signed, Zero};

/// Decimals of the cells that operations work on, as many as the hot cost columns of a bill have.
pub const WORKING_DECIMALS: u8 = 9;

/// The amount as a cell, and whether digits beyond the ninth decimal were rounded away (half to even). None where it does not fit.
pub(crate) fn cell_of(amount: Amount) -> Option<(i128, bool)> {
    let wide = amount.rescaled(WORKING_DECIMALS, Rounding::HalfEven).ok()?;
    Some((wide.units(), wide != amount))
}

/// The cell as an amount, with at least two decimals so that equal figures print alike.
pub(crate) fn amount_of(cell: i128) -> Amount {
    let amount = Amount::new(cell, WORKING_DECIMALS).unwrap_or(Amount::ZERO).normalized();
    if amount.scale() < 2 { amount.rescaled(2, Rounding::Down).unwrap_or(amount) } else { amount }
}

/// A reduced fraction, its denominator above zero.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Fraction {
    numerator: i128,
    denominator: i128,
}

impl Fraction {
    pub(crate) const ZERO: Self = Self { numerator: 0, denominator: 1 };
    pub(crate) const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// None for a denominator of zero.
    pub(crate) fn new(numerator: i128, denominator: i128) -> Option<Self> {
        if denominator == 0 || numerator == i128::MIN || denominator == i128::MIN {
            return None;
        }
        let divisor = greatest_common_divisor(numerator.unsigned_abs(), denominator.unsigned_abs()).max(1);
        let divisor = i128::try_from(divisor).ok()?;
        let sign = denominator.signum();
        Some(Self { numerator: sign * numerator / divisor, denominator: sign * denominator / divisor })
    }

    /// The amount itself.
    pub(crate) fn of_amount(amount: Amount) -> Option<Self> {
        Self::new(amount.units(), 10_i128.checked_pow(u32::from(amount.scale()))?)
    }

    /// A hundredth of the amount.
    pub(crate) fn of_percent(amount: Amount) -> Option<Self> {
        let plain = amount.normalized();
        Self::new(plain.units(), 10_i128.checked_pow(u32::from(plain.scale()) + 2)?)
    }

    pub(crate) fn plus(self, other: Self) -> Option<Self> {
        let left = self.numerator.checked_mul(other.denominator)?;
        let right = other.numerator.checked_mul(self.denominator)?;
        Self::new(left.checked_add(right)?, self.denominator.checked_mul(other.denominator)?)
    }

    pub(crate) fn minus(self, other: Self) -> Option<Self> {
        self.plus(Self { numerator: -other.numerator, denominator: other.denominator })
    }

    pub(crate) fn times(self, other: Self) -> Option<Self> {
        // Crosswise reduction first keeps the digits few.
        let first = Self::new(self.numerator, other.denominator)?;
        let second = Self::new(other.numerator, self.denominator)?;
        Self::new(first.numerator.checked_mul(second.numerator)?, first.denominator.checked_mul(second.denominator)?)
    }

    pub(crate) fn over(self, other: Self) -> Option<Self> {
        self.times(Self::new(other.denominator, other.numerator)?)
    }

    pub(crate) const fn is_one(self) -> bool {
        self.numerator == 1 && self.denominator == 1
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.numerator == 0
    }

    /// The fraction as a statistic.
    pub(crate) fn approximate(self) -> f64 {
        crate::simulate::quotient(self.numerator, self.denominator)
    }

    /// `cell` times the fraction, rounded half to even. None where the result leaves 128 bits.
    #[inline]
    pub(crate) fn of(self, cell: i128) -> Option<i128> {
        if self.is_one() {
            return Some(cell);
        }
        if let (Ok(value), Ok(numerator), Ok(denominator)) =
            (i64::try_from(cell), i64::try_from(self.numerator), i64::try_from(self.denominator))
            && let Some(product) = value.checked_mul(numerator)
        {
            return Some(i128::from(divide_small(product, denominator)));
        }
        match cell.checked_mul(self.numerator) {
            Some(product) => Some(divide(product, self.denominator)),
            None => divide_wide(&(BigInt::from(cell) * BigInt::from(self.numerator)), &BigInt::from(self.denominator)),
        }
    }

    /// The fraction to twelve decimals, half to even: what a long power is cut to.
    pub(crate) fn cut_to_twelve_decimals(self) -> Option<Self> {
        const UNIT: i128 = 1_000_000_000_000;
        Self::new(self.of(UNIT)?, UNIT)
    }
}

fn greatest_common_divisor(mut left: u128, mut right: u128) -> u128 {
    while right != 0 {
        if let (Ok(mut small), Ok(mut other)) = (u64::try_from(left), u64::try_from(right)) {
            while other != 0 {
                (small, other) = (other, small % other);
            }
            return u128::from(small);
        }
        (left, right) = (right, left % right);
    }
    left
}

/// `units / divisor` half to even, the divisor above zero.
pub(crate) fn divide(units: i128, divisor: i128) -> i128 {
    let (quotient, remainder) = (units / divisor, (units % divisor).unsigned_abs());
    let rest = divisor.unsigned_abs() - remainder;
    match remainder.cmp(&rest) {
        Ordering::Less => quotient,
        Ordering::Equal if quotient % 2 == 0 => quotient,
        _ => quotient + units.signum(),
    }
}

#[inline]
fn divide_small(units: i64, divisor: i64) -> i64 {
    let (quotient, remainder) = (units / divisor, (units % divisor).unsigned_abs());
    let rest = divisor.unsigned_abs() - remainder;
    match remainder.cmp(&rest) {
        Ordering::Less => quotient,
        Ordering::Equal if quotient % 2 == 0 => quotient,
        _ => quotient + units.signum(),
    }
}

fn divide_wide(units: &BigInt, divisor: &BigInt) -> Option<i128> {
    let twice: BigInt = units.abs() * 2;
    let whole: BigInt = units.abs() / divisor;
    let rest: BigInt = twice % (divisor * 2);
    let magnitude = match rest.cmp(divisor) {
        Ordering::Less => whole,
        Ordering::Equal if (&whole % 2_u8).is_zero() => whole,
        _ => whole + 1_u8,
    };
    i128::try_from(if units.is_negative() { -magnitude } else { magnitude }).ok()
}

/// Splits `whole` by weights of zero or more into whole parts that add up to it: each is rounded towards zero, the units left over go
/// to the largest remainders, earlier ones first among equals. None where all weights are zero and the whole is not, or the weights'
/// sum leaves 128 bits.
pub(crate) fn apportion(whole: i128, weights: &[i128]) -> Option<Vec<i128>> {
    if whole == 0 {
        return Some(vec![0; weights.len()]);
    }
    let total = weights.iter().try_fold(0_i128, |sum, &weight| sum.checked_add(weight))?;
    if total <= 0 {
        return None;
    }
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    let mut given = 0_i128;
    for (place, &weight) in weights.iter().enumerate() {
        let (part, remainder) = match whole.checked_mul(weight) {
            Some(product) => (product / total, (product % total).unsigned_abs()),
            None => {
                let product = BigInt::from(whole) * BigInt::from(weight);
                let remainder: BigInt = &product % BigInt::from(total);
                let part: BigInt = product / BigInt::from(total);
                (i128::try_from(part).ok()?, u128::try_from(remainder.abs()).ok()?)
            }
        };
        given += part;
        parts.push(part);
        if remainder > 0 {
            remainders.push((Reverse(remainder), place));
        }
    }
    let left = whole - given;
    let count = usize::try_from(left.unsigned_abs()).ok()?;
    if count > 0 && count < remainders.len() {
        remainders.select_nth_unstable(count - 1);
    }
    for &(_, place) in remainders.iter().take(count) {
        parts[place] += left.signum();
    }
    Some(parts)
}

/// `parts` to `decimals` decimals so that they add up to `whole`, which has no more decimals than that: each is rounded down and the
/// units that are left over go to the largest remainders, earlier ones first among equals. A part of exactly nothing stays nothing
/// while others can take what is left.
///
/// Meant for figures on a screen: `whole` is the sum of the parts, rounded, or a difference of two such sums.
#[must_use]
pub fn round_to_whole(whole: Amount, parts: &[Amount], decimals: u8) -> Vec<Amount> {
    let Ok(wanted) = whole.rescaled(decimals, Rounding::HalfEven) else { return parts.to_vec() };
    let mut units = Vec::with_capacity(parts.len());
    let mut order = Vec::with_capacity(parts.len());
    for (place, part) in parts.iter().enumerate() {
        let truncated = part.rounded(decimals, Rounding::Down);
        let mut floor = truncated.rescaled(decimals, Rounding::Down).unwrap_or(truncated);
        if part.is_negative() && floor != *part {
            floor = Amount::new(floor.units() - 1, decimals).unwrap_or(floor);
        }
        let remainder = part.checked_sub(floor).unwrap_or(Amount::ZERO);
        units.push(floor.units());
        order.push((part.is_zero(), Reverse(remainder), place));
    }
    let mut left = wanted.units() - units.iter().sum::<i128>();
    order.sort_unstable();
    while left != 0 && !order.is_empty() {
        let step = left.signum();
        // What is to be taken away is taken where the least was cut off.
        let takers: Box<dyn Iterator<Item = &(bool, Reverse<Amount>, usize)>> =
            if step > 0 { Box::new(order.iter()) } else { Box::new(order.iter().filter(|(zero, ..)| !zero).rev()) };
        let before = left;
        for &(_, _, place) in takers {
            if left == 0 {
                break;
            }
            units[place] += step;
            left -= step;
        }
        if before == left {
            units[0] += left;
            left = 0;
        }
    }
    units.into_iter().map(|unit| Amount::new(unit, decimals).unwrap_or(Amount::ZERO)).collect()
}

#[cfg(test)]
mod tests {
    use num_rational::BigRational;
    use proptest::prelude::*;

    use super::*;

    /// Half to even by the definition, on rationals of any length.
    fn rounded_slowly(value: &BigRational) -> BigInt {
        let floor = value.floor().to_integer();
        let rest = value - BigRational::from_integer(floor.clone());
        let half = BigRational::new(1.into(), 2.into());
        match rest.cmp(&half) {
            Ordering::Less => floor,
            Ordering::Greater => floor + 1,
            Ordering::Equal if (&floor % BigInt::from(2)).is_zero() => floor,
            Ordering::Equal => floor + 1,
        }
    }

    proptest! {
        #[test]
        fn a_product_is_rounded_half_to_even(
            cell in prop_oneof![-1_000_000_i128..1_000_000, -(1_i128 << 90)..(1_i128 << 90)],
            numerator in prop_oneof![-50_i128..50, -(1_i128 << 70)..(1_i128 << 70)],
            denominator in prop_oneof![1_i128..20, 1_i128..(1_i128 << 70)],
        ) {
            let slow = rounded_slowly(&BigRational::new(BigInt::from(cell) * numerator, denominator.into()));
            let fast = Fraction::new(numerator, denominator).unwrap().of(cell);
            prop_assert_eq!(fast, i128::try_from(slow).ok(), "all three widths round alike");
        }

        #[test]
        fn apportioned_parts_equal_the_whole(
            whole in -(1_i128 << 100)..(1_i128 << 100),
            weights in prop::collection::vec(prop_oneof![Just(0_i128), 1_i128..100, 1_i128..(1_i128 << 90)], 1..20),
        ) {
            prop_assume!(weights.iter().any(|&weight| weight > 0));
            let parts = apportion(whole, &weights).unwrap();
            prop_assert_eq!(parts.iter().sum::<i128>(), whole, "nothing is lost");
            let total: i128 = weights.iter().sum();
            for (&part, &weight) in parts.iter().zip(&weights) {
                let exact = BigRational::new(BigInt::from(whole) * weight, total.into());
                let distance = (exact - BigRational::from_integer(part.into())).abs();
                prop_assert!(distance < BigRational::from_integer(1.into()), "a part is less than a unit off its share");
            }
        }

        #[test]
        fn shown_parts_equal_the_shown_whole(units in prop::collection::vec(-1_000_000_000_000_i128..1_000_000_000_000, 1..12)) {
            let parts: Vec<Amount> = units.iter().map(|&unit| Amount::new(unit, 9).unwrap()).collect();
            let whole = Amount::sum(parts.iter().copied()).unwrap().rescaled(2, Rounding::HalfEven).unwrap();
            let shown = round_to_whole(whole, &parts, 2);
            prop_assert_eq!(Amount::sum(shown.iter().copied()).unwrap(), whole, "the cents add up");
            let cent = Amount::new(1, 2).unwrap();
            for (part, shown) in parts.iter().zip(&shown) {
                prop_assert!(part.checked_sub(*shown).unwrap().abs() <= cent, "no part is a cent or more off");
            }
        }
    }

    #[test]
    fn a_whole_that_differs_by_a_cent_is_still_met() {
        let parts = [Amount::new(100, 2).unwrap(), Amount::ZERO, Amount::new(50, 2).unwrap()];
        for units in [149, 150, 151] {
            let whole = Amount::new(units, 2).unwrap();
            let shown = round_to_whole(whole, &parts, 2);
            assert_eq!(Amount::sum(shown.iter().copied()).unwrap(), whole, "the difference of two rounded totals");
        }
    }
}
