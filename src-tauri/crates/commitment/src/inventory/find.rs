//! [`find`]: from the charges of commitments to what is held.

use std::collections::BTreeMap;

use chrono::{DateTime, Duration, Months, Utc};
use money::{Amount, AmountError, Ratio};

use super::terms;
use super::{BilledCharges, Completion, Figures, Finding, Held, Known};
use crate::eligibility::{Attributes, EligibilityTable};
use crate::model::{Capacity, Program, Term};

/// The decimals of amounts an hour, half to even: the bill's own precision.
const HOURLY_DECIMALS: u8 = 10;

/// A day that the bill may name.
type Date = Option<Known<DateTime<Utc>>>;

/// From when to when a provider's usage is loaded.
pub type Seen = BTreeMap<String, (DateTime<Utc>, DateTime<Utc>)>;

/// What is held, and what is to be known about it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Inventory {
    /// The commitments, by provider and id.
    pub held: Vec<Held>,
    /// What is missing, contradicts itself or was told for nothing.
    pub findings: Vec<Finding>,
}

/// The commitments of a bill, completed by what the analyst tells. `seen` says what the charges can tell at all.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn find(
    charges: &[BilledCharges],
    seen: &Seen,
    eligibility: &EligibilityTable,
    completion: &Completion,
) -> Result<Inventory, AmountError> {
    let mut by_id: BTreeMap<(&str, &str), Vec<&BilledCharges>> = BTreeMap::new();
    for one in charges {
        by_id.entry((&one.provider, &one.commitment)).or_default().push(one);
    }
    let mut inventory = Inventory { held: Vec::new(), findings: completion.findings.clone() };
    for ((provider, id), mut own) in by_id {
        // The purchase knows best what was bought; then what nobody used; the covered usage is about the usage.
        own.sort_by_key(|one| (!one.is_purchase(), one.status == "Used"));
        let mut held = held(id, provider, &own, seen.get(provider), eligibility, &mut inventory.findings)?;
        completion.apply(&mut held, &mut inventory.findings);
        settle(&mut held, seen.get(provider), &mut inventory.findings);
        inventory.held.push(held);
    }
    let unknown = completion.rows.iter().filter(|row| !inventory.held.iter().any(|held| held.id == row.id));
    let added: Vec<Held> = unknown.filter_map(|row| completion.added(row, &mut inventory.findings)).collect();
    inventory.held.extend(added);
    inventory.held.sort_by(|left, right| (&left.provider, &left.id).cmp(&(&right.provider, &right.id)));
    Ok(inventory)
}

fn held(
    id: &str,
    provider: &str,
    own: &[&BilledCharges],
    seen: Option<&(DateTime<Utc>, DateTime<Utc>)>,
    eligibility: &EligibilityTable,
    findings: &mut Vec<Finding>,
) -> Result<Held, AmountError> {
    let text = |of: fn(&BilledCharges) -> Option<&String>| own.iter().find_map(|one| of(one).cloned());
    let own_text = |of: fn(&BilledCharges) -> Option<&String>| {
        own.iter().filter(|one| one.is_purchase() || one.status == "Unused").find_map(|one| of(one).cloned())
    };
    let program = terms::program(own);
    let upfront = terms::upfront(own);
    let payment = terms::payment(own, upfront.as_ref().map(|upfront| upfront.value));
    let platform = platform(own);
    let bought = bought(provider, own, platform.as_deref(), eligibility);
    let first_seen = own.iter().filter(|one| one.is_usage()).map(|one| one.from).min();
    let last_seen = own.iter().filter(|one| one.is_usage()).map(|one| one.until).max();
    let any = (own.iter().map(|one| one.from).min(), own.iter().map(|one| one.until).max());
    let first_seen = first_seen.or(any.0).unwrap_or_default();
    let last_seen = last_seen.or(any.1).unwrap_or_default();
    let [start, end] = terms::dates(own);
    let term = term(id, own, (&start, &end), last_seen, seen, findings);
    let bound = matches!(
        program.value,
        Program::AwsStandardReservedInstance
            | Program::AwsConvertibleReservedInstance
            | Program::AwsEc2InstanceSavingsPlan
            | Program::AzureReservation
            | Program::GcpResourceCommitment
    );
    let family = own.iter().find_map(|one| {
        one.detail(&["savings_plan_instance_type_family", "savingsPlan/InstanceTypeFamily"])
            .map(|(_, value)| value.to_owned())
    });
    let mut held = Held {
        id: id.to_owned(),
        name: text(|one| one.name.as_ref()).unwrap_or_else(|| id.rsplit('/').next().unwrap_or(id).to_owned()),
        provider: provider.to_owned(),
        type_name: text(|one| one.type_name.as_ref()),
        account: own_text(|one| one.account.as_ref()).or_else(|| text(|one| one.account.as_ref())),
        account_name: own_text(|one| one.account_name.as_ref()).or_else(|| text(|one| one.account_name.as_ref())),
        region: text(|one| one.region.as_ref()).filter(|_| bound),
        zone: zone(own).filter(|_| bound),
        family: family.or(bought.family).filter(|_| bound),
        instance_type: bought.instance_type.filter(|_| bound),
        platform: platform.filter(|_| bound),
        term,
        payment,
        start,
        end,
        capacity: None,
        upfront,
        recurring: None,
        first_seen,
        last_seen,
        figures: Figures::of(own)?,
        program,
    };
    held.recurring = recurring(own, &held);
    held.capacity = capacity(own, &held, &bought.size)?;
    Ok(held)
}

