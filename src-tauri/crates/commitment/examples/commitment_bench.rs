//! Sizes of the commitment benchmark, on made-up usage: `commitment_bench WHICH [times]`; prints a line of JSON each.
//!
//! `curve`: 8,760 hours of 200 families at discounts of their own under one plan, optimum and whole curve. `ten`: the same usage, the best of ten evenly
//! spaced commitments, each tried hour by hour. `families`: the same usage, an optimum and a curve for each family. `replay`: a year of it under 50
//! commitments. `slider`: the same with a purchase that moves. `portfolio`: 20 instruments over 200 paths of a year of hours. `small`: a joint
//! case that a general solver can take, with the case itself.

#![expect(clippy::float_arithmetic, reason = "a general solver takes its case in floats")]

use std::collections::BTreeSet;
use std::time::Instant;

use commitment::model::{
    BenefitPolicy, Capacity, Commitment, LineFilter, LineKey, Payment, Price, Program, Rate as PlanRate, Scope, Series,
    Span, Step, Term, Usage, UsageLine,
};
use commitment::optimum::{Curve, Eligible, EligibleLine};
use commitment::portfolio::{
    Candidate, Constraints, DemandPath, FACTOR_OF_ONE, Instrument, Line, Options, Period, Problem, Rate, Risk, optimise,
};
use commitment::replay::Prepared;
use commitment::whatif::{Basket, Decision, DecisionKind, Desk};
use money::Amount;
use serde_json::{Value, json};

const HOURS: usize = 8_760;

/// A plain multiplicative generator: the same numbers everywhere.
struct Numbers(u64);

impl Numbers {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % limit
    }
}

/// Cents an hour: a level, a day, a week, and noise.
fn usage(numbers: &mut Numbers, hours: usize) -> Vec<i64> {
    let level = 500 + numbers.below(20_000);
    let swing = numbers.below(level / 2);
    (0..hours as u64)
        .map(|hour| {
            let working = (8..19).contains(&(hour % 24)) && hour / 24 % 7 < 5;
            let cents = level + if working { swing } else { 0 } + numbers.below(level / 5 + 1);
            cents as i64
        })
        .collect()
}

/// The discount of a family, in hundredths of a percent.
fn discount(family: usize) -> i128 {
    2_000 + 15 * family as i128
}

fn curve(lines: &[Vec<i64>], drawn: usize, discounts: impl Fn(usize) -> i128) -> Value {
    let lines = lines
        .iter()
        .enumerate()
        .map(|(number, usage)| {
            let discount = Amount::new(discounts(number), 4).expect("a discount");
            EligibleLine::at_discount("family", discount, usage).expect("a rate")
        })
        .collect();
    let eligible = Eligible {
        scale: 2,
        lines,
        hours_per_step: 1,
        weights: None,
        weight_of_one: 1,
        missing: &[],
        price: Amount::from_integer(1),
    };
    let curve = Curve::new(&eligible).expect("a curve");
    let optimum = curve.optimum().expect("an optimum");
    let drawn = curve.drawn(drawn, &[]).expect("points");
    json!({
        "breakpoints": curve.breakpoints(),
        "drawn": drawn.len(),
        "hourly": optimum.hourly.to_string(),
        "savings": optimum.savings.to_string(),
    })
}

