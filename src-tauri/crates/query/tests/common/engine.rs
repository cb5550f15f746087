//! An engine of loops: what SQL would return for a plan, and random charges and questions to put it to.

use std::collections::BTreeMap;

use chrono::{Datelike, Days, Months, NaiveDate};
use money::{Amount, Ratio};
use proptest::prelude::*;
use query::{
    Answer, Catalog, Column, Comparison, Dimension, Filter, Formula, Grain, Measure, Operator, Period, Plan, Question,
    Rank, ResultSet, SumColumn, Value, assemble, plan,
};

use super::{catalog, day, period};

/// A charge as the loops see it.
#[derive(Clone, Debug)]
pub struct Charge {
    pub on: NaiveDate,
    pub hour: u32,
    pub service: Option<String>,
    pub team: Option<String>,
    pub unit: Option<String>,
    pub sums: [Option<Amount>; 6],
}

impl Charge {
    pub fn value(&self, dimension: &Dimension) -> Option<String> {
        match dimension {
            Dimension::Service => self.service.clone(),
            Dimension::ConsumedUnit => self.unit.clone(),
            Dimension::Tag(_) => self.team.clone(),
            other => panic!("the tests do not ask for {other}"),
        }
    }

    pub fn sum(&self, column: SumColumn) -> Option<Amount> {
        let place = SumColumn::ALL.iter().position(|known| *known == column).expect("a known column");
        self.sums[place]
    }
}

/// One group of the engine: the charges of the current and of the compared period.
pub type Sides<'a> = [Vec<&'a Charge>; 2];
pub type Keys = Vec<Option<String>>;

/// What SQL would return for the plan.
pub fn run(plan: &Plan, charges: &[Charge]) -> ResultSet {
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
pub type Place = (bool, std::cmp::Reverse<Option<Amount>>, Vec<(bool, Option<String>)>);

pub fn rank(rank: Rank, charges: &[&Charge], keys: &Keys) -> Place {
    let of = figure(rank.of, charges);
    let value = match rank.by {
        None => of,
        Some(by) => of.zip(figure(by, charges)).and_then(|(of, by)| Ratio::of(of, by, 15)),
    };
    (value.is_none(), std::cmp::Reverse(value), keys.iter().map(|key| (key.is_none(), key.clone())).collect())
}

pub fn line(plan: &Plan, role: i64, time: Option<String>, keys: &Keys, sides: &Sides<'_>, groups: usize) -> Vec<Value> {
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

pub fn figure(formula: Formula, charges: &[&Charge]) -> Option<Amount> {
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

pub fn passes(charge: &Charge, filter: &Filter) -> bool {
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
pub fn bucket(charge: &Charge, grain: Grain, current_from: NaiveDate, from: NaiveDate) -> String {
    if grain == Grain::Month {
        let months = |day: NaiveDate| day.year() * 12 + day.month0().cast_signed();
        let moved = months(charge.on) + months(current_from) - months(from);
        return format!("{:04}-{:02}", moved.div_euclid(12), moved.rem_euclid(12) + 1);
    }
    let moved = charge.on + (current_from - from);
    if grain == Grain::Day { moved.to_string() } else { format!("{moved}T{:02}", charge.hour) }
}

pub fn charges() -> impl Strategy<Value = Vec<Charge>> {
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

pub fn questions() -> impl Strategy<Value = Question> {
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

pub fn answer(question: &Question, charges: &[Charge]) -> Answer {
    answer_with(question, &catalog(), charges)
}

/// The answer with a catalogue of one's own.
pub fn answer_with(question: &Question, catalog: &Catalog, charges: &[Charge]) -> Answer {
    let plan = plan(question, catalog).expect("a plan");
    let result = run(&plan, charges);
    assemble(&plan, result).expect("an answer")
}

/// The charges that a question is about, in the period given.
pub fn asked<'a>(question: &Question, within: Period, charges: &'a [Charge]) -> Vec<&'a Charge> {
    charges
        .iter()
        .filter(|charge| within.from <= charge.on && charge.on < within.to)
        .filter(|charge| question.filters.iter().all(|filter| passes(charge, filter)))
        .collect()
}
