//! What must hold of every bridge, and the worked example of price, volume and mix.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod common;

use common::{days, items};
use money::{Amount, Rounding};
use proptest::prelude::*;
use variance::{Cell, Class, Convention, Days, Effect, Item, Units, bridge};

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

/// A SKU of one family by its quantity and cost in both periods.
fn sku(base: Option<[&str; 2]>, current: Option<[&str; 2]>) -> Item {
    let cell = |[quantity, cost]: [&str; 2]| Cell {
        cost: amount(cost),
        local: amount(cost),
        quantity: Some(amount(quantity)),
        ..Cell::default()
    };
    Item {
        class: Class::Usage,
        units: Units::Family(0),
        currency: None,
        base: base.map(cell),
        current: current.map(cell),
    }
}

const MONTH: Days = Days { base: 30, current: 30 };

/// 150 hours for 700 become 170, shifted to the cheap kind, which costs the same, while the dear one gets dearer.
fn worked_example() -> Vec<Item> {
    vec![
        sku(Some(["100", "200"]), Some(["130", "260"])),
        sku(Some(["50", "500"]), Some(["40", "414"])),
        sku(None, Some(["7", "35"])),
        sku(Some(["12", "60"]), None),
    ]
}

#[test]
fn the_worked_example_comes_out() {
    let found = bridge(&worked_example(), MONTH, Convention::BaseFirst).unwrap();
    let expected = [
        (Effect::New, "35.00"),
        (Effect::Retired, "-60.00"),
        (Effect::Volume, "93.33"),
        (Effect::Mix, "-133.33"),
        (Effect::UnsplitRate, "14.00"),
    ];
    let cents = found.parts.iter().map(|(effect, part)| (*effect, part.rounded(2, Rounding::HalfEven)));
    assert_eq!(cents.collect::<Vec<_>>(), expected.map(|(effect, text)| (effect, amount(text))));
    assert_eq!((found.base, found.current, found.difference), (amount("760"), amount("709"), amount("-51")));
}

#[test]
fn a_plain_price_and_quantity_is_bennets() {
    // (q1 - q0)(p0 + p1)/2 and (p1 - p0)(q0 + q1)/2, with 10 at 2 and 14 at 3.
    let items = [sku(Some(["10", "20"]), Some(["14", "42"]))];
    let found = bridge(&items, MONTH, Convention::Midpoint).unwrap();
    assert_eq!(found.parts, [(Effect::Volume, amount("10")), (Effect::UnsplitRate, amount("12"))]);
}

#[test]
fn a_longer_month_is_days_and_not_volume() {
    let items = [sku(Some(["28", "56"]), Some(["31", "62"]))];
    let found = bridge(&items, Days { base: 28, current: 31 }, Convention::BaseFirst).unwrap();
    assert_eq!(found.parts, [(Effect::Days, amount("6"))], "the same every day");
}

#[test]
fn each_discount_has_its_part() {
    // 100 hours in both periods at list price 1, 10 % off by contract, 40 % of it covered at half price: 36 × 0.5 + 54 = 72.
    let cell = |list: &str, contracted: &str, covered: &str, covered_contracted: &str| {
        let (list, contracted) = (amount(list), amount(contracted));
        let (covered, covered_contracted) = (amount(covered), amount(covered_contracted));
        let cost = contracted.checked_sub(covered_contracted).unwrap().checked_add(covered).unwrap();
        let quantity = Some(amount("100"));
        Cell {
            cost,
            local: cost,
            list: Some(list),
            contracted: Some(contracted),
            quantity,
            covered,
            covered_contracted,
        }
    };
    let before = cell("100", "90", "18", "36");
    let of = |after: Cell| {
        let item = Item {
            class: Class::Usage,
            units: Units::Family(0),
            currency: None,
            base: Some(before),
            current: Some(after),
        };
        bridge(&[item], MONTH, Convention::BaseFirst).unwrap().parts
    };
    assert_eq!(of(before), [], "nothing changed");
    assert_eq!(of(cell("110", "99", "19.8", "39.6")), [(Effect::ListPrice, amount("7.2"))], "ten percent of 72");
    assert_eq!(of(cell("100", "80", "16", "32")), [(Effect::NegotiatedDiscount, amount("-8"))], "a ninth of 72 less");
    assert_eq!(
        of(cell("100", "90", "27", "54")),
        [(Effect::CommitmentCoverage, amount("-9"))],
        "18 more at half price"
    );
    assert_eq!(of(cell("100", "90", "9", "36")), [(Effect::CommitmentRate, amount("-9"))], "a quarter instead of half");
    assert_eq!(
        of(cell("100", "90", "0", "0")),
        [(Effect::CommitmentCoverage, amount("18"))],
        "an end of the commitment is a loss of coverage, at the depth that it had"
    );
    let discounted = Cell { cost: amount("70"), ..before };
    assert_eq!(
        of(discounted),
        [(Effect::OtherDiscounts, amount("-2"))],
        "what is not covered costs less than contracted"
    );
}

