//! Going through everything that a mapping computes.

use crate::{Condition, Expression, Mapping};

impl Mapping {
    /// Every expression of the mapping, those inside other expressions and conditions included.
    pub fn expressions(&self) -> Vec<&Expression> {
        let mut found = Vec::new();
        let overrides = self.parts.iter().flat_map(|part| &part.overrides);
        self.columns.iter().chain(overrides).for_each(|column| column.expression.walk(&mut found));
        self.provider.walk(&mut found);
        self.parts.iter().filter_map(|part| part.each.as_ref()).for_each(|each| each.walk(&mut found));
        let parts = self.parts.iter().map(|part| &part.when);
        let excluded = self.excluded.iter().map(|exclusion| &exclusion.when);
        let datasets = self.datasets.iter().filter_map(|dataset| dataset.any.as_ref());
        let yields = self.yields.iter().map(|one| &one.keep);
        parts.chain(excluded).chain(datasets).chain(yields).for_each(|condition| condition.walk(&mut found));
        found
    }
}

impl Expression {
    /// The expression and every one inside it, into `found`, those in conditions included.
    pub fn walk<'a>(&'a self, found: &mut Vec<&'a Self>) {
        self.go(true, found);
    }

    /// As [`Expression::walk`], without what only decides which value is taken.
    pub fn walk_value<'a>(&'a self, found: &mut Vec<&'a Self>) {
        self.go(false, found);
    }

    fn go<'a>(&'a self, conditions: bool, found: &mut Vec<&'a Self>) {
        found.push(self);
        match self {
            Self::Column(_) | Self::Text(_) | Self::Number(_) | Self::Null | Self::Field { .. } | Self::Item(_) => {}
            Self::First(inner) | Self::Sum(inner) | Self::Product(inner) | Self::Concat(inner) | Self::Merge(inner) => {
                inner.iter().for_each(|one| one.go(conditions, found))
            }
            Self::If { when, then, otherwise } => {
                if conditions {
                    when.walk(found);
                }
                then.go(conditions, found);
                otherwise.go(conditions, found);
            }
            Self::Lookup { of, otherwise, .. } => {
                of.go(conditions, found);
                otherwise.go(conditions, found);
            }
            Self::Negate(of)
            | Self::Lower(of)
            | Self::Upper(of)
            | Self::Trim(of)
            | Self::MonthStart(of)
            | Self::MonthEnd(of)
            | Self::EndExclusive(of)
            | Self::NextDay(of)
            | Self::KeyValue(of)
            | Self::Prefixed { of, .. }
            | Self::SumOf { of, .. }
            | Self::FirstOf { of, .. }
            | Self::Replace { of, .. }
            | Self::Piece { of, .. }
            | Self::NamedMonth { of, .. }
            | Self::Pairs { of, .. } => of.go(conditions, found),
            Self::Object(entries) => entries.iter().for_each(|(_, value)| value.go(conditions, found)),
        }
    }
}

impl Condition {
    /// Every expression that the condition looks at, into `found`.
    pub fn walk<'a>(&'a self, found: &mut Vec<&'a Expression>) {
        match self {
            Self::Is(of, _)
            | Self::Same(of, _)
            | Self::StartsWith(of, _)
            | Self::EndsWith(of, _)
            | Self::Contains(of, _)
            | Self::Missing(of)
            | Self::Negative(of)
            | Self::Positive(of)
            | Self::Zero(of) => of.walk(found),
            Self::Not(inner) => inner.walk(found),
            Self::All(inner) | Self::Any(inner) => inner.iter().for_each(|one| one.walk(found)),
        }
    }
}
