//! The order in which commitments are applied to lines, as the providers document it.
//!
//! | provider | order |
//! |---|---|
//! | AWS | zonal reservations, regional reservations, then EC2 Instance (and SageMaker, Database) Savings Plans, then Compute Savings Plans; the owner's own usage before its group's before everyone's; reservations from the smallest size up; plans by the highest savings percentage, ties by the lowest rate |
//! | Azure | reservations, then savings plans; narrow scope before shared; three years before one; the highest discount first; a negotiated price below the plan's is what the plan pays |
//! | Google Cloud | resource commitments, then spend commitments; the owner's own usage first; the highest discount first |
//! | others | the owner's own usage first, the highest discount first |
//!
//! Readings where the documents are silent: each kind of AWS plan is applied to everybody it may reach before the next kind begins; a
//! plan is never applied where its rate is above the on-demand price; what is still equal goes by line, then by the commitment's start
//! and id.

use std::collections::{BTreeMap, BTreeSet};

use money::Amount;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use crate::model::{BenefitPolicy, Capacity, Commitment, Price, Program, RateIndex, Reach, Series, Usage, UsageLine};
use crate::replay::finding::Finding;
use crate::replay::layout::Scales;
use crate::replay::whole::Whole;

/// How much of a commitment's capacity the rest of a line takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Take<W> {
    /// Its on-demand cost times a fraction, which is also what it pays.
    ShareOfCost(W, W),
    /// Its quantity times a fraction, in money, which is also what it pays.
    PriceOfQuantity(W, W),
    /// Its on-demand cost.
    OnDemandCost,
    /// Its quantity times a fraction, in units.
    Units(W, W),
}

/// One commitment and one line that it may cover: small, because the inner loop passes by most of them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Pair {
    pub commitment: u16,
    pub line: u16,
}

/// How a pair is applied.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Application<W> {
    pub take: Take<W>,
    /// Whether a price above on demand is replaced by it (Azure), not refused.
    pub at_most_on_demand: bool,
}

/// Pairs in their order, which end when all their commitments or all their lines are used up.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tier<W> {
    pub pairs: Vec<Pair>,
    /// One for each pair.
    pub applications: Vec<Application<W>>,
    /// The commitments of the pairs, each once.
    pub commitments: Vec<usize>,
    /// The lines of the pairs, each once.
    pub lines: Vec<usize>,
}

/// Pairs in the order of application.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Order<W> {
    pub tiers: Vec<Tier<W>>,
    /// For each commitment, whether it reaches anything.
    pub reaches: Vec<bool>,
    /// For each commitment, whether its capacity is money.
    pub in_money: Vec<bool>,
}

/// What decides before line and commitment, smaller first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Place {
    tier: u8,
    turn: u8,
    term: u32,
    size: usize,
    share: usize,
    rate: usize,
    line: usize,
    commitment: usize,
}

/// A pair before its prices are ranked.
struct Candidate<W> {
    place: Place,
    share: Option<BigRational>,
    take: Take<W>,
}

/// What ranks lines whatever is bought: worked out once for many replays.
#[derive(Clone, Debug)]
pub(crate) struct LineRanks {
    sizes: Vec<usize>,
    unit_prices: Vec<Option<BigRational>>,
    rates: Vec<usize>,
}

impl LineRanks {
    pub fn of(usage: &Usage) -> Self {
        let unit_prices: Vec<Option<BigRational>> = usage.lines().iter().map(unit_price).collect();
        Self {
            sizes: ranks(usage.lines().iter().map(|line| line.size_factor)),
            rates: ranks(unit_prices.iter().map(Option::as_ref)),
            unit_prices,
        }
    }
}

/// The order of application; none when a fraction does not fit the width.
pub(crate) fn order<W: Whole>(
    usage: &Usage,
    line_ranks: &LineRanks,
    commitments: &[&Commitment],
    policy: &BenefitPolicy,
    scales: Scales,
    findings: &mut Vec<Finding>,
) -> Option<Order<W>> {
    let mut by_age: Vec<usize> = (0..commitments.len()).collect();
    by_age.sort_by_key(|place| (commitments[*place].start, &commitments[*place].id));
    let mut age = vec![0; commitments.len()];
    for (rank, place) in by_age.into_iter().enumerate() {
        age[place] = rank;
    }
    let LineRanks { sizes, unit_prices, rates } = line_ranks;
    let mut candidates: Vec<(usize, Candidate<W>)> = Vec::new();
    let mut reaches = vec![false; commitments.len()];
    for (number, commitment) in commitments.iter().enumerate() {
        let mut without_rate: Vec<usize> = Vec::new();
        let rate_index = RateIndex::new(commitment);
        for (line_number, line) in usage.lines().iter().enumerate() {
            let Some(turn) = turn(commitment, line, policy) else { continue };
            let found = match taking(commitment, &rate_index, line, scales) {
                Taking::None => continue,
                Taking::NoRate => {
                    without_rate.push(line_number);
                    continue;
                }
                Taking::Takes(take, price) => (take, price),
            };
            let (Some(take), price) = found else { return None };
            reaches[number] = true;
            let by_price = !commitment.program.reserves_usage();
            let share = price.filter(|_| by_price).and_then(|price| share_of(price, unit_prices[line_number].as_ref()));
            let place = Place {
                tier: tier(commitment),
                turn,
                term: if commitment.program == Program::AzureSavingsPlan {
                    u32::MAX - commitment.term.months
                } else {
                    0
                },
                size: if is_aws_reservation(&commitment.program) { sizes[line_number] } else { 0 },
                share: 0,
                // Between equal shares of the on-demand price the lowest rate is that of the lowest on-demand price.
                rate: if by_price { rates[line_number] } else { 0 },
                line: line_number,
                commitment: age[number],
            };
            candidates.push((number, Candidate { place, share, take }));
        }
        tell(commitment, reaches[number], &without_rate, usage, findings);
    }
    rank(&mut candidates);
    candidates.sort_by_key(|(_, candidate)| candidate.place);
    let in_money = commitments.iter().map(|commitment| commitment.capacity.is_spend()).collect();
    Some(Order { tiers: tiers(&candidates, commitments), reaches, in_money })
}

