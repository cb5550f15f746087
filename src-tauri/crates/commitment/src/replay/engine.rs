//! The inner loop: step by step, pair by pair, whole numbers only.

use crate::model::{Series, Usage};
use crate::replay::layout::{Layout, LayoutMonth, Terms};
use crate::replay::order::{Application, Order, Take, Tier};
use crate::replay::outcome::{CommitmentMonth, CoverageMonth, LineMonth, ReplayMonth, StepFigures};
use crate::replay::whole::Whole;

/// What one commitment covered of one line in one step, in units of the scales.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct RawCover {
    pub step: usize,
    pub commitment: usize,
    pub line: usize,
    pub on_demand: i128,
    pub quantity: i128,
    pub capacity: i128,
    pub cost: i128,
}

/// What the loop found beside the figures.
#[derive(Clone, Debug, Default)]
pub(crate) struct Notes {
    /// By commitment and line: steps in which a rate above on demand was refused.
    pub refused: std::collections::BTreeMap<(usize, usize), usize>,
    /// By commitment: the most of it that was used in a step, as used and capacity; none where it never ran.
    pub most_used: Vec<Option<(i128, i128)>>,
}

/// A month and what was noted in it.
#[derive(Clone, Debug)]
pub(crate) struct MonthRun {
    pub month: ReplayMonth,
    pub notes: Notes,
}

/// Everything that the loop reads.
pub(crate) struct Engine<'a, W> {
    pub usage: &'a Usage,
    pub layout: &'a Layout<W>,
    pub order: &'a Order<W>,
    pub terms: &'a Terms<W>,
    pub commitments: usize,
}

/// What is left in a step.
struct Rest<W> {
    on_demand: Vec<W>,
    quantity: Vec<W>,
    /// By line; as long as a `u16` reaches, so that no place in it needs to be checked.
    line_open: Box<[bool; 1 << 16]>,
    capacity: Vec<W>,
    /// By commitment, the same way.
    commitment_open: Box<[bool; 1 << 16]>,
    /// By commitment: the cost that lines bear already.
    borne: Vec<W>,
}

/// Sums of a month.
struct Sums {
    covers: Vec<Vec<CoverSum>>,
    commitments: Vec<CommitmentSum>,
}

#[derive(Clone, Copy, Default)]
struct CoverSum {
    on_demand: i128,
    quantity: i128,
    capacity: i128,
    cost: i128,
}

#[derive(Clone, Copy, Default)]
struct CommitmentSum {
    steps: usize,
    whole: usize,
    cost: i128,
    used: i128,
    capacity: i128,
    capacity_left: i128,
}

/// What a pair took: on-demand cost, quantity, capacity.
struct Taken<W>(W, W, W);

