//! What an operation does to the months of its lines, as exact fractions and cells.

use crate::baseline::PreparedBaseline;
use crate::exact::{Fraction, cell_of};
use crate::operation::{Curve, DriverValues, Kind, Operation, Plateau, RateChange};
use crate::{Case, Month};

/// One figure for each month of the horizon.
pub(super) enum Effect {
    /// Cells are multiplied, units too where it is about usage.
    Multiply { factors: Vec<Fraction>, with_units: bool },
    /// The driver's change relative to its plan.
    Drive { changes: Vec<Fraction> },
    /// Added to the operation's own line.
    Flow { cells: Vec<i128>, units: Vec<i128> },
    /// Shares of the cell before: what leaves it, what arrives at its target.
    Move { leaving: Vec<Fraction>, arriving: Vec<Fraction>, arriving_units: Vec<Fraction> },
    /// The most that all lines may sum up to.
    Limit { limits: Vec<Option<i128>> },
}

/// How far something is that takes `over` equal steps, `since` months after the month of its first step: steps done, of how many.
pub(crate) fn progress(since: i32, over: u32) -> (u32, u32) {
    let (over, done) = (over.max(1), u32::try_from(since.saturating_add(1)).unwrap_or(0));
    (done.min(over), over)
}

/// Whether the operation's own line has units.
pub(crate) const fn brings_units(kind: &Kind) -> bool {
    matches!(kind, Kind::Launch(launch) if matches!(launch.plateau, Plateau::Units { .. }))
}

/// The months of the horizon, counted from an operation's first month.
struct Calendar {
    /// The place of the operation's first month in the horizon; may lie outside.
    first: i32,
    /// The place of its last month.
    last: i32,
    months: usize,
    horizon: Month,
}

impl Calendar {
    fn new(ground: &PreparedBaseline, from: Month, to: Option<Month>, slip: i32) -> Self {
        let horizon = ground.baseline.first_month;
        let last = to.map_or(i32::MAX, |to| to.plus(slip).since(horizon));
        Self { first: from.plus(slip).since(horizon), last, months: ground.baseline.months, horizon }
    }

    /// For each month the number of months since the first one, none before it and after the last one.
    fn since(&self) -> impl Iterator<Item = Option<i32>> {
        let (first, last) = (self.first, self.last);
        let places = (0..).take(self.months);
        places.map(move |place: i32| (first <= place && place <= last).then(|| place - first))
    }

    fn each<T>(&self, outside: T, inside: impl Fn(i32) -> Option<T>) -> Option<Vec<T>>
    where
        T: Clone,
    {
        self.since().map(|since| since.map_or_else(|| Some(outside.clone()), &inside)).collect()
    }
}

fn step(since: i32, over: u32) -> Option<Fraction> {
    let (done, over) = progress(since, over);
    Fraction::new(done.into(), over.into())
}

