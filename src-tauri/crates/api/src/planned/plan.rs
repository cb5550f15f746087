//! [`Plan`]: a budget or a frozen forecast as amounts by scope and period.

use std::collections::{BTreeMap, BTreeSet};

use budget::{Budget, Hierarchy, Scope};
use chrono::{Datelike, Months, NaiveDate};
use money::{Amount, Currency};
use query::{EvidenceRule, Grain, Measure, Period, Planned};
use sha2::{Digest, Sha256};
use store::{Engagement, Watch};

use super::scope::{Conditions, conditions, of_scope, scope_of};
use crate::budgets::files;
use crate::{ApiError, Context, frozen, planning};

/// What was planned, in one currency.
pub(crate) struct Plan {
    /// Which it is, with its name.
    pub(super) planned: Planned,
    /// What it is called in a sentence: `budget 2026`.
    pub(super) label: String,
    pub(super) currency: Currency,
    /// The measure that it is of, where it is of one alone.
    pub(super) measure: Option<String>,
    pub(super) rule: EvidenceRule,
    /// The periods of its amounts, one after the other; and for which of them it has any.
    pub(super) periods: Vec<budget::Period>,
    named: Vec<bool>,
    /// The scopes with their amounts, each once.
    pub(super) budgets: Vec<Budget>,
    by_scope: BTreeMap<Conditions, usize>,
    /// What everything comes to where no budget says it and there is one way only to add it up.
    implied: Option<Vec<Amount>>,
    /// The days whose costs are known.
    known: Option<Period>,
}

impl Plan {
    /// Reads a plan of the engagement; of a budget what is in the currency.
    pub(crate) fn of(
        context: &Context,
        engagement: &Engagement,
        planned: &Planned,
        currency: Currency,
        watch: &Watch,
    ) -> Result<Self, ApiError> {
        let catalog = planning::with_rules(engagement)?;
        let (last, _) = files::known_until(context, engagement, watch)?;
        let known = catalog.charges.and_then(|charges| {
            let to = last.and_then(|last| last.succ_opt()).unwrap_or(charges.to).min(charges.to);
            Period::new(charges.from, to).ok()
        });
        match planned {
            Planned::Budget(name) => {
                let kept = files::kept(engagement, Some(name.as_str()).filter(|name| !name.is_empty()))?;
                let otherwise = last.or(catalog.charges.map(|charges| charges.last_day())).unwrap_or_default();
                let read = files::read(context, engagement, &kept, otherwise, watch)?;
                let named = read.import.named.get(&currency).cloned();
                let own = read.import.budgets.into_iter().filter(|budget| budget.currency == currency);
                let rows: Vec<String> = kept.rows.iter().map(|row| row.join("\u{1f}")).collect();
                let version = short_hash(&format!("{:?}\n{}", kept.settings, rows.join("\n")));
                let label = if kept.name.to_lowercase().contains("budget") {
                    kept.name.clone()
                } else {
                    format!("budget {}", kept.name)
                };
                Self {
                    planned: Planned::Budget(kept.name.clone()),
                    label,
                    currency,
                    measure: None,
                    rule: EvidenceRule {
                        file: format!("budgets/{}.csv", kept.name),
                        version,
                        says: vec!["what was budgeted stands beside the cost".to_owned()],
                    },
                    named: named.unwrap_or_else(|| vec![false; read.periods.len()]),
                    periods: read.periods,
                    budgets: own.collect(),
                    by_scope: BTreeMap::new(),
                    implied: None,
                    known,
                }
                .indexed()
            }
            Planned::Forecast(name) => Self::forecast(engagement, name, currency, known),
        }
    }

    fn forecast(
        engagement: &Engagement,
        name: &str,
        currency: Currency,
        known: Option<Period>,
    ) -> Result<Self, ApiError> {
        let expected = frozen::expected(engagement, name)?;
        let whole = conditions(&expected.question.filters, expected.currency).ok_or_else(|| {
            ApiError::new(
                "usage",
                format!("the forecast `{name}` was made under filters that are no scope"),
                "Hold costs against one that was made of values: of a team, of a provider.",
            )
        })?;
        let wide = Amount::sum(expected.whole.iter().copied())?;
        let version = short_hash(&format!("{name} {} {wide:?} {:?}", expected.frozen_at, expected.steps));
        let budget = |name: String, scope: Scope, amounts: Vec<Amount>| Budget {
            name,
            scope,
            currency: expected.currency,
            amounts,
            parent: None,
            net_new: false,
        };
        let mut budgets = vec![budget("everything".to_owned(), scope_of(&whole), expected.whole.clone())];
        for (name, scope, amounts) in &expected.scopes {
            let mut own = whole.clone();
            own.extend(of_scope(scope));
            budgets.push(budget(name.clone(), scope_of(&own), amounts.clone()));
        }
        let step = |from: NaiveDate| budget::Period {
            from,
            to: match expected.grain {
                Grain::Month => from.checked_add_months(Months::new(1)),
                Grain::Day | Grain::Hour => from.succ_opt(),
            }
            .unwrap_or(from),
            year: from.year(),
            number: from.month(),
            month: files::month_of(from),
        };
        let periods: Vec<budget::Period> = expected.steps.iter().copied().map(step).collect();
        let in_currency = expected.currency == currency && periods.len() == expected.whole.len();
        Self {
            planned: Planned::Forecast(name.to_owned()),
            label: format!("forecast {name}"),
            currency,
            measure: Some(expected.measure.clone()),
            rule: EvidenceRule {
                file: format!("forecasts/{name}.toml"),
                version,
                says: vec![format!(
                    "what was forecast on {} stands beside the cost",
                    expected.frozen_at.get(..10).unwrap_or_default()
                )],
            },
            named: vec![in_currency; periods.len()],
            periods,
            budgets: if in_currency { budgets } else { Vec::new() },
            by_scope: BTreeMap::new(),
            implied: None,
            known,
        }
        .indexed()
    }

