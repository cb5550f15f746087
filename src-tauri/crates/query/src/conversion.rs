//! Converting billed currencies into another one: an explicit choice in the question, by a dated rate table that the analyst gave.
//!
//! A converted figure is the exact sum of cost times rate, charge by charge; nothing is rounded on the way. The one rounding there
//! can be is that of a rate: where a table has only the rate of the other direction, its reciprocal is taken, rounded half to even
//! to [`RECIPROCAL_DECIMALS`] decimals.

use std::collections::BTreeMap;

use chrono::{Days, NaiveDate};
use money::{Amount, Currency, Ratio};
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::dialect::{Dialect, DuckDb};
use crate::plan::{Settled, charge_table};
use crate::router::route;
use crate::sql::Writer;
use crate::{Catalog, QueryError, Question};

/// The decimals of a rate that is the reciprocal of the one that the table has.
pub const RECIPROCAL_DECIMALS: u8 = 12;

/// The most decimals that a rate may have: with the eighteen of the widest cost a product still has eight digits before the point.
pub const RATE_DECIMALS_MAX: u8 = 12;

/// The choice to convert all costs of an answer into one currency.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export, optional_fields = nullable)]
pub struct Conversion {
    /// The currency of the answer.
    pub to: Currency,
    /// The name of the rate table in the engagement.
    pub table: String,
    /// Which day's rate a charge takes.
    #[serde(default)]
    pub dated: RateDate,
    /// How many days earlier than that day the rate may be dated, for tables without weekends. Zero means the very day.
    #[serde(default)]
    pub age_days_max: u32,
}

/// Which day's rate a charge takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum RateDate {
    /// The day, UTC, on which its charge period starts.
    #[default]
    ChargeDay,
    /// The first day of the billing month that it is billed in.
    BillingMonth,
}

/// One line of a rate table: one unit of `from` is `rate` units of `to` on `date`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct Rate {
    /// The day it holds for.
    #[ts(type = "string")]
    pub date: NaiveDate,
    /// The currency that is converted.
    pub from: Currency,
    /// The currency that it is converted into.
    pub to: Currency,
    /// Units of `to` for one unit of `from`; above zero.
    pub rate: Amount,
    /// Where it comes from, in the analyst's words.
    pub source: String,
}

/// The rates of an engagement under one name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RateTable {
    name: String,
    sha256: String,
    by_pair: BTreeMap<(Currency, Currency), BTreeMap<NaiveDate, Rate>>,
}

/// A rate as it is applied to the charges of one currency and day.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedRate {
    /// The billing currency.
    pub from: Currency,
    /// The day of the charges.
    pub date: NaiveDate,
    /// What a cost is multiplied by.
    pub factor: Amount,
}

/// The rates that a question needs, found in a table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AppliedRates {
    /// The choice that they answer.
    pub conversion: Conversion,
    /// The SHA-256 of the table's file.
    pub sha256: String,
    /// Each currency and day once, in order.
    pub rates: Vec<AppliedRate>,
    /// Whether one of them is a reciprocal.
    pub reciprocal: bool,
    /// Where the rates come from, each source once.
    pub sources: Vec<String>,
}

/// The rates behind a converted answer.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct EvidenceRates {
    /// The name of the table.
    pub table: String,
    /// The SHA-256 of its file, in hex.
    pub sha256: String,
    /// How a charge finds its rate and what is rounded, as one sentence.
    pub rule: String,
    /// The currencies that were converted.
    pub from: Vec<Currency>,
    /// The currency of the answer.
    pub to: Currency,
    /// How many rates were applied.
    #[ts(type = "number")]
    pub rates: u64,
    /// The first and the last day that rates were applied to; none where no charge was converted.
    #[ts(type = "[string, string] | null")]
    pub days: Option<(NaiveDate, NaiveDate)>,
    /// Where the rates come from, as the table says.
    pub sources: Vec<String>,
}

impl RateTable {
    /// A table of rates.
    ///
    /// # Errors
    /// [`QueryError::Rates`] for a rate that is not above zero or has more than [`RATE_DECIMALS_MAX`] decimals, one from a currency to
    /// itself, and two different ones of one day.
    pub fn new(name: &str, sha256: &str, rates: Vec<Rate>) -> Result<Self, QueryError> {
        let mut by_pair: BTreeMap<(Currency, Currency), BTreeMap<NaiveDate, Rate>> = BTreeMap::new();
        for rate in rates {
            let refuse = |problem: &str| {
                let problem = format!("the rate from {} to {} of {} {problem}", rate.from, rate.to, rate.date);
                Err(QueryError::Rates { table: name.to_owned(), problem })
            };
            if rate.rate.is_zero() || rate.rate.is_negative() {
                return refuse("is not above zero");
            }
            if rate.rate.normalized().scale() > RATE_DECIMALS_MAX {
                return refuse("has more than 12 decimals");
            }
            if rate.from == rate.to {
                return refuse("leads to the currency it comes from");
            }
            let days = by_pair.entry((rate.from, rate.to)).or_default();
            match days.get(&rate.date) {
                Some(known) if known.rate != rate.rate => return refuse("is given twice, and not the same"),
                _ => days.insert(rate.date, rate),
            };
        }
        Ok(Self { name: name.to_owned(), sha256: sha256.to_owned(), by_pair })
    }

