//! What an engagement chooses: listed with its meaning, set with a check, written into engagement.toml without loss.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod desk;

use std::path::Path;

use desk::Desk;
use serde_json::{Value, json};
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

const GOOGLE: &str = concat!(
    r#"{"billing_account_id":"01-A","cost":10,"currency":"USD","invoice":{"month":"202608"},"service":{"description":"Compute"},"#,
    r#""sku":{"description":"Core"},"usage_start_time":"2026-08-03 00:00:00 UTC","usage_end_time":"2026-08-03 01:00:00 UTC","#,
    r#""cost_type":"regular","project":{"id":"p"},"usage":{"amount":1,"unit":"hour"},"#,
    r#""credits":[{"name":"Sustained","amount":-2,"type":"SUSTAINED_USAGE_DISCOUNT","id":"s"}]}"#,
    "\n"
);

fn bench() -> Workbench {
    Workbench::new(PROGRAM)
}

fn of<'a>(settings: &'a Value, key: &str) -> &'a Value {
    let found = settings.as_array().unwrap().iter().find(|setting| setting["key"] == key);
    found.unwrap_or_else(|| panic!("{key} is not in {settings:#}"))
}

fn definition(bench: &Workbench) -> String {
    std::fs::read_to_string(bench.engagement().join("engagement.toml")).unwrap()
}

#[test]
fn every_choice_says_what_it_is_and_what_counts() {
    let bench = bench();
    let settings = bench.json(&["settings"]);
    let credits = of(&settings, "gcp_credits");
    assert_eq!(
        (&credits["value"], &credits["chosen"], &credits["counts"]),
        (&json!("net"), &Value::Null, &json!("loads"))
    );
    let values: Vec<&Value> = credits["values"].as_array().unwrap().iter().map(|choice| &choice["value"]).collect();
    assert_eq!(values, ["net", "gross"]);
    assert!(credits["values"][1]["means"].as_str().unwrap().contains("charge of its own"), "gross is explained");
    let currency = of(&settings, "allocation_currency");
    assert_eq!((&currency["value"], &currency["rule"]), (&json!("USD"), &json!("USD")), "the engagement's own");
    let scopes = settings.as_array().unwrap().iter().map(|setting| &setting["counts"]);
    assert!(scopes.into_iter().all(|scope| scope != "checks"), "nothing is assumed of providers that are not there");
    let _report = bench.loaded(&[bench.write("bill.csv", Bill::new().charge(&[]).csv())]);
    let settings = bench.json(&["settings"]);
    let tags = of(&settings, "Example Cloud:TAGGING_SUPPORTED");
    assert_eq!((&tags["counts"], &tags["says"], &tags["value"]), (&json!("checks"), &json!("has tags"), &json!("on")));
}

