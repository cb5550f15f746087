//! Tables that are pinned to a pack: a pivot, what one of something costs, what a cost will be. Each is asked anew when the pack is built.

use std::collections::BTreeMap;

use money::{Amount, Currency};
use query::{Answer, Cell, Filter, Grain, MeasureColumn, MeasureKind, Operator, Question, RowRole};
use report::{
    ChartKind, ChartSpec, PINNED_ROWS_MAX, Pinned, PinnedCell, PinnedColumn, PinnedTable, Series, SeriesRole, Unit,
};
use store::{Engagement, Watch};

use super::names::Names;
use crate::forecasting::{self, ForecastRequest};
use crate::planned::{self, ChangeAgainstLine, ChangeAgainstRequest};
use crate::unit_costs::{self, UnitCostRequest};
use crate::{ApiError, Context, asking};

/// Rows and columns of a pivot that stand for themselves where the question does not say.
const PIVOT_ROWS: u32 = 20;
const PIVOT_COLUMNS: u32 = 12;
/// Lines of a plan that a waterfall shows; more are a table alone.
const PLAN_STEPS: usize = 14;

fn usage(message: impl Into<String>, hint: &str) -> ApiError {
    ApiError::new("usage", message, hint)
}

fn text(text: impl Into<String>) -> Option<PinnedCell> {
    Some(PinnedCell::Text(text.into()))
}

fn unit(measure: &MeasureColumn, currency: Currency) -> Unit {
    match measure.kind {
        MeasureKind::Currency => Unit::Money { currency },
        MeasureKind::Count => Unit::Count,
        _ => Unit::Number,
    }
}

/// A value of a dimension, or what stands for one.
fn named(key: Option<&str>, role: RowRole) -> String {
    match (key, role) {
        (_, RowRole::Other) => "Other".to_owned(),
        (None, RowRole::Group) => "(missing)".to_owned(),
        (Some(key), RowRole::Group) => key.to_owned(),
    }
}

/// A row or a column: what it is called by the bill, and whether it is what the others leave.
type Line = (Option<String>, RowRole);

fn line(row: &query::Row) -> Line {
    (row.keys.first().cloned().flatten(), row.role)
}

fn value(cells: &[Cell], measure: usize) -> Option<Amount> {
    cells.get(measure).and_then(|cell| cell.value)
}

