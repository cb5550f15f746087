//! Exact fractions of amounts, rounded once.

use money::{Amount, AmountError};
use num_bigint::BigInt;
use num_integer::Integer;
use num_rational::BigRational;
use num_traits::{Signed, ToPrimitive, Zero};

pub(crate) fn rational(amount: Amount) -> BigRational {
    BigRational::new(amount.units().into(), BigInt::from(10).pow(u32::from(amount.scale())))
}

/// The fraction to `decimals` decimals, half to even.
///
/// # Errors
/// [`AmountError::TooLarge`] when it needs more than 38 digits.
pub(crate) fn rounded(value: &BigRational, decimals: u8) -> Result<Amount, AmountError> {
    let scaled = value.abs() * BigRational::from_integer(BigInt::from(10).pow(u32::from(decimals)));
    let (mut whole, rest) = scaled.numer().div_rem(scaled.denom());
    let twice: BigInt = rest * 2;
    let odd = whole.is_odd();
    match twice.cmp(scaled.denom()) {
        std::cmp::Ordering::Greater => whole += 1,
        std::cmp::Ordering::Equal if odd => whole += 1,
        _ => {}
    }
    let units = if value.is_negative() { -whole } else { whole };
    // Adding nothing checks the number of digits.
    Amount::new(units.to_i128().ok_or(AmountError::TooLarge)?, decimals)?.checked_add(Amount::ZERO)
}

/// Parts that were estimated each by itself, moved so that they add up to the whole, which stays: the difference is shared out by their
/// sizes, the last part takes it where all are zero. Of a whole and parts of zero or more none becomes negative. This is the top-down
/// method by forecast proportions (Athanasopoulos, Ahmed, Hyndman 2009), in exact amounts.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn conform(whole: Amount, parts: &[Amount], decimals: u8) -> Result<Vec<Amount>, AmountError> {
    let difference = whole.checked_sub(Amount::sum(parts.iter().copied())?)?;
    let decimals = decimals.max(difference.normalized().scale());
    let sizes: Vec<BigRational> = parts.iter().map(|part| rational(part.abs())).collect();
    let mut moved = parts.to_vec();
    match split(difference, &sizes, decimals)? {
        _ if difference.is_zero() => {}
        Some(shares) => {
            for (part, share) in moved.iter_mut().zip(shares) {
                *part = part.checked_add(share)?;
            }
        }
        None => {
            if let Some(last) = moved.last_mut() {
                *last = last.checked_add(difference)?;
            }
        }
    }
    Ok(moved)
}

/// Splits `whole`, which has no more than `decimals` decimals, by weights of zero or more into parts that add up to it: each is rounded
/// towards zero, the units left over go to the largest remainders, earlier ones first among equals. None where all weights are zero.
///
/// # Errors
/// [`AmountError::TooLarge`] when a part needs more than 38 digits.
pub(crate) fn split(whole: Amount, weights: &[BigRational], decimals: u8) -> Result<Option<Vec<Amount>>, AmountError> {
    let total: BigRational = weights.iter().sum();
    if total.is_zero() {
        return Ok(None);
    }
    let units = whole.rescaled(decimals, money::Rounding::HalfEven)?.units();
    let (sign, magnitude) = (units.signum(), BigInt::from(units.abs()));
    let mut parts = Vec::with_capacity(weights.len());
    let mut remainders = Vec::with_capacity(weights.len());
    for (place, weight) in weights.iter().enumerate() {
        let exact = weight / &total * BigRational::from_integer(magnitude.clone());
        let floor = exact.floor();
        remainders.push((std::cmp::Reverse(exact - &floor), place));
        parts.push(floor.to_integer());
    }
    let given: BigInt = parts.iter().sum();
    let left = (magnitude - given).to_usize().ok_or(AmountError::TooLarge)?;
    remainders.sort();
    for (_, place) in remainders.into_iter().take(left) {
        parts[place] += 1;
    }
    let amount = |part: BigInt| Amount::new(part.to_i128().ok_or(AmountError::TooLarge)? * sign, decimals);
    parts.into_iter().map(amount).collect::<Result<_, _>>().map(Some)
}
