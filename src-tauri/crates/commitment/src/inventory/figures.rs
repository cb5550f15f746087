//! [`Figures`]: what a bill says of a commitment's cost, and what follows from it.

use std::collections::BTreeMap;

use chrono::{DateTime, Utc};
use money::{Amount, AmountError, Ratio};

use super::{BilledCharges, Held};
use crate::model::MonthOfYear;

/// The decimals of ratios, half to even.
const RATIO_DECIMALS: u8 = 6;
/// A month of commitments: a twelfth of 8,760 hours.
const HOURS_A_MONTH: i64 = 730;

/// What a bill says of a commitment in a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// The effective cost of what was used of it.
    pub used: Amount,
    /// The effective cost of what nobody used.
    pub unused: Amount,
    /// What was billed for it: fees, upfront and recurring.
    pub billed: Amount,
    /// What the covered usage costs on demand at contracted prices; none where the bill does not say.
    pub covered: Option<Amount>,
    /// The same at list prices.
    pub covered_list: Option<Amount>,
    /// How much of it was used, in its own unit.
    pub used_quantity: Option<Amount>,
    /// How much nobody used.
    pub unused_quantity: Option<Amount>,
    /// That unit.
    pub unit: Option<String>,
}

impl Figures {
    pub(super) fn of(charges: &[&BilledCharges]) -> Result<Self, AmountError> {
        let with = |status: &'static str| charges.iter().filter(move |one| one.is_usage() && one.status == status);
        let known = |amounts: Vec<Option<Amount>>| -> Result<Option<Amount>, AmountError> {
            if amounts.is_empty() || amounts.contains(&None) {
                return Ok(None);
            }
            Amount::sum(amounts.into_iter().flatten()).map(Some)
        };
        let quantity = |status| -> Result<Option<Amount>, AmountError> {
            let own = known(with(status).map(|one| one.quantity).collect())?;
            let priced = known(with(status).map(|one| one.pricing_quantity).collect())?;
            Ok(own.or(priced))
        };
        let unit = with("Used").chain(with("Unused")).find_map(|one| one.unit.clone());
        Ok(Self {
            used: Amount::sum(with("Used").map(|one| one.effective))?,
            unused: Amount::sum(with("Unused").map(|one| one.effective))?,
            billed: Amount::sum(charges.iter().filter(|one| one.is_purchase()).map(|one| one.billed))?,
            covered: known(with("Used").map(|one| one.contracted).collect())?,
            covered_list: known(with("Used").map(|one| one.list).collect())?,
            used_quantity: quantity("Used")?,
            unused_quantity: quantity("Unused")?,
            unit,
        })
    }

    /// What it cost, used or not.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] past 38 digits, as all below.
    pub fn cost(&self) -> Result<Amount, AmountError> {
        self.used.checked_add(self.unused)
    }

    /// Used over all of it, by effective cost; none where it cost nothing.
    ///
    /// # Errors
    /// As [`Self::cost`].
    pub fn utilisation(&self) -> Result<Option<Amount>, AmountError> {
        Ok(Ratio::of(self.used, self.cost()?, RATIO_DECIMALS))
    }

    /// What the covered usage would have cost on demand, less what the commitment cost, used or not.
    ///
    /// # Errors
    /// As [`Self::cost`].
    pub fn savings(&self) -> Result<Option<Amount>, AmountError> {
        let cost = self.cost()?;
        self.covered.map(|covered| covered.checked_sub(cost)).transpose()
    }

    /// Savings over the on-demand cost of what it covered: what the coverage saved after waste.
    ///
    /// # Errors
    /// As [`Self::cost`].
    pub fn savings_rate(&self) -> Result<Option<Amount>, AmountError> {
        let savings = self.savings()?;
        Ok(savings.zip(self.covered).and_then(|(savings, covered)| Ratio::of(savings, covered, RATIO_DECIMALS)))
    }

    /// The share that must be used for it to cost no more than on demand: what the used part cost over what it would have cost on
    /// demand (1 - discount).
    #[must_use]
    pub fn break_even_utilisation(&self) -> Option<Amount> {
        Ratio::of(self.used, self.covered?, RATIO_DECIMALS)
    }
}

impl Held {
    /// Whether it runs at an instant; none where its dates are not known.
    #[must_use]
    pub fn runs_at(&self, instant: DateTime<Utc>) -> Option<bool> {
        let end = self.end.as_ref()?.value;
        Some(self.start.as_ref().is_none_or(|start| start.value <= instant) && instant < end)
    }

