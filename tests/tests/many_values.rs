//! A dimension with two million values: listed, searched and paged, exact, and never all of it at once.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::fmt::Write as _;
use std::io::{BufWriter, Write as _};

use serde_json::Value;
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");
const RESOURCES: u64 = 2_000_000;

/// What resource `number` costs, in thousandths: no two of the first ten thousand cost the same.
fn thousandths(number: u64) -> u64 {
    number * 7_919 % 1_000_003
}

/// A bill with one charge for each resource.
fn bench() -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let leave = [
        "AvailabilityZone",
        "ChargeClass",
        "CommitmentDiscountCategory",
        "CommitmentDiscountId",
        "CommitmentDiscountName",
        "CommitmentDiscountStatus",
        "CommitmentDiscountType",
        "Tags",
    ];
    let sound = Bill::new().charge(&[("ResourceId", "RESOURCE"), ("ResourceName", ""), ("BilledCost", "COST")]);
    let lines = leave.iter().fold(sound, |bill, column| bill.without(column)).lines();
    let path = bench.path("many.csv");
    let mut file = BufWriter::new(std::fs::File::create(&path).unwrap());
    writeln!(file, "{}", lines[0].trim_end()).unwrap();
    let (head, rest) = lines[1].trim_end().split_once("COST").unwrap();
    let (middle, tail) = rest.split_once("RESOURCE").unwrap();
    let mut line = String::new();
    for number in 0..RESOURCES {
        line.clear();
        let cost = thousandths(number);
        writeln!(line, "{head}{}.{:03}{middle}instance-{number:07}{tail}", cost / 1000, cost % 1000).unwrap();
        file.write_all(line.as_bytes()).unwrap();
    }
    file.into_inner().unwrap();
    let report = bench.loaded(&[&path]);
    assert_eq!(report["loads"][0]["rows"], RESOURCES);
    std::fs::remove_file(path).unwrap();
    bench
}

/// A cost as the engine writes it: two decimals at least.
fn money(thousandths: u64) -> String {
    let text = format!("{}.{:03}", thousandths / 1000, thousandths % 1000);
    text.strip_suffix('0').unwrap_or(&text).to_owned()
}

/// The values of a page with their costs.
fn page(reply: &Value) -> Vec<(String, String)> {
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    let values = reply["values"].as_array().unwrap();
    values.iter().map(|one| (text(&one["value"]), text(&one["cell"]["value"]))).collect()
}

/// All resources in the order of the list: the dearest first, then by name.
fn ranked(keep: impl Fn(&str) -> bool) -> Vec<(String, String)> {
    let mut all: Vec<(u64, String)> = (0..RESOURCES)
        .map(|number| (thousandths(number), format!("instance-{number:07}")))
        .filter(|(_, name)| keep(name))
        .collect();
    all.sort_by(|left, right| right.0.cmp(&left.0).then_with(|| left.1.cmp(&right.1)));
    all.into_iter().map(|(cost, name)| (name, money(cost))).collect()
}

#[test]
fn they_are_listed_searched_and_paged_exactly() {
    let bench = bench();
    let whole: u64 = (0..RESOURCES).map(thousandths).sum();
    let all = ranked(|_| true);

    let answer = bench.json(&["ask", "--by", "resource", "--top", "5"]);
    assert_eq!(answer["groups"], RESOURCES);
    let rows = answer["rows"].as_array().unwrap();
    assert_eq!(rows.len(), 6, "five and all the others as one");
    assert_eq!((rows[0][0].as_str().unwrap(), rows[0][1].as_str().unwrap()), (&*all[0].0, &*all[0].1));
    assert_eq!(
        answer["total"]["billed_cost"].as_str().unwrap(),
        money(whole).trim_end_matches('0').trim_end_matches('.')
    );

    let first = bench.json(&["dims", "resource", "--limit", "20"]);
    assert_eq!((first["total"].as_u64(), page(&first)), (Some(RESOURCES), all[..20].to_vec()));
    let far = bench.json(&["dims", "resource", "--limit", "20", "--offset", "1234567"]);
    assert_eq!(page(&far), all[1_234_567..1_234_587], "a page far down is as exact as the first");
    let beyond = bench.json(&["dims", "resource", "--limit", "20", "--offset", "3000000"]);
    assert_eq!((beyond["total"].as_u64(), page(&beyond).len()), (Some(RESOURCES), 0));

    let found = bench.json(&["dims", "resource", "--search", "STANCE-19999", "--limit", "50", "--offset", "10"]);
    let expected = ranked(|name| name.contains("stance-19999"));
    assert_eq!((found["total"].as_u64(), page(&found)), (Some(100), expected[10..60].to_vec()));
    let nothing = bench.json(&["dims", "resource", "--search", "no such thing"]);
    assert_eq!((nothing["total"].as_u64(), page(&nothing).len()), (Some(0), 0));

    let one = bench.json(&["ask", "--where", "resource = instance-1999999"]);
    assert_eq!(one["evidence"]["charges"], 1);

    let unbounded = bench.qd(&["ask", "--by", "resource"]);
    assert!(unbounded.status != Some(0), "two million rows are no answer");
    assert!(
        unbounded.stderr.contains("more than 100000 rows") && unbounded.stderr.contains("top"),
        "{}",
        unbounded.stderr
    );
    let long = bench.qd(&["dims", "resource", "--limit", "2000000"]);
    assert!(long.status != Some(0) && long.stderr.contains("a page of 2000000 values is too long"), "{}", long.stderr);
}
