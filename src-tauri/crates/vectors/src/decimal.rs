//! Decimals of 38 digits, 18 of them behind the point, as whole numbers of 10^-18.

/// Decimals that the widest type has.
const SCALE: u32 = 18;

/// One, in units.
const ONE: i128 = 1_000_000_000_000_000_000;

/// The first number that has too many digits.
const LIMIT: i128 = 100_000_000_000_000_000_000_000_000_000_000_000_000;

/// Powers of ten up to [`ONE`].
const POWERS: [u64; 19] = {
    let mut powers = [1; 19];
    let mut at = 1;
    while at < powers.len() {
        powers[at] = powers[at - 1] * 10;
        at += 1;
    }
    powers
};

/// Digits that a number may be written with, leading and trailing zeros apart.
const DIGITS_MAX: usize = 38;

/// A number as it is written: its digits without leading zeros and without trailing ones behind the point, and how many of them are
/// behind the point.
struct Written {
    negative: bool,
    digits: u128,
    /// Negative where zeros follow before the point.
    decimals: i32,
}

/// Reads `-12`, `1.50`, `.5`, `5.`, `-1.5E-07`. Null for anything else, for white space too, and for more digits than a decimal has.
fn read(text: &[u8]) -> Option<Written> {
    read_short(text).or_else(|| read_any(text))
}

/// The same of a text that is short enough for 64 bits and has no exponent: almost every one.
fn read_short(text: &[u8]) -> Option<Written> {
    const SHORT: usize = 19;
    let (negative, rest) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    if rest.len() > SHORT {
        return None;
    }
    let (mut digits, mut seen, mut point) = (0_u64, 0, None);
    for byte in rest {
        match byte {
            b'0'..=b'9' => {
                seen += 1;
                digits = digits * 10 + u64::from(byte - b'0');
            }
            b'.' if point.is_none() => point = Some(seen),
            _ => return None,
        }
    }
    if seen == 0 {
        return None;
    }
    let mut decimals = point.map_or(0, |before| seen - before);
    while decimals > 0 && digits % 10 == 0 {
        digits /= 10;
        decimals -= 1;
    }
    Some(Written { negative, digits: digits.into(), decimals })
}

fn read_any(text: &[u8]) -> Option<Written> {
    let (negative, rest) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        _ => (false, text),
    };
    let (mut digits, mut count, mut decimals, mut zeros) = (0_u128, 0_usize, 0_i32, 0_u32);
    let (mut seen, mut behind_point, mut at) = (false, false, 0);
    while let Some(&byte) = rest.get(at) {
        match byte {
            b'0'..=b'9' => {
                seen = true;
                decimals += i32::from(behind_point);
                if byte == b'0' && count > 0 {
                    zeros += 1;
                } else if byte != b'0' {
                    count += zeros as usize + 1;
                    if count > DIGITS_MAX {
                        return None;
                    }
                    digits = digits * 10_u128.pow(zeros + 1) + u128::from(byte - b'0');
                    zeros = 0;
                }
            }
            b'.' if !behind_point => behind_point = true,
            b'e' | b'E' if seen => break,
            _ => return None,
        }
        at += 1;
    }
    if !seen {
        return None;
    }
    let exponent = match rest.get(at) {
        None => 0,
        Some(_) => exponent(&rest[at + 1..])?,
    };
    let decimals = decimals.checked_sub(i32::try_from(zeros).ok()?)?.checked_sub(exponent)?;
    Some(Written { negative, digits, decimals: if digits == 0 { 0 } else { decimals } })
}

fn exponent(text: &[u8]) -> Option<i32> {
    let (negative, digits) = match text.split_first()? {
        (b'-', rest) => (true, rest),
        (b'+', rest) => (false, rest),
        _ => (false, text),
    };
    if digits.is_empty() || digits.len() > 4 {
        return None;
    }
    let mut value = 0_i32;
    for byte in digits {
        if !byte.is_ascii_digit() {
            return None;
        }
        value = value * 10 + i32::from(byte - b'0');
    }
    Some(if negative { -value } else { value })
}

