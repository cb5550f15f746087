//! [`Basket`]: dated decisions, and the commitments that would run because of them.

use std::collections::BTreeMap;
use std::fmt;

use chrono::{DateTime, Duration, Utc};
use money::{Amount, Rounding};

use crate::model::{Capacity, Commitment, Program};
use crate::whatif::WhatIfError;

/// What is decided.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DecisionKind {
    /// Buy, at the commitment's start.
    Buy(Commitment),
    /// Let it end and do nothing: said, so that a reader sees that it was thought of.
    LetExpire {
        /// The commitment.
        commitment: String,
    },
    /// Buy again when it ends. The terms are those of `renewal`; its start is the end of the old one.
    Renew {
        /// The commitment.
        commitment: String,
        /// Its renewal.
        renewal: Commitment,
    },
    /// Give it up for another. What is not amortised yet counts towards the upfront of the new one, whose start is the date.
    Exchange {
        /// The commitment.
        commitment: String,
        /// When.
        at: DateTime<Utc>,
        /// What for.
        into: Commitment,
    },
    /// Give it back, or sell it.
    Return {
        /// The commitment.
        commitment: String,
        /// When.
        at: DateTime<Utc>,
        /// What is paid back: the refund less any fee, or the price of a sale.
        refund: Amount,
    },
}

/// A decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Decision {
    /// Its id in the basket.
    pub id: String,
    /// What is decided.
    pub kind: DecisionKind,
}

/// Decisions that are weighed together.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Basket {
    /// Its name.
    pub name: String,
    /// The decisions, in any order.
    pub decisions: Vec<Decision>,
}

/// What an approver must know about a decision.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Notice {
    /// The provider does not exchange it.
    NotExchangeable {
        /// The decision.
        decision: String,
        /// The commitment.
        commitment: String,
        /// Its programme.
        program: Program,
    },
    /// The provider does not take it back.
    NotReturnable {
        /// The decision.
        decision: String,
        /// The commitment.
        commitment: String,
        /// Its programme.
        program: Program,
    },
    /// The new one is worth less than what is left of the old one, which is lost.
    WorthLess {
        /// The decision.
        decision: String,
        /// What is lost.
        lost: Amount,
    },
    /// The commitment is outside what the provider sells.
    OutsideLimits {
        /// The commitment.
        commitment: String,
        /// Why.
        why: &'static str,
    },
}

impl fmt::Display for Notice {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotExchangeable { decision, commitment, program } => write!(
                formatter,
                "{decision}: {commitment} is an {program}, which its provider does not exchange. Ask the provider before you count on it."
            ),
            Self::NotReturnable { decision, commitment, program } => write!(
                formatter,
                "{decision}: {commitment} is an {program}, which its provider does not take back at this date. Ask the provider before you count \
                 on it."
            ),
            Self::WorthLess { decision, lost } => write!(
                formatter,
                "{decision}: the new commitment is prepaid with less than what is left of the old one; {lost} are lost. Providers ask for at \
                 least the same value."
            ),
            Self::OutsideLimits { commitment, why } => write!(formatter, "{commitment}: {why}."),
        }
    }
}

/// Money at an instant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Flow {
    pub at: DateTime<Utc>,
    pub amount: Amount,
}

/// The commitments that would run, and what the decisions themselves cost.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Resolved {
    /// Every commitment, those at hand and those decided, by id; given up ones end at their date.
    pub commitments: Vec<Commitment>,
    /// What an approver must know, in order.
    pub notices: Vec<Notice>,
    /// Cash beside the fees: what is paid at an exchange is less by what is left of the old one, a return pays back.
    pub(super) cash: Vec<Flow>,
    /// Cost that no commitment bears any more: prepaid and given up.
    pub(super) write_offs: Vec<Flow>,
}

/// Decimals of what is left of an upfront: as many as the replay has.
const DECIMALS: u8 = 12;

