//! What a baseline has beside usage: commitments, fees, and what is not repeated.

use std::collections::{BTreeMap, BTreeSet};

use money::{Amount, AmountError, Ratio};
use query::{Dimension, Note};
use scenario::{Commitment, Filter, Line, Treatment};

use super::baseline::{Ground, YEAR};
use super::bill::{Charges, note};
use crate::ApiError;

/// Commitments that are planned one by one, at most.
const COMMITMENTS_MAX: usize = 40;
/// A fee that is charged in so many months of a year is charged every month.
const MONTHLY: usize = 9;
/// The decimals of a discount in percent.
const DISCOUNT_DECIMALS: u8 = 6;
/// The terms that commitments are sold with, in months.
const TERMS: [u32; 3] = [12, 36, 60];

/// Commitments that are planned.
pub(super) struct Commitments {
    pub(super) ids: BTreeSet<String>,
    pub(super) planned: Vec<Commitment>,
}

pub(super) const fn none() -> Commitments {
    Commitments { ids: BTreeSet::new(), planned: Vec::new() }
}

/// What the bill tells of a commitment.
#[derive(Default)]
struct Seen<'a> {
    /// By month of the history.
    used: BTreeMap<usize, Amount>,
    unused: BTreeMap<usize, Amount>,
    on_demand: BTreeMap<usize, Amount>,
    recurring: BTreeMap<usize, Amount>,
    upfront: Option<(usize, Amount)>,
    /// Whether some covered usage has no on-demand cost.
    unknown: bool,
    covered: Vec<&'a Charges>,
}

fn add(months: &mut BTreeMap<usize, Amount>, month: usize, amount: Amount) -> Result<(), AmountError> {
    let sum = months.entry(month).or_insert(Amount::ZERO);
    *sum = sum.checked_add(amount)?;
    Ok(())
}

/// The commitments that run: their fee and discount as observed lately, their lines at on-demand cost. Where the bill does not say what covered usage
/// would cost on demand, its effective cost is planned as usage.
pub(super) fn commitments(ground: &Ground<'_>, notes: &mut Vec<Note>) -> Result<Commitments, ApiError> {
    let mut seen: BTreeMap<&str, Seen<'_>> = BTreeMap::new();
    for charges in ground.bill.charges.iter().filter(|charges| !charges.commitment.is_empty()) {
        let one = seen.entry(&charges.commitment).or_default();
        if charges.purchase && charges.once {
            if charges.billed > Amount::ZERO {
                one.upfront = Some((charges.month, charges.billed));
            }
        } else if charges.purchase {
            add(&mut one.recurring, charges.month, charges.billed)?;
        } else if charges.unused {
            add(&mut one.unused, charges.month, charges.cost)?;
        } else if charges.used {
            add(&mut one.used, charges.month, charges.cost)?;
            match charges.on_demand {
                Some(amount) => add(&mut one.on_demand, charges.month, amount)?,
                None => one.unknown |= !charges.cost.is_zero(),
            }
            if charges.month >= ground.year_from() {
                one.covered.push(charges);
            }
        }
    }
    let last = ground.bill.months.saturating_sub(1);
    let mut found: Vec<Commitment> = Vec::new();
    let mut unplanned = 0_usize;
    for (id, one) in &seen {
        let runs = one.used.contains_key(&last) || one.unused.contains_key(&last);
        if !runs {
            continue;
        }
        match planned(ground, id, one)? {
            Some(commitment) => found.push(commitment),
            None => unplanned += 1,
        }
    }
    found.sort_by_key(|commitment| std::cmp::Reverse(commitment.monthly_fee));
    unplanned += found.len().saturating_sub(COMMITMENTS_MAX);
    found.truncate(COMMITMENTS_MAX);
    found.sort_by(|left, right| left.id.cmp(&right.id));
    tell(&found, unplanned, notes);
    Ok(Commitments { ids: found.iter().map(|commitment| commitment.id.clone()).collect(), planned: found })
}

