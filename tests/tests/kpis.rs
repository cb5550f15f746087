//! Key figures: each formula on a bill small enough to work it by hand, and on the bills that cannot say it.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

mod desk;

use std::path::Path;

use desk::Desk;
use serde_json::{Value, json};
use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");

/// Costs in the order list, contracted, effective, billed.
fn charge(bill: Bill, day: &str, costs: [&str; 4], fields: &[(&str, &str)]) -> Bill {
    let next = day.parse::<chrono::NaiveDate>().unwrap().succ_opt().unwrap();
    let month = &day[..7];
    let (start, end) = (format!("{day}T00:00:00Z"), format!("{next}T00:00:00Z"));
    let (bill_start, bill_end) = match month {
        "2025-12" => ("2025-12-01T00:00:00Z", "2026-01-01T00:00:00Z"),
        _ => ("2026-01-01T00:00:00Z", "2026-02-01T00:00:00Z"),
    };
    let mut all = vec![
        ("ChargePeriodStart", start.as_str()),
        ("ChargePeriodEnd", end.as_str()),
        ("BillingPeriodStart", bill_start),
        ("BillingPeriodEnd", bill_end),
        ("ListCost", costs[0]),
        ("ContractedCost", costs[1]),
        ("EffectiveCost", costs[2]),
        ("BilledCost", costs[3]),
    ];
    all.extend(fields);
    bill.charge(&all)
}

const COMMITTED: [(&str, &str); 6] = [
    ("PricingCategory", "Committed"),
    ("CommitmentDiscountCategory", "Spend"),
    ("CommitmentDiscountId", "plan-1"),
    ("CommitmentDiscountName", "Plan"),
    ("CommitmentDiscountType", "Savings Plan"),
    ("CommitmentDiscountStatus", "Used"),
];

/// Four whole days of January 2026 and an hour of the fifth.
fn january(bill: Bill) -> Bill {
    let core = ("Tags", r#"{"team":"core","env":"prod"}"#);
    let storage = [("ServiceName", "Storage"), ("PricingUnit", "GB"), ("ConsumedUnit", "GB")];
    let bill = charge(bill, "2026-01-01", ["120", "100", "100", "100"], &[core]);
    let bill = charge(bill, "2026-01-02", ["60", "50", "30", "0"], &[&COMMITTED[..], &[core]].concat());
    let unused = [&COMMITTED[..5], &[("CommitmentDiscountStatus", "Unused"), ("ResourceId", "")]].concat();
    let bill = charge(bill, "2026-01-03", ["10", "10", "10", "0"], &unused);
    let purchase = [&COMMITTED[1..5], &[("ChargeCategory", "Purchase"), ("ChargeFrequency", "Recurring")]].concat();
    let bill = charge(bill, "2026-01-01", ["40", "40", "0", "40"], &purchase);
    let bill =
        charge(bill, "2026-01-04", ["20", "20", "20", "20"], &[&storage[..], &[("Tags", r#"{"team":""}"#)]].concat());
    let credit = [("ChargeCategory", "Credit"), ("PricingCategory", ""), ("PricingUnit", ""), ("PricingQuantity", "")];
    let bill = charge(bill, "2026-01-02", ["-5", "-5", "-5", "-5"], &credit);
    // Dearer than its list price: nothing was saved, and the toolkit's rate counts nothing below zero.
    let market = [("ServiceName", "Marketplace"), ("PricingUnit", "Items"), ("ConsumedUnit", "Items")];
    let bill = charge(bill, "2026-01-03", ["8", "9", "9", "9"], &market);
    let hour = [&storage[..], &[("ChargePeriodEnd", "2026-01-05T01:00:00Z")]].concat();
    charge(bill, "2026-01-05", ["7", "7", "7", "7"], &hour)
}

fn loaded(bill: &Bill) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    bench
}

fn kpi<'a>(reply: &'a Value, id: &str) -> &'a Value {
    let found = reply["kpis"].as_array().unwrap().iter().find(|kpi| kpi["id"] == id);
    found.unwrap_or_else(|| panic!("{id} is not in {reply:#}"))
}

/// The figure and the formula.
fn figure<'a>(reply: &'a Value, id: &str) -> (&'a str, &'a str) {
    let kpi = kpi(reply, id);
    (kpi["value"].as_str().unwrap_or_else(|| panic!("{kpi:#}")), kpi["formula"].as_str().unwrap())
}

fn none<'a>(reply: &'a Value, id: &str) -> &'a str {
    let kpi = kpi(reply, id);
    assert_eq!(kpi["value"], Value::Null, "{kpi:#}");
    kpi["not_applicable"].as_str().unwrap()
}

