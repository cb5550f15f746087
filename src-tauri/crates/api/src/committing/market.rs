//! What a decision of a basket buys, at which rates; and what demand is assumed to do.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use commitment::model::{
    Capacity, Commitment, LineFilter, Payment, Price, Program, Rate, Scope, Term, Usage, UsageLine,
};
use commitment::whatif::{Basket, Decision, DecisionKind, DemandChange, Destination, Effect};
use money::{Amount, Currency, Ratio};

use super::baskets::{CommitmentBasket, CommitmentDecision, CommitmentDecisionKind, CommitmentDemand};
use super::optimize::{discount, payment, program};
use crate::ApiError;

/// The decimals of fees that are worked out.
const FEE_DECIMALS: u8 = 10;

fn start_of(day: NaiveDate) -> DateTime<Utc> {
    day.and_time(chrono::NaiveTime::MIN).and_utc()
}

/// A change of demand on the usage ahead.
pub(super) fn demand(change: &CommitmentDemand, first: DateTime<Utc>, usage: &Usage) -> Result<DemandChange, ApiError> {
    let set = |values: &[String]| values.iter().cloned().collect::<BTreeSet<_>>();
    let lines = LineFilter {
        services: set(&change.services),
        families: set(&change.families),
        regions: set(&change.regions),
        accounts: set(&change.accounts),
        ..LineFilter::default()
    };
    let one = Amount::from_integer(1);
    let effect = match (change.factor, change.move_share) {
        (Some(factor), None) => Effect::Scale(factor),
        (None, Some(share)) => {
            let like =
                usage.lines().iter().find(|line| change.to_family.is_some() && line.key.family == change.to_family);
            let to = Destination {
                region: change.to_region.clone(),
                family: change.to_family.clone(),
                instance_type: change.to_family.clone().map(|family| format!("{family} (moved)")),
                sku: change.to_family.clone().map(|family| format!("{family} (moved)")),
                eligible: like.map(|line| line.eligible.clone()),
                ..Destination::default()
            };
            Effect::Move { share, to: Box::new(to), cost: change.cost_factor.unwrap_or(one), quantity: one }
        }
        _ => {
            return Err(ApiError::new(
                "basket",
                format!("the change of demand `{}` needs either `factor` or `move_share`", change.name),
                "A factor of 0.7 is a fall of 30 %; a move_share of 0.5 moves half of it.",
            ));
        }
    };
    Ok(DemandChange {
        name: change.name.clone(),
        lines,
        from: change.from.map_or(first, start_of),
        until: change.until.map(start_of),
        effect,
    })
}

/// What can be bought, and at which rates.
pub(super) struct Market<'a> {
    pub(super) usage: &'a Usage,
    pub(super) offers: &'a [commitment::offer::OfferRate],
    pub(super) implied: &'a [commitment::offer::OfferRate],
    pub(super) currency: Currency,
    pub(super) first: DateTime<Utc>,
}

