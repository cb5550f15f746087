//! Two baskets side by side.

use std::collections::{BTreeMap, BTreeSet};

use money::{Amount, AmountError};

use crate::model::{LineKey, MonthOfYear};
use crate::whatif::{MonthOutcome, Outcome, WhatIfError};

/// One month of two baskets; every difference is the second less the first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct MonthDifference {
    /// The month.
    pub month: MonthOfYear,
    /// The first; none where it has no such month.
    pub one: Option<MonthOutcome>,
    /// The second.
    pub other: Option<MonthOutcome>,
    /// Of cost.
    pub cost: Amount,
    /// Of cash.
    pub cash: Amount,
    /// Of savings.
    pub savings: Amount,
    /// Of wasted commitment.
    pub unused: Amount,
}

/// What two baskets differ in: `cost` is the sum of the months, and also of lines, commitments and write-offs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Difference {
    /// The months.
    pub months: Vec<MonthDifference>,
    /// Of what stays on demand, by line; lines without a difference are left out.
    pub lines: Vec<(LineKey, Amount)>,
    /// Of commitments' cost, by id; commitments without a difference are left out.
    pub commitments: Vec<(String, Amount)>,
    /// Of what is written off.
    pub write_off: Amount,
    /// Of cost, over all months.
    pub cost: Amount,
    /// Of cash, over all months.
    pub cash: Amount,
}

/// Compares two outcomes, line by line. They may lie on different usage (a change of demand), not in different currencies.
///
/// # Errors
/// [`WhatIfError`] for two currencies or a sum of more than 38 digits.
pub fn compare(one: &Outcome, other: &Outcome) -> Result<Difference, WhatIfError> {
    if one.currency != other.currency {
        return Err(crate::replay::ReplayError::Currency {
            commitment: other.basket.clone(),
            found: other.currency,
            expected: one.currency,
        }
        .into());
    }
    let months = months(one, other)?;
    let lines = differences(by_line(one)?, by_line(other)?)?;
    let commitments = differences(by_commitment(one)?, by_commitment(other)?)?;
    let write_off = |outcome: &Outcome| Amount::sum(outcome.months.iter().map(|month| month.write_off));
    Ok(Difference {
        write_off: write_off(other)?.checked_sub(write_off(one)?)?,
        cost: Amount::sum(months.iter().map(|month| month.cost))?,
        cash: Amount::sum(months.iter().map(|month| month.cash))?,
        months,
        lines,
        commitments,
    })
}

fn months(one: &Outcome, other: &Outcome) -> Result<Vec<MonthDifference>, AmountError> {
    let find = |outcome: &Outcome, month| outcome.months.iter().find(|found| found.month == month).copied();
    let all: BTreeSet<MonthOfYear> = one.months.iter().chain(&other.months).map(|month| month.month).collect();
    all.into_iter()
        .map(|month| {
            let (one, other) = (find(one, month), find(other, month));
            let minus = |of: &dyn Fn(&MonthOutcome) -> Result<Amount, AmountError>| {
                let value = |outcome: Option<&MonthOutcome>| outcome.map_or(Ok(Amount::ZERO), of);
                value(other.as_ref())?.checked_sub(value(one.as_ref())?)
            };
            Ok(MonthDifference {
                month,
                one,
                other,
                cost: minus(&MonthOutcome::cost)?,
                cash: minus(&|outcome| Ok(outcome.cash))?,
                savings: minus(&MonthOutcome::savings)?,
                unused: minus(&|outcome| Ok(outcome.figures.unused))?,
            })
        })
        .collect()
}

fn by_line(outcome: &Outcome) -> Result<BTreeMap<LineKey, Amount>, AmountError> {
    let mut sums: BTreeMap<LineKey, Amount> = BTreeMap::new();
    for month in &outcome.replay.months {
        for (key, line) in outcome.lines.iter().zip(&month.lines) {
            let sum = sums.entry(key.clone()).or_default();
            *sum = sum.checked_add(line.remainder)?;
        }
    }
    Ok(sums)
}

fn by_commitment(outcome: &Outcome) -> Result<BTreeMap<String, Amount>, AmountError> {
    let mut sums: BTreeMap<String, Amount> = BTreeMap::new();
    for month in &outcome.replay.months {
        for (id, commitment) in outcome.replay.commitments.iter().zip(&month.commitments) {
            let sum = sums.entry(id.clone()).or_default();
            *sum = sum.checked_add(commitment.cost)?;
        }
    }
    Ok(sums)
}

fn differences<K: Ord + Clone>(
    one: BTreeMap<K, Amount>,
    other: BTreeMap<K, Amount>,
) -> Result<Vec<(K, Amount)>, AmountError> {
    let mut sums = other;
    for (key, amount) in one {
        let sum = sums.entry(key).or_default();
        *sum = sum.checked_sub(amount)?;
    }
    Ok(sums.into_iter().filter(|(_, amount)| !amount.is_zero()).collect())
}
