//! Small scenarios whose figures can be checked by hand.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::collections::BTreeMap;
use std::sync::Arc;

use money::Amount;
use scenario::operation::Kind;
use scenario::{
    Baseline, Basis, Commitment, Credit, Figures, Filter, Line, Outcome, PercentageCharge, Plan, PreparedBaseline,
    Scenario, ScenarioFile, Settings, SpendAgreement, Tier, Treatment, observed_percentage,
};

const MONTHS: usize = 6;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn line(id: &str, service: &str, owner: &str, monthly: &str) -> Line {
    Line {
        id: id.to_owned(),
        values: vec![service.to_owned(), owner.to_owned()],
        treatment: Treatment::RecurringUsage,
        figures: Figures::Cost(vec![amount(monthly); MONTHS]),
        driver: None,
        billed_in: None,
    }
}

/// Compute 1,000 and storage 200 a month, January to June.
fn baseline() -> Baseline {
    Baseline {
        name: "b".to_owned(),
        currency: "USD".parse().unwrap(),
        first_month: "2027-01".parse().unwrap(),
        months: MONTHS,
        dimensions: vec!["service".to_owned(), "owner".to_owned()],
        lines: vec![line("compute", "compute", "web", "1000"), line("storage", "storage", "data", "200")],
        drivers: Vec::new(),
        rates: BTreeMap::new(),
        commitments: Vec::new(),
        agreements: Vec::new(),
        percentage_charges: Vec::new(),
        credits: Vec::new(),
    }
}

fn run_on(basis: Basis, baseline: Baseline, operations: &str) -> Outcome {
    let ground = Arc::new(PreparedBaseline::new(baseline).unwrap());
    let file = ScenarioFile::parse(&format!("baseline = \"b\"\n{operations}")).unwrap();
    let scenario = Scenario { name: "s".to_owned(), baseline: "b".to_owned(), operations: file.operations };
    Plan::new(&ground, &scenario).unwrap().evaluate(&Settings { basis, ..Settings::default() }).unwrap()
}

fn run(baseline: Baseline, operations: &str) -> Outcome {
    run_on(Basis::Effective, baseline, operations)
}

/// The months of a line, by its id.
fn months(outcome: &Outcome, id: &str) -> String {
    let line = outcome.lines().iter().position(|line| line.id == id).unwrap();
    (0..MONTHS).map(|month| outcome.cost(line, month).to_string()).collect::<Vec<_>>().join(" ")
}

#[test]
fn without_operations_the_baseline_stands() {
    let outcome = run(baseline(), "");
    assert_eq!(outcome.total().to_string(), "7200.00");
    assert_eq!(months(&outcome, "compute"), "1000.00 1000.00 1000.00 1000.00 1000.00 1000.00");
}

#[test]
fn growth_builds_up_and_compounds() {
    let scale = "[[operation]]\nid = \"g\"\nkind = \"scale\"\nwhere = { service = \"compute\" }\nchange = \"10 %\"\nfrom = \"2027-02\"\n";
    let outcome = run(baseline(), &format!("{scale}over_months = 4\n"));
    assert_eq!(months(&outcome, "compute"), "1000.00 1025.00 1050.00 1075.00 1100.00 1100.00");
    let outcome = run(baseline(), &format!("{scale}compound = true\nto = \"2027-04\"\n"));
    assert_eq!(months(&outcome, "compute"), "1000.00 1100.00 1210.00 1331.00 1000.00 1000.00", "it ends where it says");
}

#[test]
fn a_migration_runs_double_for_a_while() {
    let outcome = run(
        baseline(),
        "[[operation]]\nid = \"m\"\nkind = \"shift\"\nwhere = { service = \"compute\" }\ninto = { service = \"managed\" }\nnew = true\n\
         cost_ratio = \"80 %\"\nfrom = \"2027-02\"\nover_months = 2\ndouble_running_months = 1\n",
    );
    assert_eq!(months(&outcome, "compute"), "1000.00 1000.00 500.00 0.00 0.00 0.00");
    assert_eq!(
        months(&outcome, "operation:m:managed / web"),
        "0.00 400.00 800.00 800.00 800.00 800.00",
        "the owner stays"
    );
}

