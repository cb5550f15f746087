//! Bills that no screen is drawn for: months of credits alone, totals of zero and below, five currencies, texts of ten thousand
//! characters, names from right to left; and questions that nothing answers. Every answer is exact and says what it cannot say.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod desk;

use std::path::Path;

use desk::Desk;
use rust_decimal::Decimal;
use serde_json::{Value, json};
use testsupport::decimal::decimal;
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

const ARABIC: &str = "\u{62e}\u{62f}\u{645}\u{629} \u{627}\u{644}\u{62a}\u{62e}\u{632}\u{64a}\u{646} (EU-1)";
const EMOJI: &str = "\u{1f469}\u{200d}\u{1f680} Rocket \u{2708}\u{fe0f}";
const MARKUP: &str = "<b onclick=alert(1)>bold</b> & <i>more</i>";
const CURRENCIES: [&str; 5] = ["USD", "EUR", "GBP", "INR", "JPY"];

fn long() -> String {
    "x\u{e9}".repeat(5000)
}

/// A charge in a month of 2026 that costs so much by all counts.
fn charge(bill: Bill, month: u32, cost: &str, more: &[(&str, &str)]) -> Bill {
    let at = |month: u32, day: u32| format!("2026-{month:02}-{day:02}T00:00:00Z");
    let costs = ["BilledCost", "EffectiveCost", "ContractedCost", "ListCost"].map(|column| (column, cost));
    let (start, end, from, to) = (at(month, 5), at(month, 6), at(month, 1), at(month + 1, 1));
    let times = [
        ("ChargePeriodStart", start.as_str()),
        ("ChargePeriodEnd", &end),
        ("BillingPeriodStart", &from),
        ("BillingPeriodEnd", &to),
    ];
    bill.charge(&[&times[..], &costs, more].concat())
}

/// January as ever, February the same to the digit, March of credits alone, and in April what cancels out.
fn bill() -> Bill {
    let tags = json!({ "note": long(), "owner": EMOJI, ARABIC: "value" }).to_string();
    let names = [("ServiceName", ARABIC), ("Tags", tags.as_str()), ("ResourceName", MARKUP)];
    let mut bill = Bill::new();
    for month in [1, 2] {
        bill = charge(bill, month, "100.25", &names);
        bill = charge(bill, month, "7", &[("ServiceName", EMOJI), ("ResourceId", "r-2")]);
        bill = charge(bill, month, "0", &[("ServiceName", MARKUP), ("ResourceId", "r-3")]);
    }
    let credit = [("ChargeCategory", "Credit"), ("ConsumedQuantity", ""), ("PricingQuantity", ""), ("ResourceId", "")];
    bill = charge(bill, 3, "-30", &[&credit[..], &[("ServiceName", EMOJI)]].concat());
    bill = charge(bill, 3, "-10.5", &[&credit[..], &[("ServiceName", ARABIC)]].concat());
    bill = charge(bill, 4, "12", &[("ServiceName", EMOJI)]);
    charge(bill, 4, "-12", &[&credit[..], &[("ServiceName", ARABIC)]].concat())
}

fn desk(bench: &Workbench, bill: &Bill) -> Desk {
    let desk = Desk::new(bench, Path::new(PROGRAM));
    desk.load(&[&bench.write("odd.csv", bill.csv())]).unwrap();
    desk
}

/// No number of a reply is a float, and none is what no number is.
fn assert_exact(value: &Value) {
    match value {
        Value::Number(number) => assert!(number.is_u64() || number.is_i64(), "{number} is a float"),
        Value::String(text) => assert!(
            !["NaN", "inf", "-inf", "Infinity", "-Infinity", "-0", "-0.00"].contains(&text.as_str()),
            "{text} is no figure"
        ),
        Value::Array(list) => list.iter().for_each(assert_exact),
        Value::Object(fields) => fields.values().for_each(assert_exact),
        Value::Bool(_) | Value::Null => {}
    }
}

fn month(number: u32) -> Value {
    json!({ "from": format!("2026-{number:02}-01"), "to": format!("2026-{:02}-01", number + 1) })
}