    /// Months after its start when what it saved against on-demand prices has paid the upfront back, at the use of the period; one
    /// decimal. Zero without an upfront; none where it never does or the bill does not say.
    #[must_use]
    pub fn break_even_month(&self) -> Option<Amount> {
        let upfront = self.upfront.as_ref()?.value;
        if upfront.is_zero() {
            return self.figures.savings().ok()?.filter(|saved| !saved.is_negative()).map(|_| Amount::ZERO);
        }
        let hours = Amount::from_integer((self.last_seen - self.first_seen).num_hours().max(1));
        let month = Amount::from_integer(HOURS_A_MONTH);
        let recurring = self.recurring.as_ref().map_or(Amount::ZERO, |fee| fee.value).checked_mul(hours).ok()?;
        let gained = self.figures.covered?.checked_sub(recurring).ok()?;
        if gained <= Amount::ZERO {
            return None;
        }
        // Upfront over what is gained a month: gained / hours * 730.
        Ratio::of(upfront.checked_mul(hours).ok()?, gained.checked_mul(month).ok()?, 1)
    }

    /// What is still to be paid from an instant to its end: the recurring fee of the hours that are left. None where the end or the fee
    /// is not known.
    #[must_use]
    pub fn remaining_fees(&self, from: DateTime<Utc>) -> Option<Amount> {
        let hours = self.remaining_hours(from)?;
        self.recurring.as_ref()?.value.checked_mul(Amount::from_integer(hours)).ok()
    }

    /// The part of the upfront whose hours are still to come.
    #[must_use]
    pub fn remaining_upfront(&self, from: DateTime<Utc>) -> Option<Amount> {
        let upfront = self.upfront.as_ref()?.value;
        if upfront.is_zero() {
            return Some(Amount::ZERO);
        }
        let (start, end) = (self.start.as_ref()?.value, self.end.as_ref()?.value);
        let all = Amount::from_integer((end - start).num_hours().max(1));
        let left = Amount::from_integer(self.remaining_hours(from)?);
        Ratio::of(upfront.checked_mul(left).ok()?, all, 6)
    }

    /// The hours from an instant to its end.
    #[must_use]
    pub fn remaining_hours(&self, from: DateTime<Utc>) -> Option<i64> {
        let from = self.start.as_ref().map_or(from, |start| start.value.max(from));
        Some((self.end.as_ref()?.value - from).num_hours().max(0))
    }
}

/// The commitments that end in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiry {
    /// The month.
    pub month: MonthOfYear,
    /// Their ids, in the order of their ends.
    pub ends: Vec<String>,
    /// What they cost an hour, where it is known.
    pub hourly: Amount,
    /// What those that are left cost an hour after it.
    pub hourly_left: Amount,
}

/// The months in which commitments end, in order, from an instant on. A commitment costs an hour what was used and not used of it in the
/// period, over the hours that it was seen.
///
/// # Errors
/// [`AmountError::TooLarge`] past 38 digits.
pub fn expiries(held: &[Held], from: DateTime<Utc>) -> Result<Vec<Expiry>, AmountError> {
    let hourly = |one: &Held| -> Result<Amount, AmountError> {
        let hours = Amount::from_integer((one.last_seen - one.first_seen).num_hours().max(1));
        Ok(Ratio::of(one.figures.cost()?, hours, RATIO_DECIMALS).unwrap_or_default())
    };
    let mut ending: BTreeMap<MonthOfYear, Vec<(DateTime<Utc>, &Held)>> = BTreeMap::new();
    let mut left = Amount::ZERO;
    for one in held {
        let Some(end) = one.end.as_ref().map(|end| end.value).filter(|end| *end > from) else { continue };
        left = left.checked_add(hourly(one)?)?;
        // What ends with the last instant of a month ends in that month.
        ending.entry(MonthOfYear::of(end - chrono::Duration::seconds(1))).or_default().push((end, one));
    }
    let mut found = Vec::new();
    for (month, mut ends) in ending {
        ends.sort_by(|left, right| left.0.cmp(&right.0).then_with(|| left.1.id.cmp(&right.1.id)));
        let gone = Amount::sum(ends.iter().map(|(_, one)| hourly(one)).collect::<Result<Vec<_>, _>>()?)?;
        left = left.checked_sub(gone)?;
        let ends = ends.into_iter().map(|(_, one)| one.id.clone()).collect();
        found.push(Expiry { month, ends, hourly: gone, hourly_left: left });
    }
    Ok(found)
}
