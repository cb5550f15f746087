//! Arrow batches as plain values.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, BooleanArray, Date32Array, Decimal128Array, Int8Array, Int16Array, Int32Array, Int64Array,
    LargeStringArray, StringArray, StringViewArray, TimestampMicrosecondArray, UInt8Array, UInt16Array, UInt32Array,
    UInt64Array,
};
use arrow::datatypes::{DataType, TimeUnit};
use arrow::record_batch::RecordBatch;
use arrow::util::display::{ArrayFormatter, FormatOptions};
use money::Amount;
use query::Value;

use crate::{Result, StoreError};

/// The rows of a result as values: text, whole numbers, exact decimals. Dates and times become ISO text.
///
/// # Errors
/// [`StoreError::Unexpected`] for a type that no statement of the house gives (a float among them).
pub fn result_set(batches: &[RecordBatch]) -> Result<Vec<Vec<Value>>> {
    let mut rows = Vec::with_capacity(batches.iter().map(RecordBatch::num_rows).sum());
    for batch in batches {
        for row in 0..batch.num_rows() {
            rows.push(batch.columns().iter().map(|column| value(column.as_ref(), row)).collect::<Result<_>>()?);
        }
    }
    Ok(rows)
}

/// The rows of a result as text, decimals in plain notation. Types that have no plain form are an error.
///
/// # Errors
/// [`StoreError::Unexpected`] as in [`result_set`].
pub fn texts(batches: &[RecordBatch]) -> Result<Vec<Vec<Option<String>>>> {
    let rows = result_set(batches)?;
    Ok(rows.into_iter().map(|row| row.into_iter().map(text).collect()).collect())
}

/// The rows of a result as a person reads them, whatever their types: for statements that the house did not write.
///
/// # Errors
/// [`StoreError::Unexpected`] when Arrow has no text for a type.
pub fn shown(batches: &[RecordBatch]) -> Result<Vec<Vec<Option<String>>>> {
    let unexpected = |error: arrow::error::ArrowError| StoreError::Unexpected {
        found: error.to_string(),
        expected: "value that can be shown",
    };
    let options = FormatOptions::default();
    let mut rows = Vec::new();
    for batch in batches {
        let shown: Vec<ArrayRef> = batch.columns().iter().map(in_utc).collect();
        let columns = shown.iter().map(|column| ArrayFormatter::try_new(column.as_ref(), &options));
        let columns = columns.collect::<std::result::Result<Vec<_>, _>>().map_err(unexpected)?;
        for row in 0..batch.num_rows() {
            let cells = batch.columns().iter().zip(&columns);
            let texts = cells.map(|(column, text)| {
                if column.is_null(row) {
                    Ok(None)
                } else {
                    text.value(row).try_to_string().map(Some).map_err(unexpected)
                }
            });
            rows.push(texts.collect::<Result<Vec<_>>>()?);
        }
    }
    Ok(rows)
}

/// A column of instants with the engine's time zone by its offset: Arrow's formatter does not know zones by name, and ours is UTC.
fn in_utc(column: &ArrayRef) -> ArrayRef {
    match (column.data_type(), column.as_any().downcast_ref::<TimestampMicrosecondArray>()) {
        (DataType::Timestamp(_, Some(_)), Some(instants)) => Arc::new(instants.clone().with_timezone("+00:00")),
        _ => column.clone(),
    }
}

/// A value as text.
#[must_use]
pub fn text(value: Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::Text(text) => Some(text),
        Value::Integer(number) => Some(number.to_string()),
        Value::Amount(amount) => Some(amount.to_string()),
    }
}

/// Takes the cell as the array type, or says what came instead.
macro_rules! cell {
    ($column:expr, $row:expr, $array:ty) => {
        match $column.as_any().downcast_ref::<$array>() {
            Some(array) => array.value($row),
            None => return Err(unexpected($column)),
        }
    };
}

fn value(column: &dyn Array, row: usize) -> Result<Value> {
    if column.is_null(row) {
        return Ok(Value::Null);
    }
    Ok(match column.data_type() {
        DataType::Utf8 => Value::Text(cell!(column, row, StringArray).to_owned()),
        DataType::LargeUtf8 => Value::Text(cell!(column, row, LargeStringArray).to_owned()),
        DataType::Utf8View => Value::Text(cell!(column, row, StringViewArray).to_owned()),
        DataType::Boolean => Value::Text(cell!(column, row, BooleanArray).to_string()),
        DataType::Int8 => Value::Integer(cell!(column, row, Int8Array).into()),
        DataType::Int16 => Value::Integer(cell!(column, row, Int16Array).into()),
        DataType::Int32 => Value::Integer(cell!(column, row, Int32Array).into()),
        DataType::Int64 => Value::Integer(cell!(column, row, Int64Array)),
        DataType::UInt8 => Value::Integer(cell!(column, row, UInt8Array).into()),
        DataType::UInt16 => Value::Integer(cell!(column, row, UInt16Array).into()),
        DataType::UInt32 => Value::Integer(cell!(column, row, UInt32Array).into()),
        DataType::UInt64 => Value::Amount(amount(cell!(column, row, UInt64Array).into(), 0)?),
        DataType::Decimal128(_, scale) => {
            let scale = u8::try_from(*scale).map_err(|_| unexpected(column))?;
            Value::Amount(amount(cell!(column, row, Decimal128Array), scale)?)
        }
        DataType::Date32 => {
            let days = cell!(column, row, Date32Array);
            let date = chrono::NaiveDate::from_num_days_from_ce_opt(days.saturating_add(719_163));
            Value::Text(date.ok_or_else(|| unexpected(column))?.to_string())
        }
        DataType::Timestamp(TimeUnit::Microsecond, _) => {
            let micros = cell!(column, row, TimestampMicrosecondArray);
            let instant = chrono::DateTime::from_timestamp_micros(micros).ok_or_else(|| unexpected(column))?;
            Value::Text(instant.format("%Y-%m-%dT%H:%M:%SZ").to_string())
        }
        _ => return Err(unexpected(column)),
    })
}

fn amount(units: i128, scale: u8) -> Result<Amount> {
    Amount::new(units, scale)
        .map_err(|error| StoreError::Unexpected { found: error.to_string(), expected: "decimal of at most 38 digits" })
}

fn unexpected(column: &dyn Array) -> StoreError {
    StoreError::Unexpected { found: column.data_type().to_string(), expected: "text, whole number, decimal or time" }
}
