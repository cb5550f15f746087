//! A forecast as a workbook to go on with: history and steps, a growth to be tried, the parts beside their total, the drivers with their
//! units and rates to be changed.

use money::Amount;
use query::Grain;
use report::xlsx::{LiveBook, LiveCell, LiveForm, LiveSheet, cell_name, fixed_cell_name, sheet_reference};
use unit_economics::per_unit;

use super::details::{ForecastDriverModel, ForecastPart};
use super::reply::{ForecastRecord, ForecastReply};
use super::words;

/// Names of sheets that formulas refer to.
const FORECAST: &str = "Forecast";
/// Where the growth stands, and where the table begins.
const GROWTH: (u32, u16) = (3, 1);
const TABLE: u32 = 6;
/// The decimals of a change, a fraction.
const SHARE_DECIMALS: u8 = 6;

/// The columns of the sheet of the forecast.
const CHARGED: u16 = 1;
const EXPECTED: u16 = 2;
const PLANNED: u16 = 7;

pub(super) fn book(reply: &ForecastReply) -> LiveBook {
    let mut sheets = vec![forecast_sheet(reply)];
    if !reply.parts.is_empty() {
        sheets.push(part_sheet(reply));
    }
    if reply.parts.iter().any(|part| !part.parts.is_empty()) {
        sheets.push(deeper_sheet(reply));
    }
    if let Some(model) = &reply.driver_model {
        sheets.push(driver_sheet(reply, model));
    }
    if let Some(record) = &reply.record {
        sheets.push(record_sheet(record, &reply.verdict));
    }
    let mut about = vec![
        reply.evidence.scope.clone(),
        format!("Evidence {}", reply.evidence.id),
        format!("Made by: {}.", reply.method_in_words),
        reply.verdict.clone(),
    ];
    about.extend(reply.reconciliation.iter().map(|reconciliation| reconciliation.words.clone()));
    about.extend(reply.month_end.iter().map(|month_end| month_end.words.clone()));
    about.extend(reply.notes.iter().map(|note| note.message.clone()));
    about.push(
        "Cells with a coloured background are there to be changed; what depends on them is calculated anew.".to_owned(),
    );
    LiveBook { title: format!("Forecast: {}", reply.measure.label), about, sheets }
}

/// A row of history or forecast: its time, what was charged and what is expected.
struct Line<'a> {
    time: &'a str,
    charged: Option<Amount>,
    /// The step of the forecast, where there is one.
    step: Option<usize>,
}

/// The steps of the history that are complete, then those of the forecast.
fn lines(reply: &ForecastReply) -> Vec<Line<'_>> {
    let expected = |time: &str| reply.steps.iter().position(|step| step.time == time);
    let past = reply.history.iter().map(|actual| Line {
        time: &actual.time,
        charged: actual.amount,
        step: expected(&actual.time),
    });
    let known = |time: &str| reply.history.iter().any(|actual| actual.time == time);
    let ahead = reply.steps.iter().enumerate().filter(|(_, step)| !known(&step.time));
    past.chain(ahead.map(|(at, step)| Line { time: &step.time, charged: None, step: Some(at) })).collect()
}

fn row_of(line: usize) -> u32 {
    TABLE + 1 + u32::try_from(line).unwrap_or(u32::MAX / 2)
}

