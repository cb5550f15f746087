//! [`assemble`]: what the engine returned becomes an [`Answer`], its parts checked against its total.

use std::collections::BTreeSet;

use money::{Amount, Ratio, group_digits};

use crate::measure::Formula;
use crate::metric::{Divisors, Of};
use crate::parse::quoted;
use crate::sql::{ANSWER_ROWS_MAX, Column};
use crate::{
    Answer, Cell, Dimension, Divisor, Evidence, Grain, KeyColumn, Measure, MeasureColumn, MeasureKind, Note, Period,
    Plan, QUOTIENT_DECIMALS, QueryError, Quotient, Row, RowRole, SumColumn,
};

/// A value of an engine's result.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// No value.
    Null,
    /// A text.
    Text(String),
    /// A whole number.
    Integer(i64),
    /// An exact decimal.
    Amount(Amount),
}

/// What an engine returned for a plan: rows of values in the order of the plan's columns.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ResultSet {
    /// The rows in the order that the engine returned them.
    pub rows: Vec<Vec<Value>>,
}

/// The decimals of shares and changes.
pub(crate) const RATIO_DECIMALS: u8 = 6;

/// Turns the engine's result into the answer: differences, shares and changes in exact decimals, units, notes, evidence.
///
/// # Errors
/// [`QueryError::ResultShape`] when the result is not the plan's, [`QueryError::TooManyRows`], [`QueryError::PartsDiffer`] when the
/// rows do not add up to the total, [`QueryError::Amount`] when a figure needs more than 38 digits.
pub fn assemble(plan: &Plan, result: ResultSet) -> Result<Answer, QueryError> {
    let lines = result.rows.into_iter().map(|values| Line::read(plan, values)).collect::<Result<Vec<Line>, _>>()?;
    let (totals, lines): (Vec<Line>, Vec<Line>) = lines.into_iter().partition(|line| line.role == 2);
    let [total] =
        <[Line; 1]>::try_from(totals).map_err(|totals| shape(format!("{} total rows instead of one", totals.len())))?;
    if lines.len() > ANSWER_ROWS_MAX as usize {
        return Err(QueryError::TooManyRows { limit: ANSWER_ROWS_MAX });
    }
    check_parts(plan, &lines, &total)?;
    check_currency(plan, &total)?;
    let figures = Figures::new(plan, &lines)?;
    let whole: Vec<Option<Amount>> = figures.of(&total)?.iter().map(|measured| measured.value).collect();
    let cells = |line: &Line| -> Result<Vec<Cell>, QueryError> {
        figures.of(line)?.into_iter().zip(&whole).map(|(measured, whole)| measured.cell(*whole, &figures)).collect()
    };
    let mut rows = lines
        .iter()
        .map(|line| {
            let role = if line.role == 1 { RowRole::Other } else { RowRole::Group };
            Ok(Row { keys: line.keys.clone(), role, cells: cells(line)? })
        })
        .collect::<Result<Vec<Row>, QueryError>>()?;
    if plan.question.measures.first().is_some_and(|first| first.quotient().is_some()) {
        by_quotient(&mut rows, plan.logical.time.is_some());
    }
    let charges = u64::try_from(total.charges).map_err(|_| shape("a negative number of charges".to_owned()))?;
    Ok(Answer {
        question: plan.question.clone(),
        currency: plan.currency,
        period: plan.period,
        compared_with: plan.compared_with,
        against: None,
        keys: key_columns(plan),
        measures: plan.question.measures.iter().map(|measure| measure_column(plan, measure, &total)).collect(),
        rows,
        total: cells(&total)?,
        groups: u64::try_from(total.groups).map_err(|_| shape("a negative number of groups".to_owned()))?,
        notes: notes(plan, &total),
        evidence: Evidence {
            id: plan.evidence_id.clone(),
            definition: definition(plan),
            scope: plan.scope.clone(),
            sql: plan.sql.clone(),
            source: plan.source.clone(),
            loads: plan.loads.clone(),
            charges,
            rates: plan.logical.rates.as_ref().map(crate::AppliedRates::evidence),
            rules: plan.rules.clone(),
        },
    })
}

