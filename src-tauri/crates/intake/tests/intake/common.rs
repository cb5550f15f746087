//! Reading headers and rows for the tests, and a plain evaluator of mappings: an oracle that shares no code with any engine.

use std::fs::File;
use std::io::{BufReader, Read};
use std::path::PathBuf;
use std::str::FromStr;

use chrono::{Datelike, NaiveDateTime, TimeDelta, Timelike};
use intake::{Condition, Expression, Mapping, NotRecognised, Recognised, Sample, SourceColumn, SourceKind, recognise};
use rust_decimal::Decimal;

/// A file of the real and generated bills beside the checkout.
pub fn shared(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../../../shared/data").join(path)
}

/// A header and all rows of a CSV file, plain or gzip.
pub struct Table {
    pub columns: Vec<SourceColumn>,
    pub rows: Vec<Vec<Option<String>>>,
}

impl Table {
    pub fn read(path: &str, delimiter: u8) -> Self {
        let file = BufReader::new(File::open(shared(path)).expect("the file is beside the checkout"));
        let mut bytes = Vec::new();
        let mut reader: Box<dyn Read> =
            if path.ends_with(".gz") { Box::new(flate2::read::GzDecoder::new(file)) } else { Box::new(file) };
        reader.read_to_end(&mut bytes).expect("the file can be read");
        let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
        let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_reader(bytes);
        let names: Vec<String> = reader.headers().expect("a header").iter().map(str::to_owned).collect();
        let rows = reader
            .byte_records()
            .map(|record| {
                let record = record.expect("a row");
                record.iter().map(|field| Some(String::from_utf8_lossy(field).into_owned())).collect()
            })
            .collect();
        Self { columns: columns(&names), rows }
    }

    pub fn recognise(&self) -> Result<Recognised, NotRecognised> {
        recognise(&Sample { columns: &self.columns, rows: &self.rows[..self.rows.len().min(200)] })
    }
}

/// Text columns of these names, as a CSV file has them.
pub fn columns<S: AsRef<str>>(names: &[S]) -> Vec<SourceColumn> {
    names.iter().map(|name| SourceColumn { name: name.as_ref().to_owned(), kind: SourceKind::Text }).collect()
}

/// One charge made by a mapping: its values by column name, and its part number.
pub struct Charge {
    pub part: usize,
    values: Vec<(&'static str, Option<String>)>,
}

impl Charge {
    pub fn text(&self, column: &str) -> Option<&str> {
        self.values.iter().find(|(name, _)| *name == column).and_then(|(_, value)| value.as_deref())
    }

    pub fn number(&self, column: &str) -> Option<Decimal> {
        self.text(column).map(decimal)
    }
}

pub fn decimal(text: &str) -> Decimal {
    let parsed = Decimal::from_str(text).or_else(|_| Decimal::from_scientific(text));
    parsed.unwrap_or_else(|_| panic!("{text} is a number"))
}

/// The charges that one source row makes.
pub fn charges(mapping: &Mapping, columns: &[SourceColumn], row: &[Option<String>]) -> Vec<Charge> {
    let row = Row { mapping, columns, row };
    if mapping.excluded.iter().any(|exclusion| row.holds(&exclusion.when)) {
        return Vec::new();
    }
    let parts = mapping.parts.iter().enumerate().filter(|(_, part)| row.holds(&part.when)).map(|(index, _)| index + 1);
    std::iter::once(0)
        .chain(parts)
        .map(|part| {
            let value = |column: &'static focus::Column| {
                let mapped = mapping.column(column.name, part).expect("every column is mapped");
                (column.name, row.value(&mapped.expression))
            };
            Charge { part, values: focus::columns().iter().map(value).collect() }
        })
        .collect()
}

struct Row<'a> {
    mapping: &'a Mapping,
    columns: &'a [SourceColumn],
    row: &'a [Option<String>],
}

