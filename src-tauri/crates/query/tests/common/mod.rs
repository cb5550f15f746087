//! A made-up engagement's catalogue, shared by the tests.
#![allow(dead_code, reason = "each test program uses a part of it")]

pub mod engine;

use std::collections::BTreeSet;

use chrono::NaiveDate;
use query::{Catalog, Dimension, EvidenceLoad, LoadInfo, Period, TableInfo, TableTime, TagColumn};

pub fn day(text: &str) -> NaiveDate {
    text.parse().expect("a date")
}

/// The days from `from` up to, not including, `to`.
pub fn period(from: &str, to: &str) -> Period {
    Period::new(day(from), day(to)).expect("a period")
}

fn names(names: &[&str]) -> BTreeSet<String> {
    names.iter().map(|name| (*name).to_owned()).collect()
}

const IN_CUBES: [&str; 12] = [
    "provider",
    "service_name",
    "service_category",
    "sub_account_id",
    "region_id",
    "charge_category",
    "billing_currency",
    "consumed_unit",
    "pricing_unit",
    "tag_1",
    "month",
    "billing_month",
];

/// Charges from 3 September 2018 to 14 November 2018, all cubes, the tag `team` in a column, one file for each month.
pub fn catalog() -> Catalog {
    let mut charge: BTreeSet<String> =
        Dimension::all().filter_map(|dimension| dimension.column().map(str::to_owned)).collect();
    charge.remove("report");
    charge.extend(names(&["tags", "extra", "tag_1", "billed_cost", "charge_period_start", "billing_period_start"]));
    let cube = |name: &str, more: &[&str], time, rows| {
        let mut columns = names(&IN_CUBES);
        columns.extend(names(more));
        TableInfo { name: name.to_owned(), columns, time, rows }
    };
    let load = |id: i64, from: &str, to: &str, bill: (&str, &str)| LoadInfo {
        load: EvidenceLoad {
            id,
            file: format!("bill-{id}.csv"),
            sha256: format!("{id:064}"),
            rows: 100,
            settings: Vec::new(),
        },
        charges: period(from, to),
        bills: period(bill.0, bill.1),
    };
    Catalog {
        tables: vec![
            TableInfo { name: "charge".to_owned(), columns: charge, time: TableTime::Instant, rows: 1_000_000 },
            cube("cube_month", &[], TableTime::Month, 1_000),
            cube("cube_day", &["day"], TableTime::Day, 30_000),
            cube("cube_resource_month", &["resource_id", "sku_id"], TableTime::Month, 50_000),
        ],
        tag_columns: vec![TagColumn { key: "team".to_owned(), column: "tag_1".to_owned() }],
        currency: "USD".parse().expect("a currency"),
        currencies: vec!["USD".parse().expect("a currency")],
        charges: Some(period("2018-09-03", "2018-11-15")),
        bills: Some(period("2018-09-01", "2018-12-01")),
        covered: Some(period("2018-09-03", "2018-11-15")),
        loads: vec![
            load(1, "2018-09-03", "2018-10-01", ("2018-09-01", "2018-10-01")),
            load(2, "2018-10-01", "2018-11-01", ("2018-10-01", "2018-11-01")),
            load(3, "2018-11-01", "2018-11-15", ("2018-11-01", "2018-12-01")),
        ],
        tag_rules: query::TagRules::default(),
        rates: None,
        named_measures: Vec::new(),
        metrics: Vec::new(),
    }
}
