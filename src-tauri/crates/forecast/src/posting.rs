//! The one door between statistics and money: a forecast becomes an exact amount here, by one named rounding.

use money::{Amount, AmountError, Rounding};

/// The nearest floating number of an amount.
#[must_use]
pub fn number_of(amount: Amount) -> f64 {
    /// The powers of ten that a floating number has exactly.
    const EXACT: u8 = 22;
    let scale = amount.scale().min(EXACT);
    let power = (0..scale).fold(1.0, |power, _| power * 10.0);
    let rest = (scale..amount.scale()).fold(1.0, |power, _| power * 10.0);
    amount.units() as f64 / power / rest
}

/// The amount nearest to a number, with `scale` decimals, ties to the even neighbour.
///
/// # Errors
/// When the number is not finite or needs more than 38 digits.
pub fn amount_of(number: f64, scale: u8) -> Result<Amount, AmountError> {
    /// All numbers with 38 digits lie below.
    const LIMIT: f64 = 1e38;
    // Digits beyond the sixteenth are not the number's own: the shortest decimal that names the number is taken.
    if !number.is_finite() || number.abs() >= LIMIT {
        return Err(AmountError::TooLarge);
    }
    let exact: Amount = format!("{number}").parse().or_else(|_| format!("{number:.20}").parse())?;
    let rounded = exact.rounded(scale, Rounding::HalfEven);
    rounded.rescaled(scale, Rounding::HalfEven)
}

/// The parts as amounts that add up to the whole exactly: the whole is rounded once, each part is rounded down, and the units left
/// over go to the largest remainders, earlier parts first among equals. What the parts as numbers miss of the whole
/// beyond rounding is shared out by their sizes.
///
/// # Errors
/// When a number is not finite, an amount needs more than 38 digits, or there is a whole but no part.
pub fn amounts_of_parts(whole: f64, parts: &[f64], scale: u8) -> Result<(Amount, Vec<Amount>), AmountError> {
    let total = amount_of(whole, scale)?;
    if !parts.iter().all(|part| part.is_finite()) || (parts.is_empty() && !total.is_zero()) {
        return Err(AmountError::TooLarge);
    }
    Ok((total, parts_of(total, parts)?))
}

/// As [`amounts_of_parts`], for a whole that is an amount already.
///
/// # Errors
/// As [`amounts_of_parts`].
pub fn parts_of(total: Amount, parts: &[f64]) -> Result<Vec<Amount>, AmountError> {
    let scale = total.scale();
    let unit = (0..scale).fold(1.0, |power, _| power * 10.0);
    let wanted = total.units();
    let sum: f64 = parts.iter().sum();
    let missing = wanted as f64 - sum * unit;
    let sizes: f64 = parts.iter().map(|part| part.abs()).sum();
    let mut units = Vec::with_capacity(parts.len());
    let mut remainders = Vec::with_capacity(parts.len());
    for (at, part) in parts.iter().enumerate() {
        let share = if sizes > 0.0 { part.abs() / sizes } else { 1.0 / parts.len() as f64 };
        // Rounding alone misses less than a unit a part: then no part is moved for it.
        let moved = if missing.abs() > parts.len() as f64 { missing * share } else { 0.0 };
        let exact = part * unit + moved;
        let floor = libm::floor(exact);
        if floor.abs() >= 1e36 {
            return Err(AmountError::TooLarge);
        }
        units.push(floor as i128);
        remainders.push((exact - floor, at));
    }
    let mut left_over = wanted - units.iter().sum::<i128>();
    remainders.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    let count = units.len() as i128;
    if count > 0 {
        // As floating sums are inexact, more than one unit a part may be left over in huge totals.
        let all = left_over.div_euclid(count);
        for unit in &mut units {
            *unit += all;
        }
        left_over -= all * count;
    }
    for (_, at) in remainders {
        if left_over == 0 {
            break;
        }
        units[at] += 1;
        left_over -= 1;
    }
    units.into_iter().map(|units| Amount::new(units, scale)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_number_is_rounded_once() {
        assert_eq!(
            amount_of(2.675, 2).unwrap().to_string(),
            "2.68",
            "the number named 2.675 is a tie: to the even neighbour"
        );
        assert_eq!(amount_of(-0.125, 2).unwrap().to_string(), "-0.12", "a tie");
        assert!(amount_of(f64::NAN, 2).is_err() && amount_of(1e300, 2).is_err(), "no amount is made of these");
        let amount: Amount = "12345678901234.567".parse().unwrap();
        assert!((number_of(amount) - 12_345_678_901_234.567).abs() < 1e-2, "the nearest number");
    }

    proptest! {
        #[test]
        fn parts_add_up_to_the_cent(parts in prop::collection::vec(-1e7..1e7_f64, 1..40)) {
            let whole: f64 = parts.iter().sum();
            let (total, amounts) = amounts_of_parts(whole, &parts, 2).unwrap();
            prop_assert_eq!(Amount::sum(amounts.iter().copied()).unwrap(), total);
            for (amount, part) in amounts.iter().zip(&parts) {
                prop_assert!((number_of(*amount) - part).abs() <= 0.011, "{amount} for {part}");
            }
        }
    }
}
