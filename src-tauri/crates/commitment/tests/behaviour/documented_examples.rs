//! The examples that providers and tools document, and the worked case of two families.

use std::path::Path;

use crate::shared::{amount, commitment as bought, line, names, rate, series, usage};
use commitment::model::{
    BenefitPolicy, Capacity, Commitment, LineFilter, Price, Program, Reach, Series, Sharing, Step, Term, Usage,
};
use commitment::replay::{Figures, Replay, replay};
use money::Amount;

fn laid(usage: &Usage, commitments: &[Commitment]) -> Replay {
    replay(usage, commitments, &BenefitPolicy::default()).unwrap()
}

fn figures(usage: &Usage, commitments: &[Commitment]) -> Figures {
    laid(usage, commitments).figures().unwrap()
}

/// The usage of the Savings Plans guide: two instances and Fargate in one hour.
fn guide() -> Usage {
    let compute = [Program::AwsComputeSavingsPlan];
    let family = [Program::AwsComputeSavingsPlan, Program::AwsEc2InstanceSavingsPlan];
    usage(
        Step::Hour,
        vec![
            line("AWS", "a", "c5.9xlarge", &family, &["4"], &["1"]),
            line("AWS", "a", "c5.24xlarge", &family, &["10"], &["1"]),
            line("AWS", "a", "fargate-vcpu", &compute, &["15"], &["10"]),
            line("AWS", "a", "fargate-gb", &compute, &["10"], &["5"]),
        ],
    )
}

