//! Rules about the bill as a whole.

use serde_json::{Value, json};
use testsupport::Bill;

use crate::{bench, count, finding, on_days, priced, with};

#[test]
fn a_day_without_charges_is_told() {
    let gap = on_days(priced(0), 1, (1..=20).filter(|day| *day != 7 && *day != 8));
    let found = finding(&with(&[("bill.csv", &gap)]), "QD-DAY-WITHOUT-CHARGES");
    assert_eq!((&found["count"], &found["counted"]), (&json!(2), &json!("days")));
    let examples = json!(["Example Cloud: 2026-01-07: focus/100", "Example Cloud: 2026-01-08: focus/100"]);
    assert_eq!(found["examples"], examples);
    assert_eq!(count(&on_days(priced(0), 1, 1..=20), "QD-DAY-WITHOUT-CHARGES"), 0, "no gap");
    let rare = on_days(priced(0), 1, [1, 11, 21]);
    assert_eq!(count(&rare, "QD-DAY-WITHOUT-CHARGES"), 0, "usage that comes now and then leaves no gaps");
}

#[test]
fn a_finished_month_lacks_days() {
    let loaded = |january: Bill, february: Bill| {
        let bench = with(&[("january.csv", &january), ("february.csv", &february)]);
        finding(&bench, "QD-MISSING-DAYS")
    };
    let found = loaded(on_days(priced(0), 1, 1..=29), on_days(priced(0), 2, 1..=10));
    assert_eq!(found["count"], 2, "the 30th and the 31st of January; February may be under way");
    assert_eq!(found["examples"][0], "Example Cloud: 2026-01-30: focus/100");
    let found = loaded(on_days(priced(0), 1, 9..=31), on_days(priced(0), 2, 3..=28));
    assert_eq!(found["count"], 2, "the 1st and the 2nd of February; January may have begun late");
    let whole = loaded(on_days(priced(0), 1, 1..=31), on_days(priced(0), 2, 1..=10));
    assert_eq!(whole, Value::Null);
}

#[test]
fn a_missing_month_is_told() {
    let (january, march) = (on_days(priced(0), 1, 1..=31), on_days(priced(0), 3, 1..=31));
    let found = finding(&with(&[("january.csv", &january), ("march.csv", &march)]), "QD-MISSING-PERIOD");
    assert_eq!(found["examples"], json!(["Example Cloud: 2026-02: focus/100"]));
    assert_eq!(found["counted"], "months");
    let february = on_days(priced(0), 2, 1..=28);
    let all = with(&[("january.csv", &january), ("february.csv", &february), ("march.csv", &march)]);
    assert_eq!(finding(&all, "QD-MISSING-PERIOD"), Value::Null);
}

#[test]
fn what_vanished_is_told() {
    let january = on_days(priced(0), 1, 1..=31).charge(&[
        ("ServiceName", "Disks"),
        ("ServiceCategory", "Storage"),
        ("SubAccountId", "201"),
        ("SubAccountName", "Test"),
    ]);
    // The last charge reaches the end of the month: February is over.
    let over = [("ChargePeriodStart", "2026-02-28T23:00:00Z"), ("ChargePeriodEnd", "2026-03-01T00:00:00Z")];
    let february = on_days(priced(0), 2, 1..=28);
    let bench = with(&[("january.csv", &january), ("february.csv", &february.clone().charge(&over))]);
    let service = finding(&bench, "QD-SERVICE-VANISHED");
    let expected = "Example Cloud: Disks: billed 2.500000000 USD in 2026-01, no usage in 2026-02";
    assert_eq!(service["examples"], json!([expected]));
    assert_eq!(service["cost"], json!([{ "currency": "USD", "billed": "2.5" }]));
    assert_eq!(finding(&bench, "QD-ACCOUNT-VANISHED")["count"], 1, "so is its account");
    let under_way = with(&[("january.csv", &january), ("february.csv", &february)]);
    assert_eq!(finding(&under_way, "QD-SERVICE-VANISHED"), Value::Null, "a month that is not over may bring it still");
}

