//! What each operation does in each course and month, drawn once: the same schedules as those of the likely case, in floats.

use crate::Month;
use crate::evaluate::{Basis, progress};
use crate::operation::{Curve, DriverValues, Kind, Plateau, RateChange};
use crate::plan::{Plan, PlannedCommitment};
use crate::simulate::draws::Draws;
use crate::simulate::{SimulationSettings, amount_as_statistic, quotient};

/// Months by paths.
#[derive(Clone, Debug)]
pub(super) enum Arrays {
    Multiply(Vec<f32>),
    Drive(Vec<f32>),
    Flow(Vec<f32>),
    Move {
        leaving: Vec<f32>,
        arriving: Vec<f32>,
    },
    /// Infinity where there is no limit.
    Limit(Vec<f32>),
}

/// A commitment's months by paths.
#[derive(Clone, Debug)]
pub(super) struct Schedule {
    /// What is to be paid.
    pub(super) due: Vec<f32>,
    /// What that is worth on demand.
    pub(super) capacity: Vec<f32>,
}

/// One course of one operation.
struct Course<'a> {
    draws: Draws,
    path: usize,
    kind: &'a Kind,
}

impl Course<'_> {
    /// The figure of a key, percentages as shares.
    fn figure(&self, key: &str) -> f64 {
        let found = self.kind.estimates().into_iter().find(|(name, _)| *name == key);
        found.map_or(0.0, |(name, estimate)| self.draws.figure(name, estimate, self.path))
    }

    fn share(&self, key: &str) -> f64 {
        self.figure(key) / 100.0
    }
}

fn step(since: i32, over: u32) -> f64 {
    let (done, over) = progress(since, over);
    f64::from(done) / f64::from(over)
}

/// The arrays of a step.
pub(super) fn of_step(plan: &Plan, step: usize, settings: &SimulationSettings) -> Arrays {
    let operation = &plan.operations[plan.steps[step].operation];
    let neutral = match &operation.kind {
        Kind::Scale(_) | Kind::PriceChange(_) | Kind::Retire(_) | Kind::CurrencyRate(_) => 1.0,
        Kind::Cap(_) => f64::INFINITY,
        _ => 0.0,
    };
    let (months, paths) = (plan.months(), settings.paths);
    let mut first = vec![neutral as f32; months * paths];
    let mut second = match operation.kind {
        Kind::Shift(_) => vec![0.0_f32; months * paths],
        _ => Vec::new(),
    };
    let draws = Draws::new(settings.seed, &operation.id);
    let confidence = amount_as_statistic(operation.confidence);
    let (from, to) = operation.kind.dates();
    let horizon = plan.first_month();
    let from = from.unwrap_or(horizon);
    let mut course = vec![(neutral, 0.0); months];
    for path in 0..paths {
        if !draws.happens(confidence, path) {
            continue;
        }
        let slip = draws.slip(operation.slip_months, path);
        let (start, end) = (from.plus(slip).since(horizon), to.map(|to| to.plus(slip).since(horizon)));
        let one = Course { draws, path, kind: &operation.kind };
        course.fill((neutral, 0.0));
        let window = Window { start, end, slip };
        run(plan, &one, &window, &mut course);
        for (month, (value, other)) in course.iter().enumerate() {
            first[month * paths + path] = *value as f32;
            if let Some(place) = second.get_mut(month * paths + path) {
                *place = *other as f32;
            }
        }
    }
    match operation.kind {
        Kind::Shift(_) => Arrays::Move { leaving: first, arriving: second },
        Kind::Reallocate(_) => Arrays::Move { leaving: first.clone(), arriving: first },
        Kind::DriverOverride(_) => Arrays::Drive(first),
        Kind::Cap(_) => Arrays::Limit(first),
        Kind::AddFlow(_) | Kind::OneOff(_) | Kind::Launch(_) => Arrays::Flow(first),
        _ => Arrays::Multiply(first),
    }
}

/// The months of one course, as places in the horizon.
struct Window {
    start: i32,
    end: Option<i32>,
    slip: i32,
}

