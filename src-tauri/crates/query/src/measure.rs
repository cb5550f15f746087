//! [`Measure`]: what is added up over charges.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};
use ts_rs::TS;

use crate::MeasureKind;
use crate::dimension::{near_misses, suggestion};

/// A figure over charges: a sum of one column, or a difference of two sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum Measure {
    /// What is invoiced.
    BilledCost,
    /// What is invoiced, with prepaid commitments spread over what they cover.
    EffectiveCost,
    /// What the negotiated prices come to, before commitments.
    ContractedCost,
    /// What the public prices come to.
    ListCost,
    /// What was consumed, in its own unit.
    ConsumedQuantity,
    /// What was priced, in the price's unit.
    PricingQuantity,
    /// List minus effective cost.
    Savings,
    /// List minus contracted cost.
    NegotiatedSavings,
    /// Contracted minus effective cost.
    CommitmentSavings,
    /// How many charges.
    Charges,
}

/// A column of the charges that is summed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum SumColumn {
    /// `billed_cost`.
    BilledCost,
    /// `effective_cost`.
    EffectiveCost,
    /// `contracted_cost`.
    ContractedCost,
    /// `list_cost`.
    ListCost,
    /// `consumed_quantity`.
    ConsumedQuantity,
    /// `pricing_quantity`.
    PricingQuantity,
}

impl SumColumn {
    /// Every column that is summed, in the order of the cubes.
    pub const ALL: [Self; 6] = [
        Self::BilledCost,
        Self::EffectiveCost,
        Self::ContractedCost,
        Self::ListCost,
        Self::ConsumedQuantity,
        Self::PricingQuantity,
    ];

    /// The column's name in `charge` and in the cubes.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BilledCost => "billed_cost",
            Self::EffectiveCost => "effective_cost",
            Self::ContractedCost => "contracted_cost",
            Self::ListCost => "list_cost",
            Self::ConsumedQuantity => "consumed_quantity",
            Self::PricingQuantity => "pricing_quantity",
        }
    }

    /// The column that names a quantity's unit.
    #[must_use]
    pub const fn unit_column(self) -> Option<&'static str> {
        match self {
            Self::ConsumedQuantity => Some("consumed_unit"),
            Self::PricingQuantity => Some("pricing_unit"),
            _ => None,
        }
    }
}

/// How a measure is made of plain sums. Differences are taken outside SQL, on exact sums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formula {
    /// The sum of a column; missing where no charge has it.
    Sum(SumColumn),
    /// The first sum minus the second; one that is missing counts as zero, and both missing is missing.
    Difference(SumColumn, SumColumn),
    /// The number of charges.
    Count,
}

impl Measure {
    /// Every measure, in the order of menus.
    pub const ALL: [Self; 10] = [
        Self::BilledCost,
        Self::EffectiveCost,
        Self::ContractedCost,
        Self::ListCost,
        Self::Savings,
        Self::NegotiatedSavings,
        Self::CommitmentSavings,
        Self::ConsumedQuantity,
        Self::PricingQuantity,
        Self::Charges,
    ];