#[test]
fn an_exchange_rate_is_told_from_use() {
    // 100 euros at 1.1, then 150 at 1.2: 40 euros of new use at the old rate, 15 of the rate.
    let cell = |cost: &str, local: &str, quantity: &str| Cell {
        cost: amount(cost),
        local: amount(local),
        quantity: Some(amount(quantity)),
        ..Cell::default()
    };
    let item = Item {
        class: Class::Usage,
        units: Units::Family(0),
        currency: Some(0),
        base: Some(cell("110", "100", "10")),
        current: Some(cell("180", "150", "15")),
    };
    let found = bridge(&[item], MONTH, Convention::BaseFirst).unwrap();
    assert_eq!(found.parts, [(Effect::Currency, amount("15")), (Effect::Volume, amount("55"))]);
    assert_eq!((found.rates[0].base, found.rates[0].current), (Some(amount("1.1")), Some(amount("1.2"))));
    assert!(found.rates[0].separable);
}

#[test]
fn a_price_that_needs_too_many_digits_is_not_separable() {
    let tiny = Amount::new(1, 38).unwrap().to_string();
    let items = [sku(Some([&tiny, "99999999999999999999"]), Some(["99999999999999999999", "1"]))];
    let found = bridge(&items, MONTH, Convention::BaseFirst).unwrap();
    assert_eq!(found.parts, [(Effect::NotSeparable, amount("-99999999999999999998"))]);
}

#[test]
fn a_period_without_days_is_refused() {
    assert!(bridge(&[], Days { base: 0, current: 30 }, Convention::BaseFirst).is_err());
}

fn swapped(items: &[Item]) -> Vec<Item> {
    items.iter().map(|item| Item { base: item.current, current: item.base, ..*item }).collect()
}

/// New and retired change their names when the periods are swapped.
fn other_name(effect: Effect) -> Effect {
    match effect {
        Effect::New => Effect::Retired,
        Effect::Retired => Effect::New,
        same => same,
    }
}

proptest! {
    #[test]
    fn parts_add_up_to_the_difference(items in items(), days in days(), midpoint in any::<bool>()) {
        let convention = if midpoint { Convention::Midpoint } else { Convention::BaseFirst };
        let found = bridge(&items, days, convention).unwrap();
        prop_assert_eq!(Amount::sum(found.parts.iter().map(|(_, part)| *part)).unwrap(), found.difference);
        prop_assert_eq!(found.of_items.len(), items.len());
        let cost = |cell: Option<Cell>| cell.unwrap_or_default().cost;
        for (parts, item) in found.of_items.iter().zip(&items) {
            let difference = cost(item.current).checked_sub(cost(item.base)).unwrap();
            prop_assert_eq!(Amount::sum(parts.0.iter().map(|(_, part)| *part)).unwrap(), difference);
        }
        for (effect, sum) in &found.parts {
            let of_items = found.of_items.iter().map(|parts| parts.of(*effect));
            prop_assert_eq!(Amount::sum(of_items).unwrap(), *sum, "{} over items", effect);
        }
    }

    #[test]
    fn a_period_beside_itself_has_no_parts(items in items(), days in 1_u32..=31, midpoint in any::<bool>()) {
        let convention = if midpoint { Convention::Midpoint } else { Convention::BaseFirst };
        let same: Vec<Item> = items.iter().map(|item| Item { current: item.base, ..*item }).collect();
        let found = bridge(&same, Days { base: days, current: days }, convention).unwrap();
        prop_assert_eq!(found.parts, vec![]);
    }

    #[test]
    fn the_midpoint_turns_its_signs_with_the_periods(items in items(), days in days()) {
        let there = bridge(&items, days, Convention::Midpoint).unwrap();
        let back = Days { base: days.current, current: days.base };
        let back = bridge(&swapped(&items), back, Convention::Midpoint).unwrap();
        for (there, back) in there.of_items.iter().zip(&back.of_items) {
            for effect in Effect::ALL {
                prop_assert_eq!(there.of(*effect), back.of(other_name(*effect)).negated(), "{}", effect);
            }
        }
    }

    #[test]
    fn the_order_of_items_does_not_matter(items in items(), days in days()) {
        let found = bridge(&items, days, Convention::BaseFirst).unwrap();
        let reversed: Vec<Item> = items.iter().rev().copied().collect();
        let mut again = bridge(&reversed, days, Convention::BaseFirst).unwrap();
        again.of_items.reverse();
        prop_assert_eq!(again, found);
    }
}
