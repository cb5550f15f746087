//! The functions as DuckDB knows them.

use std::error::Error;

use duckdb::Connection;
use duckdb::core::{DataChunkHandle, LogicalTypeHandle, LogicalTypeId};
use duckdb::vscalar::{ScalarFunctionSignature, VScalar};
use duckdb::vtab::arrow::WritableVector;

use crate::memory::{Column, Results};
use crate::time::{self, Spelling};
use crate::{
    KEY_SEPARATOR, Numbered, Numbers, case, currency, decimal, field, json, list, lookup, object, piece, printed, trim,
};

/// Makes the functions known to a connection:
///
/// - `plain_decimal(VARCHAR) -> DECIMAL(38,18)`: see [`crate::rounded_units`];
/// - `fits_decimal(VARCHAR, precision UTINYINT, scale UTINYINT) -> BOOLEAN`: see [`crate::fits`];
/// - `narrows_to(DECIMAL(38,18), precision UTINYINT, scale UTINYINT) -> BOOLEAN`: see [`crate::narrows`];
/// - `exact_product(DECIMAL(38,18), DECIMAL(38,18)) -> DECIMAL(38,18)`: see [`crate::product`];
/// - `is_exact_product(DECIMAL(38,18), DECIMAL(38,18)) -> BOOLEAN`: see [`crate::product_is_exact`];
/// - `object_of(keys VARCHAR, VARCHAR...) -> VARCHAR`: the JSON object of keys, each as JSON writes it and with [`KEY_SEPARATOR`]
///   between them, and as many texts; null where no text is there;
/// - `object_number(keys VARCHAR, VARCHAR...) -> UINTEGER`: the number of that object among those that `numbers` has met; null also where
///   it has no room for it;
/// - `text_number(VARCHAR) -> UINTEGER`: the number of a text in the same way;
/// - `plain_time(VARCHAR, spelling UTINYINT) -> TIMESTAMP`: see [`crate::microseconds`]; the spelling is its number;
/// - `value_of(table VARCHAR, name VARCHAR) -> VARCHAR`: what a [`crate::table_text`] has for a name;
/// - `plain_merge(pieces VARCHAR, json VARCHAR...) -> VARCHAR`: the JSON object of arrays of keys and values, as [`crate::pieces_text`]
///   names them; empty where they have no entry, null where one of them is not plain;
/// - `trimmed(VARCHAR) -> VARCHAR`: see [`crate::trimmed`];
/// - `lowered(VARCHAR) -> VARCHAR`: see [`crate::lower`];
/// - `unprinted(VARCHAR) -> VARCHAR`: JSON of what Python printed, lists and dictionaries;
/// - `has_long_number(VARCHAR) -> BOOLEAN`: whether there may be a number of more than 15 digits in it;
/// - `is_beyond_decimal(VARCHAR) -> BOOLEAN`: see [`crate::is_beyond`];
/// - `is_currency(VARCHAR) -> BOOLEAN`: see [`crate::is_currency`];
/// - `plain_holds(VARCHAR, paths VARCHAR) -> BOOLEAN`: whether it is a JSON object in which `plain_field` finds each of the paths, as
///   [`crate::paths_text`] names them;
/// - `plain_field(VARCHAR, path VARCHAR) -> VARCHAR`: the text at the end of a path in such an object;
/// - `plain_first(VARCHAR, wanted VARCHAR) -> VARCHAR`: the first value that is wanted of a JSON array, as [`crate::wanted_text`] names
///   it; empty where there is none or no array at all, null where it is not plain;
/// - `plain_sum(VARCHAR, wanted VARCHAR, precision UTINYINT, scale UTINYINT) -> VARCHAR`: the sum of all of them in the same way; null
///   also where one of them is no number that such a decimal holds exactly;
/// - `piece_of(VARCHAR, separator VARCHAR, number VARCHAR) -> VARCHAR`: see [`crate::piece`].
///
/// # Errors
/// The engine's, where it refuses a function.
pub fn register(connection: &Connection, numbers: &Numbers) -> duckdb::Result<()> {
    connection.register_scalar_function_with_state::<ObjectNumber>("object_number", &numbers.objects)?;
    connection.register_scalar_function_with_state::<TextNumber>("text_number", &numbers.texts)?;
    connection.register_scalar_function::<PlainDecimal>("plain_decimal")?;
    connection.register_scalar_function::<FitsDecimal>("fits_decimal")?;
    connection.register_scalar_function::<NarrowsTo>("narrows_to")?;
    connection.register_scalar_function::<ExactProduct>("exact_product")?;
    connection.register_scalar_function::<IsExactProduct>("is_exact_product")?;
    connection.register_scalar_function::<ObjectOf>("object_of")?;
    connection.register_scalar_function::<PlainTime>("plain_time")?;
    connection.register_scalar_function::<ValueOf>("value_of")?;
    connection.register_scalar_function::<PlainMerge>("plain_merge")?;
    connection.register_scalar_function::<Trimmed>("trimmed")?;
    connection.register_scalar_function::<Lowered>("lowered")?;
    connection.register_scalar_function::<Unprinted>("unprinted")?;
    connection.register_scalar_function::<HasLongNumber>("has_long_number")?;
    connection.register_scalar_function::<IsBeyondDecimal>("is_beyond_decimal")?;
    connection.register_scalar_function::<IsCurrency>("is_currency")?;
    connection.register_scalar_function::<PlainHolds>("plain_holds")?;
    connection.register_scalar_function::<PlainField>("plain_field")?;
    connection.register_scalar_function::<PlainFirst>("plain_first")?;
    connection.register_scalar_function::<PlainSum>("plain_sum")?;
    connection.register_scalar_function::<PieceOf>("piece_of")
}

