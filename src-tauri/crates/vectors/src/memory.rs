//! The one place that touches the engine's memory. What it hands out is safe: every type is checked against the vector's own, every
//! row against the length of the chunk, and the value of a null is never looked at.
#![expect(unsafe_code, reason = "DuckDB hands its vectors over as raw memory")]

use std::marker::PhantomData;

use duckdb::core::{DataChunkHandle, FlatVector, Inserter, LogicalTypeHandle, LogicalTypeId};
use duckdb::ffi::{
    duckdb_data_chunk_get_vector, duckdb_string_t, duckdb_string_t__bindgen_ty_1,
    duckdb_string_t__bindgen_ty_1__bindgen_ty_2, duckdb_string_t_data, duckdb_string_t_length, duckdb_vector_get_data,
    duckdb_vector_get_validity,
};

/// A type whose values lie in a vector as they are in Rust.
pub(crate) trait Fixed: Copy {
    /// Whether a vector of this logical type holds such values.
    fn is_in(kind: &LogicalTypeHandle) -> bool;
}

impl Fixed for u8 {
    fn is_in(kind: &LogicalTypeHandle) -> bool {
        kind.id() == LogicalTypeId::UTinyint
    }
}

/// A decimal of more than 18 digits, in units of its last one.
impl Fixed for i128 {
    fn is_in(kind: &LogicalTypeHandle) -> bool {
        kind.id() == LogicalTypeId::Decimal && kind.decimal_width() > 18
    }
}

/// A number without a sign.
impl Fixed for u32 {
    fn is_in(kind: &LogicalTypeHandle) -> bool {
        kind.id() == LogicalTypeId::UInteger
    }
}

/// A point in time, in microseconds.
impl Fixed for i64 {
    fn is_in(kind: &LogicalTypeHandle) -> bool {
        kind.id() == LogicalTypeId::Timestamp
    }
}

/// Truth values are one byte each.
impl Fixed for bool {
    fn is_in(kind: &LogicalTypeHandle) -> bool {
        kind.id() == LogicalTypeId::Boolean
    }
}

/// A column of the input.
pub(crate) struct Column<'a, T: ?Sized> {
    /// Where its values begin.
    data: *mut u8,
    /// A bit for each row, from the lowest of the first number on: whether it has a value. None where every row has one.
    valid: Option<&'a [u64]>,
    rows: usize,
    kind: PhantomData<&'a T>,
}

impl<'a, T: ?Sized> Column<'a, T> {
    fn checked(
        chunk: &'a DataChunkHandle,
        column: usize,
        fits: impl Fn(&LogicalTypeHandle) -> bool,
    ) -> Result<Self, String> {
        if column >= chunk.num_columns() {
            return Err(format!("there is no argument {column}"));
        }
        let (vector, rows) = (chunk.flat_vector(column), chunk.len());
        if !fits(&vector.logical_type()) || rows > vector.capacity() {
            return Err(format!("argument {column} is of another type"));
        }
        // SAFETY: the chunk is alive and has the column. A mask that is there has a bit for each row of the vector, and more than the
        // chunk has rows; neither it nor the values move until the call of the function is over, which the chunk outlives.
        let (data, valid) = unsafe {
            let vector = duckdb_data_chunk_get_vector(chunk.get_ptr(), column as u64);
            let mask = duckdb_vector_get_validity(vector);
            let valid = (!mask.is_null()).then(|| std::slice::from_raw_parts(mask, rows.div_ceil(64)));
            (duckdb_vector_get_data(vector).cast::<u8>(), valid)
        };
        Ok(Self { data, valid, rows, kind: PhantomData })
    }

    fn has_value(&self, row: usize) -> bool {
        row < self.rows && self.valid.is_none_or(|bits| (bits[row / 64] >> (row % 64)) & 1 == 1)
    }
}

impl<'a> Column<'a, str> {
    /// The texts of an argument.
    pub(crate) fn texts(chunk: &'a DataChunkHandle, column: usize) -> Result<Self, String> {
        Self::checked(chunk, column, |kind| kind.id() == LogicalTypeId::Varchar)
    }

