//! What the scope comes to, what it costs a day, and what the running month will cost if its days go on as they did.

use std::collections::BTreeSet;

use chrono::{Datelike, Months, NaiveDate};
use money::{Amount, Currency, Ratio};
use query::{Answer, Catalog, Comparison, Measure, Note, Period, PeriodBasis, Question};

use super::figure::{Figure, Named, money};
use super::{Kpi, KpiEvidence, KpiUnit, Scope};
use crate::ApiError;
use crate::planning::{self, Complete};

/// The decimals of a cost a day, half to even.
const DAILY_DECIMALS: u8 = 6;

/// Days of a year, for what a day costs a year.
const YEAR_DAYS: i64 = 365;

/// The figures, and a note where a provider is late.
pub(super) fn kpis(scope: &Scope<'_>, catalog: &Catalog) -> Result<(Vec<Kpi>, Option<Note>), ApiError> {
    let mut kpis = vec![total(scope)];
    let providers: BTreeSet<&str> = scope.sums.now.iter().filter_map(|group| group.priced[0].as_deref()).collect();
    // What matches nothing has no provider to wait for.
    let of = |provider: &str| providers.is_empty() || providers.contains(provider);
    let period = scope.sums.answer.period;
    let Complete { until, note } =
        planning::complete(scope.context, scope.engagement, catalog, of, period, scope.watch)?;
    kpis.extend(run_rate(scope, catalog, until)?);
    kpis.extend(running_month(scope, until)?);
    Ok((kpis, note))
}

/// The cost that the strip is about.
fn measure(scope: &Scope<'_>) -> Measure {
    scope.sums.answer.question.measures.first().cloned().unwrap_or(Measure::EffectiveCost)
}

fn total(scope: &Scope<'_>) -> Kpi {
    let answer = &scope.sums.answer;
    let cell = answer.total.first().cloned().unwrap_or_default();
    let measure = measure(scope);
    let figure = |value: Option<Amount>| match value {
        Some(value) => Figure::amount(value, format!("the sum over the scope: {}", money(value, answer.currency))),
        None => Figure::none("no charge of the scope has this cost"),
    };
    let label = format!("Total, {}", measure.label().to_lowercase());
    let named = Named { id: "total", label: &label, unit: KpiUnit::Currency, definition: &measure.definition() };
    named.kpi(figure(cell.value), answer.compared_with.map(|_| figure(cell.previous)), vec![KpiEvidence::of(answer)])
}

/// The part of a period that is loaded and complete.
fn complete(period: Period, catalog: &Catalog, until: Option<NaiveDate>) -> Option<Period> {
    let from = catalog.covered.map_or(period.from, |covered| covered.from.max(period.from));
    Period::new(from, period.to.min(until.unwrap_or(period.to))).ok()
}

/// The cost of a period, and of another beside it.
fn cost(scope: &Scope<'_>, period: Period, before: Option<Period>) -> Result<Answer, ApiError> {
    scope.ask(&Question {
        measures: vec![measure(scope)],
        period: Some(period),
        compare: before.map(Comparison::Period),
        ..scope.question.clone()
    })
}

const NO_DAYS: &str = "a bill has no days; ask by the charge period";

fn run_rate(scope: &Scope<'_>, catalog: &Catalog, until: Option<NaiveDate>) -> Result<Vec<Kpi>, ApiError> {
    let answer = &scope.sums.answer;
    let daily = Named {
        id: "run_rate",
        label: "Run rate a day",
        unit: KpiUnit::CurrencyPerDay,
        definition: "The cost of the complete days of the period over their number; purchases and monthly fees count on their day.",
    };
    let yearly = Named {
        id: "run_rate_year",
        label: "Run rate a year",
        unit: KpiUnit::CurrencyPerYear,
        definition: "The cost of a complete day of the period, times 365: what a year would cost if every day did.",
    };
    let none = |why: &str| {
        let named = [
            (daily.id, daily.label, daily.unit, daily.definition),
            (yearly.id, yearly.label, yearly.unit, yearly.definition),
        ];
        named
            .map(|(id, label, unit, definition)| {
                Named { id, label, unit, definition }.kpi(Figure::none(why), None, Vec::new())
            })
            .to_vec()
    };
    if scope.question.on == PeriodBasis::Billing {
        return Ok(none(NO_DAYS));
    }
    let Some(period) = complete(answer.period, catalog, until) else {
        return Ok(none("no day of the period is loaded whole"));
    };
    let before = answer.compared_with.and_then(|before| complete(before, catalog, until));
    let found = cost(scope, period, before)?;
    let cell = found.total.first().cloned().unwrap_or_default();
    let currency = found.currency;
    let now = (cell.value.unwrap_or_default(), period);
    let then = before.map(|before| (cell.previous.unwrap_or_default(), before));
    let evidence = || vec![KpiEvidence::of(&found)];
    Ok(vec![
        daily.kpi(a_day(now, currency), then.map(|then| a_day(then, currency)), evidence()),
        yearly.kpi(a_year(now, currency), then.map(|then| a_year(then, currency)), evidence()),
    ])
}

fn a_day((cost, period): (Amount, Period), currency: Currency) -> Figure {
    let terms = format!("{} / {} complete days ({period})", money(cost, currency), period.days());
    quotient(cost, period.days(), &terms, currency)
}

