#![expect(clippy::float_arithmetic, reason = "the oracle on a grid calculates in floats, with slack")]

use std::cell::Cell;
use std::path::Path;

use money::{Amount, Rounding};
use proptest::prelude::*;

use super::*;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn instrument(name: &str, order: u32, rates: &[(usize, &str)]) -> Instrument {
    Instrument {
        name: name.into(),
        order,
        rates: rates.iter().map(|&(line, capacity)| Rate { line, capacity: amount(capacity) }).collect(),
        from: 0,
        until: usize::MAX,
        term_months: 12,
        term_hours: 8_760,
        upfront: Amount::ZERO,
        recurring: Amount::from_integer(1),
    }
}

fn candidate(instrument: Instrument, granularity: &str) -> Candidate {
    Candidate { instrument, granularity: amount(granularity), most: None }
}

/// The exercise of two families beside the checkout, in cents.
fn two_families() -> Problem {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/domain/worked/two-families.csv");
    let mut families = [Vec::new(), Vec::new()];
    for record in csv::Reader::from_path(path).unwrap().records() {
        let record = record.unwrap();
        for (family, text) in families.iter_mut().zip([&record[1], &record[2]]) {
            family.push(i64::try_from(amount(text).rescaled(2, Rounding::Down).unwrap().units()).unwrap());
        }
    }
    let hours = families[0].len();
    Problem {
        scale: 2,
        periods: vec![Period { name: "2026-11".into(), month: 0, hours: vec![1; hours] }],
        lines: ["A", "B"]
            .iter()
            .zip(families)
            .map(|(name, on_demand)| Line { name: (*name).into(), on_demand })
            .collect(),
        paths: vec![DemandPath { weight: 1, factors: vec![vec![FACTOR_OF_ONE; 2]] }],
        candidates: vec![
            candidate(instrument("EC2 A", 1, &[(0, "0.6")]), "0.00001"),
            candidate(instrument("Compute", 2, &[(0, "0.72"), (1, "0.72")]), "0.00001"),
        ],
        held: Vec::new(),
        constraints: Constraints::default(),
        risk: Risk::default(),
        discount_rate: Amount::ZERO,
    }
}

fn solve(problem: &Problem, target: &str) -> Result<Portfolio, PortfolioError> {
    let options = Options { target_gap: amount(target), ..Options::default() };
    optimise(problem, None, &options, &|_| true)
}

#[test]
fn joint_optimum_of_the_worked_case() {
    let problem = two_families();
    let best = solve(&problem, "0.0000000001").unwrap();
    assert_eq!(best.expected_cost, amount("86537.2460"), "the exhaustive search of the worked case: {best:?}");
    assert_eq!(best.bought, [amount("36.7200"), amount("60.5088")], "k 61.20 and 84.04");
    assert!(best.bound <= best.objective && best.gap.unwrap() < amount("0.000001"), "{best:?}");
    assert_eq!(best.cost_without, amount("118075.74"));
    let alone = best.best_standalone.unwrap();
    assert_eq!(alone.objective.rounded(4, Rounding::HalfEven), amount("91519.3080"), "the Compute plan alone");
}