/// What a reader must know about a commitment's reach.
fn tell(commitment: &Commitment, reaches: bool, without_rate: &[usize], usage: &Usage, findings: &mut Vec<Finding>) {
    let id = || commitment.id.clone();
    if let Some(first) = without_rate.first() {
        let first = usage.lines()[*first].key.to_string();
        findings.push(Finding::NoRate { commitment: id(), lines: without_rate.len(), first });
    }
    if is_zonal(commitment) && matches!(commitment.capacity, Capacity::NormalisedUnits(_)) {
        findings.push(Finding::ZonalInNormalisedUnits(id()));
    } else if !reaches {
        findings.push(Finding::ReachesNothing(id()));
    }
}

const fn is_aws_reservation(program: &Program) -> bool {
    matches!(program, Program::AwsStandardReservedInstance | Program::AwsConvertibleReservedInstance)
}

fn is_zonal(commitment: &Commitment) -> bool {
    is_aws_reservation(&commitment.program) && !commitment.scope.usage.zones.is_empty()
}

pub(crate) fn tier(commitment: &Commitment) -> u8 {
    match commitment.program {
        Program::AwsStandardReservedInstance | Program::AwsConvertibleReservedInstance if is_zonal(commitment) => 0,
        Program::AwsStandardReservedInstance
        | Program::AwsConvertibleReservedInstance
        | Program::AzureReservation
        | Program::GcpResourceCommitment => 1,
        Program::AwsEc2InstanceSavingsPlan
        | Program::AwsSageMakerSavingsPlan
        | Program::AwsDatabaseSavingsPlan
        | Program::AzureSavingsPlan
        | Program::GcpSpendCommitment => 2,
        Program::AwsComputeSavingsPlan => 3,
        Program::Other(_) => 4,
    }
}

/// Whose turn a line is; none when the commitment never reaches it.
pub(crate) fn turn(commitment: &Commitment, line: &UsageLine, policy: &BenefitPolicy) -> Option<u8> {
    let scope = &commitment.scope;
    if line.key.provider != commitment.provider
        || !line.eligible.contains(&commitment.program)
        || !scope.usage.matches(&line.key)
    {
        return None;
    }
    let narrow = match &scope.reach {
        Reach::Organisation => false,
        Reach::Accounts(accounts) => {
            if !accounts.contains(&line.key.account) {
                return None;
            }
            true
        }
    };
    match commitment.program {
        // Azure shares by scope: the purchase itself says who may use it.
        Program::AzureReservation | Program::AzureSavingsPlan => Some(u8::from(!narrow)),
        _ if narrow => Some(u8::from(line.key.account != scope.owner_account)),
        _ => policy.turn(&scope.owner_account, &line.key.account),
    }
}

/// What a line takes of a commitment.
enum Taking<W> {
    /// It cannot be counted in the commitment's units.
    None,
    /// It has no rate.
    NoRate,
    /// A fraction (none when it does not fit the width) and the price that ranks it.
    Takes(Option<Take<W>>, Option<Price>),
}

