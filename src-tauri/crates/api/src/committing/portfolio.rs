//! `commitment_portfolio_start`: the cheapest mix of commitments over ways that demand may go, as a job that can be watched and stopped.

use std::collections::BTreeSet;
use std::sync::Arc;

use chrono::NaiveDate;
use commitment::model::{Capacity, Commitment, MonthOfYear, Step, Term};
use commitment::portfolio::{
    Aims, Constraints, Offered, Options, Portfolio, PortfolioError, Progress, Purchase, Replayed, Risk, frontier,
    problem_of,
};
use commitment::whatif::{Basket, DecisionKind, Desk, MonthOutcome, Paths, SamplePath};
use money::{Amount, Rounding};
use query::Note;
use store::{Engagement, Watch};

use super::baskets::{CommitmentBasket, CommitmentDecision};
use super::drawn::{Drawn, on_all_cores};
use super::market::Market;
use super::optimize::{payment, program};
use super::portfolio_wire::{
    CommitmentFrontierPoint, CommitmentLikely, CommitmentPortfolio, CommitmentPortfolioRequest, CommitmentPurchase,
    CommitmentSearched,
};
use super::reply::{capacity_word, payment_word};
use super::whatif::{Outlook, policy, wrong as wrong_whatif};
use super::{Ground, hours, note};
use crate::jobs::JobReply;
use crate::{ApiError, Context};

/// The largest factor of a path.
const FACTOR_MAX: i64 = 1_000;
/// Rounds of the search over steps drawn together, and over every step: a plan is worth more of them than a benchmark.
const ROUNDS: (usize, usize) = (200, 40);
/// Points of a frontier.
const WEIGHTS_MAX: usize = 12;

fn wrong(error: &PortfolioError) -> ApiError {
    let code = if matches!(error, PortfolioError::Cancelled) { "cancelled" } else { "portfolio" };
    ApiError::new(code, error.to_string(), "")
}

pub(crate) fn start(context: &Arc<Context>, request: CommitmentPortfolioRequest) -> Result<JobReply, ApiError> {
    let engagement = context.engagement()?;
    let held = context.clone();
    Ok(context.jobs.start(move |watch| {
        let reply = portfolio(&held, &engagement, &request, watch)?;
        serde_json::to_value(reply).map_err(|error| ApiError::bad_request(&error))
    }))
}

/// Something that may be bought, in a month.
struct Choice {
    instrument: u32,
    month: MonthOfYear,
    name: String,
    /// The purchase of one an hour.
    decision: CommitmentDecision,
    offered: Offered,
}

impl Choice {
    /// The purchase in a size.
    fn decision(&self, hourly: Amount) -> CommitmentDecision {
        CommitmentDecision { hourly: Some(hourly.normalized()), ..self.decision.clone() }
    }

    fn purchase(&self, hourly: Amount) -> CommitmentPurchase {
        CommitmentPurchase {
            name: self.name.clone(),
            instrument: self.instrument,
            month: self.month.to_string(),
            hourly: hourly.normalized(),
            hourly_in: capacity_word(self.offered.commitment.capacity).to_owned(),
        }
    }
}

