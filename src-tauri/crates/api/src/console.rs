//! The SQL console.

use serde::{Deserialize, Serialize};
use store::Watch;
use ts_rs::TS;

use crate::{ApiError, Context, charges};

/// `sql`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct SqlRequest {
    pub(crate) text: String,
    pub(crate) limit: u64,
}

/// The rows of a statement, everything as text.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct SqlReply {
    /// The columns.
    pub columns: Vec<SqlColumn>,
    /// The rows.
    pub rows: Vec<Vec<Option<String>>>,
    /// Whether there are more rows than asked for.
    pub truncated: bool,
}

/// A column of a statement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct SqlColumn {
    /// The name.
    pub name: String,
    /// The Arrow type.
    #[serde(rename = "type")]
    pub kind: String,
}

pub(crate) fn sql(context: &Context, request: &SqlRequest, watch: &Watch) -> Result<SqlReply, ApiError> {
    let engagement = context.engagement()?;
    let found = engagement.console(&request.text, request.limit.saturating_add(1), watch)?;
    let columns = found.schema.fields().iter();
    let columns =
        columns.map(|field| SqlColumn { name: field.name().clone(), kind: field.data_type().to_string() }).collect();
    let mut rows = store::rows::shown(&found.batches)?;
    let wanted = usize::try_from(request.limit).unwrap_or(usize::MAX);
    let truncated = rows.len() > wanted;
    rows.truncate(wanted);
    Ok(SqlReply { columns, rows, truncated })
}

pub(crate) fn sql_arrow(context: &Context, request: &SqlRequest, watch: &Watch) -> Result<Vec<u8>, ApiError> {
    charges::stream(&context.engagement()?.console(&request.text, request.limit, watch)?.batches)
}