impl Row<'_> {
    fn field(&self, name: &str) -> Option<String> {
        let index = self.columns.iter().position(|column| column.name == name).expect("a mapped column is in the file");
        let field = self.row.get(index)?.clone()?;
        (!field.is_empty() && !self.mapping.null_tokens.contains(&field)).then_some(field)
    }

    fn value(&self, expression: &Expression) -> Option<String> {
        let number = |expression: &Expression| self.value(expression).map(|text| decimal(&text));
        let time = |expression: &Expression| self.value(expression).map(|text| instant(&text));
        match expression {
            Expression::Column(name) => self.field(name),
            Expression::Text(text) | Expression::Number(text) => Some(text.clone()),
            Expression::Null => None,
            Expression::First(values) => values.iter().find_map(|value| self.value(value)),
            Expression::If { when, then, otherwise } => self.value(if self.holds(when) { then } else { otherwise }),
            Expression::Lookup { of, table, otherwise } => {
                let found = self.value(of).and_then(|text| table.get(&text).cloned());
                found.or_else(|| self.value(otherwise))
            }
            Expression::Sum(values) => {
                values.iter().filter_map(number).reduce(|sum, term| sum + term).map(|sum| sum.to_string())
            }
            Expression::Negate(value) => number(value).map(|number| (-number).to_string()),
            Expression::Concat(values) => {
                values.iter().filter_map(|value| self.value(value)).reduce(|all, text| all + &text)
            }
            Expression::MonthStart(value) => time(value).map(|time| month(time, 0).to_string()),
            Expression::MonthEnd(value) => time(value).map(|time| month(time, 1).to_string()),
            Expression::EndExclusive(value) => time(value).map(|time| {
                let moved = if time.second() == 59 { time + TimeDelta::seconds(1) } else { time };
                moved.to_string()
            }),
            Expression::Object(entries) => {
                let object: serde_json::Map<_, _> = entries
                    .iter()
                    .filter_map(|(key, value)| Some((key.clone(), serde_json::Value::String(self.value(value)?))))
                    .collect();
                (!object.is_empty()).then(|| serde_json::Value::Object(object).to_string())
            }
            Expression::KeyValue(value) => self.value(value).filter(|text| text != "{}"),
            Expression::Prefixed { of, prefixes } => self.value(of).map(|text| {
                let object: serde_json::Map<_, _> = serde_json::from_str(&text).expect("an object");
                let upright = |key: String| {
                    let of = |prefix: &String| Some(format!("{prefix}:{}", key.strip_prefix(&format!("{prefix}_"))?));
                    prefixes.iter().find_map(of).unwrap_or(key.clone())
                };
                let object = object.into_iter().map(|(key, value)| (upright(key), value)).collect();
                serde_json::Value::Object(object).to_string()
            }),
            Expression::Product(values) => {
                let factors = values.iter().map(number).collect::<Option<Vec<Decimal>>>()?;
                factors.into_iter().reduce(|product, factor| product * factor).map(|product| product.to_string())
            }
            Expression::SumOf { of, field, among } => {
                let objects = self.objects(of);
                let meant = objects.iter().filter(|object| {
                    among.as_ref().is_none_or(|among| {
                        let text = inside(object, &among.field);
                        text.is_some_and(|text| among.values.contains(&text)) == among.listed
                    })
                });
                let terms = meant.filter_map(|object| inside(object, field));
                terms.map(|term| decimal(&term)).reduce(|sum, term| sum + term).map(|sum| sum.to_string())
            }
            Expression::FirstOf { of, field, among } => self.objects(of).iter().find_map(|object| {
                let meant = among.as_ref().is_none_or(|among| {
                    inside(object, &among.field).is_some_and(|text| among.values.contains(&text)) == among.listed
                });
                meant.then(|| inside(object, field)).flatten()
            }),
            Expression::Field { column, path } => {
                let object = serde_json::from_str(&self.field(column)?).ok()?;
                inside(&object, path).filter(|text| !text.is_empty() && !self.mapping.null_tokens.contains(text))
            }
            Expression::Item(path) => panic!("{path:?} of no array"),
            Expression::Lower(value) => self.value(value).map(|text| text.to_lowercase()),
            Expression::Upper(value) => self.value(value).map(|text| text.to_uppercase()),
            Expression::Trim(value) => filled(self.value(value)?.trim()),
            Expression::Replace { of, from, to } => filled(&self.value(of)?.replace(from, to)),
            Expression::Piece { of, separator, number } => {
                let text = self.value(of)?;
                let pieces: Vec<&str> = text.split(separator.as_str()).collect();
                let count = i32::try_from(pieces.len()).expect("few pieces");
                let at = if *number < 0 { count + number } else { number - 1 };
                filled(pieces.get(usize::try_from(at).ok()?)?)
            }
            Expression::NextDay(value) => time(value).map(|time| (time + TimeDelta::days(1)).to_string()),
            Expression::NamedMonth { of, zone, end } => {
                assert_eq!(*zone, None, "time zones are tested where there is a clock for them");
                let digits = self.value(of)?;
                let first = instant(&format!("{}-{}-01 00:00:00", &digits[..4], &digits[4..]));
                Some(month(first, i32::from(*end)).to_string())
            }
            Expression::Pairs { of, key, value, prefix } => {
                let mut object = serde_json::Map::new();
                for one in self.objects(of) {
                    let Some(key) = inside(&one, key) else { continue };
                    let value = inside(&one, value).map_or(serde_json::Value::Bool(true), serde_json::Value::String);
                    object.entry(format!("{prefix}{key}")).or_insert(value);
                }
                (!object.is_empty()).then(|| serde_json::Value::Object(object).to_string())
            }
            Expression::Merge(values) => {
                let mut merged = serde_json::Map::new();
                for text in values.iter().filter_map(|value| self.value(value)) {
                    if let Ok(serde_json::Value::Object(object)) = serde_json::from_str(&text) {
                        for (key, value) in object {
                            merged.entry(key).or_insert(value);
                        }
                    }
                }
                (!merged.is_empty()).then(|| serde_json::Value::Object(merged).to_string())
            }
        }
    }

    fn objects(&self, of: &Expression) -> Vec<serde_json::Value> {
        let read = self.value(of).and_then(|text| serde_json::from_str(&text).ok());
        if let Some(serde_json::Value::Array(objects)) = read { objects } else { Vec::new() }
    }

    fn holds(&self, condition: &Condition) -> bool {
        let number = |expression: &Expression| self.value(expression).map(|text| decimal(&text));
        match condition {
            Condition::Is(value, texts) => self.value(value).is_some_and(|text| texts.contains(&text)),
            Condition::StartsWith(value, start) => self.value(value).is_some_and(|text| text.starts_with(start)),
            Condition::EndsWith(value, end) => self.value(value).is_some_and(|text| text.ends_with(end)),
            Condition::Same(value, texts) => {
                let same = |text: String| texts.iter().any(|other| other.to_lowercase() == text.to_lowercase());
                self.value(value).is_some_and(same)
            }
            Condition::Positive(value) => number(value).is_some_and(|number| number > Decimal::ZERO),
            Condition::Contains(value, part) => self.value(value).is_some_and(|text| text.contains(part)),
            Condition::Missing(value) => self.value(value).is_none(),
            Condition::Negative(value) => number(value).is_some_and(|number| number < Decimal::ZERO),
            Condition::Zero(value) => number(value).is_none_or(|number| number.is_zero()),
            Condition::Not(inner) => !self.holds(inner),
            Condition::All(conditions) => conditions.iter().all(|condition| self.holds(condition)),
            Condition::Any(conditions) => conditions.iter().any(|condition| self.holds(condition)),
        }
    }
}

fn filled(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn inside(value: &serde_json::Value, path: &[String]) -> Option<String> {
    match path.iter().try_fold(value, |value, key| value.get(key))? {
        serde_json::Value::Null => None,
        serde_json::Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

fn instant(text: &str) -> NaiveDateTime {
    let text = text.trim_end_matches('Z').trim_end_matches("+00:00").replace('T', " ");
    NaiveDateTime::parse_from_str(&text, "%Y-%m-%d %H:%M:%S%.f").unwrap_or_else(|_| panic!("{text} is a time"))
}

fn month(time: NaiveDateTime, later: i32) -> NaiveDateTime {
    let months = time.year() * 12 + i32::try_from(time.month0()).expect("a month") + later;
    let first = chrono::NaiveDate::from_ymd_opt(months.div_euclid(12), months.rem_euclid(12).unsigned_abs() + 1, 1);
    first.expect("a day").and_hms_opt(0, 0, 0).expect("midnight")
}