/// Rows by columns. What the listed ones leave is "other", by subtraction, so that every margin is the sum of its cells.
pub(super) fn pivot(
    context: &Context,
    engagement: &Engagement,
    question: &Question,
    watch: &Watch,
) -> Result<Pinned, ApiError> {
    let own = asking::in_own_currency(engagement, question)?;
    let asked = Question { compare: None, against: None, ..own };
    let timed = asked.grain.is_some();
    if !matches!((asked.by.len(), timed), (1, true) | (2, false)) {
        return Err(usage(
            "a pinned pivot has one dimension for its rows, and one or the time for its columns",
            "Name two dimensions, or one and a grain.",
        ));
    }
    if asked.measures.iter().any(|measure| measure.quotient().is_some()) {
        return Err(usage("divided figures come to no margin", "Pin them as figures: a list or a trend."));
    }
    let one = |by: usize, grain: Option<Grain>, top: Option<u32>| {
        let by = asked.by.get(by).cloned().into_iter().collect();
        asking::answer(context, engagement, &Question { by, grain, top, ..asked.clone() }, watch)
    };
    let rows = one(0, None, Some(asked.top.unwrap_or(PIVOT_ROWS)))?;
    let columns = if timed { one(usize::MAX, asked.grain, None)? } else { one(1, None, Some(PIVOT_COLUMNS))? };
    let cells = cells(context, engagement, &asked, &rows, watch)?;
    let names = |answer: &Answer, by: usize| {
        let Some(dimension) = asked.by.get(by) else { return Ok(Names::default()) };
        let ids = answer.rows.iter().filter_map(|row| row.keys.first()?.as_deref());
        Names::of(context, engagement, &asked, dimension, ids, watch)
    };
    let (row_names, column_names) = (names(&rows, 0)?, names(&columns, 1)?);
    let listed: Vec<Line> = columns.rows.iter().map(line).collect();
    let mut made = Vec::with_capacity(rows.rows.len());
    let mut left: BTreeMap<(usize, usize), Amount> = BTreeMap::new();
    for (place, column) in columns.rows.iter().enumerate() {
        for measure in 0..asked.measures.len() {
            left.insert((place, measure), value(&column.cells, measure).unwrap_or_default());
        }
    }
    for row in &rows.rows {
        let of_row = line(row);
        let mut shown = vec![text(named(of_row.0.as_deref().map(|id| row_names.show(id)), of_row.1))];
        for measure in 0..asked.measures.len() {
            let mut rest = value(&row.cells, measure).unwrap_or_default();
            let mut figures: Vec<Option<Amount>> = Vec::with_capacity(listed.len());
            for (place, column) in listed.iter().enumerate() {
                // Rows come in their order and "other" last: what is left of a column is its cell.
                let figure = match (of_row.1, column.1) {
                    (RowRole::Other, _) => left.get(&(place, measure)).copied(),
                    (RowRole::Group, RowRole::Other) => Some(rest),
                    (RowRole::Group, RowRole::Group) => {
                        cells.get(&(of_row.0.clone(), column.0.clone(), measure)).copied()
                    }
                };
                let amount = figure.unwrap_or_default();
                rest = rest.checked_sub(amount)?;
                if let Some(left) = left.get_mut(&(place, measure)) {
                    *left = left.checked_sub(amount)?;
                }
                figures.push(figure);
            }
            if !rest.is_zero() {
                return Err(ApiError::new("internal", "a row of the pivot does not come to its total", ""));
            }
            shown.extend(figures.into_iter().map(|figure| figure.map(PinnedCell::Figure)));
            shown.push(value(&row.cells, measure).map(PinnedCell::Figure));
        }
        made.push(shown);
    }
    let mut head = vec![PinnedColumn { label: key_label(&rows), unit: None, adds: false }];
    let mut total = vec![text("Total")];
    for (place, measure) in rows.measures.iter().enumerate() {
        let of = if rows.measures.len() > 1 { format!(", {}", measure.label) } else { String::new() };
        let adds = |label: String| PinnedColumn { label, unit: Some(unit(measure, rows.currency)), adds: true };
        head.extend(columns.rows.iter().map(|row| {
            let (key, role) = line(row);
            adds(format!("{}{of}", named(key.as_deref().map(|id| column_names.show(id)), role)))
        }));
        head.push(adds(format!("Total{of}")));
        total.extend(columns.rows.iter().map(|row| value(&row.cells, place).map(PinnedCell::Figure)));
        total.push(value(&rows.total, place).map(PinnedCell::Figure));
    }
    let measures: Vec<&str> = rows.measures.iter().map(|measure| measure.label.as_str()).collect();
    Ok(Pinned::Table(Box::new(PinnedTable {
        caption: format!("{}, {}", measures.join(", "), rows.currency),
        said: std::iter::once(format!("{}.", rows.evidence.scope))
            .chain(rows.notes.iter().map(|note| note.message.clone()))
            .collect(),
        columns: head,
        rows: made,
        total: Some(total),
        chart: None,
        evidence: rows.evidence,
    })))
}

fn key_label(answer: &Answer) -> String {
    answer.keys.first().map_or_else(String::new, |key| key.label.clone())
}

/// Figures by row, column and measure.
type Cells = BTreeMap<(Option<String>, Option<String>, usize), Amount>;

