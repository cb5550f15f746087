//! [`Curve`]: cost and savings as a function of the hourly commitment.

use std::sync::OnceLock;

use money::Amount;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};

use super::OptimumError;
use super::breakpoints::{Breakpoints, Scaled, covering_order};
use super::eligible::{Eligible, Finding};
use super::fraction::{MONEY_DECIMALS, SHARE_DECIMALS, Small, common_denominator, fraction, quotient};

/// What a commitment of one size costs and saves over the steps that were looked at.
///
/// Money is exact where ten decimals hold it and rounded half to even once where they do not; shares have nine decimals. With weights, money
/// is what is expected.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The commitment an hour: in money for a plan in money, in normalised units otherwise.
    pub hourly: Amount,
    /// Commitment and what is left on demand.
    pub cost: Amount,
    /// What everything would cost on demand, less `cost`.
    pub savings: Amount,
    /// On-demand equivalent of what is covered.
    pub covered: Amount,
    /// Cost of the commitment.
    pub commitment: Amount,
    /// Cost of the part of the commitment that nothing used.
    pub waste: Amount,
    /// `covered` of all eligible on-demand equivalent; `None` without usage.
    pub coverage: Option<Amount>,
    /// The used part of the commitment; `None` without a commitment.
    pub utilisation: Option<Amount>,
    /// Effective savings rate: `savings` of all on-demand equivalent; `None` without usage. It is
    /// `coverage * (1 - (1 - d) / utilisation)` for one discount `d`.
    pub effective_savings_rate: Option<Amount>,
}

/// Cost and savings of one instrument by its size: concave savings, piecewise linear, every breakpoint kept.
#[derive(Clone, Debug)]
pub struct Curve {
    breakpoints: Breakpoints,
    /// By line in covering order: on-demand cost of one unit of capacity.
    worth: Vec<Small>,
    /// By how much the worth of the next unit of capacity falls when a line is taken in whole, in units of [`Self::worth_denominator`].
    lost: Vec<i64>,
    /// Worth of the first line in the same units.
    first_worth: i128,
    worth_denominator: i128,
    /// Whether that denominator holds every worth exactly; otherwise each is rounded down.
    worth_exact: bool,
    /// Sums over the breakpoints before each bucket, and over all.
    sums: Vec<Passed>,
    /// The optimum, as capacity of a step.
    optimal: u128,
    /// And as a point, once it was asked for.
    optimum: OnceLock<Result<Point, OptimumError>>,
    /// Units of capacity in one: powers of ten of the data times the common denominator of the rates.
    unit: BigInt,
    price: BigRational,
    hours_per_step: u32,
    /// Sum of the weights of all steps that count.
    weight: i128,
    weight_of_one: u32,
    /// All usage at on-demand rates, weighted.
    on_demand: BigRational,
    steps: u64,
    findings: Vec<Finding>,
}

/// Sums over breakpoints: worth that was lost and that times capacity; weight of steps that absorb no more and that times capacity.
#[derive(Clone, Copy, Debug, Default)]
struct Passed {
    lost: i128,
    lost_capacity: i128,
    ended: i128,
    ended_capacity: i128,
}

/// A commitment an hour as `numerator / denominator`, with sums over all steps as numerators of `denominator x unit`; what is covered has its own.
struct Sums {
    numerator: BigInt,
    denominator: BigInt,
    committed: BigInt,
    used: BigInt,
    covered: (BigInt, BigInt),
}

