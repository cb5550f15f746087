//! Rate tables: dated exchange rates that the analyst gives as CSV and the engagement keeps by name, in `rates/NAME.csv`, as given.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use chrono::NaiveDate;
use money::{Amount, Currency};
use query::{Rate, RateTable};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use store::Engagement;
use ts_rs::TS;

use crate::columns::Columns;
use crate::text_file::{self, is_name};
use crate::{ApiError, Context};

/// `rates_import`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct RatesImportRequest {
    /// A CSV with `date`, `from`, `to`, `rate` and, if there is one, `source`.
    path: PathBuf,
    /// The name it is kept under; without it the file's.
    #[serde(default)]
    #[ts(optional = nullable)]
    name: Option<String>,
}

/// `rate_table` and `rates_remove`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct RateTableRequest {
    name: String,
}

/// A rate table of the engagement.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RateTableInfo {
    /// Its name.
    pub name: String,
    /// Its file.
    pub file: String,
    /// The SHA-256 of the file, in hex: what the evidence of a converted answer names.
    pub sha256: String,
    /// How many rates it has.
    pub rates: u64,
    /// Its currencies two by two.
    pub pairs: Vec<RatePair>,
    /// Where its rates come from, as it says.
    pub sources: Vec<String>,
}

/// The rates from one currency to another.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct RatePair {
    /// The currency that is converted.
    pub from: Currency,
    /// The currency that it is converted into.
    pub to: Currency,
    /// How many days have a rate.
    pub rates: u64,
    /// The first of them.
    #[ts(type = "string")]
    pub first: NaiveDate,
    /// The last of them.
    #[ts(type = "string")]
    pub last: NaiveDate,
}

const FOLDER: &str = "rates";

/// A rate table beyond this size is not one.
const BYTES_MAX: u64 = 64 << 20;

/// What the columns may be called, the first one being ours.
const DATE: &[&str] = &["date", "day", "rate_date", "valid_from", "effective_date", "time_period"];
const FROM: &[&str] = &["from", "from_currency", "base", "base_currency", "source_currency", "currency_from"];
const TO: &[&str] = &["to", "to_currency", "quote", "quote_currency", "target_currency", "currency_to", "currency"];
const RATE: &[&str] = &["rate", "exchange_rate", "fx_rate", "value", "obs_value"];
const SOURCE: &[&str] = &["source", "provider", "origin", "remark"];

/// The tables, by name.
pub(crate) fn tables(context: &Context) -> Result<Vec<RateTableInfo>, ApiError> {
    let engagement = context.engagement()?;
    names(&engagement)?.iter().map(|name| Ok(info(&engagement, &table(&engagement, name)?))).collect()
}

/// The rates of one table, by pair and day.
pub(crate) fn rates_of(context: &Context, request: &RateTableRequest) -> Result<Vec<Rate>, ApiError> {
    Ok(table(&*context.engagement()?, &request.name)?.rates().cloned().collect())
}

/// Takes a table in; one of the same name is replaced.
pub(crate) fn import(context: &Context, request: &RatesImportRequest) -> Result<RateTableInfo, ApiError> {
    let engagement = context.engagement()?;
    let stem = || request.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = request.name.clone().unwrap_or_else(stem);
    if !is_name(&name) {
        return Err(ApiError::new(
            "rates",
            format!("`{}` cannot be the name of a rate table", name.chars().take(60).collect::<String>()),
            "Use letters, digits, `-`, `_` and spaces: --name ecb-2026.",
        ));
    }
    let text = read_text(&request.path)?;
    // Read before it is kept: a broken file changes nothing.
    let table = parse(&request.path, &name, &text)?;
    let folder = engagement.folder().join(FOLDER);
    let kept = folder.join(format!("{name}.csv"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&kept, text))
        .map_err(|error| file_error(&kept, &error.to_string()))?;
    Ok(info(&engagement, &table))
}

/// Takes a table away; gives those that are left.
pub(crate) fn remove(context: &Context, request: &RateTableRequest) -> Result<Vec<RateTableInfo>, ApiError> {
    let engagement = context.engagement()?;
    let path = file_of(&engagement, &request.name);
    if !is_name(&request.name) || !path.is_file() {
        let name: String = request.name.chars().take(60).collect();
        return Err(ApiError::new(
            "not_found",
            format!("there is no rate table `{name}`"),
            "`qd rates` lists those that there are.",
        ));
    }
    std::fs::remove_file(&path).map_err(|error| file_error(&path, &error.to_string()))?;
    tables(context)
}

