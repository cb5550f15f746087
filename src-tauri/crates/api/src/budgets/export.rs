//! A scorecard as a workbook whose formulas live.

use chrono::{DateTime, Utc};
use money::{Amount, Currency};
use report::xlsx::{LiveBook, LiveCell, LiveForm, LiveSheet, cell_name};
use store::Watch;

use super::reply::{
    BudgetBand, BudgetCell, BudgetExportRequest, BudgetLine, BudgetPeriodState, BudgetReply, BudgetScore,
    BudgetScorecard, BudgetVerdict,
};
use crate::exporting::{ExportReply, written_book};
use crate::{ApiError, Context};

const PERIODS: &str = "Periods";

pub(crate) fn export(
    context: &Context,
    request: &BudgetExportRequest,
    now: DateTime<Utc>,
    watch: &Watch,
) -> Result<ExportReply, ApiError> {
    let reply = super::scorecard(context, &request.scorecard, now, watch)?;
    let book = book(&reply)?;
    let rows = book.sheets.first().map_or(0, |sheet| sheet.rows.len());
    written_book(&*context.engagement()?, &book, &request.target, rows)
}

fn text(text: &str) -> LiveCell {
    LiveCell::Text(text.to_owned())
}

fn headings(texts: &[&str], figures: &[&str]) -> Vec<LiveCell> {
    let texts = texts.iter().map(|name| LiveCell::Heading((*name).to_owned()));
    texts.chain(figures.iter().map(|name| LiveCell::FigureHeading((*name).to_owned()))).collect()
}

fn value(amount: Option<Amount>, currency: Currency) -> LiveCell {
    amount.map_or(LiveCell::Empty, |amount| LiveCell::Value(amount, LiveForm::Money(currency)))
}

fn input(amount: Option<Amount>, currency: Currency) -> LiveCell {
    amount.map_or(LiveCell::Empty, |amount| LiveCell::Input(amount, LiveForm::Money(currency)))
}

fn money(formula: String, result: Option<Amount>, currency: Currency) -> LiveCell {
    LiveCell::Formula { formula, result, form: LiveForm::Money(currency) }
}

fn percent(formula: String, result: Option<Amount>) -> LiveCell {
    LiveCell::Formula { formula, result, form: LiveForm::Percent }
}

const fn verdict(verdict: BudgetVerdict) -> &'static str {
    match verdict {
        BudgetVerdict::Favourable => "favourable",
        BudgetVerdict::Unfavourable => "unfavourable",
        BudgetVerdict::OnBudget => "on budget",
        BudgetVerdict::NotComparable => "",
    }
}

fn book(reply: &BudgetReply) -> Result<LiveBook, ApiError> {
    let whole_is_line = reply.lines.iter().any(|line| line.name == reply.whole.name);
    let whole = (!whole_is_line).then_some(&reply.whole);
    let lines: Vec<&BudgetLine> = whole.into_iter().chain(&reply.lines).collect();
    let mut sheets = vec![year(reply, &lines), periods(reply, &lines)];
    if let Some(card) = &reply.scorecard {
        sheets.push(scorecard(card, reply.currency)?);
    }
    let mut about = vec![
        format!("{}, fiscal year {}, budget {}", reply.measure.label, reply.year, reply.file),
        "The budgets on the sheet Periods may be changed: variances, shares, totals and verdicts follow.".to_owned(),
        "A variance is budget less cost: above zero is favourable. On the sheet Scorecard it is actual less forecast."
            .to_owned(),
    ];
    about.extend(reply.as_of.map(|day| format!("Costs are known up to {day}; later periods are forecast.")));
    about.extend(reply.month_end.iter().map(|estimate| estimate.words.clone()));
    about.extend(reply.evidence.iter().flat_map(|evidence| {
        [evidence.scope.clone(), format!("Evidence {}, {} charges", evidence.id, evidence.charges)]
    }));
    about.extend(reply.notes.iter().map(|note| note.message.clone()));
    Ok(LiveBook { title: format!("Budget {} {}", reply.file, reply.year), about, sheets })
}

/// The rows above the first one of the sheet of periods.
const HEAD: u32 = 1;

