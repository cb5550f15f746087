//! Parts equal the whole: checked on every answer before a figure of it is printed.

use money::Amount;
use query::{Answer, Cell};

use crate::definition::PackDefinition;
use crate::model::{Table, TableRow};
use crate::plan::PlannedQuestion;
use crate::{ReportError, Unit, words};

/// Whether there is one answer for each question, and each answers the question at its place.
pub(super) fn answers_fit(
    definition: &PackDefinition,
    planned: &[PlannedQuestion],
    answers: &[Answer],
) -> Result<(), ReportError> {
    if planned.len() != answers.len() {
        return Err(ReportError::Answers { planned: planned.len(), answered: answers.len() });
    }
    for (place, (question, answer)) in planned.iter().zip(answers).enumerate() {
        let heading = &definition.sections[question.section].heading;
        let (asked, answered) = (&question.question, &answer.question);
        let same = asked.measures == answered.measures
            && asked.by == answered.by
            && asked.grain == answered.grain
            && asked.period == Some(answer.period)
            && asked.filters == answered.filters
            && asked.top == answered.top
            && asked.compare.is_some() == answer.compared_with.is_some();
        if !same {
            return Err(ReportError::WrongAnswer { place: place + 1, heading: heading.clone() });
        }
        if answer.currency != answers[0].currency {
            return Err(ReportError::Currency {
                place: heading.clone(),
                found: answer.currency,
                expected: answers[0].currency,
            });
        }
    }
    Ok(())
}

/// One of a cell's amounts.
type Part = fn(&Cell) -> Option<Amount>;

/// Whether the rows of an answer add up to its total: values, previous values and changes, for every measure.
pub(super) fn adds_up(heading: &str, answer: &Answer) -> Result<(), ReportError> {
    if answer.rows.is_empty() {
        return Ok(());
    }
    let parts: [(&str, Part); 3] =
        [("value", |cell| cell.value), ("previous", |cell| cell.previous), ("change", |cell| cell.change)];
    // A plan need not be for all rows, and may be for more than them.
    let parts = if answer.against.is_some() { &parts[..1] } else { &parts[..] };
    for (measure, total) in answer.total.iter().enumerate() {
        for (name, part) in parts {
            let sum = Amount::sum(answer.rows.iter().filter_map(|row| row.cells.get(measure).and_then(part)))?;
            let label = answer.measures.get(measure).map_or("", |column| column.label.as_str());
            equal(&format!("{heading}: {label}, {name}"), sum, part(total).unwrap_or_default())?;
        }
    }
    Ok(())
}

/// The same for an answer with divided figures, which come to no sum.
pub(super) fn adds_up_where_it_can(heading: &str, answer: &Answer) -> Result<(), ReportError> {
    if answer.measures.iter().all(|measure| super::pinned::is_added(measure.kind)) {
        return adds_up(heading, answer);
    }
    Ok(())
}

/// Whether an answer over the pack's period has the headline's total.
pub(super) fn equals_headline(heading: &str, answer: &Answer, headline: &Cell) -> Result<(), ReportError> {
    let total = super::first(&answer.total);
    equal(heading, total.value.unwrap_or_default(), headline.value.unwrap_or_default())?;
    equal(
        &format!("{heading}, compared period"),
        total.previous.unwrap_or_default(),
        headline.previous.unwrap_or_default(),
    )
}

/// Whether two sums are the same.
pub(super) fn equal(place: &str, parts: Amount, whole: Amount) -> Result<(), ReportError> {
    if parts == whole { Ok(()) } else { Err(ReportError::DoesNotAddUp { place: place.to_owned(), parts, whole }) }
}

/// Checks that every column that adds up does, and notes where the rounded rows as printed differ from the rounded total.
pub(super) fn seal(mut table: Table) -> Result<Table, ReportError> {
    let Some(total) = table.total.as_ref() else { return Ok(table) };
    let mut off_by_rounding = Vec::new();
    for (position, column) in table.columns.iter().enumerate().filter(|(_, column)| column.adds_up) {
        let amount =
            |row: &TableRow| row.cells.get(position).and_then(|cell| cell.figure()).map(|figure| figure.amount);
        let whole = amount(total).unwrap_or_default();
        let exact = Amount::sum(table.rows.iter().filter_map(amount))?;
        equal(&format!("{}, {}", table.caption, column.label), exact, whole)?;
        let unit = total.cells.get(position).and_then(|cell| cell.figure()).map(|figure| &figure.unit);
        if let Some(Unit::Money { currency } | Unit::MoneyChange { currency }) = unit {
            let shown = Amount::sum(table.rows.iter().filter_map(amount).map(|part| words::rounded(part, *currency)))?;
            let difference = shown.checked_sub(words::rounded(whole, *currency))?;
            if !difference.is_zero() {
                off_by_rounding.push(format!("{} in {}", words::money(difference.abs(), *currency), column.label));
            }
        }
    }
    if !off_by_rounding.is_empty() {
        table.notes.push(format!(
            "Each figure is rounded by itself. The exact rows add up to the exact total; as printed they differ from it by {}.",
            words::listed(&off_by_rounding)
        ));
    }
    Ok(table)
}
