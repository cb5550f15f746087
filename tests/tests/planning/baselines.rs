//! What a baseline is made of beyond the bill itself: business metrics, currencies, units, credits, promises to spend, the right base of a
//! percentage.

use money::Amount;
use serde_json::{Value, json};
use testsupport::{Bill, Workbench, sample_data};

use super::{PROGRAM, amount, assert_sound, keep, less, list, sum};

/// Two services over months from January 2025 on. Compute costs 500 and 2 cents an order; storage grows by itself.
fn shop(months: u32, orders: impl Fn(u32) -> u32) -> (Bill, String) {
    let (mut bill, mut metrics) = (Bill::new(), "date,metric,value\n".to_owned());
    for month in 0..months {
        let label = |month: u32| format!("{}-{:02}", 2025 + month / 12, month % 12 + 1);
        let (start, end) = (format!("{}-01T00:00:00Z", label(month)), format!("{}-01T00:00:00Z", label(month + 1)));
        let compute = Amount::new(i128::from(50_000 + 2 * orders(month)), 2).unwrap();
        let storage = Amount::new(i128::from(30_000 + 150 * (month % 4)), 2).unwrap();
        for (service, cost) in [("Compute", compute), ("Storage", storage)] {
            let cost = cost.to_string();
            bill = bill.charge(&[
                ("ChargePeriodStart", &start),
                ("ChargePeriodEnd", &end),
                ("BillingPeriodStart", &start),
                ("BillingPeriodEnd", &end),
                ("ServiceName", service),
                ("BilledCost", &cost),
                ("EffectiveCost", &cost),
                ("ContractedCost", &cost),
                ("ListCost", &cost),
                ("PricingQuantity", &cost),
            ]);
        }
        metrics.push_str(&format!("{},orders,{}\n", label(month), orders(month)));
    }
    (bill, metrics)
}

fn opened(months: u32, orders: impl Fn(u32) -> u32) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let (bill, metrics) = shop(months, orders);
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    let file = bench.write("metrics.csv", metrics);
    let output = bench.qd(&["metrics", "import", file.to_str().unwrap()]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);
    bench
}

fn codes(run: &Value) -> Vec<&str> {
    list(&run["notes"]).iter().map(|note| note["code"].as_str().unwrap()).collect()
}

fn baseline(bench: &Workbench, name: &str, text: &str) -> testsupport::Output {
    let file = bench.write("baseline.toml", text);
    bench.qd(&["scenario", "baseline", "save", name, file.to_str().unwrap()])
}

fn orders(month: u32) -> u32 {
    20_000 + 700 * month + 4_000 * (month * month % 7)
}

const MORE: &str = "[[operation]]\nid = \"more\"\nkind = \"driver_override\"\ndriver = \"orders\"\nchange = \"10 %\"\nfrom = \"2027-01\"\n";

#[test]
fn a_metric_that_explains_a_service_drives_it() {
    let bench = opened(24, orders);
    keep(&bench, "more", &format!("baseline = \"forecast\"\n\n{MORE}"));
    let run = bench.json(&["scenario", "run", "more"]);
    assert_sound(&run);
    let driver = &run["drivers"][0];
    assert_eq!((&driver["name"], &driver["scope"]), (&json!("orders"), &json!("Compute")), "{run:#}");
    assert_eq!(list(&run["drivers"]).len(), 1, "storage follows nothing");
    assert_eq!(
        less(amount(&driver["unit_cost"]), "0.02".parse().unwrap()).abs().rounded(6, money::Rounding::HalfEven),
        Amount::ZERO.rescaled(6, money::Rounding::HalfEven).unwrap()
    );
    // A tenth more orders cost a tenth of what orders cost, and nothing of what is fixed.
    let units = sum(list(&driver["units"]));
    let wanted = units.checked_mul(amount(&driver["unit_cost"])).unwrap().checked_mul("0.1".parse().unwrap()).unwrap();
    let effect = less(amount(&run["total"]["likely"]), amount(&run["total"]["baseline"]));
    assert!(less(effect, wanted).abs() < Amount::new(5, 1).unwrap(), "{effect} is not {wanted}");
    assert_eq!(amount(&run["operations"][0]["effect"]), effect);
    let listed = bench.json(&["scenario", "list"]);
    assert!(listed["baselines"][0]["drivers"].is_array(), "an editor knows them");
}

