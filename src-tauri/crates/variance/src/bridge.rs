//! [`bridge`]: from what the base period cost to what the current one costs.

use money::{Amount, AmountError};
use num_bigint::BigInt;
use num_traits::{One, Zero};

use crate::fraction::Fraction;
use crate::levels::{Figures, Shape, Surroundings, in_units, levels};
use crate::{Cell, Class, Convention, Days, Effect, Item};

/// Parts have at least this many decimals; more where the costs have more.
const DECIMALS_MIN: u8 = 9;

/// The decimals of exchange rates that are shown.
const RATE_DECIMALS: u8 = 6;

/// A bridge: its parts add up to the difference, item by item and in total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Bridge {
    /// What the base period cost.
    pub base: Amount,
    /// What the current period costs.
    pub current: Amount,
    /// `current - base`.
    pub difference: Amount,
    /// Every effect that any item has, in order, with its sum over items.
    pub parts: Vec<(Effect, Amount)>,
    /// How many items there are.
    pub items: usize,
    /// The parts of each item, in the order in which they were given.
    pub of_items: Vec<Parts>,
    /// The exchange rates of each currency, by its number.
    pub rates: Vec<CurrencyRates>,
}

/// The parts of an item's difference; an effect that moved nothing is not among them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Parts(pub Vec<(Effect, Amount)>);

/// What one unit of a billed currency came to, on average over the items; to six decimals, for display.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CurrencyRates {
    /// In the base period; none where nothing was billed.
    pub base: Option<Amount>,
    /// In the current period; none where nothing was billed.
    pub current: Option<Amount>,
    /// Whether their change is told apart: both are there and above zero.
    pub separable: bool,
}

/// Why there is no bridge.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BridgeError {
    /// A sum needs more than 38 digits.
    #[error("a sum of the bridge cannot be computed exactly: {0}")]
    Amount(#[from] AmountError),
    /// A period without days.
    #[error("a period of the bridge has no days")]
    NoDays,
}

impl Parts {
    /// The part of an effect; zero where it moved nothing.
    #[must_use]
    pub fn of(&self, effect: Effect) -> Amount {
        self.0.iter().find(|(part, _)| *part == effect).map(|(_, amount)| *amount).unwrap_or_default()
    }
}

/// Splits the difference between two periods into effects, by a convention.
///
/// Every level of an item (what it would cost after an effect) is an exact rational; it is rounded once, to nine decimals or to those of
/// the costs where they have more, a tie away from zero. An effect's part is the difference of two levels, so an item's parts add up to
/// its difference exactly.
///
/// # Errors
/// [`BridgeError::Amount`] when a sum needs more than 38 digits, [`BridgeError::NoDays`].
pub fn bridge(items: &[Item], days: Days, convention: Convention) -> Result<Bridge, BridgeError> {
    if days.base == 0 || days.current == 0 {
        return Err(BridgeError::NoDays);
    }
    let cells = || items.iter().flat_map(|item| [item.base, item.current]).flatten();
    let scale = |pick: fn(&Cell) -> Amount| cells().map(|cell| pick(&cell).normalized().scale()).max().unwrap_or(0);
    let cost_scale = scale(|cell| cell.cost).max(scale(|cell| cell.covered)).max(DECIMALS_MIN);
    let shapes: Vec<Shape> = items.iter().map(Shape::of).collect();
    let families = families(items, &shapes);
    let exchanges = exchanges(items);
    let mut totals = [Amount::ZERO; Effect::ALL.len()];
    let mut seen = [false; Effect::ALL.len()];
    let mut of_items = Vec::with_capacity(items.len());
    for (item, shape) in items.iter().zip(&shapes) {
        let around = Surroundings {
            days,
            family: shape.family(item).map(|family| families[family].clone()).unwrap_or_default(),
            exchange: item.currency.map_or_else(one, |currency| exchanges[currency].clone().unwrap_or_else(one)),
        };
        let parts = parts(item, *shape, &around, convention, cost_scale)?;
        for (effect, amount) in &parts.0 {
            let place = *effect as usize;
            totals[place] = totals[place].checked_add(*amount)?;
            seen[place] = true;
        }
        of_items.push(parts);
    }
    let sum = |pick: fn(&Item) -> Option<Cell>| Amount::sum(items.iter().filter_map(pick).map(|cell| cell.cost));
    let (base, current) = (sum(|item| item.base)?, sum(|item| item.current)?);
    let parts = Effect::ALL.iter().copied().filter(|effect| seen[*effect as usize]);
    Ok(Bridge {
        base,
        current,
        difference: current.checked_sub(base)?,
        parts: parts.map(|effect| (effect, totals[effect as usize].normalized())).collect(),
        items: items.len(),
        of_items,
        rates: rates(items),
    })
}

fn one() -> Fraction {
    Fraction::whole(BigInt::one())
}

