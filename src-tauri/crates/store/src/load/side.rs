//! Staging of a dataset beside Cost and Usage: every value read as text and cast by the kind of its column.
//!
//! These files are small next to bills, so their decimals are `DECIMAL(38,18)` throughout and every check is a statement of its
//! own.

use std::path::Path;

use duckdb::Connection;
use focus::Kind;
use intake::{SideColumn, SideFile};
use serde::{Deserialize, Serialize};

use crate::DecimalType;
use crate::Result;
use crate::sql::{identifier, literal, literals};

/// The rows of one dataset that were staged, in table `side` of the staging database.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(crate) struct SideStaged {
    /// The dataset's name.
    pub(crate) dataset: String,
    pub(crate) units: Vec<SideUnit>,
}

/// The rows that a later delivery replaces together.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) struct SideUnit {
    /// Whose dataset it is.
    pub(crate) owner: String,
    /// Empty where the dataset is not one for each billing account.
    pub(crate) account: String,
    /// `YYYY-MM-DD`, where the dataset is delivered by billing period.
    pub(crate) period: Option<String>,
    pub(crate) rows: u64,
}

/// What staging said.
pub(crate) struct SideOutcome {
    pub(crate) staged: SideStaged,
    /// Rows of the file, the refused ones included.
    pub(crate) rows: u64,
    pub(crate) rejected: u64,
    /// Values with more decimals than are kept, by column.
    pub(crate) rounded: Vec<(String, u64)>,
}

/// Where the rows are.
pub(crate) enum SideRows<'a> {
    /// A CSV file with a header.
    Csv { path: &'a Path, delimiter: u8 },
    /// A relation in SQL, and the SQL of its 1-based row.
    Relation { from: &'a str, row: &'a str },
}

/// Texts that are no value, besides the empty one.
const NULL_TOKENS: [&str; 4] = ["", "NULL", "null", "\\N"];

/// Stages a file into table `side`, and what was refused into `reject`. `provider` is whose it is where the file does not say.
pub(crate) fn stage(
    connection: &Connection,
    rows: &SideRows,
    file: &SideFile,
    provider: Option<&str>,
) -> Result<SideOutcome> {
    let read = match rows {
        SideRows::Csv { path, delimiter } => read_csv(connection, path, *delimiter, file)?,
        SideRows::Relation { from, row } => read_relation(connection, from, row, file)?,
    };
    let owner = owner(connection, file, provider)?;
    list_rejects(connection, file, &owner)?;
    let rounded = rounded(connection, file)?;
    let values: Vec<String> =
        file.columns.iter().map(|column| format!("{} AS {}", value(file, column), column.target.name)).collect();
    connection.execute_batch(&format!(
        "CREATE TABLE side AS SELECT source_row, {owner} AS provider, {}, {} AS extra FROM raw
         WHERE source_row NOT IN (SELECT source_row FROM reject WHERE NOT kept) ORDER BY source_row;
         DROP TABLE raw;",
        values.join(", "),
        extra(file),
    ))?;
    let kept = number(connection, "SELECT count(*)::BIGINT FROM side")?;
    let staged = SideStaged { dataset: file.dataset.name.to_owned(), units: units(connection, file)? };
    connection.execute_batch("CHECKPOINT;")?;
    Ok(SideOutcome { staged, rows: read, rejected: read - kept, rounded })
}

/// The source columns that are read, each once, in the order of `raw`.
fn sources(file: &SideFile) -> Vec<&str> {
    let mapped = file.columns.iter().filter_map(|column| column.source.as_deref());
    mapped.chain(file.extra.iter().map(String::as_str)).collect()
}

/// The name in `raw` of a source column. Not its own: two of those may differ by case alone.
fn in_raw(file: &SideFile, source: &str) -> String {
    sources(file)
        .iter()
        .position(|name| *name == source)
        .map_or_else(|| "NULL::VARCHAR".to_owned(), |at| format!("c{at}"))
}

/// The names of all columns in `raw`.
fn all_in_raw(file: &SideFile) -> Vec<String> {
    (0..sources(file).len()).map(|at| format!("c{at}")).collect()
}

