//! Changes of demand: usage grows, shrinks, or moves to another family.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use money::Amount;
use num_bigint::BigInt;
use num_integer::Integer;
use num_traits::ToPrimitive;

use crate::model::{LineFilter, LineKey, Program, Series, SeriesError, Usage, UsageLine};
use crate::whatif::WhatIfError;

/// Decimals to which changed usage is rounded, half to even, unless the usage has more.
const DECIMALS: u8 = 12;

/// Where moved usage goes: what is named replaces what the line has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Destination {
    /// The region.
    pub region: Option<String>,
    /// The family.
    pub family: Option<String>,
    /// The instance type.
    pub instance_type: Option<String>,
    /// The operating system or engine.
    pub platform: Option<String>,
    /// The SKU.
    pub sku: Option<String>,
    /// The programmes that may cover it there.
    pub eligible: Option<BTreeSet<Program>>,
    /// Normalised units there.
    pub size_factor: Option<Amount>,
}

/// What happens to usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Effect {
    /// Cost and quantity times a factor: 0.7 is a fall of 30 %.
    Scale(Amount),
    /// A share of the usage moves.
    Move {
        /// The share, 0 to 1.
        share: Amount,
        /// Where to.
        to: Box<Destination>,
        /// What the moved usage costs on demand there for one of what it cost.
        cost: Amount,
        /// What quantity it has there for one of what it had.
        quantity: Amount,
    },
}

/// A change of demand between two dates.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DemandChange {
    /// For people and messages, such as `demand falls 30 %`.
    pub name: String,
    /// The lines.
    pub lines: LineFilter,
    /// The first instant.
    pub from: DateTime<Utc>,
    /// The instant after the last; none for good.
    pub until: Option<DateTime<Utc>>,
    /// What happens.
    pub effect: Effect,
}

/// Applies changes one after the other: the second sees what the first has left. Usage without changes keeps its amounts as they are.
///
/// # Errors
/// [`WhatIfError`], naming the change.
pub fn change_demand(usage: &Usage, changes: &[DemandChange]) -> Result<Usage, WhatIfError> {
    let mut lines: BTreeMap<LineKey, UsageLine> =
        usage.lines().iter().map(|line| (line.key.clone(), line.clone())).collect();
    for change in changes {
        change.check()?;
        let steps = change.steps(usage);
        let touched: Vec<LineKey> = lines.keys().filter(|key| change.lines.matches(key)).cloned().collect();
        if touched.is_empty() || steps.is_empty() {
            return Err(WhatIfError::TouchesNothing(change.name.clone()));
        }
        // What moves arrives when everything has left, so that nothing moves twice.
        let mut arriving = Vec::new();
        for key in touched {
            let Some(line) = lines.get_mut(&key) else { continue };
            match &change.effect {
                Effect::Scale(factor) => scale_line(line, &steps, *factor)?,
                Effect::Move { share, to, cost, quantity } => {
                    let mut moved = line.clone();
                    to.rename(&mut moved);
                    let stays = Amount::from_integer(1).checked_sub(*share)?;
                    scale_line(line, &steps, stays)?;
                    let outside = [0..steps.start, steps.end..usage.span().steps()];
                    for steps in outside {
                        scale_line(&mut moved, &steps, Amount::ZERO)?;
                    }
                    let (cost, quantity) = (share.checked_mul(*cost)?, share.checked_mul(*quantity)?);
                    moved.on_demand = times(&moved.on_demand, &steps, cost)?;
                    moved.quantity = times(&moved.quantity, &steps, quantity)?;
                    moved.list = moved.list.map(|list| times(&list, &steps, cost)).transpose()?;
                    arriving.push(moved);
                }
            }
        }
        for moved in arriving {
            arrive(&mut lines, moved)?;
        }
    }
    Ok(Usage::new(usage.currency(), usage.span(), usage.missing().clone(), lines.into_values().collect())?)
}

impl DemandChange {
    fn check(&self) -> Result<(), WhatIfError> {
        let zero_or_more = |what, value: Amount| (value.is_negative(), what, value, "zero or more");
        let checks = match &self.effect {
            Effect::Scale(factor) => vec![zero_or_more("factor", *factor)],
            Effect::Move { share, cost, quantity, .. } => vec![
                (share.is_negative() || *share > Amount::from_integer(1), "share", *share, "a number from 0 to 1"),
                zero_or_more("cost factor", *cost),
                zero_or_more("quantity factor", *quantity),
            ],
        };
        match checks.into_iter().find(|(wrong, ..)| *wrong) {
            Some((_, what, value, wanted)) => {
                Err(WhatIfError::Factor { change: self.name.clone(), what, value, wanted })
            }
            None => Ok(()),
        }
    }

    /// The steps that begin within the dates.
    fn steps(&self, usage: &Usage) -> std::ops::Range<usize> {
        let span = usage.span();
        let first_from = |instant: DateTime<Utc>| {
            if instant <= span.first() {
                return 0;
            }
            span.position(instant).map_or(span.steps(), |step| step + usize::from(span.start_of(step) < instant))
        };
        let from = first_from(self.from);
        from..self.until.map_or(span.steps(), first_from).max(from)
    }
}