/// What the measures mean, and how costs were converted.
fn definition(plan: &Plan) -> Vec<String> {
    let measures = plan.question.measures.iter().map(|measure| match plan.named(measure) {
        // The name is the analyst's; what it means stands in the formula.
        Some(named) => format!("{} is {}. {}", quoted(&named.name), measure.label(), measure.definition()),
        None => measure.definition().into_owned(),
    });
    let money = plan.question.measures.iter().any(Measure::is_money);
    measures.chain(plan.logical.rates.iter().filter(|_| money).map(crate::AppliedRates::rule)).collect()
}

/// Refuses figures that leave out charges without saying so: those in other currencies, and those that no rate was found for.
fn check_currency(plan: &Plan, total: &Line) -> Result<(), QueryError> {
    let charges = u64::try_from(total.other_currency_charges).unwrap_or(0);
    if charges == 0 || (plan.currency_settled && plan.logical.rates.is_none()) {
        return Ok(());
    }
    if plan.logical.rates.is_some() {
        return Err(QueryError::Unconverted { charges });
    }
    let mut held = plan.other_currencies.clone();
    held.push(plan.currency);
    held.sort_unstable();
    Err(QueryError::SeveralCurrencies { currency: plan.currency, charges, held })
}

fn shape(problem: String) -> QueryError {
    QueryError::ResultShape { problem }
}

/// Sums of columns, in the order of the logical query.
type Sums = [(SumColumn, Option<Amount>)];

/// A row of the result, read by the plan's columns.
#[derive(Debug)]
struct Line {
    role: i64,
    keys: Vec<Option<String>>,
    sums: Vec<(SumColumn, Option<Amount>)>,
    previous_sums: Vec<(SumColumn, Option<Amount>)>,
    charges: i64,
    previous_charges: i64,
    units: Vec<(SumColumn, Option<String>, Option<String>)>,
    groups: i64,
    other_currency_charges: i64,
}

impl Line {
    fn read(plan: &Plan, values: Vec<Value>) -> Result<Self, QueryError> {
        if values.len() != plan.columns.len() {
            return Err(shape(format!("{} columns instead of {}", values.len(), plan.columns.len())));
        }
        let mut line = Self {
            role: -1,
            keys: Vec::new(),
            sums: Vec::new(),
            previous_sums: Vec::new(),
            charges: 0,
            previous_charges: 0,
            units: Vec::new(),
            groups: 0,
            other_currency_charges: 0,
        };
        for (column, value) in plan.columns.iter().zip(values) {
            match column {
                Column::Role => line.role = integer(value)?,
                Column::Time(_) | Column::Key(_) => line.keys.push(text(value)?),
                Column::Sum(sum) => line.sums.push((*sum, amount(value, plan, *sum)?)),
                Column::PreviousSum(sum) => line.previous_sums.push((*sum, amount(value, plan, *sum)?)),
                Column::Charges => line.charges = integer(value)?,
                Column::PreviousCharges => line.previous_charges = integer(value)?,
                Column::FirstUnit(sum) => line.units.push((*sum, text(value)?, None)),
                Column::LastUnit(_) => {
                    let last = text(value)?;
                    if let Some(unit) = line.units.last_mut() {
                        unit.2 = last;
                    }
                }
                Column::Groups => line.groups = integer(value)?,
                Column::OtherCurrencyCharges => line.other_currency_charges = integer(value)?,
            }
        }
        if (0..=2).contains(&line.role) { Ok(line) } else { Err(shape(format!("a row of role {}", line.role))) }
    }
}

