//! The invoices: the list that the analyst gives, and those that loaded invoice lines add up to.

use std::collections::BTreeSet;
use std::path::Path;

use chrono::NaiveDate;
use money::{Amount, Currency};
use reconciliation::{Invoice, Kind};
use store::Engagement;

use crate::ApiError;
use crate::columns::{Columns, delimiter};

const KEPT: &str = "invoices.csv";

/// An invoice file beyond this size is not one.
const BYTES_MAX: u64 = 64 << 20;

/// What the columns may be called, the first one being ours. Case, spaces and punctuation do not matter.
const NUMBER: &[&str] = &[
    "invoice_id",
    "invoice_number",
    "invoice_no",
    "invoice_num",
    "number",
    "document_number",
    "bill_id",
    "bill_number",
    "invoice",
];
const ISSUER: &[&str] =
    &["issuer", "invoice_issuer", "invoice_issuer_name", "vendor", "supplier", "seller", "vendor_name", "provider"];
const ACCOUNT: &[&str] =
    &["billing_account_id", "billing_account", "account_id", "payer_account_id", "payer_account", "account"];
const PERIOD: &[&str] =
    &["billing_period", "period", "billing_month", "month", "invoice_month", "service_period", "billing_period_start"];
const CURRENCY: &[&str] = &["currency", "billing_currency", "invoice_currency", "currency_code"];
const AMOUNT: &[&str] =
    &["amount", "total", "invoice_amount", "total_amount", "invoice_total", "grand_total", "amount_due", "billed_cost"];
/// What a list may state of each invoice beside its amount, which includes it.
const STATED: [(Kind, &[&str]); 4] = [
    (Kind::Tax, &["tax", "tax_amount", "vat", "sales_tax", "gst"]),
    (Kind::Credit, &["credit", "credits", "credit_amount"]),
    (Kind::Refund, &["refund", "refunds", "corrections"]),
    (Kind::ThirdParty, &["third_party", "marketplace", "marketplace_amount"]),
];

/// Reads the list and keeps it in the engagement in place of the one given before.
pub(super) fn keep(engagement: &Engagement, path: &Path) -> Result<(), ApiError> {
    let kept = engagement.folder().join(KEPT);
    // Read before it is kept: a broken file changes nothing.
    let text = read_text(path)?;
    parse(path, &text)?;
    std::fs::write(&kept, text).map_err(|error| file_error(&kept, &error.to_string()))
}

/// All invoices, and whether each is from the list.
pub(super) fn known(engagement: &Engagement) -> Result<Vec<(Invoice, bool)>, ApiError> {
    let kept = engagement.folder().join(KEPT);
    let listed = if kept.is_file() { parse(&kept, &read_text(&kept)?)? } else { Vec::new() };
    let numbers: BTreeSet<String> = listed.iter().map(|invoice| invoice.number.clone()).collect();
    let issued = engagement.issued_invoices()?.iter().map(issued).collect::<Result<Vec<Invoice>, _>>()?;
    let issued =
        issued.into_iter().filter(|invoice| !numbers.contains(&invoice.number)).map(|invoice| (invoice, false));
    Ok(listed.into_iter().map(|invoice| (invoice, true)).chain(issued).collect())
}

/// An invoice as its lines add up. They have a category each, so the invoice states its tax, credits and adjustments.
fn issued(one: &store::IssuedInvoice) -> Result<Invoice, ApiError> {
    let refuse = |error: &dyn std::fmt::Display| {
        ApiError::new("invoices", format!("invoice {} as it was loaded: {error}", one.invoice_id), "")
    };
    let amount = |text: &str| text.parse::<Amount>().map_err(|error| refuse(&error));
    let mut stated = Vec::new();
    for (kind, name) in [(Kind::Tax, "Tax"), (Kind::Credit, "Credit"), (Kind::Adjustment, "Adjustment")] {
        let found = one.categories.iter().find(|(category, _)| category == name);
        stated.push((kind, found.map_or(Ok(Amount::ZERO), |(_, text)| amount(text))?));
    }
    Ok(Invoice {
        number: one.invoice_id.clone(),
        issuer: one.issuer.clone(),
        account: Some(one.billing_account.clone()).filter(|account| !account.is_empty()),
        period: one.period.clone(),
        currency: one.currency.parse().map_err(|error: money::CurrencyError| refuse(&error))?,
        amount: amount(&one.amount)?,
        stated,
    })
}

