//! How outcomes are shown: months, rounding, quarters, odds, groups.

use std::ops::Range;

use money::{Amount, Currency, Rounding, grouped};
use scenario::{Band, Basis, Month, Outcome, Simulation, round_to_whole, rounded_statistic};
use store::Engagement;

use super::baseline::Made;
use super::run::{ScenarioBand, ScenarioGroup, ScenarioOdds, ScenarioQuarter, ScenarioView};
use crate::ApiError;

/// How outcomes are shown: months, rounding, groups.
pub(super) struct Shown {
    pub(super) currency: Currency,
    pub(super) digits: u8,
    pub(super) basis: Basis,
    first: Month,
    pub(super) count: usize,
    fiscal_year_start: u32,
    pub(super) by: String,
}

impl Shown {
    pub(super) fn new(engagement: &Engagement, made: &Made, view: &ScenarioView) -> Result<Self, ApiError> {
        let baseline = made.prepared.baseline();
        let by = match view.by.as_deref().map(str::trim).filter(|by| !by.is_empty()) {
            None => baseline.dimensions.first().cloned().unwrap_or_default(),
            Some(wanted) => {
                let known = wanted.parse::<query::Dimension>().map(|known| known.name().into_owned());
                let name = known.unwrap_or_else(|_| wanted.to_owned());
                if !baseline.dimensions.contains(&name) {
                    return Err(ApiError::new(
                        "usage",
                        format!("baseline `{}` does not tell its lines apart by `{wanted}`", baseline.name),
                        format!("It has {}.", baseline.dimensions.join(", ")),
                    ));
                }
                name
            }
        };
        Ok(Self {
            currency: baseline.currency,
            digits: baseline.currency.minor_digits(),
            basis: view.basis.unwrap_or_default().basis(),
            first: baseline.first_month,
            count: baseline.months,
            fiscal_year_start: engagement.definition().fiscal_year_start,
            by,
        })
    }

    pub(super) fn month(&self, place: usize) -> Month {
        self.first.plus(i32::try_from(place).unwrap_or(0))
    }

    pub(super) fn months(&self) -> Vec<String> {
        (0..self.count).map(|place| self.month(place).to_string()).collect()
    }

    pub(super) fn cents(&self, amount: Amount) -> Amount {
        amount.rescaled(self.digits, Rounding::HalfEven).unwrap_or(amount)
    }

    pub(super) fn months_of(&self, outcome: &Outcome) -> Vec<Amount> {
        (0..self.count).map(|month| self.cents(outcome.month_total(month))).collect()
    }

    pub(super) fn total_of(&self, outcome: &Outcome) -> Result<Amount, ApiError> {
        Ok(Amount::sum(self.months_of(outcome))?)
    }

    pub(super) fn statistic(&self, value: f64) -> Result<Amount, ApiError> {
        rounded_statistic(value, self.digits)
            .ok_or_else(|| ApiError::new("internal", "a sum of courses is no number", "Make the figures smaller."))
    }

    pub(super) fn low_middle_high(&self, band: Option<Band>) -> Result<[Amount; 3], ApiError> {
        let band = band.ok_or_else(|| ApiError::new("internal", "there are no courses", ""))?;
        Ok([self.statistic(band.low)?, self.statistic(band.middle)?, self.statistic(band.high)?])
    }

    pub(super) fn band(&self, simulation: &Simulation, months: Range<usize>) -> Result<[Amount; 3], ApiError> {
        self.low_middle_high(simulation.band(0, months, 0.8))
    }

    pub(super) fn fan(&self, simulation: &Simulation) -> Result<Vec<ScenarioBand>, ApiError> {
        let narrow = simulation.fan(0, 0.8).unwrap_or_default();
        let wide = simulation.fan(0, 0.95).unwrap_or_default();
        let bands = narrow.into_iter().zip(wide).map(|(narrow, wide)| {
            Ok(ScenarioBand {
                low_80: self.statistic(narrow.low)?,
                middle: self.statistic(narrow.middle)?,
                high_80: self.statistic(narrow.high)?,
                low_95: self.statistic(wide.low)?,
                high_95: self.statistic(wide.high)?,
            })
        });
        bands.collect()
    }

    pub(super) fn quarters(
        &self,
        simulation: &Simulation,
        likely: &[Amount],
    ) -> Result<Vec<ScenarioQuarter>, ApiError> {
        let start = i32::try_from(self.fiscal_year_start).unwrap_or(1) - 1;
        // Months since the fiscal year 0 began.
        let fiscal = |place: usize| {
            let month = self.month(place);
            month.year() * 12 + i32::try_from(month.number()).unwrap_or(1) - 1 - start
        };
        let mut quarters = Vec::new();
        let mut from = 0;
        while from < self.count {
            let quarter = fiscal(from).div_euclid(3);
            let to = (from..self.count).take_while(|place| fiscal(*place).div_euclid(3) == quarter).count() + from;
            let [low_80, _, high_80] = self.band(simulation, from..to)?;
            quarters.push(ScenarioQuarter {
                label: format!("{}-Q{}", quarter.div_euclid(4), quarter.rem_euclid(4) + 1),
                from: self.month(from).to_string(),
                to: self.month(to - 1).to_string(),
                likely: Amount::sum(likely[from..to].iter().copied())?,
                low_80,
                high_80,
            });
            from = to;
        }
        Ok(quarters)
    }

