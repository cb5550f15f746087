//! Invoices beside the charges that were loaded for them.
//!
//! An invoice is matched by its number; where the export names no invoices, by billing account and billing period. Charges whose
//! invoice was not given, and that come to something, stand in lines of their own: nothing is left out.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use money::{Amount, Currency};
use query::{Answer, Dimension, Grain, Measure, PeriodBasis, Question};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};
use ts_rs::TS;

use crate::{ApiError, Context, asking};

/// `reconcile`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ReconcileRequest {
    /// A CSV with `invoice_id`, `issuer`, `billing_account_id`, `billing_period`, `currency`, `amount`; it is kept in the
    /// engagement. Without it the invoices given before are reconciled again.
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
    /// How many do not.
    pub open: u64,
    /// The questions' evidence, one for each currency.
    pub evidence: Vec<query::Evidence>,
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
    /// `amount - charges`.
    pub difference: Option<Amount>,
    /// `matched`, `difference`, `no_charges` or `no_invoice`.
    pub status: String,
}

/// An invoice as given.
#[derive(Debug, Deserialize, Serialize)]
struct Invoice {
    invoice_id: String,
    issuer: String,
    #[serde(default)]
    billing_account_id: Option<String>,
    billing_period: String,
    currency: String,
    amount: String,
}

/// The charges of one invoice number, billing account and month.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
struct Slot {
    currency: Currency,
    period: String,
    account: Option<String>,
    invoice: Option<String>,
}

const KEPT: &str = "invoices.csv";

/// An invoice file beyond this size is not one.
const BYTES_MAX: u64 = 64 << 20;

pub(crate) fn reconcile(
    context: &Context,
    request: &ReconcileRequest,
    watch: &Watch,
) -> Result<ReconcileReply, ApiError> {
    let engagement = context.engagement()?;
    let kept = engagement.folder().join(KEPT);
    if let Some(path) = &request.invoices_path {
        // Read before it is kept: a broken file changes nothing.
        let text = read_text(path)?;
        parse(path, &text)?;
        std::fs::write(&kept, text).map_err(|error| file_error(&kept, &error.to_string()))?;
    }
    reconciled(context, &engagement, watch)?.ok_or_else(|| {
        ApiError::new(
            "no_invoices",
            "no invoices were given for this engagement",
            "Give them with `qd reconcile --invoices FILE.csv`.",
        )
    })
}

/// The reconciliation with the invoices that the engagement keeps; none if it keeps none.
pub(crate) fn reconciled(
    context: &Context,
    engagement: &Engagement,
    watch: &Watch,
) -> Result<Option<ReconcileReply>, ApiError> {
    let kept = engagement.folder().join(KEPT);
    if !kept.is_file() {
        return Ok(None);
    }
    let invoices = parse(&kept, &read_text(&kept)?)?;
    let mut slots: BTreeMap<Slot, (Amount, String)> = BTreeMap::new();
    let mut evidence = Vec::new();
    for currency in engagement.catalog()?.currencies.clone() {
        let question = Question {
            measures: vec![Measure::BilledCost],
            by: vec![Dimension::BillingAccount, Dimension::Invoice, Dimension::InvoiceIssuer],
            grain: Some(Grain::Month),
            on: PeriodBasis::Billing,
            currency: Some(currency),
            ..Question::default()
        };
        let answer = asking::answer(context, engagement, &question, watch)?;
        fill(&mut slots, &answer)?;
        evidence.push(answer.evidence);
    }
    let mut lines = Vec::new();
    for invoice in &invoices {
        lines.push(line(invoice, &mut slots, &kept)?);
    }
    for (slot, (charges, issuer)) in slots {
        if !charges.is_zero() {
            lines.push(InvoiceReply {
                invoice_id: slot.invoice,
                issuer,
                billing_account: slot.account,
                period: slot.period,
                currency: slot.currency,
                amount: None,
                charges: Some(charges),
                difference: None,
                status: "no_invoice".to_owned(),
            });
        }
    }
    lines.sort_by(|left, right| {
        (&left.period, &left.issuer, &left.invoice_id, &left.billing_account).cmp(&(
            &right.period,
            &right.issuer,
            &right.invoice_id,
            &right.billing_account,
        ))
    });
    let matched = lines.iter().filter(|line| line.status == "matched").count() as u64;
    let open = lines.len() as u64 - matched;
    Ok(Some(ReconcileReply { invoices: lines, matched, open, evidence }))
}

