//! Who gains: what a benefit policy leaves each account and owner to pay.

use std::collections::BTreeMap;

use money::{Amount, AmountError};

use crate::model::{BenefitPolicy, Commitment};
use crate::replay::Prepared;
use crate::whatif::WhatIfError;

/// What one owner in one account pays under a policy. The rows of a policy add up to its replay exactly.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Gain {
    /// The account.
    pub account: String,
    /// The owner; none where no line says, and for what an account wastes of its own commitments.
    pub owner: Option<String>,
    /// What its usage costs on demand.
    pub on_demand: Amount,
    /// The part of it that commitments cover.
    pub covered: Amount,
    /// What it bears of their cost for that.
    pub covered_cost: Amount,
    /// What stays on demand.
    pub remainder: Amount,
    /// What is unused of the commitments that the account owns.
    pub unused: Amount,
}

impl Gain {
    /// What it pays.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the sum needs more than 38 digits.
    pub fn cost(&self) -> Result<Amount, AmountError> {
        self.covered_cost.checked_add(self.remainder)?.checked_add(self.unused)
    }

    /// What it pays less than on demand; below zero where its commitments are wasted on nobody or on others.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the difference needs more than 38 digits.
    pub fn savings(&self) -> Result<Amount, AmountError> {
        self.on_demand.checked_sub(self.cost()?)
    }
}

/// Who pays what under a policy, by account and owner. A past month is billed by the preferences at its end (23:59:59 UTC of its last
/// day), so give those.
///
/// # Errors
/// [`WhatIfError`], naming the commitment.
pub fn who_gains(
    prepared: &Prepared<'_>,
    commitments: &[Commitment],
    policy: &BenefitPolicy,
) -> Result<Vec<Gain>, WhatIfError> {
    let run = prepared.run(commitments, policy)?;
    let mut rows: BTreeMap<(String, Option<String>), Gain> = BTreeMap::new();
    let mut row = |account: &str, owner: Option<&String>, change: &dyn Fn(&mut Gain) -> Result<(), AmountError>| {
        let gain = rows.entry((account.to_owned(), owner.cloned())).or_insert_with(|| Gain {
            account: account.to_owned(),
            owner: owner.cloned(),
            on_demand: Amount::ZERO,
            covered: Amount::ZERO,
            covered_cost: Amount::ZERO,
            remainder: Amount::ZERO,
            unused: Amount::ZERO,
        });
        change(gain)
    };
    for month in &run.replay.months {
        for (line, found) in prepared.usage().lines().iter().zip(&month.lines) {
            row(&line.key.account, line.key.owner.as_ref(), &|gain| {
                gain.on_demand = gain.on_demand.checked_add(found.on_demand)?;
                gain.covered = gain.covered.checked_add(found.covered)?;
                gain.covered_cost = gain.covered_cost.checked_add(found.covered_cost)?;
                gain.remainder = gain.remainder.checked_add(found.remainder)?;
                Ok(())
            })?;
        }
        for (commitment, found) in run.commitments().iter().zip(&month.commitments) {
            if found.unused.is_zero() {
                continue;
            }
            row(&commitment.scope.owner_account, None, &|gain| {
                gain.unused = gain.unused.checked_add(found.unused)?;
                Ok(())
            })?;
        }
    }
    Ok(rows.into_values().collect())
}
