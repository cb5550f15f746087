//! [`Estimate`]: a figure with its low, likely and high case.

use money::Amount;

/// Which figure of each estimate a run takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Case {
    /// The low one of each.
    Low,
    /// The likely one of each.
    #[default]
    Likely,
    /// The high one of each.
    High,
}

/// A figure that is not certain: a triangular distribution from low to high with its peak at likely. Percentages are in percent
/// (`12.5` is 12.5 %), amounts in the baseline's currency. Low is at most likely, likely at most high.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Estimate {
    /// The low case.
    pub low: Amount,
    /// The likely case.
    pub likely: Amount,
    /// The high case.
    pub high: Amount,
}

impl Estimate {
    /// The same figure in all cases.
    #[must_use]
    pub const fn certain(value: Amount) -> Self {
        Self { low: value, likely: value, high: value }
    }

    /// The figure of a case.
    #[must_use]
    pub const fn at(&self, case: Case) -> Amount {
        match case {
            Case::Low => self.low,
            Case::Likely => self.likely,
            Case::High => self.high,
        }
    }

    pub(crate) const fn all(&self) -> [Amount; 3] {
        [self.low, self.likely, self.high]
    }
}

/// By how many months a date slips; negative numbers are earlier.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct Slip {
    /// The least.
    pub low: i32,
    /// What is likely, and what the likely case takes.
    pub likely: i32,
    /// The most.
    pub high: i32,
}

impl Slip {
    /// The slip of a case.
    #[must_use]
    pub const fn at(&self, case: Case) -> i32 {
        match case {
            Case::Low => self.low,
            Case::Likely => self.likely,
            Case::High => self.high,
        }
    }
}
