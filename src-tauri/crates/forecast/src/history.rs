//! What is known of a series: values by day or month, with gaps, and which of them are still growing.

use chrono::{Datelike, NaiveDate};
use money::Amount;

use crate::calendar::Grain;
use crate::posting::number_of;

/// One value of a series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Observation {
    /// What was charged; nothing where nothing is known (which is not the same as zero).
    pub value: Option<f64>,
    /// More may still come: the day or the month is not complete. Such values never enter a model.
    pub provisional: bool,
}

/// A series, one observation a step, without a step left out.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    grain: Grain,
    first: NaiveDate,
    observations: Vec<Observation>,
}

/// Why a series cannot be taken.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum HistoryError {
    /// A value is not a number, infinite, or larger than 38 digits can say.
    #[error("the value of {date} is not a number with at most 38 digits; leave it out to have it filled")]
    NotUsable {
        /// The step of the value.
        date: NaiveDate,
    },
    /// The series begins or ends outside the calendar.
    #[error("a series of {count} steps from {first} does not fit into the calendar; check the dates")]
    OutsideCalendar {
        /// The first step.
        first: NaiveDate,
        /// How many steps.
        count: usize,
    },
}

impl History {
    /// A series from its observations. A month may be named by any of its days.
    ///
    /// # Errors
    /// When a value is not finite or needs more than 38 digits, or the dates leave the calendar.
    pub fn new(grain: Grain, first: NaiveDate, observations: Vec<Observation>) -> Result<Self, HistoryError> {
        /// A year that neither a bill nor a forecast of it reaches.
        const YEAR_MAX: i32 = 9_000;
        /// No amount is larger; squares and their sums stay far from overflowing.
        const SIZE_MAX: f64 = 1e38;
        let first = match grain {
            Grain::Day => first,
            Grain::Month => first.with_day(1).unwrap_or(first),
        };
        let last = grain.date(first, observations.len());
        if first.year() < 1 || last.year() > YEAR_MAX {
            return Err(HistoryError::OutsideCalendar { first, count: observations.len() });
        }
        let usable = |value: f64| value.is_finite() && value.abs() < SIZE_MAX;
        if let Some(at) =
            observations.iter().position(|observation| observation.value.is_some_and(|value| !usable(value)))
        {
            return Err(HistoryError::NotUsable { date: grain.date(first, at) });
        }
        Ok(Self { grain, first, observations })
    }

    /// A series of values that are all complete.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_values(grain: Grain, first: NaiveDate, values: &[f64]) -> Result<Self, HistoryError> {
        let observe = |value: &f64| Observation { value: Some(*value), provisional: false };
        Self::new(grain, first, values.iter().map(observe).collect())
    }

    /// A series of exact amounts; the last `provisional` of them are not complete.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn of_amounts(
        grain: Grain,
        first: NaiveDate,
        amounts: &[Option<Amount>],
        provisional: usize,
    ) -> Result<Self, HistoryError> {
        let complete = amounts.len().saturating_sub(provisional);
        let observe = |(at, amount): (usize, &Option<Amount>)| Observation {
            value: amount.map(number_of),
            provisional: at >= complete,
        };
        Self::new(grain, first, amounts.iter().enumerate().map(observe).collect())
    }

    /// The same steps with other observations; there are as many.
    pub(crate) const fn with(&self, observations: Vec<Observation>) -> Self {
        Self { grain: self.grain, first: self.first, observations }
    }

    /// How far apart the values are.
    #[must_use]
    pub const fn grain(&self) -> Grain {
        self.grain
    }

    /// The first step.
    #[must_use]
    pub const fn first(&self) -> NaiveDate {
        self.first
    }

    /// The observations, a step each.
    #[must_use]
    pub fn observations(&self) -> &[Observation] {
        &self.observations
    }

    /// The date of a step.
    #[must_use]
    pub fn date(&self, step: usize) -> NaiveDate {
        self.grain.date(self.first, step)
    }
}