#[test]
fn a_short_history_knows_no_drivers_and_says_so() {
    let bench = opened(15, orders);
    keep(&bench, "more", &format!("baseline = \"forecast\"\n\n{MORE}"));
    let run = bench.json(&["scenario", "run"]);
    assert_eq!(list(&run["drivers"]).len(), 0);
    assert!(codes(&run).contains(&"no_drivers"), "{:?}", codes(&run));
    let refused = bench.qd(&["scenario", "run", "more"]);
    assert_eq!(refused.status, Some(1));
    assert!(refused.stderr.contains("orders"), "{}", refused.stderr);

    // A baseline of one's own may say what a unit costs, and how many there will be.
    let own = "dimensions = [\"service\"]\nmonths = 6\n\n[[driver]]\nmetric = \"orders\"\nunit_cost = \"0.03\"\n\
               where = { service = \"Compute\" }\n\n[driver.values]\n\"2026-04\" = \"100000\"\n\"2026-05\" = \"100000\"\n\"2026-06\" = \"100000\"\n\
               \"2026-07\" = \"100000\"\n\"2026-08\" = \"100000\"\n\"2026-09\" = \"100000\"\n";
    let saved = baseline(&bench, "driven", own);
    assert_eq!(saved.status, Some(0), "{}", saved.stderr);
    let typed = "[[operation]]\nid = \"more\"\nkind = \"driver_override\"\ndriver = \"orders\"\nvalues = { \"2026-05\" = 150000 }\nfrom = \"2026-04\"\n";
    keep(&bench, "typed", &format!("baseline = \"driven\"\n\n{typed}"));
    let run = bench.json(&["scenario", "run", "typed"]);
    assert_sound(&run);
    assert_eq!(run["drivers"][0]["typed"], true);
    let effect = less(amount(&run["total"]["likely"]), amount(&run["total"]["baseline"]));
    assert_eq!(effect, "1500.00".parse().unwrap(), "fifty thousand orders more at three cents");

    for (wrong, said) in [
        ("metric = \"visits\"", "visits"),
        ("metric = \"orders\"\ngrowth = \"900 %\"", "900"),
        ("metric = \"orders\"\nunit_cost = \"-1\"", "less than nothing"),
        ("metric = \"orders\"\nwhere = { region = \"north\" }", "region"),
        ("metric = \"orders\"\ngrowth = \"1 %\"\nvalues = { \"2026-04\" = \"5\" }", "both a growth and values"),
    ] {
        let saved = baseline(&bench, "wrong", &format!("dimensions = [\"service\"]\n\n[[driver]]\n{wrong}\n"));
        let told = if saved.status == Some(0) {
            keep(&bench, "over", "baseline = \"wrong\"\n");
            bench.qd(&["scenario", "run", "over"]).stderr
        } else {
            saved.stderr
        };
        assert!(told.contains(said), "{wrong}: {told}");
    }
}

#[test]
fn units_and_rates_move_apart() {
    let bench = opened(15, orders);
    let operations = "[[operation]]\nid = \"usage\"\nkind = \"scale\"\nwhere = { service = \"Compute\" }\nchange = \"10 %\"\nfrom = \"2026-05\"\n\n\
                      [[operation]]\nid = \"price\"\nkind = \"price_change\"\nwhere = { service = \"Compute\" }\nchange = \"-20 %\"\nfrom = \"2026-05\"\n";
    keep(&bench, "both", &format!("baseline = \"forecast\"\n\n{operations}"));
    let lines = bench.json(&["scenario", "lines", "both", "--search", "Compute"]);
    let line = &lines["lines"][0];
    assert_eq!(line["unit"], "Hours", "{line:#}");
    let times = |value: &Value, factor: &str| amount(value).checked_mul(factor.parse().unwrap()).unwrap();
    let near = |left: Amount, right: Amount| less(left, right).abs() < Amount::new(1, 5).unwrap();
    for month in 1..12 {
        assert!(near(amount(&line["units"][month]), times(&line["baseline_units"][month], "1.1")), "usage moves units");
        assert!(
            near(amount(&line["rate"][month]), times(&line["baseline_rate"][month], "0.8")),
            "a price moves the rate"
        );
    }
    assert_eq!(line["units"][0], line["baseline_units"][0], "not before its month");
}

const EURO: &str =
    "[[operation]]\nid = \"euro\"\nkind = \"currency\"\nbilled_in = \"EUR\"\nchange = \"10 %\"\nfrom = \"2027-01\"\n";

