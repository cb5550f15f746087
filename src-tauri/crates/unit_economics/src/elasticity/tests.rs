//! Published data with certified results, and a second, slow implementation in fractions of any length.

use num_bigint::BigInt;
use num_rational::BigRational;
use num_traits::{ToPrimitive, Zero};
use proptest::prelude::*;

use super::*;

/// NIST Statistical Reference Datasets, Norris: calibration of ozone monitors, linear, 36 observations; x, then y.
const NORRIS: [(f64, f64); 36] = [
    (0.2, 0.1),
    (337.4, 338.8),
    (118.2, 118.1),
    (884.6, 888.0),
    (10.1, 9.2),
    (226.5, 228.1),
    (666.3, 668.5),
    (996.3, 998.5),
    (448.6, 449.1),
    (777.0, 778.9),
    (558.2, 559.2),
    (0.4, 0.3),
    (0.6, 0.1),
    (775.5, 778.1),
    (666.9, 668.8),
    (338.0, 339.3),
    (447.5, 448.9),
    (11.6, 10.8),
    (556.0, 557.7),
    (228.1, 228.3),
    (995.8, 998.0),
    (887.6, 888.8),
    (120.2, 119.6),
    (0.3, 0.3),
    (0.3, 0.6),
    (556.8, 557.6),
    (339.1, 339.3),
    (887.2, 888.0),
    (999.0, 998.5),
    (779.0, 778.9),
    (11.1, 10.2),
    (118.3, 117.6),
    (229.2, 228.9),
    (669.1, 668.4),
    (448.9, 449.2),
    (0.5, 0.2),
];

fn close(found: f64, expected: f64, digits: i32) -> bool {
    (found - expected).abs() <= expected.abs() * 10_f64.powi(-digits)
}

#[test]
fn the_certified_results_of_norris_come_out() {
    let (x, y): (Vec<f64>, Vec<f64>) = NORRIS.into_iter().unzip();
    let line = least_squares(&x, &y).unwrap();
    assert!(close(line.slope, 1.002_116_818_020_45, 13), "slope {}", line.slope);
    assert!(close(line.slope_error, 0.429_796_848_199_937e-3, 12), "standard error {}", line.slope_error);
    assert!(close(line.r_squared.unwrap(), 0.999_993_745_883_712, 13), "R squared {:?}", line.r_squared);
}

#[test]
fn the_quantiles_are_those_of_the_tables() {
    // Two-sided 95 %, from printed tables of Student's t.
    for (freedom, table) in [
        (1, 12.706_204_736),
        (2, 4.302_652_729_9),
        (5, 2.570_581_835_6),
        (10, 2.228_138_851_9),
        (22, 2.073_873_067_9),
        (34, 2.032_244_509_3),
        (120, 1.979_930_405_0),
        (455, 1.965_191_3),
    ] {
        let found = quantile(freedom).unwrap();
        assert!(close(found, table, 6), "{freedom} degrees of freedom: {found}, the table says {table}");
    }
}

/// A made-up company of 24 months; the same numbers went through the oracle that gave the constants of the next test.
fn months(count: u32) -> Vec<Observation> {
    let units = |i: u32| 100 + 7 * i + (i * i * 37) % 23;
    let cents = |i: u32| i128::from((1000 + 60 * i + (i * 53) % 41) * 100 + i % 7);
    (0..count)
        .map(|i| Observation {
            period: format!("month {}", i + 1),
            cost: Amount::new(cents(i), 2).unwrap(),
            units: Amount::from_integer(units(i).into()),
        })
        .collect()
}

#[test]
fn logarithms_to_sixty_digits_and_fractions_agree() {
    // By normal equations in exact fractions over logarithms of 60 digits, and t from a table.
    for (count, value, low, high, r_squared) in [
        (24, "0.928073", "0.870124", "0.986022", "0.980447"),
        (18, "0.868020", "0.797958", "0.938082", "0.977331"),
        (17, "0.861247", "0.784361", "0.938132", "0.974361"),
    ] {
        let found = elasticity(&months(count));
        let text = |amount: Option<Amount>| amount.unwrap().to_string();
        assert_eq!(
            [text(found.value), text(found.low), text(found.high), text(found.r_squared)],
            [value, low, high, r_squared],
            "{count} months"
        );
        assert_eq!(found.points, u64::from(count));
    }
}

