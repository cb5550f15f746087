use std::path::Path;

use money::Amount;
use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{One, Zero};
use proptest::prelude::*;

use super::fraction::fraction;
use super::*;

fn amount(text: &str) -> Amount {
    text.parse().unwrap()
}

fn eligible<'a>(scale: u8, lines: Vec<EligibleLine<'a>>) -> Eligible<'a> {
    Eligible {
        scale,
        lines,
        hours_per_step: 1,
        weights: None,
        weight_of_one: 1,
        missing: &[],
        price: Amount::from_integer(1),
    }
}

/// Lines at whole percents, filled hour by hour in whole numbers: the cost times [`Self::denominator`].
struct ByHand<'a> {
    /// What a unit of usage costs under the plan, in hundredths, and usage; the lowest first.
    lines: Vec<(i128, &'a [i64])>,
    denominator: i128,
}

impl<'a> ByHand<'a> {
    fn new(case: &'a [(i64, Vec<i64>)]) -> Self {
        let mut lines: Vec<(i128, &[i64])> =
            case.iter().map(|(percent, usage)| (i128::from(100 - percent), usage.as_slice())).collect();
        lines.sort_unstable();
        Self { denominator: 100 * lines.iter().map(|(rate, _)| rate).product::<i128>(), lines }
    }

    /// Cost of a commitment of so many hundredths an hour.
    fn cost(&self, hundredths: i64) -> i128 {
        let mut cost = 0;
        for step in 0..self.lines[0].1.len() {
            let mut left = i128::from(hundredths) * (self.denominator / 100);
            cost += left;
            for (rate, usage) in &self.lines {
                let whole = i128::from(usage[step].max(0)) * self.denominator;
                let covered = (left * 100 / rate).min(whole);
                left -= covered * rate / 100;
                cost += whole - covered;
            }
        }
        cost
    }
}

fn two_families() -> (Vec<i64>, Vec<i64>) {
    // The exercise lies beside the checkout.
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/domain/worked/two-families.csv");
    let mut families = (Vec::new(), Vec::new());
    for record in csv::Reader::from_path(path).unwrap().records() {
        let record = record.unwrap();
        let cents = |column: usize| whole_units_at(&[amount(&record[column])], 2).unwrap()[0];
        families.0.push(cents(1));
        families.1.push(cents(2));
    }
    families
}

#[test]
fn single_plan_optima_of_the_worked_case() {
    let (first, second) = two_families();
    let both: Vec<i64> = first.iter().zip(&second).map(|(first, second)| first + second).collect();
    let ec2 = Curve::new(&eligible(2, vec![EligibleLine::at_discount("A", amount("0.4"), &first).unwrap()])).unwrap();
    let compute =
        Curve::new(&eligible(2, vec![EligibleLine::at_discount("A and B", amount("0.28"), &both).unwrap()])).unwrap();
    let rest: i64 = second.iter().sum();

    let best = ec2.recommend(amount("0.00001")).unwrap();
    assert_eq!(best.buy.hourly, amount("38.1120"), "(1 - 0.4) of k 63.52");
    assert_eq!(best.buy.cost.checked_add(Amount::new(rest.into(), 2).unwrap()).unwrap(), amount("101351.4000"));
    let best = compute.recommend(amount("0.00001")).unwrap();
    assert_eq!(best.buy.hourly, amount("102.9024"), "(1 - 0.28) of k 142.92");
    assert_eq!(best.buy.cost, amount("91519.3080"));
    assert_eq!(best.exact, best.buy, "five decimals hold the optimum");
    let separate = Curve::new(&eligible(
        2,
        vec![
            EligibleLine::at_discount("B", amount("0.28"), &second).unwrap(),
            EligibleLine::at_discount("A", amount("0.28"), &first).unwrap(),
        ],
    ))
    .unwrap();
    assert_eq!(separate.optimum().unwrap(), best.buy, "lines at one discount are one line");
}

