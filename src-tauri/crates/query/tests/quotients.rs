//! Quotients against a second way to them: sums by plain loops, and a quotient proven by multiplying back.

mod common;

use std::collections::BTreeSet;

use chrono::Days;
use common::engine::{Charge, answer_with, asked, bucket, charges, figure, questions};
use common::{catalog, day, period};
use money::Amount;
use proptest::prelude::*;
use query::{
    Answer, Catalog, Comparison, Dimension, Formula, Grain, Measure, MeasureKind, MetricSeries, MetricValue,
    NamedMeasure, Period, QUOTIENT_DECIMALS, QueryError, Question, Row, RowRole, plan,
};

fn measure(text: &str) -> Measure {
    text.parse().expect("a measure")
}

fn formula(text: &str) -> Formula {
    measure(text).formula()
}

/// Whether `shown` is `part / whole` to the stated decimals, half to even: shown by multiplying back, on whole numbers.
fn is_quotient(shown: Option<Amount>, part: Option<Amount>, whole: Option<Amount>) -> bool {
    let (Some(part), Some(whole)) = (part, whole) else { return shown.is_none() };
    if whole.is_zero() {
        return shown.is_none();
    }
    let Some(shown) = shown else { return false };
    let units = |amount: Amount, scale: u8| amount.units() * 10_i128.pow(u32::from(scale - amount.scale()));
    let scale = part.scale().max(whole.scale());
    let (part, whole, shown) = (units(part, scale), units(whole, scale), units(shown, QUOTIENT_DECIMALS));
    // The quotient is off by at most half a unit of its last decimal; where by just half, its last digit is even.
    let twice_off = (2 * (part * 10_i128.pow(u32::from(QUOTIENT_DECIMALS)) - shown * whole)).abs();
    twice_off < whole.abs() || (twice_off == whole.abs() && shown % 2 == 0)
}

/// The charges of a row, among those that are asked for.
fn of_row<'a>(answer: &Answer, row: &Row, now: &[&'a Charge]) -> Vec<&'a Charge> {
    let time = usize::from(answer.question.grain.is_some());
    let leads: BTreeSet<&[Option<String>]> =
        answer.rows.iter().filter(|row| row.role == RowRole::Group).map(|row| &row.keys[time..]).collect();
    now.iter()
        .copied()
        .filter(|charge| {
            let keys: Vec<Option<String>> =
                answer.question.by.iter().map(|dimension| charge.value(dimension)).collect();
            let same = if row.role == RowRole::Group { keys == row.keys[time..] } else { !leads.contains(&keys[..]) };
            let from = answer.period.from;
            same && answer.question.grain.is_none_or(|grain| Some(bucket(charge, grain, from, from)) == row.keys[0])
        })
        .collect()
}