impl Curve {
    /// The curve of what one instrument may cover.
    ///
    /// # Errors
    /// [`OptimumError`] for steps that do not match, a price that is none, and numbers beyond exact arithmetic. What is merely odd (negative
    /// usage, a rate above on demand, missing steps) is in [`Self::findings`].
    pub fn new(eligible: &Eligible<'_>) -> Result<Self, OptimumError> {
        let price =
            Small::of(eligible.price, Amount::from_integer(1)).ok_or(OptimumError::Price { price: eligible.price })?;
        let steps = eligible.lines.first().map_or(0, |line| line.usage.len());
        let weights = weights(eligible, steps)?;
        let mut findings = findings(eligible);

        let mut worth = Vec::new();
        let mut kept = Vec::new();
        for line in &eligible.lines {
            let value = line.value.exact() / line.capacity.exact();
            let terms = (value.numer().to_u64(), value.denom().to_u64());
            let (Some(numerator), Some(denominator)) = terms else { return Err(OptimumError::TooLarge) };
            let value = Small { numerator, denominator };
            if price.below(value) {
                worth.push((value, line.capacity));
                kept.push(line);
            } else {
                findings.push(Finding::RateNotBelowOnDemand { line: line.name.to_owned() });
            }
        }
        let order = covering_order(&worth);

        const LARGEST_DENOMINATOR: u64 = 1_000_000_000_000;
        let denominators = order.iter().map(|&line| kept[line].capacity.denominator);
        let common = common_denominator(denominators, LARGEST_DENOMINATOR).unwrap_or_else(|| {
            findings.push(Finding::RatesRounded);
            LARGEST_DENOMINATOR
        });
        let mut scaled = Vec::with_capacity(order.len());
        let mut on_demand = BigRational::zero();
        for &line in &order {
            let Small { numerator, denominator } = kept[line].capacity;
            let factor =
                (u128::from(numerator) * u128::from(common) + u128::from(denominator / 2)) / u128::from(denominator);
            let factor = u64::try_from(factor).map_err(|_| OptimumError::TooLarge)?;
            scaled.push(Scaled { usage: kept[line].usage, factor });
            let usage: i128 = kept[line]
                .usage
                .iter()
                .zip(&weights)
                .map(|(&usage, &weight)| i128::from(usage.max(0)) * i128::from(weight))
                .sum();
            on_demand += BigRational::from(BigInt::from(usage)) * kept[line].value.exact();
        }
        let ten = BigInt::from(10_u8).pow(u32::from(eligible.scale));
        on_demand /= BigRational::from(ten.clone());
        if on_demand.is_zero() {
            findings.push(Finding::NoUsage);
        }

        let breakpoints = Breakpoints::of(&scaled, &weights).ok_or(OptimumError::TooLarge)?;
        let weight: i128 = weights.iter().map(|&weight| i128::from(weight)).sum();
        let largest = breakpoints.largest();
        let worth: Vec<Small> = order.iter().map(|&line| worth[line].0).collect();
        let (worth_denominator, worth_exact) = worth_denominator(&worth, weight, largest)?;
        let whole = |worth: &Small| {
            let scaled = BigInt::from(worth.numerator) * worth_denominator / BigInt::from(worth.denominator);
            scaled.to_i64().ok_or(OptimumError::TooLarge)
        };
        let scaled_worth = worth.iter().map(whole).collect::<Result<Vec<i64>, _>>()?;
        let next = scaled_worth.iter().skip(1).chain(&[0]);
        let mut curve = Self {
            breakpoints,
            lost: scaled_worth.iter().zip(next).map(|(worth, next)| worth - next).collect(),
            first_worth: scaled_worth.first().copied().unwrap_or(0).into(),
            worth,
            worth_denominator,
            worth_exact,
            sums: Vec::new(),
            optimal: 0,
            optimum: OnceLock::new(),
            unit: ten * common,
            price: price.exact(),
            hours_per_step: eligible.hours_per_step.max(1),
            weight,
            weight_of_one: eligible.weight_of_one.max(1),
            on_demand,
            steps: weights.iter().map(|&weight| u64::from(weight > 0)).sum(),
            findings,
        };
        curve.sums = curve.kept_sums();
        curve.optimal = curve.optimal_capacity();
        Ok(curve)
    }

    /// What the data has that a reader must know.
    #[must_use]
    pub fn findings(&self) -> &[Finding] {
        &self.findings
    }

    /// Hours with data.
    #[must_use]
    pub fn hours(&self) -> u64 {
        self.steps * u64::from(self.hours_per_step)
    }

    /// The number of breakpoints, equal ones counted each.
    #[must_use]
    pub const fn breakpoints(&self) -> usize {
        self.breakpoints.len()
    }

    /// The optimum: the smallest commitment that no larger one saves more than. Always a breakpoint, or nothing.
    ///
    /// # Errors
    /// [`OptimumError::TooLarge`] when a result needs more than 38 digits.
    pub fn optimum(&self) -> Result<Point, OptimumError> {
        self.optimum.get_or_init(|| self.at_fraction(&self.optimal_hourly())).clone()
    }

