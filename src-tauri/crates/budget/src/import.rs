//! [`read_csv`]: a budget file, one row a month or one column a month, becomes budgets; rows for unknown scopes are told.

mod columns;
mod months;
mod numbers;

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, NaiveDate};
use money::{Amount, AmountError, Currency};

use crate::{Budget, FiscalCalendar, Period, Phasing, PhasingError, Scope, phase};
use columns::{Columns, Shape};
use numbers::{NumberStyle, style_of};

/// What a budget file is read against.
pub struct ImportSettings<'a> {
    /// The periods that budgets are for.
    pub periods: &'a [Period],
    /// What amounts are in where the file does not say.
    pub currency: Currency,
    /// The dimensions that a column may be called after.
    pub dimensions: &'a [String],
    /// Other names of dimensions, such as the bare key of a tag. A dimension's own name counts first.
    pub aliases: &'a BTreeMap<String, String>,
    /// The values of a dimension that charges have; none where they are not known, and any will do.
    pub known: &'a dyn Fn(&str) -> Option<Vec<String>>,
    /// How a row with one amount for the year is put on the periods.
    pub phasing: &'a Phasing,
    /// Scopes whose rows are put on the periods otherwise.
    pub phasing_of: &'a BTreeMap<Scope, Phasing>,
}

/// A budget file that was read.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Import {
    /// Budgets, in the order that their scopes first occur in.
    pub budgets: Vec<Budget>,
    /// Rows of scopes that no charge has; they are in no budget.
    pub unmatched: Vec<UnmatchedRow>,
    /// Rows and cells that do not count, and choices that were made.
    pub findings: Vec<RowFinding>,
    /// All amounts of the file that could be read, by currency: budgets and unmatched rows together.
    pub total: BTreeMap<Currency, Amount>,
    /// For each period, by currency, whether a row gives it an amount: a budget is silent of the others rather than zero.
    pub named: BTreeMap<Currency, Vec<bool>>,
    /// The rows that have an amount and count.
    pub rows: usize,
}

/// A row of a scope that no charge has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UnmatchedRow {
    /// The row, counted from 1 with the header.
    pub row: usize,
    /// The scope.
    pub scope: Scope,
    /// The dimension with a value that is not known.
    pub dimension: String,
    /// The value.
    pub value: String,
    /// The known value that is nearest, where one is near.
    pub nearest: Option<String>,
    /// What the row says.
    pub amount: Amount,
    /// What the amount is in.
    pub currency: Currency,
}

/// Something about a row.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RowFinding {
    /// The row, counted from 1 with the header; none where it is about the file.
    pub row: Option<usize>,
    /// Whether something of the file does not count for it; else it is a choice that was made.
    pub dropped: bool,
    /// What it is, and what to do.
    pub message: String,
}

/// Why a file is no budget file.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ImportError {
    /// It is not CSV.
    #[error("row {row}: {problem}; save the sheet as CSV again")]
    Csv {
        /// The row.
        row: u64,
        /// What is wrong.
        problem: String,
    },
    /// It is empty.
    #[error("the file has no header; begin it with the names of its columns")]
    Empty,
    /// A column cannot be understood.
    #[error("column {column:?}: {problem}")]
    Column {
        /// The column's name.
        column: String,
        /// What is wrong, and what to do.
        problem: String,
    },
    /// Columns are missing.
    #[error("{0}")]
    Missing(String),
    /// The phasing does not fit the periods.
    #[error(transparent)]
    Phasing(#[from] PhasingError),
    /// A sum is too large.
    #[error(transparent)]
    Amount(#[from] AmountError),
}

/// Reads a budget file: columns are separated by what is most frequent in the header of comma, semicolon and tab.
///
/// # Errors
/// [`ImportError`] when the file is no CSV or its columns cannot be understood. A row that cannot be read is none: it is told.
pub fn read_csv(text: &str, settings: &ImportSettings<'_>) -> Result<Import, ImportError> {
    read_rows(&csv_rows(text)?, settings)
}

/// The rows of a CSV file, the header first.
///
/// # Errors
/// [`ImportError::Csv`] when it is none.
pub fn csv_rows(text: &str) -> Result<Vec<Vec<String>>, ImportError> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().next().unwrap_or_default();
    let count = |separator: char| header.matches(separator).count();
    let delimiter = if count(';') > count(',') && count(';') >= count('\t') {
        b';'
    } else if count('\t') > count(',') {
        b'\t'
    } else {
        b','
    };
    let mut reader =
        csv::ReaderBuilder::new().has_headers(false).flexible(true).delimiter(delimiter).from_reader(text.as_bytes());
    let mut rows = Vec::new();
    for record in reader.records() {
        let record = record.map_err(|error| ImportError::Csv {
            row: error.position().map_or(0, |position| position.record() + 1),
            problem: "it cannot be read as text separated into cells".to_owned(),
        })?;
        rows.push(record.iter().map(str::to_owned).collect());
    }
    Ok(rows)
}

