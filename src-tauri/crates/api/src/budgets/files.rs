//! Budget files of the engagement: `budgets/NAME.csv` as given, and `budgets/NAME.toml` beside it for how it is read.

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use budget::{FiscalCalendar, Import, ImportSettings, Period, PeriodRule, Phasing, RowFinding, Scope, UnmatchedRow};
use chrono::{Datelike, NaiveDate, Weekday};
use money::Currency;
use query::{Dimension, Question, ValuePage};
use serde::{Deserialize, Serialize};
use store::{Engagement, Watch};

use super::last_year;
use super::reply::{BudgetFinding, BudgetPeriodRule, BudgetPhasing, BudgetSeverity, BudgetUnmatched};
use crate::exporting::put;
use crate::text_file::{self, is_name};
use crate::{ApiError, Context, planning};

const FOLDER: &str = "budgets";
/// A file beyond this size is no budget.
pub(super) const BYTES_MAX: u64 = 32 << 20;
/// Rows of a budget file, and fiscal years that one is for.
const ROWS_MAX: usize = 100_000;
const YEARS_MAX: usize = 12;
/// A dimension of more values than this is not looked up: any value will do.
const KNOWN_MAX: u64 = 20_000;

/// How a budget file is read.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct FileSettings {
    /// What amounts are in where the file does not say.
    pub(crate) currency: Currency,
    /// The fiscal year; none for the years that the file names months of.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) year: Option<i32>,
    /// What the periods are.
    #[serde(default)]
    pub(crate) rule: BudgetPeriodRule,
    /// The day that weeks begin on, where periods are weeks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) week_begins: Option<String>,
    /// How an amount for a year is put on its periods.
    #[serde(default)]
    pub(crate) phasing: BudgetPhasing,
    /// Where it was taken from.
    #[serde(default)]
    pub(crate) source: String,
}

/// A budget file as it is kept.
pub(crate) struct Kept {
    pub(crate) name: String,
    pub(crate) settings: FileSettings,
    pub(crate) rows: Vec<Vec<String>>,
}

/// A budget file that was read.
pub(crate) struct Budgets {
    pub(crate) years: Vec<i32>,
    /// The periods of all years.
    pub(crate) periods: Vec<Period>,
    pub(crate) import: Import,
    /// Choices that were made beside those of the import.
    pub(crate) choices: Vec<String>,
}

