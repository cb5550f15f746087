//! Whether offers fit the bill.

use money::{Amount, Currency, Ratio};

use super::{OfferRate, OfferValue};
use crate::inventory::Finding;
use crate::model::LineKey;

/// A line of usage with its on-demand price.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BillLine {
    /// The line.
    pub key: LineKey,
    /// What one unit costs on demand at the contracted price.
    pub price: Option<Amount>,
}

/// What is wrong with rates, beside a bill in a currency: nothing in the bill is of their family, they cost more than on demand, their
/// currency is another. Each finding names the row.
#[must_use]
pub fn check(rates: &[OfferRate], lines: &[BillLine], currency: Currency) -> Vec<Finding> {
    let mut findings = Vec::new();
    for rate in rates {
        let row = rate.source.row.map_or_else(String::new, |row| format!("Row {row} of {}: ", rate.source.file));
        let what = [&rate.instance_type, &rate.family, &rate.sku, &rate.service].into_iter().flatten().next();
        let what = what.map_or_else(|| rate.program.to_string(), String::clone);
        let mut say = |code, message: String| {
            let file = Some(rate.source.file.clone());
            findings.push(Finding {
                code,
                subject: what.clone(),
                file,
                row: rate.source.row,
                message: format!("{row}{message}"),
            });
        };
        if let Some(other) =
            rate.currency.filter(|other| *other != currency && matches!(rate.value, OfferValue::Price(_)))
        {
            say("offer_currency", format!("the rate of {what} is in {other}, the bill in {currency}; it is not used."));
            continue;
        }
        let fitting: Vec<&BillLine> = lines.iter().filter(|line| rate.fits(&line.key)).collect();
        if fitting.is_empty() {
            let region = rate.region.as_ref().map_or_else(String::new, |region| format!(" in {region}"));
            say("not_in_bill", format!("nothing in the bill is {what}{region}; the rate is for nothing."));
            continue;
        }
        if let OfferValue::Price(price) = rate.value {
            let above = fitting.iter().find(|line| line.price.is_some_and(|on_demand| price > on_demand));
            if let Some(line) = above {
                let on_demand = line.price.unwrap_or_default();
                say(
                    "above_on_demand",
                    format!(
                        "the rate of {what} ({price}) is above the on-demand price in the bill ({}); committing to it would cost more than it saves.",
                        on_demand.normalized()
                    ),
                );
            }
        }
    }
    findings
}

impl BillLine {
    /// A line whose price is its on-demand cost over its quantity.
    #[must_use]
    pub fn new(key: LineKey, on_demand: Amount, quantity: Amount) -> Self {
        Self { key, price: Ratio::of(on_demand, quantity, 10).filter(|price| *price > Amount::ZERO) }
    }
}
