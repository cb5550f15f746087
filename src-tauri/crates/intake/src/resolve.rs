//! A formula of a mapping file, made into an expression for one header: names become the file's own columns, columns that the
//! file has not become null, and what that decides beforehand is cut away.

use std::collections::BTreeMap;

use crate::format::{Format, Written};
use crate::formula::{Formula, FormulaError};
use crate::header::{Header, fold};
use crate::{Condition, Expression};

/// A condition, as far as the header alone decides it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    Always,
    Never,
    When(Condition),
}

/// Resolves the formulas of one format against one header.
pub struct Resolver<'a> {
    header: &'a Header<'a>,
    definitions: &'a BTreeMap<String, Formula>,
    tables: &'a BTreeMap<String, BTreeMap<String, String>>,
}

type Resolved<T> = Result<T, String>;

impl<'a> Resolver<'a> {
    pub fn new(header: &'a Header<'a>, format: &'a Format) -> Self {
        Self { header, definitions: &format.definitions, tables: &format.tables }
    }

    /// The value that a formula means.
    pub fn expression(&self, written: &Written) -> Result<Expression, FormulaError> {
        self.value(&written.formula).map_err(|problem| FormulaError { problem, formula: written.text.clone() })
    }

    /// The condition that a formula means.
    pub fn decision(&self, written: &Written) -> Result<Decision, FormulaError> {
        self.condition(&written.formula).map_err(|problem| FormulaError { problem, formula: written.text.clone() })
    }

    fn value(&self, formula: &Formula) -> Resolved<Expression> {
        match formula {
            Formula::Name(name) if name == "null" => Ok(Expression::Null),
            Formula::Name(name) => match self.definitions.get(name) {
                Some(definition) => self.value(definition),
                None => Ok(self.column(name)),
            },
            Formula::Text(text) => Ok(Expression::Text(text.clone())),
            Formula::Number(number) => {
                let sound = number.matches('.').count() <= 1 && !number.ends_with('.');
                if sound { Ok(Expression::Number(number.clone())) } else { Err(format!("{number} is no number")) }
            }
            Formula::Call(function, arguments) => self.call(function, arguments),
            Formula::Sum(terms) => Ok(sum(self.values(terms)?)),
            Formula::Negate(term) => Ok(negate(self.value(term)?)),
            Formula::Keyed(key, _) => Err(format!("the key '{key}' stands outside of object()")),
            Formula::In(..) | Formula::Not(_) | Formula::All(_) | Formula::Any(_) => {
                Err("a condition stands where a value is expected".to_owned())
            }
        }
    }

    fn column(&self, name: &str) -> Expression {
        self.header.find(name).map_or(Expression::Null, |column| Expression::Column(column.name.clone()))
    }

    fn values(&self, formulas: &[Formula]) -> Resolved<Vec<Expression>> {
        formulas.iter().map(|formula| self.value(formula)).collect()
    }

    fn call(&self, function: &str, arguments: &[Formula]) -> Resolved<Expression> {
        match (function, arguments) {
            ("first", [_, ..]) => Ok(first(self.values(arguments)?)),
            ("if", [_, _, ..]) => self.choose(arguments),
            ("lookup", [of, Formula::Name(table), otherwise]) => {
                let table = self.tables.get(table).ok_or_else(|| format!("there is no table {table}"))?;
                Ok(lookup(self.value(of)?, table, self.value(otherwise)?))
            }
            ("concat", [_, ..]) => Ok(concat(self.values(arguments)?)),
            ("month_start", [of]) => Ok(unless_null(self.value(of)?, Expression::MonthStart)),
            ("month_end", [of]) => Ok(unless_null(self.value(of)?, Expression::MonthEnd)),
            ("end_exclusive", [of]) => Ok(unless_null(self.value(of)?, Expression::EndExclusive)),
            ("key_value", [of]) => Ok(unless_null(self.value(of)?, Expression::KeyValue)),
            ("object", [_, ..]) => self.object(arguments),
            ("group", [Formula::Name(prefix)]) => Ok(self.group(prefix)),
            _ => Err(format!("there is no function {function} of {} arguments", arguments.len())),
        }
    }

