//! Lines that every operation, charge and view treats alike are simulated as one: what is a product or a sum is the same for their sum.
//! Caps, commitments and credits look at what is positive; there a group counts with its sum, so that a credit among the lines of one
//! group is set off against them.

use std::collections::BTreeMap;

use crate::Filter;
use crate::operation::Phase;
use crate::plan::Plan;
use crate::simulate::{SamplePaths, quotient};

/// An operation at its turn on a group.
#[derive(Clone, Copy, Debug)]
pub(super) struct Touch {
    pub(super) step: usize,
    /// The group that cost moves to.
    pub(super) target: Option<usize>,
    /// The shares that follow the driver, among those of all groups; none where nothing does.
    pub(super) shares: Option<usize>,
}

/// Which line is in which group, and what touches it.
#[derive(Clone, Debug)]
pub(super) struct Groups {
    of_line: Vec<usize>,
    /// By group: whether an operation, fee or charge brought it in.
    brought: Vec<bool>,
    early: Vec<Vec<Touch>>,
    late: Vec<Vec<Touch>>,
    /// By group: the views that sum it, the total left out.
    views: Vec<Vec<usize>>,
    /// How much of a line follows its driver, month by month: each course of shares once.
    shares: Vec<Vec<f32>>,
}

impl Groups {
    pub(super) fn new(plan: &Plan, views: &[Filter]) -> Self {
        let lines = plan.lines.len();
        let own = plan.ground.baseline.lines.len();
        let mut marks: Vec<Vec<usize>> = vec![Vec::new(); lines];
        let mut mark =
            |line: usize, kind: usize, place: usize, detail: usize| marks[line].extend([kind, place, detail]);
        for (place, step) in plan.steps.iter().enumerate() {
            for (index, &line) in step.lines.iter().enumerate() {
                mark(line, 0, place, step.targets.get(index).copied().unwrap_or_default());
            }
        }
        let attached = [&plan.agreements, &plan.percentage_charges, &plan.credits];
        for (kind, list) in (1..).zip(attached) {
            for (place, attached) in list.iter().enumerate() {
                attached.lines.iter().for_each(|&line| mark(line, kind, place, 0));
            }
        }
        for (place, commitment) in plan.commitments.iter().enumerate() {
            commitment.eligible.iter().for_each(|&line| mark(line, 4, place, 0));
        }
        let dimensions = &plan.ground.baseline.dimensions;
        let mut shown: Vec<Vec<usize>> = vec![Vec::new(); lines];
        for (place, view) in views.iter().enumerate() {
            for (line, planned) in plan.lines.iter().enumerate() {
                if view.fits(dimensions, &planned.values) {
                    mark(line, 5, place, 0);
                    shown[line].push(place + 1);
                }
            }
        }
        // Lines follow their driver alike where it is the same with the same share.
        let mut links = Vec::new();
        let mut share_of = vec![None; own];
        for (line, link) in plan.ground.links.iter().enumerate() {
            if let Some(link) = link {
                let place = links.iter().position(|known| *known == link).unwrap_or_else(|| {
                    links.push(link);
                    links.len() - 1
                });
                share_of[line] = Some(place);
                mark(line, 6, place, 0);
            }
        }
        let shares = links.iter().map(|(_, shares)| shares.iter().map(|share| share.approximate() as f32).collect());
        let mut known: BTreeMap<Vec<usize>, usize> = BTreeMap::new();
        let mut groups = Self {
            of_line: vec![0; lines],
            brought: Vec::new(),
            early: Vec::new(),
            late: Vec::new(),
            views: Vec::new(),
            shares: shares.collect(),
        };
        let mut firsts = Vec::new();
        for (line, marks) in marks.into_iter().enumerate() {
            let next = groups.brought.len();
            let group = if line < own { *known.entry(marks).or_insert(next) } else { next };
            if group == next {
                groups.brought.push(line >= own);
                groups.views.push(std::mem::take(&mut shown[line]));
                firsts.push(line);
            }
            groups.of_line[line] = group;
        }
        groups.touches(plan, &firsts, &share_of);
        groups
    }

