//! Functions that DuckDB calls, a vector of values at a time, while a bill is read: exact decimals out of texts, exact products,
//! and JSON objects out of columns. SQL can say all of it, and takes ten to a hundred times as long: its 128-bit casts work digit by
//! digit, an exact product of two wide decimals is nine statements, a lookup goes through its table from the top.
//!
//! A function says nothing (null) about what it does not handle; the statement then asks the engine.

mod case;
mod currency;
mod decimal;
mod field;
mod functions;
mod json;
mod list;
mod lookup;
mod memory;
mod numbered;
mod object;
mod piece;
mod printed;
mod time;
mod trim;

pub use case::lower;
pub use currency::is_currency;
pub use decimal::{fits, is_beyond, narrows, product, product_is_exact, rounded_units, wide_units};
pub use field::{PATH_SEPARATOR, paths_text};
pub use functions::register;
pub use json::{Piece, pieces_text};
pub use list::{Wanted, wanted_text};
pub use lookup::table_text;
pub use numbered::{Numbered, Numbers};
pub use object::{KEY_SEPARATOR, json_object};
pub use piece::piece;
pub use time::{Spelling, microseconds};
pub use trim::trimmed;