#[test]
fn a_choice_of_loading_counts_for_the_loads_after_it() {
    let bench = bench();
    let bill = bench.write("rows.jsonl", GOOGLE);
    let _report = bench.loaded(&[&bill]);
    let credits = || bench.value("SELECT count(*)::VARCHAR FROM charge WHERE charge_category = 'Credit'");
    assert_eq!(credits(), "0", "net is the rule");
    let text = definition(&bench);
    std::fs::write(bench.engagement().join("engagement.toml"), format!("# The audit.\n{text}")).unwrap();
    let output = bench.qd(&["settings", "set", "gcp_credits", "GROSS"]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    assert!(output.stderr.contains("load 1 was made under another value: load again"), "{}", output.stderr);
    assert_eq!(definition(&bench), format!("# The audit.\n{text}\n[settings]\ngcp_credits = \"gross\"\n"));
    assert_eq!(credits(), "0", "what is loaded stays as it is");
    assert_eq!(bench.json(&["loads"])[0]["settings"], json!(["gcp_credits = net"]), "and says how it was made");
    // The file is the same byte for byte; made otherwise, it is another bill.
    let february = bench.write("more.jsonl", GOOGLE.replace("08-03", "08-04"));
    let _report = bench.loaded(&[february]);
    assert_eq!(credits(), "1");
    let evidence = bench.json(&["ask", "--period", "2026-08"])["evidence"]["loads"].clone();
    let mut under: Vec<&str> =
        evidence.as_array().unwrap().iter().filter_map(|load| load["settings"][0].as_str()).collect();
    under.sort_unstable();
    assert_eq!(under, ["gcp_credits = gross", "gcp_credits = net"], "the evidence names both");
    let again = bench.loaded(&[&bill]);
    assert_eq!(
        again["loads"].as_array().unwrap().len(),
        1,
        "the same file, made under another choice, is loaded again"
    );
    assert_eq!(credits(), "2");
    assert_eq!(of(&bench.json(&["settings"]), "gcp_credits")["loads_otherwise"], json!([]));
    let unset = bench.json(&["settings", "unset", "gcp_credits"]);
    assert_eq!(
        (&of(&unset, "gcp_credits")["value"], &of(&unset, "gcp_credits")["chosen"]),
        (&json!("net"), &Value::Null)
    );
    assert_eq!(definition(&bench), format!("# The audit.\n{text}"), "nothing is left of it");
}

#[test]
fn what_is_assumed_of_a_provider_counts_for_checks_at_once() {
    let bench = bench();
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    desk.load(&[&bench.write("bill.csv", Bill::new().charge(&[]).csv())]).unwrap();
    let flag = || {
        let report = desk.call("check_report", json!({})).unwrap();
        let flags = report["flags"].as_array().unwrap().clone();
        let flag = flags.into_iter().find(|flag| flag["flag"] == "REGION_SUPPORTED").unwrap();
        (flag["on"].clone(), flag["source"].clone(), flag["chosen"].clone(), flag["otherwise"].clone())
    };
    assert_eq!(flag(), (json!(true), json!("shown"), Value::Null, json!(true)));
    let set = |key: &str, value: Value| desk.call("setting_set", json!({ "key": key, "value": value }));
    set("example cloud:region", json!("off")).unwrap();
    assert_eq!(flag(), (json!(false), json!("engagement"), json!(false), json!(true)));
    assert!(
        definition(&bench).contains("[applicability.\"Example Cloud\"]\nREGION_SUPPORTED = false"),
        "as it is billed"
    );
    set("Example Cloud:REGION_SUPPORTED", Value::Null).unwrap();
    assert_eq!(flag(), (json!(true), json!("shown"), Value::Null, json!(true)));
    let all = set("REGION_SUPPORTED", json!("off")).unwrap();
    assert_eq!(of(&all, "all:REGION_SUPPORTED")["value"], "off", "a flag without a provider is that of all");
    assert_eq!(flag(), (json!(false), json!("engagement"), Value::Null, json!(false)), "and counts for each");
    set("all:REGION_SUPPORTED", Value::Null).unwrap();
    assert!(!definition(&bench).contains("applicability"), "{}", definition(&bench));
}

#[test]
fn what_cannot_be_chosen_is_refused_and_changes_nothing() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", Bill::new().charge(&[]).csv())]);
    let before = definition(&bench);
    for (key, value, told) in [
        ("gcp_credits", "nett", "It is one of net, gross"),
        ("allocation_currency", "XXX", "cannot be \"XXX\""),
        ("gcp_credit", "net", "Settings are gcp_credits, "),
        ("AWS:LEVITATION_SUPPORTED", "on", "there is no applicability flag"),
        ("AWS:TAGGING_SUPPORTED", "perhaps", "is on or off"),
        ("Exemple Cloud:TAGGING_SUPPORTED", "on", "nothing is loaded of a provider \"Exemple Cloud\""),
    ] {
        let refused = bench.qd(&["settings", "set", key, value]);
        assert_eq!(refused.status, Some(2), "{key}: {}", refused.stderr);
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
        assert_eq!(definition(&bench), before, "{key}");
    }
    let known = bench.json(&["settings", "set", "azure:tagging", "off"]);
    assert_eq!(of(&known, "Microsoft:TAGGING_SUPPORTED")["value"], "off", "a well-known one may come later");
    let stray = definition(&bench) + "\n[settings]\ngcp_kredits = \"net\"\n";
    std::fs::write(bench.engagement().join("engagement.toml"), stray).unwrap();
    let settings = bench.json(&["settings"]);
    assert!(of(&settings, "gcp_kredits")["says"].as_str().unwrap().contains("Nothing reads"), "a slip by hand is told");
    let _settings = bench.json(&["settings", "unset", "gcp_kredits"]);
    assert!(!definition(&bench).contains("gcp_kredits"), "and can be taken out");
}

#[test]
fn the_list_for_a_person_fits_and_explains() {
    let bench = bench();
    let _report = bench.loaded(&[bench.write("bill.csv", Bill::new().charge(&[]).csv())]);
    let table = bench.qd(&["--format", "table", "settings"]).stdout;
    assert!(table.contains("USD, AED, ARS, AUD and 33 more"), "{table}");
    let line = table.lines().find(|line| line.starts_with("gcp_credits")).unwrap();
    assert!(line.contains("net") && line.contains("rule") && line.contains("loads"), "{line}");
    assert!(table.contains("Example Cloud has tags"), "{table}");
}
