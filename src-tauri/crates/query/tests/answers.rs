//! Answers against a slow evaluator: random charges, random questions, plain loops.
//!
//! An engine of loops runs the logical query in place of SQL, so that everything but the SQL text is put to the test; the expected
//! answer is computed from the question alone, on another way.

mod common;

use common::engine::{Charge, answer, asked, bucket, charges, figure, questions, run};
use common::{catalog, day, period};
use money::{Amount, Ratio};
use proptest::prelude::*;
use query::{
    Answer, Comparison, Dimension, Grain, Measure, MeasureKind, QueryError, Question, ResultSet, RowRole, Value,
    ValuePage, assemble, assemble_values, plan, plan_values,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(400))]

    #[test]
    fn totals_shares_and_changes_are_exact(charges in charges(), question in questions()) {
        let answer = answer(&question, &charges);
        let now = asked(&question, answer.period, &charges);
        let before = answer.compared_with.map(|period| asked(&question, period, &charges));
        prop_assert_eq!(answer.evidence.charges, now.len() as u64);
        for (place, measure) in question.measures.iter().enumerate() {
            let cell = &answer.total[place];
            prop_assert_eq!(cell.value, figure(measure.formula(), &now), "the total of {}", measure);
            let previous = before.as_ref().and_then(|before| figure(measure.formula(), before));
            prop_assert_eq!(cell.previous, previous);
            let mut parts = Amount::ZERO;
            for row in &answer.rows {
                let part = &row.cells[place];
                parts = parts.checked_add(part.value.unwrap_or_default()).unwrap();
                if let (Some(value), Some(whole)) = (part.value, cell.value) {
                    prop_assert_eq!(part.share, Ratio::of(value, whole, 6), "a share of the total");
                }
                let change = before.as_ref().and_then(|_| match (part.value, part.previous) {
                    (None, None) => None,
                    (value, previous) => value.unwrap_or_default().checked_sub(previous.unwrap_or_default()).ok(),
                });
                prop_assert_eq!(part.change, change);
                let ratio = change.zip(part.previous).and_then(|(change, previous)| Ratio::of(change, previous.abs(), 6));
                prop_assert_eq!(part.change_ratio, ratio);
            }
            prop_assert_eq!(parts, cell.value.unwrap_or_default(), "the parts of {} equal the whole", measure);
        }
    }

    #[test]
    fn every_group_is_the_sum_of_its_charges(charges in charges(), question in questions()) {
        let whole = answer(&Question { top: None, compare: None, ..question.clone() }, &charges);
        let time = usize::from(question.grain.is_some());
        let mut met = 0;
        for row in &whole.rows {
            prop_assert_eq!(row.role, RowRole::Group);
            let its: Vec<&Charge> = asked(&question, whole.period, &charges)
                .into_iter()
                .filter(|charge| question.by.iter().zip(&row.keys[time..]).all(|(dimension, key)| charge.value(dimension) == *key))
                .filter(|charge| question.grain.is_none_or(|grain| {
                    Some(bucket(charge, grain, whole.period.from, whole.period.from)) == row.keys[0]
                }))
                .collect();
            met += its.len();
            for (place, measure) in question.measures.iter().enumerate() {
                prop_assert_eq!(row.cells[place].value, figure(measure.formula(), &its));
            }
        }
        prop_assert_eq!(met as u64, whole.evidence.charges, "every charge is in one group");
    }

    #[test]
    fn the_top_groups_stand_alone_and_stay_the_same_over_time(charges in charges(), question in questions(), top in 1_u32..4) {
        let by = vec![Dimension::Service, Dimension::ConsumedUnit];
        let plain = Question { by, compare: None, top: Some(top), ..question };
        let over_all = answer(&Question { grain: None, ..plain.clone() }, &charges);
        let everything = answer(&Question { grain: None, top: None, ..plain.clone() }, &charges);
        let leaders: Vec<_> = over_all.rows.iter().filter(|row| row.role == RowRole::Group).map(|row| row.keys.clone()).collect();
        let highest: Vec<_> = everything.rows.iter().take(top as usize).map(|row| row.keys.clone()).collect();
        prop_assert_eq!(&leaders, &highest, "the first of all are the top");
        prop_assert_eq!(over_all.groups, everything.rows.len() as u64, "how many there are in truth");
        let trend = answer(&Question { grain: Some(Grain::Month), ..plain }, &charges);
        for row in trend.rows.iter().filter(|row| row.role == RowRole::Group) {
            prop_assert!(leaders.contains(&row.keys[1..].to_vec()), "one ranking for all months");
        }
        let counted = |answer: &Answer, time: usize, leader: &[Option<String>]| {
            let rows = answer.rows.iter().filter(|row| row.role == RowRole::Group && row.keys[time..] == *leader);
            Amount::sum(rows.filter_map(|row| row.cells[0].value))
        };
        for leader in &leaders {
            prop_assert_eq!(counted(&trend, 1, leader), counted(&over_all, 0, leader), "a leader's months are its whole");
        }
        prop_assert_eq!(trend.total, over_all.total, "time splits nothing else");
    }

    #[test]
    fn a_lost_or_doubled_row_is_found(charges in charges(), question in questions(), place in any::<proptest::sample::Index>(), twice in any::<bool>()) {
        let plan = plan(&Question { measures: vec![Measure::Charges], ..question }, &catalog()).unwrap();
        let mut result = run(&plan, &charges);
        prop_assume!(result.rows.len() > 1);
        let place = 1 + place.index(result.rows.len() - 1);
        let row = result.rows.remove(place);
        if twice {
            result.rows.extend([row.clone(), row]);
        }
        let found = matches!(assemble(&plan, result), Err(QueryError::PartsDiffer { .. }));
        prop_assert!(found, "the rows no longer add up");
    }
}

