//! The data-quality score: 100 points, less what findings take.
//!
//! ```text
//! score = 100 - points lost on charges - on days - on rows - on columns
//!
//! charges, at most 75, for each provider and billing currency:
//!     75 x N / All x (1 x E + 0.5 x W + 0.1 x T) / V
//!     V: cost weight of its charges; E, W, T: the part of V whose gravest finding is an error, a warning, a notice
//!     the cost weight of a charge is the greater of |BilledCost| and |EffectiveCost|; where all are zero, each charge weighs 1
//!     N / All: its charges among all charges, because currencies cannot be added
//! days, at most 10, for each provider:     10 x N / All x days without usage / days that should have some
//! rows, at most 10, for each provider:     10 x rows refused by loading / rows of all files
//! columns, at most 5, for each provider:    5 x sum over its loads of (N of the load / All x columns lacking / columns that FOCUS demands)
//! ```
//!
//! Each charge counts once, with its gravest finding. Every line is rounded once, to two decimals, half to even, and the score is 100
//! less the lines: what is shown adds up to what is shown. A finding more never gives points: each line falls, or stays.

use std::collections::BTreeMap;

use focus::{Severity, Test};
use money::{Amount, Ratio};
use serde::Serialize;
use ts_rs::TS;

use super::{Broken, Check, list};
use crate::ApiError;

/// The data-quality score of a check.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct Score {
    /// Points of 100.
    pub value: Amount,
    /// How it is worked out, in a few lines.
    pub formula: String,
    /// What takes points, and what could. The points lost add up to 100 less the score.
    pub parts: Vec<ScorePart>,
}

/// One line of the score.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScorePart {
    /// `charges`, `days`, `rows` or `columns`.
    pub component: String,
    /// The provider.
    pub provider: String,
    /// The billing currency of the charges; null for other components.
    pub currency: Option<String>,
    /// The gravest finding of the charges: `error`, `warning` or `notice`; null for other components.
    pub severity: Option<String>,
    /// How much is concerned: cost weight in `currency`, days, rows, or columns (over all loads).
    pub concerned: Amount,
    /// Of how much.
    pub of: Amount,
    /// What `concerned` and `of` are: `cost`, `charges` (where no charge costs anything), `days`, `rows` or `columns`.
    pub unit: String,
    /// Points lost by it.
    pub lost: Amount,
}

const CHARGES_POINTS: i64 = 75;
const DAYS_POINTS: i64 = 10;
const ROWS_POINTS: i64 = 10;
const COLUMNS_POINTS: i64 = 5;

/// Tenths of its weight that a charge loses by its gravest finding: all, a half, a tenth.
const TENTHS: [(Severity, i64); 3] = [(Severity::Error, 10), (Severity::Warning, 5), (Severity::Notice, 1)];

/// Decimals of a line of the score.
const DECIMALS: u8 = 2;

/// Decimals of a share on its way to a line.
const SHARE_DECIMALS: u8 = 12;

const FORMULA: &str = "100 less points lost. Charges (75): for each provider and billing currency, its share of all charges x (1 x cost \
    weight of charges with an error + 0.5 x with a warning + 0.1 x with a notice) / its cost weight; a charge counts once, with its \
    gravest finding, and weighs the greater of |BilledCost| and |EffectiveCost|. Days (10): days without usage / days that should have \
    some, by the provider's share of all charges. Rows (10): rows refused by loading / all rows. Columns (5): columns lacking / columns \
    that FOCUS demands, by each load's share of all charges.";

/// The score of a check with these findings.
pub(super) fn of(check: &Check<'_>, broken: &[Broken]) -> Result<Score, ApiError> {
    let weights = weights(check, broken)?;
    let all: u64 = weights.values().map(|weight| weight.charges).sum();
    let mut parts = Vec::new();
    for ((provider, currency), weight) in &weights {
        parts.extend(charge_lines(provider, currency, weight, all)?);
    }
    parts.extend(day_lines(check, &weights, all)?);
    parts.extend(row_lines(check)?);
    parts.extend(column_lines(check, broken, all)?);
    let lost = Amount::sum(parts.iter().map(|part| part.lost)).map_err(too_large)?;
    let value = Amount::from_integer(100).checked_sub(lost).map_err(too_large)?;
    Ok(Score { value, formula: FORMULA.to_owned(), parts })
}

