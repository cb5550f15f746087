//! [`candidates`]: what could make up a residual. Each is an exact sum of charges, with the rule that it stands for.

use std::collections::BTreeMap;

use money::{Amount, AmountError, Currency};

use crate::invoice::{ChargeGroup, Invoice, Kind};
use crate::matching::{MatchedBy, issued};
use crate::{Class, Part};

/// What could make up a residual, or some of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Candidate {
    /// Why the two differ, if it is this.
    pub class: Class,
    /// What it would add to the residual (invoice less charges).
    pub amount: Amount,
    /// The rule, as a sentence.
    pub rule: String,
    /// The kind of charges that it is made of, where it is one.
    pub kind: Option<Kind>,
    /// Whether the charges are the invoice's own, which it leaves out, and not others, which it has on top.
    pub own: bool,
    /// The places of charges that belong to no invoice and would be accounted for.
    pub groups: Vec<usize>,
    /// Whether it explains the whole or nothing: it speaks of the same charges as other candidates.
    pub alone: bool,
}

/// What else was asked about an invoice that differs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Circumstances {
    /// How many lines the invoice would have: its charges by service, sub account and category.
    pub lines: u64,
    /// Of its charges, those whose usage lies outside of the billing month; none where that cannot be told.
    pub outside_month: Option<Amount>,
    /// What the account's charges come to by the month of usage; none where that cannot be told.
    pub usage_month: Option<Amount>,
    /// Sub accounts with charges in the month before and none in this one, and what they cost then.
    pub gone: Vec<(String, Amount)>,
}

/// More than these many candidates are not looked at: the largest remain.
const CANDIDATES_MAX: usize = 12;

/// What could make up the residual of an invoice: the kinds of charges that it may leave out or have on top, other accounts of its
/// issuer, and other months. Candidates of nothing are left out.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn candidates(
    invoice: &Invoice,
    own: &[usize],
    left: &[usize],
    groups: &[ChargeGroup],
    circumstances: &Circumstances,
) -> Result<Vec<Candidate>, AmountError> {
    let mut found = Vec::new();
    let stated = |kind: Kind| invoice.stated.iter().any(|(known, _)| *known == kind);
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Other && !stated(*kind)) {
        let (class, name) = class_of(kind);
        let sum = total(groups, own.iter().filter(|group| groups[**group].kind == kind))?;
        found.push(Candidate {
            class,
            amount: sum.negated(),
            rule: format!("The invoice leaves out {name} of {} that its charges have.", sum.normalized()),
            kind: Some(kind),
            own: true,
            groups: Vec::new(),
            alone: false,
        });
    }
    let near = |group: &&usize| {
        let group = &groups[**group];
        group.currency == invoice.currency && group.period == invoice.period && is_near(invoice, group)
    };
    let near: Vec<usize> = left.iter().filter(near).copied().collect();
    for kind in Kind::ALL.into_iter().filter(|kind| *kind != Kind::Other && !stated(*kind)) {
        let (class, name) = class_of(kind);
        let of_kind: Vec<usize> = near.iter().filter(|group| groups[**group].kind == kind).copied().collect();
        let amount = total(groups, &of_kind)?;
        let rule = format!("The invoice has {name} of {} that name no invoice that was given.", amount.normalized());
        found.push(Candidate { class, amount, rule, kind: Some(kind), own: false, groups: of_kind, alone: false });
    }
    let mut by_account: BTreeMap<Option<&str>, Vec<usize>> = BTreeMap::new();
    for group in near.iter().filter(|group| groups[**group].kind == Kind::Other) {
        by_account.entry(groups[*group].account.as_deref()).or_default().push(*group);
    }
    for (account, of_account) in by_account {
        let amount = total(groups, &of_account)?;
        let own_account = invoice.account.is_none() || account == invoice.account.as_deref();
        let (class, rule) = if own_account {
            (
                Class::Timing,
                format!(
                    "The invoice has charges of {} of its month that name no invoice that was given.",
                    amount.normalized()
                ),
            )
        } else {
            let account = account.unwrap_or("(none)");
            (
                Class::MissingAccount,
                format!(
                    "The invoice has the charges of {} of account {account}, which was given no invoice.",
                    amount.normalized()
                ),
            )
        };
        found.push(Candidate { class, amount, rule, kind: None, own: false, groups: of_account, alone: false });
    }
    if let Some(outside) = circumstances.outside_month {
        found.push(Candidate {
            class: Class::Timing,
            amount: outside.negated(),
            rule: format!(
                "The invoice leaves out charges of {} whose usage lies outside of its billing month.",
                outside.normalized()
            ),
            kind: None,
            own: true,
            groups: Vec::new(),
            alone: true,
        });
    }
    if let Some(usage) = circumstances.usage_month {
        let billed = total(groups, own)?;
        found.push(Candidate {
            class: Class::Timing,
            amount: usage.checked_sub(billed)?,
            rule: format!("The invoice follows the month of usage, which comes to {}.", usage.normalized()),
            kind: None,
            own: false,
            groups: Vec::new(),
            alone: true,
        });
    }
    found.retain(|candidate| !candidate.amount.is_zero());
    if found.len() > CANDIDATES_MAX {
        found.sort_by_key(|candidate| std::cmp::Reverse(candidate.amount.abs()));
        found.truncate(CANDIDATES_MAX);
    }
    Ok(found)
}

