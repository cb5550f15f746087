//! A replay beside the bill: equal to the cent, or where and why not.

use crate::shared::{amount, commitment as bought, line, rate, usage};
use commitment::model::{BenefitPolicy, Capacity, Commitment, LineKey, Price, Program, Step, Usage};
use commitment::replay::{BillFacts, BilledCover, BilledUnused, DeviationKind, compare_with_bill, replay};
use money::Amount;

fn case() -> (Usage, Vec<Commitment>) {
    let program = [Program::AwsComputeSavingsPlan];
    let lines = vec![
        line("AWS", "a", "x", &program, &["10", "2"], &["1", "1"]),
        line("AWS", "b", "y", &program, &["10", "2"], &["1", "1"]),
        line("AWS", "b", "z", &[], &["1", "1"], &["1", "1"]),
    ];
    let plan = Commitment {
        rates: vec![rate(None, Price::Discount(amount("0.2")))],
        ..bought("sp", "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount("12")))
    };
    (usage(Step::Hour, lines), vec![plan])
}

/// What a bill of the case says: 15 and 4 of on-demand cost covered for 12 and 3.2.
fn billed(usage: &Usage) -> BillFacts {
    let cover = |line: usize, on_demand: &str, cost: &str| BilledCover {
        commitment: "sp".to_owned(),
        line: usage.lines()[line].key.clone(),
        month: "2026-03".parse().unwrap(),
        on_demand: Some(amount(on_demand)),
        quantity: None,
        cost: amount(cost),
    };
    BillFacts {
        covers: vec![cover(0, "10", "8"), cover(0, "2", "1.6"), cover(1, "5", "4"), cover(1, "2", "1.60")],
        unused: vec![BilledUnused {
            commitment: "sp".to_owned(),
            month: "2026-03".parse().unwrap(),
            unused: amount("8.8"),
        }],
    }
}

fn compare(usage: &Usage, commitments: &[Commitment], facts: &BillFacts) -> commitment::replay::Comparison {
    let replayed = replay(usage, commitments, &BenefitPolicy::default()).unwrap();
    compare_with_bill(usage, commitments, &replayed, facts).unwrap()
}

#[test]
fn a_bill_that_the_replay_reproduces() {
    let (usage, commitments) = case();
    let comparison = compare(&usage, &commitments, &billed(&usage));
    assert!(comparison.equal && comparison.equal_by_commitment, "{:?}", comparison.deviations);
    assert_eq!(comparison.covered_cost, (amount("15.2"), amount("15.2")));
    assert_eq!(comparison.unused, (amount("8.8"), amount("8.8")));
    assert_eq!(comparison.compared, 3, "two lines and one commitment");
}

#[test]
fn half_a_cent_is_rounding_and_more_is_not() {
    let (usage, commitments) = case();
    let mut facts = billed(&usage);
    facts.covers[0].cost = amount("8.005");
    assert!(compare(&usage, &commitments, &facts).equal);
    facts.covers[0].cost = amount("8.0051");
    let comparison = compare(&usage, &commitments, &facts);
    assert_eq!(comparison.deviations.len(), 1);
    assert_eq!(comparison.deviations[0].kind, DeviationKind::EffectiveCost);
    assert_eq!(comparison.deviations[0].difference, amount("-0.0051"), "replay less bill");
}

#[test]
fn sharing_that_differs_is_told_by_line_and_equal_by_commitment() {
    let (usage, commitments) = case();
    let mut facts = billed(&usage);
    // The bill serves account b first.
    facts.covers[0] = BilledCover { on_demand: Some(amount("5")), cost: amount("4"), ..facts.covers[0].clone() };
    facts.covers[2] = BilledCover { on_demand: Some(amount("10")), cost: amount("8"), ..facts.covers[2].clone() };
    let comparison = compare(&usage, &commitments, &facts);
    assert!(!comparison.equal && comparison.equal_by_commitment);
    assert_eq!(comparison.deviations.len(), 4, "on-demand and effective cost of two lines");
}

#[test]
fn every_deviation_says_why() {
    let (usage, commitments) = case();
    let mut facts = billed(&usage);
    let month = facts.covers[0].month;
    let cover = |commitment: &str, line: LineKey| BilledCover {
        commitment: commitment.to_owned(),
        line,
        month,
        on_demand: None,
        quantity: None,
        cost: amount("1"),
    };
    facts.covers.push(cover("unknown", usage.lines()[0].key.clone()));
    facts.covers.push(cover("sp", usage.lines()[2].key.clone()));
    facts.covers.push(cover("sp", LineKey { sku: "elsewhere".to_owned(), ..LineKey::default() }));
    facts.unused[0].unused = Amount::ZERO;
    let comparison = compare(&usage, &commitments, &facts);
    let why: Vec<&str> = comparison.deviations.iter().map(|deviation| deviation.why.as_str()).collect();
    for wanted in [
        "not in the inventory",
        "by the eligibility rules no AWS Compute Savings Plan covers this usage",
        "not among the usage",
        "its fee, size or rates are not the bill's",
    ] {
        assert!(why.iter().any(|why| why.contains(wanted)), "{wanted} is not in {why:?}");
    }
    let mut late = commitments;
    late[0].start = "2026-04-01T00:00:00Z".parse().unwrap();
    let comparison = compare(&usage, &late, &billed(&usage));
    assert!(comparison.deviations.iter().all(|deviation| deviation.why.contains("does not run in this month")));
}