/// A year of months with a few kinds of hours each: quick to search, and with everything in it.
fn year() -> Problem {
    let months = 12;
    let shape = [(40, 25), (55, 30), (90, 20), (70, 45), (35, 15)];
    let usage = |line: usize| -> Vec<i64> {
        (0..months).flat_map(|month| shape.map(|shape| [shape.0, shape.1][line] * 100 + month * 7)).collect()
    };
    let path = |growth: u64| {
        let factor = |month: u32| (u64::from(FACTOR_OF_ONE) * growth.pow(month) / 1_000_u64.pow(month)) as u32;
        DemandPath { weight: 1, factors: (0..12).map(|month: u32| vec![factor(month.min(4)); 2]).collect() }
    };
    let from = |start: usize, name: &str, order, rates: &[(usize, &str)], upfront: &str, recurring: &str| {
        let instrument = instrument(name, order, rates);
        candidate(
            Instrument { from: start, upfront: amount(upfront), recurring: amount(recurring), ..instrument },
            "0.001",
        )
    };
    Problem {
        scale: 2,
        periods: (1..=12)
            .map(|month| Period { name: format!("2027-{month:02}"), month: month - 1, hours: vec![146; 5] })
            .collect(),
        lines: vec![Line { name: "A".into(), on_demand: usage(0) }, Line { name: "B".into(), on_demand: usage(1) }],
        paths: [880, 960, 1_000, 1_040, 1_080].map(path).to_vec(),
        candidates: vec![
            from(0, "family A, January", 1, &[(0, "0.6")], "0", "1"),
            from(0, "all, no upfront", 2, &[(0, "0.74"), (1, "0.72")], "0", "1"),
            from(0, "all, all upfront", 2, &[(0, "0.70"), (1, "0.68")], "8760", "0"),
            from(6, "all, July", 2, &[(0, "0.74"), (1, "0.72")], "0", "1"),
        ],
        held: vec![Held {
            instrument: Instrument { until: 4, ..instrument("held until May", 1, &[(0, "0.65")]) },
            hourly: amount("12.5"),
        }],
        constraints: Constraints::default(),
        risk: Risk { weight: amount("0.5"), level: amount("0.8") },
        discount_rate: amount("0.08"),
    }
}

#[test]
fn held_commitments_expire_and_paths_count() {
    let problem = year();
    let best = solve(&problem, "0.00001").unwrap();
    assert!(best.gap.unwrap() <= amount("0.00002"), "{best:?}");
    assert!(best.bound <= best.objective, "a bound is below what was found");
    let alone = best.best_standalone.clone().unwrap();
    assert!(best.objective <= alone.objective, "together they are never worse than the best one alone");
    let nothing = Exact::of(&problem).unwrap().price(&[Amount::ZERO; 4]).unwrap();
    assert_eq!(nothing.len(), 5);
    let sum = Amount::sum(nothing.iter().copied()).unwrap();
    let five = best.cost_without.checked_mul(Amount::from_integer(5)).unwrap();
    assert_eq!(
        sum.rounded(4, Rounding::HalfEven),
        five.rounded(4, Rounding::HalfEven),
        "what is saved is saved of this"
    );
    // What is held is paid for its four months of 730 hours, and covers A meanwhile.
    let without = Problem { held: Vec::new(), ..problem.clone() };
    let free = Exact::of(&without).unwrap().price(&[Amount::ZERO; 4]).unwrap();
    assert!(free.iter().zip(&nothing).all(|(free, held)| held < free), "at 35 % off it saves on every path");
}

#[test]
fn more_weight_on_the_tail_never_raises_the_tail() {
    let problem = year();
    let options = Options { target_gap: amount("0.00001"), ..Options::default() };
    let weights = ["0", "0.5", "2", "10"].map(amount);
    let frontier = frontier(&problem, &weights, None, &options, &|_| true).unwrap();
    let slack = amount("1");
    for two in frontier.windows(2) {
        assert!(two[1].tail_cost <= two[0].tail_cost.checked_add(slack).unwrap(), "the tail falls: {two:?}");
        assert!(two[1].expected_cost.checked_add(slack).unwrap() >= two[0].expected_cost, "and the mean pays for it");
    }
    assert!(frontier.iter().all(|portfolio| portfolio.gap.unwrap() < amount("0.0001")));
}

#[test]
fn same_problem_same_answer() {
    let problem = year();
    assert_eq!(solve(&problem, "0.0001").unwrap(), solve(&problem, "0.0001").unwrap());
}

#[test]
fn limits_hold_exactly() {
    let mut problem = year();
    problem.constraints = Constraints {
        upfront: Some(amount("100000")),
        longest_term_months: Some(12),
        coverage: Some(amount("0.85")),
        slots: vec![(0, amount("75")), (6, amount("2.5"))],
    };
    let best = solve(&problem, "0.0001").unwrap();
    assert!(best.upfront <= amount("100000"), "{best:?}");
    assert!(best.coverage.unwrap() >= amount("0.85"), "{best:?}");
    assert!(best.bought[3] <= amount("2.5"), "the slot of July");
    let free = solve(&year(), "0.0001").unwrap();
    assert!(best.objective >= free.bound, "limits never make it cheaper");

    problem.constraints = Constraints { longest_term_months: Some(6), ..Constraints::default() };
    assert!(solve(&problem, "0.0001").unwrap().purchases.is_empty(), "nothing is sold for so short a term");
}