    /// The text of a row, in UTF-8.
    pub(crate) fn get(&self, row: usize) -> Option<&'a [u8]> {
        if !self.has_value(row) {
            return None;
        }
        // SAFETY: the vector is one of texts, the row is one of the chunk and not null, so there is a sound text; the bytes lie
        // in the vector itself or in its heap, and stay until the call of the function is over, which the chunk outlives.
        unsafe {
            let text = self.data.cast::<duckdb_string_t>().add(row);
            let length = duckdb_string_t_length(*text) as usize;
            Some(std::slice::from_raw_parts(duckdb_string_t_data(text).cast::<u8>(), length))
        }
    }
}

impl<'a, T: Fixed> Column<'a, T> {
    /// The values of an argument.
    pub(crate) fn values(chunk: &'a DataChunkHandle, column: usize) -> Result<Self, String> {
        Self::checked(chunk, column, T::is_in)
    }

    /// The value of a row.
    pub(crate) fn get(&self, row: usize) -> Option<T> {
        // SAFETY: the vector's type is that of the value, and the row is one of the chunk and not null, so it was written.
        self.has_value(row).then(|| unsafe { self.data.cast::<T>().add(row).read_unaligned() })
    }
}

/// Where the results go.
pub(crate) struct Results<'a> {
    vector: FlatVector<'a>,
    rows: usize,
}

impl<'a> Results<'a> {
    /// Room for as many results as there are rows.
    pub(crate) fn new(vector: FlatVector<'a>, rows: usize) -> Result<Self, String> {
        if rows > vector.capacity() {
            return Err(format!("{rows} rows do not fit {}", vector.capacity()));
        }
        Ok(Self { vector, rows })
    }

    /// One result for each row.
    pub(crate) fn fill<T: Fixed>(&mut self, mut value: impl FnMut(usize) -> Option<T>) -> Result<(), String> {
        if !T::is_in(&self.vector.logical_type()) {
            return Err("the result is of another type".to_owned());
        }
        // SAFETY: only the place is asked for.
        let data = unsafe { self.vector.as_mut_ptr::<T>() };
        for row in 0..self.rows {
            match value(row) {
                // SAFETY: the vector's type is that of the value, and it has room for every row.
                Some(value) => unsafe { data.add(row).write_unaligned(value) },
                None => self.vector.set_null(row),
            }
        }
        Ok(())
    }

    /// One text for each row; `text` writes it and says whether there is one.
    pub(crate) fn fill_texts(&mut self, mut text: impl FnMut(usize, &mut Vec<u8>) -> bool) -> Result<(), String> {
        if self.vector.logical_type().id() != LogicalTypeId::Varchar {
            return Err("the result is no text".to_owned());
        }
        // SAFETY: only the place is asked for.
        let data = unsafe { self.vector.as_mut_ptr::<duckdb_string_t>() };
        let mut bytes = Vec::new();
        for row in 0..self.rows {
            if text(row, &mut bytes) {
                match short_text(&bytes) {
                    // SAFETY: the vector is one of texts, it has room for every row, and a short text lies in the vector itself.
                    Some(short) => unsafe { data.add(row).write(short) },
                    None => self.vector.insert(row, bytes.as_slice()),
                }
            } else {
                self.vector.set_null(row);
            }
        }
        Ok(())
    }
}

/// A text of up to twelve bytes, as the engine has it. It was cut out of texts, or put together from them, at characters of one byte,
/// so it is sound UTF-8.
fn short_text(bytes: &[u8]) -> Option<duckdb_string_t> {
    const SHORT: usize = 12;
    if bytes.len() > SHORT {
        return None;
    }
    let mut inlined = [0; SHORT];
    inlined.iter_mut().zip(bytes).for_each(|(to, from)| *to = from.cast_signed() as std::ffi::c_char);
    let length = u32::try_from(bytes.len()).ok()?;
    Some(duckdb_string_t {
        value: duckdb_string_t__bindgen_ty_1 {
            inlined: duckdb_string_t__bindgen_ty_1__bindgen_ty_2 { length, inlined },
        },
    })
}
