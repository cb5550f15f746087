//! The bill as a baseline needs it: charges by dimensions, month and treatment.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use money::{Amount, AmountError, Currency};
use query::{Dimension, Evidence, Grain, Measure, Note, Period, Question};
use scenario::{Month, RuleTable, Treatment};
use serde::Serialize;
use store::{Engagement, Watch};
use ts_rs::TS;

use super::definitions::Named;
use super::rules;
use crate::{ApiError, Context, asking, planning};

/// The split of a bill is told of so many months.
const SPLIT_MONTHS: usize = 12;

/// Charges that are alike in everything that a baseline looks at.
#[derive(Clone, Debug)]
pub(super) struct Charges {
    /// A value for each dimension of the definition; empty where there is none.
    pub(super) values: Vec<String>,
    /// The place of the month in the history.
    pub(super) month: usize,
    /// How it is treated; a correction like what it corrects.
    pub(super) corrected: Treatment,
    pub(super) commitment: String,
    pub(super) used: bool,
    pub(super) unused: bool,
    pub(super) purchase: bool,
    pub(super) once: bool,
    /// The currency that it was billed in, where that is not the bill's.
    pub(super) billed_in: Option<Currency>,
    /// What it is priced by; empty where that is not said.
    pub(super) unit: String,
    /// How many units were priced.
    pub(super) quantity: Option<Amount>,
    /// The cost that is planned.
    pub(super) cost: Amount,
    pub(super) billed: Amount,
    /// What it would cost on demand: contracted cost, or list cost where that is all there is.
    pub(super) on_demand: Option<Amount>,
}

/// The charges of a history of whole months.
#[derive(Clone, Debug)]
pub(super) struct Bill {
    pub(super) currency: Currency,
    pub(super) first: Month,
    /// How many months.
    pub(super) months: usize,
    pub(super) charges: Vec<Charges>,
    /// What the latest year was made of.
    pub(super) split: Split,
    pub(super) notes: Vec<Note>,
    pub(super) evidence: Evidence,
    /// By currency that was converted, the rate of all its charges.
    pub(super) rates: BTreeMap<Currency, Amount>,
}

/// By treatment and the rule that decided, the cost and the number of charges.
pub(super) type Split = BTreeMap<(Treatment, String), (Amount, u64)>;

/// What a bill was made of in the last months of the history, by how it is planned.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioSplit {
    /// Its word in the rules: `recurring_usage`.
    pub treatment: &'static str,
    /// What becomes of it, in words.
    pub words: &'static str,
    /// What it cost.
    pub cost: Amount,
    /// How many charges it is.
    #[ts(type = "number")]
    pub charges: u64,
    /// The rules that decided, dearest first.
    pub rules: Vec<ScenarioSplitRule>,
}

/// What one rule decided.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, TS)]
#[ts(export)]
pub struct ScenarioSplitRule {
    /// The rule's name.
    pub rule: String,
    /// What its charges cost.
    pub cost: Amount,
}

pub(super) const fn words(treatment: Treatment) -> &'static str {
    match treatment {
        Treatment::RecurringUsage => "usage, forecast line by line",
        Treatment::CommitmentFee => "fees that go on by their schedule",
        Treatment::OneOff => "charged once, not repeated",
        Treatment::PercentageOfBill => "a percentage of the rest, worked out anew",
        Treatment::Credit => "credits, not counted on",
        Treatment::Correction => "corrections, in the month they correct",
    }
}

pub(super) fn note(code: &str, message: String) -> Note {
    Note { code: code.to_owned(), message }
}