#[test]
fn a_launch_grows_along_its_curve() {
    let outcome = run(
        baseline(),
        "[[operation]]\nid = \"l\"\nkind = \"launch\"\nat = { service = \"shop\" }\nnew = true\ncurve = \"s_curve\"\nplateau = 640\n\
         from = \"2027-02\"\nover_months = 4\nslip_months = 1\n",
    );
    assert_eq!(
        months(&outcome, "operation:l"),
        "0.00 0.00 100.00 320.00 540.00 640.00",
        "3x² - 2x³ at a quarter, a half, three quarters"
    );
}

#[test]
fn the_order_of_phases_holds_whatever_the_file_says() {
    let price = "[[operation]]\nid = \"p\"\nkind = \"price_change\"\nwhere = { service = \"shop\" }\nchange = \"50 %\"\nfrom = \"2027-01\"\n";
    let launch = "[[operation]]\nid = \"l\"\nkind = \"launch\"\nat = { service = \"shop\" }\nnew = true\nplateau = 100\nfrom = \"2027-01\"\n";
    for text in [format!("{price}{launch}"), format!("{launch}{price}")] {
        let outcome = run(baseline(), &text);
        assert_eq!(months(&outcome, "operation:l"), ["150.00"; MONTHS].join(" "), "usage before prices");
    }
}

#[test]
fn a_commitment_that_expires_is_a_step_up() {
    let mut with = baseline();
    with.commitments.push(Commitment {
        id: "plan".to_owned(),
        values: vec!["compute".to_owned(), String::new()],
        eligible: Filter::equal("service", "compute"),
        start: "2026-04".parse().unwrap(),
        term_months: Some(12),
        monthly_fee: amount("300"),
        upfront: amount("1200"),
        discount: amount("50"),
        billed_in: None,
    });
    let outcome = run(with.clone(), "");
    // 300 and a twelfth of 1,200 a month, worth 800 on demand.
    assert_eq!(months(&outcome, "commitment:plan"), "400.00 400.00 400.00 0.00 0.00 0.00");
    assert_eq!(months(&outcome, "compute"), "200.00 200.00 200.00 1000.00 1000.00 1000.00");
    assert_eq!(outcome.month_total(2).to_string(), "800.00");
    assert_eq!(outcome.month_total(3).to_string(), "1200.00", "the step");
    let note = outcome.diagnostics().iter().any(|found| found.message.contains("ends without renewal: from 2027-04"));
    assert!(note, "and it is told");
    let renewed = run(
        with.clone(),
        "[[operation]]\nid = \"r\"\nkind = \"renew\"\ncommitment = \"plan\"\nterm_months = 12\nupfront = 1200\n",
    );
    assert_eq!(months(&renewed, "compute"), ["200.00"; MONTHS].join(" "), "renewed it goes on");
    assert!(renewed.diagnostics().is_empty(), "and there is nothing to tell");
    let cash = run_on(
        Basis::Billed,
        with,
        "[[operation]]\nid = \"r\"\nkind = \"renew\"\ncommitment = \"plan\"\nterm_months = 12\nupfront = 1200\n",
    );
    assert_eq!(
        months(&cash, "commitment:plan"),
        "300.00 300.00 300.00 1500.00 300.00 300.00",
        "billed as invoices come"
    );
}

#[test]
fn what_a_commitment_leaves_unused_is_seen() {
    let outcome = run(
        baseline(),
        "[[operation]]\nid = \"c\"\nkind = \"commit\"\nat = { service = \"storage\" }\nwhere = { service = \"storage\" }\nfrom = \"2027-03\"\n\
         term_months = 2\nmonthly_fee = 300\ndiscount = \"25 %\"\n",
    );
    // The fee is worth 400 on demand, of which 200 are used.
    assert_eq!(months(&outcome, "storage"), "200.00 200.00 0.00 0.00 200.00 200.00");
    assert_eq!(months(&outcome, "commitment:c"), "0.00 0.00 150.00 150.00 0.00 0.00");
    assert_eq!(months(&outcome, "commitment:c:unused"), "0.00 0.00 150.00 150.00 0.00 0.00");
}

