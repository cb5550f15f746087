//! Credits and agreements of the engagement as a baseline reads them: what the bill has drawn and spent since is taken into account.

use money::{Amount, Currency};
use query::Note;
use scenario::{Credit, Filter, Month, SpendAgreement, Tier, Treatment};
use store::Engagement;

use super::baseline::Ground;
use super::bill::note;
use super::currencies::at_rate;
use super::promises::{self, AgreementTerms, CreditTerms};
use crate::ApiError;

/// What a baseline has of them.
pub(super) struct Promised {
    pub(super) credits: Vec<Credit>,
    pub(super) agreements: Vec<SpendAgreement>,
}

pub(super) fn of(engagement: &Engagement, ground: &Ground<'_>, notes: &mut Vec<Note>) -> Result<Promised, ApiError> {
    let (credits, agreements) = promises::kept(engagement)?;
    let own = engagement.definition().currency;
    let mut promised = Promised { credits: Vec::new(), agreements: Vec::new() };
    for terms in &credits {
        match credit(ground, terms, own)? {
            Ok((credit, said)) => {
                notes.push(note("credit", said));
                promised.credits.push(credit);
            }
            Err(why) => notes.push(note("credit_left_out", format!("Credit {} is left out: {why}.", terms.name))),
        }
    }
    for terms in &agreements {
        match periods(ground, terms, own)? {
            Ok((mut found, said)) => {
                notes.push(note("agreement", said));
                promised.agreements.append(&mut found);
            }
            Err(why) => notes.push(note("agreement_left_out", format!("Agreement {} is left out: {why}.", terms.name))),
        }
    }
    Ok(promised)
}

/// What an amount of a currency is in the baseline's, and in what it is billed.
struct Rate {
    factor: Amount,
    billed_in: Option<Currency>,
}

impl Rate {
    fn of(ground: &Ground<'_>, currency: Currency) -> Result<Self, String> {
        if currency == ground.currency() {
            return Ok(Self { factor: Amount::from_integer(1), billed_in: None });
        }
        let factor = ground.bill.rates.get(&currency).copied();
        let factor =
            factor.ok_or_else(|| format!("it is in {currency}, from which this baseline was not converted"))?;
        Ok(Self { factor, billed_in: Some(currency) })
    }
}

/// The lines that something is about; in words why there can be none.
fn lines(ground: &Ground<'_>, wanted: &std::collections::BTreeMap<String, Vec<String>>) -> Result<Filter, String> {
    ground
        .filter(wanted)
        .map_err(|name| format!("it asks for {name}, by which the baseline does not tell its lines apart"))
}

/// A value for each dimension: that of the filter where it names one alone.
fn place(ground: &Ground<'_>, filter: &Filter, billed_in: Option<Currency>) -> Vec<String> {
    let Filter::Values(values) = filter else { return place(ground, &Filter::Values(Default::default()), billed_in) };
    let names = ground.names();
    let own = ground.currency().code().to_owned();
    let value = |name: &String| match values.get(name).map(|allowed| allowed.iter().collect::<Vec<_>>()).as_deref() {
        Some([only]) => (*only).clone(),
        _ if name == "billing_currency" => billed_in.map_or_else(|| own.clone(), |code| code.code().to_owned()),
        _ => String::new(),
    };
    names.iter().map(value).collect()
}

/// What fits the filter in the months of the history from `from` on.
fn since(
    ground: &Ground<'_>,
    filter: &Filter,
    from: Month,
    until: Month,
    counts: impl Fn(Treatment) -> bool,
) -> Result<Amount, ApiError> {
    let names = ground.names();
    let fitting = ground.bill.charges.iter().filter(|charges| {
        let month = ground.month(charges.month);
        from <= month && month < until && counts(charges.corrected) && filter.fits(&names, &charges.values)
    });
    Ok(Amount::sum(fitting.map(|charges| charges.cost))?)
}

