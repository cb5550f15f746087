//! Invoices beside the charges that were loaded for them, and what their differences are made of.
//!
//! Invoices come from a list that the analyst gives, and from the FOCUS Invoice Detail datasets that are loaded, whose lines are
//! added up. The list has precedence: an invoice that both know counts as the list has it.
//!
//! What belongs together and what a difference is made of is the crate `reconciliation`'s to say; here the charges are asked for, in
//! the same questions as anywhere. Charges whose invoice was not given, and that come to something, stand in lines of their own:
//! nothing is left out, and all invoices less all charges are the sum of all differences.

mod evidence;
mod invoices;
mod notes;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use money::{Amount, AmountError, Currency};
use query::Question;
use reconciliation::{ChargeGroup, Class, Invoice, Kind, MatchedBy, Part};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

pub use notes::{InvoiceNote, InvoiceNoteRequest};

use self::evidence::Asker;
use self::notes::Subject;
use crate::{ApiError, Context};

/// `reconcile`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ReconcileRequest {
    /// A CSV with number, issuer, account, period, currency and amount of each invoice; it is kept in the engagement. Without it the
    /// invoices given before are reconciled again.
    #[serde(default)]
    #[ts(optional)]
    invoices_path: Option<PathBuf>,
}

/// Every invoice and every uninvoiced sum.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ReconcileReply {
    /// One line each, by period, issuer and number.
    pub invoices: Vec<InvoiceReply>,
    /// How many lines agree to the last digit.
    pub matched: u64,
    /// How many differ by what charges come to exactly, or by what rounding can do.
    pub explained: u64,
    /// How many are open: some of their difference is explained by nothing that is loaded.
    pub open: u64,
    /// By currency: what the differences are made of, in all. They add up to all invoices less all charges.
    pub classes: Vec<ClassTotal>,
    /// The questions' evidence, one for each currency.
    pub evidence: Vec<query::Evidence>,
}

/// What one class comes to in one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ClassTotal {
    /// The currency.
    pub currency: Currency,
    /// The class.
    pub class: String,
    /// The sum of its parts.
    pub amount: Amount,
    /// How many lines have it.
    pub lines: u64,
}

/// An invoice beside its charges.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct InvoiceReply {
    /// The invoice's number; null for charges that name none.
    pub invoice_id: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// The billing account.
    pub billing_account: Option<String>,
    /// The billing period, `YYYY-MM`.
    pub period: String,
    /// The currency.
    pub currency: Currency,
    /// What the invoice says; null where no invoice was given.
    pub amount: Option<Amount>,
    /// What the charges come to; null where none are loaded.
    pub charges: Option<Amount>,
    /// `amount - charges`, a missing one counting as zero.
    pub difference: Amount,
    /// `matched`, `difference`, `no_charges` or `no_invoice`.
    pub status: String,
    /// Whether the line is done with: it agrees, or each part of its difference is proven.
    pub closed: bool,
    /// What the difference is made of; the parts add up to it exactly.
    pub parts: Vec<PartReply>,
    /// The analyst's note.
    pub note: Option<InvoiceNote>,
    /// Where the invoice is known from: `list` or `invoice_detail`; null where there is none.
    pub known_from: Option<String>,
    /// How it found its charges: `number`, `account_and_period`, `issuer_and_period` or `nothing`; null where there is no invoice.
    pub matched_by: Option<String>,
    /// The question whose total is `charges`; null where there are none, or no question can tell them apart.
    pub question: Option<Question>,
}

/// A part of a difference.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct PartReply {
    /// `tax`, `credit`, `refund`, `timing`, `rounding`, `currency`, `third_party`, `missing_account` or `unknown`.
    pub class: String,
    /// What it is of the difference.
    pub amount: Amount,
    /// The rule that says so.
    pub rule: String,
    /// Whether charges, or what the invoice states, come to exactly this, or it is within what rounding can do.
    pub proven: bool,
    /// Who says so: `rule`, or `analyst` for an unknown part that a note gives a class.
    pub by: String,
    /// What the charges behind it come to; null where there are none.
    pub charges: Option<Amount>,
    /// The question whose total that is; null where no question can tell them apart.
    pub question: Option<Question>,
}

pub(crate) fn reconcile(
    context: &Context,
    request: &ReconcileRequest,
    watch: &Watch,
) -> Result<ReconcileReply, ApiError> {
    let engagement = context.engagement()?;
    if let Some(path) = &request.invoices_path {
        invoices::keep(&engagement, path)?;
    }
    reconciled(context, &engagement, watch)?.ok_or_else(|| {
        ApiError::new(
            "no_invoices",
            "no invoices were given for this engagement",
            "Give them with `qd reconcile --invoices FILE.csv`, or load the provider's FOCUS Invoice Detail export.",
        )
    })
}