fn portfolio(
    context: &Context,
    engagement: &Engagement,
    request: &CommitmentPortfolioRequest,
    watch: &Watch,
) -> Result<CommitmentPortfolio, ApiError> {
    watch.report(|progress| progress.phase = "Reading hours".to_owned());
    let ground = Ground::new(engagement, &request.question, watch)?;
    let horizon = request.horizon_months.unwrap_or(0);
    let mut outlook = Outlook::of(context, &ground, request.step, &request.demand, horizon)?;
    let (Drawn { samples, told: drawn, .. }, weights) = paths(context, engagement, request, &mut outlook, watch)?;
    let market = outlook.market();
    let (usage, inventory) = (&outlook.ahead.usage, &outlook.ahead.inventory);
    let mut notes = outlook.ahead.notes.clone();
    let choices = choices(request, &market, &mut notes)?;
    let policy = policy(true);
    let one = Amount::from_integer(1);
    let asked_weight = request.risk_weight.unwrap_or(Amount::ZERO);
    let aims = Aims {
        constraints: Constraints {
            upfront: request.upfront,
            longest_term_months: request.longest_term_months,
            coverage: request.coverage,
            slots: Vec::new(),
        },
        risk: Risk {
            weight: asked_weight,
            level: match request.risk_level {
                Some(level) => level,
                None => one.checked_sub(Amount::new(5, 2)?)?,
            },
        },
        discount_rate: request.capital_rate.unwrap_or(Amount::ZERO),
    };
    let offered: Vec<Offered> = choices.iter().map(|choice| choice.offered.clone()).collect();
    let mut problem =
        problem_of(usage, &policy, inventory, &offered, &samples, &aims).map_err(|error| wrong(&error))?;
    for (path, weight) in problem.paths.iter_mut().zip(weights) {
        path.weight = weight;
    }
    if let Some(most) = request.most_a_month {
        let starts: BTreeSet<usize> = problem.candidates.iter().map(|candidate| candidate.instrument.from).collect();
        problem.constraints.slots = starts.into_iter().map(|period| (period, most)).collect();
    }
    let sized = |candidate: usize, hourly: Amount| bought(&market, &choices[candidate].decision(hourly));
    let replaying = |done: usize, total: usize| {
        watch.report(|progress| {
            progress.phase = "Replaying paths".to_owned();
            progress.files_done = done as u64;
            progress.files_total = total as u64;
        });
        !watch.is_cancelled()
    };
    let along = Paths { samples: &samples, workers: &on_all_cores };
    let replayed = Replayed::new(usage, &policy, inventory, along, aims.discount_rate, &sized, &replaying);
    let mut risk_weights = request.risk_weights.clone();
    risk_weights.push(asked_weight);
    risk_weights.sort();
    risk_weights.dedup();
    if risk_weights.len() > WEIGHTS_MAX {
        return Err(ApiError::new(
            "question",
            format!("a frontier of {} points is too long", risk_weights.len()),
            format!("Give at most {} weights beside `risk_weight`.", WEIGHTS_MAX - 1),
        ));
    }
    let report = |at: &Progress| {
        watch.report(|progress| {
            progress.phase = format!("{:?}", at.phase);
            progress.files_done = at.round.0 as u64;
            progress.files_total = at.round.1 as u64;
        });
        !watch.is_cancelled()
    };
    let options = Options { most_rounds: ROUNDS, ..Options::default() };
    let all = frontier(&problem, &risk_weights, Some(&replayed), &options, &report).map_err(|error| wrong(&error))?;
    let place = risk_weights.iter().position(|weight| *weight == asked_weight).unwrap_or(0);
    let best = &all[place];
    notes.extend(best.findings.iter().map(|finding| note("portfolio", finding.to_string())));
    if usage.span().step() == Step::Day {
        notes.push(note(
            "by_the_day",
            "Usage is known by the day: an hour's purchase is weighed on the mean of its day.",
        ));
    }
    let cents = |amount: Amount| amount.rounded(2, Rounding::HalfEven);
    let searched = best.searched.clone().unwrap_or(commitment::portfolio::Searched {
        objective: best.objective,
        expected_cost: best.expected_cost,
        tail_cost: best.tail_cost,
    });
    notes.push(repriced(best, cents(searched.expected_cost)));
    let purchases = |found: &Portfolio| -> Vec<CommitmentPurchase> {
        found.purchases.iter().map(|one| choices[one.candidate].purchase(one.hourly)).collect()
    };
    let basket = basket(request, &choices, &best.purchases);
    let likely = likely(&outlook, &basket)?;
    let points = risk_weights.iter().zip(&all).map(|(weight, found)| CommitmentFrontierPoint {
        risk_weight: weight.normalized(),
        expected_cost: cents(found.expected_cost),
        expected_savings: cents(found.expected_savings),
        tail_cost: cents(found.tail_cost),
        tail_savings: cents(found.tail_savings),
        objective: cents(found.objective),
        bound: cents(found.bound),
        gap: found.gap,
        upfront: cents(found.upfront),
        coverage: found.coverage,
        purchases: purchases(found),
    });
    Ok(CommitmentPortfolio {
        currency: usage.currency(),
        purchases: purchases(best),
        expected_cost: cents(best.expected_cost),
        cost_without: cents(best.cost_without),
        expected_savings: cents(best.expected_savings),
        tail_cost: cents(best.tail_cost),
        tail_savings: cents(best.tail_savings),
        objective: cents(best.objective),
        bound: cents(best.bound),
        gap: best.gap,
        upfront: cents(best.upfront),
        coverage: best.coverage,
        costs: best.costs.iter().copied().map(cents).collect(),
        searched: CommitmentSearched {
            expected_cost: cents(searched.expected_cost),
            tail_cost: cents(searched.tail_cost),
            objective: cents(searched.objective),
        },
        likely,
        best_alone: best.best_standalone.as_ref().map(|alone| choices[alone.candidate].purchase(alone.hourly)),
        best_alone_objective: best.best_standalone.as_ref().map(|alone| cents(alone.objective)),
        frontier: points.collect(),
        basket,
        drawn,
        evidence: hours::evidence(&ground, &outlook.read.0),
        notes,
    })
}