/// The best of ten evenly spaced commitments up to what covers every hour, each tried hour by hour, the deepest discount first.
fn ten(lines: &[Vec<i64>]) -> Value {
    // Ten-thousandths of a cent that a cent on demand takes.
    let rates: Vec<i64> = (0..lines.len()).map(|family| 10_000 - discount(family) as i64).collect();
    let needed = |hour: usize| lines.iter().zip(&rates).map(|(usage, rate)| usage[hour] * rate).sum::<i64>();
    let most = (0..HOURS).map(needed).max().unwrap_or(0);
    let saved = |commitment: i64| {
        let mut savings = 0_i64;
        for hour in 0..HOURS {
            let (mut left, mut covered) = (commitment, 0);
            for (usage, rate) in lines.iter().zip(&rates).rev() {
                let cents = usage[hour].min(left / rate);
                covered += cents * 10_000;
                left -= cents * rate;
                if left < *rate {
                    break;
                }
            }
            savings += covered - commitment;
        }
        savings
    };
    let best = (1..=10).map(|tenth| most / 10 * tenth).map(|commitment| (saved(commitment), commitment)).max();
    let (savings, commitment) = best.unwrap_or_default();
    let money = |units: i64| Amount::new(units.into(), 6).expect("money").to_string();
    json!({ "hourly": money(commitment), "savings": money(savings) })
}

fn year(lines: &[Vec<i64>]) -> Usage {
    let span = Span::new("2026-01-01T00:00:00Z".parse().expect("an hour"), Step::Hour, HOURS).expect("a year");
    let programs = BTreeSet::from([Program::AwsEc2InstanceSavingsPlan, Program::AwsComputeSavingsPlan]);
    let lines = lines.iter().enumerate().map(|(family, usage)| UsageLine {
        key: LineKey {
            provider: "AWS".to_owned(),
            account: format!("account {}", family % 7),
            service: "Compute".to_owned(),
            family: Some(format!("f{family}")),
            sku: format!("sku {family}"),
            ..LineKey::default()
        },
        account_name: None,
        eligible: programs.clone(),
        size_factor: None,
        on_demand: Series::from_units(usage.iter().map(|cents| i128::from(*cents)).collect(), 2),
        list: None,
        quantity: Series::from_units(vec![1; HOURS], 0),
    });
    Usage::new("USD".parse().expect("a currency"), span, BTreeSet::new(), lines.collect()).expect("usage")
}

fn plan(number: usize, hourly: Amount) -> Commitment {
    let family = number.is_multiple_of(2).then(|| format!("f{number}"));
    let program = if family.is_some() { Program::AwsEc2InstanceSavingsPlan } else { Program::AwsComputeSavingsPlan };
    let rate = |family: usize| PlanRate {
        lines: LineFilter { skus: [format!("sku {family}")].into(), ..LineFilter::default() },
        price: Price::Discount(Amount::new(discount(family) + number as i128, 4).expect("a discount")),
        source: None,
    };
    let start = "2025-06-01T00:00:00Z".parse().expect("an hour");
    Commitment {
        id: format!("plan {number}"),
        name: format!("plan {number}"),
        provider: "AWS".to_owned(),
        currency: "USD".parse().expect("a currency"),
        program,
        scope: Scope {
            owner_account: format!("account {}", number % 7),
            usage: LineFilter { families: family.into_iter().collect(), ..LineFilter::default() },
            ..Scope::default()
        },
        term: Term::THREE_YEARS,
        payment: Payment::NoUpfront,
        start,
        end: Term::THREE_YEARS.end_of(start).expect("an end"),
        capacity: Capacity::DiscountedSpend(hourly),
        upfront: Amount::ZERO,
        recurring: hourly,
        rates: (0..200).map(rate).collect(),
    }
}

fn plans() -> Vec<Commitment> {
    (0..50).map(|number| plan(number, Amount::from_integer(40 + number as i64))).collect()
}

fn replay(usage: &Usage, plans: &[Commitment]) -> Value {
    let replay = Prepared::new(usage).replay(plans, &BenefitPolicy::default()).expect("a replay");
    let figures = replay.figures().expect("figures");
    json!({ "covered": figures.covered.to_string(), "unused": figures.unused.to_string() })
}

fn bought(hourly: i64) -> Basket {
    let start = "2026-09-01T00:00:00Z".parse().expect("an hour");
    let bought = Commitment {
        start,
        end: Term::ONE_YEAR.end_of(start).expect("an end"),
        term: Term::ONE_YEAR,
        ..plan(51, Amount::from_integer(hourly))
    };
    Basket {
        name: "slider".to_owned(),
        decisions: vec![Decision { id: "bought".to_owned(), kind: DecisionKind::Buy(bought) }],
    }
}

