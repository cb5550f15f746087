//! A mapping in DuckDB's SQL: one SELECT list over the source relation, every value cast, every failed cast flagged.
//!
//! Each target that can go wrong has two bits in `flags`: see [`Flag`]. A row with any flag carries the offending texts in
//! `offending`, a JSON object, so that the reader can say which value in which row was refused.

use std::collections::HashMap;

use focus::Kind;
use intake::{Condition, Expression, MappedColumn, Mapping, SourceColumn, SourceKind};

use crate::DecimalType;
use crate::sql::{identifier, literal, literals};

/// What two bits of `flags` say about one target; zero is that all is well.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Flag {
    /// There is a text but no value: not a number, not a date, out of range, or missing where the charge cannot be without it.
    Bad = 1,
    /// A sound number that the chosen decimal type does not hold; the file is read again with a wider one.
    TooNarrow = 2,
    /// More decimals than the widest type has; the value was rounded.
    Rounded = 3,
}

/// The columns of the source relation, by name.
///
/// What a mapping uses again and again is computed once, in layers under the SELECT list: the text of a column that is none
/// its number, and how good that number is ([`Source::relation`]). DuckDB shares equal expressions, but not those inside a CASE.
pub(crate) struct Source<'a> {
    kinds: HashMap<&'a str, SourceKind>,
    /// Columns that computations read as numbers.
    numbers: Vec<String>,
    /// Targets that are computed. They share one decimal type, so that arithmetic never changes a scale: DuckDB's 128-bit
    /// division is a hundred times slower than anything else here.
    computed: Vec<&'static str>,
    null_tokens: &'a [String],
    /// Whether the reader has turned the null tokens into nulls already (CSV), or they are still in the text (Parquet).
    nulls_done: bool,
}

/// A target with flags, and what to print when it is bad.
pub(crate) struct Flagged {
    /// The charge column.
    pub(crate) column: &'static focus::Column,
    /// Whether the charge is nothing without it: a bad value rejects the whole row.
    pub(crate) essential: bool,
}

/// The SELECT list of a mapping.
pub(crate) struct Selection {
    /// Target name and SQL, in the order of the charge table from `provider` on, without `extra`.
    pub(crate) columns: Vec<(String, String)>,
    /// The JSON object of the columns that no FOCUS column takes, or `NULL`.
    pub(crate) extra: String,
    /// Casts, made once in a layer of their own: `flags` and `columns` look at them.
    pub(crate) casts: Vec<(String, String)>,
    /// The targets behind the bits of `flags`, lowest first.
    pub(crate) flagged: Vec<Flagged>,
    /// SQL of the bits.
    pub(crate) flags: String,
    /// SQL of the JSON object with the texts behind the flagged targets.
    pub(crate) offending: String,
}

/// Charges cannot be placed, added or found without these.
const ESSENTIAL: [&str; 8] = [
    "billing_period_start",
    "billing_currency",
    "charge_period_start",
    "charge_period_end",
    "billed_cost",
    "effective_cost",
    "contracted_cost",
    "list_cost",
];

/// Of the essential ones, those that may be missing: a provider that sends no contracted cost is a finding, not a lost row.
const MAY_BE_MISSING: [&str; 5] =
    ["charge_period_end", "billed_cost", "effective_cost", "contracted_cost", "list_cost"];

impl<'a> Source<'a> {
    pub(crate) fn new(columns: &'a [SourceColumn], mapping: &'a Mapping, nulls_done: bool) -> Self {
        let kinds = columns.iter().map(|column| (column.name.as_str(), column.kind)).collect();
        let mut numbers = Vec::new();
        let mut computed = Vec::new();
        let overrides = mapping.parts.iter().flat_map(|part| &part.overrides);
        for mapped in mapping.columns.iter().chain(overrides) {
            if mapped.target.kind == Kind::Decimal && !is_plain(&mapped.expression) {
                collect_columns(&mapped.expression, &mut numbers);
                computed.push(mapped.target.name);
            }
        }
        let numbers = numbers.into_iter().map(str::to_owned).collect();
        Self { kinds, numbers, computed, null_tokens: &mapping.null_tokens, nulls_done }
    }

