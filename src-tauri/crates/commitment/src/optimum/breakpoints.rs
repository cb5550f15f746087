//! Breakpoints of all steps: where a step has taken in one more line whole.
//!
//! A year of hours of 200 lines is 1.75 million of them. They are spread into buckets by their leading bits in one pass, and stay unsorted within one: sums over
//! whole buckets do not ask for an order, and a place within a bucket is found by looking through it.

use std::ops::Range;

use super::fraction::Small;

/// A whole number of capacity, wide enough for its data.
pub(super) trait Capacity: Copy + Ord + Default {
    fn from_wide(value: u128) -> Self;
    fn plus_product(self, usage: u64, factor: u64) -> Self;
    fn leading(self, shift: u32) -> usize;
}

impl Capacity for u64 {
    fn from_wide(value: u128) -> Self {
        u64::try_from(value).unwrap_or(u64::MAX)
    }
    fn plus_product(self, usage: u64, factor: u64) -> Self {
        self + usage * factor
    }
    fn leading(self, shift: u32) -> usize {
        usize::try_from(self >> shift).unwrap_or(usize::MAX)
    }
}

impl Capacity for u128 {
    fn from_wide(value: u128) -> Self {
        value
    }
    fn plus_product(self, usage: u64, factor: u64) -> Self {
        self + u128::from(usage) * u128::from(factor)
    }
    fn leading(self, shift: u32) -> usize {
        usize::try_from(self >> shift).unwrap_or(usize::MAX)
    }
}

/// At this capacity a step of this weight has taken in the line whole.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Breakpoint<C> {
    pub(super) capacity: C,
    pub(super) weight: u32,
    pub(super) line: u32,
}

/// All breakpoints, by buckets of ascending capacity.
#[derive(Clone, Debug)]
pub(super) struct Breakpoints {
    all: All,
    /// Where each bucket starts, and where the last one ends.
    starts: Vec<u32>,
    /// Bits below those that name a bucket.
    shift: u32,
    largest: u128,
}

#[derive(Clone, Debug)]
enum All {
    Narrow(Vec<Breakpoint<u64>>),
    Wide(Vec<Breakpoint<u128>>),
}

/// A line as the sort sees it: usage by step, and the whole number of capacity that one unit takes.
pub(super) struct Scaled<'a> {
    pub(super) usage: &'a [i64],
    pub(super) factor: u64,
}