/// The example of the AWS user guide, as COMMITMENTS.md checks it: 25 an hour covers everything, and 25 is the bill.
#[test]
fn the_documented_example_of_compute_savings_plans() {
    // Rates of the plan and on demand, and units used in one hour.
    let usage: [(&str, &str, &str, i64); 4] = [
        ("c5.9xlarge Linux", "2", "4", 1),
        ("c5.24xlarge Windows", "8", "10", 1),
        ("Fargate vCPU", "1", "1.5", 10),
        ("Fargate GB", "1", "2", 5),
    ];
    let on_demand: Vec<[i64; 1]> =
        usage.iter().map(|(_, _, rate, units)| [whole_units_at(&[amount(rate)], 1).unwrap()[0] * units]).collect();
    let lines = usage
        .iter()
        .zip(&on_demand)
        .map(|((name, plan, rate, _), cost)| EligibleLine::at_rates(name, amount(plan), amount(rate), cost).unwrap())
        .collect();
    let curve = Curve::new(&eligible(1, lines)).unwrap();
    let all = curve.at(amount("25")).unwrap();
    assert_eq!((all.cost, all.coverage, all.waste), (amount("25"), Some(amount("1")), Amount::ZERO));
    let some = curve.at(amount("17")).unwrap();
    assert_eq!(some.covered, amount("29"), "50 % twice, then 33 %, and the 20 % of the Windows machine last");
    assert_eq!(some.cost, amount("27"), "which stays on demand at 10");
}

/// Coverage 100 %, utilisation 90 %, discount 20 %: an effective savings rate of 11.11 %, Vantage's example.
#[test]
fn effective_savings_rate_of_the_documented_example() {
    let usage = [9_i64];
    let curve =
        Curve::new(&eligible(0, vec![EligibleLine::at_discount("all", amount("0.2"), &usage).unwrap()])).unwrap();
    let point = curve.at(amount("8")).unwrap();
    assert_eq!((point.coverage, point.utilisation), (Some(amount("1")), Some(amount("0.9"))));
    assert_eq!(point.effective_savings_rate, Some(amount("0.111111111")));
}

#[test]
fn whole_instances_are_bought_whole() {
    let units: Vec<i64> = (0..400).map(|hour| 10 + hour % 5).collect();
    let mut of_units = eligible(0, vec![EligibleLine::in_units("m5", amount("0.096"), &units).unwrap()]);
    of_units.price = amount("0.0612");
    let best = Curve::new(&of_units).unwrap().recommend(Amount::from_integer(4)).unwrap();
    // The discount is 36.25 %, so the quantile at 0.3625 of 10..14 is 11.
    assert_eq!(best.exact.hourly, amount("11"), "the smallest k with F(k) >= d");
    assert_eq!(best.buy.hourly, amount("12"), "of 8 and 12 units, which are what is sold, 12 cost less");
}

#[test]
fn a_step_between_two_multiples_takes_the_cheaper() {
    let usage: Vec<i64> = (0..336).map(|hour| if hour % 2 == 0 { 100 } else { 31 }).collect();
    let curve =
        Curve::new(&eligible(0, vec![EligibleLine::at_discount("all", amount("0.4"), &usage).unwrap()])).unwrap();
    let best = curve.recommend(amount("5")).unwrap();
    let costs: Vec<Amount> =
        (0..20).map(|multiple| curve.at(Amount::from_integer(multiple * 5)).unwrap().cost).collect();
    assert_eq!(Some(&best.buy.cost), costs.iter().min(), "no other multiple costs less");
}

