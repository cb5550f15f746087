//! The problem of a usage laid forward: its months and lines, what is held on it, what is offered for it.

use std::collections::BTreeMap;
use std::ops::Range;

use money::{Amount, Rounding};
use num_rational::BigRational;
use num_traits::{Signed, Zero};

use super::outcome::Portfolio;
use super::problem::{
    Candidate, Constraints, DemandPath, FACTOR_OF_ONE, Held, Instrument, Line, Period, PortfolioError, Problem, Rate,
    Risk,
};
use crate::model::{BenefitPolicy, Capacity, Commitment, RateIndex, Usage, UsageLine};
use crate::optimum::fraction::{decimal, fraction};
use crate::replay::order::{share_of, tier, turn, unit_price};
use crate::whatif::SamplePath;

/// A commitment that is sold in any size: its capacity, upfront and recurring fees are those of one size, and grow together.
#[derive(Clone, Debug)]
pub struct Offered {
    /// It, with the dates on which it would begin and end.
    pub commitment: Commitment,
    /// Capacity is sold in multiples of this.
    pub granularity: Amount,
    /// The most that may be bought.
    pub most: Option<Amount>,
}

impl Offered {
    /// It in another size.
    ///
    /// # Errors
    /// [`PortfolioError::TooLarge`]; [`PortfolioError::Number`] when the size that it is offered in is zero.
    pub fn sized(&self, hourly: Amount) -> Result<Commitment, PortfolioError> {
        let unit = unit_of(&self.commitment)?;
        let fee = |fee: Amount| {
            decimal(&(fraction(fee) / &unit * fraction(hourly)), FEE_DECIMALS).ok_or(PortfolioError::TooLarge)
        };
        Ok(Commitment {
            capacity: self.commitment.capacity.with_hourly(hourly),
            upfront: fee(self.commitment.upfront)?,
            recurring: fee(self.commitment.recurring)?,
            ..self.commitment.clone()
        })
    }
}

/// What the search is to know beside usage and offers.
#[derive(Clone, Debug, Default)]
pub struct Aims {
    /// What must hold.
    pub constraints: Constraints,
    /// How much the tail counts.
    pub risk: Risk,
    /// Cost of capital a year.
    pub discount_rate: Amount,
}

/// Decimals of fees of a unit, and of rates.
const FEE_DECIMALS: u8 = 12;
const RATE_DECIMALS: u8 = 9;
/// Decimals of usage; finer usage is rounded half to even.
const USAGE_DECIMALS: u8 = 9;

/// The problem of a usage laid forward. Periods are its months, cut where something begins or ends; lines with equal rates and equal paths are one.
/// `paths` are factors by line and month as a what-if draws them; none: the usage as it is laid.
///
/// Who is covered first within an organisation is left to the replay: it moves money among accounts, not in all.
///
/// # Errors
/// [`PortfolioError::Shape`] for a path that does not fit the usage; [`PortfolioError::Number`] for an offer without a size;
/// [`PortfolioError::TooLarge`].
pub fn problem_of(
    usage: &Usage,
    policy: &BenefitPolicy,
    held: &[Commitment],
    offered: &[Offered],
    paths: &[SamplePath],
    aims: &Aims,
) -> Result<Problem, PortfolioError> {
    let commitments: Vec<&Commitment> = held.iter().chain(offered.iter().map(|offer| &offer.commitment)).collect();
    let cuts = cuts(usage, &commitments);
    let paths = factors(usage, &cuts, paths)?;
    let groups = groups(usage, policy, &commitments, &paths)?;

    let (hours, per_step) =
        (usage.span().step().hours(), BigRational::from(num_bigint::BigInt::from(usage.span().step().hours())));
    let scale = if hours == 1 {
        usage.lines().iter().map(|line| line.on_demand.scale()).max().unwrap_or(0).min(USAGE_DECIMALS)
    } else {
        USAGE_DECIMALS
    };
    let lines = groups
        .iter()
        .map(|group| {
            let mut on_demand = vec![0_i64; usage.span().steps()];
            for &line in &group.lines {
                for (step, sum) in on_demand.iter_mut().enumerate() {
                    let cost = usage.lines()[line].on_demand.at(step);
                    let hourly = if hours == 1 {
                        cost
                    } else {
                        decimal(&(fraction(cost) / &per_step), scale).ok_or(PortfolioError::TooLarge)?
                    };
                    let units = i64::try_from(hourly.rescaled(scale, Rounding::HalfEven)?.units());
                    *sum = units.ok().and_then(|units| sum.checked_add(units)).ok_or(PortfolioError::TooLarge)?;
                }
            }
            Ok(Line { name: group.name.clone(), on_demand })
        })
        .collect::<Result<Vec<_>, PortfolioError>>()?;

    let instrument = |number: usize| instrument(&cuts, usage, commitments[number], number, &groups);
    let step_hours = u32::try_from(hours).unwrap_or(1);
    let weight = |step: usize| if usage.missing().contains(&step) { 0 } else { step_hours };
    Ok(Problem {
        scale,
        periods: cuts
            .iter()
            .map(|cut| Period {
                name: cut.name.clone(),
                month: cut.month,
                hours: cut.steps.clone().map(weight).collect(),
            })
            .collect(),
        lines,
        paths: paths
            .into_iter()
            .map(|path| DemandPath {
                weight: 1,
                factors: cuts
                    .iter()
                    .map(|cut| groups.iter().map(|group| path[group.lines[0]][cut.number]).collect())
                    .collect(),
            })
            .collect(),
        candidates: offered
            .iter()
            .enumerate()
            .map(|(number, offer)| {
                let instrument = instrument(held.len() + number)?;
                Ok(Candidate { instrument, granularity: offer.granularity, most: offer.most })
            })
            .collect::<Result<_, PortfolioError>>()?,
        held: held
            .iter()
            .enumerate()
            .filter(|(_, commitment)| commitment.capacity.hourly() > Amount::ZERO)
            .map(|(number, commitment)| {
                Ok(Held { instrument: instrument(number)?, hourly: commitment.capacity.hourly() })
            })
            .collect::<Result<_, PortfolioError>>()?,
        constraints: aims.constraints.clone(),
        risk: aims.risk.clone(),
        discount_rate: aims.discount_rate,
    })
}