fn taking<W: Whole>(commitment: &Commitment, rates: &RateIndex<'_>, line: &UsageLine, scales: Scales) -> Taking<W> {
    match commitment.capacity {
        Capacity::Units(_) if line.quantity.is_zero() => Taking::None,
        Capacity::Units(_) => Taking::Takes(fraction(1, 1).map(|(top, bottom)| Take::Units(top, bottom)), None),
        Capacity::NormalisedUnits(_) => match line.size_factor {
            Some(factor) if !is_zonal(commitment) && !line.quantity.is_zero() => {
                let factor = factor.normalized();
                let take = 10_i128
                    .checked_pow(factor.scale().into())
                    .and_then(|bottom| fraction(factor.units(), bottom))
                    .map(|(top, bottom)| Take::Units(top, bottom));
                Taking::Takes(take, None)
            }
            _ => Taking::None,
        },
        Capacity::OnDemandSpend(_) => {
            Taking::Takes(Some(Take::OnDemandCost), rates.rate_of(&line.key).map(|rate| rate.price))
        }
        Capacity::DiscountedSpend(_) => {
            let Some(rate) = rates.rate_of(&line.key) else { return Taking::NoRate };
            let take = match rate.price {
                Price::Unit(_) if line.quantity.is_zero() => return Taking::NoRate,
                Price::Unit(price) => {
                    let price = price.normalized();
                    let bottom = u32::from(price.scale()) + u32::from(scales.quantity);
                    let top = 10_i128.checked_pow(scales.money.into()).and_then(|unit| unit.checked_mul(price.units()));
                    top.zip(10_i128.checked_pow(bottom))
                        .and_then(|(top, bottom)| fraction(top, bottom))
                        .map(|(top, bottom)| Take::PriceOfQuantity(top, bottom))
                }
                price => price
                    .share()
                    .and_then(|share| fraction(share.paid, share.on_demand))
                    .map(|(top, bottom)| Take::ShareOfCost(top, bottom)),
            };
            Taking::Takes(take, Some(rate.price))
        }
    }
}

/// A fraction in lowest terms.
fn fraction<W: Whole>(top: i128, bottom: i128) -> Option<(W, W)> {
    let common = num_integer::gcd(top, bottom).max(1);
    W::narrow(top / common).zip(W::narrow(bottom / common))
}

fn rational(amount: Amount) -> BigRational {
    BigRational::new(amount.units().into(), BigInt::from(10).pow(u32::from(amount.scale())))
}

/// What one unit of a line costs on demand over the whole span; none without quantity.
pub(crate) fn unit_price(line: &UsageLine) -> Option<BigRational> {
    let sum = |series: &Series| {
        let small = series.units().iter().try_fold(0_i128, |sum, units| sum.checked_add(*units));
        let total = small.map_or_else(|| series.units().iter().map(|units| BigInt::from(*units)).sum(), BigInt::from);
        BigRational::new(total, BigInt::from(10).pow(u32::from(series.scale())))
    };
    let quantity = sum(&line.quantity);
    (!quantity.is_zero()).then(|| sum(&line.on_demand) / quantity)
}

/// What is paid for one of on demand.
pub(crate) fn share_of(price: Price, unit_price: Option<&BigRational>) -> Option<BigRational> {
    match price {
        Price::Unit(price) => unit_price.filter(|unit| unit.is_positive()).map(|unit| rational(price) / unit),
        price => price.share().map(|share| BigRational::new(share.paid.into(), share.on_demand.into())),
    }
}

/// Turns shares into their ranks, so that a comparison of places is one of whole numbers; none comes last.
fn rank<W>(candidates: &mut [(usize, Candidate<W>)]) {
    let shares = ranks(candidates.iter().map(|(_, candidate)| candidate.share.as_ref()));
    for ((_, candidate), share) in candidates.iter_mut().zip(shares) {
        candidate.place.share = share;
    }
}

fn ranks<T: Ord>(values: impl Iterator<Item = Option<T>>) -> Vec<usize> {
    let values: Vec<Option<T>> = values.collect();
    let mut by_value: BTreeMap<&T, usize> = values.iter().flatten().map(|value| (value, 0)).collect();
    for (rank, found) in by_value.values_mut().enumerate() {
        *found = rank;
    }
    values.iter().map(|value| value.as_ref().map_or(usize::MAX, |value| by_value[value])).collect()
}

/// Cuts the sorted pairs into tiers.
fn tiers<W: Whole>(candidates: &[(usize, Candidate<W>)], commitments: &[&Commitment]) -> Vec<Tier<W>> {
    // Nobody gets here with more than a `u16` counts.
    let number = |place: usize| u16::try_from(place).unwrap_or(u16::MAX);
    candidates
        .chunk_by(|left, right| left.1.place.tier == right.1.place.tier)
        .map(|chunk| {
            let pair = |(commitment, candidate): &(usize, Candidate<W>)| Pair {
                commitment: number(*commitment),
                line: number(candidate.place.line),
            };
            let application = |(commitment, candidate): &(usize, Candidate<W>)| Application {
                take: candidate.take,
                at_most_on_demand: commitments[*commitment].program == Program::AzureSavingsPlan,
            };
            let unique = |numbers: &mut dyn Iterator<Item = usize>| {
                numbers.collect::<BTreeSet<usize>>().into_iter().collect::<Vec<_>>()
            };
            Tier {
                commitments: unique(&mut chunk.iter().map(|(commitment, _)| *commitment)),
                lines: unique(&mut chunk.iter().map(|(_, candidate)| candidate.place.line)),
                applications: chunk.iter().map(application).collect(),
                pairs: chunk.iter().map(pair).collect(),
            }
        })
        .collect()
}