fn too_large(error: money::AmountError) -> ApiError {
    ApiError::new("internal", format!("the score cannot be worked out: {error}"), "")
}

/// What the charges of one provider and currency weigh.
#[derive(Clone, Debug, Default, PartialEq)]
struct Weight {
    charges: u64,
    cost: Option<Amount>,
    /// By gravest finding: charges and their cost weight.
    graded: BTreeMap<Severity, (u64, Amount)>,
}

/// One scan: each charge gets its gravest finding.
fn weights(check: &Check<'_>, broken: &[Broken]) -> Result<BTreeMap<(String, String), Weight>, ApiError> {
    let mut branches = String::new();
    for (severity, _) in TENTHS {
        let concerned: Vec<String> = broken
            .iter()
            .filter(|broken| broken.rule.severity == severity && !broken.loads.is_empty())
            .filter_map(|broken| {
                let predicate = broken.predicate.as_ref()?;
                Some(format!("(load_id IN ({}) AND {predicate})", list(&broken.loads)))
            })
            .collect();
        if !concerned.is_empty() {
            branches += &format!("WHEN {} THEN '{}' ", concerned.join(" OR "), severity.word());
        }
    }
    let grade = if branches.is_empty() { "NULL::VARCHAR".to_owned() } else { format!("CASE {branches} END") };
    let loads: Vec<i64> = check.subjects.iter().map(|subject| subject.load).collect();
    let rows = check.texts(&format!(
        "SELECT provider, billing_currency, {grade} AS grade, count(*),
                coalesce(sum(greatest(coalesce(abs(billed_cost), 0), coalesce(abs(effective_cost), 0))), 0)
         FROM charge WHERE load_id IN ({}) GROUP BY ALL ORDER BY 1, 2, 3",
        list(&loads)
    ))?;
    let mut weights: BTreeMap<(String, String), Weight> = BTreeMap::new();
    for row in &rows {
        let cell = |at: usize| row.get(at).and_then(Option::as_deref).unwrap_or_default();
        let charges: u64 = cell(3).parse().unwrap_or(0);
        let cost: Amount = cell(4).parse().map_err(too_large)?;
        let weight = weights.entry((cell(0).to_owned(), cell(1).to_owned())).or_default();
        weight.charges += charges;
        weight.cost = Some(weight.cost.unwrap_or(Amount::ZERO).checked_add(cost).map_err(too_large)?);
        if let Some((severity, _)) = TENTHS.iter().find(|(severity, _)| severity.word() == cell(2)) {
            weight.graded.insert(*severity, (charges, cost));
        }
    }
    Ok(weights)
}

fn charge_lines(provider: &str, currency: &str, weight: &Weight, all: u64) -> Result<Vec<ScorePart>, ApiError> {
    let cost = weight.cost.unwrap_or(Amount::ZERO);
    let by_cost = !cost.is_zero();
    let whole = if by_cost { cost } else { whole_number(weight.charges) };
    let mut lines = Vec::new();
    let mut tenths = Vec::new();
    for (severity, penalty) in TENTHS {
        let (charges, cost) = weight.graded.get(&severity).copied().unwrap_or((0, Amount::ZERO));
        let concerned = if by_cost { cost } else { whole_number(charges) };
        tenths.push(concerned.checked_mul(Amount::from_integer(penalty)).map_err(too_large)?);
        lines.push((severity, concerned));
    }
    // The points are worked out for the whole group at once and then told apart, so that a finding that grows graver cannot gain by
    // two roundings.
    let lost = points(
        CHARGES_POINTS,
        Amount::sum(tenths.iter().copied()).map_err(too_large)?,
        whole,
        10,
        weight.charges,
        all,
    )?;
    let mut left = lost;
    let last = tenths.iter().rposition(|tenth| !tenth.is_zero()).unwrap_or(0);
    let mut parts = Vec::new();
    for (at, (severity, concerned)) in lines.into_iter().enumerate() {
        let own = points(CHARGES_POINTS, tenths[at], whole, 10, weight.charges, all)?;
        let own = if at == last || own > left { left } else { own };
        left = left.checked_sub(own).map_err(too_large)?;
        parts.push(ScorePart {
            component: "charges".to_owned(),
            provider: provider.to_owned(),
            currency: Some(currency.to_owned()),
            severity: Some(severity.word().to_owned()),
            concerned: concerned.normalized(),
            of: whole.normalized(),
            unit: if by_cost { "cost" } else { "charges" }.to_owned(),
            lost: own,
        });
    }
    Ok(parts)
}