impl<W: Whole> Engine<'_, W> {
    /// Runs the months that are `wanted`. None when a number does not fit the width; `each` sees every cover as it happens.
    pub fn run(&self, wanted: &[bool], mut each: impl FnMut(RawCover)) -> Option<(Vec<Option<MonthRun>>, StepFigures)> {
        let lines = self.usage.lines().len();
        let mut rest = Rest {
            on_demand: vec![W::default(); lines],
            quantity: vec![W::default(); lines],
            line_open: Box::new([false; 1 << 16]),
            capacity: vec![W::default(); self.commitments],
            commitment_open: Box::new([false; 1 << 16]),
            borne: vec![W::default(); self.commitments],
        };
        let mut steps = Steps::new(self.layout.steps);
        let mut months = Vec::with_capacity(self.layout.months.len());
        for (month, wanted) in self.layout.months.iter().zip(wanted) {
            if !wanted {
                months.push(None);
                continue;
            }
            let mut notes = Notes { most_used: vec![None; self.commitments], ..Notes::default() };
            let mut sums = Sums {
                covers: self.order.tiers.iter().map(|tier| vec![CoverSum::default(); tier.pairs.len()]).collect(),
                commitments: vec![CommitmentSum::default(); self.commitments],
            };
            for step in &month.steps {
                self.begin(*step, &mut rest);
                for (tier, covers) in self.order.tiers.iter().zip(&mut sums.covers) {
                    self.tier(*step, tier, &mut rest, covers, &mut notes, |cover| {
                        steps.covered[cover.step] += cover.on_demand;
                        each(cover);
                    })?;
                }
                self.end(*step, &rest, &mut sums, &mut steps, &mut notes);
            }
            months.push(Some(MonthRun { month: self.month(month, &sums), notes }));
        }
        Some((months, steps.figures(self.layout)))
    }

    /// Lays out what a step has; what is below zero is never covered.
    fn begin(&self, step: usize, rest: &mut Rest<W>) {
        let zero = W::default();
        let lines = rest.on_demand.iter_mut().zip(&mut rest.quantity).zip(rest.line_open.iter_mut());
        for (line, ((on_demand, quantity), open)) in lines.enumerate() {
            let cell = line * self.layout.steps + step;
            *on_demand = self.layout.on_demand[cell];
            *quantity = self.layout.quantity[cell];
            if *on_demand < zero {
                (*on_demand, *quantity) = (zero, zero);
            }
            *quantity = (*quantity).max(zero);
            *open = *on_demand > zero || *quantity > zero;
        }
        let row = step * self.commitments;
        rest.capacity.copy_from_slice(&self.terms.capacity[row..row + self.commitments]);
        for (open, capacity) in rest.commitment_open.iter_mut().zip(&rest.capacity) {
            *open = *capacity > zero;
        }
        rest.borne.fill(zero);
    }

    /// One tier in its order, until all its commitments or all its lines are used up.
    fn tier(
        &self,
        step: usize,
        tier: &Tier<W>,
        rest: &mut Rest<W>,
        covers: &mut [CoverSum],
        notes: &mut Notes,
        mut each: impl FnMut(RawCover),
    ) -> Option<()> {
        let zero = W::default();
        let mut open_commitments =
            tier.commitments.iter().filter(|commitment| rest.commitment_open[**commitment]).count();
        let mut open_lines = tier.lines.iter().filter(|line| rest.line_open[**line]).count();
        let mut place = 0;
        if open_commitments == 0 || open_lines == 0 {
            return Some(());
        }
        while let Some(passed) = tier.pairs[place..].iter().position(|pair| {
            rest.commitment_open[usize::from(pair.commitment)] && rest.line_open[usize::from(pair.line)]
        }) {
            let here = place + passed;
            let (commitment, line) = (usize::from(tier.pairs[here].commitment), usize::from(tier.pairs[here].line));
            place = here + 1;
            let application = &tier.applications[here];
            let capacity = rest.capacity[commitment];
            let left = (rest.on_demand[line], rest.quantity[line]);
            let cell = line * self.layout.steps + step;
            let all = (self.layout.on_demand[cell], self.layout.quantity[cell]);
            let Some(taken) = take(application, capacity, left, all)? else {
                *notes.refused.entry((commitment, line)).or_default() += 1;
                continue;
            };
            let Taken(on_demand, quantity, used) = taken;
            if on_demand == zero && quantity == zero && used == zero {
                continue;
            }
            rest.on_demand[line] -= on_demand;
            rest.quantity[line] -= quantity;
            rest.capacity[commitment] = capacity - used;
            if capacity == used {
                rest.commitment_open[commitment] = false;
                open_commitments -= 1;
            }
            if rest.on_demand[line] == zero && rest.quantity[line] == zero {
                rest.line_open[line] = false;
                open_lines -= 1;
            }
            let cost = self.borne(step, commitment, rest)?;
            let sum = &mut covers[here];
            sum.on_demand += on_demand.wide();
            sum.quantity += quantity.wide();
            sum.capacity += used.wide();
            sum.cost += cost.wide();
            each(RawCover {
                step,
                commitment,
                line,
                on_demand: on_demand.wide(),
                quantity: quantity.wide(),
                capacity: used.wide(),
                cost: cost.wide(),
            });
            if open_commitments == 0 || open_lines == 0 {
                break;
            }
        }
        Some(())
    }

    /// What the last taker bears of a commitment's cost: its cost in proportion to the capacity that is used up, less what earlier
    /// takers bear, so that the parts are the whole.
    fn borne(&self, step: usize, commitment: usize, rest: &mut Rest<W>) -> Option<W> {
        let cell = step * self.commitments + commitment;
        let (capacity, cost) = (self.terms.capacity[cell], self.terms.cost[cell]);
        let used = capacity - rest.capacity[commitment];
        let all = if capacity == cost { used } else { cost.times(used, capacity)? };
        let part = all - rest.borne[commitment];
        rest.borne[commitment] = all;
        Some(part)
    }

    fn end(&self, step: usize, rest: &Rest<W>, sums: &mut Sums, steps: &mut Steps, notes: &mut Notes) {
        let zero = W::default();
        let row = step * self.commitments;
        for (commitment, sum) in sums.commitments.iter_mut().enumerate() {
            let (capacity, cost) = (self.terms.capacity[row + commitment], self.terms.cost[row + commitment]);
            if capacity == zero && cost == zero {
                continue;
            }
            let (left, used) = (rest.capacity[commitment], rest.borne[commitment]);
            sum.steps += 1;
            sum.whole += usize::from(left == zero);
            sum.cost += cost.wide();
            sum.used += used.wide();
            sum.capacity += capacity.wide();
            sum.capacity_left += left.wide();
            steps.commitment[step] += cost.wide();
            steps.unused[step] += (cost - used).wide();
            let most = &mut notes.most_used[commitment];
            let here = ((capacity - left).wide(), capacity.wide());
            if most.is_none_or(|most| most.0 < most.1 && (left == zero || here.0 > most.0)) {
                *most = Some(here);
            }
        }
    }

    fn month(&self, month: &LayoutMonth, sums: &Sums) -> ReplayMonth {
        let scales = self.layout.scales;
        let mut covered_of_line = vec![0_i128; month.lines.len()];
        let mut cost_of_line = vec![0_i128; month.lines.len()];
        let mut coverage = Vec::new();
        let mut covered = vec![0_i128; self.commitments];
        let pairs = self.order.tiers.iter().flat_map(|tier| tier.pairs.iter().zip(&tier.applications));
        for ((pair, application), sum) in pairs.zip(sums.covers.iter().flatten()) {
            if sum.on_demand == 0 && sum.quantity == 0 && sum.capacity == 0 {
                continue;
            }
            let (commitment, line) = (usize::from(pair.commitment), usize::from(pair.line));
            covered[commitment] += sum.on_demand;
            let capacity = match application.take {
                Take::Units(..) => scales.quantity_of(sum.capacity),
                _ => scales.money_of(sum.capacity),
            };
            covered_of_line[line] += sum.on_demand;
            cost_of_line[line] += sum.cost;
            coverage.push(CoverageMonth {
                commitment,
                line,
                on_demand: scales.money_of(sum.on_demand),
                quantity: scales.quantity_of(sum.quantity),
                capacity,
                cost: scales.money_of(sum.cost),
            });
        }
        coverage.sort_by_key(|cover| (cover.commitment, cover.line));
        let commitments = sums.commitments.iter().enumerate().map(|(number, sum)| {
            let capacity_of = |units| {
                if self.order.in_money[number] { scales.money_of(units) } else { scales.quantity_of(units) }
            };
            CommitmentMonth {
                steps: sum.steps,
                steps_used_whole: sum.whole,
                cost: scales.money_of(sum.cost),
                used: scales.money_of(sum.used),
                unused: scales.money_of(sum.cost - sum.used),
                capacity: capacity_of(sum.capacity),
                capacity_used: capacity_of(sum.capacity - sum.capacity_left),
                covered: scales.money_of(covered[number]),
            }
        });
        let commitments = commitments.collect();
        let covers = covered_of_line.into_iter().zip(cost_of_line);
        let lines = month.lines.iter().zip(covers).map(|((on_demand, eligible), (covered, cost))| LineMonth {
            on_demand: scales.money_of(*on_demand),
            eligible: scales.money_of(*eligible),
            covered: scales.money_of(covered),
            covered_cost: scales.money_of(cost),
            remainder: scales.money_of(on_demand - covered),
        });
        ReplayMonth { month: month.month, steps: month.steps.len(), lines: lines.collect(), commitments, coverage }
    }
}

