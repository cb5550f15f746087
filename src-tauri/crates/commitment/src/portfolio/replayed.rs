//! [`Replayed`]: a portfolio priced by the replay, hour by hour, along each path.

use std::cell::RefCell;
use std::collections::BTreeMap;

use money::{Amount, AmountError};

use super::pricing::{Pricing, discount_factor};
use super::problem::PortfolioError;
use crate::model::{BenefitPolicy, Commitment, Usage};
use crate::replay::Figures;
use crate::whatif::{Along, OnPath, Paths, WhatIfError};

/// Decimals of an upfront that is spread over its term.
const SPREAD_DECIMALS: u8 = 12;

/// Makes the commitment that a candidate is in a size.
pub type InSize<'a> = &'a dyn Fn(usize, Amount) -> Result<Commitment, PortfolioError>;

/// Prices what is bought by the replay: the provider's order, account by account, every line at its own rate. What was priced once is remembered.
pub struct Replayed<'a> {
    usage: &'a Usage,
    policy: &'a BenefitPolicy,
    held: &'a [Commitment],
    /// None: the usage as it is laid, once.
    paths: Paths<'a>,
    discount_rate: Amount,
    sized: InSize<'a>,
    go_on: &'a dyn Fn(usize, usize) -> bool,
    known: RefCell<BTreeMap<Vec<Amount>, Vec<Amount>>>,
}

impl<'a> Replayed<'a> {
    /// The same usage, policy, held commitments, paths and cost of capital as the problem was made of; `sized` makes a candidate in a size;
    /// `go_on` hears how many of how many paths are replayed and stops the work by returning false.
    #[must_use]
    pub fn new(
        usage: &'a Usage,
        policy: &'a BenefitPolicy,
        held: &'a [Commitment],
        paths: Paths<'a>,
        discount_rate: Amount,
        sized: InSize<'a>,
        go_on: &'a dyn Fn(usize, usize) -> bool,
    ) -> Self {
        Self { usage, policy, held, paths, discount_rate, sized, go_on, known: RefCell::default() }
    }
}

impl Pricing for Replayed<'_> {
    fn price(&self, bought: &[Amount]) -> Result<Vec<Amount>, PortfolioError> {
        if let Some(costs) = self.known.borrow().get(bought) {
            return Ok(costs.clone());
        }
        let mut commitments = self.held.to_vec();
        for (candidate, hourly) in bought.iter().enumerate().filter(|(_, hourly)| !hourly.is_zero()) {
            commitments.push((self.sized)(candidate, *hourly)?);
        }
        let along = Along::new(self.usage, &commitments, self.policy).map_err(refused)?;
        let shift = self.prepaid(&commitments)?;
        let factors = self.factors();
        let cost = |path: &OnPath| -> Result<Amount, WhatIfError> {
            let mut cost = shift;
            for ((month, rest), factor) in path.replay.months.iter().zip(&path.rest).zip(&factors) {
                let figures: Figures = month.figures()?.plus(*rest)?;
                cost = cost.checked_add(figures.cost()?.checked_mul(*factor)?)?;
            }
            Ok(cost)
        };
        let costs = if self.paths.samples.is_empty() {
            vec![cost(&along.on(None).map_err(refused)?).map_err(refused)?]
        } else {
            along.each(self.paths, cost, &mut |done, total| (self.go_on)(done, total)).map_err(refused)?
        };
        self.known.borrow_mut().insert(bought.to_vec(), costs.clone());
        Ok(costs)
    }
}

impl Replayed<'_> {
    /// By month, what its money counts.
    fn factors(&self) -> Vec<Amount> {
        let months = self.usage.span().months().len();
        (0..months).map(|month| discount_factor(self.discount_rate, month)).collect()
    }

    /// What is prepaid is spread over the hours and counts as of the month in which it was paid: by how much that moves the cost.
    fn prepaid(&self, commitments: &[Commitment]) -> Result<Amount, AmountError> {
        let mut shift = Amount::ZERO;
        if self.discount_rate.is_zero() {
            return Ok(shift);
        }
        let span = self.usage.span();
        let factors = self.factors();
        for commitment in commitments.iter().filter(|commitment| !commitment.upfront.is_zero()) {
            let months: Vec<(usize, i64)> = span
                .months()
                .into_iter()
                .enumerate()
                .map(|(month, (_, steps))| {
                    let known = steps.filter(|step| !self.usage.missing().contains(step));
                    (month, known.map(|step| commitment.hours_in_step(&span, step)).sum())
                })
                .filter(|(_, hours)| *hours > 0)
                .collect();
            let Some((first, _)) = months.first().copied() else { continue };
            for (month, hours) in months {
                let spread = commitment.amortised_until(hours, SPREAD_DECIMALS)?;
                let moved = factors[first].checked_sub(factors[month])?;
                shift = shift.checked_add(spread.checked_mul(moved)?)?;
            }
        }
        shift.rescaled(SPREAD_DECIMALS, money::Rounding::HalfEven)
    }
}

fn refused(error: impl Into<WhatIfError>) -> PortfolioError {
    match error.into() {
        WhatIfError::Stopped { .. } => PortfolioError::Cancelled,
        other => PortfolioError::Pricing { reason: other.to_string() },
    }
}
