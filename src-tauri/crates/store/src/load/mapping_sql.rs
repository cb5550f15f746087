//! A mapping in DuckDB's SQL: one SELECT list over the source relation, every value cast, every failed cast flagged.
//!
//! Each target that can go wrong has two bits in `flags`: see [`Flag`]. A row with any flag carries the offending texts in
//! `offending`, a JSON object, so that the reader can say which value in which row was refused.

use std::cell::Cell;
use std::collections::{BTreeSet, HashMap};

use focus::Kind;
use intake::{DateSpelling, Expression, MappedColumn, Mapping, SourceColumn, SourceKind, TWIN};

use super::layers::{json_name, layered, text_name};
use super::number_sql::{collect_atoms, collect_products, decimal_flag, from_text, is_textual, text_flag};
use super::shared::{self, Repeated, Shared};
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
/// What a mapping uses again and again is computed once, in layers under the SELECT list ([`Source::relation`]): the text of a column
/// that is none, its number, and how good that number is; and what several columns of the charge are made from ([`Shared`]).
pub(crate) struct Source<'a> {
    kinds: HashMap<&'a str, SourceKind>,
    /// Columns that are looked into as JSON.
    json: BTreeSet<&'a str>,
    /// Of them those that are read whole: an array, pieces of tags. Of the others only values are wanted.
    whole_json: BTreeSet<&'a str>,
    /// Values inside columns.
    fields: BTreeSet<(&'a str, &'a [String])>,
    /// What computations read as numbers.
    atoms: Vec<&'a Expression>,
    /// The products among the computations, those inside others first.
    products: Vec<&'a Expression>,
    /// The narrowest type that the constants of computations fit.
    constants: DecimalType,
    /// Targets that are computed. They share one decimal type, so that arithmetic never changes a scale: DuckDB's 128-bit
    /// division is a hundred times slower than anything else here.
    computed: Vec<&'static str>,
    null_tokens: &'a [String],
    /// How days are written.
    dates: DateSpelling,
    /// Whether the reader has turned the null tokens into nulls already (CSV), or they are still in the text (Parquet).
    nulls_done: bool,
    shared: Shared<'a>,
    /// How many layers of what is shared are under the SQL that is being written.
    visible: Cell<usize>,
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
    /// Target name and SQL, in the order of the charge table from `provider` on, without `extra`. Over a layer that has the flags
    /// as [`FLAGS`].
    pub(crate) columns: Vec<(String, String)>,
    /// The JSON object of the columns that no FOCUS column takes, or `NULL`.
    pub(crate) extra: String,
    /// The number of that object, where it has one.
    pub(crate) extra_number: String,
    /// Casts, made once in a layer of their own: `flags` and `columns` look at them.
    pub(crate) casts: Vec<(String, String)>,
    /// The targets behind the bits of `flags`, lowest first.
    pub(crate) flagged: Vec<Flagged>,
    /// SQL of the bits.
    pub(crate) flags: String,
    /// SQL of the JSON object with the texts behind the flagged targets.
    pub(crate) offending: String,
}

/// A charge is nothing without these: a value of theirs that cannot be read refuses the row.
///
/// The effective cost is among them, list and contracted cost are not. Every total by which a month is judged is of billed or
/// effective cost, and a charge that is in one and not in the other would make a commitment look cheaper than it was, with nothing
/// to show for it. List and contracted cost are what the charge is compared with: without one of them the charge is still whole,
/// and the report of the load says how many have none.
const ESSENTIAL: [&str; 6] = [
    "billing_period_start",
    "billing_currency",
    "charge_period_start",
    "charge_period_end",
    "billed_cost",
    "effective_cost",
];

/// The column with the flags of a row.
pub(crate) const FLAGS: &str = "\"#flags\"";

/// How many targets the bits of a `BIGINT` have room for. Of a mapping in which numbers decide more columns than that, the last ones
/// are not watched: see [`Source::unwatched`].
const FLAGGED_MAX: usize = 31;

/// Whether any target is [`Flag::Bad`]: of its two bits the lower one alone is set.
pub(super) fn any_bad(flags: &str) -> String {
    let lower_bits = (0..FLAGGED_MAX).fold(0_i64, |bits, target| bits | (1 << (2 * target)));
    format!("({flags} & ~({flags} >> 1) & {lower_bits}) <> 0")
}

