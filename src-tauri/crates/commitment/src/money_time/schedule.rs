//! What is paid when, and what is still owed.

use money::{Amount, AmountError, split_by_weights};

/// How one purchase is paid.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Terms {
    /// What an analyst calls it, such as `1 year, all upfront`.
    pub name: String,
    /// Months from purchase to expiry.
    pub months: u32,
    /// Paid at purchase.
    pub upfront: Amount,
    /// Paid at the end of each month.
    pub monthly: Amount,
}

/// Why there is no schedule.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TermsError {
    /// A term without months.
    #[error("{name} has a term of no months; give 12 for one year, 36 for three")]
    NoTerm {
        /// The terms.
        name: String,
    },
    /// Payments below zero.
    #[error("{name} pays {amount}, which is below zero; payments are given as positive amounts")]
    Negative {
        /// The terms.
        name: String,
        /// What is paid.
        amount: Amount,
    },
    /// A month more or less than the term has.
    #[error("{name} has {expected} months, {found} were given")]
    Months {
        /// The terms.
        name: String,
        /// Months given.
        found: usize,
        /// Months of the term.
        expected: u32,
    },
    /// A yearly rate of -100 % or less.
    #[error("a yearly rate of {rate} is no rate; give 0.08 for 8 %")]
    Rate {
        /// It.
        rate: Amount,
    },
    /// Numbers beyond exact arithmetic.
    #[error("amounts need more digits than exact arithmetic has; check for a misplaced decimal point")]
    TooLarge,
}

impl From<AmountError> for TermsError {
    fn from(_: AmountError) -> Self {
        Self::TooLarge
    }
}

impl Terms {
    /// Refuses what cannot be paid.
    pub(super) fn check(&self) -> Result<(), TermsError> {
        if self.months == 0 {
            return Err(TermsError::NoTerm { name: self.name.clone() });
        }
        for amount in [self.upfront, self.monthly] {
            if amount.is_negative() {
                return Err(TermsError::Negative { name: self.name.clone(), amount });
            }
        }
        Ok(())
    }

    /// Cash by month: at purchase first, then at the end of each month, `months + 1` in all.
    ///
    /// # Errors
    /// [`TermsError`] for no term or payments below zero.
    pub fn cash(&self) -> Result<Vec<Amount>, TermsError> {
        self.check()?;
        Ok(std::iter::once(self.upfront).chain((0..self.months).map(|_| self.monthly)).collect())
    }

    /// Everything that is paid.
    ///
    /// # Errors
    /// As [`Self::cash`].
    pub fn total(&self) -> Result<Amount, TermsError> {
        Ok(Amount::sum(self.cash()?)?)
    }

    /// What is still to be paid after each month, from right after purchase to the end, `months + 1` in all: the last is zero.
    ///
    /// # Errors
    /// As [`Self::cash`].
    pub fn remaining_obligation(&self) -> Result<Vec<Amount>, TermsError> {
        self.check()?;
        (0..=self.months)
            .map(|month| Ok(self.monthly.checked_mul(Amount::from_integer((self.months - month).into()))?))
            .collect()
    }

    /// What is bound after each month: still to be paid, and paid upfront for months to come. The upfront payment is spread evenly over months.
    ///
    /// # Errors
    /// As [`Self::cash`].
    pub fn bound(&self) -> Result<Vec<Amount>, TermsError> {
        let spread = amortised(self.upfront, &vec![1; self.months as usize])?;
        let mut unused = self.upfront;
        let mut bound = Vec::with_capacity(spread.len() + 1);
        for (month, to_pay) in self.remaining_obligation()?.into_iter().enumerate() {
            if let Some(passed) = month.checked_sub(1) {
                unused = unused.checked_sub(spread[passed])?;
            }
            bound.push(to_pay.checked_add(unused)?);
        }
        Ok(bound)
    }
}

/// A fee spread over periods in proportion to their hours: parts of its own decimals (at least two) that add up to it exactly.
///
/// # Errors
/// [`TermsError::TooLarge`] when no period has hours, or an intermediate needs more than 38 digits.
pub fn amortised(fee: Amount, hours: &[u64]) -> Result<Vec<Amount>, TermsError> {
    split_by_weights(fee, hours, fee.scale().max(2)).map_err(|_| TermsError::TooLarge)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn terms(months: u32, upfront: &str, monthly: &str) -> Terms {
        Terms { name: "a plan".into(), months, upfront: upfront.parse().unwrap(), monthly: monthly.parse().unwrap() }
    }

    #[test]
    fn every_payment_option_pays_its_total() {
        let partial = terms(12, "400.10", "35.05");
        assert_eq!(partial.cash().unwrap().len(), 13, "at purchase, and twelve months");
        assert_eq!(partial.total().unwrap().to_string(), "820.70");
        let owed = partial.remaining_obligation().unwrap();
        assert_eq!((owed[0].to_string(), owed[12].to_string()), ("420.60".into(), "0.00".into()));
        let bound = partial.bound().unwrap();
        assert_eq!(bound[0], partial.total().unwrap(), "at purchase all of it is bound");
        assert!(bound[12].is_zero() && bound.is_sorted_by(|before, after| before > after), "and less with every month");
    }

    #[test]
    fn what_cannot_be_paid_is_refused() {
        assert!(terms(0, "1", "1").cash().unwrap_err().to_string().contains("no months"));
        assert!(terms(12, "-1", "1").total().unwrap_err().to_string().contains("below zero"));
    }

    proptest! {
        /// Cents, and shares of cents, add up to the fee.
        #[test]
        fn amortised_parts_are_the_fee(cents in 0_i64..100_000_000, scale in 0_u8..6, hours in prop::collection::vec(1_u64..745, 1..40)) {
            let fee = Amount::new(cents.into(), scale).unwrap();
            let parts = amortised(fee, &hours).unwrap();
            prop_assert_eq!(Amount::sum(parts.iter().copied()).unwrap(), fee);
        }
    }
}
