//! Answers against a slow evaluator: random charges, random questions, plain loops.
//!
//! An engine of loops runs the logical query in place of SQL, so that everything but the SQL text is put to the test; the expected
//! answer is computed from the question alone, on another way.

mod common;

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use common::{catalog, day, period};
use money::{Amount, Ratio};
use proptest::prelude::*;
use query::{
    Answer, Column, Comparison, Dimension, Filter, Formula, Grain, Measure, MeasureKind, Operator, Period, Plan,
    QueryError, Question, ResultSet, RowRole, SumColumn, Value, ValuePage, assemble, assemble_values, plan,
    plan_values,
};

/// A charge as the loops see it.
#[derive(Clone, Debug)]
struct Charge {
    on: NaiveDate,
    hour: u32,
    service: Option<String>,
    team: Option<String>,
    unit: Option<String>,
    sums: [Option<Amount>; 6],
}

impl Charge {
    fn value(&self, dimension: &Dimension) -> Option<String> {
        match dimension {
            Dimension::Service => self.service.clone(),
            Dimension::ConsumedUnit => self.unit.clone(),
            Dimension::Tag(_) => self.team.clone(),
            other => panic!("the tests do not ask for {other}"),
        }
    }

    fn sum(&self, column: SumColumn) -> Option<Amount> {
        let place = SumColumn::ALL.iter().position(|known| *known == column).expect("a known column");
        self.sums[place]
    }
}

/// One group of the engine: the charges of the current and of the compared period.
type Sides<'a> = [Vec<&'a Charge>; 2];
type Keys = Vec<Option<String>>;

/// What SQL would return for the plan.
fn run(plan: &Plan, charges: &[Charge]) -> ResultSet {
    let query = &plan.logical;
    let mut groups: BTreeMap<(Option<String>, Keys), Sides<'_>> = BTreeMap::new();
    let periods = [Some(query.current), query.previous];
    for (side, asked) in periods.iter().enumerate() {
        let Some(asked) = asked else { continue };
        for charge in charges.iter().filter(|charge| asked.from <= charge.on && charge.on < asked.to) {
            if query.filters.iter().all(|filter| passes(charge, filter)) {
                let time = query.time.map(|grain| bucket(charge, grain, query.current.from, asked.from));
                let keys = query.keys.iter().map(|key| charge.value(key)).collect();
                groups.entry((time, keys)).or_default()[side].push(charge);
            }
        }
    }
    let mut whole: BTreeMap<&Keys, Sides<'_>> = BTreeMap::new();
    let mut total = Sides::default();
    for ((_, keys), sides) in &groups {
        for side in [0, 1] {
            whole.entry(keys).or_default()[side].extend(&sides[side]);
            total[side].extend(&sides[side]);
        }
    }
    let mut ranked: Vec<&Keys> = whole.keys().copied().collect();
    ranked.sort_by_key(|keys| rank(query.rank, &whole[keys][0], keys));
    ranked.truncate(query.top.map_or(usize::MAX, |top| top as usize));
    let mut placed: BTreeMap<(Option<String>, i64, Keys), Sides<'_>> = BTreeMap::new();
    for ((time, keys), sides) in &groups {
        let leads = ranked.contains(&keys);
        let keys = if leads { keys.clone() } else { vec![None; keys.len()] };
        let place = placed.entry((time.clone(), i64::from(!leads), keys)).or_default();
        for side in [0, 1] {
            place[side].extend(&sides[side]);
        }
    }
    let mut rows: Vec<_> = placed.into_iter().collect();
    rows.sort_by_key(|((time, role, keys), sides)| (time.clone(), *role, rank(query.rank, &sides[0], keys)));
    let mut lines = vec![line(plan, 2, None, &vec![None; query.keys.len()], &total, whole.len())];
    lines.extend(rows.iter().map(|((time, role, keys), sides)| line(plan, *role, time.clone(), keys, sides, 0)));
    ResultSet { rows: lines }
}