/// The rows in the order of the quotient that they show, then by name: the engine ranks by an approximation of it.
fn by_quotient(rows: &mut [Row], timed: bool) {
    let value = |row: &Row| row.cells.first().and_then(|cell| cell.value);
    let time = |row: &Row| if timed { row.keys.first().cloned().flatten() } else { None };
    let place = |row: &Row| (time(row), row.role == RowRole::Other, value(row).is_none());
    let names = |row: &Row| row.keys.iter().map(|key| (key.is_none(), key.clone())).collect::<Vec<_>>();
    rows.sort_by(|left, right| {
        let figures = || value(right).cmp(&value(left));
        place(left).cmp(&place(right)).then_with(figures).then_with(|| names(left).cmp(&names(right)))
    });
}

/// How lines become figures: the sums as they are, the quotients from the sums and the metrics.
struct Figures<'a> {
    plan: &'a Plan,
    compared: bool,
    /// One for each measure that is divided by a metric: the units of the period and of the compared one.
    metrics: Vec<Option<(Divisors, Divisors)>>,
}

impl<'a> Figures<'a> {
    fn new(plan: &'a Plan, lines: &[Line]) -> Result<Self, QueryError> {
        let timed = usize::from(plan.logical.time.is_some());
        let groups: BTreeSet<Vec<Option<String>>> =
            lines.iter().filter(|line| line.role == 0).map(|line| line.keys[timed..].to_vec()).collect();
        let of = |measure: &Measure| {
            let Some(name) = measure.quotient().and_then(Quotient::metric) else { return Ok(None) };
            let series = plan.metrics.iter().find(|series| series.name == name);
            let series = series.ok_or_else(|| QueryError::UnknownMetric { name: crate::error::cut(name) })?;
            let units = |period: Period| Divisors::new(series, &plan.logical, period, &groups);
            let previous = plan.compared_with.map(units).transpose()?.unwrap_or_default();
            Ok(Some((units(plan.period)?, previous)))
        };
        let metrics = plan.question.measures.iter().map(of).collect::<Result<_, QueryError>>()?;
        Ok(Self { plan, compared: plan.compared_with.is_some(), metrics })
    }

    /// The measures of a line, each with that of the compared period.
    fn of(&self, line: &Line) -> Result<Vec<Measured>, QueryError> {
        let timed = usize::from(self.plan.logical.time.is_some());
        let time = line.keys.first().filter(|_| timed == 1).and_then(|time| time.as_deref());
        let row = match line.role {
            0 => Of::Group(&line.keys[timed..]),
            1 => Of::Rest,
            _ => Of::Total,
        };
        let one = |(measure, units): (&Measure, &Option<(Divisors, Divisors)>)| {
            let figure = |sums: &Sums, charges: i64, units: Option<&Divisors>| {
                let counted = |formula: Formula| measured(formula, sums, charges);
                let whole = counted(measure.formula())?;
                let Some(quotient) = measure.quotient() else { return Ok(whole) };
                let by = match quotient.divisor() {
                    Divisor::Measure(by) => counted(by.formula())?,
                    Divisor::Metric(_) => units.and_then(|units| units.of(time, &row)),
                };
                let divided = whole.zip(by).and_then(|(whole, by)| Ratio::of(whole, by, QUOTIENT_DECIMALS));
                Ok::<_, QueryError>(
                    divided.map(|value| in_notation(value, measure.kind().decimals(self.plan.currency))),
                )
            };
            let value = figure(&line.sums, line.charges, units.as_ref().map(|(now, _)| now))?;
            let previous = if self.compared {
                figure(&line.previous_sums, line.previous_charges, units.as_ref().map(|(_, before)| before))?
            } else {
                None
            };
            Ok(Measured { value, previous, divided: measure.quotient().is_some() })
        };
        self.plan.question.measures.iter().zip(&self.metrics).map(one).collect()
    }
}

/// A figure and that of the compared period.
struct Measured {
    value: Option<Amount>,
    previous: Option<Amount>,
    divided: bool,
}

