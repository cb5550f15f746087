//! The savings on list prices, charge by charge: a sum of differences that are cut at zero, which no pre-aggregate holds.

use crate::conversion::RATE_COLUMNS;
use crate::dialect::{Dialect, DuckDb};
use crate::plan::{Settled, charge_table};
use crate::sql::Writer;
use crate::{Catalog, Dimension, QueryError, Question};

/// The statement for what the charges of a question saved on their list prices: the sum of list minus effective cost where that is
/// above zero, the sum of the list costs, the number of charges with a list cost, and of those without one. Purchases of commitments
/// are left out: the usage that they cover has its list cost itself.
///
/// # Errors
/// As [`crate::plan`].
pub fn list_savings_sql(question: &Question, catalog: &Catalog) -> Result<String, QueryError> {
    let question = Question { by: Vec::new(), grain: None, compare: None, top: None, ..question.clone() };
    let settled = Settled::new(&question, catalog)?;
    settled.require_rates()?;
    let table = charge_table(&settled.logical, catalog)?;
    let dialect = DuckDb;
    let writer = Writer { query: &settled.logical, table, catalog, dialect: &dialect };
    let rate = match &settled.logical.rates {
        Some(_) => format!(" * {}", dialect.identifier(RATE_COLUMNS[2])),
        None => String::new(),
    };
    let (list, effective) = (dialect.identifier("list_cost"), dialect.identifier("effective_cost"));
    let purchase = format!(
        "({category} <> 'Purchase' OR {category} IS NULL OR {commitment} IS NULL)",
        category = writer.dimension(&Dimension::ChargeCategory)?,
        commitment = writer.dimension(&Dimension::CommitmentCategory)?,
    );
    let with = writer.rate_table()?.map(|(name, body)| format!("WITH {}\n", dialect.common_table(name, &body)));
    Ok(format!(
        "{with}SELECT sum(CASE WHEN {list} > {effective} THEN ({list} - {effective}){rate} END) AS \"saved\",\n  \
         sum({list}{rate}) AS \"listed\",\n  {counted} AS \"with_list_cost\",\n  {uncounted} AS \"without_list_cost\"\n\
         FROM {rows}\nWHERE {condition}\n    AND {purchase}",
        with = with.unwrap_or_default(),
        counted = dialect.big_integer(&format!("count({list})")),
        uncounted = dialect.big_integer(&format!("count(*) - count({list})")),
        rows = writer.rows(),
        condition = writer.condition(&settled.logical.current)?,
    ))
}
