//! What holds of every replay, and what is said of inputs that are not as they should be.

use std::collections::BTreeSet;

use crate::shared::{amount, commitment as bought, line, rate, span, usage};
use commitment::model::{
    BenefitPolicy, Capacity, Commitment, Price, Program, Sharing, Span, Step, Term, Usage, UsageLine,
};
use commitment::replay::{Finding, Prepared, Replay, ReplayError, replay, replay_each};
use money::Amount;
use proptest::prelude::*;

const PROGRAMS: [Program; 6] = [
    Program::AwsStandardReservedInstance,
    Program::AwsEc2InstanceSavingsPlan,
    Program::AwsComputeSavingsPlan,
    Program::AzureSavingsPlan,
    Program::GcpSpendCommitment,
    Program::AzureReservation,
];

fn provider_of(program: &Program) -> &'static str {
    match program {
        Program::AzureReservation | Program::AzureSavingsPlan => "Microsoft",
        Program::GcpResourceCommitment | Program::GcpSpendCommitment => "Google Cloud",
        _ => "AWS",
    }
}

fn lines() -> impl Strategy<Value = Vec<UsageLine>> {
    let one = (0_usize..3, 0_usize..3, prop::collection::vec((-200_i64..2000, 0_u8..20), 48), any::<bool>());
    prop::collection::vec(one, 1..8).prop_map(|drawn| {
        let mut seen = BTreeSet::new();
        let mut lines = Vec::new();
        for (provider, account, cells, sized) in drawn {
            let provider = ["AWS", "Microsoft", "Google Cloud"][provider];
            if !seen.insert((provider, account)) {
                continue;
            }
            let programs: Vec<Program> =
                PROGRAMS.iter().filter(|program| provider_of(program) == provider).cloned().collect();
            let costs: Vec<String> =
                cells.iter().map(|(cost, _)| Amount::new((*cost).into(), 3).unwrap().to_string()).collect();
            let quantities: Vec<String> = cells.iter().map(|(_, quantity)| quantity.to_string()).collect();
            let mut found = line(
                provider,
                ["a", "b", "c"][account],
                "sku",
                &programs,
                &costs.iter().map(String::as_str).collect::<Vec<_>>(),
                &quantities.iter().map(String::as_str).collect::<Vec<_>>(),
            );
            found.size_factor = sized.then(|| amount("4"));
            lines.push(found);
        }
        lines
    })
}

fn commitments() -> impl Strategy<Value = Vec<Commitment>> {
    let one = (0_usize..6, 0_usize..3, 0_i64..3000, 0_u32..120, 0_i64..60, 0_i64..60, any::<bool>());
    prop::collection::vec(one, 0..6).prop_map(|drawn| {
        drawn
            .into_iter()
            .enumerate()
            .map(|(number, (program, owner, units, discount, first, length, normalised))| {
                let program = PROGRAMS[program].clone();
                let size = Amount::new(units.into(), 3).unwrap();
                let capacity = match &program {
                    Program::GcpSpendCommitment => Capacity::OnDemandSpend(size),
                    found if !found.reserves_usage() => Capacity::DiscountedSpend(size),
                    _ if normalised => Capacity::NormalisedUnits(size),
                    _ => Capacity::Units(size),
                };
                let mut found = bought(&format!("c{number}"), provider_of(&program), program, capacity);
                found.scope.owner_account = ["a", "b", "c"][owner].to_owned();
                found.start = "2026-03-01T00:00:00Z".parse::<chrono::DateTime<chrono::Utc>>().unwrap()
                    + chrono::Duration::hours(first - 10);
                found.end = found.start + chrono::Duration::hours(length + 1);
                found.upfront = Amount::new((units * 7).into(), 2).unwrap();
                found.recurring = Amount::new(units.into(), 4).unwrap();
                found.rates = vec![rate(None, Price::Discount(Amount::new((discount % 100).into(), 2).unwrap()))];
                found
            })
            .collect()
    })
}

