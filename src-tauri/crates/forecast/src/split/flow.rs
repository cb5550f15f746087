//! How charges go on that are no usage: by their schedule, as a share of the bill, or not at all.

use chrono::{Datelike, NaiveDate};

use crate::calendar::Grain;
use crate::history::History;

/// A kind of charge that is not modelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, serde::Serialize)]
#[serde(rename_all = "snake_case")]
pub enum FlowKind {
    /// Fees and subscriptions: they go on by their schedule.
    Fee,
    /// Taxes, support, margins: a percentage of usage and fees.
    Percentage,
    /// What is taken off: counted on only where it came month after month.
    Credit,
    /// What is charged once: counted on only where it came month after month, whatever it is called.
    Once,
}

/// Charges of one kind that go on together: of one service of one provider, say.
#[derive(Clone, Debug, PartialEq)]
pub struct Flow {
    /// Which kind.
    pub kind: FlowKind,
    /// What was charged, one a step of the history; zero where there was nothing.
    pub values: Vec<f64>,
}

/// How charges go on.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum FlowWay {
    /// The same amount every month.
    Monthly {
        /// The amount.
        value: f64,
    },
    /// The same amount every day.
    Daily {
        /// The amount.
        value: f64,
    },
    /// Each month what it was a year before.
    Yearly,
    /// A share of usage and fees.
    Share {
        /// The share.
        share: f64,
    },
    /// Not charged lately: it has ended.
    Ended,
    /// Not counted on.
    NotRepeated,
}

/// A year of months.
const YEAR: usize = 12;
/// The latest months say what is charged now.
const RECENT: usize = 3;
/// The latest days do.
const RECENT_DAYS: usize = 28;
/// The days that say whether something is charged every day.
const SEEN_DAYS: usize = 92;
/// What is charged in so many months of a year came month after month.
const REGULAR_MIN: usize = 9;

/// What a flow is continued on.
pub(super) struct Ground<'a> {
    pub history: &'a History,
    /// How many steps are known.
    pub known: usize,
    /// What percentages are of: as it was at each known step, and as it is expected to be.
    pub base: &'a [f64],
    pub base_ahead: &'a [f64],
}

/// How a percentage of the bill goes on that was charged these amounts month by month, on a bill of these: as a share of it or, where the
/// amount itself moved much less than that share did, as it is.
#[must_use]
pub fn percentage_way(first: NaiveDate, values: &[f64], base: &[f64]) -> FlowWay {
    let Ok(history) = History::of_values(Grain::Month, first, values) else { return FlowWay::Ended };
    if base.len() != values.len() {
        return FlowWay::Ended;
    }
    let ground =
        Ground { history: &history, known: values.len(), base, base_ahead: &base[base.len().saturating_sub(1)..] };
    continued(&Flow { kind: FlowKind::Percentage, values: values.to_vec() }, &ground).1
}

/// The steps after the known ones.
pub(super) fn continued(flow: &Flow, ground: &Ground<'_>) -> (Vec<f64>, FlowWay) {
    let ahead = ground.base_ahead.len();
    let known = ground.known.min(flow.values.len());
    let values = &flow.values[..known];
    if values.iter().all(|value| value.abs() <= 0.0) {
        return (vec![0.0; ahead], FlowWay::Ended);
    }
    match ground.history.grain() {
        Grain::Month => {
            let days = |step: usize| days_of(ground.history, step);
            let months = Months {
                values: values.to_vec(),
                days: (0..known).map(days).collect(),
                base: ground.base[..known].to_vec(),
            };
            let days_ahead: Vec<f64> = (known..known + ahead).map(days).collect();
            months.continued(flow.kind, &days_ahead, ground.base_ahead)
        }
        Grain::Day => by_day(flow.kind, values, ground),
    }
}

fn days_of(history: &History, step: usize) -> f64 {
    days_between(history, step, step + 1)
}

fn days_between(history: &History, from: usize, to: usize) -> f64 {
    history.date(to).signed_duration_since(history.date(from)).num_days() as f64
}

