//! What a baseline has beside usage: commitments, fees, percentages of the bill, and what is not repeated.

use std::collections::{BTreeMap, BTreeSet};

use money::{Amount, AmountError, Ratio, Rounding};
use query::{Dimension, Note};
use scenario::{Commitment, Filter, Line, PercentageCharge, Tier, Treatment, observed_percentage};

use super::baseline::{Ground, YEAR};
use super::bill::{Charges, note};
use crate::ApiError;

/// Commitments that are planned one by one, at most.
const COMMITMENTS_MAX: usize = 40;
/// Percentage charges that are planned one by one; more are put together by the first dimension.
const PERCENTAGES_MAX: usize = 40;
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

/// Charges that are a percentage of the bill, at the percentage of the latest year.
pub(super) fn percentages(ground: &Ground<'_>, notes: &mut Vec<Note>) -> Result<Vec<PercentageCharge>, ApiError> {
    let charges = || {
        ground
            .charges(Treatment::PercentageOfBill)
            .map(|charges| (charges.values.as_slice(), charges.month, charges.cost))
    };
    let mut sums = ground.by_values(charges())?;
    if sums.len() > PERCENTAGES_MAX {
        let mut merged: BTreeMap<Vec<String>, Vec<Amount>> = BTreeMap::new();
        for (mut values, history) in sums {
            let kept = places(ground, |dimension| *dimension == Dimension::Provider);
            for (place, value) in values.iter_mut().enumerate().skip(1) {
                if !kept.contains(&place) {
                    value.clear();
                }
            }
            let entry = merged.entry(values).or_insert_with(|| vec![Amount::ZERO; history.len()]);
            for (sum, amount) in entry.iter_mut().zip(history) {
                *sum = sum.checked_add(amount)?;
            }
        }
        sums = merged;
    }
    let mut base: Vec<(Vec<String>, Vec<Amount>)> = Vec::new();
    let counts = [Treatment::RecurringUsage, Treatment::CommitmentFee];
    let counted = ground.bill.charges.iter().filter(|charges| counts.contains(&charges.corrected));
    base.extend(ground.by_values(counted.map(|charges| (charges.values.as_slice(), charges.month, charges.cost)))?);
    let mut found = Vec::new();
    let mut told = Vec::new();
    // Support is charged on the bill, tax on both: what comes to less is a percentage of fewer things.
    let tax_last = |values: &[String]| values.iter().any(|value| value.to_lowercase().contains("tax"));
    let mut ordered: Vec<(Vec<String>, Vec<Amount>)> = sums.into_iter().collect();
    ordered.sort_by_key(|(values, _)| tax_last(values));
    let shared: Vec<Vec<String>> = ordered.iter().map(|(values, _)| values.clone()).collect();
    for (values, history) in ordered {
        let recent = &history[ground.recent_from()..];
        if recent.iter().all(|amount| amount.is_zero()) {
            continue;
        }
        let first = history.iter().position(|amount| !amount.is_zero()).unwrap_or(0).max(ground.year_from());
        let filter = base_filter(ground, &values, several_accounts(ground, &shared, &values));
        let names: Vec<String> = ground.dimensions.iter().map(|known| known.name().into_owned()).collect();
        let mut sums = vec![Amount::ZERO; history.len()];
        for (_, amounts) in base.iter().filter(|(of, _)| filter.fits(&names, of)) {
            for (sum, amount) in sums.iter_mut().zip(amounts) {
                *sum = sum.checked_add(*amount)?;
            }
        }
        let percent = observed_percentage(&history[first..], &sums[first..]).filter(|percent| !percent.is_negative());
        let Some(percent) = percent else {
            told.push(format!("{} is left out, as there was nothing to be a percentage of", ground.id(&values)));
            continue;
        };
        let shown = percent.rounded(2, Rounding::HalfEven);
        told.push(format!("{} {shown} %", ground.id(&values)));
        base.push((values.clone(), history));
        found.push(PercentageCharge {
            id: ground.id(&values),
            values,
            base: filter,
            tiers: vec![Tier { up_to: None, percent }],
            minimum: Amount::ZERO,
        });
    }
    if !told.is_empty() {
        let more = if told.len() > 4 { format!(" and {} more", told.len() - 4) } else { String::new() };
        told.truncate(4);
        notes.push(note(
            "percentages",
            format!(
                "Worked out anew as a percentage of usage and fees, as observed in the latest year: {}{more}.",
                told.join("; ")
            ),
        ));
    }
    Ok(found)
}

fn places(ground: &Ground<'_>, wanted: impl Fn(&Dimension) -> bool) -> Vec<usize> {
    (0..ground.dimensions.len()).filter(|place| wanted(&ground.dimensions[*place])).collect()
}

/// Whether a charge is made in several accounts: then each is a percentage of its own account, else of all of its provider.
fn several_accounts(ground: &Ground<'_>, charges: &[Vec<String>], values: &[String]) -> bool {
    let Some(account) = ground.dimensions.iter().position(|dimension| *dimension == Dimension::SubAccount) else {
        return false;
    };
    let provider = places(ground, |dimension| *dimension == Dimension::Provider);
    let alike = |other: &&Vec<String>| {
        other.first() == values.first() && provider.iter().all(|place| other[*place] == values[*place])
    };
    let accounts: BTreeSet<&str> = charges.iter().filter(alike).map(|other| other[account].as_str()).collect();
    accounts.len() > 1 && !accounts.contains("")
}

/// What a percentage is of: all of its provider and, where it is made account by account, of its account, where the baseline tells these apart.
fn base_filter(ground: &Ground<'_>, values: &[String], by_account: bool) -> Filter {
    let named = places(ground, |dimension| {
        *dimension == Dimension::Provider || (by_account && *dimension == Dimension::SubAccount)
    });
    let wanted: BTreeMap<String, BTreeSet<String>> = named
        .into_iter()
        .filter(|place| !values[*place].is_empty())
        .map(|place| (ground.dimensions[place].name().into_owned(), BTreeSet::from([values[place].clone()])))
        .collect();
    if wanted.is_empty() { Filter::Everything } else { Filter::Values(wanted) }
}

/// Tells what the baseline does not count on: one-offs, credits, corrections that stand for themselves.
pub(super) fn not_repeated(ground: &Ground<'_>, notes: &mut Vec<Note>) -> Result<(), ApiError> {
    let told = [
        (Treatment::OneOff, "one_offs", "charged once and not repeated"),
        (Treatment::Credit, "credits", "of credits are not counted on: the bill does not say what is left of them"),
        (Treatment::Correction, "corrections", "of corrections stand for themselves and are not repeated"),
    ];
    for (treatment, code, words) in told {
        let latest = ground.charges(treatment).filter(|charges| charges.month >= ground.year_from());
        let amounts: Vec<&Charges> = latest.filter(|charges| !ground.cents(charges.cost).is_zero()).collect();
        if amounts.is_empty() {
            continue;
        }
        let sum = Amount::sum(amounts.iter().map(|charges| charges.cost))?;
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
