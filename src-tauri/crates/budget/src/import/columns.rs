//! What each column of a budget file is.

use super::months::{month, numbered};
use super::{ImportError, ImportSettings};

const MONTH: &[&str] = &["month", "period", "date"];
const AMOUNT: &[&str] = &["amount", "budget_amount", "value", "budget"];
const NAME: &[&str] = &["name", "budget_name"];
/// What columns are called that are no dimension's.
const RESERVED: &[&str] = &[
    "month",
    "period",
    "date",
    "amount",
    "budget_amount",
    "value",
    "budget",
    "name",
    "budget_name",
    "scope",
    "currency",
    "parent",
    "net_new",
    "note",
    "notes",
    "comment",
];
/// Dimensions that a message names.
const NAMED_MAX: usize = 12;

/// How amounts stand in the file.
pub(super) enum Shape {
    /// A column for each month, with its period; none for a month outside of all periods.
    Wide(Vec<(usize, Option<usize>)>),
    /// A row for each month.
    Long { month: usize, amount: usize },
    /// One amount for the year.
    Year { amount: usize },
}

/// What each column is.
pub(super) struct Columns {
    pub(super) dimensions: Vec<(usize, String)>,
    /// Scopes in words.
    pub(super) scope: Option<usize>,
    pub(super) shape: Shape,
    /// All columns with numbers.
    pub(super) figures: Vec<usize>,
    pub(super) name: Option<usize>,
    pub(super) currency: Option<usize>,
    pub(super) parent: Option<usize>,
    pub(super) net_new: Option<usize>,
}

/// Letters and digits in small letters, what is between them as one underscore.
fn folded(name: &str) -> String {
    let words: Vec<&str> =
        name.split(|letter: char| !letter.is_alphanumeric()).filter(|word| !word.is_empty()).collect();
    words.join("_").to_lowercase()
}

impl Columns {
    pub(super) fn new(header: &[String], settings: &ImportSettings<'_>) -> Result<Self, ImportError> {
        let mut columns = Self {
            dimensions: Vec::new(),
            scope: None,
            shape: Shape::Wide(Vec::new()),
            figures: Vec::new(),
            name: None,
            currency: None,
            parent: None,
            net_new: None,
        };
        let (mut month_column, mut amount) = (None, None);
        let mut months: Vec<(usize, Option<usize>)> = Vec::new();
        for (place, title) in header.iter().enumerate() {
            let name = folded(title);
            if name.is_empty() {
                continue;
            }
            let once = |slot: &mut Option<usize>| match slot.replace(place) {
                None => Ok(()),
                Some(first) => Err(column(title, &format!("it says the same as column {}; take one out", first + 1))),
            };
            // A dimension's own name counts first: one may well be called `name`.
            let own = settings.dimensions.iter().find(|dimension| folded(dimension) == name).map(String::as_str);
            // Another name of a dimension counts last: a column `currency` says what its amounts are in.
            let alias = || dimension(title, settings).filter(|_| !RESERVED.contains(&name.as_str()));
            if let Some(dimension) = own.or_else(alias) {
                if columns.dimensions.iter().any(|(_, known)| known == dimension) {
                    return Err(column(title, "the dimension has two columns; take one out"));
                }
                columns.dimensions.push((place, dimension.to_owned()));
            } else if let Some(period) = period_of(title, settings) {
                if let Some((first, _)) = months.iter().find(|(_, known)| period.is_some() && *known == period) {
                    return Err(column(title, &format!("it is the same month as column {}; take one out", first + 1)));
                }
                months.push((place, period));
            } else if MONTH.contains(&name.as_str()) {
                once(&mut month_column)?;
            } else if AMOUNT.contains(&name.as_str()) {
                once(&mut amount)?;
            } else if NAME.contains(&name.as_str()) {
                once(&mut columns.name)?;
            } else {
                match name.as_str() {
                    "scope" => once(&mut columns.scope)?,
                    "currency" => once(&mut columns.currency)?,
                    "parent" => once(&mut columns.parent)?,
                    "net_new" => once(&mut columns.net_new)?,
                    "note" | "notes" | "comment" => {}
                    _ => return Err(column(title, &unknown(&name, settings))),
                }
            }
        }
        columns.shape = match (months.is_empty(), month_column, amount) {
            (false, None, None) => {
                if months.iter().all(|(_, period)| period.is_none()) {
                    return Err(ImportError::Missing(
                        "no column is a month of the budget's periods; check the year".to_owned(),
                    ));
                }
                Shape::Wide(months)
            }
            (false, ..) => {
                let message =
                    "there are columns for months, and a column `month` or `amount` beside them; keep one of the two";
                return Err(ImportError::Missing(message.to_owned()));
            }
            (true, Some(month), Some(amount)) => Shape::Long { month, amount },
            (true, None, Some(amount)) => Shape::Year { amount },
            (true, ..) => {
                let message = "there is no column `amount` and none called after a month such as 2026-04; add one";
                return Err(ImportError::Missing(message.to_owned()));
            }
        };
        columns.figures = match &columns.shape {
            Shape::Wide(months) => months.iter().map(|(place, _)| *place).collect(),
            Shape::Long { amount, .. } | Shape::Year { amount } => vec![*amount],
        };
        Ok(columns)
    }
}

