//! Recurring usage line by line: forecast where a line is large enough, shared out where it is small, made to add up to the forecast of
//! all usage.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forecast::hierarchy::{Hierarchy, NodeErrors};
use forecast::posting::{amount_of, number_of, parts_of};
use forecast::{Floor, Forecast, History, Settings};
use money::{Amount, Ratio, split_by_weights};
use query::Note;
use scenario::{Line, Treatment};
use store::Watch;

use super::baseline::Ground;
use super::bill::{day, note};
use crate::ApiError;
use crate::together::together;

/// A line below so many thousandths of all usage is forecast with others.
const SMALL_PER_THOUSAND: i64 = 5;
/// Lines that are forecast by themselves, at most.
const FORECASTS_MAX: usize = 150;
/// The decimals of a line's share of a forecast.
const SHARE_DECIMALS: u8 = 6;

/// Usage to be expected.
pub(super) struct Expected {
    pub(super) lines: Vec<Line>,
    pub(super) forecasts: Vec<Forecast>,
    pub(super) whole: Option<Forecast>,
    pub(super) followed: Vec<Option<(usize, Amount)>>,
}

/// A series that is forecast: lines with their histories.
struct Series {
    /// The lines, by place.
    lines: Vec<usize>,
    history: Vec<Amount>,
}

pub(super) fn expected(
    ground: &Ground<'_>,
    modelled: &BTreeSet<String>,
    notes: &mut Vec<Note>,
    watch: &Watch,
) -> Result<Expected, ApiError> {
    let charges = ground.charges(Treatment::RecurringUsage).map(|charges| {
        // What a commitment covers stands at what it would cost on demand: coverage is worked out anew.
        let covered = charges.used && modelled.contains(&charges.commitment);
        let cost = charges.on_demand.filter(|_| covered).unwrap_or(charges.cost);
        (charges.values.as_slice(), charges.month, cost)
    });
    let histories: Vec<(Vec<String>, Vec<Amount>)> = ground.by_values(charges)?.into_iter().collect();
    let mut sums = Sums::new(ground, &histories)?;
    sums.tell(ground, &histories, notes);
    let series = grouped(&histories, &sums)?;
    if series.is_empty() {
        if histories.is_empty() {
            notes.push(note(
                "no_usage",
                "The bill has no recurring usage: the baseline is its fees, and operations bring in the rest."
                    .to_owned(),
            ));
        }
        let lines = zero_lines(ground, &histories, &sums);
        let followed = vec![None; lines.len()];
        return Ok(Expected { lines, forecasts: Vec::new(), whole: None, followed });
    }
    let mut nodes: Vec<Vec<Amount>> = vec![total(&series)?];
    nodes.extend(series.iter().map(|one| one.history.clone()));
    let first = day(ground.bill.first).unwrap_or_default();
    let settings = Settings { horizon: ground.horizon, floor: Floor::Zero, ..Settings::for_many() };
    let mut forecasts =
        together(
            &nodes,
            |history| {
                if watch.is_cancelled() { None } else { Some(forecast_of(first, history, &settings)) }
            },
        )
        .into_iter()
        .map(|found| found.unwrap_or_else(|| Err(store::StoreError::Cancelled.into())))
        .collect::<Result<Vec<Forecast>, ApiError>>()?;
    let agreed = agreed(ground, &forecasts, notes)?;
    tell_methods(&forecasts, ground, notes);
    let whole = forecasts.remove(0);
    let mut lines = vec![None; histories.len()];
    let mut followed = vec![None; histories.len()];
    for (place, (one, amounts)) in series.iter().zip(&agreed).enumerate() {
        let weights = weights(&one.lines, &histories, ground)?;
        let all: u64 = weights.iter().sum();
        let parts = amounts
            .iter()
            .map(|amount| split_by_weights(*amount, &weights, ground.currency().minor_digits()))
            .collect::<Result<Vec<_>, _>>()?;
        for (part, &line) in one.lines.iter().enumerate() {
            let (values, _) = &histories[line];
            let costs = parts.iter().map(|month| month[part]).collect();
            lines[line] = Some(ground.line(values.clone(), Treatment::RecurringUsage, costs));
            let share = Ratio::of(whole_number(weights[part]), whole_number(all), SHARE_DECIMALS);
            followed[line] = share.map(|share| (place, share));
        }
    }
    let mut expected = Expected { lines: Vec::new(), forecasts, whole: Some(whole), followed: Vec::new() };
    for (place, (line, follows)) in lines.into_iter().zip(followed).enumerate() {
        if let Some(line) = line {
            expected.lines.push(line);
            expected.followed.push(follows);
        } else if sums.is_current(place) {
            expected.lines.push(zero_line(ground, &histories[place].0));
            expected.followed.push(None);
        }
    }
    Ok(expected)
}

fn whole_number(number: u64) -> Amount {
    Amount::from_integer(i64::try_from(number).unwrap_or(i64::MAX))
}

fn zero_line(ground: &Ground<'_>, values: &[String]) -> Line {
    ground.line(values.to_vec(), Treatment::RecurringUsage, vec![Amount::ZERO; ground.horizon])
}

