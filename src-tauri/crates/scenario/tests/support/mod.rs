//! Baselines and scenarios made from a seed, for properties that must hold of all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use money::{Amount, Currency};
use scenario::operation::{
    AddFlow, Cap, Commit, CurrencyRate, Curve, DriverOverride, DriverValues, Expire, Kind, Launch, OneOff, Operation,
    Placement, Plateau, PriceChange, RateChange, Reallocate, Renew, Retire, Scale, Shift,
};
use scenario::{
    Baseline, Commitment, Credit, Driver, DriverLink, Estimate, Figures, Filter, Line, Month, PercentageCharge,
    PreparedBaseline, Scenario, Slip, SpendAgreement, Tier, Treatment,
};

pub const MONTHS: usize = 9;

/// A linear congruential generator: the same numbers for the same seed.
pub struct Random(pub u64);

impl Random {
    pub fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }

    pub fn one_in(&mut self, count: u64) -> bool {
        self.below(count) == 0
    }

    pub fn index(&mut self, end: usize) -> usize {
        usize::try_from(self.below(u64::try_from(end).unwrap())).unwrap()
    }

    /// From -3 to 5 months from the start, so that some lie outside of the horizon.
    fn month(&mut self) -> Month {
        first_month().plus(i32::try_from(self.below(9)).unwrap() - 3)
    }

    fn end(&mut self, from: Month) -> Option<Month> {
        self.one_in(2).then(|| from.plus(i32::try_from(self.below(7)).unwrap()))
    }

    /// A number with up to four decimals.
    fn amount(&mut self, least: i64, most: i64) -> Amount {
        let scale = u8::try_from(self.below(5)).unwrap();
        let unit = 10_i64.pow(u32::from(scale));
        let width = u64::try_from((most - least) * unit + 1).unwrap();
        let units = least * unit + i64::try_from(self.below(width)).unwrap();
        Amount::new(i128::from(units), scale).unwrap()
    }

    fn estimate(&mut self, least: i64, most: i64) -> Estimate {
        let mut three = [self.amount(least, most), self.amount(least, most), self.amount(least, most)];
        if self.one_in(2) {
            return Estimate::certain(three[0]);
        }
        three.sort();
        Estimate { low: three[0], likely: three[1], high: three[2] }
    }

    fn pick<'a>(&mut self, words: &[&'a str]) -> &'a str {
        words[self.index(words.len())]
    }
}

pub fn first_month() -> Month {
    "2027-01".parse().unwrap()
}

pub const SERVICES: &[&str] = &["compute", "storage", "network", "fresh"];
pub const OWNERS: &[&str] = &["web", "shop", "data"];

fn filter(random: &mut Random) -> Filter {
    match random.below(5) {
        0 => Filter::Everything,
        1 => Filter::equal("service", random.pick(SERVICES)),
        2 => Filter::equal("owner", random.pick(OWNERS)),
        3 => Filter::Values(BTreeMap::from([(
            "service".to_owned(),
            BTreeSet::from([random.pick(SERVICES).to_owned(), random.pick(SERVICES).to_owned()]),
        )])),
        _ => Filter::Values(BTreeMap::from([
            ("service".to_owned(), BTreeSet::from([random.pick(SERVICES).to_owned()])),
            ("owner".to_owned(), BTreeSet::from([random.pick(OWNERS).to_owned()])),
        ])),
    }
}

fn placement(random: &mut Random) -> Placement {
    let mut values = BTreeMap::from([("service".to_owned(), random.pick(SERVICES).to_owned())]);
    if random.one_in(2) {
        values.insert("owner".to_owned(), random.pick(OWNERS).to_owned());
    }
    Placement { values, new: true }
}

fn billed_in(random: &mut Random) -> Option<Currency> {
    random.one_in(3).then(|| "EUR".parse().unwrap())
}