fn variant<'a>(reply: &'a Value, id: &str) -> &'a Value {
    kpi(reply, "effective_savings_rate")["variants"].as_array().unwrap().iter().find(|one| one["id"] == id).unwrap()
}

/// Whatever cannot be said is said in words: no figure is missing without a reason, none is what no number is.
fn assert_said(reply: &Value) {
    for kpi in reply["kpis"].as_array().unwrap() {
        let figures = std::iter::once(kpi).chain(kpi["variants"].as_array().unwrap());
        for one in figures {
            match one["value"].as_str() {
                Some(value) => {
                    value.parse::<money::Amount>().unwrap_or_else(|error| panic!("{error}: {one:#}"));
                    assert!(!one["formula"].as_str().unwrap().is_empty(), "{one:#}");
                }
                None => {
                    assert!(one["not_applicable"].as_str().unwrap().starts_with("not applicable, because "), "{one:#}")
                }
            }
            assert!(!one["definition"].as_str().unwrap().is_empty(), "{one:#}");
        }
    }
}

#[test]
fn every_formula_worked_by_hand() {
    let reply = loaded(&january(Bill::new())).json(&["kpis"]);
    assert_said(&reply);
    for (id, value, formula) in [
        ("total", "171.00", "the sum over the scope: 171.00"),
        ("run_rate", "41.000000", "164.00 / 4 complete days (2026-01-01..2026-01-04) = 41.00"),
        ("run_rate_year", "14965.000000", "164.00 / 4 complete days (2026-01-01..2026-01-04) x 365 = 14,965.00"),
        ("month_to_date", "164.00", "the sum over 4 complete days (2026-01-01..2026-01-04): 164.00"),
        ("month_estimate", "1271.000000", "164.00 / 4 days (2026-01-01..2026-01-04) x 31 days = 1,271.00"),
        // All but the purchase of the commitment: 191 contracted, 171 effective.
        ("effective_savings_rate", "0.104712", "(191.00 - 171.00) / 191.00 = 10.47 %"),
        ("commitment_coverage", "0.333333", "50.00 / 150.00 = 33.33 %"),
        ("commitment_utilisation", "0.750000", "30.00 / (30.00 + 10.00) = 75.00 %"),
        ("commitment_waste", "10.00", "10.00; 1 - utilisation = 25.00 %"),
        // A team without a name is no owner.
        ("tag_coverage:team", "0.760234", "130.00 / 171.00 = 76.02 %"),
        ("tag_coverage:env", "0.760234", "130.00 / 171.00 = 76.02 %"),
    ] {
        assert_eq!(figure(&reply, id), (value, formula), "{id}");
    }
    for (id, vendor, value, formula) in [
        ("on_demand", "ProsperOps", "0.066667", "(150.00 - 140.00) / 150.00 = 6.67 %"),
        ("contracted", "FinOps Foundation", "0.104712", "(191.00 - 171.00) / 191.00 = 10.47 %"),
        ("list", "Microsoft FinOps toolkit", "0.227273", "50.00 / 220.00 = 22.73 %"),
        ("committable", "IBM Cloudability", "0.222222", "(180.00 - 140.00) / 180.00 = 22.22 %"),
    ] {
        let one = variant(&reply, id);
        assert_eq!((&one["vendor"], &one["value"], &one["formula"]), (&json!(vendor), &json!(value), &json!(formula)));
        assert_eq!(one["chosen"], json!(id == "contracted"), "the rule is the FinOps Foundation's");
    }
    let estimate = kpi(&reply, "month_estimate")["estimate"].as_str().unwrap();
    assert!(estimate.starts_with("simple run rate"), "an estimate says so, and how: {estimate}");
    assert_eq!(kpi(&reply, "month_to_date")["estimate"], Value::Null, "what was billed is none");
    let target = |id: &str| kpi(&reply, id)["target"]["met"].clone();
    assert_eq!(
        [target("commitment_coverage"), target("commitment_utilisation"), target("allocated_share")],
        [false, false, false]
    );
    assert_eq!(kpi(&reply, "total")["target"], Value::Null);
}