impl Measured {
    fn cell(self, whole: Option<Amount>, figures: &Figures<'_>) -> Result<Cell, QueryError> {
        let Self { value, previous, divided } = self;
        // What is missing of a sum is nothing; what is missing of a quotient is unknown.
        let known = if divided { value.is_some() && previous.is_some() } else { value.is_some() || previous.is_some() };
        let change = if figures.compared && known {
            Some(value.unwrap_or_default().checked_sub(previous.unwrap_or_default())?)
        } else {
            None
        };
        let change_ratio =
            change.zip(previous).and_then(|(change, previous)| Ratio::of(change, previous.abs(), RATIO_DECIMALS));
        let share =
            value.zip(whole).filter(|_| !divided).and_then(|(value, whole)| Ratio::of(value, whole, RATIO_DECIMALS));
        Ok(Cell { value, previous, change, change_ratio, share })
    }
}

fn measured(formula: Formula, sums: &Sums, charges: i64) -> Result<Option<Amount>, QueryError> {
    let sum = |column: SumColumn| sums.iter().find(|(sum, _)| *sum == column).and_then(|(_, amount)| *amount);
    Ok(match formula {
        Formula::Count => Some(Amount::from_integer(charges)),
        Formula::Sum(column) => sum(column),
        Formula::Difference(from, less) => match (sum(from), sum(less)) {
            (None, None) => None,
            (from, less) => Some(from.unwrap_or_default().checked_sub(less.unwrap_or_default())?),
        },
    })
}

/// Every sum of the rows must be that of the total: the total is computed on a second path, so a lost or doubled row shows.
fn check_parts(plan: &Plan, lines: &[Line], total: &Line) -> Result<(), QueryError> {
    let differ = |column: &str, parts: String, total: String| {
        if parts == total { Ok(()) } else { Err(QueryError::PartsDiffer { column: column.to_owned(), parts, total }) }
    };
    let value = |sums: &Sums, place: usize| sums.get(place).and_then(|(_, amount)| *amount).unwrap_or_default();
    let add_up = |name: String, place: usize, side: fn(&Line) -> &Sums| {
        let parts = Amount::sum(lines.iter().map(|line| value(side(line), place)))?;
        differ(&name, parts.normalized().to_string(), value(side(total), place).normalized().to_string())
    };
    for (place, sum) in plan.logical.sums.iter().enumerate() {
        add_up(sum.name().to_owned(), place, |line| &line.sums)?;
        add_up(format!("previous_{}", sum.name()), place, |line| &line.previous_sums)?;
    }
    let charges: i64 = lines.iter().map(|line| line.charges).sum();
    let previous_charges: i64 = lines.iter().map(|line| line.previous_charges).sum();
    differ("charges", charges.to_string(), total.charges.to_string())?;
    differ("previous_charges", previous_charges.to_string(), total.previous_charges.to_string())
}

fn key_columns(plan: &Plan) -> Vec<KeyColumn> {
    let time = plan.logical.time.map(|grain| match grain {
        Grain::Month => ("month", "Month"),
        Grain::Day => ("day", "Day"),
        Grain::Hour => ("hour", "Hour"),
    });
    let time = time.map(|(name, label)| KeyColumn { name: name.to_owned(), label: label.to_owned() });
    let dimension = |dimension: &Dimension| KeyColumn { name: dimension.name().into_owned(), label: dimension.label() };
    time.into_iter().chain(plan.logical.keys.iter().map(dimension)).collect()
}

