//! [`Item`]: what is compared, and what it cost in each of the two periods.

use std::str::FromStr;

use money::Amount;

/// Something that is in one or both of the periods: a SKU of usage, or the charges of another kind that belong together.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Item {
    /// The nature of its charges.
    pub class: Class,
    /// Whether its quantities can be added to those of others; of usage only.
    pub units: Units,
    /// The number of the currency that it is billed in, where costs are converted; counted from 0 without gaps.
    pub currency: Option<usize>,
    /// The base period; none where there are no charges.
    pub base: Option<Cell>,
    /// The current period; none where there are no charges.
    pub current: Option<Cell>,
}

/// What an item cost in a period, and how that came about. Money in one currency throughout.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Cell {
    /// The cost that is explained.
    pub cost: Amount,
    /// The same cost in the currency that it was billed in; equal to `cost` where nothing was converted.
    pub local: Amount,
    /// The cost at public prices, where the bill says it.
    pub list: Option<Amount>,
    /// The cost at negotiated prices, where the bill says it.
    pub contracted: Option<Amount>,
    /// How much was priced, in the unit of the item.
    pub quantity: Option<Amount>,
    /// Of `cost`, what usage covered by commitments cost.
    pub covered: Amount,
    /// Of `contracted`, what usage covered by commitments comes to.
    pub covered_contracted: Amount,
}

/// The nature of an item's charges.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Class {
    /// Usage.
    Usage,
    /// Commitments that were not used.
    UnusedCommitment,
    /// Fees for commitments.
    CommitmentPurchase,
    /// Other purchases.
    OtherPurchase,
    /// Credits.
    Credit,
    /// Adjustments that are no corrections.
    Adjustment,
    /// Tax.
    Tax,
    /// Corrections of earlier bills.
    Correction,
}

impl Class {
    /// Every class.
    pub const ALL: [Self; 8] = [
        Self::Usage,
        Self::UnusedCommitment,
        Self::CommitmentPurchase,
        Self::OtherPurchase,
        Self::Credit,
        Self::Adjustment,
        Self::Tax,
        Self::Correction,
    ];

    /// Its name, such as `unused_commitment`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Usage => "usage",
            Self::UnusedCommitment => "unused_commitment",
            Self::CommitmentPurchase => "commitment_purchase",
            Self::OtherPurchase => "other_purchase",
            Self::Credit => "credit",
            Self::Adjustment => "adjustment",
            Self::Tax => "tax",
            Self::Correction => "correction",
        }
    }
}

/// No class has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no class of charges `{0}`")]
pub struct UnknownClass(pub String);

impl FromStr for Class {
    type Err = UnknownClass;

    fn from_str(text: &str) -> Result<Self, UnknownClass> {
        let found = Self::ALL.into_iter().find(|class| class.name() == text);
        found.ok_or_else(|| UnknownClass(text.chars().take(60).collect()))
    }
}

/// Whether an item's quantities can be added to those of others.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Units {
    /// All items with this number are priced in one unit of one service: their quantities add up.
    Family(usize),
    /// The bill names no unit.
    Missing,
    /// The unit is not the same in both periods; a period without charges then means another unit, not that there was no usage.
    Different,
}

/// How many days the periods have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Days {
    /// The base period; at least 1.
    pub base: u32,
    /// The current period; at least 1.
    pub current: u32,
}

impl Days {
    /// The periods the other way round.
    pub(crate) const fn swapped(self) -> Self {
        Self { base: self.current, current: self.base }
    }
}

impl Cell {
    /// Whether there is anything in it: charges of nothing that cost nothing are as good as none.
    pub(crate) fn is_empty(&self) -> bool {
        self.cost.is_zero() && self.quantity.is_none_or(Amount::is_zero)
    }
}
