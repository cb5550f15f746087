//! Business metrics beside a bill: taken in as they are, refused by row where they cannot count, divided exactly.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod desk;

use std::path::Path;

use desk::Desk;
use serde_json::{Value, json};
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

/// A usage charge of one day.
fn charge(bill: Bill, day: &str, region: &str, cost: &str) -> Bill {
    let day: chrono::NaiveDate = day.parse().unwrap();
    let next = day.succ_opt().unwrap();
    let month = day.format("%Y-%m-01").to_string();
    let after = day.checked_add_months(chrono::Months::new(1)).unwrap().format("%Y-%m-01").to_string();
    let at = |day: &dyn std::fmt::Display| format!("{day}T00:00:00Z");
    bill.charge(&[
        ("ChargePeriodStart", &at(&day)),
        ("ChargePeriodEnd", &at(&next)),
        ("BillingPeriodStart", &at(&month)),
        ("BillingPeriodEnd", &at(&after)),
        ("RegionId", region),
        ("RegionName", region),
        ("ResourceId", &format!("{region}-{day}")),
        ("BilledCost", cost),
        ("EffectiveCost", cost),
        ("ContractedCost", cost),
        ("ListCost", cost),
    ])
}

/// Two months and ten days in two regions, the last day of each month charged so that the months are whole.
fn bill() -> Vec<u8> {
    let mut bill = Bill::new();
    for (day, north, south) in [
        ("2026-01-01", "60", "20"),
        ("2026-01-31", "40", "10"),
        ("2026-02-01", "70.005", "15"),
        ("2026-02-28", "50", "15"),
        ("2026-03-10", "33", "7"),
    ] {
        bill = charge(charge(bill, day, "north-1", north), day, "south-1", south);
    }
    charge(bill, "2026-02-02", "", "5").csv()
}

fn bench() -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("bill.csv", bill())]);
    bench
}

/// A row each day from January to April: ten orders in the north, four in the south.
fn metrics() -> String {
    let start: chrono::NaiveDate = "2026-01-01".parse().unwrap();
    let days = start.iter_days().take(120);
    days.fold("date,metric,value,region\n".to_owned(), |text, day| {
        text + &format!("{day},orders,10,north-1\n{day},orders,4,south-1\n")
    })
}

fn imported(bench: &Workbench, text: &str) -> testsupport::Output {
    let file = bench.write("orders.csv", text);
    bench.qd(&["--format", "json", "metrics", "import", file.to_str().unwrap()])
}

fn row<'a>(reply: &'a Value, time: &str, key: Option<&str>) -> &'a Value {
    let rows = reply["rows"].as_array().unwrap();
    let found = rows.iter().find(|row| row["time"] == time && row["key"].as_str() == key);
    found.unwrap_or_else(|| panic!("there is no row of {time} and {key:?} in {reply:#}"))
}

/// Cost, units and unit cost.
fn figures(of: &Value) -> [Option<&str>; 3] {
    ["cost", "units", "unit_cost"].map(|name| of[name].as_str())
}

fn has_note(reply: &Value, code: &str) -> bool {
    reply["notes"].as_array().unwrap().iter().any(|note| note["code"] == code)
}

/// No number of a reply is a float, and none is what no number is.
fn assert_exact(value: &Value) {
    match value {
        Value::Number(number) => assert!(number.is_u64() || number.is_i64(), "{number} is a float"),
        Value::String(text) => {
            assert!(!["NaN", "inf", "Infinity", "-inf"].contains(&text.as_str()), "{text} is no figure");
        }
        Value::Array(list) => list.iter().for_each(assert_exact),
        Value::Object(fields) => fields.values().for_each(assert_exact),
        Value::Bool(_) | Value::Null => {}
    }
}

