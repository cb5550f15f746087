//! What was pinned to the pack: an answer as it was looked at, the result of a statement, a change split into effects. Each has a scope
//! of its own, which is printed with it, and adds up by itself.

use money::{Amount, Currency};
use query::{Answer, Cell, Evidence, MeasureColumn, MeasureKind, Period, RowRole};

use super::{Builder, checks, figure_column, group_name, ratio_cell, text_column};
use crate::definition::Section;
use crate::model::{Block, Table, TableCell, TableRow, TableRowRole, Unit};
use crate::text::clean;
use crate::{ChartKind, ChartSpec, Figure, ReportError, Series, SeriesRole, period, words};

/// The most rows that a pinned section prints.
pub const PINNED_ROWS_MAX: usize = 500;

/// How many bars or columns a chart of it has at most: more would be unreadable.
const BARS_MAX: usize = 24;
const COLUMNS_MAX: usize = 62;

/// What a pinned section shows.
#[derive(Clone, Debug)]
pub enum Pinned {
    /// The answer to a question.
    Figures(Box<Answer>),
    /// The rows of a statement.
    Rows {
        /// The columns, each with whether it holds numbers.
        columns: Vec<(String, bool)>,
        /// The rows; a missing value is none.
        rows: Vec<Vec<Option<String>>>,
        /// Whether there are more rows than these.
        truncated: bool,
        /// The statement, and the loads that it ran over.
        evidence: Box<Evidence>,
    },
    /// A table of its own making.
    Table(Box<PinnedTable>),
    /// A change and its effects.
    Change {
        /// The currency.
        currency: Currency,
        /// The period that is explained.
        period: Period,
        /// The period that it is compared with.
        compared_with: Period,
        /// What it was.
        base: Amount,
        /// What it is.
        current: Amount,
        /// What led from one to the other, in order.
        effects: Vec<PinnedEffect>,
        /// What happened, in a sentence.
        headline: String,
        /// The order of the effects, in words.
        convention: String,
        /// What to know of it.
        notes: Vec<String>,
        /// How it was made.
        evidence: Box<Evidence>,
    },
}

/// A table of its own making, with a picture where it has one.
#[derive(Clone, Debug)]
pub struct PinnedTable {
    /// What it is of, in a line above it.
    pub caption: String,
    /// What to say before it.
    pub said: Vec<String>,
    /// The columns.
    pub columns: Vec<PinnedColumn>,
    /// The rows, a cell for each column; none is nothing to show.
    pub rows: Vec<Vec<Option<PinnedCell>>>,
    /// What the columns that add up come to, a cell for each column.
    pub total: Option<Vec<Option<PinnedCell>>>,
    /// The same as a chart.
    pub chart: Option<ChartSpec>,
    /// How it was made.
    pub evidence: Evidence,
}

/// A column of a pinned table.
#[derive(Clone, Debug)]
pub struct PinnedColumn {
    /// Its heading.
    pub label: String,
    /// What its figures are in; none for text.
    pub unit: Option<Unit>,
    /// Whether its rows come to its total.
    pub adds: bool,
}

/// A cell of a pinned table.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PinnedCell {
    /// A text.
    Text(String),
    /// A figure in its column's unit.
    Figure(Amount),
}

/// A step of a change.
#[derive(Clone, Debug)]
pub struct PinnedEffect {
    /// Its label.
    pub label: String,
    /// What it moved.
    pub amount: Amount,
}

impl Pinned {
    pub(super) fn evidence(&self) -> &Evidence {
        match self {
            Self::Figures(answer) => &answer.evidence,
            Self::Table(table) => &table.evidence,
            Self::Rows { evidence, .. } | Self::Change { evidence, .. } => evidence,
        }
    }
}