fn text() -> LogicalTypeHandle {
    LogicalTypeHandle::from(LogicalTypeId::Varchar)
}

fn wide() -> LogicalTypeHandle {
    LogicalTypeHandle::decimal(38, 18)
}

fn small() -> LogicalTypeHandle {
    LogicalTypeHandle::from(LogicalTypeId::UTinyint)
}

fn truth() -> LogicalTypeHandle {
    LogicalTypeHandle::from(LogicalTypeId::Boolean)
}

type Done = Result<(), Box<dyn Error>>;

struct PlainDecimal;

impl VScalar for PlainDecimal {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| decimal::rounded_units(texts.get(row)?))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], wide())]
    }
}

struct FitsDecimal;

impl VScalar for FitsDecimal {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let (precision, scale) = (Column::<u8>::values(input, 1)?, Column::<u8>::values(input, 2)?);
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| Some(decimal::fits(texts.get(row)?, precision.get(row)?, scale.get(row)?)))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), small(), small()], truth())]
    }
}

struct NarrowsTo;

impl VScalar for NarrowsTo {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let numbers = Column::<i128>::values(input, 0)?;
        let (precision, scale) = (Column::<u8>::values(input, 1)?, Column::<u8>::values(input, 2)?);
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| Some(decimal::narrows(numbers.get(row)?, precision.get(row)?, scale.get(row)?)))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![wide(), small(), small()], truth())]
    }
}

struct ExactProduct;

impl VScalar for ExactProduct {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (left, right) = (Column::<i128>::values(input, 0)?, Column::<i128>::values(input, 1)?);
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| decimal::product(left.get(row)?, right.get(row)?))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![wide(), wide()], wide())]
    }
}

struct IsExactProduct;

impl VScalar for IsExactProduct {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (left, right) = (Column::<i128>::values(input, 0)?, Column::<i128>::values(input, 1)?);
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| Some(decimal::product_is_exact(left.get(row)?, right.get(row)?)))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![wide(), wide()], truth())]
    }
}

struct ObjectOf;