#[test]
fn cost_per_order_by_region() {
    let bench = bench();
    let taken = imported(&bench, &metrics());
    assert_eq!(taken.status, Some(0), "{}", taken.stderr);
    assert!(taken.stderr.contains("orders: 240 of 240 rows count"), "{}", taken.stderr);
    let kept = bench.engagement().join("metrics/orders.csv");
    assert_eq!(std::fs::read_to_string(kept).unwrap(), metrics(), "the file lies in the engagement as it was given");
    let reply = bench.json(&["unit-cost", "orders", "--by", "region"]);
    assert_exact(&reply);
    assert_eq!(figures(row(&reply, "2026-01", Some("north-1"))), [Some("100.00"), Some("310"), Some("0.322581")]);
    assert_eq!(figures(row(&reply, "2026-02", Some("south-1"))), [Some("30.00"), Some("112"), Some("0.267857")]);
    // The bill ends on March 10th, so April's and the rest of March's orders are not those of this cost.
    let march = row(&reply, "2026-03", Some("north-1"));
    assert_eq!(figures(march), [Some("33.00"), Some("100"), Some("0.330000")]);
    assert_eq!((&march["days"], &march["complete"]), (&json!(10), &json!(false)));
    assert_eq!(march["remark"], "only 10 days are asked for and loaded");
    let nowhere = row(&reply, "2026-02", None);
    assert_eq!((figures(nowhere), &nowhere["remark"]), ([Some("5.00"), None, None], &json!("no units are known")));
    assert!(has_note(&reply, "cost_unlabelled"), "{:#}", reply["notes"]);
    // 330.005 / 966: all regions, and what has none.
    assert_eq!(figures(&reply["total"]), [Some("325.005"), Some("966"), Some("0.336444")]);
    let keys: Vec<Option<&str>> =
        reply["groups"].as_array().unwrap().iter().map(|group| group["key"].as_str()).collect();
    assert_eq!(keys, [Some("north-1"), Some("south-1"), None], "by cost from high to low");
    assert_eq!(reply["files"][0]["sha256"].as_str().unwrap().len(), 64, "the units have their evidence, too");
}

#[test]
fn a_day_that_is_not_over_is_no_whole_day() {
    let bench = Workbench::new(PROGRAM);
    let bill = charge(charge(Bill::new(), "2026-01-01", "north-1", "4"), "2026-01-02", "north-1", "6");
    let hour = [
        ("ChargePeriodStart", "2026-01-03T00:00:00Z"),
        ("ChargePeriodEnd", "2026-01-03T01:00:00Z"),
        ("EffectiveCost", "1"),
    ];
    let _report = bench.loaded(&[bench.write("bill.csv", bill.charge(&hour).csv())]);
    let _taken = imported(&bench, &metrics());
    let reply = bench.json(&["unit-cost", "orders", "--grain", "day", "--by", "region"]);
    let complete = |day: &str| row(&reply, day, Some("north-1"))["complete"].clone();
    assert_eq!([complete("2026-01-01"), complete("2026-01-02"), complete("2026-01-03")], [true, true, false]);
    assert_eq!(row(&reply, "2026-01-03", Some("north-1"))["remark"], "its last day is not loaded whole");
    let change = &reply["groups"][0]["change"];
    assert_eq!(
        (&change["before"], &change["now"]),
        (&json!("2026-01-01"), &json!("2026-01-02")),
        "the last whole ones"
    );
    assert!(has_note(&reply, "units_without_cost"), "the south has orders and no bill: {:#}", reply["notes"]);
}

#[test]
fn a_change_is_what_cost_and_driver_did() {
    let bench = bench();
    let _taken = imported(&bench, &metrics());
    let latest = bench.json(&["unit-cost", "orders", "--by", "region"])["groups"][0]["change"].clone();
    assert_eq!((&latest["before"], &latest["now"]), (&json!("2026-01"), &json!("2026-02")), "the last complete ones");
    let base_first = &latest["splits"][0];
    // 280 orders instead of 310 at 100/310 each are -9.677419...; the rest of 20.005 is the unit cost's.
    assert_eq!(base_first["cost"]["difference"], "20.005");
    assert_eq!(
        (&base_first["cost"]["driver_effect"], &base_first["cost"]["cost_effect"]),
        (&json!("-9.677419"), &json!("29.682419"))
    );
    assert_eq!(base_first["unit_cost"]["difference"], "0.106008", "0.428589 less 0.322581");
    let compared =
        bench.json(&["unit-cost", "orders", "--period", "2026-02", "--compare", "previous"])["total"]["change"].clone();
    assert_eq!((&compared["before"], &compared["now"]), (&json!("2026-01"), &json!("2026-02")));
    assert_eq!((&compared["units_before"], &compared["units_now"]), (&json!("434"), &json!("392")));
    for split in compared["splits"].as_array().unwrap() {
        for figure in ["cost", "unit_cost"] {
            let amount = |name: &str| split[figure][name].as_str().unwrap().parse::<money::Amount>().unwrap();
            let sum = amount("cost_effect").checked_add(amount("driver_effect")).unwrap();
            assert_eq!(sum, amount("difference"), "{split:#}");
            assert_eq!(amount("before").checked_add(sum).unwrap(), amount("now"), "{split:#}");
        }
    }
    let ahead =
        bench.json(&["unit-cost", "orders", "--period", "2026-01", "--compare", "previous"])["total"]["change"].clone();
    assert_eq!((&ahead["splits"], &ahead["remark"]), (&json!([]), &json!("no units are known of the earlier period")));
}

