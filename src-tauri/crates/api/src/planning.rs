//! The catalogue that a question is planned with: what is loaded, the tag rules as they stand, and the rates it needs.

use std::sync::Arc;

use query::{AppliedRates, Catalog, Conversion, Question, Value};
use store::{Engagement, Watch};

use crate::{ApiError, rates, tags};

/// What the engagement holds, with its tag rules and, where the question converts, the rates for just its currencies and days.
pub(crate) fn catalog(engagement: &Engagement, question: &Question, watch: &Watch) -> Result<Arc<Catalog>, ApiError> {
    let held = with_rules(engagement)?;
    let Some(conversion) = &question.convert else { return Ok(held) };
    let rates = applied(engagement, question, conversion, &held, watch)?;
    Ok(Arc::new(Catalog { rates: Some(rates), ..(*held).clone() }))
}

/// What the engagement holds, with its tag rules. The rules are text that a person may change at any time, so they are read anew.
pub(crate) fn with_rules(engagement: &Engagement) -> Result<Arc<Catalog>, ApiError> {
    let held = engagement.catalog()?;
    match tags::rules(engagement)? {
        Some(rules) => Ok(Arc::new(Catalog { tag_rules: rules, ..(*held).clone() })),
        None => Ok(held),
    }
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
