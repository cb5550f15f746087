//! A basket in words: the decision on one page, and the operations of a scenario.

use std::collections::BTreeSet;

use commitment::model::Usage;
use commitment::whatif::{MonthOutcome, Outcome};
use money::{Amount, Currency, Ratio};
use query::Note;

use super::baskets::{CommitmentBasket, CommitmentDecisionKind};

/// The purchases as operations of a scenario: monthly fee, upfront, discount, what they cover.
pub(super) fn scenario_text(basket: &CommitmentBasket, outcome: &Outcome, usage: &Usage) -> String {
    let mut text = "baseline = \"forecast\"\n".to_owned();
    let quoted = |value: &str| toml_edit::Value::from(value).to_string();
    for decision in &basket.decisions {
        let id = quoted(&decision.id);
        let Some(bought) = outcome.commitments.iter().find(|one| one.id == decision.id) else {
            if let (CommitmentDecisionKind::LetExpire | CommitmentDecisionKind::Return, Some(commitment)) =
                (decision.kind, &decision.commitment)
                && let Some(ended) = outcome.commitments.iter().find(|one| one.id == *commitment)
            {
                let from = ended.end.format("%Y-%m");
                text += &format!(
                    "\n[[operation]]\nid = {id}\nkind = \"expire\"\ncommitment = {}\nfrom = \"{from}\"\n",
                    quoted(commitment)
                );
            }
            continue;
        };
        let lines = || {
            usage
                .lines()
                .iter()
                .filter(|line| bought.rate_of(&line.key).is_some() && line.eligible.contains(&bought.program))
        };
        let services: BTreeSet<&str> = lines().map(|line| line.key.service.as_str()).collect();
        let dearest = lines().max_by_key(|line| line.on_demand.sum(0..usage.span().steps()).unwrap_or_default());
        let service = dearest.map(|line| line.key.service.as_str()).unwrap_or_default();
        let discount = dearest.and_then(|line| bought.rate_of(&line.key)?.price.share()).and_then(|share| {
            let paid = Amount::new(share.paid, 0).ok()?;
            let part = Ratio::of(paid, Amount::new(share.on_demand, 0).ok()?, 4)?;
            Amount::from_integer(1).checked_sub(part).ok()?.checked_mul(Amount::from_integer(100)).ok()
        });
        let monthly = bought.recurring.checked_mul(Amount::from_integer(730)).unwrap_or_default();
        let monthly = monthly.rounded(2, money::Rounding::HalfEven);
        let services: Vec<String> = services.iter().map(|name| quoted(name)).collect();
        let provider = quoted(&bought.provider);
        text += &format!(
            "\n[[operation]]\nid = {id}\nkind = \"commit\"\nat = {{ provider = {provider}, service = {} }}\n\
             where = {{ provider = {provider}, service = [{}] }}\nfrom = \"{}\"\nterm_months = {}\nmonthly_fee = {monthly}\nupfront = {}\n\
             discount = \"{} %\"\n",
            quoted(service),
            services.join(", "),
            bought.start.format("%Y-%m"),
            bought.term.months,
            bought.upfront.rounded(2, money::Rounding::HalfEven),
            discount.unwrap_or_default().normalized(),
        );
    }
    text
}

/// The decision on one page.
pub(super) fn memo(
    name: &str,
    basket: &CommitmentBasket,
    outcome: &Outcome,
    (undecided, total, saves): (&Option<MonthOutcome>, &Option<MonthOutcome>, Amount),
    remaining: &Amount,
    notes: &[Note],
    currency: Currency,
) -> Result<Vec<String>, money::AmountError> {
    let money = |amount: Amount| format!("{} {currency}", money::grouped(amount.rounded(2, money::Rounding::HalfEven)));
    let cost = |total: &Option<MonthOutcome>| total.as_ref().map_or(Ok(Amount::ZERO), MonthOutcome::cost);
    let mut lines = vec![format!("Commitment plan: {name}")];
    if !basket.note.is_empty() {
        lines.push(basket.note.clone());
    }
    for decision in &basket.decisions {
        let bought = outcome.commitments.iter().find(|one| one.id == decision.id);
        lines.push(match (bought, &decision.commitment) {
            (Some(bought), _) => format!(
                "{}: {} of {} an hour from {} for {}, {} at the start and {} an hour",
                decision.id,
                bought.program,
                bought.capacity.hourly().normalized(),
                bought.start.date_naive(),
                bought.term,
                money(bought.upfront),
                bought.recurring.normalized(),
            ),
            (None, about) => {
                format!("{}: {} {}", decision.id, decision.kind.in_words(), about.as_deref().unwrap_or_default())
            }
        });
    }
    lines.push(format!(
        "Cost of the months ahead: {} with this plan, {} when nothing is decided",
        money(cost(total)?),
        money(cost(undecided)?)
    ));
    lines.push(format!("It saves {}", money(saves)));
    if let Some(total) = total {
        let percent = |ratio: Option<Amount>| {
            let hundredfold = ratio.and_then(|ratio| ratio.checked_mul(Amount::from_integer(100)).ok());
            hundredfold.map_or_else(|| "-".to_owned(), |it| format!("{} %", it.rounded(1, money::Rounding::HalfEven)))
        };
        lines.push(format!(
            "Coverage {}, utilisation {}, unused {}, paid in cash {}",
            percent(total.figures.coverage()),
            percent(total.figures.utilisation()),
            money(total.figures.unused),
            money(total.cash)
        ));
    }
    lines.push(format!("Bound on the first day: {}", money(*remaining)));
    lines.extend(basket.demand.iter().map(|change| format!("Assumed: {}", change.name)));
    lines.push("Assumed: usage repeats the weeks of the history".to_owned());
    lines.extend(notes.iter().map(|note| format!("To know: {}", note.message)));
    let approver = if basket.approver.is_empty() { "................................" } else { &basket.approver };
    lines.push(format!("Approved by: {approver}"));
    Ok(lines)
}
