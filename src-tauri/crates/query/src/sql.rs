//! A logical query as one SQL statement over one table.
//!
//! The statement has one total row (role 2), the groups (role 0) and what is left of them (role 1), all from one scan's groups, so
//! that they are of one state of the data. Its columns are those of [`columns`].

use crate::conversion::RATE_COLUMNS;
use crate::dialect::Dialect;
use crate::logical::LogicalQuery;
use crate::{Catalog, Dimension, Formula, Grain, Period, QueryError, SumColumn, TableInfo};

/// The most rows that an answer may have, its total not counted.
pub const ANSWER_ROWS_MAX: u32 = 100_000;

/// What a column of the result holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Column {
    /// 0 a group, 1 the rest below the top groups, 2 the total. Integer.
    Role,
    /// The bucket of time, such as `2018-10`. Text, null in the total.
    Time(Grain),
    /// The key of a dimension. Text or null.
    Key(Dimension),
    /// A sum over the current period. Decimal or null.
    Sum(SumColumn),
    /// A sum over the compared period. Decimal or null.
    PreviousSum(SumColumn),
    /// The charges of the current period. Integer or null.
    Charges,
    /// The charges of the compared period. Integer or null.
    PreviousCharges,
    /// The first unit of a quantity in the order of text. Text or null.
    FirstUnit(SumColumn),
    /// The last unit of a quantity in the order of text. Text or null.
    LastUnit(SumColumn),
    /// How many groups of the keys there are; in the total only. Integer or null.
    Groups,
    /// How many charges in other currencies the filters let through, or, where costs are converted, how many have no rate; in the
    /// total only. Integer or null.
    OtherCurrencyCharges,
}

/// The columns of the statement, in order.
#[must_use]
pub fn columns(query: &LogicalQuery) -> Vec<Column> {
    let mut columns = vec![Column::Role];
    columns.extend(query.time.map(Column::Time));
    columns.extend(query.keys.iter().cloned().map(Column::Key));
    columns.extend(figures(query));
    columns.extend([Column::Groups, Column::OtherCurrencyCharges]);
    columns
}

/// The columns that are aggregated, and aggregated again.
fn figures(query: &LogicalQuery) -> Vec<Column> {
    let mut columns: Vec<Column> = query.sums.iter().copied().map(Column::Sum).collect();
    columns.push(Column::Charges);
    if query.previous.is_some() {
        columns.extend(query.sums.iter().copied().map(Column::PreviousSum));
        columns.push(Column::PreviousCharges);
    }
    for (sum, _) in query.unit_columns() {
        columns.extend([Column::FirstUnit(sum), Column::LastUnit(sum)]);
    }
    columns
}

/// The column's name in the statement. Tags and extras go by their place: names of columns ignore case, keys do not.
fn name(column: &Column, query: &LogicalQuery) -> String {
    match column {
        Column::Role => "role".to_owned(),
        Column::Time(_) => "time".to_owned(),
        Column::Key(dimension) => match dimension {
            Dimension::Tag(_) | Dimension::Extra(_) => {
                let place = query.keys.iter().position(|key| key == dimension).unwrap_or(0) + 1;
                format!("key_{place}")
            }
            known => known.name().into_owned(),
        },
        Column::Sum(sum) => sum.name().to_owned(),
        Column::PreviousSum(sum) => format!("previous_{}", sum.name()),
        Column::Charges => "charges".to_owned(),
        Column::PreviousCharges => "previous_charges".to_owned(),
        Column::FirstUnit(sum) => format!("{}_first_unit", sum.name()),
        Column::LastUnit(sum) => format!("{}_last_unit", sum.name()),
        Column::Groups => "groups".to_owned(),
        Column::OtherCurrencyCharges => "other_currency_charges".to_owned(),
    }
}

/// Writes expressions over one table in one dialect.
pub(crate) struct Writer<'a> {
    pub(crate) query: &'a LogicalQuery,
    pub(crate) table: &'a TableInfo,
    pub(crate) catalog: &'a Catalog,
    pub(crate) dialect: &'a dyn Dialect,
}