#[test]
fn a_rate_moves_what_is_billed_in_its_currency_and_nothing_else() {
    let bench = Workbench::new(PROGRAM);
    let _report = bench.loaded(&[sample_data("bills"), sample_data("redelivered")]);
    let rates = bench
        .write("desk.csv", "date,from,to,rate,source\n2025-07-01,EUR,USD,1.17,desk\n2026-09-15,EUR,USD,1.10,desk\n");
    let output = bench.qd(&["rates", "import", rates.to_str().unwrap()]);
    assert_eq!(output.status, Some(0), "{}", output.stderr);

    keep(&bench, "plain", &format!("baseline = \"forecast\"\n\n{EURO}"));
    let refused = bench.qd(&["scenario", "run", "plain"]);
    assert!(
        refused.status == Some(1) && refused.stderr.contains("nothing in the baseline is billed in EUR"),
        "{}",
        refused.stderr
    );

    let unknown = "dimensions = [\"service\"]\n\n[convert]\nrates = \"nowhere\"\n";
    assert_eq!(baseline(&bench, "unknown", unknown).status, Some(0), "a table may come later");
    keep(&bench, "lost", "baseline = \"unknown\"\n");
    let refused = bench.qd(&["scenario", "run", "lost"]);
    assert!(refused.status != Some(0) && refused.stderr.contains("no rate table `nowhere`"), "{}", refused.stderr);

    let both = "dimensions = [\"service\", \"provider\"]\n\n[convert]\nrates = \"desk\"\nage_days_max = 30\n";
    assert_eq!(baseline(&bench, "both", both).status, Some(0));
    keep(&bench, "euro", &format!("baseline = \"both\"\n\n{EURO}"));
    let run = bench.json(&["scenario", "run", "euro", "--by", "billing_currency"]);
    assert_sound(&run);
    assert!(codes(&run).contains(&"converted") && !codes(&run).contains(&"other_currencies"), "{:?}", codes(&run));
    let group = |value: &str| list(&run["groups"]).iter().find(|group| group["value"] == value).unwrap().clone();
    let (euro, dollar) = (group("EUR"), group("USD"));
    assert_eq!(dollar["likely"], dollar["baseline"], "dollars do not move");
    let (mut moved, mut before) = (Vec::new(), Vec::new());
    for month in 3..12 {
        moved.push(euro["monthly"][month].clone());
        before.push(euro["baseline_monthly"][month].clone());
    }
    let wanted = sum(&before).checked_mul("1.1".parse().unwrap()).unwrap();
    assert!(less(sum(&moved), wanted).abs() < Amount::new(1, 1).unwrap(), "tax on what is billed in EUR moves, too");
    assert_eq!(euro["monthly"][2], euro["baseline_monthly"][2], "not before its month");
    let year = bench.json(&["ask", "--cost", "effective", "--currency", "EUR", "--period", "2025-10..2026-09"]);
    let year = amount(&year["total"]["effective_cost"]).checked_mul("1.10".parse().unwrap()).unwrap();
    let reach = year.checked_mul("0.25".parse().unwrap()).unwrap();
    assert!(less(amount(&euro["baseline"]), year).abs() < reach, "a year of it is of the size of the last: {euro:#}");
    let stale = both.replace("age_days_max = 30", "age_days_max = 3");
    assert_eq!(baseline(&bench, "both", &stale).status, Some(0));
    let refused = bench.qd(&["scenario", "run", "euro"]);
    assert!(
        refused.status != Some(0) && refused.stderr.contains("2026-09-30"),
        "a rate that is too old is none: {}",
        refused.stderr
    );
}

/// Fifteen months of two services in two accounts and a support plan on both.
fn supported(support: impl Fn(u32) -> u32) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let bill = (0..15).fold(Bill::new(), |bill, month| {
        let label = |month: u32| format!("{}-{:02}-01T00:00:00Z", 2025 + month / 12, month % 12 + 1);
        let (start, end) = (label(month), label(month + 1));
        let usage = 9_000 + 400 * month + 900 * (month % 3);
        [("Compute", "web", usage), ("Storage", "shop", 3_000), ("Cloud Support", "web", support(usage + 3_000))]
            .into_iter()
            .fold(bill, |bill, (service, account, cost)| {
                let cost = cost.to_string();
                bill.charge(&[
                    ("ChargePeriodStart", &start),
                    ("ChargePeriodEnd", &end),
                    ("BillingPeriodStart", &start),
                    ("BillingPeriodEnd", &end),
                    ("ServiceName", service),
                    ("SubAccountId", account),
                    ("BilledCost", &cost),
                    ("EffectiveCost", &cost),
                    ("ContractedCost", &cost),
                    ("ListCost", &cost),
                ])
            })
    });
    let _report = bench.loaded(&[bench.write("bill.csv", bill.csv())]);
    bench
}

