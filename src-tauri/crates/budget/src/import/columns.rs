//! What each column of a budget file is.

use super::months::{month, numbered};
use super::{ImportError, ImportSettings};

const MONTH: &[&str] = &["month", "period", "date"];
const AMOUNT: &[&str] = &["amount", "budget_amount", "value", "budget"];
const NAME: &[&str] = &["name", "budget_name"];

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
            let dimension = settings.dimensions.iter().find(|dimension| folded(dimension) == name);
            if let Some(dimension) = dimension {
                if columns.dimensions.iter().any(|(_, known)| known == dimension) {
                    return Err(column(title, "the dimension has two columns; take one out"));
                }
                columns.dimensions.push((place, dimension.clone()));
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
    let names =
        settings.dimensions.iter().map(String::as_str).chain(["month", "amount", "currency", "parent", "net_new"]);
    let names: Vec<String> = names.map(str::to_owned).collect();
    match nearest(name, &names) {
        Some(known) => format!(
            "there is no dimension of that name; is `{known}` meant? A misread column would join budgets that are apart"
        ),
        None => {
            format!("there is no dimension of that name; call it after one of {}, or take it out", names.join(", "))
        }
    }
}

/// The known word that is nearest, where one is near.
pub(super) fn nearest(word: &str, known: &[String]) -> Option<String> {
    let folded = word.to_lowercase();
    let limit = 1 + folded.chars().count() / 4;
    let ranked = known.iter().map(|candidate| (distance(&folded, &candidate.to_lowercase()), candidate));
    ranked.filter(|(far, _)| *far <= limit).min().map(|(_, candidate)| candidate.clone())
}

/// Levenshtein's distance: how many letters must be put in, taken out or changed.
fn distance(left: &str, right: &str) -> usize {
    let right: Vec<char> = right.chars().collect();
    let mut row: Vec<usize> = (0..=right.len()).collect();
    for (above, letter) in left.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = above + 1;
        for (place, other) in right.iter().enumerate() {
            let changed = diagonal + usize::from(letter != *other);
            diagonal = row[place + 1];
            row[place + 1] = changed.min(row[place] + 1).min(diagonal + 1);
        }
    }
    row[right.len()]
}
