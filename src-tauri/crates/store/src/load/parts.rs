//! Rows that make several charges, and rows that make none.
//!
//! The number of a CSV row is its place in a table that took every row. So a file whose format has such rows is read whole into
//! `charge`, each row marked with what becomes of it: `fate`, zero for a charge, else the number of the exclusion that it fulfils;
//! `makes`, a bit for each further charge that it may make; and `cells`, the row itself where it may make one. What the marks say is done
//! afterwards, to the rows that it is about. Files that number their rows themselves are asked for those rows again, and keep no cells.

use std::fmt::Write as _;

use super::json_sql::EACH;
use super::mapping_sql::Source;
use super::stage::{Staging, count, texts};
use crate::sql::{identifier, literal};
use crate::{Result, StoreError};

/// What was left out of the charges, and whether they have the numbers of their rows.
#[derive(Default)]
pub(super) struct LeftOut {
    /// Rows of each exclusion.
    pub(super) rows: Vec<u64>,
    /// Whether `charge` has `source_row` now.
    pub(super) numbered: bool,
    /// A bit for each further charge that some row may make.
    pub(super) makes: u64,
}

impl Staging<'_> {
    /// Whether rows are marked.
    pub(super) fn marks_rows(&self) -> bool {
        !(self.mapping.parts.is_empty() && self.mapping.excluded.is_empty())
    }

    /// The condition of rows that are charges.
    pub(super) fn keep(&self, source: &Source) -> String {
        self.mapping.excluded.iter().fold("true".to_owned(), |mut sql, exclusion| {
            let _infallible = write!(sql, " AND NOT {}", source.condition(&exclusion.when));
            sql
        })
    }

    /// The marks of a row: computed in the layer below, and the columns that keep them.
    pub(super) fn marks(&self, source: &Source) -> (String, String) {
        let exclusions = self.mapping.excluded.iter().enumerate();
        let fate = exclusions.fold(String::new(), |mut sql, (place, exclusion)| {
            let _infallible = write!(sql, "WHEN {} THEN {} ", source.condition(&exclusion.when), place + 1);
            sql
        });
        let fate = if fate.is_empty() { "0".to_owned() } else { format!("CASE {fate}ELSE 0 END") };
        let keep = self.keep(source);
        let makes = self.mapping.parts.iter().enumerate().fold("0".to_owned(), |mut sql, (place, part)| {
            let when = match &part.each {
                Some(array) => format!("{} IS NOT NULL", source.text(array)),
                None => source.condition(&part.when),
            };
            let _infallible = write!(sql, " + CASE WHEN {keep} AND {when} THEN {} ELSE 0 END", 1_u64 << place);
            sql
        });
        let columns = self.relation.columns.iter().enumerate();
        let (keys, cells): (Vec<String>, Vec<String>) =
            columns.map(|(place, column)| (format!("\"c{place}\""), identifier(&column.name))).unzip();
        let keys = literal(&keys.join(vectors::KEY_SEPARATOR.encode_utf8(&mut [0; 4])));
        let cells = match self.relation.row {
            Some(_) => String::new(),
            None => format!(", CASE WHEN \"#makes\" <> 0 THEN object_of({keys}, {}) END AS cells", cells.join(", ")),
        };
        (
            format!(", ({fate})::UTINYINT AS \"#fate\", ({makes})::BIGINT AS \"#makes\""),
            format!(", \"#fate\" AS fate, \"#makes\" AS makes{cells}"),
        )
    }

    /// Does what the exclusions say, and numbers the rows if any of them is left out or makes a further charge.
    pub(super) fn leave_out(&self) -> Result<LeftOut> {
        let makes = "coalesce(bit_or(makes), 0)::BIGINT".to_owned();
        let of = |place: usize| format!("count(*) FILTER (fate = {})", place + 1);
        let counts: Vec<String> = [makes].into_iter().chain((0..self.mapping.excluded.len()).map(of)).collect();
        let found = texts(self.connection, &format!("SELECT unnest([{}])::VARCHAR FROM charge", counts.join(", ")))?;
        let found: Vec<u64> =
            found.iter().map(|row| row[0].as_deref().and_then(|count| count.parse().ok()).unwrap_or(0)).collect();
        let numbered = found.iter().any(|count| *count > 0);
        if numbered {
            if self.relation.row.is_none() {
                self.connection.execute_batch(
                    "ALTER TABLE stored ADD COLUMN source_row BIGINT; UPDATE stored SET source_row = rowid + 1;",
                )?;
            }
            self.connection.execute_batch("DELETE FROM stored WHERE fate > 0;")?;
            self.show()?;
        }
        let makes = found.first().copied().unwrap_or(0);
        Ok(LeftOut { rows: found.into_iter().skip(1).collect(), numbered, makes })
    }

    /// The rows that may make the further charge `place`, as the source had them.
    pub(super) fn marked_rows(&self, place: usize) -> String {
        let marked = format!("charge WHERE (makes >> {place}) & 1 = 1");
        if let Some(row) = self.relation.row {
            let from = &self.relation.from;
            return format!(
                "(SELECT *, {row} AS source_row FROM {from} WHERE {row} IN (SELECT source_row FROM {marked}))"
            );
        }
        let columns = self.relation.columns.iter().enumerate();
        let (kinds, cells): (Vec<String>, Vec<String>) = columns
            .map(|(at, column)| {
                (format!("\"c{at}\":\"VARCHAR\""), format!("cell.c{at} AS {}", identifier(&column.name)))
            })
            .unzip();
        format!(
            "(SELECT source_row, {} FROM (SELECT source_row, json_transform(cells, '{{{}}}') AS cell FROM {marked}))",
            cells.join(", "),
            kinds.join(", ")
        )
    }

    /// The number of a further charge in its row.
    pub(super) fn part_number(place: usize, of_array: bool) -> String {
        if of_array { format!("({place} + \"{EACH}\".position)") } else { (place + 1).to_string() }
    }

    /// # Errors
    /// A row that makes more charges than can be numbered.
    pub(super) fn check_part_numbers(&self) -> Result<()> {
        let of_arrays = self.mapping.parts.iter().any(|part| part.each.is_some());
        if of_arrays && count(self.connection, "SELECT count(*)::BIGINT FROM charge WHERE part IS NULL")? > 0 {
            let found = "row that makes more than 255 charges".to_owned();
            return Err(StoreError::Unexpected { found, expected: "list of a few credits in each row" });
        }
        Ok(())
    }
}