fn a_year((cost, period): (Amount, Period), currency: Currency) -> Figure {
    let terms = format!("{} / {} complete days ({period}) x {YEAR_DAYS}", money(cost, currency), period.days());
    match cost.checked_mul(Amount::from_integer(YEAR_DAYS)) {
        Ok(cost) => quotient(cost, period.days(), &terms, currency),
        Err(error) => Figure::none(error.to_string()),
    }
}

/// A cost over days.
fn quotient(cost: Amount, days: i64, terms: &str, currency: Currency) -> Figure {
    match Ratio::of(cost, Amount::from_integer(days), DAILY_DECIMALS) {
        Some(value) => Figure::amount(value, format!("{terms} = {}", money(value, currency))),
        None => Figure::none("there are no complete days"),
    }
}

const METHOD: &str = "simple run rate: the cost so far over the complete days so far, times the days of the month; no season, no trend, no \
                      fee that is yet to come";

/// The month that the period ends in, where its data are not complete.
fn running_month(scope: &Scope<'_>, until: Option<NaiveDate>) -> Result<Vec<Kpi>, ApiError> {
    let answer = &scope.sums.answer;
    let last = answer.period.last_day();
    let first = last.with_day(1).unwrap_or(last);
    let month = Period { from: first, to: first.checked_add_months(Months::new(1)).unwrap_or(answer.period.to) };
    let to_date = |name: &str| format!("{name}, {}", first.format("%Y-%m"));
    let labels = (to_date("Month to date"), to_date("Month estimate"));
    let date = Named {
        id: "month_to_date",
        label: &labels.0,
        unit: KpiUnit::Currency,
        definition: "The cost of the complete days so far of the month that the period ends in.",
    };
    let estimate = Named {
        id: "month_estimate",
        label: &labels.1,
        unit: KpiUnit::Currency,
        definition: "An estimate of what the month will cost whole, from its complete days so far.",
    };
    let none = |why: &str, (date, estimate): (Named<'_>, Named<'_>)| {
        Ok(vec![date.kpi(Figure::none(why), None, Vec::new()), estimate.kpi(Figure::none(why), None, Vec::new())])
    };
    if scope.question.on == PeriodBasis::Billing {
        return none(NO_DAYS, (date, estimate));
    }
    let Some(until) = until.filter(|until| *until > month.from) else {
        return none(&format!("no day of {} is loaded whole", first.format("%Y-%m")), (date, estimate));
    };
    if until >= month.to {
        return none(&format!("{} is loaded whole: its total is known", first.format("%Y-%m")), (date, estimate));
    }
    let so_far = Period { from: month.from, to: until };
    let before = match scope.question.compare {
        Some(Comparison::Previous) => earlier(month, so_far, 1),
        Some(Comparison::YearAgo) => earlier(month, so_far, 12),
        _ => None,
    };
    let found = cost(scope, so_far, before)?;
    let cell = found.total.first().cloned().unwrap_or_default();
    let currency = found.currency;
    let value = cell.value.unwrap_or_default();
    let whole = value.checked_mul(Amount::from_integer(month.days()));
    let terms = format!("{} / {} days ({so_far}) x {} days", money(value, currency), so_far.days(), month.days());
    let guess = match whole {
        Ok(whole) => quotient(whole, so_far.days(), &terms, currency),
        Err(error) => Figure::none(error.to_string()),
    };
    let of_date = |value: Amount, period: Period| {
        Figure::amount(
            value,
            format!("the sum over {} complete days ({period}): {}", period.days(), money(value, currency)),
        )
    };
    let previous = before.map(|before| of_date(cell.previous.unwrap_or_default(), before));
    let mut estimated = estimate.kpi(guess, None, vec![KpiEvidence::of(&found)]);
    estimated.estimate = Some(METHOD.to_owned());
    Ok(vec![date.kpi(of_date(value, so_far), previous, vec![KpiEvidence::of(&found)]), estimated])
}

/// As many days from the start of an earlier month, or that month whole where it is shorter.
fn earlier(month: Period, so_far: Period, months: u32) -> Option<Period> {
    let from = month.from.checked_sub_months(Months::new(months))?;
    let end = from.checked_add_months(Months::new(1))?;
    let to = from.checked_add_days(chrono::Days::new(u64::try_from(so_far.days()).ok()?))?;
    Period::new(from, to.min(end)).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn period(from: &str, to: &str) -> Period {
        Period { from: from.parse().unwrap(), to: to.parse().unwrap() }
    }

    #[test]
    fn as_many_days_of_an_earlier_month() {
        let march = period("2026-03-01", "2026-04-01");
        assert_eq!(earlier(march, period("2026-03-01", "2026-03-11"), 1), Some(period("2026-02-01", "2026-02-11")));
        assert_eq!(earlier(march, period("2026-03-01", "2026-03-31"), 1), Some(period("2026-02-01", "2026-03-01")));
        assert_eq!(earlier(march, period("2026-03-01", "2026-03-02"), 12), Some(period("2025-03-01", "2025-03-02")));
    }

    #[test]
    fn a_day_and_a_year_of_it() {
        let usd = "USD".parse().unwrap();
        let ten = ("1000".parse().unwrap(), period("2026-03-01", "2026-03-04"));
        let day = a_day(ten, usd);
        assert_eq!(day.value.unwrap().to_string(), "333.333333");
        assert_eq!(day.formula, "1,000.00 / 3 complete days (2026-03-01..2026-03-03) = 333.333333");
        assert_eq!(
            a_year(ten, usd).value.unwrap().to_string(),
            "121666.666667",
            "from the cost, not from the rounded day"
        );
    }
}
