//! Planning: what is filled in, what is refused, what is noted, and the SQL of the main shapes.

mod common;

use common::{catalog, period};
use query::{
    ChargeListing, ChargeOrder, Comparison, Dimension, Filter, Grain, Measure, Operator, PeriodBasis, Plan, QueryError,
    Question, ValuePage, parse_filter, plan, plan_charges_total, plan_values,
};

fn planned(question: &Question) -> Plan {
    plan(question, &catalog()).expect("a plan")
}

fn refused(question: &Question) -> QueryError {
    plan(question, &catalog()).expect_err("no plan")
}

fn where_(filters: &[&str]) -> Vec<Filter> {
    filters.iter().map(|text| parse_filter(text).expect("a filter")).collect()
}

fn codes(plan: &Plan) -> Vec<&str> {
    plan.notes.iter().map(|note| note.code.as_str()).collect()
}

#[test]
fn period_and_currency_are_filled_in() {
    let plan = planned(&Question::default());
    assert_eq!(plan.period, period("2018-09-03", "2018-11-15"), "all that is loaded");
    assert_eq!(plan.question.period, Some(plan.period), "the answer's question says it");
    assert_eq!(plan.question.currency.map(|currency| currency.code().to_owned()), Some("USD".to_owned()));
    let bills = planned(&Question { on: PeriodBasis::Billing, ..Question::default() });
    assert_eq!(bills.period, period("2018-09-01", "2018-12-01"), "whole months of bills");
}

#[test]
fn the_only_currency_is_taken() {
    let mut euros = catalog();
    euros.currencies = vec!["EUR".parse().expect("a currency")];
    assert_eq!(
        plan(&Question::default(), &euros).expect("a plan").currency.code(),
        "EUR",
        "no charge is in the engagement's own"
    );
    euros.currencies.push("JPY".parse().expect("a currency"));
    assert_eq!(
        plan(&Question::default(), &euros).expect("a plan").currency.code(),
        "USD",
        "of several none is guessed"
    );
    let filtered = Question { filters: where_(&["billing_currency = JPY"]), ..Question::default() };
    assert_eq!(plan(&filtered, &euros).expect("a plan").currency.code(), "JPY", "a filter names it");
}

#[test]
fn questions_without_an_answer_are_refused() {
    assert_eq!(refused(&Question { measures: vec![], ..Question::default() }), QueryError::NoMeasure);
    let twice = Question { by: vec![Dimension::Service, Dimension::Service], ..Question::default() };
    assert_eq!(refused(&twice), QueryError::Repeated { name: "service".into() });
    assert_eq!(refused(&Question { top: Some(0), ..Question::default() }), QueryError::TopZero);
    let hours = Question { grain: Some(Grain::Hour), ..Question::default() };
    assert_eq!(refused(&hours), QueryError::HourSpan { days: 73, limit: 62 });
    assert!(refused(&hours).hint().is_some_and(|hint| hint.contains("by day")), "the hint shows a way on");
    let reversed = query::Period { from: common::day("2018-10-02"), to: common::day("2018-10-01") };
    assert!(matches!(
        refused(&Question { period: Some(reversed), ..Question::default() }),
        QueryError::EmptyPeriod { .. }
    ));
    let mut nothing = catalog();
    nothing.charges = None;
    assert_eq!(plan(&Question::default(), &nothing), Err(QueryError::NothingLoaded));
}

#[test]
fn filters_must_have_the_values_they_need() {
    let filter = |operator, values: &[&str]| Question {
        filters: vec![Filter {
            dimension: Dimension::Service,
            operator,
            values: values.iter().map(|&value| value.to_owned()).collect(),
        }],
        ..Question::default()
    };
    for (operator, values) in [
        (Operator::Is, &[] as &[&str]),
        (Operator::IsNot, &[]),
        (Operator::Contains, &[]),
        (Operator::Contains, &[""]),
        (Operator::NotContains, &["a", "b"]),
        (Operator::Missing, &["a"]),
        (Operator::Present, &["a"]),
    ] {
        assert!(
            matches!(refused(&filter(operator, values)), QueryError::FilterValues { .. }),
            "{operator:?} {values:?}"
        );
    }
    assert_eq!(refused(&filter(Operator::Is, &["a\0b"])), QueryError::NulCharacter { text: "ab".into() });
    planned(&filter(Operator::Is, &[""]));
}