#[test]
fn eighteen_periods_are_the_least_for_a_claim() {
    let few = elasticity(&months(17));
    assert_eq!(few.significance, Significance::TooFewPeriods);
    assert!(
        few.verdict.starts_with("Nothing significant can be claimed from 17 periods; it takes 18."),
        "{}",
        few.verdict
    );
    assert!(few.value.is_some() && few.low.is_some(), "the figures are shown all the same");
    let enough = elasticity(&months(18));
    assert_eq!(enough.significance, Significance::Significant);
    assert!(enough.verdict.ends_with("a unit becomes cheaper as there are more."), "{}", enough.verdict);
}

#[test]
fn noise_is_not_significant() {
    let noise: Vec<Observation> = (0..30_u32)
        .map(|i| Observation {
            period: i.to_string(),
            cost: Amount::from_integer(i64::from(1000 + (i * 7919) % 97)),
            units: Amount::from_integer(i64::from(500 + (i * 104_729) % 89)),
        })
        .collect();
    let found = elasticity(&noise);
    assert_eq!(found.significance, Significance::NotSignificant, "{}", found.verdict);
    assert!(found.low.unwrap().is_negative() && !found.high.unwrap().is_negative(), "the interval holds zero");
}

fn observation(cost: &str, units: &str) -> Observation {
    Observation { period: format!("{cost}/{units}"), cost: cost.parse().unwrap(), units: units.parse().unwrap() }
}

#[test]
fn what_has_no_logarithm_or_no_line_is_refused_in_words() {
    let good = || (1..=20).map(|i| observation(&(100 + i).to_string(), &(10 + i * i).to_string())).collect::<Vec<_>>();
    let refused = |observations: &[Observation], words: &str| {
        let found = elasticity(observations);
        assert_eq!(found.significance, Significance::NotComputed);
        assert_eq!((found.value, found.low, found.high, found.r_squared), (None, None, None, None), "no figure at all");
        assert!(found.verdict.contains(words), "{}", found.verdict);
    };
    refused(&[], "0 periods with cost and units; a line with an interval needs 3");
    refused(&good()[..1], "1 period with cost");
    refused(&good()[..2], "2 periods with cost");
    for (cost, units, words) in [
        ("0", "5", "the cost of 0/5 is zero or below"),
        ("-3", "5", "the cost of -3/5 is zero or below"),
        ("3", "0", "the number of units of 3/0 is zero or below"),
    ] {
        let mut observations = good();
        observations.push(observation(cost, units));
        refused(&observations, words);
    }
    let negatives: Vec<Observation> = (1..=20).map(|i| observation(&format!("-{i}"), "4")).collect();
    refused(&negatives, "the cost of -1/4, -2/4, -3/4 and 17 more is zero or below");
    let same: Vec<Observation> = (1..=20).map(|i| observation(&i.to_string(), "7.3")).collect();
    refused(&same, "the number of units is the same in all periods");
}

#[test]
fn a_cost_that_never_moves_has_no_r_squared_and_no_elasticity_to_speak_of() {
    let flat: Vec<Observation> = (1..=20).map(|i| observation("12.34", &i.to_string())).collect();
    let found = elasticity(&flat);
    assert!(found.value.unwrap().is_zero() && found.r_squared.is_none(), "{found:?}");
    assert_eq!(found.significance, Significance::NotSignificant);
}

#[test]
fn a_perfect_law_is_found_whole() {
    // Cost = 3 units^2.
    let law: Vec<Observation> = (1..=20_i64).map(|i| observation(&(3 * i * i).to_string(), &i.to_string())).collect();
    let found = elasticity(&law);
    assert_eq!(found.value.unwrap().to_string(), "2.000000");
    assert_eq!(found.r_squared.unwrap().to_string(), "1.000000");
    assert!(found.verdict.contains("cost grows faster than units"), "{}", found.verdict);
}

