//! [`Desk`]: baskets evaluated one after the other on the same usage.

use money::{Amount, AmountError, Currency};

use crate::model::{BenefitPolicy, Commitment, LineKey, MonthOfYear, Span, Usage};
use crate::replay::{Figures, Finding, Prepared, Replay, Run};
use crate::whatif::basket::{Flow, Notice, Resolved};
use crate::whatif::{Basket, WhatIfError};

/// What a basket comes to in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthOutcome {
    /// The month.
    pub month: MonthOfYear,
    /// The replay's money.
    pub figures: Figures,
    /// Prepaid and given up: cost that no usage and no commitment bears.
    pub write_off: Amount,
    /// What is paid in the month: upfronts, recurring fees, what stays on demand, less what is paid back.
    pub cash: Amount,
}

impl MonthOutcome {
    /// Commitments, what stays on demand, and what is written off.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the sum needs more than 38 digits.
    pub fn cost(&self) -> Result<Amount, AmountError> {
        self.figures.cost()?.checked_add(self.write_off)
    }

    /// What is paid less than on demand.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the difference needs more than 38 digits.
    pub fn savings(&self) -> Result<Amount, AmountError> {
        self.figures.savings()?.checked_sub(self.write_off)
    }
}

/// What a basket comes to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outcome {
    /// The basket's name.
    pub basket: String,
    /// The currency.
    pub currency: Currency,
    /// The months.
    pub months: Vec<MonthOutcome>,
    /// The lines of the usage, in the order of the replay.
    pub lines: Vec<LineKey>,
    /// The commitments that run.
    pub commitments: Vec<Commitment>,
    /// The replay.
    pub replay: Replay,
    /// What limits the figures.
    pub findings: Vec<Finding>,
    /// What an approver must know about the decisions.
    pub notices: Vec<Notice>,
}

impl Outcome {
    /// The months added up, under the first one's date.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
    pub fn total(&self) -> Result<Option<MonthOutcome>, AmountError> {
        total(&self.months)
    }
}

pub(super) fn total(months: &[MonthOutcome]) -> Result<Option<MonthOutcome>, AmountError> {
    let Some(first) = months.first() else { return Ok(None) };
    let none =
        MonthOutcome { month: first.month, figures: Figures::default(), write_off: Amount::ZERO, cash: Amount::ZERO };
    months
        .iter()
        .try_fold(none, |sum, month| {
            Ok(MonthOutcome {
                month: sum.month,
                figures: sum.figures.plus(month.figures)?,
                write_off: sum.write_off.checked_add(month.write_off)?,
                cash: sum.cash.checked_add(month.cash)?,
            })
        })
        .map(Some)
}

/// Evaluates baskets on one usage and policy, and remembers the last replay: when a slider moves one decision, only the months in which
/// a commitment changed are replayed again.
#[derive(Clone, Debug)]
pub struct Desk<'a> {
    prepared: Prepared<'a>,
    policy: BenefitPolicy,
    inventory: Vec<Commitment>,
    last: Option<Run>,
}

impl<'a> Desk<'a> {
    /// The usage, who shares what, and the commitments at hand.
    #[must_use]
    pub fn new(usage: &'a Usage, policy: BenefitPolicy, inventory: Vec<Commitment>) -> Self {
        Self { prepared: Prepared::new(usage), policy, inventory, last: None }
    }

    /// What a basket comes to. The same basket gives the same bytes whatever was evaluated before.
    ///
    /// # Errors
    /// [`WhatIfError`], naming the decision or the commitment.
    pub fn evaluate(&mut self, basket: &Basket) -> Result<Outcome, WhatIfError> {
        let resolved = basket.resolve(&self.inventory)?;
        let run = match &self.last {
            Some(last) => self.prepared.run_again(last, &resolved.commitments, &self.policy)?,
            None => self.prepared.run(&resolved.commitments, &self.policy)?,
        };
        let months = outcomes(&run.replay, &resolved)?;
        let replay = run.replay.clone();
        self.last = Some(run);
        Ok(Outcome {
            basket: basket.name.clone(),
            currency: replay.currency,
            months,
            lines: self.prepared.usage().lines().iter().map(|line| line.key.clone()).collect(),
            findings: replay.findings.clone(),
            replay,
            commitments: resolved.commitments,
            notices: resolved.notices,
        })
    }
}

/// The months of a replay with the cash and the write-offs of the decisions.
pub(super) fn outcomes(replay: &Replay, resolved: &Resolved) -> Result<Vec<MonthOutcome>, AmountError> {
    let span = replay.span;
    let mut months = Vec::with_capacity(replay.months.len());
    for month in &replay.months {
        let figures = month.figures()?;
        let within = |flow: &&Flow| in_month(&span, month.month, flow.at);
        let write_off = Amount::sum(resolved.write_offs.iter().filter(within).map(|flow| flow.amount))?;
        let mut cash = figures.remainder;
        for flow in resolved.cash.iter().filter(within) {
            cash = cash.checked_add(flow.amount)?;
        }
        for commitment in &resolved.commitments {
            cash = cash.checked_add(fees_in(&span, month.month, commitment)?)?;
        }
        months.push(MonthOutcome { month: month.month, figures, write_off, cash });
    }
    Ok(months)
}

/// Whether an instant is in the part of a month that the span holds.
fn in_month(span: &Span, month: MonthOfYear, at: chrono::DateTime<chrono::Utc>) -> bool {
    MonthOfYear::of(at) == month && at >= span.first() && at < span.end()
}

/// What is paid for a commitment in the part of a month that the span holds: by the calendar, whether or not the usage of every hour is
/// known.
fn fees_in(span: &Span, month: MonthOfYear, commitment: &Commitment) -> Result<Amount, AmountError> {
    let hour = |instant: chrono::DateTime<chrono::Utc>| instant.timestamp().div_euclid(3600);
    let active = commitment.hours();
    let from = hour(month.start()).max(hour(span.first())).max(active.start);
    let until = hour(month.plus(1).start()).min(hour(span.end())).min(active.end);
    let recurring = commitment.recurring.checked_mul(Amount::from_integer((until - from).max(0)))?;
    if in_month(span, month, commitment.start) { recurring.checked_add(commitment.upfront) } else { Ok(recurring) }
}
