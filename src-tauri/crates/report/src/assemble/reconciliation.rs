//! Invoices beside the charges that were loaded for them.

use money::{Amount, Currency};
use query::Evidence;

use super::{Builder, checks, figure_column, text_column};
use crate::model::{Block, Figure, Table, TableCell, TableRow, TableRowRole, Unit};
use crate::text::clean;
use crate::{ReportError, words};

/// The invoices of an engagement beside the loaded charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reconciliation {
    /// One line per invoice, in the order in which they are shown.
    pub invoices: Vec<InvoiceLine>,
    /// How the charges' sums were made.
    pub evidence: Evidence,
}

/// An invoice beside the charges loaded for it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InvoiceLine {
    /// The invoice's number; none for charges that name no invoice.
    pub invoice_id: Option<String>,
    /// Who issued it.
    pub issuer: String,
    /// Its billing period, as it is shown.
    pub period: String,
    /// The invoice's currency.
    pub currency: Currency,
    /// What the invoice says; none where the invoice was not given.
    pub amount: Option<Amount>,
    /// What the loaded charges come to; none where none are loaded.
    pub charges: Option<Amount>,
    /// The difference of the two.
    pub difference: Option<Amount>,
    /// What that means, in a word or two.
    pub status: String,
}

impl Builder<'_> {
    pub(super) fn reconciliation(&mut self, id: &str) -> Result<Vec<Block>, ReportError> {
        let Some(Reconciliation { invoices, evidence }) =
            self.extras.reconciliation.as_ref().filter(|found| !found.invoices.is_empty())
        else {
            let paragraphs = vec![
                "No invoices were given for this engagement, so the loaded charges were not compared with any. Their totals per load \
                 stand in the evidence."
                    .to_owned(),
            ];
            return Ok(vec![Block::Commentary { paragraphs, figures: Vec::new() }]);
        };
        self.register_evidence(evidence);
        let figure = |amount: Option<Amount>, unit: fn(Currency) -> Unit, currency: Currency| {
            amount.map_or(TableCell::Empty, |amount| TableCell::Figure {
                figure: Figure { amount, unit: unit(currency), evidence_id: evidence.id.clone() },
            })
        };
        let text = |text: &str| TableCell::Text { text: clean(text) };
        let money: fn(Currency) -> Unit = |currency| Unit::Money { currency };
        let change: fn(Currency) -> Unit = |currency| Unit::MoneyChange { currency };
        let mut rows = Vec::new();
        for invoice in invoices {
            let name = invoice.invoice_id.as_deref().unwrap_or("(no invoice number)");
            if let (Some(amount), Some(charges), Some(difference)) =
                (invoice.amount, invoice.charges, invoice.difference)
            {
                let place = format!("Reconciliation, invoice {}", clean(name));
                checks::equal(&place, difference.abs(), amount.checked_sub(charges)?.abs())?;
            }
            rows.push(TableRow {
                role: TableRowRole::Group,
                cells: vec![
                    text(name),
                    text(&invoice.issuer),
                    text(&invoice.period),
                    text(invoice.currency.code()),
                    figure(invoice.amount, money, invoice.currency),
                    figure(invoice.charges, money, invoice.currency),
                    figure(invoice.difference, change, invoice.currency),
                    text(&invoice.status),
                ],
            });
        }
        let currency = invoices[0].currency;
        let one_currency = invoices.iter().all(|invoice| invoice.currency == currency);
        let sum = |amount: fn(&InvoiceLine) -> Option<Amount>| Amount::sum(invoices.iter().filter_map(amount));
        let mut total = None;
        let mut notes = Vec::new();
        if one_currency {
            let cells = vec![
                text("Total"),
                TableCell::Empty,
                TableCell::Empty,
                text(currency.code()),
                figure(Some(sum(|invoice| invoice.amount)?), money, currency),
                figure(Some(sum(|invoice| invoice.charges)?), money, currency),
                figure(Some(sum(|invoice| invoice.difference)?), change, currency),
                TableCell::Empty,
            ];
            total = Some(TableRow { role: TableRowRole::Total, cells });
        } else {
            notes.push(
                "The invoices are in several currencies, so there is no total: currencies are never added together."
                    .to_owned(),
            );
        }
        let table = checks::seal(Table {
            id: format!("{id}-table"),
            caption: "Invoices and the billed cost of the charges loaded for them".to_owned(),
            columns: vec![
                text_column("Invoice"),
                text_column("Issuer"),
                text_column("Billing period"),
                text_column("Currency"),
                figure_column("Invoiced", true),
                figure_column("Charges loaded", true),
                figure_column("Difference", true),
                text_column("Status"),
            ],
            rows,
            total,
            notes,
            evidence_id: evidence.id.clone(),
        })?;
        Ok(vec![agreement(invoices, evidence), Block::Reconciliation { table }])
    }
}

/// How many invoices agree, and where the largest difference lies.
fn agreement(invoices: &[InvoiceLine], evidence: &Evidence) -> Block {
    let compared: Vec<(&InvoiceLine, Amount)> =
        invoices.iter().filter_map(|invoice| invoice.difference.map(|difference| (invoice, difference))).collect();
    let agree = compared.iter().filter(|(_, difference)| difference.is_zero()).count();
    let mut sentence = format!("{agree} of {} invoices agree exactly with the charges loaded for them", invoices.len());
    let mut figures = Vec::new();
    // Which difference is the largest can be said within one currency only.
    let one_currency = compared.windows(2).all(|pair| pair[0].0.currency == pair[1].0.currency);
    let largest =
        compared.iter().filter(|(_, difference)| !difference.is_zero()).max_by_key(|(_, difference)| difference.abs());
    if let (true, Some((invoice, difference))) = (one_currency, largest) {
        sentence.push_str(&format!(
            "; the largest difference is {} on invoice {}",
            words::money_with_currency(*difference, invoice.currency),
            clean(invoice.invoice_id.as_deref().unwrap_or("(no invoice number)"))
        ));
        let unit = Unit::MoneyChange { currency: invoice.currency };
        figures.push(Figure { amount: *difference, unit, evidence_id: evidence.id.clone() });
    }
    sentence.push('.');
    Block::Commentary { paragraphs: vec![sentence], figures }
}
