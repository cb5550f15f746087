//! The levels of one item's bridge: what it would cost after each effect, from its base cost to its current one. An effect's part is
//! the difference of two neighbouring levels, so the parts add up whatever the levels are.

use money::Amount;
use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::fraction::Fraction;
use crate::{Cell, Class, Days, Effect, Item, Units};

/// Which effects an item has, in order. It is the same for the two periods swapped, but for new and retired.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Shape {
    /// The whole difference is one effect.
    One(Effect),
    /// Usage in both periods without comparable quantities.
    Inseparable,
    /// Usage in both periods.
    Usage(Rate),
}

/// How far a change of price can be told apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Rate {
    /// Not at all.
    Whole,
    /// List price and negotiated discount; what commitments do is whole.
    Prices,
    /// All of it.
    Commitments,
}

/// A cell in whole units: costs in those of the bridge, the others in units that the item's two cells share.
#[derive(Clone, Debug)]
pub(crate) struct Figures {
    pub(crate) cost: BigInt,
    list: BigInt,
    contracted: BigInt,
    pub(crate) quantity: BigInt,
    covered: BigInt,
    covered_contracted: BigInt,
}

/// What an item's levels take from others.
#[derive(Clone, Debug)]
pub(crate) struct Surroundings {
    pub(crate) days: Days,
    /// The quantities of the item's family in both periods, over items that are in both; zero for an item without a family.
    pub(crate) family: [BigInt; 2],
    /// The base rate of the item's currency over the current one; 1 where nothing was converted.
    pub(crate) exchange: Fraction,
}

impl Shape {
    pub(crate) fn of(item: &Item) -> Self {
        let effect = match item.class {
            Class::Usage => return usage(item),
            Class::UnusedCommitment => Effect::CommitmentWaste,
            Class::CommitmentPurchase => Effect::CommitmentPurchases,
            Class::OtherPurchase => Effect::OtherPurchases,
            Class::Credit => Effect::Credits,
            Class::Adjustment => Effect::Adjustments,
            Class::Tax => Effect::Tax,
            Class::Correction => Effect::Corrections,
        };
        Self::One(effect)
    }

    /// The family whose quantities the item's are part of.
    pub(crate) fn family(self, item: &Item) -> Option<usize> {
        match (self, item.units) {
            (Self::Usage(_), Units::Family(family)) => Some(family),
            _ => None,
        }
    }
}

fn usage(item: &Item) -> Shape {
    let [base, current] = [item.base, item.current].map(|cell| cell.filter(|cell| !cell.is_empty()));
    match (item.units, base, current) {
        (Units::Different, ..) => Shape::Inseparable,
        (_, None, Some(_)) => Shape::One(Effect::New),
        (_, Some(_), None) => Shape::One(Effect::Retired),
        (Units::Family(_), Some(base), Some(current)) => {
            let positive = |cell: &Cell| cell.quantity.is_some_and(|quantity| Amount::ZERO < quantity);
            if positive(&base) && positive(&current) { Shape::Usage(rate(&base, &current)) } else { Shape::Inseparable }
        }
        _ => Shape::Inseparable,
    }
}

fn rate(base: &Cell, current: &Cell) -> Rate {
    let positive = |amount: Option<Amount>| amount.is_some_and(|amount| Amount::ZERO < amount);
    let priced = |cell: &Cell| positive(cell.list) && positive(cell.contracted);
    // Covered and other usage each need a price at the contract, or nothing to price.
    let covered = |cell: &Cell| {
        let contracted = cell.contracted.unwrap_or_default();
        let part = cell.covered_contracted;
        !part.is_negative()
            && part <= contracted
            && (!part.is_zero() || cell.covered.is_zero())
            && (part != contracted || cell.covered == cell.cost)
    };
    match (priced(base) && priced(current), covered(base) && covered(current)) {
        (true, true) => Rate::Commitments,
        (true, false) => Rate::Prices,
        (false, _) => Rate::Whole,
    }
}

