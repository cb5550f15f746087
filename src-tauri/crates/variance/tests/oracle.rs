//! The bridge against a second implementation: the formulas as the textbook has them, each by itself, in reduced fractions.

mod common;

use std::collections::BTreeMap;

use common::{days, items};
use money::Amount;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Signed, Zero};
use proptest::prelude::*;
use variance::{Bridge, Cell, Class, Convention, Days, Effect, Item, Units, bridge};

type Sums = BTreeMap<Effect, BigRational>;

fn exact(amount: Amount) -> BigRational {
    BigRational::new(amount.units().into(), BigInt::from(10).pow(amount.scale().into()))
}

fn of(cell: Option<Cell>, pick: fn(&Cell) -> Option<Amount>) -> BigRational {
    cell.and_then(|cell| pick(&cell)).map_or_else(BigRational::zero, exact)
}

/// The figures of a cell, by the letters of the formulas.
struct Letters {
    /// Cost.
    c: BigRational,
    /// Quantity.
    q: BigRational,
    /// List cost.
    l: BigRational,
    /// Contracted cost.
    k: BigRational,
    /// Covered cost, and what it is contracted at.
    covered: [BigRational; 2],
}

impl Letters {
    fn of(cell: Option<Cell>) -> Self {
        Self {
            c: of(cell, |cell| Some(cell.cost)),
            q: of(cell, |cell| cell.quantity),
            l: of(cell, |cell| cell.list),
            k: of(cell, |cell| cell.contracted),
            covered: [of(cell, |cell| Some(cell.covered)), of(cell, |cell| Some(cell.covered_contracted))],
        }
    }

    fn scaled(&self, factor: &BigRational) -> Self {
        let times = |figure: &BigRational| figure * factor;
        Self {
            c: times(&self.c),
            q: self.q.clone(),
            l: times(&self.l),
            k: times(&self.k),
            covered: [times(&self.covered[0]), times(&self.covered[1])],
        }
    }
}

fn there(cell: Option<Cell>) -> bool {
    cell.is_some_and(|cell| !cell.cost.is_zero() || cell.quantity.is_some_and(|quantity| !quantity.is_zero()))
}

/// Usage whose quantities tell volume from price.
fn comparable(item: &Item) -> bool {
    let above_zero = |cell| of(cell, |cell| cell.quantity).is_positive();
    item.class == Class::Usage
        && matches!(item.units, Units::Family(_))
        && there(item.base)
        && there(item.current)
        && above_zero(item.base)
        && above_zero(item.current)
}

/// The parts of every item from base to current.
fn forward(items: &[Item], days: Days) -> Vec<Sums> {
    items.iter().map(|item| of_item(item, items, days)).collect()
}

/// The base rate over the current one.
fn exchange(item: &Item, items: &[Item]) -> BigRational {
    let Some(currency) = item.currency else { return BigRational::one() };
    let rate = |side: fn(&Item) -> Option<Cell>| {
        let of_currency = || items.iter().filter(|item| item.currency == Some(currency)).map(side);
        let converted: BigRational = of_currency().map(|cell| of(cell, |cell| Some(cell.cost))).sum();
        let local: BigRational = of_currency().map(|cell| of(cell, |cell| Some(cell.local))).sum();
        if local.is_zero() { BigRational::zero() } else { converted / local }
    };
    let (base, current) = (rate(|item| item.base), rate(|item| item.current));
    if base.is_positive() && current.is_positive() { base / current } else { BigRational::one() }
}

