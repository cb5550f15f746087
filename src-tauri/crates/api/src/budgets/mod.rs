//! Budgets: files that the engagement keeps, held against what was charged and what is expected.

mod ahead;
pub(crate) mod costs;
mod export;
pub(crate) mod files;
mod last_year;
mod lines;
mod month_end;
mod number_formats;
mod reply;
mod scorecard;
mod sheet;
mod words;

use std::path::Path;

use budget::Import;
use chrono::{DateTime, Utc};
use money::{Amount, Currency};
use store::{Engagement, Watch};

pub(crate) use ahead::{Course, course};
pub(crate) use export::export;
pub(crate) use month_end::month_end;
use reply::BudgetFile;
pub use reply::{
    BudgetBand, BudgetExportRequest, BudgetImportReply, BudgetImportRequest, BudgetImported, BudgetList,
    BudgetMonthEnd, BudgetMonthEndRequest, BudgetPeriodRule, BudgetRemoveRequest, BudgetReply, BudgetScorecardRequest,
};
pub(crate) use scorecard::scorecard;
pub(crate) use words::band;

use crate::text_file::is_name;
use crate::{ApiError, Context};
use files::{FileSettings, Kept, file_error};

/// Findings that a reply lists of a file.
pub const FINDINGS_MAX: usize = 1_000;

/// The budgets that there are.
pub(crate) fn list(context: &Context, now: DateTime<Utc>, watch: &Watch) -> Result<BudgetList, ApiError> {
    let engagement = context.engagement()?;
    listed(context, &engagement, now, watch)
}

fn listed(
    context: &Context,
    engagement: &Engagement,
    now: DateTime<Utc>,
    watch: &Watch,
) -> Result<BudgetList, ApiError> {
    let (known, _) = files::known_until(context, engagement, watch)?;
    let otherwise = known.unwrap_or(now.date_naive());
    let mut found = Vec::new();
    for name in files::names(engagement)? {
        let read = files::opened(engagement, &name).and_then(|kept| {
            let read = files::read(context, engagement, &kept, otherwise, watch)?;
            Ok((kept, read))
        });
        found.push(match read {
            Ok((kept, read)) => {
                let mut findings = files::findings(&read, 0);
                findings.truncate(FINDINGS_MAX);
                let mut unmatched = files::unmatched(&read, 0);
                unmatched.truncate(FINDINGS_MAX);
                BudgetFile {
                    file: name.clone(),
                    name,
                    currency: kept.settings.currency,
                    year: read.years.last().copied().unwrap_or_default(),
                    years: read.years.clone(),
                    rule: kept.settings.rule,
                    budgets: count(read.import.budgets.len()),
                    total: total(&read.import, kept.settings.currency),
                    findings,
                    unmatched,
                    problem: None,
                }
            }
            // A file that was spoilt by hand is told beside the others.
            Err(error) if error.code == "budget" => BudgetFile {
                file: name.clone(),
                name,
                currency: engagement.definition().currency,
                year: 0,
                years: Vec::new(),
                rule: BudgetPeriodRule::Months,
                budgets: 0,
                total: Amount::ZERO,
                findings: Vec::new(),
                unmatched: Vec::new(),
                problem: Some(error.message),
            },
            Err(error) => return Err(error),
        });
    }
    Ok(BudgetList { files: found, fiscal_year_start: engagement.definition().fiscal_year_start })
}

fn count(number: usize) -> u32 {
    u32::try_from(number).unwrap_or(u32::MAX)
}

fn total(import: &Import, currency: Currency) -> Amount {
    import.total.get(&currency).copied().unwrap_or_default()
}