impl Builder<'_> {
    pub(super) fn pinned(&mut self, id: &str, section: &Section, pinned: &Pinned) -> Result<Vec<Block>, ReportError> {
        let mut paragraphs: Vec<String> = section.text.iter().map(|text| clean(text)).collect();
        let blocks = match pinned {
            Pinned::Figures(answer) => {
                checks::adds_up_where_it_can(&section.heading, answer)?;
                paragraphs.push(format!("{}.", clean(&answer.evidence.scope)));
                paragraphs.extend(answer.notes.iter().map(|note| clean(&note.message)));
                figures(id, answer)?
            }
            Pinned::Rows { columns, rows, truncated, evidence } => {
                if *truncated {
                    paragraphs.push(format!("The first {} rows.", rows.len()));
                }
                vec![Block::Table { table: statement(id, &section.heading, columns, rows, evidence) }]
            }
            Pinned::Table(table) => {
                paragraphs.extend(table.said.iter().map(|said| clean(said)));
                let chart = table.chart.clone().map(|chart| ChartSpec { id: format!("{id}-chart"), ..chart });
                let chart = chart.map(|chart| Block::Chart { chart });
                chart.into_iter().chain([Block::Table { table: own_table(id, table)? }]).collect()
            }
            Pinned::Change { headline, convention, notes, evidence, .. } => {
                paragraphs.push(format!("{}.", clean(headline).trim_end_matches('.')));
                paragraphs.push(clean(convention));
                paragraphs.push(format!("{}.", clean(&evidence.scope)));
                paragraphs.extend(notes.iter().map(|note| clean(note)));
                self.change_blocks(id, &section.heading, pinned)?
            }
        };
        // What a note says again is said once.
        let mut said: Vec<String> = Vec::with_capacity(paragraphs.len());
        for paragraph in paragraphs {
            if !said.contains(&paragraph) {
                said.push(paragraph);
            }
        }
        let said = (!said.is_empty()).then_some(Block::Commentary { paragraphs: said, figures: Vec::new() });
        Ok(said.into_iter().chain(blocks).collect())
    }

    /// The bridge as a chart and as a table that leads from one cost to the other.
    fn change_blocks(&self, id: &str, heading: &str, pinned: &Pinned) -> Result<Vec<Block>, ReportError> {
        let Pinned::Change { currency, period, compared_with, base, current, effects, evidence, .. } = pinned else {
            return Ok(Vec::new());
        };
        let year = self.extras.calendar.fiscal_year_start;
        let [before, now] = [compared_with, period].map(|period| period::label(*period, year));
        let money = |amount: Amount, unit: Unit| TableCell::Figure {
            figure: Figure { amount, unit, evidence_id: evidence.id.clone() },
        };
        let row = |role, label: &str, amount, unit| TableRow {
            role,
            cells: vec![TableCell::Text { text: clean(label) }, money(amount, unit)],
        };
        let level = Unit::Money { currency: *currency };
        let step = Unit::MoneyChange { currency: *currency };
        let mut rows = vec![row(TableRowRole::Group, &before, *base, level.clone())];
        rows.extend(effects.iter().map(|one| row(TableRowRole::Group, &one.label, one.amount, step.clone())));
        let table = checks::seal(Table {
            id: format!("{id}-table"),
            caption: format!("{}, {before} to {now}, {currency}", clean(heading)),
            columns: vec![text_column("Step"), figure_column("Amount", true)],
            rows,
            total: Some(row(TableRowRole::Total, &now, *current, level.clone())),
            notes: Vec::new(),
            evidence_id: evidence.id.clone(),
        })?;
        let steps: Vec<String> = effects
            .iter()
            .map(|one| format!("{} {}", clean(&one.label), words::money(one.amount, *currency)))
            .collect();
        let named = |name: &str| clean(name);
        let chart = ChartSpec {
            id: format!("{id}-chart"),
            kind: ChartKind::Waterfall,
            title: clean(heading),
            category_label: "Step".to_owned(),
            categories: std::iter::once(before.clone())
                .chain(effects.iter().map(|one| named(&one.label)))
                .chain([now.clone()])
                .collect(),
            unit: level,
            series: vec![Series {
                name: named(heading),
                role: SeriesRole::Group,
                values: std::iter::once(*base)
                    .chain(effects.iter().map(|one| one.amount))
                    .chain([*current])
                    .map(Some)
                    .collect(),
                evidence_id: evidence.id.clone(),
            }],
            annotations: Vec::new(),
            highlight: None,
            alt_text: format!(
                "{}, in {currency}: {before} {}; {}; {now} {}.",
                clean(heading),
                words::money(*base, *currency),
                words::listed(&steps),
                words::money(*current, *currency)
            ),
        };
        Ok(vec![Block::Chart { chart }, Block::Table { table }])
    }
}

