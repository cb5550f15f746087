use chrono::NaiveDate;
use proptest::prelude::*;

use super::*;
use crate::Grain;
use crate::random::Random;

fn first() -> NaiveDate {
    "2023-01-01".parse().unwrap()
}

fn of(grain: Grain, usage: &[f64], flows: Vec<Flow>) -> Split {
    Split::new(History::of_values(grain, first(), usage).unwrap(), flows).unwrap()
}

fn noisy(count: usize) -> Vec<f64> {
    let mut random = Random::new(5);
    (0..count).map(|at| (1000.0 + 8.0 * at as f64) * (1.0 + 0.03 * random.normal())).collect()
}

/// Usage and flows are the bill at every step.
fn assert_adds_up(found: &SplitForecast) {
    for (at, step) in found.total.steps.iter().enumerate() {
        let sum = found.usage.steps[at].point + found.flows.iter().map(|flow| flow.expected[at]).sum::<f64>();
        let size = step.point.abs().max(1.0);
        assert!((sum - step.point).abs() <= 1e-9 * size, "step {at}: {sum} for {}", step.point);
        assert!(step.low_95 <= step.point && step.point <= step.high_95, "{step:?}");
    }
}

#[test]
fn a_tax_on_top_and_a_flat_fee_are_told_apart_from_usage() {
    let usage = noisy(40);
    let fee = Flow { kind: FlowKind::Fee, values: vec![500.0; 40] };
    let tax = usage.iter().map(|usage| 0.1 * (usage + 500.0)).collect();
    let tax = Flow { kind: FlowKind::Percentage, values: tax };
    let mut once = Flow { kind: FlowKind::Once, values: vec![0.0; 40] };
    once.values[37] = 9000.0;
    let found = forecast_split(&of(Grain::Month, &usage, vec![fee, tax, once]), &Settings::default());
    assert_adds_up(&found);
    assert!(matches!(found.choice, Choice::Split { saved: Some(saved) } if saved > 0.0), "{:?}", found.choice);
    for (at, step) in found.usage.steps.iter().enumerate() {
        assert!((found.flows[0].expected[at] - 500.0).abs() <= 0.0, "the fee never moves");
        let tax = 0.1 * (step.point + 500.0);
        assert!((found.flows[1].expected[at] - tax).abs() < 1e-6, "a tenth of usage and fee");
        assert!(found.flows[2].expected[at].abs() <= 0.0, "what was charged once does not come again");
    }
}

#[test]
fn where_the_split_says_less_the_whole_is_modelled() {
    // Usage and fees move against each other: together they are steady.
    let mut random = Random::new(11);
    let swings: Vec<f64> = (0..48).map(|_| 300.0 * random.normal()).collect();
    let usage: Vec<f64> = swings.iter().map(|swing| 2000.0 + swing).collect();
    let fees = swings.iter().map(|swing| 2000.0 - swing).collect();
    let split = of(Grain::Month, &usage, vec![Flow { kind: FlowKind::Fee, values: fees }]);
    let found = forecast_split(&split, &Settings { month_lengths: None, ..Settings::default() });
    assert_adds_up(&found);
    assert!(matches!(found.choice, Choice::Whole { saved } if saved > 0.5), "{:?}", found.choice);
}

#[test]
fn units_say_more_than_costs_where_the_price_moves() {
    let units = noisy(48);
    let price = |at: usize| {
        if at < 30 {
            1.0
        } else if at < 39 {
            0.8
        } else {
            1.1
        }
    };
    let values: Vec<f64> = units.iter().enumerate().map(|(at, units)| units * price(at)).collect();
    let history = |of: &[f64]| History::of_values(Grain::Month, first(), of).unwrap();
    let settings = Settings { month_lengths: None, ..Settings::default() };
    let usage = Usage { cost: history(&values), units: Some(history(&units)), days: None };
    let split = Split::new(usage, Vec::new()).unwrap();
    let found = forecast_split(&split, &settings);
    assert!(found.by_units, "a price that jumps is known at once");
    let plain = crate::forecast(&history(&values), &settings);
    let last = values[47];
    let off = |point: f64| (point - last).abs();
    assert!(off(found.total.steps[0].point) < 0.1 * last, "{:?}", found.total.steps[0]);
    assert!(
        found.total.card.unwrap().wape < plain.card.unwrap().wape,
        "the record is better than that of the costs alone"
    );
}