pub fn baseline(seed: u64) -> Arc<PreparedBaseline> {
    let mut random = Random(seed);
    let currency = "USD".parse().unwrap();
    let count = 1 + random.index(8);
    let lines = (0..count).map(|place| {
        let treatment = match random.below(8) {
            0 => Treatment::OneOff,
            1 => Treatment::Correction,
            _ => Treatment::RecurringUsage,
        };
        let least = if random.one_in(5) { -50 } else { 0 };
        let figures = match random.below(6) {
            0 | 1 => Figures::UnitsAndRate {
                units: (0..MONTHS).map(|_| random.amount(0, 500)).collect(),
                rate: (0..MONTHS).map(|_| random.amount(0, 3)).collect(),
            },
            2 => Figures::CostAndUnits {
                cost: (0..MONTHS).map(|_| random.amount(least, 1000)).collect(),
                units: (0..MONTHS).map(|_| random.amount(0, 500)).collect(),
            },
            _ => Figures::Cost((0..MONTHS).map(|_| random.amount(least, 1000)).collect()),
        };
        Line {
            id: format!("line-{place}"),
            values: vec![random.pick(SERVICES).to_owned(), random.pick(OWNERS).to_owned()],
            treatment,
            figures,
            driver: random.one_in(2).then(|| DriverLink {
                driver: random.pick(&["orders", "visits"]).to_owned(),
                variable_share: (0..MONTHS).map(|_| Amount::new(i128::from(random.below(101)), 2).unwrap()).collect(),
            }),
            billed_in: billed_in(&mut random),
        }
    });
    let lines = lines.collect();
    let drivers = ["orders", "visits"].map(|name| Driver {
        name: name.to_owned(),
        monthly: (0..MONTHS).map(|_| random.amount(if name == "orders" { 1 } else { 0 }, 90)).collect(),
    });
    let commitments = (0..random.below(3)).map(|place| Commitment {
        id: format!("plan-{place}"),
        values: vec!["compute".to_owned(), String::new()],
        eligible: filter(&mut random),
        start: random.month(),
        term_months: Some(1 + u32::try_from(random.below(8)).unwrap()),
        monthly_fee: random.amount(0, 300),
        upfront: random.amount(0, 100),
        discount: random.amount(0, 60),
        billed_in: billed_in(&mut random),
    });
    let commitments = commitments.collect();
    let agreements = (0..random.below(2)).map(|place| SpendAgreement {
        id: format!("promise-{place}"),
        values: vec![String::new(), String::new()],
        counts: filter(&mut random),
        start: random.month(),
        term_months: 1 + u32::try_from(random.below(9)).unwrap(),
        minimum: random.amount(0, 20_000),
        already_spent: random.amount(-50, 900),
        rebates: match random.below(2) {
            0 => Vec::new(),
            _ => vec![
                Tier { up_to: Some(random.amount(1, 3_000)), percent: random.amount(0, 3) },
                Tier { up_to: None, percent: random.amount(0, 30) },
            ],
        },
        billed_in: billed_in(&mut random),
    });
    let agreements = agreements.collect();
    let percentage_charges = (0..random.below(3)).map(|place| PercentageCharge {
        id: format!("support-{place}"),
        values: vec!["support".to_owned(), String::new()],
        base: filter(&mut random),
        elsewhere: match random.below(3) {
            0 => (0..MONTHS).map(|_| random.amount(0, 800)).collect(),
            _ => Vec::new(),
        },
        tiers: vec![
            Tier { up_to: Some(random.amount(1, 900)), percent: random.amount(0, 12) },
            Tier { up_to: None, percent: random.amount(0, 5) },
        ],
        minimum: random.amount(0, 20),
        billed_in: billed_in(&mut random),
    });
    let percentage_charges = percentage_charges.collect();
    let credits = (0..random.below(3)).map(|place| Credit {
        id: format!("credit-{place}"),
        values: vec![String::new(), "web".to_owned()],
        eligible: filter(&mut random),
        balance: random.amount(0, 4_000),
        from: random.month(),
        expires: first_month().plus(i32::try_from(random.below(12)).unwrap()),
        monthly_limit: random.one_in(2).then(|| random.amount(0, 700)),
        billed_in: billed_in(&mut random),
    });
    let credits = credits.collect();
    let baseline = Baseline {
        name: "made up".to_owned(),
        currency,
        first_month: first_month(),
        months: MONTHS,
        dimensions: vec!["service".to_owned(), "owner".to_owned()],
        lines,
        drivers: drivers.into(),
        rates: BTreeMap::from([("EUR".parse().unwrap(), "1.0837".parse().unwrap())]),
        commitments,
        agreements,
        percentage_charges,
        credits,
    };
    Arc::new(PreparedBaseline::new(baseline).unwrap())
}