fn check_identities(usage: &Usage, replay: &Replay) -> Result<(), TestCaseError> {
    let zero = Amount::ZERO;
    let sum = |amounts: &mut dyn Iterator<Item = Amount>| Amount::sum(amounts).unwrap();
    let figures = replay.figures().unwrap();
    prop_assert_eq!(figures.on_demand, figures.covered.checked_add(figures.remainder).unwrap(), "covered + remainder");
    prop_assert_eq!(figures.commitment, figures.used.checked_add(figures.unused).unwrap(), "used + unused");
    let billed = sum(&mut usage.lines().iter().map(|line| {
        let known = (0..usage.span().steps()).filter(|step| !usage.missing().contains(step));
        sum(&mut known.map(|step| line.on_demand.at(step)))
    }));
    prop_assert_eq!(figures.on_demand, billed, "nothing of the usage is lost");
    for month in &replay.months {
        for (number, line) in month.lines.iter().enumerate() {
            let of_line = || month.coverage.iter().filter(|cover| cover.line == number);
            prop_assert_eq!(line.covered, sum(&mut of_line().map(|cover| cover.on_demand)));
            prop_assert_eq!(line.covered_cost, sum(&mut of_line().map(|cover| cover.cost)));
            prop_assert!(line.covered <= line.eligible, "no more than is eligible");
        }
        for (number, commitment) in month.commitments.iter().enumerate() {
            let covers = || month.coverage.iter().filter(|cover| cover.commitment == number);
            prop_assert_eq!(
                commitment.used,
                sum(&mut covers().map(|cover| cover.cost)),
                "what lines bear is what was used"
            );
            prop_assert_eq!(commitment.capacity_used, sum(&mut covers().map(|cover| cover.capacity)));
            prop_assert_eq!(commitment.cost, commitment.used.checked_add(commitment.unused).unwrap());
            prop_assert!(
                commitment.unused >= zero && commitment.used >= zero && commitment.capacity_used <= commitment.capacity
            );
        }
        for cover in &month.coverage {
            prop_assert!(
                cover.on_demand >= zero && cover.cost >= zero && cover.capacity >= zero && cover.quantity >= zero
            );
        }
    }
    for (series, figure) in [
        (&replay.steps.on_demand, figures.on_demand),
        (&replay.steps.eligible, figures.eligible),
        (&replay.steps.covered, figures.covered),
        (&replay.steps.commitment, figures.commitment),
        (&replay.steps.unused, figures.unused),
    ] {
        prop_assert_eq!(series.sum(0..usage.span().steps()).unwrap(), figure, "the steps add up to the months");
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 400, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn identities_hold_to_the_last_digit(lines in lines(), commitments in commitments(), missing in prop::collection::btree_set(0_usize..48, 0..5)) {
        let usage = Usage::new("USD".parse().unwrap(), span(Step::Hour, 48), missing, lines).unwrap();
        let replayed = replay(&usage, &commitments, &BenefitPolicy::default()).unwrap();
        check_identities(&usage, &replayed)?;
    }

    #[test]
    fn the_order_of_the_inputs_does_not_matter(lines in lines(), commitments in commitments(), turn in 0_usize..7) {
        let forwards = usage(Step::Hour, lines.clone());
        let mut turned = lines;
        let turn_by = turn % turned.len();
        turned.rotate_left(turn_by);
        let turned = usage(Step::Hour, turned);
        let mut backwards = commitments.clone();
        backwards.reverse();
        let policy = BenefitPolicy::default();
        prop_assert_eq!(replay(&forwards, &commitments, &policy), replay(&turned, &backwards, &policy));
    }

    #[test]
    fn taking_over_months_changes_nothing(lines in lines(), before in commitments(), after in commitments(), kept in 0_usize..6) {
        // Some commitments stay as they are, so that a month can be taken over; the two days lie in two months.
        let span = Span::new("2026-02-28T00:00:00Z".parse().unwrap(), Step::Hour, 48).unwrap();
        let usage = Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), lines).unwrap();
        let mut mixed = after;
        for (place, commitment) in before.iter().enumerate().take(kept) {
            match mixed.get_mut(place) {
                Some(found) => *found = commitment.clone(),
                None => mixed.push(commitment.clone()),
            }
        }
        let (prepared, policy) = (Prepared::new(&usage), BenefitPolicy::default());
        let first = prepared.run(&before, &policy).unwrap();
        let again = prepared.run_again(&first, &mixed, &policy).unwrap();
        prop_assert_eq!(again.replay, prepared.replay(&mixed, &policy).unwrap());
    }

    #[test]
    fn what_is_shared_with_everybody_costs_the_same_whoever_owns_it(lines in lines(), commitments in commitments()) {
        let usage = usage(Step::Hour, lines);
        let shared = BenefitPolicy::default();
        let groups = BenefitPolicy {
            sharing: Sharing::PrioritisedGroups,
            groups: [("a".to_owned(), "x".to_owned()), ("b".to_owned(), "x".to_owned())].into(),
            ..BenefitPolicy::default()
        };
        // One commitment alone: who is first changes the chargeback, not the sum. With one rate for all, so also its split.
        for commitment in commitments.iter().filter(|found| !found.program.reserves_usage()) {
            let alone = std::slice::from_ref(commitment);
            let total = |policy: &BenefitPolicy| replay(&usage, alone, policy).unwrap().figures().unwrap().used;
            prop_assert_eq!(total(&shared), total(&groups));
        }
    }

    #[test]
    fn every_cover_is_told_and_adds_up(lines in lines(), commitments in commitments()) {
        let usage = usage(Step::Hour, lines);
        let mut told = Amount::ZERO;
        let mut last = 0;
        let replayed = replay_each(&usage, &commitments, &BenefitPolicy::default(), |cover| {
            told = told.checked_add(cover.on_demand).unwrap();
            assert!(cover.step >= last, "step after step");
            last = cover.step;
        }).unwrap();
        prop_assert_eq!(told, replayed.figures().unwrap().covered);
    }
}

