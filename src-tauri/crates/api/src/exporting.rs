//! Tables as files: CSV, a workbook, Parquet.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use query::{Answer, Cell, MeasureKind, Question, RowRole};
use report::xlsx::{LiveBook, PLAIN_ROWS_MAX, PlainColumn, PlainTable};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::{Engagement, ParquetColumn, ParquetType, Watch};
use ts_rs::TS;

use crate::charges::{self, RowOrder};
use crate::jobs::JobReply;
use crate::{ApiError, Context, asking};

/// The folder of the engagement for files that are given no other place.
const FOLDER: &str = "exports";
/// The most rows that are written at once.
const ROWS_MAX: usize = 1_000_000;
/// The digits that a decimal column of Parquet has in all.
const PARQUET_DIGITS: usize = 38;
/// What a spreadsheet would read as the beginning of a formula.
const FORMULA: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// What a PNG begins with.
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n";
/// The most bytes of a picture.
const PICTURE_MAX: usize = 20_000_000;

/// The form of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum ExportFormat {
    /// RFC 4180 with a header; text that a spreadsheet would take for a formula has an apostrophe before it.
    Csv,
    /// A workbook.
    Xlsx,
    /// Parquet, costs as exact decimals.
    Parquet,
}

/// Where a file goes.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct ExportTarget {
    /// The form; without it the one that the path ends with.
    #[serde(default)]
    #[ts(optional = nullable)]
    format: Option<ExportFormat>,
    /// The file; what is there is replaced. Without it a new file in the engagement's `exports/`.
    #[serde(default)]
    #[ts(optional = nullable)]
    path: Option<PathBuf>,
    /// What a new file is called, without its ending.
    #[serde(default)]
    #[ts(optional = nullable)]
    name: Option<String>,
}

/// `export_answer`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ExportAnswerRequest {
    question: Question,
    target: ExportTarget,
}

/// `export_sql`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ExportSqlRequest {
    text: String,
    target: ExportTarget,
}

/// `export_rows`: the charges behind an answer.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ExportRowsRequest {
    question: Question,
    #[serde(default)]
    #[ts(optional = nullable)]
    order: Option<RowOrder>,
    #[serde(default)]
    #[ts(optional = nullable)]
    columns: Option<Vec<String>>,
    target: ExportTarget,
}

/// The form of a picture.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum PictureFormat {
    /// Dots.
    Png,
    /// Lines and letters.
    Svg,
}

/// `export_picture`: a chart as the page has drawn it.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ExportPictureRequest {
    /// What the new file in the engagement's `exports/` is called, without its ending.
    name: String,
    format: PictureFormat,
    bytes: Vec<u8>,
}

/// A picture that was written.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ExportPictureReply {
    /// Where it lies.
    pub path: String,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
}

/// `export_table`: a table as a screen shows it, its figures exact.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ExportTableRequest {
    /// What it shows.
    title: String,
    /// Where its figures come from, a line each.
    about: Vec<String>,
    columns: Vec<ExportColumn>,
    rows: Vec<Vec<Option<String>>>,
    target: ExportTarget,
}

/// A column of a table to be written.
#[derive(Clone, Debug, Deserialize, TS)]
#[ts(export)]
pub struct ExportColumn {
    /// Its heading.
    name: String,
    /// Whether its values are figures, as plain decimals.
    figure: bool,
}

/// A file that was written.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ExportReply {
    /// Where it lies.
    pub path: String,
    /// Its form.
    pub format: ExportFormat,
    /// Its size.
    #[ts(type = "number")]
    pub bytes: u64,
    /// Its SHA-256, in hex.
    pub sha256: String,
    /// The rows below its header.
    #[ts(type = "number")]
    pub rows: u64,
}