/// Fills `raw` from a CSV file; rows of another width than the header are refused. Gives the number of rows of the file.
fn read_csv(connection: &Connection, path: &Path, delimiter: u8, file: &SideFile) -> Result<u64> {
    let io = |error: csv::Error| crate::StoreError::Io { path: path.to_owned(), source: std::io::Error::other(error) };
    let mut reader = csv::ReaderBuilder::new().delimiter(delimiter).flexible(true).from_path(path).map_err(io)?;
    let header = reader.headers().map_err(io)?.clone();
    let position = |name: &str| {
        header.iter().position(|known| known.trim_start_matches('\u{feff}').trim() == name).unwrap_or(usize::MAX)
    };
    let sources = sources(file);
    let places: Vec<usize> = sources.iter().map(|name| position(name)).collect();
    let columns: Vec<String> = all_in_raw(file).iter().map(|name| format!("{name} VARCHAR")).collect();
    connection.execute_batch(&format!("CREATE TABLE raw (source_row BIGINT, {});", columns.join(", ")))?;
    let mut into = connection.appender("raw")?;
    let mut refused = Vec::new();
    let mut row: i64 = 0;
    for record in reader.records() {
        let record = record.map_err(io)?;
        row += 1;
        if record.len() != header.len() {
            let line = record.iter().collect::<Vec<_>>().join(",").chars().take(300).collect::<String>();
            let fewer = if record.len() < header.len() { "fewer" } else { "more" };
            refused.push(format!(
                "({row}, NULL, {}, 'the row has {fewer} fields than the header', false)",
                literal(&line)
            ));
            continue;
        }
        let fields = places.iter().map(|place| record.get(*place));
        let values: Vec<Box<dyn duckdb::ToSql>> = std::iter::once(Box::new(row) as Box<dyn duckdb::ToSql>)
            .chain(fields.map(|field| Box::new(field.map(str::to_owned)) as Box<dyn duckdb::ToSql>))
            .collect();
        into.append_row(duckdb::appender_params_from_iter(values.iter()))?;
    }
    into.flush()?;
    drop(into);
    if !refused.is_empty() {
        connection.execute_batch(&format!("INSERT INTO reject VALUES {};", refused.join(", ")))?;
    }
    without_null_tokens(connection, file)?;
    Ok(u64::try_from(row).unwrap_or(0))
}

fn read_relation(connection: &Connection, from: &str, row: &str, file: &SideFile) -> Result<u64> {
    let sources = sources(file);
    let columns = sources.iter().zip(all_in_raw(file));
    let columns: Vec<String> = columns
        .map(|(source, name)| {
            let nested = file.nested.iter().any(|other| other == source);
            let text = if nested { format!("to_json({})", identifier(source)) } else { identifier(source) };
            format!("CAST({text} AS VARCHAR) AS {name}")
        })
        .collect();
    connection.execute_batch(&format!(
        "CREATE TABLE raw AS SELECT ({row})::BIGINT AS source_row, {} FROM {from};",
        columns.join(", ")
    ))?;
    without_null_tokens(connection, file)?;
    number(connection, "SELECT count(*)::BIGINT FROM raw")
}

fn without_null_tokens(connection: &Connection, file: &SideFile) -> Result<()> {
    let tokens = literals(NULL_TOKENS);
    let kept: Vec<String> = all_in_raw(file)
        .iter()
        .map(|name| format!("CASE WHEN {name} IN ({tokens}) THEN NULL ELSE {name} END AS {name}"))
        .collect();
    Ok(connection
        .execute_batch(&format!("CREATE OR REPLACE TABLE raw AS SELECT source_row, {} FROM raw;", kept.join(", ")))?)
}

/// The SQL of whose a row is. Where only the identifiers of some rows tell, and all that tell are of one owner, the file is his.
fn owner(connection: &Connection, file: &SideFile, provider: Option<&str>) -> Result<String> {
    let named = file.columns.iter().find(|column| column.target.id == file.dataset.owner);
    let named = named.and_then(|column| column.source.as_deref());
    let mut choices: Vec<String> = named.map(|source| in_raw(file, source)).into_iter().collect();
    choices.extend(provider.map(literal));
    for sign in &file.owner_signs {
        let source = file.columns.iter().find(|column| column.target.id == sign.column);
        if let Some(source) = source.and_then(|column| column.source.as_deref()) {
            let begins = format!("starts_with(lower({}), {})", in_raw(file, source), literal(&sign.starts_with));
            choices.push(format!("CASE WHEN {begins} THEN {} END", literal(&sign.owner)));
        }
    }
    if choices.is_empty() {
        return Ok("NULL::VARCHAR".to_owned());
    }
    let told = format!("coalesce({})", choices.join(", "));
    if file.owner_signs.is_empty() {
        return Ok(told);
    }
    let sql = format!("SELECT CASE WHEN count(DISTINCT {told}) = 1 THEN any_value({told}) END FROM raw");
    let only: Option<String> = connection.query_row(&sql, [], |row| row.get(0))?;
    Ok(only.map_or(told, |owner| literal(&owner)))
}

/// The SQL of a column's value, null where it cannot be read.
fn value(file: &SideFile, column: &SideColumn) -> String {
    let Some(source) = column.source.as_deref().map(|source| in_raw(file, source)) else {
        return format!("NULL::{}", crate::schema::column_type(column.target, DecimalType::WIDEST));
    };
    match column.target.kind {
        Kind::Text | Kind::Json => source,
        Kind::Decimal => format!("wide_decimal({source})"),
        Kind::DateTime => {
            let time = format!("iso_time({source})");
            format!("CASE WHEN {time} >= TIMESTAMP '1970-01-01' THEN {time} END")
        }
    }
}

