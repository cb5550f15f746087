//! Traps that real Cost and Usage Reports have set, each in a small report of its own.

use serde_json::{Value, json};
use testsupport::Workbench;
use testsupport::parquet_file::{Column, Kind, parquet};

use crate::PROGRAM;
use crate::engine::compare;
use crate::maker::{Fields, athena, legacy, with_athena_names};
use crate::report::Report;

/// An hour of an instance, but for the given fields.
fn hour(fields: &[(&str, &str)]) -> Fields {
    let usual = [
        ("bill/BillingPeriodStartDate", "2026-03-01T00:00:00Z"),
        ("bill/BillingPeriodEndDate", "2026-04-01T00:00:00Z"),
        ("bill/PayerAccountId", "000123456789"),
        ("lineItem/CurrencyCode", "USD"),
        ("lineItem/LineItemType", "Usage"),
        ("lineItem/ProductCode", "AmazonEC2"),
        ("lineItem/UnblendedCost", "2.5"),
        ("lineItem/UsageAccountId", "000000000042"),
        ("lineItem/UsageAmount", "1"),
        ("lineItem/UsageEndDate", "2026-03-05T01:00:00Z"),
        ("lineItem/UsageStartDate", "2026-03-05T00:00:00Z"),
        ("product/ProductName", "Amazon Elastic Compute Cloud"),
    ];
    usual.iter().chain(fields).map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}

fn csv(rows: &[Fields]) -> Vec<u8> {
    legacy(rows).delimited(b',', "", true)
}

/// Loads a report and compares it with the oracle.
#[track_caller]
fn loaded(report: &Report) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("report.csv", report.delimited(b',', "", true))]);
    let _charges = compare(&bench, 1, report, &[]);
    bench
}

#[test]
fn account_ids_with_leading_zeros() {
    let bench = loaded(&legacy(&[hour(&[]), hour(&[("lineItem/UsageAccountId", "011254002932")])]));
    let accounts = bench.value("SELECT string_agg(DISTINCT sub_account_id, ' ' ORDER BY sub_account_id) FROM charge");
    assert_eq!(accounts, "000000000042 011254002932");
    let answer = bench.json(&["ask", "--by", "sub_account"]);
    assert!(answer["rows"].to_string().contains("000000000042"), "as far as the answer: {answer}");
}

#[test]
fn scientific_notation_and_many_decimals() {
    let costs = ["1.4724E-6", "5e-06", "0.1234567890123456789", "1E2", "0.000000000000000001"];
    let rows: Vec<Fields> = costs.iter().map(|cost| hour(&[("lineItem/UnblendedCost", *cost)])).collect();
    let bench = Workbench::new(PROGRAM);
    let report = bench.loaded(&[bench.write("report.csv", csv(&rows))]);
    assert_eq!(
        bench.value("SELECT sum(billed_cost) FROM charge"),
        "100.123463261412345680",
        "nineteen decimals are one too many"
    );
    let rounded = report["loads"][0]["rounded"].as_array().unwrap();
    assert!(rounded.contains(&json!({ "column": "BilledCost", "count": 1 })), "which is told: {rounded:?}");
}

#[test]
fn zero_cost_rows() {
    let free = hour(&[("lineItem/UnblendedCost", "0.0"), ("lineItem/UsageAmount", "7"), ("pricing/unit", "Hrs")]);
    let bench = loaded(&legacy(&[free.clone(), free, hour(&[])]));
    assert_eq!(bench.value("SELECT count(*) FROM charge"), "3", "equal rows of one hour are no copies");
    assert_eq!(bench.value("SELECT sum(consumed_quantity) FROM charge WHERE billed_cost = 0"), "14.000000000");
}

#[test]
fn fees_that_end_in_the_last_second_of_the_month() {
    let fee = hour(&[
        ("lineItem/LineItemType", "RIFee"),
        ("lineItem/UsageStartDate", "2026-03-07T21:40:47Z"),
        ("lineItem/UsageEndDate", "2026-03-31T23:59:59Z"),
        ("reservation/ReservationARN", "arn:aws:ec2:us-east-1:000123456789:reserved-instances/one"),
        ("reservation/EffectiveCost", "0"),
        ("reservation/UnusedRecurringFee", "0.5"),
    ]);
    let bench = loaded(&legacy(&[fee, hour(&[("lineItem/UsageEndDate", "2026-03-05T00:59:59Z")])]));
    let found = bench.json(&[
        "sql",
        "SELECT charge_period_start::VARCHAR, charge_period_end::VARCHAR FROM charge ORDER BY source_row, part",
    ]);
    let fee = json!(["2026-03-07 21:40:47", "2026-04-01 00:00:00"]);
    let hour = json!(["2026-03-05 00:00:00", "2026-03-05 01:00:00"]);
    assert_eq!(found["rows"], json!([fee, fee, hour]), "half-open, the one that starts in the middle too");
}

