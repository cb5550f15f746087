//! Pages from anywhere in ordered charges: they are found by counting, and are those of the whole order.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use std::cmp::Ordering;
use std::fmt::Write as _;

use testsupport::{Bill, Workbench};

const PROGRAM: &str = env!("CARGO_BIN_EXE_qd-under-test");
const CHARGES: u64 = 160_000;
const LIMIT: usize = 30;

/// A charge as the test made it.
struct Made {
    row: u64,
    day: u64,
    thousandths: u64,
    region: Option<&'static str>,
    resource: Option<u64>,
}

/// More charges of one cost, of one region and without a region than are put in order at once; and a column that nearly all leave empty.
fn made(number: u64) -> Made {
    Made {
        row: number + 1,
        day: number % 28 + 1,
        thousandths: if number % 10 < 6 { 0 } else { number * 7_919 % 30_011 },
        region: match number * 31 % 10 {
            0..4 => None,
            4..8 => Some("eu-west-1"),
            8 => Some("us-'east'; --"),
            _ => Some("ünten"),
        },
        resource: (number % 16_001 == 7).then_some(number),
    }
}

fn bench(all: &[Made]) -> Workbench {
    let bench = Workbench::new(PROGRAM);
    let bill = Bill::new()
        .usual("ChargePeriodStart", "2026-01-{day}T00:00:00Z")
        .usual("ChargePeriodEnd", "2026-02-01T00:00:00Z")
        .usual("BillingPeriodStart", "2026-01-01T00:00:00Z")
        .usual("BillingPeriodEnd", "2026-02-01T00:00:00Z")
        .usual("BilledCost", "{cost}")
        .usual("RegionId", "{region}")
        .usual("ResourceId", "{resource}")
        .charge(&[]);
    let text = String::from_utf8(bill.csv()).unwrap();
    let (header, row) = text.split_once('\n').unwrap();
    let mut whole = format!("{header}\n");
    for charge in all {
        let row = row
            .replace("{day}", &format!("{:02}", charge.day))
            .replace("{cost}", &format!("{}.{:03}", charge.thousandths / 1_000, charge.thousandths % 1_000))
            .replace("{region}", charge.region.unwrap_or_default())
            .replace("{resource}", &charge.resource.map(|resource| format!("r{resource:06}")).unwrap_or_default());
        whole.write_str(&row).unwrap();
    }
    bench.write("large.csv", whole);
    let loaded = bench.load(&[bench.path("large.csv")]);
    assert_eq!(loaded.status, Some(0), "{}", loaded.stderr);
    bench
}

/// Values in an order, missing ones last.
fn missing_last<T: Ord>(left: Option<T>, right: Option<T>, descending: bool) -> Ordering {
    match (left, right) {
        (Some(left), Some(right)) if descending => right.cmp(&left),
        (Some(left), Some(right)) => left.cmp(&right),
        (left, right) => right.is_some().cmp(&left.is_some()),
    }
}

#[test]
fn a_page_from_anywhere_is_that_of_the_whole_order() {
    let mut all: Vec<Made> = (0..CHARGES).map(made).collect();
    let bench = bench(&all);
    type Order = fn(&Made, &Made) -> Ordering;
    let orders: [(&str, Order); 6] = [
        ("-billed_cost", |left, right| right.thousandths.cmp(&left.thousandths)),
        ("billed_cost", |left, right| left.thousandths.cmp(&right.thousandths)),
        ("region_id", |left, right| missing_last(left.region, right.region, false)),
        ("-region_id", |left, right| missing_last(left.region, right.region, true)),
        ("-resource_id", |left, right| missing_last(left.resource, right.resource, true)),
        ("-charge_period_start", |left, right| right.day.cmp(&left.day)),
    ];
    for (order, by) in orders {
        all.sort_by(|left, right| by(left, right).then_with(|| (left.day, left.row).cmp(&(right.day, right.row))));
        // Near the first page, at the edge of a heavy value, within it, across the last stretch, at the end and beyond.
        for offset in [5_000, 49_985, 63_990, 95_987, 111_111, 159_980, 160_000] {
            let option = format!("--order={order}");
            let (from, most) = (offset.to_string(), LIMIT.to_string());
            let found = bench.json(&["rows", &option, "--offset", &from, "--limit", &most, "--columns", "billed_cost"]);
            let rows: Vec<u64> = found
                .as_array()
                .unwrap()
                .iter()
                .map(|row| row["charge"].as_str().unwrap().split_once('.').unwrap().1.parse().unwrap())
                .collect();
            let expected: Vec<u64> = all.iter().skip(offset).take(LIMIT).map(|charge| charge.row).collect();
            assert_eq!(rows, expected, "{order} from {offset}");
        }
    }
}