/// What the replay made of the search's price, and why the two may differ.
fn repriced(best: &Portfolio, searched: Amount) -> Note {
    let replayed = best.expected_cost.rounded(2, Rounding::HalfEven);
    if searched == replayed {
        return note(
            "repriced_alike",
            format!("The replay of the provider's order prices it at {replayed}, as the search did."),
        );
    }
    note(
        "repriced",
        format!(
            "The search took it for {searched}, the replay of the provider's order prices it at {replayed}, which counts: the search puts accounts together and lets each commitment cover what saves most, the replay follows the order of the bill, line by line and account by account."
        ),
    )
}

/// The purchases of a portfolio as decisions, with the demand that they were chosen for.
fn basket(request: &CommitmentPortfolioRequest, choices: &[Choice], purchases: &[Purchase]) -> CommitmentBasket {
    CommitmentBasket {
        horizon_months: request.horizon_months.unwrap_or(0),
        decisions: purchases.iter().map(|one| choices[one.candidate].decision(one.hourly)).collect(),
        demand: request.demand.clone(),
        ..CommitmentBasket::default()
    }
}

/// The basket on the likely path, by the same desk as a what-if.
fn likely(outlook: &Outlook, basket: &CommitmentBasket) -> Result<CommitmentLikely, ApiError> {
    let Outlook { ahead, .. } = outlook;
    let mut desk = Desk::new(&ahead.usage, policy(true), ahead.inventory.clone());
    let decided = outlook.market().basket("portfolio", basket, &ahead.inventory)?;
    let nothing = Basket { name: "nothing decided".to_owned(), decisions: Vec::new() };
    let mut cost = |basket: &Basket| -> Result<Amount, ApiError> {
        let total = desk.evaluate(basket).map_err(|error| wrong_whatif(&error))?.total()?;
        Ok(total.as_ref().map_or(Ok(Amount::ZERO), MonthOutcome::cost)?.normalized())
    };
    let (undecided, cost) = (cost(&nothing)?, cost(&decided)?);
    Ok(CommitmentLikely { saves: undecided.checked_sub(cost)?.normalized(), cost, undecided })
}

/// A decision to buy, as the commitment that it buys.
fn bought(market: &Market<'_>, decision: &CommitmentDecision) -> Result<Commitment, PortfolioError> {
    let refused = |reason: String| PortfolioError::Pricing { reason };
    match market.decision(decision, &[]).map_err(|error| refused(error.message))?.kind {
        DecisionKind::Buy(bought) => Ok(bought),
        _ => Err(refused(format!("{} is no purchase", decision.id))),
    }
}

