//! What a portfolio is chosen from: usage to come, along many paths; what can be bought, and when; what must hold.

use money::Amount;

/// A part of the horizon, as a rule a month: what is held changes only where one begins.
#[derive(Clone, Debug)]
pub struct Period {
    /// Its name, such as `2027-01`.
    pub name: String,
    /// Months from now to it: what money of it counts.
    pub month: u32,
    /// Hours that each of its steps stands for.
    pub hours: Vec<u32>,
}

/// One kind of usage that is covered at one rate by each instrument: a family in a region, as a rule.
#[derive(Clone, Debug)]
pub struct Line {
    /// What an analyst calls it.
    pub name: String,
    /// On-demand cost of an hour at each step of all periods, in units of 10^-scale of [`Problem::scale`].
    pub on_demand: Vec<i64>,
}

/// One way that demand may go.
#[derive(Clone, Debug)]
pub struct DemandPath {
    /// How likely it is, beside the weights of the others.
    pub weight: u32,
    /// By period and line, what usage is multiplied by, in parts of a million.
    pub factors: Vec<Vec<u32>>,
}

/// A unit as which [`DemandPath::factors`] are read.
pub const FACTOR_OF_ONE: u32 = 1_000_000;

/// Capacity that an instrument spends to cover a dollar of a line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Rate {
    /// Position in [`Problem::lines`].
    pub line: usize,
    /// For a plan in money the committed rate over the on-demand rate, which is `1 - d`; for units the units that a dollar on demand buys.
    pub capacity: Amount,
}

/// An instrument: which lines it covers, when in the provider's order, over which periods, at what price.
#[derive(Clone, Debug)]
pub struct Instrument {
    /// What an analyst calls it, such as `Compute SP 1y no upfront, from 2027-01`.
    pub name: String,
    /// Place in the provider's order: lower applies first (reservations, plans of one family, plans of all families). Within one place what saves
    /// most applies first.
    pub order: u32,
    /// What it covers.
    pub rates: Vec<Rate>,
    /// First period in which it is held.
    pub from: usize,
    /// The period at whose beginning it has ended; may lie beyond the horizon.
    pub until: usize,
    /// Months from purchase to expiry.
    pub term_months: u32,
    /// Hours from purchase to expiry, over which what is paid at first is spread.
    pub term_hours: u32,
    /// Paid at purchase for each unit of capacity.
    pub upfront: Amount,
    /// Paid for each unit of capacity and hour.
    pub recurring: Amount,
}

/// Something that can be bought.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// It, with its first period.
    pub instrument: Instrument,
    /// Capacity is sold in multiples of this.
    pub granularity: Amount,
    /// The most that may be bought; `None`: as much as is ever used.
    pub most: Option<Amount>,
}

/// Something that is held already, until it expires.
#[derive(Clone, Debug)]
pub struct Held {
    /// It.
    pub instrument: Instrument,
    /// Its capacity an hour.
    pub hourly: Amount,
}

/// What must hold, whatever it costs.
#[derive(Clone, Debug, Default)]
pub struct Constraints {
    /// Most cash that may be paid upfront, over all purchases.
    pub upfront: Option<Amount>,
    /// Longest term in months that may be bought.
    pub longest_term_months: Option<u32>,
    /// Least share of usage, at on-demand cost over all paths, that must be covered, existing commitments included.
    pub coverage: Option<Amount>,
    /// Most new commitment by purchase date (a ladder's slots): period, and the most money an hour, amortised, that may be bought then.
    pub slots: Vec<(usize, Amount)>,
}

/// What is made as small as can be: expected cost + `weight` x conditional value at risk.
#[derive(Clone, Debug)]
pub struct Risk {
    /// Weight of the tail; zero looks at expected cost only.
    pub weight: Amount,
    /// The tail is the dearest `1 - level` of paths: 0.95 looks at one in twenty.
    pub level: Amount,
}

impl Default for Risk {
    fn default() -> Self {
        Self { weight: Amount::ZERO, level: Amount::new(95, 2).unwrap_or(Amount::ZERO) }
    }
}

/// The whole question.
#[derive(Clone, Debug)]
pub struct Problem {
    /// Decimals of on-demand cost.
    pub scale: u8,
    /// The horizon.
    pub periods: Vec<Period>,
    /// Usage to come.
    pub lines: Vec<Line>,
    /// Ways that it may go; one of weight 1 with factors of one is what is certain.
    pub paths: Vec<DemandPath>,
    /// What can be bought.
    pub candidates: Vec<Candidate>,
    /// What is held.
    pub held: Vec<Held>,
    /// What must hold.
    pub constraints: Constraints,
    /// How much the tail counts.
    pub risk: Risk,
    /// Cost of capital a year, 0.08 for 8 %: what is paid later counts less.
    pub discount_rate: Amount,
}