#[test]
fn partial_periods_are_noted() {
    let monthly = planned(&Question { grain: Some(Grain::Month), ..Question::default() });
    let messages: Vec<&str> = monthly.notes.iter().map(|note| note.message.as_str()).collect();
    assert_eq!(
        messages,
        [
            "2018-09 counts 2018-09-03 to 2018-09-30 only, 28 of 30 days.",
            "2018-11 counts 2018-11-01 to 2018-11-14 only, 14 of 30 days."
        ]
    );
    let november = Question {
        period: Some(period("2018-11-01", "2018-12-01")),
        compare: Some(Comparison::Previous),
        ..Question::default()
    };
    let plan = planned(&november);
    assert_eq!(codes(&plan), ["partial_period"], "October, which is compared with, is whole");
    assert_eq!(
        plan.notes[0].message,
        "The period is not loaded whole: charges are there for 2018-11-01 to 2018-11-14, 14 of its 30 days."
    );
    let year_ago = Question {
        compare: Some(Comparison::YearAgo),
        period: Some(period("2018-10-01", "2018-11-01")),
        ..Question::default()
    };
    assert_eq!(codes(&planned(&year_ago)), ["partial_comparison"]);
    assert!(
        planned(&Question { period: Some(period("2018-10-01", "2018-11-01")), ..Question::default() }).notes.is_empty()
    );
}

#[test]
fn only_the_loads_of_the_periods_are_evidence() {
    let ids = |question: &Question| planned(question).loads.iter().map(|load| load.id).collect::<Vec<_>>();
    let october = Question { period: Some(period("2018-10-01", "2018-11-01")), ..Question::default() };
    assert_eq!(ids(&Question::default()), [1, 2, 3]);
    assert_eq!(ids(&october), [2]);
    assert_eq!(ids(&Question { compare: Some(Comparison::Previous), ..october }), [1, 2]);
}

#[test]
fn the_id_follows_from_question_and_data() {
    let question = Question { filters: where_(&["service in (b, a)", "region = x"]), ..Question::default() };
    let same = Question { filters: where_(&["region = x", "service in (a, b, a)"]), ..Question::default() };
    let id = planned(&question).evidence_id;
    assert_eq!(id.len(), 12, "short");
    assert_eq!(id, planned(&same).evidence_id, "the order of filters and values does not matter");
    assert_eq!(id, planned(&planned(&question).question).evidence_id, "the answered question asks the same");
    assert_ne!(id, planned(&Question { top: Some(3), by: vec![Dimension::Service], ..question.clone() }).evidence_id);
    let mut renumbered = catalog();
    for info in &mut renumbered.loads {
        info.load.id += 7;
    }
    assert_eq!(id, plan(&question, &renumbered).expect("a plan").evidence_id, "the same files give the same id");
    renumbered.loads[1].load.sha256 = "f".repeat(64);
    assert_ne!(id, plan(&question, &renumbered).expect("a plan").evidence_id, "another file gives another");
}