/// What the notes of a run say under a code.
fn noted<'a>(run: &'a Value, code: &str) -> &'a str {
    let note = list(&run["notes"]).iter().find(|note| note["code"] == code);
    note.unwrap_or_else(|| panic!("nothing of {code}: {run:#}"))["message"].as_str().unwrap()
}

/// What a thousand more a month do to a year of a baseline.
fn effect_of_growth(bench: &Workbench, of: &str) -> Amount {
    let grow = "[[operation]]\nid = \"grow\"\nkind = \"add_flow\"\nat = { service = \"Compute\" }\namount = 1000\nfrom = \"2026-04\"\n";
    keep(bench, "grow", &format!("baseline = \"{of}\"\n\n{grow}"));
    let run = bench.json(&["scenario", "run", "grow"]);
    assert_sound(&run);
    less(amount(&run["total"]["likely"]), amount(&run["total"]["baseline"]))
}

#[test]
fn support_is_a_percentage_of_its_provider_s_bill_whatever_the_baseline_holds() {
    let bench = supported(|bill| bill / 10);
    let whole = bench.json(&["scenario", "run"]);
    assert!(noted(&whole, "percentages").contains("Cloud Support"), "{}", noted(&whole, "percentages"));
    let filtered = "dimensions = [\"service\"]\n\n[[filters]]\ndimension = \"sub_account\"\noperator = \"is\"\nvalues = [\"web\"]\n";
    assert_eq!(baseline(&bench, "web", filtered).status, Some(0));
    // A thousand more a month bring support for a thousand, not for the part of the bill that the filter lets through.
    for of in ["forecast", "web"] {
        let effect = effect_of_growth(&bench, of);
        let near = |wanted: i64| less(effect, Amount::from_integer(wanted)).abs() < Amount::from_integer(20);
        assert!(near(13_200), "a tenth more than twelve thousand over {of}: {effect}");
    }
    assert!(
        noted(&bench.json(&["scenario", "run", "grow"]), "percentages").contains("of which this baseline holds a part"),
        "and that is said"
    );
}

#[test]
fn support_that_is_the_same_every_month_does_not_grow_with_the_bill() {
    let bench = supported(|_| 1_500);
    let run = bench.json(&["scenario", "run"]);
    let told = noted(&run, "flat_percentages");
    assert!(told.contains("Cloud Support") && told.contains("1,500.00 USD"), "{told}");
    assert_eq!(effect_of_growth(&bench, "forecast"), Amount::from_integer(12_000), "a plan at its minimum stays there");
}

