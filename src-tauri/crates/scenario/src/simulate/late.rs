//! The phases behind migration, month by month over all groups: caps, commitments, percentage charges, credits, currency, allocation;
//! then the sums.

use crate::Tier;
use crate::operation::Phase;
use crate::plan::Attached;
use crate::simulate::arrays::Arrays;
use crate::simulate::{Simulation, amount_as_statistic};

/// What the tiers make of the part of an amount from `from` to `to`.
fn by_tiers(tiers: &[Tier], from: f64, to: f64) -> f64 {
    let (mut due, mut below) = (0.0_f64, from);
    for tier in tiers {
        let end = tier.up_to.map_or(to, |end| amount_as_statistic(end).min(to));
        due += (end - below).max(0.0) * amount_as_statistic(tier.percent) / 100.0;
        below = below.max(end);
    }
    due
}

/// One month of all groups, and room to work in.
struct Sheet {
    paths: usize,
    /// Groups by paths.
    values: Vec<f32>,
    sum: Vec<f64>,
    positive: Vec<f64>,
}

impl Sheet {
    fn row(&self, group: usize) -> &[f32] {
        &self.values[group * self.paths..(group + 1) * self.paths]
    }

    fn row_mut(&mut self, group: usize) -> &mut [f32] {
        &mut self.values[group * self.paths..(group + 1) * self.paths]
    }

    /// The sum of groups, and of what is positive of them.
    fn add_up(&mut self, groups: &[usize]) {
        self.sum.fill(0.0);
        self.positive.fill(0.0);
        for &group in groups {
            let row = &self.values[group * self.paths..(group + 1) * self.paths];
            for ((value, sum), positive) in row.iter().zip(&mut self.sum).zip(&mut self.positive) {
                *sum += f64::from(*value);
                *positive += f64::from(value.max(0.0));
            }
        }
    }

    /// Takes amounts off what is positive of groups, in proportion; `positive` becomes the factor.
    fn take_off(&mut self, groups: &[usize], amounts: impl Fn(usize, f64, f64) -> f64) {
        for path in 0..self.paths {
            let positive = self.positive[path];
            let amount = amounts(path, self.sum[path], positive);
            self.positive[path] = if positive > 0.0 { 1.0 - amount / positive } else { 1.0 };
        }
        for &group in groups {
            let row = &mut self.values[group * self.paths..(group + 1) * self.paths];
            for (value, factor) in row.iter_mut().zip(&self.positive) {
                if *value > 0.0 {
                    *value *= *factor as f32;
                }
            }
        }
    }
}

/// What carries over from month to month, by path.
struct Carried {
    /// By agreement, what was spent.
    spent: Vec<Vec<f64>>,
    /// By credit, what is left.
    left: Vec<Vec<f64>>,
    /// Groups by paths: what credits paid for in the month.
    paid: Vec<f32>,
}

impl Simulation {
    pub(super) fn sum_late(&mut self) {
        let (months, paths, count) = (self.plan.months(), self.settings.paths, self.groups.count());
        let mut sheet =
            Sheet { paths, values: vec![0.0; count * paths], sum: vec![0.0; paths], positive: vec![0.0; paths] };
        let baseline = &self.plan.ground.baseline;
        let filled = |amount| vec![amount_as_statistic(amount); paths];
        let mut carried = Carried {
            spent: baseline.agreements.iter().map(|agreement| filled(agreement.already_spent)).collect(),
            left: self.plan.credits.iter().map(|credit| filled(baseline.credits[credit.place].balance)).collect(),
            paid: vec![0.0; if self.plan.credits.is_empty() { 0 } else { count * paths }],
        };
        let mut sums = std::mem::take(&mut self.sums);
        for month in 0..months {
            sheet.values.copy_from_slice(&self.moved[month * count * paths..(month + 1) * count * paths]);
            self.late_steps(&mut sheet, month, Phase::Caps..=Phase::Caps);
            self.late_commitments(&mut sheet, month);
            self.late_agreements(&mut sheet, month, &mut carried);
            self.late_percentages(&mut sheet, month);
            self.late_credits(&mut sheet, month, &mut carried);
            self.late_steps(&mut sheet, month, Phase::Currency..=Phase::Allocation);
            let slice = month * paths..(month + 1) * paths;
            sums.iter_mut().for_each(|view| view[slice.clone()].fill(0.0));
            for group in 0..count {
                let row = sheet.row(group);
                for &view in [0].iter().chain(self.groups.views(group)) {
                    for (sum, value) in sums[view][slice.clone()].iter_mut().zip(row) {
                        *sum += f64::from(*value);
                    }
                }
            }
        }
        self.sums = sums;
    }

    fn late_steps(&self, sheet: &mut Sheet, month: usize, phases: std::ops::RangeInclusive<Phase>) {
        let paths = sheet.paths;
        let slice = month * paths..(month + 1) * paths;
        for (place, step) in self.plan.steps.iter().enumerate().filter(|(_, step)| phases.contains(&step.phase)) {
            match &self.arrays[place] {
                Arrays::Limit(limits) => {
                    let limits = &limits[slice.clone()];
                    let groups = self.groups.of_lines(&step.lines);
                    sheet.add_up(&groups);
                    sheet.take_off(&groups, |path, sum, _| (sum - f64::from(limits[path])).max(0.0));
                }
                Arrays::Multiply(factors) => {
                    for (group, _) in self.groups.late(place) {
                        for (value, factor) in sheet.row_mut(group).iter_mut().zip(&factors[slice.clone()]) {
                            *value *= factor;
                        }
                    }
                }
                Arrays::Move { leaving, .. } => {
                    for (group, target) in self.groups.late(place) {
                        let Some(target) = target else { continue };
                        for (path, share) in leaving[slice.clone()].iter().enumerate() {
                            let moved = sheet.values[group * paths + path] * share;
                            sheet.values[group * paths + path] -= moved;
                            sheet.values[target * paths + path] += moved;
                        }
                    }
                }
                Arrays::Drive(_) | Arrays::Flow(_) => {}
            }
        }
    }

