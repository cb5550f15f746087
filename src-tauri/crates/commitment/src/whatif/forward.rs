//! Usage laid forward: the same hours of the week as the history has.

use std::collections::BTreeSet;

use chrono::{DateTime, Utc};

use crate::model::{Series, Span, Usage, UsageLine};
use crate::whatif::WhatIfError;

/// Days in a week times hours: a step ahead is laid on the same hour of the week.
const WEEK_HOURS: usize = 7 * 24;

/// Lays a history forward over `steps` steps from `first`: each step repeats the latest step with data of the same hour (or day) of the
/// week, so that working hours stay working hours. Growth is a [`crate::whatif::DemandChange`] on top.
///
/// # Errors
/// [`WhatIfError::TooLittleHistory`] under 14 days with data; [`WhatIfError::Span`] for a first instant off an edge.
pub fn lay_forward(history: &Usage, first: DateTime<Utc>, steps: usize) -> Result<Usage, WhatIfError> {
    let span = history.span();
    let per_day = usize::try_from(24 / span.step().hours()).unwrap_or(1);
    let known = span.steps() - history.missing().len();
    if known < 14 * per_day {
        return Err(WhatIfError::TooLittleHistory { days: known / per_day });
    }
    let week = WEEK_HOURS / 24 * per_day;
    let ahead = Span::new(first, span.step(), steps)?;
    let shift = (first - span.first()).num_hours() / span.step().hours();
    // For each place in the week, the latest step of the history with data.
    let mut latest: Vec<Option<usize>> = vec![None; week];
    for step in (0..span.steps()).filter(|step| !history.missing().contains(step)) {
        latest[step % week] = Some(step);
    }
    let source = |step: usize| {
        let place = (i64::try_from(step).unwrap_or(0) + shift).rem_euclid(i64::try_from(week).unwrap_or(1));
        usize::try_from(place).ok().and_then(|place| latest[place])
    };
    let sources: Vec<Option<usize>> = (0..steps).map(source).collect();
    let missing: BTreeSet<usize> =
        sources.iter().enumerate().filter(|(_, source)| source.is_none()).map(|(step, _)| step).collect();
    let lay = |series: &Series| {
        let units = sources.iter().map(|source| source.map_or(0, |source| series.units()[source])).collect();
        Series::from_units(units, series.scale())
    };
    let lines = history.lines().iter().map(|line| UsageLine {
        on_demand: lay(&line.on_demand),
        quantity: lay(&line.quantity),
        list: line.list.as_ref().map(lay),
        ..line.clone()
    });
    Ok(Usage::new(history.currency(), ahead, missing, lines.collect())?)
}