#[test]
fn columns_that_come_and_go_from_month_to_month() {
    let bench = Workbench::new(PROGRAM);
    let month = |month: &str, next: &str, further: &[(&str, &str)]| {
        let fields = [
            ("bill/BillingPeriodStartDate", format!("2026-{month}-01T00:00:00Z")),
            ("bill/BillingPeriodEndDate", format!("2026-{next}-01T00:00:00Z")),
            ("lineItem/UsageStartDate", format!("2026-{month}-05T00:00:00Z")),
            ("lineItem/UsageEndDate", format!("2026-{month}-05T01:00:00Z")),
        ];
        let mut row = hour(further);
        row.extend(fields.map(|(name, value)| (name.to_owned(), value)));
        row
    };
    // The month with the fewest columns comes first by name.
    let tag = ("resourceTags/user:team", "blue");
    let _a = bench.write("bills/a.csv", csv(&[month("03", "04", &[])]));
    let _b =
        bench.write("bills/b.csv", csv(&[month("04", "05", &[tag, ("product/vcpu", "2"), ("product/sku", "SKU7")])]));
    let _c = bench.write("bills/c.csv", csv(&[month("05", "06", &[("savingsPlan/SavingsPlanARN", "")])]));
    let report = bench.loaded(&[bench.path("bills")]);
    assert_eq!(report["loads"].as_array().unwrap().len(), 3);
    let found =
        bench.json(&["sql", "SELECT month(billing_period_start)::VARCHAR, sku_id, tags FROM charge ORDER BY 1"]);
    let expected = json!([["3", null, null], ["4", "SKU7", "{\"user:team\":\"blue\"}"], ["5", null, null]]);
    assert_eq!(found["rows"], expected, "every month has its own columns");
}

#[test]
fn rows_with_a_comma_too_many() {
    let mut lines: Vec<String> =
        String::from_utf8(csv(&[hour(&[]), hour(&[]), hour(&[])])).unwrap().lines().map(str::to_owned).collect();
    lines[2] += ", Inc.";
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", lines.join("\n") + "\n")]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    let rejects = bench.json(&["rejects"]);
    assert_eq!(rejects[0]["row"], 2);
    assert!(rejects[0]["reason"].as_str().unwrap().contains("more fields than the header"), "{rejects}");
    let rows = bench.json(&["sql", "SELECT source_row::VARCHAR FROM charge ORDER BY source_row"]);
    assert_eq!(rows["rows"], json!([["1"], ["3"]]), "the others keep their numbers");
    // Every row of such a file: there is nothing to load.
    let all: Vec<String> =
        lines.iter().enumerate().map(|(at, line)| if at == 0 { line.clone() } else { format!("{line},x") }).collect();
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", all.join("\n") + "\n")]);
    assert_eq!(output.status, Some(1), "{}{}", output.stdout, output.stderr);
    assert!(output.stderr.contains("report.csv"), "{}", output.stderr);
}

#[test]
fn quotes_in_hive_text_are_text() {
    let odd =
        hour(&[("lineItem/LineItemDescription", "\"first 10 TB"), ("lineItem/ResourceId", "arn:aws:s3:::a\"b\"c\\d")]);
    let report = with_athena_names(&legacy(&[hour(&[]), odd, hour(&[])]));
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("000000_0", report.delimited(1, "\\N", true))]);
    let _charges = compare(&bench, 1, &report, &[]);
    assert_eq!(bench.value("SELECT count(*) FROM charge"), "3", "a quote that opens swallows no rows");
}