    /// The relation `from` with the texts and numbers that the mapping uses beside its own columns.
    pub(crate) fn relation(&self, from: &str, decimals: &HashMap<String, DecimalType>) -> String {
        let mut names: Vec<&&str> = self.kinds.keys().filter(|name| self.needs_text(name)).collect();
        names.sort();
        let texts: Vec<String> =
            names.iter().map(|name| format!("{} AS {}", self.text_of(name), identifier(&text_name(name)))).collect();
        let rung = self.shared_rung(decimals);
        let of_numbers = |make: &dyn Fn(&str, &str) -> String| -> Vec<String> {
            self.numbers.iter().map(|name| make(&self.column_text(name), name)).collect()
        };
        let numbers = of_numbers(&|text, name| {
            format!("TRY_CAST({text} AS {}) AS {}", rung.sql(), identifier(&number_name(name)))
        });
        let flags = of_numbers(&|text, name| {
            let number = identifier(&number_name(name));
            let flag = match self.kinds.get(name) {
                Some(SourceKind::Float) => float_flag(&identifier(name), text, &number, rung),
                _ => text_flag(text, &number, rung),
            };
            format!("{flag} AS {}", identifier(&flag_name(name)))
        });
        layered(&layered(&layered(from, &texts), &numbers), &flags)
    }

    /// The type that all computed decimals of the file have.
    fn shared_rung(&self, decimals: &HashMap<String, DecimalType>) -> DecimalType {
        let place = |rung: &DecimalType| DecimalType::LADDER.iter().position(|other| other == rung).unwrap_or(0);
        let rungs = self.computed.iter().filter_map(|name| decimals.get(*name));
        rungs.copied().max_by_key(place).unwrap_or(DecimalType::LADDER[0])
    }

    /// The type that a target has.
    pub(crate) fn rung(&self, target: &str, decimals: &HashMap<String, DecimalType>) -> DecimalType {
        if self.computed.contains(&target) {
            return self.shared_rung(decimals);
        }
        decimals.get(target).copied().unwrap_or(DecimalType::LADDER[0])
    }

    /// Whether the text of a column has to be computed.
    fn needs_text(&self, name: &str) -> bool {
        self.kinds.get(name).is_some_and(|kind| *kind != SourceKind::Text || !self.nulls_done)
    }

    /// The SELECT list for the charges of part 0, or of a further part with its overrides.
    pub(crate) fn selection(
        &self,
        mapping: &Mapping,
        overrides: &[MappedColumn],
        decimals: &HashMap<String, DecimalType>,
    ) -> Selection {
        let mut columns = vec![("provider".to_owned(), self.text(&mapping.provider))];
        let mut casts = Vec::new();
        let mut flagged = Vec::new();
        let mut bits = Vec::new();
        let mut texts = Vec::new();
        for plain in &mapping.columns {
            let mapped = overrides.iter().find(|other| other.target.name == plain.target.name).unwrap_or(plain);
            let target = mapped.target;
            let (value, flag) = self.target(mapped, self.rung(target.name, decimals), &mut casts);
            if let Some(flag) = flag {
                bits.push(format!("(({flag})::BIGINT << {})", 2 * flagged.len()));
                texts.push(format!("{}, {}", literal(target.name), self.offending_text(&mapped.expression)));
                flagged.push(Flagged { column: target, essential: ESSENTIAL.contains(&target.name) });
            }
            columns.push((target.name.to_owned(), value));
        }
        let flags = if bits.is_empty() { "0::BIGINT".to_owned() } else { bits.join(" | ") };
        let offending = format!("json_object({})", texts.join(", "));
        Selection { columns, casts, extra: self.extra(&mapping.extra), flagged, flags, offending }
    }

    /// Value and flag of one target.
    fn target(
        &self,
        mapped: &MappedColumn,
        decimal: DecimalType,
        casts: &mut Vec<(String, String)>,
    ) -> (String, Option<String>) {
        let name = mapped.target.name;
        let mut once = |value: String| {
            let layered = format!("#cast {name}");
            casts.push((layered.clone(), value));
            identifier(&layered)
        };
        match mapped.target.kind {
            Kind::Text | Kind::Json => {
                let text = self.text(&mapped.expression);
                if name == "billing_currency" {
                    let flag = format!("CASE WHEN regexp_full_match({text}, '[A-Z]{{3}}') THEN 0 ELSE 1 END");
                    return (text, Some(format!("coalesce({flag}, 1)")));
                }
                (text, None)
            }
            Kind::DateTime if mapped.expression == Expression::Null => ("NULL::TIMESTAMP".to_owned(), None),
            Kind::DateTime => {
                let value = once(self.timestamp(&mapped.expression));
                let missing = if ESSENTIAL.contains(&name) && !MAY_BE_MISSING.contains(&name) {
                    "1".to_owned()
                } else {
                    format!("CASE WHEN {} IS NULL THEN 0 ELSE 1 END", self.text(&mapped.expression))
                };
                let in_range = format!("{value} BETWEEN TIMESTAMP '2000-01-01' AND TIMESTAMP '2099-12-31 23:59:59'");
                let flag = format!("CASE WHEN {value} IS NULL THEN {missing} WHEN {in_range} THEN 0 ELSE 1 END");
                (format!("CASE WHEN {in_range} THEN {value} END"), Some(flag))
            }
            Kind::Decimal if mapped.expression == Expression::Null => (format!("NULL::{}", decimal.sql()), None),
            Kind::Decimal => {
                let value = once(self.decimal_value(&mapped.expression, decimal));
                let flag = self.decimal_flag(&mapped.expression, &value, decimal);
                (value, Some(flag))
            }
        }
    }