/// All periods of all lines, a row each.
fn periods(reply: &BudgetReply, lines: &[&BudgetLine]) -> LiveSheet {
    let figures = ["Actual", "Forecast", "Budget", "Cost", "Variance", "Share of budget"];
    let mut head = headings(&["Line", "Period", "State", "Counted"], &figures);
    head.push(LiveCell::Heading("Verdict".to_owned()));
    let mut rows = vec![head];
    let counted = counted(reply);
    for line in lines {
        for ((period, cell), counted) in reply.periods.iter().zip(&line.cells).zip(&counted) {
            let row = HEAD + u32::try_from(rows.len() - 1).unwrap_or(0);
            let at = |column: u16| cell_name(row, column);
            let state = match period.state {
                BudgetPeriodState::Over => "over",
                BudgetPeriodState::Running => "running",
                BudgetPeriodState::Ahead => "ahead",
            };
            let (actual, forecast, budget, cost, variance) = (at(4), at(5), at(6), at(7), at(8));
            let both = format!("AND(ISNUMBER({cost}),ISNUMBER({budget}))");
            rows.push(vec![
                text(&line.name),
                text(&period.label),
                text(state),
                LiveCell::Value(Amount::from_integer(i64::from(*counted)), LiveForm::Count),
                value(cell.actual, reply.currency),
                value(cell.forecast, reply.currency),
                input(cell.budget, reply.currency),
                money(
                    format!("=IF(ISNUMBER({actual}),{actual},IF(ISNUMBER({forecast}),{forecast},\"\"))"),
                    cell.cost,
                    reply.currency,
                ),
                money(format!("=IF({both},{budget}-{cost},\"\")"), cell.variance, reply.currency),
                percent(format!("=IF(AND({both},N({budget})>0),{variance}/{budget},\"\")"), cell.share),
                verdict_cell(&variance, cell, reply.currency),
            ]);
        }
    }
    LiveSheet {
        name: PERIODS.to_owned(),
        widths: vec![36, 10, 10, 10, 18, 18, 18, 18, 18, 18, 16],
        frozen: (HEAD, 2),
        rows,
    }
}

fn verdict_cell(variance: &str, cell: &BudgetCell, currency: Currency) -> LiveCell {
    let digits = currency.minor_digits();
    LiveCell::TextFormula {
        formula: format!(
            "=IF(ISNUMBER({variance}),IF(ROUND({variance},{digits})>0,\"favourable\",IF(ROUND({variance},{digits})<0,\"unfavourable\",\"on budget\")),\"\")"
        ),
        result: verdict(cell.verdict).to_owned(),
    }
}

/// Which periods totals are over: those that have a budget in the file, and a cost.
fn counted(reply: &BudgetReply) -> Vec<bool> {
    let lines = || std::iter::once(&reply.whole).chain(&reply.lines);
    let named = |at: usize| lines().any(|line| line.cells.get(at).is_some_and(|cell| cell.budget.is_some()));
    let cost = |at: usize| reply.whole.cells.get(at).is_some_and(|cell| cell.cost.is_some());
    (0..reply.periods.len()).map(|at| named(at) && cost(at)).collect()
}

/// The year of each line, a row each.
fn year(reply: &BudgetReply, lines: &[&BudgetLine]) -> LiveSheet {
    let figures = [
        "Cost to date",
        "Budget to date",
        "Variance to date",
        "Cost of the year",
        "Budget of the year",
        "Variance",
        "Share of budget",
    ];
    let mut head = headings(&["Line", "Part of", "Scope"], &figures);
    head.push(LiveCell::Heading("Verdict".to_owned()));
    let mut rows = vec![head];
    let count = u32::try_from(reply.periods.len()).unwrap_or(0);
    let over = reply.periods.iter().filter(|period| period.state == BudgetPeriodState::Over).count();
    let over = u32::try_from(over).unwrap_or(0);
    let reference = report::xlsx::sheet_reference(PERIODS);
    let mut from = HEAD;
    for (row, line) in (1u32..).zip(lines) {
        let of = |column: u16, rows: u32| {
            if rows == 0 {
                return "=0".to_owned();
            }
            let range =
                |column: u16| format!("{reference}{}:{}", cell_name(from, column), cell_name(from + rows - 1, column));
            // A comma between the ranges: cells without a figure count as nothing.
            format!("=SUMPRODUCT({},{})", range(column), range(3))
        };
        let at = |column: u16| cell_name(row, column);
        let zero = |amount: Option<Amount>| Some(amount.unwrap_or_default());
        let (total, to_date) = (&line.total, &line.to_date);
        let less = |left: Option<Amount>, right: Option<Amount>| {
            left.unwrap_or_default().checked_sub(right.unwrap_or_default()).ok()
        };
        rows.push(vec![
            text(&format!("{}{}", "  ".repeat(line.depth as usize), line.name)),
            text(line.parent.as_deref().unwrap_or_default()),
            text(&line.scope),
            money(of(7, over), zero(to_date.cost), reply.currency),
            money(of(6, over), zero(to_date.budget), reply.currency),
            money(format!("={}-{}", at(4), at(3)), less(to_date.budget, to_date.cost), reply.currency),
            money(of(7, count), zero(total.cost), reply.currency),
            money(of(6, count), zero(total.budget), reply.currency),
            money(format!("={}-{}", at(7), at(6)), less(total.budget, total.cost), reply.currency),
            percent(format!("=IF({budget}>0,{}/{budget},\"\")", at(8), budget = at(7)), total.share),
            if line.total.budget.is_some() { verdict_cell(&at(8), total, reply.currency) } else { text("no budget") },
        ]);
        from += count;
    }
    LiveSheet {
        name: "Year".to_owned(),
        widths: vec![36, 24, 36, 18, 18, 18, 18, 20, 18, 18, 16],
        frozen: (1, 1),
        rows,
    }
}