#[test]
fn what_cannot_be_met_is_named() {
    let mut problem = year();
    problem.candidates.truncate(1);
    problem.constraints.coverage = Some(amount("0.9"));
    let refused = solve(&problem, "0.001").unwrap_err();
    assert!(matches!(refused, PortfolioError::Coverage { .. }), "only A can be covered: {refused}");

    let mut problem = year();
    problem.candidates.drain(..2);
    problem.constraints =
        Constraints { coverage: Some(amount("0.95")), upfront: Some(amount("1000")), ..Constraints::default() };
    let refused = solve(&problem, "0.001").unwrap_err();
    assert!(
        refused
            .to_string()
            .starts_with("the limit of 1000 on cash upfront cannot be met together with a coverage of 0.95"),
        "{refused}"
    );
}

#[test]
fn bad_input_is_named() {
    let mut problem = year();
    problem.paths[2].factors[4].pop();
    let refused = solve(&problem, "0.001").unwrap_err();
    assert_eq!(refused.to_string(), "path 3 in 2027-05 has 1 entries where 2 were expected");
    let mut problem = year();
    problem.lines[1].on_demand.pop();
    assert!(solve(&problem, "0.001").unwrap_err().to_string().starts_with("usage of B has 59 entries"));
    let mut problem = year();
    problem.candidates[0].granularity = Amount::ZERO;
    assert!(solve(&problem, "0.001").unwrap_err().to_string().starts_with("family A, January is 0"));
    let mut problem = year();
    problem.paths.clear();
    assert_eq!(solve(&problem, "0.001").unwrap_err(), PortfolioError::Empty { what: "demand path" });
}

#[test]
fn an_instrument_that_saves_nothing_is_a_finding() {
    let mut problem = two_families();
    problem.candidates.push(candidate(instrument("dear", 1, &[(1, "1.02")]), "0.00001"));
    let best = solve(&problem, "0.0001").unwrap();
    assert_eq!(best.findings, [Finding::RateNotBelowOnDemand { candidate: "dear".into() }]);
    assert!(best.bought[2].is_zero(), "and never bought");
}

#[test]
fn refunds_count_as_no_usage_and_are_told() {
    let mut problem = year();
    problem.lines[0].on_demand[3] = 0;
    let without = solve(&problem, "0.001").unwrap();
    problem.lines[0].on_demand[3] = -700;
    let with = solve(&problem, "0.001").unwrap();
    assert_eq!(with.findings, [Finding::NegativeUsage { line: "A".into(), steps: 1 }]);
    assert_eq!(with.costs, without.costs, "below zero is zero");
}

#[test]
fn it_can_be_stopped_and_tells_how_far_it_is() {
    let problem = year();
    let calls = Cell::new(0);
    let count = |_: &Progress| {
        calls.set(calls.get() + 1);
        true
    };
    optimise(&problem, None, &Options::default(), &count).unwrap();
    for stop in [1, calls.get() / 2, calls.get()] {
        let left = Cell::new(stop);
        let watch = |_: &Progress| {
            left.set(left.get() - 1);
            left.get() > 0
        };
        assert_eq!(
            optimise(&problem, None, &Options::default(), &watch).unwrap_err(),
            PortfolioError::Cancelled,
            "at call {stop}"
        );
    }
}

/// The replay has the last word: what it adds to every path is in the result.
#[test]
fn the_result_is_priced_by_the_replay() {
    let problem = two_families();
    let options = Options { target_gap: amount("0.00001"), ..Options::default() };
    let exact = Exact::of(&problem).unwrap();
    let dearer = |bought: &[Amount]| {
        let costs = exact.price(bought)?;
        Ok(costs.into_iter().map(|cost| cost.checked_add(Amount::from_integer(7)).unwrap()).collect())
    };
    let best = optimise(&problem, Some(&dearer), &options, &|_| true).unwrap();
    assert_eq!(best.expected_cost.rounded(4, Rounding::HalfEven), amount("86544.2460"));
}

