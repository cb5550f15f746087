//! Baselines as front doors and files see them.

use std::collections::BTreeMap;

use money::{Amount, Currency};
use query::Filter;
use scenario::Month;
use serde::{Deserialize, Deserializer, Serialize};
use ts_rs::TS;

/// A baseline in the list.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BaselineInfo {
    /// Its name.
    pub name: String,
    /// Whether it comes with the product.
    pub built_in: bool,
    /// Its dimensions by name; empty where they are chosen by what the bill has.
    pub dimensions: Vec<String>,
    /// How many months it looks ahead.
    pub months: u32,
    /// Its first month, where it was made in this session.
    pub first_month: Option<String>,
    /// What it is, or why its file cannot be read, in a sentence.
    pub what: String,
    /// Why its file cannot be read.
    pub problem: Option<String>,
    /// The business metrics that its lines follow; those of its file until it was made.
    pub drivers: Vec<String>,
    /// The commitments that it has; empty until it was made.
    pub commitments: Vec<String>,
    /// The currencies that it was converted from; empty until it was made.
    pub currencies: Vec<Currency>,
}

/// `baseline`, `baseline_delete`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BaselineRequest {
    /// Its name.
    pub(super) name: String,
}

/// `baseline_save_text`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BaselineSaveTextRequest {
    /// The name it is kept under; one of the name is replaced.
    pub(super) name: String,
    /// The file.
    pub(super) text: String,
}

/// A baseline to be edited.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct BaselineReply {
    /// Its name.
    pub name: String,
    /// Whether it comes with the product.
    pub built_in: bool,
    /// Its file.
    pub text: String,
    /// The cost that is planned.
    pub measure: String,
    /// The dimensions of its lines.
    pub dimensions: Vec<String>,
    /// How many months it looks ahead.
    pub months: u32,
    /// The first month of the history.
    pub from: Option<String>,
    /// The last month of the history.
    pub until: Option<String>,
    /// The charges that it is made of.
    pub filters: Vec<Filter>,
    /// By which rates what is billed in other currencies is converted.
    pub convert: Option<BaselineConversion>,
    /// Business metrics that usage follows.
    pub drivers: Vec<BaselineDriver>,
}

/// `baseline_set`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct BaselineSetRequest {
    /// The name it is kept under; one of the name is replaced.
    pub(super) name: String,
    /// The dimensions of its lines, the first of them the one that results are grouped by.
    pub(super) dimensions: Vec<String>,
    /// How many months it looks ahead.
    pub(super) months: u32,
    /// The charges that it is made of.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<Filter>>")]
    pub(super) filters: Vec<Filter>,
    /// The cost that is planned: `effective`, or another cost's name.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) measure: Option<String>,
    /// The first month of the history.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) from: Option<String>,
    /// The last month of the history.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) until: Option<String>,
    /// By which rates what is billed in other currencies is converted; without it that is left out.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) convert: Option<BaselineConversion>,
    /// Business metrics that usage follows.
    #[serde(default)]
    #[ts(optional, as = "Option<Vec<BaselineDriver>>")]
    pub(super) drivers: Vec<BaselineDriver>,
}

/// By which rates lines in other currencies are converted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct BaselineConversion {
    /// The name of the rate table in the engagement.
    pub rates: String,
    /// The currency of the baseline; that of the engagement where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub to: Option<Currency>,
    /// How many days older than the end of the history the rate may be.
    #[serde(default = "month_of_days")]
    #[ts(optional, as = "Option<u32>")]
    pub age_days_max: u32,
}

const fn month_of_days() -> u32 {
    31
}

/// A business metric that usage follows: its cost is fixed and so much for each unit.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(deny_unknown_fields)]
#[ts(export)]
pub struct BaselineDriver {
    /// The metric.
    pub metric: String,
    /// What operations call it; the metric's name where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub name: Option<String>,
    /// What one unit costs, in the baseline's currency; fitted to the history where it is not said.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub unit_cost: Option<Amount>,
    /// By how many percent its units grow from month to month; forecast from their history where neither this nor values are given.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[ts(optional = nullable)]
    pub growth: Option<String>,
    /// Labels of the metric's values that count, such as `market = "europe"`; all where none are named.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, String>>")]
    pub labels: BTreeMap<String, String>,
    /// The lines that follow it: values of dimensions; all usage where none are named.
    #[serde(default, rename = "where", deserialize_with = "one_or_more", skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, Vec<String>>>")]
    pub filter: BTreeMap<String, Vec<String>>,
    /// Its units in months ahead, such as `"2027-01" = "120000"`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    #[ts(optional, as = "Option<BTreeMap<String, Amount>>")]
    pub values: BTreeMap<String, Amount>,
}

impl BaselineDriver {
    /// A metric by itself, fitted and forecast.
    pub(super) fn of_metric(metric: &str) -> Self {
        Self {
            metric: metric.to_owned(),
            name: None,
            unit_cost: None,
            growth: None,
            labels: BTreeMap::new(),
            filter: BTreeMap::new(),
            values: BTreeMap::new(),
        }
    }

    /// What operations call it.
    pub(super) fn name(&self) -> &str {
        self.name.as_deref().unwrap_or(&self.metric)
    }

    /// Whether its units are those of another.
    pub(super) fn same_units(&self, other: &Self) -> bool {
        (&self.metric, &self.labels, &self.growth, &self.values)
            == (&other.metric, &other.labels, &other.growth, &other.values)
    }

    /// By how much its units grow, in percent.
    pub(super) fn growth_percent(&self) -> Result<Option<Amount>, String> {
        let Some(text) = self.growth.as_deref().map(str::trim).filter(|text| !text.is_empty()) else { return Ok(None) };
        let number = text.strip_suffix('%').map_or(text, str::trim_end);
        let wrong =
            || format!("driver `{}`: a growth of `{text}` cannot be read; write `growth = \"2 %\"`", self.name());
        let percent: Amount = number.parse().map_err(|_| wrong())?;
        if percent < Amount::from_integer(-100) || percent > Amount::from_integer(100) {
            return Err(format!(
                "driver `{}` grows by {percent} % from month to month; say between -100 and 100",
                self.name()
            ));
        }
        Ok(Some(percent))
    }

    /// What is wrong with it.
    pub(super) fn check(&self) -> Result<(), String> {
        let name = self.name();
        if self.metric.trim().is_empty() || name.trim().is_empty() {
            return Err("a driver has no metric".to_owned());
        }
        if self.unit_cost.is_some_and(Amount::is_negative) {
            return Err(format!("a unit of driver `{name}` costs less than nothing"));
        }
        if self.growth_percent()?.is_some() && !self.values.is_empty() {
            return Err(format!("driver `{name}` has both a growth and values; say one of them"));
        }
        for (month, value) in &self.values {
            month.parse::<Month>().map_err(|error| format!("driver `{name}`: {error}"))?;
            if value.is_negative() {
                return Err(format!("driver `{name}` counts {value} in {month}; it cannot count less than nothing"));
            }
        }
        Ok(())
    }
}

/// Values of dimensions, each one text or a list of them.
pub(super) fn one_or_more<'de, D: Deserializer<'de>>(
    deserializer: D,
) -> Result<BTreeMap<String, Vec<String>>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Texts {
        One(String),
        More(Vec<String>),
    }
    let found: BTreeMap<String, Texts> = BTreeMap::deserialize(deserializer)?;
    let texts = |texts| match texts {
        Texts::One(text) => vec![text],
        Texts::More(texts) => texts,
    };
    Ok(found.into_iter().map(|(name, found)| (name, texts(found))).collect())
}
