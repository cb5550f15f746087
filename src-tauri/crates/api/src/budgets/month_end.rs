//! What a period will have cost at its end, told on any day of it.

use std::collections::BTreeMap;

use budget::{FiscalCalendar, MonthEndError, MonthEndMethod, Period, PeriodRule};
use chrono::{Days, NaiveDate};
use money::{Amount, Currency, Rounding};
use query::{Grain, MeasureKind};
use store::Watch;

use super::costs::costs;
use super::files::known_until;
use super::reply::{BudgetMonthEnd, BudgetMonthEndRequest};
use crate::{ApiError, Context, asking, planning};

/// Days that an estimate looks back.
pub(super) const DAYS_BACK: u64 = 60;
/// The method: of the simple ones the most exact from the first third of a month on.
pub(super) const METHOD: MonthEndMethod = MonthEndMethod::WeekdayProfile;
/// Earlier periods that the interval is made of, at least and at most.
const EARLIER_MIN: usize = 6;
const EARLIER_MAX: usize = 24;

/// An estimate before it is told.
#[derive(Clone, Debug)]
pub(super) struct Estimate {
    pub(super) so_far: Amount,
    pub(super) left: Amount,
    pub(super) run_rate: Amount,
    pub(super) method: MonthEndMethod,
    pub(super) notes: Vec<String>,
    /// The days of the period.
    days: u64,
}

impl Estimate {
    /// What another period comes to that costs as much a day.
    pub(super) fn of_days(&self, period: &Period, decimals: u8) -> Result<Amount, ApiError> {
        let days = |days: u64| Amount::from_integer(i64::try_from(days).unwrap_or(i64::MAX));
        let expected = self.so_far.checked_add(self.left)?;
        let ratio = money::Ratio::of(days(period.days()), days(self.days), 9).unwrap_or_default();
        Ok(expected.checked_mul(ratio)?.rescaled(decimals, Rounding::HalfEven)?)
    }
}

/// Estimates a period from the costs of its days; none where no day is known.
pub(super) fn estimate(
    daily: &BTreeMap<NaiveDate, Amount>,
    period: &Period,
    through: NaiveDate,
    decimals: u8,
) -> Result<Option<Estimate>, ApiError> {
    let by = |method: MonthEndMethod| match budget::month_end(daily, period, through, method, decimals) {
        Ok(made) => Ok(Some(made)),
        Err(MonthEndError::NoDays { .. }) => Ok(None),
        Err(MonthEndError::Amount(error)) => Err(ApiError::from(error)),
    };
    let (Some(made), Some(run_rate)) = (by(METHOD)?, by(MonthEndMethod::RunRate)?) else { return Ok(None) };
    Ok(Some(Estimate {
        so_far: made.so_far,
        left: made.left,
        run_rate: run_rate.total,
        method: made.method,
        notes: made.notes,
        days: period.days(),
    }))
}

/// The ends of the 80 % interval, by how far the same estimate was off in earlier periods, and how many they were.
pub(super) fn interval(
    daily: &BTreeMap<NaiveDate, Amount>,
    earlier: &[Period],
    period: &Period,
    through: NaiveDate,
    estimate: &Estimate,
    decimals: u8,
) -> Result<Option<(Amount, Amount, usize)>, ApiError> {
    let days = u64::try_from(through.signed_duration_since(period.from).num_days() + 1).unwrap_or(0);
    let latest = &earlier[earlier.len().saturating_sub(EARLIER_MAX)..];
    let errors = budget::month_end_errors(daily, latest, days, estimate.method, decimals)?;
    let expected = estimate.so_far.checked_add(estimate.left)?;
    if errors.len() < EARLIER_MIN || expected.is_negative() {
        return Ok(None);
    }
    // The share of n + 1 cases below the k-th smallest of n errors is k of n + 1: with few, the ends are the extremes.
    let cases = errors.len() + 1;
    let (low, high) = ((cases / 10).max(1), (cases * 9).div_ceil(10).min(errors.len()));
    let end = |rank: usize| {
        Ok::<_, ApiError>(expected.checked_mul(errors[rank - 1])?.rescaled(decimals, Rounding::HalfEven)?)
    };
    let (low, high) = (end(low)?.min(expected), end(high)?.max(expected));
    // What has come in is not taken back while the days left cost something.
    let low = if estimate.left.is_negative() { low } else { low.max(estimate.so_far.min(expected)) };
    Ok(Some((low, high, errors.len())))
}

pub(super) const fn method_in_words(method: MonthEndMethod) -> &'static str {
    match method {
        MonthEndMethod::RunRate => "each day left as the mean of the period's days so far",
        MonthEndMethod::ThirtyDays => "each day left as the mean of the last 30 complete days",
        MonthEndMethod::WeekdayProfile => "each day left as the mean of its weekday over the last eight weeks",
    }
}

