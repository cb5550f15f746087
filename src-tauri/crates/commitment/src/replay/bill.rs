//! Whether a replay of what was bought, on what was used, is what the provider billed.

use std::collections::BTreeMap;
use std::fmt;

use money::{Amount, AmountError};

use crate::model::{Commitment, LineKey, MonthOfYear, Usage};
use crate::replay::{CoverageMonth, Replay, ReplayMonth};

/// What the bill says that a commitment covered of a line in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BilledCover {
    /// The commitment's id.
    pub commitment: String,
    /// The line.
    pub line: LineKey,
    /// The month.
    pub month: MonthOfYear,
    /// The on-demand cost of what was covered, where the bill has it.
    pub on_demand: Option<Amount>,
    /// The quantity that was covered, where the bill has it.
    pub quantity: Option<Amount>,
    /// The effective cost of it.
    pub cost: Amount,
}

/// What the bill says that was unused of a commitment in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BilledUnused {
    /// The commitment's id.
    pub commitment: String,
    /// The month.
    pub month: MonthOfYear,
    /// The effective cost of what was unused.
    pub unused: Amount,
}

/// What the bill says, in any order; several entries of the same commitment, line and month add up.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BillFacts {
    /// Covered usage.
    pub covers: Vec<BilledCover>,
    /// Unused commitments. A commitment and month without an entry had nothing unused.
    pub unused: Vec<BilledUnused>,
}

/// What was compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum DeviationKind {
    /// The on-demand cost of covered usage.
    CoveredOnDemand,
    /// The covered quantity.
    CoveredQuantity,
    /// The effective cost of covered usage.
    EffectiveCost,
    /// The unused part of a commitment.
    Unused,
}

impl fmt::Display for DeviationKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(match self {
            Self::CoveredOnDemand => "covered usage at on-demand prices",
            Self::CoveredQuantity => "covered quantity",
            Self::EffectiveCost => "effective cost of covered usage",
            Self::Unused => "unused commitment",
        })
    }
}

/// Where the replay is not the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deviation {
    /// The month.
    pub month: MonthOfYear,
    /// The commitment's id.
    pub commitment: String,
    /// The line; none for what is unused.
    pub line: Option<LineKey>,
    /// What differs.
    pub kind: DeviationKind,
    /// In the bill.
    pub bill: Amount,
    /// In the replay.
    pub replay: Amount,
    /// Replay less bill.
    pub difference: Amount,
    /// Why, as far as the inputs tell, and what to do.
    pub why: String,
}

/// The replay beside the bill.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Comparison {
    /// Whether covered usage, effective cost and unused are equal to the smallest unit of the currency, each line and commitment.
    pub equal: bool,
    /// Whether they are so by commitment and month, however the lines share it.
    pub equal_by_commitment: bool,
    /// Commitments, lines and months that were compared.
    pub compared: usize,
    /// The effective cost of covered usage: bill, replay.
    pub covered_cost: (Amount, Amount),
    /// What is unused: bill, replay.
    pub unused: (Amount, Amount),
    /// Every deviation, by month, commitment, line and kind.
    pub deviations: Vec<Deviation>,
}

/// Why lines differ where the commitment's whole month does not.
const ELSEWHERE: &str = "in the month the commitment bears the same cost in both; the bill put it on other lines of its scope than the documented order does";

/// Why the on-demand cost differs where quantity and cost do not.
const PRICES: &str = "covered quantity and cost agree; charges of this line have different on-demand prices in the bill, and the replay takes their mean";

#[derive(Clone, Copy, Default)]
struct Facts {
    on_demand: Option<Amount>,
    quantity: Option<Amount>,
    cost: Amount,
}

/// By month, commitment and line: bill and replay.
type Pairs<'a> = BTreeMap<(MonthOfYear, &'a str, &'a LineKey), (Option<Facts>, Option<&'a CoverageMonth>)>;