/// The cells of the listed rows.
fn cells(
    context: &Context,
    engagement: &Engagement,
    asked: &Question,
    rows: &Answer,
    watch: &Watch,
) -> Result<Cells, ApiError> {
    let groups: Vec<Line> = rows.rows.iter().map(line).filter(|(_, role)| *role == RowRole::Group).collect();
    let values: Option<Vec<String>> = groups.iter().map(|(key, _)| key.clone()).collect();
    let mut filters = asked.filters.clone();
    // No filter says: one of these, or missing; then all are read and the others passed over.
    if let Some(values) = values.filter(|values| !values.is_empty()) {
        filters.push(Filter { dimension: asked.by[0].clone(), operator: Operator::Is, values });
    }
    let answer = asking::answer(context, engagement, &Question { filters, top: None, ..asked.clone() }, watch)?;
    let timed = asked.grain.is_some();
    let mut found = BTreeMap::new();
    for row in &answer.rows {
        let [first, second] = row.keys.as_slice() else { continue };
        let (row_key, column_key) = if timed { (second, first) } else { (first, second) };
        for measure in 0..asked.measures.len() {
            if let Some(amount) = value(&row.cells, measure) {
                found.insert((row_key.clone(), column_key.clone(), measure), amount);
            }
        }
    }
    Ok(found)
}

/// What one of something costs, by month or by day.
pub(super) fn unit_cost(
    context: &Context,
    question: Question,
    metric: &str,
    watch: &Watch,
) -> Result<Pinned, ApiError> {
    let grain = question.grain.unwrap_or(Grain::Month);
    let by = question.by.first().cloned();
    let plain = Question { by: Vec::new(), grain: None, compare: None, against: None, ..question };
    let request = UnitCostRequest::of(plain, metric.to_owned(), grain, by);
    let found = unit_costs::unit_cost(context, &request, watch)?;
    if found.rows.len() > PINNED_ROWS_MAX {
        return Err(usage(
            format!("{} rows are too many for a pack", found.rows.len()),
            &format!("At most {PINNED_ROWS_MAX}: ask by month, or over fewer days."),
        ));
    }
    let currency = found.currency;
    let joined = found.by.as_ref().map(query::Dimension::label);
    let figure = |amount: Option<Amount>| amount.map(PinnedCell::Figure);
    let cells = |time: &str, key: Option<&str>, cost, units, unit_cost| {
        let key = joined.is_some().then(|| text(key.unwrap_or("(missing)")));
        std::iter::once(text(time)).chain(key).chain([figure(cost), figure(units), figure(unit_cost)]).collect()
    };
    let column = |label: String, unit: Option<Unit>, adds: bool| PinnedColumn { label, unit, adds };
    let mut columns = vec![column("Period".to_owned(), None, false)];
    columns.extend(joined.clone().map(|label| column(label, None, false)));
    columns.push(column(format!("{}, {currency}", found.measure.label), Some(Unit::Money { currency }), true));
    columns.push(column(found.metric.clone(), Some(Unit::Number), false));
    columns.push(column(format!("{currency} per unit of {}", found.metric), Some(Unit::Number), false));
    let rows: Vec<Vec<Option<PinnedCell>>> =
        found.rows.iter().map(|row| cells(&row.time, row.key.as_deref(), row.cost, row.units, row.unit_cost)).collect();
    let sum = Amount::sum(found.rows.iter().filter_map(|row| row.cost))?;
    let total = &found.total;
    let whole = cells("Total", Some(""), Some(sum), total.units, total.unit_cost);
    let chart = (joined.is_none() && found.rows.len() > 1).then(|| ChartSpec {
        id: String::new(),
        kind: ChartKind::Line,
        title: format!("{} per unit of {}, {currency}", found.measure.label, found.metric),
        category_label: "Period".to_owned(),
        categories: found.rows.iter().map(|row| row.time.clone()).collect(),
        unit: Unit::Number,
        series: vec![Series {
            name: format!("{currency} per unit of {}", found.metric),
            role: SeriesRole::Group,
            values: found.rows.iter().map(|row| row.unit_cost).collect(),
            evidence_id: found.evidence.id.clone(),
        }],
        annotations: Vec::new(),
        highlight: None,
        alt_text: format!("Cost per unit of {} by period; the figures are in the table.", found.metric),
    });
    let said = std::iter::once(format!("{}.", found.evidence.scope))
        .chain(found.notes.iter().map(|note| note.message.clone()))
        .chain(total.remark.clone());
    Ok(Pinned::Table(Box::new(PinnedTable {
        caption: format!("{} per unit of {}, {currency}", found.measure.label, found.metric),
        said: said.collect(),
        columns,
        rows,
        total: Some(whole),
        chart,
        evidence: found.evidence.clone(),
    })))
}

