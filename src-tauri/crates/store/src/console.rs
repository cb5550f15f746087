//! The SQL console: whatever a person types, read-only.

use arrow::datatypes::SchemaRef;
use arrow::record_batch::RecordBatch;

use crate::sql::literal;
use crate::{Engagement, Result, StoreError, Watch};

/// What a statement gave. The columns are known where there is no row, too.
#[derive(Clone, Debug)]
pub struct ConsoleRows {
    /// The columns.
    pub schema: SchemaRef,
    /// The rows.
    pub batches: Vec<RecordBatch>,
}

impl Engagement {
    /// Runs one SELECT that a person wrote. It cannot write, attach, load extensions, or read files outside the engagement.
    ///
    /// # Errors
    /// [`StoreError::NotReadOnly`] for anything but one SELECT; [`StoreError::Statement`] with DuckDB's word on bad SQL, and where in
    /// the statement it is bad.
    pub fn console(&self, text: &str, limit: u64, watch: &Watch) -> Result<ConsoleRows> {
        let statement = text.trim().trim_end_matches(';').trim_end();
        if statement.is_empty() {
            return Err(StoreError::NotReadOnly { reason: "there is no statement".to_owned() });
        }
        if statement.contains('\0') {
            return Err(StoreError::NotReadOnly { reason: "it holds a NUL character".to_owned() });
        }
        // DuckDB's own parser says what it is: it serialises SELECT statements and nothing else.
        let parsed = self.texts(&format!("SELECT json_serialize_sql({})", literal(statement)))?;
        let parsed = parsed.first().and_then(|row| row.first().cloned().flatten()).unwrap_or_default();
        let parsed: serde_json::Value = serde_json::from_str(&parsed).unwrap_or_default();
        if parsed["error"] == serde_json::Value::Bool(true) {
            let reason = parsed["error_message"].as_str().unwrap_or("it is not SQL").to_owned();
            return Err(match parsed["error_type"].as_str() {
                Some("parser") => {
                    let offset = parsed["position"].as_str().and_then(|position| position.parse::<usize>().ok());
                    let place = offset.and_then(|offset| place_of(text, start_of(text, statement) + offset));
                    StoreError::Statement { message: reason, suggestion: String::new(), place }
                }
                _ => StoreError::NotReadOnly { reason },
            });
        }
        if let Some(name) = changing_function(&parsed["statements"]) {
            return Err(StoreError::NotReadOnly { reason: format!("{name} does more than give rows") });
        }
        match parsed["statements"].as_array().map(Vec::len) {
            Some(1) => self
                .database
                .query_with_schema(
                    &format!("{}SELECT * FROM (\n{statement}\n) AS console LIMIT {limit}", self.views(statement)?),
                    watch,
                )
                .map(|(schema, batches)| ConsoleRows { schema, batches })
                .map_err(|error| told(error, text, statement)),
            _ => Err(StoreError::NotReadOnly { reason: "it holds several statements".to_owned() }),
        }
    }
}

/// The columns of `daily` beside the day, and what it sums.
const DAILY_KEYS: [&str; 13] = [
    "provider",
    "billing_account_id",
    "billing_account_name",
    "sub_account_id",
    "sub_account_name",
    "service_name",
    "service_category",
    "region_id",
    "charge_category",
    "charge_class",
    "pricing_category",
    "invoice_id",
    "billing_currency",
];
const DAILY_SUMS: [&str; 4] = ["billed_cost", "effective_cost", "contracted_cost", "list_cost"];

impl Engagement {
    /// The views that a statement may name, as a clause before it, each only where its name occurs. They are the documented face of
    /// tables that may change: `charges`, `daily`, `loads`, `allocated`.
    fn views(&self, statement: &str) -> Result<String> {
        let statement = statement.to_lowercase();
        let mut views = Vec::new();
        let mut view = |name: &str, definition: String| {
            if statement.contains(name) {
                views.push(format!("{name} AS NOT MATERIALIZED ({definition})"));
            }
        };
        view("charges", format!("SELECT * FROM {}", crate::schema::CHARGES));
        view(
            "loads",
            "SELECT load.*, currency, charges, billed_cost, effective_cost, contracted_cost, list_cost
             FROM load JOIN load_total USING (load_id)"
                .to_owned(),
        );
        view("allocated", "SELECT * FROM allocation".to_owned());
        view("daily", self.daily()?);
        Ok(if views.is_empty() { String::new() } else { format!("WITH {} ", views.join(", ").replace('\n', " ")) })
    }

    /// Costs by day, from the day cube where the engagement keeps one that has the columns.
    fn daily(&self) -> Result<String> {
        let catalog = self.catalog()?;
        let cube = catalog
            .tables
            .iter()
            .find(|table| table.name == "cube_day" && DAILY_KEYS.iter().all(|key| table.columns.contains(*key)));
        let (table, day, count) = match cube {
            Some(cube) => (cube.name.as_str(), "day", "CAST(sum(charges) AS BIGINT)"),
            None => (crate::schema::CHARGES, "CAST(charge_period_start AS DATE)", "count(*)"),
        };
        let sums = DAILY_SUMS.map(|column| format!("sum({column}) AS {column}")).join(", ");
        let keys = DAILY_KEYS.join(", ");
        Ok(format!("SELECT {day} AS day, {keys}, {sums}, {count} AS charges FROM {table} GROUP BY ALL"))
    }
}

