//! [`UsageBuilder`]: usage from dated rows, with the steps that no row mentions.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use money::{Amount, AmountError, Currency};

use crate::model::{LineKey, Program, Series, Span, Usage, UsageError, UsageLine};

/// What one row adds to its line.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Measure {
    /// On-demand cost at the contracted price.
    pub on_demand: Amount,
    /// Cost at list price, where known.
    pub list: Option<Amount>,
    /// Quantity in the line's unit.
    pub quantity: Amount,
}

/// Collects rows in any order.
#[derive(Clone, Debug)]
pub struct UsageBuilder {
    currency: Currency,
    span: Span,
    seen: Vec<bool>,
    lines: BTreeMap<LineKey, Collected>,
}

#[derive(Clone, Debug, Default)]
struct Collected {
    account_name: Option<String>,
    eligible: BTreeSet<Program>,
    size_factor: Option<Amount>,
    steps: BTreeMap<usize, Measure>,
}

impl UsageBuilder {
    /// Nothing yet, on a span.
    #[must_use]
    pub fn new(currency: Currency, span: Span) -> Self {
        Self { currency, span, seen: vec![false; span.steps()], lines: BTreeMap::new() }
    }

    /// What may cover a line and how its sizes compare; the last word counts.
    pub fn describe(
        &mut self,
        key: LineKey,
        account_name: Option<String>,
        eligible: BTreeSet<Program>,
        size_factor: Option<Amount>,
    ) {
        let line = self.lines.entry(key).or_default();
        line.account_name = account_name;
        line.eligible = eligible;
        line.size_factor = size_factor;
    }

    /// Adds a row to its line and step; false, and nothing added, when the instant is outside the span.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the step's sum needs more than 38 digits.
    pub fn add(&mut self, key: &LineKey, instant: DateTime<Utc>, row: Measure) -> Result<bool, AmountError> {
        let Some(step) = self.span.position(instant) else { return Ok(false) };
        self.seen[step] = true;
        if !self.lines.contains_key(key) {
            self.lines.insert(key.clone(), Collected::default());
        }
        let Some(line) = self.lines.get_mut(key) else { return Ok(false) };
        let sum = line.steps.entry(step).or_insert(Measure { list: Some(Amount::ZERO), ..Measure::default() });
        sum.on_demand = sum.on_demand.checked_add(row.on_demand)?;
        sum.quantity = sum.quantity.checked_add(row.quantity)?;
        sum.list = match (sum.list, row.list) {
            (Some(sum), Some(list)) => Some(sum.checked_add(list)?),
            _ => None,
        };
        Ok(true)
    }

    /// Says that a step has data although no row is eligible in it.
    pub fn mark_seen(&mut self, instant: DateTime<Utc>) {
        if let Some(step) = self.span.position(instant) {
            self.seen[step] = true;
        }
    }

    /// The usage. A step that no row of any line mentions is missing; a line without a row in a step that others have used nothing
    /// there. The list cost of a line is known when every one of its rows had one.
    ///
    /// # Errors
    /// [`UsageError`], naming the line.
    pub fn finish(self) -> Result<Usage, UsageError> {
        let steps = self.span.steps();
        let missing = (0..steps).filter(|step| !self.seen[*step]).collect();
        let mut lines = Vec::with_capacity(self.lines.len());
        for (key, line) in self.lines {
            let column = |value: &dyn Fn(&Measure) -> Amount| {
                let mut amounts = vec![Amount::ZERO; steps];
                for (step, measure) in &line.steps {
                    amounts[*step] = value(measure);
                }
                Series::from_amounts(&amounts).map_err(|error| UsageError::Amount { line: key.to_string(), error })
            };
            let list_known = line.steps.values().all(|measure| measure.list.is_some());
            let list = if list_known { Some(column(&|measure| measure.list.unwrap_or_default())?) } else { None };
            lines.push(UsageLine {
                on_demand: column(&|measure| measure.on_demand)?,
                quantity: column(&|measure| measure.quantity)?,
                list,
                account_name: line.account_name,
                eligible: line.eligible,
                size_factor: line.size_factor,
                key,
            });
        }
        Usage::new(self.currency, self.span, missing, lines)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Step;

    #[test]
    fn an_hour_without_rows_is_missing_and_a_quiet_line_is_zero() {
        let span = Span::new("2026-03-01T00:00:00Z".parse().unwrap(), Step::Hour, 4).unwrap();
        let mut builder = UsageBuilder::new("USD".parse().unwrap(), span);
        let key = |sku: &str| LineKey { sku: sku.to_owned(), ..LineKey::default() };
        let row = |text: &str| Measure { on_demand: text.parse().unwrap(), ..Measure::default() };
        for (sku, hour, cost) in [("b", 0, "1.5"), ("a", 0, "2"), ("b", 0, "0.25"), ("b", 3, "7")] {
            assert!(builder.add(&key(sku), span.start_of(hour), row(cost)).unwrap());
        }
        assert!(!builder.add(&key("b"), span.end(), row("9")).unwrap(), "outside the span");
        builder.mark_seen(span.start_of(1));
        let usage = builder.finish().unwrap();
        assert_eq!(usage.missing().iter().copied().collect::<Vec<_>>(), [2]);
        let costs: Vec<String> = usage.lines()[1].on_demand.amounts().map(|amount| amount.to_string()).collect();
        assert_eq!(costs, ["1.75", "0.00", "0.00", "7.00"], "rows of one step add up");
        assert!(usage.lines()[0].list.is_none(), "a line whose rows have no list price has none");
    }
}
