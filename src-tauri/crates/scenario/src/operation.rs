//! [`Operation`]: one dated, typed assumption of a scenario.

use std::collections::BTreeMap;

use money::{Amount, Currency};

use crate::{Estimate, Filter, Month, Slip};

/// One assumption: what changes, from when, who stands for it and how sure they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Operation {
    /// Its name in the file, the key of a comparison and of its random draws.
    pub id: String,
    /// What it does.
    pub kind: Kind,
    /// Who stands for it; empty where nobody is named.
    pub owner: String,
    /// How sure it is to happen, 0 to 100 percent. The likely case takes every operation in full; the simulation draws.
    pub confidence: Amount,
    /// By how many months its dates slip.
    pub slip_months: Slip,
    /// Free text.
    pub note: String,
    /// Whether it counts.
    pub enabled: bool,
}

impl Operation {
    /// Whether a figure or date of it has a low and a high case.
    #[must_use]
    pub fn is_uncertain(&self) -> bool {
        let spread = self.kind.estimates().iter().any(|(_, estimate)| estimate.low != estimate.high);
        spread || self.slip_months.low != self.slip_months.high
    }
}

/// When an operation is applied: always in this order, whatever the order in the file, which decides among operations of one phase.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Phase {
    /// Drivers: business metrics that usage follows.
    Drivers,
    /// Usage: more, less, new or ended.
    Usage,
    /// What a unit costs.
    Price,
    /// Moves from one place to another.
    Migration,
    /// Limits on what may be spent.
    Caps,
    /// Commitments and spend agreements: coverage, fees, what is left unused.
    Commitments,
    /// Charges that are a percentage of others.
    PercentageCharges,
    /// Credits with a balance.
    Credits,
    /// Rates of exchange.
    Currency,
    /// Who bears it.
    Allocation,
}

/// What an operation does.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Usage grows or shrinks by a percentage.
    Scale(Scale),
    /// A new, repeated amount.
    AddFlow(AddFlow),
    /// A single amount in one month.
    OneOff(OneOff),
    /// What a unit costs changes by a percentage.
    PriceChange(PriceChange),
    /// A migration: cost moves from lines to other places, with a time of double running.
    Shift(Shift),
    /// Something new grows to a plateau.
    Launch(Launch),
    /// Lines run down to nothing.
    Retire(Retire),
    /// A commitment is bought; its id is the operation's.
    Commit(Commit),
    /// A commitment ends early or on a stated date.
    Expire(Expire),
    /// A commitment goes on for another term.
    Renew(Renew),
    /// A driver takes other values.
    DriverOverride(DriverOverride),
    /// The rate of a currency that lines are billed in changes.
    CurrencyRate(CurrencyRate),
    /// The sum of lines is held at a limit.
    Cap(Cap),
    /// Cost changes its bearer.
    Reallocate(Reallocate),
}

impl Kind {
    /// The phase that it is applied in.
    #[must_use]
    pub const fn phase(&self) -> Phase {
        match self {
            Self::DriverOverride(_) => Phase::Drivers,
            Self::Scale(_) | Self::AddFlow(_) | Self::OneOff(_) | Self::Launch(_) | Self::Retire(_) => Phase::Usage,
            Self::PriceChange(_) => Phase::Price,
            Self::Shift(_) => Phase::Migration,
            Self::Cap(_) => Phase::Caps,
            Self::Commit(_) | Self::Expire(_) | Self::Renew(_) => Phase::Commitments,
            Self::CurrencyRate(_) => Phase::Currency,
            Self::Reallocate(_) => Phase::Allocation,
        }
    }

