//! The one place that touches the engine's memory. What it hands out is safe: every type is checked against the vector's own, every
//! row against the length of the chunk, and the value of a null is never looked at.
#![expect(unsafe_code, reason = "DuckDB hands its vectors over as raw memory")]

use std::marker::PhantomData;

use duckdb::core::{DataChunkHandle, FlatVector, Inserter, LogicalTypeHandle, LogicalTypeId};
use duckdb::ffi::{duckdb_string_t, duckdb_string_t_data, duckdb_string_t_length};

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
    vector: FlatVector<'a>,
    rows: usize,
    kind: PhantomData<T>,
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
        let vector = chunk.flat_vector(column);
        if !fits(&vector.logical_type()) || chunk.len() > vector.capacity() {
            return Err(format!("argument {column} is of another type"));
        }
        Ok(Self { vector, rows: chunk.len(), kind: PhantomData })
    }

    fn has_value(&self, row: usize) -> bool {
        row < self.rows && !self.vector.row_is_null(row as u64)
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
            let text = self.vector.as_mut_ptr::<duckdb_string_t>().add(row);
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
        self.has_value(row).then(|| unsafe { self.vector.as_mut_ptr::<T>().add(row).read_unaligned() })
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
        for row in 0..self.rows {
            match value(row) {
                // SAFETY: the vector's type is that of the value, and it has room for every row.
                Some(value) => unsafe { self.vector.as_mut_ptr::<T>().add(row).write_unaligned(value) },
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
        let mut bytes = Vec::new();
        for row in 0..self.rows {
            if text(row, &mut bytes) {
                self.vector.insert(row, bytes.as_slice());
            } else {
                self.vector.set_null(row);
            }
        }
        Ok(())
    }
}
