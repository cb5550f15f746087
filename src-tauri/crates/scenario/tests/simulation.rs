//! The simulation beside the likely case, its updates, and what two of them share.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]
#![expect(clippy::float_arithmetic, reason = "statistics are compared within a tolerance")]

mod support;

use std::sync::Arc;

use money::Amount;
use proptest::prelude::*;
use scenario::operation::{Kind, Operation};
use scenario::{
    Estimate, Filter, Plan, PreparedBaseline, SamplePaths, Scenario, Settings, Simulation, SimulationSettings, Slip,
    amount_as_statistic, difference_band, difference_of_sums, percentile, probability_at_most, rounded_statistic,
};
use support::{MONTHS, Random};

const PATHS: usize = 40;

fn settings(views: Vec<Filter>) -> SimulationSettings {
    SimulationSettings { paths: PATHS, seed: 5, views, ..SimulationSettings::default() }
}

fn paths(ground: &PreparedBaseline, seed: u64) -> SamplePaths {
    let mut random = Random(seed);
    let mut series =
        || (0..MONTHS * PATHS).map(|_| f32::from(u16::try_from(random.below(80)).unwrap()) - 40.0).collect();
    let lines = ground.baseline().lines.len();
    SamplePaths { series: vec![series(), series()], of_line: (0..lines).map(|line| Some((line % 2, 0.5))).collect() }
}

/// Everything certain, so that each course is the likely case.
fn certain(mut scenario: Scenario) -> Scenario {
    for operation in &mut scenario.operations {
        operation.confidence = Amount::from_integer(100);
        operation.slip_months = Slip::default();
        certain_figures(&mut operation.kind);
    }
    scenario
}

fn certain_figures(kind: &mut Kind) {
    let settle = |estimate: &mut Estimate| *estimate = Estimate::certain(estimate.likely);
    match kind {
        Kind::Scale(it) => settle(&mut it.change),
        Kind::AddFlow(it) => settle(&mut it.amount),
        Kind::OneOff(it) => settle(&mut it.amount),
        Kind::PriceChange(it) => settle(&mut it.change),
        Kind::Shift(it) => {
            settle(&mut it.share);
            settle(&mut it.cost_ratio);
        }
        Kind::Launch(it) => match &mut it.plateau {
            scenario::operation::Plateau::Money(money) => settle(money),
            scenario::operation::Plateau::Units { units, unit_price } => {
                settle(units);
                settle(unit_price);
            }
        },
        Kind::Commit(it) => settle(&mut it.discount),
        Kind::Renew(it) => it.discount.iter_mut().for_each(settle),
        Kind::DriverOverride(it) => {
            if let scenario::operation::DriverValues::Change(change) = &mut it.values {
                settle(change);
            }
        }
        Kind::CurrencyRate(it) => match &mut it.rate {
            scenario::operation::RateChange::Change(change) | scenario::operation::RateChange::Rate(change) => {
                settle(change)
            }
        },
        Kind::Cap(it) => settle(&mut it.amount),
        Kind::Reallocate(it) => settle(&mut it.share),
        Kind::Retire(_) | Kind::Expire(_) => {}
    }
}