    /// Its word in a scenario file.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Scale(_) => "scale",
            Self::AddFlow(_) => "add_flow",
            Self::OneOff(_) => "one_off",
            Self::PriceChange(_) => "price_change",
            Self::Shift(_) => "shift",
            Self::Launch(_) => "launch",
            Self::Retire(_) => "retire",
            Self::Commit(_) => "commit",
            Self::Expire(_) => "expire",
            Self::Renew(_) => "renew",
            Self::DriverOverride(_) => "driver_override",
            Self::CurrencyRate(_) => "currency",
            Self::Cap(_) => "cap",
            Self::Reallocate(_) => "reallocate",
        }
    }

    /// Which lines it looks for, where it looks for any.
    #[must_use]
    pub const fn filter(&self) -> Option<&Filter> {
        match self {
            Self::Scale(Scale { filter, .. })
            | Self::PriceChange(PriceChange { filter, .. })
            | Self::Shift(Shift { filter, .. })
            | Self::Retire(Retire { filter, .. })
            | Self::Commit(Commit { filter, .. })
            | Self::Cap(Cap { filter, .. })
            | Self::Reallocate(Reallocate { filter, .. }) => Some(filter),
            _ => None,
        }
    }

    /// Where it puts cost, where it does.
    #[must_use]
    pub const fn placement(&self) -> Option<&Placement> {
        match self {
            Self::AddFlow(AddFlow { at, .. })
            | Self::OneOff(OneOff { at, .. })
            | Self::Launch(Launch { at, .. })
            | Self::Commit(Commit { at, .. })
            | Self::Shift(Shift { into: at, .. })
            | Self::Reallocate(Reallocate { into: at, .. }) => Some(at),
            _ => None,
        }
    }

    /// Its figures that may be uncertain, by their keys in a file.
    #[must_use]
    pub fn estimates(&self) -> Vec<(&'static str, &Estimate)> {
        match self {
            Self::Scale(Scale { change, .. }) | Self::PriceChange(PriceChange { change, .. }) => {
                vec![("change", change)]
            }
            Self::AddFlow(AddFlow { amount, .. })
            | Self::OneOff(OneOff { amount, .. })
            | Self::Cap(Cap { amount, .. }) => {
                vec![("amount", amount)]
            }
            Self::Shift(Shift { share, cost_ratio, .. }) => vec![("share", share), ("cost_ratio", cost_ratio)],
            Self::Launch(Launch { plateau: Plateau::Money(money), .. }) => vec![("plateau", money)],
            Self::Launch(Launch { plateau: Plateau::Units { units, unit_price }, .. }) => {
                vec![("plateau_units", units), ("unit_price", unit_price)]
            }
            Self::Commit(Commit { discount, .. }) => vec![("discount", discount)],
            Self::Renew(Renew { discount, .. }) => discount.iter().map(|discount| ("discount", discount)).collect(),
            Self::DriverOverride(DriverOverride { values: DriverValues::Change(change), .. })
            | Self::CurrencyRate(CurrencyRate { rate: RateChange::Change(change), .. }) => vec![("change", change)],
            Self::CurrencyRate(CurrencyRate { rate: RateChange::Rate(rate), .. }) => vec![("rate", rate)],
            Self::Reallocate(Reallocate { share, .. }) => vec![("share", share)],
            Self::DriverOverride(_) | Self::Retire(_) | Self::Expire(_) => Vec::new(),
        }
    }

    /// The months it names: from, and to where it ends.
    #[must_use]
    pub const fn dates(&self) -> (Option<Month>, Option<Month>) {
        match self {
            Self::Scale(Scale { from, to, .. })
            | Self::AddFlow(AddFlow { from, to, .. })
            | Self::PriceChange(PriceChange { from, to, .. })
            | Self::Launch(Launch { from, to, .. })
            | Self::DriverOverride(DriverOverride { from, to, .. })
            | Self::CurrencyRate(CurrencyRate { from, to, .. })
            | Self::Cap(Cap { from, to, .. })
            | Self::Reallocate(Reallocate { from, to, .. }) => (Some(*from), *to),
            Self::OneOff(OneOff { month, .. }) => (Some(*month), Some(*month)),
            Self::Shift(Shift { from, .. }) | Self::Retire(Retire { from, .. }) | Self::Commit(Commit { from, .. }) => {
                (Some(*from), None)
            }
            Self::Expire(Expire { from, .. }) => (Some(*from), None),
            Self::Renew(Renew { from, .. }) => (*from, None),
        }
    }
}

/// Where a new amount stands: a value for each dimension that is named, nothing in the others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Placement {
    /// Dimension to value.
    pub values: BTreeMap<String, String>,
    /// Whether a value that the baseline does not have is meant.
    pub new: bool,
}

/// Usage grows or shrinks by a percentage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Scale {
    /// The lines.
    pub filter: Filter,
    /// The change in percent, not below -100.
    pub change: Estimate,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
    /// Over how many months the change builds up, in equal steps; 1 for at once.
    pub over_months: u32,
    /// Whether the change is made anew each month upon the last one's level.
    pub compound: bool,
}

/// A new, repeated amount.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AddFlow {
    /// Where it stands.
    pub at: Placement,
    /// The amount each time.
    pub amount: Estimate,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
    /// Every so many months.
    pub every_months: u32,
}