fn tell(found: &[Commitment], unplanned: usize, notes: &mut Vec<Note>) {
    if !found.is_empty() {
        let endless = found.iter().filter(|commitment| commitment.term_months.is_none()).count();
        let ends = if endless == 0 {
            String::new()
        } else {
            format!(" The bill does not say when {endless} of them end: they go on until an operation lets them end.")
        };
        notes.push(note(
            "commitments",
            format!(
                "Usage that {} commitments cover is planned at its on-demand cost; fee and discount are those of the latest months.{ends}",
                found.len()
            ),
        ));
    }
    if unplanned > 0 {
        notes.push(note(
            "commitments_as_usage",
            format!(
                "What {unplanned} commitments cover is planned at its effective cost, as usage: the bill does not say what it would cost on demand, or they are small."
            ),
        ));
    }
}

fn planned(ground: &Ground<'_>, id: &str, seen: &Seen<'_>) -> Result<Option<Commitment>, ApiError> {
    let months: Vec<usize> = (ground.recent_from()..ground.bill.months)
        .filter(|month| seen.used.contains_key(month) || seen.unused.contains_key(month))
        .collect();
    let over = |sums: &BTreeMap<usize, Amount>| Amount::sum(months.iter().filter_map(|month| sums.get(month)).copied());
    let (used, unused, on_demand) = (over(&seen.used)?, over(&seen.unused)?, over(&seen.on_demand)?);
    let count = Amount::from_integer(i64::try_from(months.len()).unwrap_or(1));
    let digits = ground.currency().minor_digits();
    let fees = used.checked_add(unused)?;
    let Some(fee) = Ratio::of(fees, count, digits).filter(|fee| *fee > Amount::ZERO) else { return Ok(None) };
    let hundred = Amount::from_integer(100);
    let paid = Ratio::of(used.checked_mul(hundred)?, on_demand, DISCOUNT_DECIMALS);
    let discount = paid.and_then(|paid| hundred.checked_sub(paid).ok());
    let Some(discount) = discount.filter(|discount| !discount.is_negative() && *discount < hundred) else {
        return Ok(None);
    };
    if seen.unknown || seen.covered.is_empty() {
        return Ok(None);
    }
    let recurring = Ratio::of(over(&seen.recurring)?, count, digits).unwrap_or(Amount::ZERO);
    let (start, term, upfront) = bought(ground, seen, fee, recurring)?;
    Ok(Some(Commitment {
        id: id.to_owned(),
        values: dearest(&seen.covered),
        eligible: eligible(ground, &seen.covered),
        start: ground.month(start),
        term_months: term,
        monthly_fee: if term.is_some() { recurring.max(Amount::ZERO) } else { fee },
        upfront,
        discount,
        billed_in: ground.billed_in(&dearest(&seen.covered)),
    }))
}

/// When it was bought and for how long, where the payment at its start says so: what was paid then, over what a month bears of it.
fn bought(
    ground: &Ground<'_>,
    seen: &Seen<'_>,
    fee: Amount,
    recurring: Amount,
) -> Result<(usize, Option<u32>, Amount), ApiError> {
    let first = seen.used.keys().chain(seen.unused.keys()).min().copied().unwrap_or(0);
    let Some((month, paid)) = seen.upfront else { return Ok((first, None, Amount::ZERO)) };
    let borne = fee.checked_sub(recurring)?;
    let months = Ratio::of(paid, borne, 0).and_then(|months| u32::try_from(months.units()).ok());
    let term = months.and_then(|months| TERMS.into_iter().find(|term| months.abs_diff(*term) * 20 <= *term));
    let runs = term.filter(|term| month + usize::try_from(*term).unwrap_or(0) > ground.bill.months);
    Ok(match runs {
        Some(term) => (month, Some(term), paid),
        None => (first, None, Amount::ZERO),
    })
}

/// Where most of what it covers stands.
fn dearest(covered: &[&Charges]) -> Vec<String> {
    let mut sums: BTreeMap<&[String], Amount> = BTreeMap::new();
    for charges in covered {
        let sum = sums.entry(&charges.values).or_insert(Amount::ZERO);
        *sum = sum.checked_add(charges.cost).unwrap_or(*sum);
    }
    let most = sums.into_iter().max_by_key(|(values, sum)| (*sum, std::cmp::Reverse(*values)));
    most.map(|(values, _)| values.to_vec()).unwrap_or_default()
}