/// An order with high values first, none last; then the keys, none last.
type Rank = (bool, std::cmp::Reverse<Option<Amount>>, Vec<(bool, Option<String>)>);

fn rank(formula: Formula, charges: &[&Charge], keys: &Keys) -> Rank {
    let value = figure(formula, charges);
    (value.is_none(), std::cmp::Reverse(value), keys.iter().map(|key| (key.is_none(), key.clone())).collect())
}

fn line(plan: &Plan, role: i64, time: Option<String>, keys: &Keys, sides: &Sides<'_>, groups: usize) -> Vec<Value> {
    let text = |text: Option<String>| text.map_or(Value::Null, Value::Text);
    let amount = |amount: Option<Amount>| amount.map_or(Value::Null, Value::Amount);
    let count = |charges: &Vec<&Charge>| Value::Integer(i64::try_from(charges.len()).expect("few charges"));
    let mut keys = keys.iter();
    let units = || sides[0].iter().filter(|charge| charge.sum(SumColumn::ConsumedQuantity).is_some());
    let unit = |charge: &&Charge| charge.unit.clone().unwrap_or_default();
    plan.columns
        .iter()
        .map(|column| match column {
            Column::Role => Value::Integer(role),
            Column::Time(_) => text(time.clone()),
            Column::Key(_) => text(keys.next().expect("a key for each column").clone()),
            Column::Sum(sum) => amount(figure(Formula::Sum(*sum), &sides[0])),
            Column::PreviousSum(sum) => amount(figure(Formula::Sum(*sum), &sides[1])),
            Column::Charges => count(&sides[0]),
            Column::PreviousCharges => count(&sides[1]),
            Column::FirstUnit(_) => text(units().map(unit).min()),
            Column::LastUnit(_) => text(units().map(unit).max()),
            Column::Groups => Value::Integer(i64::try_from(groups).expect("few groups")),
            Column::OtherCurrencyCharges => Value::Integer(0),
        })
        .collect()
}

fn figure(formula: Formula, charges: &[&Charge]) -> Option<Amount> {
    let sum = |column| {
        let amounts: Vec<Amount> = charges.iter().filter_map(|charge| charge.sum(column)).collect();
        if amounts.is_empty() { None } else { Some(Amount::sum(amounts).expect("small amounts")) }
    };
    match formula {
        Formula::Count => Some(Amount::from_integer(i64::try_from(charges.len()).expect("few charges"))),
        Formula::Sum(column) => sum(column),
        Formula::Difference(from, less) => match (sum(from), sum(less)) {
            (None, None) => None,
            (from, less) => {
                Some(from.unwrap_or_default().checked_sub(less.unwrap_or_default()).expect("small amounts"))
            }
        },
    }
}

fn passes(charge: &Charge, filter: &Filter) -> bool {
    let value = charge.value(&filter.dimension);
    let contains = |text: &String| text.to_lowercase().contains(&filter.values[0].to_lowercase());
    match filter.operator {
        Operator::Is => value.is_some_and(|value| filter.values.contains(&value)),
        Operator::IsNot => value.is_none_or(|value| !filter.values.contains(&value)),
        Operator::Contains => value.as_ref().is_some_and(contains),
        Operator::NotContains => !value.as_ref().is_some_and(contains),
        Operator::Missing => value.is_none(),
        Operator::Present => value.is_some(),
    }
}

/// The bucket of a charge, moved so that the first of its period lies on the first of the current one.
fn bucket(charge: &Charge, grain: Grain, current_from: NaiveDate, from: NaiveDate) -> String {
    if grain == Grain::Month {
        let months = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
        let moved = months(charge.on) + months(current_from) - months(from);
        return format!("{:04}-{:02}", moved.div_euclid(12), moved.rem_euclid(12) + 1);
    }
    let moved = charge.on + (current_from - from);
    if grain == Grain::Day { moved.to_string() } else { format!("{moved}T{:02}", charge.hour) }
}