impl Breakpoints {
    /// Of lines in the order in which they are covered; `weights` has one weight for each step, zero for a step that does not count.
    /// `None` when the capacity of a step does not fit 126 bits, or there are more than 2^32 breakpoints.
    pub(super) fn of(lines: &[Scaled<'_>], weights: &[u32]) -> Option<Self> {
        u32::try_from(lines.len() * weights.len()).ok()?;
        let largest = most(lines, weights.len())?;
        let buckets = (lines.len() * weights.len() / BUCKET).next_power_of_two().min(MOST_BUCKETS);
        let shift = (128 - largest.leading_zeros()).saturating_sub(buckets.trailing_zeros());
        let (all, starts) = if largest < 1 << 62 {
            let (all, starts) = spread::<u64>(lines, weights, largest, shift);
            (All::Narrow(all), starts)
        } else {
            let (all, starts) = spread::<u128>(lines, weights, largest, shift);
            (All::Wide(all), starts)
        };
        Some(Self { all, starts, shift, largest })
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        match &self.all {
            All::Narrow(all) => all.len(),
            All::Wide(all) => all.len(),
        }
    }

    /// The capacity beyond which no step takes anything in.
    pub(super) const fn largest(&self) -> u128 {
        self.largest
    }

    pub(super) const fn buckets(&self) -> usize {
        self.starts.len() - 1
    }

    /// The bucket in which a capacity lies, or the last one.
    pub(super) fn bucket(&self, capacity: u128) -> usize {
        usize::try_from(capacity >> self.shift).unwrap_or(usize::MAX).min(self.buckets() - 1)
    }

    /// Shows the breakpoints of some buckets one by one: capacity, weight, line. Within a bucket they have no order.
    pub(super) fn visit(&self, buckets: Range<usize>, mut visitor: impl FnMut(u128, u32, usize)) {
        let range = self.starts[buckets.start] as usize..self.starts[buckets.end] as usize;
        match &self.all {
            All::Narrow(all) => {
                for breakpoint in &all[range] {
                    visitor(breakpoint.capacity.into(), breakpoint.weight, breakpoint.line as usize);
                }
            }
            All::Wide(all) => {
                for breakpoint in &all[range] {
                    visitor(breakpoint.capacity, breakpoint.weight, breakpoint.line as usize);
                }
            }
        }
    }

    /// The capacities at which a bucket has breakpoints, ascending, each once.
    pub(super) fn capacities(&self, bucket: usize) -> Vec<u128> {
        let mut capacities = Vec::new();
        self.visit(bucket..bucket + 1, |capacity, _, _| capacities.push(capacity));
        capacities.sort_unstable();
        capacities.dedup();
        capacities
    }
}

/// The largest capacity that any step can take.
fn most(lines: &[Scaled<'_>], steps: usize) -> Option<u128> {
    // The cheap bound first: largest usage times factor, line by line.
    let bound = lines.iter().try_fold(0_u128, |sum, line| {
        let largest = line.usage.iter().copied().fold(0, i64::max).unsigned_abs();
        sum.checked_add(u128::from(largest) * u128::from(line.factor)).filter(|sum| *sum < 1 << 126)
    })?;
    if bound < 1 << 62 {
        let mut sums = vec![0_u64; steps];
        add(lines, &mut sums);
        return Some(sums.into_iter().max().unwrap_or(0).into());
    }
    let mut sums = vec![0_u128; steps];
    add(lines, &mut sums);
    Some(sums.into_iter().max().unwrap_or(0))
}

fn add<C: Capacity>(lines: &[Scaled<'_>], sums: &mut [C]) {
    for line in lines {
        for (sum, &usage) in sums.iter_mut().zip(line.usage) {
            *sum = sum.plus_product(usage.max(0).unsigned_abs(), line.factor);
        }
    }
}

/// Breakpoints in a bucket, about: few enough to be looked through at once.
const BUCKET: usize = 256;
/// More buckets than this are slow to fill.
const MOST_BUCKETS: usize = 1 << 12;

fn spread<C: Capacity>(
    lines: &[Scaled<'_>],
    weights: &[u32],
    largest: u128,
    shift: u32,
) -> (Vec<Breakpoint<C>>, Vec<u32>) {
    let mut capacities = vec![C::default(); weights.len()];
    let mut starts = vec![0_u32; C::from_wide(largest).leading(shift) + 2];
    for line in lines {
        for (capacity, &usage) in capacities.iter_mut().zip(line.usage) {
            *capacity = capacity.plus_product(usage.max(0).unsigned_abs(), line.factor);
            starts[capacity.leading(shift) + 1] += 1;
        }
    }
    for index in 1..starts.len() {
        starts[index] += starts[index - 1];
    }
    let mut ends = starts.clone();
    let mut all = vec![Breakpoint::<C>::default(); lines.len() * weights.len()];
    capacities.fill(C::default());
    for (number, line) in (0_u32..).zip(lines) {
        for ((capacity, &usage), &weight) in capacities.iter_mut().zip(line.usage).zip(weights) {
            *capacity = capacity.plus_product(usage.max(0).unsigned_abs(), line.factor);
            let end = &mut ends[capacity.leading(shift)];
            all[*end as usize] = Breakpoint { capacity: *capacity, weight, line: number };
            *end += 1;
        }
    }
    (all, starts)
}

/// The order in which an instrument covers lines: what saves most for each unit of capacity first; among equals the lower rate, then the
/// order given.
pub(super) fn covering_order(worth: &[(Small, Small)]) -> Vec<usize> {
    let mut order: Vec<usize> = (0..worth.len()).collect();
    order.sort_by(|&left, &right| {
        let ((left_worth, left_rate), (right_worth, right_rate)) = (worth[left], worth[right]);
        let by = |a: Small, b: Small| b.below(a).cmp(&a.below(b));
        by(right_worth, left_worth).then_with(|| by(left_rate, right_rate))
    });
    order
}
