//! A second application of AWS commitments, written on its own over exact fractions: one number a line and hour (the part of it that is
//! left), plans and lines looked up by name, nothing rounded. The engine rounds at twelve decimals where a commitment ends within a
//! line; the two agree to less than a billionth.

use std::collections::{BTreeMap, BTreeSet};

use crate::shared::{amount, commitment as bought, line, names, rate, usage};
use commitment::model::{BenefitPolicy, Capacity, Commitment, Price, Program, Sharing, Step, Usage, UsageLine};
use commitment::replay::replay;
use money::Amount;
use num_bigint::BigInt;
use num_rational::BigRational;
use proptest::prelude::*;

type Fraction = BigRational;

fn fraction(value: Amount) -> Fraction {
    Fraction::new(value.units().into(), BigInt::from(10).pow(u32::from(value.scale())))
}

fn zero() -> Fraction {
    Fraction::from_integer(0.into())
}

/// On-demand cost by commitment and SKU with account, and what of each commitment was used, in its own measure.
#[derive(Default)]
struct Told {
    covered: BTreeMap<(String, String), Fraction>,
    used: BTreeMap<String, Fraction>,
    remainder: BTreeMap<String, Fraction>,
}

fn name_of(line: &UsageLine) -> String {
    format!("{}/{}", line.key.account, line.key.sku)
}

fn stage_of(program: &Program, zonal: bool) -> usize {
    match program {
        Program::AwsStandardReservedInstance if zonal => 0,
        Program::AwsStandardReservedInstance => 1,
        Program::AwsEc2InstanceSavingsPlan => 2,
        _ => 3,
    }
}

/// Whether a commitment of `owner` may serve `account` in a round: its own, its group's, anybody's.
fn served(policy: &BenefitPolicy, owner: &str, account: &str, round: usize) -> bool {
    let own = owner == account;
    let group = |name: &str| policy.groups.get(name).cloned();
    let together = group(owner).is_some() && group(owner) == group(account);
    let open = !policy.switched_off.contains(owner) && !policy.switched_off.contains(account);
    match (round, policy.sharing) {
        (0, _) => own,
        (_, Sharing::Off) => false,
        (1, Sharing::PrioritisedGroups | Sharing::RestrictedGroups) => !own && open && together,
        (2, Sharing::PrioritisedGroups) => !own && open && !together,
        (2, Sharing::OrganisationWide) => !own && open,
        _ => false,
    }
}

/// The price of one on-demand dollar of a line under a plan, and of one unit.
fn price_of(plan: &Commitment, line: &UsageLine) -> Option<(Fraction, Option<Fraction>)> {
    let named = plan.rates.iter().find(|rate| rate.lines.skus.contains(&line.key.sku));
    let chosen = named.or_else(|| plan.rates.iter().find(|rate| rate.lines.skus.is_empty()))?;
    let total =
        |series: &commitment::model::Series| series.amounts().map(fraction).fold(zero(), |sum, more| sum + more);
    let (cost, quantity) = (total(&line.on_demand), total(&line.quantity));
    match chosen.price {
        Price::Discount(discount) => {
            let share = Fraction::from_integer(1.into()) - fraction(discount);
            let rate = (quantity > zero()).then(|| &share * &cost / &quantity);
            Some((share, rate))
        }
        Price::Unit(price) if quantity > zero() && cost > zero() => {
            Some((fraction(price) * quantity / cost, Some(fraction(price))))
        }
        _ => None,
    }
}

