//! How fast scenarios are: `cargo run --release -p quarterdeck-scenario --example bench`.
#![expect(clippy::unwrap_used, reason = "a program for the developer: what fails, fails loudly")]

use std::collections::BTreeMap;
use std::hint::black_box;
use std::sync::Arc;
use std::time::{Duration, Instant};

use money::Amount;
use scenario::operation::{Cap, Commit, Kind, Launch, Operation, Placement, Plateau, PriceChange, Scale, Shift};
use scenario::{
    Baseline, Basis, Estimate, Figures, Filter, Laid, Line, Month, PercentageCharge, Plan, PreparedBaseline,
    SamplePaths, Scenario, Settings, Simulation, SimulationSettings, Slip, Tier, Treatment, compare,
};

const MONTHS: usize = 24;
const SERVICES: u64 = 40;
const OWNERS: u64 = 25;

/// A generator without a state elsewhere.
struct Random(u64);

impl Random {
    fn next(&mut self, below: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % below
    }
}

fn amount(units: u64, scale: u8) -> Amount {
    Amount::new(i128::from(units), scale).unwrap()
}

fn percent(units: i64) -> Estimate {
    let figure = |units: i64| Amount::new(i128::from(units), 1).unwrap();
    Estimate { low: figure(units - 20), likely: figure(units), high: figure(units + 30) }
}

fn baseline(lines: usize) -> Arc<PreparedBaseline> {
    let mut random = Random(7);
    let lines = (0..lines).map(|place| Line {
        id: format!("line-{place}"),
        values: vec![
            format!("service-{}", random.next(SERVICES)),
            format!("owner-{}", random.next(OWNERS)),
            format!("line-{place}"),
        ],
        treatment: Treatment::RecurringUsage,
        figures: Figures::Cost((0..MONTHS).map(|_| amount(1_000_000 + random.next(5_000_000_000_000), 9)).collect()),
        driver: None,
        billed_in: None,
    });
    let support = PercentageCharge {
        id: "support".into(),
        values: vec!["support".into(), String::new(), String::new()],
        base: Filter::Everything,
        elsewhere: Vec::new(),
        tiers: vec![
            Tier { up_to: Some(amount(10_000, 0)), percent: amount(10, 0) },
            Tier { up_to: None, percent: amount(3, 0) },
        ],
        minimum: amount(100, 0),
        billed_in: None,
    };
    let baseline = Baseline {
        name: "bench".into(),
        currency: "USD".parse().unwrap(),
        first_month: "2027-01".parse().unwrap(),
        months: MONTHS,
        dimensions: vec!["service".into(), "owner".into(), "line".into()],
        lines: lines.collect(),
        drivers: Vec::new(),
        rates: BTreeMap::new(),
        commitments: Vec::new(),
        agreements: Vec::new(),
        percentage_charges: vec![support],
        credits: Vec::new(),
    };
    Arc::new(PreparedBaseline::new(baseline).unwrap())
}

fn operation(place: usize, kind: Kind) -> Operation {
    Operation {
        id: format!("operation-{place}"),
        kind,
        owner: String::new(),
        confidence: amount(80, 0),
        slip_months: Slip { low: 0, likely: 0, high: 3 },
        note: String::new(),
        enabled: true,
    }
}

/// Operations of all sorts; `everything` makes each of them touch every line.
fn scenario(operations: usize, everything: bool) -> Scenario {
    let mut random = Random(11);
    let filter = |random: &mut Random| match everything {
        true => Filter::Everything,
        false if random.next(2) == 0 => Filter::equal("service", &format!("service-{}", random.next(SERVICES))),
        false => Filter::equal("owner", &format!("owner-{}", random.next(OWNERS))),
    };
    let at = || Placement { values: BTreeMap::from([("service".into(), "new".into())]), new: true };
    let operations = (0..operations).map(|place| {
        let from: Month = "2027-01".parse::<Month>().unwrap().plus(i32::try_from(random.next(12)).unwrap());
        let touched = filter(&mut random);
        let kind = match place % 10 {
            0 => Kind::Launch(Launch {
                at: at(),
                curve: scenario::operation::Curve::SCurve,
                plateau: Plateau::Money(Estimate::certain(amount(50_000, 0))),
                from,
                to: None,
                over_months: 9,
            }),
            1 => Kind::Shift(Shift {
                filter: touched,
                into: at(),
                share: Estimate::certain(amount(30, 0)),
                cost_ratio: percent(800),
                from,
                over_months: 6,
                double_running_months: 2,
            }),
            2 | 5 | 8 => Kind::PriceChange(PriceChange { filter: touched, change: percent(31), from, to: None }),
            9 if place == 9 => Kind::Commit(Commit {
                at: at(),
                filter: touched,
                from,
                term_months: 12,
                monthly_fee: amount(20_000, 0),
                upfront: amount(12_345, 0),
                discount: Estimate::certain(amount(28, 0)),
            }),
            7 if place == 7 => {
                Kind::Cap(Cap { filter: touched, amount: Estimate::certain(amount(90_000_000, 0)), from, to: None })
            }
            _ => Kind::Scale(Scale {
                filter: touched,
                change: percent(77),
                from,
                to: None,
                over_months: 6,
                compound: false,
            }),
        };
        operation(place, kind)
    });
    Scenario { name: "bench".into(), baseline: "bench".into(), operations: operations.collect() }
}

