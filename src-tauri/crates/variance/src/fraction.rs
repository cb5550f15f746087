//! [`Fraction`]: an exact rational that is never reduced. A level of a bridge takes a handful of multiplications, so its digits stay
//! few, and reducing would cost more than all of them.

use num_bigint::{BigInt, Sign};
use num_traits::{One, Signed};

/// `numerator / denominator`, the denominator above zero.
#[derive(Clone, Debug)]
pub(crate) struct Fraction {
    numerator: BigInt,
    denominator: BigInt,
}

impl Fraction {
    pub(crate) fn whole(units: BigInt) -> Self {
        Self { numerator: units, denominator: BigInt::one() }
    }

    /// None for a denominator of zero.
    pub(crate) fn new(numerator: BigInt, denominator: BigInt) -> Option<Self> {
        match denominator.sign() {
            Sign::NoSign => None,
            Sign::Plus => Some(Self { numerator, denominator }),
            Sign::Minus => Some(Self { numerator: -numerator, denominator: -denominator }),
        }
    }

    /// `value * over / under`; none for an `under` of zero.
    pub(crate) fn scaled(value: &BigInt, over: &BigInt, under: &BigInt) -> Option<Self> {
        Self::new(value * over, under.clone())
    }

    pub(crate) fn is_positive(&self) -> bool {
        self.numerator.is_positive()
    }

    pub(crate) fn plus(&self, other: &Self) -> Self {
        if self.denominator == other.denominator {
            return Self { numerator: &self.numerator + &other.numerator, denominator: self.denominator.clone() };
        }
        Self {
            numerator: &self.numerator * &other.denominator + &other.numerator * &self.denominator,
            denominator: &self.denominator * &other.denominator,
        }
    }

    pub(crate) fn minus(&self, other: &Self) -> Self {
        self.plus(&Self { numerator: -&other.numerator, denominator: other.denominator.clone() })
    }

    pub(crate) fn times(&self, other: &Self) -> Self {
        if self.is_one() {
            return other.clone();
        }
        if other.is_one() {
            return self.clone();
        }
        Self { numerator: &self.numerator * &other.numerator, denominator: &self.denominator * &other.denominator }
    }

    fn is_one(&self) -> bool {
        self.numerator == self.denominator
    }

    pub(crate) fn half(&self) -> Self {
        Self { numerator: self.numerator.clone(), denominator: &self.denominator * 2 }
    }

    /// One over it; none for zero.
    pub(crate) fn inverse(&self) -> Option<Self> {
        Self::new(self.denominator.clone(), self.numerator.clone())
    }

    /// The nearest whole number, a tie away from zero: the same for a number and its opposite but for the sign. None where it needs
    /// more than 128 bits.
    pub(crate) fn rounded(&self) -> Option<i128> {
        if self.denominator.is_one() {
            return i128::try_from(&self.numerator).ok();
        }
        let twice: BigInt = self.numerator.abs() * 2 + &self.denominator;
        let magnitude = i128::try_from(twice / (&self.denominator * 2)).ok()?;
        Some(if self.numerator.is_negative() { -magnitude } else { magnitude })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tie_goes_away_from_zero_on_both_sides() {
        let rounded = |numerator: i32, denominator: i32| {
            Fraction::new(BigInt::from(numerator), BigInt::from(denominator)).unwrap().rounded().unwrap()
        };
        for (numerator, expected) in [(5, 3), (4, 2), (3, 2), (2, 1), (1, 1), (0, 0)] {
            assert_eq!(rounded(numerator, 2), expected, "{numerator} halves");
            assert_eq!(rounded(-numerator, 2), -expected, "the opposite of {numerator} halves");
        }
        assert_eq!(rounded(1, -3), 0, "a third below zero");
        assert!(Fraction::new(BigInt::one(), BigInt::ZERO).is_none(), "nothing over zero");
    }
}
