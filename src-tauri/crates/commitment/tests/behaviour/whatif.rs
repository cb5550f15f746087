//! Baskets of decisions: by hand, and what holds of all of them.

use std::collections::BTreeSet;

use crate::shared::{amount, commitment as bought, line, names, rate};
use commitment::model::{
    BenefitPolicy, Capacity, Commitment, LineFilter, Payment, Price, Program, Series, Sharing, Span, Step, Usage,
    UsageLine,
};
use commitment::replay::Prepared;
use commitment::whatif::{
    Basket, Decision, DecisionKind, DemandChange, Desk, Destination, Effect, Outcome, Paths, SamplePath, WhatIfError,
    bands, change_demand, compare, lay_forward, lock_in, one_by_one, who_gains,
};
use money::Amount;
use proptest::prelude::*;

const COMPUTE: [Program; 1] = [Program::AwsComputeSavingsPlan];

/// A year of hours at a constant cost for each SKU of account `a`.
fn year(lines: &[(&str, i64)]) -> Usage {
    let span = Span::new("2026-01-01T00:00:00Z".parse().unwrap(), Step::Hour, 8_760).unwrap();
    let lines = lines.iter().map(|(sku, cost)| flat(sku, *cost, 8_760)).collect();
    Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), lines).unwrap()
}

fn flat(sku: &str, cost: i64, steps: usize) -> UsageLine {
    let mut found = line("AWS", "a", sku, &COMPUTE, &["0"], &["0"]);
    found.key.family = Some(sku.to_owned());
    found.on_demand = Series::from_units(vec![cost.into(); steps], 0);
    found.quantity = Series::from_units(vec![1; steps], 0);
    found
}