impl Figures {
    /// The figures of an item's two cells; costs in units of ten to the power of minus `scale`.
    pub(crate) fn of(item: &Item, scale: u8) -> [Self; 2] {
        let cells = [item.base.unwrap_or_default(), item.current.unwrap_or_default()];
        let units = |pick: fn(&Cell) -> Amount| {
            let amounts = cells.map(|cell| pick(&cell));
            let scale = amounts[0].scale().max(amounts[1].scale());
            amounts.map(|amount| in_units(amount, scale))
        };
        let [list, list_now] = units(|cell| cell.list.unwrap_or_default());
        let [quantity, quantity_now] = units(|cell| cell.quantity.unwrap_or_default());
        // The part that is covered is set beside the whole, so they share a unit.
        let contracted_scale = cells
            .iter()
            .map(|cell| cell.contracted.unwrap_or_default().scale().max(cell.covered_contracted.scale()))
            .max()
            .unwrap_or(0);
        let [contracted, contracted_now] =
            cells.map(|cell| in_units(cell.contracted.unwrap_or_default(), contracted_scale));
        let [covered_contracted, covered_contracted_now] =
            cells.map(|cell| in_units(cell.covered_contracted, contracted_scale));
        let [cost, cost_now] = cells.map(|cell| in_units(cell.cost, scale));
        let [covered, covered_now] = cells.map(|cell| in_units(cell.covered, scale));
        [
            Self { cost, list, contracted, quantity, covered, covered_contracted },
            Self {
                cost: cost_now,
                list: list_now,
                contracted: contracted_now,
                quantity: quantity_now,
                covered: covered_now,
                covered_contracted: covered_contracted_now,
            },
        ]
    }
}

/// The number of units of ten to the power of minus `scale`, which holds every digit of the amount.
pub(crate) fn in_units(amount: Amount, scale: u8) -> BigInt {
    let units = BigInt::from(amount.units());
    match scale.checked_sub(amount.scale()) {
        None | Some(0) => units,
        Some(more) => units * BigInt::from(10).pow(u32::from(more)),
    }
}

/// What the item would cost after each effect, on the way from `base` to `current`; the last level is the current cost. None where a
/// price would divide by zero.
pub(crate) fn levels(
    shape: Shape,
    base: &Figures,
    current: &Figures,
    around: &Surroundings,
) -> Option<Vec<(Effect, Fraction)>> {
    let at_base_rate = |level: Fraction| level.times(&around.exchange);
    let end = Fraction::whole(current.cost.clone());
    let days = || {
        let (base_days, current_days) = (BigInt::from(around.days.base), BigInt::from(around.days.current));
        Some((Effect::Days, Fraction::scaled(&base.cost, &current_days, &base_days)?))
    };
    let mut levels = Vec::with_capacity(12);
    match shape {
        Shape::One(effect) => levels.push((effect, at_base_rate(end.clone()))),
        Shape::Inseparable => levels.extend([days()?, (Effect::NotSeparable, at_base_rate(end.clone()))]),
        Shape::Usage(rate) => {
            levels.push(days()?);
            let [family_base, family_current] = &around.family;
            levels.push((Effect::Volume, Fraction::scaled(&base.cost, family_current, family_base)?));
            levels.push((Effect::Mix, Fraction::scaled(&base.cost, &current.quantity, &base.quantity)?));
            let prices = match rate {
                Rate::Whole => vec![(Effect::UnsplitRate, end.clone())],
                Rate::Prices => [list_and_contract(base, current)?, vec![(Effect::UnsplitRate, end.clone())]].concat(),
                Rate::Commitments => [list_and_contract(base, current)?, commitments(base, current)?].concat(),
            };
            levels.extend(prices.into_iter().map(|(effect, level)| (effect, at_base_rate(level))));
        }
    }
    levels.push((Effect::Currency, end));
    Some(levels)
}

/// Current list cost at the base's discounts, then current contracted cost at the base's commitment discount.
fn list_and_contract(base: &Figures, current: &Figures) -> Option<Vec<(Effect, Fraction)>> {
    Some(vec![
        (Effect::ListPrice, Fraction::scaled(&current.list, &base.cost, &base.list)?),
        (Effect::NegotiatedDiscount, Fraction::scaled(&current.contracted, &base.cost, &base.contracted)?),
    ])
}