/// The zone of a zonal reservation; that of covered usage says nothing.
fn zone(own: &[&BilledCharges]) -> Option<String> {
    let own = own.iter().filter(|one| one.is_purchase() || one.status == "Unused");
    let named =
        own.clone().find_map(|one| one.detail(&["reservation_availability_zone", "reservation/AvailabilityZone"]));
    let zone = named.map(|(_, zone)| zone.to_owned()).or_else(|| own.clone().find_map(|one| one.zone.clone()));
    zone.filter(|zone| zone != "NA")
}

/// What a reservation was bought as, read from its meter by the rules of eligibility.
#[derive(Default)]
struct Bought {
    family: Option<String>,
    instance_type: Option<String>,
    size: Size,
}

/// How large it is beside the other sizes of its family.
#[derive(Clone, Copy, Default)]
struct Size {
    /// Normalised units of the size that was bought.
    factor: Option<Amount>,
    /// Whether it fits the other sizes.
    flexible: bool,
}

fn bought(provider: &str, own: &[&BilledCharges], platform: Option<&str>, eligibility: &EligibilityTable) -> Bought {
    for one in own {
        let Some(meter) = one.meter.as_deref() else { continue };
        // AWS meters the fee of a reservation as `HeavyUsage:t2.micro`, the usage as `BoxUsage:t2.micro`.
        let typed = meter.split_once("HeavyUsage:").map(|(_, instance_type)| instance_type);
        let usage_meter = match typed {
            Some(of) if of.starts_with("cache.") => format!("NodeUsage:{of}"),
            Some(of) if of.starts_with("db.") => format!("InstanceUsage:{of}"),
            Some(of) => format!("BoxUsage:{of}"),
            None => meter.to_owned(),
        };
        let service = one.service.as_deref().unwrap_or_default();
        let of = |platform| {
            eligibility.of(&Attributes { provider, service, meter: &usage_meter, platform, ..Attributes::default() })
        };
        let Some(found) = of(platform.unwrap_or("Linux")) else { continue };
        let instance_type = typed.map(str::to_owned).or_else(|| found.size.as_ref().map(|_| meter.to_owned()));
        // Of what fits no other size, the factor that its bill counts by is that of Linux.
        let factor = found.size_factor.or_else(|| of("Linux").and_then(|linux| linux.size_factor));
        let size = Size { factor, flexible: found.size_factor.is_some() };
        return Bought { family: Some(found.family), instance_type, size };
    }
    Bought::default()
}

/// The operating system that a reservation names in its description or details.
fn platform(own: &[&BilledCharges]) -> Option<String> {
    let named = own.iter().find_map(|one| one.detail(&["OperatingSystem", "x_Engine", "DatabaseEngine"]));
    let described = own.iter().filter(|one| one.is_purchase() || one.status == "Unused").find_map(|one| {
        let text = one.description.as_deref()?;
        ["Windows", "Red Hat", "SUSE", "Linux"].into_iter().find(|name| text.contains(name)).map(str::to_owned)
    });
    described.or_else(|| named.map(|(_, value)| value.to_owned()))
}

