//! The charges behind an answer, page by page, and their total.

use crate::dialect::{Dialect, DuckDb};
use crate::error::cut;
use crate::plan::{Settled, charge_table};
use crate::sql::Writer;
use crate::stretches::ChargeRange;
use crate::{Catalog, Plan, QueryError, Question, plan_on_charges};

/// The columns that lead from a charge to its file and row, in front of the columns that were asked for.
pub const CHARGE_ID_COLUMN: &str = "charge";

/// The charges with [`CHARGE_PLACE_COLUMN`] beside the columns of `charge`.
pub const CHARGE_PLACES: &str = "charge_place";

/// Where a charge lies in storage: a number that is found again at once, good within one statement only.
pub const CHARGE_PLACE_COLUMN: &str = "place";

/// An order of charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ChargeOrder {
    /// A column of `charge`.
    pub column: String,
    /// From high to low. Missing values come last either way.
    pub descending: bool,
}

/// The charges that a question adds up, in an order: first by a column, if one is named, then by time, file, row and part, so that the order is total.
#[derive(Clone, Debug)]
pub struct ChargeListing {
    /// What is read of each charge.
    columns: String,
    pub(crate) condition: String,
    /// What they are ordered by; together the keys are of one charge only.
    pub(crate) keys: Vec<ChargeKey>,
}

/// A key of an order.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ChargeKey {
    pub(crate) name: String,
    /// From high to low. Missing values come last either way.
    pub(crate) descending: bool,
}

impl ChargeListing {
    /// Of these columns, or all, in an order, or by time.
    ///
    /// # Errors
    /// As [`crate::plan`], and [`QueryError::UnknownColumn`] for a column that the charges do not have.
    pub fn new(
        question: &Question,
        columns: Option<&[String]>,
        order: Option<&ChargeOrder>,
        catalog: &Catalog,
    ) -> Result<Self, QueryError> {
        let settled = Settled::new(&charges_question(question), catalog)?;
        let table = charge_table(&settled.logical, catalog)?;
        let dialect = DuckDb;
        let column = |name: &String| {
            if table.columns.contains(name) {
                Ok(dialect.identifier(name))
            } else {
                Err(QueryError::UnknownColumn { column: cut(name) })
            }
        };
        let selected = match columns {
            Some(columns) => columns.iter().map(column).collect::<Result<Vec<_>, _>>()?,
            None => table.columns.iter().map(column).collect::<Result<Vec<_>, _>>()?,
        };
        let text = |name: &str| dialect.as_text(&dialect.identifier(name));
        let id = format!(
            "{} || '.' || {} || CASE WHEN \"part\" > 0 THEN '.' || {} ELSE '' END AS {}",
            text("file_id"),
            text("source_row"),
            text("part"),
            dialect.identifier(CHARGE_ID_COLUMN)
        );
        let mut keys = Vec::new();
        if let Some(first) = order {
            keys.push(ChargeKey { name: column(&first.column)?, descending: first.descending });
        }
        for name in ["charge_period_start", "file_id", "source_row", "part"] {
            let name = dialect.identifier(name);
            if keys.iter().all(|key| key.name != name) {
                keys.push(ChargeKey { name, descending: false });
            }
        }
        let writer = Writer { query: &settled.logical, table, catalog, dialect: &dialect };
        Ok(Self {
            columns: std::iter::once(id).chain(selected).collect::<Vec<_>>().join(", "),
            condition: writer.condition(&settled.logical.current)?,
            keys,
        })
    }

    #[cfg(test)]
    pub(crate) fn of(condition: &str, keys: Vec<ChargeKey>) -> Self {
        Self { columns: String::new(), condition: condition.to_owned(), keys }
    }

    /// The statement for charges of a stretch, which is all of them without a range. Its first column is the charge's public id (`file.row` or
    /// `file.row.part`), the others are the listing's.
    ///
    /// # Errors
    /// [`QueryError::NulCharacter`] for a text that no statement can name.
    pub fn page(&self, stretch: &[ChargeRange], offset: u64, limit: u64) -> Result<String, QueryError> {
        let dialect = DuckDb;
        let order: Vec<String> = self
            .keys
            .iter()
            .enumerate()
            .map(|(place, key)| match (place, key.descending) {
                (0, true) => format!("{} DESC NULLS LAST", key.name),
                (0, false) => format!("{} ASC NULLS LAST", key.name),
                _ => key.name.clone(),
            })
            .collect();
        // The order is found on few columns; only the page's charges are then read in full.
        Ok(format!(
            "WITH \"page\" AS MATERIALIZED (\n  SELECT {place}\n  FROM {charges}\n  WHERE {condition}\n  ORDER BY {order}\n  \
             LIMIT {limit} OFFSET {offset}\n)\nSELECT {columns}\nFROM {charges}\nWHERE {place} IN (SELECT {place} FROM \"page\")\n\
             ORDER BY {order}",
            place = dialect.identifier(CHARGE_PLACE_COLUMN),
            charges = dialect.identifier(CHARGE_PLACES),
            condition = self.within(stretch)?,
            order = order.join(", "),
            columns = self.columns,
        ))
    }
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
