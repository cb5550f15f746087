//! [`Replay`]: what came of laying commitments on usage.

use money::{Amount, AmountError, Currency, Ratio};

use crate::model::{MonthOfYear, Series, Span};
use crate::replay::Finding;

/// Decimals of coverage, utilisation and savings rates.
pub const RATE_DECIMALS: u8 = 6;

/// Money of any part of a replay. `on_demand = covered + remainder` and `commitment = used + unused`, exactly.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Figures {
    /// What all usage costs on demand.
    pub on_demand: Amount,
    /// The part of it that some programme may cover.
    pub eligible: Amount,
    /// The part of it that commitments cover.
    pub covered: Amount,
    /// What stays on demand.
    pub remainder: Amount,
    /// What the commitments cost, prepayments amortised.
    pub commitment: Amount,
    /// The part of it that was used.
    pub used: Amount,
    /// The part of it that was wasted.
    pub unused: Amount,
}

impl Figures {
    /// The sum of two.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
    pub fn plus(self, other: Self) -> Result<Self, AmountError> {
        self.each(other, Amount::checked_add)
    }

    /// The difference of two.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a difference needs more than 38 digits.
    pub fn minus(self, other: Self) -> Result<Self, AmountError> {
        self.each(other, Amount::checked_sub)
    }

    fn each(
        self,
        other: Self,
        operation: impl Fn(Amount, Amount) -> Result<Amount, AmountError>,
    ) -> Result<Self, AmountError> {
        Ok(Self {
            on_demand: operation(self.on_demand, other.on_demand)?,
            eligible: operation(self.eligible, other.eligible)?,
            covered: operation(self.covered, other.covered)?,
            remainder: operation(self.remainder, other.remainder)?,
            commitment: operation(self.commitment, other.commitment)?,
            used: operation(self.used, other.used)?,
            unused: operation(self.unused, other.unused)?,
        })
    }

    /// Commitments and what stays on demand.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the sum needs more than 38 digits.
    pub fn cost(&self) -> Result<Amount, AmountError> {
        self.commitment.checked_add(self.remainder)
    }

    /// What is paid less than on demand; below zero when commitments cost more than they cover.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when the difference needs more than 38 digits.
    pub fn savings(&self) -> Result<Amount, AmountError> {
        self.covered.checked_sub(self.commitment)
    }

    /// Covered over eligible on-demand cost; none when nothing is eligible.
    #[must_use]
    pub fn coverage(&self) -> Option<Amount> {
        Ratio::of(self.covered, self.eligible, RATE_DECIMALS)
    }

    /// Used over commitment; none without commitments.
    #[must_use]
    pub fn utilisation(&self) -> Option<Amount> {
        Ratio::of(self.used, self.commitment, RATE_DECIMALS)
    }

    /// Savings over eligible on-demand cost (one less what is paid over what it would cost on demand); none when nothing is eligible.
    #[must_use]
    pub fn effective_savings_rate(&self) -> Option<Amount> {
        Ratio::of(self.savings().ok()?, self.eligible, RATE_DECIMALS)
    }
}

/// One line in one month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct LineMonth {
    /// What it costs on demand.
    pub on_demand: Amount,
    /// The part of it that some programme may cover.
    pub eligible: Amount,
    /// The part of it that commitments cover.
    pub covered: Amount,
    /// What the covered part bears of the commitments.
    pub covered_cost: Amount,
    /// What stays on demand.
    pub remainder: Amount,
}

/// One commitment in one month.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct CommitmentMonth {
    /// Steps in which it ran and usage is known.
    pub steps: usize,
    /// Steps in which all of it was used.
    pub steps_used_whole: usize,
    /// What it costs, prepayments amortised.
    pub cost: Amount,
    /// The part of it that usage bears.
    pub used: Amount,
    /// The part of it that was wasted.
    pub unused: Amount,
    /// What it could cover, in money or units.
    pub capacity: Amount,
    /// What of that it covered.
    pub capacity_used: Amount,
    /// The on-demand cost of what it covered.
    pub covered: Amount,
}

/// What one commitment covered of one line in one month.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct CoverageMonth {
    /// The commitment's place in [`Replay::commitments`].
    pub commitment: usize,
    /// The line's place in the usage.
    pub line: usize,
    /// The on-demand cost of what was covered.
    pub on_demand: Amount,
    /// The quantity that was covered.
    pub quantity: Amount,
    /// How much of the commitment that took, in its money or units.
    pub capacity: Amount,
    /// What the line bears of the commitment's cost.
    pub cost: Amount,
}

/// A month, or the part of one that the usage spans.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ReplayMonth {
    /// The month.
    pub month: MonthOfYear,
    /// Steps with data.
    pub steps: usize,
    /// Every line.
    pub lines: Vec<LineMonth>,
    /// Every commitment.
    pub commitments: Vec<CommitmentMonth>,
    /// Who covered what, by commitment, then line; pairs without coverage are left out.
    pub coverage: Vec<CoverageMonth>,
}

impl ReplayMonth {
    /// The month's sums.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
    pub fn figures(&self) -> Result<Figures, AmountError> {
        let mut sum = Figures::default();
        for line in &self.lines {
            sum.on_demand = sum.on_demand.checked_add(line.on_demand)?;
            sum.eligible = sum.eligible.checked_add(line.eligible)?;
            sum.covered = sum.covered.checked_add(line.covered)?;
            sum.remainder = sum.remainder.checked_add(line.remainder)?;
        }
        for commitment in &self.commitments {
            sum.commitment = sum.commitment.checked_add(commitment.cost)?;
            sum.used = sum.used.checked_add(commitment.used)?;
            sum.unused = sum.unused.checked_add(commitment.unused)?;
        }
        Ok(sum)
    }
}

/// Money of all lines and commitments by step; zero in missing steps.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StepFigures {
    /// What all usage costs on demand.
    pub on_demand: Series,
    /// The part of it that some programme may cover.
    pub eligible: Series,
    /// The part of it that commitments cover.
    pub covered: Series,
    /// What the commitments cost.
    pub commitment: Series,
    /// What of that was wasted.
    pub unused: Series,
}

/// What came of laying commitments on usage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Replay {
    /// The currency of all money.
    pub currency: Currency,
    /// The steps.
    pub span: Span,
    /// The ids of the commitments, in the order of provider and id; a commitment's number is its place here.
    pub commitments: Vec<String>,
    /// The months in order.
    pub months: Vec<ReplayMonth>,
    /// The sums by step.
    pub steps: StepFigures,
    /// What a reader must know beside the figures, in order.
    pub findings: Vec<Finding>,
}

impl Replay {
    /// The sums over the whole span.
    ///
    /// # Errors
    /// [`AmountError::TooLarge`] when a sum needs more than 38 digits.
    pub fn figures(&self) -> Result<Figures, AmountError> {
        self.months.iter().try_fold(Figures::default(), |sum, month| sum.plus(month.figures()?))
    }

    /// The place of a commitment.
    #[must_use]
    pub fn commitment(&self, id: &str) -> Option<usize> {
        self.commitments.iter().position(|found| found == id)
    }
}
