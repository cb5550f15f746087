//! Recurring usage line by line: forecast where a line is large enough, shared out where it is small, made to add up to the forecast of
//! all usage.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use forecast::hierarchy::{Hierarchy, NodeErrors};
use forecast::posting::{amount_of, number_of, parts_of};
use forecast::{Floor, Forecast, History, Settings};
use money::{Amount, Ratio, split_by_weights};
use query::Note;
use scenario::{DriverLink, Figures, Line, Treatment};
use store::Watch;

use super::baseline::Ground;
use super::bill::{day, note};
use super::drivers::Driven;
use super::lined::Lined;
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
    /// By line, what it follows (a forecast, or behind those a block of lines with a driver) and its share of it.
    pub(super) followed: Vec<Option<(usize, Amount)>>,
    /// What a line is counted in, by its id.
    pub(super) units: BTreeMap<String, String>,
}

/// A series that is forecast: lines with their histories.
struct Series {
    /// The lines, by place.
    lines: Vec<usize>,
    history: Vec<Amount>,
}

/// Usage line by line. Lines that follow a driver cost what the driver makes of them, the others what they are forecast to.
pub(super) fn expected(
    ground: &Ground<'_>,
    lines: &[Lined],
    driven: &Driven,
    notes: &mut Vec<Note>,
    watch: &Watch,
) -> Result<Expected, ApiError> {
    let mut sums = Sums::new(ground, lines)?;
    sums.tell(ground, lines, notes);
    let series = grouped(lines, driven, &sums)?;
    if lines.is_empty() {
        notes.push(note(
            "no_usage",
            "The bill has no recurring usage: the baseline is its fees, and operations bring in the rest.".to_owned(),
        ));
    }
    let mut made = Making { ground, lines, costs: vec![None; lines.len()], followed: vec![None; lines.len()] };
    let mut forecasts = Vec::new();
    let mut whole = None;
    if !series.is_empty() {
        let mut nodes: Vec<Vec<Amount>> = vec![total(&series)?];
        nodes.extend(series.iter().map(|one| one.history.clone()));
        let first = day(ground.bill.first).unwrap_or_default();
        let settings = Settings { horizon: ground.horizon, floor: Floor::Zero, ..Settings::for_many() };
        forecasts =
            together(
                &nodes,
                |history| {
                    if watch.is_cancelled() { None } else { Some(forecast_of(first, history, &settings)) }
                },
            )
            .into_iter()
            .map(|found| found.unwrap_or_else(|| Err(store::StoreError::Cancelled.into())))
            .collect::<Result<Vec<Forecast>, ApiError>>()?;
        let agreed = agreed(ground.currency().minor_digits(), ground.horizon, &forecasts, notes)?;
        tell_methods(&forecasts, ground, notes);
        whole = Some(forecasts.remove(0));
        for (place, (one, amounts)) in series.iter().zip(&agreed).enumerate() {
            made.share_out(&one.lines, amounts, place)?;
        }
    }
    for (place, block) in driven.blocks.iter().enumerate() {
        let digits = ground.currency().minor_digits();
        let amounts = block.points.iter().map(|point| amount_of(*point, digits)).collect::<Result<Vec<_>, _>>()?;
        made.share_out(&block.lines, &amounts, forecasts.len() + place)?;
    }
    let mut expected = Expected { lines: Vec::new(), forecasts, whole, followed: Vec::new(), units: BTreeMap::new() };
    for (place, of) in lines.iter().enumerate() {
        let line = match made.costs[place].take() {
            Some(costs) => made.line(place, costs, driven),
            None if sums.is_current(place) => made.line(place, vec![Amount::ZERO; ground.horizon], driven),
            None => continue,
        };
        if let Some(units) = &of.units {
            expected.units.insert(line.id.clone(), units.unit.clone());
        }
        expected.lines.push(line);
        expected.followed.push(made.followed[place]);
    }
    Ok(expected)
}

