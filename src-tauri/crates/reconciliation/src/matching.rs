//! [`match_charges`]: which charges belong to which invoice.

use crate::firm::same_firm;
use crate::invoice::{ChargeGroup, Invoice};

/// How an invoice found its charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MatchedBy {
    /// The charges name it.
    Number,
    /// They name no invoice, and are of its billing account and month.
    Account,
    /// They name no invoice; it names no account, and they are of its issuer and month.
    Issuer,
    /// It found none.
    Nothing,
}

/// Which charges belong to which invoice. Each group belongs to one invoice at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Matching {
    /// For each invoice how it found its charges, and their places in the list of groups.
    pub invoices: Vec<(MatchedBy, Vec<usize>)>,
    /// The places of the groups that belong to no invoice.
    pub left: Vec<usize>,
}

/// Matches by number first: charges that name an invoice belong to it alone. What names none goes to the invoice of its account and
/// month, then to the invoice without an account of its issuer and month; earlier invoices come first.
#[must_use]
pub fn match_charges(invoices: &[Invoice], groups: &[ChargeGroup]) -> Matching {
    let mut left: Vec<usize> = (0..groups.len()).collect();
    let mut found: Vec<(MatchedBy, Vec<usize>)> = vec![(MatchedBy::Nothing, Vec::new()); invoices.len()];
    for by in [MatchedBy::Number, MatchedBy::Account, MatchedBy::Issuer] {
        for (invoice, place) in invoices.iter().zip(&mut found) {
            if place.0 != MatchedBy::Nothing {
                continue;
            }
            let (taken, rest): (Vec<usize>, Vec<usize>) =
                left.iter().partition(|group| belongs(by, invoice, &groups[**group]));
            if !taken.is_empty() {
                *place = (by, taken);
                left = rest;
            }
        }
    }
    Matching { invoices: found, left }
}

fn belongs(by: MatchedBy, invoice: &Invoice, group: &ChargeGroup) -> bool {
    if group.currency != invoice.currency {
        return false;
    }
    let its_account = invoice.account.as_ref().is_none_or(|account| group.account.as_ref() == Some(account));
    match by {
        MatchedBy::Number => group.invoice.as_ref() == Some(&invoice.number) && its_account,
        MatchedBy::Account => {
            group.invoice.is_none() && group.period == invoice.period && invoice.account.is_some() && its_account
        }
        MatchedBy::Issuer => {
            group.invoice.is_none()
                && group.period == invoice.period
                && invoice.account.is_none()
                && issued(invoice, group)
        }
        MatchedBy::Nothing => false,
    }
}

/// Whether charges are of the invoice's issuer.
pub(crate) fn issued(invoice: &Invoice, group: &ChargeGroup) -> bool {
    !invoice.issuer.is_empty() && group.issuer.as_deref().is_some_and(|issuer| same_firm(issuer, &invoice.issuer))
}
