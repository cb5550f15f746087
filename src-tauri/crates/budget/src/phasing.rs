//! [`phase`]: a year's budget over its periods.

use money::{Amount, AmountError};
use num_rational::BigRational;
use num_traits::One;

use crate::Period;
use crate::exact::{rational, split};

/// How a year's budget falls on its periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phasing {
    /// The same for each.
    Even,
    /// By the days of each.
    ByDays,
    /// As last year's cost fell, one amount for each period. What is below zero counts as zero.
    LastYear(Vec<Amount>),
    /// As typed, one amount for each period; they must add up to the year.
    Typed(Vec<Amount>),
}

/// A year over its periods.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Phased {
    /// One amount for each period; they add up to the year.
    pub amounts: Vec<Amount>,
    /// A fallback that was taken, in words.
    pub note: Option<String>,
}

/// Why a year cannot be phased.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PhasingError {
    /// There are not as many amounts as periods.
    #[error("{given} amounts were given for {periods} periods; give one for each")]
    Length {
        /// How many were given.
        given: usize,
        /// How many periods there are.
        periods: usize,
    },
    /// The typed amounts are not the year.
    #[error("the periods add up to {sum}, the year is {year}: {gap} is left; change a period or the year")]
    Sum {
        /// What the periods add up to.
        sum: Amount,
        /// The year.
        year: Amount,
        /// The year less the sum.
        gap: Amount,
    },
    /// There is no period to put the year on.
    #[error("there are no periods; choose a fiscal year")]
    NoPeriods,
    /// A figure is too large.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// Puts a year's budget on its periods so that they add up to it exactly, each with at most `decimals` decimals, or as many as the year
/// has: parts are rounded towards zero and the units left over go to the largest remainders, earlier periods first among equals.
///
/// # Errors
/// [`PhasingError`] when amounts are missing or typed ones do not add up.
pub fn phase(year: Amount, decimals: u8, periods: &[Period], phasing: &Phasing) -> Result<Phased, PhasingError> {
    if periods.is_empty() {
        return Err(PhasingError::NoPeriods);
    }
    if let Phasing::LastYear(amounts) | Phasing::Typed(amounts) = phasing
        && amounts.len() != periods.len()
    {
        return Err(PhasingError::Length { given: amounts.len(), periods: periods.len() });
    }
    let decimals = decimals.max(year.normalized().scale());
    let even = || vec![BigRational::one(); periods.len()];
    let mut note = None;
    let weights = match phasing {
        Phasing::Typed(amounts) => {
            let sum = Amount::sum(amounts.iter().copied())?;
            if sum != year {
                return Err(PhasingError::Sum { sum, year, gap: year.checked_sub(sum)? });
            }
            return Ok(Phased { amounts: amounts.clone(), note });
        }
        Phasing::Even => even(),
        Phasing::ByDays => periods.iter().map(|period| BigRational::from_integer(period.days().into())).collect(),
        Phasing::LastYear(amounts) => {
            let negative = amounts.iter().filter(|amount| amount.is_negative()).count();
            if negative > 0 {
                note = Some(format!("{negative} periods of last year are below zero and count as zero"));
            }
            let weights = amounts.iter().map(|&amount| rational(amount.max(Amount::ZERO)));
            weights.collect()
        }
    };
    let amounts = match split(year, &weights, decimals)? {
        Some(amounts) => amounts,
        None => {
            note = Some("last year has no cost to go by: the year is spread evenly".to_owned());
            split(year, &even(), decimals)?.unwrap_or_default()
        }
    };
    Ok(Phased { amounts, note })
}