/// How many bytes of `text` lie before the statement in it.
fn start_of(text: &str, statement: &str) -> usize {
    text.find(statement).unwrap_or(0)
}

/// The 1-based line and column, in characters, of a byte of the text.
fn place_of(text: &str, offset: usize) -> Option<(u32, u32)> {
    let before = text.get(..offset)?;
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    Some((u32::try_from(line).ok()?, u32::try_from(column).ok()?))
}

/// DuckDB's words on a statement that it could not run, taken apart: what is wrong, what it suggests, and where. Its own picture of
/// the place (a line of the statement, and below it a caret) counts the line that was put before the statement.
fn told(error: StoreError, text: &str, statement: &str) -> StoreError {
    let StoreError::Database { message } = &error else { return error };
    if error.is_fatal() {
        return error;
    }
    let (words, picture) = match message.split_once("\n\nLINE ") {
        Some((words, picture)) => (words, Some(picture)),
        None => (message.as_str(), None),
    };
    let (what, suggestion) = words.split_once('\n').unwrap_or((words, ""));
    // `Binder Error: ` tells a person nothing.
    let what = match what.split_once(" Error: ") {
        Some((kind, rest)) if kind.chars().all(|letter| letter.is_ascii_alphabetic() || letter == ' ') => rest,
        _ => what,
    };
    let place = picture.and_then(|picture| {
        let (head, caret) = picture.split_once('\n')?;
        let (number, shown) = head.split_once(": ")?;
        let line: usize = number.parse::<usize>().ok()?.checked_sub(2)?;
        let prefix = "LINE ".len() + number.len() + ": ".len();
        let caret = caret.chars().take_while(|letter| *letter == ' ').count().checked_sub(prefix)?;
        // A long line is shown in part, with dots where it goes on.
        let cut = shown.starts_with("...");
        let kept = shown.trim_start_matches("...").trim_end_matches("...");
        let caret = if cut { caret.checked_sub(3)? } else { caret };
        let found = statement.lines().nth(line)?.find(kept)?;
        let column = statement.lines().nth(line)?.get(..found)?.chars().count() + caret + 1;
        // What stands before the statement in the text moves its first line along.
        let (first_line, first_column) = place_of(text, start_of(text, statement))?;
        let column = u32::try_from(column).ok()? + if line == 0 { first_column - 1 } else { 0 };
        Some((u32::try_from(line).ok()? + first_line, column))
    });
    StoreError::Statement {
        message: what.trim().to_owned(),
        suggestion: suggestion.replace('\n', " ").trim().to_owned(),
        place,
    }
}

/// A function of the parsed statement that does something beside giving rows: switches logging or profiling, writes the file, or runs
/// a statement that lies in a text.
fn changing_function(parsed: &serde_json::Value) -> Option<&str> {
    match parsed {
        serde_json::Value::Array(nodes) => nodes.iter().find_map(changing_function),
        serde_json::Value::Object(fields) => {
            let called = fields.get("function_name").and_then(serde_json::Value::as_str).filter(|name| {
                let name = name.to_ascii_lowercase();
                let switches =
                    ["enable_", "disable_", "truncate_", "write_log"].iter().any(|start| name.starts_with(start));
                switches || name.ends_with("checkpoint") || name == "query" || name == "json_execute_serialized_sql"
            });
            called.or_else(|| fields.values().find_map(changing_function))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_binder(message: &str, text: &str) -> (String, String, Option<(u32, u32)>) {
        let statement = text.trim().trim_end_matches(';').trim_end();
        match told(StoreError::Database { message: message.to_owned() }, text, statement) {
            StoreError::Statement { message, suggestion, place } => (message, suggestion, place),
            other => panic!("{other}"),
        }
    }

    #[test]
    fn a_bad_name_is_told_with_its_place() {
        let message = "Binder Error: Referenced column \"nope\" not found in FROM clause!\nCandidate bindings: \"part\"\n\nLINE 3: billed_cost, nope FROM charge\n                     ^";
        let told = of_binder(message, "  SELECT\nbilled_cost, nope FROM charge ;");
        assert_eq!(told.0, "Referenced column \"nope\" not found in FROM clause!");
        assert_eq!(told.1, "Candidate bindings: \"part\"");
        assert_eq!(told.2, Some((2, 14)), "the line put before the statement is not counted");
    }

    #[test]
    fn the_first_line_is_moved_by_what_stands_before_it() {
        let message = "Catalog Error: Table with name nope does not exist!\n\nLINE 2: FROM nope\n             ^";
        assert_eq!(of_binder(message, "\n  FROM nope").2, Some((2, 8)));
        assert_eq!(of_binder("Conversion Error: Could not convert", "SELECT 1").2, None, "not every error has a place");
    }

    #[test]
    fn places_count_characters() {
        assert_eq!(place_of("SELECT 'é' FORM", "SELECT 'é' ".len()), Some((1, 12)));
    }
}
