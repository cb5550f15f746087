//! Parquet files made of texts: what a test says in words comes out typed as providers type it. And read back as texts.

use std::fs::File;
use std::path::Path;

use chrono::{DateTime, NaiveDateTime};
use parquet::data_type::{ByteArray, ByteArrayType, DoubleType, FixedLenByteArray, FixedLenByteArrayType, Int64Type};
use parquet::file::properties::WriterProperties;
use parquet::file::reader::{FileReader, SerializedFileReader};
use parquet::file::writer::{SerializedFileWriter, SerializedRowGroupWriter};
use parquet::record::Field;
use parquet::schema::parser::parse_message_type;
use parquet::schema::types::Type;
use serde_json::{Map, Value};

use crate::decimal::decimal;

/// The type that a column's texts are written as.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// UTF-8 text.
    Text,
    /// `DECIMAL(38, scale)` in 16 bytes.
    Decimal {
        /// Digits after the point.
        scale: u32,
    },
    /// A binary floating point number of 64 bits.
    Double,
    /// A point in time, UTC, in microseconds; the text is like `2026-01-31T00:00:00Z`.
    Time,
    /// The same in milliseconds.
    Milliseconds,
    /// `map<string, string>`; the text is a JSON object of texts and nulls.
    Map,
    /// `map<string, double>`; the text is a JSON object of numbers.
    DoubleMap,
}

/// A column: its name, its type, and a text or nothing for each row.
#[derive(Clone, Debug)]
pub struct Column {
    /// The name in the file's schema.
    pub name: String,
    /// How the texts are written.
    pub kind: Kind,
    /// One for each row.
    pub values: Vec<Option<String>>,
}

/// The columns as a file with one row group; every column may hold nulls.
#[must_use]
pub fn parquet(columns: &[Column]) -> Vec<u8> {
    let fields: String = columns.iter().map(|column| field(&column.name, column.kind)).collect();
    let schema = parse_message_type(&format!("message schema {{ {fields} }}")).unwrap();
    let properties = WriterProperties::builder().build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema.into(), properties.into()).unwrap();
    let mut rows = file.next_row_group().unwrap();
    for column in columns {
        if matches!(column.kind, Kind::Map | Kind::DoubleMap) {
            write_map(&mut rows, column);
            continue;
        }
        let defined: Vec<i16> = column.values.iter().map(|value| i16::from(value.is_some())).collect();
        let texts = column.values.iter().flatten().map(String::as_str);
        let mut writer = rows.next_column().unwrap().unwrap();
        let written = match column.kind {
            Kind::Text => {
                let values: Vec<ByteArray> = texts.map(ByteArray::from).collect();
                writer.typed::<ByteArrayType>().write_batch(&values, Some(&defined), None)
            }
            Kind::Decimal { scale } => {
                let values: Vec<FixedLenByteArray> = texts.map(|text| unscaled(text, scale)).collect();
                writer.typed::<FixedLenByteArrayType>().write_batch(&values, Some(&defined), None)
            }
            Kind::Double => {
                let values: Vec<f64> = texts.map(|text| text.parse().unwrap()).collect();
                writer.typed::<DoubleType>().write_batch(&values, Some(&defined), None)
            }
            Kind::Time => {
                let values: Vec<i64> = texts.map(microseconds).collect();
                writer.typed::<Int64Type>().write_batch(&values, Some(&defined), None)
            }
            Kind::Milliseconds => {
                let values: Vec<i64> = texts.map(|text| microseconds(text) / 1000).collect();
                writer.typed::<Int64Type>().write_batch(&values, Some(&defined), None)
            }
            Kind::Map | Kind::DoubleMap => unreachable!("written above"),
        };
        assert_eq!(written.unwrap(), defined.iter().filter(|level| **level == 1).count(), "all of {}", column.name);
        writer.close().unwrap();
    }
    rows.close().unwrap();
    file.into_inner().unwrap()
}