/// Why there is no portfolio.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PortfolioError {
    /// Nothing to look at.
    #[error("there is no {what}, so there is nothing to plan")]
    Empty {
        /// What is missing: periods, lines, paths.
        what: &'static str,
    },
    /// Parts that do not fit each other.
    #[error("{what} has {found} entries where {expected} were expected")]
    Shape {
        /// Which part.
        what: String,
        /// Its entries.
        found: usize,
        /// What the others have.
        expected: usize,
    },
    /// A number that cannot be.
    #[error("{what} is {value}, which is not possible: {rule}")]
    Number {
        /// Which one.
        what: String,
        /// It.
        value: String,
        /// What it must be.
        rule: &'static str,
    },
    /// No purchase can reach the coverage asked for.
    #[error(
        "a coverage of {asked} cannot be met: all that may be bought and is held covers {reachable} at most; lower it, or allow more instruments"
    )]
    Coverage {
        /// What was asked for.
        asked: Amount,
        /// What can be reached, rounded.
        reachable: Amount,
    },
    /// Coverage and another limit cannot both hold.
    #[error(
        "{limit} cannot be met together with a coverage of {coverage}: without it the coverage can be met; raise the one or lower the other"
    )]
    Conflict {
        /// The limit in words.
        limit: String,
        /// The coverage asked for.
        coverage: Amount,
    },
    /// Stopped from outside.
    #[error("the search was stopped")]
    Cancelled,
    /// The replay refused.
    #[error("the portfolio could not be priced: {reason}")]
    Pricing {
        /// Why.
        reason: String,
    },
    /// Numbers beyond what exact arithmetic holds.
    #[error("amounts need more digits than exact arithmetic has; check for a misplaced decimal point")]
    TooLarge,
}

impl From<money::AmountError> for PortfolioError {
    fn from(_: money::AmountError) -> Self {
        Self::TooLarge
    }
}

impl Problem {
    /// Refuses what does not fit together.
    ///
    /// # Errors
    /// [`PortfolioError::Empty`], [`PortfolioError::Shape`] and [`PortfolioError::Number`], naming the part.
    pub fn check(&self) -> Result<(), PortfolioError> {
        for (what, empty) in [
            ("period", self.periods.is_empty()),
            ("usage", self.lines.is_empty()),
            ("demand path", self.paths.is_empty()),
        ] {
            if empty {
                return Err(PortfolioError::Empty { what });
            }
        }
        let shape = |what: String, found: usize, expected: usize| {
            if found == expected { Ok(()) } else { Err(PortfolioError::Shape { what, found, expected }) }
        };
        let steps = self.periods.iter().map(|period| period.hours.len()).sum();
        for line in &self.lines {
            shape(format!("usage of {}", line.name), line.on_demand.len(), steps)?;
        }
        for (number, path) in self.paths.iter().enumerate() {
            shape(format!("path {}", number + 1), path.factors.len(), self.periods.len())?;
            for (period, factors) in self.periods.iter().zip(&path.factors) {
                shape(format!("path {} in {}", number + 1, period.name), factors.len(), self.lines.len())?;
            }
        }
        if self.paths.iter().all(|path| path.weight == 0) {
            return Err(PortfolioError::Empty { what: "demand path with a weight" });
        }
        let number = |what: &str, value: String, fine: bool, rule| {
            if fine { Ok(()) } else { Err(PortfolioError::Number { what: what.to_owned(), value, rule }) }
        };
        let (zero, one) = (Amount::ZERO, Amount::from_integer(1));
        let held = self.held.iter().map(|held| &held.instrument);
        for instrument in self.candidates.iter().map(|candidate| &candidate.instrument).chain(held) {
            for rate in &instrument.rates {
                shape(
                    format!("{}: number of a line", instrument.name),
                    rate.line.min(self.lines.len() - 1),
                    rate.line,
                )?;
                number(&instrument.name, rate.capacity.to_string(), rate.capacity > zero, "a rate is above zero")?;
            }
            for price in [instrument.upfront, instrument.recurring] {
                number(&instrument.name, price.to_string(), price >= zero, "a price is not below zero")?;
            }
            number(&instrument.name, instrument.term_hours.to_string(), instrument.term_hours > 0, "a term has hours")?;
        }
        for candidate in &self.candidates {
            let name = &candidate.instrument.name;
            number(
                name,
                candidate.granularity.to_string(),
                candidate.granularity > zero,
                "it is sold in steps above zero",
            )?;
            let price = candidate.instrument.upfront.max(candidate.instrument.recurring);
            number(name, price.to_string(), price > zero, "a purchase has a price")?;
        }
        for held in &self.held {
            number(
                &held.instrument.name,
                held.hourly.to_string(),
                held.hourly >= zero,
                "a commitment is not below zero",
            )?;
        }
        let risk = &self.risk;
        number("the weight of risk", risk.weight.to_string(), risk.weight >= zero, "it is not below zero")?;
        number(
            "the level of risk",
            risk.level.to_string(),
            risk.level >= zero && risk.level < one,
            "it is from 0 to below 1",
        )?;
        let rate = self.discount_rate;
        number("the cost of capital", rate.to_string(), rate > one.negated(), "it is above -100 %")?;
        if let Some(coverage) = self.constraints.coverage {
            number(
                "the least coverage",
                coverage.to_string(),
                coverage >= zero && coverage <= one,
                "it is from 0 to 1",
            )?;
        }
        if let Some(upfront) = self.constraints.upfront {
            number("the most upfront", upfront.to_string(), upfront >= zero, "it is not below zero")?;
        }
        Ok(())
    }
}
