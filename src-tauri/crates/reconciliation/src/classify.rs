//! [`classify`]: a residual becomes parts that add up to it exactly.

use money::{Amount, AmountError};

use crate::candidate::Candidate;
use crate::invoice::{ChargeGroup, Invoice, Kind};
use crate::{Circumstances, Class};

/// A part of a residual.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// Why the two differ by it.
    pub class: Class,
    /// What it is of the residual (invoice less charges).
    pub amount: Amount,
    /// The rule that says so, as a sentence.
    pub rule: String,
    /// Whether charges, or the invoice's own words, come to exactly this; or it is within what rounding can do.
    pub proven: bool,
    /// The kind of charges that it is made of, where it is one.
    pub kind: Option<Kind>,
    /// Whether they are the invoice's own charges.
    pub own: bool,
    /// The places of charges without an invoice that it accounts for.
    pub groups: Vec<usize>,
}

/// At most so many explanations are taken together: with more, any sum can be hit by chance.
const TOGETHER_MAX: u32 = 3;

/// What rounding can do: half of the smallest unit of the currency for each line of the invoice and half for its total, and never
/// more than one whole unit of the currency.
#[must_use]
pub fn rounding_bound(lines: u64, minor_digits: u8) -> Amount {
    let halves = Amount::new(5 * (i128::from(lines) + 1), minor_digits + 1).unwrap_or(Amount::ZERO);
    halves.min(Amount::from_integer(1))
}

/// The parts of an invoice's residual (invoice less charges), zero parts left out.
///
/// What the invoice states of its kinds comes first: stated less charged. Of the rest, the fewest candidates are taken that come to
/// it within [`rounding_bound`], and what rounding can do is the part `rounding`. Where none do, the rest is `missing_account` when
/// sub accounts are gone that cost between half and twice of it the month before, and `unknown` otherwise.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn classify(
    invoice: &Invoice,
    residual: Amount,
    own: &[usize],
    groups: &[ChargeGroup],
    candidates: &[Candidate],
    circumstances: &Circumstances,
) -> Result<Vec<Part>, AmountError> {
    let mut parts = stated(invoice, own, groups)?;
    let told = Amount::sum(parts.iter().map(|part| part.amount))?;
    let rest = residual.checked_sub(told)?;
    let bound = rounding_bound(circumstances.lines, invoice.currency.minor_digits());
    match fewest(rest, candidates, bound)? {
        Some(taken) => {
            let mut open = rest;
            for candidate in taken {
                open = open.checked_sub(candidate.amount)?;
                parts.push(Part {
                    class: candidate.class,
                    amount: candidate.amount,
                    rule: candidate.rule.clone(),
                    proven: true,
                    kind: candidate.kind,
                    own: candidate.own,
                    groups: candidate.groups.clone(),
                });
            }
            let lines = match circumstances.lines {
                1 => "the one line".to_owned(),
                several => format!("each of {several} lines"),
            };
            parts.push(plain(
                Class::Rounding,
                open,
                format!("Half of the smallest unit for {lines} and for the total is {}.", bound.normalized()),
                true,
            ));
        }
        None => parts.push(unexplained(rest, circumstances)?),
    }
    parts.retain(|part| !part.amount.is_zero());
    Ok(parts)
}

fn plain(class: Class, amount: Amount, rule: String, proven: bool) -> Part {
    Part { class, amount, rule, proven, kind: None, own: false, groups: Vec::new() }
}

/// What the invoice says of its kinds, less what its charges have of them.
fn stated(invoice: &Invoice, own: &[usize], groups: &[ChargeGroup]) -> Result<Vec<Part>, AmountError> {
    let mut parts = Vec::new();
    for (kind, amount) in &invoice.stated {
        let class = match kind {
            Kind::Tax => Class::Tax,
            Kind::Credit => Class::Credit,
            Kind::Refund => Class::Refund,
            Kind::Adjustment => Class::Rounding,
            Kind::ThirdParty => Class::ThirdParty,
            Kind::Other => continue,
        };
        let charged =
            Amount::sum(own.iter().filter(|group| groups[**group].kind == *kind).map(|group| groups[*group].amount))?;
        let rule = format!(
            "The invoice states {} of {}, its charges have {}.",
            class.label(),
            amount.normalized(),
            charged.normalized()
        );
        let amount = amount.checked_sub(charged)?;
        parts.push(Part { class, amount, rule, proven: true, kind: Some(*kind), own: true, groups: Vec::new() });
    }
    Ok(parts)
}

/// The fewest candidates that come within `bound` of the rest; among as few, those that come nearest; among as near, the first.
fn fewest(rest: Amount, candidates: &[Candidate], bound: Amount) -> Result<Option<Vec<&Candidate>>, AmountError> {
    let mut best: Option<(u32, Amount, u32)> = None;
    for mask in 0_u32..1 << candidates.len().min(16) {
        let count = mask.count_ones();
        let chosen = || candidates.iter().enumerate().filter(move |(at, _)| mask & (1 << at) != 0).map(|(_, one)| one);
        if count > TOGETHER_MAX || (count > 1 && chosen().any(|candidate| candidate.alone)) {
            continue;
        }
        let sum = Amount::sum(chosen().map(|candidate| candidate.amount))?;
        let off = rest.checked_sub(sum)?.abs();
        if off <= bound && best.is_none_or(|known| (count, off, mask) < known) {
            best = Some((count, off, mask));
        }
    }
    Ok(best.map(|(_, _, mask)| {
        candidates.iter().enumerate().filter(|(at, _)| mask & (1 << at) != 0).map(|(_, one)| one).collect()
    }))
}

/// The part for a rest that no charges come to.
fn unexplained(rest: Amount, circumstances: &Circumstances) -> Result<Part, AmountError> {
    let before = Amount::sum(circumstances.gone.iter().map(|(_, cost)| *cost))?;
    let double = |amount: Amount| amount.checked_add(amount);
    let alike = !rest.is_negative() && !before.is_zero() && double(before)? >= rest && before <= double(rest)?;
    if alike {
        let names: Vec<&str> = circumstances.gone.iter().map(|(account, _)| account.as_str()).collect();
        let rule = format!(
            "No charges are loaded of {}, which cost {} the month before.",
            names.join(", "),
            before.normalized()
        );
        return Ok(plain(Class::MissingAccount, rest, rule, false));
    }
    Ok(plain(Class::Unknown, rest, "No charges that are loaded come to it.".to_owned(), false))
}
