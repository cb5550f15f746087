//! What must hold of every bridge from a plan to what it cost.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use money::Amount;
use proptest::prelude::*;
use variance::{PlanLine, plan_bridge};

fn some() -> impl Strategy<Value = Option<Amount>> {
    proptest::option::weighted(
        0.8,
        (-10_i128.pow(20)..10_i128.pow(20), 0_u8..10).prop_map(|(units, scale)| Amount::new(units, scale).unwrap()),
    )
}

fn lines() -> impl Strategy<Value = Vec<PlanLine>> {
    proptest::collection::vec((some(), some()).prop_map(|(planned, actual)| PlanLine { planned, actual }), 0..40)
}

proptest! {
    #[test]
    fn lines_add_up_to_the_difference(lines in lines()) {
        let found = plan_bridge(&lines).unwrap();
        prop_assert_eq!(found.of_lines.len(), lines.len());
        prop_assert_eq!(Amount::sum(found.of_lines.iter().copied()).unwrap(), found.difference, "no remainder");
        prop_assert_eq!(found.planned.checked_add(found.difference).unwrap(), found.actual);
        prop_assert_eq!(found.not_separable.checked_add(found.not_planned).unwrap(), found.difference);
    }

    #[test]
    fn what_came_as_planned_is_no_difference(lines in lines()) {
        let same: Vec<PlanLine> = lines.iter().map(|line| PlanLine { actual: line.planned, ..*line }).collect();
        let found = plan_bridge(&same).unwrap();
        prop_assert!(found.difference.is_zero());
        prop_assert!(found.of_lines.iter().all(|part| part.is_zero()));
    }

    #[test]
    fn the_other_way_round_has_the_other_sign(lines in lines()) {
        let turned: Vec<PlanLine> =
            lines.iter().map(|line| PlanLine { planned: line.actual, actual: line.planned }).collect();
        let (there, back) = (plan_bridge(&lines).unwrap(), plan_bridge(&turned).unwrap());
        prop_assert_eq!(there.difference, back.difference.negated());
        let negated: Vec<Amount> = back.of_lines.iter().map(|part| part.negated()).collect();
        prop_assert_eq!(there.of_lines, negated);
    }
}

#[test]
fn what_nobody_planned_is_told_apart() {
    let amount = |text: &str| Some(text.parse::<Amount>().unwrap());
    let lines = [
        PlanLine { planned: amount("100"), actual: amount("120.50") },
        PlanLine { planned: amount("50"), actual: None },
        PlanLine { planned: None, actual: amount("7.25") },
    ];
    let found = plan_bridge(&lines).unwrap();
    assert_eq!(Some(found.not_separable), amount("-29.50"), "20.50 more in one line, 50 less in another");
    assert_eq!(Some(found.not_planned), amount("7.25"));
    assert_eq!(Some(found.difference), amount("-22.25"));
}
