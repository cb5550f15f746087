//! Groups with share and change: by service, by account, charges and credits.

use money::{Amount, Ratio};
use query::{Answer, Cell, Row, RowRole};

use super::{Builder, checks, collapsed, figure_column, first, group_name, ratio_cell, text_column};
use crate::model::{Block, Table, TableCell, TableRow, TableRowRole, Unit};
use crate::{ChartKind, ChartSpec, ReportError, Series, SeriesRole, words};

/// How many bars a chart shows; the rest of the table's rows are drawn as one.
const BARS: usize = 12;

impl Builder<'_> {
    pub(super) fn breakdown(&self, id: &str, answer: &Answer) -> Result<Vec<Block>, ReportError> {
        let table = self.group_table(id, answer)?;
        let mut blocks = Vec::new();
        blocks.extend(self.concentration(answer)?);
        if answer.rows.len() > 1 {
            blocks.push(Block::Chart { chart: self.bars(id, answer)? });
        }
        blocks.push(Block::Table { table });
        Ok(blocks)
    }

    pub(super) fn charges_and_credits(&self, id: &str, answer: &Answer) -> Result<Vec<Block>, ReportError> {
        let table = self.group_table(id, answer)?;
        let values = || answer.rows.iter().filter_map(|row| first(&row.cells).value);
        let above = Amount::sum(values().filter(|value| !value.is_negative()))?;
        let below = Amount::sum(values().filter(|value| value.is_negative()))?;
        let net = above.checked_add(below)?;
        let sentence = if below.is_zero() {
            format!("Charges come to {}; no category is below zero, so no credits took anything off.", self.say(above))
        } else {
            format!(
                "Charges come to {}; credits and other negative categories take {} off; the net is {}.",
                self.say(above),
                self.say(below.abs()),
                self.say(net)
            )
        };
        let figures = [above, below, net].map(|amount| self.money(amount, &answer.evidence)).to_vec();
        Ok(vec![Block::Commentary { paragraphs: vec![sentence], figures }, Block::Table { table }])
    }

    /// How much of the total the three largest groups make.
    fn concentration(&self, answer: &Answer) -> Result<Option<Block>, ReportError> {
        const LARGEST: usize = 3;
        let groups: Vec<Amount> = answer
            .rows
            .iter()
            .filter(|row| row.role == RowRole::Group)
            .filter_map(|row| first(&row.cells).value)
            .take(LARGEST)
            .collect();
        let total = self.total.value.unwrap_or_default();
        let largest = Amount::sum(groups.iter().copied())?;
        let share = Ratio::of(largest, total, 6);
        let Some(share) = share.filter(|_| groups.len() == LARGEST && answer.groups > LARGEST as u64) else {
            return Ok(None);
        };
        let sentence = format!(
            "The {LARGEST} largest of {} make {} of {}: {} of {}.",
            answer.groups,
            words::percent(share),
            words::in_sentence(&self.cost.label),
            self.say(largest),
            self.say(total)
        );
        let evidence = &answer.evidence;
        let figures = vec![
            crate::Figure { amount: share, unit: Unit::Share, evidence_id: evidence.id.clone() },
            self.money(largest, evidence),
            self.money(total, evidence),
        ];
        Ok(Some(Block::Commentary { paragraphs: vec![sentence], figures }))
    }

    /// One row per group: value, share, compared value, change.
    fn group_table(&self, id: &str, answer: &Answer) -> Result<Table, ReportError> {
        let evidence = &answer.evidence;
        let labels: Vec<String> = answer.keys.iter().map(|key| key.label.clone()).collect();
        let cells = |name: String, cell: &Cell| {
            vec![
                TableCell::Text { text: name },
                TableCell::Figure { figure: self.money(cell.value.unwrap_or_default(), evidence) },
                ratio_cell(cell.share, Unit::Share, evidence),
                TableCell::Figure { figure: self.money(cell.previous.unwrap_or_default(), evidence) },
                TableCell::Figure { figure: self.change(cell.change.unwrap_or_default(), evidence) },
                ratio_cell(cell.change_ratio, Unit::RelativeChange, evidence),
            ]
        };
        let rows = answer
            .rows
            .iter()
            .map(|row| TableRow {
                role: role(row),
                cells: cells(self.row_name(answer, row, &labels), &first(&row.cells)),
            })
            .collect();
        let total = TableRow { role: TableRowRole::Total, cells: cells("Total".to_owned(), &first(&answer.total)) };
        checks::seal(Table {
            id: format!("{id}-table"),
            caption: format!(
                "{}, {} and {}, {}",
                self.by(answer),
                self.period.label,
                self.compared_label,
                self.currency
            ),
            columns: vec![
                text_column(collapsed(&labels)),
                figure_column(&self.period.label, true),
                figure_column("Share", false),
                figure_column(&self.compared_label, true),
                figure_column("Change", true),
                figure_column("Change %", false),
            ],
            rows,
            total: Some(total),
            notes: Vec::new(),
            evidence_id: evidence.id.clone(),
        })
    }

    /// A row's name: the group's, or how many groups "other" stands for.
    pub(super) fn row_name(&self, answer: &Answer, row: &Row, labels: &[String]) -> String {
        match row.role {
            RowRole::Group => group_name(&row.keys, labels),
            RowRole::Other => {
                let named = answer.rows.iter().filter(|row| row.role == RowRole::Group).count() as u64;
                match answer.groups.saturating_sub(named) {
                    0 => "Other".to_owned(),
                    rest => format!("Other ({rest})"),
                }
            }
        }
    }

    /// A bar for each group with a mark for the compared value.
    fn bars(&self, id: &str, answer: &Answer) -> Result<ChartSpec, ReportError> {
        let labels: Vec<String> = answer.keys.iter().map(|key| key.label.clone()).collect();
        let shown = if answer.rows.len() > BARS + 1 { BARS } else { answer.rows.len() };
        let mut categories: Vec<String> = Vec::new();
        let (mut values, mut previous) = (Vec::new(), Vec::new());
        for row in &answer.rows[..shown] {
            let cell = first(&row.cells);
            categories.push(self.row_name(answer, row, &labels));
            values.push(Some(cell.value.unwrap_or_default()));
            previous.push(Some(cell.previous.unwrap_or_default()));
        }
        let rest = &answer.rows[shown..];
        if !rest.is_empty() {
            categories.push("All others".to_owned());
            values.push(Some(Amount::sum(rest.iter().filter_map(|row| first(&row.cells).value))?));
            previous.push(Some(Amount::sum(rest.iter().filter_map(|row| first(&row.cells).previous))?));
        }
        let largest: Vec<String> = categories
            .iter()
            .zip(&values)
            .take(3)
            .map(|(name, value)| format!("{name} {}", words::money(value.unwrap_or_default(), self.currency)))
            .collect();
        let evidence_id = answer.evidence.id.clone();
        let title = self.by(answer);
        Ok(ChartSpec {
            id: format!("{id}-chart"),
            kind: ChartKind::HorizontalBars,
            alt_text: format!(
                "{title} in {}, {} bars, marks for {}. Largest: {}. All: {}.",
                self.currency,
                categories.len(),
                self.compared_label,
                words::listed(&largest),
                words::money(self.total.value.unwrap_or_default(), self.currency)
            ),
            title,
            category_label: collapsed(&labels),
            categories,
            unit: Unit::Money { currency: self.currency },
            series: vec![
                Series {
                    name: self.period.label.clone(),
                    role: SeriesRole::Group,
                    values,
                    evidence_id: evidence_id.clone(),
                },
                Series {
                    name: self.compared_label.clone(),
                    role: SeriesRole::Comparison,
                    values: previous,
                    evidence_id,
                },
            ],
            annotations: Vec::new(),
            highlight: None,
        })
    }
}

pub(super) fn role(row: &Row) -> TableRowRole {
    match row.role {
        RowRole::Group => TableRowRole::Group,
        RowRole::Other => TableRowRole::Other,
    }
}