/// Of the essential ones, those that may not be missing either. A cost that is missing is a finding, not a lost row.
const NEVER_MISSING: [&str; 2] = ["billing_period_start", "charge_period_start"];

impl<'a> Source<'a> {
    pub(crate) fn new(columns: &'a [SourceColumn], mapping: &'a Mapping, nulls_done: bool) -> Self {
        let kinds = columns.iter().map(|column| (column.name.as_str(), column.kind)).collect();
        let mut atoms = Vec::new();
        let mut computed = Vec::new();
        let overrides = mapping.parts.iter().flat_map(|part| &part.overrides);
        for mapped in mapping.columns.iter().chain(overrides) {
            if mapped.target.kind == Kind::Decimal && !is_textual(&mapped.expression) {
                collect_atoms(&mapped.expression, &mut atoms);
                computed.push(mapped.target.name);
            }
        }
        let mut source = Self {
            kinds,
            json: BTreeSet::new(),
            whole_json: BTreeSet::new(),
            fields: BTreeSet::new(),
            atoms,
            products: Vec::new(),
            constants: DecimalType::LADDER[0],
            computed,
            null_tokens: &mapping.null_tokens,
            dates: mapping.dates.first().copied().unwrap_or(DateSpelling::Iso),
            nulls_done,
            shared: Shared::of(mapping),
            visible: Cell::new(0),
        };
        source.constants = source.constant_rung(mapping);
        for expression in mapping.expressions() {
            collect_products(expression, &mut source.products);
            match expression {
                Expression::Field { column, path } => {
                    source.json.insert(column);
                    source.fields.insert((column, path));
                }
                Expression::SumOf { of, .. } | Expression::FirstOf { of, .. } => {
                    if let Expression::Column(name) = &**of {
                        source.whole_json.insert(name);
                    }
                }
                Expression::Pairs { of, .. } => {
                    if let Expression::Column(name) = &**of {
                        source.json.insert(name);
                        source.whole_json.insert(name);
                    }
                }
                Expression::Merge(pieces) => {
                    let columns = pieces.iter().filter_map(|piece| match piece {
                        Expression::Column(name) => Some(name.as_str()),
                        _ => None,
                    });
                    source.whole_json.extend(columns);
                }
                _ => {}
            }
        }
        source
    }

    /// The relation `from` with the texts and numbers that the mapping uses beside its own columns.
    pub(crate) fn relation(&self, from: &str, decimals: &HashMap<String, DecimalType>) -> String {
        self.layers(from, decimals, false)
    }

    /// As [`Source::relation`], with a row for each object of an array.
    pub(crate) fn relation_of_each(
        &self,
        from: &str,
        array: &Expression,
        decimals: &HashMap<String, DecimalType>,
    ) -> String {
        self.layers(&self.each(from, array), decimals, true)
    }

    fn layers(&self, from: &str, decimals: &HashMap<String, DecimalType>, with_items: bool) -> String {
        let mut names: Vec<&&str> = self.kinds.keys().filter(|name| self.needs_text(name)).collect();
        names.sort();
        let texts: Vec<String> =
            names.iter().map(|name| format!("{} AS {}", self.text_of(name), identifier(&text_name(name)))).collect();
        let json = self.json.iter().filter(|name| self.has_column(name));
        let json: Vec<String> =
            json.map(|name| format!("{} AS {}", self.json_of(name), identifier(&json_name(name)))).collect();
        let (plain, values, fields) = self.field_layers();
        let from =
            [texts, plain, json, values, fields].iter().fold(from.to_owned(), |from, layer| layered(&from, layer));
        let from = self.atom_layers(&from, decimals, with_items);
        self.shared_layers(from)
    }

    /// What several columns are made from, over `from`.
    fn shared_layers(&self, mut from: String) -> String {
        for (layer, all) in self.shared.layers().enumerate() {
            let columns = self.over(layer, || {
                let sql = all.iter().map(|one| match one {
                    Repeated::Value(value) => self.text(value),
                    Repeated::Truth(condition) => self.condition(condition),
                });
                let named =
                    sql.enumerate().map(|(place, sql)| format!("{sql} AS {}", identifier(&shared::name(layer, place))));
                named.collect::<Vec<_>>()
            });
            from = layered(&from, &columns);
        }
        from
    }

    /// What `write` says where so many layers of what is shared are under it.
    fn over<T>(&self, layers: usize, write: impl FnOnce() -> T) -> T {
        let before = self.visible.replace(layers);
        let written = write();
        self.visible.set(before);
        written
    }