    /// The value of a decimal target.
    fn decimal_value(&self, expression: &Expression, decimal: DecimalType) -> String {
        let source = match self.decimal_column(expression) {
            Some((name, scale)) if scale > decimal.scale && decimal.precision <= 18 => {
                // DuckDB's 128-bit division is slow; a float finds the same number at once, and the comparison is exact.
                let (name, kind) = (identifier(name), decimal.sql());
                let found = format!("TRY_CAST(CAST({name} AS DOUBLE) AS {kind})");
                return format!("CASE WHEN {found} = {name} THEN {found} ELSE TRY_CAST({name} AS {kind}) END");
            }
            Some((name, _)) => identifier(name),
            None if is_plain(expression) => self.text(expression),
            None => self.decimal(expression, decimal),
        };
        format!("TRY_CAST({source} AS {})", decimal.sql())
    }

    /// How good the value of a decimal target is. A computed one is as good as the worst of the columns that it is made from.
    fn decimal_flag(&self, expression: &Expression, value: &str, decimal: DecimalType) -> String {
        if let Some((name, scale)) = self.decimal_column(expression) {
            return decimal_flag(&identifier(name), scale, value, decimal);
        }
        if is_plain(expression) {
            return text_flag(&self.text(expression), value, decimal);
        }
        let mut names = Vec::new();
        collect_columns(expression, &mut names);
        let flags: Vec<String> = names
            .iter()
            .filter(|name| self.kinds.contains_key(*name))
            .map(|name| identifier(&flag_name(name)))
            .collect();
        match flags.as_slice() {
            [] => "0".to_owned(),
            [one] => one.clone(),
            // A bad value outweighs one that is too wide or rounded.
            several => {
                format!("CASE WHEN 1 IN ({0}) THEN 1 WHEN 2 IN ({0}) THEN 2 ELSE greatest({0}) END", several.join(", "))
            }
        }
    }

