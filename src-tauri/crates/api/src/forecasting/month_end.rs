//! What the running month will come to, from its days.

use chrono::{Datelike, NaiveDate};
use forecast::Settings;
use forecast::posting::amount_of;
use forecast::split::{Usage, forecast_split};
use money::{Amount, Rounding};
use query::{Answer, Catalog, Grain, Period, Question};
use store::{Engagement, Watch};
use unit_economics::per_unit;

use super::details::ForecastMonthEnd;
use super::flows::Flows;
use super::series::{Series, history_of, times};
use super::{PATHS, SEED, lateness, words};
use crate::splitting::Kinds;
use crate::{ApiError, Context, asking};

/// Days before the month that its own are seen beside: weekdays need some weeks, and what was a year ago says little of the days left.
const DAYS_BEFORE: u64 = 200;

/// The month that has begun and is not complete: what its complete days come to, and what the days left will add. None where no month
/// runs, or its first day is not complete.
pub(super) fn month_end(
    context: &Context,
    engagement: &Engagement,
    question: &Question,
    catalog: &Catalog,
    complete_until: Option<NaiveDate>,
    kinds: Option<&Kinds>,
    watch: &Watch,
) -> Result<Option<ForecastMonthEnd>, ApiError> {
    let complete_until = [complete_until, question.period.map(|period| period.to)].into_iter().flatten().min();
    let Some(until) = complete_until else { return Ok(None) };
    let month = month_of(until.pred_opt().unwrap_or(until));
    if until <= month.from || month.to <= until {
        return Ok(None);
    }
    let from = month.from.checked_sub_days(chrono::Days::new(DAYS_BEFORE)).unwrap_or(month.from);
    let from = question.period.map_or(from, |period| period.from.max(from));
    let from = catalog.covered.map_or(from, |covered| covered.from.max(from));
    if month.from < from {
        return Ok(None);
    }
    // Days that the period cuts off are not looked at.
    let to = question.period.map_or(month.to, |period| period.to.min(month.to));
    let daily = Question { grain: Some(Grain::Day), period: Some(Period { from, to }), ..question.clone() };
    let answer: Answer = asking::answer(context, engagement, &daily, watch)?;
    let loaded =
        times(&asking::answer(context, engagement, &Question { filters: Vec::new(), ..daily.clone() }, watch)?);
    let series = Series::of(&answer, daily.period, Grain::Day, &loaded, catalog, complete_until)?;
    let Some(first) = series.first else { return Ok(None) };
    let completion = lateness::completion(context, engagement, watch)?;
    // A day that has not come in whole is not learned from: what it will come to is told by what has usually come in by then.
    let complete = series.actuals.iter().filter(|actual| !actual.provisional).count();
    let late = completion.iter().take_while(|share| **share < lateness::WHOLE).count().min(complete);
    let provisional = series.actuals.len() - complete + late;
    let flows = match kinds {
        Some(kinds) => Flows::of(context, engagement, kinds, &daily, &[], &series, watch)?,
        None => Flows::default(),
    };
    let cost = history_of(Grain::Day, Some(first), &series.left(flows.amounts.iter())?, provisional)?;
    let split = flows.beside(Usage { cost, units: None, days: None })?;
    let left = usize::try_from(month.to.signed_duration_since(until).num_days()).unwrap_or(0);
    let shares: Vec<f64> = std::iter::repeat_n(1.0, series.actuals.len() - complete).chain(completion).collect();
    let shares = if late == 0 { Vec::new() } else { shares };
    let settings = Settings { horizon: left, completion: shares, ..Settings::default() };
    let found = forecast_split(&split, &settings).total;
    let Some(sum) = forecast::month_end(&split.total(), &found, month.from, PATHS, SEED) else { return Ok(None) };
    let digits = answer.currency.minor_digits();
    let whole = series.actuals.iter().filter(|actual| !actual.provisional && actual.time >= month.from.to_string());
    let to_date = Amount::sum(whole.filter_map(|actual| actual.amount))?;
    let [days_so_far, days] = [until, month.to].map(|end| end.signed_duration_since(month.from).num_days());
    let grown = to_date.checked_mul(Amount::from_integer(days))?;
    let run_rate = per_unit(grown, Amount::from_integer(days_so_far), digits).unwrap_or(to_date);
    let expected = amount_of(sum.point, digits)?;
    let mut reply = ForecastMonthEnd {
        month: month.from.format("%Y-%m").to_string(),
        as_of: until.pred_opt().unwrap_or(until).to_string(),
        to_date: to_date.rounded(digits, Rounding::HalfEven),
        expected,
        low_80: amount_of(sum.low_80, digits)?.min(expected),
        high_80: amount_of(sum.high_80, digits)?.max(expected),
        run_rate,
        words: String::new(),
    };
    let note = (late > 0).then(|| {
        let days = if late == 1 { "The last day has".to_owned() } else { format!("The last {late} days have") };
        format!("{days} usually not come in whole by then and are counted as earlier deliveries grew.")
    });
    reply.words = words::month_end(&reply, left, note.as_deref(), answer.currency);
    Ok(Some(reply))
}

fn month_of(day: NaiveDate) -> Period {
    let from = day.with_day(1).unwrap_or(day);
    Period { from, to: from.checked_add_months(chrono::Months::new(1)).unwrap_or(from) }
}
