//! `scenario_export`: a scenario as a workbook to go on in. Its operations have switches and factors, and every total follows them.

use money::{Amount, Ratio};
use report::xlsx::{LiveBook, LiveCell, LiveForm, LiveSheet, cell_name, fixed_cell_name, sheet_reference};
use serde::Deserialize;
use store::Watch;
use ts_rs::TS;

use super::compare::{ScenarioCompareRequest, ScenarioComparison, compare};
use super::lines::{ScenarioLinesRequest, lines};
use super::run::ScenarioView;
use crate::exporting::{ExportTarget, written_book};
use crate::{ApiError, Context, ExportReply};

/// `scenario_export`.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ScenarioExportRequest {
    /// The scenario.
    pub(super) name: String,
    /// The scenario that it is held against; without it its baseline.
    #[serde(default)]
    #[ts(optional = nullable)]
    pub(super) compare_with: Option<String>,
    pub(super) target: ExportTarget,
}

const ASSUMPTIONS: &str = "Assumptions";
const MONTHS: &str = "Months";
const EFFECTS: &str = "Effects";
const LINES: &str = "Lines";
/// Where the table of assumptions and that of effects begin: the row of the first operation.
const FIRST: u32 = 3;
/// Lines that are written.
const LINES_MAX: u32 = 1_000;

pub(crate) fn export(
    context: &Context,
    request: &ScenarioExportRequest,
    watch: &Watch,
) -> Result<ExportReply, ApiError> {
    let engagement = context.engagement()?;
    let asked = ScenarioCompareRequest {
        from: request.compare_with.clone(),
        to: request.name.clone(),
        view: ScenarioView::default(),
    };
    let found = compare(context, &asked, watch)?;
    let asked = ScenarioLinesRequest {
        name: Some(request.name.clone()),
        draft: None,
        offset: None,
        limit: Some(LINES_MAX),
        search: None,
    };
    let all = lines(context, &asked, watch)?;
    let book = Book { found: &found, money: LiveForm::Money(found.currency) };
    let mut rows = vec![heading(&["Line", "Treatment"], &all.months, &["Total"])];
    for line in &all.lines {
        let row = u32::try_from(rows.len()).unwrap_or(u32::MAX);
        let mut cells = vec![LiveCell::Text(line.id.clone()), LiveCell::Muted(line.treatment.replace('_', " "))];
        cells.extend(line.likely.iter().map(|amount| LiveCell::Value(*amount, book.money)));
        cells.push(book.sum(row, 2, line.likely.len(), Amount::sum(line.likely.iter().copied())?));
        rows.push(cells);
    }
    let mut about = vec![
        format!("Made from {} charges, evidence {}.", found.evidence.charges, found.evidence.id),
        "Switches and factors on the sheet Assumptions may be changed: every total follows. Effects are taken one after another; with other factors what operations do together stays as it was.".to_owned(),
    ];
    about.extend(found.notes.iter().map(|note| note.message.clone()));
    let from = found.from.clone().unwrap_or_else(|| "baseline".to_owned());
    let sheets = vec![
        book.months(&from)?,
        book.assumptions(),
        book.effects()?,
        LiveSheet { name: LINES.to_owned(), widths: vec![48, 20], frozen: (1, 1), rows },
    ];
    let live = LiveBook { title: format!("{} beside {from}", found.to), about, sheets };
    written_book(&engagement, &live, &request.target, found.months.len())
}

fn heading(texts: &[&str], months: &[String], ends: &[&str]) -> Vec<LiveCell> {
    let mut cells: Vec<LiveCell> = texts.iter().map(|text| LiveCell::Heading((*text).to_owned())).collect();
    cells.extend(months.iter().map(|month| LiveCell::FigureHeading(month.clone())));
    cells.extend(ends.iter().map(|end| LiveCell::FigureHeading((*end).to_owned())));
    cells
}

fn column(place: usize) -> u16 {
    u16::try_from(place).unwrap_or(u16::MAX)
}

struct Book<'a> {
    found: &'a ScenarioComparison,
    money: LiveForm,
}