/// Compares a replay with the bill, month by month.
///
/// # Errors
/// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
pub fn compare_with_bill(
    usage: &Usage,
    commitments: &[Commitment],
    replay: &Replay,
    facts: &BillFacts,
) -> Result<Comparison, AmountError> {
    let context = Context { usage, commitments, replay };
    let pairs = pairs(usage, replay, facts)?;
    let unused = unused(replay, facts)?;
    let mut comparison = Comparison {
        equal: true,
        equal_by_commitment: true,
        compared: pairs.len() + unused.len(),
        covered_cost: (Amount::ZERO, Amount::ZERO),
        unused: (Amount::ZERO, Amount::ZERO),
        deviations: Vec::new(),
    };
    let mut by_commitment: BTreeMap<(MonthOfYear, &str), Amount> = BTreeMap::new();
    for ((month, commitment, _), (bill, found)) in &pairs {
        let bill = bill.map_or(Amount::ZERO, |bill| bill.cost);
        let found = found.map_or(Amount::ZERO, |found| found.cost);
        comparison.covered_cost.0 = comparison.covered_cost.0.checked_add(bill)?;
        comparison.covered_cost.1 = comparison.covered_cost.1.checked_add(found)?;
        let sum = by_commitment.entry((*month, commitment)).or_default();
        *sum = sum.checked_add(found.checked_sub(bill)?)?;
    }
    comparison.equal_by_commitment = by_commitment.values().all(|difference| context.same(*difference));
    for ((month, commitment, line), (bill, found)) in &pairs {
        let known =
            bill.unwrap_or(Facts { on_demand: Some(Amount::ZERO), quantity: Some(Amount::ZERO), cost: Amount::ZERO });
        let found = found
            .map_or((Amount::ZERO, Amount::ZERO, Amount::ZERO), |found| (found.on_demand, found.quantity, found.cost));
        let is_whole = by_commitment.get(&(*month, commitment)).is_some_and(|difference| context.same(*difference));
        let kinds = [
            (DeviationKind::CoveredOnDemand, known.on_demand, found.0),
            (DeviationKind::CoveredQuantity, known.quantity, found.1),
            (DeviationKind::EffectiveCost, Some(known.cost), found.2),
        ];
        let agrees = |kind: (DeviationKind, Option<Amount>, Amount)| {
            kind.1.is_none_or(|bill| kind.2.checked_sub(bill).is_ok_and(|difference| context.same(difference)))
        };
        let only_price = agrees(kinds[1]) && agrees(kinds[2]);
        for (kind, bill, replay) in kinds {
            let Some(bill) = bill else { continue };
            let difference = replay.checked_sub(bill)?;
            if context.same(difference) {
                continue;
            }
            let why = if only_price {
                PRICES.to_owned()
            } else {
                context.why_cover(*month, commitment, line, bill, replay, is_whole)
            };
            comparison.deviations.push(Deviation {
                month: *month,
                commitment: (*commitment).to_owned(),
                line: Some((*line).clone()),
                kind,
                bill,
                replay,
                difference,
                why,
            });
        }
    }
    for ((month, commitment), (bill, found)) in &unused {
        comparison.unused.0 = comparison.unused.0.checked_add(*bill)?;
        comparison.unused.1 = comparison.unused.1.checked_add(*found)?;
        let difference = found.checked_sub(*bill)?;
        if context.same(difference) {
            continue;
        }
        comparison.equal_by_commitment = false;
        comparison.deviations.push(Deviation {
            month: *month,
            commitment: (*commitment).to_owned(),
            line: None,
            kind: DeviationKind::Unused,
            bill: *bill,
            replay: *found,
            difference,
            why: context.why_unused(*month, commitment, difference),
        });
    }
    comparison.deviations.sort_by(|left, right| {
        let key = |deviation: &Deviation| {
            (deviation.month, deviation.commitment.clone(), deviation.line.clone(), deviation.kind)
        };
        key(left).cmp(&key(right))
    });
    comparison.equal = comparison.deviations.is_empty();
    Ok(comparison)
}

fn pairs<'a>(usage: &'a Usage, replay: &'a Replay, facts: &'a BillFacts) -> Result<Pairs<'a>, AmountError> {
    let mut pairs: Pairs<'a> = BTreeMap::new();
    let add = |sum: Option<Amount>, more: Option<Amount>| match (sum, more) {
        (Some(sum), Some(more)) => sum.checked_add(more).map(Some),
        _ => Ok(None),
    };
    for cover in &facts.covers {
        let cell = &mut pairs.entry((cover.month, &cover.commitment, &cover.line)).or_default().0;
        let sum =
            cell.unwrap_or(Facts { on_demand: Some(Amount::ZERO), quantity: Some(Amount::ZERO), cost: Amount::ZERO });
        *cell = Some(Facts {
            on_demand: add(sum.on_demand, cover.on_demand)?,
            quantity: add(sum.quantity, cover.quantity)?,
            cost: sum.cost.checked_add(cover.cost)?,
        });
    }
    for month in &replay.months {
        for cover in &month.coverage {
            let key = (month.month, replay.commitments[cover.commitment].as_str(), &usage.lines()[cover.line].key);
            pairs.entry(key).or_default().1 = Some(cover);
        }
    }
    Ok(pairs)
}

/// By month and commitment: bill and replay.
type Unused<'a> = BTreeMap<(MonthOfYear, &'a str), (Amount, Amount)>;

fn unused<'a>(replay: &'a Replay, facts: &'a BillFacts) -> Result<Unused<'a>, AmountError> {
    let mut unused: Unused<'a> = BTreeMap::new();
    for month in &replay.months {
        for (commitment, found) in replay.commitments.iter().zip(&month.commitments) {
            if !found.cost.is_zero() {
                unused.entry((month.month, commitment)).or_default().1 = found.unused;
            }
        }
    }
    for entry in &facts.unused {
        let cell = unused.entry((entry.month, &entry.commitment)).or_default();
        cell.0 = cell.0.checked_add(entry.unused)?;
    }
    Ok(unused)
}

struct Context<'a> {
    usage: &'a Usage,
    commitments: &'a [Commitment],
    replay: &'a Replay,
}