fn plan(id: &str, hourly: &str, start: &str) -> Commitment {
    let start = format!("{start}T00:00:00Z").parse().unwrap();
    let mut found = bought(id, "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount(hourly)));
    found.rates = vec![rate(None, Price::Discount(amount("0.25")))];
    found.start = start;
    found.end = found.term.end_of(start).unwrap();
    found
}

fn decide(id: &str, kind: DecisionKind) -> Decision {
    Decision { id: id.to_owned(), kind }
}

fn basket(decisions: Vec<Decision>) -> Basket {
    Basket { name: "plan".to_owned(), decisions }
}

fn outcome(usage: &Usage, inventory: Vec<Commitment>, decisions: Vec<Decision>) -> Outcome {
    Desk::new(usage, BenefitPolicy::default(), inventory).evaluate(&basket(decisions)).unwrap()
}

fn by_month(outcome: &Outcome, of: impl Fn(&commitment::whatif::MonthOutcome) -> Amount) -> Vec<String> {
    outcome.months.iter().map(|month| of(month).normalized().to_string()).collect()
}

#[test]
fn a_purchase_in_july_by_month() {
    let usage = year(&[("m5", 8)]);
    let mut bought = plan("new", "6", "2026-07-01");
    (bought.payment, bought.upfront, bought.recurring) = (Payment::PartialUpfront, amount("26280"), amount("3"));
    let found = outcome(&usage, Vec::new(), vec![decide("1", DecisionKind::Buy(bought))]);
    let june = &found.months[5];
    let july = &found.months[6];
    assert_eq!(
        (june.cost().unwrap(), june.cash, june.savings().unwrap()),
        (amount("5760"), amount("5760"), Amount::ZERO)
    );
    assert_eq!(july.cost().unwrap(), amount("4464"), "744 hours at 6 instead of 8");
    assert_eq!(july.cash, amount("28512"), "the upfront and 744 hours at 3");
    assert_eq!(july.savings().unwrap(), amount("1488"));
    assert_eq!((july.figures.coverage(), july.figures.utilisation()), (Some(amount("1")), Some(amount("1"))));
    assert!(found.findings.is_empty() && found.notices.is_empty());
    let total = found.total().unwrap().unwrap();
    assert_eq!(total.figures.commitment, amount("26496"), "184 days at 6 an hour");
}

#[test]
fn a_plan_that_expires_is_renewed_or_not() {
    let usage = year(&[("m5", 8)]);
    let old = plan("old", "6", "2025-04-01");
    let expire =
        outcome(&usage, vec![old.clone()], vec![decide("1", DecisionKind::LetExpire { commitment: "old".to_owned() })]);
    let renewal = Commitment { id: "again".to_owned(), ..plan("again", "3", "2020-01-01") };
    let renew = outcome(
        &usage,
        vec![old.clone()],
        vec![decide("1", DecisionKind::Renew { commitment: "old".to_owned(), renewal })],
    );
    assert_eq!(by_month(&expire, |month| month.figures.unused).join(" "), "0 0 0 0 0 0 0 0 0 0 0 0");
    assert_eq!(expire.months[2], renew.months[2], "March is the same");
    assert_eq!(expire.months[3].cost().unwrap(), amount("5760"), "April on demand");
    assert_eq!(renew.months[3].cost().unwrap(), amount("5040"), "3 of plan for 4, and 4 on demand");
    let again = renew.commitments.iter().find(|found| found.id == "again").unwrap();
    assert_eq!(again.start, old.end, "renewed when the old one ends");
    let written_otherwise = Commitment { end: old.end - chrono::Duration::seconds(1), ..old.clone() };
    let renewal = Commitment { id: "again".to_owned(), ..plan("again", "3", "2020-01-01") };
    let kind = DecisionKind::Renew { commitment: "old".to_owned(), renewal };
    let same = outcome(&usage, vec![written_otherwise], vec![decide("1", kind)]);
    assert_eq!(same.months, renew.months, "an end at 23:59:59 is the same end: no hour is covered twice");
    let difference = compare(&expire, &renew).unwrap();
    assert_eq!(difference.cost, amount("-6600"), "1 an hour for 6,600 hours");
    assert_eq!(difference.commitments, [("again".to_owned(), amount("19800"))]);
    assert_eq!(difference.lines.len(), 1);
}

#[test]
fn an_exchange_carries_what_is_left_of_the_upfront() {
    let usage = year(&[("m5", 8)]);
    let reserved = |id: &str, upfront: &str| Commitment {
        program: Program::AwsConvertibleReservedInstance,
        capacity: Capacity::Units(amount("1")),
        upfront: amount(upfront),
        recurring: Amount::ZERO,
        payment: Payment::AllUpfront,
        rates: Vec::new(),
        ..plan(id, "1", "2026-01-01")
    };
    let at = "2026-07-02T12:00:00Z".parse().unwrap();
    let exchange = |upfront: &str| {
        let into = reserved("new", upfront);
        outcome(
            &usage,
            vec![reserved("old", "8760")],
            vec![decide("1", DecisionKind::Exchange { commitment: "old".to_owned(), at, into })],
        )
    };
    // Half of the year is gone, 4,380 of the upfront are left.
    let up = exchange("8760");
    assert_eq!(up.months[6].cash, amount("10332"), "744 hours at 8 on demand, and 8,760 less 4,380");
    assert_eq!(up.months[6].write_off, Amount::ZERO);
    assert!(up.notices.is_empty());
    let down = exchange("4000");
    assert_eq!(down.months[6].cash, amount("5952"), "nothing is paid back");
    assert_eq!(down.months[6].write_off, amount("380"));
    assert!(down.notices[0].to_string().contains("380.000000000000 are lost"), "{}", down.notices[0]);
}

#[test]
fn a_return_is_dated_noted_and_written_off() {
    let usage = year(&[("m5", 8)]);
    let mut old = plan("old", "6", "2026-01-01");
    (old.upfront, old.recurring) = (amount("52560"), Amount::ZERO);
    let at = "2026-07-02T12:00:00Z".parse().unwrap();
    let found = outcome(
        &usage,
        vec![old],
        vec![decide("1", DecisionKind::Return { commitment: "old".to_owned(), at, refund: amount("20000") })],
    );
    let july = &found.months[6];
    assert_eq!(july.write_off, amount("6280"), "26,280 are left, 20,000 come back");
    assert_eq!(july.cash, amount("-14336"), "708 hours at 8, less 20,000");
    assert!(found.notices[0].to_string().contains("does not take back"), "a Savings Plan after seven days");
    let total = found.total().unwrap().unwrap();
    assert_eq!(total.cash, total.cost().unwrap(), "over the whole life what is paid is what it costs");
}

#[test]
fn demand_falls_by_30_percent_from_april() {
    let usage = year(&[("m5", 8), ("c5", 2)]);
    let change = DemandChange {
        name: "demand falls 30 %".to_owned(),
        lines: LineFilter { families: names(&["m5"]), ..LineFilter::default() },
        from: "2026-04-01T00:00:00Z".parse().unwrap(),
        until: None,
        effect: Effect::Scale(amount("0.7")),
    };
    let changed = change_demand(&usage, std::slice::from_ref(&change)).unwrap();
    let found = outcome(&changed, vec![plan("sp", "7.5", "2026-01-01")], Vec::new());
    assert_eq!(found.months[2].figures.on_demand, amount("7440"));
    assert_eq!(found.months[3].figures.on_demand, amount("5472"), "5.6 and 2 an hour");
    assert_eq!(found.months[3].figures.unused, amount("1296"), "1.8 an hour of the plan are idle");
    let nowhere =
        DemandChange { lines: LineFilter { families: names(&["x9"]), ..LineFilter::default() }, ..change.clone() };
    assert!(matches!(change_demand(&usage, &[nowhere]), Err(WhatIfError::TouchesNothing(_))));
    let odd = DemandChange { effect: Effect::Scale(amount("-1")), ..change };
    assert!(change_demand(&usage, &[odd]).unwrap_err().to_string().contains("the factor is -1; give zero or more"));
}

#[test]
fn a_move_to_graviton_takes_share_cost_and_quantity_along() {
    let usage = year(&[("m5", 8), ("m6g", 1)]);
    let to = Destination { family: Some("m6g".to_owned()), sku: Some("m6g".to_owned()), ..Destination::default() };
    let effect = Effect::Move { share: amount("0.5"), to: Box::new(to), cost: amount("0.8"), quantity: amount("1") };
    let change = DemandChange {
        name: "Graviton".to_owned(),
        lines: LineFilter { families: names(&["m5"]), ..LineFilter::default() },
        from: "2026-06-01T00:00:00Z".parse().unwrap(),
        until: Some("2026-07-01T00:00:00Z".parse().unwrap()),
        effect,
    };
    let changed = change_demand(&usage, &[change]).unwrap();
    let at = |family: &str, step: usize| {
        let line = changed.lines().iter().find(|line| line.key.family.as_deref() == Some(family)).unwrap();
        (line.on_demand.at(step), line.quantity.at(step))
    };
    let june = 151 * 24;
    assert_eq!(at("m5", june - 1), (amount("8"), amount("1")));
    assert_eq!((at("m5", june), at("m6g", june)), ((amount("4"), amount("0.5")), (amount("4.2"), amount("1.5"))));
    assert_eq!(at("m6g", june + 30 * 24), (amount("1"), amount("1")), "back in July");
    assert_eq!(changed.lines().len(), 2, "it arrives at the line that is there");
}

#[test]
fn a_ladder_follows_a_decline_without_waste() {
    // Twelve rungs, one ending each month; demand loses what one rung covers each month.
    let span = Span::new("2026-01-01T00:00:00Z".parse().unwrap(), Step::Day, 365).unwrap();
    let mut usage_line = flat("m5", 0, 365);
    let cost = |day: usize| {
        let month = span.months().into_iter().position(|(_, days)| days.contains(&day)).unwrap();
        i128::try_from(12 - month).unwrap() * 24 * 4
    };
    usage_line.on_demand = Series::from_units((0..365).map(cost).collect(), 0);
    let usage = Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), vec![usage_line]).unwrap();
    let months = span.months();
    let rungs: Vec<Commitment> = (0..12)
        .map(|rung| {
            let end = months[rung].0.plus(1).start();
            Commitment {
                start: end - chrono::Duration::days(365),
                end,
                ..plan(&format!("rung-{rung:02}"), "3", "2025-06-01")
            }
        })
        .collect();
    let ladder = outcome(&usage, rungs.clone(), Vec::new()).total().unwrap().unwrap();
    assert_eq!(ladder.figures.unused, Amount::ZERO, "nothing is wasted");
    assert_eq!(ladder.figures.remainder, Amount::ZERO, "and nothing is on demand");
    let lump = outcome(&usage, vec![plan("lump", "36", "2026-01-01")], Vec::new()).total().unwrap().unwrap();
    assert!(lump.figures.unused > Amount::ZERO && lump.cost().unwrap() > ladder.cost().unwrap());
    // What could be shed by month: one more rung each month, until all.
    let bound = lock_in(&rungs, "2026-01-15T00:00:00Z".parse().unwrap(), amount("34560"), 12).unwrap();
    let february = &bound.months[0];
    assert_eq!(
        (february.bound, february.sheddable),
        (amount("22176"), amount("2016")),
        "eleven of twelve rungs of 672 hours at 3"
    );
    let january_after = bound.months[11];
    assert_eq!((january_after.bound, january_after.sheddable), (Amount::ZERO, amount("26784")));
}

