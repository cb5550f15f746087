//! Exact amounts, currencies, named rounding and splits that conserve the total.
//!
//! [`Amount`] is the one number type for money and quantities in the house: a whole number of units of 10^-scale, up to 38
//! digits, the same range as DuckDB's `DECIMAL(38, s)`. It never passes through a float. On the wire it is a string in plain
//! decimal notation.

mod amount;
mod currency;
mod digits;
mod ratio;
mod rounding;
mod split;

pub use amount::{Amount, AmountError, MAX_SCALE};
pub use currency::{Currency, CurrencyError};
pub use digits::{group_digits, grouped};
pub use ratio::Ratio;
pub use rounding::Rounding;
pub use split::split_by_weights;