/// Whole months that are known.
struct Months {
    values: Vec<f64>,
    days: Vec<f64>,
    base: Vec<f64>,
}

fn charged(values: &[f64]) -> usize {
    values.iter().filter(|value| value.abs() > 0.0).count()
}

/// How much a series moves from one value to the next, beside its size.
fn roughness(values: &[f64]) -> f64 {
    let size: f64 = values.iter().map(|value| value.abs()).sum();
    let moves: f64 = values.windows(2).map(|pair| (pair[1] - pair[0]).abs()).sum();
    if size > 0.0 { moves / size } else { 0.0 }
}

impl Months {
    fn continued(&self, kind: FlowKind, days_ahead: &[f64], base_ahead: &[f64]) -> (Vec<f64>, FlowWay) {
        let count = self.values.len();
        let nothing = |way: FlowWay| (vec![0.0; days_ahead.len()], way);
        let latest = count.saturating_sub(YEAR);
        let begun = (latest..count).find(|month| self.values[*month].abs() > 0.0);
        let Some(begun) = begun else { return nothing(FlowWay::Ended) };
        let span = &self.values[begun..];
        // From its first charge on it came nearly every month, and in the last one.
        let regular = charged(span) * 4 >= span.len() * 3 && span.last().is_some_and(|last| last.abs() > 0.0);
        let lately = charged(&self.values[count.saturating_sub(RECENT)..]);
        match kind {
            FlowKind::Fee if regular => self.level(begun, days_ahead),
            FlowKind::Fee if count >= YEAR && charged(span) * 2 <= span.len() => {
                let year = (0..days_ahead.len()).map(|month| self.values[count - YEAR + month % YEAR]);
                (year.collect(), FlowWay::Yearly)
            }
            FlowKind::Fee if lately == 0 => nothing(FlowWay::Ended),
            FlowKind::Fee => nothing(FlowWay::NotRepeated),
            FlowKind::Percentage if lately == 0 && count >= RECENT => nothing(FlowWay::Ended),
            FlowKind::Percentage => self.shared(begun, regular, days_ahead, base_ahead),
            FlowKind::Credit | FlowKind::Once => {
                if regular && charged(span) >= REGULAR_MIN && lately == RECENT {
                    self.shared(begun, regular, days_ahead, base_ahead)
                } else {
                    nothing(FlowWay::NotRepeated)
                }
            }
        }
    }

    /// The latest amount, by the month or by the day: whichever moved less.
    fn level(&self, begun: usize, days_ahead: &[f64]) -> (Vec<f64>, FlowWay) {
        let by_day: Vec<f64> = self.by_day(begun);
        let last = self.values.last().copied().unwrap_or(0.0);
        let daily = by_day.last().copied().unwrap_or(0.0);
        if roughness(&self.values[begun..]) <= roughness(&by_day) {
            (vec![last; days_ahead.len()], FlowWay::Monthly { value: last })
        } else {
            (days_ahead.iter().map(|days| daily * days).collect(), FlowWay::Daily { value: daily })
        }
    }

    fn by_day(&self, begun: usize) -> Vec<f64> {
        self.values[begun..].iter().zip(&self.days[begun..]).map(|(value, days)| value / days).collect()
    }

    /// A share of the base, unless the amount itself moved much less than that share did: a support plan at its minimum.
    fn shared(&self, begun: usize, regular: bool, days_ahead: &[f64], base_ahead: &[f64]) -> (Vec<f64>, FlowWay) {
        /// So much less rough, and the amount is what is agreed.
        const SHARE_MAX: f64 = 0.5;
        let count = self.values.len();
        let ratios: Vec<f64> = (begun..count)
            .filter(|month| self.base[*month] > 0.0)
            .map(|month| self.values[month] / self.base[month])
            .collect();
        let values = &self.values[begun..];
        let steady = roughness(values).min(roughness(&self.by_day(begun)));
        let flat = regular && values.len() >= RECENT && steady < SHARE_MAX * roughness(&ratios);
        // What comes each quarter is a share of the year.
        let from = if regular { count.saturating_sub(RECENT).max(begun) } else { count.saturating_sub(YEAR) };
        let (sum, base) = (self.values[from..].iter().sum::<f64>(), self.base[from..].iter().sum::<f64>());
        if flat || base <= 0.0 || base_ahead.iter().all(|base| *base <= 0.0) {
            return self.level(begun, days_ahead);
        }
        let share = sum / base;
        (base_ahead.iter().map(|base| share * base).collect(), FlowWay::Share { share })
    }
}