/// `export_start`: what is to be written, as work that can be watched and stopped.
#[derive(Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Export {
    /// The answer to a question.
    Answer(ExportAnswerRequest),
    /// All that a statement gives.
    Sql(ExportSqlRequest),
    /// A table as a screen shows it.
    Table(ExportTableRequest),
    /// The charges behind an answer.
    Rows(ExportRowsRequest),
}

/// Starts writing a file. One that is stopped leaves none.
pub(crate) fn start(context: &Arc<Context>, export: Export) -> Result<JobReply, ApiError> {
    let engagement = context.engagement()?;
    let held = context.clone();
    Ok(context.jobs.start(move |watch| {
        let reply = of(&held, &engagement, export, watch)?;
        serde_json::to_value(reply).map_err(|error| ApiError::bad_request(&error))
    }))
}

/// Writes a file of the open engagement.
pub(crate) fn now(context: &Context, export: Export, watch: &Watch) -> Result<ExportReply, ApiError> {
    of(context, &*context.engagement()?, export, watch)
}

fn of(context: &Context, engagement: &Engagement, export: Export, watch: &Watch) -> Result<ExportReply, ApiError> {
    phase(watch, "Asking")?;
    match export {
        Export::Answer(request) => answer(context, engagement, &request, watch),
        Export::Sql(request) => sql(engagement, &request, watch),
        Export::Table(request) => table(engagement, request, watch),
        Export::Rows(request) => rows(engagement, &request, watch),
    }
}

/// The next step of the work, unless it was stopped.
fn phase(watch: &Watch, phase: &str) -> Result<(), ApiError> {
    if watch.is_cancelled() {
        return Err(store::StoreError::Cancelled.into());
    }
    watch.report(|progress| progress.phase = phase.to_owned());
    Ok(())
}

fn answer(
    context: &Context,
    engagement: &Engagement,
    request: &ExportAnswerRequest,
    watch: &Watch,
) -> Result<ExportReply, ApiError> {
    let question = asking::in_own_currency(engagement, &request.question)?;
    let answer = asking::answer(context, engagement, &question, watch)?;
    written(engagement, &table_of(&answer), &request.target, watch)
}

