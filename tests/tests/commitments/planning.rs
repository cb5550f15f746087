//! Portfolios and bands: what the replay makes of what the search finds, and of a basket along ways that demand may go.

use money::Amount;
use serde_json::{Value, json};

use super::{Loaded, amount, hourly, list, loaded_bill, sample, sum};

/// The result of a job.
fn done(loaded: &Loaded, command: &str, request: Value) -> Value {
    let status = ended(loaded, command, request);
    assert_eq!(status["state"], "done", "{command}: {status:#}");
    status["result"].clone()
}

fn ended(loaded: &Loaded, command: &str, request: Value) -> Value {
    let job = loaded.ask(command, request)["job"].clone();
    loop {
        let status = loaded.desk.call("job_status", json!({ "job": job })).unwrap();
        if status["state"] != "running" {
            return status;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(2));
    }
}

fn cents(amount: Amount) -> Amount {
    amount.rounded(2, money::Rounding::HalfEven)
}

/// Two plans that cover the same instance, one of them in two months.
fn two_plans() -> Value {
    json!([
        { "program": "aws-compute-savings-plan", "discount": "0.25", "months": [0, 1] },
        { "program": "aws-ec2-instance-savings-plan", "family": "m5", "discount": "0.4", "payment": "partial_upfront" },
    ])
}

#[test]
fn a_portfolio_is_never_worse_than_one_instrument_alone() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let found = done(
        &loaded,
        "commitment_portfolio_start",
        json!({
            "horizon_months": 3,
            "instruments": two_plans(),
            "paths": [{ "weight": 3, "factors": ["1"] }, { "weight": 1, "factors": ["1", "0.5"] }],
            "risk_weight": "0.5",
        }),
    );
    assert!(amount(&found["objective"]) <= amount(&found["best_alone_objective"]), "{found:#}");
    assert!(amount(&found["bound"]) <= amount(&found["objective"]), "nothing is below the bound");
    assert!(amount(&found["gap"]) <= "0.01".parse().unwrap(), "{found:#}");
    // In three of four cases the instance runs on: the plan of its family covers it, at 0.096 less 40 %.
    let bought = &list(&found["purchases"])[0];
    assert_eq!(bought["instrument"], 1, "the deeper discount: {found:#}");
    assert!(amount(&bought["hourly"]) <= "0.0576".parse().unwrap(), "{found:#}");
    assert_eq!(bought["hourly_in"], "discounted_spend");
}

#[test]
fn what_a_portfolio_costs_is_what_the_what_if_of_its_purchases_says() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let found = done(
        &loaded,
        "commitment_portfolio_start",
        json!({
            "horizon_months": 3,
            "instruments": two_plans(),
            "paths": [{ "weight": 3, "factors": ["1"] }, { "weight": 1, "factors": ["1", "0.5"] }],
        }),
    );
    let whatif = loaded.ask("commitment_whatif", json!({ "basket": found["basket"] }));
    assert_eq!(found["likely"]["cost"], whatif["total"]["cost"], "to the last digit");
    assert_eq!(found["likely"]["undecided"], whatif["undecided_total"]["cost"]);
    assert_eq!(found["likely"]["saves"], whatif["saves"]);
    // Each path by itself: the first is the likely one, on the second half of the demand goes after the first month ahead.
    let costs = list(&found["costs"]);
    assert_eq!(amount(&costs[0]), cents(amount(&whatif["total"]["cost"])));
    let second = whatif["months"][1]["month"].as_str().unwrap();
    let mut fallen = found["basket"].clone();
    fallen["demand"] = json!([{ "name": "falls by half", "from": format!("{second}-01"), "factor": "0.5" }]);
    let fallen = loaded.ask("commitment_whatif", json!({ "basket": fallen }));
    assert_eq!(amount(&costs[1]), cents(amount(&fallen["total"]["cost"])));
    // Three of four times the one, once the other.
    let [first, other] = [amount(&whatif["total"]["cost"]), amount(&fallen["total"]["cost"])];
    let mean = first.checked_mul(Amount::from_integer(3)).unwrap().checked_add(other).unwrap();
    let mean = money::Ratio::of(mean, Amount::from_integer(4), 6).unwrap();
    assert_eq!(amount(&found["expected_cost"]), cents(mean));
    let told = list(&found["notes"]).iter().any(|note| note["code"] == "repriced" || note["code"] == "repriced_alike");
    assert!(told, "the search's price stands beside the replay's: {found:#}");
    let off = amount(&found["searched"]["expected_cost"]).checked_sub(amount(&found["expected_cost"])).unwrap().abs();
    assert!(off <= "0.01".parse().unwrap(), "one account and one line leave no room to differ: {found:#}");
}