/// What a portfolio buys, as commitments that a replay or a what-if takes.
///
/// # Errors
/// As [`Offered::sized`].
pub fn purchases_of(portfolio: &Portfolio, offered: &[Offered]) -> Result<Vec<Commitment>, PortfolioError> {
    portfolio.purchases.iter().map(|purchase| offered[purchase.candidate].sized(purchase.hourly)).collect()
}

/// A stretch of steps within a month in which nothing begins or ends.
struct Cut {
    name: String,
    /// Months since the first one, as calendars and as the paths count them.
    month: u32,
    number: usize,
    steps: Range<usize>,
}

fn cuts(usage: &Usage, commitments: &[&Commitment]) -> Vec<Cut> {
    let span = usage.span();
    let mut cuts = Vec::new();
    for (number, (month, steps)) in span.months().into_iter().enumerate() {
        let mut bounds = vec![steps.start, steps.end];
        for commitment in commitments {
            for instant in [commitment.start, commitment.end] {
                bounds.extend(span.position(instant).filter(|step| steps.contains(step)));
            }
        }
        bounds.sort_unstable();
        bounds.dedup();
        for (part, bound) in bounds.windows(2).enumerate() {
            let name = if part == 0 { month.to_string() } else { format!("{month} ({})", part + 1) };
            cuts.push(Cut {
                name,
                month: u32::try_from(number).unwrap_or(u32::MAX),
                number,
                steps: bound[0]..bound[1],
            });
        }
    }
    cuts
}

/// Factors in parts of a million, by path, line and month.
fn factors(usage: &Usage, cuts: &[Cut], paths: &[SamplePath]) -> Result<Vec<Vec<Vec<u32>>>, PortfolioError> {
    let months = cuts.last().map_or(0, |cut| cut.number + 1);
    if paths.is_empty() {
        return Ok(vec![vec![vec![FACTOR_OF_ONE; months]; usage.lines().len()]]);
    }
    let shape = |path: usize, found: usize, expected: usize| {
        let what = format!("sample path {}", path + 1);
        if found == expected { Ok(()) } else { Err(PortfolioError::Shape { what, found, expected }) }
    };
    let mut all = Vec::with_capacity(paths.len());
    for (number, path) in paths.iter().enumerate() {
        shape(number, path.factors.len(), usage.lines().len())?;
        let mut lines = Vec::with_capacity(path.factors.len());
        for line in &path.factors {
            shape(number, line.len(), months)?;
            let units = |factor: &Amount| {
                let units = factor.rescaled(6, Rounding::HalfEven)?.units();
                u32::try_from(units).map_err(|_| PortfolioError::TooLarge)
            };
            lines.push(line.iter().map(units).collect::<Result<_, _>>()?);
        }
        all.push(lines);
    }
    Ok(all)
}