    /// The column behind an expression, and its scale, where it is one that already holds exact numbers.
    fn decimal_column<'e>(&self, expression: &'e Expression) -> Option<(&'e str, u8)> {
        let name = match expression {
            Expression::Column(name) => name,
            Expression::First(choices) => match choices.as_slice() {
                [Expression::Column(name)] => name,
                _ => return None,
            },
            _ => return None,
        };
        match self.kinds.get(name.as_str())? {
            SourceKind::Decimal { scale } => Some((name, *scale)),
            SourceKind::Integer => Some((name, 0)),
            _ => None,
        }
    }

    /// What to print of an expression whose value was refused. Not from the layer below, which is computed for every row.
    fn offending_text(&self, expression: &Expression) -> String {
        let mut names = Vec::new();
        collect_columns(expression, &mut names);
        match names.as_slice() {
            [] => "NULL".to_owned(),
            [one] => self.text_of(one),
            several => {
                let parts: Vec<String> =
                    several.iter().map(|name| format!("{} || '=' || {}", literal(name), self.text_of(name))).collect();
                format!("concat_ws(', ', {})", parts.join(", "))
            }
        }
    }

    /// A source column as text, null where it says "no value": the column itself or one of the layer below.
    fn column_text(&self, name: &str) -> String {
        match self.kinds.get(name) {
            None => "NULL::VARCHAR".to_owned(),
            Some(_) if self.needs_text(name) => identifier(&text_name(name)),
            Some(_) => identifier(name),
        }
    }

    /// A source column as a number, from the layer below where the mapping computes with it.
    fn column_number(&self, name: &str) -> String {
        if self.numbers.iter().any(|number| number == name) {
            return identifier(&number_name(name));
        }
        format!("TRY_CAST({} AS DECIMAL(38,18))", self.column_text(name))
    }

    /// The text of a column, computed.
    fn text_of(&self, name: &str) -> String {
        let quoted = identifier(name);
        match self.kinds.get(name) {
            None => "NULL::VARCHAR".to_owned(),
            Some(SourceKind::Text) => {
                let tokens = std::iter::once("").chain(self.null_tokens.iter().map(String::as_str));
                format!("CASE WHEN {quoted} IN ({}) THEN NULL ELSE {quoted} END", literals(tokens))
            }
            Some(SourceKind::Map) => format!("to_json({quoted})::VARCHAR"),
            Some(_) => format!("CAST({quoted} AS VARCHAR)"),
        }
    }

    /// An expression as text.
    fn text(&self, expression: &Expression) -> String {
        match expression {
            Expression::Column(name) => self.column_text(name),
            Expression::Text(text) | Expression::Number(text) => literal(text),
            Expression::Null => "NULL::VARCHAR".to_owned(),
            Expression::First(choices) => format!("coalesce({})", self.list(choices)),
            Expression::If { when, then, otherwise } => {
                format!("CASE WHEN {} THEN {} ELSE {} END", self.condition(when), self.text(then), self.text(otherwise))
            }
            Expression::Lookup { of, table, otherwise } => self.lookup(of, table, otherwise),
            Expression::Concat(parts) => format!("nullif(concat({}), '')", self.list(parts)),
            Expression::Sum(_) | Expression::Negate(_) => {
                format!("CAST({} AS VARCHAR)", self.decimal(expression, DecimalType::WIDEST))
            }
            Expression::MonthStart(_) | Expression::MonthEnd(_) | Expression::EndExclusive(_) => {
                format!("CAST({} AS VARCHAR)", self.timestamp(expression))
            }
            Expression::Object(entries) => self.object(entries),
            Expression::KeyValue(of) => format!("nullif({}, '{{}}')", self.text(of)),
        }
    }

    fn list(&self, expressions: &[Expression]) -> String {
        expressions.iter().map(|expression| self.text(expression)).collect::<Vec<_>>().join(", ")
    }

    /// A lookup as a constant MAP.
    fn lookup(
        &self,
        of: &Expression,
        table: &std::collections::BTreeMap<String, String>,
        otherwise: &Expression,
    ) -> String {
        if table.is_empty() {
            return self.text(otherwise);
        }
        let entries: Vec<String> =
            table.iter().map(|(key, value)| format!("{}: {}", literal(key), literal(value))).collect();
        let found = format!("(MAP {{{}}})[{}]", entries.join(", "), self.text(of));
        format!("coalesce({found}, {})", self.text(otherwise))
    }

    fn object(&self, entries: &[(String, Expression)]) -> String {
        if entries.is_empty() {
            return "NULL::VARCHAR".to_owned();
        }
        // Faster than json_object, and a key without a value is left out.
        let pairs = entries.iter().map(|(key, value)| {
            let text = self.text(value);
            let key = serde_json::Value::from(key.as_str()).to_string();
            format!("CASE WHEN {text} IS NOT NULL THEN {} || to_json({text}) END", literal(&format!("{key}:")))
        });
        format!("nullif('{{' || concat_ws(',', {}) || '}}', '{{}}')", pairs.collect::<Vec<_>>().join(", "))
    }

    /// The JSON object of columns that are kept beside the FOCUS ones.
    fn extra(&self, names: &[String]) -> String {
        let entries: Vec<(String, Expression)> =
            names.iter().map(|name| (name.clone(), Expression::Column(name.clone()))).collect();
        self.object(&entries)
    }

    /// An expression as a decimal; constants have the type `rung`, columns that of their layer.
    fn decimal(&self, expression: &Expression, rung: DecimalType) -> String {
        match expression {
            Expression::Number(number) => format!("CAST({} AS {})", literal(number), rung.sql()),
            Expression::Null => format!("NULL::{}", rung.sql()),
            Expression::Column(name) => self.column_number(name),
            Expression::First(choices) => {
                let choices: Vec<String> = choices.iter().map(|choice| self.decimal(choice, rung)).collect();
                format!("coalesce({})", choices.join(", "))
            }
            Expression::If { when, then, otherwise } => {
                let (then, otherwise) = (self.decimal(then, rung), self.decimal(otherwise, rung));
                format!("CASE WHEN {} THEN {then} ELSE {otherwise} END", self.condition(when))
            }
            Expression::Sum(terms) => {
                let values: Vec<String> = terms.iter().map(|term| self.decimal(term, rung)).collect();
                let sum = values.iter().map(|value| format!("coalesce({value}, 0)")).collect::<Vec<_>>().join(" + ");
                format!("CASE WHEN coalesce({}) IS NULL THEN NULL ELSE {sum} END", values.join(", "))
            }
            Expression::Negate(of) => format!("(-{})", self.decimal(of, rung)),
            other => format!("TRY_CAST({} AS {})", self.text(other), rung.sql()),
        }
    }

    /// An expression as a UTC timestamp. A text with an offset is moved to UTC; one without is UTC.
    fn timestamp(&self, expression: &Expression) -> String {
        match expression {
            Expression::Column(name)
                if matches!(self.kinds.get(name.as_str()), Some(SourceKind::Timestamp | SourceKind::Date)) =>
            {
                format!("CAST({} AS TIMESTAMP)", identifier(name))
            }
            Expression::MonthStart(of) => format!("CAST(date_trunc('month', {}) AS TIMESTAMP)", self.timestamp(of)),
            Expression::MonthEnd(of) => {
                format!("CAST(date_trunc('month', {}) + INTERVAL 1 MONTH AS TIMESTAMP)", self.timestamp(of))
            }
            Expression::EndExclusive(of) => {
                let value = self.timestamp(of);
                format!("CASE WHEN date_part('second', {value}) = 59 THEN {value} + INTERVAL 1 SECOND ELSE {value} END")
            }
            Expression::First(choices) => {
                let choices: Vec<String> = choices.iter().map(|choice| self.timestamp(choice)).collect();
                format!("coalesce({})", choices.join(", "))
            }
            Expression::If { when, then, otherwise } => format!(
                "CASE WHEN {} THEN {} ELSE {} END",
                self.condition(when),
                self.timestamp(then),
                self.timestamp(otherwise)
            ),
            other => format!("TRY_CAST(TRY_CAST({} AS TIMESTAMPTZ) AS TIMESTAMP)", self.text(other)),
        }
    }

    /// A condition that is true or false, never null.
    pub(crate) fn condition(&self, condition: &Condition) -> String {
        match condition {
            Condition::Is(of, values) => {
                format!("coalesce({} IN ({}), false)", self.text(of), literals(values.iter().map(String::as_str)))
            }
            Condition::StartsWith(of, start) => {
                format!("coalesce(starts_with({}, {}), false)", self.text(of), literal(start))
            }
            Condition::Contains(of, part) => format!("coalesce(contains({}, {}), false)", self.text(of), literal(part)),
            Condition::Missing(of) => format!("({} IS NULL)", self.text(of)),
            Condition::Negative(of) => format!("coalesce({} < 0, false)", self.decimal(of, DecimalType::WIDEST)),
            Condition::Zero(of) => format!("(coalesce({}, 0) = 0)", self.decimal(of, DecimalType::WIDEST)),
            Condition::Not(inner) => format!("(NOT {})", self.condition(inner)),
            Condition::All(inner) if inner.is_empty() => "true".to_owned(),
            Condition::All(inner) => self.joined(inner, " AND "),
            Condition::Any(inner) if inner.is_empty() => "false".to_owned(),
            Condition::Any(inner) => self.joined(inner, " OR "),
        }
    }

    fn joined(&self, conditions: &[Condition], word: &str) -> String {
        let conditions: Vec<String> = conditions.iter().map(|condition| self.condition(condition)).collect();
        format!("({})", conditions.join(word))
    }
}