fn october(charges: &[Charge], question: Question) -> Answer {
    answer(&Question { period: Some(period("2018-10-01", "2018-11-01")), ..question }, charges)
}

fn charge(on: &str, service: &str, billed: &str, quantity: &str, unit: Option<&str>) -> Charge {
    let amount = |text: &str| text.parse().ok();
    let sums = [amount(billed), None, None, None, amount(quantity), None];
    Charge { on: day(on), hour: 0, service: Some(service.to_owned()), team: None, unit: unit.map(str::to_owned), sums }
}

#[test]
fn an_answer_in_full() {
    let charges = [
        charge("2018-10-01", "EC2", "100.500000000", "", None),
        charge("2018-10-31", "EC2", "-0.5", "", None),
        charge("2018-10-05", "S3", "20", "", None),
        charge("2018-10-05", "Tax", "30.0000001", "", None),
        charge("2018-09-30", "EC2", "80", "", None),
        charge("2018-11-01", "EC2", "1000", "", None),
    ];
    let question = Question {
        by: vec![Dimension::Service],
        top: Some(2),
        compare: Some(Comparison::Previous),
        ..Question::default()
    };
    let answer = october(&charges, question);
    let lines: Vec<String> = answer
        .rows
        .iter()
        .map(|row| {
            let cell = &row.cells[0];
            let figures = [cell.value, cell.previous, cell.change, cell.change_ratio, cell.share];
            let figures: Vec<String> =
                figures.iter().map(|figure| figure.map_or("-".to_owned(), |figure| figure.to_string())).collect();
            format!("{:?} {:?} {}", row.role, row.keys[0], figures.join(" "))
        })
        .collect();
    assert_eq!(
        lines,
        [
            "Group Some(\"EC2\") 100.00 80.00 20.00 0.250000 0.666667",
            "Group Some(\"Tax\") 30.0000001 - 30.0000001 - 0.200000",
            "Other None 20.00 - 20.00 - 0.133333",
        ]
    );
    assert_eq!((answer.groups, answer.evidence.charges), (3, 4));
    assert_eq!(answer.total[0].value.map(|value| value.to_string()), Some("150.0000001".to_owned()));
}

#[test]
fn units_that_do_not_add_are_noted() {
    let usage = Question { measures: vec![Measure::ConsumedQuantity], ..Question::default() };
    let hours = charge("2018-10-01", "EC2", "1", "2", Some("Hrs"));
    let alone = october(&[hours.clone(), charge("2018-10-02", "Tax", "1", "", Some("GB"))], usage.clone());
    assert_eq!(alone.measures[0].unit.as_deref(), Some("Hrs"), "a charge without the quantity has no say");
    assert!(alone.notes.is_empty());
    for other in [Some("GB"), None] {
        let mixed = october(&[hours.clone(), charge("2018-10-02", "S3", "1", "3", other)], usage.clone());
        assert_eq!((mixed.measures[0].unit.as_deref(), mixed.notes[0].code.as_str()), (None, "mixed_units"));
    }
    let money = october(&[hours], Question::default());
    assert_eq!((money.measures[0].kind, money.measures[0].unit.as_deref()), (MeasureKind::Currency, None));
}

