//! The SQL console: whatever a person types, read-only.

use arrow::record_batch::RecordBatch;

use crate::sql::literal;
use crate::{Engagement, Result, StoreError, Watch};

impl Engagement {
    /// Runs one SELECT that a person wrote. It cannot write, attach, load extensions, or read files outside the engagement.
    ///
    /// # Errors
    /// [`StoreError::NotReadOnly`] for anything but one SELECT; [`StoreError::Database`] with DuckDB's word on bad SQL.
    pub fn console(&self, text: &str, limit: u64, watch: &Watch) -> Result<Vec<RecordBatch>> {
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
                Some("parser") => StoreError::Database { message: reason },
                _ => StoreError::NotReadOnly { reason },
            });
        }
        if let Some(name) = changing_function(&parsed["statements"]) {
            return Err(StoreError::NotReadOnly { reason: format!("{name} does more than give rows") });
        }
        match parsed["statements"].as_array().map(Vec::len) {
            Some(1) => self.run(&format!("SELECT * FROM (\n{statement}\n) AS console LIMIT {limit}"), watch),
            _ => Err(StoreError::NotReadOnly { reason: "it holds several statements".to_owned() }),
        }
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