#[test]
fn a_portfolio_of_the_sample_is_the_what_if_too_and_its_frontier_is_the_best_for_each_weight() {
    let loaded = sample();
    let quarter = query::parse_period("2026-Q3").unwrap();
    let question = json!({ "currency": "USD", "period": quarter,
        "filters": [{ "dimension": "provider", "operator": "is", "values": ["AWS"] }] });
    let found = done(
        &loaded,
        "commitment_portfolio_start",
        json!({
            "question": question,
            "horizon_months": 6,
            "instruments": [
                { "program": "aws-compute-savings-plan", "discount": "0.27", "months": [0, 3] },
                { "program": "aws-compute-savings-plan", "discount": "0.45", "term_months": 36, "payment": "all_upfront" },
                { "program": "gcp-spend-commitment", "discount": "0.2" },
            ],
            "demand": [{ "name": "falls by 30 % in December", "from": "2026-12-01", "factor": "0.7" }],
            "draw": { "paths": 20 },
            "risk_weight": "0.2",
            "risk_weights": ["0", "2"],
            "upfront": "50000",
        }),
    );
    assert!(
        list(&found["notes"]).iter().any(|note| note["code"] == "not_offered"),
        "nothing of Google is in the question"
    );
    let whatif = loaded.ask("commitment_whatif", json!({ "question": question, "basket": found["basket"] }));
    assert_eq!(found["likely"]["cost"], whatif["total"]["cost"], "the demand that it was chosen for is in the basket");
    assert_eq!(list(&found["costs"]).len(), 20);
    assert!(amount(&found["upfront"]) <= "50000".parse().unwrap());
    let points = list(&found["frontier"]);
    let weights: Vec<&str> = points.iter().map(|point| point["risk_weight"].as_str().unwrap()).collect();
    assert_eq!(weights, ["0", "0.2", "2"]);
    for point in points {
        let weight = amount(&point["risk_weight"]);
        let objective = |other: &Value| {
            let tail = amount(&other["tail_cost"]).checked_mul(weight).unwrap();
            amount(&other["expected_cost"]).checked_add(tail).unwrap()
        };
        for other in points {
            assert!(
                amount(&point["bound"]) <= objective(other),
                "no other point beats the bound of weight {weight}: {other:#}"
            );
        }
        assert!(amount(&point["gap"]) <= "0.01".parse().unwrap(), "{point:#}");
    }
    let drawn = list(&found["drawn"]);
    assert!(drawn.iter().all(|one| one["grain"] == "month"), "the sample has more than a year: {drawn:#?}");
}