/// The dimension that a text names.
pub(super) fn dimension<'a>(text: &str, settings: &'a ImportSettings<'_>) -> Option<&'a str> {
    let name = folded(text);
    let own = settings.dimensions.iter().find(|dimension| folded(dimension) == name);
    own.or_else(|| settings.aliases.iter().find(|(alias, _)| folded(alias) == name).map(|(_, dimension)| dimension))
        .map(String::as_str)
}

/// The column with the month of a row, where there is one.
pub(super) fn month_column(header: &[String]) -> Option<usize> {
    header.iter().position(|title| MONTH.contains(&folded(title).as_str()))
}

fn column(title: &str, problem: &str) -> ImportError {
    ImportError::Column { column: title.chars().take(60).collect(), problem: problem.to_owned() }
}

/// The period that a column is called after: outer none for no month, inner none for a month outside of all periods.
fn period_of(title: &str, settings: &ImportSettings<'_>) -> Option<Option<usize>> {
    if let Some(number) = numbered(title) {
        return Some(settings.periods.iter().position(|period| period.number == number));
    }
    let first = month(title)?;
    Some(settings.periods.iter().position(|period| period.month == first))
}

fn unknown(name: &str, settings: &ImportSettings<'_>) -> String {
    let names = settings
        .dimensions
        .iter()
        .map(String::as_str)
        .chain(["scope", "month", "amount", "currency", "parent", "net_new"]);
    let names: Vec<String> = names.map(str::to_owned).collect();
    match nearest(name, names.iter()) {
        Some(known) => format!(
            "there is no dimension of that name; is `{known}` meant? A misread column would join budgets that are apart"
        ),
        None => {
            let named = names.iter().take(NAMED_MAX).map(String::as_str).collect::<Vec<_>>().join(", ");
            let more = if names.len() > NAMED_MAX { " and more" } else { "" };
            format!("there is no dimension of that name; call it after one of {named}{more}, or take it out")
        }
    }
}

/// The known word that is nearest, where one is near.
pub(super) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a String>) -> Option<String> {
    let folded = word.to_lowercase();
    let limit = 1 + folded.chars().count() / 4;
    let near_in_length = known.filter(|candidate| candidate.chars().count().abs_diff(folded.chars().count()) <= limit);
    let ranked = near_in_length.map(|candidate| (distance(&folded, &candidate.to_lowercase()), candidate));
    ranked.filter(|(far, _)| *far <= limit).min().map(|(_, candidate)| candidate.clone())
}

/// How many letters must be put in, taken out, changed, or swapped with their neighbour (Damerau 1964, each place touched once).
fn distance(left: &str, right: &str) -> usize {
    let (left, right): (Vec<char>, Vec<char>) = (left.chars().collect(), right.chars().collect());
    let mut before: Vec<usize> = Vec::new();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.iter().enumerate() {
        let mut next = vec![above + 1];
        for (place, other) in right.iter().enumerate() {
            let changed = row[place] + usize::from(letter != other);
            let mut least = changed.min(row[place + 1] + 1).min(next[place] + 1);
            if above > 0 && place > 0 && *letter == right[place - 1] && left[above - 1] == *other {
                least = least.min(before[place - 1] + 1);
            }
            next.push(least);
        }
        before = std::mem::replace(&mut row, next);
    }
    row[right.len()]
}
