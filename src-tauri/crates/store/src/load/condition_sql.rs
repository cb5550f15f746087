//! The conditions of a mapping in DuckDB's SQL, and what is told of a number in one of them that cannot be read.
//!
//! Such a number is neither zero nor above nor below it. Where it decides a value of the charge, the charge stays and the number is
//! listed among the refused values.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use focus::{Column, Kind};
use intake::{Condition, Expression, MappedColumn, Mapping, SourceKind};

use super::layers::flag_name;
use super::mapping_sql::{Flag, Source};
use super::number_sql::{is_textual, number};
use super::shared::Repeated;
use crate::DecimalType;
use crate::sql::{identifier, literal, literals};

/// A column of the charge that a number decides, and when that number cannot be read.
pub(super) struct Decided {
    /// The column under a name of its own: the column may have a flag for its value, too.
    pub(super) column: &'static Column,
    /// The column itself.
    pub(super) target: &'static Column,
    /// SQL: a number that decides the value cannot be read. None in a part of the row where no number decides it.
    pub(super) unsound: Option<String>,
    /// SQL: the texts of the numbers that cannot be read.
    pub(super) texts: String,
}

/// What a name of [`Decided::column`] begins with.
const DECIDED: &str = "decided_";

/// The columns of a charge, under the names of [`Decided::column`].
static DECIDED_COLUMNS: LazyLock<BTreeMap<&'static str, Column>> = LazyLock::new(|| {
    let named = focus::columns().iter().map(|column| {
        let name: &'static str = Box::leak(format!("{DECIDED}{}", column.name).into_boxed_str());
        (column.name, Column { name, kind: Kind::Text, ..column.clone() })
    });
    named.collect()
});

/// Whether a column stands for what decides another.
pub(super) fn is_decided(column: &Column) -> bool {
    column.name.starts_with(DECIDED)
}