/// A table of its own making; columns that add up are checked to.
fn own_table(id: &str, own: &PinnedTable) -> Result<Table, ReportError> {
    let row = |role: TableRowRole, cells: &[Option<PinnedCell>]| TableRow {
        role,
        cells: cells
            .iter()
            .zip(&own.columns)
            .map(|(cell, column)| match (cell, &column.unit) {
                (Some(PinnedCell::Figure(amount)), Some(unit)) => TableCell::Figure {
                    figure: Figure { amount: *amount, unit: unit.clone(), evidence_id: own.evidence.id.clone() },
                },
                (Some(PinnedCell::Figure(amount)), None) => TableCell::Text { text: amount.normalized().to_string() },
                (Some(PinnedCell::Text(text)), _) => TableCell::Text { text: clean(text) },
                (None, _) => TableCell::Empty,
            })
            .collect(),
    };
    checks::seal(Table {
        id: format!("{id}-table"),
        caption: clean(&own.caption),
        columns: own
            .columns
            .iter()
            .map(|column| match column.unit {
                Some(_) => figure_column(clean(&column.label), column.adds),
                None => text_column(clean(&column.label)),
            })
            .collect(),
        rows: own.rows.iter().map(|cells| row(TableRowRole::Group, cells)).collect(),
        total: own.total.as_deref().map(|cells| row(TableRowRole::Total, cells)),
        notes: Vec::new(),
        evidence_id: own.evidence.id.clone(),
    })
}

/// What a measure's figures are shown in.
fn unit(measure: &MeasureColumn, currency: Currency) -> Unit {
    match measure.kind {
        MeasureKind::Currency => Unit::Money { currency },
        MeasureKind::Count => Unit::Count,
        MeasureKind::Percent => Unit::Share,
        MeasureKind::Quantity | MeasureKind::UnitCost | MeasureKind::Ratio => Unit::Number,
    }
}

/// Whether a measure's rows come to its total.
pub(super) const fn is_added(kind: MeasureKind) -> bool {
    matches!(kind, MeasureKind::Currency | MeasureKind::Quantity | MeasureKind::Count)
}

/// What a column is headed: the measure and its unit, where the figures do not say it.
fn label(measure: &MeasureColumn, currency: Currency) -> String {
    let unit = match (measure.kind, measure.unit.as_deref()) {
        (MeasureKind::UnitCost, Some(unit)) => format!(", {currency} per {unit}"),
        (MeasureKind::UnitCost, None) => format!(", {currency}"),
        (MeasureKind::Quantity, Some(unit)) => format!(", {unit}"),
        _ => String::new(),
    };
    clean(&format!("{}{unit}", measure.label))
}

/// An answer as a chart, where it can be drawn, and as a table.
fn figures(id: &str, answer: &Answer) -> Result<Vec<Block>, ReportError> {
    let mut blocks: Vec<Block> = chart(id, answer).map(|chart| Block::Chart { chart }).into_iter().collect();
    blocks.push(Block::Table { table: answer_table(id, answer)? });
    Ok(blocks)
}

