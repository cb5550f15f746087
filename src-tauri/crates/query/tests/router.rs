//! The router takes the smallest table that can answer exactly, and no smaller one.

mod common;

use common::{catalog, period};
use query::{
    Catalog, Comparison, Dimension, Filter, Grain, Measure, Operator, Period, PeriodBasis, QueryError, Question, plan,
};

fn source(question: &Question, catalog: &Catalog) -> String {
    plan(question, catalog).expect("a plan").source
}

fn by(dimensions: &[&str]) -> Question {
    Question { by: dimensions.iter().map(|name| name.parse().expect("a dimension")).collect(), ..Question::default() }
}

#[test]
fn dimensions_decide() {
    let cases: [(&[&str], &str); 8] = [
        (&[], "cube_month"),
        (&["service"], "cube_month"),
        (&["service", "sub_account", "tag:team"], "cube_month"),
        (&["resource"], "cube_resource_month"),
        (&["resource", "service"], "cube_resource_month"),
        (&["resource_name"], "charge"),
        (&["tag:owner"], "charge"),
        (&["extra:x_ResourceGroupName"], "charge"),
    ];
    for (dimensions, expected) in cases {
        assert_eq!(source(&by(dimensions), &catalog()), expected, "by {dimensions:?}");
    }
}

#[test]
fn filters_decide_as_keys_do() {
    let filtered = |dimension: Dimension| {
        let filter = Filter { dimension, operator: Operator::Missing, values: vec![] };
        Question { filters: vec![filter], ..by(&["service"]) }
    };
    assert_eq!(source(&filtered(Dimension::Region), &catalog()), "cube_month");
    assert_eq!(source(&filtered(Dimension::Resource), &catalog()), "cube_resource_month");
    assert_eq!(source(&filtered(Dimension::InvoiceIssuer), &catalog()), "charge");
}

/// Every grain, basis and kind of edge, against the rule written out.
#[test]
fn time_decides() {
    let edges = [
        (period("2018-10-01", "2018-11-01"), true),
        (period("2018-10-02", "2018-11-01"), false),
        (period("2018-10-01", "2018-10-31"), false),
        // An edge outside of what is loaded cuts nothing.
        (period("2018-08-17", "2018-11-01"), true),
        (period("2018-10-01", "2018-12-24"), true),
        (period("2018-08-17", "2018-12-24"), true),
        (period("2018-09-03", "2018-11-15"), true),
        (period("2018-09-04", "2018-11-15"), false),
        (period("2018-09-03", "2018-11-14"), false),
    ];
    for (asked, months_tell) in edges {
        for grain in [None, Some(Grain::Month), Some(Grain::Day), Some(Grain::Hour)] {
            let question = Question { grain, period: Some(asked), ..by(&["service"]) };
            let expected = match grain {
                None | Some(Grain::Month) if months_tell => "cube_month",
                Some(Grain::Hour) => "charge",
                _ => "cube_day",
            };
            let shorter = Question {
                period: Some(Period { to: asked.to.min(common::day("2018-10-31")), ..asked }),
                ..question.clone()
            };
            let answered = if grain == Some(Grain::Hour) { &shorter } else { &question };
            assert_eq!(source(answered, &catalog()), expected, "{grain:?} over {asked}");
        }
    }
}

#[test]
fn a_bill_counts_by_its_month() {
    let on_bills = |asked: Option<Period>, grain: Option<Grain>| Question {
        on: PeriodBasis::Billing,
        period: asked,
        grain,
        ..by(&["service"])
    };
    assert_eq!(source(&on_bills(None, Some(Grain::Month)), &catalog()), "cube_month");
    assert_eq!(source(&on_bills(Some(period("2018-10-01", "2018-11-01")), None), &catalog()), "cube_month");
    assert_eq!(source(&on_bills(Some(period("2018-10-01", "2018-11-01")), Some(Grain::Day)), &catalog()), "cube_day");
    assert_eq!(
        source(&on_bills(Some(period("2018-10-02", "2018-11-01")), None), &catalog()),
        "charge",
        "no cube tells the day of a bill"
    );
    assert_eq!(
        source(&on_bills(Some(period("2018-08-17", "2018-12-24")), None), &catalog()),
        "cube_month",
        "nothing is cut"
    );
}

#[test]
fn the_compared_period_decides_too() {
    let compared = |comparison| Question {
        period: Some(period("2018-10-01", "2018-11-01")),
        compare: Some(comparison),
        ..by(&["service"])
    };
    assert_eq!(source(&compared(Comparison::Previous), &catalog()), "cube_month");
    assert_eq!(source(&compared(Comparison::YearAgo), &catalog()), "cube_month");
    assert_eq!(source(&compared(Comparison::Period(period("2018-09-10", "2018-10-01"))), &catalog()), "cube_day");
}

#[test]
fn a_quantity_needs_its_unit() {
    let mut without_unit = catalog();
    for table in &mut without_unit.tables[1..] {
        table.columns.remove("consumed_unit");
    }
    let question = |measure| Question { measures: vec![measure], ..by(&["service"]) };
    assert_eq!(source(&question(Measure::BilledCost), &without_unit), "cube_month");
    assert_eq!(source(&question(Measure::PricingQuantity), &without_unit), "cube_month");
    assert_eq!(source(&question(Measure::ConsumedQuantity), &without_unit), "charge");
}

#[test]
fn a_cube_that_was_dropped_is_not_missed() {
    let mut few = catalog();
    few.tables.retain(|table| table.name != "cube_month");
    assert_eq!(source(&by(&["service"]), &few), "cube_day", "the next larger one");
    few.tables.truncate(1);
    assert_eq!(source(&by(&["service"]), &few), "charge");
}

#[test]
fn a_cube_larger_than_the_charges_is_left_alone() {
    let mut large = catalog();
    for table in &mut large.tables[1..] {
        table.rows = 2_000_000;
    }
    assert_eq!(source(&by(&["service"]), &large), "charge");
}

#[test]
fn what_no_table_has_is_an_error() {
    let error = plan(&by(&["report"]), &catalog()).expect_err("no column");
    assert_eq!(error, QueryError::DimensionNotLoaded { dimension: Dimension::Report });
}