#[test]
fn the_strip_is_about_the_cost_and_the_scope_that_are_asked_for() {
    let bench = loaded(&january(Bill::new()));
    let billed = bench.json(&["kpis", "--cost", "billed", "--where", "service = \"Virtual Machines\""]);
    // 100 + 40 - 5 + 0: the credit and the purchase are of the service, too.
    assert_eq!(figure(&billed, "total").0, "135.00");
    assert_eq!(figure(&billed, "run_rate").1, "135.00 / 4 complete days (2026-01-01..2026-01-04) = 33.75");
    assert_eq!(
        figure(&billed, "commitment_utilisation").0,
        "0.750000",
        "commitments are effective cost whatever is shown"
    );
    let storage = bench.json(&["kpis", "--where", "service = Storage"]);
    assert_said(&storage);
    assert_eq!(figure(&storage, "total").0, "27.00");
    assert!(none(&storage, "commitment_utilisation").contains("no charge says that it is the used or the unused part"));
    assert!(none(&storage, "commitment_waste").contains("no charge says"));
    assert!(none(&storage, "commitment_coverage").contains("there is no usage that commitments could cover"));
    assert_eq!(figure(&storage, "effective_savings_rate").0, "0.000000");
    let nothing = bench.json(&["kpis", "--where", "service = Nothing"]);
    assert_said(&nothing);
    for id in ["total", "effective_savings_rate", "allocated_share", "tag_coverage:team"] {
        assert!(!none(&nothing, id).is_empty(), "a filter that matches nothing");
    }
    let later = bench.json(&["kpis", "--period", "2027"]);
    assert_said(&later);
    assert!(none(&later, "run_rate").contains("no day of the period is loaded whole"), "a period with no data");
    let bills = bench.json(&["kpis", "--on", "billing"]);
    assert!(none(&bills, "run_rate").contains("a bill has no days"));
    let whole = bench.json(&["kpis", "--period", "2026-01-02..2026-01-03"]);
    assert_eq!(figure(&whole, "run_rate").1, "44.00 / 2 complete days (2026-01-02..2026-01-03) = 22.00");
    assert_eq!(figure(&whole, "month_to_date").0, "164.00", "the month begins on its first day");
}

#[test]
fn each_figure_stands_beside_that_of_the_compared_period() {
    let mut bill = january(Bill::new());
    for (day, cost) in [("2025-12-01", "30"), ("2025-12-04", "20"), ("2025-12-31", "12")] {
        bill = charge(bill, day, [cost, cost, cost, cost], &[]);
    }
    let december = [&COMMITTED[..], &[("ResourceId", "other")]].concat();
    bill = charge(bill, "2025-12-02", ["10", "8", "4", "0"], &december);
    let bench = loaded(&bill);
    let reply = bench.json(&["kpis", "--period", "2026-01", "--compare", "previous"]);
    assert_said(&reply);
    let previous = |id: &str| kpi(&reply, id)["previous"].clone();
    assert_eq!(previous("total"), "66.00");
    assert_eq!(kpi(&reply, "total")["change"], "105.00");
    assert_eq!(previous("run_rate"), "2.129032", "66 over the 31 days of December");
    assert_eq!(previous("month_to_date"), "54.00", "the first four days of December");
    assert_eq!(previous("commitment_coverage"), "0.114286", "8 of 8 + 62");
    assert_eq!(previous("commitment_utilisation"), "1.000000");
    assert_eq!(previous("commitment_waste"), "0");
    assert_eq!(previous("effective_savings_rate"), "0.057143", "(70 - 66) / 70");
    assert_eq!(variant(&reply, "list")["previous"], "0.083333", "6 of 72");
    assert_eq!(previous("allocated_share"), "0.000000");
    // A period that starts the data has nothing before it.
    let first = bench.json(&["kpis", "--period", "2025-12", "--compare", "previous"]);
    assert_said(&first);
    assert_eq!(kpi(&first, "run_rate")["previous"], Value::Null);
    assert_eq!(kpi(&first, "commitment_utilisation")["previous"], Value::Null, "nothing is not zero per cent");
}

