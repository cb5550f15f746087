//! A bill in several currencies: each is read by itself and put into the baseline's at one rate, so that what moves is usage.

use std::collections::BTreeMap;

use money::{Amount, AmountError, Currency, Rounding};
use query::{Conversion, RateDate};
use scenario::RuleTable;
use store::{Engagement, Watch};

use super::baseline_wire::BaselineConversion;
use super::bill::{self, Bill, Split, day, note};
use super::definitions::Named;
use crate::{ApiError, Context, planning, rates};

/// Decimals of a converted amount; a product with more is rounded half to even.
const DECIMALS_MAX: u8 = 12;

/// The bill of a baseline in its currency.
pub(super) fn read(
    context: &Context,
    engagement: &Engagement,
    named: &Named,
    rules: &RuleTable,
    watch: &Watch,
) -> Result<Bill, ApiError> {
    let Some(convert) = &named.definition.convert else {
        return bill::read(context, engagement, named, rules, None, watch)?.ok_or_else(bill::nothing);
    };
    let to = convert.to.unwrap_or(engagement.definition().currency);
    // Before the work: without a table there is nothing to convert by.
    rates::table(engagement, &convert.rates)?;
    let mut bills = Vec::new();
    for currency in &planning::with_rules(engagement)?.currencies {
        bills.extend(bill::read(context, engagement, named, rules, Some(*currency), watch)?);
    }
    together(engagement, convert, to, bills)
}

fn together(
    engagement: &Engagement,
    convert: &BaselineConversion,
    to: Currency,
    bills: Vec<Bill>,
) -> Result<Bill, ApiError> {
    let end = |bill: &Bill| bill.first.plus(i32::try_from(bill.months).unwrap_or(0));
    let (Some(first), Some(end)) = (bills.iter().map(|bill| bill.first).min(), bills.iter().map(end).max()) else {
        return Err(bill::nothing());
    };
    let months = usize::try_from(end.since(first)).unwrap_or(0);
    let known = day(end).and_then(|day| day.pred_opt()).unwrap_or_default();
    let found = rates_on(engagement, convert, to, &bills, known)?;
    // What is in the baseline's own currency comes first: its evidence is the one shown.
    let mut bills = bills;
    bills.sort_by_key(|bill| bill.currency != to);
    let mut whole: Option<Bill> = None;
    let mut said = Vec::new();
    for bill in bills {
        let rate = found.get(&bill.currency).copied();
        if let Some(rate) = rate {
            said.push(format!("1 {} is {} {to}", bill.currency, rate.normalized()));
        }
        let converted = converted(bill, first, months, rate)?;
        whole = Some(match whole {
            None => converted,
            Some(whole) => joined(whole, converted)?,
        });
    }
    let mut whole = whole.ok_or_else(bill::nothing)?;
    whole.currency = to;
    whole.rates = found;
    // Nothing is left out: what others say of charges in other currencies does not hold of all together.
    whole.notes.retain(|note| note.code != "other_currencies");
    if !said.is_empty() {
        let table = &convert.rates;
        whole.notes.push(note(
            "converted",
            format!(
                "{}, the rate of {table} on {known}: the whole history and every month ahead are at that rate, so that rates do not look like usage.",
                said.join("; ")
            ),
        ));
    }
    Ok(whole)
}

/// The rate of each other currency on the last day of the history.
fn rates_on(
    engagement: &Engagement,
    convert: &BaselineConversion,
    to: Currency,
    bills: &[Bill],
    known: chrono::NaiveDate,
) -> Result<BTreeMap<Currency, Amount>, ApiError> {
    let table = rates::table(engagement, &convert.rates)?;
    let conversion =
        Conversion { to, table: convert.rates.clone(), dated: RateDate::ChargeDay, age_days_max: convert.age_days_max };
    let needed: Vec<(Currency, chrono::NaiveDate)> =
        bills.iter().map(|bill| bill.currency).filter(|currency| *currency != to).map(|one| (one, known)).collect();
    let applied = table.apply(&conversion, &needed)?;
    Ok(applied.rates.into_iter().map(|rate| (rate.from, rate.factor)).collect())
}

/// The amount at a rate.
pub(super) fn at_rate(amount: Amount, rate: Amount) -> Result<Amount, AmountError> {
    let product = amount.normalized().checked_mul(rate)?;
    Ok(if product.scale() > DECIMALS_MAX { product.rounded(DECIMALS_MAX, Rounding::HalfEven) } else { product })
}

/// A bill counted from another month, at a rate.
fn converted(bill: Bill, first: scenario::Month, months: usize, rate: Option<Amount>) -> Result<Bill, ApiError> {
    let later = usize::try_from(bill.first.since(first)).unwrap_or(0);
    let mut bill = Bill { first, months, ..bill };
    let currency = bill.currency;
    for charges in &mut bill.charges {
        charges.month += later;
        if let Some(rate) = rate {
            charges.billed_in = Some(currency);
            charges.cost = at_rate(charges.cost, rate)?;
            charges.billed = at_rate(charges.billed, rate)?;
            charges.on_demand = charges.on_demand.map(|amount| at_rate(amount, rate)).transpose()?;
        }
    }
    if let Some(rate) = rate {
        let split: Result<Split, AmountError> =
            bill.split.into_iter().map(|(key, (cost, count))| Ok((key, (at_rate(cost, rate)?, count)))).collect();
        bill.split = split?;
    }
    Ok(bill)
}

fn joined(mut whole: Bill, other: Bill) -> Result<Bill, ApiError> {
    whole.charges.extend(other.charges);
    for (key, (cost, count)) in other.split {
        let entry = whole.split.entry(key).or_insert((Amount::ZERO, 0));
        entry.0 = entry.0.checked_add(cost)?;
        entry.1 += count;
    }
    for note in other.notes {
        if !whole.notes.iter().any(|known| known.code == note.code) {
            whole.notes.push(note);
        }
    }
    Ok(whole)
}
