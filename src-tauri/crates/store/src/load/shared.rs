//! What a mapping says more than once is computed once, in layers under the SELECT list. DuckDB shares equal expressions, but not
//! those inside a CASE, and a mapping is made of little else.

use intake::{Condition, Expression, Mapping};

/// A value or a condition that occurs several times.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Repeated<'a> {
    /// As text.
    Value(&'a Expression),
    /// True or false.
    Truth(&'a Condition),
}

/// What a mapping says more than once, by the layer that it is computed in: one only looks at those below.
#[derive(Default)]
pub(super) struct Shared<'a> {
    layers: Vec<Vec<Repeated<'a>>>,
}

impl<'a> Shared<'a> {
    /// What the columns of a mapping have in common.
    pub(super) fn of(mapping: &'a Mapping) -> Self {
        let mut seen = Vec::new();
        mapping.columns.iter().for_each(|column| count(Repeated::Value(&column.expression), &mut seen));
        Self::layered(seen)
    }

    /// What was met several times, laid in layers.
    fn layered(seen: Vec<(Repeated<'a>, usize)>) -> Self {
        let repeated: Vec<Repeated> = seen.into_iter().filter(|(_, times)| *times > 1).map(|(one, _)| one).collect();
        let mut layers: Vec<Vec<Repeated>> = Vec::new();
        for one in &repeated {
            let layer = height(*one, &repeated) - 1;
            layers.resize_with(layers.len().max(layer + 1), Vec::new);
            layers[layer].push(*one);
        }
        Self { layers }
    }

    /// The layers, the lowest first.
    pub(super) fn layers(&self) -> impl Iterator<Item = &[Repeated<'a>]> {
        self.layers.iter().map(Vec::as_slice)
    }

    /// The column that has it, if it is in one of the lowest `visible` layers.
    pub(super) fn name(&self, one: Repeated, visible: usize) -> Option<String> {
        let mut places = self.layers.iter().take(visible).enumerate();
        places.find_map(|(layer, all)| Some(name(layer, all.iter().position(|other| *other == one)?)))
    }
}

/// The name of a column of a layer.
pub(super) fn name(layer: usize, place: usize) -> String {
    format!("#shared {layer}.{place}")
}

/// Counts what is worth sharing. What is inside something that was met before is computed with it.
fn count<'a>(one: Repeated<'a>, seen: &mut Vec<(Repeated<'a>, usize)>) {
    if is_worth_sharing(one) {
        if let Some((_, times)) = seen.iter_mut().find(|(other, _)| *other == one) {
            *times += 1;
            return;
        }
        seen.push((one, 1));
    }
    inside(one).into_iter().for_each(|inner| count(inner, seen));
}

/// How many layers it takes, its own included where it has one.
fn height(one: Repeated, repeated: &[Repeated]) -> usize {
    let below = inside(one).into_iter().map(|inner| height(inner, repeated)).max().unwrap_or(0);
    below + usize::from(repeated.contains(&one))
}

/// Whether looking it up is quicker than computing it, and it is the same in every row that a charge is made from.
fn is_worth_sharing(one: Repeated) -> bool {
    let costs = match one {
        Repeated::Value(value) => matches!(
            value,
            Expression::First(_)
                | Expression::If { .. }
                | Expression::Lookup { .. }
                | Expression::Concat(_)
                | Expression::FirstOf { .. }
                | Expression::Lower(_)
                | Expression::Upper(_)
                | Expression::Trim(_)
                | Expression::Replace { .. }
                | Expression::Piece { .. }
        ),
        Repeated::Truth(condition) => match condition {
            Condition::Is(..)
            | Condition::Same(..)
            | Condition::StartsWith(..)
            | Condition::EndsWith(..)
            | Condition::Contains(..) => true,
            Condition::All(inner) | Condition::Any(inner) => inner.len() > 1,
            Condition::Missing(_)
            | Condition::Negative(_)
            | Condition::Positive(_)
            | Condition::Zero(_)
            | Condition::Not(_) => false,
        },
    };
    costs && !of_numbers_or_items(one)
}

/// Numbers have layers of their own, and an item is another one for each further charge.
fn of_numbers_or_items(one: Repeated) -> bool {
    match one {
        Repeated::Value(
            Expression::Item(_)
            | Expression::Sum(_)
            | Expression::Negate(_)
            | Expression::Product(_)
            | Expression::SumOf { .. },
        )
        | Repeated::Truth(Condition::Negative(_) | Condition::Positive(_) | Condition::Zero(_)) => true,
        _ => inside(one).into_iter().any(of_numbers_or_items),
    }
}

fn inside(one: Repeated<'_>) -> Vec<Repeated<'_>> {
    match one {
        Repeated::Value(value) => {
            let when = match value {
                Expression::If { when, .. } => Some(Repeated::Truth(when)),
                _ => None,
            };
            when.into_iter().chain(value.inner().into_iter().map(Repeated::Value)).collect()
        }
        Repeated::Truth(condition) => match condition {
            Condition::Is(of, _)
            | Condition::Same(of, _)
            | Condition::StartsWith(of, _)
            | Condition::EndsWith(of, _)
            | Condition::Contains(of, _)
            | Condition::Missing(of)
            | Condition::Negative(of)
            | Condition::Positive(of)
            | Condition::Zero(of) => vec![Repeated::Value(of)],
            Condition::Not(inner) => vec![Repeated::Truth(inner)],
            Condition::All(inner) | Condition::Any(inner) => inner.iter().map(Repeated::Truth).collect(),
        },
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kind_is(value: &str) -> Condition {
        Condition::Same(Expression::Column("kind".to_owned()), vec![value.to_owned()])
    }

    fn choice(when: Condition, then: Expression) -> Expression {
        Expression::If { when: Box::new(when), then: Box::new(then), otherwise: Box::new(Expression::Null) }
    }

    #[test]
    fn what_is_said_twice_is_shared_and_what_it_is_made_of_lies_below() {
        let lower = || Expression::Lower(Box::new(Expression::Column("id".to_owned())));
        let inner = || choice(kind_is("usage"), lower());
        let expressions = [inner(), inner(), lower(), choice(kind_is("usage"), Expression::Text("x".to_owned()))];
        let mut seen = Vec::new();
        expressions.iter().for_each(|one| count(Repeated::Value(one), &mut seen));
        let shared = Shared::layered(seen);
        let (usage, id, both) = (kind_is("usage"), lower(), inner());
        assert_eq!(shared.name(Repeated::Truth(&usage), 2).as_deref(), Some("#shared 0.0"));
        assert_eq!(shared.name(Repeated::Value(&id), 2).as_deref(), Some("#shared 0.1"));
        assert_eq!(shared.name(Repeated::Value(&both), 2).as_deref(), Some("#shared 1.0"), "it looks at the two");
        assert_eq!(shared.name(Repeated::Value(&both), 1), None, "its own layer cannot look at it");
        assert_eq!(shared.name(Repeated::Value(&expressions[3]), 2), None, "it is said once");
    }

    #[test]
    fn numbers_and_items_are_not_shared() {
        let item = Expression::Lower(Box::new(Expression::Item(vec!["type".to_owned()])));
        let negative =
            choice(Condition::Negative(Expression::Column("cost".to_owned())), Expression::Text("x".to_owned()));
        for one in [&item, &negative] {
            let mut seen = Vec::new();
            (0..2).for_each(|_| count(Repeated::Value(one), &mut seen));
            assert_eq!(Shared::layered(seen).name(Repeated::Value(one), 1), None);
        }
    }
}
