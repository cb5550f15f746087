//! [`ReportModel`]: everything a pack says, in the order it says it, before anything is drawn.

use chrono::NaiveDate;
use money::{Amount, Currency};
use query::{Evidence, Note, Period};
use serde::{Deserialize, Serialize};

use crate::ChartSpec;

/// One pack: the same figures, words and charts for every form that it is written in.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReportModel {
    /// The pack's title, such as `Cloud cost: quarterly business review`.
    pub title: String,
    /// The period and whom it is about, in words.
    pub subtitle: String,
    /// The engagement's name.
    pub engagement: String,
    /// One sentence: cost type, currency, period, comparison and filters.
    pub scope: String,
    /// The date that the pack speaks of as today; an argument of the build, never the clock.
    pub as_of: NaiveDate,
    /// The period reported on.
    pub period: Period,
    /// Its name, such as `Q3 2026`.
    pub period_label: String,
    /// The period compared with.
    pub compared_with: Option<Period>,
    /// Its name, such as `Q2 2026`.
    pub compared_label: Option<String>,
    /// The one currency of every amount, but for reconciliation rows, which name their own.
    pub currency: Currency,
    /// Which of the bill's costs the pack reports.
    pub cost_type: CostType,
    /// What a reader should know first: partial periods, other currencies. Each sentence once.
    pub notes: Vec<Note>,
    /// The sections in order.
    pub sections: Vec<Section>,
    /// The evidence of every figure, each once, in the order of first use.
    pub evidence: Vec<Evidence>,
}

/// The measure that a pack is about.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CostType {
    /// The measure's name, such as `billed_cost`.
    pub name: String,
    /// Its label, such as `Billed cost`.
    pub label: String,
}

/// A part of the pack with a heading of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Section {
    /// A stable word, unique in the pack, such as `spend-by-service`.
    pub id: String,
    /// The heading.
    pub heading: String,
    /// What stands under it, in order.
    pub blocks: Vec<Block>,
}

/// A building block of a section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "block", rename_all = "snake_case")]
pub enum Block {
    /// The statement that the pack opens with.
    Headline {
        /// One sentence made from the figures.
        text: String,
        /// The figures that the sentence states.
        figures: Vec<Figure>,
    },
    /// Key figures side by side.
    Kpis {
        /// The figures in order.
        kpis: Vec<Kpi>,
    },
    /// Rows and columns.
    Table {
        /// The table.
        table: Table,
    },
    /// A chart.
    Chart {
        /// What it shows; each form draws it in its own way.
        chart: ChartSpec,
    },
    /// Sentences made from the figures.
    Commentary {
        /// One paragraph each.
        paragraphs: Vec<String>,
        /// The figures that the sentences state.
        figures: Vec<Figure>,
    },
    /// Terms and what they mean here.
    Method {
        /// The terms in order.
        definitions: Vec<Definition>,
    },
    /// Bills beside the charges that were loaded for them.
    Reconciliation {
        /// One row per invoice.
        table: Table,
    },
    /// The appendix that explains every figure; its content is [`ReportModel::evidence`].
    Evidence,
}

/// A number with its unit and the evidence that it came from.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Figure {
    /// The exact value; ratios are fractions (0.25 is 25 %).
    pub amount: Amount,
    /// What it counts.
    pub unit: Unit,
    /// The id of the [`Evidence`] in [`ReportModel::evidence`] behind it.
    pub evidence_id: String,
}

/// What a figure counts, which also says how it is shown.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "unit", rename_all = "snake_case")]
pub enum Unit {
    /// Money, shown to the currency's smallest unit.
    Money {
        /// The currency.
        currency: Currency,
    },
    /// A change in money, shown with its sign.
    MoneyChange {
        /// The currency.
        currency: Currency,
    },
    /// A share, shown in percent.
    Share,
    /// A relative change, shown in percent with its sign.
    RelativeChange,
    /// A whole number of things.
    Count,
    /// A number as it is, of whatever the column says.
    Number,
}

/// A key figure.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kpi {
    /// What it is, such as `Effective cost`.
    pub label: String,
    /// The figure.
    pub figure: Figure,
    /// Its change against the compared period, in the figure's unit.
    pub change: Option<Figure>,
    /// The same as a fraction of the compared figure.
    pub change_ratio: Option<Figure>,
}

/// A table whose rows add up to its total.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Table {
    /// A stable word, unique in the pack.
    pub id: String,
    /// What the table shows.
    pub caption: String,
    /// The columns; the first one names the rows.
    pub columns: Vec<Column>,
    /// The rows without the total.
    pub rows: Vec<TableRow>,
    /// The total: in every column that adds up, exactly the sum of the rows.
    pub total: Option<TableRow>,
    /// What the reader should know about the rows, rounding above all.
    pub notes: Vec<String>,
    /// The evidence of all its figures.
    pub evidence_id: String,
}

/// A column of a [`Table`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Column {
    /// The heading.
    pub label: String,
    /// What stands in it.
    pub kind: ColumnKind,
    /// Whether the rows add up to the total in this column.
    pub adds_up: bool,
}

/// What stands in a column.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ColumnKind {
    /// Words, aligned left.
    Text,
    /// Figures, aligned right.
    Figure,
}

/// A row of a [`Table`], one cell for each column.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TableRow {
    /// What the row stands for.
    pub role: TableRowRole,
    /// The cells.
    pub cells: Vec<TableCell>,
}

/// What a row stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TableRowRole {
    /// One group.
    Group,
    /// Everything that has no row of its own.
    Other,
    /// The sum.
    Total,
}

/// A cell of a [`TableRow`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "cell", rename_all = "snake_case")]
pub enum TableCell {
    /// Words. From a bill they are hostile: never markup, never a formula.
    Text {
        /// The words, without control characters.
        text: String,
    },
    /// A number.
    Figure {
        /// The number.
        figure: Figure,
    },
    /// Nothing to say, such as the share of a zero total.
    Empty,
}

/// A term of the method section.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Definition {
    /// The term.
    pub term: String,
    /// What it means, in a sentence or two.
    pub meaning: String,
}

impl Section {
    /// The tables of the section, reconciliation included, in order.
    pub fn tables(&self) -> impl Iterator<Item = &Table> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Table { table } | Block::Reconciliation { table } => Some(table),
            _ => None,
        })
    }

    /// The charts of the section, in order.
    pub fn charts(&self) -> impl Iterator<Item = &ChartSpec> {
        self.blocks.iter().filter_map(|block| match block {
            Block::Chart { chart } => Some(chart),
            _ => None,
        })
    }
}

impl TableCell {
    /// The figure of the cell, if it is one.
    #[must_use]
    pub fn figure(&self) -> Option<&Figure> {
        match self {
            Self::Figure { figure } => Some(figure),
            Self::Text { .. } | Self::Empty => None,
        }
    }
}