/// A single amount in one month.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OneOff {
    /// Where it stands.
    pub at: Placement,
    /// The amount.
    pub amount: Estimate,
    /// The month.
    pub month: Month,
}

/// What a unit costs changes by a percentage.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PriceChange {
    /// The lines.
    pub filter: Filter,
    /// The change in percent, not below -100.
    pub change: Estimate,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
}

/// A migration.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shift {
    /// The lines that are left.
    pub filter: Filter,
    /// What changes about a line that moves: the named dimensions take these values, the others stay.
    pub into: Placement,
    /// How much of the lines moves, in percent, 0 to 100.
    pub share: Estimate,
    /// What the same work costs at the new place, in percent of what it costs at the old one.
    pub cost_ratio: Estimate,
    /// The first month in which something has moved.
    pub from: Month,
    /// Over how many months it moves, in equal steps.
    pub over_months: u32,
    /// For how many months the old place keeps running after a part has moved.
    pub double_running_months: u32,
}

/// How something new grows to its plateau.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Curve {
    /// In equal steps.
    Linear,
    /// Slowly, then fast, then slowly: `3x² - 2x³` of the share x of the time.
    SCurve,
}

/// What a launch grows to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Plateau {
    /// Money a month.
    Money(Estimate),
    /// Units a month at a price.
    Units {
        /// Units a month.
        units: Estimate,
        /// What one costs.
        unit_price: Estimate,
    },
}

/// Something new grows to a plateau.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Launch {
    /// Where it stands.
    pub at: Placement,
    /// How it grows.
    pub curve: Curve,
    /// What it grows to.
    pub plateau: Plateau,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
    /// After how many months the plateau is reached; 1 for at once.
    pub over_months: u32,
}

/// Lines run down to nothing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Retire {
    /// The lines.
    pub filter: Filter,
    /// The first month with less.
    pub from: Month,
    /// Over how many months, in equal steps; 1 for nothing from the first month on.
    pub over_months: u32,
}

/// A commitment is bought.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Commit {
    /// Where its fee stands.
    pub at: Placement,
    /// The lines that it covers.
    pub filter: Filter,
    /// The first month.
    pub from: Month,
    /// How many months it runs.
    pub term_months: u32,
    /// What is paid each month.
    pub monthly_fee: Amount,
    /// What is paid at the start.
    pub upfront: Amount,
    /// By how much the covered usage is cheaper, in percent, 0 to below 100.
    pub discount: Estimate,
}

/// A commitment ends.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expire {
    /// The commitment's id.
    pub commitment: String,
    /// The first month without it.
    pub from: Month,
}

/// A commitment goes on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Renew {
    /// The commitment's id.
    pub commitment: String,
    /// The first month of the new term; none for the month after the old one's last.
    pub from: Option<Month>,
    /// How many months the new term runs.
    pub term_months: u32,
    /// What is paid each month; none for as much as before.
    pub monthly_fee: Option<Amount>,
    /// What is paid at the start.
    pub upfront: Amount,
    /// By how much the covered usage is cheaper, in percent; none for as much as before.
    pub discount: Option<Estimate>,
}

/// What becomes of a driver.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriverValues {
    /// It changes by a percentage, not below -100.
    Change(Estimate),
    /// It takes these values; other months keep theirs.
    Typed(BTreeMap<Month, Amount>),
}

/// A driver takes other values.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriverOverride {
    /// The driver's name.
    pub driver: String,
    /// What becomes of it.
    pub values: DriverValues,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
}

/// What becomes of a rate of exchange.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum RateChange {
    /// It changes by a percentage, not below -100.
    Change(Estimate),
    /// It becomes this: units of the baseline's currency for one unit of the other. Needs the baseline's own rate.
    Rate(Estimate),
}

/// The rate of a currency that lines are billed in changes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CurrencyRate {
    /// The currency that lines are billed in.
    pub billed_in: Currency,
    /// What becomes of its rate.
    pub rate: RateChange,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
}

/// The sum of lines is held at a limit: what is above it is taken off all of them in proportion.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cap {
    /// The lines.
    pub filter: Filter,
    /// The limit of a month.
    pub amount: Estimate,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
}

/// Cost changes its bearer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reallocate {
    /// The lines.
    pub filter: Filter,
    /// What changes about the part that moves.
    pub into: Placement,
    /// How much moves, in percent, 0 to 100.
    pub share: Estimate,
    /// The first month.
    pub from: Month,
    /// The last month; none for all that follow.
    pub to: Option<Month>,
}
