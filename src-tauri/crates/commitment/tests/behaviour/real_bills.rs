//! Bills that others made: the examples of the FOCUS specification and a generated AWS bill with a plan and a reservation, replayed and
//! compared to the cent.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::{Path, PathBuf};

use commitment::model::{
    BenefitPolicy, Capacity, Commitment, LineKey, Measure, Payment, Price, Program, Span, Step, Term, Usage,
    UsageBuilder,
};
use commitment::replay::{BillFacts, BilledCover, BilledUnused, compare_with_bill, replay};
use money::Amount;

use crate::shared::{amount, commitment as bought, rate};

fn data(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data").join(path)
}

/// The rows of a CSV by column name; `null` is empty.
fn rows(text: &str) -> Vec<BTreeMap<String, String>> {
    let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
    let headers = reader.headers().unwrap().clone();
    let row = |record: csv::StringRecord| {
        let value = |text: &str| if text == "null" { String::new() } else { text.to_owned() };
        headers.iter().map(str::to_owned).zip(record.iter().map(value)).collect()
    };
    reader.records().map(|record| row(record.unwrap())).collect()
}

const OTHER: &str = "Commitment";

/// Replays one hour of the specification's examples: usage at list price, the commitment that the rows imply.
fn replay_specification(
    file: &str,
    capacity: fn(Amount) -> Capacity,
    sizes: &[(&str, &str)],
) -> (usize, Amount, Amount) {
    let path = data("focus-spec-data").join(file);
    let text = std::fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let span = Span::new("2023-01-01T00:00:00Z".parse().unwrap(), Step::Hour, 1).unwrap();
    let month = "2023-01".parse().unwrap();
    let program = Program::Other(OTHER.to_owned());
    let mut builder = UsageBuilder::new("USD".parse().unwrap(), span);
    let mut facts = BillFacts::default();
    let (mut size, mut fee) = (Amount::ZERO, Amount::ZERO);
    for row in rows(&text).iter().filter(|row| row["ChargeCategory"] == "Usage") {
        let (effective, status) = (amount(&row["EffectiveCost"]), row["CommitmentDiscountStatus"].as_str());
        let sku = row.get("SkuId").unwrap_or(&row["ResourceId"]).clone();
        if status == "Used" || status == "Unused" {
            size = size.checked_add(amount(&row["CommitmentDiscountQuantity"])).unwrap();
            fee = fee.checked_add(effective).unwrap();
        }
        if status == "Unused" {
            facts.unused.push(BilledUnused { commitment: "plan".to_owned(), month, unused: effective });
            continue;
        }
        let key =
            LineKey { provider: "Spec".to_owned(), account: "a".to_owned(), sku: sku.clone(), ..LineKey::default() };
        // Without a list price the example is of spend: on demand costs twice the committed price there.
        let twice = effective.checked_add(effective).unwrap();
        let on_demand = match row.get("ListUnitPrice").filter(|_| status == "Used") {
            Some(price) => amount(price).checked_mul(amount(&row["ConsumedQuantity"])).unwrap(),
            None if status == "Used" => twice,
            None => effective,
        };
        let measure = Measure { on_demand, list: None, quantity: amount(&row["ConsumedQuantity"]) };
        builder.add(&key, span.first(), measure).unwrap();
        let factor = sizes.iter().find(|(name, _)| *name == sku).map(|(_, factor)| amount(factor));
        let covers = status == "Used" || sizes.iter().any(|(name, _)| *name == sku);
        builder.describe(key.clone(), None, covers.then(|| program.clone()).into_iter().collect(), factor);
        if status == "Used" {
            let commitment = "plan".to_owned();
            facts.covers.push(BilledCover {
                commitment,
                line: key,
                month,
                on_demand: None,
                quantity: None,
                cost: effective,
            });
        }
    }
    builder.mark_seen(span.first());
    let usage = builder.finish().unwrap();
    let plan = Commitment {
        start: span.first(),
        end: "2024-01-01T00:00:00Z".parse().unwrap(),
        recurring: fee,
        rates: vec![rate(None, Price::Discount(amount("0.5")))],
        ..bought("plan", "Spec", program, capacity(size))
    };
    let replayed = replay(&usage, std::slice::from_ref(&plan), &BenefitPolicy::default()).unwrap();
    let comparison = compare_with_bill(&usage, &[plan], &replayed, &facts).unwrap();
    assert!(comparison.equal, "{file}: {:?}", comparison.deviations);
    (comparison.compared, comparison.covered_cost.1, comparison.unused.1)
}

#[test]
fn the_specifications_examples_of_flexibility() {
    let sizes = [("VM_SMALL", "1"), ("VM_MEDIUM", "2"), ("VM_LARGE", "3"), ("VM_XLARGE", "4")];
    let folder = "commitment_discount_flexibility";
    let with = |name: &str, capacity| replay_specification(&format!("{folder}/{name}.csv"), capacity, &sizes);
    let flexible = "one_hundred_percent_utilization_with_commitment_discount_flexibility";
    let found = with(&format!("{flexible}_with_2_resources"), Capacity::NormalisedUnits);
    assert_eq!(found, (2, amount("2"), Amount::ZERO), "two mediums for one extra large");
    let found = with("one_hundred_percent_utilization_without_commitment_discount_flexibility", Capacity::Units);
    assert_eq!(found, (2, amount("1.5"), Amount::ZERO));
}