/// Two families, a plan for each and one for both, six ways of a day and a half; the case as the general programme takes it.
fn small() -> Value {
    let mut numbers = Numbers(5);
    let steps = 36;
    let usage: Vec<Vec<i64>> = (0..2).map(|_| (0..steps).map(|_| 100 + numbers.below(900) as i64).collect()).collect();
    let paths: Vec<u32> = (0..6).map(|_| 600_000 + numbers.below(700_000) as u32).collect();
    let plans: [Vec<(usize, i128)>; 3] = [vec![(0, 58)], vec![(1, 62)], vec![(0, 72), (1, 72)]];
    let candidate = |rates: &Vec<(usize, i128)>| Candidate {
        instrument: Instrument {
            name: "plan".into(),
            order: u32::from(rates.len() > 1),
            rates: rates
                .iter()
                .map(|&(line, percent)| Rate { line, capacity: Amount::new(percent, 2).expect("a rate") })
                .collect(),
            from: 0,
            until: 1,
            term_months: 12,
            term_hours: 8_760,
            upfront: Amount::ZERO,
            recurring: Amount::from_integer(1),
        },
        granularity: Amount::new(1, 5).expect("a step"),
        most: None,
    };
    let problem = Problem {
        scale: 2,
        periods: vec![Period { name: "once".into(), month: 0, hours: vec![1; steps] }],
        lines: usage.iter().map(|usage| Line { name: "line".into(), on_demand: usage.clone() }).collect(),
        paths: paths.iter().map(|&factor| DemandPath { weight: 1, factors: vec![vec![factor; 2]] }).collect(),
        candidates: plans.iter().map(candidate).collect(),
        held: Vec::new(),
        constraints: Constraints::default(),
        risk: Risk { weight: Amount::new(5, 1).expect("a weight"), level: Amount::new(75, 2).expect("a level") },
        discount_rate: Amount::ZERO,
    };
    let best = optimise(&problem, None, &Options::default(), &|_| true).expect("a portfolio");
    let money = |usage: &Vec<i64>| usage.iter().map(|cents| *cents as f64 / 100.0).collect::<Vec<_>>();
    json!({
        "objective": best.objective.to_string(),
        "bound": best.bound.to_string(),
        "problem": {
            "lines": usage.iter().map(money).collect::<Vec<_>>(),
            "paths": paths.iter().map(|factor| [1.0 / 6.0, f64::from(*factor) / 1e6]).collect::<Vec<_>>(),
            "plans": plans.iter().map(|rates| rates.iter().map(|&(line, percent)| json!([line, percent as f64 / 100.0])).collect::<Vec<_>>()).collect::<Vec<_>>(),
            "weight": 0.5,
            "level": 0.75,
        },
    })
}

