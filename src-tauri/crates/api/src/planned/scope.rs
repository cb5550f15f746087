//! Filters and rows as scopes, the way that budgets know them.

use std::collections::{BTreeMap, BTreeSet};

use budget::Scope;
use money::Currency;
use query::{Dimension, Filter, Operator};

/// What charges must have: one of the values in each dimension; a value that is none is a missing one.
pub(super) type Conditions = BTreeMap<String, BTreeSet<Option<String>>>;

/// Filters that name values, as conditions; none where one of them says something else, such as what a value contains. A filter on the currency that
/// the figures are in anyway says nothing.
pub(super) fn conditions(filters: &[Filter], currency: Currency) -> Option<Conditions> {
    let mut found = Conditions::new();
    for filter in filters {
        let values: BTreeSet<Option<String>> = match filter.operator {
            Operator::Is => filter.values.iter().cloned().map(Some).collect(),
            Operator::Missing => BTreeSet::from([None]),
            _ => return None,
        };
        if filter.dimension == Dimension::BillingCurrency && values == BTreeSet::from([Some(currency.to_string())]) {
            continue;
        }
        let name = filter.dimension.name().into_owned();
        let both = match found.get(&name) {
            Some(known) => known.intersection(&values).cloned().collect(),
            None => values,
        };
        found.insert(name, both);
    }
    Some(found)
}

/// Conditions narrowed to one value of each of some dimensions: a row of an answer.
pub(super) fn narrowed<'a>(
    conditions: &Conditions,
    keys: impl IntoIterator<Item = (&'a str, &'a Option<String>)>,
) -> Conditions {
    let mut found = conditions.clone();
    for (dimension, value) in keys {
        found.insert(dimension.to_owned(), BTreeSet::from([value.clone()]));
    }
    found
}

pub(super) fn of_scope(scope: &Scope) -> Conditions {
    scope.dimensions().map(|(dimension, values)| (dimension.to_owned(), values.clone())).collect()
}

pub(super) fn scope_of(conditions: &Conditions) -> Scope {
    conditions.iter().fold(Scope::everything(), |scope, (dimension, values)| {
        values.iter().fold(scope, |scope, value| match value {
            Some(value) => scope.with(dimension, value),
            None => scope.with_missing(dimension),
        })
    })
}

/// Conditions as filters; none where no filters say them.
pub(super) fn filters(conditions: &Conditions) -> Option<Vec<Filter>> {
    crate::budgets::costs::filters(&scope_of(conditions))
}

/// What parts leave of a whole, as filters; none where parts are told apart by more than one dimension, which no filters say.
pub(super) fn filters_of_rest(whole: &Conditions, parts: &[Conditions]) -> Option<Vec<Filter>> {
    let mut found = filters(whole)?;
    let mut apart: BTreeMap<&str, BTreeSet<Option<String>>> = BTreeMap::new();
    for part in parts {
        let own: Vec<_> = part.iter().filter(|(name, values)| whole.get(*name) != Some(values)).collect();
        let [(name, values)] = own[..] else { return None };
        apart.entry(name).or_default().extend(values.iter().cloned());
    }
    let mut apart = apart.into_iter();
    let (Some((name, values)), None) = (apart.next(), apart.next()) else { return None };
    let dimension: Dimension = name.parse().ok()?;
    if values.contains(&None) {
        found.push(Filter { dimension: dimension.clone(), operator: Operator::Present, values: Vec::new() });
    }
    let known: Vec<String> = values.into_iter().flatten().collect();
    if !known.is_empty() {
        found.push(Filter { dimension, operator: Operator::IsNot, values: known });
    }
    Some(found)
}