#[test]
fn a_charge_in_two_files_of_one_delivery_is_a_duplicate() {
    let bench = bench();
    let (one, other) = (priced(3), priced(2).charge(&[("ResourceId", "instance-9")]));
    bench.write("delivery/part-1.csv", one.csv());
    bench.write("delivery/part-2.csv", other.csv());
    let _report = bench.loaded(&[bench.path("delivery")]);
    let found = finding(&bench, "QD-DUPLICATE-CHARGES");
    assert_eq!((&found["count"], &found["severity"]), (&json!(2), &json!("error")), "instance-1 and instance-2 again");
    assert_eq!(found["cost"], json!([{ "currency": "USD", "billed": "5" }]), "what is counted twice, once");
    assert_eq!(finding(&bench, "QD-REPEATED-CHARGES"), Value::Null);
}

#[test]
fn equal_charges_of_one_file_are_worth_a_look() {
    let bill = priced(2).charge(&[("ResourceId", "instance-2")]).charge(&[("ResourceId", "instance-2")]);
    let bench = with(&[("bill.csv", &bill)]);
    let found = finding(&bench, "QD-REPEATED-CHARGES");
    assert_eq!((&found["count"], &found["severity"]), (&json!(2), &json!("notice")), "the second and the third");
    assert_eq!(found["examples"], json!(["1.3", "1.4"]));
    assert_eq!(finding(&bench, "QD-DUPLICATE-CHARGES"), Value::Null, "the format allows it");
    assert_eq!(count(&priced(4), "QD-REPEATED-CHARGES"), 0);
    let free = priced(1)
        .charge(&[("BilledCost", "0"), ("EffectiveCost", "0")])
        .charge(&[("BilledCost", "0"), ("EffectiveCost", "0")]);
    assert_eq!(count(&free, "QD-REPEATED-CHARGES"), 0, "what costs nothing is not worth a look");
}

#[test]
fn a_line_number_of_the_providers_stands_once() {
    let numbered = priced(0).usual("x_LineItemId", "n-1").charge(&[]).charge(&[]);
    assert_eq!(count(&numbered, "QD-DUPLICATE-CHARGES"), 1, "the same line twice");
    let apart = priced(0).usual("x_LineItemId", "n-1").charge(&[]).charge(&[("x_LineItemId", "n-2")]);
    assert_eq!(count(&apart, "QD-DUPLICATE-CHARGES"), 0, "two lines that are otherwise equal");
    assert_eq!(count(&apart, "QD-REPEATED-CHARGES"), 0);
}

#[test]
fn tags_that_differ_by_case_are_told() {
    let tagged = |texts: &[&str]| texts.iter().fold(priced(0), |bill, tags| bill.charge(&[("Tags", tags)]));
    let keys = tagged(&[r#"{"Team":"a"}"#, r#"{"team":"a"}"#, r#"{"owner":"b"}"#]);
    let found = finding(&with(&[("bill.csv", &keys)]), "QD-TAG-KEY-CASE");
    assert_eq!(found["examples"], json!(["Example Cloud: team: Team, team"]));
    assert_eq!(found["cost"], json!([{ "currency": "USD", "billed": "5" }]), "the charges with such a key");
    let values = tagged(&[r#"{"team":"Data"}"#, r#"{"team":"data"}"#, r#"{"team":"web"}"#]);
    let found = finding(&with(&[("bill.csv", &values)]), "QD-TAG-VALUE-CASE");
    assert_eq!(found["examples"], json!(["Example Cloud: team = data: Data, data"]));
    let sound = tagged(&[r#"{"team":"data"}"#, r#"{"owner":"Data"}"#, r#"{"team":"web"}"#]);
    assert_eq!((count(&sound, "QD-TAG-KEY-CASE"), count(&sound, "QD-TAG-VALUE-CASE")), (0, 0));
    let hostile = tagged(&[r#"{"it's; DROP TABLE charge; --":"A"}"#, r#"{"it's; DROP TABLE charge; --":"a"}"#]);
    let found = finding(&with(&[("bill.csv", &hostile)]), "QD-TAG-VALUE-CASE");
    assert_eq!(
        found["examples"],
        json!(["Example Cloud: it's; DROP TABLE charge; -- = a: A, a"]),
        "a key is only a text"
    );
}
