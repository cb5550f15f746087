//! The columns of a file that comes without a header row: from a schema that lies beside it, or from an order that is known and that
//! its rows fit.
//!
//! A row is never taken for a header here, nor a header for a row: `recognise` says first that the file has none.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;

use crate::format::FormatError;
use crate::header::fold;

/// An order of columns, and where it was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ColumnOrder {
    /// What told it, for a person: `AWS Cost and Usage Report 2.0`.
    pub title: String,
    /// The columns, in file order.
    pub columns: Vec<String>,
}

/// The columns that a schema names, if it names as many as the file has fields. A schema is the `CREATE TABLE` statement of Hive or
/// Athena, the manifest of an AWS delivery (`columns`, each with `category` and `name`), or a plain list of names.
pub fn schema_columns(schema: &str, fields: usize) -> Option<Vec<String>> {
    let schema = schema.trim_start_matches('\u{feff}').trim();
    let found = if schema.starts_with('{') {
        manifest_columns(schema)
    } else if let Some(start) = find_ignoring_case(schema, "create ") {
        table_columns(&schema[start..])
    } else {
        list_columns(schema)
    };
    found.into_iter().find(|columns| columns.len() == fields && columns.iter().all(|name| is_name(name)))
}

/// The order of columns that is known and that the rows fit; none when none fits, or more than one.
///
/// # Errors
/// The file of known orders is at fault.
pub fn known_order(rows: &[Vec<Option<String>>]) -> Result<Option<ColumnOrder>, FormatError> {
    let known = KNOWN.as_ref().map_err(Clone::clone)?;
    let Some(fields) = rows.first().map(Vec::len) else { return Ok(None) };
    let mut fitting: Vec<ColumnOrder> =
        known.iter().flat_map(|order| order.variants(fields)).filter(|order| fits(order, known, rows)).collect();
    Ok(if fitting.len() == 1 { fitting.pop() } else { None })
}

/// The titles of the orders that are known.
///
/// # Errors
/// The file of known orders is at fault.
pub fn known_titles() -> Result<Vec<String>, FormatError> {
    let known = KNOWN.as_ref().map_err(Clone::clone)?;
    Ok(known.iter().map(|order| order.title.clone()).collect())
}

/// An order of columns as its file states it.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Known {
    title: String,
    columns: Vec<String>,
    /// Groups of columns that a report may be made without, by what they hold.
    optional: BTreeMap<String, Vec<String>>,
    /// What stands in every row of some columns: that is how the order is told from a wrong one.
    fits: BTreeMap<String, Content>,
}

#[derive(Deserialize, Clone, Copy)]
#[serde(rename_all = "lowercase")]
enum Content {
    /// A point in time.
    Time,
    /// A number.
    Number,
    /// Three capital letters.
    Currency,
    /// Twelve digits.
    Account,
    /// A word of letters alone.
    Word,
    /// A JSON object.
    Object,
}

static KNOWN: LazyLock<Result<Vec<Known>, FormatError>> = LazyLock::new(|| {
    let order: Result<Known, _> = toml::from_str(include_str!("../formats/aws-cur-order.toml"));
    order.map(|order| vec![order]).map_err(|error| FormatError::Shape(error.to_string()))
});

impl Known {
    /// The order with and without its optional groups, as far as it then has so many columns.
    fn variants(&self, fields: usize) -> Vec<ColumnOrder> {
        let groups: Vec<&Vec<String>> = self.optional.values().collect();
        let choices = 0..1_usize << groups.len();
        choices
            .map(|choice| {
                let left_out = |name: &String| {
                    groups.iter().enumerate().any(|(at, group)| choice >> at & 1 == 1 && group.contains(name))
                };
                let columns = self.columns.iter().filter(|name| !left_out(name)).cloned().collect();
                ColumnOrder { title: self.title.clone(), columns }
            })
            .filter(|order| order.columns.len() == fields)
            .collect()
    }
}

fn fits(order: &ColumnOrder, known: &[Known], rows: &[Vec<Option<String>>]) -> bool {
    let Some(known) = known.iter().find(|known| known.title == order.title) else { return false };
    known.fits.iter().all(|(name, content)| {
        let Some(place) = order.columns.iter().position(|column| column == name) else { return false };
        rows.iter().all(|row| row.get(place).and_then(Option::as_deref).is_some_and(|text| content.is(text)))
    })
}

