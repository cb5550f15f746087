//! Lock-in: how much is bound, for how long, and what could be shed when.

use chrono::{DateTime, Utc};
use money::{Amount, AmountError, Ratio};

use crate::model::{Commitment, MonthOfYear};

/// Decimals of months.
const MONTH_DECIMALS: u8 = 2;

/// Decimals of amortised prepayments.
const MONEY_DECIMALS: u8 = 12;

/// What commitments that run at an instant bind after it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LockIn {
    /// Recurring fees that are still to be paid.
    pub unpaid: Amount,
    /// Prepayments that are not amortised yet.
    pub prepaid: Amount,
    /// The two together: the remaining obligation.
    pub remaining: Amount,
    /// The remaining obligation in months of on-demand spend; none without spend.
    pub months_of_spend: Option<Amount>,
    /// The remaining term in months of 730 hours, each commitment weighed by its remaining obligation; none when nothing remains.
    pub remaining_term: Option<Amount>,
    /// The remaining obligation of each commitment, by id; those that do not run are left out.
    pub commitments: Vec<(String, Amount)>,
    /// Month by month.
    pub months: Vec<LockInMonth>,
}

/// A month ahead.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct LockInMonth {
    /// The month.
    pub month: MonthOfYear,
    /// What the commitments cost in it.
    pub bound: Amount,
    /// What has ended by then: the cost of a month of all of them, less what is bound.
    pub sheddable: Amount,
}

/// What is bound at an instant, and over the `months` whole months after it. `monthly_on_demand` is what a month of eligible usage costs
/// on demand. Commitments that begin later do not count.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn lock_in(
    commitments: &[Commitment],
    at: DateTime<Utc>,
    monthly_on_demand: Amount,
    months: usize,
) -> Result<LockIn, AmountError> {
    let now = at.timestamp().div_euclid(3600);
    let mut running: Vec<&Commitment> = commitments
        .iter()
        .filter(|commitment| commitment.hours().start <= now && commitment.hours().end > now)
        .collect();
    running.sort_by(|left, right| left.id.cmp(&right.id));
    let mut found = LockIn {
        unpaid: Amount::ZERO,
        prepaid: Amount::ZERO,
        remaining: Amount::ZERO,
        months_of_spend: None,
        remaining_term: None,
        commitments: Vec::with_capacity(running.len()),
        months: Vec::with_capacity(months),
    };
    let mut weighed = Amount::ZERO;
    for commitment in &running {
        let hours = commitment.hours();
        let left = Amount::from_integer(hours.end - now);
        let unpaid = commitment.recurring.checked_mul(left)?;
        let prepaid = amortised(commitment, now..hours.end)?;
        let remaining = unpaid.checked_add(prepaid)?;
        found.unpaid = found.unpaid.checked_add(unpaid)?;
        found.prepaid = found.prepaid.checked_add(prepaid)?;
        weighed = weighed.checked_add(remaining.checked_mul(left)?)?;
        found.commitments.push((commitment.id.clone(), remaining));
    }
    found.remaining = found.unpaid.checked_add(found.prepaid)?;
    found.months_of_spend = Ratio::of(found.remaining, monthly_on_demand, MONTH_DECIMALS);
    let month_of_hours = found.remaining.checked_mul(Amount::from_integer(730))?;
    found.remaining_term = Ratio::of(weighed, month_of_hours, MONTH_DECIMALS);
    let mut month = MonthOfYear::of(at).plus(1);
    for _ in 0..months {
        found.months.push(of_month(&running, month)?);
        month = month.plus(1);
    }
    Ok(found)
}

fn of_month(running: &[&Commitment], month: MonthOfYear) -> Result<LockInMonth, AmountError> {
    let first = month.start().timestamp().div_euclid(3600);
    let (mut bound, mut whole) = (Amount::ZERO, Amount::ZERO);
    for commitment in running {
        let hours = commitment.hours();
        let until = hours.end.min(first + month.hours()).max(first);
        let fees = |hours: i64| commitment.recurring.checked_mul(Amount::from_integer(hours));
        let still = fees(until - first)?.checked_add(amortised(commitment, first..until)?)?;
        // A month beyond the term would have cost what any month of the term costs.
        let beyond = first + month.hours() - until;
        let product = commitment.upfront.checked_mul(Amount::from_integer(beyond))?;
        let term = Amount::from_integer(commitment.term_hours());
        let ended = Ratio::of(product, term, MONEY_DECIMALS).ok_or(AmountError::TooLarge)?;
        bound = bound.checked_add(still)?;
        whole = whole.checked_add(still)?.checked_add(fees(beyond)?)?.checked_add(ended)?;
    }
    Ok(LockInMonth { month, bound, sheddable: whole.checked_sub(bound)? })
}

/// The prepayment that some hours bear.
fn amortised(commitment: &Commitment, hours: std::ops::Range<i64>) -> Result<Amount, AmountError> {
    let start = commitment.hours().start;
    let until = |hour: i64| commitment.amortised_until(hour - start, MONEY_DECIMALS);
    until(hours.end)?.checked_sub(until(hours.start)?)
}
