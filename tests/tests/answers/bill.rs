//! Random bills: few values for each column, so that groups meet; nothing missing that may be missing.

use proptest::prelude::*;
use serde_json::{Map, Value};
use testsupport::Bill;

pub const SERVICES: [&str; 5] = ["Compute", "Storage", "compute", "Ärger & Söhne", "'; DROP TABLE charge; --"];
pub const REGIONS: [&str; 3] = ["", "north-1", "south-2"];
pub const TEAMS: [&str; 4] = ["red", "blue", "Red", "a\"b"];
pub const THINGS: [&str; 3] = ["", "one", "two"];

/// One tag key more than becomes a column, the first the most frequent: the last ones are read from the JSON.
const TAG_KEYS: [&str; 10] = ["team", "k2", "k3", "k4", "k5", "k6", "k7", "k8", "k9", "k10"];

/// Money with up to nine decimals, a third of it credits.
fn money() -> impl Strategy<Value = String> {
    (prop_oneof![2 => 0_i64..5_000_000, 1 => -2_000_000_i64..0], 0_u32..10)
        .prop_map(|(units, scale)| rust_decimal::Decimal::new(units, scale).to_string())
}

fn maybe(strategy: impl Strategy<Value = String>) -> impl Strategy<Value = String> {
    prop_oneof![4 => strategy, 1 => Just(String::new())]
}

fn one_of(values: &'static [&'static str]) -> impl Strategy<Value = String> {
    prop::sample::select(values).prop_map(str::to_owned)
}

/// Billing month (of 2026) and day of use: in that month, or the last but few of the one before.
fn days() -> impl Strategy<Value = (u32, u32)> {
    (1_u32..4, prop_oneof![5 => prop::sample::select(vec![1, 2, 15, 28]), 1 => Just(0_u32)])
}

/// Start and end of billing and charge period.
fn times((month, day): (u32, u32), hour: u32) -> [String; 4] {
    let first = |month: u32| format!("2026-{month:02}-01T00:00:00Z");
    let start = match (month, day) {
        (1, 0) => "2025-12-31".to_owned(),
        (month, 0) => format!("2026-{:02}-28", month - 1),
        (month, day) => format!("2026-{month:02}-{day:02}"),
    };
    [first(month), first(month + 1), format!("{start}T{hour:02}:00:00Z"), format!("{start}T{hour:02}:59:59Z")]
}

fn tags() -> impl Strategy<Value = String> {
    let rest = prop::collection::vec(any::<bool>(), TAG_KEYS.len() - 1);
    (prop::option::weighted(0.9, one_of(&TEAMS)), rest).prop_map(|(team, rest)| {
        let mut tags = Map::new();
        if let Some(team) = team {
            tags.insert(TAG_KEYS[0].to_owned(), Value::String(team));
        }
        for (key, there) in TAG_KEYS[1..].iter().zip(rest) {
            if there {
                tags.insert((*key).to_owned(), Value::String(format!("of {key}")));
            }
        }
        if tags.is_empty() { String::new() } else { Value::Object(tags).to_string() }
    })
}

/// A bill in two currencies over three billing months: some resources, each with many charges that differ in time and money, so
/// that the cubes are smaller than the charges.
pub fn bill() -> impl Strategy<Value = Bill> {
    let place = (one_of(&SERVICES), one_of(&REGIONS), 0_u32..5, prop_oneof![Just("200"), Just("0300"), Just("")]);
    let kind = (
        prop_oneof![5 => Just("Usage"), 1 => Just("Credit"), 1 => Just("Tax")],
        prop_oneof![4 => Just("USD"), 1 => Just("EUR")],
        prop_oneof![2 => Just("Example Cloud"), 1 => Just("Other Cloud")],
        prop_oneof![3 => Just("Hours"), 1 => Just("GB"), 1 => Just("")],
    );
    let resource = (place, kind, tags(), one_of(&THINGS));
    let money = (maybe(money()), maybe(money()), maybe(money()), maybe(money()), maybe(money()), maybe(money()));
    let charge = (any::<prop::sample::Index>(), days(), 0_u32..24, money);
    (prop::collection::vec(resource, 8..14), prop::collection::vec(charge, 500..800)).prop_map(
        |(resources, charges)| {
            let empty = Bill::new().usual("x_Thing", "");
            charges.into_iter().fold(empty, |bill, (which, day, hour, money)| {
                let (place, kind, tags, thing) = which.get(&resources);
                let times = times(day, hour);
                bill.charge(&[
                    ("ServiceName", &place.0),
                    ("RegionId", &place.1),
                    ("ResourceId", &format!("instance-{}", place.2)),
                    ("SubAccountId", place.3),
                    ("BilledCost", &money.0),
                    ("EffectiveCost", &money.1),
                    ("ContractedCost", &money.2),
                    ("ListCost", &money.3),
                    ("ConsumedQuantity", &money.4),
                    ("PricingQuantity", &money.5),
                    ("ChargeCategory", kind.0),
                    ("BillingCurrency", kind.1),
                    ("ProviderName", kind.2),
                    ("ConsumedUnit", kind.3),
                    ("BillingPeriodStart", &times[0]),
                    ("BillingPeriodEnd", &times[1]),
                    ("ChargePeriodStart", &times[2]),
                    ("ChargePeriodEnd", &times[3]),
                    ("Tags", tags),
                    ("x_Thing", thing),
                ])
            })
        },
    )
}
