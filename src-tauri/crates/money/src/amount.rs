//! [`Amount`]: an exact decimal.

use std::cmp::Ordering;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use crate::Rounding;

/// The most decimals an amount can carry, as in DuckDB's widest `DECIMAL(38, s)`.
pub const MAX_SCALE: u8 = 38;

/// An exact decimal number: `units` times ten to the power of minus `scale`.
///
/// Equality and order are by value (`1.50` equals `1.5`); printing keeps the scale, so what was loaded with two decimals is
/// shown with two. Arithmetic that would need more than 38 digits is an error, never a wrapped or rounded result.
#[derive(Clone, Copy, Debug, Default, ts_rs::TS)]
#[ts(type = "string", export)]
pub struct Amount {
    units: i128,
    scale: u8,
}

/// Why a text or a computation has no exact amount.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AmountError {
    /// The text is not a decimal number.
    #[error("`{text}` is not a decimal number such as 1234.56 or 1.2e-05")]
    NotANumber {
        /// The text as it was given, cut to 60 characters.
        text: String,
    },
    /// The value needs more than 38 digits.
    #[error("the value needs more than 38 digits")]
    TooLarge,
}

impl Amount {
    /// Zero without decimals.
    pub const ZERO: Self = Self { units: 0, scale: 0 };

    /// `units` times ten to the power of minus `scale`; `Amount::new(1234, 2)` is 12.34. A scale above [`MAX_SCALE`] is an error.
    pub fn new(units: i128, scale: u8) -> Result<Self, AmountError> {
        if scale > MAX_SCALE {
            return Err(AmountError::TooLarge);
        }
        Ok(Self { units, scale })
    }

    /// A whole number.
    #[must_use]
    pub const fn from_integer(value: i64) -> Self {
        Self { units: value as i128, scale: 0 }
    }

    /// The whole number of units of 10^-scale.
    #[must_use]
    pub const fn units(self) -> i128 {
        self.units
    }

    /// The number of decimals that this amount carries.
    #[must_use]
    pub const fn scale(self) -> u8 {
        self.scale
    }

    /// Whether the value is zero.
    #[must_use]
    pub const fn is_zero(self) -> bool {
        self.units == 0
    }

    /// Whether the value is below zero.
    #[must_use]
    pub const fn is_negative(self) -> bool {
        self.units < 0
    }

    /// The sum, with the larger of the two scales.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the sum needs more than 38 digits.
    pub fn checked_add(self, other: Self) -> Result<Self, AmountError> {
        let (left, right, scale) = aligned(self, other)?;
        let units = left.checked_add(right).filter(fits).ok_or(AmountError::TooLarge)?;
        Ok(Self { units, scale })
    }

    /// The difference, with the larger of the two scales.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the difference needs more than 38 digits.
    pub fn checked_sub(self, other: Self) -> Result<Self, AmountError> {
        self.checked_add(other.negated())
    }

    /// The exact product, with the two scales added and then shortened by trailing zeros where that is needed to fit.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the product needs more than 38 digits.
    pub fn checked_mul(self, other: Self) -> Result<Self, AmountError> {
        let (left, right) = (self.normalized(), other.normalized());
        let units = left.units.checked_mul(right.units).filter(fits).ok_or(AmountError::TooLarge)?;
        Self::new(units, left.scale + right.scale)
    }

    /// The sum of many, exact.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a partial sum needs more than 38 digits.
    pub fn sum(amounts: impl IntoIterator<Item = Self>) -> Result<Self, AmountError> {
        amounts.into_iter().try_fold(Self::ZERO, Self::checked_add)
    }

    /// The value with its sign turned.
    #[must_use]
    pub const fn negated(self) -> Self {
        Self { units: -self.units, scale: self.scale }
    }

    /// The value without its sign.
    #[must_use]
    pub const fn abs(self) -> Self {
        Self { units: self.units.abs(), scale: self.scale }
    }

    /// The same value with the fewest decimals that hold it.
    #[must_use]
    pub fn normalized(self) -> Self {
        let Self { mut units, mut scale } = self;
        while scale > 0 && units % 10 == 0 {
            units /= 10;
            scale -= 1;
        }
        Self { units, scale }
    }