pub fn operation(random: &mut Random, id: String) -> Operation {
    let from = random.month();
    let to = random.end(from);
    let months = |random: &mut Random| 1 + u32::try_from(random.below(4)).unwrap();
    let kind = match random.below(14) {
        0 => {
            let compound = random.one_in(3);
            let over_months = if compound { 1 } else { months(random) };
            Kind::Scale(Scale {
                filter: filter(random),
                change: random.estimate(-100, 150),
                from,
                to,
                over_months,
                compound,
            })
        }
        1 => Kind::AddFlow(AddFlow {
            at: placement(random),
            amount: random.estimate(-20, 200),
            from,
            to,
            every_months: months(random),
        }),
        2 => Kind::OneOff(OneOff { at: placement(random), amount: random.estimate(-200, 900), month: from }),
        3 => Kind::PriceChange(PriceChange { filter: filter(random), change: random.estimate(-60, 60), from, to }),
        4 => Kind::Shift(Shift {
            filter: filter(random),
            into: placement(random),
            share: random.estimate(0, 100),
            cost_ratio: random.estimate(0, 180),
            from,
            over_months: months(random),
            double_running_months: u32::try_from(random.below(3)).unwrap(),
        }),
        5 => Kind::Launch(Launch {
            at: placement(random),
            curve: if random.one_in(2) { Curve::Linear } else { Curve::SCurve },
            plateau: if random.one_in(2) {
                Plateau::Money(random.estimate(0, 700))
            } else {
                Plateau::Units { units: random.estimate(0, 700), unit_price: random.estimate(0, 4) }
            },
            from,
            to,
            over_months: months(random),
        }),
        6 => Kind::Retire(Retire { filter: filter(random), from, over_months: months(random) }),
        7 => Kind::Commit(Commit {
            at: placement(random),
            filter: filter(random),
            from,
            term_months: months(random) * 2,
            monthly_fee: random.amount(1, 300),
            upfront: random.amount(0, 100),
            discount: random.estimate(0, 60),
        }),
        8 => Kind::Expire(Expire { commitment: "plan-0".to_owned(), from }),
        9 => Kind::Renew(Renew {
            commitment: "plan-1".to_owned(),
            from: random.one_in(2).then_some(from),
            term_months: months(random),
            monthly_fee: random.one_in(2).then(|| random.amount(0, 300)),
            upfront: random.amount(0, 50),
            discount: random.one_in(2).then(|| random.estimate(0, 60)),
        }),
        10 => {
            let values = if random.one_in(2) {
                DriverValues::Change(random.estimate(-100, 100))
            } else {
                let typed = (0..3).map(|_| (random.month(), random.amount(0, 120)));
                DriverValues::Typed(typed.collect())
            };
            Kind::DriverOverride(DriverOverride {
                driver: random.pick(&["orders", "visits"]).to_owned(),
                values,
                from,
                to,
            })
        }
        11 => {
            let rate = if random.one_in(2) {
                RateChange::Change(random.estimate(-30, 30))
            } else {
                RateChange::Rate(random.estimate(1, 2))
            };
            Kind::CurrencyRate(CurrencyRate { billed_in: "EUR".parse().unwrap(), rate, from, to })
        }
        12 => Kind::Cap(Cap { filter: filter(random), amount: random.estimate(0, 3_000), from, to }),
        _ => Kind::Reallocate(Reallocate {
            filter: filter(random),
            into: placement(random),
            share: random.estimate(0, 100),
            from,
            to,
        }),
    };
    let mut slip = [0, 0, 0].map(|zero: i32| zero + i32::try_from(random.below(4)).unwrap() - 1);
    slip.sort_unstable();
    if random.one_in(2) {
        slip = [0; 3];
    }
    Operation {
        id,
        kind,
        owner: if random.one_in(3) { "Finance \"team\"".to_owned() } else { String::new() },
        confidence: if random.one_in(2) { Amount::from_integer(100) } else { random.amount(0, 100) },
        slip_months: Slip { low: slip[0], likely: slip[1], high: slip[2] },
        note: if random.one_in(3) { "über\ntwo lines ' \\".to_owned() } else { String::new() },
        enabled: !random.one_in(9),
    }
}

/// A scenario of up to eight operations. Not every one can be applied: some contradict each other.
pub fn scenario(seed: u64) -> Scenario {
    let mut random = Random(seed ^ 0x5eed);
    let count = random.below(9);
    let operations = (0..count).map(|place| operation(&mut random, format!("operation-{place}"))).collect();
    Scenario { name: "made up".to_owned(), baseline: "made up".to_owned(), operations }
}