/// From what was planned to what it cost: a line of the plan a row, their differences the steps.
pub(super) fn plan_bridge(context: &Context, question: Question, watch: &Watch) -> Result<Pinned, ApiError> {
    let asked = Question { by: Vec::new(), grain: None, top: None, compare: None, ..question };
    let found = planned::change_against(context, &ChangeAgainstRequest::of(asked), watch)?;
    if found.lines.len() > PINNED_ROWS_MAX {
        return Err(usage(
            format!("{} lines of the plan are too many for a pack", found.lines.len()),
            &format!("At most {PINNED_ROWS_MAX}: filter what is held against it."),
        ));
    }
    let currency = found.currency;
    let label = &found.against.label;
    let name = |line: &ChangeAgainstLine| line.name.replace("tag:", "");
    let figure = |amount: Amount| Some(PinnedCell::Figure(amount));
    let column = |label: &str, unit: Option<Unit>| PinnedColumn { label: label.to_owned(), adds: unit.is_some(), unit };
    let money = || Some(Unit::Money { currency });
    let rows = found.lines.iter().map(|line| {
        let cells = [line.planned.and_then(figure), figure(line.actual), figure(line.difference)];
        [text(name(line))].into_iter().chain(cells).collect()
    });
    let (from, to) = (found.period.from, found.period.last_day());
    let chart = (found.lines.len() <= PLAN_STEPS).then(|| ChartSpec {
        id: String::new(),
        kind: ChartKind::Waterfall,
        title: format!("From the {label} to the cost, {currency}"),
        category_label: "Line of the plan".to_owned(),
        categories: [label.clone()]
            .into_iter()
            .chain(found.lines.iter().map(name))
            .chain(["Actual".to_owned()])
            .collect(),
        unit: Unit::Money { currency },
        series: vec![Series {
            name: "Difference".to_owned(),
            role: SeriesRole::Group,
            values: [found.planned]
                .into_iter()
                .chain(found.lines.iter().map(|line| line.difference))
                .chain([found.actual])
                .map(Some)
                .collect(),
            evidence_id: found.evidence.id.clone(),
        }],
        annotations: Vec::new(),
        highlight: None,
        alt_text: format!("{}. The figures are in the table.", found.headline),
    });
    let said = [format!("{}.", found.headline), format!("{}.", found.evidence.scope)]
        .into_iter()
        .chain(found.notes.iter().map(|note| note.message.clone()));
    Ok(Pinned::Table(Box::new(PinnedTable {
        caption: format!("{from} to {to} beside the {label}, {currency}"),
        said: said.collect(),
        columns: vec![
            column("Line of the plan", None),
            column("Planned", money()),
            column("Actual", money()),
            column("Difference", Some(Unit::MoneyChange { currency })),
        ],
        rows: rows.collect(),
        total: Some(vec![text("Total"), figure(found.planned), figure(found.actual), figure(found.difference)]),
        chart,
        evidence: found.evidence.clone(),
    })))
}

