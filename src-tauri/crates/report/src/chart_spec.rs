//! [`ChartSpec`]: what a chart shows, without a word on how it is drawn. One spec drives the SVG, the native spreadsheet chart
//! and whatever draws it next.

use money::{Amount, AmountError};
use serde::{Deserialize, Serialize};

use crate::{ReportError, Unit};

/// A chart: series of exact amounts over categories.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ChartSpec {
    /// A stable word, unique in the pack.
    pub id: String,
    /// The form.
    pub kind: ChartKind,
    /// What it shows, in a line.
    pub title: String,
    /// What the categories are, such as `Month`.
    pub category_label: String,
    /// The categories in order.
    pub categories: Vec<String>,
    /// The unit of every value.
    pub unit: Unit,
    /// The series in order: the largest first, the rest of them last. Each has one value for each category.
    pub series: Vec<Series>,
    /// Remarks on single categories, such as a partial month.
    pub annotations: Vec<Annotation>,
    /// The run of categories that the pack is about, where the chart shows more than those.
    pub highlight: Option<Highlight>,
    /// The chart in words, made from its numbers, for those who cannot see it.
    pub alt_text: String,
}

/// The form of a chart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ChartKind {
    /// Columns over time, the series on top of each other.
    StackedColumns,
    /// Lines over time.
    Line,
    /// A bar for each category, with a mark for the compared value where there is one.
    HorizontalBars,
    /// From a first level over changes to a last level; one series whose first and last values are the levels.
    Waterfall,
}

/// A row of values.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// The name as it is shown.
    pub name: String,
    /// What it stands for, which decides its colour.
    pub role: SeriesRole,
    /// One for each category; none where nothing was charged.
    pub values: Vec<Option<Amount>>,
    /// The evidence behind the values.
    pub evidence_id: String,
}

/// What a series stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SeriesRole {
    /// One group, or the only series.
    Group,
    /// Everything that has no series of its own; drawn in grey.
    Other,
    /// The compared period; drawn as a mark beside the main series.
    Comparison,
}

/// A remark on a category.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Annotation {
    /// The position of the category.
    pub category: usize,
    /// The remark, in a few words.
    pub text: String,
}

/// A run of categories with a name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Highlight {
    /// The position of the first category.
    pub from: usize,
    /// The position after the last.
    pub to: usize,
    /// The name, such as `Q3 2026`.
    pub label: String,
}

impl ChartSpec {
    /// Whether every series has a value for each category, every remark has a category, and a waterfall arrives where it says.
    ///
    /// # Errors
    /// [`ReportError::Chart`] names the chart and what is wrong with it.
    pub fn validate(&self) -> Result<(), ReportError> {
        let fail = |problem: &str| Err(ReportError::Chart { chart: self.id.clone(), problem: problem.to_owned() });
        if self.series.iter().any(|series| series.values.len() != self.categories.len()) {
            return fail("a series has not one value for each category");
        }
        if self.annotations.iter().any(|annotation| annotation.category >= self.categories.len()) {
            return fail("a remark stands at a category that does not exist");
        }
        if self
            .highlight
            .as_ref()
            .is_some_and(|highlight| highlight.from >= highlight.to || highlight.to > self.categories.len())
        {
            return fail("the highlighted run of categories does not exist");
        }
        if self.kind == ChartKind::Waterfall {
            let [series] = self.series.as_slice() else { return fail("a waterfall has one series") };
            let values: Vec<Amount> = series.values.iter().map(|value| value.unwrap_or_default()).collect();
            let Some((last, before)) = values.split_last().filter(|(_, before)| !before.is_empty()) else {
                return fail("a waterfall has a first and a last level");
            };
            if Amount::sum(before.iter().copied())? != *last {
                return fail("the steps of the waterfall do not lead from the first level to the last");
            }
        }
        Ok(())
    }

    /// The sum of the series that stack, for each category.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
    pub fn stack_totals(&self) -> Result<Vec<Amount>, AmountError> {
        (0..self.categories.len())
            .map(|category| {
                Amount::sum(
                    self.series
                        .iter()
                        .filter(|series| series.role != SeriesRole::Comparison)
                        .filter_map(|series| series.values.get(category).copied().flatten()),
                )
            })
            .collect()
    }
}