fn charges() -> impl Strategy<Value = Vec<Charge>> {
    let amount = || {
        let plain = (-1_000_000_i64..9_000_000, 0_u8..7)
            .prop_map(|(units, scale)| Amount::new(units.into(), scale).expect("a small amount"));
        proptest::option::weighted(0.8, plain)
    };
    let name = |names: &'static [&'static str]| {
        proptest::option::weighted(0.8, proptest::sample::select(names).prop_map(str::to_owned))
    };
    let one = (
        0_u64..73,
        0_u32..24,
        name(&["EC2", "S3", "O'Reilly", "ec2 spot"]),
        name(&["core", "edge", ""]),
        name(&["Hrs", "GB"]),
        [amount(), amount(), amount(), amount(), amount(), amount()],
    );
    let charge = one.prop_map(|(days, hour, service, team, unit, sums)| Charge {
        on: day("2018-09-03") + Days::new(days),
        hour,
        service,
        team,
        unit,
        sums,
    });
    proptest::collection::vec(charge, 0..40)
}

fn questions() -> impl Strategy<Value = Question> {
    let days = (0_u64..60, 1_u64..40).prop_map(|(from, length)| {
        let from = day("2018-09-01") + Days::new(from);
        Period { from, to: from + Days::new(length) }
    });
    let months = (0_u32..3, 1_u32..3).prop_map(|(from, length)| {
        let from = day("2018-09-01") + Months::new(from);
        Period { from, to: from + Months::new(length) }
    });
    let any_period = prop_oneof![days, months];
    let dimension =
        || proptest::sample::select(vec![Dimension::Service, Dimension::Tag("team".into()), Dimension::ConsumedUnit]);
    let filter = (dimension(), 0_usize..6, proptest::sample::subsequence(vec!["EC2", "S3", "core", "Hrs"], 1..3))
        .prop_map(|(dimension, operator, values)| {
            let operator = [
                Operator::Is,
                Operator::IsNot,
                Operator::Contains,
                Operator::NotContains,
                Operator::Missing,
                Operator::Present,
            ][operator];
            let kept = match operator {
                Operator::Is | Operator::IsNot => values.len(),
                Operator::Contains | Operator::NotContains => 1,
                Operator::Missing | Operator::Present => 0,
            };
            Filter { dimension, operator, values: values.iter().take(kept).map(|&value| value.to_owned()).collect() }
        });
    let compare = prop_oneof![
        Just(None),
        Just(Some(Comparison::Previous)),
        Just(Some(Comparison::YearAgo)),
        Just(Some(Comparison::Period(period("2018-09-10", "2018-10-20"))))
    ];
    let grain = proptest::sample::select(vec![None, Some(Grain::Month), Some(Grain::Day), Some(Grain::Hour)]);
    (
        proptest::sample::subsequence(Measure::ALL.to_vec(), 1..4).prop_shuffle(),
        proptest::sample::subsequence(
            vec![Dimension::Service, Dimension::Tag("team".into()), Dimension::ConsumedUnit],
            0..3,
        ),
        grain,
        any_period,
        proptest::collection::vec(filter, 0..2),
        compare,
        proptest::option::of(1_u32..5),
    )
        .prop_map(|(measures, by, grain, period, filters, compare, top)| Question {
            measures,
            by,
            grain,
            period: Some(period),
            filters,
            compare,
            top,
            ..Question::default()
        })
}

fn answer(question: &Question, charges: &[Charge]) -> Answer {
    let plan = plan(question, &catalog()).expect("a plan");
    let result = run(&plan, charges);
    assemble(&plan, result).expect("an answer")
}

/// The charges that a question is about, in the period given.
fn asked<'a>(question: &Question, within: Period, charges: &'a [Charge]) -> Vec<&'a Charge> {
    charges
        .iter()
        .filter(|charge| within.from <= charge.on && charge.on < within.to)
        .filter(|charge| question.filters.iter().all(|filter| passes(charge, filter)))
        .collect()
}

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