#[test]
fn the_scope_is_a_sentence() {
    let question = Question {
        by: vec![Dimension::SubAccount, Dimension::Tag("team".into())],
        grain: Some(Grain::Month),
        period: Some(period("2018-10-01", "2018-11-01")),
        compare: Some(Comparison::Previous),
        top: Some(10),
        filters: where_(&["service = 'Amazon \"EC2\"'", "charge_category not in (Tax, Credit)", "sku is missing"]),
        ..Question::default()
    };
    insta::assert_snapshot!(planned(&question).scope, @r#"Billed cost in USD by month, sub account and tag team (top 10), charges from 2018-10-01 to 2018-10-31, compared with those from 2018-09-01 to 2018-09-30, where service is "Amazon \"EC2\"", SKU is missing and charge category is none of "Credit", "Tax""#);
}

#[test]
fn a_total() {
    insta::assert_snapshot!(planned(&Question::default()).sql, @r#"
    WITH "grouped" AS MATERIALIZED (
      SELECT sum("billed_cost") AS "billed_cost", CAST(sum("charges") AS BIGINT) AS "charges"
      FROM "cube_month"
      WHERE "month" >= DATE '2018-09-01' AND "month" < DATE '2018-12-01'
      HAVING count(*) > 0
    ), "answered" AS MATERIALIZED (
      SELECT 0 AS "role", "billed_cost", "charges", NULL AS "groups", NULL AS "other_currency_charges"
      FROM "grouped"
      UNION ALL
      SELECT 2 AS "role", sum("billed_cost") AS "billed_cost", CAST(sum("charges") AS BIGINT) AS "charges", count(*) AS "groups", 0 AS "other_currency_charges"
      FROM "grouped"
    )
    SELECT "role", "billed_cost", "charges", CAST("groups" AS BIGINT) AS "groups", CAST("other_currency_charges" AS BIGINT) AS "other_currency_charges"
    FROM "answered"
    ORDER BY CASE WHEN "role" = 2 THEN 0 ELSE 1 END, "role", "billed_cost" DESC NULLS LAST
    LIMIT 100002
    "#);
}

#[test]
fn top_services_compared() {
    let question = Question {
        measures: vec![Measure::EffectiveCost, Measure::Savings],
        by: vec![Dimension::Service],
        period: Some(period("2018-10-01", "2018-11-01")),
        compare: Some(Comparison::Previous),
        top: Some(10),
        ..Question::default()
    };
    insta::assert_snapshot!(planned(&question).sql, @r#"
    WITH "part" AS MATERIALIZED (
      SELECT "service_name" AS "service", sum("effective_cost") AS "effective_cost", sum("list_cost") AS "list_cost", CAST(sum("charges") AS BIGINT) AS "charges", NULL AS "previous_effective_cost", NULL AS "previous_list_cost", NULL AS "previous_charges"
      FROM "cube_month"
      WHERE "month" >= DATE '2018-10-01' AND "month" < DATE '2018-11-01'
      GROUP BY 1
      UNION ALL
      SELECT "service_name" AS "service", NULL AS "effective_cost", NULL AS "list_cost", NULL AS "charges", sum("effective_cost") AS "previous_effective_cost", sum("list_cost") AS "previous_list_cost", CAST(sum("charges") AS BIGINT) AS "previous_charges"
      FROM "cube_month"
      WHERE "month" >= DATE '2018-09-01' AND "month" < DATE '2018-10-01'
      GROUP BY 1
    ), "grouped" AS MATERIALIZED (
      SELECT "service", sum("effective_cost") AS "effective_cost", sum("list_cost") AS "list_cost", CAST(sum("charges") AS BIGINT) AS "charges", sum("previous_effective_cost") AS "previous_effective_cost", sum("previous_list_cost") AS "previous_list_cost", CAST(sum("previous_charges") AS BIGINT) AS "previous_charges"
      FROM "part"
      GROUP BY 1
    ), "leader" AS MATERIALIZED (
      SELECT 0 AS "role", "service"
      FROM "grouped"
      ORDER BY "effective_cost" DESC NULLS LAST, "service" NULLS LAST
      LIMIT 10
    ), "placed" AS MATERIALIZED (
      SELECT coalesce("leader"."role", 1) AS "role", "grouped".*
      FROM "grouped" LEFT JOIN "leader" ON "grouped"."service" IS NOT DISTINCT FROM "leader"."service"
    ), "answered" AS MATERIALIZED (
      SELECT "role", CASE WHEN "role" = 0 THEN "service" END AS "service", sum("effective_cost") AS "effective_cost", sum("list_cost") AS "list_cost", CAST(sum("charges") AS BIGINT) AS "charges", sum("previous_effective_cost") AS "previous_effective_cost", sum("previous_list_cost") AS "previous_list_cost", CAST(sum("previous_charges") AS BIGINT) AS "previous_charges", NULL AS "groups", NULL AS "other_currency_charges"
      FROM "placed"
      GROUP BY 1, 2
      UNION ALL
      SELECT 2 AS "role", NULL AS "service", sum("effective_cost") AS "effective_cost", sum("list_cost") AS "list_cost", CAST(sum("charges") AS BIGINT) AS "charges", sum("previous_effective_cost") AS "previous_effective_cost", sum("previous_list_cost") AS "previous_list_cost", CAST(sum("previous_charges") AS BIGINT) AS "previous_charges", count(*) AS "groups", 0 AS "other_currency_charges"
      FROM "grouped"
    )
    SELECT "role", "service", "effective_cost", "list_cost", "charges", "previous_effective_cost", "previous_list_cost", "previous_charges", CAST("groups" AS BIGINT) AS "groups", CAST("other_currency_charges" AS BIGINT) AS "other_currency_charges"
    FROM "answered"
    ORDER BY CASE WHEN "role" = 2 THEN 0 ELSE 1 END, "role", "effective_cost" DESC NULLS LAST, "service" NULLS LAST
    LIMIT 100002
    "#);
}

#[test]
fn a_trend_by_hour_on_charges() {
    let question = Question {
        measures: vec![Measure::ConsumedQuantity],
        by: vec![Dimension::Tag("Cost/Center".into())],
        grain: Some(Grain::Hour),
        period: Some(period("2018-10-03", "2018-10-04")),
        filters: where_(&["service contains \"o'Reilly\"", "resource != i-1"]),
        ..Question::default()
    };
    insta::assert_snapshot!(planned(&question).sql, @r#"
    WITH "grouped" AS MATERIALIZED (
      SELECT date_trunc('hour', "charge_period_start") AS "time", json_extract_string("tags", '/Cost~1Center') AS "key_1", sum("consumed_quantity") AS "consumed_quantity", count(*) AS "charges", min(CASE WHEN "consumed_quantity" IS NOT NULL THEN coalesce("consumed_unit", '') END) AS "consumed_quantity_first_unit", max(CASE WHEN "consumed_quantity" IS NOT NULL THEN coalesce("consumed_unit", '') END) AS "consumed_quantity_last_unit"
      FROM "charge"
      WHERE "charge_period_start" >= TIMESTAMP '2018-10-03 00:00:00' AND "charge_period_start" < TIMESTAMP '2018-10-04 00:00:00'
        AND contains(lower("service_name"), lower('o''Reilly'))
        AND ("resource_id" <> 'i-1' OR "resource_id" IS NULL)
      GROUP BY 1, 2
    ), "answered" AS MATERIALIZED (
      SELECT 0 AS "role", "time", "key_1", "consumed_quantity", "charges", "consumed_quantity_first_unit", "consumed_quantity_last_unit", NULL AS "groups", NULL AS "other_currency_charges"
      FROM "grouped"
      UNION ALL
      SELECT 2 AS "role", NULL AS "time", NULL AS "key_1", sum("consumed_quantity") AS "consumed_quantity", CAST(sum("charges") AS BIGINT) AS "charges", min("consumed_quantity_first_unit") AS "consumed_quantity_first_unit", max("consumed_quantity_last_unit") AS "consumed_quantity_last_unit", (SELECT count(*) FROM (SELECT DISTINCT "key_1" FROM "grouped") AS "whole") AS "groups", 0 AS "other_currency_charges"
      FROM "grouped"
    )
    SELECT "role", strftime("time", '%Y-%m-%dT%H') AS "time", "key_1", "consumed_quantity", "charges", "consumed_quantity_first_unit", "consumed_quantity_last_unit", CAST("groups" AS BIGINT) AS "groups", CAST("other_currency_charges" AS BIGINT) AS "other_currency_charges"
    FROM "answered"
    ORDER BY CASE WHEN "role" = 2 THEN 0 ELSE 1 END, "time", "role", "consumed_quantity" DESC NULLS LAST, "key_1" NULLS LAST
    LIMIT 100002
    "#);
}

#[test]
fn a_trend_of_bills_with_other_currencies() {
    let mut two = catalog();
    two.currencies.push("EUR".parse().expect("a currency"));
    let question = Question {
        grain: Some(Grain::Month),
        on: PeriodBasis::Billing,
        top: Some(5),
        by: vec![Dimension::Provider],
        ..Question::default()
    };
    insta::assert_snapshot!(plan(&question, &two).expect("a plan").sql, @r#"
    WITH "grouped" AS MATERIALIZED (
      SELECT "billing_month" AS "time", "provider" AS "provider", sum("billed_cost") AS "billed_cost", CAST(sum("charges") AS BIGINT) AS "charges"
      FROM "cube_month"
      WHERE "billing_month" >= DATE '2018-09-01' AND "billing_month" < DATE '2018-12-01'
        AND "billing_currency" = 'USD'
      GROUP BY 1, 2
    ), "leader" AS MATERIALIZED (
      SELECT 0 AS "role", "provider"
      FROM (
      SELECT "provider", sum("billed_cost") AS "billed_cost", CAST(sum("charges") AS BIGINT) AS "charges"
      FROM "grouped"
      GROUP BY 1
      ) AS "whole"
      ORDER BY "billed_cost" DESC NULLS LAST, "provider" NULLS LAST
      LIMIT 5
    ), "placed" AS MATERIALIZED (
      SELECT coalesce("leader"."role", 1) AS "role", "grouped".*
      FROM "grouped" LEFT JOIN "leader" ON "grouped"."provider" IS NOT DISTINCT FROM "leader"."provider"
    ), "answered" AS MATERIALIZED (
      SELECT "role", "time", CASE WHEN "role" = 0 THEN "provider" END AS "provider", sum("billed_cost") AS "billed_cost", CAST(sum("charges") AS BIGINT) AS "charges", NULL AS "groups", NULL AS "other_currency_charges"
      FROM "placed"
      GROUP BY 1, 2, 3
      UNION ALL
      SELECT 2 AS "role", NULL AS "time", NULL AS "provider", sum("billed_cost") AS "billed_cost", CAST(sum("charges") AS BIGINT) AS "charges", (SELECT count(*) FROM (SELECT DISTINCT "provider" FROM "grouped") AS "whole") AS "groups", (SELECT CAST(sum("charges") AS BIGINT) FROM "cube_month" WHERE "billing_month" >= DATE '2018-09-01' AND "billing_month" < DATE '2018-12-01' AND "billing_currency" <> 'USD') AS "other_currency_charges"
      FROM "grouped"
    )
    SELECT "role", strftime("time", '%Y-%m') AS "time", "provider", "billed_cost", "charges", CAST("groups" AS BIGINT) AS "groups", CAST("other_currency_charges" AS BIGINT) AS "other_currency_charges"
    FROM "answered"
    ORDER BY CASE WHEN "role" = 2 THEN 0 ELSE 1 END, "time", "role", "billed_cost" DESC NULLS LAST, "provider" NULLS LAST
    LIMIT 100002
    "#);
}

#[test]
fn the_previous_trend_has_its_own_dates() {
    let question = Question {
        grain: Some(Grain::Day),
        period: Some(period("2018-10-08", "2018-10-15")),
        compare: Some(Comparison::Previous),
        ..Question::default()
    };
    let previous = planned(&question).previous(&catalog()).expect("a plan").expect("a comparison");
    assert_eq!((previous.period, previous.compared_with), (period("2018-10-01", "2018-10-08"), None));
    assert_eq!(planned(&Question::default()).previous(&catalog()), Ok(None), "nothing to compare with");
}

#[test]
fn the_charges_behind_an_answer() {
    let question = Question {
        filters: where_(&["tag:team is missing"]),
        by: vec![Dimension::Service],
        top: Some(3),
        ..Question::default()
    };
    let order = ChargeOrder { column: "billed_cost".into(), descending: true };
    let listing = |columns: &[&str]| {
        let columns: Vec<String> = columns.iter().map(|&column| column.to_owned()).collect();
        ChargeListing::new(&question, Some(&columns), Some(&order), &catalog())
    };
    let found = listing(&["service_name", "billed_cost"]).expect("columns that there are");
    insta::assert_snapshot!(found.page(&[], 200, 100).expect("a statement"), @r#"
    WITH "page" AS MATERIALIZED (
      SELECT "place"
      FROM "charge_place"
      WHERE "charge_period_start" >= TIMESTAMP '2018-09-03 00:00:00' AND "charge_period_start" < TIMESTAMP '2018-11-15 00:00:00'
        AND "tag_1" IS NULL
      ORDER BY "billed_cost" DESC NULLS LAST, "charge_period_start", "file_id", "source_row", "part"
      LIMIT 100 OFFSET 200
    )
    SELECT CAST("file_id" AS VARCHAR) || '.' || CAST("source_row" AS VARCHAR) || CASE WHEN "part" > 0 THEN '.' || CAST("part" AS VARCHAR) ELSE '' END AS "charge", "service_name", "billed_cost"
    FROM "charge_place"
    WHERE "place" IN (SELECT "place" FROM "page")
    ORDER BY "billed_cost" DESC NULLS LAST, "charge_period_start", "file_id", "source_row", "part"
    "#);
    let unknown = listing(&["x\"; DROP TABLE charge"]);
    assert!(matches!(unknown, Err(QueryError::UnknownColumn { .. })));
    let total = plan_charges_total(&question, &catalog()).expect("a plan");
    assert_eq!((total.source.as_str(), total.question.by.len()), ("charge", 0), "the charges themselves are added up");
}

#[test]
fn the_values_of_a_dimension() {
    let question = Question {
        filters: where_(&["service = a", "region = b"]),
        measures: vec![Measure::Savings],
        ..Question::default()
    };
    let page = ValuePage { search: "EC2".into(), offset: 0, limit: 50 };
    insta::assert_snapshot!(plan_values(&question, &Dimension::Service, &page, &catalog()).expect("a plan").sql, @r#"
    WITH "grouped" AS MATERIALIZED (
      SELECT "service_name" AS "value", sum("list_cost") AS "list_cost", sum("effective_cost") AS "effective_cost", CAST(sum("charges") AS BIGINT) AS "charges"
      FROM "cube_month"
      WHERE "month" >= DATE '2018-09-01' AND "month" < DATE '2018-12-01'
        AND "region_id" = 'b'
      GROUP BY 1
    ), "listed" AS MATERIALIZED (
      SELECT 0 AS "role", "value", "list_cost", "effective_cost", "charges", NULL AS "found"
      FROM "grouped"
      WHERE contains(lower("value"), lower('EC2'))
      ORDER BY CASE WHEN "list_cost" IS NULL AND "effective_cost" IS NULL THEN NULL ELSE coalesce("list_cost", 0) - coalesce("effective_cost", 0) END DESC NULLS LAST, "value" NULLS LAST
      LIMIT 50 OFFSET 0
    ), "answered" AS MATERIALIZED (
      SELECT * FROM "listed"
      UNION ALL
      SELECT 1 AS "role", NULL AS "value", sum("list_cost") AS "list_cost", sum("effective_cost") AS "effective_cost", CAST(sum("charges") AS BIGINT) AS "charges", CAST(sum(CASE WHEN contains(lower("value"), lower('EC2')) THEN 1 ELSE 0 END) AS BIGINT) AS "found"
      FROM "grouped"
    )
    SELECT *
    FROM "answered"
    ORDER BY "role" DESC, CASE WHEN "list_cost" IS NULL AND "effective_cost" IS NULL THEN NULL ELSE coalesce("list_cost", 0) - coalesce("effective_cost", 0) END DESC NULLS LAST, "value" NULLS LAST
    "#);
}

#[test]
fn a_search_among_ids_finds_names() {
    let page = ValuePage { search: "o'Customer".into(), offset: 0, limit: 5 };
    let planned = |dimension: &Dimension, page: &ValuePage| {
        plan_values(&Question::default(), dimension, page, &catalog()).expect("a plan").sql
    };
    let sql = planned(&Dimension::SubAccount, &page);
    let hit =
        r#"max(CASE WHEN contains(lower("sub_account_name"), lower('o''Customer')) THEN 1 ELSE 0 END) AS "named""#;
    assert!(sql.contains(hit), "each id is asked for its names: {sql}");
    let found = r#"WHERE (contains(lower("value"), lower('o''Customer')) OR "named" = 1)"#;
    assert!(sql.contains(found), "either counts: {sql}");
    assert!(sql.contains(r#"FROM "charge""#), "the cubes of this catalogue have no names");
    assert!(
        planned(&Dimension::SubAccount, &ValuePage::default()).contains(r#"FROM "cube_month""#),
        "which only a search needs"
    );
    assert!(!planned(&Dimension::Service, &page).contains("named"), "a service is its own name");
    for dimension in Dimension::all() {
        let Some(names) = dimension.named_by() else { continue };
        assert_eq!(
            names.name(),
            format!("{}_name", dimension.name()),
            "a dimension is named by the one that is called so"
        );
        assert_eq!(names.group(), dimension.group());
    }
    // A catalogue without the column, such as of an older engagement, is searched by its ids.
    let mut bare = catalog();
    for table in &mut bare.tables {
        table.columns.remove("sub_account_name");
    }
    let sql = plan_values(&Question::default(), &Dimension::SubAccount, &page, &bare).expect("a plan").sql;
    assert!(!sql.contains("named"), "{sql}");
}