/// Current coverage at what covered and other usage cost in the base beside their contracted cost, then the current cost of what is
/// covered, then all of it. Where one of the periods covers nothing (or everything) the other one's cost counts for both.
fn commitments(base: &Figures, current: &Figures) -> Option<Vec<(Effect, Fraction)>> {
    let as_in_base = |now: BigInt, cost: &BigInt, contracted: &BigInt, cost_now: &BigInt| {
        if contracted.is_zero() {
            Some(Fraction::whole(cost_now.clone()))
        } else {
            Fraction::scaled(&now, cost, contracted)
        }
    };
    let other =
        |figures: &Figures| (&figures.cost - &figures.covered, &figures.contracted - &figures.covered_contracted);
    let (other_cost, other_contracted) = other(base);
    let (other_cost_now, other_contracted_now) = other(current);
    let covered =
        as_in_base(current.covered_contracted.clone(), &base.covered, &base.covered_contracted, &current.covered)?;
    let others = as_in_base(other_contracted_now, &other_cost, &other_contracted, &other_cost_now)?;
    Some(vec![
        (Effect::CommitmentCoverage, covered.plus(&others)),
        (Effect::CommitmentRate, Fraction::whole(current.covered.clone()).plus(&others)),
        (Effect::OtherDiscounts, Fraction::whole(current.cost.clone())),
    ])
}

impl Surroundings {
    /// The periods the other way round.
    pub(crate) fn swapped(&self) -> Self {
        let [base, current] = &self.family;
        Self {
            days: self.days.swapped(),
            family: [current.clone(), base.clone()],
            exchange: self.exchange.inverse().unwrap_or_else(|| Fraction::whole(BigInt::one())),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    fn usage(quantity: &str, list: &str, contracted: &str, covered: [&str; 2]) -> Item {
        let cell = Cell {
            cost: amount("10"),
            local: amount("10"),
            list: Some(amount(list)),
            contracted: Some(amount(contracted)),
            quantity: Some(amount(quantity)),
            covered: amount(covered[0]),
            covered_contracted: amount(covered[1]),
        };
        let units = Units::Family(0);
        Item { class: Class::Usage, units, currency: None, base: Some(cell), current: Some(cell) }
    }

    #[test]
    fn what_cannot_be_told_apart_is_not() {
        let shape = |quantity, list, contracted, covered| Shape::of(&usage(quantity, list, contracted, covered));
        assert_eq!(shape("1", "20", "12", ["4", "6"]), Shape::Usage(Rate::Commitments));
        assert_eq!(shape("1", "20", "12", ["4", "0"]), Shape::Usage(Rate::Prices), "covered, but at no price");
        assert_eq!(shape("1", "20", "12", ["4", "13"]), Shape::Usage(Rate::Prices), "more covered than there is");
        assert_eq!(shape("1", "0", "12", ["0", "0"]), Shape::Usage(Rate::Whole), "no list price");
        assert_eq!(shape("0", "20", "12", ["0", "0"]), Shape::Inseparable, "no quantity");
        assert_eq!(shape("-1", "20", "12", ["0", "0"]), Shape::Inseparable, "a quantity below zero");
        let units = Item { units: Units::Different, ..usage("1", "20", "12", ["0", "0"]) };
        assert_eq!(Shape::of(&units), Shape::Inseparable);
        assert_eq!(Shape::of(&Item { base: None, ..units }), Shape::Inseparable, "it was there, in another unit");
        let missing = Item { units: Units::Missing, ..units };
        assert_eq!(Shape::of(&missing), Shape::Inseparable);
        assert_eq!(Shape::of(&Item { base: None, ..missing }), Shape::One(Effect::New), "a new line needs no unit");
        let nothing = Some(Cell::default());
        assert_eq!(
            Shape::of(&Item { current: nothing, ..missing }),
            Shape::One(Effect::Retired),
            "of nothing for nothing"
        );
    }
}
