//! How long a commitment runs and how it is paid, from what the bill lets slip.

use chrono::{DateTime, Utc};
use money::Amount;

use super::{BilledCharges, Known};
use crate::model::{Payment, Program, Term};

/// Where exports name the length of a term.
const TERMS: [&str; 8] = [
    "savings_plan_purchase_term",
    "savingsPlan/PurchaseTerm",
    "x_SkuTerm",
    "x_CommitmentDiscountTerm",
    "x_LeaseContractLength",
    "pricing_lease_contract_length",
    "Term",
    "x_Term",
];
const PAYMENTS: [&str; 6] = [
    "savings_plan_payment_option",
    "savingsPlan/PaymentOption",
    "x_PaymentOption",
    "x_PurchaseOption",
    "pricing_purchase_option",
    "PaymentOption",
];
const STARTS: [&str; 5] = [
    "reservation_start_time",
    "reservation/StartTime",
    "savings_plan_start_time",
    "savingsPlan/StartTime",
    "x_CommitmentDiscountStart",
];
const ENDS: [&str; 5] = [
    "reservation_end_time",
    "reservation/EndTime",
    "savings_plan_end_time",
    "savingsPlan/EndTime",
    "x_CommitmentDiscountEnd",
];
const UPFRONTS: [&str; 2] = ["reservation_upfront_value", "reservation/UpfrontValue"];
const OFFERING_CLASSES: [&str; 3] = ["x_OfferingClass", "pricing_offering_class", "pricing/OfferingClass"];

fn named(name: &str) -> String {
    format!("the bill: {name}")
}

/// A value that charges name under one of some names.
fn named_value<'a>(charges: &[&'a BilledCharges], names: &[&str]) -> Option<(&'a str, &'a str)> {
    charges.iter().find_map(|one| one.detail(names))
}

/// The length of a term as bills write it: `1yr`, `3yr`, `P1Y`, `36` (months), `1 year`, `3 Years`, `31536000` (seconds).
#[must_use]
pub(crate) fn term_of(text: &str) -> Option<Term> {
    let lower = text.trim().to_ascii_lowercase();
    let lower = lower.strip_prefix('p').filter(|rest| rest.starts_with(|c: char| c.is_ascii_digit())).unwrap_or(&lower);
    let digits: String = lower.chars().take_while(char::is_ascii_digit).collect();
    let number: u32 = digits.parse().ok()?;
    let unit = lower[digits.len()..].trim().trim_start_matches('-');
    let months = match unit {
        "y" | "yr" | "yrs" | "year" | "years" => number.checked_mul(12)?,
        "m" | "mo" | "month" | "months" => number,
        "" if number == 1 || number == 3 || number == 5 => number * 12,
        "" if number == 31_536_000 => 12,
        "" if number == 94_608_000 => 36,
        "" => number,
        _ => return None,
    };
    (1..=120).contains(&months).then_some(Term { months })
}

/// A payment option as bills and offers write it: `No Upfront`, `NoUpfront`, `all_upfront`, `Partial`.
#[must_use]
pub(crate) fn payment_of(text: &str) -> Option<Payment> {
    let letters: String = text.chars().filter(char::is_ascii_alphabetic).collect::<String>().to_ascii_lowercase();
    match letters.as_str() {
        "noupfront" | "no" | "none" | "monthly" => Some(Payment::NoUpfront),
        "partialupfront" | "partial" => Some(Payment::PartialUpfront),
        "allupfront" | "all" | "full" | "upfront" => Some(Payment::AllUpfront),
        _ => None,
    }
}

/// A date or an instant as bills write it.
#[must_use]
pub(crate) fn instant_of(text: &str) -> Option<DateTime<Utc>> {
    let text = text.trim();
    let day = || text.parse::<chrono::NaiveDate>().ok().map(|day| day.and_time(chrono::NaiveTime::MIN).and_utc());
    let plain = || chrono::NaiveDateTime::parse_from_str(text, "%Y-%m-%d %H:%M:%S").ok().map(|time| time.and_utc());
    text.parse::<DateTime<Utc>>().ok().or_else(day).or_else(plain)
}