fn apply(usage: &Usage, commitments: &[Commitment], policy: &BenefitPolicy) -> Told {
    let mut told = Told::default();
    for hour in 0..usage.span().steps() {
        let mut left: BTreeMap<String, Fraction> =
            usage.lines().iter().map(|line| (name_of(line), Fraction::from_integer(1.into()))).collect();
        let mut room: BTreeMap<String, Fraction> =
            commitments.iter().map(|found| (found.id.clone(), fraction(found.capacity.hourly()))).collect();
        for stage in 0..4 {
            for round in 0..3 {
                // Every combination that may meet in this round, best first.
                let mut meetings = Vec::new();
                for plan in commitments {
                    if stage_of(&plan.program, !plan.scope.usage.zones.is_empty()) != stage {
                        continue;
                    }
                    for line in usage.lines() {
                        if !served(policy, &plan.scope.owner_account, &line.key.account, round)
                            || !line.eligible.contains(&plan.program)
                            || !plan.scope.usage.matches(&line.key)
                        {
                            continue;
                        }
                        let size = line.size_factor.map(fraction);
                        let order = if stage < 2 {
                            (size.clone().map_or((1, zero()), |size| (0, size)), (0, zero()))
                        } else {
                            let Some((share, rate)) = price_of(plan, line) else { continue };
                            ((0, share), rate.map_or((1, zero()), |rate| (0, rate)))
                        };
                        meetings.push((order, line.key.clone(), (plan.start, plan.id.clone()), plan, line));
                    }
                }
                meetings.sort_by(|one, other| (&one.0, &one.1, &one.2).cmp(&(&other.0, &other.1, &other.2)));
                for (_, _, _, plan, line) in meetings {
                    let (cost, quantity) = (fraction(line.on_demand.at(hour)), fraction(line.quantity.at(hour)));
                    // What all of the line takes of the plan this hour.
                    let whole = match plan.capacity {
                        Capacity::Units(_) => quantity,
                        Capacity::NormalisedUnits(_) => match line.size_factor {
                            Some(factor) => quantity * fraction(factor),
                            None => continue,
                        },
                        _ => {
                            let rates = &plan.rates;
                            let named = rates.iter().find(|rate| rate.lines.skus.contains(&line.key.sku));
                            let chosen =
                                named.or_else(|| rates.iter().find(|rate| rate.lines.skus.is_empty())).unwrap();
                            let whole = match chosen.price {
                                Price::Unit(price) => quantity * fraction(price),
                                Price::Discount(discount) => {
                                    &cost * (Fraction::from_integer(1.into()) - fraction(discount))
                                }
                                Price::Share { .. } => unreachable!("not drawn"),
                            };
                            if whole > cost {
                                continue;
                            }
                            whole
                        }
                    };
                    if whole <= zero() {
                        continue;
                    }
                    let (name, free) = (name_of(line), room[&plan.id].clone());
                    let wanted = &whole * &left[&name];
                    let taken = wanted.min(free);
                    let part = &taken / &whole;
                    *told.covered.entry((plan.id.clone(), name.clone())).or_insert_with(zero) += &part * &cost;
                    *told.used.entry(plan.id.clone()).or_insert_with(zero) += &taken;
                    *room.get_mut(&plan.id).unwrap() -= taken;
                    *left.get_mut(&name).unwrap() -= part;
                }
            }
        }
        for line in usage.lines() {
            let cost = fraction(line.on_demand.at(hour)) * &left[&name_of(line)];
            *told.remainder.entry(name_of(line)).or_insert_with(zero) += cost;
        }
    }
    told
}

const ACCOUNTS: [&str; 3] = ["a", "b", "c"];

/// (account, type, programmes as bits, size, price in cents, quantities in quarters)
type DrawnLine = (usize, usize, u8, Option<u8>, u32, Vec<u8>);
/// (programme, owner, capacity in hundredths, zonal, sku asked, price)
type DrawnPlan = (usize, usize, u32, bool, Option<usize>, u32, bool);

fn drawn_usage(drawn: &[DrawnLine]) -> Usage {
    let programs =
        [Program::AwsStandardReservedInstance, Program::AwsEc2InstanceSavingsPlan, Program::AwsComputeSavingsPlan];
    let mut seen = BTreeSet::new();
    let mut lines = Vec::new();
    for (account, kind, eligible, size, cents, quarters) in drawn {
        if !seen.insert((account, kind)) {
            continue;
        }
        let allowed: Vec<Program> = programs
            .iter()
            .enumerate()
            .filter(|(bit, _)| eligible >> bit & 1 == 1)
            .map(|(_, found)| found.clone())
            .collect();
        let quantities: Vec<String> =
            quarters.iter().map(|quarters| Amount::new(i128::from(*quarters) * 25, 2).unwrap().to_string()).collect();
        let costs: Vec<String> = quarters
            .iter()
            .map(|quarters| Amount::new(i128::from(*quarters) * 25 * i128::from(*cents), 4).unwrap().to_string())
            .collect();
        let text = |values: &[String]| values.iter().map(String::as_str).collect::<Vec<_>>().join(",");
        let (cost, quantity) = (text(&costs), text(&quantities));
        let sku = format!("t{kind}");
        let mut found = line(
            "AWS",
            ACCOUNTS[*account],
            &sku,
            &allowed,
            &cost.split(',').collect::<Vec<_>>(),
            &quantity.split(',').collect::<Vec<_>>(),
        );
        found.size_factor = size.map(|size| Amount::from_integer(1 << size));
        found.key.zone = Some(if kind % 2 == 0 { "z0" } else { "z1" }.to_owned());
        lines.push(found);
    }
    usage(Step::Hour, lines)
}

