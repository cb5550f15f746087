//! Random questions, as the JSON that a front door sends.

use proptest::prelude::*;
use serde_json::{Value, json};

use crate::bill::{REGIONS, SERVICES, TEAMS, THINGS};

pub const MEASURES: [&str; 10] = [
    "billed_cost",
    "effective_cost",
    "contracted_cost",
    "list_cost",
    "consumed_quantity",
    "pricing_quantity",
    "savings",
    "negotiated_savings",
    "commitment_savings",
    "charges",
];

pub const DIMENSIONS: [&str; 12] = [
    "provider",
    "service",
    "region",
    "resource",
    "sub_account",
    "charge_category",
    "charge_class",
    "consumed_unit",
    "tag:team",
    "tag:k9",
    "tag:k10",
    "extra:x_Thing",
];

/// Some of a list, each at most once, in any order.
fn some(list: &'static [&'static str], count: std::ops::Range<usize>) -> impl Strategy<Value = Vec<&'static str>> {
    prop::sample::subsequence(list.to_vec(), count).prop_shuffle()
}

fn period() -> impl Strategy<Value = Value> {
    prop_oneof![
        1 => (1_u32..4).prop_map(|month| json!({ "from": format!("2026-{month:02}-01"), "to": format!("2026-{:02}-01", month + 1) })),
        1 => Just(json!({ "from": "2025-12-01", "to": "2026-03-01" })),
        1 => (1_u32..4, 1_u32..27, 1_u32..20).prop_map(|(month, day, days)| {
            let from = chrono::NaiveDate::from_ymd_opt(2026, month, day).unwrap_or_default();
            json!({ "from": from, "to": from + chrono::Days::new(days.into()) })
        }),
        1 => Just(json!({ "from": "2030-01-01", "to": "2030-02-01" })),
    ]
}

/// Values that occur, and some that do not.
fn value() -> impl Strategy<Value = String> {
    let known = [&SERVICES[..], &REGIONS, &TEAMS, &THINGS, &["of k9", "200", "instance-1", "Usage", "Hours"]].concat();
    prop_oneof![9 => prop::sample::select(known).prop_map(str::to_owned), 1 => Just("nowhere".to_owned())]
}

fn filter() -> impl Strategy<Value = Value> {
    let text = prop_oneof![Just("o"), Just("RED"), Just("ä"), Just("'"), Just("%"), Just("instance-1"), Just("k9")];
    let test = prop_oneof![
        prop::collection::vec(value(), 1..4).prop_map(|values| json!({ "operator": "is", "values": values })),
        prop::collection::vec(value(), 1..3).prop_map(|values| json!({ "operator": "is_not", "values": values })),
        text.clone().prop_map(|text| json!({ "operator": "contains", "values": [text] })),
        text.prop_map(|text| json!({ "operator": "not_contains", "values": [text] })),
        Just(json!({ "operator": "missing" })),
        Just(json!({ "operator": "present" })),
    ];
    (prop::sample::select(DIMENSIONS.to_vec()), test).prop_map(|(dimension, mut filter)| {
        filter["dimension"] = json!(dimension);
        filter
    })
}

fn comparison() -> impl Strategy<Value = Value> {
    prop_oneof![
        2 => Just(json!("previous")),
        1 => Just(json!("year_ago")),
        2 => Just(json!({ "period": { "from": "2026-01-01", "to": "2026-02-01" } })),
    ]
}

/// Any question that has an answer.
pub fn question() -> impl Strategy<Value = Value> {
    let what = (some(&MEASURES, 1..4), some(&DIMENSIONS, 0..4), prop::option::of(1_u32..5));
    let when = (
        prop::option::weighted(0.7, period()),
        prop::option::of(prop_oneof![Just("month"), Just("day"), Just("hour")]),
        prop_oneof![2 => Just("charge"), 1 => Just("billing")],
        prop::option::weighted(0.4, comparison()),
    );
    let which =
        (prop::collection::vec(filter(), 0..3), prop::option::weighted(0.3, prop_oneof![Just("USD"), Just("EUR")]));
    (what, when, which).prop_map(|((measures, by, top), (period, grain, on, compare), (filters, currency))| {
        // Hours are shown for two months at most.
        let long = period.as_ref().is_none_or(|period| period["from"] == "2025-12-01");
        let grain = grain.filter(|grain| *grain != "hour" || !long);
        json!({
            "measures": measures,
            "by": by,
            "grain": grain,
            "period": period,
            "on": on,
            "filters": filters,
            "compare": compare,
            "top": top,
            "currency": currency,
        })
    })
}
