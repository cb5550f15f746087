//! Breakpoints of all steps: where a step has taken in one more line whole.
//!
//! A year of hours of 200 lines is 1.75 million of them. They are spread into buckets by their leading bits in one pass, and stay unsorted within one: sums over
//! whole buckets do not ask for an order, and a place within a bucket is found by looking through it. What a bucket's number says already is not kept with its
//! breakpoints, so that one of them is a word: the pass is bound by memory.

use std::ops::Range;

use super::fraction::Small;

/// A whole number of capacity, wide enough for its data.
trait Capacity: Copy + Ord + Default {
    fn from_wide(value: u128) -> Self;
    fn plus_product(self, usage: u64, factor: u64) -> Self;
    fn leading(self, shift: u32) -> usize;
}

impl Capacity for u64 {
    fn from_wide(value: u128) -> Self {
        Self::try_from(value).unwrap_or(Self::MAX)
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
        self + Self::from(usage) * Self::from(factor)
    }
    fn leading(self, shift: u32) -> usize {
        usize::try_from(self >> shift).unwrap_or(usize::MAX)
    }
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
    /// A word each.
    Packed(Vec<u64>, Packing),
    /// Where a word does not hold them.
    Wide(Vec<Wide>),
}

/// At this capacity a step of this weight has taken in the line whole.
#[derive(Clone, Copy, Debug, Default)]
struct Wide {
    capacity: u128,
    weight: u32,
    line: u32,
}

/// How a word holds a breakpoint: capacity beyond the start of its bucket, line, and the number of its weight, from the top down.
#[derive(Clone, Debug)]
struct Packing {
    /// Each weight once.
    weights: Vec<u32>,
    weight_bits: u32,
    line_bits: u32,
}

impl Packing {
    /// `None` where a word is too short.
    fn of(weights: &[u32], lines: usize, shift: u32) -> Option<Self> {
        let mut distinct = weights.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let bits = |count: usize| count.next_power_of_two().trailing_zeros();
        let packing = Self { weight_bits: bits(distinct.len()), line_bits: bits(lines), weights: distinct };
        (shift + packing.line_bits + packing.weight_bits < u64::BITS).then_some(packing)
    }

    /// The number of each step's weight.
    fn numbers(&self, weights: &[u32]) -> Vec<u64> {
        weights.iter().map(|weight| self.weights.partition_point(|known| known < weight) as u64).collect()
    }

    fn pack(&self, beyond: u64, line: u32, weight_number: u64) -> u64 {
        (beyond << self.line_bits | u64::from(line)) << self.weight_bits | weight_number
    }

