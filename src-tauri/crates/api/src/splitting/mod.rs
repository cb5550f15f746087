//! A bill by kinds of charges: usage, fees, percentages, credits, one-offs, told apart by the rules of the engagement.

mod classifier;
mod kinds;

pub(crate) use classifier::Classifier;
pub(crate) use kinds::{Charged, Kinds};
