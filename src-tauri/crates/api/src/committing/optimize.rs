//! `commitment_optimize`: the exact optimum of one instrument on what existing commitments leave, with the whole savings curve.

use std::collections::BTreeMap;

use commitment::model::{BenefitPolicy, Capacity, Commitment, LineKey, Payment, Program, Step, Term, UsageLine};
use commitment::offer::{OfferRate, OfferValue};
use commitment::optimum::{Curve, Eligible, EligibleLine, OptimumError, Point, whole_units_at};
use commitment::replay::replay_each;
use money::{Amount, Currency, Ratio};
use query::{Note, Period, Question};
use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use super::payments::{self, CommitmentPaymentOption, Purchase};
use super::replay::refused;
use super::usage::{CommitmentStep, LeftOut, Read, Wanted};
use super::{Ground, facts, hours, note, offers, purchased};
use crate::kpis::KpiEvidence;
use crate::{ApiError, Context};

/// Points of a curve that is drawn.
const POINTS: usize = 160;
/// The decimals that usage is laid on: a millionth of a unit of money.
const SCALE: u8 = 6;
/// Commitments in money are sold in steps of a hundred-thousandth, others by the unit.
const MONEY_STEP: (i128, u8) = (1, 5);

/// `commitment_optimize`.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct CommitmentOptimizeRequest {
    /// Its period, filters and currency.
    question: Question,
    /// Hours or days; without it hours where all usage has them, else days.
    #[serde(default)]
    #[ts(optional = nullable)]
    step: Option<CommitmentStep>,
    /// The programme, by its key.
    program: String,
    /// Only this family; a reservation and an EC2 Instance Savings Plan need one.
    #[serde(default)]
    #[ts(optional = nullable)]
    family: Option<String>,
    /// Only this region.
    #[serde(default)]
    #[ts(optional = nullable)]
    region: Option<String>,
    /// The length; a year without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    term_months: Option<u32>,
    /// `no_upfront`, `partial_upfront` or `all_upfront`; without it no upfront.
    #[serde(default)]
    #[ts(optional = nullable)]
    payment: Option<String>,
    /// A discount for all usage, a fraction, in place of the rates of offers and of the bill.
    #[serde(default)]
    #[ts(optional = nullable)]
    discount: Option<Amount>,
    /// What capital costs a year, a fraction: present values are worked out at it, and paying early is held against it. Nothing without it.
    #[serde(default)]
    #[ts(optional = nullable)]
    capital_rate: Option<Amount>,
    /// Commitments an hour to show on the curve beside today and the optimum.
    #[serde(default)]
    marks: Vec<Amount>,
}

/// The optimum.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct CommitmentOptimum {
    /// The currency.
    pub currency: Currency,
    /// The period that it rests on.
    pub period: Period,
    /// Hours or days.
    pub step: CommitmentStep,
    /// The programme's key.
    pub program: String,
    /// In words.
    pub label: String,
    /// The family, where it is of one.
    pub family: Option<String>,
    /// The region, where it is of one.
    pub region: Option<String>,
    /// The length in months.
    pub term_months: u32,
    /// The payment option.
    pub payment: String,
    /// What the commitment an hour is counted in: `money` or `normalised_units` or `units`.
    pub hourly_in: String,
    /// Hours with data.
    #[ts(type = "number")]
    pub hours: u64,
    /// What of usage it may cover is left by the commitments that run on: at on-demand prices.
    pub left: Amount,
    /// What such commitments are held already, an hour; they run on and are not counted again.
    pub held: Amount,
    /// The optimum, whatever its decimals.
    pub exact: CommitmentPoint,
    /// The best that is sold.
    pub buy: CommitmentPoint,
    /// The savings curve: concave, in straight pieces; the optimum, nothing and all marks are on it.
    pub curve: Vec<CommitmentPoint>,
    /// The marks, in the order of the request.
    pub marks: Vec<CommitmentPoint>,
    /// The ways to pay what is bought over its whole term, the best present value first: those that all of its usage has a rate for.
    pub payments: Vec<CommitmentPaymentOption>,
    /// The lines that it rests on, dearest first, with the rate of each.
    pub lines: Vec<CommitmentRatedLine>,
    /// Usage that it may cover and that has no rate.
    pub without_rate: Amount,
    /// What could be covered but is not in the hours.
    pub left_out: Vec<LeftOut>,
    /// What to know before deciding.
    pub notes: Vec<Note>,
    /// How it was read.
    pub evidence: KpiEvidence,
}