/// The fiscal years that a file names months of, in its columns or its rows. Empty for one that has an amount for the year, or numbers its
/// periods: which year that is must be said.
#[must_use]
pub fn fiscal_years(rows: &[Vec<String>], calendar: FiscalCalendar) -> BTreeSet<i32> {
    let Some((header, body)) = rows.split_first() else { return BTreeSet::new() };
    let months: BTreeSet<NaiveDate> = match columns::month_column(header) {
        Some(column) => body.iter().filter_map(|row| months::month(row.get(column)?)).collect(),
        None => header.iter().filter_map(|title| months::month(title)).collect(),
    };
    // The fifteenth lies in the period that is called after the month under either rule.
    let years = months.into_iter().filter_map(|first| calendar.period_of(first.with_day(15)?).ok());
    years.map(|period| period.year).collect()
}

/// Reads a budget file whose rows are at hand, the header first: of a CSV file or of a sheet.
///
/// Columns are dimensions, `month` and `amount`; or dimensions and one column for each month; or dimensions and `amount` for the year,
/// which is phased. `name`, `currency`, `parent` and `net_new` may stand beside them. An empty cell of a dimension does not restrict it,
/// several values are separated by `|`, and `none` stands for charges without a value. Instead of dimensions, or beside them, a column
/// `scope` may say `total`, or `owner = web, service = Compute`. Where no number settles it otherwise, `1,234` is a thousand.
///
/// # Errors
/// [`ImportError`] when columns cannot be understood.
pub fn read_rows(rows: &[Vec<String>], settings: &ImportSettings<'_>) -> Result<Import, ImportError> {
    let Some((header, body)) =
        rows.split_first().filter(|(header, _)| header.iter().any(|cell| !cell.trim().is_empty()))
    else {
        return Err(ImportError::Empty);
    };
    let columns = Columns::new(header, settings)?;
    let figures = body.iter().flat_map(|row| columns.figures.iter().filter_map(|&column| row.get(column)));
    let (style, style_note) = style_of(figures.map(String::as_str));
    let mut reading = Reading {
        settings,
        columns: &columns,
        style,
        known: BTreeMap::new(),
        open: Vec::new(),
        places: BTreeMap::new(),
        import: Import::default(),
    };
    if let Some(message) = style_note {
        reading.import.findings.push(RowFinding { row: None, dropped: false, message });
    }
    if let Shape::Wide(months) = &columns.shape {
        for (column, _) in months.iter().filter(|(_, period)| period.is_none()) {
            let message =
                format!("column {:?} lies outside of the budget's periods; it does not count", header[*column].trim());
            reading.import.findings.push(RowFinding { row: None, dropped: true, message });
        }
    }
    for (place, row) in body.iter().enumerate() {
        if row.iter().any(|cell| !cell.trim().is_empty()) {
            reading.row(place + 2, row)?;
        }
    }
    Ok(reading.finish())
}

/// A budget that rows add to, with the row that each period came from.
struct Open {
    budget: Budget,
    rows: Vec<Option<usize>>,
}

/// The values of a dimension that charges have, and what was found near to others.
struct Known {
    values: Option<BTreeSet<String>>,
    nearest: BTreeMap<String, Option<String>>,
}

/// What tells budgets of a file apart.
type Key = (Scope, Currency, String);

struct Reading<'a> {
    settings: &'a ImportSettings<'a>,
    columns: &'a Columns,
    style: NumberStyle,
    known: BTreeMap<String, Known>,
    open: Vec<Open>,
    places: BTreeMap<Key, usize>,
    import: Import,
}

/// A value that no charge has: the dimension, the value, the nearest known one.
type Unknown = (String, String, Option<String>);

