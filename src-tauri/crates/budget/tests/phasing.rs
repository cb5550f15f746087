//! A year over its periods: a second, slow implementation, and what must hold of all.
#![expect(clippy::unwrap_used, reason = "in a test what is missing is a failure, with its place")]

use budget::{FiscalCalendar, Period, PeriodRule, Phasing, PhasingError, phase};
use money::Amount;
use proptest::prelude::*;

fn periods(start: u32, year: i32) -> Vec<Period> {
    FiscalCalendar::new(start, PeriodRule::Months).unwrap().periods(year).unwrap()
}

/// One unit after the other to the part that is furthest behind its share; the earlier one among equals. Never more than a unit ahead.
fn slowly(units: i128, weights: &[i128]) -> Vec<i128> {
    let total: i128 = weights.iter().sum();
    let sign = units.signum();
    let magnitude = units.abs();
    let mut parts: Vec<i128> = weights.iter().map(|weight| magnitude * weight / total).collect();
    for _ in 0..magnitude - parts.iter().sum::<i128>() {
        let mut furthest = 0;
        for place in 1..parts.len() {
            let behind = |place: usize| magnitude * weights[place] - parts[place] * total;
            if behind(place) > behind(furthest) {
                furthest = place;
            }
        }
        parts[furthest] += 1;
    }
    parts.into_iter().map(|part| part * sign).collect()
}

proptest! {
    #[test]
    fn phased_periods_are_the_slow_ones_and_add_up(
        units in -10_000_000_i128..10_000_000,
        profile in prop::collection::vec(-500_i128..5_000, 12),
        start in 1_u32..13,
        year in 2000..2050,
        kind in 0..3,
    ) {
        let periods = periods(start, year);
        let days: Vec<i128> = periods.iter().map(|period| i128::from(period.days())).collect();
        let last_year: Vec<Amount> = profile.iter().map(|&units| Amount::new(units, 2).unwrap()).collect();
        let (phasing, mut weights) = match kind {
            0 => (Phasing::Even, vec![1; 12]),
            1 => (Phasing::ByDays, days),
            _ => (Phasing::LastYear(last_year), profile.iter().map(|&units| units.max(0)).collect()),
        };
        if weights.iter().all(|weight| *weight == 0) {
            weights = vec![1; 12];
        }
        let whole = Amount::new(units, 2).unwrap();
        let phased = phase(whole, 2, &periods, &phasing).unwrap();
        prop_assert_eq!(Amount::sum(phased.amounts.iter().copied()).unwrap(), whole, "the periods are the year");
        let slow: Vec<Amount> = slowly(units, &weights).into_iter().map(|units| Amount::new(units, 2).unwrap()).collect();
        prop_assert_eq!(phased.amounts, slow);
    }

    #[test]
    fn typed_periods_must_be_the_year(amounts in prop::collection::vec(-1_000_i64..1_000, 12), gap in -5_i64..6) {
        let typed: Vec<Amount> = amounts.iter().map(|&amount| Amount::from_integer(amount)).collect();
        let sum = Amount::sum(typed.iter().copied()).unwrap();
        let year = sum.checked_add(Amount::from_integer(gap)).unwrap();
        let phased = phase(year, 2, &periods(1, 2027), &Phasing::Typed(typed.clone()));
        if gap == 0 {
            prop_assert_eq!(phased.unwrap().amounts, typed);
        } else {
            prop_assert_eq!(phased, Err(PhasingError::Sum { sum, year, gap: Amount::from_integer(gap) }));
        }
    }
}

#[test]
fn fallbacks_are_told() {
    let year = Amount::from_integer(1200);
    let zero = phase(year, 2, &periods(1, 2027), &Phasing::LastYear(vec![Amount::ZERO; 12])).unwrap();
    assert!(
        zero.note.unwrap().contains("spread evenly")
            && zero.amounts.iter().all(|part| *part == Amount::from_integer(100))
    );
    let mut last = vec![Amount::from_integer(10); 12];
    last[3] = Amount::from_integer(-5);
    let clipped = phase(year, 2, &periods(1, 2027), &Phasing::LastYear(last)).unwrap();
    assert!(clipped.note.unwrap().starts_with("1 periods") && clipped.amounts[3].is_zero());
    let short = phase(year, 2, &periods(1, 2027), &Phasing::Typed(vec![year]));
    assert_eq!(short, Err(PhasingError::Length { given: 1, periods: 12 }));
    assert_eq!(phase(year, 2, &[], &Phasing::Even), Err(PhasingError::NoPeriods));
    let fine = phase("100.001".parse().unwrap(), 2, &periods(1, 2027), &Phasing::Even).unwrap();
    assert_eq!(Amount::sum(fine.amounts).unwrap().to_string(), "100.001", "no decimal of the year is lost");
}