const PAIRS: [(&str, &str); 5] = [
    ("effective", "usage"),
    ("billed", "list"),
    ("savings", "list"),
    ("billed", "charges"),
    ("pricing_quantity", "commitment_savings"),
];

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn rows_rest_and_total_are_quotients_of_their_own_sums(
        charges in charges(), question in questions(), pair in proptest::sample::select(PAIRS.to_vec()), ranks in any::<bool>(),
    ) {
        let divided = measure(&format!("{}/{}", pair.0, pair.1));
        let place = usize::from(!ranks);
        let mut measures = vec![Measure::ContractedCost];
        measures.insert(place, divided);
        let question = Question { measures, ..question };
        let answer = answer_with(&question, &catalog(), &charges);
        let now = asked(&question, answer.period, &charges);
        let before = answer.compared_with.map(|period| asked(&question, period, &charges));
        let sums = |charges: &[&Charge]| (figure(formula(pair.0), charges), figure(formula(pair.1), charges));
        let (part, whole) = sums(&now);
        prop_assert!(is_quotient(answer.total[place].value, part, whole), "{:?} of {:?} by {:?}", answer.total[place], part, whole);
        if let Some(before) = &before {
            let (part, whole) = sums(before);
            prop_assert!(is_quotient(answer.total[place].previous, part, whole));
        }
        for row in &answer.rows {
            let its = of_row(&answer, row, &now);
            let (part, whole) = sums(&its);
            let cell = &row.cells[place];
            prop_assert!(is_quotient(cell.value, part, whole), "{:?}: {:?} of {:?} by {:?}", row.keys, cell, part, whole);
            prop_assert_eq!(cell.share, None, "a part of a quotient is no share of it");
            let change = cell.value.zip(cell.previous).filter(|_| before.is_some());
            prop_assert_eq!(cell.change, change.map(|(now, before)| now.checked_sub(before).unwrap()));
            for amount in [cell.value, cell.previous, cell.change].into_iter().flatten() {
                let text = amount.to_string();
                prop_assert!(text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-' || byte == b'.'), "{}", text);
            }
        }
        if ranks {
            let groups = answer.rows.iter().filter(|row| row.role == RowRole::Group);
            let order: Vec<_> = groups.map(|row| {
                let time = question.grain.and_then(|_| row.keys[0].clone());
                (time, row.cells[0].value.is_none(), std::cmp::Reverse(row.cells[0].value))
            }).collect();
            prop_assert!(order.is_sorted(), "from high to low, no value last: {:?}", order);
        }
    }

    #[test]
    fn a_cost_per_metric_divides_by_what_the_metric_has_in_the_same_days(
        charges in charges(),
        question in questions(),
        orders in proptest::collection::vec((0_u64..120, proptest::option::of(0_usize..3), 0_i64..50), 0..60),
        labelled in any::<bool>(),
    ) {
        let services = ["EC2", "S3", "nobody"];
        let value = |(after, service, count): &(u64, Option<usize>, i64)| {
            let from = day("2018-08-20") + Days::new(*after);
            MetricValue {
                days: Period { from, to: from + Days::new(1) },
                value: Amount::from_integer(*count),
                labels: if labelled { vec![service.map(|place| services[place].to_owned())] } else { Vec::new() },
            }
        };
        let series = MetricSeries {
            name: "orders".to_owned(),
            labels: if labelled { vec![Dimension::Service] } else { Vec::new() },
            values: orders.iter().map(value).collect(),
            ..MetricSeries::default()
        };
        let catalog = Catalog { metrics: vec![series.clone()], ..catalog() };
        let question = Question { measures: vec![measure("billed/metric:orders")], ..question };
        let answer = answer_with(&question, &catalog, &charges);
        let now = asked(&question, answer.period, &charges);
        let time = usize::from(question.grain.is_some());
        let joined = question.by.iter().position(|dimension| labelled && *dimension == Dimension::Service);
        let leads: BTreeSet<Option<&str>> = joined.into_iter().flat_map(|place| {
            answer.rows.iter().filter(|row| row.role == RowRole::Group).map(move |row| row.keys[time + place].as_deref())
        }).collect();
        let units = |row: Option<&Row>| {
            let its = series.values.iter().filter(|value| answer.period.from <= value.days.from && value.days.from < answer.period.to);
            let its = its.filter(|value| {
                let Some(row) = row else { return true };
                let shown = match question.grain {
                    None => true,
                    Some(Grain::Month) => row.keys[0] == Some(value.days.from.format("%Y-%m").to_string()),
                    Some(Grain::Day) => row.keys[0] == Some(value.days.from.to_string()),
                    Some(Grain::Hour) => false,
                };
                shown && joined.is_none_or(|place| {
                    let label = value.labels[0].as_deref();
                    if row.role == RowRole::Group { label == row.keys[time + place].as_deref() } else { !leads.contains(&label) }
                })
            });
            let values: Vec<Amount> = its.map(|value| value.value).collect();
            if values.is_empty() { None } else { Some(Amount::sum(values).unwrap()) }
        };
        let billed = formula("billed");
        prop_assert!(is_quotient(answer.total[0].value, figure(billed, &now), units(None)));
        for row in &answer.rows {
            let cost = figure(billed, &of_row(&answer, row, &now));
            let units = units(Some(row));
            prop_assert!(is_quotient(row.cells[0].value, cost, units), "{:?}: {:?} by {:?}", row, cost, units);
        }
    }
}

fn charge(on: &str, service: &str, billed: &str, quantity: &str) -> Charge {
    let sums = [billed.parse().ok(), None, None, "100".parse().ok(), quantity.parse().ok(), None];
    Charge { on: day(on), hour: 0, service: Some(service.to_owned()), team: None, unit: Some("Hrs".to_owned()), sums }
}

fn october(charges: &[Charge], catalog: &Catalog, question: Question) -> Answer {
    answer_with(&Question { period: Some(period("2018-10-01", "2018-11-01")), ..question }, catalog, charges)
}

fn lines(answer: &Answer) -> Vec<String> {
    let text = |amount: Option<Amount>| amount.map_or_else(|| "none".to_owned(), |amount| amount.to_string());
    let total = std::iter::once(format!("total {}", text(answer.total[0].value)));
    let rows = answer
        .rows
        .iter()
        .map(|row| format!("{} {}", row.keys[0].as_deref().unwrap_or("other"), text(row.cells[0].value)));
    total.chain(rows).collect()
}

