//! [`Prepared`]: one usage, replayed many times; and what a replay can take over from the one before it.

use std::collections::{BTreeMap, BTreeSet};

use crate::model::{BenefitPolicy, Commitment, Series, Usage};
use crate::replay::engine::{Engine, MonthRun, Notes, RawCover};
use crate::replay::layout::{Layout, Scales, Terms};
use crate::replay::notice::{findings_of_commitments, findings_of_run, findings_of_usage};
use crate::replay::order::{LineRanks, order};
use crate::replay::whole::Whole;
use crate::replay::{CommitmentMonth, Finding, Replay, ReplayError, StepFigures};

/// As many commitments, and as many lines, as a `u16` counts.
const MOST: usize = 1 << 16;

/// Usage laid out for many replays.
#[derive(Clone, Debug)]
pub struct Prepared<'a> {
    usage: &'a Usage,
    scales: Scales,
    /// None where an amount needs 128 bits.
    narrow: Option<Layout<i64>>,
    ranks: LineRanks,
    findings: Result<Vec<Finding>, ReplayError>,
}

/// A replay, with what a later one of the same usage can take over.
#[derive(Clone, Debug)]
pub struct Run {
    /// The replay.
    pub replay: Replay,
    commitments: Vec<Commitment>,
    policy: BenefitPolicy,
    scales: Scales,
    /// By month.
    notes: Vec<Notes>,
}

impl Run {
    /// The commitments, in the order of [`Replay::commitments`].
    #[must_use]
    pub fn commitments(&self) -> &[Commitment] {
        &self.commitments
    }

    pub(crate) const fn scales(&self) -> Scales {
        self.scales
    }
}

impl<'a> Prepared<'a> {
    /// Lays out the usage.
    #[must_use]
    pub fn new(usage: &'a Usage) -> Self {
        let scales = Scales::of(usage, &[]);
        Self {
            usage,
            scales,
            narrow: Layout::new(usage, scales),
            ranks: LineRanks::of(usage),
            findings: findings_of_usage(usage),
        }
    }

    /// The usage.
    #[must_use]
    pub const fn usage(&self) -> &'a Usage {
        self.usage
    }

    /// Replays commitments; their order does not matter.
    ///
    /// # Errors
    /// [`ReplayError`], naming the commitment and what to correct.
    pub fn replay(&self, commitments: &[Commitment], policy: &BenefitPolicy) -> Result<Replay, ReplayError> {
        self.run(commitments, policy).map(|run| run.replay)
    }

    /// As [`Prepared::replay`], to be taken further by [`Prepared::run_again`].
    ///
    /// # Errors
    /// As [`Prepared::replay`].
    pub fn run(&self, commitments: &[Commitment], policy: &BenefitPolicy) -> Result<Run, ReplayError> {
        self.run_with(None, commitments, policy, None)
    }

    /// As [`Prepared::run`], taking over from a run of the same usage every month whose commitments did not change. The result is the
    /// same to the byte.
    ///
    /// # Errors
    /// As [`Prepared::replay`].
    pub fn run_again(
        &self,
        before: &Run,
        commitments: &[Commitment],
        policy: &BenefitPolicy,
    ) -> Result<Run, ReplayError> {
        self.run_with(Some(before), commitments, policy, None)
    }

    pub(crate) fn run_with(
        &self,
        before: Option<&Run>,
        commitments: &[Commitment],
        policy: &BenefitPolicy,
        mut covers: Option<&mut Vec<RawCover>>,
    ) -> Result<Run, ReplayError> {
        let sorted = sorted(self.usage, commitments)?;
        let count = sorted.len().max(self.usage.lines().len());
        if count > MOST {
            return Err(ReplayError::TooMany(count));
        }
        let scales = Scales::of(self.usage, &sorted);
        let taken = before.map_or_else(Vec::new, |before| self.take_over(before, &sorted, policy, scales));
        let task = Task { commitments: &sorted, policy, before, taken };
        if let Some(layout) = self.narrow.as_ref().filter(|_| scales == self.scales) {
            let found = self.at_width(layout, &task, covers.as_deref_mut())?;
            if let Some(run) = found {
                return Ok(run);
            }
        }
        let too_large = || ReplayError::TooLarge { what: "an amount of the usage or of a commitment".to_owned() };
        let wide = Layout::<i128>::new(self.usage, scales).ok_or_else(too_large)?;
        self.at_width(&wide, &task, covers)?.ok_or_else(too_large)
    }

    /// By month: what of an earlier run holds still.
    fn take_over(
        &self,
        before: &Run,
        commitments: &[&Commitment],
        policy: &BenefitPolicy,
        scales: Scales,
    ) -> Vec<Option<MonthRun>> {
        let span = self.usage.span();
        if before.replay.span != span || before.policy != *policy || before.scales != scales {
            return Vec::new();
        }
        let unchanged: BTreeSet<&str> = commitments
            .iter()
            .filter(|new| before.commitments.iter().any(|old| old.id == new.id && old.is_alike(new)))
            .map(|commitment| commitment.id.as_str())
            .collect();
        let hour = |step: usize| span.start_of(step).timestamp().div_euclid(3600);
        let months = before.replay.months.iter().zip(&before.notes).zip(span.months());
        months
            .map(|((month, notes), (_, steps))| {
                let (from, until) = (hour(steps.start), hour(steps.end));
                let runs = |commitment: &Commitment| {
                    let hours = commitment.hours();
                    hours.start < until && hours.end > from
                };
                let old: Vec<usize> = numbers(before.commitments.iter(), runs);
                let new: Vec<usize> = numbers(commitments.iter().copied(), runs);
                let same = old.len() == new.len()
                    && old.iter().zip(&new).all(|(old, new)| {
                        let id = commitments[*new].id.as_str();
                        before.commitments[*old].id == id && unchanged.contains(id)
                    });
                same.then(|| {
                    let places: BTreeMap<usize, usize> = old.into_iter().zip(new).collect();
                    renumbered(&MonthRun { month: month.clone(), notes: notes.clone() }, &places, commitments.len())
                })
            })
            .collect()
    }

    /// One run at one width; none when a number does not fit it.
    fn at_width<W: Whole>(
        &self,
        layout: &Layout<W>,
        task: &Task<'_>,
        covers: Option<&mut Vec<RawCover>>,
    ) -> Result<Option<Run>, ReplayError> {
        let (usage, commitments, scales) = (self.usage, task.commitments, layout.scales);
        let mut findings = self.findings.clone()?;
        findings_of_commitments(usage, commitments, &mut findings);
        let order = order::<W>(usage, &self.ranks, commitments, task.policy, scales, &mut findings);
        let Some(order) = order else { return Ok(None) };
        let Some(terms) = Terms::<W>::new(&usage.span(), commitments, scales)? else { return Ok(None) };
        let engine = Engine { usage, layout, order: &order, terms: &terms, commitments: commitments.len() };
        let wanted: Vec<bool> =
            (0..layout.months.len()).map(|month| !matches!(task.taken.get(month), Some(Some(_)))).collect();
        let outcome = match covers {
            Some(covers) => {
                covers.clear();
                engine.run(&wanted, |cover| covers.push(cover))
            }
            None => engine.run(&wanted, |_| ()),
        };
        let Some((months, mut steps)) = outcome else { return Ok(None) };
        let taken = task.taken.iter().cloned().chain(std::iter::repeat(None));
        let months: Vec<MonthRun> = months.into_iter().zip(taken).filter_map(|(run, taken)| run.or(taken)).collect();
        if let Some(before) = task.before {
            let ranges = usage.span().months().into_iter().zip(&wanted).filter(|(_, wanted)| !**wanted);
            for ((_, range), _) in ranges {
                copy_steps(&mut steps, &before.replay.steps, range);
            }
        }
        let (months, notes): (Vec<_>, Vec<_>) = months.into_iter().map(|run| (run.month, run.notes)).unzip();
        findings_of_run(usage, commitments, &order.reaches, &notes, &mut findings);
        findings.sort();
        let replay = Replay {
            currency: usage.currency(),
            span: usage.span(),
            commitments: commitments.iter().map(|commitment| commitment.id.clone()).collect(),
            months,
            steps,
            findings,
        };
        let commitments = commitments.iter().map(|commitment| (*commitment).clone()).collect();
        Ok(Some(Run { replay, commitments, policy: task.policy.clone(), scales, notes }))
    }
}

