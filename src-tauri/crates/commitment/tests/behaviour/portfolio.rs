//! From usage and offers to a portfolio, and back to the replay, to the cent.

use std::path::Path;

use commitment::model::{BenefitPolicy, Capacity, Commitment, Price, Program, Step, Usage};
use commitment::portfolio::{
    Aims, Exact, Offered, Options, PortfolioError, Pricing, Replayed, optimise, problem_of, purchases_of,
};
use commitment::replay::replay;
use commitment::whatif::{Paths, SamplePath, one_by_one};
use money::{Amount, Rounding};

use crate::shared::{amount, commitment, line, rate, usage};

/// The exercise of two families beside the checkout, as 30 days of March.
fn two_families() -> Usage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/domain/worked/two-families.csv");
    let rows: Vec<csv::StringRecord> = csv::Reader::from_path(path).unwrap().records().map(Result::unwrap).collect();
    let family = |sku: &str, column: usize, programs: &[Program]| {
        let cost: Vec<&str> = rows.iter().map(|row| &row[column]).collect();
        line("AWS", "a", sku, programs, &cost, &vec!["1"; cost.len()])
    };
    let both = [Program::AwsEc2InstanceSavingsPlan, Program::AwsComputeSavingsPlan];
    usage(Step::Hour, vec![family("A", 1, &both), family("B", 2, &both[1..])])
}

fn offered() -> Vec<Offered> {
    let offer = |name: &str, program: Program, rates: Vec<_>| Offered {
        commitment: Commitment { rates, ..commitment(name, "AWS", program, Capacity::DiscountedSpend(amount("10"))) },
        granularity: amount("0.00001"),
        most: None,
    };
    vec![
        offer("EC2 A", Program::AwsEc2InstanceSavingsPlan, vec![rate(Some("A"), Price::Discount(amount("0.4")))]),
        offer("Compute", Program::AwsComputeSavingsPlan, vec![rate(None, Price::Discount(amount("0.28")))]),
    ]
}

fn cents(amount: Amount) -> String {
    amount.rescaled(4, Rounding::HalfEven).unwrap().to_string()
}

#[test]
fn the_replay_prices_the_worked_case_to_the_cent() {
    let (usage, offered, policy) = (two_families(), offered(), BenefitPolicy::default());
    let problem = problem_of(&usage, &policy, &[], &offered, &[], &Aims::default()).unwrap();
    let replayed = |bought: &[Commitment]| {
        let refused = |error: &dyn std::fmt::Display| PortfolioError::Pricing { reason: error.to_string() };
        let replay = replay(&usage, bought, &policy).map_err(|error| refused(&error))?;
        replay.figures().and_then(|figures| figures.cost()).map_err(|error| refused(&error))
    };
    let pricing = |bought: &[Amount]| {
        let sized: Result<Vec<_>, _> = offered.iter().zip(bought).map(|(offer, &hourly)| offer.sized(hourly)).collect();
        Ok(vec![replayed(&sized?)?])
    };
    let options = Options { target_gap: amount("0.0000000001"), ..Options::default() };
    let best = optimise(&problem, Some(&pricing), &options, &|_| true).unwrap();
    assert_eq!(cents(best.expected_cost), "86537.2460", "the exhaustive search of the worked case");
    let bought = purchases_of(&best, &offered).unwrap();
    let hourly: Vec<Amount> = bought.iter().map(|commitment| commitment.capacity.hourly()).collect();
    assert_eq!(hourly, [amount("36.72"), amount("60.5088")]);
    assert_eq!(cents(replayed(&bought).unwrap()), "86537.2460", "as commitments they cost the same");
}

