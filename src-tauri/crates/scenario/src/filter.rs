//! [`Filter`]: which lines something is about.

use std::collections::{BTreeMap, BTreeSet};

/// Which lines something is about: all, or those that have one of the named values in each named dimension.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
pub enum Filter {
    /// Every line.
    #[default]
    Everything,
    /// Lines with one of the values in every dimension that is named. Never empty when it was read from a file.
    Values(BTreeMap<String, BTreeSet<String>>),
}

impl Filter {
    /// The lines that have `value` in `dimension`.
    #[must_use]
    pub fn equal(dimension: &str, value: &str) -> Self {
        Self::Values(BTreeMap::from([(dimension.to_owned(), BTreeSet::from([value.to_owned()]))]))
    }

    /// Whether a line with these values fits; `values` stand in the order of `dimensions`. A line fits no filter on a dimension that
    /// there is not.
    #[must_use]
    pub fn fits(&self, dimensions: &[String], values: &[String]) -> bool {
        match self {
            Self::Everything => true,
            Self::Values(wanted) => wanted.iter().all(|(dimension, allowed)| {
                let place = dimensions.iter().position(|name| name == dimension);
                place.and_then(|place| values.get(place)).is_some_and(|value| allowed.contains(value))
            }),
        }
    }
}