#[test]
fn bands_of_a_basket_hold_its_what_if_and_come_again_from_the_same_seed() {
    let loaded = sample();
    let quarter = query::parse_period("2026-Q3").unwrap();
    let question = json!({ "currency": "USD", "period": quarter });
    let basket = json!({ "horizon_months": 4, "decision": [
        { "id": "renewed", "kind": "buy", "program": "aws-compute-savings-plan", "hourly": "8", "discount": "0.27" }] });
    let request = json!({ "question": question, "basket": basket, "paths": 21 });
    let found = done(&loaded, "commitment_bands_start", request.clone());
    let whatif = loaded.ask("commitment_whatif", json!({ "question": question, "basket": basket }));
    assert_eq!(found["total"]["cost"]["likely"], whatif["total"]["cost"]);
    assert_eq!(found["undecided_cost"]["likely"], whatif["undecided_total"]["cost"]);
    assert_eq!(found["saves"]["likely"], whatif["saves"]);
    for (month, likely) in list(&found["months"]).iter().zip(list(&whatif["months"])) {
        assert_eq!(month["month"], likely["month"]);
        for figure in ["cost", "cash", "savings"] {
            assert_eq!(month[figure]["likely"], likely[figure], "{figure} of {}", month["month"]);
        }
        for figure in ["unused", "coverage", "utilisation"] {
            let expected = amount(&likely["figures"][figure]);
            assert_eq!(amount(&month[figure]["likely"]), expected, "{figure} of {}", month["month"]);
        }
        assert!(amount(&month["cost"]["low"]) < amount(&month["cost"]["high"]), "demand is not certain");
        assert!(amount(&month["utilisation"]["high"]) <= Amount::from_integer(1));
    }
    let costs: Vec<Amount> = list(&found["costs"]).iter().map(amount).collect();
    let dearest = costs.iter().max().unwrap();
    assert_eq!(costs.len(), 21);
    // One in twenty of 21 paths is the dearest and a twentieth of the next.
    assert!(
        amount(&found["tail_cost"]) <= *dearest
            && amount(&found["tail_cost"]) >= amount(&found["total"]["cost"]["high"])
    );
    assert_eq!(found, done(&loaded, "commitment_bands_start", request), "the same seed, the same bands");
    let other = json!({ "question": question, "basket": basket, "paths": 21, "seed": 7 });
    assert_ne!(found["costs"], done(&loaded, "commitment_bands_start", other)["costs"]);
    let grown = json!({ "question": question, "basket": basket, "paths": 21, "follow_forecast": true });
    let grown = done(&loaded, "commitment_bands_start", grown);
    assert_ne!(
        grown["total"]["cost"]["likely"], found["total"]["cost"]["likely"],
        "usage that follows the forecast moves"
    );
    let refused = loaded.refused("commitment_bands_start", json!({ "question": question, "paths": 1 }));
    assert!(refused["message"].as_str().unwrap().contains("1 paths"), "{refused:#}");
}

#[test]
fn scenarios_give_paths_as_they_weigh_and_move_demand_alone() {
    let loaded = sample();
    let fall = r#"
baseline = "forecast"

[[operation]]
id = "halved"
kind = "scale"
where = "everything"
change = "-50 %"
from = "2026-10"

[[operation]]
id = "dearer"
kind = "price_change"
where = "everything"
change = "10 %"
from = "2026-10"
"#;
    let (_, dearer) = fall.rsplit_once("[[operation]]").unwrap();
    let dearer = format!("baseline = \"forecast\"\n\n[[operation]]{dearer}");
    for (name, text) in [("fall", fall), ("dearer", &dearer)] {
        loaded.desk.call("scenario_save_text", json!({ "name": name, "text": text })).unwrap();
    }
    let quarter = query::parse_period("2026-Q3").unwrap();
    let basket = json!({ "horizon_months": 4, "decision": [
        { "id": "renewed", "kind": "buy", "program": "aws-compute-savings-plan", "hourly": "8", "discount": "0.27" }] });
    let drawn = |scenarios: Value| {
        let question = json!({ "currency": "USD", "period": quarter });
        let request = json!({ "question": question, "basket": basket, "paths": 40, "scenarios": scenarios });
        done(&loaded, "commitment_bands_start", request)
    };
    let (expected, fallen) = (drawn(json!([{ "weight": 1 }])), drawn(json!([{ "name": "fall", "weight": 3 }])));
    let question = json!({ "currency": "USD", "period": quarter });
    let forecast =
        done(&loaded, "commitment_bands_start", json!({ "question": question, "basket": basket, "paths": 40 }));
    assert_eq!(expected["costs"], forecast["costs"], "what is expected when nothing is decided is the forecast");
    let steady = drawn(json!([{ "name": "dearer", "weight": 1 }]));
    assert_eq!(steady["costs"], forecast["costs"], "prices move no demand");
    let by_scenario: Vec<_> = list(&steady["drawn"])
        .iter()
        .zip(list(&fallen["drawn"]))
        .filter(|(before, _)| before["grain"] == "scenario")
        .collect();
    assert!(by_scenario.len() > 2, "the services of the sample are known to the baseline: {:#}", expected["drawn"]);
    for (before, after) in by_scenario {
        for end in ["low", "high"] {
            let doubled = amount(&after[end]).checked_mul(Amount::from_integer(2)).unwrap();
            let apart = amount(&before[end]).checked_sub(doubled).unwrap();
            assert!(
                apart.abs() < "0.0001".parse().unwrap(),
                "half of what is expected, at the prices of today: {before:#} {after:#}"
            );
        }
    }
    let notes = fallen["notes"].to_string();
    assert!(notes.contains("40 of 40 ways are drawn from `fall`") && notes.contains("`dearer`"), "{notes}");

    let mixed = drawn(json!([{ "name": "fall", "weight": 1 }, { "weight": 3 }]));
    let costs = |of: &Value| list(&of["costs"]).to_vec();
    let [expected, fallen, mixed] = [&expected, &fallen, &mixed].map(costs);
    assert_eq!(mixed[..10], fallen[..10], "a quarter of the paths is of the fall, each as it is there");
    assert_eq!(mixed[10..], expected[10..], "and the others are as expected");

    let request = json!({ "question": { "currency": "USD", "period": quarter }, "horizon_months": 4,
        "draw": { "paths": 20, "scenarios": [{ "name": "fall", "weight": 1 }] },
        "instruments": [{ "program": "aws-compute-savings-plan", "discount": "0.27" }] });
    let found = done(&loaded, "commitment_portfolio_start", request);
    assert_eq!(list(&found["costs"]).len(), 20);
    assert!(list(&found["drawn"]).iter().any(|one| one["grain"] == "scenario"), "{:#}", found["drawn"]);

    let refused = |scenarios: Value| {
        let request =
            json!({ "question": { "currency": "USD", "period": quarter }, "basket": basket, "scenarios": scenarios });
        ended(&loaded, "commitment_bands_start", request)["error"]["message"].as_str().unwrap_or_default().to_owned()
    };
    assert!(refused(json!([{ "name": "nowhere", "weight": 1 }])).contains("no scenario `nowhere`"));
    assert!(refused(json!([{ "name": "fall", "weight": 0 }])).contains("weighs 0"));
}