/// Lists the values that cannot be read and the rows that lack what they cannot be without.
fn list_rejects(connection: &Connection, file: &SideFile, owner: &str) -> Result<()> {
    for column in &file.columns {
        let Some(source) = column.source.as_deref().map(|source| in_raw(file, source)) else { continue };
        let id = column.target.id;
        let essential = file.dataset.essential.contains(&id);
        let (unsound, reason) = match column.target.kind {
            Kind::Decimal => (
                format!("{} IS NULL", value(file, column)),
                "not a decimal number that fits in 20 digits before the point",
            ),
            Kind::DateTime => {
                (format!("{} IS NULL", value(file, column)), "not a date and time such as 2026-01-31T00:00:00Z")
            }
            Kind::Text if id == "BillingCurrency" => (
                format!("NOT regexp_full_match({source}, '[A-Z]{{3}}')"),
                "not a currency code of three capital letters",
            ),
            Kind::Text | Kind::Json => ("false".to_owned(), ""),
        };
        connection.execute_batch(&format!(
            "INSERT INTO reject SELECT source_row, {id}, {source}, {reason}, {kept} FROM raw
             WHERE {source} IS NOT NULL AND {unsound} ORDER BY source_row;",
            id = literal(id),
            reason = literal(reason),
            kept = !essential,
        ))?;
        if essential {
            connection.execute_batch(&format!(
                "INSERT INTO reject SELECT source_row, {id}, NULL, 'there is no value', false FROM raw
                 WHERE {source} IS NULL ORDER BY source_row;",
                id = literal(id),
            ))?;
        }
    }
    Ok(connection.execute_batch(&format!(
        "INSERT INTO reject SELECT source_row, {}, NULL, 'the row does not say whose it is', false FROM raw
         WHERE {owner} IS NULL ORDER BY source_row;
         UPDATE reject SET kept = false WHERE kept AND source_row IN (SELECT source_row FROM reject WHERE NOT kept);",
        literal(file.dataset.owner)
    ))?)
}

fn rounded(connection: &Connection, file: &SideFile) -> Result<Vec<(String, u64)>> {
    let mut counts = Vec::new();
    for column in file.columns.iter().filter(|column| column.target.kind == Kind::Decimal) {
        let Some(source) = column.source.as_deref().map(|source| in_raw(file, source)) else { continue };
        let sql = format!(
            "SELECT count(*)::BIGINT FROM raw WHERE {} IS NOT NULL AND decimals_of({source}) > {}",
            value(file, column),
            DecimalType::WIDEST.scale
        );
        let count = number(connection, &sql)?;
        if count > 0 {
            counts.push((column.target.id.to_owned(), count));
        }
    }
    Ok(counts)
}

/// The columns that FOCUS does not know, as a JSON object.
fn extra(file: &SideFile) -> String {
    if file.extra.is_empty() {
        return "NULL::VARCHAR".to_owned();
    }
    let entries = file.extra.iter().map(|name| format!("{}, {}", literal(name), in_raw(file, name)));
    format!(
        "nullif(json_merge_patch('{{}}', json_object({}))::VARCHAR, '{{}}')",
        entries.collect::<Vec<_>>().join(", ")
    )
}

fn units(connection: &Connection, file: &SideFile) -> Result<Vec<SideUnit>> {
    let named = |id: Option<&str>| id.and_then(|id| file.dataset.column(id)).map(|column| column.name);
    let account = named(file.dataset.account).map_or("''".to_owned(), |name| format!("coalesce({name}, '')"));
    let period = named(file.dataset.period).map_or("NULL".to_owned(), |name| format!("{name}::DATE::VARCHAR"));
    let sql = format!(
        "SELECT provider, {account}, {period}, count(*)::VARCHAR FROM side GROUP BY ALL ORDER BY 1, 2, 3 NULLS FIRST"
    );
    let mut statement = connection.prepare(&sql)?;
    let batches: Vec<_> = statement.query_arrow([])?.collect();
    let text = |value: &Option<String>| value.clone().unwrap_or_default();
    Ok(crate::rows::texts(&batches)?
        .iter()
        .map(|row| SideUnit {
            owner: text(&row[0]),
            account: text(&row[1]),
            period: row[2].clone(),
            rows: text(&row[3]).parse().unwrap_or(0),
        })
        .collect())
}

fn number(connection: &Connection, sql: &str) -> Result<u64> {
    let value: i64 = connection.query_row(sql, [], |row| row.get(0))?;
    Ok(value.unsigned_abs())
}