/// Lines that cost less than nothing are set off within a group: those baselines are left out where it matters.
fn without_credits_among_usage(ground: Arc<PreparedBaseline>) -> Option<Arc<PreparedBaseline>> {
    let plan = Plan::new(&ground, &Scenario::default()).ok()?;
    let outcome = plan.evaluate(&Settings::default()).ok()?;
    let own = ground.baseline().lines.len();
    let negative = (0..own).any(|line| (0..MONTHS).any(|month| outcome.cost(line, month).is_negative()));
    (!negative).then_some(ground)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    #[test]
    fn without_chance_each_course_is_the_likely_case(seed in any::<u64>()) {
        let Some(ground) = without_credits_among_usage(support::baseline(seed)) else { return Ok(()) };
        let scenario = certain(support::scenario(seed));
        let below_zero = |operation: &Operation| operation.kind.estimates().iter().any(|(key, estimate)| *key == "amount" && estimate.likely.is_negative());
        if scenario.operations.iter().any(below_zero) {
            return Ok(());
        }
        let Ok(plan) = Plan::new(&ground, &scenario) else { return Ok(()) };
        let outcome = plan.evaluate(&Settings::default()).unwrap();
        let view = Filter::equal("service", "compute");
        let simulation = Simulation::new(&plan, SamplePaths::default(), settings(vec![view.clone()])).unwrap();
        let scale = (0..MONTHS).map(|month| amount_as_statistic(outcome.month_total(month)).abs()).fold(1_000.0, f64::max);
        for month in 0..MONTHS {
            for (place, exact) in [(0, outcome.month_total(month)), (1, outcome.sum(&view, month..month + 1))] {
                let exact = amount_as_statistic(exact);
                for course in simulation.sums(place, month..month + 1).unwrap() {
                    prop_assert!((course - exact).abs() < scale * 1e-4, "month {} view {}: {} is not {}", month, place, course, exact);
                }
            }
        }
    }

    #[test]
    fn an_update_is_bit_for_bit_a_new_simulation(seed in any::<u64>()) {
        let (ground, scenario) = (support::baseline(seed), support::scenario(seed));
        let Ok(plan) = Plan::new(&ground, &scenario) else { return Ok(()) };
        if scenario.operations.is_empty() {
            return Ok(());
        }
        let views = vec![Filter::equal("owner", "web")];
        let mut updated = Simulation::new(&plan, paths(&ground, seed), settings(views.clone())).unwrap();
        let mut random = Random(seed ^ 77);
        for _ in 0..3 {
            let mut changed = scenario.clone();
            let place = random.index(changed.operations.len());
            if random.one_in(2) {
                changed.operations[place].confidence = Amount::from_integer(60);
                changed.operations[place].slip_months = Slip { low: 0, likely: 1, high: 2 };
            } else {
                let id = changed.operations[place].id.clone();
                changed.operations[place] = support::operation(&mut random, id);
            }
            let Ok(plan) = Plan::new(&ground, &changed) else { continue };
            updated.update(&plan).unwrap();
            let anew = Simulation::new(&plan, paths(&ground, seed), settings(views.clone())).unwrap();
            for view in 0..2 {
                for month in 0..MONTHS {
                    let bits = |simulation: &Simulation| -> Vec<u64> {
                        simulation.sums(view, month..month + 1).unwrap().into_iter().map(f64::to_bits).collect()
                    };
                    prop_assert_eq!(bits(&updated), bits(&anew), "view {} month {}", view, month);
                }
            }
        }
    }

    #[test]
    fn every_course_is_a_number(seed in any::<u64>()) {
        let (ground, scenario) = (support::baseline(seed), support::scenario(seed));
        let Ok(plan) = Plan::new(&ground, &scenario) else { return Ok(()) };
        let simulation = Simulation::new(&plan, paths(&ground, seed), settings(Vec::new())).unwrap();
        prop_assert!(simulation.sums(0, 0..MONTHS).unwrap().iter().all(|sum| sum.is_finite()));
    }
}

fn growth(id: &str, low: i64, likely: i64, high: i64, confidence: i64) -> Operation {
    let text = format!(
        "baseline = \"b\"\n[[operation]]\nid = \"{id}\"\nkind = \"scale\"\nwhere = \"everything\"\nfrom = \"2027-01\"\n\
         change = {{ low = \"{low} %\", likely = \"{likely} %\", high = \"{high} %\" }}\nconfidence = \"{confidence} %\"\n"
    );
    scenario::ScenarioFile::parse(&text).unwrap().operations.remove(0)
}

fn simulated(ground: &Arc<PreparedBaseline>, operations: Vec<Operation>) -> Simulation {
    let scenario = Scenario { name: "s".into(), baseline: "b".into(), operations };
    let plan = Plan::new(ground, &scenario).unwrap();
    let settings = SimulationSettings { paths: 1000, seed: 9, ..SimulationSettings::default() };
    let mut random = Random(3);
    let series = (0..MONTHS * 1000).map(|_| f32::from(u16::try_from(random.below(400)).unwrap()) - 200.0).collect();
    let lines = ground.baseline().lines.len();
    let paths = SamplePaths { series: vec![series], of_line: vec![Some((0, 1.0)); lines] };
    Simulation::new(&plan, paths, settings).unwrap()
}

