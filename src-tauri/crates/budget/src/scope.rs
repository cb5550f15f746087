//! [`Scope`]: which charges a budget is for.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;

/// Which charges a budget is for: those with one of the values in each named dimension. Without any dimension, all charges. A value that
/// is none stands for charges that have no value there, such as those without a tag.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Scope(BTreeMap<String, BTreeSet<Option<String>>>);

impl Scope {
    /// All charges.
    #[must_use]
    pub const fn everything() -> Self {
        Self(BTreeMap::new())
    }

    /// This scope with one more dimension, or one more value of a dimension that it has.
    #[must_use]
    pub fn with(mut self, dimension: &str, value: &str) -> Self {
        self.0.entry(dimension.to_owned()).or_default().insert(Some(value.to_owned()));
        self
    }

    /// This scope with the charges that have no value in a dimension.
    #[must_use]
    pub fn with_missing(mut self, dimension: &str) -> Self {
        self.0.entry(dimension.to_owned()).or_default().insert(None);
        self
    }

    /// The dimensions with their values; none is a missing value.
    pub fn dimensions(&self) -> impl Iterator<Item = (&str, &BTreeSet<Option<String>>)> {
        self.0.iter().map(|(dimension, values)| (dimension.as_str(), values))
    }

    /// The names of its dimensions, in their order.
    #[must_use]
    pub fn names(&self) -> Vec<&str> {
        self.0.keys().map(String::as_str).collect()
    }

    /// Whether a charge lies in it; `value` gives the charge's value of a dimension.
    pub fn fits<'v>(&self, value: impl Fn(&str) -> Option<&'v str>) -> bool {
        self.0.iter().all(|(dimension, allowed)| allowed.contains(&value(dimension).map(str::to_owned)))
    }

    /// Whether every charge of the other lies in this one, by what both say.
    #[must_use]
    pub fn contains(&self, other: &Self) -> bool {
        self.0.iter().all(|(dimension, allowed)| other.0.get(dimension).is_some_and(|values| values.is_subset(allowed)))
    }

    /// Whether a charge could lie in both.
    #[must_use]
    pub fn overlaps(&self, other: &Self) -> bool {
        let shared = self.0.iter().filter_map(|(dimension, values)| Some((values, other.0.get(dimension)?)));
        shared.into_iter().all(|(left, right)| !left.is_disjoint(right))
    }
}

impl fmt::Display for Scope {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.0.is_empty() {
            return formatter.write_str("everything");
        }
        for (place, (dimension, values)) in self.0.iter().enumerate() {
            let values: Vec<&str> = values.iter().map(|value| value.as_deref().unwrap_or("(none)")).collect();
            let comma = if place > 0 { ", " } else { "" };
            write!(formatter, "{comma}{dimension} = {}", values.join(" | "))?;
        }
        Ok(())
    }
}