impl Basket {
    /// The commitments that would run if the decisions were taken, from those at hand.
    ///
    /// # Errors
    /// [`WhatIfError`], naming the decision.
    pub fn resolve(&self, inventory: &[Commitment]) -> Result<Resolved, WhatIfError> {
        let mut at_hand: BTreeMap<String, Commitment> = BTreeMap::new();
        for commitment in inventory {
            commitment.check()?;
            if at_hand.insert(commitment.id.clone(), commitment.clone()).is_some() {
                return Err(crate::replay::ReplayError::Duplicate(commitment.id.clone()).into());
            }
        }
        let mut resolved =
            Resolved { commitments: Vec::new(), notices: Vec::new(), cash: Vec::new(), write_offs: Vec::new() };
        let mut decided: BTreeMap<&str, &str> = BTreeMap::new();
        for decision in self.in_order()? {
            if let Some(commitment) = decision.about()
                && let Some(one) = decided.insert(commitment, &decision.id)
            {
                let (one, other) = (one.to_owned(), decision.id.clone());
                return Err(WhatIfError::Contradiction { one, other, commitment: commitment.to_owned() });
            }
            decision.apply(&mut at_hand, &mut resolved)?;
        }
        resolved.commitments = at_hand.into_values().collect();
        resolved.notices.sort();
        Ok(resolved)
    }

    /// Purchases first, so that other decisions can be about them, then by id: the order in which they were typed does not matter.
    fn in_order(&self) -> Result<Vec<&Decision>, WhatIfError> {
        let mut decisions: Vec<&Decision> = self.decisions.iter().collect();
        decisions.sort_by_key(|decision| (decision.about().is_some(), &decision.id));
        let mut ids: Vec<&str> = decisions.iter().map(|decision| decision.id.as_str()).collect();
        ids.sort_unstable();
        if let Some(pair) = ids.windows(2).find(|pair| pair[0] == pair[1]) {
            return Err(WhatIfError::DuplicateDecision(pair[0].to_owned()));
        }
        // A renewal or exchange of what another one brings comes after it.
        let brings = |decision: &Decision| match &decision.kind {
            DecisionKind::Renew { renewal: new, .. } | DecisionKind::Exchange { into: new, .. } => Some(new.id.clone()),
            _ => None,
        };
        let mut ordered: Vec<&Decision> = Vec::with_capacity(decisions.len());
        while !decisions.is_empty() {
            let waits = |decision: &Decision| {
                decisions.iter().any(|other| {
                    other.id != decision.id
                        && brings(other).as_deref() == decision.about()
                        && decision.about().is_some()
                })
            };
            // A circle has no first; its first by id then says which commitment is not there.
            let next = decisions.iter().position(|decision| !waits(decision)).unwrap_or(0);
            ordered.push(decisions.remove(next));
        }
        Ok(ordered)
    }
}

impl Decision {
    /// The commitment that it is about; none for a purchase.
    fn about(&self) -> Option<&str> {
        match &self.kind {
            DecisionKind::Buy(_) => None,
            DecisionKind::LetExpire { commitment }
            | DecisionKind::Renew { commitment, .. }
            | DecisionKind::Exchange { commitment, .. }
            | DecisionKind::Return { commitment, .. } => Some(commitment),
        }
    }

    fn apply(&self, at_hand: &mut BTreeMap<String, Commitment>, resolved: &mut Resolved) -> Result<(), WhatIfError> {
        let missing = |commitment: &str| WhatIfError::NoSuchCommitment {
            decision: self.id.clone(),
            commitment: commitment.to_owned(),
        };
        match &self.kind {
            DecisionKind::Buy(new) => self.add(at_hand, new.clone(), resolved)?,
            DecisionKind::LetExpire { commitment } => {
                at_hand.get(commitment).ok_or_else(|| missing(commitment))?;
            }
            DecisionKind::Renew { commitment, renewal } => {
                let old = at_hand.get(commitment).ok_or_else(|| missing(commitment))?;
                let new = self.after(old, renewal)?;
                self.add(at_hand, new, resolved)?;
            }
            DecisionKind::Exchange { commitment, at, into } => {
                let old = at_hand.get_mut(commitment).ok_or_else(|| missing(commitment))?;
                let left = self.give_up(old, *at)?;
                if !matches!(old.program, Program::AwsConvertibleReservedInstance | Program::AzureReservation) {
                    resolved.notices.push(Notice::NotExchangeable {
                        decision: self.id.clone(),
                        commitment: commitment.clone(),
                        program: old.program.clone(),
                    });
                }
                let credit = left.min(into.upfront);
                let lost = left.checked_sub(credit)?;
                resolved.cash.push(Flow { at: *at, amount: credit.negated() });
                if !lost.is_zero() {
                    resolved.write_offs.push(Flow { at: *at, amount: lost });
                    resolved.notices.push(Notice::WorthLess { decision: self.id.clone(), lost });
                }
                let new = self.after(old, into)?;
                self.add(at_hand, new, resolved)?;
            }
            DecisionKind::Return { commitment, at, refund } => {
                let old = at_hand.get_mut(commitment).ok_or_else(|| missing(commitment))?;
                let since_start = *at - old.start;
                let left = self.give_up(old, *at)?;
                if !is_returnable(old, since_start) {
                    resolved.notices.push(Notice::NotReturnable {
                        decision: self.id.clone(),
                        commitment: commitment.clone(),
                        program: old.program.clone(),
                    });
                }
                resolved.cash.push(Flow { at: *at, amount: refund.negated() });
                resolved.write_offs.push(Flow { at: *at, amount: left.checked_sub(*refund)? });
            }
        }
        Ok(())
    }

