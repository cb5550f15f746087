//! Hours and tables with something wrong in them: every one is told, by row or by name, and nothing is recommended from it in silence.

use money::Amount;
use serde_json::{Value, json};
use testsupport::Bill;

use super::{Loaded, amount, hourly, list, loaded_bill};

const PLAN: &str = "aws-compute-savings-plan";

fn notes(reply: &Value) -> String {
    list(&reply["notes"]).iter().map(|note| note["message"].as_str().unwrap()).collect::<Vec<_>>().join("\n")
}

fn buying(hourly: &str) -> Value {
    json!({ "horizon_months": 2, "decision": [
        { "id": "new", "kind": "buy", "program": PLAN, "hourly": hourly, "discount": "0.25" }] })
}

fn told(loaded: &Loaded, table: &str) -> Vec<(String, Option<u64>, String)> {
    let file = loaded._bench.write("table.csv", table);
    let findings = loaded.ask("commitments_import", json!({ "path": file }));
    list(&findings)
        .iter()
        .map(|one| {
            let text = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            (text("code"), one["row"].as_u64(), text("message"))
        })
        .collect()
}

/// The hours of one instance in March and in May 2026, with nothing in April.
fn with_a_gap() -> Bill {
    let march = 24 * 12;
    let may = 24 * (12 + 30);
    let skipped: Vec<u64> = (march..may).collect();
    hourly(may + 24 * 10, &skipped)
}

#[test]
fn a_month_with_no_usage_is_missing_and_not_zero() {
    let loaded = loaded_bill(&with_a_gap());
    let hours = loaded.ask("commitment_hours", json!({}));
    assert_eq!(hours["missing"].as_u64(), Some(24 * 30), "{hours:#}");
    assert_eq!(hours["missing_first"][0], "2026-04-01T00");
    let optimum = loaded.ask("commitment_optimize", json!({ "program": PLAN, "discount": "0.25" }));
    assert_eq!(amount(&optimum["exact"]["hourly"]), "0.072".parse().unwrap(), "what is missing does not count as idle");
    assert_eq!(optimum["hours"].as_u64(), Some(24 * 22));
    let said = notes(&optimum);
    assert!(said.contains("720") && said.contains("2026-04-01"), "the missing hours are told: {said}");
}

#[test]
fn usage_that_is_not_eligible_is_in_no_hour_and_nothing_is_recommended_for_it() {
    let bill = hourly(24 * 15, &[]).charge(&[
        ("ServiceName", "Amazon Simple Storage Service"),
        ("x_UsageType", "TimedStorage-ByteHrs"),
        ("SkuId", "STORAGE"),
        ("PricingUnit", "GB-Mo"),
        ("ChargePeriodStart", "2026-03-20T00:00:00Z"),
        ("ChargePeriodEnd", "2026-03-20T01:00:00Z"),
    ]);
    let loaded = loaded_bill(&bill);
    let hours = loaded.ask("commitment_hours", json!({}));
    assert!(!list(&hours["lines"]).iter().any(|line| line["sku"] == "STORAGE"), "{hours:#}");
    assert_eq!(amount(&hours["on_demand"]), "34.56".parse().unwrap(), "360 hours at 0.096 and nothing of the storage");
    let refused = loaded.refused("commitment_optimize", json!({ "program": "azure-savings-plan", "discount": "0.25" }));
    assert_eq!(refused["code"], "no_eligible_usage");
}

#[test]
fn zero_and_negative_usage_is_told_and_never_covered() {
    let correction = [
        ("PricingQuantity", "-3"),
        ("BilledCost", "-0.288"),
        ("EffectiveCost", "-0.288"),
        ("ContractedCost", "-0.288"),
        ("ListCost", "-0.3"),
        ("ChargePeriodStart", "2026-03-21T05:00:00Z"),
        ("ChargePeriodEnd", "2026-03-21T06:00:00Z"),
    ];
    let nothing = [
        ("PricingQuantity", "0"),
        ("BilledCost", "0"),
        ("EffectiveCost", "0"),
        ("ContractedCost", "0"),
        ("ListCost", "0"),
        ("SkuId", "IDLE"),
        ("ChargePeriodStart", "2026-03-21T05:00:00Z"),
        ("ChargePeriodEnd", "2026-03-21T06:00:00Z"),
    ];
    let loaded = loaded_bill(&hourly(24 * 15, &[]).charge(&correction).charge(&nothing));
    let whatif = loaded.ask("commitment_whatif", json!({ "basket": buying("0.072") }));
    let replay = loaded.ask("commitment_replay", json!({}));
    assert!(notes(&replay).contains("below zero (-0.192 in all)"), "0.096 less 0.288: {}", notes(&replay));
    assert!(amount(&whatif["total"]["figures"]["utilisation"]) <= Amount::from_integer(1));
    let optimum = loaded.ask("commitment_optimize", json!({ "program": PLAN, "discount": "0.25" }));
    assert_eq!(amount(&optimum["exact"]["hourly"]), "0.072".parse().unwrap(), "one hour below zero moves no optimum");
}

