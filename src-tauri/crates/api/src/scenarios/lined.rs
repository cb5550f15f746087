//! Recurring usage as lines with a history each: in units at the latest rate where its units are coherent, else as it was charged.

use std::collections::{BTreeMap, BTreeSet};

use money::{Amount, AmountError, Ratio, Rounding};
use query::Note;
use scenario::Treatment;

use super::baseline::Ground;
use super::bill::{Charges, note};
use crate::ApiError;

/// The decimals of a rate.
const RATE_DECIMALS: u8 = 12;
/// The decimals of units.
pub(super) const UNIT_DECIMALS: u8 = 9;
/// By how many percent the rate of a month of the latest year may differ from the latest rate: beyond that something else is in the mix.
const RATE_REACH_PERCENT: i64 = 30;

/// A line of usage with its history.
pub(super) struct Lined {
    pub(super) values: Vec<String>,
    /// What is forecast: what it cost month by month, at the latest rate where units are known.
    pub(super) history: Vec<Amount>,
    pub(super) units: Option<Units>,
}

/// What a line is counted in.
pub(super) struct Units {
    pub(super) unit: String,
    /// What a unit costs lately.
    pub(super) rate: Amount,
}

impl Units {
    /// How many units a cost is at the latest rate.
    pub(super) fn of(&self, cost: Amount) -> Amount {
        Ratio::of(cost, self.rate, UNIT_DECIMALS).unwrap_or(Amount::ZERO)
    }
}

/// A line in the making.
#[derive(Default)]
struct Open<'a> {
    cost: Vec<Amount>,
    quantity: Vec<Amount>,
    units: BTreeSet<&'a str>,
    /// Whether some of the cost has no number of units.
    uncounted: bool,
}

/// The lines of recurring usage, in the order of their values.
pub(super) fn lines(
    ground: &Ground<'_>,
    modelled: &BTreeSet<String>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Lined>, ApiError> {
    let months = ground.bill.months;
    let mut open: BTreeMap<&[String], Open<'_>> = BTreeMap::new();
    for charges in ground.charges(Treatment::RecurringUsage) {
        let one = open.entry(&charges.values).or_insert_with(|| Open {
            cost: vec![Amount::ZERO; months],
            quantity: vec![Amount::ZERO; months],
            ..Open::default()
        });
        add(one, charges, expected_cost(charges, modelled))?;
    }
    let mut lines = Vec::with_capacity(open.len());
    let mut counted = 0_usize;
    for (values, one) in open {
        let units = units(ground, &one)?;
        counted += usize::from(units.is_some());
        let history = match &units {
            Some(units) => {
                one.quantity.iter().map(|quantity| at_rate(*quantity, units.rate)).collect::<Result<_, _>>()?
            }
            None => one.cost,
        };
        lines.push(Lined { values: values.to_vec(), history, units });
    }
    if counted > 0 {
        notes.push(note(
            "units",
            format!(
                "{counted} of {} lines are counted in one unit each: their units are forecast and priced at the latest rate, so that a price that changed is no trend.",
                lines.len()
            ),
        ));
    }
    Ok(lines)
}

/// What a commitment covers stands at what it would cost on demand: coverage is worked out anew.
fn expected_cost(charges: &Charges, modelled: &BTreeSet<String>) -> Amount {
    let covered = charges.used && modelled.contains(&charges.commitment);
    charges.on_demand.filter(|_| covered).unwrap_or(charges.cost)
}

fn add<'a>(one: &mut Open<'a>, charges: &'a Charges, cost: Amount) -> Result<(), AmountError> {
    let sum = |sums: &mut Vec<Amount>, amount: Amount| -> Result<(), AmountError> {
        if let Some(sum) = sums.get_mut(charges.month) {
            *sum = sum.checked_add(amount)?;
        }
        Ok(())
    };
    sum(&mut one.cost, cost)?;
    if !cost.is_zero() {
        one.units.insert(&charges.unit);
        one.uncounted |= charges.unit.is_empty() || charges.quantity.is_none();
    }
    // Units that cost nothing, of a free tier, are no part of what a unit costs.
    match charges.quantity.filter(|_| !cost.is_zero()) {
        Some(quantity) => sum(&mut one.quantity, quantity),
        None => Ok(()),
    }
}

fn at_rate(quantity: Amount, rate: Amount) -> Result<Amount, AmountError> {
    let product = quantity.rounded(UNIT_DECIMALS, Rounding::HalfEven).checked_mul(rate)?;
    Ok(product.rounded(UNIT_DECIMALS, Rounding::HalfEven))
}

/// The unit and latest rate of a line whose cost is of one unit throughout, at rates that stay near the latest one.
fn units(ground: &Ground<'_>, one: &Open<'_>) -> Result<Option<Units>, AmountError> {
    if one.uncounted || one.units.len() != 1 {
        return Ok(None);
    }
    let over = |amounts: &[Amount]| Amount::sum(amounts[ground.recent_from()..].iter().copied());
    let (cost, quantity) = (over(&one.cost)?, over(&one.quantity)?);
    if cost <= Amount::ZERO || quantity <= Amount::ZERO {
        return Ok(None);
    }
    let Some(rate) = Ratio::of(cost, quantity, RATE_DECIMALS).filter(|rate| !rate.is_zero()) else { return Ok(None) };
    let hundred = Amount::from_integer(100);
    for (month, (cost, quantity)) in one.cost.iter().zip(&one.quantity).enumerate() {
        if cost.is_zero() && quantity.is_zero() {
            continue;
        }
        if cost.is_negative() || *quantity <= Amount::ZERO {
            return Ok(None);
        }
        let percent = Ratio::of(cost.checked_mul(hundred)?, at_rate(*quantity, rate)?, 0);
        let off = percent.and_then(|percent| percent.checked_sub(hundred).ok()).unwrap_or(hundred);
        if month >= ground.year_from() && off.abs() > Amount::from_integer(RATE_REACH_PERCENT) {
            return Ok(None);
        }
    }
    let unit = one.units.iter().next().copied().unwrap_or_default().to_owned();
    Ok(Some(Units { unit, rate }))
}