fn sql(engagement: &Engagement, request: &ExportSqlRequest, watch: &Watch) -> Result<ExportReply, ApiError> {
    let limit = u64::try_from(ROWS_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let found = engagement.console(&request.text, limit, watch)?;
    let columns = found
        .schema
        .fields()
        .iter()
        .map(|field| PlainColumn { name: field.name().clone(), is_figure: is_figure(&field.data_type().to_string()) });
    let table = PlainTable {
        title: request.target.name.clone().unwrap_or_else(|| "SQL".to_owned()),
        about: vec![request.text.clone()],
        columns: columns.collect(),
        rows: store::rows::shown(&found.batches)?,
    };
    written(engagement, &table, &request.target, watch)
}

fn rows(engagement: &Engagement, request: &ExportRowsRequest, watch: &Watch) -> Result<ExportReply, ApiError> {
    let limit = u64::try_from(ROWS_MAX).unwrap_or(u64::MAX).saturating_add(1);
    let (question, listing) =
        charges::listing(engagement, &request.question, request.columns.as_deref(), request.order.as_ref())?;
    let batches = engagement.run(&listing.page(&[], 0, limit)?, watch)?;
    let columns: Vec<PlainColumn> = batches.first().map_or_else(Vec::new, |batch| {
        let fields = batch.schema();
        let columns = fields.fields().iter().map(|field| PlainColumn {
            name: field.name().clone(),
            is_figure: is_figure(&field.data_type().to_string()),
        });
        columns.collect()
    });
    let title = "Charges".to_owned();
    let filters = question.filters.iter().map(ToString::to_string);
    let table = PlainTable { title, about: filters.collect(), columns, rows: store::rows::texts(&batches)? };
    written(engagement, &table, &request.target, watch)
}

pub(crate) fn picture(context: &Context, request: &ExportPictureRequest) -> Result<ExportPictureReply, ApiError> {
    let engagement = context.engagement()?;
    let (ending, sound) = match request.format {
        PictureFormat::Png => ("png", request.bytes.starts_with(PNG)),
        PictureFormat::Svg => ("svg", std::str::from_utf8(&request.bytes).is_ok_and(is_still_picture)),
    };
    if !sound || request.bytes.len() > PICTURE_MAX {
        return Err(ApiError::new("bad_request", "this is no picture of a chart", ""));
    }
    let path = fresh(&engagement, &request.name, ending)?;
    put(&path, &request.bytes)?;
    Ok(ExportPictureReply { path: path.to_string_lossy().into_owned(), bytes: request.bytes.len() as u64 })
}

/// Whether a text is an SVG that does nothing but show: no script, nothing that is fetched.
fn is_still_picture(text: &str) -> bool {
    let lower = text.trim_start().to_ascii_lowercase();
    lower.starts_with("<svg")
        && !["<script", "<foreignobject", "javascript:", " onload="].iter().any(|word| lower.contains(word))
}

/// Whether an Arrow type is one of exact numbers. A float stays text: it has no exact decimal.
fn is_figure(kind: &str) -> bool {
    kind.starts_with("Decimal") || kind.starts_with("Int") || kind.starts_with("UInt")
}

fn table(engagement: &Engagement, request: ExportTableRequest, watch: &Watch) -> Result<ExportReply, ApiError> {
    if let Some(row) = request.rows.iter().position(|row| row.len() != request.columns.len()) {
        return Err(ApiError::new("bad_request", format!("row {row} has not one value for each column"), ""));
    }
    let columns = request.columns.into_iter().map(|column| PlainColumn { name: column.name, is_figure: column.figure });
    let table =
        PlainTable { title: request.title, about: request.about, columns: columns.collect(), rows: request.rows };
    written(engagement, &table, &request.target, watch)
}

/// An answer as a table: its keys, its figures with those of the compared period, its share of the total.
fn table_of(answer: &Answer) -> PlainTable {
    type Pick = fn(&Cell) -> Option<money::Amount>;
    let mut figures: Vec<(String, usize, Pick)> = Vec::new();
    for (place, measure) in answer.measures.iter().enumerate() {
        figures.push((measure.name.clone(), place, |cell| cell.value));
        figures.push((format!("{}_share", measure.name), place, |cell| cell.share));
        if answer.compared_with.is_some() {
            let before = if answer.against.is_some() { "planned" } else { "previous" };
            figures.push((format!("{}_{before}", measure.name), place, |cell| cell.previous));
            figures.push((format!("{}_change", measure.name), place, |cell| cell.change));
            figures.push((format!("{}_change_ratio", measure.name), place, |cell| cell.change_ratio));
        }
    }
    let timed = answer.question.grain.is_some();
    let money =
        answer.measures.iter().any(|measure| matches!(measure.kind, MeasureKind::Currency | MeasureKind::UnitCost));
    let keys = answer.keys.iter().map(|key| PlainColumn { name: key.name.clone(), is_figure: false });
    let shown = figures.iter().map(|(name, ..)| PlainColumn { name: name.clone(), is_figure: true });
    let currency = money.then(|| PlainColumn { name: "currency".to_owned(), is_figure: false });
    let rows = answer.rows.iter().map(|row| {
        let keys = row.keys.iter().enumerate().map(|(at, key)| match (key, row.role) {
            (None, RowRole::Other) if !(timed && at == 0) => Some("(other)".to_owned()),
            (key, _) => key.clone(),
        });
        let figures =
            figures.iter().map(|(_, place, pick)| pick(row.cells.get(*place)?).map(|it| it.normalized().to_string()));
        keys.chain(figures).chain(money.then(|| Some(answer.currency.to_string()))).collect()
    });
    let mut about = vec![answer.evidence.scope.clone(), format!("Evidence {}", answer.evidence.id)];
    for (measure, cell) in answer.measures.iter().zip(&answer.total) {
        let total = cell.value.map_or_else(|| "none".to_owned(), |value| value.normalized().to_string());
        about.push(format!("Total of {}: {total}", measure.label));
    }
    about.extend(answer.evidence.definition.iter().cloned());
    about.extend(answer.notes.iter().map(|note| note.message.clone()));
    let measures = answer.measures.iter().map(|measure| measure.label.as_str()).collect::<Vec<_>>().join(", ");
    let by = answer.keys.iter().map(|key| key.label.to_lowercase()).collect::<Vec<_>>().join(", ");
    PlainTable {
        title: if by.is_empty() { measures } else { format!("{measures} by {by}") },
        about,
        columns: keys.chain(shown).chain(currency).collect(),
        rows: rows.collect(),
    }
}

fn written(
    engagement: &Engagement,
    table: &PlainTable,
    target: &ExportTarget,
    watch: &Watch,
) -> Result<ExportReply, ApiError> {
    let format = target
        .format
        .or_else(|| format_of(target.path.as_deref()?))
        .ok_or_else(|| ApiError::new("usage", "the file's ending says no form", "Name it .csv, .xlsx or .parquet."))?;
    let most = if format == ExportFormat::Xlsx { ROWS_MAX.min(PLAIN_ROWS_MAX) } else { ROWS_MAX };
    if table.rows.len() > most {
        return Err(ApiError::new(
            "too_many_rows",
            format!("the table has more than {most} rows"),
            "Narrow it by a filter or a period, or write a SELECT with LIMIT and OFFSET.",
        ));
    }
    let path = match &target.path {
        Some(path) => path.clone(),
        None => fresh(engagement, target.name.as_deref().unwrap_or(&table.title), ending_of(format))?,
    };
    phase(watch, "Writing")?;
    watch.report(|progress| progress.rows = table.rows.len() as u64);
    match format {
        ExportFormat::Csv => {
            let text = csv(table)?;
            phase(watch, "Writing")?;
            put(&path, text.as_bytes())?;
        }
        ExportFormat::Xlsx => {
            let book = report::xlsx::write_plain(table, chrono::Utc::now().date_naive())?;
            phase(watch, "Writing")?;
            put(&path, &book)?;
        }
        ExportFormat::Parquet => engagement.write_parquet(&parquet_columns(table), &table.rows, &path, watch)?,
    }
    reply(&path, format, table.rows.len())
}

/// Writes a workbook whose formulas live; `rows` is how many rows its main sheet has.
pub(crate) fn written_book(
    engagement: &Engagement,
    book: &LiveBook,
    target: &ExportTarget,
    rows: usize,
) -> Result<ExportReply, ApiError> {
    let format = target.format.or_else(|| format_of(target.path.as_deref()?)).unwrap_or(ExportFormat::Xlsx);
    if format != ExportFormat::Xlsx {
        return Err(ApiError::new("usage", "only a workbook holds formulas", "Name the file .xlsx."));
    }
    let path = match &target.path {
        Some(path) => path.clone(),
        None => fresh(engagement, target.name.as_deref().unwrap_or(&book.title), ending_of(format))?,
    };
    put(&path, &report::xlsx::write_live(book, chrono::Utc::now().date_naive())?)?;
    reply(&path, format, rows)
}

fn reply(path: &Path, format: ExportFormat, rows: usize) -> Result<ExportReply, ApiError> {
    let bytes = std::fs::read(path).map_err(|error| io(path, &error))?;
    let mut sha256 = String::new();
    for byte in Sha256::digest(&bytes) {
        // Writing to a text cannot fail.
        let _written = write!(sha256, "{byte:02x}");
    }
    Ok(ExportReply {
        path: path.to_string_lossy().into_owned(),
        format,
        bytes: bytes.len() as u64,
        sha256,
        rows: rows as u64,
    })
}

fn format_of(path: &Path) -> Option<ExportFormat> {
    match path.extension()?.to_str()?.to_ascii_lowercase().as_str() {
        "csv" => Some(ExportFormat::Csv),
        "xlsx" => Some(ExportFormat::Xlsx),
        "parquet" => Some(ExportFormat::Parquet),
        _ => None,
    }
}

const fn ending_of(format: ExportFormat) -> &'static str {
    match format {
        ExportFormat::Csv => "csv",
        ExportFormat::Xlsx => "xlsx",
        ExportFormat::Parquet => "parquet",
    }
}