/// What a commitment of one size does.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentPoint {
    /// The commitment an hour.
    pub hourly: Amount,
    /// Commitment and what stays on demand, over the period.
    pub cost: Amount,
    /// On-demand cost less that.
    pub savings: Amount,
    /// On-demand cost of what is covered.
    pub covered: Amount,
    /// What the commitment costs.
    pub commitment: Amount,
    /// What of that nobody uses.
    pub waste: Amount,
    /// A fraction of the usage.
    pub coverage: Option<Amount>,
    /// A fraction of the commitment.
    pub utilisation: Option<Amount>,
    /// Savings over on-demand cost.
    pub savings_rate: Option<Amount>,
}

impl From<Point> for CommitmentPoint {
    fn from(point: Point) -> Self {
        Self {
            hourly: point.hourly.normalized(),
            cost: point.cost.normalized(),
            savings: point.savings.normalized(),
            covered: point.covered.normalized(),
            commitment: point.commitment.normalized(),
            waste: point.waste.normalized(),
            coverage: point.coverage,
            utilisation: point.utilisation,
            savings_rate: point.effective_savings_rate,
        }
    }
}

/// A line with its rate.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct CommitmentRatedLine {
    /// What it is, in words.
    pub line: String,
    /// What is left of it on demand.
    pub on_demand: Amount,
    /// The discount, a fraction.
    pub discount: Amount,
    /// Where the rate is from.
    pub source: String,
}

fn wrong(error: &OptimumError) -> ApiError {
    let code = if matches!(error, OptimumError::TooFewHours { .. }) { "too_few_hours" } else { "commitments" };
    ApiError::new(code, error.to_string(), "")
}

/// The payment option of a word.
pub(super) fn payment(word: Option<&str>) -> Result<Payment, ApiError> {
    match word {
        None | Some("no_upfront") => Ok(Payment::NoUpfront),
        Some("partial_upfront") => Ok(Payment::PartialUpfront),
        Some("all_upfront") => Ok(Payment::AllUpfront),
        Some(other) => Err(ApiError::new(
            "usage",
            format!("`{}` is no payment option", other.chars().take(40).collect::<String>()),
            "Write no_upfront, partial_upfront or all_upfront.",
        )),
    }
}

/// The programme of a key.
pub(super) fn program(key: &str) -> Result<Program, ApiError> {
    match key.to_lowercase().replace('_', "-").parse() {
        Ok(Program::Other(_)) | Err(_) => Err(ApiError::new(
            "usage",
            format!("there is no programme `{}`", key.chars().take(60).collect::<String>()),
            format!("The programmes are {}.", Program::NAMED.map(|one| one.key().to_owned()).join(", ")),
        )),
        Ok(program) => Ok(program),
    }
}