/// What a commitment with `capacity` left takes of what is `left` (on-demand cost, quantity) of a line that has `all`: all that is left,
/// or as much as the capacity covers. The outer none is a number that does not fit; the inner one a price above on demand.
fn take<W: Whole>(application: &Application<W>, capacity: W, left: (W, W), all: (W, W)) -> Option<Option<Taken<W>>> {
    let zero = W::default();
    let nothing = Some(Some(Taken(zero, zero, zero)));
    let (on_demand, quantity) = left;
    let price_of = |(on_demand, quantity): (W, W)| match application.take {
        Take::OnDemandCost => Some(on_demand),
        Take::ShareOfCost(top, bottom) => on_demand.times(top, bottom),
        Take::Units(top, bottom) if top == bottom => Some(quantity),
        Take::Units(top, bottom) | Take::PriceOfQuantity(top, bottom) => quantity.times(top, bottom),
    };
    let counts_units = matches!(application.take, Take::Units(..));
    if (counts_units && quantity == zero) || (!counts_units && on_demand == zero) {
        return nothing;
    }
    let mut whole = price_of(left)?;
    if !counts_units && whole > on_demand {
        // Of a line that is partly covered the two are rounded apart, so the whole line says whether the price is above on demand.
        if !application.at_most_on_demand && price_of(all)? > all.0 {
            return Some(None);
        }
        whole = on_demand;
    }
    if whole <= capacity {
        return Some(Some(Taken(on_demand, quantity, whole)));
    }
    Some(Some(Taken(on_demand.times(capacity, whole)?, quantity.times(capacity, whole)?, capacity)))
}

/// Sums by step.
struct Steps {
    covered: Vec<i128>,
    commitment: Vec<i128>,
    unused: Vec<i128>,
}

impl Steps {
    fn new(steps: usize) -> Self {
        Self { covered: vec![0; steps], commitment: vec![0; steps], unused: vec![0; steps] }
    }

    fn figures<W>(self, layout: &Layout<W>) -> StepFigures {
        let series = |units| Series::from_units(units, layout.scales.money);
        StepFigures {
            on_demand: series(layout.on_demand_by_step.clone()),
            eligible: series(layout.eligible_by_step.clone()),
            covered: series(self.covered),
            commitment: series(self.commitment),
            unused: series(self.unused),
        }
    }
}