fn forecast_sheet(reply: &ForecastReply) -> LiveSheet {
    let money = LiveForm::Money(reply.currency);
    let (step, year) = if reply.grain == Grain::Month { ("month", Some(12)) } else { ("day", None) };
    let mut rows = vec![
        vec![LiveCell::Title(format!("Forecast: {}", reply.measure.label))],
        vec![LiveCell::Muted(reply.evidence.scope.clone())],
        Vec::new(),
        vec![LiveCell::Text(format!("Further growth a {step}")), LiveCell::Input(Amount::ZERO, LiveForm::Percent)],
        Vec::new(),
        Vec::new(),
    ];
    let mut headings = vec![LiveCell::Heading(step.to_owned())];
    headings.extend(
        ["Charged", "Expected", "80 % from", "80 % to", "95 % from", "95 % to", "Planned"]
            .map(|name| LiveCell::FigureHeading(name.to_owned())),
    );
    if year.is_some() {
        headings.push(LiveCell::FigureHeading("Change on the year before".to_owned()));
    }
    headings.push(LiveCell::Heading("Remark".to_owned()));
    rows.push(headings);
    let lines = lines(reply);
    let first_ahead = reply.history.len();
    let growth = fixed_cell_name(GROWTH.0, GROWTH.1);
    let planned: Vec<Option<Amount>> =
        lines.iter().map(|line| line.step.map_or(line.charged, |at| Some(reply.steps[at].amount))).collect();
    for (at, line) in lines.iter().enumerate() {
        let row = row_of(at);
        let found = line.step.map(|at| &reply.steps[at]);
        let figure = |amount: Option<Amount>| amount.map_or(LiveCell::Empty, |amount| LiveCell::Value(amount, money));
        let ends = found.map(|step| [step.amount, step.low_80, step.high_80, step.low_95, step.high_95]);
        let mut cells = vec![LiveCell::Text(line.time.to_owned()), figure(line.charged)];
        cells.extend(match ends {
            Some(ends) => ends.map(|amount| figure(Some(amount))).to_vec(),
            None => vec![LiveCell::Empty; 5],
        });
        let formula = match line.step {
            None => format!("={}", cell_name(row, CHARGED)),
            // Growth counts from the last step that is known on.
            Some(_) if at < first_ahead => format!("={}", cell_name(row, EXPECTED)),
            Some(_) => format!("={}*(1+{growth})^{}", cell_name(row, EXPECTED), at - first_ahead + 1),
        };
        cells.push(match planned[at] {
            Some(result) => LiveCell::Formula { formula, result: Some(result), form: money },
            None => LiveCell::Empty,
        });
        if let Some(year) = year {
            cells.push(change(at, year, &planned));
        }
        cells.push(found.and_then(|step| step.remark.clone()).map_or(LiveCell::Empty, LiveCell::Text));
        rows.push(cells);
    }
    if let Some(total) = &reply.total {
        let (from, to) = (row_of(first_ahead), row_of(lines.len().saturating_sub(1)));
        let sum = |column: u16| LiveCell::TotalFormula {
            formula: format!("=SUM({}:{})", cell_name(from, column), cell_name(to, column)),
            result: Some(total.amount),
            form: money,
        };
        let mut cells = vec![LiveCell::Text(format!("{} to {}", total.from, total.to)), LiveCell::Empty, sum(EXPECTED)];
        cells.extend([total.low_80, total.high_80, total.low_95, total.high_95].map(|end| LiveCell::Value(end, money)));
        cells.push(sum(PLANNED));
        rows.push(cells);
        rows.push(vec![LiveCell::Muted(
            "The interval of the sum is its own: errors of several steps partly cancel, so ends are never added up."
                .to_owned(),
        )]);
    }
    LiveSheet {
        name: FORECAST.to_owned(),
        widths: vec![24, 18, 18, 18, 18, 18, 18, 18, 14, 50],
        frozen: (TABLE + 1, 1),
        rows,
    }
}

/// How far a step lies from the one a year before.
fn change(at: usize, year: usize, planned: &[Option<Amount>]) -> LiveCell {
    let before = at.checked_sub(year).and_then(|before| planned[before].map(|amount| (before, amount)));
    let (Some((before, earlier)), Some(amount)) = (before, planned[at]) else { return LiveCell::Empty };
    let (now, then) = (cell_name(row_of(at), PLANNED), cell_name(row_of(before), PLANNED));
    let ratio = amount.checked_sub(earlier).ok().and_then(|change| per_unit(change, earlier, SHARE_DECIMALS));
    LiveCell::Formula { formula: format!("=IF({then}=0,\"\",{now}/{then}-1)"), result: ratio, form: LiveForm::Percent }
}

