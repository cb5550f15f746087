//! The charges behind an answer, as Arrow, and the way from a charge to its source.

use std::collections::BTreeMap;

use arrow::ipc::reader::StreamReader;
use arrow::ipc::writer::StreamWriter;
use arrow::record_batch::RecordBatch;
use query::{ChargeListing, ChargeOrder, Measure, Question};
use serde::{Deserialize, Serialize};
use store::{Engagement, SourceCell, Watch};
use ts_rs::TS;

use crate::console::SqlColumn;
use crate::{ApiError, Context, asking, charge_pages, planning};

/// `rows`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct RowsRequest {
    question: Question,
    #[serde(default)]
    offset: u64,
    limit: u64,
    #[serde(default)]
    #[ts(optional = nullable)]
    order: Option<RowOrder>,
    #[serde(default)]
    #[ts(optional = nullable)]
    columns: Option<Vec<String>>,
}

/// An order of charges.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct RowOrder {
    column: String,
    descending: bool,
}

/// How many charges a question adds up.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RowsCountReply {
    /// The charges.
    pub charges: u64,
    /// What they come to, by measure.
    pub total: BTreeMap<String, Option<money::Amount>>,
}

/// `source`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct SourceRequest {
    charge: String,
}

/// A charge, the row it was made from, and how.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct SourceReply {
    /// The charge's id.
    pub charge: String,
    /// The file, with the member of an archive after `!`.
    pub file: String,
    /// The SHA-256 of the file.
    pub sha256: String,
    /// The 1-based data row.
    pub row: u64,
    /// Whether the provider's own row could be read.
    pub available: bool,
    /// The provider's own row.
    pub cells: Vec<SourceCell>,
    /// The charge's columns that have a value, and how each was made.
    pub mapped: Vec<MappedCell>,
    /// Where the row was found, or why not.
    pub message: String,
}

/// A column of a charge and how it was made.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct MappedCell {
    /// The column: a FOCUS id, or a column of the house.
    pub column: String,
    /// Its value as text.
    pub value: Option<String>,
    /// The mapping's expression, as the mapping file writes it.
    pub expression: String,
    /// The columns of the provider's row that the expression looks at, those behind a defined name included.
    pub sources: Vec<String>,
    /// Why the mapping is so.
    pub reason: Option<String>,
}

/// A page of charges as an Arrow IPC stream.
pub(crate) fn rows(context: &Context, request: &RowsRequest, watch: &Watch) -> Result<Vec<u8>, ApiError> {
    let engagement = context.engagement()?;
    let (_, listing) = listing(&engagement, &request.question, request.columns.as_deref(), request.order.as_ref())?;
    stream(&charge_pages::page(context, &engagement, &listing, request.offset, request.limit, watch)?)
}

/// The charges of a question, which is given as it was asked.
pub(crate) fn listing(
    engagement: &Engagement,
    question: &Question,
    columns: Option<&[String]>,
    order: Option<&RowOrder>,
) -> Result<(Question, ChargeListing), ApiError> {
    let order = order.map(|order| ChargeOrder { column: order.column.clone(), descending: order.descending });
    let question = asking::in_own_currency(engagement, question)?;
    let listing = ChargeListing::new(&question, columns, order.as_ref(), &*planning::with_rules(engagement)?)?;
    Ok((question, listing))
}

/// Batches as an Arrow IPC stream. No batches, no schema: an empty stream is no bytes at all.
pub(crate) fn stream(batches: &[RecordBatch]) -> Result<Vec<u8>, ApiError> {
    let Some(first) = batches.first() else { return Ok(Vec::new()) };
    let refuse =
        |error: arrow::error::ArrowError| ApiError::new("database", format!("the rows cannot be sent: {error}"), "");
    let mut writer = StreamWriter::try_new(Vec::new(), &first.schema()).map_err(refuse)?;
    for batch in batches {
        writer.write(batch).map_err(refuse)?;
    }
    writer.finish().map_err(refuse)?;
    writer.into_inner().map_err(refuse)
}