    /// The value at `scale` decimals, rounded by the named rule where digits are lost.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when widening needs more than 38 digits.
    pub fn rescaled(self, scale: u8, rounding: Rounding) -> Result<Self, AmountError> {
        if scale > MAX_SCALE {
            return Err(AmountError::TooLarge);
        }
        if scale >= self.scale {
            let factor = power_of_ten(scale - self.scale).ok_or(AmountError::TooLarge)?;
            let units = self.units.checked_mul(factor).filter(fits).ok_or(AmountError::TooLarge)?;
            return Ok(Self { units, scale });
        }
        let divisor = power_of_ten(self.scale - scale).ok_or(AmountError::TooLarge)?;
        Ok(Self { units: rounding.divide(self.units, divisor), scale })
    }

    /// The value rounded to `scale` decimals, or itself where it has fewer.
    #[must_use]
    pub fn rounded(self, scale: u8, rounding: Rounding) -> Self {
        if self.scale <= scale {
            return self;
        }
        // Dropping decimals cannot overflow.
        self.rescaled(scale, rounding).unwrap_or(self)
    }
}

/// Both amounts in units of the finer scale.
fn aligned(left: Amount, right: Amount) -> Result<(i128, i128, u8), AmountError> {
    let scale = left.scale.max(right.scale);
    match (left.rescaled(scale, Rounding::HalfEven), right.rescaled(scale, Rounding::HalfEven)) {
        (Ok(wide_left), Ok(wide_right)) => Ok((wide_left.units, wide_right.units, scale)),
        _ => {
            // Trailing zeros can be what does not fit.
            let (left, right) = (left.normalized(), right.normalized());
            let scale = left.scale.max(right.scale);
            let wide_left = left.rescaled(scale, Rounding::HalfEven)?;
            let wide_right = right.rescaled(scale, Rounding::HalfEven)?;
            Ok((wide_left.units, wide_right.units, scale))
        }
    }
}

/// Whether a number of units has at most 38 digits.
fn fits(units: &i128) -> bool {
    const LIMIT: i128 = 10_i128.pow(38);
    -LIMIT < *units && *units < LIMIT
}

/// Ten to the power of `exponent`, if it fits.
pub(crate) fn power_of_ten(exponent: u8) -> Option<i128> {
    10_i128.checked_pow(u32::from(exponent))
}

impl PartialEq for Amount {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Amount {}

impl PartialOrd for Amount {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl Ord for Amount {
    fn cmp(&self, other: &Self) -> Ordering {
        if let Ok((left, right, _)) = aligned(*self, *other) {
            return left.cmp(&right);
        }
        // One of them is too large to be written at the scale of the other, so whole parts decide, then the fractions.
        let whole = |amount: &Self| power_of_ten(amount.scale).map_or(0, |unit| amount.units / unit);
        whole(self).cmp(&whole(other)).then_with(|| {
            let fraction = |amount: &Self| {
                let unit = power_of_ten(amount.scale).unwrap_or(i128::MAX);
                Self { units: amount.units % unit, scale: amount.scale }
            };
            match aligned(fraction(self), fraction(other)) {
                Ok((left, right, _)) => left.cmp(&right),
                Err(_) => self.units.cmp(&other.units),
            }
        })
    }
}

impl std::hash::Hash for Amount {
    fn hash<H: std::hash::Hasher>(&self, state: &mut H) {
        let plain = self.normalized();
        plain.units.hash(state);
        plain.scale.hash(state);
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = self.units.unsigned_abs().to_string();
        let scale = usize::from(self.scale);
        let padded = format!("{digits:0>width$}", width = scale + 1);
        let (whole, fraction) = padded.split_at(padded.len() - scale);
        let sign = if self.units < 0 { "-" } else { "" };
        if scale == 0 { write!(formatter, "{sign}{whole}") } else { write!(formatter, "{sign}{whole}.{fraction}") }
    }
}

impl FromStr for Amount {
    type Err = AmountError;

