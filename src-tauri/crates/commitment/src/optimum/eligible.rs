//! What one instrument may cover: lines of usage by step, with what covering each is worth.

use money::{Amount, Rounding};

use super::OptimumError;
use super::fraction::Small;

/// Days of hours below which nothing is recommended.
pub const LEAST_DAYS: u32 = 14;

/// One kind of usage that the instrument covers at one rate, step by step.
///
/// Usage is what existing commitments leave uncovered: a purchase comes on top of them.
#[derive(Clone, Debug)]
pub struct EligibleLine<'a> {
    /// What an analyst calls it, such as `m5 eu-west-1`.
    pub name: &'a str,
    /// Usage of each step in units of 10^-scale of [`Eligible::scale`]: on-demand cost, or normalised units.
    pub usage: &'a [i64],
    /// Capacity of the instrument that one unit of usage takes.
    pub(crate) capacity: Small,
    /// On-demand cost of one unit of usage.
    pub(crate) value: Small,
}

impl<'a> EligibleLine<'a> {
    /// Spend-based: usage is on-demand cost, and the instrument covers it at `discount` (0.4 is 40 %).
    ///
    /// A discount of zero or less is a rate at or above on demand: the line is a finding and never covered.
    ///
    /// # Errors
    /// [`OptimumError::Rate`] for a discount of one or more.
    pub fn at_discount(name: &'a str, discount: Amount, on_demand: &'a [i64]) -> Result<Self, OptimumError> {
        let committed = Amount::from_integer(1).checked_sub(discount)?;
        Self::at_rates(name, committed, Amount::from_integer(1), on_demand)
    }

    /// Spend-based: usage is on-demand cost, priced `committed` under the instrument where on demand it is `on_demand_rate`.
    ///
    /// # Errors
    /// [`OptimumError::Rate`] when a rate is not above zero.
    pub fn at_rates(
        name: &'a str,
        committed: Amount,
        on_demand_rate: Amount,
        on_demand: &'a [i64],
    ) -> Result<Self, OptimumError> {
        let capacity = Small::of(committed, on_demand_rate).ok_or_else(|| OptimumError::Rate {
            line: name.into(),
            committed,
            on_demand: on_demand_rate,
        })?;
        Ok(Self { name, usage: on_demand, capacity, value: Small::ONE })
    }

    /// Resource-based: usage is in normalised units, each of which costs `on_demand_rate` an hour on demand.
    ///
    /// # Errors
    /// [`OptimumError::Rate`] when the rate is not above zero.
    pub fn in_units(name: &'a str, on_demand_rate: Amount, units: &'a [i64]) -> Result<Self, OptimumError> {
        let value = Small::of(on_demand_rate, Amount::from_integer(1)).ok_or_else(|| OptimumError::Rate {
            line: name.into(),
            committed: on_demand_rate,
            on_demand: on_demand_rate,
        })?;
        Ok(Self { name, usage: units, capacity: Small::ONE, value })
    }
}

/// What one instrument may cover, over the steps that are looked at.
#[derive(Clone, Debug)]
pub struct Eligible<'a> {
    /// Decimals of every usage.
    pub scale: u8,
    /// Lines in any order; the instrument takes the highest savings percentage first, as providers do within a plan.
    pub lines: Vec<EligibleLine<'a>>,
    /// Hours in a step: 1, or 24 where a bill has days only, in which case the peaks within a day are not seen.
    pub hours_per_step: u32,
    /// How often each step counts; `None`: once. With several scenarios the steps of each follow each other and carry its
    /// probability, so that the optimum is the quantile of the mixture over the term.
    pub weights: Option<&'a [u32]>,
    /// The weight that is one: 1, or for example 1,000,000 where probabilities are in parts of a million.
    pub weight_of_one: u32,
    /// Steps of which nothing is known, ascending: left out, never taken for zero.
    pub missing: &'a [usize],
    /// What one unit of capacity costs an hour: 1 for a plan in money; the effective price of a normalised unit otherwise.
    pub price: Amount,
}

/// Something about the data that a reader must know before deciding.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// The instrument's rate is not below on demand: never covered, never recommended.
    RateNotBelowOnDemand {
        /// Its line.
        line: String,
    },
    /// Steps with usage below zero (refunds): they count as zero.
    NegativeUsage {
        /// Its line.
        line: String,
        /// How many steps.
        steps: usize,
    },
    /// Steps of which nothing is known.
    MissingSteps {
        /// How many.
        steps: usize,
    },
    /// Days, not hours: what is used at night cannot be told from what is used by day, so commitments look better used than they are.
    DaysOnly,
    /// There is no usage at all.
    NoUsage,
    /// Rates have no small common denominator and were rounded to 12 decimals.
    RatesRounded,
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RateNotBelowOnDemand { line } => {
                write!(formatter, "{line}: the committed rate is not below on demand; it is left out")
            }
            Self::NegativeUsage { line, steps } => {
                write!(formatter, "{line}: usage below zero in {steps} steps counts as zero")
            }
            Self::MissingSteps { steps } => {
                write!(formatter, "{steps} steps have no data; they are left out, not taken for zero")
            }
            Self::DaysOnly => formatter.write_str(
                "the bill has days, not hours: peaks within a day are not seen, and a commitment looks better used than it will be",
            ),
            Self::NoUsage => formatter.write_str("there is no usage that the instrument may cover"),
            Self::RatesRounded => formatter.write_str("rates were rounded to 12 decimals"),
        }
    }
}

/// Amounts as whole numbers of one scale, the finest that any of them has.
///
/// # Errors
/// [`OptimumError::TooLarge`] when a value does not fit 64 bits at that scale.
pub fn whole_units(amounts: &[Amount]) -> Result<(u8, Vec<i64>), OptimumError> {
    let scale = amounts.iter().map(|amount| amount.normalized().scale()).max().unwrap_or(0);
    whole_units_at(amounts, scale).map(|units| (scale, units))
}

/// Amounts as whole numbers of 10^-scale, rounded half to even where they have more decimals.
///
/// # Errors
/// [`OptimumError::TooLarge`] when a value does not fit 64 bits at that scale.
pub fn whole_units_at(amounts: &[Amount], scale: u8) -> Result<Vec<i64>, OptimumError> {
    amounts
        .iter()
        .map(|amount| {
            let units = amount.rescaled(scale, Rounding::HalfEven)?.units();
            i64::try_from(units).map_err(|_| OptimumError::TooLarge)
        })
        .collect()
}