#[test]
fn what_the_data_cannot_say_is_not_applicable() {
    let plain = loaded(&Bill::of(3));
    let reply = plain.json(&["kpis"]);
    assert_said(&reply);
    assert!(none(&reply, "commitment_coverage").contains("no charge that is loaded was covered by a commitment"));
    assert!(none(&reply, "allocated_share").contains("no owner tag is chosen"));
    assert_eq!(variant(&reply, "on_demand")["value"], Value::Null);
    assert_eq!(figure(&reply, "effective_savings_rate").0, "0.000000");
    let unlisted = loaded(&Bill::new().usual("ListCost", "").usual("ContractedCost", "").charge(&[]));
    let reply = unlisted.json(&["kpis"]);
    assert_said(&reply);
    assert!(none(&reply, "effective_savings_rate").contains("charges of Example Cloud have no contracted cost"));
    assert!(variant(&reply, "list")["not_applicable"].as_str().unwrap().contains("no charge has a list cost"));
    let half = loaded(&Bill::new().charge(&[]).charge(&[("ListCost", ""), ("ResourceId", "two")]));
    let list = half.json(&["kpis"]);
    assert_eq!(variant(&list, "list")["formula"], "0.50 / 3.00 = 16.67 %; 1 charge without a list cost is left out");
    let free = loaded(
        &["BilledCost", "EffectiveCost", "ContractedCost", "ListCost"]
            .iter()
            .fold(Bill::new(), |bill, cost| bill.usual(cost, "0"))
            .charge(&[]),
    );
    let reply = free.json(&["kpis"]);
    assert_said(&reply);
    assert!(none(&reply, "effective_savings_rate").contains("the contracted cost is zero"));
    assert_eq!(figure(&reply, "run_rate").0, "0.000000", "a free day is a day");
    let credits = loaded(&charge(
        Bill::new(),
        "2026-01-02",
        ["-5", "-5", "-5", "-5"],
        &[("ChargeCategory", "Credit"), ("PricingCategory", "")],
    ));
    let reply = credits.json(&["kpis"]);
    assert_said(&reply);
    assert_eq!(figure(&reply, "total").0, "-5.00", "a month with only credits");
    let empty = Workbench::new(PROGRAM).qd(&["kpis"]);
    assert_eq!(empty.status, Some(1));
    assert!(empty.stderr.contains("nothing is loaded yet"), "{}", empty.stderr);
}

#[test]
fn an_engagement_chooses_its_definition_and_its_owner() {
    let bench = loaded(&january(Bill::new()));
    let settings = bench.json(&["settings"]);
    let of = |key: &str| settings.as_array().unwrap().iter().find(|setting| setting["key"] == key).unwrap().clone();
    let rate = of("effective_savings_rate");
    assert_eq!(
        (&rate["value"], &rate["counts"], &rate["chosen"]),
        (&json!("contracted"), &json!("kpis"), &Value::Null)
    );
    let values: Vec<&Value> = rate["values"].as_array().unwrap().iter().map(|one| &one["value"]).collect();
    assert_eq!(values, ["on_demand", "contracted", "list", "committable"]);
    let _set = bench.json(&["settings", "set", "effective_savings_rate", "list"]);
    let _set = bench.json(&["settings", "set", "owner_tag", "cost-center"]);
    let reply = bench.json(&["kpis"]);
    assert_eq!(figure(&reply, "effective_savings_rate").0, "0.227273");
    assert_eq!(variant(&reply, "list")["chosen"], true);
    assert_eq!(
        figure(&reply, "allocated_share"),
        ("0.000000", "0.00 / 171.00 = 0.00 %"),
        "a key that nothing carries yet"
    );
    assert!(kpi(&reply, "allocated_share")["definition"].as_str().unwrap().contains("the tag cost-center"));
    let written = std::fs::read_to_string(bench.engagement().join("engagement.toml")).unwrap();
    assert!(
        written.contains("[settings]\neffective_savings_rate = \"list\"\nowner_tag = \"cost-center\"\n"),
        "{written}"
    );
    for (key, value, told) in [
        ("effective_savings_rate", "mine", "It is one of on_demand, contracted, list, committable"),
        ("owner_tag", " ", "It is a tag key"),
    ] {
        let refused = bench.qd(&["settings", "set", key, value]);
        assert_eq!(refused.status, Some(2), "{}", refused.stderr);
        assert!(refused.stderr.contains(told), "{}", refused.stderr);
    }
    // What only changes how figures are shown does not make a bill another one.
    let again = bench.load(&[bench.path("bill.csv")]);
    assert!(again.stderr.contains("is loaded already, byte for byte"), "{}", again.stderr);
    let _unset = bench.json(&["settings", "unset", "effective_savings_rate"]);
    let _unset = bench.json(&["settings", "unset", "owner_tag"]);
    let reply = bench.json(&["kpis"]);
    assert_eq!(figure(&reply, "effective_savings_rate").0, "0.104712");
    assert_eq!(figure(&reply, "allocated_share").0, "0.760234");
}