#[test]
fn percentages_credits_and_promises_are_worked_out_anew() {
    let mut with = baseline();
    with.percentage_charges.push(PercentageCharge {
        id: "support".to_owned(),
        values: vec!["support".to_owned(), String::new()],
        base: Filter::Everything,
        elsewhere: Vec::new(),
        tiers: vec![
            Tier { up_to: Some(amount("1000")), percent: amount("10") },
            Tier { up_to: None, percent: amount("5") },
        ],
        minimum: amount("29"),
        billed_in: None,
    });
    with.credits.push(Credit {
        id: "start".to_owned(),
        values: vec![String::new(), String::new()],
        eligible: Filter::equal("service", "storage"),
        balance: amount("500"),
        from: "2027-02".parse().unwrap(),
        expires: "2027-03".parse().unwrap(),
        monthly_limit: Some(amount("150")),
        billed_in: None,
    });
    with.agreements.push(SpendAgreement {
        id: "promise".to_owned(),
        values: vec![String::new(), String::new()],
        counts: Filter::Everything,
        start: "2026-12".parse().unwrap(),
        term_months: 4,
        minimum: amount("5000"),
        already_spent: amount("900"),
        rebates: Vec::new(),
        billed_in: None,
    });
    let retire =
        "[[operation]]\nid = \"x\"\nkind = \"retire\"\nwhere = { service = \"compute\" }\nfrom = \"2027-05\"\n";
    let outcome = run(with, retire);
    // January to April: 100 and 5 % of 200; in March the shortfall of 5,000 - 900 - 3,600 counts in, too.
    assert_eq!(months(&outcome, "agreement:promise:shortfall"), "0.00 0.00 500.00 0.00 0.00 0.00");
    assert_eq!(
        months(&outcome, "percentage:support"),
        "110.00 110.00 135.00 110.00 29.00 29.00",
        "at least the minimum"
    );
    assert_eq!(months(&outcome, "credit:start"), "0.00 -150.00 -150.00 0.00 0.00 0.00");
    let told =
        outcome.diagnostics().iter().any(|found| found.message.contains("expires in 2027-03 with 200.00 unused"));
    assert!(told, "what is lost is told: {:?}", outcome.diagnostics());
}

#[test]
fn what_is_spent_beyond_a_threshold_is_cheaper() {
    let mut with = baseline();
    with.agreements.push(SpendAgreement {
        id: "deal".to_owned(),
        values: vec![String::new(), String::new()],
        counts: Filter::equal("service", "compute"),
        start: "2026-12".parse().unwrap(),
        term_months: 5,
        minimum: amount("4000"),
        already_spent: amount("800"),
        rebates: vec![
            Tier { up_to: Some(amount("2000")), percent: amount("0") },
            Tier { up_to: None, percent: amount("10") },
        ],
        billed_in: None,
    });
    let outcome = run(with, "");
    // 800 before, then 1,000 a month: the threshold lies in February; the term ends in April.
    assert_eq!(months(&outcome, "agreement:deal:rebate"), "0.00 -80.00 -100.00 -100.00 0.00 0.00");
    assert_eq!(
        months(&outcome, "agreement:deal:shortfall"),
        ["0.00"; MONTHS].join(" "),
        "4,800 are more than promised"
    );
}

#[test]
fn a_percentage_of_a_bill_that_is_not_all_here_counts_the_rest_in() {
    let mut with = baseline();
    with.percentage_charges.push(PercentageCharge {
        id: "support".to_owned(),
        values: vec!["support".to_owned(), String::new()],
        base: Filter::equal("service", "storage"),
        elsewhere: vec![amount("9800"); MONTHS],
        tiers: vec![Tier { up_to: None, percent: amount("3") }],
        minimum: amount("0"),
        billed_in: None,
    });
    let grown = "[[operation]]\nid = \"g\"\nkind = \"scale\"\nwhere = { service = \"storage\" }\nchange = \"50 %\"\nfrom = \"2027-02\"\n";
    let outcome = run(with, grown);
    assert_eq!(
        months(&outcome, "percentage:support"),
        "300.00 303.00 303.00 303.00 303.00 303.00",
        "three percent of 10,000, and of the hundred that come"
    );
}

#[test]
fn a_cap_takes_in_proportion_to_the_last_unit() {
    let cap = "[[operation]]\nid = \"c\"\nkind = \"cap\"\nwhere = \"everything\"\namount = 1000\nfrom = \"2027-01\"\nto = \"2027-01\"\n";
    let outcome = run(baseline(), cap);
    assert_eq!(outcome.month_total(0).to_string(), "1000.00");
    assert_eq!(months(&outcome, "compute").split(' ').next(), Some("833.333333333"));
    assert_eq!(months(&outcome, "storage").split(' ').next(), Some("166.666666667"));
}