/// Everything that a screen asks about a scope.
fn screens(desk: &Desk, question: &Value) -> [Value; 3] {
    let explored = desk
        .call(
            "explore",
            json!({ "question": question, "dimensions": ["service", "resource", "tag:owner"], "limit": 5 }),
        )
        .unwrap();
    let mut divided = question.clone();
    divided["measures"] = json!(["billed_cost/list_cost", "billed_cost/consumed_quantity", "savings/charges"]);
    divided["by"] = json!(["service"]);
    let divided = desk.call("ask", json!({ "question": divided })).unwrap();
    let kpis = desk.call("kpis", json!({ "question": question })).unwrap();
    for reply in [&explored, &divided, &kpis] {
        assert_exact(reply);
    }
    [explored, divided, kpis]
}

#[test]
fn every_screen_of_every_month_is_exact() {
    let bench = Workbench::new(PROGRAM);
    let desk = desk(&bench, &bill());
    for now in 1..=4 {
        for before in 1..=4 {
            let question = json!({
                "measures": ["billed_cost"], "grain": "day", "period": month(now), "compare": { "period": month(before) },
            });
            let [explored, ..] = screens(&desk, &question);
            let ratio = &explored["total"][0]["change_ratio"];
            assert_eq!(ratio.is_null(), before == 4, "{now} against {before}: nothing is a part of zero");
            if now != before {
                for convention in ["base_first", "midpoint"] {
                    let change = json!({ "question": question, "by": "service", "convention": convention });
                    assert_exact(&desk.call("change", change).unwrap());
                }
            }
        }
    }
}

#[test]
fn a_month_of_credits_alone_has_a_total_and_signed_shares() {
    let bench = Workbench::new(PROGRAM);
    let desk = desk(&bench, &bill());
    let question = json!({ "measures": ["billed_cost"], "by": ["service"], "period": month(3), "compare": "previous" });
    let answer = desk.call("ask", json!({ "question": question })).unwrap();
    assert_eq!(answer["total"][0]["value"], "-40.50");
    let rows: Vec<(&Value, &Value, &Value)> = answer["rows"]
        .as_array()
        .unwrap()
        .iter()
        .map(|row| (&row["keys"][0], &row["cells"][0]["value"], &row["cells"][0]["share"]))
        .collect();
    assert_eq!(rows[0], (&json!(ARABIC), &json!("-10.50"), &json!("0.259259")), "a part of the credits");
    assert_eq!(rows[1], (&json!(EMOJI), &json!("-30.00"), &json!("0.740741")));
    assert_eq!(answer["total"][0]["change"], "-147.75");
    let usage = json!({ "measures": ["billed_cost/consumed_quantity"], "period": month(3) });
    let usage = desk.call("ask", json!({ "question": usage })).unwrap();
    assert_eq!(usage["total"][0]["value"], Value::Null, "credits have no quantity to be divided by");
}

#[test]
fn of_a_total_of_zero_there_is_no_share_and_no_change_in_percent() {
    let bench = Workbench::new(PROGRAM);
    let desk = desk(&bench, &bill());
    let question = json!({ "measures": ["billed_cost"], "by": ["service"], "period": month(4), "compare": "previous" });
    let answer = desk.call("ask", json!({ "question": question })).unwrap();
    assert_eq!(answer["total"][0]["value"], "0.00");
    for row in answer["rows"].as_array().unwrap() {
        assert_eq!(row["cells"][0]["share"], Value::Null, "{row}");
    }
    let against = json!({ "measures": ["billed_cost"], "period": month(1), "compare": { "period": month(4) } });
    let against = desk.call("ask", json!({ "question": against })).unwrap();
    assert_eq!(
        (&against["total"][0]["change"], &against["total"][0]["change_ratio"]),
        (&json!("107.25"), &Value::Null)
    );
}

#[test]
fn two_months_that_are_the_same_have_no_change_and_say_so() {
    let bench = Workbench::new(PROGRAM);
    let desk = desk(&bench, &bill());
    let question = json!({ "measures": ["billed_cost"], "period": month(2), "compare": "previous" });
    let found =
        desk.call("change", json!({ "question": question, "by": "service", "convention": "base_first" })).unwrap();
    assert_exact(&found);
    assert_eq!((&found["difference"], &found["change_ratio"]), (&json!("0.00"), &json!("0.000000")));
    let effects = found["effects"].as_array().unwrap();
    let sum: Decimal = effects.iter().map(|effect| decimal(effect["amount"].as_str().unwrap())).sum();
    assert_eq!((effects.len(), sum), (2, Decimal::ZERO), "three days less, and as much more on each: {effects:?}");
    for mover in found["movers"].as_array().unwrap() {
        assert_eq!((&mover["status"], &mover["difference"]), (&json!("same"), &json!("0.00")), "{mover}");
    }
    assert!(found["headline"].as_str().unwrap().starts_with("No change"), "{}", found["headline"]);
}