/// Lines that the search cannot tell apart.
struct Group {
    name: String,
    lines: Vec<usize>,
    /// By commitment, capacity for a dollar on demand, where it covers them.
    rates: Vec<Option<Amount>>,
}

/// What lines have in common that are one to the search: rates by commitment, factors by path.
type Alike<'a> = (Vec<Option<Amount>>, Vec<&'a [u32]>);

fn groups(
    usage: &Usage,
    policy: &BenefitPolicy,
    commitments: &[&Commitment],
    paths: &[Vec<Vec<u32>>],
) -> Result<Vec<Group>, PortfolioError> {
    let indices: Vec<RateIndex<'_>> = commitments.iter().map(|commitment| RateIndex::new(commitment)).collect();
    let mut groups: BTreeMap<Alike<'_>, Group> = BTreeMap::new();
    for (number, line) in usage.lines().iter().enumerate() {
        let rates = commitments
            .iter()
            .zip(&indices)
            .map(|(commitment, index)| {
                if turn(commitment, line, policy).is_none() {
                    return Ok(None);
                }
                let Some(capacity) = capacity_of(commitment, index, line) else { return Ok(None) };
                let capacity = decimal(&capacity, RATE_DECIMALS).ok_or(PortfolioError::TooLarge)?;
                Ok(Some(capacity).filter(|capacity| *capacity > Amount::ZERO))
            })
            .collect::<Result<Vec<_>, PortfolioError>>()?;
        let along = paths.iter().map(|path| path[number].as_slice()).collect();
        let group = groups.entry((rates.clone(), along));
        group.or_insert_with(|| Group { name: line.key.to_string(), lines: Vec::new(), rates }).lines.push(number);
    }
    let mut groups: Vec<Group> = groups.into_values().collect();
    groups.sort_by_key(|group| group.lines[0]);
    Ok(groups)
}

/// Capacity of a commitment that a dollar of a line on demand takes; none where it has no rate or cannot be counted.
fn capacity_of(commitment: &Commitment, rates: &RateIndex<'_>, line: &UsageLine) -> Option<BigRational> {
    let unit = unit_price(line).filter(Signed::is_positive);
    match commitment.capacity {
        Capacity::DiscountedSpend(_) => share_of(rates.rate_of(&line.key)?.price, unit.as_ref()),
        Capacity::OnDemandSpend(_) => Some(fraction(Amount::from_integer(1))),
        Capacity::Units(_) => Some(unit?.recip()),
        Capacity::NormalisedUnits(_) => Some(fraction(line.size_factor?) / unit?),
    }
}

fn unit_of(commitment: &Commitment) -> Result<BigRational, PortfolioError> {
    let unit = fraction(commitment.capacity.hourly());
    if unit.is_zero() {
        return Err(PortfolioError::Number {
            what: commitment.name.clone(),
            value: "0".into(),
            rule: "an offer is made for a size above zero, to which its fees belong",
        });
    }
    Ok(unit)
}

fn instrument(
    cuts: &[Cut],
    usage: &Usage,
    commitment: &Commitment,
    number: usize,
    groups: &[Group],
) -> Result<Instrument, PortfolioError> {
    let unit = unit_of(commitment)?;
    let fee = |fee: Amount| decimal(&(fraction(fee) / &unit), FEE_DECIMALS).ok_or(PortfolioError::TooLarge);
    let covers = |cut: &Cut| commitment.hours_in_step(&usage.span(), cut.steps.start) > 0;
    let from = cuts.iter().position(covers).unwrap_or(cuts.len());
    let until = cuts.iter().rposition(covers).map_or(from, |last| last + 1);
    // What began before the horizon was paid for then; its share of the fee is a cost of the hours all the same.
    Ok(Instrument {
        name: commitment.name.clone(),
        order: tier(commitment).into(),
        rates: groups
            .iter()
            .enumerate()
            .filter_map(|(line, group)| Some(Rate { line, capacity: group.rates[number]? }))
            .collect(),
        from,
        until,
        term_months: commitment.term.months,
        term_hours: u32::try_from(commitment.term_hours()).map_err(|_| PortfolioError::TooLarge)?,
        upfront: fee(commitment.upfront)?,
        recurring: fee(commitment.recurring)?,
    })
}