/// What may be bought, in each month in which it may be; what has no rate or nothing to cover is told.
fn choices(
    request: &CommitmentPortfolioRequest,
    market: &Market<'_>,
    notes: &mut Vec<Note>,
) -> Result<Vec<Choice>, ApiError> {
    let months: Vec<MonthOfYear> = market.usage.span().months().into_iter().map(|(month, _)| month).collect();
    let mut choices: Vec<Choice> = Vec::new();
    for (place, wanted) in request.instruments.iter().enumerate() {
        let (program, pay) = (program(&wanted.program)?, payment(wanted.payment.as_deref())?);
        let term = Term { months: wanted.term_months.unwrap_or(12) };
        for at in wanted.months.clone().unwrap_or_else(|| vec![0]) {
            let Some(month) = months.get(at as usize).copied() else {
                return Err(ApiError::new(
                    "portfolio",
                    format!("{program} cannot be bought in month {at}: only {} months are ahead", months.len()),
                    "Months are counted from 0.",
                ));
            };
            let day: NaiveDate = month.start().date_naive().max(market.first.date_naive());
            let stem = [Some(program.key()), wanted.family.as_deref(), wanted.region.as_deref()];
            let stem = stem.into_iter().flatten().collect::<Vec<_>>().join(" ");
            let mut id = format!("{stem} {month}");
            for number in 2.. {
                if choices.iter().all(|choice| choice.decision.id != id) {
                    break;
                }
                id = format!("{stem} {month} ({number})");
            }
            let decision = CommitmentDecision {
                id,
                at: Some(day),
                program: Some(wanted.program.clone()),
                family: wanted.family.clone(),
                region: wanted.region.clone(),
                term_months: Some(term.months),
                payment: Some(payment_word(pay).to_owned()),
                hourly: Some(Amount::from_integer(1)),
                discount: wanted.discount,
                ..CommitmentDecision::default()
            };
            let commitment = match bought(market, &decision) {
                Ok(commitment) => commitment,
                Err(error) => {
                    notes.push(note("not_offered", format!("{program} from {month} is not bought: {error}")));
                    break;
                }
            };
            let family = wanted.family.as_ref().map_or_else(String::new, |family| format!(" {family}"));
            choices.push(Choice {
                instrument: u32::try_from(place).unwrap_or(u32::MAX),
                month,
                name: format!("{program}{family}, {term}, {}, from {month}", payment_word(pay).replace('_', " ")),
                offered: Offered { granularity: granularity(market, &commitment)?, commitment, most: None },
                decision,
            });
        }
    }
    if choices.is_empty() {
        return Err(ApiError::new(
            "no_rate",
            "none of the instruments has a rate for usage ahead",
            "Import an offer sheet or a provider's price list, or give each a discount.",
        ));
    }
    Ok(choices)
}

/// The steps in which a commitment is sold: five decimals of money, whole machines, or the smallest machine of a family.
fn granularity(market: &Market<'_>, commitment: &Commitment) -> Result<Amount, money::AmountError> {
    match commitment.capacity {
        Capacity::DiscountedSpend(_) | Capacity::OnDemandSpend(_) => Amount::new(1, 5),
        Capacity::Units(_) => Ok(Amount::from_integer(1)),
        Capacity::NormalisedUnits(_) => {
            let reached = market.usage.lines().iter().filter(|line| {
                line.eligible.contains(&commitment.program) && commitment.scope.usage.matches(&line.key)
            });
            Ok(reached.filter_map(|line| line.size_factor).min().unwrap_or(Amount::from_integer(1)))
        }
    }
}

/// The ways that demand may go, with how likely each is: given, drawn, or none beside the likely one.
fn paths(
    context: &Context,
    engagement: &Engagement,
    request: &CommitmentPortfolioRequest,
    outlook: &mut Outlook,
    watch: &Watch,
) -> Result<(Drawn, Vec<u32>), ApiError> {
    if let Some(draw) = &request.draw {
        if !request.paths.is_empty() {
            return Err(ApiError::new("question", "paths are either given or drawn", "Leave out `paths` or `draw`."));
        }
        watch.report(|progress| progress.phase = "Drawing paths".to_owned());
        let drawn = outlook.draw((context, engagement), draw, watch)?;
        let weights = vec![1; drawn.samples.len()];
        return Ok((drawn, weights));
    }
    let usage = &outlook.ahead.usage;
    let (lines, months) = (usage.lines().len(), usage.span().months().len());
    let mut samples = Vec::new();
    for path in &request.paths {
        if let Some(factor) =
            path.factors.iter().find(|factor| factor.is_negative() || **factor > Amount::from_integer(FACTOR_MAX))
        {
            return Err(ApiError::new(
                "portfolio",
                format!("a path multiplies demand by {factor}"),
                format!("A factor is from 0 to {FACTOR_MAX}: 0.7 is a fall of 30 %."),
            ));
        }
        let last = path.factors.last().copied().unwrap_or(Amount::from_integer(1));
        let by_month: Vec<Amount> = (0..months).map(|month| path.factors.get(month).copied().unwrap_or(last)).collect();
        samples.push(SamplePath { factors: vec![by_month; lines] });
    }
    let given = Drawn { samples, growth: SamplePath { factors: Vec::new() }, told: Vec::new(), notes: Vec::new() };
    Ok((given, request.paths.iter().map(|path| path.weight).collect()))
}
