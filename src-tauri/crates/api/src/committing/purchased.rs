//! What is held, as the commitments that the replay lays on usage.

use std::collections::{BTreeMap, BTreeSet};

use commitment::inventory::Held;
use commitment::model::{Capacity, Commitment, LineFilter, LineKey, Payment, Price, Program, Rate, Scope, Term, Usage};
use commitment::offer::OfferRate;
use money::{Amount, Currency, Ratio};
use query::Note;

use super::note;
use super::usage::Read;

/// The decimals of a cost an hour that is worked out from the bill.
const HOURLY_DECIMALS: u8 = 10;

/// The commitments of the bill, ready for the replay, and what had to be assumed of them.
pub(super) fn commitments(
    held: &[Held],
    read: &Read,
    offers: &[OfferRate],
    currency: Currency,
) -> Result<(Vec<Commitment>, Vec<Note>), money::AmountError> {
    let mut found = Vec::new();
    let mut notes = Vec::new();
    for one in held {
        let Some(capacity) = one.capacity.as_ref().map(|capacity| capacity.value) else {
            notes.push(note(
                "not_replayed",
                format!("{} is not replayed: the bill does not tell what it covers in an hour. Write it in commitments.csv.", one.name),
            ));
            continue;
        };
        let covered = covered(one, read)?;
        let capacity = as_the_bill_uses_it(one, capacity, &covered, read, &mut notes);
        let (start, end) = dates(one, read);
        let fees = fees(one, capacity, &mut notes)?;
        found.push(Commitment {
            id: one.id.clone(),
            name: one.name.clone(),
            provider: one.provider.clone(),
            currency,
            program: one.program.value.clone(),
            scope: Scope {
                owner_account: one.account.clone().unwrap_or_default(),
                usage: reach(one, capacity, covered.keys().copied(), read),
                ..Scope::default()
            },
            term: one.term.as_ref().map_or(Term::ONE_YEAR, |term| term.value),
            payment: one.payment.as_ref().map_or(Payment::NoUpfront, |payment| payment.value),
            start,
            end,
            capacity,
            upfront: fees.0,
            recurring: fees.1,
            rates: rates(one, &covered, offers),
        });
    }
    Ok((found, notes))
}

/// A reservation that leaves a part unused while other sizes of its family are paid on demand is bought for its own size: Azure calls it
/// optimised for capacity.
fn as_the_bill_uses_it(
    one: &Held,
    capacity: Capacity,
    covered: &BTreeMap<&LineKey, (Amount, Amount)>,
    read: &Read,
    notes: &mut Vec<Note>,
) -> Capacity {
    let (Capacity::NormalisedUnits(hourly), Program::AzureReservation) = (capacity, &one.program.value) else {
        return capacity;
    };
    let types: BTreeSet<&str> = covered.keys().filter_map(|line| line.instance_type.as_deref()).collect();
    let [only] = types.iter().copied().collect::<Vec<_>>()[..] else { return capacity };
    let own = |line: &&commitment::model::UsageLine| line.key.instance_type.as_deref() == Some(only);
    let factor = read.usage.lines().iter().find(own).and_then(|line| line.size_factor);
    let others = read.usage.lines().iter().any(|line| line.key.family == one.family && !own(&line));
    let Some(units) = factor.and_then(|factor| Ratio::of(hourly, factor, 4)) else { return capacity };
    if !others || one.figures.unused.is_zero() || one.instance_type.as_deref() != Some(only) {
        return capacity;
    }
    notes.push(note(
        "own_size_only",
        format!(
            "{} leaves a part unused while other sizes of {} are paid on demand: it is taken to cover {only} alone.",
            one.name,
            one.family.as_deref().unwrap_or("its family")
        ),
    ));
    Capacity::Units(units.normalized())
}

/// By line, what the bill says it covered on demand and what that cost.
fn covered<'a>(one: &Held, read: &'a Read) -> Result<BTreeMap<&'a LineKey, (Amount, Amount)>, money::AmountError> {
    let mut lines: BTreeMap<&LineKey, (Amount, Amount)> = BTreeMap::new();
    for ((id, line, _), cover) in &read.covers {
        if *id != one.id {
            continue;
        }
        let Some(on_demand) = cover.on_demand else { continue };
        let sum = lines.entry(line).or_default();
        *sum = (sum.0.checked_add(on_demand)?, sum.1.checked_add(cover.cost)?);
    }
    Ok(lines)
}

