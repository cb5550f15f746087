//! A formula of a mapping file, made into an expression for one header: names become the file's own columns, columns that the
//! file has not become null, and what that decides beforehand is cut away.

use std::cell::Cell;
use std::collections::BTreeMap;

use crate::format::{Format, Written};
use crate::formula::{Formula, FormulaError};
use crate::header::{Header, fold};
use crate::names::{self, Aliases};
use crate::{Among, Condition, Expression};

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
    aliases: &'a Aliases,
    definitions: BTreeMap<String, Formula>,
    tables: &'a BTreeMap<String, BTreeMap<String, String>>,
    /// Whether there is an object to read from.
    items: Cell<bool>,
    /// Definitions that are being resolved inside one another.
    depth: Cell<usize>,
    /// What the present formula has been taken apart into, its definitions included.
    steps: Cell<usize>,
}

/// Definitions inside definitions. More means that one is made of itself.
const DEPTH_MAX: usize = 40;

/// A formula that is larger, its definitions written out, would take the engine longer to read than the bill.
const STEPS_MAX: usize = 200_000;

type Resolved<T> = Result<T, String>;

impl<'a> Resolver<'a> {
    pub fn new(header: &'a Header<'a>, format: &'a Format, settings: &BTreeMap<String, String>) -> Self {
        let chosen = settings.iter().map(|(name, value)| (name.clone(), Formula::Text(value.clone())));
        let definitions = format.definitions.clone().into_iter().chain(chosen).collect();
        Self {
            header,
            aliases: &format.aliases,
            definitions,
            tables: &format.tables,
            items: Cell::new(false),
            depth: Cell::new(0),
            steps: Cell::new(0),
        }
    }

    /// The value that a formula means.
    pub fn expression(&self, written: &Written) -> Result<Expression, FormulaError> {
        self.steps.set(0);
        self.value(&written.formula).map_err(|problem| FormulaError { problem, formula: written.text.clone() })
    }

    /// The condition that a formula means.
    pub fn decision(&self, written: &Written) -> Result<Decision, FormulaError> {
        self.steps.set(0);
        self.condition(&written.formula).map_err(|problem| FormulaError { problem, formula: written.text.clone() })
    }

    /// From now on formulas are of a part that is made of the objects of an array, or of anything else.
    pub fn of_objects(&self, whether: bool) {
        self.items.set(whether);
    }

    /// Resolves a definition inside whatever is being resolved.
    fn within<T>(&self, name: &str, resolve: impl FnOnce() -> Resolved<T>) -> Resolved<T> {
        if self.depth.get() >= DEPTH_MAX {
            return Err(format!("the definition {name} is made of itself"));
        }
        self.depth.set(self.depth.get() + 1);
        let resolved = resolve();
        self.depth.set(self.depth.get() - 1);
        resolved
    }

    fn step(&self) -> Resolved<()> {
        self.steps.set(self.steps.get() + 1);
        if self.steps.get() > STEPS_MAX {
            Err("with its definitions written out it is too long".to_owned())
        } else {
            Ok(())
        }
    }

