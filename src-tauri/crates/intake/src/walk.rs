//! Going through everything that a mapping computes.

use serde_json::Value;

use crate::{Condition, Expression, Mapping, TWIN};

/// The source columns that an expression looks at, conditions and definitions included, each once. The expression is as a mapping was written down when its file was loaded ([`Mapping`] as JSON): columns go by their
/// names in the file.
#[must_use]
pub fn sources_of(expression: &Value) -> Vec<String> {
    let mut found = Vec::new();
    collect_sources(expression, &mut found);
    found
}

fn collect_sources(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::Array(inner) => inner.iter().for_each(|one| collect_sources(one, found)),
        Value::Object(entries) => {
            for (key, inner) in entries {
                match (key.as_str(), inner) {
                    // What a table looks up is no column, whatever its keys are called.
                    ("table", _) => {}
                    ("column", Value::String(name)) => {
                        let name = name.trim_end_matches(TWIN).to_owned();
                        if !found.contains(&name) {
                            found.push(name);
                        }
                    }
                    (_, inner) => collect_sources(inner, found),
                }
            }
        }
        _ => {}
    }
}

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
        if let Self::If { when, .. } = self
            && conditions
        {
            when.walk(found);
        }
        self.inner().into_iter().for_each(|one| one.go(conditions, found));
    }

    /// The expressions that this one is made of, those that it only looks at in a condition left out.
    #[must_use]
    pub fn inner(&self) -> Vec<&Self> {
        match self {
            Self::Column(_) | Self::Text(_) | Self::Number(_) | Self::Null | Self::Field { .. } | Self::Item(_) => {
                Vec::new()
            }
            Self::First(inner) | Self::Sum(inner) | Self::Product(inner) | Self::Concat(inner) | Self::Merge(inner) => {
                inner.iter().collect()
            }
            Self::If { then, otherwise, .. } => vec![then, otherwise],
            Self::Lookup { of, otherwise, .. } => vec![of, otherwise],
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
            | Self::Pairs { of, .. } => vec![of],
            Self::Object(entries) => entries.iter().map(|(_, value)| value).collect(),
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_columns_behind_definitions_are_found() {
        let column = |name: &str| Expression::Column(name.to_owned());
        let expression = Expression::If {
            when: Box::new(Condition::All(vec![
                Condition::Is(column("kind"), vec!["column".to_owned()]),
                Condition::Not(Box::new(Condition::Zero(Expression::Field {
                    column: "credits".to_owned(),
                    path: vec!["amount".to_owned()],
                }))),
            ])),
            then: Box::new(Expression::Lookup {
                of: Box::new(column("unit")),
                table: [("column".to_owned(), "none".to_owned())].into(),
                otherwise: Box::new(column("kind")),
            }),
            otherwise: Box::new(Expression::Object(vec![("column".to_owned(), column("Name\u{2060}"))])),
        };
        let mut walked = Vec::new();
        expression.walk(&mut walked);
        let written = serde_json::to_value(&expression).expect("JSON");
        let mut sources = sources_of(&written);
        sources.sort();
        assert_eq!(sources, ["Name", "credits", "kind", "unit"], "each once, and no key of a table or an object");
        assert_eq!(sources_of(&Value::Null), [""; 0]);
    }
}