/// The discount of a line under a programme, and where it is from: an offer of the same length and payment, else what the bill implies for the
/// SKU, the family or the programme.
pub(super) fn discount(
    line: &UsageLine,
    price: Option<Amount>,
    (program, term, payment): (&Program, Term, Payment),
    offers: &[OfferRate],
    implied: &[OfferRate],
) -> Option<(Amount, String)> {
    let of_program = |rate: &&OfferRate| rate.program == *program;
    let exact = offers.iter().filter(of_program).filter(|rate| rate.term == term && rate.payment == payment);
    let mut fitting: Vec<&OfferRate> = exact.filter(|rate| rate.fits(&line.key)).collect();
    // The narrowest, the latest.
    fitting.sort_by_key(|rate| (std::cmp::Reverse(rate.lines().narrowness()), std::cmp::Reverse(rate.from)));
    if let Some(found) = fitting.iter().find_map(|rate| Some((rate.discount(price)?, rate.source.to_string()))) {
        return Some(found);
    }
    let same_terms = implied.iter().filter(of_program).filter(|rate| rate.term == term && rate.payment == payment);
    let own = same_terms.clone().find(|rate| rate.fits(&line.key));
    if let Some(rate) = own {
        return Some((rate.discount(price)?, rate.source.to_string()));
    }
    let pooled = |rates: &mut dyn Iterator<Item = &OfferRate>| {
        let (mut paid_in_all, mut on_demand_in_all) = (Amount::ZERO, Amount::ZERO);
        for rate in rates {
            if let OfferValue::Share { paid, on_demand } = rate.value {
                paid_in_all = paid_in_all.checked_add(paid).ok()?;
                on_demand_in_all = on_demand_in_all.checked_add(on_demand).ok()?;
            }
        }
        Amount::from_integer(1).checked_sub(Ratio::of(paid_in_all, on_demand_in_all, 6)?).ok()
    };
    let family = pooled(&mut same_terms.clone().filter(|rate| rate.family == line.key.family));
    family.map(|discount| (discount, "a reading: what the bill implies for the family".to_owned()))
}

/// What is left of each line by step after commitments that run on, and how much of the programme is held.
pub(super) struct Left {
    pub(super) on_demand: BTreeMap<LineKey, Vec<Amount>>,
    pub(super) quantity: BTreeMap<LineKey, Vec<Amount>>,
}

/// Lays the commitments that still run at the end of the hours over all of them, and takes off what they cover.
pub(super) fn left(read: &Read, running: &[Commitment]) -> Result<Left, ApiError> {
    let usage = &read.usage;
    let mut on_demand: Vec<Vec<Amount>> = usage.lines().iter().map(|line| line.on_demand.amounts().collect()).collect();
    let mut quantity: Vec<Vec<Amount>> = usage.lines().iter().map(|line| line.quantity.amounts().collect()).collect();
    let mut failed = None;
    replay_each(usage, running, &BenefitPolicy::default(), |cover| {
        for (series, taken) in [(&mut on_demand, cover.on_demand), (&mut quantity, cover.quantity)] {
            if let Some(amount) = series.get_mut(cover.line).and_then(|steps| steps.get_mut(cover.step)) {
                match amount.checked_sub(taken) {
                    Ok(rest) => *amount = rest,
                    Err(error) => failed = Some(error),
                }
            }
        }
    })
    .map_err(|error| refused(&error))?;
    if let Some(error) = failed {
        return Err(error.into());
    }
    let keyed = |series: Vec<Vec<Amount>>| usage.lines().iter().map(|line| line.key.clone()).zip(series).collect();
    Ok(Left { on_demand: keyed(on_demand), quantity: keyed(quantity) })
}

/// The commitments that run at the end of the hours, as if they had run all along and would go on.
pub(super) fn running(commitments: Vec<Commitment>, read: &Read) -> Vec<Commitment> {
    let span = read.usage.span();
    let last = span.end() - chrono::Duration::seconds(1);
    let runs = commitments.into_iter().filter(|one| one.start <= last && one.end > last);
    runs.map(|one| Commitment { start: one.start.min(span.first()), end: one.end.max(span.end()), ..one }).collect()
}

pub(crate) fn optimize(
    context: &Context,
    request: &CommitmentOptimizeRequest,
    watch: &Watch,
) -> Result<CommitmentOptimum, ApiError> {
    let engagement = context.engagement()?;
    let ground = Ground::new(&engagement, &request.question, watch)?;
    let kept = hours::read(context, &ground, Wanted { step: request.step, by_owner: false })?;
    kept.0.enough()?;
    let whole = hours::whole(context, &ground)?;
    optimum(&engagement, &ground, request, &kept.0, &whole)
}

