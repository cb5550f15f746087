//! A frozen forecast beside what came, and a month whose first days have come.

use chrono::{Datelike, NaiveDate};

use crate::calendar::Grain;
use crate::history::History;
use crate::intervals::quantile;
use crate::outcome::{Forecast, Step, SumOfSteps};

/// How a forecast that was frozen did.
#[derive(Clone, Copy, Debug, PartialEq, serde::Serialize)]
pub struct Judgement {
    /// How many steps could be judged.
    pub steps: usize,
    /// The sum of the sizes of the errors over the sum of the sizes of the actual values.
    pub wape: Option<f64>,
    /// The sum of expected minus actual over the sum of the actual values: above zero, too much was expected.
    pub bias: Option<f64>,
    /// The share of steps that lay within the 80 % interval.
    pub coverage_80: Option<f64>,
    /// The share of steps that lay within the 95 % interval.
    pub coverage_95: Option<f64>,
}

/// Judges frozen steps by a later history. Steps that are unknown there or still provisional are left out.
#[must_use]
pub fn judge(frozen: &[Step], history: &History) -> Judgement {
    let actual = |step: &Step| {
        let at = history.grain().steps(history.first(), step.date)?;
        let observation = history.observations().get(at)?;
        observation.value.filter(|_| !observation.provisional)
    };
    let pairs: Vec<(&Step, f64)> = frozen.iter().filter_map(|step| Some((step, actual(step)?))).collect();
    let count = pairs.len() as f64;
    let total =
        |value: &dyn Fn(&Step, f64) -> f64| pairs.iter().map(|(step, actual)| value(step, *actual)).sum::<f64>();
    let share = |part: f64, whole: f64| (whole.abs() > 0.0).then(|| part / whole);
    let inside = |low: fn(&Step) -> f64, high: fn(&Step) -> f64| {
        let held = |step: &Step, actual: f64| if (low(step)..=high(step)).contains(&actual) { 1.0 } else { 0.0 };
        share(total(&held), count)
    };
    let sum = total(&|_, actual| actual);
    Judgement {
        steps: pairs.len(),
        wape: share(total(&|step, actual| (step.point - actual).abs()), total(&|_, actual| actual.abs())),
        bias: share(total(&|step, actual| step.point - actual), sum),
        coverage_80: inside(|step| step.low_80, |step| step.high_80),
        coverage_95: inside(|step| step.low_95, |step| step.high_95),
    }
}

/// What the month of a day will add up to: its days that are complete as they are, the others as forecast, with the interval of the sum
/// over `count` paths. Nothing for a history by month, or where neither the history nor the forecast has a day of the month.
#[must_use]
pub fn month_end(
    history: &History,
    forecast: &Forecast,
    day: NaiveDate,
    count: usize,
    seed: u64,
) -> Option<SumOfSteps> {
    let within = |date: NaiveDate| (date.year(), date.month()) == (day.year(), day.month());
    if history.grain() != Grain::Day {
        return None;
    }
    let ahead: Vec<bool> = forecast.steps.iter().map(|step| within(step.date)).collect();
    let first_ahead = forecast.steps.first().map_or(NaiveDate::MAX, |step| step.date);
    let observations = history.observations().iter().enumerate();
    let known = observations.filter(|(at, _)| within(history.date(*at)) && history.date(*at) < first_ahead);
    let known: Vec<f64> = known.filter_map(|(_, observation)| observation.value).collect();
    if known.is_empty() && !ahead.contains(&true) {
        return None;
    }
    let sum = |values: &mut dyn Iterator<Item = f64>| {
        let chosen = values.zip(&ahead).filter(|(_, ahead)| **ahead).map(|(value, _)| value);
        known.iter().sum::<f64>() + chosen.sum::<f64>()
    };
    let mut sums: Vec<f64> =
        forecast.paths(count.max(1), seed).into_iter().map(|path| sum(&mut path.into_iter())).collect();
    sums.sort_by(f64::total_cmp);
    Some(SumOfSteps {
        point: sum(&mut forecast.steps.iter().map(|step| step.point)),
        low_80: quantile(&sums, 0.1),
        high_80: quantile(&sums, 0.9),
        low_95: quantile(&sums, 0.025),
        high_95: quantile(&sums, 0.975),
    })
}

