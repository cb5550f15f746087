//! Metric files as people make them: every row counts or says why not.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use proptest::prelude::*;
use unit_economics::{DiagnosticKind, MetricFile, Metrics, read};

fn metrics(text: &str) -> Metrics {
    read(&[MetricFile { name: "orders.csv", text }]).unwrap()
}

fn found(metrics: &Metrics) -> Vec<(DiagnosticKind, Vec<u64>)> {
    let rows = |rows: &[unit_economics::RowPlace]| rows.iter().map(|place| place.row).collect();
    metrics.diagnostics.iter().map(|one| (one.kind, rows(&one.rows))).collect()
}

fn total(metrics: &Metrics, name: &str) -> String {
    metrics.info(name).unwrap().total.to_string()
}

#[test]
fn headers_in_any_usual_spelling() {
    for text in [
        "date,metric,value,region\n2026-03-01,orders,10,eu\n2026-03-02,orders,11,eu\n",
        "Day;Name;Amount;Region\n2026-03-01;orders;10;eu\n2026-03-02;orders;11;eu\n",
        "region\tMETRIC\tvalue\tTimestamp\neu\torders\t10\t2026-03-01T00:00:00Z\neu\torders\t11\t2026-03-02T00:00:00Z\n",
        "\u{feff}date,metric,value,labels\r\n2026-03-01,orders,10,\"{\"\"region\"\":\"\"eu\"\"}\"\r\n2026-03-02, orders ,11,\"{\"\"region\"\":\"\"eu\"\"}\"\r\n",
    ] {
        let metrics = metrics(text);
        assert_eq!(metrics.diagnostics, [], "{text}");
        assert_eq!(total(&metrics, "orders"), "21");
        let label = metrics.points[0].labels.iter().next().unwrap();
        assert_eq!((label.0.to_lowercase(), label.1.as_str()), ("region".to_owned(), "eu"));
    }
    let monthly = metrics("month,kpi,count\n2026-03,orders,310.5\n2026-04,orders,300\n");
    let info = monthly.info("orders").unwrap();
    assert_eq!((info.total.to_string(), info.daily), ("610.5".to_owned(), false), "exact, and by the month");
    assert_eq!((info.from.to_string(), info.to.to_string()), ("2026-03-01".to_owned(), "2026-05-01".to_owned()));
}

#[test]
fn a_file_without_its_columns_is_refused() {
    let refused = |text: &str| read(&[MetricFile { name: "orders.csv", text }]).unwrap_err().to_string();
    assert_eq!(
        refused("date,orders\n2026-03-01,4\n"),
        "orders.csv: there is no column `metric` (or metric_name, name, measure, kpi)"
    );
    assert!(refused("").contains("there is no column `date`"), "an empty file");
    assert!(refused("date,metric,value,Region,region\n").contains("\"Region\" and \"region\" have one name"));
    let large = "99999999999999999999999999999999999999";
    let text = format!("date,metric,value\n2026-03-01,orders,{large}\n2026-03-02,orders,{large}\n");
    assert!(refused(&text).contains("more than 38 digits"), "a sum without room");
}

