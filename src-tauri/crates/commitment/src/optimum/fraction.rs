//! Exact fractions: rates as they are quoted, and results rounded once on their way out.

use money::Amount;
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{One, Signed, ToPrimitive, Zero};

/// Decimals of money and of commitments that come out of a fraction; what has fewer is exact.
pub(crate) const MONEY_DECIMALS: u8 = 10;
/// Decimals of shares that come out of a fraction.
pub(crate) const SHARE_DECIMALS: u8 = 9;

/// The exact fraction of a decimal.
pub(crate) fn fraction(amount: Amount) -> BigRational {
    BigRational::new(BigInt::from(amount.units()), BigInt::from(10_u8).pow(u32::from(amount.scale())))
}

/// The fraction as a decimal of at most `decimals` decimals, half to even; `None` when it needs more than 38 digits.
pub(crate) fn decimal(value: &BigRational, decimals: u8) -> Option<Amount> {
    quotient(value.numer(), value.denom(), decimals)
}

/// `part / whole`, which is above zero, in the same way.
pub(crate) fn quotient(part: &BigInt, whole: &BigInt, decimals: u8) -> Option<Amount> {
    let scaled = part.abs() * 10_u128.pow(u32::from(decimals));
    let (quotient, remainder) = scaled.div_rem(whole);
    let twice: BigInt = remainder * 2_u8;
    let up = twice > *whole || (twice == *whole && quotient.is_odd());
    let units = (if up { quotient + BigInt::one() } else { quotient }).to_i128()?;
    Amount::new(if part.is_negative() { -units } else { units }, decimals).ok().map(Amount::normalized)
}

/// `part / whole` as a share; `None` of nothing.
pub(crate) fn share(part: &BigRational, whole: &BigRational) -> Option<Amount> {
    if whole.is_zero() { None } else { decimal(&(part / whole), SHARE_DECIMALS) }
}

/// A fraction above zero whose parts fit machine words.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Small {
    pub(crate) numerator: u64,
    pub(crate) denominator: u64,
}

impl Small {
    pub(crate) const ONE: Self = Self { numerator: 1, denominator: 1 };

    /// `part / whole` in lowest terms; `None` unless both are above zero and the terms fit.
    pub(crate) fn of(part: Amount, whole: Amount) -> Option<Self> {
        let quotient = if whole.is_zero() { return None } else { fraction(part) / fraction(whole) };
        if !quotient.is_positive() {
            return None;
        }
        Some(Self { numerator: quotient.numer().to_u64()?, denominator: quotient.denom().to_u64()? })
    }

    pub(crate) fn exact(self) -> BigRational {
        BigRational::new(BigInt::from(self.numerator), BigInt::from(self.denominator))
    }

    /// Whether this is below the other.
    pub(crate) fn below(self, other: Self) -> bool {
        u128::from(self.numerator) * u128::from(other.denominator)
            < u128::from(other.numerator) * u128::from(self.denominator)
    }
}

/// The least common denominator of fractions, or `None` above `limit`.
pub(crate) fn common_denominator(denominators: impl IntoIterator<Item = u64>, limit: u64) -> Option<u64> {
    denominators.into_iter().try_fold(1_u64, |common, denominator| {
        let wide = u128::from(common) / u128::from(common.gcd(&denominator)) * u128::from(denominator);
        u64::try_from(wide).ok().filter(|&wide| wide <= limit)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn decimals_round_half_to_even_and_keep_what_is_exact() {
        let of = |part: i64, whole: i64, decimals| {
            decimal(&BigRational::new(part.into(), whole.into()), decimals).unwrap().to_string()
        };
        assert_eq!([of(1, 8, 2), of(3, 8, 2), of(-1, 8, 2), of(2, 3, 3)], ["0.12", "0.38", "-0.12", "0.667"]);
        assert_eq!(of(1, 8, 9), "0.125", "no zeros are added to what is exact");
    }

    #[test]
    fn a_rate_is_in_lowest_terms() {
        let rate = Small::of(amount("0.0612"), amount("0.096")).unwrap();
        assert_eq!((rate.numerator, rate.denominator), (51, 80), "0.0612 of 0.096 is 51/80");
        assert_eq!(Small::of(amount("0"), amount("1")), None, "a rate of zero is no rate");
        assert_eq!(Small::of(amount("1"), amount("0")), None, "nothing is a share of nothing");
    }
}