fn of_item(item: &Item, items: &[Item], days: Days) -> Sums {
    let base = Letters::of(item.base);
    let at_current_rate = Letters::of(item.current);
    let now = at_current_rate.scaled(&exchange(item, items));
    let mut parts = Sums::new();
    parts.insert(Effect::Currency, &at_current_rate.c - &now.c);
    let of_class = match item.class {
        Class::Usage => None,
        Class::UnusedCommitment => Some(Effect::CommitmentWaste),
        Class::CommitmentPurchase => Some(Effect::CommitmentPurchases),
        Class::OtherPurchase => Some(Effect::OtherPurchases),
        Class::Credit => Some(Effect::Credits),
        Class::Adjustment => Some(Effect::Adjustments),
        Class::Tax => Some(Effect::Tax),
        Class::Correction => Some(Effect::Corrections),
    };
    if let Some(effect) = of_class {
        parts.insert(effect, &now.c - &base.c);
        return parts;
    }
    if item.units != Units::Different && there(item.base) != there(item.current) {
        let effect = if there(item.current) { Effect::New } else { Effect::Retired };
        parts.insert(effect, &now.c - &base.c);
        return parts;
    }
    let longer = BigRational::new(days.current.into(), days.base.into());
    parts.insert(Effect::Days, &base.c * (&longer - BigRational::one()));
    if !comparable(item) {
        parts.insert(Effect::NotSeparable, &now.c - &base.c * &longer);
        return parts;
    }
    let family = items.iter().filter(|other| comparable(other) && other.units == item.units);
    let total = |side: fn(&Item) -> Option<Cell>| -> BigRational {
        family.clone().map(|item| of(side(item), |cell| cell.quantity)).sum()
    };
    let q0 = &base.q * &longer;
    let c0 = &base.c * &longer;
    let (total0, total1) = (total(|item| item.base) * &longer, total(|item| item.current));
    let p0 = &c0 / &q0;
    let share0 = &q0 / &total0;
    parts.insert(Effect::Volume, &c0 * (&total1 / &total0 - BigRational::one()));
    parts.insert(Effect::Mix, (&now.q - &total1 * &share0) * &p0);
    let rate = &now.c - &p0 * &now.q;
    let priced = |letters: &Letters| letters.l.is_positive() && letters.k.is_positive();
    if !priced(&base) || !priced(&now) {
        parts.insert(Effect::UnsplitRate, rate);
        return parts;
    }
    let l0 = &base.l / &base.q;
    let l1 = &now.l / &now.q;
    let (n0, n1) = (&base.k / &base.l, &now.k / &now.l);
    let d0 = &base.c / &base.k;
    parts.insert(Effect::ListPrice, (&l1 - &l0) * &now.q * &n0 * &d0);
    parts.insert(Effect::NegotiatedDiscount, &l1 * &now.q * (&n1 - &n0) * &d0);
    let commitments = &now.c - &now.k * &d0;
    let tellable = |letters: &Letters| {
        let [cost, contracted] = &letters.covered;
        let rest = &letters.k - contracted;
        !contracted.is_negative()
            && !rest.is_negative()
            && (contracted.is_positive() || cost.is_zero())
            && (rest.is_positive() || *cost == letters.c)
    };
    if !tellable(&base) || !tellable(&now) {
        parts.insert(Effect::UnsplitRate, commitments);
        return parts;
    }
    let coverage = |letters: &Letters| &letters.covered[1] / &letters.k;
    let (x0, x1) = (coverage(&base), coverage(&now));
    let depth = |letters: &Letters, other: &Letters| {
        let own = if letters.covered[1].is_zero() { other } else { letters };
        if own.covered[1].is_zero() { BigRational::one() } else { &own.covered[0] / &own.covered[1] }
    };
    let uncovered = |letters: &Letters, other: &Letters| {
        let own = if letters.covered[1] == letters.k { other } else { letters };
        let rest = &own.k - &own.covered[1];
        if rest.is_zero() { BigRational::one() } else { (&own.c - &own.covered[0]) / rest }
    };
    let (e0, e1) = (depth(&base, &now), depth(&now, &base));
    let (u0, u1) = (uncovered(&base, &now), uncovered(&now, &base));
    parts.insert(Effect::CommitmentCoverage, &now.k * (&x1 - &x0) * (&e0 - &u0));
    parts.insert(Effect::CommitmentRate, &now.k * &x1 * (e1 - e0));
    parts.insert(Effect::OtherDiscounts, &now.k * (BigRational::one() - x1) * (u1 - u0));
    parts
}

/// The mean of the way there and the way back with its signs turned.
fn midpoint(items: &[Item], days: Days) -> Vec<Sums> {
    let turned: Vec<Item> = items.iter().map(|item| Item { base: item.current, current: item.base, ..*item }).collect();
    let back = forward(&turned, Days { base: days.current, current: days.base });
    let half = BigRational::new(1.into(), 2.into());
    let both = forward(items, days).into_iter().zip(back);
    both.map(|(mut there, back)| {
        there.values_mut().for_each(|part| *part *= &half);
        for (effect, part) in back {
            let effect = match effect {
                Effect::New => Effect::Retired,
                Effect::Retired => Effect::New,
                same => same,
            };
            *there.entry(effect).or_insert_with(BigRational::zero) -= part * &half;
        }
        there
    })
    .collect()
}

fn agrees(found: &Bridge, expected: &[Sums]) -> Result<(), TestCaseError> {
    // The levels are rounded, so a part may be off by one unit of the last decimal that is kept.
    let unit = BigRational::new(1.into(), BigInt::from(10).pow(9));
    for (parts, sums) in found.of_items.iter().zip(expected) {
        for effect in Effect::ALL {
            let expected = sums.get(effect).cloned().unwrap_or_else(BigRational::zero);
            let off = (exact(parts.of(*effect)) - &expected).abs();
            prop_assert!(off <= unit, "{effect}: {} instead of {expected}", parts.of(*effect));
        }
    }
    Ok(())
}

proptest! {
    #[test]
    fn every_part_is_what_its_formula_gives(items in items(), days in days()) {
        let found = bridge(&items, days, Convention::BaseFirst).unwrap();
        agrees(&found, &forward(&items, days))?;
    }

    #[test]
    fn every_midpoint_part_is_the_mean_of_both_ways(items in items(), days in days()) {
        let found = bridge(&items, days, Convention::Midpoint).unwrap();
        agrees(&found, &midpoint(&items, days))?;
    }
}