fn portfolio() -> Value {
    let mut numbers = Numbers(7);
    let (families, periods, paths) = (10, 12, 200);
    let hours = HOURS / periods;
    let lines = (0..families)
        .map(|family| Line { name: format!("family {family}"), on_demand: usage(&mut numbers, HOURS) })
        .collect();
    let mut candidates = Vec::new();
    let instrument = |name: String, order, rates, from, price: &str| Candidate {
        instrument: Instrument {
            name,
            order,
            rates,
            from,
            until: usize::MAX,
            term_months: 12,
            term_hours: 8_760,
            upfront: Amount::ZERO,
            recurring: price.parse().expect("a price"),
        },
        granularity: Amount::new(1, 5).expect("a step"),
        most: None,
    };
    let rate = |line, percent| Rate { line, capacity: Amount::new(percent, 2).expect("a rate") };
    for family in 0..families {
        let rates = vec![rate(family, 60 + i128::from(numbers.below(8) as u32))];
        candidates.push(instrument(format!("family plan {family}"), 1, rates, 0, "1"));
    }
    for slot in 0..5 {
        for (order, percent) in [(2, 72), (2, 76)] {
            let rates = (0..families).map(|family| rate(family, percent + family as i128 % 4)).collect();
            candidates.push(instrument(format!("compute plan {percent} from {slot}"), order, rates, slot * 2, "1"));
        }
    }
    let demand_paths = (0..paths)
        .map(|_| {
            let mut level = vec![u64::from(FACTOR_OF_ONE); families];
            let factors = (0..periods).map(|_| {
                level
                    .iter_mut()
                    .map(|level| {
                        *level = *level * (960 + numbers.below(81)) / 1_000;
                        *level as u32
                    })
                    .collect()
            });
            DemandPath { weight: 1, factors: factors.collect() }
        })
        .collect();
    let problem = Problem {
        scale: 2,
        periods: (0..periods)
            .map(|period| Period { name: format!("month {period}"), month: period as u32, hours: vec![1; hours] })
            .collect(),
        lines,
        paths: demand_paths,
        candidates,
        held: Vec::new(),
        constraints: Constraints::default(),
        risk: Risk { weight: Amount::new(5, 1).expect("a weight"), ..Risk::default() },
        discount_rate: Amount::new(8, 2).expect("a rate"),
    };
    let start = Instant::now();
    let trace = std::env::args().any(|argument| argument == "trace");
    let watch = |progress: &commitment::portfolio::Progress| {
        if trace {
            eprintln!("{:>8.3} s {progress:?}", start.elapsed().as_secs_f64());
        }
        true
    };
    let options = Options { target_gap: Amount::new(5, 3).expect("a gap"), ..Options::default() };
    let best = optimise(&problem, None, &options, &watch).expect("a portfolio");
    json!({
        "objective": best.objective.to_string(),
        "bound": best.bound.to_string(),
        "gap": best.gap.unwrap_or_default().to_string(),
        "bought": best.purchases.len(),
        "points": best.rounds,
        "savings": best.expected_savings.to_string(),
    })
}

/// The most memory that the process ever had, in kilobytes, where the system tells.
fn peak() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find(|line| line.starts_with("VmHWM:"))?;
    line.split_whitespace().nth(1)?.parse().ok()
}

fn main() {
    let which = std::env::args().nth(1).unwrap_or_else(|| "curve".into());
    let times: usize = std::env::args().nth(2).and_then(|times| times.parse().ok()).unwrap_or(5);
    let mut numbers = Numbers(3);
    let lines: Vec<Vec<i64>> = (0..200).map(|_| usage(&mut numbers, HOURS)).collect();
    let laid = year(if matches!(which.as_str(), "replay" | "slider") { &lines } else { &[] });
    let mut desk = Desk::new(&laid, BenefitPolicy::default(), plans());
    if which == "slider" {
        desk.evaluate(&bought(10)).expect("an outcome");
    }
    for time in 0..times {
        let start = Instant::now();
        let result = match which.as_str() {
            "curve" => curve(&lines, 300, discount),
            "ten" => ten(&lines),
            "families" => {
                let each = lines.iter().map(|line| curve(std::slice::from_ref(line), 10, |_| 3_500));
                each.reduce(|_, last| last).unwrap_or_default()
            }
            "replay" => replay(&laid, &plans()),
            "slider" => {
                let outcome = desk.evaluate(&bought(11 + time as i64)).expect("an outcome");
                let total = outcome.total().expect("a total").expect("months");
                json!({ "cost": total.cost().expect("a cost").to_string() })
            }
            "small" => small(),
            _ => portfolio(),
        };
        println!(
            "{}",
            json!({ "microseconds": start.elapsed().as_micros() as u64, "peak_kb": peak(), "result": result })
        );
    }
}