#[test]
fn a_bad_row_is_a_diagnostic_and_does_not_count() {
    let metrics = metrics(concat!(
        "date,metric,value,region,labels\n",
        "2026-03-01,orders,10,eu,\n",
        "03/02/2026,orders,10,eu,\n",
        "2026-03-03,,10,eu,\n",
        "2026-03-04,orders,ten,eu,\n",
        "2026-03-05,orders,\"1,234\",eu,\n",
        "2026-03-06,orders,,eu,\n",
        "2026-03-07,orders,NaN,eu,\n",
        "2026-03-08,orders,-4,eu,\n",
        "2026-03-09,orders,10\n",
        "2026-03-10,orders,10,eu,{region}\n",
        "2026-03-11,orders,10,eu,\"{\"\"region\"\":\"\"us\"\"}\"\n",
        "2026-03-12,orders,1e400,eu,\n",
        "2026-03-02,orders,0,eu,\n",
    ));
    use DiagnosticKind::*;
    assert_eq!(
        found(&metrics),
        [
            (UnknownDate, vec![2]),
            (NoMetric, vec![3]),
            (NotANumber, vec![4]),
            (NotANumber, vec![5]),
            (NotANumber, vec![6]),
            (NotANumber, vec![7]),
            (Negative, vec![8]),
            (Fields, vec![9]),
            (Labels, vec![10]),
            (Labels, vec![11]),
            (NotANumber, vec![12]),
            (Zero, vec![13]),
        ]
    );
    assert_eq!(total(&metrics, "orders"), "10", "the first row, and a zero that counts");
    assert_eq!(metrics.rows["orders.csv"], 13, "every row is accounted for");
    let says = |at: usize| metrics.diagnostics[at].message.as_str();
    assert_eq!(says(2), "orders.csv, row 4: \"ten\" is no number such as 1234.5");
    assert_eq!(says(6), "orders.csv, row 8: -4 is below zero, which no number of units is");
    assert!(metrics.diagnostics[11].counted, "zero is a number of orders");
}

#[test]
fn duplicates_are_named_and_none_of_them_counts() {
    let metrics = metrics(concat!(
        "date,metric,value,region\n",
        "2026-03-01,orders,10,eu\n",
        "2026-03-01,orders,10,us\n",
        "2026-03-01,orders,12,eu\n",
        "2026-03-02,orders,5,eu\n",
        "2026-03-01,orders,10,eu\n",
        "2026-03-01,parcels,3,eu\n",
    ));
    assert_eq!(found(&metrics), [(DiagnosticKind::Duplicate, vec![1, 3, 5])]);
    assert_eq!(
        metrics.diagnostics[0].message,
        "orders.csv, rows 1, 3 and 5 give \"orders\" (region \"eu\") of 2026-03-01 more than once; none of them is counted"
    );
    assert_eq!(total(&metrics, "orders"), "15", "the other region and the other day");
}

#[test]
fn two_files_that_give_the_same_day_are_duplicates() {
    let file = |name| MetricFile { name, text: "date,metric,value\n2026-03-01,orders,10\n" };
    let metrics = read(&[file("a.csv"), file("b.csv")]).unwrap();
    assert_eq!(metrics.points, []);
    assert!(metrics.diagnostics[0].message.starts_with("a.csv, row 1; b.csv, row 1 give"), "{:?}", metrics.diagnostics);
}

#[test]
fn a_month_given_whole_and_by_days_counts_neither_way() {
    let metrics = metrics(concat!(
        "date,metric,value\n",
        "2026-02,orders,280\n",
        "2026-03-01,orders,10\n",
        "2026-03,orders,310\n",
        "2026-03-02,orders,10\n",
    ));
    assert_eq!(found(&metrics), [(DiagnosticKind::Overlap, vec![3, 2, 4])]);
    assert_eq!(total(&metrics, "orders"), "280");
}

#[test]
fn gaps_are_told_by_series() {
    let metrics = metrics(concat!(
        "date,metric,value,region\n",
        "2026-03-01,orders,1,eu\n",
        "2026-03-02,orders,1,us\n",
        "2026-03-03,orders,1,eu\n",
        "2026-03-10,orders,1,eu\n",
        "2026-01,customers,1,\n",
        "2026-04,customers,1,\n",
    ));
    let says: Vec<&str> = metrics.diagnostics.iter().map(|one| one.message.as_str()).collect();
    assert_eq!(
        says,
        [
            "\"customers\" has no value from 2026-02 to 2026-03",
            "\"orders\" (region \"eu\") has no value for 2026-03-02",
            "\"orders\" (region \"eu\") has no value from 2026-03-04 to 2026-03-09 (6 days)",
        ]
    );
    let driver = metrics.driver("orders", |_| true).unwrap();
    let units = driver.units("2026-03-01".parse().unwrap(), "2026-03-11".parse().unwrap()).unwrap();
    assert_eq!((units.value.unwrap().to_string(), units.days, units.missing), ("4".to_owned(), 10, 7));
}