impl Content {
    fn is(self, text: &str) -> bool {
        let bytes = text.as_bytes();
        match self {
            Self::Time => {
                let digits = |range: std::ops::Range<usize>| {
                    bytes.get(range).is_some_and(|piece| piece.iter().all(u8::is_ascii_digit))
                };
                digits(0..4)
                    && bytes.get(4) == Some(&b'-')
                    && digits(5..7)
                    && bytes.get(7) == Some(&b'-')
                    && digits(8..10)
            }
            Self::Number => {
                bytes.iter().any(u8::is_ascii_digit)
                    && bytes.iter().all(|byte| byte.is_ascii_digit() || b"+-.eE".contains(byte))
            }
            Self::Currency => bytes.len() == 3 && bytes.iter().all(u8::is_ascii_uppercase),
            Self::Account => bytes.len() == 12 && bytes.iter().all(u8::is_ascii_digit),
            Self::Word => !bytes.is_empty() && bytes.iter().all(u8::is_ascii_alphabetic),
            Self::Object => text.starts_with('{') && text.ends_with('}'),
        }
    }
}

/// A manifest's columns, in the spelling of the report (`lineItem/UsageAmount`).
fn manifest_columns(manifest: &str) -> Vec<Vec<String>> {
    let Ok(manifest) = serde_json::from_str::<serde_json::Value>(manifest) else { return Vec::new() };
    let name = |column: &serde_json::Value| {
        let name = column["name"].as_str()?;
        Some(column["category"].as_str().map_or_else(|| name.to_owned(), |category| format!("{category}/{name}")))
    };
    let columns = manifest["columns"].as_array().and_then(|columns| columns.iter().map(name).collect());
    columns.into_iter().collect()
}

/// A table's columns, without and with those that it is partitioned by: a query's result has them, the table's own files have not.
fn table_columns(statement: &str) -> Vec<Vec<String>> {
    let Some(columns) = in_brackets(statement) else { return Vec::new() };
    let rest = &statement[statement.find(columns).map_or(0, |at| at + columns.len())..];
    let own = defined_names(columns);
    let partitions = find_ignoring_case(rest, "partitioned by").and_then(|at| in_brackets(&rest[at..]));
    let all = own.iter().cloned().chain(partitions.map(defined_names).unwrap_or_default()).collect();
    vec![own, all]
}

/// The names of a list: one a line, or all in one line.
fn list_columns(list: &str) -> Vec<Vec<String>> {
    let separators: &[char] = if list.contains('\u{1}') { &['\u{1}'] } else { &['\n', ',', ';', '\t', '|'] };
    let names = list.split(separators).map(|name| name.trim().trim_matches(['"', '`']).trim().to_owned());
    vec![names.filter(|name| !name.is_empty()).collect()]
}

/// The text between the first bracket and the one that closes it.
fn in_brackets(text: &str) -> Option<&str> {
    let start = text.find('(')? + 1;
    let mut depth = 1_u32;
    for (at, character) in text[start..].char_indices() {
        match character {
            '(' => depth += 1,
            ')' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return Some(&text[start..start + at]);
        }
    }
    None
}

/// The first word of each definition; commas inside of `map<string,string>` and `decimal(38,9)` separate nothing.
fn defined_names(definitions: &str) -> Vec<String> {
    let mut depth = 0_i32;
    let pieces = definitions.split(|character: char| {
        match character {
            '(' | '<' => depth += 1,
            ')' | '>' => depth -= 1,
            _ => {}
        }
        character == ',' && depth == 0
    });
    pieces
        .filter_map(|piece| {
            let lines = piece.lines().map(str::trim).filter(|line| !line.starts_with("--"));
            let piece = lines.collect::<Vec<_>>().join(" ");
            let piece = piece.trim();
            let quoted = piece.strip_prefix(['`', '"']).and_then(|rest| rest.split(['`', '"']).next());
            quoted.or_else(|| piece.split_whitespace().next()).map(str::to_owned)
        })
        .collect()
}

