//! How much of a change comes from cost and how much from the driver.
//!
//! With cost C, units Q and unit cost u = C / Q, before (0) and now (1):
//!
//! | | base first | midpoint |
//! |---|---|---|
//! | cost, by the driver | (Q1 - Q0) u0 | (Q1 - Q0) (u0 + u1) / 2 |
//! | cost, by the unit cost | (u1 - u0) Q1 | (u1 - u0) (Q0 + Q1) / 2 |
//! | unit cost, by the cost | (C1 - C0) / Q0 | (C1 - C0) (1/Q0 + 1/Q1) / 2 |
//! | unit cost, by the driver | C1 (1/Q1 - 1/Q0) | (1/Q1 - 1/Q0) (C0 + C1) / 2 |
//!
//! Either pair adds up to the difference. Base first holds the other factor at its old value for the first effect and at its new one
//! for the second, as the usual price-volume bridge does; the midpoint treats both alike, so that turning the periods round turns
//! every sign.

use money::{Amount, AmountError};
use num_rational::BigRational;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::exact::{conserving, mean, rational, rounded};

/// A period's cost and units.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Side {
    /// What it cost.
    pub cost: Amount,
    /// How many units it had.
    pub units: Amount,
}

/// In which order the factors move.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export, rename = "UnitCostSplitOrder")]
pub enum SplitOrder {
    /// The first effect at the old value of the other factor, the second at the new one.
    BaseFirst,
    /// Both at the mean of old and new.
    Midpoint,
}

/// A difference and the two effects that it is the sum of, exactly.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, rename = "UnitCostSplit")]
pub struct Split {
    /// The figure before.
    pub before: Amount,
    /// The figure now.
    pub now: Amount,
    /// Now less before.
    pub difference: Amount,
    /// What comes from the cost (of a unit, where a cost is split).
    pub cost_effect: Amount,
    /// What comes from the number of units.
    pub driver_effect: Amount,
}

/// Why a change cannot be split.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SplitError {
    /// The earlier period has no units.
    #[error("the earlier period has no units, so nothing says what one of them cost")]
    NoUnitsBefore,
    /// The later period has no units.
    #[error("the later period has no units, so nothing says what one of them costs")]
    NoUnitsNow,
    /// A figure needs more than 38 digits.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// Splits the change of the cost into what the unit cost and what the number of units did, with `decimals` decimals or as many as the
/// costs have. The effects add up to the difference exactly; what rounding leaves over goes to the larger one.
///
/// # Errors
/// [`SplitError`] when a period has no units or a figure has no room in 38 digits.
pub fn split_cost(before: Side, now: Side, order: SplitOrder, decimals: u8) -> Result<Split, SplitError> {
    let Factors { old_cost, new_cost, old_units, new_units } = Factors::of(before, now)?;
    let difference = now.cost.checked_sub(before.cost)?;
    let (old_unit_cost, new_unit_cost) = (&old_cost / &old_units, &new_cost / &new_units);
    let (more_units, dearer) = (&new_units - &old_units, &new_unit_cost - &old_unit_cost);
    let (by_unit_cost, by_driver) = match order {
        SplitOrder::BaseFirst => (dearer * &new_units, more_units * &old_unit_cost),
        SplitOrder::Midpoint => {
            (dearer * mean(&old_units, &new_units), more_units * mean(&old_unit_cost, &new_unit_cost))
        }
    };
    let decimals = decimals.max(difference.scale());
    let [cost_effect, driver_effect] = conserving(difference, [&by_unit_cost, &by_driver], decimals)?;
    Ok(Split { before: before.cost, now: now.cost, difference, cost_effect, driver_effect })
}

/// Splits the change of the unit cost into what the cost and what the number of units did. Before, now and the effects have `decimals`
/// decimals; the effects add up to the difference of the two as they are shown.
///
/// # Errors
/// [`SplitError`] when a period has no units or a figure has no room in 38 digits.
pub fn split_unit_cost(before: Side, now: Side, order: SplitOrder, decimals: u8) -> Result<Split, SplitError> {
    let Factors { old_cost, new_cost, old_units, new_units } = Factors::of(before, now)?;
    let (old, new) = (rounded(&(&old_cost / &old_units), decimals)?, rounded(&(&new_cost / &new_units), decimals)?);
    let difference = new.checked_sub(old)?;
    let more_cost = &new_cost - &old_cost;
    let fewer_each = new_units.recip() - old_units.recip();
    let (by_cost, by_driver) = match order {
        SplitOrder::BaseFirst => (more_cost * old_units.recip(), fewer_each * &new_cost),
        SplitOrder::Midpoint => {
            (more_cost * mean(&old_units.recip(), &new_units.recip()), fewer_each * mean(&old_cost, &new_cost))
        }
    };
    let [cost_effect, driver_effect] = conserving(difference, [&by_cost, &by_driver], decimals)?;
    Ok(Split { before: old, now: new, difference, cost_effect, driver_effect })
}

/// The two periods as fractions.
struct Factors {
    old_cost: BigRational,
    new_cost: BigRational,
    old_units: BigRational,
    new_units: BigRational,
}

impl Factors {
    fn of(before: Side, now: Side) -> Result<Self, SplitError> {
        if before.units.is_zero() {
            return Err(SplitError::NoUnitsBefore);
        }
        if now.units.is_zero() {
            return Err(SplitError::NoUnitsNow);
        }
        Ok(Self {
            old_cost: rational(before.cost),
            new_cost: rational(now.cost),
            old_units: rational(before.units),
            new_units: rational(now.units),
        })
    }
}