impl Written {
    /// As a whole number of 10^-`scale`, where that is exact and below `limit`.
    fn units(&self, scale: u32, limit: i128) -> Option<i128> {
        let shift = u32::try_from(i32::try_from(scale).ok()?.checked_sub(self.decimals)?).ok()?;
        if self.digits == 0 {
            return Some(0);
        }
        let units = match (u64::try_from(self.digits), POWERS.get(shift as usize)) {
            // 64 bits by 60 bits: nothing is lost.
            (Ok(digits), Some(power)) => (u128::from(digits) * u128::from(*power)).cast_signed(),
            _ => i128::try_from(self.digits).ok()?.checked_mul(10_i128.checked_pow(shift)?)?,
        };
        let units = Some(units).filter(|units| *units < limit)?;
        Some(if self.negative { -units } else { units })
    }

    /// Where it has more decimals than the widest type: the nearest number of units, of two the one further from zero.
    fn rounded_units(&self) -> Option<i128> {
        let shift = self.decimals.checked_sub(i32::try_from(SCALE).ok()?)?;
        let step = 10_u128.checked_pow(u32::try_from(shift).ok().filter(|shift| *shift > 0)?);
        // Of a step that is too large for 128 bits no number of 38 digits is the half.
        let units = step.map_or(0, |step| {
            let rest = self.digits % step;
            self.digits / step + u128::from(rest >= step - rest)
        });
        let units = i128::try_from(units).ok().filter(|units| *units < LIMIT)?;
        Some(if self.negative { -units } else { units })
    }
}

/// The number that a text is, in units of 10^-18, as `DECIMAL(38,18)` holds it. Null where the text is no plain number, and where it
/// is not exactly one of that type: too large, or with more than 18 decimals.
#[must_use]
pub fn wide_units(text: &[u8]) -> Option<i128> {
    read(text)?.units(SCALE, LIMIT)
}

/// Writes a number of units as it is written without trailing zeros.
pub(crate) fn write(units: i128, text: &mut Vec<u8>) {
    let (whole, rest) = (units.unsigned_abs() / ONE.unsigned_abs(), units.unsigned_abs() % ONE.unsigned_abs());
    let sign = if units < 0 { "-" } else { "" };
    let written = format!("{sign}{whole}.{rest:018}");
    let trimmed = written.trim_end_matches('0').trim_end_matches('.');
    text.extend_from_slice(trimmed.as_bytes());
}

/// As [`wide_units`]; decimals beyond 18 are rounded to the nearest, halves away from zero.
#[must_use]
pub fn rounded_units(text: &[u8]) -> Option<i128> {
    wide_units(text).or_else(|| units_beyond(text))
}

/// Whether a text is a number that has more than 18 decimals, trailing zeros apart, and is none too large.
#[must_use]
pub fn is_beyond(text: &[u8]) -> bool {
    wide_units(text).is_none() && units_beyond(text).is_some()
}

/// The units of a number that has more than 18 decimals.
fn units_beyond(text: &[u8]) -> Option<i128> {
    if let Some(written) = read(text) {
        return written.rounded_units();
    }
    let (kept, next) = cut(text)?;
    let units = wide_units(kept)?;
    let up = i128::from(next >= b'5') * if text.starts_with(b"-") { -1 } else { 1 };
    let rounded = units + up;
    (-LIMIT < rounded && rounded < LIMIT).then_some(rounded)
}

/// A number without an exponent up to its 18th decimal, and the digit that follows: one that is written with more digits than are read.
fn cut(text: &[u8]) -> Option<(&[u8], u8)> {
    let point = text.iter().position(|byte| *byte == b'.')?;
    let decimals = &text[point + 1..];
    let next = *decimals.get(SCALE as usize)?;
    decimals.iter().all(u8::is_ascii_digit).then_some((&text[..point + 1 + SCALE as usize], next))
}

/// Whether a text is a plain number that a decimal of `precision` digits, `scale` of them behind the point, holds exactly.
#[must_use]
pub fn fits(text: &[u8], precision: u8, scale: u8) -> bool {
    let limit = 10_i128.checked_pow(u32::from(precision)).unwrap_or(LIMIT);
    read(text).is_some_and(|written| written.units(u32::from(scale), limit).is_some())
}