/// Whether charges without a given invoice may be on this one: they are of its account, or of its issuer.
fn is_near(invoice: &Invoice, group: &ChargeGroup) -> bool {
    (invoice.account.is_some() && group.account == invoice.account) || issued(invoice, group)
}

fn class_of(kind: Kind) -> (Class, &'static str) {
    match kind {
        Kind::Tax => (Class::Tax, "tax"),
        Kind::Credit => (Class::Credit, "credits"),
        Kind::Refund => (Class::Refund, "refunds and corrections"),
        Kind::Adjustment => (Class::Rounding, "adjustments"),
        Kind::ThirdParty => (Class::ThirdParty, "charges of other sellers"),
        Kind::Other => (Class::Unknown, "charges"),
    }
}

fn total<'a>(groups: &[ChargeGroup], places: impl IntoIterator<Item = &'a usize>) -> Result<Amount, AmountError> {
    Amount::sum(places.into_iter().map(|place| groups[*place].amount))
}

/// The one part of an invoice without charges: the whole of it, and what the other charges say of why.
#[must_use]
pub fn without_charges(invoice: &Invoice, groups: &[ChargeGroup]) -> Part {
    let here = |group: &&ChargeGroup| {
        group.invoice.as_ref() == Some(&invoice.number) || (group.period == invoice.period && is_near(invoice, group))
    };
    let elsewhere: Vec<Currency> =
        groups.iter().filter(here).map(|group| group.currency).filter(|code| *code != invoice.currency).collect();
    let (class, rule) = if let Some(currency) = elsewhere.first() {
        (Class::Currency, format!("Its charges are in {currency}, and currencies are never added together."))
    } else if let Some(account) =
        invoice.account.as_ref().filter(|account| !groups.iter().any(|group| group.account.as_ref() == Some(*account)))
    {
        (Class::MissingAccount, format!("No charges of account {account} are loaded, in any month."))
    } else if groups.iter().any(|group| is_near(invoice, group))
        && !groups.iter().any(|group| group.period == invoice.period && is_near(invoice, group))
    {
        (Class::Timing, format!("Charges of its account are loaded, but none of {}.", invoice.period))
    } else {
        (Class::Unknown, "No charges are loaded that could be its own.".to_owned())
    };
    Part { class, amount: invoice.amount, rule, proven: false, kind: None, own: false, groups: Vec::new() }
}

/// The part of charges without an invoice that are of one kind.
#[must_use]
pub fn without_invoice(group: &ChargeGroup, place: usize, invoices: &[Invoice]) -> Part {
    let last = invoices
        .iter()
        .filter(|invoice| invoice.currency == group.currency && is_near(invoice, group))
        .map(|invoice| invoice.period.as_str())
        .max();
    let (class, rule) = match (group.kind, last) {
        (Kind::Other | Kind::Adjustment, Some(last)) if last < group.period.as_str() => {
            (Class::Timing, format!("The last invoice that was given is of {last}: these are not invoiced yet."))
        }
        (Kind::Other | Kind::Adjustment, _) => (Class::Unknown, "No invoice was given for these charges.".to_owned()),
        (kind, _) => {
            let (class, name) = class_of(kind);
            (class, format!("No invoice was given that has these {name}."))
        }
    };
    let amount = group.amount.negated();
    Part { class, amount, rule, proven: false, kind: Some(group.kind), own: false, groups: vec![place] }
}

impl MatchedBy {
    /// The word for it on the wire.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Number => "number",
            Self::Account => "account_and_period",
            Self::Issuer => "issuer_and_period",
            Self::Nothing => "nothing",
        }
    }
}