fn find_ignoring_case(text: &str, words: &str) -> Option<usize> {
    text.to_ascii_lowercase().find(words)
}

fn is_name(name: &str) -> bool {
    !fold(name).is_empty() && name.chars().any(char::is_alphabetic)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_table_definition_names_the_columns_in_order() {
        let statement = "-- the report\nCREATE EXTERNAL TABLE IF NOT EXISTS bills.report (\n  `bill_invoice_id` STRING,\n\
            -- maps\n  resource_tags map<string,string>,\n  cost decimal(38,9)\n)\nPARTITIONED BY (year string, `month` string)\n\
            ROW FORMAT DELIMITED FIELDS TERMINATED BY '\\001' LOCATION 's3://bucket/(x)'";
        let own = ["bill_invoice_id", "resource_tags", "cost"].map(str::to_owned).to_vec();
        assert_eq!(schema_columns(statement, 3), Some(own.clone()), "the files of a table");
        let all: Vec<String> = own.into_iter().chain(["year", "month"].map(str::to_owned)).collect();
        assert_eq!(schema_columns(statement, 5), Some(all), "the result of a query has the partitions too");
        assert_eq!(schema_columns(statement, 4), None, "another number of fields is another table");
    }

    #[test]
    fn a_manifest_and_a_list_name_the_columns_too() {
        let manifest = r#"{"columns": [{"category": "lineItem", "name": "UsageAmount"}, {"category": "bill", "name": "InvoiceId"}]}"#;
        let names = Some(vec!["lineItem/UsageAmount".to_owned(), "bill/InvoiceId".to_owned()]);
        assert_eq!(schema_columns(manifest, 2), names);
        for list in ["a,b,c", "a\nb\nc\n", "\"a\";\"b\";\"c\"", "a\u{1}b\u{1}c", "\u{feff}a\r\nb\r\nc"] {
            let names = ["a", "b", "c"].map(str::to_owned).to_vec();
            assert_eq!(schema_columns(list, 3), Some(names), "{list:?}");
        }
        assert_eq!(schema_columns("1,2,3", 3), None, "numbers are no names");
        assert_eq!(schema_columns("{\"columns\": 7}", 1), None);
        assert_eq!(schema_columns("create table (", 1), None);
    }

    /// A row with something that fits in every column that is looked at.
    fn row(columns: &[String]) -> Vec<Option<String>> {
        let known = KNOWN.as_ref().unwrap();
        columns
            .iter()
            .map(|name| {
                known[0].fits.get(name).map(|content| {
                    let text = match content {
                        Content::Time => "2026-01-01 00:00:00",
                        Content::Number => "-1.5e-7",
                        Content::Currency => "USD",
                        Content::Account => "000123456789",
                        Content::Word => "Usage",
                        Content::Object => "{}",
                    };
                    text.to_owned()
                })
            })
            .collect()
    }

    #[test]
    fn a_known_order_is_taken_only_where_every_row_fits_it() {
        let known = KNOWN.as_ref().unwrap();
        let columns = &known[0].columns;
        let whole = row(columns);
        let found = known_order(std::slice::from_ref(&whole)).unwrap().unwrap();
        assert_eq!(&found.columns, columns, "with all its columns");
        let without: Vec<String> =
            columns.iter().filter(|name| !known[0].optional["resources"].contains(name)).cloned().collect();
        let found = known_order(&[row(&without)]).unwrap().unwrap();
        assert_eq!(found.columns, without, "without the ids of resources");
        let alone = |group: &str| -> Vec<String> {
            columns.iter().filter(|name| !known[0].optional[group].contains(name)).cloned().collect()
        };
        for group in known[0].optional.keys() {
            let found = known_order(&[row(&alone(group))]).unwrap().map(|order| order.columns);
            assert_eq!(found, Some(alone(group)), "without {group}, though others are as many");
        }
        let mut moved = whole.clone();
        moved.rotate_right(1);
        assert_eq!(known_order(&[whole.clone(), moved]).unwrap(), None, "one row that fits not is enough");
        assert_eq!(known_order(&[whole[1..].to_vec()]).unwrap(), None, "a column too few that no setting leaves out");
        assert_eq!(known_order(&[]).unwrap(), None);
    }
}