/// Its length: the first word of the bill on it, or the one that agrees with when its charges stop.
fn term(
    id: &str,
    own: &[&BilledCharges],
    dates: (&Date, &Date),
    last_seen: DateTime<Utc>,
    seen: Option<&(DateTime<Utc>, DateTime<Utc>)>,
    findings: &mut Vec<Finding>,
) -> Option<Known<Term>> {
    if let (Some(start), Some(end)) = dates {
        let months = [12, 36].into_iter().find(|months| {
            let full = start.value.checked_add_months(Months::new(*months));
            full.is_some_and(|full| (full - end.value).num_days().abs() <= 2)
        });
        if let Some(months) = months {
            return Some(Known::new(Term { months }, "the bill: from its start to its end"));
        }
    }
    let said = terms::terms(own);
    let first = said.first()?.clone();
    let Some(other) = said.iter().find(|other| other.value != first.value) else { return Some(first) };
    let stopped = seen.is_some_and(|(_, until)| *until - last_seen > Duration::days(2));
    let began = own.iter().map(|one| one.from).min().unwrap_or(last_seen);
    let agrees = |term: &&Known<Term>| {
        stopped && term.value.end_of(began).is_some_and(|end| (end - last_seen).num_days().abs() <= 2)
    };
    let chosen = said.iter().find(agrees).unwrap_or(&first).clone();
    findings.push(Finding {
        code: "terms_differ",
        subject: id.to_owned(),
        file: None,
        row: None,
        message: format!(
            "The bill gives {id} two lengths: {} ({}) and {} ({}). {} is taken; say which in commitments.csv.",
            first.value, first.source, other.value, other.source, chosen.value
        ),
    });
    Some(chosen)
}

/// What is paid for every hour: recurring purchases over the hours that they are for. Where a purchase names a day and is for a month
/// (Azure), the hours that the commitment was seen count.
fn recurring(own: &[&BilledCharges], held: &Held) -> Option<Known<Amount>> {
    let fees: Vec<_> = own.iter().filter(|one| one.is_purchase() && one.frequency == "Recurring").collect();
    if fees.is_empty() {
        let once = own.iter().any(|one| one.is_purchase());
        return once.then(|| Known::new(Amount::ZERO, "the bill: it is paid once"));
    }
    let billed = Amount::sum(fees.iter().map(|one| one.billed)).ok()?;
    let seen_seconds = (held.last_seen - held.first_seen).num_seconds();
    let fee_seconds: i64 = fees.iter().map(|one| one.seconds).sum();
    let by_month = fee_seconds * 2 < seen_seconds;
    let seconds = if by_month { seen_seconds } else { fee_seconds };
    let source =
        if by_month { "a reading: its fees over the hours that it was seen" } else { "the bill: its fees by the hour" };
    per_hour(billed, seconds).map(|hourly| Known::new(hourly, source))
}

fn per_hour(amount: Amount, seconds: i64) -> Option<Amount> {
    let whole = amount.checked_mul(Amount::from_integer(3600)).ok()?;
    Ratio::of(whole, Amount::from_integer(seconds), HOURLY_DECIMALS).map(Amount::normalized)
}

/// What it covers in an hour.
fn capacity(own: &[&BilledCharges], held: &Held, size: &Size) -> Result<Option<Known<Capacity>>, AmountError> {
    let seconds = (held.last_seen - held.first_seen).num_seconds();
    if !held.program.value.reserves_usage() {
        let kind = own.iter().find_map(|one| one.kind.as_deref()).unwrap_or_default();
        // Some bills do not say the kind; a commitment that is counted in a currency is one of money.
        let is_currency = |unit: &str| unit.parse::<money::Currency>().is_ok();
        let in_money = kind == "Spend" || own.iter().any(|one| one.unit.as_deref().is_some_and(is_currency));
        if matches!(held.program.value, Program::Other(_)) && !in_money {
            return units(own, held, seconds, size);
        }
        // Used and unused together are the commitment of each hour.
        let hourly = per_hour(held.figures.cost()?, seconds);
        let source = "the bill: what was and was not used of it, by the hour";
        return Ok(hourly.map(|hourly| Known::new(Capacity::DiscountedSpend(hourly), source)));
    }
    units(own, held, seconds, size)
}

