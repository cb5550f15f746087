//! The headline: the number, the change, the main driver.

use money::{Amount, Ratio};
use query::{Answer, Row};

use super::{Builder, first, group_name};
use crate::model::{Block, Figure, Kpi, Unit};
use crate::{ReportError, words};

/// A group with its change, which is not zero.
struct Move<'a> {
    row: &'a Row,
    change: Amount,
    ratio: Option<Amount>,
}

impl Builder<'_> {
    pub(super) fn headline(&self, totals: &Answer, drivers: &Answer) -> Result<Vec<Block>, ReportError> {
        let total = first(&totals.total);
        let value = total.value.unwrap_or_default();
        let evidence = &totals.evidence;
        let mut text = format!("{} was {} in {}", self.cost.label, self.say(value), self.period.label);
        let mut figures = vec![self.money(value, evidence)];
        match (total.previous.filter(|previous| !previous.is_zero()), total.change) {
            (Some(_), Some(change)) if change.is_zero() => {
                text.push_str(&format!(", level with {}.", self.compared_label))
            }
            (Some(_), Some(change)) => {
                text.push_str(&format!(
                    ", {} from {}.",
                    self.say_change(change, total.change_ratio),
                    self.compared_label
                ));
                figures.push(self.change(change, evidence));
                figures.extend(self.relative(total.change_ratio, &evidence.id));
            }
            _ => text.push_str(&format!("; {} has nothing to compare it with.", self.compared_label)),
        }
        let mut blocks = vec![Block::Headline { text, figures }, Block::Kpis { kpis: self.kpis(totals) }];
        if total.previous.is_some_and(|previous| !previous.is_zero()) {
            blocks.extend(self.drivers(drivers, total.change.unwrap_or_default())?);
        }
        Ok(blocks)
    }

    /// Every measure's total with its change, and the change of the first as a figure of its own.
    fn kpis(&self, totals: &Answer) -> Vec<Kpi> {
        let evidence = &totals.evidence;
        let mut kpis: Vec<Kpi> = totals
            .measures
            .iter()
            .zip(&totals.total)
            .map(|(measure, cell)| Kpi {
                label: format!("{}, {}", measure.label, self.period.label),
                figure: self.money(cell.value.unwrap_or_default(), evidence),
                change: cell.change.map(|change| self.change(change, evidence)),
                change_ratio: self.relative(cell.change_ratio, &evidence.id),
            })
            .collect();
        if let Some(previous) = self.total.previous {
            let before = Kpi {
                label: format!("{}, {}", self.cost.label, self.compared_label),
                figure: self.money(previous, evidence),
                change: None,
                change_ratio: None,
            };
            kpis.insert(1.min(kpis.len()), before);
        }
        kpis
    }

    fn relative(&self, ratio: Option<Amount>, evidence_id: &str) -> Option<Figure> {
        ratio.map(|amount| Figure { amount, unit: Unit::RelativeChange, evidence_id: evidence_id.to_owned() })
    }

    /// Who moved the total most, and who moved most against it.
    fn drivers(&self, answer: &Answer, net: Amount) -> Result<Option<Block>, ReportError> {
        let mut moves: Vec<Move<'_>> = answer
            .rows
            .iter()
            .filter_map(|row| {
                let cell = first(&row.cells);
                cell.change.filter(|change| !change.is_zero()).map(|change| Move {
                    row,
                    change,
                    ratio: cell.change_ratio,
                })
            })
            .collect();
        // The largest first; the answer's own order decides among equals.
        moves.sort_by_key(|group| std::cmp::Reverse(group.change.abs()));
        let with_net = |group: &&Move<'_>| net.is_zero() || group.change.is_negative() == net.is_negative();
        let Some(driver) = moves.iter().find(with_net) else { return Ok(None) };
        let labels: Vec<String> = answer.keys.iter().map(|key| key.label.clone()).collect();
        let name = |group: &Move<'_>| group_name(&group.row.keys, &labels);
        let evidence = &answer.evidence;
        let mut figures = vec![self.change(driver.change, evidence)];
        figures.extend(self.relative(driver.ratio, &evidence.id));
        let mut main =
            format!("The main driver was {}: {}", name(driver), self.say_change(driver.change, driver.ratio));
        if !net.is_zero() {
            if driver.change.abs() > net.abs() {
                main.push_str(&format!(", more than the whole net change of {}", self.say_signed(net)));
            } else if let Some(share) = Ratio::of(driver.change, net, 6) {
                main.push_str(&format!(", {} of the net change", words::percent(share)));
                figures.push(Figure { amount: share, unit: Unit::Share, evidence_id: evidence.id.clone() });
            }
        }
        main.push('.');
        let mut paragraphs = vec![main];
        if let Some(against) = moves.iter().find(|group| group.change.is_negative() != driver.change.is_negative()) {
            paragraphs.push(format!(
                "Against it, the largest {} was {}: {}.",
                if against.change.is_negative() { "fall" } else { "rise" },
                name(against),
                self.say_change(against.change, against.ratio)
            ));
            figures.push(self.change(against.change, evidence));
            figures.extend(self.relative(against.ratio, &evidence.id));
        }
        Ok(Some(Block::Commentary { paragraphs, figures }))
    }

    /// `USD +5.00`.
    pub(super) fn say_signed(&self, change: Amount) -> String {
        let figure =
            Figure { amount: change, unit: Unit::MoneyChange { currency: self.currency }, evidence_id: String::new() };
        words::shown_with_unit(&figure)
    }
}