/// The median and the worst of some runs.
fn timed(name: &str, runs: usize, mut work: impl FnMut()) {
    work();
    let mut times: Vec<Duration> = (0..runs)
        .map(|_| {
            let start = Instant::now();
            work();
            start.elapsed()
        })
        .collect();
    times.sort_unstable();
    println!("{name:<74} {:>9.1?} median {:>9.1?} worst", times[runs / 2], times[runs - 1]);
}

fn main() {
    for (lines, everything) in [(5_000, false), (5_000, true)] {
        let ground = baseline(lines);
        let planned = scenario(50, everything);
        let reach = if everything { "every line each" } else { "one service or owner each" };
        timed(&format!("lay out: 50 operations ({reach}) over {lines} lines"), 7, || {
            black_box(Plan::new(&ground, &planned).unwrap());
        });
        let plan = Plan::new(&ground, &planned).unwrap();
        timed(&format!("evaluate: 50 operations ({reach}) x {lines} lines x {MONTHS} months"), 7, || {
            black_box(plan.evaluate(&Settings::default()).unwrap());
        });
    }

    let planned = scenario(50, false);
    let empty = Scenario { operations: Vec::new(), ..planned.clone() };
    for lines in [500, 5_000] {
        let ground = baseline(lines);
        timed(&format!("compare with nothing: 50 contributions, tornado, {lines} lines"), 3, || {
            let laid = |scenario| Laid { baseline: &ground, scenario };
            black_box(compare(laid(&empty), laid(&planned), Basis::Effective).unwrap());
        });
    }
    let ground = baseline(500);

    let mut random = Random(3);
    let paths = 1_000;
    let mut deviations = || {
        let steps = (0..MONTHS * paths).map(|_| (random.next(2_000) as i32 - 1_000) as f32);
        steps.collect::<Vec<f32>>()
    };
    let sampled = SamplePaths {
        series: (0..500).map(|_| deviations()).collect(),
        of_line: (0..500).map(|line| Some((line, 1.0))).collect(),
    };
    let each = (0..500).map(|line| Filter::equal("line", &format!("line-{line}"))).collect();
    for (name, views) in [("the total", Vec::new()), ("the total and 40 services", services()), ("each line", each)] {
        let settings = SimulationSettings { paths, views, ..SimulationSettings::default() };
        let plan = Plan::new(&ground, &planned).unwrap();
        let start = Instant::now();
        let mut simulation = Simulation::new(&plan, sampled.clone(), settings).unwrap();
        println!("simulate anew, {name}: 500 lines x {MONTHS} months x {paths} courses: {:.1?}", start.elapsed());
        for changed in [2, 3, 0, 1] {
            let mut slider = planned.clone();
            let mut turn = 0;
            let kind = slider.operations[changed].kind.name();
            timed(&format!("slider on a {kind}, {name}: plan, update, likely case, fan, odds"), 9, || {
                turn += 1;
                turn_slider(&mut slider.operations[changed].kind, turn);
                let plan = Plan::new(&ground, &slider).unwrap();
                simulation.update(&plan).unwrap();
                black_box(plan.evaluate(&Settings::default()).unwrap());
                black_box(simulation.fan(0, 0.8).unwrap());
                black_box(simulation.probability_within(0, 0..3, amount(4_000_000, 0)).unwrap());
            });
        }
    }
}

fn services() -> Vec<Filter> {
    (0..SERVICES).map(|service| Filter::equal("service", &format!("service-{service}"))).collect()
}

fn turn_slider(kind: &mut Kind, turn: i64) {
    match kind {
        Kind::Scale(scale) => scale.change = percent(50 + turn),
        Kind::PriceChange(price) => price.change = percent(50 + turn),
        Kind::Shift(shift) => shift.cost_ratio = percent(700 + turn),
        Kind::Launch(launch) => {
            launch.plateau = Plateau::Money(Estimate::certain(Amount::from_integer(40_000 + turn)));
        }
        _ => {}
    }
}