/// Days: what is charged on most of them goes on day by day; what comes once a month comes on its day.
fn by_day(kind: FlowKind, values: &[f64], ground: &Ground<'_>) -> (Vec<f64>, FlowWay) {
    let known = values.len();
    let ahead = ground.base_ahead.len();
    let seen = &values[known.saturating_sub(SEEN_DAYS)..];
    let recent = known.saturating_sub(RECENT_DAYS);
    let counted_on = match kind {
        FlowKind::Fee | FlowKind::Percentage => true,
        FlowKind::Credit | FlowKind::Once => charged(values) >= REGULAR_MIN * RECENT_DAYS,
    };
    if charged(seen) * 2 > seen.len() {
        let (sum, base) = (values[recent..].iter().sum::<f64>(), ground.base[recent..known].iter().sum::<f64>());
        if !counted_on {
            return (vec![0.0; ahead], FlowWay::NotRepeated);
        }
        if kind == FlowKind::Fee || base <= 0.0 {
            let value = sum / (known - recent).max(1) as f64;
            return (vec![value; ahead], FlowWay::Daily { value });
        }
        let share = sum / base;
        return (ground.base_ahead.iter().map(|base| share * base).collect(), FlowWay::Share { share });
    }
    let calendar = Calendar::of(ground.history, known, ahead);
    let Some(last) = calendar.whole.last() else {
        // The month that has begun is all there is: what it was charged comes again on the same days.
        let running = calendar.ahead.first().map_or(0, |month| month.start);
        let running = if charged(values.get(running..known).unwrap_or_default()) > 0 { running } else { 0 };
        return calendar.placed(values, running..known, |_| None);
    };
    let sums =
        |values: &[f64]| -> Vec<f64> { calendar.whole.iter().map(|days| values[days.clone()].iter().sum()).collect() };
    let days = calendar.whole.iter().map(|days| days_between(ground.history, days.start, days.end)).collect();
    let months = Months { values: sums(values), days, base: sums(ground.base) };
    // The days of a month that is cut off by the end of the forecast are taken to be like its other days.
    let base_of = |days: &std::ops::Range<usize>| {
        let value = |day: usize| if day < known { ground.base[day] } else { ground.base_ahead[day - known] };
        let inside = days.start..days.end.min(known + ahead);
        let count = inside.len().max(1) as f64;
        inside.map(value).sum::<f64>() * days.len() as f64 / count
    };
    let base_ahead: Vec<f64> = calendar.ahead.iter().map(base_of).collect();
    let days_ahead: Vec<f64> = calendar.ahead.iter().map(|days| days.len() as f64).collect();
    let (found, way) = months.continued(kind, &days_ahead, &base_ahead);
    let pattern = calendar
        .whole
        .iter()
        .rev()
        .find(|days| charged(&values[(*days).clone()]) > 0)
        .cloned()
        .unwrap_or_else(|| last.clone());
    let mut placed = calendar.placed(values, pattern, |month| found.get(month).copied()).0;
    if let (FlowKind::Percentage, FlowWay::Share { .. }, Some(running)) = (kind, way, calendar.ahead.first()) {
        // What was charged on the bill's day is a share of the days until then: the rest of it comes by the end of the month.
        let so_far: f64 = values.get(running.start..known).unwrap_or_default().iter().sum();
        let to_come: f64 = placed.iter().take(running.end - known).sum();
        let lacking = found.first().copied().unwrap_or(0.0) - so_far - to_come;
        if so_far > 0.0
            && lacking > 0.0
            && let Some(last) = placed.get_mut(running.end - known - 1)
        {
            *last += lacking;
        }
    }
    (placed, way)
}