/// Writes, changes or removes the note on a line.
pub(crate) fn set_note(context: &Context, request: &InvoiceNoteRequest) -> Result<Vec<InvoiceNote>, ApiError> {
    notes::set(&*context.engagement()?, request)
}

/// The reconciliation with the invoices that the engagement knows; none if it knows none.
pub(crate) fn reconciled(
    context: &Context,
    engagement: &Engagement,
    watch: &Watch,
) -> Result<Option<ReconcileReply>, ApiError> {
    let known = invoices::known(engagement)?;
    if known.is_empty() {
        return Ok(None);
    }
    let (given, listed): (Vec<Invoice>, Vec<bool>) = known.into_iter().unzip();
    let asker = Asker::new(context, engagement, watch);
    let (groups, evidence) = asker.groups()?;
    let matching = reconciliation::match_charges(&given, &groups);
    let notes = notes::read(engagement)?;
    let mut left = matching.left.clone();
    let mut set_against: BTreeMap<usize, (Class, String)> = BTreeMap::new();
    let mut lines = Vec::new();
    for ((invoice, from_list), (by, own)) in given.iter().zip(&listed).zip(&matching.invoices) {
        let charges = sum(&groups, own)?;
        let difference = invoice.amount.checked_sub(charges).map_err(overflow)?;
        let parts = if difference.is_zero() {
            Vec::new()
        } else if own.is_empty() {
            vec![reconciliation::without_charges(invoice, &groups)]
        } else {
            let circumstances = asker.circumstances(invoice, *by, own, &groups)?;
            let candidates =
                reconciliation::candidates(invoice, own, &left, &groups, &circumstances).map_err(overflow)?;
            reconciliation::classify(invoice, difference, own, &groups, &candidates, &circumstances)
                .map_err(overflow)?
        };
        for part in &parts {
            left.retain(|group| !part.groups.contains(group));
            set_against.extend(part.groups.iter().map(|group| (*group, (part.class, invoice.number.clone()))));
        }
        let status = match (own.is_empty(), difference.is_zero()) {
            (true, _) => "no_charges",
            (false, true) => "matched",
            (false, false) => "difference",
        };
        let scope = evidence::own_charges(invoice, *by, own, &groups);
        let parts = parts
            .iter()
            .map(|part| asker.part(part, scope.as_ref(), (invoice.currency, own), &groups))
            .collect::<Result<_, _>>()?;
        lines.push(InvoiceReply {
            invoice_id: Some(invoice.number.clone()),
            issuer: invoice.issuer.clone(),
            billing_account: invoice.account.clone(),
            period: invoice.period.clone(),
            currency: invoice.currency,
            amount: Some(invoice.amount),
            charges: (!own.is_empty()).then_some(charges.normalized()),
            difference: shown(difference, invoice.currency),
            status: status.to_owned(),
            closed: false,
            parts,
            note: None,
            known_from: Some(if *from_list { "list" } else { "invoice_detail" }.to_owned()),
            matched_by: Some(by.name().to_owned()),
            question: scope,
        });
    }
    lines.extend(without_invoices(&asker, &given, &groups, &matching.left, &set_against)?);
    lines.sort_by(|left, right| order(left).cmp(&order(right)));
    for line in &mut lines {
        with_note(line, &notes);
    }
    let matched = lines.iter().filter(|line| line.status == "matched").count() as u64;
    let closed = lines.iter().filter(|line| line.closed).count() as u64;
    Ok(Some(ReconcileReply {
        matched,
        explained: closed - matched,
        open: lines.len() as u64 - closed,
        classes: class_totals(&lines)?,
        invoices: lines,
        evidence,
    }))
}

