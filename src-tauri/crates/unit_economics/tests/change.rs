//! The two effects of a change: worked by hand, and conserved whatever the numbers.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use money::Amount;
use proptest::prelude::*;
use unit_economics::{Side, SplitError, SplitOrder, split_cost, split_unit_cost};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn side(cost: &str, units: &str) -> Side {
    Side { cost: amount(cost), units: amount(units) }
}

fn texts(split: unit_economics::Split) -> [String; 5] {
    [split.before, split.now, split.difference, split.cost_effect, split.driver_effect].map(|figure| figure.to_string())
}

#[test]
fn worked_by_hand() {
    // 100 orders for 50.00, then 150 for 60.00: a unit cost 0.50, then 0.40.
    let (before, now) = (side("50.00", "100"), side("60.00", "150"));
    let cost = |order| texts(split_cost(before, now, order, 2).unwrap());
    // 50 more orders at 0.50 are 25; 150 orders at 0.10 less are -15.
    assert_eq!(cost(SplitOrder::BaseFirst), ["50.00", "60.00", "10.00", "-15.00", "25.00"]);
    // 50 more at 0.45 are 22.50; 125 at 0.10 less are -12.50.
    assert_eq!(cost(SplitOrder::Midpoint), ["50.00", "60.00", "10.00", "-12.50", "22.50"]);
    let unit = |order| texts(split_unit_cost(before, now, order, 4).unwrap());
    // 10 more for the old 100 are 0.10 each; 60 over 150 instead of 100 is 0.20 less each.
    assert_eq!(unit(SplitOrder::BaseFirst), ["0.5000", "0.4000", "-0.1000", "0.1000", "-0.2000"]);
    // 10 x (1/100 + 1/150) / 2 = 0.08333...; (1/150 - 1/100) x 55 = -0.18333...
    assert_eq!(unit(SplitOrder::Midpoint), ["0.5000", "0.4000", "-0.1000", "0.0833", "-0.1833"]);
}

#[test]
fn an_effect_that_is_nothing_stays_nothing() {
    // A third each: every figure is rounded, and no rounding may land on the driver that did not move.
    let split = split_unit_cost(side("1", "3"), side("2.005", "3"), SplitOrder::BaseFirst, 2).unwrap();
    assert!(split.driver_effect.is_zero(), "{split:?}");
    let split = split_unit_cost(side("1", "3"), side("1", "7"), SplitOrder::Midpoint, 2).unwrap();
    assert!(split.cost_effect.is_zero(), "{split:?}");
    let split = split_cost(side("1", "3"), side("5", "3"), SplitOrder::Midpoint, 2).unwrap();
    assert_eq!((split.driver_effect.is_zero(), split.cost_effect), (true, amount("4")), "as many units");
}

#[test]
fn credits_turn_signs_and_nothing_else() {
    let split = split_cost(side("-10", "4"), side("6", "8"), SplitOrder::BaseFirst, 2).unwrap();
    // Four more at -2.50 are -10; eight at 3.25 more are 26.
    assert_eq!(texts(split), ["-10", "6", "16", "26.00", "-10.00"]);
}

#[test]
fn without_units_there_is_nothing_to_split() {
    for order in [SplitOrder::BaseFirst, SplitOrder::Midpoint] {
        assert_eq!(split_cost(side("1", "0"), side("2", "3"), order, 2), Err(SplitError::NoUnitsBefore));
        assert_eq!(split_unit_cost(side("1", "3"), side("2", "0.0"), order, 2), Err(SplitError::NoUnitsNow));
    }
}

fn any_side() -> impl Strategy<Value = Side> {
    (-10_i128.pow(14)..10_i128.pow(14), 0_u8..=9, 1_i128..10_i128.pow(10), 0_u8..=3).prop_map(
        |(cost, cost_scale, units, units_scale)| Side {
            cost: Amount::new(cost, cost_scale).unwrap(),
            units: Amount::new(units, units_scale).unwrap(),
        },
    )
}

proptest! {
    #[test]
    fn the_effects_add_up_to_the_difference(before in any_side(), now in any_side(), decimals in 0_u8..=9, midpoint in any::<bool>()) {
        let order = if midpoint { SplitOrder::Midpoint } else { SplitOrder::BaseFirst };
        let cost = split_cost(before, now, order, decimals).unwrap();
        prop_assert_eq!(cost.cost_effect.checked_add(cost.driver_effect).unwrap(), cost.difference);
        prop_assert_eq!(cost.difference, now.cost.checked_sub(before.cost).unwrap(), "to the last digit of the bill");
        let unit = split_unit_cost(before, now, order, decimals).unwrap();
        prop_assert_eq!(unit.cost_effect.checked_add(unit.driver_effect).unwrap(), unit.difference);
        prop_assert_eq!(unit.before.checked_add(unit.difference).unwrap(), unit.now, "as it is shown");
        prop_assert_eq!(Some(unit.now), unit_economics::per_unit(now.cost, now.units, decimals));
    }

    #[test]
    fn turning_the_periods_turns_every_sign_of_the_midpoint(before in any_side(), now in any_side(), decimals in 0_u8..=9) {
        for split in [split_cost, split_unit_cost] {
            let there = split(before, now, SplitOrder::Midpoint, decimals).unwrap();
            let back = split(now, before, SplitOrder::Midpoint, decimals).unwrap();
            prop_assert_eq!(there.cost_effect, back.cost_effect.negated());
            prop_assert_eq!(there.driver_effect, back.driver_effect.negated());
        }
    }

    #[test]
    fn equal_periods_have_no_effects(side in any_side(), decimals in 0_u8..=9, midpoint in any::<bool>()) {
        let order = if midpoint { SplitOrder::Midpoint } else { SplitOrder::BaseFirst };
        for split in [split_cost, split_unit_cost] {
            let split = split(side, side, order, decimals).unwrap();
            prop_assert!(split.difference.is_zero() && split.cost_effect.is_zero() && split.driver_effect.is_zero());
        }
    }
}