/// The quantities of each family in both periods, over the items that are in both.
fn families(items: &[Item], shapes: &[Shape]) -> Vec<[BigInt; 2]> {
    let members = || items.iter().zip(shapes).filter_map(|(item, shape)| Some((item, shape.family(item)?)));
    let quantity = |cell: Option<Cell>| cell.and_then(|cell| cell.quantity).unwrap_or_default();
    let count = members().map(|(_, family)| family + 1).max().unwrap_or(0);
    let mut scales = vec![0; count];
    for (item, family) in members() {
        scales[family] = scales[family].max(quantity(item.base).scale()).max(quantity(item.current).scale());
    }
    let mut sums = vec![[BigInt::zero(), BigInt::zero()]; count];
    for (item, family) in members() {
        for (sum, cell) in sums[family].iter_mut().zip([item.base, item.current]) {
            *sum += in_units(quantity(cell), scales[family]);
        }
    }
    sums
}

/// What was billed in each currency and what it was converted to, in both periods.
fn billed(items: &[Item]) -> Vec<[[Amount; 2]; 2]> {
    let count = items.iter().filter_map(|item| item.currency).map(|currency| currency + 1).max().unwrap_or(0);
    let mut sums = vec![[[Amount::ZERO; 2]; 2]; count];
    for item in items {
        let Some(currency) = item.currency else { continue };
        for (sum, cell) in sums[currency].iter_mut().zip([item.base, item.current]) {
            let cell = cell.unwrap_or_default();
            // A sum beyond 38 digits has no rate; the bridge itself fails on it further on.
            *sum = [add(sum[0], cell.cost), add(sum[1], cell.local)];
        }
    }
    sums
}

fn add(sum: Amount, more: Amount) -> Amount {
    sum.checked_add(more).unwrap_or_default()
}

/// Each currency's base rate over its current rate; none where one of them is not above zero.
fn exchanges(items: &[Item]) -> Vec<Option<Fraction>> {
    let rate = |[converted, local]: [Amount; 2]| {
        let scale = converted.scale().max(local.scale());
        Fraction::new(in_units(converted, scale), in_units(local, scale)).filter(Fraction::is_positive)
    };
    let exchange = |[base, current]: [[Amount; 2]; 2]| Some(rate(base)?.times(&rate(current)?.inverse()?));
    billed(items).into_iter().map(exchange).collect()
}

fn rates(items: &[Item]) -> Vec<CurrencyRates> {
    let shown = |[converted, local]: [Amount; 2]| money::Ratio::of(converted, local, RATE_DECIMALS);
    let both = billed(items).into_iter().zip(exchanges(items));
    both.map(|([base, current], exchange)| CurrencyRates {
        base: shown(base),
        current: shown(current),
        separable: exchange.is_some(),
    })
    .collect()
}

/// The parts of one item. One whose levels cannot be held in 38 digits (a price of next to nothing times a huge quantity) is not
/// separable.
fn parts(
    item: &Item,
    shape: Shape,
    around: &Surroundings,
    convention: Convention,
    scale: u8,
) -> Result<Parts, BridgeError> {
    let figures = Figures::of(item, scale);
    let found = rounded_levels(&figures, shape, around, convention).or_else(|| {
        let whole = if item.class == Class::Usage { Shape::Inseparable } else { shape };
        rounded_levels(&figures, whole, around, convention)
    });
    let steps = found.ok_or(AmountError::TooLarge)?;
    let mut parts: Vec<(Effect, Amount)> = Vec::with_capacity(steps.len());
    let mut before = 0_i128;
    for (effect, level) in steps {
        let moved = level.checked_sub(before).ok_or(AmountError::TooLarge)?;
        if moved != 0 {
            parts.push((effect, Amount::new(moved, scale)?));
        }
        before = level;
    }
    parts.sort_by_key(|(effect, _)| *effect);
    Ok(Parts(parts))
}

/// How far the cost has moved from the base after each effect, in whole units.
fn rounded_levels(
    [base, current]: &[Figures; 2],
    shape: Shape,
    around: &Surroundings,
    convention: Convention,
) -> Option<Vec<(Effect, i128)>> {
    let start = Fraction::whole(base.cost.clone());
    let forward = levels(shape, base, current, around)?;
    match convention {
        Convention::BaseFirst => {
            forward.into_iter().map(|(effect, level)| Some((effect, level.minus(&start).rounded()?))).collect()
        }
        Convention::Midpoint => {
            let backward = levels(swapped(shape), current, base, &around.swapped())?;
            let end = Fraction::whole(current.cost.clone());
            let steps = forward.into_iter().zip(backward);
            steps
                .map(|((effect, there), (_, back))| {
                    let moved = there.minus(&start).plus(&end.minus(&back)).half();
                    Some((effect, moved.rounded()?))
                })
                .collect()
        }
    }
}

/// The shape of the same item with the periods the other way round.
const fn swapped(shape: Shape) -> Shape {
    match shape {
        Shape::One(Effect::New) => Shape::One(Effect::Retired),
        Shape::One(Effect::Retired) => Shape::One(Effect::New),
        same => same,
    }
}
