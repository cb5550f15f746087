//! The rules of the engagement over rows of answers.

use query::Dimension;
use scenario::{RuleTable, Treatment};
use store::Engagement;

use crate::ApiError;
use crate::scenarios::rules::{dimension_of, rules_of, rules_text};

/// The column by which a correction is known.
const CORRECTION: &str = "ChargeClass";

/// The rules, with the dimensions that their columns are asked by.
pub(crate) struct Classifier {
    table: RuleTable,
    columns: Vec<(String, Dimension)>,
}

/// What a charge was found to be.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found<'a> {
    /// The name of the rule that decided.
    pub(crate) reason: &'a str,
    /// How it is treated.
    pub(crate) treatment: Treatment,
    /// The same, but of a correction how what it corrects is treated.
    pub(crate) corrected: Treatment,
}

impl Classifier {
    /// The rules of the engagement: its own, or those that come with the product.
    pub(crate) fn of(engagement: &Engagement) -> Result<Self, ApiError> {
        Self::of_table(rules_of(&rules_text(engagement)?.text)?)
    }

    pub(crate) fn of_table(table: RuleTable) -> Result<Self, ApiError> {
        let columns = table.columns().into_iter().map(|column| Ok((column.to_owned(), dimension_of(column)?)));
        let columns = columns.collect::<Result<_, ApiError>>()?;
        Ok(Self { table, columns })
    }

    /// The dimensions that rows must be told apart by, each once.
    pub(crate) fn dimensions(&self) -> Vec<Dimension> {
        let mut dimensions: Vec<Dimension> = Vec::with_capacity(self.columns.len());
        for (_, dimension) in &self.columns {
            if !dimensions.contains(dimension) {
                dimensions.push(dimension.clone());
            }
        }
        dimensions
    }

    /// What a charge is; `value` gives its value of a dimension.
    pub(crate) fn classify<'v>(&self, value: impl Fn(&Dimension) -> Option<&'v str>) -> Found<'_> {
        let of = |column: &str| {
            let (_, dimension) = self.columns.iter().find(|(known, _)| known == column)?;
            value(dimension)
        };
        let found = self.table.classify(of);
        let corrected = match found.treatment {
            Treatment::Correction => {
                self.table.classify(|column| if column == CORRECTION { None } else { of(column) }).treatment
            }
            other => other,
        };
        Found { reason: found.reason, treatment: found.treatment, corrected }
    }
}
