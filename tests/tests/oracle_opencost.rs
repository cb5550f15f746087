//! OpenCost's allocation of a cluster: kept beside the bill, to the last digit, without adding to it.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use serde_json::json;
use testsupport::decimal::decimal;
use testsupport::{Bill, Workbench};

fn bench() -> Workbench {
    Workbench::new(env!("CARGO_BIN_EXE_qd-under-test"))
}

const HEADER: &str = "Date,Namespace,ControllerKind,ControllerName,Pod,Container,Labels,CPUCoreUsageAverage,CPUCoreRequestAverage,\
RAMBytesUsageAverage,RAMBytesRequestAverage,NetworkReceiveBytes,NetworkTransferBytes,GPUs,PVBytes,CPUCost,RAMCost,NetworkCost,PVCost,\
GPUCost,TotalCost";

/// A line of the export: the day, the container and what it is given.
#[derive(Clone, Debug)]
struct Line {
    day: &'static str,
    namespace: String,
    pod: String,
    labels: String,
    cpu: String,
    total: String,
}

fn line(day: &'static str, namespace: &str, pod: &str, total: &str) -> Line {
    let labels = json!({ "app": pod, "team": "web" }).to_string();
    Line {
        day,
        namespace: namespace.to_owned(),
        pod: pod.to_owned(),
        labels,
        cpu: "0".to_owned(),
        total: total.to_owned(),
    }
}

fn export(lines: &[Line]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(HEADER.split(',')).unwrap();
    for one in lines {
        let (zero, cpu, total) = ("0", one.cpu.as_str(), one.total.as_str());
        let record: [&str; 21] = [
            one.day,
            &one.namespace,
            "deployment",
            "front",
            &one.pod,
            "main",
            &one.labels,
            "0.25",
            "0.5",
            "1e8",
            "2e8",
            zero,
            zero,
            zero,
            zero,
            cpu,
            zero,
            zero,
            zero,
            zero,
            total,
        ];
        writer.write_record(record).unwrap();
    }
    writer.into_inner().unwrap()
}

fn costs(bench: &Workbench) -> [String; 4] {
    let asked = bench.json(&["ask", "--measure", "billed,effective,contracted,list"]);
    ["billed_cost", "effective_cost", "contracted_cost", "list_cost"]
        .map(|cost| asked["total"][cost].as_str().unwrap().to_owned())
}

#[test]
fn trap_an_allocation_does_not_add_to_the_bill() {
    let bench = bench();
    let bill = bench.write("bill.csv", Bill::of(5).csv());
    let _report = bench.loaded(&[bill]);
    let before = costs(&bench);
    let allocation = bench.write(
        "opencost.csv",
        export(&[line("2026-01-30", "shop", "front-1", "12.75"), line("2026-01-31", "shop", "front-1", "11.25")]),
    );
    let report = bench.loaded(&[allocation]);
    assert_eq!(report["loads"][0]["format"], "opencost");
    assert_eq!(report["loads"][0]["report"], "opencost/default-cluster", "a report of its own");
    assert_eq!(report["loads"][0]["rows"], 2);
    assert_eq!(costs(&bench), before, "every cost of the bill is what it was");
    assert_eq!(
        bench.value("SELECT sum(allocated_cost)::DECIMAL(18,2) FROM allocation"),
        "24.00",
        "and the allocation is there"
    );
}

#[test]
fn trap_a_header_that_lost_the_name_of_its_day() {
    let bench = bench();
    let text = String::from_utf8(export(&[line("2026-01-30", "shop", "front-1", "12.75")])).unwrap();
    let spoilt = bench.write("opencost.csv", text.replacen("Date", "Date1e400", 1));
    let output = bench.load(&[spoilt]);
    assert_eq!(output.status, Some(1), "a charge without a time can be put nowhere: {}", output.stderr);
    assert!(output.stderr.contains("the charge has no billing period"), "{}", output.stderr);
    assert!(!output.stderr.contains("panicked"), "{}", output.stderr);
}