fn units(
    own: &[&BilledCharges],
    held: &Held,
    seconds: i64,
    size: &Size,
) -> Result<Option<Known<Capacity>>, AmountError> {
    let normalised =
        own.iter().any(|one| one.unit.as_deref().is_some_and(|unit| unit.to_lowercase().contains("normali")));
    let fees: Vec<_> = own.iter().filter(|one| one.is_purchase() && one.quantity.is_some()).collect();
    let (quantity, seconds, source) = if fees.is_empty() {
        let parts = [held.figures.used_quantity, held.figures.unused_quantity];
        if parts == [None, None] {
            return Ok(None);
        }
        (Amount::sum(parts.into_iter().flatten())?, seconds, "a reading: what was and was not used of it, by the hour")
    } else {
        let quantity = Amount::sum(fees.iter().filter_map(|one| one.quantity))?;
        (quantity, fees.iter().map(|one| one.seconds).sum(), "the bill: the quantity of its fees, by the hour")
    };
    let Some(hourly) = per_hour(quantity, seconds).map(|hourly| hourly.rounded(4, money::Rounding::HalfEven)) else {
        return Ok(None);
    };
    let hourly = hourly.normalized();
    let capacity = match size.factor {
        Some(factor) if normalised && !size.flexible => {
            Capacity::Units(Ratio::of(hourly, factor, 4).unwrap_or(hourly).normalized())
        }
        _ if normalised => Capacity::NormalisedUnits(hourly),
        // Azure counts instances of the size that was bought; the family is exchangeable by its ratio.
        Some(factor) if held.program.value == Program::AzureReservation => {
            Capacity::NormalisedUnits(hourly.checked_mul(factor)?.normalized())
        }
        _ => Capacity::Units(hourly),
    };
    Ok(Some(Known::new(capacity, source)))
}

