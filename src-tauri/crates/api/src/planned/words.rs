//! What a plan beside costs means, in words.

use money::{Amount, Currency, Ratio};
use query::{Note, Period};
use report::words::{money as written, money_with_currency, percent};

use super::plan::Plan;
use super::{RATIO_DECIMALS, note};

/// What to know of an answer with a plan laid over it.
pub(super) fn notes(
    plan: &Plan,
    period: Period,
    apart: Option<String>,
    total: bool,
    without: usize,
    rows: usize,
) -> Vec<Note> {
    if let Some(why) = apart {
        return vec![note("not_against_plan", format!("Nothing is held against the {}: {why}.", plan.label))];
    }
    let mut notes = Vec::new();
    let days = format!("{} to {}", period.from, period.last_day());
    if total && plan.cuts(period) {
        notes.push(note(
            "cut_plan",
            format!("Held against the {} of {days}: a month that is cut shares its amount evenly by days.", plan.label),
        ));
    } else if !total {
        notes.push(note("no_plan", format!("{}: the total shows no difference.", why_none(plan, period))));
    }
    if plan.budgets.is_empty() {
        return notes;
    }
    if without > 0 && rows > 0 {
        notes.push(note(
            "rows_without_plan",
            format!("{without} of {rows} rows have no amount in the {}: they show no difference.", plan.label),
        ));
    }
    notes
}

/// Why there is no amount for the whole of a question.
fn why_none(plan: &Plan, period: Period) -> String {
    let currency = plan.currency;
    match plan.span() {
        None => format!("The {} has no amounts in {currency}", plan.label),
        Some(span) if span.from > period.from || span.to < period.to => {
            format!("The {} is for {} to {}, not for all days of this period", plan.label, span.from, span.last_day())
        }
        Some(_) => format!("The {} has no amount for just these filters", plan.label),
    }
}

/// How a plan differs from its cost in one sentence, with the line that did most of it.
pub(super) fn headline(
    label: &str,
    planned: Amount,
    difference: Amount,
    most: Option<(&str, Amount)>,
    currency: Currency,
) -> String {
    let ratio = Ratio::of(difference.abs(), planned.abs(), RATIO_DECIMALS);
    let ratio = ratio.map(|ratio| format!(" ({})", percent(ratio))).unwrap_or_default();
    if difference.is_zero() {
        return format!("Just what the {label} says: {}", money_with_currency(planned, currency));
    }
    let side = if difference.is_negative() { "under" } else { "over" };
    let sign = if difference.is_negative() { "\u{2212}" } else { "+" };
    let most = most.map(|(name, amount)| {
        format!(", above all {} {sign}{}", name.replace("tag:", ""), written(amount.abs(), currency))
    });
    let most = most.unwrap_or_default();
    format!("{} {side} the {label}{ratio}{most}", money_with_currency(difference.abs(), currency))
}

/// What is known of a line's difference.
pub(super) fn explanation(planned: Option<Amount>, actual: Amount, difference: Amount, currency: Currency) -> String {
    match planned {
        None => "nobody planned it".to_owned(),
        Some(_) if difference.is_zero() => "as planned".to_owned(),
        Some(planned) if actual.is_zero() && !planned.is_zero() => "planned, and nothing was charged".to_owned(),
        Some(_) => {
            let sign = if difference.is_negative() { "\u{2212}" } else { "+" };
            format!(
                "rate and volume not separable, as the plan has no units: {sign}{}",
                written(difference.abs(), currency)
            )
        }
    }
}