/// The months of a daily history and of the days after it, as positions; those ahead begin with the one that runs.
struct Calendar<'a> {
    history: &'a History,
    known: usize,
    steps: usize,
    whole: Vec<std::ops::Range<usize>>,
    ahead: Vec<std::ops::Range<usize>>,
}

impl<'a> Calendar<'a> {
    fn of(history: &'a History, known: usize, ahead: usize) -> Self {
        let mut calendar = Self { history, known, steps: known + ahead, whole: Vec::new(), ahead: Vec::new() };
        let mut day = 0;
        while day < known + ahead {
            let date = history.date(day);
            let length = usize::from(date.num_days_in_month()) - date.day0() as usize;
            let month = day..day + length;
            if month.end > known {
                calendar.ahead.push(month);
            } else if date.day() == 1 {
                calendar.whole.push(month);
            }
            day += length;
        }
        calendar
    }

    /// The amounts of the months ahead on the days that they fell on in the month of the pattern, from its beginning or, on its last day,
    /// at its end; without another amount, that of the pattern.
    fn placed(
        &self,
        values: &[f64],
        pattern: std::ops::Range<usize>,
        amount_of: impl Fn(usize) -> Option<f64>,
    ) -> (Vec<f64>, FlowWay) {
        let mut placed = vec![0.0; self.steps - self.known];
        let sum: f64 = values[pattern.clone()].iter().sum();
        if sum.abs() <= 0.0 {
            return (placed, FlowWay::NotRepeated);
        }
        let days: Vec<(usize, f64)> = pattern
            .filter(|day| values[*day].abs() > 0.0)
            .map(|day| {
                let date = self.history.date(day);
                let last = date.day() == u32::from(date.num_days_in_month());
                (if last { usize::MAX } else { date.day0() as usize }, values[day] / sum)
            })
            .collect();
        for (month, steps) in self.ahead.iter().enumerate() {
            let value = amount_of(month).unwrap_or(sum);
            // A month that runs since before the first known day begins there.
            let before = self.history.date(steps.start).day0() as usize;
            for (day, share) in &days {
                let at = steps.start.saturating_add(day.saturating_sub(before)).min(steps.end - 1);
                if at >= self.known
                    && let Some(placed) = placed.get_mut(at - self.known)
                {
                    *placed += value * share;
                }
            }
        }
        (placed, FlowWay::Monthly { value: sum })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn go_on(grain: Grain, first: &str, kind: FlowKind, values: &[f64], base: &[f64], ahead: &[f64]) -> Vec<f64> {
        let history = History::of_values(grain, first.parse().unwrap(), values).unwrap();
        let flow = Flow { kind, values: values.to_vec() };
        let ground = Ground { history: &history, known: values.len(), base, base_ahead: ahead };
        continued(&flow, &ground).0
    }

    #[test]
    fn a_flat_fee_goes_on_to_the_cent_and_a_daily_one_by_days() {
        let flat = go_on(Grain::Month, "2026-01-01", FlowKind::Fee, &[4900.01; 5], &[0.0; 5], &[0.0; 3]);
        assert_eq!(flat, [4900.01; 3], "months have no length for it");
        let daily = [31.0, 28.0, 31.0, 30.0, 31.0];
        let daily = go_on(Grain::Month, "2026-01-01", FlowKind::Fee, &daily, &[0.0; 5], &[0.0; 2]);
        assert_eq!(daily, [30.0, 31.0], "one a day in June and July");
    }

    #[test]
    fn a_fee_once_a_year_comes_again_in_its_month() {
        let mut values = [0.0; 14];
        values[3] = 1200.0;
        let found = go_on(Grain::Month, "2025-01-01", FlowKind::Fee, &values, &[1.0; 14], &[1.0; 4]);
        assert_eq!(found, [0.0, 1200.0, 0.0, 0.0], "in April");
    }

    #[test]
    fn a_tax_follows_the_bill_and_a_minimum_does_not() {
        let base: Vec<f64> = (0..14).map(|month| 1000.0 + 150.0 * f64::from(month)).collect();
        let tax: Vec<f64> = base.iter().map(|base| 0.08 * base).collect();
        let found = go_on(Grain::Month, "2025-01-01", FlowKind::Percentage, &tax, &base, &[5000.0]);
        assert!((found[0] - 400.0).abs() < 1e-9, "8 % of 5,000: {found:?}");
        let support = go_on(Grain::Month, "2025-01-01", FlowKind::Percentage, &[100.0; 14], &base, &[5000.0]);
        assert_eq!(support, [100.0], "a plan at its minimum stays there");
    }

    #[test]
    fn a_percentage_by_itself_goes_on_as_it_does_in_a_bill() {
        let base: Vec<f64> = (0..14).map(|month| 1000.0 + 150.0 * f64::from(month)).collect();
        let tax: Vec<f64> = base.iter().map(|base| 0.08 * base).collect();
        let first = "2025-01-01".parse().unwrap();
        assert!(matches!(percentage_way(first, &tax, &base), FlowWay::Share { .. }), "a tax is a share");
        assert!(matches!(percentage_way(first, &[100.0; 14], &base), FlowWay::Monthly { .. }), "a minimum is none");
        assert_eq!(percentage_way(first, &[0.0; 14], &base), FlowWay::Ended, "nothing was charged");
        assert_eq!(percentage_way(first, &tax, &base[1..]), FlowWay::Ended, "a bill of other months says nothing");
    }

    #[test]
    fn credits_are_not_counted_on_unless_they_always_came() {
        let base = [1000.0; 14];
        let mut some = [0.0; 14];
        some[10..].fill(-50.0);
        assert_eq!(go_on(Grain::Month, "2025-01-01", FlowKind::Credit, &some, &base, &[1000.0]), [0.0]);
        let always = go_on(Grain::Month, "2025-01-01", FlowKind::Credit, &[-50.0; 14], &base, &[1000.0]);
        assert!((always[0] + 50.0).abs() < 1e-9, "a discount of every month: {always:?}");
    }

    #[test]
    fn what_comes_once_a_month_comes_on_its_day() {
        // Ninety days from the first of January to the thirty-first of March: a tax of a tenth on the third of each month.
        let base = vec![10.0; 90];
        let mut tax = vec![0.0; 90];
        for (day, value) in [(2, 31.0), (33, 28.0), (61, 31.0)] {
            tax[day] = value;
        }
        let found = go_on(Grain::Day, "2026-01-01", FlowKind::Percentage, &tax, &base, &[10.0; 61]);
        let placed: Vec<(usize, f64)> =
            found.iter().copied().enumerate().filter(|(_, value)| value.abs() > 0.0).collect();
        assert_eq!(placed.len(), 2, "April and May: {placed:?}");
        assert!(placed[0].0 == 2 && (placed[0].1 - 30.0).abs() < 1e-9, "the third of April: {placed:?}");
        assert!(placed[1].0 == 32 && (placed[1].1 - 31.0).abs() < 1e-9, "the third of May: {placed:?}");
    }

    #[test]
    fn what_falls_on_a_month_s_last_day_stays_there() {
        let mut fee = vec![0.0; 59];
        fee[30] = 7.0;
        fee[58] = 7.0;
        let found = go_on(Grain::Day, "2026-01-01", FlowKind::Fee, &fee, &[0.0; 59], &[0.0; 61]);
        let placed: Vec<usize> = (0..61).filter(|day| found[*day] > 0.0).collect();
        assert_eq!(placed, [30, 60], "the last of March and of April");
    }
}
