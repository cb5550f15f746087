//! Usage and commitments as whole numbers of one scale.

use money::{Amount, Rounding};

use crate::model::{Capacity, Commitment, MonthOfYear, Series, Span, Usage};
use crate::replay::ReplayError;
use crate::replay::whole::Whole;

/// The fewest decimals of money and of quantities in the inner loop. Only where a commitment ends within a line is anything rounded,
/// half to even at this scale, and what is left of the line is the difference.
const FEWEST_DECIMALS: u8 = 12;

/// The decimals of money and of quantities.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Scales {
    pub money: u8,
    pub quantity: u8,
}

impl Scales {
    /// Decimals that hold every amount of the usage and of the commitments.
    pub fn of(usage: &Usage, commitments: &[&Commitment]) -> Self {
        let mut scales = Self { money: FEWEST_DECIMALS, quantity: FEWEST_DECIMALS };
        for line in usage.lines() {
            let factor = line.size_factor.map_or(0, |factor| factor.normalized().scale());
            scales.money = scales.money.max(line.on_demand.scale());
            scales.quantity = scales.quantity.max(line.quantity.scale() + factor);
        }
        for commitment in commitments {
            let hourly = commitment.capacity.hourly().normalized().scale();
            let scale = if commitment.capacity.is_spend() { &mut scales.money } else { &mut scales.quantity };
            *scale = (*scale).max(hourly);
            let fees = [commitment.upfront, commitment.recurring];
            scales.money = fees.iter().fold(scales.money, |scale, fee| scale.max(fee.normalized().scale()));
        }
        scales
    }

    pub fn money_of(self, units: i128) -> Amount {
        Amount::new(units, self.money).unwrap_or_default()
    }

    pub fn quantity_of(self, units: i128) -> Amount {
        Amount::new(units, self.quantity).unwrap_or_default()
    }
}

/// The usage, line after line.
#[derive(Clone, Debug)]
pub(crate) struct Layout<W> {
    pub scales: Scales,
    pub steps: usize,
    /// On-demand cost: `line * steps + step`.
    pub on_demand: Vec<W>,
    /// Quantity, the same way.
    pub quantity: Vec<W>,
    /// What is the same whatever is bought.
    pub months: Vec<LayoutMonth>,
    /// On-demand cost of all lines, by step.
    pub on_demand_by_step: Vec<i128>,
    /// On-demand cost of what some programme may cover, by step.
    pub eligible_by_step: Vec<i128>,
}

/// A month of the usage.
#[derive(Clone, Debug)]
pub(crate) struct LayoutMonth {
    pub month: MonthOfYear,
    /// The steps with data.
    pub steps: Vec<usize>,
    /// By line: on-demand cost, and the part of it that some programme may cover.
    pub lines: Vec<(i128, i128)>,
}

impl<W: Whole> Layout<W> {
    /// None when an amount does not fit the width.
    pub fn new(usage: &Usage, scales: Scales) -> Option<Self> {
        let (span, steps) = (usage.span(), usage.span().steps());
        let known = |step: &usize| !usage.missing().contains(step);
        let months = span.months().into_iter().map(|(month, range)| LayoutMonth {
            month,
            steps: range.filter(known).collect(),
            lines: Vec::with_capacity(usage.lines().len()),
        });
        let mut layout = Self {
            scales,
            steps,
            on_demand: Vec::with_capacity(usage.lines().len() * steps),
            quantity: Vec::with_capacity(usage.lines().len() * steps),
            months: months.collect(),
            on_demand_by_step: vec![0; steps],
            eligible_by_step: vec![0; steps],
        };
        for line in usage.lines() {
            let first = layout.on_demand.len();
            append(&mut layout.on_demand, &line.on_demand, scales.money)?;
            append(&mut layout.quantity, &line.quantity, scales.quantity)?;
            layout.add_up(first, !line.eligible.is_empty());
        }
        Some(layout)
    }