    /// `if(condition, value, condition, value, ..., otherwise)`.
    fn choose(&self, arguments: &[Formula]) -> Resolved<Expression> {
        match arguments {
            [otherwise] => self.value(otherwise),
            [when, then, rest @ ..] => {
                let then = self.value(then)?;
                let otherwise = if rest.is_empty() { Expression::Null } else { self.choose(rest)? };
                Ok(match self.condition(when)? {
                    Decision::Always => then,
                    Decision::Never => otherwise,
                    Decision::When(_) if then == otherwise => then,
                    Decision::When(when) => {
                        Expression::If { when: Box::new(when), then: Box::new(then), otherwise: Box::new(otherwise) }
                    }
                })
            }
            [] => Ok(Expression::Null),
        }
    }

    fn object(&self, arguments: &[Formula]) -> Resolved<Expression> {
        let mut entries = Vec::new();
        for argument in arguments {
            let Formula::Keyed(key, value) = argument else {
                return Err("object() takes keys with values: 'key': value".to_owned());
            };
            let value = self.value(value)?;
            if value != Expression::Null {
                entries.push((key.clone(), value));
            }
        }
        Ok(if entries.is_empty() { Expression::Null } else { Expression::Object(entries) })
    }

    /// The tags of a group: the column that holds them all, or an object of the columns that hold one each. Where the spelling
    /// of the header has flattened the prefix of a key (`user_env`), it is set upright again (`user:env`).
    fn group(&self, prefix: &str) -> Expression {
        if let Some(whole) = self.header.whole(prefix) {
            return Expression::KeyValue(Box::new(Expression::Column(whole.name.clone())));
        }
        let entries: Vec<_> = self
            .header
            .group(prefix)
            .into_iter()
            .map(|(column, rest)| {
                let upright = ["user", "aws"].iter().find_map(|scheme| {
                    rest.strip_prefix(scheme).and_then(|key| key.strip_prefix('_')).map(|key| format!("{scheme}:{key}"))
                });
                (upright.unwrap_or(rest), Expression::Column(column.name.clone()))
            })
            .collect();
        if entries.is_empty() { Expression::Null } else { Expression::Object(entries) }
    }

    fn condition(&self, formula: &Formula) -> Resolved<Decision> {
        match formula {
            Formula::Name(name) => match self.definitions.get(name) {
                Some(definition) => self.condition(definition),
                None => Err(format!("the name {name} stands where a condition is expected")),
            },
            Formula::In(value, texts) => Ok(match self.value(value)? {
                Expression::Null => Decision::Never,
                Expression::Text(text) => decided(texts.contains(&text)),
                value => Decision::When(Condition::Is(value, texts.clone())),
            }),
            Formula::Not(condition) => Ok(match self.condition(condition)? {
                Decision::Always => Decision::Never,
                Decision::Never => Decision::Always,
                Decision::When(condition) => Decision::When(Condition::Not(Box::new(condition))),
            }),
            Formula::All(conditions) => self.junction(conditions, Decision::Never, Condition::All),
            Formula::Any(conditions) => self.junction(conditions, Decision::Always, Condition::Any),
            Formula::Call(function, arguments) => self.test(function, arguments),
            _ => Err("a value stands where a condition is expected".to_owned()),
        }
    }

    /// `deciding` is the outcome of one condition that settles the whole; the other outcome drops out.
    fn junction(
        &self,
        conditions: &[Formula],
        deciding: Decision,
        join: fn(Vec<Condition>) -> Condition,
    ) -> Resolved<Decision> {
        let mut open = Vec::new();
        for condition in conditions {
            match self.condition(condition)? {
                Decision::When(condition) => open.push(condition),
                outcome if outcome == deciding => return Ok(deciding),
                _ => {}
            }
        }
        Ok(match open.len() {
            0 if deciding == Decision::Never => Decision::Always,
            0 => Decision::Never,
            1 => Decision::When(open.remove(0)),
            _ => Decision::When(join(open)),
        })
    }

