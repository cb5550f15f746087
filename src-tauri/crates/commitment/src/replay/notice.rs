//! The findings of a replay: from the usage, from the commitments, and from what happened.

use std::collections::BTreeMap;

use money::{Amount, Ratio};

use crate::model::{Capacity, Commitment, Step, Usage};
use crate::replay::engine::Notes;
use crate::replay::{Finding, RATE_DECIMALS, ReplayError};

pub(crate) fn findings_of_usage(usage: &Usage) -> Result<Vec<Finding>, ReplayError> {
    let (span, missing) = (usage.span(), usage.missing());
    let mut findings = Vec::new();
    if span.step() == Step::Day {
        findings.push(Finding::DailySteps);
    }
    if let Some(first) = missing.first() {
        let first = span.start_of(*first).to_rfc3339();
        findings.push(Finding::MissingSteps { steps: missing.len(), of: span.steps(), first });
    }
    let eligible: Vec<_> = usage.lines().iter().filter(|line| !line.eligible.is_empty()).collect();
    for (month, steps) in span.months() {
        let known = || steps.clone().filter(|step| !missing.contains(step));
        let used = || eligible.iter().any(|line| known().any(|step| line.on_demand.units()[step] > 0));
        if known().next().is_some() && !used() {
            findings.push(Finding::QuietMonth(month));
        }
    }
    for line in usage.lines() {
        let negative = line.on_demand.units().iter().filter(|units| **units < 0);
        let steps = negative.clone().count();
        if steps > 0 {
            let too_large = || ReplayError::TooLarge { what: line.key.to_string() };
            let sum = negative.copied().try_fold(0_i128, i128::checked_add).ok_or_else(too_large)?;
            let amount = Amount::new(sum, line.on_demand.scale()).map_err(|_| too_large())?;
            findings.push(Finding::NegativeUsage { line: line.key.to_string(), steps, amount });
        }
    }
    Ok(findings)
}

pub(crate) fn findings_of_commitments(usage: &Usage, commitments: &[&Commitment], findings: &mut Vec<Finding>) {
    let span = usage.span();
    let (first, last) = (span.first().timestamp().div_euclid(3600), span.end().timestamp().div_euclid(3600));
    for (place, commitment) in commitments.iter().enumerate() {
        let hours = commitment.hours();
        if hours.end <= first || hours.start >= last {
            findings.push(Finding::OutsideSpan {
                commitment: commitment.id.clone(),
                start: commitment.start.to_rfc3339(),
                end: commitment.end.to_rfc3339(),
            });
        }
        if let Some(finding) = fees_that_differ(commitment) {
            findings.push(finding);
        }
        let alike = commitments[place + 1..].iter().find(|other| commitment.is_alike(other));
        if let Some(other) = alike {
            findings.push(Finding::Alike { one: commitment.id.clone(), other: other.id.clone() });
        }
    }
}

/// Fees that miss the committed spend of the term by more than a thousandth of it: rounding of an hourly fee is less.
fn fees_that_differ(commitment: &Commitment) -> Option<Finding> {
    let Capacity::DiscountedSpend(hourly) = commitment.capacity else { return None };
    let hours = Amount::from_integer(commitment.term_hours());
    let fees = commitment.recurring.checked_mul(hours).and_then(|fees| fees.checked_add(commitment.upfront)).ok()?;
    let committed = hourly.checked_mul(hours).ok()?;
    let off = fees.checked_sub(committed).ok()?.abs().checked_mul(Amount::from_integer(1000)).ok()?;
    (off > committed).then(|| Finding::FeesDiffer { commitment: commitment.id.clone(), fees, committed })
}

pub(crate) fn findings_of_run(
    usage: &Usage,
    commitments: &[&Commitment],
    reaches: &[bool],
    months: &[Notes],
    findings: &mut Vec<Finding>,
) {
    let mut refused: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (pair, steps) in months.iter().flat_map(|month| &month.refused) {
        *refused.entry(*pair).or_default() += steps;
    }
    for ((commitment, line), steps) in refused {
        findings.push(Finding::RateAboveOnDemand {
            commitment: commitments[commitment].id.clone(),
            line: usage.lines()[line].key.to_string(),
            steps,
        });
    }
    for (number, commitment) in commitments.iter().enumerate().filter(|(number, _)| reaches[*number]) {
        let steps = months.iter().filter_map(|month| month.most_used[number]);
        // Used whole once, or else the most that was used; nothing where it never ran.
        let most = steps.max_by_key(|(used, capacity)| (used == capacity, *used));
        let Some((used, capacity)) = most.filter(|(used, capacity)| used < capacity) else { continue };
        if let (Ok(used), Ok(capacity)) = (Amount::new(used, 0), Amount::new(capacity, 0)) {
            let most = Ratio::of(used, capacity, RATE_DECIMALS).unwrap_or_default();
            findings.push(Finding::LargerThanUsage { commitment: commitment.id.clone(), most });
        }
    }
}