/// Whether a decimal of `precision` digits, `scale` of them behind the point, holds a number of 10^-18 exactly.
#[must_use]
pub fn narrows(units: i128, precision: u8, scale: u8) -> bool {
    let Some(step) = (SCALE as usize).checked_sub(scale.into()).map(|place| POWERS[place]) else { return false };
    let limit = 10_u128.checked_pow(u32::from(precision)).unwrap_or(u128::MAX);
    // Most numbers are short enough for 64 bits, which divide many times as fast.
    match u64::try_from(units.unsigned_abs()) {
        Ok(units) => units.is_multiple_of(step) && u128::from(units / step) < limit,
        Err(_) => units % i128::from(step) == 0 && units.unsigned_abs() / u128::from(step) < limit,
    }
}

/// The product of two numbers in units of 10^-18, rounded half to even. Null where it has more than 38 digits.
#[must_use]
pub fn product(left: i128, right: i128) -> Option<i128> {
    let (whole, rest) = parts(left, right)?;
    let up = match rest.cmp(&(ONE / 2)) {
        std::cmp::Ordering::Less => false,
        std::cmp::Ordering::Equal => whole % 2 != 0,
        std::cmp::Ordering::Greater => true,
    };
    let rounded = whole.checked_add(i128::from(up))?;
    (-LIMIT < rounded && rounded < LIMIT).then_some(rounded)
}

/// Whether [`product`] needs no rounding.
#[must_use]
pub fn product_is_exact(left: i128, right: i128) -> bool {
    parts(left, right).is_some_and(|(_, rest)| rest == 0)
}

/// The product in units of 10^-18, rounded down, and what that leaves, in units of 10^-36 and never negative.
fn parts(left: i128, right: i128) -> Option<(i128, i128)> {
    match (left, right) {
        (0, _) | (_, 0) => return Some((0, 0)),
        (other, ONE) | (ONE, other) => return Some((other, 0)),
        _ => {}
    }
    if let Some(product) = left.checked_mul(right) {
        let whole = product / ONE;
        let rest = product - whole * ONE;
        return Some(if rest < 0 { (whole - 1, rest + ONE) } else { (whole, rest) });
    }
    // Each factor is cut into whole and rest; all partial products but that of the rests are whole units.
    let (left_whole, left_rest) = (left / ONE, left % ONE);
    let (right_whole, right_rest) = (right / ONE, right % ONE);
    let rests = left_rest * right_rest;
    let whole = left_whole
        .checked_mul(right_whole)?
        .checked_mul(ONE)?
        .checked_add(left_whole.checked_mul(right_rest)?)?
        .checked_add(right_whole.checked_mul(left_rest)?)?
        .checked_add(rests.div_euclid(ONE))?;
    Some((whole, rests.rem_euclid(ONE)))
}

#[cfg(test)]
mod tests {
    use num_bigint::BigInt;
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn a_text_is_the_number_it_says() {
        for (text, units) in [
            ("0", Some(0)),
            ("-0.00", Some(0)),
            ("0E-99", Some(0)),
            ("1.5", Some(ONE / 2 * 3)),
            (".5", Some(ONE / 2)),
            ("5.", Some(5 * ONE)),
            ("-1.50E-07", Some(-150_000_000_000)),
            ("1e2", Some(100 * ONE)),
            ("0.000000000000000001", Some(1)),
            ("0.0000000000000000010000", Some(1)),
            ("99999999999999999999.999999999999999999", Some(LIMIT - 1)),
        ] {
            assert_eq!(wide_units(text.as_bytes()), units, "`{text}`");
        }
        for text in [
            "", "-", ".", "-.", "+1", " 1", "1 ", "1e", "e1", "1.2.3", "1,5", "1_000", "--1", "0x1", "NaN", "1e99999",
            "1-2",
        ] {
            assert_eq!(wide_units(text.as_bytes()), None, "`{text}` is left to the engine");
        }
        for text in
            ["0.0000000000000000001", "100000000000000000000", "1e20", "123456789012345678901234567890123456789"]
        {
            assert_eq!(wide_units(text.as_bytes()), None, "`{text}` is not exactly one of 38 digits");
        }
    }