/// A file in the engagement's `exports/` that is not there yet.
fn fresh(engagement: &Engagement, name: &str, ending: &str) -> Result<PathBuf, ApiError> {
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| io(&folder, &error))?;
    let name = file_name(name, "table");
    let names = std::iter::once(name.clone()).chain((2u32..).map(|number| format!("{name}-{number}")));
    let mut paths = names.map(|name| folder.join(format!("{name}.{ending}"))).take(10_000);
    paths
        .find(|path| !path.exists())
        .ok_or_else(|| ApiError::new("io", format!("{} is full", folder.display()), "Clear some of its files away."))
}

/// A text as the name of a file: letters and digits, dashes between them.
pub(crate) fn file_name(text: &str, otherwise: &str) -> String {
    let mut name = String::new();
    for letter in text.chars() {
        if letter.is_alphanumeric() {
            name.extend(letter.to_lowercase());
        } else if !name.is_empty() && !name.ends_with('-') {
            name.push('-');
        }
    }
    let name: String = name.chars().take(60).collect();
    let name = name.trim_end_matches('-');
    if name.is_empty() { otherwise.to_owned() } else { name.to_owned() }
}

/// Writes a file whole or not at all.
pub(crate) fn put(path: &Path, bytes: &[u8]) -> Result<(), ApiError> {
    let folder = path.parent().filter(|parent| !parent.as_os_str().is_empty()).unwrap_or(Path::new("."));
    let name = path.file_name().unwrap_or_default().to_string_lossy();
    let beside = folder.join(format!(".{name}.part"));
    std::fs::write(&beside, bytes).map_err(|error| io(&beside, &error))?;
    std::fs::rename(&beside, path).map_err(|error| {
        // What could not be put in its place is of no use; that it may stay is no second error.
        let _left = std::fs::remove_file(&beside);
        io(path, &error)
    })
}

