//! Labels of a metric beside dimensions of the charges: which values of the metric belong to a question, and to a value of a dimension.

use std::collections::{BTreeMap, BTreeSet};

use query::{Answer, Catalog, Dimension, Filter, Note, Operator, Question};
use unit_economics::{MetricInfo, Metrics, Point};

use super::{LabelFilter, UnitCostGroup, UnitCostRow, usage};
use crate::ApiError;

/// The conditions on the labels of a metric.
pub(crate) struct Joined {
    metric: String,
    /// The label that the dimension is joined with.
    pub(crate) label: Option<String>,
    by: Option<Dimension>,
    wanted: Vec<LabelFilter>,
    /// Filters of the question on dimensions that the metric has a label of.
    filters: Vec<(String, Filter)>,
    /// Filters of the question on the provider.
    providers: Vec<Filter>,
    /// Filters of the question that the metric knows nothing of.
    unknown: Vec<String>,
    /// By label, the spellings of its values that count as others.
    spellings: BTreeMap<String, BTreeMap<String, String>>,
}

impl Joined {
    pub(crate) fn new(
        by: Option<&Dimension>,
        wanted: Vec<LabelFilter>,
        question: &Question,
        info: &MetricInfo,
        catalog: &Catalog,
    ) -> Result<Self, ApiError> {
        let names: Vec<&str> = info.labels.iter().map(|label| label.name.as_str()).collect();
        let listed = || if names.is_empty() { "none".to_owned() } else { names.join(", ") };
        let of = |dimension: &Dimension| {
            names.iter().find(|name| is_label_of(name, dimension)).map(|name| (*name).to_owned())
        };
        let label = match by {
            None => None,
            Some(dimension) => Some(of(dimension).ok_or_else(|| {
                usage(
                    format!("{} has no label that is {dimension}; its labels: {}", info.name, listed()),
                    "Give each value the dimension's value in a column of the dimension's name.",
                )
            })?),
        };
        if let Some(strange) = wanted.iter().find(|filter| !names.contains(&filter.label.as_str())) {
            let name: String = strange.label.chars().take(60).collect();
            return Err(usage(format!("{} has no label `{name}`; its labels: {}", info.name, listed()), ""));
        }
        let (mut filters, mut unknown) = (Vec::new(), Vec::new());
        for filter in &question.filters {
            match of(&filter.dimension) {
                Some(label) => filters.push((label, filter.clone())),
                None => unknown.push(filter.to_string()),
            }
        }
        let keyed = names.iter().filter_map(|name| {
            let rule = catalog.tag_rules.of(name.strip_prefix("tag:").unwrap_or(name))?;
            (!rule.values.is_empty()).then(|| ((*name).to_owned(), rule.values.clone()))
        });
        let spellings = keyed.collect();
        let of_provider = |filter: &&Filter| filter.dimension == Dimension::Provider;
        let providers = question.filters.iter().filter(of_provider).cloned().collect();
        Ok(Self { providers, metric: info.name.clone(), label, by: by.cloned(), wanted, filters, unknown, spellings })
    }

    /// Whether the question's filters let a provider through.
    pub(crate) fn has_provider(&self, provider: &str) -> bool {
        self.providers.iter().all(|filter| passes(filter, Some(provider)))
    }