    /// Reads plain (`-1234.50`) and scientific (`1.2e-05`) notation exactly. No plus sign before the number, no thousands
    /// separators, no currency signs, no `NaN`: the FOCUS numeric format.
    fn from_str(text: &str) -> Result<Self, AmountError> {
        let not_a_number = || AmountError::NotANumber { text: text.chars().take(60).collect() };
        let (mantissa, exponent) = match text.split_once(['e', 'E']) {
            Some((mantissa, exponent)) => {
                let digits = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
                if digits.is_empty() || digits.len() > 9 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
                    return Err(not_a_number());
                }
                (mantissa, exponent.parse::<i32>().map_err(|_| not_a_number())?)
            }
            None => (text, 0),
        };
        let (negative, unsigned) = match mantissa.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, mantissa),
        };
        let (whole, fraction) = unsigned.split_once('.').unwrap_or((unsigned, ""));
        let only_digits = whole.bytes().chain(fraction.bytes()).all(|byte| byte.is_ascii_digit());
        if !only_digits || (whole.is_empty() && fraction.is_empty()) {
            return Err(not_a_number());
        }
        let scale = i64::try_from(fraction.len()).map_err(|_| AmountError::TooLarge)? - i64::from(exponent);
        // Zeros at either end of the digits are not digits of the value.
        let all_digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).collect();
        let significant: &[u8] =
            all_digits.iter().position(|&digit| digit != b'0').map_or(&[], |start| &all_digits[start..]);
        assemble(negative, significant, scale, exponent == 0)
    }
}

/// The amount of `digits` at `scale`; a scale outside 0..=38 is mended with zeros where the value allows.
fn assemble(negative: bool, digits: &[u8], scale: i64, keep_trailing_zeros: bool) -> Result<Amount, AmountError> {
    let mut digits = digits.to_vec();
    let mut scale = scale;
    if digits.is_empty() {
        let kept =
            if keep_trailing_zeros { u8::try_from(scale.clamp(0, i64::from(MAX_SCALE))).unwrap_or(0) } else { 0 };
        return Amount::new(0, kept);
    }
    while scale > 0 && (scale > i64::from(MAX_SCALE) || digits.len() > 38) && digits.last() == Some(&b'0') {
        digits.pop();
        scale -= 1;
    }
    while scale < 0 && digits.len() <= 38 {
        digits.push(b'0');
        scale += 1;
    }
    if digits.len() > 38 || !(0..=i64::from(MAX_SCALE)).contains(&scale) {
        return Err(AmountError::TooLarge);
    }
    let magnitude = digits.iter().fold(0_i128, |value, digit| value * 10 + i128::from(digit - b'0'));
    let units = if negative { -magnitude } else { magnitude };
    Amount::new(units, u8::try_from(scale).map_err(|_| AmountError::TooLarge)?)
}

impl Serialize for Amount {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = std::borrow::Cow::<'de, str>::deserialize(deserializer)?;
        text.parse().map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn reads_and_prints_every_digit() {
        for text in [
            "0",
            "0.00",
            "-0.000000001",
            "12345678901234567890.123456789012345678",
            "99999999999999999999999999999999999999",
        ] {
            assert_eq!(amount(text).to_string(), text, "the text is what was read");
        }
    }

    #[test]
    fn scientific_notation_is_exact() {
        assert_eq!(amount("1.2e-05").to_string(), "0.000012");
        assert_eq!(amount("1.4724E-6").to_string(), "0.0000014724");
        assert_eq!(amount("-3e2").to_string(), "-300");
        assert_eq!(amount("0e400").to_string(), "0");
    }

    #[test]
    fn what_is_not_a_number_is_refused() {
        for text in ["", "-", ".", "+1", "1,000", "$5", "NaN", "inf", "1e", "1e+", "0x10", "1 ", "١", "1e9999999999"] {
            assert!(text.parse::<Amount>().is_err(), "{text:?} is not a FOCUS number");
        }
        assert_eq!("1e400".parse::<Amount>(), Err(AmountError::TooLarge));
        assert_eq!("1e-39".parse::<Amount>(), Err(AmountError::TooLarge));
    }

    #[test]
    fn equal_by_value() {
        assert_eq!(amount("1.50"), amount("1.5"));
        assert!(amount("-2") < amount("-1.99"));
        assert!(amount("99999999999999999999999999999999999999") > amount("0.00000000000000000000000000000000000001"));
    }

    #[test]
    fn overflow_is_an_error() {
        let largest = amount("99999999999999999999999999999999999999");
        assert_eq!(largest.checked_add(Amount::from_integer(1)), Err(AmountError::TooLarge));
        assert_eq!(largest.checked_mul(Amount::from_integer(10)), Err(AmountError::TooLarge));
    }
}
