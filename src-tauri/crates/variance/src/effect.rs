//! [`Effect`]: what can move a cost from one period to the next.

use std::fmt;
use std::str::FromStr;

macro_rules! effects {
    ($($variant:ident $name:literal $label:literal $meaning:literal;)*) => {
        /// What moved a cost. The order of the variants is the order in which effects are printed.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Effect {
            $(#[doc = $meaning] $variant,)*
        }

        impl Effect {
            /// Every effect, in the order in which they are printed.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// The name on the wire and on the command line, such as `list_price`.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name),* }
            }

            /// The label for a person, such as `List price`.
            #[must_use]
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label),* }
            }

            /// What it means and how it is computed, in one or two sentences.
            #[must_use]
            pub const fn meaning(self) -> &'static str {
                match self { $(Self::$variant => $meaning),* }
            }
        }
    };
}

effects! {
    Currency "currency" "Currency"
        "Exchange rates: the current amounts at the current rates, less the same amounts at the base period's rates; a period's rate is its converted total over its billed total.";
    Days "days" "Days"
        "The number of days: base cost of usage that is in both periods, times (current days / base days − 1).";
    New "new" "New"
        "Usage of SKUs that the base period does not have, at what it costs in the current one.";
    Retired "retired" "Retired"
        "Usage of SKUs that the current period does not have, less what it cost in the base one.";
    Volume "volume" "Volume"
        "More or less use of a service in one unit, with the base period's mix of SKUs and prices: base cost × (current quantity / base quantity − 1), quantities over all SKUs of the service in that unit.";
    Mix "mix" "Mix"
        "A shift between SKUs of one service and unit at base prices: (current quantity − the base share of the current total) × base price.";
    ListPrice "list_price" "List price"
        "Public prices: the change of the list price × current quantity, at the base period's discounts.";
    NegotiatedDiscount "negotiated_discount" "Negotiated discount"
        "What the contract takes off the list price: the change of contracted cost / list cost × current list cost, at the base period's commitment discount.";
    CommitmentCoverage "commitment_coverage" "Commitment coverage"
        "The share of usage that commitments cover, by contracted cost: its change × current contracted cost × the base period's depth of discount.";
    CommitmentRate "commitment_rate" "Commitment rate"
        "How deep commitments cut: the change of what covered usage costs beside its contracted cost, at current coverage.";
    OtherDiscounts "other_discounts" "Other discounts"
        "What usage outside commitments costs beside its contracted cost, at current quantities.";
    UnsplitRate "unsplit_rate" "Rate, discounts not separable"
        "The change of price × current quantity, where list or contracted cost is missing or zero and price and discounts cannot be told apart.";
    CommitmentWaste "commitment_waste" "Commitment waste"
        "Commitments that were paid for and not used: the change of their cost.";
    CommitmentPurchases "commitment_purchases" "Commitment purchases"
        "Fees for commitments, upfront or recurring: the change of what is charged in the period. Their effective cost is spread over what they cover and mostly zero here.";
    OtherPurchases "other_purchases" "Other purchases"
        "Purchases that are no commitments, such as support, licences and marketplace fees: the change of their cost.";
    Credits "credits" "Credits"
        "Credits: the change of their amount.";
    Adjustments "adjustments" "Refunds and adjustments"
        "Adjustments that are no corrections, refunds and rounding among them: the change of their amount.";
    Tax "tax" "Tax"
        "Tax: the change of its amount.";
    Corrections "corrections" "Corrections"
        "Corrections of earlier bills (ChargeClass Correction): the change of their amount.";
    NotSeparable "not_separable" "Rate and volume not separable"
        "Usage in both periods whose quantities do not say what changed: a unit is missing or not the same in both periods, or a quantity is not above zero.";
}

/// No effect has this name.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("there is no effect `{text}`; effects are {}", names())]
pub struct UnknownEffect {
    /// The name as it was given, cut to 60 characters.
    pub text: String,
}

fn names() -> String {
    let names: Vec<String> = Effect::ALL.iter().map(|effect| format!("`{}`", effect.name())).collect();
    names.join(", ")
}

impl fmt::Display for Effect {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

impl FromStr for Effect {
    type Err = UnknownEffect;

    /// Reads a name in any case, with `-` or a space for `_`.
    fn from_str(text: &str) -> Result<Self, UnknownEffect> {
        let wanted = text.trim().to_ascii_lowercase().replace(['-', ' '], "_");
        let found = Self::ALL.iter().copied().find(|effect| effect.name() == wanted);
        found.ok_or_else(|| UnknownEffect { text: text.chars().take(60).collect() })
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_unique_and_read_back() {
        let mut names = BTreeSet::new();
        for effect in Effect::ALL {
            assert!(names.insert(effect.name()), "{effect} occurs twice");
            assert_eq!(effect.name().parse(), Ok(*effect), "the name reads back");
        }
        let error = "plug".parse::<Effect>().unwrap_err();
        assert!(error.to_string().starts_with("there is no effect `plug`; effects are `currency`"));
    }
}