/// Writes one course: for each month of the window what the operation does there.
fn run(plan: &Plan, course: &Course<'_>, window: &Window, months: &mut [(f64, f64)]) {
    let inside = |months: &mut [(f64, f64)], value: &mut dyn FnMut(i32, i32) -> (f64, f64)| {
        for (place, month) in (0..).zip(months) {
            if place >= window.start && window.end.is_none_or(|end| place <= end) {
                *month = value(place - window.start, place);
            }
        }
    };
    match course.kind {
        Kind::Scale(scale) => {
            let change = course.share("change");
            if scale.compound {
                inside(months, &mut |since, _| ((1.0 + change).powi(since.saturating_add(1)), 0.0));
            } else {
                inside(months, &mut |since, _| (change.mul_add(step(since, scale.over_months), 1.0), 0.0));
            }
        }
        Kind::PriceChange(_) => {
            let factor = 1.0 + course.share("change");
            inside(months, &mut |_, _| (factor, 0.0));
        }
        Kind::Retire(retire) => inside(months, &mut |since, _| (1.0 - step(since, retire.over_months), 0.0)),
        Kind::CurrencyRate(currency) => {
            let factor = match &currency.rate {
                RateChange::Change(_) => 1.0 + course.share("change"),
                RateChange::Rate(_) => {
                    let planned = plan.ground.baseline.rates.get(&currency.billed_in);
                    course.figure("rate") / planned.map_or(1.0, |rate| amount_as_statistic(*rate))
                }
            };
            inside(months, &mut |_, _| (factor, 0.0));
        }
        Kind::AddFlow(flow) => {
            let (amount, every) = (course.figure("amount"), i32::try_from(flow.every_months).unwrap_or(1).max(1));
            inside(months, &mut |since, _| (if since % every == 0 { amount } else { 0.0 }, 0.0));
        }
        Kind::OneOff(_) | Kind::Cap(_) => {
            let amount = course.figure("amount");
            inside(months, &mut |_, _| (amount, 0.0));
        }
        Kind::Launch(launch) => {
            let plateau = match launch.plateau {
                Plateau::Money(_) => course.figure("plateau"),
                Plateau::Units { .. } => course.figure("plateau_units") * course.figure("unit_price"),
            };
            inside(months, &mut |since, _| {
                let done = step(since, launch.over_months);
                let share = match launch.curve {
                    Curve::Linear => done,
                    Curve::SCurve => done * done * 2.0_f64.mul_add(-done, 3.0),
                };
                (plateau * share, 0.0)
            });
        }
        Kind::Shift(shift) => {
            let (share, ratio) = (course.share("share"), course.share("cost_ratio"));
            let running = i32::try_from(shift.double_running_months).unwrap_or(i32::MAX);
            inside(months, &mut |since, _| {
                let left = share * step(since.saturating_sub(running), shift.over_months);
                (left, share * step(since, shift.over_months) * ratio)
            });
        }
        Kind::Reallocate(_) => {
            let share = course.share("share");
            inside(months, &mut |_, _| (share, 0.0));
        }
        Kind::DriverOverride(change) => {
            let driver = plan.ground.baseline.drivers.iter().find(|driver| driver.name == change.driver);
            match &change.values {
                DriverValues::Change(_) => {
                    let share = course.share("change");
                    inside(months, &mut |_, _| (share, 0.0));
                }
                DriverValues::Typed(values) => inside(months, &mut |_, place| {
                    let planned =
                        driver.zip(usize::try_from(place).ok()).and_then(|(driver, place)| driver.monthly.get(place));
                    let typed = values.get(&plan.first_month().plus(place - window.slip));
                    match (typed, planned.filter(|planned| !planned.is_zero())) {
                        (Some(typed), Some(planned)) => {
                            (amount_as_statistic(*typed) / amount_as_statistic(*planned) - 1.0, 0.0)
                        }
                        _ => (0.0, 0.0),
                    }
                }),
            }
        }
        Kind::Commit(_) | Kind::Expire(_) | Kind::Renew(_) => {}
    }
}

/// The fee and the on-demand worth of a commitment in each month and course.
pub(super) fn of_commitment(plan: &Plan, commitment: &PlannedCommitment, settings: &SimulationSettings) -> Schedule {
    const UNIT: i128 = 1_000_000_000;
    let (months, paths) = (plan.months(), settings.paths);
    let mut schedule = Schedule { due: vec![0.0; months * paths], capacity: vec![0.0; months * paths] };
    let drawn = |operation: usize, date: Month, path: usize| {
        let operation = &plan.operations[operation];
        let draws = Draws::new(settings.seed, &operation.id);
        let happens = draws.happens(amount_as_statistic(operation.confidence), path);
        happens.then(|| date.plus(draws.slip(operation.slip_months, path)))
    };
    for path in 0..paths {
        for term in &commitment.terms {
            let (start, discount) = match term.operation {
                None => (Some(term.start), amount_as_statistic(term.discount.likely)),
                Some(operation) => {
                    let draws = Draws::new(settings.seed, &plan.operations[operation].id);
                    (drawn(operation, term.start, path), draws.figure("discount", &term.discount, path))
                }
            };
            let Some(start) = start else { continue };
            let cuts = commitment.cuts.iter().filter_map(|&(cut, operation)| drawn(operation, cut, path));
            let cut = cuts.filter(|cut| *cut > start).min();
            let (monthly, upfront) = (quotient(term.monthly_fee, UNIT), quotient(term.upfront, UNIT));
            let amortised = monthly + upfront / term.months.map_or(1.0, f64::from);
            for (place, month) in (0..).zip(0..months) {
                let date = plan.first_month().plus(place);
                let since = date.since(start);
                let over = term.months.is_some_and(|months| i64::from(since) >= i64::from(months));
                if since < 0 || over || cut.is_some_and(|cut| date >= cut) {
                    continue;
                }
                let fee = match settings.basis {
                    Basis::Effective => amortised,
                    Basis::Billed => monthly + if since == 0 { upfront } else { 0.0 },
                };
                schedule.due[month * paths + path] += fee as f32;
                schedule.capacity[month * paths + path] += (amortised / (1.0 - discount / 100.0)) as f32;
            }
        }
    }
    schedule
}