fn zero_lines(ground: &Ground<'_>, histories: &[(Vec<String>, Vec<Amount>)], sums: &Sums) -> Vec<Line> {
    let places = (0..histories.len()).filter(|place| sums.is_current(*place));
    places.map(|place| zero_line(ground, &histories[place].0)).collect()
}

/// What lines come to lately.
struct Sums {
    /// Over the latest year.
    year: Vec<Amount>,
    /// Over the latest months.
    recent: Vec<Amount>,
    all: Amount,
}

impl Sums {
    fn new(ground: &Ground<'_>, histories: &[(Vec<String>, Vec<Amount>)]) -> Result<Self, ApiError> {
        let over = |from: usize| -> Result<Vec<Amount>, ApiError> {
            let sum = |(_, history): &(Vec<String>, Vec<Amount>)| Ok(Amount::sum(history[from..].iter().copied())?);
            histories.iter().map(sum).collect()
        };
        let year = over(ground.year_from())?;
        let recent = over(ground.recent_from())?;
        let all = Amount::sum(year.iter().copied().filter(|sum| !sum.is_negative()))?;
        Ok(Self { year, recent, all })
    }

    /// Whether anything was charged in the latest year.
    fn is_current(&self, line: usize) -> bool {
        !self.year[line].is_zero() || !self.recent[line].is_zero()
    }

    /// Whether there is something to expect of a line.
    fn goes_on(&self, line: usize) -> bool {
        self.recent[line] > Amount::ZERO
    }

    fn is_small(&self, line: usize) -> Result<bool, ApiError> {
        let thousandfold = self.year[line].checked_mul(Amount::from_integer(1000))?;
        Ok(thousandfold < self.all.checked_mul(Amount::from_integer(SMALL_PER_THOUSAND))?)
    }

    fn tell(&mut self, ground: &Ground<'_>, histories: &[(Vec<String>, Vec<Amount>)], notes: &mut Vec<Note>) {
        let name = |line: &usize| ground.id(&histories[*line].0);
        let listed = |lines: &[usize]| {
            let shown: Vec<String> = lines.iter().take(3).map(name).collect();
            let more = if lines.len() > 3 { format!(" and {} more", lines.len() - 3) } else { String::new() };
            format!("{}{more}", shown.join("; "))
        };
        let negative: Vec<usize> = (0..histories.len()).filter(|line| self.recent[*line].is_negative()).collect();
        if !negative.is_empty() {
            notes.push(note(
                "negative_usage",
                format!("Usage that came to less than nothing lately is planned at zero: {}.", listed(&negative)),
            ));
        }
        let ended: Vec<usize> =
            (0..histories.len()).filter(|line| self.recent[*line].is_zero() && self.is_current(*line)).collect();
        if !ended.is_empty() {
            notes.push(note("ended", format!("Not charged lately and taken to have ended: {}.", listed(&ended))));
        }
    }
}

/// Which lines are forecast by themselves, and which together: the small ones of each first value, and what is small even so.
fn grouped(histories: &[(Vec<String>, Vec<Amount>)], sums: &Sums) -> Result<Vec<Series>, ApiError> {
    let mut large: Vec<usize> = Vec::new();
    let mut small: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let mut going: Vec<usize> = (0..histories.len()).filter(|line| sums.goes_on(*line)).collect();
    going.sort_by_key(|line| std::cmp::Reverse(sums.year[*line]));
    for line in going {
        if large.len() < FORECASTS_MAX && !sums.is_small(line)? {
            large.push(line);
        } else {
            let first = histories[line].0.first().map(String::as_str).unwrap_or_default();
            small.entry(first).or_default().push(line);
        }
    }
    let mut rest = Vec::new();
    let mut groups: Vec<Vec<usize>> = large.into_iter().map(|line| vec![line]).collect();
    for (_, mut lines) in small {
        let sum = Amount::sum(lines.iter().map(|line| sums.year[*line]))?;
        let little = sum.checked_mul(Amount::from_integer(1000))?
            < sums.all.checked_mul(Amount::from_integer(SMALL_PER_THOUSAND))?;
        if little {
            rest.append(&mut lines);
        } else {
            groups.push(lines);
        }
    }
    if !rest.is_empty() {
        groups.push(rest);
    }
    let mut series = Vec::with_capacity(groups.len());
    for mut lines in groups {
        lines.sort_unstable();
        let months = histories[lines[0]].1.len();
        let mut history = vec![Amount::ZERO; months];
        for &line in &lines {
            for (sum, amount) in history.iter_mut().zip(&histories[line].1) {
                *sum = sum.checked_add(*amount)?;
            }
        }
        series.push(Series { lines, history });
    }
    Ok(series)
}

fn total(series: &[Series]) -> Result<Vec<Amount>, ApiError> {
    let mut total = vec![Amount::ZERO; series.first().map_or(0, |one| one.history.len())];
    for one in series {
        for (sum, amount) in total.iter_mut().zip(&one.history) {
            *sum = sum.checked_add(*amount)?;
        }
    }
    Ok(total)
}