pub(crate) fn io(path: &Path, error: &std::io::Error) -> ApiError {
    ApiError::new("io", format!("{}: {error}", path.display()), "Check the folder and its permissions.")
}

fn csv(table: &PlainTable) -> Result<String, ApiError> {
    let refuse = |error: &dyn std::fmt::Display| ApiError::new("io", format!("the CSV cannot be written: {error}"), "");
    let mut writer = csv::Writer::from_writer(Vec::new());
    let heads = table.columns.iter().map(|column| guarded(&column.name));
    writer.write_record(heads).map_err(|error| refuse(&error))?;
    for row in &table.rows {
        let cells = row.iter().zip(&table.columns).map(|(value, column)| match value {
            None => String::new(),
            Some(value) if column.is_figure && value.parse::<money::Amount>().is_ok() => value.clone(),
            Some(value) => guarded(value),
        });
        writer.write_record(cells).map_err(|error| refuse(&error))?;
    }
    let bytes = writer.into_inner().map_err(|error| refuse(&error))?;
    String::from_utf8(bytes).map_err(|error| refuse(&error))
}

/// Text that a spreadsheet would read as a formula, with an apostrophe before it.
fn guarded(text: &str) -> String {
    if text.starts_with(FORMULA) { format!("'{text}") } else { text.to_owned() }
}