    fn add(
        &self,
        at_hand: &mut BTreeMap<String, Commitment>,
        new: Commitment,
        resolved: &mut Resolved,
    ) -> Result<(), WhatIfError> {
        new.check()?;
        if let Some(why) = outside_limits(&new) {
            resolved.notices.push(Notice::OutsideLimits { commitment: new.id.clone(), why });
        }
        let id = new.id.clone();
        if at_hand.insert(id.clone(), new).is_some() {
            return Err(crate::replay::ReplayError::Duplicate(id).into());
        }
        Ok(())
    }

    /// The commitment with its start at the first hour that the old one does not cover, however its end is written, and its end where
    /// its term ends.
    fn after(&self, old: &Commitment, new: &Commitment) -> Result<Commitment, WhatIfError> {
        let beyond = || WhatIfError::BeyondCalendar(self.id.clone());
        let start = DateTime::from_timestamp(old.hours().end * 3600, 0).ok_or_else(beyond)?;
        let end = new.term.end_of(start).ok_or_else(beyond)?;
        Ok(Commitment { start, end, ..new.clone() })
    }

    /// Ends a commitment at an instant and says what of its upfront is not amortised.
    fn give_up(&self, old: &mut Commitment, at: DateTime<Utc>) -> Result<Amount, WhatIfError> {
        if at <= old.start || at >= old.end {
            return Err(WhatIfError::NotRunning {
                decision: self.id.clone(),
                at: at.to_rfc3339(),
                commitment: old.id.clone(),
                start: old.start.to_rfc3339(),
                end: old.end.to_rfc3339(),
            });
        }
        old.end = at;
        let hours = old.hours();
        let amortised = old.amortised_until(hours.end - hours.start, DECIMALS.max(old.upfront.normalized().scale()))?;
        Ok(old.upfront.checked_sub(amortised)?)
    }
}

/// What providers take back: AWS Savings Plans of at most 100 an hour within 7 days, Azure reservations (Azure limits what it refunds in
/// a year; the refund given says so), AWS standard reservations by sale.
fn is_returnable(commitment: &Commitment, since_start: Duration) -> bool {
    match commitment.program {
        Program::AwsEc2InstanceSavingsPlan
        | Program::AwsComputeSavingsPlan
        | Program::AwsSageMakerSavingsPlan
        | Program::AwsDatabaseSavingsPlan => {
            since_start <= Duration::days(7) && commitment.capacity.hourly() <= Amount::from_integer(100)
        }
        Program::AzureReservation | Program::AwsStandardReservedInstance | Program::Other(_) => true,
        Program::AwsConvertibleReservedInstance
        | Program::AzureSavingsPlan
        | Program::GcpResourceCommitment
        | Program::GcpSpendCommitment => false,
    }
}

/// AWS sells Savings Plans from 0.001 to 1,000,000 an hour with at most 5 decimals.
fn outside_limits(commitment: &Commitment) -> Option<&'static str> {
    let aws_plan = matches!(
        commitment.program,
        Program::AwsEc2InstanceSavingsPlan
            | Program::AwsComputeSavingsPlan
            | Program::AwsSageMakerSavingsPlan
            | Program::AwsDatabaseSavingsPlan
    );
    let Capacity::DiscountedSpend(hourly) = commitment.capacity else { return None };
    if !aws_plan {
        return None;
    }
    if hourly.rounded(5, Rounding::Down) != hourly {
        return Some("AWS sells Savings Plans with at most 5 decimals an hour");
    }
    let least = Amount::new(1, 3).unwrap_or_default();
    (hourly < least || hourly > Amount::from_integer(1_000_000))
        .then_some("AWS sells Savings Plans from 0.001 to 1,000,000 an hour")
}
