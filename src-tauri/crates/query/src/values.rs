//! The values of a dimension, for a picker: searched, ranked, page by page.

use money::{Amount, Ratio};

use crate::assemble::{RATIO_DECIMALS, in_notation};
use crate::dialect::{Dialect, DuckDb};
use crate::plan::Settled;
use crate::router::route;
use crate::sql::Writer;
use crate::{Catalog, Cell, Dimension, Formula, Measure, QueryError, Question, Quotient, ResultSet, Value};

/// A page of a dimension's values.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ValuePage {
    /// Only values that contain this text, or of which a name does ([`Dimension::named_by`]), in any case; empty for all.
    pub search: String,
    /// How many values to leave out.
    pub offset: u64,
    /// The most values to return.
    pub limit: u64,
}

/// How a dimension's values will be listed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ValuesPlan {
    /// The statement. Its columns are: 0 for a value and 1 for the totals; the value; the sums that the measure has; the
    /// number of charges; in the totals the number of values that the search found.
    pub sql: String,
    measure: Measure,
    decimals: u8,
}

/// A page of a dimension's values under a question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DimensionValues {
    /// The values with the question's first measure, from high to low, a missing value among them; shares are of all values.
    pub values: Vec<(Option<String>, Cell)>,
    /// How many values the search found, on all pages.
    pub found: u64,
}

/// Plans a page of the values that a dimension takes under a question, whatever the question's filters on that dimension.
///
/// # Errors
/// As [`crate::plan`].
pub fn plan_values(
    question: &Question,
    dimension: &Dimension,
    page: &ValuePage,
    catalog: &Catalog,
) -> Result<ValuesPlan, QueryError> {
    let first = question.measures.first().ok_or(QueryError::NoMeasure)?;
    // A list of values is for choosing: it shows what a quotient divides, which ranks the values by their weight.
    let measure = first.quotient().map_or(first, Quotient::numerator).clone();
    let mut asked =
        Question { measures: vec![measure.clone()], compare: None, top: None, ..question.leaderboard(dimension, 1) };
    // People know ids by their names.
    let names = dimension.named_by().filter(|names| !page.search.is_empty() && is_loaded(names, catalog));
    asked.by.extend(names.clone());
    let settled = Settled::new(&asked, catalog)?;
    settled.require_rates()?;
    let table = route(&settled.logical, catalog)?;
    let dialect = DuckDb;
    let writer = Writer { query: &settled.logical, table, catalog, dialect: &dialect };
    let sums: Vec<&str> = settled.logical.sums.iter().map(|sum| sum.name()).collect();
    let summed = settled.logical.sums.iter().map(|sum| format!("{} AS \"{}\", ", writer.sum(*sum), sum.name()));
    let summed: String = summed.collect();
    let named = match &names {
        Some(names) => {
            let hit = dialect.contains_ignoring_case(&writer.dimension(names)?, &dialect.text(&page.search)?);
            format!("max(CASE WHEN {hit} THEN 1 ELSE 0 END) AS \"named\", ")
        }
        None => String::new(),
    };
    let select = |form: &dyn Fn(&str) -> String| sums.iter().map(|sum| form(sum) + ", ").collect::<String>();
    let grouped = format!(
        "  SELECT {} AS \"value\", {summed}{named}{} AS \"charges\"\n  FROM {}\n  WHERE {}\n  GROUP BY 1",
        writer.dimension(dimension)?,
        writer.charges(),
        writer.rows(),
        writer.condition(&settled.logical.current)?
    );
    let found = if page.search.is_empty() {
        "TRUE".to_owned()
    } else {
        let value = dialect.contains_ignoring_case("\"value\"", &dialect.text(&page.search)?);
        if names.is_some() { format!("({value} OR \"named\" = 1)") } else { value }
    };
    let rank = writer.rank();
    let listed = format!(
        "  SELECT 0 AS \"role\", \"value\", {}\"charges\", NULL AS \"found\"\n  FROM \"grouped\"\n  WHERE {found}\n  ORDER BY {rank} DESC NULLS LAST, \"value\" NULLS LAST\n  LIMIT {} OFFSET {}",
        select(&|sum| format!("\"{sum}\"")),
        page.limit,
        page.offset
    );
    let total = format!(
        "  SELECT 1 AS \"role\", NULL AS \"value\", {}{} AS \"charges\", {} AS \"found\"\n  FROM \"grouped\"",
        select(&|sum| format!("sum(\"{sum}\") AS \"{sum}\"")),
        dialect.big_integer("sum(\"charges\")"),
        dialect.big_integer(&format!("sum(CASE WHEN {found} THEN 1 ELSE 0 END)")),
    );
    let rates = writer.rate_table()?.map(|(name, body)| format!("{}, ", dialect.common_table(name, &body)));
    let sql = format!(
        "WITH {}{}, {}, {}\nSELECT *\nFROM \"answered\"\nORDER BY \"role\" DESC, {rank} DESC NULLS LAST, \"value\" NULLS LAST",
        rates.unwrap_or_default(),
        dialect.common_table("grouped", &grouped),
        dialect.common_table("listed", &listed),
        dialect.common_table("answered", &format!("  SELECT * FROM \"listed\"\n  UNION ALL\n{total}"))
    );
    let decimals = measure.kind().decimals(settled.logical.currency);
    Ok(ValuesPlan { sql, measure, decimals })
}