    /// The name on the wire and on the command line, such as `billed_cost`.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::BilledCost => "billed_cost",
            Self::EffectiveCost => "effective_cost",
            Self::ContractedCost => "contracted_cost",
            Self::ListCost => "list_cost",
            Self::ConsumedQuantity => "consumed_quantity",
            Self::PricingQuantity => "pricing_quantity",
            Self::Savings => "savings",
            Self::NegotiatedSavings => "negotiated_savings",
            Self::CommitmentSavings => "commitment_savings",
            Self::Charges => "charges",
        }
    }

    /// The label for a person, such as `Billed cost`.
    #[must_use]
    pub const fn label(self) -> &'static str {
        match self {
            Self::BilledCost => "Billed cost",
            Self::EffectiveCost => "Effective cost",
            Self::ContractedCost => "Contracted cost",
            Self::ListCost => "List cost",
            Self::ConsumedQuantity => "Consumed quantity",
            Self::PricingQuantity => "Pricing quantity",
            Self::Savings => "Savings",
            Self::NegotiatedSavings => "Negotiated savings",
            Self::CommitmentSavings => "Commitment savings",
            Self::Charges => "Charges",
        }
    }

    /// What kind of number it is.
    #[must_use]
    pub const fn kind(self) -> MeasureKind {
        match self {
            Self::ConsumedQuantity | Self::PricingQuantity => MeasureKind::Quantity,
            Self::Charges => MeasureKind::Count,
            _ => MeasureKind::Currency,
        }
    }

    /// What it means and how it is computed, in one sentence. The cost types are those of FOCUS.
    #[must_use]
    pub const fn definition(self) -> &'static str {
        match self {
            Self::BilledCost => "Billed cost is what is invoiced for the charge: the sum of BilledCost.",
            Self::EffectiveCost => {
                "Effective cost is the cost after all discounts, with purchases paid up front spread over what they cover: the sum of EffectiveCost."
            }
            Self::ContractedCost => {
                "Contracted cost is the quantity at the negotiated unit price, before commitment discounts: the sum of ContractedCost."
            }
            Self::ListCost => {
                "List cost is the quantity at the public unit price, before any discount: the sum of ListCost."
            }
            Self::ConsumedQuantity => {
                "Consumed quantity is how much of a resource or service was used, in its unit: the sum of ConsumedQuantity."
            }
            Self::PricingQuantity => {
                "Pricing quantity is how much was priced, in the pricing unit: the sum of PricingQuantity."
            }
            Self::Savings => {
                "Savings is what all discounts took off the public price: sum of ListCost minus sum of EffectiveCost, a missing cost counting as zero."
            }
            Self::NegotiatedSavings => {
                "Negotiated savings is what the contract took off the public price: sum of ListCost minus sum of ContractedCost, a missing cost counting as zero."
            }
            Self::CommitmentSavings => {
                "Commitment savings is what commitments took off the contracted price: sum of ContractedCost minus sum of EffectiveCost, a missing cost counting as zero."
            }
            Self::Charges => "Charges is how many charges there are: one for each row of the bill.",
        }
    }

    /// How it is made of plain sums.
    #[must_use]
    pub const fn formula(self) -> Formula {
        match self {
            Self::BilledCost => Formula::Sum(SumColumn::BilledCost),
            Self::EffectiveCost => Formula::Sum(SumColumn::EffectiveCost),
            Self::ContractedCost => Formula::Sum(SumColumn::ContractedCost),
            Self::ListCost => Formula::Sum(SumColumn::ListCost),
            Self::ConsumedQuantity => Formula::Sum(SumColumn::ConsumedQuantity),
            Self::PricingQuantity => Formula::Sum(SumColumn::PricingQuantity),
            Self::Savings => Formula::Difference(SumColumn::ListCost, SumColumn::EffectiveCost),
            Self::NegotiatedSavings => Formula::Difference(SumColumn::ListCost, SumColumn::ContractedCost),
            Self::CommitmentSavings => Formula::Difference(SumColumn::ContractedCost, SumColumn::EffectiveCost),
            Self::Charges => Formula::Count,
        }
    }

    /// Other names that are understood when typed.
    #[must_use]
    pub const fn aliases(self) -> &'static [&'static str] {
        match self {
            Self::BilledCost => &["billed"],
            Self::EffectiveCost => &["effective", "amortised", "amortized"],
            Self::ContractedCost => &["contracted"],
            Self::ListCost => &["list", "on_demand"],
            Self::ConsumedQuantity => &["consumed", "usage", "quantity"],
            Self::PricingQuantity => &["priced"],
            Self::Savings => &["saved"],
            Self::NegotiatedSavings => &["negotiated"],
            Self::CommitmentSavings => &["committed"],
            Self::Charges => &["count"],
        }
    }
}

/// No measure has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no measure `{text}`{}", suggestion(.near))]
pub struct UnknownMeasure {
    /// The name as it was given, cut to 60 characters.
    pub text: String,
    /// Up to three names that come close, the closest first.
    pub near: Vec<String>,
}

impl fmt::Display for Measure {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Measure {
    type Err = UnknownMeasure;

    /// Reads a name or an alias, in any case, with `-` for `_`.
    fn from_str(text: &str) -> Result<Self, UnknownMeasure> {
        let wanted = text.trim().to_ascii_lowercase().replace('-', "_");
        let spellings = || {
            Self::ALL.into_iter().flat_map(|measure| {
                std::iter::once((measure.name(), measure))
                    .chain(measure.aliases().iter().map(move |alias| (*alias, measure)))
            })
        };
        spellings().find(|(spelling, _)| *spelling == wanted).map(|(_, measure)| measure).ok_or_else(|| {
            UnknownMeasure {
                text: text.chars().take(60).collect(),
                near: near_misses(&wanted, spellings().map(|(spelling, measure)| (spelling, measure.name()))),
            }
        })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_read_back_and_agree_with_the_wire() {
        let mut names = BTreeSet::new();
        for measure in Measure::ALL {
            assert_eq!(measure.name().parse(), Ok(measure), "the name reads back");
            assert_eq!(serde_json::to_value(measure).unwrap(), measure.name(), "one name everywhere");
            for name in std::iter::once(&measure.name()).chain(measure.aliases()) {
                assert!(names.insert(*name), "{name} means one thing");
            }
        }
    }

    #[test]
    fn a_near_miss_is_named() {
        let error = "efective".parse::<Measure>().unwrap_err();
        assert_eq!(error.to_string(), "there is no measure `efective`; did you mean `effective_cost`?");
    }
}