/// Lines on their way to what they will cost.
struct Making<'a> {
    ground: &'a Ground<'a>,
    lines: &'a [Lined],
    costs: Vec<Option<Vec<Amount>>>,
    followed: Vec<Option<(usize, Amount)>>,
}

impl Making<'_> {
    /// Shares the months of what lines cost together out by what each was charged lately.
    fn share_out(&mut self, own: &[usize], amounts: &[Amount], follows: usize) -> Result<(), ApiError> {
        let weights = weights(own, self.lines, self.ground)?;
        let all: u64 = weights.iter().sum();
        let parts = amounts
            .iter()
            .map(|amount| split_by_weights(*amount, &weights, self.ground.currency().minor_digits()))
            .collect::<Result<Vec<_>, _>>()?;
        for (part, &line) in own.iter().enumerate() {
            self.costs[line] = Some(parts.iter().map(|month| month[part]).collect());
            let share = Ratio::of(whole_number(weights[part]), whole_number(all), SHARE_DECIMALS);
            self.followed[line] = share.map(|share| (follows, share));
        }
        Ok(())
    }

    fn line(&self, place: usize, costs: Vec<Amount>, driven: &Driven) -> Line {
        let of = &self.lines[place];
        let mut line = self.ground.line(of.values.clone(), Treatment::RecurringUsage, costs.clone());
        if let Some(units) = &of.units {
            let units = costs.iter().map(|cost| units.of(*cost)).collect();
            line.figures = Figures::CostAndUnits { cost: costs, units };
        }
        line.driver = driven
            .blocks
            .iter()
            .find(|block| block.lines.contains(&place))
            .map(|block| DriverLink { driver: block.driver.clone(), variable_share: block.shares.clone() });
        line
    }
}

