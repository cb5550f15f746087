//! The bridge in words made from its numbers.

use money::{Amount, Currency, Rounding};
use query::{Evidence, Note};
use variance::{Effect, Movement, driver};

use super::{BridgeConvention, Change};

/// A part of the movement that is smaller than this share of it is not told, in hundredths.
const TOLD_PERCENT: i64 = 10;

/// What happened, in one sentence: how much, what mainly did it, and what worked against it.
pub(super) fn sentence(
    movement: Movement,
    base: Option<Amount>,
    difference: Amount,
    parts: &[(Effect, Amount)],
    currency: Currency,
) -> String {
    let figure = |amount: Amount| match below_the_smallest(amount, currency) {
        Some(smallest) => format!("by less than {smallest}"),
        None => report::words::money(amount.abs(), currency),
    };
    let signed = |amount: Amount| {
        let sign = if amount.is_negative() { "\u{2212}" } else { "+" };
        let sign = if below_the_smallest(amount, currency).is_some() { "" } else { sign };
        format!("{sign}{}", figure(amount))
    };
    let phrase = |(effect, amount): (Effect, Amount)| format!("{} {}", in_a_sentence(effect), signed(amount));
    let ratio = base.and_then(|base| money::Ratio::of(difference.abs(), base.abs(), super::RATIO_DECIMALS));
    let ratio = ratio.map(|ratio| format!(" ({})", report::words::percent(ratio))).unwrap_or_default();
    let against = driver(parts, difference.negated());
    let most = driver(parts, difference);
    let start = match movement {
        Movement::New => format!("New: {} where there was nothing", signed(difference)),
        Movement::Gone => format!("Gone: {} of what was there", signed(difference)),
        Movement::Up => format!("Up {}{ratio}", figure(difference)),
        Movement::Down => format!("Down {}{ratio}", figure(difference)),
        Movement::Same => {
            let most = parts.iter().max_by_key(|(_, amount)| amount.abs()).filter(|(_, amount)| !amount.is_zero());
            return match most {
                None => "No change".to_owned(),
                Some(part) => format!("No change in sum: {} is offset", phrase(*part)),
            };
        }
    };
    let Some(most) = most else { return start };
    let only = parts.iter().filter(|(_, amount)| !amount.is_zero()).count() == 1;
    if only && matches!(movement, Movement::New | Movement::Gone) && matches!(most.0, Effect::New | Effect::Retired) {
        return start;
    }
    let along = parts.iter().filter(|(_, amount)| amount.is_negative() == difference.is_negative());
    let along = Amount::sum(along.map(|(_, amount)| *amount)).unwrap_or_default();
    let lead = if only {
        "all of it"
    } else if at_least(most.1, along, 50) {
        "mostly"
    } else {
        "above all"
    };
    let told = against.filter(|(_, amount)| at_least(*amount, difference, TOLD_PERCENT));
    let told = told.map(|against| format!("; against it {}", phrase(against))).unwrap_or_default();
    format!("{start}, {lead} {}{told}", phrase(most))
}

/// The smallest unit of the currency as it is printed, where an amount is not nothing and yet would be printed as nothing.
fn below_the_smallest(amount: Amount, currency: Currency) -> Option<String> {
    let digits = currency.minor_digits();
    let printed = amount.rounded(digits, Rounding::HalfEven);
    let smallest = Amount::new(1, digits).ok().filter(|_| printed.is_zero() && !amount.is_zero())?;
    Some(report::words::money(smallest, currency))
}

/// Whether an amount is at least so many hundredths of another, signs aside.
fn at_least(amount: Amount, of: Amount, percent: i64) -> bool {
    let hundredfold = amount.abs().checked_mul(Amount::from_integer(100));
    let wanted = of.abs().checked_mul(Amount::from_integer(percent));
    matches!((hundredfold, wanted), (Ok(hundredfold), Ok(wanted)) if hundredfold >= wanted)
}

/// The label with a small first letter, but for what is a name.
fn in_a_sentence(effect: Effect) -> String {
    match effect {
        Effect::New => "new SKUs".to_owned(),
        Effect::Retired => "retired SKUs".to_owned(),
        other => {
            let label = other.label();
            label[..1].to_lowercase() + &label[1..]
        }
    }
}