/// Steps drawn together bound those that they stand for, and the search over every step closes the gap.
#[test]
fn steps_drawn_together_lead_to_the_same_answer() {
    let problem = two_families();
    let options = Options { target_gap: amount("0.0001"), drawn_together: 40, most_rounds: (100, 60) };
    let best = optimise(&problem, None, &options, &|_| true).unwrap();
    assert!(best.bound <= amount("86537.2460") && best.gap.unwrap() <= amount("0.0001"), "{best:?}");
    assert_eq!(best.expected_cost.rounded(2, Rounding::HalfEven), amount("86537.25"), "neighbours lead to the optimum");
}

/// A few steps of two lines, two plans, one to three paths.
fn small_cases() -> impl Strategy<Value = Problem> {
    let usage = prop::collection::vec(0_i64..12, 2..6);
    let percent = 40_i64..95;
    (
        usage.clone(),
        usage,
        percent.clone(),
        percent.clone(),
        percent,
        prop::collection::vec((1_u32..5, 500_000_u32..1_500_000), 1..4),
        0_i64..3,
    )
        .prop_map(|(first, second, narrow, broad_first, broad_second, paths, risk)| {
            let steps = first.len().min(second.len());
            let rate = |line, percent: i64| Rate { line, capacity: Amount::new(percent.into(), 2).unwrap() };
            let of = |name: &str, order, rates| candidate(Instrument { rates, ..instrument(name, order, &[]) }, "0.01");
            Problem {
                scale: 0,
                periods: vec![Period { name: "once".into(), month: 0, hours: vec![1; steps] }],
                lines: vec![
                    Line { name: "A".into(), on_demand: first[..steps].to_vec() },
                    Line { name: "B".into(), on_demand: second[..steps].to_vec() },
                ],
                paths: paths
                    .into_iter()
                    .map(|(weight, factor)| DemandPath { weight, factors: vec![vec![factor; 2]] })
                    .collect(),
                candidates: vec![
                    of("narrow", 1, vec![rate(0, narrow)]),
                    of("broad", 2, vec![rate(0, broad_first), rate(1, broad_second)]),
                ],
                held: Vec::new(),
                constraints: Constraints::default(),
                risk: Risk { weight: Amount::from_integer(risk), level: amount("0.5") },
                discount_rate: Amount::ZERO,
            }
        })
}

/// Expected cost + weight x CVaR, from costs by path.
fn objective(problem: &Problem, costs: &[Amount]) -> f64 {
    let number = |amount: Amount| amount.to_string().parse::<f64>().unwrap();
    let mut paths: Vec<(f64, f64)> =
        costs.iter().zip(&problem.paths).map(|(&cost, path)| (number(cost), f64::from(path.weight))).collect();
    paths.sort_by(|left, right| right.0.total_cmp(&left.0));
    let all_weights: f64 = paths.iter().map(|(_, weight)| weight).sum();
    let mean = paths.iter().map(|(cost, weight)| cost * weight).sum::<f64>() / all_weights;
    let mut mass = all_weights * (1.0 - number(problem.risk.level));
    let whole = mass;
    let mut tail = 0.0;
    for (cost, weight) in paths {
        tail += cost * weight.min(mass);
        mass -= weight.min(mass);
    }
    mean + number(problem.risk.weight) * tail / whole
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(120))]

    /// No pair of commitments on a grid costs less than what was found, and none at all costs less than the bound.
    #[test]
    fn nothing_on_a_grid_is_better(problem in small_cases()) {
        let best = solve(&problem, "0.000001").unwrap();
        let exact = Exact::of(&problem).unwrap();
        let number = |amount: Amount| amount.to_string().parse::<f64>().unwrap();
        let (found, bound) = (number(best.objective), number(best.bound));
        prop_assert!(bound <= found);
        for narrow in 0..30 {
            for broad in 0..40 {
                let costs = exact.price(&[Amount::new(narrow * 5, 1).unwrap(), Amount::new(broad * 7, 1).unwrap()]).unwrap();
                let other = objective(&problem, &costs);
                prop_assert!(other >= bound - 1e-6, "the bound {bound} is above {other}");
                prop_assert!(found <= other + 1e-6 + 1e-5 * other, "{other} is less than {found}: {problem:?} {best:?}");
            }
        }
    }
}