/// What a cost will be, with what it was.
pub(super) fn forecast(
    context: &Context,
    question: &Question,
    horizon: Option<u32>,
    watch: &Watch,
) -> Result<Pinned, ApiError> {
    let grain = question.grain.unwrap_or(Grain::Month);
    let plain = Question { by: Vec::new(), grain: None, top: None, compare: None, against: None, ..question.clone() };
    let asked = serde_json::json!({ "question": plain, "grain": grain, "horizon": horizon });
    let asked: ForecastRequest = serde_json::from_value(asked).map_err(|error| ApiError::bad_request(&error))?;
    let found = forecasting::forecast(context, &asked, watch)?;
    let currency = found.currency;
    let money = || Some(Unit::Money { currency });
    let column = |label: &str, unit: Option<Unit>, adds: bool| PinnedColumn { label: label.to_owned(), unit, adds };
    let begun = found.history.iter().rev().take_while(|step| step.provisional).count();
    let known = found.history.len().saturating_sub(begun);
    // As much of the past as there is of the future: a table of years says less.
    let shown = known.saturating_sub(found.steps.len().max(1));
    let history = found.history.get(shown..known).unwrap_or_default();
    let figure = |amount: Amount| Some(PinnedCell::Figure(amount));
    let past =
        history.iter().map(|step| vec![text(&*step.time), step.amount.and_then(figure), None, None, None, None, None]);
    let ahead = found.steps.iter().map(|step| {
        let interval = [step.low_80, step.high_80, step.low_95, step.high_95].map(figure);
        [text(&*step.time), None, figure(step.amount)].into_iter().chain(interval).collect()
    });
    let rows: Vec<Vec<Option<PinnedCell>>> = past.chain(ahead).collect();
    let times = history.iter().map(|step| step.time.clone()).chain(found.steps.iter().map(|step| step.time.clone()));
    let run = |name: &str, role: SeriesRole, ahead: Vec<Amount>| Series {
        name: name.to_owned(),
        role,
        values: history.iter().map(|_| None).chain(ahead.into_iter().map(Some)).collect(),
        evidence_id: found.evidence.id.clone(),
    };
    let actual = Series {
        name: "Actual".to_owned(),
        role: SeriesRole::Group,
        values: history.iter().map(|step| step.amount).chain(found.steps.iter().map(|_| None)).collect(),
        evidence_id: found.evidence.id.clone(),
    };
    let steps = || found.steps.iter();
    let chart = ChartSpec {
        id: String::new(),
        kind: ChartKind::Line,
        title: format!("{}, {currency}: actual and forecast", found.measure.label),
        category_label: "Period".to_owned(),
        categories: times.collect(),
        unit: Unit::Money { currency },
        series: vec![
            actual,
            run("Forecast", SeriesRole::Group, steps().map(|step| step.amount).collect()),
            run("Low, 80 %", SeriesRole::Comparison, steps().map(|step| step.low_80).collect()),
            run("High, 80 %", SeriesRole::Comparison, steps().map(|step| step.high_80).collect()),
        ],
        annotations: Vec::new(),
        highlight: None,
        alt_text: format!(
            "{}: what was charged and what is expected; the figures are in the table.",
            found.measure.label
        ),
    };
    let said = std::iter::once(format!("{}.", found.evidence.scope))
        .chain([format!("Method: {}.", found.method_in_words), found.verdict.clone()])
        .chain(found.notes.iter().map(|note| note.message.clone()));
    Ok(Pinned::Table(Box::new(PinnedTable {
        caption: format!("{}, {currency}: actual and forecast", found.measure.label),
        said: said.collect(),
        columns: vec![
            column("Period", None, false),
            column("Actual", money(), false),
            column("Forecast", money(), false),
            column("Low, 80 %", money(), false),
            column("High, 80 %", money(), false),
            column("Low, 95 %", money(), false),
            column("High, 95 %", money(), false),
        ],
        rows,
        total: None,
        chart: Some(chart),
        evidence: found.evidence.clone(),
    })))
}
