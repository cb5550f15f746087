//! What many scopes cost, by few questions: those that name the same dimensions are answered by one.

use std::collections::BTreeMap;

use budget::Scope;
use chrono::{Days, NaiveDate};
use money::Amount;
use query::{ANSWER_ROWS_MAX, Answer, Dimension, Filter, Grain, Operator, Period, Question};
use store::{Engagement, Watch};

use crate::{ApiError, Context, asking};

/// What scopes cost by time, and how the whole was answered.
pub(crate) struct Costs {
    /// For each scope, by the time as answers name it. What has no charge is not there.
    pub(crate) scopes: Vec<BTreeMap<String, Amount>>,
    /// What everything under the question's own filters cost.
    pub(crate) whole: BTreeMap<String, Amount>,
    /// The answer for everything.
    pub(crate) answer: Answer,
}

/// A filter of at most this many values goes into the statement; beyond it all values are asked for and the others passed over.
const VALUES_MAX: usize = 2_000;

/// Asks what scopes cost by month or by day within a period, under the filters of `base`.
pub(crate) fn costs(
    context: &Context,
    engagement: &Engagement,
    base: &Question,
    scopes: &[Scope],
    grain: Grain,
    period: Period,
    watch: &Watch,
) -> Result<Costs, ApiError> {
    let plain = Question {
        measures: base.measures[..1].to_vec(),
        by: Vec::new(),
        grain: Some(grain),
        period: Some(period),
        top: None,
        compare: None,
        ..base.clone()
    };
    let answer = asking::answer(context, engagement, &plain, watch)?;
    let mut whole = BTreeMap::new();
    for row in &answer.rows {
        if let (Some(Some(time)), Some(cost)) = (row.keys.first(), row.cells.first().and_then(|cell| cell.value)) {
            whole.insert(time.clone(), cost);
        }
    }
    let mut found: Vec<BTreeMap<String, Amount>> = vec![BTreeMap::new(); scopes.len()];
    let mut groups: BTreeMap<Vec<&str>, Vec<usize>> = BTreeMap::new();
    for (place, scope) in scopes.iter().enumerate() {
        groups.entry(scope.names()).or_default().push(place);
    }
    for (names, places) in groups {
        if names.is_empty() {
            for place in places {
                found[place].clone_from(&whole);
            }
            continue;
        }
        let by = names.iter().map(|name| name.parse()).collect::<Result<Vec<Dimension>, _>>().map_err(|error| {
            ApiError::new("question", format!("a budget's scope: {error}"), "Correct the dimension in the budget.")
        })?;
        let mut filters = plain.filters.clone();
        filters.extend(restrictions(scopes, &by, &names, &places));
        let group = Group::new(scopes, &places);
        for part in parts(period, grain, places.len()) {
            let question = Question { by: by.clone(), filters: filters.clone(), period: Some(part), ..plain.clone() };
            let answer = asking::answer(context, engagement, &question, watch)?;
            for row in &answer.rows {
                let Some((Some(time), keys)) = row.keys.split_first() else { continue };
                let Some(cost) = row.cells.first().and_then(|cell| cell.value) else { continue };
                for place in group.holding(keys) {
                    let sum = found[place].entry(time.clone()).or_default();
                    *sum = sum.checked_add(cost)?;
                }
            }
        }
    }
    Ok(Costs { scopes: found, whole, answer })
}

/// Periods short enough for an answer by this many groups.
fn parts(period: Period, grain: Grain, groups: usize) -> Vec<Period> {
    let steps = ANSWER_ROWS_MAX as usize / 2 / groups.max(1);
    let days = match grain {
        Grain::Month => steps.saturating_mul(28),
        Grain::Day | Grain::Hour => steps,
    };
    let days = Days::new(days.max(1) as u64);
    let mut parts = Vec::new();
    let mut from = period.from;
    while from < period.to {
        let mut to = from.checked_add_days(days).unwrap_or(period.to).min(period.to);
        if grain == Grain::Month && to < period.to {
            // A month stays in one part, so that its sum is one row.
            to = super::files::month_of(to).max(next_month(from)).min(period.to);
        }
        parts.push(Period { from, to });
        from = to;
    }
    parts
}

