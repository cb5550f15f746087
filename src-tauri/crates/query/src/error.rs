//! [`QueryError`]: why a question has no answer.

use chrono::NaiveDate;
use money::{AmountError, Currency};

use crate::{Dimension, UnknownDimension, UnknownMeasure};

/// Why a question could not be planned, read or answered.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// Nothing has been loaded, so there is no period to ask about.
    #[error("nothing is loaded yet")]
    NothingLoaded,
    /// A question without measures.
    #[error("the question names no measure")]
    NoMeasure,
    /// A change of something that is no cost.
    #[error("`{measure}` is no cost, and only a change of cost can be explained")]
    NotACost {
        /// The question's first measure.
        measure: crate::Measure,
    },
    /// A change without a period to compare with.
    #[error("the question compares with no period")]
    NotCompared,
    /// A measure or a dimension occurs twice.
    #[error("`{name}` occurs twice in the question")]
    Repeated {
        /// The name that occurs twice.
        name: String,
    },
    /// No dimension has the name.
    #[error(transparent)]
    UnknownDimension(#[from] UnknownDimension),
    /// No measure has the name.
    #[error(transparent)]
    UnknownMeasure(#[from] UnknownMeasure),
    /// The engagement has no business metric of that name.
    #[error("there is no business metric `{name}`")]
    UnknownMetric {
        /// The name, cut to 60 characters.
        name: String,
    },
    /// The charges have no column for the dimension.
    #[error("the loaded charges have no column for `{dimension}`")]
    DimensionNotLoaded {
        /// The dimension that was asked for.
        dimension: Dimension,
    },
    /// The charges have no column of this name.
    #[error("the charges have no column `{column}`")]
    UnknownColumn {
        /// The column that was asked for, cut to 60 characters.
        column: String,
    },
    /// A period whose end is not after its start, or one outside the years 1 to 9999.
    #[error("the period from {from} up to, not including, {to} holds no days")]
    EmptyPeriod {
        /// The first day.
        from: chrono::NaiveDate,
        /// The day after the last.
        to: chrono::NaiveDate,
    },
    /// The compared period would lie outside the calendar.
    #[error("the period to compare with lies outside the calendar")]
    ComparisonOutsideCalendar,
    /// A filter with the wrong number of values, or with an empty text to look for.
    #[error("the filter on `{dimension}` {problem}")]
    FilterValues {
        /// The dimension that is filtered.
        dimension: Dimension,
        /// What is wrong, as the rest of a sentence.
        problem: &'static str,
    },
    /// A text with a NUL character, which no bill holds and SQL cannot carry.
    #[error("the text `{text}` holds a NUL character")]
    NulCharacter {
        /// The text without its NUL characters, cut to 60 characters.
        text: String,
    },
    /// Hours over too long a period.
    #[error("{days} days by the hour are too many; at most {limit} days can be shown by the hour")]
    HourSpan {
        /// The days asked for.
        days: i64,
        /// The most that is allowed.
        limit: i64,
    },
    /// `top` of zero groups.
    #[error("`top` must be at least 1")]
    TopZero,
    /// More rows than an answer may have.
    #[error("the answer would have more than {limit} rows")]
    TooManyRows {
        /// The most rows that an answer may have.
        limit: u32,
    },
    /// The text of a filter cannot be read.
    #[error("cannot read the filter at character {position}: expected {expected}")]
    FilterSyntax {
        /// The character where reading stopped, counted from 1.
        position: usize,
        /// What would have been right there.
        expected: &'static str,
    },
    /// The text of a period cannot be read.
    #[error("`{text}` is not a period")]
    PeriodSyntax {
        /// The text as it was given, cut to 60 characters.
        text: String,
    },
    /// The engine returned something else than the plan's columns.
    #[error("the engine's result does not fit the plan: {problem}")]
    ResultShape {
        /// What does not fit.
        problem: String,
    },
    /// The rows of the result do not add up to its total: an error of ours, and the figures must not be used.
    #[error("the rows of `{column}` add up to {parts}, the total is {total}")]
    PartsDiffer {
        /// The column that does not add up.
        column: String,
        /// What the rows add up to.
        parts: String,
        /// What the total says.
        total: String,
    },
    /// Charges in several currencies fit a question that names none of them and does not convert.
    #[error(
        "the question does not say in which currency: {} not in {currency} (the engagement holds {})",
        fitting(*.charges),
        listed(.held)
    )]
    SeveralCurrencies {
        /// The currency that would have been taken.
        currency: Currency,
        /// The charges in others.
        charges: u64,
        /// All currencies of the engagement.
        held: Vec<Currency>,
    },
    /// The engagement has no rate table of that name.
    #[error("there is no rate table `{table}`")]
    UnknownRates {
        /// The name, cut to 60 characters.
        table: String,
    },
    /// A rate table that contradicts itself.
    #[error("rate table `{table}`: {problem}")]
    Rates {
        /// The name of the table.
        table: String,
        /// What is wrong.
        problem: String,
    },
    /// Days without a rate.
    #[error("rate table `{table}` has no rate from {from} to {to} for {}", days(.dates))]
    MissingRates {
        /// The name of the table.
        table: String,
        /// The currency that charges are billed in.
        from: Currency,
        /// The currency that was asked for.
        to: Currency,
        /// The days, in order.
        dates: Vec<NaiveDate>,
    },
    /// Charges whose billing currency is missing or is no code cannot be converted.
    #[error("{} a billing currency that has a rate", lacking(*.charges))]
    Unconverted {
        /// How many.
        charges: u64,
    },
    /// A sum or difference needs more than 38 digits.
    #[error("a figure of the answer cannot be computed exactly: {0}")]
    Amount(#[from] AmountError),
}