/// From when to when it covers: what is not known lies outside of the hours.
fn dates(one: &Held, read: &Read) -> (chrono::DateTime<chrono::Utc>, chrono::DateTime<chrono::Utc>) {
    let span = read.usage.span();
    let start = one.start.as_ref().map_or(one.first_seen, |start| start.value);
    let end = one.end.as_ref().map_or_else(|| span.end().max(one.last_seen), |end| end.value);
    // A commitment whose charges stop before its end was given back: it covers no longer.
    let stopped = span.end() - one.last_seen > chrono::Duration::days(2) && one.last_seen > one.first_seen;
    (start, if stopped { end.min(one.last_seen) } else { end })
}

/// Upfront and what is paid for each hour beside it. Where the two do not come to what the bill shows as used and unused of it, the
/// bill's own cost an hour counts.
fn fees(one: &Held, capacity: Capacity, notes: &mut Vec<Note>) -> Result<(Amount, Amount), money::AmountError> {
    let seconds = Amount::from_integer((one.last_seen - one.first_seen).num_seconds().max(1));
    let cost = one.figures.cost()?.checked_mul(Amount::from_integer(3_600))?;
    let billed = Ratio::of(cost, seconds, HOURLY_DECIMALS).unwrap_or_default().normalized();
    if one.figures.cost()?.is_zero() {
        // Only the analyst's table knows it: a plan costs what it covers.
        let hourly = if capacity.is_spend() { capacity.hourly() } else { Amount::ZERO };
        return Ok((Amount::ZERO, hourly));
    }
    let term = one.term.as_ref().map_or(12, |term| i64::from(term.value.months));
    let hours = Amount::from_integer(term * 730);
    if let (Some(upfront), Some(recurring)) = (&one.upfront, &one.recurring) {
        let spread = Ratio::of(upfront.value, hours, HOURLY_DECIMALS).unwrap_or_default();
        let planned = spread.checked_add(recurring.value)?;
        let off = planned.checked_sub(billed)?.abs().checked_mul(Amount::from_integer(500))?;
        if off <= billed {
            return Ok((upfront.value, recurring.value));
        }
        notes.push(note(
            "cost_from_the_bill",
            format!(
                "{}: its upfront and recurring fees come to {} an hour, the bill spreads {} over its hours; the bill's cost counts.",
                one.name,
                planned.normalized(),
                billed
            ),
        ));
    }
    Ok((Amount::ZERO, billed))
}

/// What it can reach: for plans of any usage everything that their programme may cover.
fn reach<'a>(one: &Held, capacity: Capacity, covered: impl Iterator<Item = &'a LineKey>, read: &Read) -> LineFilter {
    let set = |value: &Option<String>| value.iter().cloned().collect::<BTreeSet<String>>();
    let bound = one.program.value.reserves_usage() || one.program.value == Program::AwsEc2InstanceSavingsPlan;
    if !bound {
        return LineFilter::default();
    }
    let covered: Vec<&LineKey> = covered.collect();
    let zones = set(&one.zone);
    let mut filter = LineFilter { regions: set(&one.region), zones, ..LineFilter::default() };
    match capacity {
        Capacity::NormalisedUnits(_) | Capacity::DiscountedSpend(_) | Capacity::OnDemandSpend(_) => {
            filter.families = set(&one.family);
        }
        Capacity::Units(_) => filter.instance_types = set(&one.instance_type),
    }
    let known =
        |names: &BTreeSet<String>, value: &Option<String>| value.as_ref().is_some_and(|value| names.contains(value));
    // A family or type that no line carries is spelt otherwise there: what the bill shows as covered counts instead.
    let none_named = filter.families.is_empty() && filter.instance_types.is_empty();
    let carried = read.usage.lines().iter().any(|line| {
        known(&filter.families, &line.key.family) || known(&filter.instance_types, &line.key.instance_type)
    });
    if (none_named || !carried) && !covered.is_empty() {
        filter.families.clear();
        filter.instance_types.clear();
        filter.skus = covered.iter().map(|line| line.sku.clone()).collect();
    }
    let platforms: BTreeSet<String> = covered.iter().filter_map(|line| line.platform.clone()).collect();
    if let Some(platform) = &one.platform
        && one.program.value != Program::AwsEc2InstanceSavingsPlan
    {
        let carried = read.usage.lines().iter().any(|line| line.key.platform.as_ref() == Some(platform));
        filter.platforms = if carried { [platform.clone()].into() } else { platforms };
    }
    filter
}