fn plan(id: &str, hourly: &str, discount: &str) -> Commitment {
    Commitment {
        rates: vec![rate(None, Price::Discount(amount(discount)))],
        ..bought(id, "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount(hourly)))
    }
}

fn one_line(costs: &[&str]) -> Usage {
    usage(Step::Hour, vec![line("AWS", "a", "x", &[Program::AwsComputeSavingsPlan], costs, &vec!["0"; costs.len()])])
}

fn texts(replay: &Replay) -> String {
    replay.findings.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n")
}

#[test]
fn nothing_bought_and_nothing_used() {
    let empty = Usage::new("USD".parse().unwrap(), span(Step::Hour, 3), BTreeSet::new(), Vec::new()).unwrap();
    let policy = BenefitPolicy::default();
    let replayed = replay(&empty, &[plan("sp", "2", "0.2")], &policy).unwrap();
    assert_eq!(replayed.figures().unwrap().unused, amount("6"), "all of it is waste");
    assert!(texts(&replayed).contains("no usage is eligible"));
    let replayed = replay(&one_line(&["1"]), &[], &policy).unwrap();
    let figures = replayed.figures().unwrap();
    assert_eq!((figures.coverage(), figures.utilisation()), (Some(Amount::ZERO), None), "no utilisation of nothing");
    assert!(replayed.findings.is_empty());
}

#[test]
fn missing_hours_are_left_out_and_told() {
    let lines = one_line(&["10", "0", "10"]).lines().to_vec();
    let usage = Usage::new("USD".parse().unwrap(), span(Step::Hour, 3), BTreeSet::from([1]), lines).unwrap();
    let replayed = replay(&usage, &[plan("sp", "4", "0.2")], &BenefitPolicy::default()).unwrap();
    let figures = replayed.figures().unwrap();
    assert_eq!((figures.commitment, figures.unused), (amount("8"), Amount::ZERO), "the hour is not taken as idle");
    assert!(texts(&replayed).contains("1 of 3 steps have no data (the first: 2026-03-01T01:00:00+00:00)"));
}

#[test]
fn a_quiet_month_is_told() {
    let span = Span::new("2026-02-28T23:00:00Z".parse().unwrap(), Step::Hour, 2).unwrap();
    let lines = one_line(&["10", "0"]).lines().to_vec();
    let usage = Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), lines).unwrap();
    let replayed = replay(&usage, &[plan("sp", "4", "0.2")], &BenefitPolicy::default()).unwrap();
    assert_eq!(replayed.months.len(), 2);
    assert!(texts(&replayed).contains("In 2026-03 nothing eligible was used"));
    assert_eq!(replayed.months[1].commitments[0].unused, amount("4"));
}

#[test]
fn days_say_what_they_lose() {
    // 12 in the morning and 0 at night: by the hour half of a plan of 6 is idle, by the day nothing is.
    let usage = usage(Step::Day, vec![line("AWS", "a", "x", &[Program::AwsComputeSavingsPlan], &["240"], &["0"])]);
    let mut started = plan("sp", "5", "0.2");
    started.start = "2026-03-01T18:00:00Z".parse().unwrap();
    let replayed = replay(&usage, &[started], &BenefitPolicy::default()).unwrap();
    assert_eq!(replayed.figures().unwrap().commitment, amount("30"), "six hours of the day");
    assert!(replayed.findings.contains(&Finding::DailySteps));
}

#[test]
fn negative_usage_stays_and_is_told() {
    let replayed = replay(&one_line(&["10", "-3"]), &[plan("sp", "4", "0.2")], &BenefitPolicy::default()).unwrap();
    let figures = replayed.figures().unwrap();
    assert_eq!((figures.on_demand, figures.eligible, figures.covered), (amount("7"), amount("10"), amount("5")));
    assert_eq!((figures.remainder, figures.unused), (amount("2"), amount("4")), "a correction is not covered");
    assert!(texts(&replayed).contains("1 steps are below zero (-3 in all)"));
}