    /// Finds scopes again by what they say.
    fn indexed(mut self) -> Result<Self, ApiError> {
        for (place, budget) in self.budgets.iter().enumerate() {
            self.by_scope.entry(of_scope(&budget.scope)).or_insert(place);
        }
        if !self.by_scope.contains_key(&Conditions::new()) {
            let hierarchy = hierarchy(&self.periods, &self.budgets)?;
            if let [only] = hierarchy.roots.as_slice() {
                let sum =
                    |period: usize| Amount::sum(only.children.iter().map(|&child| self.budgets[child].amounts[period]));
                self.implied = Some((0..self.periods.len()).map(sum).collect::<Result<_, _>>()?);
            }
        }
        Ok(self)
    }

    /// What was planned for a scope over some days: none where the plan has no such scope, or not all of the days. Of a period that is cut the days
    /// share its amount evenly.
    pub(super) fn amount(&self, scope: &Conditions, days: Period) -> Result<Option<Amount>, ApiError> {
        if !self.covers(days) {
            return Ok(None);
        }
        if let Some(place) = self.by_scope.get(scope) {
            return self.within(&self.budgets[*place].amounts, days).map(Some);
        }
        if scope.is_empty() {
            return self.implied.as_ref().map(|amounts| self.within(amounts, days)).transpose();
        }
        // Several values of one dimension are what each of them is, where each was planned.
        let Some((dimension, values)) = scope.iter().find(|(_, values)| values.len() > 1) else { return Ok(None) };
        let mut sum = Amount::ZERO;
        for value in values {
            let one = super::scope::narrowed(scope, [(dimension.as_str(), value)]);
            let Some(amount) = self.amount(&one, days)? else { return Ok(None) };
            sum = sum.checked_add(amount)?;
        }
        Ok(Some(sum))
    }

    /// Amounts of periods over some days.
    pub(super) fn within(&self, amounts: &[Amount], days: Period) -> Result<Amount, ApiError> {
        let mut sum = Amount::ZERO;
        for (period, amount) in self.periods.iter().zip(amounts) {
            let (from, to) = (period.from.max(days.from), period.to.min(days.to));
            if from >= to {
                continue;
            }
            let part = if (from, to) == (period.from, period.to) {
                *amount
            } else {
                let amount = amount.normalized();
                let weights = vec![1; usize::try_from(period.days()).unwrap_or(1)];
                let shares =
                    money::split_by_weights(amount, &weights, self.currency.minor_digits().max(amount.scale()))?;
                let first = usize::try_from((from - period.from).num_days()).unwrap_or(0);
                let last = usize::try_from((to - period.from).num_days()).unwrap_or(0);
                Amount::sum(shares.into_iter().take(last).skip(first))?
            };
            sum = sum.checked_add(part)?;
        }
        Ok(sum)
    }

    /// Whether the plan has amounts for each of these days.
    fn covers(&self, days: Period) -> bool {
        let mut reached = days.from;
        for (period, named) in self.periods.iter().zip(&self.named) {
            if *named && period.contains(reached) {
                reached = period.to;
            }
        }
        reached >= days.to
    }

    /// The days that the plan has amounts for, from the first to the last; none where it has none in the currency.
    pub(super) fn span(&self) -> Option<Period> {
        let mut named = self.periods.iter().zip(&self.named).filter(|(_, named)| **named).map(|(period, _)| period);
        let first = named.next()?;
        Period::new(first.from, named.next_back().unwrap_or(first).to).ok()
    }

    /// Whether a period begins or ends within one of its own, whose amount its days share.
    pub(super) fn cuts(&self, period: Period) -> bool {
        let within = |day: NaiveDate| self.periods.iter().any(|own| own.from < day && day < own.to);
        within(period.from) || within(period.to)
    }

    /// The days whose costs are known.
    pub(super) fn known(&self) -> Option<Period> {
        self.known
    }

    /// The days of a period whose costs are known.
    pub(super) fn known_within(&self, period: Period) -> Option<Period> {
        self.known?.intersection(&period)
    }

    /// The values that scopes name of a dimension.
    pub(super) fn values(&self, dimension: &str) -> BTreeSet<&Option<String>> {
        let of = self.by_scope.keys().filter_map(|scope| scope.get(dimension));
        of.flatten().collect()
    }

    /// What the figure beside the cost is.
    pub(super) fn definition(&self) -> String {
        match &self.planned {
            Planned::Budget(_) => format!(
                "What was budgeted is the amount of the {} for just this scope, a month that is cut shared evenly by its days.",
                self.label
            ),
            Planned::Forecast(_) => format!(
                "What was expected is the amount of the {} for just this scope, a month that is cut shared evenly by its days.",
                self.label
            ),
        }
    }

    /// Whether it is of another measure than this.
    pub(super) fn of_other(&self, measure: &Measure) -> Option<&str> {
        self.measure.as_deref().filter(|own| *own != measure.name())
    }
}

pub(super) fn hierarchy(periods: &[budget::Period], budgets: &[Budget]) -> Result<Hierarchy, ApiError> {
    Hierarchy::new(periods, budgets)
        .map_err(|error| ApiError::new("budget", error.to_string(), "Correct the budget file."))
}

fn short_hash(text: &str) -> String {
    Sha256::digest(text.as_bytes()).iter().take(6).map(|byte| format!("{byte:02x}")).collect()
}
