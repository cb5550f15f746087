//! [`Measure`]: what is added up over charges.

use std::borrow::Cow;
use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer};
use ts_rs::TS;

use crate::dimension::{near_misses, suggestion};
use crate::{MeasureKind, Quotient};

/// A figure over charges: a sum of one column, a difference of two sums, or a quotient of such sums. On the wire it is its name.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, TS)]
#[ts(
    export,
    type = "\"billed_cost\" | \"effective_cost\" | \"contracted_cost\" | \"list_cost\" | \"consumed_quantity\" | \"pricing_quantity\" | \"savings\" | \"negotiated_savings\" | \"commitment_savings\" | \"charges\" | `${string}/${string}`"
)]
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
    /// A sum divided by another sum, or by a business metric.
    Quotient(Box<Quotient>),
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
    /// Every measure that is added up, in the order of menus.
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
    pub fn name(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
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
            Self::Quotient(quotient) => return Cow::Owned(quotient.name()),
        })
    }

    /// The label for a person, such as `Billed cost`.
    #[must_use]
    pub fn label(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
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
            Self::Quotient(quotient) => return Cow::Owned(quotient.label()),
        })
    }

    /// What kind of number it is.
    #[must_use]
    pub fn kind(&self) -> MeasureKind {
        match self {
            Self::ConsumedQuantity | Self::PricingQuantity => MeasureKind::Quantity,
            Self::Charges => MeasureKind::Count,
            Self::Quotient(quotient) => quotient.kind(),
            _ => MeasureKind::Currency,
        }
    }

    /// Whether a figure of it is money, or money for one of something.
    #[must_use]
    pub fn is_money(&self) -> bool {
        matches!(self.kind(), MeasureKind::Currency | MeasureKind::UnitCost)
    }

    /// Whether it is divided: then its parts do not add up to its total.
    #[must_use]
    pub fn quotient(&self) -> Option<&Quotient> {
        match self {
            Self::Quotient(quotient) => Some(quotient),
            _ => None,
        }
    }

    /// What it means and how it is computed, in one sentence. The cost types are those of FOCUS.
    #[must_use]
    pub fn definition(&self) -> Cow<'static, str> {
        Cow::Borrowed(match self {
            Self::Quotient(quotient) => return Cow::Owned(quotient.definition()),
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
        })
    }

    /// How it is made of plain sums; of a quotient, what is divided.
    #[must_use]
    pub fn formula(&self) -> Formula {
        match self {
            Self::Quotient(quotient) => quotient.numerator().formula(),
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
    pub const fn aliases(&self) -> &'static [&'static str] {
        match self {
            Self::Quotient(_) => &[],
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
        formatter.write_str(&self.name())
    }
}

impl FromStr for Measure {
    type Err = UnknownMeasure;

    /// Reads a name or an alias, in any case, with `-` for `_`; two of them with `/` between are a quotient, whose divisor may be
    /// `metric:NAME`.
    fn from_str(text: &str) -> Result<Self, UnknownMeasure> {
        if let Some((numerator, divisor)) = text.split_once('/') {
            return Quotient::parse(numerator, divisor).map(|quotient| Self::Quotient(Box::new(quotient)));
        }
        let wanted = text.trim().to_ascii_lowercase().replace('-', "_");
        let names: Vec<(Cow<'static, str>, Self)> =
            Self::ALL.into_iter().map(|measure| (measure.name(), measure)).collect();
        let spellings = || {
            names.iter().flat_map(|(name, measure)| {
                std::iter::once(&**name)
                    .chain(measure.aliases().iter().copied())
                    .map(move |known| (known, name, measure))
            })
        };
        let found = spellings().find(|(spelling, ..)| *spelling == wanted).map(|(_, _, measure)| measure.clone());
        found.ok_or_else(|| UnknownMeasure {
            text: text.chars().take(60).collect(),
            near: near_misses(&wanted, spellings().map(|(spelling, name, _)| (spelling, &**name))),
        })
    }
}

impl Serialize for Measure {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.name())
    }
}

impl<'de> Deserialize<'de> for Measure {
    /// Reads a name as it is written; aliases are for people.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        let measure: Self = text.parse().map_err(serde::de::Error::custom)?;
        if measure.name() == text {
            Ok(measure)
        } else {
            Err(serde::de::Error::custom(format_args!("`{}` is written {measure}", crate::error::cut(&text))))
        }
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
            assert_eq!(measure.name().parse(), Ok(measure.clone()), "the name reads back");
            let wire = serde_json::to_value(&measure).unwrap();
            assert_eq!(wire, *measure.name(), "one name everywhere");
            assert_eq!(serde_json::from_value::<Measure>(wire).unwrap(), measure, "and back");
            for name in std::iter::once(&*measure.name()).chain(measure.aliases().iter().copied()) {
                assert!(names.insert(name.to_owned()), "{name} means one thing");
            }
        }
    }

    #[test]
    fn the_wire_has_one_spelling() {
        let refused = serde_json::from_value::<Measure>("effective".into()).unwrap_err();
        assert!(refused.to_string().contains("effective_cost"), "{refused}");
    }

    #[test]
    fn a_near_miss_is_named() {
        let error = "efective".parse::<Measure>().unwrap_err();
        assert_eq!(error.to_string(), "there is no measure `efective`; did you mean `effective_cost`?");
    }
}
