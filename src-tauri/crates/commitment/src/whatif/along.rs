//! [`Along`]: commitments replayed along many paths of demand, on the lines that they can reach; the others only grow and shrink.

use std::sync::{Mutex, PoisonError};

use money::{Amount, AmountError};

use crate::model::{BenefitPolicy, Commitment, Usage};
use crate::replay::order::turn;
use crate::replay::{Figures, Prepared, Replay};
use crate::whatif::{SamplePath, WhatIfError};

/// Paths that are begun together: progress is told, and the work can be stopped, before each such batch.
const BATCH: usize = 8;

/// Does a number of pieces of work, each by its number, in any order, several at once where it can.
pub type Workers<'a> = &'a dyn Fn(usize, &(dyn Fn(usize) + Sync));

/// One piece of work after the other.
pub fn one_by_one(count: usize, work: &(dyn Fn(usize) + Sync)) {
    (0..count).for_each(work);
}

/// Sample paths, and who replays them. This crate starts no threads of its own.
#[derive(Clone, Copy)]
pub struct Paths<'a> {
    /// The paths.
    pub samples: &'a [SamplePath],
    /// Who replays them; the order in which they do changes nothing.
    pub workers: Workers<'a>,
}

/// What no commitment reaches of a line, by month.
struct Rest {
    line: usize,
    months: Vec<Figures>,
}

/// Usage with the commitments that are laid on it along paths.
pub(crate) struct Along<'a> {
    usage: &'a Usage,
    commitments: &'a [Commitment],
    policy: &'a BenefitPolicy,
    reached: Usage,
    /// Numbers of the reached lines in the usage.
    numbers: Vec<usize>,
    rest: Vec<Rest>,
}

/// A replay along one path, with what lies outside of it by month.
pub(crate) struct OnPath {
    pub(crate) replay: Replay,
    /// On-demand cost of the lines that no commitment reaches.
    pub(crate) rest: Vec<Figures>,
}

impl<'a> Along<'a> {
    pub(crate) fn new(
        usage: &'a Usage,
        commitments: &'a [Commitment],
        policy: &'a BenefitPolicy,
    ) -> Result<Self, WhatIfError> {
        let months = usage.span().months();
        let (mut numbers, mut rest) = (Vec::new(), Vec::new());
        for (number, line) in usage.lines().iter().enumerate() {
            if commitments.iter().any(|commitment| turn(commitment, line, policy).is_some()) {
                numbers.push(number);
                continue;
            }
            let is_eligible = !line.eligible.is_empty();
            let sums = months.iter().map(|(_, steps)| {
                let known = || steps.clone().filter(|step| !usage.missing().contains(step));
                let cost = |positive: bool| {
                    let cost = known().map(|step| line.on_demand.at(step));
                    Amount::sum(cost.filter(|cost| !positive || *cost > Amount::ZERO))
                };
                let on_demand = cost(false)?;
                let eligible = if is_eligible { cost(true)? } else { Amount::ZERO };
                Ok(Figures { on_demand, eligible, remainder: on_demand, ..Figures::default() })
            });
            rest.push(Rest { line: number, months: sums.collect::<Result<_, AmountError>>()? });
        }
        let lines = numbers.iter().map(|number| usage.lines()[*number].clone()).collect();
        let reached = Usage::new(usage.currency(), usage.span(), usage.missing().clone(), lines)?;
        Ok(Self { usage, commitments, policy, reached, numbers, rest })
    }

    /// The replay along one path; none: the usage as it is laid.
    pub(crate) fn on(&self, sample: Option<&SamplePath>) -> Result<OnPath, WhatIfError> {
        let replay = match sample {
            Some(sample) => {
                let factors = self.numbers.iter().map(|number| sample.factors[*number].clone()).collect();
                let usage = SamplePath { factors }.lay_on(&self.reached)?;
                Prepared::new(&usage).replay(self.commitments, self.policy)?
            }
            None => Prepared::new(&self.reached).replay(self.commitments, self.policy)?,
        };
        let mut rest = vec![Figures::default(); self.usage.span().months().len()];
        for line in &self.rest {
            let factors = sample.map(|sample| &sample.factors[line.line]);
            for (month, (sum, figures)) in rest.iter_mut().zip(&line.months).enumerate() {
                let factor = factors.map_or(Amount::from_integer(1), |factors| factors[month]);
                let on_demand = figures.on_demand.checked_mul(factor)?;
                let eligible = figures.eligible.checked_mul(factor)?;
                *sum = sum.plus(Figures { on_demand, eligible, remainder: on_demand, ..Figures::default() })?;
            }
        }
        Ok(OnPath { replay, rest })
    }

    /// Each path by `of`, in the order of the paths. `progress` hears how many are done and stops the work by returning false.
    pub(crate) fn each<T: Send>(
        &self,
        paths: Paths<'_>,
        of: impl Fn(&OnPath) -> Result<T, WhatIfError> + Sync,
        progress: &mut dyn FnMut(usize, usize) -> bool,
    ) -> Result<Vec<T>, WhatIfError> {
        let total = paths.samples.len();
        let mut found = Vec::with_capacity(total);
        for several in paths.samples.chunks(BATCH) {
            for done in found.len()..found.len() + several.len() {
                if !progress(done, total) {
                    return Err(WhatIfError::Stopped { done, total });
                }
            }
            let one = |place: usize| of(&self.on(Some(&several[place]))?);
            let results: Vec<Mutex<Option<Result<T, WhatIfError>>>> =
                several.iter().map(|_| Mutex::new(None)).collect();
            (paths.workers)(several.len(), &|place| {
                let result = one(place);
                *results[place].lock().unwrap_or_else(PoisonError::into_inner) = Some(result);
            });
            for (place, result) in results.into_iter().enumerate() {
                // What no worker did is done here.
                let result = result.into_inner().unwrap_or_else(PoisonError::into_inner);
                found.push(result.unwrap_or_else(|| one(place))?);
            }
        }
        Ok(found)
    }
}
