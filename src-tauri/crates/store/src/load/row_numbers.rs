//! Which row of the file a charge is of, and the rows that are no CSV.

use std::path::Path;

use super::csv_shape::{self, CsvShape};
use super::refusing::{refused, unfit};
use super::stage::{REJECTS_KEPT_MAX, Staging, count, texts};
use super::unpack::Unfit;
use crate::Result;
use crate::sql::literal;

impl Staging<'_> {
    /// Moves what the CSV reader set aside into `reject`, and notes how the numbers of the later rows move on.
    pub(super) fn take_ragged_rows(&self, path: &Path, shape: &CsvShape) -> Result<u64, Unfit> {
        // One row can break in several places: the first is told.
        let sql = "SELECT min(byte_position)::BIGINT::VARCHAR, any_value(error_type)::VARCHAR, left(any_value(csv_line), 300), \
                          any_value(column_name)
                   FROM (SELECT line, coalesce(byte_position, line_byte_position) AS byte_position, error_type, csv_line, column_name
                         FROM reject_errors) GROUP BY line ORDER BY 1::BIGINT";
        let ragged = texts(self.connection, &sql.replace("ORDER BY 1::BIGINT", "ORDER BY min(byte_position)"))
            .map_err(|error| refused(&error))?;
        if ragged.is_empty() {
            return Ok(0);
        }
        let offsets: Vec<u64> = ragged
            .iter()
            .map(|row| row[0].as_deref().and_then(|at| at.parse::<u64>().ok()).unwrap_or(1).saturating_sub(1))
            .collect();
        let numbers = csv_shape::rows_at(path, shape, &offsets)
            .map_err(|problem| unfit(problem, "Load it again when nothing writes to it."))?;
        let mut rejects = Vec::new();
        for (row, number) in ragged.iter().zip(&numbers).take(REJECTS_KEPT_MAX as usize) {
            let reason = match row[1].as_deref() {
                Some("MISSING COLUMNS") => "the row has fewer fields than the header",
                Some("TOO MANY COLUMNS") => "the row has more fields than the header",
                Some("UNQUOTED VALUE") => "a quoted field is not closed, or goes on after its quote",
                Some("LINE SIZE OVER MAXIMUM") => "the row is longer than 16 MiB",
                _ => "the row is no CSV",
            };
            rejects.push(format!(
                "({number}, NULL, {}, {}, false)",
                row[2].as_deref().map_or("NULL".to_owned(), literal),
                literal(reason)
            ));
        }
        // Accepted row k of the table is row k + (rejects before it) of the file.
        let shifts: Vec<String> = numbers
            .iter()
            .enumerate()
            .map(|(before, number)| format!("({}, {})", number - before as u64, before + 1))
            .collect();
        let statements = format!(
            "INSERT INTO reject VALUES {};
             INSERT INTO reject_shift SELECT first_row, max(shift) FROM (VALUES {}) AS list (first_row, shift) GROUP BY first_row;",
            rejects.join(", "),
            shifts.join(", ")
        );
        self.connection.execute_batch(&statements).map_err(|error| refused(&error.into()))?;
        Ok(ragged.len() as u64)
    }

    /// Gives every charge the number of its row in the file. `numbered`: whether it has one already, of the rows that the reader
    /// took.
    pub(super) fn name_rows(&self, numbered: bool) -> Result<()> {
        if !numbered {
            // Nothing was left out so far, so the place in the table is the place in the file; ragged rows shift it.
            self.connection.execute_batch("ALTER TABLE stored ADD COLUMN source_row BIGINT;")?;
            let shifted = count(self.connection, "SELECT count(*)::BIGINT FROM reject_shift")? > 0;
            let row = if shifted {
                "UPDATE stored SET source_row = numbered.row + coalesce(numbered.shift, 0)
                 FROM (SELECT place.id AS id, place.row AS row, reject_shift.shift AS shift
                       FROM (SELECT rowid AS id, rowid + 1 AS row FROM charge) AS place
                       ASOF LEFT JOIN reject_shift ON place.row >= reject_shift.first_row) AS numbered
                 WHERE stored.rowid = numbered.id;"
            } else {
                "UPDATE stored SET source_row = rowid + 1;"
            };
            self.connection.execute_batch(row)?;
            self.show()?;
        } else if count(self.connection, "SELECT count(*)::BIGINT FROM reject_shift")? > 0 {
            self.connection.execute_batch(
                "UPDATE stored SET source_row = numbered.row + numbered.shift
                 FROM (SELECT DISTINCT place.source_row AS row, reject_shift.shift AS shift
                       FROM charge AS place ASOF JOIN reject_shift ON place.source_row >= reject_shift.first_row) AS numbered
                 WHERE stored.source_row = numbered.row;",
            )?;
        }
        Ok(())
    }
}