fn parse(path: &Path, text: &str) -> Result<Vec<Invoice>, ApiError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(delimiter(text))
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| file_error(path, &error.to_string()))?.clone();
    let columns = Columns::of(&header);
    let needed = |names: &[&str]| {
        columns.find(names).ok_or_else(|| file_error(path, &format!("there is no column `{}`", names[0])))
    };
    let (number, period, currency, amount) = (needed(NUMBER)?, needed(PERIOD)?, needed(CURRENCY)?, needed(AMOUNT)?);
    let (issuer, account) = (columns.find(ISSUER), columns.find(ACCOUNT));
    if issuer.is_none() && account.is_none() {
        return Err(file_error(path, "there is neither a column `issuer` nor one `billing_account_id`"));
    }
    let stated: Vec<(Kind, usize)> =
        STATED.iter().filter_map(|(kind, names)| Some((*kind, columns.find(names)?))).collect();
    let mut invoices = Vec::new();
    for (position, record) in reader.records().enumerate() {
        let row = position + 1;
        let record = record.map_err(|error| file_error(path, &format!("row {row}: {error}")))?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let refuse =
            |at: usize, problem: &str| file_error(path, &format!("row {row}, column {}: {problem}", &header[at]));
        let figure = |at: usize| number_in(cell(at)).map_err(|error| refuse(at, &error.to_string()));
        if cell(number).is_empty() {
            return Err(refuse(number, "the invoice has no number"));
        }
        let optional = |at: Option<usize>| at.map(cell).unwrap_or_default().to_owned();
        invoices.push(Invoice {
            number: cell(number).to_owned(),
            issuer: optional(issuer),
            account: Some(optional(account)).filter(|account| !account.is_empty()),
            period: month(cell(period))
                .ok_or_else(|| refuse(period, &format!("`{}` is no month such as 2026-01", cell(period))))?,
            currency: cell(currency).parse::<Currency>().map_err(|error| refuse(currency, &error.to_string()))?,
            amount: figure(amount)?,
            stated: stated
                .iter()
                .filter(|(_, at)| !cell(*at).is_empty())
                .map(|(kind, at)| Ok((*kind, figure(*at)?)))
                .collect::<Result<_, ApiError>>()?,
        });
    }
    if invoices.is_empty() {
        return Err(file_error(path, "there is no invoice in it"));
    }
    let mut numbers = BTreeSet::new();
    if let Some(twice) = invoices.iter().find(|one| !numbers.insert((&one.number, &one.account, one.currency))) {
        return Err(file_error(path, &format!("invoice {} is in it twice", twice.number)));
    }
    Ok(invoices)
}

/// A number as FOCUS writes it, or with commas between groups of three digits.
fn number_in(text: &str) -> Result<Amount, money::AmountError> {
    let whole = text.split('.').next().unwrap_or_default().trim_start_matches('-');
    let grouped = whole.contains(',')
        && whole
            .split(',')
            .enumerate()
            .all(|(at, group)| if at == 0 { (1..=3).contains(&group.len()) } else { group.len() == 3 });
    if grouped { text.replace(',', "").parse() } else { text.parse() }
}

/// The month of `2026-01`, `2026-01-31`, `202601` or `01/2026`, as `2026-01`.
fn month(text: &str) -> Option<String> {
    let month = match (text.len(), text.split_once('/')) {
        (6, None) => format!("{}-{}", text.get(..4)?, text.get(4..)?),
        (_, Some((month, year))) if year.len() == 4 => format!("{year}-{month:0>2}"),
        _ => text.get(..7)?.to_owned(),
    };
    format!("{month}-01").parse::<NaiveDate>().ok().map(|_| month)
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
        "The columns are invoice_id, issuer, billing_account_id, billing_period, currency, amount; and, if the invoice states them, tax, credits, refunds, marketplace.",
    )
}