/// `from` with more columns beside its own.
fn layered(from: &str, columns: &[String]) -> String {
    if columns.is_empty() { from.to_owned() } else { format!("(SELECT *, {} FROM {from})", columns.join(", ")) }
}

fn text_name(column: &str) -> String {
    format!("#text {column}")
}

fn number_name(column: &str) -> String {
    format!("#number {column}")
}

fn flag_name(column: &str) -> String {
    format!("#flag {column}")
}

/// Whether an expression is a column, or the first of several, without computation.
fn is_plain(expression: &Expression) -> bool {
    match expression {
        Expression::Column(_) | Expression::Null => true,
        Expression::First(choices) => choices.iter().all(|choice| matches!(choice, Expression::Column(_))),
        _ => false,
    }
}

/// The source columns that an expression's value is made from; conditions are not part of the value.
fn collect_columns<'e>(expression: &'e Expression, names: &mut Vec<&'e str>) {
    match expression {
        Expression::Column(name) => {
            if !names.contains(&name.as_str()) {
                names.push(name);
            }
        }
        Expression::Text(_) | Expression::Number(_) | Expression::Null => {}
        Expression::First(inner) | Expression::Sum(inner) | Expression::Concat(inner) => {
            inner.iter().for_each(|one| collect_columns(one, names));
        }
        Expression::If { then, otherwise, .. } => {
            collect_columns(then, names);
            collect_columns(otherwise, names);
        }
        Expression::Lookup { of, otherwise, .. } => {
            collect_columns(of, names);
            collect_columns(otherwise, names);
        }
        Expression::Negate(of)
        | Expression::MonthStart(of)
        | Expression::MonthEnd(of)
        | Expression::EndExclusive(of)
        | Expression::KeyValue(of) => collect_columns(of, names),
        Expression::Object(entries) => entries.iter().for_each(|(_, value)| collect_columns(value, names)),
    }
}