#[test]
fn lock_in_by_hand() {
    let mut prepaid = plan("prepaid", "6", "2026-01-01");
    (prepaid.upfront, prepaid.recurring) = (amount("52560"), Amount::ZERO);
    let running = plan("running", "2", "2025-10-02");
    let later = plan("later", "100", "2027-01-01");
    let at = "2026-07-02T12:00:00Z".parse().unwrap();
    let found = lock_in(&[running, prepaid, later], at, amount("10000"), 1).unwrap();
    assert_eq!(found.prepaid, amount("26280"), "half of the upfront");
    assert_eq!(found.unpaid, amount("4392"), "2,196 hours at 2");
    assert_eq!(found.months_of_spend, Some(amount("3.07")), "30,672 of 10,000 a month");
    // (26,280 x 4,380 + 4,392 x 2,196) / 30,672 hours.
    assert_eq!(found.remaining_term, Some(amount("5.57")));
    assert_eq!(found.commitments.len(), 2, "what begins later binds nothing yet");
    let nothing = lock_in(&[], at, Amount::ZERO, 0).unwrap();
    assert_eq!((nothing.months_of_spend, nothing.remaining_term), (None, None));
}

#[test]
fn who_gains_adds_up_under_every_policy() {
    let mut lines: Vec<UsageLine> = Vec::new();
    for (account, owner) in [("a", Some("web")), ("a", Some("data")), ("b", Some("web")), ("c", None)] {
        let mut found = flat("m5", 10, 48);
        found.key.account = account.to_owned();
        found.key.owner = owner.map(str::to_owned);
        lines.push(found);
    }
    let span = Span::new("2026-02-28T00:00:00Z".parse().unwrap(), Step::Hour, 48).unwrap();
    let usage = Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), lines).unwrap();
    let prepared = Prepared::new(&usage);
    let commitments = [plan("sp", "18", "2026-01-01"), plan("idle", "100", "2026-03-01")];
    let mut owned = commitments.to_vec();
    owned[1].scope.owner_account = "payer".to_owned();
    let mut of_a = Vec::new();
    for sharing in [Sharing::OrganisationWide, Sharing::PrioritisedGroups, Sharing::RestrictedGroups, Sharing::Off] {
        let policy = BenefitPolicy {
            sharing,
            groups: [("a".to_owned(), "g".to_owned()), ("c".to_owned(), "g".to_owned())].into(),
            ..BenefitPolicy::default()
        };
        let rows = who_gains(&prepared, &owned, &policy).unwrap();
        let figures = prepared.replay(&owned, &policy).unwrap().figures().unwrap();
        let sum = |of: &dyn Fn(&commitment::whatif::Gain) -> Amount| Amount::sum(rows.iter().map(of)).unwrap();
        assert_eq!(sum(&|row| row.cost().unwrap()), figures.cost().unwrap(), "{sharing:?}");
        assert_eq!(sum(&|row| row.savings().unwrap()), figures.savings().unwrap(), "{sharing:?}");
        assert_eq!(sum(&|row| row.unused), figures.unused, "{sharing:?}");
        of_a.push(sum(&|row| if row.account == "c" { row.covered } else { Amount::ZERO }));
    }
    assert!(of_a[1] > of_a[0], "its group serves account c before account b");
    assert_eq!(of_a[3], Amount::ZERO, "nothing without sharing");
}