    fn value(&self, formula: &Formula) -> Resolved<Expression> {
        self.step()?;
        match formula {
            Formula::Name(name) if name == "null" => Ok(Expression::Null),
            Formula::Name(name) => match self.definitions.get(name) {
                Some(definition) => self.within(name, || self.value(definition)),
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
        names::find(self.header, self.aliases, name).map_or(Expression::Null, |place| place.expression())
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
            ("lower", [of]) => Ok(unless_null(self.value(of)?, Expression::Lower)),
            ("upper", [of]) => Ok(unless_null(self.value(of)?, Expression::Upper)),
            ("trim", [of]) => Ok(unless_null(self.value(of)?, Expression::Trim)),
            ("replace", [of, Formula::Text(from), Formula::Text(to)]) if !from.is_empty() => {
                Ok(unless_null(self.value(of)?, |of| Expression::Replace { of, from: from.clone(), to: to.clone() }))
            }
            ("part", [of, Formula::Text(separator), number]) if !separator.is_empty() => {
                let number = whole_number(number).ok_or("the number of a part is a whole number, not zero")?;
                Ok(unless_null(self.value(of)?, |of| Expression::Piece { of, separator: separator.clone(), number }))
            }
            ("product", [_, _, ..]) => {
                let factors = self.values(arguments)?;
                Ok(if factors.contains(&Expression::Null) { Expression::Null } else { Expression::Product(factors) })
            }
            ("pairs", [of, Formula::Text(key), Formula::Text(value)]) => self.pairs(of, key, value, ""),
            ("pairs", [of, Formula::Text(key), Formula::Text(value), Formula::Text(prefix)]) => {
                self.pairs(of, key, value, prefix)
            }
            ("merge", [_, ..]) => Ok(merge(self.values(arguments)?)),
            ("sum_of", [of, Formula::Text(field)]) => self.sum_of(of, field, None),
            ("first_of", [of, Formula::Text(field), Formula::Text(by), values @ ..]) if !values.is_empty() => {
                let among = Some(Among { field: names::keys(by), values: texts(values)?, listed: true });
                let field = names::keys(field);
                let of = self.value(of)?;
                Ok(unless_null(of, |of| Expression::FirstOf { of, field: field.clone(), among: among.clone() }))
            }
            ("sum_of" | "sum_of_others", [of, Formula::Text(field), Formula::Text(by), values @ ..])
                if !values.is_empty() =>
            {
                let among = Among { field: names::keys(by), values: texts(values)?, listed: function == "sum_of" };
                self.sum_of(of, field, Some(among))
            }
            ("item", _) if !self.items.get() => Err("item() stands outside of a part with `each`".to_owned()),
            ("item", [Formula::Text(path)]) => Ok(Expression::Item(names::keys(path))),
            ("next_day", [of]) => Ok(unless_null(self.value(of)?, Expression::NextDay)),
            ("month_start" | "month_end", [of, Formula::Text(digits), zone @ ..]) if digits == "YYYYMM" => {
                let zone = match zone {
                    [] => None,
                    [Formula::Text(zone)] => Some(zone.clone()),
                    _ => return Err("a time zone is a text: 'America/Los_Angeles'".to_owned()),
                };
                let end = function == "month_end";
                Ok(unless_null(self.value(of)?, |of| Expression::NamedMonth { of, zone: zone.clone(), end }))
            }
            ("month_start", [of]) => Ok(unless_null(self.value(of)?, Expression::MonthStart)),
            ("month_end", [of]) => Ok(unless_null(self.value(of)?, Expression::MonthEnd)),
            ("end_exclusive", [of]) => Ok(unless_null(self.value(of)?, Expression::EndExclusive)),
            ("key_value", [of]) => Ok(unless_null(self.value(of)?, Expression::KeyValue)),
            ("object", [_, ..]) => self.object(arguments),
            ("prefixed", [of, prefixes @ ..]) if !prefixes.is_empty() => prefixed(self.value(of)?, texts(prefixes)?),
            ("group", [Formula::Name(prefix)]) => Ok(self.group(prefix)),
            _ => Err(format!("there is no function {function} of {} arguments", arguments.len())),
        }
    }

    fn pairs(&self, of: &Formula, key: &str, value: &str, prefix: &str) -> Resolved<Expression> {
        let (key, value) = (names::keys(key), names::keys(value));
        Ok(unless_null(self.value(of)?, |of| Expression::Pairs {
            of,
            key: key.clone(),
            value: value.clone(),
            prefix: prefix.to_owned(),
        }))
    }

    fn sum_of(&self, of: &Formula, field: &str, among: Option<Among>) -> Resolved<Expression> {
        let field = names::keys(field);
        Ok(unless_null(self.value(of)?, |of| Expression::SumOf { of, field: field.clone(), among: among.clone() }))
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

    /// The tags of a group: the column that holds them all, or an object of the columns that hold one each.
    fn group(&self, prefix: &str) -> Expression {
        if let Some(whole) = self.header.whole(prefix) {
            return Expression::KeyValue(Box::new(Expression::Column(whole.name.clone())));
        }
        let columns = self.header.group(prefix).into_iter();
        let entries: Vec<_> = columns.map(|(column, rest)| (rest, Expression::Column(column.name.clone()))).collect();
        if entries.is_empty() { Expression::Null } else { Expression::Object(entries) }
    }

    fn condition(&self, formula: &Formula) -> Resolved<Decision> {
        self.step()?;
        match formula {
            Formula::Name(name) => match self.definitions.get(name) {
                Some(definition) => self.within(name, || self.condition(definition)),
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
            ("present", [Formula::Name(name)]) => Ok(decided(names::find(self.header, self.aliases, name).is_some())),
            ("missing", [value]) => Ok(match self.value(value)? {
                Expression::Null => Decision::Always,
                Expression::Text(_) | Expression::Number(_) => Decision::Never,
                value => Decision::When(Condition::Missing(value)),
            }),
            ("starts_with", [value, Formula::Text(text)]) => {
                Ok(unless_never(self.value(value)?, |value| Condition::StartsWith(value, text.clone())))
            }
            ("ends_with", [value, Formula::Text(text)]) => {
                Ok(unless_never(self.value(value)?, |value| Condition::EndsWith(value, text.clone())))
            }
            ("same", [value, some @ ..]) if !some.is_empty() => {
                let some = texts(some)?;
                Ok(match self.value(value)? {
                    Expression::Null => Decision::Never,
                    Expression::Text(text) => {
                        decided(some.iter().any(|other| other.to_lowercase() == text.to_lowercase()))
                    }
                    value => Decision::When(Condition::Same(value, some)),
                })
            }
            ("positive", [value]) => Ok(unless_never(self.value(value)?, Condition::Positive)),
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

fn texts(formulas: &[Formula]) -> Resolved<Vec<String>> {
    let text = |formula: &Formula| match formula {
        Formula::Text(text) => Ok(text.clone()),
        other => Err(format!("{other} stands where a text in single quotes is expected")),
    };
    formulas.iter().map(text).collect()
}

/// A whole number other than zero.
fn whole_number(formula: &Formula) -> Option<i32> {
    let number = match formula {
        Formula::Number(number) => number.parse::<i32>().ok()?,
        Formula::Negate(inner) => whole_number(inner)?.checked_neg()?,
        _ => return None,
    };
    (number != 0).then_some(number)
}

fn merge(values: Vec<Expression>) -> Expression {
    let mut kept: Vec<Expression> = values.into_iter().filter(|value| *value != Expression::Null).collect();
    if kept.len() > 1 { Expression::Merge(kept) } else { kept.pop().unwrap_or(Expression::Null) }
}

/// Keys whose prefix a header or a map has run together with the rest (`user_env`), with the colon that they had (`user:env`). The
/// keys of columns are known here, those of a map only where the rows are read.
fn prefixed(of: Expression, prefixes: Vec<String>) -> Resolved<Expression> {
    if !prefixes.iter().all(|prefix| !prefix.is_empty() && prefix.chars().all(|c| c.is_ascii_alphanumeric())) {
        return Err("a prefix has letters and digits only".to_owned());
    }
    let upright = |key: &str| {
        prefixes.iter().find_map(|prefix| {
            let rest = key.strip_prefix(prefix.as_str())?.strip_prefix('_')?.trim_start_matches('_');
            (!rest.is_empty()).then(|| format!("{prefix}:{rest}"))
        })
    };
    Ok(match of {
        Expression::Null => Expression::Null,
        Expression::Object(entries) => {
            Expression::Object(entries.into_iter().map(|(key, value)| (upright(&key).unwrap_or(key), value)).collect())
        }
        of => Expression::Prefixed { of: Box::new(of), prefixes },
    })
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
        // Of an object one value is passed on, of an array a sum, of a text a piece: the column itself is kept beside.
        Expression::Text(_)
        | Expression::Number(_)
        | Expression::Null
        | Expression::Field { .. }
        | Expression::Item(_)
        | Expression::SumOf { .. }
        | Expression::FirstOf { .. }
        | Expression::Product(_)
        | Expression::Replace { .. }
        | Expression::Piece { .. } => {}
        Expression::First(values)
        | Expression::Sum(values)
        | Expression::Concat(values)
        | Expression::Merge(values) => {
            values.iter().for_each(|value| passed_on(value, into));
        }
        Expression::If { then, otherwise, .. } => {
            passed_on(then, into);
            passed_on(otherwise, into);
        }
        Expression::Lookup { otherwise, .. } => passed_on(otherwise, into),
        // In another case it says the same.
        Expression::Lower(value) | Expression::Upper(value) => in_another_case(value, into),
        Expression::Negate(value)
        | Expression::Trim(value)
        | Expression::MonthStart(value)
        | Expression::MonthEnd(value)
        | Expression::EndExclusive(value)
        | Expression::NextDay(value)
        | Expression::NamedMonth { of: value, .. }
        | Expression::Pairs { of: value, .. }
        | Expression::Prefixed { of: value, .. }
        | Expression::KeyValue(value) => passed_on(value, into),
        Expression::Object(entries) => entries.iter().for_each(|(_, value)| passed_on(value, into)),
    }
}

/// Columns whose value an expression passes on in another case. Such a text stands in for the column itself only where it is sure to be
/// made from it: of several choices the first counts.
fn in_another_case<'a>(expression: &'a Expression, into: &mut Vec<&'a str>) {
    match expression {
        Expression::First(values) => values.iter().take(1).for_each(|value| in_another_case(value, into)),
        Expression::If { then, otherwise, .. } => {
            in_another_case(then, into);
            in_another_case(otherwise, into);
        }
        other => passed_on(other, into),
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{SourceColumn, SourceKind};

    fn resolved(names: &[&str], formula: &str) -> Result<Expression, String> {
        let columns: Vec<SourceColumn> =
            names.iter().map(|name| SourceColumn { name: (*name).to_owned(), kind: SourceKind::Json }).collect();
        let header = Header::new(&columns);
        let tables = BTreeMap::from([("blocks".to_owned(), BTreeMap::from([("10K".to_owned(), "0.0001".to_owned())]))]);
        let aliases = Aliases::new();
        let resolver = Resolver {
            header: &header,
            aliases: &aliases,
            definitions: BTreeMap::new(),
            tables: &tables,
            items: Cell::new(false),
            depth: Cell::new(0),
            steps: Cell::new(0),
        };
        let formula = crate::formula::parse(formula).expect("the formula is sound");
        resolver.value(&formula)
    }

    fn column(name: &str) -> Box<Expression> {
        Box::new(Expression::Column(name.to_owned()))
    }

    #[test]
    fn texts_are_taken_apart() {
        let path = Expression::Piece { of: column("id"), separator: "/".to_owned(), number: -1 };
        assert_eq!(resolved(&["id"], "part(id, '/', -1)"), Ok(path), "a negative number counts from the end");
        let upper = Expression::Upper(Box::new(Expression::Trim(column("id"))));
        assert_eq!(resolved(&["id"], "upper(trim(id))"), Ok(upper));
        let cut = Expression::Replace { of: column("id"), from: ",".to_owned(), to: String::new() };
        assert_eq!(resolved(&["id"], "replace(id, ',', '')"), Ok(cut));
        assert_eq!(resolved(&[], "lower(part(id, '/', 1))"), Ok(Expression::Null), "of nothing nothing is left");
        assert!(resolved(&["id"], "part(id, '/', 0)").is_err(), "there is no piece before the first");
        assert!(resolved(&["id"], "part(id, '', 1)").is_err(), "nothing separates nothing");
    }

    #[test]
    fn a_product_lacks_no_factor() {
        let table = BTreeMap::from([("10K".to_owned(), "0.0001".to_owned())]);
        let share =
            Expression::Lookup { of: column("unit"), table, otherwise: Box::new(Expression::Number("1".to_owned())) };
        let product = Expression::Product(vec![*column("quantity"), share]);
        assert_eq!(resolved(&["quantity", "unit"], "product(quantity, lookup(unit, blocks, 1))"), Ok(product));
        let null = resolved(&["quantity"], "product(quantity, price)");
        assert_eq!(null, Ok(Expression::Null), "a factor that the file has not makes no product");
    }

    #[test]
    fn arrays_are_summed_and_turned_into_objects() {
        let among = |listed| {
            Some(Among { field: vec!["type".to_owned()], values: vec!["A".to_owned(), "B".to_owned()], listed })
        };
        let sum = |among| Expression::SumOf { of: column("credits"), field: vec!["amount".to_owned()], among };
        assert_eq!(resolved(&["credits"], "sum_of(credits, 'amount')"), Ok(sum(None)));
        let some = resolved(&["credits"], "sum_of(credits, 'amount', 'type', 'A', 'B')");
        assert_eq!(some, Ok(sum(among(true))));
        let others = resolved(&["credits"], "sum_of_others(credits, 'amount', 'type', 'A', 'B')");
        assert_eq!(others, Ok(sum(among(false))), "the two together are all");
        let merged = resolved(&["labels"], "merge(pairs(labels, 'key', 'value', 'p/'), pairs(tags, 'key', 'value'))");
        let pairs = Expression::Pairs {
            of: column("labels"),
            key: vec!["key".to_owned()],
            value: vec!["value".to_owned()],
            prefix: "p/".to_owned(),
        };
        assert_eq!(merged, Ok(pairs), "what the file has not is not merged");
    }

    #[test]
    fn a_month_may_begin_in_another_time_zone() {
        let month = |zone: Option<&str>, end| Expression::NamedMonth {
            of: Box::new(Expression::Field { column: "invoice".to_owned(), path: vec!["month".to_owned()] }),
            zone: zone.map(str::to_owned),
            end,
        };
        let names = ["invoice"];
        let pacific = resolved(&names, "month_end(invoice.month, 'YYYYMM', 'America/Los_Angeles')");
        assert_eq!(pacific, Ok(month(Some("America/Los_Angeles"), true)));
        assert_eq!(resolved(&names, "month_start(invoice.month, 'YYYYMM')"), Ok(month(None, false)));
        assert!(resolved(&names, "month_start(invoice.month, 'MMYYYY')").is_err(), "no other order is known");
    }

    #[test]
    fn a_definition_that_is_made_of_itself_is_told() {
        let columns = [SourceColumn { name: "a".to_owned(), kind: SourceKind::Text }];
        let header = Header::new(&columns);
        let resolved = |definitions: &[(&str, String)], formula: &str| {
            let parsed = |text: &str| crate::formula::parse(text).expect("sound");
            let definitions = definitions.iter().map(|(name, text)| ((*name).to_owned(), parsed(text))).collect();
            let (aliases, tables) = (Aliases::new(), BTreeMap::new());
            let resolver = Resolver {
                header: &header,
                aliases: &aliases,
                definitions,
                tables: &tables,
                items: Cell::new(false),
                depth: Cell::new(0),
                steps: Cell::new(0),
            };
            resolver.value(&parsed(formula))
        };
        let circle = [("x", "y + a".to_owned()), ("y", "x".to_owned())];
        assert!(resolved(&circle, "x").is_err_and(|problem| problem.ends_with("is made of itself")));
        // Each is twice the one before: written out it would be longer than any memory.
        let names: Vec<String> = (0..40).map(|at| format!("d{at}")).collect();
        let doubled: Vec<(&str, String)> = names
            .iter()
            .enumerate()
            .map(|(at, name)| {
                let inner = at.checked_sub(1).map_or("a", |before| names[before].as_str());
                (name.as_str(), format!("{inner} + {inner}"))
            })
            .collect();
        assert!(resolved(&doubled, "d39").is_err_and(|problem| problem.contains("too long")), "it is given up in time");
        assert!(resolved(&doubled, "d3").is_ok(), "a short one is not");
        let outside = [("x", "item('amount')".to_owned())];
        assert!(
            resolved(&outside, "x").is_err_and(|problem| problem.contains("`each`")),
            "there is no object to read from"
        );
    }

    #[test]
    fn only_what_is_whole_is_passed_on() {
        for (formula, kept) in [
            ("trim(a)", vec!["a"]),
            ("lower(a)", vec!["a"]),
            ("upper(trim(if(a = 'x', a, b)))", vec!["a", "b"]),
            ("first(a, b)", vec!["a", "b"]),
            ("lower(first(a, b))", vec!["a"]),
            ("next_day(a)", vec!["a"]),
            ("pairs(a, 'key', 'value')", vec!["a"]),
            ("part(a, '/', 1)", vec![]),
            ("a.b", vec![]),
            ("product(a, a)", vec![]),
            ("sum_of(a, 'amount')", vec![]),
        ] {
            let expression = resolved(&["a", "b"], formula).expect("sound");
            let mut found = Vec::new();
            passed_on(&expression, &mut found);
            assert_eq!(found, kept, "what {formula} leaves of the column");
        }
    }
}