    /// Its name.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The SHA-256 of its file, in hex.
    #[must_use]
    pub fn sha256(&self) -> &str {
        &self.sha256
    }

    /// All rates, by pair and day.
    pub fn rates(&self) -> impl Iterator<Item = &Rate> {
        self.by_pair.values().flat_map(BTreeMap::values)
    }

    /// The rates for the currencies and days that a question needs.
    ///
    /// # Errors
    /// [`QueryError::MissingRates`] with the days that have none.
    pub fn apply(&self, conversion: &Conversion, needed: &[(Currency, NaiveDate)]) -> Result<AppliedRates, QueryError> {
        let mut needed = needed.to_vec();
        needed.sort_unstable();
        needed.dedup();
        let mut applied = AppliedRates {
            conversion: conversion.clone(),
            sha256: self.sha256.clone(),
            rates: Vec::new(),
            reciprocal: false,
            sources: Vec::new(),
        };
        let mut missing: Option<(Currency, Vec<NaiveDate>)> = None;
        for (from, date) in needed {
            if from == conversion.to {
                applied.rates.push(AppliedRate { from, date, factor: Amount::from_integer(1) });
                continue;
            }
            let direct = self.on(from, conversion.to, date, conversion.age_days_max);
            let found = match direct {
                Some(rate) => Some((rate, Some(rate.rate))),
                None => self
                    .on(conversion.to, from, date, conversion.age_days_max)
                    .map(|rate| (rate, Ratio::of(Amount::from_integer(1), rate.rate, RECIPROCAL_DECIMALS))),
            };
            match found {
                Some((rate, Some(factor))) if !factor.is_zero() => {
                    applied.reciprocal |= direct.is_none();
                    if !rate.source.is_empty() && !applied.sources.contains(&rate.source) {
                        applied.sources.push(rate.source.clone());
                    }
                    applied.rates.push(AppliedRate { from, date, factor: factor.normalized() });
                }
                _ => match &mut missing {
                    None => missing = Some((from, vec![date])),
                    Some((currency, dates)) if *currency == from => dates.push(date),
                    Some(_) => {}
                },
            }
        }
        match missing {
            Some((from, dates)) => {
                Err(QueryError::MissingRates { table: self.name.clone(), from, to: conversion.to, dates })
            }
            None => Ok(applied),
        }
    }

    /// The latest rate of a pair that is dated on the day, or at most so many days before.
    fn on(&self, from: Currency, to: Currency, day: NaiveDate, age_days_max: u32) -> Option<&Rate> {
        let first = day.checked_sub_days(Days::new(age_days_max.into())).unwrap_or(day);
        self.by_pair.get(&(from, to))?.range(first..=day).next_back().map(|(_, rate)| rate)
    }
}

impl AppliedRates {
    /// How a charge finds its rate and what is rounded.
    #[must_use]
    pub fn rule(&self) -> String {
        let day = match self.conversion.dated {
            RateDate::ChargeDay => "the day (UTC) on which its charge period starts",
            RateDate::BillingMonth => "the first day of its billing month",
        };
        let age = match self.conversion.age_days_max {
            0 => String::new(),
            1 => ", or else of the day before".to_owned(),
            days => format!(", or else the latest of the {days} days before"),
        };
        let reciprocal = if self.reciprocal {
            format!(
                " Where the table has only the other direction, the reciprocal counts, rounded half to even to {RECIPROCAL_DECIMALS} decimals."
            )
        } else {
            String::new()
        };
        format!(
            "Each charge's cost is multiplied by the rate of {day}{age}; products and sums are exact, and rounded only where they are shown.{reciprocal}"
        )
    }

    /// What the evidence says of them.
    #[must_use]
    pub fn evidence(&self) -> EvidenceRates {
        let mut from: Vec<Currency> = self.rates.iter().map(|rate| rate.from).collect();
        from.dedup();
        let first = self.rates.iter().map(|rate| rate.date).min();
        let last = self.rates.iter().map(|rate| rate.date).max();
        EvidenceRates {
            table: self.conversion.table.clone(),
            sha256: self.sha256.clone(),
            rule: self.rule(),
            from,
            to: self.conversion.to,
            rates: self.rates.len() as u64,
            days: first.zip(last),
            sources: self.sources.clone(),
        }
    }