#[test]
fn what_two_scenarios_share_cancels_out() {
    let ground = support::baseline(4);
    let shared = || growth("shared", -20, 10, 60, 50);
    let one = simulated(&ground, vec![shared()]);
    // The new operation stands first: draws go by the id, not by the place.
    let other = simulated(&ground, vec![growth("new", 1, 2, 3, 100), shared()]);
    let width = |mut values: Vec<f64>| {
        values.sort_unstable_by(f64::total_cmp);
        percentile(&values, 0.9) - percentile(&values, 0.1)
    };
    let alone = width(other.sums(0, 0..MONTHS).unwrap());
    let difference = width(difference_of_sums(&one, &other, 0, 0..MONTHS).unwrap());
    assert!(difference * 4.0 < alone, "the band of the difference is tight: {difference} beside {alone}");
    let band = difference_band(&one, &other, 0, 0..MONTHS, 0.8).unwrap();
    assert!((band.high - band.low - difference).abs() < 1e-9, "the band is that of the differences");
    let none = difference_of_sums(&one, &simulated(&ground, vec![shared()]), 0, 0..MONTHS).unwrap();
    assert!(none.iter().all(|gap| gap.to_bits() == 0), "the same scenario differs in no course");
}

#[test]
fn confidence_is_the_share_of_courses() {
    let ground = support::baseline(4);
    let still = simulated(&ground, Vec::new());
    let maybe = simulated(&ground, vec![growth("maybe", 50, 50, 50, 30)]);
    let gaps = difference_of_sums(&still, &maybe, 0, 0..MONTHS).unwrap();
    let happened = gaps.iter().filter(|gap| gap.abs() > 1e-9).count();
    assert!((250..350).contains(&happened), "about three in ten: {happened} of 1000");
}

#[test]
fn odds_and_bands_are_read_off_the_courses() {
    let values: Vec<f64> = (1..=5).map(f64::from).collect();
    assert_eq!(probability_at_most(&values, Amount::from_integer(3)).unwrap().normalized().to_string(), "0.6");
    assert!(probability_at_most(&[], Amount::ZERO).is_none(), "there are no odds of nothing");
    assert!((percentile(&values, 0.5) - 3.0).abs() < 1e-12);
    assert!((percentile(&values, 0.1) - 1.4).abs() < 1e-12, "interpolated between neighbours");
    assert_eq!(rounded_statistic(-0.000_1, 2).unwrap().to_string(), "0.00", "minus zero is zero");
    assert!(rounded_statistic(f64::NAN, 2).is_none() && rounded_statistic(f64::INFINITY, 2).is_none());
    let simulation = simulated(&support::baseline(4), vec![growth("g", -20, 10, 60, 50)]);
    let fan = simulation.fan(0, 0.8).unwrap();
    assert_eq!(fan.len(), MONTHS);
    for (month, band) in fan.iter().enumerate() {
        assert!(band.low <= band.middle && band.middle <= band.high);
        let within =
            simulation.probability_within(0, month..month + 1, rounded_statistic(band.high, 6).unwrap()).unwrap();
        let share = amount_as_statistic(within);
        assert!((share - 0.9).abs() < 0.005, "nine in ten lie under the upper end: {share}");
    }
    assert!(
        simulation.sums(1, 0..1).is_none()
            && simulation.sums(0, 0..MONTHS + 1).is_none()
            && simulation.sums(0, 2..2).is_none()
    );
}

#[test]
fn what_cannot_be_simulated_is_said() {
    let ground = support::baseline(4);
    let plan = Plan::new(&ground, &Scenario::default()).unwrap();
    let refused = |paths: SamplePaths, settings: SimulationSettings| {
        Simulation::new(&plan, paths, settings).unwrap_err().to_string()
    };
    let short = SamplePaths { series: vec![vec![0.0; 3]], of_line: Vec::new() };
    assert!(refused(short, settings(Vec::new())).contains("3 deviations"));
    let mut broken = vec![0.0; MONTHS * PATHS];
    broken[7] = f32::NAN;
    let broken = SamplePaths { series: vec![broken], of_line: Vec::new() };
    assert!(refused(broken, settings(Vec::new())).contains("no number"));
    let astray = SamplePaths { series: Vec::new(), of_line: vec![Some((0, 1.0))] };
    assert!(refused(astray, settings(Vec::new())).contains("a series that there is not"));
    let none = SimulationSettings { paths: 0, ..settings(Vec::new()) };
    assert!(refused(SamplePaths::default(), none).contains("0 courses"));
}