    /// Adds a line, whose cells begin at `first`, to the sums that no commitment changes. What is below zero is never eligible.
    fn add_up(&mut self, first: usize, eligible: bool) {
        for month in &mut self.months {
            let mut sum = (0, 0);
            for step in &month.steps {
                let cost = self.on_demand[first + step].wide();
                sum.0 += cost;
                self.on_demand_by_step[*step] += cost;
                if eligible && cost > 0 {
                    sum.1 += cost;
                    self.eligible_by_step[*step] += cost;
                }
            }
            month.lines.push(sum);
        }
    }
}

fn append<W: Whole>(all: &mut Vec<W>, series: &Series, scale: u8) -> Option<()> {
    let factor = 10_i128.checked_pow(u32::from(scale.checked_sub(series.scale())?))?;
    for units in series.units() {
        all.push(W::narrow(units.checked_mul(factor)?)?);
    }
    Some(())
}

/// What every commitment can cover and costs in every step.
#[derive(Clone, Debug)]
pub(crate) struct Terms<W> {
    /// What it can cover, in money or units: `step * commitments + commitment`.
    pub capacity: Vec<W>,
    /// What it costs, the same way: the commitment itself where discounted spend is committed, else fee and amortised upfront.
    pub cost: Vec<W>,
}

impl<W: Whole> Terms<W> {
    /// None when an amount does not fit the width.
    pub fn new(span: &Span, commitments: &[&Commitment], scales: Scales) -> Result<Option<Self>, ReplayError> {
        let (steps, count) = (span.steps(), commitments.len());
        let mut terms = Self { capacity: vec![W::default(); steps * count], cost: vec![W::default(); steps * count] };
        for (place, commitment) in commitments.iter().enumerate() {
            if terms.lay(span, place, commitment, count, scales)?.is_none() {
                return Ok(None);
            }
        }
        Ok(Some(terms))
    }

    fn lay(
        &mut self,
        span: &Span,
        place: usize,
        commitment: &Commitment,
        count: usize,
        scales: Scales,
    ) -> Result<Option<()>, ReplayError> {
        let too_large = |_| ReplayError::TooLarge { what: format!("the fees of {}", commitment.id) };
        let capacity_scale = if commitment.capacity.is_spend() { scales.money } else { scales.quantity };
        let at = |amount: Amount, scale: u8| amount.normalized().rescaled(scale, Rounding::Down).map(Amount::units);
        let hourly = at(commitment.capacity.hourly(), capacity_scale).map_err(too_large)?;
        let recurring = at(commitment.recurring, scales.money).map_err(too_large)?;
        let upfront = at(commitment.upfront, scales.money).map_err(too_large)?;
        let spend_is_cost = matches!(commitment.capacity, Capacity::DiscountedSpend(_));
        let (active, term) = (commitment.hours(), i128::from(commitment.term_hours()));
        let amortised = |hour: i64| upfront.times(i128::from(hour - active.start).clamp(0, term), term);
        let length = span.step().hours();
        let mut begin = span.first().timestamp().div_euclid(3600);
        for step in 0..span.steps() {
            let (from, until) = (begin.max(active.start), (begin + length).min(active.end));
            begin += length;
            if from >= until {
                continue;
            }
            let (cell, hours) = (step * count + place, i128::from(until - from));
            let Some(capacity) = hourly.checked_mul(hours).and_then(W::narrow) else { return Ok(None) };
            self.capacity[cell] = capacity;
            self.cost[cell] = if spend_is_cost {
                capacity
            } else {
                let (Some(before), Some(after)) = (amortised(from), amortised(until)) else { return Ok(None) };
                let fee = recurring.checked_mul(hours).and_then(|fee| fee.checked_add(after - before));
                let Some(fee) = fee.and_then(W::narrow) else { return Ok(None) };
                fee
            };
        }
        Ok(Some(()))
    }
}