/// Adds up the charges by invoice, account and month.
fn fill(slots: &mut BTreeMap<Slot, (Amount, String)>, answer: &Answer) -> Result<(), ApiError> {
    for row in &answer.rows {
        let [Some(period), account, invoice, issuer] = row.keys.as_slice() else { continue };
        let slot = Slot {
            currency: answer.currency,
            period: period.clone(),
            account: account.clone(),
            invoice: invoice.clone(),
        };
        let value = row.cells.first().and_then(|cell| cell.value).unwrap_or(Amount::ZERO);
        let sum = slots.entry(slot).or_insert((Amount::ZERO, issuer.clone().unwrap_or_default()));
        sum.0 = sum.0.checked_add(value).map_err(|error| ApiError::new("overflow", error.to_string(), ""))?;
    }
    Ok(())
}

/// The line of one invoice; the charges that it covers are taken out of `slots`.
fn line(
    invoice: &Invoice,
    slots: &mut BTreeMap<Slot, (Amount, String)>,
    file: &Path,
) -> Result<InvoiceReply, ApiError> {
    let refuse = |problem: String| file_error(file, &format!("invoice {}: {problem}", invoice.invoice_id));
    let currency: Currency =
        invoice.currency.parse().map_err(|error: money::CurrencyError| refuse(error.to_string()))?;
    let amount: Amount = invoice.amount.parse().map_err(|error: money::AmountError| refuse(error.to_string()))?;
    let period = invoice.billing_period.get(..7).unwrap_or(&invoice.billing_period).to_owned();
    let account = invoice.billing_account_id.clone().filter(|account| !account.is_empty());
    let by_number = |slot: &Slot| {
        slot.currency == currency
            && slot.invoice.as_deref() == Some(&invoice.invoice_id)
            && account.as_ref().is_none_or(|account| slot.account.as_ref() == Some(account))
    };
    let by_account = |slot: &Slot| {
        slot.currency == currency
            && slot.invoice.is_none()
            && slot.period == period
            && account.is_some()
            && slot.account == account
    };
    let mut taken: Vec<Slot> = slots.keys().filter(|slot| by_number(slot)).cloned().collect();
    if taken.is_empty() {
        taken = slots.keys().filter(|slot| by_account(slot)).cloned().collect();
    }
    let parts = taken.iter().filter_map(|slot| slots.remove(slot)).map(|(amount, _)| amount);
    let overflow = |error: money::AmountError| ApiError::new("overflow", error.to_string(), "");
    let sum = Amount::sum(parts).map_err(overflow)?;
    let charges = (!taken.is_empty()).then_some(sum.normalized());
    let difference = charges.map(|charges| amount.checked_sub(charges)).transpose().map_err(overflow)?;
    let status = match difference {
        None => "no_charges",
        Some(difference) if difference.is_zero() => "matched",
        Some(_) => "difference",
    };
    Ok(InvoiceReply {
        invoice_id: Some(invoice.invoice_id.clone()),
        issuer: invoice.issuer.clone(),
        billing_account: account,
        period,
        currency,
        amount: Some(amount),
        charges,
        difference,
        status: status.to_owned(),
    })
}

fn parse(path: &Path, text: &str) -> Result<Vec<Invoice>, ApiError> {
    let mut reader =
        csv::ReaderBuilder::new().trim(csv::Trim::All).from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let mut invoices = Vec::new();
    for (position, record) in reader.deserialize::<Invoice>().enumerate() {
        let row = position + 1;
        let invoice = record.map_err(|error| file_error(path, &format!("row {row}: {error}")))?;
        if let Err(error) = invoice.amount.parse::<Amount>() {
            return Err(file_error(path, &format!("row {row}, column amount: {error}")));
        }
        if let Err(error) = invoice.currency.parse::<Currency>() {
            return Err(file_error(path, &format!("row {row}, column currency: {error}")));
        }
        let month = invoice.billing_period.get(..7).map(|month| format!("{month}-01"));
        if month.and_then(|day| day.parse::<NaiveDate>().ok()).is_none() {
            let period = &invoice.billing_period;
            return Err(file_error(
                path,
                &format!("row {row}, column billing_period: `{period}` is no month such as 2026-01"),
            ));
        }
        invoices.push(invoice);
    }
    if invoices.is_empty() {
        return Err(file_error(path, "there is no invoice in it"));
    }
    Ok(invoices)
}

fn read_text(path: &Path) -> Result<String, ApiError> {
    let size = std::fs::metadata(path).map_err(|error| file_error(path, &error.to_string()))?.len();
    if size > BYTES_MAX {
        return Err(file_error(path, "it is too large for a list of invoices"));
    }
    std::fs::read_to_string(path).map_err(|error| file_error(path, &error.to_string()))
}

fn file_error(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "invoices",
        format!("{}: {problem}", path.display()),
        "The columns are invoice_id, issuer, billing_account_id, billing_period, currency, amount.",
    )
}
