//! [`Metrics`]: the values that count, and what was found while reading them.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use money::Amount;
use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::{Diagnostic, Driver, RowPlace, When};

/// A value of a metric on a day or in a month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Point {
    /// The metric, such as `orders`.
    pub metric: String,
    /// The day or the month.
    pub when: When,
    /// How many; never below zero.
    pub value: Amount,
    /// What it is told apart by, such as `region` with `eu-west-1`. A label without a value is not there.
    pub labels: BTreeMap<String, String>,
    /// The row it stands in.
    pub place: RowPlace,
}

/// All metrics of an engagement.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metrics {
    /// The values that count, by metric, labels and date.
    pub points: Vec<Point>,
    /// What was found, in the order of the files and rows.
    pub diagnostics: Vec<Diagnostic>,
    /// How many rows each file has, counted or not.
    pub rows: BTreeMap<String, u64>,
}

/// What an engagement knows of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export)]
pub struct MetricInfo {
    /// Its name.
    pub name: String,
    /// The files it stands in.
    pub files: Vec<String>,
    /// How many values count.
    #[ts(type = "number")]
    pub values: u64,
    /// Their sum.
    pub total: Amount,
    /// The first day.
    #[ts(type = "string")]
    pub from: NaiveDate,
    /// The day after the last.
    #[ts(type = "string")]
    pub to: NaiveDate,
    /// Whether values are by the day; else all are by the month.
    pub daily: bool,
    /// Its labels.
    pub labels: Vec<LabelInfo>,
}

/// A label of a metric.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[ts(export, rename = "MetricLabel")]
pub struct LabelInfo {
    /// Its name.
    pub name: String,
    /// Its values.
    pub values: Vec<String>,
    /// How many rows of the metric have no such label.
    #[ts(type = "number")]
    pub without: u64,
}

impl Metrics {
    /// The metrics by name.
    #[must_use]
    pub fn infos(&self) -> Vec<MetricInfo> {
        let mut names: Vec<&str> = self.points.iter().map(|point| point.metric.as_str()).collect();
        names.dedup();
        names.into_iter().filter_map(|name| self.info(name)).collect()
    }

    /// One metric; none where no value of that name counts.
    #[must_use]
    pub fn info(&self, name: &str) -> Option<MetricInfo> {
        let points: Vec<&Point> = self.points.iter().filter(|point| point.metric == name).collect();
        let from = points.iter().map(|point| point.when.first()).min()?;
        let to = points.iter().map(|point| point.when.end()).max()?;
        let files: BTreeSet<&str> = points.iter().map(|point| point.place.file.as_str()).collect();
        Some(MetricInfo {
            name: name.to_owned(),
            files: files.into_iter().map(str::to_owned).collect(),
            values: points.len() as u64,
            // A sum beyond 38 digits is refused while reading.
            total: Amount::sum(points.iter().map(|point| point.value)).unwrap_or_default(),
            from,
            to,
            daily: points.iter().any(|point| matches!(point.when, When::Day(_))),
            labels: labels(&points),
        })
    }

    /// The metric under the labels that `keep` lets through.
    ///
    /// # Errors
    /// [`money::AmountError`] when the values of a day add up to more than 38 digits.
    pub fn driver(
        &self,
        name: &str,
        keep: impl Fn(&BTreeMap<String, String>) -> bool,
    ) -> Result<Driver, money::AmountError> {
        Driver::new(self.points.iter().filter(|point| point.metric == name && keep(&point.labels)))
    }
}

fn labels(points: &[&Point]) -> Vec<LabelInfo> {
    let names: BTreeSet<&String> = points.iter().flat_map(|point| point.labels.keys()).collect();
    names
        .into_iter()
        .map(|name| {
            let found: BTreeSet<&String> = points.iter().filter_map(|point| point.labels.get(name)).collect();
            LabelInfo {
                name: name.clone(),
                values: found.into_iter().cloned().collect(),
                without: points.iter().filter(|point| !point.labels.contains_key(name)).count() as u64,
            }
        })
        .collect()
}