    pub(super) fn odds(&self, simulation: &Simulation, view: &ScenarioView) -> Result<Option<ScenarioOdds>, ApiError> {
        let Some(limit) = view.limit else {
            if view.limit_from.is_some() || view.limit_to.is_some() {
                return Err(ApiError::new("usage", "months of a budget are given, but no budget", "Give the budget."));
            }
            return Ok(None);
        };
        let place = |text: &Option<String>, otherwise: usize| -> Result<usize, ApiError> {
            let Some(text) = text.as_deref().map(str::trim).filter(|text| !text.is_empty()) else {
                return Ok(otherwise);
            };
            let month: Month =
                text.parse().map_err(|error: scenario::MonthError| ApiError::new("usage", error.to_string(), ""))?;
            usize::try_from(month.since(self.first)).ok().filter(|place| *place < self.count).ok_or_else(|| {
                ApiError::new(
                    "usage",
                    format!("{month} lies outside the months that are planned"),
                    format!("They are {} to {}.", self.first, self.month(self.count - 1)),
                )
            })
        };
        let (from, to) = (place(&view.limit_from, 0)?, place(&view.limit_to, self.count - 1)?);
        if to < from {
            return Err(ApiError::new("usage", "the budget ends before it begins", "Exchange its months."));
        }
        let probability = simulation
            .probability_within(0, from..to + 1, limit)
            .ok_or_else(|| ApiError::new("internal", "there are no courses", ""))?;
        let percent = probability.checked_mul(Amount::from_integer(100))?.rounded(0, Rounding::HalfEven).normalized();
        let (from, to) = (self.month(from), self.month(to));
        let when = if from == to { format!("in {from}") } else { format!("from {from} to {to}") };
        let words = format!(
            "In {percent} of 100 courses the cost {when} stays within {} {}.",
            grouped(self.cents(limit)),
            self.currency
        );
        Ok(Some(ScenarioOdds { limit, from: from.to_string(), to: to.to_string(), probability, words }))
    }

    /// By value the months in cents: those of a month add up to the month's total.
    pub(super) fn by_value(&self, outcome: &Outcome) -> Vec<(String, Vec<Amount>)> {
        let values = outcome.by_dimension(&self.by).unwrap_or_default();
        let mut shown: Vec<(String, Vec<Amount>)> =
            values.iter().map(|(value, _)| (value.clone(), Vec::with_capacity(self.count))).collect();
        for month in 0..self.count {
            let parts: Vec<Amount> = values.iter().map(|(_, months)| months[month]).collect();
            let whole = self.cents(outcome.month_total(month));
            for ((_, months), part) in shown.iter_mut().zip(round_to_whole(whole, &parts, self.digits)) {
                months.push(part);
            }
        }
        shown
    }

    pub(super) fn groups(&self, baseline: &Outcome, likely: &Outcome) -> Result<Vec<ScenarioGroup>, ApiError> {
        let mut groups: Vec<ScenarioGroup> = Vec::new();
        let zero = || vec![Amount::ZERO; self.count];
        for (value, monthly) in self.by_value(likely) {
            groups.push(ScenarioGroup {
                value: Some(value),
                baseline: Amount::ZERO,
                likely: Amount::sum(monthly.iter().copied())?,
                monthly,
                baseline_monthly: zero(),
            });
        }
        for (value, monthly) in self.by_value(baseline) {
            let sum = Amount::sum(monthly.iter().copied())?;
            match groups.iter_mut().find(|group| group.value.as_deref() == Some(&value)) {
                Some(group) => (group.baseline, group.baseline_monthly) = (sum, monthly),
                None => groups.push(ScenarioGroup {
                    value: Some(value),
                    baseline: sum,
                    likely: Amount::ZERO,
                    monthly: zero(),
                    baseline_monthly: monthly,
                }),
            }
        }
        groups.retain(|group| !group.baseline.is_zero() || !group.likely.is_zero() || !all_zero(&group.monthly));
        groups.sort_by(|left, right| right.likely.cmp(&left.likely).then_with(|| left.value.cmp(&right.value)));
        for group in &mut groups {
            group.value = group.value.take().filter(|value| !value.is_empty());
        }
        Ok(groups)
    }
}

fn all_zero(amounts: &[Amount]) -> bool {
    amounts.iter().all(|amount| amount.is_zero())
}