/// The lines of charges without an invoice: one for each number, account and month that comes to something.
fn without_invoices(
    asker: &Asker<'_>,
    given: &[Invoice],
    groups: &[ChargeGroup],
    left: &[usize],
    set_against: &BTreeMap<usize, (Class, String)>,
) -> Result<Vec<InvoiceReply>, ApiError> {
    let mut slots: BTreeMap<_, Vec<usize>> = BTreeMap::new();
    for place in left {
        let group = &groups[*place];
        slots.entry((group.currency, &group.period, &group.account, &group.invoice)).or_default().push(*place);
    }
    let mut lines = Vec::new();
    for ((currency, period, account, number), places) in slots {
        let charges = sum(groups, &places)?;
        let mut parts: BTreeMap<(Class, String, bool), Part> = BTreeMap::new();
        for place in &places {
            let mut part = reconciliation::without_invoice(&groups[*place], *place, given);
            if let Some((class, invoice)) = set_against.get(place) {
                part.class = *class;
                part.rule = format!("These charges are what invoice {invoice} has on top of its own.");
                part.proven = true;
            }
            let key = (part.class, part.rule.clone(), part.proven);
            match parts.get_mut(&key) {
                Some(known) => {
                    known.amount = known.amount.checked_add(part.amount).map_err(overflow)?;
                    known.kind = known.kind.filter(|kind| part.kind == Some(*kind));
                    known.groups.extend(part.groups);
                }
                None => {
                    parts.insert(key, part);
                }
            }
        }
        let parts: Vec<Part> = parts.into_values().filter(|part| !part.amount.is_zero()).collect();
        if charges.is_zero() && parts.iter().all(|part| !part.proven) {
            continue;
        }
        let issuer = places.iter().find_map(|place| groups[*place].issuer.clone()).unwrap_or_default();
        let scope = evidence::slot(currency, period, account.as_deref(), number.as_deref());
        let parts = parts
            .iter()
            .map(|part| asker.part(part, Some(&scope), (currency, &places), groups))
            .collect::<Result<_, _>>()?;
        lines.push(InvoiceReply {
            invoice_id: number.clone(),
            issuer,
            billing_account: account.clone(),
            period: period.clone(),
            currency,
            amount: None,
            charges: Some(charges.normalized()),
            difference: shown(charges.negated(), currency),
            status: "no_invoice".to_owned(),
            closed: false,
            parts,
            note: None,
            known_from: None,
            matched_by: None,
            question: Some(scope),
        });
    }
    Ok(lines)
}

/// Puts the analyst's note on the line. A class that the note gives takes the place of `unknown`; it does not close the line.
fn with_note(line: &mut InvoiceReply, notes: &BTreeMap<Subject, InvoiceNote>) {
    line.note = notes.get(&Subject::of(line)).cloned();
    if let Some(class) = line.note.as_ref().and_then(|note| note.class.as_ref()) {
        for part in line.parts.iter_mut().filter(|part| part.class == Class::Unknown.name()) {
            class.clone_into(&mut part.class);
            "analyst".clone_into(&mut part.by);
        }
    }
    line.closed = line.parts.iter().all(|part| part.proven);
}

fn class_totals(lines: &[InvoiceReply]) -> Result<Vec<ClassTotal>, ApiError> {
    let mut totals: BTreeMap<(Currency, String), (Amount, BTreeSet<usize>)> = BTreeMap::new();
    for (at, line) in lines.iter().enumerate() {
        for part in &line.parts {
            let total = totals.entry((line.currency, part.class.clone())).or_default();
            total.0 = total.0.checked_add(part.amount).map_err(overflow)?;
            total.1.insert(at);
        }
    }
    Ok(totals
        .into_iter()
        .map(|((currency, class), (amount, lines))| ClassTotal {
            currency,
            class,
            amount: shown(amount, currency),
            lines: lines.len() as u64,
        })
        .collect())
}

type Order<'a> = (&'a str, &'a str, Option<&'a str>, Option<&'a str>, Currency);

fn order(line: &InvoiceReply) -> Order<'_> {
    (&line.period, &line.issuer, line.invoice_id.as_deref(), line.billing_account.as_deref(), line.currency)
}

fn sum(groups: &[ChargeGroup], places: &[usize]) -> Result<Amount, ApiError> {
    Amount::sum(places.iter().map(|place| groups[*place].amount)).map_err(overflow)
}

/// The amount with all of its digits, and at least those of the currency's smallest unit.
fn shown(amount: Amount, currency: Currency) -> Amount {
    let plain = amount.normalized();
    let digits = currency.minor_digits();
    if plain.scale() >= digits { plain } else { plain.rescaled(digits, money::Rounding::HalfEven).unwrap_or(plain) }
}

fn overflow(error: AmountError) -> ApiError {
    ApiError::new("overflow", error.to_string(), "")
}

/// Whether a kind is told by the charge's category alone, and how FOCUS writes it.
const fn category(kind: Kind) -> Option<&'static str> {
    match kind {
        Kind::Tax => Some("Tax"),
        Kind::Credit => Some("Credit"),
        Kind::Adjustment => Some("Adjustment"),
        Kind::Refund | Kind::ThirdParty | Kind::Other => None,
    }
}

/// Whether an invoice's charges name it.
const fn named(by: MatchedBy) -> bool {
    matches!(by, MatchedBy::Number)
}
