//! What the search answers.

use money::Amount;

/// One thing to buy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Purchase {
    /// Position in [`super::Problem::candidates`].
    pub candidate: usize,
    /// Its name.
    pub name: String,
    /// Capacity an hour: money for plans in money, units otherwise.
    pub hourly: Amount,
}

/// The best instrument by itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Standalone {
    /// Position in [`super::Problem::candidates`].
    pub candidate: usize,
    /// Capacity an hour.
    pub hourly: Amount,
    /// Expected cost + risk weight x CVaR of buying this alone.
    pub objective: Amount,
}

/// Something about the problem that a reader must know.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Finding {
    /// What an instrument asks is not below on demand for anything that it covers: it is never bought.
    RateNotBelowOnDemand {
        /// Its name.
        candidate: String,
    },
    /// Usage below zero (refunds) counts as zero.
    NegativeUsage {
        /// Its line.
        line: String,
        /// In how many steps.
        steps: usize,
    },
}

impl std::fmt::Display for Finding {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::RateNotBelowOnDemand { candidate } => write!(
                formatter,
                "{candidate}: its price is not below on demand for anything that it covers; it is left out"
            ),
            Self::NegativeUsage { line, steps } => {
                write!(formatter, "{line}: usage below zero in {steps} steps counts as zero")
            }
        }
    }
}

/// What the search made of the portfolio before the replay priced it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Searched {
    /// Expected cost + risk weight x tail cost.
    pub objective: Amount,
    /// Mean cost over all paths, discounted.
    pub expected_cost: Amount,
    /// Mean cost of the dearest paths.
    pub tail_cost: Amount,
}

/// The portfolio that was found, priced in whole numbers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Portfolio {
    /// What to buy.
    pub purchases: Vec<Purchase>,
    /// Capacity an hour of every candidate, zero for what is not bought.
    pub bought: Vec<Amount>,
    /// The weight that the tail had.
    pub risk_weight: Amount,
    /// Expected cost + risk weight x tail cost.
    pub objective: Amount,
    /// Mean cost over all paths, discounted.
    pub expected_cost: Amount,
    /// CVaR: mean cost of the dearest paths.
    pub tail_cost: Amount,
    /// What is saved beside buying nothing, on average and in the tail.
    pub expected_savings: Amount,
    /// The same in the tail; each tail is its own.
    pub tail_savings: Amount,
    /// Expected cost of buying nothing.
    pub cost_without: Amount,
    /// No portfolio within the constraints has a lower objective.
    pub bound: Amount,
    /// `(objective - bound) / objective`: what could still be gained at most.
    pub gap: Option<Amount>,
    /// Cash upfront.
    pub upfront: Amount,
    /// Share of expected usage that is covered, what is held included.
    pub coverage: Option<Amount>,
    /// Cost of each path.
    pub costs: Vec<Amount>,
    /// The search's own price, where a replay had the last word.
    pub searched: Option<Searched>,
    /// The best instrument by itself, for comparison: the portfolio is never worse.
    pub best_standalone: Option<Standalone>,
    /// Points that were looked at.
    pub rounds: usize,
    /// What a reader must know.
    pub findings: Vec<Finding>,
}
