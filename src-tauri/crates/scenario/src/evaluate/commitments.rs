//! Commitments after usage: what is covered leaves its lines, the fee stands beside it, split into used and unused; spend agreements
//! charge what is missing at their end.

use crate::diagnostic::quoted;
use crate::evaluate::attachments::by_tiers;
use crate::evaluate::{Basis, Run, TooLarge};
use crate::exact::{Fraction, apportion, cell_of};
use crate::plan::{PlannedCommitment, Term};
use crate::{Case, Diagnostic, Month};

/// What a commitment costs and covers in one month.
#[derive(Clone, Copy, Default)]
struct Due {
    /// The fee on the basis of the run.
    fee: i128,
    /// What the month's amortised fee is worth on demand.
    capacity: i128,
}

impl Run<'_> {
    pub(super) fn commitments(&mut self) -> Result<(), TooLarge> {
        let plan = self.plan;
        for commitment in &plan.commitments {
            let too_large = || TooLarge { what: format!("commitment {}", quoted(&commitment.id)) };
            let months = self.schedule(commitment).ok_or_else(too_large)?;
            for (month, due) in months.iter().enumerate() {
                if due.fee != 0 || due.capacity != 0 {
                    self.cover(commitment, month, *due).ok_or_else(too_large)?;
                }
            }
            self.tell_expiry(commitment);
        }
        Ok(())
    }

    /// The months of a commitment, over all its terms.
    fn schedule(&self, commitment: &PlannedCommitment) -> Option<Vec<Due>> {
        let mut months = vec![Due::default(); self.months];
        for term in &commitment.terms {
            let Some((case, start)) = self.start(term) else { continue };
            let cut = self.cut(commitment, start);
            let monthly = Amortised::new(term, case)?;
            for (place, due) in (0..).zip(months.iter_mut()) {
                let month = self.plan.first_month().plus(place);
                let since = month.since(start);
                if since < 0 || term.months.is_some_and(|months| i64::from(since) >= i64::from(months)) {
                    continue;
                }
                if cut.is_some_and(|cut| month >= cut) {
                    continue;
                }
                let amortised = monthly.fee(since)?;
                due.fee += match self.settings.basis {
                    Basis::Effective => amortised,
                    Basis::Billed => term.monthly_fee + if since == 0 { term.upfront } else { 0 },
                };
                due.capacity = due.capacity.checked_add(monthly.worth.of(amortised)?)?;
            }
        }
        Some(months)
    }

    /// The figure and first month of a term that counts.
    fn start(&self, term: &Term) -> Option<(Case, Month)> {
        let Some(operation) = term.operation else { return Some((Case::Likely, term.start)) };
        let case = self.case_of(operation)?;
        Some((case, term.start.plus(self.plan.operations[operation].slip_months.at(case))))
    }

    /// The first month in which a term that began in `start` is cut short.
    fn cut(&self, commitment: &PlannedCommitment, start: Month) -> Option<Month> {
        let cuts = commitment.cuts.iter().filter_map(|&(cut, operation)| {
            let case = self.case_of(operation)?;
            Some(cut.plus(self.plan.operations[operation].slip_months.at(case)))
        });
        cuts.filter(|cut| *cut > start).min()
    }

    fn cover(&mut self, commitment: &PlannedCommitment, month: usize, due: Due) -> Option<()> {
        let months = self.months;
        let weights: Vec<i128> =
            commitment.eligible.iter().map(|&line| self.cells[line * months + month].max(0)).collect();
        let eligible = weights.iter().try_fold(0_i128, |sum, &weight| sum.checked_add(weight))?;
        let covered = due.capacity.min(eligible).max(0);
        for (&line, part) in commitment.eligible.iter().zip(apportion(covered, &weights)?) {
            self.cells[line * months + month] -= part;
        }
        let used = if due.capacity == 0 { 0 } else { Fraction::new(covered, due.capacity)?.of(due.fee)? };
        self.cells[commitment.used * months + month] = used;
        self.cells[commitment.unused * months + month] = due.fee - used;
        Some(())
    }

    /// Tells when a commitment ends within the horizon: cost steps up there.
    fn tell_expiry(&mut self, commitment: &PlannedCommitment) {
        let first = self.plan.first_month();
        let ends = commitment.terms.iter().filter_map(|term| {
            let (_, start) = self.start(term)?;
            let end = start.plus(i32::try_from(term.months?).unwrap_or(i32::MAX));
            Some(self.cut(commitment, start).map_or(end, |cut| cut.min(end)))
        });
        let endless = commitment.terms.iter().any(|term| {
            term.months.is_none() && self.start(term).is_some_and(|(_, start)| self.cut(commitment, start).is_none())
        });
        let Some(end) = ends.max().filter(|_| !endless) else { return };
        let last = first.plus(i32::try_from(self.months).unwrap_or(i32::MAX) - 1);
        if (first..=last).contains(&end) {
            let message = format!(
                "commitment {} ends without renewal: from {end} what it covered costs its on-demand price",
                quoted(&commitment.id)
            );
            self.diagnostics.push(Diagnostic::note(message));
        }
    }

    pub(super) fn agreements(&mut self) -> Result<(), TooLarge> {
        let plan = self.plan;
        for attached in &plan.agreements {
            let agreement = &plan.ground.baseline.agreements[attached.place];
            let too_large = || TooLarge { what: format!("agreement {}", quoted(&agreement.id)) };
            let term = i32::try_from(agreement.term_months).unwrap_or(i32::MAX);
            let first = agreement.start.since(plan.first_month());
            let Ok(last) = usize::try_from(first.saturating_add(term - 1)) else { continue };
            let mut spent = cell_of(agreement.already_spent).ok_or_else(too_large)?.0;
            for month in usize::try_from(first).unwrap_or(0)..=last.min(self.months.saturating_sub(1)) {
                let before = spent;
                spent =
                    self.sum(&attached.lines, month).and_then(|sum| sum.checked_add(spent)).ok_or_else(too_large)?;
                if let Some(rebate) = attached.rebate {
                    let given = by_tiers(&agreement.rebates, before.max(0), spent).ok_or_else(too_large)?;
                    self.cells[rebate * self.months + month] = -given;
                }
            }
            if last < self.months {
                let minimum = cell_of(agreement.minimum).ok_or_else(too_large)?.0;
                self.cells[attached.line * self.months + last] = (minimum - spent).max(0);
            }
        }
        Ok(())
    }
}

/// A term's fee with what was paid at the start spread over its months, in whole units: earlier months bear what does not divide.
struct Amortised {
    monthly_fee: i128,
    upfront: i128,
    months: i128,
    /// What a unit of fee is worth on demand: `1 / (1 - discount)`.
    worth: Fraction,
}

impl Amortised {
    fn new(term: &Term, case: Case) -> Option<Self> {
        let paid = Fraction::ONE.minus(Fraction::of_percent(term.discount.at(case))?)?;
        Some(Self {
            monthly_fee: term.monthly_fee,
            upfront: term.upfront,
            months: term.months.map_or(1, i128::from).max(1),
            worth: Fraction::ONE.over(paid)?,
        })
    }

    fn fee(&self, since: i32) -> Option<i128> {
        let (share, left) = (self.upfront / self.months, self.upfront % self.months);
        self.monthly_fee.checked_add(share + i128::from(i128::from(since) < left))
    }
}