/// The table of a name.
pub(crate) fn table(engagement: &Engagement, name: &str) -> Result<RateTable, ApiError> {
    let path = file_of(engagement, name);
    if !is_name(name) || !path.is_file() {
        return Err(query::QueryError::UnknownRates { table: name.chars().take(60).collect() }.into());
    }
    parse(&path, name, &read_text(&path)?)
}

fn file_of(engagement: &Engagement, name: &str) -> PathBuf {
    engagement.folder().join(FOLDER).join(format!("{name}.csv"))
}

fn names(engagement: &Engagement) -> Result<Vec<String>, ApiError> {
    let folder = engagement.folder().join(FOLDER);
    if !folder.is_dir() {
        return Ok(Vec::new());
    }
    let mut names = Vec::new();
    for entry in std::fs::read_dir(&folder).map_err(|error| file_error(&folder, &error.to_string()))? {
        let path = entry.map_err(|error| file_error(&folder, &error.to_string()))?.path();
        let stem = path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
        if path.extension().is_some_and(|extension| extension == "csv") && is_name(&stem) {
            names.push(stem);
        }
    }
    names.sort();
    Ok(names)
}

fn info(engagement: &Engagement, table: &RateTable) -> RateTableInfo {
    let mut pairs: BTreeMap<(Currency, Currency), RatePair> = BTreeMap::new();
    let mut sources: Vec<String> = Vec::new();
    for rate in table.rates() {
        let new = RatePair { from: rate.from, to: rate.to, rates: 0, first: rate.date, last: rate.date };
        let pair = pairs.entry((rate.from, rate.to)).or_insert(new);
        pair.rates += 1;
        pair.first = pair.first.min(rate.date);
        pair.last = pair.last.max(rate.date);
        if !rate.source.is_empty() && !sources.contains(&rate.source) {
            sources.push(rate.source.clone());
        }
    }
    sources.sort();
    RateTableInfo {
        name: table.name().to_owned(),
        file: file_of(engagement, table.name()).to_string_lossy().into_owned(),
        sha256: table.sha256().to_owned(),
        rates: table.rates().count() as u64,
        pairs: pairs.into_values().collect(),
        sources,
    }
}

fn parse(path: &Path, name: &str, text: &str) -> Result<RateTable, ApiError> {
    let mut reader = csv::ReaderBuilder::new()
        .trim(csv::Trim::All)
        .delimiter(crate::columns::delimiter(text))
        .from_reader(text.trim_start_matches('\u{feff}').as_bytes());
    let header = reader.headers().map_err(|error| file_error(path, &error.to_string()))?.clone();
    let columns = Columns::of(&header);
    let needed = |names: &[&str]| {
        columns.find(names).ok_or_else(|| file_error(path, &format!("there is no column `{}`", names[0])))
    };
    let (date, from, to, rate) = (needed(DATE)?, needed(FROM)?, needed(TO)?, needed(RATE)?);
    let source = columns.find(SOURCE);
    let mut rates = Vec::new();
    for (position, record) in reader.records().enumerate() {
        let row = position + 1;
        let record = record.map_err(|error| file_error(path, &format!("row {row}: {error}")))?;
        let cell = |at: usize| record.get(at).unwrap_or_default();
        let refuse = |column: &str, problem: &dyn std::fmt::Display| {
            file_error(path, &format!("row {row}, column {column}: {problem}"))
        };
        rates.push(Rate {
            date: day(cell(date))
                .ok_or_else(|| refuse("date", &format!("`{}` is no day such as 2026-01-31", cell(date))))?,
            from: cell(from).parse().map_err(|error: money::CurrencyError| refuse("from", &error))?,
            to: cell(to).parse().map_err(|error: money::CurrencyError| refuse("to", &error))?,
            rate: cell(rate).parse::<Amount>().map_err(|error| refuse("rate", &error))?,
            source: source.map(cell).unwrap_or_default().to_owned(),
        });
    }
    if rates.is_empty() {
        return Err(file_error(path, "there is no rate in it"));
    }
    let sha256: String = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    RateTable::new(name, &sha256, rates).map_err(|error| file_error(path, &error.to_string()))
}

/// A day, or a month as its first day.
fn day(text: &str) -> Option<NaiveDate> {
    text.parse().ok().or_else(|| format!("{text}-01").parse().ok())
}

fn read_text(path: &Path) -> Result<String, ApiError> {
    text_file::read(path, BYTES_MAX, "a table of rates").map_err(|problem| file_error(path, &problem))
}

fn file_error(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "rates",
        format!("{}: {problem}", path.display()),
        "The columns are date (2026-01-31), from (EUR), to (USD), rate (1.0834: units of `to` for one of `from`) and source.",
    )
}