#[test]
fn scenarios_move_the_quantile_of_their_mixture() {
    let (first, second) = two_families();
    let now: Vec<i64> = first.iter().zip(&second).map(|(first, second)| (first + second) * 10).collect();
    // After three quiet months demand falls by 30 % in nine, in a branch of 40 %.
    let fallen: Vec<i64> = now.iter().map(|demand| demand * 7 / 10).collect();
    let mixture: Vec<i64> = now.iter().chain(&fallen).copied().collect();
    let steps = now.len();
    let weights: Vec<u32> = vec![600 * 12 + 400 * 3; steps].into_iter().chain(vec![400 * 9; steps]).collect();
    let mut branches = eligible(3, vec![EligibleLine::at_discount("all", amount("0.28"), &mixture).unwrap()]);
    branches.weights = Some(&weights);
    branches.weight_of_one = 12_000;
    let branched = Curve::new(&branches).unwrap().optimum().unwrap();
    let plain =
        Curve::new(&eligible(3, vec![EligibleLine::at_discount("all", amount("0.28"), &now).unwrap()])).unwrap();
    assert!(
        branched.hourly < plain.optimum().unwrap().hourly,
        "a chance of falling demand makes the commitment smaller"
    );
    // By hand: the smallest demand with at least 28 % of the weight at or below it.
    let mut sorted: Vec<(i64, u64)> =
        mixture.iter().copied().zip(weights.iter().map(|&weight| weight.into())).collect();
    sorted.sort_unstable();
    let total: u64 = sorted.iter().map(|(_, weight)| weight).sum();
    let mut below = 0;
    let quantile = sorted
        .iter()
        .find(|(_, weight)| {
            below += weight;
            below * 100 >= total * 28
        })
        .unwrap()
        .0;
    assert_eq!(branched.hourly, Amount::new(i128::from(quantile) * 72, 5).unwrap(), "0.72 of the quantile");
}

#[test]
fn bad_data_is_told() {
    let short = [5_i64; 335];
    let curve =
        Curve::new(&eligible(0, vec![EligibleLine::at_discount("all", amount("0.3"), &short).unwrap()])).unwrap();
    let refused = curve.recommend(amount("0.00001")).unwrap_err();
    assert_eq!(refused, OptimumError::TooFewHours { hours: 335 });
    assert!(refused.to_string().contains("336 (14 days)"), "the message says what is needed: {refused}");

    let usage = [5_i64, -3, 7, 0];
    let mut odd = eligible(
        0,
        vec![
            EligibleLine::at_discount("good", amount("0.3"), &usage).unwrap(),
            EligibleLine::at_discount("dear", amount("-0.1"), &usage).unwrap(),
        ],
    );
    odd.missing = &[3];
    let curve = Curve::new(&odd).unwrap();
    assert_eq!(
        curve.findings(),
        [
            Finding::MissingSteps { steps: 1 },
            Finding::NegativeUsage { line: "good".into(), steps: 1 },
            Finding::NegativeUsage { line: "dear".into(), steps: 1 },
            Finding::RateNotBelowOnDemand { line: "dear".into() },
        ]
    );
    assert_eq!(curve.hours(), 3, "a missing hour is no hour of zero usage");
    assert!(curve.is_larger_than_all_usage(amount("4.91")) && !curve.is_larger_than_all_usage(amount("4.9")));
    let wasted = curve.at(amount("10")).unwrap();
    assert_eq!(wasted.waste, amount("21.6"), "3 hours of 10, of which 0.7 of 12 is used");
    assert_eq!(
        EligibleLine::at_discount("free", amount("1"), &usage).unwrap_err(),
        OptimumError::Rate { line: "free".into(), committed: amount("0"), on_demand: amount("1") }
    );

    let nothing = [0_i64; 400];
    let curve =
        Curve::new(&eligible(0, vec![EligibleLine::at_discount("idle", amount("0.3"), &nothing).unwrap()])).unwrap();
    assert_eq!(curve.recommend(amount("0.001")).unwrap().buy.hourly, Amount::ZERO, "nothing is bought for nothing");
    assert_eq!(curve.findings(), [Finding::NoUsage]);
    let curve =
        Curve::new(&eligible(2, vec![EligibleLine::at_discount("dear", amount("0"), &short).unwrap()])).unwrap();
    assert_eq!(curve.optimum().unwrap().hourly, Amount::ZERO, "a plan without a discount is never recommended");
}