/// The lines that it covered in the latest year, by service, provider and account; tags say nothing of what is covered.
fn eligible(ground: &Ground<'_>, covered: &[&Charges]) -> Filter {
    let mut values: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (place, dimension) in ground.dimensions.iter().enumerate() {
        if place > 0 && matches!(dimension, Dimension::Tag(_) | Dimension::Extra(_)) {
            continue;
        }
        let found = covered.iter().map(|charges| charges.values[place].clone()).collect();
        values.insert(dimension.name().into_owned(), found);
    }
    Filter::Values(values)
}

/// Fees that go on by their schedule: those of commitments that are planned by themselves left out.
pub(super) fn fees(
    ground: &Ground<'_>,
    planned: &BTreeSet<String>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Line>, ApiError> {
    let charges = ground.charges(Treatment::CommitmentFee).filter(|charges| !planned.contains(&charges.commitment));
    let sums = ground.by_values(charges.map(|charges| (charges.values.as_slice(), charges.month, charges.cost)))?;
    let mut lines = Vec::new();
    let mut yearly = 0;
    for (values, history) in sums {
        let latest = &history[ground.year_from()..];
        let charged = latest.iter().filter(|amount| !amount.is_zero()).count();
        let every_month = charged >= MONTHLY.min(latest.len()) || latest.len() < YEAR;
        let last = history.last().copied().unwrap_or(Amount::ZERO);
        let amounts: Vec<Amount> = (0..ground.horizon)
            .map(|month| if every_month { last } else { latest[month % YEAR] })
            .map(|amount| ground.cents(amount))
            .collect();
        if amounts.iter().all(|amount| amount.is_zero()) {
            continue;
        }
        yearly += usize::from(!every_month);
        lines.push(ground.line(values, Treatment::CommitmentFee, amounts));
    }
    if !lines.is_empty() {
        let how = if yearly == 0 {
            "with the amount of the latest month".to_owned()
        } else {
            format!(
                "with the amount of the latest month; {yearly} that are not charged every month, as in the latest year"
            )
        };
        let what = match lines.len() {
            1 => "A fee or subscription goes on".to_owned(),
            count => format!("{count} fees and subscriptions go on"),
        };
        notes.push(note("fees", format!("{what} {how}.")));
    }
    Ok(lines)
}

/// Tells what the baseline does not count on: one-offs, credits beyond those that are known with a balance, corrections that stand for
/// themselves.
pub(super) fn not_repeated(ground: &Ground<'_>, known: usize, notes: &mut Vec<Note>) -> Result<(), ApiError> {
    let credits = match known {
        0 => "of credits are not counted on, as the bill does not say what is left of them",
        _ => "of credits were drawn; ahead only those count that are named with balance and expiry",
    };
    let told = [
        (Treatment::OneOff, "one_offs", "charged once and not repeated"),
        (Treatment::Credit, "credits", credits),
        (Treatment::Correction, "corrections", "of corrections stand for themselves and are not repeated"),
    ];
    for (treatment, code, words) in told {
        let latest = ground.charges(treatment).filter(|charges| charges.month >= ground.year_from());
        let amounts: Vec<&Charges> = latest.filter(|charges| !ground.cents(charges.cost).is_zero()).collect();
        if amounts.is_empty() {
            continue;
        }
        let sum = Amount::sum(amounts.iter().map(|charges| charges.cost))?;
        if ground.cents(sum).is_zero() {
            continue;
        }
        let largest = amounts.iter().max_by_key(|charges| charges.cost.abs());
        let example = largest.map_or_else(String::new, |charges| {
            format!(
                ", the largest {} in {} ({})",
                ground.money(charges.cost),
                ground.month(charges.month),
                ground.id(&charges.values)
            )
        });
        notes.push(note(code, format!("{} of the latest year {words}{example}.", ground.money(sum))));
    }
    Ok(())
}