impl Source<'_> {
    /// A condition that is true or false, never null.
    pub(crate) fn condition(&self, condition: &Condition) -> String {
        if let Some(name) = self.shared_name(Repeated::Truth(condition)) {
            return name;
        }
        match condition {
            Condition::Is(of, values) => {
                format!("coalesce({} IN ({}), false)", self.text(of), literals(values.iter().map(String::as_str)))
            }
            Condition::StartsWith(of, start) => {
                format!("coalesce(starts_with({}, {}), false)", self.text(of), literal(start))
            }
            Condition::EndsWith(of, end) => format!("coalesce(ends_with({}, {}), false)", self.text(of), literal(end)),
            Condition::Same(of, values) => {
                let values: Vec<String> = values.iter().map(|value| value.to_lowercase()).collect();
                let values = literals(values.iter().map(String::as_str));
                format!("coalesce(lowered({}) IN ({values}), false)", self.text(of))
            }
            Condition::Contains(of, part) => format!("coalesce(contains({}, {}), false)", self.text(of), literal(part)),
            Condition::Missing(of) => format!("({} IS NULL)", self.text(of)),
            Condition::Negative(of) => self.compared(of, &|number| format!("coalesce({number} < 0, false)")),
            Condition::Positive(of) => self.compared(of, &|number| format!("coalesce({number} > 0, false)")),
            Condition::Zero(of) => {
                let zero = self.compared(of, &|number| format!("(coalesce({number}, 0) = 0)"));
                // Taken for nothing, a number that cannot be read would be left out without a word.
                self.unread(of).map_or_else(|| zero.clone(), |unread| format!("({zero} AND NOT {unread})"))
            }
            Condition::Not(inner) => format!("(NOT {})", self.condition(inner)),
            Condition::All(inner) if inner.is_empty() => "true".to_owned(),
            Condition::All(inner) => joined(inner.iter().map(|one| self.condition(one)), "AND"),
            Condition::Any(inner) if inner.is_empty() => "false".to_owned(),
            Condition::Any(inner) => joined(inner.iter().map(|one| self.condition(one)), "OR"),
        }
    }

    /// A comparison of a number with nothing. The layer below may hold it with fewer decimals than it has: then its text decides.
    fn compared(&self, of: &Expression, comparison: &dyn Fn(&str) -> String) -> String {
        let near = comparison(&self.decimal(of, DecimalType::WIDEST));
        match self.cut_short(of) {
            Some(cut) => {
                let exact = comparison(&self.decimal_of_text(of, DecimalType::WIDEST));
                format!("(CASE WHEN {cut} THEN {exact} ELSE {near} END)")
            }
            None => near,
        }
    }

    /// Whether a number that an expression is made from has a text and no value; none where that cannot be.
    fn unread(&self, expression: &Expression) -> Option<String> {
        let atom = |atom: &Expression| match self.place_of(atom) {
            Some(key) => Some(format!("({} = {})", identifier(&flag_name(&key)), Flag::Bad as u8)),
            None => match atom {
                Expression::Column(name) if !matches!(self.kind(name)?, SourceKind::Text | SourceKind::Json) => None,
                Expression::SumOf { of, .. } => {
                    let (terms, rung) = (self.atom_source(atom), DecimalType::WIDEST);
                    let flag = self.sum_flag(of, &terms, &number(atom, &terms, rung), rung);
                    Some(format!("(({flag}) = {})", Flag::Bad as u8))
                }
                other => {
                    let text = self.text(other);
                    Some(format!("({text} IS NOT NULL AND {} IS NULL)", number(other, &text, DecimalType::WIDEST)))
                }
            },
        };
        self.of_any_atom(expression, &atom)
    }

    /// Whether a number that an expression is made from is in its layer with fewer decimals than it has, or not at all.
    fn cut_short(&self, expression: &Expression) -> Option<String> {
        let flagged = |key: String| format!("({} = {})", identifier(&flag_name(&key)), Flag::TooNarrow as u8);
        self.of_any_atom(expression, &|atom| self.place_of(atom).map(flagged))
    }

    /// Whether something holds of an atom of an expression, in the branches that are taken.
    fn of_any_atom(&self, expression: &Expression, holds: &dyn Fn(&Expression) -> Option<String>) -> Option<String> {
        match expression {
            Expression::Text(_) | Expression::Number(_) | Expression::Null => None,
            Expression::First(_) if is_textual(expression) => holds(expression),
            Expression::First(inner) | Expression::Sum(inner) | Expression::Product(inner) => {
                any(inner.iter().filter_map(|one| self.of_any_atom(one, holds)))
            }
            Expression::If { when, then, otherwise } => {
                let (then, otherwise) = (self.of_any_atom(then, holds), self.of_any_atom(otherwise, holds));
                if then.is_none() && otherwise.is_none() {
                    return None;
                }
                let or_not = |branch: Option<String>| branch.unwrap_or_else(|| "false".to_owned());
                let when = self.condition(when);
                Some(format!("(CASE WHEN {when} THEN {} ELSE {} END)", or_not(then), or_not(otherwise)))
            }
            Expression::Negate(of) => self.of_any_atom(of, holds),
            atom => holds(atom),
        }
    }

    /// The columns whose value a number decides, in the mapping's order; the same ones for every part of a row.
    pub(super) fn decided(&self, mapping: &Mapping, overrides: &[MappedColumn]) -> Vec<Decided> {
        let of_parts = || mapping.parts.iter().flat_map(|part| &part.overrides);
        let candidates = mapping.columns.iter().filter(|plain| {
            let own = of_parts().filter(|other| other.target.name == plain.target.name);
            own.chain([*plain]).any(|mapped| !tested(&mapped.expression).is_empty())
        });
        candidates
            .filter_map(|plain| {
                let mapped = overrides.iter().find(|other| other.target.name == plain.target.name).unwrap_or(plain);
                let numbers = tested(&mapped.expression);
                let texts = numbers.iter().filter_map(|number| {
                    Some(format!("CASE WHEN {} THEN {} END", self.unread(number)?, self.offending_text(number)))
                });
                Some(Decided {
                    column: DECIDED_COLUMNS.get(plain.target.name)?,
                    target: plain.target,
                    unsound: self.decided_unread(&mapped.expression).map(|precise| {
                        // Almost no row pays for the look at which branches it takes.
                        let any = any(numbers.iter().filter_map(|number| self.unread(number)));
                        format!(
                            "(CASE WHEN {} THEN {precise} ELSE false END)",
                            any.unwrap_or_else(|| "false".to_owned())
                        )
                    }),
                    texts: format!("concat_ws(', ', NULL, {})", texts.collect::<Vec<_>>().join(", ")),
                })
            })
            .collect()
    }

    /// Whether a number that decides the value of an expression cannot be read; none where no number decides.
    fn decided_unread(&self, expression: &Expression) -> Option<String> {
        let Expression::If { when, then, otherwise } = expression else {
            return any(expression.inner().into_iter().filter_map(|one| self.decided_unread(one)));
        };
        let branches = match (self.decided_unread(then), self.decided_unread(otherwise)) {
            (None, None) => None,
            (then, otherwise) => {
                let or_not = |branch: Option<String>| branch.unwrap_or_else(|| "false".to_owned());
                let when = self.condition(when);
                Some(format!("CASE WHEN {when} THEN {} ELSE {} END", or_not(then), or_not(otherwise)))
            }
        };
        any(self.condition_unread(when).into_iter().chain(branches))
    }

    /// Whether a condition hangs on a number that cannot be read.
    fn condition_unread(&self, condition: &Condition) -> Option<String> {
        let several = |inner: &[Condition], word: &str| {
            let numbers = any(inner.iter().filter_map(|one| self.condition_unread(one)))?;
            let others = inner.iter().filter(|one| self.condition_unread(one).is_none());
            // Where the others settle it, the number decides nothing.
            let others: Vec<String> = others.map(|one| self.condition(one)).collect();
            Some(match (others.is_empty(), word) {
                (true, _) => numbers,
                (false, "AND") => format!("({numbers} AND {})", joined(others, "AND")),
                (false, _) => format!("({numbers} AND NOT {})", joined(others, "OR")),
            })
        };
        match condition {
            Condition::Negative(of) | Condition::Positive(of) | Condition::Zero(of) => {
                any(self.unread(of).into_iter().chain(self.decided_unread(of)))
            }
            Condition::Not(inner) => self.condition_unread(inner),
            Condition::All(inner) => several(inner, "AND"),
            Condition::Any(inner) => several(inner, "OR"),
            Condition::Is(of, _)
            | Condition::Same(of, _)
            | Condition::StartsWith(of, _)
            | Condition::EndsWith(of, _)
            | Condition::Contains(of, _)
            | Condition::Missing(of) => self.decided_unread(of),
        }
    }
}