#[test]
fn days_count_as_days() {
    let days = [2400_i64, 2400, 1200, 2400, 2400, 2400, 2400, 2400, 2400, 2400, 2400, 2400, 2400, 2400];
    let mut by_day = eligible(2, vec![EligibleLine::at_discount("all", amount("0.5"), &days).unwrap()]);
    by_day.hours_per_step = 24;
    let curve = Curve::new(&by_day).unwrap();
    assert_eq!(curve.findings(), [Finding::DaysOnly]);
    let best = curve.recommend(amount("0.001")).unwrap();
    assert_eq!(best.buy.hourly, amount("0.5"), "24.00 a day is 1.00 an hour, half of it committed");
    assert_eq!(best.buy.cost, amount("168"), "14 days of 12");
}

#[test]
fn large_numbers_and_awkward_rates_stay_exact() {
    let usage: Vec<Vec<i64>> = (0..3)
        .map(|line| (0..400).map(|hour| 9_000_000_000_000_000 + hour * 7_919 + line * 104_729).collect())
        .collect();
    let rates = [("0.0612", "0.0961"), ("0.1247", "0.1931"), ("0.3333333", "0.7777777")];
    let lines = rates
        .iter()
        .zip(&usage)
        .map(|((plan, rate), usage)| EligibleLine::at_rates("line", amount(plan), amount(rate), usage).unwrap())
        .collect();
    let curve = Curve::new(&eligible(10, lines)).unwrap();
    let hourly = amount("1234567.89");
    // The third line saves most; filling it first and then the others, hour by hour, in exact fractions.
    let mut by_hand = BigRational::zero();
    for ((first, second), third) in usage[0].iter().zip(&usage[1]).zip(&usage[2]) {
        let mut left = fraction(hourly);
        by_hand += &left;
        for (demand, (plan, rate)) in [(third, rates[2]), (first, rates[0]), (second, rates[1])] {
            let rate = fraction(amount(plan)) / fraction(amount(rate));
            let demand = fraction(Amount::new((*demand).into(), 10).unwrap());
            let covered = (&left / &rate).min(demand.clone());
            left -= &covered * rate;
            by_hand += demand - covered;
        }
    }
    assert_eq!(
        Some(curve.at(hourly).unwrap().cost),
        fraction::decimal(&by_hand, 10),
        "wide numbers cost what they cost"
    );
}

#[test]
fn a_drawn_curve_keeps_the_optimum_and_today() {
    let (first, _) = two_families();
    let curve = Curve::new(&eligible(2, vec![EligibleLine::at_discount("A", amount("0.4"), &first).unwrap()])).unwrap();
    let today = amount("20.00001");
    let drawn = curve.drawn(40, &[today, amount("500")]).unwrap();
    let optimum = curve.optimum().unwrap();
    assert!(drawn.len() <= 43 && drawn.contains(&optimum), "the optimum is on the picture, bit for bit");
    assert!(drawn.contains(&curve.at(today).unwrap()), "so is today");
    assert!(drawn.is_sorted_by(|left, right| left.hourly < right.hourly), "each once, ascending");
    assert_eq!(drawn.last().unwrap().hourly, amount("500"), "a mark beyond all usage is drawn, too");
    for point in &drawn {
        assert_eq!(*point, curve.at(point.hourly).unwrap(), "walked and exact sums agree");
    }
}

