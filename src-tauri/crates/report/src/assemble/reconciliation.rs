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
    /// How the charges' sums were made, one for each currency.
    pub evidence: Vec<Evidence>,
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
    /// What the difference is made of; the parts add up to it.
    pub parts: Vec<DifferencePart>,
    /// What the analyst wrote about it.
    pub note: Option<String>,
    /// The id of the evidence of its charges.
    pub evidence_id: String,
}

/// A part of an invoice's difference.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DifferencePart {
    /// Why the two differ by it, in a word or two.
    pub class: String,
    /// What it is of the difference.
    pub amount: Amount,
    /// The rule that says so.
    pub rule: String,
    /// Whether charges come to exactly this, or it is within what rounding can do.
    pub proven: bool,
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
        evidence.iter().for_each(|evidence| self.register_evidence(evidence));
        let figure = |amount: Option<Amount>, unit: fn(Currency) -> Unit, line: &InvoiceLine| {
            amount.map_or(TableCell::Empty, |amount| TableCell::Figure {
                figure: Figure { amount, unit: unit(line.currency), evidence_id: line.evidence_id.clone() },
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
            if let Some(difference) = invoice.difference {
                let place = format!("Reconciliation, what invoice {} differs by", clean(name));
                checks::equal(&place, Amount::sum(invoice.parts.iter().map(|part| part.amount))?, difference)?;
            }
            rows.push(TableRow {
                role: TableRowRole::Group,
                cells: vec![
                    text(name),
                    text(&invoice.issuer),
                    text(&invoice.period),
                    text(invoice.currency.code()),
                    figure(invoice.amount, money, invoice),
                    figure(invoice.charges, money, invoice),
                    figure(invoice.difference, change, invoice),
                    text(&invoice.status),
                ],
            });
        }
        let first = &invoices[0];
        let currency = first.currency;
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
                figure(Some(sum(|invoice| invoice.amount)?), money, first),
                figure(Some(sum(|invoice| invoice.charges)?), money, first),
                figure(Some(sum(|invoice| invoice.difference)?), change, first),
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
            evidence_id: first.evidence_id.clone(),
        })?;
        let mut blocks = vec![agreement(invoices), Block::Reconciliation { table }];
        blocks.extend(differences(id, invoices)?);
        Ok(blocks)
    }
}

/// What the differences are made of, one row for each part; none where all invoices agree.
fn differences(id: &str, invoices: &[InvoiceLine]) -> Result<Option<Block>, ReportError> {
    let parts: Vec<(&InvoiceLine, &DifferencePart)> =
        invoices.iter().flat_map(|line| line.parts.iter().map(move |part| (line, part))).collect();
    let Some((first, _)) = parts.first() else { return Ok(None) };
    let text = |text: &str| TableCell::Text { text: clean(text) };
    let figure = |line: &InvoiceLine, amount: Amount| TableCell::Figure {
        figure: Figure {
            amount,
            unit: Unit::MoneyChange { currency: line.currency },
            evidence_id: line.evidence_id.clone(),
        },
    };
    let rows = parts
        .iter()
        .map(|(line, part)| TableRow {
            role: TableRowRole::Group,
            cells: vec![
                text(&part.rule),
                text(line.invoice_id.as_deref().unwrap_or("(no invoice number)")),
                text(&line.period),
                text(&part.class),
                text(if part.proven { "proven" } else { "open" }),
                text(line.currency.code()),
                figure(line, part.amount),
            ],
        })
        .collect();
    let total = if parts.iter().all(|(line, _)| line.currency == first.currency) {
        let whole = Amount::sum(parts.iter().map(|(_, part)| part.amount))?;
        let mut cells = vec![TableCell::Empty; 7];
        (cells[0], cells[5], cells[6]) = (text("Total"), text(first.currency.code()), figure(first, whole));
        Some(TableRow { role: TableRowRole::Total, cells })
    } else {
        None
    };
    let table = checks::seal(Table {
        id: format!("{id}-differences"),
        caption: "What the differences are made of".to_owned(),
        columns: vec![
            text_column("Why"),
            text_column("Invoice"),
            text_column("Billing period"),
            text_column("Class"),
            text_column("State"),
            text_column("Currency"),
            figure_column("Amount", true),
        ],
        rows,
        total,
        notes: Vec::new(),
        evidence_id: first.evidence_id.clone(),
    })?;
    Ok(Some(Block::Reconciliation { table }))
}

/// How many invoices agree, how many differences are explained, and what is open.
fn agreement(invoices: &[InvoiceLine]) -> Block {
    let agree = invoices.iter().filter(|line| line.difference.is_some_and(Amount::is_zero)).count();
    let closed = |line: &&InvoiceLine| line.parts.iter().all(|part| part.proven);
    let explained = invoices.iter().filter(closed).filter(|line| !line.difference.is_some_and(Amount::is_zero)).count();
    let open: Vec<&InvoiceLine> = invoices.iter().filter(|line| !closed(line)).collect();
    let mut sentence = format!("{agree} of {} invoices agree exactly with the charges loaded for them", invoices.len());
    match explained {
        0 => {}
        1 => sentence.push_str("; the difference of 1 is explained to the last digit"),
        several => sentence.push_str(&format!("; the differences of {several} are explained to the last digit")),
    }
    sentence.push_str(&match open.len() {
        0 => ".".to_owned(),
        1 => "; 1 is open.".to_owned(),
        several => format!("; {several} are open."),
    });
    let mut paragraphs = vec![sentence];
    let mut figures = Vec::new();
    for line in &open {
        let Some(difference) = line.difference else { continue };
        let classes: Vec<&str> =
            line.parts.iter().filter(|part| !part.proven).map(|part| part.class.as_str()).collect();
        let mut item = format!(
            "Open: {} on invoice {} of {} ({})",
            words::money_with_currency(difference, line.currency),
            clean(line.invoice_id.as_deref().unwrap_or("(no invoice number)")),
            clean(&line.period),
            classes.join(", ")
        );
        if let Some(note) = &line.note {
            item.push_str(&format!(". Note: {}", clean(note)));
        }
        if !item.ends_with('.') {
            item.push('.');
        }
        paragraphs.push(item);
        let unit = Unit::MoneyChange { currency: line.currency };
        figures.push(Figure { amount: difference, unit, evidence_id: line.evidence_id.clone() });
    }
    for line in invoices.iter().filter(closed) {
        if let Some(note) = &line.note {
            let name = clean(line.invoice_id.as_deref().unwrap_or("(no invoice number)"));
            paragraphs.push(format!("Note on invoice {name} of {}: {}", clean(&line.period), clean(note)));
        }
    }
    Block::Commentary { paragraphs, figures }
}
