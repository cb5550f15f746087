//! What is bought, what it can cover, and the usage it is laid on.

mod build;
mod instrument;
mod policy;
mod program;
mod scope;
mod series;
mod span;
mod usage;

pub use build::{Measure, UsageBuilder};
pub use instrument::{Capacity, Commitment, CommitmentError, Payment, Price, PriceShare, Rate, RateIndex, Term};
pub use policy::{BenefitPolicy, Sharing};
pub use program::Program;
pub use scope::{LineFilter, Reach, Scope};
pub use series::{Series, SeriesError};
pub use span::{MonthOfYear, Span, SpanError, Step};
pub use usage::{LineKey, Usage, UsageError, UsageLine};