    /// The same as an exact fraction an hour.
    pub(super) fn optimal_hourly(&self) -> BigRational {
        self.hourly(self.optimal)
    }

    /// The point of one commitment an hour, exact.
    ///
    /// # Errors
    /// [`OptimumError::NegativeCommitment`]; [`OptimumError::TooLarge`] when a result needs more than 38 digits.
    pub fn at(&self, hourly: Amount) -> Result<Point, OptimumError> {
        if hourly.is_negative() {
            return Err(OptimumError::NegativeCommitment { hourly });
        }
        self.at_fraction(&fraction(hourly))
    }

    /// The point of one commitment an hour.
    pub(super) fn at_fraction(&self, hourly: &BigRational) -> Result<Point, OptimumError> {
        self.point(&self.sums_at(hourly))
    }

    /// Every point where the slope changes, ascending, from nothing to all usage covered.
    ///
    /// Where rates have no common denominator that leaves room for the sums, covered cost may be off by a part in a million million; [`Self::at`] never is.
    pub fn points(&self) -> impl Iterator<Item = Result<Point, OptimumError>> + '_ {
        let inner = (0..self.breakpoints.buckets()).flat_map(|bucket| self.breakpoints.capacities(bucket));
        std::iter::once(0)
            .chain(inner.filter(|&capacity| capacity > 0))
            .map(|capacity| self.point(&self.sums_of(capacity)))
    }

    /// A curve to draw: about `count` points spread evenly from nothing to all usage covered, with the optimum and each of `marks` (today's commitment, a
    /// basket) among them, ascending. As exact as [`Self::points`]; the optimum and the marks always are exact.
    ///
    /// # Errors
    /// As [`Self::at`].
    pub fn drawn(&self, count: usize, marks: &[Amount]) -> Result<Vec<Point>, OptimumError> {
        let last = self.breakpoints.largest();
        let gaps = count.max(2) as u128 - 1;
        let mut points = vec![self.optimum()?];
        for &mark in marks {
            points.push(self.at(mark)?);
        }
        for index in 0..=gaps {
            points.push(self.point(&self.sums_of(last / gaps * index + last % gaps * index / gaps))?);
        }
        // The sort is stable: of equal commitments the exact point stays.
        points.sort_by_key(|point| point.hourly);
        points.dedup_by_key(|point| point.hourly);
        Ok(points)
    }

    /// The smallest capacity of a step beyond which savings do not rise.
    fn optimal_capacity(&self) -> u128 {
        let price = self.price.numer().to_i128().unwrap_or(i128::MAX);
        let price_denominator = self.price.denom().to_i128().unwrap_or(1);
        let flat = self.weight * price * self.worth_denominator;
        // Each worth is rounded down by less than one unit.
        let slack = if self.worth_exact { 0 } else { self.weight };
        let slope = |passed: &Passed| self.weight * self.first_worth - passed.lost;
        let surely = |passed: &Passed| slope(passed) * price_denominator > flat;
        let perhaps = |passed: &Passed| (slope(passed) + slack) * price_denominator > flat;
        let pays = |capacity: u128| {
            let passed = self.passed(capacity);
            surely(&passed) || (perhaps(&passed) && self.exact_slope(capacity) > self.price)
        };
        if !pays(0) {
            return 0;
        }
        // The bucket within which the slope turns, then breakpoint by breakpoint.
        let first = self.sums.partition_point(surely).saturating_sub(1);
        (first..self.breakpoints.buckets())
            .find_map(|bucket| {
                let capacities = self.breakpoints.capacities(bucket);
                capacities.get(capacities.partition_point(|&capacity| pays(capacity))).copied()
            })
            .unwrap_or(self.breakpoints.largest())
    }

    fn pass(&self, passed: &mut Passed, capacity: u128, weight: u32, line: usize) {
        let lost = i128::from(weight) * i128::from(self.lost[line]);
        passed.lost += lost;
        passed.lost_capacity += lost * capacity as i128;
        if line + 1 == self.lost.len() {
            passed.ended += i128::from(weight);
            passed.ended_capacity += i128::from(weight) * capacity as i128;
        }
    }

    fn kept_sums(&self) -> Vec<Passed> {
        let mut kept = vec![Passed::default()];
        let mut passed = Passed::default();
        for bucket in 0..self.breakpoints.buckets() {
            self.breakpoints
                .visit(bucket..bucket + 1, |capacity, weight, line| self.pass(&mut passed, capacity, weight, line));
            kept.push(passed);
        }
        kept
    }

    /// Sums over the breakpoints up to a capacity.
    fn passed(&self, limit: u128) -> Passed {
        let bucket = self.breakpoints.bucket(limit);
        let mut passed = self.sums[bucket];
        self.breakpoints.visit(bucket..bucket + 1, |capacity, weight, line| {
            if capacity <= limit {
                self.pass(&mut passed, capacity, weight, line);
            }
        });
        passed
    }

    /// Weights of the breakpoints up to a capacity by line, and those times capacity.
    fn passed_by_line(&self, limit: u128) -> Vec<(i128, i128)> {
        let mut passed = vec![(0, 0); self.worth.len()];
        // A bucket has its breakpoints line by line: what one line adds is summed apart and put down once.
        let (mut current, mut sum) = (0, (0_i128, 0_i128));
        let put = |passed: &mut [(i128, i128)], line: usize, sum: (i128, i128)| {
            if let Some(line) = passed.get_mut(line) {
                *line = (line.0 + sum.0, line.1 + sum.1);
            }
        };
        self.breakpoints.visit(0..self.breakpoints.bucket(limit) + 1, |capacity, weight, line| {
            if line != current {
                put(&mut passed, current, sum);
                (current, sum) = (line, (0, 0));
            }
            if capacity <= limit {
                sum.0 += i128::from(weight);
                sum.1 += i128::from(weight) * capacity as i128;
            }
        });
        put(&mut passed, current, sum);
        passed
    }

    /// On-demand cost of the next unit of capacity, averaged over steps, beyond a capacity.
    fn exact_slope(&self, capacity: u128) -> BigRational {
        let mut reached = self.weight;
        let mut sum = BigRational::zero();
        for (worth, (taken, _)) in self.worth.iter().zip(self.passed_by_line(capacity)) {
            sum += worth.exact() * BigRational::from(BigInt::from(reached - taken));
            reached = taken;
        }
        sum / BigRational::from(BigInt::from(self.weight))
    }

    /// Capacity of a step as a commitment an hour.
    fn hourly(&self, capacity: u128) -> BigRational {
        BigRational::new(BigInt::from(capacity), &self.unit * BigInt::from(self.hours_per_step))
    }

    /// Exact sums at any commitment.
    fn sums_at(&self, hourly: &BigRational) -> Sums {
        let capacity = hourly * BigRational::from(&self.unit * BigInt::from(self.hours_per_step));
        let below = capacity.floor().to_integer().to_u128().unwrap_or(u128::MAX);
        let mut sums = self.sums_after(capacity.numer(), capacity.denom(), below);
        if !self.worth_exact {
            // Each line absorbs what reaches it less what passes it.
            let whole = |value: i128| BigRational::from(BigInt::from(value));
            let mut reaching = &capacity * whole(self.weight);
            let mut covered = BigRational::zero();
            for (worth, (weight, sum)) in self.worth.iter().zip(self.passed_by_line(below)) {
                let passing = &capacity * whole(weight) - whole(sum);
                covered += (reaching - &passing) * worth.exact();
                reaching = passing;
            }
            sums.covered = (covered.numer().clone(), covered.denom() * &self.unit);
        }
        sums
    }

    /// Sums at a whole number of capacity.
    fn sums_of(&self, capacity: u128) -> Sums {
        self.sums_after(&BigInt::from(capacity), &BigInt::from(1), capacity)
    }

    /// Sums at a capacity of a step, `whole` without its fraction.
    fn sums_after(&self, numerator: &BigInt, denominator: &BigInt, whole: u128) -> Sums {
        let passed = self.passed(whole);
        let active = if self.worth.is_empty() { 0 } else { self.weight - passed.ended };
        let covered = numerator * (self.weight * self.first_worth - passed.lost) + denominator * passed.lost_capacity;
        Sums {
            committed: numerator * self.weight,
            used: numerator * active + denominator * passed.ended_capacity,
            covered: (covered, denominator * &self.unit * self.worth_denominator),
            numerator: numerator.clone(),
            denominator: denominator.clone(),
        }
    }

    fn point(&self, sums: &Sums) -> Result<Point, OptimumError> {
        // Everything over one denominator, never reduced: the digits come out of one division each.
        let step = &sums.denominator * &self.unit;
        let price = self.price.numer() * self.on_demand.denom() * &sums.covered.1;
        let commitment = &sums.committed * &price;
        let used = &sums.used * &price;
        let covered = &sums.covered.0 * &step * self.price.denom() * self.on_demand.denom();
        let on_demand = self.on_demand.numer() * &step * self.price.denom() * &sums.covered.1;
        let whole = &step * self.price.denom() * self.on_demand.denom() * &sums.covered.1 * self.weight_of_one;
        let savings = &covered - &commitment;
        let money = |value: &BigInt| quotient(value, &whole, MONEY_DECIMALS).ok_or(OptimumError::TooLarge);
        let share =
            |part: &BigInt, whole: &BigInt| if whole.is_zero() { None } else { quotient(part, whole, SHARE_DECIMALS) };
        let hourly = quotient(&sums.numerator, &(step * self.hours_per_step), MONEY_DECIMALS);
        Ok(Point {
            hourly: hourly.ok_or(OptimumError::TooLarge)?,
            cost: money(&(&on_demand - &savings))?,
            savings: money(&savings)?,
            covered: money(&covered)?,
            waste: money(&(&commitment - &used))?,
            commitment: money(&commitment)?,
            coverage: share(&covered, &on_demand),
            utilisation: share(&used, &commitment),
            effective_savings_rate: share(&savings, &on_demand),
        })
    }

    /// Cost of a commitment, exact; what is on demand without any left out.
    pub(super) fn exact_cost(&self, hourly: &BigRational) -> BigRational {
        let sums = self.sums_at(hourly);
        let committed = BigRational::new(sums.committed, sums.denominator * &self.unit);
        committed * &self.price - BigRational::new(sums.covered.0, sums.covered.1)
    }

    /// The commitment that covers all usage.
    pub(super) fn largest_hourly(&self) -> BigRational {
        self.hourly(self.breakpoints.largest())
    }
}