#[test]
fn trap_an_allocation_names_no_currency() {
    let bench = bench();
    let allocation = bench.write("opencost.csv", export(&[line("2026-01-30", "shop", "front-1", "12.75")]));
    let report = bench.loaded(&[&allocation]);
    assert_eq!(report["loads"][0]["currency"], "USD", "that of the engagement");
    let definition = bench.engagement().join("engagement.toml");
    let text = std::fs::read_to_string(&definition).unwrap() + "\n[settings]\nallocation_currency = \"EUR\"\n";
    std::fs::write(definition, text).unwrap();
    let again =
        bench.loaded(&[bench.write("other/opencost.csv", export(&[line("2026-02-01", "shop", "front-1", "12.75")]))]);
    assert_eq!(again["loads"][0]["currency"], "EUR", "unless it says otherwise");
}

#[test]
fn trap_more_decimals_than_a_number_can_have() {
    let bench = bench();
    let long = "0.000000000123456789012345678";
    let file = bench.write("opencost.csv", export(&[line("2026-01-30", "shop", "front-1", long)]));
    let report = bench.loaded(&[file]);
    assert_eq!(report["rejected_rows"], 0);
    let kept = bench.value("SELECT allocated_method_details->>'x_AllocatedCost' FROM charge");
    assert_eq!(kept, long, "the text keeps all 27 decimals");
    assert_eq!(bench.value("SELECT allocated_cost::VARCHAR FROM allocation"), "0.000000000123456789");
}

#[test]
fn trap_a_longer_export_replaces_the_shorter_one() {
    let bench = bench();
    let first = [line("2026-01-30", "shop", "front-1", "1")];
    let second = [line("2026-01-30", "shop", "front-1", "1"), line("2026-01-31", "shop", "front-1", "2")];
    let _report = bench.loaded(&[bench.write("a/opencost.csv", export(&first))]);
    let _report = bench.loaded(&[bench.write("b/opencost.csv", export(&second))]);
    assert_eq!(
        bench.value("SELECT sum(allocated_cost)::DECIMAL(18,2) FROM allocation"),
        "3.00",
        "the exporter writes its file anew with every day"
    );
}

#[test]
fn a_container_is_named_and_labelled() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("opencost.csv", export(&[line("2026-01-31", "shop", "front-1", "1")]))]);
    let found = bench.json(&["sql", "SELECT allocated_resource_id, allocated_resource_name, sub_account_id, sub_account_type, allocated_tags->>'team',
        tags, charge_period_start::VARCHAR, charge_period_end::VARCHAR, billing_period_end::VARCHAR, extra->>'ControllerName' FROM charge"]);
    let expected = json!([[
        "default-cluster/shop/front-1/main",
        "main",
        "shop",
        "Namespace",
        "web",
        null,
        "2026-01-31 00:00:00",
        "2026-02-01 00:00:00",
        "2026-02-01 00:00:00",
        "front"
    ]]);
    assert_eq!(found["rows"], expected);
}

/// The reply of the allocation API, as a program would save it.
fn reply(allocations: &[(&str, &str, &str)]) -> Vec<u8> {
    let mut text = r#"{"code":200,"status":"success","data":[{"#.to_owned();
    for (at, (pod, provider, total)) in allocations.iter().enumerate() {
        let comma = if at == 0 { "" } else { "," };
        text += &format!(
            r#"{comma}"cluster-one/node-1/shop/{pod}/main":{{"name":"cluster-one/node-1/shop/{pod}/main","properties":{{"cluster":"cluster-one",
            "node":"node-1","container":"main","controller":"front","controllerKind":"deployment","namespace":"shop","pod":"{pod}",
            "providerID":"{provider}","labels":{{"app":"{pod}","team":"web"}}}},"window":{{"start":"2026-01-31T00:00:00Z","end":"2026-02-01T00:00:00Z"}},
            "start":"2026-01-31T00:00:00Z","end":"2026-01-31T23:55:00Z","minutes":1435,"cpuCost":0.1,"ramCost":0.05,"totalCost":{total}}}"#
        );
    }
    text += "}]}";
    text.into_bytes()
}

