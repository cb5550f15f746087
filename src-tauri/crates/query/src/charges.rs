//! The charges behind an answer, page by page, and their total.

use crate::dialect::{Dialect, DuckDb};
use crate::error::cut;
use crate::plan::{Settled, charge_table};
use crate::sql::Writer;
use crate::{Catalog, Plan, QueryError, Question, plan_on_charges};

/// The columns that lead from a charge to its file and row, in front of the columns that were asked for.
pub const CHARGE_ID_COLUMN: &str = "charge";

/// The charges with [`CHARGE_PLACE_COLUMN`] beside the columns of `charge`.
pub const CHARGE_PLACES: &str = "charge_place";

/// Where a charge lies in storage: a number that is found again at once, good within one statement only.
pub const CHARGE_PLACE_COLUMN: &str = "place";

/// A page of charges.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChargePage {
    /// The columns of `charge` to return after the charge's id; none means all.
    pub columns: Option<Vec<String>>,
    /// The column to order by first; then by time, file, row and part, so that the order is total.
    pub order: Option<ChargeOrder>,
    /// How many charges to leave out.
    pub offset: u64,
    /// The most charges to return.
    pub limit: u64,
}

/// An order of charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeOrder {
    /// A column of `charge`.
    pub column: String,
    /// From high to low. Missing values come last either way.
    pub descending: bool,
}

/// The statement for a page of the charges that a question adds up. Its first column is the charge's public id
/// (`file.row` or `file.row.part`), the others are the page's.
///
/// # Errors
/// As [`crate::plan`], and [`QueryError::UnknownColumn`] for a column that the charges do not have.
pub fn charges_sql(question: &Question, page: &ChargePage, catalog: &Catalog) -> Result<String, QueryError> {
    let settled = Settled::new(&charges_question(question), catalog)?;
    let table = charge_table(&settled.logical, catalog)?;
    let dialect = DuckDb;
    let column = |name: &str| {
        if table.columns.contains(name) {
            Ok(dialect.identifier(name))
        } else {
            Err(QueryError::UnknownColumn { column: cut(name) })
        }
    };
    let all: Vec<String> = table.columns.iter().cloned().collect();
    let selected =
        page.columns.as_ref().unwrap_or(&all).iter().map(|name| column(name)).collect::<Result<Vec<_>, _>>()?;
    let text = |name: &str| dialect.as_text(&dialect.identifier(name));
    let id = format!(
        "{} || '.' || {} || CASE WHEN \"part\" > 0 THEN '.' || {} ELSE '' END AS {}",
        text("file_id"),
        text("source_row"),
        text("part"),
        dialect.identifier(CHARGE_ID_COLUMN)
    );
    let mut order = Vec::new();
    if let Some(first) = &page.order {
        order.push(format!("{} {} NULLS LAST", column(&first.column)?, if first.descending { "DESC" } else { "ASC" }));
    }
    order.extend(["charge_period_start", "file_id", "source_row", "part"].map(|name| dialect.identifier(name)));
    let writer = Writer { query: &settled.logical, table, catalog, dialect: &dialect };
    // The order is found on few columns; only the page's charges are then read in full.
    Ok(format!(
        "WITH \"page\" AS MATERIALIZED (\n  SELECT {place}\n  FROM {charges}\n  WHERE {condition}\n  ORDER BY {order}\n  \
         LIMIT {limit} OFFSET {offset}\n)\nSELECT {columns}\nFROM {charges}\nWHERE {place} IN (SELECT {place} FROM \"page\")\n\
         ORDER BY {order}",
        place = dialect.identifier(CHARGE_PLACE_COLUMN),
        charges = dialect.identifier(CHARGE_PLACES),
        condition = writer.condition(&settled.logical.current)?,
        order = order.join(", "),
        limit = page.limit,
        offset = page.offset,
        columns = std::iter::once(id).chain(selected).collect::<Vec<_>>().join(", "),
    ))
}

/// The plan for how many charges a question adds up and what they come to: its answer has the total and the count, over the
/// charges themselves.
///
/// # Errors
/// As [`crate::plan`].
pub fn plan_charges_total(question: &Question, catalog: &Catalog) -> Result<Plan, QueryError> {
    plan_on_charges(&charges_question(question), catalog)
}

/// The question without its breakdown.
fn charges_question(question: &Question) -> Question {
    Question { by: Vec::new(), grain: None, compare: None, top: None, ..question.clone() }
}
