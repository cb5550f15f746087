//! What `change` and `change_items` take and give.

use money::{Amount, Currency};
use query::{Dimension, Evidence, Filter, Note, Period, Question};
use serde::{Deserialize, Serialize};
use ts_rs::TS;
use variance::{Convention, Movement};

/// `change`: the question's cost in its period, explained against the period that it compares with (the previous one, unless it says
/// otherwise). Without a period the last whole month is taken. The question's breakdown, grain and top do not matter.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ChangeRequest {
    pub(crate) question: Question,
    /// The order of effects.
    #[serde(default)]
    #[ts(optional, as = "Option<BridgeConvention>")]
    pub(crate) convention: BridgeConvention,
    /// What the movers are values of; services unless it is said.
    #[serde(default)]
    #[ts(optional)]
    pub(crate) by: Option<Dimension>,
    /// The most movers that are listed; 20 unless it is said.
    #[serde(default)]
    #[ts(optional)]
    pub(crate) limit: Option<u32>,
}

/// The order in which effects are taken.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum BridgeConvention {
    /// Usage at base prices, prices at current usage.
    #[default]
    BaseFirst,
    /// The mean of both directions.
    Midpoint,
}

impl BridgeConvention {
    pub(crate) const fn of(self) -> Convention {
        match self {
            Self::BaseFirst => Convention::BaseFirst,
            Self::Midpoint => Convention::Midpoint,
        }
    }
}

/// The difference between two periods as effects that add up to it exactly, and what moved most.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ChangeReply {
    /// The question with everything settled: its answer has the same two totals.
    pub question: Question,
    /// The currency of every amount.
    pub currency: Currency,
    /// The period that is explained.
    pub period: Period,
    /// The period that it is compared with.
    pub compared_with: Period,
    /// How many days of the period are loaded.
    pub days: u32,
    /// How many days of the compared period are loaded.
    pub compared_days: u32,
    /// The order of effects.
    pub convention: BridgeConvention,
    /// The order of effects in words, to be printed with them.
    pub convention_in_words: String,
    /// The cost of the compared period.
    pub base: Amount,
    /// The cost of the period.
    pub current: Amount,
    /// `current - base`: what the effects add up to.
    pub difference: Amount,
    /// `difference / |base|`; null when the base is zero.
    pub change_ratio: Option<Amount>,
    /// The effects in their order; what moved nothing is left out.
    pub effects: Vec<ChangeEffect>,
    /// What happened, in one sentence made from the numbers.
    pub headline: String,
    /// How many SKUs and other items were compared.
    #[ts(type = "number")]
    pub items: u64,
    /// What the movers are values of.
    pub by: Dimension,
    /// What moved most, whichever way; each with the bridge that it has by itself.
    pub movers: Vec<Mover>,
    /// What is not listed.
    pub other_movers: Option<OtherMovers>,
    /// What to know before using the figures.
    pub notes: Vec<Note>,
    /// How the figures were made. `id` is that of the totals' answer.
    pub evidence: Evidence,
}

/// A bar of the bridge.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ChangeEffect {
    /// Its name, such as `list_price`.
    pub effect: String,
    /// Its label, such as `List price`.
    pub label: String,
    /// What it moved.
    pub amount: Amount,
    /// `amount / |difference|`; null when the difference is zero.
    pub share: Option<Amount>,
    /// What it means and how it is computed.
    pub explanation: String,
    /// In how many items it moved something.
    #[ts(type = "number")]
    pub items: u64,
}

/// An effect of a mover.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ChangePart {
    /// Its name.
    pub effect: String,
    /// Its label.
    pub label: String,
    /// What it moved.
    pub amount: Amount,
}

/// A value of a dimension that moved.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct Mover {
    /// The value; null where charges have none.
    pub value: Option<String>,
    /// Its cost in the compared period; null without charges.
    pub base: Option<Amount>,
    /// Its cost in the period; null without charges.
    pub current: Option<Amount>,
    /// What it moved.
    pub difference: Amount,
    /// `difference / |base|`; null when the base is zero.
    pub change_ratio: Option<Amount>,
    /// What became of it.
    pub status: MovementStatus,
    /// The effects of the question with a filter to this value; they add up to the difference.
    pub effects: Vec<ChangePart>,
    /// The effect that moved most in the direction of the difference.
    pub driver: Option<String>,
    /// What happened to it, in one sentence made from the numbers.
    pub sentence: String,
}