#[test]
fn the_reply_of_the_allocation_api() {
    let bench = bench();
    let bytes = reply(&[
        ("front-1", "aws:///eu-west-1a/i-1", "0.000000000123456789012345678"),
        ("front-2", "gce://p/z/n", "2.5"),
    ]);
    let report = bench.loaded(&[bench.write("allocation.json", bytes)]);
    assert_eq!(report["loads"][0]["rows"], 2, "each container is a charge");
    let found = bench.json(&["sql", "SELECT allocated_resource_id, billing_account_id, resource_id, resource_name, host_provider_name,
        allocated_tags->>'app', charge_period_end::VARCHAR, allocated_method_details->>'x_AllocatedCost', billed_cost::INTEGER::VARCHAR
        FROM charge ORDER BY source_row"]);
    let expected = json!([
        [
            "cluster-one/node-1/shop/front-1/main",
            "cluster-one",
            "aws:///eu-west-1a/i-1",
            "node-1",
            "AWS",
            "front-1",
            "2026-01-31 23:55:00",
            "0.000000000123456789012345678",
            "0"
        ],
        [
            "cluster-one/node-1/shop/front-2/main",
            "cluster-one",
            "gce://p/z/n",
            "node-1",
            "Google Cloud",
            "front-2",
            "2026-01-31 23:55:00",
            "2.5",
            "0"
        ],
    ]);
    assert_eq!(found["rows"], expected);
    let source = bench.json(&["source", "1.2"]);
    let cells = source["cells"].as_array().unwrap();
    let total = cells.iter().find(|cell| cell["column"] == "totalCost").map(|cell| &cell["value"]);
    assert_eq!(total, Some(&json!("2.5")), "a charge leads to the object that it was made from: {source}");
}

#[test]
fn any_export_is_kept_to_the_last_digit() {
    let amount =
        (0i64..=99_999_999, 0u32..=14).prop_map(|(digits, scale)| Decimal::new(digits, scale).normalize().to_string());
    let lines =
        prop::collection::vec(("[a-z]{1,8}", "[a-z0-9-]{1,12}", amount.clone(), amount), 1..50).prop_map(|rows| {
            let line = |(namespace, pod, cpu, total): (String, String, String, String)| Line {
                cpu,
                ..line("2026-02-03", &namespace, &pod, &total)
            };
            rows.into_iter().map(line).collect::<Vec<Line>>()
        });
    let mut runner =
        TestRunner::new(Config { cases: 5, max_shrink_iters: 10, failure_persistence: None, ..Config::default() });
    runner
        .run(&lines, |lines| {
            // The view has 18 decimals, more than the second reader's numbers can have beside eight digits in front.
            let short = |text: &str| decimal(text.trim_end_matches('0').trim_end_matches('.'));
            let bench = bench();
            let _report = bench.loaded(&[bench.write("opencost.csv", export(&lines))]);
            let sum: Decimal = lines.iter().map(|line| decimal(&line.total)).sum();
            assert_eq!(
                short(&bench.value("SELECT sum(allocated_cost)::VARCHAR FROM allocation")),
                sum,
                "nothing is lost"
            );
            let found = bench.json(&[
                "sql",
                "SELECT sub_account_id, allocated_cost::VARCHAR, (extra->>'CPUCost') FROM allocation JOIN charge
                USING (file_id, source_row, part, sub_account_id) ORDER BY source_row",
            ]);
            for (row, line) in found["rows"].as_array().unwrap().iter().zip(&lines) {
                assert_eq!(row[0], line.namespace.as_str());
                assert_eq!(short(row[1].as_str().unwrap()), decimal(&line.total));
                assert_eq!(row[2], line.cpu.as_str(), "the parts of the cost are kept beside");
            }
            Ok(())
        })
        .unwrap();
}