#[test]
fn units_and_rates_stay_apart() {
    let mut with = baseline();
    with.lines[0].figures =
        Figures::UnitsAndRate { units: vec![amount("400"); MONTHS], rate: vec![amount("2.5"); MONTHS] };
    let outcome = run(
        with,
        "[[operation]]\nid = \"u\"\nkind = \"scale\"\nwhere = { service = \"compute\" }\nchange = \"10 %\"\nfrom = \"2027-02\"\n\
         [[operation]]\nid = \"p\"\nkind = \"price_change\"\nwhere = { service = \"compute\" }\nchange = \"-20 %\"\nfrom = \"2027-02\"\n",
    );
    let told = |month| {
        let text = |amount: Option<Amount>| amount.unwrap().normalized().to_string();
        (text(outcome.units(0, month)), text(outcome.rate(0, month)), outcome.cost(0, month).to_string())
    };
    assert_eq!(told(0), ("400".into(), "2.5".into(), "1000.00".into()));
    assert_eq!(told(1), ("440".into(), "2".into(), "880.00".into()), "more units at a lower rate");
    assert!(outcome.units(1, 0).is_none(), "where no units were given there are none");
}

#[test]
fn what_no_file_could_hold_is_refused_all_the_same() {
    let text = "baseline = \"b\"\n[[operation]]\nid = \"g\"\nkind = \"scale\"\nwhere = \"everything\"\nchange = \"1 %\"\nfrom = \"2027-01\"\n";
    let mut operation = ScenarioFile::parse(text).unwrap().operations.remove(0);
    if let Kind::Scale(scale) = &mut operation.kind {
        scale.change.low = amount("-150");
        scale.over_months = 0;
    }
    let ground = Arc::new(PreparedBaseline::new(baseline()).unwrap());
    let scenario = Scenario { name: "s".to_owned(), baseline: "b".to_owned(), operations: vec![operation] };
    let told = Plan::new(&ground, &scenario).unwrap_err().to_string();
    assert!(told.starts_with("operation \"g\": `change` is out of range") && told.contains("`over_months`"), "{told}");
}

#[test]
fn a_percentage_is_read_off_what_was_charged() {
    let months = |texts: &[&str]| texts.iter().map(|text| amount(text)).collect::<Vec<_>>();
    let found = observed_percentage(&months(&["19", "20"]), &months(&["100", "105.26"]));
    assert_eq!(found.unwrap().to_string(), "19.000292");
    assert!(observed_percentage(&months(&["1"]), &months(&["0"])).is_none(), "there is no percentage of nothing");
}

#[test]
fn figures_too_large_are_told_by_the_operation() {
    let mut with = baseline();
    with.lines[0].figures = Figures::Cost(vec![amount("10000000000000000000000000000"); MONTHS]);
    let ground = Arc::new(PreparedBaseline::new(with).unwrap());
    let grow = "[[operation]]\nid = \"huge\"\nkind = \"scale\"\nwhere = \"everything\"\nchange = \"900000000000000 %\"\nfrom = \"2027-01\"\n";
    let file = ScenarioFile::parse(&format!("baseline = \"b\"\n{grow}")).unwrap();
    let scenario = Scenario { name: "s".to_owned(), baseline: "b".to_owned(), operations: file.operations };
    let told = Plan::new(&ground, &scenario).unwrap().evaluate(&Settings::default()).unwrap_err().to_string();
    assert!(told.contains("operation \"huge\"") && told.contains("38 digits"), "{told}");
}

#[test]
fn a_baseline_that_does_not_hold_together_is_refused() {
    let mut with = baseline();
    with.lines[1].id = "compute".to_owned();
    with.lines[0].values.pop();
    with.lines[1].figures = Figures::Cost(vec![amount("1"); 2]);
    let told = PreparedBaseline::new(with).unwrap_err().to_string();
    for part in ["two lines have the id \"compute\"", "has 1 values for 2 dimensions", "has 2 amounts for 6 months"] {
        assert!(told.contains(part), "{told:?} does not say {part:?}");
    }
}