    fn late_commitments(&self, sheet: &mut Sheet, month: usize) {
        let paths = sheet.paths;
        for (commitment, schedule) in self.plan.commitments.iter().zip(&self.schedules) {
            let slice = month * paths..(month + 1) * paths;
            let (fees, capacities) = (&schedule.due[slice.clone()], &schedule.capacity[slice]);
            let groups = self.groups.of_lines(&commitment.eligible);
            sheet.add_up(&groups);
            let (used, unused) = (self.groups.of_line(commitment.used), self.groups.of_line(commitment.unused));
            for path in 0..paths {
                let (fee, capacity) = (fees[path], capacities[path]);
                let covered = f64::from(capacity).min(sheet.positive[path]);
                let share = if capacity > 0.0 { (covered / f64::from(capacity)) as f32 } else { 0.0 };
                sheet.values[used * paths + path] = fee * share;
                sheet.values[unused * paths + path] = fee - fee * share;
            }
            sheet.take_off(&groups, |path, _, positive| f64::from(capacities[path]).min(positive));
        }
    }

    fn late_agreements(&self, sheet: &mut Sheet, month: usize, carried: &mut Carried) {
        for (attached, spent) in self.plan.agreements.iter().zip(&mut carried.spent) {
            let agreement = &self.plan.ground.baseline.agreements[attached.place];
            let Ok(place) = i32::try_from(month) else { continue };
            let since = self.plan.first_month().plus(place).since(agreement.start);
            let term = i32::try_from(agreement.term_months).unwrap_or(i32::MAX);
            if since < 0 || since >= term {
                continue;
            }
            sheet.add_up(&self.groups.of_lines(&attached.lines));
            let sums = std::mem::take(&mut sheet.sum);
            for (path, (spent, sum)) in spent.iter_mut().zip(&sums).enumerate() {
                let before = spent.max(0.0);
                *spent += sum;
                if let Some(rebate) = attached.rebate {
                    let group = self.groups.of_line(rebate);
                    sheet.values[group * sheet.paths + path] = -(by_tiers(&agreement.rebates, before, *spent) as f32);
                }
            }
            sheet.sum = sums;
            if since == term - 1 {
                let minimum = amount_as_statistic(agreement.minimum);
                let row = sheet.row_mut(self.groups.of_line(attached.line));
                for (value, spent) in row.iter_mut().zip(spent) {
                    *value = (minimum - *spent).max(0.0) as f32;
                }
            }
        }
    }

    fn late_percentages(&self, sheet: &mut Sheet, month: usize) {
        for attached in &self.plan.percentage_charges {
            let charge = &self.plan.ground.baseline.percentage_charges[attached.place];
            sheet.add_up(&self.groups.of_lines(&attached.lines));
            let minimum = amount_as_statistic(charge.minimum);
            let group = self.groups.of_line(attached.line);
            let elsewhere = charge.elsewhere.get(month).copied().map_or(0.0, amount_as_statistic);
            for path in 0..sheet.paths {
                let due = by_tiers(&charge.tiers, 0.0, sheet.sum[path] + elsewhere);
                sheet.values[group * sheet.paths + path] = due.max(minimum) as f32;
            }
        }
    }

    fn late_credits(&self, sheet: &mut Sheet, month: usize, carried: &mut Carried) {
        let paths = sheet.paths;
        carried.paid.fill(0.0);
        for (attached, left) in self.plan.credits.iter().zip(&mut carried.left) {
            let credit = &self.plan.ground.baseline.credits[attached.place];
            let date = self.plan.first_month().plus(i32::try_from(month).unwrap_or(i32::MAX));
            if date < credit.from || date > credit.expires {
                continue;
            }
            let limit = credit.monthly_limit.map_or(f64::INFINITY, amount_as_statistic);
            self.draw(sheet, attached, left, limit, &mut carried.paid);
            debug_assert_eq!(left.len(), paths, "a balance for each course");
        }
    }

    /// In proportion to what is open, as in the likely case.
    fn draw(&self, sheet: &mut Sheet, attached: &Attached, left: &mut [f64], limit: f64, paid: &mut [f32]) {
        let paths = sheet.paths;
        let groups = self.groups.of_lines(&attached.lines);
        let own = self.groups.of_line(attached.line);
        for (path, left) in left.iter_mut().enumerate() {
            let open = |sheet: &Sheet, paid: &[f32], group: usize| {
                f64::from((sheet.values[group * paths + path] - paid[group * paths + path]).max(0.0))
            };
            let payable: f64 = groups.iter().map(|&group| open(sheet, paid, group)).sum();
            let drawn = payable.min(*left).min(limit);
            if payable > 0.0 {
                for &group in &groups {
                    let part = open(sheet, paid, group) * drawn / payable;
                    paid[group * paths + path] += part as f32;
                }
            }
            *left -= drawn;
            sheet.values[own * paths + path] = -(drawn as f32);
        }
    }
}