#[test]
fn long_and_foreign_texts_are_values_like_any() {
    let bench = Workbench::new(PROGRAM);
    let desk = desk(&bench, &bill());
    let long = long();
    for (dimension, value, total) in [
        ("service", ARABIC, "178.00"),
        ("service", EMOJI, "-4.00"),
        ("service", MARKUP, "0.00"),
        ("resource_name", MARKUP, "200.50"),
        ("tag:owner", EMOJI, "200.50"),
        ("tag:note", long.as_str(), "200.50"),
        (&format!("tag:{ARABIC}"), "value", "200.50"),
    ] {
        let filter = json!([{ "dimension": dimension, "operator": "is", "values": [value] }]);
        let question = json!({ "measures": ["billed_cost"], "by": [dimension], "filters": filter });
        let answer = desk.call("ask", json!({ "question": question })).unwrap();
        assert_eq!(answer["total"][0]["value"], total, "{dimension}");
        assert_eq!(answer["rows"][0]["keys"][0], value, "the whole text comes back");
        let listed = json!({
            "dimension": dimension, "search": value, "limit": 5, "question": { "measures": ["billed_cost"] },
        });
        let listed = desk.call("dimension_values", listed).unwrap();
        assert_eq!((&listed["total"], &listed["values"][0]["value"]), (&json!(1), &json!(value)), "{dimension}");
    }
}

#[test]
fn what_nothing_answers_is_an_answer_without_figures() {
    let bench = Workbench::new(PROGRAM);
    let desk = desk(&bench, &bill());
    let nobody = json!([{ "dimension": "service", "operator": "is", "values": ["Nobody"] }]);
    let nothing = json!({ "measures": ["billed_cost"], "filters": nobody, "compare": "previous", "period": month(2), "grain": "month" });
    let elsewhen = json!({ "measures": ["billed_cost"], "period": { "from": "2019-01-01", "to": "2019-02-01" }, "grain": "month" });
    for question in [nothing, elsewhen] {
        let [explored, divided, _] = screens(&desk, &question);
        assert_eq!(explored["total"][0]["value"], Value::Null, "no charge has a cost, which is not a cost of zero");
        assert_eq!(explored["header"]["evidence"]["charges"], 0);
        for list in explored["leaderboards"].as_array().unwrap() {
            let empty = list["dimension"] == "service" || list["answer"]["rows"].as_array().unwrap().is_empty();
            assert!(empty, "a list keeps its own rows only: {list}");
        }
        for cell in divided["total"].as_array().unwrap() {
            assert_eq!(cell["value"], Value::Null);
        }
    }
}

/// Five charges of the same figure, each in its own currency and billed by its own account.
fn five() -> Bill {
    CURRENCIES.iter().fold(Bill::new(), |bill, currency| {
        let account = format!("account-{currency}");
        charge(bill, 1, "100", &[("BillingCurrency", currency), ("BillingAccountId", &account)])
    })
}

#[test]
fn five_currencies_are_never_added() {
    let bench = Workbench::new(PROGRAM);
    let desk = desk(&bench, &five());
    let unnamed = desk.call("ask", json!({ "question": { "measures": ["billed_cost"] } })).unwrap_err();
    assert!(unnamed["message"].as_str().unwrap().contains("EUR, GBP, INR, JPY, USD"), "{unnamed}");
    for currency in CURRENCIES {
        let question = json!({ "measures": ["billed_cost"], "currency": currency, "grain": "day" });
        let [explored, ..] = screens(&desk, &question);
        let minor = if currency == "JPY" { "100" } else { "100.00" };
        assert_eq!(
            (&explored["header"]["currency"], &explored["total"][0]["value"]),
            (&json!(currency), &json!(minor))
        );
        let notes = explored["header"]["notes"].as_array().unwrap();
        let other = notes.iter().find(|note| note["code"] == "other_currencies").unwrap();
        assert!(other["message"].as_str().unwrap().starts_with("4 charges in other currencies"), "{other}");
    }
    let charges = json!({ "measures": ["charges"], "by": ["billing_currency"] });
    let charges = desk.call("ask", json!({ "question": charges }));
    let said = charges.unwrap_err();
    assert!(said["hint"].as_str().unwrap().contains("--convert"), "the way on is told: {said}");
}