fn part_sheet(reply: &ForecastReply) -> LiveSheet {
    let money = LiveForm::Money(reply.currency);
    let count = u16::try_from(reply.parts.len()).unwrap_or(u16::MAX / 2);
    let mut rows = vec![
        vec![LiveCell::Title("Parts".to_owned())],
        vec![LiveCell::Muted(
            "Charged, and from the first step of the forecast on expected. Every row adds up to the total.".to_owned(),
        )],
        Vec::new(),
        Vec::new(),
        Vec::new(),
        Vec::new(),
    ];
    let name = |part: &ForecastPart| words::part(part.value.as_deref(), part.other);
    let mut headings = vec![LiveCell::Heading("Step".to_owned())];
    headings.extend(reply.parts.iter().map(|part| LiveCell::FigureHeading(name(part))));
    headings.extend(["Total", "Beside the sheet Forecast"].map(|name| LiveCell::FigureHeading(name.to_owned())));
    rows.push(headings);
    let lines = lines(reply);
    for (at, line) in lines.iter().enumerate() {
        let row = row_of(at);
        let amount = |part: &ForecastPart| match line.step {
            Some(step) => part.steps.get(step).map(|step| step.amount),
            None => part.history.get(at).copied().flatten(),
        };
        let whole = line.step.map_or(line.charged, |step| Some(reply.steps[step].amount));
        let mut cells = vec![LiveCell::Text(line.time.to_owned())];
        cells.extend(
            reply
                .parts
                .iter()
                .map(|part| amount(part).map_or(LiveCell::Empty, |amount| LiveCell::Value(amount, money))),
        );
        let column = if line.step.is_some() { EXPECTED } else { CHARGED };
        if whole.is_some() {
            let sum = format!("=SUM({}:{})", cell_name(row, 1), cell_name(row, count));
            cells.push(LiveCell::Formula { formula: sum, result: whole, form: money });
            let other = format!("{}{}", sheet_reference(FORECAST), cell_name(row, column));
            cells.push(LiveCell::Formula {
                formula: format!("=ROUND({}-{other},{})", cell_name(row, count + 1), reply.currency.minor_digits()),
                result: Some(Amount::ZERO),
                form: money,
            });
        }
        rows.push(cells);
    }
    if reply.total.is_some() {
        let (from, to) = (row_of(reply.history.len()), row_of(lines.len().saturating_sub(1)));
        let sums = (1..).zip(reply.parts.iter().map(|part| part.total.as_ref().map(|total| total.amount)));
        let total = (count + 1, reply.total.as_ref().map(|total| total.amount));
        let sums = sums.chain([total]).map(|(column, result)| LiveCell::TotalFormula {
            formula: format!("=SUM({}:{})", cell_name(from, column), cell_name(to, column)),
            result,
            form: money,
        });
        rows.push(std::iter::once(LiveCell::Text("Forecast".to_owned())).chain(sums).collect());
    }
    LiveSheet { name: "Parts".to_owned(), widths: vec![24], frozen: (TABLE + 1, 1), rows }
}

/// What each part consists of, and beside it the part as the sum of it.
fn deeper_sheet(reply: &ForecastReply) -> LiveSheet {
    let money = LiveForm::Money(reply.currency);
    let name = |part: &ForecastPart| words::part(part.value.as_deref(), part.other);
    let whole: Vec<&ForecastPart> = reply.parts.iter().filter(|part| !part.parts.is_empty()).collect();
    let mut headings = vec![LiveCell::Heading("Step".to_owned())];
    for part in &whole {
        let own = part.parts.iter().map(|one| format!("{} / {}", name(part), name(one)));
        headings.extend(own.chain([name(part)]).map(LiveCell::FigureHeading));
    }
    let about = "What each part consists of; it is the sum of these, in the column after them.";
    let mut rows = vec![vec![LiveCell::Title("Within parts".to_owned())], vec![LiveCell::Muted(about.to_owned())]];
    rows.resize(TABLE as usize, Vec::new());
    rows.push(headings);
    for (at, line) in lines(reply).iter().enumerate() {
        let row = row_of(at);
        let amount = |part: &ForecastPart| match line.step {
            Some(step) => part.steps.get(step).map(|step| step.amount),
            None => part.history.get(at).copied().flatten(),
        };
        let mut cells = vec![LiveCell::Text(line.time.to_owned())];
        let mut column = 1;
        for part in &whole {
            let from = column;
            for one in &part.parts {
                cells.push(amount(one).map_or(LiveCell::Empty, |amount| LiveCell::Value(amount, money)));
                column += 1;
            }
            let formula = format!("=SUM({}:{})", cell_name(row, from), cell_name(row, column - 1));
            cells.push(LiveCell::Formula { formula, result: amount(part), form: money });
            column += 1;
        }
        rows.push(cells);
    }
    LiveSheet { name: "Within parts".to_owned(), widths: vec![24], frozen: (TABLE + 1, 1), rows }
}