/// An Arrow IPC stream as text, for front doors that print: decimals in plain notation without trailing zeros, times in ISO 8601.
///
/// # Errors
/// When the bytes are no stream of the house.
pub fn decode(bytes: &[u8]) -> Result<TextRows, ApiError> {
    let refuse =
        |error: &dyn std::fmt::Display| ApiError::new("internal", format!("the rows cannot be read: {error}"), "");
    if bytes.is_empty() {
        return Ok(TextRows { columns: Vec::new(), rows: Vec::new() });
    }
    let reader = StreamReader::try_new(bytes, None).map_err(|error| refuse(&error))?;
    let fields = reader.schema();
    let columns = fields
        .fields()
        .iter()
        .map(|field| SqlColumn { name: field.name().clone(), kind: field.data_type().to_string() });
    let columns = columns.collect();
    let batches = reader.collect::<Result<Vec<_>, _>>().map_err(|error| refuse(&error))?;
    let plain = |value| match value {
        query::Value::Amount(amount) => Some(amount.normalized().to_string()),
        other => store::rows::text(other),
    };
    let rows = store::rows::result_set(&batches)?.into_iter().map(|row| row.into_iter().map(plain).collect()).collect();
    Ok(TextRows { columns, rows })
}

/// Rows as text.
pub struct TextRows {
    /// The columns.
    pub columns: Vec<SqlColumn>,
    /// The rows; a missing value is none.
    pub rows: Vec<Vec<Option<String>>>,
}

pub(crate) fn rows_count(context: &Context, question: &Question, watch: &Watch) -> Result<RowsCountReply, ApiError> {
    let engagement = context.engagement()?;
    let question = asking::in_own_currency(&engagement, question)?;
    let counted = Question { measures: with_count(&question.measures), ..question };
    let plan = query::plan_charges_total(&counted, &*planning::catalog(&engagement, &counted, watch)?)?;
    let result = context.run(&engagement, &plan.sql, watch)?;
    let answer = query::assemble(&plan, (*result).clone())?;
    let total =
        answer.measures.iter().zip(&answer.total).map(|(measure, cell)| (measure.name.clone(), cell.value)).collect();
    Ok(RowsCountReply { charges: answer.evidence.charges, total })
}

fn with_count(measures: &[Measure]) -> Vec<Measure> {
    let mut all = measures.to_vec();
    if !all.contains(&Measure::Charges) {
        all.push(Measure::Charges);
    }
    all
}

pub(crate) fn source(context: &Context, request: &SourceRequest) -> Result<SourceReply, ApiError> {
    let engagement = context.engagement()?;
    let found = engagement.source(&request.charge)?;
    let part = request.charge.split('.').nth(2).and_then(|part| part.parse::<usize>().ok()).unwrap_or(0);
    let mapped = found
        .charge_cells
        .iter()
        .map(|cell| {
            let column = focus::by_name(&cell.column);
            let entry = column.and_then(|column| entry(&found.mapping, column.id, part));
            let text = |key: &str| entry.and_then(|entry| entry[key].as_str()).map(str::to_owned);
            MappedCell {
                column: column.map_or_else(|| cell.column.clone(), |column| column.id.to_owned()),
                value: cell.value.clone(),
                expression: text("written").unwrap_or_default(),
                sources: entry.map(|entry| sources(&found.mapping, &entry["expression"], part)).unwrap_or_default(),
                reason: text("reason"),
            }
        })
        .collect();
    Ok(SourceReply {
        charge: found.charge,
        file: found.file,
        sha256: found.sha256,
        row: found.row,
        available: found.available,
        cells: found.cells,
        mapped,
        message: found.message,
    })
}

/// The source columns behind an expression. What is made of an object of a list is made of the list.
fn sources(mapping: &serde_json::Value, expression: &serde_json::Value, part: usize) -> Vec<String> {
    let mut found = intake::sources_of(expression);
    let list = further(mapping, part).map(|further| intake::sources_of(&further["each"])).unwrap_or_default();
    if !list.is_empty() && expression.to_string().contains("{\"item\":[") {
        found.extend(list.into_iter().filter(|name| !found.contains(name)).collect::<Vec<_>>());
    }
    found
}

/// The further part of the mapping that a charge is of.
fn further(mapping: &serde_json::Value, part: usize) -> Option<&serde_json::Value> {
    let parts = mapping["parts"].as_array().map_or(&[][..], Vec::as_slice);
    // The last part may make any number of charges.
    let last = || parts.last().filter(|last| !last["each"].is_null());
    part.checked_sub(1).and_then(|position| parts.get(position).or_else(last))
}

/// The mapping's entry for a FOCUS column: that of the further part of the row if it has one, else the general one.
fn entry<'a>(mapping: &'a serde_json::Value, id: &str, part: usize) -> Option<&'a serde_json::Value> {
    let of = |entries: &'a serde_json::Value| entries.as_array()?.iter().find(|entry| entry["target"] == id);
    let overridden = further(mapping, part).and_then(|further| of(&further["overrides"]));
    overridden.or_else(|| of(&mapping["columns"]))
}
