//! Rates that the bill implies: what covered usage cost, over what it would have cost on demand.

use std::collections::BTreeMap;

use money::{Amount, AmountError, Currency};

use super::{OfferRate, OfferSource, OfferValue};
use crate::inventory::Held;
use crate::model::{LineKey, Payment, Term};

/// What the bill says that a commitment covered of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Implied<'a> {
    /// The commitment.
    pub held: &'a Held,
    /// The line.
    pub line: &'a LineKey,
    /// On demand.
    pub on_demand: Amount,
    /// Effective cost.
    pub cost: Amount,
}

/// The rate of each commitment for each SKU in each region that it covered; its length and payment option as far as they are known, else
/// a year and without upfront.
///
/// # Errors
/// [`AmountError::TooLarge`] past 38 digits.
pub fn implied(covers: &[Implied<'_>], currency: Currency) -> Result<Vec<OfferRate>, AmountError> {
    type Key<'a> = (&'a str, Option<&'a str>, &'a str, Option<&'a str>);
    let mut sums: BTreeMap<Key<'_>, (&Implied<'_>, Amount, Amount)> = BTreeMap::new();
    for cover in covers {
        let key = (
            cover.held.id.as_str(),
            cover.line.region.as_deref(),
            cover.line.sku.as_str(),
            cover.line.platform.as_deref(),
        );
        let sum = sums.entry(key).or_insert((cover, Amount::ZERO, Amount::ZERO));
        sum.1 = sum.1.checked_add(cover.cost)?;
        sum.2 = sum.2.checked_add(cover.on_demand)?;
    }
    let rates =
        sums.into_values().filter(|(_, _, on_demand)| *on_demand > Amount::ZERO).map(|(cover, paid, on_demand)| {
            let (held, line) = (cover.held, cover.line);
            OfferRate {
                provider: held.provider.clone(),
                program: held.program.value.clone(),
                service: Some(line.service.clone()),
                family: line.family.clone(),
                instance_type: line.instance_type.clone(),
                region: line.region.clone(),
                platform: line.platform.clone(),
                tenancy: line.tenancy.clone(),
                sku: Some(line.sku.clone()),
                unit: line.unit.clone(),
                term: held.term.as_ref().map_or(Term::ONE_YEAR, |term| term.value),
                payment: held.payment.as_ref().map_or(Payment::NoUpfront, |payment| payment.value),
                value: OfferValue::Share { paid, on_demand },
                upfront: None,
                currency: Some(currency),
                from: None,
                source: OfferSource { file: "the bill".to_owned(), row: None, commitment: Some(held.id.clone()) },
            }
        });
    Ok(rates.collect())
}
