//! What people call the ids of an answer: a bill calls an account `418200100130`, who reads the pack knows it by its name.

use std::collections::{BTreeMap, BTreeSet};

use query::{Answer, Dimension, Filter, Measure, Operator, Question};
use store::{Engagement, Watch};

use crate::{ApiError, Context, asking};

/// The names of ids; empty where the bills give none.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// The names of some ids over all that is loaded. An id that was renamed has the name that most of its charges have; a name that several of
    /// the ids have is told apart by the id.
    pub(super) fn of<'a>(
        context: &Context,
        engagement: &Engagement,
        asked: &Question,
        dimension: &Dimension,
        ids: impl Iterator<Item = &'a str>,
        watch: &Watch,
    ) -> Result<Self, ApiError> {
        let values: BTreeSet<String> = ids.map(str::to_owned).collect();
        let Some(name) = dimension.named_by().filter(|_| !values.is_empty()) else { return Ok(Self::default()) };
        if engagement.catalog()?.charge_expression(&name).is_none() {
            return Ok(Self::default());
        }
        let filter =
            Filter { dimension: dimension.clone(), operator: Operator::Is, values: values.into_iter().collect() };
        let question = Question {
            measures: vec![Measure::Charges],
            by: vec![dimension.clone(), name],
            filters: vec![filter],
            currency: asked.currency,
            convert: asked.convert.clone(),
            ..Question::default()
        };
        let answer = asking::answer(context, engagement, &question, watch)?;
        let mut names: BTreeMap<String, String> = BTreeMap::new();
        for row in &answer.rows {
            if let [Some(id), Some(name)] = row.keys.as_slice()
                && !name.trim().is_empty()
            {
                names.entry(id.clone()).or_insert_with(|| name.clone());
            }
        }
        let mut known: BTreeMap<&str, usize> = BTreeMap::new();
        for name in names.values() {
            *known.entry(name).or_default() += 1;
        }
        let shared: BTreeSet<String> =
            known.into_iter().filter(|(_, ids)| *ids > 1).map(|(name, _)| name.to_owned()).collect();
        for (id, name) in &mut names {
            if shared.contains(name) {
                *name = format!("{name} ({id})");
            }
        }
        Ok(Self(names))
    }

    /// The name of an id, or the id where it has none.
    pub(super) fn show<'a>(&'a self, id: &'a str) -> &'a str {
        self.0.get(id).map_or(id, String::as_str)
    }
}

/// Puts names in the place of the ids of an answer's rows.
pub(super) fn put(
    context: &Context,
    engagement: &Engagement,
    answer: &mut Answer,
    watch: &Watch,
) -> Result<(), ApiError> {
    let timed = usize::from(answer.question.grain.is_some());
    let dimensions = answer.question.by.clone();
    for (place, dimension) in dimensions.iter().enumerate().map(|(place, dimension)| (place + timed, dimension)) {
        let ids = answer.rows.iter().filter_map(|row| row.keys.get(place)?.as_deref());
        let names = Names::of(context, engagement, &answer.question, dimension, ids, watch)?;
        for key in answer.rows.iter_mut().filter_map(|row| row.keys.get_mut(place)?.as_mut()) {
            *key = names.show(key).to_owned();
        }
    }
    Ok(())
}
