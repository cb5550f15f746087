//! Bills drawn at random, with any number of commitments, bought, refunded, used and left unused: every charge is what the oracle
//! makes of its row, and of each commitment what was used and what was not comes to what was paid.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use rust_decimal::Decimal;
use testsupport::decimal::decimal;

use crate::bill::{Agreement, Bill, Line, METERS, Report, SUBSCRIPTION};
use crate::{bench, compare};

/// A reservation or a savings plan in a month.
#[derive(Clone, Debug)]
struct Commitment {
    plan: bool,
    /// In ten-thousandths.
    purchases: Vec<i64>,
    refunds: Vec<i64>,
    /// Days on which it was used, and how much of it.
    used: Vec<(u32, u64)>,
    /// How much of it was not.
    idle: u64,
}

/// A charge that no commitment has to do with.
#[derive(Clone, Debug)]
struct Plain {
    charge_type: &'static str,
    pricing_model: &'static str,
    unit: &'static str,
    location: &'static str,
    publisher: &'static str,
    day: u32,
    meter: usize,
    /// In ten-millionths.
    quantity: i64,
    price: i64,
    retail: i64,
    /// In units of the 18th decimal: what the cost has beside quantity and price.
    rest: i64,
}

fn commitment() -> impl Strategy<Value = Commitment> {
    let used = prop::collection::vec((1_u32..=31, 0_u64..1000), 0..8);
    let payments = |most: usize| prop::collection::vec(0_i64..100_000_000, 0..=most);
    (any::<bool>(), payments(3), payments(2), used, 0_u64..500)
        .prop_map(|(plan, purchases, refunds, used, idle)| Commitment { plan, purchases, refunds, used, idle })
}

fn plain() -> impl Strategy<Value = Plain> {
    let kinds = prop::sample::select(vec![
        "Usage",
        "Usage",
        "Usage",
        "Purchase",
        "Refund",
        "Tax",
        "Credit",
        "RoundingAdjustment",
    ]);
    let words = (
        kinds,
        prop::sample::select(vec!["OnDemand", "Spot", ""]),
        prop::sample::select(vec!["1 Hour", "10K", "100 Hours", "1 GB/Month", "3 Crates", " 1M ", ""]),
        prop::sample::select(vec!["EastUS", "us west 2", "DE West Central", "Unknown", ""]),
        prop::sample::select(vec!["", "", "Contoso Software"]),
    );
    let numbers = (
        1_u32..=31,
        0..METERS.len(),
        -1_000_000_i64..900_000_000,
        0_i64..100_000_000,
        0_i64..100_000_000,
        0_i64..10_000,
    );
    (words, numbers).prop_map(|((charge_type, pricing_model, unit, location, publisher), numbers)| {
        let (day, meter, quantity, price, retail, rest) = numbers;
        // A price of zero beside a cost is one that was not found.
        let (price, retail) = (if price % 5 == 0 { 0 } else { price }, if retail % 5 == 0 { 0 } else { retail });
        Plain { charge_type, pricing_model, unit, location, publisher, day, meter, quantity, price, retail, rest }
    })
}

impl Plain {
    fn line(&self) -> Line {
        let (meter, kind, _) = METERS[self.meter];
        let (quantity, price) = (Decimal::new(self.quantity, 7), Decimal::new(self.price, 7));
        let sign = if matches!(self.charge_type, "Refund" | "Credit") { -Decimal::ONE } else { Decimal::ONE };
        let cost = sign * (quantity * price + Decimal::new(self.rest, 18));
        let of_resource = self.charge_type == "Usage";
        let resource = format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/RG/providers/{kind}/r{}", self.day);
        Line {
            day: self.day,
            charge_type: self.charge_type,
            pricing_model: self.pricing_model,
            unit: self.unit,
            meter: if of_resource { meter } else { "" },
            resource: if of_resource { resource } else { String::new() },
            location: self.location,
            benefit: String::new(),
            publisher: self.publisher,
            quantity,
            price,
            retail: Decimal::new(self.retail, 7),
            actual: Some(cost),
            amortised: Some(cost),
        }
    }
}

impl Commitment {
    /// The id, which differs in case from row to row.
    fn id(&self, number: usize, capitals: bool) -> String {
        let id = if self.plan {
            format!("/providers/Microsoft.BillingBenefits/savingsPlanOrders/{number:04}/savingsPlans/Aa{number}")
        } else {
            format!("/providers/Microsoft.Capacity/reservationOrders/{number:04}/reservations/Aa{number}")
        };
        if capitals { id.to_uppercase() } else { id }
    }

    fn paid(&self) -> Decimal {
        Decimal::new(self.purchases.iter().sum::<i64>() - self.refunds.iter().sum::<i64>(), 4)
    }

    /// What is used, to eight decimals each, and what is left, so that the whole is what was paid.
    fn spread(&self) -> (Vec<Decimal>, Decimal) {
        let weights: u64 = self.used.iter().map(|(_, weight)| weight).sum::<u64>() + self.idle;
        let share = |weight: u64| match weights {
            0 => Decimal::ZERO,
            weights => (self.paid() * Decimal::from(weight) / Decimal::from(weights)).trunc_with_scale(8),
        };
        let used: Vec<Decimal> = self.used.iter().map(|(_, weight)| share(*weight)).collect();
        let left = self.paid() - used.iter().sum::<Decimal>();
        (used, left)
    }