fn answer_table(id: &str, answer: &Answer) -> Result<Table, ReportError> {
    let evidence = &answer.evidence;
    let compared = answer.compared_with.is_some();
    let figure = |amount: Option<Amount>, unit: Unit| {
        amount.map_or(TableCell::Empty, |amount| TableCell::Figure {
            figure: Figure { amount, unit, evidence_id: evidence.id.clone() },
        })
    };
    let cells = |keys: Vec<String>, cells: &[Cell]| {
        let mut row: Vec<TableCell> = keys.into_iter().map(|text| TableCell::Text { text }).collect();
        for (measure, cell) in answer.measures.iter().zip(cells) {
            let unit = unit(measure, answer.currency);
            row.push(figure(cell.value, unit.clone()));
            if compared {
                row.push(figure(cell.previous, unit.clone()));
                let change = match unit {
                    Unit::Money { currency } => Unit::MoneyChange { currency },
                    other => other,
                };
                row.push(figure(cell.change, change));
                row.push(ratio_cell(cell.change_ratio, Unit::RelativeChange, evidence));
            }
        }
        row
    };
    let timed = usize::from(answer.question.grain.is_some());
    let name = |place: usize, key: Option<&str>, role: RowRole| match key {
        Some(key) => clean(key),
        None if role == RowRole::Other && place >= timed => "Other".to_owned(),
        None => group_name(&[None], &[answer.keys.get(place).map_or_else(String::new, |key| key.label.clone())]),
    };
    let rows = answer.rows.iter().map(|row| TableRow {
        role: if row.role == RowRole::Other { TableRowRole::Other } else { TableRowRole::Group },
        cells: cells(
            row.keys.iter().enumerate().map(|(place, key)| name(place, key.as_deref(), row.role)).collect(),
            &row.cells,
        ),
    });
    let keys: Vec<String> =
        (0..answer.keys.len()).map(|place| if place == 0 { "Total".to_owned() } else { String::new() }).collect();
    let mut columns: Vec<_> = answer.keys.iter().map(|key| text_column(clean(&key.label))).collect();
    for measure in &answer.measures {
        let added = is_added(measure.kind);
        columns.push(figure_column(label(measure, answer.currency), added));
        if compared {
            // A plan need not be for all rows, and may be for more than them.
            let added = added && answer.against.is_none();
            let before = answer.against.as_ref().map_or_else(|| "Before".to_owned(), |against| clean(&against.label));
            columns.push(figure_column(before, added));
            columns.push(figure_column("Change", added));
            columns.push(figure_column("Change %", false));
        }
    }
    let measures: Vec<String> = answer.measures.iter().map(|measure| label(measure, answer.currency)).collect();
    let total = cells(keys, &answer.total);
    // A total alone has no row to add up: it is the row.
    let (rows, total) = if answer.keys.is_empty() {
        (vec![TableRow { role: TableRowRole::Group, cells: total }], None)
    } else {
        (rows.collect(), Some(TableRow { role: TableRowRole::Total, cells: total }))
    };
    checks::seal(Table {
        id: format!("{id}-table"),
        caption: format!("{}, {}", words::listed(&measures), answer.currency),
        columns,
        rows,
        total,
        notes: Vec::new(),
        evidence_id: evidence.id.clone(),
    })
}

/// The values of a group over time.
type Run<'a> = (&'a [Option<String>], RowRole, Vec<Option<Amount>>);