fn optimum(
    engagement: &store::Engagement,
    ground: &Ground<'_>,
    request: &CommitmentOptimizeRequest,
    read: &Read,
    whole: &(Read, facts::Found),
) -> Result<CommitmentOptimum, ApiError> {
    // What is held and which rates the bill implies is told by all that is loaded, not by the period alone.
    let found = &whole.1;
    let instrument = program(&request.program)?;
    let pay = payment(request.payment.as_deref())?;
    let term = Term { months: request.term_months.unwrap_or(12) };
    let currency = read.usage.currency();
    let kept = offers::kept(engagement)?;
    let implied = offers::of_the_bill(found, &whole.0)?;
    let (held, assumed) = purchased::commitments(&found.inventory.held, read, &kept.rates, currency)?;
    let running = running(held, read);
    let of_kind = |one: &&Commitment| {
        let families = &one.scope.usage.families;
        let family = request.family.as_ref().is_none_or(|family| families.is_empty() || families.contains(family));
        one.program == instrument && family
    };
    let counted = running.iter().filter(of_kind).map(|one| in_its_units(one, read));
    let held_hourly = Amount::sum(counted.collect::<Result<Vec<_>, _>>()?)?;
    let left = left(read, &running)?;
    let in_units = instrument.reserves_usage();
    let needs_family = in_units || instrument == Program::AwsEc2InstanceSavingsPlan;
    let fits = |line: &&UsageLine| {
        line.eligible.contains(&instrument)
            && request.family.as_ref().is_none_or(|family| line.key.family.as_ref() == Some(family))
            && request.region.as_ref().is_none_or(|region| line.key.region.as_ref() == Some(region))
    };
    let lines: Vec<&UsageLine> = read.usage.lines().iter().filter(fits).collect();
    let families: std::collections::BTreeSet<&str> =
        lines.iter().filter_map(|line| line.key.family.as_deref()).collect();
    if needs_family && request.family.is_none() && families.len() > 1 {
        return Err(ApiError::new(
            "question",
            format!("an {instrument} is of one family, and the usage has {}", families.len()),
            format!("Choose one: {}.", families.iter().take(30).copied().collect::<Vec<_>>().join(", ")),
        ));
    }
    if lines.is_empty() {
        return Err(ApiError::new(
            "no_eligible_usage",
            format!("no usage in the period can be covered by an {instrument}"),
            "`qd commit hours --show programs` lists what can.",
        ));
    }
    let mut notes = read.notes.clone();
    notes.extend(assumed);
    let mut without_rate = Amount::ZERO;
    let mut rated: Vec<(CommitmentRatedLine, Vec<i64>, Amount, Amount)> = Vec::new();
    let mut ways = Ways::new(pay);
    for line in lines {
        let costs = left.on_demand.get(&line.key).cloned().unwrap_or_default();
        let rest = Amount::sum(costs.iter().copied())?;
        let quantity = Amount::sum(left.quantity.get(&line.key).into_iter().flatten().copied())?;
        let all = 0..read.usage.span().steps();
        let price = Ratio::of(line.on_demand.sum(all.clone())?, line.quantity.sum(all)?, 10);
        let known = match request.discount {
            Some(discount) => Some((discount, "given in the question".to_owned())),
            None => discount(line, price, (&instrument, term, pay), &kept.rates, &implied),
        };
        let Some((discount, source)) = known else {
            without_rate = without_rate.checked_add(rest)?;
            continue;
        };
        if rest.is_zero() {
            continue;
        }
        ways.add(rest, discount, |other| match request.discount {
            Some(_) => None,
            None => self::discount(line, price, (&instrument, term, other), &kept.rates, &implied),
        })?;
        let shown = CommitmentRatedLine { line: line.key.to_string(), on_demand: rest.normalized(), discount, source };
        if in_units {
            // Sizes of a family are exchangeable by their factor; what has none is counted by itself.
            let factor = line.size_factor.unwrap_or(Amount::from_integer(1));
            let units: Vec<Amount> = left
                .quantity
                .get(&line.key)
                .into_iter()
                .flatten()
                .map(|amount| amount.checked_mul(factor))
                .collect::<Result<_, _>>()?;
            let Some(unit_price) = Ratio::of(rest, quantity.checked_mul(factor)?, 10) else { continue };
            rated.push((shown, whole_units_at(&units, SCALE).map_err(|error| wrong(&error))?, unit_price, discount));
        } else {
            rated.push((shown, whole_units_at(&costs, SCALE).map_err(|error| wrong(&error))?, Amount::ZERO, discount));
        }
    }
    if rated.is_empty() {
        return Err(ApiError::new(
            "no_rate",
            format!(
                "no rate of an {instrument} for {term} is known for the usage: neither an offer has one nor does the bill imply one"
            ),
            "Import an offer sheet or the provider's price list (`qd commit offers --import FILE`), or give --discount.",
        ));
    }
    if !without_rate.is_zero() {
        notes.push(note(
            "no_rate",
            format!(
                "{} {currency} of usage that it may cover has no rate and stays on demand.",
                without_rate.normalized()
            ),
        ));
    }
    // A unit of a reservation costs the same whichever line it covers: the on-demand price less the discount, by the usage of each.
    let price = if in_units { unit_price(&rated)? } else { Amount::from_integer(1) };
    let missing: Vec<usize> = read.usage.missing().iter().copied().collect();
    let eligible_lines = rated
        .iter()
        .map(|(shown, usage, unit, discount)| {
            if in_units {
                EligibleLine::in_units(&shown.line, *unit, usage)
            } else {
                EligibleLine::at_discount(&shown.line, *discount, usage)
            }
        })
        .collect::<Result<Vec<_>, _>>()
        .map_err(|error| wrong(&error))?;
    let hours_per_step = if read.usage.span().step() == Step::Hour { 1 } else { 24 };
    // A day's usage is laid evenly on its hours by the curve itself.
    let eligible = Eligible {
        scale: SCALE,
        lines: eligible_lines,
        hours_per_step,
        weights: None,
        weight_of_one: 1,
        missing: &missing,
        price,
    };
    let curve = Curve::new(&eligible).map_err(|error| wrong(&error))?;
    let granularity = if in_units { Amount::from_integer(1) } else { Amount::new(MONEY_STEP.0, MONEY_STEP.1)? };
    let best = curve.recommend(granularity).map_err(|error| wrong(&error))?;
    let mut marks = request.marks.clone();
    marks.push(Amount::ZERO);
    let drawn = curve.drawn(POINTS, &marks).map_err(|error| wrong(&error))?;
    let marked =
        request.marks.iter().map(|mark| curve.at(*mark).map(CommitmentPoint::from)).collect::<Result<Vec<_>, _>>();
    notes.extend(best.findings.iter().map(|finding| note("optimum", finding.to_string())));
    let payments = ways.options(&best, term, request.capital_rate.unwrap_or(Amount::ZERO))?;
    let mut lines: Vec<CommitmentRatedLine> = rated.into_iter().map(|(shown, ..)| shown).collect();
    lines.sort_by_key(|line| std::cmp::Reverse(line.on_demand));
    let any_factor =
        read.usage.lines().iter().any(|line| line.eligible.contains(&instrument) && line.size_factor.is_some());
    let hourly_in = match (in_units, any_factor) {
        (false, _) => "money",
        (true, true) => "normalised_units",
        (true, false) => "units",
    };
    Ok(CommitmentOptimum {
        currency,
        period: ground.period(),
        step: if hours_per_step == 1 { CommitmentStep::Hour } else { CommitmentStep::Day },
        program: instrument.key().to_owned(),
        label: instrument.to_string(),
        family: request.family.clone(),
        region: request.region.clone(),
        term_months: term.months,
        payment: super::reply::payment_word(pay).to_owned(),
        hourly_in: hourly_in.to_owned(),
        hours: best.hours,
        left: Amount::sum(lines.iter().map(|line| line.on_demand))?,
        held: held_hourly.normalized(),
        exact: best.exact.into(),
        buy: best.buy.into(),
        curve: drawn.into_iter().map(CommitmentPoint::from).collect(),
        marks: marked.map_err(|error| wrong(&error))?,
        payments,
        lines,
        without_rate: without_rate.normalized(),
        left_out: read.left_out.clone(),
        notes,
        evidence: hours::evidence(ground, read),
    })
}

