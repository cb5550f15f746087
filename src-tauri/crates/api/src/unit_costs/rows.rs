//! Which days the cost of a month or a day is that of, so that units are counted over the same ones.

use chrono::{Months, NaiveDate};
use query::{Grain, Period};
use unit_economics::{Driver, Units};

use crate::ApiError;

/// The days that are asked for and those that are loaded.
pub(crate) struct Spans {
    pub(crate) grain: Grain,
    /// The period that is asked for.
    pub(crate) period: Period,
    /// The days that the loaded usage covers.
    pub(crate) covered: Option<Period>,
    /// The day up to which it is complete.
    pub(crate) complete_until: Option<NaiveDate>,
}

impl Spans {
    /// The units of a month or a day, over the days of it that the costs are of.
    pub(crate) fn units(&self, driver: &Driver, time: &str) -> Result<Units, ApiError> {
        let own = bucket(time, self.grain).and_then(|bucket| bucket.intersection(&self.period));
        own.map_or(Ok(Units { value: None, days: 0, missing: 0 }), |own| self.of(driver, own))
    }

    /// The units of a period, over the days of it that are loaded.
    pub(crate) fn of(&self, driver: &Driver, period: Period) -> Result<Units, ApiError> {
        let loaded = self.covered.map_or(Some(period), |covered| period.intersection(&covered));
        match loaded {
            Some(loaded) => driver.units(loaded.from, loaded.to).map_err(ApiError::from),
            None => Ok(Units { value: None, days: 0, missing: 0 }),
        }
    }

    /// What a month or a day lacks to be asked for and loaded whole; none where it is.
    pub(crate) fn shortfall(&self, time: &str) -> Option<String> {
        let bucket = bucket(time, self.grain)?;
        let asked = bucket.intersection(&self.period)?;
        let loaded = self.covered.map_or(Some(asked), |covered| asked.intersection(&covered));
        let days = loaded.map_or(0, |loaded| loaded.days());
        if days < bucket.days() {
            let loaded = if days == 1 { "1 day is".to_owned() } else { format!("{days} days are") };
            return Some(format!("only {loaded} asked for and loaded"));
        }
        let partly = self.complete_until.is_some_and(|until| until < bucket.to);
        partly.then(|| "its last day is not loaded whole".to_owned())
    }
}

/// The days of `2026-03` or `2026-03-05`.
fn bucket(time: &str, grain: Grain) -> Option<Period> {
    let from: NaiveDate = if grain == Grain::Month { format!("{time}-01").parse().ok()? } else { time.parse().ok()? };
    let to = if grain == Grain::Month { from.checked_add_months(Months::new(1))? } else { from.succ_opt()? };
    Some(Period { from, to })
}
