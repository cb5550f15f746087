//! The joint portfolio against a linear programme written and solved independently: `portfolio_lp.py`, by scipy's HiGHS.
//!
//! `QUARTERDECK_SCIPY` names a Python that has scipy; with it these tests must run. Without it they run where `python3` has scipy.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Stdio};

use commitment::portfolio::{
    Candidate, Constraints, DemandPath, Instrument, Line, Options, Period, Problem, Rate, Risk, optimise,
};
use money::Amount;
use serde_json::{Value, json};

/// A Python with scipy. `None` only where none was promised.
fn python() -> Option<String> {
    if let Ok(promised) = std::env::var("QUARTERDECK_SCIPY") {
        return Some(promised);
    }
    let tried = Command::new("python3").args(["-c", "import scipy"]).stderr(Stdio::null()).status();
    tried.is_ok_and(|status| status.success()).then(|| "python3".to_owned())
}

fn solved_elsewhere(python: &str, problem: &Value) -> Value {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/behaviour/portfolio_lp.py");
    let mut child = Command::new(python).arg(script).stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(problem.to_string().as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success(), "the linear programme was not solved");
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Plain multiplicative numbers: the same cases everywhere.
fn numbers(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |limit| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % limit
    }
}

#[test]
fn the_same_objective_as_a_linear_programme() {
    let Some(python) = python() else { return };
    for seed in 1..=8 {
        let mut below = numbers(seed);
        let (lines, steps) = (2 + below(2) as usize, 12 + below(12) as usize);
        let usage: Vec<Vec<i64>> = (0..lines).map(|_| (0..steps).map(|_| 100 + below(900) as i64).collect()).collect();
        let paths: Vec<(u32, u32)> =
            (0..1 + below(6)).map(|_| (1 + below(4) as u32, 600_000 + below(700_000) as u32)).collect();
        // A plan for each line, and one for all at one discount: there the provider's order covers as much as any.
        let broad = 68 + below(12) as i128;
        let mut plans: Vec<Vec<(usize, i128)>> = (0..lines).map(|line| vec![(line, 55 + below(10) as i128)]).collect();
        plans.push((0..lines).map(|line| (line, broad)).collect());
        let weight = [0_i128, 5, 20][(seed % 3) as usize];

        let problem = Problem {
            scale: 2,
            periods: vec![Period { name: "once".into(), month: 0, hours: vec![1; steps] }],
            lines: usage.iter().map(|usage| Line { name: "line".into(), on_demand: usage.clone() }).collect(),
            paths: paths
                .iter()
                .map(|&(weight, factor)| DemandPath { weight, factors: vec![vec![factor; lines]] })
                .collect(),
            candidates: plans
                .iter()
                .enumerate()
                .map(|(number, rates)| Candidate {
                    instrument: Instrument {
                        name: format!("plan {number}"),
                        order: u32::from(number == lines),
                        rates: rates
                            .iter()
                            .map(|&(line, percent)| Rate { line, capacity: Amount::new(percent, 2).unwrap() })
                            .collect(),
                        from: 0,
                        until: 1,
                        term_months: 12,
                        term_hours: 8_760,
                        upfront: Amount::ZERO,
                        recurring: Amount::from_integer(1),
                    },
                    granularity: Amount::new(1, 5).unwrap(),
                    most: None,
                })
                .collect(),
            held: Vec::new(),
            constraints: Constraints::default(),
            risk: Risk { weight: Amount::new(weight, 1).unwrap(), level: Amount::new(75, 2).unwrap() },
            discount_rate: Amount::ZERO,
        };
        let options = Options { target_gap: Amount::new(1, 8).unwrap(), ..Options::default() };
        let best = optimise(&problem, None, &options, &|_| true).unwrap();

        let total: u32 = paths.iter().map(|(weight, _)| weight).sum();
        let elsewhere = solved_elsewhere(
            &python,
            &json!({
                "lines": usage.iter().map(|usage| usage.iter().map(|&cents| cents as f64 / 100.0).collect::<Vec<_>>()).collect::<Vec<_>>(),
                "paths": paths.iter().map(|&(weight, factor)| [f64::from(weight) / f64::from(total), f64::from(factor) / 1e6]).collect::<Vec<_>>(),
                "plans": plans
                    .iter()
                    .map(|rates| rates.iter().map(|&(line, percent)| json!([line, percent as f64 / 100.0])).collect::<Vec<_>>())
                    .collect::<Vec<_>>(),
                "weight": weight as f64 / 10.0,
                "level": 0.75,
            }),
        );
        let theirs = elsewhere["objective"].as_f64().unwrap();
        let ours: f64 = best.objective.to_string().parse().unwrap();
        let bound: f64 = best.bound.to_string().parse().unwrap();
        // Commitments are sold in steps of 0.00001 an hour, which costs less than a tenth of a cent here.
        assert!(
            (ours - theirs).abs() < 0.001 + 1e-7 * theirs,
            "case {seed}: {ours} where the programme says {theirs}: {best:?}"
        );
        assert!(bound <= theirs + 1e-6 * theirs, "case {seed}: the bound {bound} is above {theirs}");
    }
}