#[test]
fn tables_are_for_people_and_the_sql_runs_as_it_stands() {
    let bench = loaded(&january(Bill::new()));
    let table = bench.qd(&["--format", "table", "kpis"]);
    assert!(table.stdout.contains("USD a day") && table.stdout.contains("missed"), "{}", table.stdout);
    let formulas = bench.qd(&["--format", "csv", "kpis", "--show", "formulas"]).stdout;
    assert!(formulas.contains("effective_savings_rate: contracted (chosen),FinOps Foundation,0.104712"), "{formulas}");
    let definitions = bench.qd(&["--format", "csv", "kpis", "--show", "definitions"]).stdout;
    assert!(definitions.contains("simple run rate"), "{definitions}");
    let _set = bench.json(&["settings", "set", "effective_savings_rate", "list"]);
    let reply = bench.json(&["kpis"]);
    for kpi in reply["kpis"].as_array().unwrap() {
        for evidence in kpi["evidence"].as_array().unwrap() {
            let sql = evidence["sql"].as_str().unwrap();
            assert!(!bench.json(&["sql", sql])["rows"].as_array().unwrap().is_empty(), "{sql}");
        }
    }
}

#[test]
fn a_day_is_complete_once_every_provider_has_delivered_it() {
    let mut bill = Bill::new();
    for (provider, days, cost) in [("Alpha Cloud", 1..=4, "10"), ("Beta Cloud", 1..=2, "5")] {
        for day in days {
            let owner = [("ProviderName", provider), ("PublisherName", provider), ("InvoiceIssuerName", provider)];
            let account = [("BillingAccountId", provider), ("SubAccountId", provider)];
            bill = charge(bill, &format!("2026-01-0{day}"), [cost; 4], &[&owner[..], &account].concat());
        }
    }
    let bench = loaded(&bill);
    let reply = bench.json(&["kpis"]);
    assert_eq!(figure(&reply, "total").0, "50.00", "all that is there");
    assert_eq!(figure(&reply, "run_rate").1, "30.00 / 2 complete days (2026-01-01..2026-01-02) = 15.00");
    assert_eq!(figure(&reply, "month_estimate").1, "30.00 / 2 days (2026-01-01..2026-01-02) x 31 days = 465.00");
    let late = reply["notes"].as_array().unwrap().iter().find(|note| note["code"] == "late_provider").unwrap();
    assert!(
        late["message"].as_str().unwrap().contains("Whole days of Beta Cloud are loaded before 2026-01-03"),
        "{late}"
    );
    let alpha = bench.json(&["kpis", "--where", "provider = \"Alpha Cloud\""]);
    assert_eq!(figure(&alpha, "run_rate").1, "40.00 / 4 complete days (2026-01-01..2026-01-04) = 10.00");
    assert!(
        alpha["notes"].as_array().unwrap().iter().all(|note| note["code"] != "late_provider"),
        "nobody else is asked for"
    );
}

#[test]
fn converted_costs_keep_their_ratios() {
    let bench = loaded(&january(Bill::new()));
    let rates = bench.write("fixed.csv", "date,from,to,rate\n2026-01-01,USD,EUR,0.5\n");
    let _taken = bench.json(&["rates", "import", rates.to_str().unwrap()]);
    let plain = bench.json(&["kpis"]);
    let desk = Desk::new(&bench, Path::new(PROGRAM));
    let convert = json!({ "to": "EUR", "table": "fixed", "dated": "billing_month" });
    let question = json!({ "measures": ["effective_cost"], "convert": convert });
    let reply = desk.call("kpis", json!({ "question": question })).unwrap();
    assert_said(&reply);
    assert_eq!(reply["currency"], "EUR");
    assert_eq!(figure(&reply, "total").0, "85.50");
    assert_eq!(figure(&reply, "run_rate").0, "20.500000");
    for id in ["on_demand", "contracted", "list", "committable"] {
        assert_eq!(variant(&reply, id)["value"], variant(&plain, id)["value"], "{id} in another currency");
    }
    assert_eq!(variant(&reply, "list")["formula"], "25.00 / 110.00 = 22.73 %");
    for evidence in kpi(&reply, "commitment_coverage")["evidence"].as_array().unwrap() {
        let again = desk.call("evidence_recompute", json!({ "question": evidence["question"], "id": evidence["id"] }));
        assert_eq!(again.unwrap()["equal"], true, "what a figure was made of can be made again");
    }
    // One more bill, while the strip is shown.
    let more = bench.write("more.csv", charge(Bill::new(), "2025-12-02", ["2", "2", "2", "2"], &[]).csv());
    desk.load(&[&more]).unwrap();
    assert_eq!(
        figure(&desk.call("kpis", json!({ "question": { "measures": ["effective_cost"] } })).unwrap(), "total").0,
        "173.00"
    );
}