/// `most x part / (whole x scale) x charges / all`, to two decimals.
fn points(most: i64, part: Amount, whole: Amount, scale: i64, charges: u64, all: u64) -> Result<Amount, ApiError> {
    let zero = || Amount::ZERO.rounded(DECIMALS, money::Rounding::HalfEven);
    let whole = whole.checked_mul(Amount::from_integer(scale)).map_err(too_large)?;
    let Some(share) = Ratio::of(part, whole, SHARE_DECIMALS) else { return Ok(zero()) };
    let weighed = share
        .checked_mul(whole_number(charges))
        .and_then(|weighed| weighed.checked_mul(Amount::from_integer(most)))
        .map_err(too_large)?;
    Ok(Ratio::of(weighed, whole_number(all), DECIMALS).unwrap_or_else(zero))
}

fn whole_number(count: u64) -> Amount {
    Amount::from_integer(i64::try_from(count).unwrap_or(i64::MAX))
}

/// A line of a component that is not about charges.
fn line(component: &str, provider: &str, concerned: u64, of: u64, lost: Amount) -> ScorePart {
    ScorePart {
        component: component.to_owned(),
        provider: provider.to_owned(),
        currency: None,
        severity: None,
        concerned: whole_number(concerned),
        of: whole_number(of),
        unit: component.to_owned(),
        lost,
    }
}

fn day_lines(
    check: &Check<'_>,
    weights: &BTreeMap<(String, String), Weight>,
    all: u64,
) -> Result<Vec<ScorePart>, ApiError> {
    let loads: Vec<i64> = check.subjects.iter().map(|subject| subject.load).collect();
    let mut days: BTreeMap<String, (u64, u64)> = BTreeMap::new();
    for row in check.texts(&focus::days_present(&check.table(&loads)))? {
        let number =
            |at: usize| row.get(at).and_then(Option::as_deref).and_then(|text| text.parse::<u64>().ok()).unwrap_or(0);
        let (wanted, present) = days.entry(row[0].clone().unwrap_or_default()).or_default();
        *wanted += number(2);
        *present += number(3);
    }
    let lines = days.into_iter().map(|(provider, (wanted, present))| {
        let charges = weights.iter().filter(|((one, _), _)| *one == provider).map(|(_, weight)| weight.charges).sum();
        let missing = wanted.saturating_sub(present);
        let lost = points(DAYS_POINTS, whole_number(missing), whole_number(wanted), 1, charges, all)?;
        Ok(line("days", &provider, missing, wanted, lost))
    });
    lines.collect()
}

fn row_lines(check: &Check<'_>) -> Result<Vec<ScorePart>, ApiError> {
    let mut files: BTreeMap<i64, (&str, u64, u64)> = BTreeMap::new();
    for subject in &check.subjects {
        for file in &subject.files {
            files.entry(file.id).or_insert((&subject.provider, file.rows, file.refused));
        }
    }
    let all: u64 = files.values().map(|(_, rows, _)| rows).sum();
    let mut providers: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for (provider, rows, refused) in files.into_values() {
        let of_provider = providers.entry(provider).or_default();
        of_provider.0 += rows;
        of_provider.1 += refused;
    }
    let lines = providers.into_iter().map(|(provider, (rows, refused))| {
        let lost = points(ROWS_POINTS, whole_number(refused), whole_number(all), 1, 1, 1)?;
        Ok(line("rows", provider, refused, rows, lost))
    });
    lines.collect()
}