/// One measure by one key as bars or columns, by time and one key as stacked columns; anything else is a table alone.
fn chart(id: &str, answer: &Answer) -> Option<ChartSpec> {
    let measure = answer.measures.first()?;
    let timed = answer.question.grain.is_some();
    let value = |cells: &[Cell]| cells.first().and_then(|cell| cell.value);
    let labels: Vec<String> = answer.keys.iter().map(|key| key.label.clone()).collect();
    let named = |keys: &[Option<String>], role: RowRole, labels: &[String]| match role {
        RowRole::Other => "Other".to_owned(),
        RowRole::Group => group_name(keys, labels),
    };
    let role = |role: RowRole| if role == RowRole::Other { SeriesRole::Other } else { SeriesRole::Group };
    let (kind, categories, series) = match (timed, answer.keys.len()) {
        (false, 1) if (2..=BARS_MAX).contains(&answer.rows.len()) => {
            let categories = answer.rows.iter().map(|row| named(&row.keys, row.role, &labels)).collect();
            let values = answer.rows.iter().map(|row| value(&row.cells)).collect();
            (ChartKind::HorizontalBars, categories, vec![(clean(&measure.label), SeriesRole::Group, values)])
        }
        (true, 1 | 2) => {
            let mut times: Vec<String> = answer.rows.iter().filter_map(|row| row.keys.first()?.clone()).collect();
            times.dedup();
            let mut found: Vec<Run<'_>> = Vec::new();
            for row in &answer.rows {
                let (Some(Some(time)), keys) = (row.keys.first(), row.keys.get(1..).unwrap_or_default()) else {
                    continue;
                };
                let at = times.iter().position(|known| known == time)?;
                let place =
                    match found.iter().position(|(known, known_role, _)| *known == keys && *known_role == row.role) {
                        Some(place) => place,
                        None => {
                            found.push((keys, row.role, vec![None; times.len()]));
                            found.len() - 1
                        }
                    };
                found[place].2[at] = value(&row.cells);
            }
            if times.len() < 2 || times.len() > COLUMNS_MAX || found.len() > BARS_MAX {
                return None;
            }
            let alone = found.len() == 1 && answer.keys.len() == 1;
            let series = found
                .into_iter()
                .map(|(keys, row_role, values)| {
                    let name = if alone { clean(&measure.label) } else { named(keys, row_role, &labels[1..]) };
                    (name, role(row_role), values)
                })
                .collect();
            let kind = if is_added(measure.kind) { ChartKind::StackedColumns } else { ChartKind::Line };
            (kind, times, series)
        }
        _ => return None,
    };
    let unit = unit(measure, answer.currency);
    let title = clean(&format!("{} by {}", label(measure, answer.currency), words::listed(&labels).to_lowercase()));
    let total = answer.total.first().and_then(|cell| cell.value);
    let shown = total.map(|amount| {
        words::shown_with_unit(&Figure { amount, unit: unit.clone(), evidence_id: answer.evidence.id.clone() })
    });
    Some(ChartSpec {
        id: format!("{id}-chart"),
        kind,
        alt_text: format!(
            "{title}: {} in all; the figures are in the table.",
            shown.unwrap_or_else(|| "no value".to_owned())
        ),
        title,
        category_label: labels.first().cloned().unwrap_or_default(),
        categories,
        unit,
        series: series
            .into_iter()
            .map(|(name, role, values)| Series { name, role, values, evidence_id: answer.evidence.id.clone() })
            .collect(),
        annotations: Vec::new(),
        highlight: None,
    })
}

/// The rows of a statement. Numbers are numbers, everything else is text; nothing is added up.
fn statement(
    id: &str,
    heading: &str,
    columns: &[(String, bool)],
    rows: &[Vec<Option<String>>],
    evidence: &Evidence,
) -> Table {
    let cell = |is_figure: bool, value: &Option<String>| match value {
        None => TableCell::Empty,
        Some(text) => match text.parse::<Amount>().ok().filter(|_| is_figure) {
            Some(amount) => {
                TableCell::Figure { figure: Figure { amount, unit: Unit::Number, evidence_id: evidence.id.clone() } }
            }
            None => TableCell::Text { text: clean(text) },
        },
    };
    Table {
        id: format!("{id}-table"),
        caption: clean(heading),
        columns: columns
            .iter()
            .map(|(name, is_figure)| {
                let name = clean(name);
                if *is_figure { figure_column(name, false) } else { text_column(name) }
            })
            .collect(),
        rows: rows
            .iter()
            .map(|row| TableRow {
                role: TableRowRole::Group,
                cells: row.iter().zip(columns).map(|(value, (_, is_figure))| cell(*is_figure, value)).collect(),
            })
            .collect(),
        total: None,
        notes: Vec::new(),
        evidence_id: evidence.id.clone(),
    }
}