/// The names of the files, in order.
pub(crate) fn names(engagement: &Engagement) -> Result<Vec<String>, ApiError> {
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

/// The file of a name, with or without its ending; without a name the first.
pub(crate) fn kept(engagement: &Engagement, name: Option<&str>) -> Result<Kept, ApiError> {
    let names = names(engagement)?;
    let wanted = name.map(|name| name.strip_suffix(".csv").unwrap_or(name));
    let found = match wanted {
        Some(wanted) => names.iter().find(|name| *name == wanted),
        None => names.first(),
    };
    match found {
        Some(name) => opened(engagement, name),
        None if names.is_empty() => Err(ApiError::new(
            "not_found",
            "the engagement has no budget",
            "Take in a CSV or a workbook: `qd budget import FILE`.",
        )),
        None => Err(ApiError::new(
            "not_found",
            format!("there is no budget file `{}`", wanted.unwrap_or_default().chars().take(60).collect::<String>()),
            format!("There are {}.", names.join(", ")),
        )),
    }
}

pub(super) fn opened(engagement: &Engagement, name: &str) -> Result<Kept, ApiError> {
    let path = csv_of(engagement, name);
    let text = text_file::read(&path, BYTES_MAX, "a budget").map_err(|problem| file_error(&path, &problem))?;
    let rows = budget::csv_rows(&text).map_err(|error| file_error(&path, &error.to_string()))?;
    let beside = toml_of(engagement, name);
    let settings = if beside.is_file() {
        let text = text_file::read(&beside, 1 << 20, "settings").map_err(|problem| file_error(&beside, &problem))?;
        toml::from_str(&text).map_err(|error| file_error(&beside, error.message()))?
    } else {
        FileSettings::new(engagement.definition().currency)
    };
    Ok(Kept { name: name.to_owned(), settings, rows })
}

/// Keeps a file in the place of the one of its name.
pub(super) fn keep(engagement: &Engagement, kept: &Kept, text: &str) -> Result<(), ApiError> {
    let folder = engagement.folder().join(FOLDER);
    std::fs::create_dir_all(&folder).map_err(|error| file_error(&folder, &error.to_string()))?;
    let settings = toml::to_string(&kept.settings)
        .map_err(|error| file_error(&toml_of(engagement, &kept.name), &error.to_string()))?;
    put(
        &toml_of(engagement, &kept.name),
        format!("# How Quarterdeck reads the budget beside this file.\n\n{settings}").as_bytes(),
    )?;
    put(&csv_of(engagement, &kept.name), text.as_bytes())
}

/// Takes a file away.
pub(super) fn remove(engagement: &Engagement, name: &str) -> Result<(), ApiError> {
    let kept = names(engagement)?;
    let name = name.strip_suffix(".csv").unwrap_or(name);
    if !kept.iter().any(|known| known == name) {
        let name: String = name.chars().take(60).collect();
        return Err(ApiError::new(
            "not_found",
            format!("there is no budget file `{name}`"),
            "`qd budget list` names those that there are.",
        ));
    }
    let (csv, toml) = (csv_of(engagement, name), toml_of(engagement, name));
    std::fs::remove_file(&csv).map_err(|error| file_error(&csv, &error.to_string()))?;
    if toml.is_file() {
        std::fs::remove_file(&toml).map_err(|error| file_error(&toml, &error.to_string()))?;
    }
    Ok(())
}

fn csv_of(engagement: &Engagement, name: &str) -> PathBuf {
    engagement.folder().join(FOLDER).join(format!("{name}.csv"))
}

fn toml_of(engagement: &Engagement, name: &str) -> PathBuf {
    engagement.folder().join(FOLDER).join(format!("{name}.toml"))
}

pub(super) fn file_error(path: &Path, problem: &str) -> ApiError {
    ApiError::new(
        "budget",
        format!("{}: {problem}", path.display()),
        "The columns are month and amount, or one for each month, beside dimensions (service, sub_account, tag:team) or a scope \
         (total, team = web); name, currency, parent and net_new may stand beside them.",
    )
}

impl FileSettings {
    pub(super) const fn new(currency: Currency) -> Self {
        Self {
            currency,
            year: None,
            rule: BudgetPeriodRule::Months,
            week_begins: None,
            phasing: BudgetPhasing::Even,
            source: String::new(),
        }
    }

    /// The fiscal calendar of the engagement under the file's rule.
    pub(super) fn calendar(&self, engagement: &Engagement) -> Result<FiscalCalendar, ApiError> {
        let refuse = |problem: String| ApiError::new("budget", problem, "Correct the budget's settings.");
        let rule = match self.rule {
            BudgetPeriodRule::Months => PeriodRule::Months,
            BudgetPeriodRule::FourFourFive => {
                let day = self.week_begins.as_deref().unwrap_or("sunday");
                let first_day: Weekday = day.parse().map_err(|_| refuse(format!("{day:?} is no day of the week")))?;
                PeriodRule::FourFourFive { first_day }
            }
        };
        FiscalCalendar::new(engagement.definition().fiscal_year_start, rule).map_err(|error| refuse(error.to_string()))
    }
}

/// Reads a file against what is loaded. `otherwise` is a day of the year that amounts for a year are for where nobody says which.
pub(crate) fn read(
    context: &Context,
    engagement: &Engagement,
    kept: &Kept,
    otherwise: NaiveDate,
    watch: &Watch,
) -> Result<Budgets, ApiError> {
    let refuse = |problem: &str| {
        let name = format!("{}.csv", kept.name);
        file_error(Path::new(&name), problem)
    };
    if kept.rows.len() > ROWS_MAX {
        return Err(refuse(&format!("it has more than {ROWS_MAX} rows")));
    }
    let calendar = kept.settings.calendar(engagement)?;
    let mut choices = Vec::new();
    let years: Vec<i32> = match kept.settings.year {
        Some(year) => vec![year],
        None => budget::fiscal_years(&kept.rows, calendar).into_iter().collect(),
    };
    let years = if years.is_empty() {
        let year = calendar.period_of(otherwise).map_err(|error| refuse(&error.to_string()))?.year;
        choices.push(format!("the file names no year: it is read as the fiscal year {year}; say another with --year"));
        vec![year]
    } else {
        years
    };
    if years.len() > YEARS_MAX {
        return Err(refuse(&format!("it names months of {} years; is a month misread?", years.len())));
    }
    let mut periods = Vec::with_capacity(years.len() * 12);
    for year in &years {
        periods.extend(calendar.periods(*year).map_err(|error| refuse(&error.to_string()))?);
    }
    let catalog = planning::with_rules(engagement)?;
    let tags: Vec<String> = catalog.tag_keys();
    let dimensions: Vec<String> = Dimension::all()
        .map(|dimension| dimension.name().into_owned())
        .chain(tags.iter().map(|key| Dimension::Tag(key.clone()).name().into_owned()))
        .collect();
    let aliases = aliases(&tags);
    let failed: RefCell<Option<ApiError>> = RefCell::new(None);
    let known = |name: &str| match values(context, engagement, name, watch) {
        Ok(values) => values,
        Err(error) => {
            failed.borrow_mut().get_or_insert(error);
            None
        }
    };
    let read = |phasing: &Phasing, phasing_of: &BTreeMap<Scope, Phasing>| {
        let settings = ImportSettings {
            periods: &periods,
            currency: kept.settings.currency,
            dimensions: &dimensions,
            aliases: &aliases,
            known: &known,
            phasing,
            phasing_of,
        };
        budget::read_rows(&kept.rows, &settings).map_err(|error| refuse(&error.to_string()))
    };
    let plain = if kept.settings.phasing == BudgetPhasing::ByDays { Phasing::ByDays } else { Phasing::Even };
    let mut import = read(&plain, &BTreeMap::new())?;
    if let Some(error) = failed.borrow_mut().take() {
        return Err(error);
    }
    if kept.settings.phasing == BudgetPhasing::LastYear {
        // Which scopes there are is known only now: each falls as its own last year fell.
        let scopes: Vec<Scope> = import.budgets.iter().map(|budget| budget.scope.clone()).collect();
        let last = last_year::last_year(context, engagement, calendar, &years, &periods, &scopes, watch)?;
        import = read(&last.whole, &last.scopes)?;
        choices.extend(last.note);
    }
    Ok(Budgets { years, periods, import, choices })
}

/// Other names of dimensions, and the bare keys of tags.
fn aliases(tags: &[String]) -> BTreeMap<String, String> {
    let mut aliases = BTreeMap::new();
    for key in tags {
        aliases.insert(key.clone(), Dimension::Tag(key.clone()).name().into_owned());
    }
    // What a dimension is called counts before a tag of that name.
    for dimension in Dimension::all() {
        let others = dimension.aliases().iter().copied().chain(dimension.column());
        aliases.extend(others.map(|other| (other.to_owned(), dimension.name().into_owned())));
    }
    aliases
}

/// The values of a dimension that charges have; none where there are too many to look up, or nothing is loaded.
fn values(
    context: &Context,
    engagement: &Engagement,
    name: &str,
    watch: &Watch,
) -> Result<Option<Vec<String>>, ApiError> {
    let catalog = planning::with_rules(engagement)?;
    let Ok(dimension) = name.parse::<Dimension>() else { return Ok(None) };
    if catalog.charges.is_none() {
        return Ok(None);
    }
    let mut values = Vec::new();
    for currency in &catalog.currencies {
        let question = Question { currency: Some(*currency), ..Question::default() };
        let page = ValuePage { search: String::new(), offset: 0, limit: KNOWN_MAX };
        let plan = query::plan_values(&question, &dimension, &page, &catalog)?;
        let result = context.run(engagement, &plan.sql, watch)?;
        let found = query::assemble_values(&plan, (*result).clone())?;
        if found.found > KNOWN_MAX {
            return Ok(None);
        }
        values.extend(found.values.into_iter().filter_map(|(value, _)| value));
    }
    values.sort();
    values.dedup();
    Ok(Some(values))
}

/// What was found in a file, as it is told. `above` is how many rows of a sheet stand above its header.
pub(super) fn findings(read: &Budgets, above: u32) -> Vec<BudgetFinding> {
    let choices = read.choices.iter().map(|choice| {
        let (message, hint) = halves(choice);
        BudgetFinding { row: None, severity: BudgetSeverity::Note, message, hint }
    });
    let of_rows = read.import.findings.iter().map(|RowFinding { row, dropped, message }| {
        let severity = if *dropped { BudgetSeverity::Warning } else { BudgetSeverity::Note };
        let (message, hint) = halves(message);
        BudgetFinding { row: row.map(|row| number(row) + above), severity, message, hint }
    });
    choices.chain(of_rows).collect()
}

/// Rows of scopes that no charge has, as they are told.
pub(super) fn unmatched(read: &Budgets, above: u32) -> Vec<BudgetUnmatched> {
    let told = |row: &UnmatchedRow| BudgetUnmatched {
        row: number(row.row) + above,
        scope: row.scope.to_string(),
        dimension: row.dimension.clone(),
        value: row.value.clone(),
        amount: row.amount,
        currency: row.currency,
        message: format!(
            "no charge has the {} {:?}: its {} {} are in no budget",
            row.dimension, row.value, row.amount, row.currency
        ),
        hint: match &row.nearest {
            Some(nearest) => format!("Is {nearest:?} meant?"),
            None => "Correct the value; or say yes under net_new where it is yet to come.".to_owned(),
        },
    };
    read.import.unmatched.iter().map(told).collect()
}

/// A message of the importer: what it is, and what was done or is to be done.
fn halves(message: &str) -> (String, String) {
    match message.rsplit_once("; ") {
        Some((what, then)) => (what.to_owned(), then.to_owned()),
        None => (message.to_owned(), String::new()),
    }
}

fn number(row: usize) -> u32 {
    u32::try_from(row).unwrap_or(u32::MAX)
}

/// The last day that counts as known where nobody says: the day before the first that is not complete.
pub(crate) fn known_until(
    context: &Context,
    engagement: &Engagement,
    watch: &Watch,
) -> Result<(Option<NaiveDate>, Option<query::Note>), ApiError> {
    let catalog = planning::with_rules(engagement)?;
    let Some(charges) = catalog.charges else { return Ok((None, None)) };
    let complete = planning::complete(context, engagement, &catalog, |_| true, charges, watch)?;
    Ok((complete.until.and_then(|until| until.pred_opt()), complete.note))
}

/// The first of a day's month.
pub(crate) fn month_of(day: NaiveDate) -> NaiveDate {
    day.with_day(1).unwrap_or(day)
}