impl QueryError {
    /// A stable word for programs, such as `unknown_dimension`.
    #[must_use]
    pub const fn code(&self) -> &'static str {
        match self {
            Self::NothingLoaded => "nothing_loaded",
            Self::NoMeasure => "no_measure",
            Self::NotACost { .. } => "not_a_cost",
            Self::NotCompared => "not_compared",
            Self::Repeated { .. } => "repeated",
            Self::UnknownDimension(_) => "unknown_dimension",
            Self::UnknownMeasure(_) => "unknown_measure",
            Self::UnknownMetric { .. } => "unknown_metric",
            Self::DimensionNotLoaded { .. } => "dimension_not_loaded",
            Self::UnknownColumn { .. } => "unknown_column",
            Self::EmptyPeriod { .. } => "empty_period",
            Self::ComparisonOutsideCalendar => "comparison_outside_calendar",
            Self::FilterValues { .. } => "filter_values",
            Self::NulCharacter { .. } => "nul_character",
            Self::HourSpan { .. } => "hour_span",
            Self::TopZero => "top_zero",
            Self::TooManyRows { .. } => "too_many_rows",
            Self::FilterSyntax { .. } => "filter_syntax",
            Self::PeriodSyntax { .. } => "period_syntax",
            Self::ResultShape { .. } => "result_shape",
            Self::PartsDiffer { .. } => "parts_differ",
            Self::SeveralCurrencies { .. } => "several_currencies",
            Self::UnknownRates { .. } => "unknown_rates",
            Self::Rates { .. } => "rates",
            Self::MissingRates { .. } => "missing_rates",
            Self::Unconverted { .. } => "unconverted",
            Self::Amount(_) => "amount",
        }
    }

    /// A way on, where there is one.
    #[must_use]
    pub const fn hint(&self) -> Option<&'static str> {
        Some(match self {
            Self::NothingLoaded => "load a bill first",
            Self::NoMeasure => "name at least one, such as billed_cost",
            Self::NotACost { .. } => "ask for billed, effective, contracted or list cost",
            Self::NotCompared => "compare with the previous period, with a year ago, or with a period of your own",
            Self::Repeated { .. } => "name it once",
            Self::UnknownDimension(_) => "`qd dims` lists the dimensions; a tag is written tag:KEY",
            Self::UnknownMeasure(_) => {
                "measures are billed, effective, contracted, list, savings, usage and others, and one divided by another: effective/usage, billed/metric:orders"
            }
            Self::UnknownMetric { .. } => "`qd metrics` lists them; `qd metrics import FILE.csv` takes one in",
            Self::DimensionNotLoaded { .. } => "`qd dims` lists what the loaded bills can be broken down by",
            Self::UnknownColumn { .. } => "columns are named in snake_case after FOCUS, such as billed_cost",
            Self::EmptyPeriod { .. } => "the end must lie after the start",
            Self::ComparisonOutsideCalendar => "compare with a period of your own instead",
            Self::FilterValues { .. } => "give `contains` one text, `is` at least one value, and `missing` none",
            Self::NulCharacter { .. } => "take the character out",
            Self::HourSpan { .. } => "ask for a shorter period, or by day",
            Self::TopZero => "leave `top` away to see every group",
            Self::TooManyRows { .. } => "ask for the top groups, a coarser time step, or narrow the filters",
            Self::FilterSyntax { .. } => {
                "write a filter like: service = \"Amazon EC2\", region in (\"eu-west-1\", \"us-east-1\"), tag:team is missing"
            }
            Self::PeriodSyntax { .. } => {
                "write a period like 2018, 2018-Q4, 2018-10, 2018-10..2018-12, 2018-10-03 or 2018-10-03..2018-10-09; both ends are counted"
            }
            Self::PartsDiffer { .. } | Self::ResultShape { .. } => {
                "this is a defect of the program; do not use the figures"
            }
            Self::SeveralCurrencies { .. } => {
                "name one (--currency USD), filter to one, or convert them all: --convert USD --rates TABLE; `qd rates import FILE` takes a table in"
            }
            Self::UnknownRates { .. } => "`qd rates` lists the tables; `qd rates import FILE.csv` takes one in",
            Self::Rates { .. } => "mend the table and import it again: date, from, to, rate, source",
            Self::MissingRates { .. } => {
                "add those days to the table, or allow earlier rates: --rate-age DAYS; --rate-date billing-month takes one rate a month"
            }
            Self::Unconverted { .. } => "filter them out: billing_currency is present",
            Self::Amount(_) => return None,
        })
    }
}

fn listed(currencies: &[Currency]) -> String {
    currencies.iter().map(Currency::code).collect::<Vec<_>>().join(", ")
}

fn fitting(charges: u64) -> String {
    match charges {
        1 => "1 charge that fits it is".to_owned(),
        several => format!("{several} charges that fit it are"),
    }
}

fn lacking(charges: u64) -> String {
    match charges {
        1 => "1 charge lacks".to_owned(),
        several => format!("{several} charges lack"),
    }
}

/// "2026-01-03, 2026-01-04 and 12 other days".
fn days(dates: &[NaiveDate]) -> String {
    const SHOWN: usize = 3;
    let shown: Vec<String> = dates.iter().take(SHOWN).map(NaiveDate::to_string).collect();
    match dates.len().saturating_sub(SHOWN) {
        0 => shown.join(", "),
        1 => format!("{} and 1 other day", shown.join(", ")),
        others => format!("{} and {others} other days", shown.join(", ")),
    }
}

/// At most 60 characters of a text, for a message.
pub(crate) fn cut(text: &str) -> String {
    text.chars().take(60).collect()
}