fn next_month(day: NaiveDate) -> NaiveDate {
    super::files::month_of(day).checked_add_months(chrono::Months::new(1)).unwrap_or(day)
}

/// The values that scopes name, as filters: what no scope names need not be read.
fn restrictions(scopes: &[Scope], by: &[Dimension], names: &[&str], places: &[usize]) -> Vec<Filter> {
    let mut filters = Vec::new();
    for (dimension, name) in by.iter().zip(names) {
        let of = |place: &usize| scopes[*place].dimensions().find(|(known, _)| known == name).map(|(_, values)| values);
        let mut values: Vec<&Option<String>> = places.iter().filter_map(of).flatten().collect();
        values.sort();
        values.dedup();
        let known: Option<Vec<String>> = values.iter().map(|value| (*value).clone()).collect();
        // No filter says: one of these, or missing.
        if let Some(values) = known.filter(|values| values.len() <= VALUES_MAX) {
            filters.push(Filter { dimension: dimension.clone(), operator: Operator::Is, values });
        }
    }
    filters
}

/// Scopes of the same dimensions, by the value of the first.
struct Group<'a> {
    scopes: &'a [Scope],
    by_value: BTreeMap<&'a Option<String>, Vec<usize>>,
}

impl<'a> Group<'a> {
    fn new(scopes: &'a [Scope], places: &[usize]) -> Self {
        let mut by_value: BTreeMap<&'a Option<String>, Vec<usize>> = BTreeMap::new();
        for &place in places {
            for value in scopes[place].dimensions().next().into_iter().flat_map(|(_, values)| values) {
                by_value.entry(value).or_default().push(place);
            }
        }
        Self { scopes, by_value }
    }

    /// The scopes that hold a group of an answer.
    fn holding<'k>(&'k self, keys: &'k [Option<String>]) -> impl Iterator<Item = usize> + 'k {
        let candidates = keys.first().and_then(|first| self.by_value.get(first)).into_iter().flatten().copied();
        candidates.filter(move |&place| {
            let values = self.scopes[place].dimensions().map(|(_, values)| values);
            values.zip(keys).all(|(values, key)| values.contains(key))
        })
    }
}

/// The scope as filters of a question.
pub(crate) fn filters(scope: &Scope) -> Option<Vec<Filter>> {
    let filter = |(name, values): (&str, &std::collections::BTreeSet<Option<String>>)| {
        let dimension: Dimension = name.parse().ok()?;
        let known: Option<Vec<String>> = values.iter().cloned().collect();
        match known {
            Some(values) => Some(Filter { dimension, operator: Operator::Is, values }),
            None if values.len() == 1 => Some(Filter { dimension, operator: Operator::Missing, values: Vec::new() }),
            None => None,
        }
    };
    scope.dimensions().map(filter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    #[test]
    fn parts_cover_the_period_and_cut_no_month() {
        let period = Period { from: day("2025-07-15"), to: day("2026-10-01") };
        for groups in [1, 1_000, 20_000, 1_000_000] {
            for grain in [Grain::Month, Grain::Day] {
                let parts = parts(period, grain, groups);
                assert_eq!((parts[0].from, parts[parts.len() - 1].to), (period.from, period.to));
                assert!(parts.windows(2).all(|pair| pair[0].to == pair[1].from), "no gap, no overlap");
                let whole = |at: NaiveDate| grain == Grain::Day || at == super::super::files::month_of(at);
                assert!(parts[1..].iter().all(|part| whole(part.from)), "{grain:?} {groups}: {parts:?}");
            }
        }
    }

    #[test]
    fn a_scope_holds_what_it_names() {
        let missing = Scope::everything().with_missing("tag:team");
        let two = Scope::everything().with("tag:team", "a").with("tag:team", "b");
        let scopes = [missing, two];
        let group = Group::new(&scopes, &[0, 1]);
        let holding = |key: Option<&str>| group.holding(&[key.map(str::to_owned)]).collect::<Vec<_>>();
        assert_eq!(holding(None), [0]);
        assert_eq!(holding(Some("b")), [1]);
        assert_eq!(holding(Some("c")), [0_usize; 0]);
    }
}