    /// The rates as the rows of a table: currency, day, factor.
    pub(crate) fn common_table(&self, dialect: &dyn Dialect) -> Result<String, QueryError> {
        let scale = self.rates.iter().map(|rate| rate.factor.scale()).max().unwrap_or(0);
        let whole = self.rates.iter().map(|rate| whole_digits(rate.factor)).max().unwrap_or(1);
        let row = |from: Currency, date: NaiveDate, factor: Amount| -> Result<String, QueryError> {
            let factor = dialect.decimal(factor, whole + scale, scale);
            Ok(format!("({}, {}, {factor})", dialect.text(from.code())?, dialect.date(date)))
        };
        let mut rows =
            self.rates.iter().map(|rate| row(rate.from, rate.date, rate.factor)).collect::<Result<Vec<_>, _>>()?;
        if rows.is_empty() {
            // A list of values cannot be empty; this row meets no charge.
            rows.push(row(self.conversion.to, NaiveDate::MIN.max(NaiveDate::default()), Amount::from_integer(1))?);
        }
        let columns = RATE_COLUMNS.map(|column| dialect.identifier(column)).join(", ");
        Ok(format!("  SELECT *\n  FROM (VALUES {}) AS {} ({columns})", rows.join(", "), dialect.identifier("given")))
    }
}

/// The columns of the common table of rates; no charge has columns of these names.
pub(crate) const RATE_COLUMNS: [&str; 3] = ["rate_currency", "rate_date", "rate_factor"];

fn whole_digits(amount: Amount) -> u8 {
    let digits = amount.units().unsigned_abs().to_string().len();
    u8::try_from(digits.saturating_sub(usize::from(amount.scale())).max(1)).unwrap_or(38)
}

/// The statement that lists the billing currencies and days whose rates a question needs: two columns, text (null where a charge
/// has no currency) and date.
///
/// # Errors
/// As [`crate::plan`].
pub fn rate_dates_sql(question: &Question, catalog: &Catalog) -> Result<String, QueryError> {
    let settled = Settled::new(question, catalog)?;
    let dialect = DuckDb;
    let table = match route(&settled.logical, catalog) {
        Ok(table) => table,
        Err(_) => charge_table(&settled.logical, catalog)?,
    };
    let writer = Writer { query: &settled.logical, table, catalog, dialect: &dialect };
    let periods = std::iter::once(&settled.logical.current).chain(&settled.logical.previous);
    let parts = periods
        .map(|period| {
            Ok(format!(
                "SELECT DISTINCT {} AS \"currency\", {} AS \"day\" FROM {} WHERE {}",
                dialect.identifier("billing_currency"),
                writer.rate_day(settled.dated()),
                dialect.identifier(&table.name),
                writer.condition(period)?
            ))
        })
        .collect::<Result<Vec<String>, QueryError>>()?;
    Ok(format!("{}\nORDER BY 1, 2", parts.join("\nUNION\n")))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn currency(code: &str) -> Currency {
        code.parse().unwrap()
    }

    fn rate(date: &str, from: &str, to: &str, rate: &str) -> Rate {
        Rate {
            date: day(date),
            from: currency(from),
            to: currency(to),
            rate: rate.parse().unwrap(),
            source: "central bank".to_owned(),
        }
    }

    fn conversion(to: &str, age_days_max: u32) -> Conversion {
        Conversion { to: currency(to), table: "t".to_owned(), dated: RateDate::ChargeDay, age_days_max }
    }

    #[test]
    fn a_missing_day_is_named() {
        let table = RateTable::new("t", "", vec![rate("2026-01-02", "EUR", "USD", "1.08")]).unwrap();
        let needed = [(currency("EUR"), day("2026-01-02")), (currency("EUR"), day("2026-01-03"))];
        let error = table.apply(&conversion("USD", 0), &needed).unwrap_err();
        assert_eq!(error.to_string(), "rate table `t` has no rate from EUR to USD for 2026-01-03");
        let applied = table.apply(&conversion("USD", 1), &needed).unwrap();
        assert_eq!(applied.rates[1].factor, "1.08".parse().unwrap(), "Friday's rate when the analyst allows it");
        assert!(
            table.apply(&conversion("USD", 0), &[(currency("EUR"), day("2026-01-01"))]).is_err(),
            "never a later one"
        );
    }

    #[test]
    fn the_other_direction_is_a_rounded_reciprocal_and_says_so() {
        let table = RateTable::new("t", "", vec![rate("2026-01-02", "EUR", "USD", "1.08")]).unwrap();
        let applied = table.apply(&conversion("EUR", 0), &[(currency("USD"), day("2026-01-02"))]).unwrap();
        assert_eq!(applied.rates[0].factor.to_string(), "0.925925925926");
        assert!(applied.reciprocal && applied.rule().contains("half to even to 12 decimals"), "{}", applied.rule());
    }

    #[test]
    fn what_is_no_rate_is_refused() {
        let refused = |rates: Vec<Rate>| RateTable::new("t", "", rates).unwrap_err().to_string();
        assert!(refused(vec![rate("2026-01-02", "EUR", "USD", "0")]).contains("not above zero"));
        assert!(refused(vec![rate("2026-01-02", "EUR", "EUR", "1")]).contains("comes from"));
        assert!(refused(vec![rate("2026-01-02", "EUR", "USD", "1.0000000000001")]).contains("12 decimals"));
        let twice = vec![rate("2026-01-02", "EUR", "USD", "1.08"), rate("2026-01-02", "EUR", "USD", "1.09")];
        assert!(refused(twice).contains("given twice"));
    }
}