#[test]
fn many_gaps_are_counted() {
    let days = (0..60).map(|at| chrono::NaiveDate::from_ymd_opt(2026, 1, 1).unwrap() + chrono::Days::new(2 * at));
    let text = days.fold("date,metric,value\n".to_owned(), |text, day| text + &format!("{day},orders,1\n"));
    let metrics = metrics(&text);
    assert_eq!(metrics.diagnostics.len(), 21);
    assert_eq!(metrics.diagnostics[20].message, "\"orders\" has 39 more gaps");
}

#[test]
fn a_total_beside_its_parts_is_pointed_at() {
    let metrics = metrics("date,metric,value,region\n2026-03-01,orders,30,\n2026-03-01,orders,10,eu\n");
    assert_eq!(
        metrics.diagnostics[0].message,
        "1 of 2 values of \"orders\" have no \"region\"; all count, so no row may be the total of others"
    );
    let labels = &metrics.info("orders").unwrap().labels;
    assert_eq!((labels[0].without, labels[0].values.as_slice()), (1, ["eu".to_owned()].as_slice()));
}

#[test]
fn hostile_text_is_only_text() {
    let long = "x".repeat(10_000);
    let text = format!(
        "date,metric,value,region,\n2026-03-01,=HYPERLINK(1),10,<script>,\n2026-03-01,\u{202e}orders,1,{long},\n2026-03-02,orders,1,a,stray\n\"2026-03-03,orders,1,a\n"
    );
    let metrics = metrics(&text);
    assert_eq!(metrics.points.len(), 2, "both are names like any other");
    assert_eq!(found(&metrics)[..2], [(DiagnosticKind::Fields, vec![3]), (DiagnosticKind::Fields, vec![4])]);
    assert!(metrics.diagnostics.iter().all(|one| one.message.len() < 1000), "no message is as long as its text");
}

proptest! {
    /// Every row either counts or is named by a diagnostic that says it does not, and the sum is that of the rows that count.
    #[test]
    fn nothing_is_dropped_without_a_word(rows in prop::collection::vec((0_u32..20, 0_u8..3, prop_oneof![Just("x".to_owned()), (-5_i32..50).prop_map(|n| n.to_string())]), 0..60)) {
        let text = rows.iter().fold("date,metric,value,region\n".to_owned(), |text, (day, region, value)| {
            text + &format!("2026-03-{:02},orders,{value},r{region}\n", day + 1)
        });
        let metrics = metrics(&text);
        let refused: std::collections::BTreeSet<u64> = metrics
            .diagnostics
            .iter()
            .filter(|one| !one.counted)
            .flat_map(|one| one.rows.iter().map(|place| place.row))
            .collect();
        let counted: std::collections::BTreeSet<u64> = metrics.points.iter().map(|point| point.place.row).collect();
        prop_assert!(refused.is_disjoint(&counted));
        prop_assert_eq!(refused.len() + counted.len(), rows.len());
        let sum: i64 = counted.iter().map(|row| rows[usize::try_from(*row).unwrap() - 1].2.parse::<i64>().unwrap()).sum();
        let found = metrics.info("orders").map_or_else(|| "0".to_owned(), |info| info.total.to_string());
        prop_assert_eq!(found, sum.to_string());
        // A day and region that is given twice counts not at all, whichever rows could be read.
        for point in &metrics.points {
            let same = rows.iter().filter(|(day, region, value)| {
                format!("2026-03-{:02}", day + 1) == point.when.to_string() && format!("r{region}") == point.labels["region"] && value.parse::<u32>().is_ok()
            });
            prop_assert_eq!(same.count(), 1);
        }
    }

    #[test]
    fn no_text_breaks_the_reader(text in any::<String>()) {
        let with_header = format!("date,metric,value\n{text}");
        for text in [text.as_str(), &with_header] {
            if let Ok(metrics) = read(&[MetricFile { name: "any.csv", text }]) {
                prop_assert!(metrics.points.iter().all(|point| !point.value.is_negative()));
            }
        }
    }
}