impl Reading<'_> {
    fn tell(&mut self, row: usize, message: String) {
        self.import.findings.push(RowFinding { row: Some(row), dropped: true, message });
    }

    fn known(&mut self, dimension: &str) -> &mut Known {
        let settings = self.settings;
        self.known.entry(dimension.to_owned()).or_insert_with(|| Known {
            values: (settings.known)(dimension).map(|values| values.into_iter().collect()),
            nearest: BTreeMap::new(),
        })
    }

    /// The scope with the values that a cell names for a dimension.
    fn restricted(&mut self, mut scope: Scope, dimension: &str, cell: &str, unknown: &mut Option<Unknown>) -> Scope {
        for value in cell.split('|').map(str::trim).filter(|value| !value.is_empty()) {
            let known = self.known(dimension);
            match &known.values {
                Some(values) if values.contains(value) => scope = scope.with(dimension, value),
                _ if means_missing(value) => scope = scope.with_missing(dimension),
                None => scope = scope.with(dimension, value),
                Some(values) => {
                    scope = scope.with(dimension, value);
                    let near = known.nearest.entry(value.to_owned());
                    let near = near.or_insert_with(|| columns::nearest(value, values.iter())).clone();
                    unknown.get_or_insert_with(|| (dimension.to_owned(), value.to_owned(), near));
                }
            }
        }
        scope
    }

    /// The scope that a row is for; none where it cannot be understood, which is told.
    fn scope(&mut self, number: usize, cells: &[String]) -> Option<(Scope, Option<Unknown>)> {
        let cell = |column: usize| cells.get(column).map_or("", |cell| cell.trim());
        let (mut scope, mut unknown) = (Scope::everything(), None);
        let columns = self.columns;
        for (column, dimension) in &columns.dimensions {
            scope = self.restricted(scope, dimension, cell(*column), &mut unknown);
        }
        let text = columns.scope.map_or("", cell);
        if !means_everything(text) {
            for condition in conditions(text) {
                let Some((name, values)) = condition.split_once('=') else {
                    let message = format!(
                        "the scope {text:?} is neither `total` nor such as `service = Compute`; the row does not count"
                    );
                    self.tell(number, message);
                    return None;
                };
                let Some(dimension) = columns::dimension(name, self.settings) else {
                    let name = name.trim();
                    let message = format!("the scope names {name:?}, which is no dimension; the row does not count");
                    self.tell(number, message);
                    return None;
                };
                let dimension = dimension.to_owned();
                scope = self.restricted(scope, &dimension, values, &mut unknown);
            }
        }
        if let Some((dimension, _)) =
            scope.dimensions().find(|(_, values)| values.len() > 1 && values.iter().any(Option::is_none))
        {
            let message = format!(
                "{dimension} is to be missing and to have a value; the row does not count: make two budgets of it"
            );
            self.tell(number, message);
            return None;
        }
        Some((scope, unknown))
    }

    fn row(&mut self, number: usize, cells: &[String]) -> Result<(), ImportError> {
        let cell = |column: Option<usize>| column.and_then(|column| cells.get(column)).map_or("", |cell| cell.trim());
        let Some((scope, unknown)) = self.scope(number, cells) else { return Ok(()) };
        let currency = match cell(self.columns.currency) {
            "" => self.settings.currency,
            code => match code.parse() {
                Ok(currency) => currency,
                Err(error) => {
                    self.tell(number, format!("{error}; the row does not count"));
                    return Ok(());
                }
            },
        };
        let net_new = match cell(self.columns.net_new).to_lowercase().as_str() {
            "" | "no" | "false" | "0" | "n" => false,
            "yes" | "true" | "1" | "y" | "x" => true,
            other => {
                self.tell(number, format!("net_new is {other:?}, neither yes nor no; it counts as no"));
                false
            }
        };
        let Some(amounts) = self.amounts(number, &scope, cells)? else { return Ok(()) };
        let sum = Amount::sum(amounts.iter().flatten().copied())?;
        let total = self.import.total.entry(currency).or_default();
        *total = total.checked_add(sum)?;
        let named = self.import.named.entry(currency).or_insert_with(|| vec![false; amounts.len()]);
        for (named, amount) in named.iter_mut().zip(&amounts) {
            *named |= amount.is_some();
        }
        if let Some((dimension, value, nearest)) = unknown.filter(|_| !net_new) {
            let row = UnmatchedRow { row: number, scope, dimension, value, nearest, amount: sum, currency };
            self.import.unmatched.push(row);
            return Ok(());
        }
        self.import.rows += 1;
        let name = match cell(self.columns.name) {
            "" => scope.to_string(),
            name => name.to_owned(),
        };
        let parent = Some(cell(self.columns.parent)).filter(|parent| !parent.is_empty()).map(str::to_owned);
        self.add(number, Budget { name, scope, currency, amounts: Vec::new(), parent, net_new }, &amounts)
    }

    /// The amounts of a row by period; none where the row does not count.
    fn amounts(
        &mut self,
        number: usize,
        scope: &Scope,
        cells: &[String],
    ) -> Result<Option<Vec<Option<Amount>>>, ImportError> {
        let count = self.settings.periods.len();
        let mut amounts = vec![None; count];
        let read = |column: usize, style| {
            let text = cells.get(column).map_or("", |cell| cell.trim());
            (!text.is_empty()).then(|| numbers::read(text, style).ok_or_else(|| text.to_owned()))
        };
        match &self.columns.shape {
            Shape::Wide(months) => {
                for &(column, period) in months {
                    match (read(column, self.style), period) {
                        (Some(Ok(amount)), Some(period)) => amounts[period] = Some(amount),
                        (Some(Err(text)), _) => {
                            let what = no_amount(&text);
                            self.tell(number, format!("column {}: {what}; the cell does not count", column + 1));
                        }
                        (Some(Ok(_)) | None, _) => {}
                    }
                }
            }
            Shape::Long { month, amount } => {
                let text = cells.get(*month).map_or("", |cell| cell.trim());
                let found = months::month(text);
                let Some(first) = found else {
                    self.tell(number, format!("{text:?} is no month such as 2026-04; the row does not count"));
                    return Ok(None);
                };
                let Some(period) = self.settings.periods.iter().position(|period| period.month == first) else {
                    let message = format!(
                        "{} lies outside of the budget's periods; the row does not count",
                        first.format("%Y-%m")
                    );
                    self.tell(number, message);
                    return Ok(None);
                };
                match read(*amount, self.style) {
                    Some(Ok(amount)) => amounts[period] = Some(amount),
                    Some(Err(text)) => {
                        self.tell(number, format!("{}; the row does not count", no_amount(&text)));
                        return Ok(None);
                    }
                    None => {
                        self.tell(number, "it has no amount; the row does not count".to_owned());
                        return Ok(None);
                    }
                }
            }
            Shape::Year { amount } => match read(*amount, self.style) {
                Some(Ok(year)) => {
                    let decimals = self.settings.currency.minor_digits();
                    let phasing = self.settings.phasing_of.get(scope).unwrap_or(self.settings.phasing);
                    let phased = phase(year, decimals, self.settings.periods, phasing)?;
                    amounts = phased.amounts.into_iter().map(Some).collect();
                }
                Some(Err(text)) => {
                    self.tell(number, format!("{}; the row does not count", no_amount(&text)));
                    return Ok(None);
                }
                None => {
                    self.tell(number, "it has no amount; the row does not count".to_owned());
                    return Ok(None);
                }
            },
        }
        if amounts.iter().all(Option::is_none) {
            self.tell(number, "it has no amount in any period; the row does not count".to_owned());
            return Ok(None);
        }
        Ok(Some(amounts))
    }

    fn add(&mut self, number: usize, mut budget: Budget, amounts: &[Option<Amount>]) -> Result<(), ImportError> {
        let key = (budget.scope.clone(), budget.currency, budget.name.clone());
        let place = match self.places.get(&key) {
            Some(&place) => place,
            None => {
                budget.amounts = vec![Amount::ZERO; amounts.len()];
                self.open.push(Open { budget, rows: vec![None; amounts.len()] });
                self.places.insert(key, self.open.len() - 1);
                self.open.len() - 1
            }
        };
        let mut twice = Vec::new();
        for (period, amount) in amounts.iter().enumerate() {
            let Some(amount) = amount else { continue };
            let open = &mut self.open[place];
            match open.rows[period] {
                None => {
                    open.rows[period] = Some(number);
                    open.budget.amounts[period] = *amount;
                }
                Some(first) => twice.push((first, period, *amount, open.budget.currency)),
            }
        }
        for (first, period, amount, currency) in twice {
            let label = self.settings.periods[period].label();
            let message =
                format!("row {first} gives the same scope an amount for {label} already; {amount} does not count");
            self.tell(number, message);
            let total = self.import.total.entry(currency).or_default();
            *total = total.checked_sub(amount)?;
        }
        Ok(())
    }

    fn finish(mut self) -> Import {
        self.import.budgets = self.open.into_iter().map(|open| open.budget).collect();
        self.import
    }
}