fn whole_number(number: u64) -> Amount {
    Amount::from_integer(i64::try_from(number).unwrap_or(i64::MAX))
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
    fn new(ground: &Ground<'_>, lines: &[Lined]) -> Result<Self, ApiError> {
        let over = |from: usize| -> Result<Vec<Amount>, ApiError> {
            let sum = |line: &Lined| Ok(Amount::sum(line.history[from..].iter().copied())?);
            lines.iter().map(sum).collect()
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

    fn tell(&mut self, ground: &Ground<'_>, lines: &[Lined], notes: &mut Vec<Note>) {
        let name = |line: &usize| ground.id(&lines[*line].values);
        let listed = |found: &[usize]| {
            let shown: Vec<String> = found.iter().take(3).map(name).collect();
            let more = if found.len() > 3 { format!(" and {} more", found.len() - 3) } else { String::new() };
            format!("{}{more}", shown.join("; "))
        };
        let negative: Vec<usize> = (0..lines.len()).filter(|line| self.recent[*line].is_negative()).collect();
        if !negative.is_empty() {
            notes.push(note(
                "negative_usage",
                format!("Usage that came to less than nothing lately is planned at zero: {}.", listed(&negative)),
            ));
        }
        let ended: Vec<usize> =
            (0..lines.len()).filter(|line| self.recent[*line].is_zero() && self.is_current(*line)).collect();
        if !ended.is_empty() {
            notes.push(note("ended", format!("Not charged lately and taken to have ended: {}.", listed(&ended))));
        }
    }
}

/// Which lines are forecast by themselves, and which together: the small ones of each first value, and what is small even so.
fn grouped(lines: &[Lined], driven: &Driven, sums: &Sums) -> Result<Vec<Series>, ApiError> {
    let mut large: Vec<usize> = Vec::new();
    let mut small: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
    let follows = |line: &usize| driven.blocks.iter().any(|block| block.lines.contains(line));
    let mut going: Vec<usize> =
        (0..lines.len()).filter(|line| sums.goes_on(*line)).filter(|line| !follows(line)).collect();
    going.sort_by_key(|line| std::cmp::Reverse(sums.year[*line]));
    for line in going {
        if large.len() < FORECASTS_MAX && !sums.is_small(line)? {
            large.push(line);
        } else {
            let first = lines[line].values.first().map(String::as_str).unwrap_or_default();
            small.entry(first).or_default().push(line);
        }
    }
    let mut rest = Vec::new();
    let mut groups: Vec<Vec<usize>> = large.into_iter().map(|line| vec![line]).collect();
    for (_, mut own) in small {
        let sum = Amount::sum(own.iter().map(|line| sums.year[*line]))?;
        let little = sum.checked_mul(Amount::from_integer(1000))?
            < sums.all.checked_mul(Amount::from_integer(SMALL_PER_THOUSAND))?;
        if little {
            rest.append(&mut own);
        } else {
            groups.push(own);
        }
    }
    if !rest.is_empty() {
        groups.push(rest);
    }
    let mut series = Vec::with_capacity(groups.len());
    for mut own in groups {
        own.sort_unstable();
        let months = lines[own[0]].history.len();
        let mut history = vec![Amount::ZERO; months];
        for &line in &own {
            for (sum, amount) in history.iter_mut().zip(&lines[line].history) {
                *sum = sum.checked_add(*amount)?;
            }
        }
        series.push(Series { lines: own, history });
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
fn weights(own: &[usize], lines: &[Lined], ground: &Ground<'_>) -> Result<Vec<u64>, ApiError> {
    let mut weights = Vec::with_capacity(own.len());
    for &line in own {
        let sum = Amount::sum(lines[line].history[ground.recent_from()..].iter().copied())?;
        let cents = ground.cents(sum).units();
        weights.push(u64::try_from(cents.max(0)).unwrap_or(u64::MAX >> 16));
    }
    if weights.iter().all(|weight| *weight == 0) {
        weights.fill(1);
    }
    Ok(weights)
}

/// The forecast of a series from the first month that it was charged in: months before that are no history of zeros.
pub(super) fn forecast_of(first: NaiveDate, history: &[Amount], settings: &Settings) -> Result<Forecast, ApiError> {
    let begin = history.iter().position(|amount| !amount.is_zero()).unwrap_or(0);
    let date = u32::try_from(begin).ok().and_then(|months| first.checked_add_months(chrono::Months::new(months)));
    let known: Vec<Option<Amount>> = history[begin..].iter().copied().map(Some).collect();
    let history = History::of_amounts(forecast::Grain::Month, date.unwrap_or(first), &known, 0)
        .map_err(|error| ApiError::new("forecast", error.to_string(), "Choose other months for the history."))?;
    Ok(forecast::forecast(&history, settings))
}

/// The months of each series in whole cents, adding up to the forecast of all of them where past errors allow to reconcile the two.
fn agreed(
    digits: u8,
    horizon: usize,
    forecasts: &[Forecast],
    notes: &mut Vec<Note>,
) -> Result<Vec<Vec<Amount>>, ApiError> {
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
    let mut agreed = vec![Vec::with_capacity(horizon); forecasts.len() - 1];
    for step in 0..horizon {
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

#[cfg(test)]
#[expect(clippy::float_arithmetic, reason = "the covariance of errors, written out")]
mod tests {
    use super::*;

    /// Three lines of three years that grow, swing and stay, and all of them together.
    fn made() -> Vec<Forecast> {
        let swing = [0, 14, -9, 22, -17, 5, 11, -20, 8, 3, -6, 12];
        let line = |level: i64, growth: i64, width: i64, turn: usize| -> Vec<Amount> {
            let month = |month: usize| {
                let noise =
                    swing[(month * turn + month / 12) % 12] * width + (swing[(month * 5 + turn) % 12] * level) / 900;
                Amount::from_integer(level + growth * i64::try_from(month).unwrap() + noise)
            };
            (0..36).map(month).collect()
        };
        let lines = [line(9_000, 120, 9, 1), line(4_000, 0, 14, 5), line(700, 4, 2, 7)];
        let whole = (0..36).map(|month| Amount::sum(lines.iter().map(|line| line[month])).unwrap()).collect();
        let first = "2024-01-01".parse().unwrap();
        let settings = Settings { horizon: 6, floor: Floor::Zero, ..Settings::for_many() };
        let nodes: Vec<Vec<Amount>> = [whole].into_iter().chain(lines).collect();
        nodes.iter().map(|history| forecast_of(first, history, &settings).unwrap()).collect()
    }

    /// The covariance of the errors, correlations shrunk towards none as Schäfer and Strimmer (2005) do, pair by pair.
    fn covariance(errors: &[Vec<f64>]) -> Vec<Vec<f64>> {
        let count = errors[0].len() as f64;
        let scale: Vec<f64> =
            errors.iter().map(|row| (row.iter().map(|error| error * error).sum::<f64>() / count).sqrt()).collect();
        let product = |left: usize, right: usize, time: usize| {
            errors[left][time] / scale[left] * errors[right][time] / scale[right]
        };
        let correlation = |left: usize, right: usize| {
            (0..errors[0].len()).map(|time| product(left, right, time)).sum::<f64>() / count
        };
        let (mut spread, mut squares) = (0.0, 0.0);
        for left in 0..errors.len() {
            for right in (0..errors.len()).filter(|right| *right != left) {
                let mean = correlation(left, right);
                let deviations = (0..errors[0].len()).map(|time| (product(left, right, time) - mean).powi(2));
                spread += deviations.sum::<f64>() / (count * (count - 1.0));
                squares += mean * mean;
            }
        }
        let shrinkage = (spread / squares).clamp(0.0, 1.0);
        let entry = |left: usize, right: usize| {
            let kept = if left == right { 1.0 } else { (1.0 - shrinkage) * correlation(left, right) };
            kept * scale[left] * scale[right]
        };
        (0..errors.len()).map(|left| (0..errors.len()).map(|right| entry(left, right)).collect()).collect()
    }

    #[test]
    fn lines_and_total_agree_as_the_written_out_matrices_say() {
        let forecasts = made();
        let mut notes = Vec::new();
        let agreed = agreed(2, 6, &forecasts, &mut notes).unwrap();
        let common =
            |date: &NaiveDate| forecasts.iter().all(|one| one.one_step_errors.iter().any(|error| error.date == *date));
        let errors: Vec<Vec<f64>> = forecasts
            .iter()
            .map(|one| {
                one.one_step_errors.iter().filter(|error| common(&error.date)).map(|error| error.error).collect()
            })
            .collect();
        assert!(errors[0].len() >= 10, "enough errors for correlations: {}", errors[0].len());
        let weights = covariance(&errors);
        // The total less its lines is nothing: one equation, met with the least movement by the covariance of the errors (minimum trace).
        let signs = [1.0, -1.0, -1.0, -1.0];
        let moved_by: Vec<f64> =
            weights.iter().map(|row| row.iter().zip(signs).map(|(weight, sign)| weight * sign).sum()).collect();
        let spread: f64 = moved_by.iter().zip(signs).map(|(by, sign)| by * sign).sum();
        let mut gaps = Vec::new();
        for step in 0..6 {
            let points: Vec<f64> = forecasts.iter().map(|one| one.steps[step].point).collect();
            let gap: f64 = points.iter().zip(signs).map(|(point, sign)| point * sign).sum();
            gaps.push(gap.abs());
            for (line, months) in agreed.iter().enumerate() {
                let wanted = points[line + 1] - moved_by[line + 1] * gap / spread;
                let found = number_of(months[step]);
                assert!((found - wanted).abs() < 0.011, "line {line} in step {step}: {found} for {wanted}");
            }
            let total = points[0] - moved_by[0] * gap / spread;
            let sum: f64 = agreed.iter().map(|months| number_of(months[step])).sum();
            assert!((sum - total).abs() < 0.006, "the lines are the total of step {step}, rounded to cents");
        }
        assert!(gaps.iter().any(|gap| *gap > 1.0), "there was something to agree on: {gaps:?}");
        assert_eq!(notes[0].code, "reconciled");
    }
}