fn drawn_plans(drawn: &[DrawnPlan]) -> Vec<Commitment> {
    drawn
        .iter()
        .enumerate()
        .map(|(number, (program, owner, hundredths, zonal, sku, price, unit_price))| {
            let id = format!("p{number}");
            let capacity = Amount::new(i128::from(*hundredths), 2).unwrap();
            let mut plan = match program {
                0 => bought(&id, "AWS", Program::AwsStandardReservedInstance, Capacity::Units(capacity)),
                1 => bought(&id, "AWS", Program::AwsStandardReservedInstance, Capacity::NormalisedUnits(capacity)),
                2 => bought(&id, "AWS", Program::AwsEc2InstanceSavingsPlan, Capacity::DiscountedSpend(capacity)),
                _ => bought(&id, "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(capacity)),
            };
            plan.scope.owner_account = ACCOUNTS[*owner].to_owned();
            if *program == 0 && *zonal {
                plan.scope.usage.zones = names(&["z0"]);
            }
            if let Some(sku) = sku.filter(|_| *program < 3) {
                plan.scope.usage.skus = names(&[&format!("t{sku}")]);
            }
            if *program >= 2 {
                plan.rates = vec![rate(None, Price::Discount(Amount::new(i128::from(price % 60), 2).unwrap()))];
                if *unit_price {
                    // Sometimes above the on-demand price.
                    plan.rates.push(rate(Some("t1"), Price::Unit(Amount::new(i128::from(*price), 2).unwrap())));
                }
            }
            plan
        })
        .collect()
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(3000))]

    #[test]
    fn the_engine_agrees_with_a_second_application(
        drawn_lines in prop::collection::vec(
            (0_usize..3, 0_usize..4, 0_u8..8, prop::option::of(0_u8..5), 1_u32..200, prop::collection::vec(0_u8..12, 3)),
            1..7,
        ),
        drawn in prop::collection::vec(
            (0_usize..4, 0_usize..3, 0_u32..600, any::<bool>(), prop::option::of(0_usize..4), 1_u32..150, any::<bool>()),
            0..6,
        ),
        sharing in 0_usize..4,
        switched_off in prop::option::of(0_usize..3),
    ) {
        let usage = drawn_usage(&drawn_lines);
        let plans = drawn_plans(&drawn);
        let sharing = [Sharing::OrganisationWide, Sharing::PrioritisedGroups, Sharing::RestrictedGroups, Sharing::Off][sharing];
        let policy = BenefitPolicy {
            sharing,
            groups: [("a".to_owned(), "g".to_owned()), ("c".to_owned(), "g".to_owned())].into(),
            switched_off: switched_off.map(|account| ACCOUNTS[account].to_owned()).into_iter().collect(),
        };
        let replayed = replay(&usage, &plans, &policy).unwrap();
        let told = apply(&usage, &plans, &policy);
        let close = |ours: Amount, theirs: &Fraction| {
            let off = fraction(ours) - theirs;
            let limit = Fraction::new(1.into(), 1_000_000_000.into());
            off < limit && -off < limit
        };
        let month = &replayed.months[0];
        for (place, line) in usage.lines().iter().enumerate() {
            let theirs = &told.remainder[&name_of(line)];
            prop_assert!(close(month.lines[place].remainder, theirs), "{}: {} is not {theirs}", name_of(line), month.lines[place].remainder);
        }
        let mut ours: BTreeMap<(String, String), Amount> = BTreeMap::new();
        for cover in &month.coverage {
            let id = replayed.commitments[cover.commitment].clone();
            let cell = ours.entry((id, name_of(&usage.lines()[cover.line]))).or_default();
            *cell = cell.checked_add(cover.on_demand).unwrap();
        }
        for (pair, theirs) in &told.covered {
            let found = ours.remove(pair).unwrap_or_default();
            prop_assert!(close(found, theirs), "{pair:?}: {found} is not {theirs}");
        }
        prop_assert!(ours.values().all(|amount| close(*amount, &zero())), "nothing beyond the oracle: {ours:?}");
        for (id, found) in replayed.commitments.iter().zip(&month.commitments) {
            let theirs = told.used.get(id).cloned().unwrap_or_else(zero);
            prop_assert!(close(found.capacity_used, &theirs), "{id}: {} is not {theirs}", found.capacity_used);
        }
    }
}

#[test]
fn the_oracle_knows_a_case_by_hand() {
    let lines = vec![line("AWS", "a", "t0", &[Program::AwsComputeSavingsPlan], &["10"], &["1"])];
    let plan = Commitment {
        rates: vec![rate(None, Price::Discount(amount("0.5")))],
        ..bought("p", "AWS", Program::AwsComputeSavingsPlan, Capacity::DiscountedSpend(amount("3")))
    };
    let told = apply(&usage(Step::Hour, lines), &[plan], &BenefitPolicy::default());
    assert_eq!(told.remainder["a/t0"], Fraction::from_integer(4.into()), "3 at half price cover 6 of 10");
}