/// Normal equations in fractions of any length: slow, and without any rounding up to the square root.
fn exact_line(x: &[f64], y: &[f64]) -> (f64, f64) {
    let fractions = |values: &[f64]| -> Vec<BigRational> {
        values.iter().map(|value| BigRational::from_float(*value).unwrap()).collect()
    };
    let (x, y) = (fractions(x), fractions(y));
    let count = BigRational::from_integer(BigInt::from(x.len()));
    let sum = |terms: Vec<BigRational>| terms.into_iter().fold(BigRational::zero(), |sum, term| sum + term);
    let product = |a: &[BigRational], b: &[BigRational]| sum(a.iter().zip(b).map(|(a, b)| a * b).collect());
    let (sum_x, sum_y) = (sum(x.clone()), sum(y.clone()));
    let determinant = &count * product(&x, &x) - &sum_x * &sum_x;
    let slope = (&count * product(&x, &y) - &sum_x * &sum_y) / &determinant;
    let start = (&sum_y - &slope * &sum_x) / &count;
    let residuals = sum(x
        .iter()
        .zip(&y)
        .map(|(x, y)| {
            let r = y - &start - &slope * x;
            &r * &r
        })
        .collect());
    let variance = residuals / (&count - BigRational::from_integer(BigInt::from(2))) * count / determinant;
    (slope.to_f64().unwrap(), variance.to_f64().unwrap().sqrt())
}

proptest! {
    #[test]
    fn agrees_with_normal_equations_in_fractions(pairs in prop::collection::vec((1_u32..1_000_000, 1_u32..1_000_000), 3..40)) {
        let logarithms = |pick: fn(&(u32, u32)) -> u32| -> Vec<f64> { pairs.iter().map(|pair| f64::from(pick(pair)).ln()).collect() };
        let (x, y) = (logarithms(|pair| pair.0), logarithms(|pair| pair.1));
        let spread = x.iter().fold(f64::MIN, |a, b| a.max(*b)) - x.iter().fold(f64::MAX, |a, b| a.min(*b));
        // Nearly equal units make any float line a matter of the last bits.
        prop_assume!(spread > 1e-3);
        let line = least_squares(&x, &y).unwrap();
        let (slope, slope_error) = exact_line(&x, &y);
        prop_assert!((line.slope - slope).abs() <= 1e-9 * (1.0 + slope.abs()), "{} and {slope}", line.slope);
        prop_assert!((line.slope_error - slope_error).abs() <= 1e-7 * (1.0 + slope_error), "{} and {slope_error}", line.slope_error);
    }

    /// Whatever comes in, what goes out are decimals or nothing, and the interval holds the value.
    #[test]
    fn nothing_but_decimals_comes_out(pairs in prop::collection::vec((-1000_i128..i128::pow(10, 30), -5_i128..i128::pow(10, 30), 0_u8..20), 0..30)) {
        let observations: Vec<Observation> = pairs
            .iter()
            .map(|(cost, units, scale)| Observation {
                period: String::new(),
                cost: Amount::new(*cost, *scale).unwrap(),
                units: Amount::new(*units, 3).unwrap(),
            })
            .collect();
        let found = elasticity(&observations);
        prop_assert!(!found.verdict.contains("NaN") && !found.verdict.contains("inf"), "{}", found.verdict);
        match (found.value, found.low, found.high) {
            (Some(value), Some(low), Some(high)) => prop_assert!(low <= value && value <= high),
            (None, None, None) => prop_assert_eq!(found.significance, Significance::NotComputed),
            other => prop_assert!(false, "half a result: {other:?}"),
        }
    }

    /// Twice the cost everywhere, or orders counted by the thousand, change nothing.
    #[test]
    fn units_of_measure_do_not_matter(count in 5_u32..24, factor in 2_i64..1000) {
        let plain = elasticity(&months(count));
        let scaled: Vec<Observation> = months(count)
            .into_iter()
            .map(|one| Observation { units: one.units.checked_mul(Amount::from_integer(factor)).unwrap(), ..one })
            .collect();
        let scaled = elasticity(&scaled);
        let apart = plain.value.unwrap().checked_sub(scaled.value.unwrap()).unwrap().abs();
        prop_assert!(apart <= Amount::new(1, 6).unwrap(), "{:?} and {:?}", plain.value, scaled.value);
    }
}