/// The keys, then the values, each with how deep it is defined and whether it goes on with the row before.
fn write_map(rows: &mut SerializedRowGroupWriter<'_, Vec<u8>>, column: &Column) {
    let (mut keys, mut texts, mut numbers) = (Vec::new(), Vec::new(), Vec::new());
    let (mut of_keys, mut of_values, mut goes_on) = (Vec::new(), Vec::new(), Vec::new());
    for value in &column.values {
        let object: Option<Map<String, Value>> = value.as_deref().map(|text| serde_json::from_str(text).unwrap());
        let depth = i16::from(object.is_some());
        let entries = object.unwrap_or_default();
        if entries.is_empty() {
            of_keys.push(depth);
            of_values.push(depth);
            goes_on.push(0);
        }
        for (index, (key, entry)) in entries.iter().enumerate() {
            keys.push(ByteArray::from(key.as_str()));
            of_keys.push(2);
            of_values.push(if entry.is_null() { 2 } else { 3 });
            goes_on.push(i16::from(index > 0));
            texts.extend(entry.as_str().map(ByteArray::from));
            numbers.extend(entry.as_f64());
        }
    }
    let mut writer = rows.next_column().unwrap().unwrap();
    let _keys = writer.typed::<ByteArrayType>().write_batch(&keys, Some(&of_keys), Some(&goes_on)).unwrap();
    writer.close().unwrap();
    let mut writer = rows.next_column().unwrap().unwrap();
    let _values = if column.kind == Kind::Map {
        writer.typed::<ByteArrayType>().write_batch(&texts, Some(&of_values), Some(&goes_on)).unwrap()
    } else {
        writer.typed::<DoubleType>().write_batch(&numbers, Some(&of_values), Some(&goes_on)).unwrap()
    };
    writer.close().unwrap();
}

fn field(name: &str, kind: Kind) -> String {
    let map = |value: &str| {
        format!(
            "optional group {name} (MAP) {{ repeated group key_value {{ required binary key (STRING); optional {value}; }} }} "
        )
    };
    match kind {
        Kind::Text => format!("optional binary {name} (STRING); "),
        Kind::Decimal { scale } => format!("optional fixed_len_byte_array(16) {name} (DECIMAL(38,{scale})); "),
        Kind::Double => format!("optional double {name}; "),
        Kind::Time => format!("optional int64 {name} (TIMESTAMP(MICROS,true)); "),
        Kind::Milliseconds => format!("optional int64 {name} (TIMESTAMP(MILLIS,true)); "),
        Kind::Map => map("binary value (STRING)"),
        Kind::DoubleMap => map("double value"),
    }
}

/// The number without its point, in two's complement, the highest byte first.
fn unscaled(text: &str, scale: u32) -> FixedLenByteArray {
    let mut number = decimal(text);
    number.rescale(scale);
    assert_eq!(number, decimal(text), "{text} has more than {scale} digits after the point");
    ByteArray::from(number.mantissa().to_be_bytes().to_vec()).into()
}

fn microseconds(text: &str) -> i64 {
    let time = NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%SZ");
    time.unwrap_or_else(|error| panic!("{text:?} is no time: {error}")).and_utc().timestamp_micros()
}

/// Every row of the named columns as texts, in the order of the names: numbers as their shortest text, times as
/// `2026-01-31 00:00:00`, maps as JSON objects. A column that the file has not is empty.
#[must_use]
pub fn rows(path: &Path, names: &[&str]) -> Vec<Vec<Option<String>>> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    let schema = reader.metadata().file_metadata().schema();
    let fields = schema.get_fields().iter().filter(|field| names.contains(&field.name())).cloned().collect();
    let projection = Type::group_type_builder(schema.name()).with_fields(fields).build().unwrap();
    let places: Vec<Option<usize>> =
        names.iter().map(|name| projection.get_fields().iter().position(|field| field.name() == *name)).collect();
    reader
        .get_row_iter(Some(projection))
        .unwrap()
        .map(|row| {
            let row = row.unwrap();
            let texts: Vec<Option<String>> = row.get_column_iter().map(|(_, field)| text(field)).collect();
            places.iter().map(|place| place.and_then(|place| texts[place].clone())).collect()
        })
        .collect()
}

/// The names of a file's columns, in its order.
#[must_use]
pub fn columns(path: &Path) -> Vec<String> {
    let reader = SerializedFileReader::new(File::open(path).unwrap()).unwrap();
    reader.metadata().file_metadata().schema().get_fields().iter().map(|field| field.name().to_owned()).collect()
}

fn text(field: &Field) -> Option<String> {
    let time = |time: DateTime<chrono::Utc>| time.format("%Y-%m-%d %H:%M:%S%.f").to_string();
    match field {
        Field::Null => None,
        Field::Str(text) => Some(text.clone()),
        Field::Double(number) => Some(number.to_string()),
        Field::TimestampMillis(instant) => DateTime::from_timestamp_millis(*instant).map(time),
        Field::TimestampMicros(instant) => DateTime::from_timestamp_micros(*instant).map(time),
        Field::MapInternal(map) => {
            let entries = map.entries().iter().map(|(key, value)| (text(key).unwrap(), text(value).into()));
            Some(Value::Object(entries.collect::<Map<String, Value>>()).to_string())
        }
        other => Some(other.to_string()),
    }
}