#[test]
fn a_short_history_of_months_takes_its_level_from_its_days() {
    // Thirteen months that were level and rose by a third in the last six weeks.
    let mut random = Random::new(3);
    let days: Vec<f64> =
        (0..396).map(|day| (if day < 354 { 100.0 } else { 133.0 }) * (1.0 + 0.02 * random.normal())).collect();
    let history = History::of_values(Grain::Day, first(), &days).unwrap();
    let mut months = vec![0.0; 13];
    for (day, cost) in days.iter().enumerate() {
        months[Grain::Month.steps(first(), history.date(day)).unwrap()] += cost;
    }
    let cost = History::of_values(Grain::Month, first(), &months).unwrap();
    let of = |days| {
        forecast_split(
            &Split::new(Usage { cost: cost.clone(), units: None, days }, Vec::new()).unwrap(),
            &Settings::default(),
        )
    };
    let (with, without) = (of(Some(history)), of(None));
    let off = |found: &SplitForecast| (found.total.steps[0].point - 133.0 * 29.0).abs() / (133.0 * 29.0);
    assert_eq!(with.total.method, Method::ByDay);
    assert!(off(&with) < 0.03 && off(&without) > 0.05, "{} beside {}", off(&with), off(&without));
    assert!(with.total.card.is_some(), "and it can be tried from earlier months");
    assert_eq!(with.total.steps.len(), 12);
    // What comes once a month has no days.
    let mut lumps = vec![0.0; 396];
    for month in 0..13 {
        lumps[Grain::Day.steps(first(), Grain::Month.date(first(), month)).unwrap()] = months[month];
    }
    let lumps = History::of_values(Grain::Day, first(), &lumps).unwrap();
    assert_eq!(of(Some(lumps)).total.method, Method::LastYearAndLatest);
}

#[test]
fn parts_of_flows_are_the_flows() {
    let usage = noisy(30);
    let tax: Vec<f64> = usage.iter().map(|usage| 0.1 * usage).collect();
    let settings = Settings::for_many();
    let split = of(Grain::Month, &usage, vec![Flow { kind: FlowKind::Percentage, values: tax.clone() }]);
    let whole = forecast_split(&split, &settings);
    let part = |share: f64| {
        let of = |values: &[f64]| values.iter().map(|value| share * value).collect::<Vec<f64>>();
        let usage = History::of_values(Grain::Month, first(), &of(&usage)).unwrap();
        whole.part(&Part { usage: usage.into(), flows: vec![(0, of(&tax))] }, &settings)
    };
    let (left, right) = (part(0.3), part(0.7));
    assert!((left.shares[0].1 + right.shares[0].1 - 1.0).abs() < 1e-12, "all of it");
    assert!(left.total.card.is_some(), "a part has its record");
    let none = History::of_values(Grain::Month, first(), &[0.0; 30]).unwrap();
    let tax = whole.part(&Part { usage: none.into(), flows: vec![(0, tax)] }, &settings);
    assert_eq!(tax.total.method, Method::Schedule, "a service that is nothing but tax has no model");
    let off = (tax.total.steps[3].point - whole.flows[0].expected[3]).abs();
    assert!(off < 1e-9, "it is the tax of the whole");
}

#[test]
fn what_does_not_fit_is_refused() {
    let usage = History::of_values(Grain::Month, first(), &[1.0; 3]).unwrap();
    let flow = |values: Vec<f64>| vec![Flow { kind: FlowKind::Fee, values }];
    let short = Split::new(usage.clone(), flow(vec![1.0; 2]));
    assert_eq!(short, Err(SplitError::Length { found: 2, wanted: 3 }));
    assert_eq!(Split::new(usage, flow(vec![1.0, f64::NAN, 1.0])), Err(SplitError::NotFinite { step: 1 }));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 32, ..ProptestConfig::default() })]
    #[test]
    fn whatever_is_charged_adds_up_and_usage_is_never_negative(
        months in any::<bool>(),
        usage in prop::collection::vec(prop_oneof![4 => (0.0..1e4_f64).prop_map(Some), 1 => Just(Some(0.0)), 1 => Just(None)], 1..70),
        kinds in prop::collection::vec((0..4_usize, -1e3..1e3_f64, 1..9_usize), 0..4),
        provisional in 0..3_usize,
        horizon in 1..20_usize,
    ) {
        let grain = if months { Grain::Month } else { Grain::Day };
        let count = usage.len();
        let observe = |(at, value): (usize, &Option<f64>)| Observation { value: *value, provisional: at + provisional >= count };
        let history = History::new(grain, first(), usage.iter().enumerate().map(observe).collect()).unwrap();
        let flows = kinds.iter().map(|(kind, amount, every)| Flow {
            kind: [FlowKind::Fee, FlowKind::Percentage, FlowKind::Credit, FlowKind::Once][*kind],
            values: (0..count).map(|at| if at % every == 0 { *amount } else { 0.0 }).collect(),
        });
        let split = Split::new(history, flows.collect()).unwrap();
        let found = forecast_split(&split, &Settings { horizon, swift: true, origins: 6, ..Settings::default() });
        prop_assert!(found.total.steps.len() >= horizon);
        for (at, step) in found.total.steps.iter().enumerate() {
            let usage = found.usage.steps[at].point;
            let sum = usage + found.flows.iter().map(|flow| flow.expected[at]).sum::<f64>();
            prop_assert!((sum - step.point).abs() <= 1e-6 * step.point.abs().max(1.0), "step {at}: {sum} for {step:?}");
            prop_assert!([step.low_95, step.low_80, step.point, step.high_80, step.high_95].is_sorted(), "{step:?}");
            prop_assert!(usage >= -1e-9, "usage below nothing: {usage}");
        }
    }
}