/// The discounts of each way to pay, weighed by what is left on demand.
struct Ways {
    asked: Payment,
    on_demand: Amount,
    /// What is taken off in each way; none where a line has no rate for it.
    taken_off: Vec<(Payment, Option<Amount>)>,
}

impl Ways {
    fn new(asked: Payment) -> Self {
        let all = [Payment::NoUpfront, Payment::PartialUpfront, Payment::AllUpfront];
        Self { asked, on_demand: Amount::ZERO, taken_off: all.map(|payment| (payment, Some(Amount::ZERO))).to_vec() }
    }

    /// Takes in a line with its discount in the way that is asked for; `other` gives that of another way.
    fn add(
        &mut self,
        on_demand: Amount,
        discount: Amount,
        other: impl Fn(Payment) -> Option<(Amount, String)>,
    ) -> Result<(), ApiError> {
        self.on_demand = self.on_demand.checked_add(on_demand)?;
        for (payment, sum) in &mut self.taken_off {
            let found = if *payment == self.asked { Some(discount) } else { other(*payment).map(|(found, _)| found) };
            *sum = match (*sum, found) {
                (Some(sum), Some(found)) => Some(sum.checked_add(on_demand.checked_mul(found)?)?),
                _ => None,
            };
        }
        Ok(())
    }