/// What is to be run.
struct Task<'a> {
    commitments: &'a [&'a Commitment],
    policy: &'a BenefitPolicy,
    before: Option<&'a Run>,
    /// By month; empty where nothing can be taken over.
    taken: Vec<Option<MonthRun>>,
}

/// The commitments in the order of provider and id, checked.
fn sorted<'a>(usage: &Usage, commitments: &'a [Commitment]) -> Result<Vec<&'a Commitment>, ReplayError> {
    let mut sorted: Vec<&Commitment> = commitments.iter().collect();
    sorted.sort_by(|left, right| (&left.provider, &left.id).cmp(&(&right.provider, &right.id)));
    for commitment in &sorted {
        commitment.check()?;
        if commitment.currency != usage.currency() {
            return Err(ReplayError::Currency {
                commitment: commitment.id.clone(),
                found: commitment.currency,
                expected: usage.currency(),
            });
        }
    }
    let mut ids: Vec<&str> = sorted.iter().map(|commitment| commitment.id.as_str()).collect();
    ids.sort_unstable();
    match ids.windows(2).find(|pair| pair[0] == pair[1]) {
        Some(pair) => Err(ReplayError::Duplicate(pair[0].to_owned())),
        None => Ok(sorted),
    }
}

fn numbers<'a>(commitments: impl Iterator<Item = &'a Commitment>, wanted: impl Fn(&Commitment) -> bool) -> Vec<usize> {
    commitments.enumerate().filter(|(_, commitment)| wanted(commitment)).map(|(number, _)| number).collect()
}

/// A month of another run with the commitments' numbers of this one.
fn renumbered(run: &MonthRun, places: &BTreeMap<usize, usize>, commitments: usize) -> MonthRun {
    let mut month = run.month.clone();
    month.commitments = vec![CommitmentMonth::default(); commitments];
    let mut notes = Notes { most_used: vec![None; commitments], ..Notes::default() };
    for (old, new) in places {
        month.commitments[*new] = run.month.commitments[*old];
        notes.most_used[*new] = run.notes.most_used[*old];
    }
    for cover in &mut month.coverage {
        cover.commitment = places.get(&cover.commitment).copied().unwrap_or(cover.commitment);
    }
    for ((commitment, line), steps) in &run.notes.refused {
        if let Some(new) = places.get(commitment) {
            notes.refused.insert((*new, *line), *steps);
        }
    }
    MonthRun { month, notes }
}

fn copy_steps(steps: &mut StepFigures, before: &StepFigures, range: std::ops::Range<usize>) {
    let copy = |new: &mut Series, old: &Series| {
        let mut units = new.units().to_vec();
        units[range.clone()].copy_from_slice(&old.units()[range.clone()]);
        *new = Series::from_units(units, old.scale());
    };
    copy(&mut steps.covered, &before.covered);
    copy(&mut steps.commitment, &before.commitment);
    copy(&mut steps.unused, &before.unused);
}