impl Context<'_> {
    /// Whether a difference is below half of the currency's smallest unit.
    fn same(&self, difference: Amount) -> bool {
        let half = Amount::new(5, self.usage.currency().minor_digits() + 1).unwrap_or_default();
        difference.abs() <= half
    }

    fn month(&self, month: MonthOfYear) -> Option<&ReplayMonth> {
        self.replay.months.iter().find(|found| found.month == month)
    }

    /// What keeps any comparison of a commitment's month from being equal.
    fn why_not_whole(&self, month: MonthOfYear, id: &str) -> Option<String> {
        let Some(commitment) = self.commitments.iter().find(|commitment| commitment.id == id) else {
            return Some("it is in the bill and not in the inventory; complete the inventory with it".to_owned());
        };
        let Some(found) = self.month(month) else {
            return Some("the usage does not reach this month; load its export".to_owned());
        };
        let missing = month_steps(self.usage, month).filter(|step| self.usage.missing().contains(step)).count();
        if missing > 0 {
            return Some(format!("{missing} of {} steps of the month have no usage; load them", found.steps + missing));
        }
        if commitment.start >= month.plus(1).start() || commitment.end <= month.start() {
            return Some("by the inventory it does not run in this month; correct its start and end".to_owned());
        }
        None
    }

    /// `is_whole`: whether the commitment bears the same cost in the month in both, however its lines share it.
    fn why_cover(
        &self,
        month: MonthOfYear,
        id: &str,
        line: &LineKey,
        bill: Amount,
        replay: Amount,
        is_whole: bool,
    ) -> String {
        if let Some(why) = self.why_not_whole(month, id) {
            return why;
        }
        let Some(found) = self.usage.lines().iter().find(|found| found.key == *line) else {
            return "the line is covered in the bill and not among the usage; its rows lack what makes a line"
                .to_owned();
        };
        let commitment = self.commitments.iter().find(|commitment| commitment.id == id);
        if let Some(commitment) = commitment.filter(|_| replay.is_zero()) {
            if !found.eligible.contains(&commitment.program) {
                return format!(
                    "by the eligibility rules no {} covers this usage; correct the rule or the programme",
                    commitment.program
                );
            }
            if !commitment.scope.usage.matches(line) {
                return "by the inventory its scope leaves this usage out; correct its family, region or type"
                    .to_owned();
            }
            if commitment.capacity.is_spend() && commitment.rate_of(line).is_none() {
                return "it has no rate for this usage; give one in an offer sheet".to_owned();
            }
            if is_whole {
                return ELSEWHERE.to_owned();
            }
            return "the replay spends it on other lines first; the accounts' sharing preferences or the rates differ"
                .to_owned();
        }
        if is_whole {
            return ELSEWHERE.to_owned();
        }
        if bill.is_zero() {
            return "the bill spends it on other lines first; the accounts' sharing preferences or the rates differ"
                .to_owned();
        }
        "both cover it, not as much; rates, size factors or the turn of other lines differ".to_owned()
    }

    fn why_unused(&self, month: MonthOfYear, id: &str, difference: Amount) -> String {
        self.why_not_whole(month, id).or_else(|| self.why_part_of_an_hour(month, id, difference)).or_else(|| self.why_used_more(difference)).unwrap_or_else(|| {
            "its fee, size or rates are not the bill's, or usage that it covers in the bill is not in its scope here".to_owned()
        })
    }
}

impl Context<'_> {
    /// The bill leaves unused what the documented order spends.
    fn why_used_more(&self, difference: Amount) -> Option<String> {
        if !difference.is_negative() {
            return None;
        }
        let by_day = self.usage.span().step() == crate::model::Step::Day;
        let cause = if by_day {
            "by the day what is unused in one hour covers another; load hours"
        } else {
            "a provider's documents let a commitment cover a part of a machine's hour, too"
        };
        Some(format!(
            "the bill leaves {} more unused, in a month in which usage that it may cover stays on demand; {cause}",
            difference.abs().normalized()
        ))
    }

    /// What begins or ends within an hour is billed by the second there, and replayed by the hour.
    fn why_part_of_an_hour(&self, month: MonthOfYear, id: &str, difference: Amount) -> Option<String> {
        let commitment = self.commitments.iter().find(|commitment| commitment.id == id)?;
        let edges = [(commitment.start, "begins"), (commitment.end, "ends")];
        let (at, what) =
            edges.into_iter().find(|(at, _)| MonthOfYear::of(*at) == month && at.timestamp().rem_euclid(3600) != 0)?;
        let spread = commitment.amortised_until(1, 12).ok()?;
        let hour = commitment.recurring.checked_add(spread).ok()?;
        (difference.abs() <= hour).then(|| {
            format!(
                "it {what} at {}, within an hour: the bill charges a part of that hour, the replay all of it",
                at.format("%H:%M:%S")
            )
        })
    }
}

/// The steps of a month.
fn month_steps(usage: &Usage, month: MonthOfYear) -> std::ops::Range<usize> {
    usage.span().months().into_iter().find(|(found, _)| *found == month).map_or(0..0, |(_, steps)| steps)
}
