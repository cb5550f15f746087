//! The expressions of a statement over one table: sums, times, dimensions, conditions, and the rates beside the rows.

use crate::conversion::RATE_COLUMNS;
use crate::period::{month_number, month_start, next_month_start};
use crate::router::{Place, place};
use crate::sql::Writer;
use crate::{
    Dimension, Filter, Grain, Operator, Period, PeriodBasis, QueryError, RateDate, SumColumn, TableTime, TagKeyRule,
};

/// The common table of rates.
const RATE_TABLE: &str = "rate";

impl Writer<'_> {
    /// The sum of a column over the table's rows, costs at their rates.
    pub(crate) fn sum(&self, sum: SumColumn) -> String {
        let column = self.identifier(sum.name());
        if self.query.rates.is_some() && sum.unit_column().is_none() {
            return format!("sum({column} * {})", self.identifier(RATE_COLUMNS[2]));
        }
        format!("sum({column})")
    }

    /// The rates as a common table, where costs are converted.
    pub(crate) fn rate_table(&self) -> Result<Option<(&'static str, String)>, QueryError> {
        let rates = self.query.rates.as_ref();
        rates.map(|rates| Ok((RATE_TABLE, rates.common_table(self.dialect)?))).transpose()
    }

    /// The table, each row beside its rate where costs are converted. A row without a rate stays, and is counted.
    pub(crate) fn rows(&self) -> String {
        let table = self.identifier(&self.table.name);
        match &self.query.rates {
            None => table,
            Some(rates) => format!(
                "{table} LEFT JOIN {} ON {} = {} AND {} = {}",
                self.identifier(RATE_TABLE),
                self.identifier("billing_currency"),
                self.identifier(RATE_COLUMNS[0]),
                self.rate_day(rates.conversion.dated),
                self.identifier(RATE_COLUMNS[1]),
            ),
        }
    }

    /// The day whose rate a row takes.
    pub(crate) fn rate_day(&self, dated: RateDate) -> String {
        match (self.table.time, dated) {
            (TableTime::Instant, RateDate::ChargeDay) => {
                self.dialect.truncated(&self.identifier("charge_period_start"), Grain::Day)
            }
            (TableTime::Instant, RateDate::BillingMonth) => {
                self.dialect.truncated(&self.identifier("billing_period_start"), Grain::Month)
            }
            (_, RateDate::ChargeDay) => self.identifier("day"),
            (_, RateDate::BillingMonth) => self.identifier("billing_month"),
        }
    }

    /// How many charges: counted, or added up where the table holds counts.
    pub(crate) fn charges(&self) -> String {
        match self.table.time {
            TableTime::Instant => "count(*)".to_owned(),
            TableTime::Hour | TableTime::Day | TableTime::Month => {
                self.dialect.big_integer(&format!("sum({})", self.identifier("charges")))
            }
        }
    }

    /// The unit of the rows that have the quantity; an empty text where the unit is missing, so that it differs from any other.
    pub(crate) fn unit(&self, sum: SumColumn) -> String {
        let unit = self.identifier(sum.unit_column().unwrap_or_default());
        format!("CASE WHEN {} IS NOT NULL THEN coalesce({unit}, '') END", self.identifier(sum.name()))
    }

    /// The bucket of time; that of the compared period is moved so that the first lies on the first.
    pub(crate) fn time(&self, grain: Grain, current: bool) -> String {
        let month = match self.query.basis {
            PeriodBasis::Charge => "month",
            PeriodBasis::Billing => "billing_month",
        };
        let time = match (self.table.time, grain, self.query.basis) {
            (TableTime::Instant, Grain::Month, PeriodBasis::Billing) => {
                self.dialect.truncated(&self.identifier("billing_period_start"), grain)
            }
            (TableTime::Instant, ..) => self.dialect.truncated(&self.identifier("charge_period_start"), grain),
            (_, Grain::Month, _) => self.identifier(month),
            (TableTime::Hour, ..) => self.dialect.truncated(&self.identifier("hour"), grain),
            (_, Grain::Day | Grain::Hour, _) => self.identifier("day"),
        };
        match (&self.query.previous, current) {
            (Some(previous), false) => match grain {
                Grain::Month => {
                    let months = month_number(self.query.current.from) - month_number(previous.from);
                    self.dialect.months_later(&time, months)
                }
                Grain::Day | Grain::Hour => {
                    let days = (self.query.current.from - previous.from).num_days();
                    self.dialect.days_later(&time, days, grain)
                }
            },
            _ => time,
        }
    }

    /// The expression of a dimension.
    pub(crate) fn dimension(&self, dimension: &Dimension) -> Result<String, QueryError> {
        let Some(place) = place(dimension, self.table, self.catalog) else {
            return Err(QueryError::DimensionNotLoaded { dimension: dimension.clone() });
        };
        let value = self.placed_at(&place)?;
        match dimension {
            Dimension::Tag(key) => match self.catalog.tag_rules.of(key) {
                Some(rule) => self.counted_as(&value, rule),
                None => Ok(value),
            },
            _ => Ok(value),
        }
    }

    fn placed_at(&self, place: &Place) -> Result<String, QueryError> {
        match place {
            Place::Column(column) => Ok(self.identifier(column)),
            Place::Json { column, key } => self.dialect.json_text(&self.identifier(column), key),
            Place::First(places) => {
                let values = places.iter().map(|place| self.placed_at(place)).collect::<Result<Vec<_>, _>>()?;
                Ok(if values.len() == 1 { values.concat() } else { format!("coalesce({})", values.join(", ")) })
            }
        }
    }

    /// A tag's value, spellings counted as the value that the rule says.
    fn counted_as(&self, value: &str, rule: &TagKeyRule) -> Result<String, QueryError> {
        if rule.values.is_empty() {
            return Ok(value.to_owned());
        }
        let cases = rule
            .values
            .iter()
            .map(|(spelling, counts_as)| {
                Ok(format!(" WHEN {} THEN {}", self.dialect.text(spelling)?, self.dialect.text(counts_as)?))
            })
            .collect::<Result<String, QueryError>>()?;
        Ok(format!("CASE {value}{cases} ELSE {value} END"))
    }

    /// All that a row of the table must meet: the period, the currency (where there are others), and the filters.
    pub(crate) fn condition(&self, period: &Period) -> Result<String, QueryError> {
        let mut conditions = vec![self.within(period)];
        if let Some(currency) = self.query.billed_in.filter(|currency| self.catalog.currencies != [*currency]) {
            let currency = self.dialect.text(currency.code())?;
            conditions.push(format!("{} = {currency}", self.identifier("billing_currency")));
        }
        conditions.extend(self.filters()?);
        Ok(conditions.join("\n    AND "))
    }

    pub(crate) fn filters(&self) -> Result<Vec<String>, QueryError> {
        self.query.filters.iter().map(|filter| self.filter(filter)).collect()
    }

    pub(crate) fn within(&self, period: &Period) -> String {
        let (column, from, to) = match (self.table.time, self.query.basis) {
            (TableTime::Instant, PeriodBasis::Charge) => ("charge_period_start", period.from, period.to),
            (TableTime::Instant, PeriodBasis::Billing) => ("billing_period_start", period.from, period.to),
            (TableTime::Hour, PeriodBasis::Charge) => ("hour", period.from, period.to),
            (TableTime::Day, PeriodBasis::Charge) => ("day", period.from, period.to),
            // An edge inside a month lies outside of all that is loaded, or this table would not have been taken.
            (TableTime::Month, PeriodBasis::Charge) => ("month", month_start(period.from), next_month_start(period.to)),
            (_, PeriodBasis::Billing) => ("billing_month", month_start(period.from), next_month_start(period.to)),
        };
        let literal = |day| match (self.table.time, self.query.basis) {
            (TableTime::Instant, _) | (TableTime::Hour, PeriodBasis::Charge) => self.dialect.midnight(day),
            _ => self.dialect.date(day),
        };
        let column = self.identifier(column);
        format!("{column} >= {} AND {column} < {}", literal(from), literal(to))
    }

    fn filter(&self, filter: &Filter) -> Result<String, QueryError> {
        let tested = self.dimension(&filter.dimension)?;
        let values = filter.values.iter().map(|value| self.dialect.text(value)).collect::<Result<Vec<String>, _>>()?;
        let list = values.join(", ");
        Ok(match (filter.operator, values.as_slice()) {
            (Operator::Is, [value]) => format!("{tested} = {value}"),
            (Operator::Is, _) => format!("{tested} IN ({list})"),
            (Operator::IsNot, [value]) => format!("({tested} <> {value} OR {tested} IS NULL)"),
            (Operator::IsNot, _) => format!("({tested} NOT IN ({list}) OR {tested} IS NULL)"),
            (Operator::Contains, _) => self.dialect.contains_ignoring_case(&tested, &list),
            (Operator::NotContains, _) => {
                format!("(NOT {} OR {tested} IS NULL)", self.dialect.contains_ignoring_case(&tested, &list))
            }
            (Operator::Missing, _) => format!("{tested} IS NULL"),
            (Operator::Present, _) => format!("{tested} IS NOT NULL"),
        })
    }
}