    #[test]
    fn decimals_beyond_the_widest_type_are_rounded() {
        for (text, units, beyond) in [
            ("0.0000000000000000015", Some(2), true),
            ("-0.0000000000000000015", Some(-2), true),
            ("0.00000000000000000149999", Some(1), true),
            ("0.0000000191107392311096200000", Some(19_110_739_231), true),
            ("0.0000000000000000010000", Some(1), false),
            ("99999999999999999999.9999999999999999995", None, false),
            ("100000000000000000000.0000000000000000001", None, false),
            ("0.0000000000000000001e1", Some(1), false),
            ("0.00000000000000000001e1", Some(0), true),
            // As a program prints a float: cut by its length, the exponent would lose its last digit.
            ("7.584649582774262e-05", Some(75_846_495_827_743), true),
            ("-1.234567890123456e-12", Some(-1_234_568), true),
            ("1.234567890123456e-19", Some(0), true),
            ("5e-19", Some(1), true),
            ("4.9999e-19", Some(0), true),
            ("1e-99", Some(0), true),
            ("12345678901234567890123456789012345678901e-30", None, false),
            ("0.000000000000000000-", None, false),
            ("1.5", Some(ONE / 2 * 3), false),
        ] {
            assert_eq!(rounded_units(text.as_bytes()), units, "`{text}`");
            assert_eq!(is_beyond(text.as_bytes()), beyond, "`{text}`");
        }
    }

    #[test]
    fn a_number_fits_a_type_or_not() {
        for (text, precision, scale, wanted) in [
            ("1.123456789", 18, 9, true),
            ("1.1234567890", 18, 9, true),
            ("1.1234567891", 18, 9, false),
            ("999999999.999999999", 18, 9, true),
            ("1000000000", 18, 9, false),
            ("1.5E-9", 18, 9, false),
            ("15E-9", 18, 9, true),
            ("12,5", 18, 9, false),
        ] {
            assert_eq!(fits(text.as_bytes(), precision, scale), wanted, "`{text}` in DECIMAL({precision},{scale})");
        }
    }

    #[test]
    fn a_number_narrows_to_a_type_or_not() {
        for (units, precision, scale, wanted) in [
            (0, 18, 9, true),
            (1_000_000_000, 18, 9, true),
            (-1_000_000_000, 18, 9, true),
            (1_500_000_000, 18, 9, false),
            (1_500_000_000, 18, 10, true),
            (999_999_999 * ONE, 18, 9, true),
            (-1_000_000_000 * ONE, 18, 9, false),
            (100_000_000 * ONE, 18, 10, false),
            (LIMIT - 1, 38, 18, true),
            (1, 38, 17, false),
            (0, 38, 19, false),
        ] {
            assert_eq!(narrows(units, precision, scale), wanted, "{units} in DECIMAL({precision},{scale})");
        }
    }

    fn big_product(left: i128, right: i128) -> (BigInt, bool) {
        let exact = BigInt::from(left) * BigInt::from(right);
        let one = BigInt::from(ONE);
        let half = BigInt::from(ONE / 2);
        // Floor by hand: the division of big integers goes towards zero.
        let mut whole = &exact / &one;
        let mut rest = &exact % &one;
        if rest < BigInt::from(0) {
            rest += &one;
            whole -= 1;
        }
        let exact = rest == BigInt::from(0);
        let odd = &whole % 2 != BigInt::from(0);
        if rest > half || rest == half && odd {
            whole += 1;
        }
        (whole, exact)
    }