#[test]
fn the_specifications_examples_of_used_and_unused() {
    let with = |number: u8| {
        let file = format!("commitment_discount_scenarios/commitment_discount_usage_scenario_{number}.csv");
        replay_specification(&file, Capacity::DiscountedSpend, &[])
    };
    assert_eq!(with(1), (2, amount("1"), Amount::ZERO), "all of it used");
    assert_eq!(with(2), (1, Amount::ZERO, amount("1")), "none of it used");
    assert_eq!(with(3), (2, amount("0.75"), amount("0.25")));
}

/// The generated bill: one m5.large on demand, one under a plan, one reserved, every hour of 29 days, in two accounts by turns.
fn generated() -> (Usage, BillFacts, Amount) {
    let path = data("generated/nise/aws_cur_sep2026_sp_ri_static.csv.gz");
    let file = std::fs::File::open(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()));
    let mut text = String::new();
    flate2::read::MultiGzDecoder::new(file).read_to_string(&mut text).unwrap();
    let span = Span::new("2026-09-01T00:00:00Z".parse().unwrap(), Step::Hour, 696).unwrap();
    let mut builder = UsageBuilder::new("USD".parse().unwrap(), span);
    let mut facts = BillFacts::default();
    let (month, mut fee) = ("2026-09".parse().unwrap(), Amount::ZERO);
    for row in rows(&text) {
        let kind = row["lineItem/LineItemType"].as_str();
        if kind == "SavingsPlanRecurringFee" {
            fee = fee.checked_add(amount(&row["lineItem/UnblendedCost"])).unwrap();
        }
        let programs: &[Program] = match kind {
            "SavingsPlanCoveredUsage" => &[Program::AwsComputeSavingsPlan],
            "DiscountedUsage" => &[Program::AwsConvertibleReservedInstance],
            "Usage" => &[],
            _ => continue,
        };
        let key = LineKey {
            provider: "AWS".to_owned(),
            account: row["lineItem/UsageAccountId"].clone(),
            instance_type: Some("m5.large".to_owned()),
            sku: row["lineItem/ResourceId"].clone(),
            ..LineKey::default()
        };
        let start = row["lineItem/UsageStartDate"].replacen(' ', "T", 1).parse().unwrap();
        // The reserved rows carry no on-demand price; they are the same instance type.
        let measure =
            Measure { on_demand: amount("0.096"), list: None, quantity: amount(&row["lineItem/UsageAmount"]) };
        assert!(builder.add(&key, start, measure).unwrap(), "within the month");
        builder.describe(key.clone(), None, programs.iter().cloned().collect(), None);
        let cost =
            |column: &str| Some(row[column].as_str()).filter(|text| !text.is_empty()).map_or(Amount::ZERO, amount);
        let (commitment, cost) = match kind {
            "SavingsPlanCoveredUsage" => ("plan", cost("savingsPlan/SavingsPlanEffectiveCost")),
            "DiscountedUsage" => ("reservation", cost("reservation/EffectiveCost")),
            _ => continue,
        };
        let on_demand = Some(amount("0.096"));
        facts.covers.push(BilledCover {
            commitment: commitment.to_owned(),
            line: key,
            month,
            on_demand,
            quantity: Some(amount("1")),
            cost,
        });
    }
    (builder.finish().unwrap(), facts, fee)
}

#[test]
fn a_generated_month_with_a_plan_and_a_reservation() {
    let (usage, mut facts, fee) = generated();
    assert!(usage.missing().is_empty(), "every hour is there");
    assert_eq!(fee, amount("66.816"), "696 hours at 0.096");
    // What the plan costs more than it is used for is unused: 0.029 an hour.
    let used = Amount::sum(facts.covers.iter().map(|cover| cover.cost)).unwrap();
    let unused = fee.checked_sub(used).unwrap();
    facts.unused.push(BilledUnused { commitment: "plan".to_owned(), month: facts.covers[0].month, unused });
    let plan = Commitment {
        term: Term::THREE_YEARS,
        end: "2029-01-01T00:00:00Z".parse().unwrap(),
        rates: vec![rate(None, Price::Unit(amount("0.067")))],
        ..bought("plan", "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount("0.096")))
    };
    // The generator bills the reserved hours at nothing and no fee for them.
    let reservation = Commitment {
        payment: Payment::NoUpfront,
        ..bought("reservation", "AWS", Program::AwsConvertibleReservedInstance, Capacity::Units(amount("1")))
    };
    let commitments = [plan, reservation];
    let replayed = replay(&usage, &commitments, &BenefitPolicy::default()).unwrap();
    let comparison = compare_with_bill(&usage, &commitments, &replayed, &facts).unwrap();
    assert!(comparison.equal, "{:?}", comparison.deviations);
    assert_eq!(comparison.covered_cost.1, amount("46.632"), "696 hours at 0.067");
    assert_eq!(comparison.unused.1, amount("20.184"));
    let figures = replayed.figures().unwrap();
    assert_eq!(figures.remainder, amount("66.816"), "the instance on demand");
    // A plan entered too small is found out.
    let small = Commitment {
        capacity: Capacity::DiscountedSpend(amount("0.05")),
        recurring: amount("0.05"),
        ..commitments[0].clone()
    };
    let wrong = [small, commitments[1].clone()];
    let replayed = replay(&usage, &wrong, &BenefitPolicy::default()).unwrap();
    let comparison = compare_with_bill(&usage, &wrong, &replayed, &facts).unwrap();
    assert!(!comparison.equal && !comparison.equal_by_commitment);
}