#[test]
fn what_is_held_counts_until_it_ends_within_a_month() {
    let (usage, offered, policy) = (two_families(), offered(), BenefitPolicy::default());
    let mut held = offered[1].sized(amount("60.5088")).unwrap();
    held.end = "2026-03-11T05:00:00Z".parse().unwrap();
    let held = [held];
    let problem = problem_of(&usage, &policy, &held, &offered, &[], &Aims::default()).unwrap();
    let names: Vec<&str> = problem.periods.iter().map(|period| period.name.as_str()).collect();
    assert_eq!(names, ["2026-03", "2026-03 (2)"], "cut where the held one ends");
    assert_eq!(problem.periods[0].hours.len(), 245, "ten days and five hours");
    let nothing = commitment::portfolio::Exact::of(&problem).unwrap();
    let costs = commitment::portfolio::Pricing::price(&nothing, &[Amount::ZERO; 2]).unwrap();
    let by_replay = replay(&usage, &held, &policy).unwrap().figures().unwrap().cost().unwrap();
    assert_eq!(cents(costs[0]), cents(by_replay), "the search and the replay price it alike");
}

#[test]
fn sample_paths_must_fit_the_usage() {
    let (usage, policy) = (two_families(), BenefitPolicy::default());
    let lines = |factors: Vec<Vec<Amount>>| {
        problem_of(&usage, &policy, &[], &offered(), &[SamplePath { factors }], &Aims::default())
    };
    let problem = lines(vec![vec![amount("0.9")], vec![amount("1.25")]]).unwrap();
    assert_eq!(problem.paths[0].factors, [[900_000, 1_250_000]]);
    assert_eq!(
        lines(vec![vec![amount("1")]]).unwrap_err().to_string(),
        "sample path 1 has 1 entries where 2 were expected"
    );
}

/// With what is prepaid, a cost of capital and demand that falls on one of two paths, the replay and the search's own pricing agree to the cent;
/// lines that no commitment reaches are not replayed and count all the same.
#[test]
fn the_replay_along_paths_is_what_the_search_prices() {
    let mut lines = two_families().lines().to_vec();
    lines.push(line("AWS", "a", "C", &[], &vec!["3"; 720], &vec!["1"; 720]));
    let usage = usage(Step::Hour, lines);
    let policy = BenefitPolicy::default();
    let mut offered = offered();
    for offer in &mut offered {
        offer.commitment.upfront = amount("10").checked_mul(Amount::from_integer(8_760)).unwrap();
        offer.commitment.recurring = Amount::ZERO;
    }
    let held = [offered[1].sized(amount("20")).unwrap()].map(|held| Commitment { id: "held".to_owned(), ..held });
    let paths = [["1", "1", "1"], ["0.5", "0.75", "0.5"]]
        .map(|factors| SamplePath { factors: factors.iter().map(|factor| vec![amount(factor)]).collect() });
    let aims = Aims { discount_rate: amount("0.08"), ..Aims::default() };
    let problem = problem_of(&usage, &policy, &held, &offered, &paths, &aims).unwrap();
    let exact = Exact::of(&problem).unwrap();
    let sized = |candidate: usize, hourly: Amount| offered[candidate].sized(hourly);
    let along = Paths { samples: &paths, workers: &one_by_one };
    let replayed = Replayed::new(&usage, &policy, &held, along, aims.discount_rate, &sized, &|_, _| true);
    for bought in [["0", "0"], ["36.72", "0"], ["36.72", "40.5088"]] {
        let bought = bought.map(amount);
        let (ours, theirs) = (exact.price(&bought).unwrap(), replayed.price(&bought).unwrap());
        assert_eq!(ours.len(), 2);
        for (search, replay) in ours.iter().zip(&theirs) {
            assert_eq!(cents(*search), cents(*replay), "{bought:?}");
        }
        assert_eq!(replayed.price(&bought).unwrap(), theirs, "what was priced once is remembered");
    }
    let stopped = Replayed::new(&usage, &policy, &held, along, aims.discount_rate, &sized, &|_, _| false);
    assert_eq!(stopped.price(&[Amount::ZERO; 2]), Err(PortfolioError::Cancelled));
}