    /// The column that has a value or a condition already, if there is one under the SQL that is being written.
    pub(super) fn shared_name(&self, one: Repeated) -> Option<String> {
        let visible = self.visible.get();
        if visible == 0 { None } else { self.shared.name(one, visible).map(|name| identifier(&name)) }
    }

    pub(super) fn atoms(&self) -> &[&'a Expression] {
        &self.atoms
    }

    pub(super) fn products(&self) -> &[&'a Expression] {
        &self.products
    }

    /// Values that are wanted of columns, each with the keys on the way.
    pub(super) fn fields(&self) -> impl Iterator<Item = (&'a str, &'a [String])> {
        self.fields.iter().copied()
    }

    /// How days are written.
    pub(super) fn dates(&self) -> DateSpelling {
        self.dates
    }

    pub(super) fn null_tokens(&self) -> &[String] {
        self.null_tokens
    }

    /// Whether an expression is a column that already holds times.
    pub(super) fn is_time(&self, expression: &Expression) -> bool {
        let Expression::Column(name) = expression else { return false };
        matches!(self.kind(name), Some(SourceKind::Timestamp | SourceKind::Date))
    }

    pub(super) fn kind(&self, name: &str) -> Option<SourceKind> {
        self.kinds.get(name).copied()
    }

    /// Whether the JSON in a column has a layer. Arrays that are only added up are read where they are not plain.
    pub(super) fn has_json(&self, name: &str) -> bool {
        self.json.contains(name)
    }

    /// Whether of the JSON in a column only values on paths are wanted.
    pub(super) fn wants_fields_only(&self, name: &str) -> bool {
        !self.whole_json.contains(name)
    }

    pub(super) fn has_column(&self, name: &str) -> bool {
        self.kinds.contains_key(name)
    }

    /// The type that all computed decimals of the file have.
    pub(super) fn shared_rung(&self, decimals: &HashMap<String, DecimalType>) -> DecimalType {
        let place = |rung: &DecimalType| DecimalType::LADDER.iter().position(|other| other == rung).unwrap_or(0);
        let rungs = self.computed.iter().filter_map(|name| decimals.get(*name));
        rungs.copied().chain([self.constants]).max_by_key(place).unwrap_or(self.constants)
    }

    /// Whether nothing is computed with another type than this.
    pub(crate) fn computes_at(&self, rung: DecimalType, decimals: &HashMap<String, DecimalType>) -> bool {
        self.computed.is_empty() || self.shared_rung(decimals) == rung
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
        self.kinds
            .get(name)
            .is_some_and(|kind| !matches!(kind, SourceKind::Text | SourceKind::Json) || !self.nulls_done)
    }

    /// The SELECT list for the charges of part 0, or of a further part with its overrides, over a [`Source::relation`].
    pub(crate) fn selection(
        &self,
        mapping: &Mapping,
        overrides: &[MappedColumn],
        decimals: &HashMap<String, DecimalType>,
    ) -> Selection {
        self.over(self.shared.layers().count(), || self.selected(mapping, overrides, decimals))
    }

    fn selected(
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
        let mut own_flags = HashMap::new();
        for plain in &mapping.columns {
            let mapped = overrides.iter().find(|other| other.target.name == plain.target.name).unwrap_or(plain);
            let target = mapped.target;
            let (value, flag) = self.target(mapped, self.rung(target.name, decimals), &mut casts);
            if let Some(flag) = flag {
                bits.push(format!("(({flag})::BIGINT << {})", 2 * flagged.len()));
                texts.push(format!("{}, {}", literal(target.name), self.offending_text(&mapped.expression)));
                own_flags.insert(target.name, flag);
            }
            let value = if target.kind == Kind::Decimal && !is_textual(&mapped.expression) {
                // A sum has a value without one of its terms, and so has the second choice without the first.
                let refused = format!("({FLAGS} >> {}) & 3 = {}", 2 * flagged.len(), Flag::Bad as u8);
                format!("CASE WHEN {FLAGS} <> 0 AND {refused} THEN NULL ELSE {value} END")
            } else {
                value
            };
            if can_go_wrong(target) {
                flagged.push(Flagged { column: target, essential: ESSENTIAL.contains(&target.name) });
            }
            columns.push((target.name.to_owned(), value));
        }
        for decided in self.decided(mapping, overrides).into_iter().take(room(mapping)) {
            if let Some(unsound) = decided.unsound {
                // A value that is refused itself is told once.
                let own = own_flags.get(decided.target.name).map(|flag| format!(" AND ({flag}) <> 1"));
                let flag = format!("CASE WHEN {unsound}{} THEN 1 ELSE 0 END", own.unwrap_or_default());
                bits.push(format!("(({flag})::BIGINT << {})", 2 * flagged.len()));
                texts.push(format!("{}, {}", literal(decided.column.name), decided.texts));
            }
            flagged.push(Flagged { column: decided.column, essential: false });
        }
        let flags = if bits.is_empty() { "0::BIGINT".to_owned() } else { bits.join(" | ") };
        let offending = format!("json_object({})", texts.join(", "));
        let entries = self.extra(&mapping.extra);
        let [extra, extra_number] =
            [("object_of", NO_TEXT), ("object_number", "NULL::UINTEGER")].map(|(function, none)| {
                entries.as_ref().map_or_else(|| none.to_owned(), |entries| format!("{function}({entries})"))
            });
        Selection { columns, casts, extra, extra_number, flagged, flags, offending }
    }