#[test]
fn bands_keep_most_paths_within_and_can_be_stopped() {
    let usage = year(&[("m5", 8)]);
    let inventory = [plan("sp", "6", "2026-01-01")];
    let samples: Vec<SamplePath> =
        (0..11).map(|path| SamplePath { factors: vec![vec![Amount::new(50 + 10 * path, 2).unwrap(); 12]] }).collect();
    let run = |samples: &[SamplePath], progress: &mut dyn FnMut(usize, usize) -> bool| {
        let paths = Paths { samples, workers: &one_by_one };
        bands(&usage, paths, &BenefitPolicy::default(), &inventory, &basket(Vec::new()), amount("0.1"), progress)
    };
    let found = run(&samples, &mut |_, _| true).unwrap();
    let january = found.months[0].cost;
    // Factors from 0.5 to 1.5, the outermost left out: the plan costs 6 an hour up to 8 of demand, beyond it on demand.
    assert_eq!((january.low, january.likely, january.high), (amount("4464"), amount("4464"), amount("6844.8")));
    assert_eq!(found.months[0].utilisation.unwrap().low, amount("0.6"));
    assert_eq!(found.costs.len(), 11);
    let stopped = run(&samples, &mut |done, _| done < 3);
    assert_eq!(stopped, Err(WhatIfError::Stopped { done: 3, total: 11 }));
    assert!(run(&[], &mut |_, _| true).is_err());
    let crooked = [SamplePath { factors: vec![vec![Amount::from_integer(1); 11]] }];
    assert!(run(&crooked, &mut |_, _| true).unwrap_err().to_string().contains("sample path 1"));
}

