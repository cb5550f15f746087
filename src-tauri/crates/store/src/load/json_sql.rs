//! JSON inside a bill, in DuckDB's SQL: reading it whatever its spelling, values on a path, arrays of keys and values.
//!
//! DuckDB reads a JSON number as a float. A number of more than 15 digits is therefore made a JSON text first, so that it arrives
//! digit by digit.

use std::collections::BTreeMap;

use intake::{Among, Expression};
use vectors::{Piece, Wanted};

use super::layers::{field_name, json_name, plain_name};
use super::mapping_sql::Source;
use crate::DecimalType;
use crate::sql::{identifier, literal, literals};

impl Source<'_> {
    /// A column or a value as readable JSON; null where it is none.
    pub(super) fn json(&self, of: &Expression) -> String {
        match of {
            Expression::Column(name) if self.has_column(name) && self.has_json(name) => identifier(&json_name(name)),
            other => format!("readable_json({})", self.text(other)),
        }
    }

    /// The readable JSON of a source column, computed; not of one whose values are found without it.
    pub(super) fn json_of(&self, name: &str) -> String {
        let json = format!("readable_json({})", self.column_text(name));
        match self.plain_paths(name) {
            Some(_) => format!("CASE WHEN {} THEN NULL ELSE {json} END", identifier(&plain_name(name))),
            None => json,
        }
    }

    /// The paths of the values that are wanted of a column, as one text, where nothing else is wanted of it.
    fn plain_paths(&self, name: &str) -> Option<String> {
        let paths: Vec<&[String]> = self.fields().filter(|(column, _)| *column == name).map(|(_, path)| path).collect();
        if paths.is_empty() || !self.wants_fields_only(name) { None } else { vectors::paths_text(&paths) }
    }

    /// Three layers: whether a column's JSON is plain; all values that are wanted of it, so that it is read once; and each of them
    /// under its own name.
    pub(super) fn field_layers(&self) -> (Vec<String>, Vec<String>, Vec<String>) {
        let mut wanted: BTreeMap<&str, Vec<&[String]>> = BTreeMap::new();
        for (column, path) in self.fields().filter(|(column, _)| self.has_column(column)) {
            wanted.entry(column).or_default().push(path);
        }
        let (mut plain, mut values, mut fields) = (Vec::new(), Vec::new(), Vec::new());
        for (column, paths) in &wanted {
            let (text, json) = (self.column_text(column), identifier(&json_name(column)));
            let is_plain = identifier(&plain_name(column));
            let plain_paths = self.plain_paths(column);
            if let Some(all) = &plain_paths {
                plain.push(format!("plain_holds({text}, {}) AS {is_plain}", literal(all)));
            }
            let pointers: Vec<String> = paths.iter().map(|path| literal(&pointer(path))).collect();
            values.push(format!(
                "json_extract_string({json}, [{}]) AS {}",
                pointers.join(", "),
                identifier(&values_name(column))
            ));
            for (at, path) in paths.iter().enumerate() {
                let engine = format!("{}[{}]", identifier(&values_name(column)), at + 1);
                let value = match vectors::paths_text(&[path]).filter(|_| plain_paths.is_some()) {
                    Some(path_text) => {
                        let found = identifier(&format!("#found {}", field_name(column, path)));
                        let path_text = literal(&path_text);
                        values
                            .push(format!("CASE WHEN {is_plain} THEN plain_field({text}, {path_text}) END AS {found}"));
                        format!("coalesce({found}, {engine})")
                    }
                    None => engine,
                };
                fields.push(format!("{} AS {}", self.unless_none(&value), identifier(&field_name(column, path))));
            }
        }
        (plain, values, fields)
    }

    /// The text at the end of a path in JSON that is known to be readable.
    pub(super) fn json_text(&self, json: &str, path: &[String]) -> String {
        self.unless_none(&format!("json_extract_string({json}, {})", literal(&pointer(path))))
    }

    /// A text, null where it says "no value".
    fn unless_none(&self, value: &str) -> String {
        let tokens = std::iter::once("").chain(self.null_tokens().iter().map(String::as_str));
        format!("CASE WHEN {value} IN ({}) THEN NULL ELSE {value} END", literals(tokens))
    }

    /// A value inside a column, from the layer below.
    pub(super) fn field(&self, column: &str, path: &[String]) -> String {
        if self.has_column(column) { identifier(&field_name(column, path)) } else { "NULL::VARCHAR".to_owned() }
    }

    /// A value of the object that a further charge is made from.
    pub(super) fn item(&self, path: &[String]) -> String {
        self.json_text(&format!("{}.item", identifier(EACH)), path)
    }

    pub(super) fn pairs(&self, of: &Expression, key: &[String], value: &[String], prefix: &str) -> String {
        format!(
            "json_pairs({}, {}, {}, {}, {})",
            self.text(of),
            self.json(of),
            literal(&pointer(key)),
            literal(&pointer(value)),
            literal(prefix)
        )
    }

    pub(super) fn merge(&self, objects: &[Expression]) -> String {
        let texts: Vec<String> = objects.iter().map(|object| self.text(object)).collect();
        let merged = format!("json_merged([{}])", texts.join(", "));
        match self.plain_merge(objects) {
            Some(plain) => format!("nullif(coalesce({plain}, {merged}), '')"),
            None => merged,
        }
    }

    /// Arrays of keys and values as one object, where they are all as plain as most are; none where something else is merged.
    fn plain_merge(&self, objects: &[Expression]) -> Option<String> {
        let mut pieces = Vec::new();
        let mut arrays = Vec::new();
        for object in objects {
            let Expression::Pairs { of, key, value, prefix } = object else { return None };
            let ([key], [value]) = (key.as_slice(), value.as_slice()) else { return None };
            let json = self.json(of);
            // What is missing adds nothing.
            if json.contains('"') {
                pieces.push(Piece { key, value, prefix });
                arrays.push(format!("{json}::VARCHAR"));
            }
        }
        let pieces = literal(&vectors::pieces_text(&pieces)?);
        Some(format!("plain_merge({pieces}, {})", arrays.join(", ")))
    }

    /// What is wanted of the objects of an array, for the functions that read plain ones.
    fn wanted(&self, field: &[String], among: Option<&Among>) -> Option<String> {
        let among = among.map(|among| (among.field.as_slice(), among.values.as_slice(), among.listed));
        let nulls: Vec<String> = self.null_tokens().iter().filter(|token| !token.is_empty()).cloned().collect();
        vectors::wanted_text(&Wanted { field, among, nulls: &nulls })
    }

    /// The first text at the end of a path in the objects of an array.
    pub(super) fn first_of_objects(&self, of: &Expression, field: &[String], among: Option<&Among>) -> String {
        let first = format!("{}[1]", self.of_objects(of, field, among));
        match self.wanted(field, among) {
            Some(wanted) => {
                let plain = format!("plain_first({}, {})", self.text(of), literal(&wanted));
                format!("CASE WHEN {plain} IS NOT NULL THEN nullif({plain}, '') ELSE {first} END")
            }
            None => first,
        }
    }

    /// The sum of an atom over an array as text, empty where there is nothing to add, null where the array is not plain or a number in
    /// it does not fit.
    pub(super) fn plain_sum(&self, atom: &Expression, rung: DecimalType) -> Option<String> {
        let Expression::SumOf { of, field, among } = atom else { return None };
        let wanted = self.wanted(field, among.as_ref())?;
        Some(format!(
            "plain_sum({}, {}, {}::UTINYINT, {}::UTINYINT)",
            self.text(of),
            literal(&wanted),
            rung.precision,
            rung.scale
        ))
    }

    /// The texts at the end of a path in the objects of an array, in its order; null where there is no array.
    pub(super) fn of_objects(&self, of: &Expression, field: &[String], among: Option<&Among>) -> String {
        let json = self.json(of);
        let objects = format!("json_extract({json}, '$[*]')");
        let objects = match among {
            Some(among) => {
                let text = format!("json_extract_string(object, {})", literal(&pointer(&among.field)));
                let listed = literals(among.values.iter().map(String::as_str));
                let not = if among.listed { "" } else { "NOT " };
                format!("list_filter({objects}, lambda object: {not}coalesce({text} IN ({listed}), false))")
            }
            None => objects,
        };
        format!(
            "CASE WHEN json_type({json}) = 'ARRAY' THEN list_filter(list_transform({objects}, lambda object: {}), \
             lambda one: one IS NOT NULL) END",
            self.json_text("object", field)
        )
    }

    /// The relation `from` with a row for each object of an array in it: the object and its position, from 1, in [`EACH`].
    pub(crate) fn each(&self, from: &str, array: &Expression) -> String {
        let json = match array {
            Expression::Column(name) => format!("readable_json({})", self.text_of(name)),
            Expression::Field { column, path } => {
                let json = format!("readable_json({})", self.text_of(column));
                format!("readable_json({})", self.json_text(&json, path))
            }
            other => format!("readable_json({})", self.text(other)),
        };
        format!(
            "(SELECT *, unnest(list_transform(json_extract({json}, '$[*]'), \
             lambda object, place: {{'item': object, 'position': place}})) AS {} FROM {from})",
            identifier(EACH)
        )
    }
}

/// The column with the object that a further charge is made from, and its position.
pub(crate) const EACH: &str = "#each";

/// The layer name of all values that are wanted of a column.
fn values_name(column: &str) -> String {
    format!("#values {column}")
}

/// A path as a JSON pointer: any key can stand in it.
pub(super) fn pointer(path: &[String]) -> String {
    path.iter().map(|key| format!("/{}", key.replace('~', "~0").replace('/', "~1"))).collect()
}