fn credit(
    ground: &Ground<'_>,
    terms: &CreditTerms,
    own: Currency,
) -> Result<Result<(Credit, String), String>, ApiError> {
    let (rate, filter) = match (Rate::of(ground, terms.currency.unwrap_or(own)), lines(ground, &terms.filter)) {
        (Ok(rate), Ok(filter)) => (rate, filter),
        (Err(why), _) | (_, Err(why)) => return Ok(Err(why)),
    };
    let begins = ground.month(ground.bill.months);
    let Some(expires) = terms.last() else { return Ok(Err("its month of expiry cannot be read".to_owned())) };
    if expires < begins {
        return Ok(Err(format!("it expired in {expires}, before the baseline begins")));
    }
    let stated = at_rate(terms.balance, rate.factor)?;
    // What the bill drew after the balance was stated is gone.
    let drawn = match terms.seen_until() {
        None => Amount::ZERO,
        Some(seen) => {
            since(ground, &filter, seen.plus(1), begins, |treatment| treatment == Treatment::Credit)?.negated()
        }
    };
    let drawn = if drawn.is_negative() { Amount::ZERO } else { drawn };
    let left = stated.checked_sub(drawn)?;
    let balance = if left.is_negative() { Amount::ZERO } else { left };
    let limit = terms.monthly_limit.map(|limit| at_rate(limit, rate.factor)).transpose()?;
    let gone = if drawn.is_zero() { String::new() } else { format!(" after the bill drew {}", ground.money(drawn)) };
    let said = format!("Credit {}: {} left{gone}, until {expires}.", terms.name, ground.money(balance));
    let credit = Credit {
        id: terms.name.clone(),
        values: place(ground, &filter, rate.billed_in),
        eligible: filter,
        balance,
        from: terms.first().unwrap_or(begins),
        expires,
        monthly_limit: limit,
        billed_in: rate.billed_in,
    };
    Ok(Ok((credit, said)))
}

/// The periods of an agreement that reach into the horizon.
fn periods(
    ground: &Ground<'_>,
    terms: &AgreementTerms,
    own: Currency,
) -> Result<Result<(Vec<SpendAgreement>, String), String>, ApiError> {
    let (rate, filter) = match (Rate::of(ground, terms.currency.unwrap_or(own)), lines(ground, &terms.filter)) {
        (Ok(rate), Ok(filter)) => (rate, filter),
        (Err(why), _) | (_, Err(why)) => return Ok(Err(why)),
    };
    let begins = ground.month(ground.bill.months);
    let ends = ground.month(ground.bill.months + ground.horizon);
    let Some(first) = terms.first() else { return Ok(Err("its first month cannot be read".to_owned())) };
    let mut rebates = Vec::with_capacity(terms.rebates.len());
    for rebate in &terms.rebates {
        let percent = match rebate.percentage() {
            Ok(percent) => percent,
            Err(why) => return Ok(Err(why)),
        };
        rebates.push(Tier { up_to: rebate.up_to.map(|end| at_rate(end, rate.factor)).transpose()?, percent });
    }
    let months = i32::try_from(terms.period_months).unwrap_or(i32::MAX);
    let mut found = Vec::new();
    let mut said = Vec::new();
    for (number, minimum) in (0..).zip(&terms.commitments) {
        let start = first.plus(months.saturating_mul(number));
        let end = start.plus(months);
        if end <= begins || start >= ends {
            continue;
        }
        let minimum = at_rate(*minimum, rate.factor)?;
        // What was spent before the history is not known to the bill: it is told.
        let spent = since(ground, &filter, start, begins, |treatment| treatment != Treatment::Credit)?;
        let unseen = if start < ground.bill.first {
            format!(" ({} to {} are not loaded and count as nothing)", start, ground.bill.first.plus(-1))
        } else {
            String::new()
        };
        let over = if end > ends { "; the period ends beyond the months that are planned" } else { "" };
        said.push(format!(
            "{} to {}: {} promised, {} spent already{unseen}{over}",
            start,
            end.plus(-1),
            ground.money(minimum),
            ground.money(spent)
        ));
        let id = if terms.commitments.len() > 1 { format!("{} {start}", terms.name) } else { terms.name.clone() };
        found.push(SpendAgreement {
            id,
            values: place(ground, &filter, rate.billed_in),
            counts: filter.clone(),
            start,
            term_months: terms.period_months,
            minimum,
            already_spent: spent,
            rebates: rebates.clone(),
            billed_in: rate.billed_in,
        });
    }
    if found.is_empty() {
        return Ok(Err("none of its periods reaches into the months that are planned".to_owned()));
    }
    Ok(Ok((found, format!("Agreement {}: {}.", terms.name, said.join("; ")))))
}