/// The numbers that conditions in an expression compare.
fn tested(expression: &Expression) -> Vec<&Expression> {
    let mut found = Vec::new();
    collect_tested(expression, &mut found);
    found
}

fn collect_tested<'e>(expression: &'e Expression, found: &mut Vec<&'e Expression>) {
    if let Expression::If { when, .. } = expression {
        collect_compared(when, found);
    }
    expression.inner().into_iter().for_each(|one| collect_tested(one, found));
}

fn collect_compared<'e>(condition: &'e Condition, found: &mut Vec<&'e Expression>) {
    match condition {
        Condition::Negative(of) | Condition::Positive(of) | Condition::Zero(of) => {
            if !found.contains(&of) {
                found.push(of);
            }
            collect_tested(of, found);
        }
        Condition::Not(inner) => collect_compared(inner, found),
        Condition::All(inner) | Condition::Any(inner) => inner.iter().for_each(|one| collect_compared(one, found)),
        Condition::Is(of, _)
        | Condition::Same(of, _)
        | Condition::StartsWith(of, _)
        | Condition::EndsWith(of, _)
        | Condition::Contains(of, _)
        | Condition::Missing(of) => collect_tested(of, found),
    }
}

/// One of several conditions in SQL; none where there are none.
fn any(conditions: impl IntoIterator<Item = String>) -> Option<String> {
    let mut conditions: Vec<String> = conditions.into_iter().collect();
    conditions.dedup();
    (!conditions.is_empty()).then(|| joined(conditions, "OR"))
}

fn joined(conditions: impl IntoIterator<Item = String>, word: &str) -> String {
    format!("({})", conditions.into_iter().collect::<Vec<_>>().join(&format!(" {word} ")))
}
