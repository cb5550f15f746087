//! Which kinds of charges a scope has, and what they cost step by step.
//!
//! A bill has few charges that are no usage. They are found by one question without time, and asked for by filters that let little else
//! through: what is left of the total is usage, whose rows are never looked at.

use std::collections::{BTreeMap, BTreeSet};

use money::Amount;
use query::{Answer, Dimension, Filter, Measure, Operator, Question, Row};
use scenario::Treatment;
use store::{Engagement, Watch};

use super::Classifier;
use crate::{ApiError, Context, asking};

/// A filter names no more values than these.
const VALUES_MAX: usize = 200;

/// The kinds of charges of a scope.
pub(crate) struct Kinds {
    classifier: Classifier,
    question: Question,
    groups: Vec<Group>,
    /// By treatment and the rule that decided: what it cost.
    pub(crate) ruled: BTreeMap<(Treatment, String), Amount>,
}

/// Charges of one category that are treated alike.
struct Group {
    category: Option<String>,
    treatment: Treatment,
    filters: Vec<Filter>,
    /// Whether the filters let nothing else through.
    exact: bool,
}

/// Charges that are no usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Charged {
    /// The month or the day.
    pub(crate) time: String,
    /// The values of the dimensions asked by.
    pub(crate) part: Vec<Option<String>>,
    pub(crate) treatment: Treatment,
    pub(crate) provider: String,
    pub(crate) service: String,
    /// The commitment that it is a fee of.
    pub(crate) commitment: String,
    pub(crate) cost: Amount,
}

/// The value of a dimension in a row whose key columns are these dimensions, after `before` others.
fn value_in<'r>(row: &'r Row, by: &[Dimension], before: usize, dimension: &Dimension) -> Option<&'r str> {
    let place = by.iter().position(|known| known == dimension)?;
    row.keys.get(place + before)?.as_deref()
}

impl Kinds {
    /// The kinds of charges that a question's first measure is made of.
    pub(crate) fn of(
        context: &Context,
        engagement: &Engagement,
        question: &Question,
        watch: &Watch,
    ) -> Result<Self, ApiError> {
        let classifier = Classifier::of(engagement)?;
        let by = classifier.dimensions();
        let cost = question.measures.first().cloned().unwrap_or(Measure::EffectiveCost);
        let question = Question {
            by: Vec::new(),
            grain: None,
            top: None,
            compare: None,
            measures: vec![cost],
            ..question.clone()
        };
        let asked = Question { by: by.clone(), ..question.clone() };
        let answer = asking::answer(context, engagement, &asked, watch)?;
        let mut ruled: BTreeMap<(Treatment, String), Amount> = BTreeMap::new();
        let mut combinations: Vec<(&Row, Treatment)> = Vec::with_capacity(answer.rows.len());
        for row in &answer.rows {
            let found = classifier.classify(|dimension| value_in(row, &by, 0, dimension));
            let cost = row.cells.first().and_then(|cell| cell.value).unwrap_or(Amount::ZERO);
            let sum = ruled.entry((found.treatment, found.reason.to_owned())).or_insert(Amount::ZERO);
            *sum = sum.checked_add(cost)?;
            combinations.push((row, found.corrected));
        }
        let groups = groups(&by, &combinations);
        Ok(Self { classifier, question, groups, ruled })
    }

    /// Whether there is nothing but usage.
    pub(crate) const fn is_usage_alone(&self) -> bool {
        self.groups.is_empty()
    }

    /// What is no usage, step by step, by provider and service, and by the values of the dimensions named. Fees of commitments
    /// are told apart by commitment, unless they are too many.
    pub(crate) fn charged(
        &self,
        context: &Context,
        engagement: &Engagement,
        question: &Question,
        parts: &[Dimension],
        watch: &Watch,
    ) -> Result<Vec<Charged>, ApiError> {
        let found = self.charged_by(context, engagement, question, parts, true, watch);
        match found {
            Err(error) if error.code == "too_many_rows" => {
                self.charged_by(context, engagement, question, parts, false, watch)
            }
            found => found,
        }
    }