impl Book<'_> {
    fn count(&self) -> usize {
        self.found.months.len()
    }

    /// The row of the last operation.
    fn last(&self) -> u32 {
        FIRST + u32::try_from(self.found.contributions.len().max(1)).unwrap_or(1) - 1
    }

    /// The sum of cells of a row beside it.
    fn sum(&self, row: u32, first: usize, count: usize, result: Amount) -> LiveCell {
        let (from, to) = (cell_name(row, column(first)), cell_name(row, column(first + count.max(1) - 1)));
        LiveCell::TotalFormula { formula: format!("=SUM({from}:{to})"), result: Some(result), form: self.money }
    }

    /// Operations with their switches and factors.
    fn assumptions(&self) -> LiveSheet {
        let mut rows = vec![
            vec![LiveCell::Title("Assumptions".to_owned())],
            vec![LiveCell::Muted(
                "A switch is 1 for on and 0 for off; a factor of 50 % takes half of an effect.".to_owned(),
            )],
            heading(&["Operation", "What it is"], &[], &["Switch", "Factor", "Effect"]),
        ];
        for (row, one) in (FIRST..).zip(&self.found.contributions) {
            let effects =
                format!("{}{}:{}", sheet_reference(EFFECTS), cell_name(row, 1), cell_name(row, column(self.count())));
            let (switch, factor) = (cell_name(row, 2), cell_name(row, 3));
            rows.push(vec![
                LiveCell::Text(one.operation.clone().unwrap_or_else(|| one.words.clone())),
                LiveCell::Text(one.words.clone()),
                LiveCell::Input(Amount::from_integer(1), LiveForm::Count),
                LiveCell::Input(Amount::from_integer(1), LiveForm::Percent),
                LiveCell::Formula {
                    formula: format!("={switch}*{factor}*SUM({effects})"),
                    result: Some(one.total),
                    form: self.money,
                },
            ]);
        }
        LiveSheet { name: ASSUMPTIONS.to_owned(), widths: vec![28, 60, 10, 10, 18], frozen: (FIRST, 1), rows }
    }

    /// What each operation adds month by month, as it was found.
    fn effects(&self) -> Result<LiveSheet, ApiError> {
        let mut rows = vec![
            vec![LiveCell::Title("Effects".to_owned())],
            vec![LiveCell::Muted(self.found.order.join(" "))],
            heading(&["Operation"], &self.found.months, &["Total"]),
        ];
        for (row, one) in (FIRST..).zip(&self.found.contributions) {
            let mut cells = vec![LiveCell::Text(one.operation.clone().unwrap_or_else(|| one.words.clone()))];
            cells.extend(one.monthly.iter().map(|amount| LiveCell::Value(*amount, self.money)));
            cells.push(self.sum(row, 1, self.count(), one.total));
            rows.push(cells);
        }
        Ok(LiveSheet { name: EFFECTS.to_owned(), widths: vec![28], frozen: (FIRST, 1), rows })
    }

    /// Baseline, scenario, difference and growth, month by month.
    fn months(&self, from: &str) -> Result<LiveSheet, ApiError> {
        let (found, count) = (self.found, self.count());
        let formula = |formula: String, result: Option<Amount>, form| LiveCell::Formula { formula, result, form };
        let base_total = Amount::sum(found.from_totals.iter().copied())?;
        let total = Amount::sum(found.to_totals.iter().copied())?;
        let mut base = vec![LiveCell::Text(from.to_owned())];
        base.extend(found.from_totals.iter().map(|amount| LiveCell::Value(*amount, self.money)));
        base.push(self.sum(3, 1, count, base_total));
        let mut scenario = vec![LiveCell::Text(found.to.clone())];
        let mut difference = vec![LiveCell::Text("Difference".to_owned())];
        let mut share = vec![LiveCell::Text("Difference in percent".to_owned())];
        let mut growth = vec![LiveCell::Text("Growth on the month before".to_owned())];
        for month in 0..=count {
            let here = column(month + 1);
            let (base_cell, cell, gap) = (cell_name(3, here), cell_name(4, here), cell_name(5, here));
            let (first, second) = match month < count {
                true => (found.from_totals[month], found.to_totals[month]),
                false => (base_total, total),
            };
            if month < count {
                scenario.push(formula(self.with_effects(&base_cell, here), Some(second), self.money));
            } else {
                scenario.push(self.sum(4, 1, count, total));
            }
            let gap_amount = second.checked_sub(first)?;
            difference.push(formula(format!("={cell}-{base_cell}"), Some(gap_amount), self.money));
            let ratio = Ratio::of(gap_amount, first, 6);
            share.push(formula(format!("=IF({base_cell}=0,\"\",{gap}/{base_cell})"), ratio, LiveForm::Percent));
            if (1..count).contains(&month) {
                let before = cell_name(4, here - 1);
                let ratio = Ratio::of(second.checked_sub(found.to_totals[month - 1])?, found.to_totals[month - 1], 6);
                growth.push(formula(format!("=IF({before}=0,\"\",{cell}/{before}-1)"), ratio, LiveForm::Percent));
            } else {
                growth.push(LiveCell::Empty);
            }
        }
        let limit = fixed_cell_name(9, 1);
        let spent = cell_name(4, column(count + 1));
        let kept = total.checked_sub(total)?;
        let rows = vec![
            vec![LiveCell::Title(format!("{} beside {from}", found.to))],
            vec![LiveCell::Muted(format!("Costs in {}; what is not a formula is as it was found.", found.currency))],
            heading(&["Cost"], &found.months, &["Total"]),
            base,
            scenario,
            difference,
            share,
            growth,
            Vec::new(),
            vec![LiveCell::Text("Budget".to_owned()), LiveCell::Input(total, self.money)],
            vec![
                LiveCell::Text("Left of the budget".to_owned()),
                formula(format!("={limit}-{spent}"), Some(kept), self.money),
            ],
        ];
        Ok(LiveSheet { name: MONTHS.to_owned(), widths: vec![34], frozen: (3, 1), rows })
    }

    /// A month of the scenario: the other one's and what every operation adds, each times its switch and its factor.
    fn with_effects(&self, base: &str, here: u16) -> String {
        if self.found.contributions.is_empty() {
            return format!("={base}");
        }
        let range = |sheet: &str, column: u16| {
            format!(
                "{}{}:{}",
                sheet_reference(sheet),
                fixed_cell_name(FIRST, column),
                fixed_cell_name(self.last(), column)
            )
        };
        format!("={base}+SUMPRODUCT({},{},{})", range(ASSUMPTIONS, 2), range(ASSUMPTIONS, 3), range(EFFECTS, here))
    }
}