    /// The FOCUS ids of the columns that a number decides and for which `flags` has no room: a number there that cannot be read is
    /// not told.
    pub(crate) fn unwatched(&self, mapping: &Mapping) -> Vec<&'static str> {
        let mut found: Vec<&'static str> = Vec::new();
        let further = mapping.parts.iter().map(|part| part.overrides.as_slice());
        for overrides in std::iter::once(&[][..]).chain(further) {
            let decided = self.over(self.shared.layers().count(), || self.decided(mapping, overrides));
            // They are the same columns for every part of a row.
            if decided.len() <= room(mapping) {
                break;
            }
            let beyond = decided.into_iter().skip(room(mapping)).filter(|decided| decided.unsound.is_some());
            for id in beyond.map(|decided| decided.target.id) {
                if !found.contains(&id) {
                    found.push(id);
                }
            }
        }
        found
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
                    let flag = format!("CASE WHEN is_currency({text}) THEN 0 ELSE 1 END");
                    return (text, Some(format!("coalesce({flag}, 1)")));
                }
                if name == "tags" && !is_surely_object(&mapped.expression) {
                    // What is JSON and begins with a brace is an object. What is none stays in the staged table: the commit keeps
                    // it beside the charge.
                    let value = once(text);
                    let sound = format!("starts_with(ltrim({value}), '{{') AND json_valid({value})");
                    let flag = format!("CASE WHEN {value} IS NULL OR {sound} THEN 0 ELSE 1 END");
                    return (value, Some(flag));
                }
                if let (Expression::Merge(pieces), "tags") = (&mapped.expression, name) {
                    return (once(text), self.piece_flag(pieces));
                }
                if name == "tags" {
                    // They are numbered, and what has no number is kept: nothing that should be computed twice.
                    return (once(text), None);
                }
                (text, None)
            }
            Kind::DateTime if mapped.expression == Expression::Null => ("NULL::TIMESTAMP".to_owned(), None),
            Kind::DateTime => {
                let value = once(self.timestamp(&mapped.expression));
                let missing = if NEVER_MISSING.contains(&name) {
                    "1".to_owned()
                } else {
                    format!("CASE WHEN {} IS NULL THEN 0 ELSE 1 END", self.moved_text(&mapped.expression))
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

    /// Whether a piece of merged tags is none, and so missing from them.
    fn piece_flag(&self, pieces: &[Expression]) -> Option<String> {
        let unsound = pieces.iter().filter(|piece| !is_surely_object(piece)).map(|piece| {
            let of = if let Expression::Pairs { of, .. } = piece { of } else { piece };
            let (text, json) = (self.text(of), self.json(of));
            format!("({text} IS NOT NULL AND ({json} IS NULL OR left(ltrim({text}), 1) NOT IN ('[', '{{')))")
        });
        let unsound: Vec<String> = unsound.collect();
        (!unsound.is_empty()).then(|| format!("CASE WHEN {} THEN 1 ELSE 0 END", unsound.join(" OR ")))
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
            None if is_textual(expression) => return from_text(&self.text(expression), decimal),
            None => self.decimal(expression, decimal),
        };
        format!("TRY_CAST({source} AS {})", decimal.sql())
    }

    /// How good the value of a decimal target is. A computed one is as good as the worst of the columns that it is made from.
    fn decimal_flag(&self, expression: &Expression, value: &str, decimal: DecimalType) -> String {
        if let Some((name, scale)) = self.decimal_column(expression) {
            return decimal_flag(&identifier(name), scale, value, decimal);
        }
        if is_textual(expression) {
            return text_flag(&self.text(expression), value, decimal);
        }
        self.computed_flag(expression, value, decimal)
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
    pub(super) fn offending_text(&self, expression: &Expression) -> String {
        let (mut inner, mut found) = (Vec::new(), Vec::new());
        expression.walk_value(&mut inner);
        for one in inner {
            let named = match one {
                Expression::Column(name) => (name.clone(), self.text_of(name)),
                Expression::Field { column, path } => {
                    (format!("{column}.{}", path.join(".")), self.field(column, path))
                }
                Expression::Item(path) => (path.join("."), self.item(path)),
                _ => continue,
            };
            if !found.contains(&named) {
                found.push(named);
            }
        }
        match found.as_slice() {
            [] => "NULL".to_owned(),
            [(_, one)] => one.clone(),
            several => {
                let parts: Vec<String> =
                    several.iter().map(|(name, text)| format!("{} || '=' || {text}", literal(name))).collect();
                format!("concat_ws(', ', {})", parts.join(", "))
            }
        }
    }

    /// A source column as text, null where it says "no value": the column itself or one of the layer below.
    pub(super) fn column_text(&self, name: &str) -> String {
        match self.kinds.get(name) {
            None => NO_TEXT.to_owned(),
            Some(_) if self.needs_text(name) => identifier(&text_name(name)),
            Some(_) => identifier(name),
        }
    }

    /// The text of a column, computed.
    pub(super) fn text_of(&self, name: &str) -> String {
        let quoted = identifier(name);
        match self.kinds.get(name) {
            None => NO_TEXT.to_owned(),
            Some(SourceKind::Text | SourceKind::Json) => {
                let tokens = std::iter::once("").chain(self.null_tokens.iter().map(String::as_str));
                format!("CASE WHEN {quoted} IN ({}) THEN NULL ELSE {quoted} END", literals(tokens))
            }
            Some(SourceKind::Map) => format!("to_json({quoted})::VARCHAR"),
            Some(_) => format!("CAST({quoted} AS VARCHAR)"),
        }
    }

    /// An expression as text.
    pub(crate) fn text(&self, expression: &Expression) -> String {
        if let Some(name) = self.shared_name(Repeated::Value(expression)) {
            return name;
        }
        match expression {
            Expression::Column(name) => self.column_text(name),
            Expression::Text(text) | Expression::Number(text) => literal(text),
            Expression::Null => NO_TEXT.to_owned(),
            Expression::First(choices) => format!("coalesce({})", self.list(choices)),
            Expression::If { when, then, otherwise } => {
                format!("CASE WHEN {} THEN {} ELSE {} END", self.condition(when), self.text(then), self.text(otherwise))
            }
            Expression::Lookup { of, table, otherwise } => self.lookup(of, table, otherwise),
            Expression::Concat(parts) => format!("nullif(concat({}), '')", self.list(parts)),
            Expression::Sum(_) | Expression::Negate(_) | Expression::Product(_) | Expression::SumOf { .. } => {
                format!("CAST({} AS VARCHAR)", self.decimal(expression, DecimalType::WIDEST))
            }
            Expression::MonthStart(_)
            | Expression::MonthEnd(_)
            | Expression::EndExclusive(_)
            | Expression::NextDay(_)
            | Expression::NamedMonth { .. } => format!("CAST({} AS VARCHAR)", self.timestamp(expression)),
            Expression::Field { column, path } => self.field(column, path),
            Expression::Item(path) => self.item(path),
            Expression::FirstOf { of, field, among } => self.first_of_objects(of, field, among.as_ref()),
            Expression::Lower(of) => format!("lowered({})", self.text(of)),
            Expression::Upper(of) => format!("upper({})", self.text(of)),
            Expression::Trim(of) => format!("trimmed({})", self.text(of)),
            Expression::Replace { of, from, to } => {
                format!("nullif(replace({}, {}, {}), '')", self.text(of), literal(from), literal(to))
            }
            Expression::Piece { of, separator, number } => {
                format!("piece_of({}, {}, '{number}')", self.text(of), literal(separator))
            }
            Expression::Pairs { of, key, value, prefix } => self.pairs(of, key, value, prefix),
            Expression::Merge(objects) => self.merge(objects),
            Expression::Object(entries) => self.object(entries),
            Expression::KeyValue(of) => format!("nullif({}, '{{}}')", self.text(of)),
            Expression::Prefixed { of, prefixes } => {
                // A key is what follows a brace or a comma and has a colon behind; inside a text a quote is escaped.
                let key = format!(r#"([{{,]\s*")({})_+((?:[^"\\]|\\.)+"\s*:)"#, prefixes.join("|"));
                format!("regexp_replace({}, {}, '\\1\\2:\\3', 'g')", self.text(of), literal(&key))
            }
        }
    }

    fn list(&self, expressions: &[Expression]) -> String {
        expressions.iter().map(|expression| self.text(expression)).collect::<Vec<_>>().join(", ")
    }

    /// A value by name, out of a table in the statement.
    fn lookup(
        &self,
        of: &Expression,
        table: &std::collections::BTreeMap<String, String>,
        otherwise: &Expression,
    ) -> String {
        if table.is_empty() {
            return self.text(otherwise);
        }
        let text = self.text(of);
        let found = match vectors::table_text(table.iter().map(|(name, value)| (name.as_str(), value.as_str()))) {
            Some(table) => format!("value_of({}, {text})", literal(&table)),
            None => {
                let entries: Vec<String> =
                    table.iter().map(|(key, value)| format!("{}: {}", literal(key), literal(value))).collect();
                format!("(MAP {{{}}})[{text}]", entries.join(", "))
            }
        };
        format!("coalesce({found}, {})", self.text(otherwise))
    }

    fn object(&self, entries: &[(String, Expression)]) -> String {
        self.entries(entries).map_or_else(|| NO_TEXT.to_owned(), |entries| format!("object_of({entries})"))
    }

    /// The keys and the values of an object, as the functions over them want them; none where no value can be there.
    fn entries(&self, entries: &[(String, Expression)]) -> Option<String> {
        let (keys, texts): (Vec<String>, Vec<String>) = entries
            .iter()
            .map(|(key, value)| (serde_json::Value::from(key.as_str()).to_string(), self.varying(self.text(value))))
            .filter(|(_, text)| text != NO_TEXT)
            .unzip();
        if keys.is_empty() {
            return None;
        }
        let keys = literal(&keys.join(vectors::KEY_SEPARATOR.encode_utf8(&mut [0; 4])));
        Some(format!("{keys}, {}", texts.join(", ")))
    }

    /// A text as something that the engine does not take for a constant: a function with a constant null among its arguments would
    /// be null as a whole.
    fn varying(&self, text: String) -> String {
        let constant = text != NO_TEXT && !text.contains('"');
        match self.kinds.keys().min() {
            Some(column) if constant => format!("CASE WHEN {} IS NULL THEN {text} ELSE {text} END", identifier(column)),
            _ => text,
        }
    }

    /// The entries of the JSON object of columns that are kept beside the FOCUS ones.
    fn extra(&self, names: &[String]) -> Option<String> {
        let entries: Vec<(String, Expression)> = names
            .iter()
            .map(|name| (name.trim_end_matches(TWIN).to_owned(), Expression::Column(name.clone())))
            .collect();
        self.entries(&entries)
    }
}

/// Whether a target has bits for its own value. It has them also where its expression cannot go wrong: further charges have other
/// expressions.
fn can_go_wrong(target: &focus::Column) -> bool {
    matches!(target.kind, Kind::Decimal | Kind::DateTime) || ["billing_currency", "tags"].contains(&target.name)
}

/// For how many columns that a number decides `flags` has room.
fn room(mapping: &Mapping) -> usize {
    FLAGGED_MAX.saturating_sub(mapping.columns.iter().filter(|mapped| can_go_wrong(mapped.target)).count())
}

/// Whether an expression makes objects or nothing, whatever its columns hold.
fn is_surely_object(expression: &Expression) -> bool {
    match expression {
        Expression::Null | Expression::Object(_) | Expression::Merge(_) => true,
        Expression::If { then, otherwise, .. } => is_surely_object(then) && is_surely_object(otherwise),
        Expression::Prefixed { of, .. } => is_surely_object(of),
        _ => false,
    }
}

/// A missing text.
const NO_TEXT: &str = "NULL::VARCHAR";

/// Macros that the statements call; made known to a connection before anything else, and after [`vectors::register`].
pub(crate) const MACROS: &str = include_str!("macros.sql");