    fn test(&self, function: &str, arguments: &[Formula]) -> Resolved<Decision> {
        match (function, arguments) {
            ("present", [Formula::Name(name)]) => Ok(decided(self.header.find(name).is_some())),
            ("missing", [value]) => Ok(match self.value(value)? {
                Expression::Null => Decision::Always,
                Expression::Text(_) | Expression::Number(_) => Decision::Never,
                value => Decision::When(Condition::Missing(value)),
            }),
            ("starts_with", [value, Formula::Text(text)]) => {
                Ok(unless_never(self.value(value)?, |value| Condition::StartsWith(value, text.clone())))
            }
            ("contains", [value, Formula::Text(text)]) => {
                Ok(unless_never(self.value(value)?, |value| Condition::Contains(value, text.clone())))
            }
            ("negative", [value]) => Ok(unless_never(self.value(value)?, Condition::Negative)),
            ("zero", [value]) => Ok(match self.value(value)? {
                Expression::Null => Decision::Always,
                value => Decision::When(Condition::Zero(value)),
            }),
            _ => Err(format!("there is no condition {function} of {} arguments", arguments.len())),
        }
    }
}

fn decided(outcome: bool) -> Decision {
    if outcome { Decision::Always } else { Decision::Never }
}

fn unless_never(value: Expression, condition: impl Fn(Expression) -> Condition) -> Decision {
    if value == Expression::Null { Decision::Never } else { Decision::When(condition(value)) }
}

fn unless_null(value: Expression, wrap: impl Fn(Box<Expression>) -> Expression) -> Expression {
    if value == Expression::Null { Expression::Null } else { wrap(Box::new(value)) }
}

fn first(values: Vec<Expression>) -> Expression {
    let mut kept: Vec<Expression> = Vec::new();
    for value in values {
        if value == Expression::Null || kept.contains(&value) {
            continue;
        }
        let constant = matches!(value, Expression::Text(_) | Expression::Number(_));
        kept.push(value);
        if constant {
            break;
        }
    }
    if kept.len() > 1 { Expression::First(kept) } else { kept.pop().unwrap_or(Expression::Null) }
}

fn lookup(of: Expression, table: &BTreeMap<String, String>, otherwise: Expression) -> Expression {
    if of == Expression::Null {
        return otherwise;
    }
    Expression::Lookup { of: Box::new(of), table: table.clone(), otherwise: Box::new(otherwise) }
}

fn sum(values: Vec<Expression>) -> Expression {
    let mut kept: Vec<Expression> = values.into_iter().filter(|value| *value != Expression::Null).collect();
    if kept.len() > 1 { Expression::Sum(kept) } else { kept.pop().unwrap_or(Expression::Null) }
}

fn negate(value: Expression) -> Expression {
    unless_null(value, Expression::Negate)
}

fn concat(values: Vec<Expression>) -> Expression {
    let mut kept: Vec<Expression> = values.into_iter().filter(|value| *value != Expression::Null).collect();
    if kept.len() > 1 { Expression::Concat(kept) } else { kept.pop().unwrap_or(Expression::Null) }
}

/// The source columns whose value the expression may pass on. Columns that it only looks at (in a condition, in a lookup) do not
/// count: their value would be lost.
pub fn passed_on<'a>(expression: &'a Expression, into: &mut Vec<&'a str>) {
    match expression {
        Expression::Column(name) => into.push(name),
        Expression::Text(_) | Expression::Number(_) | Expression::Null => {}
        Expression::First(values) | Expression::Sum(values) | Expression::Concat(values) => {
            values.iter().for_each(|value| passed_on(value, into));
        }
        Expression::If { then, otherwise, .. } => {
            passed_on(then, into);
            passed_on(otherwise, into);
        }
        Expression::Lookup { otherwise, .. } => passed_on(otherwise, into),
        Expression::Negate(value)
        | Expression::MonthStart(value)
        | Expression::MonthEnd(value)
        | Expression::EndExclusive(value)
        | Expression::KeyValue(value) => passed_on(value, into),
        Expression::Object(entries) => entries.iter().for_each(|(_, value)| passed_on(value, into)),
    }
}

/// The provider that the header gives away, if its columns do.
pub fn provider_sign<'a>(format: &'a Format, header: &Header<'_>) -> Option<&'a str> {
    let has = |pattern: &str| match pattern.strip_suffix('*') {
        Some(prefix) => header.columns().iter().any(|column| fold(&column.name).starts_with(&fold(prefix))),
        None => header.find(pattern).is_some(),
    };
    format
        .provider_signs
        .iter()
        .find(|sign| sign.columns.iter().any(|pattern| has(pattern)))
        .map(|sign| sign.provider.as_str())
}