/// What the lines of a series were charged lately, in cents: by that its forecast is shared out.
fn weights(
    lines: &[usize],
    histories: &[(Vec<String>, Vec<Amount>)],
    ground: &Ground<'_>,
) -> Result<Vec<u64>, ApiError> {
    let mut weights = Vec::with_capacity(lines.len());
    for &line in lines {
        let sum = Amount::sum(histories[line].1[ground.recent_from()..].iter().copied())?;
        let cents = ground.cents(sum).units();
        weights.push(u64::try_from(cents.max(0)).unwrap_or(u64::MAX >> 16));
    }
    if weights.iter().all(|weight| *weight == 0) {
        weights.fill(1);
    }
    Ok(weights)
}

/// The forecast of a series from the first month that it was charged in: months before that are no history of zeros.
fn forecast_of(first: NaiveDate, history: &[Amount], settings: &Settings) -> Result<Forecast, ApiError> {
    let begin = history.iter().position(|amount| !amount.is_zero()).unwrap_or(0);
    let date = u32::try_from(begin).ok().and_then(|months| first.checked_add_months(chrono::Months::new(months)));
    let known: Vec<Option<Amount>> = history[begin..].iter().copied().map(Some).collect();
    let history = History::of_amounts(forecast::Grain::Month, date.unwrap_or(first), &known, 0)
        .map_err(|error| ApiError::new("forecast", error.to_string(), "Choose other months for the history."))?;
    Ok(forecast::forecast(&history, settings))
}

/// The months of each series in whole cents, adding up to the forecast of all of them where past errors allow to reconcile the two.
fn agreed(ground: &Ground<'_>, forecasts: &[Forecast], notes: &mut Vec<Note>) -> Result<Vec<Vec<Amount>>, ApiError> {
    let failed = |error: forecast::hierarchy::HierarchyError| ApiError::new("forecast", error.to_string(), "");
    let parents = (0..forecasts.len()).map(|node| (node > 0).then_some(0)).collect();
    let hierarchy = Hierarchy::of_parents(parents).map_err(failed)?;
    let dates = |node: &Forecast| -> BTreeSet<NaiveDate> { node.one_step_errors.iter().map(|one| one.date).collect() };
    let common = forecasts.iter().map(dates).reduce(|left, right| &left & &right).unwrap_or_default();
    let errors = NodeErrors::new(
        forecasts
            .iter()
            .map(|node| {
                let kept = node.one_step_errors.iter().filter(|one| common.contains(&one.date));
                kept.map(|one| one.error).collect()
            })
            .collect(),
    );
    // Without errors at the same times nothing says whom to trust: the parts stand, and their sum is the total.
    let reconciler = if common.len() > 1 && forecasts.len() > 2 {
        Some(hierarchy.reconciler(&errors, &[]).map_err(failed)?)
    } else {
        None
    };
    let digits = ground.currency().minor_digits();
    let mut agreed = vec![Vec::with_capacity(ground.horizon); forecasts.len() - 1];
    for step in 0..ground.horizon {
        let points: Vec<f64> = forecasts.iter().map(|one| one.steps.get(step).map_or(0.0, |step| step.point)).collect();
        let values = match &reconciler {
            Some(reconciler) => reconciler.reconcile_above_zero(&points).map_err(failed)?,
            None => points,
        };
        let parts = &values[1..];
        let cents = parts.iter().map(|part| amount_of(*part, digits)).collect::<Result<Vec<_>, _>>()?;
        let whole = if reconciler.is_some() { amount_of(values[0], digits)? } else { Amount::sum(cents)? };
        for (months, amount) in
            agreed.iter_mut().zip(parts_of(whole.rescaled(digits, money::Rounding::HalfEven)?, parts)?)
        {
            months.push(if amount.is_negative() { Amount::ZERO } else { amount });
        }
    }
    let said = match &reconciler {
        Some(_) => {
            "Each line of usage is forecast by itself and all of them together; both are moved, as little as their past errors ask for, until they agree."
        }
        None => {
            "Each line of usage is forecast by itself; the history is too short to weigh the lines against their total."
        }
    };
    notes.push(note("reconciled", said.to_owned()));
    Ok(agreed)
}

fn tell_methods(forecasts: &[Forecast], ground: &Ground<'_>, notes: &mut Vec<Note>) {
    let months = ground.bill.months;
    if months < 24 {
        let words = if months == 1 { "1 month".to_owned() } else { format!("{months} months") };
        notes.push(note(
            "short_history",
            format!("{words} of history tell little of growth: the forecast leans on the latest months."),
        ));
    }
    if let Some(wape) = forecasts.first().and_then(|whole| whole.card.as_ref()?.wape) {
        let percent = amount_of(wape, 4).ok().and_then(|wape| wape.checked_mul(Amount::from_integer(100)).ok());
        if let Some(percent) = percent {
            let shown = percent.rounded(1, money::Rounding::HalfEven).normalized();
            notes.push(note(
                "record",
                format!("Tried from earlier months, the forecast of all usage was {shown} % off on average (WAPE)."),
            ));
        }
    }
}

/// The size of an amount, for statistics.
pub(super) fn statistic(amount: Amount) -> f64 {
    number_of(amount)
}