/// What became of a mover.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, TS)]
#[serde(rename_all = "snake_case")]
#[ts(export)]
pub enum MovementStatus {
    /// No charges in the compared period.
    New,
    /// No charges in the period.
    Gone,
    /// Costs more.
    Up,
    /// Costs less.
    Down,
    /// Costs the same.
    Same,
}

impl From<Movement> for MovementStatus {
    fn from(movement: Movement) -> Self {
        match movement {
            Movement::New => Self::New,
            Movement::Gone => Self::Gone,
            Movement::Up => Self::Up,
            Movement::Down => Self::Down,
            Movement::Same => Self::Same,
        }
    }
}

/// The movers that are not listed, together.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct OtherMovers {
    /// How many values.
    #[ts(type = "number")]
    pub values: u64,
    /// Their cost in the compared period.
    pub base: Amount,
    /// Their cost in the period.
    pub current: Amount,
    /// What they moved together.
    pub difference: Amount,
}

/// `change_items`: the SKUs behind a bar of the bridge.
#[derive(Deserialize, TS)]
#[ts(export)]
pub struct ChangeItemsRequest {
    pub(crate) question: Question,
    /// The order of effects.
    #[serde(default)]
    #[ts(optional, as = "Option<BridgeConvention>")]
    pub(crate) convention: BridgeConvention,
    /// The bar's effect, such as `list_price`.
    pub(crate) effect: String,
    /// The most items that are listed; 20 unless it is said.
    #[serde(default)]
    #[ts(optional)]
    pub(crate) limit: Option<u32>,
}

/// The SKUs behind a bar: their amounts and the other ones' add up to the bar.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ChangeItemsReply {
    /// The question with everything settled.
    pub question: Question,
    /// The effect.
    pub effect: String,
    /// Its label.
    pub label: String,
    /// What it means and how it is computed.
    pub explanation: String,
    /// The currency of every amount.
    pub currency: Currency,
    /// The period that is explained.
    pub period: Period,
    /// The period that it is compared with.
    pub compared_with: Period,
    /// The bar.
    pub amount: Amount,
    /// How many items are behind it.
    #[ts(type = "number")]
    pub count: u64,
    /// Those that moved most, whichever way.
    pub items: Vec<ChangeItem>,
    /// What is not listed.
    pub other: Option<OtherItems>,
    /// What to know before using the figures.
    pub notes: Vec<Note>,
    /// How the figures were made.
    pub evidence: Evidence,
}

/// A SKU, or the charges of another nature that belong together.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct ChangeItem {
    /// The provider.
    pub provider: Option<String>,
    /// The service.
    pub service: Option<String>,
    /// The region.
    pub region: Option<String>,
    /// The SKU, or what takes its place.
    pub sku: Option<String>,
    /// The dimension that `sku` is a value of: `sku`, `sku_price`, `sku_meter`, `charge_description` or `commitment`.
    pub named_by: Option<String>,
    /// What it is called: its meter, or the commitment's name.
    pub label: Option<String>,
    /// The pricing unit; null where there is none, or where it is not the same in both periods.
    pub unit: Option<String>,
    /// The nature of its charges, such as `usage` or `tax`.
    pub class: String,
    /// Its cost in the compared period; null without charges.
    pub base: Option<Amount>,
    /// Its cost in the period; null without charges.
    pub current: Option<Amount>,
    /// `current - base`, of which the effect moved a part.
    pub difference: Amount,
    /// Its quantity in the compared period.
    pub base_quantity: Option<Amount>,
    /// Its quantity in the period.
    pub current_quantity: Option<Amount>,
    /// Cost per unit in the compared period, to nine decimals.
    pub base_price: Option<Amount>,
    /// Cost per unit in the period, to nine decimals.
    pub current_price: Option<Amount>,
    /// List cost per unit in the compared period, to nine decimals.
    pub base_list_price: Option<Amount>,
    /// List cost per unit in the period, to nine decimals.
    pub current_list_price: Option<Amount>,
    /// What the effect moved.
    pub amount: Amount,
    /// The filters that, beside the question's, let through just its charges.
    pub filters: Vec<Filter>,
}

/// The items that are not listed, together.
#[derive(Clone, Debug, Serialize, TS)]
#[ts(export)]
pub struct OtherItems {
    /// How many.
    #[ts(type = "number")]
    pub items: u64,
    /// What the effect moved in them.
    pub amount: Amount,
}
