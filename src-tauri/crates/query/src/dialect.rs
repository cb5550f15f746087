//! [`Dialect`]: how one engine writes the few things in which SQL engines differ.

use chrono::NaiveDate;

use crate::error::cut;
use crate::{Grain, QueryError};

/// The words of one SQL engine. Only plain sums, filters and orders are pushed down; what engines disagree on beyond these
/// methods (exact division, decimal differences' scale, regular expressions) is not used.
pub trait Dialect {
    /// A quoted name.
    fn identifier(&self, name: &str) -> String;

    /// A quoted text.
    ///
    /// # Errors
    /// [`QueryError::NulCharacter`]: no engine carries it.
    fn text(&self, text: &str) -> Result<String, QueryError>;

    /// A day.
    fn date(&self, day: NaiveDate) -> String;

    /// The first instant of a day, UTC, without a zone.
    fn midnight(&self, day: NaiveDate) -> String;

    /// The month or the day of an instant as a date, or its hour as an instant.
    fn truncated(&self, instant: &str, grain: Grain) -> String;

    /// A date moved by months, where its day is the first.
    fn months_later(&self, date: &str, months: i64) -> String;

    /// A date or an instant moved by days; `grain` says which of them it is.
    fn days_later(&self, time: &str, days: i64, grain: Grain) -> String;

    /// A date or an instant as `2018-10`, `2018-10-03` or `2018-10-03T14`.
    fn time_text(&self, time: &str, grain: Grain) -> String;

    /// The text under a key of a JSON object that lies in a text column; null where there is none.
    ///
    /// # Errors
    /// [`QueryError::NulCharacter`] for a key with a NUL character.
    fn json_text(&self, column: &str, key: &str) -> Result<String, QueryError>;

    /// Whether an expression contains a text (a literal), in any case.
    fn contains_ignoring_case(&self, expression: &str, literal: &str) -> String;

    /// Equality that takes null for equal to null.
    fn same(&self, left: &str, right: &str) -> String;

    /// A whole number of 64 bits.
    fn big_integer(&self, expression: &str) -> String;

    /// A quotient to the engine's own precision, null where the divisor is zero: good enough to rank by, never shown.
    fn approximate_quotient(&self, numerator: &str, divisor: &str) -> String;

    /// An exact decimal of the given width and scale.
    fn decimal(&self, amount: money::Amount, width: u8, scale: u8) -> String;

    /// An expression of any type as text.
    fn as_text(&self, expression: &str) -> String;

    /// An instant or a date as whole seconds since 1970.
    fn seconds(&self, time: &str) -> String;

    /// A whole number that follows from the values of some expressions and differs where they do, but for a chance of one in 2^63. It is
    /// good within one engagement, not for keeping.
    fn fingerprint(&self, expressions: &[String]) -> String;

    /// A common table expression that is computed once, however often it is read.
    fn common_table(&self, name: &str, body: &str) -> String;
}

/// DuckDB, 1.5 and 2.0: nothing here that either refuses or reads otherwise.
#[derive(Clone, Copy, Debug, Default)]
pub struct DuckDb;

impl Dialect for DuckDb {
    fn identifier(&self, name: &str) -> String {
        format!("\"{}\"", name.replace('"', "\"\""))
    }

    fn text(&self, text: &str) -> Result<String, QueryError> {
        if text.contains('\0') {
            return Err(QueryError::NulCharacter { text: cut(&text.replace('\0', "")) });
        }
        Ok(format!("'{}'", text.replace('\'', "''")))
    }

    fn date(&self, day: NaiveDate) -> String {
        format!("DATE '{}'", day.format("%Y-%m-%d"))
    }

    fn midnight(&self, day: NaiveDate) -> String {
        format!("TIMESTAMP '{} 00:00:00'", day.format("%Y-%m-%d"))
    }

    fn truncated(&self, instant: &str, grain: Grain) -> String {
        match grain {
            Grain::Month => format!("CAST(date_trunc('month', {instant}) AS DATE)"),
            Grain::Day => format!("CAST({instant} AS DATE)"),
            Grain::Hour => format!("date_trunc('hour', {instant})"),
        }
    }