    /// One line stands for all of its group.
    fn touches(&mut self, plan: &Plan, firsts: &[usize], share_of: &[Option<usize>]) {
        self.early = vec![Vec::new(); firsts.len()];
        self.late = vec![Vec::new(); firsts.len()];
        for (place, step) in plan.steps.iter().enumerate() {
            let lines = step.lines.iter().zip(step.targets.iter().map(Some).chain(std::iter::repeat(None)));
            let own_lines = if step.lines.is_empty() { &step.targets[..] } else { &[] };
            for (&line, target) in lines.chain(own_lines.iter().map(|line| (line, None))) {
                let group = self.of_line[line];
                if firsts[group] != line {
                    continue;
                }
                let shares = share_of.get(line).copied().flatten();
                let touch = Touch { step: place, target: target.map(|&line| self.of_line[line]), shares };
                if step.phase <= Phase::Migration {
                    self.early[group].push(touch);
                } else {
                    self.late[group].push(touch);
                }
            }
        }
    }

    pub(super) fn count(&self) -> usize {
        self.brought.len()
    }

    pub(super) fn of_line(&self, line: usize) -> usize {
        self.of_line[line]
    }

    pub(super) fn is_brought(&self, group: usize) -> bool {
        self.brought[group]
    }

    /// How much of a group follows its driver in a month.
    pub(super) fn share(&self, touch: &Touch, month: usize) -> f32 {
        touch.shares.and_then(|place| self.shares[place].get(month).copied()).unwrap_or_default()
    }

    pub(super) fn early(&self, group: usize) -> &[Touch] {
        &self.early[group]
    }

    pub(super) fn views(&self, group: usize) -> &[usize] {
        &self.views[group]
    }

    /// The groups of lines, each once, in their order.
    pub(super) fn of_lines(&self, lines: &[usize]) -> Vec<usize> {
        let mut groups: Vec<usize> = lines.iter().map(|&line| self.of_line[line]).collect();
        groups.sort_unstable();
        groups.dedup();
        groups
    }

    /// The groups that a step touches before commitments.
    pub(super) fn touched(&self, step: usize) -> impl Iterator<Item = usize> {
        let touches = move |touch: &Touch| touch.step == step;
        self.early.iter().enumerate().filter(move |(_, early)| early.iter().any(touches)).map(|(group, _)| group)
    }

    /// The groups that a late step touches, each with where its cost goes.
    pub(super) fn late(&self, step: usize) -> Vec<(usize, Option<usize>)> {
        let found = self.late.iter().enumerate().flat_map(|(group, late)| {
            late.iter().filter(|touch| touch.step == step).map(move |touch| (group, touch.target))
        });
        found.collect()
    }

    /// Marks what hangs together with what is marked: where cost of a marked group goes, and all that goes there, too.
    pub(super) fn close(&self, dirty: &mut [bool]) {
        loop {
            let before = dirty.iter().filter(|dirty| **dirty).count();
            for (group, early) in self.early.iter().enumerate() {
                for target in early.iter().filter_map(|touch| touch.target) {
                    if dirty[group] || dirty[target] {
                        dirty[group] = true;
                        dirty[target] = true;
                    }
                }
            }
            if dirty.iter().filter(|dirty| **dirty).count() == before {
                return;
            }
        }
    }

    /// The baseline's courses of each group: months by groups by paths.
    pub(super) fn base(&self, plan: &Plan, paths: &SamplePaths, count: usize) -> Vec<f32> {
        const UNIT: i128 = 1_000_000_000;
        let (months, groups) = (plan.months(), self.count());
        let mut base = vec![0.0_f32; months * groups * count];
        let mut levels = vec![0.0_f64; groups];
        for month in 0..months {
            levels.fill(0.0);
            let block = &mut base[month * groups * count..(month + 1) * groups * count];
            for (line, row) in plan.ground.cells.chunks_exact(months).enumerate() {
                let group = self.of_line[line];
                levels[group] += quotient(row[month], UNIT);
                if let Some((series, share)) = paths.of_line.get(line).copied().flatten() {
                    let deviations = &paths.series[series][month * count..(month + 1) * count];
                    for (value, deviation) in block[group * count..(group + 1) * count].iter_mut().zip(deviations) {
                        *value += deviation * share;
                    }
                }
            }
            for (values, level) in block.chunks_exact_mut(count).zip(&levels) {
                for value in values {
                    *value += *level as f32;
                }
            }
        }
        base
    }
}