    fn lines(&self, number: usize) -> Vec<Line> {
        let model = if self.plan { "SavingsPlan" } else { "Reservation" };
        let (meter, kind, _) = METERS[0];
        let fee = |charge_type: &'static str, cost: Decimal| Line {
            day: 15,
            charge_type,
            pricing_model: model,
            unit: "1 Hour",
            meter,
            resource: String::new(),
            location: "",
            benefit: self.id(number, false),
            publisher: "",
            quantity: Decimal::ONE,
            price: cost.abs(),
            retail: Decimal::ZERO,
            actual: Some(cost),
            amortised: None,
        };
        let (used, left) = self.spread();
        let use_of = |at: usize, day: u32, amortised: Decimal| Line {
            day,
            charge_type: "Usage",
            resource: format!("/subscriptions/{SUBSCRIPTION}/resourceGroups/RG/providers/{kind}/vm{at}"),
            location: "EastUS",
            benefit: self.id(number, at % 2 == 1),
            quantity: Decimal::from(24),
            price: decimal("0.146"),
            retail: decimal("0.192"),
            actual: Some(Decimal::ZERO),
            amortised: Some(amortised),
            ..fee("Usage", Decimal::ZERO)
        };
        let unused = Line {
            charge_type: if self.plan { "UnusedSavingsPlan" } else { "UnusedReservation" },
            resource: String::new(),
            actual: None,
            ..use_of(0, 31, left)
        };
        let purchases = self.purchases.iter().map(|cost| fee("Purchase", Decimal::new(*cost, 4)));
        let refunds = self.refunds.iter().map(|cost| fee("Refund", -Decimal::new(*cost, 4)));
        let uses = used.iter().zip(&self.used).enumerate().map(|(at, (cost, (day, _)))| use_of(at, *day, *cost));
        purchases.chain(refunds).chain(uses).chain([unused]).collect()
    }
}

/// What the engagement has of each commitment.
const OF_COMMITMENTS: &str = "
    SELECT commitment_discount_id,
           coalesce(sum(billed_cost) FILTER (charge_category = 'Purchase'), 0)::VARCHAR,
           coalesce(sum(effective_cost) FILTER (commitment_discount_status = 'Used'), 0)::VARCHAR,
           coalesce(sum(effective_cost) FILTER (commitment_discount_status = 'Unused'), 0)::VARCHAR,
           (sum(effective_cost) FILTER (charge_category <> 'Usage') IS DISTINCT FROM 0
            AND count(*) FILTER (charge_category <> 'Usage') > 0)::VARCHAR,
           coalesce(sum(billed_cost) FILTER (charge_category = 'Usage'), 0)::VARCHAR
    FROM charge WHERE commitment_discount_id IS NOT NULL GROUP BY 1 ORDER BY 1";

fn conserved(agreement: Agreement, commitments: &[Commitment], plain: &[Plain], actual_first: bool) {
    let lines = plain.iter().map(Plain::line);
    let of_commitments = commitments.iter().enumerate().flat_map(|(number, one)| one.lines(number));
    let bill = Bill::of(agreement, lines.chain(of_commitments).collect());
    let mut reports = [Report::Actual, Report::Amortised];
    for report in reports {
        if bill.rows(report) > 0 {
            compare(&bill.csv(report), &format!("{agreement:?}-{report:?}.csv"));
        }
    }
    if !actual_first {
        reports.reverse();
    }
    let bench = bench();
    for report in reports.into_iter().filter(|report| bill.rows(*report) > 0) {
        let _report = bench.loaded(&[bench.write(&format!("{report:?}/export.csv").to_lowercase(), bill.csv(report))]);
    }
    let found = bench.json(&["sql", OF_COMMITMENTS]);
    let rows = found["rows"].as_array().unwrap();
    assert_eq!(rows.len(), commitments.len(), "one commitment each, whatever the case of its id");
    for row in rows {
        let id = row[0].as_str().unwrap();
        let amount = |at: usize| decimal(row[at].as_str().unwrap());
        let number =
            commitments.iter().enumerate().position(|(number, one)| one.id(number, false).to_lowercase() == id);
        let commitment = &commitments[number.unwrap()];
        let (used, left) = commitment.spread();
        assert_eq!(amount(1), commitment.paid(), "{id}: purchases less refunds");
        assert_eq!((amount(2), amount(3)), (used.iter().sum(), left), "{id}: used and unused");
        assert_eq!(amount(2) + amount(3), amount(1), "{id}: used and unused is what was paid");
        assert_eq!(row[4], "false", "{id}: what pays for use counts as that use");
        assert_eq!(amount(5), Decimal::ZERO, "{id}: what was paid for is not billed again");
    }
    let sum = |cost: &str| decimal(&bench.value(&format!("SELECT coalesce(sum({cost}), 0)::VARCHAR FROM charge")));
    assert_eq!(sum("billed_cost"), bill.total(Report::Actual), "what is billed is the actual cost");
    assert_eq!(sum("effective_cost"), bill.total(Report::Amortised), "what is effective is the amortised cost");
}

#[test]
fn of_each_commitment_used_and_unused_is_what_was_paid() {
    let config = Config { cases: 6, max_shrink_iters: 30, failure_persistence: None, ..Config::default() };
    let drawn = (
        prop::sample::select(vec![Agreement::Enterprise, Agreement::Customer]),
        prop::collection::vec(commitment(), 1..5),
        prop::collection::vec(plain(), 0..40),
        any::<bool>(),
    );
    TestRunner::new(config)
        .run(&drawn, |(agreement, commitments, plain, actual_first)| {
            conserved(agreement, &commitments, &plain, actual_first);
            Ok(())
        })
        .unwrap();
}
