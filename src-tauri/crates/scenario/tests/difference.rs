//! What the difference of two scenarios is made of.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod support;

use std::collections::BTreeMap;
use std::sync::Arc;

use money::{Amount, Rounding};
use proptest::prelude::*;
use scenario::operation::{Operation, Phase};
use scenario::{
    Basis, Change, Difference, Laid, Outcome, Plan, PreparedBaseline, Scenario, Settings, compare, round_to_whole,
};
use support::{MONTHS, Random};

/// A scenario and another one that shares some operations with it, has others altered, and some of its own.
fn pair(seed: u64) -> (Scenario, Scenario) {
    let first = support::scenario(seed);
    let mut random = Random(seed ^ 0xd1ff);
    let mut second = Scenario { name: "other".into(), ..first.clone() };
    second.operations.retain(|_| !random.one_in(3));
    for operation in &mut second.operations {
        if random.one_in(2) {
            let id = operation.id.clone();
            *operation = support::operation(&mut random, id);
        }
    }
    for place in 0..random.below(3) {
        let new = support::operation(&mut random, format!("new-{place}"));
        second.operations.insert(random.index(second.operations.len() + 1), new);
    }
    if random.one_in(4) {
        second.operations.reverse();
    }
    (first, second)
}

fn compared(seed: u64) -> Option<(Arc<PreparedBaseline>, Scenario, Scenario, Difference)> {
    let ground = support::baseline(seed);
    let (first, second) = pair(seed);
    Plan::new(&ground, &first).ok()?;
    Plan::new(&ground, &second).ok()?;
    let laid = |scenario| Laid { baseline: &ground, scenario };
    let difference = compare(laid(&first), laid(&second), Basis::Effective).unwrap();
    Some((ground, first, second, difference))
}

fn sum(amounts: impl IntoIterator<Item = Amount>) -> Amount {
    Amount::sum(amounts).unwrap()
}

/// The line's cost over the horizon by its id.
fn by_line(outcome: &Outcome) -> BTreeMap<String, Amount> {
    let lines = outcome.lines().iter().enumerate();
    lines.map(|(line, planned)| (planned.id.clone(), sum((0..MONTHS).map(|month| outcome.cost(line, month))))).collect()
}

/// The changes in the stated order, each with the scenario that stands when it is made: a second implementation, by names alone.
fn slowly(first: &Scenario, second: &Scenario) -> Vec<(Change, Scenario)> {
    let counting = |scenario: &Scenario| -> Vec<Operation> {
        scenario.operations.iter().filter(|operation| operation.enabled).cloned().collect()
    };
    let (old, new) = (counting(first), counting(second));
    let find = |list: &[Operation], id: &str| list.iter().find(|operation| operation.id == id).cloned();
    let mut ids: Vec<String> = new.iter().map(|operation| operation.id.clone()).collect();
    for (place, operation) in old.iter().enumerate() {
        if !ids.contains(&operation.id) {
            let behind = place.checked_sub(1).and_then(|before| ids.iter().position(|id| *id == old[before].id));
            ids.insert(behind.map_or(0, |behind| behind + 1), operation.id.clone());
        }
    }
    let mut done: Vec<String> = Vec::new();
    let mut steps = Vec::new();
    for phase in [
        Phase::Drivers,
        Phase::Usage,
        Phase::Price,
        Phase::Migration,
        Phase::Caps,
        Phase::Commitments,
        Phase::Currency,
        Phase::Allocation,
    ] {
        for id in &ids {
            let (before, after) = (find(&old, id), find(&new, id));
            let stands_for = after.as_ref().or(before.as_ref()).unwrap();
            if stands_for.kind.phase() != phase || before == after {
                continue;
            }
            done.push(id.clone());
            let change = match (&before, &after) {
                (None, _) => Change::Added(id.clone()),
                (_, None) => Change::Removed(id.clone()),
                _ => Change::Altered(id.clone()),
            };
            let picked = ids.iter().filter_map(|id| if done.contains(id) { find(&new, id) } else { find(&old, id) });
            steps.push((change, Scenario { operations: picked.collect(), ..first.clone() }));
        }
    }
    steps
}