const BANDS: [(BudgetBand, &str); 6] = [
    (BudgetBand::Within5, "within 5 %"),
    (BudgetBand::Within12, "within 12 %"),
    (BudgetBand::Within15, "within 15 %"),
    (BudgetBand::Within20, "within 20 %"),
    (BudgetBand::Above20, "over 20 %"),
    (BudgetBand::Unmeasured, "no percentage"),
];

fn band_name(band: BudgetBand) -> &'static str {
    BANDS.iter().find(|(known, _)| *known == band).map_or("", |(_, name)| name)
}

/// How near forecasts came, with their bands.
fn scorecard(card: &BudgetScorecard, currency: Currency) -> Result<LiveSheet, ApiError> {
    let mut head = headings(&["Scope"], &["Forecast", "Actual", "Variance", "Share of forecast"]);
    head.push(LiveCell::Heading("Band".to_owned()));
    let mut rows = vec![head];
    let score_row = |name: &str, row: u32, forecast: LiveCell, actual: LiveCell, score: &BudgetScore| {
        let at = |column: u16| cell_name(row, column);
        let share = at(4);
        let steps: String = [("0.05", 0), ("0.12", 1), ("0.15", 2), ("0.2", 3)]
            .iter()
            .map(|(limit, band)| format!("IF(ABS({share})<={limit},\"{}\",", BANDS[*band].1))
            .collect();
        vec![
            text(name),
            forecast,
            actual,
            money(format!("={}-{}", at(2), at(1)), Some(score.variance), currency),
            percent(format!("=IF({v}=0,0,IF({f}>0,{v}/{f},\"\"))", v = at(3), f = at(1)), score.share),
            LiveCell::TextFormula {
                formula: format!("=IF(ISNUMBER({share}),{steps}\"{}\")))),\"{}\")", BANDS[4].1, BANDS[5].1),
                result: band_name(score.band).to_owned(),
            },
        ]
    };
    for (row, scope) in (1u32..).zip(&card.scopes) {
        let score = &scope.score;
        rows.push(score_row(
            &scope.scope,
            row,
            value(Some(score.forecast), currency),
            value(Some(score.actual), currency),
            score,
        ));
    }
    let last = u32::try_from(card.scopes.len()).unwrap_or(0);
    let range = |column: u16| format!("{}:{}", cell_name(1, column), cell_name(last.max(1), column));
    let total = last + 1;
    let sum = |column: u16, result: Amount| {
        let formula = if last == 0 { "=0".to_owned() } else { format!("=SUM({})", range(column)) };
        money(formula, Some(result), currency)
    };
    let top = &card.top_line;
    rows.push(score_row("All scopes together", total, sum(1, top.forecast), sum(2, top.actual), top));
    rows.push(Vec::new());
    let apart = if last == 0 {
        "=0".to_owned()
    } else {
        format!("=IF(SUMPRODUCT(ABS({a}))=0,0,SUMPRODUCT(ABS({v}))/SUMPRODUCT(ABS({a})))", a = range(2), v = range(3))
    };
    rows.push(vec![
        text("Weighted error (WAPE): differences without their signs by cost"),
        percent(apart, Some(card.weighted_error.unwrap_or_default())),
    ]);
    rows.push(Vec::new());
    rows.push(headings(&["Band"], &["Scopes"]));
    for band in &card.bands {
        let row = u32::try_from(rows.len()).unwrap_or(0);
        let formula = if last == 0 { "=0".to_owned() } else { format!("=COUNTIF({},{})", range(5), cell_name(row, 0)) };
        rows.push(vec![
            text(band_name(band.band)),
            LiveCell::Formula {
                formula,
                result: Some(Amount::from_integer(i64::from(band.count))),
                form: LiveForm::Count,
            },
        ]);
    }
    if !card.net_new.is_empty() {
        rows.push(Vec::new());
        rows.push(headings(&["Net new, or forecast by nobody"], &["Planned", "Actual"]));
        let from = u32::try_from(rows.len()).unwrap_or(0);
        for one in &card.net_new {
            rows.push(vec![text(&one.scope), value(one.forecast, currency), value(Some(one.actual), currency)]);
        }
        let to = u32::try_from(rows.len() - 1).unwrap_or(0);
        let planned = Amount::sum(card.net_new.iter().filter_map(|one| one.forecast))?;
        let sum = |column: u16, result: Amount| {
            let formula = format!("=SUM({}:{})", cell_name(from, column), cell_name(to, column));
            LiveCell::TotalFormula { formula, result: Some(result), form: LiveForm::Money(currency) }
        };
        rows.push(vec![text("Together"), sum(1, planned), sum(2, card.net_new_cost)]);
    }
    let title = format!("Judged: {}", card.forecast_of);
    rows.push(Vec::new());
    rows.push(vec![LiveCell::Muted(title)]);
    Ok(LiveSheet { name: "Scorecard".to_owned(), widths: vec![58, 18, 18, 18, 20, 16], frozen: (1, 1), rows })
}