#[test]
fn a_portfolio_without_a_feasible_answer_names_the_constraint() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let refused = |more: Value| {
        let mut request = json!({ "horizon_months": 2, "instruments": two_plans() });
        for (key, value) in more.as_object().unwrap() {
            request[key] = value.clone();
        }
        let status = ended(&loaded, "commitment_portfolio_start", request);
        assert_eq!(status["state"], "failed", "{status:#}");
        status["error"]["message"].as_str().unwrap().to_owned()
    };
    let only_prepaid = json!([{ "program": "aws-compute-savings-plan", "discount": "0.25", "payment": "all_upfront" }]);
    let said = refused(json!({ "instruments": only_prepaid, "coverage": "0.9", "upfront": "10" }));
    assert!(said.contains("upfront") && said.contains("coverage of 0.9"), "{said}");
    let said = refused(json!({ "coverage": "0.9", "longest_term_months": 6 }));
    assert!(said.contains("coverage of 0.9"), "{said}");
    let said = refused(json!({ "coverage": "0.9", "most_a_month": "0.001" }));
    assert!(said.contains("coverage of 0.9"), "{said}");
    let said = refused(json!({ "paths": [{ "weight": 1, "factors": ["-1"] }] }));
    assert!(said.contains("multiplies demand by -1"), "{said}");
    let said = refused(json!({ "draw": {}, "paths": [{ "weight": 1, "factors": ["1"] }] }));
    assert!(said.contains("either given or drawn"), "{said}");
    let nothing_left = json!([{ "program": "aws-compute-savings-plan", "discount": "0.25", "months": [7] }]);
    let said = refused(json!({ "instruments": nothing_left }));
    assert!(said.contains("month 7"), "{said}");
}

