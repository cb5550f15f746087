//! Exact numbers with nine decimal places: money, prices and quantities of the sample.

use std::{fmt, iter::Sum, ops, str::FromStr};

use serde::{Deserialize, Deserializer, de};

const PLACES: usize = 9;
const ONE: i64 = 1_000_000_000;

/// A number in whole units of 10^-9. Products are exact or they panic: prices have at most six places and quantities at
/// most three, so a product that needs a tenth place is a mistake in the model.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) struct Fixed(i64);

impl Fixed {
    pub(crate) const ZERO: Self = Self(0);
    pub(crate) const ONE: Self = Self(ONE);

    pub(crate) const fn whole(number: i64) -> Self {
        Self(number * ONE)
    }

    pub(crate) const fn billionths(billionths: i64) -> Self {
        Self(billionths)
    }

    /// `thousandths` / 1000.
    pub(crate) const fn thousandths(thousandths: i64) -> Self {
        Self(thousandths * (ONE / 1000))
    }

    /// The number in thousandths, rounded towards zero.
    pub(crate) const fn in_thousandths(self) -> i64 {
        self.0 / (ONE / 1000)
    }

    pub(crate) const fn is_zero(self) -> bool {
        self.0 == 0
    }

    /// The exact product.
    ///
    /// # Panics
    /// When the product needs more than nine places.
    pub(crate) fn times(self, other: Self) -> Self {
        let product = i128::from(self.0) * i128::from(other.0);
        let one = i128::from(ONE);
        assert!(product % one == 0, "{self} times {other} needs more than {PLACES} places");
        Self(i64::try_from(product / one).expect("a sample figure stays below nine thousand million"))
    }

    /// `percent` hundredths of the number, exact.
    pub(crate) fn percent(self, percent: i64) -> Self {
        self.times(Self(percent * (ONE / 100)))
    }

    /// `percent` hundredths of the number, rounded half away from zero to whole cents.
    pub(crate) fn percent_to_cents(self, percent: i64) -> Self {
        Self::cents_of(i128::from(self.0) * i128::from(percent), 100)
    }

    /// Rounded half away from zero to whole cents.
    pub(crate) fn to_cents(self) -> Self {
        Self::cents_of(i128::from(self.0), 1)
    }

    fn cents_of(number: i128, divisor: i128) -> Self {
        let cent = i128::from(ONE / 100);
        let unit = cent * divisor;
        let half = if number < 0 { -unit / 2 } else { unit / 2 };
        Self(i64::try_from((number + half) / unit * cent).expect("a sample figure stays below nine thousand million"))
    }

    /// Appends the plain decimal notation without trailing zeros.
    pub(crate) fn write_to(self, out: &mut String) {
        if self.0 < 0 {
            out.push('-');
        }
        let digits = self.0.unsigned_abs();
        let one = ONE.unsigned_abs();
        push_number(out, digits / one, 1);
        let mut fraction = digits % one;
        if fraction > 0 {
            let mut width = PLACES;
            while fraction.is_multiple_of(10) {
                fraction /= 10;
                width -= 1;
            }
            out.push('.');
            push_number(out, fraction, width);
        }
    }
}

/// Appends `number`, padded with zeros to `width` digits.
pub(crate) fn push_number(out: &mut String, mut number: u64, width: usize) {
    let mut digits = [b'0'; 20];
    let mut at = digits.len();
    while number > 0 || digits.len() - at < width {
        at -= 1;
        digits[at] = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
    out.extend(digits[at..].iter().map(|digit| char::from(*digit)));
}

impl fmt::Display for Fixed {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        self.write_to(&mut text);
        formatter.write_str(&text)
    }
}

impl FromStr for Fixed {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let refuse = || format!("`{text}` is not a number with at most {PLACES} places");
        let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
        if fraction.len() > PLACES || whole.is_empty() {
            return Err(refuse());
        }
        let digits: i64 = format!("{whole}{fraction:0<PLACES$}").parse().map_err(|_| refuse())?;
        Ok(Self(digits))
    }
}

impl<'de> Deserialize<'de> for Fixed {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

impl ops::Add for Fixed {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        Self(self.0 + other.0)
    }
}

impl ops::Sub for Fixed {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        Self(self.0 - other.0)
    }
}

impl ops::Neg for Fixed {
    type Output = Self;
    fn neg(self) -> Self {
        Self(-self.0)
    }
}

impl ops::AddAssign for Fixed {
    fn add_assign(&mut self, other: Self) {
        self.0 += other.0;
    }
}

impl Sum for Fixed {
    fn sum<I: Iterator<Item = Self>>(numbers: I) -> Self {
        numbers.fold(Self::ZERO, |total, number| total + number)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fixed(text: &str) -> Fixed {
        text.parse().expect("a number of the test")
    }

    #[test]
    fn prints_what_it_reads() {
        for text in ["0", "1", "-1", "0.000000001", "-12.05", "8999999999.5"] {
            assert_eq!(fixed(text).to_string(), text, "plain notation survives a round trip");
        }
        assert!("1.0000000001".parse::<Fixed>().is_err(), "a tenth place is refused, not rounded");
    }

    #[test]
    fn rounds_half_away_from_zero_to_cents() {
        for (number, cents) in [("1.005", "1.01"), ("-1.005", "-1.01"), ("1.004999999", "1"), ("0.01", "0.01")] {
            assert_eq!(fixed(number).to_cents(), fixed(cents), "{number} in cents");
        }
        assert_eq!(fixed("100.125").percent_to_cents(4), fixed("4.01"), "4 % of 100.125 is 4.005");
    }

    #[test]
    #[should_panic(expected = "needs more than 9 places")]
    fn refuses_an_inexact_product() {
        let _product = fixed("0.000001").times(fixed("0.0001"));
    }
}