/// A figure column is decimal where all of its values fit into one type, else text.
fn parquet_columns(table: &PlainTable) -> Vec<ParquetColumn> {
    let columns = table.columns.iter().enumerate().map(|(place, column)| {
        let values = table.rows.iter().filter_map(|row| row.get(place)?.as_deref());
        let kind = if column.is_figure { decimal_of(values) } else { ParquetType::Text };
        ParquetColumn { name: column.name.clone(), kind }
    });
    let mut columns: Vec<ParquetColumn> = columns.collect();
    // Two columns of a statement may have one name; a file's may not.
    for place in 1..columns.len() {
        let (before, rest) = columns.split_at_mut(place);
        let taken = |name: &str| before.iter().any(|column| column.name.eq_ignore_ascii_case(name));
        if taken(&rest[0].name) {
            let name = rest[0].name.clone();
            let free = (2u32..).map(|number| format!("{name}_{number}")).find(|name| !taken(name));
            rest[0].name = free.unwrap_or(name);
        }
    }
    columns
}

fn decimal_of<'a>(values: impl Iterator<Item = &'a str>) -> ParquetType {
    let (mut whole, mut scale) = (1, 0);
    for value in values {
        let digits = value.strip_prefix('-').unwrap_or(value);
        let (before, behind) = digits.split_once('.').unwrap_or((digits, ""));
        if value.parse::<money::Amount>().is_err() {
            return ParquetType::Text;
        }
        whole = whole.max(before.len());
        scale = scale.max(behind.len());
    }
    match u8::try_from(scale) {
        Ok(digits) if whole + scale <= PARQUET_DIGITS => ParquetType::Decimal(digits),
        _ => ParquetType::Text,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(rows: Vec<Vec<Option<String>>>) -> PlainTable {
        PlainTable {
            title: "T".to_owned(),
            about: Vec::new(),
            columns: vec![
                PlainColumn { name: "service".to_owned(), is_figure: false },
                PlainColumn { name: "cost".to_owned(), is_figure: true },
            ],
            rows,
        }
    }

    #[test]
    fn text_of_a_bill_is_no_formula_in_a_csv() {
        let rows = ["=1+1", "+a", "-b", "@c", "plain, quoted\"", "\u{1f600}"];
        let rows = rows.iter().map(|text| vec![Some((*text).to_owned()), Some("-1.5".to_owned())]).collect();
        let text = csv(&table(rows)).unwrap();
        assert_eq!(
            text,
            "service,cost\n'=1+1,-1.5\n'+a,-1.5\n'-b,-1.5\n'@c,-1.5\n\"plain, quoted\"\"\",-1.5\n\u{1f600},-1.5\n",
            "a figure may begin with a minus, text may not"
        );
    }

    #[test]
    fn a_column_is_decimal_where_all_of_it_fits() {
        let rows = vec![
            vec![None, Some("12345678901234567890".to_owned())],
            vec![None, Some("0.000000000000000001".to_owned())],
        ];
        assert_eq!(parquet_columns(&table(rows))[1].kind, ParquetType::Decimal(18));
        let rows = vec![
            vec![None, Some("123456789012345678901".to_owned())],
            vec![None, Some("0.000000000000000001".to_owned())],
        ];
        assert_eq!(parquet_columns(&table(rows))[1].kind, ParquetType::Text, "39 digits fit no decimal");
    }

    #[test]
    fn a_picture_shows_and_does_nothing_else() {
        assert!(is_still_picture("<svg xmlns=\"http://www.w3.org/2000/svg\"><text>&lt;b&gt;</text></svg>"));
        for text in ["<svg><script>1</script></svg>", "<svg onload=\"x\"/>", "<html/>", "<svg><foreignObject/></svg>"] {
            assert!(!is_still_picture(text), "{text}");
        }
    }

    #[test]
    fn file_names_are_plain() {
        assert_eq!(file_name("../../etc: Spend by Service!", "table"), "etc-spend-by-service");
        assert_eq!(file_name("\u{1f600}", "table"), "table");
    }
}