impl Writer<'_> {
    /// The whole statement.
    ///
    /// # Errors
    /// [`QueryError::NulCharacter`] for a value that SQL cannot carry, [`QueryError::DimensionNotLoaded`] for a dimension that the
    /// table does not have.
    pub(crate) fn statement(&self) -> Result<String, QueryError> {
        let mut tables: Vec<(&str, String)> = self.rate_table()?.into_iter().collect();
        match &self.query.previous {
            None => tables.push(("grouped", self.grouped(&self.query.current, true)?)),
            Some(previous) => {
                let parts = format!(
                    "{}\n  UNION ALL\n{}",
                    self.grouped(&self.query.current, true)?,
                    self.grouped(previous, false)?
                );
                tables.push(("part", parts));
                tables.push(("grouped", self.aggregated("part", &self.key_columns())));
            }
        }
        if let Some(top) = self.query.top {
            tables.push(("leader", self.leader(top)));
            tables.push(("placed", self.placed()));
        }
        tables.push(("answered", self.answered()?));
        let with: Vec<String> = tables.iter().map(|(name, body)| self.dialect.common_table(name, body)).collect();
        Ok(format!("WITH {}\n{}", with.join(", "), self.last()))
    }

    pub(crate) fn identifier(&self, name: &str) -> String {
        self.dialect.identifier(name)
    }

    fn named(&self, column: &Column) -> String {
        self.identifier(&name(column, self.query))
    }

    /// The time and the keys.
    fn key_columns(&self) -> Vec<Column> {
        self.query.time.map(Column::Time).into_iter().chain(self.query.keys.iter().cloned().map(Column::Key)).collect()
    }

    /// The groups of one period, straight from the table; the figures of the other period are null.
    fn grouped(&self, period: &Period, current: bool) -> Result<String, QueryError> {
        let mut selected = Vec::new();
        for column in self.key_columns() {
            let expression = match &column {
                Column::Time(grain) => self.time(*grain, current),
                Column::Key(dimension) => self.dimension(dimension)?,
                _ => continue,
            };
            selected.push(format!("{expression} AS {}", self.named(&column)));
        }
        let keys = selected.len();
        for column in figures(self.query) {
            let expression = match &column {
                Column::Sum(sum) if current => self.sum(*sum),
                Column::PreviousSum(sum) if !current => self.sum(*sum),
                Column::Charges if current => self.charges(),
                Column::PreviousCharges if !current => self.charges(),
                Column::FirstUnit(sum) if current => format!("min({})", self.unit(*sum)),
                Column::LastUnit(sum) if current => format!("max({})", self.unit(*sum)),
                _ => "NULL".to_owned(),
            };
            selected.push(format!("{expression} AS {}", self.named(&column)));
        }
        let grouping =
            if keys == 0 { "HAVING count(*) > 0".to_owned() } else { format!("GROUP BY {}", ordinals(1, keys)) };
        Ok(format!(
            "  SELECT {}\n  FROM {}\n  WHERE {}\n  {grouping}",
            selected.join(", "),
            self.rows(),
            self.condition(period)?
        ))
    }

    /// The figures of `source` added up by the keys.
    fn aggregated(&self, source: &str, keys: &[Column]) -> String {
        let mut selected: Vec<String> = keys.iter().map(|key| self.named(key)).collect();
        selected.extend(self.figures_again());
        let grouping = if keys.is_empty() {
            "HAVING count(*) > 0".to_owned()
        } else {
            format!("GROUP BY {}", ordinals(1, keys.len()))
        };
        format!("  SELECT {}\n  FROM {}\n  {grouping}", selected.join(", "), self.identifier(source))
    }

    /// Every figure aggregated over rows that are aggregates already.
    fn figures_again(&self) -> Vec<String> {
        let again = |column: &Column| {
            let column_name = self.named(column);
            let expression = match column {
                Column::Charges | Column::PreviousCharges => self.dialect.big_integer(&format!("sum({column_name})")),
                Column::FirstUnit(_) => format!("min({column_name})"),
                Column::LastUnit(_) => format!("max({column_name})"),
                _ => format!("sum({column_name})"),
            };
            format!("{expression} AS {column_name}")
        };
        figures(self.query).iter().map(again).collect()
    }

    /// The value that ranks, over columns of sums that are already there.
    pub(crate) fn rank(&self) -> String {
        let of = self.formula(self.query.rank.of);
        match self.query.rank.by {
            None => of,
            Some(by) => self.dialect.approximate_quotient(&of, &self.formula(by)),
        }
    }

    fn formula(&self, formula: Formula) -> String {
        match formula {
            Formula::Sum(sum) => self.identifier(sum.name()),
            Formula::Count => self.identifier("charges"),
            Formula::Difference(from, less) => {
                let (from, less) = (self.identifier(from.name()), self.identifier(less.name()));
                format!(
                    "CASE WHEN {from} IS NULL AND {less} IS NULL THEN NULL ELSE coalesce({from}, 0) - coalesce({less}, 0) END"
                )
            }
        }
    }

    fn rank_order(&self) -> String {
        let keys = self.query.keys.iter().map(|key| format!(", {} NULLS LAST", self.named(&Column::Key(key.clone()))));
        format!("{} DESC NULLS LAST{}", self.rank(), keys.collect::<String>())
    }

    /// The keys of the top groups over all buckets of time.
    fn leader(&self, top: u32) -> String {
        let keys: Vec<String> = self.query.keys.iter().map(|key| self.named(&Column::Key(key.clone()))).collect();
        let source = if self.query.time.is_some() {
            let columns: Vec<Column> = self.query.keys.iter().cloned().map(Column::Key).collect();
            format!("(\n{}\n  ) AS {}", self.aggregated("grouped", &columns), self.identifier("whole"))
        } else {
            self.identifier("grouped")
        };
        format!(
            "  SELECT 0 AS {}, {}\n  FROM {source}\n  ORDER BY {}\n  LIMIT {top}",
            self.identifier("role"),
            keys.join(", "),
            self.rank_order()
        )
    }

    /// The groups, each with its role.
    fn placed(&self) -> String {
        let joined: Vec<String> = self
            .query
            .keys
            .iter()
            .map(|key| {
                let column = self.named(&Column::Key(key.clone()));
                self.dialect.same(
                    &format!("{}.{column}", self.identifier("grouped")),
                    &format!("{}.{column}", self.identifier("leader")),
                )
            })
            .collect();
        format!(
            "  SELECT coalesce({leader}.{role}, 1) AS {role}, {grouped}.*\n  FROM {grouped} LEFT JOIN {leader} ON {}",
            joined.join(" AND "),
            leader = self.identifier("leader"),
            grouped = self.identifier("grouped"),
            role = self.identifier("role"),
        )
    }

    /// The groups, the rest and the total.
    fn answered(&self) -> Result<String, QueryError> {
        let role = self.identifier("role");
        let figures = figures(self.query);
        let mut rows = Vec::new();
        let groups = match self.query.top {
            None => {
                rows.push(format!("0 AS {role}"));
                rows.extend(self.key_columns().iter().chain(&figures).map(|column| self.named(column)));
                format!("  FROM {}", self.identifier("grouped"))
            }
            Some(_) => {
                rows.push(role.clone());
                rows.extend(self.query.time.map(|grain| self.named(&Column::Time(grain))));
                rows.extend(self.query.keys.iter().map(|key| {
                    let column = self.named(&Column::Key(key.clone()));
                    format!("CASE WHEN {role} = 0 THEN {column} END AS {column}")
                }));
                let keys = rows.len();
                rows.extend(self.figures_again());
                format!("  FROM {}\n  GROUP BY {}", self.identifier("placed"), ordinals(1, keys))
            }
        };
        let named_groups = self.named(&Column::Groups);
        let named_others = self.named(&Column::OtherCurrencyCharges);
        rows.extend([format!("NULL AS {named_groups}"), format!("NULL AS {named_others}")]);
        let mut total = vec![format!("2 AS {role}")];
        total.extend(self.key_columns().iter().map(|key| format!("NULL AS {}", self.named(key))));
        total.extend(self.figures_again());
        total.push(format!("{} AS {named_groups}", self.groups()));
        total.push(format!("{} AS {named_others}", self.other_currency_charges()?));
        Ok(format!(
            "  SELECT {}\n{groups}\n  UNION ALL\n  SELECT {}\n  FROM {}",
            rows.join(", "),
            total.join(", "),
            self.identifier("grouped")
        ))
    }

    /// How many groups of the keys there are, whatever the time.
    fn groups(&self) -> String {
        if self.query.time.is_none() {
            return "count(*)".to_owned();
        }
        let keys: Vec<String> = self.query.keys.iter().map(|key| self.named(&Column::Key(key.clone()))).collect();
        let distinct = if keys.is_empty() { "1".to_owned() } else { keys.join(", ") };
        format!(
            "(SELECT count(*) FROM (SELECT DISTINCT {distinct} FROM {}) AS {})",
            self.identifier("grouped"),
            self.identifier("whole")
        )
    }

    /// How many charges the question would let through in other currencies.
    fn other_currency_charges(&self) -> Result<String, QueryError> {
        if self.query.rates.is_some() {
            let periods = std::iter::once(&self.query.current).chain(&self.query.previous);
            let conditions = periods
                .map(|period| Ok(format!("({})", self.condition(period)?)))
                .collect::<Result<Vec<_>, QueryError>>()?;
            return Ok(format!(
                "(SELECT {} FROM {} WHERE {} IS NULL AND ({}))",
                self.charges(),
                self.rows(),
                self.identifier(RATE_COLUMNS[2]),
                conditions.join(" OR ")
            ));
        }
        if self.catalog.currencies.iter().all(|currency| *currency == self.query.currency) {
            return Ok("0".to_owned());
        }
        let mut conditions = vec![
            self.within(&self.query.current),
            format!("{} <> {}", self.identifier("billing_currency"), self.dialect.text(self.query.currency.code())?),
        ];
        conditions.extend(self.filters()?);
        Ok(format!(
            "(SELECT {} FROM {} WHERE {})",
            self.charges(),
            self.identifier(&self.table.name),
            conditions.join(" AND ")
        ))
    }

    /// The last part: the columns in order, the total first, then by time, the rest after the groups, by rank and by keys.
    fn last(&self) -> String {
        let role = self.identifier("role");
        let selected: Vec<String> = columns(self.query)
            .iter()
            .map(|column| match column {
                Column::Time(grain) => {
                    let name = self.named(column);
                    format!("{} AS {name}", self.dialect.time_text(&name, *grain))
                }
                Column::Groups | Column::OtherCurrencyCharges => {
                    format!("{} AS {}", self.dialect.big_integer(&self.named(column)), self.named(column))
                }
                other => self.named(other),
            })
            .collect();
        let answered = self.identifier("answered");
        let by_time =
            self.query.time.map(|grain| format!("{}, ", self.named(&Column::Time(grain)))).unwrap_or_default();
        format!(
            "SELECT {}\nFROM {answered}\nORDER BY CASE WHEN {role} = 2 THEN 0 ELSE 1 END, {by_time}{role}, {}\nLIMIT {}",
            selected.join(", "),
            self.rank_order(),
            ANSWER_ROWS_MAX + 2
        )
    }
}

fn ordinals(first: usize, count: usize) -> String {
    (first..first + count).map(|ordinal| ordinal.to_string()).collect::<Vec<_>>().join(", ")
}