/// Reads the bill of a baseline: what was billed in one currency, that of the engagement where none is named. None where nothing was.
pub(super) fn read(
    context: &Context,
    engagement: &Engagement,
    named: &Named,
    table: &RuleTable,
    currency: Option<Currency>,
    watch: &Watch,
) -> Result<Option<Bill>, ApiError> {
    let definition = &named.definition;
    let measure = definition.measure()?;
    let (from, until) = definition.history()?;
    let catalog = planning::with_rules(engagement)?;
    let mut by = definition.dimensions.clone();
    let mut add = |dimension: Dimension| {
        if !by.contains(&dimension) {
            by.push(dimension);
        }
    };
    let columns: Vec<(&str, Dimension)> = table
        .columns()
        .into_iter()
        .map(|column| Ok((column, rules::dimension_of(column)?)))
        .collect::<Result<_, ApiError>>()?;
    columns.iter().for_each(|(_, dimension)| add(dimension.clone()));
    for needed in [
        Dimension::Commitment,
        Dimension::CommitmentStatus,
        Dimension::ChargeCategory,
        Dimension::ChargeFrequency,
        Dimension::PricingUnit,
    ] {
        add(needed);
    }
    let period = match (from, until, catalog.charges) {
        (None, None, _) | (.., None) => None,
        (from, until, Some(all)) => Some(Period {
            from: from.and_then(day).map_or(all.from, |from| from.max(all.from)),
            to: until.and_then(|until| day(until.plus(1))).map_or(all.to, |to| to.min(all.to)),
        }),
    };
    if period.is_some_and(|period| period.from >= period.to) {
        return Err(ApiError::new(
            "baseline",
            format!("nothing is loaded in the history of baseline `{}`", named.name),
            "Give it other months.",
        ));
    }
    let question = Question {
        measures: vec![
            measure,
            Measure::BilledCost,
            Measure::ContractedCost,
            Measure::ListCost,
            Measure::PricingQuantity,
            Measure::Charges,
        ],
        by: by.clone(),
        grain: Some(Grain::Month),
        period,
        currency,
        filters: definition.filters.clone(),
        ..Question::default()
    };
    // The measure is asked for twice where it is one of the others: each cell is looked up by its place.
    let question = Question { measures: distinct(question.measures), ..question };
    let question = asking::in_own_currency(engagement, &question)?;
    let answer = asking::answer(context, engagement, &question, watch)?;
    let at = |measure: &Measure| answer.question.measures.iter().position(|known| known == measure);
    let planned = 0;
    let (billed, contracted) = (at(&Measure::BilledCost), at(&Measure::ContractedCost));
    let (list, count, quantity) = (at(&Measure::ListCost), at(&Measure::Charges), at(&Measure::PricingQuantity));
    if answer.rows.is_empty() {
        return Ok(None);
    }
    let complete = planning::complete(context, engagement, &catalog, |_| true, answer.period, watch)?;
    let covered = catalog.covered.or(catalog.charges).unwrap_or(answer.period);
    let mut notes = Vec::new();
    let (first, months) = whole_months(&answer, covered, complete.until, &mut notes)?;
    notes.extend(complete.note);
    let place = |name: &Dimension| by.iter().position(|known| known == name).unwrap_or(0) + 1;
    let places: Vec<(&str, usize)> = columns.iter().map(|(column, dimension)| (*column, place(dimension))).collect();
    let (commitment, status) = (place(&Dimension::Commitment), place(&Dimension::CommitmentStatus));
    let (category, frequency) = (place(&Dimension::ChargeCategory), place(&Dimension::ChargeFrequency));
    let unit = place(&Dimension::PricingUnit);
    let mut charges = Vec::with_capacity(answer.rows.len());
    let mut split = Split::new();
    for row in &answer.rows {
        let Some(month) = row.keys.first().and_then(|key| key.as_deref()?.parse::<Month>().ok()) else { continue };
        let Some(month) = usize::try_from(month.since(first)).ok().filter(|month| *month < months) else { continue };
        let text = |place: usize| row.keys.get(place).and_then(Option::as_deref).unwrap_or_default();
        let value = |column: &str| places.iter().find(|(known, _)| *known == column).map(|(_, place)| text(*place));
        let found = table.classify(value);
        let corrected = match found.treatment {
            Treatment::Correction => {
                table.classify(|column| if column == "ChargeClass" { None } else { value(column) }).treatment
            }
            other => other,
        };
        let cell = |place: Option<usize>| place.and_then(|place| row.cells.get(place)?.value);
        let cost = cell(Some(planned)).unwrap_or(Amount::ZERO);
        if month + SPLIT_MONTHS >= months {
            let entry = split.entry((found.treatment, found.reason.to_owned())).or_insert((Amount::ZERO, 0));
            entry.0 = entry.0.checked_add(cost)?;
            let number = cell(count).map_or(0, |count| count.normalized().units());
            entry.1 += u64::try_from(number).unwrap_or(0);
        }
        charges.push(Charges {
            values: (1..=definition.dimensions.len()).map(|place| text(place).to_owned()).collect(),
            month,
            corrected,
            commitment: text(commitment).to_owned(),
            used: text(status).eq_ignore_ascii_case("used"),
            unused: text(status).eq_ignore_ascii_case("unused"),
            purchase: text(category).eq_ignore_ascii_case("purchase"),
            once: text(frequency).eq_ignore_ascii_case("one-time"),
            billed_in: None,
            unit: text(unit).to_owned(),
            quantity: cell(quantity),
            cost,
            billed: cell(billed).unwrap_or(Amount::ZERO),
            on_demand: cell(contracted)
                .filter(|amount| *amount > Amount::ZERO)
                .or(cell(list))
                .filter(|amount| *amount > Amount::ZERO),
        });
    }
    notes.extend(
        answer.notes.iter().filter(|note| !["partial_period", "mixed_units"].contains(&note.code.as_str())).cloned(),
    );
    Ok(Some(Bill {
        currency: answer.currency,
        first,
        months,
        charges,
        split,
        notes,
        evidence: answer.evidence,
        rates: BTreeMap::new(),
    }))
}