/// The estimate in a reply.
pub(super) fn told(
    period: &Period,
    as_of: NaiveDate,
    estimate: &Estimate,
    interval: Option<(Amount, Amount, usize)>,
    budget: Option<Amount>,
    currency: Currency,
) -> Result<BudgetMonthEnd, ApiError> {
    let expected = estimate.so_far.checked_add(estimate.left)?;
    let shown = |amount: Amount| -> Result<String, ApiError> {
        let rounded = amount.rescaled(currency.minor_digits(), Rounding::HalfEven)?;
        Ok(format!("{rounded} {currency}"))
    };
    let label = period.label();
    let mut words = if as_of >= period.to.pred_opt().unwrap_or(period.to) {
        format!("{label} is over and cost {}", shown(expected)?)
    } else {
        format!("{label} is expected to cost {}: {} up to {as_of}", shown(expected)?, shown(estimate.so_far)?)
    };
    if let Some(budget) = budget {
        let given =
            budget::Given { period: period.clone(), actual: Some(expected), forecast: None, budget: Some(budget) };
        let beside = budget::side_by_side(vec![given], currency)?;
        words.push_str(&format!("; {}", beside.total.words));
    }
    words.push('.');
    let mut notes = estimate.notes.clone();
    match interval {
        Some((.., count)) => {
            notes.push(format!(
                "the 80 % interval is made of the errors of the same estimate in {count} earlier periods"
            ));
        }
        None if !estimate.left.is_zero() => {
            notes.push(format!("fewer than {EARLIER_MIN} earlier periods are known by the day: there is no interval"));
        }
        None => {}
    }
    Ok(BudgetMonthEnd {
        month: label,
        as_of,
        to_date: estimate.so_far,
        expected,
        low_80: interval.map(|(low, ..)| low),
        high_80: interval.map(|(_, high, _)| high),
        run_rate: estimate.run_rate,
        method: method_in_words(estimate.method).to_owned(),
        budget,
        words,
        notes,
    })
}

/// Costs by day, with a zero for each day within the period that has no charge.
pub(super) fn by_day(
    costs: &BTreeMap<String, Amount>,
    from: NaiveDate,
    through: NaiveDate,
) -> BTreeMap<NaiveDate, Amount> {
    let days = from.iter_days().take_while(|day| *day <= through);
    days.map(|day| (day, costs.get(&day.to_string()).copied().unwrap_or_default())).collect()
}

/// `budget_month_end`.
pub(crate) fn month_end(
    context: &Context,
    request: &BudgetMonthEndRequest,
    watch: &Watch,
) -> Result<BudgetMonthEnd, ApiError> {
    let engagement = context.engagement()?;
    let asked = asking::in_own_currency(&engagement, &request.question)?;
    if asked.measures.first().is_none_or(|measure| measure.kind() != MeasureKind::Currency) {
        return Err(ApiError::new("usage", "the first measure is no cost", "Ask for a cost: --cost effective."));
    }
    let (known, _) = known_until(context, &engagement, watch)?;
    let (Some(known), Some(covered)) = (known, planning::with_rules(&engagement)?.covered) else {
        return Err(query::QueryError::NothingLoaded.into());
    };
    let as_of = request.as_of.unwrap_or(known);
    if as_of < covered.from || as_of > known {
        return Err(ApiError::new(
            "usage",
            format!("{as_of} is no day with complete costs"),
            format!("They are known from {} to {known}.", covered.from),
        ));
    }
    let calendar = FiscalCalendar::new(engagement.definition().fiscal_year_start, PeriodRule::Months);
    let outside = |error: budget::CalendarError| ApiError::new("usage", error.to_string(), "Choose another day.");
    let calendar = calendar.map_err(outside)?;
    let period = calendar.period_of(as_of).map_err(outside)?;
    let span = query::Period { from: covered.from, to: as_of.checked_add_days(Days::new(1)).unwrap_or(as_of) };
    let found = costs(context, &engagement, &asked, &[], Grain::Day, span, watch)?;
    let daily = by_day(&found.whole, span.from, as_of);
    let decimals = found.answer.currency.minor_digits();
    let Some(made) = estimate(&daily, &period, as_of, decimals)? else {
        return Err(query::QueryError::NothingLoaded.into());
    };
    let interval = if made.left.is_zero() {
        None
    } else {
        interval(&daily, &earlier(calendar, &period), &period, as_of, &made, decimals)?
    };
    told(&period, as_of, &made, interval, None, found.answer.currency)
}

/// The periods of the two years before one.
pub(super) fn earlier(calendar: FiscalCalendar, period: &Period) -> Vec<Period> {
    let years = [period.year - 2, period.year - 1, period.year];
    let periods = years.into_iter().filter_map(|year| calendar.periods(year).ok()).flatten();
    periods.filter(|other| other.to <= period.from).collect()
}
