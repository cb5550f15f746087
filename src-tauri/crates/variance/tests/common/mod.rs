//! Random periods: costs and quantities of any sign, zeros, missing list and contracted costs, units that are missing or change.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use money::Amount;
use proptest::prelude::*;
use variance::{Cell, Class, Days, Item, Units};

pub fn days() -> impl Strategy<Value = Days> {
    (1_u32..=31, 1_u32..=31).prop_map(|(base, current)| Days { base, current })
}

fn amount(units: i64, scale: u8) -> Amount {
    Amount::new(units.into(), scale).unwrap()
}

/// Mostly above zero, sometimes zero or below.
fn cost() -> impl Strategy<Value = Amount> {
    prop_oneof![
        6 => (1_i64..1_000_000, 0_u8..=4).prop_map(|(units, scale)| amount(units, scale)),
        1 => Just(Amount::ZERO),
        1 => (-1_000_000_i64..0, 0_u8..=4).prop_map(|(units, scale)| amount(units, scale)),
    ]
}

fn cell() -> impl Strategy<Value = Cell> {
    let optional = || prop_oneof![8 => cost().prop_map(Some), 1 => Just(None)];
    (cost(), cost(), optional(), optional(), optional(), 0_i64..=10).prop_map(
        |(cost, local, list, contracted, quantity, tenths)| {
            // What is covered is a part of the whole, all of it or nothing.
            let part = |amount: Amount| amount.checked_mul(Amount::new(tenths.into(), 1).unwrap()).unwrap();
            let covered_contracted = contracted.map(part).unwrap_or_default();
            Cell { cost, local, list, contracted, quantity, covered: part(cost), covered_contracted }
        },
    )
}

pub fn item() -> impl Strategy<Value = Item> {
    let class = prop_oneof![
        7 => Just(Class::Usage),
        2 => prop::sample::select(Class::ALL.as_slice()),
    ];
    let units = prop_oneof![
        8 => (0_usize..3).prop_map(Units::Family),
        1 => Just(Units::Missing),
        1 => Just(Units::Different),
    ];
    let side = || prop_oneof![6 => cell().prop_map(Some), 1 => Just(None)];
    let currency = prop_oneof![Just(None), (0_usize..2).prop_map(Some)];
    (class, units, currency, side(), side()).prop_map(|(class, units, currency, base, current)| Item {
        class,
        units,
        currency,
        base,
        current,
    })
}

pub fn items() -> impl Strategy<Value = Vec<Item>> {
    prop::collection::vec(item(), 0..12)
}
