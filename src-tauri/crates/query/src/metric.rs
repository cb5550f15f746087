//! [`MetricSeries`]: the values of a business metric, as divisors of the rows of an answer.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{Datelike, Days, Months, NaiveDate};
use money::Amount;

use crate::logical::LogicalQuery;
use crate::period::{month_number, month_start};
use crate::{Dimension, EvidenceRule, Grain, Note, Period, QueryError};

/// A business metric for one question: its values under the question's filters, and which dimensions they are told apart by.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct MetricSeries {
    /// The metric's name.
    pub name: String,
    /// The dimensions that values have a label of.
    pub labels: Vec<Dimension>,
    /// The values.
    pub values: Vec<MetricValue>,
    /// The files they come from.
    pub files: Vec<EvidenceRule>,
    /// What to know of them under this question.
    pub notes: Vec<Note>,
}

/// A value of a metric over some days.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MetricValue {
    /// The days: one, or a month.
    pub days: Period,
    /// How many.
    pub value: Amount,
    /// Its labels, one for each of the series' dimensions; none where it lacks the label.
    pub labels: Vec<Option<String>>,
}

/// The units of every row of an answer, of one period.
#[derive(Debug, Default)]
pub(crate) struct Divisors {
    /// By time and by the keys that the metric tells apart.
    groups: BTreeMap<(Option<String>, Vec<Option<String>>), Amount>,
    /// By time, whatever the keys.
    times: BTreeMap<Option<String>, Amount>,
    total: Option<Amount>,
    /// The places of the keys that the metric tells apart.
    joined: Vec<usize>,
    /// By time, what no group of the answer has.
    rest: BTreeMap<Option<String>, Amount>,
}

/// Which row of an answer.
pub(crate) enum Of<'a> {
    /// A group, by its keys without the time.
    Group(&'a [Option<String>]),
    /// What is left of the groups.
    Rest,
    /// All of it.
    Total,
}

impl Divisors {
    /// The units of `period`, laid over the buckets of the current one where it is the compared one. `groups` are the keys of the rows
    /// that stand alone, without their time.
    ///
    /// # Errors
    /// [`QueryError::Amount`] when units need more than 38 digits.
    pub(crate) fn new(
        series: &MetricSeries,
        query: &LogicalQuery,
        period: Period,
        groups: &BTreeSet<Vec<Option<String>>>,
    ) -> Result<Self, QueryError> {
        let mut divisors = Self::default();
        let mut labels = Vec::new();
        for (place, key) in query.keys.iter().enumerate() {
            if let Some(label) = series.labels.iter().position(|label| label == key) {
                divisors.joined.push(place);
                labels.push(label);
            }
        }
        let alone: BTreeSet<Vec<Option<String>>> = groups.iter().map(|keys| divisors.told(keys)).collect();
        for value in &series.values {
            let inside = value.days.intersection(&period) == Some(value.days);
            if !inside {
                continue;
            }
            add(&mut divisors.total, value.value)?;
            let keys: Vec<Option<String>> =
                labels.iter().map(|label| value.labels.get(*label).cloned().flatten()).collect();
            let Some(time) = time(query, period, value.days) else { continue };
            add_to(&mut divisors.times, time.clone(), value.value)?;
            if !alone.contains(&keys) {
                add_to(&mut divisors.rest, time.clone(), value.value)?;
            }
            add_to(&mut divisors.groups, (time, keys), value.value)?;
        }
        Ok(divisors)
    }

    fn told(&self, keys: &[Option<String>]) -> Vec<Option<String>> {
        self.joined.iter().map(|place| keys.get(*place).cloned().flatten()).collect()
    }

    /// The units of a row; none where the metric has none.
    pub(crate) fn of(&self, time: Option<&str>, row: &Of<'_>) -> Option<Amount> {
        let time = time.map(str::to_owned);
        match row {
            Of::Total => self.total,
            // A metric that tells no key apart counts whole for every row: the cost of a part for each of all orders.
            _ if self.joined.is_empty() => self.times.get(&time).copied(),
            Of::Rest => self.rest.get(&time).copied(),
            Of::Group(keys) => self.groups.get(&(time, self.told(keys))).copied(),
        }
    }
}

fn add(sum: &mut Option<Amount>, value: Amount) -> Result<(), QueryError> {
    *sum = Some(sum.unwrap_or_default().checked_add(value)?);
    Ok(())
}

fn add_to<K: Ord>(sums: &mut BTreeMap<K, Amount>, key: K, value: Amount) -> Result<(), QueryError> {
    let sum = sums.entry(key).or_insert(Amount::ZERO);
    *sum = sum.checked_add(value)?;
    Ok(())
}

/// The bucket of a value, as the answer writes it: no bucket without a time column; none at all for a value that spreads over several.
fn time(query: &LogicalQuery, period: Period, days: Period) -> Option<Option<String>> {
    let first = match query.time {
        None => return Some(None),
        Some(Grain::Month) if month_start(days.from) == month_start(days.last_day()) => month_start(days.from),
        Some(Grain::Day) if days.days() == 1 => days.from,
        Some(_) => return None,
    };
    let shown = match query.time {
        Some(Grain::Month) => later_months(first, month_number(query.current.from) - month_number(period.from))?,
        _ => later_days(first, (query.current.from - period.from).num_days())?,
    };
    let text = if query.time == Some(Grain::Month) { shown.format("%Y-%m") } else { shown.format("%Y-%m-%d") };
    Some(Some(text.to_string()))
}

fn later_months(day: NaiveDate, months: i64) -> Option<NaiveDate> {
    let count = Months::new(u32::try_from(months.unsigned_abs()).ok()?);
    let day = day.with_day(1)?;
    if months < 0 { day.checked_sub_months(count) } else { day.checked_add_months(count) }
}

fn later_days(day: NaiveDate, days: i64) -> Option<NaiveDate> {
    let count = Days::new(days.unsigned_abs());
    if days < 0 { day.checked_sub_days(count) } else { day.checked_add_days(count) }
}
