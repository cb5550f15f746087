//! [`Usage`]: what was or will be used, by line and step.

use std::collections::BTreeSet;
use std::fmt;

use money::{Amount, Currency};

use crate::model::{Program, Series, Span};

/// What a line of usage is. Two lines of one usage differ in it, and its order is the order of the lines.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct LineKey {
    /// The provider as billed, such as `AWS`.
    pub provider: String,
    /// The account, subscription or project that used it.
    pub account: String,
    /// Who answers for it, by the organisation's own rules.
    pub owner: Option<String>,
    /// The service, such as `Amazon Elastic Compute Cloud`.
    pub service: String,
    /// The region.
    pub region: Option<String>,
    /// The availability zone.
    pub zone: Option<String>,
    /// The family within which sizes are exchangeable, such as `m5`.
    pub family: Option<String>,
    /// The instance type or size, such as `m5.large`.
    pub instance_type: Option<String>,
    /// The operating system or engine, such as `Linux`.
    pub platform: Option<String>,
    /// The tenancy, such as `default`; none where the bill is silent, read as default.
    pub tenancy: Option<String>,
    /// The SKU or meter.
    pub sku: String,
    /// The unit of the quantity.
    pub unit: Option<String>,
}

impl fmt::Display for LineKey {
    /// The parts that are known, provider first.
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{}", self.provider)?;
        let known = [
            Some(self.account.as_str()),
            self.owner.as_deref(),
            Some(self.service.as_str()),
            self.region.as_deref(),
            self.zone.as_deref(),
            self.family.as_deref(),
            self.instance_type.as_deref(),
            self.platform.as_deref(),
            self.tenancy.as_deref(),
            Some(self.sku.as_str()),
        ];
        for part in known.into_iter().flatten().filter(|part| !part.is_empty()) {
            write!(formatter, " / {part}")?;
        }
        Ok(())
    }
}

/// The usage of one key, all of it: what a commitment covered in the bill and what was paid on demand together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UsageLine {
    /// What it is.
    pub key: LineKey,
    /// The account's name, for people.
    pub account_name: Option<String>,
    /// The programmes that may cover it.
    pub eligible: BTreeSet<Program>,
    /// Normalised units in one unit of the quantity, where the family has size flexibility (AWS: 4 for `large`).
    pub size_factor: Option<Amount>,
    /// What all of it costs on demand at the contracted price, per step.
    pub on_demand: Series,
    /// What all of it costs at list price, where known.
    pub list: Option<Series>,
    /// The quantity per step, in `key.unit`; zero in every step where the bill gives none.
    pub quantity: Series,
}

/// What was or will be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Usage {
    currency: Currency,
    span: Span,
    missing: BTreeSet<usize>,
    lines: Vec<UsageLine>,
}

/// Why lines are no usage.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UsageError {
    /// A line has another number of steps than the span.
    #[error(
        "the line {line} has {found} steps of {what}, the span has {expected}; every step needs one amount, zero where nothing was used"
    )]
    Length {
        /// The line.
        line: String,
        /// Which series.
        what: &'static str,
        /// Its steps.
        found: usize,
        /// The span's steps.
        expected: usize,
    },
    /// Two lines are the same.
    #[error("the line {0} is there twice; add the two together first")]
    Duplicate(String),
    /// An amount does not fit.
    #[error("the line {line}: {error}")]
    Amount {
        /// The line.
        line: String,
        /// Which amount.
        error: crate::model::SeriesError,
    },
    /// A missing step outside the span.
    #[error("step {0} is said to be missing but the span ends before it")]
    MissingOutside(usize),
    /// A size factor must be above zero.
    #[error("the line {line} has the size factor {factor}; give a number above zero or none")]
    SizeFactor {
        /// The line.
        line: String,
        /// The factor.
        factor: Amount,
    },
}

impl Usage {
    /// Lines on a span, put into the order of their keys. `missing` are the steps of which nothing is known; they are left out of
    /// every figure, never taken as zero.
    ///
    /// # Errors
    /// [`UsageError`], naming the line.
    pub fn new(
        currency: Currency,
        span: Span,
        missing: BTreeSet<usize>,
        mut lines: Vec<UsageLine>,
    ) -> Result<Self, UsageError> {
        lines.sort_by(|left, right| left.key.cmp(&right.key));
        if let Some(twice) = lines.windows(2).find(|pair| pair[0].key == pair[1].key) {
            return Err(UsageError::Duplicate(twice[0].key.to_string()));
        }
        if let Some(step) = missing.iter().next_back().filter(|step| **step >= span.steps()) {
            return Err(UsageError::MissingOutside(*step));
        }
        for line in &lines {
            let series = [
                ("on-demand cost", Some(&line.on_demand)),
                ("list cost", line.list.as_ref()),
                ("quantity", Some(&line.quantity)),
            ];
            for (what, series) in series {
                if let Some(series) = series.filter(|series| series.len() != span.steps()) {
                    let (line, expected) = (line.key.to_string(), span.steps());
                    return Err(UsageError::Length { line, what, found: series.len(), expected });
                }
            }
            if let Some(factor) = line.size_factor.filter(|factor| *factor <= Amount::ZERO) {
                return Err(UsageError::SizeFactor { line: line.key.to_string(), factor });
            }
        }
        Ok(Self { currency, span, missing, lines })
    }

    /// The currency of every amount of money.
    #[must_use]
    pub const fn currency(&self) -> Currency {
        self.currency
    }

    /// The steps.
    #[must_use]
    pub const fn span(&self) -> Span {
        self.span
    }

    /// The steps of which nothing is known.
    #[must_use]
    pub const fn missing(&self) -> &BTreeSet<usize> {
        &self.missing
    }

    /// The lines, in the order of their keys. A line's number everywhere in this crate is its place here.
    #[must_use]
    pub fn lines(&self) -> &[UsageLine] {
        &self.lines
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Step;

    fn line(sku: &str, steps: usize) -> UsageLine {
        UsageLine {
            key: LineKey { provider: "AWS".to_owned(), sku: sku.to_owned(), ..LineKey::default() },
            account_name: None,
            eligible: BTreeSet::new(),
            size_factor: None,
            on_demand: Series::zeros(steps),
            list: None,
            quantity: Series::zeros(steps),
        }
    }

    #[test]
    fn lines_that_do_not_fit_are_refused_by_name() {
        let span = Span::new("2026-03-01T00:00:00Z".parse().unwrap(), Step::Hour, 3).unwrap();
        let usage = |missing, lines| Usage::new("USD".parse().unwrap(), span, BTreeSet::from_iter(missing), lines);
        let refused = |missing: Option<usize>, lines| usage(missing, lines).unwrap_err().to_string();
        assert!(
            refused(None, vec![line("a", 2)])
                .starts_with("the line AWS / a has 2 steps of on-demand cost, the span has 3")
        );
        assert!(refused(None, vec![line("a", 3), line("b", 3), line("a", 3)]).contains("AWS / a is there twice"));
        assert!(refused(Some(3), Vec::new()).contains("step 3 is said to be missing"));
        let sized = UsageLine { size_factor: Some(Amount::ZERO), ..line("a", 3) };
        assert!(refused(None, vec![sized]).contains("the size factor 0"));
        let found = usage(Some(2), vec![line("b", 3), line("a", 3)]).unwrap();
        assert_eq!(found.lines()[0].key.sku, "a", "in the order of the keys");
    }
}