/// `lineItem/UnblendedCost`, `line_item_unblended_cost`, `lineitem_unblendedcost`, doubled separators, the ARNs of Athena.
#[test]
fn header_variants() {
    let plan = "arn:aws:savingsplans::000123456789:savingsplan/one";
    let rows = [
        hour(&[
            ("lineItem/LineItemType", "SavingsPlanCoveredUsage"),
            ("savingsPlan/SavingsPlanARN", plan),
            ("savingsPlan/SavingsPlanEffectiveCost", "1.75"),
            ("resourceTags/user:env", "prod"),
        ]),
        hour(&[("reservation/ReservationARN", "arn:one"), ("resourceTags/aws:created_by", "someone")]),
    ];
    let report = legacy(&rows);
    let athena = |name: &String| athena(name);
    let spelt: [&dyn Fn(&String) -> String; 5] = [
        &athena,
        &|name| athena(name).replace("_a_r_n", "_arn"),
        &|name| athena(name).replace('_', "__"),
        &|name| {
            athena(name)
                .to_uppercase()
                .replace("RESOURCE_TAGS_USER_ENV", "resource_tags_user_env")
                .replace("RESOURCE_TAGS_AWS_CREATED_BY", "resource_tags_aws_created_by")
        },
        &|name| if name.starts_with("resourceTags") { name.clone() } else { name.replace('/', "_").to_lowercase() },
    ];
    for spelling in spelt {
        let columns: Vec<String> = report.columns.iter().map(spelling).collect();
        let bench = Workbench::new(PROGRAM);
        let file = Report { columns: columns.clone(), rows: report.rows.clone() };
        let _report = bench.loaded(&[bench.write("report.csv", file.delimited(b',', "", true))]);
        let found = bench.json(&["sql", "SELECT commitment_discount_id, effective_cost::DECIMAL(9,2)::VARCHAR, tags FROM charge ORDER BY source_row"]);
        let tags: Vec<Value> =
            [0, 1].map(|row: usize| serde_json::from_str(found["rows"][row][2].as_str().unwrap()).unwrap()).to_vec();
        assert_eq!(found["rows"][0][0], plan, "{columns:?}");
        assert_eq!((&found["rows"][0][1], &found["rows"][1][1]), (&json!("1.75"), &json!("2.50")), "{columns:?}");
        let doubled = columns[0].contains("__");
        let created = if doubled { "aws:created__by" } else { "aws:created_by" };
        assert_eq!(tags, [json!({ "user:env": "prod" }), json!({ created: "someone" })], "{columns:?}");
    }
}

#[test]
fn tags_that_differ_in_case_alone() {
    let rows = [
        hour(&[("resourceTags/user:Env", "upper"), ("resourceTags/user:env", "lower"), ("costCategory/Team", "one")]),
        hour(&[("resourceTags/user:ENV", "loud"), ("costCategory/team", "two")]),
    ];
    let bench = loaded(&legacy(&rows));
    let extra = |row: u32| -> Value {
        serde_json::from_str(&bench.value(&format!("SELECT extra FROM charge WHERE source_row = {row}"))).unwrap()
    };
    assert_eq!((&extra(1)["costCategory/Team"], &extra(2)["costCategory/team"]), (&json!("one"), &json!("two")));
    let twice = String::from_utf8(csv(&rows)).unwrap().replace("user:Env", "user:env");
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", twice)]);
    assert_eq!(output.status, Some(1), "two columns of one name have no meaning");
    assert!(output.stderr.contains("resourceTags/user:env"), "{}", output.stderr);
    assert!(output.stderr.contains("more than once"), "{}", output.stderr);
}

#[test]
fn a_wide_map_of_product_attributes() {
    let product = |row: usize| {
        let mut map: serde_json::Map<String, Value> =
            (0..300).map(|at| (format!("attribute_{at}"), json!(format!("{row} {at}")))).collect();
        map.insert("product_name".to_owned(), json!("Amazon Elastic Compute Cloud"));
        map.insert("region".to_owned(), json!("eu-west-1"));
        Value::Object(map).to_string()
    };
    let rows: Vec<Fields> = (0..3).map(|_| hour(&[])).collect();
    let mut report = with_athena_names(&legacy(&rows));
    let name = report.columns.iter().position(|column| column == "product_product_name").unwrap();
    report.columns[name] = "product".to_owned();
    report.rows.iter_mut().enumerate().for_each(|(at, row)| row[name] = Some(product(at)));
    let columns: Vec<Column> = report
        .columns
        .iter()
        .enumerate()
        .map(|(at, column)| Column {
            name: column.clone(),
            kind: if column == "product" { Kind::Map } else { Kind::Text },
            values: report.rows.iter().map(|row| row[at].clone()).collect(),
        })
        .collect();
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("report.parquet", parquet(&columns))]);
    let _charges = compare(&bench, 1, &report, &[]);
    let kept = bench.value(
        "SELECT json_extract_string(extra::JSON->>'product', '$.attribute_299') FROM charge WHERE source_row = 3",
    );
    assert_eq!(kept, "2 299", "all of the map is kept, and none of it becomes a column");
    assert_eq!(bench.value("SELECT min(region_name) FROM charge"), "Europe (Ireland)");
}