    /// Capacity beyond the start of the bucket, weight, line.
    fn unpack(&self, word: u64) -> (u64, u32, usize) {
        let low = |value: u64, bits: u32| (value & ((1 << bits) - 1)) as usize;
        let line = word >> self.weight_bits;
        (line >> self.line_bits, self.weights[low(word, self.weight_bits)], low(line, self.line_bits))
    }
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
        let packing = Packing::of(weights, lines.len(), shift).filter(|_| largest < NARROW);
        let (all, starts) = if let Some(packing) = packing {
            let below = (1_u64 << shift) - 1;
            let (words, starts) =
                spread(lines, &packing.numbers(weights), largest, shift, |capacity: u64, weight, line| {
                    packing.pack(capacity & below, line, weight)
                });
            (All::Packed(words, packing), starts)
        } else {
            let wide = |capacity, weight, line| Wide { capacity, weight, line };
            let (all, starts) = spread(lines, weights, largest, shift, wide);
            (All::Wide(all), starts)
        };
        Some(Self { all, starts, shift, largest })
    }

    /// How many there are.
    pub(super) const fn len(&self) -> usize {
        match &self.all {
            All::Packed(all, _) => all.len(),
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

    /// Shows the breakpoints of some buckets one by one: capacity, weight, line. Within a bucket they have no order but that of their lines.
    pub(super) fn visit(&self, buckets: Range<usize>, mut visitor: impl FnMut(u128, u32, usize)) {
        for bucket in buckets {
            let range = self.starts[bucket] as usize..self.starts[bucket + 1] as usize;
            match &self.all {
                All::Packed(all, packing) => {
                    let start = (bucket as u64) << self.shift;
                    for &word in &all[range] {
                        let (beyond, weight, line) = packing.unpack(word);
                        visitor((start | beyond).into(), weight, line);
                    }
                }
                All::Wide(all) => {
                    for breakpoint in &all[range] {
                        visitor(breakpoint.capacity, breakpoint.weight, breakpoint.line as usize);
                    }
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

/// Below this, sums of capacity fit a word.
const NARROW: u128 = 1 << 62;

/// The largest capacity that any step can take.
fn most(lines: &[Scaled<'_>], steps: usize) -> Option<u128> {
    // The cheap bound first: largest usage times factor, line by line.
    let bound = lines.iter().try_fold(0_u128, |sum, line| {
        let largest = line.usage.iter().copied().fold(0, i64::max).unsigned_abs();
        sum.checked_add(u128::from(largest) * u128::from(line.factor)).filter(|sum| *sum < 1 << 126)
    })?;
    if bound < NARROW {
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

/// Breakpoints by bucket, and where each bucket starts; `tags` has what an entry keeps of its step.
fn spread<C: Capacity, Tag: Copy, Entry: Copy + Default>(
    lines: &[Scaled<'_>],
    tags: &[Tag],
    largest: u128,
    shift: u32,
    entry: impl Fn(C, Tag, u32) -> Entry,
) -> (Vec<Entry>, Vec<u32>) {
    let mut capacities = vec![C::default(); tags.len()];
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
    let mut all = vec![Entry::default(); lines.len() * tags.len()];
    capacities.fill(C::default());
    for (number, line) in (0_u32..).zip(lines) {
        for ((capacity, &usage), &tag) in capacities.iter_mut().zip(line.usage).zip(tags) {
            *capacity = capacity.plus_product(usage.max(0).unsigned_abs(), line.factor);
            let end = &mut ends[capacity.leading(shift)];
            all[*end as usize] = entry(*capacity, tag, number);
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

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// Every breakpoint, added up step by step.
    fn by_hand(lines: &[Scaled<'_>], weights: &[u32]) -> Vec<(u128, u32, usize)> {
        let mut all = Vec::new();
        for (step, &weight) in weights.iter().enumerate() {
            let mut capacity = 0;
            for (number, line) in lines.iter().enumerate() {
                capacity += u128::from(line.usage[step].max(0).unsigned_abs()) * u128::from(line.factor);
                all.push((capacity, weight, number));
            }
        }
        all.sort_unstable();
        all
    }

    proptest! {
        // Factors up to 2^50 take capacities beyond what a word holds.
        #[test]
        fn buckets_hold_every_breakpoint_in_its_place(
            usage in prop::collection::vec(prop::collection::vec(-5_i64..1 << 20, 300), 1..6),
            factor_bits in prop::collection::vec(0_u32..50, 6),
            weights in prop::collection::vec(prop::sample::select(vec![0, 1, 7, u32::MAX]), 300),
        ) {
            let lines: Vec<Scaled<'_>> = usage
                .iter()
                .zip(factor_bits)
                .map(|(usage, bits)| Scaled { usage, factor: 1 << bits })
                .collect();
            let breakpoints = Breakpoints::of(&lines, &weights).unwrap();
            let mut found = Vec::new();
            for bucket in 0..breakpoints.buckets() {
                breakpoints.visit(bucket..bucket + 1, |capacity, weight, line| {
                    assert_eq!(breakpoints.bucket(capacity), bucket, "a breakpoint lies where it is looked for");
                    found.push((capacity, weight, line));
                });
            }
            found.sort_unstable();
            prop_assert_eq!(found, by_hand(&lines, &weights), "none is lost, doubled or changed");
        }
    }
}