/// What an earlier delivery said of a step that a later one settled.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Arrival {
    /// How many steps lay between the step and the last one of the delivery.
    pub lag: usize,
    /// What had come in.
    pub seen: f64,
    /// What it came to.
    pub settled: f64,
}

/// The share of a step's settled value that has come in by each lag: of the last step of a delivery, of the one before it, and so on. The
/// median over the steps, never falling with the lag; the chain ladder of claims reserving, with medians. It ends with the
/// first lag of which too little is known. Give it to [`crate::Settings::completion`].
#[must_use]
pub fn completion(arrivals: &[Arrival]) -> Vec<f64> {
    /// Fewer steps say nothing of what is usual.
    const STEPS_MIN: usize = 3;
    let mut shares: Vec<f64> = Vec::new();
    loop {
        let of_lag = arrivals.iter().filter(|arrival| arrival.lag == shares.len() && arrival.settled > 0.0);
        let mut found: Vec<f64> = of_lag.map(|arrival| (arrival.seen / arrival.settled).clamp(0.0, 1.0)).collect();
        if found.len() < STEPS_MIN {
            return shares;
        }
        let before = shares.last().copied().unwrap_or(0.0);
        shares.push(crate::cleaning::median(&mut found).max(before));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::history::Observation;
    use crate::settings::Settings;

    fn daily(days: usize, value: f64) -> History {
        History::of_values(Grain::Day, "2026-03-01".parse().unwrap(), &vec![value; days]).unwrap()
    }

    #[test]
    fn a_frozen_forecast_is_judged_by_what_came() {
        let made = crate::forecast(&daily(60, 100.0), &Settings { horizon: 4, ..Settings::default() });
        let mut observations: Vec<Observation> = daily(62, 110.0).observations().to_vec();
        observations.push(Observation { value: None, provisional: false });
        observations.push(Observation { value: Some(3.0), provisional: true });
        let later = History::new(Grain::Day, "2026-03-01".parse().unwrap(), observations).unwrap();
        let text = serde_json::to_string(&made.steps).unwrap();
        let frozen: Vec<Step> = serde_json::from_str(&text).unwrap();
        let judgement = judge(&frozen, &later);
        assert_eq!(judgement.steps, 2, "two days have come, one is unknown, one not complete");
        assert!((judgement.bias.unwrap() + 10.0 / 110.0).abs() < 1e-9, "100 for 110: {judgement:?}");
        assert!(judgement.coverage_95.unwrap() <= 0.0, "a series that never moved promised too much");
    }

    #[test]
    fn a_month_is_what_has_come_and_what_will() {
        let history = daily(41, 10.0);
        let made = crate::forecast(&history, &Settings { horizon: 40, ..Settings::default() });
        let april = month_end(&history, &made, "2026-04-10".parse().unwrap(), 50, 1).unwrap();
        assert!((april.point - 300.0).abs() < 1e-6, "ten days came, twenty will: {april:?}");
        assert!(month_end(&history, &made, "2027-01-01".parse().unwrap(), 50, 1).is_none(), "beyond the horizon");
    }

    #[test]
    fn what_comes_late_is_known_from_the_loads() {
        let arrival = |lag, seen, settled| Arrival { lag, seen, settled };
        let arrivals = [
            arrival(0, 40.0, 100.0),
            arrival(0, 50.0, 100.0),
            arrival(0, 60.0, 100.0),
            arrival(1, 180.0, 200.0),
            arrival(1, 85.0, 100.0),
            arrival(1, 95.0, 100.0),
            arrival(2, 10.0, 10.0),
            arrival(2, 5.0, 0.0),
        ];
        assert_eq!(
            completion(&arrivals),
            [0.5, 0.9],
            "half at once, nine tenths a day later; then too little is known"
        );
        assert_eq!(completion(&[]), Vec::<f64>::new());
    }
}
