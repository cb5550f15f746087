//! How a year's budget falls on its periods as last year's cost fell: that of its own scope, or of everything where that says too little.

use std::collections::BTreeMap;

use budget::{FiscalCalendar, Period, Phasing, Scope};
use chrono::NaiveDate;
use money::{Amount, AmountError};
use query::{Grain, Measure, Question};
use store::{Engagement, Watch};

use super::costs::costs;
use crate::{ApiError, Context, asking, planning};

/// How budgets fall on the periods.
pub(super) struct LastYear {
    /// As everything fell.
    pub(super) whole: Phasing,
    /// Scopes with a last year of their own.
    pub(super) scopes: BTreeMap<Scope, Phasing>,
    /// Which scopes have none, in words.
    pub(super) note: Option<String>,
}

pub(super) fn last_year(
    context: &Context,
    engagement: &Engagement,
    calendar: FiscalCalendar,
    years: &[i32],
    periods: &[Period],
    scopes: &[Scope],
    watch: &Watch,
) -> Result<LastYear, ApiError> {
    let otherwise = |whole| LastYear { whole, scopes: BTreeMap::new(), note: None };
    let before = years.first().and_then(|year| calendar.periods(year - 1).ok()).unwrap_or_default();
    let (Some(first), Some(last), true) = (before.first(), before.last(), years.len() == 1) else {
        return Ok(otherwise(Phasing::Even));
    };
    let charges = planning::with_rules(engagement)?.charges;
    let span = query::Period { from: first.from, to: last.to };
    if charges.and_then(|charges| charges.intersection(&span)).is_none() {
        return Ok(otherwise(Phasing::LastYear(vec![Amount::ZERO; periods.len()])));
    }
    let question = Question { measures: vec![Measure::EffectiveCost], ..Question::default() };
    let question = asking::in_own_currency(engagement, &question)?;
    let found = costs(context, engagement, &question, scopes, Grain::Day, span, watch)?;
    let whole = by_period(&found.whole, &before)?;
    let mut own = BTreeMap::new();
    let mut without: Vec<String> = Vec::new();
    for (scope, costs) in scopes.iter().zip(&found.scopes) {
        if *scope == Scope::everything() || own.contains_key(scope) {
            continue;
        }
        let amounts = by_period(costs, &before)?;
        // A scope that began within the year would fall on its last months alone.
        let lacks = whole.iter().zip(&amounts).any(|(whole, own)| *whole > Amount::ZERO && *own <= Amount::ZERO);
        if lacks {
            without.push(scope.to_string());
        } else {
            own.insert(scope.clone(), Phasing::LastYear(amounts));
        }
    }
    without.sort();
    without.dedup();
    let note = match without.as_slice() {
        [] => None,
        [one] => {
            Some(format!("{one} did not cost something in every period of last year; it is spread as everything fell"))
        }
        [first, rest @ ..] => Some(format!(
            "{first} and {} more did not cost something in every period of last year; they are spread as everything fell",
            rest.len()
        )),
    };
    Ok(LastYear { whole: Phasing::LastYear(whole), scopes: own, note })
}

/// Days added up to periods.
fn by_period(days: &BTreeMap<String, Amount>, periods: &[Period]) -> Result<Vec<Amount>, AmountError> {
    let mut amounts = vec![Amount::ZERO; periods.len()];
    for (day, cost) in days {
        let place =
            day.parse::<NaiveDate>().ok().and_then(|day| periods.iter().position(|period| period.contains(day)));
        if let Some(sum) = place.and_then(|place| amounts.get_mut(place)) {
            *sum = sum.checked_add(*cost)?;
        }
    }
    Ok(amounts)
}
