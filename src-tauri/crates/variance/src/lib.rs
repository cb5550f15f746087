//! The difference between two periods as a sum of named effects, exact to the last digit and never with a remainder that is
//! called something.
//!
//! [`bridge`] takes [`Item`]s, each with what it cost in the base and in the current period, and gives the parts of each item's
//! difference by [`Effect`]. An item's parts add up to its difference exactly, the totals are sums over items. What cannot be told
//! apart is an effect of its own with its amount. [`Convention`] is the order in which effects are taken, in words too.
//!
//! [`plan_bridge`] does the same between a plan, which has no units, and what was charged.
//!
//! The method is additive price, volume and mix analysis from the bottom up; with [`Convention::Midpoint`] the price and quantity
//! parts are the indicator of T. L. Bennet (1920), "The theory of measurement of changes in cost of living".

mod bridge;
mod convention;
mod effect;
mod fraction;
mod item;
mod levels;
mod movement;
mod plan;

pub use bridge::{Bridge, BridgeError, CurrencyRates, Parts, bridge};
pub use convention::Convention;
pub use effect::{Effect, UnknownEffect};
pub use item::{Cell, Class, Days, Item, Units, UnknownClass};
pub use movement::{Movement, driver};
pub use plan::{PlanBridge, PlanLine, plan_bridge};