impl VScalar for ObjectOf {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (keys, texts) = entries(input)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, json| {
            object::json_object(json, keys.iter().zip(&texts).map(|(key, text)| (*key, text.get(row))))
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::variadic(text(), text())]
    }
}

/// The keys of objects, which are the same in every row, and the column of each.
type Entries<'a> = (Vec<&'a [u8]>, Vec<Column<'a, str>>);

fn entries(input: &DataChunkHandle) -> Result<Entries<'_>, Box<dyn Error>> {
    let mut columns =
        (0..input.num_columns()).map(|column| Column::texts(input, column)).collect::<Result<Vec<_>, _>>()?;
    if columns.is_empty() {
        return Err("the keys are missing".into());
    }
    let texts = columns.split_off(1);
    let separator = u8::try_from(KEY_SEPARATOR)?;
    let keys: Vec<&[u8]> = columns[0].get(0).unwrap_or_default().split(|byte| *byte == separator).collect();
    if keys.len() != texts.len() && !input.is_empty() {
        return Err(format!("{} keys for {} texts", keys.len(), texts.len()).into());
    }
    Ok((keys, texts))
}

struct ObjectNumber;

impl VScalar for ObjectNumber {
    type State = Numbered;

    fn invoke(numbered: &Numbered, input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (keys, texts) = entries(input)?;
        let numbers = numbered.of(input.len(), |row, json| {
            object::json_object(json, keys.iter().zip(&texts).map(|(key, text)| (*key, text.get(row))))
        });
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| numbers[row])?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::variadic(text(), LogicalTypeHandle::from(LogicalTypeId::UInteger))]
    }
}

struct TextNumber;

impl VScalar for TextNumber {
    type State = Numbered;

    fn invoke(numbered: &Numbered, input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let numbers = numbered.of(input.len(), |row, bytes| match texts.get(row) {
            Some(text) => {
                bytes.clear();
                bytes.extend_from_slice(text);
                true
            }
            None => false,
        });
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| numbers[row])?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], LogicalTypeHandle::from(LogicalTypeId::UInteger))]
    }
}

struct PlainTime;

impl VScalar for PlainTime {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (texts, spellings) = (Column::texts(input, 0)?, Column::<u8>::values(input, 1)?);
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| time::microseconds(texts.get(row)?, Spelling::of_number(spellings.get(row)?)?))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), small()], LogicalTypeHandle::from(LogicalTypeId::Timestamp))]
    }
}

struct ValueOf;

impl VScalar for ValueOf {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (tables, names) = (Column::texts(input, 0)?, Column::texts(input, 1)?);
        // The table is the same in every row.
        let table = lookup::table(tables.get(0).unwrap_or_default());
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, bytes| match names.get(row).and_then(|name| table.get(name)) {
            Some(value) => {
                bytes.clear();
                bytes.extend_from_slice(value);
                true
            }
            None => false,
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), text()], text())]
    }
}

struct PlainMerge;

impl VScalar for PlainMerge {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let columns =
            (0..input.num_columns()).map(|column| Column::texts(input, column)).collect::<Result<Vec<_>, _>>()?;
        let Some((pieces, arrays)) = columns.split_first() else { return Err("the pieces are missing".into()) };
        let pieces = json::pieces(pieces.get(0).unwrap_or_default());
        if pieces.len() != arrays.len() && !input.is_empty() {
            return Err(format!("{} pieces for {} arrays", pieces.len(), arrays.len()).into());
        }
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, text| {
            json::merge_pairs(text, pieces.iter().zip(arrays).map(|(piece, array)| (*piece, array.get(row))))
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::variadic(text(), text())]
    }
}

struct Trimmed;

impl VScalar for Trimmed {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, bytes| match texts.get(row).and_then(trim::trimmed) {
            Some(text) => {
                bytes.clear();
                bytes.extend_from_slice(text);
                true
            }
            None => false,
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], text())]
    }
}

struct Lowered;