#[test]
fn usage_laid_forward_keeps_the_hours_of_the_week() {
    let span = Span::new("2026-03-02T00:00:00Z".parse().unwrap(), Step::Hour, 21 * 24).unwrap();
    let mut found = flat("m5", 0, 21 * 24);
    found.on_demand = Series::from_units((0..21 * 24).map(|hour| hour % 168 + hour / 168 * 1000).collect(), 0);
    let history = Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), vec![found]).unwrap();
    // A Wednesday, 10:00.
    let ahead = lay_forward(&history, "2026-04-01T10:00:00Z".parse().unwrap(), 200).unwrap();
    assert_eq!(ahead.lines()[0].on_demand.at(0), amount("2058"), "Wednesday 10:00 of the last week");
    assert_eq!(ahead.lines()[0].on_demand.at(168), amount("2058"));
    assert!(ahead.missing().is_empty());
    let short = Usage::new(
        "USD".parse().unwrap(),
        Span::new(span.first(), Step::Hour, 13 * 24).unwrap(),
        BTreeSet::new(),
        vec![flat("m5", 1, 13 * 24)],
    )
    .unwrap();
    assert_eq!(lay_forward(&short, span.end(), 24), Err(WhatIfError::TooLittleHistory { days: 13 }));
}

#[test]
fn decisions_that_cannot_be_taken_are_refused_by_name() {
    let usage = year(&[("m5", 8)]);
    let refused = |decisions: Vec<Decision>| {
        let mut desk = Desk::new(&usage, BenefitPolicy::default(), vec![plan("old", "6", "2025-04-01")]);
        desk.evaluate(&basket(decisions)).unwrap_err().to_string()
    };
    let expire = |id: &str, commitment: &str| decide(id, DecisionKind::LetExpire { commitment: commitment.to_owned() });
    assert!(refused(vec![expire("1", "gone")]).contains("the commitment gone, which is not there"));
    assert!(refused(vec![expire("1", "old"), expire("2", "old")]).contains("the decisions 1 and 2 are both about old"));
    assert!(refused(vec![expire("1", "old"), expire("1", "old")]).contains("two decisions are called 1"));
    let at = "2026-05-01T00:00:00Z".parse().unwrap();
    let late = DecisionKind::Return { commitment: "old".to_owned(), at, refund: Amount::ZERO };
    assert!(refused(vec![decide("1", late)]).contains("dated 2026-05-01T00:00:00+00:00, but old runs from 2025-04-01"));
    assert!(
        refused(vec![decide("1", DecisionKind::Buy(plan("old", "1", "2026-01-01")))]).contains("old is there twice")
    );
    let mut desk = Desk::new(&usage, BenefitPolicy::default(), Vec::new());
    let fine =
        desk.evaluate(&basket(vec![decide("1", DecisionKind::Buy(plan("p", "0.1234567", "2026-01-01")))])).unwrap();
    assert!(fine.notices[0].to_string().contains("at most 5 decimals"));
}

