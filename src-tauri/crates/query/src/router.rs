//! The router: the smallest table that can answer exactly.

use chrono::NaiveDate;

use crate::logical::LogicalQuery;
use crate::period::month_start;
use crate::{Catalog, Dimension, Grain, Period, PeriodBasis, QueryError, RateDate, TableInfo, TableTime};

/// Where a table keeps a dimension.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In a column of its own.
    Column(String),
    /// Under a key of a column that holds a JSON object.
    Json {
        /// `tags` or `extra`.
        column: &'static str,
        /// The key.
        key: String,
    },
    /// The first value of several places.
    First(Vec<Self>),
}

/// Where `table` keeps `dimension`; none if it does not.
pub(crate) fn place(dimension: &Dimension, table: &TableInfo, catalog: &Catalog) -> Option<Place> {
    let json = |column: &'static str, key: &str| {
        table.columns.contains(column).then(|| Place::Json { column, key: key.to_owned() })
    };
    match dimension {
        Dimension::Tag(key) => {
            let of = |key: &str| {
                let own = catalog.tag_columns.iter().find(|tag| tag.key == key && table.columns.contains(&tag.column));
                own.map(|tag| Place::Column(tag.column.clone())).or_else(|| json("tags", key))
            };
            match catalog.tag_rules.of(key) {
                Some(rule) => rule.from.iter().map(|key| of(key)).collect::<Option<Vec<_>>>().map(Place::First),
                None => of(key),
            }
        }
        Dimension::Extra(name) => json("extra", name),
        known => known
            .column()
            .filter(|column| table.columns.contains(*column))
            .map(|column| Place::Column(column.to_owned())),
    }
}

/// The table with the fewest rows that has every column the query needs and tells time finely enough for its periods.
///
/// # Errors
/// [`QueryError::DimensionNotLoaded`] when not even the charges have a dimension, [`QueryError::NothingLoaded`] when there is no
/// table of charges.
pub fn route<'a>(query: &LogicalQuery, catalog: &'a Catalog) -> Result<&'a TableInfo, QueryError> {
    let charge = catalog.charge_table().ok_or(QueryError::NothingLoaded)?;
    check_dimensions(query, charge, catalog)?;
    let covering = catalog.tables.iter().filter(|table| covers(query, table, catalog));
    Ok(covering.min_by_key(|table| table.rows).unwrap_or(charge))
}

/// Refuses dimensions that the charges do not have.
///
/// # Errors
/// [`QueryError::DimensionNotLoaded`].
pub(crate) fn check_dimensions(query: &LogicalQuery, charge: &TableInfo, catalog: &Catalog) -> Result<(), QueryError> {
    match dimensions(query).find(|dimension| place(dimension, charge, catalog).is_none()) {
        Some(dimension) => Err(QueryError::DimensionNotLoaded { dimension: dimension.clone() }),
        None => Ok(()),
    }
}

fn dimensions(query: &LogicalQuery) -> impl Iterator<Item = &Dimension> {
    query.keys.iter().chain(query.filters.iter().map(|filter| &filter.dimension))
}

fn covers(query: &LogicalQuery, table: &TableInfo, catalog: &Catalog) -> bool {
    if table.time == TableTime::Instant {
        return true;
    }
    let has = |column: &str| table.columns.contains(column);
    let columns = dimensions(query).all(|dimension| place(dimension, table, catalog).is_some())
        && query.unit_columns().all(|(_, unit)| has(unit))
        && has("billing_currency");
    let grain = match query.time {
        None | Some(Grain::Month) => true,
        Some(Grain::Day) => table.time != TableTime::Month,
        Some(Grain::Hour) => table.time == TableTime::Hour,
    } && (query.rate_date != Some(RateDate::ChargeDay) || table.time == TableTime::Day);
    let periods = std::iter::once(&query.current).chain(query.previous.as_ref());
    columns && grain && periods.into_iter().all(|period| tells(table.time, query.basis, period, catalog))
}

/// Whether the table can tell which charges lie in the period: an edge must fall where the table's buckets meet, or lie outside
/// of all that is loaded.
fn tells(time: TableTime, basis: PeriodBasis, period: &Period, catalog: &Catalog) -> bool {
    if time != TableTime::Month && basis == PeriodBasis::Charge {
        return true;
    }
    let loaded = match basis {
        PeriodBasis::Charge => catalog.charges,
        PeriodBasis::Billing => catalog.bills,
    };
    let on_edge = |day: NaiveDate| month_start(day) == day;
    let starts = on_edge(period.from) || loaded.is_some_and(|loaded| period.from <= loaded.from);
    let ends = on_edge(period.to) || loaded.is_some_and(|loaded| period.to >= loaded.to);
    starts && ends
}