fn distinct(measures: Vec<Measure>) -> Vec<Measure> {
    let mut kept: Vec<Measure> = Vec::with_capacity(measures.len());
    for measure in measures {
        if !kept.contains(&measure) {
            kept.push(measure);
        }
    }
    kept
}

/// The split as it is told.
pub(super) fn told(split: &Split) -> Result<Vec<ScenarioSplit>, AmountError> {
    let mut told: Vec<ScenarioSplit> = Vec::new();
    for treatment in Treatment::ALL {
        let mut rules: Vec<ScenarioSplitRule> = Vec::new();
        let (mut cost, mut charges) = (Amount::ZERO, 0);
        for ((_, rule), (amount, number)) in split.iter().filter(|((of, _), _)| *of == treatment) {
            cost = cost.checked_add(*amount)?;
            charges += number;
            rules.push(ScenarioSplitRule { rule: rule.clone(), cost: *amount });
        }
        rules.sort_by_key(|rule| std::cmp::Reverse(rule.cost.abs()));
        if charges > 0 {
            told.push(ScenarioSplit { treatment: treatment.name(), words: words(treatment), cost, charges, rules });
        }
    }
    Ok(told)
}

pub(super) fn day(month: Month) -> Option<NaiveDate> {
    NaiveDate::from_ymd_opt(month.year(), month.number(), 1)
}

fn month_of(day: NaiveDate) -> Option<Month> {
    Month::new(day.year(), day.month())
}

/// A baseline needs charges.
pub(super) fn nothing() -> ApiError {
    ApiError::new(
        "baseline",
        "there is no charge that a baseline could be made of",
        "Load bills, or give the baseline other filters.",
    )
}

/// The first month and how many of them are whole. A bill that has no whole month is taken as it is, and that is said.
fn whole_months(
    answer: &query::Answer,
    covered: Period,
    complete_until: Option<NaiveDate>,
    notes: &mut Vec<Note>,
) -> Result<(Month, usize), ApiError> {
    let found = answer.rows.iter().filter_map(|row| row.keys.first()?.as_deref()?.parse::<Month>().ok());
    let (Some(mut first), Some(last)) =
        found.fold((None, None), |(low, high): (Option<Month>, Option<Month>), month| {
            (Some(low.map_or(month, |low| low.min(month))), Some(high.map_or(month, |high| high.max(month))))
        })
    else {
        return Err(nothing());
    };
    let starts_late = day(first).is_some_and(|day| day < covered.from) && month_of(covered.from) == Some(first);
    if starts_late && first < last {
        notes.push(note(
            "partial_start",
            format!("{first} is not loaded from its beginning and is left out of the history."),
        ));
        first = first.plus(1);
    }
    let whole = |month: &Month| complete_until.is_none_or(|until| day(month.plus(1)).is_some_and(|end| end <= until));
    let count = last.since(first) + 1;
    let months: Vec<Month> = (0..count).map(|place| first.plus(place)).collect();
    let Some(end) = months.iter().rev().find(|month| whole(month)) else {
        notes.push(note(
            "no_whole_month",
            format!("No month is loaded to its end: {last} is taken as it is, so that the baseline is too low."),
        ));
        return Ok((first, months.len()));
    };
    if *end < last {
        notes.push(note(
            "partial_end",
            format!("The history ends with {end}; what is loaded of later months is not whole and is planned anew."),
        ));
    }
    Ok((first, usize::try_from(end.since(first) + 1).unwrap_or(1)))
}