impl Destination {
    fn rename(&self, line: &mut UsageLine) {
        let put = |place: &mut Option<String>, name: &Option<String>| {
            if name.is_some() {
                place.clone_from(name);
            }
        };
        put(&mut line.key.region, &self.region);
        put(&mut line.key.family, &self.family);
        put(&mut line.key.instance_type, &self.instance_type);
        put(&mut line.key.platform, &self.platform);
        if let Some(sku) = &self.sku {
            line.key.sku.clone_from(sku);
        }
        if self.region.is_some() {
            line.key.zone = None;
        }
        if let Some(eligible) = &self.eligible {
            line.eligible.clone_from(eligible);
        }
        if self.size_factor.is_some() {
            line.size_factor = self.size_factor;
        }
    }
}

/// Adds moved usage to the line that is there already, or makes the line.
fn arrive(lines: &mut BTreeMap<LineKey, UsageLine>, moved: UsageLine) -> Result<(), WhatIfError> {
    let Some(there) = lines.get_mut(&moved.key) else {
        lines.insert(moved.key.clone(), moved);
        return Ok(());
    };
    there.on_demand = plus(&there.on_demand, &moved.on_demand)?;
    there.quantity = plus(&there.quantity, &moved.quantity)?;
    there.list = match (&there.list, &moved.list) {
        (Some(there), Some(moved)) => Some(plus(there, moved)?),
        _ => None,
    };
    Ok(())
}

fn plus(left: &Series, right: &Series) -> Result<Series, WhatIfError> {
    let sums: Result<Vec<Amount>, _> =
        left.amounts().zip(right.amounts()).map(|(left, right)| left.checked_add(right)).collect();
    Ok(Series::from_amounts(&sums?)?)
}

fn scale_line(line: &mut UsageLine, steps: &std::ops::Range<usize>, factor: Amount) -> Result<(), WhatIfError> {
    line.on_demand = times(&line.on_demand, steps, factor)?;
    line.quantity = times(&line.quantity, steps, factor)?;
    line.list = line.list.take().map(|list| times(&list, steps, factor)).transpose()?;
    Ok(())
}

/// A series with some steps times a factor, rounded half to even at 12 decimals or at the series' own where it has more.
pub(super) fn times(series: &Series, steps: &std::ops::Range<usize>, factor: Amount) -> Result<Series, SeriesError> {
    let factor = factor.normalized();
    let whole = series.scale() + factor.scale();
    let scale = whole.min(series.scale().max(DECIMALS));
    let too_large = |step: usize| SeriesError { step, value: format!("{} times {factor}", series.at(step)) };
    let up = 10_i128.checked_pow(u32::from(scale - series.scale())).ok_or_else(|| too_large(0))?;
    let down = 10_i128.checked_pow(u32::from(whole - scale)).ok_or_else(|| too_large(0))?;
    let mut units = Vec::with_capacity(series.len());
    for (step, value) in series.units().iter().enumerate() {
        let changed = if steps.contains(&step) {
            match value.checked_mul(factor.units()) {
                Some(product) if down == 1 => Some(product),
                Some(product) => Some(half_even(product, down)),
                None => half_even_of_large(*value, factor.units(), down),
            }
        } else {
            value.checked_mul(up)
        };
        let fits = changed.filter(|units| Amount::new(*units, scale).is_ok() && units.unsigned_abs() < 10_u128.pow(38));
        units.push(fits.ok_or_else(|| too_large(step))?);
    }
    Ok(Series::from_units(units, scale))
}

fn half_even(value: i128, divisor: i128) -> i128 {
    let (quotient, rest) = value.div_mod_floor(&divisor);
    let twice = rest.cmp(&(divisor - rest));
    quotient + i128::from(twice.is_gt() || (twice.is_eq() && quotient % 2 != 0))
}

fn half_even_of_large(value: i128, factor: i128, divisor: i128) -> Option<i128> {
    let divisor = BigInt::from(divisor);
    let (quotient, rest) = (BigInt::from(value) * BigInt::from(factor)).div_mod_floor(&divisor);
    let twice = rest.cmp(&(&divisor - &rest));
    let quotient = quotient.to_i128()?;
    quotient.checked_add(i128::from(twice.is_gt() || (twice.is_eq() && quotient % 2 != 0)))
}

#[cfg(test)]
mod tests {
    use money::Rounding;

    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    #[test]
    fn only_the_steps_named_change_and_twelve_decimals_are_kept() {
        let series = Series::from_amounts(&[amount("10"), amount("10.01"), amount("-3")]).unwrap();
        let changed = times(&series, &(1..3), amount("0.7")).unwrap();
        let texts: Vec<String> = changed.amounts().map(|amount| amount.to_string()).collect();
        assert_eq!(texts, ["10.000", "7.007", "-2.100"]);
        let third = times(&Series::from_amounts(&[amount("1")]).unwrap(), &(0..1), amount("0.33333333333333")).unwrap();
        assert_eq!(third.at(0).to_string(), "0.333333333333");
        assert_eq!(third.at(0).rounded(2, Rounding::HalfEven), amount("0.33"));
    }
}
