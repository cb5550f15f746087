//! The parts of a bill that is split: each has its own usage, and its share of every flow.

use super::{Split, SplitForecast, Usage, settings_of_usage, usage_course};
use crate::calendar::Grain;
use crate::course::{Earlier, suited};
use crate::forecast::finished;
use crate::history::{History, Observation};
use crate::outcome::{Forecast, Method};
use crate::settings::Settings;

/// A part of a bill: the charges of one service, say.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its usage, over the steps of the bill.
    pub usage: Usage,
    /// What it was charged of each flow that it has a share of: the place of the flow, and an amount a step.
    pub flows: Vec<(usize, Vec<f64>)>,
}

/// The forecast of a part.
#[derive(Clone, Debug)]
pub struct PartForecast {
    /// Usage and flows.
    pub total: Forecast,
    /// Its usage alone.
    pub usage: Forecast,
    /// Whether usage was forecast by its units and what one costs.
    pub by_units: bool,
    /// Its share of each flow that it has one of.
    pub shares: Vec<(usize, f64)>,
}

/// The share of a flow that a part was charged lately: over the latest months or, where nothing was charged then, over the latest year.
fn share(part: &[f64], whole: &[f64], known: usize, grain: Grain) -> f64 {
    let windows = match grain {
        Grain::Month => [3, 12, usize::MAX],
        Grain::Day => [92, 366, usize::MAX],
    };
    /// Less than so much of what was charged to and fro is nothing.
    const LEAST: f64 = 1e-6;
    for window in windows {
        let from = known.saturating_sub(window);
        let (whole, part) = (&whole[from..known], &part[from..known]);
        let sum: f64 = whole.iter().sum();
        let size: f64 = whole.iter().map(|amount| amount.abs()).sum();
        if sum.abs() > LEAST * size {
            return part.iter().sum::<f64>() / sum;
        }
    }
    0.0
}

impl SplitForecast {
    /// Forecasts a part of the bill: its usage by itself, of each flow the share that it was charged lately.
    #[must_use]
    pub fn part(&self, part: &Part, settings: &Settings) -> PartForecast {
        let Split { flows, .. } = &self.split;
        let grain = part.usage.cost.grain();
        let of_usage = settings_of_usage(&part.usage.cost, settings);
        let of_usage = suited(&part.usage.cost, &of_usage);
        let (course, by_units) = usage_course(&part.usage, &of_usage);
        let shares_at = |known: usize| -> Vec<(usize, f64)> {
            let of = |(place, amounts): &(usize, Vec<f64>)| {
                (*place, share(amounts, &flows[*place].values, known.min(amounts.len()), grain))
            };
            part.flows.iter().map(of).collect()
        };
        let shares = shares_at(self.end);
        if part.flows.is_empty() {
            let usage = finished(&part.usage.cost, &of_usage, course);
            return PartForecast { total: usage.clone(), usage, by_units, shares };
        }
        let total = part.total();
        let added = |usage: &[f64], shares: &[(usize, f64)], flow: &dyn Fn(usize, usize) -> f64| -> Vec<f64> {
            let others = |step: usize| shares.iter().map(|(place, share)| share * flow(*place, step)).sum::<f64>();
            usage.iter().enumerate().map(|(step, usage)| usage + others(step)).collect()
        };
        let mut sum = course.clone();
        let expected = |place: usize, step: usize| self.flows[place].expected.get(step).copied().unwrap_or(0.0);
        sum.expected = added(&course.expected, &shares, &expected);
        let beside = |one: &Earlier| {
            let (origin, flows) = self.earlier.iter().find(|(origin, _)| *origin == one.origin)?;
            let shares = shares_at(*origin);
            let flow = |place: usize, step: usize| flows[place].get(step).copied().unwrap_or(0.0);
            Some(Earlier { origin: *origin, expected: added(&one.expected, &shares, &flow) })
        };
        sum.earlier = course.earlier.iter().filter_map(beside).collect();
        sum.one_step = sum.earlier.iter().filter_map(|one| Some((one.origin, *one.expected.first()?))).collect();
        if matches!(course.method, Method::Zero | Method::NoHistory) {
            sum.method = Method::Schedule;
            sum.fallbacks.clear();
        }
        let of_total = suited(&total, settings);
        let usage = finished(&part.usage.cost, &of_usage, course);
        PartForecast { total: finished(&total, &of_total, sum), usage, by_units, shares }
    }
}

impl Part {
    fn total(&self) -> History {
        let added = |(step, usage): (usize, &Observation)| Observation {
            value: usage.value.map(|usage| usage + self.flows.iter().map(|(_, amounts)| amounts[step]).sum::<f64>()),
            provisional: usage.provisional,
        };
        self.usage.cost.with(self.usage.cost.observations().iter().enumerate().map(added).collect())
    }
}