/// Fixed cost, rates and units as cells to be changed, and the cost that they come to.
fn driver_sheet(reply: &ForecastReply, model: &ForecastDriverModel) -> LiveSheet {
    let money = LiveForm::Money(reply.currency);
    let count = u16::try_from(model.rates.len()).unwrap_or(u16::MAX / 2);
    let mut rows = vec![
        vec![LiveCell::Title("Cost from its drivers".to_owned())],
        vec![LiveCell::Muted(model.words.clone())],
        vec![LiveCell::Text("Fixed cost a step".to_owned()), LiveCell::Input(model.fixed, money)],
    ];
    let mut rates = vec![LiveCell::Text("Cost of a unit".to_owned())];
    rates.extend(model.rates.iter().map(|rate| LiveCell::Input(rate.rate, LiveForm::Number)));
    rows.extend([rates, Vec::new(), Vec::new()]);
    let mut headings = vec![LiveCell::Heading("Step".to_owned())];
    headings.extend(model.rates.iter().map(|rate| LiveCell::FigureHeading(rate.metric.clone())));
    headings.extend(
        ["Cost by the model", "Charged or expected", "Difference"].map(|name| LiveCell::FigureHeading(name.to_owned())),
    );
    rows.push(headings);
    for (at, line) in lines(reply).iter().enumerate() {
        let row = row_of(at);
        let units = |past: &[Option<Amount>], ahead: &[Amount]| match line.step {
            Some(step) => ahead.get(step).copied(),
            None => past.get(at).copied().flatten(),
        };
        let mut cells = vec![LiveCell::Text(line.time.to_owned())];
        cells.extend(model.rates.iter().map(|rate| {
            units(&rate.units, &rate.units_ahead)
                .map_or(LiveCell::Empty, |units| LiveCell::Input(units, LiveForm::Number))
        }));
        let cost = match line.step {
            Some(step) => model.steps.get(step).map(|step| step.amount),
            None => model.fitted.get(at).copied().flatten(),
        };
        let whole = line.step.map_or(line.charged, |step| Some(reply.steps[step].amount));
        if let (Some(cost), Some(whole)) = (cost, whole) {
            let terms = (1..=count).map(|column| format!("{}*{}", fixed_cell_name(3, column), cell_name(row, column)));
            let formula = format!("={}+{}", fixed_cell_name(2, 1), terms.collect::<Vec<_>>().join("+"));
            cells.push(LiveCell::Formula { formula, result: Some(cost), form: money });
            cells.push(LiveCell::Value(whole, money));
            cells.push(LiveCell::Formula {
                formula: format!("={}-{}", cell_name(row, count + 1), cell_name(row, count + 2)),
                result: cost.checked_sub(whole).ok(),
                form: money,
            });
        }
        rows.push(cells);
    }
    LiveSheet { name: "Drivers".to_owned(), widths: vec![24], frozen: (TABLE + 1, 1), rows }
}

fn record_sheet(record: &ForecastRecord, verdict: &str) -> LiveSheet {
    let shares = [
        ("Weighted absolute percentage error (WAPE)", record.wape, LiveForm::Percent),
        ("Bias: expected less actual over actual", record.bias, LiveForm::Percent),
        ("Mean absolute scaled error (MASE)", record.mase, LiveForm::Number),
        ("Error saved against seasonal naive", record.skill_against_seasonal_naive, LiveForm::Percent),
        ("Error saved against run-rate", record.skill_against_run_rate, LiveForm::Percent),
        ("Values held by the 80 % interval", record.coverage_80, LiveForm::Percent),
        ("Values held by the 95 % interval", record.coverage_95, LiveForm::Percent),
        ("Error of a year's sum", record.year_error, LiveForm::Percent),
    ];
    let mut rows = vec![
        vec![LiveCell::Title("How well the method would have done".to_owned())],
        vec![LiveCell::Muted(verdict.to_owned())],
        Vec::new(),
    ];
    for (name, count) in [("Earlier points", record.origins), ("Steps ahead", record.steps)] {
        let count = LiveCell::Value(Amount::from_integer(i64::from(count)), LiveForm::Count);
        rows.push(vec![LiveCell::Text(name.to_owned()), count]);
    }
    for (name, value, form) in shares {
        let value = value.map_or(LiveCell::Empty, |value| LiveCell::Value(value, form));
        rows.push(vec![LiveCell::Text(name.to_owned()), value]);
    }
    LiveSheet { name: "Record".to_owned(), widths: vec![48, 18], frozen: (0, 0), rows }
}