/// Fills start and end from each other and from what was seen, and says what is left open.
fn settle(held: &mut Held, seen: Option<&(DateTime<Utc>, DateTime<Utc>)>, findings: &mut Vec<Finding>) {
    let Some((from, until)) = seen else { return };
    let began = held.first_seen - *from > Duration::days(1);
    let stopped = *until - held.last_seen > Duration::days(2);
    if held.start.is_none() && began {
        held.start = Some(Known::new(held.first_seen, "a reading: its first charge"));
    }
    let term = held.term.as_ref().map(|term| term.value);
    if held.end.is_none()
        && let Some(end) = held.start.as_ref().zip(term).and_then(|(start, term)| term.end_of(start.value))
    {
        held.end = Some(Known::new(end, "a reading: its start and its length"));
    }
    if held.end.is_none() && stopped {
        held.end = Some(Known::new(held.last_seen, "a reading: its last charge"));
    }
    if held.start.is_none()
        && let Some((end, term)) = held.end.as_ref().zip(term)
        && let Some(start) = end.value.checked_sub_months(Months::new(term.months))
    {
        held.start = Some(Known::new(start, "a reading: its end and its length"));
    }
    let mut say = |code: &'static str, message: String| {
        findings.push(Finding { code, subject: held.id.clone(), file: None, row: None, message });
    };
    if let Some(end) = held.end.as_ref().filter(|end| stopped && end.value - held.last_seen > Duration::days(2)) {
        say(
            "stopped_early",
            format!(
                "{} runs until {}, but no charge of it comes after {}: was it returned, exchanged or sold, or is its end wrong?",
                held.name,
                end.value.date_naive(),
                held.last_seen.date_naive()
            ),
        );
    }
    let missing: Vec<&str> = [
        ("its end", held.end.is_none()),
        ("its length", held.term.is_none()),
        ("how it is paid", held.payment.is_none()),
        ("what it covers in an hour", held.capacity.is_none()),
    ]
    .into_iter()
    .filter_map(|(what, missing)| missing.then_some(what))
    .collect();
    if !missing.is_empty() {
        let name = &held.name;
        say(
            "incomplete",
            format!(
                "The bill does not tell of {name}: {}. Write it in commitments.csv with the id {}.",
                missing.join(", "),
                held.id
            ),
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn instant(text: &str) -> DateTime<Utc> {
        terms::instant_of(text).unwrap()
    }

    fn amount(text: &str) -> Amount {
        text.parse().unwrap()
    }

    /// A savings plan of 8 an hour over 30 days, 5,700 of 5,760 used.
    fn plan() -> Vec<BilledCharges> {
        let base = BilledCharges {
            provider: "AWS".to_owned(),
            commitment: "arn:aws:savingsplans::1:savingsplan/a".to_owned(),
            kind: Some("Spend".to_owned()),
            meter: Some("ComputeSP:1yrNoUpfront".to_owned()),
            seconds: 30 * 86_400,
            from: instant("2026-06-01"),
            until: instant("2026-07-01"),
            ..BilledCharges::default()
        };
        let purchase = BilledCharges {
            category: "Purchase".to_owned(),
            frequency: "Recurring".to_owned(),
            billed: amount("5760"),
            ..base.clone()
        };
        let usage = |status: &str, effective: &str, contracted: &str| BilledCharges {
            category: "Usage".to_owned(),
            status: status.to_owned(),
            effective: amount(effective),
            contracted: Some(amount(contracted)),
            meter: (status == "Used").then(|| "BoxUsage:m5.large".to_owned()),
            ..base.clone()
        };
        vec![purchase, usage("Used", "5700", "7600"), usage("Unused", "60", "60")]
    }

    fn found(charges: &[BilledCharges], from: &str, until: &str, csv: &str) -> Inventory {
        let seen = Seen::from([("AWS".to_owned(), (instant(from), instant(until)))]);
        let completion = super::super::completions("commitments.csv", csv.as_bytes());
        find(charges, &seen, &EligibilityTable::built_in().unwrap(), &completion).unwrap()
    }

    #[test]
    fn a_plan_is_read_from_its_charges() {
        let inventory = found(&plan(), "2025-07-01", "2026-10-01", "");
        let held = &inventory.held[0];
        assert_eq!(held.program.value, Program::AwsComputeSavingsPlan);
        assert_eq!(held.capacity.as_ref().unwrap().value, Capacity::DiscountedSpend(amount("8")));
        assert_eq!(held.recurring.as_ref().unwrap().value, amount("8"));
        assert_eq!(held.end.as_ref().unwrap().value, instant("2027-06-01"), "it began within the data");
        assert_eq!(held.figures.utilisation().unwrap(), Some(amount("0.989583")));
        assert_eq!(held.figures.savings().unwrap(), Some(amount("1840")));
        assert_eq!(held.figures.break_even_utilisation(), Some(amount("0.75")));
        assert_eq!(held.break_even_month(), None, "the bill says nothing of an upfront");
        assert!(inventory.findings.iter().any(|one| one.code == "stopped_early"), "eleven months are missing");
    }

    #[test]
    fn a_plan_that_was_there_before_and_stops_ended_when_it_stops() {
        let inventory = found(&plan(), "2026-06-01", "2026-10-01", "");
        let held = &inventory.held[0];
        assert_eq!(held.end.as_ref().unwrap().value, instant("2026-07-01"));
        assert_eq!(held.start.as_ref().unwrap().value, instant("2025-07-01"), "a year before its end");
        assert_eq!(held.remaining_fees(instant("2026-10-01")), Some(Amount::ZERO));
    }

    #[test]
    fn what_the_bill_does_not_tell_is_told_by_the_table() {
        let inventory = found(&plan(), "2026-06-01", "2026-07-01", "");
        assert!(inventory.findings.iter().any(|one| one.code == "incomplete" && one.message.contains("its end")));
        let csv = "id,end,upfront\narn:aws:savingsplans::1:savingsplan/a,2026-08-15,0\n";
        let inventory = found(&plan(), "2026-06-01", "2026-07-01", csv);
        let held = &inventory.held[0];
        assert_eq!(held.end.as_ref().unwrap().source, "commitments.csv, row 2");
        assert_eq!(held.remaining_fees(instant("2026-07-01")), Some(amount("8640")), "45 days of 8 an hour");
        assert_eq!(held.break_even_month(), Some(Amount::ZERO), "nothing was paid upfront");
        assert!(inventory.findings.is_empty(), "{:?}", inventory.findings);
    }

    #[test]
    fn commitments_end_in_the_month_of_their_last_hour() {
        let inventory =
            found(&plan(), "2026-06-01", "2026-07-01", "id,end\narn:aws:savingsplans::1:savingsplan/a,2026-09-01\n");
        let expiries = super::super::expiries(&inventory.held, instant("2026-07-01")).unwrap();
        assert_eq!(expiries.len(), 1);
        assert_eq!((expiries[0].month.to_string(), expiries[0].hourly), ("2026-08".to_owned(), amount("8")));
        assert!(expiries[0].hourly_left.is_zero());
    }

    #[test]
    fn two_lengths_are_told_and_the_one_that_agrees_with_the_charges_counts() {
        let mut charges = plan();
        for one in &mut charges {
            one.details = vec![("x_SkuTerm".to_owned(), "36".to_owned())];
            one.from = instant("2025-07-01");
            one.seconds = 365 * 86_400;
        }
        let inventory = found(&charges, "2025-06-01", "2026-10-01", "");
        assert_eq!(inventory.held[0].term.as_ref().unwrap().value, Term::ONE_YEAR, "its charges stop after a year");
        assert!(inventory.findings.iter().any(|one| one.code == "terms_differ"));
    }
}