/// Whether the charges have a dimension's column.
fn is_loaded(dimension: &Dimension, catalog: &Catalog) -> bool {
    let has = |table: &crate::TableInfo| dimension.column().is_some_and(|column| table.columns.contains(column));
    catalog.tables.iter().any(|table| table.time == crate::TableTime::Instant && has(table))
}

/// Reads what the engine returned for [`plan_values`].
///
/// # Errors
/// [`QueryError::ResultShape`] when the result is not the plan's, [`QueryError::Amount`] when a figure needs more than 38 digits.
pub fn assemble_values(plan: &ValuesPlan, result: ResultSet) -> Result<DimensionValues, QueryError> {
    let shape = |problem: &str| QueryError::ResultShape { problem: problem.to_owned() };
    let mut rows = result.rows.into_iter();
    let total = rows.next().ok_or_else(|| shape("no total"))?;
    let whole = figure(plan, &total)?;
    let found = match total.last() {
        Some(Value::Integer(found)) => u64::try_from(*found).map_err(|_| shape("a negative count"))?,
        Some(Value::Null) => 0,
        _ => return Err(shape("no count of values")),
    };
    let values = rows
        .map(|row| {
            let figure = figure(plan, &row)?;
            let share = figure.zip(whole).and_then(|(figure, whole)| Ratio::of(figure, whole, RATIO_DECIMALS));
            let value = match row.into_iter().nth(1) {
                Some(Value::Text(text)) => Some(text),
                Some(Value::Null) => None,
                _ => return Err(shape("a value that is no text")),
            };
            Ok((value, Cell { value: figure, share, ..Cell::default() }))
        })
        .collect::<Result<Vec<_>, QueryError>>()?;
    Ok(DimensionValues { values, found })
}

/// The measure of a row: after role and value come the sums, then the charges.
fn figure(plan: &ValuesPlan, row: &[Value]) -> Result<Option<Amount>, QueryError> {
    let amount = |place: usize| match row.get(place) {
        Some(Value::Null) => Ok(None),
        Some(Value::Integer(integer)) => Ok(Some(Amount::from_integer(*integer))),
        Some(Value::Amount(amount)) => Ok(Some(*amount)),
        _ => Err(QueryError::ResultShape { problem: "a decimal was expected".to_owned() }),
    };
    let figure = match plan.measure.formula() {
        Formula::Sum(_) | Formula::Count => amount(2)?,
        Formula::Difference(..) => match (amount(2)?, amount(3)?) {
            (None, None) => None,
            (from, less) => Some(from.unwrap_or_default().checked_sub(less.unwrap_or_default())?),
        },
    };
    Ok(figure.map(|figure| in_notation(figure, plan.decimals)))
}
