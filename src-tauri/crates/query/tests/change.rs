//! The lines that a bridge is made from: which table has them, what is refused, and that text stays text.

mod common;

use common::{catalog, period};
use money::Amount;
use query::{
    Catalog, Comparison, Dimension, Filter, Measure, Operator, Period, QueryError, Question, TableTime, Value,
    change_line, moved_values, moved_values_sql, plan_change,
};

/// A catalogue whose cube by resource has all that lines are made from.
fn with_skus() -> Catalog {
    let mut catalog = catalog();
    let cube = catalog.tables.iter_mut().find(|table| table.name == "cube_resource_month").expect("the cube");
    assert_eq!(cube.time, TableTime::Month);
    let needed = [
        "sku_price_id",
        "sku_meter",
        "charge_class",
        "commitment_discount_id",
        "commitment_discount_name",
        "commitment_discount_category",
        "commitment_discount_status",
    ];
    cube.columns.extend(needed.map(str::to_owned));
    catalog
}

fn months(current: Period) -> Question {
    Question { period: Some(current), compare: Some(Comparison::Previous), ..Question::default() }
}

#[test]
fn the_smallest_table_with_skus_answers() {
    let october = months(period("2018-10-01", "2018-11-01"));
    let plan = plan_change(&october, &with_skus(), None, false).expect("a plan");
    assert_eq!((plan.source.as_str(), plan.describes), ("cube_resource_month", false));
    assert_eq!(plan.base, period("2018-09-01", "2018-10-01"));
    assert!(!plan.sql.contains("charge_description"), "the cube has no descriptions: {}", plan.sql);
    let cut = months(period("2018-10-05", "2018-11-01"));
    let plan = plan_change(&cut, &with_skus(), None, false).expect("a plan");
    assert_eq!((plan.source.as_str(), plan.describes), ("charge", true), "a cube by the month does not know days");
    let plan = plan_change(&october, &catalog(), None, false).expect("a plan");
    assert_eq!(plan.source, "charge", "a cube that lacks a column does not do");
    let plan = plan_change(&october, &with_skus(), None, true).expect("a plan");
    assert_eq!(plan.source, "charge", "where the charges themselves are asked for");
    let by = (&Dimension::ResourceName, &[None][..]);
    assert_eq!(plan_change(&october, &with_skus(), Some(by), false).expect("a plan").source, "charge");
}

#[test]
fn what_is_no_change_of_cost_is_refused() {
    let october = months(period("2018-10-01", "2018-11-01"));
    for measure in [Measure::Savings, Measure::PricingQuantity, Measure::Charges] {
        let question = Question { measures: vec![measure.clone()], ..october.clone() };
        let refused = Err(QueryError::NotACost { measure });
        assert_eq!(plan_change(&question, &catalog(), None, false), refused);
        assert!(moved_values_sql(&question, &Dimension::Service, 5, &catalog()).is_err());
    }
    let alone = Question { compare: None, ..october };
    assert_eq!(plan_change(&alone, &catalog(), None, false), Err(QueryError::NotCompared));
}

#[test]
fn values_are_quoted() {
    let hostile = "'; DROP TABLE charge; --";
    let filter = Filter { dimension: Dimension::Service, operator: Operator::Is, values: vec![hostile.to_owned()] };
    let question = Question { filters: vec![filter], ..months(period("2018-10-01", "2018-11-01")) };
    let among = [Some("it's".to_owned()), None];
    let tag = Dimension::Tag("team".to_owned());
    let plan = plan_change(&question, &catalog(), Some((&tag, &among)), false).expect("a plan");
    assert_eq!(plan.sql.matches("'''; DROP TABLE charge; --'").count(), 2, "in both periods: {}", plan.sql);
    assert!(plan.sql.contains("(\"tag_1\" IN ('it''s') OR \"tag_1\" IS NULL)"), "{}", plan.sql);
    let nobody = plan_change(&question, &catalog(), Some((&tag, &[])), false).expect("a plan");
    assert!(nobody.sql.contains("AND (FALSE)"), "of no values there are no lines: {}", nobody.sql);
}

#[test]
fn a_line_knows_what_its_charges_do_not_say() {
    let text = |text: &str| Value::Text(text.to_owned());
    let number = |text: &str| Value::Amount(text.parse().expect("an amount"));
    let row = |unpriced: i64, unmeasured: i64| {
        let keys = ["USD", "AWS", "EC2", "north", "usage", "sku", "a", "Hours"].map(text);
        let mut row = vec![Value::Integer(1)];
        row.extend(keys);
        row.extend([Value::Null, text("BoxUsage")]);
        row.extend([number("7.50"), Value::Null, number("10"), number("9"), number("3"), number("2"), number("4")]);
        row.extend([Value::Integer(12), Value::Integer(unpriced), Value::Integer(unmeasured)]);
        row
    };
    let amount = |text: &str| Some(text.parse::<Amount>().expect("an amount"));
    let line = change_line(row(0, 0)).expect("a line");
    assert_eq!((line.current, line.cost, line.charges), (true, amount("7.5").expect("one"), 12));
    assert_eq!((line.list, line.contracted, line.quantity), (amount("10"), amount("9"), amount("3")));
    let line = change_line(row(1, 1)).expect("a line");
    assert_eq!((line.list, line.contracted, line.quantity), (None, None, None), "part of a price is no price");
    assert!(change_line(vec![Value::Integer(1)]).is_err(), "a row that is too short");
}

#[test]
fn a_value_without_charges_has_no_cost() {
    let number = |text: &str| Value::Amount(text.parse().expect("an amount"));
    let rows = [
        vec![Value::Text("a".to_owned()), Value::Null, number("5"), Value::Null, Value::Integer(2), Value::Integer(9)],
        vec![Value::Null, Value::Null, number("1"), Value::Integer(3), Value::Integer(1), Value::Integer(9)],
    ];
    let (values, all) = moved_values(&rows).expect("values");
    assert_eq!(all, 9, "of which two are listed");
    assert_eq!((values[0].base, values[0].current), (None, Some(Amount::from_integer(5))));
    assert_eq!(values[1].base, Some(Amount::ZERO), "charges that name no cost cost nothing");
}