    fn months_later(&self, date: &str, months: i64) -> String {
        format!("CAST({date} + INTERVAL ({months}) MONTH AS DATE)")
    }

    fn days_later(&self, time: &str, days: i64, grain: Grain) -> String {
        let moved = format!("{time} + INTERVAL ({days}) DAY");
        if grain == Grain::Hour { moved } else { format!("CAST({moved} AS DATE)") }
    }

    fn time_text(&self, time: &str, grain: Grain) -> String {
        let format = match grain {
            Grain::Month => "%Y-%m",
            Grain::Day => "%Y-%m-%d",
            Grain::Hour => "%Y-%m-%dT%H",
        };
        format!("strftime({time}, '{format}')")
    }

    fn json_text(&self, column: &str, key: &str) -> Result<String, QueryError> {
        // A JSON pointer (RFC 6901): unlike a path it can name any key.
        let pointer = self.text(&format!("/{}", key.replace('~', "~0").replace('/', "~1")))?;
        Ok(format!("json_extract_string({column}, {pointer})"))
    }

    fn contains_ignoring_case(&self, expression: &str, literal: &str) -> String {
        format!("contains(lower({expression}), lower({literal}))")
    }

    fn same(&self, left: &str, right: &str) -> String {
        format!("{left} IS NOT DISTINCT FROM {right}")
    }

    fn big_integer(&self, expression: &str) -> String {
        format!("CAST({expression} AS BIGINT)")
    }

    fn approximate_quotient(&self, numerator: &str, divisor: &str) -> String {
        format!("CAST({numerator} AS DOUBLE) / nullif(CAST({divisor} AS DOUBLE), 0)")
    }

    fn decimal(&self, amount: money::Amount, width: u8, scale: u8) -> String {
        format!("CAST('{amount}' AS DECIMAL({width},{scale}))")
    }

    fn as_text(&self, expression: &str) -> String {
        format!("CAST({expression} AS VARCHAR)")
    }

    fn seconds(&self, time: &str) -> String {
        format!("CAST(epoch_ms(CAST({time} AS TIMESTAMP)) // 1000 AS BIGINT)")
    }

    fn fingerprint(&self, expressions: &[String]) -> String {
        format!("CAST(hash({}) // 2 AS BIGINT)", expressions.join(", "))
    }

    fn common_table(&self, name: &str, body: &str) -> String {
        format!("{} AS MATERIALIZED (\n{body}\n)", self.identifier(name))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    /// What DuckDB reads back from a quoted literal or name: an independent reader of doubled quotes.
    fn unquoted(quoted: &str, quote: char) -> Option<String> {
        let inner = quoted.strip_prefix(quote)?.strip_suffix(quote)?;
        let mut result = String::new();
        let mut characters = inner.chars();
        while let Some(character) = characters.next() {
            if character == quote && characters.next() != Some(quote) {
                return None;
            }
            result.push(character);
        }
        Some(result)
    }

    proptest! {
        #[test]
        fn a_literal_reads_back_as_the_text(text in "[^\0]*") {
            prop_assert_eq!(unquoted(&DuckDb.text(&text).unwrap(), '\''), Some(text));
        }

        #[test]
        fn a_name_reads_back(name in "\\PC*") {
            prop_assert_eq!(unquoted(&DuckDb.identifier(&name), '"'), Some(name));
        }
    }

    #[test]
    fn hostile_text_stays_text() {
        assert_eq!(DuckDb.text("'; DROP TABLE charge; --").unwrap(), "'''; DROP TABLE charge; --'");
        assert_eq!(DuckDb.text("a\0b"), Err(QueryError::NulCharacter { text: "ab".into() }));
        assert_eq!(DuckDb.json_text("\"tags\"", "a/b~c'd").unwrap(), "json_extract_string(\"tags\", '/a~1b~0c''d')");
    }
}
