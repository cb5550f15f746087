//! Commitments of a plan: the terms they run for, and what cuts them short.

use money::Currency;

use super::Layout;
use crate::exact::cell_of;
use crate::operation::{Kind, Operation};
use crate::plan::PlannedLine;
use crate::{Diagnostic, Estimate, Month, Treatment};

/// A commitment and the lines that it covers.
#[derive(Clone, Debug)]
pub(crate) struct PlannedCommitment {
    pub(crate) id: String,
    /// The line of the fee for what is used.
    pub(crate) used: usize,
    /// The line of the fee for what is not.
    pub(crate) unused: usize,
    pub(crate) eligible: Vec<usize>,
    pub(crate) terms: Vec<Term>,
    /// The first month without it, and the operation that says so.
    pub(crate) cuts: Vec<(Month, usize)>,
}

/// Where the fee of a commitment stands.
struct Laid {
    values: Vec<String>,
    billed_in: Option<Currency>,
}

/// One term of a commitment.
#[derive(Clone, Debug)]
pub(crate) struct Term {
    pub(crate) start: Month,
    pub(crate) months: Option<u32>,
    pub(crate) monthly_fee: i128,
    pub(crate) upfront: i128,
    /// In percent.
    pub(crate) discount: Estimate,
    /// The operation that brings it in; none for the baseline's own.
    pub(crate) operation: Option<usize>,
}

impl Term {
    fn end(&self) -> Option<Month> {
        self.months.map(|months| self.start.plus(i32::try_from(months).unwrap_or(i32::MAX)))
    }
}

impl Layout<'_> {
    /// The greatest discount covers first, as providers apply them; the id decides among equals.
    pub(super) fn lay_commitments(&mut self, operations: &[Operation]) {
        let recurring = |line: &PlannedLine| line.treatment == Treatment::RecurringUsage;
        let own = self.ground.baseline.currency;
        let mut planned: Vec<(PlannedCommitment, Laid)> = Vec::new();
        for commitment in &self.ground.baseline.commitments {
            let term = Term {
                start: commitment.start,
                months: commitment.term_months,
                monthly_fee: cell(commitment.monthly_fee),
                upfront: cell(commitment.upfront),
                discount: Estimate::certain(commitment.discount),
                operation: None,
            };
            let eligible = self.matching(&commitment.eligible, recurring);
            let laid = Laid {
                values: commitment.values.clone(),
                billed_in: commitment.billed_in.filter(|currency| *currency != own),
            };
            planned.push((open(&commitment.id, eligible, term), laid));
        }
        for (place, operation) in operations.iter().enumerate() {
            if let Kind::Commit(commit) = &operation.kind {
                let term = Term {
                    start: commit.from,
                    months: Some(commit.term_months),
                    monthly_fee: cell(commit.monthly_fee),
                    upfront: cell(commit.upfront),
                    discount: commit.discount,
                    operation: Some(place),
                };
                let eligible = self.matching(&commit.filter, recurring);
                if eligible.is_empty() {
                    let message = "no line of recurring usage is there for it to cover: its whole fee stays unused";
                    let hint = "check `where`";
                    self.diagnostics.push(Diagnostic::warning(message, hint).of(&operation.id));
                }
                let laid = Laid { values: self.values_at(&commit.at), billed_in: None };
                planned.push((open(&operation.id, eligible, term), laid));
            }
        }
        for (place, operation) in operations.iter().enumerate() {
            match &operation.kind {
                Kind::Expire(expire) => {
                    if let Some((commitment, _)) = planned.iter_mut().find(|(known, _)| known.id == expire.commitment) {
                        commitment.cuts.push((expire.from, place));
                    }
                }
                Kind::Renew(renew) => {
                    let Some((commitment, _)) = planned.iter_mut().find(|(known, _)| known.id == renew.commitment)
                    else {
                        continue;
                    };
                    let Some(last) = commitment.terms.last() else { continue };
                    let Some(start) = renew.from.or_else(|| last.end()) else {
                        let message = "the commitment has no end after which it could go on";
                        let hint = "write `from = \"...\"`, or let it expire first";
                        self.diagnostics.push(Diagnostic::error(message, hint).of(&operation.id));
                        continue;
                    };
                    let term = Term {
                        start,
                        months: Some(renew.term_months),
                        monthly_fee: renew.monthly_fee.map_or(last.monthly_fee, cell),
                        upfront: cell(renew.upfront),
                        discount: renew.discount.unwrap_or(last.discount),
                        operation: Some(place),
                    };
                    commitment.terms.push(term);
                }
                _ => {}
            }
        }
        self.contradicting_terms(&planned, operations);
        planned.sort_by(|(left, _), (right, _)| {
            let discount = |commitment: &PlannedCommitment| commitment.terms.last().map(|term| term.discount.likely);
            discount(right).cmp(&discount(left)).then_with(|| left.id.cmp(&right.id))
        });
        for (mut commitment, laid) in planned {
            let line = |id: String| PlannedLine {
                id,
                values: laid.values.clone(),
                treatment: Treatment::CommitmentFee,
                has_units: false,
                billed_in: laid.billed_in,
            };
            commitment.used = self.push(line(format!("commitment:{}", commitment.id)));
            commitment.unused = self.push(line(format!("commitment:{}:unused", commitment.id)));
            self.commitments.push(commitment);
        }
    }

    fn contradicting_terms(&mut self, planned: &[(PlannedCommitment, Laid)], operations: &[Operation]) {
        for (commitment, _) in planned {
            for &(cut, expiring) in &commitment.cuts {
                for term in &commitment.terms {
                    let Some(renewing) = term.operation.filter(|&by| matches!(operations[by].kind, Kind::Renew(_)))
                    else {
                        continue;
                    };
                    if term.start < cut && term.end().is_none_or(|end| cut < end) {
                        let message = format!(
                            "the commitment is to end in {cut}, and operation {} renews it over that month",
                            crate::diagnostic::quoted(&operations[renewing].id)
                        );
                        let hint = "take one of the two out, or let the renewal begin later";
                        self.diagnostics.push(Diagnostic::error(message, hint).of(&operations[expiring].id));
                    }
                }
            }
        }
    }
}

fn open(id: &str, eligible: Vec<usize>, term: Term) -> PlannedCommitment {
    PlannedCommitment { id: id.to_owned(), used: 0, unused: 0, eligible, terms: vec![term], cuts: Vec::new() }
}

/// Amounts of files are small enough; those of a baseline were checked.
fn cell(amount: money::Amount) -> i128 {
    cell_of(amount).map_or(0, |(cell, _)| cell)
}