/// Takes a file in; one of the same name is replaced.
pub(crate) fn import(
    context: &Context,
    request: &BudgetImportRequest,
    now: DateTime<Utc>,
    watch: &Watch,
) -> Result<BudgetImportReply, ApiError> {
    let engagement = context.engagement()?;
    let stem = || request.path.file_stem().unwrap_or_default().to_string_lossy().into_owned();
    let name = request.name.clone().unwrap_or_else(stem);
    if !is_name(&name) {
        return Err(ApiError::new(
            "budget",
            format!("`{}` cannot be the name of a budget", name.chars().take(60).collect::<String>()),
            "Use letters, digits, `-`, `_` and spaces: --name budget-2027.",
        ));
    }
    let given = given(&request.path, request.sheet.as_deref())?;
    let mut settings = FileSettings::new(request.currency.unwrap_or(engagement.definition().currency));
    settings.year = request.year;
    settings.rule = request.rule.unwrap_or_default();
    settings.phasing = request.phasing.unwrap_or_default();
    settings.source = given.source;
    let mut kept = Kept { name: name.clone(), settings, rows: given.rows };
    let (known, _) = files::known_until(context, &engagement, watch)?;
    let mut read = files::read(context, &engagement, &kept, known.unwrap_or(now.date_naive()), watch)?;
    if read.import.budgets.is_empty() && read.import.unmatched.is_empty() {
        let first = read.import.findings.iter().find(|finding| finding.dropped);
        let why = first.map_or_else(
            || "it has no rows".to_owned(),
            |first| match first.row {
                Some(row) => format!("row {row}: {}", first.message),
                None => first.message.clone(),
            },
        );
        let mut error = file_error(&request.path, &format!("no row of it counts: {why}"));
        error.details = serde_json::to_value(files::findings(&read, given.above)).unwrap_or_default();
        return Err(error);
    }
    read.choices.extend(given.choice);
    // Which year it is was settled now; the clock of another day must not settle it otherwise.
    if kept.settings.year.is_none() && budget::fiscal_years(&kept.rows, kept.settings.calendar(&engagement)?).is_empty()
    {
        kept.settings.year = read.years.first().copied();
    }
    files::keep(&engagement, &kept, &given.text)?;
    Ok(BudgetImportReply {
        list: listed(context, &engagement, now, watch)?,
        imported: BudgetImported {
            file: name,
            budgets: count(read.import.budgets.len()),
            rows: count(read.import.rows),
            total: total(&read.import, kept.settings.currency),
        },
        findings: files::findings(&read, given.above),
        unmatched: files::unmatched(&read, given.above),
    })
}

/// A file as it was given: its rows, and the same as CSV.
struct Given {
    rows: Vec<Vec<String>>,
    text: String,
    above: u32,
    source: String,
    choice: Option<String>,
}

fn given(path: &Path, sheet: Option<&str>) -> Result<Given, ApiError> {
    let refuse = |problem: String| file_error(path, &problem);
    let size = std::fs::metadata(path).map_err(|error| refuse(error.to_string()))?.len();
    if size > files::BYTES_MAX {
        return Err(refuse(format!("it has more than {} MB, too large for a budget", files::BYTES_MAX >> 20)));
    }
    let bytes = std::fs::read(path).map_err(|error| refuse(error.to_string()))?;
    let file = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    if bytes.starts_with(b"PK") {
        let read = sheet::read(&bytes, sheet).map_err(refuse)?;
        let choice = (sheet.is_none() && read.all.len() > 1).then(|| {
            format!("of {} sheets the first was read, {:?}; choose another with --sheet", read.all.len(), read.name)
        });
        let text = csv_of(&read.rows).map_err(|error| refuse(error.to_string()))?;
        let source = format!("{file}, sheet {}", read.name);
        return Ok(Given { rows: read.rows, text, above: read.above, source, choice });
    }
    if bytes.starts_with(&[0xd0, 0xcf, 0x11, 0xe0]) {
        return Err(refuse("it is a workbook of the form before 2007; save it as .xlsx or CSV".to_owned()));
    }
    if sheet.is_some() {
        return Err(refuse("it is no workbook and has no sheets".to_owned()));
    }
    let text =
        String::from_utf8(bytes).map_err(|_| refuse("it is no text in UTF-8; save it as CSV UTF-8".to_owned()))?;
    let rows = budget::csv_rows(&text).map_err(|error| refuse(error.to_string()))?;
    Ok(Given { rows, text, above: 0, source: file, choice: None })
}

fn csv_of(rows: &[Vec<String>]) -> Result<String, csv::Error> {
    let mut writer = csv::WriterBuilder::new().flexible(true).from_writer(Vec::new());
    for row in rows {
        // A row without cells would be no row: its number is kept by an empty one.
        if row.is_empty() { writer.write_record([""])? } else { writer.write_record(row)? }
    }
    let bytes = writer.into_inner().map_err(|error| csv::Error::from(error.into_error()))?;
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Puts the sample company's budgets into its engagement, where it has none of the name and the sample has some.
pub(crate) fn install_sample(engagement: &Engagement, sample: &Path) -> Result<(), ApiError> {
    const NAME: &str = "budgets";
    let given_at = sample.join("budgets.csv");
    if !given_at.is_file() || files::names(engagement)?.iter().any(|name| name == NAME) {
        return Ok(());
    }
    let given = given(&given_at, None)?;
    let mut settings = FileSettings::new(engagement.definition().currency);
    settings.source = given.source;
    files::keep(engagement, &Kept { name: NAME.to_owned(), settings, rows: given.rows }, &given.text)
}

/// Takes a file away; gives what is left.
pub(crate) fn remove(
    context: &Context,
    request: &BudgetRemoveRequest,
    now: DateTime<Utc>,
    watch: &Watch,
) -> Result<BudgetList, ApiError> {
    let engagement = context.engagement()?;
    files::remove(&engagement, &request.file)?;
    listed(context, &engagement, now, watch)
}