impl Market<'_> {
    /// A basket as the engine takes it.
    pub(super) fn basket(
        &self,
        name: &str,
        basket: &CommitmentBasket,
        inventory: &[Commitment],
    ) -> Result<Basket, ApiError> {
        let decisions = basket.decisions.iter().map(|one| self.decision(one, inventory)).collect::<Result<_, _>>()?;
        Ok(Basket { name: name.to_owned(), decisions })
    }

    /// A decision as the engine takes it.
    pub(super) fn decision(&self, one: &CommitmentDecision, inventory: &[Commitment]) -> Result<Decision, ApiError> {
        let needed = |what: &str| {
            ApiError::new(
                "basket",
                format!("the decision `{}` does not say which commitment it is about", one.id),
                what.to_owned(),
            )
        };
        let about = || one.commitment.clone().ok_or_else(|| needed("Give `commitment`, an id of the inventory."));
        let at = one.at.map_or(self.first, start_of);
        let kind = match one.kind {
            CommitmentDecisionKind::Buy => DecisionKind::Buy(self.purchase(one, None, at)?),
            CommitmentDecisionKind::LetExpire => DecisionKind::LetExpire { commitment: about()? },
            CommitmentDecisionKind::Renew => {
                let commitment = about()?;
                let old = inventory.iter().find(|held| held.id == commitment);
                let start = old.map_or(at, |old| old.end);
                DecisionKind::Renew { renewal: self.purchase(one, old, start)?, commitment }
            }
            CommitmentDecisionKind::Exchange => {
                let commitment = about()?;
                let old = inventory.iter().find(|held| held.id == commitment);
                DecisionKind::Exchange { into: self.purchase(one, old, at)?, commitment, at }
            }
            CommitmentDecisionKind::Return => {
                DecisionKind::Return { commitment: about()?, at, refund: one.refund.unwrap_or_default() }
            }
        };
        Ok(Decision { id: one.id.clone(), kind })
    }

    /// What a decision buys; what it does not say is as of the old one.
    fn purchase(
        &self,
        one: &CommitmentDecision,
        old: Option<&Commitment>,
        start: DateTime<Utc>,
    ) -> Result<Commitment, ApiError> {
        let lacks = |what: &str| {
            ApiError::new("basket", format!("the decision `{}` does not say {what}", one.id), "Write it in the basket.")
        };
        if one.id.trim().is_empty() {
            return Err(ApiError::new("basket", "a decision has no id", "Give each decision an id of its own."));
        }
        let program = match (&one.program, old) {
            (Some(key), _) => program(key)?,
            (None, Some(old)) => old.program.clone(),
            (None, None) => return Err(lacks("what is bought: `program`")),
        };
        let pay = match (&one.payment, old) {
            (None, Some(old)) => old.payment,
            (word, _) => payment(word.as_deref())?,
        };
        let term = Term { months: one.term_months.or(old.map(|old| old.term.months)).unwrap_or(12) };
        let hourly = one.hourly.or(old.map(|old| old.capacity.hourly())).ok_or_else(|| lacks("how much: `hourly`"))?;
        let set = |value: &Option<String>| value.iter().cloned().collect::<BTreeSet<_>>();
        let scope = match old {
            Some(old) if one.family.is_none() && one.region.is_none() && one.instance_type.is_none() => {
                old.scope.usage.clone()
            }
            _ => LineFilter { families: set(&one.family), regions: set(&one.region), ..LineFilter::default() },
        };
        let lines: Vec<&UsageLine> = self
            .usage
            .lines()
            .iter()
            .filter(|line| line.eligible.contains(&program) && scope.matches(&line.key))
            .filter(|line| {
                one.instance_type.is_none() || line.size_factor.is_some() || line.key.instance_type == one.instance_type
            })
            .collect();
        if lines.is_empty() {
            return Err(ApiError::new(
                "basket",
                format!(
                    "the decision `{}`: nothing in the usage can be covered by an {program} of that family and region",
                    one.id
                ),
                "`qd commit hours` lists what can be covered.",
            ));
        }
        let mut rates = Vec::new();
        let (mut paid, mut units) = (Amount::ZERO, Amount::ZERO);
        let all = 0..self.usage.span().steps();
        for line in &lines {
            let (cost, quantity) = (line.on_demand.sum(all.clone())?, line.quantity.sum(all.clone())?);
            let price = Ratio::of(cost, quantity, FEE_DECIMALS);
            let known = match one.discount {
                Some(discount) => Some((discount, "given in the basket".to_owned())),
                None => discount(line, price, (&program, term, pay), self.offers, self.implied),
            };
            let Some((discount, source)) = known else { continue };
            let factor = line.size_factor.unwrap_or(Amount::from_integer(1));
            paid = paid.checked_add(cost.checked_mul(Amount::from_integer(1).checked_sub(discount)?)?)?;
            units = units.checked_add(quantity.checked_mul(factor)?)?;
            let lines = LineFilter {
                skus: [line.key.sku.clone()].into(),
                regions: line.key.region.iter().cloned().collect(),
                platforms: line.key.platform.iter().cloned().collect(),
                ..LineFilter::default()
            };
            let rate = Rate { lines, price: Price::Discount(discount), source: Some(source) };
            if !rates.contains(&rate) {
                rates.push(rate);
            }
        }
        let old_rates = old.map(|old| old.rates.clone()).unwrap_or_default();
        if rates.is_empty() && old_rates.is_empty() {
            return Err(ApiError::new(
                "no_rate",
                format!("the decision `{}`: no rate of an {program} for {term} is known for that usage", one.id),
                "Import an offer sheet or the provider's price list, or give `discount`.",
            ));
        }
        if old.is_some_and(|old| old.program == program) {
            rates.extend(old_rates);
        }
        let normalised = lines.iter().any(|line| line.size_factor.is_some());
        let factor_of_type = one.instance_type.as_ref().and_then(|wanted| {
            lines.iter().find(|line| line.key.instance_type.as_ref() == Some(wanted)).and_then(|line| line.size_factor)
        });
        let capacity = match (&one.hourly, old) {
            (None, Some(old)) => old.capacity,
            _ if !program.reserves_usage() => Capacity::DiscountedSpend(hourly),
            _ => match factor_of_type {
                Some(factor) => Capacity::NormalisedUnits(hourly.checked_mul(factor)?),
                None if normalised => Capacity::NormalisedUnits(hourly),
                None => Capacity::Units(hourly),
            },
        };
        let a_unit = Ratio::of(paid, units, FEE_DECIMALS);
        let cost_an_hour = match (capacity.is_spend(), a_unit, old) {
            (true, ..) => capacity.hourly(),
            (false, Some(price), _) => price.checked_mul(capacity.hourly())?,
            (false, None, Some(old)) => old.recurring,
            (false, None, None) => return Err(lacks("a rate for what it covers")),
        };
        let mut bought = Commitment {
            id: one.id.clone(),
            name: one.id.clone(),
            provider: lines[0].key.provider.clone(),
            currency: self.currency,
            scope: Scope {
                owner_account: one
                    .account
                    .clone()
                    .or_else(|| old.map(|old| old.scope.owner_account.clone()))
                    .unwrap_or_else(|| lines[0].key.account.clone()),
                usage: if bound(&program) { scope } else { LineFilter::default() },
                ..Scope::default()
            },
            program,
            term,
            payment: pay,
            start,
            end: term.end_of(start).ok_or_else(|| lacks("a length within the calendar"))?,
            capacity,
            upfront: Amount::ZERO,
            recurring: cost_an_hour.normalized(),
            rates,
        };
        let hours = Amount::from_integer(bought.term_hours());
        let whole = cost_an_hour.checked_mul(hours)?;
        bought.upfront = match (one.upfront, pay) {
            (Some(upfront), _) => upfront,
            (None, Payment::NoUpfront) => Amount::ZERO,
            (None, Payment::AllUpfront) => whole,
            (None, Payment::PartialUpfront) => Ratio::of(whole, Amount::from_integer(2), 2).unwrap_or_default(),
        };
        let rest = whole.checked_sub(bought.upfront)?;
        bought.recurring = Ratio::of(rest, hours, FEE_DECIMALS).unwrap_or_default().normalized().max(Amount::ZERO);
        Ok(bought)
    }
}

/// Whether a programme is bound to a family.
const fn bound(program: &Program) -> bool {
    program.reserves_usage() || matches!(program, Program::AwsEc2InstanceSavingsPlan)
}