#[test]
fn a_portfolio_can_be_stopped() {
    let loaded = sample();
    let request = json!({ "horizon_months": 12, "draw": { "paths": 50 },
        "instruments": [{ "program": "aws-compute-savings-plan", "discount": "0.27" }] });
    let job = loaded.ask("commitment_portfolio_start", request)["job"].clone();
    loaded.desk.call("job_cancel", json!({ "job": job })).unwrap();
    loop {
        let status = loaded.desk.call("job_status", json!({ "job": job })).unwrap();
        if status["state"] != "running" {
            assert_eq!(status["state"], "cancelled", "{status:#}");
            break;
        }
        std::thread::park_timeout(std::time::Duration::from_millis(2));
    }
}

#[test]
fn rungs_of_a_ladder_are_no_larger_than_what_may_be_bought_in_a_month() {
    let loaded = loaded_bill(&hourly(24 * 15, &[]));
    let ladder = json!([{ "program": "aws-compute-savings-plan", "discount": "0.25", "months": [0, 1, 2] }]);
    let found = done(
        &loaded,
        "commitment_portfolio_start",
        json!({ "horizon_months": 4, "instruments": ladder, "most_a_month": "0.02" }),
    );
    let purchases = list(&found["purchases"]);
    assert_eq!(purchases.len(), 3, "0.072 an hour would be bought at once: {found:#}");
    assert_eq!(sum(purchases.iter().map(|one| &one["hourly"])), "0.06".parse().unwrap());
    let dates: Vec<&Value> = list(&found["basket"]["decision"]).iter().map(|one| &one["at"]).collect();
    assert_eq!(dates, ["2026-04-04", "2026-05-01", "2026-06-01"]);
}

#[test]
fn a_basket_is_pinned_to_a_pack_as_a_page_for_who_approves_it() {
    let loaded = sample();
    let question = json!({ "currency": "USD", "period": query::parse_period("2026-Q3").unwrap(),
        "filters": [{ "dimension": "provider", "operator": "is", "values": ["AWS"] }] });
    let pin = |basket: &str| {
        json!({ "pack": "qbr", "heading": "Renewal",
            "content": { "commitment": { "question": question, "basket": basket } } })
    };
    let refused = loaded.desk.call("pack_pin", pin("plan")).unwrap_err();
    assert_eq!(refused["code"], "not_found", "what cannot be shown is not pinned: {refused:#}");
    let basket = json!({ "note": "Our plan has ended", "approver": "Finance", "decision": [
        { "id": "renewed", "kind": "buy", "program": "aws-compute-savings-plan", "hourly": "8", "discount": "0.27" }] });
    loaded.ask("commitment_basket_save", json!({ "name": "plan", "basket": basket }));
    let packs = loaded.desk.call("pack_pin", pin("plan")).unwrap();
    let pinned = &list(&packs)[0]["pinned"][0];
    assert_eq!((pinned["kind"].as_str(), pinned["heading"].as_str()), (Some("commitment"), Some("Renewal")));
}

/// What is held keeps its usage beside what is bought: the optimum of what it leaves saves ahead what it would have saved before.
#[test]
fn the_what_if_of_an_optimum_saves_what_the_optimum_says() {
    let loaded = sample();
    let question = json!({ "currency": "USD", "period": query::parse_period("2026-Q3").unwrap(),
        "filters": [{ "dimension": "provider", "operator": "is", "values": ["AWS"] }] });
    let asked = json!({ "question": question, "step": "hour", "program": "aws-compute-savings-plan" });
    let optimum = loaded.ask("commitment_optimize", asked);
    let basket = json!({ "horizon_months": 3, "decision": [{ "id": "optimum", "kind": "buy",
        "program": "aws-compute-savings-plan", "hourly": optimum["buy"]["hourly"] }] });
    let whatif = loaded.ask("commitment_whatif", json!({ "question": question, "step": "hour", "basket": basket }));
    let (ahead, before) = (amount(&whatif["saves"]), amount(&optimum["buy"]["savings"]));
    let off = ahead.checked_sub(before).unwrap().abs();
    let tenth = money::Ratio::of(before, Amount::from_integer(10), 2).unwrap();
    assert!(off < tenth, "{ahead} over the next quarter, {before} over the last one");
    let unused = |total: &str| amount(&whatif[total]["figures"]["unused"]);
    assert_eq!(cents(unused("total")), cents(unused("undecided_total")), "no plan is left idle by the other");
}