#[test]
fn a_commitment_larger_than_all_usage_is_told() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let whatif = loaded.ask("commitment_whatif", json!({ "basket": buying("0.72") }));
    let said = notes(&whatif);
    assert!(
        said.contains("new: it is larger than all usage that is left for it; in its best step 0.100000 of it is used"),
        "{said}"
    );
    assert!(amount(&whatif["saves"]).is_negative(), "it costs more than it saves");
    assert!(
        list(&whatif["memo"]).iter().any(|line| line.as_str().unwrap().contains("larger than all usage")),
        "the approver reads it"
    );
}

#[test]
fn commitments_that_have_ended_or_are_told_twice_are_named_by_row() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let table = "id,name,provider,program,start,end,term,hourly\n\
                 old,Old plan,AWS,aws-compute-savings-plan,2024-01-01,2025-01-01,1yr,0.05\n\
                 one,Plan one,AWS,aws-compute-savings-plan,2026-01-01,2027-01-01,1yr,0.05\n\
                 one,Plan one,AWS,aws-compute-savings-plan,2026-01-01,2027-01-01,1yr,0.05\n\
                 two,Plan one,AWS,aws-compute-savings-plan,2026-01-01,2027-01-01,1yr,0.05\n\
                 three,Plan three,AWS,aws-compute-savings-plan,2026-05-01,2026-04-01,1yr,0.05\n";
    let said = told(&loaded, table);
    assert!(said.iter().any(|(code, row, _)| code == "twice" && *row == Some(4)), "{said:#?}");
    assert!(
        said.iter().any(|(_, row, message)| *row == Some(6) && message.contains("ends before it begins")),
        "{said:#?}"
    );
    let inventory = loaded.ask("commitment_inventory", json!({}));
    let old = list(&inventory["commitments"]).iter().find(|one| one["id"] == "old").unwrap();
    assert_eq!(old["state"], "ended");
    let replay = loaded.ask("commitment_replay", json!({}));
    let said = notes(&replay);
    assert!(said.contains("one and two differ in nothing but their ids"), "what overlaps is told: {said}");
    assert!(said.contains("old: it runs from") && said.contains("counts for nothing here"), "{said}");
}

#[test]
fn fewer_than_14_days_are_refused_by_every_command_that_recommends() {
    let loaded = loaded_bill(&hourly(24 * 13, &[]));
    let instruments = json!([{ "program": PLAN, "discount": "0.25" }]);
    for (command, request) in [
        ("commitment_portfolio_start", json!({ "instruments": instruments })),
        ("commitment_bands_start", json!({ "basket": buying("0.05") })),
    ] {
        let job = loaded.ask(command, request)["job"].clone();
        let error = loop {
            let status = loaded.desk.call("job_status", json!({ "job": job })).unwrap();
            if status["state"] != "running" {
                break status["error"].clone();
            }
            std::thread::park_timeout(std::time::Duration::from_millis(2));
        };
        assert_eq!(error["code"], "too_few_hours", "{command}: {error:#}");
        assert!(error["message"].as_str().unwrap().contains("13 days"), "{error:#}");
    }
}

#[test]
fn a_currency_that_is_not_the_bills_and_a_rate_above_on_demand_are_named_by_row() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let sheet = "provider,program,family,region,term,payment,rate,percent,currency\n\
                 AWS,aws-compute-savings-plan,m5,,1yr,no_upfront,0.06,,EUR\n\
                 AWS,aws-compute-savings-plan,m5,,3yr,no_upfront,0.2,,USD\n\
                 AWS,aws-compute-savings-plan,q9,,1yr,no_upfront,0.06,,USD\n";
    let file = loaded._bench.write("offers.csv", sheet);
    let reply = loaded.ask("commitment_offer_import", json!({ "path": file }));
    let mut said: Vec<(u64, &str)> = list(&reply["findings"])
        .iter()
        .map(|finding| (finding["row"].as_u64().unwrap(), finding["code"].as_str().unwrap()))
        .collect();
    said.sort_unstable();
    assert_eq!(said, [(2, "offer_currency"), (3, "above_on_demand"), (4, "not_in_bill")]);
    let portfolio = loaded
        .ask("commitment_portfolio_start", json!({ "instruments": [{ "program": PLAN, "term_months": 36 }] }))["job"]
        .clone();
    let status = loop {
        let status = loaded.desk.call("job_status", json!({ "job": portfolio })).unwrap();
        if status["state"] != "running" {
            break status;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(2));
    };
    if status["state"] == "done" {
        assert_eq!(
            list(&status["result"]["purchases"]),
            &[] as &[Value],
            "a rate above on demand is never bought: {status:#}"
        );
    } else {
        assert_eq!(status["error"]["code"], "no_rate", "{status:#}");
    }
}