/// The effect of an operation at one figure. None where a number leaves 128 bits.
pub(super) fn effect(operation: &Operation, case: Case, ground: &PreparedBaseline) -> Option<Effect> {
    let slip = operation.slip_months.at(case);
    let (from, to) = operation.kind.dates();
    let calendar = Calendar::new(ground, from?, to, slip);
    let percent = |estimate: &crate::Estimate| Fraction::of_percent(estimate.at(case));
    let cell = |estimate: &crate::Estimate| cell_of(estimate.at(case)).map(|(cell, _)| cell);
    match &operation.kind {
        Kind::Scale(scale) => {
            let change = percent(&scale.change)?;
            let factors = if scale.compound {
                let powers = powers(change.plus(Fraction::ONE)?, &calendar)?;
                calendar.each(Fraction::ONE, |since| powers.get(usize::try_from(since).ok()?).copied())?
            } else {
                calendar
                    .each(Fraction::ONE, |since| change.times(step(since, scale.over_months)?)?.plus(Fraction::ONE))?
            };
            Some(Effect::Multiply { factors, with_units: true })
        }
        Kind::PriceChange(price) => {
            let factor = percent(&price.change)?.plus(Fraction::ONE)?;
            Some(Effect::Multiply { factors: calendar.each(Fraction::ONE, |_| Some(factor))?, with_units: false })
        }
        Kind::Retire(retire) => {
            let factors =
                calendar.each(Fraction::ONE, |since| Fraction::ONE.minus(step(since, retire.over_months)?))?;
            Some(Effect::Multiply { factors, with_units: true })
        }
        Kind::CurrencyRate(currency) => {
            let factor = match &currency.rate {
                RateChange::Change(change) => percent(change)?.plus(Fraction::ONE)?,
                RateChange::Rate(rate) => {
                    let planned = ground.baseline.rates.get(&currency.billed_in).copied();
                    let planned = planned.and_then(Fraction::of_amount).unwrap_or(Fraction::ONE);
                    Fraction::of_amount(rate.at(case))?.over(planned)?
                }
            };
            Some(Effect::Multiply { factors: calendar.each(Fraction::ONE, |_| Some(factor))?, with_units: false })
        }
        Kind::AddFlow(flow) => {
            let amount = cell(&flow.amount)?;
            let every = i32::try_from(flow.every_months).ok()?.max(1);
            let cells = calendar.each(0, |since| Some(if since % every == 0 { amount } else { 0 }))?;
            Some(Effect::Flow { cells, units: Vec::new() })
        }
        Kind::OneOff(one_off) => {
            let amount = cell(&one_off.amount)?;
            Some(Effect::Flow { cells: calendar.each(0, |_| Some(amount))?, units: Vec::new() })
        }
        Kind::Launch(launch) => {
            let share = |since| curve(launch.curve, progress(since, launch.over_months));
            match &launch.plateau {
                Plateau::Money(money) => {
                    let plateau = cell(money)?;
                    let cells = calendar.each(0, |since| share(since)?.of(plateau))?;
                    Some(Effect::Flow { cells, units: Vec::new() })
                }
                Plateau::Units { units, unit_price } => {
                    let (plateau, price) = (cell(units)?, Fraction::of_amount(unit_price.at(case))?);
                    let units = calendar.each(0, |since| share(since)?.of(plateau))?;
                    let cells = units.iter().map(|&unit| price.of(unit)).collect::<Option<_>>()?;
                    Some(Effect::Flow { cells, units })
                }
            }
        }
        Kind::Shift(shift) => {
            let (share, ratio) = (percent(&shift.share)?, percent(&shift.cost_ratio)?);
            let running = i32::try_from(shift.double_running_months).ok()?;
            let moved = |since| share.times(step(since, shift.over_months)?);
            Some(Effect::Move {
                leaving: calendar.each(Fraction::ZERO, |since| moved(since - running))?,
                arriving: calendar.each(Fraction::ZERO, |since| moved(since)?.times(ratio))?,
                arriving_units: calendar.each(Fraction::ZERO, moved)?,
            })
        }
        Kind::Reallocate(reallocate) => {
            let share = percent(&reallocate.share)?;
            let shares = calendar.each(Fraction::ZERO, |_| Some(share))?;
            Some(Effect::Move { leaving: shares.clone(), arriving: shares.clone(), arriving_units: shares })
        }
        Kind::Cap(cap) => {
            let limit = cell(&cap.amount)?;
            Some(Effect::Limit { limits: calendar.each(None, |_| Some(Some(limit)))? })
        }
        Kind::DriverOverride(change) => {
            let driver = ground.baseline.drivers.iter().find(|driver| driver.name == change.driver);
            let planned = driver.map_or(&[][..], |driver| &driver.monthly);
            let changes = calendar.since().zip(0..).map(|(since, place): (_, i32)| {
                if since.is_none() {
                    return Some(Fraction::ZERO);
                }
                match &change.values {
                    DriverValues::Change(estimate) => percent(estimate),
                    DriverValues::Typed(values) => {
                        // A typed value belongs to its month; a slip moves it.
                        let month = calendar.horizon.plus(place - slip);
                        let plan = planned.get(usize::try_from(place).ok()?).filter(|plan| !plan.is_zero());
                        match (values.get(&month), plan) {
                            (Some(value), Some(plan)) => {
                                Fraction::of_amount(*value)?.over(Fraction::of_amount(*plan)?)?.minus(Fraction::ONE)
                            }
                            _ => Some(Fraction::ZERO),
                        }
                    }
                }
            });
            Some(Effect::Drive { changes: changes.collect::<Option<_>>()? })
        }
        Kind::Commit(_) | Kind::Expire(_) | Kind::Renew(_) => None,
    }
}

/// `factor`, its square, its cube, ...: each cut to twelve decimals, half to even, before the next.
fn powers(factor: Fraction, calendar: &Calendar) -> Option<Vec<Fraction>> {
    let count = calendar.since().flatten().max().map_or(0, |since| since + 1);
    let mut powers = Vec::new();
    let mut power = Fraction::ONE;
    for _ in 0..count {
        power = power.times(factor)?.cut_to_twelve_decimals()?;
        powers.push(power);
    }
    Some(powers)
}

/// The share of the plateau.
fn curve(curve: Curve, (done, over): (u32, u32)) -> Option<Fraction> {
    let (done, over) = (i128::from(done), i128::from(over));
    match curve {
        Curve::Linear => Fraction::new(done, over),
        Curve::SCurve => Fraction::new(done * done * (3 * over - 2 * done), over * over * over),
    }
}
