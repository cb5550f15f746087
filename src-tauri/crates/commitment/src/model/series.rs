//! [`Series`]: exact amounts, one a step.

use money::{Amount, AmountError, Rounding};

/// One exact amount a step, as whole numbers of units of 10^-scale.
#[derive(Clone, Debug, PartialEq, Eq, Default)]
pub struct Series {
    scale: u8,
    units: Vec<i128>,
}

/// An amount that does not fit the others of its series.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "the amount {value} of step {step} (counted from 0) needs more than 38 digits beside the others of its line; round the export to 18 decimals"
)]
pub struct SeriesError {
    /// The step.
    pub step: usize,
    /// The amount.
    pub value: String,
}

impl Series {
    /// Zero in every step.
    #[must_use]
    pub fn zeros(steps: usize) -> Self {
        Self { scale: 0, units: vec![0; steps] }
    }

    /// Whole numbers of units of 10^-scale. A scale above 38 holds nothing and is taken as 38.
    #[must_use]
    pub fn from_units(units: Vec<i128>, scale: u8) -> Self {
        Self { scale: scale.min(money::MAX_SCALE), units }
    }

    /// The amounts at the fewest decimals that hold them all.
    ///
    /// # Errors
    /// [`SeriesError`] for the first amount that needs more than 38 digits at that scale.
    pub fn from_amounts(amounts: &[Amount]) -> Result<Self, SeriesError> {
        let scale = amounts.iter().map(|amount| amount.normalized().scale()).max().unwrap_or(0);
        let mut units = Vec::with_capacity(amounts.len());
        for (step, amount) in amounts.iter().enumerate() {
            let wide = amount.normalized().rescaled(scale, Rounding::Down);
            units.push(wide.map_err(|_| SeriesError { step, value: amount.to_string() })?.units());
        }
        Ok(Self { scale, units })
    }

    /// Decimals.
    #[must_use]
    pub const fn scale(&self) -> u8 {
        self.scale
    }

    /// The whole numbers of units.
    #[must_use]
    pub fn units(&self) -> &[i128] {
        &self.units
    }

    /// Steps.
    #[must_use]
    pub fn len(&self) -> usize {
        self.units.len()
    }

    /// Whether there is no step.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.units.is_empty()
    }

    /// Whether every step is zero.
    #[must_use]
    pub fn is_zero(&self) -> bool {
        self.units.iter().all(|units| *units == 0)
    }

    /// The amount of a step; zero outside.
    #[must_use]
    pub fn at(&self, step: usize) -> Amount {
        Amount::new(self.units.get(step).copied().unwrap_or(0), self.scale).unwrap_or_default()
    }

    /// The amounts of all steps.
    pub fn amounts(&self) -> impl Iterator<Item = Amount> {
        (0..self.units.len()).map(|step| self.at(step))
    }

    /// The sum over some steps.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when it needs more than 38 digits.
    pub fn sum(&self, steps: std::ops::Range<usize>) -> Result<Amount, AmountError> {
        let end = steps.end.min(self.units.len());
        let total = self.units[steps.start.min(end)..end]
            .iter()
            .try_fold(0_i128, |sum, units| sum.checked_add(*units))
            .ok_or(AmountError::TooLarge)?;
        Amount::new(total, self.scale)
    }

    /// The whole numbers of units at another scale, exactly; none when digits would be lost or more than 38 are needed.
    #[must_use]
    pub fn units_at(&self, scale: u8) -> Option<Vec<i128>> {
        if scale == self.scale {
            return Some(self.units.clone());
        }
        if scale > self.scale {
            let factor = 10_i128.checked_pow(u32::from(scale - self.scale))?;
            return self.units.iter().map(|units| units.checked_mul(factor)).collect();
        }
        let divisor = 10_i128.checked_pow(u32::from(self.scale - scale))?;
        self.units.iter().map(|units| (units % divisor == 0).then_some(units / divisor)).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn nothing_is_lost() {
        let series = Series::from_amounts(&[amount("1.50"), amount("-0.000000001"), amount("3e2")]).unwrap();
        assert_eq!(series.scale(), 9, "the finest amount decides; a trailing zero does not");
        assert_eq!(series.at(0), amount("1.5"));
        assert_eq!(series.sum(0..3).unwrap(), amount("301.499999999"));
        assert_eq!(series.units_at(8), None, "a digit would be lost");
        assert_eq!(series.units_at(10).unwrap()[1], -10);
    }

    #[test]
    fn amounts_that_do_not_fit_beside_each_other_name_the_step() {
        let error = Series::from_amounts(&[amount("1e-30"), amount("1234567890")]).unwrap_err();
        assert_eq!(error.step, 1);
    }
}