#[test]
fn three_months_claim_nothing() {
    let bench = bench();
    let _taken = imported(&bench, &metrics());
    let card = bench.json(&["unit-cost", "orders"])["total"]["elasticity"].clone();
    assert_eq!((&card["significance"], &card["points"]), (&json!("not_computed"), &json!(2)), "March is not whole");
    assert!(card["verdict"].as_str().unwrap().contains("a line with an interval needs 3"), "{card:#}");
    let daily = bench.json(&["unit-cost", "orders", "--grain", "day"])["total"]["elasticity"].clone();
    assert_eq!(daily["verdict"], "Not computed: the number of units is the same in all periods.");
}

#[test]
fn a_file_with_faults_counts_what_it_can_and_names_the_rest() {
    let bench = bench();
    let text = concat!(
        "Day;Name;Amount;Region\n",
        "2026-01-01;orders;10;north-1\n",
        "2026-01-02;orders;12;north-1\n",
        "2026-01-02;orders;12;north-1\n",
        "2026-01-03;orders;a dozen;north-1\n",
        "2026-01-04;orders;-3;north-1\n",
        "2026-01-05;orders;0;north-1\n",
        "05.01.2026;orders;3;north-1\n",
        "2026-01-31;orders;10;north-1\n",
    );
    let taken = imported(&bench, text);
    assert_eq!(taken.status, Some(3), "there is something to look at: {}", taken.stderr);
    for told in [
        "orders: 3 of 8 rows count",
        "rows 2 and 3 give \"orders\" (Region \"north-1\") of 2026-01-02 more than once; none of them is counted",
        "row 4: \"a dozen\" is no number such as 1234.5",
        "row 5: -3 is below zero",
        "row 6: \"orders\" (Region \"north-1\") of 2026-01-05 is zero; it counts",
        "row 7: \"05.01.2026\" is no day such as 2026-01-31",
        "has no value from 2026-01-02 to 2026-01-04 (3 days)",
    ] {
        assert!(taken.stderr.contains(told), "{told} is told: {}", taken.stderr);
    }
    assert_exact(&taken.json());
    let reply = bench.json(&["unit-cost", "orders", "--by", "region", "--grain", "month"]);
    assert_exact(&reply);
    let january = row(&reply, "2026-01", Some("north-1"));
    assert_eq!(figures(january), [Some("100.00"), Some("20"), Some("5.000000")]);
    assert_eq!((&january["complete"], &january["remark"]), (&json!(false), &json!("28 of 31 days have no units")));
    assert!(has_note(&reply, "units_incomplete"), "{:#}", reply["notes"]);
    let daily = bench.json(&["unit-cost", "orders", "--grain", "day", "--period", "2026-01-01..2026-01-05"]);
    assert_exact(&daily);
    assert_eq!(figures(row(&daily, "2026-01-05", None)), [None, Some("0"), None], "zero orders are no divisor");
    assert_eq!(row(&daily, "2026-01-05", None)["remark"], "there were no units");
    let table = bench.qd(&["--format", "csv", "metrics", "list", "--diagnostics"]);
    assert_eq!(table.status, Some(3));
    assert_eq!(table.stdout.lines().filter(|line| line.contains("not counted")).count(), 4, "{}", table.stdout);
}