fn measure_column(plan: &Plan, measure: &Measure, total: &Line) -> MeasureColumn {
    let unit_of = |formula: Formula| match formula {
        Formula::Sum(column) => total
            .units
            .iter()
            .find(|(sum, ..)| *sum == column)
            .and_then(|(_, first, last)| if first == last { first.clone() } else { None }),
        _ => None,
    };
    let named = plan.named(measure);
    let kind = named.map_or_else(|| measure.kind(), |named| named.kind);
    let unit = match measure.quotient() {
        None => unit_of(measure.formula()),
        Some(_) if kind != MeasureKind::UnitCost => None,
        Some(quotient) => match quotient.divisor() {
            Divisor::Metric(name) => Some(name.clone()),
            Divisor::Measure(Measure::Charges) => Some("charge".to_owned()),
            Divisor::Measure(by) => unit_of(by.formula()),
        },
    };
    let label = named.map_or_else(|| measure.label().into_owned(), |named| named.name.clone());
    MeasureColumn { name: measure.name().into_owned(), label, kind, unit }
}

fn notes(plan: &Plan, total: &Line) -> Vec<Note> {
    let mut notes = plan.notes.clone();
    notes.extend(plan.metrics.iter().flat_map(|series| series.notes.iter().cloned()));
    if total.other_currency_charges > 0 {
        let codes: Vec<&str> = plan.other_currencies.iter().map(money::Currency::code).collect();
        let (charges, fit) = match total.other_currency_charges {
            1 => ("1 charge".to_owned(), "fits the question and is"),
            several => (format!("{} charges", group_digits(&several.to_string())), "fit the question and are"),
        };
        let codes = codes.join(", ");
        let message =
            format!("{charges} in other currencies (the engagement holds {codes}) {fit} not in these figures.");
        notes.push(Note { code: "other_currencies".to_owned(), message });
    }
    for (sum, first, last) in &total.units {
        if first != last {
            let named = |unit: &Option<String>| match unit.as_deref() {
                None | Some("") => "no unit".to_owned(),
                Some(unit) => quoted(unit),
            };
            let message = format!(
                "The {} adds up different units, {} and {} among them; break it down by unit, or filter to one.",
                sum.name().replace('_', " "),
                named(first),
                named(last)
            );
            notes.push(Note { code: "mixed_units".to_owned(), message });
        }
    }
    notes
}

fn integer(value: Value) -> Result<i64, QueryError> {
    match value {
        Value::Null => Ok(0),
        Value::Integer(integer) => Ok(integer),
        Value::Text(_) | Value::Amount(_) => Err(shape("a whole number was expected".to_owned())),
    }
}

fn text(value: Value) -> Result<Option<String>, QueryError> {
    match value {
        Value::Null => Ok(None),
        Value::Text(text) => Ok(Some(text)),
        Value::Integer(_) | Value::Amount(_) => Err(shape("a text was expected".to_owned())),
    }
}

/// An amount in one notation, whatever the width of the engine's column: no trailing zeros, but money with at least the decimals
/// of its currency.
fn amount(value: Value, plan: &Plan, column: SumColumn) -> Result<Option<Amount>, QueryError> {
    let amount = match value {
        Value::Null => return Ok(None),
        Value::Integer(integer) => Amount::from_integer(integer),
        Value::Amount(amount) => amount,
        Value::Text(_) => return Err(shape("a decimal was expected".to_owned())),
    };
    let decimals = if column.unit_column().is_some() { 0 } else { plan.currency.minor_digits() };
    Ok(Some(in_notation(amount, decimals)))
}

/// The amount with no trailing zeros beyond `decimals`.
pub(crate) fn in_notation(amount: Amount, decimals: u8) -> Amount {
    let plain = amount.normalized();
    if plain.scale() >= decimals { plain } else { plain.rescaled(decimals, money::Rounding::HalfEven).unwrap_or(plain) }
}

impl MeasureKind {
    /// The decimals that a figure of this kind shows at least, in a currency.
    #[must_use]
    pub fn decimals(self, currency: money::Currency) -> u8 {
        match self {
            Self::Currency | Self::UnitCost => currency.minor_digits(),
            Self::Quantity | Self::Count | Self::Ratio | Self::Percent => 0,
        }
    }
}