/// The prices that the bill implies, and those of offers for what it does not show.
fn rates(one: &Held, covered: &BTreeMap<&LineKey, (Amount, Amount)>, offers: &[OfferRate]) -> Vec<Rate> {
    type Sku<'a> = (&'a str, Option<&'a str>, Option<&'a str>);
    let mut by_sku: BTreeMap<Sku<'_>, (Amount, Amount)> = BTreeMap::new();
    for (line, (on_demand, paid)) in covered {
        let sum = by_sku.entry((&line.sku, line.region.as_deref(), line.platform.as_deref())).or_default();
        let added = sum.0.checked_add(*on_demand).and_then(|left| Ok((left, sum.1.checked_add(*paid)?)));
        *sum = added.unwrap_or(*sum);
    }
    let set = |value: Option<&str>| value.map(str::to_owned).into_iter().collect::<BTreeSet<String>>();
    let mut rates: Vec<Rate> = by_sku
        .into_iter()
        .filter(|(_, (on_demand, _))| *on_demand > Amount::ZERO)
        .map(|((sku, region, platform), (on_demand, paid))| Rate {
            lines: LineFilter {
                skus: set(Some(sku)),
                regions: set(region),
                platforms: set(platform),
                ..LineFilter::default()
            },
            price: Price::Share { paid, on_demand },
            source: Some(format!("implied by the bill: {}", one.id)),
        })
        .collect();
    let term = one.term.as_ref().map(|term| term.value);
    let payment = one.payment.as_ref().map(|payment| payment.value);
    let fits = |offer: &&OfferRate| {
        offer.program == one.program.value && Some(offer.term) == term && payment.is_none_or(|it| it == offer.payment)
    };
    rates.extend(offers.iter().filter(fits).map(OfferRate::rate));
    rates
}

/// Ahead, a plan in money may meet usage that it has no rate for, since the bill shows none: its mean discount is taken there, so that what
/// is bought beside it does not leave it idle.
pub(super) fn with_rates_for_all(commitments: &mut [Commitment], usage: &Usage, notes: &mut Vec<Note>) {
    for one in commitments.iter_mut().filter(|one| one.capacity.is_spend()) {
        let unrated = |line: &&commitment::model::UsageLine| {
            line.key.provider == one.provider
                && line.eligible.contains(&one.program)
                && one.scope.usage.matches(&line.key)
                && one.rate_of(&line.key).is_none()
        };
        let lines = usage.lines().iter().filter(unrated).count();
        let shares = one.rates.iter().filter_map(|rate| match rate.price {
            Price::Share { paid, on_demand } => Some((paid, on_demand)),
            _ => None,
        });
        let (paid, on_demand): (Vec<Amount>, Vec<Amount>) = shares.unzip();
        let (Ok(paid), Ok(on_demand)) = (Amount::sum(paid), Amount::sum(on_demand)) else { continue };
        let Some(mean) = Ratio::of(paid, on_demand, 4).filter(|_| lines > 0 && on_demand > Amount::ZERO) else {
            continue;
        };
        let told = if lines == 1 {
            "1 line of usage that it may cover has".to_owned()
        } else {
            format!("{lines} lines of usage that it may cover have")
        };
        let discount =
            Amount::from_integer(1).checked_sub(mean).and_then(|part| part.checked_mul(Amount::from_integer(100)));
        notes.push(note(
            "mean_rate",
            format!(
                "{}: {told} no rate in the bill; its mean discount of {} % is taken there (a reading; an offer sheet tells it).",
                one.name,
                discount.unwrap_or_default().normalized()
            ),
        ));
        one.rates.push(Rate {
            lines: LineFilter::default(),
            price: Price::Share { paid, on_demand },
            source: Some(format!("a reading: the mean of what the bill shows for {}", one.id)),
        });
    }
}