fn compute_plan(hourly: &str) -> Commitment {
    Commitment {
        rates: [("c5.9xlarge", "2"), ("c5.24xlarge", "8"), ("fargate-vcpu", "1"), ("fargate-gb", "1")]
            .map(|(sku, price)| rate(Some(sku), Price::Unit(amount(price))))
            .to_vec(),
        ..bought("compute", "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount(hourly)))
    }
}

fn family_plan(hourly: &str) -> Commitment {
    Commitment {
        rates: [("c5.9xlarge", "1"), ("c5.24xlarge", "6")]
            .map(|(sku, price)| rate(Some(sku), Price::Unit(amount(price))))
            .to_vec(),
        ..bought("family", "AWS", Program::AwsEc2InstanceSavingsPlan, Capacity::DiscountedSpend(amount(hourly)))
    }
}

/// On-demand cost that each commitment covered, by SKU.
fn covered(usage: &Usage, replay: &Replay) -> Vec<(String, String, String)> {
    let mut found: Vec<_> = replay.months[0]
        .coverage
        .iter()
        .map(|cover| {
            let id = replay.commitments[cover.commitment].clone();
            (id, usage.lines()[cover.line].key.sku.clone(), cover.on_demand.normalized().to_string())
        })
        .collect();
    found.sort();
    found
}

fn cover(id: &str, sku: &str, on_demand: &str) -> (String, String, String) {
    (id.to_owned(), sku.to_owned(), on_demand.to_owned())
}

#[test]
fn aws_25_dollars_an_hour_cover_everything() {
    let sums = figures(&guide(), &[compute_plan("25")]);
    assert_eq!(sums.on_demand, amount("39"));
    assert_eq!(sums.cost().unwrap(), amount("25"), "nothing is left on demand");
    assert_eq!((sums.used, sums.unused, sums.remainder), (amount("25"), Amount::ZERO, Amount::ZERO));
}

#[test]
fn aws_the_highest_savings_percentage_goes_first_and_ties_by_the_lowest_rate() {
    // 50 % off: c5.9xlarge at 2.00 and Fargate memory at 1.00; the lower rate is served first.
    let usage = guide();
    let replay = laid(&usage, &[compute_plan("6")]);
    assert_eq!(covered(&usage, &replay), [cover("compute", "c5.9xlarge", "2"), cover("compute", "fargate-gb", "10")]);
    assert_eq!(replay.figures().unwrap().cost().unwrap(), amount("33"), "6 and what is left of 39 less 12");
}

#[test]
fn aws_ec2_instance_plans_go_before_compute_plans() {
    let usage = guide();
    let replay = laid(&usage, &[compute_plan("10"), family_plan("4")]);
    assert_eq!(
        covered(&usage, &replay),
        [
            // The family plan takes all of the first instance (75 % off) and half of the second.
            cover("compute", "fargate-gb", "10"),
            cover("compute", "fargate-vcpu", "7.5"),
            cover("family", "c5.24xlarge", "5"),
            cover("family", "c5.9xlarge", "4"),
        ]
    );
}

#[test]
fn aws_a_reservation_goes_before_every_plan_and_from_the_smallest_size_up() {
    let all = [Program::AwsComputeSavingsPlan, Program::AwsStandardReservedInstance];
    let mut small = line("AWS", "a", "large", &all, &["0.1"], &["1"]);
    let mut large = line("AWS", "a", "xlarge", &all, &["0.2"], &["1"]);
    (small.size_factor, large.size_factor) = (Some(amount("4")), Some(amount("8")));
    let usage = usage(Step::Hour, vec![large, small]);
    let reservation = Commitment {
        recurring: amount("0.06"),
        ..bought("ri", "AWS", Program::AwsStandardReservedInstance, Capacity::NormalisedUnits(amount("8")))
    };
    let plan = Commitment {
        rates: vec![rate(None, Price::Discount(amount("0.25")))],
        ..bought("sp", "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount("1")))
    };
    let replay = laid(&usage, &[plan, reservation]);
    assert_eq!(
        covered(&usage, &replay),
        [cover("ri", "large", "0.1"), cover("ri", "xlarge", "0.1"), cover("sp", "xlarge", "0.1")],
        "8 units are one large and half an xlarge; the plan has the other half"
    );
    let sums = replay.figures().unwrap();
    assert_eq!(sums.used, amount("0.135"), "0.06 of the reservation, 0.075 of the plan");
    assert_eq!(sums.unused, amount("0.925"));
}

#[test]
fn aws_a_zonal_reservation_covers_its_own_zone_and_type_first() {
    let program = [Program::AwsStandardReservedInstance];
    let mut here = line("AWS", "a", "m5.large-a", &program, &["0.1"], &["1"]);
    here.key.zone = Some("us-east-1a".to_owned());
    let mut there = line("AWS", "a", "m5.large-b", &program, &["0.1"], &["1"]);
    there.key.zone = Some("us-east-1b".to_owned());
    let usage = usage(Step::Hour, vec![here, there]);
    let reservation = |id: &str| bought(id, "AWS", Program::AwsStandardReservedInstance, Capacity::Units(amount("1")));
    let mut zonal = reservation("zonal");
    zonal.scope.usage.zones = names(&["us-east-1a"]);
    let replay = laid(&usage, &[reservation("regional"), zonal]);
    assert_eq!(covered(&usage, &replay), [cover("regional", "m5.large-b", "0.1"), cover("zonal", "m5.large-a", "0.1")]);
}

#[test]
fn aws_the_owner_comes_first_and_sharing_changes_who_is_served_not_what_is_paid() {
    let program = [Program::AwsComputeSavingsPlan];
    let lines = |_: ()| ["a", "b", "c"].map(|account| line("AWS", account, "x", &program, &["10"], &["1"])).to_vec();
    let usage = usage(Step::Hour, lines(()));
    let plan = Commitment {
        rates: vec![rate(None, Price::Discount(amount("0.2")))],
        ..bought("sp", "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount("12")))
    };
    let mut policy = BenefitPolicy {
        groups: [("a".to_owned(), "one".to_owned()), ("c".to_owned(), "one".to_owned())].into(),
        ..BenefitPolicy::default()
    };
    let mut by_account = |sharing| {
        policy.sharing = sharing;
        let replay = replay(&usage, std::slice::from_ref(&plan), &policy).unwrap();
        let covered: Vec<String> =
            replay.months[0].lines.iter().map(|line| line.covered.normalized().to_string()).collect();
        (covered.join(" "), replay.figures().unwrap().cost().unwrap().normalized().to_string())
    };
    assert_eq!(by_account(Sharing::OrganisationWide), ("10 5 0".to_owned(), "27".to_owned()));
    assert_eq!(by_account(Sharing::PrioritisedGroups), ("10 0 5".to_owned(), "27".to_owned()));
    assert_eq!(by_account(Sharing::Off), ("10 0 0".to_owned(), "32".to_owned()), "4 of the plan are idle");
}

#[test]
fn vantage_effective_savings_rate_of_a_fully_covered_bill() {
    // 20 % off, all usage covered, 90 % of the commitment used.
    let usage = usage(Step::Hour, vec![line("AWS", "a", "x", &[Program::AwsComputeSavingsPlan], &["90"], &["0"])]);
    let plan = Commitment {
        rates: vec![rate(None, Price::Discount(amount("0.2")))],
        ..bought("sp", "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount("80")))
    };
    let sums = figures(&usage, &[plan]);
    assert_eq!(sums.coverage(), Some(amount("1")));
    assert_eq!(sums.utilisation(), Some(amount("0.9")));
    assert_eq!(sums.effective_savings_rate(), Some(amount("0.111111")), "11.11 %");
}

#[test]
fn azure_reservations_then_narrow_scope_then_three_years_then_the_highest_discount() {
    let all = [Program::AzureReservation, Program::AzureSavingsPlan];
    let usage = usage(
        Step::Hour,
        vec![
            line("Microsoft", "s1", "d4", &all, &["10"], &["1"]),
            line("Microsoft", "s2", "d4", &all, &["10"], &["1"]),
            line("Microsoft", "s2", "e4", &all, &["10"], &["1"]),
        ],
    );
    let plan = |id: &str, term: Term, hourly: &str| Commitment {
        term,
        rates: vec![rate(Some("d4"), Price::Discount(amount("0.5"))), rate(Some("e4"), Price::Discount(amount("0.2")))],
        ..bought(id, "Microsoft", Program::AzureSavingsPlan, Capacity::DiscountedSpend(amount(hourly)))
    };
    let mut narrow = plan("narrow", Term::ONE_YEAR, "4");
    narrow.scope.reach = Reach::Accounts(names(&["s2"]));
    let mut reservation = bought("reservation", "Microsoft", Program::AzureReservation, Capacity::Units(amount("0.5")));
    reservation.scope.usage = LineFilter { skus: names(&["d4"]), ..LineFilter::default() };
    let commitments =
        [plan("shared-1y", Term::ONE_YEAR, "1"), plan("shared-3y", Term::THREE_YEARS, "4"), narrow, reservation];
    let replay = laid(&usage, &commitments);
    assert_eq!(
        covered(&usage, &replay),
        [
            // 5 of d4 in s1 are reserved; the narrow plan takes 8 of d4 in s2; three years take the other 5 of s1 and 2 of s2 at half
            // price, and with the last 0.5 some of e4; the one-year plan is last.
            cover("narrow", "d4", "8"),
            cover("reservation", "d4", "5"),
            cover("shared-1y", "e4", "1.25"),
            cover("shared-3y", "d4", "2"),
            cover("shared-3y", "d4", "5"),
            cover("shared-3y", "e4", "0.625"),
        ]
    );
}

#[test]
fn azure_a_negotiated_price_below_the_plans_rate_is_used_and_taken_from_the_plan() {
    let usage = usage(Step::Hour, vec![line("Microsoft", "a", "d4", &[Program::AzureSavingsPlan], &["6"], &["1"])]);
    let plan = Commitment {
        rates: vec![rate(None, Price::Unit(amount("7")))],
        ..bought("plan", "Microsoft", Program::AzureSavingsPlan, Capacity::DiscountedSpend(amount("10")))
    };
    let sums = figures(&usage, std::slice::from_ref(&plan));
    assert_eq!((sums.used, sums.unused, sums.covered), (amount("6"), amount("4"), amount("6")));
    // AWS refuses instead, and says so.
    let aws = Commitment { provider: "AWS".to_owned(), program: Program::AwsComputeSavingsPlan, ..plan };
    let usage = crate::shared::usage(
        Step::Hour,
        vec![line("AWS", "a", "d4", &[Program::AwsComputeSavingsPlan], &["6"], &["1"])],
    );
    let replay = laid(&usage, &[aws]);
    assert_eq!(replay.figures().unwrap().used, Amount::ZERO);
    assert!(replay.findings.iter().any(|finding| finding.to_string().contains("above the on-demand price in 1 steps")));
}

#[test]
fn google_cloud_resource_commitments_go_before_spend_commitments() {
    let all = [Program::GcpResourceCommitment, Program::GcpSpendCommitment];
    let usage = usage(Step::Hour, vec![line("Google Cloud", "p1", "n2-vcpu", &all, &["0.4", "0.4"], &["8", "8"])]);
    let resource = Commitment {
        recurring: amount("0.1"),
        ..bought("resource", "Google Cloud", Program::GcpResourceCommitment, Capacity::Units(amount("4")))
    };
    let spend = Commitment {
        recurring: amount("0.216"),
        ..bought("spend", "Google Cloud", Program::GcpSpendCommitment, Capacity::OnDemandSpend(amount("0.3")))
    };
    let replay = laid(&usage, &[spend, resource]);
    assert_eq!(covered(&usage, &replay), [cover("resource", "n2-vcpu", "0.4"), cover("spend", "n2-vcpu", "0.4")]);
    let sums = replay.figures().unwrap();
    assert_eq!(sums.commitment, amount("0.632"));
    assert_eq!(sums.unused, amount("0.144"), "a third of the spend commitment has no usage left");
}

/// The 720 hours of two families.
fn two_families() -> Usage {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/domain/worked/two-families.csv");
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let rows: Vec<Vec<&str>> = text.lines().skip(1).map(|row| row.split(',').collect()).collect();
    let column = |place: usize| -> Series { series(&rows.iter().map(|row| row[place]).collect::<Vec<_>>()) };
    let both = [Program::AwsEc2InstanceSavingsPlan, Program::AwsComputeSavingsPlan];
    let with = |sku: &str, programs: &[Program], cost: Series| {
        let mut found = line("AWS", "a", sku, programs, &["0"], &["0"]);
        found.quantity = Series::zeros(cost.len());
        found.on_demand = cost;
        found
    };
    usage(Step::Hour, vec![with("A", &both, column(1)), with("B", &both[1..], column(2))])
}

#[test]
fn the_worked_case_of_two_families_to_the_cent() {
    let usage = two_families();
    assert_eq!(usage.span().steps(), 720);
    let plans = |ec2: &str, compute: &str| {
        let plan = |id: &str, program: Program, hourly: &str, discount: &str| Commitment {
            rates: vec![rate(None, Price::Discount(amount(discount)))],
            ..bought(id, "AWS", program, Capacity::DiscountedSpend(amount(hourly)))
        };
        [
            plan("ec2", Program::AwsEc2InstanceSavingsPlan, ec2, "0.40"),
            plan("compute", Program::AwsComputeSavingsPlan, compute, "0.28"),
        ]
    };
    for (ec2, compute, cost, savings_rate) in [
        ("0", "0", "118075.7400", "0.0000"),
        ("38.1120", "0", "101351.4000", "0.1416"),
        ("0", "102.9024", "91519.3080", "0.2249"),
        ("38.1120", "102.9024", "101754.9280", "0.1382"),
        ("36.7200", "60.5088", "86537.2460", "0.2671"),
    ] {
        let sums = figures(&usage, &plans(ec2, compute));
        assert_eq!(sums.cost().unwrap(), amount(cost), "EC2 {ec2}, Compute {compute}");
        let found = sums.effective_savings_rate().unwrap().rounded(4, money::Rounding::HalfEven);
        assert_eq!(found, amount(savings_rate), "EC2 {ec2}, Compute {compute}");
    }
}
