//! [`plan`]: a question with everything settled, the table that answers it and the one statement that does.

use money::Currency;

use crate::dialect::{Dialect, DuckDb};
use crate::error::cut;
use crate::evidence::{evidence_id, scope_sentence};
use crate::logical::LogicalQuery;
use crate::notes::period_notes;
use crate::router::{check_dimensions, route};
use crate::sql::{Column, Writer, columns};
use crate::{
    Catalog, Dimension, EvidenceLoad, EvidenceRule, Measure, MetricSeries, NamedMeasure, Note, Operator, Period,
    PeriodBasis, QueryError, Question, RateDate, TableInfo,
};

/// How a question will be answered. The engine runs [`Plan::sql`]; [`crate::assemble`] reads what it returns.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Plan {
    /// The question with its period and currency filled in.
    pub question: Question,
    /// The period that is asked for.
    pub period: Period,
    /// The period that is compared with.
    pub compared_with: Option<Period>,
    /// The currency of every money column.
    pub currency: Currency,
    /// Whether the question says in which currency it is, or there is only one: else charges in others are an error.
    pub currency_settled: bool,
    /// What is computed.
    pub logical: LogicalQuery,
    /// The table that answers.
    pub source: String,
    /// The statement, its values written in.
    pub sql: String,
    /// The columns that the statement returns.
    pub columns: Vec<Column>,
    /// What is known of the answer before it is computed.
    pub notes: Vec<Note>,
    /// The other currencies of the engagement, for the note that names them.
    pub other_currencies: Vec<Currency>,
    /// The loads behind the figures.
    pub loads: Vec<EvidenceLoad>,
    /// The rules that the answer rests on.
    pub rules: Vec<EvidenceRule>,
    /// The filters and the period as one sentence.
    pub scope: String,
    /// The id of the answer's evidence.
    pub evidence_id: String,
    /// The quotients of the question that have a name.
    pub named_measures: Vec<NamedMeasure>,
    /// The metrics that it divides by.
    pub metrics: Vec<MetricSeries>,
}

/// Plans a question for DuckDB: settles period (all that is loaded) and currency (the engagement's own, or the only one there is),
/// routes it to the smallest table that can answer, and writes the statement.
///
/// # Errors
/// Whatever makes the question one that has no answer; see [`LogicalQuery::new`] and [`QueryError`].
pub fn plan(question: &Question, catalog: &Catalog) -> Result<Plan, QueryError> {
    plan_in(question, catalog, &DuckDb, Tables::Smallest)
}

/// Plans a question over the charges themselves, whatever cubes there are: the second way to the same figures, for checks.
///
/// # Errors
/// As [`plan`].
pub fn plan_on_charges(question: &Question, catalog: &Catalog) -> Result<Plan, QueryError> {
    plan_in(question, catalog, &DuckDb, Tables::Charges)
}

#[derive(Clone, Copy)]
enum Tables {
    Smallest,
    Charges,
}

fn plan_in(question: &Question, catalog: &Catalog, dialect: &dyn Dialect, tables: Tables) -> Result<Plan, QueryError> {
    let settled = Settled::new(question, catalog)?;
    settled.require_rates()?;
    let table = match tables {
        Tables::Smallest => route(&settled.logical, catalog)?,
        Tables::Charges => charge_table(&settled.logical, catalog)?,
    };
    let sql = Writer { query: &settled.logical, table, catalog, dialect }.statement()?;
    let loads = loads(&settled.logical, catalog);
    let mut other_currencies: Vec<Currency> =
        catalog.currencies.iter().copied().filter(|currency| *currency != settled.logical.currency).collect();
    other_currencies.sort_unstable();
    other_currencies.dedup();
    let mut rules: Vec<EvidenceRule> = catalog.tag_rules.evidence(tags(&settled.logical)).into_iter().collect();
    let metrics = metrics(&settled.question, catalog)?;
    rules.extend(metrics.iter().flat_map(|series| series.files.iter().cloned()));
    let asked = &settled.question.measures;
    let named_measures = catalog.named_measures.iter().filter(|named| asked.contains(&named.measure));
    Ok(Plan {
        named_measures: named_measures.cloned().collect(),
        metrics,
        evidence_id: evidence_id(&settled.question, &settled.logical, &loads, &rules),
        scope: scope_sentence(&settled.question, &settled.logical),
        notes: period_notes(&settled.logical, catalog),
        period: settled.logical.current,
        compared_with: settled.logical.previous,
        currency: settled.logical.currency,
        currency_settled: settled.currency_settled,
        source: table.name.clone(),
        columns: columns(&settled.logical),
        question: settled.question,
        logical: settled.logical,
        sql,
        other_currencies,
        loads,
        rules,
    })
}

/// A question with its period and currency, and what it means.
pub(crate) struct Settled {
    pub(crate) question: Question,
    pub(crate) logical: LogicalQuery,
    currency_settled: bool,
}

