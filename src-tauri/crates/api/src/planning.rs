//! The catalogue that a question is planned with: what is loaded, the tag rules as they stand, the rates it needs, and how far the data go.

use std::sync::Arc;

use chrono::{Datelike, NaiveDate};
use query::{AppliedRates, Catalog, Conversion, Note, Period, Question, Value};
use store::{Engagement, Watch};

use crate::{ApiError, Context, calculated, rates, tags};

/// What the engagement holds, with its tag rules and, where the question converts, the rates for just its currencies and days.
pub(crate) fn catalog(engagement: &Engagement, question: &Question, watch: &Watch) -> Result<Arc<Catalog>, ApiError> {
    let mut held = with_rules(engagement)?;
    let metrics = calculated::series(engagement, question, &held)?;
    if !metrics.is_empty() {
        held = Arc::new(Catalog { metrics, ..(*held).clone() });
    }
    let Some(conversion) = &question.convert else { return Ok(held) };
    let rates = applied(engagement, question, conversion, &held, watch)?;
    Ok(Arc::new(Catalog { rates: Some(rates), ..(*held).clone() }))
}

/// What the engagement holds, with its tag rules and the names of calculated measures. Both are text that a person may change at any
/// time, so they are read anew.
pub(crate) fn with_rules(engagement: &Engagement) -> Result<Arc<Catalog>, ApiError> {
    let held = engagement.catalog()?;
    let (rules, named_measures) = (tags::rules(engagement)?, calculated::named(engagement));
    if rules.is_none() && named_measures.is_empty() {
        return Ok(held);
    }
    let mut catalog = Catalog { named_measures, ..(*held).clone() };
    if let Some(rules) = rules {
        catalog.tag_rules = rules;
    }
    Ok(Arc::new(catalog))
}

/// How far the loaded usage is complete.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Complete {
    /// The day before which every day is whole; none where nothing is loaded.
    pub(crate) until: Option<NaiveDate>,
    /// Where providers end on different days.
    pub(crate) note: Option<Note>,
}

/// How far the usage of some providers is complete: the last day may have been delivered before it was over, and one provider delivers
/// later than another. A provider whose usage ends before the last month of the period was left, and is not waited for. Usage by the
/// month says nothing of days.
pub(crate) fn complete(
    context: &Context,
    engagement: &Engagement,
    catalog: &Catalog,
    of: impl Fn(&str) -> bool,
    period: Period,
    watch: &Watch,
) -> Result<Complete, ApiError> {
    let sql = "SELECT provider, CAST(date_trunc('day', max(coalesce(charge_period_end, charge_period_start + INTERVAL 1 DAY))) AS DATE)::VARCHAR \
               FROM charge WHERE charge_category = 'Usage' \
               AND (charge_period_end IS NULL OR charge_period_end <= charge_period_start + INTERVAL 1 DAY) \
               GROUP BY provider ORDER BY provider";
    let result = context.run(engagement, sql, watch)?;
    let known = result.rows.iter().filter_map(|row| match row.as_slice() {
        [Value::Text(provider), Value::Text(day)] => Some((provider.clone(), day.parse().ok()?)),
        _ => None,
    });
    Ok(of_providers(&known.filter(|(provider, _)| of(provider)).collect::<Vec<_>>(), period, catalog.covered))
}

fn of_providers(providers: &[(String, NaiveDate)], period: Period, covered: Option<Period>) -> Complete {
    let Some(last) = providers.iter().map(|(_, until)| *until).max() else {
        return Complete { until: covered.map(|covered| covered.to), note: None };
    };
    let reached = period.last_day().min(last.pred_opt().unwrap_or(last));
    let month = reached.with_day(1).unwrap_or(reached);
    let active = || providers.iter().filter(move |(_, until)| *until > month);
    let until = active().map(|(_, until)| *until).min();
    let late = active().find(|(_, other)| Some(*other) == until && until != Some(last));
    let note = late.map(|(provider, until)| Note {
        code: "late_provider".to_owned(),
        message: format!(
            "Whole days of {provider} are loaded before {until}, of others before {last}: complete days end with the earliest."
        ),
    });
    Complete { until, note: note.filter(|_| until.is_some_and(|until| until < period.to)) }
}

fn applied(
    engagement: &Engagement,
    question: &Question,
    conversion: &Conversion,
    catalog: &Catalog,
    watch: &Watch,
) -> Result<AppliedRates, ApiError> {
    let table = rates::table(engagement, &conversion.table)?;
    let sql = query::rate_dates_sql(question, catalog)?;
    let rows = store::rows::result_set(&engagement.run(&sql, watch)?)?;
    let needed = rows.iter().filter_map(|row| match row.as_slice() {
        // A charge without a currency has no rate; the statement counts such charges, and the answer is refused.
        [Value::Text(currency), Value::Text(day)] => currency.parse().ok().zip(day.parse().ok()),
        _ => None,
    });
    Ok(table.apply(conversion, &needed.collect::<Vec<_>>())?)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> NaiveDate {
        text.parse().unwrap()
    }

    fn until(providers: &[(&str, &str)], period: &str) -> (Option<String>, bool) {
        let providers: Vec<(String, NaiveDate)> =
            providers.iter().map(|(provider, until)| ((*provider).to_owned(), day(until))).collect();
        let found = of_providers(&providers, query::parse_period(period).unwrap(), None);
        (found.until.map(|until| until.to_string()), found.note.is_some())
    }

    #[test]
    fn complete_days_end_with_the_provider_that_delivers_last() {
        let both = [("AWS", "2026-09-30"), ("Google Cloud", "2026-09-21")];
        assert_eq!(until(&both, "2026-09"), (Some("2026-09-21".to_owned()), true));
        assert_eq!(until(&both, "2026"), (Some("2026-09-21".to_owned()), true), "the year is not over either");
        assert_eq!(until(&both, "2026-08").0, Some("2026-09-21".to_owned()), "August is whole");
        assert!(!until(&both, "2026-08").1, "and nobody is late for it");
        let left = [("AWS", "2026-09-30"), ("Oracle", "2026-03-15")];
        assert_eq!(until(&left, "2026-09"), (Some("2026-09-30".to_owned()), false), "a provider that was left");
        assert_eq!(until(&left, "2026-03"), (Some("2026-03-15".to_owned()), true), "while it was in use it was late");
        assert_eq!(until(&[], "2026-03"), (None, false));
    }
}