/// What to know before using the bridge: the order of effects, the days, what could not be told apart.
pub(super) fn notes(found: &Change, convention: BridgeConvention) -> Vec<Note> {
    let Change { header, bridge, days, .. } = found;
    let note = |code: &str, message: String| Note { code: code.to_owned(), message };
    let money = |amount: Amount| report::words::money_with_currency(amount, header.currency);
    let mut notes = Vec::new();
    if found.period_assumed {
        let (from, to) = (header.period.from, header.period.last_day());
        notes.push(note(
            "period_assumed",
            format!("No period was named: {from} to {to}, the last month that is loaded."),
        ));
    }
    notes.push(note("order", convention.of().sentence().to_owned()));
    if days.base != days.current {
        let message = format!(
            "{} days are compared with {}; the longer usage is the effect of days, and volume is what is used beyond it.",
            days.current, days.base
        );
        notes.push(note("days", message));
    }
    for (effect, amount) in &bridge.parts {
        let count = bridge.of_items.iter().filter(|parts| !parts.of(*effect).is_zero()).count();
        let items = if count == 1 { "1 item".to_owned() } else { format!("{count} items") };
        let message = match effect {
            Effect::NotSeparable => format!(
                "Rate and volume not separable: {} in {items}, whose units are missing, differ between the periods, or have quantities that are not above zero.",
                money(*amount)
            ),
            Effect::UnsplitRate => format!(
                "Price and discounts not separable: {} in {items}, whose list or contracted cost is missing or zero.",
                money(*amount)
            ),
            _ => continue,
        };
        notes.push(note(effect.name(), message));
    }
    if bridge.rates.iter().any(|rates| !rates.separable && rates.base.is_some() && rates.current.is_some()) {
        let message = "The exchange rate of a currency cannot be told from its totals, which are not above zero; its change lies in the other effects.";
        notes.push(note("currency", message.to_owned()));
    }
    notes.extend(header.notes.iter().cloned());
    notes
}

/// How the bridge was made: the statement of its lines, the sources of its totals.
pub(super) fn evidence(found: &Change, convention: BridgeConvention) -> Evidence {
    let mut evidence = found.header.evidence.clone();
    evidence.definition.extend([
        format!(
            "Change is split by SKU: charges are added up by provider, service, region, SKU and nature in both periods, {} items. Volume and mix are taken within a service and pricing unit.",
            found.bridge.items
        ),
        convention.of().sentence().to_owned(),
        "Every level is an exact fraction and rounded once, to at least nine decimals; parts add up to the difference exactly.".to_owned(),
    ]);
    evidence
        .definition
        .extend(found.bridge.parts.iter().map(|(effect, _)| format!("{}: {}", effect.label(), effect.meaning())));
    evidence
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(base: Option<&str>, current: Option<&str>, parts: &[(Effect, &str)]) -> String {
        let amount = |text: &str| text.parse::<Amount>().unwrap();
        let parts: Vec<(Effect, Amount)> = parts.iter().map(|(effect, text)| (*effect, amount(text))).collect();
        let difference = Amount::sum(parts.iter().map(|(_, amount)| *amount)).unwrap();
        let (base, current) = (base.map(amount), current.map(amount));
        sentence(Movement::between(base, current), base, difference, &parts, "USD".parse().unwrap())
    }

    #[test]
    fn the_sentence_says_how_much_and_why() {
        assert_eq!(
            told(Some("100"), Some("150"), &[(Effect::Volume, "60"), (Effect::ListPrice, "-10")]),
            "Up 50.00 (50.0%), mostly volume +60.00; against it list price \u{2212}10.00"
        );
        assert_eq!(
            told(Some("100"), Some("99"), &[(Effect::Days, "-1")]),
            "Down 1.00 (1.0%), all of it days \u{2212}1.00"
        );
        let three = [(Effect::Volume, "4"), (Effect::Mix, "3"), (Effect::ListPrice, "3")];
        assert_eq!(told(Some("10"), Some("20"), &three), "Up 10.00 (100.0%), above all volume +4.00");
        assert_eq!(told(None, Some("7"), &[(Effect::New, "7")]), "New: +7.00 where there was nothing");
        assert_eq!(told(Some("7"), None, &[(Effect::Retired, "-7")]), "Gone: \u{2212}7.00 of what was there");
        assert_eq!(
            told(Some("7"), Some("0"), &[(Effect::Retired, "-7")]),
            "Down 7.00 (100.0%), all of it retired SKUs \u{2212}7.00"
        );
        assert_eq!(
            told(Some("0.05"), Some("0.046"), &[(Effect::Volume, "-0.004")]),
            "Down by less than 0.01 (8.0%), all of it volume by less than 0.01",
            "nothing is said to have moved by nothing"
        );
        assert_eq!(told(Some("7"), Some("7"), &[]), "No change");
        assert_eq!(
            told(Some("7"), Some("7"), &[(Effect::Volume, "2"), (Effect::ListPrice, "-2")]),
            "No change in sum: list price \u{2212}2.00 is offset"
        );
    }
}