#[test]
fn most_made_up_pairs_can_be_compared() {
    let found = (0..300).filter_map(compared).filter(|(.., difference)| difference.contributions.len() > 1).count();
    assert!(found > 60, "the properties below would be about nothing: {found} of 300");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(250))]

    #[test]
    fn contributions_add_up_to_the_difference(seed in any::<u64>()) {
        let Some((_, _, _, difference)) = compared(seed) else { return Ok(()) };
        let gap = difference.to.total().checked_sub(difference.from.total()).unwrap();
        prop_assert_eq!(difference.total, gap);
        prop_assert_eq!(sum(difference.contributions.iter().map(|part| part.total)), gap, "to the last digit");
        for month in 0..MONTHS {
            let gap = difference.to.month_total(month).checked_sub(difference.from.month_total(month)).unwrap();
            prop_assert_eq!(sum(difference.contributions.iter().map(|part| part.monthly[month])), gap, "month by month");
        }
        let mut lines = by_line(&difference.from);
        for (id, amount) in difference.contributions.iter().flat_map(|part| &part.lines) {
            let line = lines.entry(id.clone()).or_default();
            *line = line.checked_add(*amount).unwrap();
        }
        lines.retain(|_, amount| !amount.is_zero());
        let mut wanted = by_line(&difference.to);
        wanted.retain(|_, amount| !amount.is_zero());
        prop_assert_eq!(lines, wanted, "line by line");
        for part in &difference.contributions {
            prop_assert_eq!(sum(part.lines.iter().map(|(_, amount)| *amount)), part.total, "a part is what it moves");
        }
    }

    #[test]
    fn shown_contributions_add_up_to_the_shown_difference(seed in any::<u64>()) {
        let Some((_, _, _, difference)) = compared(seed) else { return Ok(()) };
        let cents = |amount: Amount| amount.rescaled(2, Rounding::HalfEven).unwrap();
        let shown_gap = cents(difference.to.total()).checked_sub(cents(difference.from.total())).unwrap();
        if difference.contributions.is_empty() {
            return Ok(());
        }
        let parts: Vec<Amount> = difference.contributions.iter().map(|part| part.total).collect();
        prop_assert_eq!(sum(round_to_whole(shown_gap, &parts, 2)), shown_gap, "to the cent that is on the screen");
    }

    #[test]
    fn effects_alone_and_their_interaction_add_up(seed in any::<u64>()) {
        let Some((_, _, _, difference)) = compared(seed) else { return Ok(()) };
        let order = difference.contributions.iter().filter(|part| part.change == Change::Order).map(|part| part.total);
        let alone = sum(difference.tornado.iter().map(|swing| swing.alone).chain(order));
        prop_assert_eq!(alone.checked_add(difference.interaction).unwrap(), difference.total);
        let ranked = difference.tornado.windows(2).all(|pair| pair[0].alone.abs() >= pair[1].alone.abs());
        prop_assert!(ranked, "the largest effect stands first");
    }

    /// Each contribution anew, by scenarios that are put together here, in the order that is stated.
    #[test]
    fn a_contribution_is_what_its_change_adds(seed in any::<u64>()) {
        let Some((ground, first, second, difference)) = compared(seed) else { return Ok(()) };
        // What is half way between two orders has none of its own.
        if difference.contributions.iter().any(|part| part.change == Change::Order) {
            return Ok(());
        }
        let total = |scenario: &Scenario| Some(Plan::new(&ground, scenario).ok()?.evaluate(&Settings::default()).unwrap().total());
        let mut here = first.clone();
        for (change, scenario) in slowly(&first, &second) {
            let Some(part) = difference.contributions.iter().position(|part| part.change == change) else {
                panic!("{change:?} is not among the contributions");
            };
            let told = &difference.contributions[part];
            // Half way, an operation may name what another one brings in later.
            if let (Some(before), Some(after)) = (total(&here), total(&scenario)) {
                prop_assert_eq!(after.checked_sub(before).unwrap(), told.total, "{:?}", change);
            }
            here = scenario;
        }
        let order: Vec<Change> = slowly(&first, &second).into_iter().map(|(change, _)| change).collect();
        let told: Vec<Change> = difference.contributions.iter().map(|part| part.change.clone()).collect();
        prop_assert_eq!(order, told, "in the order that is stated");
    }

    #[test]
    fn a_scenario_does_not_differ_from_itself(seed in any::<u64>()) {
        let (ground, scenario) = (support::baseline(seed), support::scenario(seed));
        if Plan::new(&ground, &scenario).is_err() {
            return Ok(());
        }
        let laid = Laid { baseline: &ground, scenario: &scenario };
        let difference = compare(laid, laid, Basis::Effective).unwrap();
        prop_assert!(difference.total.is_zero() && difference.interaction.is_zero());
        prop_assert!(difference.contributions.is_empty() && difference.tornado.is_empty(), "there is nothing to tell");
        // An equal baseline that was made anew is no difference either.
        let again = support::baseline(seed);
        let difference = compare(laid, Laid { baseline: &again, scenario: &scenario }, Basis::Effective).unwrap();
        prop_assert!(difference.contributions.is_empty());
    }

    #[test]
    fn a_comparison_run_again_is_equal(seed in any::<u64>()) {
        let (Some((.., first)), Some((.., second))) = (compared(seed), compared(seed)) else { return Ok(()) };
        prop_assert_eq!(first, second);
    }

    #[test]
    fn another_baseline_is_a_change_of_its_own(seed in any::<u64>()) {
        let (first, second) = (support::baseline(seed), support::baseline(seed.wrapping_add(1)));
        let scenario = Scenario { operations: Vec::new(), ..support::scenario(seed) };
        let laid = |baseline| Laid { baseline, scenario: &scenario };
        let difference = compare(laid(&first), laid(&second), Basis::Effective).unwrap();
        prop_assert!(difference.contributions.iter().all(|part| part.change == Change::Baseline));
        prop_assert_eq!(sum(difference.contributions.iter().map(|part| part.total)), difference.total);
        prop_assert!(difference.interaction.is_zero(), "one change has nothing to act with");
    }

    #[test]
    fn the_best_case_is_at_most_the_likely_one(seed in any::<u64>()) {
        let (ground, mut scenario) = (support::baseline(seed), support::scenario(seed));
        scenario.operations.truncate(1);
        let Ok(plan) = Plan::new(&ground, &scenario) else { return Ok(()) };
        let cases = plan.cases(Basis::Effective).unwrap();
        prop_assert!(cases.best.total() <= cases.likely.total() && cases.likely.total() <= cases.worst.total());
    }
}