/// A random case of one to four lines over a few steps.
fn cases() -> impl Strategy<Value = Vec<(i64, Vec<i64>)>> {
    (1_usize..5, 1_usize..9).prop_flat_map(|(lines, steps)| {
        prop::collection::vec(
            (1_i64..100, prop::collection::vec(prop_oneof![4 => 0_i64..40, 1 => -5_i64..0], steps)),
            lines,
        )
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    /// Exhaustive search over every place where the cost can bend, and every cent between, finds nothing better.
    #[test]
    fn no_commitment_costs_less_than_the_optimum(case in cases()) {
        let lines: Vec<EligibleLine<'_>> = case
            .iter()
            .map(|(percent, usage)| EligibleLine::at_discount("line", Amount::new((*percent).into(), 2).unwrap(), usage).unwrap())
            .collect();
        let optimum = Curve::new(&eligible(0, lines)).unwrap().optimum().unwrap();
        let by_hand = ByHand::new(&case);
        // Breakpoints are sums of usage at rates of whole percents: all of them are whole hundredths.
        let most: i64 = case.iter().map(|(percent, usage)| usage.iter().max().unwrap().max(&0) * (100 - percent)).sum();
        let hundredths = i64::try_from(optimum.hourly.rescaled(2, money::Rounding::Down).unwrap().units()).unwrap();
        let found = by_hand.cost(hundredths);
        let exact = BigRational::new(found.into(), by_hand.denominator.into());
        prop_assert_eq!(Some(optimum.cost), fraction::decimal(&exact, 10), "the cost of the optimum is what filling by hand gives");
        for other in 0..=most + 1 {
            if other < hundredths {
                prop_assert!(by_hand.cost(other) > found, "{other} hundredths cost no more: the optimum is the smallest");
            } else {
                prop_assert!(by_hand.cost(other) >= found, "{other} hundredths cost less");
            }
        }
    }

    /// Savings are concave, and the points are those of the exact evaluation.
    #[test]
    fn the_curve_is_concave(case in cases()) {
        let lines: Vec<EligibleLine<'_>> = case
            .iter()
            .map(|(percent, usage)| EligibleLine::at_discount("line", Amount::new((*percent).into(), 2).unwrap(), usage).unwrap())
            .collect();
        let curve = Curve::new(&eligible(0, lines)).unwrap();
        let points: Vec<Point> = curve.points().collect::<Result<_, _>>().unwrap();
        let optimum = curve.optimum().unwrap();
        prop_assert!(points.contains(&optimum), "the optimum is one of the breakpoints");
        for point in &points {
            prop_assert_eq!(point, &curve.at(point.hourly).unwrap());
            prop_assert!(point.savings <= optimum.savings);
        }
        for three in points.windows(3) {
            let slope = |left: &Point, right: &Point| {
                (fraction(right.savings) - fraction(left.savings)) / (fraction(right.hourly) - fraction(left.hourly))
            };
            // Savings have ten decimals, so slopes are off by less than this.
            let slack = BigRational::new(1.into(), 1_000_000.into());
            prop_assert!(slope(&three[0], &three[1]) + slack >= slope(&three[1], &three[2]), "slopes fall");
        }
    }

    /// ESR = coverage x (1 - (1 - d) / utilisation), exactly, wherever all lines have one discount.
    #[test]
    fn the_identity_of_the_effective_savings_rate(percent in 1_i64..100, usage in prop::collection::vec(0_i64..1000, 1..20), hourly in 1_i64..900) {
        prop_assume!(usage.iter().any(|usage| *usage > 0));
        let curve = Curve::new(&eligible(0, vec![EligibleLine::at_discount("line", Amount::new(percent.into(), 2).unwrap(), &usage).unwrap()])).unwrap();
        let point = curve.at(Amount::from_integer(hourly)).unwrap();
        let total: i64 = usage.iter().sum();
        let total = BigRational::from(BigInt::from(total));
        let coverage = fraction(point.covered) / &total;
        let utilisation = BigRational::one() - fraction(point.waste) / fraction(point.commitment);
        let rate = BigRational::new((100 - percent).into(), 100.into());
        let identity = coverage * (BigRational::one() - rate / utilisation);
        let slack = BigRational::new(1.into(), 1_000_000_000.into());
        let difference = fraction(point.savings) / total - identity;
        prop_assert!(-slack.clone() < difference && difference < slack, "the identity holds to the decimals of the point");
    }
}