#[test]
fn credits_are_drawn_until_they_end_and_promises_are_kept() {
    let bench = opened(15, orders);
    let credits = "[[credit]]\nname = \"Start\"\nbalance = \"2500\"\nas_of = \"2026-03\"\nexpires = \"2026-09\"\nwhere = { service = \"Compute\" }\n\n\
                   [[credit]]\nname = \"Gone\"\nbalance = \"10\"\nexpires = \"2025-09\"\n\n[[credit]]\nname = \"Abroad\"\nbalance = \"10\"\ncurrency = \"EUR\"\nexpires = \"2027-09\"\n";
    let file = bench.write("credits.toml", credits);
    let kept = bench.json(&["scenario", "credits", file.to_str().unwrap()]);
    assert_eq!(kept["credits"][0]["balance"], "2500");
    let run = bench.json(&["scenario", "run"]);
    assert_sound_but_credits(&run);
    let lines = bench.json(&["scenario", "lines", "--search", "credit:Start"]);
    let drawn = list(&lines["lines"][0]["likely"]);
    assert_eq!(
        sum(drawn),
        "-2500".parse::<Amount>().unwrap().rescaled(2, money::Rounding::HalfEven).unwrap(),
        "{drawn:?}"
    );
    let left_out: Vec<&Value> = list(&run["notes"]).iter().filter(|note| note["code"] == "credit_left_out").collect();
    assert_eq!(left_out.len(), 2, "what has expired, and what is in another currency: {left_out:?}");

    let agreements = "[[agreement]]\nname = \"Deal\"\nfrom = \"2026-01\"\ncommitments = [\"100000\", \"120000\"]\n\
                      rebates = [{ up_to = \"5000\", percent = \"0 %\" }, { percent = \"10 %\" }]\n";
    let file = bench.write("agreements.toml", agreements);
    let kept = bench.json(&["scenario", "agreements", file.to_str().unwrap()]);
    assert_eq!(list(&kept["agreements"][0]["commitments"]).len(), 2);
    let lines = bench.json(&["scenario", "lines", "--search", "agreement:"]);
    let of =
        |text: &str| list(&lines["lines"]).iter().find(|line| line["id"].as_str().unwrap().contains(text)).unwrap();
    let shortfall = of("2026-01:shortfall");
    assert!(
        amount(&shortfall["likely"][8]) > Amount::from_integer(70_000),
        "at the end of the year the rest is charged"
    );
    let rebate = of("2026-01:rebate");
    assert!(amount(&rebate["likely"][8]).is_negative(), "beyond five thousand a tenth comes back: {rebate:#}");

    for (what, text, said) in [
        ("credits", "[[credit]]\nname = \"a\"\nbalance = \"-5\"\nexpires = \"2027-01\"\n", "below zero"),
        ("credits", "[[credit]]\nname = \"a\"\nbalance = \"5\"\nexpires = \"2027-13\"\n", "2027-13"),
        (
            "credits",
            "[[credit]]\nname = \"a\"\nbalance = \"5\"\nexpires = \"2027-01\"\nfrom = \"2028-01\"\n",
            "before it begins",
        ),
        (
            "credits",
            "[[credit]]\nname = \"a\"\nbalance = \"5\"\nexpires = \"2027-01\"\nwhere = { colour = \"red\" }\n",
            "colour",
        ),
        ("credits", "[[credit]]\nname = \"a\"\nbalans = \"5\"\nexpires = \"2027-01\"\n", "balans"),
        ("agreements", "[[agreement]]\nname = \"a\"\nfrom = \"2027-01\"\ncommitments = []\n", "periods"),
        (
            "agreements",
            "[[agreement]]\nname = \"a\"\nfrom = \"2027-01\"\ncommitments = [\"5\"]\nrebates = [{ percent = \"140 %\" }]\n",
            "140",
        ),
        (
            "agreements",
            "[[agreement]]\nname = \"a\"\nfrom = \"2027-01\"\ncommitments = [\"5\"]\nrebates = [{ up_to = \"5\", percent = \"4 %\" }]\n",
            "last one has an end",
        ),
    ] {
        let file = bench.write("wrong.toml", text);
        let refused = bench.qd(&["scenario", what, file.to_str().unwrap()]);
        assert!(refused.status == Some(1) && refused.stderr.contains(said), "{text}: {}", refused.stderr);
    }
    let still = bench.json(&["scenario", "credits"]);
    assert_eq!(list(&still["credits"]).len(), 3, "what is refused changes nothing");
    let none = bench.json(&["scenario", "credits", "--none"]);
    assert_eq!(list(&none["credits"]).len(), 0);
}

/// Credits are below zero, everything else adds up as ever.
fn assert_sound_but_credits(run: &Value) {
    let total = sum(list(&run["likely"]));
    assert_eq!(total, amount(&run["total"]["likely"]));
}

#[test]
fn a_difference_is_as_sure_as_what_differs() {
    let bench = opened(24, orders);
    let certain = "[[operation]]\nid = \"feed\"\nkind = \"add_flow\"\nat = { service = \"Storage\" }\namount = 1000\nfrom = \"2027-01\"\n\n";
    let shared = "[[operation]]\nid = \"maybe\"\nkind = \"scale\"\nwhere = { service = \"Compute\" }\nchange = { low = \"-30 %\", likely = \"10 %\", high = \"60 %\" }\n\
                  from = \"2027-01\"\nconfidence = \"50 %\"\n";
    keep(&bench, "one", &format!("baseline = \"forecast\"\n\n{shared}"));
    keep(&bench, "two", &format!("baseline = \"forecast\"\n\n{certain}{shared}"));
    let compared = bench.json(&["scenario", "diff", "one", "two", "--budget", "20000"]);
    assert_eq!(amount(&compared["difference"]), "12000.00".parse().unwrap());
    // Usage strays and a shared operation is half a guess, alike in both: what differs is certain.
    let band = &compared["band"];
    let width = less(amount(&band["high_80"]), amount(&band["low_80"]));
    assert!(width < Amount::from_integer(1), "{band}");
    assert!(less(amount(&band["middle"]), "12000".parse().unwrap()).abs() < Amount::from_integer(1), "{band}");
    let run = bench.json(&["scenario", "run", "two"]);
    let alone = less(amount(&run["total"]["high_80"]), amount(&run["total"]["low_80"]));
    assert!(alone > Amount::from_integer(1_000), "while the scenario itself is not: {alone}");
    let odds = |key: &str| amount(&compared[key]["probability"]);
    assert!(odds("to_odds") <= odds("from_odds"), "more cost, less likely within a budget: {compared:#}");

    let of_the_run = bench.json(&["scenario", "run", "two", "--budget", "20000"]);
    assert_eq!(of_the_run["odds"], compared["to_odds"], "one answer, whoever asks");
}