    proptest! {
        #[test]
        fn every_product_is_that_of_big_integers(left in -LIMIT + 1..LIMIT, right in -LIMIT + 1..LIMIT, shifts in (0..37_u32, 0..37_u32)) {
            let (left, right) = (left / 10_i128.pow(shifts.0), right / 10_i128.pow(shifts.1));
            let (wanted, exact) = big_product(left, right);
            let limit = BigInt::from(LIMIT);
            match product(left, right) {
                Some(found) => {
                    prop_assert_eq!(BigInt::from(found), wanted);
                    prop_assert_eq!(product_is_exact(left, right), exact);
                }
                None => prop_assert!(wanted >= limit || wanted <= -limit, "nothing that fits is given up"),
            }
        }

        #[test]
        fn what_narrows_is_what_fits_as_a_text(units in -LIMIT + 1..LIMIT, shift in 0..37_u32, zeros in 0..37_u32, precision in 1..=38_u8, scale in 0..=18_u8) {
            let units = units / 10_i128.pow(shift);
            let units = units - units % 10_i128.pow(zeros);
            let scale = scale.min(precision);
            let text = format!("{units}e-18");
            prop_assert_eq!(narrows(units, precision, scale), fits(text.as_bytes(), precision, scale), "{} in DECIMAL({},{})", text, precision, scale);
        }

        #[test]
        fn a_number_is_the_nearest_that_there_is(text in "-?[0-9]{0,25}\\.?[0-9]{1,25}([eE][-+]?[0-9]{1,2})?") {
            let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((&text, "0"));
            let (whole, decimals) = mantissa.split_once('.').unwrap_or((mantissa, ""));
            let digits: BigInt = format!("{whole}{decimals}").parse().unwrap();
            let exponent = exponent.parse::<i32>().unwrap() - i32::try_from(decimals.len()).unwrap() + 18;
            let power = BigInt::from(10).pow(exponent.unsigned_abs());
            // Twice the number and one half more, towards zero, is the nearest, halves away from it.
            let (wanted, exact) = if exponent < 0 {
                let sign = if digits < BigInt::from(0) { -1 } else { 1 };
                ((&digits * 2 + &power * sign) / (&power * 2), &digits % &power == BigInt::from(0))
            } else {
                (&digits * &power, true)
            };
            let limit = BigInt::from(LIMIT);
            match rounded_units(text.as_bytes()) {
                Some(found) => {
                    prop_assert_eq!(BigInt::from(found), wanted, "{}", text);
                    prop_assert_eq!(is_beyond(text.as_bytes()), !exact, "{}", text);
                }
                None => prop_assert!(
                    wanted >= limit || wanted <= -limit || text.bytes().filter(u8::is_ascii_digit).count() > DIGITS_MAX,
                    "{text} is given up"
                ),
            }
        }

        #[test]
        fn a_printed_number_is_read_again(units in -LIMIT + 1..LIMIT, shift in 0..37_u32, exponent in -9_i32..9) {
            let units = units / 10_i128.pow(shift);
            let sign = if units < 0 { "-" } else { "" };
            let plain = format!("{sign}{}.{:018}", units.unsigned_abs() / ONE.unsigned_abs(), units.unsigned_abs() % ONE.unsigned_abs());
            prop_assert_eq!(wide_units(plain.as_bytes()), Some(units));
            let moved = format!("{sign}{}e{}", units.unsigned_abs(), exponent - 18);
            let wanted = if exponent < 0 {
                let factor = 10_i128.pow(exponent.unsigned_abs());
                (units % factor == 0).then_some(units / factor)
            } else {
                units.checked_mul(10_i128.pow(exponent.unsigned_abs())).filter(|units| units.abs() < LIMIT)
            };
            prop_assert_eq!(wide_units(moved.as_bytes()), wanted, "{}", moved);
        }
    }

    #[test]
    fn a_half_goes_to_the_even_neighbour() {
        let half = ONE / 2;
        for (left, wanted) in [(1, 0), (3, 2), (5, 2), (-1, 0), (-3, -2), (-5, -2)] {
            assert_eq!(product(left, half), Some(wanted), "{left} units by a half");
        }
        assert_eq!(product(LIMIT - 1, LIMIT - 1), None, "a number of 40 digits before the point is none");
        assert_eq!(product(LIMIT - 1, ONE), Some(LIMIT - 1), "one changes nothing");
    }
}