#[test]
fn another_currency_than_dollars() {
    let yuan = hour(&[("lineItem/CurrencyCode", "CNY"), ("pricing/currency", "CNY")]);
    let nothing = hour(&[("lineItem/CurrencyCode", ""), ("lineItem/UnblendedCost", "1")]);
    let free = hour(&[("lineItem/CurrencyCode", ""), ("lineItem/UnblendedCost", "0"), ("pricing/currency", "CNY")]);
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", csv(&[yuan, nothing, free, hour(&[])]))]);
    assert_eq!(output.status, Some(3), "a cost without a currency is no charge: {}", output.stderr);
    assert_eq!(bench.json(&["rejects"])[0]["row"], 2);
    let found = bench.json(&[
        "sql",
        "SELECT billing_currency, sum(billed_cost)::DECIMAL(9,2)::VARCHAR FROM charge GROUP BY 1 ORDER BY 1",
    ]);
    assert_eq!(found["rows"], json!([["CNY", "2.50"], ["USD", "2.50"]]));
}

#[test]
fn split_costs_stay_out_of_the_totals() {
    let part = |cost: &str, fields: &[(&str, &str)]| {
        let mut row = hour(fields);
        row.insert("lineItem/UnblendedCost".to_owned(), cost.to_owned());
        row
    };
    let rows = [
        hour(&[("lineItem/ResourceId", "i-1")]),
        part("0", &[("lineItem/Operation", "EKSPod-EC2"), ("splitLineItem/SplitCost", "1.5")]),
        part("0.0", &[("lineItem/Operation", "ECSTask-EC2"), ("splitLineItem/SplitCost", "1")]),
        part("0", &[("splitLineItem/ParentResourceId", "i-1"), ("splitLineItem/SplitCost", "1")]),
        part("0.25", &[("lineItem/Operation", "ECSTask-EC2")]),
    ];
    let bench = Workbench::new(PROGRAM);
    let report = bench.loaded(&[bench.write("report.csv", csv(&rows))]);
    let _charges = compare(&bench, 1, &legacy(&rows), &[]);
    assert_eq!(bench.value("SELECT sum(billed_cost)::DECIMAL(9,2) FROM charge"), "2.75");
    assert!(report.to_string().contains("repeats a part of an instance's cost"), "what was left out is told: {report}");
}

/// A generator, and some tools that pass bills on, write `None` where a number is missing.
#[test]
fn a_word_in_a_column_that_the_row_does_not_use() {
    let rows = [
        hour(&[("savingsPlan/SavingsPlanEffectiveCost", "None"), ("reservation/EffectiveCost", "None")]),
        hour(&[("lineItem/LineItemType", "SavingsPlanCoveredUsage"), ("savingsPlan/SavingsPlanEffectiveCost", "None")]),
    ];
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", csv(&rows))]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    let rejects = bench.json(&["rejects"]);
    let told: Vec<(&Value, &Value)> =
        rejects.as_array().unwrap().iter().map(|reject| (&reject["row"], &reject["column"])).collect();
    assert_eq!(told, [(&json!(2), &json!("EffectiveCost"))], "only the row whose cost it is");
    assert_eq!(bench.value("SELECT sum(effective_cost)::DECIMAL(9,2) FROM charge"), "2.50");
}

#[test]
fn a_word_where_a_cost_is_needed() {
    let fee = hour(&[
        ("lineItem/LineItemType", "RIFee"),
        ("reservation/ReservationARN", "arn:one"),
        ("reservation/UnusedRecurringFee", "1"),
        ("reservation/UnusedAmortizedUpfrontFeeForBillingPeriod", "n/a"),
    ]);
    let rows = [
        hour(&[("pricing/publicOnDemandCost", "n/a")]),
        hour(&[("lineItem/LineItemType", "DiscountedUsage"), ("reservation/EffectiveCost", "n/a")]),
        hour(&[
            ("lineItem/LineItemType", "DiscountedUsage"),
            ("reservation/NetEffectiveCost", "n/a"),
            ("reservation/EffectiveCost", "1"),
        ]),
        fee,
        hour(&[]),
    ];
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", csv(&rows))]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    let found = bench.json(&["sql", "SELECT DISTINCT source_row::VARCHAR FROM charge ORDER BY 1"]);
    let rejects = bench.json(&["rejects"]);
    assert_eq!(found["rows"], json!([["1"], ["5"]]), "no row is loaded with another number in its place: {rejects}");
    let list = "SELECT list_cost::VARCHAR, billed_cost::DECIMAL(9,2)::VARCHAR, effective_cost::DECIMAL(9,2)::VARCHAR
                FROM charge WHERE source_row = 1";
    assert_eq!(
        bench.json(&["sql", list])["rows"],
        json!([[null, "2.50", "2.50"]]),
        "what was paid is known without it"
    );
    let first: Vec<&Value> = rejects.as_array().unwrap().iter().filter(|reject| reject["row"] == 1).collect();
    assert_eq!(first.len(), 1, "{rejects}");
    assert_eq!(first[0]["column"], "ListCost");
    assert_eq!(first[0]["value"], "pricing/publicOnDemandCost=n/a, lineItem/UnblendedCost=2.5");
    assert_eq!(first[0]["kept"], true);
    let others = rejects.as_array().unwrap().iter().filter(|reject| reject["row"] != 1);
    assert!(
        others.into_iter().all(|reject| reject["kept"] == false),
        "nothing is kept of a row that is refused: {rejects}"
    );
    assert!(output.stderr.contains("the list cost of 1 rows cannot be read and is missing"), "{}", output.stderr);
}