/// A denominator for what capacity is worth that leaves room for the sums, and whether it is exact.
fn worth_denominator(worth: &[Small], weight: i128, largest: u128) -> Result<(i128, bool), OptimumError> {
    let most = worth.iter().map(|worth| worth.numerator.div_ceil(worth.denominator)).max().unwrap_or(1);
    let product = BigInt::from(weight.max(1)) * BigInt::from(largest.max(1)) * BigInt::from(most.max(1));
    let room = 120_u64.checked_sub(product.bits()).filter(|&bits| bits >= 20).ok_or(OptimumError::TooLarge)?;
    let limit = 1_u64 << room.min(40).min(62_u64.saturating_sub(BigInt::from(most).bits()));
    Ok(match common_denominator(worth.iter().map(|worth| worth.denominator), limit) {
        Some(exact) => (exact.into(), true),
        None => (limit.into(), false),
    })
}

/// One weight for each step; zero for what is missing.
fn weights(eligible: &Eligible<'_>, steps: usize) -> Result<Vec<u32>, OptimumError> {
    let wrong = |line: &str, found| OptimumError::Steps { line: line.to_owned(), found, expected: steps };
    for line in &eligible.lines {
        if line.usage.len() != steps {
            return Err(wrong(line.name, line.usage.len()));
        }
    }
    let mut weights = match eligible.weights {
        Some(given) if given.len() == steps => given.to_vec(),
        Some(given) => return Err(wrong("weights", given.len())),
        None => vec![eligible.weight_of_one.max(1); steps],
    };
    for &step in eligible.missing {
        if let Some(weight) = weights.get_mut(step) {
            *weight = 0;
        }
    }
    Ok(weights)
}

fn findings(eligible: &Eligible<'_>) -> Vec<Finding> {
    let mut findings = Vec::new();
    if eligible.hours_per_step > 1 {
        findings.push(Finding::DaysOnly);
    }
    if !eligible.missing.is_empty() {
        findings.push(Finding::MissingSteps { steps: eligible.missing.len() });
    }
    for line in &eligible.lines {
        let steps = line.usage.iter().filter(|usage| **usage < 0).count();
        if steps > 0 {
            findings.push(Finding::NegativeUsage { line: line.name.to_owned(), steps });
        }
    }
    findings
}