#[test]
fn a_quotient_of_sums_is_no_sum_of_quotients() {
    let charges = [
        charge("2018-10-01", "EC2", "10", "1"),
        charge("2018-10-02", "EC2", "10", "3"),
        charge("2018-10-03", "S3", "1", "3"),
        charge("2018-10-04", "Free", "5", "0"),
        charge("2018-10-05", "Credit", "-2", ""),
        charge("2018-10-06", "Refund", "-4", "2"),
    ];
    let question =
        Question { measures: vec![measure("billed/usage")], by: vec![Dimension::Service], ..Question::default() };
    assert_eq!(
        lines(&october(&charges, &catalog(), question.clone())),
        ["total 2.222222222222", "EC2 5.00", "S3 0.333333333333", "Refund -2.00", "Credit none", "Free none"],
        "a divisor of zero and a missing one have no value, and stand last"
    );
    assert_eq!(
        lines(&october(&charges, &catalog(), Question { top: Some(1), ..question })),
        ["total 2.222222222222", "EC2 5.00", "other 0.00"],
        "the rest is divided anew: 0 by 5"
    );
}

#[test]
fn the_evidence_names_the_formula_and_the_name() {
    let named = NamedMeasure {
        name: "Price of an hour".to_owned(),
        measure: measure("billed/usage"),
        kind: MeasureKind::UnitCost,
    };
    let catalog = Catalog { named_measures: vec![named], ..catalog() };
    let question = Question { measures: vec![measure("billed/usage")], ..Question::default() };
    let answer = october(&[charge("2018-10-01", "EC2", "10", "4")], &catalog, question);
    let column = &answer.measures[0];
    assert_eq!(
        (column.name.as_str(), column.label.as_str(), column.kind, column.unit.as_deref()),
        ("billed_cost/consumed_quantity", "Price of an hour", MeasureKind::UnitCost, Some("Hrs"))
    );
    assert_eq!(
        answer.evidence.definition,
        [
            "\"Price of an hour\" is Billed cost / consumed quantity. Billed cost / consumed quantity is the billed cost divided by the \
          consumed quantity of the same charges: a quotient of the sums, to 12 decimals, half to even. Totals and the rest are \
          divided anew from their own sums. Where the divisor is zero or missing there is no value."
        ]
    );
    assert!(
        answer.evidence.scope.starts_with("Billed cost / consumed quantity in USD, charges"),
        "{}",
        answer.evidence.scope
    );
}

#[test]
fn a_share_is_shown_in_percent_or_as_a_number() {
    let question = Question { measures: vec![measure("billed/list")], ..Question::default() };
    let charges = [charge("2018-10-01", "EC2", "25", "1")];
    let kind = |catalog: &Catalog| october(&charges, catalog, question.clone()).measures[0].kind;
    assert_eq!(kind(&catalog()), MeasureKind::Percent);
    let named = NamedMeasure { name: "Of list".to_owned(), measure: measure("billed/list"), kind: MeasureKind::Ratio };
    assert_eq!(kind(&Catalog { named_measures: vec![named], ..catalog() }), MeasureKind::Ratio);
}

#[test]
fn a_compared_month_has_its_own_divisor() {
    let month = |from: &str, to: &str, value: i64| MetricValue {
        days: period(from, to),
        value: Amount::from_integer(value),
        labels: Vec::new(),
    };
    let series = MetricSeries {
        name: "orders".to_owned(),
        values: vec![month("2018-09-01", "2018-10-01", 4), month("2018-10-01", "2018-11-01", 8)],
        ..MetricSeries::default()
    };
    let catalog = Catalog { metrics: vec![series], ..catalog() };
    let charges = [charge("2018-10-01", "EC2", "10", "1"), charge("2018-09-10", "EC2", "10", "1")];
    let question = Question {
        measures: vec![measure("billed/metric:orders")],
        compare: Some(Comparison::Previous),
        grain: Some(Grain::Month),
        ..Question::default()
    };
    let answer = october(&charges, &catalog, question.clone());
    let cell = &answer.rows[0].cells[0];
    let text = |amount: Option<Amount>| amount.map(|amount| amount.to_string());
    assert_eq!(
        [text(cell.value), text(cell.previous), text(cell.change), text(cell.change_ratio)],
        [Some("1.25".into()), Some("2.50".into()), Some("-1.25".into()), Some("-0.500000".into())]
    );
    let by_day = october(&charges, &catalog, Question { grain: Some(Grain::Day), compare: None, ..question });
    assert_eq!(by_day.rows[0].cells[0].value, None, "nobody knows how a month spreads over its days");
    assert_eq!(text(by_day.total[0].value), Some("1.25".into()), "the month is whole");
}

#[test]
fn an_unknown_metric_is_named() {
    let question = Question { measures: vec![measure("billed/metric:parcels")], ..Question::default() };
    let error = plan(&question, &catalog()).expect_err("no such metric");
    assert_eq!(error, QueryError::UnknownMetric { name: "parcels".to_owned() });
    assert!(error.hint().expect("a hint").contains("qd metrics"));
}
