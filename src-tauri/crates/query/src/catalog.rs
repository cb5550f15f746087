//! [`Catalog`]: what an engagement holds, as far as planning a question needs it.

use std::collections::BTreeSet;

use money::Currency;

use crate::dialect::DuckDb;
use crate::sql::Writer;
use crate::{
    AppliedRates, Dimension, EvidenceLoad, LogicalQuery, MetricSeries, NamedMeasure, Period, Question, TagRules,
};

/// What an engagement holds: its tables, tag columns, currencies, periods and loads. A plain value that belongs to one state of
/// the engagement; it is made anew after every load.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Catalog {
    /// `charge`, which must be there, and the cubes that exist.
    pub tables: Vec<TableInfo>,
    /// The tag keys that have a column of their own in every table that lists it.
    pub tag_columns: Vec<TagColumn>,
    /// The engagement's own currency.
    pub currency: Currency,
    /// The billing currencies that occur in the charges.
    pub currencies: Vec<Currency>,
    /// The days of `charge_period_start`, from the first to the day after the last; none when nothing is loaded.
    pub charges: Option<Period>,
    /// The months of `billing_period_start`, whole; none when nothing is loaded.
    pub bills: Option<Period>,
    /// The days that the usage charges cover: from the first start to the last end, which says how far the data are complete.
    pub covered: Option<Period>,
    /// The loads that are current, one entry for each file.
    pub loads: Vec<LoadInfo>,
    /// Which spellings of tags mean the same.
    pub tag_rules: TagRules,
    /// The rates for the one question that is planned with this catalogue, if it converts.
    pub rates: Option<AppliedRates>,
    /// The quotients that the analyst gave a name.
    pub named_measures: Vec<NamedMeasure>,
    /// The metrics that the one question divides by.
    pub metrics: Vec<MetricSeries>,
}

/// A table that can answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TableInfo {
    /// The table's name, such as `cube_month`.
    pub name: String,
    /// The columns that it has.
    pub columns: BTreeSet<String>,
    /// How finely it tells time.
    pub time: TableTime,
    /// How many rows it has.
    pub rows: u64,
}

/// How finely a table tells the time of a charge, and in which columns.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum TableTime {
    /// To the second, in `charge_period_start` and `billing_period_start` (`TIMESTAMP`, UTC): the charges themselves.
    Instant,
    /// To the hour, in `hour` (`TIMESTAMP`, UTC), `month` and `billing_month` (`DATE`).
    Hour,
    /// To the day, in `day`, `month` and `billing_month` (`DATE`).
    Day,
    /// To the month, in `month` and `billing_month` (`DATE`).
    Month,
}

/// A tag key with a column of its own.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct TagColumn {
    /// The tag key.
    pub key: String,
    /// The column that holds its values, such as `tag_1`.
    pub column: String,
}

/// A loaded file, for evidence.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadInfo {
    /// What the evidence says of it.
    pub load: EvidenceLoad,
    /// The days of its charges' `charge_period_start`.
    pub charges: Period,
    /// The months of its charges' `billing_period_start`, whole.
    pub bills: Period,
}

impl Catalog {
    /// The tag keys that are quick to ask by, in order of their columns: a key that a rule gathers goes by the rule's name.
    #[must_use]
    pub fn tag_keys(&self) -> Vec<String> {
        let mut keys: Vec<String> = Vec::new();
        for column in &self.tag_columns {
            let key = self.tag_rules.gathered_by(&column.key);
            if !keys.iter().any(|known| known == key) {
                keys.push(key.to_owned());
            }
        }
        keys
    }

    /// What a dimension is made of in the table of charges, as SQL; none where the charges do not have it.
    #[must_use]
    pub fn charge_expression(&self, dimension: &Dimension) -> Option<String> {
        let period = self.charges?;
        let query = LogicalQuery::new(&Question::default(), period, period, self.currency).ok()?;
        Writer { query: &query, table: self.charge_table()?, catalog: self, dialect: &DuckDb }.dimension(dimension).ok()
    }

    /// The table of the charges themselves.
    pub(crate) fn charge_table(&self) -> Option<&TableInfo> {
        self.tables.iter().find(|table| table.time == TableTime::Instant)
    }
}
