//! Small lines and commitments for the tests.

use std::collections::BTreeSet;

use commitment::model::{
    Capacity, Commitment, LineFilter, LineKey, Payment, Price, Program, Rate, Reach, Scope, Series, Span, Step, Term,
    Usage, UsageLine,
};
use money::Amount;

pub fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

pub fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

pub fn span(step: Step, steps: usize) -> Span {
    Span::new("2026-03-01T00:00:00Z".parse().unwrap(), step, steps).unwrap()
}

pub fn series(amounts: &[&str]) -> Series {
    Series::from_amounts(&amounts.iter().map(|text| amount(text)).collect::<Vec<_>>()).unwrap()
}

/// A line of the provider's account `sku`'s own, with cost and quantity by step.
pub fn line(
    provider: &str,
    account: &str,
    sku: &str,
    programs: &[Program],
    cost: &[&str],
    quantity: &[&str],
) -> UsageLine {
    UsageLine {
        key: LineKey {
            provider: provider.to_owned(),
            account: account.to_owned(),
            sku: sku.to_owned(),
            ..LineKey::default()
        },
        account_name: None,
        eligible: programs.iter().cloned().collect(),
        size_factor: None,
        on_demand: series(cost),
        list: None,
        quantity: series(quantity),
    }
}

pub fn usage(step: Step, lines: Vec<UsageLine>) -> Usage {
    let steps = lines.first().map_or(1, |line| line.on_demand.len());
    Usage::new("USD".parse().unwrap(), span(step, steps), BTreeSet::new(), lines).unwrap()
}

/// A commitment of 2026 of one year without rates, owned by account `a`.
pub fn commitment(id: &str, provider: &str, program: Program, capacity: Capacity) -> Commitment {
    let spend = matches!(capacity, Capacity::DiscountedSpend(_));
    Commitment {
        id: id.to_owned(),
        name: id.to_owned(),
        provider: provider.to_owned(),
        currency: "USD".parse().unwrap(),
        program,
        scope: Scope { owner_account: "a".to_owned(), reach: Reach::Organisation, usage: LineFilter::default() },
        term: Term::ONE_YEAR,
        payment: Payment::NoUpfront,
        start: "2026-01-01T00:00:00Z".parse().unwrap(),
        end: "2027-01-01T00:00:00Z".parse().unwrap(),
        capacity,
        upfront: Amount::ZERO,
        recurring: if spend { capacity.hourly() } else { Amount::ZERO },
        rates: Vec::new(),
    }
}

pub fn rate(sku: Option<&str>, price: Price) -> Rate {
    let lines = LineFilter { skus: sku.map(str::to_owned).into_iter().collect(), ..LineFilter::default() };
    Rate { lines, price, source: None }
}