/// The flag of a decimal that is cast straight from text. The quick test (no exponent, few enough decimals by length) settles
/// almost every value; only the rest pays for an exact comparison.
fn text_flag(text: &str, value: &str, decimal: DecimalType) -> String {
    let few_decimals = format!(
        "(instr({text}, '.') = 0 OR length({text}) - instr({text}, '.') <= {}) AND NOT contains({text}, 'e') AND NOT contains({text}, 'E')",
        decimal.scale
    );
    let wide = format!("TRY_CAST({text} AS DECIMAL(38,18))");
    // Short texts cannot have more than 18 decimals: the digits are what is long, or the exponent has two digits.
    let beyond = format!(
        "CASE WHEN length({text}) <= 15 AND (contains({text}, 'e-0') OR contains({text}, 'E-0') OR NOT contains(lower({text}), 'e')) \
         THEN false ELSE decimals_of({text}) > 18 END"
    );
    let slow = if decimal == DecimalType::WIDEST {
        format!("CASE WHEN {wide} IS NULL THEN 1 WHEN {beyond} THEN 3 ELSE 0 END")
    } else {
        format!(
            "CASE WHEN {wide} IS NULL THEN 1 WHEN {value} IS NULL OR {value}::DECIMAL(38,18) <> {wide} OR {beyond} THEN 2 ELSE 0 END"
        )
    };
    format!("CASE WHEN {text} IS NULL THEN 0 WHEN {few_decimals} AND {value} IS NOT NULL THEN 0 ELSE {slow} END")
}

/// The flag of a decimal that comes from an exact number of another type: it is too large, or digits are lost.
fn decimal_flag(source: &str, scale: u8, value: &str, decimal: DecimalType) -> String {
    let (too_large, lost) = if decimal == DecimalType::WIDEST { (1, 3) } else { (2, 2) };
    if scale <= decimal.scale {
        return format!("CASE WHEN {source} IS NULL OR {value} IS NOT NULL THEN 0 ELSE {too_large} END");
    }
    format!(
        "CASE WHEN {source} IS NULL THEN 0 WHEN {value} IS NULL THEN {too_large} WHEN {value} = {source} THEN 0 ELSE {lost} END"
    )
}

/// The flag of a decimal that comes from a float. The decimal is exact when it is the float again: its shortest text then has no
/// digit that the decimal lacks. Only the others pay for a look at the text.
fn float_flag(float: &str, text: &str, value: &str, decimal: DecimalType) -> String {
    format!(
        "CASE WHEN {float} IS NULL OR CAST({value} AS DOUBLE) = {float} THEN 0 ELSE {} END",
        text_flag(text, value, decimal)
    )
}

/// Makes `decimals_of(text)` known to a connection: how many decimals a number has, trailing zeros apart, exponent included.
pub(crate) const MACROS: &str = "
CREATE OR REPLACE TEMP MACRO decimals_of(text) AS
    length(rtrim(regexp_extract(text, '^[^.eE]*\\.([0-9]*)', 1), '0'))
    - coalesce(TRY_CAST(nullif(regexp_extract(text, '[eE]([-+]?[0-9]+)$', 1), '') AS INTEGER), 0);
";