    /// The values of the metric that count.
    pub(crate) fn points<'a>(&self, metrics: &'a Metrics) -> Vec<&'a Point> {
        metrics.points.iter().filter(|point| point.metric == self.metric && self.keeps(&point.labels)).collect()
    }

    fn keeps(&self, labels: &BTreeMap<String, String>) -> bool {
        let value = |label: &str| self.value(labels, label);
        let wanted = |filter: &LabelFilter| {
            value(&filter.label).is_some_and(|value| filter.values.iter().any(|one| one == value))
        };
        self.wanted.iter().all(wanted) && self.filters.iter().all(|(label, filter)| passes(filter, value(label)))
    }

    /// Points by the value of the dimension; those without one are in none.
    pub(crate) fn by_value<'a>(&self, points: &[&'a Point]) -> BTreeMap<String, Vec<&'a Point>> {
        let mut values: BTreeMap<String, Vec<&Point>> = BTreeMap::new();
        for point in points {
            if let Some(value) = self.label.as_ref().and_then(|label| self.value(&point.labels, label)) {
                values.entry(value.to_owned()).or_default().push(point);
            }
        }
        values
    }

    /// The value of a label, as the tag rules count it.
    pub(crate) fn value<'a>(&'a self, labels: &'a BTreeMap<String, String>, label: &str) -> Option<&'a str> {
        let value = labels.get(label)?;
        let counts_as = self.spellings.get(label).and_then(|spellings| spellings.get(value));
        Some(counts_as.unwrap_or(value))
    }

    /// The values of the dimension: those of the answer in its order, then those that only the metric has.
    pub(crate) fn keys(&self, totals: &Answer, own: &BTreeMap<String, Vec<&Point>>) -> Vec<Option<String>> {
        let mut keys: Vec<Option<String>> = totals.rows.iter().filter_map(|row| row.keys.first().cloned()).collect();
        let known: BTreeSet<&str> = totals.rows.iter().filter_map(|row| row.keys.first()?.as_deref()).collect();
        keys.extend(own.keys().filter(|value| !known.contains(value.as_str())).map(|value| Some(value.clone())));
        keys
    }

    /// What the question's filters do to the units; `none` where they leave none.
    pub(crate) fn filter_notes(&self, none: bool) -> Vec<Note> {
        let mut notes = Vec::new();
        let mut say = |code: &str, message: String| notes.push(Note { code: code.to_owned(), message });
        if none {
            say("no_units", format!("No value of {} has the labels that are asked for.", self.metric));
        }
        for (label, filter) in &self.filters {
            say("units_filtered", format!("Units are those whose {label} passes the filter {filter}, as costs are."));
        }
        if !self.unknown.is_empty() {
            let filters = self.unknown.join(" and ");
            say(
                "units_unfiltered",
                format!("{} has no label for {filters}: the cost is filtered, the units are not.", self.metric),
            );
        }
        notes
    }

    /// What to know before using the figures.
    pub(crate) fn notes(
        &self,
        answer: &Answer,
        counted: &[&Point],
        rows: &[UnitCostRow],
        groups: &[UnitCostGroup],
    ) -> Vec<Note> {
        let mut notes = answer.notes.clone();
        notes.extend(self.filter_notes(counted.is_empty()));
        let mut say = |code: &str, message: String| notes.push(Note { code: code.to_owned(), message });
        let lacking = rows
            .iter()
            .filter(|row| row.remark.as_deref().is_some_and(|remark| remark.ends_with("have no units")))
            .count();
        if lacking > 0 {
            say(
                "units_incomplete",
                format!(
                    "{lacking} rows have days without units: their units are too few and their unit costs too high."
                ),
            );
        }
        if let (Some(by), Some(label)) = (&self.by, &self.label) {
            let unlabelled = counted.iter().filter(|point| !point.labels.contains_key(label)).count();
            if unlabelled > 0 {
                say(
                    "units_unlabelled",
                    format!(
                        "{unlabelled} values of {} have no {label}: they are in the total and in no row.",
                        self.metric
                    ),
                );
            }
            let free = groups.iter().filter(|group| group.cost.is_none() && group.units.is_some()).count();
            if free > 0 {
                let values = if free == 1 { "1 value".to_owned() } else { format!("{free} values") };
                let message =
                    format!("{values} of {} with units and no charge: their units are in the total.", by.phrase());
                say("units_without_cost", message);
            }
            if rows.iter().any(|row| row.key.is_none() && row.cost.is_some()) {
                say("cost_unlabelled", format!("Charges without a {} have a cost and no units.", by.phrase()));
            }
        }
        notes
    }
}

/// Whether a label is a dimension: by any of its names, a tag also by its key alone.
pub(crate) fn is_label_of(label: &str, dimension: &Dimension) -> bool {
    matches!(dimension, Dimension::Tag(key) if key == label)
        || label.parse::<Dimension>().is_ok_and(|parsed| parsed == *dimension)
}

/// Whether a value passes a filter, as charges do.
fn passes(filter: &Filter, value: Option<&str>) -> bool {
    let is = || value.is_some_and(|value| filter.values.iter().any(|one| one == value));
    let contains = || {
        let wanted = filter.values.first().map(|text| text.to_lowercase()).unwrap_or_default();
        value.is_some_and(|value| value.to_lowercase().contains(&wanted))
    };
    match filter.operator {
        Operator::Is => is(),
        Operator::IsNot => !is(),
        Operator::Contains => contains(),
        Operator::NotContains => !contains(),
        Operator::Missing => value.is_none(),
        Operator::Present => value.is_some(),
    }
}