#[test]
fn decisions_build_on_each_other_whatever_their_order() {
    let usage = year(&[("m5", 8)]);
    let old = || plan("old", "6", "2025-04-01");
    let first = || {
        decide("z", DecisionKind::Renew { commitment: "old".to_owned(), renewal: plan("second", "3", "2020-01-01") })
    };
    let at = "2026-04-05T00:00:00Z".parse().unwrap();
    let second = || decide("a", DecisionKind::Return { commitment: "second".to_owned(), at, refund: Amount::ZERO });
    let one = outcome(&usage, vec![old()], vec![first(), second()]);
    assert_eq!(one, outcome(&usage, vec![old()], vec![second(), first()]));
    assert_eq!(one.months[3].figures.commitment, amount("288"), "four days at 3 an hour");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_slider_gives_what_a_fresh_desk_gives_and_differences_add_up(
        sizes in prop::collection::vec((0_i64..12_000, 0_u32..12), 2..5),
        factor in 0_i64..150,
    ) {
        let span = Span::new("2026-01-01T00:00:00Z".parse().unwrap(), Step::Day, 365).unwrap();
        let usage = Usage::new("USD".parse().unwrap(), span, BTreeSet::new(), vec![flat("m5", 150, 365), flat("c5", 33, 365)]).unwrap();
        let inventory = vec![plan("old", "2", "2025-06-15")];
        let mut desk = Desk::new(&usage, BenefitPolicy::default(), inventory.clone());
        let mut outcomes = Vec::new();
        for (size, month) in &sizes {
            let hourly = Amount::new((*size).into(), 3).unwrap().to_string();
            let new = plan("new", &hourly, &format!("2026-{:02}-03", month + 1));
            let found = basket(vec![decide("buy", DecisionKind::Buy(new))]);
            let slid = desk.evaluate(&found).unwrap();
            let fresh = Desk::new(&usage, BenefitPolicy::default(), inventory.clone()).evaluate(&found).unwrap();
            prop_assert_eq!(&slid, &fresh);
            outcomes.push(slid);
        }
        let change = DemandChange {
            name: "change".to_owned(),
            lines: LineFilter::default(),
            from: "2026-05-05T00:00:00Z".parse().unwrap(),
            until: None,
            effect: Effect::Scale(Amount::new(factor.into(), 2).unwrap()),
        };
        let changed = change_demand(&usage, &[change]).unwrap();
        outcomes.push(outcome(&changed, inventory, Vec::new()));
        for pair in outcomes.windows(2) {
            let found = compare(&pair[0], &pair[1]).unwrap();
            let parts = found.lines.iter().map(|(_, amount)| *amount).chain(found.commitments.iter().map(|(_, amount)| *amount));
            let sum = Amount::sum(parts.chain([found.write_off])).unwrap();
            prop_assert_eq!(found.cost, sum, "lines, commitments and write-offs are all of it");
            let total = |outcome: &Outcome| outcome.total().unwrap().unwrap().cost().unwrap();
            prop_assert_eq!(found.cost, total(&pair[1]).checked_sub(total(&pair[0])).unwrap());
        }
    }
}