/// The unblended cost of a row with a net cost is no cost of it; it only tells whether the row costs anything at all.
#[test]
fn a_word_where_a_number_decides() {
    let net = |unblended: &str| {
        hour(&[
            ("lineItem/UnblendedCost", unblended),
            ("lineItem/NetUnblendedCost", "2"),
            ("lineItem/NetUnblendedRate", "1"),
        ])
    };
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", csv(&[net("2.5"), net("n/a")]))]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    assert_eq!(bench.value("SELECT sum(billed_cost)::DECIMAL(9,2) FROM charge"), "4.00", "both rows are charges");
    let rejects = bench.json(&["rejects"]);
    assert_eq!(rejects.as_array().unwrap().len(), 1, "{rejects}");
    let told = ["row", "column", "value", "kept"].map(|key| rejects[0][key].clone());
    assert_eq!(told, [json!(2), json!("BillingCurrency"), json!("n/a"), json!(true)]);
}

#[test]
fn tags_that_are_no_object() {
    let lines = "bill_payer_account_id,bill_payer_account_name,line_item_product_code,line_item_unblended_cost,line_item_usage_start_date,line_item_usage_end_date,line_item_currency_code,line_item_line_item_type,product,resource_tags\n\
        1,One,AmazonEC2,2,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,USD,Usage,{},\"{\"\"user_team\"\":\"\"web\"\"}\"\n\
        1,One,AmazonEC2,3,2026-01-01T00:00:00Z,2026-01-01T01:00:00Z,USD,Usage,{},team=web\n";
    let bench = Workbench::new(PROGRAM);
    let output = bench.load(&[bench.write("report.csv", lines)]);
    assert_eq!(output.status, Some(3), "{}", output.stderr);
    assert!(output.stderr.contains("1 values were refused in rows that count"), "it is counted: {}", output.stderr);
    let found = bench.json(&["sql", "SELECT billed_cost::INTEGER::VARCHAR, tags FROM charge ORDER BY source_row"]);
    assert_eq!(found["rows"], json!([["2", "{\"user:team\":\"web\"}"], ["3", null]]));
    let kept = bench.value("SELECT extra->>'Tags' FROM charge WHERE tags IS NULL");
    assert_eq!(kept, "team=web", "what was sent stays to be looked at");
    let rejects = bench.json(&["rejects"]);
    let told = ["row", "column", "value", "kept"].map(|key| rejects[0][key].clone());
    assert_eq!(told, [json!(2), json!("Tags"), json!("team=web"), json!(true)]);
    assert!(rejects[0]["reason"].as_str().unwrap().contains("JSON object"), "{rejects}");
}

#[test]
fn reserved_capacity_keeps_its_id_and_a_state_that_focus_knows() {
    let reserved = |status: &str| {
        hour(&[
            (
                "capacityReservation/CapacityReservationArn",
                "arn:aws:ec2:us-east-1:000123456789:capacity-reservation/cr-1",
            ),
            ("capacityReservation/CapacityReservationStatus", status),
        ])
    };
    let rows = [reserved("Unused"), reserved("Used"), reserved("Reserved"), hour(&[])];
    let bench = Workbench::new(PROGRAM);
    let report = with_athena_names(&legacy(&rows)).delimited(b',', "", true);
    let _report = bench.loaded(&[bench.write("report.csv", report)]);
    let sql = "SELECT right(capacity_reservation_id, 4), capacity_reservation_status FROM charge ORDER BY source_row";
    let found = bench.json(&["sql", sql]);
    assert_eq!(found["rows"], json!([["cr-1", "Unused"], ["cr-1", "Used"], ["cr-1", null], [null, null]]));
}