#[test]
fn what_is_no_metric_file_changes_nothing() {
    let bench = bench();
    let _taken = imported(&bench, &metrics());
    let before = bench.json(&["metrics"]);
    for (text, told) in [
        ("date,orders\n2026-01-01,3\n", "there is no column `metric`"),
        (
            "date,metric,value\n2026-01-01,orders,many\n",
            "no row of it counts: orders.csv, row 1: \"many\" is no number",
        ),
        ("date,metric,value\n", "no row of it counts: it has no rows"),
        ("\0\0", "there is no column `date`"),
    ] {
        let refused = imported(&bench, text);
        assert_eq!(refused.status, Some(1), "{text:?}: {}", refused.stdout);
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
        assert_eq!(bench.json(&["metrics"]), before, "{text:?}");
    }
    let file = bench.write("more.csv", "date,metric,value\n2026-01-01,parcels,3\n");
    let path = file.to_str().unwrap();
    let refused = bench.qd(&["metrics", "import", path, "--name", "../more"]);
    assert!(refused.stderr.contains("`../more` cannot be the name of a metric file"), "{}", refused.stderr);
    let second = bench.json(&["metrics", "import", path]);
    let names: Vec<&Value> = second["metrics"].as_array().unwrap().iter().map(|metric| &metric["name"]).collect();
    assert_eq!(names, ["orders", "parcels"]);
    assert_eq!(bench.json(&["metrics", "remove", "more"]), before);
    let gone = bench.qd(&["metrics", "remove", "more"]);
    assert_eq!(gone.status, Some(1));
    assert!(gone.stderr.contains("there is no metric file `more`"), "{}", gone.stderr);
}

#[test]
fn a_file_that_repeats_another_s_days_counts_neither() {
    let bench = bench();
    let _taken = imported(&bench, &metrics());
    let file = bench.write("again.csv", "date,metric,value,region\n2026-01-01,orders,11,north-1\n");
    let taken = bench.qd(&["--format", "json", "metrics", "import", file.to_str().unwrap()]);
    assert_eq!(taken.status, Some(3), "{}", taken.stderr);
    assert!(taken.stderr.contains("again.csv, row 1; orders.csv, row 1 give"), "{}", taken.stderr);
    let january = bench.json(&["unit-cost", "orders", "--by", "region", "--period", "2026-01"]);
    assert_eq!(row(&january, "2026-01", Some("north-1"))["units"], "300", "thirty days are left");
}

#[test]
fn filters_and_labels_choose_the_units() {
    let bench = bench();
    let _taken = imported(&bench, &metrics());
    let north = bench.json(&["unit-cost", "orders", "--period", "2026-01", "--where", "region = north-1"]);
    assert_eq!(figures(&north["total"]), [Some("100.00"), Some("310"), Some("0.322581")]);
    assert!(has_note(&north, "units_filtered"), "{:#}", north["notes"]);
    let labelled = bench.json(&["unit-cost", "orders", "--period", "2026-01", "--label", "region=south-1"]);
    assert_eq!(
        figures(&labelled["total"]),
        [Some("130.00"), Some("124"), Some("1.048387")],
        "all cost over some orders"
    );
    let service = bench.json(&["unit-cost", "orders", "--period", "2026-01", "--where", "service = Storage"]);
    assert_eq!(figures(&service["total"]), [None, Some("434"), None], "a filter that matches nothing");
    assert_eq!(service["total"]["remark"], "there is no charge");
    assert!(has_note(&service, "units_unfiltered"), "{:#}", service["notes"]);
    let nobody = bench.json(&["unit-cost", "orders", "--period", "2026-01", "--label", "region=mars"]);
    assert_eq!(figures(&nobody["total"]), [Some("130.00"), None, None]);
    assert!(has_note(&nobody, "no_units"), "{:#}", nobody["notes"]);
    let empty = bench.json(&["unit-cost", "orders", "--period", "2031"]);
    assert_exact(&empty);
    assert_eq!(figures(&empty["total"]), [None, None, None], "a period with no data");
}