/// The programme.
pub(super) fn program(charges: &[&BilledCharges]) -> Known<Program> {
    let first = |of: fn(&BilledCharges) -> Option<&str>| charges.iter().find_map(|one| of(one)).unwrap_or_default();
    let provider = charges.first().map(|one| one.provider.to_ascii_lowercase()).unwrap_or_default();
    let spend = first(|one| one.kind.as_deref()) == "Spend";
    let type_name = first(|one| one.type_name.as_deref());
    let id = charges.first().map(|one| one.commitment.as_str()).unwrap_or_default();
    if provider.contains("aws") || provider.contains("amazon") {
        if id.contains(":savingsplan") || spend || type_name.contains("Savings") {
            return savings_plan(charges);
        }
        let class = named_value(charges, &OFFERING_CLASSES);
        return match class {
            Some((name, class)) if class.eq_ignore_ascii_case("convertible") => {
                Known::new(Program::AwsConvertibleReservedInstance, named(name))
            }
            Some((name, _)) => Known::new(Program::AwsStandardReservedInstance, named(name)),
            None => Known::new(
                Program::AwsStandardReservedInstance,
                "a reading: the bill names no offering class, so the reservation is taken to be standard",
            ),
        };
    }
    let by_kind = "the bill: CommitmentDiscountCategory";
    if provider.contains("microsoft") || provider.contains("azure") {
        return Known::new(if spend { Program::AzureSavingsPlan } else { Program::AzureReservation }, by_kind);
    }
    if provider.contains("google") || provider == "gcp" {
        return Known::new(if spend { Program::GcpSpendCommitment } else { Program::GcpResourceCommitment }, by_kind);
    }
    let other = if type_name.is_empty() { "Commitment discount" } else { type_name };
    Known::new(Program::Other(other.to_owned()), "the bill: CommitmentDiscountType")
}

/// Which savings plan it is: the texts of its charges name it.
fn savings_plan(charges: &[&BilledCharges]) -> Known<Program> {
    let texts = charges.iter().flat_map(|one| {
        let own = one.meter.as_deref().filter(|_| !one.is_usage() || one.status == "Unused");
        let others = [one.type_name.as_deref(), one.description.as_deref(), one.name.as_deref(), own];
        let codes = one.detail(&["x_ServiceCode", "savings_plan_offering_type", "savingsPlan/OfferingType"]);
        let service = one.service.as_deref().filter(|_| one.is_purchase());
        others.into_iter().chain([codes.map(|(_, value)| value), service]).flatten().collect::<Vec<_>>()
    });
    let texts: Vec<String> = texts.map(str::to_ascii_lowercase).collect();
    let says = |words: &[&str]| texts.iter().any(|text| words.iter().any(|word| text.contains(word)));
    let program = if says(&["ec2instancesavings", "ec2 instance savings", "ec2sp:", "ec2instancesp"]) {
        Program::AwsEc2InstanceSavingsPlan
    } else if says(&["sagemaker", "machinelearningsavings"]) {
        Program::AwsSageMakerSavingsPlan
    } else if says(&["databasesavings", "database savings", "databasesp"]) {
        Program::AwsDatabaseSavingsPlan
    } else if says(&["computesavings", "compute savings", "computesp", "aws compute usage"]) {
        Program::AwsComputeSavingsPlan
    } else {
        return Known::new(
            Program::AwsComputeSavingsPlan,
            "a reading: the bill does not name the kind of savings plan, so it is taken to be a Compute Savings Plan",
        );
    };
    Known::new(program, "the bill: the texts of its charges")
}

/// All that the bill says about its length, each with where it stands.
pub(super) fn terms(charges: &[&BilledCharges]) -> Vec<Known<Term>> {
    let mut found: Vec<Known<Term>> = Vec::new();
    for name in TERMS {
        let value = named_value(charges, &[name]).and_then(|(_, value)| term_of(value));
        found.extend(value.map(|term| Known::new(term, named(name))));
    }
    for (what, text) in charges.iter().flat_map(|one| {
        let meter = one.meter.as_deref().filter(|_| !one.is_usage() || one.status == "Unused");
        [("its name", one.name.as_deref()), ("its meter", meter), ("its description", one.description.as_deref())]
    }) {
        // A text of usage is about the usage.
        let years = text.and_then(years_in);
        let known = |term: &Known<Term>| term.source.ends_with(what);
        if let Some(term) = years.filter(|_| !found.iter().any(known)) {
            found.push(Known::new(term, format!("a reading: {what}")));
        }
    }
    found
}