#[test]
fn charges_in_other_currencies_are_named() {
    let mut two = catalog();
    two.currencies.push("EUR".parse().expect("a currency"));
    let named = Question { currency: Some("USD".parse().expect("a currency")), ..Question::default() };
    let (plan, named) = (plan(&Question::default(), &two).expect("a plan"), plan(&named, &two).expect("a plan"));
    let mut result = run(&plan, &[charge("2018-10-01", "EC2", "1", "", None)]);
    *result.rows[0].last_mut().expect("columns") = Value::Integer(7);
    let error = assemble(&plan, result.clone()).expect_err("nobody said which currency");
    assert_eq!(
        error.to_string(),
        "the question does not say in which currency: 7 charges that fit it are not in USD (the engagement holds EUR, USD)"
    );
    assert!(error.hint().expect("a hint").contains("--convert USD --rates TABLE"), "the way on is told");
    let answer = assemble(&named, result).expect("an answer");
    let note = answer.notes.last().expect("a note");
    assert_eq!(note.code, "other_currencies");
    assert!(note.message.starts_with("7 charges in other currencies (the engagement holds EUR)"), "{}", note.message);
}

#[test]
fn nothing_found_is_an_answer() {
    let answer = october(&[], Question { by: vec![Dimension::Service], ..Question::default() });
    assert_eq!((answer.rows.len(), answer.groups, answer.evidence.charges), (0, 0, 0));
    assert_eq!(answer.total[0].value, None, "no charge has a cost, which is not a cost of zero");
}

#[test]
fn the_values_of_a_dimension_carry_their_share() {
    let question = Question { measures: vec![Measure::Savings], ..Question::default() };
    let plan = plan_values(&question, &Dimension::Service, &ValuePage { limit: 2, ..ValuePage::default() }, &catalog())
        .expect("a plan");
    let text = |text: &str| Value::Text(text.to_owned());
    let amount = |text: &str| Value::Amount(text.parse().expect("an amount"));
    let rows = vec![
        vec![Value::Integer(1), Value::Null, amount("40.00"), amount("30.00"), Value::Integer(9), Value::Integer(3)],
        vec![Value::Integer(0), text("EC2"), amount("30.00"), amount("22.50"), Value::Integer(5), Value::Null],
        vec![Value::Integer(0), Value::Null, Value::Null, amount("-2.5"), Value::Integer(2), Value::Null],
    ];
    let values = assemble_values(&plan, ResultSet { rows: rows.clone() }).expect("values");
    let lines: Vec<_> = values
        .values
        .iter()
        .map(|(value, cell)| {
            (value.as_deref(), cell.value.map(|value| value.to_string()), cell.share.map(|share| share.to_string()))
        })
        .collect();
    let expected = |value: &str, share: &str| (Some(value.to_owned()), Some(share.to_owned()));
    let (ec2, none) = (expected("7.50", "0.750000"), expected("2.50", "0.250000"));
    assert_eq!(lines, [(Some("EC2"), ec2.0, ec2.1), (None, none.0, none.1)]);
    assert_eq!(values.found, 3, "on all pages");
    let cut: Vec<Vec<Value>> = rows.iter().map(|row| row[..3].to_vec()).collect();
    assert!(assemble_values(&plan, ResultSet { rows: cut }).is_err(), "not the plan's columns");
}

#[test]
fn a_result_of_another_shape_is_refused() {
    let plan = plan(&Question::default(), &catalog()).expect("a plan");
    let good = run(&plan, &[charge("2018-10-01", "EC2", "1", "", None)]);
    let refused = |result: ResultSet| assert!(matches!(assemble(&plan, result), Err(QueryError::ResultShape { .. })));
    refused(ResultSet::default());
    refused(ResultSet { rows: vec![good.rows[0].clone(), good.rows[0].clone()] });
    refused(ResultSet { rows: vec![good.rows[0][1..].to_vec()] });
    let mut text = good;
    text.rows[1][1] = Value::Text("1".to_owned());
    refused(text);
}

#[test]
fn too_many_rows_are_refused() {
    let plan = plan(&Question { measures: vec![Measure::Charges], ..Question::default() }, &catalog()).expect("a plan");
    let mut result = run(&plan, &[charge("2018-10-01", "EC2", "1", "", None)]);
    let row = result.rows[1].clone();
    result.rows.extend(std::iter::repeat_n(row, query::ANSWER_ROWS_MAX as usize));
    assert!(matches!(assemble(&plan, result), Err(QueryError::TooManyRows { .. })));
}