#[test]
fn what_cannot_be_divided_is_refused_in_words() {
    let bench = bench();
    let none = bench.qd(&["unit-cost", "orders"]);
    assert!(
        none.stderr.contains("there is no metric `orders`") && none.stderr.contains("qd metrics import"),
        "{}",
        none.stderr
    );
    let _taken = imported(&bench, &metrics());
    let monthly = bench.write(
        "customers.csv",
        "month,metric,value\n2026-01,customers,50\n2026-02,customers,60\n2026-03,customers,90\n",
    );
    let _monthly = bench.json(&["metrics", "import", monthly.to_str().unwrap()]);
    for (arguments, status, told) in [
        (&["unit-cost", "ordres"][..], 1, "There are customers, orders"),
        (&["unit-cost", "orders", "--by", "service"], 2, "orders has no label that is service; its labels: region"),
        (&["unit-cost", "orders", "--by", "servce"], 2, "did you mean `service`?"),
        (&["unit-cost", "orders", "--label", "market=eu"], 2, "orders has no label `market`; its labels: region"),
        (&["unit-cost", "orders", "--label", "eu"], 2, "`eu` is no label and value"),
        (&["unit-cost", "orders", "--cost", "usage"], 2, "is no cost"),
        (&["unit-cost", "orders", "--grain", "hour"], 2, "never by the hour"),
        (&["unit-cost", "orders", "--decimals", "19"], 2, "19 decimals are too many"),
        (&["unit-cost", "customers", "--grain", "day"], 2, "customers is known by the month only"),
    ] {
        let refused = bench.qd(arguments);
        assert_eq!(refused.status, Some(status), "{arguments:?}: {}", refused.stderr);
        assert!(refused.stderr.contains(told), "{arguments:?}: {}", refused.stderr);
    }
    let customers = bench.json(&["unit-cost", "customers", "--decimals", "2"]);
    assert_eq!(figures(row(&customers, "2026-02", None)), [Some("155.005"), Some("60"), Some("2.58")]);
    let march = row(&customers, "2026-03", None);
    assert_eq!(
        figures(march),
        [Some("40.00"), None, None],
        "nobody knows how a month's customers spread over ten days"
    );
}

#[test]
fn the_cost_can_be_made_again_and_tables_are_for_people() {
    let bench = Workbench::new(PROGRAM);
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    desk.load(&[&bench.write("bill.csv", bill())]).unwrap();
    let file = bench.write("orders.csv", metrics());
    desk.call("metrics_import", json!({ "path": file, "request_id": "once" })).unwrap();
    let question = json!({ "measures": ["effective_cost"] });
    let reply = desk
        .call("unit_cost", json!({ "question": question, "metric": "orders", "grain": "month", "by": "region" }))
        .unwrap();
    let again = desk
        .call("evidence_recompute", json!({ "question": reply["question"], "id": reply["evidence"]["id"] }))
        .unwrap();
    assert_eq!(again["equal"], true, "{again:#}");
    drop(desk);
    let table = bench.qd(&["--format", "table", "unit-cost", "orders", "--by", "region"]);
    assert!(
        table.stdout.lines().any(|line| line.starts_with("TOTAL") && line.contains("0.336444")),
        "{}",
        table.stdout
    );
    for show in ["groups", "change", "elasticity"] {
        let shown = bench.qd(&["--format", "csv", "unit-cost", "orders", "--by", "region", "--show", show]);
        assert_eq!(shown.status, Some(0), "{}", shown.stderr);
        assert!(shown.stdout.lines().count() > 3 && shown.stdout.contains("TOTAL"), "{show}: {}", shown.stdout);
    }
}

#[test]
fn the_sample_engagement_has_the_company_s_metrics() {
    let bench = Workbench::new(PROGRAM);
    let context = api::Context::new(api::Settings {
        app_data: bench.home(),
        reader: Path::new(PROGRAM).to_owned(),
        sample_data: Some(testsupport::sample_data("")),
    })
    .unwrap();
    let desk = Desk { context };
    for _ in 0..2 {
        desk.call("engagement_open_sample", json!({})).unwrap();
        let metrics = desk.call("metrics", json!({})).unwrap();
        let names: Vec<&Value> = metrics["metrics"].as_array().unwrap().iter().map(|metric| &metric["name"]).collect();
        assert_eq!(names, ["active_customers", "orders", "parcels_delivered"]);
        assert_eq!(metrics["diagnostics"].as_array().unwrap().iter().filter(|one| one["counted"] == false).count(), 0);
    }
    desk.call("metrics_remove", json!({ "name": "metrics" })).unwrap();
}