/// `1yr`, `3 year` and the like within a text.
fn years_in(text: &str) -> Option<Term> {
    let lower = text.to_ascii_lowercase();
    [("1", Term::ONE_YEAR), ("3", Term::THREE_YEARS)].into_iter().find_map(|(number, term)| {
        let says = |unit: &str| {
            lower
                .match_indices(&format!("{number}{unit}"))
                .any(|(at, _)| !lower[..at].ends_with(|before: char| before.is_ascii_digit() || before == '.'))
        };
        ["yr", " yr", "-yr", "year", " year", "-year"].iter().any(|unit| says(unit)).then_some(term)
    })
}

/// When it is paid.
pub(super) fn payment(charges: &[&BilledCharges], upfront: Option<Amount>) -> Option<Known<Payment>> {
    if let Some((name, value)) = named_value(charges, &PAYMENTS)
        && let Some(payment) = payment_of(value)
    {
        return Some(Known::new(payment, named(name)));
    }
    let meters = charges.iter().filter(|one| one.is_purchase()).filter_map(|one| one.meter.as_deref());
    for meter in meters {
        for (word, payment) in [
            ("NoUpfront", Payment::NoUpfront),
            ("PartialUpfront", Payment::PartialUpfront),
            ("AllUpfront", Payment::AllUpfront),
        ] {
            if meter.contains(word) {
                return Some(Known::new(payment, "the bill: its meter"));
            }
        }
    }
    let paid = |frequency: &str| {
        charges.iter().any(|one| one.is_purchase() && one.frequency == frequency && one.billed > Amount::ZERO)
    };
    let once = paid("One-Time") || upfront.is_some_and(|upfront| !upfront.is_zero());
    let source = "a reading: how often it is billed";
    match (once, paid("Recurring")) {
        (true, true) => Some(Known::new(Payment::PartialUpfront, source)),
        (true, false) => Some(Known::new(Payment::AllUpfront, source)),
        (false, true) => Some(Known::new(Payment::NoUpfront, source)),
        (false, false) => None,
    }
}

/// What was paid at the start, where the bill says.
pub(super) fn upfront(charges: &[&BilledCharges]) -> Option<Known<Amount>> {
    if let Some((name, value)) = named_value(charges, &UPFRONTS)
        && let Ok(value) = value.parse::<Amount>()
    {
        return Some(Known::new(value.normalized(), named(name)));
    }
    let once: Vec<_> = charges.iter().filter(|one| one.is_purchase() && one.frequency == "One-Time").collect();
    let sum = Amount::sum(once.iter().map(|one| one.billed)).ok()?;
    (!once.is_empty()).then(|| Known::new(sum.normalized(), "the bill: its one-time purchases"))
}

/// The dates that the bill names.
pub(super) fn dates(charges: &[&BilledCharges]) -> [Option<Known<DateTime<Utc>>>; 2] {
    [&STARTS, &ENDS].map(|names| {
        let (name, value) = named_value(charges, names.as_slice())?;
        Some(Known::new(instant_of(value)?, named(name)))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn terms_and_payments_are_read_however_they_are_written() {
        for (text, months) in [
            ("1yr", 12),
            ("3yr", 36),
            ("P3Y", 36),
            ("36", 36),
            ("1 year", 12),
            ("3 Years", 36),
            ("31536000", 12),
            ("12 months", 12),
        ] {
            assert_eq!(term_of(text), Some(Term { months }), "{text}");
        }
        assert_eq!(term_of("forever"), None);
        assert_eq!(years_in("VM_E8s_v5_1yr_2025"), Some(Term::ONE_YEAR));
        assert_eq!(years_in("Reserved VM Instance, D8s v5, 3 years, hour"), Some(Term::THREE_YEARS));
        assert_eq!(years_in("13 years"), None, "the number is 13");
        for text in ["No Upfront", "NoUpfront", "no_upfront", "Monthly"] {
            assert_eq!(payment_of(text), Some(Payment::NoUpfront), "{text}");
        }
        assert_eq!(payment_of("Partial Upfront"), Some(Payment::PartialUpfront));
        assert_eq!(payment_of("later"), None);
        assert!(instant_of("2018-04-24T00:34:01.000Z").is_some() && instant_of("2026-01-01").is_some());
    }
}