impl VScalar for Lowered {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, bytes| match texts.get(row) {
            Some(text) => {
                case::lower(text, bytes);
                true
            }
            None => false,
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], text())]
    }
}

struct Unprinted;

impl VScalar for Unprinted {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, json| match texts.get(row) {
            Some(text) => {
                printed::unprinted(text, json);
                true
            }
            None => false,
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], text())]
    }
}

struct HasLongNumber;

impl VScalar for HasLongNumber {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| Some(json::has_long_number(texts.get(row)?)))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], truth())]
    }
}

struct IsBeyondDecimal;

impl VScalar for IsBeyondDecimal {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| Some(decimal::is_beyond(texts.get(row)?)))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], truth())]
    }
}

struct IsCurrency;

impl VScalar for IsCurrency {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let texts = Column::texts(input, 0)?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| Some(currency::is_currency(texts.get(row)?)))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text()], truth())]
    }
}

struct PlainHolds;

impl VScalar for PlainHolds {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (texts, paths) = (Column::texts(input, 0)?, Column::texts(input, 1)?);
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill(|row| Some(field::holds(texts.get(row)?, paths.get(row)?)))?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), text()], truth())]
    }
}

struct PlainField;

impl VScalar for PlainField {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (texts, paths) = (Column::texts(input, 0)?, Column::texts(input, 1)?);
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, bytes| {
            match texts.get(row).zip(paths.get(row)).and_then(|(text, path)| field::value(text, path)) {
                Some(value) => {
                    bytes.clear();
                    bytes.extend_from_slice(value);
                    true
                }
                None => false,
            }
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), text()], text())]
    }
}

struct PlainFirst;

impl VScalar for PlainFirst {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (arrays, wanted) = (Column::texts(input, 0)?, Column::texts(input, 1)?);
        // What is wanted is the same in every row.
        let reader = list::Reader::of(wanted.get(0).unwrap_or_default());
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, text| match (&reader, arrays.get(row)) {
            (Some(reader), Some(array)) => reader.first(array, text),
            (reader, _) => {
                text.clear();
                reader.is_some()
            }
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), text()], text())]
    }
}

struct PlainSum;

impl VScalar for PlainSum {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (arrays, wanted) = (Column::texts(input, 0)?, Column::texts(input, 1)?);
        let (precision, scale) = (Column::<u8>::values(input, 2)?, Column::<u8>::values(input, 3)?);
        // What is wanted is the same in every row.
        let reader = list::Reader::of(wanted.get(0).unwrap_or_default());
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, text| match (&reader, arrays.get(row), precision.get(row), scale.get(row)) {
            (Some(reader), Some(array), Some(precision), Some(scale)) => reader.sum(array, precision, scale, text),
            (reader, ..) => {
                text.clear();
                reader.is_some()
            }
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), text(), small(), small()], text())]
    }
}

struct PieceOf;

impl VScalar for PieceOf {
    type State = ();

    fn invoke((): &(), input: &mut DataChunkHandle, output: &mut dyn WritableVector) -> Done {
        let (texts, separators, numbers) =
            (Column::texts(input, 0)?, Column::texts(input, 1)?, Column::texts(input, 2)?);
        // Both are the same in every row.
        let (separator, number) = (separators.get(0).unwrap_or_default(), numbers.get(0).unwrap_or(b"0"));
        let number: i32 = std::str::from_utf8(number)?.parse()?;
        let mut results = Results::new(output.flat_vector(), input.len())?;
        Ok(results.fill_texts(|row, bytes| {
            match texts.get(row).and_then(|text| piece::piece(text, separator, number)) {
                Some(piece) => {
                    bytes.clear();
                    bytes.extend_from_slice(piece);
                    true
                }
                None => false,
            }
        })?)
    }

    fn signatures() -> Vec<ScalarFunctionSignature> {
        vec![ScalarFunctionSignature::exact(vec![text(), text(), text()], text())]
    }
}
