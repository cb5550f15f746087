//! The history of a scope: the answer to a question as a series without a step left out.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forecast::{History, HistoryError};
use money::{Amount, AmountError};
use query::{Answer, Catalog, Grain, Note, Period};

use super::reply::ForecastActual;
use crate::ApiError;

/// The months or days of an answer that have charges.
pub(super) fn times(answer: &Answer) -> BTreeSet<String> {
    answer.rows.iter().filter_map(|row| row.keys.first().cloned().flatten()).collect()
}

/// A history as it is shown and learned from.
#[derive(Clone)]
pub(super) struct Series {
    pub(super) grain: Grain,
    pub(super) first: Option<NaiveDate>,
    pub(super) actuals: Vec<ForecastActual>,
    pub(super) notes: Vec<Note>,
}

impl Series {
    /// Every step from the first to the last that has charges of anything: one without charges of this scope is zero, one without any
    /// charge is not known. A first month that is not loaded whole, or that the period asked for cuts, is left out; the last steps that are
    /// not complete are provisional.
    pub(super) fn of(
        answer: &Answer,
        asked: Option<Period>,
        grain: Grain,
        loaded: &BTreeSet<String>,
        catalog: &Catalog,
        complete_until: Option<NaiveDate>,
    ) -> Result<Self, ApiError> {
        let costs: BTreeMap<&str, Amount> = answer
            .rows
            .iter()
            .filter_map(|row| Some((row.keys.first()?.as_deref()?, row.cells.first()?.value?)))
            .collect();
        let mut series = Self { grain, first: None, actuals: Vec::new(), notes: Vec::new() };
        let (Some(first), Some(last)) = (loaded.first(), loaded.last()) else { return Ok(series) };
        let (Some(first), Some(last)) = (step(first, grain), step(last, grain)) else { return Ok(series) };
        let mut at = first;
        let begins_later = |known: Period| at.from < known.from && known.from < at.to;
        if catalog.covered.is_some_and(begins_later) {
            series.notes.push(Note {
                code: "partial_start".to_owned(),
                message: format!("{} is not loaded from its beginning and is left out.", named(at.from, grain)),
            });
            at = after(at, grain);
        } else if asked.is_some_and(begins_later) {
            series.notes.push(Note {
                code: "partial_start".to_owned(),
                message: format!("The period begins within {}, which is left out.", named(at.from, grain)),
            });
            at = after(at, grain);
        }
        // What the period cuts off is as unknown as what has not come in.
        let complete_until = [complete_until, asked.map(|period| period.to)].into_iter().flatten().min();
        series.first = Some(at.from);
        while at.from <= last.from {
            let time = named(at.from, grain);
            let known = loaded.contains(&time);
            series.actuals.push(ForecastActual {
                amount: costs.get(time.as_str()).copied().or(known.then_some(Amount::ZERO)),
                provisional: complete_until.is_some_and(|until| until < at.to),
                time,
            });
            at = after(at, grain);
        }
        Ok(series)
    }

    /// What is left of each step without some flows: its usage.
    pub(super) fn left<'a>(
        &self,
        flows: impl Iterator<Item = &'a Vec<Amount>>,
    ) -> Result<Vec<Option<Amount>>, AmountError> {
        let mut left: Vec<Option<Amount>> = self.actuals.iter().map(|actual| actual.amount).collect();
        for amounts in flows {
            for (left, amount) in left.iter_mut().zip(amounts) {
                *left = left.map(|left| left.checked_sub(*amount)).transpose()?;
            }
        }
        Ok(left)
    }

    /// The same as a history.
    pub(super) fn usage<'a>(&self, flows: impl Iterator<Item = &'a Vec<Amount>>) -> Result<History, ApiError> {
        history_of(self.grain, self.first, &self.left(flows)?, self.provisional())
    }

    /// How many steps are complete.
    pub(super) fn complete(&self) -> usize {
        self.actuals.len() - self.provisional()
    }

    /// How many steps at the end are not complete.
    pub(super) fn provisional(&self) -> usize {
        self.actuals.iter().rev().take_while(|actual| actual.provisional).count()
    }
}

/// Amounts, one a step, as a history.
pub(super) fn history_of(
    grain: Grain,
    first: Option<NaiveDate>,
    amounts: &[Option<Amount>],
    provisional: usize,
) -> Result<History, ApiError> {
    let grain = match grain {
        Grain::Month => forecast::Grain::Month,
        Grain::Day | Grain::Hour => forecast::Grain::Day,
    };
    History::of_amounts(grain, first.unwrap_or_default(), amounts, provisional).map_err(refused)
}

pub(super) fn refused(error: HistoryError) -> ApiError {
    ApiError::new("forecast", error.to_string(), "Choose another period or scope.")
}

/// The days of `2026-03` or `2026-03-05`.
pub(super) fn step(time: &str, grain: Grain) -> Option<Period> {
    let from: NaiveDate = if grain == Grain::Month { format!("{time}-01").parse().ok()? } else { time.parse().ok()? };
    Some(of_step(from, grain))
}

pub(super) fn of_step(from: NaiveDate, grain: Grain) -> Period {
    let next = match grain {
        Grain::Month => from.checked_add_months(chrono::Months::new(1)),
        Grain::Day | Grain::Hour => from.succ_opt(),
    };
    Period { from, to: next.unwrap_or(from) }
}

fn after(step: Period, grain: Grain) -> Period {
    of_step(step.to, grain)
}

/// A step as answers name it.
pub(super) fn named(from: NaiveDate, grain: Grain) -> String {
    from.format(if grain == Grain::Month { "%Y-%m" } else { "%Y-%m-%d" }).to_string()
}
