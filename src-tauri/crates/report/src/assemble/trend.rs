//! Spend by month, stacked by one dimension.

use chrono::{Months, NaiveDate};
use money::Amount;
use query::{Answer, RowRole};

use super::{Builder, checks, figure_column, first, group_name, text_column};
use crate::model::{Block, Table, TableCell, TableRow, TableRowRole, Unit};
use crate::{Annotation, ChartKind, ChartSpec, Highlight, ReportError, Series, SeriesRole, words};

/// Months by groups: `values[group][month]`.
struct Grid {
    months: Vec<NaiveDate>,
    names: Vec<(String, SeriesRole)>,
    values: Vec<Vec<Option<Amount>>>,
}

impl Builder<'_> {
    pub(super) fn trend(&self, id: &str, answer: &Answer) -> Result<Vec<Block>, ReportError> {
        let grid = self.grid(answer)?;
        if grid.months.is_empty() {
            let paragraphs = vec!["No charge falls into these months.".to_owned()];
            return Ok(vec![Block::Commentary { paragraphs, figures: Vec::new() }]);
        }
        let totals = grid.month_totals()?;
        self.period_adds_up(&grid, &totals)?;
        let chart = self.columns(id, answer, &grid, &totals)?;
        let table = self.month_table(id, answer, &grid, &totals)?;
        let commentary = self.highest_and_lowest(answer, &grid, &totals);
        Ok(vec![commentary, Block::Chart { chart }, Block::Table { table }])
    }

    /// The answer's rows as months by groups. Months without a charge between the first and the last are there, empty.
    fn grid(&self, answer: &Answer) -> Result<Grid, ReportError> {
        let labels: Vec<String> = answer.keys.iter().skip(1).map(|key| key.label.clone()).collect();
        let mut found: Vec<NaiveDate> = Vec::new();
        // Keys can look alike once they are cleaned: groups are told apart by the keys themselves.
        let mut groups: Vec<(Option<&[Option<String>]>, Amount)> = Vec::new();
        let mut cells: Vec<(NaiveDate, usize, Option<Amount>)> = Vec::new();
        for row in &answer.rows {
            let Some(month) = row.keys.first().and_then(Option::as_deref).and_then(parse_month) else { continue };
            let key = (row.role == RowRole::Group).then_some(&row.keys[1..]);
            let value = first(&row.cells).value;
            let position = match groups.iter().position(|(known, _)| *known == key) {
                Some(position) => position,
                None => {
                    groups.push((key, Amount::ZERO));
                    groups.len() - 1
                }
            };
            groups[position].1 = groups[position].1.checked_add(value.unwrap_or_default())?;
            cells.push((month, position, value));
            found.push(month);
        }
        let (Some(first_month), Some(last_month)) = (found.iter().min().copied(), found.iter().max().copied()) else {
            return Ok(Grid { months: Vec::new(), names: Vec::new(), values: Vec::new() });
        };
        let months: Vec<NaiveDate> = (0..)
            .map_while(|step| first_month.checked_add_months(Months::new(step)))
            .take_while(|month| *month <= last_month)
            .collect();
        // The largest group first, "other" last.
        let mut order: Vec<usize> = (0..groups.len()).collect();
        order.sort_by_key(|&position| (groups[position].0.is_none(), std::cmp::Reverse(groups[position].1)));
        let mut values = vec![vec![None; months.len()]; groups.len()];
        for (month, group, value) in cells {
            if let Ok(column) = months.binary_search(&month) {
                values[group][column] = value;
            }
        }
        let named = |key: Option<&[Option<String>]>| match key {
            Some(keys) => (group_name(keys, &labels), SeriesRole::Group),
            None => ("Other".to_owned(), SeriesRole::Other),
        };
        Ok(Grid {
            names: order.iter().map(|&position| named(groups[position].0)).collect(),
            values: order.iter().map(|&position| values[position].clone()).collect(),
            months,
        })
    }

    /// The months of the pack's period make the headline's total.
    fn period_adds_up(&self, grid: &Grid, totals: &[Amount]) -> Result<(), ReportError> {
        let period = self.period.period;
        // A period that cuts a month in two is not a sum of months.
        let whole_months = [period.from, period.to].iter().all(|day| chrono::Datelike::day(day) == 1);
        if !whole_months {
            return Ok(());
        }
        let inside = grid.months.iter().zip(totals).filter(|(month, _)| period.from <= **month && **month < period.to);
        let sum = Amount::sum(inside.map(|(_, total)| *total))?;
        checks::equal(
            &format!("Spend by month, the months of {}", self.period.label),
            sum,
            self.total.value.unwrap_or_default(),
        )
    }

    fn columns(&self, id: &str, answer: &Answer, grid: &Grid, totals: &[Amount]) -> Result<ChartSpec, ReportError> {
        let title = format!(
            "{} by month, stacked by {}",
            self.cost.label,
            super::collapsed(&answer.question.by.iter().map(query::Dimension::phrase).collect::<Vec<_>>())
        );
        let said = |position: usize| {
            format!("{} in {}", words::money(totals[position], self.currency), month_name(grid.months[position]))
        };
        let highest = (0..totals.len()).rev().max_by_key(|&position| totals[position]).unwrap_or(0);
        let names: Vec<String> = grid.names.iter().take(3).map(|(name, _)| name.clone()).collect();
        let loaded = self.extras.calendar.loaded;
        let partial = |month: NaiveDate| {
            let end = month.checked_add_months(Months::new(1)).unwrap_or(month);
            loaded.is_some_and(|loaded| loaded.from > month || loaded.to < end)
        };
        let inside = |month: &NaiveDate| self.period.period.from <= *month && *month < self.period.period.to;
        let highlight = grid.months.iter().position(inside).map(|from| Highlight {
            from,
            to: from + grid.months[from..].iter().take_while(|month| inside(month)).count(),
            label: self.period.label.clone(),
        });
        Ok(ChartSpec {
            id: format!("{id}-chart"),
            kind: ChartKind::StackedColumns,
            alt_text: format!(
                "{title}, in {}: from {} to {}; highest {}. Largest: {}.",
                self.currency,
                said(0),
                said(totals.len() - 1),
                said(highest),
                words::listed(&names)
            ),
            title,
            category_label: "Month".to_owned(),
            categories: grid.months.iter().map(|month| month_name(*month)).collect(),
            unit: Unit::Money { currency: self.currency },
            series: grid
                .names
                .iter()
                .zip(&grid.values)
                .map(|((name, role), values)| Series {
                    name: name.clone(),
                    role: *role,
                    values: values.clone(),
                    evidence_id: answer.evidence.id.clone(),
                })
                .collect(),
            annotations: (0..grid.months.len())
                .filter(|&category| partial(grid.months[category]))
                .map(|category| Annotation { category, text: "partial".to_owned() })
                .collect(),
            highlight: highlight.filter(|run| run.to - run.from < grid.months.len()),
        })
    }

    /// A row for each month, a column for each group, totals both ways.
    fn month_table(&self, id: &str, answer: &Answer, grid: &Grid, totals: &[Amount]) -> Result<Table, ReportError> {
        let evidence = &answer.evidence;
        let figure = |amount: Amount| TableCell::Figure { figure: self.money(amount, evidence) };
        let mut rows = Vec::new();
        for (column, month) in grid.months.iter().enumerate() {
            let mut cells = vec![TableCell::Text { text: month_name(*month) }];
            cells.extend(grid.values.iter().map(|values| figure(values[column].unwrap_or_default())));
            cells.push(figure(totals[column]));
            rows.push(TableRow { role: TableRowRole::Group, cells });
        }
        let mut last = vec![TableCell::Text { text: "Total".to_owned() }];
        for values in &grid.values {
            last.push(figure(Amount::sum(values.iter().flatten().copied())?));
        }
        last.push(figure(first(&answer.total).value.unwrap_or_default()));
        let mut columns = vec![text_column("Month")];
        columns.extend(grid.names.iter().map(|(name, _)| figure_column(name, true)));
        columns.push(figure_column("Total", true));
        checks::seal(Table {
            id: format!("{id}-table"),
            caption: format!("{} by month, {}", self.cost.label, self.currency),
            columns,
            rows,
            total: Some(TableRow { role: TableRowRole::Total, cells: last }),
            notes: Vec::new(),
            evidence_id: evidence.id.clone(),
        })
    }

    fn highest_and_lowest(&self, answer: &Answer, grid: &Grid, totals: &[Amount]) -> Block {
        // The earlier month of equals.
        let highest = (0..totals.len()).rev().max_by_key(|&position| totals[position]).unwrap_or(0);
        let lowest = (0..totals.len()).min_by_key(|&position| totals[position]).unwrap_or(0);
        let said =
            |position: usize| format!("{} with {}", month_name(grid.months[position]), self.say(totals[position]));
        let sentence = if totals.len() < 2 {
            format!("One month has charges: {}.", said(0))
        } else {
            format!("Of {} months the highest was {}, the lowest {}.", totals.len(), said(highest), said(lowest))
        };
        let figures = [highest, lowest].map(|position| self.money(totals[position], &answer.evidence)).to_vec();
        Block::Commentary { paragraphs: vec![sentence], figures }
    }
}

impl Grid {
    fn month_totals(&self) -> Result<Vec<Amount>, ReportError> {
        (0..self.months.len())
            .map(|column| {
                Amount::sum(self.values.iter().filter_map(|values| values[column])).map_err(ReportError::from)
            })
            .collect()
    }
}

fn parse_month(key: &str) -> Option<NaiveDate> {
    NaiveDate::parse_from_str(&format!("{key}-01"), "%Y-%m-%d").ok()
}

fn month_name(month: NaiveDate) -> String {
    month.format("%b %Y").to_string()
}