#[test]
fn odd_commitments_are_told() {
    let mut expired = plan("expired", "4", "0.2");
    (expired.start, expired.end) = ("2024-01-01T00:00:00Z".parse().unwrap(), "2025-01-01T00:00:00Z".parse().unwrap());
    let mut wrong_fees = plan("wrong-fees", "1", "0.2");
    wrong_fees.recurring = amount("0.5");
    let mut no_rate = plan("no-rate", "1", "0.2");
    no_rate.rates.clear();
    let all = [expired, plan("large", "1000", "0.2"), plan("twin", "1000", "0.2"), wrong_fees, no_rate];
    let replayed = replay(&one_line(&["10"]), &all, &BenefitPolicy::default()).unwrap();
    let text = texts(&replayed);
    for wanted in [
        "expired: it runs from 2024-01-01T00:00:00+00:00 to 2025-01-01T00:00:00+00:00, outside the usage",
        "large and twin differ in nothing but their ids",
        "large: it is larger than all usage that is left for it; in its best step 0.008",
        "wrong-fees: its fees over the term are 4380.0, what is committed is 8760",
        "no-rate: 1 line that it reaches has no rate",
    ] {
        assert!(text.contains(wanted), "{wanted} is not in\n{text}");
    }
}

#[test]
fn what_cannot_be_replayed_is_refused_by_name() {
    let (usage, policy) = (one_line(&["10"]), BenefitPolicy::default());
    let euro = Commitment { currency: "EUR".parse().unwrap(), ..plan("sp-1", "1", "0.2") };
    let error = replay(&usage, &[euro], &policy).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the commitment sp-1 is in EUR, the usage in USD; give both in one currency, amounts of two are never added"
    );
    let twice = [plan("sp-1", "1", "0.2"), plan("sp-1", "2", "0.2")];
    assert_eq!(replay(&usage, &twice, &policy), Err(ReplayError::Duplicate("sp-1".to_owned())));
    let backwards = Commitment { end: "2020-01-01T00:00:00Z".parse().unwrap(), ..plan("sp-1", "1", "0.2") };
    assert!(replay(&usage, &[backwards], &policy).unwrap_err().to_string().contains("ends (2020-01-01"));
    let no_term = Commitment { term: Term { months: 0 }, ..plan("sp-1", "1", "0.2") };
    assert!(replay(&usage, &[no_term], &policy).is_err());
    let many: Vec<Commitment> = (0..=65_536).map(|number| plan(&format!("plan {number}"), "1", "0.2")).collect();
    let refused = replay(&one_line(&["10"]), &many, &BenefitPolicy::default()).unwrap_err().to_string();
    assert!(refused.starts_with("65537 commitments are more than can be replayed together (65,535)"), "{refused}");
}

#[test]
fn eighteen_decimals_and_large_amounts_go_by_the_wide_path_and_stay_exact() {
    let replayed = replay(
        &one_line(&["123456789.123456789012345678", "0.000000000000000001"]),
        &[plan("sp", "50000000", "0.2")],
        &BenefitPolicy::default(),
    )
    .unwrap();
    let figures = replayed.figures().unwrap();
    assert_eq!(figures.on_demand, amount("123456789.123456789012345679"));
    assert_eq!(
        figures.remainder,
        amount("60956789.123456789012345678"),
        "62.5 million are covered, and the last digit of the second hour"
    );
}

#[test]
fn upfronts_are_borne_hour_by_hour_and_add_up() {
    let mut reservation = bought("ri", "AWS", Program::AwsStandardReservedInstance, Capacity::Units(amount("1")));
    (reservation.upfront, reservation.recurring) = (amount("1000"), amount("0.01"));
    let span = Span::new("2026-01-01T00:00:00Z".parse().unwrap(), Step::Hour, 8_760).unwrap();
    let mut usage_line = line("AWS", "a", "x", &[Program::AwsStandardReservedInstance], &["0"], &["0"]);
    usage_line.on_demand = commitment::model::Series::from_units(vec![2; 8_760], 1);
    usage_line.quantity =
        commitment::model::Series::from_units((0..8_760).map(|hour| i128::from(hour % 2 == 0)).collect(), 0);
    let usage = Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), vec![usage_line]).unwrap();
    let figures = replay(&usage, &[reservation], &BenefitPolicy::default()).unwrap().figures().unwrap();
    assert_eq!(figures.commitment, amount("1087.6"), "all of the upfront and 8,760 hours");
    let half = figures.used.checked_sub(amount("543.8")).unwrap().abs();
    assert!(half < amount("0.000001"), "used every other hour: {}", figures.used);
}