fn column_lines(check: &Check<'_>, broken: &[Broken], all: u64) -> Result<Vec<ScorePart>, ApiError> {
    let demanded = |broken: &&focus::Rule| matches!(broken.test, Test::Present(_)) && broken.text.contains(" MUST ");
    let mut providers: BTreeMap<&str, (u64, u64, Amount)> = BTreeMap::new();
    for subject in &check.subjects {
        let asked = check.rules.iter().filter(|rule| demanded(rule) && subject.is_asked(rule)).count() as u64;
        let lacking =
            broken.iter().filter(|one| demanded(&one.rule) && one.loads.contains(&subject.load)).count() as u64;
        let share = Ratio::of(whole_number(lacking), whole_number(asked), SHARE_DECIMALS).unwrap_or(Amount::ZERO);
        let weighed = share.checked_mul(whole_number(subject.charges)).map_err(too_large)?;
        let of_provider = providers.entry(&subject.provider).or_insert((0, 0, Amount::ZERO));
        of_provider.0 += lacking;
        of_provider.1 += asked;
        of_provider.2 = of_provider.2.checked_add(weighed).map_err(too_large)?;
    }
    let lines = providers.into_iter().map(|(provider, (lacking, asked, weighed))| {
        let lost = points(COLUMNS_POINTS, weighed, whole_number(all), 1, 1, 1)?;
        Ok(line("columns", provider, lacking, asked, lost))
    });
    lines.collect()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn weight(charges: u64, cost: i128, graded: [i128; 3]) -> Weight {
        let amount = |units| Amount::new(units, 9).unwrap();
        let graded = TENTHS.iter().zip(graded).map(|((severity, _), units)| (*severity, (1, amount(units))));
        Weight { charges, cost: Some(amount(cost)), graded: graded.collect() }
    }

    fn lost(weight: &Weight, all: u64) -> Amount {
        Amount::sum(charge_lines("P", "USD", weight, all).unwrap().iter().map(|part| part.lost)).unwrap()
    }

    #[test]
    fn a_clean_bill_loses_nothing_and_a_broken_one_all_that_charges_can() {
        assert!(lost(&weight(10, 1_000, [0, 0, 0]), 10).is_zero());
        assert_eq!(lost(&weight(10, 1_000, [1_000, 0, 0]), 10), "75".parse().unwrap());
        assert_eq!(lost(&weight(10, 1_000, [0, 1_000, 0]), 10), "37.5".parse().unwrap(), "a warning takes a half");
        assert_eq!(lost(&weight(10, 1_000, [0, 0, 1_000]), 10), "7.5".parse().unwrap(), "a notice takes a tenth");
        assert_eq!(lost(&weight(10, 1_000, [1_000, 0, 0]), 40), "18.75".parse().unwrap(), "a quarter of the charges");
    }

    #[test]
    fn charges_without_cost_weigh_one_each() {
        let mut free = weight(4, 0, [0, 0, 0]);
        free.graded = BTreeMap::from([(Severity::Error, (1, Amount::ZERO))]);
        assert_eq!(lost(&free, 4), "18.75".parse().unwrap(), "one charge of four");
        assert_eq!(charge_lines("P", "USD", &free, 4).unwrap()[0].unit, "charges");
    }

    proptest! {
        /// The lines explain the whole, and a finding more, or a graver one, never gives points.
        #[test]
        fn findings_never_give_points(
            clean in 0_i128..1_000_000_000_000_000,
            error in 0_i128..1_000_000_000_000_000,
            warning in 0_i128..1_000_000_000_000_000,
            notice in 0_i128..1_000_000_000_000_000,
            moved in 0_i128..1_000_000_000_000_000,
            charges in 1_u64..10_000_000,
            others in 0_u64..10_000_000,
        ) {
            let (cost, all) = (clean + error + warning + notice, charges + others);
            let of = |graded| {
                let weight = weight(charges, cost, graded);
                let parts = charge_lines("P", "USD", &weight, all).unwrap();
                for part in &parts {
                    prop_assert!(!part.lost.is_negative(), "no line gives points");
                }
                let whole = points(
                    CHARGES_POINTS,
                    Amount::new(10 * graded[0] + 5 * graded[1] + graded[2], 9).unwrap(),
                    Amount::new(cost, 9).unwrap(), 10, charges, all).unwrap();
                if cost > 0 {
                    prop_assert_eq!(lost(&weight, all), whole, "the lines add up to the group's points");
                }
                Ok(lost(&weight, all))
            };
            prop_assume!(cost > 0);
            let before = of([error, warning, notice])?;
            let newly = moved.min(clean);
            prop_assert!(of([error, warning, notice + newly])? >= before, "clean charges get a notice");
            prop_assert!(of([error, warning + newly, notice])? >= before, "clean charges get a warning");
            prop_assert!(of([error + newly, warning, notice])? >= before, "clean charges get an error");
            let graver = moved.min(notice);
            prop_assert!(of([error, warning + graver, notice - graver])? >= before, "a notice becomes a warning");
            let graver = moved.min(warning);
            prop_assert!(of([error + graver, warning - graver, notice])? >= before, "a warning becomes an error");
        }
    }
}