    fn charged_by(
        &self,
        context: &Context,
        engagement: &Engagement,
        question: &Question,
        parts: &[Dimension],
        commitments: bool,
        watch: &Watch,
    ) -> Result<Vec<Charged>, ApiError> {
        let mut charged = Vec::new();
        for group in &self.groups {
            let mut by: Vec<Dimension> = parts.to_vec();
            let rules = if group.exact { Vec::new() } else { self.classifier.dimensions() };
            let fee = commitments && group.treatment == Treatment::CommitmentFee;
            let of_fee = fee.then_some(Dimension::Commitment);
            for dimension in [Dimension::Provider, Dimension::Service].into_iter().chain(of_fee).chain(rules) {
                if !by.contains(&dimension) {
                    by.push(dimension);
                }
            }
            let asked = Question {
                by: by.clone(),
                grain: question.grain,
                period: question.period,
                filters: self.question.filters.iter().chain(&group.filters).cloned().collect(),
                ..self.question.clone()
            };
            let answer = asking::answer(context, engagement, &asked, watch)?;
            self.read(&answer, group, &by, parts, &mut charged)?;
        }
        Ok(charged)
    }

    fn read(
        &self,
        answer: &Answer,
        group: &Group,
        by: &[Dimension],
        parts: &[Dimension],
        charged: &mut Vec<Charged>,
    ) -> Result<(), ApiError> {
        let mut sums: BTreeMap<Key, Amount> = BTreeMap::new();
        for row in &answer.rows {
            let value = |dimension: &Dimension| value_in(row, by, 1, dimension);
            let fits = || {
                value(&Dimension::ChargeCategory) == group.category.as_deref()
                    && self.classifier.classify(value).corrected == group.treatment
            };
            let (Some(Some(time)), Some(cost)) = (row.keys.first(), row.cells.first().and_then(|cell| cell.value))
            else {
                continue;
            };
            if !group.exact && !fits() {
                continue;
            }
            let text = |dimension: &Dimension| value(dimension).unwrap_or_default().to_owned();
            let part = parts.iter().map(|part| value(part).map(str::to_owned)).collect();
            let place = [Dimension::Provider, Dimension::Service, Dimension::Commitment].map(|one| text(&one));
            let key = (time.clone(), part, place);
            let sum = sums.entry(key).or_insert(Amount::ZERO);
            *sum = sum.checked_add(cost)?;
        }
        let treatment = group.treatment;
        charged.extend(sums.into_iter().map(|((time, part, [provider, service, commitment]), cost)| Charged {
            time,
            part,
            treatment,
            provider,
            service,
            commitment,
            cost,
        }));
        Ok(())
    }
}

/// Time, part, and where it stands: provider, service, commitment.
type Key = (String, Vec<Option<String>>, [String; 3]);

/// The groups of what is no usage, each with filters that let all of it through and as little else as filters of single columns can.
fn groups(by: &[Dimension], combinations: &[(&Row, Treatment)]) -> Vec<Group> {
    let category = |row: &Row| value_in(row, by, 0, &Dimension::ChargeCategory).map(str::to_owned);
    let mut members: BTreeMap<(Option<String>, Treatment), Vec<&Row>> = BTreeMap::new();
    for (row, treatment) in combinations {
        if *treatment != Treatment::RecurringUsage {
            members.entry((category(row), *treatment)).or_default().push(row);
        }
    }
    let mut groups = Vec::with_capacity(members.len());
    for ((category_of, treatment), rows) in members {
        let filters: Vec<Filter> = by.iter().filter_map(|dimension| filter(by, dimension, &rows)).collect();
        let lets = |row: &Row| filters.iter().all(|filter| lets(by, row, filter));
        let exact = combinations
            .iter()
            .filter(|(row, _)| lets(row))
            .all(|(row, found)| *found == treatment && category(row) == category_of);
        groups.push(Group { category: category_of, treatment, filters, exact });
    }
    groups
}

/// The filter on a dimension that lets just the values of these rows through; none where some have a value and some have none.
fn filter(by: &[Dimension], dimension: &Dimension, rows: &[&Row]) -> Option<Filter> {
    let values: BTreeSet<Option<&str>> = rows.iter().map(|row| value_in(row, by, 0, dimension)).collect();
    let named: Vec<String> = values.iter().flatten().map(|value| (*value).to_owned()).collect();
    let operator = match (values.contains(&None), named.len()) {
        (true, 0) => Operator::Missing,
        (false, 1..=VALUES_MAX) => Operator::Is,
        (false, count) if count > VALUES_MAX => Operator::Present,
        _ => return None,
    };
    let values = if operator == Operator::Is { named } else { Vec::new() };
    Some(Filter { dimension: dimension.clone(), operator, values })
}

fn lets(by: &[Dimension], row: &Row, filter: &Filter) -> bool {
    let value = value_in(row, by, 0, &filter.dimension);
    match filter.operator {
        Operator::Is => value.is_some_and(|value| filter.values.iter().any(|known| known == value)),
        Operator::Missing => value.is_none(),
        _ => value.is_some(),
    }
}