impl Settled {
    pub(crate) fn new(question: &Question, catalog: &Catalog) -> Result<Self, QueryError> {
        let loaded = match question.on {
            PeriodBasis::Charge => catalog.charges,
            PeriodBasis::Billing => catalog.bills,
        }
        .ok_or(QueryError::NothingLoaded)?;
        let period = question.period.unwrap_or(loaded);
        let (billed_in, named) = billing_currency(question, catalog);
        let currency = question.convert.as_ref().map_or(billed_in, |conversion| conversion.to);
        let mut logical = LogicalQuery::new(question, period, loaded, currency)?;
        logical.rates = catalog.rates.clone().filter(|rates| Some(&rates.conversion) == question.convert.as_ref());
        let billed_in = if question.convert.is_some() { question.currency } else { Some(currency) };
        let currency_settled = question.convert.is_some() || named;
        let question = Question { period: Some(period), currency: billed_in, ..question.clone() };
        Ok(Self { question, logical, currency_settled })
    }

    /// Refuses a conversion whose rates were not looked up.
    pub(crate) fn require_rates(&self) -> Result<(), QueryError> {
        match (&self.question.convert, &self.logical.rates) {
            (Some(conversion), None) => {
                Err(QueryError::UnknownRates { table: conversion.table.chars().take(60).collect() })
            }
            _ => Ok(()),
        }
    }

    /// Which day's rate a charge takes.
    pub(crate) fn dated(&self) -> RateDate {
        self.logical.rate_date.unwrap_or_default()
    }
}

/// The tag keys that a query names.
fn tags(query: &LogicalQuery) -> impl Iterator<Item = &str> {
    let dimensions = query.keys.iter().chain(query.filters.iter().map(|filter| &filter.dimension));
    dimensions.filter_map(|dimension| match dimension {
        Dimension::Tag(key) => Some(key.as_str()),
        _ => None,
    })
}

/// The charges' table, checked to have every dimension.
pub(crate) fn charge_table<'a>(query: &LogicalQuery, catalog: &'a Catalog) -> Result<&'a TableInfo, QueryError> {
    let charge = catalog.charge_table().ok_or(QueryError::NothingLoaded)?;
    check_dimensions(query, charge, catalog)?;
    Ok(charge)
}

/// The billing currency that is asked for, by name or by a filter on it; else the only one there is; else the engagement's own. And
/// whether the question says so.
fn billing_currency(question: &Question, catalog: &Catalog) -> (Currency, bool) {
    let filtered = question.filters.iter().find_map(|filter| {
        match (&filter.dimension, filter.operator, filter.values.as_slice()) {
            (Dimension::BillingCurrency, Operator::Is, [only]) => only.parse().ok(),
            _ => None,
        }
    });
    let only = match catalog.currencies.as_slice() {
        [only] => Some(*only),
        _ => None,
    };
    let named = question.currency.or(filtered);
    (named.or(only).unwrap_or(catalog.currency), named.is_some())
}

/// The metrics that a question divides by, each once.
fn metrics(question: &Question, catalog: &Catalog) -> Result<Vec<MetricSeries>, QueryError> {
    let mut names: Vec<&str> = question.measures.iter().filter_map(|measure| measure.quotient()?.metric()).collect();
    names.sort_unstable();
    names.dedup();
    let of = |name: &str| catalog.metrics.iter().find(|series| series.name == name).cloned();
    names.into_iter().map(|name| of(name).ok_or_else(|| QueryError::UnknownMetric { name: cut(name) })).collect()
}

/// The loads with charges in the periods.
fn loads(query: &LogicalQuery, catalog: &Catalog) -> Vec<EvidenceLoad> {
    let periods = [Some(query.current), query.previous];
    let touched = |period: &Period| periods.iter().flatten().any(|asked| asked.intersection(period).is_some());
    let mut loads: Vec<EvidenceLoad> = catalog
        .loads
        .iter()
        .filter(|info| {
            touched(match query.basis {
                PeriodBasis::Charge => &info.charges,
                PeriodBasis::Billing => &info.bills,
            })
        })
        .map(|info| info.load.clone())
        .collect();
    loads.sort_by(|left, right| (left.id, &left.file, &left.sha256).cmp(&(right.id, &right.file, &right.sha256)));
    loads
}

impl Plan {
    /// What the analyst calls a measure.
    pub(crate) fn named(&self, measure: &Measure) -> Option<&NamedMeasure> {
        self.named_measures.iter().find(|named| named.measure == *measure)
    }

    /// The question about the compared period, on its own dates: the trend that lies behind the trend. None without a comparison.
    #[must_use]
    pub fn previous_question(&self) -> Option<Question> {
        self.compared_with.map(|period| Question { period: Some(period), compare: None, ..self.question.clone() })
    }

    /// The plan of [`Plan::previous_question`].
    ///
    /// # Errors
    /// As [`plan`].
    pub fn previous(&self, catalog: &Catalog) -> Result<Option<Self>, QueryError> {
        self.previous_question().map(|question| plan(&question, catalog)).transpose()
    }
}

impl Question {
    /// The leaderboard of a dimension beside this question: its top groups over the whole period, under all filters but those on
    /// the dimension itself.
    #[must_use]
    pub fn leaderboard(&self, dimension: &Dimension, top: u32) -> Self {
        Self {
            by: vec![dimension.clone()],
            grain: None,
            filters: self.filters.iter().filter(|filter| filter.dimension != *dimension).cloned().collect(),
            top: Some(top),
            ..self.clone()
        }
    }
}
