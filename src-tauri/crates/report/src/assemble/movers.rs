//! Top movers: the largest changes in both directions.

use money::{Amount, Ratio};
use query::{Answer, Row};

use super::{Builder, checks, collapsed, figure_column, first, group_name, ratio_cell, text_column};
use crate::model::{Block, Table, TableCell, TableRow, TableRowRole, Unit};
use crate::{ChartKind, ChartSpec, ReportError, Series, SeriesRole, words};

/// How many movers are shown where the definition does not say.
const MOVERS: usize = 8;
/// How many names of new or gone groups a sentence lists.
const NAMES: usize = 4;

/// A group that cost nothing in the compared period.
const NEW: &str = "new";
/// A group that costs nothing any more.
const GONE: &str = "gone";

/// A group and how it moved.
struct Mover<'a> {
    row: &'a Row,
    value: Amount,
    previous: Amount,
    change: Amount,
    ratio: Option<Amount>,
}

impl Mover<'_> {
    const fn flag(&self) -> &'static str {
        match (self.previous.is_zero(), self.value.is_zero()) {
            (true, false) => NEW,
            (false, true) => GONE,
            _ => "",
        }
    }
}

impl Builder<'_> {
    pub(super) fn movers(&self, id: &str, answer: &Answer, top: Option<u32>) -> Result<Vec<Block>, ReportError> {
        let labels: Vec<String> = answer.keys.iter().map(|key| key.label.clone()).collect();
        let mut movers: Vec<Mover<'_>> = answer
            .rows
            .iter()
            .map(|row| {
                let cell = first(&row.cells);
                Mover {
                    row,
                    value: cell.value.unwrap_or_default(),
                    previous: cell.previous.unwrap_or_default(),
                    change: cell.change.unwrap_or_default(),
                    ratio: cell.change_ratio,
                }
            })
            .collect();
        // The largest first; the answer's own order decides among equals.
        movers.sort_by_key(|mover| std::cmp::Reverse(mover.change.abs()));
        let moved = movers.iter().filter(|mover| !mover.change.is_zero()).count();
        let shown = moved.min(top.map_or(MOVERS, |top| usize::try_from(top).unwrap_or(usize::MAX)));
        if shown == 0 {
            let paragraphs = vec![format!("Nothing changed against {}.", self.compared_label)];
            return Ok(vec![Block::Commentary { paragraphs, figures: Vec::new() }]);
        }
        let commentary = self.rises_and_falls(answer, &movers, &labels)?;
        let chart = self.waterfall(id, answer, &movers, shown, &labels)?;
        let table = self.movers_table(id, answer, &movers, shown, &labels)?;
        Ok(vec![commentary, Block::Chart { chart }, Block::Table { table }])
    }

    fn rises_and_falls(&self, answer: &Answer, movers: &[Mover<'_>], labels: &[String]) -> Result<Block, ReportError> {
        let rises: Vec<Amount> =
            movers.iter().map(|mover| mover.change).filter(|change| *change > Amount::ZERO).collect();
        let falls: Vec<Amount> =
            movers.iter().map(|mover| mover.change).filter(|change| change.is_negative()).collect();
        let risen = Amount::sum(rises.iter().copied())?;
        let fallen = Amount::sum(falls.iter().copied())?;
        let net = risen.checked_add(fallen)?;
        let mut paragraphs = vec![format!(
            "By {}, {} rose by {} together and {} fell by {}: {} net.",
            words::in_sentence(&collapsed(labels)),
            rises.len(),
            self.say(risen),
            falls.len(),
            self.say(fallen.abs()),
            self.say_signed(net)
        )];
        let mut list = |title: &str, flag: &str| {
            let flagged = movers.iter().filter(|mover| mover.flag() == flag);
            let all: Vec<String> = flagged.map(|mover| group_name(&mover.row.keys, labels)).collect();
            if all.is_empty() {
                return;
            }
            let mut names: Vec<String> = all.iter().take(NAMES).cloned().collect();
            if all.len() > NAMES {
                names.push(format!("{} more", all.len() - NAMES));
            }
            paragraphs.push(format!("{title}: {}.", words::listed(&names)));
        };
        list("New", NEW);
        list("Gone", GONE);
        let figures = [risen, fallen, net].map(|amount| self.change(amount, &answer.evidence)).to_vec();
        Ok(Block::Commentary { paragraphs, figures })
    }

    /// From the compared total over the largest changes to this period's total.
    fn waterfall(
        &self,
        id: &str,
        answer: &Answer,
        movers: &[Mover<'_>],
        shown: usize,
        labels: &[String],
    ) -> Result<ChartSpec, ReportError> {
        let total = first(&answer.total);
        let mut categories = vec![self.compared_label.clone()];
        let mut values = vec![total.previous.unwrap_or_default()];
        for mover in &movers[..shown] {
            categories.push(group_name(&mover.row.keys, labels));
            values.push(mover.change);
        }
        let rest = Amount::sum(movers[shown..].iter().map(|mover| mover.change))?;
        if !rest.is_zero() {
            categories.push("All others".to_owned());
            values.push(rest);
        }
        categories.push(self.period.label.clone());
        values.push(total.value.unwrap_or_default());
        let steps: Vec<String> = categories
            .iter()
            .zip(&values)
            .skip(1)
            .take(3.min(shown))
            .map(|(name, change)| format!("{name} {}", self.say_signed(*change)))
            .collect();
        Ok(ChartSpec {
            id: format!("{id}-chart"),
            kind: ChartKind::Waterfall,
            alt_text: format!(
                "Bridge from {} in {} to {} in {}. Largest steps: {}.",
                self.say(total.previous.unwrap_or_default()),
                self.compared_label,
                self.say(total.value.unwrap_or_default()),
                self.period.label,
                words::listed(&steps)
            ),
            title: format!("{}: from {} to {}", self.cost.label, self.compared_label, self.period.label),
            category_label: collapsed(labels),
            categories,
            unit: Unit::Money { currency: self.currency },
            series: vec![Series {
                name: self.cost.label.clone(),
                role: SeriesRole::Group,
                values: values.into_iter().map(Some).collect(),
                evidence_id: answer.evidence.id.clone(),
            }],
            annotations: Vec::new(),
            highlight: None,
        })
    }

    fn movers_table(
        &self,
        id: &str,
        answer: &Answer,
        movers: &[Mover<'_>],
        shown: usize,
        labels: &[String],
    ) -> Result<Table, ReportError> {
        let evidence = &answer.evidence;
        let cells = |name: String, flag: &str, value, previous, change, ratio| {
            let mut flag_cell = TableCell::Empty;
            if !flag.is_empty() {
                flag_cell = TableCell::Text { text: flag.to_owned() };
            }
            vec![
                TableCell::Text { text: name },
                TableCell::Figure { figure: self.money(previous, evidence) },
                TableCell::Figure { figure: self.money(value, evidence) },
                TableCell::Figure { figure: self.change(change, evidence) },
                ratio_cell(ratio, Unit::RelativeChange, evidence),
                flag_cell,
            ]
        };
        let mut rows: Vec<TableRow> = movers[..shown]
            .iter()
            .map(|mover| TableRow {
                role: TableRowRole::Group,
                cells: cells(
                    group_name(&mover.row.keys, labels),
                    mover.flag(),
                    mover.value,
                    mover.previous,
                    mover.change,
                    mover.ratio,
                ),
            })
            .collect();
        let rest = &movers[shown..];
        if !rest.is_empty() {
            let value = Amount::sum(rest.iter().map(|mover| mover.value))?;
            let previous = Amount::sum(rest.iter().map(|mover| mover.previous))?;
            let change = Amount::sum(rest.iter().map(|mover| mover.change))?;
            let ratio = Ratio::of(change, previous.abs(), 6);
            let name = format!("All others ({})", rest.len());
            rows.push(TableRow { role: TableRowRole::Other, cells: cells(name, "", value, previous, change, ratio) });
        }
        let total = first(&answer.total);
        let (value, previous) = (total.value.unwrap_or_default(), total.previous.unwrap_or_default());
        let last = cells("Total".to_owned(), "", value, previous, total.change.unwrap_or_default(), total.change_ratio);
        checks::seal(Table {
            id: format!("{id}-table"),
            caption: format!(
                "Largest changes of {} by {}, {}",
                words::in_sentence(&self.cost.label),
                words::in_sentence(&collapsed(labels)),
                self.currency
            ),
            columns: vec![
                text_column(collapsed(labels)),
                figure_column(&self.compared_label, true),
                figure_column(&self.period.label, true),
                figure_column("Change", true),
                figure_column("Change %", false),
                text_column("Note"),
            ],
            rows,
            total: Some(TableRow { role: TableRowRole::Total, cells: last }),
            notes: Vec::new(),
            evidence_id: evidence.id.clone(),
        })
    }
}