/// Why a text is no amount.
fn no_amount(text: &str) -> String {
    let what = if text.ends_with('%') { "a percentage, not an amount" } else { "no number" };
    let shown: String = text.chars().take(60).collect();
    format!("{shown:?} is {what}")
}

fn means_everything(text: &str) -> bool {
    matches!(text.to_lowercase().as_str(), "" | "total" | "all" | "everything" | "*")
}

/// Whether a value that no charge has stands for charges without one.
fn means_missing(value: &str) -> bool {
    matches!(value.to_lowercase().as_str(), "none" | "(none)" | "missing" | "(missing)" | "untagged" | "(untagged)")
}

/// The conditions of a scope, which stand between commas, semicolons or `and`. A comma inside of a value does not part it: what has no
/// equals sign belongs to what stands before it.
fn conditions(text: &str) -> Vec<String> {
    let mut conditions: Vec<String> = Vec::new();
    for piece in text.split_inclusive([',', ';']).flat_map(|piece| piece.split_inclusive(" and ")) {
        match conditions.last_mut() {
            Some(last) if !piece.contains('=') => last.push_str(piece),
            _ => conditions.push(piece.to_owned()),
        }
    }
    let bare = |condition: &String| {
        let trimmed = condition.trim_end_matches([',', ';', ' ']);
        trimmed.strip_suffix(" and").unwrap_or(trimmed).trim().to_owned()
    };
    conditions.iter().map(bare).collect()
}