    fn options(
        &self,
        best: &commitment::optimum::Recommendation,
        term: Term,
        cost_of_capital: Amount,
    ) -> Result<Vec<CommitmentPaymentOption>, ApiError> {
        let mean =
            |(payment, sum): &(Payment, Option<Amount>)| Some((*payment, Ratio::of((*sum)?, self.on_demand, 6)?));
        let discounts: Vec<(Payment, Amount)> = self.taken_off.iter().filter_map(mean).collect();
        let Some((_, discount)) = discounts.iter().find(|(payment, _)| *payment == self.asked) else {
            return Ok(Vec::new());
        };
        if best.buy.hourly.is_zero() {
            return Ok(Vec::new());
        }
        let purchase = Purchase {
            hours: best.hours,
            commitment: best.buy.commitment,
            covered: best.buy.covered,
            discount: *discount,
            months: term.months,
        };
        payments::options(&purchase, &discounts, cost_of_capital)
    }
}

/// What a commitment covers in an hour; of one bought for its own size in the normalised units of that size.
fn in_its_units(one: &Commitment, read: &Read) -> Result<Amount, money::AmountError> {
    let Capacity::Units(units) = one.capacity else { return Ok(one.capacity.hourly()) };
    let types = &one.scope.usage.instance_types;
    let own =
        read.usage.lines().iter().find(|line| line.key.instance_type.as_ref().is_some_and(|it| types.contains(it)));
    own.and_then(|line| line.size_factor).map_or(Ok(units), |factor| units.checked_mul(factor))
}

/// The price of a unit: by line its on-demand price less its discount, weighed by usage.
fn unit_price(rated: &[(CommitmentRatedLine, Vec<i64>, Amount, Amount)]) -> Result<Amount, ApiError> {
    let (mut cost, mut paid) = (Amount::ZERO, Amount::ZERO);
    let mut units = Amount::ZERO;
    for (shown, usage, _, discount) in rated {
        let rest = Amount::from_integer(1).checked_sub(*discount)?;
        cost = cost.checked_add(shown.on_demand)?;
        paid = paid.checked_add(shown.on_demand.checked_mul(rest)?)?;
        let sum: i128 = usage.iter().map(|value| i128::from(*value)).sum();
        units = units.checked_add(Amount::new(sum, SCALE)?)?;
    }
    Ratio::of(paid, units, 10).filter(|price| *price > Amount::ZERO).ok_or_else(|| {
        ApiError::new(
            "no_rate",
            "the usage has no quantity, so that a unit of it has no price",
            "Choose a plan in money instead.",
        )
    })
}
